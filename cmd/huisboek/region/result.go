package region

import (
	"slices"

	"huisboek/events"
)

var (
	services = []share[string]{
		{"loonkostensubsidie", 20}, {"no-riskpolis", 16}, {"jobcoach", 15}, {"werkplekaanpassing", 7}, {"jobcarving", 8}, {"functiecreatie", 4},
		{"bedrijfsadvies", 10}, {"loonwaardemeting", 8}, {"leerwerktraject", 5}, {"voorlichting", 6}, {"overig", 1},
	}
	kinds          = []share[string]{{"dienstverband", 62}, {"uitzend", 18}, {"detachering", 8}, {"bbl", 6}, {"overig", 6}}
	shelteredKinds = []share[string]{{"detachering", 46}, {"beschut-werk", 26}, {"dienstverband", 22}, {"overig", 6}}
	themes         = []share[string]{
		{"personeelstekort", 26}, {"scholing", 13}, {"duurzame-inzetbaarheid", 9}, {"inclusief-werken", 8}, {"taal", 8}, {"bereikbaarheid", 9},
		{"huisvesting", 5}, {"regelgeving", 8}, {"dienstverlening", 4}, {"groei", 6}, {"krimp", 4},
	}
	hours = []share[events.Hundredths]{
		{1200, 6}, {1600, 8}, {2000, 14}, {2400, 18}, {2550, 10}, {2800, 8}, {3200, 16}, {3600, 10}, {3800, 6}, {4000, 4},
	}
	jobs = []string{"Productiemedewerker", "Inpakker", "Lasser", "Timmerman", "Monteur", "Orderpicker", "Chauffeur", "Vakkenvuller", "Medewerker keuken", "Schoonmaker", "Groepshulp"}
	said = []string{"De avondploeg is niet rond te krijgen.", "Zoekt een korte vakopleiding in de regio.", "Voor zes uur rijdt er geen bus.", "Nieuwe mensen vinden hier geen woning."}
	same = []string{"Zelfde bedrijf: adres en eigenaar komen overeen.", "Navraag gedaan."}
)

// follow tells what came of a visit: a signal, a service, a next one, a vacancy, a
// placement.
func (t *thread) follow(outcome []string) {
	if t.chance(6) {
		t.later(0, t.signal)
	}
	if t.chance(12) {
		t.later(t.between(3, 30), t.service)
	}
	if len(outcome) == 0 {
		return
	}
	switch next := *t; outcome[0] {
	case "vervolgafspraak":
		if next.joint = false; t.chance(40) {
			t.later(t.between(1, 10), next.plan)
		}
	case "vacature":
		t.later(t.IntN(3), t.vacancy)
	case "proefplaatsing":
		from := t.between(3, 15)
		to := from + t.between(20, 42)
		period := &events.Period{From: t.in(from), To: t.in(to)}
		t.later(to+1, func() {
			t.emit(period.From, &events.ServiceDelivered{Employer: t.employer, Service: "proefplaatsing", TargetGroup: t.group(), Period: period})
			if t.chance(55) {
				t.placement()
			}
		})
	}
}

// service tells of a service that was delivered today; now and then by mistake.
func (t *thread) service() {
	s := &events.ServiceDelivered{Employer: t.employer, Service: draw(t.dice, services), Date: t.today()}
	if t.chance(70) {
		s.TargetGroup = t.group()
	}
	ref := t.emit(s.Date, s)
	switch n := t.IntN(100); {
	case n < 2:
		t.later(t.IntN(6), func() { t.retract(ref) })
	case n < 4:
		t.later(t.between(1, 6), func() {
			corrected := *s
			corrected.Service, corrected.Replaces = draw(t.dice, services), &ref
			t.emit(s.Date, &corrected)
		})
	}
}

// signal tells what an employer said that is no vacancy.
func (t *thread) signal() {
	t.emit(t.today(), &events.SignalNoted{Employer: t.employer, Theme: draw(t.dice, themes), Date: t.today(), Text: t.perhaps(45, said)})
}

// followed asks for messages on an employer, for a time.
func (t *thread) followed() {
	t.emit(t.today(), &events.EmployerFollowed{Employer: t.employer})
	if t.chance(60) {
		t.later(t.between(5, 120), func() { t.emit(t.today(), &events.EmployerUnfollowed{Employer: t.employer}) })
	}
}

// appoint agrees on a fixed contact, for a time or for good.
func (t *thread) appoint() {
	a := &events.ContactAppointed{Employer: t.employer, AccountManager: t.person()}
	if t.chance(20) {
		a.Purpose = "vacature"
	}
	t.emit(t.today(), a)
	if t.chance(40) {
		t.later(t.between(40, 160), func() {
			t.emit(t.today(), &events.ContactReleased{Employer: t.employer, Purpose: a.Purpose})
		})
	}
}

// vacancy tells of a vacancy, and of who was found for it, if anybody.
func (t *thread) vacancy() {
	wanted := draw(t.dice, []share[int]{{1, 78}, {2, 16}, {4, 6}})
	v := &events.VacancyReported{Employer: t.employer, Vacancy: t.uuid(), Occupation: pick(t.dice, jobs), Count: wanted, Date: t.today()}
	if t.chance(70) {
		h := draw(t.dice, hours)
		v.Hours = &h
	}
	ref := t.emit(v.Date, v)
	if t.chance(2) {
		t.later(0, func() {
			corrected := *v
			corrected.Occupation, corrected.Replaces = pick(t.dice, jobs), &ref
			t.emit(v.Date, &corrected)
		})
	}
	if !t.chance(62) {
		if t.chance(60) {
			t.later(t.between(20, 80), func() { t.emit(t.today(), &events.VacancyWithdrawn{Vacancy: v.Vacancy}) })
		}
		return
	}
	found := make([]int, wanted) // in working days from now
	for i := range found {
		found[i] = t.between(10, 55)
	}
	slices.Sort(found)
	t.fill(v.Vacancy, found)
}

// fill tells of the first of those who were found, and then of the others.
func (t *thread) fill(vacancy string, found []int) {
	from := t.now.day()
	t.later(found[0], func() {
		filled := &events.VacancyFilled{Vacancy: vacancy, Date: t.today()}
		if len(found) > 1 { // the last one is for all that was left
			one := 1
			filled.Count = &one
		}
		t.emit(filled.Date, filled)
		t.placement()
		if rest := found[1:]; len(rest) > 0 {
			for i := range rest {
				rest[i] = max(1, rest[i]-(t.now.day()-from))
			}
			t.fill(vacancy, rest)
		}
	})
}

// placement tells of a person at work since a few days, and of the end of that when it
// comes.
func (t *thread) placement() {
	p := t.placed()
	if t.chance(3) {
		p.With = t.takesPart()
	}
	ref := t.emit(p.Start, p)
	switch n := t.IntN(100); {
	case p.With != nil:
		t.confirmed(ref)
	case n < 2:
		t.later(t.between(1, 8), func() {
			corrected := *p
			corrected.TargetGroup, corrected.Replaces = t.group(), &ref
			t.emit(p.Start, &corrected)
		})
	case n < 3:
		t.later(t.IntN(8), func() { t.retract(ref) })
		return
	}
	if t.chance(45) {
		t.later(t.between(10, 150), func() {
			t.emit(t.today(), &events.PlacementEnded{Placement: p.Placement, End: t.today(), Reason: t.perhaps(10, moveNotes)})
		})
	}
}

func (t *thread) placed() *events.PlacementMade {
	p := &events.PlacementMade{
		Employer: t.employer, Placement: t.uuid(), Start: t.in(-t.IntN(4)), Kind: draw(t.dice, kinds), Region: Code, TargetGroup: t.group(), Sector: "markt",
	}
	if t.Partners[t.partner].Kind == "sw" {
		p.Kind = draw(t.dice, shelteredKinds)
	}
	if h := draw(t.dice, hours); t.chance(90) {
		p.Hours = &h
	}
	if p.Kind != "beschut-werk" {
		in := p.TargetGroup == "DD03" || p.TargetGroup == "DD02" && t.chance(50)
		p.Register = &in
	}
	return p
}

// twice tells of a placement that two partners report, and that both say so.
func (t *thread) twice() {
	p := t.placed()
	one := t.emit(p.Start, p)
	other := *t
	other.partner = t.mate()
	t.later(t.between(1, 5), func() {
		again := *p
		again.Placement = t.uuid()
		two := other.emit(p.Start, &again)
		t.later(t.between(5, 30), func() {
			other.emit(t.today(), &events.PlacementsMatched{Placement: &one, With: &two, Reason: t.perhaps(30, same)})
			t.later(t.IntN(3), func() {
				if t.chance(20) {
					t.emit(t.today(), &events.PlacementsDistinct{Placement: &one, With: &two, Reason: t.perhaps(30, same)})
					return
				}
				t.emit(t.today(), &events.PlacementsMatched{Placement: &two, With: &one, Reason: t.perhaps(30, same)})
			})
		})
	})
}

// twin tells of an employer of which a partner had no number at first, and that turned
// out to be one that is known: any one, or the busiest would have thousands.
func (t *teller) twin() {
	number := t.IntN(Employers)
	th := t.thread(t.visitor(number), "")
	th.employer.Provisional = t.uuid()
	e := t.Employer(number)
	th.emit(t.today(), &events.EmployerDescribed{Employer: th.employer, Name: events.Plainly(e.Name), Place: events.Plainly(e.Place), Gemeente: e.Gemeente})
	th.later(t.between(1, 3), func() { th.visit("kennismaking", "", false) })
	this, known := events.WholeEmployer{Provisional: th.employer.Provisional}, events.WholeEmployer{KvK: e.KvK}
	th.later(t.between(5, 50), func() {
		th.emit(t.today(), &events.EmployersLinked{Employer: this, With: known, Kind: "dezelfde", Reason: th.perhaps(60, same)})
		if t.chance(10) {
			th.later(t.between(1, 20), func() {
				th.emit(t.today(), &events.EmployersUnlinked{Employer: this, With: known, Reason: th.perhaps(60, mistakes)})
			})
		}
	})
}
