package projections

import (
	"fmt"
	"testing"
	"time"

	"huisboek/events"
)

// tells says something as partner a on days, at noon.
func tells(t *testing.T, store *memory, days ...events.Date) {
	t.Helper()
	p := store.at.Position
	for _, day := range days {
		at, err := time.Parse(time.RFC3339, string(day)+"T11:00:00Z")
		if err != nil {
			t.Fatal(err)
		}
		p++
		d := &events.VisitMade{Employer: events.Employer{KvK: "69599084"}, Date: day}
		apply(t, store, &events.Record{Position: p, At: at, Partner: "a", Event: events.Event{Type: d.Type(), Data: d}})
	}
}

// every is n days, a number of days apart, up to and including one.
func every(apart, n int, until events.Date) (days []events.Date) {
	for i := n - 1; i >= 0; i-- {
		days = append(days, until.AddDays(-apart*i))
	}
	return days
}

// working is the working days among some.
func working(days []events.Date) (list []events.Date) {
	for _, day := range days {
		if at, _ := time.Parse("2006-01-02", string(day)); at.Weekday() != time.Saturday && at.Weekday() != time.Sunday {
			list = append(list, day)
		}
	}
	return list
}

func TestSilent(t *testing.T) {
	daily := func(until events.Date) []events.Date { return working(every(1, 120, until)) }
	tests := []struct {
		name  string
		days  []events.Date
		usual int
		today events.Date
		quiet int
		long  bool
	}{
		{"Never", nil, 0, "2026-11-22", 0, true},
		{"Today", daily("2026-11-20"), 3, "2026-11-20", 0, false},
		{"ClockPutBack", daily("2026-11-20"), 3, "2026-11-19", 0, false},
		{"Weekend", daily("2026-11-20"), 3, "2026-11-23", 3, false},
		{"LongWeekendAtEaster", daily("2026-04-02"), 3, "2026-04-07", 5, false},
		{"WeekOfAHoliday", daily("2026-10-16"), 3, "2026-10-26", 10, false},
		{"SecondWeekOfABreakdown", daily("2026-10-16"), 3, "2026-10-27", 11, true},
		{"BetweenChristmasAndNewYear", daily("2026-12-23"), 3, "2027-01-04", 12, false},
		{"HolidayAtChristmas", daily("2026-12-18"), 3, "2027-01-04", 17, false},
		{"BreakdownBeforeChristmas", daily("2026-12-11"), 3, "2026-12-23", 12, true},
		{"BreakdownAtChristmas", daily("2026-12-23"), 3, "2027-01-12", 20, true},
		{"EveryDay", every(1, 60, "2026-11-01"), 1, "2026-11-09", 8, false},
		{"EveryDayAndAWeekAndADay", every(1, 60, "2026-11-01"), 1, "2026-11-10", 9, true},
		{"Weekly", every(7, 20, "2026-11-01"), 7, "2026-11-15", 14, false},
		{"WeeklyTwiceMissed", every(7, 20, "2026-11-01"), 7, "2026-11-16", 15, true},
		{"Monthly", every(30, 8, "2026-06-01"), 30, "2026-07-31", 60, false},
		{"MonthlyMissed", every(30, 8, "2026-06-01"), 30, "2026-08-01", 61, true},
		{"FiveGaps", every(40, 6, "2026-06-01"), 40, "2026-07-01", 30, false},
		{"FourGaps", every(40, 5, "2026-06-01"), 0, "2026-06-15", 14, false},
		{"FourGapsAndADay", every(40, 5, "2026-06-01"), 0, "2026-06-16", 15, true},
		{"Once", every(1, 1, "2026-06-01"), 0, "2026-06-16", 15, true},
		// Of ten gaps one may be longer than usual, of eleven one as well; of nine none.
		{"OneOfTenIsLonger", append(every(20, 1, "2026-05-01"), every(2, 10, "2026-06-01")...), 2, "2026-06-10", 9, false},
		{"OneOfNineIsLonger", append(every(20, 1, "2026-05-12"), every(2, 9, "2026-06-01")...), 4, "2026-06-10", 9, false},
		// What was long ago counts no more.
		{"OnceMonthlyNowDaily", append(every(30, 20, "2025-12-01"), every(1, 60, "2026-06-01")...), 1, "2026-06-10", 9, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := newMemory()
			tells(t, store, tt.days...)
			r, err := Coverage{}.Rhythm(memoryTx{store.rows}, "a")
			if err != nil {
				t.Fatal(err)
			}
			quiet, long := r.Silent(tt.today)
			if r.Usual != tt.usual || quiet != tt.quiet || long != tt.long {
				t.Errorf("usual %d, silent for %d days, too long %t; want %d, %d, %t", r.Usual, quiet, long, tt.usual, tt.quiet, tt.long)
			}
		})
	}
}

// TestNoFalseAlarms: whoever tells on every working day but the holidays of 2026 and
// 2027, and takes a week off now and then, is never silent for too long.
func TestNoFalseAlarms(t *testing.T) {
	off := map[events.Date]bool{}
	for _, day := range []events.Date{ // Good Friday, Easter, King's Day, Ascension and the day after, Whitsun
		"2026-04-03", "2026-04-06", "2026-04-27", "2026-05-14", "2026-05-15", "2026-05-25",
		"2027-03-26", "2027-03-29", "2027-04-27", "2027-05-06", "2027-05-07", "2027-05-17",
	} {
		off[day] = true
	}
	for _, monday := range []events.Date{"2026-02-23", "2026-10-19", "2026-12-28", "2027-02-22", "2027-05-03"} {
		for i := range 5 {
			off[monday.AddDays(i)] = true
		}
	}
	off["2026-12-24"], off["2026-12-25"], off["2027-01-01"] = true, true, true
	store := newMemory()
	tells(t, store, working(every(1, 60, "2025-12-31"))...)
	for day := events.Date("2026-01-02"); day < "2027-12-20"; day = day.AddDays(1) {
		r, err := Coverage{}.Rhythm(memoryTx{store.rows}, "a")
		if err != nil {
			t.Fatal(err)
		}
		if days, long := r.Silent(day); long {
			t.Errorf("silent for %d days on %s", days, day)
		}
		if len(working([]events.Date{day})) > 0 && !off[day] {
			tells(t, store, day)
		}
	}
}

func TestRhythm(t *testing.T) {
	store := newMemory()
	p := events.Position(0)
	say := func(partner, at string, afterwards bool, data events.Data) {
		p++
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		apply(t, store, &events.Record{Position: p, At: moment, Partner: partner, Book: theBook,
			Event: events.Event{Type: data.Type(), Data: data, Afterwards: afterwards}})
	}
	visit := &events.VisitMade{Employer: events.Employer{KvK: "69599084"}, Date: "2026-11-01"}
	link := &events.EmployersLinked{Employer: events.WholeEmployer{KvK: "69599084"}, With: events.WholeEmployer{KvK: "90004760"}, Kind: LinkSame}
	say("a", "2026-10-01T10:00:00Z", true, visit)               // old history
	say("a", "2026-11-01T10:00:00Z", false, visit)              //
	say("a", "2026-11-02T22:59:59Z", false, visit)              // still the 2nd in Amsterdam
	say("a", "2026-11-02T23:00:00Z", false, link)               // the 3rd
	say("a", "2026-11-09T10:00:00Z", true, visit)               // old history
	say("a", "2026-11-09T10:00:00Z", false, admit("a", "", "")) // not a partner's to say
	say(theBook, "2026-11-10T10:00:00Z", false, link)           // the steward's

	got, err := Coverage{}.Rhythm(memoryTx{store.rows}, "a")
	want := Rhythm{First: time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), Last: time.Date(2026, 11, 2, 23, 0, 0, 0, time.UTC), Day: "2026-11-03", Days: 3}
	if got != want || err != nil {
		t.Errorf("%+v, %v; want %+v", got, err, want)
	}
	for _, partner := range []string{theBook, "b", ""} {
		if got, err := (Coverage{}).Rhythm(memoryTx{store.rows}, partner); got != (Rhythm{}) || err != nil {
			t.Errorf("of %q: %+v, %v", partner, got, err)
		}
	}
	var days []events.Date
	for i := range 100 {
		days = append(days, events.Date("2026-11-11").AddDays(i))
	}
	tells(t, store, days...)
	if got, err := (Coverage{}).Rhythm(memoryTx{store.rows}, "a"); got.Days != rhythmDays || got.Usual != 1 || !got.First.Equal(want.First) || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
}

// TestDamagedRhythm: a row that is cut off or goes on is an error.
func TestDamagedRhythm(t *testing.T) {
	store := newMemory()
	tells(t, store, "2026-11-22")
	for k, v := range store.rows {
		if k[0] != rowRhythm {
			continue
		}
		for _, bad := range [][]byte{v[:len(v)-3], append(append([]byte{}, v...), 7)} {
			rows := map[string][]byte{k: bad}
			if _, err := (Coverage{}).Rhythm(memoryTx{rows}, "a"); err == nil {
				t.Errorf("no error for %s", fmt.Sprint(bad))
			}
		}
	}
}
