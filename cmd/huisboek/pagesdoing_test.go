package main

import (
	"context"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/adapters/pages"
	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// openDoor lets in who is named in a header.
type openDoor struct {
	pages.Door
	people map[string]*signin.Person
}

func (d *openDoor) Person(r *http.Request) (*signin.Person, bool) {
	p, ok := d.people[r.Header.Get("wie")]
	return p, ok
}
func (d *openDoor) Peek(r *http.Request) (*signin.Person, bool) { return d.Person(r) }
func (d *openDoor) SetPhone(r *http.Request, phone string) error {
	p, _ := d.Person(r)
	p.Phone = phone
	return nil
}

// screen are the pages of a house with two partners, of which An and Bo are account
// managers.
type screen struct {
	t      *testing.T
	h      *house
	pages  *pages.Server
	people map[string]*signin.Person
	today  events.Date
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC) // a Monday
	h, err := openHouse(t.Context(), settings{Dir: filepath.Join(t.TempDir(), "data"), Region: "AM36", Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	s := &screen{t: t, h: h, people: map[string]*signin.Person{}, today: "2026-11-23"}
	for i, name := range []string{"An", "Bo"} {
		made, err := h.addPartner(t.Context(), newPartner{OIN: fmt.Sprintf("0000009900000000%d000", i+1), Name: "Partner " + name, Kind: "sw"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		s.people[name] = &signin.Person{ID: "p-" + name, Duty: signin.AccountManager, Partner: made.Partner, Employee: "am-" + name, Name: name + " V."}
	}
	s.people["Bo"].Phone = "038-0000002"
	s.pages, err = pages.New(pages.Config{
		Book: h.folder.shown(), As: h.web.ClientAs, Door: &openDoor{people: s.people}, Partners: h.ledger.Partners, Source: h.sourceOf,
		Wait: h.runner.WaitFor, Regions: h.regionData(), Log: h.Log, Now: h.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// shownPage is an answer on the screen.
type shownPage struct {
	t      *testing.T
	status int
	to     string // of a redirect
	text   string
}

func (s *screen) ask(who, method, path string, form url.Values) *shownPage {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, strings.NewReader(form.Encode()))
	r.Header.Set("wie", who)
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	w := httptest.NewRecorder()
	s.pages.ServeHTTP(w, r)
	body, err := io.ReadAll(w.Result().Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return &shownPage{s.t, w.Code, w.Header().Get("Location"), html.UnescapeString(string(body))}
}

func (s *screen) get(who, path string) *shownPage {
	s.t.Helper()
	p := s.ask(who, http.MethodGet, path, nil)
	if p.status != http.StatusOK {
		s.t.Fatalf("%s asks %s: %d %s", who, path, p.status, p.text)
	}
	return p
}

// post sends pairs of a field and its value.
func (s *screen) post(who, path string, pairs ...string) *shownPage {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return s.ask(who, http.MethodPost, path, form)
}

func (p *shownPage) says(words ...string) *shownPage {
	p.t.Helper()
	for _, w := range words {
		if !strings.Contains(p.text, w) {
			p.t.Fatalf("%d %s does not say %q:\n%s", p.status, p.to, w, p.text)
		}
	}
	return p
}

func (p *shownPage) saysNot(words ...string) *shownPage {
	p.t.Helper()
	for _, w := range words {
		if strings.Contains(p.text, w) {
			p.t.Fatalf("says %q:\n%s", w, p.text)
		}
	}
	return p
}

// done is what a redirect says was done, and the id of its event.
func (p *shownPage) done(what string) (id string) {
	p.t.Helper()
	u, err := url.Parse(p.to)
	if err != nil || p.status != http.StatusSeeOther || u.Query().Get("gedaan") != what {
		p.t.Fatalf("%d to %q, want %s:\n%s", p.status, p.to, what, p.text)
	}
	return u.Query().Get("melding")
}

func (p *shownPage) refused() *shownPage {
	p.t.Helper()
	if p.status != http.StatusUnprocessableEntity {
		p.t.Fatalf("%d to %q, want 422:\n%s", p.status, p.to, p.text)
	}
	return p
}

// field is the value of a hidden field.
func (p *shownPage) field(name string) string {
	p.t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]+)"`).FindStringSubmatch(p.text)
	if m == nil {
		p.t.Fatalf("no field %s:\n%s", name, p.text)
	}
	return m[1]
}

// plans are the approaches at an employer, as the book tells the steward.
func (s *screen) plans(employer string) (list []web.PlannedApproach) {
	s.t.Helper()
	steward := s.h.web.ClientAs(ledger.Caller{Role: ledger.RoleSteward, Credential: "s"})
	a, err := steward.Plans(s.t.Context(), web.PlansQuestion{All: true, Since: s.h.ledger.Position()})
	if err != nil {
		s.t.Fatal(err)
	}
	return slices.DeleteFunc(a.Plans, func(p web.PlannedApproach) bool { return p.Employer.Key != employer })
}

func (s *screen) day(n int) string { return string(s.today.AddDays(n)) }

// TestPlanOnScreen: a plan with advice, what is wrong with it, what is in its way, and
// the four things that can be done then.
func TestPlanOnScreen(t *testing.T) {
	s := newScreen(t)
	const employer, path = "69599084", "/werkgevers/69599084/plan"
	s.get("An", path).says("Plan een benadering", "Niemand zit u in de weg", `data-follow="/werkgevers/69599084/plan/advies"`, "Uw telefoonnummer")
	s.post("An", path, "wanneer", "dag").refused().says("Kies een dag.", "Kies waar het over gaat.", "Vul uw telefoonnummer in.", `href="#f-datum"`)
	s.post("An", path, "wanneer", "dag", "datum", s.day(-1), "doel", "acquisitie", "telefoon", "038-0000001").refused().says("Deze dag is voorbij")
	s.post("An", path, "wanneer", "periode", "van", s.day(9), "tot", s.day(8), "doel", "acquisitie", "telefoon", "x").refused().says("ligt voor de eerste")
	s.post("An", path, "wanneer", "dag", "datum", s.day(3), "doel", "anders", "telefoon", "x").refused().says(`id="e-telefoon"`)
	id := s.get("An", path).field("id")
	plan := []string{"id", id, "wanneer", "dag", "datum", "26-11-2026", "tijd", "10:30", "doel", "acquisitie", "vorm", "op-locatie", "telefoon", "038-0000001", "toelichting", "Eerst bellen"}
	s.post("An", path, plan...).done("plan")
	s.post("An", path, plan...).done("plan") // a second tap
	if p := s.plans(employer); len(p) != 1 || p[0].From != "2026-11-26" || p[0].Time != "10:30" || s.people["An"].Phone != "038-0000001" {
		t.Fatalf("%+v, phone %q", p, s.people["An"].Phone)
	}

	s.get("Bo", path+"/advies?wanneer=dag&datum="+s.day(4)+"&doel=kennismaking").
		says("Bezet", "Partner An heeft een plan", `href="tel:0380000001"`, "27 november 2026").saysNot("<html", "ondanks")
	s.get("Bo", path+"/advies?wanneer=dag&datum="+s.day(-4)).says("Deze dag is voorbij")
	mine := []string{"wanneer", "dag", "datum", s.day(4), "doel", "kennismaking"}
	clash := s.post("Bo", path, mine...).refused().says("Dit botst met een plan van een ander", `href="tel:0380000001"`,
		`value="samen:`+s.people["An"].Partner, `value="toch"`, "Partner An leest deze reden", "Er is nog niets vastgelegd").saysNot("ondanks", "vervangt")
	mine = append(mine, "id", clash.field("id"))
	s.post("Bo", path, append(mine, "keuze", "toch")...).refused().says("Schrijf waarom u toch gaat.", `href="#f-reden"`)
	if n := len(s.plans(employer)); n != 1 {
		t.Fatalf("%d plans after nothing was chosen", n)
	}
	s.post("Bo", path, append(mine, "keuze", "toch", "reden", "Zij belden mij")...).done("plan-toch")
	if p := s.plans(employer); len(p) != 2 || p[1].HoldsUntil == "" {
		t.Fatalf("%+v", p)
	}
}

// TestJoinOnScreen: a request to go together, confirmed by the other, and taken back.
func TestJoinOnScreen(t *testing.T) {
	s := newScreen(t)
	const employer, path = "90004760", "/werkgevers/90004760/plan"
	s.post("An", path, "wanneer", "dag", "datum", s.day(3), "doel", "acquisitie", "telefoon", "038-0000001").done("plan")
	s.post("Bo", path, "wanneer", "dag", "datum", s.day(3), "doel", "acquisitie", "keuze", "samen:"+s.people["An"].Partner).done("plan-samen")
	p := s.plans(employer)
	if len(p) != 2 || len(p[1].With) != 1 || p[1].HoldsUntil != "" {
		t.Fatalf("%+v", p)
	}
	at := fmt.Sprint("/plannen/", p[1].Position)
	s.get("An", at).says("Partner Bo vraagt of u meegaat", "nog niet bevestigd", "tel:0380000002").saysNot("/verzetten")
	s.get("Bo", at).says("nog niet bevestigd", "/verzetten", "Bezet").saysNot("vraagt of u meegaat")
	for _, doing := range []string{"verzetten", "afzeggen", "verlengen", "intrekken"} {
		if got := s.post("An", at+"/"+doing, "wanneer", "dag", "datum", s.day(8)); got.status != http.StatusForbidden {
			t.Errorf("another's plan, %s: %d", doing, got.status)
		}
	}
	id := s.post("An", at+"/meegaan").done("meegaan")
	s.get("An", at+fmt.Sprint("?op=", s.h.ledger.Position())).says("U gaat mee", "bevestigd").saysNot("vraagt of u meegaat")
	s.post("An", "/ongedaan", "melding", id, "terug", at).done("ongedaan")
	s.get("An", at+fmt.Sprint("?op=", s.h.ledger.Position())).says("vraagt of u meegaat")
	if got := s.post("Bo", at+"/meegaan"); got.status != http.StatusForbidden {
		t.Errorf("going along with oneself: %d", got.status)
	}
}

// TestRefusedOnScreen: what the agreement refuses says what can be done instead, and what
// the employer asks for is never refused.
func TestRefusedOnScreen(t *testing.T) {
	s := newScreen(t)
	const path = "/werkgevers/90006284/plan"
	if err := s.h.say(t.Context(), &events.EmployerSpared{Employer: events.Employer{KvK: "90006284"}, From: s.today, Ground: "werkgever"}); err != nil {
		t.Fatal(err)
	}
	plan := []string{"wanneer", "periode", "van", s.day(3), "tot", s.day(9), "doel", "acquisitie"}
	s.post("Bo", path, plan...).refused().says("Dit kan niet volgens de afspraken", "gevraagd om met rust gelaten te worden", "Wat wel kan", `href="/afspraken"`).
		saysNot(`value="toch"`, "samen:")
	s.post("Bo", path, append(plan, "keuze", "toch", "reden", "Toch")...).refused().says("Dit kan niet volgens de afspraken")
	if p := s.plans("90006284"); len(p) != 0 {
		t.Fatalf("%+v", p)
	}
	s.post("Bo", path, append(plan, "verzoek", "ja")...).done("plan")
}

// TestVisitOnScreen: two taps for a visit of one's own plan; what follows is planned in
// the same form, and when something is in its way the visit stands all the same.
func TestVisitOnScreen(t *testing.T) {
	s := newScreen(t)
	const employer = "69599084"
	s.post("Bo", "/werkgevers/"+employer+"/plan", "wanneer", "dag", "datum", s.day(0), "doel", "vacature", "vorm", "video").done("plan")
	plan := s.plans(employer)[0]
	choose := s.get("Bo", "/vastleggen?op="+fmt.Sprint(plan.Position)).says("Uw plannen van nu", "/werkgevers/"+employer+"/bezoek?plan="+plan.Approach)
	choose.saysNot("geen open plannen")
	s.get("An", "/vastleggen").says("geen open plannen")
	path := "/werkgevers/" + employer + "/bezoek"
	form := s.get("Bo", path+"?plan="+plan.Approach).says(`value="`+plan.Approach+`" id="f-plan" checked`, `value="video" id="f-vorm-2" checked`, `value="vacature" id="f-doel-1" checked`)
	s.post("Bo", path, "dag", "anders", "datum", s.day(1), "doel", "vacature", "vorm", "video").refused().says("Deze dag komt nog")
	visit := []string{"id", form.field("id"), "vervolg-id", form.field("vervolg-id"), "plan", plan.Approach, "dag", "vandaag", "vorm", "video", "doel", "vacature", "uitkomst", "vacature", "uitkomst", "vervolgafspraak"}
	s.post("Bo", path, append(visit, "vervolg", "dag")...).refused().says("Kies een dag.", "Kies waar het over gaat.", `id="e-vervolg-datum"`)
	s.post("Bo", path, append(visit, "vervolg", "2w", "vervolg-doel", "vacature")...).done("bezoek-plan")
	p := s.plans(employer)
	if len(p) != 2 || p[0].Status != "afgelegd" || p[1].From != "2026-12-07" || p[1].Status != "gepland" {
		t.Fatalf("%+v", p)
	}
	s.get("Bo", fmt.Sprint("/plannen/", p[0].Position)).says("Trek het bezoek in")
	id := s.post("Bo", fmt.Sprint("/plannen/", p[0].Position, "/intrekken"), "wat", "einde").done("heropend")
	if p := s.plans(employer); id == "" || p[0].Status != "gepland" {
		t.Fatalf("%+v", p)
	}

	// Another's plan is in the way of what follows.
	clash := s.post("An", path, "dag", "gisteren", "vorm", "telefoon", "doel", "nazorg", "vervolg", "dag", "vervolg-datum", s.day(10), "vervolg-doel", "vacature")
	clash.done("bezoek-vervolg")
	s.get("An", clash.to).says("Uw bezoek is vastgelegd", "Bezet", `value="2026-12-03"`, `value="vacature" id="f-doel-1" checked`)
	if n := len(s.plans(employer)); n != 2 {
		t.Errorf("%d plans", n)
	}
}

// TestApproachOnScreen: what can be done with a plan of one's own, and undone.
func TestApproachOnScreen(t *testing.T) {
	s := newScreen(t)
	const employer = "90004760"
	s.post("Bo", "/werkgevers/"+employer+"/plan", "wanneer", "periode", "van", s.day(3), "tot", s.day(9), "doel", "advies", "toelichting", "Neem folders mee").done("plan")
	plan := s.plans(employer)[0]
	at := fmt.Sprint("/plannen/", plan.Position)
	now := func() web.PlannedApproach { t.Helper(); return s.plans(employer)[0] }
	fresh := func() string { return fmt.Sprint(at, "?op=", s.h.ledger.Position()) }
	s.get("Bo", fresh()).says("Bevestig de dag", "Verlengen", "Afzeggen", "Neem folders mee", "/oordelen/"+fmt.Sprint(plan.Position), "Vrij")
	s.get("An", fresh()).saysNot("Neem folders mee", "Afzeggen").says("Plan zelf een benadering")

	s.post("Bo", at+"/verlengen", "verleng-tot", s.day(20)).refused().says("Schrijf waarom er meer tijd nodig is.")
	s.post("Bo", at+"/verlengen", "verleng-tot", s.day(5), "verlengreden", "Ziek").refused().says(`id="e-verleng-tot"`)
	s.post("Bo", at+"/verlengen", "verleng-tot", s.day(20), "verlengreden", "Ziek").done("verlengd")
	if p := now(); p.To != events.Date(s.day(20)) {
		t.Fatalf("%+v", p)
	}
	moved := s.post("Bo", at+"/verzetten", "wanneer", "dag", "datum", s.day(7), "tijd", "09:00").done("bevestigd")
	if p := now(); p.Status != "bevestigd" || p.From != events.Date(s.day(7)) {
		t.Fatalf("%+v", p)
	}
	s.post("Bo", "/ongedaan", "melding", moved, "terug", at).done("ongedaan")
	off := s.post("Bo", at+"/afzeggen", "afzegreden", "Zij konden niet").done("afgezegd")
	s.get("Bo", fresh()).says("Afgezegd", "trek de afzegging in")
	s.post("Bo", "/ongedaan", "melding", off, "terug", at).done("ongedaan")

	// Moved into another's days: the same choices, but going together.
	s.post("An", "/werkgevers/90006284/plan", "wanneer", "dag", "datum", s.day(3), "doel", "advies", "telefoon", "038-0000001").done("plan")
	s.post("Bo", "/werkgevers/90006284/plan", "wanneer", "dag", "datum", s.day(120), "doel", "advies").done("plan")
	far := s.plans("90006284")[1]
	there := fmt.Sprint("/plannen/", far.Position, "/verzetten")
	s.post("Bo", there, "wanneer", "dag", "datum", s.day(4)).refused().says("Dit botst met een plan van een ander", "Verzet toch").saysNot("samen:")
	s.post("Bo", there, "wanneer", "dag", "datum", s.day(4), "keuze", "toch", "reden", "Afgestemd").done("verzet")

	s.post("Bo", at+"/intrekken").done("ingetrokken")
	s.get("Bo", fresh()).says("Ingetrokken", "niets meer te doen")
	for _, path := range []string{"/plannen/1", "/plannen/x", "/plannen/999999"} {
		if got := s.ask("Bo", http.MethodGet, path, nil); got.status != http.StatusNotFound {
			t.Errorf("%s: %d", path, got.status)
		}
	}
	if err := s.h.runner.WaitFor(context.Background(), s.h.ledger.Position()); err != nil {
		t.Error(err)
	}
}
