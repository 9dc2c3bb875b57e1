package targets

import (
	"cmp"
	"maps"
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// Reach is which share of the employers was visited in a period, up to a day. Numbers
// of employers say nothing of people, so that nothing of it is left out.
type Reach struct {
	Period events.Period
	On     events.Date
	At     events.Position // everything up to there was known

	Contacted int // employers with at least one visit, each once
	NoPlace   int // of those the municipality is not known
	NoSize    int // of those the municipality is known, and the size is not

	Total      ReachRow   // of all municipalities whose number of employers is known
	Rows       []ReachRow // by municipality, first of all sizes together, then by size
	Subregions []ReachSubregion
	Used       []ReachNumbers // which numbers of employers were used, by position
}

// ReachRow is the reach in one municipality, of one size or of all.
type ReachRow struct {
	Gemeente, Size string // Size "" is all
	Contacted      int
	Employers      int // how many there are, when Known
	Known          bool
	Said           events.Position // where that was said; 0 when from more than one place
}

// Share is the part that was reached in thousandths, halves up; ok is false when it is
// not known of how many, or of none.
func (r ReachRow) Share() (thousandths int, ok bool) {
	if !r.Known || r.Employers == 0 {
		return 0, false
	}
	return int(halfUp(1000*int64(r.Contacted), int64(r.Employers))), true
}

// ReachSubregion is the reach in the municipalities of a subregion's partners whose
// number of employers is known.
type ReachSubregion struct {
	Name string
	ReachRow
	Without []string // its municipalities without such a number: what was reached there is not in it
}

// ReachNumbers are numbers of employers as they were given.
type ReachNumbers struct {
	Position events.Position
	From     events.Date
	Origin   string
}

// numbered is what a region said of its municipalities.
type numbered struct {
	sizes     map[string][]string // by municipality, of which sizes numbers were given
	partners  map[string][]string // the municipalities of each partner on the day
	positions map[events.Position]ReachNumbers
}

// Reach is the reach in a period up to a day, as known now or then.
func (s *Standings) Reach(tx projections.Tx, period events.Period, on events.Date, known Known) (Reach, error) {
	var r Reach
	count := func(f *Facts) error {
		n, err := numbersOf(tx, on, known)
		if err == nil {
			r = reachOf(f, n, period, on)
			r.At, _ = f.At()
		}
		return err
	}
	if known.At.IsZero() {
		return r, s.Now(tx, count)
	}
	f, err := s.As(tx, known, projections.PartRegion, projections.PartEmployers, projections.PartVisits, projections.PartTakenBack)
	if err != nil {
		return r, err
	}
	return r, count(f)
}

// numbersOf reads what was said of municipalities by a moment.
func numbersOf(tx projections.Tx, day events.Date, known Known) (numbered, error) {
	n := numbered{map[string][]string{}, map[string][]string{}, map[events.Position]ReachNumbers{}}
	err := projections.Journal{}.Lines(tx, projections.PartRegion, 0, func(l *projections.Line) bool {
		switch {
		case !known.At.IsZero() && l.At.After(known.At):
			return false
		case l.Counted != nil:
			n.positions[l.Position] = ReachNumbers{l.Position, l.From, l.Counted.Origin}
			for _, c := range l.Counted.Counts {
				if sizes := n.sizes[c.Gemeente]; !slices.Contains(sizes, c.Size) {
					n.sizes[c.Gemeente] = append(sizes, c.Size)
				}
			}
		case l.Type == events.TypePartnerAdmitted && l.From <= day:
			n.partners[l.Of] = slices.Clone(l.Gemeenten)
		}
		return true
	})
	return n, err
}

// reachSource is what reach is counted from: [Facts].
type reachSource interface {
	source
	Size(employer string) string
	EmployersIn(gemeente, size string, day events.Date) (n int, said events.Position, ok bool)
}

func reachOf(f reachSource, n numbered, period events.Period, on events.Date) Reach {
	r := Reach{Period: period, On: on}
	contacted := r.contacts(f)
	used := map[events.Position]bool{}
	row := func(gemeente, size string) ReachRow {
		x := ReachRow{Gemeente: gemeente, Size: size, Contacted: contacted[[2]string{gemeente, size}]}
		x.Employers, x.Said, x.Known = f.EmployersIn(gemeente, size, on)
		return x
	}
	use := func(x ReachRow) {
		if x.Known {
			used[x.Said] = true
		}
	}
	places := map[string]ReachRow{}
	for _, place := range placesOf(contacted, n) {
		all := row(place.gemeente, "")
		var rows []ReachRow
		for _, size := range place.sizes {
			rows = append(rows, row(place.gemeente, size))
		}
		if !all.Known {
			all.sum(rows)
		}
		places[place.gemeente] = all
		for _, x := range append([]ReachRow{all}, rows...) {
			use(x)
			r.Rows = append(r.Rows, x)
		}
		if all.Known {
			r.Total.add(all)
		}
	}
	r.bySubregion(f, n, places)
	for _, p := range slices.Sorted(maps.Keys(used)) {
		if numbers, ok := n.positions[p]; ok {
			r.Used = append(r.Used, numbers)
		}
	}
	return r
}

// sum makes the number of all sizes from those of each, when no other was given.
func (r *ReachRow) sum(rows []ReachRow) {
	for _, x := range rows {
		if x.Known {
			r.Employers, r.Known = r.Employers+x.Employers, true
		}
	}
}

func (r *ReachRow) add(x ReachRow) {
	r.Contacted, r.Employers, r.Known = r.Contacted+x.Contacted, r.Employers+x.Employers, true
}

// contacts counts employers with a visit by municipality and size, and by municipality
// alone. What partners did that left with their past is not in it.
func (r *Reach) contacts(f reachSource) map[[2]string]int {
	gone := map[string]bool{}
	for _, d := range f.Departures() {
		if d.From <= r.On && d.Past == events.PastLeaves {
			gone[d.Partner] = true
		}
	}
	known, seen, by := map[string]bool{}, map[string]bool{}, map[[2]string]int{}
	for it := range f.Items(projections.PartVisits) {
		if it.From < r.Period.From || min(r.Period.To, r.On) < it.From || known[it.Employer] || len(parties(it, gone)) == 0 {
			continue
		}
		known[it.Employer] = true
		if one := f.One(it.Employer, false); seen[one] {
			continue
		} else {
			seen[one] = true
		}
		r.Contacted++
		gemeente, size := f.Gemeente(it.Employer), f.Size(it.Employer)
		switch {
		case gemeente == "":
			r.NoPlace++
			continue
		case size == "":
			r.NoSize++
		default:
			by[[2]string{gemeente, size}]++
		}
		by[[2]string{gemeente, ""}]++
	}
	return by
}

// place is a municipality, and the sizes that there is something to say of.
type reachPlace struct {
	gemeente string
	sizes    []string
}

// placesOf are the municipalities with numbers or with employers that were visited.
func placesOf(contacted map[[2]string]int, n numbered) (list []reachPlace) {
	sizes := map[string][]string{}
	for gemeente, given := range n.sizes {
		sizes[gemeente] = slices.Clone(given)
	}
	for at := range contacted {
		if !slices.Contains(sizes[at[0]], at[1]) {
			sizes[at[0]] = append(sizes[at[0]], at[1])
		}
	}
	order := events.Values("grootteklasse")
	for _, gemeente := range slices.Sorted(maps.Keys(sizes)) {
		p := reachPlace{gemeente, slices.DeleteFunc(sizes[gemeente], func(size string) bool { return size == "" })}
		slices.SortFunc(p.sizes, func(a, b string) int { return cmp.Compare(slices.Index(order, a), slices.Index(order, b)) })
		list = append(list, p)
	}
	return list
}

func (r *Reach) bySubregion(f source, n numbered, places map[string]ReachRow) {
	of := map[string][]string{}
	for partner, gemeenten := range n.partners {
		if name, ok := f.Subregion(partner, r.On); ok && name != "" {
			of[name] = append(of[name], gemeenten...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		s := ReachSubregion{Name: name}
		for _, gemeente := range slices.Compact(slices.Sorted(slices.Values(of[name]))) {
			if x := places[gemeente]; x.Known {
				s.add(x)
			} else {
				s.Without = append(s.Without, gemeente)
			}
		}
		if len(of[name]) > 0 {
			r.Subregions = append(r.Subregions, s)
		}
	}
}
