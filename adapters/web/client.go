package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"huisboek/events"
	"huisboek/ledger"
)

// Client asks a running book over HTTP, as the command line does. A refusal is a
// ledger.Problem; any other error means that there was no answer.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// maxAnswer is the largest answer that is read, in bytes: 200 contacts are a
// tenth of it.
const maxAnswer = 8 << 20

// NewClient asks the book at base ("http://127.0.0.1:8080") with a token; an
// empty one for what is open to everybody.
func NewClient(base, token string) (*Client, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("server %q is not an http(s) address", base)
	}
	return &Client{
		base: strings.TrimRight(base, "/"), token: token,
		http: &http.Client{
			Timeout: 30 * time.Second,
			// A redirect would take the token elsewhere; this API has none.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}, nil
}

// Employer is everything about an employer. since is a position that the answer
// must include; 0 when it does not matter.
func (c *Client) Employer(ctx context.Context, e events.Employer, since events.Position) (*EmployerAnswer, error) {
	return ask[EmployerAnswer](ctx, c, employerPath(e, ""), employerQuery(e, since))
}

// Contacts is a page of at most max items (0: the server's default) after a
// cursor ("": from the newest).
func (c *Client) Contacts(ctx context.Context, e events.Employer, after string, max int, since events.Position) (*ContactsAnswer, error) {
	q := employerQuery(e, since)
	page(q, after, max)
	return ask[ContactsAnswer](ctx, c, employerPath(e, "/contacten"), q)
}

// Advice is the ledger's advice on an approach; purpose and date may be empty.
func (c *Client) Advice(ctx context.Context, e events.Employer, purpose string, date events.Date, since events.Position) (*AdviceAnswer, error) {
	q := employerQuery(e, since)
	set(q, "doel", purpose)
	set(q, "datum", string(date))
	return ask[AdviceAnswer](ctx, c, employerPath(e, "/advies"), q)
}

// AdviceOn is Advice on a plan for some days, each as it was typed, or "".
func (c *Client) AdviceOn(ctx context.Context, e events.Employer, purpose, from, to string, since events.Position) (*AdviceAnswer, error) {
	q := employerQuery(e, since)
	set(q, "doel", purpose)
	set(q, "datum", from)
	set(q, "tot", to)
	return ask[AdviceAnswer](ctx, c, employerPath(e, "/advies"), q)
}

// Tour is AdviceOn several employers, 500 at most, in their order.
func (c *Client) Tour(ctx context.Context, all []events.Employer, purpose, from, to string, since events.Position) (*TourAnswer, error) {
	in := TourQuestion{Employers: make([]string, len(all)), Purpose: purpose, From: events.Date(from), To: events.Date(to)}
	for i, e := range all {
		if in.Employers[i] = e.Key(); e.Establishment != "" {
			in.Employers[i] += "/" + e.Establishment
		}
	}
	body, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	return question[TourAnswer](ctx, c, http.MethodPost, tourPath, sinceQuery(since), body)
}

// Agreements are the region's agreements.
func (c *Client) Agreements(ctx context.Context, since events.Position) (*AgreementsAnswer, error) {
	return ask[AgreementsAnswer](ctx, c, "/v1/afspraken", sinceQuery(since))
}

// Concern is Employer under all keys of its concern.
func (c *Client) Concern(ctx context.Context, e events.Employer, since events.Position) (*EmployerAnswer, error) {
	q := employerQuery(e, since)
	q.Set("concern", "true")
	return ask[EmployerAnswer](ctx, c, employerPath(e, ""), q)
}

// ConcernContacts is Contacts under all keys of its concern.
func (c *Client) ConcernContacts(ctx context.Context, e events.Employer, after string, max int, since events.Position) (*ContactsAnswer, error) {
	q := employerQuery(e, since)
	q.Set("concern", "true")
	page(q, after, max)
	return ask[ContactsAnswer](ctx, c, employerPath(e, "/contacten"), q)
}

// Find is a page of at most max employers (0: the server's default) that match
// what was typed, after a cursor ("": from the best).
func (c *Client) Find(ctx context.Context, text, after string, max int, since events.Position) (*FindAnswer, error) {
	q := sinceQuery(since)
	q.Set("zoek", text)
	page(q, after, max)
	return ask[FindAnswer](ctx, c, "/v1/werkgevers", q)
}

// Doubles is a page of pairs of employers that may be the same one, the likeliest
// first; for the steward.
func (c *Client) Doubles(ctx context.Context, after string, max int, since events.Position) (*DoublesAnswer, error) {
	q := sinceQuery(since)
	page(q, after, max)
	return ask[DoublesAnswer](ctx, c, "/v1/mogelijk-dezelfde", q)
}

// Followed is a page of the employers that one's own partner follows, what was said last
// first.
func (c *Client) Followed(ctx context.Context, after string, max int, since events.Position) (*FollowedAnswer, error) {
	q := sinceQuery(since)
	page(q, after, max)
	return ask[FollowedAnswer](ctx, c, followedPath, q)
}

// Links is a page of links that wait for a second voice, the oldest first.
func (c *Client) Links(ctx context.Context, after string, max int, since events.Position) (*LinksAnswer, error) {
	q := sinceQuery(since)
	q.Set("wacht", "true")
	page(q, after, max)
	return ask[LinksAnswer](ctx, c, "/v1/koppelingen", q)
}

// Coverage is who tells what, and who is silent.
func (c *Client) Coverage(ctx context.Context, since events.Position) (*CoverageAnswer, error) {
	return ask[CoverageAnswer](ctx, c, "/v1/dekking", sinceQuery(since))
}

// Partners is who took part on a day; with "" everybody who takes or took part.
func (c *Client) Partners(ctx context.Context, on events.Date, since events.Position) (*PartnersAnswer, error) {
	q := sinceQuery(since)
	set(q, "peildatum", string(on))
	return ask[PartnersAnswer](ctx, c, "/v1/partners", q)
}

// Regions are the labour-market regions.
func (c *Client) Regions(ctx context.Context) (*RegionsAnswer, error) {
	return ask[RegionsAnswer](ctx, c, "/v1/arbeidsmarktregios", nil)
}

// Region is a labour-market region ("AM36") on a day; "" is today.
func (c *Client) Region(ctx context.Context, code string, on events.Date) (*RegionAnswer, error) {
	q := url.Values{}
	set(q, "peildatum", string(on))
	return ask[RegionAnswer](ctx, c, "/v1/arbeidsmarktregios/"+url.PathEscape(code), q)
}

// Tallies are counts by month; from, to ("2026-11") and per may be empty.
func (c *Client) Tallies(ctx context.Context, measure, from, to, per string, since events.Position) (*TalliesAnswer, error) {
	q := sinceQuery(since)
	set(q, "meting", measure)
	set(q, "van", from)
	set(q, "tot", to)
	set(q, "per", per)
	return ask[TalliesAnswer](ctx, c, "/v1/tellingen", q)
}

// Quarters is Tallies by quarter: all months of the quarters that from and to lie in.
func (c *Client) Quarters(ctx context.Context, measure, from, to, per string, since events.Position) (*TalliesAnswer, error) {
	q := sinceQuery(since)
	set(q, "meting", measure)
	set(q, "van", from)
	set(q, "tot", to)
	set(q, "per", per)
	set(q, "tijdvak", perQuarter)
	return ask[TalliesAnswer](ctx, c, "/v1/tellingen", q)
}

// DeliveriesQuestion is what Deliveries asks for; each member may be empty.
type DeliveriesQuestion struct {
	Outcome  string      // only with this outcome
	From, To events.Date // the days that are counted
	After    string      // a cursor
	Max      int
	Since    events.Position // what the answer must include
}

// Deliveries is what came in from the token's own partner, the newest first.
func (c *Client) Deliveries(ctx context.Context, d DeliveriesQuestion) (*DeliveriesAnswer, error) {
	q := sinceQuery(d.Since)
	set(q, "uitkomst", d.Outcome)
	set(q, "van", string(d.From))
	set(q, "tot", string(d.To))
	page(q, d.After, d.Max)
	return ask[DeliveriesAnswer](ctx, c, "/v1/aanleveringen", q)
}

// Messages are at most max messages (0: the server's default) for the token's own
// partner, the oldest first, after a cursor ("": from the beginning).
func (c *Client) Messages(ctx context.Context, after string, max int, since events.Position) (*MessagesAnswer, error) {
	q := sinceQuery(since)
	page(q, after, max)
	return ask[MessagesAnswer](ctx, c, "/v1/berichten", q)
}

// NewestMessages are the same messages, the newest first, for who looks at them.
func (c *Client) NewestMessages(ctx context.Context, after string, max int, since events.Position) (*MessagesAnswer, error) {
	q := sinceQuery(since)
	q.Set("volgorde", orderNewest)
	page(q, after, max)
	return ask[MessagesAnswer](ctx, c, messagesPath, q)
}

// Status is how the book is, for the steward.
func (c *Client) Status(ctx context.Context) (*Status, error) {
	return ask[Status](ctx, c, "/v1/status", nil)
}

func employerPath(e events.Employer, rest string) string {
	return "/v1/werkgevers/" + url.PathEscape(e.Key()) + rest
}

func employerQuery(e events.Employer, since events.Position) url.Values {
	q := sinceQuery(since)
	set(q, "vestigingsnummer", e.Establishment)
	return q
}

func sinceQuery(since events.Position) url.Values {
	q := url.Values{}
	if since != 0 {
		q.Set("vanafPositie", strconv.FormatUint(uint64(since), 10))
	}
	return q
}

func page(q url.Values, after string, max int) {
	set(q, "na", after)
	if max != 0 {
		q.Set("aantal", strconv.Itoa(max))
	}
}

func set(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}

func ask[T any](ctx context.Context, c *Client, path string, query url.Values) (*T, error) {
	return question[T](ctx, c, http.MethodGet, path, query, nil)
}

// question is ask with a body in JSON, when there is one.
func question[T any](ctx context.Context, c *Client, method, path string, query url.Values, body []byte) (*T, error) {
	target := c.base + path
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	r, err := http.NewRequestWithContext(ctx, method, target, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", mediaJSON)
	}
	answer, said, err := c.answered(r)
	if err != nil {
		return nil, err
	}
	return understood[T](answer, said)
}

// answered sends a request with who asks, and reads what comes back.
func (c *Client) answered(r *http.Request) (answer *http.Response, body []byte, err error) {
	r.Header.Set("Accept", "application/json, "+ledger.ProblemMediaType)
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if answer, err = c.http.Do(r); err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	return answer, body, err
}

// understood is the answer, or the problem that it is.
func understood[T any](answer *http.Response, body []byte) (*T, error) {
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	switch {
	case kind == ledger.ProblemMediaType:
		var p ledger.Problem
		if err := json.Unmarshal(body, &p); err != nil {
			return nil, fmt.Errorf("status %d with a problem that cannot be read: %w", answer.StatusCode, err)
		}
		return nil, p
	case answer.StatusCode != http.StatusOK || kind != "application/json":
		return nil, fmt.Errorf("status %d with %q: this is no huisboek", answer.StatusCode, kind)
	}
	out := new(T)
	if err := json.Unmarshal(body, out); err != nil {
		return nil, fmt.Errorf("answer cannot be read: %w", err)
	}
	return out, nil
}
