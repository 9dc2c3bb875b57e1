package pages

import (
	"strconv"

	"huisboek/events"
	"huisboek/ledger"
)

// verdictPage explains a verdict.
type verdictPage struct {
	X        *ledger.Explanation
	Employer *employerLink
	Outcome  string // empty: none
	Tone     string // the class of its tag
	Days     string
	Despite  string
	AgreedAt string // the position of the agreement; empty: the default one
	Facts    []verdictFact
	Then     *verdictAgain
	Now      *verdictAgain
	Changed  bool // today the agreement is another
	Own      bool // the reader's own, and something was in the way
	PlanPath string
}

// verdictFact is something recorded that a verdict rests on.
type verdictFact struct {
	ledger.Fact
	Path string // of its own explanation; empty when there is none
}

// verdictAgain is what the same facts give once more.
type verdictAgain struct {
	ledger.Rejudged
	Tone string
}

// verdictTones are how a verdict looks.
var verdictTones = map[events.Outcome]string{events.Free: "ok", events.Attention: "warn", events.Taken: "bad", events.Refused: "bad"}

// judgedKinds are the events that have a verdict, by their short names, and so an explanation of
// their own.
var judgedKinds = map[string]bool{"bezoek-gepland": true, "bezoek-verzet": true, "bezoek-afgelegd": true, "plan-geweigerd": true}

// explained says why a verdict fell as it did.
func (v *visit) explained() (*page, error) {
	at, err := strconv.ParseUint(v.r.PathValue("positie"), 10, 63)
	if err != nil || at == 0 {
		return nil, errNoPage
	}
	found, err := v.api.Explain(v.ctx(), events.Position(at), v.since())
	if err != nil {
		return nil, err
	}
	x := &found.Explanation
	data := &verdictPage{X: x, PlanPath: planPath(x.Position)}
	data.Own = v.person.Partner != "" && x.Partner.ID == v.person.Partner && x.Outcome != nil && *x.Outcome != events.Free &&
		x.Type != events.TypeVisitMade && x.To >= v.today()
	crumbs := []crumb{{v.t("menu.werkgevers"), "/werkgevers"}}
	if x.Employer != "" {
		e := v.employers([]string{x.Employer})[x.Employer]
		data.Employer = &e
		crumbs = append(crumbs, crumb{e.Name, e.Path()})
	}
	if x.From != "" {
		data.Days = v.planDays(x.From, x.To)
	}
	if x.Agreement != nil && x.Agreement.Position != nil {
		data.AgreedAt = v.lang.num(uint64(*x.Agreement.Position))
	}
	if x.Despite != nil {
		data.Despite = *x.Despite
	}
	for _, f := range x.Facts {
		one := verdictFact{Fact: f}
		if judgedKinds[f.Kind] {
			one.Path = verdictPath(f.Position)
		}
		data.Facts = append(data.Facts, one)
	}
	if x.Outcome != nil {
		data.Outcome, data.Tone = string(*x.Outcome), verdictTones[*x.Outcome]
	}
	if again := x.Again; again != nil {
		data.Then = &verdictAgain{again.Then, verdictTones[again.Then.Outcome]}
		data.Now = &verdictAgain{again.Now, verdictTones[again.Now.Outcome]}
		data.Changed = again.Then.Agreement != again.Now.Agreement && !sameAgreement(again.Then.Agreement, again.Now.Agreement)
	}
	return &page{template: "oordeel", title: v.lang.verdictTitle(x), crumbs: crumbs, upTo: found.Freshness, data: data}, nil
}

func sameAgreement(a, b ledger.AgreementName) bool {
	if a.Position == nil || b.Position == nil {
		return a.Position == b.Position && a.Name == b.Name
	}
	return *a.Position == *b.Position
}

// verdictTitle is "Waarom dit plan bezet was".
func (l lang) verdictTitle(x *ledger.Explanation) string {
	if !x.Judged || x.Outcome == nil {
		return l.t("uitleg.titel-geen")
	}
	what := l.t("uitleg.dit-anders")
	if key := "uitleg.dit." + x.Type.Name(); allTexts[key].NL != "" {
		what = l.t(key)
	}
	key := "uitleg.titel." + string(*x.Outcome)
	return l.t(key, what)
}

// verdictPath is the explanation of the verdict at a position.
func verdictPath(at events.Position) string {
	return verdictsPath + "/" + strconv.FormatUint(uint64(at), 10)
}
