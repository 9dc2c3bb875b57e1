package web_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/web"
	"huisboek/events"
)

// TestPartnersByName: shares and cells come by name, whatever the UUIDs.
func TestPartnersByName(t *testing.T) {
	h := newHouse(t)
	for partner, name := range map[string]string{partnerA: "Zwolle", partnerB: "Kampen"} {
		h.record(steward, stewardSource, &events.PartnerAdmitted{
			Partner: partner, Identities: []string{oins[partner]}, Name: name, Kind: "gemeente", From: "2020-01-01",
		})
	}
	h.target(placementsTarget, events.MeasurePlacements)
	h.placed(partnerA, employer, "2026-08-03", 20, "DD03")
	h.placed(partnerB, otherEmployer, "2026-08-03", 20, "DD03")
	h.day("2026-10-20")
	h.synced()
	a := h.standing("board", web.StandingQuestion{Target: placementsTarget, Across: []string{"partner", "maand"}})
	var names []string
	for _, s := range a.Shares {
		names = append(names, s.Partner.Name)
	}
	for _, c := range a.Split.Cells {
		names = append(names, c.Values[0])
	}
	if diff := cmp.Diff([]string{"Kampen", "Zwolle", "Kampen", "Zwolle"}, names); diff != "" {
		t.Error(diff)
	}
	var text bytes.Buffer
	if err := h.client("board").Sheet(t.Context(), web.StandingQuestion{Target: placementsTarget, Across: []string{"partner"}}, "csv", "nl", &text); err != nil {
		t.Fatal(err)
	}
	for _, table := range strings.Split(text.String(), "Aandelen")[1:] {
		if k, z := strings.Index(table, "Kampen"), strings.Index(table, "Zwolle"); k < 0 || z < k {
			t.Errorf("Kampen at %d, Zwolle at %d in\n%s", k, z, table)
		}
	}
}
