package web_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
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
// not help it to a small count of a third one: that is shown to nobody.
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
	if shown("a")+shown("c")+shown("board") != 0 {
		t.Error("five of six are one partner's, and the sixth is shown")
	}
	h.record(steward, stewardSource, &events.PartnerSucceeded{Partner: partnerA, By: partnerC, From: "2026-11-22"})
	if shown("c") != 0 {
		t.Error("five of six are the reader's own now, and the sixth is shown")
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
