package web

import (
	"context"

	"huisboek/events"
)

// ReadLogQuestion is what ReadLog asks for; each member may be empty.
type ReadLogQuestion struct {
	Employer string // a key
	By       string // id of a partner or of a credential
	From, To events.Date
	After    string // a cursor
	Max      int
}

// ReadLog is who looked at contact persons, newest first: for an auditor all of it,
// for a partner what concerns it.
func (c *Client) ReadLog(ctx context.Context, in ReadLogQuestion) (*ReadLogAnswer, error) {
	q := sinceQuery(0)
	set(q, "werkgever", in.Employer)
	set(q, "door", in.By)
	set(q, "van", string(in.From))
	set(q, "tot", string(in.To))
	page(q, in.After, in.Max)
	return ask[ReadLogAnswer](ctx, c, readLogPath, q)
}

// EmployerFor is Employer for a purpose, one of readlog.Purposes, that is kept with who
// looked at the contact persons in the answer.
func (c *Client) EmployerFor(ctx context.Context, e events.Employer, purpose string, since events.Position) (*EmployerAnswer, error) {
	return c.employerFor(ctx, e, purpose, false, since)
}

// ConcernFor is EmployerFor under all keys of its concern.
func (c *Client) ConcernFor(ctx context.Context, e events.Employer, purpose string, since events.Position) (*EmployerAnswer, error) {
	return c.employerFor(ctx, e, purpose, true, since)
}

func (c *Client) employerFor(ctx context.Context, e events.Employer, purpose string, concern bool, since events.Position) (*EmployerAnswer, error) {
	q := employerQuery(e, since)
	set(q, "verwerking", purpose)
	if concern {
		q.Set("concern", "true")
	}
	return ask[EmployerAnswer](ctx, c, employerPath(e, ""), q)
}
