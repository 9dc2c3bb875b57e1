package ledger_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"huisboek/adapters/boltstore"
	"huisboek/events"
	"huisboek/ledger"
)

// whatIf tries an agreement in a file of its own.
func (k *book) whatIf(a events.AgreementSet, from, to events.Date) (*ledger.WhatIfAnswer, error) {
	k.t.Helper()
	file, err := boltstore.OpenFile(filepath.Join(k.t.TempDir(), "what-if.db"), boltstore.Options{NoSync: true})
	if err != nil {
		k.t.Fatal(err)
	}
	defer file.Close()
	fold := k.ledger.Fold()
	store, err := file.Store(fold.Name(), fold.Shape())
	if err != nil {
		k.t.Fatal(err)
	}
	return k.ledger.WhatIf(k.t.Context(), ledger.WhatIf{Agreement: a, From: from, To: to, Most: 100}, store, func(uint64, uint64) {})
}

func (k *book) mustWhatIf(a events.AgreementSet, from, to events.Date) *ledger.WhatIfAnswer {
	k.t.Helper()
	out, err := k.whatIf(a, from, to)
	if err != nil {
		k.t.Fatal(err)
	}
	return out
}

// TestWhatIfNothing: under the agreement that was in force nothing changes, whatever
// happened and wherever the days begin.
func TestWhatIfNothing(t *testing.T) {
	judged := 0
	rapid.Check(t, func(rt *rapid.T) {
		k := newBook(t)
		p := newPast(rt, k)
		a := p.agreement()
		a.From = today.AddDays(-10)
		k.mustSteward(&a)
		p.constant = true
		p.live(60)
		from := today.AddDays(rapid.IntRange(-2, 40).Draw(rt, "from"))
		to := from.AddDays(rapid.IntRange(0, 200).Draw(rt, "days"))
		out := k.mustWhatIf(a, from, to)
		if out.Changed != 0 || out.Impossible != 0 || len(out.Changes) != 0 || out.More != 0 || out.OldRules != 0 {
			rt.Fatalf("%s to %s: %+v", from, to, out)
		}
		want := 0
		for at := events.Position(1); at <= k.ledger.Position(); at++ {
			r := k.stored(at)
			if on := r.Verdict.Today; judgedTypes[r.Event.Type] && on >= from && on <= to {
				want++
			}
		}
		if out.Judged != want {
			rt.Fatalf("%d judged, want %d", out.Judged, want)
		}
		judged += want
		k.close()
	})
	if judged == 0 {
		t.Error("nothing was judged")
	}
}

var judgedTypes = map[events.Type]bool{
	events.TypeVisitPlanned: true, events.TypePlanRefused: true, events.TypeVisitMoved: true, events.TypeVisitMade: true,
}

// change is a change as a test writes it.
type change struct {
	at            events.Position
	before, after events.Outcome
}

func changesOf(a *ledger.WhatIfAnswer) (list []change) {
	for _, c := range a.Changes {
		list = append(list, change{c.Position, c.Before, c.After})
	}
	return list
}

// A plan that is refused in the tried world holds nothing there, and one that was
// refused in truth and is free there holds.
func TestWhatIfHolds(t *testing.T) {
	k := newBook(t)
	refuse := events.DefaultAgreement()
	refuse.Name, refuse.Actions.OtherPlan = "Weigeren", events.ActRefuse
	warn := events.DefaultAgreement()
	warn.Name = "Waarschuwen"
	nothing := events.DefaultAgreement()
	nothing.Name, nothing.Actions.OtherPlan = "Niets", events.ActNothing

	first := k.must(k.a, plan(kvk, uuid.NewString(), today.AddDays(3)))
	through := plan(kvk, uuid.NewString(), today.AddDays(10))
	through.Despite = &events.Despite{Reason: plain("Dringend")}
	second := k.must(k.b, through) // bezet, and holds
	third := k.must(k.c, plan(kvk, uuid.NewString(), today.AddDays(150)))
	fourth := k.must(k.b, plan(otherKvK, uuid.NewString(), today.AddDays(10)))
	free, taken, refused := events.Free, events.Taken, events.Refused
	if first.Outcome != free || second.Outcome != taken || fourth.Outcome != free {
		t.Fatal(first.Outcome, second.Outcome, third.Outcome, fourth.Outcome)
	}
	out := k.mustWhatIf(refuse, today, today)
	if got, want := changesOf(out), []change{{second.Position, taken, refused}}; !slices.Equal(got, want) || out.Changed != 1 || out.Judged != 4 {
		t.Errorf("refusing: %v, want %v: %+v", got, want, out)
	}
	if got, want := out.Partners[1], (ledger.PartnerChange{Partner: out.Partners[1].Partner, Judged: 2, Changed: 1, Before: ledger.Tally{Taken: 1}, After: ledger.Tally{Refused: 1}}); got != want || got.Partner.Name != "Partner B" {
		t.Errorf("partner B: %+v, want %+v", got, want)
	}
	if c := out.Changes[0]; c.Employer != kvk || c.Partner.Name != "Partner B" || c.Kind != "bezoek-gepland" || !slices.Contains(c.ReasonsBefore, "ondanks") || slices.Contains(c.ReasonsAfter, "ondanks") {
		t.Errorf("change: %+v", c)
	}
	if got, want := changesOf(k.mustWhatIf(nothing, today, today)), []change{{second.Position, taken, free}}; !slices.Equal(got, want) {
		t.Errorf("nothing: %v, want %v", got, want)
	}

	// From now on the region refuses. What was refused in truth holds in the world that
	// warns about another, but not about this: there the next plan is in its way.
	k.mustSteward(&events.EmployerSpared{Employer: at(otherKvK), From: today, Ground: "werkgever", Purposes: []string{"kennismaking"}})
	meet := plan(otherKvK, uuid.NewString(), today.AddDays(10))
	meet.Purpose = "kennismaking"
	k.must(k.b, &events.VisitCalledOff{Approach: approachAt(k, fourth.Position)})
	k.record(k.a, meet)
	spared := k.ledger.Position()
	if k.stored(spared).Event.Type != events.TypePlanRefused {
		t.Fatal("a plan at an employer that is left in peace is not refused")
	}
	fifth := k.must(k.c, plan(otherKvK, uuid.NewString(), today.AddDays(12)))
	if fifth.Outcome != free {
		t.Fatal(fifth.Outcome)
	}
	warn.Actions.Spared = events.ActNothing
	if got, want := changesOf(k.mustWhatIf(warn, today, today)), []change{{spared, refused, free}, {fifth.Position, free, taken}}; !slices.Equal(got, want) {
		t.Errorf("warning: %v, want %v", got, want)
	}
}

// approachAt is the benadering of the plan at a position.
func approachAt(k *book, at events.Position) string {
	return k.stored(at).Event.Data.(*events.VisitPlanned).Approach
}

// What goes on from a plan that is refused there could not have been said; a visit took
// place all the same.
func TestWhatIfGoesOn(t *testing.T) {
	k := newBook(t)
	k.must(k.a, plan(kvk, uuid.NewString(), today.AddDays(3)))
	approach := uuid.NewString()
	through := plan(kvk, approach, today.AddDays(5))
	through.Despite = &events.Despite{Reason: plain("Dringend")}
	second := k.must(k.b, through)
	k.must(k.b, &events.VisitMoved{Approach: approach, Date: today.AddDays(200)})
	made := visit(kvk, today)
	made.Approach = approach
	third := k.must(k.b, made)
	refuse := events.DefaultAgreement()
	refuse.Name, refuse.Actions.OtherPlan = "Weigeren", events.ActRefuse
	out := k.mustWhatIf(refuse, today, today)
	if out.Impossible != 1 || out.Judged != 3 || out.Changes[0].Position != second.Position {
		t.Errorf("%+v", out)
	}
	if slices.ContainsFunc(out.Changes, func(c ledger.Change) bool { return c.Position == third.Position && c.After == events.Refused }) {
		t.Error("a visit that was made is refused")
	}
}

// It is broken off when nobody waits for it, and no days are no answer.
func TestWhatIfEnds(t *testing.T) {
	k := newBook(t)
	if _, err := k.whatIf(events.DefaultAgreement(), today, today.AddDays(-1)); err == nil {
		t.Error("days that end before they begin are tried")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	file, err := boltstore.OpenFile(filepath.Join(t.TempDir(), "what-if.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	store, err := file.Store("boek", k.ledger.Fold().Shape())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.ledger.WhatIf(ctx, ledger.WhatIf{Agreement: events.DefaultAgreement(), From: today, To: today}, store, func(uint64, uint64) {}); !errors.Is(err, context.Canceled) {
		t.Errorf("broken off: %v", err)
	}
}

// The tried agreement holds on every one of the days, also when another was recorded
// for one of them, before or meanwhile.
func TestWhatIfInForce(t *testing.T) {
	for name, ahead := range map[string]int{"before": 0, "meanwhile": 1} {
		t.Run(name, func(t *testing.T) {
			k := newBook(t)
			k.must(k.a, plan(kvk, uuid.NewString(), today.AddDays(20)))
			refuse := events.DefaultAgreement()
			refuse.Name, refuse.From, refuse.Actions.OtherPlan = "Weigeren", today.AddDays(2), events.ActRefuse
			k.clock.set(noon.AddDate(0, 0, ahead))
			k.mustSteward(&refuse)
			k.clock.set(noon.AddDate(0, 0, 2))
			k.record(k.b, plan(kvk, uuid.NewString(), today.AddDays(25)))
			at := k.ledger.Position()
			if k.stored(at).Event.Type != events.TypePlanRefused {
				t.Fatal("the plan is not refused")
			}
			out := k.mustWhatIf(events.DefaultAgreement(), today.AddDays(1), today.AddDays(2))
			if got, want := changesOf(out), []change{{at, events.Refused, events.Taken}}; !slices.Equal(got, want) {
				t.Errorf("%v, want %v", got, want)
			}
		})
	}
}
