package client_test

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/client"
	"huisboek/events"
	"huisboek/ledger"
)

// spare makes the region leave the employer in peace: the agreement then refuses plans.
func (h *house) spare(t *testing.T) {
	t.Helper()
	e := must[*events.Event](t)(events.NewEvent("urn:nld:oin:"+stewardOIN+":systeem:huisboek", uuid.NewString(), time.Now(), &events.EmployerSpared{
		Employer: events.Employer{KvK: kvk}, From: "2020-01-01", Ground: "regio",
	}))
	must[*ledger.Receipt](t)(h.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal}}))
}

// A plan that the agreement refuses is final at either door: its receipt comes with the
// refusal, and nothing is offered again.
func TestRefusedPlan(t *testing.T) {
	h := newHouse(t)
	h.spare(t)
	web := h.openHTTP()
	tried := must[*ledger.Receipt](t)(web.Try(t.Context(), plan("1")))
	if tried.Outcome != events.Refused || tried.Position != 0 {
		t.Errorf("tried: %+v", tried)
	}
	at := h.ledger.Position()
	for name, s := range map[string]client.Sender{"http": web, "nats": h.dial()} {
		_, err := s.Send(t.Context(), plan("1"))
		wantStatus(t, err, 409)
		r := client.RefusedPlan(err)
		if r == nil || r.Position != at+1 || r.ID != "1" || len(r.Reasons) == 0 {
			t.Errorf("%s: %+v", name, r)
		}
		if _, again := client.Retry(err); again {
			t.Errorf("%s: it is worth another offer", name)
		}
	}
	out := must[[]ledger.Outcome](t)(web.SendAll(t.Context(), [][]byte{plan("1"), service("2")}))
	if client.RefusedPlan(out[0].Err) == nil || out[1].Err != nil {
		t.Errorf("together: %+v", out)
	}
	if client.RefusedPlan(problem(409)) != nil || client.RefusedPlan(errors.New("no route")) != nil {
		t.Error("every conflict is taken for a refused plan")
	}

	path := filepath.Join(t.TempDir(), "o.db")
	var told []client.Refusal
	box := openOutbox(t, path, client.Options{OnRefused: func(r client.Refusal) error { told = append(told, r); return nil }})
	put(t, box, plan("3"), service("4"))
	if err := box.Flush(t.Context(), web); err != nil {
		t.Fatal(err)
	}
	kept := must[[]client.Refusal](t)(box.Refused())
	if len(told) != 1 || len(kept) != 1 || told[0].Problem.Receipt == nil || kept[0].Problem.Receipt.Position == 0 ||
		len(kept[0].Problem.Receipt.Reasons) == 0 || must[int](t)(box.Len()) != 0 {
		t.Errorf("told %+v, kept %+v", told, kept)
	}
}
