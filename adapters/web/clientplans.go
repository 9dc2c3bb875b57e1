package web

import (
	"context"
	"net/http"
	"strconv"

	"huisboek/events"
)

// PlansQuestion is what Plans asks for; each member may be empty.
type PlansQuestion struct {
	Region   bool            // everybody's, and not one's own partner's
	Partner  string          // one partner's: its id
	Employee string          // one account manager's of one's own partner
	All      bool            // what is over and what came to nothing too
	Waiting  bool            // of others, that wait for one's word on going together
	From, To events.Date     // only with a day from From up to To
	After    string          // a cursor
	Max      int             // 0: the server's default
	Since    events.Position // what the answer must include
}

// Plans is a page of approaches, by their first day.
func (c *Client) Plans(ctx context.Context, in PlansQuestion) (*PlansAnswer, error) {
	q := sinceQuery(in.Since)
	setAll(q, "partner", in.Partner, "van", string(in.From), "tot", string(in.To))
	if in.Region {
		q.Set("voor", plansRegion)
	}
	if in.All {
		q.Set("status", plansAll)
	}
	if in.Waiting {
		q.Set("wacht", "true")
	}
	page(q, in.After, in.Max)
	target := c.base + plansPath
	if len(q) > 0 {
		target += "?" + q.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return nil, err
	}
	if in.Employee != "" {
		r.Header.Set(employeeHeader, in.Employee)
	}
	answer, said, err := c.answered(r)
	if err != nil {
		return nil, err
	}
	return understood[PlansAnswer](answer, said)
}

// PlanAt is the approach that the event at a position is part of, whoever's; nil when it
// is part of none.
func (c *Client) PlanAt(ctx context.Context, at, since events.Position) (*PlannedApproach, Freshness, error) {
	q := sinceQuery(since)
	q.Set("positie", strconv.FormatUint(uint64(at), 10))
	a, err := ask[PlansAnswer](ctx, c, plansPath, q)
	if err != nil || len(a.Plans) == 0 {
		return nil, Freshness{}, err
	}
	return &a.Plans[0], a.Freshness, nil
}
