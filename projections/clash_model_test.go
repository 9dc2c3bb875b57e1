package projections

import (
	"cmp"
	"slices"
	"strings"

	"huisboek/events"
)

// clashModel is the naive register: after every record it looks at everything that
// survives, and remembers only what clashed and how each thing was seen last.
type clashModel struct {
	m     model
	now   map[events.Position]*seen
	last  map[events.Position]*seen
	found []Clash
}

// seen is an approach or a visit as the surviving events have it.
type seen struct {
	Party
	until, first                                         events.Date
	root                                                 events.Position
	open, holds, made, off, moved, atRequest, afterwards bool
	with, confirmed                                      []string
}

// add goes on to a next record.
func (g *clashModel) add(m model) {
	g.m, g.now = m, m.seen()
	if g.last == nil {
		g.last = map[events.Position]*seen{}
	}
	for id, x := range g.now {
		g.last[id] = x
	}
	r := m[len(m)-1]
	if r.Confirms() != 0 {
		return
	}
	for _, id := range g.about(r) {
		if x := g.now[id]; x != nil {
			g.find(r, x)
		}
	}
}

// about is which things a record is about.
func (g *clashModel) about(r *events.Record) (list []events.Position) {
	add := func(r *events.Record) {
		switch r.Event.Data.(type) {
		case *events.VisitPlanned, *events.VisitMade:
			list = append(list, g.m.order(r), r.Root())
		case *events.VisitMoved, *events.VisitCalledOff, *events.ApproachExtended:
			list = append(list, r.Root())
		case *events.JointVisitConfirmed:
			list = append(list, g.m.order(g.m.record(r.Confirms())))
		}
	}
	if r.Target() != 0 {
		add(g.m.record(r.Target()))
	}
	add(r)
	slices.Sort(list)
	return slices.Compact(list)
}

// seen is everything that survives and can clash.
func (m model) seen() map[events.Position]*seen {
	all := map[events.Position]*seen{}
	for _, c := range m.contacts(employerKeys...) {
		r := m.record(c.Position)
		x := &seen{atRequest: c.AtRequest, afterwards: r.Event.Afterwards, confirmed: m.takingPart(c.order)}
		x.Party = Party{ID: c.order, Position: c.Position, Partner: c.Partner, Employer: c.Employer, Establishment: c.Establishment,
			From: c.Date, To: c.To, Purpose: c.Purpose}
		for _, identity := range c.With {
			if partner := m[:r.Position].partnerOf(identity); partner != "" {
				x.with = append(x.with, m[:r.Position].family(partner, r.Verdict.Today)...)
			}
		}
		switch c.Type {
		case events.TypeVisitMade:
			x.Visit, x.root = true, r.Root()
		case events.TypeVisitPlanned:
			x.open, x.made, x.off = c.Open(), c.Status == "afgelegd", c.Status == "afgezegd"
			x.until, x.holds, x.Despite, x.first = c.Until, c.Holds, c.Despite, m.record(c.order).Verdict.Today
			for _, moved := range m.tied(c.order, events.TypeVisitMoved) {
				x.Position = max(x.Position, moved.Position)
				x.moved = x.moved || m.order(moved) > c.order
			}
			if x.Despite {
				said := m.record(x.Position)
				x.Source, x.Event = said.Event.Source, said.Event.ID
				switch d := said.Event.Data.(type) {
				case *events.VisitPlanned:
					x.Reason = d.Despite.Reason
				case *events.VisitMoved:
					x.Reason = d.Despite.Reason
				}
			}
		default:
			continue
		}
		all[c.order] = x
	}
	return all
}

// partnerOf is whose identity it was last said to be.
func (m model) partnerOf(identity string) (partner string) {
	for _, r := range m {
		if d, ok := r.Event.Data.(*events.PartnerAdmitted); ok && slices.Contains(d.Identities, identity) {
			partner = d.Partner
		}
	}
	return partner
}

func (g *clashModel) find(r *events.Record, x *seen) {
	today := r.Verdict.Today
	if x.afterwards || x.atRequest || !x.Visit && (!x.open || x.until < today) {
		return
	}
	terms := g.m.terms(r, x.Partner)
	for _, y := range g.now {
		mine, _ := g.m.goesOn(x.Partner, today)
		theirs, _ := g.m.goesOn(y.Partner, today)
		switch {
		case mine == theirs || y.afterwards || y.atRequest || g.known(x, y) || together(x, y):
			continue
		case !slices.Contains(g.m.same(x.Employer), y.Employer) || !concerns(x.Establishment, y.Establishment):
			continue
		}
		c := Clash{First: y.Party, Later: x.Party, Found: r.Position, FoundOn: events.DateOf(r.At)}
		if a := g.m.inForce(today); a != nil {
			c.Agreement = a.Position
		}
		c.Rule = ruleOf(x, y, &terms, today)
		switch c.Rule {
		case "":
			continue
		case "binnen-rustdagen":
			if x.From < y.From || x.From == y.From && x.ID < y.ID {
				c.First, c.Later = c.Later, c.First
			}
		}
		c.employers = [2]string{c.First.Employer, c.Later.Employer}
		c.subregion = x.Partner // stands for its terms: see ends
		g.found = append(g.found, c)
	}
}

func (m model) inForce(day events.Date) *events.Record {
	var in *events.Record
	for _, r := range m {
		if d, ok := r.Event.Data.(*events.AgreementSet); ok && d.From <= day && (in == nil || d.From >= in.Event.Data.(*events.AgreementSet).From) {
			in = r
		}
	}
	return in
}

func ruleOf(x, y *seen, terms *events.Terms, today events.Date) string {
	apart := func(from, to events.Date) bool { return to > from.AddDays(terms.QuietDays) }
	plans, quiet := terms.Actions.OtherPlan != "niets", terms.Actions.Quiet != "niets"
	switch {
	case x.Visit && y.Visit:
		early, late := x, y
		if y.From < x.From {
			early, late = y, x
		}
		disturb := terms.Disturb(late.Purpose, early.Purpose) || x.From == y.From && terms.Disturb(early.Purpose, late.Purpose)
		if quiet && disturb && !apart(early.From, late.From) {
			return "binnen-rustdagen"
		}
	case y.Visit || !plans || !y.open || !y.holds || !terms.Disturb(x.Purpose, y.Purpose):
	case x.Visit:
		if y.first <= x.From && x.From <= y.until && !apart(x.From, y.From) {
			return "bezoek-tijdens-plan"
		}
	case y.until >= today && !apart(x.until, y.From) && !apart(y.until, x.From):
		return "twee-plannen"
	}
	return ""
}

func (g *clashModel) known(x, y *seen) bool {
	return slices.ContainsFunc(g.found, func(c Clash) bool {
		return c.First.ID == x.ID && c.Later.ID == y.ID || c.First.ID == y.ID && c.Later.ID == x.ID
	})
}

func together(x, y *seen) bool {
	return slices.Contains(x.with, y.Partner) && slices.Contains(y.with, x.Partner) ||
		slices.Contains(x.confirmed, y.Partner) || slices.Contains(y.confirmed, x.Partner)
}

// clashes is the register on a day, the newest first.
func (g *clashModel) clashes(today events.Date) (list []Clash) {
	for _, c := range g.found {
		first, later := g.now[c.First.ID], g.now[c.Later.ID]
		c.End = g.end(&c, first, later, today)
		c.First, c.Later = g.shown(c.First.ID), g.shown(c.Later.ID)
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b Clash) int {
		return cmp.Or(cmp.Compare(b.Found, a.Found), cmp.Compare(a.First.ID, b.First.ID), cmp.Compare(a.Later.ID, b.Later.ID))
	})
	return list
}

// shown is a party as it was seen last.
func (g *clashModel) shown(id events.Position) Party {
	x := *g.last[id]
	if g.now[id] == nil {
		x.Party.Reason, x.Party.Source, x.Party.Event = events.Personal[string]{}, "", ""
	}
	x.Announced = x.Visit && g.announced(&x)
	return x.Party
}

func (g *clashModel) announced(x *seen) bool {
	plan := g.now[x.root]
	return plan != nil && plan.first < x.From
}

func (g *clashModel) end(c *Clash, first, later *seen, today events.Date) string {
	if first == nil || later == nil {
		return "ingetrokken"
	}
	if together(first, later) {
		return "samen"
	}
	terms := g.m[:c.Found].terms(g.m.record(c.Found), c.subregion)
	stands := first.Employer == c.employers[0] && later.Employer == c.employers[1] && concerns(first.Establishment, later.Establishment) &&
		!first.atRequest && !later.atRequest && !first.afterwards && !later.afterwards
	lasts := func(x *seen) events.Date {
		if x.Visit {
			return x.From
		}
		return x.until
	}
	if lasts(first).AddDays(terms.QuietDays) < later.From || lasts(later).AddDays(terms.QuietDays) < first.From {
		stands = false
	}
	switch {
	case c.Rule != "binnen-rustdagen":
		stands = stands && terms.Disturb(later.Purpose, first.Purpose)
	case first.From < later.From:
		stands = stands && terms.Disturb(later.Purpose, first.Purpose)
	case first.From > later.From:
		stands = stands && terms.Disturb(first.Purpose, later.Purpose)
	default:
		stands = stands && (terms.Disturb(later.Purpose, first.Purpose) || terms.Disturb(first.Purpose, later.Purpose))
	}
	switch {
	case !stands && (first.moved || later.moved):
		return "verzet"
	case !stands:
		return "ingetrokken"
	case first.off || later.off:
		return "afgezegd"
	case (first.Visit || first.made) && (later.Visit || later.made):
		return "beide-gegaan"
	case first.open && first.until < today || later.open && later.until < today:
		return "verlopen"
	}
	return "open"
}

// working is the figures, counted one by one.
func (g *clashModel) working(from, to string, today events.Date) (list []Working) {
	cells := map[string]*Working{}
	cell := func(day events.Date, partner string) *Working {
		if day.Month() < from || day.Month() > to {
			return &Working{}
		}
		key := day.Month() + partner
		if cells[key] == nil {
			cells[key] = &Working{Month: day.Month(), Partner: partner}
		}
		return cells[key]
	}
	all := g.clashes(today)
	for _, x := range g.now {
		switch {
		case x.afterwards:
		case x.Visit:
			w := cell(x.From, x.Partner)
			w.Visits++
			if g.announced(x) {
				w.Announced++
			}
			if slices.ContainsFunc(all, func(c Clash) bool {
				return (c.First.ID == x.ID || c.Later.ID == x.ID) && c.End != "ingetrokken" && c.End != "samen"
			}) {
				w.Clashed++
			}
		default:
			w := cell(x.until, x.Partner)
			w.Plans++
			if x.open && x.until < today {
				w.Unused++
			}
			if x.Despite {
				w.Despite++
			}
		}
	}
	for _, w := range cells {
		list = append(list, *w)
	}
	slices.SortFunc(list, func(a, b Working) int {
		return cmp.Or(strings.Compare(a.Month, b.Month), strings.Compare(a.Partner, b.Partner))
	})
	return list
}
