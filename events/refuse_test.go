package events

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A refused plan is the plan under another type: read from its own bytes it is the
// same event, plain and sealed, whatever stands around its data.
func TestRefuse(t *testing.T) {
	g := newGenerator(31)
	for i := range 60 {
		g.all, g.few = i%3 == 0, i%3 == 1
		event := g.event(TypeVisitPlanned)
		event["zaak"] = `x","type":"` + string(TypeVisitPlanned) + `","y` // after type, and before data
		event["aanleiding"] = "belronde"
		checkRefused(t, mustDecode(t, marshal(t, event)))
	}
}

func checkRefused(t *testing.T, e *Event) {
	t.Helper()
	before := bytes.Clone(e.Canonical())
	refused, err := Refuse(e)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(e.Canonical(), before) || e.Type != TypeVisitPlanned {
		t.Fatal("the plan itself was changed")
	}
	want := bytes.Replace(before, []byte(`"type":"`+TypeVisitPlanned), []byte(`"type":"`+TypePlanRefused), 1)
	if !bytes.Equal(refused.Canonical(), want) {
		t.Fatalf("got  %s\nwant %s", refused.Canonical(), want)
	}
	again := mustDecode(t, want)
	again.canonical = refused.canonical // the same bytes, of another capacity
	if diff := cmp.Diff(again, refused, cmp.AllowUnexported(Event{}, span{})); diff != "" {
		t.Fatal(diff)
	}
	if ReplacesOf(refused.Data) != nil {
		t.Fatal("a refused plan corrects something")
	}

	// Sealed before or after it is refused, it is the same; and it is read back so.
	seals := testSeals(e)
	sealedFirst, err := e.WithSeals(seals)
	if err != nil {
		t.Fatal(err)
	}
	sealedFirst, err = Refuse(sealedFirst)
	if err != nil {
		t.Fatal(err)
	}
	sealedAfter, err := refused.WithSeals(seals)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sealedFirst, sealedAfter, cmp.AllowUnexported(Event{}, span{})); diff != "" {
		t.Fatal(diff)
	}
	if _, err := EncodeRecord(&Record{Event: *refused, At: testNow}); !errors.Is(err, errInClear) {
		t.Fatalf("a plain one was stored: %v", err)
	}
	stored, err := EncodeRecord(&Record{Event: *sealedFirst, At: testNow})
	if err != nil {
		t.Fatal(err)
	}
	r, err := DecodeRecord(stored)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sealedFirst.PersonalMembers(), r.Event.PersonalMembers()); diff != "" {
		t.Fatal(diff)
	}
	plain := make(map[string][]byte)
	for _, m := range e.PersonalMembers() {
		plain[m.Path] = m.Value
	}
	if !bytes.Equal(r.Event.Splice(plain), refused.Canonical()) {
		t.Fatalf("spliced back: %s", r.Event.Splice(plain))
	}
}

func TestOnlyAPlanIsRefused(t *testing.T) {
	g := newGenerator(32)
	for _, typ := range Types() {
		if typ == TypeVisitPlanned {
			continue
		}
		if _, err := Refuse(mustDecode(t, marshal(t, g.event(typ)))); !errors.Is(err, errNotPlan) || !strings.Contains(err.Error(), typ.Name()) {
			t.Errorf("%s: %v", typ, err)
		}
	}
}

// A plan and a refused plan have the same members in the same places: Refuse rests on it.
func TestRefusedPlanHasTheShapeOfAPlan(t *testing.T) {
	plan, refused := shapes[kindOf[TypeVisitPlanned]], shapes[kindOf[TypePlanRefused]]
	name := func(m member) string { return m.name }
	path := func(p personalPlace) string { return p.path }
	if diff := cmp.Diff(names(plan.members, name), names(refused.members, name)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(names(plan.personal, path), names(refused.personal, path)); diff != "" {
		t.Error(diff)
	}
	if !slices.Contains(names(refused.personal, path), "/ondanks/reden") {
		t.Error("no personal members")
	}
}

func names[T any](list []T, name func(T) string) (all []string) {
	for _, x := range list {
		all = append(all, name(x))
	}
	return all
}
