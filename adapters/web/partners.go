package web

import (
	"context"

	"huisboek/ledger"
)

var describePartners = description{"partnersLezen", "Wie er meedoet of meedeed",
	"Alle partners op naam, met vanaf en tot wanneer.",
	"partners"}

func (s *Server) partners(ctx context.Context, _ *sight, in *Question) (*PartnersAnswer, error) {
	if err := s.await(ctx, in.since()); err != nil {
		return nil, err
	}
	at := s.cfg.Ledger.Position()
	list, err := s.cfg.Ledger.Partners()
	if err != nil {
		return nil, err
	}
	if list == nil {
		list = []ledger.Partner{}
	}
	fresh, err := s.freshness(ctx, at)
	return &PartnersAnswer{Partners: list, Freshness: fresh}, err
}
