package ledgertest

import (
	"context"
	"fmt"

	"huisboek/events"
	"huisboek/ledger"
)

// Follow calls fn with the records after a checkpoint, in batches of at most
// max, and goes on as new ones come, until ctx ends or fn fails.
func (m *Memory) Follow(ctx context.Context, after events.Checkpoint, max int, fn func([]*events.Record) error) error {
	at := after
	for {
		batch, grown, err := m.next(at, max)
		if err != nil {
			return err
		}
		if len(batch) == 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-grown:
				continue
			}
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := fn(batch); err != nil {
			return err
		}
		at = batch[len(batch)-1].Checkpoint()
	}
}

// next gives what comes after a checkpoint, or a channel that is closed when
// something does.
func (m *Memory) next(at events.Checkpoint, max int) ([]*events.Record, <-chan struct{}, error) {
	m.mu.Lock()
	if m.grown == nil {
		m.grown = make(chan struct{})
	}
	all, grown := m.stored, m.grown
	m.mu.Unlock()
	if last := events.Position(len(all)); last < at.Position {
		return nil, nil, fmt.Errorf("%w: ends at %d, and %d was there before", ledger.ErrDamaged, last, at.Position)
	}
	var batch []*events.Record
	for _, x := range all[at.Position:min(len(all), int(at.Position)+max)] {
		r, err := events.DecodeRecord(x.Data)
		if err != nil {
			return nil, nil, fmt.Errorf("%w: position %d: %w", ledger.ErrDamaged, at.Position+1, err)
		}
		if r.Position != at.Position+1 || r.Previous != at.Hash {
			return nil, nil, fmt.Errorf("%w: position %d does not follow the one before it", ledger.ErrDamaged, at.Position+1)
		}
		batch, at = append(batch, r), r.Checkpoint()
	}
	return batch, grown, nil
}
