package ledger_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

// TestVerdict: given what others did, what a plan of A for this employer in a week
// gets, and who is to be called.
func TestVerdict(t *testing.T) {
	appoint := func(p party, k *book, purpose string) {
		k.must(p, &events.ContactAppointed{Employer: at(kvk), AccountManager: manager("v1", "Vaste Contact"), Purpose: purpose})
	}
	type want struct {
		Outcome events.Outcome
		Reasons []string
		Call    string // "reason partner name"
	}
	free := want{Outcome: events.Free}
	for _, c := range []struct {
		name  string
		given func(k *book)
		want  want
	}{
		{"nothing", func(k *book) {}, free},
		{"another's open plan", func(k *book) { k.must(k.b, plan(kvk, uuid.NewString(), today.AddDays(30))) },
			want{events.Taken, []string{"ander-plan"}, "ander-plan Partner B Planner Een"}},
		{"another's plan with the quiet days between", func(k *book) { k.must(k.b, plan(kvk, uuid.NewString(), today.AddDays(97))) },
			want{events.Taken, []string{"ander-plan"}, "ander-plan Partner B Planner Een"}},
		{"another's plan beyond the quiet days", func(k *book) { k.must(k.b, plan(kvk, uuid.NewString(), today.AddDays(98))) },
			want{events.Free, nil, "ander-plan Partner B Planner Een"}},
		{"another's plan that was taken", func(k *book) {
			one := uuid.NewString()
			k.must(k.c, plan(kvk, one, today))
			k.must(k.b, plan(kvk, uuid.NewString(), today))
			k.must(k.c, &events.VisitCalledOff{Approach: one})
		}, want{events.Free, nil, "ander-plan Partner B Planner Een"}},
		{"another's plan that went through", func(k *book) {
			one, two := uuid.NewString(), plan(kvk, uuid.NewString(), today)
			k.must(k.c, plan(kvk, one, today))
			two.Despite = &events.Despite{Reason: plain("Al afgesproken.")}
			k.must(k.b, two)
			k.must(k.c, &events.VisitCalledOff{Approach: one})
		}, want{events.Taken, []string{"ander-plan"}, "ander-plan Partner B Planner Een"}},
		{"another's plan for a purpose that is not disturbed", func(k *book) {
			p := plan(kvk, uuid.NewString(), today)
			p.Purpose = "nazorg"
			k.must(k.b, p)
		}, want{events.Free, nil, "ander-plan Partner B Planner Een"}},
		{"another's plan that the employer asked for", func(k *book) {
			p := plan(kvk, uuid.NewString(), today)
			p.AtRequest = true
			k.must(k.b, p)
		}, want{events.Free, nil, "ander-plan Partner B Planner Een"}},
		{"another's plan for today", func(k *book) { k.must(k.b, plan(kvk, uuid.NewString(), today)) },
			want{events.Taken, []string{"ander-plan"}, "ander-plan Partner B Planner Een"}},
		{"another's plan that expired", func(k *book) { k.must(k.b, plan(kvk, uuid.NewString(), today.AddDays(-1))) }, free},
		{"another's plan called off", func(k *book) {
			id := uuid.NewString()
			k.must(k.b, plan(kvk, id, today.AddDays(3)))
			k.must(k.b, &events.VisitCalledOff{Approach: id})
		}, free},
		{"another's plan retracted", func(k *book) {
			k.must(k.b, plan(kvk, uuid.NewString(), today.AddDays(3)))
			k.must(k.b, &events.EventRetracted{Event: events.Ref{Source: k.b.source(), ID: k.lastID()}})
		}, free},
		{"one's own open plan", func(k *book) { k.must(k.a, plan(kvk, uuid.NewString(), today.AddDays(3))) }, free},
		{"another's plan at another employer", func(k *book) { k.must(k.b, plan(otherKvK, uuid.NewString(), today)) }, free},
		{"another's visit today", func(k *book) { k.must(k.b, visit(kvk, today)) },
			want{events.Attention, []string{"recent-bezoek"}, "recent-bezoek Partner B Bezoeker Twee"}},
		{"another's visit 90 days before", func(k *book) { k.must(k.b, visit(kvk, today.AddDays(7-90))) },
			want{events.Attention, []string{"recent-bezoek"}, "recent-bezoek Partner B Bezoeker Twee"}},
		{"another's visit 91 days before", func(k *book) { k.must(k.b, visit(kvk, today.AddDays(7-91))) }, free},
		{"a late report of an older visit", func(k *book) {
			k.must(k.b, visit(kvk, today.AddDays(-10)))
			k.must(k.c, visit(kvk, today.AddDays(-20)))
		}, want{events.Attention, []string{"recent-bezoek"}, "recent-bezoek Partner B Bezoeker Twee"}},
		{"one's own recent visit", func(k *book) { k.must(k.a, visit(kvk, today)) },
			want{events.Attention, []string{"recent-eigen-bezoek"}, ""}},
		{"one's own visit after another's", func(k *book) {
			k.must(k.b, visit(kvk, today.AddDays(-40)))
			k.must(k.a, visit(kvk, today.AddDays(-1)))
		}, want{events.Attention, []string{"recent-bezoek"}, "recent-bezoek Partner B Bezoeker Twee"}},
		{"a visit retracted", func(k *book) {
			k.must(k.b, visit(kvk, today))
			k.must(k.b, &events.EventRetracted{Event: events.Ref{Source: k.b.source(), ID: k.lastID()}})
		}, free},
		{"plan and visit", func(k *book) {
			k.must(k.b, visit(kvk, today))
			k.must(k.c, plan(kvk, uuid.NewString(), today))
		}, want{events.Taken, []string{"ander-plan", "recent-bezoek"}, "ander-plan Partner C Planner Een"}},
		{"another's fixed contact", func(k *book) { appoint(k.b, k, "") },
			want{events.Attention, []string{"andere-contactpersoon"}, "vaste-contactpersoon Partner B Vaste Contact"}},
		{"a fixed contact comes before plan and visit", func(k *book) {
			k.must(k.c, visit(kvk, today))
			k.must(k.c, plan(kvk, uuid.NewString(), today))
			appoint(k.b, k, "")
		}, want{events.Taken, []string{"ander-plan", "recent-bezoek", "andere-contactpersoon"}, "vaste-contactpersoon Partner B Vaste Contact"}},
		{"a fixed contact for this purpose before one for all", func(k *book) {
			appoint(k.b, k, "acquisitie")
			appoint(k.c, k, "")
		}, want{events.Attention, []string{"andere-contactpersoon"}, "vaste-contactpersoon Partner B Vaste Contact"}},
		{"a fixed contact for another purpose", func(k *book) { appoint(k.b, k, "nazorg") }, free},
		{"a fixed contact released", func(k *book) {
			appoint(k.b, k, "")
			k.must(k.b, &events.ContactReleased{Employer: at(kvk)})
		}, free},
		{"the last appointment counts", func(k *book) {
			appoint(k.b, k, "")
			appoint(k.c, k, "")
		}, want{events.Attention, []string{"andere-contactpersoon"}, "vaste-contactpersoon Partner C Vaste Contact"}},
		{"an establishment's plan concerns the whole", func(k *book) {
			p := plan(kvk, uuid.NewString(), today)
			p.Establishment = "000037178598"
			k.must(k.b, p)
		}, want{events.Taken, []string{"ander-plan"}, "ander-plan Partner B Planner Een"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBook(t)
			c.given(k)
			advice, _, err := k.ledger.Advise(t.Context(), ledger.Question{Employer: at(kvk), Partner: k.a.id, Purpose: "acquisitie", Date: today.AddDays(7)})
			if err != nil {
				t.Fatal(err)
			}
			r := k.must(k.a, plan(kvk, uuid.NewString(), today.AddDays(7)))
			for source, a := range map[string]ledger.Advice{"asked before": advice, "receipt": r.Advice} {
				got := want{Outcome: a.Outcome}
				for _, x := range a.Reasons {
					got.Reasons = append(got.Reasons, x.Code)
				}
				if a.Call != nil {
					got.Call = a.Call.Reason + " " + a.Call.Partner.Name + " " + a.Call.Name
				}
				if d := cmp.Diff(c.want, got); d != "" {
					t.Errorf("%s (-want +got):\n%s", source, d)
				}
			}
		})
	}
}

func TestEstablishmentsDoNotDisturbEachOther(t *testing.T) {
	k := newBook(t)
	one := plan(kvk, uuid.NewString(), today)
	one.Establishment = "000037178598"
	k.must(k.b, one)
	two := plan(kvk, uuid.NewString(), today)
	two.Establishment = "000037178601"
	if r := k.must(k.a, two); r.Outcome != events.Free || len(r.OtherPlans) != 0 {
		t.Errorf("another establishment: %+v", r.Advice)
	}
}

// TestAfterwards: old history is recorded and shown, and raises no clash.
func TestAfterwards(t *testing.T) {
	k := newBook(t)
	k.must(k.b, visit(kvk, today.AddDays(-3)))
	raw := k.event(k.a, "oud", visit(kvk, today.AddDays(-5))).Canonical()
	old, err := events.Decode(append([]byte(`{"achteraf":true,`), raw[1:]...), noon)
	if err != nil {
		t.Fatal(err)
	}
	r, err := k.ledger.Record(t.Context(), ledger.Submission{Event: old, Caller: k.a.caller})
	if err != nil || r.Outcome != events.Free || len(r.Reasons) != 0 {
		t.Errorf("achteraf: %+v %v", r, err)
	}
}

// TestClockGoingBack: the order is the stream's, whatever the clock does.
func TestClockGoingBack(t *testing.T) {
	k := newBook(t)
	k.must(k.a, visit(kvk, today))
	k.clock.set(noon.Add(-48 * time.Hour))
	r := k.must(k.a, visit(kvk, today.AddDays(-9)))
	stored := k.stream.Stored()
	last, err := events.DecodeRecord(stored[len(stored)-1].Data)
	if err != nil || last.Position != r.Position || last.At.Before(noon) {
		t.Errorf("recorded at %s after %s (%v)", last.At, noon, err)
	}
}

// TestToday: a day begins and ends in Amsterdam.
func TestToday(t *testing.T) {
	k := newBook(t)
	k.clock.set(time.Date(2026, 3, 28, 23, 30, 0, 0, time.UTC)) // the 29th in Amsterdam, an hour before summer time
	k.must(k.b, plan(kvk, uuid.NewString(), "2026-03-28"))
	if r := k.must(k.a, visit(kvk, "2026-03-29")); r.Outcome != events.Free {
		t.Errorf("a plan of yesterday, Amsterdam time, still counts: %+v", r.Advice)
	}
}

// TestPlansSoonestFirst: by their first day, whatever their last. Who holds the
// employer is called before who goes sooner and holds nothing.
func TestPlansSoonestFirst(t *testing.T) {
	k := newBook(t)
	k.must(k.b, plan(kvk, uuid.NewString(), today.AddDays(10)))
	long := plan(kvk, uuid.NewString(), "")
	long.Date, long.Period = "", &events.Period{From: today.AddDays(1), To: today.AddDays(90)}
	k.must(k.c, long)
	r := k.must(k.a, visit(kvk, today))
	if len(r.OtherPlans) != 2 || r.OtherPlans[0].From != today.AddDays(1) || r.Call == nil || r.Call.Partner.Name != "Partner B" || len(r.CallNext) != 1 || r.CallNext[0].Partner.Name != "Partner C" {
		t.Errorf("plans %+v, call %+v", r.OtherPlans, r.Call)
	}
}

// One's own open plans are passed over unread: however many there are, a decision
// costs no more. (Counted in allocations, for time is not to be trusted.)
func TestOwnPlansCostNothing(t *testing.T) {
	k := newBook(t)
	k.must(k.b, plan(kvk, uuid.NewString(), today))
	ask := func() {
		a, _, err := k.ledger.Advise(t.Context(), ledger.Question{Employer: at(kvk), Partner: k.a.id})
		if err != nil || len(a.OtherPlans) != 1 {
			t.Fatalf("%+v, %v", a.OtherPlans, err)
		}
	}
	cost := func() float64 {
		if err := k.ledger.Flush(); err != nil {
			t.Fatal(err)
		}
		return testing.AllocsPerRun(20, ask)
	}
	before := cost()
	for range 300 {
		k.must(k.a, plan(kvk, uuid.NewString(), today))
	}
	if after := cost(); after > before+150 {
		t.Errorf("%v allocations without plans of one's own, %v with 300", before, after)
	}
}

// TestFixedIsTheLastAppointed: of several partners' fixed contacts the one appointed
// last counts, and a correction stands in the place of what it corrects.
func TestFixedIsTheLastAppointed(t *testing.T) {
	appoint := func(name string, replaces *events.Ref) *events.ContactAppointed {
		return &events.ContactAppointed{Employer: at(kvk), AccountManager: manager(name, name), Replaces: replaces}
	}
	for _, c := range []struct {
		name string
		last func(k *book, anna, bert *events.Ref)
		want string
	}{
		{"the later one", func(*book, *events.Ref, *events.Ref) {}, "Bert"},
		{"the earlier one is corrected", func(k *book, anna, _ *events.Ref) { k.must(k.a, appoint("Anne", anna)) }, "Bert"},
		{"and corrected again", func(k *book, anna, _ *events.Ref) {
			k.must(k.a, appoint("Anne", anna))
			k.must(k.a, appoint("Anneke", k.lastRef(k.a)))
		}, "Bert"},
		{"the later one is corrected", func(k *book, _, bert *events.Ref) { k.must(k.b, appoint("Berend", bert)) }, "Berend"},
		{"the earlier one is appointed anew", func(k *book, _, _ *events.Ref) { k.must(k.a, appoint("Anne", nil)) }, "Anne"},
		{"the later one is released, the earlier one corrected", func(k *book, anna, _ *events.Ref) {
			k.must(k.b, &events.ContactReleased{Employer: at(kvk)})
			k.must(k.a, appoint("Anne", anna))
		}, "Anne"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBook(t)
			k.must(k.a, appoint("Anna", nil))
			anna := k.lastRef(k.a)
			k.must(k.b, appoint("Bert", nil))
			c.last(k, anna, k.lastRef(k.b))
			if call := k.advice(k.c, at(kvk)).Call; call == nil || call.Name != c.want {
				t.Errorf("call %+v, want %s", call, c.want)
			}
			checkRebuild(t, k)
		})
	}
}

// The steward who asks has no plans of its own: those of others are not counted as such.
func TestStewardHasNoPlans(t *testing.T) {
	k := newBook(t)
	few := events.DefaultAgreement()
	few.Name, few.From, few.PlansPerPartner, few.Actions.PartnerPlans = "Een", today, 1, events.ActWarn
	k.mustSteward(&few)
	k.must(k.a, plan(otherKvK, uuid.NewString(), today))
	if err := k.ledger.Flush(); err != nil {
		t.Fatal(err)
	}
	if a := k.advice(party{}, at(kvk)); a.Outcome != events.Free {
		t.Errorf("%+v", a)
	}
}
