package events

import "time"

// Working reports whether a day is a working day by article 3 of the Algemene
// termijnenwet: not a Saturday, a Sunday or a holiday that it names. Goede Vrijdag
// (its second paragraph) and 5 May (its first) are holidays by that law; an agreement
// may see them otherwise. The zero Date is none.
func (d Date) Working(goodFridayOff, fifthOfMayOff bool) bool {
	t, err := time.Parse(dateLayout, string(d))
	if err != nil || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
		return false
	}
	switch d[5:] {
	case "01-01", "12-25", "12-26":
		return false
	case "05-05": // Ascension Day too in some years
		if fifthOfMayOff {
			return false
		}
	}
	if kingsDay(t.Year()).Equal(t) {
		return false
	}
	switch int(t.Sub(easter(t.Year())) / (24 * time.Hour)) {
	case -2:
		return !goodFridayOff
	case 1, 39, 50: // Easter Monday, Ascension Day, Whit Monday
		return false
	}
	return true
}

// kingsDay is when the birthday of the King is celebrated: 27 April, until 2013 the
// Queen's on 30 April; the day before when that is a Sunday.
func kingsDay(year int) time.Time {
	day := 27
	if year < 2014 {
		day = 30
	}
	t := time.Date(year, time.April, day, 0, 0, 0, 0, time.UTC)
	if t.Weekday() == time.Sunday {
		t = t.AddDate(0, 0, -1)
	}
	return t
}

// easter is Easter Sunday of the Gregorian calendar (the anonymous computus as
// Meeus gives it).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
