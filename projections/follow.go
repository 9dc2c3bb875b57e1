package projections

import (
	"context"
	"fmt"
	"slices"

	"huisboek/events"
)

// follow reads from a source in one goroutine (its own part: fetching, decoding)
// and lets work take what waits in another. It ends when either does, with the
// first reason.
func follow(ctx context.Context, source Source, at events.Checkpoint, max int,
	work func(ctx context.Context, waiting <-chan []*events.Record) error,
) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	waiting := make(chan []*events.Record)
	ended := make(chan error, 1)
	go func() {
		err := source.Follow(ctx, at, max, func(batch []*events.Record) error {
			select {
			case waiting <- slices.Clone(batch): // the source uses its slice again
				return nil
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		})
		ended <- err
		close(waiting)
	}()
	err := work(ctx, waiting)
	cancel(err)
	// work saw the end of the source as a closed channel; the source says why.
	if cause := <-ended; err == errSourceEnded {
		return cause
	}
	return err
}

// errSourceEnded never leaves this package: follow puts the source's own reason
// in its place.
var errSourceEnded = fmt.Errorf("source ended")

// next is what waits.
func next(ctx context.Context, waiting <-chan []*events.Record) ([]*events.Record, error) {
	select {
	case batch, ok := <-waiting:
		if !ok {
			return nil, errSourceEnded
		}
		return batch, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// applyBatch folds a batch in and moves the checkpoint, in one transaction: at is
// where the store stands, and moves with it.
func applyBatch(fold Fold, store Store, at *events.Checkpoint, batch []*events.Record) error {
	if len(batch) == 0 {
		return nil
	}
	expect := at.Position
	for _, r := range batch {
		if expect++; r.Position != expect {
			return fmt.Errorf("%w: position %d came where %d was due", ErrGap, r.Position, expect)
		}
	}
	to := batch[len(batch)-1].Checkpoint()
	err := store.Update(to, func(tx Tx) error {
		for _, r := range batch {
			if err := fold.Apply(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	*at = to
	return nil
}
