package ledger

import (
	"fmt"

	"huisboek/events"
)

// applyEvent undoes what is retracted or corrected, then does what the
// event says, and writes down what it did.
func applyEvent(tx Tx, r *events.Record) error {
	did := done{Type: r.Event.Type, Partner: r.Partner, Order: r.Position, Root: r.Root()}
	if e, ok := events.EmployerOf(r.Event.Data); ok {
		did.Employer = e.Key()
		applyNamed(tx, did.Employer, r.Partner)
	}
	if e, with, ok := events.PairOf(r.Event.Data); ok {
		did.Employer, did.With = e.Key(), with.Key()
	}
	if t := r.Target(); t != 0 {
		was, err := undo(tx, t, r.Event.Type == events.TypeEventRetracted)
		if err != nil {
			return err
		}
		did.Order = was.Order
		if did.Employer == "" { // a retraction is about whom it takes back
			did.Employer = was.Employer
		}
	}
	if err := effect(tx, r, &did); err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	return putRow(tx, positionKey(rowDone, r.Position), &did)
}

// undo takes away what a position did. For a correction the approach, placement or
// vacancy itself stays: the correcting event goes on with it.
func undo(tx Tx, at events.Position, retracted bool) (done, error) {
	var was done
	if ok, err := getRow(tx, positionKey(rowDone, at), &was); err != nil || !ok {
		return was, err
	}
	was.Void = true
	if err := putRow(tx, positionKey(rowDone, at), &was); err != nil {
		return was, err
	}
	switch was.Type {
	case events.TypeVisitPlanned:
		if retracted {
			return was, changeApproach(tx, rootOf(at, was), func(*approach) *approach { return nil })
		}
	case events.TypeVisitMade:
		tx.Delete(visitKey(was.Employer, was.Date, was.Order))
		return was, dropEntry(tx, was)
	case events.TypeVisitMoved, events.TypeVisitCalledOff:
		return was, dropEntry(tx, was)
	case events.TypePlacementMade:
		if retracted {
			return was, changePlacement(tx, rootOf(at, was), func(*placement) *placement { return nil })
		}
	case events.TypePlacementEnded:
		return was, changePlacement(tx, was.Root, func(p *placement) *placement {
			if p != nil {
				p.Ended = take(p.Ended, was.Order)
			}
			return p
		})
	case events.TypeVacancyReported:
		if retracted {
			return was, changeVacancy(tx, rootOf(at, was), func(*vacancy) *vacancy { return nil })
		}
	case events.TypeVacancyFilled, events.TypeVacancyWithdrawn:
		return was, changeVacancy(tx, was.Root, func(v *vacancy) *vacancy {
			if v != nil {
				v.Entries = take(v.Entries, was.Order)
			}
			return v
		})
	case events.TypeContactAppointed, events.TypeContactReleased:
		tx.Delete(contactKey(was.Employer, was.Order))
	}
	return was, nil
}

func rootOf(at events.Position, d done) events.Position {
	if d.Root != 0 {
		return d.Root
	}
	return at
}

func dropEntry(tx Tx, was done) error {
	if was.Root == 0 {
		return nil
	}
	return changeApproach(tx, was.Root, func(a *approach) *approach {
		if a != nil {
			a.Entries = take(a.Entries, was.Order)
		}
		return a
	})
}

func effect(tx Tx, r *events.Record, did *done) error {
	switch d := r.Event.Data.(type) {
	case *events.VisitPlanned:
		return effectPlanned(tx, r, d, did)
	case *events.VisitMoved:
		from, to := span(d.Date, d.Period)
		return addEntry(tx, did, entry{Position: r.Position, Order: did.Order, Kind: entryMove, From: from, To: to})
	case *events.VisitCalledOff:
		return addEntry(tx, did, entry{Position: r.Position, Order: did.Order, Kind: entryOff})
	case *events.VisitMade:
		did.Date = d.Date
		if err := addEntry(tx, did, entry{Position: r.Position, Order: did.Order, Kind: entryMade}); err != nil {
			return err
		}
		return putRow(tx, visitKey(did.Employer, d.Date, did.Order), &visitRow{
			Position: r.Position, Date: d.Date, Partner: r.Partner, Establishment: d.Establishment,
			Purpose: d.Purpose, Form: d.Form, Who: sealed(r, d.AccountManager),
		})
	case *events.PlacementMade:
		return effectPlacement(tx, r, d, did)
	case *events.PlacementEnded:
		return changePlacement(tx, did.Root, func(p *placement) *placement {
			if p != nil {
				did.Employer = p.Employer
				p.Ended = put(p.Ended, entry{Position: r.Position, Order: did.Order, Kind: entryEnded, From: d.End})
			}
			return p
		})
	case *events.VacancyReported:
		return effectVacancy(tx, r, d, did)
	case *events.VacancyFilled:
		filled := entry{Position: r.Position, Order: did.Order, Kind: entryFilled, From: d.Date}
		if d.Count != nil {
			filled.Count = *d.Count
		}
		return addToVacancy(tx, did, filled)
	case *events.VacancyWithdrawn:
		return addToVacancy(tx, did, entry{Position: r.Position, Order: did.Order, Kind: entryWithdrawn})
	case *events.EmployersLinked, *events.EmployersUnlinked:
		return applyLink(tx, r, did)
	case *events.ContactAppointed:
		return putContact(tx, r, did, &contactRow{Establishment: d.Establishment, Purpose: d.Purpose, Who: sealed(r, d.AccountManager)})
	case *events.ContactReleased:
		return putContact(tx, r, did, &contactRow{Establishment: d.Establishment, Purpose: d.Purpose, Released: true})
	}
	return nil // described, service, signal, retracted: the book decides nothing on them
}

func putContact(tx Tx, r *events.Record, did *done, c *contactRow) error {
	h, err := heirsOn(tx, r.Verdict.Today)
	if err != nil {
		return err
	}
	c.Position, c.Partner, c.Over = r.Position, r.Partner, h.own(r.Partner)[1:]
	return putRow(tx, contactKey(did.Employer, did.Order), c)
}

func effectPlanned(tx Tx, r *events.Record, d *events.VisitPlanned, did *done) error {
	from, to := span(d.Date, d.Period)
	if did.Root == 0 {
		did.Root = r.Position
	}
	return changeApproach(tx, did.Root, func(a *approach) *approach {
		if a == nil {
			a = &approach{Root: did.Root, Partner: r.Partner, ID: d.Approach}
		}
		if a.By = ""; r.Partner != a.Partner {
			a.By = r.Partner
		}
		a.Employer, a.Number, a.Establishment, a.Purpose = did.Employer, d.Number(), d.Establishment, d.Purpose
		a.Who = sealed(r, d.AccountManager)
		a.Entries = put(a.Entries, entry{Position: r.Position, Order: did.Order, Kind: entryPlan, From: from, To: to})
		return a
	})
}

func effectPlacement(tx Tx, r *events.Record, d *events.PlacementMade, did *done) error {
	if did.Root == 0 {
		did.Root = r.Position
	}
	return changePlacement(tx, did.Root, func(p *placement) *placement {
		if p == nil {
			p = &placement{Partner: r.Partner, ID: d.Placement, Root: did.Root}
		}
		p.Employer, p.Number, p.Start = did.Employer, d.Number(), d.Start
		return p
	})
}

func addEntry(tx Tx, did *done, e entry) error {
	if did.Root == 0 {
		return nil
	}
	return changeApproach(tx, did.Root, func(a *approach) *approach {
		if a == nil {
			return nil // its plan was retracted: there is nothing to move or to end
		}
		if d := did.Type; d == events.TypeVisitMoved || d == events.TypeVisitCalledOff {
			did.Employer = a.Employer
		}
		a.Entries = put(a.Entries, e)
		return a
	})
}

// changeApproach keeps the three rows of an approach together: itself, its id,
// and its place among the open ones. fn gets nil when there is none, and returns
// nil when none is to be left.
func changeApproach(tx Tx, root events.Position, fn func(*approach) *approach) error {
	key := positionKey(rowApproach, root)
	was := new(approach)
	ok, err := getRow(tx, key, was)
	if err != nil {
		return err
	}
	if ok && was.open() {
		_, to := was.dates()
		tx.Delete(openKey(was.Employer, to, root))
	}
	if !ok {
		was = nil
	}
	var idRow []byte
	if was != nil {
		idRow = uuidKey(rowApproachID, was.Partner, was.ID)
	}
	now := fn(was)
	if now == nil {
		if ok {
			tx.Delete(key)
			tx.Delete(idRow)
		}
		return nil
	}
	if now.open() {
		_, to := now.dates()
		if err := putRow(tx, openKey(now.Employer, to, root), now); err != nil {
			return err
		}
	}
	tx.Put(uuidKey(rowApproachID, now.Partner, now.ID), u64(uint64(root)))
	return putRow(tx, key, now)
}

func changePlacement(tx Tx, root events.Position, fn func(*placement) *placement) error {
	key := positionKey(rowPlacement, root)
	p := new(placement)
	ok, err := getRow(tx, key, p)
	if err != nil {
		return err
	}
	if !ok {
		p = nil
	}
	var idRow []byte
	if p != nil {
		idRow = uuidKey(rowPlacementID, p.Partner, p.ID)
	}
	now := fn(p)
	if now == nil {
		if ok {
			tx.Delete(key)
			tx.Delete(idRow)
		}
		return nil
	}
	tx.Put(uuidKey(rowPlacementID, now.Partner, now.ID), u64(uint64(root)))
	return putRow(tx, key, now)
}

// span is a day or a period as its first and last day.
func span(day events.Date, p *events.Period) (from, to events.Date) {
	if p != nil {
		return p.From, p.To
	}
	return day, day
}

func sealed(r *events.Record, p events.Personal[events.AccountManager]) sealedPerson {
	if p.Seal == nil {
		return sealedPerson{}
	}
	return sealedPerson{Seal: p.Seal, Source: r.Event.Source, ID: r.Event.ID}
}
