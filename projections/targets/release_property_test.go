package targets

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// aRegion is a script of a year of a region, by chance: some are small, some are one
// group nearly, and in each things are told late, corrected, retracted, ended, said to
// be the same; partners leave with their past, or are succeeded.
func aRegion(seed uint64, months int) []step {
	rng := rand.New(rand.NewPCG(seed, 6))
	partners := 2 + rng.IntN(5)
	groups := []string{"X", "Y", "Z", "Q"}[:2+rng.IntN(3)]
	volume := []int{6, 15, 40, 120}[rng.IntN(4)]
	skew := rng.Float64()
	pick := func(n int) int { return min(n-1, int(float64(n)*rng.Float64()*(1-skew)+0.5*rng.Float64())) }
	var script []step
	for m := range months {
		start := events.Date("2026-01-01").AddDays(31 * m)
		first := events.Date(start.Month() + "-01")
		var at []time.Time
		for range 1 + rng.IntN(2*volume) {
			at = append(at, first.Begins().Add(time.Duration(rng.IntN(28*24*60))*time.Minute))
		}
		slices.SortFunc(at, time.Time.Compare)
		for _, t := range at {
			script = append(script, step{t, happens(rng, events.DateOf(t), partners, groups, pick)})
		}
	}
	return script
}

func happens(rng *rand.Rand, day events.Date, partners int, groups []string, pick func(int) int) func(*things, events.Position) {
	partner := func() string { return fmt.Sprintf("p%d", pick(partners)) }
	back := rng.IntN(40)
	if rng.IntN(10) == 0 {
		back = rng.IntN(200)
	}
	it := Item{Part: projections.PartPlacements, Partner: partner(), From: day.AddDays(10 - back), Sort: []string{"dienstverband", "bbl", "beschut-werk"}[pick(3)],
		Hours: []int{-1, 800, 1600, 2400, 3600}[rng.IntN(5)], Employer: fmt.Sprintf("%c%d", 'a'+pick(3), rng.IntN(9)), Count: 1,
		Sector: []string{"A", "B", ""}[pick(3)], Register: projections.Register(pick(3)), Groups: []string{groups[pick(len(groups))]}}
	if rng.IntN(8) == 0 {
		it.Groups = nil
	}
	if rng.IntN(10) == 0 {
		it.With = []string{partner()}
	}
	if rng.IntN(4) == 0 {
		it.To = it.From.AddDays(rng.IntN(120))
	}
	what, which, end := rng.IntN(100), rng.Float64(), day.AddDays(rng.IntN(30)-10)
	return func(f *things, p events.Position) {
		var old *Item
		if n := len(f.items); n > 0 {
			roots := make([]events.Position, 0, n)
			for it := range f.Items(projections.PartPlacements) {
				roots = append(roots, it.Root)
			}
			old = f.items[roots[int(which*float64(n))]]
		}
		switch {
		case old != nil && what < 6:
			delete(f.items, old.Root)
		case old != nil && what < 12:
			changed := *old
			changed.Groups, changed.Hours, changed.Last = it.Groups, it.Hours, p
			f.items[old.Root] = &changed
		case old != nil && what < 24:
			changed := *old
			changed.To, changed.Last = max(old.From, end), p
			f.items[old.Root] = &changed
		case old != nil && what < 26:
			x := it
			x.Root, x.Last, x.From, x.Groups = p, p, old.From, old.Groups
			f.items[p] = &x
			if f.same[old.Root] == nil {
				f.same[old.Root] = []events.Position{old.Root, p}
				f.same[p] = f.same[old.Root]
			}
		case what == 26 && len(f.gone) == 0 && which < 0.1:
			f.gone = append(f.gone, Departure{Partner: "p1", From: day, Past: events.PastLeaves})
		default:
			x := it
			x.Root, x.Last, x.Placement = p, p, fmt.Sprint(p)
			f.items[p] = &x
		}
	}
}

var sequences = []sequenceKey{
	{part: projections.PartPlacements}, {part: projections.PartPlacements, days: 60}, {part: projections.PartPlacements, standing: true},
}

const seeds = 24

func TestReleaseProperties(t *testing.T) {
	for seed := range uint64(seeds) {
		script := aRegion(seed, 10)
		for _, q := range sequences {
			r, read := told(script)
			last, err := r.of(q, "2026-11", read)
			if err != nil {
				t.Fatal(err)
			}
			everyPasses(t, seed, r.books[q.part].seqs[q])
			monthByMonth(t, seed, q, script, last)
			addUp(t, seed, q, last)
		}
	}
}

// everyPasses: classes, what they leave, and what is in each cell.
func everyPasses(t *testing.T, seed uint64, q *sequence) {
	t.Helper()
	count := 0
	for i := range q.classes {
		if n := q.classes[i].Count; -SmallestClass < n && n < SmallestClass {
			t.Errorf("seed %d: class of %d", seed, n)
		}
		count += q.classes[i].Count
	}
	total := 0
	for i := range q.cells {
		left := net(q.cells[i].list)
		if total += left.n; left.n < 0 || few(left.n, 0) {
			t.Errorf("seed %d: %d left of a cell", seed, left.n)
		}
	}
	if total != count {
		t.Errorf("seed %d: cells hold %d, classes %d", seed, total, count)
	}
	shown := 0
	for _, w := range q.watched {
		if w.released != nil {
			shown++
		}
	}
	for _, e := range q.waiting {
		if e.kind == removes {
			shown++
		}
	}
	if shown != total {
		t.Errorf("seed %d: released %d things, in cells are %d", seed, shown, total)
	}
}

// monthByMonth: asked each month or once, what was released stays what it was.
func monthByMonth(t *testing.T, seed uint64, q sequenceKey, script []step, want []Class) {
	t.Helper()
	every, _ := told(script)
	every.fresh = func(...projections.Part) known {
		f := newThings(script)
		f.all = true
		return f
	}
	r, read := told(script)
	for month := "2025-12"; month <= "2026-11"; month = next(month) {
		got, err := r.of(q, month, read)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) > len(want) || !slices.Equal(spelled(got), spelled(want[:len(got)])) {
			t.Errorf("seed %d: by month %s: %q", seed, month, spelled(got))
		}
		again, _ := every.of(q, month, read)
		if !slices.Equal(spelled(got), spelled(again)) {
			t.Errorf("seed %d: by what changed %q, by everything %q", seed, spelled(got), spelled(again))
		}
	}
}

// addUp: however it is split, the sum is the total.
func addUp(t *testing.T, seed uint64, q sequenceKey, classes []Class) {
	t.Helper()
	r := &Released{classes: classes, standing: q.standing}
	for _, v := range asked(q) {
		total, _ := r.Total(&v, "2026-11")
		for i, across := range crossings() {
			if i%3 != int(seed%3) {
				continue
			}
			sum := Amount(0)
			for _, c := range r.Split(&v, across, "2026-11") {
				sum += c.Amount
			}
			if sum != total {
				t.Errorf("seed %d: %v adds up to %d, the total is %d", seed, across, sum, total)
			}
		}
		sum := Amount(0)
		for _, s := range r.Shares(&v, "2026-11") {
			sum += s.Divided
		}
		if sum != total {
			t.Errorf("seed %d: shares add up to %d, the total is %d", seed, sum, total)
		}
	}
}

// What was recorded within a month may have come in any order.
func TestReleaseOrderWithinMonth(t *testing.T) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 7))
		var script, other []step
		for m := range 6 {
			day := events.Date("2026-01-10").AddDays(31 * m)
			var month []step
			for range 10 + rng.IntN(40) {
				it := Item{Part: projections.PartPlacements, Partner: fmt.Sprintf("p%d", rng.IntN(3)), From: day.AddDays(-rng.IntN(35)), Sort: "bbl",
					Hours: 800 * rng.IntN(5), Employer: "e", Groups: []string{[]string{"X", "Y", "Z"}[min(rng.IntN(8), rng.IntN(3))]}, Placement: fmt.Sprint(rng.Uint64())}
				month = append(month, step{moment(string(day)), func(f *things, p events.Position) {
					x := it
					x.Root, x.Last = p, p
					f.items[p] = &x
				}})
			}
			script = append(script, month...)
			month = slices.Clone(month)
			rng.Shuffle(len(month), func(i, j int) { month[i], month[j] = month[j], month[i] })
			other = append(other, month...)
		}
		var got [2][]Class
		for i, s := range [][]step{script, other} {
			r, read := told(s)
			got[i], _ = r.of(sequences[0], "2026-08", read)
		}
		if fmt.Sprint(got[0]) != fmt.Sprint(got[1]) {
			t.Fatalf("seed %d:\n%v\n%v", seed, got[0], got[1])
		}
	}
}

// Nobody waits longer than three months when there are enough to be told of.
func TestReleaseWaits(t *testing.T) {
	script := slices.Concat(placed("2026-01-10", append(append(times(9, "a X 2026-01-09"), times(9, "b X 2026-01-09")...), "a Y 2026-01-09")...))
	for m := range 8 {
		day := events.Date("2026-02-10").AddDays(31 * m)
		script = append(script, placed(string(day), append(times(9, "a X "+string(day)), times(9, "b X "+string(day))...)...)...)
	}
	r, read := told(script)
	for month := "2026-01"; month <= "2026-08"; month = next(month) {
		if _, err := r.of(sequences[0], month, read); err != nil {
			t.Fatal(err)
		}
		q := r.books[projections.PartPlacements].seqs[sequences[0]]
		for _, e := range q.waiting {
			if q.batch-e.since >= longestWait {
				t.Errorf("%s: waits since %d", month, e.since)
			}
		}
	}
}

// years is a script of so many things over five years.
func years(n int, part projections.Part) []step {
	rng := rand.New(rand.NewPCG(1, 1))
	script := make([]step, n)
	begin := events.Date("2026-01-01").Begins()
	for i := range script {
		at := begin.Add(time.Duration(float64(i) / float64(n) * float64(5*365*24*time.Hour)))
		it := Item{Part: part, Partner: fmt.Sprintf("p%d", min(rng.IntN(14), rng.IntN(14))), From: events.DateOf(at).AddDays(-rng.IntN(20)), Sort: "dienstverband",
			Hours: 100 * rng.IntN(40), Employer: fmt.Sprintf("%c", 'a'+rng.IntN(3)), Sector: string(rune('A' + rng.IntN(8))), Count: 1,
			Register: projections.Register(1 + rng.IntN(2)), Groups: []string{fmt.Sprintf("DD0%d", 1+rng.IntN(6))}}
		if part == projections.PartVisits {
			it.Hours, it.Register, it.Sector = -1, projections.RegisterUnknown, ""
		}
		script[i] = step{at, func(f *things, p events.Position) {
			x := it
			x.Root, x.Last = p, p
			f.items[p] = &x
			f.list = append(f.list, &x)
		}}
	}
	return script
}

// hurried is a script of so many placements over two years by so many partners, of every
// group, with any hours, told within half a day: of each month some are told in the next,
// so few that of many partners one to four are left of what there is of that month.
func hurried(n, partners int) []step {
	rng := rand.New(rand.NewPCG(2, 1))
	script := make([]step, n)
	begin := events.Date("2026-01-01").Begins()
	for i := range script {
		at := begin.Add(time.Duration(float64(i) / float64(n) * float64(2*365*24*time.Hour)))
		it := Item{Part: projections.PartPlacements, Partner: fmt.Sprintf("p%02d", 2*(i%partners)), From: events.DateOf(at.Add(-time.Duration(rng.IntN(12)) * time.Hour)),
			Sort: "dienstverband", Hours: 100 * (8 + rng.IntN(32)), Employer: "a", Count: 1, Register: projections.Register(1 + rng.IntN(2))}
		if group := rng.IntN(6); group > 0 {
			it.Groups = []string{fmt.Sprintf("DD0%d", group)}
		}
		script[i] = step{at, func(f *things, p events.Position) {
			x := it
			x.Root, x.Last = p, p
			f.items[p] = &x
			f.list = append(f.list, &x)
		}}
	}
	return script
}

func BenchmarkRelease(b *testing.B) {
	for _, c := range []struct {
		name   string
		part   projections.Part
		script func() []step
	}{
		{"placements", projections.PartPlacements, func() []step { return years(60_000, projections.PartPlacements) }},
		{"visits", projections.PartVisits, func() []step { return years(400_000, projections.PartVisits) }},
		{"hurried", projections.PartPlacements, func() []step { return hurried(150_000, 24) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			script := c.script()
			for b.Loop() {
				r, read := told(script)
				classes, err := r.of(sequenceKey{part: c.part}, "2030-12", read)
				if err != nil || len(classes) == 0 {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(classes)), "classes")
			}
		})
	}
}
