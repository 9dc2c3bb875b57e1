package projections

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

// TestWhatElseIsTold: what partners are told of besides another's plans and visits.
// Everybody has taken part since 2020; the first event of a case is the fifth.
func TestWhatElseIsTold(t *testing.T) {
	const day = "2026-12-01"
	whole, ref := at69599084(""), at69599084(oneDoor)
	planned := func(approach string, on events.Date, with ...string) *events.VisitPlanned {
		d := planAt(whole, on, "acquisitie")
		d.Approach = approach
		for _, partner := range with {
			d.With = append(d.With, "urn:"+partner)
		}
		return d
	}
	through := func(d *events.VisitPlanned) *events.VisitPlanned {
		d.Despite = &events.Despite{Reason: sealedWith[string](9)}
		return d
	}
	off := func(s *scene, partner string, plan events.Position) {
		s.say(partner, &events.VisitCalledOff{Approach: "approach"}, plan)
	}
	taken := func(s *scene, partner string, d events.Data, points ...events.Position) events.Position {
		s.outcome, s.reasons = events.Taken, []string{"ander-plan"}
		return s.say(partner, d, points...)
	}
	despite := func(s *scene, partner string, d events.Data, points ...events.Position) events.Position {
		s.outcome, s.reasons = events.Taken, []string{"ander-plan", "ondanks"}
		return s.say(partner, d, points...)
	}
	madeWith := func(partner string, on events.Date) *events.VisitMade {
		d := visitAt(whole, "nazorg")
		d.Date, d.With = on, []string{"urn:" + partner}
		return d
	}
	for _, tt := range []struct {
		name string
		does func(*scene)
		want map[string][]string // "a": {"12 kind why …"}
	}{
		{"GoesThrough", func(s *scene) {
			s.say("b", planned("b", day))
			s.say("c", appointAt(whole, ""))
			despite(s, "a", through(planned("a", day)))
		}, map[string][]string{"b": {"7 doorgezet open-plan"}, "c": {"7 doorgezet vaste-contactpersoon"}}},
		{"MovesThrough", func(s *scene) {
			s.say("b", planned("b", day))
			p := s.say("a", planAt(whole, "2027-06-01", "acquisitie"))
			despite(s, "a", &events.VisitMoved{Approach: "approach", Date: day, Despite: &events.Despite{Reason: sealedWith[string](9)}}, p)
		}, map[string][]string{"b": {"6 ander-plan open-plan", "7 doorgezet open-plan"}}},
		{"OnlyWarned", func(s *scene) { // nothing was gone through that another holds
			s.say("b", planned("b", day))
			s.outcome, s.reasons = events.Attention, []string{"recent-bezoek", "ondanks"}
			s.say("a", through(planned("a", day)))
		}, map[string][]string{"b": {"6 ander-plan open-plan"}}},
		{"TakenAndNotThrough", func(s *scene) {
			s.say("b", planned("b", day))
			taken(s, "a", planned("a", day))
		}, map[string][]string{"b": {"6 ander-plan open-plan"}}},
		{"Refused", func(s *scene) {
			s.say("b", planned("b", day))
			s.outcome = events.Refused
			s.say("a", &events.PlanRefused{VisitPlanned: *planned("a", day)})
		}, nil},
		{"NamedInAPlan", func(s *scene) { s.say("a", planned("a", day, "b", "a", "nobody")) }, map[string][]string{"b": {"5 samen-gevraagd genoemd"}}},
		{"NamedWhereItHasAPlan", func(s *scene) {
			s.say("b", planned("b", day))
			s.say("a", planned("a", day, "b"))
		}, map[string][]string{"b": {"6 samen-gevraagd open-plan genoemd"}}},
		{"NamedWhereItGoesThrough", func(s *scene) {
			s.say("b", planned("b", day))
			despite(s, "a", through(planned("a", day, "b")))
		}, map[string][]string{"b": {"6 doorgezet open-plan genoemd"}}},
		{"NamedAndMoved", func(s *scene) {
			p := s.say("a", planned("a", day, "b"))
			s.say("a", &events.VisitMoved{Approach: "a", Date: "2026-12-03"}, p)
		}, map[string][]string{"b": {"5 samen-gevraagd genoemd", "6 ander-plan-verzet genoemd"}}},
		{"NamedInAVisit", func(s *scene) { s.say("a", madeWith("b", "2026-11-20")) }, map[string][]string{"b": {"5 samen-gevraagd genoemd"}}},
		{"NamedInACorrectedVisit", func(s *scene) {
			s.say("c", appointAt(whole, ""))
			p := s.say("a", visitAt(whole, "nazorg"))
			d := madeWith("b", "2026-11-22")
			d.Replaces = s.ref(p)
			s.say("a", d, p)
		}, map[string][]string{"b": {"7 samen-gevraagd genoemd"}, "c": {"6 ander-bezoek vaste-contactpersoon"}}},
		{"NamedInACorrectedVisitWhereItGoesOnWithAContact", func(s *scene) {
			s.say("b", appointAt(whole, ""))
			s.say(theBook, succeed("b", "c", "2026-01-01"))
			p := s.say("a", visitAt(whole, "nazorg"))
			d := madeWith("c", "2026-11-22")
			d.Replaces = s.ref(p)
			s.say("a", d, p)
		}, map[string][]string{"c": {"7 ander-bezoek vaste-contactpersoon", "8 samen-gevraagd vaste-contactpersoon genoemd"}}},
		{"NamedWhoseSuccessorIsTold", func(s *scene) {
			s.say(theBook, succeed("b", "c", "2026-01-01"))
			s.say("a", planned("a", day, "b"))
		}, map[string][]string{"c": {"6 samen-gevraagd genoemd"}}},
		{"ConfirmedPlan", func(s *scene) {
			p := s.say("a", planned("a", day, "b"))
			s.say("b", &events.JointVisitConfirmed{Event: *s.ref(p)}, p)
		}, map[string][]string{"a": {"6 samen-bevestigd open-plan eigen-melding"}, "b": {"5 samen-gevraagd genoemd"}}},
		{"ConfirmedVisit", func(s *scene) {
			p := s.say("a", madeWith("b", "2026-11-20"))
			s.say("b", &events.JointVisitConfirmed{Event: *s.ref(p)}, p)
		}, map[string][]string{"a": {"6 samen-bevestigd eigen-melding"}, "b": {"5 samen-gevraagd genoemd"}}},
		{"FreedByACallOff", func(s *scene) {
			p := s.say("a", planAt(whole, day, "acquisitie"))
			taken(s, "b", planned("b", day))
			off(s, "a", p)
		}, map[string][]string{"a": {"6 ander-plan open-plan"}, "b": {"7 vrijgekomen open-plan"}}},
		{"FreedByARetraction", func(s *scene) {
			p := s.say("a", planAt(whole, day, "acquisitie"))
			taken(s, "b", planned("b", day))
			s.say("a", &events.EventRetracted{Event: *s.ref(p)}, p)
		}, map[string][]string{"a": {"6 ander-plan open-plan"}, "b": {"7 vrijgekomen open-plan"}}},
		{"FreedByAMove", func(s *scene) {
			p := s.say("a", planAt(whole, day, "acquisitie"))
			taken(s, "b", planned("b", day))
			s.say("a", &events.VisitMoved{Approach: "approach", Date: "2027-03-02"}, p) // 91 days on
		}, map[string][]string{"a": {"6 ander-plan open-plan"}, "b": {"7 vrijgekomen open-plan"}}},
		{"NotByAMoveWithinTheQuietDays", func(s *scene) {
			p := s.say("a", planAt(whole, day, "acquisitie"))
			taken(s, "b", planned("b", day))
			s.say("a", &events.VisitMoved{Approach: "approach", Date: "2027-03-01"}, p) // 90 days on
		}, map[string][]string{"a": {"6 ander-plan open-plan"}, "b": {"7 ander-plan-verzet open-plan"}}},
		{"NotByAVisit", func(s *scene) {
			p := s.say("a", planAt(whole, "2026-11-22", "acquisitie"))
			taken(s, "b", planned("b", day))
			d := visitAt(whole, "nazorg")
			d.Approach = "approach"
			s.say("a", d, p)
		}, map[string][]string{"a": {"6 ander-plan open-plan"}, "b": {"7 ander-bezoek open-plan"}}},
		{"NotWhileAnotherHoldsIt", func(s *scene) {
			p := s.say("a", planAt(whole, day, "acquisitie"))
			q := despite(s, "c", through(planAt(whole, day, "acquisitie")))
			taken(s, "b", planned("b", day))
			off(s, "a", p)
			off(s, "c", q)
		}, map[string][]string{
			"a": {"6 doorgezet open-plan", "7 ander-plan open-plan"}, "b": {"9 vrijgekomen open-plan"}, "c": {"7 ander-plan open-plan"},
		}},
		{"NotWhoWentThrough", func(s *scene) {
			p := s.say("a", planAt(whole, day, "acquisitie"))
			despite(s, "b", through(planned("b", day)))
			off(s, "a", p)
		}, map[string][]string{"a": {"6 doorgezet open-plan"}}},
		{"NotByWhatHeldNothing", func(s *scene) {
			s.say("c", planned("c", day))
			p := taken(s, "a", planAt(whole, day, "acquisitie"))
			taken(s, "b", planned("b", day))
			off(s, "a", p)
		}, map[string][]string{"a": {"7 ander-plan open-plan"}, "c": {"6 ander-plan open-plan", "7 ander-plan open-plan"}}},
		{"NotByWhatDisturbsNobody", func(s *scene) {
			p := s.say("a", planAt(whole, day, "nazorg"))
			taken(s, "b", planned("b", day))
			off(s, "a", p)
		}, map[string][]string{"a": {"6 ander-plan open-plan"}}},
		{"ClashOfVisits", func(s *scene) {
			d := visitAt(whole, "acquisitie")
			d.Date = "2026-11-01"
			s.say("b", d)
			s.say("a", visitAt(whole, "acquisitie"))
		}, map[string][]string{"a": {"6 botsing eigen-melding"}, "b": {"6 botsing eigen-melding"}}},
		{"ClashWithAPlan", func(s *scene) {
			s.say("b", planned("b", "2026-11-22"))
			s.say("a", visitAt(whole, "acquisitie"))
		}, map[string][]string{"a": {"6 botsing eigen-melding"}, "b": {"6 botsing open-plan eigen-melding"}}},
		{"Follows", func(s *scene) {
			s.say("b", &events.EmployerFollowed{Employer: whole})
			s.say("c", &events.EmployerFollowed{Employer: ref})
			p := s.say("a", planAt(at69599084(otherDoor), day, "acquisitie"))
			s.say("a", &events.VisitMoved{Approach: "approach", Date: "2026-12-03"}, p)
			s.say("a", visitAt(ref, "nazorg"))
		}, map[string][]string{
			"b": {"7 ander-plan gevolgd", "8 ander-plan-verzet gevolgd", "9 ander-bezoek gevolgd"}, "c": {"9 ander-bezoek gevolgd"},
		}},
		{"FollowsNoLonger", func(s *scene) {
			s.say("b", &events.EmployerFollowed{Employer: ref})
			s.say("b", &events.EmployerFollowed{Employer: whole})
			s.say("b", &events.EmployerUnfollowed{Employer: whole})
			s.say("a", visitAt(ref, "nazorg"))
		}, nil},
		{"LetsGoOfAPart", func(s *scene) {
			s.say("b", &events.EmployerFollowed{Employer: ref})
			s.say("b", &events.EmployerFollowed{Employer: at69599084(otherDoor)})
			s.say("b", &events.EmployerUnfollowed{Employer: ref})
			s.say("a", visitAt(ref, "nazorg"))
			s.say("a", visitAt(at69599084(otherDoor), "nazorg"))
		}, map[string][]string{"b": {"9 ander-bezoek gevolgd"}}},
		{"FollowRetracted", func(s *scene) {
			s.say("b", &events.EmployerFollowed{Employer: whole})
			p := s.say("b", &events.EmployerUnfollowed{Employer: whole})
			s.say("b", &events.EventRetracted{Event: *s.ref(p)}, p)
			s.say("a", visitAt(whole, "nazorg"))
		}, map[string][]string{"b": {"8 ander-bezoek gevolgd"}}},
		{"FollowsAGroup", func(s *scene) {
			s.say("b", &events.EmployerFollowed{Employer: events.Employer{KvK: "90004760"}})
			s.steward(joining("69599084", "90004760", LinkSame), "koppeling-geldt")
			s.say("a", visitAt(whole, "nazorg"))
			s.say("b", &events.EmployerUnfollowed{Employer: whole})
			s.say("a", visitAt(whole, "nazorg"))
		}, map[string][]string{"b": {"7 ander-bezoek gevolgd"}}},
		{"FollowsOnForWhomItSucceeds", func(s *scene) {
			s.say("b", &events.EmployerFollowed{Employer: whole})
			s.say(theBook, succeed("b", "c", "2026-01-01"))
			s.say("a", visitAt(whole, "nazorg"))
		}, map[string][]string{"c": {"7 ander-bezoek gevolgd"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			for _, partner := range []string{"a", "b", "c", "d"} {
				s.say(theBook, admit(partner, "2020-01-01", "GM1"))
			}
			tt.does(s)
			for _, partner := range []string{"a", "b", "c", "d"} {
				list, _, _, err := Messages{}.After(memoryTx{s.store.rows}, partner, Cursor{}, "", MaxMessages)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, m := range list {
					got = append(got, strings.TrimSpace(m.id()+" "+m.Kind+" "+strings.Join(m.Why, " ")))
				}
				if d := cmp.Diff(tt.want[partner], got, equal); d != "" {
					t.Errorf("told to %s (-want +got):\n%s", partner, d)
				}
			}
		})
	}
}

// TestWhatAMessageBesideSays: of what came free the days that did, and of a clash the
// other party's side; of what was gone through the reason, sealed for the event itself.
func TestWhatAMessageBesideSays(t *testing.T) {
	s := newScene(t)
	whole := at69599084("")
	p := s.say("a", planAt(whole, "2026-12-01", "acquisitie"))
	s.outcome = events.Taken
	b := planAt(whole, "2026-12-02", "acquisitie")
	b.Approach = "b"
	s.say("b", b)
	move := &events.VisitMoved{Approach: "approach", Date: "2027-05-01", Despite: &events.Despite{Reason: sealedWith[string](9)}}
	s.outcome, s.reasons = events.Taken, []string{"ondanks"}
	moved := s.say("a", move, p)
	v := visitAt(whole, "acquisitie")
	v.AccountManager = sealedWith[events.AccountManager](5)
	s.say("c", v)
	v = visitAt(whole, "acquisitie")
	v.Date = "2026-11-20"
	clash := s.say("d", v)
	all := map[events.Position]Message{}
	for _, partner := range []string{"b", "d"} {
		list, _, _, err := Messages{}.After(memoryTx{s.store.rows}, partner, Cursor{}, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range list {
			all[m.Position] = m
		}
	}
	if m := all[moved]; m.Kind != MessageThrough || m.Reason.Seal == nil || m.Reason.Seal.Key != 9 || m.ReasonID != "id-3" || m.ID != "id-1" ||
		m.Date != "2027-05-01" || m.Approach != "b" {
		t.Errorf("gone through: %+v", m)
	}
	if m := all[clash]; m.Kind != MessageClash || m.Partner != "c" || m.Date != "2026-11-22" || m.AccountManager.Seal == nil ||
		m.AccountManager.Seal.Key != 5 || m.ID != "id-4" || !slices.Equal(m.Why, []string{WhyOwn}) {
		t.Errorf("clash: %+v", m)
	}
}
