package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"huisboek/events"
)

// The steward says by words alone who approaches an employer, and which is left in
// peace; what is recorded is what was said.
func TestEmployerLevelAndSpare(t *testing.T) {
	t.Chdir(t.TempDir())
	newBook(t, "data")
	today := events.DateOf(time.Now())
	for _, c := range []struct {
		words string
		code  int
		says  string
		data  events.Data // recorded
	}{
		{"level 69599084", exitUsage, "needs an EMPLOYER and a level", nil},
		{"level", exitUsage, "needs an EMPLOYER and a level", nil},
		{"level bakker lokaal", exitUsage, `"bakker" is no employer`, nil},
		{"level 69599084 Lokaal", exitUsage, `"Lokaal" is no level`, nil},
		{"level 69599084 lokaal --establishment 12", exitFailed, "/data/vestigingsnummer (geen-vestigingsnummer)", nil},
		{"level DE-HRB-12 lokaal --establishment 000038509504", exitFailed, "vestiging-zonder-kvk-nummer", nil},
		{"level 69599084 regionaal", exitDone, "69599084 is approached by the partners of the region together (position 2)",
			&events.LevelSet{Employer: events.Employer{KvK: "69599084"}, Level: "regionaal"}},
		{"level 69599084 lokaal --establishment 000038509504", exitDone, "establishment 000038509504 of 69599084 is approached by the partner that serves",
			&events.LevelSet{Employer: events.Employer{KvK: "69599084", Establishment: "000038509504"}, Level: "lokaal"}},
		{"level " + provisional + " landelijk", exitDone, "on a national level",
			&events.LevelSet{Employer: events.Employer{Provisional: strings.TrimPrefix(provisional, "voorlopig-")}, Level: "landelijk"}},

		{"spare 69599084", exitUsage, "--ground", nil},
		{"spare x --ground regio", exitUsage, `"x" is no employer`, nil},
		{"spare 69599084 --ground regio --from morgen", exitUsage, "--from", nil},
		{"spare 69599084 --ground regio --to 2026-02-30", exitUsage, "--to", nil},
		{"spare 69599084 --lift --to 2027-01-01", exitUsage, "--lift takes away", nil},
		{"spare 69599084 --lift --purposes advies", exitUsage, "--lift takes away", nil},
		{"spare 69599084 --ground zin", exitFailed, "/data/grond (onbekende-waarde)", nil},
		{"spare 69599084 --ground regio --purposes advies,koffie", exitFailed, "/data/doelen/1 (onbekende-waarde)", nil},
		{"spare 69599084 --ground regio --from 2027-01-02 --to 2027-01-01", exitFailed, "/data/tot (einde-voor-begin)", nil},
		{"spare 69599084 --ground regio --reason 999990019", exitFailed, "/data/reden (bsn)", nil},
		{"spare 69599084 --ground werkgever", exitDone, "from " + string(today) + " until further notice, for all purposes (position 5). The agreement in force refuses plans.",
			&events.EmployerSpared{Employer: events.Employer{KvK: "69599084"}, From: today, Ground: "werkgever"}},
		{"spare DE-HRB-12 --ground regio --from 2027-01-01 --to 2027-03-31 --purposes acquisitie,advies", exitDone,
			"from 2027-01-01 up to and including 2027-03-31, for acquisitie, advies",
			&events.EmployerSpared{
				Employer: events.Employer{Foreign: &events.Foreign{Country: "DE", Register: "HRB", Number: "12"}},
				From:     "2027-01-01", To: "2027-03-31", Ground: "regio", Purposes: []string{"acquisitie", "advies"},
			}},
		{"spare 69599084 --lift", exitDone, "69599084 is no longer left in peace",
			&events.EmployerSpared{Employer: events.Employer{KvK: "69599084"}, From: today, Ground: "regio", Lifted: true}},
	} {
		words := append([]string{"employer"}, strings.Fields(c.words)...)
		code, out, errOut := do(t, append(words, "--data", "data")...)
		if code != c.code || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%s\nexit %d, want %d with %q\n%s%s", c.words, code, c.code, c.says, out, errOut)
		}
		if c.data == nil {
			continue
		}
		want, err := json.Marshal(c.data)
		if err != nil {
			t.Fatal(err)
		}
		if got := lastData(t); got != string(want) {
			t.Errorf("%s\nrecorded %s\nwant     %s", c.words, got, want)
		}
	}
	before := lastData(t)
	if code, out, _ := do(t, "employer", "level", "--data", "data", "69599084", "lokaal", "--json", "--reason", "beraad"); code != exitDone ||
		!strings.Contains(out, `"niveau": "lokaal"`) || !strings.Contains(out, `"positie": 8`) {
		t.Errorf("exit %d\n%s", code, out)
	}
	if got := lastData(t); got == before || !strings.Contains(got, `"sleutel"`) || strings.Contains(got, "beraad") {
		t.Errorf("the reason is not sealed: %s", got)
	}
	if code, out, _ := do(t, "employer", "spare", "--data", "data", "69599084", "--ground", "regio", "--json"); code != exitDone ||
		!strings.Contains(out, `"optreden": "weigeren"`) || !strings.Contains(out, `"van": "`+string(today)+`"`) {
		t.Errorf("exit %d\n%s", code, out)
	}
}

// lastData is the data of the last record of the book in data.
func lastData(t *testing.T) string {
	t.Helper()
	h, err := openHouse(t.Context(), settings{Dir: "data"})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := h.stream.Get(t.Context(), h.ledger.Position())
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	last, err := events.DecodeRecord(stored)
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(last.Event.Data)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
