package pages

import (
	"cmp"
	"net/url"

	"huisboek/adapters/web"
	"huisboek/events"
)

// stewardRoutes are what the steward keeps, and what everybody may read of it.
var stewardRoutes = []route{
	{"GET /stand", stewards, (*visit).bookStatus},
	{"GET /afspraken", totals, (*visit).agreements},
	{"GET /dubbel", stewards, (*visit).doubles},
	{"POST /dubbel", stewards, (*visit).link},
}

// statusPage is how the book is.
type statusPage struct {
	*web.Status
	Behind events.Position // the part that is behind most
	Shares []room
}

// room is a part of the disk.
type room struct {
	Key       string // of its text
	Used, Max int64  // bytes
	Percent   int
}

func (v *visit) bookStatus() (*page, error) {
	a, err := v.api.Status(v.ctx())
	if err != nil {
		return nil, err
	}
	data := &statusPage{Status: a}
	for _, part := range a.Views {
		data.Behind = max(data.Behind, part.Lag)
	}
	for _, r := range []room{
		{Key: "stand.meldingen", Used: a.Disk.Stream, Max: a.Disk.StreamMax}, {Key: "stand.sleutels", Used: a.Disk.Keys, Max: a.Disk.KeysMax},
		{Key: "stand.schijf", Used: a.Disk.Used, Max: a.Disk.Used + a.Disk.Free},
	} {
		if r.Max > 0 {
			r.Percent = int((r.Used*100 + r.Max - 1) / r.Max) // a byte is already one of a hundred
			data.Shares = append(data.Shares, r)
		}
	}
	marks := []string{}
	for _, r := range a.Attention {
		marks = append(marks, r.Code+r.Sentence.NL)
	}
	return &page{
		template: "stand", title: v.t("stand.titel"), nav: "/stand", upTo: web.Freshness{Position: a.Position, UpTo: a.UpTo}, marks: marks, data: data,
	}, nil
}

// agreementPage is what the partners agreed on, in words.
type agreementPage struct {
	InForce  web.Agreement
	Default  bool // nothing was agreed on: the default holds
	ToCome   []web.Agreement
	Before   []web.Agreement
	Numbers  []agreed
	Disturbs []events.Disturbance
	Acts     []act
	Escalate events.Escalation
}

// agreed is a number of the agreement. Zero is "no limit" where that is so.
type agreed struct {
	Key   string
	Value int
}

// act is what is done about a kind of clash.
type act struct{ About, What string }

func (v *visit) agreements() (*page, error) {
	a, err := v.api.Agreements(v.ctx(), v.since())
	if err != nil {
		return nil, err
	}
	t, act10 := &a.InForce.Terms, a.InForce.Actions
	data := &agreementPage{
		InForce: a.InForce, Default: a.InForce.Position == nil, ToCome: a.ToCome, Disturbs: t.Disturbs, Escalate: t.Escalation,
		Numbers: []agreed{
			{"rustdagen", t.QuietDays}, {"geldigheid", t.ValidDays}, {"langste", t.LongestDays}, {"partnerplannen", t.PlansPerPartner},
			{"managerplannen", t.PlansPerManager}, {"jaar", t.ContactsPerYear},
		},
		Acts: []act{
			{"ander-plan", act10.OtherPlan}, {"rust", act10.Quiet}, {"jaarmaximum", act10.Yearly}, {"ontzien", act10.Spared}, {"gebied", act10.Territory},
			{"alleen", act10.Alone}, {"vaste-contactpersoon", act10.FixedContact}, {"plannen-partner", act10.PartnerPlans},
			{"plannen-accountmanager", act10.ManagerPlans}, {"te-lang", act10.TooLong},
		},
	}
	for i := len(a.All) - 1; i >= 0; i-- {
		if one := a.All[i]; one.From <= v.today() && (a.InForce.Position == nil || *one.Position != *a.InForce.Position) {
			data.Before = append(data.Before, one)
		}
	}
	return &page{template: "afspraken", title: v.t("afspraken.titel"), nav: "/afspraken", upTo: a.Freshness, data: data}, nil
}

// doublesPage are employers that may be the same one.
type doublesPage struct {
	Pairs   []web.Double
	Total   int
	Next    string
	Waiting []waitingLink
	ID      string // of the next event
}

// waitingLink is what one partner said and nobody else yet.
type waitingLink struct {
	One, Other employerLink
	Says       string
	Kind       string // what a form about it can say; empty: nothing
}

func (v *visit) waitingLinks(links []web.Link) []waitingLink {
	var keys []string
	for i := range links {
		keys = append(keys, links[i].Employer.Key, links[i].With.Key)
	}
	names := v.employers(keys)
	all := make([]waitingLink, len(links))
	for i := range links {
		l := &links[i]
		one := waitingLink{One: names[l.Employer.Key], Other: names[l.With.Key], Says: v.lang.of(l.Say)}
		if l.Kind != nil {
			one.Says = v.t("dubbel.zei", l.Partner.Name, lowered(v.lang.word("koppeling", *l.Kind)))
			if *l.Kind != "opvolger" {
				one.Kind = *l.Kind
			}
		}
		all[i] = one
	}
	return all
}

func (v *visit) doubles() (*page, error) {
	a, err := v.api.Doubles(v.ctx(), v.query("na"), 20, v.since())
	if err != nil {
		return nil, err
	}
	waiting, err := v.api.Links(v.ctx(), "", 50, v.since())
	if err != nil {
		return nil, err
	}
	data := &doublesPage{Pairs: a.Pairs, Total: a.Total, Waiting: v.waitingLinks(waiting.Links), ID: newID()}
	if a.Next != "" {
		data.Next = "/dubbel?" + url.Values{"na": {a.Next}}.Encode()
	}
	marks := []string{}
	for _, p := range a.Pairs {
		marks = append(marks, p.Employers[0].Employer.Key+" "+p.Employers[1].Employer.Key)
	}
	return &page{template: "dubbel", title: v.t("dubbel.titel"), nav: "/dubbel", upTo: a.Freshness, marks: marks, data: data}, nil
}

// link says that two employers are the same one, belong together, or do not.
func (v *visit) link() (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	a, err1 := events.ParseEmployerKey(f.Get("een"))
	b, err2 := events.ParseEmployerKey(f.Get("ander"))
	if err := cmp.Or(err1, err2); err != nil || !idForm.MatchString(f.Get("id")) {
		return nil, errNoPage
	}
	var data events.Data
	what := f.Get("soort")
	switch one, other := whole(a), whole(b); what {
	case "dezelfde", "concern":
		data = &events.EmployersLinked{Employer: one, With: other, Kind: what}
	case "niet":
		data = &events.EmployersUnlinked{Employer: one, With: other}
	default:
		return nil, errNoPage
	}
	r, err := v.emit(f.Get("id"), data, false)
	if err != nil {
		return nil, err
	}
	back := "/dubbel"
	if to := ownPath(f.Get("terug")); to != "/" {
		back = to
	}
	return nil, saved(back, "koppeling-"+what, r, f.Get("id"))
}

func whole(e events.Employer) events.WholeEmployer {
	return events.WholeEmployer{KvK: e.KvK, Foreign: e.Foreign, Provisional: e.Provisional}
}
