package targets

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/projections"
)

// TestChanges: whatever is said, changes add up to the difference of what was known
// then and later, of who sees everything, of a partner and of the board.
func TestChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := &author{tale: newTale("2025-12-01"), t: t, there: partnerIDs[:4]}
		about := func() {
			a.about = pick(a, append(events.Values("maat"), events.MeasurePlacements, events.MeasurePlacements)...)
		}
		about()
		for i, name := range []string{"gemeente", "uwv", "sw", "dorp"} {
			a.admit(partnerIDs[i], name, "2020-01-01", pick(a, "", "Noord"))
		}
		first := a.tell(theBook, a.definition())
		often := a.int(0, 1) == 0 // say much of the same employers, or something of everything
		for range a.int(0, 50) {
			switch {
			case a.int(0, 20) == 20:
				about()
				a.tell(theBook, a.definition())
			case often:
				a.meddle()
			default:
				a.step()
			}
		}
		from := a.records[a.int(int(first.Position), len(a.records))-1]
		to := a.records[a.int(int(from.Position), len(a.records))-1]
		for _, reader := range []Reader{{All: true}, {}, {Partner: partnerIDs[0], Own: func(p string) bool { return p == partnerIDs[0] }}} {
			for _, on := range []events.Date{"", "2026-06-30", "2026-03-15", "2027-03-01"} {
				checkChanges(t, a.tale, reader, on, Known{from.At}, Known{to.At})
			}
			checkChanges(t, a.tale, reader, "2026-06-30", Known{from.At}, Known{})
		}
	})
}

// meddle says one more thing of a few placements and visits, so that most that is said
// changes what was counted before.
func (a *author) meddle() {
	a.at = a.at.Add(time.Duration(a.int(0, 3)*a.int(0, 8)) * 24 * time.Hour)
	employer := employerNamed(pick(a, "bakker", "molen", "smid"))
	start := events.Date("2026-02-01").AddDays(a.int(0, 20))
	whole := func(name string) events.WholeEmployer { return events.WholeEmployer{KvK: employerNamed(name).KvK} }
	placements := a.of(events.TypePlacementMade)
	switch n := a.int(0, 11); {
	case n < 3 || len(placements) < 2 && n < 9:
		a.alive = append(a.alive, a.tell(pick(a, a.there...), &events.PlacementMade{Placement: a.uuid(), Employer: employer, Start: start, Kind: "dienstverband", Region: "AM07"}))
	case n < 5:
		a.alive = append(a.alive, a.tell(pick(a, a.there...), &events.VisitMade{Employer: employer, Date: start, Purpose: "nazorg", Form: "video"}))
	case n == 5:
		a.take(pick(a, a.alive...), nil)
	case n == 6:
		old := pick(a, placements...)
		d := *old.Event.Data.(*events.PlacementMade)
		d.Employer, d.Start = employer, start
		a.take(old, &d)
	case n < 9:
		x, y := pick(a, placements...), pick(a, placements...)
		if x.Partner == y.Partner {
			return
		}
		if a.int(0, 3) > 0 {
			a.tell(theBook, &events.PlacementsMatched{Placement: refOf(x), With: refOf(y)}, x.Position, y.Position)
		} else {
			a.tell(theBook, &events.PlacementsDistinct{Placement: refOf(x), With: refOf(y)}, x.Position, y.Position)
		}
	case n == 9:
		a.link(pick(a, "bakker", "molen"), "smid")
	case n == 10:
		a.tellFor(theBook, &events.EmployersUnlinked{Employer: whole(pick(a, "bakker", "molen")), With: whole("smid")}, nil)
	default:
		a.step()
	}
}

// checkChanges adds changes up.
func checkChanges(t fatal, s *tale, reader Reader, on events.Date, from, to Known) []Change {
	t.Helper()
	today := events.DateOf(s.at)
	if !to.At.IsZero() {
		today = events.DateOf(to.At)
	}
	q := Question{Target: theTarget, On: on, Today: today, Reader: reader}
	if on == "" {
		q.On = events.DateOf(from.At)
	}
	then := q
	then.Today = events.DateOf(from.At)
	was, err1 := s.ask(then, from)
	is, err2 := s.ask(q, to)
	changes, err3 := s.standings.Changes(s.tx(), q, from, to)
	if err1 != nil || err2 != nil || err3 != nil {
		t.Fatalf("%v, %v, %v", err1, err2, err3)
	}
	// A version between may have been one of which every line can be told.
	people := !reader.All && Sensitive(&was.Version) && was.Version.Position == is.Version.Position
	moved, doubts, last := Amount(0), 0, time.Time{}
	for _, c := range changes {
		moved, doubts = moved+c.Moved, doubts+c.Doubts
		if c.Moved == 0 && c.Doubts == 0 || c.At.Before(last) || ChangeSentence(c.Why).NL == "" || ChangeSentence(c.Why).EN == "" {
			t.Errorf("%+v after %v", c, last)
		}
		if (c.Position == 0) != (c.Month != "") || people && c.Position != 0 && (c.Moved != 0 || c.Partner != "" && c.Partner != reader.Partner && c.Partner != theBook) {
			t.Errorf("%+v of a target of people", c)
		}
		last = c.At
	}
	if is.Total-was.Total != moved || is.Doubts-was.Doubts != doubts {
		t.Fatalf("on %s, from %v to %v: %d with %d in doubt became %d with %d: changes say %d and %d: %+v", q.On, from.At, to.At, was.Total, was.Doubts, is.Total, is.Doubts, moved, doubts, changes)
	}
	return changes
}

// What was reported, corrected, taken back and found to be the same, each by itself.
func TestChangesExplain(t *testing.T) {
	s := newTale("2026-01-05")
	for i, name := range []string{"gemeente", "uwv"} {
		s.admit(partnerIDs[i], name, "2020-01-01", "")
	}
	s.tell(theBook, &events.TargetSet{Target: theTarget, Name: "Doel", Number: 10, Period: &events.Period{From: "2026-01-01", To: "2026-12-31"}, Measure: events.MeasurePlacements})
	from := Known{s.at}
	placed := func(partner, employer string, start events.Date) *events.Record {
		return s.tell(partner, &events.PlacementMade{Placement: s.uuid(), Employer: employerNamed(employer), Start: start, Kind: "dienstverband", Region: "AM07"})
	}
	s.today("2026-02-02")
	one := placed(partnerIDs[0], "bakker", "2026-02-01")
	s.tell(partnerIDs[0], &events.VisitMade{Employer: employerNamed("molen"), Date: "2026-02-01", Purpose: "nazorg", Form: "video"})
	two := placed(partnerIDs[1], "bakker", "2026-02-01")
	three := placed(partnerIDs[1], "molen", "2026-01-09")
	s.today("2026-02-20")
	s.tell(theBook, &events.PlacementsMatched{Placement: refOf(one), With: refOf(two)}, one.Position, two.Position)
	s.retract(three)
	s.today("2026-02-21")
	four := placed(partnerIDs[1], "smid", "2026-01-20")
	five := placed(partnerIDs[0], "bakker", "2026-01-05")
	// At two employers, and said by one of the two: it waits.
	s.tell(partnerIDs[0], &events.PlacementsMatched{Placement: refOf(five), With: refOf(four)}, five.Position, four.Position)
	s.retract(one) // two stands for itself

	kinds := func(changes []Change) (list []string) {
		for _, c := range changes {
			list = append(list, c.Why+" "+c.Moved.text()+" "+Amount(1000*c.Doubts).text())
		}
		return list
	}
	q := []string{"gemeld 1 0", "gemeld 1 1", "gemeld 1 0", "gelijkgesteld -1 -1", "ingetrokken -1 0", "gemeld 1 0", "gemeld 1 0", "gelijkgesteld 0 1"}
	changes := checkChanges(t, s, Reader{}, "2026-02-28", from, Known{})
	if got := kinds(changes); !slices.Equal(got, q) {
		t.Errorf("%q, want %q", got, q)
	}
	if c := changes[0]; c.Position != one.Position || c.Type != events.TypePlacementMade || c.Partner != "" || !c.At.Equal(one.At) {
		t.Errorf("%+v: who placed somebody in the running month is not told", c)
	}
	if c := changes[2]; c.Partner != partnerIDs[1] {
		t.Errorf("%+v: of a closed month it is", c)
	}
	own := Reader{Partner: partnerIDs[0], Own: func(p string) bool { return p == partnerIDs[0] }}
	if c := checkChanges(t, s, own, "2026-02-28", from, Known{})[0]; c.Partner != partnerIDs[0] {
		t.Errorf("%+v: its own it is", c)
	}
	if got := checkChanges(t, s, own, "2026-02-28", Known{s.at}, Known{}); len(got) != 0 {
		t.Errorf("from now to now %+v", got)
	}
	if got, err := s.standings.Changes(s.tx(), Question{Target: "another", On: "2026-02-28", Today: "2026-02-20"}, from, Known{}); err != ErrNoTarget {
		t.Errorf("%+v, %v", got, err)
	}
}

// BenchmarkChanges explains a year of a region with five years behind it.
func BenchmarkChanges(b *testing.B) {
	const placements = 100_000
	r := rand.New(rand.NewPCG(1, 6))
	s := newTale("2021-01-01")
	n := events.Position(0)
	tell := func(partner string, data events.Data, rests ...events.Position) events.Position {
		n++
		record := &events.Record{
			Position: n, At: s.at, Partner: partner, Book: theBook, Event: events.Event{Type: data.Type(), Data: data},
			Verdict: events.Verdict{Today: events.DateOf(s.at), RestsOn: rests},
		}
		if err := (projections.Journal{}).Apply(s.rows, record); err != nil {
			b.Fatal(err)
		}
		return n
	}
	tell(theBook, &events.TargetSet{Target: theTarget, Name: "Doel", Number: 10, Period: &events.Period{From: "2021-01-01", To: "2025-12-31"}, Measure: events.MeasurePlacements})
	for range placements {
		s.at = s.at.Add(5 * 365 * 24 * time.Hour / placements)
		employer := events.Employer{KvK: fmt.Sprint(10_000_000 + r.IntN(20_000))}
		made := &events.PlacementMade{Placement: s.uuid(), Employer: employer, Start: events.DateOf(s.at), Kind: "dienstverband", Region: "AM07"}
		p := tell(partnerIDs[r.IntN(4)], made)
		if r.IntN(2) == 0 {
			tell(partnerIDs[0], &events.PlacementEnded{Placement: made.Placement, End: made.Start.AddDays(200)}, p)
		}
		if r.IntN(20) == 0 {
			tell(partnerIDs[0], &events.EventRetracted{}, p)
		}
	}
	q := Question{Target: theTarget, On: "2025-06-30", Today: events.DateOf(s.at)}
	from := Known{s.at.AddDate(-1, 0, 0)}
	for b.Loop() {
		changes, err := s.standings.Changes(s.tx(), q, from, Known{})
		if err != nil || len(changes) < 1000 {
			b.Fatal(len(changes), err)
		}
		b.ReportMetric(float64(len(changes)), "changes")
	}
}
