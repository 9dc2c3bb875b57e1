package events

import "strconv"

// maxTargetPeriod is the longest period of a target, in days with the first and the
// last: ten years.
const maxTargetPeriod = 3653

func (d *TargetSet) check(c *checker) {
	if c.good("periode") {
		switch {
		case d.Period.To.Before(d.Period.From):
			c.fault("/periode/tot", codeBackwards)
		case d.Period.From.DaysUntil(d.Period.To) >= maxTargetPeriod:
			c.fault("/periode/tot", codePeriodLong, maxTargetPeriod)
		}
	}
	if c.good("maat") {
		d.ofMeasure(c)
	}
	seen := make(map[string]bool, len(d.Shares))
	for i := range d.Shares {
		partner := d.Shares[i].Partner
		if partner != "" && seen[partner] {
			c.fault("/aandelen/"+strconv.Itoa(i)+"/partner", codeTwice)
		}
		seen[partner] = true
	}
	if c.good("pad") {
		d.path(c)
	}
}

// ofMeasure: a member that means nothing for what is counted is refused, so that
// nobody believes that it narrows anything.
func (d *TargetSet) ofMeasure(c *checker) {
	visits := d.Measure == MeasureVisits || d.Measure == MeasureReached
	persons := d.OfPlacements() || d.Measure == MeasureVisits || d.Measure == MeasureServices
	def := &d.Definition
	for _, m := range []struct {
		place string
		there bool
		fits  bool
	}{
		{"/doelgroepen", c.has("doelgroepen"), persons},
		{"/doelgroepregister", c.has("doelgroepregister"), d.OfPlacements()},
		{"/sector", c.has("sector"), d.OfPlacements()},
		{"/definitie/soorten", def.Kinds != nil, d.OfPlacements()},
		{"/definitie/urenMinstens", def.LeastHours != nil, d.OfPlacements()},
		{"/definitie/dagenMinstens", def.LeastDays != nil, d.OfPlacements()},
		{"/definitie/lopend", def.Standing, d.OfPlacements()},
		{"/definitie/diensten", def.Services != nil, d.Measure == MeasureServices},
		{"/definitie/doelen", def.Purposes != nil, visits},
	} {
		if m.there && !m.fits {
			c.fault(m.place, codeOtherMeasure)
		}
	}
}

// path: days in order, each once and within the period; numbers that do not fall, up
// to the number of the target, which is that of the last day.
func (d *TargetSet) path(c *checker) {
	for i := range d.Path {
		p := &d.Path[i]
		place := "/pad/" + strconv.Itoa(i)
		if i > 0 {
			before := &d.Path[i-1]
			switch {
			case p.Day == before.Day:
				c.fault(place+"/datum", codeTwice)
			case p.Day.Before(before.Day):
				c.fault(place+"/datum", codePathOrder)
			case p.Number < before.Number:
				c.fault(place+"/aantal", codePathFalls)
			}
		}
		if c.good("periode") && (p.Day.Before(d.Period.From) || d.Period.To.Before(p.Day)) {
			c.fault(place+"/datum", codePathOutside)
		}
		if !c.good("aantal") {
			continue
		}
		switch {
		case c.good("periode") && p.Day == d.Period.To && p.Number != d.Number:
			c.fault(place+"/aantal", codePathEnd)
		case p.Number > d.Number:
			c.fault(place+"/aantal", codePathAbove)
		}
	}
}

func (*TargetDropped) check(*checker) {}

func (d *PlacementsMatched) check(c *checker) { c.reports(d.Placement, d.With) }

func (d *PlacementsDistinct) check(c *checker) { c.reports(d.Placement, d.With) }

// reports: two reports, neither of them this event, and not the same one.
func (c *checker) reports(placement, with *Ref) {
	c.points("plaatsing", placement)
	c.points("met", with)
	if c.good("plaatsing", "met") && *placement == *with {
		c.fault("/met", codeSameReport)
	}
}

// check: of a municipality each size has one number.
func (d *EmployersCounted) check(c *checker) {
	type cell struct{ gemeente, size string }
	seen := make(map[cell]bool, len(d.Counts))
	for i := range d.Counts {
		n := &d.Counts[i]
		at := cell{n.Gemeente, n.Size}
		if n.Gemeente != "" && seen[at] {
			c.fault("/aantallen/"+strconv.Itoa(i), codeTwice)
		}
		seen[at] = true
	}
}
