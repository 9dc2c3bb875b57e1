package targets

import (
	"cmp"
	"slices"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// pairs is what was said of pairs of placements: whether they are one.
type pairs struct {
	words map[[2]events.Position][]said // by the lower root; in the order in which it was said
	in    map[events.Position]bool      // roots of which something was said

	stale    bool // clusters are of before the last change
	clusters map[events.Position][]*Item
}

// said is one word on a pair.
type said struct {
	position events.Position
	at       time.Time
	day      events.Date
	partner  string
	steward  bool
	same     bool
}

// say takes in a word on a pair.
func (f *Facts) say(l *projections.Line) {
	one, two := min(l.Pair[0], l.Pair[1]), max(l.Pair[0], l.Pair[1])
	if one == 0 || one == two {
		return
	}
	p := &f.pairs
	key := [2]events.Position{one, two}
	p.words[key] = append(p.words[key], said{l.Position, l.At, l.Today, l.Partner, l.Steward, l.Type == events.TypePlacementsMatched})
	if p.in == nil {
		p.in = map[events.Position]bool{}
	}
	p.in[one], p.in[two] = true, true
	p.stale = true
	f.alike.restate()
	f.touched(projections.PartPlacements, one)
	f.touched(projections.PartPlacements, two)
}

// changed notes that a placement changed.
func (p *pairs) changed(root events.Position) {
	if p.in[root] {
		p.stale = true
	}
}

// speaks reports whether a word counts as a partner's: it said so itself, or who went
// on with its work on the day on which it was said.
func (f *Facts) speaks(w *said, partner string) bool {
	return !w.steward && (w.partner == partner || f.Heir(partner, w.day) == w.partner)
}

// state is what stands of a pair: as the steward said last; else by the last word of
// both, that they are two when either says so, and one when both do. "" when neither
// said anything.
func (f *Facts) state(a, b *Item, words []said) string {
	for i := range slices.Backward(words) {
		if w := &words[i]; w.steward {
			if w.same {
				return DoubleSame
			}
			return DoubleDistinct
		}
	}
	same, distinct := 0, 0
	for _, partner := range [...]string{a.Partner, b.Partner} {
		for i := range slices.Backward(words) {
			if w := &words[i]; f.speaks(w, partner) {
				if w.same {
					same++
				} else {
					distinct++
				}
				break
			}
		}
	}
	switch {
	case distinct > 0:
		return DoubleDistinct
	case same == 2:
		return DoubleSame
	case same == 1:
		return DoubleWaits
	}
	return ""
}

// lastWords are the last words of each speaker, in order.
func lastWords(words []said) (list []Word) {
	seen := map[string]bool{}
	for i := range slices.Backward(words) {
		w := &words[i]
		if !seen[w.partner] {
			seen[w.partner] = true
			list = append(list, Word{Position: w.position, At: w.at, Partner: w.partner, Same: w.same})
		}
	}
	slices.Reverse(list)
	return list
}

// settlePairs works out which placements are one: what is said to be the same as the
// same is the same.
func (f *Facts) settlePairs() {
	p := &f.pairs
	if !p.stale {
		return
	}
	p.stale = false
	p.clusters = map[events.Position][]*Item{}
	keys := make([][2]events.Position, 0, len(p.words))
	for key := range p.words {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b [2]events.Position) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	for _, key := range keys {
		a, b := f.Item(projections.PartPlacements, key[0]), f.Item(projections.PartPlacements, key[1])
		if a == nil || b == nil || f.state(a, b, p.words[key]) != DoubleSame {
			continue
		}
		p.join(a, b)
	}
}

func (p *pairs) join(a, b *Item) {
	one, two := p.clusters[a.Root], p.clusters[b.Root]
	if one == nil {
		one = []*Item{a}
	}
	if two == nil {
		two = []*Item{b}
	}
	all := append(slices.Clone(one), two...)
	slices.SortFunc(all, func(x, y *Item) int { return cmp.Compare(x.Root, y.Root) })
	all = slices.CompactFunc(all, (*Item).is)
	for _, it := range all {
		p.clusters[it.Root] = all
	}
}

// Cluster is the items that are one with this one, by Root, itself among them. The
// slice must not be changed.
func (f *Facts) Cluster(it *Item) []*Item {
	if it.Part == projections.PartPlacements && len(f.pairs.words) > 0 {
		f.settlePairs()
		if all := f.pairs.clusters[it.Root]; all != nil {
			return all
		}
	}
	return []*Item{it}
}
