package intake

import (
	"slices"
	"time"

	"huisboek/events"
)

// maxNoted is how many deliveries wait for the disk; of more the oldest are
// dropped, and still counted. It is what ten full seconds of a busy book give.
const maxNoted = 20_000

// noted is what goes into the file in one transaction. The file keeps the number
// of the last one in it, so that none is counted twice: not when a write fails
// after all of it was written, and not by a reader that finds it in both places.
type noted struct {
	number  uint64
	lines   []line // oldest first
	days    map[dayKey]*Day
	dropped int
}

// line is a delivery with its place in the order of all.
type line struct {
	order   uint64
	partner string
	Delivery
}

type dayKey struct {
	partner string
	date    events.Date
	door    string
}

func newNoted(number uint64) *noted { return &noted{number: number, days: map[dayKey]*Day{}} }

func (n *noted) empty() bool { return len(n.lines) == 0 && len(n.days) == 0 }

func (n *noted) add(l line) {
	if len(n.lines) >= maxNoted {
		n.lines = n.lines[1:]
		n.dropped++
	}
	n.lines = append(n.lines, l)
	n.day(l.partner, l.Door, l.At).count(&l.Delivery)
}

// day is the counts of the day of a moment.
func (n *noted) day(partner, door string, at time.Time) *Day {
	k := dayKey{partner, events.DateOf(at), door}
	d := n.days[k]
	if d == nil {
		d = &Day{Date: k.date, Door: door, Codes: map[string]int{}}
		n.days[k] = d
	}
	return d
}

// newest gives at most limit lines of a partner, newest first.
func (n *noted) newest(partner, outcome string, before uint64, limit int) []line {
	var found []line
	for _, l := range slices.Backward(n.lines) {
		if len(found) == limit {
			break
		}
		if l.partner == partner && l.order < before && (outcome == "" || l.Outcome == outcome) {
			found = append(found, l)
		}
	}
	return found
}
