package web

import (
	"context"
	"fmt"
	"slices"
	"time"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

var describeCoverage = description{
	id: "dekkingLezen", summary: "Wie wat meldt, en wie er stil is",
	text: "Per partner sinds wanneer hij meedoet, welke soorten hij meldt, wanneer voor het laatst, en of hij langer stil is dan gewoonlijk. Per gemeente van de arbeidsmarktregio welke partners haar bedienen. Oude geschiedenis (achteraf) telt niet mee voor hoe vaak iemand meldt. Van plaatsingen van een ander staat er alleen dat hij ze meldt.",
	tag:  "partners",
}

// PartnerCoverage is what a partner tells at all, and how regularly.
type PartnerCoverage struct {
	Partner ledger.PartnerName `json:"partner"`
	Kind    string             `json:"soort"`
	From    events.Date        `json:"per"`
	Until   events.Date        `json:"tot,omitempty" doc:"Vanaf wanneer de organisatie niet meer meedoet; afwezig zolang dat niet bekend is."`
	Types   []Told             `json:"typen" doc:"Wat er ooit is vastgelegd, per soort gebeurtenis."`
	Last    *time.Time         `json:"laatsteMelding" doc:"Wanneer er voor het laatst iets gemeld is; null als dat nooit was."`
	Days    *int               `json:"dagenStil" doc:"Hoeveel dagen dat geleden is; null als er nooit iets gemeld is."`
	Usual   *int               `json:"gewoonlijk" doc:"Negen van de tien keer zit er ten hoogste zoveel dagen tussen; null als er te weinig gemeld is om dat te zeggen."`
	Silent  bool               `json:"stil" doc:"De partner doet mee en is langer stil dan gewoonlijk."`
	Say     events.Sentence    `json:"zin"`
}

// Told is what a partner has told of one type. How many and when is null of
// another's placements: that of each would follow from looking twice (docs/design.md,
// promise 9).
type Told struct {
	Type   events.Type      `json:"type"`
	Count  *int             `json:"aantal" doc:"Alles wat is vastgelegd, ook verbeteringen; null bij plaatsingen van een ander."`
	First  *time.Time       `json:"eersteOp" doc:"Wanneer de eerste is vastgelegd; null bij plaatsingen van een ander."`
	Last   *time.Time       `json:"laatsteOp" doc:"Wanneer de laatste is vastgelegd; null bij plaatsingen van een ander."`
	LastAt *events.Position `json:"laatstePositie" doc:"Waar de laatste staat; null bij plaatsingen van een ander."`
}

// toldOf is what a caller may know of what a partner has told of one type.
func (v *sight) toldOf(partner string, c projections.Covered) Told {
	placement := c.Type == events.TypePlacementMade || c.Type == events.TypePlacementEnded
	if placement && !v.own(partner) {
		return Told{Type: c.Type}
	}
	return Told{c.Type, &c.Count, inUTC(&c.First), inUTC(&c.Last), &c.LastAt}
}

// GemeenteCoverage is who serves a municipality.
type GemeenteCoverage struct {
	Code     string               `json:"code" doc:"Gemeentecode van het CBS."`
	Name     string               `json:"naam" doc:"De naam van de gemeente."`
	Certain  bool                 `json:"zeker" doc:"Onwaar: het is niet zeker dat de gemeente nu bij deze arbeidsmarktregio hoort."`
	Partners []ledger.PartnerName `json:"partners" doc:"Wie haar bedient; leeg als niemand haar noemt."`
}

// CoverageAnswer is what the book covers.
type CoverageAnswer struct {
	Partners  []PartnerCoverage  `json:"partners"`
	Gemeenten []GemeenteCoverage `json:"gemeenten" doc:"Die van de arbeidsmarktregio van dit boek, op naam."`
	Freshness
}

func (s *Server) coverage(ctx context.Context, v *sight, in *Question) (*CoverageAnswer, error) {
	out := &CoverageAnswer{Partners: []PartnerCoverage{}, Gemeenten: []GemeenteCoverage{}}
	var members []projections.Member
	var err error
	out.Freshness, err = s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		if members, err = (projections.Members{}).On(tx, v.today); err != nil {
			return err
		}
		for i := range members {
			one, err := partnerCoverage(tx, v, &members[i])
			if err != nil {
				return err
			}
			out.Partners = append(out.Partners, one)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, m := range s.cfg.Regions.In(s.cfg.Book.Region, v.today) {
		g := GemeenteCoverage{Code: m.Gemeente.Code, Name: m.Gemeente.Name, Certain: m.Certain, Partners: []ledger.PartnerName{}}
		for i := range members {
			if members[i].Active(v.today) && slices.Contains(members[i].Gemeenten, g.Code) {
				g.Partners = append(g.Partners, v.name(members[i].Partner))
			}
		}
		out.Gemeenten = append(out.Gemeenten, g)
	}
	return out, nil
}

func partnerCoverage(tx projections.Tx, v *sight, m *projections.Member) (PartnerCoverage, error) {
	out := PartnerCoverage{Partner: v.name(m.Partner), Kind: m.Kind, From: m.From, Until: m.Until, Types: []Told{}}
	told, err := projections.Coverage{}.Of(tx, m.Partner)
	if err != nil {
		return out, err
	}
	for _, c := range told {
		out.Types = append(out.Types, v.toldOf(m.Partner, c))
	}
	pace, err := paceOf(tx, m.Partner, v.today)
	if err != nil {
		return out, err
	}
	out.Last, out.Days, out.Usual = pace.last, pace.days, pace.usual
	out.Silent = pace.silent && m.Active(v.today)
	out.Say = pace.sentence(out.Partner.Name, m, v.today)
	return out, nil
}

func coveredOf(c projections.Covered) Covered {
	return Covered{c.Type, c.Count, c.First.UTC(), c.Last.UTC(), c.LastAt}
}

// pace is how regularly a partner tells anything, as an answer says it.
type pace struct {
	last        *time.Time // nil: it never told anything
	days, usual *int       // nil: not known
	silent      bool
}

func paceOf(tx projections.Tx, partner string, today events.Date) (p pace, err error) {
	r, err := projections.Coverage{}.Rhythm(tx, partner)
	if err != nil {
		return p, err
	}
	days, silent := r.Silent(today)
	if p.silent = silent; r.Last.IsZero() {
		return p, nil
	}
	p.last, p.days = inUTC(&r.Last), &days
	if r.Usual > 0 {
		p.usual = &r.Usual
	}
	return p, nil
}

// sentence says it of a partner, whether it takes part or not.
func (p *pace) sentence(name string, m *projections.Member, today events.Date) events.Sentence {
	switch {
	case !m.Active(today):
		return events.Sentence{NL: name + " doet niet meer mee.", EN: name + " no longer takes part."}
	case p.last == nil:
		return events.Sentence{NL: name + " heeft nog nooit iets gemeld, op oude geschiedenis na.", EN: name + " has never told anything but old history."}
	case p.silent:
		return p.silence(name)
	case *p.days == 0:
		return events.Sentence{NL: name + " heeft vandaag iets gemeld.", EN: name + " told something today."}
	}
	return events.Sentence{
		NL: fmt.Sprintf("%s heeft %s geleden voor het laatst iets gemeld; dat is niet ongewoon.", name, counted(*p.days, "dag", "dagen")),
		EN: fmt.Sprintf("%s last told something %s ago; that is not unusual.", name, counted(*p.days, "day", "days")),
	}
}

// silence says for how long a partner has been silent that is, of which something
// is known.
func (p *pace) silence(name string) events.Sentence {
	usual := 0
	if p.usual != nil {
		usual = *p.usual
	}
	nl, en := silence(name, *p.days, usual)
	return events.Sentence{NL: nl, EN: en}
}

// EmployerCoverage says whether an answer about an employer can be whole.
type EmployerCoverage struct {
	Complete bool  `json:"volledig" doc:"Waar: iedere partner die meedoet meldt zoals gewoonlijk."`
	By       []Gap `json:"onvolledigDoor" doc:"Door wie er iets kan ontbreken."`
}

// Gap is a partner of which something may be missing in an answer.
type Gap struct {
	Partner ledger.PartnerName `json:"partner" doc:"Van wie er iets kan ontbreken."`
	Reason  string             `json:"reden" enum:"stil,nooit" doc:"stil: meldt langer niets dan gewoonlijk. nooit: meldde nog nooit een bezoek of plan, of alleen oude geschiedenis."`
	Last    *time.Time         `json:"laatsteMelding" doc:"Wanneer er voor het laatst iets gemeld is; null als dat nooit was."`
	Days    *int               `json:"dagenStil" doc:"Hoeveel dagen dat geleden is; null als er nooit iets gemeld is."`
	Usual   *int               `json:"gewoonlijk" doc:"Negen van de tien keer zit er ten hoogste zoveel dagen tussen; null als er te weinig gemeld is om dat te zeggen."`
	Say     events.Sentence    `json:"zin"`
}

// employerCoverage names the partners that take part today and are silent, or
// never told a visit or a plan.
func (v *sight) employerCoverage(tx projections.Tx) (*EmployerCoverage, error) {
	out := &EmployerCoverage{By: []Gap{}}
	for _, partner := range v.active {
		gap, err := v.gap(tx, partner)
		if err != nil {
			return nil, err
		}
		if gap != nil {
			out.By = append(out.By, *gap)
		}
	}
	out.Complete = len(out.By) == 0
	return out, nil
}

// gap is what may be missing of a partner, nil for nothing.
func (v *sight) gap(tx projections.Tx, partner string) (*Gap, error) {
	p, err := paceOf(tx, partner, v.today)
	if err != nil {
		return nil, err
	}
	out := &Gap{Partner: v.name(partner), Last: p.last, Days: p.days, Usual: p.usual}
	if p.silent && p.last != nil {
		out.Reason, out.Say = "stil", p.silence(out.Partner.Name)
		return out, nil
	}
	told, err := projections.Coverage{}.Of(tx, partner)
	if err != nil || p.last != nil && slices.ContainsFunc(told, func(c projections.Covered) bool {
		return c.Type == events.TypeVisitMade || c.Type == events.TypeVisitPlanned
	}) {
		return nil, err
	}
	out.Reason = "nooit"
	out.Say = events.Sentence{
		NL: out.Partner.Name + " heeft nog nooit een bezoek of plan gemeld; wie daarvan hier komt, staat er dus niet bij.",
		EN: out.Partner.Name + " has never told of a visit or a plan, so who comes here for it is not shown.",
	}
	return out, nil
}

// Coverage says whether an answer about an employer can be whole, for the other
// door: nil while the views are made anew.
func (s *Server) Coverage(ctx context.Context, c ledger.Caller) (*EmployerCoverage, error) {
	v, err := s.sight(ctx, c)
	if err != nil {
		return nil, err
	}
	return s.coverageOfAdvice(v)
}

// coverageOfAdvice is nil while the views are made anew: the ledger advises all
// the same.
func (s *Server) coverageOfAdvice(v *sight) (out *EmployerCoverage, err error) {
	if !s.cfg.Ready() {
		return nil, nil
	}
	err = s.cfg.Views.Store.View(func(tx projections.Tx, _ events.Checkpoint) (err error) {
		out, err = v.employerCoverage(tx)
		return err
	})
	return out, err
}
