package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/uuid"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// planIn records a plan of a partner for a day.
func planIn(t *testing.T, h *house, partner, identity string, day events.Date) *ledger.Receipt {
	t.Helper()
	manager := events.AccountManager{Employee: "m1", Name: "Planner Voorbeeld"}
	e, err := events.NewEvent(identity+":systeem:crm", uuid.NewString(), h.Now(), &events.VisitPlanned{
		Employer: events.Employer{KvK: "69599084"}, Approach: uuid.NewString(), Date: day, Purpose: "acquisitie",
		AccountManager: events.Personal[events.AccountManager]{Plain: &manager},
	})
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.ledger.Record(context.WithoutCancel(t.Context()), ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RolePartner, Partner: partner, Credential: "c", Door: ledger.DoorNATS}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// clashing is a book in which the second of two partners comes too late.
func clashing(t *testing.T) (h *house, second *ledger.Receipt) {
	t.Helper()
	h, one, two := testHouse(t)
	day := events.DateOf(h.Now()).AddDays(5)
	planIn(t, h, one, "urn:nld:oin:00000099000000001000", day)
	return h, planIn(t, h, two, "urn:nld:kvknr:90004760", day)
}

// A person reads why, on what, by which agreement, and whether it would be so today.
func TestExplainVerb(t *testing.T) {
	h, second := clashing(t)
	s := httptest.NewServer(h.web)
	defer s.Close()
	token, err := os.ReadFile(h.folder.path(fileSteward))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HUISBOEK_TOKEN", strings.TrimSpace(string(token)))
	at := fmt.Sprint(second.Position)
	for _, c := range []struct {
		words []string
		code  int
		says  []string
	}{
		{[]string{at}, exitDone, []string{
			"Position " + at + ": bezoek-gepland of Zelfde Naam", "Somebody else came before this plan", "planned to approach this employer", "(ander-plan)",
			"What decided", "Plan of Zelfde Naam for ", fmt.Sprintf("(position %d).", second.Position-1), `By agreement "Standaardafspraken" (the default one, rules version 3)`,
			"When another holds the employer: warn. (optreden.anderPlan)", "rustdagen", "Judged again", "the same facts give the same verdict", "True up to position " + at,
		}},
		{[]string{at, "--lang", "nl"}, exitDone, []string{"Positie " + at, "Een ander ging voor bij dit plan", "Wat besliste", "Naar de afspraken", "Waar tot en met positie"}},
		{[]string{at, "--json"}, exitDone, []string{`"oordeel": "bezet"`, `"besliste": true`}},
		{[]string{"1"}, exitDone, []string{"gets no verdict"}},
		{[]string{"999"}, exitFailed, []string{"404 Onbekende positie"}},
		{[]string{"0"}, exitUsage, []string{"is no position"}},
		{[]string{"plan"}, exitUsage, []string{"is no position"}},
		{[]string{at, "--lang", "fr"}, exitUsage, []string{"en or nl"}},
		{nil, exitUsage, []string{"accepts 1 arg"}},
	} {
		code, out, errOut := do(t, append([]string{"explain", "--server", s.URL}, c.words...)...)
		if code != c.code {
			t.Errorf("%v: exit %d\n%s%s", c.words, code, out, errOut)
		}
		for _, part := range c.says {
			if !strings.Contains(out+errOut, part) {
				t.Errorf("%v does not say %q:\n%s%s", c.words, part, out, errOut)
			}
		}
	}
}

// What no verdict of this story has is printed as well.
func TestPrintExplanation(t *testing.T) {
	o, reason := events.Taken, "Dringend"
	word := func(s string) events.Sentence { return events.Sentence{NL: s, EN: s} }
	a := &web.ExplainAnswer{Explanation: ledger.Explanation{
		Judged: true, Outcome: &o, Rules: 2, From: "2026-11-22", To: "2026-11-24", Employer: "69599084", Establishment: "000037178598",
		Reasons: []ledger.Reason{{Code: "ander-plan", Sentence: word("because")}}, Despite: &reason, Since: []events.Sentence{word("gone since")},
		Facts: []ledger.Fact{{Sentence: word("looked at"), Since: []events.Sentence{word("moved since")}}},
		Again: &ledger.JudgedAgain{Unjudged: []events.Sentence{word("not kept")}},
	}}
	var out bytes.Buffer
	in := languages["en"]
	if err := printExplanation(&out, a, &in); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		"From 2026-11-22 to 2026-11-24: 69599084, 000037178598\n", "gone since", "Its reason: Dringend", "What else was looked at\n  looked at\n    moved since",
		"version 2 of the rules", "Note: not kept",
	} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("no %q in\n%s", part, out.String())
		}
	}
	if strings.Contains(out.String(), "What decided") {
		t.Errorf("nothing decided, and yet:\n%s", out.String())
	}
}

// An agreement that was set is told with its day and its position.
func TestPrintAgreement(t *testing.T) {
	o, at := events.Free, events.Position(7)
	a := &web.ExplainAnswer{Explanation: ledger.Explanation{Judged: true, Outcome: &o, Rules: 3, Agreement: &ledger.AgreementOfThen{
		AgreementName: ledger.AgreementName{Position: &at, Name: "Eerste", From: "2026-11-22"},
	}}}
	for lang, want := range map[string]string{
		"en": `By agreement "Eerste", from 2026-11-22 (position 7, rules version 3)`, "nl": `Naar de afspraken "Eerste", per 2026-11-22 (positie 7, regels versie 3)`,
	} {
		var out bytes.Buffer
		in := languages[lang]
		if err := printExplanation(&out, a, &in); err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%v: %s", err, out.String())
		}
	}
}
