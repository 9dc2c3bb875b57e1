package targets

import (
	"slices"
	"time"

	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/projections"
)

// author writes random books that keep the ledger's rules.
type author struct {
	*tale
	t     *rapid.T
	alive []*events.Record // what partners said and neither took back nor corrected
	there []string         // partners that take part
	about Measure          // what most is told of
}

func (a *author) int(lo, hi int) int     { return rapid.IntRange(lo, hi).Draw(a.t, "") }
func pick[T any](a *author, from ...T) T { return rapid.SampledFrom(from).Draw(a.t, "") }

func (a *author) day() events.Date {
	return events.Date("2025-11-20").AddDays(7 * a.int(0, 65)).AddDays(a.int(0, 1))
}

func (a *author) of(typ events.Type) (list []*events.Record) {
	for _, r := range a.alive {
		if r.Event.Type == typ {
			list = append(list, r)
		}
	}
	return list
}

func (a *author) placement() *events.PlacementMade {
	d := &events.PlacementMade{
		Employer: employerNamed(pick(a, "bakker", "molen", "smid")), Start: a.day(), Region: "AM07",
		Kind: pick(a, "dienstverband", "bbl", "beschut-werk"), TargetGroup: pick(a, "", "DD02", "DD05"), Sector: pick(a, "", "markt", "overheid"),
		Register: pick(a, nil, ptr(true), ptr(false)), Hours: pick(a, nil, ptr(events.Hundredths(800)), ptr(events.Hundredths(2000)), ptr(events.Hundredths(3200))),
	}
	for _, p := range partnerIDs[:3] {
		d.With = append(d.With, identityOf(p))
	}
	if a.int(0, 3) == 0 {
		d.End = d.Start.AddDays(pick(a, 0, 28, 29, 30, 100, 200))
	}
	return d
}

func (a *author) definition() *events.TargetSet {
	d := &events.TargetSet{
		Target: theTarget, Name: "Doel", Number: a.int(1, 100),
		Period:  &events.Period{From: pick[events.Date](a, "2026-01-01", "2026-02-10"), To: pick[events.Date](a, "2026-12-31", "2026-10-15")},
		Measure: a.about,
	}
	if d.OfPlacements() {
		d.Definition.Standing = a.int(0, 3) == 0
		d.Definition.LeastDays = pick(a, nil, ptr(30), ptr(180))
		d.Definition.Kinds = pick(a, nil, nil, []string{"dienstverband", "bbl"}, []string{"beschut-werk"})
		d.Groups = pick(a, nil, nil, []string{"DD02"}, []string{"DD02", "DD05"})
		d.Register = pick(a, nil, nil, ptr(true), ptr(false))
		d.Definition.LeastHours = pick(a, nil, nil, ptr(events.Hundredths(1200)))
		d.Sector = pick(a, "", "", "markt")
	}
	if a.int(0, 4) == 0 {
		d.Subregion = "Noord"
	}
	if a.int(0, 1) == 0 {
		d.Shares = []events.TargetShare{{Partner: identityOf(partnerIDs[0]), Number: a.int(0, 50)}, {Partner: identityOf(partnerIDs[4]), Number: 7}}
	}
	return d
}

// step says one more thing.
func (a *author) step() {
	if a.int(0, 2) == 0 {
		a.at = a.at.Add(time.Duration(a.int(1, 40)) * 24 * time.Hour)
	}
	partner := pick(a, a.there...)
	told := func(r *events.Record) { a.alive = append(a.alive, r) }
	n := a.int(0, 19)
	if n < 5 { // most is told of what is counted
		n = map[projections.Part]int{projections.PartVisits: 5, projections.PartServices: 6, projections.PartVacancies: 7 + a.int(0, 1)}[partOf(a.about)]
	}
	switch n {
	case 0:
		d := a.placement()
		d.Placement = a.uuid()
		told(a.tell(partner, d))
	case 5:
		told(a.tell(partner, &events.VisitMade{Employer: employerNamed(pick(a, "bakker", "molen", "smid")), Date: a.day(), Purpose: "nazorg", Form: "video", With: []string{identityOf(partnerIDs[0]), identityOf(partnerIDs[1])}}))
	case 6:
		told(a.tell(partner, &events.ServiceDelivered{Employer: employerNamed("bakker"), Service: "jobcoach", Date: a.day(), Count: pick(a, nil, ptr(1), ptr(5))}))
	case 7:
		told(a.tell(partner, &events.VacancyReported{Employer: employerNamed("bakker"), Vacancy: a.uuid(), Occupation: "bakker", Count: a.int(1, 5), Date: a.day()}))
	case 8:
		if list := a.of(events.TypeVacancyReported); len(list) > 0 {
			v := pick(a, list...)
			told(a.tell(v.Partner, &events.VacancyFilled{Vacancy: v.Event.Data.(*events.VacancyReported).Vacancy, Date: a.day(), Count: pick(a, nil, ptr(1), ptr(2))}, a.rootOf(v)))
		}
	case 9, 10:
		if list := a.of(events.TypePlacementMade); len(list) > 0 {
			p := pick(a, list...)
			d := p.Event.Data.(*events.PlacementMade)
			told(a.tell(p.Partner, &events.PlacementEnded{Placement: d.Placement, End: d.Start.AddDays(pick(a, 0, 29, 30, 179, 180, 250))}, a.rootOf(p)))
		}
	case 11:
		if len(a.alive) > 0 {
			a.take(pick(a, a.alive...), nil)
		}
	case 12, 13:
		if list := slices.Concat(a.of(events.TypePlacementMade), a.of(events.TypePlacementEnded)); len(list) > 0 {
			old := pick(a, list...)
			switch d := old.Event.Data.(type) {
			case *events.PlacementMade:
				n := a.placement()
				n.Placement = d.Placement
				a.take(old, n)
			case *events.PlacementEnded:
				a.take(old, &events.PlacementEnded{Placement: d.Placement, End: a.day()})
			}
		}
	case 14:
		if list := slices.Concat(a.of(events.TypePlacementMade), a.of(events.TypeVisitMade)); len(list) > 0 {
			of := pick(a, list...)
			if by := pick(a, a.there...); by != of.Partner && slices.Index(partnerIDs, by) < 2 {
				told(a.confirm(by, of))
			}
		}
	case 15, 16, 17:
		a.match()
	case 18:
		switch a.int(0, 5) {
		case 0:
			a.tell(theBook, &events.PartnerDeparted{Partner: partnerIDs[2], From: a.day(), Past: pick(a, "", events.PastStays, events.PastLeaves)})
		case 1:
			a.admit(partnerIDs[2], "sw", a.day(), pick(a, "", "Noord"))
		case 2:
			a.link("bakker", pick(a, "molen", "smid"))
		}
	case 19:
		a.tell(theBook, a.definition())
	}
}

// take takes something back, or puts other data in its place.
func (a *author) take(old *events.Record, data events.Data) {
	a.alive = slices.DeleteFunc(a.alive, func(r *events.Record) bool { return r == old })
	if data == nil {
		a.retract(old)
		return
	}
	a.alive = append(a.alive, a.correct(old, data))
}

// match says of two placements that they are the same, or are not.
func (a *author) match() {
	list := a.of(events.TypePlacementMade)
	if len(list) < 2 {
		return
	}
	x, y := pick(a, list...), pick(a, list...)
	if x.Partner == y.Partner {
		return
	}
	by := pick(a, x.Partner, y.Partner, theBook)
	if a.int(0, 2) > 0 {
		a.tell(by, &events.PlacementsMatched{Placement: refOf(x), With: refOf(y)}, a.rootOf(x), a.rootOf(y))
	} else {
		a.tell(by, &events.PlacementsDistinct{Placement: refOf(x), With: refOf(y)}, a.rootOf(x), a.rootOf(y))
	}
}
