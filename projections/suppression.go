package projections

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// Figures are counts that one reader may see.
type Figures struct {
	// Plain are counts per partner and month, target groups left aside: the
	// reader's own, and others'; of others' placements closed months only.
	Plain []Cell
	// Own are the reader's own counts by target group or theme, as they stand.
	Own []Cell
	// Joint are counts by target group of all partners together (Partner is
	// empty), the reader included, as far as they have been released ([Figures.Release]);
	// of signals by theme, of every month, as they stand. A cell that is not here is
	// zero or is left out; Months says where that may be.
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

// Suppress keeps what a reader may see of the counts that q asked for, which are those
// of all partners as they stand (docs/design.md, promise 9). A month is closed when it
// is before the running one.
//
// Plain counts per partner and closed month are exempt; visits and services say nothing
// of candidates and are shown for every month. By target group others' counts are shown
// in classes of people only, which are not made here: see [Figures.Release].
//
// Signals and vacancies are of employers and not of people: nothing of them is left
// out. Another partner's signals have no theme all the same: a signal is its own
// partner's, and only the joint count says what about.
//
// own says which partners' counts are the reader's own: its, and those of whom it
// goes on with the work.
func Suppress(q Query, now []Cell, own func(partner string) bool, today events.Date) Figures {
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
	f.Joint = byTheme(now)
	f.Months = openMonth(q, running)
	f.Totals = f.totals()
	return f
}

// Release puts what has been released by target group in the place of Joint: cells of
// one measure, by month and group. What waits to be released may be of any month, so
// that none of these months is complete.
func (f *Figures) Release(released []Cell, measure string, months []string) {
	f.Joint = released
	for _, month := range months {
		f.Months = append(f.Months, LeftOut{Measure: measure, Month: month, Groups: true})
	}
	f.Totals = f.totals()
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

// byTheme are the counts of what is of employers, by group, of all partners together.
func byTheme(cells []Cell) (list []Cell) {
	sums := map[Cell]int{}
	for _, c := range only(ofEmployers, cells) {
		if c.TargetGroup != "" {
			sums[Cell{Measure: c.Measure, Month: c.Month, TargetGroup: c.TargetGroup}] += c.Count
		}
	}
	for c, n := range sums {
		if c.Count = n; n != 0 {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(measureIndex(a.Measure), measureIndex(b.Measure)), cmp.Compare(a.Month, b.Month), cmp.Compare(a.TargetGroup, b.TargetGroup))
	})
	return list
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
