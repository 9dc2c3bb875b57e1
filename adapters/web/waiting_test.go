package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// door is another server on the same house, with something of its Config changed.
func (h *house) door(change func(*web.Config)) *web.Server {
	h.t.Helper()
	c := h.config(h.runner.Store)
	c.Metrics = prometheus.NewRegistry()
	change(&c)
	return must[*web.Server](h.t)(web.New(c))
}

// ask puts one request to a server that is not listening.
func (h *house) ask(s http.Handler, who, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, path, nil)
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+h.tokens[who])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// TestReadYourWrites: what was acknowledged is there when its position is asked for.
func TestReadYourWrites(t *testing.T) {
	h := newHouse(t)
	c := h.client("a")
	for i := range 50 {
		r, _ := h.say(partnerA, &events.VisitMade{Employer: at(employer), Date: "2026-08-01", Purpose: "advies", Form: "video", AccountManager: managerA})
		got, err := c.Contacts(t.Context(), at(employer), "", 1, r.Position)
		if err != nil {
			t.Fatal(err)
		}
		if got.Position < r.Position || got.Contacts[0].Position != r.Position {
			t.Fatalf("visit %d: the answer is true for %d and begins with %d, recorded was %d", i, got.Position, got.Contacts[0].Position, r.Position)
		}
	}
	before := h.asked.Load()
	for range 5 {
		if _, err := c.Contacts(t.Context(), at(employer), "", 1, 0); err != nil {
			t.Fatal(err)
		}
	}
	if n := h.asked.Load(); n > 50 || n != before {
		t.Errorf("the moment of a position was looked up %d times for 50 positions, %d when nothing had come", n, n-before)
	}
}

// TestWaitsForAdvice: the view that an employer's answer is read from is never
// older than the advice in it.
func TestWaitsForAdvice(t *testing.T) {
	h := newHouse(t)
	story(h)
	var waited []events.Position
	s := h.door(func(c *web.Config) {
		c.Views.WaitFor = func(ctx context.Context, p events.Position) error {
			waited = append(waited, p)
			return h.runner.WaitFor(ctx, min(p, h.last))
		}
	})
	for _, query := range []string{"", "?vanafPositie=1", fmt.Sprintf("?vanafPositie=%d", h.last+3)} {
		if w := h.ask(s, "a", "/v1/werkgevers/"+employer+query); w.Code != 200 {
			t.Errorf("%s: %d", query, w.Code)
		}
	}
	if want := fmt.Sprint([]events.Position{h.last, h.last, h.last + 3}); fmt.Sprint(waited) != want {
		t.Errorf("waited for %v, want %s", waited, want)
	}
}

func TestViewNotThere(t *testing.T) {
	h := newHouse(t)
	h.synced()
	for _, tt := range []struct {
		err  error
		kind string
	}{
		{context.DeadlineExceeded, "nog-niet-bijgewerkt"},
		{errors.New("geheim: the view is broken"), "overzicht-staat-stil"},
	} {
		s := h.door(func(c *web.Config) {
			c.Views.WaitFor = func(context.Context, events.Position) error { return tt.err }
		})
		for _, path := range []string{"/v1/werkgevers/" + employer, "/v1/partners?vanafPositie=9", "/v1/tellingen?meting=bezoeken&vanafPositie=9",
			"/v1/werkgevers/" + employer + "/advies?vanafPositie=9", "/v1/werkgevers/" + employer + "/contacten?vanafPositie=9"} {
			w := h.ask(s, "a", path)
			if w.Code != 503 || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), tt.kind) || strings.Contains(w.Body.String(), "geheim") {
				t.Errorf("%s: %d, Retry-After %q: %.200s", path, w.Code, w.Header().Get("Retry-After"), w.Body)
			}
		}
	}
}

func TestReady(t *testing.T) {
	var failure error
	h := newHouse(t, web.Check{
		Code: "boek-staat-stil", Sentence: events.Sentence{NL: "Het boek staat stil.", EN: "The book has halted."},
		Test: func(context.Context) error { return failure },
	})
	if r := h.get("", "/readyz"); r.status != 200 || !contains(r.body, `"redenen":[]`) {
		t.Errorf("%d %s", r.status, r.body)
	}
	failure = errors.New("geheim pad")
	r := h.get("", "/readyz")
	if p := r.problem(t); r.status != 503 || len(p.Faults) != 1 || p.Faults[0].Code != "boek-staat-stil" || contains(r.body, "geheim") {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := h.get("", "/livez"); r.status != 200 {
		t.Errorf("livez: %d", r.status)
	}
}

// failing is a ledger that fails in a way nobody foresaw.
type failing struct {
	web.Ledger
	advise func() error
}

func (f failing) Advise(context.Context, ledger.Question) (ledger.Advice, events.Position, error) {
	return ledger.Advice{}, 0, f.advise()
}

// TestFailure: a caller is told nothing of what went wrong inside; the log is, and
// it holds no token, no query and no employer's number.
func TestFailure(t *testing.T) {
	h := newHouse(t)
	h.synced()
	for name, advise := range map[string]func() error{
		"error": func() error { return errors.New("geheim") },
		"panic": func() error { panic("geheim") },
	} {
		var log bytes.Buffer
		s := h.door(func(c *web.Config) {
			c.Ledger = failing{c.Ledger, advise}
			c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		w := h.ask(s, "a", "/v1/werkgevers/"+employer+"?vestigingsnummer=000037178598")
		body := w.Body.String()
		if w.Code != 500 || strings.Contains(body, "geheim") || !strings.Contains(body, "interne-fout") || w.Header().Get("Content-Type") != ledger.ProblemMediaType {
			t.Errorf("%s: %d %s", name, w.Code, body)
		}
		if !strings.Contains(log.String(), "geheim") || !strings.Contains(log.String(), w.Header().Get("X-Request-Id")) {
			t.Errorf("%s: the log does not say what went wrong: %s", name, log.String())
		}
		for _, private := range []string{employer, "000037178598", h.tokens["a"]} {
			if strings.Contains(log.String(), private) {
				t.Errorf("%s: the log holds %s", name, private)
			}
		}
	}
}

// TestTooMany: more than the limit is refused at once, but health is answered.
func TestTooMany(t *testing.T) {
	h := newHouse(t)
	h.synced()
	const limit = 256
	release, entered := make(chan struct{}), make(chan struct{}, limit)
	s := h.door(func(c *web.Config) {
		c.Views.WaitFor = func(context.Context, events.Position) error {
			entered <- struct{}{}
			<-release
			return nil
		}
	})
	var busy sync.WaitGroup
	for range limit {
		busy.Go(func() {
			if w := h.ask(s, "a", "/v1/partners?vanafPositie=1000"); w.Code != 200 {
				t.Errorf("one within the limit: %d", w.Code)
			}
		})
	}
	for range limit {
		<-entered
	}
	if w := h.ask(s, "a", "/v1/partners"); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("one too many: %d", w.Code)
	}
	if w := h.submit(s, "a", strings.NewReader("{}"), "application/json"); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("a report too many: %d", w.Code)
	}
	for _, path := range []string{"/livez", "/readyz"} {
		if w := h.ask(s, "", path); w.Code != 200 {
			t.Errorf("%s while busy: %d", path, w.Code)
		}
	}
	close(release)
	busy.Wait()
	if w := h.ask(s, "a", "/v1/partners"); w.Code != 200 {
		t.Errorf("after it: %d", w.Code)
	}
}

func TestMetrics(t *testing.T) {
	h := newHouse(t)
	h.synced()
	h.get("a", "/v1/werkgevers/"+employer)
	h.get("a", "/v1/bestaat-niet/"+employer)
	body := h.get("steward", "/metrics").body
	for _, want := range []string{
		`huisboek_http_request_duration_seconds_count{route="GET /v1/werkgevers/{werkgever}",status="200"} 1`,
		`huisboek_http_request_duration_seconds_count{route="none",status="404"} 1`,
	} {
		if !contains(body, want) {
			t.Errorf("no %s", want)
		}
	}
	if contains(body, employer) {
		t.Error("an employer's number is a label")
	}
}

func TestIncompleteConfig(t *testing.T) {
	if _, err := web.New(web.Config{}); err == nil {
		t.Error("an empty Config was taken")
	}
	h := newHouse(t)
	c := h.config(h.runner.Store)
	if _, err := web.New(c); err != nil {
		t.Fatal(err)
	}
	if _, err := web.New(c); err == nil {
		t.Error("two doors count in one registry")
	}
}
