package web

import (
	"context"
	"math"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

var describeWorking = description{
	id: opWorking, summary: "Of het werkt: aangekondigd, gebotst en ongebruikt, per maand",
	text: "Per maand en partner, en samen: bezoeken, hoeveel daarvan gepland waren voor de dag zelf en hoeveel er botsten; en benaderingen, hoeveel daarvan verliepen zonder bezoek of afzegging en bij hoeveel een partner door een waarschuwing heen ging. Een bezoek telt in de maand van zijn dag, een benadering in de maand van de laatste dag waarop zij de werkgever vasthield of vast kon houden. Wat achteraf gemeld of ingetrokken is telt niet mee. De cijfers veranderen nog zolang er gemeld wordt.",
	tag:  "tellingen",
}

type workingQuestion struct {
	Question
	From string `query:"van" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"De eerste maand; zonder deze: elf maanden voor de laatste." example:"2026-01"`
	To   string `query:"tot" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"De laatste maand; zonder deze: de lopende." example:"2026-11"`
}

// Working are the figures of one partner in one month, or of several of these together.
// A share is null when there is nothing to take it of.
type Working struct {
	Month     string              `json:"maand,omitempty"`
	Partner   *ledger.PartnerName `json:"partner" doc:"Null: alle partners samen."`
	Visits    int                 `json:"bezoeken" doc:"Bezoeken in de maand."`
	Announced int                 `json:"aangekondigd" doc:"Daarvan: gepland voor de dag van het bezoek."`
	Announces *float64            `json:"aandeelAangekondigd" minimum:"0" maximum:"1" doc:"Deel van de bezoeken, van 0 tot en met 1."`
	Clashed   int                 `json:"gebotst" doc:"Bezoeken die botsten met een plan of bezoek van een ander."`
	Clashes   *float64            `json:"aandeelGebotst" minimum:"0" maximum:"1" doc:"Deel van de bezoeken, van 0 tot en met 1."`
	Plans     int                 `json:"benaderingen" doc:"Benaderingen waarvan de laatste dag in de maand ligt, hoe zij ook afliepen."`
	Unused    int                 `json:"ongebruikt" doc:"Daarvan: verlopen, zonder bezoek of afzegging."`
	Unuseds   *float64            `json:"aandeelOngebruikt" minimum:"0" maximum:"1" doc:"Deel van de benaderingen, van 0 tot en met 1."`
	Despite   int                 `json:"doorgezet" doc:"Benaderingen waarbij de partner door een waarschuwing heen ging."`
}

// WorkingAnswer is whether the region's appointments work.
type WorkingAnswer struct {
	From   string    `json:"van" doc:"De eerste maand."`
	To     string    `json:"tot" doc:"De laatste maand."`
	Rows   []Working `json:"rijen" doc:"Per maand en partner; wie in een maand niets heeft staat er niet."`
	Months []Working `json:"maanden" doc:"Alle partners samen, voor elke gevraagde maand."`
	Total  Working   `json:"totaal" doc:"Alle partners samen, over alle maanden."`
	Freshness
}

func (s *Server) works(ctx context.Context, v *sight, in *workingQuestion) (*WorkingAnswer, error) {
	months, err := (&talliesQuestion{From: in.From, To: in.To}).months(v.today)
	if err != nil {
		return nil, err
	}
	out := &WorkingAnswer{From: months[0], To: months[len(months)-1], Rows: []Working{}, Months: []Working{}}
	var rows []projections.Working
	out.Freshness, err = s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		rows, err = projections.NewClashes().Working(tx, out.From, out.To, v.today)
		return err
	})
	if err != nil {
		return nil, err
	}
	var total projections.Working
	for _, month := range months {
		joint := projections.Working{Month: month}
		for i := range rows {
			if w := &rows[i]; w.Month == month {
				joint.Add(w)
				one, name := workingOf(w), v.name(w.Partner)
				one.Partner = &name
				out.Rows = append(out.Rows, one)
			}
		}
		total.Add(&joint)
		out.Months = append(out.Months, workingOf(&joint))
	}
	out.Total = workingOf(&total)
	return out, nil
}

func workingOf(w *projections.Working) Working {
	return Working{
		Month:  w.Month,
		Visits: w.Visits, Announced: w.Announced, Announces: share(w.Announced, w.Visits), Clashed: w.Clashed, Clashes: share(w.Clashed, w.Visits),
		Plans: w.Plans, Unused: w.Unused, Unuseds: share(w.Unused, w.Plans), Despite: w.Despite,
	}
}

// share is a part of a whole with three decimals; nil of nothing.
func share(part, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	x := math.Round(1000*float64(part)/float64(whole)) / 1000
	return &x
}

// Working is whether the appointments work, by month and partner; from and to
// ("2026-11") may be empty.
func (c *Client) Working(ctx context.Context, from, to string, since events.Position) (*WorkingAnswer, error) {
	q := sinceQuery(since)
	setAll(q, "van", from, "tot", to)
	return ask[WorkingAnswer](ctx, c, "/v1/werking", q)
}
