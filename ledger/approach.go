package ledger

import (
	"cmp"

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
	Who           sealedPerson    `json:"w"`
	Entries       []entry         `json:"l"`
}

// maker is who made the plan as it stands.
func (a *approach) maker() string { return cmp.Or(a.By, a.Partner) }

// dates are those of the last surviving plan or move.
func (a *approach) dates() (from, to events.Date) {
	var last events.Position
	for _, e := range a.Entries {
		if (e.Kind == entryPlan || e.Kind == entryMove) && e.Order >= last {
			last, from, to = e.Order, e.From, e.To
		}
	}
	return from, to
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

func put(entries []entry, e entry) []entry {
	for i := range entries {
		if entries[i].Order == e.Order {
			entries[i] = e
			return entries
		}
	}
	return append(entries, e)
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
