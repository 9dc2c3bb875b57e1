package projections

import (
	"fmt"
	"slices"
	"time"

	"huisboek/events"
)

// Rhythm is how regularly a partner tells anything, old history (achteraf) left out.
type Rhythm struct {
	First time.Time   // when the first was recorded; zero: never
	Last  time.Time   // when the last was recorded
	Day   events.Date // the day of Last
	Days  int         // days on which anything was told, of those remembered
	Usual int         // nine of ten gaps between two such days are no longer, in days; 0: too few to say
}

const (
	rhythmDays = 60 // how many days are remembered: a quarter of working days
	rhythmGaps = 5  // how many gaps it takes to call anything usual
	unknownGap = 14 // days of silence that are not too long for whom nothing is usual
	graceGap   = 7  // days that anybody may be later than usual
)

// Silent is for how many days it has told nothing today, and whether that is longer
// than usual: longer than the usual gap and a week more, or than twice the usual
// gap when that is more; 14 days when nothing is usual yet. So whoever tells on
// working days may skip the week of a holiday, and a system that broke down shows in
// the second week. The days from 24 December up to and including 1 January do not
// make it too long. One that never told anything is silent for 0 days, and too long.
func (r *Rhythm) Silent(today events.Date) (days int, tooLong bool) {
	if r.Day == "" {
		return 0, true
	}
	days = max(0, r.Day.DaysUntil(today))
	enough := unknownGap
	if r.Usual > 0 {
		enough = r.Usual + max(graceGap, r.Usual)
	}
	return days, days-holidays(r.Day, today) > enough
}

// holidays are how many days after one, up to and including another, are between
// Christmas and New Year.
func holidays(after, until events.Date) (n int) {
	for day := after.AddDays(1); day <= until; day = day.AddDays(1) {
		if d := day[len("2026"):]; d >= "-12-24" || d == "-01-01" {
			n++
		}
	}
	return n
}

// Rhythm is a partner's rhythm.
func (Coverage) Rhythm(tx Tx, partner string) (r Rhythm, err error) {
	k, err := readKept(tx, partner)
	if err != nil || len(k.days) == 0 {
		return r, err
	}
	r = Rhythm{First: k.first, Day: k.days[len(k.days)-1], Days: len(k.days), Usual: k.usual()}
	err = scanCovered(tx, partner, func(c *covered) {
		if c.told.After(r.Last) {
			r.Last = c.told
		}
	})
	return r, err
}

// kept is what is remembered of when a partner told anything. The last time stands with
// each type, so that this is written once a day.
type kept struct {
	first time.Time
	days  []events.Date // the last rhythmDays
}

// keepDay remembers the day on which a partner told something.
func keepDay(tx Tx, partner string, at time.Time) error {
	day := events.DateOf(at)
	row := tx.Get(partnerPrefix(rowRhythm, partner))
	if newestDay(row) == day {
		return nil
	}
	k, err := decodeKept(partner, row)
	if err != nil {
		return err
	}
	if len(k.days) == 0 {
		k.first = at
	}
	k.days = append(k.days, day)
	k.days = k.days[max(0, len(k.days)-rhythmDays):]
	k.write(tx, partner)
	return nil
}

// sameDay reports whether two moments are of one day in Amsterdam, where that begins on
// the hour.
func sameDay(a, b time.Time) bool {
	return a.Truncate(time.Hour).Equal(b.Truncate(time.Hour)) || events.DateOf(a) == events.DateOf(b)
}

// usual is the shortest gap than which nine of ten are no longer.
func (k *kept) usual() int {
	var gaps []int
	for i := 1; i < len(k.days); i++ {
		gaps = append(gaps, k.days[i-1].DaysUntil(k.days[i]))
	}
	n := len(gaps)
	if n < rhythmGaps {
		return 0
	}
	slices.Sort(gaps)
	return gaps[(9*n+9)/10-1]
}

func readKept(tx Tx, partner string) (kept, error) {
	return decodeKept(partner, tx.Get(partnerPrefix(rowRhythm, partner)))
}

func decodeKept(partner string, row []byte) (k kept, err error) {
	if row == nil {
		return k, nil
	}
	d := decode(row)
	k.first = d.time()
	k.days = make([]events.Date, d.count(), rhythmDays+1)
	for i := range k.days {
		k.days[len(k.days)-1-i] = d.date()
	}
	if err := d.err(); err != nil {
		return kept{}, fmt.Errorf("rhythm of %s: %w", partner, err)
	}
	return k, nil
}

// newestDay is the last day of a row, without reading it all; "" when there is none.
func newestDay(row []byte) events.Date {
	if row == nil {
		return ""
	}
	d := decode(row)
	d.time()
	d.count()
	return d.date()
}

// write puts the newest day first.
func (k *kept) write(tx Tx, partner string) {
	e := make(encoder, 0, 16+3*len(k.days))
	e.time(k.first)
	e.uint(uint64(len(k.days)))
	for _, day := range slices.Backward(k.days) {
		e.date(day)
	}
	tx.Put(partnerPrefix(rowRhythm, partner), e)
}
