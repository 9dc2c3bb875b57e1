package pages

import (
	"math"
	"net/http"
	"net/url"
	"strconv"

	"huisboek/adapters/web"
	"huisboek/events"
)

// differencePage says why a figure of then is another now.
type differencePage struct {
	Target              string
	On, From, To        string // as filled in
	Asked               bool
	Says                string
	Was, Is             string
	Sum                 string // was, what came, and is
	WasOn, IsOn         string
	Same                bool
	Steps               []differenceStep // by reason
	Changes             []changeRow
	Total               int // of changes
	First, Last         int
	Before, After       string // addresses
	Back                string
	OnFault, FromF, ToF string
}

// differenceStep is what changed for one reason, as a step from then to now.
type differenceStep struct {
	Sentence, Moved string
	Count           int
	Up              bool
	X, W            string // percent
	amount          float64
}

// changeRow is one change.
type changeRow struct {
	At        string
	Date      events.Date
	Sentence  string
	Partner   string
	Position  string
	Moved, So string
	Doubts    string
}

// changesAtOnce is how many changes a page lists.
const changesAtOnce = 100

func (v *visit) targetDifference() (*page, error) {
	target := v.r.PathValue("doelstelling")
	if !idForm.MatchString(target) {
		return nil, errNoPage
	}
	about, err := v.api.Target(v.ctx(), target, v.since())
	if err != nil {
		return nil, err
	}
	path := targetsPath + "/" + target
	data := &differencePage{Target: about.Target.Name, On: v.query("peildatum"), From: v.query("van"), To: v.query("tot"), Back: path}
	p := &page{
		template: "verschil", nav: targetsPath, title: v.t("verschil.titel"), upTo: about.Freshness, data: data,
		crumbs: []crumb{{v.t("menu.doelen"), targetsPath}, {about.Target.Name, path}},
	}
	q, to := web.StandingQuestion{Target: target, Since: v.since()}, ""
	if p.faults = v.differenceAsked(data, &q, &to); len(p.faults) > 0 {
		p.status = http.StatusBadRequest
		return p, nil
	}
	if q.Known == "" {
		on := lateEnd(v.today())
		data.On, data.From = string(on), string(on.AddDays(lateAfter))
		return p, nil
	}
	answer, err := v.api.Difference(v.ctx(), q, to)
	if err != nil {
		f := filled()
		if err := v.refused(f, err, nil); err != nil {
			return nil, err
		}
		p.faults, p.status = []fault{{"van", v.t("verschil.niet-zo")}}, http.StatusBadRequest
		return p, nil
	}
	p.upTo = answer.Freshness
	v.difference(data, answer)
	return p, nil
}

// lateAfter is how long after a month's end its figures are first looked at.
const lateAfter = 5

// lateEnd is the end of the month that is asked after most: the last one whose figures
// were first looked at before today.
func lateEnd(today events.Date) events.Date {
	end := events.Date(today.Month() + "-01").AddDays(-1)
	if !end.AddDays(lateAfter).Before(today) {
		end = events.Date(end.Month() + "-01").AddDays(-1)
	}
	return end
}

// differenceAsked reads the three days.
func (v *visit) differenceAsked(data *differencePage, q *web.StandingQuestion, to *string) (faults []fault) {
	for _, one := range []struct {
		name, text string
		take       func(events.Date)
	}{
		{"peildatum", data.On, func(d events.Date) { q.On = d }},
		{"van", data.From, func(d events.Date) { q.Known = string(d) }},
		{"tot", data.To, func(d events.Date) { *to = string(d) }},
	} {
		if one.text == "" {
			continue
		}
		day, err := events.ParseDate(one.text)
		if err != nil {
			faults = append(faults, fault{one.name, v.t("doel.geen-dag")})
			continue
		}
		one.take(day)
	}
	switch {
	case len(faults) > 0:
	case q.Known != "" && !events.Date(q.Known).Before(v.today()):
		faults = append(faults, fault{"van", v.t("verschil.van-te-laat")})
	case *to != "" && q.Known != "" && *to < q.Known:
		faults = append(faults, fault{"tot", v.t("verschil.tot-te-vroeg")})
	case q.Known == "" && (data.On != "" || data.To != ""):
		faults = append(faults, fault{"van", v.t("verschil.van-nodig")})
	}
	return faults
}

func (v *visit) difference(data *differencePage, a *web.DifferenceAnswer) {
	data.Asked = true
	data.Was, data.Is = v.amount(a.Was), v.amount(a.Is)
	sign := map[bool]string{true: "+", false: "−"}[a.Is >= a.Was]
	data.Sum = v.t("verschil.telt-op", data.Was+" "+sign+" "+v.amount(math.Abs(a.Is-a.Was)), data.Is)
	data.Same = len(a.Changes) == 0
	data.WasOn = v.lang.date(events.DateOf(a.From))
	data.IsOn = v.t("verschil.nu")
	if a.To != nil {
		data.IsOn = v.lang.date(events.DateOf(*a.To))
	}
	data.Says = v.t("verschil.zin", v.lang.date(a.On), data.WasOn, data.IsOn)
	v.differenceSteps(data, a)
	data.Total = len(a.Changes)
	skip, _ := strconv.Atoi(v.query("na"))
	skip = min(max(skip, 0), max(data.Total-1, 0))
	end := min(skip+changesAtOnce, data.Total)
	so := a.Was
	for i := range a.Changes[:end] {
		c := &a.Changes[i]
		so += c.Moved
		if i >= skip {
			data.Changes = append(data.Changes, v.changeRow(c, so))
		}
	}
	data.First, data.Last = skip+1, end
	page := func(at int) string {
		values := url.Values{"van": {data.From}, "na": {strconv.Itoa(at)}}
		for name, value := range map[string]string{"peildatum": data.On, "tot": data.To} {
			if value != "" {
				values.Set(name, value)
			}
		}
		return data.Back + "/verschil?" + values.Encode() + "#wijzigingen"
	}
	if skip > 0 {
		data.Before = page(max(skip-changesAtOnce, 0))
	}
	if end < data.Total {
		data.After = page(end)
	}
}

// differenceSteps are the changes together by their reason, each a step that begins where
// the one before it ended.
func (v *visit) differenceSteps(data *differencePage, a *web.DifferenceAnswer) {
	at := map[string]int{}
	for i := range a.Changes {
		c := &a.Changes[i]
		n, ok := at[c.Reason]
		if !ok {
			n = len(data.Steps)
			at[c.Reason] = n
			data.Steps = append(data.Steps, differenceStep{Sentence: v.lang.word("wijziging", c.Reason)})
		}
		data.Steps[n].Count++
		data.Steps[n].amount += c.Moved
	}
	low, high, so := min(a.Was, a.Is), max(a.Was, a.Is), a.Was
	for i := range data.Steps {
		so += data.Steps[i].amount
		low, high = min(low, so), max(high, so)
	}
	so = a.Was
	for i := range data.Steps {
		s := &data.Steps[i]
		s.X, s.W = stepBox(so, so+s.amount, low, high)
		so += s.amount
		s.Moved, s.Up = v.signed(s.amount), s.amount >= 0
	}
}

// stepBox is where a step from one amount to another lies, in percent of what lies
// between the least and the most. A step of nothing is a line that can be seen.
func stepBox(from, to, low, high float64) (x, w string) {
	room := max(high-low, 1e-9)
	left, right := 100*(min(from, to)-low)/room, 100*(max(from, to)-low)/room
	if right-left < 0.6 {
		left, right = min(left, 99.4), min(left, 99.4)+0.6
	}
	return coordinate(left), coordinate(right - left)
}

func (v *visit) changeRow(c *web.TargetChange, so float64) changeRow {
	day := events.DateOf(c.At)
	row := changeRow{At: v.lang.date(day), Date: day, Sentence: v.lang.of(c.Sentence), Moved: v.signed(c.Moved), So: v.amount(so)}
	if c.Partner != nil {
		row.Partner = c.Partner.Name
	}
	if c.Month != nil {
		row.Partner = v.lang.month(*c.Month)
	}
	if c.Position != nil {
		row.Position = strconv.FormatUint(uint64(*c.Position), 10)
	}
	if c.Doubts != 0 {
		row.Doubts = v.t("verschil.dubbel", v.signed(float64(c.Doubts)))
	}
	return row
}

// signed is a change with its sign; a minus as it is printed.
func (v *visit) signed(x float64) string {
	switch text := v.amount(math.Abs(x)); {
	case math.Round(x*10) > 0:
		return "+" + text
	case math.Round(x*10) < 0:
		return "−" + text
	default:
		return text
	}
}
