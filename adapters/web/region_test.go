package web_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
	"huisboek/projections/search"
)

const (
	provisional = "d2a6c3b8-7e15-4f09-8b4c-6a1f9e3d5c72"
	thirdOne    = "68750110"
	fourthOne   = "69599076"

	signalA = "zoekt een cursus Nederlands, hoorde A"
	signalB = "kan geen woningen vinden, hoorde B"
)

func whole(kvk string) events.WholeEmployer { return events.WholeEmployer{KvK: kvk} }

// regionStory goes on with story: the same employer under a provisional number and
// as a successor, another one of its concern, vacancies, and signals.
func regionStory(h *house) {
	h.t.Helper()
	h.say(partnerA, &events.VisitMade{
		Employer: events.Employer{Provisional: provisional}, Date: "2026-11-12", Purpose: "advies", Form: "telefoon", AccountManager: managerA,
	})
	h.say(partnerB, &events.VisitMade{Employer: at(thirdOne), Date: "2026-11-13", Purpose: "advies", Form: "telefoon", AccountManager: managerB})
	h.say(partnerB, &events.VisitMade{Employer: at(fourthOne), Date: "2026-11-14", Purpose: "advies", Form: "telefoon", AccountManager: managerB})
	h.say(partnerA, &events.EmployersLinked{ // holds: A alone named it
		Employer: events.WholeEmployer{Provisional: provisional}, With: whole(employer), Kind: "dezelfde",
	})
	h.record(steward, stewardSource, &events.EmployersLinked{Employer: whole(thirdOne), With: whole(employer), Kind: "opvolger"})
	h.record(steward, stewardSource, &events.EmployersLinked{Employer: whole(employer), With: whole(fourthOne), Kind: "concern"})
	h.say(partnerB, &events.EmployersLinked{Employer: whole(otherEmployer), With: whole(employer), Kind: "dezelfde"}) // waits
	vacancy, one := uuid.NewString(), 1
	h.say(partnerB, &events.VacancyReported{Employer: at(thirdOne), Vacancy: vacancy, Occupation: "Bakker", Count: 3, Date: "2026-11-01"})
	h.say(partnerB, &events.VacancyFilled{Vacancy: vacancy, Date: "2026-11-15", Count: &one})
	h.say(partnerA, &events.SignalNoted{Employer: at(employer), Theme: "taal", Text: plain(signalA), Date: "2026-11-16"})
	h.say(partnerB, &events.SignalNoted{Employer: at(employer), Theme: "huisvesting", Text: plain(signalB), Date: "2026-11-17"})
	h.synced()
}

// TestGroup: an employer is answered under all its keys, whichever was asked for,
// and a concern only for who asks for it.
func TestGroup(t *testing.T) {
	h := newHouse(t)
	story(h)
	regionStory(h)
	all := []string{thirdOne, employer, "voorlopig-" + provisional}
	for _, asked := range []events.Employer{at(employer), at(thirdOne), {Provisional: provisional}} {
		got, err := h.client("c").Employer(t.Context(), asked, h.last)
		if err != nil {
			t.Fatal(err)
		}
		keys := slices.Clone(got.Keys)
		slices.Sort(keys)
		if got.Keys[0] != employer || !slices.Equal(keys, all) || !got.Whole || got.Employer.Key != asked.Key() {
			t.Errorf("%s: keys %v", asked.Key(), got.Keys)
		}
		if got.LastVisit == nil || got.LastVisit.Date != "2026-11-13" || got.Call == nil || got.Call.Phone != phoneC {
			t.Errorf("%s: last visit %+v, call %+v", asked.Key(), got.LastVisit, got.Call)
		}
		if n := len(visits(got.Contacts)); n != 3 {
			t.Errorf("%s: %d visits", asked.Key(), n)
		}
		if len(got.Vacancies) != 1 || got.Vacancies[0].Left != 2 || got.Vacancies[0].Filled != 1 || got.Vacancies[0].Key != thirdOne {
			t.Errorf("%s: vacancies %+v", asked.Key(), got.Vacancies)
		}
		concern, err := h.client("c").Concern(t.Context(), asked, h.last)
		if err != nil {
			t.Fatal(err)
		}
		if len(concern.Keys) != 4 || concern.Keys[0] != employer || len(visits(concern.Contacts)) != 4 {
			t.Errorf("%s: concern %v with %d visits", asked.Key(), concern.Keys, len(visits(concern.Contacts)))
		}
		if concern.LastVisit.Date != got.LastVisit.Date || concern.Outcome != got.Outcome {
			t.Errorf("%s: a concern changes the advice: %+v", asked.Key(), concern.LastVisit)
		}
		page, err := h.client("c").ConcernContacts(t.Context(), asked, "", 200, h.last)
		if err != nil || len(visits(page.Contacts)) != 4 || len(page.Keys) != 4 {
			t.Errorf("%s: %v: contacts of the concern %+v", asked.Key(), err, page)
		}
	}
}

func visits(contacts []web.Contact) (list []web.Contact) {
	for _, c := range contacts {
		if c.Type == events.TypeVisitMade {
			list = append(list, c)
		}
	}
	return list
}

// TestLinks: what was said of an employer and others, in sentences that say what it takes.
func TestLinks(t *testing.T) {
	h := newHouse(t)
	story(h)
	regionStory(h)
	h.record(steward, stewardSource, &events.EmployersUnlinked{Employer: whole(employer), With: whole(fourthOne)})
	got, err := h.client("a").Employer(t.Context(), at(employer), h.last)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, l := range got.Links {
		kind := "-"
		if l.Kind != nil {
			kind = *l.Kind
		}
		list = append(list, fmt.Sprint(l.Employer.Key, " ", l.With.Key, " ", kind, " ", l.State, " ", l.Partner.Name))
	}
	want := []string{
		employer + " " + fourthOne + " - verbroken De regisseur",
		otherEmployer + " " + employer + " dezelfde wacht Partner B",
		thirdOne + " " + employer + " opvolger geldt De regisseur",
		"voorlopig-" + provisional + " " + employer + " dezelfde geldt Partner A",
	}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Error(diff)
	}
	if s := got.Links[1].Say; !strings.Contains(s.NL, "een andere partner of de regisseur") || !strings.Contains(s.EN, "the steward says the same") {
		t.Errorf("%+v", s)
	}
	for _, who := range []string{"a", "b", "c", "steward"} {
		waiting, err := h.client(who).Links(t.Context(), "", 0, h.last)
		if err != nil || len(waiting.Links) != 1 || waiting.Links[0].State != "wacht" || waiting.Next != "" {
			t.Errorf("%s: %v: %+v", who, err, waiting)
		}
	}
	h.say(partnerC, &events.EmployersLinked{Employer: whole(employer), With: whole(otherEmployer), Kind: "dezelfde"})
	waiting, err := h.client("a").Links(t.Context(), "", 0, h.last)
	if err != nil || len(waiting.Links) != 0 {
		t.Errorf("%v: after the second voice %+v", err, waiting)
	}
}

// TestSignalSight: a signal is for its own partner; others read how many there are
// about what. A vacancy is for every reader.
func TestSignalSight(t *testing.T) {
	h := newHouse(t)
	story(h)
	regionStory(h)
	base := "/v1/werkgevers/" + employer
	for who, want := range map[string][]string{"a": {signalA}, "b": {signalB}, "c": nil, "steward": nil} {
		for _, path := range []string{base, base + "?concern=true", base + "/contacten?aantal=200", base + "/contacten?aantal=200&concern=true", base + "/advies"} {
			body := h.get(who, path).body
			mine := want
			if strings.Contains(path, "advies") {
				mine = nil
			}
			wantCanaries(t, who+" "+path, body, mine, signalA, signalB)
			if n := strings.Count(body, `"thema":"`); (n > 0) != (mine != nil) {
				t.Errorf("%s %s: %d themes", who, path, n)
			}
		}
		if body := h.get(who, base).body; !contains(body, `"beroep":"Bakker"`) || !contains(body, `"vervuld":1,"open":2`) {
			t.Errorf("%s sees no vacancy", who)
		}
		if body := h.get(who, base+"/contacten?aantal=200").body; !contains(body, `"beroep":"Bakker","vervuld":1`) {
			t.Errorf("%s sees no vacancy on the timeline", who)
		}
	}
	for _, who := range []string{"a", "c", "steward", "board"} {
		body := h.get(who, "/v1/tellingen?meting=signalen&per=thema&tijdvak=kwartaal&van=2026-10").body
		wantCanaries(t, who, body, nil, signalA, signalB)
		for _, theme := range []string{"taal", "huisvesting"} {
			if !contains(body, `{"kwartaal":"2026-Q4","partner":null,"doelgroep":null,"thema":"`+theme+`","aantal":1}`) {
				t.Errorf("%s: no joint count of %s: %s", who, theme, body)
			}
		}
	}
	if _, err := h.ledger.Erase(t.Context(), ledger.EraseRequest{Employer: employer, Texts: true, Ground: "verzoek"}, steward); err != nil {
		t.Fatal(err)
	}
	got, err := h.client("a").Employer(t.Context(), at(employer), h.ledger.Position())
	if err != nil || len(got.Signals) != 1 || got.Signals[0].Text != nil || !got.Signals[0].Erased || got.Signals[0].Theme != "taal" {
		t.Errorf("%v: after erasure %+v", err, got.Signals)
	}
}

// TestSuccession: from its day on the successor reads what its predecessor's own
// was, and nobody else does.
func TestSuccession(t *testing.T) {
	h := newHouse(t)
	story(h)
	regionStory(h)
	own := []string{noteA, mailA, staffA, signalA, "Chef Werkvloer"}
	read := func(who string) string {
		t.Helper()
		base := "/v1/werkgevers/" + employer
		return h.get(who, fmt.Sprintf("%s?vanafPositie=%d", base, h.last)).body + h.get(who, base+"/contacten?aantal=200").body
	}
	h.record(steward, stewardSource, &events.PartnerSucceeded{Partner: partnerA, By: partnerC, From: "2026-11-23"})
	wantCanaries(t, "the day before", read("c"), nil, own...)
	h.day("2026-11-23")
	body := read("c")
	wantCanaries(t, "from the day on", body, own, own...)
	if !contains(body, `"plaatsing":"`) || !contains(body, `"maand":"2026-11","partner":{"id":"`+partnerA) {
		t.Error("the placements of the predecessor are not the successor's")
	}
	wantCanaries(t, "another", read("b"), nil, own...)
	wantCanaries(t, "the steward", read("steward"), nil, own...)
	if r := h.get("a", "/v1/partners"); r.status != 403 {
		t.Errorf("who was succeeded still reads: %d", r.status)
	}
	for _, on := range []events.Date{"", "2026-11-23"} {
		list, err := h.client("b").Partners(t.Context(), on, h.last)
		if err != nil {
			t.Fatal(err)
		}
		if a := list.Partners[0]; a.Successor == nil || a.Successor.ID != partnerC || a.Until != "2026-11-23" {
			t.Errorf("on %q: %+v", on, a)
		}
	}
	before, err := h.client("b").Partners(t.Context(), "2026-11-22", h.last)
	if err != nil || before.Partners[0].Successor != nil || *before.On != "2026-11-22" {
		t.Errorf("%v: the day before %+v", err, before)
	}
}

// TestSuccessorFigures: what a successor knows of its predecessor's placements does
// not help it to a small count of a third one.
func TestSuccessorFigures(t *testing.T) {
	h := newHouse(t)
	h.day("2026-10-20")
	h.place(partnerA, "2026-10-05", "DD02", 5) // with B's 1 it would be a joint count of 6
	h.place(partnerB, "2026-10-06", "DD02", 1)
	h.day("2026-11-22")
	shown := func(who string) int {
		t.Helper()
		got, err := h.client(who).Tallies(t.Context(), "plaatsingen", "2026-10", "2026-10", "doelgroep", h.last)
		if err != nil {
			t.Fatal(err)
		}
		return len(got.Rows)
	}
	if shown("c") != 1 {
		t.Error("others' six are not shown to who knows none of them")
	}
	h.record(steward, stewardSource, &events.PartnerSucceeded{Partner: partnerA, By: partnerC, From: "2026-11-22"})
	if shown("c") != 0 {
		t.Error("five of six are the reader's own now, and the sixth is shown")
	}
}

// TestCoverage: every answer about an employer names who may be missing from it.
func TestCoverage(t *testing.T) {
	h := newHouse(t)
	for _, day := range []events.Date{"2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07", "2026-10-08", "2026-10-09"} {
		h.day(day)
		h.say(partnerA, &events.VisitMade{Employer: at(employer), Date: day, Purpose: "advies", Form: "video", AccountManager: managerA})
	}
	h.day("2026-11-20")
	h.say(partnerB, &events.ServiceDelivered{Employer: at(employer), Service: "jobcoach", Date: "2026-11-20"})
	h.say(partnerC, &events.VisitMade{Employer: at(employer), Date: "2026-11-20", Purpose: "advies", Form: "video", AccountManager: managerC})
	h.day("2026-11-22")
	c := h.client("c")
	employerAnswer, e1 := c.Employer(t.Context(), at(employer), h.last)
	contacts, e2 := c.Contacts(t.Context(), at(employer), "", 1, h.last)
	h.synced()
	advice, e3 := c.Advice(t.Context(), at(employer), "", "", h.last)
	for _, err := range []error{e1, e2, e3} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, got := range map[string]*web.EmployerCoverage{"employer": employerAnswer.Coverage, "contacts": contacts.Coverage, "advice": advice.Coverage} {
		if got == nil || got.Complete || len(got.By) != 2 {
			t.Fatalf("%s: %+v", name, got)
		}
		a, b := got.By[0], got.By[1]
		if a.Partner.ID != partnerA || a.Reason != "stil" || *a.Days != 44 || *a.Usual != 3 || a.Last == nil || !contains(a.Say.NL, "44 dagen") {
			t.Errorf("%s: %+v", name, a)
		}
		if b.Partner.ID != partnerB || b.Reason != "nooit" || b.Last == nil || b.Usual != nil || b.Say.EN == "" {
			t.Errorf("%s: %+v", name, b)
		}
	}
	all, err := c.Coverage(t.Context(), h.last)
	if err != nil {
		t.Fatal(err)
	}
	if len(all.Partners) != 3 || !all.Partners[0].Silent || all.Partners[1].Silent || len(all.Partners[0].Types) != 1 || *all.Partners[0].Types[0].Count != 7 {
		t.Errorf("%+v", all.Partners)
	}
	h.say(partnerB, &events.VisitPlanned{Employer: at(employer), Approach: uuid.NewString(), Date: "2026-12-01", Purpose: "advies", AccountManager: managerB})
	h.record(steward, stewardSource, &events.PartnerDeparted{Partner: partnerA, From: "2026-11-22"})
	contacts, err = c.Contacts(t.Context(), at(employer), "", 1, h.last)
	if err != nil || !contacts.Coverage.Complete || len(contacts.Coverage.By) != 0 {
		t.Errorf("%v: who left makes nothing incomplete: %+v", err, contacts.Coverage)
	}
}

// TestPlacementCoverage: that somebody tells of placements everybody may know; how many
// and when is its own, for who looked twice would have each one.
func TestPlacementCoverage(t *testing.T) {
	h := newHouse(t)
	h.day("2026-11-20")
	placement := uuid.NewString()
	h.say(partnerA, &events.PlacementMade{Employer: at(employer), Placement: placement, Start: "2026-11-20", Kind: "dienstverband", Region: "AM36"})
	h.say(partnerA, &events.PlacementEnded{Placement: placement, End: "2026-11-20"})
	h.say(partnerA, &events.ServiceDelivered{Employer: at(employer), Service: "jobcoach", Date: "2026-11-20"})
	look := func(who string) map[events.Type]web.Told {
		t.Helper()
		got, err := h.client(who).Coverage(t.Context(), h.last)
		if err != nil {
			t.Fatal(err)
		}
		types := map[events.Type]web.Told{}
		for _, told := range got.Partners[0].Types {
			types[told.Type] = told
		}
		if len(types) != 3 {
			t.Errorf("%s: %+v", who, types)
		}
		return types
	}
	placements := []events.Type{events.TypePlacementMade, events.TypePlacementEnded}
	for _, who := range []string{"a", "b", "c", "steward"} {
		types := look(who)
		if s := types[events.TypeServiceDelivered]; s.Count == nil || *s.Count != 1 || s.First == nil || s.Last == nil || s.LastAt == nil || *s.LastAt != h.last {
			t.Errorf("%s: services %+v", who, s)
		}
		for _, p := range placements {
			if told := types[p]; (told == web.Told{Type: p}) == (who == "a") {
				t.Errorf("%s: %+v", who, told)
			}
		}
	}
	h.record(steward, stewardSource, &events.PartnerSucceeded{Partner: partnerA, By: partnerC, From: "2026-11-20"})
	if told := look("c")[events.TypePlacementMade]; told.Count == nil {
		t.Errorf("of who goes on with its work: %+v", told)
	}
}

// TestManyVacancies: at an employer with very many there is an end to the answer, and
// it says so.
func TestManyVacancies(t *testing.T) {
	h := newHouse(t)
	h.day("2026-11-20")
	for i := range projections.MaxVacancies + 1 {
		if i == projections.MaxVacancies {
			if got := h.get("b", "/v1/werkgevers/"+employer+fmt.Sprintf("?vanafPositie=%d", h.last)); !contains(got.body, `"vacaturesVolledig":true`) {
				t.Errorf("%.2000s", got.body)
			}
		}
		h.say(partnerA, &events.VacancyReported{Employer: at(employer), Vacancy: uuid.NewString(), Occupation: "Bakker", Count: 1, Date: "2026-11-01"})
	}
	got, err := h.client("b").Employer(t.Context(), at(employer), h.last)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Vacancies) != projections.MaxVacancies || got.VacanciesWhole {
		t.Errorf("%d vacancies, whole %t", len(got.Vacancies), got.VacanciesWhole)
	}
}

// TestTerritory: who serves which municipality of the region, and which nobody does.
func TestTerritory(t *testing.T) {
	h := newHouse(t)
	h.day("2026-11-22")
	h.record(steward, stewardSource, &events.PartnerAdmitted{
		Partner: partnerB, Identities: []string{oins[partnerB]}, Name: "Partner B", Kind: "sw", From: "2020-01-01",
		Gemeenten: []string{"GM0193", "GM0363"}, Regions: []string{"AM36", "AM18"},
	})
	got, err := h.client("a").Coverage(t.Context(), h.last)
	if err != nil {
		t.Fatal(err)
	}
	served := map[string]int{}
	for _, g := range got.Gemeenten {
		served[g.Code] = len(g.Partners)
	}
	if n, ok := served["GM0193"]; !ok || n != 1 {
		t.Errorf("Zwolle: %v", served)
	}
	if n, ok := served["GM0180"]; !ok || n != 0 {
		t.Errorf("Staphorst: %v", served)
	}
	if _, ok := served["GM0363"]; ok {
		t.Error("Amsterdam is in another region")
	}
	region, err := h.client("a").Region(t.Context(), "AM36", "2021-06-01")
	if err != nil || len(region.Gemeenten) == 0 || region.On != "2021-06-01" || region.Until == "" || len(region.Sources) == 0 {
		t.Errorf("%v: %+v", err, region)
	}
	regions, err := h.client("a").Regions(t.Context())
	if err != nil || len(regions.Regions) != 35 {
		t.Errorf("%v: %d regions", err, len(regions.Regions))
	}
	list, err := h.client("a").Partners(t.Context(), "", h.last)
	if err != nil || !slices.Equal(list.Partners[1].Regions, []string{"AM36", "AM18"}) {
		t.Errorf("%v: %+v", err, list)
	}
}

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

// TestRebuilding: while the views are made anew the book records and advises, and
// says of the rest that it comes.
func TestRebuilding(t *testing.T) {
	h := newHouse(t)
	story(h)
	s := h.door(func(c *web.Config) {
		c.Ready = func() bool { return false }
		c.Views.Store = untouchable{t, c.Views.Store}
		c.Views.WaitFor = func(context.Context, events.Position) error { t.Error("somebody waits for the views"); return nil }
	})
	base := "/v1/werkgevers/" + employer
	for who, paths := range map[string][]string{
		"a": {base, base + "?vanafPositie=3", base + "/contacten", "/v1/tellingen?meting=bezoeken", "/v1/aanleveringen", "/v1/berichten", "/v1/dekking",
			"/v1/werkgevers?zoek=bakkerij", "/v1/koppelingen?wacht=true", "/v1/partners?peildatum=2026-11-22", "/v1/partners?vanafPositie=9999"},
		"steward": {"/v1/mogelijk-dezelfde"},
	} {
		for _, path := range paths {
			w := h.ask(s, who, path)
			if w.Code != 503 || w.Header().Get("Retry-After") != "5" || !contains(w.Body.String(), "probleem/beelden-worden-opgebouwd") {
				t.Errorf("%s: %d, Retry-After %q: %s", path, w.Code, w.Header().Get("Retry-After"), w.Body)
			}
		}
	}
	for who, paths := range map[string][]string{
		"a":       {fmt.Sprintf("%s/advies?vanafPositie=%d", base, h.last), "/v1/partners?vanafPositie=2", "/v1/arbeidsmarktregios", "/v1/arbeidsmarktregios/AM36"},
		"steward": {"/v1/status"}, "": {"/readyz", "/livez"},
	} {
		for _, path := range paths {
			w := h.ask(s, who, path)
			if w.Code != 200 {
				t.Errorf("%s: %d: %s", path, w.Code, w.Body)
			}
			if strings.Contains(path, "advies") && !contains(w.Body.String(), `"dekking":null`) {
				t.Errorf("advice: %s", w.Body)
			}
			if (path == "/readyz" || path == "/v1/status") && !contains(w.Body.String(), `"code":"beelden-worden-opgebouwd"`) {
				t.Errorf("%s does not say it: %s", path, w.Body)
			}
		}
	}
	raw := h.raw(partnerA, visit("2026-11-21"))
	if w := h.submit(s, "a", strings.NewReader(string(raw)), intake.Structured); w.Code != http.StatusCreated {
		t.Errorf("an event: %d %s", w.Code, w.Body)
	}
}

// untouchable is a store that must not be read.
type untouchable struct {
	t *testing.T
	projections.Store
}

func (u untouchable) View(func(projections.Tx, events.Checkpoint) error) error {
	u.t.Error("the views are read")
	return nil
}

// TestAttention: what a steward should look at, the worst first.
func TestAttention(t *testing.T) {
	h := newHouse(t)
	h.synced()
	codes := func(change func(*web.Status)) (list []string) {
		t.Helper()
		s := h.door(func(c *web.Config) {
			c.Status = func(ctx context.Context) (*web.Status, error) {
				status, err := h.status(ctx)
				change(status)
				return status, err
			}
		})
		var got web.Status
		w := h.ask(s, "steward", "/v1/status")
		decode(t, reply{w.Code, w.Header(), w.Body.String()}, &got)
		for _, a := range got.Attention {
			if a.Sentence.NL == "" || a.Sentence.EN == "" {
				t.Errorf("%s without a sentence", a.Code)
			}
			list = append(list, a.Code)
		}
		return list
	}
	if got := codes(func(*web.Status) {}); len(got) != 0 {
		t.Errorf("nothing is the matter: %v", got)
	}
	today := events.DateOf(h.now())
	got := codes(func(s *web.Status) {
		s.Records, s.Trouble = false, "stream is damaged"
		s.Backup, s.Verified = nil, &web.Done{At: h.now().AddDate(0, 0, -9), Well: true}
		s.Views[0].Trouble = "row cannot be read"
		s.Disk.Full = today.AddDays(60)
		s.Partners[0].Silent = true
		s.Partners = append(s.Partners, web.PartnerStatus{Silent: true})
	})
	want := []string{"boek-staat-stil", "geen-backup", "controle-verouderd", "beeld-staat-stil", "ruimte-raakt-op", "partner-stil", "partner-meldde-nooit"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	got = codes(func(s *web.Status) {
		s.Backup, s.Verified = &web.Done{At: h.now(), Well: false}, &web.Done{At: h.now(), Well: false}
		s.Disk.Full = today.AddDays(61)
	})
	if diff := cmp.Diff([]string{"backup-mislukt", "controle-mislukt"}, got); diff != "" {
		t.Error(diff)
	}
	if got = codes(func(s *web.Status) { s.Backup.At, s.Verified = h.now().AddDate(0, 0, -3), nil }); !slices.Equal(got, []string{"backup-verouderd", "geen-controle"}) {
		t.Errorf("%v", got)
	}
	s := h.door(func(c *web.Config) {
		c.Ready = func() bool { return false }
		c.Status = func(ctx context.Context) (*web.Status, error) {
			status, err := h.status(ctx)
			status.Partners[0].Silent, status.Partners[0].Last = true, nil
			return status, err
		}
	})
	if w := h.ask(s, "steward", "/v1/status"); w.Code != 200 || !contains(w.Body.String(), `"partners":[]`) || contains(w.Body.String(), "partner-meldde-nooit") {
		t.Errorf("of views that are being made somebody is called silent: %s", w.Body)
	}
	if w := h.ask(h.door(func(c *web.Config) { c.Status = nil }), "steward", "/v1/status"); w.Code != 503 || !contains(w.Body.String(), "stand-niet-beschikbaar") {
		t.Errorf("without one: %d %s", w.Code, w.Body)
	}
	status, err := h.client("steward").Status(t.Context())
	if err != nil || status.Position != h.last || status.UpTo.IsZero() {
		t.Errorf("%v: %+v", err, status)
	}
}
