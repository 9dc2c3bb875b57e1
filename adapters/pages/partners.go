package pages

import (
	"slices"

	"huisboek/adapters/web"
	"huisboek/events"
)

// partnersPage is who takes part, what they tell, and what nobody covers.
type partnersPage struct {
	Silent    []web.PartnerCoverage // longer than usual
	Kinds     []partnerKind
	Gemeenten []web.GemeenteCoverage
	Uncovered int // municipalities that nobody names
	Types     []string
}

// partnerKind are the partners of a kind.
type partnerKind struct {
	Kind     string
	Partners []partnerRow
}

// partnerRow is a partner as a row: Tells are the types, Last when it last told
// anything.
type partnerRow struct {
	web.PartnerCoverage
	Tells []tellsOf
	Ended bool
	On    events.Date // the day of Last
}

// tellsOf says whether a partner tells of something, and how much.
type tellsOf struct {
	Type  string
	Tells bool
	Count *int
}

// coverageTypes are the columns of the table: what an account manager asks after.
var coverageTypes = []events.Type{
	events.TypeVisitPlanned, events.TypeVisitMade, events.TypeServiceDelivered, events.TypeVacancyReported, events.TypePlacementMade, events.TypeSignalNoted,
}

func (v *visit) partners() (*page, error) {
	a, err := v.api.Coverage(v.ctx(), v.since())
	if err != nil {
		return nil, err
	}
	data := &partnersPage{Gemeenten: a.Gemeenten}
	for _, t := range coverageTypes {
		data.Types = append(data.Types, t.Name())
	}
	for _, kind := range events.Values("partnerSoort") {
		of := partnerKind{Kind: kind}
		for _, p := range a.Partners {
			if p.Kind == kind {
				of.Partners = append(of.Partners, v.partnerRow(p))
			}
		}
		if len(of.Partners) > 0 {
			data.Kinds = append(data.Kinds, of)
		}
	}
	marks := []string{}
	for _, p := range a.Partners {
		if p.Silent {
			data.Silent = append(data.Silent, p)
			marks = append(marks, "stil "+p.Partner.ID)
		}
	}
	for _, g := range a.Gemeenten {
		if len(g.Partners) == 0 {
			data.Uncovered++
		}
	}
	return &page{template: "partners", title: v.t("partners.titel"), nav: "/partners", upTo: a.Freshness, marks: marks, wide: true, data: data}, nil
}

func (v *visit) partnerRow(p web.PartnerCoverage) partnerRow {
	row := partnerRow{PartnerCoverage: p, Ended: p.Until != "" && p.Until <= v.today()}
	if p.Last != nil {
		row.On = events.DateOf(*p.Last)
	}
	for _, typ := range coverageTypes {
		t := tellsOf{Type: typ.Name()}
		if i := slices.IndexFunc(p.Types, func(x web.Told) bool { return x.Type == typ }); i >= 0 {
			t.Tells, t.Count = true, p.Types[i].Count
		}
		row.Tells = append(row.Tells, t)
	}
	return row
}
