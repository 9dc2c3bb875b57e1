package web

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
	"huisboek/projections/search"
)

var describeFind = description{
	id: "werkgeversZoeken", summary: "Werkgevers zoeken",
	text: "Op naam, KvK-nummer, vestigingsnummer, plaats of postcode, ook als het woord nog niet af is of er een typefout in zit. De beste bovenaan, daarna wie het laatst benaderd is. Een werkgever met meer nummers komt er eenmaal in voor. Met filters erbij alleen wie daaraan voldoet, en met alleen filters iedereen die daaraan voldoet, op naam. Met werkgever: precies die werkgevers, in die volgorde. Wat gezocht wordt komt in geen logboek.",
	tag:  "werkgevers",
}

var describeDoubles = description{
	id: "mogelijkDezelfdeLezen", summary: "Werkgevers die dezelfde kunnen zijn",
	text: "Voor de regisseur: paren van werkgevers die op elkaar lijken, de waarschijnlijkste bovenaan, met waarom. Er wordt nooit iets vanzelf samengevoegd: een paar verdwijnt als er een werkgever-gekoppeld of werkgever-ontkoppeld over gemeld is.",
	tag:  "werkgevers",
}

type doublesQuestion struct {
	Question
	Count int    `query:"aantal" minimum:"1" maximum:"200" default:"20" doc:"Hoeveel paren er ten hoogste komen."`
	After string `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei."`
}

// Found is an employer in a list. Name and place are null where they are not known
// or were erased, and then there is no postcode.
type Found struct {
	Employer EmployerName `json:"werkgever"`
	Name     *string      `json:"naam"`
	Others   []string     `json:"andereNamen" doc:"Waaronder hij ook beschreven is, de nieuwste eerst."`
	Place    *string      `json:"plaats"`
	Postcode *string      `json:"postcode,omitempty"`
	Gemeente *string      `json:"gemeentecode"`
	Sector   string       `json:"sector,omitempty" enum:"markt,overheid" doc:"Markt of overheid; afwezig als het niet bekend is."`
	Size     string       `json:"grootteklasse,omitempty" enum:"0,1,2-4,5-9,10-19,20-49,50-99,100-249,250-499,500-999,1000+" doc:"Afwezig als zij niet bekend is."`
	Last     *events.Date `json:"laatsteContact" nullable:"true" doc:"De dag van het laatste bezoek, of van het laatste plan dat voorbij is; null als er geen is."`
	Keys     []string     `json:"sleutels" doc:"Alle sleutels van deze werkgever; de eerste is die om te gebruiken."`
}

// Hit is an employer that was found.
type Hit struct {
	Found
	Score int      `json:"score" doc:"1 tot en met 100; 100 is een nummer dat voluit getypt is. 0 als er niets getypt is."`
	Why   []string `json:"waarom" doc:"Codes van wat er overeenkomt."`
}

// FindAnswer is a page of the employers that were found: the best first, or as was asked.
type FindAnswer struct {
	Employers []Hit  `json:"werkgevers" doc:"De beste eerst, of zoals gevraagd."`
	Total     int    `json:"aantalGevonden" doc:"Hoeveel er overeenkomen; de eerste 1.000 kunnen gelezen worden."`
	Next      string `json:"volgende,omitempty" doc:"Geef dit als na om verder te lezen; ontbreekt aan het eind."`
	Freshness
}

// Double are two employers that may be the same one.
type Double struct {
	Employers []Found         `json:"werkgevers" minItems:"2" maxItems:"2" doc:"De twee."`
	Score     int             `json:"score" doc:"1 tot en met 100."`
	Reasons   []ledger.Reason `json:"redenen" doc:"Waarom zij dezelfde kunnen zijn."`
}

// DoublesAnswer is a page of pairs, the likeliest first.
type DoublesAnswer struct {
	Pairs []Double `json:"paren" doc:"De waarschijnlijkste eerst."`
	Total int      `json:"aantalGevonden" doc:"Hoeveel paren er zijn, ten hoogste 5.000."`
	Next  string   `json:"volgende,omitempty" doc:"Geef dit als na om verder te lezen; ontbreekt aan het eind."`
	Freshness
}

func (s *Server) doubles(ctx context.Context, _ *sight, in *doublesQuestion) (*DoublesAnswer, error) {
	skip, err := s.listPlace("", in.After, search.MaxPairs)
	if err != nil {
		return nil, err
	}
	out := &DoublesAnswer{Pairs: []Double{}}
	var pairs []search.Pair
	out.Freshness, err = s.searched(ctx, in.since(), func(index Search) { pairs, out.Total = index.Likely(skip, in.Count) })
	if err != nil {
		return nil, err
	}
	for i := range pairs {
		one := Double{Score: pairs[i].Score, Reasons: []ledger.Reason{}}
		for _, e := range []*search.Entry{&pairs[i].A, &pairs[i].B} {
			found, err := foundOf(e)
			if err != nil {
				return nil, err
			}
			one.Employers = append(one.Employers, found)
		}
		for _, code := range pairs[i].Why {
			one.Reasons = append(one.Reasons, ledger.Reason{Code: code, Sentence: alikeSentences[code]})
		}
		out.Pairs = append(out.Pairs, one)
	}
	out.Next = s.nextPlace("", skip+len(pairs), min(out.Total, search.MaxPairs))
	return out, nil
}

// searched asks the index; the freshness is that of what it holds.
func (s *Server) searched(ctx context.Context, since events.Position, ask func(Search)) (Freshness, error) {
	index := s.cfg.Search()
	if index == nil {
		return Freshness{}, problemSearch
	}
	fresh, err := s.read(ctx, since, func(projections.Tx) error { return nil })
	if err != nil {
		return fresh, err
	}
	if s.cfg.Searched != nil {
		at, err := s.searchedAt(ctx, since)
		if err != nil {
			return fresh, err
		}
		if fresh, err = s.freshness(ctx, at); err != nil {
			return fresh, err
		}
	}
	ask(index)
	return fresh, nil
}

// searchedAt waits for the index as await does for the views.
func (s *Server) searchedAt(ctx context.Context, since events.Position) (events.Position, error) {
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	at, err := s.cfg.Searched(bounded, since)
	return at, s.waited(ctx, err)
}

func foundOf(e *search.Entry) (Found, error) {
	out := Found{
		Others: []string{}, Place: optional(e.Place), Postcode: optional(e.Postcode), Gemeente: optional(e.Gemeente),
		Sector: e.Sector, Size: e.Size, Keys: listed(e.Keys),
	}
	if len(e.Keys) == 0 {
		return out, fmt.Errorf("an employer without a key was found")
	}
	employer, err := events.ParseEmployerKey(e.Keys[0])
	if err != nil {
		return out, err
	}
	out.Employer = nameOf(employer)
	if len(e.Names) > 0 {
		out.Name, out.Others = &e.Names[0], append(out.Others, e.Names[1:]...)
	}
	if e.LastContact != "" {
		out.Last = &e.LastContact
	}
	return out, nil
}

// alikeSentences say why two employers may be the same one, or not.
var alikeSentences = map[string]events.Sentence{
	search.WhySameName:      {NL: "Zij hebben dezelfde naam.", EN: "They have the same name."},
	search.WhyNearName:      {NL: "Hun namen schelen een typefout.", EN: "Their names are a typing error apart."},
	search.WhyPartOfName:    {NL: "Elk woord van de ene naam staat in de andere.", EN: "Every word of one name is in the other."},
	search.WhySharedName:    {NL: "Een eerdere naam van de een is een naam van de ander.", EN: "An earlier name of the one is a name of the other."},
	search.WhySamePostcode:  {NL: "Zij hebben dezelfde postcode.", EN: "They have the same postcode."},
	search.WhySamePlace:     {NL: "Zij staan in dezelfde plaats.", EN: "They are in the same place."},
	search.WhyOtherPlace:    {NL: "Daar staat tegenover dat zij in een andere plaats staan.", EN: "Against it: they are in different places."},
	search.WhySameBranch:    {NL: "Zij hebben dezelfde vestiging.", EN: "They have the same establishment."},
	search.WhyProvisional:   {NL: "Een van de twee heeft nog geen nummer.", EN: "One of the two has no number yet."},
	search.WhyForeign:       {NL: "Een van de twee staat in het register van een ander land.", EN: "One of the two is in another country's register."},
	search.WhyMaybeConcern:  {NL: "Het kan een concern zijn: twee KvK-nummers met dezelfde naam op dezelfde postcode.", EN: "It may be a concern: two KvK numbers with the same name at the same postcode."},
	search.WhyTwoKvKNumbers: {NL: "Daar staat tegenover dat zij elk een KvK-nummer hebben.", EN: "Against it: each has a KvK number of its own."},
}

// nextPlace says how far a list was read. The hash binds it to the book and to what
// was searched for: one of another list would pass over employers.
func (s *Server) nextPlace(list string, read, readable int) string {
	if read >= readable {
		return ""
	}
	return s.placeIn(list, read)
}

func (s *Server) placeIn(list string, read int) string {
	hash := sha256.Sum256(fmt.Appendf(nil, "zoeken %s %d %s", s.cfg.Book.ID, read, list))
	return base64.RawURLEncoding.EncodeToString(append(binary.BigEndian.AppendUint32(nil, uint32(read)), hash[:8]...))
}

// listPlace is how much of a list was read, as nextPlace said it.
func (s *Server) listPlace(list, cursor string, readable int) (int, error) {
	if cursor == "" {
		return 0, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil && len(raw) == 12 {
		if read := int(binary.BigEndian.Uint32(raw)); read < readable && s.placeIn(list, read) == cursor {
			return read, nil
		}
	}
	return 0, invalid(expected("query", "na"))
}
