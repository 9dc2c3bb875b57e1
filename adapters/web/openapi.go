package web

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"huisboek/adapters/intake"
	"huisboek/adapters/regions"
	"huisboek/events"
	"huisboek/ledger"
)

// about is the introduction of the document.
const about = `Het gezamenlijke boek van de partners in een arbeidsmarktregio: wie is er bij een werkgever geweest, wie is van plan te gaan, en wie belt u het eerst.

Elk verzoek, behalve om dit document, heeft een token van de regisseur nodig, in de header Authorization. Meldingen zijn CloudEvents volgens het NL GOV profile for CloudEvents; dezelfde melding mag zo vaak komen als nodig is, zij telt nooit dubbel.

Een weigering is altijd application/problem+json. Bij fouten staat alles wat er niet klopt, elk met een vaste code en een zin; wat u stuurde wordt nooit herhaald. Een adres dat hier niet staat geeft 404, een andere methode 405. Na 429 en 503 zegt Retry-After wanneer het weer kan.

Elk antwoord zegt voor welke positie in het boek het geldt, en API-Version zegt de volledige versie. Momenten zijn in UTC, dagen zijn dagen in Nederland. Latere versies van v1 voegen leden toe en halen er geen weg: sla over wat u niet kent.

De voorbeelden vormen samen één verhaal, in een proefboek waarin een gemeente en het UWV meedoen: x-voorbeeld zegt bij elk antwoord op welke plaats het komt, met wiens token, en wat er van het verzoek niet op zijn eigen plek kon staan.`

// securityScheme is the name of the bearer token in the document.
const securityScheme = "token"

func apiConfig(by Maintainer) huma.Config {
	c := huma.DefaultConfig("Huisboek", APIVersion)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", "" // served by openAPIDocument
	c.CreateHooks = nil                                   // no $schema in answers
	c.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	c.Info.Description = about
	c.Info.License = &huma.License{Name: "EUPL-1.2", Identifier: "EUPL-1.2"}
	c.Info.Contact = &huma.Contact{Name: by.Name, Email: by.Email, URL: by.URL}
	c.Servers = []*huma.Server{{URL: "/v1", Description: "Dit boek"}}
	c.Tags = []*huma.Tag{
		{Name: "gebeurtenissen", Description: "Melden wat er gebeurde of gaat gebeuren, en zien wat er van een melding werd"},
		{Name: "berichten", Description: "Wat een partner moet weten zonder ernaar te vragen"},
		{Name: "werkgevers", Description: "Wie er bij een werkgever was en wie er gaat"},
		{Name: "partners", Description: "Wie er meedoet, en wie wat meldt"},
		{Name: "arbeidsmarktregios", Description: "Welke gemeenten er bij een arbeidsmarktregio horen"},
		{Name: "doelstellingen", Description: "Wat de regio wil bereiken, hoe het ermee staat, en ieders deel"},
		{Name: "tellingen", Description: "Aantallen per partner en gezamenlijk"},
		{Name: "beheer", Description: "Hoe het boek ervoor staat"},
	}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{securityScheme: {
		Type: "http", Scheme: "bearer", Description: "Een token van de regisseur; alleen in de header Authorization.",
	}}
	r := huma.NewMapRegistry(schemaSpace, schemaName)
	c.Components.Schemas = r
	r.RegisterTypeAlias(reflect.TypeFor[events.Date](), reflect.TypeFor[daySchema]())
	r.RegisterTypeAlias(reflect.TypeFor[events.Hundredths](), reflect.TypeFor[float64]())
	return c
}

// schemaNames are the types as the document names them (ADR: interface-language).
var schemaNames = map[reflect.Type]string{
	reflect.TypeFor[EmployerAnswer]():         "Werkgeverantwoord",
	reflect.TypeFor[ContactsAnswer]():         "Contactenantwoord",
	reflect.TypeFor[AdviceAnswer]():           "Adviesantwoord",
	reflect.TypeFor[TourAnswer]():             "Rondeantwoord",
	reflect.TypeFor[TourAdvice]():             "Rondeadvies",
	reflect.TypeFor[TourQuestion]():           "Rondevraag",
	reflect.TypeFor[AgreementsAnswer]():       "Afsprakenantwoord",
	reflect.TypeFor[ClashesAnswer]():          "Botsingenantwoord",
	reflect.TypeFor[Clash]():                  "Botsing",
	reflect.TypeFor[ClashParty]():             "Botsingspartij",
	reflect.TypeFor[EmployerClashes]():        "Werkgeversbotsingen",
	reflect.TypeFor[WorkingAnswer]():          "Werkingantwoord",
	reflect.TypeFor[Working]():                "Werking",
	reflect.TypeFor[Agreement]():              "Afspraken",
	reflect.TypeFor[events.SubregionTerms]():  "Subregioafspraken",
	reflect.TypeFor[events.Disturbance]():     "Storing",
	reflect.TypeFor[events.Actions]():         "Optreden",
	reflect.TypeFor[events.Escalation]():      "Opschaling",
	reflect.TypeFor[PlansAnswer]():            "Plannenantwoord",
	reflect.TypeFor[PlannedApproach]():        "GeplandeBenadering",
	reflect.TypeFor[FeedsAnswer]():            "AgendaAdressenAntwoord",
	reflect.TypeFor[Feed]():                   "AgendaAdres",
	reflect.TypeFor[NewFeed]():                "NieuwAgendaAdres",
	reflect.TypeFor[FeedQuestion]():           "AgendaAdresVraag",
	reflect.TypeFor[DigestsAnswer]():          "Samenvattingenantwoord",
	reflect.TypeFor[Digest]():                 "Samenvatting",
	reflect.TypeFor[DigestQuestion]():         "Samenvattingsvraag",
	reflect.TypeFor[PartnersAnswer]():         "Partnersantwoord",
	reflect.TypeFor[TalliesAnswer]():          "Tellingenantwoord",
	reflect.TypeFor[TargetsAnswer]():          "Doelstellingenantwoord",
	reflect.TypeFor[TargetAnswer]():           "Doelstellingantwoord",
	reflect.TypeFor[Target]():                 "Doelstelling",
	reflect.TypeFor[TargetNow]():              "Doelstellingstand",
	reflect.TypeFor[StandingAnswer]():         "Standantwoord",
	reflect.TypeFor[TargetForecast]():         "Verwachting",
	reflect.TypeFor[StandingShare]():          "Aandeel",
	reflect.TypeFor[events.TargetShare]():     "AfgesprokenAandeel",
	reflect.TypeFor[events.TargetPoint]():     "Padpunt",
	reflect.TypeFor[events.Definition]():      "Definitie",
	reflect.TypeFor[TargetMonth]():            "Doelstellingmaand",
	reflect.TypeFor[TargetSplit]():            "Uitsplitsing",
	reflect.TypeFor[TargetCell]():             "Cel",
	reflect.TypeFor[TargetLeftOut]():          "NietGeteld",
	reflect.TypeFor[TargetItem]():             "NietGeteldeMelding",
	reflect.TypeFor[TargetDeparture]():        "Vertrek",
	reflect.TypeFor[DifferenceAnswer]():       "Verschilantwoord",
	reflect.TypeFor[TargetChange]():           "Wijziging",
	reflect.TypeFor[PlacementDoublesAnswer](): "Dubbelenantwoord",
	reflect.TypeFor[PlacementDouble]():        "Dubbel",
	reflect.TypeFor[DoubleSide]():             "DubbeleMelding",
	reflect.TypeFor[Alike]():                  "Gelijkenis",
	reflect.TypeFor[DoubleWord]():             "Uitspraak",
	reflect.TypeFor[ReachAnswer]():            "Bereikantwoord",
	reflect.TypeFor[ReachRow]():               "Bereikrij",
	reflect.TypeFor[ReachPart]():              "Subregiobereik",
	reflect.TypeFor[ReachNumbers]():           "Werkgeversaantal",
	reflect.TypeFor[FindAnswer]():             "Zoekantwoord",
	reflect.TypeFor[Hit]():                    "Treffer",
	reflect.TypeFor[DoublesAnswer]():          "MogelijkDezelfdeAntwoord",
	reflect.TypeFor[Double]():                 "Paar",
	reflect.TypeFor[Found]():                  "GevondenWerkgever",
	reflect.TypeFor[FollowedAnswer]():         "GevolgdeWerkgeversAntwoord",
	reflect.TypeFor[FollowedEmployer]():       "GevolgdeWerkgever",
	reflect.TypeFor[LinksAnswer]():            "Koppelingenantwoord",
	reflect.TypeFor[Link]():                   "Koppeling",
	reflect.TypeFor[Vacancy]():                "Vacature",
	reflect.TypeFor[Signal]():                 "Signaal",
	reflect.TypeFor[CoverageAnswer]():         "Dekkingsantwoord",
	reflect.TypeFor[PartnerCoverage]():        "Partnerdekking",
	reflect.TypeFor[GemeenteCoverage]():       "Gemeentedekking",
	reflect.TypeFor[EmployerCoverage]():       "Werkgeverdekking",
	reflect.TypeFor[Gap]():                    "Leemte",
	reflect.TypeFor[RegionsAnswer]():          "Arbeidsmarktregiosantwoord",
	reflect.TypeFor[RegionAnswer]():           "Arbeidsmarktregioantwoord",
	reflect.TypeFor[regions.Region]():         "Arbeidsmarktregio",
	reflect.TypeFor[regions.Source]():         "Bron",
	reflect.TypeFor[GemeenteRow]():            "Gemeente",
	reflect.TypeFor[Status]():                 "Stand",
	reflect.TypeFor[ViewStatus]():             "Beeldstand",
	reflect.TypeFor[PartnerStatus]():          "Partnerstand",
	reflect.TypeFor[DiskStatus]():             "Schijfstand",
	reflect.TypeFor[Done]():                   "Gedaan",
	reflect.TypeFor[EmployerName]():           "Werkgever",
	reflect.TypeFor[OpenPlan]():               "OpenPlan",
	reflect.TypeFor[Spared]():                 "Ontzien",
	reflect.TypeFor[Card]():                   "Kaart",
	reflect.TypeFor[Contact]():                "Contact",
	reflect.TypeFor[FixedContact]():           "VasteContactpersoon",
	reflect.TypeFor[Person]():                 "Accountmanager",
	reflect.TypeFor[PlacementCount]():         "Plaatsingstelling",
	reflect.TypeFor[Tally]():                  "Telling",
	reflect.TypeFor[Sum]():                    "Som",
	reflect.TypeFor[Problem]():                "Probleem",
	reflect.TypeFor[Receipt]():                "Ontvangstbewijs",
	reflect.TypeFor[BatchItem]():              "Resultaat",
	reflect.TypeFor[BatchAnswer]():            "Reeksantwoord",
	reflect.TypeFor[DeliveriesAnswer]():       "Aanleveringenantwoord",
	reflect.TypeFor[Covered]():                "Dekking",
	reflect.TypeFor[Told]():                   "Gemeld",
	reflect.TypeFor[intake.Delivery]():        "Aanlevering",
	reflect.TypeFor[intake.FaultCode]():       "Foutcode",
	reflect.TypeFor[intake.Day]():             "Aanleverdag",
	reflect.TypeFor[ReadLogAnswer]():          "Inzagenantwoord",
	reflect.TypeFor[LookedAt]():               "Inzage",
	reflect.TypeFor[LogLine]():                "Logregel",
	reflect.TypeFor[LogAttributes]():          "Logkenmerken",
	reflect.TypeFor[MessagesAnswer]():         "Berichtenantwoord",
	reflect.TypeFor[MessageVacancy]():         "Berichtvacature",
	reflect.TypeFor[Message]():                "Bericht",
	reflect.TypeFor[Erased]():                 "Gewist",
	reflect.TypeFor[EventRef]():               "Melding",
	reflect.TypeFor[events.Ref]():             "Verwijzing",
	reflect.TypeFor[Book]():                   "Boek",
	reflect.TypeFor[Restored]():               "Teruggezet",
	reflect.TypeFor[ledger.Reason]():          "Reden",
	reflect.TypeFor[ledger.Call]():            "Bel",
	reflect.TypeFor[ledger.Plan]():            "Plan",
	reflect.TypeFor[ledger.Visit]():           "Bezoek",
	reflect.TypeFor[ledger.Person]():          "Persoon",
	reflect.TypeFor[ExplainAnswer]():          "Uitlegantwoord",
	reflect.TypeFor[ledger.Explanation]():     "Uitleg",
	reflect.TypeFor[ledger.AgreementOfThen](): "AfsprakenVanToen",
	reflect.TypeFor[ledger.AgreementName]():   "Afsprakennaam",
	reflect.TypeFor[ledger.Clause]():          "Bepaling",
	reflect.TypeFor[ledger.Fact]():            "Feit",
	reflect.TypeFor[ledger.JudgedAgain]():     "OpnieuwBeoordeeld",
	reflect.TypeFor[ledger.Rejudged]():        "Herbeoordeling",
	reflect.TypeFor[Partner]():                "Partner",
	reflect.TypeFor[ledger.PartnerName]():     "Partnernaam",
	reflect.TypeFor[events.Fault]():           "Fout",
	reflect.TypeFor[events.Sentence]():        "Zin",
	reflect.TypeFor[events.Foreign]():         "Buitenlands",
	reflect.TypeFor[events.Period]():          "Periode",
	reflect.TypeFor[events.ContactPerson]():   "Contactpersoon",
}

// schemaName is a type's name in the document; a type without one is an error
// that the first test of the document shows.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if name, ok := schemaNames[t]; ok {
		return name
	}
	return huma.DefaultSchemaNamer(t, hint)
}

// daySchema is how the document describes an events.Date.
type daySchema struct{}

// Schema implements huma.SchemaProvider.
func (daySchema) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: "date", Examples: []any{"2026-11-22"}}
}

// openAPI finishes the document and gives its bytes.
func (s *Server) openAPI() ([]byte, error) {
	doc := s.api.OpenAPI()
	asAnswered(doc.Components.Schemas)
	addDescriptions(doc.Components.Schemas.Map())
	if err := addEvents(doc.Components.Schemas.Map()); err != nil {
		return nil, err
	}
	doc.Components.Headers = answerHeaders
	paths := map[string]*huma.PathItem{}
	operations := map[string]*huma.Operation{}
	for path, item := range doc.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Delete} {
			if op != nil {
				describeAnswers(op)
				for _, p := range op.Parameters {
					p.Schema.Nullable = false // it is there or it is not
				}
				operations[op.OperationID] = op
			}
		}
		paths[strings.TrimPrefix(path, "/v1")] = item // the server's URL ends in /v1 (ADR)
	}
	if err := addExamples(operations); err != nil {
		return nil, err
	}
	shown := *doc
	shown.Paths = paths
	return json.Marshal(&shown)
}

// asAnswered says in the schemas what the answers do: a list is never null, a
// pointer that is not omitted may be, and later versions add members.
func asAnswered(registry huma.Registry) {
	for name, schema := range registry.Map() {
		schema.AdditionalProperties = nil
		t := registry.TypeFromRef(schemaSpace + name)
		for field, property := range schema.Properties {
			if property.Type == huma.TypeArray {
				property.Nullable = false
			}
			f, known := fieldOf(t, field)
			asRecorded(property, f.Tag.Get("check"))
			if property.Nullable && len(property.Enum) > 0 && !slices.Contains(property.Enum, nil) {
				property.Enum = append(property.Enum, nil) // else null is none of its values
			}
			if known && f.Type.Kind() == reflect.Pointer && property.Ref != "" && !strings.Contains(f.Tag.Get("json"), ",omit") && !strings.Contains(f.Tag.Get("check"), "required") {
				schema.Properties[field] = &huma.Schema{
					Description: property.Description,
					AnyOf:       []*huma.Schema{{Ref: property.Ref}, {Type: "null"}},
				}
			}
		}
	}
}

// asRecorded says of a member of an event, that an answer repeats, which values it has.
func asRecorded(property *huma.Schema, check string) {
	for rule := range strings.SplitSeq(check, ",") {
		list, ok := strings.CutPrefix(rule, "enum=")
		if values := events.Values(list); ok && values != nil {
			if property.Items != nil {
				property = property.Items
			}
			property.Enum = nil
			for _, v := range values {
				property.Enum = append(property.Enum, v)
			}
		}
	}
}

// fieldOf finds the struct field with that JSON name, embedded structs too.
func fieldOf(t reflect.Type, name string) (reflect.StructField, bool) {
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == nil || t.Kind() != reflect.Struct {
		return reflect.StructField{}, false
	}
	for _, f := range reflect.VisibleFields(t) {
		if tag, _, _ := strings.Cut(f.Tag.Get("json"), ","); tag == name {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// openAPIDocument is for everybody, from every origin (ADR: publish-openapi).
func (s *Server) openAPIDocument(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	writeJSON(w, s.document)
}
