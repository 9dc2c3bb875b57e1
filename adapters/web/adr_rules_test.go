package web_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

var (
	kebabSegment = regexp.MustCompile(`^([a-z0-9]+(-[a-z0-9]+)*|\{[a-z][a-zA-Z0-9]*\}|openapi\.json)$`)
	semver       = regexp.MustCompile(`^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$`)
	aDate        = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)
	looksLikeDay = regexp.MustCompile(`^\d{4}[-/]\d{1,2}[-/]\d{1,2}|^\d{1,2}[-/]\d{1,2}[-/]\d{4}`)
	namesADay    = regexp.MustCompile(`(^|[a-z])[dD]atum$`)
)

// complete: the rules are held against every status, or they would say little.
func (a *adr) complete(t *testing.T) {
	seen := map[int]int{}
	for _, r := range a.answers {
		seen[r.status]++
	}
	for _, status := range []int{200, 201, 400, 401, 403, 404, 405, 406, 409, 413, 415, 429, 500, 503} {
		if seen[status] == 0 {
			t.Errorf("no answer with status %d among %v", status, seen)
		}
	}
}

func (a *adr) noTrailingSlash(t *testing.T) {
	for path := range a.doc.Paths.Map() {
		if strings.HasSuffix(path, "/") {
			t.Error(path)
		}
	}
	for _, r := range a.answers {
		if r.name == "trailing slash" && (r.status != 404 || r.header.Get("Location") != "") {
			t.Errorf("%s %s: %d to %q", r.method, r.path, r.status, r.header.Get("Location"))
		}
	}
}

func (a *adr) kebabCase(t *testing.T) {
	for path := range a.doc.Paths.Map() {
		segments := strings.Split(strings.TrimPrefix(path, "/"), "/")
		for i, segment := range segments {
			if i > 0 && i == len(segments)-1 { // what is no resource may begin with an underscore
				segment = strings.TrimPrefix(segment, "_")
			}
			if !kebabSegment.MatchString(segment) {
				t.Errorf("%s: %q", path, segment)
			}
		}
	}
}

func (a *adr) camelCase(t *testing.T) {
	for name, op := range a.operations {
		for _, p := range op.Parameters {
			if p.Value.In == "query" && !camelCase.MatchString(p.Value.Name) {
				t.Errorf("%s: %s", name, p.Value.Name)
			}
		}
	}
}

// moments calls yield for each text of an answer that looks like a day or a moment.
func moments(v any, yield func(name, text string)) {
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if s, ok := inner.(string); ok && looksLikeDay.MatchString(s) {
				yield(name, s)
			}
			moments(inner, yield)
		}
	case []any:
		for _, inner := range v {
			moments(inner, yield)
		}
	}
}

func (a *adr) eachMoment(t *testing.T, rule func(t *testing.T, name, text string)) {
	n := 0
	for _, r := range a.answers {
		var body any
		if r.header.Get("Content-Type") != "application/json" || json.Unmarshal([]byte(r.body), &body) != nil || r.described == nil {
			continue
		}
		moments(body, func(name, text string) { n++; rule(t, name, text) })
	}
	if n < 20 {
		t.Errorf("only %d days and moments were seen", n)
	}
}

func (a *adr) dates(t *testing.T) {
	a.eachMoment(t, func(t *testing.T, name, text string) {
		if _, err := time.Parse(time.RFC3339, text); err != nil && !aDate.MatchString(text) && text != "2026-000118" {
			if _, err := time.Parse("2006-01", text); err != nil {
				t.Errorf("%s: %q", name, text)
			}
		}
	})
	for at, schema := range a.schemas(t) {
		if f, _ := schema["format"].(string); f == "time" || f == "date-time-local" {
			t.Errorf("%s: %s", at, f)
		}
	}
}

func (a *adr) utc(t *testing.T) {
	a.eachMoment(t, func(t *testing.T, name, text string) {
		if strings.Contains(text, "T") && !strings.HasSuffix(text, "Z") {
			t.Errorf("%s: %q", name, text)
		}
	})
}

func (a *adr) wholeDays(t *testing.T) {
	for at, schema := range a.schemas(t) {
		name := at[strings.LastIndex(at, "/")+1:]
		if namesADay.MatchString(name) && schema["format"] != "date" {
			t.Errorf("%s is a day and says %v", at, schema["format"])
		}
	}
	a.eachMoment(t, func(t *testing.T, name, text string) {
		if namesADay.MatchString(name) && !aDate.MatchString(text) {
			t.Errorf("%s: %q", name, text)
		}
	})
}

func (a *adr) problems(t *testing.T) {
	a.each(t, func(t *testing.T, r asked) {
		if r.status < 400 {
			return
		}
		var p struct {
			Status        int
			Title, Detail string
		}
		if err := json.Unmarshal([]byte(r.body), &p); err != nil {
			t.Fatal(err)
		}
		if kind := r.header.Get("Content-Type"); kind != "application/problem+json" || p.Status != r.status || p.Title == "" || p.Detail == "" {
			t.Errorf("%s with %d, %q, %q in an answer of %d", kind, p.Status, p.Title, p.Detail, r.status)
		}
	})
	for name, op := range a.operations {
		for code, r := range op.Responses.Map() {
			if code < "400" {
				continue
			}
			media := r.Value.Content["application/problem+json"]
			if media == nil || len(r.Value.Content) != 1 {
				t.Fatalf("%s: %s is no problem", name, code)
			}
			for _, member := range []string{"status", "title", "detail"} {
				if media.Schema.Value.Properties[member] == nil || !slices.Contains(media.Schema.Value.Required, member) {
					t.Errorf("%s: %s without %s", name, code, member)
				}
			}
		}
	}
}

func (a *adr) invalidInput(t *testing.T) {
	for name, op := range a.operations {
		if op.Responses.Value("400") == nil || op.Responses.Value("422") != nil {
			t.Errorf("%s: 400 is not described, or 422 is", name)
		}
	}
	for _, r := range a.answers {
		if r.status == 422 || r.name == "two unknown parameters" && r.status != 400 && r.status != 403 {
			t.Errorf("%s %s (%s): %d", r.method, r.path, r.name, r.status)
		}
	}
}

// allErrors: what is wrong is said together.
func (a *adr) allErrors(t *testing.T) {
	seen := 0
	for _, r := range a.answers {
		if r.name != "two unknown parameters" || r.status == 403 {
			continue
		}
		seen++
		var codes []string
		for _, f := range r.problem(t).Faults {
			if f.Code == "onbekend" {
				codes = append(codes, f.Field)
			}
		}
		if slices.Sort(codes); !slices.Equal(codes, []string{"/query/anders", "/query/onbekend"}) {
			t.Errorf("%s %s: %s", r.method, r.path, r.body)
		}
	}
	if seen < 6 {
		t.Errorf("only %d operations were asked", seen)
	}
}

func (a *adr) describedWell(t *testing.T) {
	if !strings.HasPrefix(a.doc.OpenAPI, "3.") {
		t.Error(a.doc.OpenAPI)
	}
	tags := map[string]bool{}
	for _, tag := range a.doc.Tags {
		tags[tag.Name] = tag.Description != ""
	}
	for name, op := range a.operations {
		if op.OperationID == "" || op.Summary == "" || op.Description == "" || len(op.Tags) != 1 || !tags[op.Tags[0]] || op.Security == nil {
			t.Errorf("%s: id, summary, description, a described tag and security", name)
		}
		for _, p := range op.Parameters {
			if v := p.Value; v.Description == "" || len(v.Examples) == 0 && v.Example == nil && v.Schema.Value.Examples == nil && v.Schema.Value.Default == nil && v.Schema.Value.Enum == nil {
				t.Errorf("%s: parameter %s has no description or no example", name, p.Value.Name)
			}
		}
		for code, r := range op.Responses.Map() {
			if r.Value.Description == nil || *r.Value.Description == "" {
				t.Errorf("%s: %s is not described", name, code)
			}
		}
	}
}

// describedMembers: nothing in an answer goes without a word.
func (a *adr) describedMembers(t *testing.T) {
	for name, schema := range a.doc.Components.Schemas {
		for member, p := range schema.Value.Properties {
			said := p.Value.Description != "" || p.Extensions["description"] != nil
			if own := schema.Value.Properties["specversion"] != nil; !said && !own && p.Ref == "" {
				t.Errorf("%s.%s is not described", name, member)
			}
		}
	}
}

func (a *adr) contact(t *testing.T) {
	if c := a.doc.Info.Contact; c == nil || c.Name == "" || c.Email == "" || c.URL == "" {
		t.Errorf("%+v", c)
	}
}

func (a *adr) published(t *testing.T) {
	r := a.do(http.MethodGet, "", "/v1/openapi.json")
	if r.status != 200 || r.header.Get("Access-Control-Allow-Origin") != "*" || !json.Valid([]byte(r.body)) {
		t.Errorf("%d with CORS %q", r.status, r.header.Get("Access-Control-Allow-Origin"))
	}
}

func (a *adr) uriVersion(t *testing.T) {
	if len(a.doc.Servers) != 1 || a.doc.Servers[0].URL != "/v1" || !strings.HasPrefix(a.doc.Info.Version, "1.") {
		t.Errorf("servers %v, version %s", a.doc.Servers, a.doc.Info.Version)
	}
}

func (a *adr) semantic(t *testing.T) {
	if !semver.MatchString(a.doc.Info.Version) {
		t.Error(a.doc.Info.Version)
	}
}

func (a *adr) versionHeader(t *testing.T) {
	a.each(t, func(t *testing.T, r asked) {
		if got := r.header.Values("API-Version"); len(got) != 1 || got[0] != a.doc.Info.Version {
			t.Errorf("API-Version %q", got)
		}
	})
	for name, op := range a.operations {
		for code, r := range op.Responses.Map() {
			if r.Value.Headers["API-Version"] == nil {
				t.Errorf("%s: %s without API-Version", name, code)
			}
		}
	}
}

// tls: the listener's own part is in cmd; here a browser that came over TLS is
// told to stay there.
func (a *adr) tls(t *testing.T) {
	a.each(t, func(t *testing.T, r asked) {
		if !strings.HasPrefix(r.header.Get("Strict-Transport-Security"), "max-age=31536000") {
			t.Errorf("%q", r.header.Get("Strict-Transport-Security"))
		}
	})
}

func (a *adr) securityHeaders(t *testing.T) {
	a.each(t, func(t *testing.T, r asked) {
		for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"} {
			if got := r.header.Get(name); got != want {
				t.Errorf("%s: %q", name, got)
			}
		}
		if !contains(r.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") || r.header.Get("Content-Type") == "" {
			t.Errorf("%q, %q", r.header.Get("Content-Security-Policy"), r.header.Get("Content-Type"))
		}
	})
}

func (a *adr) cors(t *testing.T) {
	a.each(t, func(t *testing.T, r asked) {
		allowed := r.header.Get("Access-Control-Allow-Origin")
		if open := r.path == "/v1/openapi.json"; open != (allowed == "*") || !open && allowed != "" {
			t.Errorf("%q", allowed)
		}
	})
}

// noSensitiveURIs: no address holds a person or a secret.
func (a *adr) noSensitiveURIs(t *testing.T) {
	sensitive := regexp.MustCompile(`(?i)bsn|naam|telefoon|email|geboorte|token|sleutel|wachtwoord|medewerker`)
	for name, op := range a.operations {
		for _, p := range op.Parameters {
			if p.Value.In != "header" && sensitive.MatchString(p.Value.Name) {
				t.Errorf("%s: %s", name, p.Value.Name)
			}
		}
	}
	for _, r := range a.answers {
		if r.name == "a token in the address" && r.status != 401 {
			t.Errorf("%s %s takes a token in the address: %d", r.method, r.path, r.status)
		}
	}
}

func (a *adr) methods(t *testing.T) {
	for path, item := range a.doc.Paths.Map() {
		for _, method := range slices.Sorted(maps.Keys(item.Operations())) {
			if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, method) {
				t.Errorf("%s %s", method, path)
			}
		}
	}
	for _, r := range a.answers {
		if r.name == "other method" && (r.status != 405 || r.header.Get("Allow") == "") {
			t.Errorf("%s %s: %d, Allow %q", r.method, r.path, r.status, r.header.Get("Allow"))
		}
	}
}

// asDescribed: every answer has a status, headers and a body that the document
// describes for its operation.
func (a *adr) asDescribed(t *testing.T) {
	none := false
	for _, s := range a.doc.Components.Schemas { // the document leaves room; the test does not
		if s.Value.Properties["data"] == nil && s.Value.AdditionalProperties.Has == nil && s.Value.AdditionalProperties.Schema == nil {
			s.Value.AdditionalProperties = openapi3.BoolSchema{Has: &none}
		}
	}
	a.each(t, func(t *testing.T, r asked) {
		if r.described == nil {
			return
		}
		described := r.described.Responses.Value(fmt.Sprint(r.status))
		if described == nil {
			t.Fatalf("%d is not described", r.status)
		}
		for name := range described.Value.Headers {
			if name == "Retry-After" && r.status == 200 { // of a batch, when something has to come again
				continue
			}
			if r.header.Get(name) == "" {
				t.Errorf("no header %s in an answer of %d", name, r.status)
			}
		}
		media := described.Value.Content[r.header.Get("Content-Type")]
		if media == nil {
			t.Fatalf("%s is not described", r.header.Get("Content-Type"))
		}
		var body any
		d := json.NewDecoder(bytes.NewReader([]byte(r.body)))
		if err := d.Decode(&body); err != nil {
			t.Fatal(err)
		}
		if err := media.Schema.Value.VisitJSON(body, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors()); err != nil {
			t.Errorf("%v in %.300s", err, r.body)
		}
	})
}
