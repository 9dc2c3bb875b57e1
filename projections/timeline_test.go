package projections

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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
		items, next, err := Employers{}.Contacts(memoryTx{store.rows}, []string{"69599084"}, Timeline{}, after, 2)
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
	_, next, err := Employers{}.Contacts(tx, []string{"90004760"}, Timeline{}, "", 1)
	if next == "" || err != nil {
		t.Fatal(next, err)
	}
	for _, after := range []string{next, "x", "!!!!", next + "AA", base64.RawURLEncoding.EncodeToString(make([]byte, cursorSize))} {
		if _, _, err := (Employers{}).Contacts(tx, []string{"69599084"}, Timeline{}, after, 1); !errors.Is(err, ErrCursor) {
			t.Errorf("after %q: %v", after, err)
		}
	}
	if items, next, err := (Employers{}).Contacts(tx, []string{"55344526"}, Timeline{}, "", 0); len(items) != 0 || next != "" || err != nil {
		t.Errorf("an employer nobody knows: %v %q %v", items, next, err)
	}
	for limit, want := range map[int]int{-1: 1, 0: 1, 1: 1, 1000: 2} {
		if items, _, err := (Employers{}).Contacts(tx, []string{"90004760"}, Timeline{}, "", limit); len(items) != want || err != nil {
			t.Errorf("limit %d: %d items, %v", limit, len(items), err)
		}
	}
}

// TestDamagedRows: a row that is cut off or goes on is an error of every question
// that reads it, and of the fold.
func TestDamagedRows(t *testing.T) {
	const employer, foreign = "69599084", "DE-HRB-1234"
	at := events.Employer{KvK: employer}
	whole := newMemory()
	apply(t, whole, visits(1, employer, "2026-11-01")...)
	for i, d := range []events.Data{
		&events.VisitPlanned{Employer: at, Approach: "x", Date: "2026-12-01", Purpose: "nazorg"},
		&events.PlacementMade{Employer: at, Placement: "y", Start: "2026-11-01"},
		&events.EmployerDescribed{Employer: at},
		&events.ContactAppointed{Employer: at},
		&events.VacancyReported{Employer: at, Vacancy: "z", Count: 2},
		&events.VacancyFilled{Vacancy: "z", Date: "2026-11-02"},
		&events.SignalNoted{Employer: at, Theme: "krimp"},
	} {
		apply(t, whole, &events.Record{Position: events.Position(i + 2), Verdict: events.Verdict{Today: "2026-11-22", RestsOn: []events.Position{6}},
			Event: events.Event{Type: d.Type(), Data: d}})
	}
	sealed := visitAt(at, "nazorg")
	apply(t, whole, stored(t, &events.Record{Position: 9, Partner: "b", Event: events.Event{Source: "s", ID: "9", Type: sealed.Type(), Data: sealed}}))
	apply(t, whole, linking(10, employer, foreign, LinkSame, "koppeling-wacht"))
	ask := func(tx Tx) error {
		var v Views
		var faults []error
		note := func(_ any, err error) { faults = append(faults, err) }
		for _, keys := range [][]string{{employer}, {foreign, employer}} {
			_, _, err := v.Contacts(tx, keys, Timeline{}, "", 10)
			faults = append(faults, err)
			note(v.OpenPlans(tx, keys, "2026-11-22"))
			note(v.LastVisit(tx, keys, "2026-11-22"))
			note(v.Card(tx, keys))
			note(v.FixedContacts(tx, keys))
			note(v.Placements(tx, keys))
			_, _, err = v.Vacancies(tx, keys, nil)
			faults = append(faults, err)
			note(v.Signals(tx, keys, func(*Contact) bool { return true }, 10))
		}
		note(v.Links(tx, foreign))
		note(v.Same(tx, employer))
		note(v.Working(tx, "2026-01", "2026-12", "2026-11-22"))
		_, _, err := v.Register(tx, ClashQuery{}, "", 10, "2026-11-22")
		faults = append(faults, err)
		_, _, err = v.Waiting(tx, 0, 10)
		faults = append(faults, err)
		note(v.Count(tx, Query{}))
		_, _, _, err = v.After(tx, "", Cursor{}, "2199-12-31", 10)
		faults = append(faults, err)
		note(v.LastOf(tx, ""))
		_, _, err = v.Plans(tx, PlansQuery{Partners: []string{""}, From: "2026-01-01"}, "2026-11-22", PlanPlace{}, 10)
		faults = append(faults, err)
		for _, partner := range []string{"", "a", "b"} {
			note(v.Of(tx, partner))
			note(v.Rhythm(tx, partner))
		}
		for _, part := range Parts {
			faults = append(faults, Journal{}.Lines(tx, part, 0, func(*Line) bool { return true }))
		}
		// Retracting everything, and erasing it, reads what only the fold reads.
		for p := events.Position(1); p <= 9; p++ {
			r := &events.Record{Position: 10 + p, Verdict: events.Verdict{RestsOn: []events.Position{p}},
				Event: events.Event{Type: events.TypeEventRetracted, Data: &events.EventRetracted{}}}
			note(v.TouchedBy(tx, r))
			faults = append(faults, v.Apply(tx, r))
		}
		erase := &events.DataErased{Keys: []events.KeyID{1}}
		faults = append(faults, v.Apply(tx, &events.Record{Position: 20, Event: events.Event{Type: erase.Type(), Data: erase}}))
		return errors.Join(faults...)
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
			if len(row) == 0 {
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
		{build("2026-11-01", "2026-11-02"), "only the first has: contact of employer 69599084 on 20261102 from position 2"},
	}
	delete(tests[2].other.rows, string(datedKey(rowTimeline, "69599084", "2026-11-02", 2)))
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
		"approach at position 7":                                  positionKey(rowApproach, 7),
		"placement at position 7":                                 positionKey(rowPlacement, 7),
		"counts of event at position 7":                           positionKey(rowGiven, 7),
		"card of employer 69599084 from position 7":               cardKey("69599084", 7),
		"fixed contact of employer 69599084 from position 7":      fixedKey("69599084", 7),
		"placements of employer 69599084 in 2026-11 by partner p": monthKey("69599084", "2026-11", "p"),
		"interest in employer 69599084":                           employerPrefix(rowInterest, "69599084"),
		"vacancy at position 7":                                   positionKey(rowVacancy, 7),
		"open vacancy of employer 69599084 from position 7":       stillOpenKey("69599084", 7),
		"link of employer 69599084 and DE-HRB-1234":               linkKey("69599084", "DE-HRB-1234"),
		`count of diensten "DD01" in 2026-11 by partner p`:        tallyKey(1, "2026-11", "p", "DD01"),
		`"c\xff"`:                               {'c', 0xff},
		"waiting link at position 7":            positionKey(rowWaiting, 7),
		`"h\x00\x01e"`:                          {'h', 0, 1, 'e'},
		"news of event at position 7":           positionKey(rowNews, 7),
		"message to partner p about position 7": messageKey("p", 7),
		"last message to partner p":             partnerPrefix(rowLast, "p"),
		"seal with key 3 at position 7":         sealKey(3, 7),
		"coverage of partner p: nl.werkgeversdiensten.dienst-geleverd.v1": coveredKey("p", events.TypeServiceDelivered),
		`"b\x00\x01p\a"`: {'b', 0, 1, 'p', 7},
		`"l\x00\x02p"`:   {'l', 0, 2, 'p'},
		`"k\x00"`:        {'k', 0},
		`"k\x00\t"`:      {'k', 0, 9},
		`"?"`:            []byte("?"),
		`""`:             nil,
	} {
		if got := KeyName(key); got != want {
			t.Errorf("KeyName(%q): %s, want %s", key, got, want)
		}
	}
}

// TestSignals: the newest come first, no more of them than is asked for, and a busy
// timeline is not looked through to its end for them.
func TestSignals(t *testing.T) {
	const one, other = "69599084", "90004760"
	store, last := newMemory(), events.Position(0)
	note := func(employer, partner string, date events.Date) {
		t.Helper()
		last++
		d := &events.SignalNoted{Employer: events.Employer{KvK: employer}, Theme: "krimp", Date: date}
		apply(t, store, &events.Record{Position: last, Partner: partner, Verdict: events.Verdict{Today: "2026-11-22"}, Event: events.Event{Type: d.Type(), Data: d}})
	}
	mine := func(c *Contact) bool { return c.Partner == "a" }
	read := func(limit int) (days []events.Date) {
		t.Helper()
		list, err := Employers{}.Signals(memoryTx{store.rows}, []string{one, other}, mine, limit)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			days = append(days, c.Date)
		}
		return days
	}
	note(one, "a", "2026-11-01")
	note(other, "a", "2026-11-03")
	note(one, "b", "2026-11-02")
	for limit, want := range map[int][]events.Date{5: {"2026-11-03", "2026-11-01"}, 1: {"2026-11-03"}} {
		if d := cmp.Diff(want, read(limit)); d != "" {
			t.Error(d)
		}
	}
	days := make([]events.Date, maxSignalRows-3)
	for i := range days {
		days[i] = "2026-11-20"
	}
	apply(t, store, visits(last+1, one, days...)...)
	last += events.Position(len(days))
	if got := read(5); len(got) != 2 {
		t.Errorf("within the bound: %v", got)
	}
	apply(t, store, visits(last+1, other, "2026-11-20")...)
	if got := read(5); len(got) != 1 {
		t.Errorf("behind the bound: %v", got)
	}
}

// TestTimelineOfSome: a timeline of some types from a day on, page by page, is the whole
// one without the rest; and where one question left off another goes on.
func TestTimelineOfSome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		store := newMemory()
		run(t, store, cutUp(t, book(t)))
		tx := memoryTx{store.rows}
		keys := rapid.SliceOfNDistinct(rapid.SampledFrom(employerKeys), 1, 3, rapid.ID).Draw(t, "employers")
		q := Timeline{
			Types: rapid.SliceOfNDistinct(rapid.SampledFrom(contactTypes[:]), 0, 3, rapid.ID).Draw(t, "types"),
			Since: rapid.SampledFrom([]events.Date{"", "2026-10-02", "2026-11-01"}).Draw(t, "since"),
		}
		if len(q.Types) == 0 {
			q.Types = nil
		}
		all, _, err := Employers{}.Contacts(tx, keys, Timeline{}, "", MaxContacts)
		if err != nil {
			t.Fatal(err)
		}
		want := slices.DeleteFunc(slices.Clone(all), func(c Contact) bool {
			return c.To < q.Since || q.Types != nil && !slices.Contains(q.Types, c.Type)
		})
		var got []Contact
		for after := ""; ; {
			page, next, err := Employers{}.Contacts(tx, keys, q, after, 2)
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, page...); next == "" {
				break
			}
			// All that comes after the place is what the whole list has behind it.
			last, rest := page[len(page)-1], []Contact(nil)
			if rest, _, err = (Employers{}).Contacts(tx, keys, Timeline{}, next, MaxContacts); err != nil {
				t.Fatal(err)
			}
			if at := slices.IndexFunc(all, func(c Contact) bool { return c.order == last.order }); len(rest) != len(all)-at-1 {
				t.Fatalf("%d behind the place, want %d", len(rest), len(all)-at-1)
			}
			after = next
		}
		if d := cmp.Diff(want, got, equal); d != "" {
			t.Fatalf("%+v (-plain +view):\n%s", q, d)
		}
	})
}
