package targets

import (
	"maps"
	"slices"
)

// sayOfPeople are the places of what could point at somebody.
var sayOfPeople = [...]int{atGroup, atRegister, atHours, atGemeente}

// untold are the things released so far that are not told by a dimension by which
// everybody may count, by their value of it.
type untold [dims]map[int32]*tally

func (u *untold) of(d int, v int32) *tally {
	if u[d] == nil {
		u[d] = map[int32]*tally{}
	}
	if u[d][v] == nil {
		u[d][v] = &tally{}
	}
	return u[d][v]
}

// release notes what classes do not tell.
func (u *untold) release(classes []group) {
	for _, c := range classes {
		for d := range dims {
			if plainMask>>d&1 == 0 || c.values[d] != 0 {
				continue
			}
			for _, e := range c.list {
				if e.kind == adds && e.values[d] != 0 {
					u.of(d, e.values[d]).put(e, 1)
				}
			}
		}
	}
}

// apart sees to it that where fewer than five are left by a dimension by which everybody
// may count, more than one thing can be said of them. When everything is released and all
// that is hidden by level is of one target group, the one at a level is of that group: a
// class that says something else is hidden by level as well, or a class waits. What all
// there are have alike is told.
func (q *sequence) apart(classes []group) []group {
	for again := true; again; {
		again = false
		rest := only(q.had, adds)
		for i := range classes {
			for _, e := range classes[i].list {
				if e.kind == adds {
					rest.put(e, -1)
				}
			}
		}
		for d := 0; d < dims && !again; d++ {
			if plainMask>>d&1 == 1 {
				classes, again = q.apartBy(d, classes, &rest)
			}
		}
	}
	return merged(classes)
}

// apartBy hides or holds back one class, if that is of use; rest is what waits.
func (q *sequence) apartBy(d int, classes []group, rest *tally) ([]group, bool) {
	left, up := map[int32]*tally{}, map[int32]int32{}
	for v, t := range q.untold[d] {
		left[v] = &tally{t.pair, slices.Clone(t.of)}
	}
	for _, e := range q.had {
		if v := e.values[d]; e.kind == adds && v != 0 {
			if left[v] == nil {
				left[v] = &tally{}
			}
			if left[v].put(e, 1); above[d] >= 0 {
				up[v] = e.values[above[d]]
			}
		}
	}
	for i := range classes {
		if v := classes[i].values[d]; v != 0 {
			for _, e := range classes[i].list {
				left[v].out(e)
			}
		}
	}
	for _, v := range slices.Sorted(maps.Keys(left)) {
		for reader := outsider; reader < len(left[v].of); reader++ {
			if n := left[v].seenBy(reader).n; n <= 0 || n >= SmallestClass || rest.seenBy(reader).n > 0 {
				continue
			}
			for _, s := range sayOfPeople {
				if classes, ok := q.apartFrom(d, up[v], s, reader, classes); ok {
					return classes, true
				}
			}
		}
	}
	return classes, false
}

// apartFrom hides something when all that a few can be in says the same to a reader.
func (q *sequence) apartFrom(d int, up int32, s, reader int, classes []group) ([]group, bool) {
	value, differs := int32(-1), false
	could := func(v *values, t *tally) {
		if t.seenBy(reader).n == 0 {
			return
		}
		if a := above[d]; v[d] != 0 || a >= 0 && up != 0 && v[a] != 0 && v[a] != up {
			differs = differs || v[s] != value
			return
		}
		if value < 0 {
			value = v[s]
		} else if value != v[s] {
			value = 0
		}
	}
	for range 2 { // what differs is known when the value is
		differs = false
		for i := range q.cells {
			could(&q.cells[i].values, &q.cells[i].sum)
		}
		for i := range classes {
			t := only(classes[i].list, adds)
			could(&classes[i].values, &t)
		}
	}
	if value <= 0 || !differs {
		return classes, false
	}
	least := func(is func(c *group) bool) int {
		best := -1
		for i := range classes {
			c := &classes[i]
			if t := only(c.list, adds); t.seenBy(reader).n > 0 && is(c) && (best < 0 || size(c.list) < size(classes[best].list)) {
				best = i
			}
		}
		return best
	}
	if i := least(func(c *group) bool {
		return c.values[d] != 0 && c.values[s] != value && (above[d] < 0 || up == 0 || c.values[above[d]] == up)
	}); i >= 0 {
		classes[i].values[d] = 0
		for low, a := range above {
			if a == d {
				classes[i].values[low] = 0
			}
		}
		return classes, true
	}
	if i := least(func(c *group) bool { return c.values[d] == 0 }); i >= 0 && s != atGroup {
		classes[i].values[s] = 0
		return classes, true
	}
	if i := least(func(c *group) bool { return true }); i >= 0 {
		return slices.Delete(classes, i, i+1), true
	}
	return classes, false
}
