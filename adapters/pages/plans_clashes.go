package pages

import (
	"strconv"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// clashesShown is how many clashes a page has.
const clashesShown = 20

// monthsBack is how many months one can choose from.
const monthsBack = 14

// clashEnds are the ends by which the register can be filtered, as the wire calls them.
var clashEnds = []string{"open", "samen", "verzet", "afgezegd", "verlopen", "beide-gegaan", "ingetrokken"}

// endTones are how the end of a clash looks.
var endTones = map[string]string{"open": "warn", "samen": "ok", "verzet": "ok", "afgezegd": "ok"}

type clashesPage struct {
	Whose, State []wayTo // filters that are links
	Partners     []option
	Months       []option
	Ends         []option
	Employer     *employerLink // only there
	Without      string        // the same, at every employer
	Filtered     bool
	Working      *workingPanel
	Groups       []clashMonth
	Count        int
	Older, Newer string
	Again        string // without a filter
}

// clashMonth are clashes that came to light in one month.
type clashMonth struct {
	Month string
	Lines []clashItem
}

// clashItem is a clash as a page tells it.
type clashItem struct {
	ID       string
	Employer employerLink
	Sentence string
	Rule     string
	End      string
	Tone     string
	How      string
	FoundOn  events.Date
	Parties  []clashSide
	Mine     bool
	Why      string  // the explanation of the later one's verdict
	Do       []wayTo // what the reader can do, while it is open
	Advice   string
}

// clashSide is one of the two.
type clashSide struct {
	Partner   ledger.PartnerName
	Visit     bool
	Days      string
	Purpose   string
	Announced string // of a visit: the key of whether it was
	Despite   bool
	Reason    string
	Mine      bool
	Path      string
}

// clashes is the register of what clashed, and whether the agreement works.
func (v *visit) clashes() (*page, error) {
	partner, mine := v.query("partner"), v.person.Partner
	if v.query("van") == "ons" && mine != "" {
		partner = mine
	}
	month, end, employer, after := v.query("maand"), v.query("afloop"), v.query("werkgever"), v.query("na")
	found, err := v.api.Clashes(v.ctx(), partner, employer, month, month, end, after, clashesShown, v.since())
	if err != nil {
		return nil, err
	}
	data := &clashesPage{
		Older: v.older(found.Next), Count: len(found.Clashes), Again: clashesPath,
		Filtered: partner != "" || month != "" || end != "" || employer != "",
		Partners: v.partnerChoices(partner, v.t("botsingen.alle-partners")),
		Months:   v.monthChoices(month), Ends: v.endChoices(end),
	}
	if after != "" {
		data.Newer = v.around()
	}
	if mine != "" {
		data.Whose = []wayTo{
			{v.t("botsingen.iedereen"), v.around("van", "", "partner", ""), partner == ""},
			{v.t("botsingen.van-ons"), v.around("van", "ons", "partner", ""), partner == mine},
		}
	}
	data.State = []wayTo{
		{v.t("botsingen.alle"), v.around("afloop", ""), end == ""},
		{v.t("botsingen.open"), v.around("afloop", "open"), end == "open"},
	}
	if employer != "" {
		e := v.employers([]string{employer})[employer]
		data.Employer, data.Without = &e, v.around("werkgever", "")
	}
	if after == "" {
		if data.Working, err = v.working(partner); err != nil {
			return nil, err
		}
	}
	data.Groups = v.clashMonths(found.Clashes)
	p := &page{template: "botsingen", title: v.t("botsingen.titel"), nav: clashesPath, upTo: found.Freshness, data: data, marks: []string{}}
	for _, c := range found.Clashes {
		p.marks = append(p.marks, "c"+c.ID+"-"+c.End)
	}
	return p, nil
}

func (v *visit) monthChoices(chosen string) []option {
	out := []option{{"", v.t("botsingen.elke-maand"), chosen == ""}}
	for i := range monthsBack {
		m := monthBefore(v.today().Month(), i)
		out = append(out, option{m, v.lang.month(m), m == chosen})
	}
	return out
}

// monthBefore is the month n months before one, "2026-11".
func monthBefore(month string, n int) string {
	y, _ := strconv.Atoi(month[:4])
	m, _ := strconv.Atoi(month[5:])
	m = y*12 + m - 1 - n
	s := strconv.Itoa(m%12 + 1)
	if len(s) == 1 {
		s = "0" + s
	}
	return strconv.Itoa(m/12) + "-" + s
}

func (v *visit) endChoices(chosen string) []option {
	out := []option{{"", v.t("botsingen.elke-afloop"), chosen == ""}}
	for _, e := range clashEnds {
		out = append(out, option{e, v.lang.word("afloop", e), e == chosen})
	}
	return out
}

// clashMonths groups clashes by the month in which they came to light; they are in order.
func (v *visit) clashMonths(all []web.Clash) (groups []clashMonth) {
	keys := make([]string, len(all))
	for i := range all {
		keys[i] = all[i].Employer.Key
	}
	names := v.employers(keys)
	for i := range all {
		m := all[i].FoundOn.Month()
		if len(groups) == 0 || groups[len(groups)-1].Month != m {
			groups = append(groups, clashMonth{Month: m})
		}
		last := &groups[len(groups)-1]
		last.Lines = append(last.Lines, v.clashItem(&all[i], names))
	}
	return groups
}

func (v *visit) clashItem(c *web.Clash, names map[string]employerLink) clashItem {
	line := clashItem{
		ID: c.ID, Employer: names[c.Employer.Key], Sentence: v.lang.of(c.Sentence), Rule: c.Rule, End: c.End, Tone: endTones[c.End],
		How: v.lang.of(c.How), FoundOn: c.FoundOn, Why: verdictPath(c.Later.Position),
	}
	own := clashSide{}
	for _, p := range []*web.ClashParty{&c.First, &c.Later} {
		side := v.clashSide(p)
		if line.Mine = line.Mine || side.Mine; side.Mine {
			own = side
		}
		line.Parties = append(line.Parties, side)
	}
	if line.Mine && c.End == "open" {
		key, do := "botsingen.advies-bezoek", []wayTo{{Name: v.t("botsingen.doe.bel"), Path: line.Employer.Path()}}
		if !own.Visit {
			key = "botsingen.advies-plan"
			do = append(do, wayTo{Name: v.t("botsingen.doe.plan"), Path: plansPath + "?wie=partner"})
		}
		line.Advice, line.Do = v.t(key), do
	}
	return line
}

func (v *visit) clashSide(p *web.ClashParty) clashSide {
	side := clashSide{
		Partner: p.Partner, Visit: p.Kind == "bezoek", Days: v.planDays(p.From, p.To), Purpose: p.Purpose,
		Despite: p.Despite, Mine: v.is(signin.AccountManager, signin.PartnerManager) && p.Partner.ID == v.person.Partner, Path: verdictPath(p.Position),
	}
	if a := p.Announced; a != nil {
		side.Announced = "botsingen.onaangekondigd"
		if *a {
			side.Announced = "botsingen.aangekondigd"
		}
	}
	if p.Reason != nil {
		side.Reason = *p.Reason
	}
	return side
}
