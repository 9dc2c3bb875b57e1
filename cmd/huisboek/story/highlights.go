package story

import "huisboek/events"

// Highlights are the parts of a story that are worth asking about. Employers and
// partners are indexes into Story.Employers and Story.Partners.
type Highlights struct {
	// Busy is an employer with a fixed contact, a plan that is open today and a
	// visit in the last two weeks, each of another partner.
	Busy    int
	Fixed   int         // the partner whose account manager is the fixed contact
	Planner int         // the partner with the open plan
	PlanOn  events.Date // its day, in the next two weeks
	Visitor int         // the partner that was there
	// Asker is a municipality that has none of these, and so would like to know.
	Asker int
	// Quiet is an employer that is described, and that nobody ever approached.
	Quiet int

	// Search is something to type that has Known as its first result: its name with
	// one letter wrong.
	Search string
	// Known has a provisional twin, under a slightly other name, that nobody linked yet.
	Known int
	Twin  string // the twin's key
	// Linked is an employer whose provisional twin the steward linked to it.
	Linked int
	// Concern are three employers of one concern.
	Concern [3]int
	// Foreign is the key of an employer in another country.
	Foreign string
	// Merged is a partner that goes on in Heir since MergedOn; Silent one that has
	// told nothing for a month.
	Merged, Heir, Silent int
	MergedOn             events.Date

	Clash
	Goals
}

// highlight chooses the employers that the demo points to, and tells what must
// have happened at the busy one.
func (t *teller) highlight() Highlights {
	h := Highlights{
		Busy: 0, Quiet: 1, Planner: t.ofKind("sw")[0], Visitor: t.ofKind("uwv")[0],
		Merged: t.old, Heir: t.heir, MergedOn: t.cal.date(t.merged), Silent: t.silent,
	}
	e := &t.employers[h.Busy]
	e.level, e.size = regional, "100-249"
	t.employers[h.Quiet].level = local
	h.Fixed = e.home
	h.Asker = t.ofKind("gemeente")[0]
	if h.Asker == e.home {
		h.Asker = t.ofKind("gemeente")[1]
	}

	fixed := t.thread(e, h.Fixed)
	fixed.emit(t.cal.later(t.cal.end-160, 0), &events.ContactAppointed{Employer: e.ref(), AccountManager: fixed.person()})

	visit := t.thread(e, h.Visitor)
	day := t.cal.earlier(t.cal.end, 6)
	visit.emit(day, &events.VisitMade{
		Employer: e.ref(), Date: t.cal.date(day), Purpose: "vacature", Form: "op-locatie",
		AccountManager: visit.person(), Outcome: []string{"vacature"}, Note: plain(visitNotes[1]),
	})

	plan := t.thread(e, h.Planner)
	on := t.cal.later(t.cal.end, 4)
	h.PlanOn = t.cal.date(on)
	plan.emit(t.cal.earlier(t.cal.end, 2), &events.VisitPlanned{
		Employer: e.ref(), Approach: t.dice.uuid(), Date: h.PlanOn, Time: "10:30", Duration: "PT1H",
		Purpose: "acquisitie", Form: "op-locatie", AccountManager: plan.person(),
	})
	return h
}

// busy tells the rest of the busy employer's year: long enough ago to leave what
// highlight told as the last word.
func (t *teller) busy(e *Employer) {
	days := t.days(7, t.cal.end/2)
	t.describe(e, e.home, days[0])
	for _, day := range days[1:] {
		t.occasion(e, t.visitor(e), t.cal.later(day, 1))
	}
}
