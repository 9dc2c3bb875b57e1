package targets

import (
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"huisboek/adapters/boltstore"
	"huisboek/events"
	"huisboek/projections"
)

// visitsOf are records of visits, one a minute.
func visitsOf(from, to int) (list []*events.Record) {
	for i := from; i <= to; i++ {
		list = append(list, &events.Record{
			Book: bookID, Position: events.Position(i), At: time.Date(2026, 9, 1, 8, i, 0, 0, time.UTC), Partner: bookPartners[i%3],
			Verdict: events.Verdict{Today: "2026-09-01"},
			Event:   events.Event{Type: events.TypeVisitMade, Data: &events.VisitMade{Employer: bookEmployers[0], Date: "2026-09-01", Purpose: "nazorg"}},
		})
	}
	return list
}

func visitsIn(f *Facts) (n int) {
	for range f.Items(projections.PartVisits) {
		n++
	}
	return n
}

// TestStandingsBehind: facts that went ahead of a transaction are not given for it.
func TestStandingsBehind(t *testing.T) {
	store, s := &rowStore{}, NewStandings()
	store.add(t, visitsOf(1, 10)...)
	old := store.rows
	store.add(t, visitsOf(11, 12)...)
	newer := store.rows
	want := func(tx projections.Tx, n int) {
		t.Helper()
		if err := s.Now(tx, func(f *Facts) error {
			if got := visitsIn(f); got != n {
				t.Errorf("%d visits, want %d", got, n)
			}
			return nil
		}); err != nil {
			t.Error(err)
		}
	}
	want(newer, 12)
	if err := s.Now(old, func(*Facts) error { t.Error("asked"); return nil }); !errors.Is(err, ErrBehind) {
		t.Errorf("%v, want ErrBehind", err)
	}
	tries := 0
	err := s.View(viewer(func() projections.Tx {
		if tries++; tries == 1 {
			return old
		}
		return newer
	}), func(tx projections.Tx, _ events.Checkpoint) error {
		return s.Now(tx, func(*Facts) error { return nil })
	})
	if err != nil || tries != 2 {
		t.Error(err, tries)
	}
	want(newer, 12)

	// A store that goes back for good is read anew in the end, and another one at once.
	err = s.View(viewer(func() projections.Tx { return old }), func(tx projections.Tx, _ events.Checkpoint) error {
		want := s.Now(tx, func(f *Facts) error { return nil })
		return want
	})
	if err != nil {
		t.Error(err)
	}
	want(old, 10)
	other := &rowStore{}
	for _, r := range visitsOf(1, 4) {
		r.At = r.At.Add(time.Second)
		other.add(t, r)
	}
	want(other.rows, 4)
	want(rowTx{}, 0)
	want(newer, 12)
}

type viewer func() projections.Tx

func (v viewer) View(fn func(projections.Tx, events.Checkpoint) error) error {
	return fn(v(), events.Checkpoint{})
}

// TestStandingsAs: what is kept of a moment is given as long as it is true.
func TestStandingsAs(t *testing.T) {
	store, s := &rowStore{}, NewStandings()
	list := visitsOf(1, 12)
	list[10].At = list[9].At // two in one moment
	store.add(t, list[:10]...)
	ask := func(tx projections.Tx, at time.Time, n int) *Facts {
		t.Helper()
		f, err := s.As(tx, Known{at}, projections.PartVisits)
		if err != nil {
			t.Fatal(err)
		}
		if got := visitsIn(f); got != n {
			t.Errorf("%d visits, want %d", got, n)
		}
		return f
	}
	moment := list[9].At
	before := store.rows
	first := ask(before, moment, 10)
	if ask(before, moment, 10) != first {
		t.Error("read again")
	}
	store.add(t, list[10])
	ask(store.rows, moment, 11)
	ask(before, moment, 10) // an older transaction
	store.add(t, list[11])
	settled := ask(store.rows, moment, 11)
	if ask(store.rows, moment, 11) != settled {
		t.Error("read again, and nothing came")
	}
	ask(store.rows, moment.Add(-time.Millisecond), 9)
	ask(store.rows, list[0].At.Add(-time.Hour), 0)
	ask(store.rows, time.Time{}, 12)
	for i := range 10 {
		ask(store.rows, list[i].At, map[bool]int{false: i + 1, true: 11}[i == 9])
	}
	if n := len(s.then.list); n != maxReplays {
		t.Errorf("%d replays kept", n)
	}
}

// TestStandingsTogether: while a book grows, every answer is true for the position that
// its View names.
func TestStandingsTogether(t *testing.T) {
	v, err := boltstore.OpenViews(filepath.Join(t.TempDir(), "beelden.db"), boltstore.Options{NoSync: true}, projections.Journal{}.Name(), projections.Journal{}.Shape())
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	const all = 300
	records, s := visitsOf(1, all), NewStandings()
	var grown atomic.Bool
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for last := events.Position(0); last < all; {
				err := s.View(v, func(tx projections.Tx, at events.Checkpoint) error {
					err := s.Now(tx, func(f *Facts) error {
						if n := visitsIn(f); n != int(at.Position) {
							t.Errorf("%d visits at position %d", n, at.Position)
						}
						f.Doubles()
						last = max(last, at.Position)
						return nil
					})
					if err != nil || at.Position == 0 {
						return err
					}
					known := records[at.Position/2].At
					f, err := s.As(tx, Known{known}, projections.PartVisits)
					if err == nil && visitsIn(f) != min(int(at.Position/2)+1, int(at.Position)) {
						t.Errorf("%d visits as known at position %d, at %d", visitsIn(f), at.Position/2, at.Position)
					}
					return err
				})
				if err != nil {
					t.Error(err)
					return
				}
				if grown.Load() && t.Failed() {
					return
				}
			}
		})
	}
	for i := 0; i < all; i += 3 {
		err := v.Update(events.Checkpoint{Position: events.Position(i + 3)}, func(tx projections.Tx) error {
			for _, r := range records[i : i+3] {
				if err := (projections.Journal{}).Apply(tx, r); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	grown.Store(true)
	work.Wait()
}

// TestStandingsBrokenRow: a row that cannot be read is an error, and not a shorter answer.
func TestStandingsBrokenRow(t *testing.T) {
	store, s := &rowStore{}, NewStandings()
	store.add(t, visitsOf(1, 3)...)
	for k, v := range store.rows {
		if k[len(k)-1] == 2 {
			store.rows[k] = v[:len(v)-1]
		}
	}
	if err := s.Now(store.rows, func(*Facts) error { return nil }); !errors.Is(err, projections.ErrRow) {
		t.Error(err)
	}
	if _, err := s.As(store.rows, Known{}); !errors.Is(err, projections.ErrRow) {
		t.Error(err)
	}
}
