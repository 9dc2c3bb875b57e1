package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/events"
	"huisboek/ledger"
)

// Where a partner works is checked before anything is recorded, and told.
func TestPartnerAddTerritory(t *testing.T) {
	t.Chdir(t.TempDir())
	newBook(t, "data")
	add := func(more ...string) []string {
		return append(strings.Fields("partner add --data data --oin 00000099000000001000 --name Proef --kind sw --from 2026-11-22"), more...)
	}
	for _, c := range []struct {
		words []string
		code  int
		says  string
	}{
		{add("--gemeente", "GM0193,GM0457"), exitFailed, "GM0363 Amsterdam"},
		{add("--gemeente", "GM193"), exitFailed, "GM0193 Zwolle"},
		{add("--region", "AM99"), exitFailed, `"AM99" is none of`},
		{add("--postcode", "8049-8000"), exitFailed, "/data/postcodes/0"},
		{add("--gemeente", "GM0193,GM0344", "--postcode", "8011,8000-8049", "--region", "AM36", "--region", "AM06"), exitDone, "warning: GM0344 Utrecht lies in AM13"},
	} {
		code, out, errOut := do(t, c.words...)
		if code != c.code || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%s\nexit %d, want %d with %q\n%s%s", strings.Join(c.words, " "), code, c.code, c.says, out, errOut)
		}
		if _, err := os.Stat("Proef.creds"); (err == nil) != (code == exitDone) {
			t.Errorf("%s: exit %d, credentials %v", strings.Join(c.words, " "), code, err)
		}
	}
	all := partners(t)
	if len(all) != 1 || strings.Join(all[0].Postcodes, " ") != "8011 8000-8049" || strings.Join(all[0].Regions, " ") != "AM36 AM06" ||
		strings.Join(all[0].Gemeenten, " ") != "GM0193 GM0344" {
		t.Errorf("%+v", all)
	}
	if code, out, _ := do(t, "partner", "list", "--data", "data"); code != exitDone || !strings.Contains(out, "AM36 AM06") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// newBook makes a book that nobody serves.
func newBook(t *testing.T, dir string) {
	t.Helper()
	h, err := openHouse(t.Context(), settings{Dir: dir, Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
}

// partners is what partner list says of the book in data, with more words.
func partners(t *testing.T, more ...string) (all []ledger.Partner) {
	t.Helper()
	code, out, errOut := do(t, append(strings.Fields("partner list --data data --json"), more...)...)
	if code != exitDone {
		t.Fatalf("exit %d\n%s", code, errOut)
	}
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// A partner is changed from a day on: what was not named stays, and before that day
// it is what it was.
func TestPartnerChange(t *testing.T) {
	t.Chdir(t.TempDir())
	newBook(t, "data")
	for _, c := range []struct {
		words string
		code  int
		says  string
	}{
		{"add --oin 00000099000000001000 --name Eerst --kind sw --gemeente GM0193 --postcode 8011 --subregion Noord --region AM36,AM06 --from 2026-01-01", exitDone, ""},
		{"change Eerst", exitUsage, "what is different"},
		{"change Eerst --from gisteren --name A", exitUsage, "--from"},
		{"change Niemand --name A", exitFailed, `no partner "Niemand"`},
		{"change Eerst --gemeente GM0457 --from 2026-06-01", exitFailed, "Amsterdam"},
		{"change Eerst --kind bakker", exitFailed, "/data/soort"},
		{"change Eerst --name Vroeger --from 2025-06-01", exitFailed, "does not take part on 2025-06-01"},
		{"change Eerst --name Later --gemeente GM0193,GM0148 --postcode= --from 2026-06-01", exitDone, "Later is so from 2026-06-01 on"},
		{"list --on 2025-06-01", exitDone, "Nobody took part on 2025-06-01"},
		{"list --on vandaag", exitUsage, "--on"},
	} {
		words := append([]string{"partner"}, strings.Fields(c.words)...)
		code, out, errOut := do(t, append(words, "--data", "data")...)
		if code != c.code || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%s\nexit %d, want %d with %q\n%s%s", c.words, code, c.code, c.says, out, errOut)
		}
	}
	for _, c := range []struct{ on, name, gemeenten, postcodes string }{
		{"2026-05-31", "Eerst", "GM0193", "8011"},
		{"2026-06-01", "Later", "GM0193 GM0148", ""},
		{"", "Later", "GM0193 GM0148", ""},
	} {
		words := []string{"--on", c.on}
		if c.on == "" {
			words = nil
		}
		all := partners(t, words...)
		if len(all) != 1 {
			t.Fatalf("on %s: %+v", c.on, all)
		}
		p := all[0]
		if p.Name != c.name || strings.Join(p.Gemeenten, " ") != c.gemeenten || strings.Join(p.Postcodes, " ") != c.postcodes ||
			p.Kind != "sw" || p.Subregion != "Noord" || strings.Join(p.Regions, " ") != "AM36 AM06" || p.From != "2026-01-01" {
			t.Errorf("on %s: %+v", c.on, p)
		}
	}
	if code, out, _ := do(t, "access", "list", "--data", "data"); code != exitDone || strings.Count(out, "Eerst") != 2 {
		t.Errorf("its credentials are not what they were: exit %d\n%s", code, out)
	}
}

// A partner whose work another goes on with: its credentials end with its part, and
// nothing of it ends when the succession is refused.
func TestPartnerSucceed(t *testing.T) {
	today := events.DateOf(time.Now())
	for _, c := range []struct {
		name    string
		from    events.Date
		by      string // OIN, or what is given
		refused string
		at      func(h *house) // beforehand
	}{
		{name: "Today", by: "90004760"},
		{name: "Before", by: "90004760", from: today.AddDays(-3)},
		{name: "Later", by: "90004760", from: today.AddDays(40)},
		{name: "ByItself", by: "00000099000000001000", refused: "zelfde-partner"},
		{name: "ByNobody", by: "Niemand", refused: `no partner "Niemand"`},
		{name: "ByOneThatLeft", by: "90004760", refused: "does not take part", at: func(h *house) {
			if _, err := h.removePartner(t.Context(), oldPartner{Partner: "90004760"}, nil); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "ByOneStillToCome", by: "90004760", from: "2020-01-01", refused: "does not take part on 2020-01-01"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, one, two := succeeding(t)
			if c.at != nil {
				c.at(h)
			}
			before := h.credentialsOf(one)
			s, err := h.succeedPartner(t.Context(), succession{"00000099000000001000", c.by, c.from}, nil)
			left := h.credentialsOf(one)
			if c.refused != "" {
				if err == nil || !strings.Contains(err.Error(), c.refused) {
					t.Errorf("%v, want %q", err, c.refused)
				}
				if !slices.Equal(left, before) {
					t.Errorf("refused, and its credentials were %v and are %v", before, left)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			from := c.from
			if from == "" {
				from = today
			}
			if s.From != from || s.Ended != 2 || s.Partner.Until != from || s.Partner.Successor != two {
				t.Errorf("%+v, want from %s", s, from)
			}
			switch begins, err := endOf(from.AddDays(-1)); {
			case err != nil:
				t.Fatal(err)
			case !from.After(today) && len(left) > 0:
				t.Errorf("credentials are left: %v", left)
			case from.After(today):
				for _, l := range left {
					if !l.Expires.Equal(begins) {
						t.Errorf("a credential ends at %s, want %s", l.Expires, begins)
					}
				}
				if len(left) != 2 {
					t.Errorf("%d credentials before the day, want 2", len(left))
				}
			}
			if got := h.credentialsOf(two); len(got) != 2 {
				t.Errorf("the successor has %d credentials", len(got))
			}
			// The same words again do no harm: they finish what broke off.
			if _, err := h.succeedPartner(t.Context(), succession{"00000099000000001000", c.by, c.from}, nil); err != nil {
				t.Errorf("again: %v", err)
			}
			stood, err := h.members(t.Context(), from)
			if err != nil || stood[one].Successor != two || stood[one].Active(from) {
				t.Errorf("as it stood: %+v %v", stood[one], err)
			}
			if stood, err := h.members(t.Context(), from.AddDays(-1)); err != nil || !stood[one].Active(from.AddDays(-1)) {
				t.Errorf("the day before: %+v %v", stood[one], err)
			}
		})
	}
}

// succeeding is a book with two partners that took part for a month.
func succeeding(t *testing.T) (h *house, one, two string) {
	t.Helper()
	h, err := openHouse(t.Context(), settings{Dir: filepath.Join(t.TempDir(), "data"), Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	from := events.DateOf(time.Now()).AddDays(-30)
	ids := make([]string, 2)
	for i, p := range []newPartner{
		{OIN: "00000099000000001000", Name: "Oud", Kind: "sw", From: from}, {KvK: "90004760", Name: "Nieuw", Kind: "sw", From: from},
	} {
		made, err := h.addPartner(t.Context(), p, nil)
		if err != nil {
			t.Fatal(err)
		}
		ids[i] = made.Partner
	}
	return h, ids[0], ids[1]
}

func TestPartnerSucceedWords(t *testing.T) {
	t.Chdir(t.TempDir())
	newBook(t, "data")
	for _, c := range []struct {
		words string
		code  int
		says  string
	}{
		{"add --oin 00000099000000001000 --name Oud --kind sw --from 2026-01-01", exitDone, ""},
		{"add --oin 00000099000000002000 --name Nieuw --kind sw --from 2026-01-01", exitDone, ""},
		{"succeed Oud", exitUsage, "--by"},
		{"succeed Oud --by Nieuw --from morgen", exitUsage, "--from"},
		{"succeed Oud --by Nieuw --from 2026-06-01", exitDone, "Nieuw goes on with the work of Oud from 2026-06-01 on"},
		{"list", exitDone, "Nieuw"},
		{"change Oud --name Anders", exitFailed, "does not take part"},
		{"succeed Nieuw --by Oud", exitFailed, "does not take part"},
	} {
		words := append([]string{"partner"}, strings.Fields(c.words)...)
		if code, out, errOut := do(t, append(words, "--data", "data")...); code != c.code || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%s\nexit %d, want %d with %q\n%s%s", c.words, code, c.code, c.says, out, errOut)
		}
	}
	code, out, _ := do(t, strings.Fields("partner list --data data")...)
	if line := strings.Join(strings.Fields(out), " "); code != exitDone || !strings.Contains(line, "Oud sw 2026-01-01 2026-06-01 Nieuw") {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// Who is to be succeeded later can be removed before.
func TestRemoveBeforeSuccession(t *testing.T) {
	h, one, _ := succeeding(t)
	today := events.DateOf(time.Now())
	if _, err := h.succeedPartner(t.Context(), succession{"Oud", "Nieuw", today.AddDays(10)}, nil); err != nil {
		t.Fatal(err)
	}
	p, err := h.removePartner(t.Context(), oldPartner{Partner: "Oud"}, nil)
	if err != nil || p.Until != today || len(h.credentialsOf(one)) > 0 {
		t.Errorf("until %+v, %d credentials: %v", p, len(h.credentialsOf(one)), err)
	}
	if _, err := h.removePartner(t.Context(), oldPartner{Partner: "Oud"}, nil); err == nil || !strings.Contains(err.Error(), "has left already") {
		t.Errorf("again: %v", err)
	}
}

// Whether what a partner did leaves with it stands in the record.
func TestRemoveWithItsPast(t *testing.T) {
	for _, past := range []string{"", events.PastStays, events.PastLeaves} {
		h, one, _ := succeeding(t)
		if _, err := h.removePartner(t.Context(), oldPartner{Partner: one, Past: past}, nil); err != nil {
			t.Fatal(err)
		}
		r, err := h.recordAt(t.Context(), h.ledger.Position())
		if err != nil {
			t.Fatal(err)
		}
		if left, ok := r.Event.Data.(*events.PartnerDeparted); !ok || left.Past != past {
			t.Errorf("%q: %+v", past, r.Event.Data)
		}
	}
}

func TestPartnerRemoveWords(t *testing.T) {
	t.Chdir(t.TempDir())
	newBook(t, "data")
	for _, c := range []struct {
		words string
		code  int
		says  string
	}{
		{"add --oin 00000099000000001000 --name Oud --kind sw --from 2026-01-01", exitDone, ""},
		{"add --oin 00000099000000002000 --name Nieuw --kind sw --from 2026-01-01", exitDone, ""},
		{"remove Oud --past vertrekt", exitUsage, "--past is stays or leaves"},
		{"remove Oud --past leaves", exitDone, "stays in the book, and counts in no joint target from then on."},
		{"remove Nieuw --past stays", exitDone, "What it recorded stays.\n"},
	} {
		words := append([]string{"partner"}, strings.Fields(c.words)...)
		if code, out, errOut := do(t, append(words, "--data", "data")...); code != c.code || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%s\nexit %d, want %d with %q\n%s%s", c.words, code, c.code, c.says, out, errOut)
		}
	}
}
