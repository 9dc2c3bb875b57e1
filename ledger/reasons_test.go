package ledger

import (
	"strings"
	"testing"

	"huisboek/events"
)

// TestTooLongSaysWhich says of the term that counts how many days it is.
func TestTooLongSaysWhich(t *testing.T) {
	const first, today events.Date = "2026-11-01", "2026-11-22"
	terms := events.Terms{ValidDays: 30, LongestDays: 60}
	for name, tt := range map[string]struct {
		from, to events.Date
		nl, en   string
	}{
		"a period": {"2026-12-25", "2026-12-28", "22 december 2026, en dat is voor de eerste dag van het plan: een plan voor een periode is volgens de afspraken 30 dagen geldig.", "a plan for a period is valid for 30 days."},
		"a day":    {"2027-01-04", "2027-01-04", "31 december 2026, en dat is voor de eerste dag van het plan: een benadering duurt volgens de afspraken hoogstens 60 dagen, gerekend vanaf het eerste plan.", "an approach lasts at most 60 days, counted from its first plan."},
	} {
		m := matter{first: first, today: today, from: tt.from, to: tt.to}
		if s := m.toldTooLong(&terms); !strings.HasSuffix(s.NL, tt.nl) || !strings.HasSuffix(s.EN, tt.en) {
			t.Errorf("%s:\n%s\n%s", name, s.NL, s.EN)
		}
	}
}

// TestOneIsOne: one of something is told as one.
func TestOneIsOne(t *testing.T) {
	m := matter{from: "2026-11-22"}
	for _, c := range []struct {
		said   events.Sentence
		nl, en string
	}{
		{toldVisit("2026-11-20", "Partner B", false, 1), "Partner B is op 20 november 2026 bij deze werkgever geweest; daarna is 1 rustdag afgesproken.",
			"Partner B visited this employer on 20 November 2026; 1 quiet day after that was agreed."},
		{toldVisit("2026-11-20", "Partner B", true, 90), "Uw organisatie is op 20 november 2026 bij deze werkgever geweest; daarna zijn 90 rustdagen afgesproken.",
			"Your organisation visited this employer on 20 November 2026; 90 quiet days after that were agreed."},
		{m.toldYear(1), "Deze werkgever had in 2026 al 1 contact of meer; dat is het afgesproken maximum voor alle partners samen.",
			"This employer had 1 contact or more in 2026 already; that is the agreed maximum for all partners together."},
		{m.toldYear(8), "Deze werkgever had in 2026 al 8 contacten of meer; dat is het afgesproken maximum voor alle partners samen.",
			"This employer had 8 contacts or more in 2026 already; that is the agreed maximum for all partners together."},
		{toldPlans("Uw organisatie", "Your organisation", 1, 1), "Uw organisatie heeft 1 open plan dat een werkgever vasthoudt; afgesproken is er hoogstens 1.",
			"Your organisation has 1 open plan that holds an employer; at most 1 was agreed."},
		{toldPlans("Deze accountmanager", "This account manager", 3, 2), "Deze accountmanager heeft 3 open plannen die een werkgever vasthouden; afgesproken zijn er hoogstens 2.",
			"This account manager has 3 open plans that hold an employer; at most 2 were agreed."},
	} {
		if c.said.NL != c.nl || c.said.EN != c.en {
			t.Errorf("%s\n%s", c.said.NL, c.said.EN)
		}
	}
}
