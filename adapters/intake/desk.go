package intake

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"huisboek/events"
	"huisboek/ledger"
)

// Ledger is what a desk hands events to; *ledger.Ledger is one.
type Ledger interface {
	Record(ctx context.Context, s ledger.Submission) (*ledger.Receipt, error)
	RecordAll(ctx context.Context, all []ledger.Submission) []ledger.Outcome
	Try(ctx context.Context, all []ledger.Submission) []ledger.Outcome
}

// Config is what a desk is made of.
type Config struct {
	Ledger Ledger
	File   *File   // nil: nothing is noted
	Limits *Limits // nil: nothing is limited
	// Count is told of every event what became of it: its type's name, or TypeUnknown,
	// and one of the few words below or a verdict. nil: nobody counts.
	Count func(name, became string)
	Now   func() time.Time // nil: the machine's clock
	Log   *slog.Logger     // nil: nothing is logged
}

// What became of an event that was not newly recorded, and the name of one whose type
// cannot be told.
const (
	BecameAgain    = "eerder-gezien"
	BecameWrong    = "ongeldig"   // refused for what it is or whose it is
	BecameDeferred = "uitgesteld" // told to come back: 429 and 503
	BecameFailed   = "interne-fout"

	TypeUnknown = "onbekend"
)

// Desk takes in events. Safe for concurrent use.
type Desk struct{ cfg Config }

// New makes a desk.
func New(c Config) *Desk {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Count == nil {
		c.Count = func(string, string) {}
	}
	return &Desk{c}
}

// Report takes one event as it came in at a door, with that door's headers, of
// which only content-type and ce-… count; the caller is who the credential says.
// Errors are what ledger.Record gives, ErrUnsupported, a *LimitError, or a
// ledger.Problem with the receipt of a plan that the agreement refuses; all of them
// become a problem by ProblemOf.
func (d *Desk) Report(ctx context.Context, c ledger.Caller, headers map[string][]string, body []byte) (*ledger.Receipt, error) {
	if err := d.take(c, 1); err != nil {
		d.postpone(c, 1)
		return nil, err
	}
	e, label, err := decode(headers, body, d.cfg.Now())
	out := ledger.Outcome{Err: err}
	if err == nil {
		out.Receipt, out.Err = d.cfg.Ledger.Record(ctx, ledger.Submission{Event: e, Caller: c})
		out = told(out)
	}
	d.note(c, label, out)
	return out.Receipt, out.Err
}

// Try says what Report would answer now. It records and notes nothing; the
// receipt has no position. What would be refused by agreement gets a receipt as well,
// with that verdict: a trial asks for the verdict, and that is it.
func (d *Desk) Try(ctx context.Context, c ledger.Caller, headers map[string][]string, body []byte) (*ledger.Receipt, error) {
	if err := d.take(c, 1); err != nil {
		return nil, err
	}
	e, _, err := decode(headers, body, d.cfg.Now())
	if err != nil {
		return nil, err
	}
	out := d.cfg.Ledger.Try(ctx, []ledger.Submission{{Event: e, Caller: c}})[0]
	return out.Receipt, out.Err
}

// ReportAll takes a batch (application/cloudevents-batch+json): each event on its
// own and in order, one outcome for each, as Report gives it. The error is about the
// batch as a whole, of which then nothing was recorded.
func (d *Desk) ReportAll(ctx context.Context, c ledger.Caller, body []byte) ([]ledger.Outcome, error) {
	items, err := d.batch(c, body)
	var limit *LimitError
	switch {
	case errors.As(err, &limit):
		d.postpone(c, max(len(items), 1))
		return nil, err
	case err != nil:
		d.note(c, events.Label{}, ledger.Outcome{Err: err})
		return nil, err
	}
	out, labels := d.all(c, items, func(all []ledger.Submission) []ledger.Outcome { return d.cfg.Ledger.RecordAll(ctx, all) })
	for i, o := range out {
		out[i] = told(o)
		d.note(c, labels[i], out[i])
	}
	return out, nil
}

// TryAll says what ReportAll would answer now, as Try says it: each event is decided
// on as if those before it had been recorded.
func (d *Desk) TryAll(ctx context.Context, c ledger.Caller, body []byte) ([]ledger.Outcome, error) {
	items, err := d.batch(c, body)
	if err != nil {
		return nil, err
	}
	out, _ := d.all(c, items, func(all []ledger.Submission) []ledger.Outcome { return d.cfg.Ledger.Try(ctx, all) })
	return out, nil
}

// Refused notes an event that a door refused before the desk saw it: what it told
// the caller why. A trial is not noted, so the door does not call this for one.
// It does not wait. It takes one event out of the caller's share, and of a caller
// that has none left it only counts: who sends nothing but what cannot be taken in
// must not push out the deliveries of others.
func (d *Desk) Refused(c ledger.Caller, err error) {
	d.count(events.Label{}, ledger.Outcome{Err: err})
	if n, ok := d.delivery(c, events.Label{}, ledger.Outcome{Err: err}); ok {
		if d.take(c, 1) != nil {
			d.cfg.File.count(c.Partner, n)
			return
		}
		d.cfg.File.Note(c.Partner, n)
	}
}

// batch takes a body apart and takes its events out of the caller's share, before
// anything is decided on. A body that is no batch counts for what it took to read
// it, and one with nothing in it for one event. The events come with a *LimitError,
// too.
func (d *Desk) batch(c ledger.Caller, body []byte) ([]jsontext.Value, error) {
	items, err := entries(body)
	if err != nil {
		if limit := d.take(c, min(1+len(body)/events.MaxSize, MaxBatch)); limit != nil {
			return nil, limit
		}
		return nil, err
	}
	return items, d.take(c, max(len(items), 1))
}

// all decides on the events of a batch: those that can be read together, in one
// call.
func (d *Desk) all(c ledger.Caller, items []jsontext.Value, decide func([]ledger.Submission) []ledger.Outcome) ([]ledger.Outcome, []events.Label) {
	out, labels := make([]ledger.Outcome, len(items)), make([]events.Label, len(items))
	var good []ledger.Submission
	var at []int
	now := d.cfg.Now()
	for i, raw := range items {
		var e *events.Event
		if e, labels[i], out[i].Err = structured(raw, now); e != nil {
			good, at = append(good, ledger.Submission{Event: e, Caller: c}), append(at, i)
		}
	}
	if len(good) > 0 {
		for i, o := range decide(good) {
			out[at[i]] = o
		}
	}
	return out, labels
}

func (d *Desk) take(c ledger.Caller, n int) error { return d.cfg.Limits.Take(c.Credential, n) }

// postpone counts events that were told to come back before they were looked at.
func (d *Desk) postpone(c ledger.Caller, n int) {
	for range n {
		d.cfg.Count(TypeUnknown, BecameDeferred)
	}
	d.postponed(c, n)
}

func (d *Desk) postponed(c ledger.Caller, n int) {
	if d.cfg.File != nil && c.Partner != "" {
		d.cfg.File.postpone(c.Partner, c.Door, d.cfg.Now(), n)
	}
}

// note remembers what became of an event.
func (d *Desk) note(c ledger.Caller, l events.Label, o ledger.Outcome) {
	d.count(l, o)
	if n, ok := d.delivery(c, l, o); ok {
		d.cfg.File.Note(c.Partner, n)
	}
}

// delivery is what to remember of an event, unless that is nothing. What only has
// to come back is counted at once and not listed: it will be seen again.
func (d *Desk) delivery(c ledger.Caller, l events.Label, o ledger.Outcome) (n Delivery, ok bool) {
	if d.cfg.File == nil || c.Partner == "" {
		return n, false
	}
	n = Delivery{
		At: d.cfg.Now(), Door: c.Door, Credential: c.Credential, Faults: []FaultCode{},
		Source: text(l.Source), ID: text(l.ID), Type: text(l.Type),
	}
	switch {
	case o.Err != nil:
		p := ledger.ProblemOf(o.Err)
		if p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests {
			d.postponed(c, 1)
			return n, false
		}
		n.Outcome, n.Status, n.Problem = OutcomeRefused, p.Status, text(path.Base(p.Type))
		for _, f := range p.Faults {
			n.Faults = append(n.Faults, FaultCode{f.Field, f.Code})
		}
		if r := p.Receipt; r != nil {
			for _, reason := range r.Reasons {
				n.Reasons = append(n.Reasons, reason.Code)
			}
			if r.Position != 0 {
				n.Position = at(r)
			}
		}
	case o.Receipt.Again:
		n.Outcome, n.Status, n.Position = OutcomeAgain, http.StatusOK, at(o.Receipt)
	default:
		n.Outcome, n.Status, n.Position = OutcomeRecorded, http.StatusCreated, at(o.Receipt)
	}
	return n, true
}

// count tells what became of an event. The type is one of ours: nobody makes up others.
func (d *Desk) count(l events.Label, o ledger.Outcome) {
	name := TypeUnknown
	if slices.Contains(events.Types(), l.Type) {
		name = l.Type.Name()
	}
	d.cfg.Count(name, became(o))
}

func became(o ledger.Outcome) string {
	if o.Err == nil {
		if o.Receipt.Again {
			return BecameAgain
		}
		return string(o.Receipt.Outcome)
	}
	p := ledger.ProblemOf(o.Err)
	switch {
	case p.Receipt != nil && p.Receipt.Again:
		return BecameAgain
	case p.Receipt != nil:
		return string(events.Refused)
	case p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests:
		return BecameDeferred
	case p.Status == http.StatusInternalServerError:
		return BecameFailed
	}
	return BecameWrong
}

// at is a receipt's position on its own: the receipt is the caller's.
func at(r *ledger.Receipt) *events.Position {
	p := r.Position
	return &p
}

// text is a string on its own, nil when it is empty: those of an event are parts
// of the whole text of it, which would be kept as long.
func text[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	s = T(strings.Clone(string(s)))
	return &s
}
