package pages

import (
	"cmp"
	"math"
	"net/http"
	"slices"
	"strings"

	"huisboek/adapters/web"
	"huisboek/events"
)

// reachPage is what the page of reach shows.
type reachPage struct {
	From, To  string // as filled in
	Says      string
	Line      *reachLine
	YearAgo   string
	Places    []reachRow
	Sizes     []reachRow
	Parts     []reachRow
	Without   []string // of subregions: whose numbers are missing
	Table     *reachTable
	Numbers   []numbersLine
	NoPlace   string
	NoSize    string
	NoNumbers bool
}

// reachLine is reach in short.
type reachLine struct {
	Contacted, Employers, Share string
	Known                       bool
	Beside                      string // who was visited and is not in it; empty: nobody
}

// reachRow is a bar of reach.
type reachRow struct {
	Name                        string
	Contacted, Employers, Share string
	Known                       bool
	Bar                         bar
	share                       float64
}

// reachTable is reach by municipality and size class.
type reachTable struct {
	Sizes []string
	Rows  []reachTableRow
}

type reachTableRow struct {
	Name  string
	Cells []reachCell
}

// reachCell is a share, in a shade of five.
type reachCell struct {
	Share, Of string
	Shade     int
}

// numbersLine is where the numbers of employers come from.
type numbersLine struct {
	Date   events.Date
	Day    string
	Origin string
}

func (v *visit) reach() (*page, error) {
	data := &reachPage{From: v.query("van"), To: v.query("tot")}
	p := &page{template: "bereik", nav: reachPath, title: v.t("bereik.titel"), marks: []string{}, data: data}
	from, to := events.Date(""), events.Date("")
	for _, one := range []struct {
		name, text string
		day        *events.Date
	}{{"van", data.From, &from}, {"tot", data.To, &to}} {
		if one.text == "" {
			continue
		}
		day, err := events.ParseDate(one.text)
		if err != nil {
			p.faults = append(p.faults, fault{one.name, v.t("doel.geen-dag")})
			continue
		}
		*one.day = day
	}
	if len(p.faults) == 0 && from != "" && cmp.Or(to, v.today()).Before(from) {
		p.faults, from = append(p.faults, fault{"van", v.t("bereik.van-na-tot")}), ""
	}
	if len(p.faults) > 0 {
		p.status = http.StatusBadRequest
	}
	a, err := v.api.Reach(v.ctx(), from, to, "", v.since())
	if err != nil {
		return nil, err
	}
	p.upTo = a.Freshness
	data.From, data.To = cmp.Or(data.From, string(a.From)), cmp.Or(data.To, string(a.To))
	data.Says = v.t("bereik.zin", v.lang.days(a.From, a.To))
	data.Line = v.reachLine(a)
	p.marks = append(p.marks, valueMark("bereik", data.Line.Contacted))
	v.reachRows(data, a)
	return p, v.reachYearAgo(data, a)
}

// reachYearAgo compares with the same days of the year before.
func (v *visit) reachYearAgo(data *reachPage, a *web.ReachAnswer) error {
	from, ok1 := timeOf(a.From)
	to, ok2 := timeOf(a.To)
	if !ok1 || !ok2 || !data.Line.Known {
		return nil
	}
	then, err := v.api.Reach(v.ctx(), dateOf(from.AddDate(-1, 0, 0)), dateOf(to.AddDate(-1, 0, 0)), "", v.since())
	if err != nil {
		return err
	}
	if then.Total.Contacted > 0 { // before the book began there is nothing to compare with
		data.YearAgo = v.t("bereik.vorig-jaar", v.lang.num(then.Total.Contacted), v.lang.days(then.From, then.To))
	}
	return nil
}

// reachLine counts where it is known how many employers there are, and says who was
// visited elsewhere: a target on reach counts them all.
func (v *visit) reachLine(a *web.ReachAnswer) *reachLine {
	r := &a.Total
	line := &reachLine{Contacted: v.lang.num(r.Contacted)}
	switch beside := a.Contacted - r.Contacted; {
	case beside <= 0:
	case beside == a.NoPlace:
		line.Beside = v.t("bereik.naast-gemeente", beside, v.lang.num(a.Contacted))
	default:
		line.Beside = v.t("bereik.naast-aantal", beside, v.lang.num(a.Contacted))
	}
	if r.Employers != nil && r.Share != nil {
		line.Known, line.Employers, line.Share = true, v.lang.num(*r.Employers), v.percent(*r.Share)
	}
	return line
}

// percent is a part of one, with a decimal when it is small.
func (v *visit) percent(share float64) string {
	x := share * 100
	if x < 10 {
		return v.t("algemeen.procent", v.lang.num(math.Round(x*10)/10))
	}
	return v.t("algemeen.procent", v.lang.num(math.Round(x)))
}

// reachRows are the bars, and the table of all.
func (v *visit) reachRows(data *reachPage, a *web.ReachAnswer) {
	type sum struct{ contacted, employers int }
	sizes, known := map[string]sum{}, map[string]bool{}
	table := &reachTable{}
	codes := events.Values("grootteklasse")
	var sizeCodes []string
	cells := map[[2]string]*web.ReachRow{}
	var places []*web.ReachRow
	for i := range a.Rows {
		r := &a.Rows[i]
		if r.Size == "" {
			places = append(places, r)
			continue
		}
		cells[[2]string{r.Gemeente, r.Size}] = r
		if !slices.Contains(sizeCodes, r.Size) {
			sizeCodes = append(sizeCodes, r.Size)
		}
		if r.Employers != nil {
			s := sizes[r.Size]
			sizes[r.Size], known[r.Size] = sum{s.contacted + r.Contacted, s.employers + *r.Employers}, true
		}
	}
	slices.SortFunc(sizeCodes, func(a, b string) int { return cmp.Compare(slices.Index(codes, a), slices.Index(codes, b)) })
	slices.SortStableFunc(places, func(a, b *web.ReachRow) int {
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	for _, size := range sizeCodes {
		table.Sizes = append(table.Sizes, v.lang.word("grootte-kort", size))
	}
	for _, place := range places {
		name := cmp.Or(place.Name, place.Gemeente)
		data.Places = append(data.Places, v.reachRow(name, place.Contacted, place.Employers))
		row := reachTableRow{Name: name}
		for _, size := range sizeCodes {
			row.Cells = append(row.Cells, v.reachCell(cells[[2]string{place.Gemeente, size}]))
		}
		table.Rows = append(table.Rows, row)
	}
	for _, size := range sizeCodes {
		if s := sizes[size]; known[size] {
			data.Sizes = append(data.Sizes, v.reachRow(v.lang.word("grootte-kort", size), s.contacted, &s.employers))
		}
	}
	for i := range a.Subregions {
		part := &a.Subregions[i]
		data.Parts = append(data.Parts, v.reachRow(part.Name, part.Contacted, part.Employers))
		for _, code := range part.Without {
			if g, ok := v.s.cfg.Regions.Gemeente(code); ok {
				code = g.Name
			}
			data.Without = append(data.Without, code)
		}
	}
	data.Table = table
	for _, rows := range [][]reachRow{data.Places, data.Sizes, data.Parts} {
		v.reachBars(rows)
	}
	v.reachOrigins(data, a)
}

// reachOrigins says where the numbers of employers come from, and who is in none.
func (v *visit) reachOrigins(data *reachPage, a *web.ReachAnswer) {
	for _, n := range a.Numbers {
		line := numbersLine{n.From, v.lang.date(n.From), n.Origin}
		if !slices.Contains(data.Numbers, line) {
			data.Numbers = append(data.Numbers, line)
		}
	}
	data.NoNumbers = len(a.Numbers) == 0
	if a.NoPlace > 0 {
		data.NoPlace = v.t("bereik.zonder-gemeente", a.NoPlace)
	}
	if a.NoSize > 0 {
		data.NoSize = v.t("bereik.zonder-grootte", a.NoSize)
	}
}

func (v *visit) reachRow(name string, contacted int, employers *int) reachRow {
	row := reachRow{Name: name, Contacted: v.lang.num(contacted)}
	if employers != nil && *employers > 0 {
		row.Known, row.share = true, float64(contacted)/float64(*employers)
		row.Employers, row.Share = v.lang.num(*employers), v.percent(row.share)
	}
	return row
}

// reachBars draws shares on one scale.
func (v *visit) reachBars(rows []reachRow) {
	most := 0.01
	for _, r := range rows {
		most = max(most, r.share)
	}
	for i := range rows {
		r := &rows[i]
		label := v.t("bereik.onbekend-deel", r.Name, r.Contacted)
		if r.Known {
			label = v.t("bereik.deel", r.Name, r.Contacted, r.Employers, r.Share)
		}
		r.Bar = drawnBar(label, []part{{r.share, "act", ""}}, -1, -1, most)
	}
}

// shades are the shares from which a cell is darker.
var shades = []float64{0.02, 0.05, 0.10, 0.25}

func (v *visit) reachCell(r *web.ReachRow) reachCell {
	if r == nil || r.Employers == nil || *r.Employers == 0 {
		return reachCell{}
	}
	share := float64(r.Contacted) / float64(*r.Employers)
	c := reachCell{Share: v.percent(share), Of: v.t("bereik.van", v.lang.num(r.Contacted), v.lang.num(*r.Employers))}
	for _, from := range shades {
		c.Shade += count(share >= from)
	}
	return c
}
