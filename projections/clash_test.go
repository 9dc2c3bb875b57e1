package projections

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"huisboek/events"
)

// ledgerOf records what it is told, in the order of the stream: a small book.
type ledgerOf struct {
	t       *testing.T
	tx      memoryTx
	records []*events.Record
	reasons []string // of the next verdict
}

func (b *ledgerOf) on(day events.Date, partner string, data events.Data, verdict events.Outcome, rests ...events.Position) events.Position {
	b.t.Helper()
	at, err := time.Parse(time.DateOnly, string(day))
	if err != nil {
		b.t.Fatal(err)
	}
	p := events.Position(len(b.records) + 1)
	r := stored(b.t, &events.Record{
		Position: p, At: at.Add(9 * time.Hour), Partner: partner,
		Verdict: events.Verdict{Outcome: verdict, Reasons: b.reasons, Today: day, RestsOn: rests},
		Event:   events.Event{ID: fmt.Sprint(p), Source: "urn:nld:oin:00000099000000000001:systeem:crm", Type: data.Type(), Data: data},
	})
	b.records, b.reasons = append(b.records, r), nil
	if err := NewViews().Apply(b.tx, r); err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b *ledgerOf) plan(day events.Date, partner string, from, to events.Date, verdict events.Outcome) events.Position {
	d := &events.VisitPlanned{Employer: employers[0], Approach: fmt.Sprint(len(b.records)), Purpose: "acquisitie"}
	d.AccountManager.Seal = &events.Seal{Key: 1, Text: "wie"}
	if d.Date = from; from != to {
		d.Date, d.Period = "", &events.Period{From: from, To: to}
	}
	return b.on(day, partner, d, verdict)
}

func (b *ledgerOf) visit(day events.Date, partner string, on events.Date, approach ...events.Position) events.Position {
	d := &events.VisitMade{Employer: employers[0], Date: on, Purpose: "acquisitie", Form: "telefoon"}
	if len(approach) > 0 {
		d.Approach = "x"
	}
	return b.on(day, partner, d, events.Free, approach...)
}

// clashes is the register in one line a clash.
func (b *ledgerOf) clashes(today events.Date) string {
	b.t.Helper()
	list, _, err := Clashes{}.Register(b.tx, ClashQuery{}, "", 200, today)
	if err != nil {
		b.t.Fatal(err)
	}
	var lines []string
	for _, c := range list {
		lines = append(lines, c.ID()+" "+c.Rule+" "+c.End)
	}
	return strings.Join(lines, "; ")
}

func newLedgerOf(t *testing.T) *ledgerOf { return &ledgerOf{t: t, tx: memoryTx{map[string][]byte{}}} }

// TestHowAClashEnds: two plans, and what becomes of them.
func TestHowAClashEnds(t *testing.T) {
	a, b := partners[0], partners[1]
	seal := &events.Seal{Key: 1, Text: "wie"}
	ref := &events.Ref{Source: "urn:nld:oin:00000099000000000001:systeem:crm", ID: "1"}
	for _, tt := range []struct {
		name string
		then func(*ledgerOf)
		on   events.Date
		want string
	}{
		{"nothing yet", func(*ledgerOf) {}, "2026-11-25", "open"},
		{"the last day that one can hold", func(*ledgerOf) {}, "2026-12-01", "open"},
		{"the day after", func(*ledgerOf) {}, "2026-12-02", "verlopen"},
		{"called off", func(l *ledgerOf) { l.on("2026-11-23", b, &events.VisitCalledOff{Approach: "1"}, events.Free, 2) }, "2026-11-25", "afgezegd"},
		{"moved 90 days on", func(l *ledgerOf) {
			l.on("2026-11-23", b, &events.VisitMoved{Approach: "1", Date: "2027-03-01"}, events.Taken, 2)
		}, "2026-11-25", "open"},
		{"moved 91 days on", func(l *ledgerOf) {
			l.on("2026-11-23", b, &events.VisitMoved{Approach: "1", Date: "2027-03-02"}, events.Free, 2)
		}, "2026-11-25", "verzet"},
		{"corrected", func(l *ledgerOf) {
			d := &events.VisitPlanned{Employer: employers[0], Approach: "0", Date: "2027-05-02", Purpose: "acquisitie", Replaces: ref}
			d.AccountManager.Seal = seal
			l.on("2026-11-23", a, d, events.Free, 1, 1)
		}, "2026-11-25", "ingetrokken"},
		{"retracted", func(l *ledgerOf) { l.on("2026-11-23", a, &events.EventRetracted{Event: *ref}, events.Free, 1) }, "2026-11-25", "ingetrokken"},
		{"joint", func(l *ledgerOf) { l.on("2026-11-23", b, &events.JointVisitConfirmed{Event: *ref}, events.Free, 1) }, "2026-11-25", "samen"},
		{"one went", func(l *ledgerOf) { l.visit("2026-11-30", a, "2026-11-30", 1) }, "2026-11-30", "open"},
		{"extended", func(l *ledgerOf) {
			d := &events.ApproachExtended{Approach: "0", To: "2026-12-20"}
			d.Reason.Seal = seal
			l.on("2026-11-30", a, d, events.Free, 1)
		}, "2026-12-03", "open"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLedgerOf(t)
			l.plan("2026-11-22", a, "2026-11-30", "2026-12-01", events.Free)
			l.plan("2026-11-22", b, "2026-12-02", "2026-12-04", events.Taken)
			tt.then(l)
			if got, want := strings.Split(l.clashes(tt.on), "; "), "1-2 twee-plannen "+tt.want; got[len(got)-1] != want {
				t.Errorf("%s, want %s", got, want)
			}
		})
	}
}

// TestLateVisits: whichever is told first, the quiet days are between the visits.
func TestLateVisits(t *testing.T) {
	for _, tt := range []struct {
		first, then events.Date
		want        string
	}{
		{"2026-08-01", "2026-10-30", "1-2 binnen-rustdagen beide-gegaan"},
		{"2026-08-01", "2026-10-31", ""},
		{"2026-10-30", "2026-08-01", "2-1 binnen-rustdagen beide-gegaan"},
		{"2026-10-31", "2026-08-01", ""},
	} {
		l := newLedgerOf(t)
		l.visit("2026-11-22", partners[0], tt.first)
		l.visit("2026-11-22", partners[1], tt.then)
		if got := l.clashes("2026-11-22"); got != tt.want {
			t.Errorf("%s, then %s: %q", tt.first, tt.then, got)
		}
	}
}

// TestVisitWhileHeld: only what held the employer on the day itself counts.
func TestVisitWhileHeld(t *testing.T) {
	for on, want := range map[events.Date]string{
		"2026-11-09": "", "2026-11-10": "1-2 bezoek-tijdens-plan verlopen", "2026-11-15": "1-2 bezoek-tijdens-plan verlopen", "2026-11-16": "",
	} {
		l := newLedgerOf(t)
		l.plan("2026-11-10", partners[0], "2026-11-12", "2026-11-15", events.Free)
		l.visit("2026-11-22", partners[1], on)
		if got := l.clashes("2026-11-22"); got != want {
			t.Errorf("a visit on %s: %q", on, got)
		}
	}
	l := newLedgerOf(t)
	l.plan("2026-11-10", partners[0], "2026-11-12", "2026-11-15", events.Taken) // does not hold
	l.visit("2026-11-12", partners[1], "2026-11-11")
	if got := l.clashes("2026-11-22"); got != "" {
		t.Errorf("a plan that does not hold: %q", got)
	}
}

// counting is a transaction that counts what is read of it.
type counting struct {
	memoryTx
	reads int
}

func (c *counting) Get(key []byte) []byte {
	c.reads++
	return c.memoryTx.Get(key)
}

// TestLongHistoriesCostNothing: what a visit reads and writes does not grow with how
// many there were.
func TestLongHistoriesCostNothing(t *testing.T) {
	work := func(n int) (int, int) {
		tx := memoryTx{map[string][]byte{}}
		for i := range n {
			x := &thing{Party: Party{ID: events.Position(i + 1), Partner: partners[i%2], Visit: true, Employer: "69599084", From: "2026-11-01", To: "2026-11-01", Purpose: "acquisitie"}}
			(*thing)(nil).write(tx, x)
			tx.Put(datedKey(rowVisit, "69599084", x.From, x.ID), nil)
		}
		before, counted := len(tx.rows), &counting{memoryTx: tx}
		x := &thing{Party: Party{ID: events.Position(n + 1), Partner: partners[2], Visit: true, Employer: "69599084", From: "2026-11-02", To: "2026-11-02", Purpose: "acquisitie"}}
		(*thing)(nil).write(counted, x)
		r := &events.Record{Position: x.ID, Verdict: events.Verdict{Today: "2026-11-22"}}
		found, err := find(counted, r, x, nil)
		if err != nil {
			t.Fatal(err)
		}
		writeFound(counted, r.Position, found)
		return counted.reads, len(tx.rows) - before
	}
	reads, rows := work(maxLook)
	if r, w := work(10 * maxLook); r > reads || w > rows {
		t.Errorf("%d reads and %d rows; with ten times as many visits %d and %d", reads, rows, r, w)
	}
	if rows > 10*maxFound {
		t.Errorf("%d rows", rows)
	}
}

func TestClashCursors(t *testing.T) {
	l := newLedgerOf(t)
	for i, day := range []events.Date{"2026-10-01", "2026-10-02", "2026-10-03"} {
		l.visit("2026-11-22", partners[i%2], day)
	}
	_, next, err := Clashes{}.Register(l.tx, ClashQuery{}, "", 1, "2026-11-22")
	if next == "" || err != nil {
		t.Fatal(next, err)
	}
	for _, after := range []string{"x", "!!", next + "AA"} {
		if _, _, err := (Clashes{}).Register(l.tx, ClashQuery{}, after, 1, "2026-11-22"); err != ErrCursor {
			t.Errorf("after %q: %v", after, err)
		}
	}
	if _, _, err := (Clashes{}).Register(l.tx, ClashQuery{Partner: partners[0]}, next, 1, "2026-11-22"); err != ErrCursor {
		t.Errorf("of another list: %v", err)
	}
	count, newest, err := Clashes{}.AtEmployer(l.tx, []string{"69599084"}, 1, "2026-11-22")
	if count != 2 || len(newest) != 1 || newest[0].ID() != "2-3" || err != nil {
		t.Errorf("%d, %+v, %v", count, newest, err)
	}
	for id, want := range map[string]bool{"1-2": true, "2-1": false, "1": false, "": false, "a-b": false} {
		if c, err := (Clashes{}).Clash(l.tx, id, "2026-11-22"); (c != nil) != want || err != nil {
			t.Errorf("clash %q: %v, %v", id, c, err)
		}
	}
}

// TestASuccessorConfirms: who goes on with the work of who was named says for it, too,
// that they go together; who does not, not.
func TestASuccessorConfirms(t *testing.T) {
	old, heir, other := partners[0], partners[1], partners[2]
	ref := events.Ref{Source: "urn:nld:oin:00000099000000001000:systeem:crm"}
	for from, want := range map[events.Date]string{"2026-11-23": "samen", "2026-11-24": "open"} {
		l := newLedgerOf(t)
		l.on("2026-11-22", theBook, &events.PartnerSucceeded{Partner: old, By: heir, From: from}, events.Free)
		first := l.plan("2026-11-22", old, "2026-11-30", "2026-12-01", events.Free)
		later := l.plan("2026-11-22", other, "2026-12-02", "2026-12-04", events.Taken)
		l.on("2026-11-23", heir, &events.JointVisitConfirmed{Event: ref}, events.Free, later)
		if got, want := l.clashes("2026-11-25"), fmt.Sprintf("%d-%d twee-plannen %s", first, later, want); got != want {
			t.Errorf("gone on with from %s: %s, want %s", from, got, want)
		}
		visit := l.visit("2026-11-25", other, "2026-11-24")
		l.on("2026-11-25", heir, &events.JointVisitConfirmed{Event: ref}, events.Free, visit)
		if got, want := l.clashes("2026-11-25"), fmt.Sprintf("%d-%d bezoek-tijdens-plan samen", first, visit); !strings.Contains(got, want) {
			t.Errorf("a visit: %s, want %s", got, want)
		}
	}
}

// TestRegisterOfMonthsAndGroups: up to the month that is asked for, and of an employer
// with two keys each clash once.
func TestRegisterOfMonthsAndGroups(t *testing.T) {
	l := newLedgerOf(t)
	l.reasons = []string{"koppeling-geldt"}
	l.on("2026-10-01", theBook, &events.EmployersLinked{Employer: whole(employerKeys[0]), With: whole(employerKeys[1]), Kind: "dezelfde"}, events.Free)
	l.visit("2026-10-02", partners[0], "2026-10-01")
	d := &events.VisitMade{Employer: employers[3], Date: "2026-10-05", Purpose: "acquisitie", Form: "telefoon"}
	l.on("2026-10-06", partners[1], d, events.Free)
	l.visit("2026-11-02", partners[2], "2026-11-01")
	for _, tt := range []struct {
		q    ClashQuery
		want int
	}{
		{ClashQuery{}, 3}, {ClashQuery{To: "2026-10"}, 1}, {ClashQuery{To: "2026-11"}, 3}, {ClashQuery{From: "2026-11"}, 2},
		{ClashQuery{Employers: employerKeys[:2]}, 3}, {ClashQuery{Employers: employerKeys[:2], To: "2026-10"}, 1},
	} {
		list, _, err := Clashes{}.Register(l.tx, tt.q, "", 200, "2026-11-22")
		if len(list) != tt.want || err != nil {
			t.Errorf("%+v: %d clashes, %v; want %d", tt.q, len(list), err, tt.want)
		}
	}
}

// BenchmarkFindVisits holds a visit against those of an employer that is often called on:
// of which none is another partner's, and of which none disturbs.
func BenchmarkFindVisits(b *testing.B) {
	for name, theirs := range map[string]Party{
		"own": {Partner: partners[0], Purpose: "acquisitie"}, "undisturbed": {Partner: partners[1], Purpose: "plaatsing"},
	} {
		b.Run(name, func(b *testing.B) {
			tx := newSorted()
			visit := func(p Party) *thing {
				p.Visit, p.Employer, p.From, p.To = true, "69599084", "2026-11-01", "2026-11-01"
				x := &thing{Party: p}
				(*thing)(nil).write(tx, x)
				tx.Put(datedKey(rowVisit, p.Employer, p.From, p.ID), nil)
				return x
			}
			for i := range 4 * maxLook {
				theirs.ID = events.Position(i + 1)
				visit(theirs)
			}
			x := visit(Party{ID: 2 * maxLook, Partner: partners[0], Purpose: "acquisitie"})
			r := &events.Record{Position: x.ID, Verdict: events.Verdict{Today: "2026-11-22"}}
			b.ReportAllocs()
			for b.Loop() {
				if found, err := find(tx, r, x, nil); len(found) > 0 || err != nil {
					b.Fatal(found, err)
				}
			}
		})
	}
}
