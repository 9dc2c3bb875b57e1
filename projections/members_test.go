package projections

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"huisboek/events"
)

// admit lets a partner in from a day, with its gemeenten; its first identity is one
// of its own, the others are given.
func admit(partner string, from events.Date, gemeenten string, more ...string) *events.PartnerAdmitted {
	d := &events.PartnerAdmitted{Partner: partner, From: from, Name: "Partner " + partner, Kind: "gemeente",
		Identities: append([]string{"urn:" + partner}, more...)}
	if gemeenten != "" {
		d.Gemeenten = strings.Fields(gemeenten)
	}
	return d
}

func depart(partner string, from events.Date) *events.PartnerDeparted {
	return &events.PartnerDeparted{Partner: partner, From: from}
}

func succeed(partner, by string, from events.Date) *events.PartnerSucceeded {
	return &events.PartnerSucceeded{Partner: partner, By: by, From: from}
}

// members says what is recorded and gives the rows.
func members(t *testing.T, said ...events.Data) Tx {
	t.Helper()
	s := newScene(t)
	for _, data := range said {
		s.say(theBook, data)
	}
	return memoryTx{s.store.rows}
}

// line is a member in short: what was said (position), its gemeenten, its part, its successor.
func (m *Member) line() string {
	until := m.Until
	if until == "" {
		until = "…"
	}
	s := fmt.Sprintf("%d %s %s–%s", m.Position, strings.Join(m.Gemeenten, ","), m.From, until)
	if m.Successor != "" {
		s += " → " + m.Successor
	}
	return s
}

// TestMembers: what holds on a day, when the steward said these things in this order.
func TestMembers(t *testing.T) {
	type on map[events.Date]string // day: the member in short, "" when it had not begun
	tests := []struct {
		name string
		said []events.Data
		want on
	}{
		{"Admitted", []events.Data{admit("a", "2020-01-01", "GM1")},
			on{"2019-12-31": "", "2020-01-01": "1 GM1 2020-01-01–…", "2030-01-01": "1 GM1 2020-01-01–…"}},
		{"FutureAdmission", []events.Data{admit("a", "2030-01-01", "GM1")}, on{"2026-11-22": "", "2030-01-01": "1 GM1 2030-01-01–…"}},
		{"TerritoryChangesAtADate", []events.Data{admit("a", "2020-01-01", "GM1"), admit("a", "2027-01-01", "GM1 GM2")},
			on{"2026-12-31": "1 GM1 2020-01-01–…", "2027-01-01": "2 GM1,GM2 2020-01-01–…"}},
		{"Departed", []events.Data{admit("a", "2020-01-01", "GM1"), depart("a", "2026-01-01")},
			on{"2025-12-31": "1 GM1 2020-01-01–2026-01-01", "2026-01-01": "2 GM1 2020-01-01–2026-01-01"}},
		{"DepartureMovedBack", []events.Data{admit("a", "2020-01-01", "GM1"), depart("a", "2026-01-01"), depart("a", "2027-01-01")},
			on{"2026-06-01": "1 GM1 2020-01-01–2027-01-01", "2027-01-01": "3 GM1 2020-01-01–2027-01-01"}},
		{"DepartureMovedForward", []events.Data{admit("a", "2020-01-01", "GM1"), depart("a", "2027-01-01"), depart("a", "2026-01-01")},
			on{"2025-06-01": "1 GM1 2020-01-01–2026-01-01", "2026-01-01": "3 GM1 2020-01-01–2026-01-01"}},
		{"DepartureBeforeItsAdmission", []events.Data{admit("a", "2020-01-01", "GM1"), depart("a", "2019-01-01")},
			on{"2018-01-01": "", "2019-06-01": "", "2021-01-01": ""}},
		{"DepartureUndone", []events.Data{admit("a", "2020-01-01", "GM1"), depart("a", "2026-01-01"), admit("a", "2026-01-01", "GM1")},
			on{"2025-06-01": "1 GM1 2020-01-01–…", "2026-01-01": "3 GM1 2020-01-01–…"}},
		{"Readmission", []events.Data{admit("a", "2020-01-01", "GM1"), depart("a", "2024-01-01"), admit("a", "2026-01-01", "GM2")},
			on{"2023-06-01": "1 GM1 2020-01-01–2024-01-01", "2025-06-01": "2 GM1 2020-01-01–2024-01-01", "2026-01-01": "3 GM2 2026-01-01–…"}},
		{"DepartureAfterReadmission", []events.Data{
			admit("a", "2020-01-01", "GM1"), depart("a", "2024-01-01"), admit("a", "2026-01-01", "GM2"), depart("a", "2028-01-01")},
			on{"2025-06-01": "2 GM1 2020-01-01–2024-01-01", "2027-01-01": "3 GM2 2026-01-01–2028-01-01", "2029-01-01": "4 GM2 2026-01-01–2028-01-01"}},
		{"CorrectionOfThePast", []events.Data{admit("a", "2020-01-01", "GM1"), admit("a", "2024-01-01", "GM2"), admit("a", "2022-01-01", "GM3")},
			on{"2021-06-01": "1 GM1 2020-01-01–…", "2022-01-01": "3 GM3 2020-01-01–…", "2025-01-01": "3 GM3 2020-01-01–…"}},
		{"EarlierBeginning", []events.Data{admit("a", "2020-01-01", "GM1"), admit("a", "2018-01-01", "GM1")},
			on{"2019-01-01": "2 GM1 2018-01-01–…", "2021-01-01": "2 GM1 2018-01-01–…"}},
		{"Succeeded", []events.Data{admit("a", "2020-01-01", "GM1"), succeed("a", "b", "2026-01-01")},
			on{"2025-12-31": "1 GM1 2020-01-01–2026-01-01", "2026-01-01": "2 GM1 2020-01-01–2026-01-01 → b"}},
		{"SucceededAfterItLeft", []events.Data{admit("a", "2020-01-01", "GM1"), depart("a", "2025-01-01"), succeed("a", "b", "2026-01-01")},
			on{"2025-06-01": "2 GM1 2020-01-01–2025-01-01", "2026-06-01": "3 GM1 2020-01-01–2025-01-01 → b"}},
		{"SucceededBeforeItWouldLeave", []events.Data{admit("a", "2020-01-01", "GM1"), depart("a", "2027-01-01"), succeed("a", "b", "2026-01-01")},
			on{"2025-06-01": "1 GM1 2020-01-01–2026-01-01", "2028-01-01": "3 GM1 2020-01-01–2026-01-01 → b"}},
		{"DepartureSaidAfterItsSuccession", []events.Data{admit("a", "2020-01-01", "GM1"), succeed("a", "b", "2025-01-01"), depart("a", "2026-01-01")},
			on{"2025-06-01": "2 GM1 2020-01-01–2025-01-01 → b", "2026-06-01": "3 GM1 2020-01-01–2025-01-01 → b"}},
		{"AnotherSuccessor", []events.Data{admit("a", "2020-01-01", "GM1"), succeed("a", "b", "2025-01-01"), succeed("a", "c", "2026-01-01")},
			on{"2025-06-01": "1 GM1 2020-01-01–2026-01-01", "2026-06-01": "3 GM1 2020-01-01–2026-01-01 → c"}},
		{"ReadmittedFromALaterDay", []events.Data{admit("a", "2020-01-01", "GM1"), succeed("a", "b", "2025-01-01"), admit("a", "2027-01-01", "GM2")},
			on{"2026-01-01": "2 GM1 2020-01-01–2025-01-01 → b", "2027-01-01": "3 GM2 2027-01-01–…"}},
		{"ReadmittedFromNoLaterDay", []events.Data{admit("a", "2020-01-01", "GM1"), succeed("a", "b", "2025-01-01"), admit("a", "2025-01-01", "GM2")},
			on{"2024-06-01": "1 GM1 2020-01-01–2025-01-01", "2026-01-01": "2 GM1 2020-01-01–2025-01-01 → b"}},
		{"AdmittedBeforeItWasSucceeded", []events.Data{admit("a", "2020-01-01", "GM1"), admit("a", "2027-01-01", "GM2"), succeed("a", "b", "2025-01-01")},
			on{"2026-01-01": "3 GM1 2020-01-01–2025-01-01 → b", "2028-01-01": "3 GM1 2020-01-01–2025-01-01 → b"}},
		{"SucceededTwiceWithAPartBetween", []events.Data{
			admit("a", "2020-01-01", "GM1"), succeed("a", "b", "2022-01-01"), admit("a", "2024-01-01", "GM2"), succeed("a", "c", "2026-01-01")},
			on{"2023-01-01": "2 GM1 2020-01-01–2022-01-01 → b", "2025-01-01": "3 GM2 2024-01-01–2026-01-01", "2027-01-01": "4 GM2 2024-01-01–2026-01-01 → c"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tx := members(t, tt.said...)
			for day, want := range tt.want {
				list, err := Members{}.On(tx, day)
				if err != nil {
					t.Fatal(err)
				}
				got := ""
				for _, m := range list {
					got += m.line()
				}
				if got != want {
					t.Errorf("on %s: %q, want %q", day, got, want)
				}
			}
		})
	}
}

// TestMember: everything that an admission says, and identities that only grow.
func TestMember(t *testing.T) {
	first := admit("a", "2020-01-01", "", "urn:x")
	second := &events.PartnerAdmitted{Partner: "a", From: "2026-01-01", Name: "Werkbedrijf", Kind: "sw", Identities: []string{"urn:y", "urn:a"},
		Gemeenten: []string{"GM0193", "GM0148"}, Postcodes: []string{"8011", "8000-8049"}, Subregion: "IJsseldelta", Regions: []string{"AM12", "AM36"}}
	tx := members(t, admit("b", "2020-01-01", ""), first, second)

	list, err := Members{}.On(tx, "2026-11-22")
	if err != nil || len(list) != 2 || list[0].Partner != "b" { // "Partner b" comes before "Werkbedrijf"
		t.Fatal(list, err)
	}
	want := Member{Position: 3, At: list[1].At, Since: "2026-01-01", Partner: "a", Identities: []string{"urn:a", "urn:x", "urn:y"},
		Name: "Werkbedrijf", Kind: "sw", From: "2020-01-01", Gemeenten: second.Gemeenten, Postcodes: second.Postcodes,
		Subregion: "IJsseldelta", Regions: second.Regions}
	if d := cmp.Diff(want, list[1]); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if !list[1].At.Equal(list[0].At.Add(2e9)) {
		t.Errorf("recorded at %s", list[1].At)
	}
	before := want
	before.Position, before.At, before.Since, before.Name, before.Kind = 2, want.At.Add(-1e9), "2020-01-01", "Partner a", "gemeente"
	before.Identities, before.Gemeenten, before.Postcodes, before.Subregion, before.Regions = want.Identities[:2], nil, nil, "", nil
	history, err := Members{}.History(tx, "a")
	if d := cmp.Diff([]Member{before, want}, history); d != "" || err != nil {
		t.Errorf("history (-want +got):\n%s%v", d, err)
	}
	for partner, want := range map[string]int{"b": 1, "": 0, "c": 0} {
		if list, err := (Members{}).History(tx, partner); len(list) != want || err != nil {
			t.Errorf("history of %q: %v, %v", partner, list, err)
		}
	}
}

// TestIdentitiesOutliveWhatTheyCameWith: an admission that was replaced since leaves
// its identity.
func TestIdentitiesOutliveWhatTheyCameWith(t *testing.T) {
	tx := members(t, admit("a", "2020-01-01", ""), admit("a", "2024-01-01", "", "urn:x"), admit("a", "2022-01-01", "GM1"))
	history, err := Members{}.History(tx, "a")
	if err != nil {
		t.Fatal(err)
	}
	got := []string{}
	for _, m := range history {
		got = append(got, fmt.Sprint(m.Since, " ", m.Position, " ", m.Identities))
	}
	if d := cmp.Diff([]string{"2020-01-01 1 [urn:a]", "2022-01-01 3 [urn:a]", "2024-01-01 3 [urn:a urn:x]"}, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestActive(t *testing.T) {
	m := Member{From: "2020-01-01", Until: "2026-01-01"}
	for day, want := range map[events.Date]bool{"2019-12-31": false, "2020-01-01": true, "2025-12-31": true, "2026-01-01": false} {
		if m.Active(day) != want {
			t.Errorf("active on %s: %t", day, !want)
		}
	}
	if m.Until = ""; !m.Active("2199-12-31") {
		t.Error("not active on the last day there is")
	}
}

func TestSuccessor(t *testing.T) {
	tx := members(t,
		succeed("a", "b", "2024-01-01"), succeed("b", "c", "2026-01-01"),
		succeed("d", "e", "2020-01-01"), succeed("d", "f", "2022-01-01"), admit("d", "2024-01-01", ""), admit("d", "2026-01-01", ""),
		succeed("x", "y", "2020-01-01"), succeed("y", "z", "2020-01-01"), succeed("z", "x", "2021-01-01"), // which the ledger refuses
	)
	tests := []struct {
		partner string
		day     events.Date
		want    string
	}{
		{"a", "2023-12-31", "a"}, {"a", "2024-01-01", "b"}, {"a", "2026-01-01", "c"}, {"b", "2025-12-31", "b"}, {"c", "2030-01-01", "c"},
		{"d", "2021-01-01", "d"}, {"d", "2022-01-01", "f"}, {"d", "2023-12-31", "f"}, {"d", "2024-01-01", "d"}, {"d", "2025-01-01", "d"}, {"d", "2026-01-01", "d"},
		{"x", "2020-06-01", "z"}, {"x", "2021-01-01", "z"}, {"z", "2021-01-01", "y"}, {"unknown", "2026-01-01", "unknown"},
	}
	for _, tt := range tests {
		if got, err := (Members{}).Successor(tx, tt.partner, tt.day); got != tt.want || err != nil {
			t.Errorf("%s on %s: %q, %v, want %q", tt.partner, tt.day, got, err, tt.want)
		}
	}
}

// TestDamagedMembers: a row that is cut off or goes on is an error of every question
// that reads it, and of the fold.
func TestDamagedMembers(t *testing.T) {
	whole := members(t, admit("a", "2020-01-01", "GM1"), depart("a", "2025-01-01"), succeed("a", "b", "2026-01-01")).(memoryTx)
	for key, row := range whole.rows {
		if key[0] == rowIdentity || key[0] == rowJournal { // of Messages, of Journal
			continue
		}
		for name, bad := range map[string][]byte{"cut off": row[:len(row)-1], "longer": append(append([]byte{}, row...), 7)} {
			rows := maps.Clone(whole.rows)
			rows[key] = bad
			tx := memoryTx{rows}
			_, e1 := Members{}.On(tx, "2026-11-22")
			_, e2 := Members{}.History(tx, "a")
			_, e3 := Members{}.Successor(tx, "a", "2026-11-22")
			data := depart("a", "2027-01-01")
			e4 := Members{}.Apply(tx, &events.Record{Position: 9, Event: events.Event{Type: data.Type(), Data: data}})
			for i, err := range []error{e1, e2, e3, e4} {
				if key[0] == rowMember && i == 2 {
					continue // reads who succeeds only
				}
				if !errors.Is(err, ErrRow) {
					t.Errorf("%q, %s, question %d: %v", key, name, i+1, err)
				}
			}
		}
	}
}

// TestMembersEqualModel: for whatever the steward says, and on any day, the answers
// are those of the rule, read from the list of what was said.
func TestMembersEqualModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store := newMemory()
		var records []*events.Record
		day := func() events.Date {
			return events.Date(fmt.Sprintf("20%02d-01-01", rapid.IntRange(20, 27).Draw(t, "year")))
		}
		for p := range rapid.IntRange(1, 9).Draw(t, "events") {
			var data events.Data
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0, 1:
				data = admit("a", day(), fmt.Sprintf("GM%d", p+1))
			case 2:
				data = depart("a", day())
			case 3:
				data = succeed("a", rapid.SampledFrom([]string{"b", "c"}).Draw(t, "by"), day())
			}
			r := &events.Record{Position: events.Position(p + 1), Event: events.Event{Type: data.Type(), Data: data}}
			records = append(records, r)
			if err := (Members{}).Apply(memoryTx{store.rows}, r); err != nil {
				t.Fatal(err)
			}
		}
		tx := memoryTx{store.rows}
		m := model(records)
		for year := 19; year <= 28; year++ {
			day := events.Date(fmt.Sprintf("20%02d-06-01", year))
			active, gemeenten, successor := m.partner("a", day)
			list, err := Members{}.On(tx, day)
			if err != nil {
				t.Fatal(err)
			}
			heir, err := Members{}.Successor(tx, "a", day)
			if want := successor; heir != want && (want != "" || heir != "a") || err != nil {
				t.Fatalf("on %s succeeded by %q, %v, want %q", day, heir, err, want)
			}
			switch {
			case len(list) == 0 && active:
				t.Fatalf("not there on %s", day)
			case len(list) == 0:
				for earlier := 19; earlier <= year; earlier++ {
					if active, _, _ := m.partner("a", events.Date(fmt.Sprintf("20%02d-06-01", earlier))); active {
						t.Fatalf("not there on %s, and it took part before", day)
					}
				}
				continue
			case list[0].Active(day) != active || list[0].Successor != successor:
				t.Fatalf("on %s: %s; want active %t, successor %q", day, list[0].line(), active, successor)
			case active && strings.Join(list[0].Gemeenten, ",") != gemeenten:
				t.Fatalf("on %s: %s; want %s", day, list[0].line(), gemeenten)
			}
			// The part that it names is the one that goes on, or the one that ended last.
			from, until := list[0].From, list[0].Until
			for other := 19; other <= 28; other++ {
				on := events.Date(fmt.Sprintf("20%02d-06-01", other))
				there, _, _ := m.partner("a", on)
				if in := from <= on && (until == "" || on < until); in && !there || on >= from && on <= day && !in && there {
					t.Fatalf("on %s: %s; on %s it was there: %t", day, list[0].line(), on, there)
				}
			}
		}
	})
}
