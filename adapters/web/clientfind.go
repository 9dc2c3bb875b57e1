package web

import (
	"context"

	"huisboek/events"
)

// FindQuestion is what FindWith asks for: a text, or at least one filter; each member may
// be empty.
type FindQuestion struct {
	Text         string      // what was typed
	Gemeenten    []string    // in one of these: "GM0193"
	Sector, Size string      // of this sector and grootteklasse
	NotSince     events.Date // without contact from this day on
	Sort         string      // "naam" or "laatste"; "": the best first, without a text by name
	After        string      // a cursor
	Max          int         // 0: the server's default
	Since        events.Position
}

// FindWith is a page of the employers that match what was typed and that the filters let
// through.
func (c *Client) FindWith(ctx context.Context, in FindQuestion) (*FindAnswer, error) {
	q := sinceQuery(in.Since)
	setAll(q, "zoek", in.Text, "sector", in.Sector, "grootteklasse", in.Size, "nietSinds", string(in.NotSince), "sorteer", in.Sort)
	for _, g := range in.Gemeenten {
		q.Add("gemeente", g)
	}
	page(q, in.After, in.Max)
	return ask[FindAnswer](ctx, c, "/v1/werkgevers", q)
}

// Named are the employers with exactly these keys, 200 at most, in this order; one that
// nobody described has no name.
func (c *Client) Named(ctx context.Context, keys []string, since events.Position) (*FindAnswer, error) {
	q := sinceQuery(since)
	for _, key := range keys {
		q.Add("werkgever", key)
	}
	return ask[FindAnswer](ctx, c, "/v1/werkgevers", q)
}
