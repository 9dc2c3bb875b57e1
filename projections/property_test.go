package projections

import (
	"bytes"
	"context"
	"slices"
	"strings"
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
		for key := range live.rows {
			if name := KeyName([]byte(key)); strings.HasPrefix(name, `"`) {
				t.Fatalf("a row has no name: %s", name)
			}
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
			case rowNews, rowMessage, rowLast, rowSeal, rowCovered, rowRhythm, rowIdentity, rowDue: // what was told was told
			case rowThing, rowClash: // what turned out to clash stays, withdrawn
			case rowDone: // what it was that was undone
			case rowAgreement, rowAbout, rowLink, rowWaiting, rowLinked, rowMember, rowSuccessor: // of these nothing can be retracted
			case rowJournal: // what was said and taken back
			case rowPlanned, rowTime: // a calendar that has it must be told that it is gone
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
	same := sameAs(t)
	asked := map[string]bool{}
	ask := func(keys []string) {
		if name := strings.Join(keys, " and "); !asked[name] {
			asked[name] = true
			checkEmployer(t, tx, m, keys, today)
		}
	}
	for _, key := range employerKeys {
		ask([]string{key})
		links, err := v.Links(tx, key)
		same("links of "+key, links, m.linksOf(key), err)
		group, err := v.Same(tx, key)
		same("same as "+key, group, m.same(key), err)
		ask(group)
		preferred, err := v.Preferred(tx, group)
		same("preferred of "+key, preferred, m.preferred(key), err)
		group, err = v.Concern(tx, key)
		same("concern of "+key, group, m.concern(key), err)
		ask(group)
	}
	waiting, err := waitingPages(t, tx)
	same("links that wait", waiting, m.waiting(), err)
	known, err := everyPages(t, tx)
	same("every employer", known, m.known(), err)
	cells, err := v.Count(tx, Query{})
	same("counts", cells, m.count(), err)
	figures, err := v.Shared(tx, Query{}, its(partners[0]), today)
	same("figures", figures, Suppress(Query{}, m.count(), its(partners[0]), today), err)
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

// checkEmployer asks everything of one employer under all these keys.
func checkEmployer(t *rapid.T, tx Tx, m model, keys []string, today events.Date) {
	var v Views
	same, name := sameAs(t), strings.Join(keys, " and ")
	all, err := pages(t, tx, keys, nil)
	same("contacts of "+name, all, m.contacts(keys...), err)
	mine, err := pages(t, tx, keys, func(c *Contact) bool { return c.Partner == partners[0] })
	want := slices.DeleteFunc(m.contacts(keys...), func(c Contact) bool { return c.Partner != partners[0] })
	same("own contacts of "+name, mine, want, err)
	plans, err := v.OpenPlans(tx, keys, today)
	same("open plans of "+name, plans, m.openPlansOf(keys, today), err)
	last, err := v.LastVisit(tx, keys, today)
	same("last visit of "+name, last, m.lastVisit(keys, today), err)
	card, err := v.Card(tx, keys)
	same("card of "+name, card, m.card(keys...), err)
	fixed, err := v.FixedContacts(tx, keys)
	same("fixed contacts of "+name, fixed, m.fixedContacts(keys...), err)
	level, err := v.Level(tx, keys)
	same("level of "+name, level, m.level("", keys...), err)
	for _, establishment := range []string{"", "000012345678"} {
		level, err := v.LevelAt(tx, events.Employer{KvK: employerKeys[0], Establishment: establishment}, keys)
		want := m.level("", keys...)
		if own := m.level(establishment, employerKeys[0]); establishment != "" && own != nil {
			want = own
		}
		same("level of establishment "+establishment+" of "+name, level, want, err)
	}
	spared, err := v.Spared(tx, keys)
	same("how spared is "+name, spared, m.spared(keys...), err)
	counts, err := v.Placements(tx, keys)
	same("placements of "+name, counts, m.placements(keys...), err)
	vacancies, whole, err := v.Vacancies(tx, keys, nil)
	same("all vacancies of "+name, whole, true, nil)
	same("vacancies of "+name, vacancies, m.vacancies(keys...), err)
}

func sameAs(t *rapid.T) func(what string, got, want any, err error) {
	return func(what string, got, want any, err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if d := cmp.Diff(want, got, equal); d != "" {
			t.Fatalf("%s (-model +view):\n%s", what, d)
		}
	}
}

// messagePages reads all messages of a partner page by page.
func messagePages(t *rapid.T, tx Tx, partner string) (all []Message, err error) {
	size := rapid.IntRange(1, 5).Draw(t, "page")
	for after := (Cursor{}); ; {
		list, next, more, err := Messages{}.After(tx, partner, after, "", size) // what falls due has a test of its own
		if err != nil {
			return nil, err
		}
		all = append(all, unplaced(list)...)
		if !more {
			return all, nil
		}
		if len(list) != size {
			t.Fatalf("a page of %d has %d messages, and there are more", size, len(list))
		}
		after = next
	}
}

// pages reads a list page by page.
func pages(t *rapid.T, tx Tx, keys []string, filter func(*Contact) bool) (all []Contact, err error) {
	size := rapid.IntRange(1, 5).Draw(t, "page")
	for after := ""; ; {
		items, next, err := Employers{}.Contacts(tx, keys, Timeline{Filter: filter}, after, size)
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

// waitingPages reads all links that wait page by page.
func waitingPages(t *rapid.T, tx Tx) (all []Link, err error) {
	size := rapid.IntRange(1, 3).Draw(t, "page")
	for after := events.Position(0); ; after = all[len(all)-1].Position {
		list, more, err := Employers{}.Waiting(tx, after, size)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if !more {
			return all, nil
		}
		if len(list) != size {
			t.Fatalf("a page of %d has %d links, and there are more", size, len(list))
		}
	}
}

// everyPages reads all employers in parts.
func everyPages(t *rapid.T, tx Tx) (all []string, err error) {
	size := rapid.IntRange(1, 3).Draw(t, "page")
	for after := ""; ; after = all[len(all)-1] {
		list, err := Employers{}.Every(tx, after, size)
		if err != nil || len(list) == 0 {
			return all, err
		}
		all = append(all, list...)
	}
}
