package boltstore

import (
	"slices"
	"strings"
)

// pending is what a transaction wrote, the last write of each key. Rows stand on
// shelves, by how their keys begin, in the order in which they came: only a scan
// needs another, and few kinds of rows are scanned by who writes.
type pending struct {
	byKey   map[string]*row
	shelves map[[2]byte]*shelf
	room    []row // for rows
}

// row is one write; a nil value deletes.
type row struct {
	key   string
	value []byte
}

func newPending() *pending {
	return &pending{byKey: map[string]*row{}, shelves: map[[2]byte]*shelf{}}
}

// get is the last write of a key, nil when there is none, as there is none in a nil pending.
func (p *pending) get(key []byte) *row {
	if p == nil {
		return nil
	}
	return p.byKey[string(key)]
}

// len is how many keys were written.
func (p *pending) len() int {
	if p == nil {
		return 0
	}
	return len(p.byKey)
}

// set takes the place of the last write of a key.
func (p *pending) set(key, value []byte) {
	if r := p.byKey[string(key)]; r != nil {
		r.value = value
		return
	}
	if len(p.room) == 0 {
		p.room = make([]row, partSize)
	}
	r := &p.room[0]
	p.room = p.room[1:]
	*r = row{string(key), value}
	p.byKey[r.key] = r
	s := p.shelves[begin(key)]
	if s == nil {
		s = &shelf{}
		p.shelves[begin(key)] = s
	}
	s.fresh = append(s.fresh, r)
}

// begin is the shelf of a key.
func begin(key []byte) (b [2]byte) {
	copy(b[:], key)
	return b
}

// within is the shelves that have rows with a prefix, in order.
func (p *pending) within(prefix []byte) (list []*shelf) {
	if p == nil {
		return nil
	}
	if len(prefix) >= 2 {
		if s := p.shelves[begin(prefix)]; s != nil {
			list = append(list, s)
		}
		return list
	}
	var begins [][2]byte
	for b := range p.shelves {
		if len(prefix) == 0 || b[0] == prefix[0] {
			begins = append(begins, b)
		}
	}
	slices.SortFunc(begins, func(a, b [2]byte) int { return slices.Compare(a[:], b[:]) })
	for _, b := range begins {
		list = append(list, p.shelves[b])
	}
	return list
}

// after is the first row with a prefix that is not before a key, nil when there is
// none.
func (p *pending) after(from string, prefix []byte) *row {
	for _, s := range p.within(prefix) {
		s.settle()
		if at := s.find(from); at.part < len(s.parts) {
			if r := s.parts[at.part][at.row]; strings.HasPrefix(r.key, string(prefix)) {
				return r
			}
			return nil
		}
	}
	return nil
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

// inOrder is all rows in order.
func (s *shelf) inOrder() []*row {
	list := s.fresh
	for _, part := range s.parts {
		list = append(list, part...)
	}
	slices.SortFunc(list, func(a, b *row) int { return strings.Compare(a.key, b.key) })
	return list
}

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
