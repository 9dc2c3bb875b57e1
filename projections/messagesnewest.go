package projections

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"huisboek/events"
)

// Older is where a reader is in its messages who reads them the newest first: it was
// shown nothing before After yet, and nothing that fell due before Told of Day. The
// zero Older is the beginning, with the newest.
type Older struct {
	After events.Position
	Day   events.Date
	Told  events.Position
}

// Newest lists a partner's messages, the newest first, at most limit (1 to MaxMessages;
// outside that, the nearest), of what fell due only up to and including today. next is
// where to go on, and more whether there is anything. It is for people who look: who
// must not miss one reads [Messages.After].
func (Messages) Newest(tx Tx, partner string, from Older, today events.Date, limit int) (list []Message, next Older, more bool, err error) {
	limit = min(MaxMessages, max(1, limit))
	next = from
	if next.After == 0 {
		next.After = math.MaxInt64
	}
	if next.Day == "" || next.Day > today {
		next.Day, next.Told = today, math.MaxInt64
	}
	told, err := toldBefore(tx, partner, next.After, limit+1)
	if err != nil {
		return nil, from, false, err
	}
	due, err := dueBefore(tx, partner, next, limit+1)
	if err != nil {
		return nil, from, false, fmt.Errorf("due message to %s: %w", partner, err)
	}
	list = []Message{}
	for len(told)+len(due) > 0 {
		if more = len(list) == limit; more {
			break
		}
		var m Message
		if len(due) == 0 || len(told) > 0 && !told[0].At.Before(due[0].day.Begins()) {
			m, told = told[0], told[1:]
			next.After = m.Position
		} else {
			if m, err = due[0].read(tx, partner); err != nil {
				return nil, from, false, err
			}
			next.Day, next.Told = m.Due, m.Position
			due = due[1:]
		}
		list = append(list, m)
	}
	return list, next, more, nil
}

// toldBefore are the last n messages about an event before a position, the newest
// first. Rows go one way only, so it looks back in steps, each twice as long.
func toldBefore(tx Tx, partner string, before events.Position, n int) (list []Message, err error) {
	prefix := partnerPrefix(rowMessage, partner)
	last, err := Messages{}.LastOf(tx, partner)
	if err != nil {
		return nil, err
	}
	for end, step := min(before, last+1), events.Position(1024); end > 0 && len(list) < n; step *= 2 {
		begin := end - min(step, end)
		var part []Message
		tx.ScanFrom(messageKey(partner, begin), prefix, func(k, v []byte) bool {
			if rest := k[len(prefix):]; len(rest) == 8 && binary.BigEndian.Uint64(rest) >= uint64(end) {
				return false
			}
			var m Message
			if m, err = readMessage(tx, k[len(prefix):], v); err == nil {
				part = append(part, m)
			}
			return err == nil
		})
		if err != nil {
			return nil, fmt.Errorf("message to %s: %w", partner, err)
		}
		slices.Reverse(part)
		list = append(list, part...)
		end = begin
	}
	return list[:min(n, len(list))], nil
}

// dueYears is how far back what fell due is looked for: longer than it is of use.
const dueYears = 2

// dueBefore are the last n things that fell due before a place, the newest first.
func dueBefore(tx Tx, partner string, at Older, n int) (found []foundDue, err error) {
	for days, end := 7, at.Day; days < dueYears*366 && len(found) < n; days *= 2 {
		begin := at.Day.AddDays(-days)
		sweep := Cursor{Sweep: end, SweepTold: math.MaxInt64, AtDay: begin, AtEvent: math.MaxInt64}
		part, err := dueRows(tx, partner, &sweep, math.MaxInt)
		if err != nil {
			return nil, err
		}
		part = slices.DeleteFunc(part, func(f foundDue) bool {
			return cmp.Or(cmp.Compare(f.day, at.Day), cmp.Compare(f.by, at.Told)) >= 0
		})
		slices.Reverse(part)
		found = append(found, part...)
		end = begin
	}
	return found[:min(n, len(found))], nil
}
