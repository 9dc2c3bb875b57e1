package targets

import (
	"cmp"
	"maps"
	"math/bits"
	"slices"
)

// sayOfPeople are the places of what could point at somebody.
var sayOfPeople = [...]int{atGroup, atRegister, atHours, atGemeente}

// crossed are the plain dimensions, and each two of them of which neither says more of
// the other: by these everybody may count what there is.
var crossed = func() (masks []int) {
	for mask := 1; mask < 1<<dims; mask++ {
		if n := bits.OnesCount(uint(mask)); mask&^plainMask == 0 && (n == 1 || n == 2 && mask&highs(mask) == 0) {
			masks = append(masks, mask)
		}
	}
	slices.SortStableFunc(masks, func(a, b int) int { return bits.OnesCount(uint(a)) - bits.OnesCount(uint(b)) })
	return masks
}()

// highs are the dimensions that some of these say more of.
func highs(mask int) (up int) {
	for d := range above {
		if mask>>d&1 == 1 && above[d] >= 0 {
			up |= 1 << above[d]
		}
	}
	return up
}

// apart sees to it that where fewer than five are left by a dimension by which everybody
// may count, or by two of them, more than one thing can be said of them. When everything
// is released and all that is hidden by level is of one target group, the one at a level
// is of that group: a class that says something else is hidden by level as well, or a
// class waits. What all there are have alike is told.
func (q *sequence) apart(classes []group) []group {
	rest := only(q.had, adds) // whoever waits may be any of them
	for i := range classes {
		for _, e := range classes[i].list {
			if e.kind == adds {
				rest.put(e, -1)
			}
		}
	}
	waits := true
	for reader := outsider; reader < len(rest.of); reader++ {
		waits = waits && rest.seenBy(reader).n > 0
	}
	if waits {
		return merged(classes)
	}
	q.tells.add(q.cells)
	for again := true; again; {
		again = false
		for i := range crossed {
			for q.apartBy(i, &classes, &rest) {
				again = true
			}
		}
	}
	return merged(classes)
}

// untold are the things released that are not told by some dimensions, by their values.
type untold map[values]*tally

func (u untold) add(mask int, classes []group) {
	for i := range classes {
		if knows(&classes[i].values)&mask == mask {
			continue
		}
		for _, e := range classes[i].list {
			if e.kind != adds || knows(&e.values)&mask != mask {
				continue
			}
			at := cut(e.values, mask|highs(mask))
			if u[at] == nil {
				u[at] = &tally{}
			}
			u[at].put(e, 1)
		}
	}
}

// note keeps what the classes of a batch do not tell.
func (q *sequence) note(classes []group) {
	for i, mask := range crossed {
		if len(q.untold) == i {
			q.untold = append(q.untold, untold{})
		}
		q.untold[i].add(mask, classes)
	}
}

// apartBy hides or holds back one class, if that is of use; rest is what waits.
func (q *sequence) apartBy(i int, classes *[]group, rest *tally) bool {
	mask, fresh, before := crossed[i], untold{}, untold{}
	if fresh.add(mask, *classes); len(q.untold) > 0 {
		before = q.untold[i]
	}
	sums := make([]tally, len(*classes))
	for i := range sums {
		sums[i] = only((*classes)[i].list, adds)
	}
	places := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(fresh))
	slices.SortFunc(places, compareValues)
	for _, at := range slices.Compact(places) {
		was, is := cmp.Or(before[at], &tally{}), cmp.Or(fresh[at], &tally{})
		for reader := outsider; reader < max(len(was.of), len(is.of)); reader++ {
			if n := was.seenBy(reader).n + is.seenBy(reader).n; n <= 0 || n >= SmallestClass || rest.seenBy(reader).n > 0 {
				continue
			}
			f := remnant{at, mask, reader}
			say := q.allSay(i, &f, *classes, sums)
			for j, s := range sayOfPeople {
				if q.othersSay(j, say[j], reader, *classes, sums) && f.apart(s, say[j], classes, sums, rest) {
					return true
				}
			}
		}
	}
	return false
}

// remnant is fewer than five that a reader knows to be left at a place: values by one or
// two plain dimensions, and by what these say more of.
type remnant struct {
	at     values
	mask   int
	reader int
}

// in reports whether they may be among what is told no further than this.
func (f *remnant) in(told *values) bool {
	if knows(told)&f.mask == f.mask {
		return false
	}
	for d, v := range f.at {
		if v != 0 && told[d] != 0 && told[d] != v {
			return false
		}
	}
	return true
}

// apart hides in one class where it is, so that they can be in it as well and it says
// something else; or what a class says that they can be in; or else lets a class wait.
func (f *remnant) apart(s int, value int32, classes *[]group, sums []tally, rest *tally) bool {
	list := *classes
	least := func(cost func(v *values) (n int, ok bool)) int {
		best, low := -1, 0
		for i := range list {
			n, ok := cost(&list[i].values)
			if ok = ok && sums[i].seenBy(f.reader).n > 0; ok && (best < 0 || n < low || n == low && size(list[i].list) < size(list[best].list)) {
				best, low = i, n
			}
		}
		return best
	}
	if i := least(func(v *values) (n int, ok bool) {
		wider := f.widen(*v)
		return bits.OnesCount(uint(knows(v) &^ knows(&wider))), v[s] != value && !f.in(v) && f.in(&wider)
	}); i >= 0 {
		list[i].values = f.widen(list[i].values)
		return true
	}
	if i := least(func(v *values) (int, bool) { return 0, f.in(v) }); i >= 0 && s != atGroup {
		list[i].values[s] = 0
		return true
	}
	i := least(func(*values) (int, bool) { return 0, true })
	if i < 0 {
		return false
	}
	for _, e := range list[i].list {
		if e.kind == adds {
			rest.put(e, 1)
		}
	}
	*classes = slices.Delete(list, i, i+1)
	return true
}

// widen hides where something is, as far as that is elsewhere, or exactly here.
func (f *remnant) widen(v values) values {
	hide := func(d int) {
		v[d] = 0
		for low, up := range above {
			if up == d {
				v[low] = 0
			}
		}
	}
	for d := range v {
		if f.mask>>d&1 == 1 && v[d] != f.at[d] {
			hide(d)
		}
	}
	if knows(&v)&f.mask == f.mask {
		hide(bits.Len(uint(f.mask)) - 1)
	}
	return v
}
