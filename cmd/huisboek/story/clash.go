package story

import (
	"slices"

	"huisboek/events"
)

// Clash is what the region's agreement is for. Employers and partners are indexes.
type Clash struct {
	// Contested is an employer that Holder planned to approach first. Overrider got
	// "bezet" for the same days, and goes all the same, with a reason.
	Contested, Holder, Overrider int
	Through                      events.Ref // the plan with which it did
	// Expired is an employer of which the plan ran out unused.
	Expired int
	// Waiting is an employer that the asker may approach for two more days.
	Waiting int
	// Escalated is an employer with a vacancy that its own municipality did not fill.
	Escalated int
	// Spared is an employer that asked to be left in peace; a plan there was refused.
	Spared int
	// Late is an employer where two partners went within weeks, as turned out later.
	Late int
	// Joint is an employer that two partners visit together, as both said.
	Joint int
}

// firstClash is the first of the employers that have no other story than this one.
const firstClash = 70

func (c *Clash) has(employer int) bool {
	return slices.Contains([]int{c.Contested, c.Expired, c.Waiting, c.Escalated, c.Spared, c.Late, c.Joint}, employer)
}

// clashes chooses the employers at which partners get into each other's way.
func (t *teller) clashes(h *Highlights) {
	n := firstClash
	for _, employer := range []*int{&h.Contested, &h.Expired, &h.Waiting, &h.Escalated, &h.Spared, &h.Late, &h.Joint} {
		*employer = n
		t.employers[n].known = 20
		n++
	}
	h.Overrider = t.ofKind("sw")[1]
	for i := range t.employers { // of another municipality than the asker's, so that it is news
		if h.has(i) && t.employers[i].home == h.Asker {
			t.employers[i].home = h.Fixed
		}
	}
	h.Holder = t.employers[h.Contested].home
}

// agree tells what the region agreed on at its first meeting.
func (t *teller) agree(h *Highlights) {
	set := events.DefaultAgreement()
	set.From, set.Name, set.Decision = t.cal.date(0), "Afspraken Regio Zwolle", "Regionaal Beraad, eerste vergadering"
	t.decree(0, &set)
	t.decree(10, &events.LevelSet{Employer: t.employers[h.Busy].ref(), Level: "regionaal", Reason: plain("Vestigingen in vier gemeenten.")})
}

// clash tells of the employers that clashes chose.
func (t *teller) clash(h *Highlights) {
	ago := func(workdays int) int { return t.cal.earlier(t.cal.end, workdays) }
	ahead := func(workdays int) events.Date { return t.cal.date(t.cal.later(t.cal.end, workdays)) }
	at := func(employer, partner int) *thread {
		e := &t.employers[employer]
		return t.thread(e, partner)
	}
	uwv, sw := t.ofKind("uwv")[0], t.ofKind("sw")[0]

	holder := at(h.Contested, h.Holder)
	holder.emit(ago(6), &events.VisitPlanned{
		Employer: holder.employer.ref(), Approach: t.dice.uuid(), Date: ahead(6), Time: "10:00", Duration: "PT1H",
		Purpose: "acquisitie", Form: "op-locatie", AccountManager: holder.person(),
	})
	over := at(h.Contested, h.Overrider)
	plan := events.VisitPlanned{
		Employer: over.employer.ref(), Approach: t.dice.uuid(), Date: ahead(3), Purpose: "acquisitie", Form: "op-locatie", AccountManager: over.person(),
	}
	if first, ok := over.emit(ago(4), &plan); ok {
		again := plan
		again.Replaces, again.Despite = &first, &events.Despite{Reason: plain("De directeur vroeg ons deze week langs te komen over de nieuwe hal.")}
		h.Through, _ = over.emit(ago(3), &again)
	}
	follower := at(h.Contested, h.Asker)
	follower.emit(ago(10), &events.EmployerFollowed{Employer: follower.employer.ref()})

	expired := at(h.Expired, uwv)
	day := ago(40)
	expired.emit(day, &events.VisitPlanned{
		Employer: expired.employer.ref(), Approach: t.dice.uuid(), Period: &events.Period{From: t.cal.date(day + 3), To: t.cal.date(t.cal.end + 30)},
		Purpose: "acquisitie", AccountManager: expired.person(),
	})

	waiting := at(h.Waiting, h.Asker)
	waiting.emit(t.cal.later(t.cal.end-28, 0), &events.VisitPlanned{
		Employer: waiting.employer.ref(), Approach: t.dice.uuid(), Period: &events.Period{From: t.cal.date(t.cal.end - 20), To: t.cal.date(t.cal.end + 60)},
		Purpose: "kennismaking", AccountManager: waiting.person(),
	})

	open := at(h.Escalated, t.employers[h.Escalated].home)
	open.lookFor(ago(7), 3)

	t.decree(t.cal.end-60, &events.EmployerSpared{
		Employer: t.employers[h.Spared].ref(), From: t.cal.date(t.cal.end - 60), To: t.cal.date(t.cal.end + 120), Ground: "werkgever",
		Reason: plain("Verhuizing; na de zomer weer graag contact."),
	})
	refused := at(h.Spared, uwv)
	refused.emit(ago(8), &events.VisitPlanned{
		Employer: refused.employer.ref(), Approach: t.dice.uuid(), Date: ahead(5), Purpose: "acquisitie", AccountManager: refused.person(),
	})

	one, other := at(h.Late, t.employers[h.Late].home), at(h.Late, uwv)
	one.emit(ago(20), &events.VisitMade{
		Employer: one.employer.ref(), Date: t.cal.date(ago(20)), Purpose: "acquisitie", Form: "op-locatie", AccountManager: one.person(),
	})
	other.emit(ago(3), &events.VisitMade{
		Employer: other.employer.ref(), Date: t.cal.date(ago(25)), Purpose: "acquisitie", Form: "telefoon", AccountManager: other.person(),
	})

	together := at(h.Joint, t.employers[h.Joint].home)
	ref, ok := together.emit(ago(6), &events.VisitPlanned{
		Employer: together.employer.ref(), Approach: t.dice.uuid(), Date: ahead(4), Purpose: "kennismaking", AccountManager: together.person(),
		With: []string{t.partners[sw].Identity()},
	})
	if ok {
		with := at(h.Joint, sw)
		with.last = together.last
		with.emit(ago(5), &events.JointVisitConfirmed{Event: ref})
	}
}
