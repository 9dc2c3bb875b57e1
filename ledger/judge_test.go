package ledger

import (
	"slices"
	"testing"

	"huisboek/events"
)

// TestJudge: the rules on facts that are laid out by hand, at the day on which each
// begins and ends to matter. A matter is partner "a" for acquisition on 10 June 2026,
// said on 1 June.
func TestJudge(t *testing.T) {
	const day, said = events.Date("2026-06-10"), events.Date("2026-06-01")
	held := func(from, to events.Date) hold {
		return hold{position: 7, partner: "b", purpose: "acquisitie", from: from, to: to}
	}
	visited90 := func(partner string, on events.Date) visitFact {
		return visitFact{position: 5, partner: partner, purpose: "acquisitie", date: on}
	}
	refuse := func(e *evidence) { e.terms.Actions.OtherPlan = events.ActRefuse }
	for _, c := range []struct {
		name  string
		given func(m *matter, e *evidence)
		want  events.Outcome
		codes []string
		rests []events.Position
	}{
		{"nothing", func(*matter, *evidence) {}, "vrij", nil, []events.Position{3}},
		{"a hold on the day", func(_ *matter, e *evidence) { e.holds = []hold{held(day, day)} }, "bezet", []string{"ander-plan"}, []events.Position{7, 3}},
		{"a hold 90 days later", func(_ *matter, e *evidence) { e.holds = []hold{held(day.AddDays(90), day.AddDays(95))} }, "bezet", []string{"ander-plan"}, []events.Position{7, 3}},
		{"a hold 91 days later", func(_ *matter, e *evidence) { e.holds = []hold{held(day.AddDays(91), day.AddDays(95))} }, "vrij", nil, []events.Position{7, 3}},
		{"a hold that ended 90 days before", func(_ *matter, e *evidence) { e.holds = []hold{held(day.AddDays(-99), day.AddDays(-90))} }, "bezet", []string{"ander-plan"}, []events.Position{7, 3}},
		{"a hold that ended 91 days before", func(_ *matter, e *evidence) { e.holds = []hold{held(day.AddDays(-99), day.AddDays(-91))} }, "vrij", nil, []events.Position{7, 3}},
		{"a hold where clashes are refused", func(_ *matter, e *evidence) { e.holds = []hold{held(day, day)}; refuse(e) }, "geweigerd", []string{"ander-plan"}, []events.Position{7, 3}},
		{"refused, whatever the reason to go through", func(m *matter, e *evidence) { e.holds = []hold{held(day, day)}; refuse(e); m.despite = true }, "geweigerd", []string{"ander-plan"}, []events.Position{7, 3}},
		{"going through", func(m *matter, e *evidence) { e.holds = []hold{held(day, day)}; m.despite = true }, "bezet", []string{"ander-plan", "ondanks"}, []events.Position{7, 3}},
		{"going through nothing", func(m *matter, _ *evidence) { m.despite = true }, "vrij", nil, []events.Position{3}},
		{"a visit is never refused", func(m *matter, e *evidence) { e.holds = []hold{held(day, day)}; refuse(e); m.kind = visited }, "let-op", []string{"ander-plan"}, []events.Position{7, 3}},
		{"nor what the employer asked for", func(m *matter, e *evidence) { e.holds = []hold{held(day, day)}; refuse(e); m.atRequest = true }, "let-op", []string{"ander-plan", "op-verzoek"}, []events.Position{7, 3}},
		{"a hold that the employer asked for", func(_ *matter, e *evidence) { h := held(day, day); h.atRequest = true; e.holds = []hold{h} }, "vrij", nil, []events.Position{7, 3}},
		{"a purpose that disturbs nothing", func(m *matter, e *evidence) { e.holds = []hold{held(day, day)}; m.place.purpose = "nazorg" }, "vrij", nil, []events.Position{7, 3}},
		{"a purpose that is not known", func(m *matter, e *evidence) { e.holds = []hold{held(day, day)}; m.place.purpose = "" }, "bezet", []string{"ander-plan"}, []events.Position{7, 3}},
		{"only one says that they go together", func(m *matter, e *evidence) { e.holds = []hold{held(day, day)}; m.with = []string{"b"} }, "bezet", []string{"ander-plan", "samen-onbevestigd"}, []events.Position{7, 3}},
		{"both name each other", func(m *matter, e *evidence) {
			h := held(day, day)
			h.with, m.with = []string{"a"}, []string{"b"}
			e.holds = []hold{h}
		}, "vrij", nil, []events.Position{7, 3}},
		{"one confirmed what the other holds", func(_ *matter, e *evidence) {
			h := held(day, day)
			h.with, h.confirmed, h.confirmations = []string{"a"}, []string{"a"}, []events.Position{8}
			e.holds = []hold{h}
		}, "vrij", nil, []events.Position{7, 8, 3}},
		{"the other confirmed the matter's own approach", func(m *matter, e *evidence) {
			m.with, e.joined = []string{"b"}, []joinFact{{9, "b"}}
			e.holds = []hold{held(day, day)}
		}, "vrij", nil, []events.Position{7, 9, 3}},
		{"a visit 90 days before", func(_ *matter, e *evidence) { e.visits = []visitFact{visited90("b", day.AddDays(-90))} }, "let-op", []string{"recent-bezoek"}, []events.Position{5, 3}},
		{"a visit 91 days before", func(_ *matter, e *evidence) { e.visits = []visitFact{visited90("b", day.AddDays(-91))} }, "vrij", nil, []events.Position{5, 3}},
		{"one's own visit", func(_ *matter, e *evidence) { e.visits = []visitFact{visited90("a", day.AddDays(-1))} }, "let-op", []string{"recent-eigen-bezoek"}, []events.Position{5, 3}},
		{"one contact less than a year has", func(_ *matter, e *evidence) { e.yearly = []events.Position{11, 12, 13, 14, 15, 16, 17} }, "vrij", nil, []events.Position{3}},
		{"as many contacts as a year has", func(_ *matter, e *evidence) { e.yearly = []events.Position{11, 12, 13, 14, 15, 16, 17, 18} }, "let-op", []string{"jaarmaximum"}, []events.Position{11, 12, 13, 14, 15, 16, 17, 18, 3}},
		{"left in peace up to the day before", func(_ *matter, e *evidence) { e.spared = &spareFact{6, said, day.AddDays(-1), nil, "werkgever"} }, "vrij", nil, []events.Position{6, 3}},
		{"left in peace up to the day", func(_ *matter, e *evidence) { e.spared = &spareFact{6, said, day, nil, "werkgever"} }, "geweigerd", []string{"ontzien-werkgever"}, []events.Position{6, 3}},
		{"left in peace from the day after", func(_ *matter, e *evidence) { e.spared = &spareFact{6, day.AddDays(1), "", nil, "regio"} }, "vrij", nil, []events.Position{6, 3}},
		{"left in peace for another purpose", func(_ *matter, e *evidence) { e.spared = &spareFact{6, said, "", []string{"vacature"}, "regio"} }, "vrij", nil, []events.Position{6, 3}},
		{"a local employer of another's municipality", func(_ *matter, e *evidence) {
			e.level, e.serving = &levelFact{4, "lokaal"}, &servingFact{2, []string{"b"}}
		}, "let-op", []string{"ander-gebied"}, []events.Position{4, 2, 3}},
		{"a regional employer, alone", func(_ *matter, e *evidence) { e.level = &levelFact{4, "regionaal"} }, "let-op", []string{"alleen"}, []events.Position{4, 3}},
		{"a regional employer, by its fixed contact", func(_ *matter, e *evidence) {
			e.level, e.fixed = &levelFact{4, "regionaal"}, &fixedFact{10, "a"}
		}, "vrij", nil, []events.Position{10, 4, 3}},
		{"one plan less than a partner has", func(_ *matter, e *evidence) { e.partnerPlans = 99 }, "vrij", nil, []events.Position{3}},
		{"as many plans as a partner has", func(_ *matter, e *evidence) { e.partnerPlans = 100 }, "geweigerd", []string{"te-veel-plannen"}, []events.Position{3}},
		{"a move of what holds is not counted", func(m *matter, e *evidence) { e.partnerPlans, e.holding = 100, true; m.kind = moved }, "vrij", nil, []events.Position{3}},
		{"a move of what does not hold is", func(m *matter, e *evidence) { e.partnerPlans = 100; m.kind = moved }, "geweigerd", []string{"te-veel-plannen"}, []events.Position{3}},
		{"a purpose that disturbs nothing is in nobody's way", func(m *matter, e *evidence) {
			e.yearly = []events.Position{11, 12, 13, 14, 15, 16, 17, 18}
			e.fixed, e.level = &fixedFact{10, "b"}, &levelFact{4, "regionaal"}
			m.place.purpose = "nazorg"
		}, "vrij", nil, []events.Position{10, 4, 3}},
		{"who goes through is not in the way of who holds first", func(m *matter, e *evidence) {
			h := held(day, day)
			h.root, h.overrides = 6, true
			e.holds, e.holding, m.root, m.kind = []hold{h}, true, 5, moved
		}, "vrij", nil, []events.Position{7, 3}},
		{"who goes through is in the way of who does not hold", func(m *matter, e *evidence) {
			h := held(day, day)
			h.root, h.overrides = 6, true
			e.holds, m.root, m.kind = []hold{h}, 5, moved
		}, "bezet", []string{"ander-plan"}, []events.Position{7, 3}},
		{"who goes through is in the way of who came later", func(m *matter, e *evidence) {
			h := held(day, day)
			h.root, h.overrides = 6, true
			e.holds, e.holding, m.root, m.kind = []hold{h}, true, 8, moved
		}, "bezet", []string{"ander-plan"}, []events.Position{7, 3}},
		{"the last day is today", func(m *matter, _ *evidence) { m.from, m.to = said, said }, "vrij", nil, []events.Position{3}},
		{"the last day is over", func(m *matter, _ *evidence) { m.from, m.to = said.AddDays(-5), said.AddDays(-1) }, "let-op", []string{"dag-voorbij"}, []events.Position{3}},
		{"the last day of a visit", func(m *matter, _ *evidence) { m.from, m.to, m.kind = said.AddDays(-1), said.AddDays(-1), visited }, "vrij", nil, []events.Position{3}},
		{"as many plans as an account manager has", func(_ *matter, e *evidence) { e.managerPlans = 25 }, "let-op", []string{"te-veel-plannen-medewerker"}, []events.Position{3}},
		{"the last day that an approach holds", func(m *matter, _ *evidence) { m.from, m.to = said.AddDays(180), said.AddDays(180) }, "vrij", nil, []events.Position{3}},
		{"a day later", func(m *matter, _ *evidence) { m.from, m.to = said.AddDays(181), said.AddDays(181) }, "let-op", []string{"te-lang-vast"}, []events.Position{3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			agreement := &events.RecordedAgreement{Position: 3, AgreementSet: events.DefaultAgreement()}
			m := &matter{kind: planned, place: where{"x", "", "acquisitie"}, from: day, to: day, own: []string{"a"}, first: said, today: said}
			e := &evidence{agreement: agreement, terms: agreement.Terms}
			c.given(m, e)
			r := judge(m, e)
			if r.outcome != c.want || !slices.Equal(r.reasons, c.codes) || !slices.Equal(r.rests, c.rests) {
				t.Errorf("%s %v rests on %v, want %s %v on %v", r.outcome, r.reasons, r.rests, c.want, c.codes, c.rests)
			}
		})
	}
}
