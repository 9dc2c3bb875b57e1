package search_test

import (
	"runtime"
	"slices"
	"testing"
	"time"

	"huisboek/projections/search"
	"huisboek/projections/search/searchtest"
)

func BenchmarkFind(b *testing.B) {
	x, questions := large(), searchtest.Questions(1_000)
	var took []time.Duration
	slowest, at := time.Duration(0), ""
	for i := 0; b.Loop(); i++ {
		began := time.Now()
		x.Find(questions[i%len(questions)], 0, 20)
		d := time.Since(began)
		if took = append(took, d); d > slowest {
			slowest, at = d, questions[i%len(questions)]
		}
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
	b.ReportMetric(float64(slowest.Microseconds()), "max-us")
	b.Logf("slowest: %.60q", at)
}

// Lists without a text.
func BenchmarkList(b *testing.B) {
	x := large()
	filters := []search.Query{
		{Gemeenten: []string{"GM0193"}, Order: search.ByName}, {Sector: "markt", Order: search.ByName}, {NotSince: "2026-08-01", Order: search.ByName},
		{NotSince: "2026-08-01", Order: search.ByContact, Skip: 980}, {Gemeenten: []string{"GM0175", "GM0177"}, Size: "10-19", Order: search.ByContact},
	}
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		q := filters[i%len(filters)]
		q.Most = 20
		began := time.Now()
		x.List(q)
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-us")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "max-us")
}

// Each puts an entry again that is there: the dearest case.
func BenchmarkPut(b *testing.B) {
	x, entries := large(), searchtest.Employers(many)
	for i := 0; b.Loop(); i++ {
		x.Put(entries[i*7919%len(entries)])
	}
}

// The first question after a change.
func BenchmarkLikely(b *testing.B) {
	x, entries := large(), searchtest.Employers(many)
	pairs := 0
	for i := 0; b.Loop(); i++ {
		x.Put(entries[i])
		_, pairs = x.Likely(0, 20)
	}
	b.ReportMetric(float64(pairs), "pairs")
}

// What an entry takes: what lives on after all have been put.
func BenchmarkMemory(b *testing.B) {
	entries := searchtest.Employers(many)
	heap := func() uint64 {
		runtime.GC()
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for b.Loop() {
		before := heap()
		x := fill(entries)
		b.ReportMetric(float64(heap()-before)/float64(x.Len()), "B/entry")
		runtime.KeepAlive(x)
	}
	runtime.KeepAlive(entries)
}
