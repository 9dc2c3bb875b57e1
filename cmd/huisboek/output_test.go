package main

import (
	"bytes"
	"errors"
	"testing"

	"huisboek/events"
	"huisboek/ledger"
)

func TestSay(t *testing.T) {
	fault := events.Fault{Field: "/data/datum", Code: "datum", Sentence: events.Sentence{NL: "Geen dag.", EN: "Not a day."}}
	for _, c := range []struct {
		name string
		err  error
		want string
	}{
		{"an error", errors.New("no such thing"), "huisboek: no such thing\n"},
		{"a problem with its faults", ledger.NewProblem(400, "ongeldig", "Ongeldig", "Kijk.", fault),
			"huisboek: 400 Ongeldig: Kijk.\n  /data/datum (datum)\n    nl: Geen dag.\n    en: Not a day.\n"},
		{"what failed here, in its own words", asProblem(ledger.ErrNothingToErase), "huisboek: " + ledger.ErrNothingToErase.Error() + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			if say(&b, c.err); b.String() != c.want {
				t.Errorf("got %q, want %q", b.String(), c.want)
			}
		})
	}
}

func TestProgress(t *testing.T) {
	var b bytes.Buffer
	p := progress{w: &b}
	p.end()
	if b.Len() != 0 {
		t.Errorf("nothing was shown, and it ends with %q", b.String())
	}
	p.show("records", 0, 0)
	p.show("records", 1, 4)
	p.end()
	if want := "\rrecords: 1 of 4 (25 %)   \n"; b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
	silent := progress{}
	silent.show("records", 1, 4)
	silent.end()
}

func TestPrintJSON(t *testing.T) {
	v := submitted{File: "a.json", Number: 1}
	var line, indented bytes.Buffer
	if err := errors.Join(printLine(&line, v), printJSON(&indented, v)); err != nil {
		t.Fatal(err)
	}
	if want := "{\"bestand\":\"a.json\",\"nummer\":1}\n"; line.String() != want {
		t.Errorf("got %q, want %q", line.String(), want)
	}
	if want := "{\n  \"bestand\": \"a.json\",\n  \"nummer\": 1\n}\n"; indented.String() != want {
		t.Errorf("got %q, want %q", indented.String(), want)
	}
}

func TestCredsFile(t *testing.T) {
	for name, want := range map[string]string{
		"Gemeente Zwolle": "Gemeente Zwolle.creds", "../../etc/passwd": "-..-etc-passwd.creds", "a/b\\c:d": "a-b-c-d.creds", "x\ny": "x-y.creds",
	} {
		if got := credsFile(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
