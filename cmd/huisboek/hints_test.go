package main

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"huisboek/adapters/access"
	"huisboek/events"
	"huisboek/projections"
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
			Employer: events.Employer{KvK: "69599084"}, Approach: "6d1f7a52-3c0e-4f5b-9a51-2f9f4d1c7e1" + id, Period: &events.Period{From: events.DateOf(h.Now()).AddDays(5), To: events.DateOf(h.Now()).AddDays(10)}, Purpose: "kennismaking",
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
	today := events.DateOf(h.Now())
	told := projections.Cursor{After: at, Day: today, Told: at}
	next, news, err := h.newMessages(told, today)
	if err != nil || len(news) != 0 || next.After < at {
		t.Errorf("news after %d: %v up to %d, %v", at, news, next.After, err)
	}
	// Seven days on the plan that holds the employer ends in three: all accounts of
	// its partner are hinted at it.
	if _, news, err = h.newMessages(told, today.AddDays(7)); err != nil || len(news) != 2 {
		t.Errorf("news of the day on which something falls due: %v, %v", news, err)
	}
	for account, last := range news {
		if last != at-1 {
			t.Errorf("account %s is hinted at %d, want %d", account, last, at-1)
		}
	}
	next, _, _ = h.newMessages(told, today.AddDays(7))
	if _, news, err := h.newMessages(next, today.AddDays(7)); err != nil || len(news) != 0 {
		t.Errorf("hinted at again: %v, %v", news, err)
	}
}

// A day lasts 23 or 25 hours when the clocks change.
func TestUntilTomorrow(t *testing.T) {
	for from, want := range map[string]time.Duration{
		"2026-11-22T00:00:00+01:00": 24*time.Hour + time.Second, "2026-11-22T23:59:59+01:00": 2 * time.Second,
		"2026-03-29T00:00:00+01:00": 23*time.Hour + time.Second, "2026-10-25T00:00:00+02:00": 25*time.Hour + time.Second,
	} {
		now, err := time.Parse(time.RFC3339, from)
		if got := untilTomorrow(now); got != want || err != nil {
			t.Errorf("%s: %s, want %s (%v)", from, got, want, err)
		}
	}
}
