package pages

import (
	"net/http"
	"slices"
	"strings"

	"huisboek/adapters/web"
	"huisboek/events"
)

// planPage is the form of a plan.
type planPage struct {
	*form
	At       *place
	ID       string
	Phone    bool // there is none yet: ask for it
	Today    events.Date
	When     *choices
	Purposes *choices
	Forms    *choices
	With     []companion
	Together string // who was chosen
	Advice   *counsel
	Clash    *clash
}

// planForm is an empty plan, or one with what a link filled in: datum, van, tot, tijd,
// doel, vorm, samen and verzoek as in the form.
func (v *visit) planForm() (*page, error) {
	at, err := v.placeHere()
	if err != nil {
		return nil, err
	}
	f := filled("wanneer", onDay, "vorm", "op-locatie")
	for _, field := range []string{"wanneer", "datum", "van", "tot", "tijd", "doel", "vorm", "verzoek"} {
		if value := v.query(field); value != "" {
			f.values.Set(field, value)
		}
	}
	if f.Get("van") != "" && v.query("wanneer") == "" {
		f.values.Set("wanneer", inPeriod)
	}
	if all := v.r.URL.Query()["samen"]; len(all) > 0 {
		f.values["samen"] = all
	}
	return v.planPage(at, f, nil)
}

func (v *visit) planPage(at *place, f *form, c *clash) (*page, error) {
	with, err := v.companions(f)
	if err != nil {
		return nil, err
	}
	data := &planPage{
		form: f, At: at, ID: idOf(f, "id"), Phone: v.person.Phone == "", Today: v.today(), With: with, Clash: c,
		When:     asks(f, "wanneer", "radio", v.t("doen.wanneer"), v.word("doen.wanneer", onDay, inPeriod)),
		Purposes: asks(f, "doel", "radio", v.t("doen.doel"), v.word("doel", purposeCodes...)),
		Forms:    asks(f, "vorm", "radio", v.t("doen.vorm"), v.word("doen.vorm", formCodes...)),
		Together: v.together(with),
	}
	data.Forms.Optional = true
	p := &page{
		template: "plan", title: v.t("doen.plan.titel"), nav: "/werkgevers", crumbs: v.crumbsTo(at), faults: f.Faults, data: data,
	}
	if c != nil {
		p.status = http.StatusUnprocessableEntity
		return p, nil
	}
	data.Advice, err = v.advise(at.Employer, f)
	return p, err
}

func (v *visit) crumbsTo(at *place) []crumb {
	return []crumb{{v.t("menu.werkgevers"), "/werkgevers"}, {at.Name, at.Path("")}}
}

// filledPlan is the plan of a form; what is wrong with it are faults of the form.
func (v *visit) filledPlan(e events.Employer, f *form, approach string) (*events.VisitPlanned, error) {
	when := v.span(f)
	purpose := f.Get("doel")
	if purpose == "" {
		f.wrong("doel", v.t("doen.doel.leeg"))
	}
	with, err := v.with(f)
	if err != nil {
		return nil, err
	}
	plan := &events.VisitPlanned{
		Employer: e, Approach: approach, Date: when.Date, Period: when.Period, Time: when.Time, Purpose: purpose, Form: f.Get("vorm"),
		AccountManager: v.manager(f.Get("telefoon")), With: with, AtRequest: f.Get("verzoek") != "",
	}
	if note := f.Get("toelichting"); note != "" {
		plan.Note = events.Plainly(note)
	}
	return plan, nil
}

var planFields = whenFields(map[string]string{
	"/data/doel": "doel", "/data/vorm": "vorm", "/data/samenMet": "samen", "/data/accountmanager/telefoon": "telefoon",
	"/data/toelichting": "toelichting", "/data/ondanks/reden": "reden",
})

func (v *visit) makePlan() (*page, error) {
	at, err := v.placeHere()
	if err != nil {
		return nil, err
	}
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	partner, joining := strings.CutPrefix(f.Get("keuze"), choiceJoin)
	if joining && !f.Has("samen", partner) {
		f.values.Add("samen", partner)
	}
	id := idOf(f, "id")
	f.values.Set("id", id)
	plan, err := v.filledPlan(at.Employer, f, id)
	if err != nil {
		return nil, err
	}
	if v.person.Phone == "" && f.Get("telefoon") == "" {
		f.wrong("telefoon", v.t("doen.telefoon.leeg"))
	}
	if len(f.Faults) > 0 {
		return v.planPage(at, f, nil)
	}
	r, c, err := v.decide(f, v.planOffer(at, id, plan, joining))
	switch {
	case err != nil:
		return nil, err
	case r == nil:
		return v.planPage(at, f, c)
	}
	v.keepPhone(f.Get("telefoon"))
	return nil, saved(at.Path(""), planDone(plan, r), r, id)
}

// planOffer is a plan to be decided on.
func (v *visit) planOffer(at *place, id string, plan *events.VisitPlanned, joining bool) *offer {
	when := span{Date: plan.Date, Period: plan.Period}
	return &offer{
		place: at, id: id, data: plan, fields: planFields, asked: plan.AtRequest, joining: joining,
		purpose: plan.Purpose, from: when.from(), to: when.to(),
		despite: func(d *events.Despite) { plan.Despite = d },
		join: func(urn string) (*web.Receipt, error) {
			together := *plan
			together.Approach, together.With = newID(), append(slices.Clone(plan.With), urn)
			return v.emit(together.Approach, &together, true)
		},
	}
}

// planDone is what is said of a plan that was recorded.
func planDone(plan *events.VisitPlanned, r *web.Receipt) string {
	switch {
	case plan.Despite != nil:
		return "plan-toch"
	case len(plan.With) > 0:
		return "plan-samen"
	case r.HoldsUntil == "":
		return "plan-los"
	}
	return "plan"
}
