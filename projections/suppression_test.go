package projections

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func cell(measure, month, partner, group string, n int) Cell {
	return Cell{Measure: measure, Month: month, Partner: partner, TargetGroup: group, Count: n}
}

func TestSuppress(t *testing.T) {
	const m, oct, nov = MeasurePlacements, "2026-10", "2026-11"
	const today = "2026-11-22"
	open := LeftOut{m, nov, true, true}
	tests := []struct {
		name  string
		cells []Cell
		want  []Cell
		left  []LeftOut
	}{
		{"five or more of others is shown, with one's own", []Cell{cell(m, oct, "a", "DD01", 2), cell(m, oct, "b", "DD01", 3), cell(m, oct, "c", "DD01", 2)},
			[]Cell{cell(m, oct, "", "DD01", 7)}, []LeftOut{open}},
		{"nothing of others is shown", []Cell{cell(m, oct, "a", "DD01", 2)},
			[]Cell{cell(m, oct, "", "DD01", 2)}, []LeftOut{open}},
		{"one small cell takes the next smallest with it", []Cell{
			cell(m, oct, "b", "DD01", 3), cell(m, oct, "b", "DD02", 9), cell(m, oct, "c", "DD03", 6)},
			[]Cell{cell(m, oct, "", "DD02", 9)}, []LeftOut{{m, oct, false, true}, open}},
		{"two small cells of four together take a third", []Cell{
			cell(m, oct, "b", "DD01", 1), cell(m, oct, "b", "DD02", 3), cell(m, oct, "c", "DD03", 6)},
			[]Cell{}, []LeftOut{{m, oct, false, true}, open}},
		{"two small cells of five together are enough", []Cell{
			cell(m, oct, "b", "DD01", 2), cell(m, oct, "b", "DD02", 3), cell(m, oct, "c", "DD03", 6)},
			[]Cell{cell(m, oct, "", "DD03", 6)}, []LeftOut{{m, oct, false, true}, open}},
		{"one small cell alone hides the month, one's own groups too", []Cell{
			cell(m, oct, "b", "DD01", 1), cell(m, oct, "a", "DD02", 4)},
			[]Cell{}, []LeftOut{{m, oct, false, true}, open}},
		{"the running month shows no group of others", []Cell{cell(m, nov, "b", "DD01", 50)},
			nil, []LeftOut{open}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := Suppress(Query{Measure: m}, tt.cells, tt.cells, its("a"), today)
			if d := cmp.Diff(tt.want, f.Joint, equal); d != "" {
				t.Errorf("joint (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.left, f.Months, equal); d != "" {
				t.Errorf("left out (-want +got):\n%s", d)
			}
		})
	}
}

func TestSuppressPlain(t *testing.T) {
	var cells []Cell
	for _, measure := range []string{MeasureVisits, MeasureServices, MeasurePlacements} {
		for _, month := range []string{"2026-10", "2026-11", "2026-12"} {
			cells = append(cells, cell(measure, month, "a", "", 2), cell(measure, month, "a", "DD01", 1), cell(measure, month, "b", "", 3))
		}
	}
	f := Suppress(Query{}, cells, nil, its("a"), "2026-11-22")
	for _, c := range f.Plain {
		if c.Partner == "b" && c.Measure == MeasurePlacements && c.Month >= "2026-11" {
			t.Errorf("another's placements of a month that is not closed: %v", c)
		}
	}
	if len(f.Plain) != 2*9-2 || len(f.Own) != 9 {
		t.Errorf("%d plain and %d own cells", len(f.Plain), len(f.Own))
	}
	want := []Total{{MeasureVisits, "", 15, false}, {MeasureServices, "", 15, false}, {MeasurePlacements, "", 9, true}}
	if d := cmp.Diff(want, f.Totals); d != "" {
		t.Errorf("totals (-want +got):\n%s", d)
	}
	none := Suppress(Query{}, cells, nil, nobody, "2026-11-22")
	for _, c := range none.Plain {
		if c.Measure == MeasurePlacements && c.Month >= "2026-11" {
			t.Errorf("a reader that is no partner sees %v", c)
		}
	}
	if len(none.Own) != 0 {
		t.Errorf("a reader that is no partner has own cells: %v", none.Own)
	}
	closed := Suppress(Query{To: "2026-10"}, cells, nil, its("a"), "2026-11-22")
	if len(closed.Months) != 0 {
		t.Errorf("closed months only, and left out: %v", closed.Months)
	}
}

// TestSuppressNothingOfEmployers: signals by theme and vacancies are shown whole,
// small, of the running month and as they stand; but no partner's own themes to
// another.
func TestSuppressNothingOfEmployers(t *testing.T) {
	const oct, nov = "2026-10", "2026-11"
	now := []Cell{
		cell(MeasureSignals, oct, "a", "", 1), cell(MeasureSignals, oct, "a", "krimp", 1),
		cell(MeasureSignals, oct, "b", "", 1), cell(MeasureSignals, oct, "b", "krimp", 1),
		cell(MeasureSignals, nov, "b", "", 3), cell(MeasureSignals, nov, "b", "scholing", 3),
		cell(MeasureVacancies, nov, "a", "", 2), cell(MeasureVacancies, nov, "b", "", 1),
		cell(MeasureFilled, nov, "b", "", 1),
	}
	settled := []Cell{cell(MeasureSignals, oct, "b", "", 9), cell(MeasureSignals, oct, "b", "groei", 9)}
	f := Suppress(Query{}, now, settled, its("a"), "2026-11-22")
	want := Figures{
		Plain: []Cell{now[0], now[2], now[4], now[6], now[7], now[8]},
		Own:   []Cell{now[1]},
		Joint: []Cell{cell(MeasureSignals, oct, "", "krimp", 2), cell(MeasureSignals, nov, "", "scholing", 3)},
		Months: []LeftOut{ // of what is of people
			{MeasureVisits, nov, false, true}, {MeasureServices, nov, false, true}, {MeasurePlacements, nov, true, true},
		},
		Totals: []Total{
			{MeasureSignals, "", 5, false}, {MeasureSignals, "krimp", 2, false}, {MeasureSignals, "scholing", 3, false},
			{MeasureVacancies, "", 3, false}, {MeasureFilled, "", 1, false},
		},
	}
	if d := cmp.Diff(want, f, equal); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if f := Suppress(Query{Measure: MeasureSignals}, now, nil, nobody, "2026-11-22"); len(f.Months) != 0 || len(f.Own) != 0 {
		t.Errorf("left out %v, own %v", f.Months, f.Own)
	}
}

// TestMovesAtMonthsEnd: a report that comes late changes no figure by target group
// for others until the month in which it came has ended.
func TestMovesAtMonthsEnd(t *testing.T) {
	settled := []Cell{cell(MeasurePlacements, "2026-10", "b", "DD01", 7)}
	now := []Cell{cell(MeasurePlacements, "2026-10", "b", "DD01", 8)}
	f := Suppress(Query{}, now, settled, its("a"), "2026-11-22")
	if d := cmp.Diff(settled[0].Count, f.Joint[0].Count); d != "" {
		t.Error(d)
	}
}

func TestVisibleMonths(t *testing.T) {
	all := []MonthCount{{"2026-10", "a", 1}, {"2026-10", "b", 1}, {"2026-11", "a", 1}, {"2026-11", "b", 1}, {"2026-12", "b", 1}}
	if d := cmp.Diff(all[:3], VisibleMonths(all, its("a"), "2026-11-22")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(all[:2], VisibleMonths(all, nobody, "2026-11-22")); d != "" {
		t.Error(d)
	}
}

// TestNoCellCanBeDerived: a reader who knows the plain totals, its own cells, what
// it is shown and how this is decided, and who goes through every possibility,
// finds for no cell of others between one and four what it must be.
func TestNoCellCanBeDerived(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 4).Draw(t, "groups")
		one := rapid.Bool().Draw(t, "one group each") // placements, services; a visit may name more
		own, others := make([]int, n), make([]int, n)
		sum, highest := 0, 0
		for i := range n {
			own[i] = rapid.IntRange(0, 2).Draw(t, "own")
			others[i] = rapid.SampledFrom([]int{0, 0, 1, 1, 2, 3, 4, 5, 6, 7}).Draw(t, "others")
			sum, highest = sum+others[i], max(highest, others[i])
		}
		total := highest // the least that the plain count can be: what says most
		if one {
			total = sum
		}
		total += rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "without group")
		total = min(total, 14)
		if total < highest || one && total < sum {
			t.Skip("too many possibilities")
		}
		seen := sight(own, others)
		possible := make([]map[int]bool, n)
		for i := range possible {
			possible[i] = map[int]bool{}
		}
		worlds(n, total, one, func(w []int) {
			if sight(own, w) == seen {
				for i, c := range w {
					possible[i][c] = true
				}
			}
		})
		for i, c := range others {
			if c > 0 && c < SmallestCell && len(possible[i]) == 1 {
				t.Fatalf("others %v, own %v, plain %d, shown %s: cell %d must be %d", others, own, total, seen, i, c)
			}
		}
	})
}

// sight is all that a reader sees of one closed month by target group.
func sight(own, others []int) string {
	var cells []Cell
	for i := range own {
		g := fmt.Sprintf("DD%02d", i)
		if own[i] > 0 {
			cells = append(cells, cell(MeasureVisits, "2026-10", "a", g, own[i]))
		}
		if others[i] > 0 {
			cells = append(cells, cell(MeasureVisits, "2026-10", "b", g, others[i]))
		}
	}
	f := Suppress(Query{To: "2026-10"}, cells, cells, its("a"), "2026-11-22")
	return fmt.Sprint(f.Joint, f.Own, f.Months, f.Totals)
}

// worlds calls fn with every way in which others' cells can be, given their plain
// count.
func worlds(n, total int, one bool, fn func([]int)) {
	w := make([]int, n)
	var fill func(i, left int)
	fill = func(i, left int) {
		if i == n {
			fn(w)
			return
		}
		for c := 0; c <= left; c++ {
			w[i] = c
			if one {
				fill(i+1, left-c)
			} else {
				fill(i+1, left)
			}
		}
	}
	fill(0, total)
}

// TestPeriodsGiveNothingAway: the total of a period is the sum of the months that
// are shown, so that no difference of two periods is more than a shown month.
func TestPeriodsGiveNothingAway(t *testing.T) {
	m := MeasurePlacements
	cells := []Cell{
		cell(m, "2026-08", "b", "DD01", 9), cell(m, "2026-09", "b", "DD01", 2), cell(m, "2026-10", "b", "DD01", 6),
	}
	total := func(q Query) Total {
		var in []Cell
		for _, c := range cells {
			if c.Month >= q.From && c.Month <= q.To {
				in = append(in, c)
			}
		}
		for _, total := range Suppress(q, in, in, its("a"), "2026-11-22").Totals {
			if total.TargetGroup == "DD01" {
				return total
			}
		}
		return Total{}
	}
	long, short := total(Query{From: "2026-08", To: "2026-10"}), total(Query{From: "2026-10", To: "2026-10"})
	if long.Count != 15 || !long.Incomplete || short.Count != 6 || short.Incomplete {
		t.Errorf("long %v, short %v", long, short)
	}
}

// its is a reader that is one partner; nobody is one that is none.
func its(partner string) func(string) bool { return func(p string) bool { return p == partner } }
func nobody(string) bool                   { return false }
