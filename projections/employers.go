package projections

import (
	"fmt"

	"huisboek/events"
)

// Employers is the view of each employer: its card, its timeline (plans, visits,
// services, placements, newest first), open plans, last visit, fixed contacts, who
// has an interest in it, and placements by month. It is a pure function of the
// surviving events: what was retracted or corrected has no effect any more.
//
// Its zero value is ready to use. Its questions take the transaction of one
// View, so that several answers are true for one position.
type Employers struct{}

// NewEmployers is the view of each employer.
func NewEmployers() Employers { return Employers{} }

// Name implements Fold.
func (Employers) Name() string { return "werkgevers" }

// Shape implements Fold.
func (Employers) Shape() int { return 2 }

// Apply implements Fold.
func (Employers) Apply(tx Tx, r *events.Record) error {
	did := done{Type: r.Event.Type, Root: r.Root(), Order: r.Position}
	if e, ok := events.EmployerOf(r.Event.Data); ok {
		did.Employer = e.Key()
	}
	if target := r.Target(); target != 0 {
		was, ok, err := takeDone(tx, target)
		if err != nil {
			return fmt.Errorf("position %d: %w", r.Position, err)
		}
		if ok {
			if err := undo(tx, &was, r.Event.Type == events.TypeEventRetracted); err != nil {
				return fmt.Errorf("position %d: %w", r.Position, err)
			}
			did.Order = was.Order
			if begins(was.Type) {
				did.Root = was.Root // a correction goes on with the approach or placement it corrects
			}
		}
	}
	kept, err := effect(tx, r, &did)
	if err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	if kept {
		putDone(tx, r.Position, &did)
	}
	return nil
}

// begins reports whether events of a type begin an approach or a placement.
func begins(t events.Type) bool {
	return t == events.TypeVisitPlanned || t == events.TypePlacementMade
}

// effect does what an event says; kept is false for one that leaves nothing here.
func effect(tx Tx, r *events.Record, did *done) (kept bool, err error) {
	switch d := r.Event.Data.(type) {
	case *events.EmployerDescribed:
		tx.Put(cardKey(did.Employer, did.Order), encodeCard(r, d))
	case *events.VisitPlanned:
		err = plan(tx, r, d, did)
	case *events.VisitMoved:
		from, to := span(d.Date, d.Period)
		err = addEntry(tx, did.Root, entry{r.Position, did.Order, entryMove, from, to})
	case *events.VisitCalledOff:
		err = addEntry(tx, did.Root, entry{Position: r.Position, Order: did.Order, Kind: entryOff})
	case *events.VisitMade:
		visit(tx, r, d, did)
		err = addEntry(tx, did.Root, entry{Position: r.Position, Order: did.Order, Kind: entryMade})
	case *events.ServiceDelivered:
		serve(tx, r, d, did)
	case *events.PlacementMade:
		err = place(tx, r, d, did)
	case *events.PlacementEnded:
		err = addEnd(tx, did.Root, entry{Position: r.Position, Order: did.Order, From: d.End})
	case *events.ContactAppointed:
		tx.Put(fixedKey(did.Employer, did.Order), encodeFixed(r, d.Employer, d.Purpose, d.AccountManager.Seal, false))
		err = keepFixed(tx, did.Employer)
	case *events.ContactReleased:
		tx.Put(fixedKey(did.Employer, did.Order), encodeFixed(r, d.Employer, d.Purpose, nil, true))
		err = keepFixed(tx, did.Employer)
	default:
		return false, nil
	}
	return err == nil, err
}

// undo takes away what an event did. For a correction an approach or placement
// itself stays: the correcting event takes it over.
func undo(tx Tx, was *done, retracted bool) error {
	switch was.Type {
	case events.TypeEmployerDescribed:
		tx.Delete(cardKey(was.Employer, was.Order))
	case events.TypeVisitPlanned:
		if retracted {
			return dropApproach(tx, was.Root)
		}
	case events.TypeVisitMoved, events.TypeVisitCalledOff:
		return dropEntry(tx, was.Root, was.Order)
	case events.TypeVisitMade:
		tx.Delete(datedKey(rowTimeline, was.Employer, was.Day, was.Order))
		tx.Delete(datedKey(rowVisit, was.Employer, was.Day, was.Order))
		return dropEntry(tx, was.Root, was.Order)
	case events.TypeServiceDelivered:
		tx.Delete(datedKey(rowTimeline, was.Employer, was.Day, was.Order))
	case events.TypePlacementMade:
		if retracted {
			return dropPlacement(tx, was.Root)
		}
	case events.TypePlacementEnded:
		return dropEnd(tx, was.Root, was.Order)
	case events.TypeContactAppointed, events.TypeContactReleased:
		tx.Delete(fixedKey(was.Employer, was.Order))
		return keepFixed(tx, was.Employer)
	}
	return nil
}

func visit(tx Tx, r *events.Record, d *events.VisitMade, did *done) {
	did.Day = d.Date
	c := contactOf(r, did.Order, d.Employer, d.Date, d.Date, StatusMade)
	c.AccountManager.Seal = d.AccountManager.Seal
	c.Purpose, c.Form, c.Approach = d.Purpose, d.Form, d.Approach
	c.Outcome, c.TargetGroups, c.With = d.Outcome, d.TargetGroups, d.With
	c.AtRequest = d.AtRequest
	c.Note.Seal = d.Note.Seal
	tx.Put(datedKey(rowTimeline, did.Employer, did.Day, did.Order), c.encode())
	tx.Put(datedKey(rowVisit, did.Employer, did.Day, did.Order), nil)
}

func serve(tx Tx, r *events.Record, d *events.ServiceDelivered, did *done) {
	from, to := span(d.Date, d.Period)
	did.Day = to
	c := contactOf(r, did.Order, d.Employer, from, to, StatusDelivered)
	c.Service, c.Count, c.TargetGroup = d.Service, countOf(d), d.TargetGroup
	tx.Put(datedKey(rowTimeline, did.Employer, did.Day, did.Order), c.encode())
}

// countOf is how many services were delivered: an absent aantal is one.
func countOf(d *events.ServiceDelivered) int {
	if d.Count == nil {
		return 1
	}
	return *d.Count
}

// span is a day or a period as its first and last day.
func span(day events.Date, p *events.Period) (from, to events.Date) {
	if p != nil {
		return p.From, p.To
	}
	return day, day
}
