package projections

import (
	"fmt"
	"strings"
	"testing"

	"huisboek/events"
)

// TestFixedContactsOfSuccessors: the word of a partner that goes on with another's
// work is that other's too, as of the day on which it does, under any key.
func TestFixedContactsOfSuccessors(t *testing.T) {
	const old, next, last = "old", "next", "last"
	const one, two = "69599084", "90004760"
	at := func(key string) events.Employer { return whole(key).Employer() }
	type said struct {
		partner string
		today   events.Date
		data    events.Data
	}
	appointed := said{old, "2026-10-01", &events.ContactAppointed{Employer: at(one), Purpose: "nazorg"}}
	succeeded := said{theBook, "2026-10-01", &events.PartnerSucceeded{Partner: old, By: next, From: "2026-11-01"}}
	back := said{theBook, "2026-11-05", admit(old, "2026-11-10", "")}
	tests := []struct {
		name string
		said []said
		want string // partners, as FixedContacts gives them
	}{
		{"released", []said{appointed, succeeded, {next, "2026-11-01", &events.ContactReleased{Employer: at(one), Purpose: "nazorg"}}}, ""},
		{"released under another key", []said{appointed, succeeded, {next, "2026-11-01", &events.ContactReleased{Employer: at(two), Purpose: "nazorg"}}}, ""},
		{"released for another purpose", []said{appointed, succeeded, {next, "2026-11-01", &events.ContactReleased{Employer: at(one)}}}, old},
		{"released before it took over", []said{appointed, succeeded, {next, "2026-10-31", &events.ContactReleased{Employer: at(one), Purpose: "nazorg"}}}, old},
		{"released by the successor's successor", []said{
			appointed, succeeded, {theBook, "2026-10-01", &events.PartnerSucceeded{Partner: next, By: last, From: "2026-11-01"}},
			{last, "2026-11-02", &events.ContactReleased{Employer: at(one), Purpose: "nazorg"}},
		}, ""},
		{"appointed anew, and released", []said{
			appointed, succeeded, {next, "2026-11-01", &events.ContactAppointed{Employer: at(one), Purpose: "nazorg"}},
			{next, "2026-11-02", &events.ContactReleased{Employer: at(two), Purpose: "nazorg"}},
		}, ""},
		{"released, and released again when the old one is back", []said{
			appointed, succeeded, {next, "2026-11-01", &events.ContactReleased{Employer: at(two), Purpose: "nazorg"}}, back,
			{next, "2026-11-10", &events.ContactReleased{Employer: at(one), Purpose: "nazorg"}},
		}, ""},
		{"appointed anew, and released when the old one is back", []said{
			appointed, succeeded, {next, "2026-11-01", &events.ContactAppointed{Employer: at(two), Purpose: "nazorg"}}, back,
			{next, "2026-11-10", &events.ContactReleased{Employer: at(one), Purpose: "nazorg"}},
		}, ""},
		{"released, and appointed by the old one that is back", []said{
			appointed, succeeded, {next, "2026-11-01", &events.ContactReleased{Employer: at(one), Purpose: "nazorg"}}, back,
			{old, "2026-11-10", &events.ContactAppointed{Employer: at(one), Purpose: "nazorg"}},
			{next, "2026-11-11", &events.ContactReleased{Employer: at(two), Purpose: "nazorg"}},
		}, old},
		{"released by one that took over nothing", []said{appointed, {next, "2026-11-01", &events.ContactReleased{Employer: at(one), Purpose: "nazorg"}}}, old},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := newMemory()
			var m model
			for i, s := range tt.said {
				m = append(m, &events.Record{Position: events.Position(i + 1), Partner: s.partner, Verdict: events.Verdict{Today: s.today},
					Event: events.Event{Source: "s", ID: fmt.Sprint(i), Type: s.data.Type(), Data: s.data}})
				apply(t, store, m[i])
			}
			list, err := Employers{}.FixedContacts(memoryTx{store.rows}, []string{one, two})
			if err != nil {
				t.Fatal(err)
			}
			// The model too: it is what the view is held against where no table comes.
			for by, list := range map[string][]FixedContact{"view": list, "model": m.fixedContacts(one, two)} {
				var got []string
				for _, f := range list {
					got = append(got, f.Partner)
				}
				if strings.Join(got, " ") != tt.want {
					t.Errorf("fixed contacts by the %s: %q, want %q", by, got, tt.want)
				}
			}
		})
	}
}

// TestPlacementsOfSeveralAddUp: by month and partner, under whichever key they were told.
func TestPlacementsOfSeveralAddUp(t *testing.T) {
	store := newMemory()
	for i, p := range []struct {
		partner, employer string
		start             events.Date
	}{
		{"a", "69599084", "2026-10-05"},
		{"a", "90004760", "2026-10-31"},
		{"b", "90004760", "2026-10-01"},
		{"a", "90004760", "2026-11-01"},
		{"a", "69599084", "2026-10-06"},
		{"a", "55344526", "2026-10-06"},
	} {
		d := &events.PlacementMade{Employer: whole(p.employer).Employer(), Start: p.start}
		apply(t, store, &events.Record{Position: events.Position(i + 1), Partner: p.partner, Event: events.Event{Type: d.Type(), Data: d}})
	}
	got, err := Employers{}.Placements(memoryTx{store.rows}, []string{"90004760", "69599084"})
	if want := "[{2026-10 a 3} {2026-10 b 1} {2026-11 a 1}]"; fmt.Sprint(got) != want || err != nil {
		t.Errorf("%v, %v; want %s", got, err, want)
	}
}
