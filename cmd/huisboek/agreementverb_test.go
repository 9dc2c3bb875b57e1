package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

// agreementOf is the default agreement with a name and a day, and changed: each old
// string of its JSON by the new one after it.
func agreementOf(t *testing.T, name string, from events.Date, change ...string) string {
	t.Helper()
	code, out, errOut := do(t, "agreement", "default")
	if code != exitDone {
		t.Fatalf("exit %d\n%s", code, errOut)
	}
	var a map[string]any
	if err := json.Unmarshal([]byte(out), &a); err != nil {
		t.Fatal(err)
	}
	if a["per"] != string(events.DateOf(time.Now())) {
		t.Errorf("the default to start from is from %v on", a["per"])
	}
	a["naam"], a["per"] = name, from
	b, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.NewReplacer(change...).Replace(string(b))
	if len(change) > 0 && text == string(b) {
		t.Fatal("nothing was changed")
	}
	return written(t, text)
}

func written(t *testing.T, text string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "afspraken.json")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Agreements are recorded one after another; each time the command line tells what
// changes, and show which of them holds.
func TestAgreementSet(t *testing.T) {
	t.Chdir(t.TempDir())
	newBook(t, "data")
	today := events.DateOf(time.Now())
	next := today.AddDays(40)
	if code, out, _ := do(t, strings.Fields("agreement show --data data")...); code != exitDone || !strings.Contains(out, "the default agreement") ||
		!strings.Contains(squeezed(out), "rustdagen 90") || strings.Contains(out, "POSITION") {
		t.Errorf("exit %d\n%s", code, out)
	}
	first := agreementOf(t, "Eerste", today, `"rustdagen":90`, `"rustdagen":60`, `"rust":"waarschuwen"`, `"rust":"weigeren"`)
	for _, c := range []struct {
		name  string
		file  string
		code  int
		says  []string // with one space for many
		never string
	}{
		{"No file", "nergens.json", exitFailed, []string{"nergens.json"}, ""},
		{"The first", first, exitDone, []string{"Eerste holds from " + string(today) + " on (position 2), in the place of Standaardafspraken.", "rustdagen 90 60", "optreden/rust waarschuwen weigeren"}, "naam"},
		{"The same again", first, exitDone, []string{"stands at position 2 already: nothing was recorded"}, "MEMBER"},
		{"Another for later", agreementOf(t, "Later", next, `"rustdagen":90`, `"rustdagen":30`, `"stoort":["vacature"]`, `"stoort":[]`,
			`"opschaling":`, `"subregios":[{"subregio":"Noord","contactenPerJaar":6,"storing":[{"doel":"advies","stoort":["nazorg","advies"]}]}],"opschaling":`), exitDone,
			[]string{
				"(position 3), in the place of Eerste.", "rustdagen 60 30", "optreden/rust weigeren waarschuwen", "storing/vacature/stoort vacature -",
				"subregios/Noord/contactenPerJaar (none) 6", "subregios/Noord/storing/advies/stoort (none) advies, nazorg", `warning: no partner is of subregion "Noord"`,
			}, ""},
		{"In the place of the first", agreementOf(t, "Verbeterd", today, `"rustdagen":90`, `"rustdagen":60`), exitDone,
			[]string{"(position 4), in the place of Eerste.", "optreden/rust weigeren waarschuwen", "warning: on " + string(next) + " it makes way for Later (position 3)"}, "rustdagen"},
		{"From before", agreementOf(t, "Vroeger", today.AddDays(-10)), exitDone,
			[]string{"(position 5), in the place of Standaardafspraken.", "They say the same.", "is past", "Verbeterd, from " + string(today) + " on (position 4), goes before it: today nothing changes"}, "MEMBER"},
		{"All that is wrong", agreementOf(t, "Fout", today, `"rustdagen":90`, `"rustdagen":-1`, `"geldigheid":30`, `"geldigheid":300`, `"telling":"werkdagen"`, `"kleur":"rood"`), exitFailed,
			[]string{"/data/rustdagen (te-laag)", "/data/geldigheid (geldigheid-langer-dan-langste-duur)", "/data/opschaling/telling (ontbreekt)", "/data/opschaling/kleur (onbekend-veld)", "nl: De geldigheid"}, "recorded"},
		{"A member twice", agreementOf(t, "Dubbel", today, `"rustdagen":90`, `"rustdagen":90,"rustdagen":30`), exitFailed, []string{"/data/rustdagen (dubbel-veld)"}, "recorded"},
		{"Not JSON", agreementOf(t, "Stuk", today, `"rustdagen":90`, `"rustdagen":`), exitFailed, []string{"is not JSON"}, ""},
		{"A list", written(t, "[]"), exitFailed, []string{"/data (verkeerde-soort)"}, "recorded"},
		{"Two of them", written(t, "{}{}"), exitFailed, []string{"is not JSON"}, ""},
		{"Too large", agreementOf(t, strings.Repeat("x", events.MaxSize), today), exitFailed, []string{"larger than the 65536 bytes"}, ""},
	} {
		code, out, errOut := do(t, "agreement", "set", c.file, "--data", "data")
		all := squeezed(out + errOut)
		if code != c.code || c.never != "" && strings.Contains(all, c.never) {
			t.Errorf("%s: exit %d, want %d without %q\n%s%s", c.name, code, c.code, c.never, out, errOut)
		}
		for _, s := range c.says {
			if !strings.Contains(all, s) {
				t.Errorf("%s: %q is not told\n%s%s", c.name, s, out, errOut)
			}
		}
	}

	code, out, errOut := do(t, strings.Fields("agreement show --data data")...)
	if code != exitDone || !strings.Contains(out, "In force on "+string(today)+": Verbeterd, from "+string(today)+" on (position 4).") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	for _, line := range []string{
		"2 " + string(today) + " replaced Eerste", "3 " + string(next) + " to come Later", "4 " + string(today) + " in force Verbeterd",
		"5 " + string(today.AddDays(-10)) + " past Vroeger", "rustdagen 60", "storing/nazorg/stoort -",
	} {
		if !strings.Contains(squeezed(out), line) {
			t.Errorf("%q is not shown\n%s", line, out)
		}
	}
	if code, out, errOut := do(t, strings.Fields("agreement show 3 --data data")...); code != exitDone || !strings.Contains(out, "(position 3): to come.") ||
		!strings.Contains(squeezed(out), "subregios/Noord/contactenPerJaar 6") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	if code, out, _ := do(t, strings.Fields("agreement show 2 --data data --json")...); code != exitDone || !strings.Contains(out, `"stand": "vervangen"`) || !strings.Contains(out, `"rustdagen": 60`) {
		t.Errorf("exit %d\n%s", code, out)
	}
	code, out, errOut = do(t, strings.Fields("agreement show --data data --json")...)
	var shown agreements
	if err := json.Unmarshal([]byte(out), &shown); code != exitDone || err != nil {
		t.Fatalf("exit %d: %v\n%s", code, err, errOut)
	}
	if len(shown.All) != 4 || shown.InForce.Position != 4 || shown.InForce.State != inForce || shown.InForce.QuietDays != 60 || shown.All[1].State != toCome {
		t.Errorf("%+v", shown)
	}
	code, out, _ = do(t, "agreement", "set", first, "--data", "data", "--json")
	var done agreementDone
	if err := json.Unmarshal([]byte(out), &done); code != exitDone || err != nil || done.Was != 4 || done.Position != 6 || done.Known ||
		cmp.Diff([]agreementChange{{"optreden/rust", "waarschuwen", "weigeren"}}, done.Changes) != "" {
		t.Errorf("exit %d, %v: %s", code, err, out)
	}
}

// squeezed is text with one space for many.
func squeezed(s string) string { return strings.Join(strings.Fields(s), " ") }

// While the book is served the house itself records it; and the words may come in by
// standard input.
func TestAgreementSetWhileServed(t *testing.T) {
	s := serveHouse(t, "")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	if err := s.serveSocket(ctx); err != nil {
		t.Fatal(err)
	}
	today := events.DateOf(time.Now())
	text, err := os.ReadFile(agreementOf(t, "Geserveerd", today, `"contactenPerJaar":8`, `"contactenPerJaar":3`))
	if err != nil {
		t.Fatal(err)
	}
	if code, out, errOut := doWith(t, string(text), "agreement", "set", "-", "--data", s.Dir); code != exitDone || !strings.Contains(squeezed(out), "contactenPerJaar 8 3") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	if code, out, errOut := doWith(t, "{}", "agreement", "set", "-", "--data", s.Dir); code != exitFailed || strings.Count(errOut, "(ontbreekt)") != 11 {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	if code, _, errOut := doWith(t, "{", "agreement", "set", "-", "--data", s.Dir); code != exitFailed || !strings.Contains(errOut, "standard input is not JSON") {
		t.Errorf("exit %d\n%s", code, errOut)
	}
	if code, out, _ := do(t, "agreement", "show", "--data", s.Dir); code != exitDone || !strings.Contains(out, "Geserveerd") {
		t.Errorf("exit %d\n%s", code, out)
	}
	if code, out, _ := do(t, "employer", "spare", "69599084", "--ground", "regio", "--data", s.Dir); code != exitDone || !strings.Contains(out, "left in peace from "+string(today)) {
		t.Errorf("exit %d\n%s", code, out)
	}
}

func TestAgreementWords(t *testing.T) {
	t.Chdir(t.TempDir())
	newBook(t, "data")
	for _, c := range []struct {
		words string
		code  int
		says  string
	}{
		{"agreement", exitUsage, "agreement needs default, set"},
		{"agreement set --data data", exitUsage, "accepts 1 arg"},
		{"agreement set x.json", exitFailed, "x.json"},
		{"agreement show", exitUsage, "--data DIR"},
		{"agreement show 1 2 --data data", exitUsage, "accepts at most 1 arg"},
		{"agreement show een --data data", exitUsage, `"een" is no position`},
		{"agreement show 1 --data data", exitFailed, "no agreement was recorded at position 1"},
		{"agreement default more", exitUsage, "more"},
		{"agreement nonsense", exitUsage, "nonsense"},
	} {
		if code, out, errOut := do(t, strings.Fields(c.words)...); code != c.code || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%s\nexit %d, want %d with %q\n%s%s", c.words, code, c.code, c.says, out, errOut)
		}
	}
}
