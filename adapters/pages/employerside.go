package pages

import (
	"net/url"
	"slices"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
)

// employerSide is what stands beside the timeline.
type employerSide struct {
	Fixed       []fixedLine
	People      []events.ContactPerson
	Others      int // contact persons that another partner keeps
	OthersOf    string
	Vacancies   []vacancyLine
	MoreOpen    bool
	Signals     []signalLine
	Clashes     []clashLine
	ClashCount  int
	ClashesPath string
	Links       []linkLine
	Concern     string // the address with or without the concern
	InConcern   bool
	FormID      string // of what a form beside the timeline records
	Back        string // this page
	Whole       string // the address of the whole entity, of an establishment
	DescribedBy string
	DescribedOn events.Date
}

type fixedLine struct {
	Org                  org
	Name, Phone, Purpose string
	Establishment        string
	Since                events.Date
}

type vacancyLine struct {
	Anchor           string
	Org              org
	Occupation       string
	Left, Count      int
	Hours            string
	Since, Escalates events.Date
	Regional         bool // it is the whole region's by now
}

type signalLine struct {
	Date        events.Date
	Theme, Text string
}

type clashLine struct {
	On       events.Date
	Say, How string
	Open     bool
}

type linkLine struct {
	Kind  string
	Name  string
	Path  string
	Say   string
	State string
	// One and Other are the keys that were linked, for the steward to take back.
	One, Other string
}

func (v *visit) sideOf(a *web.EmployerAnswer, e events.Employer, all *orgs) employerSide {
	s := employerSide{MoreOpen: !a.VacanciesWhole, FormID: newID(), Back: v.r.URL.Path}
	for i := range a.Fixed {
		s.Fixed = append(s.Fixed, v.fixedLine(&a.Fixed[i], all))
	}
	if c := a.Card; c != nil {
		s.DescribedBy, s.DescribedOn = all.of(c.Partner).Name, events.DateOf(c.At)
		if s.People = c.People; len(c.People) == 0 {
			s.Others, s.OthersOf = c.PeopleCount, s.DescribedBy
		}
	}
	for i := range a.Vacancies {
		s.Vacancies = append(s.Vacancies, v.vacancyLine(&a.Vacancies[i], all))
	}
	for i := range a.Signals {
		line := signalLine{Date: a.Signals[i].Date, Theme: v.lang.word("thema", a.Signals[i].Theme)}
		if t := a.Signals[i].Text; t != nil {
			line.Text = *t
		}
		s.Signals = append(s.Signals, line)
	}
	if c := a.Clashes; c != nil && c.Count > 0 {
		s.ClashCount = c.Count
		s.ClashesPath = "/botsingen?" + url.Values{"werkgever": {e.Key()}}.Encode()
		for i := range c.Newest {
			one := &c.Newest[i]
			s.Clashes = append(s.Clashes, clashLine{one.FoundOn, v.lang.of(one.Sentence), v.lang.of(one.How), one.End == "open"})
		}
	}
	v.linksOf(&s, a, e, all)
	if e.Establishment != "" {
		s.Whole = employersPath + "/" + url.PathEscape(e.Key())
	}
	return s
}

func (v *visit) fixedLine(f *web.FixedContact, all *orgs) fixedLine {
	line := fixedLine{Org: all.of(f.Partner), Establishment: f.Establishment, Since: events.DateOf(f.At)}
	if f.AccountManager != nil {
		line.Name, line.Phone = f.AccountManager.Name, f.AccountManager.Phone
	}
	if f.Purpose != nil {
		line.Purpose = v.lang.word("doel", *f.Purpose)
	}
	return line
}

func (v *visit) vacancyLine(x *web.Vacancy, all *orgs) vacancyLine {
	line := vacancyLine{
		Anchor: anchorOf(x.Position), Org: all.of(x.Partner), Occupation: x.Occupation, Left: x.Left, Count: x.Count, Since: x.Date,
	}
	if x.Hours != nil {
		line.Hours = v.hours(*x.Hours)
	}
	if x.Escalates != nil {
		line.Escalates, line.Regional = *x.Escalates, *x.Escalates <= v.today()
	}
	return line
}

// nameLinks asks for the names of the other employers. Without them they are numbers.
func (v *visit) nameLinks(links []linkLine, keys []string) {
	if len(keys) == 0 {
		return
	}
	found, err := v.api.Named(v.ctx(), keys, 0)
	if err != nil {
		return
	}
	for i := range found.Employers {
		if name := found.Employers[i].Name; name != nil && i < len(links) {
			links[i].Name = *name
		}
	}
}

// linksOf are the other employers that this one belongs with; those it does not belong
// with are said too, when somebody said so.
func (v *visit) linksOf(s *employerSide, a *web.EmployerAnswer, e events.Employer, all *orgs) {
	concern := false
	var keys []string
	for i := range a.Links {
		l := &a.Links[i]
		other := l.With
		if slices.Contains(a.Keys, l.With.Key) && !slices.Contains(a.Keys, l.Employer.Key) || l.With.Key == e.Key() {
			other = l.Employer
		}
		line := linkLine{
			Name: v.keyName(other), Path: employersPath + "/" + url.PathEscape(other.Key), State: l.State,
			Say: v.t("werkgever.gezegd-door", all.of(l.Partner).Name, v.lang.date(events.DateOf(l.At))),
		}
		if v.is(signin.Steward) && l.State != "verbroken" {
			line.One, line.Other = l.Employer.Key, l.With.Key
		}
		if l.Kind != nil {
			line.Kind = v.lang.word("koppeling", *l.Kind)
			if *l.Kind == "opvolger" && other.Key == l.Employer.Key {
				line.Kind = v.t("werkgever.voorganger")
			}
			concern = concern || *l.Kind == "concern" && l.State == "geldt"
		}
		s.Links, keys = append(s.Links, line), append(keys, other.Key)
	}
	v.nameLinks(s.Links, keys)
	path := url.URL{Path: employersPath + "/" + e.Key()}
	q := url.Values{}
	if e.Establishment != "" {
		q.Set("vestiging", e.Establishment)
	}
	if s.InConcern = v.query("concern") == "ja"; !s.InConcern && concern {
		q.Set("concern", "ja")
	}
	if path.RawQuery = q.Encode(); concern || s.InConcern {
		s.Concern = path.String()
	}
}
