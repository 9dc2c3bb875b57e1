package projections

import "huisboek/events"

// PlanAt is the approach that the event at a position is part of: a plan, a move, an
// extension, a calling-off or a visit, corrected since or not. q.For alone matters. nil:
// that event is part of none.
func (Agenda) PlanAt(tx Tx, at events.Position, q PlansQuery, today events.Date) (*Plan, error) {
	said, err := doneAt(tx, at)
	if err != nil || said.approach() == 0 {
		return nil, err
	}
	p, err := plannedAt(tx, said.approach())
	if p == nil || err != nil {
		return nil, err
	}
	x := planReader{tx: tx, q: &q, today: today, named: map[string]bool{}, clashes: clashReader{tx: tx, today: today}}
	plan, err := x.complete(p)
	return &plan, err
}
