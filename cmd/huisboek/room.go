package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"huisboek/adapters/boltstore"
	"huisboek/adapters/natsserver"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// A book without room refuses, and goes on by itself when there is room again.
const (
	// leastRoom is what must be free on the disk for anything to be recorded: enough
	// for what is under way, and for the views to come to the end of it. The server
	// has no clean answer for a disk on which a write fails.
	leastRoom = 64 << 20
	roomEvery = time.Second // between two looks at the disk
	// againMost is the longest wait between two tries of what failed.
	againMost = 30 * time.Second
)

// openRoom looks at the disk from now on.
func (h *house) openRoom(ctx context.Context) error {
	r := &room{house: h}
	r.look(ctx)
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() { defer close(done); r.run(run) }()
	h.onClose(func() error { stop(); <-done; return nil })
	return nil
}

// room opens and shuts the gate before the streams.
type room struct {
	*house
	away    error        // the streams are closed, or cannot be written to
	lastKey events.KeyID // the last one before that
	next    time.Time    // not before this they are opened again
}

func (r *room) run(ctx context.Context) {
	tick := time.NewTicker(roomEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-r.server.GaveUp():
		}
		r.look(ctx)
	}
}

// look refuses or records, by how much room there is and what the server says.
func (r *room) look(ctx context.Context) {
	failed := r.server.WriteError()
	if errors.Is(failed, natsserver.ErrWrite) {
		r.ledger.Halt(fmt.Errorf("%w: %w", ledger.ErrDamaged, failed))
		r.gate.Shut(r.ledger.Err())
		r.gate.Abandon()
		return
	}
	if failed != nil && r.away == nil {
		r.away = failed
		r.gate.Shut(fullBecause(failed))
		r.gate.Abandon()
		r.lastKey, _ = r.keys.Last(ctx) // reading goes on; if not, the record names what is needed
		r.Log.Error("the disk is full: nothing is recorded until it has room", "err", failed)
	}
	free, err := freeSpace(r.Dir)
	if err != nil {
		r.Log.Warn("how much room the disk has is not known", "err", err)
		free = leastRoom
	}
	switch {
	case r.away != nil:
		if free >= leastRoom && !time.Now().Before(r.next) {
			r.reopen(ctx)
		}
	case free < leastRoom:
		why := fmt.Errorf("%d bytes are free, and %d must be", free, leastRoom)
		if r.gate.Err() == nil {
			r.Log.Error("the disk is full: nothing is recorded until it has room", "err", why)
		}
		r.gate.Shut(fullBecause(why))
	case r.gate.Err() != nil && r.ledger.Err() == nil:
		r.gate.Open()
		r.Log.Info("the disk has room again: recording goes on", "free", free)
	}
}

func fullBecause(why error) error { return fmt.Errorf("%w: %w", ledger.ErrFull, why) }

// reopen opens the streams again after the server gave up, and sees that they hold
// what was acknowledged. The gate opens at the next look.
func (r *room) reopen(ctx context.Context) {
	began := time.Now()
	if err := r.server.HasRoom(); err != nil { // until then they can be read
		r.Log.Debug("the disk has no room yet", "err", err)
		r.next = began.Add(roomEvery)
		return
	}
	err := r.gate.Away(r.server.Reopen)
	r.next = time.Now().Add(max(roomEvery, 10*time.Since(began))) // what is read again may be much
	if err == nil {
		err = r.whole(ctx)
	}
	if errors.Is(err, ledger.ErrDamaged) && r.server.WriteError() == nil {
		r.ledger.Halt(err)
	}
	if err != nil {
		r.Log.Error("the streams could not be opened again", "err", err)
		return
	}
	r.away = nil
	r.Log.Info("the streams are open again", "position", r.ledger.Position())
}

// whole sees that the streams hold what was acknowledged before.
func (r *room) whole(ctx context.Context) error {
	if err := r.stream.Check(ctx, r.ledger.Tip()); err != nil {
		return err
	}
	last, err := r.keys.Last(ctx)
	if err == nil && last < r.lastKey {
		err = fmt.Errorf("%w: the key stream ends at key %d, and ended at %d", ledger.ErrDamaged, last, r.lastKey)
	}
	return err
}

// keepFollowing lets the views follow the stream, and begin again after what passes,
// such as streams that were opened anew. What needs a person ends it; why is in
// runner.Err. (A disk without room the runner waits for itself.)
func (h *house) keepFollowing(ctx context.Context) {
	for pause := roomEvery; ; pause = min(2*pause, againMost) {
		was := h.runner.Position()
		err := h.runner.Run(ctx)
		if ctx.Err() != nil || needsPerson(err) {
			return
		}
		if h.runner.Position() > was {
			pause = roomEvery
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

func needsPerson(err error) bool {
	for _, e := range []error{ledger.ErrDamaged, boltstore.ErrDamaged, boltstore.ErrForeign, projections.ErrAhead, projections.ErrGap} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
