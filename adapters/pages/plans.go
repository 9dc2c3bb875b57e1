package pages

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// The addresses of this group of pages.
const (
	myDayPath    = "/vandaag"
	plansPath    = "/plannen"
	messagesPath = "/berichten"
	clashesPath  = "/botsingen"
	verdictsPath = "/oordelen"
)

// planRoutes are what somebody does this week, what others did that concerns him, what
// clashed, and why a verdict fell as it did.
var planRoutes = []route{
	{"GET " + myDayPath, ofPartner, (*visit).myDay},
	{"GET " + plansPath, readers, (*visit).agendaPage},
	{"GET " + messagesPath, ofPartner, (*visit).messages},
	{"POST " + messagesPath + "/meegaan", ofPartner, (*visit).confirmVisit},
	{"GET " + clashesPath, readers, (*visit).clashes},
	{"GET " + verdictsPath + "/{positie}", readers, (*visit).explained},
}

// employerLink is an employer as a line names it.
type employerLink struct{ Key, Name string }

// Path is the employer's page.
func (e employerLink) Path() string { return "/werkgevers/" + url.PathEscape(e.Key) }

// PlanPath is where one plans to go there.
func (e employerLink) PlanPath() string { return e.Path() + "/plan" }

// LogPath is where one logs that one went there, for the plan at a position.
func (e employerLink) LogPath(plan events.Position) string {
	return e.Path() + "/bezoek?plan=" + markOf(plan)
}

// employers are the names of employers by key. Without an index there are no names
// yet, and a page is no reason to wait for it: then it is the number.
func (v *visit) employers(keys []string) map[string]employerLink {
	all := map[string]employerLink{}
	for _, k := range keys {
		all[k] = employerLink{Key: k, Name: v.numberOf(k)}
	}
	keys = keys[:0:0]
	for k := range all {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for part := range slices.Chunk(keys, maxNamed) {
		found, err := v.api.Named(v.ctx(), part, 0)
		if err != nil || len(found.Employers) != len(part) {
			continue
		}
		for i, one := range found.Employers { // in the order of the question
			if one.Name != nil {
				all[part[i]] = employerLink{Key: part[i], Name: *one.Name}
			}
		}
	}
	return all
}

// maxNamed is how many employers are named in one question at most.
const maxNamed = 200

// numberOf is what an employer without a name is called.
func (v *visit) numberOf(key string) string {
	if e, err := events.ParseEmployerKey(key); err == nil && e.KvK != "" {
		return v.t("plan.kvk", key)
	}
	return v.t("algemeen.zonder-naam")
}

// planPath is where one sees a plan and, when it is one's own, changes it; at may be the
// position of any event of its approach.
func planPath(at events.Position) string { return plansPath + "/" + markOf(at) }

// call is somebody to ring.
type call struct{ Name, Phone string }

func callOf(p *ledger.Person) *call {
	if p == nil || p.Name == "" {
		return nil
	}
	return &call{p.Name, p.Phone}
}

// around is this page's address with other parameters: names and values in turn, an
// empty value takes one away. Where a list was and what was done is left out.
func (v *visit) around(pairs ...string) string {
	q := v.r.URL.Query()
	for _, passing := range []string{"na", "op", "gedaan", "melding"} {
		q.Del(passing)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return v.r.URL.Path
	}
	return v.r.URL.Path + "?" + q.Encode()
}

// older is this page from where a list went on.
func (v *visit) older(cursor string) string {
	if cursor == "" {
		return ""
	}
	u, err := url.Parse(v.around())
	if err != nil {
		return ""
	}
	q := u.Query()
	q.Set("na", cursor)
	u.RawQuery = q.Encode()
	return u.String()
}

// wayTo is one of a few choices in a row of links.
type wayTo struct {
	Name, Path string
	Here       bool
}

// partnerChoices are the partners that take part, one's own first in words.
func (v *visit) partnerChoices(chosen, all string) []option {
	out := []option{{"", all, chosen == ""}}
	partners, err := v.s.cfg.Partners()
	if err != nil {
		return out
	}
	partners = slices.Clone(partners)
	slices.SortFunc(partners, func(a, b ledger.Partner) int { return strings.Compare(a.Name, b.Name) })
	for _, p := range partners {
		out = append(out, option{p.ID, p.Name, p.ID == chosen})
	}
	return out
}

// named are partners by their identities, as people call them.
func (v *visit) named(urns []string) []string {
	partners, err := v.s.cfg.Partners()
	if err != nil {
		return nil
	}
	var names []string
	for _, urn := range urns {
		i := slices.IndexFunc(partners, func(p ledger.Partner) bool { return slices.Contains(p.Identities, urn) })
		if i >= 0 && !slices.Contains(names, partners[i].Name) {
			names = append(names, partners[i].Name)
		}
	}
	return names
}

// onDays is "op 20 januari" or "van 20 januari tot en met 5 februari".
func (v *visit) onDays(from, to events.Date) string {
	if to == "" || to == from {
		return v.t("plan.op-dag", v.day(from))
	}
	return v.t("plan.op-dagen", v.planDays(from, to))
}

// planDays is "20 januari", "20 tot en met 24 januari" or "30 januari tot en met 5 februari",
// with the year where that is not this one.
func (v *visit) planDays(from, to events.Date) string {
	if to == "" || to == from {
		return v.day(from)
	}
	year := string(v.today())[:4]
	if !strings.HasPrefix(string(from), year) || !strings.HasPrefix(string(to), year) {
		return v.lang.days(from, to)
	}
	first := v.day(from)
	if t, ok := timeOf(from); ok && from.Month() == to.Month() {
		first = strconv.Itoa(t.Day())
	}
	return v.t("tijd.van-tot", first, v.day(to))
}

// newest is the newer of two answers' states.
func newest(a, b web.Freshness) web.Freshness {
	if b.UpTo.Before(a.UpTo) && b.Position <= a.Position {
		return a
	}
	return b
}
