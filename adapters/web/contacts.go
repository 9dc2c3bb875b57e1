package web

import (
	"context"
	"errors"

	"huisboek/events"
	"huisboek/projections"
)

var describeContacts = description{
	id: "contactenLezen", summary: "Contacten met een werkgever, het nieuwste eerst",
	text: "Plannen, bezoeken, diensten en vacatures van iedereen, en de eigen plaatsingen en signalen, onder alle nummers die als dezelfde werkgever of als opvolger gekoppeld zijn; een bladzijde tegelijk. Met soort alleen die, en met van alleen wat op of na die dag eindigt.",
	tag:  "werkgevers",
}

// contactKinds are the values of soort.
var contactKinds = map[string]events.Type{
	"plan": events.TypeVisitPlanned, "bezoek": events.TypeVisitMade, "dienst": events.TypeServiceDelivered,
	"plaatsing": events.TypePlacementMade, "vacature": events.TypeVacancyReported, "signaal": events.TypeSignalNoted,
}

type contactsQuestion struct {
	GroupQuestion
	Kinds []string `query:"soort" enum:"bezoek,dienst,plaatsing,plan,vacature,signaal" doc:"Alleen deze soorten, met een komma ertussen."`
	From  string   `query:"van" doc:"Alleen wat op of na deze dag eindigt: wat nog komt hoort daarbij." example:"2025-09-22"`
	Count int      `query:"aantal" minimum:"1" maximum:"200" default:"50" doc:"Hoeveel er ten hoogste komen."`
	After string   `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei."`
}

func (s *Server) contacts(ctx context.Context, v *sight, in *contactsQuestion) (*ContactsAnswer, error) {
	e, err := in.employer()
	if err != nil {
		return nil, err
	}
	line := projections.Timeline{Filter: v.ofEmployer(e)}
	for _, kind := range in.Kinds {
		line.Types = append(line.Types, contactKinds[kind])
	}
	if in.From != "" {
		if line.Since, err = events.ParseDate(in.From); err != nil {
			return nil, invalid(expectedAs("query", "van", "datum"))
		}
	}
	out := &ContactsAnswer{Employer: nameOf(e)}
	var rows []projections.Contact
	out.Freshness, err = s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		if out.Group, err = groupOf(tx, e, in.Concern); err != nil {
			return err
		}
		if out.Coverage, err = v.employerCoverage(tx); err != nil {
			return err
		}
		rows, out.Next, err = projections.NewEmployers().Contacts(tx, out.Keys, line, in.After, in.Count)
		return err
	})
	if errors.Is(err, projections.ErrCursor) {
		return nil, invalid(expected("query", "na"))
	}
	if err != nil {
		return nil, err
	}
	out.Contacts, err = mapped(rows, v.contact)
	return out, err
}
