package events

import (
	"errors"
	"testing"
)

// The subject of an event that speaks of two employers is the number of werkgever,
// or absent.
func TestSubjectOfPair(t *testing.T) {
	const kvk, foreign, provisional = `{"kvkNummer":"69599084"}`, `{"buitenlands":{"land":"DE","register":"HRB","nummer":"12345"}}`, `{"voorlopig":"0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d"}`
	for _, c := range []struct{ name, employer, with, subject, want string }{
		{"the first", kvk, foreign, "69599084", ""},
		{"the first, foreign", foreign, kvk, "12345", ""},
		{"the first, provisional", provisional, kvk, "0193b2a4-7a77-7c5f-9d3a-1c1f5a1b2c3d", ""},
		{"the second", foreign, kvk, "69599084", "/subject: onderwerp-andere-werkgever"},
		{"another", kvk, foreign, "68727720", "/subject: onderwerp-andere-werkgever"},
		{"none that can be read", `{"kvkNummer":"6959"}`, kvk, "6959", "/data/werkgever/kvkNummer: geen-kvk-nummer"},
		{"none at all", `{}`, kvk, "69599084", "/data/werkgever: werkgever-ontbreekt"},
	} {
		for _, typ := range []string{"werkgever-gekoppeld", "werkgever-ontkoppeld"} {
			data := `{"werkgever":` + c.employer + `,"met":` + c.with
			if typ == "werkgever-gekoppeld" {
				data += `,"soort":"dezelfde"`
			}
			_, err := Decode([]byte(about(typ, data+`},"subject":"`+c.subject+`"`)), testNow)
			got := ""
			var faults Faults
			if errors.As(err, &faults) {
				got = faults[0].Field + ": " + faults[0].Code
			}
			if got != c.want || len(faults) > 1 {
				t.Errorf("%s, %s: %v, want %q", typ, c.name, err, c.want)
			}
		}
	}
}

// Every type is about one employer, speaks of two, or of none.
func TestWhoATypeIsAbout(t *testing.T) {
	one, two := 0, 0
	for _, typ := range Types() {
		_, employer := EmployerOf(typ.New())
		_, _, pair := PairOf(typ.New())
		s := shapes[kindOf[typ]]
		_, hasEmployer := s.byName["voorlopig"]
		_, hasPair := s.byName["werkgever"]
		if employer != hasEmployer || pair != hasPair {
			t.Errorf("%s: one %v, two %v", typ.Name(), employer, pair)
		}
		if employer {
			one++
		}
		if pair {
			two++
		}
		g := newGenerator(7)
		g.all = true
		_, replaces := s.byName["vervangt"]
		replaces = replaces && typ != TypePlanRefused // it holds a plan, and corrects nothing
		if replaces != (ReplacesOf(mustDecode(t, marshal(t, g.event(typ))).Data) != nil) {
			t.Errorf("%s: ReplacesOf does not know its vervangt", typ.Name())
		}
	}
	if one < 9 || two != 2 {
		t.Errorf("%d about one employer, %d about two", one, two)
	}
}
