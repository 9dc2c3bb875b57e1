package web

import (
	"context"
	"slices"

	"huisboek/adapters/regions"
	"huisboek/events"
	"huisboek/ledger"
)

var describeRegions = description{
	id: "arbeidsmarktregiosLezen", summary: "De arbeidsmarktregio's",
	text: "Alle arbeidsmarktregio's, met waar dat vandaan komt en tot en met welke dag wijzigingen bekend zijn. Dit komt uit een bestand bij het boek; geen oordeel hangt ervan af.",
	tag:  "arbeidsmarktregios",
}

var describeRegion = description{
	id: "arbeidsmarktregioLezen", summary: "Een arbeidsmarktregio op een dag",
	text: "De gemeenten die er op een dag bij hoorden, op naam. Waar niet bekend is van of tot wanneer een gemeente erbij hoorde, is zeker onwaar en staat erbij waarom.",
	tag:  "arbeidsmarktregios", missing: true,
}

// RegionsAnswer are the labour-market regions, by code.
type RegionsAnswer struct {
	Regions []regions.Region `json:"arbeidsmarktregios" doc:"Op code."`
	Known
	Freshness
}

// Known says where facts about regions come from, and how far they go.
type Known struct {
	Until   events.Date      `json:"bekendTotEnMet" doc:"Tot en met welke dag wijzigingen bekend zijn."`
	Sources []regions.Source `json:"bronnen" doc:"Waar dit vandaan komt."`
}

func (s *Server) known() Known {
	return Known{s.cfg.Regions.CheckedUntil(), append([]regions.Source{}, s.cfg.Regions.Sources()...)}
}

type regionQuestion struct {
	Question
	Code string `path:"code" pattern:"^AM[0-9]{2}$" doc:"De code van de arbeidsmarktregio." example:"AM36"`
	On   string `query:"peildatum" format:"date" doc:"De dag waarop; zonder deze: vandaag." example:"2026-11-22"`
}

// RegionAnswer is a region as it was on a day.
type RegionAnswer struct {
	Code      string        `json:"code" doc:"De code van de arbeidsmarktregio."`
	Name      string        `json:"naam" doc:"De naam van de arbeidsmarktregio."`
	On        events.Date   `json:"peildatum" doc:"De dag waarvoor dit geldt."`
	Gemeenten []GemeenteRow `json:"gemeenten" doc:"Op naam, ook die niet zeker zijn."`
	Known
	Freshness
}

// GemeenteRow is a municipality in a region on a day.
type GemeenteRow struct {
	regions.Gemeente
	Certain bool     `json:"zeker" doc:"Onwaar: het is niet zeker dat de gemeente er op die dag bij hoorde."`
	Note    string   `json:"toelichting,omitempty" doc:"Waarom het niet zeker is."`
	Sources []string `json:"bronnen" doc:"De sleutels van de bronnen."`
}

func (s *Server) regions(ctx context.Context, _ *sight, in *Question) (*RegionsAnswer, error) {
	fresh, err := s.recorded(ctx, in)
	return &RegionsAnswer{append([]regions.Region{}, s.cfg.Regions.Regions()...), s.known(), fresh}, err
}

func (s *Server) region(ctx context.Context, v *sight, in *regionQuestion) (*RegionAnswer, error) {
	on, err := dayOr(in.On, v.today)
	if err != nil {
		return nil, err
	}
	region, ok := s.cfg.Regions.Region(in.Code)
	if !ok {
		return nil, problemRegion
	}
	out := &RegionAnswer{Code: region.Code, Name: region.Name, On: on, Gemeenten: []GemeenteRow{}, Known: s.known()}
	for _, m := range s.cfg.Regions.In(region.Code, on) {
		out.Gemeenten = append(out.Gemeenten, GemeenteRow{m.Gemeente, m.Certain, m.Note, slices.Clone(listed(m.Sources))})
	}
	out.Freshness, err = s.recorded(ctx, &in.Question)
	return out, err
}

// recorded is the freshness of what does not come from the views.
func (s *Server) recorded(ctx context.Context, in *Question) (Freshness, error) {
	if err := s.awaitLedger(ctx, in.since()); err != nil {
		return Freshness{}, err
	}
	return s.freshness(ctx, s.cfg.Ledger.Position())
}

// dayOr is a day that was asked for, or the other one when none was.
func dayOr(asked string, otherwise events.Date) (events.Date, error) {
	if asked == "" {
		return otherwise, nil
	}
	on, err := events.ParseDate(asked)
	if err != nil {
		return "", invalid(expected("query", "peildatum"))
	}
	return on, nil
}

// partnerSuccessor is by name who goes on with a partner's work, nil for nobody.
func (v *sight) partnerSuccessor(id string) *ledger.PartnerName {
	if id == "" {
		return nil
	}
	name := v.name(id)
	return &name
}
