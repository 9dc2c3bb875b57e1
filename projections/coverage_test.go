package projections

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

func TestCoverage(t *testing.T) {
	store := newMemory()
	p := events.Position(0)
	say := func(partner string, at string, data events.Data, points ...events.Position) {
		p++
		moment, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		apply(t, store, &events.Record{Position: p, At: moment, Partner: partner, Hash: events.Hash{byte(p)},
			Verdict: events.Verdict{RestsOn: points}, Event: events.Event{Type: data.Type(), Data: data}})
	}
	visit := &events.VisitMade{Employer: events.Employer{KvK: "69599084"}, Date: "2026-11-01"}
	say("a", "2026-11-01T10:00:00Z", visit)
	say("a", "2026-11-02T10:00:00Z", &events.EventRetracted{}, 1)
	say("ab", "2026-11-03T10:00:00Z", visit)
	say("a", "2026-11-03T22:59:59.999Z", visit)
	say("a", "2026-11-03T23:00:00Z", &events.VisitMade{Employer: visit.Employer, Date: "2026-11-01", Replaces: &events.Ref{}}, 4)
	say("a", "2026-11-04T10:00:00Z", &events.PartnerAdmitted{Partner: "a"}) // not a partner's to say
	say("a", "2026-11-04T10:00:00Z", &events.DataErased{Keys: []events.KeyID{1}})

	at := func(s string) time.Time { m, _ := time.Parse(time.RFC3339, s); return m }
	tx := memoryTx{store.rows}
	for partner, want := range map[string][]Covered{
		"a": {
			{events.TypeVisitMade, 3, at("2026-11-01T10:00:00Z"), at("2026-11-03T23:00:00Z"), 5},
			{events.TypeEventRetracted, 1, at("2026-11-02T10:00:00Z"), at("2026-11-02T10:00:00Z"), 2},
		},
		"ab": {{events.TypeVisitMade, 1, at("2026-11-03T10:00:00Z"), at("2026-11-03T10:00:00Z"), 3}},
		"b":  nil,
	} {
		got, err := Coverage{}.Of(tx, partner)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(want, got, equal); d != "" {
			t.Errorf("of %s (-want +got):\n%s", partner, d)
		}
	}
}
