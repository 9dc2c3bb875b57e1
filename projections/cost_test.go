package projections

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

var updateCost = flag.Bool("cost", false, "write testdata/cost.txt anew")

// TestCost holds what one event costs the views, whatever the machine: how often rows
// are read, passed by in a scan, written and deleted, and how many bytes are written
// and stay. Each is of all folds together, on average, in a book as a region's might be;
// the same events give the same numbers. What costs more, or less, is written down with
//
//	go test ./projections -run TestCost -cost
//
// and then shows in the change for whoever reads it.
func TestCost(t *testing.T) {
	const n = 10_000
	const name = "testdata/cost.txt"
	c := &costs{rows: newSorted(), byType: map[string]*cost{}, byKind: map[byte]*cost{}}
	v := NewViews()
	for _, r := range lifeOf(t, n) {
		c.now = c.of(r.Event.Type)
		c.now.events++
		if err := v.Apply(c, r); err != nil {
			t.Fatal(err)
		}
	}
	got := c.table(n)
	if *updateCost {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("an event costs something else than %s says (-says +costs):\n%s", name, d)
	}
}

// BenchmarkFold folds a book as a region's might be into rows in memory: what the
// folds take themselves.
func BenchmarkFold(b *testing.B) {
	const n = 40_000
	records := lifeOf(b, n)
	b.ReportAllocs()
	for b.Loop() {
		rows, v := newSorted(), NewViews()
		for _, r := range records {
			if err := v.Apply(rows, r); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/event")
}

// cost is what was done for some events, or to some rows.
type cost struct {
	events, gets, scans, passed, puts, deletes int
	wrote                                      int // bytes of keys and values
	rows, stay                                 int // rows that are there, and their bytes
}

// costs is a Tx that counts.
type costs struct {
	rows   *sorted
	now    *cost
	byType map[string]*cost
	byKind map[byte]*cost
}

func (c *costs) of(t events.Type) *cost {
	if c.byType[t.Name()] == nil {
		c.byType[t.Name()] = &cost{}
	}
	return c.byType[t.Name()]
}

// both calls count with the costs of the event and those of the kind of row.
func (c *costs) both(key []byte, count func(*cost)) {
	if c.byKind[key[0]] == nil {
		c.byKind[key[0]] = &cost{}
	}
	count(c.now)
	count(c.byKind[key[0]])
}

func (c *costs) Get(key []byte) []byte {
	c.both(key, func(x *cost) { x.gets++ })
	return c.rows.Get(key)
}

func (c *costs) Put(key, value []byte) {
	was, there := c.rows.values[string(key)]
	c.both(key, func(x *cost) {
		x.puts++
		x.wrote += len(key) + len(value)
		if x.stay += len(value) - len(was); !there {
			x.stay += len(key)
			x.rows++
		}
	})
	c.rows.Put(key, value)
}

func (c *costs) Delete(key []byte) {
	was, there := c.rows.values[string(key)]
	c.both(key, func(x *cost) {
		x.deletes++
		if there {
			x.stay -= len(key) + len(was)
			x.rows--
		}
	})
	c.rows.Delete(key)
}

func (c *costs) Scan(prefix []byte, fn func(k, v []byte) bool) { c.ScanFrom(prefix, prefix, fn) }

func (c *costs) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	c.both(prefix, func(x *cost) { x.scans++ })
	c.rows.ScanFrom(from, prefix, func(k, v []byte) bool {
		c.both(prefix, func(x *cost) { x.passed++ })
		return fn(k, v)
	})
}

func (c *costs) table(n int) string {
	var b strings.Builder
	line := func(name string, x *cost, of int) {
		each := func(count int) float64 { return float64(count) / float64(of) }
		fmt.Fprintf(&b, "%-26s %6d %6.2f %6.2f %6.2f %6.2f %6.2f %7.0f %6.2f %7.0f\n", name, of,
			each(x.gets), each(x.scans), each(x.passed), each(x.puts), each(x.deletes), each(x.wrote), each(x.rows), each(x.stay))
	}
	head := func(what string) {
		fmt.Fprintf(&b, "%-26s %6s %6s %6s %6s %6s %6s %7s %6s %7s\n", what, "events", "gets", "scans", "passed", "puts", "dels", "wrote", "rows", "stay")
	}
	head("an event of this type")
	var all cost
	for _, name := range slices.Sorted(maps.Keys(c.byType)) {
		x := c.byType[name]
		line(name, x, x.events)
	}
	b.WriteByte('\n')
	head("rows of this kind")
	for _, kind := range slices.Sorted(maps.Keys(c.byKind)) {
		x := c.byKind[kind]
		line(kindOf(kind), x, n)
		all.gets, all.scans, all.passed, all.puts, all.deletes = all.gets+x.gets, all.scans+x.scans, all.passed+x.passed, all.puts+x.puts, all.deletes+x.deletes
		all.wrote, all.rows, all.stay = all.wrote+x.wrote, all.rows+x.rows, all.stay+x.stay
	}
	line("all", &all, n)
	return b.String()
}

// kindOf is the letter of a kind of row, as keys.go has it.
func kindOf(kind byte) string { return fmt.Sprintf("%q", kind) }

// sorted is a Tx in memory that scans without looking at everything.
type sorted struct {
	values map[string][]byte
	parts  [][]string // of keys, in order; none is empty
}

const sortedPart = 256 // keys in a part, at most

func newSorted() *sorted { return &sorted{values: map[string][]byte{}} }

func (s *sorted) find(key string) (part, at int) {
	part, _ = slices.BinarySearchFunc(s.parts, key, func(p []string, key string) int { return strings.Compare(p[len(p)-1], key) })
	if part < len(s.parts) {
		at, _ = slices.BinarySearch(s.parts[part], key)
	}
	return part, at
}

func (s *sorted) Get(key []byte) []byte { return s.values[string(key)] }

func (s *sorted) Put(key, value []byte) {
	if _, there := s.values[string(key)]; !there {
		s.insert(string(key))
	}
	s.values[string(key)] = append(make([]byte, 0, len(value)), value...)
}

func (s *sorted) insert(key string) {
	part, at := s.find(key)
	if part == len(s.parts) {
		if part--; part < 0 {
			s.parts, part = append(s.parts, nil), 0
		}
		at = len(s.parts[part])
	}
	p := slices.Insert(s.parts[part], at, key)
	if s.parts[part] = p; len(p) > sortedPart {
		s.parts[part] = p[: len(p)/2 : len(p)/2]
		s.parts = slices.Insert(s.parts, part+1, slices.Clone(p[len(p)/2:]))
	}
}

func (s *sorted) Delete(key []byte) {
	if _, there := s.values[string(key)]; !there {
		return
	}
	delete(s.values, string(key))
	part, at := s.find(string(key))
	if s.parts[part] = slices.Delete(s.parts[part], at, at+1); len(s.parts[part]) == 0 {
		s.parts = slices.Delete(s.parts, part, part+1)
	}
}

func (s *sorted) Scan(prefix []byte, fn func(k, v []byte) bool) { s.ScanFrom(prefix, prefix, fn) }

func (s *sorted) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	for at := max(string(from), string(prefix)); ; at += "\x00" {
		part, i := s.find(at)
		if part == len(s.parts) {
			return
		}
		at = s.parts[part][i]
		if key := []byte(at); !bytes.HasPrefix(key, prefix) || !fn(key, s.values[at]) {
			return
		}
	}
}
