package pages

import (
	"cmp"
	"slices"

	"huisboek/adapters/web"
)

// crossTable is a standing taken apart by two.
type crossTable struct {
	Of, By  string
	Columns []string
	Rows    []crossRow
	Totals  []string
}

type crossRow struct {
	Name  string
	Cells []string // empty: nothing
	Total string
}

// crossHead is a row or a column of a table of two dimensions.
type crossHead struct {
	code, name, sort string
	order            int
}

// columnsMost is how many columns are still read at a glance.
const columnsMost = 8

// crossed is a table of two dimensions: what is not in it is nothing. What has many values
// goes down.
func (v *visit) crossed(s *stood, x *web.TargetSplit) *crossTable {
	heads := [2][]crossHead{v.crossHeads(s, x, 0), v.crossHeads(s, x, 1)}
	down, along := 0, 1
	if len(heads[1]) > max(columnsMost, len(heads[0])) {
		down, along = 1, 0
	}
	t := &crossTable{Of: v.coded("splits." + x.Across[down]), By: v.coded("splits." + x.Across[along])}
	cells, sums := map[[2]string]float64{}, [2]map[string]float64{{}, {}}
	for i := range x.Cells {
		c := &x.Cells[i]
		cells[[2]string{c.Codes[down], c.Codes[along]}] += c.Count
		sums[0][c.Codes[down]] += c.Count
		sums[1][c.Codes[along]] += c.Count
	}
	for _, column := range heads[along] {
		t.Columns = append(t.Columns, column.name)
		t.Totals = append(t.Totals, v.amount(sums[1][column.code]))
	}
	for _, row := range heads[down] {
		r := crossRow{Name: row.name, Total: v.amount(sums[0][row.code])}
		for _, column := range heads[along] {
			text := ""
			if n, ok := cells[[2]string{row.code, column.code}]; ok {
				text = v.amount(n)
			}
			r.Cells = append(r.Cells, text)
		}
		t.Rows = append(t.Rows, r)
	}
	return t
}

// crossHeads are the values of one of two dimensions, in their order.
func (v *visit) crossHeads(s *stood, x *web.TargetSplit, axis int) (heads []crossHead) {
	for i := range x.Cells {
		c := &x.Cells[i]
		code := c.Codes[axis]
		if !slices.ContainsFunc(heads, func(h crossHead) bool { return h.code == code }) {
			h := crossHead{code: code, name: v.value(s, x.Across[axis], c.Values[axis], code)}
			h.order, h.sort = v.orderOf(x.Across[axis], code, h.name)
			heads = append(heads, h)
		}
	}
	slices.SortStableFunc(heads, func(a, b crossHead) int { return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.sort, b.sort)) })
	return heads
}
