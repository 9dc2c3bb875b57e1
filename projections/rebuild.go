package projections

import (
	"context"
	"errors"

	"huisboek/events"
)

var errRebuilt = errors.New("rebuilt")

// Rebuild brings a store up to the position that the stream ends at when it
// begins; an empty store is made from zero. It goes on where an earlier one was
// stopped. progress, when not nil, is told now and then, and at the end, how far
// it has come, and how far it goes.
func Rebuild(ctx context.Context, source Source, fold Fold, into Store, progress func(done, total events.Position)) error {
	last, err := source.Last(ctx)
	if err != nil {
		return err
	}
	return RebuildUntil(ctx, source, fold, into, last, progress)
}

// RebuildUntil is Rebuild up to a given position, which the stream must have.
func RebuildUntil(ctx context.Context, source Source, fold Fold, into Store, until events.Position,
	progress func(done, total events.Position),
) error {
	at, err := startFrom(ctx, source, into)
	if err != nil || at.Position >= until {
		return err
	}
	if progress == nil {
		progress = func(done, total events.Position) {}
	}
	told := at.Position
	err = follow(ctx, source, at, batchMax, func(ctx context.Context, waiting <-chan []*events.Record) error {
		for at.Position < until {
			batch, err := next(ctx, waiting)
			if err != nil {
				return err
			}
			batch = batch[:min(len(batch), int(until-at.Position))]
			if err := applyBatch(fold, into, &at, batch); err != nil {
				return err
			}
			if at.Position >= told+batchMax || at.Position == until {
				progress(at.Position, until)
				told = at.Position
			}
		}
		return errRebuilt
	})
	if errors.Is(err, errRebuilt) {
		return nil
	}
	return err
}
