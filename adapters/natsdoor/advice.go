package natsdoor

import (
	"context"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/nats-io/nats.go"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

// advice is an answer to a question: the advice, of whom something may be missing
// in it, and what it is true for.
type advice struct {
	ledger.Advice
	Coverage any             `json:"dekking"`
	Position events.Position `json:"positie"`
}

func (d *Door) employer(ctx context.Context, c ledger.Caller, m *nats.Msg) (any, error) {
	e, err := events.ParseEmployerKey(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:])
	if err != nil {
		return nil, errNotAnEmployer
	}
	q, err := intake.ReadQuestion(m.Data, d.today())
	if err != nil {
		return nil, err
	}
	asked := q.Of(c.Partner)
	asked.Employer = e
	out := advice{}
	if out.Advice, out.Position, err = d.cfg.Ledger.Advise(ctx, asked); err != nil {
		return nil, err
	}
	out.Coverage, err = d.coverage(ctx, c)
	return out, err
}

// advices are the answer to a question about several employers: of the first of them,
// in their order, for as far as they go into one message.
type advices struct {
	Advices  []jsontext.Value `json:"adviezen"`
	Left     int              `json:"nogTeVragen"` // how many of the last ones there was no room for
	Coverage any              `json:"dekking"`
	Position events.Position  `json:"positie"`
}

// oneAdvice is that on one employer of several.
type oneAdvice struct {
	Employer intake.EmployerName `json:"werkgever"`
	ledger.Advice
}

func (d *Door) tour(ctx context.Context, c ledger.Caller, m *nats.Msg) (any, error) {
	q, err := intake.ReadTour(m.Data, d.today())
	if err != nil {
		return nil, err
	}
	all, at, err := d.cfg.Ledger.AdviseAll(ctx, q.Of(c.Partner), q.Employers)
	if err != nil {
		return nil, err
	}
	out := advices{Advices: []jsontext.Value{}, Left: len(all), Position: at}
	if out.Coverage, err = d.coverage(ctx, c); err != nil {
		return nil, err
	}
	frame, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	room := d.room() - len(frame)
	for i, a := range all {
		one, err := json.Marshal(oneAdvice{intake.NameOf(q.Employers[i]), a})
		if err != nil {
			return nil, err
		}
		if room -= len(one) + 1; room < 0 {
			break
		}
		out.Advices = append(out.Advices, one)
		out.Left--
	}
	return out, nil
}

func (d *Door) today() events.Date { return events.DateOf(d.cfg.Now()) }

func (d *Door) coverage(ctx context.Context, c ledger.Caller) (any, error) {
	if d.cfg.Coverage == nil {
		return nil, nil
	}
	return d.cfg.Coverage(ctx, c)
}
