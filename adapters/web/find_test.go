package web_test

import (
	"context"
	"fmt"
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
