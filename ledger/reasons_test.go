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
