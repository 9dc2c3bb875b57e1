package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// Two reports may be of one placement when they are of different partners, at one
// employer, begin at most a month apart, and are alike enough (docs/targets.md). A pair
// is found and shown, and never counted as one before it is said to be.
const (
	doubleDays  = 31
	doubleScore = 60
	strongScore = 80
)

// The codes of likeness.
const (
	LikeEmployer  = "zelfde-werkgever"
	LikeDay       = "zelfde-dag"
	LikeWeek      = "zelfde-week" // at most 7 days apart
	LikeFortnight = "zelfde-veertien-dagen"
	LikeDays      = "zelfde-31-dagen"
	LikeKind      = "zelfde-soort"
	LikeHours     = "zelfde-uren"
	LikeAlmost    = "bijna-zelfde-uren" // at most two apart
	UnlikeHours   = "andere-uren"       // more than eight apart
	LikeGroup     = "zelfde-doelgroep"
	UnlikeGroup   = "andere-doelgroep"
	UnlikeBook    = "ander-register"
	LikeMonth     = "zelfde-maand" // for a partner's eyes: see Hints
	LikeStrongly  = "lijkt-sterk"  // for a partner's eyes
)

// Hints is what a partner may be told of why a pair was found. It says nothing of hours,
// days and groups, which are another partner's.
func (d *Double) Hints() (codes []string) {
	for _, l := range d.Reasons {
		if l.Code == LikeEmployer || l.Code == LikeKind {
			codes = append(codes, l.Code)
		}
	}
	if d.A.From.Month() == d.B.From.Month() {
		codes = append(codes, LikeMonth)
	}
	if d.Score >= strongScore {
		codes = append(codes, LikeStrongly)
	}
	return codes
}

// aspects are what two reports are compared by: of each, what it can come to, the first
// being that it says nothing. At a large employer many begin on the same day: what tells
// them apart weighs as much as what they share.
var aspects = [...][]Likeness{
	{{}, {LikeEmployer, 30}},
	{{}, {LikeDay, 30}, {LikeWeek, 20}, {LikeFortnight, 12}, {LikeDays, 5}},
	{{}, {LikeKind, 15}},
	{{}, {LikeHours, 15}, {LikeAlmost, 8}, {UnlikeHours, -20}},
	{{}, {LikeGroup, 10}, {UnlikeGroup, -20}},
	{{}, {UnlikeBook, -20}},
}

// likeness is one of all that a comparison can come to.
type likeness struct {
	score   int
	reasons []Likeness
}

var likenesses = func() []likeness {
	all := []likeness{{}}
	for _, aspect := range aspects {
		var next []likeness
		for _, l := range all {
			for _, x := range aspect {
				y := likeness{l.score + x.Points, slices.Clone(l.reasons)}
				if x.Code != "" {
					y.reasons = append(y.reasons, x)
				}
				next = append(next, y)
			}
		}
		all = next
	}
	return all
}()

// compareTwo compares two reports that begin so many days apart.
func compareTwo(a, b *Item, one bool, days int) *likeness {
	var is [len(aspects)]int
	if one {
		is[0] = 1
	}
	switch {
	case days == 0:
		is[1] = 1
	case days <= 7:
		is[1] = 2
	case days <= 14:
		is[1] = 3
	case days <= doubleDays:
		is[1] = 4
	}
	if a.Sort == b.Sort {
		is[2] = 1
	}
	if a.Hours >= 0 && b.Hours >= 0 {
		switch d := a.Hours - b.Hours; {
		case d == 0:
			is[3] = 1
		case -200 <= d && d <= 200:
			is[3] = 2
		case d < -800 || d > 800:
			is[3] = 3
		}
	}
	if len(a.Groups) > 0 && len(b.Groups) > 0 {
		if is[4] = 2; slices.Equal(a.Groups, b.Groups) {
			is[4] = 1
		}
	}
	if a.Register != b.Register && a.Register != projections.RegisterUnknown && b.Register != projections.RegisterUnknown {
		is[5] = 1
	}
	i := 0
	for n, x := range is {
		i = i*len(aspects[n]) + x
	}
	return &likenesses[i]
}

// alike is the pairs that were found, by employer, so that a report that comes or
// changes is compared with those of its own employer only. It is made when it is first
// asked for.
type alike struct {
	by    map[string][]int32 // slots of the placements of an employer, by One; nil: not made
	dirty map[string]bool    // employers whose placements changed since
	found []Double           // by A's Root and B's, whatever was said
	list  []Double
	ready bool // list is as of now
}

func (x *alike) forget() { x.by, x.dirty, x.found, x.ready = nil, map[string]bool{}, nil, false }

// restate keeps the pairs, and asks anew what stands of them.
func (x *alike) restate() { x.ready = false }

// changed notes that a placement came, changed or went.
func (x *alike) changed(f *Facts, slot int32, was, is *Item) {
	if x.ready = false; x.by == nil {
		return
	}
	if was != nil {
		one := f.One(was.Employer, false)
		x.by[one] = slices.DeleteFunc(x.by[one], func(s int32) bool { return s == slot })
		x.dirty[one] = true
	}
	if is != nil {
		x.add(f.One(is.Employer, false), slot)
	}
}

func (x *alike) add(one string, slot int32) {
	x.by[one] = append(x.by[one], slot)
	x.dirty[one] = true
}

// Doubles are the pairs that may be one placement, and those of which it was said, by
// A's Root and B's. The slice must not be changed.
func (f *Facts) Doubles() []Double {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := &f.alike
	if x.ready {
		return x.list
	}
	if x.by == nil {
		x.by, x.dirty = map[string][]int32{}, map[string]bool{}
		s := &f.shelves[onPlacements]
		for slot := range s.items {
			if s.there(int32(slot)) {
				x.add(f.One(s.employer(int32(slot)), false), int32(slot))
			}
		}
	}
	if len(x.dirty) > 0 {
		f.findAgain()
	}
	f.settlePairs()
	x.list, x.ready = f.stated(x.found), true
	return x.list
}

// findAgain compares the placements of every employer where something changed.
func (f *Facts) findAgain() {
	x := &f.alike
	var fresh []Double
	for one := range x.dirty {
		if slots := x.by[one]; len(slots) == 0 {
			delete(x.by, one)
		} else {
			fresh = f.compare(fresh, slots)
		}
	}
	order := make([]rooted, len(fresh))
	for i := range fresh {
		order[i] = rooted{fresh[i].A.Root, fresh[i].B.Root, int32(i)}
	}
	slices.SortFunc(order, func(x, y rooted) int { return cmp.Or(cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b)) })
	all := make([]Double, 0, len(x.found)+len(fresh))
	for i := range x.found { // what changed made all keys dirty that it has and had
		d := &x.found[i]
		if x.dirty[f.One(d.A.Employer, false)] {
			continue
		}
		for len(order) > 0 && byRoots(fresh[order[0].i], *d) < 0 {
			all, order = append(all, fresh[order[0].i]), order[1:]
		}
		all = append(all, *d)
	}
	for _, o := range order {
		all = append(all, fresh[o.i])
	}
	clear(x.dirty)
	x.found = all
}

// rooted is a pair to be sorted, without a look at its items.
type rooted struct {
	a, b events.Position
	i    int32
}

func byRoots(a, b Double) int {
	return cmp.Or(cmp.Compare(a.A.Root, b.A.Root), cmp.Compare(a.B.Root, b.B.Root))
}

// stated is what was found, without what is one already, and with what was said of pairs,
// found or not.
func (f *Facts) stated(found []Double) []Double {
	if len(f.pairs.words) == 0 {
		return found
	}
	list := make([]Double, 0, len(found)+len(f.pairs.words))
	for _, d := range found {
		switch words := f.pairs.words[[2]events.Position{d.A.Root, d.B.Root}]; {
		case words != nil && f.state(d.A, d.B, words) != "": // comes below
		case slices.ContainsFunc(f.pairs.clusters[d.A.Root], d.B.is):
		default:
			d.Words = lastWords(words)
			list = append(list, d)
		}
	}
	for key, words := range f.pairs.words {
		a, b := f.Item(projections.PartPlacements, key[0]), f.Item(projections.PartPlacements, key[1])
		if a == nil || b == nil {
			continue
		}
		if state := f.state(a, b, words); state != "" {
			apart := dayNumber(a.From) - dayNumber(b.From)
			like := compareTwo(a, b, f.One(a.Employer, false) == f.One(b.Employer, false), max(apart, -apart))
			list = append(list, Double{A: a, B: b, Score: max(like.score, 0), Reasons: like.reasons, State: state, Words: lastWords(words)})
		}
	}
	slices.SortFunc(list, byRoots)
	return list
}

// compare finds the pairs among the placements of one employer.
func (f *Facts) compare(found []Double, slots []int32) []Double {
	if len(slots) < 2 {
		return found
	}
	s := &f.shelves[onPlacements]
	type start struct {
		day int
		it  *Item
	}
	list := make([]start, len(slots))
	for i, slot := range slots {
		it := s.item(slot)
		list[i] = start{dayNumber(it.From), it}
	}
	slices.SortFunc(list, func(a, b start) int { return cmp.Compare(a.day, b.day) })
	for i, a := range list {
		for _, b := range list[i+1:] {
			if b.day-a.day > doubleDays {
				break
			}
			if a.it.Partner == b.it.Partner {
				continue
			}
			like := compareTwo(a.it, b.it, true, b.day-a.day)
			if like.score < doubleScore {
				continue
			}
			d := Double{A: a.it, B: b.it, Score: like.score, Reasons: like.reasons, State: DoublePossible}
			if d.A.Root > d.B.Root {
				d.A, d.B = d.B, d.A
			}
			found = append(found, d)
		}
	}
	return found
}

// dayNumber numbers the days, so that they can be subtracted.
func dayNumber(d events.Date) int {
	if len(d) != len("2026-11-22") {
		return 0
	}
	digit := func(i int) int { return int(d[i] - '0') }
	y := 1000*digit(0) + 100*digit(1) + 10*digit(2) + digit(3)
	m, day := 10*digit(5)+digit(6), 10*digit(8)+digit(9)
	if m -= 3; m < 0 { // a year begins in March: its leap day comes last
		m += 12
		y--
	}
	return 365*y + y/4 - y/100 + y/400 + (153*m+2)/5 + day
}
