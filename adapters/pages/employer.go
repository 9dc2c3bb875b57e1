package pages

import (
	"net/url"
	"slices"
	"strings"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

var employerRoutes = []route{
	{"GET " + employersPath, readers, (*visit).findEmployers},
	{"GET " + employersPath + "/suggesties", readers, (*visit).suggestEmployers},
	{"GET " + employersPath + "/{werkgever}", readers, (*visit).showEmployer},
	{"POST " + employersPath + "/{werkgever}/volgen", ofPartner, (*visit).followEmployer},
}

const employersPath = "/werkgevers"

// employerPage is everything about one employer before a visit.
type employerPage struct {
	Path  string // without a query
	Query string // "?vestiging=…", or nothing
	Facts []fact
	Level string
	Seen  bool // anybody ever told anything of it
	May   bool // this person plans and logs
	// Followed is of one's own partner; FormID is for the form that changes it.
	Followed bool
	FormID   string
	Answer   employerAnswer
	Verdict  verdictNote
	Gaps     []string // whose silence makes it incomplete
	Strip    *strip
	Time     *timeline
	Side     employerSide
}

// fact is a short one under the title.
type fact struct {
	Label, Value string
	Number       bool
}

// employerAnswer is the answer at one glance: whom to call, who plans, who went last.
type employerAnswer struct {
	Call      *callee
	Next      []callee
	Plan      *planned
	MorePlans int
	Last      *visited
}

// callee is somebody to call, and why.
type callee struct {
	Org                  org
	Name, Phone, Why     string
	Colleague, Addressed bool // of one's own partner; by a name
}

// planned is the first open plan.
type planned struct {
	Org      org
	Name     string
	From, To events.Date
	Purpose  string
	Until    events.Date
	With     []string
}

// visited is the last visit.
type visited struct {
	Org           org
	Name          string
	Date          events.Date
	Purpose, Form string
}

// verdictNote says whether one can go now.
type verdictNote struct {
	Outcome, Class, Tag string
	Reasons             []string
}

func (v *visit) showEmployer() (*page, error) {
	e, err := v.employer()
	if err != nil {
		return nil, err
	}
	if v.remade() {
		return v.employerMarked(e)
	}
	concern := v.query("concern") == "ja"
	a, err := v.askEmployer(e, concern)
	if err != nil {
		return nil, err
	}
	all, err := v.orgs()
	if err != nil {
		return nil, err
	}
	d := &employerPage{
		Path: employersPath + "/" + url.PathEscape(e.Key()), Seen: seen(a), May: v.is(ofPartner...), FormID: newID(),
		Facts: v.facts(a), Followed: a.Followed,
	}
	if e.Establishment != "" {
		d.Query = "?" + url.Values{"vestiging": {e.Establishment}}.Encode()
	}
	if a.Level != nil {
		d.Level = v.lang.word("werkgever.niveau", *a.Level)
	}
	d.Answer, d.Verdict = v.answerOf(a, all), v.verdictOf(a)
	for _, gap := range a.Coverage.By {
		d.Gaps = append(d.Gaps, v.lang.of(gap.Say))
	}
	p := &page{template: "werkgever", title: v.employerTitle(a), nav: employersPath, upTo: a.Freshness, marks: []string{}, data: d}
	p.crumbs = v.employerCrumbs(a)
	if !d.Seen {
		return p, nil
	}
	tape, err := v.tape(e, concern, a)
	if err != nil {
		return nil, err
	}
	d.Strip = v.strip(tape.recent, a.Placements, a.Planned, all)
	if d.Strip.Cut = tape.cut; len(d.Strip.Rows) == 0 {
		d.Strip = nil // an empty picture says less than the words above it
	}
	d.Time = v.timeline(tape, a, all)
	d.Side = v.sideOf(a, e, all)
	return p, nil
}

// contactPurpose is for what people look at contact persons here.
const contactPurpose = "contact-voorbereiden"

// askEmployer is the first question of the page, and mostly the only one.
func (v *visit) askEmployer(e events.Employer, concern bool) (*web.EmployerAnswer, error) {
	if concern {
		return v.api.ConcernFor(v.ctx(), e, contactPurpose, v.since())
	}
	return v.api.EmployerFor(v.ctx(), e, contactPurpose, v.since())
}

// remade reports whether the page is made for its marks alone.
func (v *visit) remade() bool {
	_, ok := v.ctx().Value(remadeKey{}).(*remade)
	return ok
}

// markedLines is how many of the newest lines are looked at for something new.
const markedLines = 30

// employerMarked is the page as far as live needs it. It asks for nothing that nobody
// reads: contact persons that were given would stand in the log of who looked.
func (v *visit) employerMarked(e events.Employer) (*page, error) {
	t, err := v.api.Timeline(v.ctx(), web.ContactsQuestion{Employer: e, Concern: v.query("concern") == "ja", Max: markedLines})
	if err != nil {
		return nil, err
	}
	a, err := v.api.Advice(v.ctx(), e, "", "", 0)
	if err != nil {
		return nil, err
	}
	return &page{upTo: t.Freshness, marks: employerMarks(t.Contacts, &a.Advice)}, nil
}

// seen reports whether anybody told anything of an employer.
func seen(a *web.EmployerAnswer) bool {
	return a.Card != nil || len(a.Contacts)+len(a.Planned)+len(a.Fixed)+len(a.Placements)+len(a.Links)+len(a.Vacancies) > 0 ||
		a.Level != nil || a.Spared != nil
}

// employerMarks are what can be new on the page: a line, or another verdict or whom to
// call, all of which stand as one.
func employerMarks(list []web.Contact, a *ledger.Advice) []string {
	marks := make([]string, 0, 2*len(list)+1)
	for i := range list {
		c := &list[i]
		marks = append(marks, markOf(c.Position), changeMark+markOf(c.Position)+c.Status+string(c.Date)+string(c.Until))
	}
	said := changeMark + string(a.Outcome)
	for _, r := range a.Reasons {
		said += " " + r.Code
	}
	if a.Call != nil {
		said += " " + a.Call.Partner.ID + " " + a.Call.Name
	}
	return append(marks, said)
}

// employerTitle is the employer's name, or its number when nobody told a name.
func (v *visit) employerTitle(a *web.EmployerAnswer) string {
	if a.Card != nil && a.Card.Name != nil {
		return *a.Card.Name
	}
	return v.keyName(a.Employer)
}

// keyName is how an employer without a name is called.
func (v *visit) keyName(e web.EmployerName) string {
	switch {
	case e.KvK != "":
		return v.t("werkgever.kvk-naam", e.KvK)
	case e.Foreign != nil:
		return v.t("werkgever.buitenlands-naam", e.Foreign.Number)
	}
	return v.t("algemeen.zonder-naam")
}

func (v *visit) employerCrumbs(a *web.EmployerAnswer) []crumb {
	all := []crumb{{v.t("menu.werkgevers"), employersPath}}
	if c := a.Card; c != nil && c.Place != nil {
		all = append(all, crumb{*c.Place, employersPath + "?" + url.Values{"zoek": {*c.Place}}.Encode()})
	}
	return all
}

// facts are what is known of an employer, the shortest way.
func (v *visit) facts(a *web.EmployerAnswer) (list []fact) {
	switch e := a.Employer; {
	case e.KvK != "":
		list = append(list, fact{v.t("werkgever.kvk"), e.KvK, true})
	case e.Foreign != nil:
		list = append(list, fact{e.Foreign.Country + " " + e.Foreign.Register, e.Foreign.Number, true})
	default:
		list = append(list, fact{Label: v.t("werkgever.zonder-nummer")})
	}
	if a.Employer.Establishment != "" {
		list = append(list, fact{v.t("werkgever.vestiging"), a.Employer.Establishment, true})
	}
	c := a.Card
	if c == nil {
		return list
	}
	if c.Place != nil {
		list = append(list, fact{Label: *c.Place})
	}
	if c.SBICode != "" {
		list = append(list, fact{Label: v.branch(c.SBICode)})
	}
	if c.Size != "" {
		list = append(list, fact{Label: v.lang.word("grootte", c.Size)})
	}
	return list
}

// branch is a code of the SBI in words: "Horeca (SBI 56.10)".
func (v *visit) branch(code string) string {
	dotted := code
	if len(code) > 2 {
		dotted = code[:2] + "." + code[2:]
	}
	for _, b := range branches {
		if len(code) >= 2 && code[:2] >= b.from && code[:2] <= b.to {
			return v.lang.word("sbi", b.name) + " (SBI " + dotted + ")"
		}
	}
	return "SBI " + dotted
}

// branches are the divisions of the SBI by what people call them; the lists of 2008 and
// 2025 agree on these.
var branches = []struct{ from, to, name string }{
	{"01", "03", "landbouw"}, {"06", "09", "delfstoffen"}, {"10", "33", "industrie"}, {"35", "35", "energie"}, {"36", "39", "water"},
	{"41", "43", "bouw"}, {"45", "47", "handel"}, {"49", "53", "vervoer"}, {"55", "56", "horeca"}, {"58", "63", "informatie"},
	{"64", "66", "financieel"}, {"68", "68", "vastgoed"}, {"69", "75", "advies"}, {"77", "82", "zakelijk"}, {"84", "84", "bestuur"},
	{"85", "85", "onderwijs"}, {"86", "88", "zorg"}, {"90", "93", "cultuur"}, {"94", "96", "overig"},
}

func (v *visit) answerOf(a *web.EmployerAnswer, all *orgs) (out employerAnswer) {
	if a.Call != nil {
		c := v.callee(*a.Call, all)
		out.Call = &c
	}
	for _, c := range a.CallNext {
		out.Next = append(out.Next, v.callee(c, all))
	}
	if len(a.Planned) > 0 {
		p := &a.Planned[0]
		out.Plan = &planned{Org: all.of(p.Partner), From: p.From, To: p.To, Purpose: v.lang.word("doel", p.Purpose), Until: p.HoldsUntil, With: all.named(p.With)}
		if p.AccountManager != nil {
			out.Plan.Name = p.AccountManager.Name
		}
		if out.Plan.Until == p.To {
			out.Plan.Until = "" // it says nothing more
		}
		out.MorePlans = len(a.Planned) - 1
	}
	if l := a.LastVisit; l != nil {
		out.Last = &visited{Org: all.of(l.Partner), Date: l.Date, Purpose: v.lang.word("doel", l.Purpose), Form: lowered(v.lang.word("vorm", l.Form))}
		if l.AccountManager != nil {
			out.Last.Name = l.AccountManager.Name
		}
	}
	return out
}

func (v *visit) callee(c ledger.Call, all *orgs) callee {
	out := callee{Org: all.of(c.Partner), Name: c.Name, Phone: c.Phone, Addressed: c.Name != ""}
	out.Colleague = out.Org.Own
	if !out.Addressed {
		out.Name = out.Org.Name
	}
	key := "werkgever.waarom." + c.Reason
	if _, ok := employerTexts[key]; ok {
		out.Why = v.t(key, out.Org.Name)
	}
	return out
}

// verdictOf says it in words, and of the wish to be left in peace what the reasons do
// not say: one that has yet to begin.
func (v *visit) verdictOf(a *web.EmployerAnswer) verdictNote {
	n := verdictNote{Outcome: string(a.Outcome), Class: "ok", Tag: "ok"}
	switch a.Outcome {
	case events.Attention:
		n.Class, n.Tag = "warn", "warn"
	case events.Taken, events.Refused:
		n.Class, n.Tag = "clash", "bad"
	}
	told := false
	for _, r := range a.Reasons {
		told = told || strings.HasPrefix(r.Code, "ontzien-")
		n.Reasons = append(n.Reasons, v.reason(r))
	}
	if s := a.Spared; s != nil && !told {
		n.Reasons = append(n.Reasons, v.sparedSentence(s))
	}
	return n
}

// reason is a reason in words; of some the ledger's sentence speaks to programs.
func (v *visit) reason(r ledger.Reason) string {
	key := "werkgever.reden." + r.Code
	if _, ok := employerTexts[key]; ok {
		return v.t(key)
	}
	return v.lang.of(r.Sentence)
}

func (v *visit) sparedSentence(s *web.Spared) string {
	days := v.t("werkgever.ontzien-vanaf", v.lang.date(s.From))
	if s.To != nil {
		days = v.lang.days(s.From, *s.To)
	}
	key := "werkgever.ontzien." + s.Ground
	say := v.t(key, days)
	if len(s.Purposes) > 0 {
		say += " " + v.t("werkgever.ontzien-voor", v.lang.words("doel", s.Purposes...))
	}
	return say
}

// followEmployer asks for messages about an employer, or lets go of it.
func (v *visit) followEmployer() (*page, error) {
	e, err := v.employer()
	if err != nil {
		return nil, err
	}
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	id := f.Get("id")
	if !idForm.MatchString(id) {
		return nil, errNoPage
	}
	var said events.Data = &events.EmployerFollowed{Employer: e}
	what := "volgen"
	if f.Get("wat") == "loslaten" {
		said, what = &events.EmployerUnfollowed{Employer: e}, "loslaten"
	} else if enough, err := v.followsEnough(e); err != nil {
		return nil, err
	} else if enough {
		return v.followedWith([]fault{{"", v.t("gevolgd.te-veel", followedPlaces)}})
	}
	r, err := v.emit(id, said, false)
	if err != nil {
		return nil, err
	}
	back := url.URL{Path: employersPath + "/" + e.Key()}
	if e.Establishment != "" {
		back.RawQuery = url.Values{"vestiging": {e.Establishment}}.Encode()
	}
	if to := ownPath(f.Get("terug")); to != "/" { // it was sent from a list
		return nil, saved(to, what, r, id)
	}
	return nil, saved(back.String(), what, r, id)
}

// org is a partner as these pages show it.
type org struct {
	Kind string // the class of its colour and pattern
	Name string
	Own  bool // one's own, or whose work one goes on with
}

// orgs are all partners, asked for once a page.
type orgs struct {
	byID, byURN map[string]org
}

func (v *visit) orgs() (*orgs, error) {
	list, err := v.s.cfg.Partners()
	if err != nil {
		return nil, err
	}
	all, today := &orgs{map[string]org{}, map[string]org{}}, v.today()
	for _, p := range list {
		one := org{Kind: "overig", Name: p.Name}
		if slices.Contains([]string{"gemeente", "uwv", "sw"}, p.Kind) {
			one.Kind = p.Kind
		}
		if me := v.person.Partner; me != "" {
			one.Own = p.ID == me || p.Successor == me && p.SuccessorFrom <= today && (p.SuccessorUntil == "" || today < p.SuccessorUntil)
		}
		all.byID[p.ID] = one
		for _, urn := range p.Identities {
			all.byURN[urn] = one
		}
	}
	return all, nil
}

// of is a partner in an answer; the steward is none, and has a name all the same.
func (o *orgs) of(p ledger.PartnerName) org {
	if one, ok := o.byID[p.ID]; ok {
		return one
	}
	return org{Kind: "overig", Name: p.Name}
}

// named are partners by their identities.
func (o *orgs) named(urns []string) (names []string) {
	for _, urn := range urns {
		if one, ok := o.byURN[urn]; ok {
			names = append(names, one.Name)
		}
	}
	return names
}
