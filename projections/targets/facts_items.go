package targets

import (
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// shelf is the items of one part. Roots only grow, so that an item is found without an
// index, and few items have more to them than an Item.
type shelf struct {
	part  projections.Part
	words *words
	roots []events.Position
	items []packed
	ids   []itemID // of placements
	wide  map[int32]*Item
	more  map[int32]*more
}

// more is what else there is to know of an item.
type more struct {
	report events.Position // of the correction that stands; 0 is the first report
	to     events.Date     // as reported, without the endings
	ends   []ending        // by order
	with   []ending        // who confirmed to take part, by order
	of     *vacancy        // whose places it filled
	said   int             // how many; -1 is all that were left
}

// ending is one surviving event that goes with an item.
type ending struct {
	order   events.Position
	to      events.Date
	partner string
}

func (f *Facts) shelf(part projections.Part) *shelf {
	for i := range f.shelves {
		if f.shelves[i].part == part {
			return &f.shelves[i]
		}
	}
	return nil
}

// find is the slot of a root, -1 when there is none.
func (s *shelf) find(root events.Position) int32 {
	if i, ok := slices.BinarySearch(s.roots, root); ok {
		return int32(i)
	}
	return -1
}

// add makes a slot; root is after all that there are.
func (s *shelf) add(root events.Position) int32 {
	s.roots, s.items = append(s.roots, root), append(s.items, packed{})
	if s.part == projections.PartPlacements {
		s.ids = append(s.ids, itemID{})
	}
	return int32(len(s.roots) - 1)
}

// put keeps an item, in the place of what was there.
func (s *shelf) put(slot int32, x *Item) {
	s.remove(slot)
	id, ok := itemID{}, x.Placement == ""
	if s.ids != nil && !ok {
		id, ok = uuidOf(x.Placement)
	}
	p, fits := s.words.pack(x)
	if ok = ok && fits && x.Root == s.roots[slot]; !ok {
		wide := *x
		s.wide[slot], p = &wide, packed{state: itemWide}
	} else if s.ids != nil {
		s.ids[slot] = id
	}
	s.items[slot] = p
}

func (s *shelf) remove(slot int32) {
	if s.items[slot].state == itemWide {
		delete(s.wide, slot)
	}
	s.items[slot] = packed{}
}

func (s *shelf) there(slot int32) bool { return s.items[slot].state != itemGone }

// load is the item in a slot; false when there is none.
func (s *shelf) load(slot int32, x *Item) bool {
	p := &s.items[slot]
	switch p.state {
	case itemGone:
		return false
	case itemWide:
		*x = *s.wide[slot]
		return true
	}
	*x = Item{Root: s.roots[slot], Last: s.roots[slot], Part: s.part}
	s.words.unpack(p, x)
	if s.ids != nil {
		x.Placement = uuidText(&s.ids[slot])
	}
	return true
}

// item is the item in a slot, nil when there is none.
func (s *shelf) item(slot int32) *Item {
	if !s.there(slot) {
		return nil
	}
	x := new(Item)
	s.load(slot, x)
	return x
}

func (s *shelf) moreOf(slot int32) *more {
	m := s.more[slot]
	if m == nil {
		m = new(more)
		s.more[slot] = m
	}
	return m
}

// alive is what the surviving event at a position is.
func (f *Facts) alive(p events.Position) (r ref, ok bool) {
	if r, ok = f.refs[p]; ok || p == 0 {
		gone := r.kind <= refConfirmed && ok && !f.shelves[r.shelf].there(r.slot)
		return r, ok && !gone // it went with its item
	}
	for i := range f.shelves {
		s := &f.shelves[i]
		slot := s.find(p)
		if slot < 0 || !s.there(slot) {
			continue
		}
		m := s.more[slot]
		return ref{refReport, byte(i), slot, p}, m == nil || m.report == 0 || m.report == p
	}
	if v := f.vacancies[p]; v != nil {
		return ref{kind: refVacancy, order: p}, v.report == p
	}
	if i := f.said.find(p); i >= 0 {
		return ref{refCard, 0, i, p}, f.said.stands(i, p)
	}
	return r, false
}

// take is as alive; the event is then retracted or corrected.
func (f *Facts) take(p events.Position) (ref, bool) {
	r, ok := f.alive(p)
	if ok {
		delete(f.refs, p)
	}
	return r, ok
}

// undo takes back what an event did that is retracted.
func (f *Facts) undo(r ref) {
	switch r.kind {
	case refReport:
		f.drop(int(r.shelf), r.slot)
	case refEnd:
		f.change(int(r.shelf), r.slot, func(m *more) { m.ends = without(m.ends, r.order) })
	case refConfirmed:
		f.change(int(r.shelf), r.slot, func(m *more) { m.with = without(m.with, r.order) })
	case refVacancy:
		f.closeVacancy(f.vacancies[r.order])
	case refCard:
		f.undescribe(r.slot)
	}
}

// report takes in the report of an item, or its correction.
func (f *Facts) report(on int, l *projections.Line) {
	s := &f.shelves[on]
	if !f.kept[s.part] {
		return
	}
	slot := int32(-1)
	if r, ok := f.take(l.Target); ok && r.kind == refReport && int(r.shelf) == on {
		slot = r.slot
	} else if l.Root != 0 {
		slot = s.find(l.Root)
	}
	x := Item{
		Root: l.Position, Last: l.Position, At: l.At, Part: s.part, Employer: l.Employer, Partner: l.Partner, From: l.From,
		Sort: l.Sort, Groups: l.Groups, Hours: l.Hours, Register: l.Register, Sector: l.Sector, Count: 1, Placement: l.ID,
	}
	switch on {
	case onPlacements:
		x.To = l.To
	case onServices:
		x.Count = l.Count
	}
	if slot < 0 {
		slot = s.add(l.Position)
		f.set(on, slot, &x)
		return
	}
	x.Root = s.roots[slot]
	if was := s.item(slot); was != nil {
		x.At = was.At
	}
	m := s.moreOf(slot)
	m.report, m.to = l.Position, x.To
	f.refs[l.Position] = ref{refReport, byte(on), slot, x.Root}
	m.fill(&x)
	f.set(on, slot, &x)
}

// fill fills in of an item what goes with it.
func (m *more) fill(x *Item) {
	x.To = m.to
	if n := len(m.ends); n > 0 {
		x.To = m.ends[n-1].to
	}
	x.With = nil
	for _, w := range m.with {
		if w.partner != x.Partner && !slices.Contains(x.With, w.partner) {
			x.With = append(x.With, w.partner)
		}
	}
	slices.Sort(x.With)
}

// set puts an item in its slot, nil to take it away.
func (f *Facts) set(on int, slot int32, x *Item) {
	s := &f.shelves[on]
	was := s.item(slot)
	if x == nil {
		s.remove(slot)
	} else {
		s.put(slot, x)
	}
	if on == onPlacements {
		f.alike.changed(f, slot, was, x)
		f.pairs.changed(s.roots[slot])
	}
	f.touched(s.part, s.roots[slot])
}

// change changes what goes with an item, as long as it is there.
func (f *Facts) change(on int, slot int32, change func(*more)) {
	s := &f.shelves[on]
	x := Item{}
	if slot < 0 || !s.load(slot, &x) {
		return
	}
	m := s.more[slot]
	if m == nil {
		m = s.moreOf(slot)
		m.to = x.To
	}
	change(m)
	m.fill(&x)
	f.set(on, slot, &x)
}

// drop takes an item away, and what goes with it.
func (f *Facts) drop(on int, slot int32) {
	s := &f.shelves[on]
	if !s.there(slot) {
		return
	}
	var of *vacancy
	if m := s.more[slot]; m != nil {
		of = m.of
	}
	delete(s.more, slot)
	f.set(on, slot, nil)
	if of != nil {
		of.fills = slices.DeleteFunc(of.fills, func(x int32) bool { return x == slot })
		f.share(of)
	}
}

// end notes when a placement ended, or corrects that.
func (f *Facts) end(l *projections.Line) {
	s := &f.shelves[onPlacements]
	if !f.kept[s.part] {
		return
	}
	e := ending{order: l.Position, to: l.From}
	if r, ok := f.take(l.Target); ok && r.kind == refEnd {
		e.order = r.order
		f.undo(r)
	}
	slot := s.find(l.Root)
	if slot < 0 || !s.there(slot) {
		return
	}
	f.refs[l.Position] = ref{refEnd, onPlacements, slot, e.order}
	f.change(onPlacements, slot, func(m *more) { m.ends = inOrder(m.ends, e) })
}

// confirm notes that a partner takes part in what another told.
func (f *Facts) confirm(l *projections.Line) {
	r, ok := f.alive(l.Confirms)
	if !ok || r.kind != refReport || r.shelf != onPlacements && r.shelf != onVisits {
		return
	}
	f.refs[l.Position] = ref{refConfirmed, r.shelf, r.slot, l.Position}
	f.change(int(r.shelf), r.slot, func(m *more) { m.with = inOrder(m.with, ending{order: l.Position, partner: l.Partner}) })
}

func inOrder(list []ending, e ending) []ending {
	list = append(slices.Clip(list), e)
	slices.SortFunc(list, func(a, b ending) int { return int(int64(a.order) - int64(b.order)) })
	return list
}

func without(list []ending, order events.Position) []ending {
	return slices.DeleteFunc(slices.Clone(list), func(e ending) bool { return e.order == order })
}

// employer is the key of the employer of the item in a slot.
func (s *shelf) employer(slot int32) string {
	if s.items[slot].state == itemWide {
		return s.wide[slot].Employer
	}
	return s.words.key(s.items[slot].employer)
}
