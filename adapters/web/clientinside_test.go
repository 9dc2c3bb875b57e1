package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"huisboek/adapters/access"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// asA is partner A's account manager, who has signed in.
var asA = ledger.Caller{Role: ledger.RolePartner, Partner: partnerA, Credential: "sessie-a", Door: ledger.DoorNATS}

// A client within the program gets what one outside gets, byte for byte, for each role.
func TestClientAsIsAClient(t *testing.T) {
	h := newHouse(t)
	story(h)
	h.synced()
	s := h.door(func(*web.Config) {})
	for who, c := range map[string]ledger.Caller{
		"a": asA, "b": {Role: ledger.RolePartner, Partner: partnerB}, "steward": {Role: ledger.RoleSteward},
		"board": {Role: ledger.RoleBoard}, "auditor": {Role: ledger.RoleAuditor},
	} {
		within, outside := s.ClientAs(c), h.client(who)
		for name, ask := range map[string]func(*web.Client) (any, error){
			"employer": func(c *web.Client) (any, error) { return c.Employer(t.Context(), at(employer), h.last) },
			"contacts": func(c *web.Client) (any, error) { return c.Contacts(t.Context(), at(employer), "", 3, h.last) },
			"tour": func(c *web.Client) (any, error) {
				return c.Tour(t.Context(), []events.Employer{at(employer)}, "", "", "", h.last)
			},
			"tallies":    func(c *web.Client) (any, error) { return c.Tallies(t.Context(), "bezoeken", "", "", "", h.last) },
			"messages":   func(c *web.Client) (any, error) { return c.Messages(t.Context(), "", 0, h.last) },
			"deliveries": func(c *web.Client) (any, error) { return c.Deliveries(t.Context(), web.DeliveriesQuestion{}) },
			"not there":  func(c *web.Client) (any, error) { return c.Region(t.Context(), "AM99", "") },
			"wrong":      func(c *web.Client) (any, error) { return c.Find(t.Context(), "x", "", 0, 0) },
		} {
			got, e1 := ask(within)
			want, e2 := ask(outside)
			one, _ := json.Marshal([]any{got, e1})
			other, _ := json.Marshal([]any{want, e2})
			if string(one) != string(other) {
				t.Errorf("%s asks %s: %s\n%s", who, name, one, other)
			}
			var p ledger.Problem
			if e1 != nil && !errors.As(e1, &p) {
				t.Errorf("%s asks %s: %v is no problem", who, name, e1)
			}
		}
	}
}

// Roles hold within, a caller without one gets nothing, and neither does a partner that
// does not take part.
func TestClientAsRoles(t *testing.T) {
	h := newHouse(t)
	h.synced()
	s := h.door(func(*web.Config) {})
	for name, c := range map[string]ledger.Caller{
		"board": {Role: ledger.RoleBoard}, "auditor": {Role: ledger.RoleAuditor}, "nobody": {},
		"a role that is none": {Role: "beheerder"},
		"a partner unknown":   {Role: ledger.RolePartner, Partner: "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0f99"},
	} {
		_, err := s.ClientAs(c).Employer(t.Context(), at(employer), 0)
		var p ledger.Problem
		if !errors.As(err, &p) || p.Status != http.StatusForbidden || !strings.HasSuffix(p.Type, "/niet-toegestaan") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := s.ClientAs(asA).Status(t.Context()); err == nil {
		t.Error("a partner reads the status")
	}
	if _, err := s.ClientAs(ledger.Caller{Role: ledger.RoleSteward}).Status(t.Context()); err != nil {
		t.Error(err)
	}
}

// seenAccess is an access file that remembers what was asked of it.
type seenAccess struct {
	*access.File
	seen int
}

func (a *seenAccess) Authenticate(token string) (ledger.Caller, error) {
	a.seen++
	return a.File.Authenticate(token)
}

// Nothing that comes over a connection makes a caller of it, whatever it says.
func TestNobodyIsInsideFromOutside(t *testing.T) {
	h := newHouse(t)
	h.synced()
	seen := &seenAccess{File: h.access}
	s := h.door(func(c *web.Config) { c.Access = seen })
	if _, err := s.ClientAs(asA).Partners(t.Context(), "", 0); err != nil || seen.seen != 0 {
		t.Fatalf("within: %v, %d tokens looked up", err, seen.seen)
	}
	listening := httptest.NewServer(s)
	defer listening.Close()
	// A caller's own context, a host of the same name, and headers of every kind.
	type insideKey struct{}
	ctx := context.WithValue(t.Context(), insideKey{}, asA)
	for _, header := range []string{"", "X-Caller", "X-Inside", "insideKey", "Forwarded", "X-Remote-User", "X-Forwarded-User"} {
		r := must[*http.Request](t)(http.NewRequestWithContext(ctx, http.MethodGet, listening.URL+"/v1/partners", nil))
		r.Host = "boek.invalid"
		if header != "" {
			r.Header.Set(header, `{"Role":"steward","Partner":"`+partnerA+`"}`)
		}
		if got := h.send(r); got.status != http.StatusUnauthorized {
			t.Errorf("%q: %d %s", header, got.status, got.body)
		}
	}
	if w := h.ask(s, "", "/v1/partners"); w.Code != http.StatusUnauthorized {
		t.Errorf("without a token: %d", w.Code)
	}
}

// One event at a time, over a connection and within: a receipt, the same one again, a
// trial, a fault, and a plan that the agreement refuses with its receipt.
func TestClientReport(t *testing.T) {
	h := newHouse(t)
	s := h.door(func(*web.Config) {})
	for name, c := range map[string]*web.Client{"over a connection": h.client("a"), "within": s.ClientAs(asA)} {
		event := h.raw(partnerA, visit("2026-08-20"))
		tried, err := c.Report(t.Context(), event, true)
		if err != nil || tried.Position != nil || tried.Again {
			t.Fatalf("%s: tried %+v %v", name, tried, err)
		}
		first, err := c.Report(t.Context(), event, false)
		if err != nil || first.Position == nil || *first.Position != first.Receipt.Position || first.Again || first.Outcome == "" {
			t.Fatalf("%s: %+v %v", name, first, err)
		}
		again, err := c.Report(t.Context(), event, false)
		if err != nil || *again.Position != *first.Position || !again.Again {
			t.Errorf("%s: again %+v %v", name, again, err)
		}
		var p ledger.Problem
		if _, err := c.Report(t.Context(), []byte(`{"specversion":"1.0"}`), false); !errors.As(err, &p) || p.Status != http.StatusBadRequest || len(p.Faults) == 0 {
			t.Errorf("%s: a fault: %v", name, err)
		}
		if _, err := c.Report(t.Context(), h.raw(partnerB, visit("2026-08-21")), false); !errors.As(err, &p) || p.Status != http.StatusForbidden {
			t.Errorf("%s: in another's name: %v", name, err)
		}
	}
	h.last = h.ledger.Position()
	h.record(steward, stewardSource, &events.EmployerSpared{Employer: at(employer), From: "2026-09-20", Ground: "werkgever"})
	within := s.ClientAs(asA)
	tried, err := within.Report(t.Context(), h.raw(partnerA, plan("2026-09-24")), true)
	if err != nil || tried.Outcome != events.Refused || tried.Position != nil {
		t.Errorf("a trial: %+v %v", tried, err)
	}
	_, err = within.Report(t.Context(), h.raw(partnerA, plan("2026-09-25")), false)
	var p ledger.Problem
	if !errors.As(err, &p) || p.Status != http.StatusConflict || p.Receipt == nil || p.Receipt.Position != h.last+1 || len(p.Receipt.Reasons) == 0 {
		t.Fatalf("refused: %v %+v", err, p.Receipt)
	}
	record, err := h.stream.Get(t.Context(), h.last+1)
	if err != nil || !strings.Contains(string(record), `"toegang":"sessie-a","weg":"http"`) {
		t.Errorf("recorded %v %s", err, record)
	}
}
