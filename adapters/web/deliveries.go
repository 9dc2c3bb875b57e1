package web

import (
	"cmp"
	"context"
	"errors"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/projections"
)

var describeDeliveries = description{
	id: "aanleveringenLezen", summary: "Wat er van u binnenkwam",
	text: "Elke eigen gebeurtenis met wat ermee gebeurde, aantallen per dag, en per soort wat er ooit is vastgelegd. Handig om een koppeling na te lopen: van wat geweigerd is staan hier de codes, nooit de inhoud.",
	tag:  "gebeurtenissen",
}

type deliveriesQuestion struct {
	Question
	Outcome string `query:"uitkomst" enum:"vastgelegd,eerder-gezien,geweigerd" doc:"Alleen aanleveringen met deze uitkomst."`
	From    string `query:"van" doc:"De eerste dag van dagen; zonder deze: 29 dagen voor de laatste." example:"2026-10-24"`
	To      string `query:"tot" doc:"De laatste dag van dagen, ten hoogste 89 dagen na de eerste; zonder deze: vandaag." example:"2026-11-22"`
	Count   int    `query:"aantal" minimum:"1" maximum:"200" default:"50" doc:"Hoeveel aanleveringen er ten hoogste komen."`
	After   string `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei."`
}

// The days that are counted, both ends included.
const (
	defaultDays = 30
	maximumDays = 90
)

func (s *Server) deliveries(ctx context.Context, v *sight, in *deliveriesQuestion) (*DeliveriesAnswer, error) {
	from, to, err := in.days(v.today)
	if err != nil {
		return nil, err
	}
	var covered []projections.Covered
	fresh, err := s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		covered, err = projections.Coverage{}.Of(tx, v.caller.Partner)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &DeliveriesAnswer{Book: s.cfg.Book, Coverage: make([]Covered, len(covered)), Freshness: fresh}
	for i, c := range covered {
		out.Coverage[i] = coveredOf(c)
	}
	out.Deliveries, out.Next, err = s.cfg.Deliveries.List(v.caller.Partner, in.Outcome, in.After, in.Count)
	if errors.Is(err, intake.ErrCursor) {
		return nil, invalid(expected("query", "na"))
	}
	if err != nil {
		return nil, err
	}
	out.Days, err = s.cfg.Deliveries.Days(v.caller.Partner, from, to)
	return out, err
}

// days are the first and last day asked for.
func (q *deliveriesQuestion) days(today events.Date) (from, to events.Date, err error) {
	var faults events.Faults
	if to, err = events.ParseDate(cmp.Or(q.To, string(today))); err != nil {
		faults = append(faults, dayFault("tot"))
	}
	if from, err = events.ParseDate(cmp.Or(q.From, string(to.AddDays(1-defaultDays)))); err != nil && (q.From != "" || faults == nil) {
		faults = append(faults, dayFault("van"))
	}
	if n := from.DaysUntil(to); faults == nil && (n < 0 || n >= maximumDays) {
		faults = append(faults, dayFault("tot"))
	}
	if faults != nil {
		return "", "", invalid(faults...)
	}
	return from, to, nil
}

// dayFault is the fault of a parameter that is a month elsewhere.
func dayFault(name string) events.Fault {
	f := expected("query", name)
	f.Sentence = events.Sentence{
		NL: "Een dag is een bestaande dag, zoals 2026-11-22; de laatste is niet voor de eerste en ten hoogste 89 dagen later.",
		EN: "A day is a day that exists, such as 2026-11-22; the last is not before the first and at most 89 days later.",
	}
	return f
}
