package natsstream

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"huisboek/events"
	"huisboek/ledger"
)

// Stream is a region's stream of records. It is a ledger.Stream and a
// projections.Source.
type Stream struct {
	log    *log
	pub    *publisher
	prefix string // of the subjects
	book   string // UUID; "" when not known

	halted atomic.Pointer[error]
}

var _ ledger.Stream = (*Stream)(nil)

// Append stores the messages at after+1, after+2, …: a single one by a fenced
// publish, more by one atomic batch, at most MaxBatch and 64 MiB. A second
// Append while one is under way is refused. When the server stored at another
// position than the one agreed, the error wraps ledger.ErrDamaged and every
// later Append gives it again.
func (s *Stream) Append(ctx context.Context, after events.Position, messages []ledger.Message) error {
	if e := s.halted.Load(); e != nil {
		return *e
	}
	if len(messages) == 0 {
		return nil
	}
	all := make([]message, len(messages))
	for i, m := range messages {
		all[i] = message{s.prefix + m.Name, m.Data}
	}
	fence := uint64(after)
	got, err := s.pub.append(ctx, &fence, all)
	if err == nil && got != fence+uint64(len(messages)) {
		err = damaged(s.log.name, got, "stored there what belongs at %d", fence+uint64(len(messages)))
	}
	if errors.Is(err, ledger.ErrDamaged) {
		s.halted.Store(&err)
	}
	return err
}

// Last is the position of the last record, 0 when the stream is empty.
func (s *Stream) Last(ctx context.Context) (events.Position, error) {
	last, err := s.log.last(ctx)
	return events.Position(last), err
}

// Size is the room that the stream takes, in bytes.
func (s *Stream) Size(ctx context.Context) (uint64, error) {
	st, err := s.log.state(ctx)
	if err != nil {
		return 0, err
	}
	return st.Bytes, nil
}

// Get gives the stored bytes at a position: ledger.ErrNoPosition past the end,
// ledger.ErrDamaged when one that is there cannot be read.
func (s *Stream) Get(ctx context.Context, at events.Position) ([]byte, error) {
	data, err := s.log.get(ctx, uint64(at))
	if errors.Is(err, errNotFound) {
		last, err := s.Last(ctx)
		switch {
		case err != nil:
			return nil, err
		case at == 0 || at > last:
			return nil, fmt.Errorf("%w: nothing was recorded at position %d: the last one is %d", ledger.ErrNoPosition, at, last)
		}
		return nil, damaged(s.log.name, uint64(at), "missing or unreadable")
	}
	return data, err
}

// few is how many records are read one by one rather than by a consumer, which
// costs about as much to set up.
const few = 32

// Read gives the stored bytes from a position up to the end as it is now.
func (s *Stream) Read(ctx context.Context, from events.Position, fn func(events.Position, []byte) error) error {
	last, err := s.Last(ctx)
	if err != nil {
		return err
	}
	from = max(from, 1)
	if from > last {
		return nil
	}
	if last-from < few {
		for p := from; p <= last; p++ {
			data, err := s.Get(ctx, p)
			if err != nil {
				return err
			}
			if err := fn(p, data); err != nil {
				return err
			}
		}
		return nil
	}
	r, err := s.log.read(ctx, uint64(from), false)
	if err != nil {
		return err
	}
	defer r.close()
	for p := from; p <= last; p++ {
		_, data, err := r.next(ctx)
		if err != nil {
			return err
		}
		if err := fn(p, data); err != nil {
			return err
		}
	}
	return nil
}

// chain decodes records and checks each against the one before it.
type chain struct {
	stream string
	book   string
	at     events.Checkpoint
}

func (s *Stream) chain(from events.Checkpoint) *chain {
	return &chain{stream: s.log.name, book: s.book, at: from}
}

// add checks and decodes the next record.
func (c *chain) add(seq uint64, stored []byte) (*events.Record, error) {
	r, err := events.DecodeRecord(stored)
	if err != nil {
		return nil, damaged(c.stream, seq, "no record: %v", err)
	}
	switch {
	case r.Position != events.Position(seq):
		return nil, damaged(c.stream, seq, "the record says it is position %d", r.Position)
	case r.Position != c.at.Position+1:
		return nil, damaged(c.stream, seq, "read after position %d", c.at.Position)
	case r.Previous != c.at.Hash:
		return nil, damaged(c.stream, seq, "the record follows one with hash %s, and the one before it has %s", r.Previous, c.at.Hash)
	case c.book != "" && r.Book != c.book:
		return nil, damaged(c.stream, seq, "the record is of book %s, and this is book %s", r.Book, c.book)
	}
	c.book, c.at = r.Book, r.Checkpoint()
	return r, nil
}

// endsBefore is the error for a stream that is shorter than it was.
func (s *Stream) endsBefore(last, checkpoint events.Position) error {
	return fmt.Errorf("%w: stream %s ends at position %d, and %d was there before", ledger.ErrDamaged, s.log.name, last, checkpoint)
}
