package story

import "huisboek/events"

// follow tells what came of a visit: a next one, a service, a placement.
func (t *thread) follow(day int, outcome []string) {
	if t.dice.chance(16) {
		t.service(t.cal.later(day, t.dice.between(3, 30)), t.serviceKind())
	}
	if len(outcome) == 0 {
		return
	}
	switch outcome[0] {
	case "vervolgafspraak":
		if t.dice.chance(55) {
			t.again(t.cal.later(day, t.dice.between(1, 10)))
		}
	case "vacature":
		t.vacancy(day)
	case "proefplaatsing":
		from := t.cal.later(day, t.dice.between(3, 15))
		to := t.cal.later(from, t.dice.between(20, 42))
		t.thread(t.employer, t.partner).emit(t.cal.later(to, 1), &events.ServiceDelivered{
			Employer: t.employer.ref(), Service: "proefplaatsing", TargetGroup: t.targetGroup(),
			Period: &events.Period{From: t.cal.date(from), To: t.cal.date(to)},
		})
		if t.dice.chance(55) {
			t.placement(t.cal.later(to, t.dice.between(2, 6)))
		}
	}
}

// again is the next approach by the same account manager.
func (t *thread) again(day int) {
	next := t.thread(t.employer, t.partner)
	next.manager = t.manager
	next.approach(day, draw(t.dice, purposes))
}

func (t *thread) serviceKind() string {
	return draw(t.dice, []weighted[string]{
		{"loonkostensubsidie", 20}, {"no-riskpolis", 16}, {"jobcoach", 15}, {"werkplekaanpassing", 7}, {"jobcarving", 8},
		{"functiecreatie", 4}, {"bedrijfsadvies", 10}, {"loonwaardemeting", 8}, {"leerwerktraject", 5}, {"voorlichting", 6}, {"overig", 1},
	})
}

// service tells of a service delivered on a day; now and then by mistake.
func (t *thread) service(day int, kind string) {
	th := t.thread(t.employer, t.partner)
	delivered := events.ServiceDelivered{Employer: t.employer.ref(), Service: kind, Date: t.cal.date(day)}
	if t.dice.chance(70) {
		delivered.TargetGroup = t.targetGroup()
	}
	if t.dice.chance(12) {
		count := t.dice.between(2, 6)
		delivered.Count = &count
	}
	ref, ok := th.emit(day, &delivered)
	if !ok {
		return
	}
	switch n := t.dice.IntN(100); {
	case n < 2:
		th.retract(t.cal.later(day, t.dice.between(0, 6)), ref, mistakes)
	case n < 4:
		corrected := delivered
		corrected.Service = t.serviceKind()
		corrected.Replaces = &ref
		th.emit(t.cal.later(day, t.dice.between(1, 6)), &corrected)
	}
}

// placement tells of a person at work from a day on, reported within days, and of
// its end when that came within the year.
func (t *thread) placement(start int) {
	th := t.thread(t.employer, t.partner)
	made := events.PlacementMade{
		Employer:    t.employer.ref(),
		Placement:   t.dice.uuid(),
		Start:       t.cal.date(start),
		Kind:        t.placementKind(),
		Region:      Region,
		TargetGroup: t.targetGroup(),
		Sector:      t.employer.sector,
	}
	if hours := t.hours(); t.dice.chance(90) {
		made.Hours = &hours
	}
	// Beschut werk stands outside the banenafspraak. Of whom may well be in the register it is always said.
	register := made.TargetGroup == "DD03" || made.TargetGroup == "DD02" && t.dice.chance(50)
	if made.Kind != "beschut-werk" && (t.dice.chance(85) || made.TargetGroup == "DD02" || made.TargetGroup == "DD03") {
		made.Register = &register
	}
	if made.Kind != "beschut-werk" && t.dice.chance(35) {
		made.End = t.cal.date(start + pick(t.dice, []int{91, 182, 212, 365}))
	}
	reported := t.cal.later(start, t.dice.IntN(8))
	ref, ok := th.emit(reported, &made)
	if !ok {
		return
	}
	switch n := t.dice.IntN(100); {
	case n < 2:
		corrected := made
		corrected.TargetGroup = t.targetGroup()
		corrected.Replaces = &ref
		th.emit(t.cal.later(reported, t.dice.between(1, 8)), &corrected)
	case n < 3:
		th.retract(t.cal.later(reported, t.dice.between(0, 8)), ref, mistakes)
	case n < 36:
		if end := t.cal.later(start, t.dice.between(15, 150)); made.End == "" || t.cal.date(end).Before(made.End) {
			th.emit(t.cal.later(end, t.dice.between(1, 9)), &events.PlacementEnded{Placement: made.Placement, End: t.cal.date(end)})
		}
	}
}

func (t *thread) placementKind() string {
	kinds := []weighted[string]{{"dienstverband", 64}, {"uitzend", 19}, {"detachering", 4}, {"bbl", 8}, {"overig", 5}}
	if t.partners[t.partner].Kind == "sw" {
		kinds = []weighted[string]{{"detachering", 46}, {"beschut-werk", 26}, {"dienstverband", 22}, {"overig", 6}}
	}
	return draw(t.dice, kinds)
}

func (t *thread) hours() events.Hundredths {
	return draw(t.dice, []weighted[events.Hundredths]{
		{1200, 6}, {1600, 8}, {2000, 14}, {2400, 18}, {2550, 10}, {2800, 8}, {3200, 16}, {3600, 10}, {3650, 2}, {3800, 4}, {4000, 4},
	})
}
