package projections

import (
	"fmt"
	"slices"
	"time"

	"huisboek/events"
)

// standing is what follows for one partner from all that was said: by whom it is
// succeeded, and on which days it began and ceased to take part. It stands in one
// row, because [Messages] asks for it at every message.
type standing struct {
	heirs []heir
	turns []turn // by day
}

// heir is one succession.
type heir struct {
	position    events.Position
	at          time.Time
	by          string // internal UUID
	from, until events.Date
}

// turn is a day from which a partner takes part, or no longer does.
type turn struct {
	day    events.Date
	active bool
}

// succeeded adds a succession, or puts it in the place of the last one.
func (s *standing) succeeded(h heir) {
	if n := len(s.heirs); n > 0 && s.heirs[n-1].until == "" {
		s.heirs = s.heirs[:n-1]
	}
	s.heirs = append(s.heirs, h)
}

// admitted undoes every succession from before a day, from that day on.
func (s *standing) admitted(from events.Date) {
	for i := range s.heirs {
		if h := &s.heirs[i]; from > h.from && (h.until == "" || from < h.until) {
			h.until = from
		}
	}
}

func heirOn(heirs []heir, day events.Date) *heir {
	for i := len(heirs) - 1; i >= 0; i-- {
		if h := &heirs[i]; h.from <= day && (h.until == "" || day < h.until) {
			return h
		}
	}
	return nil
}

// turnsOf are the days of a line of stretches on which the part begins or ends.
func turnsOf(line []stretch) (turns []turn) {
	for _, x := range line {
		if n := len(turns); n == 0 || turns[n-1].active != x.active {
			turns = append(turns, turn{x.day, x.active})
		}
	}
	return turns
}

// left reports whether a partner no longer took part on a day. One of which nothing
// was said, or that has yet to begin, has not left.
func (s *standing) left(day events.Date) bool {
	for _, t := range slices.Backward(s.turns) {
		if t.day <= day {
			return !t.active
		}
	}
	return false
}

// readGoesOn is goesOn: the ledger lets no circle in; should there be one, whoever would
// come twice is not followed.
func readGoesOn(tx Tx, partner string, day events.Date) (end string, left bool, err error) {
	var seen []string
	for end = partner; ; {
		s, err := readStanding(tx, end)
		if err != nil {
			return "", false, err
		}
		h := heirOn(s.heirs, day)
		if h == nil || slices.Contains(seen, h.by) {
			return end, s.left(day), nil
		}
		seen, end = append(seen, end), h.by
	}
}

// familyOn is everybody else that goes on with the same work as a partner on a day: its
// successor, and all whose work that one goes on with.
func familyOn(tx Tx, partner string, day events.Date) (family []string, err error) {
	end, _, err := goesOn(tx, partner, day)
	if err != nil {
		return nil, err
	}
	var known []string
	tx.Scan([]byte{rowSuccessor}, func(k, _ []byte) bool {
		if name, _, ok := cutSized(k[1:]); ok {
			known = append(known, string(name))
		}
		return true
	})
	for _, other := range append(known, end) {
		if other == partner || slices.Contains(family, other) {
			continue
		}
		last, _, err := goesOn(tx, other, day)
		if err != nil {
			return nil, err
		}
		if last == end {
			family = append(family, other)
		}
	}
	return family, nil
}

// readStanding is a partner's; what it points to is not to be changed.
func readStanding(tx Tx, partner string) (s standing, err error) {
	row := tx.Get(partnerPrefix(rowSuccessor, partner))
	if row == nil {
		return s, nil
	}
	if s, err = readStandings.of(row, decodeStanding); err != nil {
		return standing{}, fmt.Errorf("standing of partner %s: %w", partner, err)
	}
	return s, nil
}

var readStandings reads[standing]

func decodeStanding(row []byte) (s standing, err error) {
	d := decode(row)
	s.turns = make([]turn, d.count())
	for i := range s.turns {
		s.turns[i] = turn{d.date(), d.bool()}
	}
	s.heirs = make([]heir, d.count())
	for i := range s.heirs {
		s.heirs[i] = heir{d.position(), d.time(), d.text(), d.date(), d.date()}
	}
	return s, d.err()
}

func (s *standing) encode() []byte {
	e := make(encoder, 0, 64+64*len(s.heirs))
	e.uint(uint64(len(s.turns)))
	for _, t := range s.turns {
		e.date(t.day)
		e.bool(t.active)
	}
	e.uint(uint64(len(s.heirs)))
	for _, h := range s.heirs {
		e.position(h.position)
		e.time(h.at)
		e.text(h.by)
		e.date(h.from)
		e.date(h.until)
	}
	return e
}
