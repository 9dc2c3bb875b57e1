package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// doubted is how many may be double, kept by employer: reports of one placement are
// found at one employer. Employers of which something was said, that two are one or are
// not, are counted together, for that may go across them.
type doubted struct {
	n     int            // in all
	at    map[string]int // by One
	said  map[string]bool
	there int    // at those of which something was said
	plain *ruler // without what is asked of people
}

// doubt counts what may be double: of a target of people at the end of the last closed month.
func (w *walk) doubt() {
	d := &w.doubts
	*d = doubted{at: map[string]int{}, said: map[string]bool{}}
	if !w.v.OfPlacements() {
		return
	}
	on := w.q.On
	if w.sensitive() {
		on = min(on, LastOf(min(w.closed, lastClosed(w.q.On, w.q.Today))))
	}
	d.plain = newRuler(w.f, plainly(w.v), on)
	keys := make([]string, 0, len(w.near))
	for key := range w.near {
		keys = append(keys, key)
	}
	w.doubtAt(keys)
}

// forgetDoubts leaves employers out, before they are other ones.
func (w *walk) forgetDoubts(keys []string) {
	for _, key := range keys {
		one := w.f.One(key, false)
		w.doubts.n -= w.doubts.at[one]
		delete(w.doubts.at, one)
	}
}

// doubtAt counts anew at some employers.
func (w *walk) doubtAt(keys []string) {
	if !w.v.OfPlacements() {
		return
	}
	d, together := &w.doubts, false
	seen := make(map[string]bool, len(keys))
	for _, key := range keys {
		one := w.f.One(key, false)
		if seen[one] {
			continue
		}
		seen[one] = true
		d.n -= d.at[one]
		delete(d.at, one)
		list, said := w.placementsAt(one)
		if said || d.said[one] {
			d.said[one], together = true, true
			continue
		}
		if n := doubtsAmong(list); n > 0 {
			d.at[one] = n
			d.n += n
		}
	}
	if together {
		of := someDoubles{source: w.f}
		for _, x := range w.f.Doubles() {
			if w.saidAt(x.A) || w.saidAt(x.B) {
				of.list = append(of.list, x)
			}
		}
		d.n -= d.there
		d.there = doubtsOf(of, w.gone, &ruler{v: w.v, on: d.plain.on})
		d.n += d.there
	}
}

func (w *walk) saidAt(it *Item) bool { return w.doubts.said[w.f.One(it.Employer, false)] }

// placementsAt are the placements at an employer that count when nothing is asked of
// people; said is whether anything was said of any of them.
func (w *walk) placementsAt(one string) (list []*Item, said bool) {
	for _, key := range w.f.Keys(one) {
		for _, root := range w.near[key] {
			said = said || w.f.pairs.in[root]
			it := w.f.Item(projections.PartPlacements, root)
			if it != nil && w.doubts.plain.rule(it).Counts && (len(w.gone) == 0 || len(parties(it, w.gone)) > 0) {
				list = append(list, it)
			}
		}
	}
	return list, said
}

// doubtsAmong is by how much placements at one employer would be fewer, if all that may
// be one were.
func doubtsAmong(list []*Item) (n int) {
	if len(list) < 2 {
		return 0
	}
	slices.SortFunc(list, func(a, b *Item) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Root, b.Root)) })
	first := make([]int, len(list))
	for i := range first {
		first[i] = i
	}
	find := func(i int) int {
		for first[i] != i {
			i = first[i]
		}
		return i
	}
	for i, a := range list {
		for j, b := range list[i+1:] {
			apart := dayNumber(b.From) - dayNumber(a.From)
			if apart > doubleDays {
				break
			}
			if a.Partner == b.Partner || compareTwo(a, b, true, apart).score < doubleScore {
				continue
			}
			if x, y := find(i), find(i+1+j); x != y {
				first[max(x, y)] = min(x, y)
				n++
			}
		}
	}
	return n
}

// someDoubles are the facts with some of the doubles.
type someDoubles struct {
	source
	list []Double
}

func (s someDoubles) Doubles() []Double { return s.list }

// visited are the employers of the visits that count, each once under all its keys.
type visited struct {
	keys map[events.Position]string // by visit
	many map[string]int             // visits, by key
	one  map[string]string          // by key
	ones map[string]int             // keys
}

func newVisited() visited {
	return visited{map[events.Position]string{}, map[string]int{}, map[string]string{}, map[string]int{}}
}

// add counts a visit, and gives by how much the weight grew.
func (x *visited) add(f *Facts, root events.Position, key string) int64 {
	was := len(x.ones)
	x.keys[root] = key
	if x.many[key]++; x.many[key] == 1 {
		x.one[key] = f.One(key, false)
		x.ones[x.one[key]]++
	}
	return 100 * int64(len(x.ones)-was)
}

// drop is the other way around.
func (x *visited) drop(root events.Position) int64 {
	was := len(x.ones)
	if key, ok := x.keys[root]; ok {
		delete(x.keys, root)
		if x.many[key]--; x.many[key] == 0 {
			delete(x.many, key)
			x.less(x.one[key])
			delete(x.one, key)
		}
	}
	return 100 * int64(len(x.ones)-was)
}

// move asks anew which employer a key is of.
func (x *visited) move(f *Facts, key string) int64 {
	was := len(x.ones)
	if x.many[key] > 0 {
		x.less(x.one[key])
		x.one[key] = f.One(key, false)
		x.ones[x.one[key]]++
	}
	return 100 * int64(len(x.ones)-was)
}

func (x *visited) less(one string) {
	if x.ones[one]--; x.ones[one] == 0 {
		delete(x.ones, one)
	}
}
