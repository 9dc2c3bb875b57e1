package story

import (
	"slices"

	"huisboek/events"
)

// employer tells a year of one employer: its card, perhaps a fixed contact, and
// every occasion on which it was approached.
func (t *teller) employer(e *Employer) {
	days := t.days(1+t.occasions(e.level), t.cal.end)
	if e.known > 0 {
		days[0] = min(days[0], e.known)
	}
	t.describe(e, e.home, days[0])
	if e.level != local && t.dice.chance(70) || t.dice.chance(4) {
		t.appoint(e, t.visitor(e), days[0])
	}
	for _, day := range days[1:] {
		t.occasion(e, t.visitor(e), t.cal.later(day, 1))
	}
}

// days draws n working days before a day, in order.
func (t *teller) days(n, before int) []int {
	days := make([]int, n)
	for i := range days {
		days[i] = t.cal.workday(t.dice, before)
	}
	slices.Sort(days)
	return days
}

// occasions is how often in a year an employer is approached. A good part of the
// small ones never are.
func (t *teller) occasions(l level) int {
	switch l {
	case regional:
		return t.dice.between(3, 10)
	case national:
		return t.dice.between(5, 14)
	}
	return draw(t.dice, []weighted[int]{{0, 36}, {1, 25}, {2, 18}, {3, 13}, {4, 8}, {6, 4}})
}

// visitor draws who approaches an employer: a small one mostly its own
// municipality, a large one anybody.
func (t *teller) visitor(e *Employer) int {
	own := map[level]int{local: 68, regional: 34, national: 20}[e.level]
	elsewhere := map[level]int{local: 2, regional: 12, national: 18}[e.level]
	switch n := t.dice.IntN(100); {
	case n < own:
		return e.home
	case n < own+elsewhere:
		return pick(t.dice, t.ofKind("gemeente"))
	case n < own+elsewhere+(100-own-elsewhere)*3/5:
		return t.ofKind("uwv")[0]
	}
	return pick(t.dice, t.ofKind("sw"))
}

func (t *teller) ofKind(kind string) []int {
	var all []int
	for i := range t.partners {
		if t.partners[i].Kind == kind {
			all = append(all, i)
		}
	}
	return all
}

// describe says what a partner has on its card; now and then it is corrected, or
// another partner has a card of its own.
func (t *teller) describe(e *Employer, partner, day int) {
	th := t.thread(e, partner)
	card := events.EmployerDescribed{
		Employer:   e.ref(),
		Name:       plain(e.Name),
		Place:      plain(e.Place),
		Postcode:   plain(e.place.postcode(t.dice)),
		Gemeente:   e.place.gemeente,
		SBICode:    e.kind.sbi,
		SBIVersion: "2008",
		Size:       e.size,
		Sector:     e.sector,
	}
	if len(e.contacts) > 0 {
		card.Contacts = plain(e.contacts)
	}
	ref, ok := th.emit(t.cal.later(day, 0), &card)
	if !ok {
		return
	}
	if t.dice.chance(3) {
		corrected := card
		corrected.Postcode = plain(e.place.postcode(t.dice))
		corrected.Replaces = &ref
		th.emit(t.cal.later(day, t.dice.between(1, 20)), &corrected)
	}
	if t.dice.chance(6) {
		second := card
		second.Contacts = events.Personal[[]events.ContactPerson]{}
		t.thread(e, t.visitor(e)).emit(t.cal.later(day, t.dice.between(5, 60)), &second)
	}
}

// appoint agrees on a fixed contact, for a time or for good.
func (t *teller) appoint(e *Employer, partner, day int) {
	th := t.thread(e, partner)
	appointed := events.ContactAppointed{Employer: e.ref(), AccountManager: th.person()}
	if t.dice.chance(20) {
		appointed.Purpose = pick(t.dice, []string{"vacature", "nazorg", "advies"})
	}
	day = t.cal.later(day, t.dice.between(5, 40))
	if _, ok := th.emit(day, &appointed); ok && t.dice.chance(14) {
		th.emit(t.cal.later(day, t.dice.between(40, 160)), &events.ContactReleased{Employer: e.ref(), Purpose: appointed.Purpose})
	}
}
