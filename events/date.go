package events

import (
	"errors"
	"time"
	_ "time/tzdata" // "today" must not depend on what is installed
)

// Date is a calendar day, "2026-11-22". The zero value is no day. Dates order
// as their text does.
type Date string

// dateLayout is the wire form of a day (docs/contract.md, "Events").
const dateLayout = "2006-01-02"

var errNoDate = errors.New("not a day of the form 2026-11-22")

// amsterdam is where a day begins and ends (docs/design.md, "Time").
var amsterdam = func() *time.Location {
	l, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		panic(err) // the zone is embedded
	}
	return l
}()

// ParseDate takes a day that exists, from 1900 up to and including 2199.
func ParseDate(s string) (Date, error) {
	if !isDate(s) {
		return "", errNoDate
	}
	return Date(s), nil
}

// DateOf is the day it is in Europe/Amsterdam at that moment.
func DateOf(t time.Time) Date { return Date(t.In(amsterdam).Format(dateLayout)) }

// AddDays is the day n days later, or earlier when n is negative. The zero Date
// stays zero.
func (d Date) AddDays(n int) Date {
	t, err := time.Parse(dateLayout, string(d))
	if err != nil {
		return d
	}
	return Date(t.AddDate(0, 0, n).Format(dateLayout))
}

// DaysUntil is the number of days from d to the other day; 0 when either is not
// a day.
func (d Date) DaysUntil(other Date) int {
	from, err1 := time.Parse(dateLayout, string(d))
	to, err2 := time.Parse(dateLayout, string(other))
	if err1 != nil || err2 != nil {
		return 0
	}
	return int(to.Sub(from) / (24 * time.Hour))
}

// Begins is when the day begins in Europe/Amsterdam, in UTC. The zero Date gives the
// zero Time.
func (d Date) Begins() time.Time {
	t, err := time.ParseInLocation(dateLayout, string(d), amsterdam)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}

// Month is the month the day lies in, "2026-11"; "" for the zero Date.
func (d Date) Month() string {
	if len(d) < 7 {
		return ""
	}
	return string(d[:7])
}

// Before reports whether d is an earlier day than the other.
func (d Date) Before(other Date) bool { return d < other }

// After reports whether d is a later day than the other.
func (d Date) After(other Date) bool { return d > other }

// isDate is the check of the format "date": a day that exists, in this form
// only, from 1900 up to and including 2199.
func isDate(s string) bool {
	if len(s) != 10 || s[4] != '-' || s[7] != '-' ||
		!digits(s[:4]) || !digits(s[5:7]) || !digits(s[8:]) {
		return false
	}
	if s < "1900" || s >= "2200" {
		return false
	}
	day := two(s[8:])
	return day >= 1 && day <= daysIn(two(s)*100+two(s[2:]), two(s[5:]))
}

// daysIn is the number of days in a month of the Gregorian calendar, 0 for a
// month that does not exist.
func daysIn(year, month int) int {
	switch month {
	case 1, 3, 5, 7, 8, 10, 12:
		return 31
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 0
}

// two is the number that the first two characters, both digits, stand for.
func two(s string) int { return int(s[0]-'0')*10 + int(s[1]-'0') }

// digits reports whether s is nothing but ASCII digits; true for "".
func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}
