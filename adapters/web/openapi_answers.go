package web

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"huisboek/ledger"
)

// answerHeaders are the headers that the document describes.
var answerHeaders = map[string]*huma.Header{
	"API-Version": {
		Description: "De volledige versie van deze API.",
		Schema:      &huma.Schema{Type: huma.TypeString, Examples: []any{APIVersion}},
	},
	"X-Request-Id": {
		Description: "Het kenmerk van dit verzoek; noem het als u de beheerder iets vraagt.",
		Schema:      &huma.Schema{Type: huma.TypeString, Format: "uuid", Examples: []any{"6f9619ff-8b86-4011-b42d-00cf4fc964ff"}},
	},
	"Retry-After": {
		Description: "Na hoeveel seconden het opnieuw kan.",
		Schema:      &huma.Schema{Type: huma.TypeInteger, Examples: []any{2}},
	},
	"WWW-Authenticate": {
		Description: "Hoe een verzoek zich aanmeldt.",
		Schema:      &huma.Schema{Type: huma.TypeString, Examples: []any{authenticate}},
	},
}

// authenticate is what a caller without a good token is told.
const authenticate = `Bearer realm="huisboek"`

// answers says of each status what it means and which headers come with it
// besides those of every answer.
var answers = map[int]struct {
	means   string
	headers []string
}{
	http.StatusOK:                    {"Het antwoord.", nil},
	http.StatusCreated:               {"Vastgelegd; het ontvangstbewijs zegt hoe het boek erover oordeelt.", nil},
	http.StatusBadRequest:            {"Ongeldige invoer: bij fouten staat alles wat er niet klopt.", nil},
	http.StatusUnauthorized:          {"Niet aangemeld: er is geen token, of het is niet (meer) geldig.", []string{"WWW-Authenticate"}},
	http.StatusForbidden:             {"Niet toegestaan: dit token mag dit niet melden of vragen.", nil},
	http.StatusNotFound:              {"Wat gevraagd is, is er niet.", nil},
	http.StatusNotAcceptable:         {"De gevraagde vorm is er niet: antwoorden zijn er als application/json.", nil},
	http.StatusConflict:              {"Onder deze source en dit id is al iets met andere inhoud vastgelegd, of de afspraken van de regio weigeren het plan; dan staat het ontvangstbewijs erbij.", nil},
	http.StatusRequestEntityTooLarge: {"Te groot; er is niets vastgelegd.", nil},
	http.StatusUnsupportedMediaType:  {"Deze soort inhoud wordt niet aangenomen.", nil},
	http.StatusTooManyRequests:       {"Met dit token komt er meer dan is afgesproken; er is niets mee gedaan.", []string{"Retry-After"}},
	http.StatusInternalServerError:   {"Er ging in het boek iets mis; noem X-Request-Id aan de beheerder.", nil},
	http.StatusServiceUnavailable:    {"Het kan nu niet. Probeer hetzelfde later opnieuw: het telt nooit dubbel.", []string{"Retry-After"}},
}

// The refusals that an operation can give; those with a body can give more.
var (
	refusalsOfAll  = []int{400, 401, 403, 406, 429, 500, 503}
	refusalsOfBody = []int{413, 415}
)

// problemSchema is the name under which the document has a refusal.
const problemSchema = "Probleem"

// describeAnswers gives an operation the answers it has.
func describeAnswers(op *huma.Operation) {
	delete(op.Responses, "422") // huma's; here it is 400
	refusals := refusalsOfAll
	if op.RequestBody != nil {
		refusals = slices.Concat(refusalsOfAll, refusalsOfBody)
	}
	for _, status := range []int{http.StatusNotFound, http.StatusConflict} { // of an operation that says so
		if op.Responses[strconv.Itoa(status)] != nil {
			refusals = append(slices.Clone(refusals), status)
		}
	}
	for _, status := range refusals {
		means := "" // its own words, where the operation has them
		if r := op.Responses[strconv.Itoa(status)]; r != nil {
			means = r.Description
		}
		op.Responses[strconv.Itoa(status)] = &huma.Response{Description: means, Content: map[string]*huma.MediaType{
			ledger.ProblemMediaType: {Schema: &huma.Schema{Ref: schemaSpace + problemSchema}},
		}}
	}
	for code, r := range op.Responses {
		status, _ := strconv.Atoi(code)
		a := answers[status]
		if r.Description == "" || r.Description == http.StatusText(status) { // huma's word for it
			r.Description = a.means
		}
		if r.Headers == nil {
			r.Headers = map[string]*huma.Param{}
		}
		for _, name := range slices.Concat(a.headers, []string{"API-Version", "X-Request-Id"}) {
			r.Headers[name] = headerRef(name)
		}
	}
}

// headerRef is a header of answerHeaders.
func headerRef(name string) *huma.Param { return &huma.Param{Ref: "#/components/headers/" + name} }
