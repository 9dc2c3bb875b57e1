package web_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// explained is a plan of A, one of B that went through it with a reason, and a placement
// of A; at is the position of B's plan.
func explained(h *house) (plan, through, placed events.Position) {
	manager := events.AccountManager{Employee: "m1", Name: "Planner Voorbeeld", Phone: "0381000101"}
	of := func(day events.Date) *events.VisitPlanned {
		return &events.VisitPlanned{
			Employer: events.Employer{KvK: "69599084"}, Approach: uuid.NewString(), Date: day, Purpose: "acquisitie",
			AccountManager: events.Personal[events.AccountManager]{Plain: &manager},
		}
	}
	first, _ := h.say(partnerA, of("2026-09-05"))
	reason := "De werkgever belde zelf"
	second := of("2026-09-08")
	second.Despite = &events.Despite{Reason: events.Personal[string]{Plain: &reason}}
	taken, _ := h.say(partnerB, second)
	third, _ := h.say(partnerA, &events.PlacementMade{
		Employer: events.Employer{KvK: "69599084"}, Placement: uuid.NewString(), Start: "2026-09-01", Kind: "dienstverband", Region: "AM36",
	})
	h.synced()
	return first.Position, taken.Position, third.Position
}

// Everybody that may read the plan may have it explained; the reason to go through is
// for the two parties.
func TestExplain(t *testing.T) {
	h := newHouse(t)
	plan, through, _ := explained(h)
	for who, despite := range map[string]bool{"a": true, "b": true, "c": false, "steward": false} {
		a, err := h.client(who).Explain(t.Context(), through, through)
		if err != nil {
			t.Fatal(err)
		}
		x := &a.Explanation
		if *x.Outcome != events.Taken || len(x.Reasons) != 2 || a.Position < through || a.UpTo.IsZero() {
			t.Errorf("%s: %+v", who, a)
		}
		if len(x.Facts) != 1 || x.Facts[0].Position != plan || !x.Facts[0].Decided || !strings.Contains(x.Facts[0].Sentence.NL, fmt.Sprintf("(positie %d)", plan)) {
			t.Errorf("%s: facts %+v", who, x.Facts)
		}
		if (x.Despite != nil) != despite || despite && *x.Despite != "De werkgever belde zelf" {
			t.Errorf("%s: reason %v", who, x.Despite)
		}
		if !x.Again.Then.Same || !x.Again.Now.Same {
			t.Errorf("%s: again %+v", who, x.Again)
		}
		raw := h.get(who, fmt.Sprintf("/v1/oordelen/%d", through)).body
		if strings.Contains(raw, "De werkgever belde zelf") != despite || strings.Contains(raw, `"m1"`) {
			t.Errorf("%s: %s", who, raw)
		}
	}
}

// What is not there, and what is another's own, is not there in the same words.
func TestExplainRefusals(t *testing.T) {
	h := newHouse(t)
	plan, _, placed := explained(h)
	var absent string
	for _, c := range []struct {
		who, at string
		status  int
	}{
		{"b", "999", http.StatusNotFound}, {"b", fmt.Sprint(placed), http.StatusNotFound}, {"steward", fmt.Sprint(placed), http.StatusNotFound},
		{"a", fmt.Sprint(placed), http.StatusOK}, {"b", fmt.Sprint(plan), http.StatusOK},
		{"b", "18446744073709551615", http.StatusNotFound},
		{"b", "0", http.StatusBadRequest}, {"b", "-1", http.StatusBadRequest}, {"b", "nul", http.StatusBadRequest},
		{"board", fmt.Sprint(plan), http.StatusForbidden}, {"auditor", fmt.Sprint(plan), http.StatusForbidden},
		{"", fmt.Sprint(plan), http.StatusUnauthorized},
	} {
		r := h.get(c.who, "/v1/oordelen/"+c.at)
		if r.status != c.status {
			t.Errorf("%s, position %s: %d %s", c.who, c.at, r.status, r.body)
		}
		if c.status != http.StatusNotFound {
			continue
		}
		if absent == "" {
			absent = r.body
		}
		if r.body != absent || !strings.HasSuffix(r.problem(t).Type, "/onbekende-positie") {
			t.Errorf("%s, position %s: %s", c.who, c.at, r.body)
		}
	}
	if r := h.get("b", fmt.Sprintf("/v1/oordelen/%d?vanafPositie=1", plan)); r.status != http.StatusOK {
		t.Errorf("%d %s", r.status, r.body)
	}
	if err := h.ledger.Err(); err != nil {
		t.Error(err)
	}
}

var _ web.Ledger = (*ledger.Ledger)(nil)

// A refused plan of another is not there, as what never was is not.
func TestExplainRefusedPlan(t *testing.T) {
	h := newHouse(t)
	h.record(steward, stewardSource, &events.EmployerSpared{Employer: at(employer), From: "2026-09-01", Ground: "regio"})
	refused, _ := h.say(partnerB, plan("2026-09-25"))
	h.synced()
	absent := h.get("a", "/v1/oordelen/999").body
	for who, status := range map[string]int{"b": http.StatusOK, "steward": http.StatusOK, "a": http.StatusNotFound, "c": http.StatusNotFound} {
		r := h.get(who, fmt.Sprintf("/v1/oordelen/%d", refused.Position))
		if r.status != status || status == http.StatusNotFound && r.body != absent {
			t.Errorf("%s: %d %s", who, r.status, r.body)
		}
	}
}
