package targets

// tally is how many people there are, how many of them with hours, and how many each
// partner has part in: so many everybody else can count.
type tally struct {
	pair
	of []pair // by partner
}

// pair counts what is added less what is taken back; moved, both together. Nothing
// moves where as many come as go and their hours differ.
type pair struct{ n, timed, moved int }

func (p *pair) plus(o pair, times int) {
	p.n, p.timed, p.moved = p.n+times*o.n, p.timed+times*o.timed, p.moved+times*o.moved
}

// put adds an entry, as one that comes or (n -1) as one that goes.
func (t *tally) put(e *entry, n int) { t.count(e, pair{n: n, moved: 1}) }

// out takes out again what net put in.
func (t *tally) out(e *entry) {
	switch e.kind {
	case adds:
		t.count(e, pair{n: -1, moved: -1})
	case removes:
		t.count(e, pair{n: 1, moved: -1})
	}
}

func (t *tally) count(e *entry, one pair) {
	if e.hours != 0 {
		one.timed = one.n
	}
	t.plus(one, 1)
	for _, p := range e.who {
		if int(p) >= len(t.of) {
			t.of = append(t.of, make([]pair, int(p)+1-len(t.of))...)
		}
		t.of[p].plus(one, 1)
	}
}

// net is the tally of what is added less what is taken back.
func net(list []*entry) (t tally) {
	for _, e := range list {
		switch e.kind {
		case adds:
			t.put(e, 1)
		case removes:
			t.put(e, -1)
		}
	}
	return t
}

// only is the tally of one kind, whatever becomes of it.
func only(list []*entry, kind byte) (t tally) {
	for _, e := range list {
		if e.kind == kind {
			t.put(e, 1)
		}
	}
	return t
}

// outsider is the reader that has part in nothing.
const outsider = -1

// seenBy is what a reader does not know already: what it has no part in.
func (t *tally) seenBy(reader int) pair {
	p := t.pair
	if 0 <= reader && reader < len(t.of) {
		p.plus(t.of[reader], -1)
	}
	return p
}

// pointsAt is the reader to whom this many people together point at some of them:
// there are one to four that it does not know.
func (t *tally) pointsAt() (reader int, points bool) {
	for reader = outsider; reader < len(t.of); reader++ {
		if o := t.seenBy(reader); few(o.n, o.moved) || few(o.timed, 0) {
			return reader, true
		}
	}
	return outsider, false
}

func few(n, moved int) bool { return n < SmallestClass && (n != 0 || moved != 0) }

// passes reports whether these may be released together; quiet, whether they may be
// missing together.
func (t *tally) passes() bool { return t.n > 0 && t.quiet() }

func (t *tally) quiet() bool {
	_, points := t.pointsAt()
	return !points
}

// bare leaves hours aside.
func (t tally) bare() tally {
	of := make([]pair, len(t.of))
	for i, p := range t.of {
		of[i] = pair{n: p.n, moved: p.moved}
	}
	return tally{pair{n: t.n, moved: t.moved}, of}
}
