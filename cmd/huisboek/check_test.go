package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"huisboek/adapters/client"
	"huisboek/events"
)

const checkSource = "urn:nld:oin:00000099000000001000:systeem:crm"

// served is a house with both doors open and one partner.
type served struct {
	*house
	http *httptest.Server
	over map[string][]string // the words for either door
}

// serveHouse opens a book of a steward; a test book when oin is empty.
func serveHouse(t *testing.T, oin string) *served {
	t.Helper()
	h, err := openHouse(t.Context(), settings{Dir: filepath.Join(t.TempDir(), "data"), Region: "AM36", OIN: oin, NATS: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	p, err := h.addPartner(t.Context(), newPartner{OIN: "00000099000000001000", Name: "Gemeente Proef", Kind: "gemeente"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	creds := filepath.Join(t.TempDir(), "proef.creds")
	if err := os.WriteFile(creds, []byte(p.Creds), 0o600); err != nil {
		t.Fatal(err)
	}
	s := &served{house: h, http: httptest.NewServer(h.web)}
	t.Cleanup(s.http.Close)
	s.over = map[string][]string{
		"http": {"--token", p.Token, "--server", s.http.URL},
		"nats": {"--creds", creds, "--nats", h.natsURL()},
	}
	return s
}

// doWith is do with standard input.
func doWith(t *testing.T, stdin string, words ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), words, strings.NewReader(stdin), &o, &e)
	return code, o.String(), e.String()
}

// check runs the check with --json and on files, or standard input.
func (s *served) check(t *testing.T, door, stdin string, more ...string) (code int, c checked) {
	t.Helper()
	code, out, errOut := doWith(t, stdin, append(append([]string{"check", "--json"}, s.over[door]...), more...)...)
	if err := json.Unmarshal([]byte(out), &c); err != nil {
		t.Fatalf("exit %d: %v\n%s%s", code, err, out, errOut)
	}
	return code, c
}

// said are the step and verdict of everything, with the fault's code.
func (c checked) said() (all []string) {
	for _, f := range c.Findings {
		line := f.Step + " " + string(f.Verdict)
		if f.Code != "" {
			line += " " + f.Field + " " + f.Code
		}
		all = append(all, line)
	}
	return all
}

func (c checked) says(step string, v verdict, part string) bool {
	return slices.ContainsFunc(c.Findings, func(f checkLine) bool {
		return f.Step == step && f.Verdict == v && strings.Contains(f.Sentence.NL, part)
	})
}

func TestCheckSample(t *testing.T) {
	s := serveHouse(t, "")
	for _, door := range []string{"http", "nats"} {
		t.Run(door, func(t *testing.T) {
			before := s.ledger.Position()
			code, c := s.check(t, door, "", "--source", checkSource)
			want := []string{
				"verbinding goed", "boek goed", "klok goed", "voorbeeld goed", "herhaling goed", "andere-inhoud goed", "fouten goed",
				"fouten goed /data/datum geen-datum", "fouten goed /data/kleur onbekend-veld", "fouten goed /data/kvkNummer geen-kvk-nummer",
				"opruimen goed", "samenvatting goed",
			}
			if door == "nats" {
				want = slices.Delete(want, 2, 3)
			}
			if got := c.said(); code != exitDone || !slices.Equal(got, want) {
				t.Errorf("exit %d, said %q", code, got)
			}
			if c.Good != 1 || c.Refused != 0 || c.Tried || c.Book.Region != "AM36" {
				t.Errorf("got %+v", c)
			}
			// The sample and its retraction, and nothing that is open.
			if p := s.ledger.Position(); p != before+2 {
				t.Errorf("%d events were recorded", p-before)
			}
			if code, out, _ := do(t, append([]string{"who", sampleKvK}, s.over["http"]...)...); code != exitDone || strings.Contains(out, "About to go") {
				t.Errorf("the sample is still there:\n%s", out)
			}
		})
	}
}

// In words, in either language.
func TestCheckWords(t *testing.T) {
	s := serveHouse(t, "")
	for lang, says := range map[string][]string{
		"nl": {"goed    verbinding: Uw toegang werkt.", "          /data/datum (geen-datum): Hier wordt een bestaande dag", "1 goed, waarvan 0"},
		"en": {"good    connection: Your credential works.", "          /data/datum (geen-datum): An existing day", "1 good, of which 0"},
	} {
		code, out, errOut := do(t, append([]string{"check", "--lang", lang, "--source", checkSource}, s.over["http"]...)...)
		for _, part := range says {
			if code != exitDone || !strings.Contains(out, part) || errOut != "" {
				t.Errorf("%s: exit %d, not %q in\n%s%s", lang, code, part, out, errOut)
			}
		}
	}
}

func TestCheckSampleRefused(t *testing.T) {
	s := serveHouse(t, "")
	for _, door := range []string{"http", "nats"} {
		code, c := s.check(t, door, "", "--source", "urn:nld:oin:00000099000000002000:systeem:crm")
		if code != exitFailed || c.Refused != 1 || !c.says("voorbeeld", wrong, "De source hoort niet bij uw organisatie") {
			t.Errorf("%s: exit %d, said %q", door, code, c.said())
		}
	}
}

// A book that is none for tests is never written to.
func TestCheckRealBook(t *testing.T) {
	s := serveHouse(t, "00000000000000000000")
	before := s.ledger.Position()
	code, c := s.check(t, "http", "", "--source", checkSource)
	if code != exitDone || !c.Tried || !c.says("voorbeeld", good, "zou") || !c.says("herhaling", good, "herkend") || !c.says("andere-inhoud", good, "409") {
		t.Errorf("the sample: exit %d, said %q", code, c.said())
	}
	code, c = s.check(t, "http", checkPlan("a", "2026-12-01")+checkMove("b"), "-")
	if code != exitDone || c.Good != 2 || !c.says("melding", mind, "zou worden vastgelegd") {
		t.Errorf("a file: exit %d, said %q", code, c.said())
	}
	for _, words := range [][]string{{"--source", checkSource}, {"-"}} {
		code, c = s.check(t, "nats", checkPlan("a", "2026-12-01"), words...)
		if code != exitFailed || c.Good+c.Refused != 0 || !c.says("boek", wrong, "geen proefboek") {
			t.Errorf("over NATS: exit %d, said %q", code, c.said())
		}
	}
	if s.ledger.Position() != before {
		t.Error("a check wrote to a book that is none for tests")
	}
}

// A book that makes its views anew cannot say whether it is for tests: nothing is
// recorded in it.
func TestCheckWhileViewsAreMade(t *testing.T) {
	s := serveHouse(t, "")
	s.caughtUp.Store(false)
	before := s.ledger.Position()
	code, c := s.check(t, "http", checkPlan("a", "2026-12-01"), "-")
	if code != exitDone || !c.Tried || c.Book != nil || c.Good != 1 || !c.says("boek", mind, "bouwt zijn overzichten op") {
		t.Errorf("over HTTP: exit %d, said %q", code, c.said())
	}
	if code, c = s.check(t, "nats", checkPlan("a", "2026-12-01"), "-"); code != exitFailed || c.Good+c.Refused != 0 || !c.says("boek", wrong, "Probeer het later") {
		t.Errorf("over NATS: exit %d, said %q", code, c.said())
	}
	if s.ledger.Position() != before {
		t.Error("the check recorded something")
	}
}

const checkApproach = "9b85d439-e7c5-4bc3-b308-d8df20a0a65b"

// checkEvent is an event on a line of its own, from its name, id and data.
func checkEvent(name, id, data string) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":"nl.werkgeversdiensten.%s.v1","source":%q,"id":%q,"time":"2026-01-01T00:00:00Z","data":{%s}}`+"\n",
		name, checkSource, id, data)
}

func checkPlan(id, day string) string {
	return checkEvent("bezoek-gepland", id, `"kvkNummer":"69599084","benadering":"`+checkApproach+`","datum":"`+day+
		`","doel":"advies","accountmanager":{"medewerker":"m1","naam":"Jan Voorbeeld"}`)
}

func checkMove(id string) string {
	return checkEvent("bezoek-verzet", id, `"benadering":"`+checkApproach+`","datum":"2026-01-06"`)
}

func checkService(id, day, more string) string {
	return checkEvent("dienst-geleverd", id, `"kvkNummer":"69599084","dienst":"jobcoach","datum":"`+day+`"`+more)
}

// What is said of events, one by one and together.
func TestCheckFiles(t *testing.T) {
	today := string(events.DateOf(time.Now()))
	year := func(years int) string { return string(events.DateOf(time.Now().AddDate(years, 0, 0))) }
	long := strings.Repeat("lang ", 150)
	for _, c := range []struct {
		name, in             string
		good, remarks, wrong int
		says                 []string // "step verdict part of the sentence"
	}{
		{"nothing", "", 0, 0, 0, []string{"geheel|let-op|geen melding"}},
		{"good", checkService("1", today, ""), 1, 0, 0, []string{
			"melding|goed|dienst-geleverd, vastgelegd op positie 3. Oordeel: vrij.", "herhaling|goed|positie, 3",
			"geheel|goed|Gebruikte soorten: dienst-geleverd (1)", "geheel|goed|Niet gebruikt: werkgever-beschreven", "geheel|goed|1 keer is het id geen UUID",
		}},
		{"refused", checkService("1", "30-02-2026", `,"kleur":"rood"`), 0, 0, 1, []string{
			"melding|fout|geweigerd: 400", "melding|fout|Hier wordt een bestaande dag", "melding|fout|Kijk de spelling na",
		}},
		{"not one's own", strings.Replace(checkService("1", today, ""), "1000:systeem", "2000:systeem", 1), 0, 0, 1, []string{"melding|fout|403", "melding|fout|De regisseur weet"}},
		{"no event", `1 "x"`, 0, 0, 2, []string{"melding|fout|?, geweigerd"}},
		{"no telephone, and a plan that is over", checkPlan("1", "2026-01-05"), 1, 1, 0, []string{
			"melding|let-op|kan niet bellen", "geheel|let-op|geen telefoon bij melding 1.", "geheel|let-op|Plannen waarvan de dag voorbij is", "melding|let-op|vastgelegd op positie 3",
		}},
		{"out of order", checkMove("2") + checkPlan("1", year(0)), 1, 1, 1, []string{
			"melding|fout|Wacht met wat erop volgt", "geheel|let-op|pas later in deze bestanden staat: melding 1.",
		}},
		{"no time", strings.Replace(checkService("1", today, ""), `"time":"2026-01-01T00:00:00Z",`, "", 1), 1, 1, 0, []string{"geheel|let-op|time ontbreekt bij melding 1."}},
		{"dates", checkService("1", year(2), "") + checkService("2", year(-3), "") + checkService("3", today, ""), 3, 2, 0, []string{
			"geheel|let-op|Meer dan een jaar vooruit: melding 1.", "geheel|let-op|zonder achteraf: melding 2.",
		}},
		{"old history", strings.Replace(checkService("1", year(-3), ""), `"id"`, `"achteraf":true,"id"`, 1), 1, 0, 0, nil},
		{"twice", checkService("1", today, "") + checkService("1", today, ""), 2, 1, 0, []string{"geheel|let-op|Meer dan eens in deze bestanden: melding 2.", "melding|let-op|was er al, op positie 3"}},
		{"an id again", checkService("1", today, "") + checkService("1", today, `,"aantal":2`), 1, 0, 1, []string{"melding|fout|409", "geheel|let-op|andere inhoud dan eerder in deze bestanden: melding 2."}},
		{"sources", checkService("1", today, "") + strings.Replace(checkService("1", today, ""), ":crm", ":planner", 1), 2, 0, 0, []string{"geheel|let-op|Er zijn meer sources: " + checkSource}},
		{"long text", checkEvent("bezoek-afgelegd", "1", `"kvkNummer":"69599084","datum":"`+today+`","doel":"advies","vorm":"video","toelichting":"`+strings.TrimSpace(long)+`"`), 1, 1, 0, []string{"geheel|let-op|vrije tekst is lang bij melding 1."}},
		{"large", strings.Replace(checkService("1", today, ""), `"kvk`, strings.Repeat(" ", 50_000)+`"kvk`, 1), 1, 1, 0, []string{"geheel|let-op|Bijna te groot: melding 1."}},
		{"too large", strings.Replace(checkService("1", today, ""), `"kvk`, strings.Repeat(" ", 70_000)+`"kvk`, 1), 0, 0, 1, []string{"melding|fout|413"}},
		{"broken off", checkService("1", today, "") + `{"id"`, 1, 0, 0, []string{"geheel|fout|na melding 1 niet verder gelezen"}},
		{"many", strings.Repeat(checkService("1", today, ""), 9), 9, 8, 0, []string{"geheel|let-op|melding 2, 3, 4, 5, 6 en nog 3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, door := range []string{"http", "nats"} {
				code, got := serveHouse(t, "").check(t, door, c.in, "-")
				if (code == exitDone) != (c.wrong == 0 && c.name != "broken off") || got.Good != c.good || got.Remarked != c.remarks || got.Refused != c.wrong {
					t.Errorf("%s: exit %d, %d good, %d with remarks, %d refused, want %d %d %d", door, code, got.Good, got.Remarked, got.Refused, c.good, c.remarks, c.wrong)
				}
				for _, want := range c.says {
					part := strings.SplitN(want, "|", 3)
					if door == "nats" && strings.HasPrefix(part[2], "was er al") {
						continue // over NATS it is not said that something was there already
					}
					if !got.says(part[0], verdict(part[1]), part[2]) {
						t.Errorf("%s: not said: %s, in %+v", door, want, got.Findings)
					}
				}
			}
		})
	}
}

// Several files are told apart, and one that breaks off is wrong.
func TestCheckSeveralFiles(t *testing.T) {
	s := serveHouse(t, "")
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"a.jsonl": checkPlan("1", "2026-12-01"), "b.json": "[" + checkPlan("2", "2026-12-01") + "]", "c.jsonl": `{"id":`} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, _ := do(t, append([]string{"check", "a.jsonl", "b.json", "c.jsonl"}, s.over["http"]...)...)
	for _, says := range []string{"let op  a.jsonl, melding 1: bezoek-gepland, vastgelegd", "fout    b.json, melding 1: bezoek-gepland, geweigerd", "(benadering-bestaat)", "Het bestand c.jsonl kan na melding 0 niet verder gelezen worden: not JSON"} {
		if code != exitFailed || !strings.Contains(out, says) {
			t.Errorf("exit %d, not %q in\n%s", code, says, out)
		}
	}
}

// What is said when it does not even come to an event.
func TestCheckConnection(t *testing.T) {
	s := serveHouse(t, "")
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	creds := s.over["nats"][1]
	board, err := s.addAccess(t.Context(), newAccess{Role: "board"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, words, says string
	}{
		{"nobody there", "--token x --server http://127.0.0.1:1", "Het boek antwoordt niet"},
		{"another server", "--token x --server " + other.URL, "iets anders dan een boek"},
		{"another token", "--token x --server " + s.http.URL, "kent dit token niet"},
		{"no partner", "--token " + board.Token + " --server " + s.http.URL, "niet van een partner"},
		{"nobody there over NATS", "--nats nats://127.0.0.1:1 --creds " + creds, "Er is geen verbinding"},
		{"no file", "--creds weg.creds --nats " + s.natsURL(), "weg.creds"},
	} {
		t.Run(c.name, func(t *testing.T) {
			code, out, errOut := do(t, append(strings.Fields(c.words), "check", "--source", checkSource)...)
			if code != exitFailed || !strings.Contains(out, c.says) || !strings.Contains(out, "fout    samenvatting") {
				t.Errorf("exit %d\n%s%s", code, out, errOut)
			}
		})
	}
}

func TestCheckUsage(t *testing.T) {
	for words, says := range map[string]string{
		"":                                  "one of --creds FILE",
		"--token x --creds y":               "one of --creds FILE",
		"--token x":                         "--source",
		"--token x --source mij":            "--source: A source of the form",
		"--token x --lang de x.json":        "--lang",
		"--token x --server nergens x.json": "--server",
	} {
		if code, _, errOut := do(t, append([]string{"check"}, strings.Fields(words)...)...); code != exitUsage || !strings.Contains(errOut, says) {
			t.Errorf("check %s: exit %d %s", words, code, errOut)
		}
	}
}

func TestClock(t *testing.T) {
	for ahead, want := range map[time.Duration]verdict{
		0: good, 59 * time.Second: good, -59 * time.Second: good, 2 * time.Minute: mind, -time.Hour: mind, 6 * time.Minute: wrong,
	} {
		c := &checker{out: io.Discard, lang: "nl"}
		c.clock(ahead)
		if got := c.found.Findings[0].Verdict; got != want || c.fails != (want == wrong) {
			t.Errorf("%s ahead: %s, want %s", ahead, got, want)
		}
	}
}

// Every sentence is there in both languages and takes the same values.
func TestCheckTable(t *testing.T) {
	verbs := regexp.MustCompile(`%[a-z]`)
	for code, w := range checkWords {
		if w.NL == "" || w.EN == "" || !slices.Equal(verbs.FindAllString(w.NL, -1), verbs.FindAllString(w.EN, -1)) {
			t.Errorf("%s: %q and %q", code, w.NL, w.EN)
		}
	}
	for code := range remarkFields {
		if _, ok := checkWords[code+"-geheel"]; !ok {
			t.Errorf("nothing to say of %s overall", code)
		}
	}
	for code, w := range faultAdvice {
		if w.NL == "" || w.EN == "" {
			t.Errorf("%s lacks a language", code)
		}
	}
}

// Patience ends, and what stands in the way of it is told.
func TestOfferPatience(t *testing.T) {
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprint(w, `{"status":503,"title":"Het is te druk"}`)
	}))
	defer busy.Close()
	w := wayIn{token: "x", server: busy.URL}
	if err := w.open(io.Discard); err != nil {
		t.Fatal(err)
	}
	defer w.close()
	err := w.offer(t.Context(), [][]byte{[]byte(`{"id":"1"}`)}, nil)
	var later *client.Deferred
	if !errors.As(err, &later) || !strings.Contains(err.Error(), "no more patience") {
		t.Errorf("got %v", err)
	}
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := w.offer(ctx, [][]byte{[]byte(`{"id":"1"}`)}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
