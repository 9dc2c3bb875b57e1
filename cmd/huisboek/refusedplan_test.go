package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/events"
)

// A plan that the agreement refuses, from the command line: submit counts and keeps it
// with its reasons, at either door and in a trial; check says that its form is good; who
// says beforehand what would come of it; and it is counted.
func TestPlanRefusedByAgreement(t *testing.T) {
	s := serveHouse(t, "")
	today := events.DateOf(time.Now())
	if err := s.say(t.Context(), &events.EmployerSpared{Employer: events.Employer{KvK: sampleKvK}, From: today, Ground: "regio"}); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	made, err := newSample(checkSource, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, way := range []struct {
		door string
		more []string
	}{{"http", []string{"--proef"}}, {"http", nil}, {"http", nil}, {"nats", nil}} {
		file := filepath.Join(folder, "plan.jsonl")
		os.Remove(file + refusedSuffix)
		put(t, file, string(made.plan)+"\n")
		code, out, errOut := do(t, slices.Concat([]string{"submit", file}, s.over[way.door], way.more)...)
		for _, part := range []string{"1 refused", "1  ontzien-regio", "409 Geweigerd door de afspraken", "- The region leaves"} {
			if code != exitFailed || !strings.Contains(out+errOut, part) {
				t.Errorf("%v: exit %d, lacks %q:\n%s%s", way, code, part, out, errOut)
			}
		}
		kept, err := os.ReadFile(file + refusedSuffix)
		if err != nil || !strings.Contains(string(kept), `"probleem":"plan-geweigerd","fouten":[],"redenen":[{"code":"ontzien-regio"`) {
			t.Errorf("%v: kept %v %s", way, err, kept)
		}
	}
	// An event that is refused for its form goes through check as wrong; this one does not.
	if code, c := s.check(t, "http", "", "--source", checkSource); code != exitDone || !slices.Contains(c.said(), "voorbeeld let-op  ontzien-regio") || c.Refused != 1 {
		t.Errorf("check: exit %d %q", code, c.said())
	}
	if code, c := s.check(t, "http", string(made.plan), "-"); code != exitDone || !slices.Contains(c.said(), "melding let-op  ontzien-regio") {
		t.Errorf("check of a file: exit %d %q", code, c.said())
	}

	code, out, errOut := do(t, slices.Concat([]string{"who", sampleKvK, "--purpose", "advies", "--date", string(today.AddDays(1))}, s.over["http"])...)
	if code != exitDone || !strings.Contains(out, "Refused (geweigerd)") || !strings.Contains(out, "To be left in peace, by the region, from "+string(today)) {
		t.Errorf("who: exit %d %s%s", code, out, errOut)
	}
	list := filepath.Join(folder, "ronde.txt")
	put(t, list, "# de ronde\n"+sampleKvK+" Bakkerij\n\n68750110/000037178598\n")
	code, out, errOut = do(t, slices.Concat([]string{"who", "--file", list, "--purpose", "advies"}, s.over["http"])...)
	for _, part := range []string{sampleKvK + "               geweigerd  ontzien-regio", "68750110/000037178598  vrij", "2 employers: 1 free, 0 attention, 0 taken, 1 refused."} {
		if code != exitDone || !strings.Contains(out, part) {
			t.Errorf("a tour: exit %d, lacks %q:\n%s%s", code, part, out, errOut)
		}
	}
	for _, words := range [][]string{{"who"}, {"who", "1"}, {"who", sampleKvK, "68750110", "--concern"}} {
		if code, _, errOut := do(t, append(words, s.over["http"]...)...); code != exitUsage {
			t.Errorf("%v: exit %d %s", words, code, errOut)
		}
	}

	families, err := s.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		if f.GetName() == "huisboek_events_total" {
			for _, m := range f.GetMetric() {
				got[m.GetLabel()[1].GetValue()+" "+m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
			}
		}
	}
	if got["bezoek-gepland geweigerd"] != 2 || got["bezoek-gepland eerder-gezien"] < 3 {
		t.Errorf("counted %v", got)
	}
}
