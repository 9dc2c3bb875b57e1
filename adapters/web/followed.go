package web

import (
	"context"
	"math"

	"huisboek/events"
	"huisboek/projections"
)

// followedPath is where a partner reads which employers it follows.
const followedPath = "/v1/gevolgde-werkgevers"

var describeFollowed = description{
	id: opFollowed, summary: "Welke werkgevers u volgt",
	text: "De werkgevers en vestigingen die de eigen partner volgt, wat het laatst gezegd is bovenaan. Een werkgever met meer nummers komt er eenmaal in voor. Volgen en loslaten gaat met werkgever-gevolgd en werkgever-losgelaten.",
	tag:  "werkgevers",
}

type followedQuestion struct {
	Question
	Count int    `query:"aantal" minimum:"1" maximum:"200" default:"50" doc:"Hoeveel er ten hoogste komen."`
	After string `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei." example:"AAAAMlm0Sk6SzrGi"`
}

// FollowedEmployer is an employer, or an establishment of it, that one follows.
type FollowedEmployer struct {
	Employer EmployerName    `json:"werkgever"`
	Name     *string         `json:"naam" doc:"Hoe de werkgever heet; null als dat niet bekend is of gewist, en zolang het zoeken wordt opgebouwd."`
	Place    *string         `json:"plaats" doc:"Waar hij staat; null zoals bij naam."`
	Position events.Position `json:"positie" doc:"Van de melding waarmee u hem ging volgen."`
}

// FollowedAnswer is a page of what one follows, what was said last first.
type FollowedAnswer struct {
	Followed []FollowedEmployer `json:"gevolgd" doc:"Wat het laatst gezegd is eerst."`
	Total    int                `json:"aantalGevolgd" doc:"Hoeveel het er zijn."`
	Next     string             `json:"volgende,omitempty" doc:"Geef dit als na om verder te lezen; ontbreekt aan het eind."`
	Freshness
}

func (s *Server) followed(ctx context.Context, v *sight, in *followedQuestion) (*FollowedAnswer, error) {
	const list = "gevolgd"
	skip, err := s.listPlace(list, in.After, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	out := &FollowedAnswer{Followed: []FollowedEmployer{}}
	var rows []projections.Followed
	out.Freshness, err = s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		rows, err = projections.Messages{}.Followed(tx, v.mine)
		return err
	})
	if err != nil {
		return nil, err
	}
	out.Total = len(rows)
	skip = min(skip, len(rows))
	end := min(skip+in.Count, len(rows))
	for _, row := range rows[skip:end] {
		e, err := events.ParseEmployerKey(row.Employer)
		if err != nil {
			return nil, err
		}
		e.Establishment = row.Establishment
		out.Followed = append(out.Followed, FollowedEmployer{Employer: nameOf(e), Position: row.Position})
	}
	out.Next = s.nextPlace(list, end, len(rows))
	named := s.names(ctx, in.since())
	for i := range out.Followed {
		f := &out.Followed[i]
		f.Name, f.Place = named(f.Employer.Key)
	}
	return out, nil
}
