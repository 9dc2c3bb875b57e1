package pages

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// counsel is what the book thinks of an approach, in words.
type counsel struct {
	Outcome  events.Outcome
	Days     string // what it is about, "op 26 november 2026"; empty: today, for the time being
	Reasons  []string
	Call     *ledger.Call
	CallNext []ledger.Call
	Last     *ledger.Visit
	Plans    []ledger.Plan // of others, the soonest first
	Gaps     []string      // whose silence makes it incomplete
	Trouble  string        // why there is none yet
}

// mostPlans and mostGaps are how many are told beside a form; the employer's page has all.
const mostPlans, mostGaps = 3, 2

func (v *visit) counsel(a *ledger.Advice, plain []ledger.Reason) *counsel {
	return &counsel{
		Outcome: a.Outcome, Reasons: v.reasons(a.Reasons, plain), Call: a.Call, CallNext: a.CallNext, Last: a.LastVisit,
		Plans: a.OtherPlans[:min(len(a.OtherPlans), mostPlans)],
	}
}

// reasons are what a verdict rests on, for people who look at a form: plain are the same
// reasons as they are told beforehand, without what a program is to do next.
func (v *visit) reasons(told, plain []ledger.Reason) (list []string) {
	for _, r := range told {
		if key := "doen.reden." + r.Code; allTexts[key].NL != "" {
			list = append(list, v.t(key))
			continue
		}
		if i := slices.IndexFunc(plain, func(p ledger.Reason) bool { return p.Code == r.Code }); i >= 0 {
			r = plain[i]
		}
		list = append(list, v.lang.of(r.Sentence))
	}
	return list
}

// planAdvice is the part of the plan's form that follows what is filled in.
func (v *visit) planAdvice() (*page, error) {
	e, err := v.employer()
	if err != nil {
		return nil, err
	}
	f := &form{values: v.r.URL.Query()}
	c, err := v.advise(e, f)
	if err != nil {
		return nil, err
	}
	return nil, v.fragment("plan", "advies", c)
}

// advise is the advice on what is filled in so far, which may be nothing.
func (v *visit) advise(e events.Employer, f *form) (*counsel, error) {
	typed := &form{values: f.values}
	when := v.span(typed)
	from, to := when.from(), when.to()
	whole := f.Get("datum") != ""
	if when.Period != nil {
		whole = f.Get("van") != "" && f.Get("tot") != ""
	}
	switch {
	case !whole:
		from, to = "", ""
	case len(typed.Faults) > 0:
		return &counsel{Trouble: typed.Faults[0].Message}, nil
	}
	purpose := f.Get("doel")
	if !slices.Contains(purposeCodes, purpose) {
		purpose = ""
	}
	a, err := v.api.AdviceOn(v.ctx(), e, purpose, string(from), string(to), v.since())
	if p := (ledger.Problem{}); errors.As(err, &p) && p.Status == http.StatusBadRequest && len(p.Faults) > 0 {
		return &counsel{Trouble: v.lang.of(p.Faults[0].Sentence)}, nil
	}
	if err != nil {
		return nil, err
	}
	c := v.counsel(&a.Advice, nil)
	if from != "" && purpose != "" {
		// Whole enough to try: then whoever goes along and what the employer asked for count.
		if r := v.tried(e, f); r != nil {
			c = v.counsel(&r.Advice, a.Reasons)
		}
	}
	if from != "" {
		c.Days = v.lang.days(from, to)
	}
	if a.Coverage != nil {
		for _, gap := range a.Coverage.By[:min(len(a.Coverage.By), mostGaps)] {
			c.Gaps = append(c.Gaps, v.lang.of(gap.Say))
		}
		if more := len(a.Coverage.By) - mostGaps; more > 0 {
			c.Gaps = append(c.Gaps, v.t("doen.advies.meer-stil", more))
		}
	}
	return c, nil
}

// tried is what a plan as it is filled in would get; nil when it is not right yet: what
// is wrong is told when it is sent.
func (v *visit) tried(e events.Employer, f *form) *web.Receipt {
	plan, err := v.filledPlan(e, &form{values: f.values}, newID())
	if err != nil {
		return nil
	}
	plan.Note, plan.Time = events.Personal[string]{}, ""
	r, err := v.emit(newID(), plan, true)
	if err != nil {
		return nil
	}
	return r
}

// offer is something to be judged before it is recorded.
type offer struct {
	place   *place
	id      string
	data    events.Data
	fields  map[string]string // which input a member of the event stands in
	asked   bool              // at the employer's request: nothing is in the way
	joining bool              // it is a request to go together
	purpose string
	from    events.Date
	to      events.Date
	despite func(*events.Despite)
	// join tries the same together with a partner; nil: that cannot be said of this.
	join func(urn string) (*web.Receipt, error)
}

// What somebody chose when something was in the way; joining names the partner too.
const (
	choiceGo   = "toch"
	choiceJoin = "samen:"
)

// clash is what stands in the way of an offer, and what can be done.
type clash struct {
	*counsel
	Refused bool
	Needs   bool                 // going ahead takes a reason: another holds the employer
	Join    []ledger.PartnerName // who can be asked to go together
	Seen    string               // who sees the reason
	Back    string
	Fault   string // of the reason
	Reason  string // as it was filled in
	Move    bool   // of days, not of a new plan
}

// decide records an offer when nothing is in the way, or when the person chose to go on.
// Otherwise it says what is: then nothing was recorded. Faults are the form's.
func (v *visit) decide(f *form, o *offer) (*web.Receipt, *clash, error) {
	reason, goes := f.Get("reden"), f.Get("keuze") == choiceGo
	sure := o.joining
	if goes && reason != "" {
		o.despite(&events.Despite{Reason: events.Plainly(reason)})
		sure = true
	}
	if !sure {
		r, err := v.emit(o.id, o.data, true)
		if err != nil {
			return nil, nil, v.refused(f, err, o.fields)
		}
		mild := r.Outcome == events.Attention
		if r.Outcome != events.Free && !(mild && (o.asked || goes)) {
			c, err := v.clash(f, o, r)
			if err == nil && goes && c.Needs {
				c.Fault = v.t("doen.reden.leeg")
				f.wrong("reden", c.Fault)
			}
			return nil, c, err
		}
	}
	r, err := v.emit(o.id, o.data, false)
	if p := (ledger.Problem{}); errors.As(err, &p) && p.Receipt != nil { // refused meanwhile
		c, err := v.clash(f, o, &web.Receipt{Receipt: *p.Receipt})
		f.values.Set("id", newID()) // what was refused stays refused under its id
		return nil, c, err
	}
	if err != nil {
		return nil, nil, v.refused(f, err, o.fields)
	}
	return r, nil, nil
}

func (v *visit) clash(f *form, o *offer, r *web.Receipt) (*clash, error) {
	e := o.place.Employer
	a, err := v.api.AdviceOn(v.ctx(), e, o.purpose, string(o.from), string(o.to), 0)
	if err != nil {
		return nil, err
	}
	c := &clash{
		counsel: v.counsel(&r.Advice, a.Reasons), Refused: r.Outcome == events.Refused, Needs: r.Outcome == events.Taken,
		Back: o.place.Path(""), Reason: f.Get("reden"), Move: o.join == nil,
	}
	c.Days = v.lang.days(o.from, o.to)
	var seen []string
	for i := range r.OtherPlans {
		p := &r.OtherPlans[i]
		if p.HoldsUntil != "" && !slices.Contains(seen, p.Partner.Name) {
			seen = append(seen, p.Partner.Name)
		}
	}
	c.Seen = strings.Join(seen, ", ")
	if !c.Refused && o.join != nil {
		c.Join, err = joinable(o, r)
	}
	return c, err
}

// joinable are the partners whom going together would be about: those of whom a trial
// says that they hold the employer, and the fixed contact.
func joinable(o *offer, r *web.Receipt) (list []ledger.PartnerName, err error) {
	add := func(p ledger.PartnerName) {
		if !slices.ContainsFunc(list, func(q ledger.PartnerName) bool { return q.ID == p.ID }) {
			list = append(list, p)
		}
	}
	has := func(r *web.Receipt, code string) bool {
		return slices.ContainsFunc(r.Reasons, func(x ledger.Reason) bool { return x.Code == code })
	}
	if r.Call != nil && r.Call.Reason == "vaste-contactpersoon" && has(r, "andere-contactpersoon") {
		add(r.Call.Partner)
	}
	tried := map[string]bool{}
	for i := range r.OtherPlans {
		p := r.OtherPlans[i].Partner
		if r.OtherPlans[i].HoldsUntil == "" || tried[p.ID] || len(tried) == mostPlans {
			continue
		}
		tried[p.ID] = true
		with, err := o.join(p.URN)
		if err != nil {
			return nil, err
		}
		if has(with, "samen-onbevestigd") {
			add(p)
		}
	}
	return list, nil
}
