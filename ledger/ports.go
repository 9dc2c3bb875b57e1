package ledger

import (
	"context"
	"errors"

	"huisboek/events"
)

// Stream is the one durable log of a book. A record is in it or it is not;
// positions begin at 1 and have no gaps.
type Stream interface {
	// Append stores the messages as positions after+1, after+2, …, all or none.
	// When it returns nil they are on disk, at exactly those positions. At most
	// one Append may be under way (docs/decisions/0003).
	//
	// ErrFence: something else was appended first; nothing of these is stored.
	// ErrUnknown: no answer came; read the tail before believing either.
	// ErrFull: the store is full; nothing is stored.
	// Any other error: nothing is stored, unless it wraps ErrDamaged.
	Append(ctx context.Context, after events.Position, messages []Message) error
	// Read gives the stored bytes from a position up to the end as it is now, in
	// order and without gaps, and stops at fn's first error. ErrDamaged when a
	// position that should be there cannot be read.
	Read(ctx context.Context, from events.Position, fn func(events.Position, []byte) error) error
	// Get gives the stored bytes at a position: ErrNoPosition at 0 and past the end,
	// ErrDamaged when one that is there cannot be read.
	Get(ctx context.Context, at events.Position) ([]byte, error)
	// Last is the position of the last record, 0 when the stream is empty.
	Last(ctx context.Context) (events.Position, error)
}

// Message is what goes into the stream: Name is the short name of the event
// type, the last part of the subject; Data the stored bytes.
type Message struct {
	Name string
	Data []byte
}

// Keys is the book's key stream: seal keys that can be destroyed one by one.
type Keys interface {
	// Append stores keys and returns the id of the first; the others follow it
	// without a gap. They are on disk when it returns nil.
	Append(ctx context.Context, keys [][KeySize]byte) (first events.KeyID, err error)
	// Get gives a key, or ErrErased when it was destroyed or never was.
	Get(ctx context.Context, id events.KeyID) ([KeySize]byte, error)
	// Read gives those of some keys that are left, in order; ids are ascending. It is for
	// many keys, which one by one cost a request each. fn must not use these Keys. A key
	// that is not given was destroyed or is missing, and Get says which.
	Read(ctx context.Context, ids []events.KeyID, fn func(events.KeyID, [KeySize]byte) error) error
	// Erase destroys keys: when it returns nil their bytes are in no file of the
	// key stream. A key that is gone already is no error.
	Erase(ctx context.Context, ids []events.KeyID) error
	// Last is the highest id ever given out, 0 when none was.
	Last(ctx context.Context) (events.KeyID, error)
}

// KeySize is the length of a seal key in bytes: 32 to seal with, 32 for the kenmerk.
const KeySize = 64

// What a Stream or Keys may answer; adapters wrap these.
var (
	// ErrFence: another record came first. Catch up and decide again.
	ErrFence = errors.New("another record was appended first")
	// ErrUnknown: the outcome of an append is not known. Read the tail.
	ErrUnknown = errors.New("outcome of the append unknown")
	// ErrFull: no room is left in the store. Nothing was stored; try later.
	ErrFull = errors.New("store is full")
	// ErrAway: the store does not answer just now. Try later.
	ErrAway = errors.New("stream does not answer")
	// ErrDamaged: the stream is not what it was. Stop and look.
	ErrDamaged = errors.New("stream is damaged")
	// ErrErased: the key was destroyed.
	ErrErased = errors.New("key was erased")
)

// Tx is one transaction on a sorted map of small values: what a fold writes to.
// It reads what it wrote. Values given out are valid until the transaction ends
// and must not be changed. An alias, so that projections (which must not import
// this package) can name the same type.
type Tx = interface {
	Get(key []byte) []byte                                   // nil when absent
	Put(key, value []byte)                                   //
	Delete(key []byte)                                       // absent is no error
	Scan(prefix []byte, fn func(key, value []byte) bool)     // ascending; until fn returns false; no writes to that prefix meanwhile
	ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) // ascending from a key, within the prefix
}

// Store is the book's own file: what its fold wrote, and how far it has come.
type Store interface {
	// View runs fn on a state that does not change meanwhile, with the
	// checkpoint that it is true for.
	View(fn func(tx Tx, at events.Checkpoint) error) error
	// Update runs fn and moves the checkpoint in one durable transaction. ErrFull: the
	// disk has no room, and nothing has changed.
	Update(to events.Checkpoint, fn func(Tx) error) error
	// Checkpoint is where the last Update came to; zero for a new file.
	Checkpoint() (events.Checkpoint, error)
	// Close releases the file and its lock.
	Close() error
}
