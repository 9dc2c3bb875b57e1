package intake_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

const (
	partnerA = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0a01"
	partnerB = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0b02"
)

// openFile opens a file that is closed when the test ends.
func openFile(t testing.TB, path string, o intake.Options) *intake.File {
	t.Helper()
	if o.Now == nil {
		o.Now = newClock().now
	}
	f := must[*intake.File](t)(intake.Open(path, o))
	t.Cleanup(func() { f.Close() })
	return f
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "intake.db") }

func ptr[T any](v T) *T { return &v }

// delivery is one with all its members; n tells them apart.
func delivery(outcome string, n int) intake.Delivery {
	d := intake.Delivery{
		At: noon, Door: ledger.DoorHTTP, Credential: "toegang", Outcome: outcome, Status: 201, Source: ptr(source), ID: ptr(fmt.Sprint(n)),
		Type: ptr(events.TypeVisitMade), Position: ptr(events.Position(n)), Faults: []intake.FaultCode{},
	}
	if outcome == intake.OutcomeRefused {
		d.Status, d.Position, d.Problem = 400, nil, ptr("ongeldig")
		d.Faults = append(d.Faults, intake.FaultCode{Field: "/data/datum", Code: "ontbreekt"})
	}
	return d
}

// all reads a list in pages of so many.
func all(t testing.TB, f *intake.File, partner, outcome string, page int) (ids []string) {
	t.Helper()
	after := ""
	for range 100_000 {
		items, next, err := f.List(partner, outcome, after, page)
		if err != nil || len(items) > page || next != "" && len(items) != page {
			t.Fatalf("%d items, next %q, %v", len(items), next, err)
		}
		for _, d := range items {
			if outcome != "" && d.Outcome != outcome {
				t.Fatalf("%s among %s", d.Outcome, outcome)
			}
			ids = append(ids, *d.ID)
		}
		if next == "" {
			return ids
		}
		after = next
	}
	t.Fatal("the list has no end")
	return nil
}

func TestDeliveriesStay(t *testing.T) {
	path := newPath(t)
	f := openFile(t, path, intake.Options{})
	noted := []intake.Delivery{delivery(intake.OutcomeRecorded, 1), delivery(intake.OutcomeRefused, 2), delivery(intake.OutcomeAgain, 3)}
	noted[0].Door = ledger.DoorNATS
	noted[1].Source, noted[1].Type = nil, nil
	for _, d := range noted {
		f.Note(partnerA, d)
	}
	f.Note(partnerB, delivery(intake.OutcomeRecorded, 4))
	wantDays := []intake.Day{
		{Date: today, Door: ledger.DoorHTTP, Again: 1, Refused: 1, Codes: map[string]int{"ontbreekt": 1}},
		{Date: today, Door: ledger.DoorNATS, Recorded: 1, Codes: map[string]int{}},
	}
	slices.Reverse(noted)
	check := func(when string, f *intake.File) {
		t.Helper()
		items, next, err := f.List(partnerA, "", "", 10)
		if d := cmp.Diff(noted, items); d != "" || next != "" || err != nil {
			t.Errorf("%s: %v %q %s", when, err, next, d)
		}
		for i, outcome := range []string{intake.OutcomeAgain, intake.OutcomeRefused, intake.OutcomeRecorded} {
			items, _, err := f.List(partnerA, outcome, "", 10)
			if d := cmp.Diff(noted[i:i+1], items); d != "" || err != nil {
				t.Errorf("%s: %s: %v %s", when, outcome, err, d)
			}
		}
		days, err := f.Days(partnerA, today.AddDays(-1), today)
		if d := cmp.Diff(wantDays, days); d != "" || err != nil {
			t.Errorf("%s: %v %s", when, err, d)
		}
		if items, _, err := f.List("nobody", "", "", 10); items == nil || len(items) != 0 || err != nil {
			t.Errorf("%s: of nobody: %v %v", when, items, err)
		}
	}
	check("just noted", f)
	if !f.Flush() {
		t.Fatal("not written")
	}
	check("written", f)
	killed := filepath.Join(t.TempDir(), "killed.db") // what a kill leaves: the file as it is
	if err := os.WriteFile(killed, must[[]byte](t)(os.ReadFile(path)), 0o600); err != nil {
		t.Fatal(err)
	}
	check("after a kill", openFile(t, killed, intake.Options{}))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Errorf("closed twice: %v", err)
	}
	if _, _, err := f.List(partnerA, "", "", 1); err == nil {
		t.Error("a closed file gives a list")
	}
	if info := must[os.FileInfo](t)(os.Stat(path)); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	check("opened again", openFile(t, path, intake.Options{}))
}

// Without anybody asking, what was noted is written soon; and Close writes the rest.
func TestWrittenByItself(t *testing.T) {
	path := newPath(t)
	f := openFile(t, path, intake.Options{})
	written := make(chan struct{}, 1)
	f.OnWrite(func() error { written <- struct{}{}; return nil })
	f.Note(partnerA, delivery(intake.OutcomeRecorded, 1))
	select {
	case <-written:
	case <-time.After(20 * time.Second):
		t.Fatal("nothing is written")
	}
	f.Note(partnerA, delivery(intake.OutcomeRecorded, 2))
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if ids := all(t, openFile(t, path, intake.Options{}), partnerA, "", 10); !slices.Equal(ids, []string{"2", "1"}) {
		t.Errorf("got %v", ids)
	}
}

// Pages are the list, whatever their size and wherever its parts are.
func TestPages(t *testing.T) {
	f := openFile(t, newPath(t), intake.Options{})
	outcomes := []string{intake.OutcomeRecorded, intake.OutcomeRefused, intake.OutcomeAgain}
	want := map[string][]string{}
	for i := range 60 {
		o := outcomes[i*i%5%3]
		id := fmt.Sprint(i)
		want[o], want[""] = append([]string{id}, want[o]...), append([]string{id}, want[""]...)
		f.Note(partnerA, delivery(o, i))
		f.Note(partnerB, delivery(o, 1_000+i))
		if i == 20 || i == 40 {
			f.Flush()
		}
	}
	for outcome, ids := range want {
		for _, page := range []int{1, 2, 7, 19, 20, 60, 1_000} {
			if got := all(t, f, partnerA, outcome, page); !slices.Equal(got, ids) {
				t.Errorf("%q in pages of %d: %v", outcome, page, got)
			}
		}
	}
	for _, limit := range []int{-1, 0} {
		if items, _, err := f.List(partnerA, "", "", limit); len(items) != 1 || err != nil {
			t.Errorf("limit %d: %d %v", limit, len(items), err)
		}
	}
}

func TestCursor(t *testing.T) {
	f := openFile(t, newPath(t), intake.Options{})
	for i := range 9 {
		f.Note(partnerA, delivery(intake.OutcomeRefused, i))
	}
	_, good, err := f.List(partnerA, "", "", 3)
	if err != nil {
		t.Fatal(err)
	}
	changed := []byte(good)
	changed[0] ^= 1
	for _, c := range []struct {
		name, partner, outcome, cursor string
		ok                             bool
	}{
		{"OK", partnerA, "", good, true},
		{"another partner", partnerB, "", good, false},
		{"another filter", partnerA, intake.OutcomeRefused, good, false},
		{"changed", partnerA, "", string(changed), false},
		{"cut", partnerA, "", good[:len(good)-1], false},
		{"longer", partnerA, "", good + "A", false},
		{"with a line break", partnerA, "", good[:5] + "\n" + good[5:], false},
		{"padded", partnerA, "", good + "==", false},
		{"a number", partnerA, "", "1", false},
		{"nothing like it", partnerA, "", "\x00\xff", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			items, _, err := f.List(c.partner, c.outcome, c.cursor, 3)
			if c.ok != (err == nil) || !c.ok && !errors.Is(err, intake.ErrCursor) || c.ok && len(items) != 3 {
				t.Errorf("got %v %v", items, err)
			}
		})
	}
}

// Of each partner the newest are kept, refused and others by themselves.
func TestBounds(t *testing.T) {
	for _, each := range []int{1, 7, 1_000} { // lines in a transaction
		t.Run(fmt.Sprint(each), func(t *testing.T) {
			path := newPath(t)
			f := openFile(t, path, intake.Options{PerPartner: 10})
			for i := range 50 {
				f.Note(partnerA, delivery(intake.OutcomeRefused, i))
				if i < 5 {
					f.Note(partnerA, delivery(intake.OutcomeRecorded, 100+i))
				}
				if i%each == each-1 {
					f.Flush()
				}
			}
			f.Note(partnerB, delivery(intake.OutcomeRecorded, 200))
			f.Flush()
			f.Close()
			f = openFile(t, path, intake.Options{PerPartner: 10})
			f.Note(partnerA, delivery(intake.OutcomeRefused, 50))
			f.Flush()
			if got := all(t, f, partnerA, intake.OutcomeRefused, 3); len(got) != 10 || got[0] != "50" || got[9] != "41" {
				t.Errorf("refused: %v", got)
			}
			if got := all(t, f, partnerA, intake.OutcomeRecorded, 3); len(got) != 5 {
				t.Errorf("others: %v", got)
			}
			if n := f.Rows("geweigerd", partnerA); n != 10 {
				t.Errorf("%d rows of refusals", n)
			}
			if got := all(t, f, partnerB, "", 3); len(got) != 1 {
				t.Errorf("another partner's: %v", got)
			}
			if days, err := f.Days(partnerA, today, today); err != nil || days[0].Refused != 51 || days[0].Recorded != 5 {
				t.Errorf("counted %+v %v", days, err)
			}
		})
	}
}

// After 90 days a line and a day are gone: from the answers at once, from the file
// with the next thing that is noted of the partner, or within the hour.
func TestOldOnesGo(t *testing.T) {
	for name, drop := range map[string]func(*intake.File, *clock){
		"with the next note": func(f *intake.File, c *clock) {
			d := delivery(intake.OutcomeRefused, 3)
			d.At = c.now()
			f.Note(partnerA, d)
			d.Outcome = intake.OutcomeRecorded
			f.Note(partnerA, d)
			f.Flush()
		},
		"of itself": func(f *intake.File, _ *clock) { f.Tidy() },
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			f := openFile(t, newPath(t), intake.Options{Now: c.now})
			f.Note(partnerA, delivery(intake.OutcomeRefused, 1))
			f.Note(partnerA, delivery(intake.OutcomeRecorded, 2))
			f.Flush()
			c.add(89 * 24 * time.Hour)
			f.Tidy()
			if got := all(t, f, partnerA, "", 10); len(got) != 2 {
				t.Fatalf("after 89 days: %v", got)
			}
			c.add(25 * time.Hour)
			if got := all(t, f, partnerA, "", 10); len(got) != 0 {
				t.Errorf("after 90 days: %v", got)
			}
			if days, err := f.Days(partnerA, today.AddDays(-10), today.AddDays(10)); err != nil || len(days) != 1 {
				t.Errorf("the day itself is kept to its end: %v %v", days, err)
			}
			c.add(24 * time.Hour)
			if days, err := f.Days(partnerA, today.AddDays(-10), today.AddDays(10)); err != nil || len(days) != 0 {
				t.Errorf("after 90 days: %v %v", days, err)
			}
			drop(f, c)
			for _, bucket := range []string{"geweigerd", "overig", "dagen"} {
				if n := f.Rows(bucket, partnerA); n > 1 || n == 1 && name == "of itself" {
					t.Errorf("%d rows of %s", n, bucket)
				}
			}
		})
	}
}

func TestDays(t *testing.T) {
	c := newClock()
	f := openFile(t, newPath(t), intake.Options{Now: func() time.Time { return c.now().Add(50 * 24 * time.Hour) }})
	for i := range 30 { // a day and a half a day: over midnight in Amsterdam
		d := delivery(intake.OutcomeRefused, i)
		d.At, d.Door = noon.Add(time.Duration(i)*12*time.Hour), []string{ledger.DoorHTTP, ledger.DoorNATS}[i%2]
		f.Note(partnerA, d)
		if i%4 == 0 {
			f.Flush()
		}
	}
	days := must[[]intake.Day](t)(f.Days(partnerA, today.AddDays(2), today.AddDays(4)))
	var got []string
	for _, d := range days {
		got = append(got, fmt.Sprintf("%s %s %d %v", d.Date, d.Door, d.Refused, d.Codes))
	}
	want := []string{ // 23:00 UTC is the next day
		"2026-11-26 http 1 map[ontbreekt:1]", "2026-11-26 nats 1 map[ontbreekt:1]",
		"2026-11-25 http 1 map[ontbreekt:1]", "2026-11-25 nats 1 map[ontbreekt:1]",
		"2026-11-24 http 1 map[ontbreekt:1]", "2026-11-24 nats 1 map[ontbreekt:1]",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if days := must[[]intake.Day](t)(f.Days(partnerA, today.AddDays(4), today)); days == nil || len(days) != 0 {
		t.Errorf("backwards: %v", days)
	}
}

// Whatever is noted, what a line and a day hold is bounded.
func TestWhatALineHolds(t *testing.T) {
	f := openFile(t, newPath(t), intake.Options{})
	for i := range 3 * intake.MaxCodes {
		d := delivery(intake.OutcomeRefused, i)
		d.Faults[0].Code = fmt.Sprint("code-", i)
		f.Note(partnerA, d)
		if i%50 == 0 {
			f.Flush()
		}
	}
	d := delivery(intake.OutcomeRefused, 1_000)
	d.Faults = slices.Repeat(d.Faults, 100)
	f.Note(partnerA, d)
	d.Faults[0].Code = "changed afterwards"
	d.Outcome = "iets anders"
	f.Note(partnerA, d)
	days := must[[]intake.Day](t)(f.Days(partnerA, today, today))
	if n := len(days[0].Codes); n != intake.MaxCodes || days[0].Refused != 3*intake.MaxCodes+2 {
		t.Errorf("%d codes of %d", n, days[0].Refused)
	}
	items, _, err := f.List(partnerA, "", "", 2)
	if err != nil || len(items[1].Faults) != intake.MaxNotedFaults || items[1].Faults[0].Code != "ontbreekt" || items[0].Outcome != intake.OutcomeRefused {
		t.Errorf("got %+v %v", items, err)
	}
}

// A write that told an error after all of it was in the file, and is tried again,
// counts once, also for who looks meanwhile.
func TestWrittenTwice(t *testing.T) {
	f := openFile(t, newPath(t), intake.Options{PerPartner: 3})
	for i := range 3 {
		f.Note(partnerA, delivery(intake.OutcomeRefused, i))
	}
	look := func() {
		t.Helper()
		days, err := f.Days(partnerA, today, today)
		if err != nil || days[0].Refused != 3 || len(all(t, f, partnerA, "", 10)) != 3 {
			t.Errorf("counted %+v %v", days, err)
		}
	}
	look()
	if err := f.WriteTwice(look); err != nil {
		t.Fatal(err)
	}
	look()
}

// A file that cannot be written to the end says so when it is closed.
func TestCloseTells(t *testing.T) {
	f := must[*intake.File](t)(intake.Open(newPath(t), intake.Options{Now: newClock().now}))
	f.OnWrite(func() error { return errors.New("no room") })
	f.Note(partnerA, delivery(intake.OutcomeRecorded, 1))
	if err := f.Close(); err == nil {
		t.Error("closed as if all were written")
	}
}

// Writers, readers and the disk at the same time: no reader sees a gap, a double,
// or more than was noted.
func TestSideBySide(t *testing.T) {
	f := openFile(t, newPath(t), intake.Options{})
	const each = 400
	var all sync.WaitGroup
	stop := make(chan struct{})
	for _, partner := range []string{partnerA, partnerB} {
		all.Go(func() {
			for i := range each {
				f.Note(partner, delivery([]string{intake.OutcomeRefused, intake.OutcomeRecorded}[i%2], i))
			}
		})
		all.Go(func() {
			for seen := 0; ; {
				items, _, err := f.List(partner, "", "", 1_000)
				days, err2 := f.Days(partner, today, today)
				if err := errors.Join(err, err2); err != nil {
					t.Error(err)
					return
				}
				for i := range items {
					if *items[i].ID != fmt.Sprint(len(items)-1-i) {
						t.Errorf("%s at place %d of %d", *items[i].ID, i, len(items))
						return
					}
				}
				counted := 0
				for _, d := range days {
					counted += d.Refused + d.Recorded
				}
				if len(items) < seen || counted < len(items) || counted > each {
					t.Errorf("%d listed, %d counted, %d seen before", len(items), counted, seen)
					return
				}
				seen = len(items)
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for range 60 {
		if !f.Flush() {
			t.Error("not written")
		}
	}
	close(stop)
	all.Wait()
	for _, partner := range []string{partnerA, partnerB} {
		if items, _, err := f.List(partner, "", "", 1_000); len(items) != each || err != nil {
			t.Errorf("%d listed %v", len(items), err)
		}
	}
}
