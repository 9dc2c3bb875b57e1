package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// allReached are the employers that were visited.
type allReached struct {
	by     map[string]*reached // each under every key it is known by
	visits []*Item             // those that count, by Root
	whose  map[string][]int32  // by partner the employers that it visited, by their places
}

func newAllReached() allReached {
	return allReached{by: map[string]*reached{}, whose: map[string][]int32{}}
}

// reached is an employer with the visits to it that count, by Root. Its first visit is
// the thing at its place; when none is left, nothing counts there.
type reached struct {
	place  int
	first  *Item
	visits []*Item
	who    map[string]int // how many of them each partner has part in
}

// visit sorts in a visit, where employers are counted: each at its first one, and for
// each partner its own.
func (c *count) visit(f source, it *Item) {
	all := parties(it, c.gone)
	if len(all) == 0 {
		c.leave(it, WhyLeft)
		return
	}
	if x := c.ruler.rule(it); !x.Counts {
		c.leave(it, x.Reason)
		return
	}
	v := &c.reached
	e := v.by[it.Employer]
	if e == nil {
		one := f.One(it.Employer, false)
		if e = v.by[one]; e == nil {
			e = &reached{place: len(c.things), who: map[string]int{}}
			c.things = append(c.things, counted{item: it})
		}
		v.by[one], v.by[it.Employer] = e, e
	}
	i, _ := itemAt(v.visits, it.Root)
	v.visits = slices.Insert(v.visits, i, it)
	i, _ = itemAt(e.visits, it.Root)
	e.visits = slices.Insert(e.visits, i, it)
	for _, p := range all {
		if e.who[p]++; e.who[p] == 1 {
			i, _ := slices.BinarySearch(v.whose[p], int32(e.place))
			v.whose[p] = slices.Insert(v.whose[p], i, int32(e.place))
		}
	}
	if e.first != nil && cmp.Or(cmp.Compare(e.first.From, it.From), cmp.Compare(e.first.Root, it.Root)) < 0 {
		c.leave(it, WhyAgain)
		return
	}
	if e.first != nil {
		c.leave(e.first, WhyAgain)
	}
	c.reach(f, e, it)
}

// unvisit is as if there had never been a visit.
func (c *count) unvisit(f source, root events.Position) {
	c.unleave(root)
	v := &c.reached
	i, ok := itemAt(v.visits, root)
	if !ok {
		return
	}
	it := v.visits[i]
	v.visits = slices.Delete(v.visits, i, i+1)
	e := v.by[it.Employer]
	i, _ = itemAt(e.visits, root)
	e.visits = slices.Delete(e.visits, i, i+1)
	for _, p := range parties(it, c.gone) {
		if e.who[p]--; e.who[p] == 0 {
			i, _ := slices.BinarySearch(v.whose[p], int32(e.place))
			v.whose[p] = slices.Delete(v.whose[p], i, i+1)
		}
	}
	if e.first != it {
		return
	}
	var first *Item
	for _, it := range e.visits {
		if first == nil || it.From < first.From {
			first = it
		}
	}
	if first != nil {
		c.unleave(first.Root)
	}
	c.reach(f, e, first)
}

// reach makes a visit the first to an employer; nil is none.
func (c *count) reach(f source, e *reached, first *Item) {
	var t counted
	if t.item = e.first; first != nil {
		all := parties(first, c.gone)
		slices.Sort(all)
		t = counted{item: first, who: c.group(first, all), live: true, shown: true, weight: 100, month: first.From.Month()}
	}
	was := &c.things[e.place]
	for _, p := range c.split {
		if e.place < p.things {
			p.put(c, f, was, -1)
			p.put(c, f, &t, +1)
		}
	}
	c.total += t.weight - was.weight
	e.first, *was = first, t
}

// employersOf is how many employers a reader reached, each once.
func (v *allReached) employersOf(r *reader) (n int) {
	var lists [][]int32
	for partner, list := range v.whose {
		if r.own(partner) {
			lists = append(lists, list)
		}
	}
	if len(lists) == 1 {
		return len(lists[0])
	}
	all := slices.Concat(lists...)
	slices.Sort(all)
	return len(slices.Compact(all))
}
