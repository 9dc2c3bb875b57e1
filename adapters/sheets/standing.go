package sheets

import (
	"fmt"
	"time"

	"huisboek/events"
	"huisboek/projections/targets"
)

// About is what the tables of a standing say besides it.
type About struct {
	Language string                      // "nl" or "en"
	Name     func(partner string) string // of an internal UUID
	Known    time.Time                   // as known on; zero is what was known last
	Position events.Position             // up to which that is; 0: the standing's own
	Partner  bool                        // who asks is a partner: what is its own is said, also when that is nothing
}

// OfStanding is a standing as tables: an overview with its definition, day, moment and
// position; its months, shares, split, and what was not counted.
func OfStanding(s *targets.Standing, about About) []Table {
	w := inDutch
	if about.Language == "en" {
		w = inEnglish
	}
	if about.Position == 0 {
		about.Position = s.At
	}
	o := &ofStanding{s: s, about: about, words: w}
	if s.Version.Measure == events.MeasureJobs {
		o.decimals = 3
	}
	tables := []Table{o.overview(), o.months(), o.shares()}
	if s.Split != nil {
		tables = append(tables, o.split())
	}
	tables = append(tables, o.notCounted())
	if own := o.own(); len(own.Rows) > 0 {
		tables = append(tables, own)
	}
	return tables
}

type ofStanding struct {
	*words
	s        *targets.Standing
	about    About
	decimals int
}

func (o *ofStanding) overview() Table {
	s, v := o.s, &o.s.Version
	t := Table{Title: o.words.overview, Columns: []Column{{o.item, 0}, {o.value, 3}}}
	add := func(name string, value any) { t.Rows = append(t.Rows, []any{name, value}) }
	some := func(name, value string) {
		if value != "" {
			add(name, value)
		}
	}
	add(o.target, v.Name)
	add(o.standing, o.say(targets.Sentence(s, o.about.Name)))
	add(o.on, s.On)
	if o.about.Known.IsZero() {
		add(o.known, o.latest)
	} else {
		add(o.known, o.about.Known)
	}
	add(o.position, o.about.Position)
	if !s.Plain {
		add(o.settled, Month(s.Settled))
	}
	add(o.total, s.Total)
	if s.Plain {
		add(o.doubts, s.Doubts)
	} else { // of what is released it is not said which of them count
		add(o.mostDoubts, s.Doubts)
	}
	add(o.agreed, s.Agreed)
	if o.about.Partner {
		add(o.mine, s.Own)
	}
	if f := s.Forecast; f != nil {
		add(o.expected, f.Expected)
		add(o.low, f.Low)
		add(o.high, f.High)
		add(o.method, o.say(targets.Method))
	}
	add(o.goal, v.TargetSet.Number)
	if len(v.Shares) > 0 {
		add(o.difference, s.Difference)
	}
	add(o.from, v.Period.From)
	add(o.to, v.Period.To)
	add(o.definition, o.define(v))
	some(o.decision, v.Decision)
	add(o.version, v.Number)
	add(o.set, v.At)
	some(o.reason, v.Reason)
	for _, d := range s.Left {
		add(o.departed, fmt.Sprintf(o.as, o.about.Name(d.Partner), targets.Day(d.From, o.lang), o.past[d.Past]))
	}
	return t
}

// head is what every table but the first says above itself.
func (o *ofStanding) head() [][2]any {
	head := [][2]any{{o.target, o.s.Version.Name}, {o.on, o.s.On}, {o.position, o.about.Position}}
	if !o.s.Plain {
		head = append(head, [2]any{o.settled, Month(o.s.Settled)})
	}
	return head
}

func (o *ofStanding) months() Table {
	t := Table{Title: o.words.months, About: o.head(), Columns: []Column{{o.month, 0}, {o.came, o.decimals}, {o.so, o.decimals}, {o.agreed, 1}}}
	for _, m := range o.s.Months {
		t.Rows = append(t.Rows, []any{Month(m.Month), m.Count, m.So, m.Agreed})
	}
	return t
}

func (o *ofStanding) shares() Table {
	t := Table{
		Title: o.words.shares, About: append(o.head(), [2]any{o.divided, o.say(targets.SharesRule)}),
		Columns: []Column{{o.partner, 0}, {o.took, 0}, {o.whole, o.decimals}, {o.divided, max(o.decimals, 2)}},
	}
	for _, x := range o.s.Shares {
		row := []any{o.one(targets.ByPartner, x.Partner), nil, x.Whole, x.Divided}
		if x.Partner == "" {
			row[0], row[2] = o.one("", x.Label), nil
		}
		if x.Agreed != nil {
			row[1] = *x.Agreed
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (o *ofStanding) split() Table {
	split := o.s.Split
	t := Table{Title: o.words.split, About: o.head()}
	if o.s.Plain && split.Settled != "" {
		t.About = append(t.About, [2]any{o.settled, Month(split.Settled)})
	}
	for _, d := range split.Across {
		if d != "" {
			t.Columns = append(t.Columns, Column{Name: o.dimension(d)})
		}
	}
	t.Columns = append(t.Columns, Column{o.amount, max(o.decimals, 2)})
	for _, c := range split.Cells {
		var row []any
		for i, d := range split.Across {
			if d != "" {
				row = append(row, o.one(d, c.Values[i]))
			}
		}
		t.Rows = append(t.Rows, append(row, c.Amount))
	}
	return t
}

// one is a value of a dimension.
func (o *ofStanding) one(d targets.Dimension, value string) any {
	switch word, ok := o.values[value]; {
	case ok:
		return word
	case value == targets.Unknown, value == "":
		return value
	case d == targets.ByPartner:
		return o.about.Name(value)
	case d == targets.ByMonth:
		return Month(value)
	}
	return value
}

func (o *ofStanding) notCounted() Table {
	t := Table{Title: o.words.notCounted, About: o.head(), Columns: []Column{{o.why, 0}, {o.count, 0}, {o.complete, 0}}}
	for _, l := range o.s.NotCounted {
		row := []any{o.because(l.Reason), l.Count, o.yes}
		switch {
		case l.Reason == targets.Hidden:
			row[2] = o.atMost
		case l.Hidden && l.Count == 0: // how many others have is not told: that is not none
			row[1], row[2] = nil, o.no
		case l.Hidden:
			row[2] = o.no
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (o *ofStanding) own() Table {
	t := Table{Title: o.words.own, About: o.head(), Columns: []Column{{o.why, 0}, {o.date, 0}, {o.employer, 0}, {o.reported, 0}}}
	for _, l := range o.s.NotCounted {
		for i := range l.Own {
			it := &l.Own[i]
			t.Rows = append(t.Rows, []any{o.because(l.Reason), it.From, it.Employer, it.Last})
		}
	}
	return t
}

// because is a reason in a sentence, or its code when there is none.
func (o *ofStanding) because(reason string) string {
	if s := o.say(targets.WhySentence(reason)); s != "" {
		return s
	}
	return reason
}
