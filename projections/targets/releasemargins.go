package targets

import (
	"math/bits"
	"slices"
)

// margins hides more of the classes of a batch, until nothing can be found by
// subtracting them from what everybody may count by partner, month, sector, kind,
// level and subregion: wherever something is released, what is left of all there was
// to release is nothing, or at least five, for each reader.
//
// One walk over the sets of dimensions is enough: a class that is hidden from one place
// only adds to what is left at others, and by itself it is at least five.
func margins(all []*entry, classes []group) []group {
	classes = merged(classes)
	m := newMargins(all, classes)
	for _, mask := range m.masks() {
		m.check(mask)
	}
	return merged(classes)
}

// marginal counts by readers: first the outsider, then each partner that has part in
// anything, of what it has no part in.
type marginal struct {
	classes []group
	readers int
	place   map[int32]int // of partners among the readers
	things  []marginThing
	of      [][]int32 // by class and reader
	at      map[uint64]int32
	all     []int32 // by place and reader
	shown   []int32
	members [][]int32 // classes by place
	varies  int       // dimensions that do
}

type marginThing struct {
	keys [dims]uint64
	who  []int32 // readers
}

func newMargins(all []*entry, classes []group) *marginal {
	m := &marginal{classes: classes, readers: 1, place: map[int32]int{}, at: map[uint64]int32{}}
	var first *entry
	for _, e := range all {
		if e.kind != adds {
			continue
		}
		if first == nil {
			first = e
		}
		t := marginThing{who: make([]int32, 0, len(e.who))}
		for d, v := range e.values {
			if plainMask>>d&1 == 1 {
				t.keys[d] = mix(d, v)
				if v != first.values[d] {
					m.varies |= 1 << d
				}
			}
		}
		for _, p := range e.who {
			t.who = append(t.who, int32(m.reader(p)))
		}
		m.things = append(m.things, t)
	}
	var who []int32
	for i := range classes {
		of := make([]int32, m.readers)
		for _, e := range classes[i].list {
			if e.kind == adds {
				who = who[:0]
				for _, p := range e.who {
					who = append(who, int32(m.reader(p)))
				}
				tell(of, who)
			}
		}
		m.of = append(m.of, of)
	}
	return m
}

// reader is a partner's place among the readers.
func (m *marginal) reader(p int32) int {
	i, ok := m.place[p]
	if !ok {
		i = m.readers
		m.place[p], m.readers = i, m.readers+1
	}
	return i
}

// tell counts one thing for each reader that has no part in it.
func tell(of []int32, who []int32) {
	for i := range of {
		of[i]++
	}
	for _, p := range who {
		of[p]--
	}
}

// mix is a number for a value of a dimension; those of several are taken together by
// exclusive or.
func mix(d int, v int32) uint64 {
	x := uint64(d+1)<<40 ^ uint64(uint32(v))
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// masks are the sets of plain dimensions that are known of any class; where one says
// more of another, only those with both.
func (m *marginal) masks() (list []int) {
	seen := map[int]bool{}
	for i := range m.classes {
		known := knows(&m.classes[i].values) & plainMask & (m.varies | uppers)
		if seen[known|1<<dims] {
			continue
		}
		seen[known|1<<dims] = true
		for mask := known; mask > 0; mask = (mask - 1) & known {
			if closed(mask) && mask&m.varies != 0 {
				seen[mask] = true
			}
		}
	}
	for mask := range seen {
		if mask>>dims == 0 {
			list = append(list, mask)
		}
	}
	slices.SortFunc(list, func(a, b int) int {
		if x, y := bits.OnesCount(uint(a)), bits.OnesCount(uint(b)); x != y {
			return y - x
		}
		return a - b
	})
	return list
}

// uppers are the dimensions that others say more of.
const uppers = 1<<atYear | 1<<atSubregion | 1<<atSheltered

func closed(mask int) bool {
	for d, up := range above {
		if mask>>d&1 == 1 && up >= 0 && mask>>up&1 == 0 {
			return false
		}
	}
	return true
}

// check hides classes at each place where these dimensions are known, until there is
// nothing to find.
func (m *marginal) check(mask int) {
	clear(m.at)
	m.all, m.shown, m.members = m.all[:0], m.shown[:0], m.members[:0]
	for i := range m.classes {
		v := &m.classes[i].values
		if knows(v)&mask != mask {
			continue
		}
		key := uint64(0)
		for rest := uint(mask); rest != 0; rest &= rest - 1 {
			d := bits.TrailingZeros(rest)
			key ^= mix(d, v[d])
		}
		p, ok := m.at[key]
		if !ok {
			p = int32(len(m.members))
			m.at[key] = p
			m.members = append(m.members, nil)
			m.all = append(m.all, make([]int32, m.readers)...)
			m.shown = append(m.shown, make([]int32, m.readers)...)
		}
		m.members[p] = append(m.members[p], int32(i))
		for r, n := range m.of[i] {
			m.shown[int(p)*m.readers+r] += n
		}
	}
	for i := range m.things {
		t := &m.things[i]
		key := uint64(0)
		for rest := uint(mask); rest != 0; rest &= rest - 1 {
			key ^= t.keys[bits.TrailingZeros(rest)]
		}
		if p, ok := m.at[key]; ok {
			tell(m.all[int(p)*m.readers:][:m.readers], t.who)
		}
	}
	for p := range m.members {
		for m.hide(p, mask) {
		}
	}
}

// hide hides the last dimension of the smallest class that makes a difference to a
// reader who could find something.
func (m *marginal) hide(p, mask int) bool {
	all, shown := m.all[p*m.readers:][:m.readers], m.shown[p*m.readers:][:m.readers]
	for r := range all {
		left := int(all[r] - shown[r])
		if shown[r] == 0 || !few(left, left) {
			continue
		}
		least := -1
		for i, c := range m.members[p] {
			if n := m.of[c][r]; n > 0 && (least < 0 || n < m.of[m.members[p][least]][r]) {
				least = i
			}
		}
		if least < 0 {
			continue
		}
		c := m.members[p][least]
		m.members[p] = slices.Delete(m.members[p], least, least+1)
		for r, n := range m.of[c] {
			shown[r] -= n
		}
		v, last := &m.classes[c].values, bits.Len(uint(mask&m.varies))-1
		v[last] = 0
		for d, up := range above {
			if up == last {
				v[d] = 0
			}
		}
		return true
	}
	return false
}

func knows(v *values) (mask int) {
	for d, x := range v {
		if x != 0 {
			mask |= 1 << d
		}
	}
	return mask
}

func cut(v values, mask int) values {
	for d := range v {
		if mask>>d&1 == 0 {
			v[d] = 0
		}
	}
	return v
}

func compareValues(a, b values) int { return slices.Compare(a[:], b[:]) }

// merged are the classes in order, those of the same values as one.
func merged(classes []group) []group {
	slices.SortStableFunc(classes, func(a, b group) int { return compareValues(a.values, b.values) })
	var out []group
	for _, c := range classes {
		if n := len(out); n > 0 && out[n-1].values == c.values {
			out[n-1].list = append(slices.Clip(out[n-1].list), c.list...)
		} else {
			out = append(out, c)
		}
	}
	return out
}
