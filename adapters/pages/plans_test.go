package pages

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// noon is Sunday 22 November 2026.
var noon = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

func visitAt(l lang) *visit {
	s := &Server{cfg: Config{Now: func() time.Time { return noon }}}
	return &visit{s: s, lang: l, r: httptest.NewRequest(http.MethodGet, "/plannen?wie=regio&na=x&op=3", nil)}
}

// Plans are grouped by week and day; what began before without a day stands apart.
func TestWeeks(t *testing.T) {
	plan := func(from, to, clock string) planLine {
		return planLine{From: events.Date(from), To: events.Date(to), Clock: clock}
	}
	running, weeks := visitAt(dutch).weeks([]planLine{
		plan("2026-11-02", "2026-12-01", ""), plan("2026-11-22", "2026-11-22", ""), plan("2026-11-22", "2026-11-22", "15:00"),
		plan("2026-11-22", "2026-11-22", "09:30"), plan("2026-11-23", "2026-11-27", ""), plan("2026-12-31", "2026-12-31", ""), plan("2027-01-01", "2027-01-01", ""),
	}, "2026-11-22")
	if len(running) != 1 || running[0].From != "2026-11-02" {
		t.Errorf("running %+v", running)
	}
	var got []string
	for _, w := range weeks {
		got = append(got, w.Label)
		for _, d := range w.Days {
			line := string(d.Date) + " " + d.Label
			for _, p := range d.Plans {
				line += " [" + p.Clock + "]"
			}
			got = append(got, line)
		}
	}
	want := []string{
		"Week 47: 16 tot en met 22 november", "2026-11-22 Vandaag, zondag 22 november [09:30] [15:00] []",
		"Week 48: 23 tot en met 29 november", "2026-11-23 Morgen, maandag 23 november []",
		"Week 53: 28 december 2026 tot en met 3 januari 2027", "2026-12-31 donderdag 31 december []", "2027-01-01 vrijdag 1 januari 2027 []",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestMonday(t *testing.T) {
	for day, want := range map[events.Date]events.Date{
		"2026-11-22": "2026-11-16", "2026-11-23": "2026-11-23", "2027-01-01": "2026-12-28", "2028-02-29": "2028-02-28",
	} {
		if got := mondayOf(day); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}

// A week has all its days, and says how many plans it leaves out.
func TestWeekOf(t *testing.T) {
	var lines []planLine
	for range dayShown + 3 {
		lines = append(lines, planLine{From: "2026-11-18", To: "2026-11-18"})
	}
	lines = append(lines, planLine{From: "2026-11-10", To: "2026-11-20"}, planLine{From: "2026-11-16", To: "2026-11-20"})
	var data agendaPage
	visitAt(english).weekOf(&data, lines, "2026-11-16")
	days := data.Weeks[0].Days
	if len(days) != 7 || len(days[2].Plans) != dayShown || days[2].More != 3 || !strings.Contains(days[2].Path, "van=2026-11-18") || len(data.Running) != 2 {
		t.Errorf("%+v", data)
	}
	if data.This != "" || !strings.Contains(data.Next, "van=2026-11-23") || !strings.Contains(data.Before, "van=2026-11-09") {
		t.Errorf("before %q this %q next %q", data.Before, data.This, data.Next)
	}
}

func TestPlanDays(t *testing.T) {
	for _, c := range []struct {
		from, to events.Date
		nl, en   string
	}{
		{"2026-11-22", "2026-11-22", "op 22 november", "on 22 November"},
		{"2026-11-22", "", "op 22 november", "on 22 November"},
		{"2026-11-02", "2026-11-20", "van 2 tot en met 20 november", "from 2 to 20 November"},
		{"2026-11-28", "2026-12-02", "van 28 november tot en met 2 december", "from 28 November to 2 December"},
		{"2026-12-28", "2027-01-02", "van 28 december 2026 tot en met 2 januari 2027", "from 28 December 2026 to 2 January 2027"},
		{"2025-11-22", "2025-11-22", "op 22 november 2025", "on 22 November 2025"},
	} {
		if got := visitAt(dutch).onDays(c.from, c.to); got != c.nl {
			t.Errorf("%q, want %q", got, c.nl)
		}
		if got := visitAt(english).onDays(c.from, c.to); got != c.en {
			t.Errorf("%q, want %q", got, c.en)
		}
	}
}

// A page's own address keeps its filters and loses what was only passing.
func TestAround(t *testing.T) {
	v := visitAt(dutch)
	for want, got := range map[string]string{
		"/plannen?wie=regio": v.around(), "/plannen?wie=mij": v.around("wie", "mij"), "/plannen": v.around("wie", ""),
		"/plannen?na=y&wie=regio": v.older("y"), "": v.older(""),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Every kind of message is a sentence around the employer's name, in both languages.
func TestMessageSentences(t *testing.T) {
	day, until, approach := events.Date("2026-12-01"), events.Date("2026-11-25"), "x"
	partner := ledger.PartnerName{Name: "UWV"}
	names := map[string]employerLink{"69599084": {"69599084", "Bakkerij %s <b>"}}
	for kind, want := range map[string][2]string{
		"ander-plan":        {"UWV gaat naar | , op 1 december.", "UWV goes to |  on 1 December."},
		"ander-plan-verzet": {"UWV heeft een plan bij | veranderd en gaat nu op 1 december.", ""},
		"ander-bezoek":      {"UWV is bij | geweest, op 1 december.", ""},
		"doorgezet":         {"UWV gaat toch naar | , op 1 december, hoewel een ander daar al mee bezig is.", ""},
		"botsing":           {"Er is een botsing met UWV bij | , op 1 december.", ""},
		"samen-gevraagd":    {"UWV zegt dat u meegaat naar | , op 1 december.", ""},
		"samen-bevestigd":   {"UWV gaat mee naar | , op 1 december.", ""},
		"vrijgekomen":       {"UWV houdt | niet meer vast, op 1 december. Uw plan staat niets meer in de weg: meld het opnieuw.", ""},
		"verloopt":          {"Uw plan houdt | nog vast tot en met 25 november.", "Your plan holds | up to and including 25 November."},
		"opgeschaald":       {"1 plaats bij | voor lasser, sinds 20 november, is nu van de hele regio. UWV meldde die.", "1 place at | for lasser, since 20 November, is the whole region's now. UWV reported it."},
		"iets-nieuws":       {"Er is iets.", "There is something."},
	} {
		m := &web.Message{
			Kind: kind, Sentence: events.Sentence{NL: "Er is iets.", EN: "There is something."}, Employer: &web.EmployerName{Key: "69599084"}, Partner: &partner,
			From: &day, To: &day, Until: &until, Approach: &approach, At: noon,
			Vacancy: &web.MessageVacancy{Occupation: "lasser", Count: 2, Left: 1, Since: "2026-11-20"},
		}
		for i, l := range []lang{dutch, english} {
			line := visitAt(l).messageLine(m, names)
			got := line.Before
			if line.After != "" {
				got += "|" + line.After
			}
			flat := strings.NewReplacer("| ,", "|,", "|  ", "| ")
			if w := want[i]; w != "" && got != flat.Replace(w) {
				t.Errorf("%s: %q, want %q", kind, got, flat.Replace(w))
			}
			if strings.Contains(got, "%!") || len(line.Do) == 0 || line.Employer.Name != "Bakkerij %s <b>" {
				t.Errorf("%s: %q %+v", kind, got, line)
			}
		}
	}
	erased := visitAt(dutch).messageLine(&web.Message{Kind: "gegevens-gewist", Sentence: events.Sentence{NL: "Er is gewist."}}, nil)
	if erased.Before != "Er is gewist." || erased.Employer != nil {
		t.Errorf("%+v", erased)
	}
}

// Shares are drawn on a scale that fits, and the month that is not over is marked.
func TestWorkingChart(t *testing.T) {
	var months []web.Working
	for i := range 12 {
		months = append(months, web.Working{Month: monthBefore("2026-11", 11-i), Visits: 100, Announced: 40 + i, Clashed: 5, Plans: 0})
	}
	months[3] = web.Working{Month: months[3].Month}
	p := visitAt(dutch).lang.workingPanel(months, "2026-11")
	a, b, c := p.Charts[0], p.Charts[1], p.Charts[2]
	if a.Share != "46%" || a.Max != "100%" || a.Bars[11].Value != "51%" || !a.Bars[11].Running || a.Bars[10].Running || a.Bars[3].Height != 0 || a.Bars[0].Height != 34 || a.Bars[0].Y != barsHeight-34 {
		t.Errorf("%+v", a)
	}
	if a.Trend != "De laatste drie maanden 49%, de drie daarvoor 46%." || a.Bars[0].X != "1.25%" || a.Bars[11].Month != "nov" || a.Bars[10].Month != "" {
		t.Errorf("%q %+v", a.Trend, a.Bars)
	}
	if b.Max != "5%" || b.Bars[0].Height != barsHeight || c.Share != "–" || c.Trend != "" || p.Nothing || len(p.Rows) != 12 || p.Rows[3].AnnouncedShare != "–" {
		t.Errorf("%+v %+v", b, c)
	}
	if !visitAt(dutch).lang.workingPanel(make([]web.Working, 3), "2026-11").Nothing {
		t.Error("nothing is something")
	}
}

func TestMonthBefore(t *testing.T) {
	for n, want := range map[int]string{0: "2026-02", 1: "2026-01", 2: "2025-12", 14: "2024-12"} {
		if got := monthBefore("2026-02", n); got != want {
			t.Errorf("%d before: %s, want %s", n, got, want)
		}
	}
}

func TestVerdictTitles(t *testing.T) {
	for outcome, want := range map[events.Outcome]string{
		events.Free: "Waarom dit plan vrij was", events.Attention: "Waarom dit plan aandacht vroeg", events.Taken: "Waarom dit plan bezet was", events.Refused: "Waarom dit plan geweigerd is",
	} {
		if got := dutch.verdictTitle(&ledger.Explanation{Type: events.TypeVisitPlanned, Judged: true, Outcome: &outcome}); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := dutch.verdictTitle(&ledger.Explanation{Type: events.TypeSignalNoted}); got != "Deze melding kreeg geen oordeel" {
		t.Error(got)
	}
}

// storied is an API that has one of everything, with names that try things.
func storied(t *testing.T, person *signin.Person) http.Handler {
	t.Helper()
	const hostile = `<script>alert(1)</script> & "Zoon" ` + "\u202e" + `B.V.`
	name := hostile + strings.Repeat("lang", 50)
	fresh := web.Freshness{Position: 9, UpTo: noon}
	me := ledger.PartnerName{ID: "p1", Name: "Gemeente Voorbeeld", URN: "urn:nld:oin:1"}
	other := ledger.PartnerName{ID: "p2", Name: hostile, URN: "urn:nld:oin:2"}
	ref := &events.Ref{Source: "urn:nld:oin:2:systeem:crm", ID: hostile}
	at := web.EmployerName{Key: "69599084", KvK: "69599084"}
	plan := web.PlannedApproach{
		Position: 4, Approach: "a", Employer: at, Name: &name, From: "2026-11-22", To: "2026-11-22", Time: "13:30", Purpose: "advies", Status: "gepland",
		Partner: me, Own: true, AccountManager: &web.Person{Name: hostile, Phone: "038 000 00 00", Employee: "am-1"}, With: []string{"urn:nld:oin:2"}, Clashes: true, AtRequest: true, Event: ref,
	}
	period, gone, asked := plan, plan, plan
	period.From, period.To, period.HoldsUntil, period.Time = "2026-11-10", "2026-12-20", "2026-11-25", ""
	gone.Status, gone.From, gone.To = "verlopen", "2026-11-10", "2026-11-10"
	asked.Partner, asked.Own, asked.NamesYou, asked.Name = other, false, true, nil
	day, yes := events.Date("2026-11-24"), true
	taken, despite := events.Taken, hostile
	sentence := events.Sentence{NL: hostile, EN: hostile}
	agreed := events.Position(2)
	answers := map[string]any{
		"/v1/berichten": web.MessagesAnswer{Messages: []web.Message{
			{ID: "8", Kind: "botsing", At: noon, Employer: &at, Partner: &other, From: &day, To: &day, AccountManager: &ledger.Person{Name: hostile, Phone: "1"}, Reasons: []ledger.Reason{{Code: "open-plan"}}, Despite: &despite},
			{ID: "7", Kind: "samen-gevraagd", At: noon, Employer: &at, Partner: &other, From: &day, To: &day, Event: ref},
			{ID: "6-opgeschaald", Kind: "opgeschaald", At: noon, Employer: &at, Partner: &other, From: &day, To: &day, Vacancy: &web.MessageVacancy{Occupation: hostile, Left: 2, Since: day}},
		}, Next: "verder", More: true, Freshness: fresh},
		"/v1/botsingen": web.ClashesAnswer{Clashes: []web.Clash{{
			ID: "4-6", Rule: "bezoek-tijdens-plan", Sentence: sentence, Employer: at, End: "open", FoundOn: "2026-11-20",
			First: web.ClashParty{Partner: me, Position: 4, Kind: "plan", From: day, To: day, Purpose: "advies"},
			Later: web.ClashParty{Partner: other, Position: 6, Kind: "bezoek", From: day, To: day, Purpose: "advies", Announced: &yes, Despite: true, Reason: &despite},
		}}, Next: "verder", Freshness: fresh},
		"/v1/werking": web.WorkingAnswer{Months: []web.Working{{Month: "2026-10", Visits: 4, Announced: 3}, {Month: "2026-11", Visits: 2, Announced: 1, Plans: 3, Unused: 1}}, Freshness: fresh},
		"/v1/oordelen/6": web.ExplainAnswer{Explanation: ledger.Explanation{
			Position: 6, Type: events.TypeVisitPlanned, At: noon, Partner: me, Judged: true, Outcome: &taken, Employer: at.Key, From: day, To: day, Despite: &despite,
			Sentence: sentence, Reasons: []ledger.Reason{{Code: "ander-plan", Sentence: sentence}}, Today: "2026-11-20", Rules: 3,
			Agreement: &ledger.AgreementOfThen{AgreementName: ledger.AgreementName{Position: &agreed, Name: hostile, From: "2026-01-01"}, Clauses: []ledger.Clause{{Sentence: sentence}}},
			Facts:     []ledger.Fact{{Position: 4, Kind: "bezoek-gepland", Partner: other, Sentence: sentence, Decided: true}},
			Again:     &ledger.JudgedAgain{Then: ledger.Rejudged{Outcome: taken, Same: true, Sentence: sentence}, Now: ledger.Rejudged{Outcome: events.Free, Sentence: sentence}, Unjudged: []events.Sentence{sentence}},
		}, Freshness: fresh},
		"/v1/werkgevers":       web.FindAnswer{Employers: []web.Hit{{Found: web.Found{Employer: at, Name: &name}}}, Freshness: fresh},
		"/v1/aanleveringen":    web.DeliveriesAnswer{Freshness: fresh},
		"/v1/plannen":          web.PlansAnswer{Plans: []web.PlannedApproach{period, plan}, Next: "verder", Freshness: fresh},
		"/v1/plannen?wacht":    web.PlansAnswer{Plans: []web.PlannedApproach{asked}, Freshness: fresh},
		"/v1/plannen?verleden": web.PlansAnswer{Plans: []web.PlannedApproach{gone}, Freshness: fresh},
	}
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := r.URL.Path
		switch q := r.URL.Query(); {
		case q.Get("wacht") == "true":
			key += "?wacht"
		case q.Get("status") == "alles":
			key += "?verleden"
		}
		a, ok := answers[key]
		if !ok {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusNotFound)
			w.Write([]byte(`{"status":404,"title":"Onbekend"}`)) //nolint:errcheck // the test would see it
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(a); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(api.Close)
	client, err := web.NewClient(api.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{
		Book: web.Book{ID: "6f0c", Region: "AM36"}, As: func(ledger.Caller) *web.Client { return client }, Door: &fakeDoor{person: person},
		Partners: func() ([]ledger.Partner, error) {
			return []ledger.Partner{{ID: "p1", Name: me.Name, Kind: "gemeente"}, {ID: "p2", Name: hostile, Kind: "uwv", Identities: []string{"urn:nld:oin:2"}}}, nil
		},
		Source: func(ledger.Caller) (string, error) { return "urn:nld:oin:00000099000000001000:systeem:huisboek", nil },
		Wait:   func(context.Context, events.Position) error { return nil },
		Now:    func() time.Time { return noon },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Every page is there for whom it is for, in both languages, and writes nothing that
// others called themselves as markup.
func TestPlanPages(t *testing.T) {
	people := map[signin.Duty]*signin.Person{}
	for _, d := range signedIn {
		people[d] = &signin.Person{ID: "x", Duty: d, Name: "Sam V.", Employee: "am-1", Partner: "p1"}
		if !slices.Contains(ofPartner, d) {
			people[d].Partner, people[d].Employee = "", ""
		}
	}
	for path, c := range map[string]struct {
		who  []signin.Duty
		says string
	}{
		"/vandaag": {ofPartner, "Is het er toch van gekomen?"},
		"/plannen": {readers, "Week 47"},
		"/plannen?wie=partner&medewerker=am-9&status=alles":  {readers, "am-9"},
		"/plannen?wie=regio&weergave=week&van=2026-11-30":    {readers, "Week 49"},
		"/plannen?wie=%3Cb%3E&van=gisteren&tot=1&na=x&op=-1": {readers, "Plannen"},
		"/berichten":      {ofPartner, "Er is een botsing met"},
		"/berichten?na=x": {ofPartner, "Naar de nieuwste"},
		"/botsingen?van=ons&afloop=open&maand=2026-11&werkgever=69599084": {readers, "Werkt de afspraak?"},
		"/oordelen/6": {readers, "Waarom dit plan bezet was"},
	} {
		for duty, person := range people {
			h := storied(t, person)
			for _, cookie := range []string{"", "taal=en"} {
				r := get(t, h, http.MethodGet, path, http.Header{"Cookie": {cookie}}, nil)
				body := bodyOf(t, r)
				switch allowed := slices.Contains(c.who, duty); {
				case !allowed && r.StatusCode != http.StatusForbidden:
					t.Errorf("%s as %s: %d", path, duty, r.StatusCode)
				case !allowed:
				case r.StatusCode != http.StatusOK:
					t.Errorf("%s as %s: %d %s", path, duty, r.StatusCode, body)
				case cookie == "" && c.says != "am-9" && !strings.Contains(body, c.says):
					t.Errorf("%s as %s does not say %q", path, duty, c.says)
				case strings.Contains(body, "<script>alert") || strings.Contains(body, "%!") || strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "0xc0") || strings.Count(body, "<h1") != 1:
					t.Errorf("%s as %s: %s", path, duty, body)
				}
			}
		}
	}
	h := storied(t, people[signin.AccountManager])
	for _, path := range []string{"/oordelen/0", "/oordelen/x", "/oordelen/99999999999999999999", "/oordelen/7"} {
		if r := get(t, h, http.MethodGet, path, nil, nil); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}

func bodyOf(t *testing.T, r *http.Response) string {
	t.Helper()
	var b strings.Builder
	if _, err := io.Copy(&b, r.Body); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
