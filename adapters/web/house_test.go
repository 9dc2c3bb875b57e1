package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huisboek/adapters/access"
	"huisboek/adapters/boltstore"
	"huisboek/adapters/intake"
	"huisboek/adapters/readlog"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
	"huisboek/projections"
	"huisboek/projections/search"
)

// The partners of the tests, and their identities.
const (
	partnerA = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0a01"
	partnerB = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0b02"
	partnerC = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0c03"

	stewardOIN    = "00000099000000001000"
	stewardSource = "urn:nld:oin:" + stewardOIN + ":systeem:huisboek"
)

var (
	book    = web.Book{ID: "0193b2a4-7a77-7c5f-9d3a-1c1f5a1b0001", Region: "AM36", Test: true}
	steward = ledger.Caller{Role: ledger.RoleSteward, Credential: "s", Door: ledger.DoorLocal}
)

var oins = map[string]string{
	partnerA: "urn:nld:oin:00000099000000002000",
	partnerB: "urn:nld:oin:00000099000000003000",
	partnerC: "urn:nld:oin:00000099000000004000",
}

// house is a book with everything but NATS: a real ledger on a stream in memory,
// real views in bbolt, a real access file, and this door.
type house struct {
	t       testing.TB
	ledger  *ledger.Ledger
	runner  *projections.Runner
	access  *access.File
	intake  *intake.File
	reports *intake.Limits // the desk's and the door's
	desk    *intake.Desk
	server  *httptest.Server
	checks  []web.Check
	tokens  map[string]string // by who: "a", "b", "c", "steward", "board", "auditor"
	ids     map[string]string // of their credentials
	stream  *ledgertest.Memory
	index   *search.Index // what a test puts into it
	looks   *readlog.File // who looked at contact persons
	clock   atomic.Pointer[time.Time]
	last    events.Position
	count   int
	asked   atomic.Int64 // how often a moment was looked up
}

func newHouse(t testing.TB, checks ...web.Check) *house {
	t.Helper()
	h := &house{t: t, stream: new(ledgertest.Memory), index: search.New(), tokens: map[string]string{}, ids: map[string]string{}, checks: checks}
	h.day("2026-09-01")
	h.openLedger()
	h.openIntake()
	h.openViews()
	return h
}

func (h *house) now() time.Time { return *h.clock.Load() }

// day makes it noon of that day.
func (h *house) day(d events.Date) {
	h.t.Helper()
	at, err := time.Parse(time.RFC3339, string(d)+"T11:00:00Z")
	if err != nil {
		h.t.Fatal(err)
	}
	h.clock.Store(&at)
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (h *house) openLedger() {
	t, dir := h.t, h.t.TempDir()
	file := must[*boltstore.File](t)(boltstore.OpenFile(filepath.Join(dir, "boek.db"), boltstore.Options{NoSync: true}))
	store := must[*boltstore.Store](t)(file.Store("boek", 1))
	h.ledger = must[*ledger.Ledger](t)(ledger.Open(t.Context(), ledger.Config{
		Region: book.Region, Book: book.ID, StewardOIN: stewardOIN, Secret: [ledger.SecretSize]byte{1},
		Stream: h.stream, Keys: new(ledgertest.MemoryKeys), Store: store, Now: h.now,
	}))
	t.Cleanup(func() { h.ledger.Close() })
	for i, id := range []string{partnerA, partnerB, partnerC} {
		h.record(steward, stewardSource, &events.PartnerAdmitted{
			Partner: id, Identities: []string{oins[id]}, Name: fmt.Sprintf("Partner %c", 'A'+i), Kind: "gemeente", From: "2020-01-01",
		})
	}
}

func (h *house) openIntake() {
	t := h.t
	h.intake = must[*intake.File](t)(intake.Open(filepath.Join(t.TempDir(), "intake.db"), intake.Options{Now: h.now}))
	t.Cleanup(func() { h.intake.Close() })
	h.looks = must[*readlog.File](t)(readlog.Open(filepath.Join(t.TempDir(), "readlog.db"), readlog.Options{Key: make([]byte, 32), Now: h.now}))
	t.Cleanup(func() { h.looks.Close() })
	h.reports = intake.NewLimits(intake.Rates{PerSecond: 500, Burst: 5_000, InFlight: 64}, h.now)
	h.desk = intake.New(intake.Config{Ledger: h.ledger, File: h.intake, Limits: h.reports, Now: h.now})
}

func (h *house) openViews() {
	t, dir := h.t, h.t.TempDir()
	fold := projections.NewViews()
	views := must[*boltstore.Views](t)(boltstore.OpenViews(filepath.Join(dir, "beelden.db"), boltstore.Options{NoSync: true}, fold.Name(), fold.Shape()))
	h.runner = &projections.Runner{Source: h.stream, Fold: fold, Store: views}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.runner.Run(ctx)
	}()
	t.Cleanup(func() { stop(); <-done; views.Close() })

	h.access = must[*access.File](t)(access.Open(filepath.Join(dir, "access.db"), make([]byte, 32)))
	t.Cleanup(func() { h.access.Close() })
	for who, c := range map[string]access.Credential{
		"a": {Role: ledger.RolePartner, Partner: partnerA}, "b": {Role: ledger.RolePartner, Partner: partnerB},
		"c": {Role: ledger.RolePartner, Partner: partnerC}, "steward": {Role: ledger.RoleSteward},
		"board": {Role: ledger.RoleBoard}, "auditor": {Role: ledger.RoleAuditor},
	} {
		added, token, err := h.access.Add(c)
		if err != nil {
			t.Fatal(err)
		}
		h.tokens[who], h.ids[who] = token, added.ID
	}
	s := must[*web.Server](t)(web.New(h.config(views)))
	h.server = httptest.NewServer(s)
	t.Cleanup(h.server.Close)
}

func (h *house) config(views projections.Store) web.Config {
	recordAt := func(ctx context.Context, p events.Position) (*events.Record, error) {
		raw, err := h.stream.Get(ctx, p)
		if err != nil {
			return nil, err
		}
		return events.DecodeRecord(raw)
	}
	return web.Config{
		Book: book, Ledger: h.ledger, Desk: h.desk, Deliveries: h.intake, Reports: h.reports, Access: h.access,
		Views: web.Views{Store: views, WaitFor: h.runner.WaitFor},
		Event: func(ctx context.Context, p events.Position) (events.Ref, error) {
			r, err := recordAt(ctx, p)
			if err != nil {
				return events.Ref{}, err
			}
			return events.Ref{Source: r.Event.Source, ID: r.Event.ID}, nil
		},
		Moment: func(ctx context.Context, p events.Position) (time.Time, error) {
			h.asked.Add(1)
			r, err := recordAt(ctx, p)
			if err != nil {
				return time.Time{}, err
			}
			return r.At, nil
		},
		ReadLog: h.looks,
		Search:  func() web.Search { return h.index }, Status: h.status,
		Checks: h.checks, Metrics: prometheus.NewRegistry(), Now: h.now, Log: slog.New(slog.DiscardHandler),
	}
}

// status is how a book is that nothing is the matter with.
func (h *house) status(context.Context) (*web.Status, error) {
	began, last := h.now().Add(-26*time.Hour), h.now().Add(-time.Hour)
	done := &web.Done{At: h.now().Add(-9 * time.Hour), Position: 3, Well: true, What: "boek-2026-11-22.backup"}
	return &web.Status{
		Version: "proef", Since: began, Position: h.ledger.Position(), LastAt: &last, Records: true,
		Views: []web.ViewStatus{{Name: "beelden", Position: h.ledger.Position()}},
		Partners: []web.PartnerStatus{
			{Partner: ledger.PartnerName{ID: partnerA, URN: oins[partnerA], Name: "Gemeente Voorbeeldstad"}, Last: &last, Usual: 1},
		},
		Disk: web.DiskStatus{
			Used: 41_000_000, Free: 19_000_000_000, Stream: 22_000_000, StreamMax: 4_000_000_000,
			Keys: 3_000_000, KeysMax: 1_000_000_000, PerDay: 900_000,
		},
		Backup: done, Verified: done,
	}, nil
}

func (h *house) record(c ledger.Caller, source string, data events.Data) (*ledger.Receipt, events.Ref) {
	h.t.Helper()
	e := h.event(source, data)
	ref := events.Ref{Source: e.Source, ID: e.ID}
	r, err := h.ledger.Record(h.t.Context(), ledger.Submission{Event: e, Caller: c})
	if err != nil {
		h.t.Fatalf("%s: %v", data.Type().Name(), err)
	}
	h.last = r.Position
	return r, ref
}

// event is a new event with an id of its own.
func (h *house) event(source string, data events.Data) *events.Event {
	h.t.Helper()
	h.count++
	e, err := events.NewEvent(source, fmt.Sprintf("gebeurtenis-%d", h.count), h.now(), data)
	if err != nil {
		h.t.Fatalf("%s: %v", data.Type().Name(), err)
	}
	return e
}

// say records an event of a partner.
func (h *house) say(partner string, data events.Data) (*ledger.Receipt, events.Ref) {
	h.t.Helper()
	return h.record(ledger.Caller{Role: ledger.RolePartner, Partner: partner, Credential: "c", Door: ledger.DoorNATS},
		oins[partner]+":systeem:test", data)
}

// synced waits until the views have everything that was said.
func (h *house) synced() {
	h.t.Helper()
	if err := h.runner.WaitFor(h.t.Context(), h.last); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) client(who string) *web.Client {
	return must[*web.Client](h.t)(web.NewClient(h.server.URL, h.tokens[who]))
}

// reply is an answer as it came.
type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) problem(t testing.TB) ledger.Problem {
	t.Helper()
	var p ledger.Problem
	decode(t, r, &p)
	return p
}

func decode(t testing.TB, r reply, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.body), v); err != nil {
		t.Fatalf("%v in %d %q", err, r.status, r.body)
	}
}

// do asks with a method and, unless who is empty, a token.
func (h *house) do(method, who, path string) reply {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	if who != "" {
		r.Header.Set("Authorization", "Bearer "+h.tokens[who])
	}
	return h.send(r)
}

func (h *house) send(r *http.Request) reply {
	h.t.Helper()
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return reply{answer.StatusCode, answer.Header, string(body)}
}

func (h *house) get(who, path string) reply { h.t.Helper(); return h.do(http.MethodGet, who, path) }

// plain is a personal member as a partner gives it.
func plain[T any](v T) events.Personal[T] { return events.Personal[T]{Plain: &v} }
