package main

import (
	"context"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// hintEvery is the least time between two rounds of hints: in a flood of events a
// partner is told once that there is something, not of each.
const hintEvery = 100 * time.Millisecond

// hint tells partners that there are messages for them, as the views get to them
// after a position, until ctx ends or the views stand still. A hint may be lost:
// the message itself stays where it is asked for.
func (h *house) hint(ctx context.Context, at events.Position) {
	for h.runner.WaitFor(ctx, at+1) == nil {
		next, news, err := h.newMessages(at)
		if err != nil {
			h.Log.Error("partners are not told of messages", "position", at, "err", err)
			return
		}
		for account, last := range news {
			h.door.Hint(account, last)
		}
		at = max(next, at)
		t := time.NewTimer(hintEvery)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return
		}
	}
}

// newMessages is which accounts have a message about a position after one, and
// the last of those; next is what the views had seen.
func (h *house) newMessages(after events.Position) (next events.Position, news map[string]events.Position, err error) {
	news = map[string]events.Position{}
	err = h.views.View(func(tx projections.Tx, at events.Checkpoint) error {
		next = at.Position
		for _, a := range h.access.Accounts() {
			last, err := projections.Messages{}.LastOf(tx, a.Partner)
			if err != nil {
				return err
			}
			if last > after {
				news[a.PublicKey] = last
			}
		}
		return nil
	})
	return next, news, err
}
