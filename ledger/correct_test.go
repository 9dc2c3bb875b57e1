package ledger_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

func (k *book) lastRef(p party) *events.Ref { return &events.Ref{Source: p.source(), ID: k.lastID()} }

// again records the event that was recorded last once more.
func (k *book) again(p party, d events.Data) *ledger.Receipt {
	k.t.Helper()
	r, err := k.ledger.Record(k.t.Context(), ledger.Submission{Event: k.event(p, k.lastID(), d), Caller: p.caller})
	if err != nil || !r.Again {
		k.t.Fatalf("%T again: %+v %v", d, r, err)
	}
	return r
}

// A visit is no news about itself: not when it is told again, not when it is
// corrected or taken back.
func TestVisitIsNoNewsAboutItself(t *testing.T) {
	k := newBook(t)
	v := visit(kvk, today)
	quiet := func(what string, r *ledger.Receipt) {
		t.Helper()
		if r.Outcome != events.Free || r.Call != nil || r.LastVisit != nil {
			t.Errorf("%s: %s %v, call %+v, last visit %+v", what, r.Outcome, r.Reasons, r.Call, r.LastVisit)
		}
	}
	quiet("first", k.must(k.a, v))
	quiet("again", k.again(k.a, v))
	v.Replaces = k.lastRef(k.a)
	v.Form = "telefoon"
	quiet("corrected", k.must(k.a, v))
	quiet("the correction again", k.again(k.a, v))
	gone := &events.EventRetracted{Event: *k.lastRef(k.a)}
	quiet("retracted", k.must(k.a, gone))

	k.must(k.a, visit(kvk, today))
	k.must(k.b, visit(kvk, today.AddDays(-20)))
	earlier := visit(kvk, today.AddDays(-20))
	earlier.Replaces, earlier.Form = k.lastRef(k.b), "video"
	if r := k.must(k.b, earlier); r.LastVisit == nil || r.LastVisit.Partner.ID != k.a.id {
		t.Errorf("a correction of an older visit: last visit %+v, want A's", r.LastVisit)
	}
	checkRebuild(t, k)
}

// What points to an approach, a placement or an event says whom to call there,
// the first time and again.
func TestReceiptOfWhatPointsElsewhere(t *testing.T) {
	k := newBook(t)
	appoint := &events.ContactAppointed{Employer: at(kvk), AccountManager: manager("v1", "Vaste Contact"), Purpose: "acquisitie"}
	k.must(k.b, appoint)
	k.must(k.b, visit(kvk, today))
	approach, placed := uuid.NewString(), uuid.NewString()
	k.must(k.a, plan(kvk, approach, today.AddDays(3)))
	planned := k.lastRef(k.a)
	k.must(k.a, &events.PlacementMade{Employer: at(kvk), Placement: placed, Start: today, Kind: "dienstverband", Region: region})
	for _, c := range []struct {
		data events.Data
		call string
	}{
		{&events.VisitMoved{Approach: approach, Date: today.AddDays(4)}, "vaste-contactpersoon"}, // of the plan's purpose
		{&events.PlacementEnded{Placement: placed, End: today.AddDays(40)}, "recent-bezoek"},
		{&events.EventRetracted{Event: *planned}, "recent-bezoek"},
	} {
		first := k.must(k.a, c.data)
		for when, r := range map[string]*ledger.Receipt{"first": first, "again": k.again(k.a, c.data)} {
			if r.Call == nil || r.Call.Reason != c.call || r.Outcome != first.Outcome {
				t.Errorf("%T, %s: %s, call %+v; want %s, call for %s", c.data, when, r.Outcome, r.Call, first.Outcome, c.call)
			}
		}
	}
	checkRebuild(t, k)
}

func TestRefusedCorrections(t *testing.T) {
	k := newBook(t)
	one, other, placed := uuid.NewString(), uuid.NewString(), uuid.NewString()
	k.must(k.a, plan(kvk, one, today.AddDays(3)))
	k.must(k.a, &events.VisitMoved{Approach: one, Date: today.AddDays(4)})
	moved := k.lastRef(k.a)
	k.must(k.a, plan(kvk, other, today.AddDays(5)))
	made := &events.PlacementMade{Employer: at(kvk), Placement: placed, Start: today, Kind: "dienstverband", Region: region}
	k.must(k.a, made)
	late := *made
	late.Replaces, late.Start = k.lastRef(k.a), today.AddDays(50)
	k.must(k.a, &events.PlacementEnded{Placement: placed, End: today.AddDays(40)})
	for _, c := range []struct {
		name, subject string
		data          events.Data
		codes         []string
	}{
		{"a move to another approach", "", &events.VisitMoved{Approach: other, Date: today.AddDays(6), Replaces: moved}, []string{"/data/benadering andere-benadering"}},
		{"a placement that begins after its end", "", &late, []string{"/data/ingangsdatum einddatum-voor-begin"}},
		{"a retraction under another employer's number", otherKvK, &events.EventRetracted{Event: *moved}, []string{"/subject ander-onderwerp"}},
	} {
		e := k.event(k.a, k.id(), c.data)
		e.Subject = c.subject
		_, err := k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: k.a.caller})
		if got := faultCodes(err); !slices.Equal(got, c.codes) {
			t.Errorf("%s: %v, want %v (%v)", c.name, got, c.codes, err)
		}
	}
	e := k.event(k.a, k.id(), &events.EventRetracted{Event: *moved})
	e.Subject = kvk
	if _, err := k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: k.a.caller}); err != nil {
		t.Errorf("a retraction under the employer's own number: %v", err)
	}
	checkRebuild(t, k)
}
