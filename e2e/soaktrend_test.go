package e2e_test

import (
	"math"
	"slices"
	"testing"
)

// middle is the median; NaN of nothing. It sorts what it is given.
func middle(values []float64) float64 { return quantile(values, 0.5) }

// quantile is the value below which that share is. It sorts what it is given.
func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	return values[min(int(share*float64(len(values))), len(values)-1)]
}

// climb is by how much a line of points rises from its first to its last x: the
// median slope of all pairs (Theil and Sen), so that a third of the points may be
// anything.
func climb(x, y []float64) float64 {
	var slopes []float64
	for i := range x {
		for j := range i {
			if dx := x[i] - x[j]; dx != 0 {
				slopes = append(slopes, (y[i]-y[j])/dx)
			}
		}
	}
	if len(slopes) == 0 {
		return 0
	}
	return middle(slopes) * (x[len(x)-1] - x[0])
}

// thirds are the medians of the first and of the last third.
func thirds(y []float64) (first, last float64) {
	n := max(len(y)/3, 1)
	if len(y) == 0 {
		return math.NaN(), math.NaN()
	}
	return middle(slices.Clone(y[:n])), middle(slices.Clone(y[len(y)-n:]))
}

// judge compares the calm windows: not the first, and not those in which the
// operator was at work, nor the one after.
func (m *meter) judge(t *testing.T) {
	t.Helper()
	var calm []int
	for i := soakWarm; i < len(m.windows); i++ {
		if m.windows[i].upkeep == "" && m.windows[i-1].upkeep == "" {
			calm = append(calm, i)
		}
	}
	if len(calm) < 6 {
		t.Errorf("only %d of %d windows were calm, too few to tell a trend: give it more time, or a lower rate", len(calm), len(m.windows))
		return
	}
	pick := func(all []float64) (list []float64) {
		for _, i := range calm {
			if !math.IsNaN(all[i]) {
				list = append(list, all[i])
			}
		}
		return list
	}
	events := 0.0
	for i, n := range m.gauge(gaugeAt) {
		if i > calm[0] {
			events += n
		}
	}
	for _, g := range []struct {
		name                   string
		fixed, share, forEvent float64 // by how much it may climb: so much, of what it was, and for each event
	}{
		{gaugeAnon, 64, 0.2, 64.0 / (1 << 20)},
		{gaugeHeap, 32, 0.2, 40.0 / (1 << 20)},
		{gaugeGoroutines, 10, 0.1, 0},
		{gaugeHandles, 5, 0.1, 0},
		{gaugeSockets, 10, 0.1, 0},
		{gaugeLag, 2_000, 1, 0},
	} {
		y := pick(m.gauge(g.name))
		if len(y) == 0 {
			t.Logf("%s: cannot be seen here", g.name)
			continue
		}
		x := make([]float64, len(y))
		for i := range x {
			x[i] = float64(calm[i])
		}
		first, last := thirds(y)
		rose, may := climb(x, y), g.fixed+g.share*first+g.forEvent*events
		t.Logf("%s: %.1f in the first third, %.1f in the last; climbs %.1f, may climb %.1f", g.name, first, last, rose, may)
		if rose > may {
			t.Errorf("%s is not level", g.name)
		}
	}
	breathed, breathes := thirds(pick(m.latency(breath, 0.5)))
	machine := max(1, breathes/breathed) // by how much the machine itself became slower
	t.Logf("%s: %.2f ms in the first third, %.2f in the last", breath, breathed, breathes)
	factor := func(what string, y []float64, times, slack float64) {
		first, last := thirds(pick(y))
		t.Logf("%s: %.2f in the first third, %.2f in the last", what, first, last)
		if last > times*first+slack {
			t.Errorf("%s is not level", what)
		}
	}
	// The slower the machine, the more events go together in a transaction, and the less
	// each takes: by a factor of two when others leave the machine to us.
	factor("processor time for each event (µs)", scaled(1e6, m.perEvent(gaugeCPU)), 3, 100)
	factor("allocated for each event (KiB)", scaled(1024, m.perEvent(gaugeAlloc)), 3, 10)
	for _, what := range m.kinds() {
		if what != breath {
			factor(what+", p50 in ms", m.latency(what, 0.5), 3*machine, 5)
			factor(what+", p99 in ms", m.latency(what, 0.99), 3*machine, 100)
		}
	}
}

func scaled(by float64, list []float64) []float64 {
	for i := range list {
		list[i] *= by
	}
	return list
}

// The figures say what they should: a soak that could not fail would show nothing.
func TestTrend(t *testing.T) {
	var x, level, leak []float64
	for i := range 20 {
		noise := float64(i * 7919 % 11) // up to ten
		x = append(x, float64(i))
		level = append(level, 100+noise)
		leak = append(leak, 100+noise+5*float64(i))
	}
	level[6], level[13] = 900, 0 // a rebuild, and a hiccup
	if c := climb(x, level); math.Abs(c) > 10 {
		t.Errorf("a level line climbs %v", c)
	}
	if c := climb(x, leak); c < 85 || c > 105 {
		t.Errorf("a line that rises by 95 climbs %v", c)
	}
	if first, last := thirds(leak); last-first < 50 || last-first > 80 {
		t.Errorf("thirds %v and %v", first, last)
	}
	if q := quantile([]float64{5, 1, 4, 2, 3}, 0.99); q != 5 {
		t.Errorf("p99 %v", q)
	}
}
