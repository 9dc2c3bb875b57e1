package ledger

import (
	"bytes"
	"container/heap"
	"maps"
	"slices"
	"strings"
	"sync"

	"huisboek/events"
)

// overlay is the book's rows: what is in the file, below what has been folded
// since the file was last written. Decisions must see every record at once, while
// one file transaction per record would cost more than everything else; so
// records are folded into memory and the file follows some milliseconds later.
// Nothing depends on the file being up to date: after a crash the tail of the
// stream is folded again from the file's checkpoint.
type overlay struct {
	store Store

	// mu is held shared by a reader for as long as its file transaction is open,
	// and exclusively to fold and to swap layers. Thus no reader can have an old
	// file snapshot and at the same time a layer whose content just moved there.
	mu       sync.RWMutex
	dirty    layer // folded, not being written
	flushing layer // being written by flush, nil otherwise
	changes  int   // rows in dirty; one that changed twice counts twice
	tip      events.Checkpoint

	writing sync.Mutex // held while the file is written: one at a time
}

// layer holds changed rows; a nil value is a deleted row. The first key is the
// scope, so that a scan looks only at what can be in it.
type layer map[string]map[string][]byte

// scopeOf is the part of a key that every scan names in full: for the rows of an
// employer the prefix up to the row kind, for all others the first byte.
func scopeOf(key []byte) string {
	if key[0] == rowEmployer {
		if i := bytes.IndexByte(key, 0); i >= 0 && i+1 < len(key) {
			return string(key[:i+2])
		}
	}
	if key[0] == rowSubject && len(key) >= 1+subjectSize {
		return string(key[:1+subjectSize])
	}
	return string(key[:1])
}

func (l layer) get(key []byte) (value []byte, ok bool) {
	value, ok = l[scopeOf(key)][string(key)]
	return value, ok
}

func (l layer) set(key, value []byte) {
	s := scopeOf(key)
	rows := l[s]
	if rows == nil {
		rows = make(map[string][]byte)
		l[s] = rows
	}
	rows[string(key)] = value
}

// absorb takes over everything of a newer layer.
func (l layer) absorb(newer layer) {
	for s, rows := range newer {
		if old := l[s]; old != nil {
			maps.Copy(old, rows)
		} else {
			l[s] = rows
		}
	}
}

func (l layer) clone() layer {
	out := make(layer, len(l))
	for s, rows := range l {
		out[s] = maps.Clone(rows)
	}
	return out
}

func (l layer) size() int {
	n := 0
	for _, rows := range l {
		n += len(rows)
	}
	return n
}

// view runs fn on a state that does not change meanwhile.
func (o *overlay) view(fn func(tx Tx, at events.Checkpoint) error) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.store.View(func(base Tx, _ events.Checkpoint) error {
		return fn(&layered{base: base, layers: []layer{o.dirty, o.flushing}}, o.tip)
	})
}

// try runs fn on the rows with a fresh layer on top, and gives that layer back.
// Nobody else sees it until keep is called; dropping it undoes everything.
func (o *overlay) try(fn func(tx Tx, at events.Checkpoint) error) (layer, error) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	top := layer{}
	err := o.store.View(func(base Tx, _ events.Checkpoint) error {
		return fn(&layered{base: base, layers: []layer{top, o.dirty, o.flushing}, top: top}, o.tip)
	})
	return top, err
}

// dream is try on a snapshot that is forgotten: fn may take long, for nobody waits
// for it.
func (o *overlay) dream(fn func(tx Tx, at events.Checkpoint) error) error {
	o.mu.RLock()
	locked := true
	defer func() {
		if locked {
			o.mu.RUnlock()
		}
	}()
	return o.store.View(func(base Tx, _ events.Checkpoint) error {
		top := layer{}
		layers, at := []layer{top, o.dirty.clone(), o.flushing.clone()}, o.tip
		o.mu.RUnlock()
		locked = false
		return fn(&layered{base: base, layers: layers, top: top}, at)
	})
}

// keep makes a tried layer part of the book.
func (o *overlay) keep(top layer, tip events.Checkpoint) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.dirty == nil {
		o.dirty = layer{}
	}
	o.changes += top.size()
	o.dirty.absorb(top)
	o.tip = tip
}

// flush writes what was folded so far to the file in one transaction with its
// checkpoint.
func (o *overlay) flush() error {
	o.writing.Lock()
	defer o.writing.Unlock()
	o.mu.Lock()
	if len(o.dirty) == 0 {
		o.mu.Unlock()
		return nil
	}
	o.flushing, o.dirty, o.changes = o.dirty, nil, 0
	rows, tip := o.flushing, o.tip
	o.mu.Unlock()

	err := o.store.Update(tip, func(tx Tx) error {
		for _, s := range slices.Sorted(maps.Keys(rows)) {
			for _, k := range slices.Sorted(maps.Keys(rows[s])) {
				if v := rows[s][k]; v == nil {
					tx.Delete([]byte(k))
				} else {
					tx.Put([]byte(k), v)
				}
			}
		}
		return nil
	})

	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil { // keep them in memory: the answers stay right, and the next flush tries again
		newer := o.dirty
		o.dirty = rows
		o.dirty.absorb(newer)
		o.changes = o.dirty.size()
	}
	o.flushing = nil
	return err
}

// pending is about the number of rows not yet in the file.
func (o *overlay) pending() int {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.changes
}

// layered is a Tx over layers and the file. Writes go to top.
type layered struct {
	base   Tx
	layers []layer // newest first
	top    layer   // nil for readers
}

func (t *layered) Get(key []byte) []byte {
	for _, l := range t.layers {
		if v, ok := l.get(key); ok {
			return v
		}
	}
	return t.base.Get(key)
}

func (t *layered) Put(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	t.top.set(bytes.Clone(key), value)
}

func (t *layered) Delete(key []byte) { t.top.set(bytes.Clone(key), nil) }

func (t *layered) Scan(prefix []byte, fn func(k, v []byte) bool) { t.ScanFrom(prefix, prefix, fn) }

// ScanFrom merges the changed rows of the scope with the file's in key order.
func (t *layered) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	changed := t.changed(from, prefix)
	goOn := true
	emit := func(until []byte) { // the changed rows before a key of the file
		for goOn && len(changed) > 0 && (until == nil || changed[0].key < string(until)) {
			if c := changed.take(); c.value != nil {
				goOn = fn([]byte(c.key), c.value)
			}
		}
	}
	t.base.ScanFrom(from, prefix, func(k, v []byte) bool {
		emit(k)
		if !goOn {
			return false
		}
		if len(changed) > 0 && changed[0].key == string(k) {
			if v = changed.take().value; v == nil {
				return true
			}
		}
		goOn = fn(k, v)
		return goOn
	})
	emit(nil)
}

// changed are the changed rows of a scan, in the order of a heap: most scans stop
// after the first few, and an employer that many report on at once has many.
func (t *layered) changed(from, prefix []byte) rowHeap {
	scope := scopeOf(prefix)
	var rows rowHeap
	for age, l := range t.layers {
		for k, v := range l[scope] {
			if k >= string(from) && strings.HasPrefix(k, string(prefix)) {
				rows = append(rows, row{k, v, age})
			}
		}
	}
	heap.Init(&rows)
	return rows
}

// row is a changed row; age is the place of its layer, 0 the newest.
type row struct {
	key   string
	value []byte
	age   int
}

// rowHeap has the lowest key first, and of one key the newest row.
type rowHeap []row

func (h rowHeap) Len() int      { return len(h) }
func (h rowHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }
func (h rowHeap) Less(i, j int) bool {
	return h[i].key < h[j].key || h[i].key == h[j].key && h[i].age < h[j].age
}
func (h *rowHeap) Push(x any) { *h = append(*h, x.(row)) }

// Pop implements heap.Interface.
func (h *rowHeap) Pop() any {
	old := *h
	last := old[len(old)-1]
	*h = old[:len(old)-1]
	return last
}

// take takes the first row, and drops the older ones of its key.
func (h *rowHeap) take() row {
	first := heap.Pop(h).(row)
	for len(*h) > 0 && (*h)[0].key == first.key {
		heap.Pop(h)
	}
	return first
}
