package main

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"huisboek/events"
	"huisboek/ledger"
)

// Reading all employers of a book, with their seals: time and bytes for each.
func BenchmarkSearcherFill(b *testing.B) {
	const employers = 50_000
	dir := filepath.Join(b.TempDir(), "data")
	h, err := openHouse(b.Context(), settings{Dir: dir, Region: "AM36", ViewsLate: true})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { h.Close() }()
	p, err := h.addPartner(b.Context(), newPartner{OIN: oinP, Name: "P", Kind: "sw"}, nil)
	if err != nil {
		b.Fatal(err)
	}
	var telling errgroup
	for w := range 256 {
		telling.Go(func() error {
			for n := w; n < employers; n += 256 {
				e, err := events.NewEvent(sourceP, fmt.Sprint(n), h.Now(), card(
					events.Employer{KvK: fmt.Sprintf("00%06d", n)}, fmt.Sprintf("Werkgever %x Bouw B.V.", n*7919), "Zwolle", fmt.Sprintf("80%02dAB", n%43)))
				if err != nil {
					return err
				}
				if _, err := h.ledger.Record(b.Context(), ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RolePartner, Partner: p.Partner, Door: ledger.DoorLocal}}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := telling.Wait(); err != nil {
		b.Fatal(err)
	}
	if err := h.follow(b.Context()); err != nil {
		b.Fatal(err)
	}
	if err := h.Close(); err != nil { // no key in memory
		b.Fatal(err)
	}
	if h, err = openHouse(b.Context(), settings{Dir: dir, Region: "AM36", ViewsLate: true}); err != nil {
		b.Fatal(err)
	}
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		before := heap()
		s := newSearcher(h.views.View, h.ledger.Unseal, h.ledger.Unsealer, func(context.Context) error { return nil }, h.Now, h.Log)
		began := time.Now()
		if err := s.fill(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(time.Since(began).Microseconds())/employers, "us/employer")
		b.ReportMetric((float64(heap())-float64(before))/employers, "B/employer")
		runtime.KeepAlive(s)
	}
}
