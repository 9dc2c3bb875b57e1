package targets

import (
	"fmt"
	"strconv"
	"strings"

	"huisboek/events"
)

// Sentence is a standing in a sentence or two for a board: where we are, how that is to
// what was agreed, and where it goes. Name is a partner's.
func Sentence(s *Standing, name func(partner string) string) events.Sentence {
	return events.Sentence{NL: dutch.say(s, name), EN: english.say(s, name)}
}

// Number is an amount as it is written in a language, "nl" or "en", with no more than
// so many decimals and none that are nothing.
func (a Amount) Number(lang string, decimals int) string {
	if lang == "en" {
		return english.number(a, decimals)
	}
	return dutch.number(a, decimals)
}

// Day is a day as it is written in a language: 22 november 2026.
func Day(d events.Date, lang string) string {
	if lang == "en" {
		return english.day(d)
	}
	return dutch.day(d)
}

// Month is a month as it is written in a language: november 2026.
func Month(month, lang string) string {
	if lang == "en" {
		return english.month(month)
	}
	return dutch.month(month)
}

// voice is a language to speak in.
type voice struct {
	point, thousands   string
	months             string
	measures           map[string][2]string // one, more
	stand, over        string               // day, amount with its unit; amount with its unit
	released, nothing  string               // month
	doubts, atMost     string               // number
	hidden, ends       string               // number
	ahead, behind      string               // amount, agreed
	exactly            string               // agreed
	begins             string               // day
	toCome             string               // day, the day of the answer, amount with its unit, agreed
	early, waits       string
	pace, between      string // amount; low, high
	upTo, mostShort    string // low, high; amount
	short, more, right string // amount
	most, largest      string // name; name, amount
	reached, unless    string // number
	missed, unsure     string // number, amount
}

var dutch = &voice{
	point: ",", thousands: ".",
	months: "januari februari maart april mei juni juli augustus september oktober november december",
	measures: map[string][2]string{
		events.MeasurePlacements: {"plaatsing", "plaatsingen"},
		events.MeasureJobs:       {"baan (indicatie)", "banen (indicatie)"},
		events.MeasureVisits:     {"bezoek", "bezoeken"},
		events.MeasureReached:    {"bereikte werkgever", "bereikte werkgevers"},
		events.MeasureServices:   {"dienst", "diensten"},
		events.MeasureFilled:     {"vervulde vacature", "vervulde vacatures"},
	},
	stand: "Op %s staan we op %s", over: "De periode is voorbij, met %s",
	released: ", zoals vrijgegeven tot en met %s", nothing: "Er is nog niets vrijgegeven.",
	doubts: ", waarvan %d mogelijk dubbel", atMost: ", waarvan hooguit %d mogelijk dubbel",
	hidden: " Er kunnen er tot %s bij komen: die zijn afgeschermd, en of zij meetellen is niet te zeggen.",
	ends:   " Wat eindigt, gaat er soms later af: de stand kan te hoog zijn.",
	ahead:  ": %s voor op de afspraak (%s).", behind: ": %s achter op de afspraak (%s).", exactly: ": precies volgens de afspraak (%s).",
	begins: "De periode begint op %s.",
	toCome: "Van %s, een dag die nog moet komen, is op %s dit bekend: %s. Afgesproken voor die dag: %s.",
	early:  "Het is te vroeg om te zeggen waar we uitkomen.", waits: "De periode is voorbij; de laatste cijfers zijn nog niet vrijgegeven.",
	pace: "In dit tempo komen we uit op %s", between: " (%s tot %s)", upTo: " (%s tot hooguit %s, als alles meetelt wat is afgeschermd)", mostShort: ", hooguit %s te weinig",
	short: ", %s te weinig", more: ", %s meer dan het doel", right: ", precies genoeg",
	most: "; het meeste daarvan bij %s", largest: "; het grootste tekort is bij %s (%s)",
	reached: "; het doel van %s is behaald.", unless: "; het doel van %s is behaald als daar niets dubbels bij is.",
	missed: "; het doel van %s is niet behaald: %s te weinig.",
	unsure: "; of het doel van %s is behaald, is niet te zeggen: volgens wat is vrijgegeven is het %s te weinig.",
}

var english = &voice{
	point: ".", thousands: ",",
	months: "January February March April May June July August September October November December",
	measures: map[string][2]string{
		events.MeasurePlacements: {"placement", "placements"},
		events.MeasureJobs:       {"job (indication)", "jobs (indication)"},
		events.MeasureVisits:     {"visit", "visits"},
		events.MeasureReached:    {"employer reached", "employers reached"},
		events.MeasureServices:   {"service", "services"},
		events.MeasureFilled:     {"vacancy filled", "vacancies filled"},
	},
	stand: "On %s we are at %s", over: "The period is over, with %s",
	released: ", as released up to and including %s", nothing: "Nothing has been released yet.",
	doubts: ", of which %d possibly double", atMost: ", of which at most %d possibly double",
	hidden: " There may be up to %s more: they are not shown, and whether they count cannot be said.",
	ends:   " What ends is sometimes taken off later: the standing may be too high.",
	ahead:  ": %s ahead of what was agreed (%s).", behind: ": %s behind what was agreed (%s).", exactly: ": exactly as agreed (%s).",
	begins: "The period begins on %s.",
	toCome: "Of %s, a day that has yet to come, this is known on %s: %s. Agreed for that day: %s.",
	early:  "It is too early to say where we end.", waits: "The period is over; the last figures have not been released yet.",
	pace: "At this pace we end at %s", between: " (%s to %s)", upTo: " (%s to at most %s, if all counts that is not shown)", mostShort: ", at most %s short",
	short: ", %s short", more: ", %s over the target", right: ", exactly enough",
	most: "; most of it at %s", largest: "; the largest shortage is at %s (%s)",
	reached: "; the target of %s was reached.", unless: "; the target of %s was reached if none of them is double.",
	missed: "; the target of %s was not reached: %s short.",
	unsure: "; whether the target of %s was reached cannot be said: by what was released it is %s short.",
}

func (l *voice) say(s *Standing, name func(string) string) string {
	v := &s.Version
	switch {
	case s.On.Before(v.Period.From):
		return fmt.Sprintf(l.begins, l.day(v.Period.From))
	case !s.Plain && (s.Settled == "" || s.Settled < v.Period.From.Month() && !v.Definition.Standing):
		return l.nothing
	case s.On.After(s.Today):
		agreed := nearest(Agreed(v, s.On), v.step())
		return fmt.Sprintf(l.toCome, l.day(s.On), l.day(s.Today), l.counted(s), l.amount(s, agreed)) + l.concealed(s)
	case s.On.Before(v.Period.To):
		return l.where(s) + " " + l.forecast(s, name) + l.concealed(s)
	case !s.Plain && s.Settled < v.Period.To.Month():
		return l.where(s) + " " + l.waits + l.concealed(s)
	}
	return l.end(s) + l.concealed(s)
}

// concealed says how far what was released may be from what is.
func (l *voice) concealed(s *Standing) (text string) {
	if n := hiddenOf(s); n > 0 {
		text = fmt.Sprintf(l.hidden, l.number(n, 0))
	}
	if !s.Plain && s.Version.Definition.Standing { // ends wait for others, as newcomers do
		text += l.ends
	}
	return text
}

// hiddenOf is how much may count besides, at most.
func hiddenOf(s *Standing) Amount {
	for _, x := range s.NotCounted {
		if x.Reason == Hidden {
			return Amount(x.Count) * one
		}
	}
	return 0
}

// where is the first sentence: the standing, and the path at the moment that it is of.
func (l *voice) where(s *Standing) string {
	at := s.On
	if !s.Plain {
		at = min(at, LastOf(s.Settled))
	}
	agreed := nearest(Agreed(&s.Version, at), s.Version.step())
	text := fmt.Sprintf(l.stand, l.day(s.On), l.counted(s))
	switch ahead := s.Total - agreed; {
	case ahead >= s.Version.step():
		return text + fmt.Sprintf(l.ahead, l.amount(s, ahead), l.amount(s, agreed))
	case ahead <= -s.Version.step():
		return text + fmt.Sprintf(l.behind, l.amount(s, -ahead), l.amount(s, agreed))
	}
	return text + fmt.Sprintf(l.exactly, l.amount(s, agreed))
}

func (l *voice) forecast(s *Standing, name func(string) string) string {
	f := s.Forecast
	if f == nil {
		return l.early
	}
	text := fmt.Sprintf(l.pace, l.amount(s, f.Expected))
	between, short := l.between, l.short
	if hiddenOf(s) > 0 {
		between, short = l.upTo, l.mostShort
	}
	if f.Low < f.High {
		text += fmt.Sprintf(between, l.amount(s, f.Low), l.amount(s, f.High))
	}
	switch {
	case f.Short > 0:
		text += fmt.Sprintf(short, l.amount(s, f.Short))
	case f.Short < 0:
		text += fmt.Sprintf(l.more, l.amount(s, -f.Short))
	default:
		text += l.right
	}
	if f.Short > 0 && f.Most != "" {
		if 2*f.MostShort > f.Short {
			text += fmt.Sprintf(l.most, name(f.Most))
		} else {
			text += fmt.Sprintf(l.largest, name(f.Most), l.amount(s, f.MostShort))
		}
	}
	return text + "."
}

func (l *voice) end(s *Standing) string {
	number := Amount(s.Version.TargetSet.Number) * one
	text, target := fmt.Sprintf(l.over, l.counted(s)), l.amount(s, number)
	short := l.amount(s, max(number-s.Total, s.Version.step()))
	switch {
	case s.Total < number && number <= s.Total+hiddenOf(s):
		return text + fmt.Sprintf(l.unsure, target, short)
	case s.Total < number:
		return text + fmt.Sprintf(l.missed, target, short)
	case s.Total-Amount(s.Doubts)*one < number:
		return text + fmt.Sprintf(l.unless, target)
	}
	return text + fmt.Sprintf(l.reached, target)
}

// counted is the total with its unit, up to when it was released, and its doubts.
func (l *voice) counted(s *Standing) string {
	number := l.amount(s, s.Total)
	form := 1
	if number == "1" {
		form = 0
	}
	text := number + " " + l.measures[s.Version.Measure][form]
	if !s.Plain {
		text += fmt.Sprintf(l.released, l.month(s.Settled))
	}
	switch { // of what is released it is not said which of them count
	case s.Doubts > 0 && s.Plain:
		text += fmt.Sprintf(l.doubts, s.Doubts)
	case s.Doubts > 0:
		text += fmt.Sprintf(l.atMost, s.Doubts)
	}
	return text
}

// amount is in tenths of a job, and in whole things otherwise.
func (l *voice) amount(s *Standing, a Amount) string {
	if s.Version.step() == one {
		return l.number(a, 0)
	}
	return l.number(a, 1)
}

func (l *voice) number(a Amount, decimals int) string {
	unit := one
	for range min(decimals, 3) {
		unit /= 10
	}
	sign, n := "", nearest(a, unit)
	if n < 0 {
		sign, n = "-", -n
	}
	whole := strconv.FormatInt(int64(n/one), 10)
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + l.thousands + whole[i:]
	}
	rest := strings.TrimRight(fmt.Sprintf("%03d", n%one), "0")
	if rest == "" {
		return sign + whole
	}
	return sign + whole + l.point + rest
}

func (l *voice) day(d events.Date) string {
	return strconv.Itoa(dayOf(d)) + " " + l.month(d.Month())
}

func (l *voice) month(month string) string {
	year, m, ok := strings.Cut(month, "-")
	n, err := strconv.Atoi(m)
	names := strings.Fields(l.months)
	if !ok || err != nil || n < 1 || n > len(names) {
		return month
	}
	return names[n-1] + " " + year
}

// step is the smallest amount that is worth a word: a whole thing, or a tenth of a job.
func (v *Version) step() Amount {
	if v.Measure == events.MeasureJobs {
		return one / 10
	}
	return one
}

// nearest is an amount to the nearest of a step, halves up.
func nearest(a, step Amount) Amount { return Amount(halfUp(int64(a), int64(step))) * step }

// LastOf is the last day of a month, "" when it is none.
func LastOf(month string) events.Date {
	first, err := events.ParseDate(month + "-01")
	if err != nil {
		return ""
	}
	next := first.AddDays(31)
	return next.AddDays(-dayOf(next))
}

// dayOf is which day of its month a day is.
func dayOf(d events.Date) int {
	n, _ := strconv.Atoi(strings.TrimPrefix(string(d[min(len(d), 8):]), "0"))
	return n
}
