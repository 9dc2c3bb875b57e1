package pages

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

const (
	findLines     = 20 // on a page
	findRecent    = 10 // where nothing was asked
	suggestions   = 8
	leastSearched = 2   // characters, as the API has it
	mostSearched  = 100 //
	readable      = 1000
)

// findPage is a search: what was asked, and what was found.
type findPage struct {
	Asked    findAsked
	Choices  []choiceList
	Pills    []pill // of the filters that are on: each takes one off
	Clear    string // takes all off
	May      bool   // there are municipalities of one's own
	Hits     []hitLine
	Total    int
	More     bool   // more than can be paged through
	Next     string // the address of the next page
	First    string // back to the first page
	Recent   bool   // nothing was asked: these had contact last
	Short    bool   // too little was typed
	Number   string // a KvK number that was typed and that nobody told of
	Filtered bool
}

// findAsked is a question as the address says it.
type findAsked struct {
	Text, Gemeente, Sector, Size, Quiet, Sort string
	Mine                                      bool
	after                                     string
}

// choiceList is a list to choose from in the form.
type choiceList struct {
	Field, Label, Any string
	Options           []option
}

// hitLine is an employer in a list, with the verdict for the reader now.
type hitLine struct {
	Name, Number, Place string
	Others              string
	Path                string
	Why                 string
	Verdict, Class      string
	Call                *callee
	Last                *visited
	LastDay             events.Date // where only the day is known
	Plan                *planned
}

// quiets are for how many months nobody may have been there.
var quiets = []string{"3", "6", "12", "24"}

func (v *visit) findEmployers() (*page, error) {
	d := &findPage{Asked: v.findAsked()}
	mine := v.ownGemeenten()
	d.May = len(mine) > 0
	q, filtered := v.findQuestion(&d.Asked, mine)
	d.Filtered = filtered
	v.findForm(d)
	p := &page{template: "werkgevers", title: v.t("zoeken.titel"), nav: employersPath, data: d}
	switch n := utf8.RuneCountInString(d.Asked.Text); {
	case n > 0 && n < leastSearched:
		d.Short = true
		return p, nil
	case n == 0 && !filtered:
		d.Recent = true
		q = web.FindQuestion{Gemeenten: mine, Sort: "laatste", Max: findRecent, Since: v.since()}
		if len(mine) == 0 {
			q.Gemeenten = v.regionGemeenten()
		}
	}
	found, err := v.api.FindWith(v.ctx(), q)
	if err != nil {
		return nil, err
	}
	p.upTo, d.Total = found.Freshness, found.Total
	d.More = !d.Recent && found.Total > readable
	if found.Next != "" && !d.Recent {
		d.Next = v.findPath(&d.Asked, "na", found.Next)
	}
	if d.Asked.after != "" {
		d.First = v.findPath(&d.Asked)
	}
	if d.Hits, err = v.hitLines(found.Employers); err != nil {
		return nil, err
	}
	if number := digits(d.Asked.Text); len(number) == 8 && !hasKey(found.Employers, number) {
		d.Number = number
	}
	return p, nil
}

func (v *visit) findAsked() findAsked {
	a := findAsked{
		Text: v.searched(), Gemeente: v.query("gemeente"), Sector: v.query("sector"), Size: v.query("grootte"),
		Quiet: v.query("stil"), Sort: v.query("sorteer"), Mine: v.query("mijn") == "ja", after: v.query("na"),
	}
	if !slices.Contains(events.Values("sector"), a.Sector) {
		a.Sector = ""
	}
	if !slices.Contains(events.Values("grootteklasse"), a.Size) {
		a.Size = ""
	}
	if !slices.Contains(quiets, a.Quiet) {
		a.Quiet = ""
	}
	if a.Sort != "naam" && a.Sort != "laatste" {
		a.Sort = ""
	}
	return a
}

// searched is what was typed, as much of it as a search takes.
func (v *visit) searched() string {
	text := strings.ToValidUTF8(v.query("zoek"), "")
	if utf8.RuneCountInString(text) > mostSearched {
		text = strings.TrimSpace(string([]rune(text)[:mostSearched]))
	}
	return text
}

// findQuestion is what the API is asked; filtered when more than a text is.
func (v *visit) findQuestion(a *findAsked, mine []string) (q web.FindQuestion, filtered bool) {
	q = web.FindQuestion{
		Text: a.Text, Sector: a.Sector, Size: a.Size, Sort: a.Sort, After: a.after, Max: findLines, Since: v.since(),
	}
	if months, err := strconv.Atoi(a.Quiet); err == nil {
		q.NotSince = events.DateOf(v.s.cfg.Now().AddDate(0, -months, 0))
	}
	a.Mine = a.Mine && len(mine) > 0
	if a.Mine {
		q.Gemeenten = mine
	}
	named := a.Gemeente
	a.Gemeente = "" // when it is none of this region
	for _, g := range v.s.cfg.Regions.In(v.s.cfg.Book.Region, v.today()) {
		if strings.EqualFold(g.Gemeente.Name, named) {
			a.Gemeente, q.Gemeenten = g.Gemeente.Name, []string{g.Gemeente.Code}
		}
	}
	return q, len(q.Gemeenten) > 0 || q.Sector != "" || q.Size != "" || q.NotSince != ""
}

func (v *visit) regionGemeenten() (codes []string) {
	for _, g := range v.s.cfg.Regions.In(v.s.cfg.Book.Region, v.today()) {
		codes = append(codes, g.Gemeente.Code)
	}
	return codes
}

// ownGemeenten are those that the reader's partner serves, where it names any.
func (v *visit) ownGemeenten() []string {
	if p := v.s.partner(v.person.Partner); p != nil {
		return p.Gemeenten
	}
	return nil
}

// findPath is the address of a question.
func (v *visit) findPath(a *findAsked, more ...string) string {
	q := url.Values{}
	for name, value := range map[string]string{
		"zoek": a.Text, "gemeente": a.Gemeente, "sector": a.Sector, "grootte": a.Size, "stil": a.Quiet, "sorteer": a.Sort,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if a.Mine {
		q.Set("mijn", "ja")
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	if len(q) == 0 {
		return employersPath
	}
	return employersPath + "?" + q.Encode()
}

// findForm is what can be chosen, and what was.
func (v *visit) findForm(d *findPage) {
	a := &d.Asked
	gemeenten := choiceList{Field: "gemeente", Label: v.t("zoeken.gemeente"), Any: v.t("zoeken.gemeente-alle")}
	for _, g := range v.s.cfg.Regions.In(v.s.cfg.Book.Region, v.today()) {
		gemeenten.Options = append(gemeenten.Options, option{g.Gemeente.Name, g.Gemeente.Name, g.Gemeente.Name == a.Gemeente})
	}
	sectors := choiceList{Field: "sector", Label: v.t("zoeken.sector"), Any: v.t("zoeken.sector-alle")}
	for _, s := range events.Values("sector") {
		sectors.Options = append(sectors.Options, option{s, v.lang.word("sector", s), s == a.Sector})
	}
	sizes := choiceList{Field: "grootte", Label: v.t("zoeken.grootte"), Any: v.t("zoeken.grootte-alle")}
	for _, s := range events.Values("grootteklasse") {
		sizes.Options = append(sizes.Options, option{s, v.lang.word("grootte", s), s == a.Size})
	}
	quiet := choiceList{Field: "stil", Label: v.t("zoeken.stil"), Any: v.t("zoeken.stil-alle")}
	for _, s := range quiets {
		quiet.Options = append(quiet.Options, option{s, v.lang.word("zoeken.stil", s), s == a.Quiet})
	}
	order := choiceList{Field: "sorteer", Label: v.t("zoeken.sorteer"), Any: v.t("zoeken.sorteer-beste")}
	for _, s := range []string{"laatste", "naam"} {
		order.Options = append(order.Options, option{s, v.lang.word("zoeken.sorteer", s), s == a.Sort})
	}
	d.Choices = []choiceList{gemeenten, sectors, sizes, quiet, order}
	off := func(name string, change func(*findAsked)) {
		without := *a
		change(&without)
		d.Pills = append(d.Pills, pill{Name: name, Path: v.findPath(&without)})
	}
	if a.Gemeente != "" {
		off(a.Gemeente, func(a *findAsked) { a.Gemeente = "" })
	}
	if a.Mine {
		off(v.t("zoeken.mijn"), func(a *findAsked) { a.Mine = false })
	}
	if a.Sector != "" {
		off(v.lang.word("sector", a.Sector), func(a *findAsked) { a.Sector = "" })
	}
	if a.Size != "" {
		off(v.lang.word("grootte", a.Size), func(a *findAsked) { a.Size = "" })
	}
	if a.Quiet != "" {
		off(v.lang.word("zoeken.stil", a.Quiet), func(a *findAsked) { a.Quiet = "" })
	}
	if len(d.Pills) > 1 {
		d.Clear = v.findPath(&findAsked{Text: a.Text, Sort: a.Sort})
	}
}

// hitLines asks the advice on all hits in one question.
func (v *visit) hitLines(hits []web.Hit) ([]hitLine, error) {
	lines := make([]hitLine, 0, len(hits))
	if len(hits) == 0 {
		return lines, nil
	}
	all, err := v.orgs()
	if err != nil {
		return nil, err
	}
	asked := make([]events.Employer, len(hits))
	for i := range hits {
		if asked[i], err = events.ParseEmployerKey(hits[i].Employer.Key); err != nil {
			return nil, err
		}
	}
	advice, err := v.api.Tour(v.ctx(), asked, "", "", "", v.since())
	if err != nil {
		return nil, err
	}
	for i := range hits {
		lines = append(lines, v.hitLine(&hits[i], &advice.Advices[i].Advice, all))
	}
	return lines, nil
}

func (v *visit) hitLine(h *web.Hit, a *ledger.Advice, all *orgs) hitLine {
	line := hitLine{
		Name: v.hitName(&h.Found), Number: numberOf(h.Employer), Path: employersPath + "/" + url.PathEscape(h.Employer.Key),
		Verdict: v.lang.word("oordeel", string(a.Outcome)), Class: verdictClass(a.Outcome),
	}
	if h.Place != nil {
		line.Place = *h.Place
	}
	if len(h.Others) > 0 && slices.Contains(h.Why, "eerdere-naam") {
		line.Others = v.lang.list(h.Others)
	}
	if len(h.Why) > 0 {
		line.Why = v.lang.words("gevonden", h.Why...)
	}
	if a.Call != nil {
		c := v.callee(*a.Call, all)
		line.Call = &c
	}
	if l := a.LastVisit; l != nil {
		line.Last = &visited{Org: all.of(l.Partner), Date: l.Date}
		if l.AccountManager != nil {
			line.Last.Name = l.AccountManager.Name
		}
	} else if h.Last != nil {
		line.LastDay = *h.Last
	}
	if len(a.OtherPlans) > 0 {
		p := &a.OtherPlans[0]
		line.Plan = &planned{Org: all.of(p.Partner), From: p.From, To: p.To}
		if p.AccountManager != nil {
			line.Plan.Name = p.AccountManager.Name
		}
	}
	return line
}

// verdictClass is the colour of a verdict's tag.
func verdictClass(o events.Outcome) string {
	switch o {
	case events.Attention:
		return "warn"
	case events.Taken, events.Refused:
		return "bad"
	}
	return "ok"
}

func (v *visit) hitName(f *web.Found) string {
	if f.Name != nil {
		return *f.Name
	}
	return v.keyName(f.Employer)
}

// numberOf is the number by which people know an employer; empty when it has none yet.
func numberOf(e web.EmployerName) string {
	if e.Foreign != nil {
		return e.Foreign.Number
	}
	return e.KvK
}

// digits are those of a text that is nothing but a number: "6875 0110" is 68750110.
func digits(text string) string {
	text = strings.NewReplacer(" ", "", ".", "", "-", "", "\u00a0", "").Replace(text)
	if strings.ContainsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		return ""
	}
	return text
}

func hasKey(hits []web.Hit, key string) bool {
	return slices.ContainsFunc(hits, func(h web.Hit) bool { return slices.Contains(h.Keys, key) })
}

// suggested is an employer while somebody types.
type suggested struct {
	ID, Path, Name, Place, Number string
	Last                          events.Date
}

// suggestEmployers is the list under the search, for script.
func (v *visit) suggestEmployers() (*page, error) {
	var list []suggested
	if text := v.searched(); utf8.RuneCountInString(text) >= leastSearched {
		found, err := v.api.FindWith(v.ctx(), web.FindQuestion{Text: text, Max: suggestions})
		if err != nil {
			return nil, err
		}
		for i := range found.Employers {
			h := &found.Employers[i]
			s := suggested{
				ID: "q-" + strconv.Itoa(i+1), Path: employersPath + "/" + url.PathEscape(h.Employer.Key), Name: v.hitName(&h.Found), Number: numberOf(h.Employer),
			}
			if h.Place != nil {
				s.Place = *h.Place
			}
			if h.Last != nil {
				s.Last = *h.Last
			}
			list = append(list, s)
		}
	}
	return nil, v.fragment("suggesties", "suggesties", list)
}
