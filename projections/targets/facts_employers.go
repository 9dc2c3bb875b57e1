package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// saidEmployers is what was said of employers. The cards of one are a chain, the last first.
type saidEmployers struct {
	words  *words
	cards  []card           // descriptions, by order
	last   map[uint32]int32 // card of an employer
	later  map[int32]events.Position
	levels map[uint32]levelSaid
	links  map[[2]string]link // by the lower key

	linked, levelled uint64 // see Linked and Levelled

	stale         bool // the families are of before the last link
	same, concern map[string]*family
}

// What a description says that counts.
const (
	saidGemeente = iota
	saidSize
	saidSector
	saidMembers
)

// card is what one description says of where an employer is and how large, in words. Of
// one that was corrected, later has the position of the correction that stands.
type card struct {
	order    events.Position
	employer uint32
	before   int32 // the employer's card before it, or noCard
	says     [saidMembers]uint32
	live     bool
}

const noCard = -1

type levelSaid struct {
	position events.Position
	level    string
}

type link struct {
	kind  string
	holds bool
}

// family is the keys of one employer, or of one concern.
type family struct {
	one  string
	keys []string
}

func newSaid(w *words) saidEmployers {
	return saidEmployers{words: w, last: map[uint32]int32{}, later: map[int32]events.Position{}, levels: map[uint32]levelSaid{}, links: map[[2]string]link{}}
}

func (s *saidEmployers) find(order events.Position) int32 {
	i, ok := slices.BinarySearchFunc(s.cards, order, func(c card, order events.Position) int { return cmp.Compare(c.order, order) })
	if !ok {
		return -1
	}
	return int32(i)
}

// stands reports whether a card is there, and as it was said at a position.
func (s *saidEmployers) stands(slot int32, p events.Position) bool {
	return s.cards[slot].live && cmp.Or(s.later[slot], s.cards[slot].order) == p
}

// employer takes in what a line says of an employer.
func (f *Facts) employer(l *projections.Line) {
	s := &f.said
	switch l.Type {
	case events.TypeEmployerDescribed:
		f.describe(l)
		return
	case events.TypeLevelSet:
		s.levels[f.words.employer(l.Employer)] = levelSaid{l.Position, l.Sort}
		s.levelled++
	case events.TypeEmployersLinked, events.TypeEmployersUnlinked:
		s.links[[2]string{min(l.Employer, l.With), max(l.Employer, l.With)}] = link{l.Sort, l.Holds}
		s.stale = true
		s.linked++
		s.levelled++
		f.alike.forget()
	}
	f.revisions[projections.PartEmployers]++
}

func (f *Facts) describe(l *projections.Line) {
	s := &f.said
	c := card{order: l.Position, employer: f.words.employer(l.Employer), live: true}
	says := [saidMembers]string{saidSize: l.Size, saidSector: l.Sector}
	if len(l.Gemeenten) > 0 {
		says[saidGemeente] = l.Gemeenten[0]
	}
	for i, word := range says {
		c.says[i] = f.words.word(word)
	}
	if r, ok := f.take(l.Target); ok && r.kind == refCard {
		c.order = r.order
		f.refs[l.Position] = ref{refCard, 0, r.slot, c.order}
		s.remove(r.slot)
		s.cards[r.slot], s.later[r.slot] = c, l.Position
		s.insert(r.slot)
		f.revisions[projections.PartEmployers]++
		return
	}
	changed := false
	for i, word := range c.says {
		was, _ := s.latest(l.Employer, i)
		changed = changed || word != 0 && says[i] != was
	}
	s.cards = append(s.cards, c)
	s.insert(int32(len(s.cards) - 1))
	if changed {
		f.revisions[projections.PartEmployers]++
	}
}

func (f *Facts) undescribe(slot int32) {
	f.said.remove(slot)
	f.said.cards[slot].live = false
	f.revisions[projections.PartEmployers]++
}

// insert puts a card in the chain of its employer.
func (s *saidEmployers) insert(slot int32) {
	c := &s.cards[slot]
	after, before := int32(noCard), s.head(c.employer)
	for before > slot {
		after, before = before, s.cards[before].before
	}
	c.before = before
	s.chain(c.employer, after, slot)
}

// remove takes a card out of its chain.
func (s *saidEmployers) remove(slot int32) {
	c := &s.cards[slot]
	after := int32(noCard)
	for at := s.head(c.employer); at != slot; at = s.cards[at].before {
		after = at
	}
	s.chain(c.employer, after, c.before)
}

func (s *saidEmployers) head(employer uint32) int32 {
	if slot, ok := s.last[employer]; ok {
		return slot
	}
	return noCard
}

// chain lets a card come before another of its employer, or be the last.
func (s *saidEmployers) chain(employer uint32, after, slot int32) {
	switch {
	case after != noCard:
		s.cards[after].before = slot
	case slot != noCard:
		s.last[employer] = slot
	default:
		delete(s.last, employer)
	}
}

// latest is what was said last of a key, and when.
func (s *saidEmployers) latest(key string, member int) (string, events.Position) {
	n, ok := s.words.known(key)
	if !ok {
		return "", 0
	}
	for slot := s.head(n); slot != noCard; slot = s.cards[slot].before {
		if c := &s.cards[slot]; c.says[member] != 0 {
			return s.words.texts[c.says[member]], c.order
		}
	}
	return "", 0
}

// ofAll is what was said last of any key of an employer.
func (s *saidEmployers) ofAll(employer string, of func(key string) (string, events.Position)) string {
	s.settle()
	fam := s.same[employer]
	if fam == nil {
		said, _ := of(employer)
		return said
	}
	last, when := "", events.Position(0)
	for _, key := range fam.keys {
		if said, at := of(key); at > when {
			last, when = said, at
		}
	}
	return last
}

// Linked changes whenever what One answers does.
func (f *Facts) Linked() uint64 { return f.said.linked }

// Levelled changes whenever what Level answers does.
func (f *Facts) Levelled() uint64 { return f.said.levelled }

// Level is at what level an employer is approached as a whole, as said last of any of
// its keys (linked as the same or as successor); "" was never said.
func (f *Facts) Level(employer string) string {
	return f.said.ofAll(employer, func(key string) (string, events.Position) {
		n, ok := f.words.known(key)
		if !ok {
			return "", 0
		}
		l := f.said.levels[n]
		return l.level, l.position
	})
}

// Gemeente is where an employer is, as the last surviving description of any of its
// keys that says so says; "" was never said.
func (f *Facts) Gemeente(employer string) string {
	return f.said.ofAll(employer, func(key string) (string, events.Position) {
		return f.said.latest(key, saidGemeente)
	})
}

// Size is an employer's size class, said as Gemeente is.
func (f *Facts) Size(employer string) string {
	return f.said.ofAll(employer, func(key string) (string, events.Position) {
		return f.said.latest(key, saidSize)
	})
}

// Sector is an employer's sector, said as Gemeente is.
func (f *Facts) Sector(employer string) string {
	return f.said.ofAll(employer, func(key string) (string, events.Position) {
		return f.said.latest(key, saidSector)
	})
}

// One is the key that stands for all keys of an employer, the lowest: those linked as
// the same or as successor; with concern also those of one concern.
func (f *Facts) One(employer string, concern bool) string {
	f.said.settle()
	fam := f.said.same[employer]
	if concern {
		fam = f.said.concern[employer]
	}
	if fam == nil {
		return employer
	}
	return fam.one
}

// Keys are all keys of an employer, in order: as One.
func (f *Facts) Keys(employer string) []string {
	f.said.settle()
	if fam := f.said.same[employer]; fam != nil {
		return slices.Clone(fam.keys)
	}
	return []string{employer}
}

// settle works out which keys are one employer, and which one concern.
func (s *saidEmployers) settle() {
	if !s.stale {
		return
	}
	s.stale = false
	s.same = s.families(func(kind string) bool { return kind == projections.LinkSame || kind == projections.LinkSuccessor })
	s.concern = s.families(func(string) bool { return true })
}

func (s *saidEmployers) families(through func(kind string) bool) map[string]*family {
	all := map[string]*family{}
	of := func(key string) *family {
		if all[key] == nil {
			all[key] = &family{keys: []string{key}}
		}
		return all[key]
	}
	for pair, l := range s.links {
		if !l.holds || !through(l.kind) {
			continue
		}
		a, b := of(pair[0]), of(pair[1])
		if a == b {
			continue
		}
		if len(a.keys) < len(b.keys) {
			a, b = b, a
		}
		a.keys = append(a.keys, b.keys...)
		for _, key := range b.keys {
			all[key] = a
		}
	}
	for _, fam := range all {
		if fam.one == "" {
			slices.Sort(fam.keys)
			fam.one = fam.keys[0]
		}
	}
	return all
}
