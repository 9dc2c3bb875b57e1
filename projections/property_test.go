package projections

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"huisboek/events"
)

var equal = cmp.Options{cmpopts.EquateEmpty(), cmp.AllowUnexported(Contact{})}

// TestViewsEqualModel: whatever is recorded, and in whatever batches it arrives,
// the views answer as a model that goes through the whole list; and a rebuild
// gives the same rows.
func TestViewsEqualModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := book(t)
		live := newMemory()
		run(t, live, cutUp(t, records))
		check(t, live, records)

		again := newMemory()
		if err := Rebuild(context.Background(), &tape{batches: [][]*events.Record{records}}, NewViews(), again, nil); err != nil {
			t.Fatal(err)
		}
		var a, b bytes.Buffer
		if err := Dump(live, &a); err != nil {
			t.Fatal(err)
		}
		if err := Dump(again, &b); err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(a.String(), b.String()); d != "" {
			t.Fatalf("live and rebuilt differ: %s", d)
		}
		if d, err := Compare(live, again, KeyName); d != "" || err != nil {
			t.Fatal(d, err)
		}
	})
}

// TestEverythingRetractedLeavesNothing: undoing is exact.
func TestEverythingRetractedLeavesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &author{t: t}
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			a.step()
		}
		for len(a.alive) > 0 {
			a.retract()
		}
		store := newMemory()
		run(t, store, [][]*events.Record{a.records})
		for k := range store.rows {
			switch k[0] {
			case rowTally: // counts that were recorded and taken back in different months stay, as pairs
			case rowNews, rowMessage, rowLast, rowSeal, rowCovered: // what was told was told
			default:
				t.Errorf("left: %s", KeyName([]byte(k)))
			}
		}
		cells, err := Tallies{}.Count(memoryTx{store.rows}, Query{})
		if len(cells) > 0 || err != nil {
			t.Errorf("counts left: %v %v", cells, err)
		}
	})
}

func cutUp(t *rapid.T, records []*events.Record) (batches [][]*events.Record) {
	for len(records) > 0 {
		n := rapid.IntRange(1, len(records)).Draw(t, "batch")
		batches = append(batches, records[:n])
		records = records[n:]
	}
	return batches
}

func run(t *rapid.T, store Store, batches [][]*events.Record) {
	source := &tape{batches: batches}
	last, _ := source.Last(context.Background())
	ctx, cancel := context.WithCancel(context.Background())
	r := &Runner{Source: source, Fold: NewViews(), Store: store}
	ended := make(chan error)
	go func() { ended <- r.Run(ctx) }()
	if err := r.WaitFor(ctx, last); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
}

func check(t *rapid.T, store *memory, records []*events.Record) {
	m := model(records)
	tx := memoryTx{store.rows}
	var v Views
	today := events.Date(rapid.SampledFrom([]string{"2026-09-02", "2026-10-31", "2026-12-02"}).Draw(t, "today"))
	same := func(what string, got, want any, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if d := cmp.Diff(want, got, equal); d != "" {
			t.Fatalf("%s (-model +view):\n%s", what, d)
		}
	}
	for _, key := range employerKeys {
		all, err := pages(t, tx, key, nil)
		same("contacts of "+key, all, m.contacts(key), err)
		mine, err := pages(t, tx, key, func(c *Contact) bool { return c.Partner == partners[0] })
		var want []Contact
		for _, c := range m.contacts(key) {
			if c.Partner == partners[0] {
				want = append(want, c)
			}
		}
		same("own contacts of "+key, mine, want, err)
		plans, err := v.OpenPlans(tx, key, today)
		same("open plans of "+key, plans, m.openPlans(key, today), err)
		last, err := v.LastVisit(tx, key, today)
		same("last visit of "+key, last, m.lastVisit(key, today), err)
		card, err := v.Card(tx, key)
		same("card of "+key, card, m.card(key), err)
		fixed, err := v.FixedContacts(tx, key)
		same("fixed contacts of "+key, fixed, m.fixedContacts(key), err)
		counts, err := v.Placements(tx, key)
		same("placements of "+key, counts, m.placements(key), err)
	}
	cells, err := v.Count(tx, Query{})
	same("counts", cells, m.count(), err)
	cells, err = v.Count(tx, Query{RecordedBefore: today.Month()})
	same("counts before "+today.Month(), cells, m.before(today.Month()).count(), err)
	figures, err := v.Shared(tx, Query{}, partners[0], today)
	same("figures", figures, Suppress(Query{}, m.count(), m.before(today.Month()).count(), partners[0], today), err)
	told := m.messages()
	for _, partner := range append(slices.Clone(partners), theBook) {
		all, err := messagePages(t, tx, partner)
		same("messages to "+partner, all, told[partner], err)
		last, err := v.LastOf(tx, partner)
		var want events.Position
		if n := len(told[partner]); n > 0 {
			want = told[partner][n-1].Position
		}
		same("last message to "+partner, last, want, err)
		covered, err := v.Of(tx, partner)
		same("coverage of "+partner, covered, m.coverage(partner), err)
	}
	var october []Cell
	for _, c := range m.count() {
		if c.Measure == MeasureServices && c.Month >= "2026-10" && c.Month <= "2026-11" && c.Partner == partners[1] {
			october = append(october, c)
		}
	}
	cells, err = v.Count(tx, Query{Measure: MeasureServices, From: "2026-10", To: "2026-11", Partner: partners[1]})
	same("counts of two months", cells, october, err)
}

// messagePages reads all messages of a partner page by page.
func messagePages(t *rapid.T, tx Tx, partner string) (all []Message, err error) {
	size := rapid.IntRange(1, 5).Draw(t, "page")
	for after := events.Position(0); ; {
		list, more, err := Messages{}.After(tx, partner, after, size)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if !more {
			return all, nil
		}
		if len(list) != size {
			t.Fatalf("a page of %d has %d messages, and there are more", size, len(list))
		}
		after = list[size-1].Position
	}
}

// pages reads a list page by page.
func pages(t *rapid.T, tx Tx, key string, filter func(*Contact) bool) (all []Contact, err error) {
	size := rapid.IntRange(1, 5).Draw(t, "page")
	for after := ""; ; {
		items, next, err := Employers{}.Contacts(tx, key, filter, after, size)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if next == "" {
			return all, nil
		}
		if len(items) != size {
			t.Fatalf("a page of %d has %d items and a next", size, len(items))
		}
		after = next
	}
}
