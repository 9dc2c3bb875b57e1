package pages

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// plansShown is how many plans a page of the list has.
const plansShown = 60

// dayShown is how many plans a day of the week view has.
const dayShown = 8

// Whose plans an agenda is about, in its address.
const (
	whoseMine    = "mij"
	whosePartner = "partner"
	whoseRegion  = "regio"
)

// agendaQuestion is what an agenda is asked for, as it stands in its address.
type agendaQuestion struct {
	Whose    string // whoseMine, whosePartner or whoseRegion
	Employee string // with whosePartner: one account manager
	Partner  string // with whoseRegion: one partner
	All      bool   // what is over too
	Week     bool   // a week, and not a list
	From, To events.Date
	After    string
}

// planLine is a plan as a page tells it.
type planLine struct {
	Position  events.Position
	Employer  employerLink
	From, To  events.Date
	Time      string // "10.30 uur"
	Days      string // of a plan without a day
	Purpose   string
	Form      string
	Status    string
	Tone      string // the class of its tag
	Partner   ledger.PartnerName
	Who       *call
	Own       bool // of one's own partner
	Mine      bool // one's own
	Clashes   bool
	AtRequest bool
	Until     events.Date // holds the employer, of a plan without a day
	Short     bool        // and that is before its last day
	With      []string
	Ask       *ask
	LogPath   string // empty: there is nothing to log
	EditPath  string
	Clock     string // for the order of a day
}

type agendaPage struct {
	Q            agendaQuestion
	Whose, Views []wayTo
	People       []option
	Partners     []option
	Status       []option
	Waiting      []planLine
	Running      []planLine // without a day, begun before
	Weeks        []planWeek
	Nothing      bool
	Filtered     bool
	Again        string
	Older, Newer string
	Next, Before string // of a week
	This         string // this week
	WeekName     string
	Mark         string // "terug" of the forms
}

// planWeek is a week of an agenda.
type planWeek struct {
	Number int
	Days   []planDay
	Label  string
}

// planDay is a day of an agenda.
type planDay struct {
	Date  events.Date
	Label string
	Today bool
	Plans []planLine
	// More is how many are left out of a week's day, and Path where all of it is.
	More int
	Path string
}

func (v *visit) whoseByDefault() string {
	switch v.person.Duty {
	case signin.AccountManager:
		return whoseMine
	case signin.PartnerManager:
		return whosePartner
	}
	return whoseRegion
}

// agendaPage is who goes where and when: by week and by day.
func (v *visit) agendaPage() (*page, error) {
	day := func(name string) events.Date {
		d, _ := events.ParseDate(v.query(name))
		return d
	}
	q := agendaQuestion{
		Whose: v.query("wie"), Employee: v.query("medewerker"), Partner: v.query("partner"), All: v.query("status") == "alles",
		Week: v.query("weergave") == "week", From: day("van"), To: day("tot"), After: v.query("na"),
	}
	if q.Whose != whoseMine && q.Whose != whosePartner && q.Whose != whoseRegion || v.person.Partner == "" {
		q.Whose = v.whoseByDefault()
	}
	return v.agendaOf(q)
}

func (v *visit) agendaOf(q agendaQuestion) (*page, error) {
	today := v.today()
	ask := web.PlansQuestion{All: q.All, From: q.From, To: q.To, After: q.After, Max: plansShown, Since: v.since()}
	switch q.Whose {
	case whoseMine:
		ask.Employee = v.person.Employee
	case whosePartner:
		ask.Employee = q.Employee
	default:
		ask.Region, ask.Partner = q.Partner == "", q.Partner
	}
	monday := mondayOf(cmp.Or(q.From, today))
	switch {
	case q.Week:
		ask.From, ask.To, ask.Max = monday, monday.AddDays(6), 200
	case ask.From == "" && q.All:
		ask.From = today.AddDays(-28)
	case ask.From == "":
		ask.From = today
	}
	if oldest := today.AddDays(-430); ask.All && ask.From < oldest {
		ask.From = oldest
	}
	if ask.To != "" && ask.To < ask.From {
		ask.To = ""
	}
	found, err := v.api.Plans(v.ctx(), ask)
	if err != nil {
		return nil, err
	}
	data := &agendaPage{Q: q, Nothing: len(found.Plans) == 0, Older: v.older(found.Next), Mark: plansPath, Again: plansPath,
		Filtered: q.Employee != "" || q.Partner != "" || !q.Week && (q.From != "" || q.To != "")}
	if q.After != "" {
		data.Newer = v.around()
	}
	lines := v.planLines(found.Plans)
	if q.Week {
		v.weekOf(data, lines, monday)
	} else {
		data.Running, data.Weeks = v.weeks(lines, ask.From)
	}
	p := &page{template: "plannen", title: v.t("plannen.titel"), nav: plansPath, upTo: found.Freshness, data: data, marks: planMarks(found.Plans)}
	if v.person.Partner != "" && q.After == "" {
		waiting, err := v.api.Plans(v.ctx(), web.PlansQuestion{Waiting: true, Max: 50, Since: v.since()})
		if err != nil {
			return nil, err
		}
		data.Waiting = v.planLines(waiting.Plans)
		p.marks = append(p.marks, planMarks(waiting.Plans)...)
	}
	return p, v.choices(data, q)
}

// choices are the filters of the agenda.
func (v *visit) choices(data *agendaPage, q agendaQuestion) error {
	if v.person.Partner != "" {
		for _, w := range []string{whoseMine, whosePartner, whoseRegion} {
			key := "plannen.wie." + w
			data.Whose = append(data.Whose, wayTo{v.t(key), v.around("wie", w, "medewerker", "", "partner", ""), w == q.Whose})
		}
	}
	data.Views = []wayTo{
		{v.t("plannen.lijst"), v.around("weergave", "", "van", "", "tot", ""), !q.Week},
		{v.t("plannen.week"), v.around("weergave", "week", "van", "", "tot", "", "status", ""), q.Week},
	}
	data.Status = []option{{"", v.t("plannen.open"), !q.All}, {"alles", v.t("plannen.alles"), q.All}}
	switch q.Whose {
	case whoseRegion:
		data.Partners = v.partnerChoices(q.Partner, v.t("plannen.alle-partners"))
	case whosePartner:
		own, err := v.api.Plans(v.ctx(), web.PlansQuestion{Max: 200})
		if err != nil {
			return err
		}
		data.People = peopleOf(own.Plans, q.Employee, v.t("plannen.iedereen"))
	}
	return nil
}

// peopleOf are the account managers who have plans, by name; one that is chosen and has
// none is there by its own id.
func peopleOf(plans []web.PlannedApproach, chosen, all string) []option {
	out := []option{}
	seen := map[string]bool{}
	for _, p := range plans {
		if m := p.AccountManager; m != nil && m.Employee != "" && !seen[m.Employee] {
			seen[m.Employee] = true
			out = append(out, option{m.Employee, cmp.Or(m.Name, m.Employee), m.Employee == chosen})
		}
	}
	if chosen != "" && !seen[chosen] {
		out = append(out, option{chosen, chosen, true})
	}
	slices.SortFunc(out, func(a, b option) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value)) })
	return append([]option{{"", all, chosen == ""}}, out...)
}

func planMarks(plans []web.PlannedApproach) []string {
	marks := []string{}
	for _, p := range plans {
		marks = append(marks, "p"+markOf(p.Position)+p.Status+string(p.From)+string(p.To)+p.Time)
	}
	return marks
}

// planTones are how the status of a plan looks.
var planTones = map[string]string{"bevestigd": "ok", "afgelegd": "ok", "verlopen": "bad"}

func (v *visit) planLines(plans []web.PlannedApproach) []planLine {
	lines := make([]planLine, len(plans))
	for i := range plans {
		p := &plans[i]
		line := planLine{
			Position: p.Position, Employer: employerLink{p.Employer.Key, v.numberOf(p.Employer.Key)}, From: p.From, To: p.To, Clock: p.Time,
			Time: v.lang.hour(p.Time), Purpose: p.Purpose, Status: p.Status, Tone: planTones[p.Status], Partner: p.Partner,
			Own: p.Own, Clashes: p.Clashes, AtRequest: p.AtRequest, With: v.named(p.With),
		}
		if p.Name != nil {
			line.Employer.Name = *p.Name
		}
		if p.Form != nil {
			line.Form = *p.Form
		}
		if m := p.AccountManager; m != nil {
			line.Who = callOf(&ledger.Person{Name: m.Name, Phone: m.Phone})
			line.Mine = p.Own && m.Employee != "" && m.Employee == v.person.Employee
		}
		if p.From != p.To {
			line.Days, line.Until = v.planDays(p.From, p.To), p.HoldsUntil
			line.Short = p.HoldsUntil != "" && p.HoldsUntil < p.To
		}
		if open := p.Status == "gepland" || p.Status == "bevestigd" || p.Status == "verzet"; p.Own && (open || p.Status == "verlopen") {
			line.EditPath = planPath(p.Position)
			if p.From <= v.today() {
				line.LogPath = line.Employer.LogPath(p.Position)
			}
		}
		if p.NamesYou && p.Event != nil {
			line.Ask = &ask{ID: newID(), Path: planPath(p.Position) + "/meegaan", Back: v.r.URL.Path}
		}
		lines[i] = line
	}
	return lines
}

// hour is "10.30 uur" of "10:30".
func (l lang) hour(clock string) string {
	t, err := time.Parse("15:04", clock)
	switch {
	case err != nil:
		return clock
	case l == english:
		return t.Format("15:04")
	}
	return t.Format("15.04") + " uur"
}

// weeks groups plans by week and by day. What began before from, without a day, is
// running: it stands apart.
func (v *visit) weeks(lines []planLine, from events.Date) (running []planLine, weeks []planWeek) {
	for _, p := range lines {
		if p.From < from {
			running = append(running, p)
			continue
		}
		number, label := v.weekLabel(p.From)
		if len(weeks) == 0 || weeks[len(weeks)-1].Label != label {
			weeks = append(weeks, planWeek{Number: number, Label: label})
		}
		w := &weeks[len(weeks)-1]
		if len(w.Days) == 0 || w.Days[len(w.Days)-1].Date != p.From {
			w.Days = append(w.Days, v.planDay(p.From))
		}
		d := &w.Days[len(w.Days)-1]
		d.Plans = append(d.Plans, p)
	}
	for i := range weeks {
		for j := range weeks[i].Days {
			byClock(weeks[i].Days[j].Plans)
		}
	}
	return running, weeks
}

// byClock puts what has an hour in its order, and first.
func byClock(plans []planLine) {
	slices.SortStableFunc(plans, func(a, b planLine) int {
		if (a.Clock == "") != (b.Clock == "") {
			return cmp.Compare(b.Clock, a.Clock)
		}
		return cmp.Compare(a.Clock, b.Clock)
	})
}

func (v *visit) planDay(d events.Date) planDay {
	return planDay{Date: d, Label: v.dayLabel(d), Today: d == v.today()}
}

// weekLabel is "Week 48, 23 tot en met 29 november", and its number.
func (v *visit) weekLabel(d events.Date) (int, string) {
	t, ok := timeOf(d)
	if !ok {
		return 0, string(d)
	}
	_, n := t.ISOWeek()
	monday := mondayOf(d)
	return n, v.t("plannen.week-nummer", strconv.Itoa(n), v.planDays(monday, monday.AddDays(6)))
}

// mondayOf is the first day of a day's week.
func mondayOf(d events.Date) events.Date {
	t, ok := timeOf(d)
	if !ok {
		return d
	}
	return d.AddDays(-((int(t.Weekday()) + 6) % 7))
}

// weekOf lays a week out: every day of it, and what has no day apart.
func (v *visit) weekOf(data *agendaPage, lines []planLine, monday events.Date) {
	number, label := v.weekLabel(monday)
	week := planWeek{Number: number, Label: label}
	for i := range 7 {
		week.Days = append(week.Days, v.planDay(monday.AddDays(i)))
	}
	for _, p := range lines {
		if p.From != p.To || p.From < monday {
			data.Running = append(data.Running, p)
			continue
		}
		if i := monday.DaysUntil(p.From); i >= 0 && i < 7 {
			week.Days[i].Plans = append(week.Days[i].Plans, p)
		}
	}
	for i := range week.Days {
		d := &week.Days[i]
		byClock(d.Plans)
		if d.More = len(d.Plans) - dayShown; d.More > 0 {
			d.Plans, d.Path = d.Plans[:dayShown], v.around("weergave", "", "van", string(d.Date), "tot", string(d.Date))
		}
	}
	data.Weeks, data.WeekName, data.Nothing = []planWeek{week}, label, false
	data.Before = v.around("van", string(monday.AddDays(-7)), "tot", "")
	data.Next = v.around("van", string(monday.AddDays(7)), "tot", "")
	if mondayOf(v.today()) != monday {
		data.This = v.around("van", "", "tot", "")
	}
}
