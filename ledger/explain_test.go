package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/ledger"
)

// TestExplainJudgesAgain: of every verdict of any history the facts that are stored
// with it, read back, give the same verdict under the agreement that is stored with it;
// and under the one in force today when that is the same.
func TestExplainJudgesAgain(t *testing.T) {
	judged := map[events.Outcome]int{}
	rapid.Check(t, func(rt *rapid.T) {
		k := newBook(t)
		p := newPast(rt, k)
		p.live(60)
		for at := events.Position(1); at <= k.ledger.Position(); at++ {
			x, err := k.ledger.Explain(t.Context(), at, "")
			if err != nil {
				if errors.Is(err, ledger.ErrNoPosition) {
					continue
				}
				rt.Fatalf("position %d: %v", at, err)
			}
			if !x.Judged {
				continue
			}
			r := k.stored(at)
			judged[r.Verdict.Outcome]++
			if *x.Outcome != r.Verdict.Outcome || len(x.Reasons) != len(r.Verdict.Reasons) {
				rt.Fatalf("position %d: told %v, stored %v", at, *x.Outcome, r.Verdict)
			}
			if !x.Again.Then.Same {
				rt.Fatalf("position %d (%s): judged again %s %v, stored %s %v on %v\n%+v", at, r.Event.Type.Name(),
					x.Again.Then.Outcome, x.Again.Then.Reasons, r.Verdict.Outcome, r.Verdict.Reasons, r.Verdict.RestsOn, r.Event.Data)
			}
			for _, reason := range x.Reasons {
				if reason.Sentence.NL == "" || strings.Contains(reason.Sentence.NL, "Reden ") || strings.Contains(reason.Sentence.NL+reason.Sentence.EN, "%!") {
					rt.Fatalf("position %d: %s says %q", at, reason.Code, reason.Sentence)
				}
			}
			for _, f := range x.Facts {
				if strings.Contains(f.Sentence.NL+f.Sentence.EN, "%!") {
					rt.Fatalf("position %d: %q", at, f.Sentence)
				}
			}
		}
		k.close()
	})
	for _, o := range []events.Outcome{events.Free, events.Attention, events.Taken, events.Refused} {
		if judged[o] == 0 {
			t.Errorf("no verdict was %s: the histories show too little", o)
		}
	}
	t.Log(judged)
}

// A plan that was taken is explained by the plan that was first, whatever became of it.
func TestExplainTaken(t *testing.T) {
	k := newBook(t)
	first := k.must(k.a, plan(kvk, uuid.NewString(), today.AddDays(3)))
	taken := plan(kvk, uuid.NewString(), today.AddDays(10))
	taken.Despite = &events.Despite{Reason: plain("Zij belden zelf")}
	second := k.must(k.b, taken)
	if second.Outcome != events.Taken {
		t.Fatalf("the second plan is %s", second.Outcome)
	}
	firstID := events.Ref{Source: k.a.source(), ID: k.stored(first.Position).Event.ID}
	k.must(k.a, &events.EventRetracted{Event: firstID, Reason: plain("Toch niet")})

	for _, c := range []struct {
		reader  string
		despite bool
	}{{k.a.id, true}, {k.b.id, true}, {k.c.id, false}, {"", false}} {
		x, err := k.ledger.Explain(t.Context(), second.Position, c.reader)
		if err != nil {
			t.Fatal(err)
		}
		if (x.Despite != nil) != c.despite {
			t.Errorf("reader %q: the reason for going through is %v", c.reader, x.Despite)
		}
		if *x.Outcome != events.Taken || !x.Again.Then.Same || !x.Again.Now.Same {
			t.Errorf("%s, again %+v", *x.Outcome, x.Again)
		}
		i := slices.IndexFunc(x.Facts, func(f ledger.Fact) bool { return f.Position == first.Position })
		if i < 0 || !x.Facts[i].Decided {
			t.Fatalf("the first plan is not what decided: %+v", x.Facts)
		}
		f := x.Facts[i]
		if want := "Plan van Partner A voor 25 november 2026, acquisitie (positie 5)."; f.Sentence.NL != want {
			t.Errorf("fact: %q, want %q", f.Sentence.NL, want)
		}
		if len(f.Since) != 1 || !strings.Contains(f.Since[0].NL, "ingetrokken") {
			t.Errorf("since: %v", f.Since)
		}
		if x.Agreement == nil || x.Agreement.Position != nil || len(x.Agreement.Clauses) != 2 {
			t.Errorf("agreement: %+v", x.Agreement)
		}
		if !strings.Contains(x.Reasons[0].Sentence.NL, "Partner A had een plan") || strings.Contains(fmt.Sprint(x.Reasons), "Deze bezigheid") {
			t.Errorf("reasons: %v", x.Reasons)
		}
		if f.AccountManager == nil || f.AccountManager.Name != "Planner Een" {
			t.Errorf("account manager: %+v", f.AccountManager)
		}
	}
	if _, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Partner: k.a.id, Employee: "m1", Ground: "verzoek"}, ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal}); err != nil {
		t.Fatal(err)
	}
	x, err := k.ledger.Explain(t.Context(), second.Position, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range x.Facts {
		if f.Position == first.Position && f.AccountManager != nil {
			t.Errorf("erased, and still told: %+v", f.AccountManager)
		}
	}
}

// By today's agreement a verdict may be another; what was not kept is said in words.
func TestExplainToday(t *testing.T) {
	k := newBook(t)
	k.must(k.a, plan(kvk, uuid.NewString(), today.AddDays(3)))
	taken := k.must(k.b, plan(kvk, uuid.NewString(), today.AddDays(10)))
	free := k.must(k.b, plan(otherKvK, uuid.NewString(), today.AddDays(10)))
	strict := events.DefaultAgreement()
	strict.Name, strict.From, strict.Actions.OtherPlan, strict.PlansPerPartner = "Streng", today, events.ActRefuse, 1
	k.mustSteward(&strict)

	x, err := k.ledger.Explain(t.Context(), taken.Position, "")
	if err != nil {
		t.Fatal(err)
	}
	if now := x.Again.Now; !x.Again.Then.Same || now.Same || now.Outcome != events.Refused || now.Agreement.Position == nil || now.Agreement.Name != "Streng" {
		t.Errorf("then %+v\nnow %+v", x.Again.Then, now)
	}
	if x, err = k.ledger.Explain(t.Context(), free.Position, ""); err != nil {
		t.Fatal(err)
	}
	if !x.Again.Now.Same || len(x.Again.Unjudged) != 1 || !strings.Contains(x.Again.Unjudged[0].NL, "niet bewaard") {
		t.Errorf("now %+v, not told: %v", x.Again.Now, x.Again.Unjudged)
	}
}

// What gets no verdict says so; what is not there, or not for this reader, is not there.
func TestExplainOthers(t *testing.T) {
	k := newBook(t)
	described := k.must(k.a, &events.EmployerDescribed{Employer: at(kvk), Name: plain("Voorbeeld"), Gemeente: "GM0193"})
	placed := k.must(k.a, &events.PlacementMade{Employer: at(kvk), Placement: uuid.NewString(), Start: today, Kind: "dienstverband", Region: region})
	signal := k.must(k.a, &events.SignalNoted{Employer: at(kvk), Theme: "groei", Date: today})
	for _, c := range []struct {
		at     events.Position
		reader string
		there  bool
	}{
		{described.Position, k.b.id, true}, {described.Position, "", true},
		{placed.Position, k.a.id, true}, {placed.Position, k.b.id, false}, {placed.Position, "", false},
		{signal.Position, k.a.id, true}, {signal.Position, k.b.id, false}, {signal.Position, "", false},
		{1, k.a.id, true}, {0, "", false}, {signal.Position + 1, "", false}, {1 << 60, "", false},
	} {
		x, err := k.ledger.Explain(t.Context(), c.at, c.reader)
		switch {
		case !c.there && !errors.Is(err, ledger.ErrNoPosition):
			t.Errorf("position %d for %q: %v %v", c.at, c.reader, x, err)
		case c.there && (err != nil || x.Judged || x.Outcome != nil || !strings.Contains(x.Sentence.NL, "geen oordeel")):
			t.Errorf("position %d for %q: %+v %v", c.at, c.reader, x, err)
		}
	}
	if err := k.ledger.Err(); err != nil {
		t.Errorf("asking halted the book: %v", err)
	}
}

// After a succession what the old partner did is the new one's own; explaining what was
// judged before it says what cannot be told any more, and blames nobody.
func TestExplainSucceeded(t *testing.T) {
	k := newBook(t)
	k.must(k.a, plan(kvk, uuid.NewString(), today.AddDays(3)))
	before := k.must(k.b, plan(kvk, uuid.NewString(), today.AddDays(10)))
	k.clock.set(noon.AddDate(0, 0, 1))
	k.mustSteward(&events.PartnerSucceeded{Partner: k.a.id, By: k.b.id, From: today.AddDays(1)})
	after := k.must(k.b, plan(kvk, uuid.NewString(), today.AddDays(12)))
	if before.Outcome != events.Taken || after.Outcome != events.Free {
		t.Fatal(before.Outcome, after.Outcome)
	}
	for _, at := range []events.Position{before.Position, after.Position} {
		x, err := k.ledger.Explain(t.Context(), at, k.b.id)
		if err != nil {
			t.Fatal(err)
		}
		if !x.Again.Then.Same {
			t.Errorf("position %d: %+v", at, x.Again)
		}
	}
	// A succession that is recorded later for an earlier day is more than the stored facts tell.
	k.mustSteward(&events.PartnerSucceeded{Partner: k.c.id, By: k.b.id, From: today.AddDays(-30)})
	x, err := k.ledger.Explain(t.Context(), before.Position, k.b.id)
	if err != nil {
		t.Fatal(err)
	}
	if !x.Again.Then.Same && len(x.Again.Unjudged) == 0 {
		t.Errorf("%+v", x.Again)
	}
}

// Who confirmed to go along with one's own plan is not in its way when it is moved, and
// the explanation knows.
func TestExplainJoined(t *testing.T) {
	k := newBook(t)
	mine := plan(kvk, uuid.NewString(), today.AddDays(300))
	mine.With = []string{k.b.urn()}
	first := k.must(k.a, mine)
	k.must(k.b, plan(kvk, uuid.NewString(), today.AddDays(10)))
	k.must(k.b, &events.JointVisitConfirmed{Event: events.Ref{Source: k.a.source(), ID: k.stored(first.Position).Event.ID}})
	moved := k.must(k.a, &events.VisitMoved{Approach: mine.Approach, Date: today.AddDays(10)})
	if moved.Outcome != events.Free {
		t.Fatal(moved.Outcome, moved.Reasons)
	}
	x, err := k.ledger.Explain(t.Context(), moved.Position, k.a.id)
	if err != nil {
		t.Fatal(err)
	}
	if !x.Again.Then.Same {
		t.Errorf("%+v", x.Again.Then)
	}
}

// A plan that the agreement refused is told to who offered it, to who goes on with its
// work, and to the steward; nobody else knows that there is one.
func TestExplainRefused(t *testing.T) {
	k := newBook(t)
	k.mustSteward(&events.EmployerSpared{Employer: at(kvk), From: today, Ground: "regio"})
	refused := k.must(k.a, plan(kvk, uuid.NewString(), today.AddDays(3)))
	if refused.Outcome != events.Refused {
		t.Fatal(refused.Outcome)
	}
	there := func(reader string) bool {
		t.Helper()
		x, err := k.ledger.Explain(t.Context(), refused.Position, reader)
		if err != nil && !errors.Is(err, ledger.ErrNoPosition) {
			t.Fatal(err)
		}
		return err == nil && *x.Outcome == events.Refused
	}
	if !there(k.a.id) || there(k.b.id) || there(k.c.id) || !there("") {
		t.Error("not its own partner and the steward only:", there(k.a.id), there(k.b.id), there(k.c.id), there(""))
	}
	k.mustSteward(&events.PartnerSucceeded{Partner: k.a.id, By: k.b.id, From: today})
	if !there(k.b.id) || there(k.c.id) {
		t.Error("not its successor:", there(k.b.id), there(k.c.id))
	}
}

// How many plans a partner or one of its people has open is told as its receipt tells it,
// resting on the agreement; to others nothing of it is.
func TestExplainTooManyPlans(t *testing.T) {
	k := newBook(t)
	few := events.DefaultAgreement()
	few.Name, few.From, few.PlansPerPartner, few.PlansPerManager = "Weinig", today, 2, 1
	few.Actions.PartnerPlans, few.Actions.ManagerPlans = events.ActWarn, events.ActWarn
	k.mustSteward(&few)
	agreed := k.ledger.Position()
	k.must(k.a, plan(kvk, uuid.NewString(), today.AddDays(3)))
	k.must(k.a, plan(otherKvK, uuid.NewString(), today.AddDays(3)))
	third := k.must(k.a, plan("69599068", uuid.NewString(), today.AddDays(3)))
	const partner, manager = "te-veel-plannen", "te-veel-plannen-medewerker"
	if codes := k.stored(third.Position).Verdict.Reasons; !slices.Contains(codes, partner) || !slices.Contains(codes, manager) {
		t.Fatal(codes)
	}
	for reader, told := range map[string]bool{k.a.id: true, "": true, k.b.id: false} {
		x, err := k.ledger.Explain(t.Context(), third.Position, reader)
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(x.Facts, func(f ledger.Fact) bool { return f.Position == agreed })
		if i < 0 || x.Facts[i].Decided != told {
			t.Errorf("%q: facts %+v", reader, x.Facts)
		}
		said := fmt.Sprintf("%+v %+v %+v %+v %+v", x.Reasons, x.Agreement.Clauses, x.Again.Then, x.Again.Now, x.Again.Unjudged)
		for _, word := range []string{
			partner, manager, "plannenPerPartner", "plannenPerAccountmanager", "hoogstens 2.", "hoogstens 1.", "ten hoogste 2 open plannen", "ten hoogste 1 open plan.",
		} {
			if strings.Contains(said, word) != told {
				t.Errorf("%q: %q in %s", reader, word, said)
			}
		}
		if !x.Again.Then.Same || !x.Again.Now.Same {
			t.Errorf("%q: again %+v", reader, x.Again)
		}
	}
	fewer := few
	fewer.Name, fewer.PlansPerPartner, fewer.PlansPerManager = "Later", 5, 5
	k.mustSteward(&fewer)
	for reader, n := range map[string]int{k.a.id: 2, k.b.id: 0} { // how many there were was not kept
		x, err := k.ledger.Explain(t.Context(), third.Position, reader)
		if err != nil || len(x.Again.Unjudged) != n {
			t.Errorf("%q: %v %+v", reader, err, x.Again.Unjudged)
		}
	}
}

// One of something is one, and what an agreement says to do is English in English.
func TestExplainWords(t *testing.T) {
	k := newBook(t)
	one := events.DefaultAgreement()
	one.Name, one.From, one.QuietDays, one.ContactsPerYear, one.Actions.Yearly = "Een", today, 1, 1, events.ActRefuse
	k.mustSteward(&one)
	k.must(k.b, visit(kvk, today.AddDays(-1)))
	r := k.must(k.a, plan(kvk, uuid.NewString(), today))
	x, err := k.ledger.Explain(t.Context(), r.Position, k.a.id)
	if err != nil {
		t.Fatal(err)
	}
	said := fmt.Sprintf("%+v %+v", x.Reasons, x.Agreement)
	for _, word := range []string{
		"(1 dag)", "(1 day)", "ten hoogste 1 contact in een jaar", "at most 1 contact in a year", "rond een plan: 1 dag.", "around a plan: 1 day.",
		"When they are used up: refuse.", "Within the quiet days of a visit: warn.", "Binnen de rustdagen van een bezoek: waarschuwen.",
	} {
		if !strings.Contains(said, word) {
			t.Errorf("no %q in %s", word, said)
		}
	}
	for _, wrong := range []string{"1 contacten", "1 contacts", "1 dagen", "1 days", "1 rustdagen"} {
		if strings.Contains(said, wrong) {
			t.Errorf("%q in %s", wrong, said)
		}
	}
}
