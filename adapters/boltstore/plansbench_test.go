package boltstore

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/projections"
)

// planned are so many plans of sixty partners, over fourteen months up to some weeks
// from today: one in ten lies ahead, one in twenty names another partner.
func planned(n int, today events.Date) (records []*events.Record, partners []string) {
	rnd := rand.New(rand.NewPCG(7, 60))
	at := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	add := func(partner string, d events.Data) {
		p := events.Position(len(records) + 1)
		records = append(records, &events.Record{
			Position: p, At: at, Partner: partner, Hash: events.Hash{byte(p), byte(p >> 8), byte(p >> 16)},
			Verdict: events.Verdict{Outcome: events.Free, Today: today},
			Event:   events.Event{ID: fmt.Sprint(p), Source: "urn:nld:oin:00000099000000002000:systeem:crm", Type: d.Type(), Data: d},
		})
	}
	identity := func(i int) string { return fmt.Sprintf("urn:nld:oin:0000009900000%04d000", i) }
	for i := range 60 {
		partners = append(partners, uuid.NewSHA1(uuid.Nil, []byte{byte(i)}).String())
		add("boek", &events.PartnerAdmitted{Partner: partners[i], Identities: []string{identity(i)}, Name: fmt.Sprint(i), Kind: "gemeente", From: "2020-01-01"})
	}
	for range n {
		d := &events.VisitPlanned{
			Employer: events.Employer{KvK: fmt.Sprintf("9%07d", rnd.IntN(50_000))}, Approach: uuid.NewString(), Purpose: "nazorg", Date: today.AddDays(rnd.IntN(430) - 390),
			AccountManager: events.Personal[events.AccountManager]{Seal: &events.Seal{Key: events.KeyID(1 + rnd.IntN(500)), Text: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}},
		}
		if rnd.IntN(20) == 0 {
			d.With = []string{identity(rnd.IntN(60))}
		}
		add(partners[rnd.IntN(60)], d)
	}
	return records, partners
}

// BenchmarkPlans reads a page of plans among 100,000.
func BenchmarkPlans(b *testing.B) {
	const today = events.Date("2026-11-22")
	records, partners := planned(100_000, today)
	v := benchViews(b, Options{NoSync: true})
	if err := projections.Rebuild(b.Context(), stream(records), projections.NewViews(), v, nil); err != nil {
		b.Fatal(err)
	}
	inFile(b, v)
	own := partners[:1]
	for name, q := range map[string]projections.PlansQuery{
		"own":       {Partners: own, For: own, Open: true},
		"region":    {Partners: partners, For: own, Open: true},
		"waiting":   {Partners: partners, For: own, Open: true, Waiting: true},
		"regionAll": {Partners: partners, For: own, From: today.AddDays(-90)},
	} {
		b.Run(name, func(b *testing.B) {
			took := make([]time.Duration, 0, 1<<16)
			for b.Loop() {
				began := time.Now()
				err := v.View(func(tx projections.Tx, _ events.Checkpoint) error {
					list, _, err := projections.Agenda{}.Plans(tx, q, today, projections.PlanPlace{}, 50)
					if err == nil && len(list) == 0 {
						b.Fatal("no plans")
					}
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(began))
			}
			report(b, took)
		})
	}
}
