package events

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

func schemaOf(t testing.TB, typ Type) any {
	t.Helper()
	s, err := parsed(Schema(typ))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSchemaFiles(t *testing.T) {
	for _, typ := range Types() {
		compareFile(t, filepath.Join("schemas", typ.Name()+".v1.json"), Schema(typ))
	}
}

// What Decode takes the schema takes.
func TestSchemaTakesWhatDecodeTakes(t *testing.T) {
	g := newGenerator(77)
	for _, typ := range Types() {
		schema := schemaOf(t, typ)
		for i := range 60 {
			g.all, g.few = i == 0, i == 1
			e := mustDecode(t, marshal(t, g.event(typ)))
			v, err := parsed(e.Canonical())
			if err != nil {
				t.Fatal(err)
			}
			if err := conforms(schema, v); err != nil {
				t.Errorf("%v in %s", err, e.Canonical())
			}
		}
	}
}

// schemaCannotSay are faults that no JSON Schema can find.
var schemaCannotSay = map[code]bool{
	codeSyntax: true, codeUTF8: true, codeTooDeep: true, codeTooLarge: true, codeDuplicate: true, codeBSN: true,
	codeFuture: true, codeSubject: true, codeBackwards: true, codePeriodLong: true, codeSelf: true,
	codeDutchForeign: true, codeValidLonger: true, codeSameEmployer: true, codeSamePartner: true, codeExponent: true, codeMinusZero: true, codeNotWhole: true, codeUnknownType: true,
	codeOtherMeasure: true, codePathOrder: true, codePathOutside: true, codePathFalls: true, codePathAbove: true, codePathEnd: true, codeSameReport: true,
}

// What Decode refuses the schema refuses, but for what it cannot say.
func TestSchemaRefusesWhatDecodeRefuses(t *testing.T) {
	cases := 0
	for _, c := range broken {
		_, err := Decode([]byte(c.raw), testNow)
		var faults Faults
		if !errors.As(err, &faults) {
			t.Fatal(c.name)
		}
		if hidden(faults) || !strings.Contains(c.raw, `"type":"nl.`) {
			continue
		}
		v, err := parsed([]byte(c.raw))
		if err != nil {
			t.Fatal(err)
		}
		typ, _ := v.(map[string]any)["type"].(string)
		if conforms(schemaOf(t, Type(typ)), v) == nil {
			t.Errorf("%s (%v) conforms", c.name, faults)
		}
		cases++
	}
	if cases < 40 {
		t.Errorf("only %d cases", cases)
	}
}

// hidden reports whether every fault is of a kind that a schema cannot find.
func hidden(faults Faults) bool {
	for _, f := range faults {
		// Values differ by what a schema can say; objects with the same name in them do not.
		named := f.Code == string(codeTwice) && (strings.HasSuffix(f.Field, "/doel") || strings.HasSuffix(f.Field, "/subregio") ||
			strings.HasSuffix(f.Field, "/partner") || strings.HasSuffix(f.Field, "/datum") || strings.HasPrefix(f.Field, "/data/aantallen/"))
		if !schemaCannotSay[code(f.Code)] && !named {
			return false
		}
	}
	return true
}

// Every member says in Dutch what it is.
func TestEveryMemberIsDescribed(t *testing.T) {
	for i, s := range shapes {
		for _, m := range s.members {
			if describe(m.name, kinds[i].typ.Name()) == "" {
				t.Errorf("%s.%s has no description", kinds[i].typ.Name(), m.name)
			}
			if m.value.object == nil {
				continue
			}
			for _, inner := range m.value.object.members {
				if describe(inner.name, m.name) == "" {
					t.Errorf("%s.%s.%s has no description", kinds[i].typ.Name(), m.name, inner.name)
				}
			}
		}
	}
}
