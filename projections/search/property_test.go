package search_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"huisboek/projections/search"
)

// oneError makes one typing error in a word.
func oneError(t *rapid.T, w string) string {
	letter := string(rune(rapid.IntRange('a', 'z').Draw(t, "letter")))
	kind := rapid.SampledFrom([]string{"insertion", "deletion", "substitution", "transposition"}).Draw(t, "error")
	at := rapid.IntRange(0, len(w)-1).Draw(t, "at")
	switch kind {
	case "insertion":
		return w[:at] + letter + w[at:]
	case "deletion":
		return w[:at] + w[at+1:]
	case "substitution":
		return w[:at] + letter + w[at+1:]
	}
	at = min(at, len(w)-2)
	return w[:at] + w[at+1:at+2] + w[at:at+1] + w[at+2:]
}

// A word of five letters or more finds its employer in spite of any one error,
// and so does its beginning.
func TestOneErrorFindsIt(t *testing.T) {
	inBoth(t, func(t *testing.T, x *search.Index) {
		employers := demo()
		rapid.Check(t, func(t *rapid.T) {
			e := employers[rapid.IntRange(0, len(employers)-2).Draw(t, "employer")] // the last has no name
			words := slices.DeleteFunc(search.Fold(e.Names[0]), func(w string) bool { return len(w) < 5 })
			if len(words) == 0 {
				t.Skip("short words only")
			}
			w := rapid.SampledFrom(words).Draw(t, "word")
			typed := oneError(t, w)
			if rapid.Bool().Draw(t, "stillTyping") && len(typed) > 6 {
				typed = typed[:rapid.IntRange(6, len(typed)).Draw(t, "typed")]
			}
			if !found(x, typed, e) {
				t.Errorf("%q does not find %v", typed, e.Names)
			}
		})
	})
}

// found reports whether an employer is among the hits; with its place, for a word
// that many have.
func found(x *search.Index, typed string, e search.Entry) bool {
	for _, text := range []string{typed, typed + " " + e.Place, typed + " " + e.Place + " " + e.Postcode} {
		hits, _ := x.Find(text, 0, search.MaxDepth)
		if slices.ContainsFunc(hits, func(h search.Hit) bool { return h.Keys[0] == e.Keys[0] }) {
			return true
		}
	}
	return false
}

// Any words of a name, in any order, with or without its place and postcode,
// find an employer.
func TestWordsFindIt(t *testing.T) {
	employers := demo()
	x := small()
	rapid.Check(t, func(t *rapid.T) {
		e := employers[rapid.IntRange(0, len(employers)-2).Draw(t, "employer")]
		words := rapid.Permutation(search.Fold(e.Names[0])).Draw(t, "words")
		words = words[:rapid.IntRange(1, len(words)).Draw(t, "many")]
		for i, w := range words {
			if n := rapid.IntRange(3, 40).Draw(t, "typed"); len(w) > n {
				words[i] = w[:n]
			}
		}
		words = append(words, rapid.SampledFrom([]string{"", e.Place, e.Postcode, strings.ToLower(e.Postcode)}).Draw(t, "where"))
		if typed := strings.Join(words, " "); !found(x, typed, e) {
			t.Errorf("%q does not find %v in %s %s", typed, e.Names, e.Place, e.Postcode)
		}
	})
}

// Whatever was put and dropped before, an index answers as one that was made of
// what is in it now.
func TestAnyOrder(t *testing.T) {
	words := strings.Fields("Kievit Kieviet Kievits Wulp Wulpen Bouw Zorg De B.V. Jansen Janssen IJs Ys")
	places := []string{"", "Ommen", "Zwolle", "Den Ham"}
	keys := []string{"00000001", "00000002", "00000012", "00000123", "voorlopig-1", "DE-HRB-12345", "00000003"}
	entry := rapid.Custom(func(t *rapid.T) search.Entry {
		name := rapid.Map(rapid.SliceOfN(rapid.SampledFrom(words), 1, 3), func(w []string) string { return strings.Join(w, " ") })
		return search.Entry{
			Keys:           rapid.SliceOfNDistinct(rapid.SampledFrom(keys), 1, 3, rapid.ID).Draw(t, "keys"),
			Names:          rapid.SliceOfN(name, 0, 3).Draw(t, "names"),
			Establishments: rapid.SliceOfN(rapid.SampledFrom([]string{"000000000001", "000000000002"}), 0, 2).Draw(t, "establishments"),
			Place:          rapid.SampledFrom(places).Draw(t, "place"),
			Postcode:       rapid.SampledFrom([]string{"", "7731AA", "7731AB", "8011AA"}).Draw(t, "postcode"),
			Settled:        rapid.SliceOfN(rapid.SampledFrom(keys), 0, 1).Draw(t, "settled"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		x := search.New()
		kept := map[string]search.Entry{} // by each of their keys
		drop := func(key string) {
			for _, k := range kept[key].Keys {
				delete(kept, k)
			}
		}
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.IntRange(0, 3).Draw(t, "step") == 0 {
				key := rapid.SampledFrom(keys).Draw(t, "drop")
				x.Drop(key)
				drop(key)
				continue
			}
			e := entry.Draw(t, "entry")
			x.Put(e)
			for _, k := range e.Keys {
				drop(k)
			}
			for _, k := range e.Keys {
				kept[k] = e
			}
		}
		fresh := search.New()
		entries := map[string]search.Entry{}
		for _, e := range kept {
			entries[e.Keys[0]] = e
		}
		for _, e := range entries {
			fresh.Put(e)
		}
		if x.Len() != fresh.Len() {
			t.Fatalf("%d entries, want %d", x.Len(), fresh.Len())
		}
		for _, typed := range []string{
			"kievit", "kievitt", "kieviet bouw", "wulp ommen", "wulpen 7731", "de", "bv", "b v", "jansen", "janssn", "ijs", "ys", "kievitbouw", "bouw zorg",
			"00000", "00000001", "000000000001", "hrb 12345", "voorlopig", "zwolle", "den ham", "7731 ab", "k", "zorg kievit jansen",
		} {
			got, n := x.Find(typed, 0, 50)
			want, m := fresh.Find(typed, 0, 50)
			if diff := cmp.Diff(want, got); diff != "" || n != m {
				t.Fatalf("%q finds %d, a fresh index %d:\n%s", typed, n, m, diff)
			}
		}
		got, n := x.Likely(0, 50)
		want, m := fresh.Likely(0, 50)
		if diff := cmp.Diff(want, got); diff != "" || n != m {
			t.Fatalf("%d pairs, in a fresh index %d:\n%s", n, m, diff)
		}
	})
}

// Whatever is typed, hits are in order and none comes twice.
func FuzzFind(f *testing.F) {
	for _, tt := range examples {
		f.Add(tt.typed)
	}
	f.Add(strings.Repeat("bakkerij ", 30))
	f.Add("\xff &&& 8011 é")
	f.Fuzz(func(t *testing.T, text string) {
		hits, total := small().Find(text, 0, 100)
		if len(hits) != min(total, 100) {
			t.Fatalf("%d hits of %d", len(hits), total)
		}
		seen := map[string]bool{}
		for i, h := range hits {
			switch {
			case seen[h.Keys[0]]:
				t.Errorf("%s comes twice", h.Keys[0])
			case h.Score < 1 || h.Score > 100 || len(h.Why) == 0:
				t.Errorf("%s: score %d, why %v", h.Keys[0], h.Score, h.Why)
			case i > 0 && (hits[i-1].Score < h.Score || hits[i-1].Score == h.Score && hits[i-1].LastContact < h.LastContact):
				t.Errorf("%s comes after %s", fmt.Sprint(h.Keys, h.Score), fmt.Sprint(hits[i-1].Keys, hits[i-1].Score))
			}
			seen[h.Keys[0]] = true
		}
	})
}
