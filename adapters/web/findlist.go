package web

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"huisboek/events"
	"huisboek/projections/search"
)

// minText is how many characters it takes to search.
const minText = 2

// The most that may be asked for at once.
const (
	maxKeys      = 200
	maxGemeenten = 100
)

type findQuestion struct {
	Question
	Text      string   `query:"zoek" minLength:"2" maxLength:"100" doc:"Wat er getypt is." example:"bakkerij zwol"`
	Gemeenten []string `query:"gemeente,explode" doc:"Alleen in een van deze gemeenten (CBS-code); mag vaker."`
	Sector    string   `query:"sector" enum:"markt,overheid" doc:"Alleen van deze sector."`
	Size      string   `query:"grootteklasse" enum:"0,1,2-4,5-9,10-19,20-49,50-99,100-249,250-499,500-999,1000+" doc:"Alleen van deze grootteklasse."`
	NotSince  string   `query:"nietSinds" doc:"Alleen werkgevers zonder contact vanaf deze dag; ook wie er nooit een had." example:"2026-08-01"`
	Sort      string   `query:"sorteer" enum:"naam,laatste" doc:"Op naam (zonder lidwoorden en rechtsvormen), of wie het laatst contact had eerst. Zonder deze: bij zoek de beste eerst, anders op naam."`
	Keys      []string `query:"werkgever,explode" doc:"Precies de werkgevers met deze sleutels, in deze volgorde, ten hoogste 200; mag vaker, en gaat met niets anders samen. Een onbekende staat er ook, zonder naam."`
	Count     int      `query:"aantal" minimum:"1" maximum:"200" default:"20" doc:"Hoeveel er ten hoogste komen; bij werkgever komen zij alle."`
	After     string   `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei."`
}

// orders are the values of sorteer.
var orders = map[string]search.Order{"naam": search.ByName, "laatste": search.ByContact}

var gemeenteCode = regexp.MustCompile(`^GM[0-9]{4}$`)

// query is what the index is asked, and under which name its pages go on.
func (in *findQuestion) query() (q search.Query, list string, faults events.Faults) {
	fail := func(name, as string) { faults = append(faults, expectedAs("query", name, as)) }
	q = search.Query{
		Text: strings.TrimSpace(in.Text), Gemeenten: in.Gemeenten, Sector: in.Sector, Size: in.Size,
		NotSince: events.Date(in.NotSince), Order: orders[in.Sort], Most: in.Count,
	}
	filtered := len(q.Gemeenten) > 0 || q.Sector != "" || q.Size != "" || q.NotSince != ""
	switch {
	case in.Text == "" && !filtered:
		fail("zoek", "zoek-of")
	case in.Text != "" && (!utf8.ValidString(q.Text) || utf8.RuneCountInString(q.Text) < minText):
		fail("zoek", "zoek")
	}
	if len(q.Gemeenten) > maxGemeenten || slices.ContainsFunc(q.Gemeenten, func(g string) bool { return !gemeenteCode.MatchString(g) }) {
		fail("gemeente", "gemeente")
	}
	if _, err := events.ParseDate(in.NotSince); in.NotSince != "" && err != nil {
		fail("nietSinds", "nietSinds")
	}
	if q.Text == "" && in.Sort == "" {
		q.Order = search.ByName
	}
	if list = q.Text; filtered || in.Sort != "" {
		list = fmt.Sprintf("%q %d", append([]string{q.Text, q.Sector, q.Size, in.NotSince}, q.Gemeenten...), q.Order)
	}
	return q, list, faults
}

func (s *Server) find(ctx context.Context, _ *sight, in *findQuestion) (*FindAnswer, error) {
	if len(in.Keys) > 0 {
		return s.named(ctx, in)
	}
	q, list, faults := in.query()
	if len(faults) > 0 {
		return nil, invalid(faults...)
	}
	var err error
	if q.Skip, err = s.listPlace(list, in.After, search.MaxDepth); err != nil {
		return nil, err
	}
	out := &FindAnswer{Employers: []Hit{}}
	var hits []search.Hit
	out.Freshness, err = s.searched(ctx, in.since(), func(index Search) { hits, out.Total = index.List(q) })
	if err != nil {
		return nil, err
	}
	for i := range hits {
		found, err := foundOf(&hits[i].Entry)
		if err != nil {
			return nil, err
		}
		out.Employers = append(out.Employers, Hit{found, hits[i].Score, listed(hits[i].Why)})
	}
	out.Next = s.nextPlace(list, q.Skip+len(hits), min(out.Total, search.MaxDepth))
	return out, nil
}

// named are the employers with the keys that were asked for: each under the key that was
// given, so that a page finds back what it asked.
func (s *Server) named(ctx context.Context, in *findQuestion) (*FindAnswer, error) {
	alone := in.Text == "" && len(in.Gemeenten) == 0 && in.Sector == "" && in.Size == "" && in.NotSince == "" && in.Sort == "" && in.After == ""
	if !alone || len(in.Keys) > maxKeys {
		return nil, invalid(expectedAs("query", "werkgever", "werkgevers"))
	}
	employers := make([]events.Employer, len(in.Keys))
	for i, key := range in.Keys {
		var err error
		if employers[i], err = events.ParseEmployerKey(key); err != nil {
			return nil, invalid(expectedAs("query", "werkgever", "werkgevers"))
		}
	}
	out := &FindAnswer{Employers: make([]Hit, len(employers)), Total: len(employers)}
	entries := make([]search.Entry, len(employers))
	var err error
	out.Freshness, err = s.searched(ctx, in.since(), func(index Search) {
		for i, e := range employers {
			var known bool
			if entries[i], known = index.Entry(e.Key()); !known {
				entries[i].Keys = []string{e.Key()}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for i := range entries {
		found, err := foundOf(&entries[i])
		if err != nil {
			return nil, err
		}
		found.Employer = nameOf(employers[i])
		out.Employers[i] = Hit{Found: found, Why: []string{}}
	}
	return out, nil
}
