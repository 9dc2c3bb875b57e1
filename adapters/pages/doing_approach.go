package pages

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// approachPage shows one approach, and what can be done with it.
type approachPage struct {
	*form
	At       *place
	P        *web.PlannedApproach
	ID       string // of what a form of the page records
	Path     string
	Note     string // one's own
	With     []companionSays
	Verdict  *web.ExplainAnswer // nil: not judged
	Outcome  events.Outcome
	Said     string // of the verdict, in words
	Reasons  []string
	Today    events.Date
	When     *choices
	Clash    *clash
	Doing    string // which of the forms was sent
	LogPath  string
	PlanPath string

	// What this person can do.
	Mine, Open, Period, Expired, Ended, WaitsForUs, WeGo, CanPlan bool
	Kept                                                          events.Date // until when it holds, empty: it does not
	Loose                                                         bool        // it is one's own and does not hold: it can be asked again
	Again                                                         events.Date // from which day
}

// companionSays is a partner that a plan names, and whether it said so too.
type companionSays struct {
	Partner ledger.PartnerName
	Says    bool
}

// approached is the approach in the path, with the page that shows it.
func (v *visit) approached() (*approachPage, web.Freshness, error) {
	at, err := strconv.ParseUint(v.r.PathValue("positie"), 10, 64)
	if err != nil || at == 0 {
		return nil, web.Freshness{}, errNoPage
	}
	p, fresh, err := v.api.PlanAt(v.ctx(), events.Position(at), v.since())
	if err != nil || p == nil {
		return nil, fresh, noneOf(err)
	}
	e, err := events.ParseEmployerKey(p.Employer.Key)
	if err != nil {
		return nil, fresh, err
	}
	e.Establishment = p.Employer.Establishment
	data := &approachPage{P: p, Path: fmt.Sprint("/plannen/", at), Today: v.today(), Mine: p.Own && v.is(ofPartner...), CanPlan: v.is(ofPartner...)}
	if data.At, err = v.placeOf(e); err != nil {
		return nil, fresh, err
	}
	data.Open = slices.Contains([]string{"gepland", "bevestigd", "verzet", "verlopen"}, p.Status)
	data.Expired, data.Period = p.Status == "verlopen", p.From != p.To
	data.Ended = p.Status == "afgezegd" || p.Status == "afgelegd"
	data.Kept, data.Again = p.HoldsUntil, max(p.From, data.Today)
	data.Loose = data.Mine && data.Open && data.Kept == "" && p.To >= data.Today
	data.LogPath, data.PlanPath = visitPath(p.Employer, p.Approach), data.At.Path("/plan")
	if v.companionsOf(data); data.WeGo { // one's own visit, with them
		data.LogPath = data.At.Path("/bezoek")
	}
	return data, fresh, nil
}

// noneOf is an error, or that there is no such page.
func noneOf(err error) error {
	if err != nil {
		return err
	}
	return errNoPage
}

// companionsOf fills in who goes along, and whether that is about one's own partner.
func (v *visit) companionsOf(data *approachPage) {
	all, err := v.s.cfg.Partners()
	if err != nil {
		return
	}
	named := func(p *ledger.Partner, urns []string) bool {
		return slices.ContainsFunc(p.Identities, func(u string) bool { return slices.Contains(urns, u) })
	}
	for i := range all {
		p := &all[i]
		if !named(p, data.P.With) {
			continue
		}
		says := named(p, data.P.Confirmed)
		if p.ID == v.person.Partner {
			data.WeGo = says
		}
		data.With = append(data.With, companionSays{ledger.PartnerName{ID: p.ID, URN: p.Identities[0], Name: p.Name}, says})
	}
	data.WaitsForUs = data.P.NamesYou && !data.WeGo && data.Open && v.is(ofPartner...)
}

// judged fills in the verdict, as it was when its days were last said. It comes from what
// explains it to everybody; without that the page still does.
func (v *visit) judged(data *approachPage) error {
	at := data.P.Position
	x, err := v.api.Explain(v.ctx(), at, v.since())
	if p := (ledger.Problem{}); errors.As(err, &p) && p.Status == http.StatusNotFound {
		return nil
	}
	if err != nil {
		return err
	}
	if !x.Explanation.Judged || x.Explanation.Outcome == nil {
		return nil
	}
	data.Verdict, data.Outcome = x, *x.Explanation.Outcome
	data.Said = v.lang.of(x.Explanation.Sentence)
	data.Reasons = v.reasons(x.Explanation.Reasons, nil)
	return nil
}

// note fills in what one's own partner wrote with its plan.
func (v *visit) note(data *approachPage) error {
	if !data.P.Own {
		return nil
	}
	a, err := v.api.Timeline(v.ctx(), web.ContactsQuestion{Employer: data.At.Employer, Kinds: []string{"plan"}, From: data.P.From, Max: 100, Since: v.since()})
	if err != nil {
		return err
	}
	for i := range a.Contacts {
		if c := &a.Contacts[i]; c.Approach != nil && *c.Approach == data.P.Approach && c.Note != nil {
			data.Note = *c.Note
		}
	}
	return nil
}

func (v *visit) approachPage() (*page, error) {
	data, fresh, err := v.approached()
	if err != nil {
		return nil, err
	}
	p := data.P
	f := filled("wanneer", onDay, "datum", string(p.From), "van", string(p.From), "tot", string(p.To), "tijd", p.Time)
	if data.Period {
		f.values.Set("datum", "")
	}
	return v.shownApproach(data, fresh, f)
}

// shownApproach is the page, with a form as it was filled in.
func (v *visit) shownApproach(data *approachPage, fresh web.Freshness, f *form) (*page, error) {
	if err := errors.Join(v.judged(data), v.note(data)); err != nil {
		return nil, err
	}
	data.form, data.ID = f, idOf(f, "id")
	data.When = asks(f, "wanneer", "radio", v.t("doen.wanneer"), v.word("doen.wanneer", onDay, inPeriod))
	p := &page{
		template: "benadering", title: v.t("doen.benadering.titel", data.At.Name), nav: "/plannen",
		crumbs: []crumb{{v.t("menu.plannen"), "/plannen"}}, upTo: fresh, faults: f.Faults, data: data,
		marks: []string{fmt.Sprint(data.P.Position, data.P.Status, data.P.From, data.P.To, data.P.HoldsUntil, data.P.Confirmed)},
	}
	if data.Clash != nil {
		p.status = http.StatusUnprocessableEntity
	}
	return p, nil
}

// change reads what was sent about an approach of one's own.
func (v *visit) change(doing string) (*approachPage, web.Freshness, *form, error) {
	data, fresh, err := v.approached()
	if err != nil {
		return nil, fresh, nil, err
	}
	f, err := v.form()
	if err != nil {
		return nil, fresh, nil, err
	}
	if !data.Mine && doing != "meegaan" {
		return nil, fresh, nil, errNotYours
	}
	f.values.Set("id", idOf(f, "id"))
	data.Doing = doing
	return data, fresh, f, nil
}

var moveFields = whenFields(map[string]string{"/data/reden": "waarom", "/data/ondanks/reden": "reden"})

// moveApproach gives an approach other days; a day for one that had a period confirms it.
func (v *visit) moveApproach() (*page, error) {
	data, fresh, f, err := v.change("verzetten")
	if err != nil {
		return nil, err
	}
	when := v.span(f)
	if len(f.Faults) > 0 {
		return v.shownApproach(data, fresh, f)
	}
	move := &events.VisitMoved{Approach: data.P.Approach, Date: when.Date, Period: when.Period, Time: when.Time}
	if why := f.Get("waarom"); why != "" {
		move.Reason = events.Plainly(why)
	}
	id := f.Get("id")
	r, c, err := v.decide(f, &offer{
		place: data.At, id: id, data: move, fields: moveFields, asked: data.P.AtRequest, purpose: data.P.Purpose,
		from: when.from(), to: when.to(), despite: func(d *events.Despite) { move.Despite = d },
	})
	if err != nil {
		return nil, err
	}
	if r == nil {
		if data.Clash = c; c != nil {
			c.Back = data.Path
		}
		return v.shownApproach(data, fresh, f)
	}
	what := "verzet"
	switch {
	case when.from() == data.Again && when.to() == data.P.To && r.HoldsUntil != "":
		what = "vast"
	case data.Period && move.Period == nil:
		what = "bevestigd"
	}
	return nil, saved(data.Path, what, r, id)
}

// recordChange records what a small form says, or shows the page with what is wrong.
func (v *visit) recordChange(data *approachPage, fresh web.Freshness, f *form, said events.Data, what string, fields map[string]string) (*page, error) {
	id := f.Get("id")
	r, err := v.emit(id, said, false)
	if err != nil {
		if err = v.refused(f, err, fields); err != nil {
			return nil, err
		}
		return v.shownApproach(data, fresh, f)
	}
	back := data.Path
	if to := ownPath(f.Get("terug")); to != "/" { // it was sent from a list
		back = to
	}
	return nil, saved(back, what, r, id)
}

func (v *visit) callOffApproach() (*page, error) {
	data, fresh, f, err := v.change("afzeggen")
	if err != nil {
		return nil, err
	}
	off := &events.VisitCalledOff{Approach: data.P.Approach}
	if why := f.Get("afzegreden"); why != "" {
		off.Reason = events.Plainly(why)
	}
	return v.recordChange(data, fresh, f, off, "afgezegd", map[string]string{"/data/reden": "afzegreden"})
}

func (v *visit) extendApproach() (*page, error) {
	data, fresh, f, err := v.change("verlengen")
	if err != nil {
		return nil, err
	}
	to := v.ahead(f, "verleng-tot", "doen.tot.leeg")
	why := f.Get("verlengreden")
	if why == "" {
		f.wrong("verlengreden", v.t("doen.verlengen.reden.leeg"))
	}
	if len(f.Faults) > 0 {
		return v.shownApproach(data, fresh, f)
	}
	return v.recordChange(data, fresh, f, &events.ApproachExtended{Approach: data.P.Approach, To: to, Reason: events.Plainly(why)}, "verlengd",
		map[string]string{"/data/tot": "verleng-tot", "/data/reden": "verlengreden"})
}

// retractApproach takes back the plan as if it had never been, or what ended it: then it
// is open again.
func (v *visit) retractApproach() (*page, error) {
	data, fresh, f, err := v.change("intrekken")
	if err != nil {
		return nil, err
	}
	what, ref := "ingetrokken", data.P.Event
	if f.Get("wat") == "einde" {
		what, ref = "heropend", data.P.LastEvent
	}
	if ref == nil {
		return nil, errNoPage
	}
	back := &events.EventRetracted{Event: *ref}
	if why := f.Get("intrekreden"); why != "" {
		back.Reason = events.Plainly(why)
	}
	return v.recordChange(data, fresh, f, back, what, map[string]string{"/data/reden": "intrekreden"})
}

// goAlong confirms that one's own partner takes part in another's plan.
func (v *visit) goAlong() (*page, error) {
	data, fresh, f, err := v.change("meegaan")
	if err != nil {
		return nil, err
	}
	if data.P.Event == nil || !data.P.NamesYou {
		return nil, errNotYours
	}
	return v.recordChange(data, fresh, f, &events.JointVisitConfirmed{Event: *data.P.Event}, "meegaan", nil)
}
