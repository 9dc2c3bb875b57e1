package web

import (
	"context"

	"huisboek/adapters/intake"
	"huisboek/events"
)

var describeAdvice = description{
	id: "adviesVragen", summary: "Advies voor een benadering",
	text: "Het oordeel dat een plan nu zou krijgen, met de redenen, wie u het eerst belt en wie daarna, zonder iets vast te leggen. Zonder datum gaat het over vandaag, zonder doel over elk doel dat een ander kan storen.",
	tag:  "werkgevers",
}

type adviceQuestion struct {
	EmployerQuestion
	Purpose string `query:"doel" enum:"acquisitie,kennismaking,vacature,nazorg,advies,overig" doc:"Waarvoor u de werkgever wilt benaderen."`
	Date    string `query:"datum" format:"date" doc:"De dag waarop, vandaag of later; met tot erbij de eerste." example:"2026-11-22"`
	To      string `query:"tot" doc:"De laatste dag van een periode, ten hoogste 366 dagen lang." example:"2026-11-30"`
}

func (s *Server) advice(ctx context.Context, v *sight, in *adviceQuestion) (*AdviceAnswer, error) {
	e, err := in.employer()
	if err != nil {
		return nil, err
	}
	q := intake.Question{Purpose: in.Purpose}
	var faults events.Faults
	if q.From, q.To, faults = intake.Days(in.Date, in.To, v.today); len(faults) > 0 {
		for i := range faults {
			faults[i].Field = "/query" + faults[i].Field
		}
		return nil, invalid(faults...)
	}
	if err := s.awaitLedger(ctx, in.since()); err != nil {
		return nil, err
	}
	asked := q.Of(v.caller.Partner)
	asked.Employer = e
	advice, at, err := s.cfg.Ledger.Advise(ctx, asked)
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
