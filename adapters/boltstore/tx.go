package boltstore

import (
	"bytes"
	"errors"
	"strings"

	"go.etcd.io/bbolt"
)

// errReadOnly fails a View whose function wrote.
var errReadOnly = errors.New("a view was written to")

// tx is one transaction on a store's rows. What it writes stays in memory and goes
// into the file at the end, in key order: a row that a batch changes often is written
// once, neighbours are written together, and the pages stay as they are under whoever
// scans. Not for more than one goroutine.
type tx struct {
	rows    *bbolt.Bucket
	guard   *guard
	pending *pending      // what is not in rows yet; nil: a View
	lookup  *bbolt.Cursor // of Get, for bbolt's own makes one each time
	slab    []byte        // room for values
	err     error         // the first write that could not be done
}

const slabSize = 64 << 10

// fill is how full a page is left when it splits. Many rows are added at the end
// of their kind, where bbolt's own half would stay half for ever: with this a
// file is a fifth smaller, and rows that land between others cost no more.
const fill = 0.8

// Get implements projections.Tx.
func (t *tx) Get(key []byte) []byte {
	if r := t.pending.get(key); r != nil {
		return r.value
	}
	t.guard.outside = false
	if t.lookup == nil {
		t.lookup = t.rows.Cursor()
	}
	k, v := t.lookup.Seek(key)
	t.guard.outside = true
	if k == nil || !bytes.Equal(k, key) {
		return nil
	}
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
	t.pending.set(key, value)
}

// Scan implements projections.Tx.
func (t *tx) Scan(prefix []byte, fn func(key, value []byte) bool) { t.ScanFrom(prefix, prefix, fn) }

// ScanFrom implements projections.Tx. fn may scan and write: what it writes behind the
// key that it was given is scanned, too.
func (t *tx) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	t.guard.outside = false
	stored := t.rows.Cursor()
	k, v := stored.Seek(from)
	t.guard.outside = true
	w, writes := t.pending.after(string(from), prefix), t.pending.len()
	for {
		if k != nil && !bytes.HasPrefix(k, prefix) {
			k = nil
		}
		if k == nil && w == nil {
			return
		}
		order := 0 // of the next key in the file and the next that was written
		if k != nil && w != nil {
			order = strings.Compare(string(k), w.key)
		}
		inFile, written := w == nil || k != nil && order <= 0, k == nil || w != nil && order >= 0
		key, value := k, v
		if written {
			key, value = []byte(w.key), w.value
		}
		if deleted := written && value == nil; !deleted && !fn(key, value) {
			return
		}
		if written || writes != t.pending.len() {
			w, writes = t.pending.after(string(key)+"\x00", prefix), t.pending.len()
		}
		if inFile {
			t.guard.outside = false
			k, v = stored.Next()
			t.guard.outside = true
		}
	}
}

// flush puts what is pending into the file's pages.
func (t *tx) flush() {
	t.rows.FillPercent = fill
	var key []byte // bbolt keeps a copy of its own
	for _, s := range t.pending.within(nil) {
		for _, r := range s.inOrder() {
			if t.err != nil {
				return
			}
			if key = append(key[:0], r.key...); r.value == nil {
				t.fail(t.rows.Delete(key))
			} else {
				t.fail(t.rows.Put(key, r.value))
			}
		}
	}
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
