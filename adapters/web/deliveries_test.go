package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
)

// TestDeliveries: what came in from a partner, by whichever door, is there for
// that partner alone, with codes and never what was in it.
func TestDeliveries(t *testing.T) {
	h := newHouse(t)
	raw := h.raw(partnerA, visit("2026-08-20"))
	secret := "geheim in een veld dat er niet is"
	for _, body := range [][]byte{raw, raw, fmt.Appendf(nil, `{"id":"m-7","%s":1}`, secret)} {
		h.structured("a", "", body)
	}
	if r := h.post("a", "", fmt.Appendf(nil, "[%s]", h.raw(partnerA, plan("2026-09-03"))), "Content-Type", intake.Batch); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	h.structured("b", "", h.raw(partnerB, visit("2026-08-20")))
	last := h.last + 2
	got, err := h.client("a").Deliveries(t.Context(), web.DeliveriesQuestion{Since: last})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, d := range got.Deliveries {
		if d.Door != "http" || d.Credential != h.ids["a"] || !d.At.Equal(h.now()) {
			t.Errorf("%+v", d)
		}
		line := fmt.Sprint(d.Outcome, " ", d.Status)
		if d.Position != nil {
			line += fmt.Sprint(" ", *d.Position)
		}
		if d.Problem != nil {
			line += " " + *d.Problem
		}
		lines = append(lines, line)
	}
	want := []string{
		fmt.Sprint("vastgelegd 201 ", last), "geweigerd 400 ongeldig",
		fmt.Sprint("eerder-gezien 200 ", last-1), fmt.Sprint("vastgelegd 201 ", last-1),
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Error(diff)
	}
	day := []intake.Day{{Date: "2026-09-01", Door: "http", Recorded: 2, Again: 1, Refused: 1}}
	if diff := cmp.Diff(day, got.Days, cmpopts.IgnoreFields(intake.Day{}, "Codes")); diff != "" {
		t.Error(diff)
	}
	if len(got.Days) == 1 && got.Days[0].Codes["ontbreekt"] == 0 {
		t.Errorf("codes %v", got.Days[0].Codes)
	}
	moment := h.now().UTC()
	covered := []web.Covered{
		{Type: events.TypeVisitMade, Count: 1, First: moment, Last: moment, LastAt: last - 1},
		{Type: events.TypeVisitPlanned, Count: 1, First: moment, Last: moment, LastAt: last},
	}
	if diff := cmp.Diff(covered, got.Coverage); diff != "" {
		t.Error(diff)
	}
	if got.Book != book || got.Position < last || got.Next != "" {
		t.Errorf("%+v", got)
	}
	for _, who := range []string{"a", "b", "c"} {
		body := h.get(who, "/v1/aanleveringen").body
		if contains(body, secret) || contains(body, "m-7") != (who == "a") || contains(body, employer) {
			t.Errorf("%s: %s", who, body)
		}
	}
}

func TestDeliveryPages(t *testing.T) {
	h := newHouse(t)
	raw := h.raw(partnerA, visit("2026-08-20"))
	for range 6 {
		h.structured("a", "", raw)
		h.structured("a", "", []byte(`{}`))
	}
	for outcome, n := range map[string]int{"": 12, intake.OutcomeRecorded: 1, intake.OutcomeAgain: 5, intake.OutcomeRefused: 6} {
		for _, size := range []int{1, 5, 200} {
			seen, after := 0, ""
			for {
				page, err := h.client("a").Deliveries(t.Context(), web.DeliveriesQuestion{Outcome: outcome, After: after, Max: size})
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range page.Deliveries {
					if outcome != "" && d.Outcome != outcome {
						t.Errorf("asked for %s, got %s", outcome, d.Outcome)
					}
				}
				if seen += len(page.Deliveries); page.Next == "" {
					break
				}
				after = page.Next
			}
			if seen != n {
				t.Errorf("%q in pages of %d: %d, want %d", outcome, size, seen, n)
			}
		}
	}
	first, err := h.client("a").Deliveries(t.Context(), web.DeliveriesQuestion{Max: 1})
	if err != nil {
		t.Fatal(err)
	}
	for name, r := range map[string]reply{
		"another's":      h.get("b", "/v1/aanleveringen?na="+first.Next),
		"another filter": h.get("a", "/v1/aanleveringen?uitkomst=geweigerd&na="+first.Next),
		"changed":        h.get("a", "/v1/aanleveringen?na="+strings.ToUpper(first.Next)+"A"),
	} {
		if r.status != 400 || r.problem(t).Faults[0].Field != "/query/na" {
			t.Errorf("a cursor that is %s: %d %s", name, r.status, r.body)
		}
	}
}

// TestDeliveryDays: the days that are counted, and which may be asked for.
func TestDeliveryDays(t *testing.T) {
	h := newHouse(t)
	raw := h.raw(partnerA, visit("2026-06-01"))
	for _, day := range []events.Date{"2026-09-01", "2026-10-15", "2026-11-21", "2026-11-22"} {
		h.day(day)
		h.structured("a", "", raw)
	}
	for _, tt := range []struct {
		query string
		want  string // the days that are there; a fault's parameter after !
	}{
		{"", "2026-11-22 2026-11-21"},
		{"?tot=2026-11-21", "2026-11-21"},
		{"?van=2026-09-01&tot=2026-11-29", "2026-11-22 2026-11-21 2026-10-15 2026-09-01"},
		{"?van=2026-08-31&tot=2026-09-01", "2026-09-01"},
		{"?tot=2026-10-15", "2026-10-15"},
		{"?van=2026-09-01&tot=2026-11-30", "!/query/tot"},
		{"?van=2026-08-01", "!/query/tot"},
		{"?van=2026-11-23", "!/query/tot"},
		{"?van=2026-11-22&tot=2026-11-21", "!/query/tot"},
		{"?van=2026-02-30", "!/query/van"},
		{"?van=x&tot=y", "!/query/tot /query/van"},
		{"?tot=1900-01-01", "!/query/van"},
	} {
		r := h.get("a", "/v1/aanleveringen"+tt.query)
		var got []string
		if r.status == 400 {
			for _, f := range r.problem(t).Faults {
				got = append(got, f.Field)
			}
			if "!"+strings.Join(got, " ") != tt.want {
				t.Errorf("%s: %s", tt.query, r.body)
			}
			continue
		}
		var answer web.DeliveriesAnswer
		decode(t, r, &answer)
		for _, d := range answer.Days {
			got = append(got, string(d.Date))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %d %q, want %s", tt.query, r.status, got, tt.want)
		}
	}
}
