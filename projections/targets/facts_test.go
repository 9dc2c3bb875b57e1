package targets

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/projections"
)

// same fails when two answers differ.
func sameAnswer(t interface {
	Helper()
	Fatalf(string, ...any)
}, what string, want, got any,
) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%s (-recount +facts):\n%s", what, d)
	}
}

func itemsOf(f *Facts, part projections.Part) (list []Item) {
	for it := range f.Items(part) {
		x := *it
		x.Last = 0
		list = append(list, x)
	}
	return list
}

// checkFacts asks everything of the facts that a recount can answer.
func checkFacts(t *rapid.T, f *Facts, m recount) {
	t.Helper()
	for _, part := range shelved {
		sameAnswer(t, "items of "+string(rune(part)), m.items(part), itemsOf(f, part))
	}
	placements := m.items(projections.PartPlacements)
	for it := range f.Items(projections.PartPlacements) {
		var roots []events.Position
		for _, x := range f.Cluster(it) {
			roots = append(roots, x.Root)
			if !cmp.Equal(x, f.Item(projections.PartPlacements, x.Root)) {
				t.Fatalf("item %d of a cluster is not as it stands", x.Root)
			}
		}
		sameAnswer(t, "cluster", m.cluster(placements, it.Root), roots)
	}
	var doubles []double
	for _, d := range f.Doubles() {
		doubles = append(doubles, double{d.A.Root, d.B.Root, d.Score, d.State, d.Words})
		sum := 0
		for _, r := range d.Reasons {
			sum += r.Points
		}
		if max(sum, 0) != d.Score {
			t.Fatalf("score %d of reasons %v", d.Score, d.Reasons)
		}
	}
	sameAnswer(t, "doubles", m.doubles(placements), doubles)
	for _, e := range bookEmployers {
		key := e.Key()
		sameAnswer(t, "keys", m.keys(key, false), f.Keys(key))
		sameAnswer(t, "one", m.keys(key, false)[0], f.One(key, false))
		sameAnswer(t, "concern", m.keys(key, true)[0], f.One(key, true))
		sameAnswer(t, "gemeente", m.described(key, func(d *events.EmployerDescribed) string { return d.Gemeente }), f.Gemeente(key))
		sameAnswer(t, "size", m.described(key, func(d *events.EmployerDescribed) string { return d.Size }), f.Size(key))
		sameAnswer(t, "sector", m.described(key, func(d *events.EmployerDescribed) string { return d.Sector }), f.Sector(key))
		sameAnswer(t, "level", m.level(key), f.Level(key))
	}
	for _, id := range bookTargets {
		sameAnswer(t, "versions", m.versions(id), f.Versions(id))
	}
	for _, v := range f.Targets() {
		all := m.versions(v.Target)
		sameAnswer(t, "target", all[len(all)-1], v)
	}
	for _, day := range []events.Date{"2026-09-01", "2026-10-15", "2027-01-01"} {
		for _, p := range bookPartners {
			sameAnswer(t, "heir", m.heir(p, day), f.Heir(p, day))
		}
		for _, gemeente := range gemeenten[1:] {
			for _, size := range bookSizes {
				n, _, ok := f.EmployersIn(gemeente, size, day)
				if !ok {
					n = -1
				}
				sameAnswer(t, "employers in "+gemeente+" "+size, m.employersIn(gemeente, size, day), n)
			}
		}
	}
}

// TestFactsEqualRecount: whatever is recorded, in whatever pieces it is read, the facts
// are what a recount of the surviving events says; live, and as known at any moment.
func TestFactsEqualRecount(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawBook(t, rapid.IntRange(0, 60).Draw(t, "steps"))
		store, s := &rowStore{}, NewStandings()
		for left := records; len(left) > 0; {
			n := rapid.IntRange(1, len(left)).Draw(t, "batch")
			store.add(t, left[:n]...)
			left = left[n:]
			err := store.View(func(tx projections.Tx, at events.Checkpoint) error {
				return s.Now(tx, func(f *Facts) error {
					checkFacts(t, f, recount(records[:at.Position]))
					return nil
				})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			if len(records) == 0 {
				return
			}
			at := records[rapid.IntRange(0, len(records)-1).Draw(t, "known")].At.Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "ms")) * time.Millisecond)
			n := 0
			for n < len(records) && !records[n].At.After(at) {
				n++
			}
			err := store.View(func(tx projections.Tx, _ events.Checkpoint) error {
				f, err := s.As(tx, Known{at})
				if err == nil {
					checkFacts(t, f, recount(records[:n]))
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestFactsReadAgain: facts that are read again from the start are those that were read
// on, to the last member; facts of some parts are those of all in these parts.
func TestFactsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawBook(t, rapid.IntRange(1, 80).Draw(t, "steps"))
		store, live := &rowStore{}, NewStandings()
		for i := range records {
			store.add(t, records[i])
			if rapid.Bool().Draw(t, "ask") {
				err := store.View(func(tx projections.Tx, _ events.Checkpoint) error {
					return live.Now(tx, func(f *Facts) error { f.Doubles(); return nil })
				})
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		err := store.View(func(tx projections.Tx, _ events.Checkpoint) error {
			return live.Now(tx, func(f *Facts) error {
				return NewStandings().Now(tx, func(again *Facts) error {
					placements, err := live.As(tx, Known{}, projections.PartPlacements, projections.PartEmployers)
					if err != nil {
						return err
					}
					for _, part := range shelved {
						sameAnswer(t, "items", itemsOf(f, part), itemsOf(again, part))
					}
					sameAnswer(t, "doubles", f.Doubles(), again.Doubles())
					sameAnswer(t, "items", itemsOf(f, projections.PartPlacements), itemsOf(placements, projections.PartPlacements))
					sameAnswer(t, "doubles", f.Doubles(), placements.Doubles())
					sameAnswer(t, "departures", f.Departures(), placements.Departures())
					if n := len(itemsOf(placements, projections.PartVisits)); n > 0 {
						t.Fatalf("%d visits in facts of placements", n)
					}
					return nil
				})
			})
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestFactsTouched: between two questions exactly those items differ that are said to.
func TestFactsTouched(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		records := drawBook(t, rapid.IntRange(1, 60).Draw(t, "steps"))
		store := &rowStore{}
		store.add(t, records...)
		f, seen, moment := NewFacts(), map[events.Position]Item{}, uint64(0)
		err := projections.NewJournalReader().Merged(store.rows, projections.Parts[:], 0, func(l *projections.Line) bool {
			f.Apply(l)
			if !rapid.Bool().Draw(t, "ask") {
				return true
			}
			roots, now, ok := f.Since(moment)
			if moment = now; !ok {
				t.Fatal("too long ago")
			}
			sameAnswer(t, "touched", roots, f.Touched())
			is := map[events.Position]Item{}
			for _, part := range shelved {
				for it := range f.Items(part) {
					is[it.Root] = *it
				}
			}
			for root := range is {
				if !cmp.Equal(is[root], seen[root], cmpopts.EquateEmpty()) && !slices.Contains(roots, root) {
					t.Fatalf("item %d changed and was not touched", root)
				}
			}
			for root := range seen {
				if _, ok := is[root]; !ok && !slices.Contains(roots, root) {
					t.Fatalf("item %d went and was not touched", root)
				}
			}
			seen = is
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// TestFactsLog: changes of too long ago are told as such.
func TestFactsLog(t *testing.T) {
	f := NewFacts()
	for i := range 3 * maxLog {
		f.Apply(&projections.Line{Position: events.Position(i + 1), Type: events.TypeVisitMade, Partner: "a", Employer: "x", From: "2026-01-01"})
	}
	if _, _, ok := f.Since(0); ok {
		t.Error("everything is remembered")
	}
	if roots := f.Touched(); len(roots) != 3*maxLog {
		t.Errorf("%d roots touched", len(roots))
	}
	if roots := f.Touched(); len(roots) != 0 {
		t.Errorf("%d roots touched again", len(roots))
	}
	if roots, _, ok := f.Since(3*maxLog - 2); !ok || len(roots) != 2 {
		t.Error(roots, ok)
	}
}
