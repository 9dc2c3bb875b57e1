package ledger_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
)

var boardCaller = ledger.Caller{Role: ledger.RoleBoard, Credential: "bestuur", Door: ledger.DoorHTTP}

// board records an event of the regional board under a fresh id.
func (k *book) board(d events.Data) (*ledger.Receipt, error) {
	k.t.Helper()
	e, err := events.NewEvent("urn:nld:oin:"+stewardOIN+":systeem:bestuur", k.id(), k.clock.now(), d)
	if err != nil {
		k.t.Fatal(err)
	}
	return k.ledger.Record(k.t.Context(), ledger.Submission{Event: e, Caller: boardCaller})
}

func target(id string, number int, shares ...events.TargetShare) *events.TargetSet {
	return &events.TargetSet{
		Target: id, Name: "Plaatsingen", Period: &events.Period{From: today, To: today.AddDays(364)},
		Measure: events.MeasurePlacements, Number: number, Shares: shares,
	}
}

// TestTargets: a target is set, set anew, dropped and set again; each points to what
// was said last of it.
func TestTargets(t *testing.T) {
	const set, drop = "set", "drop"
	for name, steps := range map[string][]struct {
		what, want string // want: the fault, or "" for recorded
	}{
		"versions":             {{set, ""}, {set, ""}, {drop, ""}},
		"dropped and set anew": {{set, ""}, {drop, ""}, {set, ""}, {drop, ""}},
		"dropped twice":        {{set, ""}, {drop, ""}, {drop, "/data/doelstelling doelstelling-vervallen"}},
		"never set":            {{drop, "/data/doelstelling onbekende-doelstelling"}, {set, ""}},
	} {
		t.Run(name, func(t *testing.T) {
			k := newBook(t)
			id := uuid.NewString()
			var last events.Position
			for i, s := range steps {
				d := events.Data(&events.TargetDropped{Target: id})
				if s.what == set {
					d = target(id, 400+i)
				}
				r, err := k.board(d)
				if s.want != "" {
					if !slices.Equal(faultCodes(err), []string{s.want}) {
						t.Fatalf("step %d: %v", i, err)
					}
					continue
				}
				if err != nil {
					t.Fatalf("step %d: %v", i, err)
				}
				v := k.stored(r.Position).Verdict
				var rests []events.Position
				if last != 0 {
					rests = []events.Position{last}
				}
				if v.Outcome != events.Free || len(v.Reasons) != 0 || !slices.Equal(v.RestsOn, rests) {
					t.Errorf("step %d: %+v", i, v)
				}
				last = r.Position
			}
			if _, err := k.board(&events.TargetDropped{Target: uuid.NewString()}); len(faultCodes(err)) != 1 {
				t.Errorf("another target: %v", err)
			}
			checkRebuild(t, k)
		})
	}
}

// TestTargetAgain: the same target again is the first receipt, and is said by the board
// itself for the book.
func TestTargetAgain(t *testing.T) {
	k := newBook(t)
	d := target(uuid.NewString(), 420)
	first, err := k.board(d)
	if err != nil {
		t.Fatal(err)
	}
	if r := k.stored(first.Position); r.Partner != r.Book || r.Credential != boardCaller.Credential {
		t.Errorf("said by %s with %s", r.Partner, r.Credential)
	}
	k.n--
	if again, err := k.board(d); err != nil || again.Position != first.Position || !again.Again {
		t.Errorf("again: %+v, %v", again, err)
	}
	k.n--
	var conflict *ledger.ConflictError
	if _, err := k.board(target(d.Target, 421)); !errors.As(err, &conflict) || conflict.Position != first.Position {
		t.Errorf("other content: %v", err)
	}
	ref := events.Ref{Source: "urn:nld:oin:" + stewardOIN + ":systeem:bestuur", ID: k.lastID()}
	if _, err := k.record(k.a, &events.EventRetracted{Event: ref}); !slices.Equal(faultCodes(err), []string{"/data/melding niet-van-u"}) {
		t.Errorf("taken back by a partner: %v", err)
	}
}

// TestShares: what partners take on is taken on by partners of the book, each once.
func TestShares(t *testing.T) {
	k := newBook(t)
	second := "urn:nld:kvknr:90001354"
	k.mustSteward(&events.PartnerAdmitted{Partner: k.b.id, Identities: []string{second}, Name: k.b.name, Kind: "overig", From: today})
	share := func(identity string) events.TargetShare { return events.TargetShare{Partner: identity, Number: 100} }
	for name, c := range map[string]struct {
		shares []events.TargetShare
		want   []string
	}{
		"all known":      {[]events.TargetShare{share(k.a.urn()), share(k.b.urn()), share(k.c.urn())}, nil},
		"one unknown":    {[]events.TargetShare{share("urn:nld:kvknr:68727720"), share(k.b.urn())}, []string{"/data/aandelen/0/partner onbekende-partner"}},
		"one twice":      {[]events.TargetShare{share(k.b.urn()), share(k.a.urn()), share(second)}, []string{"/data/aandelen/2/partner dubbele-partner"}},
		"the steward is": {[]events.TargetShare{share("urn:nld:oin:" + stewardOIN)}, []string{"/data/aandelen/0/partner onbekende-partner"}},
	} {
		if _, err := k.board(target(uuid.NewString(), 100, c.shares...)); !slices.Equal(faultCodes(err), c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWhoSetsTargets: every role with everything about targets, under every source.
func TestWhoSetsTargets(t *testing.T) {
	k := newBook(t)
	region := "urn:nld:oin:" + stewardOIN + ":systeem:x"
	callers := map[string]ledger.Caller{
		"partner": k.a.caller, "steward": {Role: ledger.RoleSteward, Door: ledger.DoorHTTP}, "board": boardCaller,
		"auditor": {Role: ledger.RoleAuditor, Door: ledger.DoorHTTP}, "nobody": {Door: ledger.DoorHTTP}, "ledger": {Door: ledger.DoorBook},
	}
	refs := []*events.Ref{{Source: k.a.source(), ID: "p-1"}, {Source: k.b.source(), ID: "p-2"}}
	for _, c := range []struct {
		data events.Data
		may  []string // roles that this type is for
	}{
		{target(uuid.NewString(), 1), []string{"board"}},
		{&events.TargetDropped{Target: uuid.NewString()}, []string{"board"}},
		{&events.EmployersCounted{From: today, Origin: "CBS", Counts: []events.EmployerCount{{Gemeente: "GM0193", Count: 1}}}, []string{"steward"}},
		{&events.PlacementsMatched{Placement: refs[0], With: refs[1]}, []string{"steward", "partner"}},
		{&events.PlacementsDistinct{Placement: refs[0], With: refs[1]}, []string{"steward", "partner"}},
		{visit(kvk, today), []string{"partner"}},
		{&events.LevelSet{Employer: at(kvk), Level: "lokaal"}, []string{"steward"}},
		{&events.PartnerDeparted{Partner: k.c.id, From: today.AddDays(9), Past: events.PastLeaves}, []string{"steward"}},
		{&events.DataErased{Keys: []events.KeyID{1}, Ground: "verzoek"}, []string{"ledger"}},
	} {
		for role, caller := range callers {
			for _, source := range []string{region, k.a.source(), k.b.source()} {
				e, err := events.NewEvent(source, uuid.NewString(), noon, c.data)
				if err != nil {
					t.Fatal(err)
				}
				_, err = k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: caller})
				var want []string
				own := source == region
				if role == "partner" {
					own = source == k.a.source()
				}
				switch {
				case !slices.Contains(c.may, role):
					want = []string{"/type rol-mag-niet"}
				case !own && role != "ledger":
					want = []string{"/source source-niet-van-u"}
				}
				if want != nil && (!errors.Is(err, ledger.ErrForbidden) || !slices.Equal(faultCodes(err), want)) || want == nil && errors.Is(err, ledger.ErrForbidden) {
					t.Errorf("%T by %s under %s: %v", c.data, role, source, err)
				}
			}
		}
	}
}
