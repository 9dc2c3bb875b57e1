package pages

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"huisboek/events"
	"huisboek/ledger"
)

// doingRoutes are what somebody does at an employer: plan, go, and change a plan.
var doingRoutes = []route{
	{"GET /vastleggen", ofPartner, (*visit).chooseEmployer},
	{"GET /werkgevers/{werkgever}/plan", ofPartner, (*visit).planForm},
	{"POST /werkgevers/{werkgever}/plan", ofPartner, (*visit).makePlan},
	{"GET /werkgevers/{werkgever}/plan/advies", ofPartner, (*visit).planAdvice},
	{"GET /werkgevers/{werkgever}/bezoek", ofPartner, (*visit).visitForm},
	{"POST /werkgevers/{werkgever}/bezoek", ofPartner, (*visit).makeVisit},
	{"GET /plannen/{positie}", readers, (*visit).approachPage},
	{"POST /plannen/{positie}/verzetten", ofPartner, (*visit).moveApproach},
	{"POST /plannen/{positie}/afzeggen", ofPartner, (*visit).callOffApproach},
	{"POST /plannen/{positie}/verlengen", ofPartner, (*visit).extendApproach},
	{"POST /plannen/{positie}/intrekken", ofPartner, (*visit).retractApproach},
	{"POST /plannen/{positie}/meegaan", ofPartner, (*visit).goAlong},
}

// place is the employer that a page is about.
type place struct {
	events.Employer
	Name string // as it is called, or words for one without a name
	Town string
	Keys []string // of the same employer; the one to use first
}

// Path is the employer's page, or a page below it.
func (p *place) Path(below string) string {
	path := "/werkgevers/" + url.PathEscape(p.Key()) + below
	if p.Establishment != "" {
		path += "?vestiging=" + p.Establishment
	}
	return path
}

// placeOf is what the book calls an employer. While the names are being read it has
// none: that is no reason to keep somebody from what he came to do.
func (v *visit) placeOf(e events.Employer) (*place, error) {
	p := &place{Employer: e, Keys: []string{e.Key()}}
	a, err := v.api.Named(v.ctx(), p.Keys, 0)
	var problem ledger.Problem
	switch {
	case errors.As(err, &problem) && problem.Status == http.StatusServiceUnavailable:
	case err != nil:
		return nil, err
	case len(a.Employers) > 0:
		hit := &a.Employers[0]
		if hit.Name != nil {
			p.Name = *hit.Name
		}
		if hit.Place != nil {
			p.Town = *hit.Place
		}
		if len(hit.Keys) > 0 {
			p.Keys = hit.Keys
		}
	}
	p.Name = cmp.Or(p.Name, v.t("algemeen.zonder-naam"))
	return p, nil
}

// placeHere is the employer in the path.
func (v *visit) placeHere() (*place, error) {
	e, err := v.employer()
	if err != nil {
		return nil, err
	}
	return v.placeOf(e)
}

// manager is the person as others see who to call.
func (v *visit) manager(phone string) events.Personal[events.AccountManager] {
	p := v.person
	return events.Plainly(events.AccountManager{
		Employee: cmp.Or(p.Employee, p.ID), Name: cmp.Or(p.Name, p.Employee), Phone: cmp.Or(p.Phone, phone), Email: p.Email,
	})
}

// keepPhone remembers a number that somebody gave with a form, for the next one.
func (v *visit) keepPhone(phone string) {
	if v.person.Phone != "" || phone == "" {
		return
	}
	if err := v.s.cfg.Door.SetPhone(v.r, phone); err != nil {
		v.s.cfg.Log.WarnContext(v.ctx(), "a telephone number was not kept", "error", err)
	}
}

// choices are one question with its answers to choose from, one or several.
type choices struct {
	Name, Kind          string // Kind: "radio" or "checkbox"
	Legend, Hint, Fault string
	Optional            bool
	All                 []option
}

// word are the codes of a set as answers, in this order.
func (v *visit) word(set string, codes ...string) []option {
	list := make([]option, len(codes))
	for i, code := range codes {
		list[i] = option{Value: code, Name: v.lang.word(set, code)}
	}
	return list
}

// asks is a question of a form, with the answers that were chosen.
func asks(f *form, name, kind, legend string, answers []option) *choices {
	for i := range answers {
		answers[i].Chosen = f.Has(name, answers[i].Value)
	}
	return &choices{Name: name, Kind: kind, Legend: legend, Fault: f.Fault(name), All: answers}
}

// The codes of what is asked, the likeliest first.
var (
	purposeCodes = []string{"kennismaking", "vacature", "nazorg", "advies", "acquisitie", "overig"}
	formCodes    = []string{"op-locatie", "telefoon", "video", "bijeenkomst"}
	outcomeCodes = []string{"vacature", "proefplaatsing", "vervolgafspraak", "geen-interesse", "overig"}
)

// companion is a partner to go with.
type companion struct {
	Partner ledger.PartnerName
	On      bool
}

// others are the partners of today but one's own, by name.
func (v *visit) others() ([]ledger.Partner, error) {
	all, err := v.s.cfg.Partners()
	if err != nil {
		return nil, err
	}
	today := v.today()
	all = slices.DeleteFunc(slices.Clone(all), func(p ledger.Partner) bool {
		return p.ID == v.person.Partner || !p.Active(today) || len(p.Identities) == 0
	})
	slices.SortFunc(all, func(a, b ledger.Partner) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// companions are the partners to choose from, with those that were chosen.
func (v *visit) companions(f *form) (list []companion, err error) {
	all, err := v.others()
	for _, p := range all {
		list = append(list, companion{ledger.PartnerName{ID: p.ID, URN: p.Identities[0], Name: p.Name}, f.Has("samen", p.ID)})
	}
	return list, err
}

// together are the names of those that were chosen.
func (v *visit) together(all []companion) string {
	var names []string
	for _, c := range all {
		if c.On {
			names = append(names, c.Partner.Name)
		}
	}
	return v.lang.list(names)
}

// with are the identities of the partners that were chosen. What is no partner of today
// is a fault of the form.
func (v *visit) with(f *form) (urns []string, err error) {
	all, err := v.others()
	if err != nil {
		return nil, err
	}
	for _, id := range f.All("samen") {
		i := slices.IndexFunc(all, func(p ledger.Partner) bool { return p.ID == id })
		if i < 0 {
			f.wrong("samen", v.t("doen.samen.onbekend"))
			continue
		}
		if !slices.Contains(urns, all[i].Identities[0]) {
			urns = append(urns, all[i].Identities[0])
		}
	}
	return urns, nil
}

// idOf is the id of the event that a form makes: the one that it was given, so that
// sending it twice is one event.
func idOf(f *form, field string) string {
	if id := f.Get(field); idForm.MatchString(id) {
		return id
	}
	return newID()
}

// span is when: a day, perhaps with a time, or a period.
type span struct {
	Date   events.Date
	Period *events.Period
	Time   string
}

// from and to are the days, each as it was given or "".
func (s *span) from() events.Date {
	if s.Period != nil {
		return s.Period.From
	}
	return s.Date
}

func (s *span) to() events.Date {
	if s.Period != nil {
		return s.Period.To
	}
	return s.Date
}

const (
	onDay    = "dag"
	inPeriod = "periode"
)

// span reads when something is planned from the fields "wanneer", "datum", "tijd",
// "van" and "tot". The days must lie ahead, and today is ahead.
func (v *visit) span(f *form) (s span) {
	if f.Get("wanneer") == inPeriod {
		from, to := v.ahead(f, "van", "doen.van.leeg"), v.ahead(f, "tot", "doen.tot.leeg")
		if from != "" && to != "" && to < from {
			f.wrong("tot", v.t("doen.tot.voor-van"))
		}
		s.Period = &events.Period{From: from, To: to}
		return s
	}
	s.Date, s.Time = v.ahead(f, "datum", "doen.datum.leeg"), f.Get("tijd")
	return s
}

// ahead reads a day that is not over; empty is what the fault of a missing one says.
func (v *visit) ahead(f *form, field, empty string) events.Date {
	d, ok := v.typedDay(f.Get(field))
	switch {
	case f.Get(field) == "":
		f.wrong(field, v.t(empty))
	case !ok:
		f.wrong(field, v.t("doen.geen-dag"))
	case d < v.today():
		f.wrong(field, v.t("doen.dag-voorbij"))
	}
	return d
}

// typedDay reads a day as a browser sends it, 2026-12-15, and as people type it where a
// browser has no calendar: 15-12-2026, or 15-12 for the next one.
func (v *visit) typedDay(s string) (events.Date, bool) {
	if d, err := events.ParseDate(s); err == nil {
		return d, true
	}
	parts := strings.FieldsFunc(s, func(r rune) bool { return r == '-' || r == '/' || r == '.' || r == ' ' })
	if len(parts) == 2 {
		parts = append(parts, string(v.today())[:4])
	}
	if len(parts) != 3 || len(parts[2]) != 4 {
		return "", false
	}
	var n [3]int
	for i, p := range parts {
		var err error
		if n[i], err = strconv.Atoi(p); err != nil {
			return "", false
		}
	}
	t := time.Date(n[2], time.Month(n[1]), n[0], 0, 0, 0, 0, time.UTC)
	if t.Day() != n[0] || int(t.Month()) != n[1] {
		return "", false
	}
	d, err := events.ParseDate(t.Format(time.DateOnly))
	return d, err == nil
}

// when are the members of an event that stand in the fields of span.
func whenFields(more map[string]string) map[string]string {
	fields := map[string]string{"/data/datum": "datum", "/data/periode/van": "van", "/data/periode/tot": "tot", "/data/periode": "van", "/data/tijd": "tijd"}
	for member, field := range more {
		fields[member] = field
	}
	return fields
}

// dayField is a field for a day, as a template shows it.
type dayField struct {
	Name, Label, Value, Fault string
	Min, Max                  events.Date
}

// DayField is the field of a form for a day, with the days that make sense there; "" is
// no bound.
func (f *form) DayField(name, label string, from, to any) dayField {
	bound := func(d any) events.Date {
		if d, ok := d.(events.Date); ok {
			return d
		}
		return ""
	}
	return dayField{name, label, f.Get(name), f.Fault(name), bound(from), bound(to)}
}

// area is a field for free text, as a template shows it.
type area struct {
	Name, Label, Hint, Value, Fault string
	Rows                            int
	Optional                        bool
}

// Area is the field of a form for free text.
func (f *form) Area(name, label, hint string, rows int, optional bool) area {
	return area{name, label, hint, f.Get(name), f.Fault(name), rows, optional}
}
