package pages

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// noon is when these tests happen.
var noon = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

const (
	gemeenteID = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0a01"
	uwvID      = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0b02"
)

func testVisit(t *testing.T) (*visit, *orgs) {
	t.Helper()
	v := &visit{
		s: &Server{cfg: Config{Now: func() time.Time { return noon }, Partners: func() ([]ledger.Partner, error) {
			return []ledger.Partner{
				{ID: gemeenteID, Name: "Gemeente Voorbeeldstad", Kind: "gemeente", Identities: []string{"urn:nld:oin:00000099000000002000"}},
				{ID: uwvID, Name: "UWV", Kind: "uwv", Identities: []string{"urn:nld:oin:00000099000000003000"}},
			}, nil
		}}},
		lang: dutch, person: &signin.Person{Duty: signin.AccountManager, Partner: gemeenteID},
		r: httptest.NewRequestWithContext(t.Context(), "GET", "/werkgevers/69599084", nil),
	}
	all, err := v.orgs()
	if err != nil {
		t.Fatal(err)
	}
	return v, all
}

func contactAt(at events.Position, kind events.Type, partner string, from, to events.Date, status string) web.Contact {
	c := web.Contact{Position: at, Type: kind, Date: from, Partner: ledger.PartnerName{ID: partner}, Status: status, At: noon}
	if to != "" {
		c.Period = &events.Period{From: from, To: to}
	}
	return c
}

// The strip shows this month, eleven before and two after it, a lane for each kind.
func TestStrip(t *testing.T) {
	v, all := testVisit(t)
	s := v.strip([]web.Contact{
		contactAt(1, events.TypeVisitMade, uwvID, "2026-11-22", "", "afgelegd"),
		contactAt(2, events.TypeVisitMade, uwvID, "2026-11-20", "", "afgelegd"), // two days apart: not on each other
		contactAt(3, events.TypeVisitMade, uwvID, "2025-11-30", "", "afgelegd"), // the day before it begins
		contactAt(4, events.TypeServiceDelivered, gemeenteID, "2025-12-01", "2026-01-10", "geleverd"),
		contactAt(5, events.TypeVisitPlanned, gemeenteID, "2026-12-01", "", "gepland"), // drawn as an open plan, or not
	}, []web.PlacementCount{{Month: "2026-03", Partner: ledger.PartnerName{ID: uwvID}, Count: 3}, {Month: "2024-03", Partner: ledger.PartnerName{ID: uwvID}, Count: 9}},
		[]web.OpenPlan{
			{From: "2026-12-01", To: "2026-12-31", Partner: ledger.PartnerName{ID: gemeenteID}, Purpose: "nazorg"},
			{From: "2027-01-20", To: "2027-04-01", Partner: ledger.PartnerName{ID: uwvID}, Purpose: "nazorg"},
			{From: "2027-02-01", To: "2027-02-01", Partner: ledger.PartnerName{ID: uwvID}, Purpose: "nazorg"},
		}, all)
	if len(s.Months) != 14 || s.Months[0].X != "0.0%" || s.Months[0].Name != "dec" || s.First != "december 2025" || s.Last != "januari 2027" || s.Today != "83.4%" {
		t.Errorf("months %v, %s to %s, today %s", s.Months, s.First, s.Last, s.Today)
	}
	var drawn []string
	for _, m := range s.Marks {
		drawn = append(drawn, fmt.Sprint(m.Kind, " ", m.Shape, " ", m.X, " ", m.Wide, m.Moved, " ", m.Count))
	}
	want := []string{
		"gemeente dienst 0.0%  0", "gemeente plan 85.5% 7.3% 0",
		"uwv plaatsing 24.6%  3", "uwv bezoek 82.9%  0", "uwv bezoek 83.4%  up near-up 0", "uwv plan 98.6%  0",
	}
	if !slices.Equal(drawn, want) {
		t.Errorf("drawn %q\nwant  %q", drawn, want)
	}
	if want := "Gemeenten: 1 dienst en 1 plan. UWV: 2 bezoeken, 3 plaatsingen en 1 plan. SW-bedrijven: niets. "; !strings.HasPrefix(s.Desc, want) {
		t.Errorf("%q", s.Desc)
	}
	if len(s.Rows) != 5 || s.Rows[1].Month != "maart 2026" || s.Rows[1].Cells[1] != "3 plaatsingen" {
		t.Errorf("table %+v", s.Rows)
	}
}

// A plan that came to a visit is said by the visit, and others' placements stand on one
// page only.
func TestTimelineRows(t *testing.T) {
	v, all := testVisit(t)
	approach := "c4e1a0b7-52d9-4f38-8e6b-17a93d5f2c04"
	plan := contactAt(10, events.TypeVisitPlanned, uwvID, "2026-11-12", "", "afgelegd")
	visit := contactAt(11, events.TypeVisitMade, uwvID, "2026-11-12", "", "afgelegd")
	plan.Approach, visit.Approach = &approach, &approach
	own := contactAt(12, events.TypeVisitPlanned, gemeenteID, "2026-12-01", "2026-12-08", "bevestigd")
	old := contactAt(3, events.TypeVisitMade, uwvID, "2025-05-01", "", "afgelegd")
	placed := []web.PlacementCount{
		{Month: "2026-10", Partner: ledger.PartnerName{ID: uwvID}, Count: 2}, {Month: "2026-10", Partner: ledger.PartnerName{ID: gemeenteID}, Count: 1},
		{Month: "2024-10", Partner: ledger.PartnerName{ID: uwvID}, Count: 1},
	}
	shown := func(tp *tape) string {
		var said []string
		line := v.timeline(tp, &web.EmployerAnswer{Placements: placed}, all)
		for _, g := range line.Groups {
			said = append(said, g.Name+":")
			for _, r := range g.Rows {
				said = append(said, r.Anchor)
			}
		}
		return strings.Join(said, " ")
	}
	e := events.Employer{KvK: "69599084"}
	first := &tape{e: e, page: []web.Contact{own, visit, plan, old}, next: "verder"}
	if got, want := shown(first), "Komend: e12 2026: e11 m2026-10-"+uwvID+" 2025: e3"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	line := v.timeline(first, &web.EmployerAnswer{}, all)
	if row := line.Groups[1].Rows[0]; !slices.Contains(row.Lines, "Aangekondigd op 22 november.") {
		t.Errorf("%+v", row.Lines)
	}
	if row := line.Groups[0].Rows[0]; row.Change != "/plannen/12" {
		t.Errorf("one's own plan is changed at %q", row.Change)
	}
	if want := "/werkgevers/69599084?na=verder&voor=2025-05-01#verloop"; line.Older != want {
		t.Errorf("older at %q", line.Older)
	}
	rest := &tape{e: e, page: []web.Contact{contactAt(1, events.TypeVisitMade, uwvID, "2024-01-01", "", "afgelegd")}, after: "verder", before: "2025-05-01"}
	if got, want := shown(rest), "2024: m2024-10-"+uwvID+" e1"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := shown(&tape{e: e, kind: "bezoeken", page: []web.Contact{visit}}); got != "2026: e11" {
		t.Errorf("%q", got)
	}
	if got := shown(&tape{e: e, kind: "plannen", page: []web.Contact{plan}}); got != "2026: e10" {
		t.Errorf("%q", got)
	}
}

func TestFindWords(t *testing.T) {
	v, _ := testVisit(t)
	for _, c := range []struct{ got, want string }{
		{digits("6875 0110"), "68750110"}, {digits("8011AB"), ""}, {digits("12.34-56"), "123456"},
		{v.branch("5610"), "Horeca (SBI 56.10)"}, {v.branch("99"), "SBI 99"}, {lowered("UWV"), "UWV"}, {lowered("Advies"), "advies"},
		{v.findPath(&findAsked{}), "/werkgevers"},
		{v.findPath(&findAsked{Text: "a&b", Mine: true, Quiet: "3"}, "na", "x"), "/werkgevers?mijn=ja&na=x&stil=3&zoek=a%26b"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// said is an API that answers with what a test gives it, by path.
func said(t *testing.T, answers map[string]any) (*web.Client, *[]string) {
	t.Helper()
	var asked []string
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.RequestURI())
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(answers[r.URL.Path])
	}))
	t.Cleanup(api.Close)
	c, err := web.NewClient(api.URL, "")
	if err != nil {
		t.Fatal(err)
	}
	return c, &asked
}

func employerServer(t *testing.T, answers map[string]any) (http.Handler, *[]string) {
	t.Helper()
	v, _ := testVisit(t)
	api, asked := said(t, answers)
	s, err := New(Config{
		Book: web.Book{ID: "6f0c", Region: "AM36", Test: true}, As: func(ledger.Caller) *web.Client { return api },
		Door: &fakeDoor{person: v.person}, Partners: v.s.cfg.Partners, Now: v.s.cfg.Now,
		Source: func(ledger.Caller) (string, error) { return "urn:nld:oin:00000099000000002000:systeem:huisboek", nil },
		Wait:   func(context.Context, events.Position) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, asked
}

// hostile is a name as nobody has it.
const hostile = `<script>alert(1)</script>"'>` + "\u202e\u1e91\u0349\u0314" + `{{.}}`

// Whatever stands in the book is text on the page, and one question does for an employer
// of whom little is known.
func TestEmployerPage(t *testing.T) {
	name, note := hostile, strings.Repeat(hostile, 500)
	visit := contactAt(11, events.TypeVisitMade, gemeenteID, "2026-11-12", "", "afgelegd")
	visit.Note, visit.AccountManager = &note, &web.Person{Name: hostile}
	answer := &web.EmployerAnswer{
		Employer: web.EmployerName{Key: "69599084", KvK: "69599084"}, Card: &web.Card{Name: &name, Place: &name, SBICode: "1071", Partner: ledger.PartnerName{Name: hostile}, At: noon},
		Call:    &ledger.Call{Partner: ledger.PartnerName{ID: uwvID}, Name: hostile, Phone: `javascript:alert(1)`, Reason: "ander-plan"},
		Outcome: events.Taken, Reasons: []ledger.Reason{{Code: "alleen"}, {Code: "ander-plan", Sentence: events.Sentence{NL: hostile, EN: hostile}}},
		Contacts: []web.Contact{visit}, Coverage: &web.EmployerCoverage{Complete: true},
		Signals:   []web.Signal{{Theme: hostile, Text: &name, Date: "2026-11-12"}},
		Vacancies: []web.Vacancy{{Occupation: hostile, Left: 1, Count: 2, Date: "2026-11-12"}}, VacanciesWhole: true,
		Freshness: web.Freshness{Position: 11, UpTo: noon},
	}
	h, asked := employerServer(t, map[string]any{"/v1/werkgevers/69599084": answer})
	r := get(t, h, "GET", "/werkgevers/69599084", nil, nil)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != http.StatusOK || len(*asked) != 1 {
		t.Fatalf("%d after %q: %s", r.StatusCode, *asked, body)
	}
	for _, bad := range []string{"<script>alert", `href="javascript`, "style="} {
		if strings.Contains(string(body), bad) {
			t.Errorf("the page has %s", bad)
		}
	}
	for _, good := range []string{"Bel eerst", "Partners gaan hier samen heen.", `id="e11"`, "Onze notitie", "1 van 2 plaatsen open", `href="tel:1"`} {
		if !strings.Contains(string(body), good) {
			t.Errorf("the page lacks %s", good)
		}
	}
	wellMade(t, string(body))
}

// An employer of whom nobody told anything has a page that says what to do.
func TestEmployerNeverSeen(t *testing.T) {
	h, asked := employerServer(t, map[string]any{"/v1/werkgevers/91234567": &web.EmployerAnswer{
		Employer: web.EmployerName{Key: "91234567", KvK: "91234567"}, Outcome: events.Free, Coverage: &web.EmployerCoverage{Complete: true},
	}})
	r := get(t, h, "GET", "/werkgevers/91234567", nil, nil)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != http.StatusOK || !strings.Contains(string(body), "Hier is nog niemand geweest") || len(*asked) != 1 {
		t.Errorf("%d after %q: %s", r.StatusCode, *asked, body)
	}
	wellMade(t, string(body))
}

// What was typed stands in the form as text; filters that are none are passed over; a KvK
// number that nobody told of can be opened.
func TestFindPage(t *testing.T) {
	name := hostile
	h, asked := employerServer(t, map[string]any{
		"/v1/werkgevers": &web.FindAnswer{Total: 100_000, Next: "verder", Employers: []web.Hit{
			{Found: web.Found{Employer: web.EmployerName{Key: "69599084", KvK: "69599084"}, Name: &name, Keys: []string{"69599084"}}, Score: 72, Why: []string{"begin-van-naam"}},
		}},
		"/v1/werkgevers/_advies": &web.TourAnswer{Advices: []web.TourAdvice{{Advice: ledger.Advice{Outcome: events.Attention}}}},
	})
	r := get(t, h, "GET", "/werkgevers?"+url.Values{"zoek": {"9123 4567"}, "gemeente": {"zwolle"}, "sector": {hostile}, "stil": {"3"}}.Encode(), nil, nil)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if len(*asked) != 2 || (*asked)[0] != "/v1/werkgevers?aantal=20&gemeente=GM0193&nietSinds=2026-08-22&zoek=9123+4567" {
		t.Errorf("asked %q", *asked)
	}
	for _, good := range []string{"100.000 werkgevers gevonden", "Let op", "begin van de naam", `href="/werkgevers/91234567"`, "gemeente=Zwolle&amp;na=verder", "eerste 1.000"} {
		if !strings.Contains(string(body), good) {
			t.Errorf("the page lacks %s", good)
		}
	}
	if strings.Contains(string(body), "<script>alert") {
		t.Error("what was typed is markup")
	}
	wellMade(t, string(body))
}

var (
	tagForm   = regexp.MustCompile(`<(input|select|textarea|label)\b[^>]*>`)
	idAttr    = regexp.MustCompile(`\sid="([^"]*)"`)
	forAttr   = regexp.MustCompile(`\sfor="([^"]*)"`)
	hiddenTag = regexp.MustCompile(`\stype="hidden"`)
)

// wellMade checks what every page must keep: one h1, ids that are unique, labels.
func wellMade(t *testing.T, page string) {
	t.Helper()
	if n := strings.Count(page, "<h1"); n != 1 {
		t.Errorf("%d h1", n)
	}
	ids, labelled := map[string]bool{}, map[string]bool{}
	for _, m := range idAttr.FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			t.Errorf("id %s stands twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range forAttr.FindAllStringSubmatch(page, -1) {
		labelled[m[1]] = true
	}
	for _, m := range tagForm.FindAllStringSubmatch(page, -1) {
		if m[1] == "label" || hiddenTag.MatchString(m[0]) {
			continue
		}
		if id := idAttr.FindStringSubmatch(m[0]); id == nil || !labelled[id[1]] {
			t.Errorf("%s has no label", m[0])
		}
	}
}
