package projections

import (
	"fmt"

	"huisboek/events"
)

// done is what the event at one position did to the view of employers, to be able to
// undo it. It stays when it was undone, for the views that come after it: see [undoneBy].
type done struct {
	Type     events.Type
	Employer string
	Root     events.Position // of the approach, placement or vacancy it is part of, or 0
	Order    events.Position // its place among its like
	Day      events.Date     // of its timeline row; empty when an approach, placement or vacancy knows
	Over     events.Position // of the event that retracted or corrected it; 0: it stands
}

// doneTypes are the types that leave something; a row holds the index.
var doneTypes = [...]events.Type{
	events.TypeEmployerDescribed, events.TypeVisitPlanned, events.TypeVisitMoved, events.TypeVisitCalledOff,
	events.TypeVisitMade, events.TypeServiceDelivered, events.TypePlacementMade, events.TypePlacementEnded,
	events.TypeContactAppointed, events.TypeContactReleased,
	events.TypeVacancyReported, events.TypeVacancyFilled, events.TypeVacancyWithdrawn, events.TypeSignalNoted,
	events.TypeApproachExtended, events.TypeJointVisitConfirmed,
}

func putDone(tx Tx, p events.Position, d *done) {
	e := make(encoder, 0, 48)
	e.byte(indexOf(doneTypes[:], d.Type))
	e.text(d.Employer)
	e.position(d.Root)
	e.position(d.Order)
	e.date(d.Day)
	e.position(d.Over)
	tx.Put(positionKey(rowDone, p), e)
}

// undone reads what the event that a record retracts or corrects did, and notes that it
// is over; ok is false when it did nothing, or was over before.
func undone(tx Tx, r *events.Record) (d done, ok bool, err error) {
	target := r.Target()
	if d, ok, err = readDone(tx, target); ok && err == nil {
		d.Over = r.Position
		putDone(tx, target, &d)
	}
	return d, ok, err
}

// undoneBy is what a record undid, for the views that it reaches after [Employers]; the
// zero one when it undid nothing.
func undoneBy(tx Tx, r *events.Record) (d done, err error) {
	target := r.Target()
	if target == 0 {
		return done{}, nil
	}
	if d, err = doneAt(tx, target); err != nil {
		return done{}, fmt.Errorf("position %d: %w", target, err)
	}
	if d.Over != r.Position {
		return done{}, nil
	}
	return d, nil
}

// readDone is what the event at a position did; ok is false when it did nothing, or that
// is over.
func readDone(tx Tx, p events.Position) (d done, ok bool, err error) {
	d, err = doneAt(tx, p)
	return d, err == nil && d.Type != "" && d.Over == 0, err
}

// doneAt is what the event at a position did, over or not; the zero one when that was
// nothing.
func doneAt(tx Tx, p events.Position) (d done, err error) {
	row := tx.Get(positionKey(rowDone, p))
	if row == nil {
		return d, nil
	}
	r := decode(row)
	d.Type = at(&r, doneTypes[:])
	d.Employer, d.Root, d.Order, d.Day, d.Over = r.text(), r.position(), r.position(), r.date(), r.position()
	return d, r.err()
}

// approach is the first plan of the approach that the event is part of, or 0.
func (d *done) approach() events.Position {
	switch d.Type {
	case events.TypeVisitPlanned, events.TypeVisitMoved, events.TypeVisitCalledOff, events.TypeApproachExtended, events.TypeVisitMade:
		return d.Root
	}
	return 0
}

// vacancy is the first report of the vacancy that the event is part of, or 0.
func (d *done) vacancy() events.Position {
	switch d.Type {
	case events.TypeVacancyReported, events.TypeVacancyFilled, events.TypeVacancyWithdrawn:
		return d.Root
	}
	return 0
}

// thing is what can clash that the event is part of, or 0: see [Clashes].
func (d *done) thing() events.Position {
	switch d.Type {
	case events.TypeVisitMade:
		return d.Order
	case events.TypeJointVisitConfirmed:
		return d.Root
	}
	return d.approach()
}
