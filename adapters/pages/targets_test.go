package pages

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
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

const (
	exampleTarget  = "6c1e5a0e-3f0d-4a6e-9d53-0c2f7b8a9e11"
	examplePartner = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0a01"
)

// answersOf serves what the API answers, by path; the examples are its own, which a test
// of that package holds it to.
type answersOf struct {
	t      *testing.T
	own    map[string]any // in the place of an example
	asked  []string
	posted [][]byte
}

var examples = map[string]string{
	"/v1/doelstellingen":                                "doelstellingen",
	"/v1/doelstellingen/" + exampleTarget:               "doelstelling",
	"/v1/doelstellingen/" + exampleTarget + "/stand":    "doelstelling-stand",
	"/v1/doelstellingen/" + exampleTarget + "/verschil": "doelstelling-verschil",
	"/v1/bereik":    "bereik",
	"/v1/tellingen": "tellingen-signalen",
	"/v1/dubbelen":  "dubbelen",
}

func (a *answersOf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.asked = append(a.asked, r.URL.RequestURI())
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == http.MethodPost:
		b, err := io.ReadAll(r.Body)
		if err != nil {
			a.t.Error(err)
		}
		a.posted = append(a.posted, b)
		w.WriteHeader(http.StatusCreated)
		io.WriteString(w, `{"uitkomst":"vastgelegd","positie":99,"oordeel":"vrij","redenen":[{"code":"gelijkstelling-wacht"}]}`)
	case a.own[r.URL.Path] != nil:
		if err := json.NewEncoder(w).Encode(a.own[r.URL.Path]); err != nil {
			a.t.Error(err)
		}
	case strings.HasSuffix(r.URL.Path, "/stand/bestand"):
		w.Header().Set("Content-Disposition", `attachment; filename="x"`)
		io.WriteString(w, "a;b\n")
	case r.URL.Path == "/v1/werkgevers":
		io.WriteString(w, `{"werkgevers":[],"aantalGevonden":0}`)
	default:
		name, ok := examples[r.URL.Path]
		if r.URL.Query().Has("per") && strings.HasSuffix(r.URL.Path, "/stand") {
			name = "doelstelling-stand-per"
		}
		b, err := os.ReadFile(filepath.Join("..", "web", "examples", name+".json"))
		if !ok || err != nil {
			a.t.Errorf("%s is asked: %v", r.URL, err)
		}
		w.Write(b)
	}
}

func targetPages(t *testing.T, api *answersOf, duty signin.Duty) http.Handler {
	t.Helper()
	api.t = t
	listening := httptest.NewServer(api)
	t.Cleanup(listening.Close)
	person := &signin.Person{ID: "p", Duty: duty, Name: "Naam"}
	if duty == signin.AccountManager || duty == signin.PartnerManager {
		person.Partner = examplePartner
	}
	s, err := New(Config{
		Book: web.Book{ID: "6f0c", Region: "AM36", Test: true},
		As: func(ledger.Caller) *web.Client {
			c, err := web.NewClient(listening.URL, "token")
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
		Door: &fakeDoor{person: person},
		Partners: func() ([]ledger.Partner, error) {
			return []ledger.Partner{{ID: examplePartner, Name: "Gemeente Voorbeeldstad", Kind: "gemeente", Identities: []string{"urn:nld:oin:00000099000000002000"}}}, nil
		},
		Source: func(ledger.Caller) (string, error) { return "urn:nld:oin:00000099000000002000:systeem:huisboek", nil },
		Wait:   func(context.Context, events.Position) error { return nil },
		Now:    func() time.Time { return time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func bodyOf(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// Each page is there for who may see it, in both languages, and asks little.
func TestTargetPages(t *testing.T) {
	all := []signin.Duty{signin.AccountManager, signin.PartnerManager, signin.Steward, signin.Board}
	one := targetsPath + "/" + exampleTarget
	for _, c := range []struct {
		path   string
		duties []signin.Duty
		asks   int
		says   []string
	}{
		{targetsPath, all, 3, []string{"Gezamenlijke doelen 2026", "Plaatsingen 2026", "achter op schema", "<svg"}},
		{targetsPath + "?jaar=1999", all, 3, []string{"Gezamenlijke doelen 2026"}},
		{one, all, 4, []string{"van 600 plaatsingen", "Afgesproken pad", "met alles wat nu bekend is", "Wat telt er mee?"}},
		{one + "?per=partner,maand", all, 4, []string{"Per partner en maand"}},
		{one + "?per=maand&met=partner&peildatum=2026-06-30&bekendOp=2026-07-05", all, 4, []string{"value=\"2026-06-30\""}},
		{one + "?peildatum=nooit", all, 4, []string{"Vul een bestaande dag in"}},
		{one + "/verschil", all, 1, []string{"Leg het verschil uit"}},
		{one + "/verschil?van=2026-10-05&peildatum=2026-09-30", all, 2, []string{"Wijziging voor wijziging", "Het telt precies op"}},
		{one + "/verschil?van=2027-10-05", all, 1, []string{"Kies een dag die voorbij is"}},
		{reachPath, all, 2, []string{"Per gemeente", "Hoeveel werkgevers er zijn"}},
		{signalsPath, all, 1, []string{"4e kwartaal 2026"}},
		{doublesPath, []signin.Duty{signin.AccountManager, signin.PartnerManager, signin.Steward}, 2, []string{"Dit is dezelfde", "Niet dezelfde"}},
	} {
		for _, duty := range append(all[:4:4], signin.Auditor) {
			for _, cookie := range []string{"taal=nl", "taal=en"} {
				api := &answersOf{}
				r := get(t, targetPages(t, api, duty), http.MethodGet, c.path, http.Header{"Cookie": {cookie}}, nil)
				body := bodyOf(t, r)
				if !slices.Contains(c.duties, duty) {
					if r.StatusCode != http.StatusForbidden {
						t.Errorf("%s for %s: %d", c.path, duty, r.StatusCode)
					}
					continue
				}
				if r.StatusCode != 200 && r.StatusCode != 400 || len(api.asked) > c.asks {
					t.Fatalf("%s for %s: %d, asked %q: %s", c.path, duty, r.StatusCode, api.asked, body)
				}
				for _, text := range c.says {
					if cookie == "taal=nl" && !strings.Contains(body, text) {
						t.Errorf("%s for %s does not say %q", c.path, duty, text)
					}
				}
				if strings.Count(body, "<h1") != 1 || strings.Contains(body, " style=") || strings.Contains(body, "ZgotmplZ") || strings.Contains(body, "%!") {
					t.Errorf("%s for %s: %s", c.path, duty, body)
				}
			}
		}
	}
}

// standingOf is the example with other parts.
func standingOf(t *testing.T, change func(*web.StandingAnswer)) map[string]any {
	t.Helper()
	b, err := os.ReadFile("../web/examples/doelstelling-stand-per.json")
	if err != nil {
		t.Fatal(err)
	}
	a := &web.StandingAnswer{}
	if err := json.Unmarshal(b, a); err != nil {
		t.Fatal(err)
	}
	change(a)
	return map[string]any{"/v1/doelstellingen/" + exampleTarget + "/stand": a}
}

var numbers = regexp.MustCompile(`<td class="n num">(?:<b>)?([0-9.,]+)`)

// What the API hides stays hidden: the parts on the page are the parts that it gave, and
// nothing is worked out of them.
func TestHiddenStaysHidden(t *testing.T) {
	settled := "2026-10"
	own := standingOf(t, func(a *web.StandingAnswer) {
		a.Total, a.Settled, a.Doubts = 731, &settled, 0
		a.Split = &web.TargetSplit{Across: []string{"gemeente"}, Settled: &settled, Cells: []web.TargetCell{
			{Values: []string{"Zwolle"}, Codes: []string{"GM0193"}, Count: 13},
			{Values: []string{"afgeschermd"}, Codes: []string{"afgeschermd"}, Count: 711},
			{Values: []string{"nog-niet-vrijgegeven"}, Codes: []string{"nog-niet-vrijgegeven"}, Count: 7},
		}}
		a.Months = nil
		a.NotCounted = []web.TargetLeftOut{{Reason: "afgeschermd", Count: 244}, {Reason: "uren-onbekend", Count: 0}, {Reason: "register-anders", Count: 59}}
	})
	body := bodyOf(t, get(t, targetPages(t, &answersOf{own: own}, signin.Board), http.MethodGet, targetsPath+"/"+exampleTarget+"?per=gemeente", nil, nil))
	var shown []string
	for _, m := range numbers.FindAllStringSubmatch(body, -1) {
		shown = append(shown, m[1])
	}
	if want := []string{"13", "7", "711", "731"}; !slices.Equal(shown, want) {
		t.Errorf("cells %q, want %q", shown, want)
	}
	for _, text := range []string{"hooguit 244", "niet te zeggen", "59 of meer", "711 tellen wel mee, maar staan niet apart", "vrijgegeven tot en met oktober 2026"} {
		if !strings.Contains(body, text) {
			t.Errorf("%q is not said", text)
		}
	}
}

// Partners stand by their kind and name, whatever the order of the answer, with what is
// none of them last.
func TestSharesInOrder(t *testing.T) {
	name := func(id, name string) *ledger.PartnerName { return &ledger.PartnerName{ID: id, Name: name} }
	agreed := 50
	own := standingOf(t, func(a *web.StandingAnswer) {
		a.Split, a.Settled = nil, nil
		a.Shares = []web.StandingShare{
			{Kind: "lopende-maand", Divided: 4},
			{Kind: "partner", Partner: name("1", "Zzz"), Divided: 2.5, Agreed: &agreed},
			{Kind: "partner", Partner: name("2", "Aaa"), Divided: 3},
			{Kind: "partner", Partner: name(examplePartner, "Gemeente <b>"), Divided: 9, Own: true},
		}
	})
	body := bodyOf(t, get(t, targetPages(t, &answersOf{own: own}, signin.AccountManager), http.MethodGet, targetsPath+"/"+exampleTarget, nil, nil))
	at := -1
	for _, text := range []string{"<bdi>Gemeente &lt;b&gt;</bdi>", "<bdi>Aaa</bdi>", "<bdi>Zzz</bdi>", "<bdi>Deze maand, nog niet verdeeld</bdi>"} {
		next := strings.Index(body, text)
		if next <= at {
			t.Errorf("%q stands at %d, after %d", text, next, at)
		}
		at = next
	}
	if !strings.Contains(body, `>2,5<`) {
		t.Error("a share has its decimal")
	}
}

func TestVerdict(t *testing.T) {
	v := &visit{lang: dutch}
	waits, settled := "", "2026-12"
	for name, c := range map[string]struct {
		on            events.Date
		total, agreed float64
		measure       string
		settled       *string
		doubts        int
		text, class   string
	}{
		"behind":              {on: "2026-11-22", total: 817, agreed: 826.164, measure: "plaatsingen", text: "9 achter op schema", class: "warn"},
		"far behind":          {on: "2026-11-22", total: 211.941, agreed: 291.507, measure: "banen", text: "79,6 achter op schema", class: "bad"},
		"ahead":               {on: "2026-11-22", total: 1342, agreed: 1080.712, measure: "bezoeken", text: "261 voor op schema", class: "ok"},
		"exactly":             {on: "2026-11-22", total: 500, agreed: 500.4, measure: "bezoeken", text: "precies op schema", class: "ok"},
		"a tenth of a job":    {on: "2026-11-22", total: 10, agreed: 10.1, measure: "banen", text: "0,1 achter op schema", class: "warn"},
		"has yet to begin":    {on: "2025-11-22", measure: "bezoeken", text: "begint nog"},
		"nothing released":    {on: "2026-11-22", measure: "banen", settled: &waits, text: "nog niets vrijgegeven"},
		"reached":             {on: "2026-12-31", total: 1000, agreed: 1000, measure: "bezoeken", text: "behaald", class: "ok"},
		"reached, unless":     {on: "2027-01-31", total: 1000, agreed: 1000, measure: "plaatsingen", doubts: 1, text: "behaald, als er niets dubbel is", class: "warn"},
		"not reached":         {on: "2027-01-31", total: 990, agreed: 1000, measure: "plaatsingen", settled: &settled, text: "niet behaald: 10 te weinig", class: "bad"},
		"the last is to come": {on: "2027-01-31", total: 990, agreed: 1000, measure: "plaatsingen", settled: new("2026-11"), text: "10 achter op schema", class: "warn"},
	} {
		s := &stood{on: c.on, total: c.total, agreed: c.agreed, settled: c.settled, doubts: c.doubts, target: &web.Target{TargetSet: events.TargetSet{
			Measure: c.measure, Number: 1000, Period: &events.Period{From: "2026-01-01", To: "2026-12-31"},
		}}}
		if got := v.verdict(s); got.Text != c.text || got.Class != c.class {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestTargetFile(t *testing.T) {
	api := &answersOf{}
	h := targetPages(t, api, signin.Board)
	r := get(t, h, http.MethodGet, targetsPath+"/"+exampleTarget+"/bestand?vorm=csv&per=partner&peildatum=2026-06-30", nil, nil)
	if body := bodyOf(t, r); body != "a;b\n" || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/csv") ||
		r.Header.Get("Content-Disposition") != `attachment; filename="doelstelling-6c1e5a0e-2026-06-30.csv"` {
		t.Errorf("%v %q", r.Header, body)
	}
	if got := api.asked[0]; !strings.Contains(got, "per=partner") || !strings.Contains(got, "peildatum=2026-06-30") || !strings.Contains(got, "taal=nl") {
		t.Error(got)
	}
	for _, path := range []string{"/bestand", "/bestand?vorm=exe", "/bestand?vorm=csv&peildatum=x"} {
		if r := get(t, h, http.MethodGet, targetsPath+"/"+exampleTarget+path, nil, nil); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
}

func TestJudgeDouble(t *testing.T) {
	same := http.Header{"Sec-Fetch-Site": {"same-origin"}}
	filledIn := url.Values{
		"id": {"0b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0a01"}, "zeg": {"gelijk"}, "reden": {"Navraag bij beide."},
		"plaatsing-bron": {"urn:nld:oin:00000099000000002000:systeem:crm"}, "plaatsing-id": {"2026-000121"},
		"met-bron": {"urn:nld:oin:00000099000000003000:systeem:crm"}, "met-id": {"p-9"},
	}
	api := &answersOf{}
	r := get(t, targetPages(t, api, signin.AccountManager), http.MethodPost, doublesPath, same, filledIn)
	if to := r.Header.Get("Location"); r.StatusCode != http.StatusSeeOther || !strings.Contains(to, "gedaan=dubbel-gelijk-wacht") || !strings.Contains(to, "op=99") {
		t.Errorf("%d to %q: %s", r.StatusCode, to, bodyOf(t, r))
	}
	if len(api.posted) != 1 || !strings.Contains(string(api.posted[0]), "plaatsingen-gelijkgesteld.v1") || !strings.Contains(string(api.posted[0]), "2026-000121") {
		t.Errorf("posted %s", api.posted)
	}
	filledIn.Set("reden", "")
	r = get(t, targetPages(t, api, signin.AccountManager), http.MethodPost, doublesPath, same, filledIn)
	if body := bodyOf(t, r); r.StatusCode != http.StatusUnprocessableEntity || !strings.Contains(body, "Schrijf in een paar woorden") || len(api.posted) != 1 {
		t.Errorf("without a reason: %d %s", r.StatusCode, body)
	}
	filledIn.Set("zeg", "iets")
	if r = get(t, targetPages(t, api, signin.AccountManager), http.MethodPost, doublesPath, same, filledIn); r.StatusCode != http.StatusNotFound {
		t.Errorf("something else is said: %d", r.StatusCode)
	}
}
