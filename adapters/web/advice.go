package web

import (
	"context"

	"huisboek/events"
	"huisboek/ledger"
)

var describeAdvice = description{"adviesVragen", "Advies voor een benadering",
	"Hetzelfde oordeel als bij een melding, zonder iets vast te leggen.",
	"werkgevers"}

type adviceQuestion struct {
	EmployerQuestion
	Purpose string `query:"doel" enum:"acquisitie,kennismaking,vacature,nazorg,advies,overig" doc:"Waarvoor u de werkgever wilt benaderen."`
	Date    string `query:"datum" format:"date" doc:"De dag waarop." example:"2026-11-22"`
}

func (s *Server) advice(ctx context.Context, v *sight, in *adviceQuestion) (*AdviceAnswer, error) {
	e, err := in.employer()
	if err != nil {
		return nil, err
	}
	date := events.Date("")
	if in.Date != "" {
		if date, err = events.ParseDate(in.Date); err != nil {
			return nil, invalid(expected("query", "datum"))
		}
	}
	if err := s.await(ctx, in.since()); err != nil {
		return nil, err
	}
	advice, at, err := s.cfg.Ledger.Advise(ctx, ledger.Question{Employer: e, Partner: v.caller.Partner, Purpose: in.Purpose, Date: date})
	if err != nil {
		return nil, err
	}
	fresh, err := s.freshness(ctx, at)
	return &AdviceAnswer{Advice: advice, Freshness: fresh}, err
}
