package projections

import "huisboek/events"

// done is what the event at one position did to the view of employers. It is
// kept as long as that event survives, to be able to undo it.
type done struct {
	Type     events.Type
	Employer string
	Root     events.Position // of the approach, placement or vacancy it is part of, or 0
	Order    events.Position // its place among its like
	Day      events.Date     // of its timeline row; empty when an approach, placement or vacancy knows
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
	tx.Put(positionKey(rowDone, p), e)
}

// takeDone reads and removes; ok is false when the event there did nothing, or
// was retracted or corrected before.
func takeDone(tx Tx, p events.Position) (d done, ok bool, err error) {
	d, ok, err = readDone(tx, p)
	if ok {
		tx.Delete(positionKey(rowDone, p))
	}
	return d, ok, err
}

func readDone(tx Tx, p events.Position) (d done, ok bool, err error) {
	row := tx.Get(positionKey(rowDone, p))
	if row == nil {
		return d, false, nil
	}
	r := decode(row)
	d.Type = at(&r, doneTypes[:])
	d.Employer, d.Root, d.Order, d.Day = r.text(), r.position(), r.position(), r.date()
	return d, true, r.err()
}
