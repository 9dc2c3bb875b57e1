package web_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
)

// refusal is a problem with a receipt, as it goes over the wire.
type refusal struct {
	Type    string `json:"type"`
	Status  int    `json:"status"`
	Faults  []any  `json:"fouten"`
	Receipt *struct {
		receipt
		Reasons []struct {
			Code string `json:"code"`
		} `json:"redenen"`
		Next []any `json:"belDaarna"`
	} `json:"ontvangstbewijs"`
}

func (r reply) refusal(t testing.TB) (p refusal) {
	t.Helper()
	decode(t, r, &p)
	if r.status != http.StatusConflict || p.Status != r.status || !strings.HasSuffix(p.Type, "/plan-geweigerd") || p.Faults == nil ||
		p.Receipt == nil || p.Receipt.Outcome != "geweigerd" || len(p.Receipt.Reasons) == 0 || p.Receipt.Next == nil {
		t.Fatalf("%d %s", r.status, r.body)
	}
	return p
}

// A plan that the agreement refuses keeps its place: 409 with its receipt, each time the
// same. A move is refused without one, and leaves the approach as it was.
func TestRefusedPlan(t *testing.T) {
	h := newHouse(t)
	open := plan("2026-09-10")
	moved, _ := h.say(partnerA, open)
	h.record(steward, stewardSource, &events.EmployerSpared{Employer: at(employer), From: "2026-09-20", Ground: "werkgever"})

	refused := h.raw(partnerB, plan("2026-09-25"))
	first, again := h.structured("b", "", refused), h.structured("b", "", refused)
	if p := first.refusal(t); p.Receipt.Position == nil || *p.Receipt.Position != h.last+1 || first.body != again.body {
		t.Fatalf("%s\n%s", first.body, again.body)
	}
	if at := h.ledger.Position(); at != h.last+1 {
		t.Fatalf("the book is at %d, want %d", at, h.last+1)
	}

	move := h.raw(partnerA, &events.VisitMoved{Approach: open.Approach, Date: "2026-09-21"})
	for range 2 {
		if p := h.structured("a", "", move).refusal(t); p.Receipt.Position != nil {
			t.Errorf("a move that was refused is at %d", *p.Receipt.Position)
		}
	}
	h.last++
	h.synced()
	answer := must[*web.EmployerAnswer](t)(h.client("a").Employer(t.Context(), at(employer), h.last))
	if len(answer.Planned) != 1 || answer.Planned[0].From != "2026-09-10" || answer.Planned[0].Position != moved.Position {
		t.Errorf("planned: %+v", answer.Planned)
	}

	trial := h.structured("b", "?proef=true", h.raw(partnerB, plan("2026-09-26")))
	if got := trial.receipt(t); trial.status != http.StatusOK || got.Outcome != "geweigerd" || got.Position != nil {
		t.Errorf("a trial: %d %s", trial.status, trial.body)
	}
	batch := "[" + strings.Join([]string{string(h.raw(partnerB, plan("2026-09-27"))), string(refused), string(h.raw(partnerB, visit("2026-08-20")))}, ",") + "]"
	for _, want := range []struct {
		query                    string
		status                   int
		refused, again, recorded int
	}{{"?proef=true", 200, 2, 0, 1}, {"", 409, 2, 0, 1}} { // in this order: the second records
		query := want.query
		var out web.BatchAnswer
		decode(t, h.post("b", query, []byte(batch), "Content-Type", intake.Batch), &out)
		if out.Items[0].Status != want.status || out.Refused != want.refused || out.Again != want.again || out.Recorded != want.recorded {
			t.Errorf("%q: %+v", query, out)
		}
		if item := out.Items[0]; query == "" && (item.Problem == nil || item.Problem.Receipt == nil || *item.Problem.Receipt.Position == 0 || item.Receipt != nil) {
			t.Errorf("%q: %+v", query, item)
		} else if query != "" && (item.Problem != nil || item.Receipt.Outcome != events.Refused || item.Receipt.Position != nil) {
			t.Errorf("%q: %+v", query, item)
		}
	}
	var list web.DeliveriesAnswer
	decode(t, h.get("b", "/v1/aanleveringen?uitkomst=geweigerd"), &list)
	if len(list.Deliveries) != 4 || !slices.Contains(list.Deliveries[3].Reasons, "ontzien-werkgever") || *list.Deliveries[3].Position != h.last {
		t.Errorf("listed: %+v", list.Deliveries)
	}
}

// The employer's answer says who approaches it and that it is left in peace, and the
// timeline until when a plan holds.
func TestLevelAndSpared(t *testing.T) {
	h := newHouse(t)
	h.say(partnerA, &events.VisitPlanned{
		Employer: at(employer), Approach: "6f9619ff-8b86-4011-b42d-00cf4fc964ff", Purpose: "advies", AccountManager: managerA,
		Period: &events.Period{From: "2026-09-03", To: "2026-12-01"}, With: []string{oins[partnerB]},
	})
	h.record(steward, stewardSource, &events.LevelSet{Employer: at(employer), Level: "regionaal"})
	h.record(steward, stewardSource, &events.EmployerSpared{Employer: at(employer), From: "2027-01-01", Ground: "werkgever", Purposes: []string{"acquisitie"}})
	h.synced()
	get := func() *web.EmployerAnswer {
		return must[*web.EmployerAnswer](t)(h.client("b").Employer(t.Context(), at(employer), h.last))
	}
	a := get()
	if a.Level == nil || *a.Level != "regionaal" || a.Spared == nil || a.Spared.From != "2027-01-01" || a.Spared.To != nil || a.Spared.Ground != "werkgever" || len(a.Spared.Purposes) != 1 {
		t.Errorf("level %v, spared %+v", a.Level, a.Spared)
	}
	if c := a.Contacts[0]; c.Status != "gepland" || c.Until != "2026-10-01" || c.Despite || c.Confirmed != nil || a.Planned[0].HoldsUntil != "2026-10-01" {
		t.Errorf("%+v, planned %+v", c, a.Planned)
	}
	h.day("2026-10-02") // the day after it could hold
	if c := get().Contacts[0]; c.Status != "verlopen" || c.Until != "" {
		t.Errorf("%+v", c)
	}
	h.record(steward, stewardSource, &events.EmployerSpared{Employer: at(employer), From: "2027-01-01", Ground: "werkgever", Lifted: true})
	h.synced()
	if a := get(); a.Spared != nil {
		t.Errorf("lifted, and spared %+v", a.Spared)
	}
}

// Several employers in one question get what each gets alone, for one position.
func TestTour(t *testing.T) {
	h := newHouse(t)
	h.say(partnerA, plan("2026-09-10"))
	all := []events.Employer{at(otherEmployer), at(employer), {KvK: employer, Establishment: "000037178598"}, {Provisional: "6f9619ff-8b86-4011-b42d-00cf4fc964ff"}}
	got := must[*web.TourAnswer](t)(h.client("b").Tour(t.Context(), all, "advies", "2026-09-11", "", h.last))
	if len(got.Advices) != len(all) || got.Position != h.last || got.Coverage == nil {
		t.Fatalf("%+v", got)
	}
	for i, e := range all {
		alone := must[*web.AdviceAnswer](t)(h.client("b").AdviceOn(t.Context(), e, "advies", "2026-09-11", "", h.last))
		a, _ := json.Marshal(got.Advices[i].Advice)
		b, _ := json.Marshal(alone.Advice)
		if string(a) != string(b) || got.Advices[i].Employer.Key != e.Key() || got.Advices[i].Employer.Establishment != e.Establishment {
			t.Errorf("%d: %s, and alone %s", i, a, b)
		}
	}
	if got.Advices[1].Outcome != events.Taken || got.Advices[0].Outcome != events.Free {
		t.Errorf("verdicts %s and %s", got.Advices[0].Outcome, got.Advices[1].Outcome)
	}
	// Far behind the other's plan and its quiet days nothing is in the way.
	late := must[*web.TourAnswer](t)(h.client("b").Tour(t.Context(), all[1:2], "advies", "2026-12-20", "", 0))
	if late.Advices[0].Outcome != events.Free {
		t.Errorf("far behind: %+v", late.Advices[0].Reasons)
	}
}

// What is no question about a tour is refused, each in its own way.
func TestTourRefused(t *testing.T) {
	h := newHouse(t)
	send := func(who, query, media, body string) reply {
		r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodPost, h.server.URL+"/v1/werkgevers/_advies"+query, strings.NewReader(body)))
		r.Header.Set("Content-Type", media)
		if who != "" {
			r.Header.Set("Authorization", "Bearer "+h.tokens[who])
		}
		return h.send(r)
	}
	good := `{"werkgevers":["` + employer + `"]}`
	for name, c := range map[string]struct {
		who, query, media, body string
		status                  int
	}{
		"good":          {"a", "", "application/json", good, 200},
		"the steward":   {"steward", "", "application/json; charset=utf-8", good, 200},
		"nobody":        {"", "", "application/json", good, 401},
		"a board":       {"board", "", "application/json", good, 403},
		"another media": {"a", "", "text/plain", good, 415},
		"no media":      {"a", "", "", good, 415},
		"another query": {"a", "?datum=2026-09-02", "application/json", good, 400},
		"a position":    {"a", "?vanafPositie=x", "application/json", good, 400},
		"no employer":   {"a", "", "application/json", `{"werkgevers":["x"]}`, 400},
		"too large":     {"a", "", "application/json", good + strings.Repeat(" ", intake.MaxQuestionBytes), 413},
	} {
		if r := send(c.who, c.query, c.media, c.body); r.status != c.status {
			t.Errorf("%s: %d %s, want %d", name, r.status, r.body, c.status)
		}
	}
	if r := h.get("a", "/v1/werkgevers/_advies"); r.status != 405 || r.header.Get("Allow") != "POST" {
		t.Errorf("read: %d, Allow %q", r.status, r.header.Get("Allow"))
	}
}

// The agreement in force is that of today; a later one waits, and the default one is
// there as long as there is none.
func TestAgreements(t *testing.T) {
	h := newHouse(t)
	first := must[*web.AgreementsAnswer](t)(h.client("board").Agreements(t.Context(), h.last))
	if first.InForce.Position != nil || first.InForce.Name != first.Default.Name || len(first.All)+len(first.ToCome) != 0 {
		t.Fatalf("%+v", first)
	}
	agreed := func(from events.Date, name string, days int) events.Position {
		a := events.DefaultAgreement()
		a.From, a.Name, a.Escalation = from, name, events.Escalation{Days: days, Count: events.CalendarDays, GoodFriday: true, FifthOfMay: true}
		r, _ := h.record(steward, stewardSource, &a)
		return r.Position
	}
	agreed("2026-01-01", "Nu", 5)
	h.say(partnerA, &events.VacancyReported{Employer: at(employer), Vacancy: "3c9a1d54-0e7b-4a26-9d18-5b2f6e7c8a10", Occupation: "Lasser", Count: 1, Date: "2026-08-31"})
	agreed("2027-01-01", "Verworpen", 9)
	agreed("2027-01-01", "Straks", 9)
	last := agreed("2026-02-01", "Nieuw", 1)
	h.synced()
	a := must[*web.AgreementsAnswer](t)(h.client("a").Agreements(t.Context(), h.last))
	if a.InForce.Name != "Nieuw" || *a.InForce.Position != last || len(a.All) != 4 || len(a.ToCome) != 1 || a.ToCome[0].Name != "Straks" {
		t.Errorf("%+v", a)
	}
	e := must[*web.EmployerAnswer](t)(h.client("a").Employer(t.Context(), at(employer), h.last))
	if v := e.Vacancies[0]; v.Escalates == nil || *v.Escalates != "2026-09-06" {
		t.Errorf("goes to the region on %v: by the agreement in force when it was recorded", v.Escalates)
	}
}
