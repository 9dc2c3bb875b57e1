package targets

import (
	"math/rand/v2"
	"slices"
	"testing"

	"huisboek/events"
)

// TestApart: one placement at a level is known to everybody from the plain counts. When
// all that is not told by level were of its group, that would be told of it: so something
// of another group is not told by level either.
func TestApart(t *testing.T) {
	at := func(employer string, steps []step) []step {
		for i, s := range steps {
			steps[i].do = func(f *things, p events.Position) {
				s.do(f, p)
				f.items[p].Employer = employer
			}
		}
		return steps
	}
	mixed := func(group string, n int) []step {
		return at("e", placed("2026-01-10", slices.Concat(times(n, "a "+group+" 2026-01-09"), times(n, "b "+group+" 2026-01-09"))...))
	}
	script := slices.Concat(mixed("X", 9), at("f", placed("2026-01-11", "a X 2026-01-09")), mixed("Y", 9))
	r, read := told(script)
	classes, err := r.of(sequenceKey{part: 'p'}, "2026-01", read)
	if err != nil {
		t.Fatal(err)
	}
	hidden := map[string]bool{} // groups of what is not told by level
	for _, c := range classes {
		if c.Value(ByLevel) == "f" {
			t.Errorf("one at a level is told by it: %+v", c)
		}
		if c.Value(ByLevel) == Hidden {
			hidden[c.Value(ByGroup)] = true
		}
	}
	if len(hidden) == 1 && !hidden[Hidden] {
		t.Errorf("all that is not told by level is of one group: %v of %+v", hidden, classes)
	}
}

// TestApartByTwo: by partner and sector together everybody may count as well. Of sector B
// there are enough for every reader, but one at a. All others that a placed are told by
// sector, and if what is not were of one group, so would that one be.
func TestApartByTwo(t *testing.T) {
	in := func(sector string, steps []step) []step {
		for i, s := range steps {
			steps[i].do = func(f *things, p events.Position) {
				s.do(f, p)
				f.items[p].Sector = sector
			}
		}
		return steps
	}
	script := slices.Concat(
		in("A", placed("2026-01-10", slices.Concat(times(9, "a X 2026-01-09"), times(6, "b X 2026-01-09"), times(6, "c X 2026-01-09"))...)),
		in("B", placed("2026-01-11", slices.Concat(times(1, "a X 2026-01-09"), times(4, "b X 2026-01-09"), times(4, "c X 2026-01-09"))...)),
		in("A", placed("2026-01-12", slices.Concat(times(9, "a Y 2026-01-09"), times(9, "b Y 2026-01-09"), times(9, "c Y 2026-01-09"))...)),
	)
	r, read := told(script)
	classes, err := r.of(sequenceKey{part: 'p'}, "2026-01", read)
	if err != nil {
		t.Fatal(err)
	}
	all, hidden := 0, map[string]bool{} // groups of what may be at a, in sector B
	for _, c := range classes {
		if all += c.Count; c.Value(BySector) == Hidden && (c.Value(ByPartner) == "a" || c.Value(ByPartner) == Hidden) {
			hidden[c.Value(ByGroup)] = true
		}
	}
	if all != len(script) {
		t.Errorf("%d of %d are told, so this shows nothing", all, len(script))
	}
	if len(hidden) == 1 && !hidden[Hidden] {
		t.Errorf("the one at a in sector B is of group %v: %+v", hidden, classes)
	}
}

// TestAllSay: what all say the same that some left can be in is what going through
// everything that was told gives, by whatever they are left and for every reader.
func TestAllSay(t *testing.T) {
	agreed, alone := 0, 0
	for seed := range uint64(seeds) {
		r, read := told(aRegion(seed, 8))
		if _, err := r.of(sequences[0], "2026-08", read); err != nil {
			t.Fatal(err)
		}
		q := r.books[sequences[0].part].seqs[sequences[0]]
		q.tells.add(q.cells)
		classes, rng := q.last, rand.New(rand.NewPCG(seed, 1))
		if seed%2 == 0 {
			classes = nil
		}
		sums := make([]tally, len(classes))
		for i := range classes {
			classes[i].values[rng.IntN(dims)] = 0 // or they say what the cells do
			sums[i] = only(classes[i].list, adds)
		}
		for i, mask := range crossed {
			for w, e := range q.had {
				f := remnant{cut(e.values, mask|highs(mask)), mask, w%8 + outsider}
				if e.kind != adds || knows(&e.values)&mask != mask {
					continue
				}
				say := q.allSay(i, &f, classes, sums)
				for j, s := range sayOfPeople {
					value, other := q.goneThrough(&f, s, classes, sums)
					if say[j] != value || q.othersSay(j, say[j], f.reader, classes, sums) != other {
						t.Fatalf("seed %d: %+v by %d says %d, want %d, otherwise %v", seed, f, s, say[j], value, other)
					}
					if value > 0 {
						agreed++
					}
					if other {
						alone++
					}
				}
			}
		}
	}
	if agreed == 0 || alone == 0 || agreed == alone {
		t.Errorf("%d said the same, %d of them with something else: this shows nothing", agreed, alone)
	}
}

// goneThrough goes through everything that was told.
func (q *sequence) goneThrough(f *remnant, s int, classes []group, sums []tally) (value int32, alone bool) {
	var seen []values
	for i := range q.cells {
		if q.cells[i].sum.seenBy(f.reader).n != 0 {
			seen = append(seen, q.cells[i].values)
		}
	}
	for i := range classes {
		if sums[i].seenBy(f.reader).n > 0 {
			seen = append(seen, classes[i].values)
		}
	}
	says, all := map[int32]bool{}, map[int32]bool{}
	for _, told := range seen {
		if all[told[s]] = true; f.in(&told) {
			says[told[s]] = true
			value = told[s]
		}
	}
	if len(says) != 1 || value == 0 {
		return 0, false
	}
	return value, len(all) > 1
}
