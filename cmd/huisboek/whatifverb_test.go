package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huisboek/events"
)

// An agreement is tried on a book that is served, and on its files; nothing is
// recorded and nothing stays behind.
func TestAgreementWhatIf(t *testing.T) {
	h, second := clashing(t)
	listen(t, h)
	today := events.DateOf(time.Now())
	same := agreementOf(t, "Hetzelfde", today)
	strict := agreementOf(t, "Streng", today, `"anderPlan":"waarschuwen"`, `"anderPlan":"weigeren"`)
	for _, c := range []struct {
		words []string
		code  int
		says  []string
	}{
		{[]string{same}, exitDone, []string{"Hetzelfde, tried on " + string(today.AddDays(-90)) + " to " + string(today) + ": 2 plans, moves and visits, of which 0 "}},
		{[]string{strict}, exitDone, []string{"of which 1 would", "bezet  geweigerd  1", "0 -> 1", fmt.Sprintf("%d         bezoek-gepland", second.Position), "69599084"}},
		{[]string{strict, "--show", "0"}, exitDone, []string{"of which 1 would"}},
		{[]string{strict, "--json"}, exitDone, []string{`"wordt": "geweigerd"`, `"anders": 1`}},
		{[]string{strict, "--from", string(today.AddDays(-9)), "--to", string(today.AddDays(-1))}, exitDone, []string{": 0 plans, moves and visits"}},
		{[]string{strict, "--from", string(today), "--to", string(today.AddDays(-1))}, exitUsage, []string{"--to comes before --from"}},
		{[]string{strict, "--from", "gisteren"}, exitUsage, []string{"is no day"}},
		{[]string{written(t, `{"naam": "Half"}`)}, exitFailed, []string{"/data/rustdagen"}},
		{[]string{"nergens.json"}, exitFailed, []string{"nergens.json"}},
	} {
		code, out, errOut := do(t, append([]string{"agreement", "what-if", "--data", h.Dir}, c.words...)...)
		if code != c.code {
			t.Errorf("%v: exit %d\n%s%s", c.words, code, out, errOut)
		}
		for _, part := range c.says {
			if !strings.Contains(out+errOut, part) {
				t.Errorf("%v does not say %q:\n%s%s", c.words, part, out, errOut)
			}
		}
	}
	if at := h.ledger.Position(); at != second.Position {
		t.Errorf("the book went from %d to %d", second.Position, at)
	}
	if left, _ := filepath.Glob(filepath.Join(h.Dir, ".what-if-*")); left != nil {
		t.Errorf("left behind: %v", left)
	}
}

// listen answers the command line on a house of this process.
func listen(t *testing.T, h *house) {
	t.Helper()
	if err := h.serveSocket(t.Context()); err != nil {
		t.Fatal(err)
	}
}
