package web

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"huisboek/events"
	"huisboek/ledger"
)

// securityScheme is the name of the bearer token in the document.
const securityScheme = "token"

func apiConfig(by Maintainer) huma.Config {
	c := huma.DefaultConfig("Huisboek", APIVersion)
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", "" // served by openAPIDocument
	c.CreateHooks = nil                                   // no $schema in answers
	c.Formats = map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat}
	c.Info.Description = "Het gezamenlijke boek van de partners in een arbeidsmarktregio: wie is er bij een werkgever geweest, wie is van plan te gaan, en wie belt u het eerst."
	c.Info.License = &huma.License{Name: "EUPL-1.2", Identifier: "EUPL-1.2"}
	c.Info.Contact = &huma.Contact{Name: by.Name, Email: by.Email, URL: by.URL}
	c.Servers = []*huma.Server{{URL: "/v1", Description: "Dit boek"}}
	c.Tags = []*huma.Tag{
		{Name: "werkgevers", Description: "Wie er bij een werkgever was en wie er gaat"},
		{Name: "partners", Description: "Wie er meedoet"},
		{Name: "tellingen", Description: "Aantallen per partner en gezamenlijk"},
	}
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{securityScheme: {
		Type: "http", Scheme: "bearer", Description: "Een token van de regisseur; alleen in de header Authorization.",
	}}
	r := huma.NewMapRegistry("#/components/schemas/", schemaName)
	c.Components.Schemas = r
	r.RegisterTypeAlias(reflect.TypeFor[events.Date](), reflect.TypeFor[daySchema]())
	r.RegisterTypeAlias(reflect.TypeFor[events.Hundredths](), reflect.TypeFor[float64]())
	return c
}

// schemaNames are the types as the document names them (ADR: interface-language).
var schemaNames = map[reflect.Type]string{
	reflect.TypeFor[EmployerAnswer]():       "Werkgeverantwoord",
	reflect.TypeFor[ContactsAnswer]():       "Contactenantwoord",
	reflect.TypeFor[AdviceAnswer]():         "Adviesantwoord",
	reflect.TypeFor[PartnersAnswer]():       "Partnersantwoord",
	reflect.TypeFor[TalliesAnswer]():        "Tellingenantwoord",
	reflect.TypeFor[EmployerName]():         "Werkgever",
	reflect.TypeFor[Card]():                 "Kaart",
	reflect.TypeFor[Contact]():              "Contact",
	reflect.TypeFor[FixedContact]():         "VasteContactpersoon",
	reflect.TypeFor[Person]():               "Accountmanager",
	reflect.TypeFor[PlacementCount]():       "Plaatsingstelling",
	reflect.TypeFor[Tally]():                "Telling",
	reflect.TypeFor[Sum]():                  "Som",
	reflect.TypeFor[Problem]():              "Probleem",
	reflect.TypeFor[ledger.Receipt]():       "Ontvangstbewijs",
	reflect.TypeFor[ledger.Reason]():        "Reden",
	reflect.TypeFor[ledger.Call]():          "Bel",
	reflect.TypeFor[ledger.Plan]():          "Plan",
	reflect.TypeFor[ledger.Visit]():         "Bezoek",
	reflect.TypeFor[ledger.Person]():        "Persoon",
	reflect.TypeFor[ledger.Partner]():       "Partner",
	reflect.TypeFor[ledger.PartnerName]():   "Partnernaam",
	reflect.TypeFor[events.Fault]():         "Fout",
	reflect.TypeFor[events.Sentence]():      "Zin",
	reflect.TypeFor[events.Foreign]():       "Buitenlands",
	reflect.TypeFor[events.Period]():        "Periode",
	reflect.TypeFor[events.ContactPerson](): "Contactpersoon",
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

// titles are what the document calls a refusal.
var titles = map[string]string{
	"400": "Ongeldige invoer", "401": "Niet aangemeld", "403": "Niet toegestaan",
	"500": "Interne fout", "503": "Nu niet beschikbaar; Retry-After zegt wanneer wel",
}

// openAPI finishes the document and gives its bytes.
func (s *Server) openAPI() ([]byte, error) {
	doc := s.api.OpenAPI()
	doc.Components.Headers = map[string]*huma.Header{"API-Version": {
		Description: "De volledige versie van deze API.",
		Schema:      &huma.Schema{Type: huma.TypeString, Examples: []any{APIVersion}},
	}}
	paths := map[string]*huma.PathItem{}
	for path, item := range doc.Paths {
		delete(item.Get.Responses, "422") // huma's; here it is 400
		for code, r := range item.Get.Responses {
			if title, ok := titles[code]; ok {
				r.Description = title
			} else {
				r.Description = "Het antwoord"
			}
			r.Headers = map[string]*huma.Param{"API-Version": {Ref: "#/components/headers/API-Version"}}
		}
		paths[strings.TrimPrefix(path, "/v1")] = item // the server's URL ends in /v1 (ADR)
	}
	shown := *doc
	shown.Paths = paths
	asAnswered(doc.Components.Schemas)
	return json.Marshal(&shown)
}

// asAnswered says in the schemas what the answers do: a list is never null, a
// pointer that is not omitted may be, and later versions add members.
func asAnswered(registry huma.Registry) {
	for name, schema := range registry.Map() {
		schema.AdditionalProperties = nil
		t := registry.TypeFromRef("#/components/schemas/" + name)
		for field, property := range schema.Properties {
			if property.Type == huma.TypeArray {
				property.Nullable = false
			}
			if f, ok := fieldOf(t, field); ok && f.Type.Kind() == reflect.Pointer && property.Ref != "" && !strings.Contains(f.Tag.Get("json"), ",omit") {
				schema.Properties[field] = &huma.Schema{
					Description: property.Description,
					AnyOf:       []*huma.Schema{{Ref: property.Ref}, {Type: "null"}},
				}
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
