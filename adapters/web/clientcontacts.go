package web

import (
	"context"
	"strings"

	"huisboek/events"
)

// ContactsQuestion is what Timeline asks for; but for Employer each member may be empty.
type ContactsQuestion struct {
	Employer events.Employer
	Concern  bool        // under all keys of its concern
	Kinds    []string    // "bezoek", "dienst", "plaatsing", "plan", "vacature", "signaal"
	From     events.Date // only what ends on this day or later
	After    string      // a cursor
	Max      int         // 0: the server's default
	Since    events.Position
}

// Timeline is a page of an employer's contacts, the newest first.
func (c *Client) Timeline(ctx context.Context, in ContactsQuestion) (*ContactsAnswer, error) {
	q := employerQuery(in.Employer, in.Since)
	if in.Concern {
		q.Set("concern", "true")
	}
	setAll(q, "soort", strings.Join(in.Kinds, ","), "van", string(in.From))
	page(q, in.After, in.Max)
	return ask[ContactsAnswer](ctx, c, employerPath(in.Employer, "/contacten"), q)
}
