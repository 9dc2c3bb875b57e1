package web

import (
	"context"

	"huisboek/events"
	"huisboek/projections"
)

var describeLinks = description{
	id: "koppelingenLezen", summary: "Koppelingen die wachten",
	text: "Wat een partner over twee werkgevers zei en pas geldt als een andere partner of de regisseur hetzelfde zegt; het oudste eerst.",
	tag:  "werkgevers",
}

type linksQuestion struct {
	Question
	Waits string `query:"wacht" required:"true" enum:"true" doc:"Altijd true: wat geldt staat bij de werkgever zelf."`
	Count int    `query:"aantal" minimum:"1" maximum:"200" default:"50" doc:"Hoeveel er ten hoogste komen."`
	After string `query:"na" maxLength:"100" doc:"Wat het vorige antwoord bij volgende zei."`
}

// LinksAnswer are links that wait for a second voice, the oldest first.
type LinksAnswer struct {
	Links []Link `json:"koppelingen" doc:"Het oudste eerst."`
	Next  string `json:"volgende,omitempty" doc:"Geef dit als na om verder te lezen; ontbreekt aan het eind."`
	Freshness
}

// waitingList binds the cursors of this list.
const waitingList = "koppelingen"

func (s *Server) links(ctx context.Context, v *sight, in *linksQuestion) (*LinksAnswer, error) {
	after, err := s.position(waitingList, in.After)
	if err != nil {
		return nil, invalid(expected("query", "na"))
	}
	out := &LinksAnswer{}
	var rows []projections.Link
	var more bool
	if out.Freshness, err = s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		rows, more, err = projections.NewEmployers().Waiting(tx, after, in.Count)
		return err
	}); err != nil {
		return nil, err
	}
	if more {
		out.Next = s.cursor(waitingList, lastPosition(rows))
	}
	out.Links, err = mapped(rows, v.link)
	return out, err
}

func lastPosition(rows []projections.Link) (at events.Position) {
	for _, l := range rows {
		at = l.Position
	}
	return at
}
