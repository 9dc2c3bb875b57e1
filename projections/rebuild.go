package projections

import (
	"context"
	"errors"

	"huisboek/events"
)

// rebuildBatch is how many records go into one transaction of a rebuild: as many as a
// Runner's at most. What they write is held until the end of it, some 30 MB; twice as
// many gain a tenth.
const rebuildBatch = batchMax

var errRebuilt = errors.New("rebuilt")

// Rebuild brings a store up to the position that the stream ends at when it
// begins; an empty store is made from zero. It goes on where an earlier one was
// stopped. progress, when not nil, is told after every transaction how far it
// has come, and how far it goes.
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
	flush := func(batch []*events.Record) error {
		if err := applyBatch(fold, into, &at, batch); err != nil {
			return err
		}
		progress(at.Position, until)
		return nil
	}
	err = follow(ctx, source, at, rebuildBatch, func(ctx context.Context, waiting <-chan []*events.Record) error {
		var batch []*events.Record
		for {
			more, err := next(ctx, waiting)
			if err != nil {
				return err
			}
			if end := at.Position + events.Position(len(batch)+len(more)); end >= until {
				batch = append(batch, more[:len(more)-int(end-until)]...)
				if err := flush(batch); err != nil {
					return err
				}
				return errRebuilt
			}
			if batch = append(batch, more...); len(batch) >= rebuildBatch {
				if err := flush(batch); err != nil {
					return err
				}
				batch = batch[:0]
			}
		}
	})
	if errors.Is(err, errRebuilt) {
		return nil
	}
	return err
}
