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

// timed gives some plans and moves a time of day, which the author of random books
// does not.
func timed(records []*events.Record) []*events.Record {
	for _, r := range records {
		at, lasts := fmt.Sprintf("%02d:30", r.Position%24), fmt.Sprintf("PT%dM", 30+r.Position)
		if r.Position%3 == 0 {
			continue
		}
		switch d := r.Event.Data.(type) {
		case *events.VisitPlanned:
			d.Time, d.Duration = at, lasts
		case *events.VisitMoved:
			d.Time, d.Duration = at, lasts
		}
	}
	return records
}

// agenda is what calendars have, by going through the whole list after every record:
// the sequence counts how often that made a difference.
func (m model) agenda() map[events.Position]*Planned {
	all := map[events.Position]*Planned{}
	for i := range m {
		upTo := m[:i+1]
		seen := map[events.Position]bool{}
		note := func(root events.Position, now Planned) {
			seen[root] = true
			was := all[root]
			if was != nil {
				now.Sequence, now.Changed = was.Sequence, was.Changed
			}
			if was == nil {
				now.Changed = m[i].At
			} else if !cmp.Equal(*was, now) {
				now.Sequence, now.Changed = was.Sequence+1, m[i].At
			}
			all[root] = &now
		}
		for _, c := range upTo.contacts(employerKeys...) {
			if c.Type != events.TypeVisitPlanned {
				continue
			}
			p := Planned{
				Root: c.order, Position: c.Position, Partner: c.Partner, Source: c.Source, ID: c.ID, Employer: c.Employer,
				Establishment: c.Establishment, From: c.Date, To: c.To, Status: c.Status, Purpose: c.Purpose, Form: c.Form,
				Approach: c.Approach, With: c.With, AtRequest: c.AtRequest, Until: c.Until, Holds: c.Holds, AccountManager: c.AccountManager,
			}
			if c.Date == c.To {
				p.Time, p.Duration = upTo.timeOf(&c)
			}
			note(c.order, p)
		}
		for root, was := range all {
			if !seen[root] {
				gone := *was
				gone.Status = "ingetrokken"
				note(root, gone)
			}
		}
	}
	return all
}

// timeOf is what the last surviving plan or move of an approach says of the time.
func (m model) timeOf(c *Contact) (at, lasts string) {
	last := m.record(c.Position)
	for _, r := range m.tied(c.order, events.TypeVisitMoved) {
		if m.order(r) >= m.order(last) {
			last = r
		}
	}
	switch d := last.Event.Data.(type) {
	case *events.VisitPlanned:
		return d.Time, d.Duration
	case *events.VisitMoved:
		return d.Time, d.Duration
	}
	return "", ""
}

// TestAgendaEqualsModel: whatever is recorded, a calendar has every approach that
// ever was, as it stands, and its sequence counts the changes; a fold that goes on
// from any record has the same rows as one from the first.
func TestAgendaEqualsModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := timed(book(t))
		store := newMemory()
		run(t, store, cutUp(t, records))
		tx, got := memoryTx{store.rows}, map[events.Position]*Planned{}
		for _, partner := range partners {
			list, err := Agenda{}.Planned(tx, partner, "2026-09-01")
			if err != nil {
				t.Fatal(err)
			}
			for i := range list {
				if list[i].Partner != partner {
					t.Fatalf("a plan of %s in the calendar of %s", list[i].Partner, partner)
				}
				got[list[i].Root] = &list[i]
			}
			if !slices.IsSortedFunc(list, func(a, b Planned) int { return a.To.DaysUntil(b.To) * -1 }) {
				t.Fatal("not by the last day")
			}
		}
		want := model(records).agenda()
		if d := cmp.Diff(want, got, equal); d != "" {
			t.Fatalf("calendar (-model +view):\n%s", d)
		}
	})
}

// diary is what one partner says, record by record.
type diary struct {
	t       *testing.T
	records []*events.Record
}

func (d *diary) say(day events.Date, data events.Data, restsOn ...events.Position) events.Position {
	d.t.Helper()
	at, err := time.Parse(time.RFC3339, string(day)+"T11:00:00Z")
	if err != nil {
		d.t.Fatal(err)
	}
	p := events.Position(len(d.records) + 1)
	d.records = append(d.records, stored(d.t, &events.Record{
		Position: p, At: at, Partner: partners[0], Verdict: events.Verdict{Outcome: events.Free, RestsOn: restsOn, Today: day},
		Event: events.Event{ID: fmt.Sprint(p), Source: diarySource, Type: data.Type(), Data: data},
	}))
	return p
}

func (d *diary) plan(day events.Date) events.Position {
	d.t.Helper()
	return d.say("2026-01-05", &events.VisitPlanned{Employer: events.Employer{KvK: "69599084"}, Approach: "b", Date: day, Purpose: "nazorg",
		AccountManager: events.Personal[events.AccountManager]{Seal: &events.Seal{Key: 3, Text: "zegel"}}})
}

func (d *diary) visit(replaces *events.Ref, restsOn ...events.Position) events.Position {
	d.t.Helper()
	return d.say("2026-03-03", &events.VisitMade{Employer: events.Employer{KvK: "69599084"}, Date: "2026-03-02", Approach: "b", Purpose: "nazorg",
		Form: "telefoon", Replaces: replaces}, restsOn...)
}

const diarySource = "urn:nld:oin:00000099000000000001:systeem:crm"

func refTo(p events.Position) *events.Ref { return &events.Ref{Source: diarySource, ID: fmt.Sprint(p)} }

// TestAgendaOfTwoApproaches: a visit that turns out to have ended another approach
// opens the first again, and both have changed.
func TestAgendaOfTwoApproaches(t *testing.T) {
	d := &diary{t: t}
	first, second := d.plan("2026-03-02"), d.plan("2026-03-09")
	visit := d.visit(nil, first)
	d.visit(refTo(visit), visit, second)
	store := newMemory()
	apply(t, store, d.records...)
	list, err := Agenda{}.Planned(memoryTx{store.rows}, partners[0], "2026-03-05")
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	type row struct {
		Root     events.Position
		Status   string
		Sequence int
	}
	var got []row
	for _, p := range list {
		got = append(got, row{p.Root, p.Status, p.Sequence})
	}
	if d := cmp.Diff([]row{{first, StatusPlanned, 2}, {second, StatusMade, 1}}, got); d != "" {
		t.Error(d)
	}
}

// TestAgendaKeeps is about how long: what is over and what does not go on.
func TestAgendaKeeps(t *testing.T) {
	d := &diary{t: t}
	over, off, gone, later := d.plan("2026-03-02"), d.plan("2026-09-01"), d.plan("2026-09-02"), d.plan("2026-12-01")
	d.visit(nil, over)
	d.say("2026-03-03", &events.VisitCalledOff{Approach: "b"}, off)
	d.say("2026-03-04", &events.EventRetracted{Event: *refTo(gone)}, gone)

	store := newMemory()
	apply(t, store, d.records...)
	for _, tt := range []struct {
		today events.Date
		want  []events.Position
	}{
		{"2026-03-05", []events.Position{over, off, gone, later}},
		{"2026-05-31", []events.Position{over, off, gone, later}}, // 90 days after 2 March
		{"2026-06-01", []events.Position{off, gone, later}},
		{"2026-06-02", []events.Position{gone, later}},
		{"2026-06-03", []events.Position{later}},
		{"2027-03-01", []events.Position{later}},
		{"2027-03-02", nil},
	} {
		list, err := Agenda{}.Planned(memoryTx{store.rows}, partners[0], tt.today)
		if err != nil {
			t.Fatal(err)
		}
		var got []events.Position
		for _, p := range list {
			got = append(got, p.Root)
		}
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: %s", tt.today, d)
		}
	}
	if list, err := (Agenda{}).Planned(memoryTx{store.rows}, partners[1], "2026-03-05"); len(list) != 0 || err != nil {
		t.Errorf("another partner's: %v, %v", list, err)
	}
}
