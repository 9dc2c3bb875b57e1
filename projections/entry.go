package projections

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// The kinds of an entry in an approach, and in a vacancy.
const (
	entryPlan   = 'p'
	entryMove   = 'm'
	entryOff    = 'o'
	entryMade   = 'v'
	entryLonger = 'x'

	entryFilled    = 'f'
	entryWithdrawn = 'w'
)

// entry is one surviving event of an approach or a vacancy, or one ending of a
// placement.
type entry struct {
	Position events.Position
	Order    events.Position
	Kind     byte        // 0 for an ending
	From, To events.Date // of a plan or move; From of an ending; To of an extension
	Count    int         // of places of a vacancy that were filled; 0 for all that were left

	// Of a plan or move, by the agreement in force when it was recorded: the
	// last day on which it holds the employer without a day of its own, and at most.
	Valid, Limit events.Date

	Holds   bool // of a plan or move: it was free or a warning, or its maker went through
	Despite bool // of a plan or move: its maker went through a warning
}

// replaceEntry puts an entry in the place of the one of its order, or at the end.
func replaceEntry(list []entry, e entry) []entry {
	for i := range list {
		if list[i].Order == e.Order {
			list[i] = e
			return list
		}
	}
	return append(list, e)
}

// inOrder is entries by their order: one that was corrected was put at the end.
func inOrder(list []entry) []entry {
	byOrder := func(a, b entry) int { return cmp.Compare(a.Order, b.Order) }
	if slices.IsSortedFunc(list, byOrder) { // nearly always
		return list
	}
	return slices.SortedFunc(slices.Values(list), byOrder)
}

func withoutEntry(list []entry, order events.Position) []entry {
	return slices.DeleteFunc(list, func(e entry) bool { return e.Order == order })
}

func (e *encoder) entries(list []entry) {
	e.uint(uint64(len(list)))
	for _, x := range list {
		e.position(x.Position)
		e.position(x.Order)
		e.byte(x.Kind)
		e.date(x.From)
		e.date(x.To)
		e.uint(uint64(x.Count))
		e.date(x.Valid)
		e.date(x.Limit)
		e.bool(x.Holds)
		e.bool(x.Despite)
	}
}

func (d *decoder) entries() []entry {
	n := d.count()
	list := make([]entry, n, n+1)
	for i := range list {
		list[i] = entry{d.position(), d.position(), d.byte(), d.date(), d.date(), int(d.uint()), d.date(), d.date(), d.bool(), d.bool()}
	}
	return list
}
