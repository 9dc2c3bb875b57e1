package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/projections/search"
)

func TestLikely(t *testing.T) {
	entry := func(key, name, place, postcode string) search.Entry {
		return search.Entry{Keys: []string{key}, Names: []string{name}, Place: place, Postcode: postcode}
	}
	branch := func(e search.Entry) search.Entry {
		e.Establishments = []string{"000000000001"}
		return e
	}
	kvk := entry("00000001", "Kwartel Bouw B.V.", "Zwolle", "8011AB")
	settled := kvk
	settled.Settled = []string{"voorlopig-1"}
	earlier := entry("00000002", "Wulp Zorg", "Zwolle", "8011AB")
	earlier.Names = append(earlier.Names, "Kwartelbouw")
	for _, tt := range []struct {
		name string
		a, b search.Entry
		why  string // the codes; empty: no pair
	}{
		{"ProvisionalSameName", kvk, entry("voorlopig-1", "kwartelbouw", "Zwolle", ""), "zelfde-naam zelfde-plaats een-is-voorlopig"},
		{"ProvisionalWithoutPlace", kvk, entry("voorlopig-1", "Kwartel Bouw", "", ""), "zelfde-naam een-is-voorlopig"},
		{"ProvisionalElsewhere", kvk, entry("voorlopig-1", "Kwartel Bouw", "Meppel", ""), ""},
		{"ProvisionalTypo", kvk, entry("voorlopig-1", "Kwatel Bouw", "Zwolle", ""), "bijna-zelfde-naam zelfde-plaats een-is-voorlopig"},
		{"TypoAtTheEnd", kvk, entry("voorlopig-1", "Kwartel Bouq", "Zwolle", ""), "bijna-zelfde-naam zelfde-plaats een-is-voorlopig"},
		{"PartOfName", kvk, entry("voorlopig-1", "Kwartel", "Zwolle", ""), "naam-in-naam zelfde-plaats een-is-voorlopig"},
		{"Foreign", kvk, entry("DE-HRB-12345", "Kwartel Bouw GmbH", "Zwolle", ""), "zelfde-naam zelfde-plaats een-is-buitenlands"},
		{"TwoNumbersMaybeConcern", kvk, entry("00000002", "Kwartel Bouw Holding B.V.", "Zwolle", "8011AB"), "zelfde-naam zelfde-postcode zelfde-plaats twee-kvk-nummers mogelijk-concern"},
		{"TwoNumbersSamePlace", kvk, entry("00000002", "Kwartel Bouw", "Zwolle", "8043CC"), "zelfde-naam zelfde-plaats twee-kvk-nummers"},
		{"TwoNumbersElsewhere", kvk, entry("00000002", "Kwartel Bouw", "Meppel", "7941AA"), ""},
		{"EarlierName", kvk, earlier, "gedeelde-naam zelfde-postcode zelfde-plaats twee-kvk-nummers"},
		{"SameBranch", branch(kvk), branch(entry("00000002", "Kwartel Bouw", "Meppel", "7941AA")), "zelfde-naam zelfde-vestiging andere-plaats twee-kvk-nummers"},
		{"IJ", entry("00000001", "Rijnwijk", "Zwolle", ""), entry("voorlopig-1", "Rynwyk", "Zwolle", ""), "zelfde-naam zelfde-plaats een-is-voorlopig"},
		{"Neighbours", kvk, entry("voorlopig-1", "Wulp Zorg", "Zwolle", "8011AB"), ""},
		{"OnlySharesWhatTheyDo", entry("00000001", "Merel Bouw", "Zwolle", "8011AB"), entry("voorlopig-1", "Bouw", "Zwolle", "8011AB"), ""},
		{"Settled", settled, entry("voorlopig-1", "Kwartel Bouw", "Zwolle", ""), ""},
		{"ErasedName", kvk, search.Entry{Keys: []string{"voorlopig-1"}, Place: "Zwolle", Postcode: "8011AB"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, list := range [][]search.Entry{{tt.a, tt.b}, {tt.b, tt.a}} {
				pairs, total := fill(list).Likely(0, 10)
				if tt.why == "" {
					if total != 0 {
						t.Errorf("pair %+v", pairs)
					}
					continue
				}
				if total != 1 || len(pairs) != 1 {
					t.Fatalf("%d pairs", total)
				}
				if got := strings.Join(pairs[0].Why, " "); got != tt.why {
					t.Errorf("why %q, want %q", got, tt.why)
				}
				if p := pairs[0]; p.A.Keys[0] > p.B.Keys[0] || p.Score < 1 || p.Score > 100 {
					t.Errorf("pair %s, %s with score %d", p.A.Keys[0], p.B.Keys[0], p.Score)
				}
			}
		})
	}
}

// The likeliest first; a provisional entry with a number beside it before two numbers.
func TestLikelyOrder(t *testing.T) {
	x := fill([]search.Entry{
		{Keys: []string{"00000001"}, Names: []string{"Merel"}, Place: "Zwolle", Postcode: "8011AB"},
		{Keys: []string{"00000002"}, Names: []string{"Merel"}, Place: "Zwolle", Postcode: "8011AB"},
		{Keys: []string{"voorlopig-1"}, Names: []string{"Merel"}, Place: "Zwolle", Postcode: "8011AB"},
		{Keys: []string{"00000003"}, Names: []string{"Merel"}, Place: "Zwolle", Postcode: "8012AB"},
	})
	pairs, total := x.Likely(0, 100)
	if total != 6 {
		t.Fatalf("%d pairs", total)
	}
	var scores []int
	for _, p := range pairs {
		scores = append(scores, -p.Score)
	}
	if !slices.IsSorted(scores) || pairs[0].B.Keys[0] != "voorlopig-1" || pairs[1].B.Keys[0] != "voorlopig-1" || pairs[2].B.Keys[0] != "00000002" {
		t.Errorf("order %+v", pairs)
	}
	page, n := x.Likely(2, 2)
	if n != total || len(page) != 2 || page[0].A.Keys[0] != pairs[2].A.Keys[0] {
		t.Errorf("page %+v of %d", page, n)
	}
	if page, _ := x.Likely(100, 2); len(page) != 0 {
		t.Errorf("after the end: %+v", page)
	}
	x.Drop("voorlopig-1")
	if _, n := x.Likely(0, 1); n != 3 {
		t.Errorf("%d pairs after a drop", n)
	}
}

// Among many employers the list may be a minute old, but for what changed: a pair
// of which one was linked, renamed or erased is gone at once.
func TestLikelyAmongMany(t *testing.T) {
	entry := func(key, name string) search.Entry {
		return search.Entry{Keys: []string{key}, Names: []string{name}, Place: "Zwolle", Postcode: "8011AB"}
	}
	all := []search.Entry{entry("00000001", "Merel"), entry("00000002", "Merel"), entry("00000003", "Lijster"), entry("00000004", "Lijster")}
	for i := range 10_100 {
		all = append(all, search.Entry{Keys: []string{fmt.Sprintf("9%07d", i)}, Names: []string{fmt.Sprintf("Nummer %d", i*7919)}})
	}
	x := fill(all)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	search.UseClock(x, func() time.Time { return now })
	has := func(key string) bool {
		pairs, _ := x.Likely(0, search.MaxPairs)
		return slices.ContainsFunc(pairs, func(p search.Pair) bool { return p.A.Keys[0] == key })
	}
	if !has("00000001") || !has("00000003") {
		t.Fatal("not found at all")
	}
	_, before := x.Likely(0, 0)
	x.Put(search.Entry{Keys: []string{"00000002"}}) // its name was erased
	x.Put(entry("00000005", "Koekoek"))
	x.Put(entry("00000006", "Koekoek"))
	if has("00000001") || !has("00000003") || has("00000005") {
		t.Error("after a change: the pair that changed must be gone, the others stand, a new one may wait")
	}
	if _, n := x.Likely(0, 0); n != before-1 {
		t.Errorf("%d pairs, %d before one went", n, before)
	}
	now = now.Add(time.Minute)
	if has("00000001") || !has("00000003") || !has("00000005") {
		t.Error("after a minute everything is found anew")
	}
}
