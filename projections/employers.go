package projections

import (
	"fmt"

	"huisboek/events"
)

// Employers is the view of each employer: its card, its timeline (plans, visits,
// services, placements, vacancies, signals, newest first), open plans, last visit,
// fixed contacts, who has an interest in it, placements by month, open vacancies,
// how it is linked to others, at what level it is approached, and when it is spared. It is a pure function of the surviving events:
// what was retracted or corrected has no effect any more.
//
// Rows stand with the key under which an employer was told of, and links move none
// of them: a question is asked of all keys of an employer (Same), each once, and
// unlinking is a question of fewer.
//
// Its zero value is ready to use. Its questions take the transaction of one
// View, so that several answers are true for one position.
type Employers struct{}

// NewEmployers is the view of each employer.
func NewEmployers() Employers { return Employers{} }

// Name implements Fold.
func (Employers) Name() string { return "werkgevers" }

// Shape implements Fold.
func (Employers) Shape() int { return 5 }

// Apply implements Fold.
func (Employers) Apply(tx Tx, r *events.Record) error {
	did := done{Type: r.Event.Type, Root: r.Root(), Order: r.Position}
	if e, ok := events.EmployerOf(r.Event.Data); ok {
		did.Employer = e.Key()
	}
	if r.Target() != 0 {
		was, ok, err := undone(tx, r)
		if err != nil {
			return fmt.Errorf("position %d: %w", r.Position, err)
		}
		if ok {
			if err := undo(tx, &was, r.Event.Type == events.TypeEventRetracted); err != nil {
				return fmt.Errorf("position %d: %w", r.Position, err)
			}
			did.Order = was.Order
			if begins(was.Type) {
				did.Root = was.Root // a correction goes on with what it corrects
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

// begins reports whether events of a type begin an approach, a placement or a vacancy.
func begins(t events.Type) bool {
	return t == events.TypeVisitPlanned || t == events.TypePlacementMade || t == events.TypeVacancyReported
}

// effect does what an event says; kept is false for one that leaves nothing here.
func effect(tx Tx, r *events.Record, did *done) (kept bool, err error) {
	switch d := r.Event.Data.(type) {
	case *events.EmployerDescribed:
		tx.Put(cardKey(did.Employer, did.Order), encodeCard(r, d))
	case *events.VisitPlanned:
		err = plan(tx, r, d, did)
	case *events.VisitMoved:
		err = move(tx, r, d, did)
	case *events.ApproachExtended:
		err = extend(tx, r, d, did)
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
		err = appoint(tx, r, d.Employer, d.Purpose, d.AccountManager.Seal, did)
	case *events.ContactReleased:
		err = appoint(tx, r, d.Employer, d.Purpose, nil, did)
	case *events.VacancyReported:
		err = reportVacancy(tx, r, d, did)
	case *events.VacancyFilled:
		e := entry{Position: r.Position, Order: did.Order, Kind: entryFilled, From: d.Date}
		if d.Count != nil {
			e.Count = *d.Count
		}
		err = addToVacancy(tx, did.Root, e)
	case *events.VacancyWithdrawn:
		err = addToVacancy(tx, did.Root, entry{Position: r.Position, Order: did.Order, Kind: entryWithdrawn})
	case *events.SignalNoted:
		noteSignal(tx, r, d, did)
	case *events.JointVisitConfirmed:
		return confirm(tx, r, did)
	case *events.LevelSet:
		keepLevel(tx, r, d)
		return false, nil // of these the last word counts, and nothing takes it back
	case *events.EmployerSpared:
		keepSpared(tx, r, d)
		return false, nil
	case *events.EmployersLinked:
		return false, link(tx, r, d.Employer, d.With, d.Kind) // what undoes it is another word on the pair
	case *events.EmployersUnlinked:
		return false, link(tx, r, d.Employer, d.With, "")
	default:
		return false, nil
	}
	return err == nil, err
}

// undo takes away what an event did. For a correction an approach, placement or
// vacancy itself stays: the correcting event takes it over.
func undo(tx Tx, was *done, retracted bool) error {
	switch was.Type {
	case events.TypeEmployerDescribed:
		tx.Delete(cardKey(was.Employer, was.Order))
	case events.TypeVisitPlanned:
		if retracted {
			return dropApproach(tx, was.Root)
		}
	case events.TypeVisitMoved, events.TypeVisitCalledOff, events.TypeApproachExtended:
		return dropEntry(tx, was.Root, was.Order)
	case events.TypeVisitMade:
		tx.Delete(datedKey(rowTimeline, was.Employer, was.Day, was.Order))
		tx.Delete(datedKey(rowVisit, was.Employer, was.Day, was.Order))
		if retracted {
			dropConfirmed(tx, was.Order)
		}
		return dropEntry(tx, was.Root, was.Order)
	case events.TypeServiceDelivered, events.TypeSignalNoted:
		tx.Delete(datedKey(rowTimeline, was.Employer, was.Day, was.Order))
	case events.TypePlacementMade:
		if retracted {
			return dropPlacement(tx, was.Root)
		}
	case events.TypeJointVisitConfirmed:
		tx.Delete(confirmedKey(was.Root, was.Order))
	case events.TypePlacementEnded:
		return dropEnd(tx, was.Root, was.Order)
	case events.TypeContactAppointed, events.TypeContactReleased:
		tx.Delete(fixedKey(was.Employer, was.Order))
		return keepFixed(tx, was.Employer)
	case events.TypeVacancyReported:
		if retracted {
			return dropVacancy(tx, was.Root)
		}
	case events.TypeVacancyFilled, events.TypeVacancyWithdrawn:
		return dropFromVacancy(tx, was.Root, was.Order)
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

func noteSignal(tx Tx, r *events.Record, d *events.SignalNoted, did *done) {
	did.Day = dayOf(r, d.Date)
	c := contactOf(r, did.Order, d.Employer, did.Day, did.Day, StatusNoted)
	c.Theme, c.Note.Seal = d.Theme, d.Text.Seal
	tx.Put(datedKey(rowTimeline, did.Employer, did.Day, did.Order), c.encode())
}

// dayOf is the day that an event names, else the day on which it was recorded.
func dayOf(r *events.Record, named events.Date) events.Date {
	if named == "" {
		return r.Verdict.Today
	}
	return named
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
