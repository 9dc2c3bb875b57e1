package web

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// GroupQuestion is a read about an employer under all keys that it has.
type GroupQuestion struct {
	EmployerQuestion
	Concern bool `query:"concern" default:"false" doc:"Bij true: alle nummers van het concern samen. Het oordeel en wie u belt gaan altijd alleen over de werkgever zelf."`
}

// Group is under which keys an answer was put together.
type Group struct {
	Keys  []string `json:"sleutels" doc:"Alle sleutels waaronder dit antwoord is samengesteld; de eerste is die om te gebruiken."`
	Whole bool     `json:"sleutelsVolledig" doc:"Onwaar: er zijn er meer dan 500, en de rest is weggelaten."`
}

// groupOf is an employer under all its keys, or under those of its concern.
func groupOf(tx projections.Tx, e events.Employer, concern bool) (Group, error) {
	view, key := projections.NewEmployers(), e.Key()
	keys, err := view.Same(tx, key)
	if err != nil {
		return Group{}, err
	}
	first, err := view.Preferred(tx, keys)
	if err != nil {
		return Group{}, err
	}
	if concern {
		if keys, err = view.Concern(tx, key); err != nil {
			return Group{}, err
		}
	}
	g := Group{Keys: []string{first}, Whole: len(keys) < projections.MaxGroup}
	for _, k := range keys {
		if k != first {
			g.Keys = append(g.Keys, k)
		}
	}
	return g, nil
}

// links are those of an employer's keys among each other and with others, each once.
func (g *Group) links(tx projections.Tx) (list []projections.Link, err error) {
	seen := map[events.Position]bool{} // one event says one thing
	for _, key := range g.Keys {
		links, err := projections.NewEmployers().Links(tx, key)
		if err != nil {
			return nil, err
		}
		for _, l := range links {
			if !seen[l.Position] && len(list) < maxLinks {
				seen[l.Position] = true
				list = append(list, l)
			}
		}
	}
	slices.SortFunc(list, func(a, b projections.Link) int { return cmp.Compare(b.Position, a.Position) })
	return list, nil
}

// The most that an employer's answer has of each.
const (
	maxLinks   = 200
	maxSignals = 50
)

// Link is what was said last of two employers.
type Link struct {
	Position events.Position    `json:"positie" doc:"Van de gebeurtenis die dit zei."`
	At       time.Time          `json:"op"`
	Partner  ledger.PartnerName `json:"partner" doc:"Wie dit het laatst zei."`
	Kind     *string            `json:"soort" enum:"dezelfde,opvolger,concern" nullable:"true" doc:"Hoe zij bij elkaar horen; null: niet."`
	State    string             `json:"stand" enum:"geldt,wacht,verbroken" doc:"wacht: het geldt zodra een andere partner of de regisseur hetzelfde zegt. verbroken: gezegd is dat zij niet bij elkaar horen."`
	Employer EmployerName       `json:"werkgever" doc:"De ene; bij opvolger wie er opgevolgd is."`
	With     EmployerName       `json:"met" doc:"De andere; bij opvolger wie er doorgaat."`
	Say      events.Sentence    `json:"zin"`
}

// link is a link as everybody who reads employers may see it.
func (v *sight) link(l *projections.Link) (Link, error) {
	out := Link{Position: l.Position, At: l.At.UTC(), Partner: v.name(l.Partner), Kind: optional(l.Kind)}
	first, err := events.ParseEmployerKey(l.Employer)
	if err != nil {
		return out, err
	}
	other, err := events.ParseEmployerKey(l.With)
	if err != nil {
		return out, err
	}
	out.Employer, out.With = nameOf(first), nameOf(other)
	switch {
	case l.Kind == "":
		out.State = "verbroken"
	case l.Holds:
		out.State = "geldt"
	default:
		out.State = "wacht"
	}
	out.Say = linkSentence(&out, l.Kind)
	return out, nil
}

// linkWords say how two employers belong together.
var linkWords = map[string]events.Sentence{
	"":                        {NL: "%s en %s horen niet bij elkaar", EN: "%s and %s do not belong together"},
	projections.LinkSame:      {NL: "%s en %s zijn dezelfde werkgever", EN: "%s and %s are the same employer"},
	projections.LinkSuccessor: {NL: "%s is opgevolgd door %s", EN: "%s was succeeded by %s"},
	projections.LinkConcern:   {NL: "%s en %s horen bij hetzelfde concern", EN: "%s and %s are of one concern"},
}

func linkSentence(l *Link, kind string) events.Sentence {
	words := linkWords[kind]
	s := events.Sentence{
		NL: l.Partner.Name + ": " + fmt.Sprintf(words.NL, l.Employer.Key, l.With.Key),
		EN: l.Partner.Name + ": " + fmt.Sprintf(words.EN, l.Employer.Key, l.With.Key),
	}
	if l.State == "wacht" {
		s.NL += "; dat geldt zodra een andere partner of de regisseur hetzelfde zegt"
		s.EN += "; that holds as soon as another partner or the steward says the same"
	}
	return events.Sentence{NL: s.NL + ".", EN: s.EN + "."}
}

// Vacancy is an open vacancy. Everybody who reads employers may see it.
type Vacancy struct {
	Position      events.Position    `json:"positie" doc:"Waar de melding staat, zoals zij nu geldt."`
	At            time.Time          `json:"op"`
	Partner       ledger.PartnerName `json:"partner"`
	Key           string             `json:"sleutel" doc:"Onder welke sleutel van de werkgever dit gemeld is."`
	Establishment string             `json:"vestigingsnummer,omitempty"`
	ID            string             `json:"vacature" doc:"De vacature (UUID van de partner)."`
	Occupation    string             `json:"beroep" doc:"Het gezochte beroep."`
	Count         int                `json:"aantal" doc:"Hoeveel plaatsen er gemeld zijn."`
	Filled        int                `json:"vervuld" doc:"Hoeveel er daarvan vervuld zijn."`
	Left          int                `json:"open" doc:"Hoeveel er nog open zijn."`
	Hours         *events.Hundredths `json:"uren,omitempty" doc:"Uren per week, voor elk."`
	Date          events.Date        `json:"datum" doc:"Sinds wanneer."`
	Escalates     *events.Date       `json:"opgeschaaldOp" format:"date" nullable:"true" doc:"De eerste dag waarop zij van de hele regio is, als er dan nog plaatsen open zijn: naar de afspraken die golden toen zij werd vastgelegd. Null: nooit."`
}

// vacancy is one under the agreements of the book.
func (v *sight) vacancy(row *projections.Vacancy, agreements events.Agreements) (Vacancy, error) {
	return Vacancy{
		Position: row.Position, At: row.At.UTC(), Partner: v.name(row.Partner), Key: row.Employer, Establishment: row.Establishment,
		ID: row.ID, Occupation: row.Occupation, Count: row.Count, Filled: row.Filled, Left: row.Left(), Hours: row.Hours, Date: row.Date,
		Escalates: escalation(agreements, row, v.subregions[row.Partner]),
	}, nil
}

// Signal is what an employer said that is no vacancy. It is for its own partner only.
type Signal struct {
	Position      events.Position    `json:"positie"`
	At            time.Time          `json:"op"`
	Partner       ledger.PartnerName `json:"partner"`
	Key           string             `json:"sleutel" doc:"Onder welke sleutel van de werkgever dit gemeld is."`
	Establishment string             `json:"vestigingsnummer,omitempty"`
	Date          events.Date        `json:"datum"`
	Theme         string             `json:"thema" doc:"Waar het over gaat."`
	Text          *string            `json:"tekst" doc:"Wat er gezegd is; null als dat er niet bij staat of gewist is."`
	Erased        bool               `json:"gewist,omitzero" doc:"Er stond hier iets dat gewist is."`
}

// signal is for rows of which own is true.
func (v *sight) signal(c *projections.Contact) (Signal, error) {
	out := Signal{
		Position: c.Position, At: c.At.UTC(), Partner: v.name(c.Partner), Key: c.Employer, Establishment: c.Establishment,
		Date: c.Date, Theme: c.Theme,
	}
	var err error
	out.Text, err = unsealed(v, c.Source, c.ID, "/tekst", c.Note, &out.Erased)
	return out, err
}
