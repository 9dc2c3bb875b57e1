package pages

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
)

// targetPage is what the page of one target shows.
type targetPage struct {
	headline
	Facts    []string
	Moment   moment
	Months   []courseRow
	Expected *expectation
	Split    *splitView
	Left     *leftOut
	Doubles  []doubleLine
	Doubt    string // how many may be double, in words; empty: none
	Gone     []string
	Meaning  []meaning
	Versions []versionLine
	CSV      string
	XLSX     string
	Why      string // where a difference is explained
}

// moment is of which day and as known when a standing is, and the form for another.
type moment struct {
	On, Known string // as filled in
	Says      string
	Yet       bool   // the day has yet to come
	Of        string // as known then: the address of the same day as known now
	Split     []pair // what the form carries along
}

// pair is a name with a value.
type pair struct{ Name, Value string }

// courseRow is a row of the table below a trajectory.
type courseRow struct {
	Day                  string
	Date                 events.Date
	Came, So, Agreed, To string
}

// expectation is where it goes, in numbers.
type expectation struct {
	Day, Amount, Low, High, Method string
}

// meaning is a member of the definition in words.
type meaning struct{ Term, Text string }

// versionLine is a version of a target.
type versionLine struct {
	Number int
	At     string
	Date   events.Date
	Reason string
	Of     string
}

// standingAsked reads the two days and the dimensions of the address. What is wrong with
// a day is a fault, and the standing is then that of now.
func (v *visit) standingAsked() (q web.StandingQuestion, faults []fault, err error) {
	q = web.StandingQuestion{Target: v.r.PathValue("doelstelling"), Since: v.since(), Across: v.acrossAsked()}
	if !idForm.MatchString(q.Target) {
		return q, nil, errNoPage
	}
	for _, one := range []struct {
		name string
		to   func(events.Date)
	}{
		{"peildatum", func(d events.Date) { q.On = d }},
		{"bekendOp", func(d events.Date) { q.Known = string(d) }},
	} {
		text := v.query(one.name)
		if text == "" {
			continue
		}
		if day, err := events.ParseDate(text); err != nil {
			faults = append(faults, fault{one.name, v.t("doel.geen-dag")})
		} else {
			one.to(day)
		}
	}
	return q, faults, nil
}

// acrossAsked are one or two known dimensions; per=a,b is the same as per=a&met=b.
func (v *visit) acrossAsked() []string {
	var across []string
	for _, name := range append(strings.Split(v.query("per"), ","), v.query("met")) {
		if slices.Contains(splitDimensions, name) && !slices.Contains(across, name) && len(across) < 2 {
			across = append(across, name)
		}
	}
	return across
}

func (v *visit) target() (*page, error) {
	q, faults, err := v.standingAsked()
	if err != nil {
		return nil, err
	}
	answer, err := v.api.Standing(v.ctx(), q)
	if err != nil {
		return nil, err
	}
	s := v.stoodOf(answer)
	data := &targetPage{headline: *v.headline(s)}
	p := &page{
		template: "doel", nav: targetsPath, title: s.target.Name, upTo: answer.Freshness, faults: faults, data: data,
		crumbs: []crumb{{v.t("menu.doelen"), targetsPath}}, marks: []string{valueMark("stand", data.Total)},
	}
	if len(faults) > 0 {
		p.status = 400
	}
	data.Chart = v.trajectory(s, "pad", plotHeight)
	data.Months = v.courseRows(s)
	if f := answer.Forecast; f != nil {
		data.Expected = &expectation{v.lang.date(s.target.Period.To), v.amount(f.Expected), v.amount(f.Low), v.amount(f.High), v.lang.of(f.Method)}
	}
	data.Moment = v.momentOf(&q, answer)
	data.Facts = []string{v.s.regionName(), v.lang.days(s.target.Period.From, s.target.Period.To)}
	data.Split = v.split(s, answer, q)
	data.Meaning = v.meaning(s.target)
	for _, l := range answer.Left {
		data.Gone = append(data.Gone, v.coded("vertrokken."+l.Past, l.Partner.Name, v.lang.date(l.From)))
	}
	data.addresses(&q)
	if err := v.aroundTarget(data, answer, q); err != nil {
		return nil, err
	}
	return p, nil
}

// aroundTarget asks what stands beside a standing: its versions, what may be double, and
// the names of the employers of one's own that do not count.
func (v *visit) aroundTarget(data *targetPage, answer *web.StandingAnswer, q web.StandingQuestion) error {
	if answer.Target.Version > 1 {
		all, err := v.api.Target(v.ctx(), q.Target, v.since())
		if err != nil {
			return err
		}
		data.Versions = v.versions(all.Versions, answer.Target.Version)
	}
	var pairs []web.PlacementDouble
	if answer.Doubts > 0 {
		key := "doel.mogelijk-dubbel"
		if answer.Settled != nil {
			key = "doel.hooguit-dubbel"
		}
		data.Doubt = v.t(key, answer.Doubts)
		if v.is(signin.AccountManager, signin.PartnerManager, signin.Steward) && q.Known == "" {
			found, err := v.api.PlacementDoubles(v.ctx(), "", "", 5, v.since())
			if err != nil {
				return err
			}
			pairs = found.Doubles
		}
	}
	names, err := v.namesOf(append(ownEmployers(answer.NotCounted), employersOf(pairs)...))
	if err != nil {
		return err
	}
	data.Left = v.leftOut(answer.NotCounted, names)
	for i := range pairs {
		data.Doubles = append(data.Doubles, v.doubleLine(&pairs[i], names))
	}
	return nil
}

// namesAtOnce is how many employers the API names in one answer.
const namesAtOnce = 200

// namesOf are the names of employers by their keys; who nobody described has none.
func (v *visit) namesOf(keys []string) (map[string]string, error) {
	slices.Sort(keys)
	keys = slices.Compact(keys)
	names := map[string]string{}
	if len(keys) == 0 || v.is(signin.Board) {
		return names, nil
	}
	found, err := v.api.Named(v.ctx(), keys[:min(len(keys), namesAtOnce)], v.since())
	if err != nil {
		return nil, err
	}
	for i, hit := range found.Employers {
		if hit.Name == nil {
			continue
		}
		for _, key := range hit.Keys {
			names[key] = *hit.Name
		}
		if i < len(keys) && len(found.Employers) == len(keys) {
			names[keys[i]] = *hit.Name
		}
	}
	return names, nil
}

// momentOf says what one is looking at.
func (v *visit) momentOf(q *web.StandingQuestion, a *web.StandingAnswer) moment {
	m := moment{On: v.query("peildatum"), Known: v.query("bekendOp"), Yet: a.On.After(v.today())}
	day := v.lang.date(a.On)
	if a.On == v.today() {
		day = v.t("doel.vandaag", day)
	}
	m.Says = v.t("doel.stand-nu", day)
	if a.Known != nil {
		m.Says = v.t("doel.stand-toen", day, v.lang.date(events.DateOf(*a.Known)))
		then := url.Values{"peildatum": {string(a.On)}}
		setAcross(then, q.Across)
		m.Of = targetsPath + "/" + q.Target + "?" + then.Encode()
	}
	for i, name := range []string{"per", "met"} {
		if i < len(q.Across) {
			m.Split = append(m.Split, pair{name, q.Across[i]})
		}
	}
	return m
}

func setAcross(values url.Values, across []string) {
	if len(across) > 0 {
		values.Set("per", strings.Join(across, ","))
	}
}

// addresses are those of what goes with the same question.
func (d *targetPage) addresses(q *web.StandingQuestion) {
	values := url.Values{}
	if q.On != "" {
		values.Set("peildatum", string(q.On))
	}
	why := url.Values{}
	for name, value := range map[string]string{"peildatum": string(q.On), "van": q.Known} {
		if value != "" {
			why.Set(name, value)
		}
	}
	if q.Known != "" {
		values.Set("bekendOp", q.Known)
	}
	setAcross(values, q.Across)
	path := targetsPath + "/" + q.Target
	values.Set("vorm", "csv")
	d.CSV = path + "/bestand?" + values.Encode()
	values.Set("vorm", "xlsx")
	d.XLSX = path + "/bestand?" + values.Encode()
	d.Why = path + "/verschil"
	if len(why) > 0 {
		d.Why += "?" + why.Encode()
	}
}

// fileForms are the forms of a file, with their media type.
var fileForms = map[string]string{
	"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// targetFile is a standing as a file, whole before the first byte goes out.
func (v *visit) targetFile() (*page, error) {
	q, faults, err := v.standingAsked()
	form := v.query("vorm")
	if err != nil || len(faults) > 0 || fileForms[form] == "" {
		return nil, errNoPage
	}
	var body bytes.Buffer
	if err := v.api.Sheet(v.ctx(), q, form, string(v.lang), &body); err != nil {
		return nil, err
	}
	day := q.On
	if day == "" {
		day = v.today()
	}
	v.w.Header().Set("Content-Type", fileForms[form])
	v.w.Header().Set("Content-Disposition", `attachment; filename="doelstelling-`+q.Target[:8]+`-`+string(day)+`.`+form+`"`)
	v.w.Header().Set("Content-Length", strconv.Itoa(body.Len()))
	_, err = body.WriteTo(v.w)
	return nil, err
}

func (v *visit) courseRows(s *stood) []courseRow {
	var rows []courseRow
	number := float64(s.target.Number)
	for _, m := range s.shownMonths() {
		end := s.endOf(m.Month)
		rows = append(rows, courseRow{
			Day: v.lang.date(end), Date: end, Came: v.amount(m.Count), So: v.amount(m.So), Agreed: v.amount(m.Agreed), To: v.amount(max(number-m.So, 0)),
		})
	}
	return rows
}

func (v *visit) versions(all []web.Target, here int) []versionLine {
	var lines []versionLine
	for i := len(all) - 1; i >= 0; i-- {
		t := &all[i]
		day := events.DateOf(t.At)
		line := versionLine{Number: t.Version, At: v.lang.date(day), Date: day, Reason: t.Reason, Of: v.coded("maat-van."+t.Measure, v.lang.num(t.TargetSet.Number))}
		if t.Version == here {
			line.Of = v.t("doel.deze-versie", line.Of)
		}
		lines = append(lines, line)
	}
	return lines
}

// meaning is the definition of a target in words.
func (v *visit) meaning(t *web.Target) []meaning {
	var all []meaning
	add := func(key, text string) {
		if text != "" {
			all = append(all, meaning{v.coded("definitie." + key), text})
		}
	}
	d := &t.Definition
	add("telt", v.coded("maat-telt."+t.Measure))
	add("periode", v.lang.days(t.Period.From, t.Period.To))
	add("soorten", v.inWords("plaatsing", d.Kinds))
	if len(d.Kinds) == 0 && t.Measure == events.MeasureJobs {
		add("soorten", v.t("definitie.alle-soorten-banen"))
	} else if len(d.Kinds) == 0 && t.Measure == events.MeasurePlacements {
		add("soorten", v.t("definitie.alle-soorten"))
	}
	add("diensten", v.inWords("dienst", d.Services))
	add("doelen", v.inWords("doel", d.Purposes))
	if d.LeastHours != nil {
		add("uren", v.t("definitie.uren-minstens", v.amount(float64(*d.LeastHours)/100)))
	}
	if d.LeastDays != nil {
		add("duur", v.t("definitie.dagen-minstens", *d.LeastDays))
	}
	if d.Standing {
		add("lopend", v.t("definitie.lopend-zin"))
	}
	add("doelgroepen", v.inWords("doelgroep", t.Groups))
	if t.Register != nil {
		add("register", v.lang.word("register", map[bool]string{true: "ja", false: "nee"}[*t.Register]))
	}
	if t.Sector != "" {
		add("sector", v.lang.word("sector", t.Sector))
	}
	add("subregio", t.Subregion)
	add("toelichting", d.Note)
	add("besluit", t.Decision)
	add("versie", v.t("definitie.versie-zin", t.Version, v.lang.date(events.DateOf(t.At))))
	add("reden", t.Reason)
	return all
}

// inWords are codes in words, in a list.
func (v *visit) inWords(set string, codes []string) string {
	said := make([]string, len(codes))
	for i, c := range codes {
		said[i] = v.lang.word(set, c)
	}
	return v.lang.list(said)
}
