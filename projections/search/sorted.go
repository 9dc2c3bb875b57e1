package search

import "slices"

// blockMax is how many members a block of a list has at most: a change moves no
// more than that.
const blockMax = 512

// list is a sorted list in blocks, so that a member comes in or goes in a
// microsecond, however many there are.
type list[T any] struct{ blocks [][]T }

// place is where in a list a member stands, or would.
type place struct{ block, at int }

// seek is the place of the first member that is not before what is looked for.
func (l *list[T]) seek(before func(T) bool) place {
	lo, hi := 0, len(l.blocks)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if b := l.blocks[mid]; before(b[len(b)-1]) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo == len(l.blocks) {
		return place{lo, 0}
	}
	b := l.blocks[lo]
	i, j := 0, len(b)
	for i < j {
		mid := int(uint(i+j) >> 1)
		if before(b[mid]) {
			i = mid + 1
		} else {
			j = mid
		}
	}
	return place{lo, i}
}

// at is the member at a place; ok is false at the end.
func (l *list[T]) at(p place) (v T, ok bool) {
	if p.block >= len(l.blocks) {
		return v, false
	}
	return l.blocks[p.block][p.at], true
}

// next is the place after a place with a member.
func (l *list[T]) next(p place) place {
	if p.at++; p.at >= len(l.blocks[p.block]) {
		return place{p.block + 1, 0}
	}
	return p
}

// insert puts a member at the place that seek gave for it.
func (l *list[T]) insert(p place, v T) {
	switch {
	case len(l.blocks) == 0:
		l.blocks = [][]T{{v}}
		return
	case p.block == len(l.blocks): // after all others
		last := p.block - 1
		if len(l.blocks[last]) < blockMax {
			l.blocks[last] = append(l.blocks[last], v)
		} else {
			l.blocks = append(l.blocks, []T{v})
		}
		return
	}
	b := slices.Insert(l.blocks[p.block], p.at, v)
	if len(b) <= blockMax {
		l.blocks[p.block] = b
		return
	}
	half := len(b) / 2
	upper := slices.Clone(b[half:])
	clear(b[half:])
	l.blocks[p.block] = slices.Clip(b[:half:half])
	l.blocks = slices.Insert(l.blocks, p.block+1, upper)
}

// remove takes the member at a place out.
func (l *list[T]) remove(p place) {
	b := slices.Delete(l.blocks[p.block], p.at, p.at+1)
	l.blocks[p.block] = b
	switch {
	case len(b) == 0:
		l.blocks = slices.Delete(l.blocks, p.block, p.block+1)
	case cap(b) > 8 && len(b) < cap(b)/4:
		l.blocks[p.block] = slices.Clone(b)
	}
}

func (l *list[T]) len() (n int) {
	for _, b := range l.blocks {
		n += len(b)
	}
	return n
}
