package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"huisboek/adapters/pages"
	"huisboek/adapters/signin"
	"huisboek/ledger"
)

// openDoor lets in one person, whoever comes.
type openDoor struct {
	pages.Door
	person *signin.Person
}

func (d openDoor) Person(*http.Request) (*signin.Person, bool) { return d.person, true }

// BenchmarkEmployerPages asks for pages over HTTP, on loopback, while events are being
// recorded all the time: an employer with thirty visits in fourteen months, which takes
// three questions, the same with a filter, a search, and what completes what is typed.
func BenchmarkEmployerPages(b *testing.B) {
	h, caller, source := benchHouse(b)
	fill(b, h, caller, source, 30*employers)
	s, err := pages.New(pages.Config{
		Book: h.folder.shown(), As: h.web.ClientAs, Partners: h.ledger.Partners, Source: h.sourceOf, Wait: h.runner.WaitFor,
		Door:    openDoor{person: &signin.Person{ID: "bench", Name: "A. Bench", Duty: signin.AccountManager, Partner: caller.Partner}},
		Metrics: prometheus.NewRegistry(), Log: h.Log, Now: h.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(s)
	defer server.Close()

	ctx, stop := context.WithCancel(b.Context())
	var writer sync.WaitGroup
	written := 0
	writer.Go(func() {
		for ; ctx.Err() == nil; written++ {
			recordRaw(b, h, ledger.Caller{Role: caller.Role, Partner: caller.Partner, Credential: "bench-2", Door: ledger.DoorNATS}, benchEvent(b, source, written))
		}
	})
	defer writer.Wait()
	defer stop()

	for name, path := range map[string]func(i int) string{
		"employer": func(i int) string { return fmt.Sprintf("/werkgevers/%08d", 90000000+i%employers) },
		"filtered": func(i int) string { return fmt.Sprintf("/werkgevers/%08d?soort=bezoeken", 90000000+i%employers) },
		"found":    func(i int) string { return fmt.Sprintf("/werkgevers?zoek=%06d", 900000+i%(employers/100)) },
		"typed":    func(i int) string { return fmt.Sprintf("/werkgevers/suggesties?zoek=%06d", 900000+i%(employers/100)) },
	} {
		b.Run(name, func(b *testing.B) {
			timed(b, server.Client(), func(i int) *http.Request { return question(b, server.URL, "", http.MethodGet, path(i), nil) })
		})
	}
}
