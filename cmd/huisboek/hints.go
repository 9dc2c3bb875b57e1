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
// after a position and as days begin, until ctx ends or the views stand still. A hint
// may be lost: the message itself stays where it is asked for.
func (h *house) hint(ctx context.Context, at events.Position) {
	told := projections.Cursor{After: at, Day: events.DateOf(h.Now()), Told: at} // what was there before is not news
	for {
		day, cancel := context.WithTimeout(ctx, untilTomorrow(h.Now()))
		err := h.runner.WaitFor(day, told.After+1)
		began := day.Err() != nil
		cancel()
		if ctx.Err() != nil || err != nil && !began {
			return
		}
		next, news, err := h.newMessages(told, events.DateOf(h.Now()))
		if err != nil {
			h.Log.Error("partners are not told of messages", "position", told.After, "err", err)
			return
		}
		for account, last := range news {
			h.door.Hint(account, last)
		}
		told = next
		t := time.NewTimer(hintEvery)
		select {
		case <-t.C:
		case <-ctx.Done():
			t.Stop()
			return
		}
	}
}

// untilTomorrow is how long a day in the Netherlands still lasts, and a second.
func untilTomorrow(now time.Time) time.Duration {
	return events.DateOf(now).AddDays(1).Begins().Sub(now) + time.Second
}

// newMessages is which accounts have a message that is new since a cursor, about an
// event or because it fell due up to and including today, and the position of the last
// of those; next is where that leaves the views.
func (h *house) newMessages(told projections.Cursor, today events.Date) (next projections.Cursor, news map[string]events.Position, err error) {
	news = map[string]events.Position{}
	partners := map[string]events.Position{} // most have more accounts than one
	err = h.views.View(func(tx projections.Tx, at events.Checkpoint) error {
		next = projections.Cursor{After: max(at.Position, told.After), Day: max(today, told.Day), Told: max(at.Position, told.Told)}
		for _, a := range h.access.Accounts() {
			last, known := partners[a.Partner]
			if !known {
				event, err := projections.Messages{}.LastOf(tx, a.Partner)
				if err != nil {
					return err
				}
				if event > told.After {
					last = event
				}
				due, err := projections.Messages{}.DueSince(tx, a.Partner, told, today)
				if err != nil {
					return err
				}
				last = max(last, due)
				partners[a.Partner] = last
			}
			if last > 0 {
				news[a.PublicKey] = last
			}
		}
		return nil
	})
	return next, news, err
}
