package events

import (
	"slices"
	"testing"
	"time"
)

// holidays are the days of article 3 of the Algemene termijnenwet that the calendars
// of these years name: New Year's Day, Good Friday, Easter Monday, King's Day, 5 May,
// Ascension Day, Whit Monday and both days of Christmas.
var holidays = map[string][]Date{
	"2023": {"2023-01-01", "2023-04-07", "2023-04-10", "2023-04-27", "2023-05-05", "2023-05-18", "2023-05-29", "2023-12-25", "2023-12-26"},
	"2024": {"2024-01-01", "2024-03-29", "2024-04-01", "2024-04-27", "2024-05-05", "2024-05-09", "2024-05-20", "2024-12-25", "2024-12-26"},
	"2025": {"2025-01-01", "2025-04-18", "2025-04-21", "2025-04-26", "2025-05-05", "2025-05-29", "2025-06-09", "2025-12-25", "2025-12-26"},
	"2026": {"2026-01-01", "2026-04-03", "2026-04-06", "2026-04-27", "2026-05-05", "2026-05-14", "2026-05-25", "2026-12-25", "2026-12-26"},
	"2027": {"2027-01-01", "2027-03-26", "2027-03-29", "2027-04-27", "2027-05-05", "2027-05-06", "2027-05-17", "2027-12-25", "2027-12-26"},
	"2028": {"2028-01-01", "2028-04-14", "2028-04-17", "2028-04-27", "2028-05-05", "2028-05-25", "2028-06-05", "2028-12-25", "2028-12-26"},
	"2029": {"2029-01-01", "2029-03-30", "2029-04-02", "2029-04-27", "2029-05-05", "2029-05-10", "2029-05-21", "2029-12-25", "2029-12-26"},
	"2030": {"2030-01-01", "2030-04-19", "2030-04-22", "2030-04-27", "2030-05-05", "2030-05-30", "2030-06-10", "2030-12-25", "2030-12-26"},
}

// Every day of eight years is a working day, unless it is in a weekend or in the table.
func TestWorkingDays(t *testing.T) {
	saturday := Date("2022-12-31")
	for year, list := range holidays {
		for day := Date(year + "-01-01"); day <= Date(year+"-12-31"); day = day.AddDays(1) {
			weekend := saturday.DaysUntil(day)%7 < 2
			want := !weekend && !slices.Contains(list, day)
			if got := day.Working(true, true); got != want {
				t.Errorf("%s: working %v, want %v", day, got, want)
			}
			if got, want := day.Working(false, true), want || !weekend && day == list[1]; got != want {
				t.Errorf("%s: working %v where Good Friday is, want %v", day, got, want)
			}
			if got, want := day.Working(true, false), want || !weekend && day[5:] == "05-05"; got != want {
				t.Errorf("%s: working %v where 5 May is, want %v", day, got, want)
			}
		}
	}
	for day, want := range map[Date]bool{
		"":           false,
		"2027-05-06": false, // Ascension Day, the day after 5 May
		"2025-04-27": false, // a Sunday; King's Day was on the Saturday
		"2025-04-28": true,
		"2031-04-28": true, // King's Day of 2031 is on Saturday the 26th
		"2013-04-30": false,
		"2013-04-29": true,
		"2008-05-01": false, // Ascension Day, as early as it comes but for a day
		"2038-04-26": false, // Easter Monday, as late as it comes
		"2016-05-05": false, // Ascension Day and 5 May at once
	} {
		if day.Working(true, true) != want {
			t.Errorf("%s: working %v", day, !want)
		}
	}
	if !Date("2008-05-05").Working(true, false) || Date("2016-05-05").Working(true, false) {
		t.Error("5 May is Ascension Day in one year and not in the other")
	}
}

func TestEscalationOn(t *testing.T) {
	working := Escalation{Days: 2, Count: WorkingDays, GoodFriday: true, FifthOfMay: true}
	calendar := Escalation{Days: 2, Count: CalendarDays}
	for _, c := range []struct {
		name     string
		e        Escalation
		reported Date
		want     Date
	}{
		{"Monday", working, "2026-11-16", "2026-11-19"},
		{"Thursday: the weekend does not count", working, "2026-11-19", "2026-11-24"},
		{"Friday", working, "2026-11-20", "2026-11-25"},
		{"Saturday", working, "2026-11-21", "2026-11-25"},
		{"Wednesday: its last day is Friday", working, "2026-11-18", "2026-11-21"},
		{"over Easter", working, "2026-04-02", "2026-04-09"},
		{"over Easter, Good Friday is worked", Escalation{Days: 2, Count: WorkingDays, FifthOfMay: true}, "2026-04-02", "2026-04-08"},
		{"over 5 May", working, "2026-05-04", "2026-05-08"},
		{"5 May is worked", Escalation{Days: 2, Count: WorkingDays, GoodFriday: true}, "2026-05-04", "2026-05-07"},
		{"over Christmas and New Year", Escalation{Days: 5, Count: WorkingDays, GoodFriday: true}, "2026-12-24", "2027-01-05"},
		{"calendar days", calendar, "2026-11-20", "2026-11-23"},
		{"calendar days, over a leap day", calendar, "2028-02-28", "2028-03-02"},
		{"calendar days, the clock goes forward", calendar, "2026-03-28", "2026-03-31"},
		{"calendar days, the clock goes back", calendar, "2026-10-24", "2026-10-27"},
		{"one day", Escalation{Days: 1, Count: CalendarDays}, "2026-11-20", "2026-11-22"},
		{"never", Escalation{Count: WorkingDays}, "2026-11-20", ""},
		{"no day", working, "", ""},
	} {
		if got := c.e.On(c.reported); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestBegins(t *testing.T) {
	for day, want := range map[Date]string{
		"2026-11-22": "2026-11-21T23:00:00Z",
		"2026-07-01": "2026-06-30T22:00:00Z",
		"2026-03-29": "2026-03-28T23:00:00Z", // the clock goes forward later that day
		"2026-03-30": "2026-03-29T22:00:00Z",
		"2026-10-26": "2026-10-25T23:00:00Z",
		"":           "0001-01-01T00:00:00Z",
	} {
		if got := day.Begins().Format(time.RFC3339); got != want {
			t.Errorf("%s begins at %s, want %s", day, got, want)
		} else if day != "" && DateOf(day.Begins()) != day {
			t.Errorf("%s begins on another day", day)
		}
	}
}
