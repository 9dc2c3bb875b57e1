package pages

import (
	"net/http"
	"net/url"
	"slices"

	"huisboek/adapters/web"
	"huisboek/events"
)

const (
	followedPath  = "/gevolgd"
	followedLines = 50 // on a page
	// followedPlaces is of how many establishments of one employer the book remembers
	// that they are followed.
	followedPlaces = 8
)

// followedPage is what one's own partner follows.
type followedPage struct {
	Lines []followedLine
	Total int
	Next  string
	First string
}

// followedLine is an employer, or an establishment of it, and the form to let go of it.
type followedLine struct {
	Name          string
	Facts         []string
	Path          string // of the employer
	End           string // where letting go is sent to
	FormID        string
	Establishment string
}

// followed is the list of what one's own partner follows.
func (v *visit) followed() (*page, error) { return v.followedWith(nil) }

func (v *visit) followedWith(faults []fault) (*page, error) {
	after := v.query("na")
	a, err := v.api.Followed(v.ctx(), after, followedLines, v.since())
	if err != nil {
		return nil, err
	}
	data := &followedPage{Total: a.Total}
	for i := range a.Followed {
		data.Lines = append(data.Lines, v.followedLine(&a.Followed[i]))
	}
	if a.Next != "" {
		data.Next = followedPath + "?" + url.Values{"na": {a.Next}}.Encode()
	}
	if after != "" {
		data.First = followedPath
	}
	p := &page{template: "gevolgd", title: v.t("gevolgd.titel"), crumbs: []crumb{{v.t("mijn.titel"), "/mijn"}}, upTo: a.Freshness, faults: faults, data: data}
	if len(faults) > 0 {
		p.status = http.StatusConflict
	}
	return p, nil
}

func (v *visit) followedLine(f *web.FollowedEmployer) followedLine {
	path, query := employersPath+"/"+url.PathEscape(f.Employer.Key), ""
	if f.Employer.Establishment != "" {
		query = "?" + url.Values{"vestiging": {f.Employer.Establishment}}.Encode()
	}
	line := followedLine{
		Name: v.keyName(f.Employer), Path: path + query, End: path + "/volgen" + query,
		FormID: newID(), Establishment: f.Employer.Establishment,
	}
	if f.Employer.KvK != "" {
		line.Facts = append(line.Facts, v.t("plan.kvk", f.Employer.KvK))
	}
	if line.Establishment != "" {
		line.Facts = append(line.Facts, v.t("gevolgd.vestiging", line.Establishment))
	}
	if f.Name != nil {
		line.Name = *f.Name
	}
	if f.Place != nil {
		line.Facts = append(line.Facts, *f.Place)
	}
	return line
}

// followsEnough reports whether as many establishments of an employer are followed as the
// book remembers: one more would silently take the place of another.
func (v *visit) followsEnough(e events.Employer) (bool, error) {
	if e.Establishment == "" {
		return false, nil
	}
	same, err := v.api.Timeline(v.ctx(), web.ContactsQuestion{Employer: e, Max: 1, Since: v.since()}) // it has no contact persons: this is no look
	if err != nil {
		return false, err
	}
	keys, n := same.Keys, 0
	for after := ""; ; {
		a, err := v.api.Followed(v.ctx(), after, maxNamed, v.since())
		if err != nil {
			return false, err
		}
		for i := range a.Followed {
			if of := &a.Followed[i].Employer; of.Establishment != "" && of.Establishment != e.Establishment && slices.Contains(keys, of.Key) {
				n++
			}
		}
		if after = a.Next; after == "" {
			return n >= followedPlaces, nil
		}
	}
}
