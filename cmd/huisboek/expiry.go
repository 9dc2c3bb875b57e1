package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"huisboek/adapters/access"
)

const (
	// keepEnded is how long a credential that has expired stays listed: long
	// enough to see why a partner's system stopped.
	keepEnded = 30 * 24 * time.Hour
	// expiryNap is the longest sleep: a timer does not see that the machine's
	// clock was set, or that the machine slept.
	expiryNap = time.Minute
	// expiryAgain is when it is tried again to shut out what has expired: it may
	// still have connections.
	expiryAgain = time.Second
)

// expiry wakes what ends credentials when the next end may have come nearer.
type expiry struct {
	once sync.Once
	wake chan struct{}
}

func (e *expiry) woken() chan struct{} {
	e.once.Do(func() { e.wake = make(chan struct{}, 1) })
	return e.wake
}

func (e *expiry) changed() {
	select {
	case e.woken() <- struct{}{}:
	default: // it looks already
	}
}

// keepTime begins what goes by the clock: ending what expires, and hints.
func (h *house) keepTime(ctx context.Context) error {
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	var both sync.WaitGroup
	h.onClose(func() error { stop(); both.Wait(); return nil })
	both.Go(func() { h.expire(run) })
	from := h.ledger.Position() // what was there before is not news
	both.Go(func() { h.hint(run, from) })
	return nil
}

// expire ends what has expired until ctx ends. The doors refuse it without this;
// what is done here is closing its connections and forgetting it in time.
func (h *house) expire(ctx context.Context) {
	for {
		wait := h.endExpired()
		t := time.NewTimer(wait)
		select {
		case <-t.C:
		case <-h.expiry.woken():
			t.Stop()
		case <-ctx.Done():
			t.Stop()
			return
		}
	}
}

// endExpired ends what has expired and says how long there is nothing to do.
func (h *house) endExpired() (wait time.Duration) {
	h.admin.Lock()
	defer h.admin.Unlock()
	now := h.Now() // once: what ends while this goes on is for the next time, and that comes soon
	for _, c := range h.access.Ended(now) {
		if err := h.expireOne(c, now); err != nil {
			h.Log.Error("credential that has expired is not shut out yet", "credential", c.ID, "err", err)
		}
	}
	wait = expiryNap
	for _, c := range h.access.List() {
		switch _, open := h.access.AccountOf(c.ID); {
		case c.Expires.IsZero():
		case !c.Ended(now):
			wait = min(wait, c.Expires.Sub(now))
		case open:
			wait = min(wait, expiryAgain)
		}
	}
	return wait
}

func (h *house) expireOne(c access.Credential, now time.Time) error {
	if _, open := h.access.AccountOf(c.ID); open {
		h.Log.Info("credential has expired", "credential", c.ID, "partner", c.Partner)
	}
	if err := h.shutOut(c); err != nil {
		return err
	}
	if now.Sub(c.Expires) < keepEnded {
		return nil
	}
	if err := h.access.Remove(c.ID); err != nil && !errors.Is(err, access.ErrNoCredential) {
		return err
	}
	return nil
}
