package targets

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"huisboek/events"
	"huisboek/projections"
)

// counted is one thing that counts, or counted: an item that stands for all reports
// of the same placement, or the first visit to an employer.
type counted struct {
	root   events.Position // of the item
	who    int32           // who has part in it: its place in count.groups
	weight int32           //
	month  month           // of the day from which it counts
	until  month           // of the day from which it no longer counted; 0 when it does
	live   bool            // counts on the day
	shown  bool            // counted at the end of the last closed month, too
}

// count is everything that a standing is made of, whoever asks. What comes new is
// added to it; when anything else changes it is counted anew.
type count struct {
	v      Version
	on     events.Date
	closed string // the last month of which others' placements are shown

	ruler, settledBy *ruler // for the day, and for the end of that month
	yearBefore       string // the month a year before the period
	departed         []Departure
	gone             map[string]bool // who took its past along

	things  []counted                               // by Root; of employers reached one for each
	past    []counted                               // what would have counted in the year before the period
	total   int64                                   // the weight of what counts
	groups  [][]string                              // who has part in things, sorted by partner
	byGroup map[string]int32                        // their places
	out     map[string]map[string][]events.Position // what does not count and concerns the target, by who reported it and by reason
	joined  map[events.Position]bool                // what is one with other reports
	reached allReached                              // employers, where they are counted

	// As far as it was read.
	last                     events.Position // the last item
	moment                   uint64
	region, revision, linked uint64

	// What is worked out of these: for every reader the same.
	left     []Departure // who left, as far as it matters
	doubts   int         // on the day
	settled  int         // at the end of the last closed month
	months   []MonthTotal
	forecast *Forecast
	split    map[[2]Dimension]*parts
}

// lastClosed is the last month that was over on a day, as far as it was over today.
func lastClosed(on, today events.Date) string {
	if on < today { // the day itself is over
		return on.AddDays(1).AddDays(-dayOf(on.AddDays(1))).Month()
	}
	return today.AddDays(-dayOf(today)).Month()
}

// countOf counts for a target on a day.
func countOf(f source, v *Version, on, today events.Date) *count {
	c := &count{
		v: *v, on: on, closed: lastClosed(on, today), yearBefore: yearBefore(v.Period.From.Month()), gone: map[string]bool{},
		byGroup: map[string]int32{}, out: map[string]map[string][]events.Position{}, joined: map[events.Position]bool{}, reached: newAllReached(),
		split: map[[2]Dimension]*parts{},
	}
	c.ruler, c.settledBy = newRuler(f, v, on), newRuler(f, v, min(on, LastOf(c.closed)))
	c.settledBy.lasted = c.ruler.lasted
	for _, d := range f.Departures() {
		if d.From > on {
			continue
		}
		if d.Past == events.PastLeaves {
			c.gone[d.Partner] = true
		}
		c.departed = append(c.departed, d)
	}
	for it := range f.Items(partOf(v.Measure)) {
		c.take(f, it)
	}
	c.finish(f)
	return c
}

// extend adds what came since, and looks again at what changed. It gives false when
// anything else changed that the count rests on.
func (c *count) extend(f source) bool {
	part, linked := partOf(c.v.Measure), f.Linked() != c.linked
	switch {
	case f.Revision(projections.PartRegion) != c.region, linked && c.v.Measure == events.MeasureReached:
		return false
	case f.Revision(part) == c.revision:
		if c.linked = f.Linked(); linked && c.v.OfPlacements() {
			c.doubt(f)
		}
		return true
	}
	roots, _, ok := f.Since(c.moment)
	if !ok {
		return false
	}
	c.ruler.facts, c.settledBy.facts = f, f
	maps.DeleteFunc(c.split, func(_ [2]Dimension, p *parts) bool { return p.stale(f) })
	for _, root := range roots {
		it := f.Item(part, root)
		switch {
		case root > c.last:
		case c.v.Measure == events.MeasureReached && c.reached.find(root) < 0:
			return false
		case c.joined[root] || it != nil && len(f.Cluster(it)) > 1: // it is not the only one that changed
			return false
		default:
			c.forget(f, root)
		}
		if it != nil {
			c.take(f, it)
		}
	}
	c.finish(f)
	return true
}

// finish works out what is the same for every reader.
func (c *count) finish(f source) {
	_, c.moment, _ = f.Since(0)
	c.region, c.revision, c.linked = f.Revision(projections.PartRegion), f.Revision(partOf(c.v.Measure)), f.Linked()
	if c.v.OfPlacements() {
		c.doubt(f)
	}
	c.left = c.whoLeft()
	came, by := c.monthly(f)
	all, partners := c.pace(f, came, by)
	c.forecast = forecast(&c.v, c.on, all, partners)
	c.months = c.monthTotals(came)
}

func (c *count) doubt(f source) {
	c.doubts, c.settled = doubtsOf(f, c.gone, c.ruler), doubtsOf(f, c.gone, c.settledBy)
}

// whoLeft are those that left in the period, and those whose past went along.
func (c *count) whoLeft() (list []Departure) {
	for _, d := range c.departed {
		if len(c.out[d.Partner][WhyLeft]) > 0 || d.From >= c.v.Period.From {
			list = append(list, d)
		}
	}
	return list
}

// parties is who has part in an item, those left aside who took their past along.
func parties(it *Item, gone map[string]bool) (list []string) {
	if !gone[it.Partner] {
		list = append(list, it.Partner)
	}
	for _, p := range it.With {
		if !gone[p] && !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}

// standsFor is the item that stands for all reports of a placement, the first of those
// that somebody still has part in, and who has part in any of them; nil is none.
func standsFor(cluster []*Item, gone map[string]bool) (first *Item, all []string) {
	for _, it := range cluster {
		list := parties(it, gone)
		if first == nil && len(list) > 0 {
			first = it
		}
		for _, p := range list {
			if !slices.Contains(all, p) {
				all = append(all, p)
			}
		}
	}
	slices.Sort(all)
	return first, all
}

// take sorts an item in.
func (c *count) take(f source, it *Item) {
	c.last = max(c.last, it.Root)
	if c.v.Measure == events.MeasureReached {
		c.visit(f, it)
		return
	}
	all, reason := c.once(f, it)
	if reason != "" {
		c.leave(it, reason)
		return
	}
	x := c.ruler.rule(it)
	t := counted{root: it.Root, live: x.Counts, weight: int32(x.Weight), month: monthOf(x.From)}
	if !x.Counts {
		c.leave(it, x.Reason)
	}
	switch {
	case x.Counts:
		c.total += x.Weight
	case x.Reason == WhyEnded && x.From < x.Until: // or it never counted
		t.until = monthOf(x.Until)
	case x.Reason == WhyPeriod && x.From < c.v.Period.From && x.From.Month() >= c.yearBefore:
		t.who = c.group(it, all)
		i, _ := thingAt(c.past, it.Root)
		c.past = slices.Insert(c.past, i, t)
		return
	default:
		return
	}
	t.who = c.group(it, all)
	t.shown = !c.v.OfPlacements() && x.Counts || c.v.OfPlacements() && c.settledBy.when(it, c.settledBy.lasts(it.From)) == ""
	i, _ := thingAt(c.things, it.Root)
	for _, p := range c.split {
		if i < len(p.of) {
			p.of = slices.Insert(p.of, i, p.put(c, f, it, &t))
		}
	}
	if len(c.things) == cap(c.things) { // there are many: grow seldom
		c.things = slices.Grow(c.things, len(c.things)+64)
	}
	c.things = slices.Insert(c.things, i, t)
}

// forget is as if an item had never been taken, of which it is known that it stands for
// nothing but itself.
func (c *count) forget(f source, root events.Position) {
	if c.v.Measure == events.MeasureReached {
		c.unvisit(f, root)
		return
	}
	c.unleave(root)
	if i, ok := thingAt(c.past, root); ok {
		c.past = slices.Delete(c.past, i, i+1)
	}
	i, ok := thingAt(c.things, root)
	if !ok {
		return
	}
	t := &c.things[i]
	for _, p := range c.split {
		if i < len(p.of) {
			p.take(c, i, t)
			p.of = slices.Delete(p.of, i, i+1)
		}
	}
	if t.live {
		c.total -= int64(t.weight)
	}
	c.things = slices.Delete(c.things, i, i+1)
}

// thingAt is the place of an item among things that are by Root, which it mostly is after.
func thingAt(list []counted, root events.Position) (int, bool) {
	if n := len(list); n == 0 || list[n-1].root < root {
		return n, false
	}
	return slices.BinarySearchFunc(list, root, func(t counted, root events.Position) int { return cmp.Compare(t.root, root) })
}

// once is who has part in what an item stands for, nil for its partner alone; or why
// it stands for nothing.
func (c *count) once(f source, it *Item) (all []string, reason string) {
	if it.Part == projections.PartPlacements {
		if cluster := f.Cluster(it); len(cluster) > 1 {
			c.joined[it.Root] = true
			first, all := standsFor(cluster, c.gone)
			switch {
			case first != nil && first.is(it):
				return all, ""
			case len(parties(it, c.gone)) == 0:
				return nil, WhyLeft
			}
			return nil, WhySame
		}
	}
	if len(it.With) == 0 && len(c.gone) == 0 {
		return nil, ""
	}
	if all = parties(it, c.gone); len(all) == 0 {
		return nil, WhyLeft
	}
	slices.Sort(all)
	return all, ""
}

// leave lists an item that does not count.
func (c *count) leave(it *Item, reason string) {
	if !c.ruler.concerns(it) {
		return
	}
	by := c.out[it.Partner]
	if by == nil {
		by = map[string][]events.Position{}
		c.out[it.Partner] = by
	}
	i, _ := rootAt(by[reason], it.Root)
	by[reason] = slices.Insert(by[reason], i, it.Root)
}

// unleave takes an item from what does not count.
func (c *count) unleave(root events.Position) {
	for _, by := range c.out {
		for reason, list := range by {
			if i, ok := rootAt(list, root); ok {
				by[reason] = slices.Delete(list, i, i+1)
			}
		}
	}
}

// rootAt is the place of an item among others, which it mostly is after.
func rootAt(list []events.Position, root events.Position) (int, bool) {
	if n := len(list); n == 0 || list[n-1] < root {
		return n, false
	}
	return slices.BinarySearch(list, root)
}

// group is the place of those who have part in an item; nil is who reported it.
func (c *count) group(it *Item, all []string) int32 {
	key := it.Partner
	if len(all) > 0 {
		key = strings.Join(all, " ")
	}
	n, ok := c.byGroup[key]
	if !ok {
		if len(all) == 0 {
			all = []string{it.Partner}
		}
		n = int32(len(c.groups))
		c.groups, c.byGroup[key] = append(c.groups, all), n
	}
	return n
}

// doubtsOf is by how much a total would fall if all pairs that may be one placement
// and both count were one. What the target asks of people is left aside: that a pair
// is in doubt is known to whom it concerns, and must not tell it what the other said.
func doubtsOf(f source, gone map[string]bool, r *ruler) (n int) {
	plain := newRuler(f, plainly(r.v), r.on)
	root := map[events.Position]events.Position{} // of those that count, as if they were one
	var find func(events.Position) events.Position
	find = func(p events.Position) events.Position {
		if root[p] != p {
			root[p] = find(root[p])
		}
		return root[p]
	}
	for _, d := range f.Doubles() {
		if d.State != DoublePossible && d.State != DoubleWaits {
			continue
		}
		a, b := standsFirst(f, d.A, gone), standsFirst(f, d.B, gone)
		if a == nil || b == nil || a.is(b) || !plain.rule(a).Counts || !plain.rule(b).Counts {
			continue
		}
		for _, p := range []events.Position{a.Root, b.Root} {
			if _, ok := root[p]; !ok {
				root[p] = p
			}
		}
		if x, y := find(a.Root), find(b.Root); x != y {
			root[max(x, y)] = min(x, y)
			n++
		}
	}
	return n
}

// standsFirst is who stands for an item in a pair; nil when it no longer counts for
// anybody.
func standsFirst(f source, it *Item, gone map[string]bool) *Item {
	if len(parties(it, gone)) == 0 {
		return nil
	}
	first, _ := standsFor(f.Cluster(it), gone)
	return first
}

// plainly is a target without what it asks of people.
func plainly(v *Version) *Version {
	set := *v.TargetSet
	set.Groups, set.Register, set.Definition.LeastHours = nil, nil, nil
	if set.Measure == events.MeasureJobs {
		set.Measure = events.MeasurePlacements
		if len(set.Definition.Kinds) == 0 {
			set.Definition.Kinds = slices.DeleteFunc(events.Values("plaatsingSoort"), func(kind string) bool { return kind == "beschut-werk" })
		}
	}
	plain := *v
	plain.TargetSet = &set
	return &plain
}
