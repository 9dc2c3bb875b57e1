package projections

import (
	"context"
	"errors"

	"huisboek/events"
)

// Source is a stream that can be followed.
type Source interface {
	// Follow calls fn with the records after a position, in order and without
	// gaps, in batches of what is waiting (at most max records), and goes on as
	// new ones come until ctx ends or fn fails. Each batch's chain of hashes has
	// been checked against the record before it, starting from the checkpoint.
	// The slice is fn's only until it returns; the records stay as they are.
	Follow(ctx context.Context, after events.Checkpoint, max int, fn func([]*events.Record) error) error
	// Last is the position of the last record, 0 when the stream is empty.
	Last(ctx context.Context) (events.Position, error)
}

// Tx is one transaction on a sorted map of small values: what a fold writes to.
// It reads what it wrote. Values given out are valid until the transaction ends
// and must not be changed. An alias of the same type as ledger.Tx.
type Tx = interface {
	Get(key []byte) []byte                                   // nil when absent
	Put(key, value []byte)                                   //
	Delete(key []byte)                                       // absent is no error
	Scan(prefix []byte, fn func(key, value []byte) bool)     // ascending; until fn returns false; no writes to that prefix meanwhile
	ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) // ascending from a key, within the prefix
}

// Fold turns records into rows: a pure function of the rows and the record. It
// reads no clock and nothing else that could differ when it is run again.
// ledger.Book is one, too.
type Fold interface {
	// Name is the fold's name in its file, for ever.
	Name() string
	// Shape is the version of its rows; a file of another shape is rebuilt.
	Shape() int
	// Apply folds one record in.
	Apply(tx Tx, r *events.Record) error
}

// ErrUnwritten: a store cannot write to its disk. What it holds is right and can be
// asked; free some room, and it goes on by itself.
var ErrUnwritten = errors.New("the disk cannot be written to")

// Store is one fold's place in a file: its rows and its checkpoint.
type Store interface {
	// View runs fn on a state that does not change meanwhile, with the
	// checkpoint that it is true for.
	View(fn func(tx Tx, at events.Checkpoint) error) error
	// Update runs fn and moves the checkpoint: what View sees includes both when it
	// returns nil, and neither otherwise. A file may follow later; there, too, they
	// move together, and whoever opens it goes on from where it came to. An error
	// that wraps ErrUnwritten may be over when Update is called again.
	Update(to events.Checkpoint, fn func(Tx) error) error
	// Checkpoint is where the last Update came to; zero when nothing was folded.
	Checkpoint() (events.Checkpoint, error)
}
