package projections

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

func reportAt(e events.Employer, n int, on events.Date) *events.VacancyReported {
	return &events.VacancyReported{Employer: e, Vacancy: "vacancy", Occupation: "lasser", Count: n, Date: on}
}

// filled fills so many places, 0 for all that are left.
func filled(n int, on events.Date) *events.VacancyFilled {
	d := &events.VacancyFilled{Vacancy: "vacancy", Date: on}
	if n > 0 {
		d.Count = &n
	}
	return d
}

func signalAt(e events.Employer, theme string, on events.Date) *events.SignalNoted {
	return &events.SignalNoted{Employer: e, Theme: theme, Date: on}
}

// TestTallySignalsAndVacancies: what is counted, in which month, of whom.
func TestTallySignalsAndVacancies(t *testing.T) {
	whole := at69599084("")
	const oct, nov = "2026-10-15", "2026-11-15"
	correct := func(s *scene, p events.Position, d *events.VacancyReported) *events.VacancyReported {
		d.Replaces = s.ref(p)
		return d
	}
	retract := func(s *scene, p events.Position) {
		s.say("a", &events.EventRetracted{Event: *s.ref(p)}, p)
	}
	tests := []struct {
		name string
		does func(s *scene)
		want []string
	}{
		{"SignalByTheme", func(s *scene) {
			s.say("a", signalAt(whole, "krimp", oct))
			s.say("a", signalAt(whole, "krimp", oct))
			s.say("b", signalAt(whole, "groei", nov))
		}, []string{"signalen 2026-10 a  2", "signalen 2026-10 a krimp 2", "signalen 2026-11 b  1", "signalen 2026-11 b groei 1"}},
		{"SignalWithoutADay", func(s *scene) {
			s.today = "2026-09-30"
			s.say("a", signalAt(whole, "krimp", ""))
		}, []string{"signalen 2026-09 a  1", "signalen 2026-09 a krimp 1"}},
		{"SignalRetracted", func(s *scene) { retract(s, s.say("a", signalAt(whole, "krimp", oct))) }, nil},
		{"SignalCorrected", func(s *scene) {
			p := s.say("a", signalAt(whole, "krimp", oct))
			d := signalAt(whole, "groei", nov)
			d.Replaces = s.ref(p)
			s.say("a", d, p)
		}, []string{"signalen 2026-11 a  1", "signalen 2026-11 a groei 1"}},
		{"Places", func(s *scene) { s.say("a", reportAt(whole, 3, oct)) }, []string{"vacatures 2026-10 a  3"}},
		{"PlacesWithoutADay", func(s *scene) {
			s.today = "2026-09-30"
			s.say("a", reportAt(whole, 3, ""))
		}, []string{"vacatures 2026-09 a  3"}},
		{"SomeFilled", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			s.say("a", filled(2, nov), p)
		}, []string{"vacatures 2026-10 a  3", "vacatures-vervuld 2026-11 a  2"}},
		{"TheRestFilled", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			s.say("a", filled(1, oct), p)
			s.say("a", filled(0, nov), p)
		}, []string{"vacatures 2026-10 a  3", "vacatures-vervuld 2026-10 a  1", "vacatures-vervuld 2026-11 a  2"}},
		{"MoreFilledThanAsked", func(s *scene) {
			p := s.say("a", reportAt(whole, 1, oct))
			s.say("a", filled(4, oct), p)
			s.say("a", filled(0, nov), p) // nothing was left
		}, []string{"vacatures 2026-10 a  1", "vacatures-vervuld 2026-10 a  4"}},
		{"FilledBySuccessor", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			s.say("b", filled(0, nov), p)
		}, []string{"vacatures 2026-10 a  3", "vacatures-vervuld 2026-11 b  3"}},
		{"RestAfterAnEarlierOneIsRetracted", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			f := s.say("a", filled(1, oct), p)
			s.say("a", filled(0, nov), p)
			retract(s, f)
		}, []string{"vacatures 2026-10 a  3", "vacatures-vervuld 2026-11 a  3"}},
		{"RestOfACorrectedReport", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			s.say("a", filled(0, nov), p)
			s.say("a", correct(s, p, reportAt(whole, 5, oct)), p, p)
		}, []string{"vacatures 2026-10 a  5", "vacatures-vervuld 2026-11 a  5"}},
		{"RestOfAReportCorrectedToFewer", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			s.say("a", filled(2, oct), p)
			s.say("a", filled(0, nov), p)
			s.say("a", correct(s, p, reportAt(whole, 1, oct)), p, p)
		}, []string{"vacatures 2026-10 a  1", "vacatures-vervuld 2026-10 a  2"}},
		{"RestBeforeAnotherFilling", func(s *scene) { // which is more than were asked for
			p := s.say("a", reportAt(whole, 3, oct))
			s.say("a", filled(0, nov), p)
			s.say("a", filled(1, oct), p)
		}, []string{"vacatures 2026-10 a  3", "vacatures-vervuld 2026-10 a  1", "vacatures-vervuld 2026-11 a  3"}},
		{"RestKeepsItsPlaceWhenCorrected", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			f := s.say("a", filled(1, oct), p)
			s.say("a", filled(0, nov), p)
			d := filled(0, oct)
			d.Replaces = s.ref(f)
			s.say("a", d, f, p)
		}, []string{"vacatures 2026-10 a  3", "vacatures-vervuld 2026-10 a  3"}},
		{"TheFirstRestRetracted", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			f := s.say("a", filled(0, oct), p)
			s.say("b", filled(0, nov), p)
			retract(s, f)
		}, []string{"vacatures 2026-10 a  3", "vacatures-vervuld 2026-11 b  3"}},
		{"FillingRetracted", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			retract(s, s.say("a", filled(0, nov), p))
			s.say("a", filled(0, oct), p)
		}, []string{"vacatures 2026-10 a  3", "vacatures-vervuld 2026-10 a  3"}},
		{"FillingCorrectedToTheRest", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			f := s.say("a", filled(2, oct), p)
			d := filled(0, nov)
			d.Replaces = s.ref(f)
			s.say("a", d, f, p)
		}, []string{"vacatures 2026-10 a  3", "vacatures-vervuld 2026-11 a  3"}},
		{"ReportCorrected", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			s.say("a", filled(1, nov), p)
			q := s.say("a", correct(s, p, reportAt(whole, 5, nov)), p, p)
			s.say("a", correct(s, q, reportAt(whole, 6, nov)), q, p)
			s.say("a", filled(0, nov), p)
		}, []string{"vacatures 2026-11 a  6", "vacatures-vervuld 2026-11 a  6"}},
		{"ReportRetracted", func(s *scene) { // a vacancy that never was was not filled
			p := s.say("a", reportAt(whole, 3, oct))
			f := s.say("a", filled(1, nov), p)
			s.say("a", filled(0, nov), p)
			retract(s, p)
			retract(s, f) // gives back nothing more
			s.say("a", filled(1, nov), p)
		}, nil},
		{"CorrectedReportRetracted", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			s.say("a", filled(1, nov), p)
			retract(s, s.say("a", correct(s, p, reportAt(whole, 5, nov)), p, p))
		}, nil},
		{"WithdrawnStaysCounted", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			s.say("a", &events.VacancyWithdrawn{Vacancy: "vacancy"}, p)
		}, []string{"vacatures 2026-10 a  3"}},
		{"TwoVacancies", func(s *scene) {
			p := s.say("a", reportAt(whole, 3, oct))
			q := s.say("a", reportAt(whole, 5, oct))
			s.say("a", filled(0, nov), q)
			s.say("a", filled(1, nov), p)
			retract(s, p)
		}, []string{"vacatures 2026-10 a  5", "vacatures-vervuld 2026-11 a  5"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newScene(t)
			tt.does(s)
			cells, err := Tallies{}.Count(memoryTx{s.store.rows}, Query{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range cells {
				got = append(got, fmt.Sprintf("%s %s %s %s %d", c.Measure, c.Month, c.Partner, c.TargetGroup, c.Count))
			}
			if d := cmp.Diff(tt.want, got, equal); d != "" {
				t.Errorf("-want +got:\n%s", d)
			}
			s.sameFilled()
		})
	}
}

// sameFilled compares the places filled in the counts with those on the timeline.
func (s *scene) sameFilled() {
	s.t.Helper()
	tx := memoryTx{s.store.rows}
	cells, err := Tallies{}.Count(tx, Query{Measure: MeasureFilled})
	if err != nil {
		s.t.Fatal(err)
	}
	items, _, err := Employers{}.Contacts(tx, []string{"69599084"}, Timeline{}, "", MaxContacts)
	if err != nil {
		s.t.Fatal(err)
	}
	counted, shown := 0, 0
	for _, c := range cells {
		counted += c.Count
	}
	for _, c := range items {
		shown += c.Filled
	}
	if counted != shown {
		s.t.Errorf("%d places filled are counted, and %d shown", counted, shown)
	}
}

// TestRetractedVacancyLeavesNothing: not even the rows that know what was left.
func TestRetractedVacancyLeavesNothing(t *testing.T) {
	s := newScene(t)
	p := s.say("a", reportAt(at69599084(""), 3, "2026-11-01"))
	s.say("a", filled(1, "2026-11-02"), p)
	s.say("a", filled(0, "2026-11-03"), p)
	s.say("a", &events.EventRetracted{Event: *s.ref(p)}, p)
	for k := range s.store.rows {
		if k[0] == rowPlaces || k[0] == rowGiven || k[0] == rowTally {
			t.Errorf("left: %q", k)
		}
	}
}

// TestDamagedPlaces: a row that is cut off or goes on is an error of the fold.
func TestDamagedPlaces(t *testing.T) {
	s := newScene(t)
	p := s.say("a", reportAt(at69599084(""), 300, "2026-11-01"))
	row := s.store.rows[string(positionKey(rowPlaces, p))]
	for _, bad := range [][]byte{row[:1], append(append([]byte{}, row...), 7)} {
		s.store.rows[string(positionKey(rowPlaces, p))] = bad
		d := filled(0, "2026-11-02")
		r := &events.Record{Position: 2, Verdict: events.Verdict{RestsOn: []events.Position{p}}, Event: events.Event{Type: d.Type(), Data: d}}
		if err := (Tallies{}).Apply(memoryTx{s.store.rows}, r); !errors.Is(err, ErrRow) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func TestQuarter(t *testing.T) {
	for month, want := range map[string]string{
		"2026-01": "2026-Q1", "2026-03": "2026-Q1", "2026-04": "2026-Q2", "2026-09": "2026-Q3", "2026-10": "2026-Q4", "2026-12": "2026-Q4",
		"2026-13": "", "2026-00": "", "2026-1": "", "2026": "", "": "", "2026-Q1": "",
	} {
		if got := Quarter(month); got != want {
			t.Errorf("Quarter(%q): %q, want %q", month, got, want)
		}
	}
}

// TestByQuarter: a quarter is the sum of what is shown of its months, and says when
// something of one of them is left out.
func TestByQuarter(t *testing.T) {
	m := MeasurePlacements
	cells := []Cell{
		cell(m, "2026-06", "b", "", 4), cell(m, "2026-07", "b", "", 9), cell(m, "2026-07", "b", "DD01", 9),
		cell(m, "2026-08", "b", "", 2), cell(m, "2026-08", "b", "DD01", 2), cell(m, "2026-09", "a", "", 1), cell(m, "2026-09", "a", "DD01", 1),
		cell(m, "2026-10", "b", "", 6), cell(m, "2026-10", "b", "DD01", 6), cell(m, "2026-11", "b", "", 5), cell(m, "2026-11", "b", "DD01", 5),
		cell(m, "2026-12", "a", "", 1), cell(m, "2026-12", "a", "DD01", 1),
	}
	months := Suppress(Query{Measure: m}, cells, its("a"), "2026-11-22")
	months.Release([]Cell{cell(m, "2026-07", "", "DD01", 9), cell(m, "2026-09", "", "DD01", 1), cell(m, "2026-10", "", "DD01", 6)}, m, []string{"2026-08", "2026-10"})
	got := months.ByQuarter()
	want := Figures{
		Plain: []Cell{
			cell(m, "2026-Q2", "b", "", 4), cell(m, "2026-Q3", "a", "", 1), cell(m, "2026-Q3", "b", "", 11),
			cell(m, "2026-Q4", "a", "", 1), cell(m, "2026-Q4", "b", "", 6), // November is not closed
		},
		Own:    []Cell{cell(m, "2026-Q3", "a", "DD01", 1), cell(m, "2026-Q4", "a", "DD01", 1)},
		Joint:  []Cell{cell(m, "2026-Q3", "", "DD01", 10), cell(m, "2026-Q4", "", "DD01", 6)}, // without August's 2
		Months: []LeftOut{{m, "2026-Q4", true, true}, {m, "2026-Q3", false, true}},
		Totals: months.Totals,
	}
	if d := cmp.Diff(want, got, equal); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if months.Plain[0].Month != "2026-06" || months.Months[0].Month != "2026-11" {
		t.Errorf("the months were changed: %v %v", months.Plain[0], months.Months)
	}
	both := Figures{Months: []LeftOut{{m, "2026-10", false, true}, {m, "2026-11", true, false}, {MeasureVisits, "2026-11", false, true}}}
	if d := cmp.Diff([]LeftOut{{m, "2026-Q4", true, true}, {MeasureVisits, "2026-Q4", false, true}}, both.ByQuarter().Months); d != "" {
		t.Errorf("left out (-want +got):\n%s", d)
	}
}
