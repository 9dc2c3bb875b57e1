package ledger_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

// TestConfirming: samenMet is a claim until the other confirms it, and is one again when
// the confirmation is taken back; a correction of the plan leaves it as it is.
func TestConfirming(t *testing.T) {
	k := newBook(t)
	joint := plan(kvk, uuid.NewString(), today.AddDays(7))
	joint.With = []string{k.b.urn()}
	k.must(k.a, joint)
	planned := *k.lastRef(k.a)
	outcome := func(when string, want events.Outcome) {
		t.Helper()
		if a := k.advice(k.b, at(kvk)); a.Outcome != want {
			t.Errorf("%s: %s, want %s", when, a.Outcome, want)
		}
	}
	outcome("a claim", events.Taken)
	if _, err := k.record(k.c, &events.JointVisitConfirmed{Event: planned}); !slices.Equal(faultCodes(err), []string{"/data/melding niet-genoemd"}) {
		t.Errorf("who is not named: %v", err)
	}
	k.must(k.b, &events.JointVisitConfirmed{Event: planned})
	confirmed := *k.lastRef(k.b)
	outcome("confirmed", events.Free)
	again := *joint
	again.Date, again.Replaces = today.AddDays(8), &planned
	k.must(k.a, &again)
	outcome("the plan is corrected", events.Free)
	if _, err := k.record(k.b, &events.JointVisitConfirmed{Event: planned}); !slices.Equal(faultCodes(err), []string{"/data/melding onbekende-melding"}) {
		t.Errorf("what was corrected: %v", err)
	}
	k.must(k.b, &events.EventRetracted{Event: confirmed})
	outcome("taken back", events.Taken)
	checkRebuild(t, k)
}

// TestAdviseAll asks about several employers at one position.
func TestAdviseAll(t *testing.T) {
	k := newBook(t)
	k.must(k.b, plan(kvk, uuid.NewString(), today))
	all, position, err := k.ledger.AdviseAll(t.Context(), ledger.Question{Partner: k.a.id, Purpose: "acquisitie"}, []events.Employer{at(kvk), at(otherKvK)})
	if err != nil || position != k.ledger.Position() || len(all) != 2 || all[0].Outcome != events.Taken || all[1].Outcome != events.Free {
		t.Errorf("%+v at %d, %v", all, position, err)
	}
	if _, _, err := k.ledger.AdviseAll(t.Context(), ledger.Question{}, make([]events.Employer, 501)); err == nil {
		t.Error("501 employers were answered")
	}
}
