package web_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

func TestEmployer(t *testing.T) {
	h := newHouse(t)
	story(h)
	got, err := h.client("a").Employer(t.Context(), at(employer), h.last)
	if err != nil {
		t.Fatal(err)
	}
	if got.Position != h.last || !got.UpTo.Equal(mustParse(t, "2026-11-20T11:00:00Z")) || got.UpTo.Location().String() != "UTC" {
		t.Errorf("true for %d, %s; want %d", got.Position, got.UpTo, h.last)
	}
	nameC := ledger.PartnerName{ID: partnerC, URN: oins[partnerC], Name: "Partner C"}
	if diff := cmp.Diff(&ledger.Call{Partner: nameC, Name: "Manager van C", Phone: phoneC, Reason: "vaste-contactpersoon"}, got.Call); diff != "" {
		t.Error(diff)
	}
	if got.Outcome != events.Taken || len(got.Reasons) == 0 {
		t.Errorf("verdict %s %v", got.Outcome, got.Reasons)
	}
	var planned []string
	for _, p := range got.Planned {
		planned = append(planned, string(p.From)+" "+p.Partner.Name+" "+p.AccountManager.Phone)
	}
	if diff := cmp.Diff([]string{"2026-11-23 Partner A " + phoneA, "2026-11-25 Partner B " + phoneB}, planned); diff != "" {
		t.Error(diff)
	}
	if got.LastVisit == nil || got.LastVisit.Date != "2026-09-08" {
		t.Errorf("last visit %+v", got.LastVisit)
	}
	if len(got.Contacts) != 10-2 && got.Next == "" {
		t.Errorf("%d contacts, next %q", len(got.Contacts), got.Next)
	}
	want := []web.PlacementCount{
		{Month: "2026-09", Partner: nameOf("A"), Count: 2}, {Month: "2026-09", Partner: nameOf("B"), Count: 10},
		{Month: "2026-10", Partner: nameOf("B"), Count: 6}, {Month: "2026-11", Partner: nameOf("A"), Count: 1},
	}
	if diff := cmp.Diff(want, got.Placements); diff != "" {
		t.Error(diff)
	}
	c := got.Card
	if c == nil || *c.Name != "Bakkerij Voorbeeld" || *c.Place != "Zwolle" || *c.Postcode != "8011AB" || c.Gemeente != "GM0193" || c.PeopleCount != 1 {
		t.Errorf("card %+v", c)
	}
	if len(got.Fixed) != 1 || got.Fixed[0].AccountManager.Phone != phoneC || got.Fixed[0].Purpose != nil {
		t.Errorf("fixed contacts %+v", got.Fixed)
	}
}

func nameOf(letter string) ledger.PartnerName {
	id := map[string]string{"A": partnerA, "B": partnerB, "C": partnerC}[letter]
	return ledger.PartnerName{ID: id, URN: oins[id], Name: "Partner " + letter}
}

func TestNeverSeen(t *testing.T) {
	h := newHouse(t)
	h.synced()
	for _, key := range []string{otherEmployer, "voorlopig-7f2b1f0e-52a4-4f55-8d1e-0f6b7c1f0a01", "DE-HRB-12345"} {
		r := h.get("a", "/v1/werkgevers/"+key)
		if r.status != 200 {
			t.Errorf("%s: %d %.300s", key, r.status, r.body)
			continue
		}
		for _, want := range []string{`"sleutel":"` + key + `"`, `"kaart":null`, `"bel":null`, `"oordeel":"vrij"`, `"redenen":[]`,
			`"vanPlan":[]`, `"laatstGeweest":null`, `"vasteContactpersonen":[]`, `"contacten":[]`, `"plaatsingen":[]`, `"positie":4`} {
			if !contains(r.body, want) {
				t.Errorf("%s: no %s in %.1000s", key, want, r.body)
			}
		}
	}
}

// TestStatuses is about what depends on the day: nobody records that a plan expired.
func TestStatuses(t *testing.T) {
	h := newHouse(t)
	story(h)
	got, err := h.client("c").Contacts(t.Context(), at(employer), "", 200, 0)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, c := range got.Contacts {
		list = append(list, string(c.Date)+" "+c.Type.Name()+" "+c.Status)
		if (c.Period != nil) != (c.Date == "2026-11-23") {
			t.Errorf("period of %s: %v", c.Date, c.Period)
		}
	}
	want := []string{
		"2026-11-25 bezoek-gepland gepland", "2026-11-23 bezoek-gepland gepland", "2026-10-30 bezoek-gepland verlopen",
		"2026-09-09 dienst-geleverd geleverd", "2026-09-08 bezoek-afgelegd afgelegd",
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
}

func TestEstablishment(t *testing.T) {
	h := newHouse(t)
	visit := func(establishment string, day events.Date) {
		h.say(partnerB, &events.VisitMade{Employer: events.Employer{KvK: employer, Establishment: establishment},
			Date: day, Purpose: "advies", Form: "telefoon", AccountManager: managerB})
	}
	visit("", "2026-08-01")
	visit("000037178598", "2026-08-02")
	visit("000037178601", "2026-08-03")
	for _, tt := range []struct {
		establishment string
		want          []events.Date
	}{
		{"", []events.Date{"2026-08-03", "2026-08-02", "2026-08-01"}},
		{"000037178598", []events.Date{"2026-08-02", "2026-08-01"}},
		{"000037178601", []events.Date{"2026-08-03", "2026-08-01"}},
		{"000037143557", []events.Date{"2026-08-01"}},
	} {
		e := events.Employer{KvK: employer, Establishment: tt.establishment}
		got, err := h.client("a").Employer(t.Context(), e, h.last)
		if err != nil {
			t.Fatal(err)
		}
		var days []events.Date
		for _, c := range got.Contacts {
			days = append(days, c.Date)
		}
		if diff := cmp.Diff(tt.want, days); diff != "" {
			t.Errorf("establishment %q: %s", tt.establishment, diff)
		}
		if got.LastVisit == nil || got.LastVisit.Date != tt.want[0] {
			t.Errorf("establishment %q: last visit %+v", tt.establishment, got.LastVisit)
		}
	}
	if r := h.get("a", "/v1/werkgevers/DE-HRB-12345?vestigingsnummer=000037178598"); r.status != 400 {
		t.Errorf("an establishment without KvK number: %d", r.status)
	}
}

func TestPages(t *testing.T) {
	h := newHouse(t)
	const visits = 23
	for i := range visits {
		h.say(partnerA, &events.VisitMade{Employer: at(employer), Date: events.Date("2026-01-01").AddDays(i % 7),
			Purpose: "advies", Form: "video", AccountManager: managerA})
		if i%5 == 0 { // another's placement lies between, and must cost no place on a page
			h.place(partnerB, events.Date("2026-01-01").AddDays(i%7), "DD01", 1)
		}
	}
	h.synced()
	for _, size := range []int{1, 5, 10, 23, 200} {
		seen, last, after, pages := map[events.Position]bool{}, events.Date("9999"), "", 0
		for {
			page, err := h.client("a").Contacts(t.Context(), at(employer), after, size, 0)
			if err != nil {
				t.Fatal(err)
			}
			pages++
			for _, c := range page.Contacts {
				if seen[c.Position] || c.Date > last {
					t.Fatalf("pages of %d: %d twice or out of order", size, c.Position)
				}
				seen[c.Position], last = true, c.Date
			}
			if after = page.Next; after == "" {
				break
			}
			if len(page.Contacts) != size {
				t.Errorf("a page of %d holds %d", size, len(page.Contacts))
			}
		}
		if len(seen) != visits || pages != (visits+size-1)/size {
			t.Errorf("pages of %d: %d items on %d pages", size, len(seen), pages)
		}
	}
	first, err := h.client("a").Employer(t.Context(), at(employer), 0)
	if err != nil || len(first.Contacts) != 10 {
		t.Fatal(err, len(first.Contacts))
	}
	rest, err := h.client("a").Contacts(t.Context(), at(employer), first.Next, 200, 0)
	if err != nil || len(rest.Contacts) != visits-10 {
		t.Errorf("%v: after the first ten come %d", err, len(rest.Contacts))
	}
}

func TestErased(t *testing.T) {
	h := newHouse(t)
	story(h)
	for _, q := range []ledger.EraseRequest{
		{Partner: partnerA, Employee: staffA, Ground: "verzoek"},
		{Employer: employer, Ground: "verzoek"},
	} {
		if _, err := h.ledger.Erase(t.Context(), q, steward); err != nil {
			t.Fatal(err)
		}
	}
	for _, who := range []string{"a", "b", "steward"} {
		got, err := h.client(who).Employer(t.Context(), at(employer), h.ledger.Position())
		if err != nil {
			t.Fatal(err)
		}
		if c := got.Card; !c.Erased || c.Name != nil || c.Place != nil || c.PeopleCount != 0 || c.Gemeente != "GM0193" {
			t.Errorf("card after erasure %+v", c)
		}
		for _, c := range got.Contacts {
			if c.Partner.ID == partnerA && c.Type == events.TypeVisitMade && (c.AccountManager != nil || !c.Erased) {
				t.Errorf("contact after erasure %+v", c)
			}
		}
		for _, path := range []string{"", "/contacten", "/advies"} {
			wantCanaries(t, who+" "+path, h.get(who, "/v1/werkgevers/"+employer+path).body, nil, phoneA, mailA, staffA, phoneE, mailE, "Bakkerij", "Manager van A")
		}
	}
}

// TestContactsOfSome: a timeline of some kinds, from a day on, with what it takes to
// correct or retract one's own; pages of it are of one list.
func TestContactsOfSome(t *testing.T) {
	h := newHouse(t)
	story(h)
	ask := func(who string, in web.ContactsQuestion) *web.ContactsAnswer {
		t.Helper()
		in.Employer = at(employer)
		return must[*web.ContactsAnswer](t)(h.client(who).Timeline(t.Context(), in))
	}
	for name, c := range map[string]struct {
		who  string
		q    web.ContactsQuestion
		want string
	}{
		"plans":                 {"c", web.ContactsQuestion{Kinds: []string{"plan"}}, "11-25 11-23 10-30"},
		"visits and services":   {"c", web.ContactsQuestion{Kinds: []string{"bezoek", "dienst"}}, "09-09 09-08"},
		"own placements":        {"a", web.ContactsQuestion{Kinds: []string{"plaatsing"}}, "11-11 09-15 09-15"},
		"no one else's":         {"c", web.ContactsQuestion{Kinds: []string{"plaatsing", "signaal", "vacature"}}, ""},
		"from a day":            {"c", web.ContactsQuestion{From: "2026-10-30"}, "11-25 11-23 10-30"},
		"within a period":       {"c", web.ContactsQuestion{From: "2026-11-24"}, "11-25 11-23"},
		"visits from a day":     {"c", web.ContactsQuestion{Kinds: []string{"bezoek"}, From: "2026-09-09"}, ""},
		"fourteen months of it": {"c", web.ContactsQuestion{From: "2025-09-22", Max: 200}, "11-25 11-23 10-30 09-09 09-08"},
	} {
		var days []string
		for _, item := range ask(c.who, c.q).Contacts {
			days = append(days, string(item.Date)[5:])
			own := item.Partner.ID == map[string]string{"a": partnerA, "c": partnerC}[c.who]
			if (item.Event != nil) != own || own && (item.Event.Source == "" || item.Event.ID == "") {
				t.Errorf("%s: %+v is own %t", name, item.Event, own)
			}
		}
		if got := strings.Join(days, " "); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	first := ask("a", web.ContactsQuestion{Kinds: []string{"plan", "plaatsing"}, Max: 2})
	rest := ask("a", web.ContactsQuestion{Kinds: []string{"plan", "plaatsing"}, After: first.Next})
	if len(first.Contacts) != 2 || len(rest.Contacts) != 4 || rest.Next != "" {
		t.Errorf("%d, then %d", len(first.Contacts), len(rest.Contacts))
	}
	for query, field := range map[string]string{"soort=gesprek": "soort", "soort=plan,gesprek": "soort", "soort=plan&soort=bezoek": "soort", "van=2026-02-30": "van"} {
		if r := h.get("a", "/v1/werkgevers/"+employer+"/contacten?"+query); r.status != 400 || len(r.problem(t).Faults) != 1 || r.problem(t).Faults[0].Field != "/query/"+field {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
	// What stands with an item is enough to take it back.
	mine := ask("a", web.ContactsQuestion{Kinds: []string{"bezoek"}}).Contacts[0]
	h.say(partnerA, &events.EventRetracted{Event: *mine.Event})
	if left := ask("a", web.ContactsQuestion{Kinds: []string{"bezoek"}, Since: h.last}).Contacts; len(left) != 0 {
		t.Errorf("%+v", left)
	}
}

// TestFollowedAndCorrected: an answer says whether one's own partner follows the employer,
// or the establishment that was asked for, and which items were corrected.
func TestFollowedAndCorrected(t *testing.T) {
	h := newHouse(t)
	made := &events.VisitMade{Employer: at(employer), Date: "2026-08-31", Purpose: "advies", Form: "telefoon"}
	_, first := h.say(partnerA, made)
	again := *made
	again.Form, again.Replaces = "video", &first
	h.say(partnerA, &again)
	h.say(partnerA, &events.VisitMade{Employer: at(employer), Date: "2026-08-30", Purpose: "advies", Form: "telefoon"})
	place := events.Employer{KvK: employer, Establishment: "000037178598"}
	_, follows := h.say(partnerA, &events.EmployerFollowed{Employer: at(employer)})
	h.say(partnerB, &events.EmployerFollowed{Employer: place})
	followed := func(who string, e events.Employer) bool {
		t.Helper()
		a := must[*web.EmployerAnswer](t)(h.client(who).Employer(t.Context(), e, h.last))
		if len(a.Contacts) != 2 || !a.Contacts[0].Corrected || a.Contacts[1].Corrected {
			t.Errorf("%+v", a.Contacts)
		}
		return a.Followed
	}
	for _, c := range []struct {
		who  string
		e    events.Employer
		want bool
	}{{"a", at(employer), true}, {"a", place, false}, {"b", at(employer), false}, {"b", place, true}, {"c", at(employer), false}, {"steward", at(employer), false}} {
		if got := followed(c.who, c.e); got != c.want {
			t.Errorf("%s follows %v: %t", c.who, c.e, got)
		}
	}
	h.say(partnerA, &events.EventRetracted{Event: follows})
	if followed("a", at(employer)) {
		t.Error("it was taken back")
	}
}

// TestFollowed: a partner reads what it follows and nothing of others, an employer with
// two keys once, what was said last first and by page.
func TestFollowed(t *testing.T) {
	h := newHouse(t)
	story(h)
	twin := at("90004760")
	place := events.Employer{KvK: otherEmployer, Establishment: "000037178598"}
	h.say(partnerA, &events.EmployerFollowed{Employer: at(employer)})
	h.say(partnerA, &events.EmployerFollowed{Employer: place})
	h.say(partnerB, &events.EmployerFollowed{Employer: at(otherEmployer)})
	h.say(partnerA, &events.EmployerFollowed{Employer: twin})
	list := func(who string) (keys []string) {
		t.Helper()
		for after := ""; ; {
			a := must[*web.FollowedAnswer](t)(h.client(who).Followed(t.Context(), after, 1, h.last))
			for _, f := range a.Followed {
				keys = append(keys, f.Employer.Key+" "+f.Employer.Establishment)
			}
			if after = a.Next; after == "" {
				if a.Total != len(keys) {
					t.Errorf("%d in all, %d read", a.Total, len(keys))
				}
				return keys
			}
		}
	}
	want := func(who string, want ...string) {
		t.Helper()
		if d := cmp.Diff(strings.Join(want, "\n"), strings.Join(list(who), "\n")); d != "" {
			t.Errorf("%s: %s", who, d)
		}
	}
	want("a", twin.KvK+" ", otherEmployer+" "+place.Establishment, employer+" ")
	want("b", otherEmployer+" ")
	want("c")
	h.record(steward, stewardSource, &events.EmployersLinked{Employer: events.WholeEmployer{KvK: employer}, With: events.WholeEmployer{KvK: twin.KvK}, Kind: "dezelfde"})
	want("a", employer+" ", otherEmployer+" "+place.Establishment)
	h.say(partnerA, &events.EmployerUnfollowed{Employer: at(employer)})
	want("a", otherEmployer+" "+place.Establishment)
	first := must[*web.FollowedAnswer](t)(h.client("a").Followed(t.Context(), "", 0, h.last)).Followed[0]
	if first.Position == 0 || first.Name != nil && *first.Name == "" {
		t.Errorf("%+v", first)
	}
}
