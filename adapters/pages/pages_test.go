package pages

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// fakeDoor lets in whom it says.
type fakeDoor struct {
	Door
	person *signin.Person
}

func (d *fakeDoor) Person(*http.Request) (*signin.Person, bool) { return d.person, d.person != nil }
func (d *fakeDoor) Still(*http.Request) bool                    { return d.person != nil }
func (d *fakeDoor) Ways() signin.Ways                           { return signin.Ways{Provider: true} }

func newFrame(t *testing.T, p *signin.Person) http.Handler {
	t.Helper()
	s, err := New(Config{
		Book:     web.Book{ID: "6f0c", Region: "AM36", Test: true},
		As:       func(ledger.Caller) *web.Client { return nil },
		Door:     &fakeDoor{person: p},
		Partners: func() ([]ledger.Partner, error) { return nil, nil },
		Source:   func(ledger.Caller) (string, error) { return "urn:nld:oin:00000099000000001000:systeem:huisboek", nil },
		Wait:     func(context.Context, events.Position) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func get(t *testing.T, h http.Handler, method, path string, header http.Header, form url.Values) *http.Response {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequestWithContext(t.Context(), method, path, body)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for k, v := range header {
		r.Header[k] = v
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestFrame(t *testing.T) {
	same := http.Header{"Sec-Fetch-Site": {"same-origin"}}
	for name, c := range map[string]struct {
		method, path string
		person       *signin.Person
		header       http.Header
		status       int
		says, to     string
	}{
		"start, nobody":            {method: "GET", path: "/", status: 303, to: "/inloggen"},
		"start, board":             {method: "GET", path: "/", person: &signin.Person{Duty: signin.Board}, status: 303, to: "/doelen"},
		"sign in":                  {method: "GET", path: "/inloggen", status: 200, says: "Inloggen met het account van uw organisatie"},
		"sign in, English":         {method: "GET", path: "/inloggen", header: http.Header{"Cookie": {"taal=en"}}, status: 200, says: "Sign in with your organisation"},
		"the other language":       {method: "GET", path: "/hulp?taal=en&x=1", status: 303, to: "/hulp?x=1"},
		"no such page":             {method: "GET", path: "/bestaat/niet", status: 404, says: "Deze pagina is er niet"},
		"live, nobody":             {method: "GET", path: "/levend?pagina=/", status: 303, to: "/inloggen?naar=%2Flevend%3Fpagina%3D%2F"},
		"another site":             {method: "POST", path: "/uitloggen", header: http.Header{"Sec-Fetch-Site": {"cross-site"}}, status: 403, says: "Dit kwam niet van deze site"},
		"a program":                {method: "POST", path: "/uitloggen", status: 403, says: "Dit kwam niet van deze site"},
		"undo, nothing in the way": {method: "POST", path: "/ongedaan", header: same, person: &signin.Person{Duty: signin.AccountManager}, status: 404},
	} {
		t.Run(name, func(t *testing.T) {
			r := get(t, newFrame(t, c.person), c.method, c.path, c.header, nil)
			body, err := io.ReadAll(r.Body)
			if err != nil {
				t.Fatal(err)
			}
			if r.StatusCode != c.status || !strings.Contains(string(body), c.says) || r.Header.Get("Location") != c.to {
				t.Errorf("%d to %q: %s", r.StatusCode, r.Header.Get("Location"), body)
			}
			if csp := r.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
				t.Errorf("policy %q", csp)
			}
		})
	}
}
