package main

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/projections/targets"
)

// tongue is a language to print targets in.
type tongue struct{ lang string }

func tongueOf(lang string) (*tongue, error) {
	if lang != "en" && lang != "nl" {
		return nil, usageError("--lang is en or nl")
	}
	return &tongue{lang}, nil
}

// say is one of two.
func (in *tongue) say(en, nl string) string {
	if in.lang == "nl" {
		return nl
	}
	return en
}

func (in *tongue) of(s events.Sentence) string { return in.say(s.EN, s.NL) }

// number is an amount with no more than so many decimals.
func (in *tongue) number(x float64, decimals int) string {
	return targets.Amount(math.Round(x*1000)).Number(in.lang, decimals)
}

// moved is a number with its sign.
func (in *tongue) moved(x float64) string {
	if x > 0 {
		return "+" + in.number(x, 3)
	}
	return in.number(x, 3)
}

// clock is a moment as it was in the Netherlands.
func clock(at time.Time) string {
	l, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		l = time.UTC
	}
	return at.In(l).Format("2006-01-02 15:04:05 MST")
}

// decimals are those of a sum: tenths of a job, and whole things otherwise.
func decimals(measure string) int {
	if measure == events.MeasureJobs {
		return 1
	}
	return 0
}

func (in *tongue) measure(m string) string {
	switch m {
	case events.MeasurePlacements:
		return in.say("placements", "plaatsingen")
	case events.MeasureJobs:
		return in.say("jobs (indication)", "banen (indicatie)")
	case events.MeasureVisits:
		return in.say("visits", "bezoeken")
	case events.MeasureReached:
		return in.say("employers reached", "bereikte werkgevers")
	case events.MeasureServices:
		return in.say("services", "diensten")
	case events.MeasureFilled:
		return in.say("vacancies filled", "vervulde vacatures")
	}
	return m
}

// value is one of a split, where it is a word of the wire.
func (in *tongue) value(v string) string {
	switch v {
	case "ja", "nee":
		return in.say(map[string]string{"ja": "yes", "nee": "no"}[v], v)
	case targets.Hidden:
		return in.say("(not shown)", "(afgeschermd)")
	case targets.Running:
		return in.say("(running month)", "(lopende maand)")
	case targets.Waiting:
		return in.say("(not released yet)", "(nog niet vrijgegeven)")
	case targets.Leaving:
		return in.say("(still to be taken off)", "(gaat er nog af)")
	case targets.Unknown:
		return in.say("(unknown)", "(onbekend)")
	}
	return v
}

// dimension is the name of one, as a header.
func (in *tongue) dimension(d string) string {
	if in.lang == "en" {
		switch targets.Dimension(d) {
		case targets.ByMonth:
			d = "month"
		case targets.BySubregion:
			d = "subregion"
		case targets.ByLevel:
			d = "level"
		case targets.ByKind:
			d = "kind"
		case targets.ByGroup:
			d = "target group"
		case targets.ByRegister:
			d = "register"
		case targets.ByHours:
			d = "hours"
		case targets.ByGemeente:
			d = "municipality"
		}
	}
	return strings.ToUpper(d)
}

// upTo is what an answer is true for.
func (in *tongue) upTo(on events.Date, known *time.Time, f web.Freshness) string {
	var when []string
	if on != "" {
		when = append(when, in.say("on ", "op ")+targets.Day(on, in.lang))
	}
	if known != nil {
		when = append(when, in.say("as known on ", "zoals bekend op ")+clock(*known))
	}
	day := strings.Join(when, ", ")
	if day != "" {
		day += "; "
	}
	text := fmt.Sprintf(in.say("%strue up to position %d, %s.", "%swaar tot en met positie %d, %s."), day, f.Position, clock(f.UpTo))
	return strings.ToUpper(text[:1]) + text[1:]
}

func (in *tongue) targets(w io.Writer, a *web.TargetsAnswer) {
	if len(a.Targets) == 0 {
		fmt.Fprintln(w, in.say("The region has no targets: huisboek targets example prints one to start from.",
			"De regio heeft geen doelstellingen: huisboek targets example toont er een om mee te beginnen."))
		return
	}
	for i := range a.Targets {
		t := &a.Targets[i]
		state := ""
		if t.Dropped != nil {
			state = fmt.Sprintf(in.say(" (dropped at position %d)", " (vervallen op positie %d)"), *t.Dropped)
		}
		fmt.Fprintf(w, in.say("%s%s\n  %s\n  Target: %s %s from %s to %s (%s)\n\n", "%s%s\n  %s\n  Doel: %s %s van %s tot en met %s (%s)\n\n"),
			t.Name, state, in.of(t.Sentence), in.number(float64(t.Number), 0), in.measure(t.Measure), t.Period.From, t.Period.To, t.Target.Target)
	}
	fmt.Fprintln(w, in.upTo(a.On, a.Known, a.Freshness))
}

func (in *tongue) standing(w io.Writer, a *web.StandingAnswer) {
	p := func(format string, args ...any) { fmt.Fprintf(w, format, args...) }
	v, dec := &a.Target, decimals(a.Target.Measure)
	p(in.say("%s (version %d, set at position %d)\n", "%s (versie %d, vastgesteld op positie %d)\n"), v.Name, v.Version, v.Position)
	if v.Dropped != nil {
		p(in.say("Dropped at position %d.\n", "Vervallen op positie %d.\n"), *v.Dropped)
	}
	p("%s\n", in.of(a.Sentence))
	p("\n")
	table(w, func(w io.Writer) {
		p := func(en, nl, format string, args ...any) {
			fmt.Fprintf(w, in.say(en, nl)+"\t"+format+"\n", args...)
		}
		p("Realised", "Gerealiseerd", "%s%s", in.number(a.Total, dec), in.doubts(a))
		until := in.say("by then", "tot dan")
		if a.Settled != nil && *a.Settled != "" {
			until = in.say("up to and including ", "tot en met ") + targets.Month(*a.Settled, in.lang)
			p("Released", "Vrijgegeven", "%s", until)
		}
		p("Agreed", "Afgesproken", in.say("%s %s, %s in all", "%s %s, %s in totaal"), in.number(a.Agreed, dec), until, in.number(float64(v.Number), 0))
		if a.Own != nil {
			now := ""
			if a.Settled != nil {
				now = in.say(", up to today", ", tot en met vandaag")
			}
			p("Your own", "Van uzelf", in.say("%s, each thing whole%s", "%s, alles heel geteld%s"), in.number(*a.Own, dec), now)
		}
		if f := a.Forecast; f != nil {
			p("Expected", "Verwacht", in.say("%s (%s to %s)", "%s (%s tot %s)"), in.number(f.Expected, dec), in.number(f.Low, dec), in.number(f.High, dec))
			fmt.Fprintf(w, "\t%s\n", in.of(f.Method))
		}
	})
	in.shares(w, a)
	if len(a.Months) > 0 {
		p("\n")
		table(w, func(w io.Writer) {
			fmt.Fprintln(w, in.say("MONTH\tCAME\tSO FAR\tAGREED", "MAAND\tERBIJ\tTOT EN MET\tAFGESPROKEN"))
			for _, m := range a.Months {
				fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", m.Month, in.number(m.Count, dec), in.number(m.So, dec), in.number(m.Agreed, dec))
			}
		})
	}
	if a.Split != nil {
		p("\n")
		in.split(w, a.Split)
	}
	in.notCounted(w, a.NotCounted)
	for _, d := range a.Left {
		past := in.say("still counts", "telt nog mee")
		if d.Past == events.PastLeaves {
			past = in.say("no longer counts", "telt niet meer mee")
		}
		p(in.say("\n%s left on %s; what it did before then %s.\n", "\n%s vertrok per %s; wat zij daarvoor deed %s.\n"), d.Partner.Name, d.From, past)
	}
	p("\n%s\n", in.upTo(a.On, a.Known, a.Freshness))
}

// doubts says how many of a total are possibly double, and who can see which.
func (in *tongue) doubts(a *web.StandingAnswer) string {
	if a.Doubts == 0 {
		return ""
	}
	most := ""
	if a.Settled != nil { // of what is released it is not said which of them count
		most = in.say("at most ", "hooguit ")
	}
	return fmt.Sprintf(in.say(", of which %s%d possibly double (the steward and the partners concerned see which: huisboek targets doubles)",
		", waarvan %s%d mogelijk dubbel (de regisseur en de betrokken partners zien welke: huisboek targets doubles)"), most, a.Doubts)
}

// today is the day as of which an answer speaks: that of the moment as known on.
func today(known *time.Time) events.Date {
	if known != nil {
		return events.DateOf(*known)
	}
	return events.DateOf(time.Now())
}

func (in *tongue) shares(w io.Writer, a *web.StandingAnswer) {
	if len(a.Shares) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", in.of(a.SharesRule))
	agreed := slices.ContainsFunc(a.Shares, func(s web.StandingShare) bool { return s.Agreed != nil })
	sum := 0
	table(w, func(w io.Writer) {
		took := func(s string) string {
			if agreed {
				return s + "\t"
			}
			return ""
		}
		fmt.Fprintln(w, in.say("PARTNER\t"+took("AGREED")+"WHOLE\tDIVIDED", "PARTNER\t"+took("AFGESPROKEN")+"HEEL\tVERDEELD"))
		for _, s := range slices.SortedStableFunc(slices.Values(a.Shares), func(a, b web.StandingShare) int { return strings.Compare(shareKey(a), shareKey(b)) }) {
			name, number, whole := in.value(s.Kind), "-", "-"
			if s.Partner != nil {
				name = s.Partner.Name
			}
			if s.Own {
				name += in.say(" (yours)", " (eigen)")
			}
			if s.Agreed != nil {
				number = in.number(float64(*s.Agreed), 0)
				sum += *s.Agreed
			}
			if s.Whole != nil {
				whole = in.number(*s.Whole, 1)
			}
			fmt.Fprintf(w, "%s\t%s%s\t%s\n", name, took(number), whole, in.number(s.Divided, 1))
		}
	})
	switch less := a.SharesLess; {
	case less > 0:
		fmt.Fprintf(w, in.say("The shares add up to %s, which is %s less than the target.\n", "De aandelen zijn samen %s: %s minder dan het doel.\n"),
			in.number(float64(sum), 0), in.number(float64(less), 0))
	case less < 0:
		fmt.Fprintf(w, in.say("The shares add up to %s, which is %s more than the target.\n", "De aandelen zijn samen %s: %s meer dan het doel.\n"),
			in.number(float64(sum), 0), in.number(float64(-less), 0))
	}
}

// shareKey is a share's place in a list: partners by name, and what is of none behind them.
func shareKey(s web.StandingShare) string {
	if s.Partner == nil {
		return "\xff" + s.Kind
	}
	return s.Partner.Name
}

// aside is 1 of what is no value of a dimension.
func (in *tongue) aside(v string) int {
	if strings.HasPrefix(in.value(v), "(") {
		return 1
	}
	return 0
}

// widest is how many values the second dimension may have to be columns.
const widest = 14

// split prints one dimension as a list, and two crossed, where they fit.
func (in *tongue) split(w io.Writer, x *web.TargetSplit) {
	if len(x.Cells) == 0 {
		fmt.Fprintln(w, in.say("There is nothing to take apart yet.", "Er valt nog niets uit te splitsen."))
		return
	}
	var down, across []string
	at, totals := map[[2]string]float64{}, map[[2]string]float64{}
	all := 0.0
	for _, c := range x.Cells {
		key := [2]string{c.Values[0]}
		if len(c.Values) > 1 {
			key[1] = c.Values[1]
		}
		if !slices.Contains(down, key[0]) {
			down = append(down, key[0])
		}
		if !slices.Contains(across, key[1]) {
			across = append(across, key[1])
		}
		at[key] += c.Count
		totals[[2]string{key[0], ""}] += c.Count
		totals[[2]string{"", key[1]}] += c.Count
		all += c.Count
	}
	order := func(a, b string) int { // what is no value of a dimension comes last
		return cmp.Or(in.aside(a)-in.aside(b), strings.Compare(a, b))
	}
	slices.SortFunc(down, order)
	slices.SortFunc(across, order)
	count := in.say("COUNT", "AANTAL")
	names := make([]string, len(x.Across))
	for i, d := range x.Across {
		names[i] = in.dimension(d)
	}
	table(w, func(w io.Writer) {
		line := func(cells ...string) { fmt.Fprintln(w, strings.Join(cells, "\t")) }
		if len(x.Across) < 2 || len(across) > widest {
			line(append(names, count)...)
			for _, c := range slices.SortedStableFunc(slices.Values(x.Cells), func(a, b web.TargetCell) int { return slices.CompareFunc(a.Values, b.Values, order) }) {
				cells := make([]string, 0, 3)
				for _, v := range c.Values {
					cells = append(cells, in.value(v))
				}
				line(append(cells, in.number(c.Count, 1))...)
			}
			return
		}
		head := []string{names[0] + " / " + names[1]}
		for _, v := range across {
			head = append(head, in.value(v))
		}
		line(append(head, in.say("ALL", "ALLES"))...)
		number := func(x float64) string {
			if x == 0 {
				return "-"
			}
			return in.number(x, 1)
		}
		foot := []string{in.say("All", "Alles")}
		for _, d := range down {
			row := []string{in.value(d)}
			for _, v := range across {
				row = append(row, number(at[[2]string{d, v}]))
			}
			line(append(row, number(totals[[2]string{d, ""}]))...)
		}
		for _, v := range across {
			foot = append(foot, number(totals[[2]string{"", v}]))
		}
		line(append(foot, number(all))...)
	})
	if x.Settled != nil {
		fmt.Fprintf(w, in.say("Taken apart up to the end of %s.\n", "Uitgesplitst tot en met %s.\n"), targets.Month(*x.Settled, in.lang))
	}
}

// maxOwn is how many of one's own that stay out are listed for one reason.
const maxOwn = 5

func (in *tongue) notCounted(w io.Writer, list []web.TargetLeftOut) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s\n", in.say("Not counted", "Niet geteld"))
	var untold []string
	for i := range list {
		l := &list[i]
		count := in.number(float64(l.Count), 0)
		switch {
		case l.Reason == targets.Hidden:
			count = in.say("Up to ", "Hooguit ") + count
		case !l.Complete:
			if untold = append(untold, l.Reason); l.Count == 0 {
				continue
			}
			count += in.say(" of your own", " van uzelf")
		}
		fmt.Fprintf(w, "  %s: %s (%s)\n", count, in.of(l.Sentence), l.Reason)
		for j, it := range l.Own {
			if j == maxOwn {
				fmt.Fprintf(w, in.say("    and %d more of your own: --json lists them\n", "    en nog %d van uzelf: --json noemt ze\n"), len(l.Own)-j)
				break
			}
			what := ""
			if it.Placement != "" {
				what = in.say("placement ", "plaatsing ") + it.Placement + ", "
			}
			fmt.Fprintf(w, in.say("    yours: %semployer %s, %s, position %d\n", "    van u: %swerkgever %s, %s, positie %d\n"), what, it.Employer, it.Date, it.Position)
		}
	}
	if len(untold) > 0 {
		fmt.Fprintf(w, "  %s: %s.\n", in.say("It is not told how many there are of others for one of these reasons, for they say something of people",
			"Hoeveel er van anderen zijn om een van deze redenen, wordt niet verteld, want zij zeggen iets over mensen"), strings.Join(untold, ", "))
	}
}
