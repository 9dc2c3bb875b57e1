package ledger_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

func succession(old, by party, from events.Date) *events.PartnerSucceeded {
	return &events.PartnerSucceeded{Partner: old.id, By: by.id, From: from}
}

// as is a partner that speaks under another's source.
func (p party) as(other party) party {
	p.oin = other.oin
	return p
}

// TestSuccessorGoesOn: whatever the old partner could do with its own things, the
// successor can, under its own source and under the old one's.
func TestSuccessorGoesOn(t *testing.T) {
	approach, made, placed, vacant := uuid.NewString(), uuid.NewString(), uuid.NewString(), uuid.NewString()
	var planned, visited *events.Ref
	for _, c := range []struct {
		name string
		data func() events.Data
		own  bool // the successor's own things: without the succession it may not
	}{
		{"moves its plan", func() events.Data { return &events.VisitMoved{Approach: approach, Date: today.AddDays(9)} }, true},
		{"calls its plan off", func() events.Data { return &events.VisitCalledOff{Approach: approach} }, true},
		{"makes its planned visit", func() events.Data { v := visit(kvk, today); v.Approach = made; return v }, true},
		{"corrects its plan", func() events.Data { p := plan(otherKvK, approach, today); p.Replaces = planned; return p }, true},
		{"corrects its visit", func() events.Data { v := visit(kvk, today.AddDays(-4)); v.Replaces = visited; return v }, true},
		{"retracts its visit", func() events.Data { return &events.EventRetracted{Event: *visited} }, true},
		{"ends its placement", func() events.Data { return &events.PlacementEnded{Placement: placed, End: today} }, true},
		{"fills its vacancy", func() events.Data { return filled(vacant, 1) }, true},
		{"withdraws its vacancy", func() events.Data { return &events.VacancyWithdrawn{Vacancy: vacant} }, true},
		{"unlinks what it linked", func() events.Data { return unlink(kvk, otherKvK) }, true},
		{"plans anew", func() events.Data { return plan(kvk, uuid.NewString(), today) }, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBook(t)
			k.must(k.b, plan(kvk, approach, today.AddDays(3)))
			planned = k.lastRef(k.b)
			k.must(k.b, plan(kvk, made, today.AddDays(3)))
			k.must(k.b, visit(kvk, today.AddDays(-5)))
			visited = k.lastRef(k.b)
			k.must(k.b, &events.PlacementMade{Employer: at(kvk), Placement: placed, Start: today.AddDays(-9), Kind: "dienstverband", Region: region})
			k.must(k.b, vacancy(kvk, vacant, 1))
			k.must(k.b, link("dezelfde", kvk, otherKvK))
			if _, err := k.record(k.a, c.data()); c.own && err == nil {
				t.Fatal("it may without being the successor")
			}
			k.mustSteward(succession(k.b, k.a, today))
			for _, p := range []party{k.a.as(k.b), k.a} {
				tried := k.ledger.Try(t.Context(), []ledger.Submission{{Event: k.event(p, k.id(), c.data()), Caller: p.caller}})
				if tried[0].Err != nil {
					t.Errorf("as %s: %v", p.source(), tried[0].Err)
				}
			}
			r := k.must(k.a.as(k.b), c.data())
			if by := k.stored(r.Position).Partner; by != k.a.id {
				t.Errorf("recorded as said by %s", by)
			}
			if _, err := k.record(k.b, visit(kvk, today)); !errors.Is(err, ledger.ErrForbidden) || !slices.Equal(faultCodes(err), []string{"/source niet-actief"}) {
				t.Errorf("the old partner: %v", err)
			}
			if _, err := k.record(k.c.as(k.b), visit(kvk, today)); !slices.Equal(faultCodes(err), []string{"/source source-niet-van-u"}) {
				t.Errorf("a third: %v", err)
			}
			checkRebuild(t, k)
		})
	}
}

// TestSuccessorsOwn: what the old partner did counts as the successor's own, and
// whom to call is the successor; who made it stays told.
func TestSuccessorsOwn(t *testing.T) {
	k := newBook(t)
	k.must(k.b, plan(kvk, uuid.NewString(), today.AddDays(3)))
	k.must(k.b, visit(kvk, today.AddDays(-5)))
	appointed := &events.ContactAppointed{Employer: at(otherKvK), AccountManager: manager("v1", "Vaste Contact")}
	k.must(k.b, appointed)
	if got := briefly(k.advice(k.a, at(kvk))); got != "bezet [ander-plan recent-bezoek] Partner B 2026-11-17" {
		t.Errorf("before: %s", got)
	}
	k.mustSteward(succession(k.b, k.a, today.AddDays(1)))
	if got := briefly(k.advice(k.a, at(kvk))); got != "bezet [ander-plan recent-bezoek] Partner B 2026-11-17" {
		t.Errorf("the day before: %s", got)
	}
	k.clock.set(noon.Add(24 * time.Hour))
	if got := briefly(k.advice(k.a, at(kvk))); got != "let-op [recent-eigen-bezoek] 2026-11-17" {
		t.Errorf("to the successor: %s", got)
	}
	a := k.advice(k.c, at(kvk))
	if got := briefly(a); got != "bezet [ander-plan recent-bezoek] Partner A 2026-11-17" {
		t.Errorf("to a third: %s", got)
	}
	if a.OtherPlans[0].Partner.ID != k.b.id || a.LastVisit.Partner.ID != k.b.id || a.Call.Name != "Planner Een" {
		t.Errorf("who made it: %+v %+v %+v", a.OtherPlans[0], a.LastVisit, a.Call)
	}
	if want := "Partner A (opvolger van Partner B) heeft een plan om deze werkgever te benaderen (op 25 november 2026). Vanaf 24 februari 2027 is de werkgever weer vrij."; a.Reasons[0].Sentence.NL != want {
		t.Errorf("%s", a.Reasons[0].Sentence.NL)
	}
	if got := briefly(k.advice(k.c, at(otherKvK))); got != "let-op [andere-contactpersoon] Partner A" {
		t.Errorf("the fixed contact: %s", got)
	}
	k.must(k.a, &events.ContactReleased{Employer: at(otherKvK)})
	if got := briefly(k.advice(k.c, at(otherKvK))); got != "vrij []" {
		t.Errorf("the fixed contact, released: %s", got)
	}
	with := plan(otherKvK, uuid.NewString(), today.AddDays(5))
	with.With = []string{k.b.urn()}
	if _, err := k.record(k.a, with); !slices.Equal(faultCodes(err), []string{"/data/samenMet/0 eigen-partner"}) {
		t.Errorf("together with whom it succeeded: %v", err)
	}
	checkRebuild(t, k)
}

// A successor's word is no second word beside the old partner's.
func TestSuccessorIsNoOther(t *testing.T) {
	k := newBook(t)
	provisional := uuid.NewString()
	k.must(k.b, link("dezelfde", kvk, otherKvK))
	k.must(k.b, &events.SignalNoted{Employer: events.Employer{Provisional: provisional}, Theme: "groei"})
	k.mustSteward(succession(k.b, k.a, today))
	if r := k.must(k.a, link("dezelfde", kvk, otherKvK)); r.Reasons[0].Code != "koppeling-wacht" {
		t.Errorf("said again by the successor: %+v", r.Reasons)
	}
	if r := k.must(k.a, link("dezelfde", kvk, provisional)); r.Reasons[0].Code != "koppeling-geldt" {
		t.Errorf("a provisional employer of the old partner: %+v", r.Reasons)
	}
	checkRebuild(t, k)
}

// TestSuccessions: who is whose successor after what the steward said, one thing
// after the other. A step that is refused has its fault.
func TestSuccessions(t *testing.T) {
	day := func(n int) events.Date { return today.AddDays(n) }
	admit := func(p party, from events.Date) *events.PartnerAdmitted {
		return &events.PartnerAdmitted{Partner: p.id, Identities: []string{p.urn()}, Name: p.name, Kind: "overig", From: from}
	}
	stranger := party{id: uuid.NewString()}
	type step struct {
		data func(k *book) events.Data
		code string
	}
	said := func(d func(k *book) events.Data) step { return step{d, ""} }
	by := func(old, heir func(*book) party, from events.Date) step {
		return said(func(k *book) events.Data { return succession(old(k), heir(k), from) })
	}
	a, b, c := func(k *book) party { return k.a }, func(k *book) party { return k.b }, func(k *book) party { return k.c }
	nobody := func(*book) party { return stranger }
	refused := func(s step, code string) step { s.code = code; return s }
	const circle, unknown, who = "/data/door opvolging-in-kring", "/data/door onbekende-partner", "/data/partner onbekende-partner"
	for _, x := range []struct {
		name   string
		steps  []step
		own    string // whose things are A's own today
		active string // who takes part today
	}{
		{"nobody", nil, "A", "ABC"},
		{"today", []step{by(b, a, day(0))}, "AB", "AC"},
		{"tomorrow", []step{by(b, a, day(1))}, "A", "ABC"},
		{"a chain", []step{by(c, b, day(-9)), by(b, a, day(0))}, "ABC", "A"},
		{"a chain that is not whole yet", []step{by(c, b, day(1)), by(b, a, day(0))}, "AB", "AC"},
		{"two at once", []step{by(c, a, day(0)), by(b, a, day(0))}, "ABC", "A"},
		{"another successor instead", []step{by(b, a, day(-5)), by(b, c, day(0))}, "A", "AC"},
		{"back to the first", []step{by(b, a, day(-5)), by(b, c, day(-3)), by(b, a, day(-1))}, "AB", "AC"},
		{"a circle of two", []step{by(b, a, day(0)), refused(by(a, b, day(0)), circle)}, "AB", "AC"},
		{"a circle of two, later", []step{by(b, a, day(0)), refused(by(a, b, day(400)), circle)}, "AB", "AC"},
		{"a circle of three", []step{by(c, b, day(0)), by(b, a, day(0)), refused(by(a, c, day(0)), circle)}, "ABC", "A"},
		{"by a stranger", []step{refused(by(b, nobody, day(0)), unknown)}, "A", "ABC"},
		{"of a stranger", []step{refused(by(nobody, b, day(0)), who)}, "A", "ABC"},
		{"admitted anew from an earlier day", []step{by(b, a, day(-5)), said(func(k *book) events.Data { return admit(k.b, day(-300)) })}, "AB", "AC"},
		{"admitted anew from a later day", []step{by(b, a, day(-5)), said(func(k *book) events.Data { return admit(k.b, day(-1)) })}, "A", "ABC"},
		{"admitted anew from tomorrow", []step{by(b, a, day(-5)), said(func(k *book) events.Data { return admit(k.b, day(1)) })}, "AB", "AC"},
		{"admitted anew twice", []step{by(b, a, day(-5)), said(func(k *book) events.Data { return admit(k.b, day(-1)) }), said(func(k *book) events.Data { return admit(k.b, day(1)) })}, "A", "ABC"},
		{"admitted anew twice, the earlier day last", []step{by(b, a, day(-5)), said(func(k *book) events.Data { return admit(k.b, day(1)) }), said(func(k *book) events.Data { return admit(k.b, day(-1)) })}, "A", "ABC"},
		{"no circle after that", []step{by(b, a, day(-5)), said(func(k *book) events.Data { return admit(k.b, day(-1)) }), by(a, b, day(0))}, "A", "BC"},
		{"left before", []step{said(func(k *book) events.Data { return &events.PartnerDeparted{Partner: k.b.id, From: day(-9)} }), by(b, a, day(1))}, "A", "AC"},
		{"left after", []step{by(b, a, day(-5)), said(func(k *book) events.Data { return &events.PartnerDeparted{Partner: k.b.id, From: day(9)} })}, "AB", "AC"},
	} {
		t.Run(x.name, func(t *testing.T) {
			k := newBook(t)
			for i, s := range x.steps {
				_, err := k.steward(s.data(k))
				if got := faultCodes(err); (err == nil) != (s.code == "") || s.code != "" && !slices.Equal(got, []string{s.code}) {
					t.Fatalf("step %d: %v, want %q", i, err, s.code)
				}
			}
			letter := map[string]string{k.a.id: "A", k.b.id: "B", k.c.id: "C"}
			ids, err := k.ledger.Own(k.a.id)
			if err != nil {
				t.Fatal(err)
			}
			var own []string
			for _, id := range ids {
				own = append(own, letter[id])
			}
			if own[0] != "A" {
				t.Errorf("its own id is not first: %v", own)
			}
			slices.Sort(own)
			all, err := k.ledger.Partners()
			if err != nil {
				t.Fatal(err)
			}
			active := ""
			for _, p := range all {
				if p.Active(today) {
					active += letter[p.ID]
				}
			}
			if got := join(own); got != x.own || active != x.active {
				t.Errorf("A's own: %s, active: %s; want %s and %s", got, active, x.own, x.active)
			}
			checkRebuild(t, k)
		})
	}
}

func join(letters []string) (s string) {
	for _, l := range letters {
		s += l
	}
	return s
}

// Partners tells who is succeeded by whom, and which regions a partner serves.
func TestPartnersTellSuccession(t *testing.T) {
	k := newBook(t)
	k.mustSteward(&events.PartnerAdmitted{Partner: k.c.id, Identities: []string{k.c.urn()}, Name: "Partner C", Kind: "sw", From: today, Regions: []string{"AM07", region}})
	k.mustSteward(succession(k.c, k.a, today.AddDays(-3)))
	all, err := k.ledger.Partners()
	if err != nil || len(all) != 3 {
		t.Fatal(all, err)
	}
	c := all[2]
	if c.Successor != k.a.id || c.SuccessorFrom != today.AddDays(-3) || c.SuccessorUntil != "" || c.Until != today.AddDays(-3) || !slices.Equal(c.Regions, []string{"AM07", region}) {
		t.Errorf("%+v", c)
	}
	k.mustSteward(&events.PartnerAdmitted{Partner: k.c.id, Identities: []string{k.c.urn()}, Name: "Partner C", Kind: "sw", From: today})
	if all, err = k.ledger.Partners(); err != nil || all[2].SuccessorUntil != today || all[2].Until != "" || all[2].Regions != nil {
		t.Errorf("%+v %v", all[2], err)
	}
}

// An account manager of the old partner stays one of the old partner.
func TestOldPartnersPeople(t *testing.T) {
	k := newBook(t)
	k.must(k.b, visit(kvk, today))
	k.mustSteward(succession(k.b, k.a, today))
	if _, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Partner: k.a.id, Employee: "m2", Ground: "verzoek"}, ledger.Caller{}); !errors.Is(err, ledger.ErrNothingToErase) {
		t.Errorf("under the successor: %v", err)
	}
	if _, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Partner: k.b.id, Employee: "m2", Ground: "verzoek"}, ledger.Caller{}); err != nil {
		t.Error(err)
	}
}
