package projections

import "huisboek/events"

// approach is one intention to contact an employer: the plan that began it (or
// that plan's last correction) and what became of it. Its timeline row is
// derived from it, and carries what only the plan says.
type approach struct {
	Employer string
	Entries  []entry
}

// dates are those of the last surviving plan or move.
func (a *approach) dates() (from, to events.Date) {
	var last events.Position
	for _, e := range a.Entries {
		if (e.Kind == entryPlan || e.Kind == entryMove) && e.Order >= last {
			last, from, to = e.Order, e.From, e.To
		}
	}
	return from, to
}

// status is the furthest that any surviving event brought it.
func (a *approach) status() string {
	s := StatusPlanned
	for _, e := range a.Entries {
		switch {
		case e.Kind == entryMade:
			return StatusMade
		case e.Kind == entryOff:
			s = StatusCalledOff
		case e.Kind == entryMove && s == StatusPlanned:
			s = StatusMoved
		}
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
	a := &approach{Employer: d.text(), Entries: d.entries()}
	return a, d.err()
}

// write puts an approach, its timeline row, which stood at key was if not nil, and
// its place among the open plans. today is that of a new plan, else empty.
func (a *approach) write(tx Tx, root events.Position, c *Contact, was []byte, today events.Date) error {
	e := make(encoder, 0, 96)
	e.text(a.Employer)
	e.entries(a.Entries)
	tx.Put(positionKey(rowApproach, root), e)

	c.Date, c.To = a.dates()
	c.Status = a.status()
	now := a.key(root)
	if was != nil && string(was) != string(now) {
		tx.Delete(was)
	}
	tx.Put(now, c.encode())
	return keepOpen(tx, a.Employer, root, c, today)
}

// plan begins an approach, or corrects the plan that began it.
func plan(tx Tx, r *events.Record, d *events.VisitPlanned, did *done) error {
	if did.Root == 0 {
		did.Root = r.Position
	}
	a, err := readApproach(tx, did.Root)
	if err != nil {
		return err
	}
	var was []byte
	if a == nil {
		a = &approach{}
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
	a.Entries = replaceEntry(a.Entries, entry{Position: r.Position, Order: did.Order, Kind: entryPlan, From: from, To: to})

	c := contactOf(r, did.Root, d.Employer, from, to, StatusPlanned)
	c.AccountManager.Seal = d.AccountManager.Seal
	c.Purpose, c.Form, c.Approach = d.Purpose, d.Form, d.Approach
	c.TargetGroups, c.With, c.AtRequest = d.TargetGroups, d.With, d.AtRequest
	c.Note.Seal = d.Note.Seal
	return a.write(tx, did.Root, c, was, r.Verdict.Today)
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
	return keepNoLonger(tx, a.Employer, root)
}
