package projections

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

// TestMerge: several employers are read as one list in the order of places, whatever
// the parts they are read in, and no further than is asked.
func TestMerge(t *testing.T) {
	store := newMemory()
	tx := memoryTx{store.rows}
	put := func(employer string, places ...int) {
		for _, n := range places {
			tx.Put(append(employerPrefix(rowCard, employer), fmt.Sprintf("%05d", n)...), []byte(employer))
		}
	}
	var lots []int
	for i := range 700 { // more than all parts up to the largest
		lots = append(lots, 3*i)
	}
	put("a", lots...)
	put("b", 1, 4, 2_200)
	put("aa", 2) // its rows are not a's
	put("d", 0)
	tests := []struct {
		name      string
		employers []string
		from      string
		stop      int
		want      []string // the first, "employer place"
		count     int
	}{
		{"none", nil, "", 0, nil, 0},
		{"one", []string{"b"}, "", 0, []string{"b 00001", "b 00004", "b 02200"}, 3},
		{"one from a place", []string{"b"}, "00002", 0, []string{"b 00004", "b 02200"}, 2},
		{"one that has nothing", []string{"c"}, "", 0, nil, 0},
		{"some", []string{"b", "a"}, "", 0, []string{"a 00000", "b 00001", "a 00003", "b 00004", "a 00006"}, 703},
		{"some of which one has nothing", []string{"c", "b", "d"}, "", 0, []string{"d 00000", "b 00001", "b 00004", "b 02200"}, 4},
		{"some from a place", []string{"b", "a"}, "02096", 0, []string{"a 02097", "b 02200"}, 2},
		{"some from after the last", []string{"b", "a"}, "99999", 0, nil, 0},
		{"until enough", []string{"a", "b"}, "", 3, []string{"a 00000", "b 00001", "a 00003"}, 3},
		{"equal places", []string{"d", "a"}, "", 2, []string{"a 00000", "d 00000"}, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			var places []string
			merge(tx, rowCard, tt.employers, []byte(tt.from), func(employer string, place, v []byte) bool {
				if string(v) != employer {
					t.Fatalf("a row of %s is given as of %s", v, employer)
				}
				got = append(got, fmt.Sprintf("%s %s", employer, place))
				places = append(places, string(place))
				return len(got) != tt.stop
			})
			if len(got) != tt.count || !slices.IsSorted(places) {
				t.Errorf("%d rows, in order: %t; want %d", len(got), slices.IsSorted(places), tt.count)
			}
			got = got[:min(len(got), len(tt.want))]
			if tt.name == "equal places" {
				slices.Sort(got)
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestCursorsOutliveLinks: between two pages the employer is linked to another, and
// unlinked. What lies behind the place comes once, of whoever is asked for by then,
// and nothing before it.
func TestCursorsOutliveLinks(t *testing.T) {
	const one, two = "69599084", "90004760"
	store := newMemory()
	apply(t, store, visits(1, one, "2026-11-09", "2026-11-07", "2026-11-05", "2026-11-03", "2026-11-01")...)
	apply(t, store, visits(6, two, "2026-11-08", "2026-11-06", "2026-11-04", "2026-11-02")...)
	page := func(employer, after string) (days, next string) {
		t.Helper()
		tx := memoryTx{store.rows}
		keys, err := Employers{}.Same(tx, employer)
		if err != nil {
			t.Fatal(err)
		}
		items, next, err := Employers{}.Contacts(tx, keys, Timeline{}, after, 2)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range items {
			days += fmt.Sprintf("%s/%s ", c.Employer[:2], c.Date[8:])
		}
		return days, next
	}
	steps := []struct {
		link *events.Record
		want string
	}{
		{nil, "69/09 69/07 "},
		{linking(10, two, one, "dezelfde", reasonLinkHolds), "90/06 69/05 "},
		{linking(11, one, two, ""), "69/03 69/01 "},
	}
	var got, next string
	for i, s := range steps {
		if s.link != nil {
			apply(t, store, s.link)
		}
		if got, next = page(one, next); got != s.want {
			t.Errorf("page %d: %s, want %s", i+1, got, s.want)
		}
	}
	if next != "" {
		t.Error("there is more")
	}
	// A whole group, from either side, is each item once.
	apply(t, store, linking(12, two, one, "dezelfde", reasonLinkHolds))
	for _, employer := range []string{one, two} {
		var all string
		for next = ""; ; {
			if got, next = page(employer, next); got == "" {
				t.Fatal("an empty page")
			}
			if all += got; next == "" {
				break
			}
		}
		if want := "69/09 90/08 69/07 90/06 69/05 90/04 69/03 90/02 69/01 "; all != want {
			t.Errorf("from %s: %s, want %s", employer, all, want)
		}
	}
	// A cursor is the first employer's.
	_, next = page(one, "")
	if _, _, err := (Employers{}).Contacts(memoryTx{store.rows}, []string{two, one}, Timeline{}, next, 2); !errors.Is(err, ErrCursor) {
		t.Error(err)
	}
	if items, next, err := (Employers{}).Contacts(memoryTx{store.rows}, nil, Timeline{}, "", 2); len(items) > 0 || next != "" || err != nil {
		t.Error("of nobody:", items, next, err)
	}
}
