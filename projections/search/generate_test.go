package search_test

import (
	"sync"
	"testing"

	"huisboek/cmd/huisboek/story"
	"huisboek/events"
	"huisboek/projections/search"
	"huisboek/projections/search/searchtest"
)

const (
	many  = 200_000
	today = events.Date("2026-11-22")
)

// The employers that the story does not have. Numbers that begin with 00 were never given out.
var handMade = []search.Entry{
	{
		Keys: []string{"00900001"}, Establishments: []string{"000099000001"}, Names: []string{"Café Zoë & Zonen B.V.", "Lunchroom Paradijsvogel"},
		Place: "Zwolle", Postcode: "8011AB", Gemeente: "GM0193", LastContact: "2026-11-21",
	},
	{Keys: []string{provisional}, Names: []string{"Kwartelbouw"}, Place: "Zwolle", LastContact: "2026-03-02"},
	{Keys: []string{"00900002"}, Names: []string{"Kwartel Bouw B.V."}, Place: "Raalte", Postcode: "8102AA", LastContact: "2026-11-20"},
	{Keys: []string{"DE-HRB-204711"}, Names: []string{"Grünfink & Söhne GmbH"}, Place: "Nordhorn", LastContact: "2026-05-06"},
	{Keys: []string{"00900003"}, Names: []string{"Stichting Holding"}, Place: "Ommen"},
	{Keys: []string{"00900004"}, Names: []string{"Rijnwijk IJssalon"}, Place: "Kampen", Postcode: "8261KZ"},
	{Keys: []string{"00900005"}, Names: []string{"St. Annahoeve"}, Place: "Hattem", Postcode: "8051AA"},
	{Keys: []string{"00900006"}, Names: []string{"De Zwaluw V.O.F."}, Place: "Heino", LastContact: "2026-11-21"},
	{Keys: []string{"00900007"}, Names: []string{"Van der Zwaluw B.V."}, Place: "Heino", LastContact: "2026-01-05"},
	{Keys: []string{"00900008"}, Names: []string{"Distelvink Schoonmaak"}, Place: "Meppel", Postcode: "7941BB", LastContact: "2026-11-21"},
	{Keys: []string{"00900009"}, Names: []string{"Distelvink Schoonmaak"}, Place: "Zwolle", Postcode: "8011CD", LastContact: "2026-11-20"},
	{Keys: []string{"00900010"}}, // its name was erased
}

const provisional = "voorlopig-6d1f7a52-3c0e-4f5b-9a51-2f9f4d1c7e11"

// demo are the employers of the demo as their cards and visits tell.
var demo = sync.OnceValue(func() []search.Entry {
	told := story.Year(36, today)
	byKey := make(map[string]*search.Entry)
	all := make([]search.Entry, len(told.Employers))
	for i, e := range told.Employers {
		all[i] = search.Entry{Keys: []string{e.KvK}, Names: []string{e.Name}, Place: e.Place}
		byKey[e.KvK] = &all[i]
	}
	for step := range told.Events() {
		switch d := step.Data.(type) {
		case *events.EmployerDescribed:
			if e := byKey[d.Employer.Key()]; e != nil && d.Postcode.Plain != nil {
				e.Postcode, e.Gemeente = *d.Postcode.Plain, d.Gemeente
			}
		case *events.VisitMade:
			if e := byKey[d.Employer.Key()]; e != nil {
				e.LastContact = max(e.LastContact, d.Date)
			}
		}
	}
	return append(all, handMade...)
})

func fill(list ...[]search.Entry) *search.Index {
	x := search.New()
	for _, entries := range list {
		for _, e := range entries {
			x.Put(e)
		}
	}
	return x
}

// small is the demo's employers; large is those and many others.
var (
	small = sync.OnceValue(func() *search.Index { return fill(demo()) })
	large = sync.OnceValue(func() *search.Index { return fill(searchtest.Employers(many), demo()) })
)

// inBoth runs a test on a small and on a large book.
func inBoth(t *testing.T, fn func(t *testing.T, x *search.Index)) {
	t.Run("Demo", func(t *testing.T) { fn(t, small()) })
	t.Run("DemoAndMany", func(t *testing.T) {
		if testing.Short() {
			t.Skip("200,000 employers take some seconds")
		}
		fn(t, large())
	})
}
