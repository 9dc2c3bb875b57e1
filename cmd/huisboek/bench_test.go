package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"huisboek/adapters/access"
	"huisboek/adapters/intake"
	"huisboek/adapters/natsserver"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections/search/searchtest"
)

// The figures of docs/figures.md. Only ratios within one run mean something: the
// machine and its disk are what they are that minute.

// benchHouse is a book with one partner, and that partner's caller.
func benchHouse(tb testing.TB) (*house, ledger.Caller, string) {
	tb.Helper()
	dir := filepath.Join(tb.TempDir(), "data")
	h, err := openHouse(tb.Context(), settings{Dir: dir, Region: "AM36", Rates: intake.Rates{InFlight: 256}, Asking: intake.Rates{InFlight: 64}})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := h.Close(); err != nil {
			tb.Error(err)
		}
	})
	made, err := h.addPartner(tb.Context(), newPartner{OIN: "00000099000000001000", Name: "Partner", Kind: "gemeente"}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	caller := ledger.Caller{Role: ledger.RolePartner, Partner: made.Partner, Credential: "bench", Door: ledger.DoorNATS}
	return h, caller, "urn:nld:oin:00000099000000001000:systeem:crm"
}

// employers of the events below.
const employers = 2_000

// benchEvent is a visit with an account manager and, every tenth time, a free
// text, at one of many employers: about 600 bytes.
func benchEvent(tb testing.TB, source string, i int) []byte {
	tb.Helper()
	name, phone := fmt.Sprintf("Accountmanager %d", i%40), "038-0000001"
	v := &events.VisitMade{
		Employer: events.Employer{KvK: fmt.Sprintf("%08d", 90000000+i%employers)}, Date: events.DateOf(time.Now()).AddDays(-i % 300),
		Purpose: "acquisitie", Form: "op-locatie", Outcome: []string{"vervolgafspraak"}, TargetGroups: []string{"DD02"},
	}
	v.AccountManager.Plain = &events.AccountManager{Employee: fmt.Sprint("am-", i%40), Name: name, Phone: phone, Email: "am@example.nl"}
	if i%10 == 0 {
		text := "Kennisgemaakt; belt terug na het weekend over twee plekken in het magazijn."
		v.Note.Plain = &text
	}
	id, err := uuid.NewV7()
	if err != nil {
		tb.Fatal(err)
	}
	e, err := events.NewEvent(source, id.String(), time.Now(), v)
	if err != nil {
		tb.Fatal(err)
	}
	return e.Canonical()
}

// BenchmarkRecord is durable recording, from a partner's bytes to the receipt:
// decoding, checks, verdict, seals, chain, append and fold, one append under way.
// One caller waits for each receipt before the next; eight keep the owner of the
// tip busy, so that what one caller prepares overlaps another's append.
func BenchmarkRecord(b *testing.B) {
	for _, callers := range []int{1, 8, 1000} {
		b.Run(fmt.Sprint(callers), func(b *testing.B) {
			h, caller, source := benchHouse(b)
			raw := make([][]byte, b.N)
			for i := range raw {
				raw[i] = benchEvent(b, source, i)
			}
			b.ResetTimer()
			var all sync.WaitGroup
			for c := range callers {
				all.Go(func() {
					for i := c; i < len(raw); i += callers {
						recordRaw(b, h, caller, raw[i])
					}
				})
			}
			all.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func recordRaw(tb testing.TB, h *house, c ledger.Caller, raw []byte) events.Position {
	tb.Helper()
	e, err := events.Decode(raw, time.Now())
	if err != nil {
		tb.Fatal(err)
	}
	r, err := h.ledger.Record(context.Background(), ledger.Submission{Event: e, Caller: c})
	if err != nil {
		tb.Fatal(err)
	}
	return r.Position
}

// BenchmarkRaw is the peer: JetStream alone with the same settings on the same
// stream configuration, one publish under way, of the size of a sealed record.
func BenchmarkRaw(b *testing.B) {
	h, _, _ := benchHouse(b)
	region := "AM07" // a stream of its own beside the book's
	nc, err := h.server.Connect(natsserver.User{Name: "raw", Publish: []string{">"}, Subscribe: []string{">"}})
	if err != nil {
		b.Fatal(err)
	}
	js, err := nc.JetStream()
	if err != nil {
		b.Fatal(err)
	}
	_, err = js.AddStream(&nats.StreamConfig{
		Name: "RAW", Subjects: []string{"raw." + region}, Storage: nats.FileStorage, DenyDelete: true, DenyPurge: true,
		Discard: nats.DiscardNew, MaxBytes: 10 << 30, Duplicates: 100 * time.Millisecond, AllowDirect: true,
	})
	if err != nil {
		b.Fatal(err)
	}
	data := make([]byte, 1300)
	for b.Loop() {
		if _, err := js.Publish("raw."+region, data); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkVisible is from emitting one event to the moment the views have it.
func BenchmarkVisible(b *testing.B) {
	h, caller, source := benchHouse(b)
	n := 0
	for b.Loop() {
		b.StopTimer()
		raw := benchEvent(b, source, n)
		n++
		b.StartTimer()
		at := recordRaw(b, h, caller, raw)
		if err := h.runner.WaitFor(context.Background(), at); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEmployer asks "the last 50 contacts of this employer" over HTTP, in
// process, from a view of 100,000 events at 2,000 employers.
func BenchmarkEmployer(b *testing.B) {
	h, caller, source := benchHouse(b)
	fill(b, h, caller, source, 100_000)
	_, token, err := h.access.Add(access.Credential{Role: ledger.RolePartner, Partner: caller.Partner, Kind: access.KindToken})
	if err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		n++
		r := httptest.NewRequest(http.MethodGet, fmt.Sprintf("/v1/werkgevers/%08d/contacten?aantal=50", 90000000+n%employers), nil)
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		if h.web.ServeHTTP(w, r); w.Code != http.StatusOK {
			b.Fatal(w.Code, w.Body)
		}
	}
}

// BenchmarkSearch searches among 200,000 employers over HTTP, on loopback.
func BenchmarkSearch(b *testing.B) {
	h, caller, _ := benchHouse(b)
	_, token, err := h.access.Add(access.Credential{Role: ledger.RolePartner, Partner: caller.Partner, Kind: access.KindToken})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := h.search.waitFor(b.Context(), h.ledger.Position()); err != nil {
		b.Fatal(err)
	}
	for _, e := range searchtest.Employers(200_000) {
		h.search.found.Put(e)
	}
	server := httptest.NewServer(h.web)
	defer server.Close()
	var questions []*http.Request
	for _, q := range searchtest.Questions(1_000) {
		if len([]rune(q)) > 100 || len(q) < 2 {
			continue // refused at the door
		}
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+"/v1/werkgevers?zoek="+url.QueryEscape(q), nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+token)
		questions = append(questions, r)
	}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		answer, err := server.Client().Do(questions[i%len(questions)])
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
			b.Fatal(answer.Status, err)
		}
		answer.Body.Close()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
}

// BenchmarkReport emits over HTTP, in process: one event at a time, and a thousand
// in one batch. Beside it stands BenchmarkRecord, the same without a door.
func BenchmarkReport(b *testing.B) {
	for name, size := range map[string]int{"one": 1, "batch": intake.MaxBatch} {
		b.Run(name, func(b *testing.B) {
			h, caller, source := benchHouse(b)
			_, token, err := h.access.Add(access.Credential{Role: ledger.RolePartner, Partner: caller.Partner, Kind: access.KindToken})
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for b.Loop() {
				b.StopTimer()
				body, kind := benchEvent(b, source, n), intake.Structured
				if size > 1 {
					var all [][]byte
					for i := range size {
						all = append(all, benchEvent(b, source, n+i))
					}
					body, kind = append(append([]byte{'['}, bytes.Join(all, []byte{','})...), ']'), intake.Batch
				}
				n += size
				r := httptest.NewRequest(http.MethodPost, "/v1/gebeurtenissen", bytes.NewReader(body))
				r.Header.Set("Authorization", "Bearer "+token)
				r.Header.Set("Content-Type", kind)
				w := httptest.NewRecorder()
				b.StartTimer()
				if h.web.ServeHTTP(w, r); w.Code/100 != 2 {
					b.Fatal(w.Code, w.Body)
				}
			}
			b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkRebuild is the views of 100,000 events from zero.
func BenchmarkRebuild(b *testing.B) {
	h, caller, source := benchHouse(b)
	const n = 100_000
	fill(b, h, caller, source, n)
	for b.Loop() {
		if _, err := h.rebuild(b.Context(), struct{}{}, func(string, uint64, uint64) {}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "events/s")
}

// fill records n events from 500 callers and waits for the views.
func fill(tb testing.TB, h *house, caller ledger.Caller, source string, n int) {
	tb.Helper()
	var all sync.WaitGroup
	for c := range 500 {
		all.Go(func() {
			for i := c; i < n; i += 500 {
				recordRaw(tb, h, caller, benchEvent(tb, source, i))
			}
		})
	}
	all.Wait()
	if err := h.waitForViews(context.Background()); err != nil {
		tb.Fatal(err)
	}
}
