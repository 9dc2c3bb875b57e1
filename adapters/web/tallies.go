package web

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
	"huisboek/projections/targets"
)

var describeTallies = description{
	id: "tellingenLezen", summary: "Tellingen per maand of kwartaal",
	text: "Per partner: van ieder het eigen aantal en de som. Per doelgroep: alleen gezamenlijk, en aan het eind van elke maand vrijgegeven in groepen van ten minste vijf, zodat een aantal later en lager kan zijn dan wat er gemeld is. Plaatsingen van anderen tellen pas mee als de maand voorbij is. Signalen zijn er per partner of, gezamenlijk, per thema; vacatures tellen als plaatsen. Een kwartaal is de som van wat er van zijn maanden getoond wordt.",
	tag:  "tellingen",
}

type talliesQuestion struct {
	Question
	Measure string `query:"meting" required:"true" enum:"bezoeken,diensten,plaatsingen,signalen,vacatures,vacatures-vervuld" doc:"Wat er geteld wordt."`
	From    string `query:"van" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"De eerste maand; zonder deze: elf maanden voor de laatste." example:"2026-01"`
	To      string `query:"tot" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"De laatste maand; zonder deze: de lopende." example:"2026-11"`
	Per     string `query:"per" enum:"partner,doelgroep,thema" default:"partner" doc:"Waarnaar er uitgesplitst wordt: bezoeken, diensten en plaatsingen naar doelgroep, signalen naar thema, en alles naar partner."`
	Span    string `query:"tijdvak" enum:"maand,kwartaal" default:"maand" doc:"Per maand of per kwartaal; bij kwartaal tellen hele kwartalen."`
}

// Tally is one count. Partner, TargetGroup and Theme are null, but for what was
// asked for; of Month and Quarter there is the one that was asked for.
type Tally struct {
	Month       string              `json:"maand,omitempty"`
	Quarter     string              `json:"kwartaal,omitempty"`
	Partner     *ledger.PartnerName `json:"partner"`
	TargetGroup *string             `json:"doelgroep"`
	Theme       *string             `json:"thema"`
	Count       int                 `json:"aantal"`
}

// Sum is a sum of what is shown. When it is not complete, something was or may
// have been left out.
type Sum struct {
	Month       string  `json:"maand,omitempty"`
	Quarter     string  `json:"kwartaal,omitempty"`
	TargetGroup *string `json:"doelgroep"`
	Theme       *string `json:"thema"`
	Count       int     `json:"aantal"`
	Complete    bool    `json:"volledig"`
}

// TalliesAnswer is the counts that the caller may see.
type TalliesAnswer struct {
	Measure string  `json:"meting"`
	Per     string  `json:"per"`
	Span    string  `json:"tijdvak" doc:"maand of kwartaal."`
	From    string  `json:"van"`
	To      string  `json:"tot"`
	Rows    []Tally `json:"rijen" doc:"Wat nul is of weggelaten is, staat er niet; bij maanden staat waar dat zo kan zijn."`
	Own     []Tally `json:"eigen" doc:"Per doelgroep of thema: de eigen aantallen, zoals ze nu zijn."`
	Months  []Sum   `json:"maanden" doc:"De som per maand of kwartaal."`
	Totals  []Sum   `json:"totalen" doc:"De som over de gevraagde maanden, per doelgroep of thema als daarnaar gevraagd is."`
	Freshness
}

const (
	monthLayout  = "2006-01"
	perPartner   = "partner"
	perGroup     = "doelgroep"
	perTheme     = "thema"
	perQuarter   = "kwartaal"
	defaultSpan  = 12
	maximumSpan  = 120
	earliestYear = 1900
	latestYear   = 2199
)

// groupsOf says which of the measures can be split into what besides partners.
var groupsOf = map[string]string{
	projections.MeasureVisits: "doelgroep", projections.MeasureServices: "doelgroep", projections.MeasurePlacements: "doelgroep",
	projections.MeasureSignals: perTheme,
}

func (s *Server) totals(ctx context.Context, v *sight, in *talliesQuestion) (*TalliesAnswer, error) {
	if in.Per != perPartner && in.Per != groupsOf[in.Measure] {
		return nil, invalid(expected("query", "per"))
	}
	months, err := in.months(v.today)
	if err != nil {
		return nil, err
	}
	out := &TalliesAnswer{
		Measure: in.Measure, Per: in.Per, Span: in.Span, From: months[0], To: months[len(months)-1],
		Rows: []Tally{}, Own: []Tally{}, Months: []Sum{}, Totals: []Sum{},
	}
	query := projections.Query{Measure: in.Measure, From: out.From, To: out.To}
	var figures projections.Figures
	out.Freshness, err = s.readStandings(ctx, in.since(), func(tx projections.Tx) (err error) {
		if figures, err = projections.NewTallies().Shared(tx, query, v.own, v.today); err == nil && in.Per == perGroup {
			err = s.release(tx, &figures, in.Measure, months, v.today)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if in.Span == perQuarter {
		figures, months = figures.ByQuarter(), quarters(months)
	}
	out.fill(&figures, months, v)
	return out, nil
}

// release takes what has been released by target group into the figures: the same
// classes that standings are told from, so that the two cannot be held beside each other.
func (s *Server) release(tx projections.Tx, f *projections.Figures, measure string, months []string, today events.Date) error {
	closed := (events.Date(today.Month() + "-01")).AddDays(-1).Month()
	asked := &targets.Version{TargetSet: &events.TargetSet{
		Measure: measure, Period: &events.Period{From: events.Date(months[0] + "-01"), To: targets.LastOf(months[len(months)-1])},
	}}
	released, err := s.standings.Released(tx, asked, closed)
	if err != nil {
		return err
	}
	sums := map[projections.Cell]int{}
	for _, c := range released.Split(asked, [2]targets.Dimension{targets.ByMonth, targets.ByGroup}, closed) {
		if c.Values[1] == targets.Hidden || c.Values[1] == targets.Unknown {
			continue
		}
		for group := range strings.SplitSeq(c.Values[1], "+") {
			sums[projections.Cell{Measure: measure, Month: c.Values[0], TargetGroup: group}] += int(c.Amount / 1000)
		}
	}
	cells := make([]projections.Cell, 0, len(sums))
	for c, n := range sums {
		c.Count = n
		cells = append(cells, c)
	}
	slices.SortFunc(cells, func(a, b projections.Cell) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.TargetGroup, b.TargetGroup))
	})
	f.Release(cells, measure, months)
	return nil
}

// fill takes the figures, which are what the caller may see, into the answer.
func (a *TalliesAnswer) fill(f *projections.Figures, months []string, v *sight) {
	cells, groups := f.Plain, a.Per != perPartner
	if groups {
		cells, a.Own = f.Joint, a.tallies(f.Own, v)
	}
	a.Rows = a.tallies(cells, v)
	all := true
	for _, month := range months {
		sum := Sum{Complete: !leftOut(f.Months, month, groups)}
		sum.Month, sum.Quarter = a.span(month)
		all = all && sum.Complete
		for _, c := range cells {
			if c.Month == month {
				sum.Count += c.Count
			}
		}
		if a.Per == perPartner || a.Per == perTheme {
			a.Months = append(a.Months, sum)
		} else if !sum.Complete { // target groups overlap: their sum means nothing
			sum.Count = 0
			a.Months = append(a.Months, sum)
		}
	}
	for _, t := range f.Totals {
		if (t.TargetGroup != "") == groups {
			sum := Sum{Count: t.Count, Complete: all}
			sum.TargetGroup, sum.Theme = a.group(t.TargetGroup)
			a.Totals = append(a.Totals, sum)
		}
	}
}

func leftOut(months []projections.LeftOut, month string, groups bool) bool {
	return slices.ContainsFunc(months, func(l projections.LeftOut) bool {
		return l.Month == month && (groups && l.Groups || !groups && l.Plain)
	})
}

func (a *TalliesAnswer) tallies(cells []projections.Cell, v *sight) []Tally {
	out := make([]Tally, 0, len(cells))
	for _, c := range cells {
		t := Tally{Count: c.Count}
		t.Month, t.Quarter = a.span(c.Month)
		t.TargetGroup, t.Theme = a.group(c.TargetGroup)
		if c.Partner != "" {
			name := v.name(c.Partner)
			t.Partner = &name
		}
		out = append(out, t)
	}
	return out
}

// span is a month, or the quarter that stands in its place.
func (a *TalliesAnswer) span(month string) (asMonth, asQuarter string) {
	if a.Span == perQuarter {
		return "", month
	}
	return month, ""
}

// group is a target group, or the theme that stands in its place.
func (a *TalliesAnswer) group(name string) (targetGroup, theme *string) {
	if a.Per == perTheme {
		return nil, optional(name)
	}
	return optional(name), nil
}

// quarters are those that months lie in.
func quarters(months []string) (list []string) {
	for _, m := range months {
		list = append(list, projections.Quarter(m))
	}
	return slices.Compact(list)
}

// months are the months asked for, in order; of quarters all that lie in them.
func (q *talliesQuestion) months(today events.Date) ([]string, error) {
	to, ok := parseMonth(q.To, today.Month())
	if !ok {
		return nil, invalid(expected("query", "tot"))
	}
	from, ok := parseMonth(q.From, to.AddDate(0, 1-defaultSpan, 0).Format(monthLayout))
	if !ok {
		return nil, invalid(expected("query", "van"))
	}
	if q.Span == perQuarter {
		from, to = from.AddDate(0, -(int(from.Month())-1)%3, 0), to.AddDate(0, 2-(int(to.Month())-1)%3, 0)
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
