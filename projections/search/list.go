package search

import (
	"math"
	"slices"

	"huisboek/events"
)

// Order is how employers that were found are listed.
type Order int

const (
	// ByMatch: the best match first, then by the last contact. Without a text that is
	// ByContact.
	ByMatch Order = iota
	// ByName: by the newest name without articles and legal forms, "ij" as "y"; who has
	// none comes last.
	ByName
	// ByContact: who had contact last first; who had none comes last.
	ByContact
)

// Query says which employers are asked for, and how they are listed. What is empty
// asks for nothing.
type Query struct {
	Text       string      // as it was typed
	Gemeenten  []string    // in one of these
	Sector     string      // of this sector
	Size       string      // of this size
	NotSince   events.Date // without contact from this day on
	Order      Order
	Skip, Most int // how many are passed over, and how many are given
}

// Find gives the employers that match what was typed, best first: by match, then by
// the last contact, then by key. skip leaves the first so many out; total is how
// many match. No more than MaxDepth can be paged through.
func (x *Index) Find(text string, skip, limit int) (hits []Hit, total int) {
	q := ask(text)
	if len(q.terms) == 0 {
		return nil, 0
	}
	return x.list(q, &Query{Text: text, Skip: skip, Most: limit})
}

// List gives the employers that are asked for, and how many there are. With a text it
// is Find among those that the rest lets through, and of a text with nothing to look for
// in it there is nothing; without one a Hit has no score and no reason.
func (x *Index) List(in Query) (hits []Hit, total int) {
	if in.Text == "" {
		return x.list(nil, &in)
	}
	q := ask(in.Text)
	if len(q.terms) == 0 {
		return nil, 0
	}
	return x.list(q, &in)
}

// list is of all employers when there is no question.
func (x *Index) list(q *question, in *Query) (hits []Hit, total int) {
	skip := max(in.Skip, 0)
	limit := min(max(in.Most, 0), max(MaxDepth-skip, 0))
	x.mu.RLock()
	defer x.mu.RUnlock()
	best := ranking{x: x, order: in.Order, only: x.filter(in), most: skip + limit}
	if q == nil {
		x.every(&best)
	} else {
		m := x.newMarks()
		defer x.scratch.Put(m)
		x.look(in.Text, q)
		x.rank(q, m, &best, 0)
		if best.total == 0 && len(q.terms) > 1 {
			x.rank(q, m, &best, 1)
		}
	}
	for _, c := range best.page(skip) {
		h := Hit{Entry: x.entry(c.doc), Score: int(c.score)}
		if q != nil {
			h.Why = x.why(q, c)
		}
		hits = append(hits, h)
	}
	return hits, best.total
}

// every goes through all employers, in the order in which they lie in memory.
func (x *Index) every(best *ranking) {
	for d := range x.used {
		if doc := x.doc(d); doc.head == d && (best.only == nil || best.only.lets(doc)) {
			best.add(candidate{doc: d})
		}
	}
}

// nameless sorts behind every name.
const nameless = math.MaxUint64

// facets are what employers can be told apart by, each as a code; 0: not known.
type facets struct{ gemeente, sector, size uint16 }

// filter is what a Query lets through.
type filter struct {
	gemeenten    []uint16 // nil: any
	sector, size uint16   // 0: any
	before       uint32   // the last contact; 0: any
}

// filter is nil when a query lets all through.
func (x *Index) filter(in *Query) *filter {
	if len(in.Gemeenten) == 0 && in.Sector == "" && in.Size == "" && in.NotSince == "" {
		return nil
	}
	code := func(value string) uint16 {
		if n, ok := x.values.at[value]; ok || value == "" {
			return n
		}
		return unknownCode
	}
	f := &filter{sector: code(in.Sector), size: code(in.Size), before: dayOf(in.NotSince)}
	for _, g := range in.Gemeenten {
		f.gemeenten = append(f.gemeenten, code(g))
	}
	return f
}

func (f *filter) lets(d *doc) bool {
	return (f.gemeenten == nil || slices.Contains(f.gemeenten, d.facets.gemeente)) &&
		(f.sector == 0 || f.sector == d.facets.sector) && (f.size == 0 || f.size == d.facets.size) &&
		(f.before == 0 || d.day < f.before)
}
