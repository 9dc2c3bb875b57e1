package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"huisboek/adapters/web"
	"huisboek/events"
)

// asked is a request with what came back.
type asked struct {
	name, method, path string
	described          *openapi3.Operation // nil for what is not in the document
	reply
}

// adr is what the rules of the NL API Design Rules 2.2 are held against: the
// document, and an answer of every kind that each of its operations gives. It
// walks the document, so that a new operation is held to them by itself.
type adr struct {
	*house
	server  *httptest.Server
	raw     string
	doc     *openapi3.T
	answers []asked
}

func newADR(t *testing.T) *adr {
	h := exampleHouse(t)
	a := &adr{house: h, raw: h.get("", "/v1/openapi.json").body}
	a.doc = must[*openapi3.T](t)(openapi3.NewLoader().LoadFromData([]byte(a.raw)))
	a.server = h.storyDoor()
	a.tellExamples(t)
	for path, item := range a.doc.Paths.Map() {
		for method, op := range item.Operations() {
			a.askOddly(method, path, op)
		}
		a.askOtherMethods(path, item)
	}
	for _, path := range []string{"/", "/v1", "/v2/partners", "/v1/werkgevers", "/favicon.ico", "/v1/openapi.yaml"} {
		a.ask("unknown address", http.MethodGet, path, "gemeente", nil)
	}
	for _, path := range []string{"/livez", "/readyz", "/v1/openapi.json", "/metrics", "/documentatie", "/documentatie/stijl.css"} {
		a.ask("open or not described", http.MethodGet, path, "regisseur", nil)
		a.ask("trailing slash", http.MethodGet, path+"/", "regisseur", nil)
	}
	a.askBroken()
	return a
}

// tellExamples takes the answers to all examples.
func (a *adr) tellExamples(t *testing.T) {
	request := func(c *call) *http.Request { return c.request(t, a.server.URL, a.tokens) }
	a.tell(calls(t, a.raw), request, func(c *call, r reply) {
		path := strings.TrimPrefix(c.path, "/v1")
		a.answers = append(a.answers, asked{c.key, c.method, c.path, a.doc.Paths.Find(path).GetOperation(c.method), r})
	})
}

// ask adds an answer.
func (a *adr) ask(name, method, path, who string, op *openapi3.Operation) asked {
	a.t.Helper()
	r, err := http.NewRequestWithContext(a.t.Context(), method, a.server.URL+path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Origin", "https://elders.voorbeeld.invalid")
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+a.tokens[who])
	}
	one := asked{name, method, path, op, a.send(r)}
	a.answers = append(a.answers, one)
	return one
}

// concrete is a path with something in its holes.
func concrete(path string) string {
	return regexp.MustCompile(`\{[^}]*\}`).ReplaceAllString("/v1"+path, employer)
}

func (a *adr) askOddly(method, path string, op *openapi3.Operation) {
	at := concrete(path)
	a.ask("no token", method, at, "", op)
	a.ask("a token in the address", method, at+"?access_token="+a.tokens["gemeente"], "", op)
	a.ask("another role", method, at, "auditor", op)
	a.ask("two unknown parameters", method, at+"?onbekend=1&anders=2", "gemeente", op)
	a.ask("trailing slash", method, at+"/", "gemeente", nil)
}

func (a *adr) askOtherMethods(path string, item *openapi3.PathItem) {
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		if item.GetOperation(method) == nil {
			a.ask("other method", method, concrete(path), "gemeente", nil)
		}
	}
}

// askBroken asks a house of which something fails.
func (a *adr) askBroken() {
	s := a.door(func(c *web.Config) {
		c.Moment = func(context.Context, events.Position) (time.Time, error) { return time.Time{}, errors.New("broken") }
	})
	path := "/v1/partners"
	w := a.house.ask(s, "gemeente", path)
	a.answers = append(a.answers, asked{"broken", "GET", path, a.doc.Paths.Find("/partners").Get, reply{w.Code, w.Header(), w.Body.String()}})
}

// each holds a rule against every answer.
func (a *adr) each(t *testing.T, rule func(t *testing.T, r asked)) {
	for _, r := range a.answers {
		t.Run(fmt.Sprintf("%s %s (%s)", r.method, r.path, r.name), func(t *testing.T) { rule(t, r) })
	}
}

// operations are those of the document.
func (a *adr) operations(yield func(name string, op *openapi3.Operation) bool) {
	for path, item := range a.doc.Paths.Map() {
		for method, op := range item.Operations() {
			if !yield(method+" "+path, op) {
				return
			}
		}
	}
}

// schemas are all those of the document, with where they stand.
func (a *adr) schemas(t *testing.T) map[string]map[string]any {
	var whole any
	if err := json.Unmarshal([]byte(a.raw), &whole); err != nil {
		t.Fatal(err)
	}
	found := map[string]map[string]any{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			properties, _ := v["properties"].(map[string]any)
			for name, p := range properties {
				if schema, ok := p.(map[string]any); ok {
					found[at+"/"+name] = schema
				}
			}
			for name, inner := range v {
				if name != "examples" {
					walk(at+"/"+name, inner)
				}
			}
		case []any:
			for i, inner := range v {
				walk(fmt.Sprint(at, "/", i), inner)
			}
		}
	}
	walk("", whole)
	return found
}

// TestADR is our own test of the technical rules of the NL API Design Rules 2.2,
// each under its own id, and of those functional ones that can be seen from
// outside. What the rules' own linter sees, e2e looks at with that linter.
func TestADR(t *testing.T) {
	a := newADR(t)
	t.Run("answers of every kind", a.complete)
	for id, rule := range map[string]func(*testing.T){
		"no-trailing-slash": a.noTrailingSlash, "path-segments-kebab-case": a.kebabCase, "query-keys-camel-case": a.camelCase,
		"date-time/format": a.dates, "date-time/timezone": a.utc, "date-time/date-omit-time-portion": a.wholeDays,
		"error-handling/problem-details": a.problems, "error-handling/invalid-input": a.invalidInput, "error-handling/all-errors": a.allErrors,
		"doc-openapi": a.describedWell, "doc-openapi/members": a.describedMembers, "doc-openapi-contact": a.contact, "publish-openapi": a.published,
		"uri-version": a.uriVersion, "semver": a.semantic, "version-header": a.versionHeader,
		"transport/tls": a.tls, "transport/security-headers": a.securityHeaders, "transport/cors": a.cors, "transport/no-sensitive-uris": a.noSensitiveURIs,
		"http-methods": a.methods, "http-response-code": a.asDescribed,
	} {
		t.Run(id, rule)
	}
}
