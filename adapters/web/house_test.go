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

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"huisboek/adapters/access"
	"huisboek/adapters/boltstore"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
	"huisboek/projections"
)

// The partners of the tests, and their identities.
const (
	partnerA = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0a01"
	partnerB = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0b02"
	partnerC = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0c03"

	stewardOIN = "00000099000000001000"
)

var oins = map[string]string{
	partnerA: "urn:nld:oin:00000099000000002000",
	partnerB: "urn:nld:oin:00000099000000003000",
	partnerC: "urn:nld:oin:00000099000000004000",
}

// house is a book with everything but NATS: a real ledger on a stream in memory,
// real views in bbolt, a real access file, and this door.
type house struct {
	t      *testing.T
	ledger *ledger.Ledger
	runner *projections.Runner
	access *access.File
	server *httptest.Server
	checks []web.Check
	tokens map[string]string // by who: "a", "b", "c", "steward", "board", "auditor"
	stream *ledgertest.Memory
	clock  atomic.Pointer[time.Time]
	last   events.Position
	count  int
	asked  atomic.Int64 // how often a moment was looked up
}

func newHouse(t *testing.T, checks ...web.Check) *house {
	t.Helper()
	h := &house{t: t, stream: new(ledgertest.Memory), tokens: map[string]string{}, checks: checks}
	h.day("2026-09-01")
	h.openLedger()
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

func must[T any](t *testing.T) func(T, error) T {
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
		Region: "AM36", Book: uuid.NewString(), StewardOIN: stewardOIN, Secret: [ledger.SecretSize]byte{1},
		Stream: h.stream, Keys: new(ledgertest.MemoryKeys), Store: store, Now: h.now,
	}))
	t.Cleanup(func() { h.ledger.Close() })
	for i, id := range []string{partnerA, partnerB, partnerC} {
		h.record(ledger.Caller{Role: ledger.RoleSteward, Credential: "s", Door: ledger.DoorLocal},
			"urn:nld:oin:"+stewardOIN+":systeem:huisboek", &events.PartnerAdmitted{
				Partner: id, Identities: []string{oins[id]}, Name: fmt.Sprintf("Partner %c", 'A'+i), Kind: "gemeente", From: "2020-01-01",
			})
	}
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
		_, token, err := h.access.Add(c)
		if err != nil {
			t.Fatal(err)
		}
		h.tokens[who] = token
	}
	s := must[*web.Server](t)(web.New(h.config(views)))
	h.server = httptest.NewServer(s)
	t.Cleanup(h.server.Close)
}

func (h *house) config(views projections.Store) web.Config {
	return web.Config{
		Ledger: h.ledger, Access: h.access, Views: web.Views{Store: views, WaitFor: h.runner.WaitFor},
		Moment: func(ctx context.Context, p events.Position) (time.Time, error) {
			h.asked.Add(1)
			raw, err := h.stream.Get(ctx, p)
			if err != nil {
				return time.Time{}, err
			}
			r, err := events.DecodeRecord(raw)
			if err != nil {
				return time.Time{}, err
			}
			return r.At, nil
		},
		Checks: h.checks, Metrics: prometheus.NewRegistry(), Now: h.now, Log: slog.New(slog.DiscardHandler),
	}
}

func (h *house) record(c ledger.Caller, source string, data events.Data) (*ledger.Receipt, events.Ref) {
	h.t.Helper()
	h.count++
	ref := events.Ref{Source: source, ID: fmt.Sprintf("gebeurtenis-%d", h.count)}
	e, err := events.NewEvent(ref.Source, ref.ID, h.now(), data)
	if err != nil {
		h.t.Fatalf("%s: %v", data.Type().Name(), err)
	}
	r, err := h.ledger.Record(h.t.Context(), ledger.Submission{Event: e, Caller: c})
	if err != nil {
		h.t.Fatalf("%s: %v", data.Type().Name(), err)
	}
	h.last = r.Position
	return r, ref
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

func (r reply) problem(t *testing.T) ledger.Problem {
	t.Helper()
	var p ledger.Problem
	if err := json.Unmarshal([]byte(r.body), &p); err != nil {
		t.Fatalf("%v in %q", err, r.body)
	}
	return p
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
