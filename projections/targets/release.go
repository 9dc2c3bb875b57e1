package targets

import (
	"maps"
	"slices"
	"strings"
	"sync"

	"huisboek/events"
	"huisboek/projections"
)

// SmallestClass is how many people at least are released together (docs/decisions/0026).
const SmallestClass = 5

// Class is at least five things alike that are released together at a month's end, or
// taken back together (Count below zero).
type Class struct {
	Batch  string // month at whose end
	Month  string // that it counts in: its own, or when that is hidden the one at whose end it was released
	Count  int    // of things
	Weight int64  // of all that is counted whole: hundredths
	Hours  int64  // hundredths of hours a week
	values [dims]string
}

// Value is what all of a class have, or Hidden where they are not alike.
func (c *Class) Value(d Dimension) string {
	if i := slices.Index(released[:], d); i >= 0 {
		return c.values[i]
	}
	return Hidden
}

// Sensitive reports whether a target's total could point at somebody, so that it is
// made of what has been released.
func Sensitive(v *Version) bool {
	if len(v.Groups) > 0 && v.Measure != events.MeasureFilled {
		return true
	}
	return v.OfPlacements() && (v.Measure == events.MeasureJobs || v.Register != nil || v.Definition.LeastHours != nil)
}

// Released is what has been released of everything that a target is counted from, up
// to the end of a month. Every figure of it is a sum of whole classes, so that what
// two figures differ by is one, too.
type Released struct {
	classes  []Class
	standing bool
	v        *Version // what fitted is for
	fitted   []int    // classes that count for it, whatever the month
	months   []monthSum

	mu     sync.Mutex // of what was asked for, and is kept
	splits map[splitKey][]Cell
	stands map[settledKey]*settled
}

// splitKey is a split up to the end of a month.
type splitKey struct {
	across [2]Dimension
	month  string
}

// maxAnswers is how many splits, and how many standings, are kept of one target.
const maxAnswers = 64

// remember gives what is kept under a key, or is made and then kept.
func remember[K comparable, A any](r *Released, answers *map[K]A, key K, make func() A) A {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := (*answers)[key]
	if !ok {
		if a = make(); *answers == nil || len(*answers) >= maxAnswers {
			*answers = map[K]A{}
		}
		(*answers)[key] = a
	}
	return a
}

// monthSum is what counts in a month, and what may.
type monthSum struct {
	month           string
	weight, unknown int64
}

// Released is what has been released up to the end of a month, as far as that was
// recorded in the book that tx knows.
func (s *Standings) Released(tx projections.Tx, v *Version, upTo string) (*Released, error) {
	q, reader := sequenceOf(v), projections.NewJournalReader()
	classes, err := s.releases.of(q, upTo, func(parts []projections.Part, after events.Position, fn func(*projections.Line) bool) error {
		return reader.Merged(tx, parts, after, fn)
	})
	if err != nil {
		return nil, err
	}
	return s.fitted.of(v, upTo, classes, q.standing), nil
}

// fitsOf are what has been released, fitted to the targets that were asked for last:
// questions of one target between two months' ends are all of the same classes.
type fitsOf struct {
	mu   sync.Mutex
	kept map[fitKey]*Released
}

// fitKey is a version of a target and the classes: where they stand in memory, for
// those of a book that began anew are others.
type fitKey struct {
	version events.Position
	upTo    string
	first   *Class
	n       int
}

const maxFitted = 64

func (k *fitsOf) of(v *Version, upTo string, classes []Class, standing bool) *Released {
	r := &Released{classes: classes, standing: standing}
	if v.Position == 0 || len(classes) == 0 { // of no target
		return r
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	key := fitKey{v.Position, upTo, &classes[0], len(classes)}
	if was := k.kept[key]; was != nil {
		return was
	}
	r.fit(v)
	if k.kept == nil || len(k.kept) >= maxFitted {
		k.kept = map[fitKey]*Released{}
	}
	k.kept[key] = r
	return r
}

// Releases are the classes of one measure up to the end of a month, in order.
func (s *Standings) Releases(tx projections.Tx, v *Version, upTo string) ([]Class, error) {
	r, err := s.Released(tx, v, upTo)
	if err != nil {
		return nil, err
	}
	return slices.Clone(r.classes), nil
}

// fit finds what counts for a target, once.
func (r *Released) fit(v *Version) {
	if r.v == v || r.v != nil && v.Position != 0 && r.v.Position == v.Position {
		return
	}
	r.v, r.fitted, r.months, r.splits, r.stands = v, nil, nil, nil, nil
	by := map[string]*monthSum{}
	for i := range r.classes {
		c := &r.classes[i]
		fit := fits(v, c)
		if fit == fitsNot {
			continue
		}
		month := r.monthOf(c)
		m := by[month]
		if m == nil {
			m = &monthSum{month: month}
			by[month] = m
		}
		if fit == fitsHidden {
			m.unknown += c.weight(v)
			continue
		}
		m.weight += c.weight(v)
		r.fitted = append(r.fitted, i)
	}
	for _, month := range slices.Sorted(maps.Keys(by)) {
		r.months = append(r.months, *by[month])
	}
}

// Classes are those that count for a target up to a month, in the order of their release.
func (r *Released) Classes(v *Version, month string) (list []Class) {
	r.fit(v)
	for _, i := range r.fitted {
		if c := &r.classes[i]; r.within(v, r.monthOf(c), month) {
			list = append(list, *c)
		}
	}
	return list
}

// Total is what counts for a target up to a month, and what may count, but it is hidden
// whether it does.
func (r *Released) Total(v *Version, month string) (counted, hidden Amount) {
	r.fit(v)
	var weight, unknown int64
	for i := range r.months {
		if m := &r.months[i]; r.within(v, m.month, month) {
			weight, unknown = weight+m.weight, unknown+m.unknown
		}
	}
	return amountOf(v.Measure, weight), amountOf(v.Measure, unknown)
}

// Split takes the total apart: the cells add up to it. The slice is kept and must not be
// changed.
func (r *Released) Split(v *Version, across [2]Dimension, month string) []Cell {
	r.fit(v)
	return remember(r, &r.splits, splitKey{across, month}, func() []Cell { return slices.Clip(r.split(v, across, month)) })
}

func (r *Released) split(v *Version, across [2]Dimension, month string) []Cell {
	by := map[[2]string]int64{}
	for _, i := range r.fitted {
		c := &r.classes[i]
		if !r.within(v, r.monthOf(c), month) {
			continue
		}
		var values [2]string
		for i, d := range across {
			if d != "" {
				values[i] = c.value(d, r.standing)
			}
		}
		by[values] += c.weight(v)
	}
	return cellsOf(v.Measure, by)
}

// Shares are the partners' parts of the total. What several have part in is nobody's,
// and hidden as the rest is.
func (r *Released) Shares(v *Version, month string) []Share {
	by := map[string]int64{}
	r.fit(v)
	for _, i := range r.fitted {
		if c := &r.classes[i]; r.within(v, r.monthOf(c), month) {
			by[c.values[atPartner]] += c.weight(v)
		}
	}
	names := slices.Sorted(maps.Keys(by))
	var weights []int64
	for _, name := range names {
		weights = append(weights, by[name])
	}
	amounts := apportion(v.Measure, weights)
	var shares []Share
	for i, name := range names {
		s := Share{Partner: name, Whole: amounts[i], Divided: amounts[i]}
		if name == Hidden {
			s.Partner, s.Label = "", Hidden
		}
		if s.Divided != 0 {
			shares = append(shares, s)
		}
	}
	return shares
}

// monthOf is the month in which a class begins to count. What is standing counts from
// its release: it began in whatever month.
func (r *Released) monthOf(c *Class) string {
	if r.standing {
		return c.Batch
	}
	return c.Month
}

// within reports whether what counts in a month belongs to those that are asked for.
// Released figures go by whole months: a month counts when the period has a day of it.
func (r *Released) within(v *Version, in, upTo string) bool {
	return in <= min(upTo, v.Period.To.Month()) && (r.standing || v.Period.From.Month() <= in)
}

// value is where a class falls by a dimension.
func (c *Class) value(d Dimension, standing bool) string {
	if d == ByMonth && !standing {
		return c.Month
	}
	return c.Value(d)
}

func (c *Class) weight(v *Version) int64 {
	if v.Measure == events.MeasureJobs {
		return c.Hours
	}
	return c.Weight
}

// How a class fits what a target asks.
const (
	fitsNot = iota
	fitsHidden
	fitsAll
)

// fits says whether what is in a class counts: all, nothing, or that is hidden.
func fits(v *Version, c *Class) int {
	fit := fitsAll
	ask := func(d int, is func(value string) bool) {
		switch value := c.values[d]; {
		case value == Hidden:
			fit = min(fit, fitsHidden)
		case !is(value):
			fit = fitsNot
		}
	}
	one := func(of string) func(string) bool { return func(value string) bool { return value == of } }
	if kinds := kindsOf(v); len(kinds) > 0 {
		ask(atKind, func(value string) bool { return slices.Contains(kinds, value) })
	} else if v.Measure == events.MeasureJobs {
		ask(atSheltered, one(no))
	}
	if len(v.Groups) > 0 {
		ask(atGroup, func(value string) bool {
			return slices.ContainsFunc(strings.Split(value, "+"), func(g string) bool { return slices.Contains(v.Groups, g) })
		})
	}
	if v.Register != nil {
		ask(atRegister, one(map[bool]string{true: yes, false: no}[*v.Register]))
	}
	if v.Sector != "" {
		ask(atSector, one(v.Sector))
	}
	if v.Subregion != "" {
		ask(atSubregion, one(v.Subregion))
	}
	if v.Definition.LeastHours != nil {
		least := int(*v.Definition.LeastHours)
		switch from, to := hoursIn(c.values[atHours]); {
		case c.values[atHours] == Hidden, from < least && least <= to:
			fit = min(fit, fitsHidden)
		case to < least:
			fit = fitsNot
		}
	}
	return fit
}

// hoursIn are the least and the most hours of a class of hours; of the unknown below all.
func hoursIn(class string) (from, to int) {
	switch class {
	case "0-11":
		return 0, 1199
	case "12-23":
		return 1200, 2399
	case "24-31":
		return 2400, 3199
	case "32+":
		return 3200, 1 << 30
	}
	return -1, -1
}
