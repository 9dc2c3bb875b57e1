package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"huisboek/events"
)

// Question are the parameters of every read. Its Resolve refuses what the
// operation does not know: a misspelt filter must not look like an answer. It is
// exported because huma looks into exported types only.
type Question struct {
	stray
	From uint64 `query:"vanafPositie" doc:"Wacht, ten hoogste vijf seconden, tot het antwoord voor deze positie geldt." example:"1"`
}

func (a *Question) since() events.Position {
	if len(a.faults) > 0 { // it is refused: nothing is worth waiting for
		return 0
	}
	return events.Position(a.From)
}

// Resolve implements huma.Resolver.
func (a *Question) Resolve(ctx huma.Context) []error { return a.look(ctx) }

// PlainQuestion is a Question about what is not in the book: no position is waited for.
type PlainQuestion struct{ stray }

// Resolve implements huma.Resolver.
func (a *PlainQuestion) Resolve(ctx huma.Context) []error { return a.look(ctx) }

// stray are the faults of parameters that an operation does not know, or knows once.
// They are told together with what is wrong with the others: see [get] and the errors
// of huma.
type stray struct{ faults events.Faults }

// look keeps what is stray: what is wrong with the other parameters may show later.
func (s *stray) look(ctx huma.Context) []error {
	s.faults = strayIn(ctx)
	return nil
}

func (s *stray) strays() events.Faults { return s.faults }

// strayIn are the stray parameters of a request.
func strayIn(ctx huma.Context) events.Faults {
	r, _ := humago.Unwrap(ctx)
	param := func(name string) *huma.Param {
		list := ctx.Operation().Parameters
		if i := slices.IndexFunc(list, func(p *huma.Param) bool { return p.In == "query" && p.Name == name }); i >= 0 {
			return list[i]
		}
		return nil
	}
	_, faults := parseRepeated(r, func(name string) bool { return param(name) != nil }, func(name string) bool {
		return param(name).Explode != nil && *param(name).Explode && param(name).Schema.Type == huma.TypeArray
	})
	return faults
}

// parseQuery reads the query of a request in which only known names may occur,
// and each of them once.
func parseQuery(r *http.Request, known func(name string) bool) (url.Values, events.Faults) {
	return parseRepeated(r, known, func(string) bool { return false })
}

// parseRepeated is parseQuery, of which some of the known names may occur more often.
func parseRepeated(r *http.Request, known, often func(name string) bool) (url.Values, events.Faults) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, events.Faults{{Field: "/query", Code: codeUnreadable, Sentence: events.Sentence{
			NL: "De zoekvraag achter het vraagteken is niet te lezen.",
			EN: "The query after the question mark cannot be read.",
		}}}
	}
	var faults events.Faults
	for _, name := range slices.Sorted(maps.Keys(query)) {
		switch {
		case !known(name):
			faults = append(faults, events.Fault{Field: pointer("query", clip(name)), Code: codeUnknown, Sentence: sentences[codeUnknown]})
		case len(query[name]) > 1 && !often(name):
			faults = append(faults, events.Fault{Field: pointer("query", name), Code: codeTwice, Sentence: sentences[codeTwice]})
		}
	}
	return query, faults
}

// clip keeps an unknown name short enough to answer, and free of anything but
// letters: it is the one thing a caller sent that is said back.
func clip(name string) string {
	var b []rune
	for _, r := range name {
		if len(b) == 40 {
			break
		}
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '-' || r == '_' {
			b = append(b, r)
		}
	}
	return string(b)
}

// expectations says per parameter what it must be.
var expectations = map[string]events.Sentence{
	"werkgever": {
		NL: "Een werkgever is een KvK-nummer van acht cijfers, voorlopig-<uuid> of <land>-<register>-<nummer>.",
		EN: "An employer is a KvK number of eight digits, voorlopig-<uuid> or <country>-<register>-<number>.",
	},
	"vestigingsnummer": {
		NL: "Een vestigingsnummer heeft twaalf cijfers en hoort bij een KvK-nummer.",
		EN: "An establishment number has twelve digits and belongs to a KvK number.",
	},
	"vanafPositie": {
		NL: "Een positie is een geheel getal van 0 of meer.",
		EN: "A position is a whole number of 0 or more.",
	},
	"verwerking": {
		NL: "De verwerking is contact-voorbereiden, gegevens-bijhouden of uitwisseling.",
		EN: "The purpose is contact-voorbereiden, gegevens-bijhouden or uitwisseling.",
	},
	"door": {
		NL: "Door is het id van een partner of van een toegang, ten hoogste 100 tekens.",
		EN: "Door is the id of a partner or of a credential, 100 characters at most.",
	},
	"aantal": {
		NL: "Het aantal is een geheel getal van 1 tot en met 200.",
		EN: "The number asked for is a whole number from 1 to 200.",
	},
	"na": {
		NL: "Geef hier precies wat het vorige antwoord bij volgende zei, of laat het weg om vooraan te beginnen.",
		EN: "Give back exactly what the answer before said under volgende, or leave it out to begin at the beginning.",
	},
	"uitkomst": {
		NL: "De uitkomst is vastgelegd, eerder-gezien of geweigerd.",
		EN: "The outcome is vastgelegd, eerder-gezien or geweigerd.",
	},
	"proef": {
		NL: "Proef is true of false.",
		EN: "Proef is true or false.",
	},
	"doel": {
		NL: "Het doel is acquisitie, kennismaking, vacature, nazorg, advies of overig.",
		EN: "The purpose is acquisitie, kennismaking, vacature, nazorg, advies or overig.",
	},
	"datum": {
		NL: "Een datum is een bestaande dag, zoals 2026-11-22.",
		EN: "A date is a day that exists, such as 2026-11-22.",
	},
	"meting": {
		NL: "De meting is bezoeken, diensten, plaatsingen, signalen, vacatures of vacatures-vervuld.",
		EN: "The measure is bezoeken, diensten, plaatsingen, signalen, vacatures or vacatures-vervuld.",
	},
	"van": {
		NL: "Een maand is jaar en maand, zoals 2026-11.",
		EN: "A month is year and month, such as 2026-11.",
	},
	"tot": {
		NL: "De laatste maand is een maand zoals 2026-11, niet voor de eerste en ten hoogste 120 maanden later.",
		EN: "The last month is a month such as 2026-11, not before the first and at most 120 months later.",
	},
	"per": {
		NL: "Per is partner; bij bezoeken, diensten en plaatsingen ook doelgroep, bij signalen ook thema.",
		EN: "Per is partner; for bezoeken, diensten and plaatsingen also doelgroep, for signalen also thema.",
	},
	"tijdvak": {
		NL: "Het tijdvak is maand of kwartaal.",
		EN: "The span is maand or kwartaal.",
	},
	"zoek": {
		NL: "Zoek met 2 tot en met 100 tekens: een naam, nummer, plaats of postcode, of een begin daarvan.",
		EN: "Search with 2 to 100 characters: a name, number, place or postcode, or how one begins.",
	},
	"zoek-of": {
		NL: "Geef zoek, een filter (gemeente, sector, grootteklasse of nietSinds) of werkgever.",
		EN: "Give zoek, a filter (gemeente, sector, grootteklasse or nietSinds) or werkgever.",
	},
	"gemeente": {
		NL: "Een gemeente is haar CBS-code, zoals GM0193; ten hoogste 100.",
		EN: "A gemeente is its CBS code, such as GM0193; 100 at most.",
	},
	"sector": {
		NL: "De sector is markt of overheid.",
		EN: "The sector is markt or overheid.",
	},
	"grootteklasse": {
		NL: "Een grootteklasse is 0, 1, 2-4, 5-9, 10-19, 20-49, 50-99, 100-249, 250-499, 500-999 of 1000+.",
		EN: "A size is 0, 1, 2-4, 5-9, 10-19, 20-49, 50-99, 100-249, 250-499, 500-999 or 1000+.",
	},
	"nietSinds": {
		NL: "NietSinds is een bestaande dag, zoals 2026-08-01.",
		EN: "NietSinds is a day that exists, such as 2026-08-01.",
	},
	"sorteer": {
		NL: "Sorteer is naam of laatste.",
		EN: "Sorteer is naam or laatste.",
	},
	"werkgevers": {
		NL: "Werkgever is er hier ten hoogste 200 keer, elk de sleutel van een werkgever, en gaat niet samen met iets anders.",
		EN: "Werkgever is there 200 times at most, each the key of an employer, and does not go together with anything else.",
	},
	"concern": {
		NL: "Concern is true of false.",
		EN: "Concern is true or false.",
	},
	"wacht": {
		NL: "Wacht is true: alleen wat nog wacht staat in deze lijst.",
		EN: "Wacht is true: only what still waits is in this list.",
	},
	"partner": {
		NL: "Een partner is het id dat /v1/partners geeft, een UUID.",
		EN: "A partner is the id that /v1/partners gives, a UUID.",
	},
	"soort": {
		NL: "Een soort is bezoek, dienst, plaatsing, plan, vacature of signaal; meer met een komma ertussen.",
		EN: "A kind is bezoek, dienst, plaatsing, plan, vacature or signaal; several with a comma between.",
	},
	"voor": {
		NL: "Voor is partner of regio.",
		EN: "Voor is partner or regio.",
	},
	"status": {
		NL: "De status is open of alles.",
		EN: "The status is open or alles.",
	},
	employeeHeader: {
		NL: "Deze header is het eigen kenmerk van een accountmanager, ten hoogste 100 tekens.",
		EN: "This header is your own id of an account manager, 100 characters at most.",
	},
	"plannen-voor": {
		NL: "Voor gaat niet samen met partner; de regisseur vraagt regio of een partner.",
		EN: "Voor does not go together with partner; the steward asks for regio or a partner.",
	},
	"plannen-medewerker": {
		NL: "Een medewerker is er alleen van de eigen partner, en gaat niet samen met voor=regio of wacht.",
		EN: "An account manager is of your own partner only, and does not go together with voor=regio or wacht.",
	},
	"plannen-positie": {
		NL: "Positie is die van één melding, zonder voor, partner, medewerker, wacht, van, tot en na.",
		EN: "Positie is that of one event, without voor, partner, medewerker, wacht, van, tot and na.",
	},
	"plannen-wacht": {
		NL: "Wacht=true vraagt een partner, zonder voor, partner, medewerker of status=alles.",
		EN: "Wacht=true is asked by a partner, without voor, partner, medewerker or status=alles.",
	},
	"plannen-van": {
		NL: "Bij alles is van een dag van ten hoogste 430 dagen geleden.",
		EN: "With alles, van is a day at most 430 days ago.",
	},
	"afloop": {
		NL: "De afloop is open, samen, verzet, afgezegd, verlopen, beide-gegaan of ingetrokken.",
		EN: "The end is open, samen, verzet, afgezegd, verlopen, beide-gegaan or ingetrokken.",
	},
	"peildatum": {
		NL: "Een peildatum is een bestaande dag, zoals 2026-11-22.",
		EN: "A peildatum is a day that exists, such as 2026-11-22.",
	},
	"bekendOp": {
		NL: "Een dag zoals 2026-11-22 (tot en met het eind ervan), of een moment zoals 2026-11-22T09:30:00+01:00.",
		EN: "A day such as 2026-11-22 (up to its end), or a moment such as 2026-11-22T09:30:00+01:00.",
	},
	"vergelekenMet": {
		NL: "Beide momenten zijn een dag of een moment dat geweest is, en het tweede is niet voor het eerste.",
		EN: "Both moments are a day or moment that has been, and the second is not before the first.",
	},
	"per-doelstelling": {
		NL: "Een of twee verschillende van partner, maand, subregio, niveau, sector, soort, doelgroep, doelgroepregister, uren en gemeente, met een komma ertussen.",
		EN: "One or two different ones of partner, maand, subregio, niveau, sector, soort, doelgroep, doelgroepregister, uren and gemeente, with a comma between.",
	},
	"doelstelling": {
		NL: "Een doelstelling is een UUID.",
		EN: "A target is a UUID.",
	},
	"vervallen": {
		NL: "Vervallen is true of false.",
		EN: "Vervallen is true or false.",
	},
	"vorm": {
		NL: "De vorm is csv of xlsx.",
		EN: "The form is csv or xlsx.",
	},
	"taal": {
		NL: "De taal is nl of en.",
		EN: "The language is nl or en.",
	},
	"dag": {
		NL: "Van en tot zijn bestaande dagen, en tot is niet voor van.",
		EN: "Van and tot are days that exist, and tot is not before van.",
	},
	"stand": {
		NL: "De stand is open, mogelijk, wacht, gelijk of onderscheiden.",
		EN: "The state is open, mogelijk, wacht, gelijk or onderscheiden.",
	},
	"positie": {
		NL: "Een positie is een geheel getal van 1 of meer.",
		EN: "A position is a whole number of 1 or more.",
	},
	"code": {
		NL: "De code van een arbeidsmarktregio is AM en twee cijfers, zoals AM36.",
		EN: "The code of a labour-market region is AM and two digits, such as AM36.",
	},
}

// expectedAs is expected for a parameter that means something of its own somewhere.
func expectedAs(where, name, as string) events.Fault {
	f := expected(where, as)
	f.Field = pointer(where, name)
	return f
}

// expected is the fault for a parameter that is not what it must be.
func expected(where, name string) events.Fault {
	sentence, ok := expectations[name]
	if !ok {
		sentence = events.Sentence{NL: "Dit klopt niet.", EN: "This is not right."}
	}
	return events.Fault{Field: pointer(where, name), Code: codeInvalid, Sentence: sentence}
}
