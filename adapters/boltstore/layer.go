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
	shelves []*shelf // in order
	room    []row    // for rows
	slab    []byte   // room for values
	size    int      // bytes that were written

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

// newLayer has room for so many rows, and takes more.
func newLayer(rows int) *layer { return &layer{byKey: make(map[string]*row, rows)} }

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
		r = l.add(string(key), edition)
	case r.since == edition:
		r.value = value
		return
	case r.since > 0:
		was := r.version
		r.older = &was
	}
	r.value, r.since = value, edition
}

func (l *layer) add(key string, edition int) *row {
	if len(l.room) == 0 {
		l.room = make([]row, partSize)
	}
	r := &l.room[0]
	l.room = l.room[1:]
	r.key = key
	l.byKey[key] = r
	at, there := l.find(begin(key))
	if !there {
		l.shelves = slices.Insert(l.shelves, at, &shelf{begin: begin(key)})
	}
	s := l.shelves[at]
	if len(s.fresh) == 0 {
		s.since = edition
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
	for {
		key, value, fresh := l.look(from, prefix, edition)
		if fresh == nil {
			return key, value
		}
		l.mu.Lock()
		fresh.settle()
		l.mu.Unlock()
	}
}

// look is after, unless there is a shelf that must be settled before.
func (l *layer) look(from string, prefix []byte, edition int) (key, value []byte, fresh *shelf) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	n, _ := l.find(begin(from))
	for _, s := range l.shelves[n:] {
		if !s.has(prefix) {
			break
		}
		if len(s.fresh) > 0 && s.since <= edition {
			return nil, nil, s
		}
		for at := s.find(from); at.part < len(s.parts); at = s.next(at) {
			r := s.parts[at.part][at.row]
			if !strings.HasPrefix(r.key, string(prefix)) {
				return nil, nil, nil
			}
			if value, written := r.in(edition); written {
				return []byte(r.key), value, nil
			}
		}
	}
	return nil, nil, nil
}

// inOrder calls fn with every row as it is in the last edition, in order, until fn
// fails. No other is begun meanwhile.
func (l *layer) inOrder(fn func(key string, value []byte) error) error {
	for _, s := range l.shelves {
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

// find is the place of a shelf, and whether it is there.
func (l *layer) find(b [2]byte) (at int, there bool) {
	return slices.BinarySearchFunc(l.shelves, b, func(s *shelf, b [2]byte) int { return bytes.Compare(s.begin[:], b[:]) })
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
	begin [2]byte
	fresh []*row   // not in parts yet
	since int      // the edition of the first of them
	parts [][]*row // in order; none is empty
}

// has says whether there may be rows with a prefix.
func (s *shelf) has(prefix []byte) bool {
	return bytes.HasPrefix(s.begin[:], prefix[:min(len(prefix), len(s.begin))])
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
