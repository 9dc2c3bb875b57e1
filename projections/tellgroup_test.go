package projections

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

// joining says that the steward holds two employers for one.
func joining(one, other, kind string) *events.EmployersLinked {
	return &events.EmployersLinked{Employer: events.WholeEmployer{KvK: one}, With: events.WholeEmployer{KvK: other}, Kind: kind}
}

// steward records what the steward says, with the reasons of its verdict.
func (s *scene) steward(data events.Data, reasons ...string) {
	s.t.Helper()
	s.reasons = reasons
	s.say(theBook, data)
}

// TestWhoIsToldOfAGroup: b has an open plan, c is the fixed contact, under another
// number than that under which a does something.
func TestWhoIsToldOfAGroup(t *testing.T) {
	const one, other, third = "69599084", "90004760", "90004761"
	at := func(kvk string) events.Employer { return events.Employer{KvK: kvk} }
	link := func(one, other, kind string) func(*scene) {
		return func(s *scene) { s.steward(joining(one, other, kind), "koppeling-geldt") }
	}
	tests := []struct {
		name  string
		links []func(*scene)
		want  bool
	}{
		{"NotLinked", nil, false},
		{"Same", []func(*scene){link(one, other, LinkSame)}, true},
		{"SameTheOtherWay", []func(*scene){link(other, one, LinkSame)}, true},
		{"Successor", []func(*scene){link(one, other, LinkSuccessor)}, true},
		{"Predecessor", []func(*scene){link(other, one, LinkSuccessor)}, true},
		{"Through", []func(*scene){link(one, third, LinkSame), link(third, other, LinkSuccessor)}, true},
		{"Concern", []func(*scene){link(one, other, LinkConcern)}, false},
		{"Waiting", []func(*scene){func(s *scene) { s.steward(joining(one, other, LinkSame), "koppeling-wacht") }}, false},
		{"Unlinked", []func(*scene){link(one, other, LinkSame), func(s *scene) {
			s.steward(&events.EmployersUnlinked{Employer: events.WholeEmployer{KvK: other}, With: events.WholeEmployer{KvK: one}})
		}}, false},
		{"LinkedAgain", []func(*scene){link(one, other, LinkSame), func(s *scene) {
			s.steward(&events.EmployersUnlinked{Employer: events.WholeEmployer{KvK: one}, With: events.WholeEmployer{KvK: other}})
		}, link(one, other, LinkSame)}, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.say("b", planAt(at(other), "2026-12-01", "acquisitie"))
			s.say("c", appointAt(at(other), ""))
			for _, link := range tt.links {
				link(s)
			}
			s.say("a", visitAt(at(one), "nazorg"))
			for partner, why := range map[string]string{"b": WhyOpenPlan, "c": WhyFixed} {
				var want []string
				if tt.want {
					want = []string{MessageVisit + " " + why}
				}
				if d := cmp.Diff(want, s.told(partner, 0), equal); d != "" {
					t.Errorf("told to %s (-want +got):\n%s", partner, d)
				}
			}
		})
	}
}

// TestFixedContactOfAGroup: who was appointed under one number and released under
// another of the same employer is no longer told; who comes after that is.
func TestFixedContactOfAGroup(t *testing.T) {
	const one, other, third = "69599084", "90004760", "90004761"
	at := func(kvk string) events.Employer { return events.Employer{KvK: kvk} }
	released := func(kvk string) events.Data { return &events.ContactReleased{Employer: at(kvk), Purpose: "nazorg"} }
	type said struct {
		partner string
		data    events.Data
	}
	tests := []struct {
		name   string
		linked bool
		said   []said
		want   string // who of b and c is told
	}{
		{"Released", true, []said{{"b", appointAt(at(other), "nazorg")}, {"b", released(third)}}, ""},
		{"ReleasedThere", true, []said{{"b", appointAt(at(other), "nazorg")}, {"b", released(other)}}, ""},
		{"OfAnotherNumberThatIsNotLinked", false, []said{{"b", appointAt(at(one), "nazorg")}, {"b", released(third)}}, "b"},
		{"ReleasedByAnother", true, []said{{"b", appointAt(at(other), "nazorg")}, {"c", released(third)}}, "b"},
		{"AppointedAfter", true, []said{{"b", appointAt(at(other), "nazorg")}, {"c", appointAt(at(third), "nazorg")}}, "c"},
		{"AppointedAfterAndReleased", true, []said{
			{"b", appointAt(at(other), "nazorg")}, {"c", appointAt(at(other), "nazorg")}, {"c", released(third)},
		}, "b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			if tt.linked {
				s.steward(joining(one, other, LinkSame), "koppeling-geldt")
				s.steward(joining(third, other, LinkSame), "koppeling-geldt")
			}
			for _, said := range tt.said {
				s.say(said.partner, said.data)
			}
			s.say("a", visitAt(at(one), "nazorg"))
			told := ""
			for _, partner := range []string{"b", "c"} {
				told += strings.Repeat(partner, len(s.told(partner, 0)))
			}
			if told != tt.want {
				t.Errorf("told are %q, want %q", told, tt.want)
			}
		})
	}
}

// TestToldOnceOfAGroup: whoever has an interest under more numbers is told once,
// with all reasons and the plan that begins first.
func TestToldOnceOfAGroup(t *testing.T) {
	s := newScene(t)
	mine := func(kvk, approach string, on events.Date) {
		d := planAt(events.Employer{KvK: kvk}, on, "acquisitie")
		d.Approach = approach
		s.say("b", d)
	}
	mine("69599084", "late", "2026-12-10")
	mine("90004760", "soon", "2026-12-01")
	s.say("b", appointAt(events.Employer{KvK: "90004760"}, ""))
	s.steward(joining("69599084", "90004760", LinkSame), "koppeling-geldt")
	s.say("a", visitAt(at69599084(""), "nazorg"))
	list, _, _, err := Messages{}.After(memoryTx{s.store.rows}, "b", Cursor{}, "", 10)
	if err != nil || len(list) != 1 || !slices.Equal(list[0].Why, []string{WhyOpenPlan, WhyFixed}) || list[0].Approach != "soon" ||
		list[0].Employer != "69599084" {
		t.Errorf("%+v, %v", list, err)
	}
}

// TestWhoIsToldAfterSuccession: a does something on 22 November where p had an
// interest; what the steward says of p decides who hears it.
func TestWhoIsToldAfterSuccession(t *testing.T) {
	const plan, fixed, both = MessageVisit + " " + WhyOpenPlan, MessageVisit + " " + WhyFixed, MessageVisit + " " + WhyOpenPlan + " " + WhyFixed
	whole := at69599084("")
	visits := func(partner string) func(*scene) {
		return func(s *scene) { s.say(partner, visitAt(whole, "nazorg")) }
	}
	says := func(data ...events.Data) func(*scene) {
		return func(s *scene) {
			for _, d := range data {
				s.steward(d)
			}
		}
	}
	tests := []struct {
		name    string
		steward func(*scene)
		does    func(*scene)
		want    map[string][]string
	}{
		{"NobodyLeft", says(), visits("a"), map[string][]string{"p": {plan}, "q": {fixed}}},
		{"Succeeded", says(succeed("p", "q", "2026-11-22")), visits("a"), map[string][]string{"q": {both}}},
		{"SucceededFromTomorrow", says(succeed("p", "q", "2026-11-23")), visits("a"), map[string][]string{"p": {plan}, "q": {fixed}}},
		{"SucceededByAnother", says(succeed("p", "r", "2026-01-01")), visits("a"), map[string][]string{"r": {plan}, "q": {fixed}}},
		{"Chain", says(succeed("p", "r", "2026-01-01"), succeed("r", "q", "2026-02-01")), visits("a"), map[string][]string{"q": {both}}},
		{"BothSucceeded", says(succeed("p", "r", "2026-01-01"), succeed("q", "r", "2026-01-01")), visits("a"), map[string][]string{"r": {both}}},
		{"SuccessorDoesIt", says(succeed("p", "q", "2026-01-01")), visits("q"), nil},
		{"PredecessorDidIt", says(succeed("p", "q", "2026-01-01")), visits("p"), nil},
		{"SucceededByTheMaker", says(succeed("p", "a", "2026-01-01")), visits("a"), map[string][]string{"q": {fixed}}},
		{"Departed", says(admit("p", "2020-01-01", ""), depart("p", "2026-11-22")), visits("a"), map[string][]string{"q": {fixed}}},
		{"DepartsTomorrow", says(admit("p", "2020-01-01", ""), depart("p", "2026-11-23")), visits("a"), map[string][]string{"p": {plan}, "q": {fixed}}},
		{"ReadmittedToday", says(admit("p", "2020-01-01", ""), depart("p", "2025-01-01"), admit("p", "2026-11-22", "")), visits("a"),
			map[string][]string{"p": {plan}, "q": {fixed}}},
		{"DepartedAndSucceeded", says(admit("p", "2020-01-01", ""), depart("p", "2026-01-01"), succeed("p", "q", "2026-01-01")), visits("a"),
			map[string][]string{"q": {both}}},
		{"SuccessorDeparted", says(admit("r", "2020-01-01", ""), depart("r", "2026-01-01"), succeed("p", "r", "2025-01-01")), visits("a"),
			map[string][]string{"q": {fixed}}},
		{"SuccessionUndone", says(succeed("p", "q", "2025-01-01"), admit("p", "2026-01-01", "")), visits("a"),
			map[string][]string{"p": {plan}, "q": {fixed}}},
		{"SuccessorMovesItsPlan", says(succeed("p", "r", "2026-01-01")), func(s *scene) {
			s.say("r", &events.VisitMoved{Approach: "approach", Date: "2026-12-02"}, 1)
		}, map[string][]string{"q": {MessageMoved + " " + WhyFixed}}},
		{"ErasedOfThePredecessor", says(succeed("p", "q", "2026-01-01")), says(&events.DataErased{Keys: []events.KeyID{1, 2}, Ground: "verzoek"}),
			map[string][]string{"q": {MessageErased}}},
		{"ErasedOfWhoLeft", says(admit("p", "2020-01-01", ""), depart("p", "2026-01-01")),
			says(&events.DataErased{Keys: []events.KeyID{1, 2}, Ground: "verzoek"}), map[string][]string{"q": {MessageErased}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.say("p", planAt(whole, "2026-12-01", "nazorg"))
			s.say("q", appointAt(at69599084(""), "nazorg"))
			known := events.Position(2)
			tt.steward(s)
			tt.does(s)
			for _, partner := range []string{"a", "p", "q", "r", theBook} {
				if d := cmp.Diff(tt.want[partner], s.told(partner, known), equal); d != "" {
					t.Errorf("told to %s (-want +got):\n%s", partner, d)
				}
			}
		})
	}
}

// TestMessageOfASuccession: the plan that the successor has now is its predecessor's;
// who moved a plan is who to speak to; what was lost is put together.
func TestMessageOfASuccession(t *testing.T) {
	s := newScene(t)
	mine := func(partner, approach string, on events.Date) {
		d := planAt(at69599084(""), on, "nazorg")
		d.Approach = approach
		s.say(partner, d)
	}
	mine("q", "own", "2026-12-10")       // 1
	mine("p", "inherited", "2026-12-01") // 2
	moved := s.say("a", planAt(at69599084(""), "2026-12-05", "nazorg"))
	s.steward(succeed("p", "q", "2026-11-22"))
	s.steward(succeed("a", "b", "2026-11-22"))
	p := s.say("b", &events.VisitMoved{Approach: "approach", Date: "2026-12-06"}, moved)
	list, _, _, err := Messages{}.After(memoryTx{s.store.rows}, "q", Cursor{After: p - 1}, "", 10)
	if err != nil || len(list) != 1 || list[0].Approach != "inherited" || list[0].Partner != "b" || list[0].ID != s.records[moved-1].Event.ID {
		t.Errorf("%+v, %v", list, err)
	}
	p = s.say(theBook, &events.DataErased{Keys: []events.KeyID{1}, Ground: "verzoek"})
	for partner, want := range map[string][]events.Position{"q": {1, 2}, "b": {3}} {
		list, _, _, err := Messages{}.After(memoryTx{s.store.rows}, partner, Cursor{After: p - 1}, "", 10)
		if err != nil || len(list) != 1 || !slices.Equal(list[0].Events, want) || list[0].Count != len(want) {
			t.Errorf("told to %s: %+v, %v; want %v", partner, list, err, want)
		}
	}
}

// TestErasedReasonOfALink: a partner's reason for a link is its own free text, the
// steward's is nobody's.
func TestErasedReasonOfALink(t *testing.T) {
	s := newScene(t)
	why := func(key events.KeyID) *events.EmployersLinked {
		d := joining("69599084", "90004760", LinkSame)
		d.Reason = sealedWith[string](key)
		return d
	}
	s.say("a", why(1))
	s.say(theBook, why(2))
	s.say(theBook, &events.DataErased{Keys: []events.KeyID{1, 2}, Ground: "verzoek"})
	for partner, want := range map[string][]string{"a": {MessageErased}, theBook: nil} {
		if d := cmp.Diff(want, s.told(partner, 0), equal); d != "" {
			t.Errorf("told to %s (-want +got):\n%s", partner, d)
		}
	}
}

// TestAGroupCostsOnlyWhoIsLinked: of an employer that was never linked no row is
// looked for by a scan, which would put away what a store has gathered.
func TestAGroupCostsOnlyWhoIsLinked(t *testing.T) {
	s := newScene(t)
	s.say("b", planAt(at69599084(""), "2026-12-01", "nazorg"))
	s.steward(joining("90004760", "90004761", LinkSame), "koppeling-geldt")
	r := stored(t, &events.Record{Position: 3, Partner: "a", Verdict: events.Verdict{Outcome: events.Free, Today: s.today},
		Event: events.Event{ID: "id", Source: "urn:nld:oin:00000099000000000001:systeem:a", Type: events.TypeVisitMade, Data: visitAt(at69599084(""), "nazorg")}})
	tx := &countingTx{memoryTx: memoryTx{s.store.rows}}
	if err := (Messages{}).Apply(tx, r); err != nil || tx.scans != 0 || len(s.told("b", 0)) != 1 {
		t.Errorf("%d scans, %v", tx.scans, err)
	}
}

type countingTx struct {
	memoryTx
	scans int
}

func (t *countingTx) Scan(prefix []byte, fn func(k, v []byte) bool) { t.ScanFrom(prefix, prefix, fn) }

func (t *countingTx) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	t.scans++
	t.memoryTx.ScanFrom(from, prefix, fn)
}
