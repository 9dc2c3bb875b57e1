package targets

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"huisboek/events"
	"huisboek/projections"
)

// never is a day that does not come.
const never = events.Date("9999-12-31")

// look compares what changed, by a record or by the day, with what was made of it before.
func (q *sequence) look(f known, day events.Date) {
	gone := map[string]bool{}
	var goners []string
	for _, d := range f.Departures() {
		if d.From <= day && d.Past == events.PastLeaves {
			gone[d.Partner] = true
			goners = append(goners, d.Partner)
		}
	}
	rules := map[events.Date]lasted{}
	roots, now, ok := f.Since(q.moment)
	if q.moment = now; !ok || !slices.Equal(goners, q.goners) {
		q.goners = goners
		q.lookAtAll(f, day, gone, rules)
		return
	}
	again := func(w *watched) {
		if it := f.Item(q.part, w.root); it != nil {
			q.see(f, w, it, day, gone, rules)
		}
	}
	for _, w := range q.due[day.Month()] {
		again(w)
	}
	delete(q.due, day.Month())
	for _, w := range q.several {
		again(w)
	}
	for _, root := range roots {
		it, w := f.Item(q.part, root), q.watched[root]
		switch {
		case it != nil:
			for _, one := range f.Cluster(it) {
				q.see(f, q.watch(one.Root), one, day, gone, rules)
			}
		case w != nil:
			q.drop(w)
			delete(q.watched, root)
		}
	}
}

// lookAtAll is look at every item.
func (q *sequence) lookAtAll(f known, day events.Date, gone map[string]bool, rules map[events.Date]lasted) {
	there := map[events.Position]bool{}
	for it := range f.Items(q.part) {
		there[it.Root] = true
		q.see(f, q.watch(it.Root), it, day, gone, rules)
	}
	for _, root := range slices.Sorted(maps.Keys(q.watched)) {
		if !there[root] {
			q.drop(q.watched[root])
			delete(q.watched, root)
		}
	}
}

func (q *sequence) watch(root events.Position) *watched {
	w := q.watched[root]
	if w == nil {
		w = &watched{root: root}
		q.watched[root] = w
	}
	return w
}

// drop is of an item that is no more.
func (q *sequence) drop(w *watched) {
	if w.waits != nil {
		w.waits.gone, w.waits = true, nil
	}
	q.remove(w)
}

// remove takes back what was released of an item.
func (q *sequence) remove(w *watched) {
	e := w.released
	if e == nil {
		return
	}
	w.released = nil
	q.waiting = append(q.waiting, &entry{
		of: w, kind: removes, since: q.batch, values: q.cells[e.cell].values, weight: e.weight, hours: e.hours, day: e.day,
		id: e.id, raw: e.raw, cell: e.cell, takes: e,
	})
}

// see works out what an item is by now.
func (q *sequence) see(f known, w *watched, it *Item, day events.Date, gone map[string]bool, rules map[events.Date]lasted) {
	cluster := []*Item{it}
	if it.Part == projections.PartPlacements {
		cluster = f.Cluster(it)
	}
	if len(cluster) > 1 && !w.several { // what becomes of any of them concerns all
		w.several = true
		q.several = append(q.several, w)
	}
	kind, counts, due := adds, false, never
	var from events.Date
	first, who := standsFor(cluster, gone)
	if first != nil && first.is(it) {
		kind, from, counts, due = q.when(it, day, rules)
	}
	if due != never {
		q.due[due.Month()] = append(q.due[due.Month()], w)
	}
	if !counts {
		q.drop(w)
		return
	}
	e := q.entry(f, w, it, kind, from, who)
	switch {
	case w.released != nil && kind == adds && sameEntry(w.released, e):
	case w.released != nil:
		q.drop(w)
		if kind == adds {
			q.wait(w, e)
		} else { // it was told of
			w.spent = true
		}
	case kind == fails && w.spent:
	case w.waits != nil:
		if w.waits.kind == kind {
			e.since = w.waits.since
		}
		w.waits.gone = true
		q.wait(w, e)
	default:
		q.wait(w, e)
	}
}

func (q *sequence) wait(w *watched, e *entry) {
	w.waits = e
	q.waiting = append(q.waiting, e)
}

// when says what an item is on a day, and when that may change by itself.
func (q *sequence) when(it *Item, day events.Date, rules map[events.Date]lasted) (kind byte, from events.Date, counts bool, due events.Date) {
	l, ok := rules[it.From]
	if !ok {
		if l.from = it.From; q.days > 0 {
			l = lasted{it.From.AddDays(q.days - 1), it.From.AddDays(q.days)}
		}
		rules[it.From] = l
	}
	ends := it.To != "" && q.part == projections.PartPlacements
	switch {
	case it.From > day:
		return adds, "", false, it.From
	case q.days > 0 && ends && it.To < l.last:
		if it.To > day {
			return fails, "", false, it.To
		}
		return fails, l.from, true, never
	case l.from > day:
		return adds, "", false, l.from
	case q.standing && ends && it.To < day:
		return fails, l.from, true, never
	case q.standing && ends:
		return adds, l.from, true, it.To.AddDays(1)
	}
	return adds, l.from, true, never
}

func (q *sequence) entry(f known, w *watched, it *Item, kind byte, from events.Date, who []string) *entry {
	e := &entry{of: w, kind: kind, since: q.batch, day: from, id: it.Placement, weight: 100}
	if it.Part == projections.PartServices || it.Part == projections.PartVacancies {
		e.weight = 100 * int64(it.Count)
	}
	e.hours = int64(max(it.Hours, 0))
	if it.Part != projections.PartPlacements {
		e.hours = 0
	}
	set := func(d int, value string) { e.values[d] = q.names[d].of(cmp.Or(value, Unknown)) }
	set(atGroup, strings.Join(it.Groups, "+"))
	sheltered := no
	if it.Sort == "beschut-werk" {
		sheltered = yes
	}
	set(atSheltered, sheltered)
	set(atRegister, map[projections.Register]string{projections.RegisterYes: yes, projections.RegisterNo: no}[it.Register])
	set(atHours, hoursClass(it.Hours))
	set(atSector, it.Sector)
	set(atKind, it.Sort)
	set(atLevel, f.Level(it.Employer))
	set(atGemeente, f.Gemeente(it.Employer))
	subregion, _ := f.Subregion(it.Partner, it.From)
	set(atSubregion, subregion)
	if !q.standing {
		set(atYear, string(from)[:4])
		set(atMonth, from.Month())
	}
	for _, p := range who {
		e.raw = append(e.raw, q.names[dims].of(p))
	}
	slices.Sort(e.raw)
	if len(who) == 1 { // what several have part in is nobody's
		set(atPartner, who[0])
	}
	return e
}

// sameEntry reports whether a thing is what it was when it was released. Where its
// employer is, and at what level, is left as it was.
func sameEntry(a, b *entry) bool {
	v := b.values
	for _, d := range []int{atLevel, atGemeente, atSubregion} {
		v[d] = a.values[d]
	}
	return v == a.values && a.weight == b.weight && a.hours == b.hours && slices.Equal(a.raw, b.raw)
}

// names are values by number. Those that are new in a batch are numbered in their own
// order, so that nothing depends on which came first.
type names struct {
	list []string // [0] is hidden
	at   map[string]int32
	from int // of the batch
}

func (n *names) begin() {
	if n.at == nil {
		n.list, n.at = []string{Hidden}, map[string]int32{}
	}
	n.from = len(n.list)
}

func (n *names) of(name string) int32 {
	i, ok := n.at[name]
	if !ok {
		i = int32(len(n.list))
		n.list, n.at[name] = append(n.list, name), i
	}
	return i
}

// settle puts the new ones in order, and says what became of each.
func (n *names) settle() []int32 {
	if len(n.list)-n.from < 2 {
		return nil
	}
	was := slices.Clone(n.list)
	slices.Sort(n.list[n.from:])
	now := make([]int32, len(was))
	for i := n.from; i < len(n.list); i++ {
		n.at[n.list[i]] = int32(i)
	}
	for i, name := range was {
		now[i] = int32(i)
		if i >= n.from {
			now[i] = n.at[name]
		}
	}
	return now
}

func (q *sequence) settleNames() {
	for d := range q.names {
		now := q.names[d].settle()
		if now == nil {
			continue
		}
		for _, e := range q.waiting {
			if e.kind == removes {
				continue
			}
			if d < dims {
				e.values[d] = now[e.values[d]]
				continue
			}
			for i := range e.raw {
				e.raw[i] = now[e.raw[i]]
			}
			slices.Sort(e.raw)
		}
	}
}
