package pages

import (
	"cmp"
	"net/url"
	"slices"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// visitPage is the form of a visit that was made.
type visitPage struct {
	*form
	At         *place
	By         string // who logs it
	ID, Next   string // of the visit, and of what follows it
	Today      events.Date
	Days       *choices
	Forms      *choices
	Plans      *choices // nil: there is none that it can belong to
	Purposes   *choices
	Outcomes   *choices
	With       []companion
	Together   string
	Follow     *choices
	FollowWhat []option
	Follows    bool // something was chosen there
}

// The answers to which day it was.
const (
	dayToday     = "vandaag"
	dayYesterday = "gisteren"
	dayOther     = "anders"
)

// follows are how long ahead a follow-up can be planned with one tap, in days.
var follows = []struct {
	code string
	days int
}{{"2w", 14}, {"6w", 42}, {"3m", 91}}

// lateDays is how long ago a plan may have ended that a visit is still logged under.
const lateDays = 60

// ownPlans are one's own partner's plans at an employer that a visit can end, the nearest
// to today first: the open ones, and those that nobody logged anything of.
func (v *visit) ownPlans(at *place) (list []web.Contact, err error) {
	a, err := v.api.Timeline(v.ctx(), web.ContactsQuestion{
		Employer: at.Employer, Kinds: []string{"plan"}, From: v.today().AddDays(-lateDays), Max: 100, Since: v.since(),
	})
	if err != nil {
		return nil, err
	}
	for i := range a.Contacts {
		c := &a.Contacts[i]
		if c.Event != nil && c.Approach != nil && slices.Contains([]string{"gepland", "bevestigd", "verzet", "verlopen"}, c.Status) {
			list = append(list, *c)
		}
	}
	today := v.today()
	far := func(c *web.Contact) int {
		last := c.Date
		if c.Period != nil {
			last = c.Period.To
		}
		switch {
		case today < c.Date:
			return today.DaysUntil(c.Date)
		case last < today:
			return last.DaysUntil(today)
		}
		return 0
	}
	slices.SortStableFunc(list, func(a, b web.Contact) int {
		return cmp.Or(cmp.Compare(far(&a), far(&b)), cmp.Compare(a.Position, b.Position))
	})
	return list, nil
}

// isMine reports whether a plan is this person's, and not a colleague's.
func (v *visit) isMine(who *web.Person) bool {
	return who != nil && who.Employee != "" && who.Employee == v.person.Employee
}

// belongs is which plan a visit is of, before anybody chose: the one that a link names,
// one's own that is nearest, or a colleague's when it is the only one.
func (v *visit) belongs(plans []web.Contact) *web.Contact {
	if named := v.query("plan"); named != "" {
		for i := range plans {
			if *plans[i].Approach == named || markOf(plans[i].Position) == named {
				return &plans[i]
			}
		}
	}
	for i := range plans {
		if v.isMine(plans[i].AccountManager) {
			return &plans[i]
		}
	}
	if len(plans) == 1 {
		return &plans[0]
	}
	return nil
}

// visitForm is a visit as it most likely was: today, on site, of one's own plan. Then a
// tap is enough.
func (v *visit) visitForm() (*page, error) {
	at, err := v.placeHere()
	if err != nil {
		return nil, err
	}
	plans, err := v.ownPlans(at)
	if err != nil {
		return nil, err
	}
	f := filled("dag", dayToday, "vorm", "op-locatie", "doel", "kennismaking", "vervolg-doel", "")
	if c := v.belongs(plans); c != nil {
		f.values.Set("plan", *c.Approach)
		if c.Purpose != nil {
			f.values.Set("doel", *c.Purpose)
		}
		if c.Form != nil {
			f.values.Set("vorm", *c.Form)
		}
		if c.AtRequest {
			f.values.Set("verzoek", "ja")
		}
		f.values["samen"] = v.idsOf(c.With)
	}
	if with := v.query("samen"); with != "" && !f.Has("samen", with) {
		f.values.Add("samen", with)
	}
	if when, ok := v.typedDay(v.query("datum")); ok && when <= v.today() {
		f.values.Set("datum", string(when))
		f.values.Set("dag", dayOther)
	}
	return v.visitPage(at, plans, f)
}

// idsOf are partners of today by their identities; others are left out.
func (v *visit) idsOf(urns []string) (ids []string) {
	all, err := v.others()
	if err != nil {
		return nil
	}
	for i := range all {
		if slices.ContainsFunc(all[i].Identities, func(u string) bool { return slices.Contains(urns, u) }) {
			ids = append(ids, all[i].ID)
		}
	}
	return ids
}

func (v *visit) visitPage(at *place, plans []web.Contact, f *form) (*page, error) {
	with, err := v.companions(f)
	if err != nil {
		return nil, err
	}
	data := &visitPage{
		form: f, At: at, ID: idOf(f, "id"), Next: idOf(f, "vervolg-id"), Today: v.today(), With: with,
		By:       v.person.Name + ", " + v.partnerName(v.person.Partner),
		Days:     asks(f, "dag", "radio", v.t("doen.bezoek.wanneer"), v.word("doen.dag", dayToday, dayYesterday, dayOther)),
		Forms:    asks(f, "vorm", "radio", v.t("doen.bezoek.hoe"), v.word("vorm", formCodes...)),
		Purposes: asks(f, "doel", "radio", v.t("doen.bezoek.doel"), v.word("doel", purposeCodes...)),
		Outcomes: asks(f, "uitkomst", "checkbox", v.t("doen.bezoek.uitkomst"), v.word("uitkomst", outcomeCodes...)),
		Together: v.together(with),
		Follow:   v.followChoices(f), Follows: f.Get("vervolg") != "",
	}
	data.Outcomes.Optional = true
	for _, code := range purposeCodes {
		data.FollowWhat = append(data.FollowWhat, option{code, v.lang.word("doel", code), f.Get("vervolg-doel") == code})
	}
	if len(plans) > 0 {
		data.Plans = v.planChoices(f, plans)
	}
	return &page{
		template: "bezoek", title: v.t("doen.bezoek.titel"), nav: "/vastleggen", crumbs: v.crumbsTo(at),
		faults: f.Faults, data: data,
	}, nil
}

// planChoices are the plans that a visit can belong to, and none of them.
func (v *visit) planChoices(f *form, plans []web.Contact) *choices {
	c := &choices{Name: "plan", Kind: "radio", Legend: v.t("doen.bezoek.plan"), Hint: v.t("doen.bezoek.plan.hint"), Fault: f.Fault("plan")}
	for i := range plans {
		p := &plans[i]
		when, what := v.day(p.Date), ""
		if p.Period != nil {
			when = v.t("tijd.van-tot", v.day(p.Period.From), v.day(p.Period.To))
		}
		if p.Purpose != nil {
			what = v.lang.word("doel", *p.Purpose)
		}
		label := v.t("doen.bezoek.uw-plan", when, what)
		if !v.isMine(p.AccountManager) && p.AccountManager != nil {
			label = v.t("doen.bezoek.plan-van", when, what, p.AccountManager.Name)
		}
		c.All = append(c.All, option{*p.Approach, label, f.Get("plan") == *p.Approach})
	}
	c.All = append(c.All, option{"", v.t("doen.bezoek.geen-plan"), f.Get("plan") == ""})
	return c
}

// followChoices are when to come back.
func (v *visit) followChoices(f *form) *choices {
	c := &choices{Name: "vervolg", Kind: "radio", Legend: v.t("doen.vervolg.wanneer"), Fault: f.Fault("vervolg")}
	add := func(code, label string) { c.All = append(c.All, option{code, label, f.Get("vervolg") == code}) }
	add("", v.t("doen.vervolg.niet"))
	for _, one := range follows {
		add(one.code, v.lang.word("doen.vervolg", one.code)+", "+v.lang.weekday(v.weekdayAfter(one.days)))
	}
	add(onDay, v.t("doen.vervolg.dag"))
	add(inPeriod, v.t("doen.vervolg.periode"))
	return c
}

// weekdayAfter is a day so many days ahead, the next Monday when that is in a weekend.
func (v *visit) weekdayAfter(days int) events.Date {
	d := v.today().AddDays(days)
	for !d.Working(false, false) {
		d = d.AddDays(1)
	}
	return d
}

// filledVisit is the visit of a form, and what follows it, or nil; what is wrong are
// faults of the form.
func (v *visit) filledVisit(at *place, plans []web.Contact, f *form) (*events.VisitMade, *events.VisitPlanned, error) {
	with, err := v.with(f)
	if err != nil {
		return nil, nil, err
	}
	made := &events.VisitMade{
		Employer: at.Employer, Date: v.today(), Purpose: f.Get("doel"), Form: f.Get("vorm"), Approach: f.Get("plan"), Outcome: f.All("uitkomst"),
		AccountManager: v.manager(f.Get("telefoon")), With: with, AtRequest: f.Get("verzoek") != "",
	}
	switch f.Get("dag") {
	case dayYesterday:
		made.Date = v.today().AddDays(-1)
	case dayOther:
		made.Date = v.gone(f, "datum")
	}
	if note := f.Get("toelichting"); note != "" {
		made.Note = events.Plainly(note)
	}
	for i := range plans {
		if p := &plans[i]; *p.Approach == made.Approach && p.Establishment != "" && p.Key == at.Key() && at.Establishment == "" {
			made.Establishment = p.Establishment // the plan says where exactly
		}
	}
	return made, v.filledFollow(at, f), nil
}

// gone reads a day that is not ahead.
func (v *visit) gone(f *form, field string) events.Date {
	d, ok := v.typedDay(f.Get(field))
	switch {
	case f.Get(field) == "":
		f.wrong(field, v.t("doen.datum.leeg"))
	case !ok:
		f.wrong(field, v.t("doen.geen-dag"))
	case d > v.today():
		f.wrong(field, v.t("doen.dag-komt-nog"))
	}
	return d
}

// filledFollow is the plan that follows a visit, or nil.
func (v *visit) filledFollow(at *place, f *form) *events.VisitPlanned {
	chosen := f.Get("vervolg")
	if chosen == "" {
		return nil
	}
	next := &events.VisitPlanned{
		Employer: at.Employer, Purpose: f.Get("vervolg-doel"), AccountManager: v.manager(f.Get("telefoon")),
		AtRequest: f.Get("vervolg-verzoek") != "",
	}
	if next.Purpose == "" {
		f.wrong("vervolg-doel", v.t("doen.doel.leeg"))
	}
	switch chosen {
	case onDay:
		next.Date = v.ahead(f, "vervolg-datum", "doen.datum.leeg")
	case inPeriod:
		from, to := v.ahead(f, "vervolg-van", "doen.van.leeg"), v.ahead(f, "vervolg-tot", "doen.tot.leeg")
		if from != "" && to != "" && to < from {
			f.wrong("vervolg-tot", v.t("doen.tot.voor-van"))
		}
		next.Period = &events.Period{From: from, To: to}
	default:
		for _, one := range follows {
			if one.code == chosen {
				next.Date = v.weekdayAfter(one.days)
			}
		}
		if next.Date == "" {
			f.wrong("vervolg", v.t("doen.datum.leeg"))
		}
	}
	return next
}

var visitFields = map[string]string{
	"/data/datum": "datum", "/data/doel": "doel", "/data/vorm": "vorm", "/data/benadering": "plan", "/data/uitkomst": "uitkomst",
	"/data/samenMet": "samen", "/data/accountmanager/telefoon": "telefoon", "/data/toelichting": "toelichting",
}

func (v *visit) makeVisit() (*page, error) {
	at, err := v.placeHere()
	if err != nil {
		return nil, err
	}
	plans, err := v.ownPlans(at)
	if err != nil {
		return nil, err
	}
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	id, next := idOf(f, "id"), idOf(f, "vervolg-id")
	f.values.Set("id", id)
	f.values.Set("vervolg-id", next)
	made, follow, err := v.filledVisit(at, plans, f)
	if err != nil {
		return nil, err
	}
	if len(f.Faults) > 0 {
		return v.visitPage(at, plans, f)
	}
	r, err := v.emit(id, made, false)
	if err != nil {
		if err = v.refused(f, err, visitFields); err != nil {
			return nil, err
		}
		return v.visitPage(at, plans, f)
	}
	v.keepPhone(f.Get("telefoon"))
	if follow == nil {
		return nil, saved(at.Path(""), "bezoek", r, id)
	}
	follow.Approach = next
	after, err := v.followUp(next, follow)
	if err != nil || after == nil {
		// The visit stands whatever becomes of what follows: that is for the plan's form.
		return nil, saved(followPath(at, follow), "bezoek-vervolg", r, id)
	}
	return nil, saved(at.Path(""), "bezoek-plan", after, id)
}

// followUp records the plan that follows a visit, unless something is in its way. That one
// was there oneself just now is not: that is what it follows.
func (v *visit) followUp(id string, p *events.VisitPlanned) (*web.Receipt, error) {
	r, err := v.emit(id, p, true)
	if err != nil {
		return nil, err
	}
	own := r.Outcome == events.Attention && !slices.ContainsFunc(r.Reasons, func(x ledger.Reason) bool {
		return x.Code != "recent-eigen-bezoek" && x.Code != "op-verzoek"
	})
	if r.Outcome != events.Free && !own {
		return nil, nil
	}
	return v.emit(id, p, false)
}

// followPath is the plan's form with what was filled in.
func followPath(at *place, p *events.VisitPlanned) string {
	u, err := url.Parse(at.Path("/plan"))
	if err != nil {
		return at.Path("/plan")
	}
	q := u.Query()
	q.Set("doel", p.Purpose)
	if p.Period != nil {
		q.Set("van", string(p.Period.From))
		q.Set("tot", string(p.Period.To))
	} else {
		q.Set("datum", string(p.Date))
	}
	if p.AtRequest {
		q.Set("verzoek", "ja")
	}
	u.RawQuery = q.Encode()
	return u.String()
}
