package main

import (
	"encoding/json"
	"testing"

	"github.com/nats-io/nats.go"

	"huisboek/adapters/access"
	"huisboek/events"
)

// Hints are about what came after the house was opened, and reach every account
// of the partner that they are for.
func TestHintsAfterRestart(t *testing.T) {
	h := listening(t, settings{})
	p, q := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"}), h.mustAdmit(t, newPartner{OIN: oinQ, Name: "Q"})
	second, err := h.addAccess(t.Context(), newAccess{Partner: oinP, Kind: access.KindNATS}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var subs []*nats.Subscription
	for _, creds := range []string{p.Creds, second.Creds} {
		nc := dialWith(t, h.natsURL(), creds)
		sub, err := nc.SubscribeSync("berichten.nieuw")
		if err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		subs = append(subs, sub)
	}
	plan := func(creds, source, id string) events.Position {
		t.Helper()
		e, err := events.NewEvent(source, id, h.Now(), &events.VisitPlanned{
			Employer: events.Employer{KvK: "69599084"}, Approach: "6d1f7a52-3c0e-4f5b-9a51-2f9f4d1c7e1" + id, Date: events.DateOf(h.Now()).AddDays(10), Purpose: "kennismaking",
			AccountManager: events.Plainly(events.AccountManager{Employee: "m1", Name: "Proef"}),
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := tell(dialWith(t, h.natsURL(), creds), e.Canonical())
		if err != nil || r.Status != 0 {
			t.Fatalf("%+v %v", r, err)
		}
		return r.Position
	}
	plan(p.Creds, sourceP, "1")
	at := plan(q.Creds, sourceQ, "2")
	for i, sub := range subs {
		m, err := sub.NextMsg(patience)
		if err != nil {
			t.Fatalf("account %d of the partner: %v", i, err)
		}
		var body struct {
			Position events.Position `json:"positie"`
		}
		if err := json.Unmarshal(m.Data, &body); err != nil || body.Position != at {
			t.Errorf("hinted %s, want position %d", m.Data, at)
		}
	}
	if next, news, err := h.newMessages(at); err != nil || len(news) != 0 || next < at {
		t.Errorf("news after %d: %v up to %d, %v", at, news, next, err)
	}
}
