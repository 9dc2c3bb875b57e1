package ledger

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// sealedPerson is an account manager as stored, with what its seal is bound to.
type sealedPerson struct {
	Seal   *events.Seal `json:"s,omitempty"`
	Source string       `json:"b,omitempty"`
	ID     string       `json:"i,omitempty"`
}

// entry is one surviving event of an approach, a placement or a vacancy.
type entry struct {
	Position events.Position `json:"p"`
	Order    events.Position `json:"o"`
	Kind     rune            `json:"k"`
	From     events.Date     `json:"f,omitempty"`
	To       events.Date     `json:"t,omitempty"`
	Count    int             `json:"n,omitempty"` // places that were filled; 0: all that were left

	// Of a plan or a move, by the agreement in force when it was recorded: until when
	// it is valid without a day of its own, and at most.
	Valid events.Date `json:"v,omitempty"`
	Limit events.Date `json:"m,omitempty"`

	// Of a plan or a move.
	Outcome events.Outcome `json:"u,omitempty"`
	Holds   bool           `json:"h,omitempty"`
}

// approach is one intention to contact an employer.
type approach struct {
	Root          events.Position `json:"r"`
	Partner       string          `json:"p"`           // whose id it is
	By            string          `json:"y,omitempty"` // who made the plan as it stands, when that is its successor
	ID            string          `json:"u"`
	Employer      string          `json:"e"`
	Number        string          `json:"n,omitempty"` // what a subject must equal
	Establishment string          `json:"v,omitempty"`
	Purpose       string          `json:"d"`
	With          []string        `json:"m,omitempty"` // the partners that it says go along
	AtRequest     bool            `json:"q,omitempty"` // the employer asked for it
	First         events.Date     `json:"f"`           // the day on which it was first planned
	Who           sealedPerson    `json:"w"`
	Entries       []entry         `json:"l"`
}

// maker is who made the plan as it stands.
func (a *approach) maker() string { return cmp.Or(a.By, a.Partner) }

// dates are those of the last surviving plan or move, with what it was extended by
// since. A day is not extended: an extension of a period that is a day now does nothing.
func (a *approach) dates() (from, to events.Date) {
	var last events.Position
	for _, e := range a.Entries { // in the order of their events
		switch e.Kind {
		case entryPlan, entryMove:
			if e.Order >= last {
				last, from, to = e.Order, e.From, e.To
			}
		case entryExtended:
			if e.Order >= last && from != to {
				to = max(to, e.To)
			}
		}
	}
	return from, to
}

// word is the last word on its days: of the surviving plan and moves the one that was
// recorded last, so that a correction is judged anew. nil when there is none.
func (a *approach) word() (last *entry) {
	for i := range a.Entries {
		e := &a.Entries[i]
		if (e.Kind == entryPlan || e.Kind == entryMove) && (last == nil || e.Position > last.Position) {
			last = e
		}
	}
	return last
}

// holds reports whether it holds its employer, as long as it lasts.
func (a *approach) holds() bool {
	w := a.word()
	return w != nil && w.Holds && a.open()
}

// until is the last day on which it can hold its employer: events.Terms.HoldsUntil by
// the agreement in force when its plan or a move was recorded last, or the last day that
// an extension of its period names, which was held against that agreement's longest.
func (a *approach) until() events.Date {
	from, to := a.dates()
	said := a.word()
	if said == nil {
		return to
	}
	if from == to {
		return min(to, said.Limit)
	}
	return max(min(to, said.Valid, said.Limit), a.extendedTo())
}

// extendedTo is the last day that extensions name of the days as they were last said;
// "" when there are none.
func (a *approach) extendedTo() (to events.Date) {
	var last events.Position
	for _, e := range a.Entries { // in the order of their events
		switch e.Kind {
		case entryPlan, entryMove:
			if e.Order >= last {
				last, to = e.Order, ""
			}
		case entryExtended:
			if e.Order >= last {
				to = max(to, e.To)
			}
		}
	}
	return to
}

// stands reports whether its last word holds the employer on a day, whether it was
// called off or made since or not.
func (a *approach) stands(today events.Date) bool {
	w := a.word()
	return w != nil && w.Holds && a.until() >= today
}

// overrides reports whether it holds only because its maker went through.
func (a *approach) overrides() bool {
	w := a.word()
	return w != nil && w.Holds && w.Outcome == events.Taken
}

// position is that of the plan as it stands, its last correction.
func (a *approach) position() events.Position {
	for _, e := range a.Entries {
		if e.Kind == entryPlan {
			return e.Position
		}
	}
	return a.Root
}

func (a *approach) has(kind rune) bool {
	for _, e := range a.Entries {
		if e.Kind == kind {
			return true
		}
	}
	return false
}

// open reports whether it was neither called off nor made. Whether its days are
// over is for whoever knows what day it is.
func (a *approach) open() bool { return !a.has(entryOff) && !a.has(entryMade) }

// put keeps entries in the order of their events: a correction stands where the first
// of it stood.
func put(entries []entry, e entry) []entry {
	at, there := slices.BinarySearchFunc(entries, e, func(a, b entry) int { return cmp.Compare(a.Order, b.Order) })
	if there {
		entries[at] = e
		return entries
	}
	return slices.Insert(entries, at, e)
}

func take(entries []entry, order events.Position) []entry {
	out := entries[:0]
	for _, e := range entries {
		if e.Order != order {
			out = append(out, e)
		}
	}
	return out
}

// placement is what must be known of one to end it.
type placement struct {
	Partner  string          `json:"p"`
	ID       string          `json:"u"`
	Employer string          `json:"e"`
	Number   string          `json:"n,omitempty"`
	Start    events.Date     `json:"s"`
	With     []string        `json:"m,omitempty"`
	Root     events.Position `json:"r"`
	Ended    []entry         `json:"l,omitempty"`
}

// visitRow is a visit that was made.
type visitRow struct {
	Position      events.Position `json:"n"`
	Date          events.Date     `json:"t"`
	Partner       string          `json:"p"`
	Establishment string          `json:"v,omitempty"`
	Purpose       string          `json:"d"`
	Form          string          `json:"f"`
	With          []string        `json:"m,omitempty"`
	AtRequest     bool            `json:"q,omitempty"`
	Root          events.Position `json:"r,omitempty"` // of the approach that it ended
	Who           sealedPerson    `json:"w"`
}

// contactRow appoints or releases a fixed contact.
type contactRow struct {
	Position      events.Position `json:"n"`
	Partner       string          `json:"p"`
	Establishment string          `json:"v,omitempty"`
	Purpose       string          `json:"d,omitempty"`
	Released      bool            `json:"r,omitempty"`
	Over          []string        `json:"h,omitempty"` // whose work the partner went on with by then: their word, too
	Who           sealedPerson    `json:"w"`
}
