package boltstore

import (
	"bytes"
	"slices"
	"strings"
	"sync"

	"huisboek/events"
)

// layer is rows above those of a file: what one or more Updates wrote and the file
// does not have yet. Each Update is an edition of it, and a row keeps what it was in
// every edition: who reads an edition sees no later one, while one goroutine writes.
// A layer is shared, and what is read from it is never overwritten.
//
// Rows stand on shelves, by how their keys begin, in the order in which they came:
// only a scan needs another, and few kinds of rows are scanned by who writes.
type layer struct {
	mu      sync.RWMutex // guards what follows
	byKey   map[string]*row
	shelves map[[2]byte]*shelf
	room    []row  // for rows
	slab    []byte // room for values
	size    int    // bytes that were written

	// Of who joins the editions: see behind.
	edition int               // the last that is whole
	to      events.Checkpoint // that it came to
}

// row is what was written of a key.
type row struct {
	key string
	version
}

// version is a row from an edition on; a nil value deletes. There is none before
// the first edition, which is 1.
type version struct {
	value []byte
	since int
	older *version
}

const slabSize = 64 << 10

func newLayer() *layer {
	return &layer{byKey: map[string]*row{}, shelves: map[[2]byte]*shelf{}}
}

// in is the row in an edition; false when nothing was written until then.
func (r *row) in(edition int) (value []byte, written bool) {
	for v := &r.version; v != nil; v = v.older {
		if v.since <= edition {
			return v.value, v.since > 0
		}
	}
	return nil, false
}

// get is what was written last of a key up to an edition; written is false when
// nothing was.
func (l *layer) get(key []byte, edition int) (value []byte, written bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if r := l.byKey[string(key)]; r != nil {
		return r.in(edition)
	}
	return nil, false
}

// set writes a row in an edition that is not whole yet; a nil value deletes. Key and
// value may be used again afterwards.
func (l *layer) set(key, value []byte, edition int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.size += len(key) + len(value)
	if value != nil {
		value = l.keep(value)
	}
	r := l.byKey[string(key)]
	switch {
	case r == nil:
		r = l.add(string(key))
	case r.since == edition:
		r.value = value
		return
	case r.since > 0:
		was := r.version
		r.older = &was
	}
	r.value, r.since = value, edition
}

func (l *layer) add(key string) *row {
	if len(l.room) == 0 {
		l.room = make([]row, partSize)
	}
	r := &l.room[0]
	l.room = l.room[1:]
	r.key = key
	l.byKey[key] = r
	s := l.shelves[begin(key)]
	if s == nil {
		s = &shelf{}
		l.shelves[begin(key)] = s
	}
	s.fresh = append(s.fresh, r)
	return r
}

// keep copies a value to where it stays. It never gives nil.
func (l *layer) keep(value []byte) []byte {
	if len(value) > slabSize/8 {
		return bytes.Clone(value)
	}
	if cap(l.slab)-len(l.slab) < len(value) || l.slab == nil {
		l.slab = make([]byte, 0, slabSize)
	}
	at := len(l.slab)
	l.slab = append(l.slab, value...)
	return l.slab[at:len(l.slab):len(l.slab)]
}

// undo takes back an edition that did not become whole. It was the last.
func (l *layer) undo(edition int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, r := range l.byKey {
		switch {
		case r.since != edition:
		case r.older == nil:
			r.version = version{}
		default:
			r.version = *r.older
		}
	}
}

// after is the first row with a prefix that is not before a key and was written, or
// deleted, up to an edition; nil key when there is none.
func (l *layer) after(from string, prefix []byte, edition int) (key, value []byte) {
	l.settle(prefix)
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, s := range l.within(prefix) {
		for at := s.find(from); at.part < len(s.parts); at = s.next(at) {
			r := s.parts[at.part][at.row]
			if !strings.HasPrefix(r.key, string(prefix)) {
				return nil, nil
			}
			if value, written := r.in(edition); written {
				return []byte(r.key), value
			}
		}
	}
	return nil, nil
}

// settle puts the rows with a prefix in order. Those that come later are of a later
// edition than who called it reads.
func (l *layer) settle(prefix []byte) {
	l.mu.RLock()
	settled := !slices.ContainsFunc(l.within(prefix), func(s *shelf) bool { return len(s.fresh) > 0 })
	l.mu.RUnlock()
	if settled {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.within(prefix) {
		s.settle()
	}
}

// inOrder calls fn with every row as it is in the last edition, in order, until fn
// fails. No other is begun meanwhile.
func (l *layer) inOrder(fn func(key string, value []byte) error) error {
	l.mu.RLock()
	all := l.within(nil)
	l.mu.RUnlock()
	for _, s := range all {
		l.mu.RLock()
		list := s.all()
		l.mu.RUnlock()
		slices.SortFunc(list, func(a, b *row) int { return strings.Compare(a.key, b.key) })
		for _, r := range list {
			value, written := r.in(l.edition)
			if !written {
				continue
			}
			if err := fn(r.key, value); err != nil {
				return err
			}
		}
	}
	return nil
}

// within is the shelves that have rows with a prefix, in order.
func (l *layer) within(prefix []byte) (list []*shelf) {
	if len(l.byKey) == 0 {
		return nil
	}
	if len(prefix) >= 2 {
		if s := l.shelves[begin(prefix)]; s != nil {
			list = append(list, s)
		}
		return list
	}
	var begins [][2]byte
	for b := range l.shelves {
		if len(prefix) == 0 || b[0] == prefix[0] {
			begins = append(begins, b)
		}
	}
	slices.SortFunc(begins, func(a, b [2]byte) int { return slices.Compare(a[:], b[:]) })
	for _, b := range begins {
		list = append(list, l.shelves[b])
	}
	return list
}

// begin is the shelf of a key.
func begin[K string | []byte](key K) (b [2]byte) {
	copy(b[:], key)
	return b
}

// partSize is how many rows a part of a shelf has at most: few enough to move at
// every insertion, and many enough that the parts themselves are few.
const partSize = 128

// shelf is rows of a kind. Those that were scanned stand in parts that split when
// they are full, so that one more costs the same among ten and among a million.
type shelf struct {
	fresh []*row   // not in parts yet
	parts [][]*row // in order; none is empty
}

// settle puts the fresh rows in their places.
func (s *shelf) settle() {
	for _, r := range s.fresh {
		s.insert(r)
	}
	s.fresh = s.fresh[:0]
}

// all is a list of all rows, in no order.
func (s *shelf) all() []*row { return slices.Concat(append(slices.Clip(s.parts), s.fresh)...) }

func (s *shelf) insert(r *row) {
	at := s.find(r.key)
	if at.part == len(s.parts) { // behind everything
		if at.part == 0 || len(s.parts[at.part-1]) == partSize {
			s.parts = append(s.parts, append(make([]*row, 0, partSize), r))
			return
		}
		at.part--
		at.row = len(s.parts[at.part])
	}
	if part := s.parts[at.part]; len(part) == partSize {
		half := append(make([]*row, 0, partSize), part[partSize/2:]...)
		s.parts[at.part] = part[:partSize/2]
		s.parts = slices.Insert(s.parts, at.part+1, half)
		if at.row > partSize/2 {
			at = place{at.part + 1, at.row - partSize/2}
		}
	}
	s.parts[at.part] = slices.Insert(s.parts[at.part], at.row, r)
}

// place is where a row stands on a shelf.
type place struct{ part, row int }

// find is the place of the first row that is not before a key.
func (s *shelf) find(key string) (at place) {
	at.part, _ = slices.BinarySearchFunc(s.parts, key, func(part []*row, key string) int {
		return strings.Compare(part[len(part)-1].key, key)
	})
	if at.part < len(s.parts) {
		at.row, _ = slices.BinarySearchFunc(s.parts[at.part], key, func(r *row, key string) int { return strings.Compare(r.key, key) })
	}
	return at
}

// next is the place behind another.
func (s *shelf) next(at place) place {
	if at.row++; at.row == len(s.parts[at.part]) {
		return place{part: at.part + 1}
	}
	return at
}
