package search_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/projections/search"
)

// listed draws employers, each with a key of its own.
func listed(t *rapid.T) []search.Entry {
	names := strings.Fields("Kievit Zwaluw Kwartel IJssalon Yoga Ypenburg")
	one := rapid.Custom(func(t *rapid.T) search.Entry {
		return search.Entry{
			Keys:     []string{rapid.StringMatching(`9000[0-9]{4}`).Draw(t, "key")},
			Names:    rapid.SliceOfN(rapid.Map(rapid.SampledFrom(names), func(n string) string { return "De " + n + " B.V." }), 0, 2).Draw(t, "names"),
			Gemeente: rapid.SampledFrom([]string{"", "GM0193", "GM0175", "GM0148"}).Draw(t, "gemeente"),
			Sector:   rapid.SampledFrom([]string{"", "markt", "overheid"}).Draw(t, "sector"),
			Size:     rapid.SampledFrom([]string{"", "1", "10-19"}).Draw(t, "size"),
			LastContact: rapid.SampledFrom([]events.Date{"", "2026-07-31", "2026-08-01", "2026-11-21"}).
				Draw(t, "last"),
		}
	})
	return rapid.SliceOfNDistinct(one, 0, 40, func(e search.Entry) string { return e.Keys[0] }).Draw(t, "employers")
}

func listQuery(t *rapid.T) search.Query {
	return search.Query{
		Gemeenten: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"GM0193", "GM0175", "GM9999"}), 0, 2, rapid.ID).Draw(t, "gemeenten"),
		Sector:    rapid.SampledFrom([]string{"", "", "markt", "overheid"}).Draw(t, "sector"),
		Size:      rapid.SampledFrom([]string{"", "", "1", "10-19", "1000+"}).Draw(t, "size"),
		NotSince:  rapid.SampledFrom([]events.Date{"", "2026-08-01", "2026-01-01"}).Draw(t, "since"),
		Order:     rapid.SampledFrom([]search.Order{search.ByMatch, search.ByName, search.ByContact}).Draw(t, "order"),
		Skip:      rapid.IntRange(0, 5).Draw(t, "skip"), Most: rapid.IntRange(0, 50).Draw(t, "most"),
	}
}

// asked reports whether an employer is asked for by a query without a text.
func asked(q *search.Query, e *search.Entry) bool {
	return (len(q.Gemeenten) == 0 || slices.Contains(q.Gemeenten, e.Gemeente)) && (q.Sector == "" || q.Sector == e.Sector) &&
		(q.Size == "" || q.Size == e.Size) && (q.NotSince == "" || e.LastContact < q.NotSince)
}

// sortName is a name as a list is sorted by it; one that is not there sorts last.
func sortName(e *search.Entry) string {
	if len(e.Names) == 0 {
		return "~"
	}
	return strings.ReplaceAll(strings.ToLower(strings.TrimSuffix(strings.TrimPrefix(e.Names[0], "De "), " B.V.")), "ij", "y")
}

// A list is what a plain list of the employers gives, filtered and sorted; with a text it
// is what is found, filtered.
func TestListEqualsPlainList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		employers := listed(t)
		x := fill(employers)
		for range 5 {
			q := listQuery(t)
			var want []string
			for i := range employers {
				if asked(&q, &employers[i]) {
					want = append(want, employers[i].Keys[0])
				}
			}
			of := func(key string) *search.Entry {
				return &employers[slices.IndexFunc(employers, func(e search.Entry) bool { return e.Keys[0] == key })]
			}
			slices.SortFunc(want, func(a, b string) int {
				if q.Order == search.ByName {
					return cmp.Or(strings.Compare(sortName(of(a)), sortName(of(b))), strings.Compare(a, b))
				}
				return cmp.Or(strings.Compare(string(of(b).LastContact), string(of(a).LastContact)), strings.Compare(a, b))
			})
			total := len(want)
			want = want[min(q.Skip, total):]
			want = want[:min(q.Most, len(want))]
			hits, n := x.List(q)
			if d := gocmp.Diff(append([]string{}, want...), keysOf(hits)); d != "" || n != total {
				t.Fatalf("%+v: %d of %d\n%s", q, n, total, d)
			}
			for _, h := range hits {
				if d := gocmp.Diff(*of(h.Keys[0]), h.Entry, equateEmpty); d != "" || h.Score != 0 || h.Why != nil {
					t.Fatalf("%+v\n%s", h, d)
				}
			}
			withText(t, x, q, employers)
		}
	})
}

var equateEmpty = gocmp.FilterValues(func(a, b []string) bool { return len(a)+len(b) == 0 }, gocmp.Ignore())

func keysOf(hits []search.Hit) []string {
	keys := []string{}
	for _, h := range hits {
		keys = append(keys, h.Keys[0])
	}
	return keys
}

// withText holds a query with a text against all that is found by that text.
func withText(t *rapid.T, x *search.Index, q search.Query, employers []search.Entry) {
	q.Text, q.Skip, q.Most = rapid.SampledFrom([]string{"kievit", "y", "zwaluw bv", "&&"}).Draw(t, "text"), 0, search.MaxDepth
	all, _ := x.Find(q.Text, 0, search.MaxDepth)
	var want []string
	for i := range all {
		if asked(&q, &all[i].Entry) {
			want = append(want, all[i].Keys[0])
		}
	}
	hits, total := x.List(q)
	got := keysOf(hits)
	if q.Order != search.ByMatch {
		slices.Sort(want)
		slices.Sort(got)
	}
	if d := gocmp.Diff(append([]string{}, want...), got); d != "" || total != len(want) {
		t.Fatalf("%+v: %d of %d\n%s", q, total, len(want), d)
	}
}
