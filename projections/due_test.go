package projections

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"huisboek/events"
)

// TestEveryMessageOnce: partners read, by pages of any size and on days that mostly go
// on, while the book grows: each message comes once, and none is missed that stands to
// the end.
func TestEveryMessageOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { readWhileItGrows(t) })
	due := 0
	always(t, 20, func(t *rapid.T) { due += readWhileItGrows(t) })
	if due == 0 {
		t.Error("nothing ever fell due")
	}
}

// readWhileItGrows is how much fell due, too.
func readWhileItGrows(t *rapid.T) (due int) {
	a := &author{t: t, at: time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)}
	store := newMemory()
	cursors, told := map[string]Cursor{}, map[string]map[string]bool{}
	read := func(partner string, today events.Date, size int) (more bool) {
		list, next, more, err := Messages{}.After(memoryTx{store.rows}, partner, cursors[partner], today, size)
		if err != nil {
			t.Fatal(err)
		}
		if more && len(list) != size {
			t.Fatalf("%s: %d of %d, and there are more", partner, len(list), size)
		}
		if told[partner] == nil {
			told[partner] = map[string]bool{}
		}
		for i := range list {
			if id := list[i].id(); told[partner][id] {
				t.Fatalf("%s is told of %s again", partner, id)
			} else {
				told[partner][id] = true
			}
			if len(list) > 1 && i == rapid.IntRange(0, 20).Draw(t, "lost at") { // a stream breaks off: it goes on from there
				cursors[partner] = list[i].Next
				return true
			}
		}
		cursors[partner] = next
		return more
	}
	for range rapid.IntRange(0, 120).Draw(t, "steps") {
		was := len(a.records)
		a.daily()
		if len(a.records) > was {
			applyOne(t, store, a.records[was])
		}
		today := events.DateOf(a.at).AddDays(rapid.IntRange(-1, 1).Draw(t, "clock"))
		if a.int(0, 3) == 0 { // seldom, so that much waits and takes more pages than one
			read(draw(a, partners), today, a.int(1, 2))
		}
	}
	for _, partner := range partners {
		for read(partner, "2027-06-01", 3) {
		}
		for _, id := range standsFor(t, store, partner) {
			if !told[partner][id] {
				t.Fatalf("%s was never told of %s", partner, id)
			}
			if len(id) > 4 {
				due++
			}
		}
		if read(partner, "2027-06-01", 3) {
			t.Fatalf("%s: there is more at the end", partner)
		}
	}
	return due
}

// id is what a reader calls a message.
func (m *Message) id() string {
	if m.Due != "" {
		return fmt.Sprintf("%d-%s", m.Position, m.Kind)
	}
	return fmt.Sprint(m.Position)
}

// standsFor is everything that a partner is to be told by the rows as they are.
func standsFor(t *rapid.T, store *memory, partner string) (ids []string) {
	tx := memoryTx{store.rows}
	tx.Scan(partnerPrefix(rowMessage, partner), func(k, _ []byte) bool {
		ids = append(ids, fmt.Sprint(positionIn(k)))
		return true
	})
	for _, owner := range []string{"", partner} {
		prefix := partnerPrefix(rowDue, owner)
		tx.Scan(prefix, func(k, v []byte) bool {
			f, err := readDue(k[len(prefix):], v)
			if err != nil {
				t.Fatal(err)
			}
			ids = append(ids, fmt.Sprintf("%d-%s", f.by, f.kind))
			return true
		})
	}
	return ids
}

func positionIn(k []byte) (p events.Position) {
	for _, b := range k[len(k)-8:] {
		p = p<<8 | events.Position(b)
	}
	return p
}

// daily says something that gives messages, or takes some away.
func (a *author) daily() {
	switch a.int(0, 9) {
	case 0:
		a.retract()
	case 1:
		a.correct()
	case 2:
		a.agree()
	default:
		partner := draw(a, partners)
		kind := draw(a, []events.Type{
			events.TypeVisitPlanned, events.TypeVisitPlanned, events.TypeVisitMoved, events.TypeVisitCalledOff, events.TypeVisitMade,
			events.TypeVacancyReported, events.TypeVacancyReported, events.TypeVacancyFilled, events.TypeVacancyWithdrawn, events.TypeContactAppointed,
		})
		if data, root := a.data(partner, kind, events.Position(len(a.records)+1)); root != 0 {
			a.append(partner, data, root)
		} else if data != nil {
			a.append(partner, data)
		}
	}
}

func applyOne(t *rapid.T, store *memory, r *events.Record) {
	if err := store.Update(r.Checkpoint(), func(tx Tx) error { return NewViews().Apply(tx, r) }); err != nil {
		t.Fatal(err)
	}
}

// dueOn are the messages that fell due for a partner by a day.
func (s *scene) dueOn(partner string, today events.Date) []string {
	s.t.Helper()
	list, _, more, err := Messages{}.After(memoryTx{s.store.rows}, partner, Cursor{}, today, MaxMessages)
	if more || err != nil {
		s.t.Fatal(more, err)
	}
	lines := []string{}
	for _, m := range list {
		if m.Due != "" {
			lines = append(lines, fmt.Sprintf("%s %s %v", m.id(), m.Due, m.Why))
		}
	}
	return lines
}

// TestPlanEnds: a plan of which the hold ends in three days, by what became of it.
// It is recorded on Sunday 22 November.
func TestPlanEnds(t *testing.T) {
	period := func(to events.Date) *events.VisitPlanned {
		d := planAt(at69599084(""), "", "acquisitie")
		d.Period = &events.Period{From: "2026-11-22", To: to}
		return d
	}
	off := &events.VisitCalledOff{Approach: "approach"}
	longer := func(to events.Date) *events.ApproachExtended {
		return &events.ApproachExtended{Approach: "approach", To: to, Reason: sealedWith[string](7)}
	}
	for _, tt := range []struct {
		name string
		then func(*scene)
		want []string
	}{
		{"ItsPeriod", func(s *scene) { s.say("a", period("2026-12-01")) }, []string{"1-verloopt 2026-11-28 [eigen-melding]"}},
		{"ItsDay", func(s *scene) { s.say("a", planAt(at69599084(""), "2026-12-01", "nazorg")) }, nil},
		{"ItsDayIsTooFarAhead", func(s *scene) { s.say("a", planAt(at69599084(""), "2027-08-01", "nazorg")) }, []string{"1-verloopt 2027-05-18 [eigen-melding]"}},
		{"ItsLastPossibleDay", func(s *scene) { s.say("a", planAt(at69599084(""), "2027-05-21", "nazorg")) }, nil},
		{"ItsValidity", func(s *scene) { s.say("a", period("2027-06-01")) }, []string{"1-verloopt 2026-12-19 [eigen-melding]"}},
		{"TomorrowItIsThreeDays", func(s *scene) { s.say("a", period("2026-11-26")) }, []string{"1-verloopt 2026-11-23 [eigen-melding]"}},
		{"ShorterThanThatWhenItIsSaid", func(s *scene) { s.say("a", period("2026-11-25")) }, nil},
		{"HoldsNothing", func(s *scene) { s.outcome = events.Taken; s.say("a", period("2026-12-01")) }, nil},
		{"OldHistory", func(s *scene) { s.afterwards = true; s.say("a", period("2026-12-01")) }, nil},
		{"Moved", func(s *scene) {
			p := s.say("a", period("2026-12-01"))
			s.say("a", &events.VisitMoved{Approach: "approach", Period: &events.Period{From: "2026-12-01", To: "2026-12-09"}}, p)
		}, []string{"2-verloopt 2026-12-06 [eigen-melding]"}},
		{"GotADay", func(s *scene) {
			p := s.say("a", period("2026-12-01"))
			s.say("a", &events.VisitMoved{Approach: "approach", Date: "2026-12-09"}, p)
		}, nil},
		{"Extended", func(s *scene) {
			p := s.say("a", period("2026-12-01"))
			s.say("a", longer("2026-12-11"), p)
		}, []string{"2-verloopt 2026-12-08 [eigen-melding]"}},
		{"ExtendedBeyondItsValidity", func(s *scene) {
			p := s.say("a", period("2026-12-30"))
			s.say("a", longer("2027-03-01"), p)
		}, []string{"2-verloopt 2027-02-26 [eigen-melding]"}},
		{"ExtensionRetracted", func(s *scene) {
			p := s.say("a", period("2026-12-30"))
			x := s.say("a", longer("2027-03-01"), p)
			s.say("a", &events.EventRetracted{Event: *s.ref(x)}, x)
		}, []string{"3-verloopt 2026-12-19 [eigen-melding]"}},
		{"ExtendedAndThenMoved", func(s *scene) {
			p := s.say("a", period("2026-12-30"))
			s.say("a", longer("2027-03-01"), p)
			s.say("a", &events.VisitMoved{Approach: "approach", Period: &events.Period{From: "2026-12-01", To: "2027-03-01"}}, p)
		}, []string{"3-verloopt 2026-12-19 [eigen-melding]"}},
		{"ExtendedAndThenCorrected", func(s *scene) { // what it was extended to comes after the plan as it stands
			p := s.say("a", period("2026-12-30"))
			s.say("a", longer("2027-03-01"), p)
			d := period("2026-12-28")
			d.Replaces = s.ref(p)
			s.say("a", d, p, p)
		}, []string{"2-verloopt 2027-02-26 [eigen-melding]"}},
		{"ADayThatIsExtended", func(s *scene) { // as after a move that was retracted
			p := s.say("a", planAt(at69599084(""), "2026-12-01", "nazorg"))
			s.say("a", longer("2027-03-01"), p)
		}, nil},
		{"CalledOff", func(s *scene) { p := s.say("a", period("2026-12-01")); s.say("a", off, p) }, nil},
		{"CallOffRetracted", func(s *scene) {
			p := s.say("a", period("2026-12-01"))
			o := s.say("a", off, p)
			s.say("a", &events.EventRetracted{Event: *s.ref(o)}, o)
		}, []string{"3-verloopt 2026-11-28 [eigen-melding]"}},
		{"Made", func(s *scene) {
			p := s.say("a", period("2026-12-01"))
			v := visitAt(at69599084(""), "acquisitie")
			v.Approach = "approach"
			s.say("a", v, p)
		}, nil},
		{"Retracted", func(s *scene) {
			p := s.say("a", period("2026-12-01"))
			s.say("a", &events.EventRetracted{Event: *s.ref(p)}, p)
		}, nil},
		{"CorrectedWithTheSameDays", func(s *scene) {
			p := s.say("a", period("2026-12-01"))
			d := period("2026-12-01")
			d.Replaces = s.ref(p)
			s.today = "2026-11-29" // it fell due, and is still to be told to who has not asked
			s.say("a", d, p, p)
		}, []string{"1-verloopt 2026-11-28 [eigen-melding]"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			tt.then(s)
			if d := cmp.Diff(tt.want, s.dueOn("a", "2027-12-31"), equal); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			if got := s.dueOn("b", "2027-12-31"); len(got) > 0 {
				t.Errorf("another is told: %v", got)
			}
			for _, line := range tt.want {
				day := events.Date(line[len("1-verloopt "):][:10])
				if early, due := s.dueOn("a", day.AddDays(-1)), s.dueOn("a", day); len(early) != 0 || len(due) != 1 {
					t.Errorf("the day before %v, on the day %v", early, due)
				}
			}
		})
	}
}

// TestDueOfTwoApproaches: a visit that turns out to have ended another approach opens
// the first again, and leaves nothing to tell of the second: one event makes at most one
// thing fall due. (A move or a calling-off is not corrected to be of another.)
func TestDueOfTwoApproaches(t *testing.T) {
	s := newScene(t)
	var roots []events.Position
	for _, to := range []events.Date{"2026-12-01", "2026-12-09"} {
		d := planAt(at69599084(""), "", "nazorg")
		d.Period = &events.Period{From: "2026-11-22", To: to}
		roots = append(roots, s.say("a", d))
	}
	v := visitAt(at69599084(""), "nazorg")
	v.Approach = "approach"
	first := s.say("a", v, roots[0])
	if d := cmp.Diff([]string{"2-verloopt 2026-12-06 [eigen-melding]"}, s.dueOn("a", "2027-12-31")); d != "" {
		t.Errorf("visited (-want +got):\n%s", d)
	}
	v.Replaces = s.ref(first)
	s.say("a", v, first, roots[1])
	if d := cmp.Diff([]string{"4-verloopt 2026-11-28 [eigen-melding]"}, s.dueOn("a", "2027-12-31")); d != "" {
		t.Errorf("corrected (-want +got):\n%s", d)
	}
}

// TestVacancyEscalates: a vacancy of Friday 20 November is open for two working days,
// Monday and Tuesday, and then the region's.
func TestVacancyEscalates(t *testing.T) {
	report := &events.VacancyReported{Employer: at69599084(""), Vacancy: "v", Occupation: "lasser", Count: 2, Date: "2026-11-20"}
	filled := func(n int) *events.VacancyFilled { return &events.VacancyFilled{Vacancy: "v", Count: &n} }
	late := *report
	late.Date = "2026-10-01"
	for _, tt := range []struct {
		name string
		then func(*scene)
		want []string // to a, who reported it; position, day
	}{
		{"Open", func(s *scene) { s.say("a", report) }, []string{"1-opgeschaald 2026-11-25"}},
		{"ReportedLate", func(s *scene) { s.say("a", &late) }, []string{"1-opgeschaald 2026-11-22"}},
		{"OldHistory", func(s *scene) { s.afterwards = true; s.say("a", &late) }, nil},
		{"HalfFilled", func(s *scene) { p := s.say("a", report); s.say("a", filled(1), p) }, []string{"1-opgeschaald 2026-11-25"}},
		{"Filled", func(s *scene) { p := s.say("a", report); s.say("a", filled(2), p) }, nil},
		{"FilledRetracted", func(s *scene) {
			p := s.say("a", report)
			f := s.say("a", filled(2), p)
			s.today = "2026-12-01"
			s.say("a", &events.EventRetracted{Event: *s.ref(f)}, f)
		}, []string{"3-opgeschaald 2026-12-01"}},
		{"Withdrawn", func(s *scene) { p := s.say("a", report); s.say("a", &events.VacancyWithdrawn{Vacancy: "v"}, p) }, nil},
		{"Retracted", func(s *scene) {
			p := s.say("a", report)
			s.say("a", &events.EventRetracted{Event: *s.ref(p)}, p)
		}, nil},
		{"CorrectedDay", func(s *scene) {
			p := s.say("a", report)
			d := *report
			d.Date, d.Replaces = "2026-11-23", s.ref(p)
			s.say("a", &d, p, p)
		}, []string{"2-opgeschaald 2026-11-26"}},
		{"ByTheAgreement", func(s *scene) {
			set := events.DefaultAgreement()
			set.From, set.Escalation = "2026-01-01", events.Escalation{Days: 10, Count: events.CalendarDays}
			s.say(theBook, &set)
			s.say("a", report)
		}, []string{"2-opgeschaald 2026-12-01"}},
		{"Never", func(s *scene) {
			set := events.DefaultAgreement()
			set.From, set.Escalation.Days = "2026-01-01", 0
			s.say(theBook, &set)
			s.say("a", report)
		}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			tt.then(s)
			for partner, why := range map[string]string{"a": " [eigen-melding regio]", "b": " [regio]"} {
				want := slices.Clone(tt.want)
				for i := range want {
					want[i] += why
				}
				if d := cmp.Diff(want, s.dueOn(partner, "2027-12-31"), equal); d != "" {
					t.Errorf("to %s (-want +got):\n%s", partner, d)
				}
			}
		})
	}
}

// TestDueOfASuccessor: what falls due before a succession is its predecessor's, what
// falls due from then on is its own.
func TestDueOfASuccessor(t *testing.T) {
	s := newScene(t)
	s.say(theBook, admit("a", "2020-01-01", "GM1"))
	s.say(theBook, admit("b", "2020-01-01", "GM1"))
	until := func(to events.Date) *events.VisitPlanned {
		d := planAt(at69599084(""), "", "nazorg")
		d.Period = &events.Period{From: "2026-11-22", To: to}
		return d
	}
	s.say("a", until("2026-12-01")) // 3: due on 28 November
	s.say("a", until("2026-12-20")) // 4: on 17 December
	s.say(theBook, succeed("a", "b", "2026-12-01"))
	if d := cmp.Diff([]string{"3-verloopt 2026-11-28 [eigen-melding]"}, s.dueOn("a", "2027-12-31")); d != "" {
		t.Error("a:", d)
	}
	if d := cmp.Diff([]string{"4-verloopt 2026-12-17 [eigen-melding]"}, s.dueOn("b", "2027-12-31")); d != "" {
		t.Error("b:", d)
	}
}

// TestWrittenDuringASweep: what falls due while a reader is in the middle comes once,
// whether it stands ahead of the reader or behind it.
func TestWrittenDuringASweep(t *testing.T) {
	s := newScene(t)
	for _, to := range []events.Date{"2026-12-13", "2026-12-15"} { // 1: due on 10 December, 2: on the 12th
		d := planAt(at69599084(""), "", "nazorg")
		d.Period = &events.Period{From: "2026-12-01", To: to}
		s.say("a", d)
	}
	at, got := Cursor{}, []string{}
	read := func() (more bool) {
		list, next, more, err := Messages{}.After(memoryTx{s.store.rows}, "a", at, "2026-12-13", 1)
		if err != nil {
			t.Fatal(err)
		}
		for i := range list {
			got = append(got, list[i].id())
		}
		at = next
		return more
	}
	read()
	vacancy := func(id string, on events.Date) {
		s.today = on
		s.say("b", &events.VacancyReported{Employer: at69599084(""), Vacancy: id, Occupation: "lasser", Count: 1, Date: "2026-10-01"})
	}
	vacancy("behind", "2026-12-09") // 3: the ledger's clock was put back
	vacancy("ahead", "2026-12-13")  // 4
	for range 5 {
		read()
	}
	if d := cmp.Diff([]string{"1-verloopt", "2-verloopt", "3-opgeschaald", "4-opgeschaald"}, got); d != "" {
		t.Error(d)
	}
}
