package client

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"huisboek/events"
	"huisboek/ledger"
)

const (
	mostWait     = time.Minute // between two offers, unless the book asks for longer
	offerTimeout = 45 * time.Second
	// mostFailures is how often a status 500 is met with another offer of the same
	// event, for about a quarter of an hour; then it is a refusal, or one event that the
	// book trips over would keep all others back for ever.
	mostFailures = 25
)

// Run offers what waits, one event at a time and in order, until ctx ends; then
// it returns ctx's error. While there is no answer, or the answer is to come
// back, it offers the same again: first soon, then once a minute or as the book
// asks (Retry). An answer takes the event off the list in the transaction that
// notes the receipt or the refusal; a refused event goes to the list of Refused,
// and the next one has its turn.
//
// Run returns another error when it is no use to go on, with nothing taken off:
// the credentials are not known any more or may not emit at all (a ledger.Problem
// with status 401 or 403), the address is not a book's, a callback failed, or the
// file cannot be written. Call it again when that is mended.
func (b *Outbox) Run(ctx context.Context, s Sender) error {
	return b.run(ctx, s, false)
}

// Flush is Run until nothing waits; then it returns nil. It is for a program that
// runs now and then.
func (b *Outbox) Flush(ctx context.Context, s Sender) error {
	return b.run(ctx, s, true)
}

func (b *Outbox) run(ctx context.Context, s Sender, once bool) error {
	if !b.running.TryLock() {
		return ErrRunning
	}
	defer b.running.Unlock()
	for {
		if err := b.tell(); err != nil {
			return errors.Join(err, b.settle())
		}
		e, err := b.head()
		if err != nil {
			return err
		}
		if e == nil {
			if err := b.settle(); err != nil || once {
				return err
			}
			select {
			case <-b.wake:
			case <-ctx.Done():
				return ctx.Err()
			case <-b.closed:
				return ErrClosed
			}
			continue
		}
		if err := b.offer(ctx, s, e); err != nil {
			return errors.Join(err, b.settle())
		}
	}
}

// offer offers one event until it has an answer, and keeps that.
func (b *Outbox) offer(ctx context.Context, s Sender, e *entry) error {
	wait, failures := firstWait, 0
	for {
		r, err := attempt(ctx, s, e.event)
		if err == nil {
			if wait != firstWait {
				b.log.Info("the book answers again", "number", e.number)
			}
			return b.answered(e, note{Event: e.event, Receipt: r, Again: r.Again})
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		after, again := Retry(err)
		var p ledger.Problem
		refused := errors.As(err, &p)
		if p.Status == http.StatusInternalServerError {
			failures++
			again = failures < mostFailures
		}
		switch {
		case again:
		case refused && ofEvent(p):
			return b.answered(e, note{Refusal: &Refusal{e.number, time.Now(), e.event, p}})
		default:
			return fmt.Errorf("the outbox stands still: %w", err)
		}
		if wait == firstWait {
			b.log.Warn("no answer yet, the same is offered again", "number", e.number, "error", err)
		}
		if err := b.pause(ctx, max(after, wait/2)+rand.N(wait/2)); err != nil {
			return err
		}
		wait = min(2*wait, mostWait)
	}
}

// attempt offers an event once. A receipt that is not this event's is no answer.
func attempt(ctx context.Context, s Sender, event []byte) (*ledger.Receipt, error) {
	ctx, cancel := context.WithTimeout(ctx, offerTimeout)
	defer cancel()
	r, err := s.Send(ctx, event)
	if err != nil {
		return nil, err
	}
	l, err := readLabel(event)
	if err != nil {
		return nil, err
	}
	if r == nil || r.Position == 0 || r.ID != l.ID {
		return nil, errors.New("the receipt is of another event")
	}
	return r, nil
}

// ofEvent reports whether a refusal is of the event, and not of who sends it: for
// then every other would be refused just so.
func ofEvent(p ledger.Problem) bool {
	switch p.Status {
	case http.StatusBadRequest, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusInternalServerError:
		return true
	case http.StatusForbidden:
		return len(p.Faults) > 0 && !slices.ContainsFunc(p.Faults, func(f events.Fault) bool { return f.Code == "niet-actief" })
	}
	return false
}

func (b *Outbox) pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-b.closed:
		return ErrClosed
	}
}
