package projections

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

// scene tells a small story and looks at the messages that it raises.
type scene struct {
	t          *testing.T
	store      *memory
	today      events.Date
	afterwards bool           // of the next event
	reasons    []string       // of its verdict
	outcome    events.Outcome // of its verdict; empty: free
	asked      events.Date    // the day on which messages are asked for; empty: nothing falls due
	records    []*events.Record
}

func newScene(t *testing.T) *scene { return &scene{t: t, store: newMemory(), today: "2026-11-22"} }

const (
	oneDoor, otherDoor = "000012345678", "000087654321" // two establishments of one employer
)

// say records data as said by a partner; points are what the event points to.
func (s *scene) say(partner string, data events.Data, points ...events.Position) events.Position {
	s.t.Helper()
	p := events.Position(len(s.records) + 1)
	r := stored(s.t, &events.Record{
		Position: p, At: time.Date(2026, 11, 22, 8, 0, int(p), 0, time.UTC), Partner: partner,
		Verdict: events.Verdict{Outcome: outcomeOr(s.outcome), Reasons: s.reasons, Today: s.today, RestsOn: points},
		Event: events.Event{
			ID: fmt.Sprintf("id-%d", p), Source: "urn:nld:oin:00000099000000000001:systeem:" + partner, Type: data.Type(), Data: data,
			Afterwards: s.afterwards,
		},
	})
	s.afterwards, s.reasons, s.outcome = false, nil, ""
	apply(s.t, s.store, r)
	s.records = append(s.records, r)
	return p
}

// ref refers to what was said at a position.
func (s *scene) ref(p events.Position) *events.Ref {
	return &events.Ref{Source: s.records[p-1].Event.Source, ID: s.records[p-1].Event.ID}
}

func at69599084(establishment string) events.Employer {
	return events.Employer{KvK: "69599084", Establishment: establishment}
}

func planAt(e events.Employer, on events.Date, purpose string) *events.VisitPlanned {
	return &events.VisitPlanned{Employer: e, Approach: "approach", Date: on, Purpose: purpose, AccountManager: sealedWith[events.AccountManager](1)}
}

func visitAt(e events.Employer, purpose string) *events.VisitMade {
	return &events.VisitMade{Employer: e, Date: "2026-11-22", Purpose: purpose, Form: "telefoon", AccountManager: sealedWith[events.AccountManager](1)}
}

func sealedWith[T any](key events.KeyID) events.Personal[T] {
	return events.Personal[T]{Seal: &events.Seal{Key: key, Text: fmt.Sprintf("zegel-%d", key)}}
}

func appointAt(e events.Employer, purpose string) *events.ContactAppointed {
	return &events.ContactAppointed{Employer: e, Purpose: purpose, AccountManager: sealedWith[events.AccountManager](2)}
}

// told is a partner's messages after a position, one to a line: kind and why.
func (s *scene) told(partner string, after events.Position) []string {
	s.t.Helper()
	list, _, more, err := Messages{}.After(memoryTx{s.store.rows}, partner, Cursor{After: after}, s.asked, MaxMessages)
	if more || err != nil {
		s.t.Fatal(more, err)
	}
	lines := []string{}
	for _, m := range list {
		lines = append(lines, strings.TrimSpace(m.Kind+" "+strings.Join(m.Why, " ")))
	}
	return lines
}

// unplaced takes away where a reader is after each message.
func unplaced(list []Message) []Message {
	for i := range list {
		list[i].Next = Cursor{}
	}
	return list
}

// TestWhoIsTold: partner b stands in some relation to the employer when a does
// something there.
func TestWhoIsTold(t *testing.T) {
	const (
		day  = "2026-12-01"
		plan = MessagePlan + " " + WhyOpenPlan
		both = MessagePlan + " " + WhyOpenPlan + " " + WhyFixed
		is   = MessagePlan + " " + WhyFixed
	)
	whole := at69599084("")
	aPlans := func(s *scene) { s.say("a", planAt(whole, day, "nazorg")) }
	at := func(establishment string) func(*scene) {
		return func(s *scene) { s.say("a", planAt(at69599084(establishment), day, "nazorg")) }
	}
	tests := []struct {
		name    string
		b, does func(s *scene)
		want    []string
	}{
		{"NothingThere", func(s *scene) {}, aPlans, nil},
		{"OpenPlan", func(s *scene) { s.say("b", planAt(whole, day, "acquisitie")) }, aPlans, []string{plan}},
		{"OtherEmployer", func(s *scene) { s.say("b", planAt(events.Employer{KvK: "90004760"}, day, "acquisitie")) }, aPlans, nil},
		{"LastDayIsToday", func(s *scene) { s.say("b", planAt(whole, s.today, "acquisitie")) }, aPlans, []string{plan}},
		{"Expired", func(s *scene) { s.say("b", planAt(whole, "2026-11-21", "acquisitie")) }, aPlans, nil},
		{"ExpiredMeanwhile", func(s *scene) {
			s.say("b", planAt(whole, day, "acquisitie"))
			s.today = "2026-12-02"
		}, aPlans, nil},
		{"NotYetOverWhenTheClockIsPutBack", func(s *scene) {
			s.say("b", planAt(whole, day, "acquisitie"))
			s.today = "2026-12-02"
			s.say("c", planAt(whole, "2026-12-09", "acquisitie"))
			s.today = day
		}, aPlans, []string{plan}},
		{"ForgottenAndMovedAhead", func(s *scene) {
			p := s.say("b", planAt(whole, day, "acquisitie"))
			s.today = "2027-02-01"
			s.say("c", planAt(at69599084(oneDoor), "2027-02-02", "acquisitie"))
			s.say("b", &events.VisitMoved{Approach: "approach", Date: "2027-02-03"}, p)
		}, aPlans, []string{plan}},
		{"PeriodNotOver", func(s *scene) {
			d := planAt(whole, "", "acquisitie")
			d.Period = &events.Period{From: "2026-11-01", To: "2026-11-30"}
			s.say("b", d)
		}, aPlans, []string{plan}},
		{"CalledOff", func(s *scene) {
			p := s.say("b", planAt(whole, day, "acquisitie"))
			s.say("b", &events.VisitCalledOff{Approach: "approach"}, p)
		}, aPlans, nil},
		{"CallOffRetracted", func(s *scene) {
			p := s.say("b", planAt(whole, day, "acquisitie"))
			off := s.say("b", &events.VisitCalledOff{Approach: "approach"}, p)
			s.say("b", &events.EventRetracted{Event: *s.ref(off)}, off)
		}, aPlans, []string{plan}},
		{"Made", func(s *scene) {
			p := s.say("b", planAt(whole, day, "acquisitie"))
			v := visitAt(whole, "acquisitie")
			v.Approach = "approach"
			s.say("b", v, p)
		}, aPlans, nil},
		{"PlanRetracted", func(s *scene) {
			p := s.say("b", planAt(whole, day, "acquisitie"))
			s.say("b", &events.EventRetracted{Event: *s.ref(p)}, p)
		}, aPlans, nil},
		{"PlanCorrectedToAnotherEmployer", func(s *scene) {
			p := s.say("b", planAt(whole, day, "acquisitie"))
			d := planAt(events.Employer{KvK: "90004760"}, day, "acquisitie")
			d.Replaces = s.ref(p)
			s.say("b", d, p, p)
		}, aPlans, nil},
		{"PlanMovedIntoThePast", func(s *scene) {
			p := s.say("b", planAt(whole, day, "acquisitie"))
			s.say("b", &events.VisitMoved{Approach: "approach", Date: "2026-11-20"}, p)
		}, aPlans, nil},
		{"SameEstablishment", func(s *scene) { s.say("b", planAt(at69599084(oneDoor), day, "acquisitie")) }, at(oneDoor), []string{plan}},
		{"OtherEstablishment", func(s *scene) { s.say("b", planAt(at69599084(otherDoor), day, "acquisitie")) }, at(oneDoor), nil},
		{"EstablishmentOfTheWhole", func(s *scene) { s.say("b", planAt(whole, day, "acquisitie")) }, at(oneDoor), []string{plan}},
		{"WholeOfTheEstablishment", func(s *scene) { s.say("b", planAt(at69599084(oneDoor), day, "acquisitie")) }, at(""), []string{plan}},

		{"Fixed", func(s *scene) { s.say("b", appointAt(whole, "")) }, aPlans, []string{is}},
		{"FixedForThisPurpose", func(s *scene) { s.say("b", appointAt(whole, "nazorg")) }, aPlans, []string{is}},
		{"FixedForAnotherPurpose", func(s *scene) { s.say("b", appointAt(whole, "acquisitie")) }, aPlans, nil},
		{"FixedForAllBesideOneForThisPurpose", func(s *scene) {
			s.say("b", appointAt(whole, ""))
			s.say("c", appointAt(whole, "nazorg"))
		}, aPlans, []string{is}},
		{"FixedAtTheEstablishment", func(s *scene) { s.say("b", appointAt(at69599084(oneDoor), "")) }, at(oneDoor), []string{is}},
		{"FixedAtAnotherEstablishment", func(s *scene) { s.say("b", appointAt(at69599084(otherDoor), "")) }, at(oneDoor), nil},
		{"Released", func(s *scene) {
			s.say("b", appointAt(whole, ""))
			s.say("b", &events.ContactReleased{Employer: whole})
		}, aPlans, nil},
		{"ReleasedForAnotherPurpose", func(s *scene) {
			s.say("b", appointAt(whole, ""))
			s.say("b", &events.ContactReleased{Employer: whole, Purpose: "nazorg"})
		}, aPlans, []string{is}},
		{"ReleaseRetracted", func(s *scene) {
			s.say("b", appointAt(whole, ""))
			off := s.say("b", &events.ContactReleased{Employer: whole})
			s.say("b", &events.EventRetracted{Event: *s.ref(off)}, off)
		}, aPlans, []string{is}},
		{"AppointmentRetracted", func(s *scene) {
			p := s.say("b", appointAt(whole, ""))
			s.say("b", &events.EventRetracted{Event: *s.ref(p)}, p)
		}, aPlans, nil},
		{"AppointmentCorrectedToAnotherEmployer", func(s *scene) {
			p := s.say("b", appointAt(whole, ""))
			d := appointAt(events.Employer{KvK: "90004760"}, "")
			d.Replaces = s.ref(p)
			s.say("b", d, p)
		}, aPlans, nil},
		{"AnotherWasAppointedSince", func(s *scene) {
			s.say("b", appointAt(whole, ""))
			s.say("c", appointAt(whole, ""))
		}, aPlans, nil},
		{"AnotherWasAppointedAndReleasedSince", func(s *scene) {
			s.say("b", appointAt(whole, ""))
			s.say("c", appointAt(whole, ""))
			s.say("c", &events.ContactReleased{Employer: whole})
		}, aPlans, []string{is}},
		{"PlanAndFixed", func(s *scene) {
			s.say("b", appointAt(whole, ""))
			s.say("b", appointAt(whole, "nazorg"))
			s.say("b", planAt(whole, day, "acquisitie"))
		}, aPlans, []string{both}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			tt.b(s)
			known := events.Position(len(s.records))
			tt.does(s)
			if d := cmp.Diff(tt.want, s.told("b", known), equal); d != "" {
				t.Errorf("told to b (-want +got):\n%s", d)
			}
			if got := s.told("a", known); len(got) > 0 {
				t.Errorf("a is told of its own: %v", got)
			}
		})
	}
}

// TestWhatIsTold: b has an open plan and is the fixed contact for nazorg; what a
// does is told, or is not.
func TestWhatIsTold(t *testing.T) {
	const day = "2026-12-01"
	whole := at69599084("")
	const planAndFixed, planOnly = " " + WhyOpenPlan + " " + WhyFixed, " " + WhyOpenPlan
	tests := []struct {
		name string
		does func(s *scene)
		want []string
	}{
		{"Plan", func(s *scene) { s.say("a", planAt(whole, day, "nazorg")) }, []string{MessagePlan + planAndFixed}},
		{"Visit", func(s *scene) { s.say("a", visitAt(whole, "nazorg")) }, []string{MessageVisit + planAndFixed}},
		{"AnotherPurpose", func(s *scene) { s.say("a", visitAt(whole, "advies")) }, []string{MessageVisit + planOnly}},
		{"VisitOfAFixedContact", func(s *scene) {
			s.say("a", appointAt(whole, ""))
			s.say("a", visitAt(whole, "nazorg"))
		}, []string{MessageVisit + planAndFixed}},
		{"Move", func(s *scene) {
			p := s.say("a", planAt(whole, day, "nazorg"))
			s.say("a", &events.VisitMoved{Approach: "approach", Date: "2026-12-02"}, p)
		}, []string{MessagePlan + planAndFixed, MessageMoved + planAndFixed}},
		{"MoveElsewhere", func(s *scene) { // at another establishment, which b's plan has nothing to do with
			p := s.say("a", planAt(at69599084(otherDoor), day, "acquisitie"))
			s.say("a", &events.VisitMoved{Approach: "approach", Date: "2026-12-02"}, p)
		}, nil},
		{"MoveOfARetractedPlan", func(s *scene) {
			p := s.say("a", planAt(whole, day, "nazorg"))
			s.say("a", &events.EventRetracted{Event: *s.ref(p)}, p)
			s.say("a", &events.VisitMoved{Approach: "approach", Date: "2026-12-02"}, p)
		}, []string{MessagePlan + planAndFixed}}, // and the first is not taken back
		{"VisitOfARetractedPlan", func(s *scene) {
			p := s.say("a", planAt(whole, day, "nazorg"))
			s.say("a", &events.EventRetracted{Event: *s.ref(p)}, p)
			v := visitAt(whole, "nazorg")
			v.Approach = "approach"
			s.say("a", v, p)
		}, []string{MessagePlan + planAndFixed, MessageVisit + planAndFixed}},
		{"CorrectedPlan", func(s *scene) {
			p := s.say("a", planAt(whole, day, "nazorg"))
			d := planAt(whole, "2026-12-03", "acquisitie")
			d.Replaces = s.ref(p)
			s.say("a", d, p, p)
		}, []string{MessagePlan + planAndFixed, MessageMoved + planOnly}},
		{"CorrectedMove", func(s *scene) {
			p := s.say("a", planAt(whole, day, "nazorg"))
			m := s.say("a", &events.VisitMoved{Approach: "approach", Date: "2026-12-02"}, p)
			s.say("a", &events.VisitMoved{Approach: "approach", Date: "2026-12-03", Replaces: s.ref(m)}, m, p)
		}, []string{MessagePlan + planAndFixed, MessageMoved + planAndFixed, MessageMoved + planAndFixed}},
		{"CorrectedPlanThatWasCalledOff", func(s *scene) {
			p := s.say("a", planAt(whole, day, "nazorg"))
			s.say("a", &events.VisitCalledOff{Approach: "approach"}, p)
			d := planAt(whole, "2026-12-03", "nazorg")
			d.Replaces = s.ref(p)
			s.say("a", d, p, p)
		}, []string{MessagePlan + planAndFixed}},
		{"CorrectedVisit", func(s *scene) {
			p := s.say("a", visitAt(whole, "nazorg"))
			v := visitAt(whole, "nazorg")
			v.Replaces = s.ref(p)
			s.say("a", v, p)
		}, []string{MessageVisit + planAndFixed}},
		{"RetractedVisit", func(s *scene) {
			p := s.say("a", visitAt(whole, "nazorg"))
			s.say("a", &events.EventRetracted{Event: *s.ref(p)}, p)
		}, []string{MessageVisit + planAndFixed}},
		{"PlanAfterwards", func(s *scene) {
			s.afterwards = true
			s.say("a", planAt(whole, day, "nazorg"))
		}, nil},
		{"MoveAfterwards", func(s *scene) {
			p := s.say("a", planAt(whole, day, "nazorg"))
			s.afterwards = true
			s.say("a", &events.VisitMoved{Approach: "approach", Date: "2026-12-02"}, p)
		}, []string{MessagePlan + planAndFixed}},
		{"VisitAfterwards", func(s *scene) {
			s.afterwards = true
			s.say("a", visitAt(whole, "nazorg"))
		}, nil},
		{"OtherEvents", func(s *scene) {
			p := s.say("a", planAt(at69599084(otherDoor), day, "acquisitie"))
			s.say("a", &events.VisitCalledOff{Approach: "approach"}, p)
			s.say("a", &events.ServiceDelivered{Employer: whole, Service: "jobcoach", Date: "2026-11-22"})
			s.say("a", &events.PlacementMade{Employer: whole, Placement: "p", Start: "2026-11-01", Kind: "uitzend", Region: "AM36"})
			s.say("a", appointAt(whole, "acquisitie"))
			s.say("a", &events.EmployerDescribed{Employer: whole, Name: sealedWith[string](3)})
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			s.say("b", planAt(at69599084(oneDoor), day, "acquisitie"))
			s.say("b", appointAt(whole, "nazorg"))
			tt.does(s)
			if d := cmp.Diff(tt.want, s.told("b", 0), equal); d != "" {
				t.Errorf("told to b (-want +got):\n%s", d)
			}
			if got := s.told("a", 0); len(got) > 0 {
				t.Errorf("told to a: %v", got)
			}
		})
	}
}

// TestMessage: what a message says of a plan, of its move and of a visit.
func TestMessage(t *testing.T) {
	s := newScene(t)
	mine := func(approach string, from, to events.Date) {
		d := planAt(at69599084(""), "", "acquisitie")
		d.Approach, d.Period = approach, &events.Period{From: from, To: to}
		s.say("b", d)
	}
	mine("over", "2026-11-01", "2026-11-21")
	mine("late", "2026-12-10", "2026-12-11")
	mine("soon", "2026-11-30", "2026-12-20")
	plan := s.say("a", planAt(at69599084(oneDoor), "2026-12-01", "nazorg"))
	move := s.say("a", &events.VisitMoved{Approach: "approach", Period: &events.Period{From: "2026-12-02", To: "2026-12-04"}}, plan)
	visit := s.say("a", visitAt(at69599084(oneDoor), "nazorg"))
	fixed := planAt(at69599084(oneDoor), "2026-11-25", "nazorg") // corrects the plan; the move still gives the days
	fixed.Replaces, fixed.AccountManager = s.ref(plan), sealedWith[events.AccountManager](5)
	again := s.say("a", fixed, plan, plan)

	want := func(p events.Position, kind string, from, to events.Date, source events.Position, key events.KeyID) Message {
		r := s.records[source-1]
		return Message{
			Position: p, At: s.records[p-1].At, Kind: kind, Why: []string{WhyOpenPlan}, Partner: "a", Employer: "69599084",
			Establishment: oneDoor, Date: from, To: to, Purpose: "nazorg", Source: r.Event.Source, ID: r.Event.ID,
			AccountManager: sealedWith[events.AccountManager](key), Approach: "soon",
		}
	}
	got, _, _, err := Messages{}.After(memoryTx{s.store.rows}, "b", Cursor{}, "", 10)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]Message{
		want(plan, MessagePlan, "2026-12-01", "2026-12-01", plan, 1),
		want(move, MessageMoved, "2026-12-02", "2026-12-04", plan, 1),
		want(visit, MessageVisit, "2026-11-22", "2026-11-22", visit, 1),
		want(again, MessageMoved, "2026-12-02", "2026-12-04", again, 5),
	}, unplaced(got), equal); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// TestEveryoneElseIsTold: one event, many readers, each with its own reason.
func TestEveryoneElseIsTold(t *testing.T) {
	s := newScene(t)
	s.say("b", planAt(at69599084(""), "2026-12-01", "nazorg"))
	s.say("c", appointAt(at69599084(""), ""))
	p := s.say("a", visitAt(at69599084(""), "nazorg"))
	for partner, why := range map[string]string{"b": WhyOpenPlan, "c": WhyFixed} {
		if d := cmp.Diff([]string{MessageVisit + " " + why}, s.told(partner, p-1)); d != "" {
			t.Errorf("told to %s:\n%s", partner, d)
		}
	}
}

func TestErased(t *testing.T) {
	s := newScene(t)
	var tx Tx
	last := func(partner string) *Message {
		t.Helper()
		tx = memoryTx{s.store.rows}
		at, err := Messages{}.LastOf(tx, partner)
		if at == 0 || err != nil {
			t.Fatal(at, err)
		}
		list, _, more, err := Messages{}.After(tx, partner, Cursor{After: at - 1}, "", 1)
		if len(list) != 1 || list[0].Position != at || more || err != nil {
			t.Fatal(list, more, err)
		}
		return &unplaced(list)[0]
	}
	describe := func(name, contacts events.KeyID) *events.EmployerDescribed {
		return &events.EmployerDescribed{Employer: at69599084(""), Name: sealedWith[string](name), Place: sealedWith[string](name),
			Contacts: sealedWith[[]events.ContactPerson](contacts)}
	}
	s.say("a", describe(11, 12))      // 1: three members, two keys
	s.say("b", describe(13, 14))      // 2
	s.say("a", describe(11, 15))      // 3
	p := s.say("a", describe(16, 17)) // 4: other keys
	s.say("a", &events.EventRetracted{Event: *s.ref(p), Reason: sealedWith[string](18)}, p)

	s.say(theBook, &events.DataErased{Keys: []events.KeyID{12, 11, 13}, Ground: "verzoek"}) // 6
	want := Message{Position: 6, At: s.records[5].At, Kind: MessageErased, Ground: "verzoek", Events: []events.Position{1, 3}, Count: 2}
	if d := cmp.Diff(&want, last("a"), equal); d != "" {
		t.Errorf("told to a (-want +got):\n%s", d)
	}
	want.Events, want.Count = []events.Position{2}, 1
	if d := cmp.Diff(&want, last("b"), equal); d != "" {
		t.Errorf("told to b (-want +got):\n%s", d)
	}
	if at, err := (Messages{}).LastOf(tx, theBook); at != 0 || err != nil {
		t.Errorf("the book was told something: %d, %v", at, err)
	}

	before := len(s.store.rows)
	s.say(theBook, &events.DataErased{Keys: []events.KeyID{11, 12, 13, 99}, Ground: "overig"}) // nothing is left of those
	if got := last("a"); got.Position != 6 {
		t.Errorf("erased twice: %v", got)
	}
	if after := len(s.store.rows); after != before {
		t.Errorf("erasing nothing left %d rows", after-before)
	}

	// What was retracted lost its members too.
	s.say(theBook, &events.DataErased{Keys: []events.KeyID{16, 18}, Ground: "onjuist"})
	if d := cmp.Diff([]events.Position{4, 5}, last("a").Events); d != "" {
		t.Error(d)
	}
	left := []events.KeyID{}
	tx.Scan([]byte{rowSeal}, func(k, _ []byte) bool {
		left = append(left, events.KeyID(k[8]))
		return true
	})
	if d := cmp.Diff([]events.KeyID{14, 15, 17}, left); d != "" {
		t.Errorf("keys left (-want +got):\n%s", d)
	}
}

func TestErasedMoreThanIsNamed(t *testing.T) {
	s := newScene(t)
	const n = maxErasedEvents + 7
	for i := range n {
		d := visitAt(at69599084(""), "nazorg")
		d.AccountManager = sealedWith[events.AccountManager](events.KeyID(1000 - i%2)) // the later key is scanned first
		s.say("a", d)
	}
	p := s.say(theBook, &events.DataErased{Keys: []events.KeyID{1000, 999}, Ground: "bewaartermijn"})
	list, _, _, err := Messages{}.After(memoryTx{s.store.rows}, "a", Cursor{}, "", 1)
	if err != nil || len(list) != 1 || list[0].Position != p {
		t.Fatal(list, err)
	}
	got := list[0]
	if got.Count != n || len(got.Events) != maxErasedEvents || !slices.IsSorted(got.Events) || got.Events[0] != 1 ||
		got.Events[maxErasedEvents-1] != maxErasedEvents {
		t.Errorf("%d in all, %d named: %v", got.Count, len(got.Events), got.Events)
	}
}

// TestMessagesPages: a place in the list stays right, whatever is asked.
func TestMessagesPages(t *testing.T) {
	s := newScene(t)
	s.say("b", planAt(at69599084(""), "2026-12-01", "nazorg"))
	s.say("bb", planAt(at69599084(""), "2026-12-01", "nazorg")) // whose name begins the same; told by the first
	for range MaxMessages + 10 {
		s.say("a", visitAt(at69599084(""), "nazorg")) // 3, 4, …
	}
	tx := memoryTx{s.store.rows}
	const last = MaxMessages + 12
	tests := []struct {
		after       events.Position
		limit       int
		first, want events.Position // first and last position; 0: none
		n           int
		more        bool
	}{
		{0, 3, 2, 4, 3, true},
		{4, 2, 5, 6, 2, true},
		{last - 2, 2, last - 1, last, 2, false},
		{last - 1, 1, last, last, 1, false},
		{last - 2, 1, last - 1, last - 1, 1, true},
		{last, 5, 0, 0, 0, false},
		{math.MaxUint64, 5, 0, 0, 0, false},
		{0, 0, 2, 2, 1, true},
		{0, -1, 2, 2, 1, true},
		{0, 10_000, 2, MaxMessages + 1, MaxMessages, true},
	}
	for _, tt := range tests {
		list, _, more, err := Messages{}.After(tx, "b", Cursor{After: tt.after}, "", tt.limit)
		if len(list) != tt.n || more != tt.more || err != nil {
			t.Errorf("after %d, at most %d: %d messages, more %t, %v", tt.after, tt.limit, len(list), more, err)
			continue
		}
		if tt.n > 0 && (list[0].Position != tt.first || list[tt.n-1].Position != tt.want) {
			t.Errorf("after %d, at most %d: %d to %d", tt.after, tt.limit, list[0].Position, list[tt.n-1].Position)
		}
	}
	for partner, want := range map[string]events.Position{"a": 0, "b": last, "bb": last, "c": 0, "": 0} {
		if got, err := (Messages{}).LastOf(tx, partner); got != want || err != nil {
			t.Errorf("last message to %q: %d, %v; want %d", partner, got, err, want)
		}
	}
}

// TestLongOverIsForgotten: plans that nobody called off do not stay in the way.
func TestLongOverIsForgotten(t *testing.T) {
	s := newScene(t)
	day := s.today
	for range 50 {
		s.say("b", planAt(at69599084(""), day, "nazorg"))
		day = day.AddDays(1)
		s.today = day
	}
	in, err := readInterest(memoryTx{s.store.rows}, "69599084")
	if len(in.plans) != graceDays+1 || err != nil {
		t.Errorf("%d plans are kept, %v", len(in.plans), err)
	}
}

func TestShape(t *testing.T) {
	if got := NewViews().Shape(); got != 20_205_030_305_050_302 {
		t.Errorf("shape %d; a store of another shape is made anew: change this on purpose only", got)
	}
}

func outcomeOr(o events.Outcome) events.Outcome {
	if o == "" {
		return events.Free
	}
	return o
}
