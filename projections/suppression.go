package projections

import (
	"cmp"
	"maps"
	"slices"

	"huisboek/events"
)

// SmallestCell is the smallest count of others' events by target group that is
// shown (docs/design.md, promise 9).
const SmallestCell = 5

// Figures are counts that one reader may see.
type Figures struct {
	// Plain are counts per partner and month, target groups left aside: the
	// reader's own, and others'; of others' placements closed months only.
	Plain []Cell
	// Own are the reader's own counts by target group or theme, as they stand.
	Own []Cell
	// Joint are counts by target group of all partners together (Partner is
	// empty), the reader included, of closed months, as they stood when the
	// running month began; of signals by theme, of every month, as they stand. A
	// cell that is not here is zero or is left out; Months says where that may be.
	Joint []Cell
	// Months are the measures and months in which something is left out of Plain
	// or Joint; the running month, when asked for, stands for all that are not
	// closed.
	Months []LeftOut
	// Totals are the sums over the months asked for: of Plain (target group "")
	// and of Joint.
	Totals []Total
}

// LeftOut says that a month is not complete in a reader's figures.
type LeftOut struct {
	Measure string
	Month   string
	Plain   bool // others' placements: the month is not closed
	Groups  bool // cells by target group
}

// Total is the sum of the shown months of one measure and target group ("": all).
type Total struct {
	Measure     string
	TargetGroup string
	Count       int
	Incomplete  bool // something is or may be left out of the sum
}

// Suppress keeps what a reader may see of the counts that q asked for
// (docs/design.md, promise 9). now are the counts of all partners as they stand,
// settled as they stood when the running month of today began: what others may
// see by target group moves at a month's end only. A month is closed when it is
// before the running one.
//
// By target group others' counts exist only in the joint cell of all partners. A
// joint cell is left out when the others' part of it is 1 to 4, and then more
// until it cannot be found by subtraction: see conceal. Plain counts per partner
// and closed month are exempt; visits and services say nothing of candidates and
// are shown for every month. A period's total is the sum of what is shown: were
// it the true sum, the difference of two periods would give what is left out.
//
// Signals and vacancies are of employers and not of people: nothing of them is left
// out. Another partner's signals have no theme all the same: a signal is its own
// partner's, and only the joint count says what about.
//
// own says which partners' counts are the reader's own: its, and those of whom it
// goes on with the work. It knows them as well as its own: among the others they
// would not hide what of a joint count is a third one's.
func Suppress(q Query, now, settled []Cell, own func(partner string) bool, today events.Date) Figures {
	running := today.Month()
	var f Figures
	for _, c := range now {
		switch {
		case c.TargetGroup == "" && (own(c.Partner) || c.Measure != MeasurePlacements || c.Month < running):
			f.Plain = append(f.Plain, c)
		case c.TargetGroup != "" && own(c.Partner):
			f.Own = append(f.Own, c)
		}
	}
	for _, m := range jointMonths(append(only(ofPeople, settled), only(ofEmployers, now)...), own) {
		switch {
		case ofEmployers(m.measure):
			f.Joint = append(f.Joint, m.cells(m.groups)...)
			continue
		case m.month >= running:
			continue
		}
		shown, complete := conceal(m.groups)
		f.Joint = append(f.Joint, m.cells(shown)...)
		if !complete {
			f.Months = append(f.Months, LeftOut{Measure: m.measure, Month: m.month, Groups: true})
		}
	}
	f.Months = append(f.Months, openMonth(q, running)...)
	f.Totals = f.totals()
	return f
}

// ofPeople are the measures whose counts by group could point at people, ofEmployers
// the others.
func ofPeople(measure string) bool { return !ofEmployers(measure) }

func ofEmployers(measure string) bool {
	return measure == MeasureSignals || measure == MeasureVacancies || measure == MeasureFilled
}

func only(which func(measure string) bool, cells []Cell) (list []Cell) {
	for _, c := range cells {
		if which(c.Measure) {
			list = append(list, c)
		}
	}
	return list
}

// openMonth says that the running month, when it or a later one was asked for, is
// not complete. Whether others did anything in it is not told either.
func openMonth(q Query, running string) (left []LeftOut) {
	if q.To != "" && q.To < running {
		return nil
	}
	for _, measure := range Measures {
		if ofPeople(measure) && (q.Measure == "" || q.Measure == measure) {
			left = append(left, LeftOut{measure, running, measure == MeasurePlacements, true})
		}
	}
	return left
}

// groupCount is one target group in one month: the reader's own and the others' part.
type groupCount struct {
	group       string
	own, others int
}

// conceal decides which joint cells of one month are shown. A cell whose others'
// part is 1 to 4 is hidden. While something is hidden, but it is one cell only or
// the others' part of all hidden cells is below five, the next smallest cell is
// hidden too: otherwise the plain counts, which are known, would give it away. If
// that does not help, the whole month is hidden, cells without others' part too.
func conceal(groups []groupCount) (shown []groupCount, complete bool) {
	var hidden, sum int
	for _, g := range groups {
		if g.others > 0 && g.others < SmallestCell {
			hidden, sum = hidden+1, sum+g.others
		} else {
			shown = append(shown, g)
		}
	}
	if hidden == 0 {
		return shown, true
	}
	for hidden < 2 || sum < SmallestCell {
		next := -1
		for i, g := range shown {
			if g.others > 0 && (next < 0 || g.others < shown[next].others) {
				next = i
			}
		}
		if next < 0 {
			return nil, false
		}
		hidden, sum = hidden+1, sum+shown[next].others
		shown = slices.Delete(shown, next, next+1)
	}
	return shown, false
}

// jointMonth is one measure and month of all partners, by target group.
type jointMonth struct {
	measure, month string
	groups         []groupCount // by name
}

func jointMonths(cells []Cell, own func(partner string) bool) []jointMonth {
	type key struct{ measure, month string }
	byGroup := map[key]map[string]groupCount{}
	for _, c := range cells {
		if c.TargetGroup == "" {
			continue
		}
		k := key{c.Measure, c.Month}
		if byGroup[k] == nil {
			byGroup[k] = map[string]groupCount{}
		}
		g := byGroup[k][c.TargetGroup]
		g.group = c.TargetGroup
		if own(c.Partner) {
			g.own += c.Count
		} else {
			g.others += c.Count
		}
		byGroup[k][c.TargetGroup] = g
	}
	months := make([]jointMonth, 0, len(byGroup))
	for k, groups := range byGroup {
		months = append(months, jointMonth{k.measure, k.month, slices.SortedFunc(maps.Values(groups),
			func(a, b groupCount) int { return cmp.Compare(a.group, b.group) })})
	}
	slices.SortFunc(months, func(a, b jointMonth) int {
		return cmp.Or(cmp.Compare(measureIndex(a.measure), measureIndex(b.measure)), cmp.Compare(a.month, b.month))
	})
	return months
}

func (m *jointMonth) cells(shown []groupCount) []Cell {
	cells := make([]Cell, 0, len(shown))
	for _, g := range shown {
		if n := g.own + g.others; n != 0 {
			cells = append(cells, Cell{Measure: m.measure, Month: m.month, TargetGroup: g.group, Count: n})
		}
	}
	return cells
}

func (f *Figures) totals() []Total {
	var totals []Total
	add := func(c Cell, incomplete bool) {
		for i := range totals {
			if totals[i].Measure == c.Measure && totals[i].TargetGroup == c.TargetGroup {
				totals[i].Count += c.Count
				return
			}
		}
		totals = append(totals, Total{c.Measure, c.TargetGroup, c.Count, incomplete})
	}
	left := func(measure string, groups bool) bool {
		return slices.ContainsFunc(f.Months, func(l LeftOut) bool {
			return l.Measure == measure && (groups && l.Groups || !groups && l.Plain)
		})
	}
	for _, c := range f.Plain {
		add(c, left(c.Measure, false))
	}
	for _, c := range f.Joint {
		add(c, left(c.Measure, true))
	}
	slices.SortStableFunc(totals, func(a, b Total) int {
		return cmp.Or(cmp.Compare(measureIndex(a.Measure), measureIndex(b.Measure)), cmp.Compare(a.TargetGroup, b.TargetGroup))
	})
	return totals
}

// VisibleMonths keeps what a reader may see of the placements at an employer: its
// own, and others' of closed months.
func VisibleMonths(counts []MonthCount, own func(partner string) bool, today events.Date) []MonthCount {
	running := today.Month()
	return slices.DeleteFunc(slices.Clone(counts), func(c MonthCount) bool {
		return c.Month >= running && !own(c.Partner)
	})
}

func measureIndex(measure string) int { return slices.Index(Measures[:], measure) }
