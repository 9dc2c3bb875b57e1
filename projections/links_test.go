package projections

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"huisboek/events"
)

// linking is a record in which somebody says something of a pair; an empty kind unlinks.
func linking(p events.Position, one, other, kind string, reasons ...string) *events.Record {
	var d events.Data = &events.EmployersUnlinked{Employer: whole(one), With: whole(other)}
	if kind != "" {
		d = &events.EmployersLinked{Employer: whole(one), With: whole(other), Kind: kind}
	}
	return &events.Record{Position: p, Partner: "a", Verdict: events.Verdict{Reasons: reasons}, Event: events.Event{Type: d.Type(), Data: d}}
}

// linked is a store with links that hold, each "one kind other".
func linked(t *testing.T, links ...[3]string) *memory {
	t.Helper()
	store := newMemory()
	for i, l := range links {
		apply(t, store, linking(events.Position(i+1), l[0], l[2], l[1], reasonLinkHolds))
	}
	return store
}

// TestOnlyTheLastWordOnAPairCounts: linking, unlinking and linking again in any order
// leaves the views as if only the last word on each pair had ever been said. The same
// book is folded three times: as it is; with a record that says nothing in the place
// of every word on a pair but the last, so that positions and moments stay; and with
// such a record in the place of every word. All rows are compared, except those that
// say what was told and found and not what holds: messages and clashes (by the links of their day, and that
// there were any) and coverage. The first and the second are the same; the third
// differs from them in the rows of links and no others.
func TestOnlyTheLastWordOnAPairCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &author{t: t, at: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC), wordless: true}
		for range rapid.IntRange(0, 50).Draw(t, "steps") {
			if a.bool() {
				a.link()
			} else {
				a.step()
			}
		}
		last := map[events.Position]bool{}
		for _, l := range model(a.records).links() {
			last[l.Position] = true
		}
		var lastOnly, none []*events.Record
		for _, r := range a.records {
			kept, never := r, r
			switch r.Event.Data.(type) {
			case *events.EmployersLinked, *events.EmployersUnlinked:
				never = silence(t, r)
				if !last[r.Position] {
					kept = never
				}
			}
			lastOnly, none = append(lastOnly, kept), append(none, never)
		}
		told := []byte{rowNews, rowMessage, rowLast, rowLinked, rowCovered, rowRhythm, rowThing, rowClash, rowJournal}
		if d := cmp.Diff(rowsBut(t, lastOnly, told), rowsBut(t, a.records, told)); d != "" {
			t.Errorf("not as if only the last word had been said (-last only +all):\n%s", d)
		}
		links := append(told, rowLink, rowWaiting)
		if d := cmp.Diff(rowsBut(t, none, links), rowsBut(t, a.records, links)); d != "" {
			t.Errorf("links moved other rows (-none +all):\n%s", d)
		}
	})
}

// silence is a record in the place of another that says nothing to any view.
func silence(t *rapid.T, r *events.Record) *events.Record {
	said := *r
	d := &events.DataErased{Keys: []events.KeyID{1 << 40}, Ground: "verzoek"}
	said.Partner, said.Event = theBook, events.Event{ID: r.Event.ID, Source: r.Event.Source, Type: d.Type(), Data: d}
	return stored(t, &said)
}

// rowsBut is the rows of the views of a book, by name, without some kinds.
func rowsBut(t *rapid.T, records []*events.Record, kinds []byte) map[string]string {
	store := newMemory()
	run(t, store, [][]*events.Record{records})
	rows := map[string]string{}
	for k, v := range store.rows {
		if !slices.Contains(kinds, k[0]) {
			rows[KeyName([]byte(k))+fmt.Sprintf(" %x", k)] = fmt.Sprintf("%q", v)
		}
	}
	return rows
}

func TestLinks(t *testing.T) {
	const one, two, foreign = "69599084", "90004760", "DE-HRB-1234"
	of := func(l Link) Link { l.Partner = "a"; return l }
	tests := []struct {
		name    string
		records []*events.Record
		links   []Link // of one
		waits   []Link
		same    []string // as one
		concern []string // of one
	}{
		{name: "nothing was said", same: []string{one}, concern: []string{one}},
		{
			name:    "one voice waits",
			records: []*events.Record{linking(1, two, one, "dezelfde", "koppeling-wacht")},
			links:   []Link{{Position: 1, Kind: "dezelfde", Employer: two, With: one}},
			waits:   []Link{{Position: 1, Kind: "dezelfde", Employer: two, With: one}},
			same:    []string{one}, concern: []string{one},
		},
		{
			name:    "the second voice",
			records: []*events.Record{linking(1, two, one, "dezelfde", "koppeling-wacht"), linking(2, one, two, "dezelfde", "koppeling-geldt")},
			links:   []Link{{Position: 2, Kind: "dezelfde", Employer: one, With: two, Holds: true}},
			same:    []string{one, two}, concern: []string{one, two},
		},
		{
			name:    "another word on what waited",
			records: []*events.Record{linking(1, one, two, "dezelfde", "koppeling-wacht"), linking(2, two, one, "concern", "koppeling-wacht")},
			links:   []Link{{Position: 2, Kind: "concern", Employer: two, With: one}},
			waits:   []Link{{Position: 2, Kind: "concern", Employer: two, With: one}},
			same:    []string{one}, concern: []string{one},
		},
		{
			name:    "taken back while it waited",
			records: []*events.Record{linking(1, one, two, "opvolger", "koppeling-wacht"), linking(2, two, one, "", "koppeling-geldt")},
			links:   []Link{{Position: 2, Employer: two, With: one}},
			same:    []string{one}, concern: []string{one},
		},
		{
			name: "a concern counts together only when asked, and reaches on through the same",
			records: []*events.Record{
				linking(1, one, two, "concern", reasonLinkHolds), linking(2, two, foreign, "opvolger", reasonLinkHolds),
			},
			links: []Link{{Position: 1, Kind: "concern", Employer: one, With: two, Holds: true}},
			same:  []string{one}, concern: []string{one, two, foreign},
		},
		{
			name: "what is the same stands before the rest of the concern",
			records: []*events.Record{
				linking(1, one, two, "concern", reasonLinkHolds), linking(2, foreign, one, "opvolger", reasonLinkHolds),
			},
			links: []Link{
				{Position: 1, Kind: "concern", Employer: one, With: two, Holds: true},
				{Position: 2, Kind: "opvolger", Employer: foreign, With: one, Holds: true},
			},
			same: []string{one, foreign}, concern: []string{one, foreign, two},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := newMemory()
			apply(t, store, tt.records...)
			var v Views
			tx := memoryTx{store.rows}
			same := func(what string, got, want any, err error) {
				t.Helper()
				if d := cmp.Diff(want, got, equal); d != "" || err != nil {
					t.Errorf("%s: %v\n%s", what, err, d)
				}
			}
			for i := range tt.links {
				tt.links[i] = of(tt.links[i])
			}
			for i := range tt.waits {
				tt.waits[i] = of(tt.waits[i])
			}
			links, err := v.Links(tx, one)
			same("links", without(links), tt.links, err)
			waits, more, err := v.Waiting(tx, 0, 10)
			same("waiting", without(waits), tt.waits, err)
			if more {
				t.Error("more of them wait")
			}
			keys, err := v.Same(tx, one)
			same("same", keys, tt.same, err)
			keys, err = v.Concern(tx, one)
			same("concern", keys, tt.concern, err)
		})
	}
}

// without leaves out when they were recorded.
func without(links []Link) []Link {
	for i := range links {
		links[i].At = time.Time{}
	}
	return links
}

func TestPreferred(t *testing.T) {
	const (
		first          = "01000000"
		low, mid, high = "01234567", "69599084", "90004760"
		foreign        = "DE-HRB-1234"
		provisional    = "voorlopig-0b1c1c0e-1111-4000-8000-000000000001"
	)
	tests := []struct {
		name  string
		links [][3]string
		of    string
		want  string
	}{
		{"itself", nil, foreign, foreign},
		{"the lowest number", [][3]string{{high, "dezelfde", mid}, {mid, "dezelfde", low}}, high, low},
		{"a number before a foreign one", [][3]string{{foreign, "dezelfde", high}}, foreign, high},
		{"a foreign one before a provisional one", [][3]string{{provisional, "dezelfde", foreign}}, provisional, foreign},
		{"the successor", [][3]string{{low, "opvolger", high}}, low, high},
		{"the last successor", [][3]string{{low, "opvolger", high}, {high, "opvolger", mid}}, high, mid},
		{"the successor, whatever register it is in", [][3]string{{low, "opvolger", provisional}}, low, provisional},
		{"the best key of the successor", [][3]string{{low, "opvolger", provisional}, {provisional, "dezelfde", high}}, low, high},
		{"who is the same as the one succeeded", [][3]string{{low, "dezelfde", mid}, {mid, "opvolger", high}}, low, high},
		{"a successor that is the same after all", [][3]string{
			{first, "opvolger", low}, {low, "opvolger", high}, {low, "dezelfde", mid}, {mid, "dezelfde", high},
		}, high, low},
		{"two successors", [][3]string{{low, "opvolger", high}, {low, "opvolger", mid}}, low, mid},
		{"a ring", [][3]string{{high, "opvolger", mid}, {mid, "opvolger", low}, {low, "opvolger", high}}, high, low},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tx := memoryTx{linked(t, tt.links...).rows}
			keys, err := Employers{}.Same(tx, tt.of)
			if err != nil {
				t.Fatal(err)
			}
			for range keys {
				if got, err := (Employers{}).Preferred(tx, keys); got != tt.want || err != nil {
					t.Errorf("Preferred(%v): %s, %v; want %s", keys, got, err, tt.want)
				}
				keys = append(keys[1:], keys[0])
			}
		})
	}
	if got, err := (Employers{}).Preferred(memoryTx{}, nil); got != "" || err != nil {
		t.Errorf("of nothing: %q %v", got, err)
	}
}

// TestGroupsAreBounded: a chain and a star of more than MaxGroup.
func TestGroupsAreBounded(t *testing.T) {
	key := func(i int) string { return fmt.Sprintf("9%07d", i) }
	var chain, star [][3]string
	for i := range MaxGroup + 50 {
		chain = append(chain, [3]string{key(i), "dezelfde", key(i + 1)})
		star = append(star, [3]string{key(0), "concern", key(i + 1)})
	}
	for name, links := range map[string][][3]string{"chain": chain, "star": star} {
		t.Run(name, func(t *testing.T) {
			tx := memoryTx{linked(t, links...).rows}
			keys, err := Employers{}.Concern(tx, key(0))
			if err != nil {
				t.Fatal(err)
			}
			if len(keys) != MaxGroup || keys[0] != key(0) || keys[MaxGroup-1] != key(MaxGroup-1) || !slices.IsSorted(keys) {
				t.Errorf("%d keys, from %s up to %s", len(keys), keys[0], keys[len(keys)-1])
			}
		})
	}
}

// TestWaitingNamesDamage: a waiting link of which the link is gone is a damaged store.
func TestWaitingNamesDamage(t *testing.T) {
	store := newMemory()
	apply(t, store, linking(1, "69599084", "90004760", "concern", "koppeling-wacht"))
	delete(store.rows, string(linkKey("69599084", "90004760")))
	if _, _, err := (Employers{}).Waiting(memoryTx{store.rows}, 0, 10); !errors.Is(err, ErrRow) {
		t.Error(err)
	}
}
