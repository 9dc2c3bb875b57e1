package pages

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"huisboek/adapters/web"
	"huisboek/events"
)

// How much of a timeline is asked for and shown.
const (
	timelineLines = 30  // on a page
	stripLines    = 200 // for the picture, at most
)

// tape is what was read of a timeline: a page of it, and what the picture needs.
type tape struct {
	e      events.Employer
	kind   string // of kinds; empty: all
	page   []web.Contact
	next   string // where the rest begins
	after  string // where this page began
	before events.Date
	recent []web.Contact // of the last fourteen months
	cut    bool          // recent is not all of them
}

// kinds are what a timeline is filtered by, as the address says it.
var kinds = []struct{ name, kind string }{
	{"bezoeken", "bezoek"}, {"diensten", "dienst"}, {"plaatsingen", "plaatsing"}, {"plannen", "plan"}, {"vacatures", "vacature"},
}

// tape reads what the page needs. An employer's answer begins with the newest lines:
// where those are all, nothing more is asked.
func (v *visit) tape(e events.Employer, concern bool, a *web.EmployerAnswer) (*tape, error) {
	t := &tape{e: e, after: v.query("na"), before: events.Date(v.query("voor")), recent: a.Contacts}
	if _, ok := timeOf(t.before); !ok {
		t.before = ""
	}
	q := web.ContactsQuestion{Employer: e, Concern: concern, Since: v.since()}
	start := events.DateOf(stripOf(v.today()).from)
	reaches := func(list []web.Contact) bool { return len(list) > 0 && lastDay(&list[len(list)-1]) < start }
	if a.Next != "" && !reaches(a.Contacts) {
		all := q
		all.From, all.Max = start, stripLines
		got, err := v.api.Timeline(v.ctx(), all)
		if err != nil {
			return nil, err
		}
		t.recent, t.cut = got.Contacts, got.Next != ""
	}
	for _, k := range kinds {
		if v.query("soort") == k.name {
			t.kind, q.Kinds = k.name, []string{k.kind}
		}
	}
	if a.Next == "" && t.kind == "" && t.after == "" {
		t.page = a.Contacts
		return t, nil
	}
	q.After, q.Max = t.after, timelineLines
	got, err := v.api.Timeline(v.ctx(), q)
	if err != nil {
		return nil, err
	}
	t.page, t.next = got.Contacts, got.Next
	return t, nil
}

// lastDay is by what a timeline is ordered.
func lastDay(c *web.Contact) events.Date {
	if c.Period != nil {
		return c.Period.To
	}
	return c.Date
}

// timeline is what happened, the newest first, in groups by year.
type timeline struct {
	Filters []pill
	Groups  []timeGroup
	Older   string // the address of what lies before; empty: nothing does
	Newer   string // back to the newest, on a page of older lines
	Empty   string // what to say when there is nothing
}

// pill is a choice in the address.
type pill struct {
	Name, Path string
	Here       bool
}

type timeGroup struct {
	Name string
	Rows []timeRow
}

// timeRow is a line: Class is its shape.
type timeRow struct {
	Anchor   string
	Class    string
	Org      org
	From, To events.Date
	Month    string // of placements that are a count: instead of a day
	Title    string
	Who      string
	Tags     []tag
	Lines    []string
	Note     string // what one's own partner wrote
	Change   string // where one's own is changed

	sort events.Date
}

// tag is a word with a colour.
type tag struct{ Class, Text string }

func (v *visit) timeline(t *tape, a *web.EmployerAnswer, all *orgs) *timeline {
	out := &timeline{Filters: v.timeFilters(t)}
	visits := map[string]bool{} // approaches that came to a visit which is on this page
	for i := range t.page {
		if c := &t.page[i]; c.Type == events.TypeVisitMade && c.Approach != nil {
			visits[*c.Approach] = true
		}
	}
	planned := map[string]events.Date{}
	var rows []timeRow
	for i := range t.page {
		c := &t.page[i]
		if c.Type == events.TypeVisitPlanned && c.Status == "afgelegd" && c.Approach != nil && visits[*c.Approach] && t.kind == "" {
			planned[*c.Approach] = events.DateOf(c.At) // the visit says so
			continue
		}
		rows = append(rows, v.timeRow(c, all))
	}
	v.announced(rows, t.page, planned)
	rows = append(rows, v.placedRows(t, a.Placements, all)...)
	slices.SortStableFunc(rows, func(a, b timeRow) int { return cmp.Compare(b.sort, a.sort) })
	today := v.today()
	for _, r := range rows {
		name := string(r.sort)[:4]
		if r.sort > today {
			name = v.t("verloop.straks")
		}
		if n := len(out.Groups); n == 0 || out.Groups[n-1].Name != name {
			out.Groups = append(out.Groups, timeGroup{Name: name})
		}
		g := &out.Groups[len(out.Groups)-1]
		g.Rows = append(g.Rows, r)
	}
	if t.next != "" {
		last := today
		if n := len(t.page); n > 0 {
			last = lastDay(&t.page[n-1])
		}
		out.Older = v.timePath(t, t.kind, "na", t.next, "voor", string(last))
	}
	if t.after != "" {
		out.Newer = v.timePath(t, t.kind)
	}
	if len(rows) == 0 {
		out.Empty = v.t("verloop.leeg")
		if t.kind != "" {
			out.Empty = v.t("verloop.leeg-soort")
		}
	}
	return out
}

// announced adds to a visit when its plan was told.
func (v *visit) announced(rows []timeRow, page []web.Contact, planned map[string]events.Date) {
	for i := range page {
		c := &page[i]
		if c.Type != events.TypeVisitMade || c.Approach == nil || planned[*c.Approach] == "" {
			continue
		}
		at := slices.IndexFunc(rows, func(r timeRow) bool { return r.Anchor == anchorOf(c.Position) })
		if at >= 0 {
			rows[at].Lines = append(rows[at].Lines, v.t("verloop.aangekondigd", v.day(planned[*c.Approach])))
		}
	}
}

// timePath is this page with another filter, or further on.
func (v *visit) timePath(t *tape, kind string, more ...string) string {
	q := url.Values{}
	if t.e.Establishment != "" {
		q.Set("vestiging", t.e.Establishment)
	}
	if v.query("concern") == "ja" {
		q.Set("concern", "ja")
	}
	if kind != "" {
		q.Set("soort", kind)
	}
	for i := 0; i+1 < len(more); i += 2 {
		q.Set(more[i], more[i+1])
	}
	path := employersPath + "/" + url.PathEscape(t.e.Key())
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path + "#verloop"
}

func (v *visit) timeFilters(t *tape) []pill {
	list := []pill{{v.t("algemeen.alles"), v.timePath(t, ""), t.kind == ""}}
	for _, k := range kinds {
		list = append(list, pill{v.lang.word("verloop.soort", k.name), v.timePath(t, k.name), t.kind == k.name})
	}
	return list
}

func anchorOf(at events.Position) string { return "e" + strconv.FormatUint(uint64(at), 10) }

// timeRow is a line of a contact.
func (v *visit) timeRow(c *web.Contact, all *orgs) timeRow {
	r := timeRow{Anchor: anchorOf(c.Position), Org: all.of(c.Partner), From: c.Date, To: lastDay(c), sort: lastDay(c)}
	if c.AccountManager != nil {
		r.Who = c.AccountManager.Name
	}
	if c.Note != nil {
		r.Note = *c.Note
	}
	switch c.Type {
	case events.TypeVisitPlanned:
		v.planRow(&r, c)
	case events.TypeVisitMade:
		r.Class, r.Title = "visit", v.visitTitle(c)
		if len(c.Outcome) > 0 {
			r.Lines = append(r.Lines, v.t("verloop.uitkomst", v.lang.words("uitkomst", c.Outcome...)))
		}
	case events.TypeServiceDelivered:
		v.serviceRow(&r, c)
	case events.TypePlacementMade:
		v.placementRow(&r, c)
	case events.TypeVacancyReported:
		v.vacancyRow(&r, c)
	case events.TypeSignalNoted:
		r.Class, r.Title = "signal", v.t("verloop.signaal", v.lang.word("thema", c.Theme))
		if c.Text != nil {
			r.Note = *c.Text
		}
	}
	v.ofAll(&r, c, all)
	return r
}

// ofAll is what a line of any type may say.
func (v *visit) ofAll(r *timeRow, c *web.Contact, all *orgs) {
	confirmed := all.named(c.Confirmed)
	if len(confirmed) > 0 {
		r.Lines = append(r.Lines, v.t("verloop.samen", v.lang.list(confirmed)))
	}
	if claimed := slices.DeleteFunc(all.named(c.With), func(n string) bool { return slices.Contains(confirmed, n) }); len(claimed) > 0 {
		r.Lines = append(r.Lines, v.t("verloop.samen-gezegd", v.lang.list(claimed)))
	}
	if c.AtRequest {
		r.Lines = append(r.Lines, v.t("verloop.op-verzoek"))
	}
	if len(c.TargetGroups) > 0 {
		r.Lines = append(r.Lines, v.t("verloop.doelgroepen", v.lang.words("doelgroep", c.TargetGroups...)))
	}
	if c.Establishment != "" {
		r.Lines = append(r.Lines, v.t("verloop.vestiging", c.Establishment))
	}
	if c.Erased {
		r.Tags = append(r.Tags, tag{"", v.t("algemeen.gewist")})
	}
	if c.Corrected {
		r.Tags = append(r.Tags, tag{"", v.t("verloop.verbeterd", v.day(events.DateOf(c.At)))})
	}
}

// visitTitle is "Bezoek: kennismaking", by how it went.
func (v *visit) visitTitle(c *web.Contact) string {
	form := "op-locatie"
	if c.Form != nil {
		form = *c.Form
	}
	purpose := ""
	if c.Purpose != nil {
		purpose = *c.Purpose
	}
	key := "verloop.bezoek." + form
	return v.t(key, lowered(v.lang.word("doel", purpose)))
}

func (v *visit) planRow(r *timeRow, c *web.Contact) {
	purpose := ""
	if c.Purpose != nil {
		purpose = *c.Purpose
	}
	r.Class, r.Title = "plan", v.t("verloop.plan", lowered(v.lang.word("doel", purpose)))
	open := false
	switch c.Status {
	case "gepland", "bevestigd", "verzet":
		open = true
		r.Tags = append(r.Tags, tag{"warn", v.t("verloop.loopt")})
		if c.Status == "verzet" {
			r.Tags = append(r.Tags, tag{"", v.lang.word("status", c.Status)})
		}
	case "afgelegd":
		r.Tags = append(r.Tags, tag{"ok", v.lang.word("status", c.Status)})
	default:
		r.Tags = append(r.Tags, tag{"", v.lang.word("status", c.Status)})
		r.Class = "plan past"
	}
	if c.Until != "" && c.Until != lastDay(c) {
		r.Lines = append(r.Lines, v.t("verloop.houdt-vast", v.lang.date(c.Until)))
	}
	if c.Despite {
		r.Lines = append(r.Lines, v.t("verloop.ondanks"))
	}
	if open && r.Org.Own && v.is(ofPartner...) {
		r.Change = "/plannen/" + strconv.FormatUint(uint64(c.Position), 10)
	}
}

func (v *visit) serviceRow(r *timeRow, c *web.Contact) {
	r.Class, r.Title = "service", v.t("verloop.dienst", lowered(v.lang.word("dienst", c.Service)))
	if c.Count > 1 {
		r.Lines = append(r.Lines, v.t("verloop.aantal", c.Count))
	}
	if c.TargetGroup != "" {
		r.Lines = append(r.Lines, v.t("verloop.doelgroepen", v.lang.word("doelgroep", c.TargetGroup)))
	}
}

func (v *visit) placementRow(r *timeRow, c *web.Contact) {
	r.Class, r.Title = "placement", v.t("verloop.plaatsing", lowered(v.lang.word("plaatsing", c.Kind)))
	if c.Hours != nil {
		r.Lines = append(r.Lines, v.t("verloop.uren", v.hours(*c.Hours)))
	}
	if c.TargetGroup != "" {
		r.Lines = append(r.Lines, v.t("verloop.doelgroepen", v.lang.word("doelgroep", c.TargetGroup)))
	}
	if c.Register != nil && *c.Register {
		r.Lines = append(r.Lines, v.t("verloop.doelgroepregister"))
	}
	if c.End != "" {
		r.Lines = append(r.Lines, v.t("verloop.tot", v.lang.date(c.End)))
	}
	if c.Status == "beeindigd" {
		r.Tags = append(r.Tags, tag{"", v.lang.word("status", c.Status)})
	}
}

func (v *visit) vacancyRow(r *timeRow, c *web.Contact) {
	r.Class, r.Title = "vacancy", v.t("verloop.vacature", c.Occupation)
	filled := 0
	if c.Filled != nil {
		filled = *c.Filled
	}
	r.Lines = append(r.Lines, v.t("verloop.plaatsen", c.Count, filled))
	if c.PerWeek != nil {
		r.Lines = append(r.Lines, v.t("verloop.uren", v.hours(*c.PerWeek)))
	}
	class := ""
	if c.Status == "open" {
		class = "warn"
	} else if c.Status == "vervuld" {
		class = "ok"
	}
	r.Tags = append(r.Tags, tag{class, v.lang.word("status", c.Status)})
}

// placedRows are others' placements, which are months and counts. Each stands on the
// page with its days, so that older pages do not say it again.
func (v *visit) placedRows(t *tape, placed []web.PlacementCount, all *orgs) (rows []timeRow) {
	if t.kind != "" && t.kind != "plaatsingen" {
		return nil
	}
	oldest := events.Date("")
	if n := len(t.page); t.next != "" && n > 0 {
		oldest = lastDay(&t.page[n-1])
	}
	for _, p := range placed {
		o := all.of(p.Partner)
		end := events.Date(p.Month + "-28")
		if o.Own || end < oldest || t.before != "" && end >= t.before {
			continue
		}
		rows = append(rows, timeRow{
			Class: "placement", Org: o, Month: p.Month, Title: v.t("strip.plaatsingen", p.Count), sort: end,
			Anchor: "m" + p.Month + "-" + p.Partner.ID,
		})
	}
	return rows
}

// hours are those of a week, as a language writes a number.
func (v *visit) hours(h events.Hundredths) string {
	if v.lang == dutch {
		return strings.ReplaceAll(h.String(), ".", ",")
	}
	return h.String()
}

// lowered is a word within a sentence: "Kennismaking" as "kennismaking", "UWV" as it is.
func lowered(s string) string {
	if len(s) > 1 && s[1] >= 'a' && s[1] <= 'z' && s[0] >= 'A' && s[0] <= 'Z' {
		return string(s[0]+'a'-'A') + s[1:]
	}
	return s
}
