package targets

import (
	"cmp"
	"slices"
	"strings"

	"huisboek/events"
	"huisboek/projections"
)

// valueOf is where a thing falls by a dimension other than partner and month.
func valueOf(f source, d Dimension, it *Item) string {
	value := ""
	switch d {
	case BySubregion:
		value, _ = f.Subregion(it.Partner, it.From)
	case ByLevel:
		value = f.Level(it.Employer)
	case BySector:
		value = it.Sector
	case ByKind:
		value = it.Sort
	case ByGroup:
		value = strings.Join(it.Groups, "+")
	case ByRegister:
		switch it.Register {
		case projections.RegisterYes:
			value = yes
		case projections.RegisterNo:
			value = no
		}
	case ByHours:
		value = hoursClass(it.Hours)
	case ByGemeente:
		value = f.Gemeente(it.Employer)
	default:
		return ""
	}
	return cmp.Or(value, Unknown)
}

// hoursClass is in which class hours a week fall, in hundredths; "" is not known.
func hoursClass(hours int) string {
	switch {
	case hours < 0:
		return ""
	case hours < 1200:
		return "0-11"
	case hours < 2400:
		return "12-23"
	case hours < 3200:
		return "24-31"
	}
	return "32+"
}

// part is what falls together by two dimensions and by who has part in it.
type part struct {
	values      [2]string
	who         int32
	cells       []int32 // where it is shown: in one place, or when split by partner in one for each
	live, shown sum
}

// sum is a weight, whole and as divided among who has part in it.
type sum struct {
	whole   int64
	divided []int64
}

// add adds a weight, or (sign -1) takes it away again.
func (s *sum) add(weight, sign int64, among int) {
	s.whole += sign * weight
	if s.divided == nil {
		s.divided = make([]int64, among)
	}
	if among == 1 {
		s.divided[0] += sign * weight
		return
	}
	for i, w := range divide(weight, among) {
		s.divided[i] += sign * w
	}
}

func (s *sum) of(i int) int64 {
	if s.divided == nil {
		return 0
	}
	return s.divided[i]
}

// parts are the things taken apart, as far as they were.
type parts struct {
	across    [2]Dimension
	list      []part
	at        map[uint64]int32
	numbers   [2]map[string]uint64 // of values, by dimension
	of        []int32              // the part of each of the things that are in it, the first so many
	employers uint64               // what was known of employers

	cells [][2]string         // where parts are shown
	place map[[2]string]int32 // of cells
	order []int32             // of cells, by their values
}

// parts takes the things apart, those that came since it was asked last.
func (c *count) parts(f source, across [2]Dimension) *parts {
	p := c.split[across]
	if p == nil || p.stale(f) {
		p = &parts{across: across, at: map[uint64]int32{}, numbers: [2]map[string]uint64{{}, {}}, place: map[[2]string]int32{}}
		p.employers = p.revision(f)
		c.split[across] = p
	}
	if len(p.of) == 0 {
		p.of = make([]int32, 0, len(c.things))
	}
	for i := len(p.of); i < len(c.things); i++ {
		t := &c.things[i]
		p.of = append(p.of, p.put(c, f, f.Item(partOf(c.v.Measure), t.root), t))
	}
	return p
}

// noPart is the part of what neither counts nor is shown.
const noPart = -1

// put adds a thing, and gives the part that it falls in.
func (p *parts) put(c *count, f source, it *Item, x *counted) int32 {
	if !x.live && !x.shown {
		return noPart
	}
	var values [2]string
	key := uint64(x.who)
	for i, d := range p.across {
		if d == "" || d == ByPartner {
			continue
		}
		if d == ByMonth {
			key |= uint64(x.month) << (24 + 20*i)
			continue
		}
		values[i] = valueOf(f, d, it)
		if c.v.Measure == events.MeasureReached && d.OfPeople() && d != ByGemeente {
			values[i] = Unknown // a visit names groups; an employer is of none
		}
		key |= p.number(i, values[i]) << (24 + 20*i)
	}
	n, ok := p.at[key]
	if !ok {
		for i, d := range p.across {
			if d == ByMonth {
				values[i] = cmp.Or(x.month.String(), Unknown)
			}
		}
		n = int32(len(p.list))
		p.at[key] = n
		p.list = append(p.list, part{values: values, who: x.who, cells: p.cellsOf(values, c.groups[x.who])})
	}
	p.list[n].add(x, +1, len(c.groups[x.who]))
	return n
}

// take takes one of the things out again, that is in it.
func (p *parts) take(c *count, i int, x *counted) {
	if n := p.of[i]; n != noPart {
		p.list[n].add(x, -1, len(c.groups[x.who]))
	}
}

func (to *part) add(x *counted, sign int64, among int) {
	if x.live {
		to.live.add(int64(x.weight), sign, among)
	}
	if x.shown {
		to.shown.add(int64(x.weight), sign, among)
	}
}

// cellsOf are the places where a part of these partners is shown.
func (p *parts) cellsOf(values [2]string, who []string) []int32 {
	by := slices.Index(p.across[:], ByPartner)
	if by < 0 {
		return []int32{p.cell(values)}
	}
	cells := make([]int32, len(who))
	for i, partner := range who {
		values[by] = partner
		cells[i] = p.cell(values)
	}
	return cells
}

func (p *parts) cell(values [2]string) int32 {
	n, ok := p.place[values]
	if !ok {
		n = int32(len(p.cells))
		p.place[values], p.cells = n, append(p.cells, values)
		i, _ := slices.BinarySearchFunc(p.order, values, func(n int32, values [2]string) int { return slices.Compare(p.cells[n][:], values[:]) })
		p.order = slices.Insert(p.order, i, n)
	}
	return n
}

// number is a small number for a value of a dimension.
func (p *parts) number(i int, value string) uint64 {
	n, ok := p.numbers[i][value]
	if !ok {
		n = uint64(len(p.numbers[i]))
		p.numbers[i][value] = n
	}
	return n
}

// stale reports whether a split rests on what is known of employers, and that changed.
func (p *parts) stale(f source) bool { return p.employers != p.revision(f) }

// revision changes with what a split rests on besides the things.
func (p *parts) revision(f source) uint64 {
	switch {
	case slices.Contains(p.across[:], ByGemeente):
		return f.Revision(projections.PartEmployers)
	case slices.Contains(p.across[:], ByLevel):
		return f.Levelled()
	}
	return 0
}

// splitOf takes the total apart for a reader. Of others' placements it shows what counted
// at the end of the last closed month, and the rest as running.
func (c *count) splitOf(f source, across [2]Dimension, r *reader) *Split {
	s := &Split{Across: across}
	exact := r.all || !c.v.OfPlacements()
	if !exact {
		s.Settled = c.closed
	}
	p, byPartner := c.parts(f, across), slices.Contains(across[:], ByPartner)
	shown, running := make([]int64, len(p.cells)), int64(0)
	see := func(cell int32, own bool, live, settled int64) {
		if exact || own {
			shown[cell] += live
			return
		}
		shown[cell] += settled
		running += live - settled
	}
	for i := range p.list {
		x := &p.list[i]
		if who := c.groups[x.who]; !byPartner {
			see(x.cells[0], r.any(who), x.live.whole, x.shown.whole)
		} else {
			for i, partner := range who {
				see(x.cells[i], r.own(partner), x.live.of(i), x.shown.of(i))
			}
		}
	}
	s.Cells = make([]Cell, 0, len(p.cells)+2) // one that is running, one that waits
	for _, n := range p.order {
		if shown[n] != 0 {
			s.Cells = append(s.Cells, Cell{Values: p.cells[n], Amount: Amount(shown[n])})
		}
	}
	if running != 0 {
		x := Cell{Amount: Amount(running)}
		for i, d := range across {
			if d != "" {
				x.Values[i] = Running
			}
		}
		i, _ := slices.BinarySearchFunc(s.Cells, x, compareCells)
		s.Cells = slices.Insert(s.Cells, i, x)
	}
	rounded(c.v.Measure, s.Cells)
	return s
}

func compareCells(a, b Cell) int { return slices.Compare(a.Values[:], b.Values[:]) }

// cellsOf are the cells that hold anything, in order.
func cellsOf(m Measure, by map[[2]string]int64) []Cell {
	cells := make([]Cell, 0, len(by))
	for values, weight := range by {
		if weight != 0 {
			cells = append(cells, Cell{Values: values, Amount: Amount(weight)})
		}
	}
	slices.SortFunc(cells, compareCells)
	rounded(m, cells)
	return cells
}

// rounded makes amounts of the weights of cells in order, which add up to that of their sum.
func rounded(m Measure, cells []Cell) {
	weights := make([]int64, len(cells))
	for i := range cells {
		weights[i] = int64(cells[i].Amount)
	}
	for i, a := range apportion(m, weights) {
		cells[i].Amount = a
	}
}

// sharesOf is what each partner has part in, without what they took on.
func (c *count) sharesOf(f source, r *reader) []Share {
	p := c.parts(f, [2]Dimension{ByPartner})
	for partner := range c.reached.whose { // it may never have been the first
		p.cell([2]string{partner})
	}
	whole, divided := make([]int64, len(p.cells)), make([]int64, len(p.cells))
	exact := r.all || !c.v.OfPlacements()
	var rest, restWhole int64
	for i := range p.list {
		x, others := &p.list[i], false
		for i, partner := range c.groups[x.who] {
			n := x.cells[i]
			if exact || r.own(partner) {
				whole[n] += x.live.whole
				divided[n] += x.live.of(i)
				continue
			}
			others = true
			whole[n] += x.shown.whole
			divided[n] += x.shown.of(i)
			rest += x.live.of(i) - x.shown.of(i)
		}
		if others {
			restWhole += x.live.whole - x.shown.whole
		}
	}
	if c.v.Measure == events.MeasureReached {
		for n, values := range p.cells {
			whole[n] = 100 * int64(len(c.reached.whose[values[0]]))
		}
	}
	shares, weights := make([]Share, 0, len(p.cells)+1), make([]int64, 0, len(p.cells)+1)
	add := func(s Share, whole, divided int64) {
		if whole != 0 || divided != 0 {
			s.Whole = amountOf(c.v.Measure, whole)
			shares, weights = append(shares, s), append(weights, divided)
		}
	}
	for _, n := range p.order {
		add(Share{Partner: p.cells[n][0]}, whole[n], divided[n])
	}
	add(Share{Label: Running}, restWhole, rest)
	for i, a := range apportion(c.v.Measure, weights) {
		shares[i].Divided = a
	}
	return slices.DeleteFunc(shares, func(s Share) bool { return s.Whole == 0 && s.Divided == 0 })
}
