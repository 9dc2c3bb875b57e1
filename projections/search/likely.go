package search

import (
	"cmp"
	"iter"
	"slices"
	"strings"
	"time"
)

// How much is compared with what. Each employer is compared with a fixed number of
// others at most, so that the work grows no faster than the book.
const (
	sameNames  = 16 // others with the same name, in order of place and postcode
	nearNames  = 6  // names after its own in order of the alphabet, and read backwards
	neighbours = 24 // others with the same postcode, in order of name
)

// What makes a pair likely.
const (
	pointsSameName    = 50
	pointsSharedName  = 42
	pointsNearName    = 38
	pointsPartOfName  = 28
	pointsPostcode    = 35
	pointsPlace       = 15
	pointsOtherPlace  = -20
	pointsBranch      = 40
	pointsProvisional = 12
	pointsForeign     = 8
	pointsTwoKvK      = -12
	likelyFrom        = 50 // a pair with less is none
)

// pairCache is what Likely found last.
type pairCache struct {
	pairs []Pair
	total int
	of    map[string]bool // every key in pairs
	at    time.Time       // when it was found; zero: never
	stale bool            // something changed since
}

// Among many employers the search takes a second, and something changes all the
// time: then what was found is given for a while, without the pairs of which one
// employer changed.
const (
	manyEmployers = 10_000
	pairsLast     = time.Minute
)

// good reports whether the pairs may still be given.
func (c *pairCache) good(now time.Time) bool {
	return !c.at.IsZero() && (!c.stale || now.Sub(c.at) < pairsLast)
}

// changed takes what is said of an employer out of the pairs: it may be a name that
// was erased. Among few all are found anew.
func (c *pairCache) changed(keys []string, few bool) {
	if c.at.IsZero() {
		return
	}
	if few {
		*c = pairCache{}
		return
	}
	c.stale = true
	if !slices.ContainsFunc(keys, func(k string) bool { return c.of[k] }) {
		return
	}
	left := make([]Pair, 0, len(c.pairs)) // others may be reading the old ones
	for _, p := range c.pairs {
		if !slices.ContainsFunc(keys, func(k string) bool { return slices.Contains(p.A.Keys, k) || slices.Contains(p.B.Keys, k) }) {
			left = append(left, p)
		}
	}
	c.total -= len(c.pairs) - len(left)
	c.pairs = left
}

// Likely gives pairs that may be the same employer, the likeliest first, then by
// keys. Of a pair of which was said how it belongs together, or that it does not, it
// says nothing. At most MaxPairs are given.
//
// The first question looks through all employers, beside other questions; the next
// ones get the same answer at once, until something changes. Of more than
// manyEmployers a change only takes out the pairs of the employers that changed, and
// new ones show within a minute.
func (x *Index) Likely(skip, limit int) (pairs []Pair, total int) {
	x.pairing.Lock()
	defer x.pairing.Unlock()
	now := x.now()
	x.mu.Lock()
	known := x.pairs
	var all []subject
	values := x.values.texts // those that are there stay
	if !known.good(now) {
		all = x.subjects()
		x.searching, x.meanwhile = true, nil
	}
	x.mu.Unlock()
	if !known.good(now) {
		known = pairsOf(all, values, now)
		x.mu.Lock()
		if len(x.meanwhile) > 0 { // a name may have been erased
			known.changed(x.meanwhile, false)
		}
		x.pairs, x.searching, x.meanwhile = known, false, nil
		x.mu.Unlock()
	}
	skip = min(max(skip, 0), len(known.pairs))
	limit = min(max(limit, 0), len(known.pairs)-skip)
	return slices.Clone(known.pairs[skip : skip+limit]), known.total
}

func pairsOf(all []subject, values []string, now time.Time) pairCache {
	c := pairCache{at: now, of: map[string]bool{}}
	c.pairs, c.total = findPairs(all, values)
	for _, p := range c.pairs {
		for _, k := range slices.Concat(p.A.Keys, p.B.Keys) {
			c.of[k] = true
		}
	}
	return c
}

// subject is one name of an employer that is compared with others.
type subject struct {
	glued                       string
	place, postcode, key, entry string
}

// subjects is called with mu held: it takes what never changes, and no more.
func (x *Index) subjects() []subject {
	all := make([]subject, 0, x.used)
	for i := range x.used {
		d := x.doc(i)
		if d.head == none {
			continue
		}
		entry := x.doc(d.head).packed
		if glued := packedGlued(entry, d.nth); glued != "" {
			all = append(all, subject{glued: glued, entry: entry})
		}
	}
	return all
}

// pairing are the pairs that were compared, and those of them that are likely.
type pairing struct {
	values []string // of packed entries
	seen   map[[2]string]bool
	found  []Pair
}

func findPairs(all []subject, values []string) (pairs []Pair, total int) {
	p := &pairing{values: values, seen: make(map[[2]string]bool)}
	places := map[string]string{} // folded
	for i := range all {
		e := unpack(all[i].entry, values)
		place, ok := places[e.Place]
		if !ok {
			place = strings.Join(Fold(e.Place), " ")
			places[e.Place] = place
		}
		all[i].place, all[i].postcode, all[i].key = place, foldPostcode(e.Postcode), e.Keys[0]
	}
	p.byPostcode(all)
	p.byName(all)
	slices.SortFunc(p.found, func(a, b Pair) int {
		return cmp.Or(b.Score-a.Score, strings.Compare(a.A.Keys[0], b.A.Keys[0]), strings.Compare(a.B.Keys[0], b.B.Keys[0]))
	})
	total = len(p.found)
	return slices.Clip(p.found[:min(total, MaxPairs)]), total
}

// byPostcode compares employers with the same postcode.
func (p *pairing) byPostcode(all []subject) {
	slices.SortFunc(all, func(a, b subject) int {
		if c := strings.Compare(a.postcode, b.postcode); c != 0 {
			return c
		}
		return compareNames(&a, &b)
	})
	for i := range all {
		for j := i + 1; j < len(all) && j <= i+neighbours && all[i].postcode != "" && all[j].postcode == all[i].postcode; j++ {
			if alike(all[i].glued, all[j].glued) {
				p.compare(&all[i], &all[j])
			}
		}
	}
}

// byName compares employers with the same name, and those whose names are next to
// each other in order of the alphabet, forwards or backwards: a typing error leaves
// one end of a name as it was.
func (p *pairing) byName(all []subject) {
	slices.SortFunc(all, func(a, b subject) int { return compareNames(&a, &b) })
	groups := slices.Collect(grouped(all))
	for _, g := range groups {
		for i := range g {
			for j := i + 1; j < len(g) && j <= i+sameNames; j++ {
				p.compare(&g[i], &g[j])
			}
		}
	}
	p.nextTo(groups)
	slices.SortFunc(groups, func(a, b []subject) int { return compareBackwards(a[0].glued, b[0].glued) })
	p.nextTo(groups)
}

// compareNames is the order of the alphabet, then of place, postcode and key.
func compareNames(a, b *subject) int {
	if c := strings.Compare(a.glued, b.glued); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(a.place, b.place), strings.Compare(a.postcode, b.postcode), strings.Compare(a.key, b.key))
}

// grouped gives the parts of a sorted list that have one name.
func grouped(all []subject) iter.Seq[[]subject] {
	return func(yield func([]subject) bool) {
		for i := 0; i < len(all); {
			j := i + 1
			for j < len(all) && all[j].glued == all[i].glued {
				j++
			}
			if !yield(all[i:j:j]) {
				return
			}
			i = j
		}
	}
}

func compareBackwards(a, b string) int {
	for i, j := len(a)-1, len(b)-1; i >= 0 && j >= 0; i, j = i-1, j-1 {
		if a[i] != b[j] {
			return int(a[i]) - int(b[j])
		}
	}
	return len(a) - len(b)
}

// nextTo compares names with those after them.
func (p *pairing) nextTo(groups [][]subject) {
	for i, g := range groups {
		for j := i + 1; j < len(groups) && j <= i+nearNames; j++ {
			h := groups[j]
			if !alike(g[0].glued, h[0].glued) {
				continue
			}
			for a := range min(len(g), sameNames) {
				for b := range min(len(h), sameNames) {
					if g[a].place == h[b].place || g[a].place == "" || h[b].place == "" {
						p.compare(&g[a], &h[b])
					}
				}
			}
		}
	}
}

// alike reports whether two names may be near ones, or one part of the other.
func alike(a, b string) bool {
	if strings.Contains(a, b) || strings.Contains(b, a) {
		return true
	}
	return isNear(a, b)
}

func isNear(a, b string) bool {
	if len(a) < typoLength || len(b) < typoLength {
		return false
	}
	_, whole := oneError(a, b)
	return whole
}

// compare judges a pair once.
func (p *pairing) compare(s, t *subject) {
	if s.entry == t.entry {
		return
	}
	if s.key > t.key {
		s, t = t, s
	}
	pair := [2]string{s.key, t.key}
	if p.seen[pair] {
		return
	}
	p.seen[pair] = true
	a, b := unpack(s.entry, p.values), unpack(t.entry, p.values)
	if settled(&a, &b) || settled(&b, &a) {
		return
	}
	if score, why := likeness(&a, &b, s, t); score >= likelyFrom {
		p.found = append(p.found, Pair{A: a, B: b, Score: min(score, 100), Why: why})
	}
}

// settled reports whether something was said of one and a key of the other.
func settled(a, b *Entry) bool {
	return slices.ContainsFunc(a.Settled, func(k string) bool { return slices.Contains(b.Keys, k) })
}

// likeness adds up what speaks for two employers being the same, and against it.
func likeness(a, b *Entry, s, t *subject) (score int, why []string) {
	add := func(when bool, points int, code string) {
		if when {
			score += points
			why = append(why, code)
		}
	}
	code, points := nameLikeness(foldNames(a.Names), foldNames(b.Names))
	if points == 0 {
		return 0, nil
	}
	add(true, points, code)
	samePostcode := s.postcode != "" && s.postcode == t.postcode
	known := s.place != "" && t.place != ""
	ka, kb := kindOf(a), kindOf(b)
	twoKvK := ka == kindKvK && kb == kindKvK
	add(slices.ContainsFunc(a.Establishments, func(n string) bool { return slices.Contains(b.Establishments, n) }), pointsBranch, WhySameBranch)
	add(samePostcode, pointsPostcode, WhySamePostcode)
	add(known && s.place == t.place, pointsPlace, WhySamePlace)
	add(known && s.place != t.place && !samePostcode, pointsOtherPlace, WhyOtherPlace)
	add(ka == kindProvisional || kb == kindProvisional, pointsProvisional, WhyProvisional)
	add(ka == kindForeign || kb == kindForeign, pointsForeign, WhyForeign)
	add(twoKvK, pointsTwoKvK, WhyTwoKvKNumbers)
	add(twoKvK && samePostcode && code == WhySameName, 0, WhyMaybeConcern)
	return score, why
}

// nameLikeness is the most telling thing that two employers' names have in common.
func nameLikeness(a, b []foldedName) (code string, points int) {
	best := func(c string, p int) {
		if p > points {
			code, points = c, p
		}
	}
	for i := range a {
		for j := range b {
			switch {
			case a[i].glued == b[j].glued && i == 0 && j == 0:
				best(WhySameName, pointsSameName)
			case a[i].glued == b[j].glued:
				best(WhySharedName, pointsSharedName)
			case isNear(a[i].glued, b[j].glued):
				best(WhyNearName, pointsNearName)
			case partOf(a[i], b[j]) || partOf(b[j], a[i]):
				best(WhyPartOfName, pointsPartOfName)
			}
		}
	}
	return code, points
}

// partOf reports whether every strong word of a name, of which one is no short
// one, is in another name.
func partOf(a, b foldedName) bool {
	long := false
	for _, w := range a.words {
		if weakWords[w] != 0 && !a.idle {
			continue
		}
		if _, ok := slices.BinarySearch(b.words, w); !ok {
			return false
		}
		long = long || len(w) >= typoLength
	}
	return long
}

// kind is by which kind of number an employer is known, the firmest.
type kind int

const (
	kindProvisional kind = iota
	kindForeign
	kindKvK
)

func kindOf(e *Entry) kind {
	best := kindProvisional
	for _, k := range e.Keys {
		if _, ok := numberOf(k, kvkDigits); ok {
			return kindKvK
		}
		if !strings.HasPrefix(k, provisional) {
			best = kindForeign
		}
	}
	return best
}
