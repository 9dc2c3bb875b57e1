package targets

// saying is something of each of sayOfPeople.
type saying [len(sayOfPeople)]int32

// tellings find cells by what they tell, for [sequence.allSay]: what a cell tells never
// changes, so each is noted once.
type tellings struct {
	cells int // that are noted
	// By the dimensions of crossed, of which these cells do not tell all: by what they do
	// tell of them, and of what these say more of.
	short []map[values][]int32
	says  [len(sayOfPeople)]map[int32][]int32
}

// add notes the cells that came since.
func (t *tellings) add(cells []cell) {
	if t.short == nil {
		for range crossed {
			t.short = append(t.short, map[values][]int32{})
		}
		for j := range t.says {
			t.says[j] = map[int32][]int32{}
		}
	}
	for ; t.cells < len(cells); t.cells++ {
		told, n := &cells[t.cells].values, int32(t.cells)
		for i, mask := range crossed {
			if knows(told)&mask != mask {
				at := cut(*told, mask|highs(mask))
				t.short[i][at] = append(t.short[i][at], n)
			}
		}
		for j, s := range sayOfPeople {
			t.says[j][told[s]] = append(t.says[j][told[s]], n)
		}
	}
}

// allSay is what all that some left by the i-th of crossed can be in say the same of each
// of sayOfPeople: 0 where they do not, or hide it. Whatever is left at a place tells all
// of it, so they can be in what tells any part of it but the whole.
func (q *sequence) allSay(i int, f *remnant, classes []group, sums []tally) (say saying) {
	heard := false
	hear := func(told *values) (agree bool) {
		for j, s := range sayOfPeople {
			if !heard {
				say[j] = told[s]
			} else if say[j] != told[s] {
				say[j] = 0
			}
		}
		heard = true
		return say != saying{}
	}
	whole := f.mask | highs(f.mask)
	for part := whole; part >= 0; part-- {
		if part &= whole; part&f.mask == f.mask {
			continue
		}
		for _, n := range q.tells.short[i][cut(f.at, part)] {
			if c := &q.cells[n]; c.sum.seenBy(f.reader).n != 0 && !hear(&c.values) {
				return say
			}
		}
	}
	for n := range classes {
		if told := &classes[n].values; f.in(told) && sums[n].seenBy(f.reader).n > 0 && !hear(told) {
			return say
		}
	}
	return say
}

// othersSay reports whether something says otherwise than all that some left can be in do
// of the j-th of sayOfPeople.
func (q *sequence) othersSay(j int, value int32, reader int, classes []group, sums []tally) bool {
	if value == 0 {
		return false
	}
	for other, cells := range q.tells.says[j] {
		if other == value {
			continue
		}
		for _, n := range cells {
			if q.cells[n].sum.seenBy(reader).n != 0 {
				return true
			}
		}
	}
	for n := range classes {
		if classes[n].values[sayOfPeople[j]] != value && sums[n].seenBy(reader).n > 0 {
			return true
		}
	}
	return false
}
