package projections

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// model answers every question by going through the whole list of records. It
// shares nothing with the folds but the types of the answers.
type model []*events.Record

func (m model) record(p events.Position) *events.Record { return m[p-1] }

// alive are the events that still count.
func (m model) alive() (list []*events.Record) {
	dead := map[events.Position]bool{}
	for _, r := range m {
		dead[r.Target()] = true
	}
	for _, r := range m {
		if _, retracts := r.Event.Data.(*events.EventRetracted); !dead[r.Position] && !retracts {
			list = append(list, r)
		}
	}
	return list
}

// order is the position of the event that a chain of corrections began with.
func (m model) order(r *events.Record) events.Position {
	for r.Target() != 0 {
		r = m.record(r.Target())
	}
	return r.Position
}

// tied are the surviving events that name a root, in their order.
func (m model) tied(root events.Position, types ...events.Type) (list []*events.Record) {
	for _, r := range m.alive() {
		if r.Root() == root && slices.Contains(types, r.Event.Type) {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *events.Record) int { return cmp.Compare(m.order(a), m.order(b)) })
	return list
}

func days(day events.Date, p *events.Period) (from, to events.Date) {
	if p == nil {
		return day, day
	}
	return p.From, p.To
}

func (m model) contacts(employer string) []Contact {
	var list []Contact
	for _, r := range m.alive() {
		if e, ok := events.EmployerOf(r.Event.Data); !ok || e.Key() != employer {
			continue
		}
		c := Contact{Position: r.Position, Type: r.Event.Type, At: r.At, Partner: r.Partner,
			Source: r.Event.Source, ID: r.Event.ID, Count: 1, order: m.order(r)}
		switch d := r.Event.Data.(type) {
		case *events.VisitPlanned:
			c.Establishment = d.Establishment
			c.Purpose, c.Form, c.Approach, c.AccountManager = d.Purpose, d.Form, d.Approach, d.AccountManager
			c.TargetGroups, c.With, c.AtRequest, c.Note = d.TargetGroups, d.With, d.AtRequest, d.Note
			m.becameOf(&c, d)
		case *events.VisitMade:
			c.Establishment = d.Establishment
			c.Date, c.To, c.Status = d.Date, d.Date, "afgelegd"
			c.Purpose, c.Form, c.Approach, c.AccountManager = d.Purpose, d.Form, d.Approach, d.AccountManager
			c.Outcome, c.TargetGroups, c.With, c.AtRequest, c.Note = d.Outcome, d.TargetGroups, d.With, d.AtRequest, d.Note
		case *events.ServiceDelivered:
			c.Establishment = d.Establishment
			c.Date, c.To = days(d.Date, d.Period)
			c.Status, c.Service, c.TargetGroup = "geleverd", d.Service, d.TargetGroup
			if d.Count != nil {
				c.Count = *d.Count
			}
		case *events.PlacementMade:
			c.Establishment = d.Establishment
			c.Date, c.To, c.Status, c.End = d.Start, d.Start, "gerealiseerd", d.End
			c.Placement, c.PlacementKind, c.Hours, c.TargetGroup, c.Register, c.With =
				d.Placement, d.Kind, d.Hours, d.TargetGroup, d.Register, d.With
			for _, end := range m.tied(c.order, events.TypePlacementEnded) {
				c.End, c.Status = end.Event.Data.(*events.PlacementEnded).End, "beeindigd"
			}
		default:
			continue
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b Contact) int {
		return cmp.Or(cmp.Compare(b.To, a.To), cmp.Compare(b.order, a.order))
	})
	return list
}

// becameOf fills in the dates and status of a plan.
func (m model) becameOf(c *Contact, d *events.VisitPlanned) {
	c.Date, c.To = days(d.Date, d.Period)
	c.Status = "gepland"
	for _, r := range m.tied(c.order, events.TypeVisitMoved) {
		c.Status = "verzet"
		if moved := r.Event.Data.(*events.VisitMoved); m.order(r) > c.order {
			c.Date, c.To = days(moved.Date, moved.Period)
		}
	}
	if len(m.tied(c.order, events.TypeVisitCalledOff)) > 0 {
		c.Status = "afgezegd"
	}
	if len(m.tied(c.order, events.TypeVisitMade)) > 0 {
		c.Status = "afgelegd"
	}
}

func (m model) openPlans(employer string, today events.Date) (list []Contact) {
	for _, c := range m.contacts(employer) {
		if c.Type == events.TypeVisitPlanned && c.To >= today && (c.Status == "gepland" || c.Status == "verzet") {
			list = append(list, c)
		}
	}
	return list
}

func (m model) lastVisit(employer string, today events.Date) *Contact {
	for _, c := range m.contacts(employer) {
		if c.Type == events.TypeVisitMade && c.Date <= today {
			return &c
		}
	}
	return nil
}

func (m model) card(employer string) *Card {
	var card *Card
	var best events.Position
	for _, r := range m.alive() {
		if d, ok := r.Event.Data.(*events.EmployerDescribed); ok && d.Employer.Key() == employer && m.order(r) > best {
			best = m.order(r)
			card = &Card{Position: r.Position, At: r.At, Partner: r.Partner, Source: r.Event.Source, ID: r.Event.ID,
				Establishment: d.Establishment, Name: d.Name, Place: d.Place, Postcode: d.Postcode, Contacts: d.Contacts,
				Gemeente: d.Gemeente, SBICode: d.SBICode, SBIVersion: d.SBIVersion, Size: d.Size, Sector: d.Sector}
		}
	}
	return card
}

func (m model) fixedContacts(employer string) (list []FixedContact) {
	alive := m.alive()
	slices.SortFunc(alive, func(a, b *events.Record) int { return cmp.Compare(m.order(b), m.order(a)) })
	type partnerAt struct{ partner, establishment, purpose string }
	type at struct{ establishment, purpose string }
	decided, taken := map[partnerAt]bool{}, map[at]bool{}
	for _, r := range alive { // the last first
		var e events.Employer
		var purpose string
		var who events.Personal[events.AccountManager]
		appointed := false
		switch d := r.Event.Data.(type) {
		case *events.ContactAppointed:
			e, purpose, who, appointed = d.Employer, d.Purpose, d.AccountManager, true
		case *events.ContactReleased:
			e, purpose = d.Employer, d.Purpose
		default:
			continue
		}
		k := partnerAt{r.Partner, e.Establishment, purpose}
		if e.Key() != employer || decided[k] {
			continue
		}
		decided[k] = true
		if place := (at{e.Establishment, purpose}); appointed && !taken[place] {
			taken[place] = true
			list = append(list, FixedContact{Position: r.Position, At: r.At, Partner: r.Partner, Source: r.Event.Source,
				ID: r.Event.ID, Establishment: e.Establishment, Purpose: purpose, AccountManager: who})
		}
	}
	slices.SortFunc(list, func(a, b FixedContact) int {
		return cmp.Or(cmp.Compare(a.Establishment, b.Establishment), cmp.Compare(a.Purpose, b.Purpose))
	})
	return list
}

func (m model) placements(employer string) (list []MonthCount) {
	counts := map[MonthCount]int{}
	for _, c := range m.contacts(employer) {
		if c.Type == events.TypePlacementMade {
			counts[MonthCount{Month: string(c.Date[:7]), Partner: c.Partner}]++
		}
	}
	for k, n := range counts {
		k.Count = n
		list = append(list, k)
	}
	slices.SortFunc(list, func(a, b MonthCount) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Partner, b.Partner))
	})
	return list
}

// before is the book as it was when a month began.
func (m model) before(month string) model {
	for i, r := range m {
		if string(events.DateOf(r.At)[:7]) >= month {
			return m[:i]
		}
	}
	return m
}

func (m model) count() (list []Cell) {
	counts := map[Cell]int{}
	for _, r := range m.alive() {
		var measure string
		var on events.Date
		var named []string
		n := 1
		switch d := r.Event.Data.(type) {
		case *events.VisitMade:
			measure, on, named = "bezoeken", d.Date, d.TargetGroups
		case *events.ServiceDelivered:
			measure, named = "diensten", []string{d.TargetGroup}
			if on, _ = days(d.Date, d.Period); d.Count != nil {
				n = *d.Count
			}
		case *events.PlacementMade:
			measure, on, named = "plaatsingen", d.Start, []string{d.TargetGroup}
		default:
			continue
		}
		seen := map[string]bool{}
		for _, g := range append([]string{""}, named...) {
			if !seen[g] {
				seen[g] = true
				counts[Cell{Measure: measure, Month: string(on[:7]), Partner: r.Partner, TargetGroup: g}] += n
			}
		}
	}
	for c, n := range counts {
		c.Count = n
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.Month, b.Month),
			cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.TargetGroup, b.TargetGroup))
	})
	return list
}
