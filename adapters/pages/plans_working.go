package pages

import (
	"math"
	"strconv"
	"strings"
	"time"

	"huisboek/adapters/web"
)

// workingPanel is whether the agreement works: three shares by month, with their table.
type workingPanel struct {
	Partner string // whose figures they are; empty: of all together
	Charts  []workingChart
	Rows    []workingRow
	Nothing bool
}

// workingChart is one share of the last twelve months.
type workingChart struct {
	Name     string
	Share    string // over all months
	Sentence string
	Trend    string
	Max      string // what the upper line stands for
	Text     string // all of it, for who does not see it
	Bars     []workingBar
}

// workingBar is a month. X and Width are percent, Y and Height pixels.
type workingBar struct {
	X, Width, Middle string
	Y, Height        int
	Month            string // short; empty: not written below
	Value            string // of the last month that has one
	Running          bool   // the month is not over yet
}

// workingRow is a month in the table.
type workingRow struct {
	Month                                     string
	Visits, Announced, Clashed, Plans, Unused int
	AnnouncedShare, ClashedShare, UnusedShare string
}

// barsHeight is how high the bars of a small chart are at most.
const barsHeight = 84

// measure is a share of something in a month.
type measure struct {
	key         string
	part, whole func(*web.Working) int
}

var measures = []measure{
	{"aangekondigd", func(w *web.Working) int { return w.Announced }, func(w *web.Working) int { return w.Visits }},
	{"gebotst", func(w *web.Working) int { return w.Clashed }, func(w *web.Working) int { return w.Visits }},
	{"ongebruikt", func(w *web.Working) int { return w.Unused }, func(w *web.Working) int { return w.Plans }},
}

// working are the figures of the last twelve months, of one partner or of all.
func (v *visit) working(partner string) (*workingPanel, error) {
	found, err := v.api.Working(v.ctx(), "", "", v.since())
	if err != nil {
		return nil, err
	}
	months := found.Months
	if partner != "" {
		months = monthsOf(found, partner)
	}
	panel := v.lang.workingPanel(months, v.today().Month())
	panel.Partner = v.partnerName(partner)
	return panel, nil
}

// monthsOf are the months of one partner; one in which it did nothing is there, empty.
func monthsOf(all *web.WorkingAnswer, partner string) []web.Working {
	months := make([]web.Working, len(all.Months))
	for i := range months {
		months[i].Month = all.Months[i].Month
		for _, row := range all.Rows {
			if row.Month == months[i].Month && row.Partner != nil && row.Partner.ID == partner {
				months[i] = row
			}
		}
	}
	return months
}

func (l lang) workingPanel(months []web.Working, now string) *workingPanel {
	panel := &workingPanel{Nothing: true}
	for _, m := range measures {
		panel.Charts = append(panel.Charts, l.workingChart(&m, months, now))
	}
	for i := range months {
		w := &months[i]
		panel.Nothing = panel.Nothing && w.Visits == 0 && w.Plans == 0
		panel.Rows = append(panel.Rows, workingRow{
			Month: l.month(w.Month), Visits: w.Visits, Announced: w.Announced, Clashed: w.Clashed, Plans: w.Plans, Unused: w.Unused,
			AnnouncedShare: l.percent(w.Announced, w.Visits), ClashedShare: l.percent(w.Clashed, w.Visits), UnusedShare: l.percent(w.Unused, w.Plans),
		})
	}
	return panel
}

// percent is "70%"; "–" of nothing.
func (l lang) percent(part, whole int) string {
	if whole == 0 {
		return "–"
	}
	return l.num(int(math.Round(100*float64(part)/float64(whole)))) + "%"
}

func (l lang) workingChart(m *measure, months []web.Working, now string) workingChart {
	var part, whole int
	top, last := 0.0, -1
	for i := range months {
		p, w := m.part(&months[i]), m.whole(&months[i])
		part, whole = part+p, whole+w
		if w > 0 {
			top, last = max(top, float64(p)/float64(w)), i
		}
	}
	words := "werking." + m.key
	c := workingChart{Name: l.t(words + ".naam"), Share: l.percent(part, whole), Sentence: l.t(words+".zin", part, whole)}
	scale := scaleOf(top)
	c.Max = strconv.Itoa(scale) + "%"
	said := make([]string, 0, len(months))
	for i := range months {
		p, w := m.part(&months[i]), m.whole(&months[i])
		b := workingBar{Running: months[i].Month == now}
		n := float64(len(months))
		b.X, b.Width, b.Middle = percents(float64(i)/n+0.15/n), percents(0.7/n), percents((float64(i)+0.5)/n)
		if w > 0 {
			b.Height = max(1, int(math.Round(barsHeight*100*float64(p)/float64(w)/float64(scale))))
			said = append(said, l.month(months[i].Month)+" "+l.percent(p, w))
		}
		if b.Y = barsHeight - b.Height; i == last {
			b.Value = l.percent(p, w)
		}
		if t, err := time.Parse("2006-01", months[i].Month); err == nil && (len(months)-1-i)%3 == 0 {
			b.Month = l.shortMonth(t)
		}
		c.Bars = append(c.Bars, b)
	}
	c.Text = c.Name + ": " + strings.Join(said, ", ")
	c.Trend = l.trend(m, months, now)
	return c
}

// trendMonths is how many whole months are held against as many before.
const trendMonths = 3

// trend holds the last three whole months against the three before; empty when there
// is too little to tell.
func (l lang) trend(m *measure, months []web.Working, now string) string {
	end := len(months)
	if end > 0 && months[end-1].Month == now {
		end--
	}
	if end < 2*trendMonths {
		return ""
	}
	sum := func(of []web.Working) (p, w int) {
		for i := range of {
			p, w = p+m.part(&of[i]), w+m.whole(&of[i])
		}
		return p, w
	}
	p, w := sum(months[end-trendMonths : end])
	p0, w0 := sum(months[end-2*trendMonths : end-trendMonths])
	if w == 0 || w0 == 0 {
		return ""
	}
	return l.t("werking.verloop", l.percent(p, w), l.percent(p0, w0))
}

// scaleOf is the upper end of a scale for shares up to top, in percent.
func scaleOf(top float64) int {
	for _, s := range []int{5, 10, 20, 30, 50} {
		if 100*top <= float64(s) {
			return s
		}
	}
	return 100
}

// percents is a share as an attribute of SVG, "12.5%".
func percents(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e4)/100, 'f', -1, 64) + "%"
}
