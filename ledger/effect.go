package ledger

import (
	"fmt"

	"huisboek/events"
)

// applyEvent undoes what is retracted or corrected, then does what the
// event says, and writes down what it did.
func (b *Book) applyEvent(tx Tx, r *events.Record) error {
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
	if err := b.effect(tx, r, &did); err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	if did.Until < r.Verdict.Today { // its last day is over: it holds nothing
		did.Until = ""
	}
	putDone(tx, r.Position, &did)
	return nil
}

// undo takes away what a position did. For a correction the approach, placement or
// vacancy itself stays: the correcting event goes on with it.
func undo(tx Tx, at events.Position, retracted bool) (done, error) {
	was, ok, err := doneAt(tx, at)
	if err != nil || !ok {
		return was, err
	}
	was.Void = true
	putDone(tx, at, &was)
	switch was.Type {
	case events.TypeVisitPlanned:
		if retracted {
			return was, changeApproach(tx, rootOf(at, was), func(*approach) *approach { return nil })
		}
	case events.TypeVisitMade:
		if err := dropVisit(tx, &was); err != nil {
			return was, err
		}
		return was, dropEntry(tx, was)
	case events.TypeJointVisitConfirmed:
		tx.Delete(confirmedKey(was.Root, was.Order))
	case events.TypeEmployerDescribed:
		tx.Delete(gemeenteKey(was.Employer, was.Order))
	case events.TypeVisitMoved, events.TypeVisitCalledOff, events.TypeApproachExtended:
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

func (b *Book) effect(tx Tx, r *events.Record, did *done) error {
	switch d := r.Event.Data.(type) {
	case *events.VisitPlanned:
		return b.effectPlanned(tx, r, d, did)
	case *events.PlanRefused: // nothing is planned by it
		tx.Put(uuidKey(rowRefused, r.Partner, d.Approach), u64(uint64(r.Position)))
		return nil
	case *events.VisitMoved:
		from, to := span(d.Date, d.Period)
		return b.addWord(tx, r, did, entry{Kind: entryMove, From: from, To: to, Holds: holding(r, d.Despite)})
	case *events.ApproachExtended:
		return b.addWord(tx, r, did, entry{Kind: entryExtended, To: d.To})
	case *events.JointVisitConfirmed:
		return effectConfirmed(tx, r, did)
	case *events.LevelSet:
		noteKind(tx, did.Employer, everLevel)
		return putRow(tx, levelKey(did.Employer, d.Establishment), &levelRow{r.Position, d.Level})
	case *events.EmployerSpared:
		noteKind(tx, did.Employer, everSpared)
		return putRow(tx, spareKey(did.Employer, d.Establishment), &spareRow{r.Position, d.From, d.To, d.Ground, d.Purposes, d.Lifted})
	case *events.EmployerDescribed:
		putGemeente(tx, r, d, did)
		return nil
	case *events.VisitCalledOff:
		return addEntry(tx, did, entry{Position: r.Position, Order: did.Order, Kind: entryOff})
	case *events.VisitMade:
		did.Date, did.Place, did.Purpose, did.Asked = d.Date, d.Establishment, d.Purpose, d.AtRequest
		if err := addEntry(tx, did, entry{Position: r.Position, Order: did.Order, Kind: entryMade}); err != nil {
			return err
		}
		return keepVisit(tx, did, &visitRow{
			Position: r.Position, Date: d.Date, Partner: r.Partner, Establishment: d.Establishment, Purpose: d.Purpose, Form: d.Form,
			With: partnersOf(tx, d.With), AtRequest: d.AtRequest, Root: did.Root, Who: sealed(r, d.AccountManager),
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
	case *events.PlacementsMatched, *events.PlacementsDistinct:
		return applyPair(tx, r)
	case *events.TargetSet:
		return applyTarget(tx, r.Position, d.Target, false)
	case *events.TargetDropped:
		return applyTarget(tx, r.Position, d.Target, true)
	case *events.ContactAppointed:
		return putContact(tx, r, did, &contactRow{Establishment: d.Establishment, Purpose: d.Purpose, Who: sealed(r, d.AccountManager)})
	case *events.ContactReleased:
		return putContact(tx, r, did, &contactRow{Establishment: d.Establishment, Purpose: d.Purpose, Released: true})
	}
	return nil // service, signal, followed, retracted, employers counted: the book decides nothing on them
}

func putContact(tx Tx, r *events.Record, did *done, c *contactRow) error {
	h, err := heirsOn(tx, r.Verdict.Today)
	if err != nil {
		return err
	}
	c.Position, c.Partner, c.Over = r.Position, r.Partner, h.own(r.Partner)[1:]
	noteKind(tx, did.Employer, everContact)
	return putRow(tx, contactKey(did.Employer, did.Order), c)
}

// holding reports whether an approach holds its employer by a plan or a move: it was
// free or a warning, or its maker went through. Old history holds nothing.
func holding(r *events.Record, despite *events.Despite) bool {
	o := r.Verdict.Outcome
	return !r.Event.Afterwards && (o == events.Free || o == events.Attention || o == events.Taken && despite != nil)
}

// settle fixes until when a plan or a move lets an approach hold: by the agreement in
// force on the record's own day. An extension names its day itself.
func (b *Book) settle(tx Tx, r *events.Record, did *done, first events.Date, e *entry) error {
	e.Position, e.Order = r.Position, did.Order
	if e.Kind == entryExtended {
		return nil
	}
	_, t, err := b.terms(tx, r.Partner, r.Verdict.Today)
	e.Valid, e.Limit = r.Verdict.Today.AddDays(t.ValidDays), first.AddDays(t.LongestDays)
	e.Outcome = r.Verdict.Outcome
	return err
}

// addWord adds a move or an extension to its approach.
func (b *Book) addWord(tx Tx, r *events.Record, did *done, e entry) error {
	var first approach
	if _, err := getRow(tx, positionKey(rowApproach, did.Root), &first); err != nil {
		return err
	}
	if err := b.settle(tx, r, did, first.First, &e); err != nil {
		return err
	}
	return addEntry(tx, did, e)
}

func (b *Book) effectPlanned(tx Tx, r *events.Record, d *events.VisitPlanned, did *done) error {
	from, to := span(d.Date, d.Period)
	first := r.Verdict.Today
	if did.Root == 0 {
		did.Root = r.Position
	} else {
		var a approach
		if ok, err := getRow(tx, positionKey(rowApproach, did.Root), &a); err != nil {
			return err
		} else if ok {
			first = a.First
		}
	}
	said := entry{Kind: entryPlan, From: from, To: to, Holds: holding(r, d.Despite)}
	if err := b.settle(tx, r, did, first, &said); err != nil {
		return err
	}
	with := partnersOf(tx, d.With)
	return changeApproach(tx, did.Root, func(a *approach) *approach {
		if a == nil {
			a = &approach{Root: did.Root, Partner: r.Partner, ID: d.Approach, First: first}
		}
		if a.By = ""; r.Partner != a.Partner {
			a.By = r.Partner
		}
		a.Employer, a.Number, a.Establishment, a.Purpose = did.Employer, d.Number(), d.Establishment, d.Purpose
		a.Who, a.With, a.AtRequest = sealed(r, d.AccountManager), with, d.AtRequest
		a.Entries = put(a.Entries, said)
		did.Until = held(a)
		return a
	})
}

func effectPlacement(tx Tx, r *events.Record, d *events.PlacementMade, did *done) error {
	if did.Root == 0 {
		did.Root = r.Position
	}
	with := partnersOf(tx, d.With)
	return changePlacement(tx, did.Root, func(p *placement) *placement {
		if p == nil {
			p = &placement{Partner: r.Partner, ID: d.Placement, Root: did.Root}
		}
		p.Employer, p.Number, p.Start, p.With = did.Employer, d.Number(), d.Start, with
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
		if d := did.Type; d == events.TypeVisitMoved || d == events.TypeVisitCalledOff || d == events.TypeApproachExtended {
			did.Employer = a.Employer
		}
		a.Entries = put(a.Entries, e)
		if e.Kind == entryMove || e.Kind == entryExtended {
			did.Until = held(a)
		}
		return a
	})
}

// held is until when an approach holds; "" when it does not.
func held(a *approach) events.Date {
	if a.holds() {
		return a.until()
	}
	return ""
}

// changeApproach keeps the rows of an approach together: itself, its id, its place
// among the open ones, and what it holds. fn gets nil when there is none, and returns
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
	if ok && was.holds() {
		if err := keepHold(tx, was, false); err != nil {
			return err
		}
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
		putOpen(tx, now)
	}
	if now.holds() {
		if err := keepHold(tx, now, true); err != nil {
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
