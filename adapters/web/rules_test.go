package web_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/web"
	"huisboek/ledger"
)

// everyAnswer is one request of each kind, with the status it must have.
func everyAnswer() []struct {
	method, who, path string
	status            int
} {
	base := "/v1/werkgevers/" + employer
	return []struct {
		method, who, path string
		status            int
	}{
		{"GET", "a", base, 200}, {"HEAD", "a", base, 200}, {"GET", "a", base + "/contacten", 200},
		{"GET", "a", base + "/advies", 200}, {"GET", "a", "/v1/partners", 200},
		{"GET", "board", "/v1/tellingen?meting=bezoeken", 200},
		{"GET", "", "/v1/openapi.json", 200}, {"GET", "", "/livez", 200}, {"GET", "", "/readyz", 200},
		{"GET", "steward", "/metrics", 200}, {"GET", "a", "/v1/aanleveringen", 200}, {"GET", "a", "/v1/berichten", 200},
		{"GET", "", base, 401}, {"GET", "board", base, 403}, {"GET", "a", "/metrics", 403},
		{"POST", "", reports, 401}, {"POST", "a", reports, 400}, {"POST", "a", reports + "?x=1", 400}, {"POST", "a", reports + "/", 404},
		{"GET", "a", reports, 405}, {"OPTIONS", "", reports, 405}, {"POST", "a", "/v1/berichten", 405},
		{"GET", "", "/v1/berichten", 401}, {"GET", "steward", "/v1/berichten", 403}, {"GET", "board", "/v1/aanleveringen", 403},
		{"GET", "a", "/v1/berichten?na=x", 400}, {"GET", "a", "/v1/berichten?aantal=201", 400}, {"GET", "a", "/v1/berichten?van=2026-11-01", 400},
		{"GET", "a", "/v1/aanleveringen?na=x", 400}, {"GET", "a", "/v1/aanleveringen?uitkomst=gelukt", 400},
		{"GET", "a", "/v1/aanleveringen?van=2026-11", 400}, {"GET", "a", "/v1/aanleveringen?tot=morgen", 400},
		{"GET", "a", base + "/", 404}, {"GET", "a", "/v1/partners/", 404}, {"GET", "a", "/v1/openapi.json/", 404},
		{"GET", "a", "/", 404}, {"GET", "a", "/v2/partners", 404}, {"GET", "a", "/v1/werkgevers", 400}, {"GET", "a", "/favicon.ico", 404},
		{"POST", "a", "/v1/partners", 405}, {"DELETE", "a", base, 405}, {"OPTIONS", "a", base, 405}, {"PUT", "", "/livez", 405},
		{"GET", "a", "/v1/werkgevers/1234567", 400}, {"GET", "a", "/v1/werkgevers/voorlopig-x", 400}, {"GET", "a", "/v1/werkgevers/%2e%2e", 404}, {"GET", "a", "/v1//partners", 404},
		{"GET", "a", base + "?x=1", 400}, {"GET", "a", base + "?%zz", 400}, {"GET", "a", base + "?vanafPositie=-1", 400},
		{"GET", "a", base + "/contacten?aantal=0", 400}, {"GET", "a", base + "/contacten?aantal=201", 400}, {"GET", "a", base + "/contacten?na=x", 400},
		{"GET", "a", "/v1/tellingen", 400}, {"GET", "a", "/v1/tellingen?meting=omzet", 400},
		{"GET", "a", "/v1/tellingen?meting=bezoeken&per=thema", 400}, {"GET", "a", "/v1/tellingen?meting=signalen&per=doelgroep", 400},
		{"GET", "a", "/v1/tellingen?meting=vacatures&per=doelgroep", 400}, {"GET", "a", "/v1/tellingen?meting=bezoeken&tijdvak=jaar", 400},
		{"GET", "a", "/v1/werkgevers?zoek=voorbeeld", 200}, {"GET", "a", "/v1/werkgevers?zoek=", 400}, {"GET", "a", "/v1/werkgevers?zoek=%20%20a%20", 400},
		{"GET", "a", "/v1/werkgevers?zoek=%ff%fe%fd", 400}, {"GET", "a", "/v1/werkgevers?zoek=" + strings.Repeat("a", 101), 400},
		{"GET", "a", "/v1/werkgevers?zoek=aa&zoek=bb", 400}, {"GET", "a", "/v1/werkgevers?zoek=aa&na=AAAA", 400}, {"GET", "a", "/v1/werkgevers?zoek=aa&aantal=201", 400},
		{"GET", "a", base + "?concern=true", 200}, {"GET", "a", base + "?concern=ja", 400}, {"GET", "a", base + "/advies?concern=true", 400},
		{"GET", "a", "/v1/koppelingen?wacht=true", 200}, {"GET", "a", "/v1/koppelingen", 400}, {"GET", "a", "/v1/koppelingen?wacht=true&na=x", 400},
		{"GET", "steward", "/v1/mogelijk-dezelfde", 200}, {"GET", "a", "/v1/mogelijk-dezelfde", 403}, {"GET", "steward", "/v1/mogelijk-dezelfde?na=x", 400},
		{"GET", "a", "/v1/gevolgde-werkgevers", 200}, {"GET", "steward", "/v1/gevolgde-werkgevers", 403}, {"GET", "a", "/v1/gevolgde-werkgevers?na=x", 400},
		{"GET", "a", "/v1/dekking", 200}, {"GET", "board", "/v1/dekking", 403}, {"GET", "a", "/v1/dekking?peildatum=2026-01-01", 400},
		{"GET", "a", "/v1/partners?peildatum=2026-11-22", 200}, {"GET", "a", "/v1/partners?peildatum=2026-02-30", 400},
		{"GET", "a", "/v1/arbeidsmarktregios", 200}, {"GET", "a", "/v1/arbeidsmarktregios/AM36?peildatum=2021-01-01", 200},
		{"GET", "a", "/v1/arbeidsmarktregios/AM99", 404}, {"GET", "a", "/v1/arbeidsmarktregios/zwolle", 400}, {"GET", "a", "/v1/arbeidsmarktregios/AM36?peildatum=gisteren", 400},
		{"GET", "steward", "/v1/status", 200}, {"GET", "a", "/v1/status", 403}, {"GET", "board", "/v1/status", 403},
	}
}

// TestRules holds the technical rules of the NL API Design Rules 2.1 against
// live answers.
func TestRules(t *testing.T) {
	h := newHouse(t)
	story(h)
	ids := map[string]bool{}
	for _, tt := range everyAnswer() {
		r := h.do(tt.method, tt.who, tt.path)
		name := tt.method + " " + tt.path + " by " + tt.who
		if r.status != tt.status {
			t.Errorf("%s: %d, want %d: %.300s", name, r.status, tt.status, r.body)
		}
		for header, want := range map[string]string{
			"API-Version": web.APIVersion, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
		} {
			if got := r.header.Get(header); got != want {
				t.Errorf("%s: %s is %q", name, header, got)
			}
		}
		if !contains(r.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") || r.header.Get("Strict-Transport-Security") == "" {
			t.Errorf("%s: headers %v", name, r.header)
		}
		if id := r.header.Get("X-Request-Id"); id == "" || ids[id] {
			t.Errorf("%s: request id %q", name, id)
		} else {
			ids[id] = true
		}
		open := tt.path == "/v1/openapi.json"
		if cors := r.header.Get("Access-Control-Allow-Origin"); cors != "" && !open || cors != "*" && open {
			t.Errorf("%s: CORS %q", name, cors)
		}
		checkBody(t, name, tt.path, r)
	}
}

var camelCase = regexp.MustCompile(`^[a-z][a-zA-Z0-9]*$`)

func checkBody(t *testing.T, name, path string, r reply) {
	t.Helper()
	kind := r.header.Get("Content-Type")
	if r.status >= 400 {
		p := r.problem(t)
		if kind != "application/problem+json" || p.Status != r.status || p.Type == "" || p.Title == "" || p.Detail == "" || p.Faults == nil {
			t.Errorf("%s: %s %.300s", name, kind, r.body)
		}
		for _, f := range p.Faults {
			whole := f.Field == "" && path == reports // of an event
			if !whole && !strings.HasPrefix(f.Field, "/") || f.Code == "" || f.Sentence.NL == "" || f.Sentence.EN == "" {
				t.Errorf("%s: fault %+v", name, f)
			}
		}
		if (r.status == 400) != (len(p.Faults) > 0) {
			t.Errorf("%s: %d faults with status %d", name, len(p.Faults), r.status)
		}
		if post := path == reports; r.status == 405 && contains(r.header.Get("Allow"), "GET") == post {
			t.Errorf("%s: Allow %q", name, r.header.Get("Allow"))
		}
		return
	}
	if path == "/metrics" {
		return
	}
	if kind != "application/json" {
		t.Errorf("%s: %s", name, kind)
	}
	var members map[string]any
	if r.body == "" { // HEAD
		return
	}
	if err := json.Unmarshal([]byte(r.body), &members); err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for m := range members {
		if !camelCase.MatchString(m) {
			t.Errorf("%s: member %q", name, m)
		}
	}
}

// TestAllFaultsTogether: one answer says everything that is wrong, and echoes none of it.
func TestAllFaultsTogether(t *testing.T) {
	h := newHouse(t)
	h.synced()
	r := h.get("a", "/v1/werkgevers/123/contacten?aantal=999999777&aantal=2&vanafPositie=x&nummer123456782=1&vestigingsnummer=12")
	var got []string
	for _, f := range r.problem(t).Faults {
		got = append(got, f.Field+" "+f.Code)
	}
	want := []string{
		"/query/aantal ongeldig", "/query/vanafPositie ongeldig", "/query/vestigingsnummer ongeldig",
		"/query/aantal dubbel", "/query/nummer onbekend",
	}
	sort := cmp.Transformer("set", func(list []string) map[string]int {
		m := map[string]int{}
		for _, s := range list {
			m[s]++
		}
		return m
	})
	if diff := cmp.Diff(want, got, sort); diff != "" {
		t.Error(diff)
	}
	for _, echo := range []string{"999999777", "123456782"} {
		if contains(r.body, echo) {
			t.Errorf("%s is echoed: %s", echo, r.body)
		}
	}
}

// TestDocument: the OpenAPI document is valid, keeps the ADR's rules for one, and
// describes the answers that are really given.
func TestDocument(t *testing.T) {
	h := newHouse(t)
	story(h)
	regionStory(h)
	h.structured("a", "", []byte(`{}`)) // what has nothing of its own, among what came in and among the messages
	erased := must[ledger.Erasure](t)(h.ledger.Erase(t.Context(), ledger.EraseRequest{Partner: partnerA, Employee: staffA, Ground: "verzoek"}, steward))
	h.last = erased.Position
	h.synced()
	raw := h.get("", "/v1/openapi.json").body
	doc, err := openapi3.NewLoader().LoadFromData([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context(), openapi3.EnableSchemaFormatValidation()); err != nil {
		t.Error(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Info.Version != web.APIVersion || doc.Servers[0].URL != "/v1" {
		t.Errorf("openapi %s, version %s, servers %v", doc.OpenAPI, doc.Info.Version, doc.Servers[0].URL)
	}
	if c := doc.Info.Contact; c == nil || c.Name == "" || c.Email == "" || c.URL == "" {
		t.Errorf("contact %+v", c)
	}
	none := false
	for name, s := range doc.Components.Schemas { // of answers: an event's own schema is closed
		if s.Value.Extensions["x-melder"] != nil {
			continue
		}
		if room := s.Value.AdditionalProperties.Has; room != nil && !*room {
			t.Errorf("%s may not grow", name)
		}
		s.Value.AdditionalProperties = openapi3.BoolSchema{Has: &none} // the document leaves room; the test does not
	}
	if contains(raw, `"422"`) || contains(raw, "$schema") {
		t.Error("a 422 or a $schema is left in the document")
	}
	if contains(raw, `"array","null"`) {
		t.Error("a list that may be null")
	}
	base := "/werkgevers/" + employer
	for path, asked := range map[string]string{
		"/werkgevers/{werkgever}": base, "/werkgevers/{werkgever}/contacten": base + "/contacten?aantal=200",
		"/werkgevers/{werkgever}/advies": base + "/advies", "/partners": "/partners",
		"/tellingen": "/tellingen?meting=plaatsingen&per=doelgroep", "/aanleveringen": "/aanleveringen", "/berichten": "/berichten",
		"/werkgevers": "/werkgevers?zoek=bakkerij", "/koppelingen": "/koppelingen?wacht=true", "/mogelijk-dezelfde": "/mogelijk-dezelfde",
		"/gevolgde-werkgevers": "/gevolgde-werkgevers",
		"/dekking":             "/dekking", "/arbeidsmarktregios": "/arbeidsmarktregios", "/arbeidsmarktregios/{code}": "/arbeidsmarktregios/AM36", "/status": "/status",
	} {
		item := doc.Paths.Find(path)
		if item == nil {
			t.Errorf("%s is not described", path)
			continue
		}
		checkOperation(t, path, item.Get)
		for _, query := range []string{asked, strings.Replace(asked, employer, otherEmployer, 1)} {
			var body any
			who := "a"
			if path == "/status" || path == "/mogelijk-dezelfde" {
				who = "steward"
			}
			if err := json.Unmarshal([]byte(h.get(who, "/v1"+query).body), &body); err != nil {
				t.Fatal(err)
			}
			schema := item.Get.Responses.Value("200").Value.Content["application/json"].Schema.Value
			if err := schema.VisitJSON(body, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors()); err != nil {
				t.Errorf("%s is not as described: %v", query, err)
			}
		}
	}
	if n := len(doc.Paths.Map()); n < 17 {
		t.Errorf("only %d paths are described", n)
	}
}

func checkOperation(t *testing.T, path string, op *openapi3.Operation) {
	t.Helper()
	if op.OperationID == "" || op.Summary == "" || op.Description == "" || len(op.Tags) != 1 || op.Security == nil {
		t.Errorf("%s: id, summary, description, tag and security: %+v", path, op)
	}
	for _, code := range []string{"200", "400", "401", "403", "500", "503"} {
		r := op.Responses.Value(code)
		if r == nil || r.Value.Headers["API-Version"] == nil || r.Value.Description == nil {
			t.Errorf("%s: answer %s is not described", path, code)
		} else if code != "200" && r.Value.Content["application/problem+json"] == nil {
			t.Errorf("%s: answer %s is no problem", path, code)
		}
	}
	for _, p := range op.Parameters {
		if p.Value.In != "header" && !camelCase.MatchString(p.Value.Name) || p.Value.Description == "" {
			t.Errorf("%s: parameter %s", path, p.Value.Name)
		}
	}
	for _, segment := range strings.Split(path, "/") {
		if segment != strings.ToLower(segment) {
			t.Errorf("%s is not kebab-case", path)
		}
	}
}

func TestClientProblem(t *testing.T) {
	h := newHouse(t)
	h.synced()
	_, err := h.client("board").Employer(t.Context(), at(employer), 0)
	var p ledger.Problem
	if !errors.As(err, &p) || p.Status != http.StatusForbidden {
		t.Errorf("the client says %v", err)
	}
	list, err := h.client("a").Partners(t.Context(), "", 0)
	if err != nil || len(list.Partners) != 3 || list.Partners[0].Name != "Partner A" {
		t.Errorf("%v: %+v", err, list)
	}
	advice, err := h.client("a").Advice(t.Context(), at(otherEmployer), "nazorg", "2026-11-25", 0)
	if err != nil || advice.Outcome != "vrij" || advice.Position != 4 {
		t.Errorf("%v: %+v", err, advice)
	}
	for _, base := range []string{"", "localhost:8080", "ftp://localhost", "http://"} {
		if _, err := web.NewClient(base, ""); err == nil {
			t.Errorf("%q was taken for a server", base)
		}
	}
}
