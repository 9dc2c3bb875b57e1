package story

import (
	"fmt"

	"huisboek/events"
)

var (
	purposes = []weighted[string]{{"acquisitie", 28}, {"kennismaking", 22}, {"vacature", 20}, {"nazorg", 15}, {"advies", 11}, {"overig", 4}}
	forms    = []weighted[string]{{"op-locatie", 58}, {"telefoon", 25}, {"video", 12}, {"bijeenkomst", 5}}

	planNotes  = []string{"Rondleiding gevraagd.", "Eerst bellen bij aankomst.", "Wil vooral over jobcarving praten.", "Vervolg op de bijeenkomst in het voorjaar."}
	visitNotes = []string{"Prettig gesprek, staat open voor een proefplaatsing.", "Zoekt op termijn mensen voor de avondploeg.", "Heeft nu geen plek, over een half jaar opnieuw.", "Wil graag een jobcoach erbij."}
	moveNotes  = []string{"Op verzoek van de werkgever.", "Accountmanager ziek.", "Drukte in het seizoen."}
	offNotes   = []string{"Werkgever ziet ervan af.", "Afspraak via een andere partner gemaakt.", "Geen tijd gevonden."}
	mistakes   = []string{"Dubbel ingevoerd.", "Verkeerde werkgever gekozen."}
)

// occasion is one approach with what follows from it: planned or not, a visit or
// none, a next one when that was agreed.
func (t *teller) occasion(e *Employer, partner, day int) {
	th := t.thread(e, partner)
	purpose := draw(t.dice, purposes)
	if !t.dice.chance(70) {
		th.visit(day, day, purpose, "", false)
		return
	}
	th.approach(day, purpose)
}

// approach plans a visit and brings the plan to one of its ends. A plan whose
// day has not come yet stays open.
func (t *thread) approach(day int, purpose string) {
	t.carryOut(t.cal.later(day, 0), t.plan(t.cal.later(day, t.dice.between(2, 16)), purpose))
}

func (t *thread) plan(on int, purpose string) *planned {
	p := &planned{on: on, until: on}
	p.data = events.VisitPlanned{
		Employer:       t.employer.ref(),
		Approach:       t.dice.uuid(),
		Purpose:        purpose,
		AccountManager: t.person(),
		Form:           draw(t.dice, forms),
		TargetGroups:   t.targetGroups(),
		AtRequest:      t.dice.chance(12),
		Note:           t.perhaps(8, planNotes),
	}
	switch {
	case t.dice.chance(18):
		p.until = on + 6
		p.data.Period = &events.Period{From: t.cal.date(on), To: t.cal.date(p.until)}
	default:
		p.data.Date = t.cal.date(on)
		if t.dice.chance(60) {
			p.data.Time = fmt.Sprintf("%02d:%02d", t.dice.between(9, 16), 15*t.dice.IntN(4))
			p.data.Duration = pick(t.dice, []string{"PT30M", "PT1H", "PT1H30M"})
		}
	}
	if t.dice.chance(4) {
		p.data.With = []string{t.partners[t.other()].Identity()}
	}
	return p
}

// planned is a plan with its first and last day.
type planned struct {
	data      events.VisitPlanned
	on, until int
}

// carryOut tells the plan on a day, and then how it went.
func (t *thread) carryOut(told int, p *planned) {
	ref, ok := t.emit(told, &p.data)
	if !ok {
		return
	}
	if t.dice.chance(2) { // before anything was built on it
		first, corrected := ref, p.data
		corrected.Note = plain(pick(t.dice, planNotes))
		corrected.Replaces = &first
		if ref, ok = t.emit(told, &corrected); !ok {
			return
		}
	}
	switch end := t.dice.IntN(100); {
	case end < 1:
		t.retract(told, ref, mistakes)
		return
	case end < 9:
		t.callOff(told, p)
		return
	case end < 13: // forgotten: the plan expires
		return
	case end < 25:
		if !t.move(told, p) {
			return
		}
	}
	on := t.cal.later(p.on, 0)
	if day := t.cal.later(p.on, t.dice.IntN(4)); day <= p.until {
		on = day
	}
	t.visit(on, t.cal.later(on, pick(t.dice, []int{0, 0, 0, 1, 1, 3})), p.data.Purpose, p.data.Approach, p.data.AtRequest)
}

func (t *thread) callOff(told int, p *planned) {
	t.emit(t.cal.later(t.dice.between(told, p.on), 0), &events.VisitCalledOff{Approach: p.data.Approach, Reason: t.perhaps(50, offNotes)})
}

// move gives the plan a later day and reports whether that was told.
func (t *thread) move(told int, p *planned) bool {
	when := t.cal.later(t.dice.between(told, p.on-1), 0)
	p.on = t.cal.later(p.on, t.dice.between(2, 12))
	p.until = p.on
	_, ok := t.emit(when, &events.VisitMoved{Approach: p.data.Approach, Date: t.cal.date(p.on), Reason: t.perhaps(40, moveNotes)})
	return ok
}

// visit tells of a visit on a day, reported then or later, and of what came of it.
func (t *thread) visit(on, reported int, purpose, approach string, atRequest bool) {
	form := draw(t.dice, forms)
	if approach == "" && t.dice.chance(60) {
		form = "telefoon"
	}
	made := events.VisitMade{
		Employer:       t.employer.ref(),
		Date:           t.cal.date(on),
		Purpose:        purpose,
		Form:           form,
		Approach:       approach,
		AccountManager: t.person(),
		Outcome:        t.outcome(purpose),
		TargetGroups:   t.targetGroups(),
		AtRequest:      atRequest,
		Note:           t.perhaps(14, visitNotes),
	}
	if t.dice.chance(4) {
		made.With = []string{t.partners[t.other()].Identity()}
	}
	ref, ok := t.emit(reported, &made)
	if !ok {
		return
	}
	switch n := t.dice.IntN(1000); {
	case n < 20:
		corrected := made
		corrected.Outcome = t.outcome(purpose)
		corrected.Replaces = &ref
		t.emit(t.cal.later(reported, t.dice.between(1, 5)), &corrected)
	case n < 28 && approach == "":
		t.retract(t.cal.later(reported, t.dice.between(0, 4)), ref, mistakes)
		return
	}
	if t.dice.chance(9) {
		t.signal(reported, made.Date)
	}
	t.follow(reported, made.Outcome)
}

func (t *thread) outcome(purpose string) []string {
	if purpose == "nazorg" && t.dice.chance(60) {
		return nil
	}
	return []string{draw(t.dice, []weighted[string]{
		{"vacature", 24}, {"proefplaatsing", 11}, {"vervolgafspraak", 30}, {"geen-interesse", 15}, {"overig", 20},
	})}
}

// targetGroups are those that a partner of this kind has in mind, if any.
func (t *thread) targetGroups() []string {
	if !t.dice.chance(35) {
		return nil
	}
	first := t.targetGroup()
	if second := t.targetGroup(); second != first && t.dice.chance(40) {
		return []string{first, second}
	}
	return []string{first}
}

func (t *thread) targetGroup() string {
	switch t.partners[t.partner].Kind {
	case "uwv":
		return draw(t.dice, []weighted[string]{{"DD05", 48}, {"DD03", 22}, {"DD04", 18}, {"DD08", 12}})
	case "sw":
		return draw(t.dice, []weighted[string]{{"DD02", 75}, {"DD03", 25}})
	}
	return draw(t.dice, []weighted[string]{{"DD02", 78}, {"DD01", 12}, {"DD03", 10}})
}

// other draws a partner besides the thread's own: one that takes part all year.
func (t *thread) other() int {
	for {
		n := t.dice.IntN(len(t.partners))
		if n != t.old && n != t.partner && (t.partner != t.old || n != t.heir) {
			return n
		}
	}
}
