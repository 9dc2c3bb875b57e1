package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/web"
	"huisboek/events"
)

func lines(rows []web.Tally) (out []string) {
	for _, r := range rows {
		who := "gezamenlijk"
		if r.Partner != nil {
			who = r.Partner.Name
		}
		if r.TargetGroup != nil {
			who += " " + *r.TargetGroup
		}
		out = append(out, fmt.Sprint(r.Month, " ", who, " ", r.Count))
	}
	return out
}

func sums(list []web.Sum) (out []string) {
	for _, s := range list {
		line := s.Month
		if s.TargetGroup != nil {
			line += *s.TargetGroup
		}
		line += fmt.Sprint(" ", s.Count)
		if !s.Complete {
			line += " onvolledig"
		}
		out = append(out, line)
	}
	return out
}

// TestTallies is promise 9 over HTTP, on the story's figures: in September A
// placed 2 in DD02, B 3 in DD02 and 7 in DD03; in October B 6 in DD02; in
// November, which is running, B 8 and A 1 in DD02.
func TestTallies(t *testing.T) {
	h := newHouse(t)
	story(h)
	for _, tt := range []struct {
		who, measure, per   string
		rows, own, sum, all []string
	}{
		{
			"a", "plaatsingen", "partner",
			[]string{"2026-09 Partner A 2", "2026-09 Partner B 10", "2026-10 Partner B 6", "2026-11 Partner A 1"}, nil,
			[]string{"2026-09 12", "2026-10 6", "2026-11 1 onvolledig"}, []string{" 19 onvolledig"},
		},
		{
			"b", "plaatsingen", "partner",
			[]string{"2026-09 Partner A 2", "2026-09 Partner B 10", "2026-10 Partner B 6", "2026-11 Partner B 8"}, nil,
			[]string{"2026-09 12", "2026-10 6", "2026-11 8 onvolledig"}, []string{" 26 onvolledig"},
		},
		{
			"board", "plaatsingen", "partner",
			[]string{"2026-09 Partner A 2", "2026-09 Partner B 10", "2026-10 Partner B 6"}, nil,
			[]string{"2026-09 12", "2026-10 6", "2026-11 0 onvolledig"}, []string{" 18 onvolledig"},
		},
		{ // A has 2 of all: whoever is B would know that; so all waits
			"a", "plaatsingen", "doelgroep",
			nil, []string{"2026-09 Partner A DD02 2", "2026-11 Partner A DD02 1"},
			[]string{"2026-09 0 onvolledig", "2026-10 0 onvolledig", "2026-11 0 onvolledig"}, nil,
		},
		{
			"b", "plaatsingen", "doelgroep",
			nil, []string{"2026-09 Partner B DD02 3", "2026-09 Partner B DD03 7", "2026-10 Partner B DD02 6", "2026-11 Partner B DD02 8"},
			[]string{"2026-09 0 onvolledig", "2026-10 0 onvolledig", "2026-11 0 onvolledig"}, nil,
		},
		{
			"board", "plaatsingen", "doelgroep",
			nil, nil,
			[]string{"2026-09 0 onvolledig", "2026-10 0 onvolledig", "2026-11 0 onvolledig"}, nil,
		},
		{
			"steward", "diensten", "partner",
			[]string{"2026-09 Partner B 3"}, nil,
			[]string{"2026-09 3", "2026-10 0", "2026-11 0"}, []string{" 3"},
		},
		{
			"c", "bezoeken", "partner",
			[]string{"2026-09 Partner A 1"}, nil,
			[]string{"2026-09 1", "2026-10 0", "2026-11 0"}, []string{" 1"},
		},
	} {
		t.Run(strings.Join([]string{tt.who, tt.measure, tt.per}, " "), func(t *testing.T) {
			got, err := h.client(tt.who).Tallies(t.Context(), tt.measure, "2026-09", "2026-11", tt.per, h.last)
			if err != nil {
				t.Fatal(err)
			}
			for name, d := range map[string]string{
				"rijen": cmp.Diff(tt.rows, lines(got.Rows)), "eigen": cmp.Diff(tt.own, lines(got.Own)),
				"maanden": cmp.Diff(tt.sum, sums(got.Months)), "totalen": cmp.Diff(tt.all, sums(got.Totals)),
			} {
				if d != "" {
					t.Errorf("%s: %s", name, d)
				}
			}
			if got.Position != h.last {
				t.Errorf("position %d, want %d", got.Position, h.last)
			}
		})
	}
}

// TestTalliesReleased: what is of enough partners and people is the same for everybody,
// from the end of the month.
func TestTalliesReleased(t *testing.T) {
	h := newHouse(t)
	h.day("2026-10-20")
	for _, partner := range []string{partnerA, partnerB} {
		h.place(partner, "2026-10-05", "DD02", 6)
		h.place(partner, "2026-10-06", "DD03", 5)
	}
	for day, want := range map[string][]string{
		"2026-10-31": nil, "2026-11-01": {"2026-10 gezamenlijk DD02 12", "2026-10 gezamenlijk DD03 10"},
	} {
		h.day(events.Date(day))
		for _, who := range []string{"a", "b", "c", "steward", "board"} {
			got, err := h.client(who).Tallies(t.Context(), "plaatsingen", "2026-10", "2026-10", "doelgroep", h.last)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, lines(got.Rows)); diff != "" {
				t.Errorf("%s on %s: %s", who, day, diff)
			}
		}
	}
}

func TestTalliesMonths(t *testing.T) {
	h := newHouse(t)
	h.day("2026-11-22")
	h.synced()
	for _, tt := range []struct {
		query, from, to string // from "" is a refusal
	}{
		{"", "2025-12", "2026-11"},
		{"&tot=2026-03", "2025-04", "2026-03"},
		{"&van=2026-10", "2026-10", "2026-11"},
		{"&van=2017-01&tot=2026-12", "2017-01", "2026-12"},
		{"&van=2016-12&tot=2026-12", "", ""},
		{"&van=2026-12&tot=2026-11", "", ""},
		{"&van=2026-13", "", ""},
		{"&van=0000-01", "", ""},
		{"&tot=9999-12", "", ""},
		{"&van=2026-1", "", ""},
	} {
		r := h.get("board", "/v1/tellingen?meting=bezoeken"+tt.query)
		if tt.from == "" {
			if r.status != 400 {
				t.Errorf("%s: %d %.200s", tt.query, r.status, r.body)
			}
			continue
		}
		if !contains(r.body, `"van":"`+tt.from+`","tot":"`+tt.to+`"`) {
			t.Errorf("%s: %.200s", tt.query, r.body)
		}
	}
}
