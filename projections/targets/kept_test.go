package targets

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/projections"
)

// TestKeptIsCountedAnew: what is kept between questions, and only looks again at what
// changed, answers every reader to the letter what a count from the beginning does.
func TestKeptIsCountedAnew(t *testing.T) {
	readers := map[string]Reader{
		"all": {All: true}, "outsider": {},
		"partner":   {Partner: partnerIDs[0], Own: func(p string) bool { return p == partnerIDs[0] }},
		"successor": {Partner: partnerIDs[1], Own: func(p string) bool { return p == partnerIDs[1] || p == partnerIDs[2] }},
	}
	splits := [][2]Dimension{{}, {ByPartner, ByMonth}, {ByKind}, {ByPartner, ByGemeente}, {ByLevel, BySubregion}, {ByHours, ByPartner}, {ByGroup}}
	rapid.Check(t, func(t *rapid.T) {
		a := &author{tale: newTale("2025-12-01"), t: t, there: partnerIDs[:4]}
		a.about = pick(a, events.MeasurePlacements, events.MeasurePlacements, events.MeasureJobs, events.MeasureVisits, events.MeasureReached, events.MeasureServices, events.MeasureFilled)
		for i, name := range []string{"gemeente", "uwv", "sw", "dorp"} {
			a.admit(partnerIDs[i], name, "2020-01-01", pick(a, "", "Noord"))
		}
		a.tell(theBook, a.definition())
		for range a.int(1, 40) {
			a.step()
			if a.int(0, 5) == 0 {
				a.describe(pick(a, "bakker", "molen", "smid"), pick(a, "GM0363", "GM0193"))
			}
			if a.int(0, 2) != 0 {
				continue
			}
			q := Question{Target: theTarget, On: "2026-06-30", Today: later, Across: pick(a, splits...)}
			name := pick(a, "all", "outsider", "partner", "successor")
			q.Reader = readers[name]
			kept, err := a.ask(q, Known{})
			if err != nil {
				t.Fatal(err)
			}
			anew, err := NewStandings().Stand(a.tx(), q, Known{})
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(kept, anew) {
				t.Fatalf("%s by %v after %d: kept\n%+v\nanew\n%+v", name, q.Across, len(a.records), kept, anew)
			}
		}
	})
}

// describe says where an employer is; its name would have been sealed.
func (s *tale) describe(employer, gemeente string) {
	s.at = s.at.Add(time.Second)
	d := &events.EmployerDescribed{Employer: employerNamed(employer), Gemeente: gemeente}
	r := &events.Record{
		Position: events.Position(len(s.records) + 1), At: s.at, Partner: partnerIDs[0],
		Verdict: events.Verdict{Today: events.DateOf(s.at)}, Event: events.Event{Type: d.Type(), Data: d},
	}
	s.records = append(s.records, r)
	if err := (projections.Journal{}).Apply(s.rows, r); err != nil {
		panic(err)
	}
}

// TestExtend: what came and what changed is taken in without counting anew, but for what
// is one with other reports.
func TestExtend(t *testing.T) {
	f := NewFacts()
	moment := fiveYears
	n := events.Position(0)
	tell := func(l projections.Line) events.Position {
		n++
		l.Position, l.At, l.Root = n, moment, max(l.Root, 0)
		f.Apply(&l)
		return n
	}
	made := func(partner string, target events.Position) events.Position {
		return tell(projections.Line{Type: events.TypePlacementMade, Employer: "a", Partner: partner, From: "2026-03-02", Sort: "bbl", Hours: -1, Target: target})
	}
	first := made("p", 0)
	second := made("q", 0)
	made("p", 0)
	c := countOf(f, year(), "2026-11-22", "2026-11-22")
	for _, step := range []struct {
		name  string
		tell  func()
		total int64
		keeps bool
	}{
		{"another", func() { made("q", 0) }, 400, true},
		{"one corrected", func() { first = made("p", first) }, 400, true},
		{"one ended", func() {
			tell(projections.Line{Type: events.TypePlacementEnded, Root: second, From: "2026-05-01"})
		}, 400, true},
		{"one taken back", func() { tell(projections.Line{Type: events.TypeEventRetracted, Target: first}) }, 300, true},
		{"two are one", func() {
			tell(projections.Line{Type: events.TypePlacementsMatched, Pair: [2]events.Position{second, 3}, Steward: true})
		}, 200, false},
	} {
		step.tell()
		if keeps := c.extend(f); keeps != step.keeps {
			t.Errorf("%s: kept is %v", step.name, keeps)
		}
		if !step.keeps {
			c = countOf(f, year(), "2026-11-22", "2026-11-22")
		}
		if c.total != step.total {
			t.Errorf("%s: %d", step.name, c.total)
		}
	}
}
