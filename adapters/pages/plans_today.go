package pages

import (
	"slices"
	"time"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
)

const (
	// weekAhead is how many days the start page looks ahead, today included.
	weekAhead = 7
	// endsWithin is how many days ahead a plan that holds no longer is told.
	endsWithin = 7
	// askBack is how many days an expired plan is asked after.
	askBack = 30
	// newsBack is how many days back others' doings are told, and newsShown how many.
	newsBack, newsShown = 7, 8
	// vacanciesShown is how many vacancies of the region the start page has.
	vacanciesShown = 4
	// attentionShown is how many of one kind that needs somebody the start page has.
	attentionShown = 5
)

type myDayPage struct {
	Next     *planLine // the first appointment from now on
	NextDay  string
	First    string // how to address the reader
	Manager  bool
	Days     []planDay
	Running  []planLine
	Count    int
	Ends     []planLine
	Asks     []planLine
	Joins    []messageLine // visits of others that wait for the reader's word
	Expired  []planLine
	More     int // expired plans that are not shown
	Regional []messageLine
	MoreRegional,
	Refused int
	RefusedPath string
	News        []messageLine
	Steps       bool // nothing yet: how to begin
	Quiet       bool // nothing needs the reader
	Mark        string
}

// myDay is where an account manager begins: this week, what waits for him, and what
// others did. A partner's manager sees the whole partner's.
func (v *visit) myDay() (*page, error) {
	today, mine := v.today(), v.person.Employee
	data := &myDayPage{First: v.person.Name, Manager: v.person.Duty == signin.PartnerManager, Mark: myDayPath}
	if data.Manager {
		mine = ""
	}
	open, err := v.api.Plans(v.ctx(), web.PlansQuestion{Employee: mine, From: today, Max: 200, Since: v.since()})
	if err != nil {
		return nil, err
	}
	past, err := v.api.Plans(v.ctx(), web.PlansQuestion{Employee: mine, All: true, From: today.AddDays(-askBack), To: today, Max: 200, Since: v.since()})
	if err != nil {
		return nil, err
	}
	waiting, err := v.api.Plans(v.ctx(), web.PlansQuestion{Waiting: true, Max: 50, Since: v.since()})
	if err != nil {
		return nil, err
	}
	told, err := v.api.NewestMessages(v.ctx(), "", 100, v.since())
	if err != nil {
		return nil, err
	}
	v.myWeek(data, v.planLines(open.Plans))
	data.Asks = v.planLines(waiting.Plans)
	for i := range data.Asks {
		if a := data.Asks[i].Ask; a != nil {
			a.Back = myDayPath
		}
	}
	data.Expired = v.expired(past.Plans)
	if data.More = len(data.Expired) - attentionShown; data.More > 0 {
		data.Expired = data.Expired[:attentionShown]
	}
	if err := v.news(data, told.Messages); err != nil {
		return nil, err
	}
	marks := slices.Concat(planMarks(open.Plans), planMarks(waiting.Plans), messageMarks(told.Messages))
	if data.Manager {
		if err := v.refusedToday(data); err != nil {
			return nil, err
		}
	}
	data.Quiet = len(data.Asks)+len(data.Joins)+len(data.Ends)+len(data.Expired)+data.Refused == 0
	data.Steps = len(open.Plans)+len(past.Plans) == 0
	return &page{
		template: "vandaag", title: v.t("vandaag.titel", v.lang.weekday(today)), nav: myDayPath, data: data, marks: marks,
		upTo: newest(open.Freshness, told.Freshness),
	}, nil
}

// myWeek lays out the plans of the next days: today always, other days when there is
// something; what has no day stands apart, and what soon holds no longer too.
func (v *visit) myWeek(data *myDayPage, lines []planLine) {
	today := v.today()
	last := today.AddDays(weekAhead - 1)
	data.Days = []planDay{v.planDay(today)}
	for _, p := range lines {
		if p.Short && p.Until <= today.AddDays(endsWithin) {
			data.Ends = append(data.Ends, p)
			continue
		}
		switch {
		case p.From > last:
			continue
		case p.From != p.To:
			data.Running = append(data.Running, p)
			continue
		}
		if d := data.Days[len(data.Days)-1]; d.Date != p.From {
			data.Days = append(data.Days, v.planDay(p.From))
		}
		d := &data.Days[len(data.Days)-1]
		d.Plans = append(d.Plans, p)
		data.Count++
	}
	v.nextOf(data, lines)
	for i := range data.Days {
		byClock(data.Days[i].Plans)
	}
}

// nextOf is the first appointment that is not over by the hour, with its day.
func (v *visit) nextOf(data *myDayPage, lines []planLine) {
	now := v.s.cfg.Now().In(amsterdam).Format("15:04")
	if data.Manager {
		return // nobody's in particular
	}
	var next *planLine
	for i := range lines {
		p := &lines[i]
		if p.From != p.To || p.From == v.today() && p.Clock != "" && p.Clock < now {
			continue
		}
		if next == nil || p.From == next.From && p.Clock != "" && (next.Clock == "" || p.Clock < next.Clock) {
			next = p
		}
	}
	if next != nil {
		data.Next, data.NextDay = next, v.dayLabel(next.From)
	}
}

// expired are plans that came to nothing as far as the book knows, the newest first.
func (v *visit) expired(plans []web.PlannedApproach) []planLine {
	var gone []web.PlannedApproach
	for _, p := range plans {
		if p.Status == "verlopen" {
			gone = append(gone, p)
		}
	}
	slices.Reverse(gone)
	return v.planLines(gone)
}

// toldApart are kinds of messages that the start page tells in another place.
var toldApart = []string{"samen-gevraagd", "verloopt"}

// news are what others did these days, and the vacancies that are the region's now.
func (v *visit) news(data *myDayPage, all []web.Message) error {
	since := v.today().AddDays(-newsBack)
	var doings, regional, asked []web.Message
	for _, m := range all {
		switch {
		case m.Kind == "samen-gevraagd":
			asked = append(asked, m)
		case events.DateOf(m.At) < since || slices.Contains(toldApart, m.Kind):
		case m.Kind == "opgeschaald":
			if m.Vacancy != nil && m.Vacancy.Left > 0 {
				regional = append(regional, m)
			}
		default:
			doings = append(doings, m)
		}
	}
	if n := len(regional); n > vacanciesShown {
		data.MoreRegional, regional = n-vacanciesShown, regional[:vacanciesShown]
	}
	doings = doings[:min(len(doings), newsShown)]
	lines, err := v.messageLines(slices.Concat(regional, doings))
	if err != nil {
		return err
	}
	for i := range lines {
		lines[i].At = v.when(slices.Concat(regional, doings)[i].At)
	}
	data.Regional, data.News = lines[:len(regional)], lines[len(regional):]
	joins, err := v.messageLines(asked)
	for i := range joins {
		if a := joins[i].Ask; a != nil && a.Visit != nil { // plans are told apart
			a.Back = myDayPath
			data.Joins = append(data.Joins, joins[i])
		}
	}
	return err
}

// when is "vandaag", "gisteren" or "3 dagen geleden".
func (v *visit) when(t time.Time) string { return v.ago(events.DateOf(t)) }

// refusedToday is what the partner's own systems told today and was refused.
func (v *visit) refusedToday(data *myDayPage) error {
	today := v.today()
	found, err := v.api.Deliveries(v.ctx(), web.DeliveriesQuestion{Outcome: "geweigerd", From: today, To: today, Max: 200})
	if err != nil {
		return err
	}
	data.Refused = len(found.Deliveries)
	data.RefusedPath = "/aanlevering?uitkomst=geweigerd"
	return nil
}
