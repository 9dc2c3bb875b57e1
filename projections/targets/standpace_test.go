package targets

import (
	"slices"
	"strings"
	"testing"

	"huisboek/events"
)

// played is a book that begins on a day, with these lines of a case.
func played(t *testing.T, begins events.Date, lines string) *scene {
	t.Helper()
	s := &scene{tale: newTale(begins), named: map[string]*events.Record{}}
	for i, name := range []string{"gemeente", "uwv", "sw", "dorp"} {
		s.admit(partnerIDs[i], name, "2020-01-01", "")
	}
	for line := range strings.Lines(lines) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		if err := s.line(line); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	return s
}

// standsOn is the standing on a day as who has part in nothing sees it, with its sentence.
func (s *scene) standsOn(t *testing.T, on events.Date, across ...Dimension) (Standing, string) {
	t.Helper()
	q := Question{Target: theTarget, On: on, Today: events.DateOf(s.at)}
	copy(q.Across[:], across)
	st, err := s.ask(q, Known{})
	if err != nil {
		t.Fatal(err)
	}
	return st, Sentence(&st, func(partner string) string { return partner }).NL
}

// A day that has yet to come is no pace to go by, and its sentence says that it has.
func TestDayToCome(t *testing.T) {
	for _, asks := range []string{"", " doelgroepen=DD02"} {
		s := played(t, "2026-01-01", "doel plaatsingen 100"+asks+`
			gemeente plaatst keer 20 op 2026-01-10 doelgroep=DD02
			gemeente plaatst keer 20 op 2026-02-10 doelgroep=DD02
			gemeente plaatst keer 20 op 2026-03-10 doelgroep=DD02
			vandaag 2026-04-10`)
		if st, _ := s.standsOn(t, "2026-04-10"); st.Forecast == nil || st.Forecast.Months != 3 {
			t.Errorf("%q, today: %+v", asks, st.Forecast)
		}
		for _, on := range []events.Date{"2026-04-11", "2026-12-31", "2027-02-01"} {
			st, says := s.standsOn(t, on)
			if st.Forecast != nil || st.Today != "2026-04-10" || st.Total != 60*one {
				t.Errorf("%q, on %s: %+v", asks, on, st)
			}
			if !strings.Contains(says, "een dag die nog moet komen") || strings.Contains(says, "voorbij") {
				t.Errorf("%q, on %s: %s", asks, on, says)
			}
		}
	}
}

// Months without anything from before the book was there are no pace to go by; what was
// told of them later is.
func TestPaceOfYoungBook(t *testing.T) {
	for _, asks := range []string{"", " doelgroepen=DD02"} {
		for _, c := range []struct {
			name, early string
			months      int
		}{
			{"nothing of before", "", 3},
			{"told of before", "gemeente plaatst keer 5 op 2026-06-10 doelgroep=DD02", 6},
		} {
			s := played(t, "2026-09-01", "doel plaatsingen 100"+asks+"\n"+c.early+`
				gemeente plaatst keer 20 op 2026-09-10 doelgroep=DD02
				vandaag 2026-10-12
				gemeente plaatst keer 20 op 2026-10-10 doelgroep=DD02
				vandaag 2026-11-12
				gemeente plaatst keer 20 op 2026-11-10 doelgroep=DD02
				vandaag 2026-12-01`)
			if st, says := s.standsOn(t, "2026-12-01"); st.Forecast == nil || st.Forecast.Months != c.months {
				t.Errorf("%q, %s: %+v\n%s", asks, c.name, st.Forecast, says)
			}
		}
	}
	// The book was there: that nothing came is how it went.
	s := played(t, "2026-06-01", `doel plaatsingen 100
		vandaag 2026-09-01
		gemeente plaatst keer 20 op 2026-09-01
		vandaag 2026-10-01`)
	if st, _ := s.standsOn(t, "2026-10-01"); st.Forecast == nil || st.Forecast.Months != 4 {
		t.Errorf("%+v", st.Forecast)
	}
}

// What was taken back is not there.
func TestPaceWithoutWhatWasTakenBack(t *testing.T) {
	s := played(t, "2026-09-01", `doel plaatsingen 100
		gemeente plaatst op 2026-03-01 als oud
		gemeente plaatst keer 3 op 2026-09-10
		vandaag 2026-12-05`)
	s.standsOn(t, "2026-12-05")
	s.retract(s.named["oud"])
	if st, _ := s.standsOn(t, "2026-12-05"); st.Forecast == nil || st.Forecast.Months != 3 {
		t.Errorf("%+v", st.Forecast)
	}
}

// The upper end holds all that may count.
func TestForecastWithHidden(t *testing.T) {
	var lines strings.Builder
	lines.WriteString("doel plaatsingen 100 doelgroepen=DD02\n")
	for _, month := range []string{"01", "02", "03", "04", "05", "06", "07"} {
		lines.WriteString("vandaag 2026-" + month + "-20\n")
		for i, group := range []string{"DD02", "DD05", "DD06", "DD08"} {
			lines.WriteString([]string{"gemeente", "uwv", "sw", "dorp"}[i] + " plaatst op 2026-" + month + "-10 doelgroep=" + group + "\n")
		}
	}
	s := played(t, "2026-01-01", lines.String()+"vandaag 2026-08-05")
	st, says := s.standsOn(t, "2026-08-05")
	hidden := hiddenOf(&st)
	if hidden == 0 || st.Forecast == nil {
		t.Fatalf("nothing is hidden: %+v\n%s", st, says)
	}
	if f := st.Forecast; f.High < st.Total+hidden || f.Low > f.Expected || f.Expected > f.High {
		t.Errorf("%+v with %s hidden", f, hidden.text())
	}
	if !strings.Contains(says, "hooguit "+dutch.number(st.Forecast.High, 0)+", als alles meetelt wat is afgeschermd") {
		t.Error(says)
	}
}

// Of a partner that took its past along the total is less at once, and what was released
// at the month's end: until then that goes off, and is nothing that waits. Nothing is
// expected of it.
func TestLeftWithItsPast(t *testing.T) {
	s := played(t, "2026-01-01", `doel plaatsingen 400 aandelen=gemeente:100,dorp:300
		gemeente plaatst keer 20 op 2026-01-10 doelgroep=DD02
		uwv plaatst keer 20 op 2026-02-10 doelgroep=DD02
		dorp plaatst keer 20 op 2026-03-10 doelgroep=DD02
		vandaag 2026-07-05`)
	if _, says := s.standsOn(t, "2026-07-05"); !strings.Contains(says, "bij "+partnerNamed("dorp")) {
		t.Fatal(says)
	}
	if err := s.line("beheerder laat-gaan dorp per 2026-07-05 verleden vertrekt"); err != nil {
		t.Fatal(err)
	}
	st, says := s.standsOn(t, "2026-07-05", ByGroup)
	want := []Cell{{[2]string{"DD02"}, 60 * one}, {[2]string{Leaving}, -20 * one}}
	if st.Total != 40*one || !slices.Equal(st.Split.Cells, want) {
		t.Errorf("%s: %v, want %v", st.Total.text(), st.Split.Cells, want)
	}
	if strings.Contains(says, partnerNamed("dorp")) || !strings.Contains(says, "bij "+partnerNamed("gemeente")) {
		t.Error(says)
	}
}
