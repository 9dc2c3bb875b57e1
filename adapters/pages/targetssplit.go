package pages

import (
	"cmp"
	"math"
	"net/url"
	"slices"
	"strings"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// splitDimensions are what a standing can be split by, in the order in which they are
// offered.
var splitDimensions = []string{"partner", "soort", "doelgroep", "doelgroepregister", "uren", "gemeente", "sector", "niveau", "subregio", "maand"}

// notOffered are the dimensions that say nothing of a measure.
var notOffered = map[string][]string{
	events.MeasureVisits:   {"doelgroepregister", "uren"},
	events.MeasureReached:  {"doelgroep", "doelgroepregister", "uren"},
	events.MeasureServices: {"doelgroepregister", "uren"},
	events.MeasureFilled:   {"soort", "doelgroep", "doelgroepregister", "uren"},
}

// The values of a dimension that are no value, in the order in which they stand below
// the others.
const (
	partUnknown = "onbekend"
	partRunning = "lopende-maand"
	partWaiting = "nog-niet-vrijgegeven"
	partHidden  = "afgeschermd"
)

var notValues = []string{partUnknown, partRunning, partWaiting, partHidden}

// splitView is a standing taken apart.
type splitView struct {
	Title     string
	Head      string   // of the parts
	Closed    string   // in words: others\' parts are up to the end of this month
	Choices   []choice // of one dimension
	With      []option // of what it can be crossed with
	Hidden    []pair   // what the form carries along
	Plain     bool     // the parts have nothing that was agreed
	Agreed    bool
	Own       bool
	Rows      []splitRow
	Whole     *bar // of all partners by their kind
	WholeOf   []pair
	Cross     *crossTable
	Notes     []string // what is not shown, and why
	Settled   string   // a month
	Rule      string   // how what is of more partners counts
	Differ    string   // how the agreed shares are to the number
	Sum, Goal string
}

// splitRow is one part.
type splitRow struct {
	Name    string
	Kind    string // class of colour; of a partner its kind
	First   bool   // it begins a group
	Group   string // the heading of that; of partners
	Special bool   // it is no value
	Own     bool
	Bar     bar
	Count   string
	Whole   string
	Agreed  string
	Verdict verdict
	order   int
	sort    string
	amount  float64
	goal    float64 // -1: nothing was agreed
	pace    float64 // which part of it would be there
}

// split takes a standing apart by what was asked; by partner when nothing was.
func (v *visit) split(s *stood, a *web.StandingAnswer, q web.StandingQuestion) *splitView {
	across := q.Across
	view := &splitView{}
	first, second := "partner", ""
	if len(across) > 0 {
		first = across[0]
	}
	if len(across) > 1 {
		second = across[1]
	}
	view.Title = v.t("splits.per", v.coded("splits-naar."+first))
	view.Head = v.coded("splits." + first)
	v.offers(view, s, q, first, second)
	if a.Split != nil && a.Split.Settled != nil && *a.Split.Settled != "" {
		view.Settled = v.lang.month(*a.Split.Settled)
	}
	switch {
	case second != "" && a.Split != nil:
		view.Title = v.t("splits.gekruist", v.coded("splits-naar."+first), v.coded("splits-naar."+second))
		view.Cross = v.crossed(s, a.Split)
	case first != "partner" && a.Split != nil:
		v.parts(view, s, a.Split)
	default:
		v.shares(view, s, a)
	}
	view.Notes = v.notShown(a)
	view.Sum = v.amount(s.total)
	return view
}

// offers are the ways to take it apart.
func (v *visit) offers(view *splitView, s *stood, q web.StandingQuestion, first, second string) {
	values := url.Values{}
	if q.On != "" {
		values.Set("peildatum", string(q.On))
		view.Hidden = append(view.Hidden, pair{"peildatum", string(q.On)})
	}
	if q.Known != "" {
		values.Set("bekendOp", q.Known)
		view.Hidden = append(view.Hidden, pair{"bekendOp", q.Known})
	}
	view.Hidden = append(view.Hidden, pair{"per", first})
	view.With = []option{{"", v.t("splits.niet-kruisen"), second == ""}}
	for _, d := range splitDimensions {
		if slices.Contains(notOffered[s.target.Measure], d) && d != first && d != second {
			continue
		}
		values.Set("per", d)
		view.Choices = append(view.Choices, choice{v.coded("splits." + d), targetsPath + "/" + q.Target + "?" + values.Encode() + "#uitsplitsing", d == first})
		if d != first {
			view.With = append(view.With, option{d, v.coded("splits." + d), d == second})
		}
	}
}

// shares are the parts of partners, with what each took on.
func (v *visit) shares(view *splitView, s *stood, a *web.StandingAnswer) {
	view.Rule = v.lang.of(a.SharesRule)
	view.Own = slices.ContainsFunc(a.Shares, func(x web.StandingShare) bool { return x.Own })
	agreed := 0
	others := s.pace()
	if month, pace, ok := s.closed(a); ok {
		others, view.Closed = pace, v.lang.month(month)
	}
	for i := range a.Shares {
		x := &a.Shares[i]
		row := splitRow{Kind: "hid", Special: true, Name: v.special(x.Kind), Own: x.Own, amount: x.Divided, goal: -1, pace: others, order: 9 + slices.Index(notValues, x.Kind)}
		if x.Own {
			row.pace = s.pace()
		}
		if x.Partner != nil {
			kind := v.s.kindOf(*x.Partner)
			row.Name, row.Kind, row.Special, row.sort = x.Partner.Name, kind, false, x.Partner.Name
			row.order = slices.Index([]string{"gemeente", "uwv", "sw", "overig"}, kind)
		}
		if x.Whole != nil && *x.Whole != x.Divided {
			row.Whole = v.amount(*x.Whole)
		}
		if x.Agreed != nil {
			view.Agreed = true
			agreed += *x.Agreed
			row.goal, row.Agreed = float64(*x.Agreed), v.lang.num(*x.Agreed)
			if x.Partner != nil {
				row.Verdict = v.shareVerdict(s, &row)
			}
		}
		view.Rows = append(view.Rows, row)
	}
	sortRows(view.Rows)
	v.bars(view.Rows)
	v.groups(view.Rows)
	if view.Agreed {
		view.Goal = v.lang.num(agreed)
		view.Differ = v.sharesDiffer(s, agreed, a.SharesLess)
	}
	v.whole(view, s)
}

// closed is the last month of which others' parts are told, and which part of the number
// was agreed by its end. What is of the month that runs is in nobody's part but one's own,
// so others are held to the path of then.
func (s *stood) closed(a *web.StandingAnswer) (month string, pace float64, ok bool) {
	if !slices.ContainsFunc(a.Shares, func(x web.StandingShare) bool { return x.Kind == partRunning }) {
		return "", 0, false
	}
	month = events.Date(s.on.Month() + "-01").AddDays(-1).Month()
	for _, m := range s.months {
		if m.Month == month {
			pace = m.Agreed / float64(max(s.target.Number, 1))
		}
	}
	return month, pace, true
}

// shareVerdict is how a partner's part is to what it took on. What was not released is
// in no part, so a released one is not judged.
func (v *visit) shareVerdict(s *stood, row *splitRow) verdict {
	if s.settled != nil || s.on.Before(s.target.Period.From) || row.goal <= 0 {
		return verdict{}
	}
	amount, pace := row.amount, row.goal*min(row.pace, 1)
	switch less := pace - amount; {
	case less >= 1 && less >= farBehind*pace:
		return verdict{Class: "bad", Text: v.t("doelen.achter", v.amount(math.Round(less)))}
	case less >= 1:
		return verdict{Class: "warn", Text: v.t("doelen.achter", v.amount(math.Round(less)))}
	case less <= -1:
		return verdict{Class: "ok", Text: v.t("doelen.voor", v.amount(math.Round(-less)))}
	}
	return verdict{Class: "ok", Text: v.t("doelen.op-schema")}
}

func (v *visit) sharesDiffer(s *stood, agreed, less int) string {
	number := v.lang.num(s.target.Number)
	switch {
	case less > 0:
		return v.t("splits.minder", v.lang.num(agreed), v.lang.num(less), number)
	case less < 0:
		return v.t("splits.meer", v.lang.num(agreed), v.lang.num(-less), number)
	}
	return v.t("splits.gelijk", number)
}

// whole is everything in one bar, by the kind of partner.
func (v *visit) whole(view *splitView, s *stood) {
	sums := map[string]float64{}
	for _, r := range view.Rows {
		sums[r.Kind] += r.amount
	}
	var parts []part
	var said []string
	for _, kind := range []string{"gemeente", "uwv", "sw", "overig", "hid"} {
		if sums[kind] <= 0 {
			continue
		}
		text := v.amount(sums[kind])
		name := v.lang.word("partnersoorten", kind)
		parts = append(parts, part{sums[kind], kind, text})
		view.WholeOf = append(view.WholeOf, pair{kind, name})
		said = append(said, name+" "+text)
	}
	if len(parts) == 0 {
		return
	}
	goal, pace := float64(s.target.Number), s.agreed
	most := max(s.total, goal, pace)
	said = append(said, v.t("splits.doel", v.lang.num(s.target.Number)))
	b := drawnBar(strings.Join(said, ", "), parts, goal, pace, most)
	view.Whole = &b
}

// parts are those by one dimension.
func (v *visit) parts(view *splitView, s *stood, x *web.TargetSplit) {
	dimension := x.Across[0]
	for i := range x.Cells {
		c := &x.Cells[i]
		row := splitRow{Name: v.value(s, dimension, c.Values[0], c.Codes[0]), Kind: "act", amount: c.Count, goal: -1}
		row.order, row.sort = v.orderOf(dimension, c.Codes[0], row.Name)
		if row.Special = slices.Contains(notValues, c.Codes[0]); row.Special {
			row.Kind = "hid"
		}
		view.Rows = append(view.Rows, row)
	}
	sortRows(view.Rows)
	v.bars(view.Rows)
}

// bars draws the rows on one scale.
func (v *visit) bars(rows []splitRow) {
	most := 0.0
	for _, r := range rows {
		most = max(most, r.amount, r.goal)
	}
	for i := range rows {
		r := &rows[i]
		r.Count = v.amount(r.amount)
		label := r.Name + ": " + r.Count
		at := -1.0
		if r.goal >= 0 {
			label += ", " + v.t("splits.doel", r.Agreed)
			at = r.goal * min(r.pace, 1)
		}
		r.Bar = drawnBar(label, []part{{r.amount, r.Kind, ""}}, r.goal, at, most)
	}
}

// groups gives the first of each kind of partner its heading; what is no partner is
// below them, without one.
func (v *visit) groups(rows []splitRow) {
	last := ""
	for i := range rows {
		r := &rows[i]
		if i > 0 && r.Kind == last {
			continue
		}
		r.First, last = i > 0, r.Kind
		if !r.Special {
			r.First, r.Group = true, v.lang.word("partnersoorten", r.Kind)
		}
	}
}

func sortRows(rows []splitRow) {
	slices.SortStableFunc(rows, func(a, b splitRow) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(strings.ToLower(a.sort), strings.ToLower(b.sort)))
	})
}

// orderOf is where a value stands among the others of its dimension: by its name, or by
// its code where that has an order of its own; what is no value comes last.
func (v *visit) orderOf(dimension, code, name string) (order int, by string) {
	if i := slices.Index(notValues, code); i >= 0 {
		return 100 + i, code
	}
	switch dimension {
	case "maand", "uren":
		return 0, code
	case "partner":
		kind := v.s.kindOf(ledger.PartnerName{ID: code})
		return slices.Index([]string{"gemeente", "uwv", "sw", "overig"}, kind), name
	case "niveau":
		return slices.Index([]string{"lokaal", "regionaal", "landelijk"}, code), name
	}
	return 0, name
}

// special is a value that is none.
func (v *visit) special(code string) string { return v.lang.word("geen-waarde", code) }

// value is a value of a dimension as people say it.
func (v *visit) value(s *stood, dimension, name, code string) string {
	if slices.Contains(notValues, code) {
		return v.special(code)
	}
	switch dimension {
	case "maand":
		return v.lang.month(code)
	case "doelgroep":
		var said []string
		for group := range strings.SplitSeq(code, "+") {
			said = append(said, v.lang.word("doelgroep", group))
		}
		return strings.Join(said, " + ")
	case "soort":
		switch s.target.Measure {
		case events.MeasureVisits, events.MeasureReached:
			return v.lang.word("doel", code)
		case events.MeasureServices:
			return v.lang.word("dienst", code)
		}
		return v.lang.word("plaatsing", code)
	case "doelgroepregister":
		return v.lang.word("register", code)
	case "uren":
		return v.lang.word("uren", code)
	case "sector":
		return v.lang.word("sector", code)
	case "niveau":
		return v.lang.word("niveau", code)
	}
	return name
}

// notShown says of what is in no part why not, kindly.
func (v *visit) notShown(a *web.StandingAnswer) []string {
	sums := map[string]float64{}
	if a.Split != nil {
		for _, c := range a.Split.Cells {
			for _, code := range notValues {
				if slices.Contains(c.Codes, code) {
					sums[code] += c.Count
				}
			}
		}
	} else {
		for _, x := range a.Shares {
			sums[x.Kind] += x.Divided
		}
	}
	var notes []string
	for _, code := range []string{partHidden, partWaiting, partRunning} {
		if sums[code] > 0 {
			notes = append(notes, v.coded("niet-getoond."+code, v.amount(sums[code])))
		}
	}
	return notes
}
