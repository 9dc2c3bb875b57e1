package pages

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// deliveriesPage is what came in from one's own partner.
type deliveriesPage struct {
	From, To events.Date
	Tallies  []tally
	Outcomes []choice
	Days     []deliveryDay
	Most     int // of a day
	Refusals []refusal
	Items    []delivery
	Next     string // the address of the next page
	Covered  []web.Covered
}

// tally is a number with what it counts, and how that is.
type tally struct {
	Count int
	Key   string // of its text
	Tag   string // ok, warn, bad or empty
}

// deliveryDay is a day as a column: X and Y of its parts in percent, the refused ones
// on top.
type deliveryDay struct {
	Date           events.Date
	X, Width       float64
	Taken, Refused int
	TakenY, TakenH float64
	BadY, BadH     float64
}

// refusal is a fault that came back in the days that are shown.
type refusal struct {
	Code, Say string
	Count     int
}

// delivery is one event that came in.
type delivery struct {
	intake.Delivery
	Kind   string // the type's name, empty when it was not fit to be shown
	Tag    string
	Faults []fault // the member as people say it, and what is wrong and how to mend it
}

// outcomes are what can become of a delivery, in the order of the page.
var outcomes = []string{"", "geweigerd", "vastgelegd", "eerder-gezien"}

func (v *visit) deliveries() (*page, error) {
	outcome := v.query("uitkomst")
	if !slices.Contains(outcomes, outcome) {
		return nil, errNoPage
	}
	a, err := v.api.Deliveries(v.ctx(), web.DeliveriesQuestion{Outcome: outcome, After: v.query("na"), Max: 50, Since: v.since()})
	if err != nil {
		return nil, err
	}
	today := v.today()
	data := &deliveriesPage{From: today.AddDays(-29), To: today, Covered: a.Coverage}
	var sum intake.Day
	codes := map[string]int{}
	for _, d := range a.Days {
		sum.Recorded += d.Recorded
		sum.Again += d.Again
		sum.Refused += d.Refused
		sum.Deferred += d.Deferred
		for c, n := range d.Codes {
			codes[c] += n
		}
	}
	data.Tallies = []tally{
		{sum.Recorded, "aanlevering.vastgelegd", "ok"}, {sum.Again, "aanlevering.eerder-gezien", ""},
		{sum.Refused, "aanlevering.geweigerd", "bad"}, {sum.Deferred, "aanlevering.uitgesteld", "warn"},
	}
	for _, o := range outcomes {
		path := "/aanlevering"
		if o != "" {
			path += "?" + url.Values{"uitkomst": {o}}.Encode()
		}
		data.Outcomes = append(data.Outcomes, choice{v.lang.word("aanlevering.toon", cmp.Or(o, "alles")), path, o == outcome})
	}
	data.Days, data.Most = deliveryDays(a.Days, data.From, data.To)
	for _, c := range slices.SortedFunc(maps.Keys(codes), func(a, b string) int { return cmp.Or(codes[b]-codes[a], strings.Compare(a, b)) }) {
		data.Refusals = append(data.Refusals, refusal{c, v.mend(c), codes[c]})
	}
	marks := []string{}
	for _, d := range a.Deliveries {
		data.Items = append(data.Items, v.delivery(d))
		marks = append(marks, d.At.Format(time.RFC3339Nano))
	}
	if a.Next != "" {
		data.Next = "/aanlevering?" + url.Values{"uitkomst": {outcome}, "na": {a.Next}}.Encode()
	}
	return &page{
		template: "aanlevering", title: v.t("aanlevering.titel"), nav: "/aanlevering", upTo: a.Freshness, marks: marks, wide: true, data: data,
	}, nil
}

// deliveryDays are the days of a chart, of all doors together, the first one first.
func deliveryDays(days []intake.Day, from, to events.Date) (columns []deliveryDay, most int) {
	sums := map[events.Date][2]int{}
	for _, d := range days {
		s := sums[d.Date]
		sums[d.Date] = [2]int{s[0] + d.Recorded + d.Again, s[1] + d.Refused}
		most = max(most, sums[d.Date][0]+sums[d.Date][1])
	}
	n := from.DaysUntil(to) + 1
	step := 100 / float64(n)
	for i := range n {
		d := deliveryDay{Date: from.AddDays(i), X: float64(i)*step + step*.15, Width: step * .7}
		s := sums[d.Date]
		d.Taken, d.Refused = s[0], s[1]
		if most > 0 {
			d.TakenH, d.BadH = 100*float64(s[0])/float64(most), 100*float64(s[1])/float64(most)
			d.TakenY = 100 - d.TakenH
			d.BadY = d.TakenY - d.BadH
		}
		columns = append(columns, d)
	}
	return columns, most
}

// mend says what a code means, and so how to mend it. What the sentence of one event
// names is left open.
func (v *visit) mend(code string) string {
	s, ok := events.SentenceOf(code)
	if !ok {
		if s, ok = ledger.SentenceOf(code); !ok {
			return v.lang.word("probleem", code)
		}
	}
	return strings.NewReplacer("%s.", "…", "%s", "…", "%d", "…", "….", "…").Replace(v.lang.of(s))
}

func (v *visit) delivery(d intake.Delivery) delivery {
	out := delivery{Delivery: d, Tag: map[string]string{"vastgelegd": "ok", "geweigerd": "bad"}[d.Outcome]}
	if d.Type != nil {
		out.Kind = d.Type.Name()
	}
	for _, f := range d.Faults {
		out.Faults = append(out.Faults, fault{strings.TrimPrefix(f.Field, "/data"), v.mend(f.Code)})
	}
	for _, code := range d.Reasons {
		out.Faults = append(out.Faults, fault{"", v.mend(code)})
	}
	if len(out.Faults) == 0 && d.Problem != nil {
		out.Faults = []fault{{"", v.mend(*d.Problem)}}
	}
	return out
}
