package targets

import (
	"iter"
	"slices"

	"huisboek/events"
	"huisboek/projections"
)

// source is what a standing is counted from: [Facts].
type source interface {
	Items(part projections.Part) iter.Seq[*Item]
	Item(part projections.Part, root events.Position) *Item
	Since(moment uint64) (roots []events.Position, now uint64, ok bool)
	Revision(part projections.Part) uint64
	Linked() uint64
	Levelled() uint64
	Cluster(it *Item) []*Item
	Doubles() []Double
	Subregion(partner string, day events.Date) (subregion string, ok bool)
	Level(employer string) string
	Gemeente(employer string) string
	One(employer string, concern bool) string
	Departures() []Departure
	PartnerOf(identity string) string
	Began() string
}

// Rule is what one item is for one target on a day, doubles and departures left aside.
// Its From is set whatever it comes to.
func (f *Facts) Rule(v *Version, it *Item, on events.Date) Ruling {
	return newRuler(f, v, on).rule(it)
}

// ruler says for each item what it is for one target on one day.
type ruler struct {
	facts  source
	v      *Version
	on     events.Date
	day    events.Date // on, or the last day of the period when that is before
	days   int         // so long it must have lasted
	lasted map[events.Date]lasted
}

// lasted is when what started on a day has lasted long enough.
type lasted struct {
	last events.Date // it must still be there on that day
	from events.Date // it counts from the day after
}

func newRuler(f source, v *Version, on events.Date) *ruler {
	r := &ruler{facts: f, v: v, on: on, day: min(on, v.Period.To), lasted: map[events.Date]lasted{}}
	if n := v.Definition.LeastDays; n != nil {
		r.days = *n
	}
	return r
}

// partOf is what a measure is counted from.
func partOf(m Measure) projections.Part {
	switch m {
	case events.MeasureVisits, events.MeasureReached:
		return projections.PartVisits
	case events.MeasureServices:
		return projections.PartServices
	case events.MeasureFilled:
		return projections.PartVacancies
	}
	return projections.PartPlacements
}

// lasts is when something has lasted long enough: its first day is day one, and it
// counts from the day after day so many.
func (r *ruler) lasts(start events.Date) lasted {
	if r.days == 0 {
		return lasted{from: start}
	}
	l, ok := r.lasted[start]
	if !ok {
		l = lasted{start.AddDays(r.days - 1), start.AddDays(r.days)}
		r.lasted[start] = l
	}
	return l
}

func (r *ruler) rule(it *Item) Ruling {
	l := r.lasts(it.From)
	x := Ruling{From: l.from, Reason: r.what(it)}
	if x.Reason == "" {
		x.Reason = r.when(it, l)
	}
	x.Counts = x.Reason == ""
	switch r.v.Measure {
	case events.MeasureJobs:
		x.Weight = int64(max(it.Hours, 0))
	case events.MeasureServices, events.MeasureFilled:
		x.Weight = 100 * int64(it.Count)
	default:
		x.Weight = 100
	}
	if r.v.Definition.Standing && it.To != "" {
		x.Until = it.To.AddDays(1)
	}
	return x
}

// what asks what it is, in the order in which reasons come first.
func (r *ruler) what(it *Item) string {
	v := r.v
	if kinds := kindsOf(v); len(kinds) > 0 {
		if !slices.Contains(kinds, it.Sort) {
			return WhyKind
		}
	} else if v.Measure == events.MeasureJobs && it.Sort == "beschut-werk" {
		return WhySheltered
	}
	if len(v.Groups) > 0 {
		switch {
		case len(it.Groups) == 0:
			return WhyNoGroup
		case !slices.ContainsFunc(it.Groups, func(g string) bool { return slices.Contains(v.Groups, g) }):
			return WhyGroup
		}
	}
	if v.Register != nil {
		switch {
		case it.Register == projections.RegisterUnknown:
			return WhyNoRegister
		case (it.Register == projections.RegisterYes) != *v.Register:
			return WhyRegister
		}
	}
	if least := v.Definition.LeastHours; least != nil || v.Measure == events.MeasureJobs {
		switch {
		case it.Hours < 0:
			return WhyNoHours
		case least != nil && it.Hours < int(*least):
			return WhyHours
		}
	}
	switch {
	case v.Sector == "":
	case it.Sector == "":
		return WhyNoSector
	case it.Sector != v.Sector:
		return WhySector
	}
	if v.Subregion != "" { // where who reported it belonged on that day
		switch subregion, ok := r.facts.Subregion(it.Partner, it.From); {
		case !ok:
			return WhyNoSubregion
		case subregion != v.Subregion:
			return WhySubregion
		}
	}
	return ""
}

// kindsOf are the kinds that count; none is all.
func kindsOf(v *Version) []string {
	switch partOf(v.Measure) {
	case projections.PartPlacements:
		return v.Definition.Kinds
	case projections.PartVisits:
		return v.Definition.Purposes
	case projections.PartServices:
		return v.Definition.Services
	}
	return nil
}

// when asks whether it counts on the day.
func (r *ruler) when(it *Item, l lasted) string {
	period, standing := r.v.Period, r.v.Definition.Standing
	switch {
	case r.days > 0 && it.To != "" && it.To < l.last:
		return WhyTooShort
	case it.From <= r.on && r.on < l.from:
		return WhyNotYet
	case standing && it.To != "" && it.To < r.day && l.from <= r.day:
		return WhyEnded
	case l.from > r.on:
		return WhyLater
	case l.from > period.To, l.from < period.From && !standing, r.on < period.From:
		return WhyPeriod
	}
	return ""
}

// concerns reports whether an item that does not count is listed as such: nobody looks
// among those that did not count for what has nothing to do with the period.
func (r *ruler) concerns(it *Item) bool {
	period := r.v.Period
	if r.v.Definition.Standing {
		return it.From <= period.To && (it.To == "" || period.From <= it.To)
	}
	within := func(d events.Date) bool { return period.From <= d && d <= period.To }
	return within(it.From) || within(r.lasts(it.From).from)
}
