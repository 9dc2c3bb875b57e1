package targets

import (
	"slices"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// walk goes from what was known at one moment to what was known at another, line by
// line, and counts again only what a line touched.
type walk struct {
	q        Question
	reader   *reader
	f        *Facts
	released func(v *Version, upTo string) (Amount, error)

	v      *Version
	r      *ruler
	closed string // the last month that is
	gone   map[string]bool

	weights map[events.Position]int64 // of what counts
	total   int64
	reached visited
	one     map[events.Position][]events.Position // placements that are one with others
	near    map[string][]events.Position          // placements by key of their employer
	at      map[events.Position]spot              // of a placement, as near has it
	doubts  doubted

	was       Amount
	wasDoubts int
	changes   []Change
}

// spot is where a placement is, and the month from which it counts or would.
type spot struct{ employer, month string }

// begin counts everything once.
func (w *walk) begin(at time.Time) error {
	v, err := lastOf(w.f, w.q.Target)
	if err != nil {
		return err
	}
	day := events.DateOf(at)
	w.closed = lastClosed(day, day)
	w.f.Touched()
	w.set(v)
	w.wasDoubts = w.doubts.n
	w.was, err = w.amount()
	return err
}

// sensitive reports whether the total is what has been released.
func (w *walk) sensitive() bool { return !w.q.Reader.All && Sensitive(w.v) }

func (w *walk) amount() (Amount, error) {
	if w.sensitive() {
		return w.released(w.v, w.closed)
	}
	return amountOf(w.v.Measure, w.total), nil
}

// set counts everything for a version.
func (w *walk) set(v *Version) {
	w.v, w.r = v, newRuler(w.f, v, w.q.On)
	w.weights, w.total, w.reached = map[events.Position]int64{}, 0, newVisited()
	w.one, w.near, w.at = map[events.Position][]events.Position{}, map[string][]events.Position{}, map[events.Position]spot{}
	w.gone = map[string]bool{}
	for _, d := range w.f.Departures() {
		if d.From <= w.q.On && d.Past == events.PastLeaves {
			w.gone[d.Partner] = true
		}
	}
	for it := range w.f.Items(partOf(v.Measure)) {
		w.take(it.Root)
		w.join(it)
	}
	w.doubt()
}

// take counts the item of a root, if there is one and it counts.
func (w *walk) take(root events.Position) {
	it := w.f.Item(partOf(w.v.Measure), root)
	if it == nil {
		return
	}
	cluster := w.f.Cluster(it)
	if len(cluster) > 1 || len(w.gone) > 0 {
		if first, _ := standsFor(cluster, w.gone); first == nil || !first.is(it) {
			return
		}
	}
	x := w.r.rule(it)
	if !x.Counts {
		return
	}
	if w.v.Measure == events.MeasureReached {
		w.total += w.reached.add(w.f, root, it.Employer)
		return
	}
	w.weights[root] = x.Weight
	w.total += x.Weight
}

// leave takes back what an item came to.
func (w *walk) leave(root events.Position) {
	w.total -= w.weights[root]
	delete(w.weights, root)
	w.total += w.reached.drop(root)
}

// join keeps where a placement is, and with which it is one.
func (w *walk) join(it *Item) {
	if !w.v.OfPlacements() {
		return
	}
	if cluster := w.f.Cluster(it); len(cluster) > 1 {
		var roots []events.Position
		for _, x := range cluster {
			roots = append(roots, x.Root)
		}
		w.one[it.Root] = roots
	}
	w.near[it.Employer] = append(w.near[it.Employer], it.Root)
	w.at[it.Root] = spot{it.Employer, w.r.lasts(it.From).from.Month()}
}

// part is the other way around.
func (w *walk) part(root events.Position) {
	delete(w.one, root)
	if at, ok := w.at[root]; ok {
		w.near[at.employer] = slices.DeleteFunc(w.near[at.employer], func(p events.Position) bool { return p == root })
		delete(w.at, root)
	}
}

// apply takes a line in. Who said it is shown unless it touched a placement that counts
// from a month that is not closed.
func (w *walk) apply(l *projections.Line) (shown bool, err error) {
	switch l.Type {
	case events.TypePartnerAdmitted:
		if w.v.Subregion != "" || w.f.Name(l.Of) != "" {
			return true, w.again(l)
		}
	case events.TypePartnerDeparted, events.TypePartnerSucceeded:
		return true, w.again(l)
	case events.TypeTargetSet:
		if l.ID == w.q.Target {
			return true, w.again(l)
		}
	case events.TypeEmployersLinked, events.TypeEmployersUnlinked:
		w.link(l)
		return true, nil
	}
	w.f.Apply(l)
	touched := w.f.Touched()
	if len(touched) == 0 {
		return true, nil
	}
	shown = true
	var employers []string
	see := func(root events.Position) {
		if at, ok := w.at[root]; ok {
			shown = shown && !w.sensitive() && at.month <= w.closed
			employers = append(employers, at.employer)
		}
	}
	roots := w.withOthers(touched)
	for _, root := range roots {
		see(root)
		w.leave(root)
		w.part(root)
	}
	for _, root := range roots {
		w.take(root)
		if it := w.f.Item(partOf(w.v.Measure), root); it != nil {
			w.join(it)
		}
		see(root)
	}
	w.doubtAt(employers)
	return shown, nil
}

// again counts everything again after a line.
func (w *walk) again(l *projections.Line) error {
	w.f.Apply(l)
	w.f.Touched()
	v, err := lastOf(w.f, w.q.Target)
	if err == nil {
		w.set(v)
	}
	return err
}

// link takes in that employers are one, or are not.
func (w *walk) link(l *projections.Line) {
	keys := append(w.f.Keys(l.Employer), w.f.Keys(l.With)...)
	w.forgetDoubts(keys)
	w.f.Apply(l)
	keys = append(append(keys, w.f.Keys(l.Employer)...), w.f.Keys(l.With)...)
	slices.Sort(keys)
	keys = slices.Compact(keys)
	for _, key := range keys {
		w.total += w.reached.move(w.f, key)
	}
	w.doubtAt(keys)
}

// withOthers are roots and those that were one with them. Who becomes one with them was
// touched itself, or was one with who was.
func (w *walk) withOthers(roots []events.Position) []events.Position {
	all := slices.Clone(roots)
	for _, root := range roots {
		all = append(all, w.one[root]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
