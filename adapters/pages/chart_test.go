package pages

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"huisboek/events"
)

func TestCourseDrawn(t *testing.T) {
	year := events.Period{From: "2026-01-01", To: "2026-12-31"}
	for name, c := range map[string]struct {
		course                       course
		goal, actual, expected, band string
	}{
		"nothing yet": {
			course: course{period: year, goal: []coursePoint{{"2025-12-31", 0}, {"2026-12-31", 100}}},
			goal:   "M0 100L100 5.7",
		},
		"halfway, with an expectation": {
			course: course{
				period: year, goal: []coursePoint{{"2025-12-31", 0}, {"2026-12-31", 100}},
				actual: []coursePoint{{"2025-12-31", 0}, {"2026-07-01", 40}}, expected: &courseEnd{80, 60, 100},
			},
			goal: "M0 100L100 5.7", actual: "M0 100L49.9 62.3", expected: "M49.9 62.3L100 24.5", band: "M49.9 62.3L100 5.7L100 43.4Z",
		},
		"a range of nothing is no band": {
			course: course{
				period: year, goal: []coursePoint{{"2025-12-31", 0}, {"2026-12-31", 100}},
				actual: []coursePoint{{"2025-12-31", 0}, {"2026-12-01", 90}}, expected: &courseEnd{95, 95, 95},
			},
			goal: "M0 100L100 5.7", actual: "M0 100L91.8 15.1", expected: "M91.8 15.1L100 10.4",
		},
		"what is after the period stands at its end": {
			course: course{
				period: year, goal: []coursePoint{{"2025-12-31", 0}, {"2026-12-31", 1}},
				actual: []coursePoint{{"2025-12-31", 0}, {"2027-03-01", 0}},
			},
			goal: "M0 100L100 5.7", actual: "M0 100L100 100",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.course.drawn(100)
			if got.Goal != c.goal || got.Actual != c.actual || got.Expected != c.expected || got.Band != c.band {
				t.Errorf("goal %q\nactual %q\nexpected %q\nband %q", got.Goal, got.Actual, got.Expected, got.Band)
			}
			if (got.Now != nil) != (c.actual != "") {
				t.Error("the point of now")
			}
		})
	}
}

func TestSteps(t *testing.T) {
	for _, c := range []struct {
		top  float64
		want []float64
	}{
		{1, []float64{0, 1}}, {5, []float64{0, 1, 2, 3, 4, 5}}, {7, []float64{0, 2, 4, 6}}, {104, []float64{0, 20, 40, 60, 80, 100}},
		{445, []float64{0, 100, 200, 300, 400}}, {1_590, []float64{0, 500, 1000, 1500}}, {100_000_000, []float64{0, 2e7, 4e7, 6e7, 8e7, 1e8}},
	} {
		if got := steps(c.top); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.top, got, c.want)
		}
	}
}

func TestMonthTicks(t *testing.T) {
	for _, c := range []struct {
		period      events.Period
		count, wide int // all, and those that a phone shows
		first, at   string
	}{
		{events.Period{From: "2026-01-01", To: "2026-12-31"}, 12, 4, "jan", "4.2"},
		{events.Period{From: "2026-03-15", To: "2026-04-10"}, 2, 2, "mrt", "31.5"},
		{events.Period{From: "2026-01-01", To: "2027-12-31"}, 12, 4, "jan", "2.1"},
		{events.Period{From: "2024-01-01", To: "2033-12-31"}, 10, 5, "2024", "5"},
	} {
		ticks := dutch.monthTicks(c.period)
		wide := 0
		for _, one := range ticks {
			wide += count(!one.Extra)
		}
		if len(ticks) != c.count || wide != c.wide || ticks[0].Text != c.first || ticks[0].X != c.at {
			t.Errorf("%v: %d ticks, %d on a phone, first %+v", c.period, len(ticks), wide, ticks[0])
		}
	}
}

func TestLabelsApart(t *testing.T) {
	for name, c := range map[string]struct{ in, want []endLabel }{
		"far apart":     {[]endLabel{{Y: 20}, {Y: 80}}, []endLabel{{Y: 20}, {Y: 80}}},
		"on each other": {[]endLabel{{Y: 50, Value: "a"}, {Y: 52, Value: "b"}}, []endLabel{{Y: 50, Value: "a"}, {Y: 68, Value: "b"}}},
		"out of order":  {[]endLabel{{Y: 90, Value: "b"}, {Y: 10, Value: "a"}}, []endLabel{{Y: 10, Value: "a"}, {Y: 90, Value: "b"}}},
		"with a range":  {[]endLabel{{Y: 50, Range: "1-2"}, {Y: 60}}, []endLabel{{Y: 50, Range: "1-2"}, {Y: 86}}},
		"at the floor":  {[]endLabel{{Y: 98}, {Y: 99}}, []endLabel{{Y: 82}, {Y: 100}}},
	} {
		got := apart(c.in, 100)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
		for i := 1; i < len(got); i++ {
			if got[i].Y-got[i-1].Y < got[i-1].room() {
				t.Errorf("%s: %+v stand on each other", name, got)
			}
		}
	}
}

func TestBars(t *testing.T) {
	b := drawnBar("x", []part{{50, "gemeente", "50"}, {0, "uwv", "0"}, {30, "sw", "30"}}, 100, 90, 100)
	if len(b.Segments) != 2 || b.Segments[0].W != "49" || b.Segments[1].X != "49" || b.Segments[1].W != "29.4" || b.Goal != "98" || b.Pace != "88.2" {
		t.Errorf("%+v", b)
	}
	if small := drawnBar("x", []part{{1, "uwv", "1"}}, -1, -1, 1000); small.Segments[0].Text != "" || small.Segments[0].W != "0.3" || small.Goal != "" || small.Pace != "" {
		t.Errorf("%+v", small)
	}
	if none := drawnBar("x", []part{{0, "uwv", ""}}, -1, -1, 0); len(none.Segments) != 0 {
		t.Errorf("%+v", none)
	}
}

func TestStepBox(t *testing.T) {
	for _, c := range []struct {
		from, to, low, high float64
		x, w                string
	}{{0, 10, 0, 20, "0", "50"}, {20, 10, 0, 20, "50", "50"}, {20, 20, 0, 20, "99.4", "0.6"}, {5, 5, 5, 5, "0", "0.6"}} {
		if x, w := stepBox(c.from, c.to, c.low, c.high); x != c.x || w != c.w {
			t.Errorf("%+v: %s %s", c, x, w)
		}
	}
}

func TestQuarters(t *testing.T) {
	for _, c := range []struct {
		day         events.Date
		quarter     string
		first, last string
		before      string
	}{{"2026-01-01", "2026-Q1", "2026-01", "2026-03", "2025-Q4"}, {"2026-06-30", "2026-Q2", "2026-04", "2026-06", "2026-Q1"}, {"2026-11-22", "2026-Q4", "2026-10", "2026-12", "2026-Q3"}} {
		q := quarterOf(c.day)
		first, last := quarterMonths(q)
		if q != c.quarter || first != c.first || last != c.last || quartersBack(q, 1) != c.before || quartersBack(q, 4)[:4] != strconv.Itoa(2025) {
			t.Errorf("%s: %s %s %s %s", c.day, q, first, last, quartersBack(q, 1))
		}
	}
}

// A line stays in its box whatever it is drawn from.
func FuzzCourse(f *testing.F) {
	f.Add(400, 12.5, 200.0, 10.0)
	f.Fuzz(func(t *testing.T, days int, amount, expected, spread float64) {
		if days < 1 || days > 3660 || !(amount >= 0 && amount < 1e9) || !(expected >= 0 && expected < 1e9) || !(spread >= 0 && spread < 1e9) {
			t.Skip()
		}
		from := events.Date("2026-01-01")
		c := course{
			period: events.Period{From: from, To: from.AddDays(days - 1)}, goal: []coursePoint{{from.AddDays(-1), 0}, {from.AddDays(days - 1), 10}},
			actual: []coursePoint{{from.AddDays(-1), 0}, {from.AddDays(days / 2), amount}}, expected: &courseEnd{expected, max(expected-spread, 0), expected + spread},
		}
		got := c.drawn(100)
		for _, d := range []string{got.Goal, got.Actual, got.Area, got.Expected, got.Band} {
			for _, text := range strings.FieldsFunc(d, func(r rune) bool { return strings.ContainsRune("MLZ ", r) }) {
				if n, err := strconv.ParseFloat(text, 64); err != nil || n < 0 || n > 100 {
					t.Fatalf("%q in %q", text, d)
				}
			}
		}
	})
}
