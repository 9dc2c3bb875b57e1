package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// saidEmployers is what was said of employers.
type saidEmployers struct {
	cards  []card // descriptions, by order
	of     map[string]*described
	levels map[string]levelSaid
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

// card is what one description says of where an employer is and how large.
type card struct {
	order, report events.Position
	employer      string
	says          [saidMembers]string
	live          bool
}

// described is what all descriptions under one key say.
type described struct {
	slots []int32 // of cards, in order
	last  [saidMembers]lastSaid
}

// lastSaid is what the last description that says so says.
type lastSaid struct {
	says  string
	order events.Position
}

func (d *described) add(c *card) (changed bool) {
	for i, says := range c.says {
		if says != "" {
			changed = changed || says != d.last[i].says
			d.last[i] = lastSaid{says, c.order}
		}
	}
	return changed
}

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

func newSaid() saidEmployers {
	return saidEmployers{of: map[string]*described{}, levels: map[string]levelSaid{}, links: map[[2]string]link{}}
}

func (s *saidEmployers) find(order events.Position) int32 {
	i, ok := slices.BinarySearchFunc(s.cards, order, func(c card, order events.Position) int { return cmp.Compare(c.order, order) })
	if !ok {
		return -1
	}
	return int32(i)
}

// employer takes in what a line says of an employer.
func (f *Facts) employer(l *projections.Line) {
	s := &f.said
	switch l.Type {
	case events.TypeEmployerDescribed:
		f.describe(l)
		return
	case events.TypeLevelSet:
		s.levels[l.Employer] = levelSaid{l.Position, l.Sort}
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
	c := card{order: l.Position, report: l.Position, employer: l.Employer, live: true}
	c.says[saidSize], c.says[saidSector] = l.Size, l.Sector
	if len(l.Gemeenten) > 0 {
		c.says[saidGemeente] = l.Gemeenten[0]
	}
	if r, ok := f.take(l.Target); ok && r.kind == refCard {
		was := &s.cards[r.slot]
		c.order = was.order
		f.refs[l.Position] = ref{refCard, 0, r.slot, c.order}
		s.remove(r.slot)
		*was = c
		s.insert(r.slot)
		f.revisions[projections.PartEmployers]++
		return
	}
	s.cards = append(s.cards, c)
	d := s.ofKey(c.employer)
	d.slots = append(d.slots, int32(len(s.cards)-1))
	if d.add(&c) {
		f.revisions[projections.PartEmployers]++
	}
}

func (f *Facts) undescribe(slot int32) {
	f.said.remove(slot)
	f.said.cards[slot].live = false
	f.revisions[projections.PartEmployers]++
}

func (s *saidEmployers) ofKey(key string) *described {
	d := s.of[key]
	if d == nil {
		d = new(described)
		s.of[key] = d
	}
	return d
}

func (s *saidEmployers) remove(slot int32) {
	d := s.ofKey(s.cards[slot].employer)
	d.slots = slices.DeleteFunc(d.slots, func(x int32) bool { return x == slot })
	s.recount(d)
}

func (s *saidEmployers) insert(slot int32) {
	d := s.ofKey(s.cards[slot].employer)
	i, _ := slices.BinarySearch(d.slots, slot)
	d.slots = slices.Insert(d.slots, i, slot)
	s.recount(d)
}

func (s *saidEmployers) recount(d *described) {
	d.last = [saidMembers]lastSaid{}
	for _, slot := range d.slots {
		d.add(&s.cards[slot])
	}
}

// latest is what was said last of a key, and when.
func (s *saidEmployers) latest(key string, member int) (string, events.Position) {
	if d := s.of[key]; d != nil {
		return d.last[member].says, d.last[member].order
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
		l := f.said.levels[key]
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
