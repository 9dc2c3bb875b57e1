package targets

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/projections"
)

// TestApportion: whatever is divided adds up, and nobody gets more or less than rounding does.
func TestApportion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		measure := rapid.SampledFrom([]string{events.MeasureJobs, events.MeasurePlacements}).Draw(t, "measure")
		weights := rapid.SliceOf(rapid.Int64Range(0, 1_000_000)).Draw(t, "weights")
		var sum int64
		for _, w := range weights {
			sum += w
		}
		var got Amount
		for i, a := range apportion(measure, weights) {
			got += a
			if d := a - amountOf(measure, weights[i]); d < -1 || d > 1 {
				t.Errorf("%d is %s", weights[i], a.text())
			}
		}
		if got != amountOf(measure, sum) {
			t.Errorf("%s, not %s", got.text(), amountOf(measure, sum).text())
		}
		n := rapid.IntRange(1, 60).Draw(t, "among")
		var parts int64
		list := divide(sum, n)
		for _, p := range list {
			parts += p
		}
		if parts != sum || list[0]-list[n-1] > 1 || list[0] < list[n-1] {
			t.Errorf("%d among %d: %v", sum, n, list)
		}
	})
}

func TestJobs(t *testing.T) {
	for hours, want := range map[int64]Amount{2000: 784, 3200: 1255, 5200: 2039, 2550: 1000, 0: 0, 1: 0, 2: 1, 1275: 500} {
		if got := amountOf(events.MeasureJobs, hours); got != want {
			t.Errorf("%d is %d", hours, got)
		}
	}
}

func TestLastClosed(t *testing.T) {
	tests := []struct{ on, today, want string }{
		{"2026-11-22", "2026-11-22", "2026-10"},
		{"2026-11-30", "2026-11-30", "2026-10"}, // the day is not over
		{"2026-11-30", "2026-12-01", "2026-11"},
		{"2026-11-29", "2026-12-01", "2026-10"},
		{"2027-05-01", "2026-11-22", "2026-10"},
		{"2026-01-01", "2026-01-01", "2025-12"},
		{"2028-02-29", "2028-03-02", "2028-02"},
		{"2028-02-28", "2028-03-02", "2028-01"},
	}
	for _, tt := range tests {
		if got := lastClosed(events.Date(tt.on), events.Date(tt.today)); got != tt.want {
			t.Errorf("on %s, today %s: %s", tt.on, tt.today, got)
		}
	}
}

// large is a region's year: so many items of a part, of twenty partners.
func large(part projections.Part, n int) (*Facts, func(i int) *projections.Line) {
	f := NewFacts()
	f.Apply(&projections.Line{Position: 1, At: time.Unix(0, 0), Type: events.TypeTargetSet, ID: theTarget, Set: year().TargetSet})
	line := func(i int) *projections.Line {
		l := &projections.Line{
			Position: events.Position(i + 2), At: time.Unix(int64(i), 0), Partner: fmt.Sprintf("0b1c1c0e-0000-4000-8000-%012d", i%20), Type: events.TypePlacementMade,
			Employer: fmt.Sprintf("%08d", i%5000), From: events.Date("2026-01-01").AddDays(i % 330), Sort: "dienstverband", Hours: 2400, Count: -1,
		}
		if part == projections.PartVisits {
			l.Type, l.Sort = events.TypeVisitMade, "nazorg"
		}
		return l
	}
	for i := range n {
		f.Apply(line(i))
	}
	return f, line
}

func benchmarkCount(b *testing.B, measure string, n int) {
	f, _ := large(partOf(measure), n)
	v := year(func(d *events.TargetSet) { d.Measure = measure })
	across, r := [2]Dimension{ByPartner, ByMonth}, newReader(Reader{Own: func(p string) bool { return p[len(p)-1] == '3' }})
	b.ReportAllocs()
	for b.Loop() {
		c := countOf(f, v, "2026-11-22", "2026-11-22")
		c.standing(f, across, r)
	}
}

func BenchmarkCountPlacements(b *testing.B) { benchmarkCount(b, events.MeasurePlacements, 12_000) }
func BenchmarkCountVisits(b *testing.B)     { benchmarkCount(b, events.MeasureVisits, 200_000) }
func BenchmarkCountReached(b *testing.B)    { benchmarkCount(b, events.MeasureReached, 200_000) }

func BenchmarkStandAgain(b *testing.B) {
	f, _ := large(projections.PartVisits, 200_000)
	v := year(func(d *events.TargetSet) { d.Measure = events.MeasureVisits })
	across, r := [2]Dimension{ByPartner, ByMonth}, newReader(Reader{Own: func(p string) bool { return p[len(p)-1] == '3' }})
	c := countOf(f, v, "2026-11-22", "2026-11-22")
	for b.Loop() {
		c.standing(f, across, r)
	}
}

// BenchmarkStandWriting asks after every visit that is added.
func BenchmarkStandWriting(b *testing.B) {
	f, line := large(projections.PartVisits, 200_000)
	v := year(func(d *events.TargetSet) { d.Measure = events.MeasureVisits })
	across, r := [2]Dimension{ByPartner, ByMonth}, newReader(Reader{Own: func(p string) bool { return p[len(p)-1] == '3' }})
	c := countOf(f, v, "2026-11-22", "2026-11-22")
	n := 200_000
	for b.Loop() {
		f.Apply(line(n))
		if n++; !c.extend(f) {
			b.Fatal("counted anew")
		}
		c.standing(f, across, r)
	}
}
