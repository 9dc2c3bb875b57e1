package projections

import (
	"slices"

	"huisboek/events"
)

// approach is one intention to contact an employer: the plan that began it (or
// that plan's last correction) and what became of it. Its timeline row is
// derived from it, and carries what only the plan says.
type approach struct {
	Employer string
	First    events.Date // the day on which it was first planned
	Entries  []entry
}

// said is the last surviving plan or move in the order of the events, as the extensions
// after it leave its days, and the last day that these name. A single day is not extended.
func (a *approach) said() (last entry, extended events.Date) {
	for _, e := range inOrder(a.Entries) {
		switch {
		case e.Kind == entryPlan || e.Kind == entryMove:
			last, extended = e, ""
		case e.Kind == entryLonger && last.From != last.To:
			last.To, extended = max(last.To, e.To), max(extended, e.To)
		}
	}
	return last, extended
}

// word is the surviving plan or move that was recorded last, so that of a correction
// counts what the ledger thought of that.
func (a *approach) word() (last entry) {
	for _, e := range a.Entries {
		if (e.Kind == entryPlan || e.Kind == entryMove) && e.Position > last.Position {
			last = e
		}
	}
	return last
}

// dates are those of the last surviving plan or move, extended.
func (a *approach) dates() (from, to events.Date) {
	last, _ := a.said()
	return last.From, last.To
}

// until is the last day on which it can hold its employer: events.Terms.HoldsUntil by
// the agreement in force when its plan or a move was recorded last, or the last day that
// an extension of its period names. That came no further than the longest that an
// approach may hold: the ledger saw to it.
func (a *approach) until() events.Date {
	last, extended := a.said()
	word := a.word()
	if last.From == last.To {
		return min(last.To, word.Limit)
	}
	return max(min(last.To, word.Valid, word.Limit), extended)
}

// status is the furthest that any surviving event brought it.
func (a *approach) status() string {
	s, period := StatusPlanned, false
	for _, e := range a.Entries {
		switch e.Kind {
		case entryMade:
			return StatusMade
		case entryOff:
			s = StatusCalledOff
		case entryMove:
			if s == StatusPlanned {
				s = StatusMoved
			}
		case entryPlan:
			period = e.From != e.To
		}
	}
	if last, _ := a.said(); s == StatusMoved && last.Kind == entryMove && period && last.From == last.To {
		return StatusConfirmed
	}
	return s
}

func (a *approach) key(root events.Position) []byte {
	_, to := a.dates()
	return datedKey(rowTimeline, a.Employer, to, root)
}

func readApproach(tx Tx, root events.Position) (*approach, error) {
	if root == 0 {
		return nil, nil
	}
	row := tx.Get(positionKey(rowApproach, root))
	if row == nil {
		return nil, nil
	}
	d := decode(row)
	a := &approach{Employer: d.text(), First: d.date(), Entries: d.entries()}
	return a, d.err()
}

// write puts an approach, its timeline row, which stood at key was if not nil, and
// its place among the open plans. today is that of a new plan, else empty.
func (a *approach) write(tx Tx, root events.Position, c *Contact, was []byte, today events.Date) error {
	e := make(encoder, 0, 96)
	e.text(a.Employer)
	e.date(a.First)
	e.entries(a.Entries)
	tx.Put(positionKey(rowApproach, root), e)

	word := a.word()
	c.Date, c.To = a.dates()
	c.Until, c.Holds, c.Despite = a.until(), word.Holds, word.Despite
	c.Status = a.status()
	now := a.key(root)
	if was != nil && string(was) != string(now) {
		tx.Delete(was)
	}
	tx.Put(now, c.encode())
	c.Employer = a.Employer
	remember(tx, root, a, c)
	return keepOpen(tx, a.Employer, root, c, today)
}

// plan begins an approach, or corrects the plan that began it.
func plan(tx Tx, r *events.Record, d *events.VisitPlanned, did *done) error {
	a, err := readApproach(tx, did.Root)
	if err != nil {
		return err
	}
	var was []byte
	if did.Root == 0 {
		did.Root = r.Position
	}
	if a == nil {
		a = &approach{First: r.Verdict.Today}
	} else {
		was = a.key(did.Root)
		if a.Employer != did.Employer {
			if err := keepNoLonger(tx, a.Employer, did.Root); err != nil {
				return err
			}
		}
	}
	from, to := span(d.Date, d.Period)
	a.Employer = did.Employer
	word, err := settle(tx, r, a.First, entry{Order: did.Order, Kind: entryPlan, From: from, To: to}, d.Despite)
	if err != nil {
		return err
	}
	a.Entries = replaceEntry(a.Entries, word)

	c := contactOf(r, did.Root, d.Employer, from, to, StatusPlanned)
	c.AccountManager.Seal = d.AccountManager.Seal
	c.Purpose, c.Form, c.Approach = d.Purpose, d.Form, d.Approach
	c.TargetGroups, c.With, c.AtRequest = d.TargetGroups, d.With, d.AtRequest
	c.Note.Seal = d.Note.Seal
	return a.write(tx, did.Root, c, was, r.Verdict.Today)
}

// move gives an approach other days.
func move(tx Tx, r *events.Record, d *events.VisitMoved, did *done) error {
	a, err := readApproach(tx, did.Root)
	if a == nil || err != nil {
		return err
	}
	from, to := span(d.Date, d.Period)
	word, err := settle(tx, r, a.First, entry{Order: did.Order, Kind: entryMove, From: from, To: to}, d.Despite)
	if err != nil {
		return err
	}
	return addEntry(tx, did.Root, word)
}

// extend lets an approach hold longer.
func extend(tx Tx, r *events.Record, d *events.ApproachExtended, did *done) error {
	return addEntry(tx, did.Root, entry{Position: r.Position, Order: did.Order, Kind: entryLonger, To: d.To})
}

// reasonDespite is the ledger's word that the maker of a plan went through a warning.
const reasonDespite = "ondanks"

// settle fills in of a plan or a move until when it lets an approach hold its employer,
// by the agreement in force on its own day, and whether it holds, as the ledger decided.
// Old history holds nothing.
func settle(tx Tx, r *events.Record, first events.Date, e entry, despite *events.Despite) (entry, error) {
	_, terms, err := termsFor(tx, r.Partner, r.Verdict.Today)
	if err != nil {
		return e, err
	}
	e.Position, e.Valid, e.Limit = r.Position, r.Verdict.Today.AddDays(terms.ValidDays), first.AddDays(terms.LongestDays)
	o := r.Verdict.Outcome
	e.Despite = slices.Contains(r.Verdict.Reasons, reasonDespite)
	e.Holds = !r.Event.Afterwards && (o == events.Free || o == events.Attention || o == events.Taken && despite != nil)
	return e, nil
}

// addEntry adds an event to an approach. One whose plan was retracted is gone:
// there is nothing left to move or to end.
func addEntry(tx Tx, root events.Position, e entry) error {
	return changeEntries(tx, root, func(list []entry) []entry { return replaceEntry(list, e) })
}

func dropEntry(tx Tx, root, order events.Position) error {
	return changeEntries(tx, root, func(list []entry) []entry { return withoutEntry(list, order) })
}

func changeEntries(tx Tx, root events.Position, change func([]entry) []entry) error {
	a, err := readApproach(tx, root)
	if a == nil || err != nil {
		return err
	}
	was := a.key(root)
	c, err := decodeContact(tx.Get(was))
	if err != nil {
		return err
	}
	a.Entries = change(a.Entries)
	return a.write(tx, root, &c, was, "")
}

func dropApproach(tx Tx, root events.Position) error {
	a, err := readApproach(tx, root)
	if a == nil || err != nil {
		return err
	}
	tx.Delete(a.key(root))
	tx.Delete(positionKey(rowApproach, root))
	remember(tx, root, nil, nil)
	dropConfirmed(tx, root)
	return keepNoLonger(tx, a.Employer, root)
}
