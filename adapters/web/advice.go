package web

import (
	"context"

	"huisboek/events"
	"huisboek/ledger"
)

var describeAdvice = description{
	id: "adviesVragen", summary: "Advies voor een benadering",
	text: "Hetzelfde oordeel als bij een melding, zonder iets vast te leggen.",
	tag:  "werkgevers",
}

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
	if err := s.awaitLedger(ctx, in.since()); err != nil {
		return nil, err
	}
	advice, at, err := s.cfg.Ledger.Advise(ctx, ledger.Question{Employer: e, Partner: v.caller.Partner, Purpose: in.Purpose, Date: date})
	if err != nil {
		return nil, err
	}
	out := &AdviceAnswer{Advice: advice}
	if out.Coverage, err = s.coverageOfAdvice(v); err != nil {
		return nil, err
	}
	out.Freshness, err = s.freshness(ctx, at)
	return out, err
}
