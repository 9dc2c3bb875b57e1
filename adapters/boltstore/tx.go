package boltstore

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"go.etcd.io/bbolt"
)

// errReadOnly fails a View whose function wrote.
var errReadOnly = errors.New("a view was written to")

// tx is one transaction on a store's rows. Writes are gathered and go into the
// file in key order, before the first scan that could see them or at the end: a
// row that a batch changes often is written once, and neighbours are written
// together. Not for more than one goroutine.
type tx struct {
	rows    *bbolt.Bucket
	guard   *guard
	pending map[string]int // what is not in rows yet: index in writes; nil: a View
	writes  []row
	slab    []byte // room for values
	err     error  // the first write that could not be done
}

const slabSize = 64 << 10

// fill is how full a page is left when it splits. Many rows are added at the end
// of their kind, where bbolt's own half would stay half for ever: with this a
// file is a fifth smaller, and rows that land between others cost no more.
const fill = 0.8

// Get implements projections.Tx.
func (t *tx) Get(key []byte) []byte {
	if i, ok := t.pending[string(key)]; ok {
		return t.writes[i].value
	}
	t.guard.outside = false
	v := t.rows.Get(key)
	t.guard.outside = true
	return v
}

// Put implements projections.Tx. Key and value may be used again afterwards.
func (t *tx) Put(key, value []byte) { t.write(key, t.keep(value)) }

// Delete implements projections.Tx.
func (t *tx) Delete(key []byte) { t.write(key, nil) }

func (t *tx) write(key, value []byte) {
	if t.pending == nil {
		t.fail(errReadOnly)
		return
	}
	if i, ok := t.pending[string(key)]; ok {
		t.writes[i].value = value
		return
	}
	k := string(key)
	t.pending[k] = len(t.writes)
	t.writes = append(t.writes, row{k, value})
}

// Scan implements projections.Tx.
func (t *tx) Scan(prefix []byte, fn func(key, value []byte) bool) { t.ScanFrom(prefix, prefix, fn) }

// ScanFrom implements projections.Tx. A scan inside fn must not follow a write in
// fn: it would move the pages under the outer one.
func (t *tx) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	t.guard.outside = false
	t.flush()
	c := t.rows.Cursor()
	for k, v := c.Seek(from); k != nil && bytes.HasPrefix(k, prefix); k, v = c.Next() {
		t.guard.outside = true
		if !fn(k, v) {
			return
		}
		t.guard.outside = false
	}
	t.guard.outside = true
}

// row is one write; a nil value deletes.
type row struct {
	key   string
	value []byte
}

// flush puts what was gathered into the file's pages.
func (t *tx) flush() {
	if len(t.pending) == 0 || t.err != nil {
		return
	}
	t.rows.FillPercent = fill
	for _, r := range inOrder(t.writes) {
		if r.value == nil {
			t.fail(t.rows.Delete([]byte(r.key)))
		} else {
			t.fail(t.rows.Put([]byte(r.key), r.value))
		}
	}
	clear(t.pending)
	t.writes = t.writes[:0]
}

// inOrder sorts by key, first by its first byte: rows of one kind are often in
// order already.
func inOrder(writes []row) []row {
	first := func(r row) byte {
		if r.key == "" {
			return 0
		}
		return r.key[0]
	}
	var ends [257]int // of the kind before, while it fills
	for _, r := range writes {
		ends[int(first(r))+1]++
	}
	for i := range 256 {
		ends[i+1] += ends[i]
	}
	sorted := make([]row, len(writes))
	for _, r := range writes {
		at := &ends[first(r)]
		sorted[*at] = r
		*at++
	}
	begin := 0
	for _, end := range ends[:256] {
		slices.SortFunc(sorted[begin:end], func(a, b row) int { return strings.Compare(a.key, b.key) })
		begin = end
	}
	return sorted
}

// keep copies a value to where it stays until the transaction ends. It never
// gives nil.
func (t *tx) keep(value []byte) []byte {
	if len(value) > slabSize/8 {
		return bytes.Clone(value)
	}
	if cap(t.slab)-len(t.slab) < len(value) || t.slab == nil {
		t.slab = make([]byte, 0, slabSize)
	}
	at := len(t.slab)
	t.slab = append(t.slab, value...)
	return t.slab[at:len(t.slab):len(t.slab)]
}

func (t *tx) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}
