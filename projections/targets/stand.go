package targets

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"strconv"

	"huisboek/events"
	"huisboek/projections"
)

// ErrNoTarget is returned when no such target was known.
var ErrNoTarget = errors.New("no such target")

// MaxToMend is how many of the reader's own items are listed for one reason, the
// latest.
const MaxToMend = 500

// reader is who asks, asked once for each partner.
type reader struct {
	all bool
	own func(partner string) bool
}

func newReader(r Reader) *reader {
	known := map[string]bool{}
	return &reader{all: r.All, own: func(partner string) bool {
		if r.Own == nil || r.All {
			return false
		}
		own, ok := known[partner]
		if !ok {
			own = r.Own(partner)
			known[partner] = own
		}
		return own
	}}
}

// any reports whether the reader has part in something.
func (r *reader) any(who []string) bool { return slices.ContainsFunc(who, r.own) }

// lastOf is a target as it was set last.
func lastOf(f *Facts, target string) (*Version, error) {
	versions := f.Versions(target)
	if len(versions) == 0 {
		return nil, ErrNoTarget
	}
	return &versions[len(versions)-1], nil
}

// standing is the answer to a reader as far as it stands as it is known: the whole of
// it of a target that is not sensitive, or for who sees everything.
func (c *count) standing(f source, across [2]Dimension, r *reader) *Standing {
	st := &Standing{
		Version: c.v, On: c.on, Plain: true, Total: amountOf(c.v.Measure, c.total), Doubts: c.doubts, Own: c.own(f, r), Left: slices.Clone(c.left),
		Agreed: Agreed(&c.v, c.on), Difference: difference(&c.v), Shares: withAgreed(f, &c.v, c.sharesOf(f, r), r.own), Months: slices.Clone(c.months),
	}
	sensitive := Sensitive(&c.v) && !r.all
	if sensitive {
		st.Doubts = c.settled
	}
	st.NotCounted = c.notCounted(f, r, sensitive)
	if c.forecast != nil {
		st.Forecast = ptrTo(*c.forecast)
	}
	if _, split := parted(&c.v, across); across != [2]Dimension{} && (r.all || !split) {
		st.Split = c.splitOf(f, across, r)
	}
	return st
}

func ptrTo[T any](v T) *T { return &v }

// difference is by how much the number is more than what partners took on; nothing
// when they took on nothing.
func difference(v *Version) Amount {
	if len(v.Shares) == 0 {
		return 0
	}
	sum := 0
	for _, s := range v.Shares {
		sum += s.Number
	}
	return one * Amount(v.TargetSet.Number-sum)
}

// own is what the reader has part in, each thing once and whole.
func (c *count) own(f source, r *reader) Amount {
	if c.v.Measure == events.MeasureReached {
		return amountOf(c.v.Measure, 100*int64(c.reached.employersOf(r)))
	}
	weight, p := int64(0), c.parts(f, [2]Dimension{ByPartner})
	for i := range p.list {
		if x := &p.list[i]; r.any(c.groups[x.who]) {
			weight += x.live.whole
		}
	}
	return amountOf(c.v.Measure, weight)
}

// ofPeople reports whether a reason says of others what a sensitive target asks of
// people, or comes behind such a reason.
func ofPeople(reason string) bool {
	switch reason {
	case WhyLeft, WhySame, WhyKind, WhySheltered:
		return false
	}
	return true
}

// notCounted lists by reason what does not count. Of a sensitive target others' items
// are counted only where the reason comes before all that is asked of people; whether
// there are others for another reason is not told: such a reason always stands there,
// as hidden.
func (c *count) notCounted(f source, r *reader, sensitive bool) (list []LeftOut) {
	at := map[string]*LeftOut{}
	of := func(reason string) *LeftOut {
		x := at[reason]
		if x == nil {
			x = &LeftOut{Reason: reason, Hidden: sensitive && ofPeople(reason)}
			at[reason] = x
		}
		return x
	}
	if sensitive {
		for _, reason := range reasonsOf(&c.v) {
			of(reason)
		}
	}
	mend := map[string][]events.Position{}
	for partner, out := range c.out {
		own := r.own(partner)
		for reason, items := range out {
			if len(items) == 0 || sensitive && !own && ofPeople(reason) {
				continue
			}
			of(reason).Count += len(items)
			if own {
				mend[reason] = append(mend[reason], items[max(0, len(items)-MaxToMend):]...)
			}
		}
	}
	for reason, x := range at {
		own := mend[reason]
		slices.Sort(own)
		for _, root := range own[max(0, len(own)-MaxToMend):] {
			x.Own = append(x.Own, *f.Item(partOf(c.v.Measure), root))
		}
		list = append(list, *x)
	}
	slices.SortFunc(list, func(a, b LeftOut) int { return cmp.Compare(a.Reason, b.Reason) })
	return list
}

// reasonsOf are the reasons of people that a target can have: they follow from what it
// asks, not from what there is.
func reasonsOf(v *Version) (list []string) {
	d := &v.Definition
	for _, x := range []struct {
		asks    bool
		reasons []string
	}{
		{len(v.Groups) > 0, []string{WhyGroup, WhyNoGroup}},
		{v.Register != nil, []string{WhyRegister, WhyNoRegister}},
		{d.LeastHours != nil, []string{WhyHours, WhyNoHours}},
		{d.LeastHours == nil && v.Measure == events.MeasureJobs, []string{WhyNoHours}},
		{v.Sector != "", []string{WhySector, WhyNoSector}},
		{v.Subregion != "", []string{WhySubregion, WhyNoSubregion}},
		{d.LeastDays != nil, []string{WhyTooShort, WhyNotYet}},
		{d.Standing, []string{WhyEnded}},
		{true, []string{WhyLater}},
	} {
		if x.asks {
			list = append(list, x.reasons...)
		}
	}
	return list
}

// monthly is the weight that came in each month, less what went, also before the
// period: of all, and as divided of each partner.
func (c *count) monthly(f source) (all map[string]int64, by map[string]map[string]int64) {
	all, by = map[string]int64{}, map[string]map[string]int64{}
	add := func(who int32, month string, s *sum, sign int64) {
		all[month] += sign * s.whole
		for i, partner := range c.groups[who] {
			if by[partner] == nil {
				by[partner] = map[string]int64{}
			}
			by[partner][month] += sign * s.of(i)
		}
	}
	names := map[month]string{}
	name := func(m month) string {
		if names[m] == "" {
			names[m] = m.String()
		}
		return names[m]
	}
	each := func(list []counted) {
		for i := range list {
			x, s := &list[i], sum{}
			s.add(int64(x.weight), +1, len(c.groups[x.who]))
			if add(x.who, name(x.month), &s, +1); x.until != 0 {
				add(x.who, name(x.until), &s, -1)
			}
		}
	}
	if each(c.past); c.v.Definition.Standing {
		each(c.things)
		return all, by
	}
	p := c.parts(f, [2]Dimension{ByMonth})
	for i := range p.list {
		x := &p.list[i]
		add(x.who, x.values[0], &x.live, +1)
	}
	return all, by
}

// monthTotals is what came in each month of the period, and what there was by its end.
// Of a target that counts what is standing, what came is what came less what went.
func (c *count) monthTotals(came map[string]int64) (list []MonthTotal) {
	period := c.v.Period
	if c.on < period.From {
		return nil
	}
	first, last, so := period.From.Month(), min(c.on, period.To).Month(), int64(0)
	for month, weight := range came {
		if c.v.Definition.Standing && month < first {
			so += weight
		}
	}
	for i := range c.past { // came before a period that begins within a month
		came[c.past[i].month.String()] -= int64(c.past[i].weight)
	}
	for month := first; month <= last; month = next(month) {
		before := amountOf(c.v.Measure, so)
		so += came[month]
		m := MonthTotal{Month: month, So: amountOf(c.v.Measure, so), Agreed: Agreed(&c.v, min(LastOf(month), c.on))}
		m.Count = m.So - before
		list = append(list, m)
	}
	return list
}

// next is the month after a month.
func next(month string) string { return LastOf(month).AddDays(1).Month() }

// pace is what a forecast goes by: the closed months, also those before the period when
// the book has them, of all and of each partner that takes part. Months without anything
// from before the book was there say nothing.
func (c *count) pace(f source, came map[string]int64, by map[string]map[string]int64) (all Pace, partners []PartnerPace) {
	m := c.v.Measure
	first := max(c.v.Period.From.Month(), f.Began())
	for month, weight := range came {
		if weight != 0 { // or something that was there is no more
			first = min(first, month)
		}
	}
	end := min(c.closed, c.v.Period.To.Month())
	var months []string
	for month := max(first, yearBefore(end)); month <= end; month = next(month) {
		months = append(months, month)
	}
	closed := func(came map[string]int64) (list []Amount) {
		for _, month := range months {
			list = append(list, amountOf(m, came[month]))
		}
		return list
	}
	all = Pace{Closed: closed(came), Sofar: amountOf(m, c.total), Known: min(c.on, c.v.Period.To)}

	took, _, _ := agreed(f, &c.v)
	for partner := range took {
		if by[partner] == nil {
			by[partner] = nil
		}
	}
	for _, d := range c.departed { // nothing can be expected of who left
		delete(by, d.Partner)
	}
	for _, partner := range slices.Sorted(maps.Keys(by)) {
		p := PartnerPace{Partner: partner, Agreed: one * Amount(took[partner]), Pace: Pace{Closed: closed(by[partner]), Known: all.Known}}
		if c.v.OfPlacements() { // of others no more is shown
			p.Known = min(LastOf(c.closed), p.Known)
		}
		so := int64(0)
		for month, weight := range by[partner] {
			if month <= p.Known.Month() && (month >= c.v.Period.From.Month() || c.v.Definition.Standing) {
				so += weight
			}
		}
		p.Sofar = amountOf(m, so)
		partners = append(partners, p)
	}
	return all, partners
}

func yearBefore(month string) string {
	year, _ := strconv.Atoi(month[:4])
	return next(strconv.Itoa(year-1) + month[4:])
}

// parted reports whether a target's total, and whether a split of it, is made of
// released figures.
func parted(v *Version, across [2]Dimension) (total, split bool) {
	total = Sensitive(v)
	if split = total && across != [2]Dimension{}; split {
		return total, split
	}
	for _, d := range across {
		switch d {
		case ByGroup, ByRegister, ByHours:
			split = split || v.Measure != events.MeasureReached // which is of employers, and has none of these
		case ByGemeente:
			part := partOf(v.Measure)
			split = split || part == projections.PartPlacements || part == projections.PartServices
		}
	}
	return total, split
}
