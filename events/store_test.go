package events

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// The stored format is decided for good (docs/design.md, "Stored format 1").
func TestStoredFormatOne(t *testing.T) {
	e := mustDecode(t, []byte(about("bezoek-afgezegd", `{"benadering":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","reden":"ziek"}`)))
	r := testRecord(t, e)
	got, err := EncodeRecord(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"v":1,"boek":"0193b2a4-0000-7000-8000-00000000b0ec","positie":42,"vorige":"` + HashOf([]byte("vorige")).String() +
		`","op":"2026-11-22T09:30:00.123Z","partner":"0193b2a4-0000-7000-8000-0000000000a1","toegang":"toegang-1","weg":"nats","kenmerk":"` +
		HashOf([]byte("kenmerk")).String() + `","oordeel":{"uitkomst":"let-op","redenen":["ander-plan"],"regels":1,"vandaag":"2026-11-22","steuntOp":[7,12]},` +
		`"gebeurtenis":{"data":{"benadering":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d","reden":{"sleutel":1000,"zegel":"emVnZWwgdmFuIC9yZWRlbg"}},` +
		`"id":"kapot-1","source":"` + testSource + `","specversion":"1.0","type":"nl.werkgeversdiensten.bezoek-afgezegd.v1"}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
	if r.Hash != HashOf(got) || r.Version != 1 {
		t.Error("Hash and Version are not set")
	}
}

func TestRecordRoundTrip(t *testing.T) {
	g := newGenerator(4)
	for _, typ := range Types() {
		for range 20 {
			r := testRecord(t, mustDecode(t, marshal(t, g.event(typ))))
			stored, err := EncodeRecord(r)
			if err != nil {
				t.Fatal(err)
			}
			got, err := DecodeRecord(stored)
			if err != nil {
				t.Fatalf("%v in %s", err, stored)
			}
			if diff := cmp.Diff(r, got, cmp.AllowUnexported(Event{}, span{})); diff != "" {
				t.Fatal(diff)
			}
			again, err := EncodeRecord(got)
			if err != nil || !bytes.Equal(again, stored) {
				t.Fatalf("encoded again: %v\n%s", err, again)
			}
		}
	}
}

func TestEncodeRecordRefuses(t *testing.T) {
	e := mustDecode(t, []byte(plan()))
	if _, err := EncodeRecord(&Record{Event: *e}); !errors.Is(err, errInClear) {
		t.Errorf("in the clear: %v", err)
	}
	if _, err := EncodeRecord(&Record{}); err == nil {
		t.Error("no event")
	}
	if _, err := EncodeRecord(&Record{Version: 2, Event: *e}); !errors.Is(err, ErrVersion) {
		t.Errorf("version 2: %v", err)
	}
}

// A record is read strictly: what EncodeRecord would not write is damage.
func TestDecodeRecordRefuses(t *testing.T) {
	r := testRecord(t, mustDecode(t, []byte(plan(`"datum"`, `"ondanks":{"reden":"x"},"datum"`))))
	good, err := EncodeRecord(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new string }{
		{"cut short", `"}}`, `"}`},
		{"more behind it", `{"v":1`, `{} {"v":1`},
		{"no version", `"v":1,`, ``},
		{"another member", `"weg":`, `"wegwijs":`},
		{"an added member", `"weg":`, `"extra":1,"weg":`},
		{"a member behind", `.v1"}}`, `.v1"},"x":1}`},
		{"a member twice", `"weg":"nats"`, `"weg":"nats","weg":"nats"`},
		{"another order", `"regels":1,"vandaag":"2026-11-22"`, `"vandaag":"2026-11-22","regels":1`},
		{"a position as text", `"positie":42`, `"positie":"42"`},
		{"a position below one", `"positie":42`, `"positie":-42`},
		{"a hash too short", `"vorige":"`, `"vorige":"A`},
		{"a moment elsewhere", `.123Z`, `.123+01:00`},
		{"a moment without milliseconds", `.123Z`, `Z`},
		{"a reason that is no text", `["ander-plan"]`, `[1]`},
		{"a position in support that is no number", `[7,12]`, `[7,"12"]`},
		{"more in the verdict", `[7,12]`, `[7,12],"x":1`},
		{"no event", `"gebeurtenis":{`, `"gebeurtenis":[],"x":{`},
		{"an unknown type", `bezoek-gepland`, `bezoek-gedroomd`},
		{"an unknown member of data", `"doel":`, `"kleur":`},
		{"a member in the clear", `{"sleutel":1000,"zegel":`, `{"naam":1000,"zegel":`},
		{"a seal with more", `"sleutel":1000`, `"sleutel":1000,"x":1`},
		{"a number as attribute", `"id":"kapot-1"`, `"id":1`},
		{"no id", `"id":"kapot-1",`, ``},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := strings.Replace(string(good), c.old, c.new, 1)
			if bad == string(good) {
				t.Fatal("nothing was changed")
			}
			if _, err := DecodeRecord([]byte(bad)); !errors.Is(err, errNotRecord) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestDecodeRecordOfALaterVersion(t *testing.T) {
	for _, v := range []string{"0", "2", "10", `"1"`, strings.Repeat("9", 400)} {
		_, err := DecodeRecord([]byte(`{"v":` + v + `,"anders":true}`))
		if !errors.Is(err, ErrVersion) || len(err.Error()) > 100 {
			t.Errorf("%.20s: %v", v, err)
		}
	}
}

func TestTargetAndRoot(t *testing.T) {
	ref := &Ref{testSource, "x"}
	for _, c := range []struct {
		name         string
		data         Data
		target, root Position
	}{
		{"plan", &VisitPlanned{}, 0, 0},
		{"corrected plan", &VisitPlanned{Replaces: ref}, 7, 12},
		{"move", &VisitMoved{}, 0, 7},
		{"corrected move", &VisitMoved{Replaces: ref}, 7, 12},
		{"called off", &VisitCalledOff{}, 0, 7},
		{"visit", &VisitMade{}, 0, 0},
		{"visit of a plan", &VisitMade{Approach: "a"}, 0, 7},
		{"corrected visit of a plan", &VisitMade{Approach: "a", Replaces: ref}, 7, 12},
		{"placement", &PlacementMade{}, 0, 0},
		{"corrected placement", &PlacementMade{Replaces: ref}, 7, 12},
		{"placement ended", &PlacementEnded{}, 0, 7},
		{"retracted", &EventRetracted{}, 7, 0},
		{"extended", &ApproachExtended{}, 0, 7},
		{"refused plan", &PlanRefused{}, 0, 0},
		{"refused correction", &PlanRefused{VisitPlanned{Replaces: ref}}, 0, 0},
		{"confirmed", &JointVisitConfirmed{}, 0, 0},
		{"agreement", &AgreementSet{}, 0, 0},
		{"spared", &EmployerSpared{}, 0, 0},
		{"target", &TargetSet{}, 0, 0},
		{"target dropped", &TargetDropped{}, 0, 0},
		{"matched", &PlacementsMatched{}, 0, 0},
		{"distinct", &PlacementsDistinct{}, 0, 0},
		{"employers counted", &EmployersCounted{}, 0, 0},
		{"erased", &DataErased{}, 0, 0},
	} {
		r := Record{Verdict: Verdict{RestsOn: []Position{7, 12}}, Event: Event{Data: c.data}}
		if r.Target() != c.target || r.Root() != c.root {
			t.Errorf("%s: target %d, root %d", c.name, r.Target(), r.Root())
		}
		confirms := Position(0)
		if c.name == "confirmed" {
			confirms = 7
		}
		if r.Confirms() != confirms {
			t.Errorf("%s: confirms %d", c.name, r.Confirms())
		}
		var pair [2]Position
		if c.name == "matched" || c.name == "distinct" {
			pair = [2]Position{7, 12}
		}
		if one, two := r.Pair(); [2]Position{one, two} != pair {
			t.Errorf("%s: pair %d and %d", c.name, one, two)
		}
	}
	if r := (&Record{Event: Event{Data: &VisitMoved{}}}); r.Root() != 0 {
		t.Error("a root out of nothing")
	}
}

func TestWithSealsAndSplice(t *testing.T) {
	g := newGenerator(9)
	for _, typ := range Types() {
		for range 10 {
			e := mustDecode(t, marshal(t, g.event(typ)))
			before := bytes.Clone(e.Canonical())
			plain := make(map[string][]byte)
			for _, m := range e.PersonalMembers() {
				if m.Seal != nil {
					t.Fatalf("%s is sealed already", m.Path)
				}
				plain[m.Path] = bytes.Clone(m.Value)
			}
			sealed, err := e.WithSeals(testSeals(e))
			if err != nil {
				t.Fatal(err)
			}
			if !sealed.Sealed() || e.Sealed() != (len(plain) == 0) {
				t.Fatal("Sealed is wrong")
			}
			for _, m := range sealed.PersonalMembers() {
				if m.Seal == nil || *m.Seal != testSeals(e)[m.Path] || string(m.Seal.append(nil)) != string(m.Value) {
					t.Fatalf("%s: %v, %s", m.Path, m.Seal, m.Value)
				}
			}
			if !bytes.Equal(sealed.Splice(plain), before) {
				t.Fatalf("spliced back:\n%s\n%s", sealed.Splice(plain), before)
			}
			if !bytes.Equal(e.Canonical(), before) || !reflect.DeepEqual(e.Data, mustDecode(t, before).Data) {
				t.Fatal("the event itself was changed")
			}
		}
	}
}

func TestWithSealsIsComplete(t *testing.T) {
	e := mustDecode(t, []byte(plan(`"datum"`, `"ondanks":{"reden":"x"},"toelichting":"y","datum"`)))
	var paths []string
	var kinds []MemberKind
	for _, m := range e.PersonalMembers() {
		paths, kinds = append(paths, m.Path), append(kinds, m.Kind)
	}
	if diff := cmp.Diff([]string{"/accountmanager", "/ondanks/reden", "/toelichting"}, paths); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]MemberKind{PersonMember, TextMember, TextMember}, kinds); diff != "" {
		t.Error(diff)
	}
	for _, path := range paths {
		seals := testSeals(e)
		delete(seals, path)
		if _, err := e.WithSeals(seals); !errors.Is(err, errNotSealed) {
			t.Errorf("without %s: %v", path, err)
		}
		seals["/elders"] = Seal{1, "x"}
		if _, err := e.WithSeals(seals); !errors.Is(err, errNotSealed) {
			t.Errorf("another instead of %s: %v", path, err)
		}
	}
}

func TestKindsOfPersonalMembers(t *testing.T) {
	want := map[string]MemberKind{
		"/naam": CardMember, "/plaats": CardMember, "/postcode": CardMember, "/contactpersonen": ContactsMember,
		"/accountmanager": PersonMember, "/toelichting": TextMember, "/reden": TextMember, "/ondanks/reden": TextMember,
		"/tekst": TextMember,
	}
	got := make(map[string]MemberKind)
	for _, s := range shapes {
		for _, p := range s.personal {
			got[p.path] = p.kind
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNewEvent(t *testing.T) {
	at := time.Date(2026, 11, 22, 10, 0, 0, 5e6, amsterdam)
	hours := Hundredths(3650)
	data := &PlacementMade{
		Employer: Employer{KvK: "69599084"}, Placement: "0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d", Start: "2026-11-01",
		Kind: "bbl", Region: "AM36", Hours: &hours, With: []string{"urn:nld:kvknr:68750110"},
	}
	e, err := NewEvent(testSource, "p-1", at, data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(data, e.Data); diff != "" {
		t.Error(diff)
	}
	if e.Time != "2026-11-22T09:00:00.005Z" || !strings.Contains(string(e.Canonical()), `"urenPerWeek":36.5`) {
		t.Error(string(e.Canonical()))
	}
	_, err = NewEvent("urn:x", "", at, &VisitMade{})
	var faults Faults
	if !errors.As(err, &faults) || len(faults) != 6 {
		t.Errorf("%v", err)
	}
}
