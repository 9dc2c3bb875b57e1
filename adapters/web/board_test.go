package web_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"huisboek/adapters/intake"
	"huisboek/events"
)

// TestWhoSetsTargets: over HTTP only the board sets and drops targets, under the OIN of
// the region; the board says nothing else, and a batch of it is taken like any other.
func TestWhoSetsTargets(t *testing.T) {
	h := newHouse(t)
	id, own := uuid.NewString(), oins[partnerA]+":systeem:crm"
	set := func(source string) []byte {
		return h.event(source, &events.TargetSet{
			Target: id, Name: "Plaatsingen 2026", Period: &events.Period{From: "2026-01-01", To: "2026-12-31"},
			Measure: events.MeasurePlacements, Number: 420, Shares: []events.TargetShare{{Partner: oins[partnerA], Number: 100}},
		}).Canonical()
	}
	drop := func(source string) []byte { return h.event(source, &events.TargetDropped{Target: id}).Canonical() }
	counted := h.event(stewardSource, &events.EmployersCounted{From: "2026-01-01", Origin: "CBS", Counts: []events.EmployerCount{{Gemeente: "GM0193", Count: 900}}}).Canonical()
	departed := h.event(stewardSource, &events.PartnerDeparted{Partner: partnerC, From: "2026-12-31", Past: events.PastLeaves}).Canonical()
	for _, tt := range []struct {
		name, who string
		body      []byte
		status    int
		code      string
	}{
		{"a partner sets", "a", set(own), 403, "rol-mag-niet"},
		{"a partner sets as the region", "a", set(stewardSource), 403, "rol-mag-niet"},
		{"the steward sets", "steward", set(stewardSource), 403, "rol-mag-niet"},
		{"the auditor sets", "auditor", set(stewardSource), 403, "rol-mag-niet"},
		{"the board under a partner's source", "board", set(own), 403, "source-niet-van-u"},
		{"the board visits", "board", h.raw(partnerA, visit("2026-08-20")), 403, "rol-mag-niet"},
		{"the board sends a partner away", "board", departed, 403, "rol-mag-niet"},
		{"the board counts employers", "board", counted, 403, "rol-mag-niet"},
		{"the board drops what was never set", "board", drop(stewardSource), 400, "onbekende-doelstelling"},
		{"the board sets", "board", set(stewardSource), 201, ""},
		{"a new version", "board", set(stewardSource), 201, ""},
		{"a partner drops", "a", drop(own), 403, "rol-mag-niet"},
		{"the steward drops", "steward", drop(stewardSource), 403, "rol-mag-niet"},
		{"the board drops", "board", drop(stewardSource), 201, ""},
		{"and again, anew", "board", drop(stewardSource), 400, "doelstelling-vervallen"},
		{"the steward counts employers", "steward", counted, 201, ""},
		{"a partner leaves with its past", "steward", departed, 201, ""},
	} {
		r := h.post(tt.who, "", tt.body, "Content-Type", intake.Structured)
		if r.status != tt.status || tt.code != "" && !strings.Contains(r.body, `"code":"`+tt.code+`"`) {
			t.Errorf("%s: %d %s", tt.name, r.status, r.body)
		}
	}
	batch := "[" + string(set(stewardSource)) + "," + string(h.raw(partnerA, visit("2026-08-20"))) + "]"
	r := h.post("board", "", []byte(batch), "Content-Type", intake.Batch)
	if r.status != 200 || strings.Count(r.body, "rol-mag-niet") != 1 || !strings.Contains(r.body, `"vastgelegd":1,"eerderGezien":0,"geweigerd":1`) {
		t.Errorf("a batch: %d %s", r.status, r.body)
	}
	if r := h.post("board", "?proef=true", drop(stewardSource), "Content-Type", intake.Structured); r.status != 200 {
		t.Errorf("a trial: %d %s", r.status, r.body)
	}
}
