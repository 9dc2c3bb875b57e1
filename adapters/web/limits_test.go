package web_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// submit puts one report to a server that is not listening.
func (h *house) submit(s http.Handler, who string, body io.Reader, contentType string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodPost, reports, body)
	r.Header.Set("Authorization", "Bearer "+h.tokens[who])
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// TestRates: who asks more than its share is told when to come back, and others
// are not hindered.
func TestRates(t *testing.T) {
	h := newHouse(t)
	h.synced()
	limits := intake.NewLimits(intake.Rates{PerSecond: 0.4, Burst: intake.MaxBatch, InFlight: 8}, h.now)
	s := h.door(func(c *web.Config) {
		c.Questions, c.Reports = limits, limits
		c.Desk = intake.New(intake.Config{Ledger: h.ledger, Limits: limits, Now: h.now})
	})
	want := func(name string, w *httptest.ResponseRecorder, status int, after string) {
		t.Helper()
		if w.Code != status || w.Header().Get("Retry-After") != after {
			t.Errorf("%s: %d, Retry-After %q: %s", name, w.Code, w.Header().Get("Retry-After"), w.Body)
		}
		if status == 429 && (w.Header().Get("Content-Type") != ledger.ProblemMediaType || !contains(w.Body.String(), "probleem/te-veel")) {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
	if err := limits.Take(h.ids["a"], intake.MaxBatch); err != nil {
		t.Fatal(err)
	}
	raw := h.raw(partnerA, visit("2026-08-20"))
	want("an event", h.submit(s, "a", bytes.NewReader(raw), intake.Structured), 429, "3") // 2.5 seconds
	want("a batch", h.submit(s, "a", strings.NewReader("["+string(raw)+"]"), intake.Batch), 429, "3")
	want("a question", h.ask(s, "a", "/v1/partners"), 429, "3")
	want("another's question", h.ask(s, "b", "/v1/partners"), 200, "")
	if h.ledger.Position() != h.last {
		t.Error("something was recorded")
	}
	later := h.now().Add(2500 * time.Millisecond)
	h.clock.Store(&later)
	want("after it", h.submit(s, "a", bytes.NewReader(raw), intake.Structured), 201, "")
	want("and again", h.ask(s, "a", "/v1/partners"), 429, "3")
}

// blocked is a body of which nothing comes until it is released.
type blocked struct {
	entered chan<- struct{}
	release <-chan struct{}
	once    sync.Once
}

func (b *blocked) Read([]byte) (int, error) {
	b.once.Do(func() { b.entered <- struct{}{} })
	<-b.release
	return 0, io.ErrUnexpectedEOF
}

// await waits for something that must happen soon.
func await(t *testing.T, event <-chan struct{}) {
	t.Helper()
	select {
	case <-event:
	case <-time.After(20 * time.Second):
		t.Fatal("it does not happen")
	}
}

// endless is a body that is longer than anybody should read; it counts what was
// read of it.
type endless struct{ read int }

func (e *endless) Read(b []byte) (int, error) {
	if e.read > 2*intake.MaxBatchBytes {
		return 0, io.EOF
	}
	e.read += len(b)
	return copy(b, bytes.Repeat([]byte("["), len(b))), nil
}

// TestEndlessBody: no more is read than may be taken, and one byte.
func TestEndlessBody(t *testing.T) {
	h := newHouse(t)
	s := h.door(func(*web.Config) {})
	for kind, most := range map[string]int{intake.Structured: events.MaxSize, intake.Batch: intake.MaxBatchBytes} {
		body := new(endless)
		if w := h.submit(s, "a", body, kind); w.Code != 413 || w.Header().Get("Connection") != "close" {
			t.Errorf("%s: %d %s", kind, w.Code, w.Body)
		}
		if body.read > most+1 {
			t.Errorf("%s: %d bytes were read", kind, body.read)
		}
	}
}

// TestSlowSenders: one who sends slowly holds up nobody but itself, and no more
// than its own share.
func TestSlowSenders(t *testing.T) {
	h := newHouse(t)
	h.synced()
	const share, most = 300, 2 // share is more than the places there are to work
	s := h.door(func(c *web.Config) { c.Reports = intake.NewLimits(intake.Rates{InFlight: share}, h.now) })
	entered, release := make(chan struct{}), make(chan struct{})
	var slow sync.WaitGroup
	start := func(n int, kind string) {
		for range n {
			slow.Go(func() {
				if w := h.submit(s, "a", &blocked{entered: entered, release: release}, kind); w.Code != 503 ||
					!contains(w.Body.String(), "niet-volledig-ontvangen") || w.Header().Get("Retry-After") == "" {
					t.Errorf("half a body: %d %s", w.Code, w.Body)
				}
			})
		}
		for range n {
			await(t, entered)
		}
	}
	start(most, intake.Batch)
	if w := h.submit(s, "a", strings.NewReader("[]"), intake.Batch); w.Code != 429 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("a batch too many: %d %s", w.Code, w.Body)
	}
	start(share-most, intake.Structured)
	if w := h.submit(s, "a", strings.NewReader("{}"), intake.Structured); w.Code != 429 || w.Header().Get("Retry-After") != "1" {
		t.Errorf("a report too many: %d %s", w.Code, w.Body)
	}
	if w := h.ask(s, "a", "/v1/partners"); w.Code != 200 {
		t.Errorf("a question of who sends slowly: %d", w.Code)
	}
	if w := h.submit(s, "b", bytes.NewReader(h.raw(partnerB, visit("2026-08-20"))), intake.Structured); w.Code != 201 {
		t.Errorf("a report of another: %d %s", w.Code, w.Body)
	}
	close(release)
	slow.Wait()
	for _, kind := range []string{intake.Structured, intake.Batch} {
		if w := h.submit(s, "a", strings.NewReader("[]"), kind); w.Code == 429 {
			t.Errorf("%s after it: %d", kind, w.Code)
		}
	}
}

// TestUnavailable: what cannot be recorded now is told to come back, and the same
// then counts once.
func TestUnavailable(t *testing.T) {
	h := newHouse(t)
	raw := h.raw(partnerA, visit("2026-08-20"))
	send := func(fault error, stored bool) reply {
		t.Helper()
		h.stream.Hook = func(events.Position, []ledger.Message) (bool, error) {
			h.stream.Hook = nil
			return stored, fault
		}
		return h.structured("a", "", raw)
	}
	full := send(ledger.ErrFull, false)
	if full.status != 503 || full.header.Get("Retry-After") == "" || !contains(full.body, "opslag-vol") {
		t.Errorf("full: %d %s", full.status, full.body)
	}
	batch := h.post("a", "", fmt.Appendf(nil, "[%s]", raw), "Content-Type", intake.Batch)
	if got := items(t, batch); got[0] != fmt.Sprint("201 ", h.last+1) {
		t.Errorf("after it: %q", got)
	}
	raw = h.raw(partnerA, visit("2026-08-21"))
	// The stream stored it and could not say so: the ledger finds out by itself, or
	// the sender by offering it again.
	if r := send(ledger.ErrUnknown, true); r.status >= 400 && r.status != 503 {
		t.Errorf("unknown: %d %s", r.status, r.body)
	}
	if r := h.structured("a", "", raw); r.status != 200 || *r.receipt(t).Position != h.last+2 {
		t.Errorf("again: %d %s", r.status, r.body)
	}
	h.ledger.Halt(errors.New("proef"))
	halted := h.structured("a", "", h.raw(partnerA, visit("2026-08-22")))
	if halted.status != 503 || halted.header.Get("Retry-After") == "" || !contains(halted.body, "boek-staat-stil") {
		t.Errorf("halted: %d %s", halted.status, halted.body)
	}
	batch = h.post("a", "", fmt.Appendf(nil, "[%s,{}]", h.raw(partnerA, visit("2026-08-22"))), "Content-Type", intake.Batch)
	if got := strings.Join(items(t, batch), ", "); got != "503 boek-staat-stil, 400 ongeldig" {
		t.Errorf("a batch while halted: %s", got)
	}
}

// deskOf is a desk of which one method is another.
type deskOf struct {
	web.Desk
	report func(context.Context) (*ledger.Receipt, error)
}

func (d deskOf) Report(ctx context.Context, _ ledger.Caller, _ map[string][]string, _ []byte) (*ledger.Receipt, error) {
	return d.report(ctx)
}

// TestReportFailure: our own failure is a 500 that says nothing of it.
func TestReportFailure(t *testing.T) {
	h := newHouse(t)
	for name, fail := range map[string]func(context.Context) (*ledger.Receipt, error){
		"error": func(context.Context) (*ledger.Receipt, error) { return nil, errors.New("geheim") },
		"panic": func(context.Context) (*ledger.Receipt, error) { panic("geheim") },
	} {
		s := h.door(func(c *web.Config) { c.Desk = deskOf{h.desk, fail} })
		for range 300 { // more than there are places: each gives its own back
			if w := h.submit(s, "a", strings.NewReader("{}"), intake.Structured); w.Code != 500 || contains(w.Body.String(), "geheim") {
				t.Fatalf("%s: %d %s", name, w.Code, w.Body)
			}
		}
	}
}

// TestSlowReader: who does not read its answer keeps no place from others.
func TestSlowReader(t *testing.T) {
	h := newHouse(t)
	s := h.door(func(c *web.Config) {
		c.Reports = nil
		c.Desk = deskOf{h.desk, func(context.Context) (*ledger.Receipt, error) { return &ledger.Receipt{}, nil }}
	})
	entered, release := make(chan struct{}), make(chan struct{})
	var slow sync.WaitGroup
	for range 256 {
		slow.Go(func() {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, reports, strings.NewReader("{}"))
			r.Header.Set("Authorization", "Bearer "+h.tokens["a"])
			s.ServeHTTP(&unread{httptest.NewRecorder(), entered, release}, r)
		})
	}
	for range 256 {
		await(t, entered)
	}
	if w := h.ask(s, "b", "/v1/partners"); w.Code != 200 {
		t.Errorf("a question: %d", w.Code)
	}
	close(release)
	slow.Wait()
}

// TestSlowReaders: who does not read its answer, known or not, keeps no place from
// others: not those who have no credential, and not one who has.
func TestSlowReaders(t *testing.T) {
	const many = 300 // more than there are places
	h := newHouse(t)
	h.synced()
	s := h.door(func(c *web.Config) { c.Reports = nil })
	entered, release := make(chan struct{}), make(chan struct{})
	var slow sync.WaitGroup
	start := func(who, method, path, body, kind string) {
		for range many {
			slow.Go(func() {
				r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
				r.Header.Set("Content-Type", kind)
				if who != "" {
					r.Header.Set("Authorization", "Bearer "+h.tokens[who])
				}
				s.ServeHTTP(&unread{httptest.NewRecorder(), entered, release}, r)
			})
		}
		for range many {
			await(t, entered)
		}
		for name, status := range map[string]int{
			"a question": h.ask(s, "b", "/v1/partners").Code, "the metrics": h.ask(s, "steward", "/metrics").Code,
			"the document": h.ask(s, "", "/v1/openapi.json").Code,
		} {
			if status != 200 {
				t.Errorf("while %s %s of %q is not read: %s %d", method, path, who, name, status)
			}
		}
		for kind, raw := range map[string]string{intake.Structured: "%s", intake.Batch: "[%s]"} {
			w := h.submit(s, "b", strings.NewReader(fmt.Sprintf(raw, h.raw(partnerB, visit("2026-08-20")))), kind)
			if w.Code >= 300 {
				t.Errorf("while %s %s of %q is not read: %s %d %s", method, path, who, kind, w.Code, w.Body)
			}
		}
	}
	start("", http.MethodGet, "/v1/openapi.json", "", "")
	start("", http.MethodGet, "/documentatie", "", "")
	start("", http.MethodGet, "/v1/partners", "", "")
	start("", http.MethodPost, reports, "{}", intake.Structured)
	start("", http.MethodGet, "/bestaat-niet", "", "")
	start("a", http.MethodGet, "/v1/partners", "", "")
	start("a", http.MethodGet, "/v1/partners?x=1", "", "")
	start("a", http.MethodPost, reports, "{}", intake.Structured)
	start("steward", http.MethodGet, "/metrics", "", "")
	close(release)
	slow.Wait()
}

// TestBatchesInMemory: however many credentials there are, so many batches are in
// memory at a time, and more are refused before they are read.
func TestBatchesInMemory(t *testing.T) {
	const most = 16
	h := newHouse(t)
	callers := map[string]ledger.Caller{}
	for i := range most + 1 {
		callers[fmt.Sprint("token-", i)] = ledger.Caller{Role: ledger.RolePartner, Partner: partnerA, Credential: fmt.Sprint(i)}
	}
	s := h.door(func(c *web.Config) { c.Access = tokens(callers) })
	entered, release := make(chan struct{}), make(chan struct{})
	submit := func(i int, body io.Reader, kind string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, reports, body)
		r.Header.Set("Authorization", fmt.Sprint("Bearer token-", i))
		r.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w
	}
	var slow sync.WaitGroup
	for i := range most {
		slow.Go(func() { submit(i, &blocked{entered: entered, release: release}, intake.Batch) })
	}
	for range most {
		await(t, entered)
	}
	body := new(endless)
	if w := submit(most, body, intake.Batch); w.Code != 503 || w.Header().Get("Retry-After") != "2" || !contains(w.Body.String(), "te-druk") || body.read != 0 {
		t.Errorf("a batch too many: %d, of which %d bytes were read: %s", w.Code, body.read, w.Body)
	}
	if w := submit(most, strings.NewReader("{}"), intake.Structured); w.Code != 400 {
		t.Errorf("one event: %d %s", w.Code, w.Body)
	}
	close(release)
	slow.Wait()
	for i := range 2 * most { // each gave its place back
		if w := submit(i%most, strings.NewReader("[]"), intake.Batch); w.Code != 200 {
			t.Fatalf("after it: %d %s", w.Code, w.Body)
		}
	}
}

// tokens are the callers that there are, by token.
type tokens map[string]ledger.Caller

// Authenticate implements web.Access.
func (t tokens) Authenticate(token string) (ledger.Caller, error) {
	c, ok := t[token]
	if !ok {
		return c, ledger.ErrForbidden
	}
	return c, nil
}

// TestRefusedAtTheDoor: what the door refuses before the desk sees it is among what
// came in, as what only has to come back is; a trial and a question are not.
func TestRefusedAtTheDoor(t *testing.T) {
	h := newHouse(t)
	limits := intake.NewLimits(intake.Rates{InFlight: 1}, h.now)
	s := h.door(func(c *web.Config) { c.Reports = limits })
	submit := func(query string, headers ...string) int {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, reports+query, strings.NewReader("[]"))
		r.Header.Set("Authorization", "Bearer "+h.tokens["a"])
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		if r.Header.Get("Content-Type") == intake.Batch {
			r.ContentLength = intake.MaxBatchBytes + 1
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		return w.Code
	}
	refuse := func(trial string) {
		for _, tt := range []struct {
			query   string
			headers []string
			status  int
		}{
			{"?x=1" + trial, nil, 400}, {"?" + trial, []string{"Accept", "text/html"}, 406}, {"?" + trial, []string{"Content-Encoding", "br"}, 415},
			{"?" + trial, []string{"Content-Type", intake.Batch}, 413},
		} {
			if got := submit(tt.query, tt.headers...); got != tt.status {
				t.Errorf("%s %q: %d, want %d", tt.query, tt.headers, got, tt.status)
			}
		}
		leave, err := limits.Enter(h.ids["a"])
		if err != nil {
			t.Fatal(err)
		}
		if got := submit("?" + trial); got != 429 {
			t.Errorf("%s in flight: %d", trial, got)
		}
		leave()
	}
	noted := func() (list []string, deferred int) {
		items, _, err := h.intake.List(partnerA, "", "", 200)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range items {
			list = append(list, fmt.Sprint(d.Status, " ", *d.Problem, " ", d.Door))
		}
		day := events.DateOf(h.now())
		days, err := h.intake.Days(partnerA, day, day)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range days {
			deferred += d.Deferred
		}
		return list, deferred
	}
	refuse("&proef=true")
	if got := h.ask(s, "a", "/v1/partners?x=1").Code; got != 400 {
		t.Errorf("a question: %d", got)
	}
	if list, deferred := noted(); len(list)+deferred != 0 {
		t.Errorf("noted of trials and questions: %q, %d", list, deferred)
	}
	refuse("")
	want := []string{"413 te-groot http", "415 niet-ondersteund http", "406 vorm-niet-beschikbaar http", "400 ongeldig http"}
	if list, deferred := noted(); strings.Join(list, ",") != strings.Join(want, ",") || deferred != 1 {
		t.Errorf("noted %q, %d to come again", list, deferred)
	}
}

// batches is a desk that says what became of a batch.
type batches struct {
	web.Desk
	outcomes []ledger.Outcome
}

func (b batches) ReportAll(context.Context, ledger.Caller, []byte) ([]ledger.Outcome, error) {
	return b.outcomes, nil
}

// TestBatchComesAgain: of a batch of which something has to come again it is said
// when all of that may.
func TestBatchComesAgain(t *testing.T) {
	h := newHouse(t)
	recorded := ledger.Outcome{Receipt: &ledger.Receipt{ID: "een", Position: 7}}
	refused := ledger.Outcome{Err: ledger.ErrForbidden}
	for want, outcomes := range map[string][]ledger.Outcome{
		"":  {recorded, refused},
		"2": {recorded, {Err: ledger.ErrBusy}, refused},
		"9": {{Err: ledger.ErrBusy}, {Err: &intake.LimitError{RetryAfter: 9 * time.Second}}, {Err: ledger.ErrBusy}},
	} {
		s := h.door(func(c *web.Config) { c.Desk = batches{h.desk, outcomes} })
		if w := h.submit(s, "a", strings.NewReader("[]"), intake.Batch); w.Code != 200 || w.Header().Get("Retry-After") != want {
			t.Errorf("%d, Retry-After %q, want %q: %s", w.Code, w.Header().Get("Retry-After"), want, w.Body)
		}
	}
}

// TestComesAgainFromWithin: a limit that is met within an answer says when, too.
func TestComesAgainFromWithin(t *testing.T) {
	h := newHouse(t)
	h.synced()
	s := h.door(func(c *web.Config) {
		c.Ledger = failing{c.Ledger, func() error { return &intake.LimitError{RetryAfter: 7 * time.Second} }}
	})
	if w := h.ask(s, "a", "/v1/werkgevers/"+employer); w.Code != 429 || w.Header().Get("Retry-After") != "7" {
		t.Errorf("%d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
	}
}

// unread is an answer that nobody takes until it is released.
type unread struct {
	http.ResponseWriter
	entered chan<- struct{}
	release <-chan struct{}
}

func (u *unread) Write(b []byte) (int, error) {
	u.entered <- struct{}{}
	<-u.release
	return u.ResponseWriter.Write(b)
}

// TestRefusalsInLog: each refusal is in the log at debug, under the id that the
// answer carries, and nothing of what was sent.
func TestRefusalsInLog(t *testing.T) {
	h := newHouse(t)
	var log bytes.Buffer
	s := h.door(func(c *web.Config) {
		c.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	w := h.submit(s, "a", bytes.NewReader(h.raw(partnerB, visit("2026-08-20"))), intake.Structured)
	line := ""
	for l := range strings.Lines(log.String()) {
		if contains(l, "msg=refused") {
			line += l
		}
	}
	if w.Code != 403 || !contains(line, "level=DEBUG") || !contains(line, w.Header().Get("X-Request-Id")) || !contains(line, "probleem/niet-toegestaan") {
		t.Errorf("%d %q", w.Code, log.String())
	}
	wantCanaries(t, "log", log.String(), nil, employer, phoneA, h.tokens["a"], oins[partnerB])
}

// TestHangUp: a sender that hangs up once all is sent does not undo it.
func TestHangUp(t *testing.T) {
	h := newHouse(t)
	ctx, hangUp := context.WithCancel(t.Context())
	s := h.door(func(c *web.Config) {
		c.Desk = deskOf{h.desk, func(inner context.Context) (*ledger.Receipt, error) {
			hangUp()
			if _, bounded := inner.Deadline(); !bounded || inner.Err() != nil {
				t.Errorf("the work is bounded: %t, and was cut off: %v", bounded, inner.Err())
			}
			return &ledger.Receipt{Position: 7}, nil
		}}
	})
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, reports, strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer "+h.tokens["a"])
	s.ServeHTTP(httptest.NewRecorder(), r)
	if ctx.Err() == nil {
		t.Error("the desk was not asked")
	}
}
