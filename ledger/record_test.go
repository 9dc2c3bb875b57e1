package ledger_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

func TestRecordOnceForEver(t *testing.T) {
	k := newBook(t)
	approach := uuid.NewString()
	e := k.event(k.a, "een", plan(kvk, approach, today.AddDays(5)))
	first, err := k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: k.a.caller})
	if err != nil {
		t.Fatal(err)
	}
	same := func(when string) {
		t.Helper()
		again, err := k.ledger.Record(t.Context(), ledger.Submission{Event: k.event(k.a, "een", plan(kvk, approach, today.AddDays(5))), Caller: k.a.caller})
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		if again.Position != first.Position || !again.Again {
			t.Errorf("%s: position %d (again %v), first was %d", when, again.Position, again.Again, first.Position)
		}
		if again.Outcome != first.Outcome || len(again.Reasons) != len(first.Reasons) {
			t.Errorf("%s: verdict %v %v, first was %v", when, again.Outcome, again.Reasons, first.Outcome)
		}
	}
	same("at once")
	k.must(k.b, visit(kvk, today))
	same("after somebody else's visit")
	k.reopen()
	same("after a restart")

	other := k.event(k.a, "een", plan(kvk, approach, today.AddDays(6)))
	_, err = k.ledger.Record(t.Context(), ledger.Submission{Event: other, Caller: k.a.caller})
	var conflict *ledger.ConflictError
	if !errors.As(err, &conflict) || conflict.Position != first.Position {
		t.Errorf("other content: %v, want a conflict with position %d", err, first.Position)
	}
	person := plan(kvk, approach, today.AddDays(5))
	person.AccountManager = manager("m1", "Iemand Anders")
	_, err = k.ledger.Record(t.Context(), ledger.Submission{Event: k.event(k.a, "een", person), Caller: k.a.caller})
	if !errors.As(err, &conflict) {
		t.Errorf("another person under the same id: %v, want a conflict", err)
	}
}

func TestWhoMaySay(t *testing.T) {
	k := newBook(t)
	board := ledger.Caller{Role: ledger.RoleBoard, Door: ledger.DoorHTTP}
	steward := ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorHTTP}
	admit := &events.PartnerAdmitted{Partner: uuid.NewString(), Identities: []string{"urn:nld:kvknr:90004760"}, Name: "D", Kind: "overig", From: today}
	for _, c := range []struct {
		name   string
		caller ledger.Caller
		source string
		data   events.Data
		codes  []string
	}{
		{"another's source", k.a.caller, k.b.source(), plan(kvk, uuid.NewString(), today), []string{"/source source-niet-van-u"}},
		{"a source of nobody", k.a.caller, "urn:nld:oin:00000099000000099999:systeem:crm", plan(kvk, uuid.NewString(), today), []string{"/source source-niet-van-u"}},
		{"board plans", board, k.a.source(), plan(kvk, uuid.NewString(), today), []string{"/type rol-mag-niet"}},
		{"partner admits", k.a.caller, k.a.source(), admit, []string{"/type rol-mag-niet"}},
		{"steward under a partner's source", steward, k.a.source(), admit, []string{"/source source-niet-van-u"}},
		{"partner erases", k.a.caller, k.a.source(), &events.DataErased{Keys: []events.KeyID{1}, Ground: "verzoek"}, []string{"/type rol-mag-niet"}},
		{"steward opens a book", steward, "urn:nld:oin:" + stewardOIN + ":systeem:huisboek", &events.BookOpened{Book: uuid.NewString(), Region: region, OIN: stewardOIN}, []string{"/type rol-mag-niet"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := k.ledger.Position()
			e, err := events.NewEvent(c.source, uuid.NewString(), noon, c.data)
			if err != nil {
				t.Fatal(err)
			}
			_, err = k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: c.caller})
			if !errors.Is(err, ledger.ErrForbidden) || !slices.Equal(faultCodes(err), c.codes) {
				t.Errorf("got %v, want forbidden with %v", err, c.codes)
			}
			if p := k.ledger.Position(); p != before {
				t.Errorf("recorded at %d", p)
			}
		})
	}
	k.mustSteward(&events.PartnerDeparted{Partner: k.c.id, From: today})
	if _, err := k.record(k.c, visit(kvk, today)); !slices.Equal(faultCodes(err), []string{"/source niet-actief"}) {
		t.Errorf("a partner that left: %v", err)
	}
	if a, _, err := k.ledger.Advise(t.Context(), ledger.Question{Employer: at(kvk), Partner: k.c.id}); !errors.Is(err, ledger.ErrForbidden) {
		t.Errorf("a partner that left is told %+v %v", a, err)
	}
}

func TestRefusals(t *testing.T) {
	k := newBook(t)
	mine, theirs, made, placed := uuid.NewString(), uuid.NewString(), uuid.NewString(), uuid.NewString()
	k.must(k.a, plan(kvk, mine, today.AddDays(3)))
	planRef := events.Ref{Source: k.a.source(), ID: k.lastID()}
	k.must(k.b, plan(kvk, theirs, today.AddDays(4)))
	theirRef := events.Ref{Source: k.b.source(), ID: k.lastID()}
	k.must(k.a, plan(kvk, made, today))
	v := visit(kvk, today)
	v.Approach = made
	k.must(k.a, v)
	visitRef := events.Ref{Source: k.a.source(), ID: k.lastID()}
	k.must(k.a, &events.EventRetracted{Event: visitRef})
	retractionRef := events.Ref{Source: k.a.source(), ID: k.lastID()}
	k.must(k.a, v)
	k.must(k.a, &events.PlacementMade{Employer: at(kvk), Placement: placed, Start: today, Kind: "dienstverband", Region: region})
	place := func(id, region string) *events.PlacementMade {
		return &events.PlacementMade{Employer: at(kvk), Placement: id, Start: today, Kind: "dienstverband", Region: region}
	}
	with := func(d *events.VisitPlanned, identities ...string) events.Data { d.With = identities; return d }
	replacing := func(d *events.VisitPlanned, r events.Ref) events.Data { d.Replaces = &r; return d }
	elsewhere := visit(otherKvK, today)
	elsewhere.Approach = mine

	for _, c := range []struct {
		name  string
		data  events.Data
		codes []string
	}{
		{"a benadering twice", plan(kvk, mine, today), []string{"/data/benadering benadering-bestaat"}},
		{"another's benadering", &events.VisitCalledOff{Approach: theirs}, []string{"/data/benadering onbekende-benadering"}},
		{"a benadering of nobody", &events.VisitMoved{Approach: uuid.NewString(), Date: today}, []string{"/data/benadering onbekende-benadering"}},
		{"moving what was made", &events.VisitMoved{Approach: made, Date: today}, []string{"/data/benadering benadering-gesloten"}},
		{"a visit of another employer's plan", elsewhere, []string{"/data/benadering andere-werkgever"}},
		{"a visit tomorrow", visit(kvk, today.AddDays(1)), []string{"/data/datum datum-in-toekomst"}},
		{"retracting another's", &events.EventRetracted{Event: theirRef}, []string{"/data/melding niet-van-u"}},
		{"retracting nothing", &events.EventRetracted{Event: events.Ref{Source: k.a.source(), ID: "nooit"}}, []string{"/data/melding onbekende-melding"}},
		{"retracting twice", &events.EventRetracted{Event: visitRef}, []string{"/data/melding al-ingetrokken"}},
		{"retracting a retraction", &events.EventRetracted{Event: retractionRef}, []string{"/data/melding niet-intrekbaar"}},
		{"correcting another's", replacing(plan(kvk, mine, today), theirRef), []string{"/data/vervangt niet-van-u"}},
		{"correcting with another benadering", replacing(plan(kvk, uuid.NewString(), today), planRef), []string{"/data/benadering andere-benadering"}},
		{"correcting a plan with a visit", func() events.Data { v := visit(kvk, today); v.Replaces = &planRef; return v }(), []string{"/data/vervangt ander-type"}},
		{"together with oneself and a stranger", with(plan(kvk, uuid.NewString(), today), k.a.urn(), "urn:nld:kvknr:90001354"), []string{"/data/samenMet/0 eigen-partner", "/data/samenMet/1 onbekende-partner"}},
		{"a placement of another region", place(uuid.NewString(), "AM07"), []string{"/data/arbeidsmarktregio andere-regio"}},
		{"a placement twice", place(placed, region), []string{"/data/plaatsing plaatsing-bestaat"}},
		{"ending a placement of nobody", &events.PlacementEnded{Placement: uuid.NewString(), End: today}, []string{"/data/plaatsing onbekende-plaatsing"}},
		{"ending before it began", &events.PlacementEnded{Placement: placed, End: today.AddDays(-1)}, []string{"/data/einddatum einddatum-voor-begin"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := k.ledger.Position()
			_, err := k.record(k.a, c.data)
			if d := cmp.Diff(c.codes, faultCodes(err)); d != "" {
				t.Errorf("faults (-want +got):\n%s\n%v", d, err)
			}
			var f events.Faults
			errors.As(err, &f)
			for _, x := range f {
				if x.Sentence.NL == "" || x.Sentence.EN == "" {
					t.Errorf("%s has no sentence", x.Code)
				}
			}
			if p := k.ledger.Position(); p != before {
				t.Errorf("recorded at %d", p)
			}
		})
	}
}

// TestCorrection: what is corrected goes on as what it was.
func TestCorrection(t *testing.T) {
	k := newBook(t)
	id := uuid.NewString()
	k.must(k.a, plan(kvk, id, today.AddDays(3)))
	planRef := events.Ref{Source: k.a.source(), ID: k.lastID()}
	k.must(k.a, &events.VisitMoved{Approach: id, Date: today.AddDays(9)})
	corrected := plan(otherKvK, id, today.AddDays(3))
	corrected.Replaces = &planRef
	r := k.must(k.a, corrected)

	ask := func(kvk string) ledger.Advice {
		t.Helper()
		a, _, err := k.ledger.Advise(t.Context(), ledger.Question{Employer: at(kvk), Partner: k.b.id})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := ask(kvk); len(a.OtherPlans) != 0 {
		t.Errorf("the plan is still at the employer it was taken from: %+v", a.OtherPlans)
	}
	a := ask(otherKvK)
	if len(a.OtherPlans) != 1 || a.OtherPlans[0].From != today.AddDays(9) || a.OtherPlans[0].Position != r.Position {
		t.Errorf("after the correction: %+v, want one plan at position %d on the day it was moved to", a.OtherPlans, r.Position)
	}
	k.must(k.a, &events.EventRetracted{Event: events.Ref{Source: k.a.source(), ID: k.lastID()}})
	if a := ask(otherKvK); len(a.OtherPlans) != 0 {
		t.Errorf("after the retraction: %+v", a.OtherPlans)
	}
	k.must(k.a, plan(kvk, id, today.AddDays(1))) // the id is free again
}
