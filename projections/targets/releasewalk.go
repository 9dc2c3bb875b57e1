package targets

import (
	"cmp"
	"iter"
	"slices"
	"sync"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// known is what releases are made of: [Facts].
type known interface {
	Items(part projections.Part) iter.Seq[*Item]
	Item(part projections.Part, root events.Position) *Item
	Since(moment uint64) (roots []events.Position, now uint64, ok bool)
	Cluster(it *Item) []*Item
	Subregion(partner string, day events.Date) (subregion string, ok bool)
	Level(employer string) string
	Gemeente(employer string) string
	Departures() []Departure
	Apply(l *projections.Line)
	Heir(partner string, day events.Date) string
}

// follow reads the lines of some parts after a position, in order, until fn returns false.
type follow func(parts []projections.Part, after events.Position, fn func(*projections.Line) bool) error

// sequenceKey is what decides when something begins to count: the rest of what a
// target asks is a matter of classes.
type sequenceKey struct {
	part     projections.Part
	days     int
	standing bool
}

func sequenceOf(v *Version) sequenceKey {
	q := sequenceKey{part: partOf(v.Measure), standing: v.Definition.Standing}
	if v.Definition.LeastDays != nil {
		q.days = *v.Definition.LeastDays
	}
	return q
}

// releases walks the journal from month to month, and keeps what was released at the
// end of each: a function of the journal alone. Its zero value has read nothing.
type releases struct {
	mu    sync.Mutex
	fresh func(parts ...projections.Part) known // nil: NewFacts
	books map[projections.Part]*releaseBook
}

// releaseBook is the walk of all sequences of one part.
type releaseBook struct {
	facts  known
	at     events.Position
	next   string    // month that is to be closed next; "" before the first record
	begins time.Time // when it does
	ends   time.Time
	seqs   map[sequenceKey]*sequence
	parts  []projections.Part
}

// forget begins anew: the store is another one.
func (r *releases) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.books = nil
}

// of is what a sequence released up to the end of a month.
func (r *releases) of(q sequenceKey, month string, read follow) ([]Class, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	b := r.books[q.part]
	if b == nil || b.seqs[q] == nil {
		b = r.begin(q.part, b, q)
	}
	again, err := b.walk(month, read)
	if again && err == nil { // a month was closed before all of it had been read
		b = r.begin(q.part, b)
		_, err = b.walk(month, read)
	}
	if err != nil {
		delete(r.books, q.part)
		return nil, err
	}
	classes := b.seqs[q].classes
	n, _ := slices.BinarySearchFunc(classes, month, func(c Class, month string) int {
		if c.Batch <= month {
			return -1
		}
		return 1
	})
	return classes[:n:n], nil
}

// begin starts from the first record, with the sequences of a book and one more.
func (r *releases) begin(part projections.Part, was *releaseBook, more ...sequenceKey) *releaseBook {
	b := &releaseBook{seqs: map[sequenceKey]*sequence{}}
	b.parts = []projections.Part{part, projections.PartEmployers, projections.PartRegion, projections.PartTakenBack}
	if r.fresh != nil {
		b.facts = r.fresh(b.parts...)
	} else {
		b.facts = NewFacts(b.parts...)
	}
	if was != nil {
		for q := range was.seqs {
			b.seqs[q] = newSequence(q)
		}
	}
	for _, q := range more {
		b.seqs[q] = newSequence(q)
	}
	if r.books == nil {
		r.books = map[projections.Part]*releaseBook{}
	}
	r.books[part] = b
	return b
}

// walk closes the months up to one. again is true when a record turns up that was
// recorded in a month that has been closed: the book was read while it was behind.
func (b *releaseBook) walk(month string, read follow) (again bool, err error) {
	if b.next > month {
		// Everything asked for has been closed; but was all of it there?
		month = ""
	}
	err = read(b.parts, b.at, func(l *projections.Line) bool {
		if b.next == "" {
			b.open(events.DateOf(l.At).Month())
		} else if l.At.Before(b.begins) {
			again = true
			return false
		}
		for !l.At.Before(b.ends) {
			if b.next > month {
				return false
			}
			b.close()
		}
		if month == "" {
			return false
		}
		b.facts.Apply(l)
		b.at = l.Position
		return true
	})
	for !again && err == nil && b.next != "" && b.next <= month {
		b.close()
	}
	return again, err
}

// starts is when a month starts.
func starts(month string) time.Time { return events.Date(month + "-01").Begins() }

func (b *releaseBook) close() {
	for _, q := range b.seqs {
		q.close(b.facts, b.next)
	}
	b.open(next(b.next))
}

func (b *releaseBook) open(month string) {
	b.next, b.begins, b.ends = month, starts(month), starts(next(month))
}

// sequence is what has been released of one part, and what waits.
type sequence struct {
	sequenceKey
	batch   int
	moment  uint64
	watched map[events.Position]*watched // by root
	due     map[string][]*watched        // by month, what may change by time alone
	several []*watched                   // what was one of several reports of the same placement
	waiting []*entry
	classes []Class
	cells   []cell
	place   map[cellKey]int
	tells   tellings        // of cells
	names   [dims + 1]names // of values, and of partners
	goners  []string
	untold  []untold // by the dimensions of crossed
	had     []*entry // what waited for the last batch
	last    []group  // and what was released then
}

// watched is one item, and what became of it.
type watched struct {
	root     events.Position
	several  bool
	waits    *entry
	released *entry
	spent    bool // it failed, and that was accounted for
}

// cell is where classes add up: what of it is still there must be nothing or pass.
type cell struct {
	cellKey
	list []*entry
	sum  tally // of what is there
}

type cellKey struct {
	values values
	month  string
}

func newSequence(q sequenceKey) *sequence {
	return &sequence{sequenceKey: q, watched: map[events.Position]*watched{}, due: map[string][]*watched{}, place: map[cellKey]int{}}
}

// close releases what may be at the end of a month.
func (q *sequence) close(f known, month string) {
	q.batch++
	for i := range q.names {
		q.names[i].begin()
	}
	q.look(f, LastOf(month))
	q.settleNames()
	q.waiting = slices.DeleteFunc(q.waiting, func(e *entry) bool { return e.gone })
	day := LastOf(month)
	heirs := make([]int32, len(q.names[dims].list))
	for i, name := range q.names[dims].list {
		heirs[i] = q.names[dims].of(f.Heir(name, day))
	}
	for _, e := range q.waiting {
		e.succeed(heirs)
	}
	slices.SortFunc(q.waiting, compareEntries)
	q.had = slices.Clone(q.waiting)
	more := q.apart(split(q.batch, q.waiting))
	less := q.takeBack(heirs)
	if weigh(less, removes) > weigh(more, adds) {
		more = less
	}
	q.note(more)
	q.last = more
	q.release(month, more)
	q.waiting = slices.DeleteFunc(q.waiting, func(e *entry) bool { return e.gone })
}

func weigh(groups []group, kind byte) (n int) {
	for _, g := range groups {
		for _, e := range g.list {
			if e.kind == kind {
				n++
			}
		}
	}
	return n
}

// succeed notes who goes on by now with the work of those who have part in it.
func (e *entry) succeed(heirs []int32) {
	e.who = make([]int32, 0, len(e.raw))
	for _, p := range e.raw {
		if int(p) < len(heirs) {
			p = heirs[p]
		}
		if !slices.Contains(e.who, p) {
			e.who = append(e.who, p)
		}
	}
}

// compareEntries is the order in which things are released: nothing of it depends on
// the order in which they were recorded, but between those that are quite alike.
func compareEntries(a, b *entry) int {
	return cmp.Or(cmp.Compare(a.since, b.since), cmp.Compare(a.day, b.day), compareValues(a.values, b.values), cmp.Compare(a.kind, b.kind),
		cmp.Compare(a.hours, b.hours), cmp.Compare(a.weight, b.weight), slices.Compare(a.raw, b.raw), cmp.Compare(a.id, b.id),
		cmp.Compare(a.of.root, b.of.root))
}

// takeBack are the removals that pass by themselves, cell by cell, and leave nothing
// behind or what passes.
func (q *sequence) takeBack(heirs []int32) (out []group) {
	by := map[int][]*entry{}
	for _, e := range q.waiting {
		if e.kind == removes {
			by[e.cell] = append(by[e.cell], e)
		}
	}
	for i := range q.cells {
		if len(by[i]) < SmallestClass {
			continue
		}
		c := &q.cells[i]
		t := only(by[i], removes)
		for _, e := range c.list {
			e.succeed(heirs)
		}
		if left := net(still(append(slices.Clip(c.list), by[i]...))); t.passes() && left.quiet() {
			out = append(out, group{c.values, by[i]})
		}
	}
	return out
}

// still is what is there of a cell: what came and went again is not.
func still(list []*entry) (left []*entry) {
	taken := map[*entry]bool{}
	for _, e := range list {
		if e.kind == removes {
			taken[e.takes] = true
		}
	}
	came := map[*entry]bool{}
	for _, e := range list {
		came[e] = true
	}
	for _, e := range list {
		if !taken[e] && !(e.kind == removes && came[e.takes]) {
			left = append(left, e)
		}
	}
	return left
}

// release makes classes of groups, and notes where each thing went.
func (q *sequence) release(month string, groups []group) {
	for _, g := range groups {
		if !slices.ContainsFunc(g.list, func(e *entry) bool { return e.kind != fails }) {
			for _, e := range g.list { // nothing is told of those
				e.gone, e.of.waits, e.of.spent = true, nil, true
			}
			continue
		}
		c := Class{Batch: month, Month: month}
		for d, v := range g.values {
			c.values[d] = q.names[d].list[v]
		}
		negative := weigh([]group{g}, adds) == 0
		var key cellKey
		switch {
		case negative:
			key = q.cells[g.list[0].cell].cellKey
			c.Month = cmp.Or(key.month, month)
		case q.standing:
			key = cellKey{values: g.values}
		default:
			if m := c.values[atMonth]; m != Hidden {
				c.Month = m
			} else if y := c.values[atYear]; y != Hidden {
				c.Month = min(month, y+"-12")
			}
			key = cellKey{g.values, c.Month}
		}
		at, ok := q.place[key]
		if !ok {
			at = len(q.cells)
			q.place[key] = at
			q.cells = append(q.cells, cell{cellKey: key})
		}
		for _, e := range g.list {
			e.gone = true
			switch e.kind {
			case adds:
				c.Count, c.Weight, c.Hours = c.Count+1, c.Weight+e.weight, c.Hours+e.hours
				q.cells[at].sum.put(e, 1)
				e.of.waits, e.of.released, e.cell = nil, e, at
			case removes:
				c.Count, c.Weight, c.Hours = c.Count-1, c.Weight-e.weight, c.Hours-e.hours
				q.cells[at].sum.put(e, -1)
			default:
				e.of.waits, e.of.spent = nil, true
				continue
			}
			q.cells[at].list = append(q.cells[at].list, e)
		}
		q.classes = append(q.classes, c)
	}
}
