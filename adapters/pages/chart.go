package pages

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"huisboek/events"
)

// trajectory is a chart of how much there was, was agreed and is expected over a
// period. Across it is in percents, so that it is as wide as its room and its text
// stays as large as it is; down it is in pixels, so that labels can keep apart. The
// lines stand in a box of 100 by 100 that is stretched over it.
type trajectory struct {
	ID           string // of its title and description
	Title, About string
	Height       int
	Small        bool // a path beside a sentence: no labels but the first and last month
	Grid         []gridLine
	Ticks        []tick
	Area, Actual string // d of a path; empty: there is none
	Goal         string
	Expected     string
	Band         string
	Now          *nowMark
	Ends         []endLabel
}

// gridLine is an amount with its line.
type gridLine struct {
	Y     string // percent
	Text  string
	Faint bool
}

// tick is a moment below the chart. Of those that are Extra there is no room on a phone.
type tick struct {
	X     string // percent
	Text  string
	Extra bool
}

// nowMark is the day of which the chart is, and what there was on it.
type nowMark struct {
	X, Y    string // percent
	Dx, Dy  int    // of the label, in pixels
	Anchor  string
	Value   string
	Word    string
	DayText string
	DayAt   string // the anchor of the day's text
}

// endLabel is what a line ends at, on the right of the chart.
type endLabel struct {
	Y           int // of its text, in pixels
	Value, Word string
	Range       string // below it: between what it will be
	Class       string
}

// course is what a trajectory is drawn from.
type course struct {
	period   events.Period
	goal     []coursePoint // corners of the agreed path
	actual   []coursePoint // the first is the beginning
	expected *courseEnd    // nil: none
	on       events.Date   // the day that it is of
}

// coursePoint is how much by the end of a day.
type coursePoint struct {
	day    events.Date
	amount float64
}

// courseEnd is what is expected at the end of the period.
type courseEnd struct{ amount, low, high float64 }

const (
	plotHeight  = 272 // pixels
	smallHeight = 84
	lineHeight  = 18 // of a label at the end
)

// drawn works out the lines of a course.
func (c *course) drawn(height int) *trajectory {
	top := c.top()
	p := plane{c.period, top}
	t := &trajectory{Height: height, Goal: p.path(c.goal)}
	if len(c.actual) > 1 {
		t.Actual = p.path(c.actual)
		last := c.actual[len(c.actual)-1]
		t.Area = t.Actual + "L" + coordinate(p.x(last.day)) + " 100L" + coordinate(p.x(c.actual[0].day)) + " 100Z"
		t.Now = &nowMark{X: coordinate(p.x(last.day)), Y: coordinate(p.y(last.amount))}
		if e := c.expected; e != nil {
			end := c.period.To
			t.Expected = p.path([]coursePoint{last, {end, e.amount}})
			if e.low < e.high {
				t.Band = p.path([]coursePoint{last, {end, e.high}, {end, e.low}}) + "Z"
			}
		}
	}
	return t
}

// top is the amount at the upper edge: a little above the most that is drawn.
func (c *course) top() float64 {
	most := 1.0
	for _, p := range slices.Concat(c.goal, c.actual) {
		most = max(most, p.amount)
	}
	if c.expected != nil {
		most = max(most, c.expected.high, c.expected.amount)
	}
	return most * 1.06
}

// plane puts days and amounts in a box of 100 by 100.
type plane struct {
	period events.Period
	top    float64
}

// x is where a day ends; the day before the period is 0.
func (p *plane) x(day events.Date) float64 {
	all := p.period.From.DaysUntil(p.period.To) + 1
	return min(max(100*float64(p.period.From.DaysUntil(day)+1)/float64(max(all, 1)), 0), 100)
}

func (p *plane) y(amount float64) float64 { return min(max(100*(1-amount/p.top), 0), 100) }

func (p *plane) path(points []coursePoint) string {
	if len(points) < 2 {
		return ""
	}
	var d strings.Builder
	for i, one := range points {
		step := "L"
		if i == 0 {
			step = "M"
		}
		d.WriteString(step + coordinate(p.x(one.day)) + " " + coordinate(p.y(one.amount)))
	}
	return d.String()
}

// coordinate is a number in an attribute: one decimal at most.
func coordinate(f float64) string {
	return strconv.FormatFloat(math.Round(f*10)/10+0, 'f', -1, 64) // + 0: no -0
}

// steps are the amounts that get a line below a top: three to six, of a round size.
func steps(top float64) []float64 {
	size := math.Pow(10, math.Floor(math.Log10(max(top, 1)/4)))
	for _, f := range []float64{1, 2, 5, 10} {
		if top/(size*f) <= 5.5 {
			size *= f
			break
		}
	}
	size = max(size, 1)
	all := []float64{0}
	for s := size; s <= top; s += size {
		all = append(all, s)
	}
	return all
}

// monthTicks are the months of a period, or its years when it is a long one: where
// each is on average.
func (l lang) monthTicks(period events.Period) []tick {
	p := plane{period: period}
	from, ok1 := timeOf(period.From)
	to, ok2 := timeOf(period.To)
	if !ok1 || !ok2 {
		return nil
	}
	months := (to.Year()-from.Year())*12 + int(to.Month()-from.Month()) + 1
	var all []tick
	if months > 24 {
		for y := from.Year(); y <= to.Year(); y++ {
			begin, end := yearsEnds(y)
			all = append(all, tick{X: middle(&p, begin, end), Text: strconv.Itoa(y), Extra: (y-from.Year())%2 == 1 && months > 60})
		}
		return all
	}
	every := 1 + (months-1)/12
	for i := range months {
		if i%every != 0 {
			continue
		}
		first := time.Date(from.Year(), from.Month()+time.Month(i), 1, 0, 0, 0, 0, time.UTC)
		last := first.AddDate(0, 1, -1)
		all = append(all, tick{X: middle(&p, dateOf(first), dateOf(last)), Text: l.shortMonth(first), Extra: len(all)%3 != 0 && months > 4})
	}
	return all
}

func yearsEnds(y int) (begin, end events.Date) {
	return events.Date(strconv.Itoa(y) + "-01-01"), events.Date(strconv.Itoa(y) + "-12-31")
}

func dateOf(t time.Time) events.Date { return events.Date(t.Format(time.DateOnly)) }

func middle(p *plane, begin, end events.Date) string {
	return coordinate((p.x(begin.AddDays(-1)) + p.x(end)) / 2)
}

// apart moves labels that would stand on one another: each keeps its order and is
// moved no more than it must; the last stays within the height.
func apart(labels []endLabel, height int) []endLabel {
	slices.SortStableFunc(labels, func(a, b endLabel) int { return cmp.Compare(a.Y, b.Y) })
	for i := 1; i < len(labels); i++ {
		labels[i].Y = max(labels[i].Y, labels[i-1].Y+labels[i-1].room())
	}
	for i, floor := len(labels)-1, height+lineHeight; i >= 0; i-- {
		labels[i].Y = min(labels[i].Y, floor-labels[i].room())
		floor = labels[i].Y
	}
	return labels
}

// room is how high a label is.
func (e *endLabel) room() int {
	if e.Range != "" {
		return 2 * lineHeight
	}
	return lineHeight
}
