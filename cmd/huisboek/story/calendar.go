package story

import (
	"time"

	"huisboek/events"
)

const (
	yearDays    = 365
	openingHour = 8
	closingHour = 18
)

// calendar counts days from 0, the first of the story; end is the day it is told
// for, on which nothing happens any more. Later days exist, for what is planned.
type calendar struct {
	first    time.Time // noon of day 0, UTC: arithmetic on days only
	end      int
	location *time.Location
}

func newCalendar(today events.Date) calendar {
	day, err := time.Parse(time.DateOnly, string(today))
	if err != nil {
		panic("story: not a date: " + string(today)) // a bug: events.Date is checked where it is made
	}
	location, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err) // package events embeds the zone
	}
	return calendar{day.AddDate(0, 0, -yearDays).Add(12 * time.Hour), yearDays, location}
}

func (c calendar) day(d int) time.Time { return c.first.AddDate(0, 0, d) }

func (c calendar) date(d int) events.Date {
	return events.Date(c.day(d).Format(time.DateOnly))
}

// at is a moment of a day, in minutes after midnight in the Netherlands.
func (c calendar) at(d, minute int) time.Time {
	y, m, day := c.day(d).Date()
	return time.Date(y, m, day, 0, minute, 0, 0, c.location).UTC()
}

// working reports whether offices are open: no weekend and none of the days that
// article 3 of the Algemene termijnenwet counts as public holidays.
func (c calendar) working(d int) bool {
	day := c.day(d)
	if w := day.Weekday(); w == time.Saturday || w == time.Sunday {
		return false
	}
	switch [2]int{int(day.Month()), day.Day()} {
	case [2]int{1, 1}, [2]int{4, 27}, [2]int{5, 5}, [2]int{12, 25}, [2]int{12, 26}:
		return false
	}
	switch day.YearDay() - easter(day.Year()).YearDay() {
	case -2, 1, 39, 50: // Good Friday, Easter Monday, Ascension, Whit Monday
		return false
	}
	return true
}

// later is the n-th working day after d; the first from d on when n is 0.
func (c calendar) later(d, n int) int {
	for ; !c.working(d); d++ {
	}
	for ; n > 0; n-- {
		for d++; !c.working(d); d++ {
		}
	}
	return d
}

// earlier is the n-th working day before d.
func (c calendar) earlier(d, n int) int {
	for ; n > 0; n-- {
		for d--; !c.working(d); d-- {
		}
	}
	return d
}

// easter is Easter Sunday by the Gregorian computus (Meeus, Astronomical
// Algorithms, chapter 8).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e := b/4, b%4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 12, 0, 0, 0, time.UTC)
}

// season is how busy a month is, of a hundred: quiet summers and Decembers.
var season = [13]int{0, 80, 85, 100, 80, 70, 90, 45, 40, 95, 100, 95, 55}

// workday draws a working day before a day, busy months more often.
func (c calendar) workday(dice dice, before int) int {
	for {
		if d := dice.IntN(before); c.working(d) && dice.chance(season[c.day(d).Month()]) {
			return d
		}
	}
}
