package projections

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// Roll is who takes part, in memory, from lines of the journal: by the same rules as
// [Members]. Of what a partner serves it knows the subregion only. Reading it changes
// nothing.
type Roll struct {
	partners map[string]*onRoll
	order    []string          // of partners, as they came
	owner    map[string]string // partner by identity
}

type onRoll struct {
	words []word
	standing
	line []stretch
	name string
	past map[events.Position]string // by departure
}

// Leave is that a partner left for good.
type Leave struct {
	Partner string
	From    events.Date
	Past    string // events.PastStays or events.PastLeaves
}

// NewRoll knows nobody yet.
func NewRoll() *Roll {
	return &Roll{partners: map[string]*onRoll{}, owner: map[string]string{}}
}

// Apply takes a line in. One that says nothing of a partner changes nothing.
func (r *Roll) Apply(l *Line) {
	switch l.Type {
	case events.TypePartnerAdmitted:
		p := r.partner(l.Of)
		p.words = append(p.words, word{
			position: l.Position, at: l.At, from: l.From, identities: l.Identities, name: l.Name, gemeenten: l.Gemeenten, subregion: l.Subregion,
		})
		p.admitted(l.From)
		p.name = l.Name
		for _, identity := range l.Identities {
			r.owner[identity] = l.Of
		}
		p.line = stretches(p.words, p.heirs)
	case events.TypePartnerDeparted:
		p := r.partner(l.Of)
		p.words = append(p.words, word{position: l.Position, at: l.At, from: l.From, departed: true})
		p.past[l.Position] = l.Past
		p.line = stretches(p.words, p.heirs)
	case events.TypePartnerSucceeded:
		p := r.partner(l.Of)
		p.succeeded(heir{position: l.Position, at: l.At, by: l.By, from: l.From})
		p.line = stretches(p.words, p.heirs)
	}
}

func (r *Roll) partner(id string) *onRoll {
	p := r.partners[id]
	if p == nil {
		p = &onRoll{past: map[events.Position]string{}}
		r.partners[id] = p
		r.order = append(r.order, id)
	}
	return p
}

// Subregion is a partner's on a day; ok is false when it had not begun by then.
func (r *Roll) Subregion(partner string, day events.Date) (subregion string, ok bool) {
	p := r.partners[partner]
	if p == nil {
		return "", false
	}
	i, found := slices.BinarySearchFunc(p.line, day, func(x stretch, day events.Date) int { return cmp.Compare(x.day, day) })
	if !found {
		i--
	}
	for ; i >= 0; i-- { // once it left, it is what it was
		if x := &p.line[i]; x.active {
			return x.admission.subregion, true
		}
	}
	return "", false
}

// Heir is who goes on with a partner's work on a day: the end of the chain of
// successors, or the partner itself.
func (r *Roll) Heir(partner string, day events.Date) string {
	var seen []string
	for end := partner; ; {
		p := r.partners[end]
		if p == nil {
			return end
		}
		h := heirOn(p.heirs, day)
		if h == nil || slices.Contains(seen, h.by) {
			return end
		}
		seen, end = append(seen, end), h.by
	}
}

// Left are the partners that left and did not come back, by day. Whoever is succeeded
// has not left, unless that was said of it later.
func (r *Roll) Left() (list []Leave) {
	for _, id := range r.order {
		p := r.partners[id]
		if len(p.line) == 0 {
			continue
		}
		last := &p.line[len(p.line)-1]
		past, departed := p.past[last.position]
		if last.active || !departed {
			continue
		}
		from := last.day
		for _, w := range p.words {
			if w.position == last.position {
				from = w.from
			}
		}
		list = append(list, Leave{id, from, past})
	}
	slices.SortFunc(list, func(a, b Leave) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Partner, b.Partner)) })
	return list
}

// Owner is the partner of an identity, "" when nobody has it.
func (r *Roll) Owner(identity string) string { return r.owner[identity] }

// NameOf is a partner's name, as said last; "" when it is not known.
func (r *Roll) NameOf(partner string) string {
	if p := r.partners[partner]; p != nil {
		return p.name
	}
	return ""
}
