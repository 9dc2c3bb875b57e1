package pages

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"huisboek/adapters/web"
	"huisboek/events"
)

// signalsPage is what the page of signals shows: what employers tell, in numbers, for
// the agenda of the region.
type signalsPage struct {
	Quarter  string // in words
	Running  bool   // it is not over
	Choices  []choice
	Total    string
	Before   string // of the quarter before
	Moved    string
	Lines    []themeLine
	Quarters []string // of the table
	Sums     []string
	Own      bool // one's own are told apart
	Complete bool
	Agenda   []string
	Partner  string
	OwnTotal string
}

// themeLine is a theme.
type themeLine struct {
	Name, Count   string
	Before, Moved string
	Class         string // up or down
	Own           string
	Bar           bar
	Line          string // d of the path of its quarters
	About         string // the same in words
	Cells         []string
	count, before int
}

// quartersShown are those of the table.
const quartersShown = 5

var quarterForm = regexp.MustCompile(`^[12][0-9]{3}-Q[1-4]$`)

// quarterOf is the quarter of a day: 2026-Q4.
func quarterOf(d events.Date) string {
	month, err := strconv.Atoi(string(d[5:7]))
	if err != nil {
		return ""
	}
	return string(d[:4]) + "-Q" + strconv.Itoa((month+2)/3)
}

// quarterMonths are the first and the last month of a quarter.
func quarterMonths(q string) (first, last string) {
	n := int(q[6] - '0')
	return fmt.Sprintf("%s-%02d", q[:4], 3*n-2), fmt.Sprintf("%s-%02d", q[:4], 3*n)
}

// quartersBack is the quarter so many before another.
func quartersBack(q string, back int) string {
	year, err := strconv.Atoi(q[:4])
	if err != nil {
		return q
	}
	n := year*4 + int(q[6]-'1') - back
	return fmt.Sprintf("%04d-Q%d", n/4, n%4+1)
}

// quarter is a quarter in words.
func (v *visit) quarter(q string) string { return v.t("signalen.kwartaal", string(q[6]), q[:4]) }

func (v *visit) signals() (*page, error) {
	now := quarterOf(v.today())
	here := now
	if asked := v.query("kwartaal"); quarterForm.MatchString(asked) && asked <= now {
		here = asked
	}
	var shown []string
	for i := quartersShown - 1; i >= 0; i-- {
		shown = append(shown, quartersBack(here, i))
	}
	first, _ := quarterMonths(shown[0])
	_, last := quarterMonths(here)
	a, err := v.api.Quarters(v.ctx(), "signalen", first, last, "thema", v.since())
	if err != nil {
		return nil, err
	}
	data := &signalsPage{Quarter: v.quarter(here), Running: here == now, Complete: true, Partner: v.partnerName(v.person.Partner)}
	p := &page{template: "signalen", nav: signalsPath, upTo: a.Freshness, data: data}
	p.title = v.t("signalen.titel", data.Quarter)
	for i := range 6 {
		q := quartersBack(now, i)
		data.Choices = append(data.Choices, choice{v.quarter(q), signalsPath + "?kwartaal=" + q, q == here})
	}
	data.Lines = v.signalLines(a, shown)
	total, before, own := 0, 0, 0
	for _, l := range data.Lines {
		total, before = total+l.count, before+l.before
	}
	for _, t := range a.Own {
		if t.Quarter == here {
			own += t.Count
		}
	}
	data.Own, data.OwnTotal = v.person.Partner != "", v.lang.num(own)
	data.Total, data.Before, data.Moved = v.lang.num(total), v.lang.num(before), v.signed(float64(total-before))
	for _, q := range shown {
		sum := 0
		for _, m := range a.Months {
			if m.Quarter == q {
				sum += m.Count
				data.Complete = data.Complete && m.Complete
			}
		}
		data.Quarters, data.Sums = append(data.Quarters, v.quarter(q)), append(data.Sums, v.lang.num(sum))
	}
	data.Agenda = v.agenda(data.Lines)
	p.marks = []string{valueMark("signalen", data.Total)}
	return p, nil
}

// signalLines are the themes, the most told of in the last of some quarters first.
func (v *visit) signalLines(a *web.TalliesAnswer, quarters []string) []themeLine {
	counts, own := map[string]map[string]int{}, map[string]int{}
	for _, t := range a.Rows {
		if t.Theme == nil {
			continue
		}
		if counts[*t.Theme] == nil {
			counts[*t.Theme] = map[string]int{}
		}
		counts[*t.Theme][t.Quarter] += t.Count
	}
	last := quarters[len(quarters)-1]
	for _, t := range a.Own {
		if t.Theme != nil && t.Quarter == last {
			own[*t.Theme] += t.Count
		}
	}
	var lines []themeLine
	most := 1
	for theme, by := range counts {
		l := themeLine{Name: v.lang.word("thema", theme), count: by[last], Own: v.lang.num(own[theme])}
		var amounts []float64
		for _, q := range quarters {
			amounts, l.Cells = append(amounts, float64(by[q])), append(l.Cells, v.lang.num(by[q]))
			if q != last {
				l.before = by[q]
			}
		}
		l.Line, l.About = sparkline(amounts), v.t("signalen.verloop", l.Name, v.lang.list(l.Cells))
		l.Count, l.Before, l.Moved = v.lang.num(l.count), v.lang.num(l.before), v.signed(float64(l.count-l.before))
		most = max(most, l.count, l.before)
		lines = append(lines, l)
	}
	slices.SortFunc(lines, func(a, b themeLine) int { return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.Name, b.Name)) })
	for i := range lines {
		l := &lines[i]
		pace := -1.0
		if len(quarters) > 1 {
			pace = float64(l.before)
		}
		l.Bar = drawnBar(v.t("signalen.balk", l.Name, l.Count, l.Before), []part{{float64(l.count), "act", ""}}, -1, pace, float64(most))
	}
	return lines
}

// agendaItems is how many themes are brought to the table.
const agendaItems = 3

// agenda says what to talk of: what is told of most, and what grew most.
func (v *visit) agenda(lines []themeLine) []string {
	var items []string
	for _, l := range lines[:min(len(lines), agendaItems)] {
		if l.count > 0 {
			items = append(items, v.t("signalen.agenda-meest", l.Name, l.Count, l.Before))
		}
	}
	grown := slices.Clone(lines[min(len(lines), agendaItems):])
	slices.SortStableFunc(grown, func(a, b themeLine) int { return cmp.Compare(b.count-b.before, a.count-a.before) })
	for _, l := range grown[:min(len(grown), 1)] {
		if l.count-l.before >= 3 {
			items = append(items, v.t("signalen.agenda-groei", l.Name, l.Before, l.Count))
		}
	}
	return items
}
