package web_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"huisboek/adapters/web"
	"huisboek/events"
)

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
