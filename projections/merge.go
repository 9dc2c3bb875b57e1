package projections

import (
	"bytes"
	"container/heap"
)

// merge calls fn with the rows of one kind of several employers, in the order of
// what stands behind the employer in their keys (their place), from one place on
// (nil: all), until fn returns false. Of one employer it is a scan, and no more.
func merge(tx Tx, kind byte, employers []string, from []byte, fn func(employer string, place, v []byte) bool) {
	if len(employers) == 1 {
		prefix := employerPrefix(kind, employers[0])
		tx.ScanFrom(append(bytes.Clone(prefix), from...), prefix, func(k, v []byte) bool {
			return fn(employers[0], k[len(prefix):], v)
		})
		return
	}
	var waiting lanes
	for _, employer := range employers {
		prefix := employerPrefix(kind, employer)
		l := &lane{employer: employer, prefix: prefix, from: append(bytes.Clone(prefix), from...)}
		if l.fill(tx) {
			waiting = append(waiting, l)
		}
	}
	heap.Init(&waiting)
	for len(waiting) > 0 {
		first := waiting[0]
		if !fn(first.employer, first.rows[0].place, first.rows[0].value) {
			return
		}
		if first.rows = first.rows[1:]; len(first.rows) > 0 || first.fill(tx) {
			heap.Fix(&waiting, 0)
		} else {
			heap.Pop(&waiting)
		}
	}
}

// lane is the rows of one employer that were not merged yet: some that were read,
// and where to read on. A store scans one prefix at a time, so they are read in
// parts, of which each is twice as long as the one before.
type lane struct {
	employer     string
	prefix, from []byte // from is nil when everything was read
	rows         []placed
	part         int
}

type placed struct{ place, value []byte }

const (
	firstPart = 4
	maxPart   = 256
)

// fill reads on when nothing is left; false says that there is no more.
func (l *lane) fill(tx Tx) bool {
	if l.from == nil {
		return false
	}
	l.part = min(maxPart, max(firstPart, 2*l.part))
	l.rows = make([]placed, 0, l.part)
	tx.ScanFrom(l.from, l.prefix, func(k, v []byte) bool {
		l.rows = append(l.rows, placed{bytes.Clone(k[len(l.prefix):]), v})
		return len(l.rows) < l.part
	})
	if len(l.rows) < l.part {
		l.from = nil
	} else {
		last := l.rows[len(l.rows)-1].place
		l.from = append(append(bytes.Clone(l.prefix), last...), 0)
	}
	return len(l.rows) > 0
}

// lanes are a heap: the one with the first row is at the top.
type lanes []*lane

// Len implements heap.Interface.
func (l lanes) Len() int { return len(l) }

// Less implements heap.Interface.
func (l lanes) Less(i, j int) bool { return bytes.Compare(l[i].rows[0].place, l[j].rows[0].place) < 0 }

// Swap implements heap.Interface.
func (l lanes) Swap(i, j int) { l[i], l[j] = l[j], l[i] }

// Push implements heap.Interface.
func (l *lanes) Push(x any) { *l = append(*l, x.(*lane)) }

// Pop implements heap.Interface.
func (l *lanes) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}
