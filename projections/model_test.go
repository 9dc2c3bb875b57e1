package projections

import (
	"cmp"
	"maps"
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

func (m model) contacts(employers ...string) []Contact {
	var list []Contact
	for _, r := range m.alive() {
		e, ok := events.EmployerOf(r.Event.Data)
		if !ok || !slices.Contains(employers, e.Key()) {
			continue
		}
		c := Contact{Position: r.Position, Type: r.Event.Type, At: r.At, Partner: r.Partner, Employer: e.Key(),
			Source: r.Event.Source, ID: r.Event.ID, Count: 1, order: m.order(r)}
		switch d := r.Event.Data.(type) {
		case *events.VisitPlanned:
			c.Establishment = d.Establishment
			c.Purpose, c.Form, c.Approach, c.AccountManager = d.Purpose, d.Form, d.Approach, d.AccountManager
			c.TargetGroups, c.With, c.AtRequest, c.Note = d.TargetGroups, d.With, d.AtRequest, d.Note
			m.becameOf(&c, r, d)
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
		case *events.VacancyReported:
			c.Establishment = d.Establishment
			c.Date = or(d.Date, r.Verdict.Today)
			c.To, c.Vacancy, c.Occupation, c.Count, c.Hours = c.Date, d.Vacancy, d.Occupation, d.Count, d.Hours
			m.filledOf(&c)
		case *events.SignalNoted:
			c.Establishment = d.Establishment
			c.Date = or(d.Date, r.Verdict.Today)
			c.To, c.Status, c.Theme, c.Note = c.Date, "opgevangen", d.Theme, d.Text
		default:
			continue
		}
		if len(c.With) > 0 {
			c.Confirmed = m.confirmed(c.order)
		}
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b Contact) int {
		return cmp.Or(cmp.Compare(b.To, a.To), cmp.Compare(b.order, a.order))
	})
	return list
}

func or(day, otherwise events.Date) events.Date {
	if day == "" {
		return otherwise
	}
	return day
}

// filledOf fills in what became of a vacancy.
func (m model) filledOf(c *Contact) {
	for _, r := range m.tied(c.order, events.TypeVacancyFilled) {
		if n := r.Event.Data.(*events.VacancyFilled).Count; n != nil {
			c.Filled += *n
		} else if c.Filled < c.Count {
			c.Filled = c.Count
		}
	}
	switch withdrawn := len(m.tied(c.order, events.TypeVacancyWithdrawn)) > 0; {
	case c.Filled >= c.Count:
		c.Status = "vervuld"
	case withdrawn:
		c.Status = "ingetrokken"
	default:
		c.Status = "open"
	}
}

func (m model) vacancies(employers ...string) (list []Vacancy) {
	for _, c := range m.contacts(employers...) {
		if c.Type == events.TypeVacancyReported && c.Status == "open" {
			list = append(list, Vacancy{Position: c.Position, At: c.At, Partner: c.Partner, ID: c.Vacancy, Employer: c.Employer,
				Establishment: c.Establishment, Occupation: c.Occupation, Count: c.Count, Filled: c.Filled, Hours: c.Hours, Date: c.Date})
		}
	}
	slices.Reverse(list) // the timeline is newest first
	return list
}

// becameOf fills in the dates and status of a plan, and whether and until when it holds.
func (m model) becameOf(c *Contact, r *events.Record, d *events.VisitPlanned) {
	c.Date, c.To = days(d.Date, d.Period)
	c.Status = "gepland"
	period, word := c.Date != c.To, r // on whether it holds, and until when: what was recorded last
	var extended events.Date
	despite := d.Despite
	for _, r := range m.tied(c.order, events.TypeVisitMoved, events.TypeApproachExtended) {
		switch d := r.Event.Data.(type) {
		case *events.VisitMoved:
			if r.Position > word.Position {
				word, despite = r, d.Despite
			}
			c.Status = "verzet"
			extended = ""
			if c.Date, c.To = days(d.Date, d.Period); period && c.Date == c.To {
				c.Status = "bevestigd"
			}
		case *events.ApproachExtended:
			if c.Date != c.To { // a day is not extended
				c.To, extended = max(c.To, d.To), max(extended, d.To)
			}
		}
	}
	c.Despite = slices.Contains(word.Verdict.Reasons, "ondanks")
	switch word.Verdict.Outcome {
	case "vrij", "let-op":
		c.Holds = true
	case "bezet":
		c.Holds = despite != nil
	}
	if word.Event.Afterwards {
		c.Holds = false
	}
	terms := m.terms(word, word.Partner)
	c.Until = max(extended, terms.HoldsUntil(m.record(c.order).Verdict.Today, word.Verdict.Today, c.Date, c.To))
	if len(m.tied(c.order, events.TypeVisitCalledOff)) > 0 {
		c.Status = "afgezegd"
	}
	if len(m.tied(c.order, events.TypeVisitMade)) > 0 {
		c.Status = "afgelegd"
	}
}

// terms are those of the agreement in force on the day of a record, for the partner
// that it is of.
func (m model) terms(r *events.Record, partner string) events.Terms {
	var all events.Agreements
	subregion := ""
	for _, x := range m[:r.Position] {
		switch d := x.Event.Data.(type) {
		case *events.AgreementSet:
			all = append(all, events.RecordedAgreement{Position: x.Position, AgreementSet: *d})
		case *events.PartnerAdmitted:
			if d.Partner == partner && d.From <= r.Verdict.Today {
				subregion = d.Subregion
			}
		}
	}
	return all.On(r.Verdict.Today).For(subregion)
}

// confirmed is who said to take part in what began at a position.
func (m model) confirmed(order events.Position) (partners []string) {
	for _, r := range m.alive() {
		if r.Confirms() != 0 && m.order(m.record(r.Confirms())) == order && !slices.Contains(partners, r.Partner) {
			partners = append(partners, r.Partner)
		}
	}
	return partners
}

// takingPart is for whom that was: who was the same as the one that said so, then.
func (m model) takingPart(order events.Position) (all []string) {
	for _, r := range m.alive() {
		if r.Confirms() != 0 && m.order(m.record(r.Confirms())) == order {
			all = append(all, m[:r.Position].family(r.Partner, r.Verdict.Today)...)
		}
	}
	return all
}

// family is everybody whose work is gone on with by the same partner, on a day.
func (m model) family(partner string, day events.Date) (all []string) {
	end, _ := m.goesOn(partner, day)
	for _, other := range partners {
		if its, _ := m.goesOn(other, day); its == end {
			all = append(all, other)
		}
	}
	return all
}

// level is the last word on who approaches an employer, or one of its establishments.
func (m model) level(establishment string, employers ...string) (last *Level) {
	for _, r := range m {
		if d, ok := r.Event.Data.(*events.LevelSet); ok && slices.Contains(employers, d.Employer.Key()) && d.Establishment == establishment {
			last = &Level{Position: r.Position, At: r.At, Partner: r.Partner, Employer: d.Employer.Key(), Establishment: establishment, Level: d.Level,
				Source: r.Event.Source, ID: r.Event.ID, Reason: d.Reason}
		}
	}
	return last
}

// spared is the last word on each establishment of an employer.
func (m model) spared(employers ...string) (list []Spared) {
	last := map[string]Spared{}
	for _, r := range m {
		if d, ok := r.Event.Data.(*events.EmployerSpared); ok && slices.Contains(employers, d.Employer.Key()) {
			last[d.Establishment] = Spared{Position: r.Position, At: r.At, Partner: r.Partner, Employer: d.Employer.Key(),
				Establishment: d.Establishment, From: d.From, To: d.To, Ground: d.Ground, Purposes: d.Purposes, Lifted: d.Lifted,
				Source: r.Event.Source, ID: r.Event.ID, Reason: d.Reason}
		}
	}
	for _, establishment := range slices.Sorted(maps.Keys(last)) {
		list = append(list, last[establishment])
	}
	return list
}

func (m model) openPlansOf(employers []string, today events.Date) (list []Contact) {
	for _, c := range m.contacts(employers...) {
		if c.Type == events.TypeVisitPlanned && c.Until >= today && (c.Status == "gepland" || c.Status == "verzet" || c.Status == "bevestigd") {
			list = append(list, c)
		}
	}
	return list
}

func (m model) lastVisit(employers []string, today events.Date) *Contact {
	for _, c := range m.contacts(employers...) {
		if c.Type == events.TypeVisitMade && c.Date <= today {
			return &c
		}
	}
	return nil
}

func (m model) card(employers ...string) *Card {
	for _, e := range employers {
		if card := m.cardOf(e); card != nil {
			return card
		}
	}
	return nil
}

func (m model) cardOf(employer string) *Card {
	var card *Card
	var best events.Position
	for _, r := range m.alive() {
		d, ok := r.Event.Data.(*events.EmployerDescribed)
		if ok && d.Employer.Key() == employer && m.order(r) > best {
			best = m.order(r)
			card = &Card{Position: r.Position, At: r.At, Partner: r.Partner, Source: r.Event.Source, ID: r.Event.ID,
				Employer: d.Employer.Key(), Establishment: d.Establishment, Name: d.Name, Place: d.Place, Postcode: d.Postcode, Contacts: d.Contacts,
				Gemeente: d.Gemeente, SBICode: d.SBICode, SBIVersion: d.SBIVersion, Size: d.Size, Sector: d.Sector}
		}
	}
	return card
}

func (m model) fixedContacts(employers ...string) (list []FixedContact) {
	alive := m.alive()
	slices.SortFunc(alive, func(a, b *events.Record) int { return cmp.Compare(m.order(b), m.order(a)) })
	type at struct{ establishment, purpose string }
	said, taken := map[at][]*events.Record{}, map[at]bool{}
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
		place := at{e.Establishment, purpose}
		decided := slices.ContainsFunc(said[place], func(later *events.Record) bool {
			end, _ := m[:later.Position].goesOn(r.Partner, later.Verdict.Today)
			return r.Partner == later.Partner || end == later.Partner
		})
		if !slices.Contains(employers, e.Key()) {
			continue
		}
		said[place] = append(said[place], r) // also when decided: who it was for then may work for itself again
		if appointed && !decided && !taken[place] {
			taken[place] = true
			list = append(list, FixedContact{Position: r.Position, At: r.At, Partner: r.Partner, Source: r.Event.Source,
				ID: r.Event.ID, Employer: e.Key(), Establishment: e.Establishment, Purpose: purpose, AccountManager: who})
		}
	}
	slices.SortFunc(list, func(a, b FixedContact) int {
		return cmp.Or(cmp.Compare(a.Establishment, b.Establishment), cmp.Compare(a.Purpose, b.Purpose))
	})
	return list
}

func (m model) placements(employers ...string) (list []MonthCount) {
	counts := map[MonthCount]int{}
	for _, c := range m.contacts(employers...) {
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

// report is the surviving report of the vacancy that began at a root, or nil.
func (m model) report(root events.Position) *events.VacancyReported {
	for _, r := range m.alive() {
		if d, ok := r.Event.Data.(*events.VacancyReported); ok && m.order(r) == root {
			return d
		}
	}
	return nil
}

// places is how many places an event filled; without a number all that those before
// it had left.
func (m model) places(r *events.Record) int {
	left := m.report(r.Root()).Count
	for _, other := range m.tied(r.Root(), events.TypeVacancyFilled) {
		n := max(0, left)
		if given := other.Event.Data.(*events.VacancyFilled).Count; given != nil {
			n = *given
		}
		if other == r {
			return n
		}
		left -= n
	}
	return 0
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
		case *events.SignalNoted:
			measure, on, named = "signalen", or(d.Date, r.Verdict.Today), []string{d.Theme}
		case *events.VacancyReported:
			measure, on, n = "vacatures", or(d.Date, r.Verdict.Today), d.Count
		case *events.VacancyFilled:
			if m.report(r.Root()) == nil {
				continue
			}
			measure, on, n = "vacatures-vervuld", d.Date, m.places(r)
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
		if c.Count = n; n != 0 {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Measure, b.Measure), cmp.Compare(a.Month, b.Month),
			cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.TargetGroup, b.TargetGroup))
	})
	return list
}
