package search_test

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// mixed are a thousand questions as people ask them, and some that nobody should.
func mixed() []string {
	dice := rand.New(rand.NewPCG(7, 1_000))
	employers := append(generated(many)[:20_000:20_000], demo()...)
	odd := []string{"a", "de", "transport", "bv", "bakkerij zwolle", "8011", "zwolle", "b a d e s t m k", strings.Repeat("transport ", 250), strings.Repeat("9", 2_000)}
	var all []string
	for i := range 1_000 {
		e := employers[dice.IntN(len(employers))]
		name := "onbekend"
		if len(e.Names) > 0 {
			name = e.Names[0]
		}
		words := strings.Fields(name)
		switch i % 10 {
		case 0:
			all = append(all, name)
		case 1:
			all = append(all, words[0])
		case 2:
			all = append(all, words[len(words)-1]+" "+e.Place)
		case 3:
			all = append(all, name[:min(len(name), 3+dice.IntN(6))])
		case 4:
			at := dice.IntN(len(name))
			all = append(all, name[:at]+"x"+name[at:])
		case 5:
			all = append(all, words[0]+" "+e.Postcode)
		case 6:
			all = append(all, e.Keys[0])
		case 7:
			all = append(all, strings.ReplaceAll(name, " ", ""))
		case 8:
			all = append(all, odd[dice.IntN(len(odd))])
		case 9:
			all = append(all, name+" "+e.Place)
		}
	}
	return all
}

func BenchmarkFind(b *testing.B) {
	x, questions := large(), mixed()
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

// Each puts an entry again that is there: the dearest case.
func BenchmarkPut(b *testing.B) {
	x, entries := large(), generated(many)
	for i := 0; b.Loop(); i++ {
		x.Put(entries[i*7919%len(entries)])
	}
}

// The first question after a change.
func BenchmarkLikely(b *testing.B) {
	x, entries := large(), generated(many)
	pairs := 0
	for i := 0; b.Loop(); i++ {
		x.Put(entries[i])
		_, pairs = x.Likely(0, 20)
	}
	b.ReportMetric(float64(pairs), "pairs")
}

// What an entry takes: what lives on after all have been put.
func BenchmarkMemory(b *testing.B) {
	entries := generated(many)
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
