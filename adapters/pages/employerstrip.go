package pages

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"huisboek/adapters/web"
	"huisboek/events"
)

// The strip shows fourteen months: this one, eleven before it and two after it.
const (
	stripBack   = 11
	stripMonths = 14
	stripTop    = 24 // above the lanes: the names of the months
	laneHeight  = 40
	// nearWide and nearNarrow are how near two marks of a lane are, in percent of the
	// width, before the second moves up or down: on a desk, and on a phone.
	nearWide, nearNarrow = 2.2, 6.6
	// shortPlan is the width, in percent, under which a plan gets a pill of a fixed size:
	// a day would be too narrow to see.
	shortPlan = 4
)

// strip is the contact with an employer as a picture: a lane for each kind of partner.
// Its places across are percentages and its heights pixels, so that it fits every width.
type strip struct {
	Months []stripMonth
	Lanes  []stripLane
	Marks  []stripMark
	Today  string
	Height int
	First  string // month, in words
	Last   string
	Desc   string
	Rows   []stripRow // the same as a table, months with something
	Cut    bool       // there is more than it shows
}

type stripMonth struct {
	X, Name string
	Quarter bool // drawn stronger, and named on a phone too
}

type stripLane struct {
	Kind, Name string
	Y, Line    int // its middle, and the line above it
}

// stripMark is a visit, service, placements or a plan. Wide is the width of a plan of
// several days; empty for a fixed size. Moved are the classes that move it out of the
// way of others.
type stripMark struct {
	X, Wide     string
	Y           int
	Kind, Shape string
	Moved       string
	Count       int // of placements, where it is more than one
	Says        string
}

// stripRow is a month of the table.
type stripRow struct {
	Month string
	Cells []string // by lane
}

// stripScale turns days into places.
type stripScale struct{ from, to time.Time }

func stripOf(today events.Date) stripScale {
	t, _ := timeOf(today)
	first := time.Date(t.Year(), t.Month()-stripBack, 1, 0, 0, 0, 0, time.UTC)
	return stripScale{first, first.AddDate(0, stripMonths, 0)}
}

// at is how far a day is from the left, in percent.
func (s stripScale) at(t time.Time) float64 {
	return 100 * float64(t.Sub(s.from)) / float64(s.to.Sub(s.from))
}

func (s stripScale) has(t time.Time) bool { return !t.Before(s.from) && t.Before(s.to) }

func percent(x float64) string { return fmt.Sprintf("%.1f%%", x) }

// drawn is something on the strip before it has its place.
type drawn struct {
	at      float64
	wide    float64
	kind    string
	shape   string
	month   string
	count   int
	says    string
	counted string // under what the table counts it; empty: not at all
}

// strip draws what stands on a timeline. Placements are drawn from the counts that
// everybody may see, one's own too, in the middle of their month.
func (v *visit) strip(list []web.Contact, placed []web.PlacementCount, plans []web.OpenPlan, all *orgs) *strip {
	scale := stripOf(v.today())
	var things []drawn
	for i := range list {
		if d, ok := v.drawnContact(&list[i], scale, all); ok {
			things = append(things, d)
		}
	}
	for i := range plans {
		if d, ok := v.drawnPlan(&plans[i], scale, all); ok {
			things = append(things, d)
		}
	}
	for _, p := range placed {
		t, err := time.Parse("2006-01", p.Month)
		if err != nil || !scale.has(t) {
			continue
		}
		o := all.of(p.Partner)
		things = append(things, drawn{
			at: scale.at(t.AddDate(0, 0, 15)), kind: o.Kind, shape: "plaatsing", month: p.Month, count: p.Count, counted: "plaatsingen",
			says: v.lang.month(p.Month) + ": " + v.t("strip.plaatsingen", p.Count) + ", " + o.Name,
		})
	}
	slices.SortStableFunc(things, func(a, b drawn) int { return cmp.Compare(a.at, b.at) })
	s := &strip{Today: percent(scale.at(day(v.today())))}
	s.months(v, scale)
	s.lanes(v, things)
	s.place(things)
	s.words(v, things)
	return s
}

func day(d events.Date) time.Time {
	t, _ := timeOf(d)
	return t
}

// drawnContact is a visit or a service; plans and placements come from elsewhere.
func (v *visit) drawnContact(c *web.Contact, scale stripScale, all *orgs) (d drawn, ok bool) {
	t := day(c.Date)
	o := all.of(c.Partner)
	d = drawn{at: scale.at(t), kind: o.Kind, month: string(c.Date)[:7], count: 1}
	switch c.Type {
	case events.TypeVisitMade:
		d.shape, d.counted = "bezoek", "bezoeken"
		d.says = v.lang.date(c.Date) + ": " + v.visitTitle(c) + ", " + o.Name
	case events.TypeServiceDelivered:
		d.shape, d.counted, d.count = "dienst", "diensten", max(c.Count, 1)
		d.says = v.lang.date(c.Date) + ": " + v.lang.word("dienst", c.Service) + ", " + o.Name
	default:
		return d, false
	}
	return d, scale.has(t)
}

func (v *visit) drawnPlan(p *web.OpenPlan, scale stripScale, all *orgs) (d drawn, ok bool) {
	from, to := day(p.From), day(p.To).AddDate(0, 0, 1)
	if !to.After(scale.from) || !from.Before(scale.to) {
		return d, false
	}
	o := all.of(p.Partner)
	left, right := max(scale.at(from), 0), min(scale.at(to), 100)
	d = drawn{
		at: left, wide: right - left, kind: o.Kind, shape: "plan", month: string(p.From)[:7], count: 1, counted: "plannen",
		says: v.lang.days(p.From, p.To) + ": " + v.t("strip.plan-van", v.lang.word("doel", p.Purpose), o.Name),
	}
	if d.wide < shortPlan {
		d.at, d.wide = left+d.wide/2, 0
	}
	return d, true
}

func (s *strip) months(v *visit, scale stripScale) {
	for i := range stripMonths {
		t := scale.from.AddDate(0, i, 0)
		s.Months = append(s.Months, stripMonth{percent(scale.at(t)), v.lang.shortMonth(t), i%3 == 0})
	}
	s.First = v.lang.month(scale.from.Format("2006-01"))
	s.Last = v.lang.month(scale.to.AddDate(0, -1, 0).Format("2006-01"))
}

// lanes are always those of the three kinds that every region has, and of others where
// there is something of them.
func (s *strip) lanes(v *visit, things []drawn) {
	kinds := []string{"gemeente", "uwv", "sw"}
	if slices.ContainsFunc(things, func(d drawn) bool { return d.kind == "overig" }) {
		kinds = append(kinds, "overig")
	}
	for i, kind := range kinds {
		top := stripTop + i*laneHeight
		s.Lanes = append(s.Lanes, stripLane{kind, v.lang.word("partnersoorten", kind), top + laneHeight/2, top})
	}
	s.Height = stripTop + len(kinds)*laneHeight
}

// place gives each its lane, and moves up or down what would lie on another: how much
// does depends on the width, so there is a class for each.
func (s *strip) place(things []drawn) {
	for _, lane := range s.Lanes {
		wide, narrow := newRows(nearWide), newRows(nearNarrow)
		for _, d := range things {
			if d.kind != lane.Kind {
				continue
			}
			m := stripMark{X: percent(d.at), Y: lane.Y, Kind: d.kind, Shape: d.shape, Says: d.says}
			if d.shape == "plan" {
				if d.wide > 0 {
					m.Wide = percent(d.wide)
				}
			} else {
				m.Moved = [...]string{"", " up", " down"}[wide.take(d.at)] + [...]string{"", " near-up", " near-down"}[narrow.take(d.at)]
			}
			if d.shape == "plaatsing" && d.count > 1 {
				m.Count = d.count
			}
			s.Marks = append(s.Marks, m)
		}
	}
}

// laneRows are how far each of a lane's rows is taken: the middle, above and below it.
type laneRows struct {
	near  float64
	until [3]float64
}

func newRows(near float64) *laneRows { return &laneRows{near, [3]float64{-near, -near, -near}} }

// take gives a mark the first row with room, else the one that was left the longest ago.
func (l *laneRows) take(at float64) int {
	row := slices.IndexFunc(l.until[:], func(x float64) bool { return at-x >= l.near })
	if row < 0 {
		row = slices.Index(l.until[:], slices.Min(l.until[:]))
	}
	l.until[row] = at
	return row
}

// counts are what the strip counts, in the order in which it says them.
var counts = []string{"bezoeken", "diensten", "plaatsingen", "plannen"}

// words say the strip: in a sentence for each lane, and as a table.
func (s *strip) words(v *visit, things []drawn) {
	of := map[[2]string]int{}   // by lane and what it counts
	rows := map[[3]string]int{} // by month, lane and what it counts
	months := map[string]bool{}
	for _, d := range things {
		of[[2]string{d.kind, d.counted}] += d.count
		rows[[3]string{d.month, d.kind, d.counted}] += d.count
		months[d.month] = true
	}
	list := func(n func(counted string) int) string {
		var said []string
		for _, c := range counts {
			if k := n(c); k > 0 {
				key := "strip." + c
				said = append(said, v.t(key, k))
			}
		}
		return v.lang.list(said)
	}
	for _, lane := range s.Lanes {
		said := list(func(c string) int { return of[[2]string{lane.Kind, c}] })
		s.Desc += lane.Name + ": " + cmp.Or(said, v.t("strip.niets")) + ". "
	}
	s.Desc += v.t("strip.elders")
	for _, month := range slices.Sorted(maps.Keys(months)) {
		row := stripRow{Month: v.lang.month(month)}
		for _, lane := range s.Lanes {
			row.Cells = append(row.Cells, list(func(c string) int { return rows[[3]string{month, lane.Kind, c}] }))
		}
		s.Rows = append(s.Rows, row)
	}
}
