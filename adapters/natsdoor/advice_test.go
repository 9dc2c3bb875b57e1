package natsdoor_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"huisboek/adapters/intake"
	"huisboek/adapters/natsdoor"
	"huisboek/events"
	"huisboek/ledger"
)

const other = "68750110"

// steward records an event of the steward.
func (h *house) steward(data events.Data) events.Position {
	h.t.Helper()
	e, err := events.NewEvent("urn:nld:oin:"+stewardOIN+":systeem:huisboek", uuid.NewString(), time.Now(), data)
	if err != nil {
		h.t.Fatal(err)
	}
	r, err := h.ledger.Record(h.t.Context(), ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal}})
	if err != nil {
		h.t.Fatal(err)
	}
	return r.Position
}

func planned(id, kvk string, day events.Date) string {
	return `{"specversion":"1.0","type":"nl.werkgeversdiensten.bezoek-gepland.v1","source":"` + source + `","id":"` + id +
		`","data":{"kvkNummer":"` + kvk + `","benadering":"` + uuid.NewString() + `","datum":"` + string(day) +
		`","doel":"acquisitie","accountmanager":{"medewerker":"m1","naam":"Planner Een"}}}`
}

// A plan that the agreement refuses is the same problem as over HTTP, each time.
func TestRefusedPlan(t *testing.T) {
	h := start(t, nil)
	today := events.DateOf(time.Now())
	at := h.steward(&events.EmployerSpared{Employer: events.Employer{KvK: kvk}, From: today, Ground: "regio"})
	plan := planned("plan", kvk, today.AddDays(3))
	var bodies []string
	for range 2 {
		m := h.ask(h.nc, "melden", nil, plan)
		if got := m.Header.Get("content-type"); got != ledger.ProblemMediaType {
			t.Fatalf("%s: %s", got, m.Data)
		}
		bodies = append(bodies, string(m.Data))
	}
	var p ledger.Problem
	if err := json.Unmarshal([]byte(bodies[0]), &p); err != nil || p.Status != 409 || !strings.HasSuffix(p.Type, "/plan-geweigerd") ||
		p.Receipt == nil || p.Receipt.Position != at+1 || p.Receipt.Outcome != events.Refused || bodies[0] != bodies[1] {
		t.Fatalf("%v %s", err, bodies)
	}
	// A move of what is planned elsewhere is not recorded, and has no position.
	approach := uuid.NewString()
	elsewhere := strings.Replace(planned("elders", other, today.AddDays(3)), `"benadering":"`, `"benadering":"`+approach+`","x":"`, 1)
	elsewhere = elsewhere[:strings.Index(elsewhere, `,"x":"`)] + elsewhere[strings.Index(elsewhere, `,"datum"`):]
	if r := h.report(nil, elsewhere); r.Receipt.Position == 0 {
		t.Fatalf("%+v", r)
	}
	last := h.steward(&events.EmployerSpared{Employer: events.Employer{KvK: other}, From: today.AddDays(4), Ground: "regio"})
	m := h.ask(h.nc, "melden", nil, `{"specversion":"1.0","type":"nl.werkgeversdiensten.bezoek-verzet.v1","source":"`+source+
		`","id":"verzet","data":{"benadering":"`+approach+`","datum":"`+string(today.AddDays(5))+`"}}`)
	if !strings.Contains(string(m.Data), `"positie":null`) || strings.Count(string(m.Data), "plan-geweigerd") != 1 || h.ledger.Position() != last {
		t.Errorf("%s", m.Data)
	}
}

// What one has in mind may stand in a question about an employer.
func TestQuestionWithAPlan(t *testing.T) {
	h := start(t, nil)
	today := events.DateOf(time.Now())
	h.steward(&events.EmployerSpared{Employer: events.Employer{KvK: kvk}, From: today, To: today.AddDays(10), Ground: "regio", Purposes: []string{"acquisitie"}})
	ask := func(body string) told { return read(t, h.ask(h.nc, "vragen.werkgever."+kvk, nil, body)) }
	for body, want := range map[string]events.Outcome{
		``:                      events.Refused, // a purpose that is not known may be any
		`{"doel":"acquisitie"}`: events.Refused,
		`{"doel":"advies"}`:     events.Free,
		fmt.Sprintf(`{"doel":"acquisitie","datum":%q}`, today.AddDays(11)):                            events.Free,
		fmt.Sprintf(`{"doel":"acquisitie","datum":%q,"tot":%q}`, today.AddDays(9), today.AddDays(12)): events.Refused,
	} {
		if got := ask(body); got.Outcome != want {
			t.Errorf("%s: %s %+v", body, got.Outcome, got.Reasons)
		}
	}
	p := ask(fmt.Sprintf(`{"doel":"koffie","datum":%q,"werkgevers":[]}`, today.AddDays(-1)))
	if p.Status != 400 || len(p.Faults) != 3 {
		t.Errorf("%+v", p.Problem)
	}
}

// adviezen is an answer to a question about several employers.
type adviezen struct {
	Advices []struct {
		Employer intake.EmployerName `json:"werkgever"`
		ledger.Advice
	} `json:"adviezen"`
	Left     int             `json:"nogTeVragen"`
	Position events.Position `json:"positie"`
}

// Several employers in one question: as many as go into a message, in order, and how
// many are left to ask.
func TestTour(t *testing.T) {
	h := start(t, func(c *natsdoor.Config) { c.Questions = nil })
	ask := func(body string) (a adviezen) {
		t.Helper()
		m := h.ask(h.nc, "vragen.adviezen", nil, body)
		if err := json.Unmarshal(m.Data, &a); err != nil || m.Header.Get("content-type") != "application/json" {
			t.Fatalf("%v %s", err, m.Data)
		}
		return a
	}
	a := ask(`{"werkgevers":["` + kvk + `","` + other + `"],"doel":"advies"}`)
	if len(a.Advices) != 2 || a.Left != 0 || a.Advices[1].Employer.Key != other || a.Advices[0].Outcome != events.Free || a.Position != h.ledger.Position() {
		t.Errorf("%+v", a)
	}
	// With a reason each they do not all go into one message.
	h.steward(&events.EmployerSpared{Employer: events.Employer{KvK: kvk}, From: events.DateOf(time.Now()), Ground: "werkgever"})
	var keys []string
	for n := range intake.MaxTour {
		keys = append(keys, fmt.Sprintf("%s/%012d", kvk, n))
	}
	parts := 0
	for asked := 0; asked < len(keys); {
		some := must[[]byte](t)(json.Marshal(keys[asked:]))
		a := ask(`{"werkgevers":` + string(some) + `}`)
		if len(a.Advices) == 0 || len(a.Advices)+a.Left != len(keys)-asked {
			t.Fatalf("%d answered and %d left, of %d", len(a.Advices), a.Left, len(keys)-asked)
		}
		if got := a.Advices[0].Employer; got.Key+"/"+got.Establishment != keys[asked] {
			t.Fatalf("begins with %+v, want %s", got, keys[asked])
		}
		asked += len(a.Advices)
		parts++
	}
	if parts < 2 {
		t.Error("all went into one message: the test proves nothing")
	}
	p := read(t, h.ask(h.nc, "vragen.adviezen", nil, `{"werkgevers":["x"]}`))
	if p.Status != 400 || !slices.ContainsFunc(p.Faults, func(f events.Fault) bool { return f.Field == "/werkgevers/0" && f.Code == intake.CodeNoEmployer }) {
		t.Errorf("%+v", p.Problem)
	}
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
