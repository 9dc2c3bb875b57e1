package pages

import (
	"cmp"
	"net/url"
	"strconv"

	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
)

// placementDoublesPage is what the page of placements that may be the same shows.
type placementDoublesPage struct {
	State   string // which are shown
	Choices []choice
	Total   string
	Count   int
	Pairs   []doublePair
	Next    string
	Steward bool
	Done    *doublePair // what was just said, to say otherwise
	Reason  string      // as filled in, when it was refused
	MaxNote int
}

// doublePair is a pair with what can be said of it.
type doublePair struct {
	doubleLine
	ID     string // of the event that a form sends
	Anchor string
	Sides  [2]doubleSide
	Alike  []string
	Score  string // empty: not the reader's
	Strong bool
	Words  []string // what was said
	Mine   string   // what the reader's own partner said last: gelijk, onderscheiden
	State  string
	Says   string // what its state means
	Faults []fault
	Reason string
}

// doubleLine is a pair in short.
type doubleLine struct {
	Employer, Path string
	Partners       string
	Month          string
}

// doubleSide is one of the two.
type doubleSide struct {
	Partner, Kind string
	Month         string
	Start         string // of one's own
	Date          events.Date
	Own           bool
	Position      string
	Source, ID    string
}

// pairsAtOnce is how many pairs a page shows.
const pairsAtOnce = 20

// maxReason is how long a reason may be, as of every text (docs/contract.md).
const maxReason = 2000

var doubleStates = []string{"open", "gelijk", "onderscheiden"}

func (v *visit) placementDoubles() (*page, error) { return v.doublesWith(nil) }

// doublesWith is the page, with the form of one pair as it was refused.
func (v *visit) doublesWith(refused *form) (*page, error) {
	state := "open"
	for _, s := range doubleStates {
		if v.query("stand") == s {
			state = s
		}
	}
	a, err := v.api.PlacementDoubles(v.ctx(), state, v.query("na"), pairsAtOnce, v.since())
	if err != nil {
		return nil, err
	}
	data := &placementDoublesPage{State: state, Total: v.lang.num(a.Total), Count: a.Total, Steward: v.is(signin.Steward), MaxNote: maxReason}
	p := &page{template: "dubbelen", nav: v.doublesNav(), title: v.t("dubbelen.titel"), upTo: a.Freshness, marks: []string{}, data: data}
	for _, s := range doubleStates {
		data.Choices = append(data.Choices, choice{v.coded("dubbelstanden." + s), doublesPath + "?stand=" + s, s == state})
	}
	done, err := v.doneDouble()
	if err != nil {
		return nil, err
	}
	all := a.Doubles
	if done != nil {
		all = append(all[:len(all):len(all)], *done)
	}
	names, err := v.namesOf(employersOf(all))
	if err != nil {
		return nil, err
	}
	for i := range a.Doubles {
		pair := v.doublePair(&a.Doubles[i], names)
		if refused != nil && pair.is(refused) {
			pair.Faults, pair.Reason, pair.ID = refused.Faults, refused.Get("reden"), refused.Get("id")
			p.faults = refused.Faults
		}
		data.Pairs = append(data.Pairs, pair)
		p.marks = append(p.marks, pair.Anchor+pair.State)
	}
	if refused != nil && len(p.faults) == 0 {
		p.faults = refused.Faults
	}
	if done != nil {
		pair := v.doublePair(done, names)
		data.Done = &pair
	}
	if a.Next != "" {
		data.Next = doublesPath + "?" + url.Values{"stand": {state}, "na": {a.Next}}.Encode()
	}
	return p, nil
}

// doublesNav is the menu's item that the page belongs to.
func (v *visit) doublesNav() string {
	if v.is(signin.Steward) {
		return "/dubbel"
	}
	return targetsPath
}

// doneDouble is the pair of which something was just said: it may have left the list, and
// can be said otherwise from here.
func (v *visit) doneDouble() (*web.PlacementDouble, error) {
	state := map[string]string{"dubbel-gelijk": "gelijk", "dubbel-anders": "onderscheiden"}[v.query("gedaan")]
	first, second := v.query("plaatsing"), v.query("met")
	if state == "" || first == "" {
		return nil, nil
	}
	a, err := v.api.PlacementDoubles(v.ctx(), state, "", namesAtOnce, v.since())
	if err != nil {
		return nil, err
	}
	for i := range a.Doubles {
		d := &a.Doubles[i]
		if d.A.Event != nil && d.B.Event != nil && d.A.Event.ID == first && d.B.Event.ID == second {
			return d, nil
		}
	}
	return nil, nil
}

// judgeDouble says of two reports that they are of one placement, or of two.
func (v *visit) judgeDouble() (*page, error) {
	f, err := v.form()
	if err != nil {
		return nil, err
	}
	id, same := f.Get("id"), f.Get("zeg") == "gelijk"
	if !idForm.MatchString(id) || !same && f.Get("zeg") != "anders" {
		return nil, errNoPage
	}
	first := events.Ref{Source: f.Get("plaatsing-bron"), ID: f.Get("plaatsing-id")}
	second := events.Ref{Source: f.Get("met-bron"), ID: f.Get("met-id")}
	var reason events.Personal[string]
	if text := f.Get("reden"); text != "" {
		reason = events.Plainly(text)
	}
	var data events.Data = &events.PlacementsDistinct{Placement: &first, With: &second, Reason: reason}
	what := "dubbel-anders"
	if same {
		data, what = &events.PlacementsMatched{Placement: &first, With: &second, Reason: reason}, "dubbel-gelijk"
	}
	if f.Get("reden") == "" && f.Get("terug") == "" {
		f.wrong("reden-"+first.ID, v.t("dubbelen.reden-nodig"))
		return v.doublesWith(f)
	}
	receipt, err := v.emit(id, data, false)
	if err != nil {
		if err := v.refused(f, err, map[string]string{"/data/reden": "reden-" + first.ID}); err != nil {
			return nil, err
		}
		return v.doublesWith(f)
	}
	for _, r := range receipt.Reasons {
		if r.Code == "gelijkstelling-wacht" || r.Code == "regisseur-besliste" {
			what += "-" + map[bool]string{true: "wacht", false: "regisseur"}[r.Code == "gelijkstelling-wacht"]
		}
	}
	back := doublesPath + "?" + url.Values{"plaatsing": {first.ID}, "met": {second.ID}}.Encode()
	return nil, saved(back, what, receipt, id)
}

// is reports whether a form is of this pair.
func (p *doublePair) is(f *form) bool {
	return p.Sides[0].ID == f.Get("plaatsing-id") && p.Sides[1].ID == f.Get("met-id")
}

func employersOf(pairs []web.PlacementDouble) []string {
	var keys []string
	for i := range pairs {
		keys = append(keys, pairs[i].A.Employer, pairs[i].B.Employer)
	}
	return keys
}

func (v *visit) doubleLine(d *web.PlacementDouble, names map[string]string) doubleLine {
	line := doubleLine{
		Employer: cmp.Or(names[d.A.Employer], names[d.B.Employer], v.t("algemeen.zonder-naam")), Path: "/werkgevers/" + d.A.Employer,
		Partners: v.lang.list([]string{d.A.Partner.Name, d.B.Partner.Name}), Month: v.lang.month(d.A.Month),
	}
	if d.A.Month != d.B.Month {
		line.Month = v.lang.list([]string{v.lang.month(d.A.Month), v.lang.month(d.B.Month)})
	}
	return line
}

func (v *visit) doublePair(d *web.PlacementDouble, names map[string]string) doublePair {
	pair := doublePair{
		doubleLine: v.doubleLine(d, names), ID: newID(), State: d.State,
		Anchor: "p" + strconv.FormatUint(uint64(d.A.Position), 10) + "-" + strconv.FormatUint(uint64(d.B.Position), 10),
		Sides:  [2]doubleSide{v.doubleSide(&d.A), v.doubleSide(&d.B)},
	}
	if d.Score != nil {
		pair.Score, pair.Strong = v.lang.num(*d.Score), *d.Score >= 80
	}
	for _, r := range d.Reasons {
		pair.Alike = append(pair.Alike, v.lang.of(r.Sentence))
	}
	for _, w := range d.Words {
		key := "dubbelen.zei-anders"
		if w.Same {
			key = "dubbelen.zei-gelijk"
		}
		who := cmp.Or(w.Partner.Name, v.t("functie.regisseur"))
		if v.person.Partner != "" && w.Partner.ID == v.person.Partner {
			pair.Mine = map[bool]string{true: "gelijk", false: "onderscheiden"}[w.Same]
			who = v.t("dubbelen.u")
		}
		pair.Words = append(pair.Words, v.t(key, who))
	}
	pair.Says = v.doubleSays(&pair)
	return pair
}

// doubleSays is what the state of a pair means to who reads it.
func (v *visit) doubleSays(p *doublePair) string {
	switch {
	case p.State == "wacht" && p.Mine == "gelijk":
		return v.t("dubbelen.wacht-op-ander")
	case p.State == "wacht" && v.person.Partner != "":
		return v.t("dubbelen.wacht-op-u")
	}
	return v.lang.word("dubbelstand", p.State)
}

func (v *visit) doubleSide(d *web.DoubleSide) doubleSide {
	side := doubleSide{
		Partner: d.Partner.Name, Kind: v.s.kindOf(d.Partner), Month: v.lang.month(d.Month), Position: v.lang.num(uint64(d.Position)),
		Own: v.person.Partner != "" && d.Partner.ID == v.person.Partner,
	}
	if d.Start != nil {
		side.Date, side.Start = *d.Start, v.lang.date(*d.Start)
	}
	if d.Event != nil {
		side.Source, side.ID = d.Event.Source, d.Event.ID
	}
	return side
}
