package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// standing counts everything; ok is false when there is no target.
func (m model) standing(on events.Date, across [2]Dimension) (c *counting, ok bool) {
	d := m.version()
	if d == nil {
		return nil, false
	}
	facts := m.facts(d.Measure)
	ofPlacements := d.Measure == events.MeasurePlacements || d.Measure == events.MeasureJobs
	cluster := make([]int, len(facts)) // the first of those that are the same
	for i := range facts {
		cluster[i] = i
	}
	state := map[[2]int]string{}
	for i := range facts {
		for j := range i {
			if ofPlacements {
				state[[2]int{j, i}] = m.pair(&facts[j], &facts[i])
			}
		}
	}
	unite := func(cluster []int, of func(state string) bool) {
		for again := true; again; {
			again = false
			for p, s := range state {
				if x, y := cluster[p[0]], cluster[p[1]]; of(s) && x >= 0 && y >= 0 && x != y {
					for k := range cluster {
						if cluster[k] == x || cluster[k] == y {
							cluster[k] = min(x, y)
						}
					}
					again = true
				}
			}
		}
	}
	unite(cluster, func(s string) bool { return s == DoubleSame })

	partiesOf := func(f *fact) (list []string) {
		for _, p := range append([]string{f.by}, f.with...) {
			if !m.gone(p, on) && !slices.Contains(list, p) {
				list = append(list, p)
			}
		}
		return list
	}
	c = &counting{whole: map[string]Amount{}, divided: map[string]Amount{}, cells: map[[2]string]Amount{}, months: map[string]Amount{}, left: map[string]int{}}
	leave := func(f *fact, reason string) {
		if m.listed(d, f) {
			c.left[reason]++
		}
	}
	type thing struct {
		*fact
		parties []string
		weight  int64
		live    bool
	}
	var things []thing
	doubtful := slices.Repeat([]int{-1}, len(facts)) // which stand for something that counts but for what is asked of people
	stands := map[int]int{}
	for i := range facts {
		f := &facts[i]
		if len(partiesOf(f)) == 0 {
			leave(f, WhyLeft)
			continue
		}
		if _, ok := stands[cluster[i]]; ok {
			leave(f, WhySame)
			continue
		}
		stands[cluster[i]] = i
		var all []string
		for j := range facts {
			if cluster[j] == cluster[i] {
				all = append(all, partiesOf(&facts[j])...)
			}
		}
		slices.Sort(all)
		all = slices.Compact(all)
		plain := *d
		plain.Groups, plain.Register, plain.Definition.LeastHours = nil, nil, nil
		if d.Measure == events.MeasureJobs {
			if plain.Measure = events.MeasurePlacements; plain.Definition.Kinds == nil {
				plain.Definition.Kinds = []string{"dienstverband", "uitzend", "detachering", "bbl", "overig"}
			}
		}
		if m.reason(&plain, f, on) == "" {
			doubtful[i] = i
		}
		reason := m.reason(d, f, on)
		if reason != "" {
			leave(f, reason)
		}
		if reason == "" || reason == WhyEnded {
			weight := int64(100 * f.count)
			if d.Measure == events.MeasureJobs {
				weight = int64(f.hours)
			}
			things = append(things, thing{f, all, weight, reason == ""})
		}
	}
	if ofPlacements {
		c.doubts = m.doubts(state, cluster, stands, doubtful, func(i int) bool { return len(partiesOf(&facts[i])) > 0 })
	}

	whole, divided, cells, months := map[string]int64{}, map[string]int64{}, map[[2]string]int64{}, map[string]int64{}
	if d.Measure == events.MeasureReached {
		slices.SortStableFunc(things, func(a, b thing) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.root, b.root)) })
		var first []thing
		for i, x := range things {
			for _, p := range x.parties {
				if !slices.ContainsFunc(things[:i], func(y thing) bool { return m.one(x.employer, y.employer) && slices.Contains(y.parties, p) }) {
					whole[p] += 100
				}
			}
			if slices.ContainsFunc(first, func(y thing) bool { return m.one(x.employer, y.employer) }) {
				leave(x.fact, WhyAgain)
			} else {
				first = append(first, x)
			}
		}
		things = first
	}
	total := int64(0)
	for _, x := range things {
		for month := d.Period.From.Month(); on >= d.Period.From && month <= min(on, d.Period.To).Month(); month = next(month) {
			day := min(LastOf(month), on, d.Period.To)
			if m.from(d, x.fact) <= day && (!d.Definition.Standing || x.end == "" || day <= x.end) {
				months[month] += x.weight
			}
		}
		if !x.live {
			continue
		}
		total += x.weight
		rest := x.weight % int64(len(x.parties))
		for i, p := range x.parties {
			part := x.weight / int64(len(x.parties))
			if int64(i) < rest {
				part++
			}
			if divided[p] += part; d.Measure != events.MeasureReached {
				whole[p] += x.weight
			}
			if slices.Contains(across[:], ByPartner) {
				cells[m.values(across, d, x.fact, p)] += part
			}
		}
		if !slices.Contains(across[:], ByPartner) {
			cells[m.values(across, d, x.fact, "")] += x.weight
		}
	}
	amount := func(w int64) Amount {
		if d.Measure == events.MeasureJobs {
			return Amount((w*1000*2 + 2550) / (2 * 2550))
		}
		return Amount(w * 10)
	}
	c.total = amount(total)
	for k, w := range whole {
		c.whole[k] = amount(w)
	}
	for k, w := range divided {
		c.divided[k] = amount(w)
	}
	for k, w := range cells {
		c.cells[k] = amount(w)
	}
	for k, w := range months {
		c.months[k] = amount(w)
	}
	return c, true
}

// doubts is by how much there would be less if all that is in doubt were the same.
func (m model) doubts(state map[[2]int]string, cluster []int, stands map[int]int, doubtful []int, there func(int) bool) int {
	group := map[int]int{} // of what counts, by who stands for it
	for i, j := range doubtful {
		if j >= 0 {
			group[i] = i
		}
	}
	before := len(group)
	for again := true; again; {
		again = false
		for p, s := range state {
			if s != DoublePossible && s != DoubleWaits || !there(p[0]) || !there(p[1]) {
				continue
			}
			x, okX := group[stands[cluster[p[0]]]]
			y, okY := group[stands[cluster[p[1]]]]
			if !okX || !okY || x == y {
				continue
			}
			for k, g := range group {
				if g == x || g == y {
					group[k] = min(x, y)
				}
			}
			again = true
		}
	}
	left := map[int]bool{}
	for _, g := range group {
		left[g] = true
	}
	return before - len(left)
}

func (m model) values(across [2]Dimension, d *events.TargetSet, f *fact, partner string) (values [2]string) {
	for i, dim := range across {
		value := ""
		switch dim {
		case "":
			continue
		case ByPartner:
			value = partner
		case ByMonth:
			value = m.from(d, f).Month()
		case ByKind:
			value = f.kind
		case ByGroup:
			value = f.group
		case BySector:
			value = f.sector
		case ByRegister:
			value = f.register
		case BySubregion:
			value, _ = m.subregion(f.by, f.day)
		case ByHours:
			switch {
			case f.hours >= 3200:
				value = "32+"
			case f.hours >= 2400:
				value = "24-31"
			case f.hours >= 1200:
				value = "12-23"
			case f.hours >= 0:
				value = "0-11"
			}
		}
		values[i] = cmp.Or(value, Unknown)
	}
	return values
}
