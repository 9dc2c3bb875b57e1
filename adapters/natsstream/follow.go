package natsstream

import (
	"context"

	"huisboek/events"
)

// Follow is projections.Source: it calls fn with the records after a checkpoint
// and goes on as new ones come, until ctx ends, fn fails or the stream turns out
// to be damaged. What was read before the damage is given first. The slice is
// used again for the next call, the records are not.
func (s *Stream) Follow(ctx context.Context, after events.Checkpoint, max int, fn func([]*events.Record) error) error {
	last, err := s.Last(ctx)
	if err != nil {
		return err
	}
	if last < after.Position {
		return s.endsBefore(last, after.Position)
	}
	r, err := s.log.read(ctx, uint64(after.Position)+1, false)
	if err != nil {
		return err
	}
	defer r.close()
	c := s.chain(after)
	batch := make([]*events.Record, 0, max)
	for {
		batch, err := fill(ctx, r, c, batch[:0])
		if len(batch) > 0 {
			if err := fn(batch); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
}

// fill waits for one record and takes what else is here, up to the batch's
// capacity. It may return records together with an error.
func fill(ctx context.Context, r *reader, c *chain, batch []*events.Record) ([]*events.Record, error) {
	seq, data, err := r.next(ctx)
	for ok := true; ok && err == nil; {
		var record *events.Record
		if record, err = c.add(seq, data); err != nil {
			break
		}
		batch = append(batch, record)
		if len(batch) == cap(batch) {
			break
		}
		seq, data, ok, err = r.waiting(ctx)
	}
	return batch, err
}
