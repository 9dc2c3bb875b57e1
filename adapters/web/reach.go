package web

import (
	"context"
	"time"

	"huisboek/events"
	"huisboek/projections"
	"huisboek/projections/targets"
)

var describeReach = description{
	id: opReach, summary: "Bereik: welk deel van de werkgevers is bezocht",
	text: "Werkgevers met ten minste één bezoek in de periode, als deel van alle werkgevers, per gemeente en grootteklasse. Hoeveel werkgevers er zijn zegt de regisseur met werkgeversaantallen-vastgesteld. Een werkgever telt één keer, onder al zijn nummers.",
	tag:  "tellingen",
}

type reachQuestion struct {
	Question
	From  string `query:"van" maxLength:"40" doc:"De eerste dag; zonder deze: 1 januari van het jaar van tot." example:"2026-01-01"`
	To    string `query:"tot" maxLength:"40" doc:"De laatste dag; zonder deze: vandaag." example:"2026-11-22"`
	Known string `query:"bekendOp" maxLength:"40" doc:"Wat er op dat moment bekend was; zonder: nu." example:"2026-11-05"`
}

// ReachRow is the reach of one municipality and size class.
type ReachRow struct {
	Gemeente  string           `json:"gemeentecode,omitempty" doc:"Afwezig: alle gemeenten."`
	Name      string           `json:"naam,omitempty" doc:"Van de gemeente, waar die bekend is."`
	Size      string           `json:"grootteklasse,omitempty" doc:"Afwezig: alle klassen."`
	Contacted int              `json:"bezocht"`
	Employers *int             `json:"werkgevers" doc:"Hoeveel er zijn; null: niet vastgesteld."`
	Share     *float64         `json:"bereik" minimum:"0" doc:"Deel, van 0 tot en met 1; null zolang niet bekend is hoeveel er zijn."`
	Counted   *events.Position `json:"vastgesteld" doc:"Waar het aantal werkgevers is vastgelegd; null als het van meer plaatsen komt."`
}

// ReachPart is the reach in the municipalities of a subregion's partners.
type ReachPart struct {
	Name string `json:"subregio"`
	ReachRow
	Without []string `json:"zonderAantal" doc:"Haar gemeenten waarvan geen aantal is vastgesteld; die tellen niet mee."`
}

// ReachNumbers are the numbers of employers that were used.
type ReachNumbers struct {
	Position events.Position `json:"positie"`
	From     events.Date     `json:"per"`
	Origin   string          `json:"bron"`
}

// ReachAnswer is the share of employers that were visited.
type ReachAnswer struct {
	From       events.Date    `json:"van"`
	To         events.Date    `json:"tot"`
	Known      *time.Time     `json:"bekendOp" doc:"Null: wat er nu bekend is."`
	Contacted  int            `json:"bezocht" doc:"Werkgevers met ten minste één bezoek, elk één keer."`
	NoPlace    int            `json:"gemeenteOnbekend" doc:"Daarvan: niemand meldde de gemeente; zij tellen in geen rij."`
	NoSize     int            `json:"grootteOnbekend" doc:"Daarvan: de gemeente is bekend en de grootteklasse niet."`
	Total      ReachRow       `json:"totaal" doc:"Over de gemeenten waarvan vastgesteld is hoeveel werkgevers er zijn."`
	Rows       []ReachRow     `json:"rijen" doc:"Per gemeente, eerst alle klassen samen."`
	Subregions []ReachPart    `json:"subregios"`
	Numbers    []ReachNumbers `json:"aantallen" doc:"Waar het aantal werkgevers vandaan komt."`
	Freshness
}

func (s *Server) reach(ctx context.Context, _ *sight, in *reachQuestion) (*ReachAnswer, error) {
	ask := s.asking()
	known, today := ask.known("bekendOp", in.Known)
	to := ask.day("tot", "dag", in.To, today)
	from := ask.day("van", "dag", in.From, "")
	if from == "" && to != "" {
		from = to[:4] + "-01-01"
	}
	if len(ask.faults) == 0 && to.Before(from) {
		ask.fault("van", "dag")
	}
	if len(ask.faults) > 0 {
		return nil, invalid(ask.faults...)
	}
	var r targets.Reach
	fresh, err := s.readStandings(ctx, in.since(), func(tx projections.Tx) (err error) {
		r, err = s.standings.Reach(tx, events.Period{From: from, To: to}, to, known)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &ReachAnswer{
		From: from, To: to, Known: momentOf(known), Contacted: r.Contacted, NoPlace: r.NoPlace, NoSize: r.NoSize,
		Total: s.reachRow(&r.Total), Rows: []ReachRow{}, Subregions: []ReachPart{}, Numbers: []ReachNumbers{}, Freshness: fresh,
	}
	for i := range r.Rows {
		out.Rows = append(out.Rows, s.reachRow(&r.Rows[i]))
	}
	for i := range r.Subregions {
		x := &r.Subregions[i]
		out.Subregions = append(out.Subregions, ReachPart{x.Name, s.reachRow(&x.ReachRow), listed(x.Without)})
	}
	for _, n := range r.Used {
		out.Numbers = append(out.Numbers, ReachNumbers{n.Position, n.From, n.Origin})
	}
	return out, nil
}

func (s *Server) reachRow(r *targets.ReachRow) ReachRow {
	row := ReachRow{Gemeente: r.Gemeente, Size: r.Size, Contacted: r.Contacted}
	if g, ok := s.cfg.Regions.Gemeente(r.Gemeente); ok {
		row.Name = g.Name
	}
	if r.Known {
		row.Employers = &r.Employers
		if r.Said != 0 {
			row.Counted = &r.Said
		}
	}
	if share, ok := r.Share(); ok {
		x := float64(share) / 1000
		row.Share = &x
	}
	return row
}
