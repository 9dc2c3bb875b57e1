package web_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections/search"
)

// plansStory has plans of three partners at two employers: A's first is confirmed for a
// day, its second names B, B's clashes with A's, and C's is over.
func plansStory(h *house) (first, second, third events.Ref, moved events.Ref) {
	h.t.Helper()
	h.index.Put(search.Entry{Keys: []string{employer}, Names: []string{"Bakkerij Voorbeeld"}})
	h.day("2026-09-01")
	approach := uuid.NewString()
	_, first = h.say(partnerA, &events.VisitPlanned{
		Employer: at(employer), Approach: approach, Period: &events.Period{From: "2026-09-07", To: "2026-09-11"}, Purpose: "advies",
		AccountManager: managerA, Form: "video", Note: plain(noteA), AtRequest: true,
	})
	_, moved = h.say(partnerA, &events.VisitMoved{Approach: approach, Date: "2026-09-09", Time: "10:30", Duration: "PT1H"})
	_, second = h.say(partnerA, &events.VisitPlanned{
		Employer: at(otherEmployer), Approach: uuid.NewString(), Date: "2026-09-15", Purpose: "acquisitie", AccountManager: managerA,
		With: []string{oins[partnerB]},
	})
	_, third = h.say(partnerB, &events.VisitPlanned{
		Employer: at(otherEmployer), Approach: uuid.NewString(), Date: "2026-09-16", Purpose: "acquisitie", AccountManager: managerB, Note: plain(noteB),
		Despite: &events.Despite{Reason: plain("Het kan niet later.")},
	})
	h.say(partnerC, &events.VisitPlanned{
		Employer: at(otherEmployer), Approach: uuid.NewString(), Date: "2026-09-02", Purpose: "nazorg", AccountManager: managerC,
	})
	h.day("2026-09-04")
	h.synced()
	return first, second, third, moved
}

// days are the first days of a page of plans.
func planDays(a *web.PlansAnswer) (list []string) {
	for _, p := range a.Plans {
		list = append(list, strings.TrimPrefix(string(p.From), "2026-09-")+p.Partner.Name[len("Partner "):])
	}
	return list
}

// TestPlans: whose plans a question is about, and which of them.
func TestPlans(t *testing.T) {
	h := newHouse(t)
	plansStory(h)
	for name, c := range map[string]struct {
		who  string
		q    web.PlansQuestion
		want string
	}{
		"own":                      {"a", web.PlansQuestion{}, "09A 15A"},
		"the region's":             {"a", web.PlansQuestion{Region: true}, "09A 15A 16B"},
		"everything":               {"c", web.PlansQuestion{Region: true, All: true}, "02C 09A 15A 16B"},
		"own, everything":          {"c", web.PlansQuestion{All: true}, "02C"},
		"the steward's":            {"steward", web.PlansQuestion{}, "09A 15A 16B"},
		"of a partner":             {"steward", web.PlansQuestion{Partner: partnerB}, "16B"},
		"of another":               {"a", web.PlansQuestion{Partner: partnerB}, "16B"},
		"of oneself":               {"a", web.PlansQuestion{Partner: partnerA}, "09A 15A"},
		"of nobody":                {"a", web.PlansQuestion{Partner: uuid.NewString()}, ""},
		"an account manager's":     {"a", web.PlansQuestion{Employee: managerA.Plain.Employee}, "09A 15A"},
		"of one who is not there":  {"a", web.PlansQuestion{Employee: "am-99"}, ""},
		"of another's":             {"a", web.PlansQuestion{Employee: managerB.Plain.Employee}, ""},
		"up to a day":              {"a", web.PlansQuestion{Region: true, To: "2026-09-15"}, "09A 15A"},
		"from a day":               {"a", web.PlansQuestion{Region: true, From: "2026-09-10"}, "15A 16B"},
		"over, from a day":         {"a", web.PlansQuestion{Region: true, All: true, From: "2026-09-03"}, "09A 15A 16B"},
		"waiting for B":            {"b", web.PlansQuestion{Waiting: true}, "15A"},
		"waiting for B, on a day":  {"b", web.PlansQuestion{Waiting: true, From: "2026-09-16"}, ""},
		"waiting for A, who asked": {"a", web.PlansQuestion{Waiting: true}, ""},
	} {
		got, err := h.client(c.who).Plans(t.Context(), c.q)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if s := strings.Join(planDays(got), " "); s != c.want || got.Position < h.last || got.Next != "" {
			t.Errorf("%s: %q, want %q", name, s, c.want)
		}
	}
	for query, field := range map[string]string{
		"voor=regio&partner=" + partnerA: "/query/voor", "voor=iemand": "/query/voor", "partner=x": "/query/partner", "status=x": "/query/status",
		"van=2026-13-01": "/query/van", "tot=x": "/query/tot", "van=2026-09-02&tot=2026-09-01": "/query/tot", "status=alles&van=2024-01-01": "/query/van",
		"wacht=true&voor=regio": "/query/wacht", "wacht=true&status=alles": "/query/wacht",
		"medewerker=x": "/query/medewerker", "na=x": "/query/na", "aantal=201": "/query/aantal", "dag=1": "/query/dag",
	} {
		r := h.get("a", "/v1/plannen?"+query)
		if p := r.problem(t); r.status != 400 || len(p.Faults) != 1 || p.Faults[0].Field != field {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
	for who, q := range map[string]web.PlansQuestion{
		"a": {Employee: staffA, Region: true}, "b": {Employee: staffB, Partner: partnerA}, "c": {Employee: staffC, Waiting: true}, "steward": {Employee: staffA},
	} {
		var p ledger.Problem
		if _, err := h.client(who).Plans(t.Context(), q); !errors.As(err, &p) || p.Status != 400 || strings.Contains(p.Error(), "mdw") {
			t.Errorf("%s asks %+v: %v", who, q, err)
		}
	}
	for _, query := range []string{"wacht=true", "voor=partner"} {
		if r := h.get("steward", "/v1/plannen?"+query); r.status != 400 {
			t.Errorf("the steward asks %s: %d", query, r.status)
		}
	}
	for who, status := range map[string]int{"board": 403, "auditor": 403, "": 401} {
		if r := h.get(who, "/v1/plannen"); r.status != status {
			t.Errorf("%q: %d", who, r.status)
		}
	}
}

// TestPlansSight: what is one's own comes with what it takes to change it; others' free
// text, mail address and own ids never.
func TestPlansSight(t *testing.T) {
	h := newHouse(t)
	first, second, third, moved := plansStory(h)
	ask := func(who string, q web.PlansQuestion) []web.PlannedApproach {
		t.Helper()
		return must[*web.PlansAnswer](t)(h.client(who).Plans(t.Context(), q)).Plans
	}
	own := ask("a", web.PlansQuestion{Region: true})
	p := own[0]
	if p.Status != "bevestigd" || p.From != "2026-09-09" || p.To != p.From || p.Time != "10:30" || p.Duration != "PT1H" || *p.Form != "video" ||
		!p.AtRequest || !p.Own || p.Clashes || *p.Name != "Bakkerij Voorbeeld" || p.HoldsUntil != "2026-09-09" ||
		*p.Event != first || p.LastEvent == nil || *p.LastEvent != moved || p.AccountManager.Employee != managerA.Plain.Employee {
		t.Errorf("%+v, manager %+v", p, p.AccountManager)
	}
	if p := own[1]; *p.Event != second || p.LastEvent != nil || !p.Clashes || p.NamesYou || !slices.Equal(p.With, []string{oins[partnerB]}) || p.Confirmed != nil || p.Name != nil {
		t.Errorf("%+v", p)
	}
	if p := own[2]; p.Event != nil || p.Own || !p.Clashes || p.AccountManager.Employee != "" || p.AccountManager.Email != "" || p.AccountManager.Name != managerB.Plain.Name {
		t.Errorf("another's: %+v, manager %+v", p, p.AccountManager)
	}
	waits := ask("b", web.PlansQuestion{Waiting: true})
	if len(waits) != 1 || !waits[0].NamesYou || waits[0].Own || *waits[0].Event != second || waits[0].AccountManager.Employee != "" {
		t.Fatalf("%+v", waits)
	}
	for who, path := range map[string]string{"b": "", "c": "?voor=regio", "steward": "?status=alles"} {
		body := h.get(who, "/v1/plannen"+path).body
		for _, hidden := range []string{noteA, "Het kan niet later", first.ID + `"`} {
			if strings.Contains(body, hidden) {
				t.Errorf("%s sees %q", who, hidden)
			}
		}
	}
	if body := h.get("c", "/v1/plannen?voor=regio").body; strings.Contains(body, `"melding"`) || strings.Contains(body, `"medewerker"`) || strings.Contains(body, noteB) {
		t.Errorf("C sees %s", body)
	}
	// Once B says so too, nothing waits and nothing clashes.
	h.say(partnerB, &events.JointVisitConfirmed{Event: second})
	h.synced()
	if waits := ask("b", web.PlansQuestion{Waiting: true, Since: h.last}); len(waits) != 0 {
		t.Errorf("waits still: %+v", waits)
	}
	for _, p := range ask("b", web.PlansQuestion{Region: true}) {
		if p.Clashes || p.From == "2026-09-15" && (!slices.Equal(p.Confirmed, []string{oins[partnerB]}) || !p.NamesYou || *p.Event != second) {
			t.Errorf("%+v", p)
		}
	}
	h.say(partnerB, &events.EventRetracted{Event: third})
	h.synced()
	got := ask("b", web.PlansQuestion{All: true})
	if len(got) != 1 || got[0].Status != "ingetrokken" || got[0].HoldsUntil != "" {
		t.Errorf("%+v", got)
	}
	if over := ask("c", web.PlansQuestion{All: true}); over[0].Status != "verlopen" || over[0].HoldsUntil != "" {
		t.Errorf("%+v", over)
	}
}

// TestPlansPages: pages are of one list whatever is added meanwhile, a cursor is of its
// own question only, and without an index there are plans without names.
func TestPlansPages(t *testing.T) {
	h := newHouse(t)
	for i := range 7 {
		h.say(partnerA, &events.VisitPlanned{
			Employer: at(employer), Approach: uuid.NewString(), Date: events.Date("2026-09-01").AddDays(9 - i), Purpose: "nazorg", AccountManager: managerA,
		})
	}
	h.synced()
	c := h.client("a")
	var days []events.Date
	after := ""
	for {
		got := must[*web.PlansAnswer](t)(c.Plans(t.Context(), web.PlansQuestion{After: after, Max: 3}))
		for _, p := range got.Plans {
			days = append(days, p.From)
		}
		if after = got.Next; after == "" {
			break
		}
		if len(days) == 3 { // before what was read, and behind it
			for _, day := range []events.Date{"2026-09-02", "2026-09-20"} {
				h.say(partnerA, &events.VisitPlanned{Employer: at(employer), Approach: uuid.NewString(), Date: day, Purpose: "nazorg", AccountManager: managerA})
			}
			h.synced()
		}
		if r := h.get("a", "/v1/plannen?voor=regio&na="+after); r.status != 400 {
			t.Errorf("the cursor of another question: %d", r.status)
		}
	}
	want := "[2026-09-04 2026-09-05 2026-09-06 2026-09-07 2026-09-08 2026-09-09 2026-09-10 2026-09-20]"
	if got := fmt.Sprint(days); got != want {
		t.Errorf("%s", got)
	}
	s := h.door(func(c *web.Config) { c.Search = func() web.Search { return nil } })
	if w := h.ask(s, "a", "/v1/plannen"); w.Code != 200 || !contains(w.Body.String(), `"naam":null`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestPlanAt: every event of an approach leads to it, however it ended, and nothing else.
func TestPlanAt(t *testing.T) {
	h := newHouse(t)
	plansStory(h)
	all := must[*web.PlansAnswer](t)(h.client("a").Plans(t.Context(), web.PlansQuestion{Region: true, All: true})).Plans
	for _, want := range all {
		for _, who := range []string{"a", "c", "steward"} {
			got, fresh, err := h.client(who).PlanAt(t.Context(), want.Position, 0)
			if err != nil || got == nil || got.Approach != want.Approach || fresh.Position < h.last {
				t.Errorf("%s at %d: %+v %v", who, want.Position, got, err)
			}
		}
	}
	off, _ := h.say(partnerA, &events.VisitCalledOff{Approach: all[1].Approach})
	h.synced()
	if got, _, err := h.client("b").PlanAt(t.Context(), off.Position, 0); err != nil || got == nil || got.Approach != all[1].Approach || got.Status != "afgezegd" || got.Event != nil {
		t.Errorf("called off: %+v %v", got, err)
	}
	for _, at := range []events.Position{1, 2, off.Position + 1} {
		if got, _, err := h.client("a").PlanAt(t.Context(), at, 0); err != nil || got != nil {
			t.Errorf("at %d: %+v %v", at, got, err)
		}
	}
	for _, query := range []string{"positie=3&voor=regio", "positie=3&van=2026-09-01", "positie=x"} {
		if r := h.get("a", "/v1/plannen?"+query); r.status != 400 {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
}
