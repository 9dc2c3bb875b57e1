package targets

import (
	"cmp"
	"slices"
	"strings"

	"huisboek/events"
	"huisboek/projections"
)

// valueOf is where a thing falls by a dimension; by partner see [count.spread].
func valueOf(f source, d Dimension, it *Item, month string) string {
	value := ""
	switch d {
	case ByMonth:
		value = month
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
	live, shown sum
}

// sum is a weight, whole and as divided among who has part in it.
type sum struct {
	whole   int64
	divided []int64
}

func (s *sum) add(weight int64, among int) {
	s.whole += weight
	if s.divided == nil {
		s.divided = make([]int64, among)
	}
	if among == 1 {
		s.divided[0] += weight
		return
	}
	for i, w := range divide(weight, among) {
		s.divided[i] += w
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
	list      []part
	at        map[uint64]int32
	numbers   [2]map[string]uint64 // of values, by dimension
	things    int                  // so many are in it
	employers uint64               // what was known of employers
}

// parts takes the things apart, those that came since it was asked last.
func (c *count) parts(f source, across [2]Dimension) []part {
	p := c.split[across]
	if revision := f.Revision(projections.PartEmployers); p == nil || p.employers != revision && ofEmployer(across) {
		p = &parts{at: map[uint64]int32{}, numbers: [2]map[string]uint64{{}, {}}, employers: revision}
		c.split[across] = p
	}
	for ; p.things < len(c.things); p.things++ {
		x := &c.things[p.things]
		if !x.live && !x.shown {
			continue
		}
		var values [2]string
		key := uint64(x.who)
		for i, d := range across {
			if d == "" || d == ByPartner {
				continue
			}
			values[i] = valueOf(f, d, x.item, x.month)
			if c.v.Measure == events.MeasureReached && d.OfPeople() && d != ByGemeente {
				values[i] = Unknown // a visit names groups; an employer is of none
			}
			key |= p.number(i, d, values[i]) << (24 + 20*i)
		}
		n, ok := p.at[key]
		if !ok {
			n = int32(len(p.list))
			p.at[key] = n
			p.list = append(p.list, part{values: values, who: x.who})
		}
		among := len(c.groups[x.who])
		if x.live {
			p.list[n].live.add(x.weight, among)
		}
		if x.shown {
			p.list[n].shown.add(x.weight, among)
		}
	}
	return p.list
}

// number is a small number for a value of a dimension.
func (p *parts) number(i int, d Dimension, value string) uint64 {
	if d == ByMonth && len(value) == len("2026-11") {
		digit := func(i int) uint64 { return uint64(value[i] - '0') }
		return 12*(1000*digit(0)+100*digit(1)+10*digit(2)+digit(3)) + 10*digit(5) + digit(6)
	}
	n, ok := p.numbers[i][value]
	if !ok {
		n = uint64(len(p.numbers[i]))
		p.numbers[i][value] = n
	}
	return n
}

// ofEmployer reports whether a split depends on what is known of employers now.
func ofEmployer(across [2]Dimension) bool {
	return slices.ContainsFunc(across[:], func(d Dimension) bool { return d == ByLevel || d == ByGemeente })
}

// bit is what a reader sees of one partner's part of something. Of others' placements
// it is what counted at the end of the last closed month, and the rest is running.
type bit struct {
	partner        string // "" is all of them, in a split that is not by partner
	values         [2]string
	shown, running int64
}

// spread gives what a reader sees, divided among partners when byPartner.
func (c *count) spread(f source, across [2]Dimension, byPartner bool, r *reader, fn func(bit)) {
	exact := r.all || !c.v.OfPlacements()
	for _, p := range c.parts(f, across) {
		who := c.groups[p.who]
		if !byPartner {
			b := bit{values: p.values, shown: p.live.whole}
			if !exact && !r.any(who) {
				b.shown, b.running = p.shown.whole, p.live.whole-p.shown.whole
			}
			fn(b)
			continue
		}
		for i, partner := range who {
			b := bit{partner: partner, values: p.values, shown: p.live.of(i)}
			if !exact && !r.own(partner) {
				b.shown, b.running = p.shown.of(i), p.live.of(i)-p.shown.of(i)
			}
			fn(b)
		}
	}
}

// splitOf takes the total apart for a reader.
func (c *count) splitOf(f source, across [2]Dimension, r *reader) *Split {
	s := &Split{Across: across}
	if c.v.OfPlacements() && !r.all {
		s.Settled = c.closed
	}
	by := map[[2]string]int64{}
	running := [2]string{}
	for i, d := range across {
		if d != "" {
			running[i] = Running
		}
	}
	c.spread(f, across, slices.Contains(across[:], ByPartner), r, func(b bit) {
		for i, d := range across {
			if d == ByPartner {
				b.values[i] = b.partner
			}
		}
		by[b.values] += b.shown
		by[running] += b.running
	})
	s.Cells = cellsOf(c.v.Measure, by)
	return s
}

// cellsOf are the cells that hold anything, in order.
func cellsOf(m Measure, by map[[2]string]int64) (cells []Cell) {
	var weights []int64
	for values, weight := range by {
		if weight != 0 {
			cells = append(cells, Cell{Values: values, Amount: Amount(weight)})
		}
	}
	slices.SortFunc(cells, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Values[0], b.Values[0]), cmp.Compare(a.Values[1], b.Values[1]))
	})
	for _, c := range cells {
		weights = append(weights, int64(c.Amount))
	}
	for i, a := range apportion(m, weights) {
		cells[i].Amount = a
	}
	return cells
}

// sharesOf is what each partner has part in, without what they took on.
func (c *count) sharesOf(f source, r *reader) (shares []Share) {
	place := map[string]int{}
	var whole, divided []int64
	at := func(partner string) int {
		n, ok := place[partner]
		if !ok {
			n = len(shares)
			place[partner] = n
			shares, whole, divided = append(shares, Share{Partner: partner}), append(whole, 0), append(divided, 0)
		}
		return n
	}
	exact := r.all || !c.v.OfPlacements()
	var rest, restWhole int64
	for _, p := range c.parts(f, [2]Dimension{ByMonth}) {
		others := false
		for i, partner := range c.groups[p.who] {
			n := at(partner)
			if exact || r.own(partner) {
				whole[n] += p.live.whole
				divided[n] += p.live.of(i)
				continue
			}
			others = true
			whole[n] += p.shown.whole
			divided[n] += p.shown.of(i)
			rest += p.live.of(i) - p.shown.of(i)
		}
		if others {
			restWhole += p.live.whole - p.shown.whole
		}
	}
	if c.v.Measure == events.MeasureReached {
		clear(whole)
		for _, e := range c.reached {
			for _, partner := range e.all {
				whole[at(partner)] += 100
			}
		}
	}
	if rest != 0 || restWhole != 0 {
		n := at("")
		shares[n].Label, whole[n], divided[n] = Running, restWhole, rest
	}
	for i, a := range apportion(c.v.Measure, divided) {
		shares[i].Divided, shares[i].Whole = a, amountOf(c.v.Measure, whole[i])
	}
	return slices.DeleteFunc(shares, func(s Share) bool { return s.Whole == 0 && s.Divided == 0 })
}
