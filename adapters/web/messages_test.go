package web_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	gojson "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// neighbours is two partners with plans at one employer, and a third that is its
// fixed contact: what each does the others are told.
func neighbours(h *house) {
	h.t.Helper()
	own := plan("2026-09-10")
	own.Approach = approachA
	h.say(partnerA, own)
	other := plan("2026-09-11")
	other.Approach, other.AccountManager = approachB, managerB
	h.say(partnerB, other)
	h.say(partnerC, &events.ContactAppointed{Employer: at(employer), AccountManager: managerC})
	h.say(partnerB, &events.VisitMoved{Approach: approachB, Period: &events.Period{From: "2026-09-12", To: "2026-09-13"}})
	made := visit("2026-08-30")
	made.AccountManager, made.Purpose = managerB, "nazorg"
	made.Employer.Establishment = "000037178598"
	h.say(partnerB, made)
	h.synced()
}

const (
	approachA = "6f9619ff-8b86-4011-b42d-00cf4fc96401"
	approachB = "6f9619ff-8b86-4011-b42d-00cf4fc96402"
)

func text(s string) *string { return &s }

var (
	whyPlan = ledger.Reason{Code: "open-plan", Sentence: events.Sentence{
		NL: "U heeft zelf een plan om deze werkgever te benaderen.", EN: "You plan to approach this employer yourself."}}
	whyFixed = ledger.Reason{Code: "vaste-contactpersoon", Sentence: events.Sentence{
		NL: "U bent de vaste contactpersoon van deze werkgever.", EN: "You are the fixed contact of this employer."}}
)

// TestMessages is every kind, as its reader gets it.
func TestMessages(t *testing.T) {
	h := newHouse(t)
	neighbours(h)
	began, b := h.last-5, nameOf("B")
	whole := &web.EmployerName{Key: employer, KvK: employer}
	part := &web.EmployerName{Key: employer, KvK: employer, Establishment: "000037178598"}
	manager := &ledger.Person{Name: "Manager van B", Phone: phoneB}
	message := func(n events.Position, kind string, why ledger.Reason, said events.Sentence, where *web.EmployerName, from, to events.Date, purpose string) web.Message {
		m := web.Message{ID: fmt.Sprint(began + n), Kind: kind, At: h.now().UTC(), Position: began + n, Reasons: []ledger.Reason{why},
			Sentence: said, Employer: where, Partner: &b, AccountManager: manager, From: &from, To: &to, Purpose: &purpose}
		if why.Code == "open-plan" {
			m.Approach = text(approachA)
		}
		return m
	}
	visited := events.Sentence{NL: "Partner B is bij deze werkgever geweest, op 30 augustus 2026.", EN: "Partner B visited this employer on 30 August 2026."}
	moved := events.Sentence{
		NL: "Partner B heeft een plan voor deze werkgever gewijzigd en gaat nu tussen 12 september 2026 en 13 september 2026.",
		EN: "Partner B changed a plan for this employer and now goes between 12 September 2026 and 13 September 2026."}
	want := map[string][]web.Message{
		"a": {
			message(2, "ander-plan", whyPlan, events.Sentence{
				NL: "Partner B heeft een plan om deze werkgever te benaderen, op 11 september 2026.",
				EN: "Partner B plans to approach this employer on 11 September 2026."}, whole, "2026-09-11", "2026-09-11", "advies"),
			message(4, "ander-plan-verzet", whyPlan, moved, whole, "2026-09-12", "2026-09-13", "advies"),
			message(5, "ander-bezoek", whyPlan, visited, part, "2026-08-30", "2026-08-30", "nazorg"),
		},
		"b": {},
		"c": {
			message(4, "ander-plan-verzet", whyFixed, moved, whole, "2026-09-12", "2026-09-13", "advies"),
			message(5, "ander-bezoek", whyFixed, visited, part, "2026-08-30", "2026-08-30", "nazorg"),
		},
	}
	for who, list := range want {
		got, err := h.client(who).Messages(t.Context(), "", 0, h.last)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(list, got.Messages); diff != "" {
			t.Errorf("%s: %s", who, diff)
		}
		if got.Book != book || got.Next == "" || got.More || got.Position != h.last {
			t.Errorf("%s: %+v", who, got)
		}
	}
}

// TestErasedMessages: who lost a member is told which; who was told a name before
// gets null, and not that there was one.
func TestErasedMessages(t *testing.T) {
	h := newHouse(t)
	neighbours(h)
	began := h.last - 5
	e, err := h.ledger.Erase(t.Context(), ledger.EraseRequest{Partner: partnerB, Employee: staffB, Ground: "verzoek"}, steward)
	if err != nil {
		t.Fatal(err)
	}
	got, err := h.client("b").Messages(t.Context(), "", 0, e.Position)
	if err != nil {
		t.Fatal(err)
	}
	ref := func(n events.Position) web.EventRef {
		return web.EventRef{Source: oins[partnerB] + ":systeem:test", ID: fmt.Sprintf("gebeurtenis-%d", began+n-1), Position: began + n}
	}
	want := []web.Message{{
		ID: fmt.Sprint(e.Position), Kind: "gegevens-gewist", At: h.now().UTC(), Position: e.Position, Reasons: []ledger.Reason{},
		Sentence: events.Sentence{
			NL: "De regisseur heeft gegevens laten wissen uit 2 van uw meldingen.",
			EN: "The steward had data erased from 2 of your events.",
		},
		Erased: &web.Erased{Ground: "verzoek", Count: 2, Events: []web.EventRef{ref(2), ref(5)}},
	}}
	if diff := cmp.Diff(want, got.Messages); diff != "" {
		t.Error(diff)
	}
	for who, n := range map[string]int{"a": 3, "c": 2} {
		r := h.get(who, fmt.Sprintf("/v1/berichten?vanafPositie=%d", e.Position))
		if got := strings.Count(r.body, `"accountmanager":null`); got != n {
			t.Errorf("%s: of %d messages %d are without a name: %s", who, n, got, r.body)
		}
		wantCanaries(t, who, r.body, nil, canaries...)
		if strings.Count(r.body, `"gewist":null`) != n {
			t.Errorf("%s: %s", who, r.body)
		}
	}
}

// TestMessagePages: whatever the pages, each message comes once, and who comes
// back with the last cursor gets what came since.
func TestMessagePages(t *testing.T) {
	h := newHouse(t)
	neighbours(h)
	const more = 7
	for range more {
		h.say(partnerB, visit("2026-08-29"))
	}
	var end string
	for _, size := range []int{1, 2, 3, 5, 10, 200} {
		var seen []events.Position
		for after := ""; ; {
			page, err := h.client("a").Messages(t.Context(), after, size, h.last)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Messages {
				if len(seen) > 0 && m.Position <= seen[len(seen)-1] {
					t.Errorf("pages of %d: %d after %v", size, m.Position, seen)
				}
				seen = append(seen, m.Position)
			}
			if page.More && len(page.Messages) != size {
				t.Errorf("a page of %d has %d and there are more", size, len(page.Messages))
			}
			if after = page.Next; !page.More {
				end = after
				break
			}
		}
		if len(seen) != 3+more {
			t.Errorf("pages of %d: %v", size, seen)
		}
	}
	nothing, err := h.client("a").Messages(t.Context(), end, 0, 0)
	if err != nil || len(nothing.Messages) != 0 || nothing.Next != end || nothing.More {
		t.Errorf("%v: at the end %+v", err, nothing)
	}
	r, _ := h.say(partnerB, visit("2026-08-28"))
	since, err := h.client("a").Messages(t.Context(), end, 0, h.last)
	if err != nil || len(since.Messages) != 1 || since.Messages[0].Position != r.Position {
		t.Errorf("%v: since then %+v", err, since)
	}
}

// earlier is a ledger that was put back to an earlier position.
type earlier struct{ web.Ledger }

func (earlier) Position() events.Position { return 6 }

// TestMessageCursors: a cursor is its partner's and its book's.
func TestMessageCursors(t *testing.T) {
	h := newHouse(t)
	neighbours(h)
	a, err := h.client("a").Messages(t.Context(), "", 0, h.last)
	if err != nil {
		t.Fatal(err)
	}
	good := a.Next
	query := "/v1/berichten?na=" + good
	if r := h.get("a", query); r.status != 200 {
		t.Errorf("its own: %d %s", r.status, r.body)
	}
	if r := h.get("c", query); r.status != 400 || r.problem(t).Faults[0].Field != "/query/na" {
		t.Errorf("another's: %d %s", r.status, r.body)
	}
	for name, change := range map[string]func(*web.Config){
		"another book's":              func(c *web.Config) { c.Book.ID = "0193b2a4-7a77-7c5f-9d3a-1c1f5a1b0002" },
		"of a book that was put back": func(c *web.Config) { c.Ledger = earlier{h.ledger} },
	} {
		if w := h.ask(h.door(change), "a", query); w.Code != 400 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for _, bad := range []string{"x", "AAAA", good + "A", good[1:], good[:len(good)-1], strings.ToLower(good) + "=", "%00", good + "%20"} {
		if r := h.get("a", "/v1/berichten?na="+bad); r.status != 400 {
			t.Errorf("%q: %d %s", bad, r.status, r.body)
		}
	}
}

// After the book was put back from a backup a cursor from before goes on from where
// the backup ended: what was recorded since has the positions of what was lost.
func TestMessagesAfterRestore(t *testing.T) {
	h := newHouse(t)
	neighbours(h)
	all, err := h.client("a").Messages(t.Context(), "", 0, h.last)
	if err != nil {
		t.Fatal(err)
	}
	last := len(all.Messages) - 1
	backup := all.Messages[last].Position - 1
	restored := func(restores ...web.Restore) http.Handler {
		return h.door(func(c *web.Config) {
			c.Restores = restores
			c.Book.Restored = &web.Restored{At: h.now().UTC(), Position: backup}
		})
	}
	one := web.Restore{Incarnation: "een", Position: backup}
	get := func(door http.Handler, cursor string) (a web.MessagesAnswer) {
		t.Helper()
		w := h.ask(door, "a", "/v1/berichten?na="+cursor)
		if w.Code != 200 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if err := gojson.Unmarshal(w.Body.Bytes(), &a); err != nil {
			t.Fatal(err)
		}
		return a
	}
	again := get(restored(one), all.Next)
	if len(again.Messages) != 1 || again.Messages[0].ID != all.Messages[last].ID {
		t.Errorf("after one restore: %+v", again.Messages)
	}
	if again.Book.Restored == nil || again.Book.Restored.Position != backup {
		t.Errorf("the book says %+v", again.Book.Restored)
	}
	if more := get(restored(one), again.Next); len(more.Messages) != 0 {
		t.Errorf("with a cursor of the restored book: %+v", more.Messages)
	}
	two := web.Restore{Incarnation: "twee", Position: all.Messages[0].Position}
	for name, cursor := range map[string]string{"of the first": all.Next, "of the second": again.Next} {
		if got := get(restored(one, two), cursor); len(got.Messages) != last {
			t.Errorf("after two restores, with a cursor %s: %d messages, want %d", name, len(got.Messages), last)
		}
	}
	if w := h.ask(restored(web.Restore{Incarnation: "anders", Position: backup}), "a", "/v1/berichten?na="+again.Next); w.Code != 400 {
		t.Errorf("a cursor of an incarnation that this one does not come from: %d %s", w.Code, w.Body)
	}
}

// TestMessagesOtherDoor: the other door gives the same, to the same.
func TestMessagesOtherDoor(t *testing.T) {
	h := newHouse(t)
	neighbours(h)
	s := h.door(func(*web.Config) {})
	caller := ledger.Caller{Role: ledger.RolePartner, Partner: partnerA, Credential: "n", Door: ledger.DoorNATS}
	for _, count := range []int{0, 1, 200} {
		answer, err := s.Messages(t.Context(), caller, "", count)
		if err != nil {
			t.Fatal(err)
		}
		path := "/v1/berichten"
		if count != 0 {
			path += fmt.Sprint("?aantal=", count)
		}
		if body := must[[]byte](t)(gojson.Marshal(answer)); string(body) != strings.TrimSpace(h.get("a", path).body) {
			t.Errorf("at most %d: %s\nover HTTP %s", count, body, h.get("a", path).body)
		}
	}
	for _, tt := range []struct {
		after string
		count int
		field string
	}{{"x", 0, "/na"}, {"", -1, "/aantal"}, {"", 201, "/aantal"}} {
		_, err := s.Messages(t.Context(), caller, tt.after, tt.count)
		if p := ledger.ProblemOf(err); p.Status != 400 || len(p.Faults) != 1 || p.Faults[0].Field != tt.field {
			t.Errorf("%+v: %v", tt, err)
		}
	}
	h.record(steward, stewardSource, &events.PartnerDeparted{Partner: partnerA, From: "2026-09-01"})
	for name, c := range map[string]ledger.Caller{
		"partner that left": caller, "nobody": {}, "steward": {Role: ledger.RoleSteward}, "board": {Role: ledger.RoleBoard},
		"unknown partner": {Role: ledger.RolePartner, Partner: "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0d04"},
	} {
		if _, err := s.Messages(t.Context(), c, "", 0); !errors.Is(err, ledger.ErrForbidden) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What one partner says of another it confirms with what the message gives: of a plan, of
// its correction and of a visit; and the plan then says who goes together.
func TestAskedToConfirm(t *testing.T) {
	h := newHouse(t)
	joint := plan("2026-09-10")
	joint.With = []string{oins[partnerB]}
	_, first := h.say(partnerA, joint)
	corrected := *joint
	corrected.Date, corrected.Replaces = "2026-09-12", &first
	h.say(partnerA, &corrected)
	other := visit("2026-08-30")
	other.AccountManager, other.With = managerC, []string{oins[partnerB]}
	h.say(partnerC, other)
	h.synced()
	planned := func() web.OpenPlan {
		t.Helper()
		a := must[*web.EmployerAnswer](t)(h.client("c").Employer(t.Context(), at(employer), h.last))
		if len(a.Planned) != 1 {
			t.Fatalf("planned: %+v", a.Planned)
		}
		return a.Planned[0]
	}
	if p := planned(); !slices.Equal(p.With, []string{oins[partnerB]}) || p.Confirmed != nil {
		t.Errorf("said by one: %+v", p)
	}
	got := must[*web.MessagesAnswer](t)(h.client("b").Messages(t.Context(), "", 0, h.last))
	if len(got.Messages) != 3 {
		t.Fatalf("%+v", got.Messages)
	}
	for i, m := range got.Messages {
		if m.Kind != "samen-gevraagd" || m.Event == nil {
			t.Fatalf("%d: %+v", i, m)
		}
		body := h.event(oins[partnerB]+":systeem:test", &events.JointVisitConfirmed{Event: *m.Event}).Canonical()
		r := h.structured("b", "", body)
		if old := i == 0; (r.status == http.StatusCreated) == old { // the plan was corrected since
			t.Errorf("%d: %d %s", i, r.status, r.body)
		}
		if r.status == http.StatusCreated {
			h.last++
		}
	}
	h.synced()
	if p := planned(); !slices.Equal(p.Confirmed, []string{oins[partnerB]}) {
		t.Errorf("said by both: %+v", p)
	}
	for who, n := range map[string]int{"a": 1, "c": 1} { // confirmed: nothing to confirm again
		r := h.get(who, fmt.Sprintf("/v1/berichten?vanafPositie=%d", h.last))
		if strings.Count(r.body, "samen-bevestigd") != n || strings.Contains(r.body, `"melding"`) {
			t.Errorf("%s: %s", who, r.body)
		}
	}
}

// Why a plan goes through is for whom it goes through, and not for who looks on.
func TestReasonForTheOtherParty(t *testing.T) {
	const why = "Zij belden vanmorgen zelf"
	for name, looksOn := range map[string]events.Data{
		"fixed contact": &events.ContactAppointed{Employer: at(employer), AccountManager: managerC},
		"follower":      &events.EmployerFollowed{Employer: at(employer)},
	} {
		h := newHouse(t)
		h.say(partnerC, looksOn)
		h.say(partnerA, plan("2026-09-10"))
		through, reason := plan("2026-09-11"), why
		through.AccountManager, through.Despite = managerB, &events.Despite{Reason: events.Personal[string]{Plain: &reason}}
		if r, _ := h.say(partnerB, through); r.Outcome != events.Taken {
			t.Fatal(r.Outcome)
		}
		h.synced()
		for who, told := range map[string]bool{"a": true, "c": false} {
			r := h.get(who, fmt.Sprintf("/v1/berichten?vanafPositie=%d", h.last))
			if !strings.Contains(r.body, `"soort":"doorgezet"`) || strings.Contains(r.body, why) != told || strings.Contains(r.body, `"ondanks"`) != told {
				t.Errorf("%s, %s: %s", name, who, r.body)
			}
		}
	}
}
