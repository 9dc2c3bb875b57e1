package ledger

import (
	"bytes"
	"maps"
	"slices"
	"sort"
	"sync"
	"sync/atomic"

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

	// standing are the rows of the file that every decision asks for: they are few. It
	// is never changed, but replaced with the layers; nil until they were first read.
	standing atomic.Pointer[layer]

	writing sync.Mutex // held while the file is written: one at a time
}

// layer holds changed rows by scope, so that a scan looks only at what can be in it.
type layer map[string]*scope

// scope holds the changed rows of one scope; a nil value is a deleted row.
type scope struct {
	rows map[string][]byte
	keys []string // of rows, in order: a scan seeks
}

func (s *scope) set(key string, value []byte) {
	if _, ok := s.rows[key]; !ok {
		s.insert(key)
	}
	s.rows[key] = value
}

// insert puts keys that are not there yet, in order themselves, among the others:
// from the last one on, each behind what moves up for it.
func (s *scope) insert(fresh ...string) {
	end := len(s.keys)
	s.keys = append(s.keys, fresh...)
	for i, key := range slices.Backward(fresh) {
		at, _ := slices.BinarySearch(s.keys[:end], key)
		copy(s.keys[at+i+1:], s.keys[at:end])
		s.keys[at+i], end = key, at
	}
}

// absorb takes over everything of a newer one.
func (s *scope) absorb(newer *scope) {
	var fresh []string
	for _, k := range newer.keys {
		if _, ok := s.rows[k]; !ok {
			fresh = append(fresh, k)
		}
	}
	s.insert(fresh...)
	maps.Copy(s.rows, newer.rows)
}

// scopeOf is the part of a key that every scan names in full: for the rows of an
// employer the prefix up to the row kind, of a subject, a count or what was confirmed
// whose it is, for all others the first byte.
func scopeOf(key []byte) []byte {
	if key[0] == rowEmployer {
		if i := bytes.IndexByte(key, 0); i >= 0 && i+1 < len(key) {
			return key[:i+2]
		}
	}
	n := 1
	switch key[0] {
	case rowSubject:
		n += subjectSize
	case rowPartnerCount:
		n += 16
	case rowManagerCount, rowConfirmed:
		n += 8
	}
	if len(key) < n {
		n = 1
	}
	return key[:n]
}

// get looks in the scope of a key.
func (l layer) get(of, key []byte) (value []byte, ok bool) {
	if len(l) == 0 {
		return nil, false
	}
	if s := l[string(of)]; s != nil {
		value, ok = s.rows[string(key)]
	}
	return value, ok
}

func (l layer) set(key, value []byte) {
	of := scopeOf(key)
	s := l[string(of)]
	if s == nil {
		s = &scope{rows: make(map[string][]byte)}
		l[string(of)] = s
	}
	s.set(string(key), value)
}

// absorb takes over everything of a newer layer.
func (l layer) absorb(newer layer) {
	for of, s := range newer {
		if old := l[of]; old != nil {
			old.absorb(s)
		} else {
			l[of] = s
		}
	}
}

func (l layer) clone() layer {
	out := make(layer, len(l))
	for of, s := range l {
		out[of] = &scope{maps.Clone(s.rows), slices.Clone(s.keys)}
	}
	return out
}

func (l layer) size() int {
	n := 0
	for _, s := range l {
		n += len(s.keys)
	}
	return n
}

// stands are the kinds of rows that are kept in memory altogether.
func stands(kind byte) bool { return kind == rowAgreement || kind == rowHeir || kind == rowPartner }

// standingIn reads the rows that are kept in memory, when nobody did so before. Called
// with mu held.
func (o *overlay) standingIn(base Tx) layer {
	if l := o.standing.Load(); l != nil {
		return *l
	}
	l := layer{}
	for _, kind := range []byte{rowAgreement, rowHeir, rowPartner} {
		base.Scan([]byte{kind}, func(k, v []byte) bool {
			l.set(k, bytes.Clone(v))
			return true
		})
	}
	o.standing.CompareAndSwap(nil, &l)
	return l
}

// follow takes over what was written of the rows that are kept in memory. Called with
// mu held exclusively.
func (o *overlay) follow(rows layer) {
	was := o.standing.Load()
	if was == nil {
		return
	}
	var now layer
	for of, s := range rows {
		if !stands(of[0]) {
			continue
		}
		if now == nil {
			now = was.clone()
		}
		for _, k := range s.keys {
			now.set([]byte(k), s.rows[k])
		}
	}
	if now != nil {
		o.standing.Store(&now)
	}
}

// view runs fn on a state that does not change meanwhile.
func (o *overlay) view(fn func(tx Tx, at events.Checkpoint) error) error {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.store.View(func(base Tx, _ events.Checkpoint) error {
		return fn(&layered{base: base, standing: o.standingIn(base), layers: []layer{o.dirty, o.flushing}}, o.tip)
	})
}

// try runs fn on the rows with a fresh layer on top, and gives that layer back.
// Nobody else sees it until keep is called; dropping it undoes everything. It is for
// the owner of the tip alone: what it reads only keep changes, and that is the owner's,
// too. So nobody waits for it, however long fn takes.
func (o *overlay) try(fn func(tx Tx, at events.Checkpoint) error) (layer, error) {
	top := layer{}
	return top, o.apart(top, func() []layer { return []layer{top, o.dirty, o.flushing} }, fn)
}

// dream is try for everybody, on a snapshot that is forgotten.
func (o *overlay) dream(fn func(tx Tx, at events.Checkpoint) error) error {
	top := layer{}
	return o.apart(top, func() []layer { return []layer{top, o.dirty.clone(), o.flushing} }, fn)
}

// apart runs fn on the layers as they are when it begins, holding nobody up. What is
// being written to the file is not changed any more.
func (o *overlay) apart(top layer, layers func() []layer, fn func(tx Tx, at events.Checkpoint) error) error {
	o.mu.RLock()
	free := sync.OnceFunc(o.mu.RUnlock)
	defer free()
	return o.store.View(func(base Tx, _ events.Checkpoint) error {
		tx, at := &layered{base: base, standing: o.standingIn(base), layers: layers(), top: top}, o.tip
		free()
		return fn(tx, at)
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
		for _, of := range slices.Sorted(maps.Keys(rows)) {
			for _, k := range rows[of].keys {
				if v := rows[of].rows[k]; v == nil {
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
		o.dirty = rows.clone() // somebody may be reading rows
		o.dirty.absorb(newer)
		o.changes = o.dirty.size()
	} else {
		o.follow(rows)
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
	base     Tx
	standing layer   // in the place of base for the kinds that it has
	layers   []layer // newest first
	top      layer   // nil for readers
}

// scanBase scans the rows under the layers.
func (t *layered) scanBase(from, prefix []byte, fn func(k, v []byte) bool) {
	if !stands(prefix[0]) {
		t.base.ScanFrom(from, prefix, fn)
		return
	}
	c := changes(nil).with(t.standing, scopeOf(prefix), from, prefix)
	if len(c) == 0 {
		return
	}
	for _, k := range c[0].keys {
		if v := c[0].rows[k]; v != nil && !fn([]byte(k), v) {
			return
		}
	}
}

func (t *layered) Get(key []byte) []byte {
	of := scopeOf(key)
	for _, l := range t.layers {
		if v, ok := l.get(of, key); ok {
			return v
		}
	}
	if stands(key[0]) {
		v, _ := t.standing.get(of, key)
		return v
	}
	return t.base.Get(key)
}

func (t *layered) Put(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	t.top.set(key, value)
}

func (t *layered) Delete(key []byte) { t.top.set(key, nil) }

func (t *layered) Scan(prefix []byte, fn func(k, v []byte) bool) { t.ScanFrom(prefix, prefix, fn) }

// ScanFrom merges the changed rows of the scope with the file's in key order.
func (t *layered) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	changed := t.changed(from, prefix)
	if len(changed) == 0 {
		t.scanBase(from, prefix, fn)
		return
	}
	goOn := true
	emit := func(until []byte) { // the changed rows before a key of the file
		for goOn {
			first := changed.first()
			if first == nil || until != nil && first.keys[0] >= string(until) {
				return
			}
			if k, v := changed.take(first); v != nil {
				goOn = fn([]byte(k), v)
			}
		}
	}
	t.scanBase(from, prefix, func(k, v []byte) bool {
		emit(k)
		if !goOn {
			return false
		}
		if first := changed.first(); first != nil && first.keys[0] == string(k) {
			if _, v = changed.take(first); v == nil {
				return true
			}
		}
		goOn = fn(k, v)
		return goOn
	})
	emit(nil)
}

// changes is where a scan is in each layer that has changed rows for it, newest first.
type changes []change

type change struct {
	rows map[string][]byte
	keys []string // that were not scanned yet
}

func (t *layered) changed(from, prefix []byte) (c changes) {
	of := scopeOf(prefix)
	for _, l := range t.layers {
		c = c.with(l, of, from, prefix)
	}
	return c
}

// with adds where a scan is in a layer, when that has rows for it.
func (c changes) with(l layer, of, from, prefix []byte) changes {
	if len(l) == 0 {
		return c
	}
	s := l[string(of)]
	if s == nil {
		return c
	}
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	begin := sort.Search(len(s.keys), func(i int) bool { return s.keys[i] >= string(from) })
	n := sort.Search(len(s.keys)-begin, func(i int) bool { // within the prefix, or behind it
		k := s.keys[begin+i]
		return len(k) < len(prefix) || k[:len(prefix)] != string(prefix)
	})
	if n > 0 {
		c = append(c, change{s.rows, s.keys[begin : begin+n]})
	}
	return c
}

// first is where the lowest key is, and of one key the newest row; nil at the end.
func (c changes) first() (first *change) {
	for i := range c {
		if len(c[i].keys) > 0 && (first == nil || c[i].keys[0] < first.keys[0]) {
			first = &c[i]
		}
	}
	return first
}

// take takes the first row, and drops the older ones of its key.
func (c changes) take(first *change) (key string, value []byte) {
	key = first.keys[0]
	for i := range c {
		if o := &c[i]; len(o.keys) > 0 && o.keys[0] == key {
			o.keys = o.keys[1:]
		}
	}
	return key, first.rows[key]
}
