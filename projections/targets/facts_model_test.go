package targets

import (
	"cmp"
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// recount answers by going through the whole list of records. It shares nothing with
// Facts but the types of the answers.
type recount []*events.Record

func (m recount) record(p events.Position) *events.Record { return m[p-1] }

func (m recount) surviving() (list []*events.Record) {
	dead := map[events.Position]bool{}
	for _, r := range m {
		dead[r.Target()] = true
	}
	for _, r := range m {
		if r.Event.Type != events.TypeEventRetracted && !dead[r.Position] {
			list = append(list, r)
		}
	}
	slices.SortStableFunc(list, func(a, b *events.Record) int { return cmp.Compare(m.order(a), m.order(b)) })
	return list
}

func (m recount) order(r *events.Record) events.Position {
	for r.Target() != 0 {
		r = m.record(r.Target())
	}
	return r.Position
}

// items are the items of a part, without Last.
func (m recount) items(part projections.Part) (list []Item) {
	all := m.surviving()
	for _, r := range all {
		root := m.order(r)
		it := Item{Root: root, At: m.record(root).At, Part: part, Partner: r.Partner, Hours: -1, Count: 1}
		if e, ok := events.EmployerOf(r.Event.Data); ok {
			it.Employer = e.Key()
		}
		in := projections.Part(0)
		switch d := r.Event.Data.(type) {
		case *events.PlacementMade:
			in = projections.PartPlacements
			it.From, it.To, it.Sort, it.Sector, it.Placement, it.Groups = d.Start, d.End, d.Kind, d.Sector, d.Placement, named(d.TargetGroup)
			if d.Hours != nil {
				it.Hours = int(*d.Hours)
			}
			if d.Register != nil {
				it.Register = map[bool]projections.Register{true: projections.RegisterYes, false: projections.RegisterNo}[*d.Register]
			}
			for _, end := range all {
				if d, ok := end.Event.Data.(*events.PlacementEnded); ok && end.Root() == root {
					it.To = d.End
				}
			}
		case *events.VisitMade:
			in = projections.PartVisits
			it.From, it.Sort, it.Groups = d.Date, d.Purpose, named(d.TargetGroups...)
		case *events.ServiceDelivered:
			in = projections.PartServices
			it.From, it.Sort, it.Groups = d.Date, d.Service, named(d.TargetGroup)
			if d.Period != nil {
				it.From = d.Period.From
			}
			if d.Count != nil {
				it.Count = *d.Count
			}
		case *events.SignalNoted:
			in = projections.PartSignals
			it.From, it.Sort = r.Verdict.Today, d.Theme
		case *events.VacancyFilled:
			in = projections.PartVacancies
			it.From, it.Count = d.Date, 0
			it.Employer, it.Count = m.places(r, all)
		}
		for _, c := range all {
			if c.Confirms() != 0 && m.order(m.record(c.Confirms())) == root && c.Partner != r.Partner && !slices.Contains(it.With, c.Partner) {
				it.With = append(it.With, c.Partner)
			}
		}
		slices.Sort(it.With)
		if in == part && it.Count > 0 {
			list = append(list, it)
		}
	}
	return list
}

func named(groups ...string) (list []string) {
	for _, g := range groups {
		if g != "" {
			list = append(list, g)
		}
	}
	return list
}

// places is how many places an event filled, and at which employer: none when the
// vacancy was taken back.
func (m recount) places(r *events.Record, all []*events.Record) (employer string, n int) {
	left := -1
	for _, v := range all {
		if d, ok := v.Event.Data.(*events.VacancyReported); ok && m.order(v) == r.Root() {
			left, employer = d.Count, d.Employer.Key()
		}
	}
	if employer == "" {
		return "", 0
	}
	for _, other := range all {
		d, ok := other.Event.Data.(*events.VacancyFilled)
		if !ok || other.Root() != r.Root() {
			continue
		}
		if n = max(0, left); d.Count != nil {
			n = *d.Count
		}
		if other == r {
			return employer, n
		}
		left -= n
	}
	return employer, 0
}

// keys are all keys of an employer, or of its concern.
func (m recount) keys(employer string, concern bool) []string {
	type word struct{ kind, one, two string }
	var words []word
	for _, r := range m {
		one, two, ok := events.PairOf(r.Event.Data)
		if !ok {
			continue
		}
		a, b := one.Key(), two.Key()
		words = slices.DeleteFunc(words, func(w word) bool { return w.one == a && w.two == b || w.one == b && w.two == a })
		if d, ok := r.Event.Data.(*events.EmployersLinked); ok && slices.Contains(r.Verdict.Reasons, "koppeling-geldt") {
			words = append(words, word{d.Kind, a, b})
		}
	}
	keys := []string{employer}
	for i := 0; i < len(keys); i++ {
		for _, w := range words {
			if w.kind == "concern" && !concern {
				continue
			}
			for _, x := range [][2]string{{w.one, w.two}, {w.two, w.one}} {
				if x[0] == keys[i] && !slices.Contains(keys, x[1]) {
					keys = append(keys, x[1])
				}
			}
		}
	}
	slices.Sort(keys)
	return keys
}

// described is what was said last of an employer, by what.
func (m recount) described(employer string, what func(*events.EmployerDescribed) string) (said string) {
	for _, r := range m.surviving() {
		d, ok := r.Event.Data.(*events.EmployerDescribed)
		if ok && slices.Contains(m.keys(employer, false), d.Employer.Key()) && what(d) != "" {
			said = what(d)
		}
	}
	return said
}

func (m recount) level(employer string) (level string) {
	for _, r := range m {
		d, ok := r.Event.Data.(*events.LevelSet)
		if ok && d.Establishment == "" && slices.Contains(m.keys(employer, false), d.Employer.Key()) {
			level = d.Level
		}
	}
	return level
}

// heir is who goes on with a partner's work on a day; the books have no circles.
func (m recount) heir(partner string, day events.Date) string {
	type succession struct {
		by          string
		from, until events.Date
	}
	var list []succession
	for _, r := range m {
		switch d := r.Event.Data.(type) {
		case *events.PartnerSucceeded:
			if d.Partner != partner {
				continue
			}
			if n := len(list); n > 0 && list[n-1].until == "" {
				list = list[:n-1]
			}
			list = append(list, succession{by: d.By, from: d.From})
		case *events.PartnerAdmitted:
			for i := range list {
				if s := &list[i]; d.Partner == partner && d.From > s.from && (s.until == "" || d.From < s.until) {
					s.until = d.From
				}
			}
		}
	}
	for _, s := range slices.Backward(list) {
		if s.from <= day && (s.until == "" || day < s.until) {
			return m.heir(s.by, day)
		}
	}
	return partner
}

// verdict is what stands of a pair, "" when nobody whom it concerns said anything.
func (m recount) verdict(a, b *Item) (state string, words []Word) {
	var steward *bool
	last := map[string]*bool{}
	for _, r := range m {
		one, two := r.Pair()
		if min(one, two) != a.Root || max(one, two) != b.Root {
			continue
		}
		same := r.Event.Type == events.TypePlacementsMatched
		words = slices.DeleteFunc(words, func(w Word) bool { return w.Partner == r.Partner })
		words = append(words, Word{Position: r.Position, At: r.At, Partner: r.Partner, Same: same})
		if r.Partner == bookID {
			steward = &same
			continue
		}
		for _, side := range []string{a.Partner, b.Partner} {
			if r.Partner == side || m.heir(side, r.Verdict.Today) == r.Partner {
				last[side] = &same
			}
		}
	}
	one, two := last[a.Partner], last[b.Partner]
	switch {
	case steward != nil && *steward:
		return DoubleSame, words
	case steward != nil, one != nil && !*one, two != nil && !*two:
		return DoubleDistinct, words
	case one != nil && two != nil:
		return DoubleSame, words
	case one != nil || two != nil:
		return DoubleWaits, words
	}
	return "", words
}

// cluster are the roots of the placements that are one with one of them.
func (m recount) cluster(items []Item, root events.Position) []events.Position {
	roots := []events.Position{root}
	for i := 0; i < len(roots); i++ {
		for j := range items {
			for k := range items {
				a, b := &items[j], &items[k]
				if a.Root >= b.Root || a.Root != roots[i] && b.Root != roots[i] {
					continue
				}
				if state, _ := m.verdict(a, b); state == DoubleSame {
					for _, x := range []events.Position{a.Root, b.Root} {
						if !slices.Contains(roots, x) {
							roots = append(roots, x)
						}
					}
				}
			}
		}
	}
	slices.Sort(roots)
	return roots
}

// double is a pair, as far as a recount says it.
type double struct {
	A, B  events.Position
	Score int
	State string
	Words []Word
}

func (m recount) doubles(items []Item) (list []double) {
	for i := range items {
		for j := i + 1; j < len(items); j++ {
			a, b := &items[i], &items[j]
			apart := max(a.From.DaysUntil(b.From), b.From.DaysUntil(a.From))
			one := slices.Contains(m.keys(a.Employer, false), b.Employer)
			score := 0
			for _, x := range []struct {
				holds  bool
				points int
			}{
				{one, 30}, {apart == 0, 30}, {apart > 0 && apart <= 7, 20}, {apart > 7 && apart <= 14, 12}, {apart > 14 && apart <= 31, 5},
				{a.Sort == b.Sort, 15}, {a.Hours >= 0 && a.Hours == b.Hours, 15},
				{a.Hours >= 0 && b.Hours >= 0 && a.Hours != b.Hours && max(a.Hours-b.Hours, b.Hours-a.Hours) <= 200, 8},
				{a.Hours >= 0 && b.Hours >= 0 && max(a.Hours-b.Hours, b.Hours-a.Hours) > 800, -20},
				{len(a.Groups) > 0 && slices.Equal(a.Groups, b.Groups), 10}, {len(a.Groups) > 0 && len(b.Groups) > 0 && !slices.Equal(a.Groups, b.Groups), -20},
				{a.Register != 0 && b.Register != 0 && a.Register != b.Register, -20},
			} {
				if x.holds {
					score += x.points
				}
			}
			state, words := m.verdict(a, b)
			if state == "" {
				if !one || apart > 31 || a.Partner == b.Partner || score < 60 || slices.Contains(m.cluster(items, a.Root), b.Root) {
					continue
				}
				state = DoublePossible
			}
			list = append(list, double{a.Root, b.Root, max(score, 0), state, words})
		}
	}
	return list
}

func (m recount) versions(target string) (list []Version) {
	for _, r := range m {
		switch d := r.Event.Data.(type) {
		case *events.TargetSet:
			if d.Target == target {
				list = append(list, Version{Position: r.Position, At: r.At, Number: len(list) + 1, TargetSet: d})
			}
		case *events.TargetDropped:
			if d.Target == target {
				list[len(list)-1].Dropped = r.Position
			}
		}
	}
	return list
}

// employersIn is the number of a municipality and size, -1 when it is not known.
func (m recount) employersIn(gemeente, size string, day events.Date) int {
	var last *events.EmployersCounted
	for _, r := range m {
		d, ok := r.Event.Data.(*events.EmployersCounted)
		if ok && d.From <= day && (last == nil || d.From >= last.From) &&
			slices.ContainsFunc(d.Counts, func(c events.EmployerCount) bool { return c.Gemeente == gemeente }) {
			last = d
		}
	}
	if last == nil {
		return -1
	}
	sum, said := 0, false
	for _, c := range last.Counts {
		if c.Gemeente != gemeente {
			continue
		}
		if c.Size == size {
			return c.Count
		}
		sum, said = sum+c.Count, size == ""
	}
	if said {
		return sum
	}
	return -1
}
