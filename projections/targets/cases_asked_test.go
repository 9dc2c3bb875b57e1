package targets

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"huisboek/events"
)

// stands asks for a standing and holds every part of it that is expected.
func (s *scene) stands(w wordsOf, want string) error {
	q := Question{Target: theTarget, On: w.date("op"), Today: events.DateOf(s.at), Reader: Reader{All: true}}
	if day := w.date("vandaag"); day != "" {
		q.Today = day
	}
	if across := w.list("splits"); len(across) > 0 {
		for i, d := range across {
			q.Across[i] = Dimension(d)
		}
	}
	if who := w.value["voor"]; who != "" {
		q.Reader = Reader{Partner: partnerNamed(who), Own: func(p string) bool { return p == partnerNamed(who) }}
	}
	var at Known
	if day := w.date("bekend"); day != "" {
		at.At = day.AddDays(1).Begins().Add(-time.Millisecond)
		q.Today = day
	}
	if q.On == "" {
		q.On = q.Today
	}
	got, err := s.ask(q, at)
	if err != nil {
		return err
	}
	facts := shown(got)
	for _, x := range strings.Split(want, ";") {
		x = strings.Join(strings.Fields(x), " ")
		name, value, _ := cutLast(x)
		if facts[name] != value && !(value == "0" && facts[name] == "") {
			return fmt.Errorf("%s is %q, not %q\n%s", name, facts[name], value, lines(facts))
		}
	}
	return nil
}

func cutLast(s string) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func lines(facts map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(facts)) {
		fmt.Fprintf(&b, "  %s %s\n", name, facts[name])
	}
	return b.String()
}

func (a Amount) text() string {
	s := strconv.FormatFloat(float64(a)/1000, 'f', 3, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// shown is a standing in the words of a case.
func shown(st Standing) map[string]string {
	facts := map[string]string{
		"totaal": st.Total.text(), "twijfel": strconv.Itoa(st.Doubts), "eigen": st.Own.text(), "verschil": st.Difference.text(),
		"pad": st.Agreed.text(), "versie": strconv.Itoa(st.Version.Number), "tot-en-met": st.Settled,
	}
	who := func(partner string) string {
		for _, name := range []string{"gemeente", "uwv", "sw", "dorp", "stad"} {
			if partnerNamed(name) == partner {
				return name
			}
		}
		return partner
	}
	for _, x := range st.Shares {
		name := who(x.Partner) + x.Label
		facts[name+" heel"], facts[name+" gedeeld"] = x.Whole.text(), x.Divided.text()
		if x.Agreed != nil {
			facts[name+" afgesproken"] = strconv.Itoa(*x.Agreed)
		}
	}
	for _, m := range st.Months {
		facts["maand "+m.Month], facts["stand "+m.Month], facts["pad "+m.Month] = m.Count.text(), m.So.text(), m.Agreed.text()
	}
	for _, x := range st.NotCounted {
		facts["niet "+x.Reason] = strconv.Itoa(x.Count)
		facts["herstellen "+x.Reason] = strconv.Itoa(len(x.Own))
		facts["verborgen "+x.Reason] = map[bool]string{true: "ja", false: "nee"}[x.Hidden]
	}
	for _, d := range st.Left {
		facts["weg "+who(d.Partner)] = d.Past
	}
	if st.Split != nil {
		for _, c := range st.Split.Cells {
			var names []string
			for i, d := range st.Split.Across {
				if d == ByPartner {
					names = append(names, who(c.Values[i]))
				} else if d != "" {
					names = append(names, c.Values[i])
				}
			}
			facts["cel "+strings.Join(names, "/")] = c.Amount.text()
		}
	}
	return facts
}

// reaches asks for the reach of the region.
func (s *scene) reaches(w wordsOf, want string) error {
	period := events.Period{From: "2026-01-01", To: "2026-12-31"}
	if from, to := w.date("van"), w.date("tot"); from != "" {
		period = events.Period{From: from, To: to}
	}
	on := w.date("op")
	if on == "" {
		on = events.DateOf(s.at)
	}
	got, err := s.standings.Reach(s.tx(), period, on, Known{})
	if err != nil {
		return err
	}
	facts := map[string]string{"bereikt": strconv.Itoa(got.Contacted), "onbekend": strconv.Itoa(got.NoPlace), "maat-onbekend": strconv.Itoa(got.NoSize)}
	for _, x := range got.Rows {
		name := strings.TrimSuffix(x.Gemeente+"/"+x.Size, "/")
		facts[name] = strconv.Itoa(x.Contacted)
		if x.Known {
			facts[name] += "/" + strconv.Itoa(x.Employers)
		}
		facts["aandeel "+name] = "onbekend"
		if share, ok := x.Share(); ok {
			facts["aandeel "+name] = strconv.FormatFloat(float64(share)/10, 'f', 1, 64) + "%"
		}
	}
	for _, x := range got.Subregions {
		facts["subregio "+x.Name] = fmt.Sprintf("%d/%d", x.Contacted, x.Employers)
	}
	for _, x := range strings.Split(want, ";") {
		name, value, _ := cutLast(strings.Join(strings.Fields(x), " "))
		if facts[name] != value {
			return fmt.Errorf("%s is %q, not %q\n%s", name, facts[name], value, lines(facts))
		}
	}
	return nil
}
