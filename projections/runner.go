package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"huisboek/events"
)

// batchMax is how many records go into one Update, at most. Nothing is waited for: an
// Update is cheap, and while one runs the next batch comes together.
const batchMax = 5_000

// again is how long a Runner waits for a store that cannot write to its disk.
const again = time.Second

// What a Runner stops with; either needs a person, or a rebuild.
var (
	// ErrAhead: the view has seen records that the stream does not have. The
	// stream lost its end or was put back from a backup, or the file is another
	// book's. Look first; then rebuild.
	ErrAhead = errors.New("the view is ahead of its stream")
	// ErrGap: the source left out a record. Nothing of the batch was applied.
	ErrGap = errors.New("the stream has a gap")
)

// Runner keeps one store up with the stream. Set the exported members, start Run
// once, and read the others from any goroutine.
type Runner struct {
	Source Source
	Fold   Fold
	Store  Store
	Log    *slog.Logger // nil discards

	// OnBatch, when not nil, is told of every transaction as soon as answers include
	// it: how many records, how long applying them took, and where it came to.
	OnBatch func(records int, took time.Duration, at events.Position)

	mu       sync.Mutex
	position events.Position
	moved    chan struct{} // closed when position or err changes; made by whoever waits
	err      error         // why Run ended, or what it waits for
}

// Run follows the stream until ctx ends, which is no error, or until it cannot go
// on: then it says why, and Err and WaitFor do so too. What was applied before
// stays; the next Run goes on from there. A store that cannot write to its disk
// (ErrUnwritten) is waited for: Err and WaitFor say so until it can.
func (r *Runner) Run(ctx context.Context) error {
	r.end(nil)
	err := r.run(ctx)
	for errors.Is(err, ErrUnwritten) && ctx.Err() == nil {
		if r.Err() == nil {
			r.log().Error("view waits for its disk", "projection", r.Fold.Name(), "position", r.Position(), "err", err)
		}
		r.end(fmt.Errorf("view %s: %w", r.Fold.Name(), err))
		select {
		case <-time.After(again):
			err = r.run(ctx)
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	if ctx.Err() != nil && (err == nil || errors.Is(err, context.Cause(ctx)) || errors.Is(err, ctx.Err())) {
		r.end(ctx.Err())
		return nil
	}
	if err == nil {
		err = errors.New("the stream ended")
	}
	err = fmt.Errorf("view %s: %w", r.Fold.Name(), err)
	r.end(err)
	r.log().Error("view stopped", "projection", r.Fold.Name(), "position", r.Position(), "err", err)
	return err
}

func (r *Runner) run(ctx context.Context) error {
	at, err := startFrom(ctx, r.Source, r.Store)
	if err != nil {
		return err
	}
	r.now(at.Position, r.Err())
	return follow(ctx, r.Source, at, batchMax, func(ctx context.Context, waiting <-chan []*events.Record) error {
		for {
			batch, err := next(ctx, waiting)
			if err != nil {
				return err
			}
			if err := r.apply(&at, batch); err != nil {
				return err
			}
		}
	})
}

func (r *Runner) apply(at *events.Checkpoint, batch []*events.Record) error {
	began := time.Now()
	if err := applyBatch(r.Fold, r.Store, at, batch); err != nil {
		return err
	}
	if r.Err() != nil {
		r.log().Info("view goes on", "projection", r.Fold.Name(), "position", at.Position)
	}
	r.now(at.Position, nil)
	if r.OnBatch != nil {
		r.OnBatch(len(batch), time.Since(began), at.Position)
	}
	return nil
}

// Position is the last record that answers include; 0 before Run began.
func (r *Runner) Position() events.Position {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.position
}

// Err is why Run stopped, or does not go on for now; nil while it does: for a health
// check.
func (r *Runner) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// WaitFor returns nil as soon as answers include the record at a position. It
// returns the reason when the view has stopped or ctx ends before that.
func (r *Runner) WaitFor(ctx context.Context, p events.Position) error {
	for {
		r.mu.Lock()
		if r.position >= p || r.err != nil {
			reached, err := r.position >= p, r.err
			r.mu.Unlock()
			if reached {
				return nil
			}
			return err
		}
		if r.moved == nil {
			r.moved = make(chan struct{})
		}
		moved := r.moved
		r.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

func (r *Runner) end(err error) { r.now(r.Position(), err) }

// now tells who waits how far the view has come, and why it does not go on.
func (r *Runner) now(p events.Position, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.position, r.err = p, err
	if r.moved != nil {
		close(r.moved)
		r.moved = nil
	}
}

func (r *Runner) log() *slog.Logger {
	if r.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return r.Log
}

// startFrom is where a store goes on, or why it must not.
func startFrom(ctx context.Context, source Source, store Store) (events.Checkpoint, error) {
	at, err := store.Checkpoint()
	if err != nil {
		return at, err
	}
	last, err := source.Last(ctx)
	if err != nil {
		return at, err
	}
	if at.Position > last {
		return at, fmt.Errorf("%w: the view is at position %d, the stream ends at %d", ErrAhead, at.Position, last)
	}
	return at, nil
}
