package projections

import (
	"encoding/base64"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

// visits makes records of visits to one employer, on the given days.
func visits(first events.Position, employer string, days ...events.Date) (list []*events.Record) {
	for i, day := range days {
		p := first + events.Position(i)
		d := &events.VisitMade{Employer: events.Employer{KvK: employer}, Date: day, Purpose: "nazorg", Form: "telefoon"}
		list = append(list, &events.Record{Position: p, Hash: events.Hash{byte(p)}, Partner: "a",
			Event: events.Event{Source: "s", ID: fmt.Sprint(p), Type: d.Type(), Data: d}})
	}
	return list
}

func apply(t *testing.T, store Store, records ...*events.Record) {
	t.Helper()
	at, _ := store.Checkpoint()
	if err := applyBatch(NewViews(), store, &at, records); err != nil {
		t.Fatal(err)
	}
}

// TestPagesStayRight: rows that come between two pages are neither lost nor do
// they push others out; those that come before the place show on the first page.
func TestPagesStayRight(t *testing.T) {
	store := newMemory()
	apply(t, store, visits(1, "69599084", "2026-11-01", "2026-11-02", "2026-11-03", "2026-11-04")...)
	page := func(after string) (days []events.Date, next string) {
		t.Helper()
		items, next, err := Employers{}.Contacts(memoryTx{store.rows}, "69599084", nil, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range items {
			days = append(days, c.Date)
		}
		return days, next
	}
	first, next := page("")
	if d := cmp.Diff([]events.Date{"2026-11-04", "2026-11-03"}, first); d != "" {
		t.Error(d)
	}
	apply(t, store, visits(5, "69599084", "2026-11-05", "2026-11-03")...)
	apply(t, store, visits(7, "6959908", "2026-11-02")...) // another employer, whose number begins the same
	second, next := page(next)
	if d := cmp.Diff([]events.Date{"2026-11-02", "2026-11-01"}, second); d != "" || next != "" {
		t.Error(d, next)
	}
}

func TestCursorsOfNothingAreRefused(t *testing.T) {
	store := newMemory()
	apply(t, store, visits(1, "69599084", "2026-11-01", "2026-11-02")...)
	apply(t, store, visits(3, "90004760", "2026-11-01", "2026-11-02")...)
	tx := memoryTx{store.rows}
	_, next, err := Employers{}.Contacts(tx, "90004760", nil, "", 1)
	if next == "" || err != nil {
		t.Fatal(next, err)
	}
	for _, after := range []string{next, "x", "!!!!", next + "AA", base64.RawURLEncoding.EncodeToString(make([]byte, cursorSize))} {
		if _, _, err := (Employers{}).Contacts(tx, "69599084", nil, after, 1); !errors.Is(err, ErrCursor) {
			t.Errorf("after %q: %v", after, err)
		}
	}
	if items, next, err := (Employers{}).Contacts(tx, "55344526", nil, "", 0); len(items) != 0 || next != "" || err != nil {
		t.Errorf("an employer nobody knows: %v %q %v", items, next, err)
	}
	for limit, want := range map[int]int{-1: 1, 0: 1, 1: 1, 1000: 2} {
		if items, _, err := (Employers{}).Contacts(tx, "90004760", nil, "", limit); len(items) != want || err != nil {
			t.Errorf("limit %d: %d items, %v", limit, len(items), err)
		}
	}
}

// TestDamagedRows: a row that is cut off or goes on is an error of every question
// that reads it, and of the fold.
func TestDamagedRows(t *testing.T) {
	plan := &events.VisitPlanned{Employer: events.Employer{KvK: "69599084"}, Approach: "x", Date: "2026-12-01", Purpose: "nazorg"}
	made := &events.PlacementMade{Employer: plan.Employer, Placement: "y", Start: "2026-11-01"}
	card := &events.EmployerDescribed{Employer: plan.Employer}
	fixed := &events.ContactAppointed{Employer: plan.Employer}
	whole := newMemory()
	apply(t, whole, visits(1, "69599084", "2026-11-01")...)
	for i, d := range []events.Data{plan, made, card, fixed} {
		p := events.Position(i + 2)
		apply(t, whole, &events.Record{Position: p, Event: events.Event{Type: d.Type(), Data: d}})
	}
	sealed := visitAt(plan.Employer, "nazorg")
	apply(t, whole, stored(t, &events.Record{Position: 6, Partner: "b", Event: events.Event{Source: "s", ID: "6", Type: sealed.Type(), Data: sealed}}))
	ask := func(tx Tx) (err error) {
		var v Views
		_, _, e1 := v.Contacts(tx, "69599084", nil, "", 10)
		_, e2 := v.OpenPlans(tx, "69599084", "2026-11-22")
		_, e3 := v.LastVisit(tx, "69599084", "2026-11-22")
		_, e4 := v.Card(tx, "69599084")
		_, e5 := v.FixedContacts(tx, "69599084")
		_, e6 := v.Placements(tx, "69599084")
		_, e7 := v.Count(tx, Query{})
		_, _, e8 := v.After(tx, "", 0, 10)
		_, e9 := v.LastOf(tx, "")
		for _, partner := range []string{"", "a", "b"} {
			_, fault := v.Of(tx, partner)
			err = errors.Join(err, fault)
		}
		// Retracting everything, and erasing it, reads what only the fold reads.
		for p := events.Position(1); p <= 6; p++ {
			r := &events.Record{Position: 6 + p, Verdict: events.Verdict{RestsOn: []events.Position{p}},
				Event: events.Event{Type: events.TypeEventRetracted, Data: &events.EventRetracted{}}}
			err = errors.Join(err, v.Apply(tx, r))
		}
		erase := &events.DataErased{Keys: []events.KeyID{1}}
		err = errors.Join(err, v.Apply(tx, &events.Record{Position: 13, Event: events.Event{Type: erase.Type(), Data: erase}}))
		return errors.Join(e1, e2, e3, e4, e5, e6, e7, e8, e9, err)
	}
	copied := newMemory()
	for k, v := range whole.rows {
		copied.rows[k] = v
	}
	if err := ask(memoryTx{copied.rows}); err != nil {
		t.Fatal(err)
	}
	for key, row := range whole.rows {
		for name, bad := range map[string][]byte{"cut off": row[:len(row)*2/3], "longer": append(append([]byte{}, row...), 7)} {
			if key[0] == rowVisit {
				continue // has no value
			}
			damaged := newMemory()
			for k, v := range whole.rows {
				damaged.rows[k] = v
			}
			damaged.rows[key] = bad
			if err := ask(memoryTx{damaged.rows}); !errors.Is(err, ErrRow) {
				t.Errorf("%s, %s: %v", KeyName([]byte(key)), name, err)
			}
		}
	}
}

func TestCompareNamesTheDifference(t *testing.T) {
	build := func(days ...events.Date) *memory {
		m := newMemory()
		apply(t, m, visits(1, "69599084", days...)...)
		return m
	}
	one := build("2026-11-01", "2026-11-02")
	tests := []struct {
		other *memory
		want  string
	}{
		{build("2026-11-01", "2026-11-02"), ""},
		{build("2026-11-01"), "one is at position 2 (02000000), the other at 1 (01000000)"},
		{build("2026-11-01", "2026-11-03"), "only the first has: contact of employer 69599084 on 20261102 from position 2"},
	}
	tests[2].other.rows[string(tallyKey(0, "2026-11", "a", "", "0001-01"))] = one.rows[string(tallyKey(0, "2026-11", "a", "", "0001-01"))]
	delete(tests[2].other.rows, string(datedKey(rowTimeline, "69599084", "2026-11-03", 2)))
	for _, tt := range tests {
		got, err := Compare(one, tt.other, KeyName)
		if got != tt.want || err != nil {
			t.Errorf("Compare: %q, %v; want %q", got, err, tt.want)
		}
	}
	changed := build("2026-11-01", "2026-11-02")
	changed.rows["x\x00\x00\x00\x00\x00\x00\x00\x01"] = []byte("z")
	if got, err := Compare(one, changed, nil); got != `not the same in both: "x\x00\x00\x00\x00\x00\x00\x00\x01"` || err != nil {
		t.Errorf("Compare: %q, %v", got, err)
	}
	if got, err := Compare(one, changed, KeyName); got != "not the same in both: event at position 1" || err != nil {
		t.Errorf("Compare: %q, %v", got, err)
	}
}

func TestKeyName(t *testing.T) {
	for want, key := range map[string][]byte{
		"approach at position 7":                                          positionKey(rowApproach, 7),
		"placement at position 7":                                         positionKey(rowPlacement, 7),
		"counts of event at position 7":                                   positionKey(rowGiven, 7),
		"card of employer 69599084 from position 7":                       cardKey("69599084", 7),
		"fixed contact of employer 69599084 from position 7":              fixedKey("69599084", 7),
		"placements of employer 69599084 in 2026-11 by partner p":         monthKey("69599084", "2026-11", "p"),
		"interest in employer 69599084":                                   employerPrefix(rowInterest, "69599084"),
		"news of event at position 7":                                     positionKey(rowNews, 7),
		"message to partner p about position 7":                           messageKey("p", 7),
		"last message to partner p":                                       partnerPrefix(rowLast, "p"),
		"seal with key 3 at position 7":                                   sealKey(3, 7),
		"coverage of partner p: nl.werkgeversdiensten.dienst-geleverd.v1": coveredKey("p", events.TypeServiceDelivered),
		`"b\x00\x01p\a"`:                                                  {'b', 0, 1, 'p', 7},
		`"l\x00\x02p"`:                                                    {'l', 0, 2, 'p'},
		`"k\x00"`:                                                         {'k', 0},
		`"k\x00\t"`:                                                       {'k', 0, 9},
		`"?"`:                                                             []byte("?"),
		`""`:                                                              nil,
	} {
		if got := KeyName(key); got != want {
			t.Errorf("KeyName(%q): %s, want %s", key, got, want)
		}
	}
}
