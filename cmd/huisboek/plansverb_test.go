package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// Who asks a served book for plans gets them as lines with tabs when it is piped, and
// nothing of who does not exist.
func TestPlansVerb(t *testing.T) {
	h, second := clashing(t)
	s := httptest.NewServer(h.web)
	defer s.Close()
	token, err := os.ReadFile(h.folder.path(fileSteward))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("HUISBOEK_TOKEN", strings.TrimSpace(string(token)))
	if err := h.runner.WaitFor(t.Context(), second.Position); err != nil {
		t.Fatal(err)
	}
	day := events.DateOf(h.Now()).AddDays(5)
	code, out, errOut := do(t, "plans", "--server", s.URL, "--max", "1")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if code != exitDone || len(lines) != 2 || !strings.HasPrefix(lines[0], "from\tto\ttime\temployer\t") || !strings.Contains(errOut, "There are more: --after ") {
		t.Fatalf("exit %d\n%s%s", code, out, errOut)
	}
	for _, part := range []string{string(day) + "\t" + string(day), "69599084\tacquisitie\tgepland", "Planner Voorbeeld"} {
		if !strings.Contains(lines[1], part) {
			t.Errorf("%q lacks %q", lines[1], part)
		}
	}
	_, after, _ := strings.Cut(strings.TrimSpace(errOut), "--after ")
	if code, out, errOut := do(t, "plans", "--server", s.URL, "--after", after, "--max", "1"); code != exitDone || strings.Count(out, "\n") != 2 || errOut != "" {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	var a web.PlansAnswer
	if code, out, _ := do(t, "plans", "--server", s.URL, "--region", "--all", "--json"); code != exitDone || json.Unmarshal([]byte(out), &a) != nil || len(a.Plans) != 2 {
		t.Errorf("exit %d %s", code, out)
	}
	for words, says := range map[string]string{
		"--max 0": "--max takes", "--from morgen": "--from takes a day", "--to 2026-02-30": "--to takes a day", "iets": "unknown command",
	} {
		if code, _, errOut := do(t, append([]string{"plans", "--server", s.URL}, strings.Fields(words)...)...); code != exitUsage || !strings.Contains(errOut, says) {
			t.Errorf("%s: exit %d %s", words, code, errOut)
		}
	}
	if code, _, errOut := do(t, "plans", "--server", s.URL, "--employee", "am-03"); code != exitFailed || !strings.Contains(errOut, "/header/Huisboek-Medewerker") {
		t.Errorf("the steward asks for an account manager's: exit %d %s", code, errOut)
	}
}

// The words become a question, and on a screen plans are a table.
func TestPlansWords(t *testing.T) {
	asked, employee := "", ""
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, employee = r.URL.RequestURI(), r.Header.Get("Huisboek-Medewerker")
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"plannen":[]}`)
	}))
	defer s.Close()
	for words, want := range map[string]string{
		"": "/v1/plannen?aantal=50", "--waiting": "/v1/plannen?aantal=50&wacht=true", "--employee am-03": "/v1/plannen?aantal=50",
		"--partner x --all --from 2026-12-01 --to 2026-12-31 --max 3": "/v1/plannen?aantal=3&partner=x&status=alles&tot=2026-12-31&van=2026-12-01",
	} {
		code, _, errOut := do(t, append([]string{"plans", "--token", "t", "--server", s.URL}, strings.Fields(words)...)...)
		if code != exitDone || asked != want || (employee == "am-03") != strings.Contains(words, "am-03") {
			t.Errorf("%s: exit %d, asked %s for %q %s", words, code, asked, employee, errOut)
		}
	}
	name := "Bakkerij\tVoorbeeld"
	var b bytes.Buffer
	printPlans(&b, &web.PlansAnswer{Plans: []web.PlannedApproach{
		{From: "2026-12-01", To: "2026-12-04", Name: &name, Purpose: "nazorg", Status: "gepland", Clashes: true, Partner: ledger.PartnerName{Name: "UWV"}},
		{From: "2026-12-02", To: "2026-12-02", Time: "10:30", Employer: web.EmployerName{Key: "69599084"}, AccountManager: &web.Person{Name: "Consulent", Phone: "038 000 01 12"}},
	}})
	for _, part := range []string{"2026-12-01 – 2026-12-04  Bakkerij Voorbeeld  nazorg   gepland, clashes  UWV", "2026-12-02 10:30", "69599084", "Consulent 038 000 01 12"} {
		if !strings.Contains(b.String(), part) {
			t.Errorf("lacks %q:\n%s", part, b.String())
		}
	}
}
