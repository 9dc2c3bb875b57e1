package web

import (
	"context"
	"slices"
	"time"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

var describeTallies = description{"tellingenLezen", "Tellingen per maand",
	"Per partner: van ieder het eigen aantal en de som. Per doelgroep: alleen gezamenlijk, waarbij kleine aantallen van anderen weggelaten worden en de cijfers pas na afloop van een maand veranderen. Plaatsingen van anderen tellen pas mee als de maand voorbij is.",
	"tellingen"}

type talliesQuestion struct {
	Question
	Measure string `query:"meting" required:"true" enum:"bezoeken,diensten,plaatsingen" doc:"Wat er geteld wordt."`
	From    string `query:"van" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"De eerste maand; zonder deze: elf maanden voor de laatste." example:"2026-01"`
	To      string `query:"tot" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"De laatste maand; zonder deze: de lopende." example:"2026-11"`
	Per     string `query:"per" enum:"partner,doelgroep" default:"partner" doc:"Waarnaar er uitgesplitst wordt."`
}

// Tally is one count. Partner or TargetGroup is null, after what was asked for.
type Tally struct {
	Month       string              `json:"maand"`
	Partner     *ledger.PartnerName `json:"partner"`
	TargetGroup *string             `json:"doelgroep"`
	Count       int                 `json:"aantal"`
}

// Sum is a sum of what is shown. When it is not complete, something was or may
// have been left out.
type Sum struct {
	Month       string  `json:"maand,omitempty"`
	TargetGroup *string `json:"doelgroep"`
	Count       int     `json:"aantal"`
	Complete    bool    `json:"volledig"`
}

// TalliesAnswer is the counts that the caller may see.
type TalliesAnswer struct {
	Measure string  `json:"meting"`
	Per     string  `json:"per"`
	From    string  `json:"van"`
	To      string  `json:"tot"`
	Rows    []Tally `json:"rijen" doc:"Wat nul is of weggelaten is, staat er niet; bij maanden staat waar dat zo kan zijn."`
	Own     []Tally `json:"eigen" doc:"Per doelgroep: de eigen aantallen, zoals ze nu zijn."`
	Months  []Sum   `json:"maanden" doc:"De som per maand."`
	Totals  []Sum   `json:"totalen" doc:"De som over de gevraagde maanden, per doelgroep als daarnaar gevraagd is."`
	Freshness
}

const (
	monthLayout  = "2006-01"
	perPartner   = "partner"
	defaultSpan  = 12
	maximumSpan  = 120
	earliestYear = 1900
	latestYear   = 2199
)

func (s *Server) totals(ctx context.Context, v *sight, in *talliesQuestion) (*TalliesAnswer, error) {
	months, err := in.months(v.today)
	if err != nil {
		return nil, err
	}
	out := &TalliesAnswer{
		Measure: in.Measure, Per: in.Per, From: months[0], To: months[len(months)-1],
		Rows: []Tally{}, Own: []Tally{}, Months: []Sum{}, Totals: []Sum{},
	}
	query := projections.Query{Measure: in.Measure, From: out.From, To: out.To}
	var figures projections.Figures
	out.Freshness, err = s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		figures, err = projections.NewTallies().Shared(tx, query, v.reader(), v.today)
		return err
	})
	if err != nil {
		return nil, err
	}
	out.fill(&figures, months, v)
	return out, nil
}

// fill takes the figures, which are what the caller may see, into the answer.
func (a *TalliesAnswer) fill(f *projections.Figures, months []string, v *sight) {
	cells, groups := f.Plain, a.Per != perPartner
	if groups {
		cells, a.Own = f.Joint, tallies(f.Own, v)
	}
	a.Rows = tallies(cells, v)
	all := true
	for _, month := range months {
		sum := Sum{Month: month, Complete: !leftOut(f.Months, month, groups)}
		all = all && sum.Complete
		for _, c := range cells {
			if c.Month == month {
				sum.Count += c.Count
			}
		}
		if !groups { // target groups overlap: their sum means nothing
			a.Months = append(a.Months, sum)
		} else if !sum.Complete {
			a.Months = append(a.Months, Sum{Month: month})
		}
	}
	for _, t := range f.Totals {
		if (t.TargetGroup != "") == groups {
			a.Totals = append(a.Totals, Sum{TargetGroup: optional(t.TargetGroup), Count: t.Count, Complete: all})
		}
	}
}

func leftOut(months []projections.LeftOut, month string, groups bool) bool {
	return slices.ContainsFunc(months, func(l projections.LeftOut) bool {
		return l.Month == month && (groups && l.Groups || !groups && l.Plain)
	})
}

func tallies(cells []projections.Cell, v *sight) []Tally {
	out := make([]Tally, 0, len(cells))
	for _, c := range cells {
		t := Tally{Month: c.Month, TargetGroup: optional(c.TargetGroup), Count: c.Count}
		if c.Partner != "" {
			name := v.name(c.Partner)
			t.Partner = &name
		}
		out = append(out, t)
	}
	return out
}

// months are the months asked for, in order.
func (q *talliesQuestion) months(today events.Date) ([]string, error) {
	to, ok := parseMonth(q.To, today.Month())
	if !ok {
		return nil, invalid(expected("query", "tot"))
	}
	from, ok := parseMonth(q.From, to.AddDate(0, 1-defaultSpan, 0).Format(monthLayout))
	if !ok {
		return nil, invalid(expected("query", "van"))
	}
	var months []string
	for m := from; !m.After(to); m = m.AddDate(0, 1, 0) {
		months = append(months, m.Format(monthLayout))
		if len(months) > maximumSpan {
			break
		}
	}
	if len(months) == 0 || len(months) > maximumSpan {
		return nil, invalid(expected("query", "tot"))
	}
	return months, nil
}

func parseMonth(s, otherwise string) (time.Time, bool) {
	if s == "" {
		s = otherwise
	}
	m, err := time.Parse(monthLayout, s)
	return m, err == nil && m.Year() >= earliestYear && m.Year() <= latestYear
}
