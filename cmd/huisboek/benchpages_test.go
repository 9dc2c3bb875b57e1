package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"huisboek/adapters/intake"
	"huisboek/adapters/signin"
	"huisboek/events"
	"huisboek/ledger"
)

// pagesWritten is how many events a second are recorded while pages are asked for.
const pagesWritten = 300

// BenchmarkPages asks for pages over HTTP, on loopback, as people who signed in, while
// pagesWritten events a second are recorded. The book has HUISBOEK_BENCH_EVENTS visits (20,000), 25 at an
// employer, or 2,000 employers when they are fewer, and a target of the region.
func BenchmarkPages(b *testing.B) {
	n := 20_000
	if said, err := strconv.Atoi(os.Getenv("HUISBOEK_BENCH_EVENTS")); err == nil {
		n = said
	}
	am := signin.Person{Duty: signin.AccountManager, Partner: "0b1c1c0e-0000-4000-8000-000000000002", Employee: "am-1", Name: "Accountmanager Een", Phone: "038-0000001"}
	h, caller, source := benchPeople(b, &am)
	many := max(employers, n/25)
	fill(b, h, caller, source, n, many)
	set, err := events.NewEvent("urn:nld:oin:"+h.ledger.StewardOIN()+":systeem:bench", "doel", time.Time{}, &events.TargetSet{
		Target: "0b1c1c0e-0000-4000-8000-000000000001", Name: "Bezoeken", Measure: events.MeasureVisits, Number: n,
		Period: &events.Period{From: events.DateOf(time.Now()).AddDays(-300), To: events.DateOf(time.Now()).AddDays(60)},
	})
	if err != nil {
		b.Fatal(err)
	}
	at := recordRaw(b, h, ledger.Caller{Role: ledger.RoleBoard, Credential: "bench-4", Door: ledger.DoorLocal}, set.Canonical())
	if err := h.runner.WaitFor(b.Context(), at); err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(h.front())
	defer server.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		b.Fatal(err)
	}
	client := server.Client()
	client.Jar = jar
	signInAs(b, client, server.URL, h.signin.Ways().OneClick[0].ID)

	ctx, stop := context.WithCancel(b.Context())
	var writer sync.WaitGroup
	written := 0
	writer.Go(func() {
		tick := time.NewTicker(time.Second / pagesWritten)
		defer tick.Stop()
		for ; ctx.Err() == nil; written++ {
			recordRaw(b, h, caller, benchEventAmong(b, source, n+written, many))
			<-tick.C
		}
	})
	defer writer.Wait()
	defer stop()

	page := func(path func(i int) string) func(*testing.B) {
		return func(b *testing.B) {
			timed(b, client, func(i int) *http.Request {
				r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+path(i), nil)
				if err != nil {
					b.Fatal(err)
				}
				return r
			})
		}
	}
	b.Run("employer", page(func(i int) string { return fmt.Sprintf("/werkgevers/%08d", 90000000+i%many) }))
	b.Run("search", page(func(i int) string { return fmt.Sprintf("/werkgevers?zoek=%08d", 90000000+i%many) }))
	b.Run("employer, filtered", page(func(i int) string { return fmt.Sprintf("/werkgevers/%08d?soort=bezoeken", 90000000+i%many) }))
	b.Run("typing", page(func(i int) string { return fmt.Sprintf("/werkgevers/suggesties?zoek=%06d", 900000+i%(many/100)) }))
	b.Run("today", page(func(int) string { return "/vandaag" }))
	b.Run("targets", page(func(int) string { return "/doelen" }))
	b.Run("target", page(func(int) string { return "/doelen/0b1c1c0e-0000-4000-8000-000000000001" }))
}

// benchPeople is benchHouse where somebody can sign in with one click.
func benchPeople(b *testing.B, p *signin.Person) (*house, ledger.Caller, string) {
	b.Helper()
	dir := b.TempDir()
	h, err := openHouse(b.Context(), settings{
		Dir: filepath.Join(dir, "data"), Region: "AM36", Rates: intake.Rates{InFlight: 256}, Asking: intake.Rates{InFlight: 64}, Signin: signinSettings{OneClick: []signin.Person{*p}},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := h.Close(); err != nil {
			b.Error(err)
		}
	})
	if err := h.say(b.Context(), &events.PartnerAdmitted{
		Partner: p.Partner, Identities: []string{"urn:nld:oin:00000099000000001000"}, Name: "Gemeente Een", Kind: "gemeente", From: "2020-01-01",
	}); err != nil {
		b.Fatal(err)
	}
	return h, ledger.Caller{Role: ledger.RolePartner, Partner: p.Partner, Credential: "bench", Door: ledger.DoorNATS}, "urn:nld:oin:00000099000000001000:systeem:crm"
}

// signInAs signs a browser in with one click.
func signInAs(tb testing.TB, c *http.Client, base, id string) {
	tb.Helper()
	form := strings.NewReader(url.Values{"wie": {id}, "naar": {"/hulp"}}.Encode())
	r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, base+"/inloggen/als", form)
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	answer, err := c.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		tb.Fatal(answer.Status)
	}
}
