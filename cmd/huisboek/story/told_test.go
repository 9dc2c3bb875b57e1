package story_test

import (
	"path/filepath"
	"testing"
	"time"

	"huisboek/adapters/boltstore"
	"huisboek/cmd/huisboek/story"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

// The whole year goes through the ledger like everything else: no event is
// refused, and the rules find something to say about a good part of it.
func TestTold(t *testing.T) {
	s := story.Year(1, today)
	clock := s.Start
	l := open(t, func() time.Time { return clock })
	for _, p := range s.Partners {
		e, err := events.NewEvent("urn:nld:oin:"+story.StewardOIN+":systeem:huisboek", p.ID, clock, p.Admitted(events.DateOf(clock)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Record(t.Context(), ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RoleSteward, Credential: "test", Door: ledger.DoorLocal}}); err != nil {
			t.Fatalf("%s: %v", p.Name, err)
		}
	}
	outcomes := make(map[events.Outcome]int)
	links := make(map[string]int)
	for step := range s.Events() {
		clock = step.At
		e, err := step.Event()
		if err != nil {
			t.Fatal(err)
		}
		caller := ledger.Caller{Role: ledger.RoleSteward, Credential: "test", Door: ledger.DoorLocal}
		if step.Partner != story.Steward {
			caller.Role, caller.Partner = ledger.RolePartner, s.Partners[step.Partner].ID
		}
		receipt, err := l.Record(t.Context(), ledger.Submission{Event: e, Caller: caller})
		if err != nil {
			t.Fatalf("%s %+v: %v", step.Data.Type().Name(), step.Data, err)
		}
		outcomes[receipt.Outcome]++
		if step.Data.Type() == events.TypeEmployersLinked {
			for _, r := range receipt.Reasons {
				links[r.Code]++
			}
		}
	}
	// Of the steward and of whom only one partner spoke it holds; one waits.
	if links["koppeling-geldt"] != 11 || links["koppeling-wacht"] != 1 || len(links) != 2 {
		t.Errorf("links: %v, want 11 that hold and 1 that waits", links)
	}
	if n := outcomes[events.Attention]; n < s.Len()/20 || n > s.Len()/2 {
		t.Errorf("%d of %d events ask for attention, want a twentieth to a half", n, s.Len())
	}
	advised(t, l, s)
}

// advised asks what the demo tells people to ask.
func advised(t *testing.T, l *ledger.Ledger, s *story.Story) {
	t.Helper()
	h := s.Highlights
	ask := func(employer int) ledger.Advice {
		a, _, err := l.Advise(t.Context(), ledger.Question{
			Employer: events.Employer{KvK: s.Employers[employer].KvK}, Partner: s.Partners[h.Asker].ID,
		})
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	busy := ask(h.Busy)
	switch {
	case busy.Outcome != events.Attention:
		t.Errorf("the busy employer is %s", busy.Outcome)
	case busy.Call == nil || busy.Call.Partner.ID != s.Partners[h.Fixed].ID || busy.Call.Name == "" || busy.Call.Phone == "":
		t.Errorf("call %+v, want the fixed contact of %s", busy.Call, s.Partners[h.Fixed].Name)
	case len(busy.OtherPlans) != 1 || busy.OtherPlans[0].Partner.ID != s.Partners[h.Planner].ID || busy.OtherPlans[0].From != h.PlanOn:
		t.Errorf("plans %+v, want one of %s for %s", busy.OtherPlans, s.Partners[h.Planner].Name, h.PlanOn)
	case busy.LastVisit == nil || busy.LastVisit.Partner.ID != s.Partners[h.Visitor].ID:
		t.Errorf("last visit %+v, want one of %s", busy.LastVisit, s.Partners[h.Visitor].Name)
	}
	if quiet := ask(h.Quiet); quiet.Outcome != events.Free || quiet.Call != nil || quiet.LastVisit != nil {
		t.Errorf("the quiet employer: %+v", quiet)
	}
}

func open(t *testing.T, now func() time.Time) *ledger.Ledger {
	t.Helper()
	file, err := boltstore.OpenFile(filepath.Join(t.TempDir(), "boek.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	var book *ledger.Book
	store, err := file.Store(book.Name(), book.Shape())
	if err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), ledger.Config{
		Region: story.Region, StewardOIN: story.StewardOIN,
		Stream: new(ledgertest.Memory), Keys: new(ledgertest.MemoryKeys), Store: store, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}
