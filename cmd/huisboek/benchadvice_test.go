package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/access"
	"huisboek/events"
	"huisboek/ledger"
)

// BenchmarkAdviceHTTP asks for advice over HTTP, on loopback, while events are being
// recorded all the time: on one employer, and on 200 in one question. The book has 20,000
// visits at 2,000 employers, and a plan at every fourth.
func BenchmarkAdviceHTTP(b *testing.B) {
	h, caller, source := benchHouse(b)
	fill(b, h, caller, source, 20_000, employers)
	other := ledger.Caller{Role: ledger.RolePartner, Credential: "bench-2", Door: ledger.DoorNATS}
	made, err := h.addPartner(b.Context(), newPartner{OIN: "00000099000000002000", Name: "Ander", Kind: "uwv"}, nil)
	if err != nil {
		b.Fatal(err)
	}
	other.Partner = made.Partner
	agreement := events.DefaultAgreement()
	agreement.PlansPerPartner = 0 // or most of them would be refused
	agreed, err := events.NewEvent("urn:nld:oin:"+h.ledger.StewardOIN()+":systeem:bench", uuid.NewString(), time.Now(), &agreement)
	if err != nil {
		b.Fatal(err)
	}
	recordRaw(b, h, ledger.Caller{Role: ledger.RoleSteward, Credential: "bench-3", Door: ledger.DoorLocal}, agreed.Canonical())
	for i := 0; i < employers; i += 4 {
		recordRaw(b, h, other, benchPlan(b, "urn:nld:oin:00000099000000002000:systeem:crm", i))
	}
	_, token, err := h.access.Add(access.Credential{Role: ledger.RolePartner, Partner: caller.Partner, Kind: access.KindToken})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(h.web)
	defer server.Close()

	ctx, stop := context.WithCancel(b.Context())
	var writer sync.WaitGroup
	written := 0
	writer.Go(func() {
		for ; ctx.Err() == nil; written++ {
			recordRaw(b, h, caller, benchEvent(b, source, written))
		}
	})
	defer writer.Wait()
	defer stop()

	day := events.DateOf(time.Now()).AddDays(7)
	b.Run("one", func(b *testing.B) {
		timed(b, server.Client(), func(i int) *http.Request {
			return question(b, server.URL, token, http.MethodGet,
				fmt.Sprintf("/v1/werkgevers/%08d/advies?doel=acquisitie&datum=%s", 90000000+i%employers, day), nil)
		})
	})
	b.Run("200", func(b *testing.B) {
		timed(b, server.Client(), func(i int) *http.Request {
			body := bytes.NewBufferString(`{"doel":"acquisitie","datum":"` + string(day) + `","werkgevers":[`)
			for n := range 200 {
				fmt.Fprintf(body, `"%08d",`, 90000000+(i*200+n)%employers)
			}
			body.Truncate(body.Len() - 1)
			body.WriteString("]}")
			return question(b, server.URL, token, http.MethodPost, "/v1/werkgevers/_advies", body)
		})
	})
}

func benchPlan(tb testing.TB, source string, i int) []byte {
	tb.Helper()
	p := &events.VisitPlanned{
		Employer: events.Employer{KvK: fmt.Sprintf("%08d", 90000000+i%employers)}, Approach: uuid.NewString(),
		Date: events.DateOf(time.Now()).AddDays(7 + i%20), Purpose: "acquisitie",
	}
	p.AccountManager.Plain = &events.AccountManager{Employee: fmt.Sprint("am-", i), Name: fmt.Sprintf("Accountmanager %d", i), Phone: "038-0000002"}
	e, err := events.NewEvent(source, uuid.NewString(), time.Now(), p)
	if err != nil {
		tb.Fatal(err)
	}
	return e.Canonical()
}

func question(tb testing.TB, base, token, method, path string, body io.Reader) *http.Request {
	tb.Helper()
	r, err := http.NewRequestWithContext(tb.Context(), method, base+path, body)
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r
}

// timed asks one after the other, and reports the median and the hundredth that took
// longest.
func timed(b *testing.B, c *http.Client, ask func(i int) *http.Request) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		r := ask(i)
		began := time.Now()
		answer, err := c.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		said, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			b.Fatal(answer.Status, err, string(said))
		}
		answer.Body.Close()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
}
