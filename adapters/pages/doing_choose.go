package pages

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// choosePage is where a visit begins that is to be logged: at which employer.
type choosePage struct {
	Query  string
	Found  []chosen
	Total  int
	Short  bool // too little was typed
	Away   bool // searching is not possible for the moment
	Due    []chosen
	Coming []chosen
	Recent []chosen
}

// chosen is an employer to log a visit at.
type chosen struct {
	Name, Town string
	Number     string // of the employer, for two of one name
	Path       string
	Purpose    string
	From, To   events.Date
}

// How far back and ahead one's own plans are offered, and how many other employers.
const (
	dueBack    = 14
	dueAhead   = 14
	recentBack = 120
	mostRecent = 8
)

func (v *visit) chooseEmployer() (*page, error) {
	data := &choosePage{Query: v.query("zoek")}
	fresh, err := v.choosePlans(data)
	if err != nil {
		return nil, err
	}
	if data.Query != "" {
		if err := v.chooseFound(data); err != nil {
			return nil, err
		}
	}
	return &page{template: "vastleggen", title: v.t("doen.kies.titel"), nav: "/vastleggen", upTo: fresh, data: data}, nil
}

// choosePlans are one's own plans that are due, those to come, and where one was busy.
func (v *visit) choosePlans(data *choosePage) (web.Freshness, error) {
	today := v.today()
	q := web.PlansQuestion{Employee: v.person.Employee, All: true, From: today.AddDays(-recentBack), To: today.AddDays(dueAhead), Max: 200, Since: v.since()}
	var all []web.PlannedApproach
	var fresh web.Freshness
	for range 3 { // 600 are more than anybody has
		a, err := v.api.Plans(v.ctx(), q)
		if err != nil {
			return fresh, err
		}
		fresh, all = a.Freshness, append(all, a.Plans...)
		if q.After = a.Next; a.Next == "" {
			break
		}
	}
	var seen []string
	for i := range all {
		p := &all[i]
		open := slices.Contains([]string{"gepland", "bevestigd", "verzet", "verlopen"}, p.Status)
		switch {
		case !open:
			continue
		case p.From <= today && p.To >= today.AddDays(-dueBack):
			data.Due = append(data.Due, v.chosen(p))
		case p.From > today:
			data.Coming = append(data.Coming, v.chosen(p))
		default:
			continue
		}
		seen = append(seen, p.Employer.Key)
	}
	for i := len(all) - 1; i >= 0 && len(data.Recent) < mostRecent; i-- {
		if p := &all[i]; !slices.Contains(seen, p.Employer.Key) && p.Status != "ingetrokken" {
			seen = append(seen, p.Employer.Key)
			one := v.chosen(p)
			one.Path, one.Purpose = visitPath(p.Employer, ""), ""
			data.Recent = append(data.Recent, one)
		}
	}
	return fresh, nil
}

func (v *visit) chosen(p *web.PlannedApproach) chosen {
	c := chosen{Name: v.t("algemeen.zonder-naam"), Number: p.Employer.Key, Path: visitPath(p.Employer, p.Approach), Purpose: p.Purpose, From: p.From, To: p.To}
	if p.Name != nil {
		c.Name = *p.Name
	}
	return c
}

// visitPath is where a visit is logged, of a plan or of none.
func visitPath(e web.EmployerName, plan string) string {
	q := url.Values{}
	if plan != "" {
		q.Set("plan", plan)
	}
	if e.Establishment != "" {
		q.Set("vestiging", e.Establishment)
	}
	path := "/werkgevers/" + url.PathEscape(e.Key) + "/bezoek"
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

// chooseFound are the employers that match what was typed.
func (v *visit) chooseFound(data *choosePage) error {
	a, err := v.api.Find(v.ctx(), data.Query, "", 12, 0)
	var p ledger.Problem
	switch {
	case errors.As(err, &p) && p.Status == http.StatusBadRequest:
		data.Short = true
		return nil
	case errors.As(err, &p) && p.Status == http.StatusServiceUnavailable:
		data.Away = true
		return nil
	case err != nil:
		return err
	}
	data.Total = a.Total
	for i := range a.Employers {
		hit := &a.Employers[i]
		c := chosen{Name: v.t("algemeen.zonder-naam"), Number: hit.Employer.Key, Path: visitPath(hit.Employer, "")}
		if hit.Name != nil {
			c.Name = *hit.Name
		}
		if hit.Place != nil {
			c.Town = *hit.Place
		}
		data.Found = append(data.Found, c)
	}
	return nil
}
