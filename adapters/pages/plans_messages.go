package pages

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// messagesShown is how many messages a page has.
const messagesShown = 40

// messageLine is a message as a page tells it.
type messageLine struct {
	ID       string
	Kind     string
	Tone     string // the class of its tag
	Partner  *ledger.PartnerName
	Employer *employerLink
	// Before and After are the sentence around the employer's name; without an employer
	// it is all in Before.
	Before, After string
	Purpose       string
	Who           *call
	Despite       string   // why another went through a warning
	Why           []string // that it is told
	At            string
	Own           bool // about a plan of the reader itself
	Ask           *ask // a request to go along that waits
	Do            []wayTo
}

// ask is another's plan, or visit, that names the reader: going along is said with its
// event.
type ask struct {
	ID    string // of the form
	Path  string // where it is sent to
	Back  string // where to go on
	Visit *events.Ref
}

// messageDay is what came on one day. The vacancies that became the region's that day
// stand apart: there are many, and they are no partner's in particular.
type messageDay struct {
	Date     events.Date
	Label    string
	Lines    []messageLine
	Regional []messageLine
}

type messagesPage struct {
	Days    []messageDay
	Older   string
	Newer   string
	Nothing bool
}

// messages are all messages of one's own partner, the newest first.
func (v *visit) messages() (*page, error) {
	after := v.query("na")
	found, err := v.api.NewestMessages(v.ctx(), after, messagesShown, v.since())
	if err != nil {
		return nil, err
	}
	lines, err := v.messageLines(found.Messages)
	if err != nil {
		return nil, err
	}
	data := &messagesPage{Days: v.byDay(found.Messages, lines), Nothing: len(lines) == 0 && after == ""}
	if found.More {
		data.Older = v.older(found.Next)
	}
	if after != "" {
		data.Newer = messagesPath
	}
	p := &page{template: "berichten", title: v.t("berichten.titel"), crumbs: []crumb{{v.t("menu.vandaag"), myDayPath}}, nav: myDayPath, upTo: found.Freshness, data: data}
	if after == "" { // what is old does not change
		p.marks = messageMarks(found.Messages)
	}
	return p, nil
}

func messageMarks(all []web.Message) []string {
	marks := []string{}
	for _, m := range all {
		marks = append(marks, "m"+m.ID)
	}
	return marks
}

// byDay groups lines by the day on which they came; they are in order.
func (v *visit) byDay(all []web.Message, lines []messageLine) (days []messageDay) {
	for i := range lines {
		d := events.DateOf(all[i].At)
		if len(days) == 0 || days[len(days)-1].Date != d {
			days = append(days, messageDay{Date: d, Label: v.dayLabel(d)})
		}
		last := &days[len(days)-1]
		if lines[i].Kind == "opgeschaald" {
			last.Regional = append(last.Regional, lines[i])
			continue
		}
		last.Lines = append(last.Lines, lines[i])
	}
	return days
}

// dayLabel is "Vandaag, zondag 22 november", or the day alone.
func (v *visit) dayLabel(d events.Date) string {
	label := v.lang.weekday(d)
	switch today := v.today(); {
	case d == today:
		return v.t("dag.vandaag", label)
	case d == today.AddDays(-1):
		return v.t("dag.gisteren", label)
	case d == today.AddDays(1):
		return v.t("dag.morgen", label)
	case d[:4] != today[:4]:
		return label + " " + string(d[:4])
	}
	return label
}

// messageLines are messages with the names of employers, and what can be done.
func (v *visit) messageLines(all []web.Message) ([]messageLine, error) {
	var keys []string
	asked := false
	for _, m := range all {
		if m.Employer != nil {
			keys = append(keys, m.Employer.Key)
		}
		asked = asked || m.Kind == "samen-gevraagd"
	}
	waiting := map[events.Ref]events.Position{}
	if asked {
		plans, err := v.api.Plans(v.ctx(), web.PlansQuestion{Waiting: true, Max: 200})
		if err != nil {
			return nil, err
		}
		for _, p := range plans.Plans {
			if p.Event != nil {
				waiting[*p.Event] = p.Position
			}
		}
	}
	names := v.employers(keys)
	lines := make([]messageLine, len(all))
	for i := range all {
		lines[i] = v.messageLine(&all[i], names)
		if e := all[i].Event; e != nil && waiting[*e] != 0 {
			lines[i].Ask = &ask{ID: newID(), Path: planPath(waiting[*e]) + "/meegaan", Back: messagesPath}
		}
	}
	return lines, v.askOfVisits(all, lines)
}

// visitsAsked is of how many visits at most is looked up whether they wait for the reader's
// word.
const visitsAsked = 5

// askOfVisits lets the reader say of visits that name him that he was there. The sentence
// of each is about the past.
func (v *visit) askOfVisits(all []web.Message, lines []messageLine) error {
	me := v.s.partner(v.person.Partner)
	for i, left := 0, visitsAsked; i < len(all) && left > 0 && me != nil; i++ {
		m := &all[i]
		if m.Kind != "samen-gevraagd" || lines[i].Ask != nil || m.Event == nil || m.Employer == nil || m.From == nil || v.today().Before(*m.From) {
			continue
		}
		left--
		e, err := events.ParseEmployerKey(m.Employer.Key)
		if err != nil {
			return err
		}
		found, err := v.api.Timeline(v.ctx(), web.ContactsQuestion{Employer: e, Kinds: []string{"bezoek"}, From: *m.From, Max: 200, Since: v.since()})
		if err != nil {
			return err
		}
		named := func(list []string) bool {
			return slices.ContainsFunc(list, func(urn string) bool { return slices.Contains(me.Identities, urn) })
		}
		at := slices.IndexFunc(found.Contacts, func(c web.Contact) bool { return c.Position == m.Position })
		if at < 0 {
			continue
		}
		lines[i].Before, lines[i].After, _ = strings.Cut(v.t("bericht.samen-geweest", m.Partner.Name, employerMark, v.onDays(*m.From, *m.From)), employerMark)
		if c := &found.Contacts[at]; named(c.With) && !named(c.Confirmed) {
			lines[i].Ask = &ask{ID: newID(), Path: messagesPath + "/meegaan", Back: messagesPath, Visit: m.Event}
		}
	}
	return nil
}

// confirmVisit says of a visit of another that one's own partner took part.
func (v *visit) confirmVisit() (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	id := f.Get("id")
	if !idForm.MatchString(id) {
		return nil, errNoPage
	}
	r, err := v.emit(id, &events.JointVisitConfirmed{Event: events.Ref{Source: f.Get("bron"), ID: f.Get("melding")}}, false)
	if err == nil {
		return nil, saved(ownPath(f.Get("terug")), "meegegaan", r, id)
	}
	if err = v.refused(f, err, nil); err != nil {
		return nil, err
	}
	p, err := v.messages()
	if err != nil {
		return nil, err
	}
	p.faults, p.status = f.Faults, http.StatusConflict
	return p, nil
}

// tones are how much a kind of message asks for.
var tones = map[string]string{
	"doorgezet": "warn", "botsing": "warn", "verloopt": "warn", "samen-gevraagd": "warn", "vrijgekomen": "ok", "samen-bevestigd": "ok",
}

// employerMark stands in a sentence where the employer's name comes.
const employerMark = "\x00"

// messageLine is one message in a sentence that names the employer.
func (v *visit) messageLine(m *web.Message, names map[string]employerLink) messageLine {
	line := messageLine{ID: m.ID, Kind: m.Kind, Tone: tones[m.Kind], Partner: m.Partner, Who: callOf(m.AccountManager), At: v.lang.clock(m.At)}
	if m.Kind == "verloopt" || m.Kind == "opgeschaald" {
		line.At = "" // by the day
	}
	for _, r := range m.Reasons {
		if r.Code != "regio" {
			line.Why = append(line.Why, v.lang.word("waarom", r.Code))
		}
		line.Own = line.Own || r.Code == "open-plan" || r.Code == "eigen-melding"
	}
	if m.Despite != nil {
		line.Despite = *m.Despite
	}
	if m.Employer == nil || m.Partner == nil {
		line.Before = v.lang.of(m.Sentence)
		line.Do = []wayTo{{Name: v.t("berichten.doe.aanlevering"), Path: "/aanlevering"}}
		return line
	}
	e := names[m.Employer.Key]
	line.Employer = &e
	if m.Purpose != nil {
		line.Purpose = *m.Purpose
	}
	line.Before, line.After, _ = strings.Cut(v.messageSentence(m), employerMark)
	line.Do = v.messageDo(m, &e)
	return line
}

// messageSentence has employerMark in the place of the name.
func (v *visit) messageSentence(m *web.Message) string {
	var from, to events.Date
	if m.From != nil {
		from = *m.From
	}
	if m.To != nil {
		to = *m.To
	}
	switch who, days := m.Partner.Name, v.onDays(from, to); {
	case m.Kind == "verloopt" && m.Until != nil:
		return v.t("bericht.verloopt", employerMark, v.day(*m.Until))
	case m.Kind == "opgeschaald" && m.Vacancy != nil:
		return v.t("bericht.opgeschaald", m.Vacancy.Left, employerMark, m.Vacancy.Occupation, v.day(m.Vacancy.Since), who)
	default:
		key := "bericht." + m.Kind
		if _, known := allTexts[key]; !known { // a kind of a later version
			return v.lang.of(m.Sentence)
		}
		return v.t(key, who, employerMark, days)
	}
}

// messageDo is where a message leads to, the likeliest first.
func (v *visit) messageDo(m *web.Message, e *employerLink) []wayTo {
	to := func(key, path string) wayTo { return wayTo{Name: v.t(key), Path: path} }
	look := to("berichten.doe.werkgever", e.Path())
	switch m.Kind {
	case "botsing":
		return []wayTo{to("berichten.doe.botsing", clashesPath+"?"+url.Values{"werkgever": {e.Key}}.Encode()), look}
	case "verloopt": // it is about an event of the plan itself
		return []wayTo{to("berichten.doe.plan", planPath(m.Position)), look}
	case "vrijgekomen":
		return []wayTo{to("berichten.doe.plannen", plansPath+"?wie="+whosePartner), look}
	case "opgeschaald":
		return []wayTo{to("berichten.doe.vacature", e.Path()+"#vacatures")}
	}
	return []wayTo{look}
}
