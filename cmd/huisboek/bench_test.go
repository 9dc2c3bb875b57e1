package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/access"
	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

// A small book with one partner, for benchmarks of one part; the figures of docs/bench.md
// come from the shared one (bench_set_test.go).

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
	return benchEventAmong(tb, source, i, employers)
}

// benchEventAmong is the same at one of so many employers.
func benchEventAmong(tb testing.TB, source string, i, employers int) []byte {
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

// BenchmarkReport emits over HTTP, in process: one event at a time, and a thousand
// in one batch. Beside it stands BenchmarkRecording, the same without a door.
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

// fill records n events at so many employers from 500 callers and waits for the views.
func fill(tb testing.TB, h *house, caller ledger.Caller, source string, n, employers int) {
	tb.Helper()
	var all sync.WaitGroup
	for c := range 500 {
		all.Go(func() {
			for i := c; i < n; i += 500 {
				recordRaw(tb, h, caller, benchEventAmong(tb, source, i, employers))
			}
		})
	}
	all.Wait()
	if err := h.waitForViews(context.Background()); err != nil {
		tb.Fatal(err)
	}
}
