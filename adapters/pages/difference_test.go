package pages

import (
	"testing"

	"huisboek/events"
)

// The form for a difference begins with days that are past, on whatever day it is.
func TestLateEnd(t *testing.T) {
	for today, want := range map[events.Date]events.Date{
		"2026-11-23": "2026-10-31", "2026-11-06": "2026-10-31", "2026-11-05": "2026-09-30", "2026-11-01": "2026-09-30", "2027-01-02": "2026-11-30", "2028-03-07": "2028-02-29",
	} {
		got := lateEnd(today)
		if got != want || !got.AddDays(lateAfter).Before(today) {
			t.Errorf("on %s: %s, want %s", today, got, want)
		}
	}
}
