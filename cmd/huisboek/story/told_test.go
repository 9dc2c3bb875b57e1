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
	reasons := make(map[string]int)
	receipts := make(map[string][]*ledger.Receipt) // by employer
	links := make(map[string]int)
	for step := range s.Events() {
		clock = step.At
		e, err := step.Event()
		if err != nil {
			t.Fatal(err)
		}
		caller := ledger.Caller{Role: ledger.RoleSteward, Credential: "test", Door: ledger.DoorLocal}
		switch {
		case step.Partner == story.Board:
			caller.Role = ledger.RoleBoard
		case step.Partner >= 0:
			caller.Role, caller.Partner = ledger.RolePartner, s.Partners[step.Partner].ID
		}
		receipt, err := l.Record(t.Context(), ledger.Submission{Event: e, Caller: caller})
		if err != nil {
			t.Fatalf("%s %+v: %v", step.Data.Type().Name(), step.Data, err)
		}
		outcomes[receipt.Outcome]++
		for _, r := range receipt.Reasons {
			reasons[r.Code]++
		}
		if e, ok := events.EmployerOf(step.Data); ok {
			receipts[e.Key()] = append(receipts[e.Key()], receipt)
		}
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
	clashed(t, s, receipts)
	t.Log(outcomes, reasons)
}

// clashed: what the demo says to have happened did happen, by the rules.
func clashed(t *testing.T, s *story.Story, receipts map[string][]*ledger.Receipt) {
	t.Helper()
	h := s.Highlights
	for name, c := range map[string]struct {
		employer int
		want     []events.Outcome // of its description and what followed
	}{
		"contested": {h.Contested, []events.Outcome{events.Free, events.Free, events.Free, events.Taken, events.Taken}}, // followed, planned, taken, gone through
		"expired":   {h.Expired, []events.Outcome{events.Free, events.Free}},
		"waiting":   {h.Waiting, []events.Outcome{events.Free, events.Free}},
		"spared":    {h.Spared, []events.Outcome{events.Free, events.Free, events.Refused}},
		"late":      {h.Late, []events.Outcome{events.Free, events.Free, events.Free}}, // told of after it clashed: the register has it
		"joint":     {h.Joint, []events.Outcome{events.Free, events.Free}},
	} {
		got := receipts[s.Employers[c.employer].KvK]
		if len(got) != len(c.want) {
			t.Errorf("%s: %d events, want %d", name, len(got), len(c.want))
			continue
		}
		for i, r := range got {
			if r.Outcome != c.want[i] {
				t.Errorf("%s: event %d is %s, want %s", name, i+1, r.Outcome, c.want[i])
			}
		}
	}
	through := receipts[s.Employers[h.Contested].KvK][4]
	if through.HoldsUntil == "" || through.Call == nil || through.Call.Partner.ID != s.Partners[h.Holder].ID {
		t.Errorf("who went through: %+v", through)
	}
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
	case busy.Outcome != events.Taken: // of a purpose that is not known the plan is in the way
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
