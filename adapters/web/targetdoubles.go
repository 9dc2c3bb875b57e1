package web

import (
	"context"
	"slices"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
	"huisboek/projections/targets"
)

var describePlacementDoubles = description{
	id: opPlacementDoubles, summary: "Plaatsingen die mogelijk dezelfde zijn",
	text: "Twee partners meldden bij dezelfde werkgever een plaatsing die op elkaar lijkt. Zij worden nooit vanzelf samengevoegd: de twee partners samen, of de regisseur, zeggen het met plaatsingen-gelijkgesteld of plaatsingen-onderscheiden, en dat kan altijd terug. Een partner ziet alleen wat hem zelf aangaat; van de plaatsing van een ander staan hier geen uren, dag of doelgroep.",
	tag:  "doelstellingen",
}

type placementDoublesQuestion struct {
	Question
	State string `query:"stand" enum:"mogelijk,wacht,gelijk,onderscheiden,open" default:"open" doc:"Alleen wat zo staat; open: mogelijk en wacht."`
	Count int    `query:"aantal" minimum:"1" maximum:"200" default:"50" doc:"Hoeveel er ten hoogste komen."`
	After string `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei." example:"MQ"`
}

// PlacementDouble is a pair of reports that may be of one placement.
type PlacementDouble struct {
	A       DoubleSide   `json:"plaatsing" doc:"De eerste van de twee, in de volgorde van het boek."`
	B       DoubleSide   `json:"met"`
	Score   *int         `json:"score" minimum:"0" maximum:"100" nullable:"true" doc:"Hoeveel zij op elkaar lijken; alleen voor de regisseur. Wie het eigen deel kent zou eruit aflezen wat de ander meldde."`
	Reasons []Alike      `json:"redenen"`
	State   string       `json:"stand" enum:"mogelijk,wacht,gelijk,onderscheiden" doc:"Wacht: een van de twee zei dat zij dezelfde zijn. Gelijk: zij tellen als een."`
	Words   []DoubleWord `json:"gezegd" doc:"Wat ieder er het laatst van zei."`
}

// DoubleSide is one of the two.
type DoubleSide struct {
	Event    *events.Ref        `json:"melding" doc:"Hiermee is de plaatsing te noemen in plaatsingen-gelijkgesteld en -onderscheiden."`
	Position events.Position    `json:"positie"`
	Partner  ledger.PartnerName `json:"partner"`
	Employer string             `json:"werkgever" doc:"Zoals in /v1/werkgevers/{werkgever}."`
	Month    string             `json:"maand" doc:"De maand waarin zij begon."`
	Start    *events.Date       `json:"ingangsdatum" format:"date" nullable:"true" doc:"Alleen van de eigen plaatsing."`
	ID       *string            `json:"plaatsing" doc:"Alleen van de eigen plaatsing."`
}

// Alike is one reason why two reports are alike.
type Alike struct {
	Code     string          `json:"code" enum:"zelfde-werkgever,zelfde-maand,zelfde-soort,lijkt-sterk"`
	Sentence events.Sentence `json:"zin"`
}

// DoubleWord is what one speaker said last.
type DoubleWord struct {
	Position events.Position    `json:"positie"`
	Partner  ledger.PartnerName `json:"partner"`
	Same     bool               `json:"gelijk" doc:"Dezelfde plaatsing; onwaar: twee."`
}

// PlacementDoublesAnswer are pairs, by the first of the two.
type PlacementDoublesAnswer struct {
	Doubles []PlacementDouble `json:"dubbelen" doc:"In de volgorde van het boek, naar de eerste van de twee."`
	Next    string            `json:"volgende,omitempty" doc:"Geef dit als na om verder te lezen; ontbreekt aan het eind."`
	Total   int               `json:"totaal" doc:"Hoeveel er in alle bladzijden zijn."`
	Freshness
}

// doublesList binds the cursors of this list.
const doublesList = "dubbelen"

func (s *Server) placementDoubles(ctx context.Context, v *sight, in *placementDoublesQuestion) (*PlacementDoublesAnswer, error) {
	skip, err := s.position(doublesList, in.After)
	if err != nil {
		return nil, invalid(expected("query", "na"))
	}
	out := &PlacementDoublesAnswer{Doubles: []PlacementDouble{}}
	var list []targets.Double
	out.Freshness, err = s.readStandings(ctx, in.since(), func(tx projections.Tx) error {
		return s.standings.Now(tx, func(f *targets.Facts) error {
			list = nil
			for _, d := range f.Doubles() {
				open := d.State == targets.DoublePossible || d.State == targets.DoubleWaits
				if (d.State == in.State || in.State == "open" && open) && v.concerns(&d) {
					a, b := *d.A, *d.B
					d.A, d.B = &a, &b
					list = append(list, d)
				}
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	out.Total = len(list)
	list = list[min(int(skip), len(list)):]
	if len(list) > in.Count {
		list = list[:in.Count]
		out.Next = s.cursor(doublesList, skip+events.Position(in.Count))
	}
	for i := range list {
		d := &list[i]
		row := PlacementDouble{State: d.State, Reasons: []Alike{}, Words: []DoubleWord{}}
		if v.reader() == "" {
			row.Score = &d.Score
		}
		if row.A, err = s.doubleSide(ctx, v, d.A); err != nil {
			return nil, err
		}
		if row.B, err = s.doubleSide(ctx, v, d.B); err != nil {
			return nil, err
		}
		for _, code := range d.Hints() {
			row.Reasons = append(row.Reasons, Alike{code, targets.LikeSentence(code)})
		}
		for _, w := range d.Words {
			row.Words = append(row.Words, DoubleWord{w.Position, v.name(w.Partner), w.Same})
		}
		out.Doubles = append(out.Doubles, row)
	}
	return out, nil
}

// concerns reports whether a pair is the caller's business: the steward's always is.
func (v *sight) concerns(d *targets.Double) bool {
	if v.reader() == "" {
		return true
	}
	return v.hasPart(d.A) || v.hasPart(d.B)
}

func (v *sight) hasPart(it *targets.Item) bool {
	return v.own(it.Partner) || slices.ContainsFunc(it.With, v.own)
}

func (s *Server) doubleSide(ctx context.Context, v *sight, it *targets.Item) (DoubleSide, error) {
	side := DoubleSide{Position: it.Last, Partner: v.name(it.Partner), Employer: it.Employer, Month: it.From.Month()}
	ref, err := s.cfg.Event(ctx, it.Last)
	if err != nil {
		return side, err
	}
	side.Event = &ref
	if v.own(it.Partner) {
		side.Start, side.ID = &it.From, &it.Placement
	}
	return side, nil
}
