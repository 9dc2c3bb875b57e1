package web

import (
	"context"
	"errors"

	"huisboek/projections"
)

var describeContacts = description{"contactenLezen", "Contacten met een werkgever, het nieuwste eerst",
	"Plannen, bezoeken en diensten van iedereen, en de eigen plaatsingen; een bladzijde tegelijk.",
	"werkgevers"}

type contactsQuestion struct {
	EmployerQuestion
	Count int    `query:"aantal" minimum:"1" maximum:"200" default:"50" doc:"Hoeveel er ten hoogste komen."`
	After string `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei."`
}

func (s *Server) contacts(ctx context.Context, v *sight, in *contactsQuestion) (*ContactsAnswer, error) {
	e, err := in.employer()
	if err != nil {
		return nil, err
	}
	var rows []projections.Contact
	var next string
	fresh, err := s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		rows, next, err = projections.NewEmployers().Contacts(tx, e.Key(), v.ofEmployer(e), in.After, in.Count)
		return err
	})
	if errors.Is(err, projections.ErrCursor) {
		return nil, invalid(expected("query", "na"))
	}
	if err != nil {
		return nil, err
	}
	items, err := mapped(rows, v.contact)
	return &ContactsAnswer{Employer: nameOf(e), Contacts: items, Next: next, Freshness: fresh}, err
}
