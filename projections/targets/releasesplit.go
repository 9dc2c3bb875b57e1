package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// bySheltered is asked of jobs: beschut werk is outside the banenafspraak.
const (
	bySheltered Dimension = "beschut"
	byYear      Dimension = "jaar"
)

const (
	yes = "ja"
	no  = "nee"
)

// released are the dimensions of a class, in the order in which things are split by
// them: what is known of a class by the first leaves less to be known by the next.
var released = [...]Dimension{
	ByGroup, bySheltered, byYear, ByRegister, BySubregion, ByPartner, ByMonth, ByHours, BySector, ByKind, ByLevel, ByGemeente,
}

const dims = len(released)

// Their places.
const (
	atGroup = iota
	atSheltered
	atYear
	atRegister
	atSubregion
	atPartner
	atMonth
	atHours
	atSector
	atKind
	atLevel
	atGemeente
)

// above is the dimension that one says more of: whoever is not told the year is not
// told the month.
var above = [dims]int{atGroup: -1, atSheltered: -1, atYear: -1, atRegister: -1, atSubregion: -1, atPartner: atSubregion,
	atMonth: atYear, atHours: -1, atSector: -1, atKind: atSheltered, atLevel: -1, atGemeente: -1}

// plainMask are the dimensions by which everybody may count everything there is, so
// that what a class leaves of it can be found by subtraction.
const plainMask = 1<<atSheltered | 1<<atYear | 1<<atSubregion | 1<<atPartner | 1<<atMonth | 1<<atSector | 1<<atKind | 1<<atLevel

// values are where a thing or a class falls; 0 is hidden.
type values [dims]int32

// What an entry is.
const (
	adds    byte = iota // a thing that newly counts
	removes             // one that was released and no longer counts so
	fails               // one that never will count, but others alike do: of a target of what lasts
)

// entry is a thing that waits to be released, or was.
type entry struct {
	of     *watched
	kind   byte
	gone   bool // from what waits
	since  int  // the batch in which it began to wait
	values values
	weight int64
	hours  int64
	day    events.Date
	id     string
	raw    []int32 // who has part in it
	who    []int32 // and who goes on with their work by now, each once
	cell   int     // where it was released
	takes  *entry  // of a removal: what was released
}

// group is entries that are released together.
type group struct {
	values values
	list   []*entry
}

// longestWait is after how many batches what still waits is released with its target
// group hidden.
const longestWait = 3

// splitter makes the classes of one batch.
type splitter struct {
	batch int
	out   []group
}

// split makes classes of entries, all alike or partly hidden; what is in none waits.
// Entries are in order: those that are held back first are last.
func split(batch int, list []*entry) []group {
	s := splitter{batch: batch}
	s.byGroup(list)
	return margins(list, s.out)
}

// byGroup splits by target group. What is left over waits, and hides others that wait
// with it; after the longest time it is released without its group.
func (s *splitter) byGroup(list []*entry) {
	var rest []*entry
	var good []group
	more := map[int32][]*entry{} // what goes along with a group, by its value
	for _, p := range partsBy(list, atGroup) {
		add, remove, fail := kinds(p.list)
		if bare(only(fail, fails)) {
			more[p.values[atGroup]] = append(remove, fail...)
		} else { // what failed is hidden by others alike that are not told of yet
			var held []*entry
			for len(add) > 0 && !covers(held, fail) {
				held, add = append(held, add[len(add)-1]), add[:len(add)-1]
			}
			rest = append(rest, held...)
			more[p.values[atGroup]] = remove
		}
		if t := net(add); p.values[atGroup] != 0 && t.passes() {
			good = append(good, group{p.values, add})
		} else {
			rest = append(rest, add...)
		}
	}
	good, rest, ok := topUp(good, rest)
	if ok && len(rest) > 0 && s.overdue(rest) {
		s.deeper(group{list: rest}, atGroup+1)
	}
	for _, g := range good {
		for _, e := range more[g.values[atGroup]] {
			with := append(slices.Clip(g.list), e)
			if t := net(with); t.passes() {
				g.list = with
			}
		}
		s.deeper(g, atGroup+1)
	}
}

func bare(t tally) bool { b := t.bare(); return b.quiet() }

// covers reports whether what is held back hides what failed.
func covers(held, fail []*entry) bool {
	h, f := net(held), only(fail, fails)
	for _, e := range held {
		f.put(e, 1)
	}
	return h.passes() && bare(f)
}

func (s *splitter) overdue(list []*entry) bool {
	return slices.ContainsFunc(list, func(e *entry) bool { return e.kind == adds && s.batch-e.since >= longestWait })
}

// deeper splits by the next dimension.
func (s *splitter) deeper(g group, d int) {
	if d == dims {
		s.out = append(s.out, g)
		return
	}
	blind := g.values[atGroup] == 0 && plainMask>>d&1 == 0 // of whom the group is hidden the rest is, too
	if !blind && (above[d] < 0 || g.values[above[d]] != 0) {
		if good, rest, ok := takeApart(g, d); ok {
			for _, p := range good {
				s.deeper(p, d+1)
			}
			if len(rest) == 0 {
				return
			}
			g.list = rest
		}
	}
	s.deeper(g, d+1)
}

// takeApart gives the parts by a dimension that pass, and the rest, which passes as well or
// is empty.
func takeApart(g group, d int) (good []group, rest []*entry, ok bool) {
	for _, p := range partsBy(g.list, d) {
		t, f := net(p.list), only(p.list, fails)
		if p.values[d] != 0 && t.passes() && bare(f) {
			v := g.values
			v[d] = p.values[d]
			good = append(good, group{v, p.list})
		} else {
			rest = append(rest, p.list...)
		}
	}
	if len(good) == 0 {
		return nil, nil, false
	}
	was := map[int32]group{}
	for _, g := range good {
		was[g.values[d]] = g
	}
	if good, rest, ok = topUp(good, rest); ok && plainMask>>d&1 == 1 {
		good, rest = leave(good, rest, func(g *group) []*entry { return was[g.values[d]].list })
	}
	return good, rest, ok && len(good) > 0
}

// leave sees to it that what was taken from a part by which everybody may count is
// enough to hide each of it; or else takes all of that part.
func leave(good []group, rest []*entry, was func(g *group) []*entry) ([]group, []*entry) {
	var kept []group
	for i := range good {
		g := &good[i]
		all := was(g)
		for len(g.list) < len(all) {
			left := net(all)
			for _, e := range g.list {
				left.out(e)
			}
			reader, points := left.pointsAt()
			if !points {
				break
			}
			if !spare(good[i:i+1], &rest, reader) {
				rest, g.list = append(rest, g.list...), nil
				break
			}
		}
		if len(g.list) > 0 {
			kept = append(kept, *g)
		}
	}
	return kept, rest
}

// topUp takes from good parts what a rest lacks to pass: single things, the last ones
// of the largest part, or when none can be spared all of the smallest. When the rest
// does not pass even so, nothing is left of the good parts, and ok is false.
func topUp(good []group, rest []*entry) ([]group, []*entry, bool) {
	for {
		t, f := net(rest), only(rest, fails)
		reader, points := t.pointsAt()
		if !points && !bare(f) {
			b := f.bare()
			reader, _ = b.pointsAt()
			points = true
		}
		if !points {
			return good, rest, true
		}
		if len(good) == 0 {
			return nil, rest, false
		}
		slices.SortStableFunc(good, func(a, b group) int { return cmp.Compare(size(b.list), size(a.list)) })
		if !bare(f) || !spare(good, &rest, reader) {
			last := len(good) - 1
			rest = append(rest, good[last].list...)
			good = good[:last]
		}
	}
}

func size(list []*entry) (n int) {
	for _, e := range list {
		if e.kind == adds {
			n++
		}
	}
	return n
}

// spare moves one thing that a reader has no part in from a good part to the rest.
func spare(good []group, rest *[]*entry, reader int) bool {
	for i := range good {
		list := good[i].list
		t := net(list)
		for j := len(list) - 1; j >= 0; j-- {
			e := list[j]
			if e.kind != adds || slices.Contains(e.who, int32(reader)) {
				continue
			}
			t.out(e)
			if t.passes() {
				*rest = append(*rest, e)
				good[i].list = slices.Delete(slices.Clone(list), j, j+1)
				return true
			}
			t.put(e, 1)
		}
	}
	return false
}

// partsBy are the entries by a dimension, in the order of its values.
func partsBy(list []*entry, d int) (parts []group) {
	most := int32(0)
	for _, e := range list {
		most = max(most, e.values[d])
	}
	many := make([]int, most+1)
	for _, e := range list {
		many[e.values[d]]++
	}
	at := make([]int, most+1)
	for v, n := range many {
		if n > 0 {
			at[v] = len(parts)
			g := group{list: make([]*entry, 0, n)}
			g.values[d] = int32(v)
			parts = append(parts, g)
		}
	}
	for _, e := range list {
		g := &parts[at[e.values[d]]]
		g.list = append(g.list, e)
	}
	return parts
}

func kinds(list []*entry) (add, remove, fail []*entry) {
	for _, e := range list {
		switch e.kind {
		case adds:
			add = append(add, e)
		case removes:
			remove = append(remove, e)
		default:
			fail = append(fail, e)
		}
	}
	return add, remove, fail
}
