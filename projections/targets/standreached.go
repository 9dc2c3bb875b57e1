package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// allReached are the employers that were visited.
type allReached struct {
	words  *words
	at     map[uint32]int32   // places of employers, each under every key it is known by
	places []reached          // as the things
	visits []visitTaken       // every visit that was looked at, by root
	whose  map[string][]int32 // by partner the employers that it visited, by their places
}

// visitTaken is a visit. Those to one employer that count are a chain, the last first.
type visitTaken struct {
	root   events.Position
	place  int32 // of its employer, or nowhere
	before int32 // among visits, or nowhere
	who    int32 // who has part in it: its place in count.groups
}

// reached is an employer with the visits to it that count: the first of them, when that
// was (in words), and the last of the chain. When none is left, nothing counts there.
type reached struct {
	first, last int32 // of visits, or nowhere
	from        uint32
}

const nowhere = -1

func newAllReached() allReached {
	return allReached{words: newWords(), at: map[uint32]int32{}, whose: map[string][]int32{}}
}

// find is the place of a visit that was looked at, or nowhere.
func (v *allReached) find(root events.Position) int32 {
	if i, ok := slices.BinarySearchFunc(v.visits, root, func(x visitTaken, root events.Position) int { return cmp.Compare(x.root, root) }); ok {
		return int32(i)
	}
	return nowhere
}

// goes reports whether a partner has part in any visit of a chain.
func (v *allReached) goes(c *count, last int32, partner string) bool {
	for i := last; i != nowhere; i = v.visits[i].before {
		if slices.Contains(c.groups[v.visits[i].who], partner) {
			return true
		}
	}
	return false
}

// visit sorts in a visit, where employers are counted: each at its first one, and for
// each partner its own.
func (c *count) visit(f source, it *Item) {
	v := &c.reached
	i := v.find(it.Root)
	if i == nowhere { // it is after all others: see extend
		i = int32(len(v.visits))
		v.visits = append(v.visits, visitTaken{root: it.Root, place: nowhere, before: nowhere})
	}
	all := parties(it, c.gone)
	if len(all) == 0 {
		c.leave(it, WhyLeft)
		return
	}
	if x := c.ruler.rule(it); !x.Counts {
		c.leave(it, x.Reason)
		return
	}
	slices.Sort(all)
	key := v.words.employer(it.Employer)
	place, ok := v.at[key]
	if !ok {
		one := v.words.employer(f.One(it.Employer, false))
		if place, ok = v.at[one]; !ok {
			place = int32(len(c.things))
			c.things = append(c.things, counted{})
			v.places = append(v.places, reached{first: nowhere, last: nowhere})
		}
		v.at[one], v.at[key] = place, place
	}
	e := &v.places[place]
	for _, p := range all {
		if !v.goes(c, e.last, p) {
			n, _ := slices.BinarySearch(v.whose[p], place)
			v.whose[p] = slices.Insert(v.whose[p], n, place)
		}
	}
	v.visits[i] = visitTaken{it.Root, place, e.last, c.group(it, all)}
	e.last = i
	if e.first == nowhere {
		c.reach(f, place, i, it)
		return
	}
	first := v.visits[e.first].root
	if cmp.Or(cmp.Compare(v.words.texts[e.from], string(it.From)), cmp.Compare(first, it.Root)) < 0 {
		c.leave(it, WhyAgain)
		return
	}
	if was := f.Item(projections.PartVisits, first); was != nil { // or it goes next
		c.leave(was, WhyAgain)
	}
	c.reach(f, place, i, it)
}

// unvisit is as if there had never been a visit.
func (c *count) unvisit(f source, root events.Position) {
	c.unleave(root)
	v := &c.reached
	i := v.find(root)
	if i == nowhere || v.visits[i].place == nowhere {
		return
	}
	was := v.visits[i]
	v.visits[i].place, v.visits[i].before = nowhere, nowhere
	e := &v.places[was.place]
	if e.last == i {
		e.last = was.before
	} else {
		after := e.last
		for v.visits[after].before != i {
			after = v.visits[after].before
		}
		v.visits[after].before = was.before
	}
	for _, p := range c.groups[was.who] {
		if !v.goes(c, e.last, p) {
			n, _ := slices.BinarySearch(v.whose[p], was.place)
			v.whose[p] = slices.Delete(v.whose[p], n, n+1)
		}
	}
	if e.first == i {
		c.reachNext(f, was.place)
	}
}

// reachNext finds the first visit among those that are left.
func (c *count) reachNext(f source, place int32) {
	v := &c.reached
	at, first := int32(nowhere), (*Item)(nil)
	for i := v.places[place].last; i != nowhere; i = v.visits[i].before {
		it := f.Item(projections.PartVisits, v.visits[i].root)
		if it != nil && (first == nil || cmp.Or(cmp.Compare(it.From, first.From), cmp.Compare(it.Root, first.Root)) < 0) {
			at, first = i, it
		}
	}
	if first != nil {
		c.unleave(first.Root)
	}
	c.reach(f, place, at, first)
}

// reach makes a visit the first to an employer; nil is none.
func (c *count) reach(f source, place, at int32, first *Item) {
	v := &c.reached
	e := &v.places[place]
	e.first = at
	var t counted
	if first != nil {
		e.from = v.words.word(string(first.From))
		t = counted{root: first.Root, who: v.visits[at].who, live: true, shown: true, weight: 100, month: monthOf(first.From)}
	}
	was := &c.things[place]
	for _, p := range c.split {
		if int(place) < len(p.of) {
			p.take(c, int(place), was)
			p.of[place] = p.put(c, f, first, &t)
		}
	}
	c.total += int64(t.weight - was.weight)
	*was = t
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
