package targets

import (
	"testing"

	"pgregory.net/rapid"

	"huisboek/events"
)

// aYear is a target of 2026, for tests of what follows from a version alone.
func aYear(number int, path ...events.TargetPoint) *Version {
	return &Version{TargetSet: &events.TargetSet{
		Period: &events.Period{From: "2026-01-01", To: "2026-12-31"}, Measure: events.MeasurePlacements, Number: number, Path: path,
	}}
}

func TestAgreed(t *testing.T) {
	straight := aYear(730)
	bent := aYear(400, events.TargetPoint{Day: "2026-03-31", Number: 40}, events.TargetPoint{Day: "2026-09-30", Number: 300})
	late := aYear(400, events.TargetPoint{Day: "2026-12-31", Number: 390}, events.TargetPoint{Day: "2026-06-30", Number: 181})
	falls := aYear(100, events.TargetPoint{Day: "2026-06-30", Number: 220})
	outside := aYear(730, events.TargetPoint{Day: "2025-12-31", Number: 9}, events.TargetPoint{Day: "2027-01-01", Number: 9})
	short := aYear(3)
	short.Period = &events.Period{From: "2026-02-28", To: "2026-02-28"}
	for _, c := range []struct {
		name string
		v    *Version
		on   events.Date
		want Amount
	}{
		{"before", straight, "2025-12-31", 0},
		{"long before", straight, "2019-01-01", 0},
		{"the first day is a day of it", straight, "2026-01-01", 2000},
		{"a hundred days", straight, "2026-04-10", 200_000},
		{"the last day but one", straight, "2026-12-30", 728_000},
		{"the last day", straight, "2026-12-31", 730_000},
		{"after", straight, "2031-12-31", 730_000},
		{"a day of three", short, "2026-02-28", 3000},
		{"the day before it", short, "2026-02-27", 0},
		{"on the way to the first point", bent, "2026-01-09", 4000},
		{"at the first point", bent, "2026-03-31", 40_000},
		{"a day after the first point", bent, "2026-04-01", 41_421}, // 260 in 183 days
		{"at the second point", bent, "2026-09-30", 300_000},
		{"half a quarter on", bent, "2026-11-15", 350_000},
		{"to the number in the end", bent, "2026-12-31", 400_000},
		{"points out of their order", late, "2026-06-30", 181_000},
		{"a last point that is not the number", late, "2026-12-31", 390_000},
		{"and after that", late, "2027-06-30", 390_000},
		{"down again", falls, "2026-07-01", 219_348}, // 120 in 184 days
		{"points outside the period are none", outside, "2026-01-01", 2000},
		{"and none at its end", outside, "2026-12-31", 730_000},
	} {
		if got := Agreed(c.v, c.on); got != c.want {
			t.Errorf("%s: on %s %d, want %d", c.name, c.on, got, c.want)
		}
	}
}

// A path that never falls is never less on a later day, and passes its points.
func TestAgreedGrows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := aYear(0)
		v.Period = &events.Period{From: "2026-03-07"}
		day, number := v.Period.From.AddDays(-1), 0
		for range rapid.IntRange(1, 8).Draw(t, "points") {
			day = day.AddDays(rapid.IntRange(1, 90).Draw(t, "days"))
			number += rapid.IntRange(0, 1000).Draw(t, "more")
			v.Path = append(v.Path, events.TargetPoint{Day: day, Number: number})
		}
		v.Period.To = day.AddDays(rapid.IntRange(0, 50).Draw(t, "after"))
		v.TargetSet.Number = number
		last := Amount(0)
		for d := v.Period.From; !d.After(v.Period.To); d = d.AddDays(1) {
			got := Agreed(v, d)
			if got < last {
				t.Fatalf("%d on %s, %d before", got, d, last)
			}
			last = got
		}
		for _, p := range v.Path {
			if got := Agreed(v, p.Day); got != Amount(p.Number)*one {
				t.Fatalf("%d on %s, want %d", got, p.Day, p.Number)
			}
		}
	})
}
