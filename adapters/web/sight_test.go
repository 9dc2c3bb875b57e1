package web_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/events"
)

func contains(body, want string) bool { return strings.Contains(body, want) }

func mustParse(t *testing.T, s string) time.Time {
	t.Helper()
	return must[time.Time](t)(time.Parse(time.RFC3339, s))
}

// wantCanaries checks that of these canaries exactly the wanted ones are there.
func wantCanaries(t *testing.T, name, body string, want []string, of ...string) {
	t.Helper()
	for _, c := range of {
		if got := strings.Contains(body, c); got != slices.Contains(want, c) {
			t.Errorf("%s: canary %q is there: %t", name, c, got)
		}
	}
}

var canaries = []string{
	phoneA, mailA, staffA, noteA, phoneB, mailB, staffB, noteB, phoneC, mailC, staffC, phoneE, mailE,
	"Manager van A", "Manager van B", "Manager van C", "Chef Werkvloer",
}

var (
	managers = []string{phoneA, phoneB, phoneC, "Manager van A", "Manager van B", "Manager van C"}
	ofAandB  = []string{phoneA, phoneB, "Manager van A", "Manager van B"}
)

func with(list []string, more ...string) []string { return append(slices.Clone(list), more...) }

// TestSight is the table of docs/contract.md, "Roles": who may read what, where.
func TestSight(t *testing.T) {
	h := newHouse(t)
	story(h)
	base := "/v1/werkgevers/" + employer
	advice := map[string][]string{ // an own plan is not another's
		"a": {phoneA, phoneB, phoneC, "Manager van A", "Manager van B", "Manager van C"},
		"b": {phoneA, phoneC, "Manager van A", "Manager van C"},
		"c": managers, "steward": managers,
	}
	for _, tt := range []struct {
		path string
		may  map[string][]string // who is not named may not
	}{
		{base, map[string][]string{
			"a":       with(managers, mailA, staffA, noteA, phoneE, mailE, "Chef Werkvloer"),
			"b":       with(managers, mailB, staffB, noteB),
			"c":       with(managers, mailC, staffC),
			"steward": managers,
		}},
		{base + "/contacten?aantal=200", map[string][]string{
			"a":       with(ofAandB, mailA, staffA, noteA),
			"b":       with(ofAandB, mailB, staffB, noteB),
			"c":       ofAandB,
			"steward": ofAandB,
		}},
		{base + "/contacten?soort=plan,bezoek&van=2026-01-01&aantal=200", map[string][]string{
			"a":       with(ofAandB, mailA, staffA, noteA),
			"b":       with(ofAandB, mailB, staffB, noteB),
			"c":       ofAandB,
			"steward": ofAandB,
		}},
		{"/v1/plannen?voor=regio&status=alles", map[string][]string{
			"a":       with(ofAandB, mailA, staffA),
			"b":       with(ofAandB, mailB, staffB),
			"c":       ofAandB,
			"steward": ofAandB,
		}},
		{"/v1/plannen?partner=" + partnerB, map[string][]string{
			"a": {phoneB, "Manager van B"}, "b": {phoneB, "Manager van B", mailB, staffB}, "c": {phoneB, "Manager van B"}, "steward": {phoneB, "Manager van B"},
		}},
		{base + "/advies", advice},
		{base + "/advies?doel=vacature&datum=2026-11-25", advice},
		{"/v1/partners", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}}},
		{"/v1/tellingen?meting=plaatsingen", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}, "board": {}}},
		{"/v1/tellingen?meting=bezoeken&per=doelgroep", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}, "board": {}}},
		{"/v1/aanleveringen", map[string][]string{"a": {}, "b": {}, "c": {}}},
		{"/v1/berichten", map[string][]string{"a": {phoneA, "Manager van A"}, "b": {phoneA, "Manager van A"}, "c": {}}}, // of its own plan that expires
		{"/v1/tellingen?meting=signalen&per=thema", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}, "board": {}}},
		{"/v1/tellingen?meting=vacatures&tijdvak=kwartaal", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}, "board": {}}},
		{"/v1/werkgevers?zoek=bakkerij", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}}},
		{"/v1/werkgevers?gemeente=GM0193&sorteer=naam", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}}},
		{"/v1/werkgevers?werkgever=" + employer, map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}}},
		{"/v1/koppelingen?wacht=true", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}}},
		{"/v1/mogelijk-dezelfde", map[string][]string{"steward": {}}},
		{"/v1/gevolgde-werkgevers", map[string][]string{"a": {}, "b": {}, "c": {}}},
		{"/v1/dekking", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}}},
		{"/v1/partners?peildatum=2026-11-22", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}}},
		{"/v1/arbeidsmarktregios", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}}},
		{"/v1/arbeidsmarktregios/AM36", map[string][]string{"a": {}, "b": {}, "c": {}, "steward": {}}},
		{"/v1/inzagen", map[string][]string{"a": {}, "b": {}, "c": {}, "auditor": {}}},
		{"/v1/status", map[string][]string{"steward": {}}},
		{"/metrics", map[string][]string{"steward": {}}},
	} {
		for _, who := range []string{"a", "b", "c", "steward", "board", "auditor", ""} {
			r := h.get(who, tt.path)
			want, may := tt.may[who]
			status := http.StatusForbidden
			if may {
				status = http.StatusOK
			} else if who == "" {
				status = http.StatusUnauthorized
			}
			name := who + " " + tt.path
			if r.status != status {
				t.Errorf("%s: %d, want %d: %.200s", name, r.status, status, r.body)
			}
			wantCanaries(t, name, r.body, want, canaries...)
		}
	}
}

// TestOthersPlacements: of another's placement no more than month and count.
func TestOthersPlacements(t *testing.T) {
	h := newHouse(t)
	story(h)
	for who, own := range map[string]int{"a": 3, "b": 24, "c": 0, "steward": 0} {
		r := h.get(who, "/v1/werkgevers/"+employer+"/contacten?aantal=200")
		for _, member := range []string{`"plaatsing":"`, `"urenPerWeek":25.5`, `"doelgroep":"DD0`, `"soort":"dienstverband"`} {
			if n := strings.Count(r.body, member); n != own {
				t.Errorf("%s: %s is there %d times, want %d", who, member, n, own)
			}
		}
		body := h.get(who, "/v1/werkgevers/"+employer).body
		_, counts, _ := strings.Cut(body, `"plaatsingen":`)
		if november := strings.Contains(counts, `"2026-11"`); november != (own > 0) {
			t.Errorf("%s: the running month is there: %t", who, november)
		}
	}
}

func TestUnauthenticated(t *testing.T) {
	h := newHouse(t)
	h.synced()
	good := "Bearer " + h.tokens["a"]
	for name, headers := range map[string][]string{
		"none": nil, "empty": {""}, "only the scheme": {"Bearer"}, "no token": {"Bearer "}, "a wrong one": {good + "x"},
		"another scheme": {"Basic " + h.tokens["a"]}, "the token alone": {h.tokens["a"]}, "two": {good, good},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL+"/v1/partners?token="+h.tokens["a"], nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header["Authorization"] = headers
		got := h.send(r)
		if got.status != 401 || !strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer ") {
			t.Errorf("%s: %d, WWW-Authenticate %q", name, got.status, got.header.Get("WWW-Authenticate"))
		}
		if p := got.problem(t); p.Status != 401 || p.Title == "" || p.Detail == "" || strings.Contains(got.body, h.tokens["a"]) {
			t.Errorf("%s: %s", name, got.body)
		}
	}
	list := h.access.List()
	for _, c := range list {
		if err := h.access.Remove(c.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got := h.get("a", "/v1/partners"); got.status != 401 {
		t.Errorf("a removed credential: %d", got.status)
	}
}

// TestNoPart: a token does not outlive its partner's part in the region.
func TestNoPart(t *testing.T) {
	h := newHouse(t)
	h.record(steward, stewardSource, &events.PartnerDeparted{Partner: partnerB, From: "2026-09-02"})
	h.synced()
	paths := []string{"/v1/werkgevers/" + employer, "/v1/werkgevers/" + employer + "/contacten", "/v1/werkgevers/" + employer + "/advies",
		"/v1/partners", "/v1/tellingen?meting=bezoeken", "/v1/aanleveringen", "/v1/berichten", "/v1/werkgevers?zoek=bakkerij",
		"/v1/koppelingen?wacht=true", "/v1/dekking", "/v1/arbeidsmarktregios", "/v1/arbeidsmarktregios/AM36", "/v1/inzagen"}
	want := func(status int) {
		t.Helper()
		for _, path := range paths {
			if r := h.get("b", path); r.status != status {
				t.Errorf("%s: %d, want %d", path, r.status, status)
			}
		}
	}
	want(200)
	h.day("2026-09-02")
	want(403)
}
