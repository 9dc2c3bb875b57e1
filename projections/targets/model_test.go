package targets

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"huisboek/events"
)

// model is the slow, obvious count: everything is looked up again in all that was said.
type model []*events.Record

// fact is one thing that was told and still stands.
type fact struct {
	root                          events.Position
	by                            string // who told it
	with                          []string
	employer                      string
	day, end                      events.Date
	kind, group, register, sector string
	hours                         int // hundredths; -1 is not said
	count                         int
}

// counting is what a standing should come to.
type counting struct {
	total          Amount
	doubts         int
	whole, divided map[string]Amount
	cells          map[[2]string]Amount
	months         map[string]Amount // by the end of each
	left           map[string]int
}

func (m model) first(p events.Position) events.Position {
	for m[p-1].Target() != 0 {
		p = m[p-1].Target()
	}
	return p
}

func (m model) alive() (list []*events.Record) {
	dead := map[events.Position]bool{}
	for _, r := range m {
		dead[r.Target()] = true
		if r.Event.Type == events.TypeEventRetracted {
			dead[r.Position] = true
		}
	}
	for _, r := range m {
		if !dead[r.Position] {
			list = append(list, r)
		}
	}
	return list
}

// version is the target as it was set last.
func (m model) version() *events.TargetSet {
	var last *events.TargetSet
	for _, r := range m {
		if d, ok := r.Event.Data.(*events.TargetSet); ok && d.Target == theTarget {
			last = d
		}
	}
	return last
}

// joint is who confirmed to have part in what began at a position.
func (m model) joint(root events.Position) (list []string) {
	for _, r := range m.alive() {
		if _, ok := r.Event.Data.(*events.JointVisitConfirmed); ok && m.first(r.Confirms()) == root && !slices.Contains(list, r.Partner) {
			list = append(list, r.Partner)
		}
	}
	return list
}

func (m model) facts(measure Measure) (list []fact) {
	for _, r := range m.alive() {
		f := fact{root: m.first(r.Position), by: r.Partner, count: 1, hours: -1}
		f.with = m.joint(f.root)
		if e, ok := events.EmployerOf(r.Event.Data); ok {
			f.employer = e.Key()
		}
		switch d := r.Event.Data.(type) {
		case *events.PlacementMade:
			if measure != events.MeasurePlacements && measure != events.MeasureJobs {
				continue
			}
			f.day, f.end, f.kind, f.group, f.sector = d.Start, m.end(f.root, d), d.Kind, d.TargetGroup, d.Sector
			if d.Hours != nil {
				f.hours = int(*d.Hours)
			}
			if d.Register != nil {
				f.register = map[bool]string{true: "ja", false: "nee"}[*d.Register]
			}
		case *events.VisitMade:
			if measure != events.MeasureVisits && measure != events.MeasureReached {
				continue
			}
			f.day, f.kind, f.group = d.Date, d.Purpose, strings.Join(slices.Compact(slices.Sorted(slices.Values(d.TargetGroups))), "+")
		case *events.ServiceDelivered:
			if measure != events.MeasureServices {
				continue
			}
			if f.day, f.kind, f.group = d.Date, d.Service, d.TargetGroup; d.Period != nil {
				f.day = d.Period.From
			}
			if d.Count != nil {
				f.count = *d.Count
			}
		case *events.VacancyReported:
			if measure == events.MeasureFilled {
				list = append(list, m.fillings(f.root, f.employer, d.Count)...)
			}
			continue
		default:
			continue
		}
		list = append(list, f)
	}
	slices.SortFunc(list, func(a, b fact) int { return cmp.Compare(a.root, b.root) })
	return list
}

// end is when a placement ended, as was said last.
func (m model) end(root events.Position, d *events.PlacementMade) events.Date {
	end, last := d.End, events.Position(0)
	for _, r := range m.alive() {
		if e, ok := r.Event.Data.(*events.PlacementEnded); ok && r.Root() == root && m.first(r.Position) >= last {
			end, last = e.End, m.first(r.Position)
		}
	}
	return end
}

func (m model) fillings(root events.Position, employer string, asked int) (list []fact) {
	var told []*events.Record
	for _, r := range m.alive() {
		if _, ok := r.Event.Data.(*events.VacancyFilled); ok && r.Root() == root {
			told = append(told, r)
		}
	}
	slices.SortFunc(told, func(a, b *events.Record) int { return cmp.Compare(m.first(a.Position), m.first(b.Position)) })
	done := 0
	for _, r := range told {
		d := r.Event.Data.(*events.VacancyFilled)
		n := max(0, asked-done)
		if d.Count != nil {
			n = *d.Count
		}
		done += n
		list = append(list, fact{root: m.first(r.Position), by: r.Partner, employer: employer, day: d.Date, hours: -1, count: n})
	}
	return list
}

// toldOf is what the steward said of a partner, of departures that were moved the last.
type toldOf struct {
	from     events.Date
	admitted *events.PartnerAdmitted
	departed *events.PartnerDeparted
}

func (m model) said(partner string) (list []toldOf) {
	for _, r := range m {
		switch d := r.Event.Data.(type) {
		case *events.PartnerAdmitted:
			if d.Partner == partner {
				list = append(list, toldOf{from: d.From, admitted: d})
			}
		case *events.PartnerDeparted:
			if d.Partner == partner {
				if n := len(list); n > 0 && list[n-1].departed != nil {
					list = list[:n-1]
				}
				list = append(list, toldOf{from: d.From, departed: d})
			}
		}
	}
	return list
}

// gone is who left with its past by a day.
func (m model) gone(partner string, on events.Date) bool {
	list := m.said(partner)
	if len(list) == 0 {
		return false
	}
	d := list[len(list)-1].departed
	return d != nil && d.Past == events.PastLeaves && d.From <= on
}

// subregion is a partner's on a day, or the last that it had.
func (m model) subregion(partner string, day events.Date) (name string, known bool) {
	list := m.said(partner)
	for ; day > "2019-12-01"; day = day.AddDays(-1) {
		for i := len(list) - 1; i >= 0; i-- {
			if list[i].from <= day {
				if list[i].admitted != nil {
					return list[i].admitted.Subregion, true
				}
				break
			}
		}
	}
	return "", false
}

// one reports whether two employers are linked as the same, whoever is in between.
func (m model) one(a, b string) bool {
	seen := []string{a}
	for i := 0; i < len(seen); i++ {
		for _, r := range m {
			if d, ok := r.Event.Data.(*events.EmployersLinked); ok {
				x, y := d.Employer.KvK, d.With.KvK
				for _, p := range [][2]string{{x, y}, {y, x}} {
					if p[0] == seen[i] && !slices.Contains(seen, p[1]) {
						seen = append(seen, p[1])
					}
				}
			}
		}
	}
	return slices.Contains(seen, b)
}

// pair is what stands of two reports.
func (m model) pair(a, b *fact) string {
	last := map[string]bool{}
	for _, r := range m.alive() {
		if x, y := r.Pair(); x != 0 {
			x, y = m.first(x), m.first(y)
			if min(x, y) == min(a.root, b.root) && max(x, y) == max(a.root, b.root) {
				last[r.Partner] = r.Event.Type == events.TypePlacementsMatched
			}
		}
	}
	steward, spoke := last[theBook]
	ofA, spokeA := last[a.by]
	ofB, spokeB := last[b.by]
	switch {
	case spoke && steward, !spoke && spokeA && ofA && spokeB && ofB:
		return DoubleSame
	case spoke, spokeA && !ofA, spokeB && !ofB:
		return DoubleDistinct
	case spokeA, spokeB:
		return DoubleWaits
	case m.alike(a, b) >= 60:
		return DoublePossible
	}
	return ""
}

func (m model) alike(a, b *fact) int {
	apart := a.day.DaysUntil(b.day)
	apart = max(apart, -apart)
	if a.by == b.by || !m.one(a.employer, b.employer) || apart > 31 {
		return 0
	}
	points := 30
	switch {
	case apart == 0:
		points += 30
	case apart <= 7:
		points += 20
	case apart <= 14:
		points += 12
	default:
		points += 5
	}
	if a.kind == b.kind {
		points += 15
	}
	if a.hours >= 0 && b.hours >= 0 {
		switch d := max(a.hours-b.hours, b.hours-a.hours); {
		case d == 0:
			points += 15
		case d <= 200:
			points += 8
		case d > 800:
			points -= 20
		}
	}
	if a.group != "" && b.group != "" {
		if a.group == b.group {
			points += 10
		} else {
			points -= 20
		}
	}
	if a.register != "" && b.register != "" && a.register != b.register {
		points -= 20
	}
	return points
}

// reason is why something does not count on a day, doubles and departures left aside.
func (m model) reason(d *events.TargetSet, f *fact, on events.Date) string {
	def := &d.Definition
	kinds := def.Kinds
	switch d.Measure {
	case events.MeasureVisits, events.MeasureReached:
		kinds = def.Purposes
	case events.MeasureServices:
		kinds = def.Services
	case events.MeasureFilled:
		kinds = nil
	}
	in := false
	for _, g := range strings.Split(f.group, "+") {
		in = in || slices.Contains(d.Groups, g)
	}
	subregion, known := m.subregion(f.by, f.day)
	switch {
	case kinds != nil && !slices.Contains(kinds, f.kind):
		return WhyKind
	case kinds == nil && d.Measure == events.MeasureJobs && f.kind == "beschut-werk":
		return WhySheltered
	case d.Groups != nil && f.group == "":
		return WhyNoGroup
	case d.Groups != nil && !in:
		return WhyGroup
	case d.Register != nil && f.register == "":
		return WhyNoRegister
	case d.Register != nil && *d.Register != (f.register == "ja"):
		return WhyRegister
	case (def.LeastHours != nil || d.Measure == events.MeasureJobs) && f.hours < 0:
		return WhyNoHours
	case def.LeastHours != nil && f.hours < int(*def.LeastHours):
		return WhyHours
	case d.Sector != "" && f.sector == "":
		return WhyNoSector
	case d.Sector != "" && f.sector != d.Sector:
		return WhySector
	case d.Subregion != "" && !known:
		return WhyNoSubregion
	case d.Subregion != "" && d.Subregion != subregion:
		return WhySubregion
	}
	from := m.from(d, f)
	if def.LeastDays != nil {
		if f.end != "" && f.end < from.AddDays(-1) {
			return WhyTooShort
		}
		if f.day <= on && on < from {
			return WhyNotYet
		}
	}
	if from > on {
		return WhyLater
	}
	if !def.Standing {
		if from < d.Period.From || d.Period.To < from {
			return WhyPeriod
		}
		return ""
	}
	day := min(on, d.Period.To)
	switch {
	case f.end != "" && f.end < day && from <= day:
		return WhyEnded
	case day < d.Period.From, from > day:
		return WhyPeriod
	}
	return ""
}

func (m model) from(d *events.TargetSet, f *fact) events.Date {
	if d.Definition.LeastDays == nil {
		return f.day
	}
	day, _ := time.Parse(time.DateOnly, string(f.day))
	return events.Date(day.AddDate(0, 0, *d.Definition.LeastDays).Format(time.DateOnly))
}

// listed reports whether what does not count has to do with the period at all.
func (m model) listed(d *events.TargetSet, f *fact) bool {
	if d.Definition.Standing {
		return f.day <= d.Period.To && (f.end == "" || f.end >= d.Period.From)
	}
	for _, day := range []events.Date{f.day, m.from(d, f)} {
		if d.Period.From <= day && day <= d.Period.To {
			return true
		}
	}
	return false
}
