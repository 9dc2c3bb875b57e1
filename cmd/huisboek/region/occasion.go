package region

import (
	"fmt"

	"huisboek/events"
)

var (
	purposes = []share[string]{{"acquisitie", 28}, {"kennismaking", 22}, {"vacature", 20}, {"nazorg", 15}, {"advies", 11}, {"overig", 4}}
	forms    = []share[string]{{"op-locatie", 58}, {"telefoon", 25}, {"video", 12}, {"bijeenkomst", 5}}
	outcomes = []share[string]{{"vacature", 18}, {"proefplaatsing", 9}, {"vervolgafspraak", 30}, {"geen-interesse", 18}, {"overig", 25}}

	planNotes  = []string{"Rondleiding gevraagd.", "Eerst bellen bij aankomst.", "Wil vooral over jobcarving praten.", "Vervolg op de bijeenkomst in het voorjaar."}
	visitNotes = []string{
		"Prettig gesprek, staat open voor een proefplaatsing.", "Zoekt op termijn mensen voor de avondploeg.", "Wil graag een jobcoach erbij.",
		"Heeft nu geen plek; over een half jaar opnieuw bellen. Het magazijn wordt verbouwd en de ploegleider gaat met pensioen.",
		"Kennisgemaakt; belt terug na het weekend over twee plekken in het magazijn.",
	}
	moveNotes = []string{"Op verzoek van de werkgever.", "Accountmanager ziek.", "Drukte in het seizoen."}
	offNotes  = []string{"Werkgever ziet ervan af.", "Afspraak via een andere partner gemaakt.", "Geen tijd gevonden."}
	mistakes  = []string{"Dubbel ingevoerd.", "Verkeerde werkgever gekozen."}
)

// occasion begins something with an employer that follows from nothing before it.
func (t *teller) occasion() {
	number := int(t.zipf.Uint64())
	th := t.at(number, t.visitor(number))
	th.known()
	switch n := t.IntN(1000); {
	case n < 560:
		th.plan()
	case n < 800:
		th.visit(draw(t.dice, purposes), "", false)
	case n < 860:
		th.service()
	case n < 895:
		th.vacancy()
	case n < 915:
		th.placement()
	case n < 935:
		th.signal()
	case n < 955:
		th.followed()
	case n < 985:
		th.appoint()
	case n < 990:
		th.twice()
	case n < 995:
		t.twin()
	default:
		th.describe(false)
	}
}

// visitor draws who goes to an employer: mostly its own municipality, then UWV.
func (t *teller) visitor(number int) int {
	switch n := t.IntN(100); {
	case n < 45:
		return homeOf(number)
	case n < 65:
		return uwv
	}
	return t.IntN(len(t.Partners))
}

// known sees to it that most employers have a card before anything else is said of them.
func (t *thread) known() {
	if word, bit := t.number/64, uint64(1)<<(t.number%64); t.seen[word]&bit == 0 && t.chance(80) {
		t.seen[word] |= bit
		t.describe(true)
	}
}

// describe writes a card: the first of an employer with whom one speaks there.
func (t *thread) describe(first bool) {
	e := t.Employer(t.number)
	card := &events.EmployerDescribed{
		Employer: t.employer, Name: events.Plainly(e.Name), Place: events.Plainly(e.Place), Postcode: events.Plainly(e.Postcode),
		Gemeente: e.Gemeente, SBICode: e.sbi, SBIVersion: "2008", Size: e.size, Sector: e.sector,
	}
	if first && len(e.contacts) > 0 {
		card.Contacts = events.Plainly(e.contacts)
	}
	ref := t.emit(t.today(), card)
	if t.chance(3) {
		t.later(t.between(1, 20), func() {
			corrected := *card
			corrected.Size, corrected.Replaces = "20-49", &ref
			t.emit(t.today(), &corrected)
		})
	}
}

// plan tells a plan and then how it went. A plan of which nothing is heard expires.
func (t *thread) plan() {
	on := t.between(2, 16)
	p := &events.VisitPlanned{
		Employer: t.employer, Approach: t.uuid(), Purpose: draw(t.dice, purposes), AccountManager: t.person(), Form: draw(t.dice, forms),
		TargetGroups: t.groups(), AtRequest: t.chance(12), Note: t.perhaps(8, planNotes),
	}
	if t.chance(18) {
		p.Period = &events.Period{From: t.in(on), To: t.in(on + 5)}
	} else if p.Date = t.in(on); t.chance(60) {
		p.Time, p.Duration = fmt.Sprintf("%02d:%02d", t.between(9, 16), 15*t.IntN(4)), "PT1H"
	}
	if t.chance(4) {
		p.With = t.takesPart()
	}
	ref := t.emit(t.in(on), p)
	if p.With != nil {
		t.confirmed(ref)
	}
	if t.chance(2) && !t.joint {
		t.later(0, func() {
			corrected := *p
			corrected.Note, corrected.Replaces = t.perhaps(100, planNotes), &ref
			again := t.emit(t.in(on), &corrected)
			t.went(again, p, on)
		})
		return
	}
	t.went(ref, p, on)
}

// went tells how a plan for so many working days from now went.
func (t *thread) went(ref events.Ref, p *events.VisitPlanned, on int) {
	visited := func(days int) {
		t.later(days, func() { t.visit(p.Purpose, p.Approach, p.AtRequest) })
	}
	switch end := t.IntN(100); {
	case end < 1 && !t.joint:
		t.later(t.between(0, 1), func() { t.retract(ref) })
	case end < 9:
		t.later(t.IntN(on), func() {
			t.emit(t.today(), &events.VisitCalledOff{Approach: p.Approach, Reason: t.perhaps(50, offNotes)})
		})
	case end < 13: // forgotten
	case end < 24:
		days := t.between(2, 12)
		t.later(t.IntN(on), func() {
			t.emit(t.in(days), &events.VisitMoved{Approach: p.Approach, Date: t.in(days), Reason: t.perhaps(40, moveNotes)})
			visited(days)
		})
	case p.Period != nil && p.AtRequest: // what the employer asked for is extended into nobody's way
		t.later(on+1, func() {
			t.emit(t.today(), &events.ApproachExtended{Approach: p.Approach, To: t.in(15), Reason: t.perhaps(100, moveNotes)})
			visited(t.between(1, 15))
		})
	default:
		visited(on)
	}
}

// visit tells of a visit, one in six up to three days late, and what came of it.
func (t *thread) visit(purpose, approach string, atRequest bool) {
	date := t.today()
	if t.chance(16) {
		date = t.in(-t.between(1, 3))
	}
	v := &events.VisitMade{
		Employer: t.employer, Date: date, Purpose: purpose, Form: draw(t.dice, forms), Approach: approach, AccountManager: t.person(),
		TargetGroups: t.groups(), AtRequest: atRequest, Note: t.perhaps(14, visitNotes),
	}
	if t.chance(80) {
		v.Outcome = []string{draw(t.dice, outcomes)}
	}
	if t.chance(4) {
		v.With = t.takesPart()
	}
	ref := t.emit(date, v)
	switch n := t.IntN(1000); {
	case v.With != nil:
		t.confirmed(ref)
	case n < 20:
		t.later(t.between(1, 5), func() {
			corrected := *v
			corrected.Outcome, corrected.Replaces = []string{draw(t.dice, outcomes)}, &ref
			t.emit(date, &corrected)
		})
	case n < 28 && approach == "":
		t.later(t.IntN(4), func() { t.retract(ref) })
		return
	}
	t.follow(v.Outcome)
}

// takesPart names another partner that takes part. What that one confirms must not be
// taken back by then: the thread is a joint one from here on.
func (t *thread) takesPart() []string {
	t.joint = true
	return []string{t.Partners[t.mate()].Identity}
}

// mate is the partner that goes along: always the same of a thread.
func (t *thread) mate() int {
	return (t.partner + 1 + int(t.id%uint64(len(t.Partners)-1))) % len(t.Partners)
}

// confirmed: in most cases the other says that it takes part.
func (t *thread) confirmed(ref events.Ref) {
	if !t.chance(75) {
		return
	}
	t.later(t.IntN(2), func() {
		other := *t
		other.partner = t.mate()
		other.emit(t.today(), &events.JointVisitConfirmed{Event: ref})
	})
}

// groups are the target groups that somebody has in mind, if any.
func (t *thread) groups() []string {
	if !t.chance(35) {
		return nil
	}
	return []string{t.group()}
}

func (t *thread) group() string {
	switch t.Partners[t.partner].Kind {
	case "uwv":
		return draw(t.dice, []share[string]{{"DD05", 48}, {"DD03", 22}, {"DD04", 18}, {"DD08", 12}})
	case "sw":
		return draw(t.dice, []share[string]{{"DD02", 75}, {"DD03", 25}})
	}
	return draw(t.dice, []share[string]{{"DD02", 78}, {"DD01", 12}, {"DD03", 10}})
}
