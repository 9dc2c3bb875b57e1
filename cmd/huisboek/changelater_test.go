package main

import (
	"strings"
	"testing"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// What was said already for a later day is not undone by a change from an earlier one:
// the refusal names the day and what stands.
func TestPartnerChangeBeforeWhatStands(t *testing.T) {
	today := events.DateOf(time.Now())
	change := func(days int, name string) func(*house) error {
		return func(h *house) error {
			_, err := h.changePartner(t.Context(), changedPartner{Partner: "00000099000000001000", Name: name, From: today.AddDays(days)}, nil)
			return err
		}
	}
	leave := func(days int) func(*house) error {
		return func(h *house) error {
			_, err := h.removePartner(t.Context(), oldPartner{Partner: "00000099000000001000", From: today.AddDays(days)}, nil)
			return err
		}
	}
	succeed := func(days int) func(*house) error {
		return func(h *house) error {
			_, err := h.succeedPartner(t.Context(), succession{"00000099000000001000", "90004760", today.AddDays(days)}, nil)
			return err
		}
	}
	day := func(days int) string { return string(today.AddDays(days)) }
	for _, c := range []struct {
		name    string
		before  []func(*house) error
		days    int
		refused []string // none: it is done
	}{
		{"Nothing", nil, 0, nil},
		{"Departure", []func(*house) error{leave(40)}, 0, []string{day(40), "it leaves"}},
		{"DepartureMoved", []func(*house) error{leave(40), leave(20)}, 0, []string{day(20), "it leaves"}},
		{"Change", []func(*house) error{change(10, "Straks")}, 0, []string{day(10), "it is Straks"}},
		{"BeforeToday", []func(*house) error{change(0, "Nu")}, -5, []string{day(0), "it is Nu"}},
		{"ChangeAndDeparture", []func(*house) error{change(10, "Straks"), leave(40)}, 5, []string{day(10), "it is Straks", day(40), "it leaves"}},
		{"SameDay", []func(*house) error{change(10, "Straks")}, 10, nil},
		{"After", []func(*house) error{change(10, "Straks")}, 11, nil},
		{"Succession", []func(*house) error{succeed(40)}, 0, nil}, // which stays
	} {
		t.Run(c.name, func(t *testing.T) {
			h, one, _ := succeeding(t)
			for _, said := range c.before {
				if err := said(h); err != nil {
					t.Fatal(err)
				}
			}
			stood, at := h.stretches(t, one), h.ledger.Position()
			err := change(c.days, "Anders")(h)
			if len(c.refused) == 0 {
				if err != nil {
					t.Error(err)
				}
				if now := h.stretches(t, one); c.name == "Succession" && !strings.HasSuffix(now, " until "+day(40)) {
					t.Errorf("stood %s, stands %s", stood, now)
				}
				return
			}
			for _, words := range c.refused {
				if err == nil || !strings.Contains(err.Error(), words) {
					t.Errorf("%v, want %q", err, words)
				}
			}
			if now := h.stretches(t, one); now != stood || h.ledger.Position() != at {
				t.Errorf("refused, and it stood %s and stands %s", stood, now)
			}
		})
	}
}

// stretches is how a partner stands from each day on.
func (h *house) stretches(t *testing.T, partner string) string {
	t.Helper()
	if err := h.waitForViews(t.Context()); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := h.views.View(func(tx projections.Tx, _ events.Checkpoint) error {
		list, err := projections.Members{}.History(tx, partner)
		for _, m := range list {
			b.WriteString("; " + string(m.Since) + " " + m.Name + " until " + string(m.Until))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
