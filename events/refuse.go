package events

import (
	"errors"
	"fmt"
)

var errNotPlan = errors.New("only a plan is refused")

// Refuse is the same plan, plain or sealed, as the ledger records one that the
// agreement refuses: everything is as its maker said it, but for the type
// ([PlanRefused]). The event itself is not changed. It is an error of any other type.
func Refuse(e *Event) (*Event, error) {
	plan, ok := e.Data.(*VisitPlanned)
	if !ok {
		return nil, fmt.Errorf("%w: %s", errNotPlan, e.Type)
	}
	t, err := parse(e.canonical)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotPlan, err)
	}
	defer t.release()
	typ := t.nodes[t.find(0, "type")]
	refused := *e
	refused.Type = TypePlanRefused
	refused.Data = &PlanRefused{VisitPlanned: *plan}
	b := make([]byte, 0, len(e.canonical))
	b = append(b, e.canonical[:typ.start]...)
	b = quote(b, string(TypePlanRefused))
	// The personal members stand in data, which comes before type, and in the same
	// places of the shape: their spans stay.
	refused.canonical = append(b, e.canonical[typ.end:]...)
	return &refused, nil
}
