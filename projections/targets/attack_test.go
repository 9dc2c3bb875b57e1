package targets

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"huisboek/events"
	"huisboek/projections"
)

// The attack: whoever can ask all figures asks all of them, on every day and as known
// at every moment, and subtracts whatever lies within something else.

var allDimensions = []Dimension{ByPartner, ByMonth, BySubregion, ByLevel, BySector, ByKind, ByGroup, ByRegister, ByHours, ByGemeente}

func crossings() (list [][2]Dimension) {
	list = append(list, [2]Dimension{})
	for i, a := range allDimensions {
		list = append(list, [2]Dimension{a})
		for _, b := range allDimensions[i+1:] {
			list = append(list, [2]Dimension{a, b})
		}
	}
	return list
}

// asked are targets that ask more and more of people: each within the one at its start.
func asked(q sequenceKey) (list []Version) {
	is, least, more := true, events.Hundredths(1200), events.Hundredths(2400)
	for _, set := range []events.TargetSet{
		{}, {Groups: []string{"X"}}, {Groups: []string{"X", "Y"}}, {Groups: []string{"Y"}}, {Register: &is}, {Groups: []string{"X"}, Register: &is},
		{Definition: events.Definition{LeastHours: &least}}, {Definition: events.Definition{LeastHours: &more}}, {Groups: []string{"X"}, Sector: "A"},
		{Groups: []string{"X"}, Subregion: "s1"}, {Groups: []string{"X"}, Definition: events.Definition{Kinds: []string{"bbl"}}},
	} {
		set.Measure, set.Period = events.MeasurePlacements, &events.Period{From: "2025-01-01", To: "2026-12-31"}
		if q.days > 0 {
			set.Definition.LeastDays = &q.days
		}
		set.Definition.Standing = q.standing
		list = append(list, Version{TargetSet: &set})
	}
	return list
}

// narrower are the targets within a target, by their places in asked.
var narrower = map[int][]int{0: {1, 2, 3, 4, 6, 7, 8, 9, 10}, 1: {5, 8, 9, 10}, 2: {1, 3}, 4: {5}, 6: {7}}

// figures are the answers of one moment, by what was asked.
type figures map[string]Amount

// outsider's answers as known at the end of a month.
func figuresOf(q sequenceKey, classes []Class, months []string) figures {
	r := &Released{classes: classes, standing: q.standing}
	f := figures{}
	for i, v := range asked(q) {
		for _, month := range months {
			for _, across := range crossings() {
				if across == [2]Dimension{} {
					f[fmt.Sprintf("%d %s", i, month)], _ = r.Total(&v, month)
					continue
				}
				for _, c := range r.Split(&v, across, month) {
					f[fmt.Sprintf("%d %s %v %v", i, month, across, c.Values)] = c.Amount
				}
			}
		}
	}
	return f
}

// points reports whether a number of people is one to four.
func points(a Amount) bool { return a != 0 && -1000*SmallestClass < a && a < 1000*SmallestClass }

// attack gives what was found by subtraction. plain is what everybody may count of all
// there is at the end of each month.
func attack(q sequenceKey, months []string, classesAt func(month string) []Class, plain func(month string) int) (found []string) {
	find := func(what string, a Amount) {
		if points(a) {
			found = append(found, fmt.Sprintf("%s: %d", what, a))
		}
	}
	was := figures{}
	for i, month := range months {
		days := []string{month}
		for _, before := range []int{0, i - 1} {
			if 0 <= before && before < i && !slices.Contains(days, months[before]) {
				days = append(days, months[before])
			}
		}
		f := figuresOf(q, classesAt(month), days)
		for what, a := range f {
			find(month+" cell "+what, a)
			find(month+" since the month before "+what, a-was[what])
			f.within(q, what, a, months[:i+1], func(with string, b Amount) {
				find(month+" "+with+" less "+what, b-a)
			})
		}
		for what, a := range was {
			if _, ok := f[what]; !ok && slices.Contains(days, strings.Fields(what)[1]) {
				find(month+" gone "+what, a)
			}
		}
		if plain != nil {
			shown := Amount(0)
			for what, a := range f {
				if strings.HasPrefix(what, fmt.Sprintf("0 %s [%s ]", month, ByGroup)) && !strings.Contains(what, "["+Hidden+" ]") {
					shown += a
					find(month+" all there is less "+what, Amount(1000*plain(month))-a)
				}
			}
			if shown != 0 {
				find(month+" all there is less what is told by group", Amount(1000*plain(month))-shown)
			}
		}
		was = f
	}
	return found
}

// within gives the figures that a figure lies within.
func (f figures) within(q sequenceKey, what string, a Amount, months []string, fn func(with string, b Amount)) {
	var target int
	var month string
	fmt.Sscan(what, &target, &month)
	rest := strings.TrimPrefix(what, fmt.Sprintf("%d %s", target, month))
	if rest != "" { // the cell within the total, and within each of its two rows
		fn("total", f[fmt.Sprintf("%d %s", target, month)])
		d, v, _ := strings.Cut(strings.Trim(rest, " []"), "] [")
		ds, vs := strings.Fields(d), strings.Fields(v)
		if len(ds) == 2 && len(vs) == 2 {
			for i := range ds {
				row := fmt.Sprintf("%d %s [%s ] [%s ]", target, month, ds[i], vs[i])
				fn("row "+row, f[row])
			}
		}
	}
	for wide, list := range narrower {
		if slices.Contains(list, target) {
			with := fmt.Sprintf("%d %s%s", wide, month, rest)
			fn("target "+with, f[with])
		}
	}
	if !q.standing { // months before, within this one
		for _, before := range months {
			if before < month {
				with := fmt.Sprintf("%d %s%s", target, before, rest)
				fn("earlier "+with, f[with]+2*(a-f[with])) // a less the earlier one
			}
		}
	}
}

func monthsOf(from, to string) (list []string) {
	for m := from; m <= to; m = next(m) {
		list = append(list, m)
	}
	return list
}

var attacked = monthsOf("2026-01", "2026-10")

// allOf counts everything of a script that began to count by the end of a month, as
// known then.
func allOf(q sequenceKey, script []step) func(month string) int {
	return func(month string) (n int) {
		f := newThings(script)
		for i, s := range script {
			if s.at.Before(starts(next(month))) {
				f.Apply(&projections.Line{Position: events.Position(i + 1)})
			}
		}
		seq := newSequence(q)
		seq.close(f, month)
		for _, w := range seq.watched {
			if w.released != nil || w.waits != nil && w.waits.kind == adds {
				n++
			}
		}
		r, read := told(script)
		r.of(q, month, read)
		for _, e := range r.books[q.part].seqs[q].waiting {
			if e.kind == removes { // whoever looks every day knows how many went
				n++
			}
		}
		return n
	}
}

func TestAttack(t *testing.T) {
	for seed := range uint64(4) {
		script := aRegion(seed, 10)
		for _, q := range sequences {
			r, read := told(script)
			plain := allOf(q, script)
			if q.standing {
				plain = nil
			}
			for _, found := range attack(q, attacked, func(month string) []Class {
				classes, err := r.of(q, month, read)
				if err != nil {
					t.Fatal(err)
				}
				return classes
			}, plain) {
				t.Errorf("seed %d %v: %s", seed, q, found)
			}
		}
	}
}

// The attack finds what a release of lesser care gives away.
func TestAttackBites(t *testing.T) {
	q := sequences[0]
	for _, c := range []struct {
		name string
		weak func(list []*entry) []group
		find string
	}{
		{"no threshold", func(list []*entry) []group { return byEach(list, 1) }, " cell "},
		{"no complement", func(list []*entry) []group { return byEach(list, SmallestClass) }, "all there is less"},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := 0
			for seed := range uint64(3) {
				script := aRegion(seed, 10)
				for _, x := range attack(q, attacked, func(month string) []Class { return weakly(q, script, month, c.weak) }, allOf(q, script)) {
					if strings.Contains(x, c.find) {
						found++
					}
				}
			}
			if found == 0 {
				t.Error("found nothing")
			}
		})
	}
	t.Run("in the middle of a month", func(t *testing.T) {
		script := aRegion(2, 10)
		r, read := told(script)
		all, err := r.of(q, "2026-10", read)
		if err != nil {
			t.Fatal(err)
		}
		at, i := 0, slices.IndexFunc(all, func(c Class) bool { return c.Count >= 2*SmallestClass-1 })
		if i < 0 {
			t.Fatal("no class to move by halves")
		}
		found := attack(q, attacked, func(month string) []Class {
			list := slices.Clone(all)
			list[i].Count, list[i].Weight = list[i].Count-2+at, list[i].Weight-200+100*int64(at)
			at = (at + 1) % 3
			return list
		}, nil)
		if !slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, "since") }) {
			t.Error("found nothing")
		}
	})
}

// byEach releases each target group by itself, when there are so many.
func byEach(list []*entry, least int) (out []group) {
	for _, p := range partsBy(list, atGroup) {
		if add, _, _ := kinds(p.list); len(add) >= least {
			out = append(out, group{p.values, add})
		}
	}
	return out
}

func weakly(q sequenceKey, script []step, upTo string, weak func([]*entry) []group) []Class {
	f, seq, i := newThings(script), newSequence(q), 0
	for month := "2026-01"; month <= upTo; month = next(month) {
		for ; i < len(script) && script[i].at.Before(starts(next(month))); i++ {
			f.Apply(&projections.Line{Position: events.Position(i + 1)})
		}
		for d := range seq.names {
			seq.names[d].begin()
		}
		seq.batch++
		seq.look(f, LastOf(month))
		seq.settleNames()
		seq.waiting = slices.DeleteFunc(seq.waiting, func(e *entry) bool { return e.gone })
		seq.release(month, weak(seq.waiting))
		seq.waiting = slices.DeleteFunc(seq.waiting, func(e *entry) bool { return e.gone })
	}
	return seq.classes
}

// TestMargins: wherever by plain dimensions something is released in a batch, what is
// left of all there was is nothing or at least five, for everybody.
func TestMargins(t *testing.T) {
	for seed := range uint64(seeds) / 2 {
		script := aRegion(seed, 10)
		f, q, i := newThings(script), newSequence(sequences[0]), 0
		for _, month := range attacked {
			for ; i < len(script) && script[i].at.Before(starts(next(month))); i++ {
				f.Apply(&projections.Line{Position: events.Position(i + 1)})
			}
			q.close(f, month)
			leftOver(t, seed, month, q)
			for _, g := range q.last {
				if all := net(g.list); !all.quiet() && weigh([]group{g}, adds) > 0 {
					t.Errorf("seed %d %s: a class of %v", seed, month, all)
				}
			}
		}
	}
}

func leftOver(t *testing.T, seed uint64, month string, q *sequence) {
	t.Helper()
	for mask := range 1 << dims {
		if mask&^plainMask != 0 {
			continue
		}
		shown, all := map[values]*tally{}, map[values]*tally{}
		put := func(m map[values]*tally, v values, e *entry) {
			k := cut(v, mask)
			if m[k] == nil {
				m[k] = &tally{}
			}
			m[k].put(e, 1)
		}
		any := false
		for _, c := range q.last {
			if knows(&c.values)&mask == mask {
				for _, e := range c.list {
					if e.kind == adds {
						put(shown, c.values, e)
						any = true
					}
				}
			}
		}
		if !any {
			continue
		}
		for _, e := range q.had {
			if e.kind == adds {
				put(all, e.values, e)
			}
		}
		for k, s := range shown {
			for reader := outsider; reader < len(all[k].of); reader++ {
				told := s.seenBy(reader).n
				if left := all[k].seenBy(reader).n - told; told > 0 && few(left, left) {
					t.Errorf("seed %d %s: %d of %d left where %d are told", seed, month, left, all[k].n, told)
				}
			}
		}
	}
}
