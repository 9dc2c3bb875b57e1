package projections

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
)

// TestVacancies: what the events that survive leave of a vacancy of three places.
func TestVacancies(t *testing.T) {
	const employer = "69599084"
	n := func(n int) *int { return &n }
	ref := &events.Ref{Source: "s", ID: "i"}
	reported := func(count int, replaces *events.Ref) *events.VacancyReported {
		return &events.VacancyReported{Employer: whole(employer).Employer(), Vacancy: "v", Occupation: "lasser", Count: count, Replaces: replaces}
	}
	filled := func(count *int) *events.VacancyFilled {
		return &events.VacancyFilled{Vacancy: "v", Date: "2026-11-02", Count: count}
	}
	withdrawn, retracted := &events.VacancyWithdrawn{Vacancy: "v"}, &events.EventRetracted{}
	type said struct {
		data    events.Data
		restsOn []events.Position
	}
	tests := []struct {
		name   string
		then   []said // from position 2; the report is position 1
		status string // empty: it is gone
		filled int
		left   int // of an open one
	}{
		{"open", nil, "open", 0, 3},
		{"a place filled", []said{{filled(n(1)), []events.Position{1}}}, "open", 1, 2},
		{"filled by parts", []said{{filled(n(1)), []events.Position{1}}, {filled(n(2)), []events.Position{1}}}, "vervuld", 3, 0},
		{"filled at once", []said{{filled(nil), []events.Position{1}}}, "vervuld", 3, 0},
		{"more than were asked for", []said{{filled(n(5)), []events.Position{1}}}, "vervuld", 5, 0},
		{"what was left", []said{{filled(n(1)), []events.Position{1}}, {filled(nil), []events.Position{1}}}, "vervuld", 3, 0},
		{"withdrawn", []said{{filled(n(1)), []events.Position{1}}, {withdrawn, []events.Position{1}}}, "ingetrokken", 1, 0},
		{"withdrawn by mistake", []said{{withdrawn, []events.Position{1}}, {retracted, []events.Position{2}}}, "open", 0, 3},
		{"filled by mistake", []said{{filled(nil), []events.Position{1}}, {retracted, []events.Position{2}}}, "open", 0, 3},
		{"fewer than was said", []said{
			{filled(n(3)), []events.Position{1}},
			{&events.VacancyFilled{Vacancy: "v", Date: "2026-11-02", Count: n(1), Replaces: ref}, []events.Position{2, 1}},
		}, "open", 1, 2},
		{"what was left, after fewer than was said", []said{
			{filled(n(2)), []events.Position{1}}, {filled(nil), []events.Position{1}},
			{&events.VacancyFilled{Vacancy: "v", Date: "2026-11-02", Count: n(1), Replaces: ref}, []events.Position{2, 1}},
		}, "vervuld", 3, 0},
		{"more places than was said", []said{{filled(n(3)), []events.Position{1}}, {reported(4, ref), []events.Position{1, 1}}}, "open", 3, 1},
		{"what was left, of a report that was corrected", []said{{filled(nil), []events.Position{1}}, {reported(4, ref), []events.Position{1, 1}}}, "vervuld", 4, 0},
		{"never was", []said{{filled(n(1)), []events.Position{1}}, {retracted, []events.Position{1}}}, "", 0, 0},
		{"filled after it never was", []said{{retracted, []events.Position{1}}, {filled(n(1)), []events.Position{1}}}, "", 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := newMemory()
			for i, s := range append([]said{{reported(3, nil), nil}}, tt.then...) {
				p := events.Position(i + 1)
				apply(t, store, &events.Record{Position: p, Partner: "a", Verdict: events.Verdict{RestsOn: s.restsOn, Today: "2026-11-01"},
					Event: events.Event{Source: "s", ID: fmt.Sprint(p), Type: s.data.Type(), Data: s.data}})
			}
			tx := memoryTx{store.rows}
			items, _, err := Employers{}.Contacts(tx, []string{employer}, Timeline{}, "", 10)
			if err != nil {
				t.Fatal(err)
			}
			status, count := "", 0
			for _, c := range items {
				status, count = c.Status, c.Filled
			}
			if status != tt.status || count != tt.filled || len(items) > 1 {
				t.Errorf("%d items, %q with %d filled; want %q with %d", len(items), status, count, tt.status, tt.filled)
			}
			open, _, err := Employers{}.Vacancies(tx, []string{employer}, nil)
			if err != nil {
				t.Fatal(err)
			}
			left := 0
			for _, v := range open {
				left += v.Left()
			}
			if left != tt.left || len(open) > 0 != (tt.status == "open") {
				t.Errorf("open are %d, with %d places left; want %d", len(open), left, tt.left)
			}
		})
	}
}

// TestVacanciesOldestFirst: by the day they are open since, then as they were reported.
func TestVacanciesOldestFirst(t *testing.T) {
	store := newMemory()
	for i, d := range []*events.VacancyReported{
		{Employer: whole("69599084").Employer(), Date: "2026-11-03"},
		{Employer: whole("90004760").Employer(), Date: "2026-11-01"},
		{Employer: whole("69599084").Employer(), Date: "2026-11-02"},
		{Employer: whole("90004760").Employer(), Date: "2026-11-03"},
		{Employer: whole("55344526").Employer(), Date: "2026-11-01"},
	} {
		d.Count = 1
		apply(t, store, &events.Record{Position: events.Position(i + 1), Event: events.Event{Type: d.Type(), Data: d}})
	}
	list, _, err := Employers{}.Vacancies(memoryTx{store.rows}, []string{"69599084", "90004760"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []events.Position
	for _, v := range list {
		got = append(got, v.Position)
	}
	if d := cmp.Diff([]events.Position{2, 3, 1, 4}, got); d != "" {
		t.Error(d)
	}
}

// TestManyVacancies: no more are given, or read, than there is a bound for, and whole
// says whether those are all.
func TestManyVacancies(t *testing.T) {
	const employer = "69599084"
	store, last := newMemory(), events.Position(0)
	report := func(n int, date events.Date, establishment string) {
		t.Helper()
		var all []*events.Record
		for range n {
			last++
			d := &events.VacancyReported{Employer: events.Employer{KvK: employer, Establishment: establishment}, Vacancy: fmt.Sprint(last), Count: 1, Date: date}
			all = append(all, &events.Record{Position: last, Event: events.Event{Type: d.Type(), Data: d}})
		}
		apply(t, store, all...)
	}
	here := func(v *Vacancy) bool { return v.Establishment == "" }
	check := func(filter func(*Vacancy) bool, count int, oldest events.Date, all bool) {
		t.Helper()
		list, whole, err := Employers{}.Vacancies(memoryTx{store.rows}, []string{employer}, filter)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != count || list[0].Date != oldest || whole != all {
			t.Errorf("%d from %s, whole %t; want %d from %s, %t", len(list), list[0].Date, whole, count, oldest, all)
		}
	}
	report(MaxVacancies, "2026-11-02", "")
	check(nil, MaxVacancies, "2026-11-02", true)
	report(1, "2026-11-01", "000012345678")
	check(here, MaxVacancies, "2026-11-02", true)
	check(nil, MaxVacancies, "2026-11-01", false)
	report(maxVacanciesRead-MaxVacancies-1, "2026-11-03", "000012345678")
	check(here, MaxVacancies, "2026-11-02", true)
	report(1, "2026-10-01", "000012345678") // one more than is read
	check(here, MaxVacancies, "2026-11-02", false)
}
