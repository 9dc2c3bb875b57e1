package projections

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Quarter is the quarter that a month lies in: "2026-Q4" for "2026-11"; "" for what
// is no month.
func Quarter(month string) string {
	m, err := time.Parse("2006-01", month)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s-Q%d", month[:4], (m.Month()+2)/3)
}

// ByQuarter are the same figures with the months of each quarter taken together: a
// quarter is the sum of what is shown of its months, so that it gives away nothing
// that they do not, and is not complete when one of them is not. Of a quarter that
// was asked for in part that part is counted.
func (f *Figures) ByQuarter() Figures {
	q := Figures{Plain: quarters(f.Plain), Own: quarters(f.Own), Joint: quarters(f.Joint), Totals: slices.Clone(f.Totals)}
	for _, m := range f.Months {
		m.Month = Quarter(m.Month)
		i := slices.IndexFunc(q.Months, func(l LeftOut) bool { return l.Measure == m.Measure && l.Month == m.Month })
		if i < 0 {
			q.Months = append(q.Months, m)
			continue
		}
		q.Months[i].Plain = q.Months[i].Plain || m.Plain
		q.Months[i].Groups = q.Months[i].Groups || m.Groups
	}
	return q
}

func quarters(cells []Cell) []Cell {
	sums := map[Cell]int{}
	for _, c := range cells {
		n := c.Count
		c.Month, c.Count = Quarter(c.Month), 0
		sums[c] += n
	}
	list := make([]Cell, 0, len(sums))
	for c, n := range sums {
		c.Count = n
		list = append(list, c)
	}
	slices.SortFunc(list, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(measureIndex(a.Measure), measureIndex(b.Measure)), cmp.Compare(a.Month, b.Month),
			cmp.Compare(a.Partner, b.Partner), cmp.Compare(a.TargetGroup, b.TargetGroup))
	})
	return list
}
