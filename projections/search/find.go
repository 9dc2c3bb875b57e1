package search

import (
	"cmp"
	"slices"
	"strings"
)

// marks are how each term was found in each doc: four bits for each of at most MaxWords terms. It is used
// again by the next question, and is all zero in between.
type marks struct {
	of      []uint32
	touched []uint32 // docs of which the marks are not zero
}

// markBits is room for a quality.
const markBits = 4

func (x *Index) newMarks() *marks {
	m, _ := x.scratch.Get().(*marks)
	if m == nil {
		m = &marks{}
	}
	if n := int(x.used); len(m.of) < n {
		m.of = make([]uint32, n+n/8)
	}
	return m
}

func (m *marks) clear() {
	if m.dense() {
		clear(m.of)
		m.touched = m.touched[:0]
	}
	for _, d := range m.touched {
		m.of[d] = 0
	}
	m.touched = m.touched[:0]
}

// dense reports whether so many docs were touched that going through all in order
// is faster than through those as they came: memory is read ahead.
func (m *marks) dense() bool { return len(m.touched) > len(m.of)/16 }

// each gives the touched docs.
func (m *marks) each(fn func(d uint32)) {
	if !m.dense() {
		for _, d := range m.touched {
			fn(d)
		}
		return
	}
	for d, of := range m.of {
		if of != 0 {
			fn(uint32(d))
		}
	}
}

// mark notes how a term was found. Without fresh only docs count that another
// term was found in.
func (m *marks) mark(term int, docs []uint32, q quality, fresh bool) {
	shift := markBits * term
	for _, d := range docs {
		old := m.of[d]
		if old == 0 {
			if !fresh {
				continue
			}
			m.touched = append(m.touched, d)
		}
		if quality(old>>shift&(1<<markBits-1)) < q {
			m.of[d] = old&^((1<<markBits-1)<<shift) | uint32(q)<<shift
		}
	}
}

func markOf(marks uint32, term int) quality {
	return quality(marks >> (markBits * term) & (1<<markBits - 1))
}

// rank goes through the docs in which all terms were found, but for so many.
func (x *Index) rank(q *question, m *marks, best *ranking, missing int) {
	defer m.clear()
	order := make([]int, len(q.terms))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return q.terms[a].cost - q.terms[b].cost })
	for i, t := range order {
		for _, f := range q.terms[t].finds {
			fresh := i <= missing || f.quality == numberFull
			m.mark(t, f.few, f.quality, fresh)
			if f.docs != nil {
				for _, block := range f.docs.blocks {
					m.mark(t, block, f.quality, fresh)
				}
			}
		}
	}
	m.each(func(d uint32) {
		if best.only != nil && !best.only.lets(x.doc(d)) {
			return
		}
		c, ok := x.judge(q, m, d, missing)
		if !ok {
			return
		}
		if head := x.doc(d).head; (head != d || x.doc(d).next != none) && !x.leads(q, m, &c, missing) {
			return // another name of the same employer stands for it
		}
		best.add(c)
	})
}

// leads reports whether no other doc of the same employer is better than a
// candidate, or as good and before it.
func (x *Index) leads(q *question, m *marks, c *candidate, missing int) bool {
	for d := x.doc(c.doc).head; d != none; d = x.doc(d).next {
		other, ok := x.judge(q, m, d, missing)
		if ok && d != c.doc && (other.score > c.score || other.score == c.score && x.doc(d).nth < x.doc(c.doc).nth) {
			return false
		}
	}
	return true
}

// candidate is a doc that matches.
type candidate struct {
	marks uint32
	doc   uint32
	score uint8
}

// wholeName is the least score of what is found by all words of its name; with
// less the score is lower.
const wholeName = 93

// tellingLength is how many letters of a beginning say something by themselves.
const tellingLength = 3

// judge gives a doc its score; ok is false when it lacks a term too many.
func (x *Index) judge(q *question, m *marks, d uint32, missing int) (c candidate, ok bool) {
	c = candidate{marks: m.of[d], doc: d}
	if c.marks == 0 {
		return c, false
	}
	var (
		worst          = 100 // of the terms in the name
		named, covered int   // terms in the name; strong words of the name that they are
		other, others  int   // the best of the others, and how many they are
		bonus          int
		full           = true // every term in the name is a word of it
		telling        bool   // a term in the name that says something by itself, without error
	)
	for i := range q.terms {
		k := markOf(c.marks, i)
		switch {
		case k == numberFull:
			c.score = 100
			return c, true
		case k == notFound:
			missing--
			continue
		case points[k].name > 0:
			named++
			worst = min(worst, points[k].name)
			full = full && k >= nameJoined
			telling = telling || k >= nameJoined || k == nameBegin && len(q.terms[i].text) >= tellingLength
			switch k {
			case nameJoined:
			case nameSplit:
				covered += 2
			default:
				covered++
			}
			continue
		}
		others++
		other = max(other, points[k].other)
		if k >= postcodeArea {
			bonus = 2
		} else if k == placeBegin {
			bonus = max(bonus, 1)
		}
	}
	if missing < 0 {
		return c, false
	}
	doc := x.doc(d)
	score := other + 3*(others-1)
	if named > 0 {
		score = worst + bonus
		if strong := int(doc.strong); full && covered >= strong && doc.idle == q.idle {
			score = min(worst+10, 95) + bonus
		} else if strong > 0 {
			score += 4 * min(covered, strong) / strong
		}
		if q.weak&doc.weak != 0 {
			score++
		}
		if doc.nth > 0 {
			score--
		}
	}
	if len(q.terms) > named+others { // all but one
		if !telling {
			return c, false // the place or a letter alone says nothing
		}
		score = score * 2 / 5
	}
	c.score = uint8(min(max(score, 1), 99))
	return c, true
}

// ranking keeps the best candidates.
type ranking struct {
	x     *Index
	order Order
	only  *filter // nil: all
	most  int
	total int
	list  []candidate
	full  bool      // list has had most members in order
	worst candidate // the last of those
}

func (r *ranking) add(c candidate) {
	r.total++
	if r.most == 0 || r.full && r.compare(c, r.worst) > 0 {
		return
	}
	r.list = append(r.list, c)
	if len(r.list) >= 2*r.most+64 {
		r.cut()
	}
}

func (r *ranking) cut() {
	slices.SortFunc(r.list, r.compare)
	if len(r.list) >= r.most && r.most > 0 {
		r.list = r.list[:r.most]
		r.full, r.worst = true, r.list[r.most-1]
	}
}

func (r *ranking) page(skip int) []candidate {
	r.cut()
	return r.list[min(skip, len(r.list)):]
}

// compare is negative when a comes before b.
func (r *ranking) compare(a, b candidate) int {
	da, db := r.x.doc(a.doc), r.x.doc(b.doc)
	switch {
	case r.order == ByMatch && a.score != b.score:
		return int(b.score) - int(a.score)
	case r.order == ByName && da.first != db.first:
		return cmp.Compare(da.first, db.first)
	case r.order == ByName && da.head != db.head:
		if c := strings.Compare(packedGlued(r.x.doc(da.head).packed, 0), packedGlued(r.x.doc(db.head).packed, 0)); c != 0 {
			return c
		}
	case r.order != ByName && da.day != db.day:
		return int(db.day) - int(da.day)
	}
	switch {
	case da.lead < db.lead:
		return -1
	case da.lead > db.lead:
		return 1
	case da.head == db.head:
		return 0
	}
	return strings.Compare(packedKey(r.x.doc(da.head).packed), packedKey(r.x.doc(db.head).packed))
}

// why says what matched, most telling first.
func (x *Index) why(q *question, c candidate) (codes []string) {
	var found uint16
	for i := range q.terms {
		found |= 1 << markOf(c.marks, i)
	}
	has := func(any ...quality) bool {
		for _, k := range any {
			if found&(1<<k) != 0 {
				return true
			}
		}
		return false
	}
	add := func(code string, when bool) {
		if when && !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	if has(numberFull) {
		codes = append(codes, x.whichNumber(q, c))
	}
	inName := has(nameWord, nameSplit, nameJoined)
	atAll := inName || has(nameBegin, nameTypo, nameTypoBegin)
	whole := inName && c.score >= wholeName
	add(WhyName, whole)
	add(WhyWord, inName && !whole)
	add(WhyNameBegins, has(nameBegin))
	add(WhyTypo, has(nameTypo, nameTypoBegin, placeTypo, placeTypoBegin))
	add(WhyEarlierName, atAll && x.doc(c.doc).nth > 0)
	add(WhyNumberBegins, has(numberBegin))
	add(WhyPlace, has(placeWord, placeBegin, placeTypo, placeTypoBegin))
	add(WhyPostcode, has(postcodeFull, postcodeArea))
	add(WhyNotAll, has(notFound) && !has(numberFull))
	return codes
}

// whichNumber is the code of the number that was typed in full.
func (x *Index) whichNumber(q *question, c candidate) string {
	digits := 0
	for i, w := range q.words {
		if t := q.term[i]; t >= 0 && markOf(c.marks, t) == numberFull {
			if !isDigits(w) {
				return WhyNumber
			}
			digits += len(w)
		}
	}
	e := x.entry(c.doc)
	isKvK := slices.ContainsFunc(e.Keys, func(k string) bool { _, ok := numberOf(k, kvkDigits); return ok })
	switch {
	case digits == establishmentDigits && len(e.Establishments) > 0:
		return WhyEstablishment
	case digits == kvkDigits && isKvK:
		return WhyKvK
	}
	return WhyNumber
}
