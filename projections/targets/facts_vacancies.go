package targets

import (
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// vacancy is one vacancy; the places that were filled of it are items, each under the
// event that filled them.
type vacancy struct {
	root, report events.Position
	employer     string
	asked        int
	fills        []int32 // slots, in order
}

// open takes in the report of a vacancy, or its correction.
func (f *Facts) open(l *projections.Line) {
	if !f.kept[projections.PartVacancies] {
		return
	}
	v := &vacancy{root: l.Position}
	if r, ok := f.take(l.Target); ok && r.kind == refVacancy {
		v = f.vacancies[r.order]
		f.refs[l.Position] = ref{kind: refVacancy, order: v.root}
	}
	v.report, v.employer, v.asked = l.Position, l.Employer, l.Count
	f.vacancies[v.root] = v
	f.share(v)
}

// closeVacancy takes a vacancy back, and what was filled of it.
func (f *Facts) closeVacancy(v *vacancy) {
	delete(f.vacancies, v.root)
	fills := v.fills
	v.fills = nil
	for _, slot := range fills {
		f.drop(onVacancies, slot)
	}
}

// fill takes in that places were filled, or its correction.
func (f *Facts) fill(l *projections.Line) {
	s := &f.shelves[onVacancies]
	if !f.kept[s.part] {
		return
	}
	x := Item{
		Root: l.Position, Last: l.Position, At: l.At, Part: s.part, Partner: l.Partner, From: l.From, Hours: -1,
		Count: max(l.Count, 0),
	}
	slot := int32(-1)
	if r, ok := f.take(l.Target); ok && r.kind == refReport && r.shelf == onVacancies {
		slot = r.slot
		x.Root, x.At = s.roots[slot], s.item(slot).At
	}
	v := f.vacancies[l.Root]
	if slot >= 0 && (v == nil || s.more[slot].of != v) {
		f.drop(onVacancies, slot)
	}
	if v == nil {
		return // its vacancy was taken back
	}
	if slot < 0 {
		slot = s.add(l.Position)
	} else {
		f.refs[l.Position] = ref{refReport, onVacancies, slot, x.Root}
	}
	m := s.moreOf(slot)
	m.of, m.said, m.report = v, l.Count, l.Position
	x.Employer = v.employer
	s.put(slot, &x)
	f.touched(s.part, x.Root)
	if i, ok := slices.BinarySearch(v.fills, slot); !ok {
		v.fills = slices.Insert(v.fills, i, slot)
	}
	f.share(v)
}

// share gives those that filled all that were left what was left, by all that survives:
// as [projections.Tallies] does.
func (f *Facts) share(v *vacancy) {
	s := &f.shelves[onVacancies]
	done := 0
	for _, slot := range v.fills {
		was := s.item(slot)
		x := *was
		if x.Employer = v.employer; s.more[slot].said < 0 {
			x.Count = max(0, v.asked-done)
		}
		done += x.Count
		if x.Employer != was.Employer || x.Count != was.Count {
			x.Last = f.position
			f.set(onVacancies, slot, &x)
		}
	}
}
