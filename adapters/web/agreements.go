package web

import (
	"cmp"
	"context"
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

var describeAgreements = description{
	id: opAgreements, summary: "De afspraken van de regio",
	text: "Waar het boek plannen aan houdt: de afspraken die vandaag gelden, die al zijn vastgesteld voor later, alle die ooit zijn vastgesteld, en de standaardafspraken die gelden zolang er geen zijn. De namen zijn die van afspraken-vastgesteld.",
	tag:  "werkgevers",
}

// Agreement is the region's agreement as it was recorded.
type Agreement struct {
	Position *events.Position `json:"positie" doc:"Waar zij zijn vastgelegd; null voor de standaardafspraken."`
	events.AgreementSet
}

// AgreementsAnswer are the agreements of a book.
type AgreementsAnswer struct {
	InForce Agreement   `json:"geldend" doc:"De afspraken van vandaag."`
	ToCome  []Agreement `json:"komend" doc:"Die op een latere dag ingaan, de eerste eerst."`
	All     []Agreement `json:"alle" doc:"Alles wat is vastgesteld, in de volgorde van het boek; van twee voor dezelfde dag geldt de laatste."`
	Default Agreement   `json:"standaard" doc:"Wat geldt zolang de regio zelf niets heeft vastgesteld."`
	Freshness
}

func (s *Server) agreements(ctx context.Context, v *sight, in *Question) (*AgreementsAnswer, error) {
	var list events.Agreements
	fresh, err := s.read(ctx, in.since(), func(tx projections.Tx) (err error) {
		list, err = projections.Agreements{}.Recorded(tx)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := &AgreementsAnswer{
		InForce: agreementOf(list.On(v.today)), ToCome: []Agreement{}, All: make([]Agreement, len(list)),
		Default: Agreement{AgreementSet: events.DefaultAgreement()}, Freshness: fresh,
	}
	for i := range list {
		out.All[i] = agreementOf(&list[i])
		if a := &list[i]; a.From > v.today && list.On(a.From).Position == a.Position {
			out.ToCome = append(out.ToCome, out.All[i])
		}
	}
	slices.SortStableFunc(out.ToCome, func(a, b Agreement) int { return cmp.Compare(a.From, b.From) })
	return out, nil
}

func agreementOf(r *events.RecordedAgreement) Agreement {
	out := Agreement{AgreementSet: r.AgreementSet}
	if r.Position != 0 {
		out.Position = &r.Position
	}
	return out
}

// escalation is the day on which a vacancy goes to the region, by the agreement in
// force when it was recorded; nil is never. Agreements that were recorded later do not
// count: that day is settled.
func escalation(all events.Agreements, v *projections.Vacancy, subregion string) *events.Date {
	known := slices.DeleteFunc(slices.Clone(all), func(a events.RecordedAgreement) bool { return a.Position > v.Position })
	terms := known.On(events.DateOf(v.At)).For(subregion)
	day := terms.Escalation.On(v.Date)
	if day == "" {
		return nil
	}
	return &day
}
