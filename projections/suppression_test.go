package projections

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func cell(measure, month, partner, group string, n int) Cell {
	return Cell{Measure: measure, Month: month, Partner: partner, TargetGroup: group, Count: n}
}

func TestSuppressPlain(t *testing.T) {
	var cells []Cell
	for _, measure := range []string{MeasureVisits, MeasureServices, MeasurePlacements} {
		for _, month := range []string{"2026-10", "2026-11", "2026-12"} {
			cells = append(cells, cell(measure, month, "a", "", 2), cell(measure, month, "a", "DD01", 1), cell(measure, month, "b", "", 3))
		}
	}
	f := Suppress(Query{}, cells, its("a"), "2026-11-22")
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
	none := Suppress(Query{}, cells, nobody, "2026-11-22")
	for _, c := range none.Plain {
		if c.Measure == MeasurePlacements && c.Month >= "2026-11" {
			t.Errorf("a reader that is no partner sees %v", c)
		}
	}
	if len(none.Own) != 0 {
		t.Errorf("a reader that is no partner has own cells: %v", none.Own)
	}
	closed := Suppress(Query{To: "2026-10"}, cells, its("a"), "2026-11-22")
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
	f := Suppress(Query{}, now, its("a"), "2026-11-22")
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
	if f := Suppress(Query{Measure: MeasureSignals}, now, nobody, "2026-11-22"); len(f.Months) != 0 || len(f.Own) != 0 {
		t.Errorf("left out %v, own %v", f.Months, f.Own)
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

// TestRelease: what was released takes the place of the joint cells, and no month is
// complete any more.
func TestRelease(t *testing.T) {
	m := MeasurePlacements
	f := Suppress(Query{Measure: m, To: "2026-10"}, []Cell{cell(m, "2026-10", "b", "", 8), cell(m, "2026-10", "b", "DD01", 8)}, its("a"), "2026-11-22")
	if len(f.Joint) != 0 || len(f.Months) != 0 {
		t.Errorf("before: %v, %v", f.Joint, f.Months)
	}
	f.Release([]Cell{cell(m, "2026-10", "", "DD01", 7)}, m, []string{"2026-09", "2026-10"})
	want := Figures{
		Plain: []Cell{cell(m, "2026-10", "b", "", 8)}, Joint: []Cell{cell(m, "2026-10", "", "DD01", 7)},
		Months: []LeftOut{{m, "2026-09", false, true}, {m, "2026-10", false, true}},
		Totals: []Total{{m, "", 8, false}, {m, "DD01", 7, true}},
	}
	if d := cmp.Diff(want, f, equal); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// its is a reader that is one partner; nobody is one that is none.
func its(partner string) func(string) bool { return func(p string) bool { return p == partner } }
func nobody(string) bool                   { return false }
