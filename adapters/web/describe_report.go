package web

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"huisboek/adapters/intake"
)

// reportPath is where events come in.
const reportPath = "/v1/gebeurtenissen"

// trialParameter asks for an answer without anything being recorded.
const trialParameter = "proef"

const aboutReport = `Eén CloudEvent, gestructureerd of met ce-headers, of een reeks van ten hoogste 1.000. Dezelfde gebeurtenis nog eens telt niet dubbel: dan is het antwoord 200 in plaats van 201.

Een reeks wordt op volgorde verwerkt, elke gebeurtenis op zichzelf: wat niet klopt houdt de rest niet tegen, en het antwoord heeft een resultaat voor elk. Een plan, of de verbetering van een plan, dat de afspraken van de regio weigeren, krijgt 409 met het ontvangstbewijs: de weigering zelf is vastgelegd, op de positie die daar staat. Een geweigerde wijziging wordt niet vastgelegd; dan is die positie null. Bij een proef is het antwoord 200 met het oordeel geweigerd.

Een partner meldt onder zijn eigen source; welke soorten van de regisseur zijn staat bij de soort.`

// binaryHeaders are the attributes of an event whose body is data alone
// (CloudEvents 1.0.2, HTTP protocol binding 3.1), after the names of the JSON form.
var binaryHeaders = []struct{ name, description, example string }{
	{"ce-specversion", "Alleen als de inhoud alleen data is, net als de andere ce-headers: de versie van CloudEvents.", "1.0"},
	{"ce-id", "Kenmerk van de gebeurtenis bij de maker.", "2026-000126"},
	{"ce-source", "Wie het meldt en uit welk systeem.", "urn:nld:oin:00000099000000002000:systeem:crm"},
	{"ce-type", "Welke soort gebeurtenis het is.", "nl.werkgeversdiensten.bezoek-afgelegd.v1"},
	{"ce-time", "Wanneer het in het eigen systeem is vastgelegd.", "2026-11-22T11:55:00+01:00"},
	{"ce-subject", "Het nummer van de werkgever, of afwezig.", "68727720"},
	{"ce-achteraf", "Bij true oude geschiedenis: geeft geen botsing en geen bericht.", "true"},
}

// describeReport is what the document says of reporting, whose bodies huma never
// sees: an event is read from its bytes as they came.
func (s *Server) describeReport() *huma.Operation {
	schema := func(t reflect.Type) *huma.Schema {
		return s.api.OpenAPI().Components.Schemas.Schema(t, true, "")
	}
	event := &huma.Schema{Ref: schemaSpace + eventSchema}
	receipt, batch := schema(reflect.TypeFor[Receipt]()), schema(reflect.TypeFor[BatchAnswer]())
	op := &huma.Operation{
		OperationID: "gebeurtenissenMelden",
		Method:      http.MethodPost,
		Path:        reportPath,
		Summary:     "Gebeurtenissen melden",
		Description: aboutReport,
		Tags:        []string{"gebeurtenissen"},
		Security:    []map[string][]string{{securityScheme: {}}},
		Parameters: []*huma.Param{{
			Name: trialParameter, In: "query", Schema: &huma.Schema{Type: huma.TypeBoolean, Default: false},
			Description: "Bij true: hetzelfde antwoord, maar er wordt niets vastgelegd en positie is null. Wat de afspraken zouden weigeren, komt als ontvangstbewijs met het oordeel geweigerd.",
		}},
		RequestBody: &huma.RequestBody{
			Required:    true,
			Description: "Ten hoogste 64 KiB voor één gebeurtenis en 16 MiB voor een reeks; zonder Content-Encoding.",
			Content: map[string]*huma.MediaType{
				intake.Structured: {Schema: event},
				"application/json": {Schema: &huma.Schema{
					Type:        huma.TypeObject,
					Description: "Met ce-headers: alleen wat anders in data staat. Zonder: een hele gebeurtenis.",
				}},
				intake.Batch: {Schema: &huma.Schema{Type: huma.TypeArray, Items: event, MaxItems: ptr(intake.MaxBatch)}},
			},
		},
		Responses: map[string]*huma.Response{
			"409": {},
			"201": {Content: map[string]*huma.MediaType{"application/json": {Schema: receipt}}},
			"200": {
				Description: "Eerder gezien of een proef: een ontvangstbewijs. Een reeks: een resultaat voor elke gebeurtenis, en Retry-After als er iets bij is dat later opnieuw moet (429 of 503).",
				Headers:     map[string]*huma.Param{"Retry-After": headerRef("Retry-After")},
				Content: map[string]*huma.MediaType{
					"application/json": {Schema: &huma.Schema{AnyOf: []*huma.Schema{receipt, batch}}},
				},
			},
		},
	}
	for _, h := range binaryHeaders {
		op.Parameters = append(op.Parameters, &huma.Param{
			Name: h.name, In: "header", Description: h.description,
			Schema: &huma.Schema{Type: huma.TypeString}, Example: h.example,
		})
	}
	return op
}

func ptr[T any](v T) *T { return &v }
