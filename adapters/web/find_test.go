package web_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/projections/search"
)

// TestFind: pages of what was typed, and a cursor that is no other question's.
func TestFind(t *testing.T) {
	h := newHouse(t)
	for i := range 25 {
		h.index.Put(search.Entry{Keys: []string{fmt.Sprintf("900%05d", i)}, Names: []string{fmt.Sprintf("Bakkerij Voorbeeld %d", i), "Vroeger Anders"}, Place: "Zwolle", LastContact: "2026-11-01"})
	}
	h.synced()
	seen, after := map[string]bool{}, ""
	for pages := 1; ; pages++ {
		got, err := h.client("b").Find(t.Context(), "bakkerij", after, 10, h.last)
		if err != nil || got.Total != 25 || got.Position < h.last {
			t.Fatal(err, got)
		}
		for _, e := range got.Employers {
			if seen[e.Employer.Key] || e.Score < 1 || len(e.Why) == 0 || e.Keys[0] != e.Employer.Key || *e.Last != "2026-11-01" || len(e.Others) != 1 {
				t.Fatalf("%+v", e)
			}
			seen[e.Employer.Key] = true
		}
		if after = got.Next; after == "" {
			if pages != 3 {
				t.Errorf("%d pages", pages)
			}
			break
		}
		if r := h.get("b", "/v1/werkgevers?zoek=voorbeeld&na="+after); r.status != 400 {
			t.Errorf("the cursor of another question: %d", r.status)
		}
	}
	if len(seen) != 25 {
		t.Errorf("%d were found", len(seen))
	}
	none, err := h.client("b").Find(t.Context(), "zeppelin", "", 0, 0)
	if err != nil || none.Total != 0 || none.Employers == nil {
		t.Errorf("%v: %+v", err, none)
	}
}

// TestSearchBehind: the answer is true for as far as the index is, and waits for it.
func TestSearchBehind(t *testing.T) {
	h := newHouse(t)
	h.synced()
	var asked events.Position
	s := h.door(func(c *web.Config) {
		c.Searched = func(_ context.Context, p events.Position) (events.Position, error) {
			if asked = p; p > 3 {
				return 0, context.DeadlineExceeded
			}
			return 3, nil
		}
	})
	if w := h.ask(s, "a", "/v1/werkgevers?zoek=bakkerij&vanafPositie=2"); w.Code != 200 || asked != 2 || !contains(w.Body.String(), `"positie":3`) {
		t.Errorf("%d, waited for %d: %s", w.Code, asked, w.Body)
	}
	if w := h.ask(s, "a", "/v1/werkgevers?zoek=bakkerij&vanafPositie=4"); w.Code != 503 || !contains(w.Body.String(), "nog-niet-bijgewerkt") {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
	s = h.door(func(c *web.Config) { c.Search = func() web.Search { return nil } })
	for who, path := range map[string]string{"a": "/v1/werkgevers?zoek=bakkerij", "steward": "/v1/mogelijk-dezelfde"} {
		if w := h.ask(s, who, path); w.Code != 503 || w.Header().Get("Retry-After") != "5" || !contains(w.Body.String(), "probleem/zoeken-wordt-opgebouwd") {
			t.Errorf("%s: %d: %s", path, w.Code, w.Body)
		}
	}
	if w := h.ask(s, "", "/readyz"); w.Code != 200 || !contains(w.Body.String(), `"code":"zoeken-wordt-opgebouwd"`) {
		t.Errorf("%d: %s", w.Code, w.Body)
	}
}

// TestFindFilters: filters alone and with a text, in each order, and a cursor that is of
// its own question.
func TestFindFilters(t *testing.T) {
	h := newHouse(t)
	for i, e := range []search.Entry{
		{Names: []string{"De Zwaluw B.V."}, Gemeente: "GM0193", Sector: "markt", Size: "10-19", LastContact: "2026-08-20"},
		{Names: []string{"Bakkerij Kievit"}, Gemeente: "GM0175", Sector: "markt", Size: "1"},
		{Names: []string{"Zorggroep Kievit"}, Gemeente: "GM0193", Sector: "overheid", LastContact: "2026-07-01"},
		{Gemeente: "GM0193"},
	} {
		e.Keys = []string{fmt.Sprintf("9000000%d", i)}
		h.index.Put(e)
	}
	h.synced()
	for name, c := range map[string]struct {
		q     web.FindQuestion
		want  string
		total int
	}{
		"a gemeente":                {web.FindQuestion{Gemeenten: []string{"GM0193"}}, "2 0 3", 3},
		"two":                       {web.FindQuestion{Gemeenten: []string{"GM0175", "GM0193"}}, "1 2 0 3", 4},
		"none has it":               {web.FindQuestion{Gemeenten: []string{"GM9999"}}, "", 0},
		"a sector":                  {web.FindQuestion{Sector: "markt"}, "1 0", 2},
		"a size":                    {web.FindQuestion{Size: "10-19"}, "0", 1},
		"not since":                 {web.FindQuestion{NotSince: "2026-08-20"}, "1 2 3", 3},
		"not since, by contact":     {web.FindQuestion{NotSince: "2026-08-20", Sort: "laatste"}, "2 1 3", 3},
		"a text":                    {web.FindQuestion{Text: "kievit"}, "2 1", 2},
		"a text, by name":           {web.FindQuestion{Text: "kievit", Sort: "naam"}, "1 2", 2},
		"a text and a filter":       {web.FindQuestion{Text: "kievit", Gemeenten: []string{"GM0193"}, Since: h.last}, "2", 1},
		"a text and two, one alone": {web.FindQuestion{Text: "kievit", Sector: "overheid", NotSince: "2026-06-01"}, "", 0},
	} {
		got, err := h.client("a").FindWith(t.Context(), c.q)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var keys []string
		for _, e := range got.Employers {
			keys = append(keys, e.Employer.Key[7:])
			if (e.Score == 0) != (c.q.Text == "") {
				t.Errorf("%s: %+v", name, e)
			}
		}
		if s := strings.Join(keys, " "); s != c.want || got.Total != c.total {
			t.Errorf("%s: %q of %d, want %q", name, s, got.Total, c.want)
		}
	}
	first := must[*web.FindAnswer](t)(h.client("steward").FindWith(t.Context(), web.FindQuestion{Gemeenten: []string{"GM0193"}, Max: 2}))
	rest := must[*web.FindAnswer](t)(h.client("steward").FindWith(t.Context(), web.FindQuestion{Gemeenten: []string{"GM0193"}, Max: 2, After: first.Next}))
	if len(first.Employers) != 2 || len(rest.Employers) != 1 || rest.Next != "" || first.Employers[0].Sector != "overheid" || first.Employers[1].Size != "10-19" {
		t.Errorf("%+v, then %+v", first, rest)
	}
	for query, field := range map[string]string{
		"": "zoek", "aantal=2": "zoek", "sorteer=naam": "zoek", "zoek=x": "zoek", "zoek=%20%20": "zoek", "gemeente=Zwolle": "gemeente",
		"gemeente=GM0193&gemeente=x": "gemeente", "sector=x": "sector", "sector=markt&sector=markt": "sector", "grootteklasse=3": "grootteklasse",
		"nietSinds=vorige+week": "nietSinds", "sector=markt&sorteer=plaats": "sorteer", "gemeente=GM0175&na=" + first.Next: "na",
		"gemeente=GM0193&sorteer=laatste&na=" + first.Next: "na", "werkgever=x": "werkgever", "werkgever=90000000&zoek=kievit": "werkgever",
		strings.Repeat("werkgever=90000000&", 201) + "aantal=200": "werkgever",
	} {
		if r := h.get("a", "/v1/werkgevers?"+query); r.status != 400 || r.problem(t).Faults[0].Field != "/query/"+field {
			t.Errorf("%.60s: %d %s", query, r.status, r.body)
		}
	}
	for who, status := range map[string]int{"board": 403, "auditor": 403, "": 401} {
		if r := h.get(who, "/v1/werkgevers?gemeente=GM0193"); r.status != status {
			t.Errorf("%q: %d", who, r.status)
		}
	}
}

// TestNamed: exactly the employers that a page lists, in its order, each under the key
// that was asked for.
func TestNamed(t *testing.T) {
	h := newHouse(t)
	h.index.Put(search.Entry{Keys: []string{"90000001", "voorlopig-0f6b7c1f-52a4-4f55-8d1e-5b0d6f1e0a09"}, Names: []string{"Kievit"}, Place: "Zwolle", Sector: "markt"})
	h.index.Put(search.Entry{Keys: []string{"90000002"}}) // its name was erased
	h.synced()
	asked := []string{"90000003", "voorlopig-0f6b7c1f-52a4-4f55-8d1e-5b0d6f1e0a09", "90000002", "90000001", "90000003"}
	got := must[*web.FindAnswer](t)(h.client("b").Named(t.Context(), asked, h.last))
	if len(got.Employers) != len(asked) || got.Total != len(asked) || got.Position < h.last || got.Next != "" {
		t.Fatalf("%+v", got)
	}
	for i, e := range got.Employers {
		known := i == 1 || i == 3
		if e.Employer.Key != asked[i] || (e.Name != nil) != known || known && (*e.Name != "Kievit" || e.Sector != "markt" || e.Keys[0] != "90000001") || e.Why == nil {
			t.Errorf("%d: %+v", i, e)
		}
	}
	var many []string
	for i := range 200 {
		many = append(many, fmt.Sprintf("9%07d", i))
	}
	if got, err := h.client("b").Named(t.Context(), many, 0); err != nil || len(got.Employers) != 200 {
		t.Errorf("%v: %d", err, len(got.Employers))
	}
}
