package web

import (
	"context"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

var describePartners = description{
	id: "partnersLezen", summary: "Wie er meedoet of meedeed",
	text: "Alle partners op naam, met vanaf en tot wanneer en wie hun werk voortzet. Met een peildatum: wie er op die dag al was, zoals het toen was.",
	tag:  "partners",
}

type partnersQuestion struct {
	Question
	On string `query:"peildatum" format:"date" doc:"De dag waarvoor het antwoord geldt; zonder deze komt iedereen die ooit is toegelaten, zoals het nu is." example:"2026-11-22"`
}

// Partner is an organisation that takes or took part.
type Partner struct {
	ID         string              `json:"id"`
	Name       string              `json:"naam"`
	Kind       string              `json:"soort"`
	Identities []string            `json:"identiteiten"`
	From       events.Date         `json:"per"`
	Until      events.Date         `json:"tot,omitempty"`
	Gemeenten  []string            `json:"gemeentecodes,omitempty"`
	Postcodes  []string            `json:"postcodes,omitempty"`
	Subregion  string              `json:"subregio,omitempty"`
	Regions    []string            `json:"arbeidsmarktregios,omitempty" doc:"Elke arbeidsmarktregio die de organisatie bedient; afwezig: alleen die van dit boek."`
	Successor  *ledger.PartnerName `json:"opvolger" doc:"Wie het werk voortzet, vanaf tot; null als dat niemand is."`
	Position   events.Position     `json:"positie"`
}

// PartnersAnswer is who takes or took part, by name.
type PartnersAnswer struct {
	On       *events.Date `json:"peildatum" nullable:"true" doc:"De dag waarvoor dit geldt; null als er geen gevraagd is."`
	Partners []Partner    `json:"partners"`
	Freshness
}

func (s *Server) partners(ctx context.Context, v *sight, in *partnersQuestion) (*PartnersAnswer, error) {
	if in.On != "" {
		return s.partnersOn(ctx, v, in)
	}
	if err := s.awaitLedger(ctx, in.since()); err != nil {
		return nil, err
	}
	at := s.cfg.Ledger.Position()
	list, err := s.cfg.Ledger.Partners()
	if err != nil {
		return nil, err
	}
	out := &PartnersAnswer{Partners: []Partner{}}
	for _, p := range list {
		out.Partners = append(out.Partners, Partner{
			ID: p.ID, Name: p.Name, Kind: p.Kind, Identities: p.Identities, From: p.From, Until: p.Until,
			Gemeenten: p.Gemeenten, Postcodes: p.Postcodes, Subregion: p.Subregion, Regions: p.Regions, Position: p.Position,
		})
		if p.SuccessorUntil == "" || v.today < p.SuccessorUntil {
			out.Partners[len(out.Partners)-1].Successor = v.partnerSuccessor(p.Successor)
		}
	}
	out.Freshness, err = s.freshness(ctx, at)
	return out, err
}

func (s *Server) partnersOn(ctx context.Context, v *sight, in *partnersQuestion) (*PartnersAnswer, error) {
	on, err := dayOr(in.On, v.today)
	if err != nil {
		return nil, err
	}
	out := &PartnersAnswer{On: &on, Partners: []Partner{}}
	var members []projections.Member
	out.Freshness, err = s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		members, err = projections.Members{}.On(tx, on)
		return err
	})
	for _, m := range members {
		out.Partners = append(out.Partners, Partner{
			ID: m.Partner, Name: m.Name, Kind: m.Kind, Identities: m.Identities, From: m.From, Until: m.Until,
			Gemeenten: m.Gemeenten, Postcodes: m.Postcodes, Subregion: m.Subregion, Regions: m.Regions,
			Successor: v.partnerSuccessor(m.Successor), Position: m.Position,
		})
	}
	return out, err
}
