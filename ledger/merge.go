package ledger

import (
	"bytes"
	"slices"
)

// mergeRows calls fn with the rows of one kind of several employers, in the order
// of what stands behind the employer in their keys, from a place on (nil: all),
// until fn returns false; rows that skip knows (nil: none) are passed over. Of one
// employer it is a scan, and no more.
func mergeRows(tx Tx, kind byte, employers []string, from []byte, skip func(v []byte) bool, fn func(employer string, k, v []byte) bool) {
	if len(employers) == 1 {
		prefix := employerKey(employers[0], kind)
		tx.ScanFrom(append(prefix, from...), prefix, func(k, v []byte) bool {
			return skip != nil && skip(v) || fn(employers[0], k, v)
		})
		return
	}
	var lanes []*lane // the one with the first row first
	for _, employer := range employers {
		prefix := employerKey(employer, kind)
		l := &lane{employer: employer, prefix: prefix, from: append(bytes.Clone(prefix), from...), skip: skip}
		if l.fill(tx) {
			lanes = append(lanes, l)
		}
	}
	slices.SortFunc(lanes, (*lane).compare)
	for len(lanes) > 0 {
		first := lanes[0]
		if !fn(first.employer, first.rows[0].key, first.rows[0].value) {
			return
		}
		lanes = lanes[1:]
		if first.rows = first.rows[1:]; len(first.rows) > 0 || first.fill(tx) {
			at, _ := slices.BinarySearchFunc(lanes, first, (*lane).compare)
			lanes = slices.Insert(lanes, at, first)
		}
	}
}

// lane is the rows of one employer that were not merged yet: some that were read,
// and where to read on. A store scans one prefix at a time, so they are read in
// parts, of which each is twice as long as the one before.
type lane struct {
	employer     string
	prefix, from []byte // from is nil when everything was read
	skip         func(v []byte) bool
	rows         []struct{ key, value []byte }
	part         int
}

const (
	firstPart = 4
	maxPart   = 256
)

// fill reads on when nothing is left; false says that there is no more.
func (l *lane) fill(tx Tx) bool {
	if l.from == nil {
		return false
	}
	from := l.from
	l.part, l.rows, l.from = min(maxPart, max(firstPart, 2*l.part)), nil, nil
	tx.ScanFrom(from, l.prefix, func(k, v []byte) bool {
		if l.skip != nil && l.skip(v) {
			return true
		}
		l.rows = append(l.rows, struct{ key, value []byte }{bytes.Clone(k), v})
		if len(l.rows) == l.part {
			l.from = append(bytes.Clone(k), 0)
		}
		return l.from == nil
	})
	return len(l.rows) > 0
}

func (l *lane) compare(o *lane) int {
	return bytes.Compare(l.rows[0].key[len(l.prefix):], o.rows[0].key[len(o.prefix):])
}
