package story

import (
	"testing"
	"time"

	"huisboek/events"
)

func TestEaster(t *testing.T) {
	for year, want := range map[int]string{
		2000: "2000-04-23", 2008: "2008-03-23", 2024: "2024-03-31", 2025: "2025-04-20", 2026: "2026-04-05", 2038: "2038-04-25",
	} {
		if got := easter(year).Format(time.DateOnly); got != want {
			t.Errorf("easter(%d) = %s, want %s", year, got, want)
		}
	}
}

func TestWorkingDays(t *testing.T) {
	c := newCalendar("2026-12-31") // day 0 is 2025-12-31
	closed := map[events.Date]bool{
		"2026-01-01": true, "2026-04-03": true, "2026-04-06": true, "2026-04-27": true, "2026-05-05": true,
		"2026-05-14": true, "2026-05-25": true, "2026-12-25": true, "2026-12-26": true,
	}
	for d := range c.end {
		weekday := c.day(d).Weekday()
		want := weekday != time.Saturday && weekday != time.Sunday && !closed[c.date(d)]
		if c.working(d) != want {
			t.Errorf("working on %s = %t, want %t", c.date(d), !want, want)
		}
	}
	if got := c.date(c.later(1, 0)); got != "2026-01-02" {
		t.Errorf("first working day from 1 January on is %s", got)
	}
	if got := c.date(c.later(2, 1)); got != "2026-01-05" {
		t.Errorf("the working day after Friday 2 January is %s", got)
	}
	if got := c.date(c.earlier(5, 1)); got != "2026-01-02" {
		t.Errorf("the working day before Monday 5 January is %s", got)
	}
}

// The clock of the story is Dutch, summer and winter.
func TestMoments(t *testing.T) {
	c := newCalendar("2026-12-31")
	for d, want := range map[int]string{1: "08:00", 200: "08:00"} {
		if got := c.at(d, 8*60).In(c.location).Format("15:04"); got != want {
			t.Errorf("day %d: %s, want %s", d, got, want)
		}
	}
	if summer, winter := c.at(200, 480).Hour(), c.at(1, 480).Hour(); summer != 6 || winter != 7 {
		t.Errorf("eight o'clock is %d UTC in summer and %d in winter, want 6 and 7", summer, winter)
	}
}
