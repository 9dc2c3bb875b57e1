package web

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"huisboek/events"
)

// StandingQuestion is what Standing, Sheet and Difference ask for; but for Target each
// member may be empty.
type StandingQuestion struct {
	Target string
	On     events.Date
	Known  string   // a day or a moment
	Across []string // one or two dimensions
	Since  events.Position
}

// Targets are the region's targets, as known at a day or moment ("" is now).
func (c *Client) Targets(ctx context.Context, known string, dropped bool, since events.Position) (*TargetsAnswer, error) {
	q := sinceQuery(since)
	set(q, "bekendOp", known)
	if dropped {
		q.Set("vervallen", "true")
	}
	return ask[TargetsAnswer](ctx, c, targetsPath, q)
}

// Target is one target and its versions.
func (c *Client) Target(ctx context.Context, target string, since events.Position) (*TargetAnswer, error) {
	return ask[TargetAnswer](ctx, c, targetsPath+"/"+url.PathEscape(target), sinceQuery(since))
}

// Standing is how a target stands.
func (c *Client) Standing(ctx context.Context, in StandingQuestion) (*StandingAnswer, error) {
	return ask[StandingAnswer](ctx, c, targetsPath+"/"+url.PathEscape(in.Target)+"/stand", in.query())
}

// Difference explains a standing as known at in.Known and later at another moment ("" is now).
func (c *Client) Difference(ctx context.Context, in StandingQuestion, with string) (*DifferenceAnswer, error) {
	q := in.query()
	set(q, "vergelekenMet", with)
	return ask[DifferenceAnswer](ctx, c, targetsPath+"/"+url.PathEscape(in.Target)+"/verschil", q)
}

func (in *StandingQuestion) query() url.Values {
	q := sinceQuery(in.Since)
	setAll(q, "peildatum", string(in.On), "bekendOp", in.Known)
	across := ""
	for i, a := range in.Across {
		if i > 0 {
			across += ","
		}
		across += a
	}
	set(q, "per", across)
	return q
}

// Sheet writes a standing as a file ("csv" or "xlsx") in a language ("nl" or "en").
func (c *Client) Sheet(ctx context.Context, in StandingQuestion, form, language string, to io.Writer) error {
	q := in.query()
	setAll(q, "vorm", form, "taal", language)
	return c.download(ctx, targetsPath+"/"+url.PathEscape(in.Target)+"/stand/bestand", q, to)
}

// PlacementDoubles are placements that may be the same; state may be empty (open ones).
func (c *Client) PlacementDoubles(ctx context.Context, state, after string, count int, since events.Position) (*PlacementDoublesAnswer, error) {
	q := sinceQuery(since)
	setAll(q, "stand", state, "na", after)
	if count > 0 {
		q.Set("aantal", strconv.Itoa(count))
	}
	return ask[PlacementDoublesAnswer](ctx, c, "/v1/dubbelen", q)
}

// Reach is the share of employers that were visited; each may be empty.
func (c *Client) Reach(ctx context.Context, from, to events.Date, known string, since events.Position) (*ReachAnswer, error) {
	q := sinceQuery(since)
	setAll(q, "van", string(from), "tot", string(to), "bekendOp", known)
	return ask[ReachAnswer](ctx, c, "/v1/bereik", q)
}

// download writes an answer that is a file, as it comes.
func (c *Client) download(ctx context.Context, path string, query url.Values, to io.Writer) error {
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return err
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK && answer.Header.Get("Content-Disposition") != "" {
		_, err = io.Copy(to, answer.Body)
		return err
	}
	said, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return err
	}
	_, err = understood[struct{}](answer, said)
	return err
}
