package intake_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

const spared = "68750110"

// spare makes the region leave an employer in peace: what the agreement refuses.
func (h *house) spare() {
	h.t.Helper()
	e := must[*events.Event](h.t)(events.NewEvent("urn:nld:oin:"+stewardOIN+":systeem:huisboek", uuid.NewString(), noon, &events.EmployerSpared{
		Employer: events.Employer{KvK: spared}, From: "2026-01-01", Ground: "regio",
	}))
	must[*ledger.Receipt](h.t)(h.ledger.Record(h.t.Context(), ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal}}))
}

func planAt(id, kvk string) string {
	return eventOf(source, "bezoek-gepland", id, `{"kvkNummer":"`+kvk+`","benadering":"`+uuid.NewSHA1(uuid.Nil, []byte(id)).String()+
		`","datum":"2026-12-01","doel":"acquisitie","accountmanager":{"medewerker":"m1","naam":"Planner Een","telefoon":"038-0000001"}}`)
}

// A plan that the agreement refuses is a problem with its receipt, recorded once; it is
// listed as refused, with its reasons; a trial gets the receipt.
func TestRefusedPlan(t *testing.T) {
	counted := map[string]int{}
	h := newHouse(t, func(c *intake.Config) { c.Count = func(name, became string) { counted[name+" "+became]++ } })
	h.spare()
	before := h.ledger.Position()
	plan := []byte(planAt("geweigerd", spared))

	tried, err := h.desk.Try(t.Context(), h.caller, nil, plan)
	if err != nil || tried.Outcome != events.Refused || tried.Position != 0 {
		t.Fatalf("tried: %+v %v", tried, err)
	}
	if h.ledger.Position() != before {
		t.Fatal("a trial was recorded")
	}
	for range 2 {
		r, err := h.desk.Report(t.Context(), h.caller, nil, plan)
		p := ledger.ProblemOf(err)
		if r != nil || p.Status != http.StatusConflict || !strings.HasSuffix(p.Type, "/plan-geweigerd") || len(p.Faults) != 0 ||
			p.Receipt == nil || p.Receipt.Position != before+1 || p.Receipt.Outcome != events.Refused || p.Receipt.ID != "geweigerd" {
			t.Fatalf("got %+v, %+v", r, p)
		}
	}
	batch := []byte("[" + strings.Join([]string{planAt("vrij", kvk), planAt("ook", spared)}, ",") + "]")
	out, err := h.desk.ReportAll(t.Context(), h.caller, batch)
	if err != nil || out[0].Err != nil || ledger.ProblemOf(out[1].Err).Receipt.Position != before+3 {
		t.Fatalf("%+v %v", out, err)
	}
	out, err = h.desk.TryAll(t.Context(), h.caller, []byte("["+planAt("nog", spared)+"]"))
	if err != nil || out[0].Err != nil || out[0].Receipt.Outcome != events.Refused {
		t.Fatalf("%+v %v", out, err)
	}

	h.file.Flush()
	list := h.deliveries()
	if len(list) != 4 {
		t.Fatalf("noted %+v", list)
	}
	for i, at := range map[int]events.Position{0: before + 3, 2: before + 1, 3: before + 1} {
		d := list[i]
		if d.Outcome != intake.OutcomeRefused || d.Status != http.StatusConflict || *d.Problem != intake.CodeRefusedPlan ||
			d.Position == nil || *d.Position != at || !slices.Equal(d.Reasons, []string{"ontzien-regio"}) || len(d.Faults) != 0 {
			t.Errorf("noted of %d: %+v", i, d)
		}
	}
	if d := h.day(); d.Refused != 3 || d.Recorded != 1 || !maps.Equal(d.Codes, map[string]int{"ontzien-regio": 3}) {
		t.Errorf("the day: %+v", d)
	}
	want := map[string]int{"bezoek-gepland geweigerd": 2, "bezoek-gepland eerder-gezien": 1, "bezoek-gepland vrij": 1}
	if diff := cmp.Diff(want, counted); diff != "" {
		t.Error(diff)
	}
}

// What becomes of an event is counted under a few words, whatever its maker calls it.
func TestCounted(t *testing.T) {
	counted := map[string]int{}
	h := newHouse(t, func(c *intake.Config) {
		c.Limits = intake.NewLimits(intake.Rates{PerSecond: 1, Burst: 1}, c.Now)
		c.Count = func(name, became string) { counted[name+" "+became]++ }
	})
	for _, body := range []string{
		event("1", ""), event("1", ""), event("2", `,"kleur":1`), `{"type":"nl.werkgeversdiensten.een-eigen-soort.v1"}`, `{`,
		strings.Replace(event("3", ""), source, "urn:nld:oin:"+otherOIN+":systeem:crm", 1),
	} {
		h.desk.Report(t.Context(), h.caller, nil, []byte(body)) // what comes of it is counted
	}
	h.desk.Refused(h.caller, ledger.ErrBusy)
	for h.desk.Report(t.Context(), h.caller, nil, nil); counted["onbekend uitgesteld"] < 2; {
		h.desk.Report(t.Context(), h.caller, nil, nil)
	}
	delete(counted, "onbekend ongeldig")
	want := map[string]int{
		"bezoek-afgelegd vrij": 1, "bezoek-afgelegd eerder-gezien": 1, "bezoek-afgelegd ongeldig": 2, "onbekend uitgesteld": 2,
	}
	if diff := cmp.Diff(want, counted); diff != "" {
		t.Error(diff)
	}
}

// At either door a receipt of what was not recorded has null for its position, and a
// problem without one has none.
func TestWireForms(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{intake.RefusedPlan(&ledger.Receipt{ID: "a", Position: 7}), `7`},
		{intake.RefusedPlan(&ledger.Receipt{ID: "a"}), `null`},
		{ledger.ErrBusy, ``},
	} {
		body := must[[]byte](t)(json.Marshal(intake.ProblemOf(c.err)))
		var p struct {
			Receipt struct {
				Position json.RawMessage `json:"positie"`
			} `json:"ontvangstbewijs"`
		}
		if err := json.Unmarshal(body, &p); err != nil || string(p.Receipt.Position) != c.want {
			t.Errorf("%v: %s", err, body)
		}
		var back ledger.Problem // as a partner's program reads it
		if err := json.Unmarshal(body, &back); err != nil || (back.Receipt == nil) != (c.want == "") {
			t.Errorf("%v: %+v", err, back)
		}
	}
}

// What a refusal says is true also when nobody can be called, and shows the way out; a
// move has no new id to take, for nothing of it was recorded.
func TestRefusedPlanSays(t *testing.T) {
	for position, newID := range map[events.Position]bool{7: true, 0: false} {
		said := intake.RefusedPlan(&ledger.Receipt{ID: "a", Position: position}).Detail
		if strings.Contains(said, "een nieuw id") != newID || !strings.Contains(said, "wie u kunt bellen als er iemand is") || !strings.Contains(said, "opVerzoekVanWerkgever") {
			t.Errorf("at %d: %s", position, said)
		}
	}
}
