package region

import (
	"time"

	"huisboek/events"
)

// moment counts milliseconds of office hours, from the first morning on: nights and
// weekends do not exist.
type moment int64

// workday is the length of a working day, in the Netherlands from 8 to 18 or 9 to 19.
const workday moment = 10 * 60 * 60 * 1000

const (
	week     = 5   // working days
	yearDays = 260 // working days
)

func (m moment) day() int { return int(m / workday) }

// calendar turns moments into times and days.
type calendar struct {
	first time.Time // a Monday, 00:00 UTC
	years int
	dates []events.Date // by working day, as far as they were asked for
}

func newCalendar(size int) *calendar {
	c := &calendar{years: max(1, (size+aYear-1)/aYear)}
	c.first = time.Date(2025, 12, 29, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -7*52*c.years)
	return c
}

func (c *calendar) midnight(day int) time.Time {
	return c.first.Add(time.Duration(day/week*7+day%week) * 24 * time.Hour)
}

func (c *calendar) at(m moment) time.Time {
	return c.midnight(m.day()).Add(7*time.Hour + time.Duration(m%workday)*time.Millisecond)
}

// date is a working day; before the first one there is none.
func (c *calendar) date(day int) events.Date {
	for len(c.dates) <= day {
		c.dates = append(c.dates, events.Date(c.midnight(len(c.dates)).Format(time.DateOnly)))
	}
	return c.dates[max(day, 0)]
}
