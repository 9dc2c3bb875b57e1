package pages

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

const (
	targetsPath = "/doelen"
	reachPath   = "/bereik"
	signalsPath = "/signalen"
	doublesPath = "/dubbelen"
)

// targetRoutes are the pages of what was agreed together, and of what counts for it.
var targetRoutes = []route{
	{"GET " + targetsPath, totals, (*visit).targets},
	{"GET " + targetsPath + "/{doelstelling}", totals, (*visit).target},
	{"GET " + targetsPath + "/{doelstelling}/bestand", totals, (*visit).targetFile},
	{"GET " + targetsPath + "/{doelstelling}/verschil", totals, (*visit).targetDifference},
	{"GET " + reachPath, totals, (*visit).reach},
	{"GET " + signalsPath, totals, (*visit).signals},
	{"GET " + doublesPath, readers, (*visit).placementDoubles},
	{"POST " + doublesPath, readers, (*visit).judgeDouble},
}

// stood is a target and how it stands, whichever question it was the answer to.
type stood struct {
	target         *web.Target
	on             events.Date
	total, agreed  float64
	doubts         int
	settled        *string
	own            *float64
	forecast       *web.TargetForecast
	months         []web.TargetMonth
	sentence       events.Sentence
	partner        *ledger.Partner // whose own it is
	ownTarget      int             // what it took on; 0: nothing
	ownTargetKnown bool
}

// headline is a target in short: on the page of all of them and on top of its own.
type headline struct {
	Name, Path  string
	Total, Of   string
	Verdict     verdict
	Sentence    string
	Indication  bool
	Period      string // when it is not a year
	SettledUpTo string // a day: it moves at the end of months
	Waiting     bool   // nothing was released yet
	Chart       *trajectory
	Own         *ownPart
}

// verdict is how a target is to what was agreed.
type verdict struct {
	Class, Text string
	behind      float64 // part of what was agreed that is missing; below zero: ahead
	judged      bool
	good        bool
}

// ownPart is what the reader's own partner did, and took on.
type ownPart struct {
	Partner, Count string
	Agreed         string // empty: nothing was agreed
	Pace           string // how much of that it would be by now
}

// targetsPage is what the page of all targets shows.
type targetsPage struct {
	Year    string
	Years   []choice
	Good    int
	Judged  int
	Worst   string // in a sentence
	Targets []headline
	Reach   *reachLine
	Signals []themeLine
	Quarter string
}

func (v *visit) targets() (*page, error) {
	answer, err := v.api.Targets(v.ctx(), "", false, v.since())
	if err != nil {
		return nil, err
	}
	data := &targetsPage{}
	data.Year, data.Years = v.years(answer.Targets)
	p := &page{template: "doelen", nav: targetsPath, upTo: answer.Freshness, marks: []string{}, data: data}
	p.title = v.t("doelen.titel", data.Year)
	var worst *verdict
	for i := range answer.Targets {
		one := &answer.Targets[i]
		if !inYear(one.Period, data.Year) {
			continue
		}
		s := v.stoodNow(one, answer.On)
		h := v.headline(s)
		h.Chart = v.trajectory(s, "t"+strconv.Itoa(i), smallHeight)
		data.Targets = append(data.Targets, *h)
		p.marks = append(p.marks, valueMark(one.Target.Target, h.Total))
		if h.Verdict.judged {
			data.Judged++
			data.Good += count(h.Verdict.good)
			if !h.Verdict.good && (worst == nil || h.Verdict.behind > worst.behind) {
				worst, data.Worst = &h.Verdict, v.t("doelen.verst", h.Name, h.Verdict.Text)
			}
		}
	}
	if err := v.besideTargets(data); err != nil {
		return nil, err
	}
	return p, nil
}

// besideTargets adds what a board asks in the same breath: whom we reached and what we
// hear, of this year.
func (v *visit) besideTargets(data *targetsPage) error {
	if data.Year != string(v.today())[:4] {
		return nil
	}
	reach, err := v.api.Reach(v.ctx(), "", "", "", v.since())
	if err != nil {
		return err
	}
	data.Reach = v.reachLine(reach)
	quarter := quarterOf(v.today())
	first, last := quarterMonths(quarter)
	heard, err := v.api.Quarters(v.ctx(), "signalen", first, last, "thema", v.since())
	if err != nil {
		return err
	}
	data.Quarter = v.quarter(quarter)
	data.Signals = v.signalLines(heard, []string{quarter})
	data.Signals = data.Signals[:min(len(data.Signals), 3)]
	return nil
}

// valueMark is the mark of a number on a page: another one is a change, and nothing new.
func valueMark(name, value string) string { return changeMark + name + " " + value }

func count(b bool) int {
	if b {
		return 1
	}
	return 0
}

// years are those that targets are of; the one that is shown is the one asked for, this
// one, or the last that there is.
func (v *visit) years(all []web.TargetNow) (here string, choices []choice) {
	var years []string
	for i := range all {
		from, err1 := strconv.Atoi(string(all[i].Period.From[:4]))
		to, err2 := strconv.Atoi(string(all[i].Period.To[:4]))
		for y := from; err1 == nil && err2 == nil && y <= to; y++ {
			years = append(years, strconv.Itoa(y))
		}
	}
	slices.Sort(years)
	years = slices.Compact(years)
	here = string(v.today())[:4]
	if asked := v.query("jaar"); slices.Contains(years, asked) {
		here = asked
	} else if len(years) > 0 && !slices.Contains(years, here) {
		here = years[len(years)-1]
	}
	if len(years) < 2 {
		return here, nil
	}
	for _, y := range years {
		choices = append(choices, choice{Name: y, Path: targetsPath + "?jaar=" + y, Here: y == here})
	}
	return here, choices
}

func inYear(p *events.Period, year string) bool {
	return string(p.From[:4]) <= year && year <= string(p.To[:4])
}

func (v *visit) stoodNow(t *web.TargetNow, on events.Date) *stood {
	s := &stood{
		target: &t.Target, on: on, total: t.Total, agreed: t.Agreed, doubts: t.Doubts, settled: t.Settled, own: t.Own,
		forecast: t.Forecast, months: t.Months, sentence: t.Sentence,
	}
	v.ownTarget(s)
	return s
}

func (v *visit) stoodOf(a *web.StandingAnswer) *stood {
	s := &stood{
		target: &a.Target, on: a.On, total: a.Total, agreed: a.Agreed, doubts: a.Doubts, settled: a.Settled, own: a.Own,
		forecast: a.Forecast, months: a.Months, sentence: a.Sentence,
	}
	v.ownTarget(s)
	return s
}

// ownTarget finds what the reader's partner took on.
func (v *visit) ownTarget(s *stood) {
	if !v.is(signin.AccountManager, signin.PartnerManager) {
		return
	}
	if s.partner = v.s.partner(v.person.Partner); s.partner == nil {
		return
	}
	for _, share := range s.target.Shares {
		if slices.Contains(s.partner.Identities, share.Partner) {
			s.ownTarget += share.Number
			s.ownTargetKnown = true
		}
	}
}

func (v *visit) headline(s *stood) *headline {
	h := &headline{
		Name: s.target.Name, Path: targetsPath + "/" + s.target.Target, Total: v.amount(s.total),
		Of: v.coded("maat-van."+s.target.Measure, v.lang.num(s.target.Number)), Verdict: v.verdict(s),
		Sentence: v.lang.of(s.sentence), Indication: s.target.Measure == events.MeasureJobs,
	}
	if from, to := s.target.Period.From, s.target.Period.To; from[4:] != "-01-01" || to[4:] != "-12-31" || from[:4] != to[:4] {
		h.Period = v.lang.days(from, to)
	}
	if s.settled != nil {
		h.Waiting = *s.settled == ""
		if !h.Waiting {
			h.SettledUpTo = v.lang.date(min(lastOf(*s.settled), s.target.Period.To))
		}
	}
	if s.own != nil && s.partner != nil {
		h.Own = &ownPart{Partner: s.partner.Name, Count: v.amount(*s.own)}
		if s.ownTargetKnown {
			h.Own.Agreed = v.lang.num(s.ownTarget)
			if pace := float64(s.ownTarget) * s.pace(); pace > 0 && pace < float64(s.ownTarget) {
				h.Own.Pace = v.amount(math.Round(pace))
			}
		}
	}
	return h
}

// pace is which part of the number would be there by now.
func (s *stood) pace() float64 { return s.agreed / float64(max(s.target.Number, 1)) }

// step is the smallest amount that is worth a word.
func stepOf(measure string) float64 {
	if measure == events.MeasureJobs {
		return 0.1
	}
	return 1
}

// farBehind is from which part of what was agreed it is that something is far behind.
const farBehind = 0.15

// verdict says in two words what the sentence says of the path.
func (v *visit) verdict(s *stood) verdict {
	t, step := s.target, stepOf(s.target.Measure)
	switch {
	case s.on.Before(t.Period.From):
		return verdict{Text: v.t("doelen.begint-nog")}
	case s.settled != nil && *s.settled == "":
		return verdict{Text: v.t("doelen.niets-vrijgegeven")}
	case !s.on.Before(t.Period.To) && (s.settled == nil || *s.settled >= t.Period.To.Month()):
		return v.atEnd(s)
	}
	agreed := math.Floor(s.agreed/step+0.5) * step
	less := agreed - s.total
	out := verdict{behind: less / max(agreed, step), judged: true}
	switch {
	case less >= step-1e-9:
		out.Class, out.Text = "warn", v.t("doelen.achter", v.amount(less))
		if out.behind >= farBehind {
			out.Class = "bad"
		}
	case less <= -step+1e-9:
		out.Class, out.Text, out.good = "ok", v.t("doelen.voor", v.amount(-less)), true
	default:
		out.Class, out.Text, out.good = "ok", v.t("doelen.precies"), true
	}
	return out
}

func (v *visit) atEnd(s *stood) verdict {
	number := float64(s.target.Number)
	out := verdict{behind: (number - s.total) / max(number, 1), judged: true}
	switch {
	case s.total < number:
		out.Class, out.Text = "bad", v.t("doelen.niet-behaald", v.amount(number-s.total))
	case s.total-float64(s.doubts) < number:
		out.Class, out.Text, out.good = "warn", v.t("doelen.behaald-tenzij"), true
	default:
		out.Class, out.Text, out.good = "ok", v.t("doelen.behaald"), true
	}
	return out
}

// amount is how much of what is measured, with a decimal when it has one.
func (v *visit) amount(x float64) string { return v.lang.num(math.Round(x*10) / 10) }

// trajectory draws a target. Small is the path beside a sentence.
func (v *visit) trajectory(s *stood, id string, height int) *trajectory {
	c := s.course()
	t := c.drawn(height)
	t.ID, t.Small = id, height == smallHeight
	t.Title = v.t("doel.grafiek", s.target.Name)
	t.About = v.aboutCourse(s)
	t.Ticks = v.lang.monthTicks(*s.target.Period)
	p := plane{*s.target.Period, c.top()}
	if t.Small {
		if n := len(t.Ticks); n > 2 {
			t.Ticks = []tick{t.Ticks[0], t.Ticks[n-1]}
		}
		return t
	}
	for _, amount := range steps(p.top) {
		t.Grid = append(t.Grid, gridLine{Y: coordinate(p.y(amount)), Text: v.lang.num(amount), Faint: amount > 0})
	}
	pixels := func(amount float64) int { return int(math.Round(p.y(amount)*float64(height)/100)) + 5 }
	goal := float64(s.target.Number)
	t.Ends = []endLabel{{Y: pixels(goal), Value: v.lang.num(s.target.Number), Word: v.t("doel.afgesproken"), Class: "goal"}}
	if e := s.forecast; e != nil && t.Expected != "" {
		end := endLabel{Y: pixels(e.Expected), Value: v.amount(e.Expected), Word: v.t("doel.verwacht"), Class: "fc"}
		if e.Low < e.High {
			end.Range = v.t("doel.tussen", v.amount(e.Low), v.amount(e.High))
		}
		t.Ends = append(t.Ends, end)
	}
	v.markNow(t, s, c, &p, pixels)
	t.Ends = apart(t.Ends, height)
	return t
}

// markNow labels the last of what there is: beside its point, on the side where the
// agreed path is not, or at the end when that is where it is.
func (v *visit) markNow(t *trajectory, s *stood, c *course, p *plane, pixels func(float64) int) {
	if t.Now == nil {
		return
	}
	last := c.actual[len(c.actual)-1]
	value := v.amount(last.amount)
	if x := p.x(last.day); x > 97 {
		t.Ends = append(t.Ends, endLabel{Y: pixels(last.amount), Value: value, Word: v.t("doel.gerealiseerd"), Class: "act"})
	} else {
		t.Now.Value, t.Now.Anchor, t.Now.Dx, t.Now.Dy = value, "end", 6, 26
		if last.day == v.today() {
			t.Now.Word = v.t("doel.nu")
		}
		if last.amount > s.agreed {
			t.Now.Dx, t.Now.Dy = -8, -12
		}
		if x < 15 {
			t.Now.Anchor, t.Now.Dx = "start", 2
		}
	}
	t.Now.DayText, t.Now.DayAt = v.day(last.day), "middle"
	if last.day == v.today() {
		t.Now.DayText = v.t("tijd.vandaag")
	}
	if p.x(last.day) > 90 {
		t.Now.DayAt = "end"
	}
}

// course is what is drawn of a target.
func (s *stood) course() *course {
	period := *s.target.Period
	c := &course{period: period, on: s.on, goal: []coursePoint{{period.From.AddDays(-1), 0}}}
	points := slices.Clone(s.target.Path)
	slices.SortStableFunc(points, func(a, b events.TargetPoint) int { return cmp.Compare(a.Day, b.Day) })
	for _, p := range points {
		if !p.Day.Before(period.From) && p.Day.Before(period.To) {
			c.goal = append(c.goal, coursePoint{p.Day, float64(p.Number)})
		}
	}
	c.goal = append(c.goal, coursePoint{period.To, float64(s.target.Number)})
	for _, m := range s.shownMonths() {
		if len(c.actual) == 0 {
			c.actual = append(c.actual, coursePoint{period.From.AddDays(-1), m.So - m.Count})
		}
		c.actual = append(c.actual, coursePoint{s.endOf(m.Month), m.So})
	}
	if f := s.forecast; f != nil {
		c.expected = &courseEnd{f.Expected, f.Low, f.High}
	}
	return c
}

// shownMonths are those that something is known of.
func (s *stood) shownMonths() []web.TargetMonth {
	var shown []web.TargetMonth
	for _, m := range s.months {
		if (s.settled == nil || m.Month <= *s.settled) && m.Month <= s.target.Period.To.Month() {
			shown = append(shown, m)
		}
	}
	return shown
}

// endOf is the last day of a month that a standing says something of.
func (s *stood) endOf(month string) events.Date {
	end := lastOf(month)
	return min(end, s.on, s.target.Period.To)
}

// lastOf is the last day of a month.
func lastOf(month string) events.Date {
	next := events.Date(month + "-01").AddDays(31)
	return events.Date(next.Month() + "-01").AddDays(-1)
}

// aboutCourse says what a chart shows to who does not see it.
func (v *visit) aboutCourse(s *stood) string {
	on := s.on
	if s.settled != nil && *s.settled != "" {
		on = s.endOf(*s.settled)
	}
	parts := []string{v.t("doel.grafiek-stand", v.amount(s.total), v.lang.date(on), v.amount(s.agreed), v.lang.num(s.target.Number))}
	if f := s.forecast; f != nil {
		parts = append(parts, v.t("doel.grafiek-verwacht", v.amount(f.Expected), v.lang.date(s.target.Period.To), v.amount(f.Low), v.amount(f.High)))
	}
	return strings.Join(parts, " ")
}

// coded is t for a key that is made of a set and a code.
func (v *visit) coded(key string, args ...any) string { return v.t(key, args...) }
