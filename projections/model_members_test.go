package projections

import (
	"strings"

	"huisboek/events"
)

// partner is whether one takes part on a day, with which gemeenten, and by whom it
// is succeeded then: the rule of Members, from the list of what was said.
func (m model) partner(id string, day events.Date) (active bool, gemeenten, successor string) {
	for i, r := range m {
		switch d := r.Event.Data.(type) {
		case *events.PartnerAdmitted:
			if d.Partner == id && d.From <= day {
				active, gemeenten = true, strings.Join(d.Gemeenten, ",")
			}
		case *events.PartnerDeparted:
			if d.Partner == id && d.From <= day && !m[i+1:].movesDeparture(id) {
				active = false
			}
		case *events.PartnerSucceeded:
			if d.Partner == id && d.From <= day && m[i+1:].leavesHeir(d, day) {
				successor = d.By
			}
		}
	}
	return active && successor == "", gemeenten, successor
}

// movesDeparture reports whether the next word on a partner's part is a departure.
func (m model) movesDeparture(id string) bool {
	for _, r := range m {
		switch d := r.Event.Data.(type) {
		case *events.PartnerAdmitted:
			if d.Partner == id {
				return false
			}
		case *events.PartnerDeparted:
			if d.Partner == id {
				return true
			}
		}
	}
	return false
}

// leavesHeir reports whether what was said after a succession leaves it standing on
// a day.
func (m model) leavesHeir(s *events.PartnerSucceeded, day events.Date) bool {
	undone := false
	for _, r := range m {
		switch d := r.Event.Data.(type) {
		case *events.PartnerAdmitted:
			if d.Partner == s.Partner && d.From > s.From {
				if d.From <= day {
					return false
				}
				undone = true
			}
		case *events.PartnerSucceeded:
			if d.Partner == s.Partner && !undone {
				return false
			}
		}
	}
	return true
}

// goesOn is who does a partner's work on a day, and whether that one can be told.
func (m model) goesOn(partner string, day events.Date) (end string, listens bool) {
	seen := map[string]bool{}
	for end = partner; !seen[end]; {
		seen[end] = true
		if _, _, by := m.partner(end, day); by != "" && !seen[by] {
			end = by
		}
	}
	active, _, by := m.partner(end, day) // by somebody only in a ring, which the ledger lets in nowhere
	return end, active || by == "" && !m.knows(end, day)
}

// knows reports whether anything that counts on a day was said of a partner's part.
func (m model) knows(id string, day events.Date) bool {
	for i, r := range m {
		switch d := r.Event.Data.(type) {
		case *events.PartnerAdmitted:
			if d.Partner == id && d.From <= day {
				return true
			}
		case *events.PartnerDeparted:
			if d.Partner == id && d.From <= day && !m[i+1:].movesDeparture(id) {
				return true
			}
		}
	}
	return false
}
