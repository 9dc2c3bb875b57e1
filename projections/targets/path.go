package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// one thing in thousandths.
const one Amount = 1000

// Agreed is how much was to be reached by the end of a day. The path goes in straight
// lines from nothing before the period's first day, over the points that were agreed,
// to the number at its last day; before and after it stands still.
func Agreed(v *Version, on events.Date) Amount {
	if on.Before(v.Period.From) {
		return 0
	}
	points := slices.DeleteFunc(slices.Clone(v.Path), func(p events.TargetPoint) bool {
		return p.Day.Before(v.Period.From) || p.Day.After(v.Period.To)
	})
	slices.SortStableFunc(points, func(a, b events.TargetPoint) int { return cmp.Compare(a.Day, b.Day) })
	if n := len(points); n == 0 || points[n-1].Day.Before(v.Period.To) {
		points = append(points, events.TargetPoint{Day: v.Period.To, Number: v.TargetSet.Number})
	}
	before := events.TargetPoint{Day: v.Period.From.AddDays(-1)}
	for _, p := range points {
		if !on.After(p.Day) {
			gone, all := int64(before.Day.DaysUntil(on)), int64(before.Day.DaysUntil(p.Day))
			return Amount(before.Number)*one + Amount(halfUp(int64(p.Number-before.Number)*int64(one)*gone, all))
		}
		before = p
	}
	return Amount(before.Number) * one
}

// halfUp is a divided by b, which is above zero, rounded to the nearest; halves go up.
func halfUp(a, b int64) int64 {
	a += b / 2
	n := a / b
	if a%b < 0 {
		n--
	}
	return n
}
