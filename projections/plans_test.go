package projections

import (
	"cmp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"huisboek/events"
)

// plans is what a list has, by going through all approaches there ever were.
func (m model) plans(q PlansQuery, today events.Date) (list []Plan) {
	g := &clashModel{}
	for i := range m {
		g.add(m[:i+1])
	}
	clashing := map[events.Position]bool{}
	for _, c := range g.clashes(today) {
		if c.End == EndOpen {
			clashing[c.First.ID], clashing[c.Later.ID] = true, true
		}
	}
	for root, p := range m.agenda() {
		one := Plan{Planned: *p, Last: p.Position, Clashes: clashing[root]}
		for _, identity := range p.With {
			if partner := m.partnerOf(identity); slices.Contains(q.For, partner) && !slices.Contains(q.For, p.Partner) {
				one.Named = true
			}
		}
		if p.Status != StatusWithdrawn {
			for _, r := range m.tied(root, events.TypeVisitMoved, events.TypeVisitCalledOff, events.TypeVisitMade, events.TypeApproachExtended) {
				one.Last = max(one.Last, r.Position)
			}
			if len(p.With) > 0 {
				one.Confirmed = m.confirmed(root)
			}
		}
		seal := p.AccountManager.Seal
		waits := one.Named && !slices.ContainsFunc(m.takingPart(root), func(s string) bool { return slices.Contains(q.For, s) })
		switch {
		case !slices.Contains(q.Partners, p.Partner), q.Keys != nil && (seal == nil || !slices.Contains(q.Keys, seal.Key)),
			q.From != "" && p.To < q.From, q.To != "" && p.From > q.To, q.Open && (!p.Open() || p.Expired(today)), q.Waiting && !waits:
		default:
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b Plan) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Root, b.Root)) })
	return list
}

// plansQuery draws a question.
func plansQuery(t *rapid.T) PlansQuery {
	pick := func(name string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(partners), 0, 3, rapid.ID).Draw(t, name)
	}
	day := rapid.SampledFrom([]events.Date{"", "2026-09-02", "2026-10-01", "2026-11-02", "2026-12-03"})
	q := PlansQuery{
		Partners: pick("partners"), From: day.Draw(t, "from"), To: day.Draw(t, "to"), Open: rapid.Bool().Draw(t, "open"),
		For: pick("for"), Waiting: rapid.IntRange(0, 2).Draw(t, "waiting") == 0,
	}
	if rapid.IntRange(0, 3).Draw(t, "manager") == 0 {
		q.Keys = []events.KeyID{events.KeyID(rapid.IntRange(1, 9).Draw(t, "key")), 3}
	}
	return q
}

// TestPlansEqualModel: whatever is recorded and asked, a list read page by page is the
// plain list of what is asked for.
func TestPlansEqualModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := timed(crowd(t))
		store := newMemory()
		run(t, store, cutUp(t, records))
		tx := memoryTx{store.rows}
		for range 3 {
			q, today, most := plansQuery(t), rapid.SampledFrom([]events.Date{"2026-09-02", "2026-10-02", "2026-12-01"}).Draw(t, "today"), rapid.IntRange(1, 5).Draw(t, "page")
			var got []Plan
			var after PlanPlace
			for more := true; more; {
				var page []Plan
				var err error
				if page, more, err = (Agenda{}).Plans(tx, q, today, after, most); err != nil || len(page) > most || more && len(page) < most {
					t.Fatalf("%d of %d, more %v: %v", len(page), most, more, err)
				}
				if got = append(got, page...); len(page) > 0 {
					after = page[len(page)-1].Place()
				}
			}
			if d := gocmp.Diff(model(records).plans(q, today), got, equal); d != "" {
				t.Fatalf("%+v on %s (-model +view):\n%s", q, today, d)
			}
		}
	})
}

// TestPlansOfEachKind: in such books there are plans of every kind that a list tells apart.
func TestPlansOfEachKind(t *testing.T) {
	seen := map[string]int{}
	always(t, 60, func(t *rapid.T) {
		records := crowd(t)
		store := newMemory()
		run(t, store, cutUp(t, records))
		for _, open := range []bool{true, false} {
			list, _, err := Agenda{}.Plans(memoryTx{store.rows}, PlansQuery{Partners: partners, For: partners[:1], Open: open}, "2026-09-03", PlanPlace{}, MaxPlans)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range list {
				seen[p.Status]++
				for kind, is := range map[string]bool{
					"clashes": p.Clashes, "named": p.Named, "confirmed": len(p.Confirmed) > 0, "word after": p.Last != p.Position, "at request": p.AtRequest,
				} {
					if is {
						seen[kind]++
					}
				}
			}
		}
	})
	for _, kind := range []string{
		StatusPlanned, StatusMoved, StatusConfirmed, StatusCalledOff, StatusMade, StatusWithdrawn, "clashes", "named", "confirmed", "word after", "at request",
	} {
		if seen[kind] == 0 {
			t.Errorf("none is %s: %v", kind, seen)
		}
	}
}
