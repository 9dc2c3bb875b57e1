package natsstream

import (
	"context"
	"errors"

	"github.com/nats-io/nats.go/jetstream"

	"huisboek/events"
)

// Check is the check at start (docs/design.md, promise 4): the stream begins at
// 1, none is deleted, none is lacking, it reaches the checkpoint, and the record
// at the checkpoint has its hash. It takes milliseconds and cannot see a damaged
// old block, which only reading shows: that is Verify.
func (s *Stream) Check(ctx context.Context, checkpoint events.Checkpoint) error {
	st, err := s.log.state(ctx)
	if err != nil {
		return err
	}
	last := events.Position(st.LastSeq)
	switch {
	case last < checkpoint.Position:
		return s.endsBefore(last, checkpoint.Position)
	case last == 0:
		return nil
	case st.FirstSeq != 1:
		return damaged(s.log.name, 1, "missing: the stream begins at %d", st.FirstSeq)
	case st.NumDeleted != 0 || st.Msgs != st.LastSeq:
		return s.holes(ctx, st)
	case checkpoint.Position == 0:
		return nil
	}
	stored, err := s.Get(ctx, checkpoint.Position)
	if err != nil {
		return err
	}
	if h := events.HashOf(stored); h != checkpoint.Hash {
		return damaged(s.log.name, uint64(checkpoint.Position), "the record has hash %s, and the checkpoint says %s", h, checkpoint.Hash)
	}
	return nil
}

// holes names the first position that the server knows it has lost.
func (s *Stream) holes(ctx context.Context, st *jetstream.StreamState) error {
	first := uint64(1)
	if info, err := s.log.stream.Info(ctx, jetstream.WithDeletedDetails(true)); err == nil && len(info.State.Deleted) > 0 {
		first = info.State.Deleted[0]
	}
	return damaged(s.log.name, first, "missing: the stream has %d messages up to position %d", st.Msgs, st.LastSeq)
}

// Verified is what a stream was found to hold.
type Verified struct {
	Book       string            // UUID, "" when the stream is empty
	Checkpoint events.Checkpoint // of the last record
	// HighestKey is the highest id of a seal key that a record names; the key
	// stream must reach it (Keys.Check).
	HighestKey events.KeyID
}

// Verify reads every record up to the end as it is now, once: sequences without
// gaps, positions, the chain of hashes, the book. It is the only thing that
// finds a damaged old block. progress, when it is not nil, is called now and
// then with the position reached.
func (s *Stream) Verify(ctx context.Context, progress func(done, total events.Position)) (Verified, error) {
	if err := s.Check(ctx, events.Checkpoint{}); err != nil {
		return Verified{}, err
	}
	total, err := s.Last(ctx)
	if err != nil {
		return Verified{}, err
	}
	var v Verified
	c := s.chain(events.Checkpoint{})
	err = s.Read(ctx, 1, func(at events.Position, stored []byte) error {
		if at > total {
			return errEnough
		}
		r, err := c.add(uint64(at), stored)
		if err != nil {
			return err
		}
		for _, m := range r.Event.PersonalMembers() {
			if m.Seal != nil {
				v.HighestKey = max(v.HighestKey, m.Seal.Key)
			}
		}
		if progress != nil && (at%10_000 == 0 || at == total) {
			progress(at, total)
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return Verified{}, err
	}
	v.Book, v.Checkpoint = c.book, c.at
	return v, nil
}

var errEnough = errors.New("enough")
