package web

import (
	"context"
	"errors"
	"net/http"

	"huisboek/events"
	"huisboek/ledger"
)

var describeExplain = description{
	id: opExplain, summary: "Waarom een oordeel zo viel",
	text: "Het oordeel over een plan, een verzetting, een bezoek of een geweigerd plan in woorden: uit de feiten die erbij zijn vastgelegd, elk met zijn positie, en naar de afspraken van toen. Dezelfde feiten worden opnieuw beoordeeld, naar de afspraken van toen en naar die van vandaag. Wat gewist is, staat er niet meer in. Een andere melding krijgt geen oordeel; plaatsingen, signalen en geweigerde plannen van een ander zijn er voor u niet, en hoeveel plannen een ander of een medewerker daarvan open had ook niet.",
	tag:  "werkgevers", missing: true,
}

// opExplain is the operation in the examples.
const opExplain = "oordeelLezen"

var problemNoPosition = ledger.NewProblem(http.StatusNotFound, "onbekende-positie", "Onbekende positie",
	"Op deze positie is niets vastgelegd dat u kunt lezen.")

type explainQuestion struct {
	Question
	At uint64 `path:"positie" minimum:"1" doc:"De positie van de melding, zoals in haar ontvangstbewijs." example:"5"`
}

// ExplainAnswer is the verdict at a position, explained.
type ExplainAnswer struct {
	Explanation ledger.Explanation `json:"uitleg"`
	Freshness
}

// explain answers from the ledger alone: it needs no view.
func (s *Server) explain(ctx context.Context, v *sight, in *explainQuestion) (*ExplainAnswer, error) {
	if err := s.awaitLedger(ctx, in.since()); err != nil {
		return nil, err
	}
	at := s.cfg.Ledger.Position()
	x, err := s.cfg.Ledger.Explain(ctx, events.Position(in.At), v.reader())
	if errors.Is(err, ledger.ErrNoPosition) {
		return nil, problemNoPosition
	}
	if err != nil {
		return nil, err
	}
	out := &ExplainAnswer{Explanation: *x}
	out.Freshness, err = s.freshness(ctx, at)
	return out, err
}
