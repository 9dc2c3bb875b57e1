package targets

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"huisboek/events"
)

// cases are the rules by example: what was said, and what then stands. The file
// explains its own words.
//
//go:embed testdata/cases.txt
var cases string

type example struct {
	name  string
	lines []string
	first int // line number of the first
}

func examples(t *testing.T) (list []*example) {
	t.Helper()
	for n, line := range strings.Split(cases, "\n") {
		line, _, _ = strings.Cut(line, "#")
		switch name, ok := strings.CutPrefix(line, "== "); {
		case ok:
			list = append(list, &example{name: strings.TrimSpace(name), first: n + 2})
		case len(list) > 0:
			e := list[len(list)-1]
			e.lines = append(e.lines, strings.TrimSpace(line))
		case strings.TrimSpace(line) != "":
			t.Fatalf("line %d belongs to no case", n+1)
		}
	}
	return list
}

// TestCases: given these events, when this is asked, then this stands.
func TestCases(t *testing.T) {
	list, names := examples(t), map[string]bool{}
	if len(list) < 30 {
		t.Errorf("only %d cases", len(list))
	}
	for _, e := range list {
		if names[e.name] {
			t.Errorf("%q stands there twice", e.name)
		}
		names[e.name] = true
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			s := newScene()
			for i, line := range e.lines {
				if line == "" {
					continue
				}
				if err := s.line(line); err != nil {
					t.Errorf("line %d: %s\n%v", e.first+i, line, err)
				}
			}
			if s.asked == 0 {
				t.Error("nothing is expected")
			}
			if len(s.records) < 50 { // the model is slow
				checkModel(t, s.tale)
			}
		})
	}
}

// scene is a book in which a case is played.
type scene struct {
	*tale
	named map[string]*events.Record // what a case gives a name, as it stands
	asked int
}

func newScene() *scene {
	s := &scene{tale: newTale("2026-01-01"), named: map[string]*events.Record{}}
	for i, name := range []string{"gemeente", "uwv", "sw"} {
		s.admit(partnerIDs[i], name, "2020-01-01", "")
	}
	return s
}

var partnerIDs = []string{
	"0b1c1c0e-0000-4000-8000-000000000001", "0b1c1c0e-0000-4000-8000-000000000002", "0b1c1c0e-0000-4000-8000-000000000003",
	"0b1c1c0e-0000-4000-8000-000000000004", "0b1c1c0e-0000-4000-8000-000000000005",
}

func partnerNamed(name string) string {
	switch name {
	case "beheerder":
		return theBook
	case "gemeente", "uwv", "sw", "dorp", "stad":
		return partnerIDs[slices.Index([]string{"gemeente", "uwv", "sw", "dorp", "stad"}, name)]
	}
	return ""
}

// employerNamed is always the same employer for the same name.
func employerNamed(name string) events.Employer {
	n := uint32(17)
	for _, c := range []byte(name) {
		n = n*131 + uint32(c)
	}
	return events.Employer{KvK: fmt.Sprintf("%08d", n%100_000_000)}
}

// line plays one line of a case, or holds what is asked against what is expected.
func (s *scene) line(line string) error {
	line, want, expected := strings.Cut(line, " = ")
	words := strings.Fields(line)
	w := readWords(words[1:])
	switch verb := words[0]; {
	case verb == "vandaag":
		s.today(events.Date(words[1]))
		return nil
	case verb == "doel":
		return s.target(words[1], words[2], w)
	case verb == "stand" && expected:
		s.asked++
		return s.stands(w, want)
	case verb == "bereik" && expected:
		s.asked++
		return s.reaches(w, want)
	case verb == "aantallen":
		var counts []events.EmployerCount
		for _, x := range words[2:] {
			gemeente, rest, _ := strings.Cut(x, "=")
			gemeente, size, _ := strings.Cut(gemeente, "/")
			counts = append(counts, events.EmployerCount{Gemeente: gemeente, Size: size, Count: number(rest)})
		}
		s.tell(theBook, &events.EmployersCounted{From: events.Date(words[1]), Origin: "LISA", Counts: counts})
		return nil
	case partnerNamed(verb) != "" && len(words) > 1:
		return s.does(partnerNamed(verb), words[1], readWords(words[2:]))
	}
	return fmt.Errorf("not understood")
}

// wordsOf are the words of a line: those that stand alone, and those with a value.
type wordsOf struct {
	bare  []string
	value map[string]string
}

// readWords reads "a b op 2026-03-10 met=uwv": a known word takes the next one as its value.
func readWords(words []string) wordsOf {
	w := wordsOf{value: map[string]string{}}
	for i := 0; i < len(words); i++ {
		if key, value, ok := strings.Cut(words[i], "="); ok {
			w.value[key] = value
			continue
		}
		switch words[i] {
		case "op", "tot", "bij", "als", "van", "voor", "bekend", "per", "keer", "verleden", "door", "aantal", "splits", "vandaag":
			if i+1 < len(words) {
				w.value[words[i]] = words[i+1]
				i++
				continue
			}
		}
		w.bare = append(w.bare, words[i])
	}
	return w
}

func (w *wordsOf) list(key string) []string {
	if w.value[key] == "" {
		return nil
	}
	return strings.Split(w.value[key], ",")
}

func (w *wordsOf) date(key string) events.Date { return events.Date(w.value[key]) }

func (w *wordsOf) hours(key string) *events.Hundredths {
	if w.value[key] == "" {
		return nil
	}
	f, err := strconv.ParseFloat(w.value[key], 64)
	if err != nil {
		panic(err)
	}
	return ptr(events.Hundredths(f*100 + 0.5))
}

func (w *wordsOf) yes(key string) *bool {
	if w.value[key] == "" {
		return nil
	}
	return ptr(w.value[key] == "ja")
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		panic(err)
	}
	return n
}

func (w *wordsOf) number(key string) *int {
	if w.value[key] == "" {
		return nil
	}
	return ptr(number(w.value[key]))
}

func (s *scene) target(measure, count string, w wordsOf) error {
	d := &events.TargetSet{
		Target: theTarget, Name: "Doel", Period: &events.Period{From: "2026-01-01", To: "2026-12-31"}, Measure: measure, Number: number(count),
		Groups: w.list("doelgroepen"), Register: w.yes("register"), Sector: w.value["sector"], Subregion: w.value["subregio"],
		Definition: events.Definition{
			Kinds: w.list("soorten"), Services: w.list("diensten"), Purposes: w.list("doelen"),
			LeastHours: w.hours("urenMinstens"), LeastDays: w.number("dagenMinstens"), Standing: slices.Contains(w.bare, "lopend"),
		},
	}
	if from, to := w.date("van"), w.date("tot"); from != "" {
		d.Period = &events.Period{From: from, To: to}
	}
	for _, x := range w.list("aandelen") {
		name, n, _ := strings.Cut(x, ":")
		d.Shares = append(d.Shares, events.TargetShare{Partner: identityOf(partnerNamed(name)), Number: number(n)})
	}
	for _, x := range w.list("pad") {
		day, n, _ := strings.Cut(x, ":")
		d.Path = append(d.Path, events.TargetPoint{Day: events.Date(day), Number: number(n)})
	}
	s.tell(theBook, d)
	return nil
}

func (s *scene) does(partner, verb string, w wordsOf) error {
	name := w.value["als"]
	times := 1
	if n := w.number("keer"); n != nil {
		times = *n
	}
	employer := func() events.Employer {
		if w.value["bij"] != "" {
			return employerNamed(w.value["bij"])
		}
		return employerNamed(fmt.Sprintf("eigen-%d", len(s.records)))
	}
	var old *events.Record
	if len(w.bare) > 0 {
		old = s.named[w.bare[0]]
	}
	keep := func(r *events.Record) {
		if name != "" {
			s.named[name] = r
		}
	}
	switch verb {
	case "plaatst":
		for range times {
			d := &events.PlacementMade{Employer: employer(), Placement: s.uuid(), Start: w.date("op"), Kind: "dienstverband", Region: "AM07"}
			w.into(d)
			keep(s.tell(partner, d))
		}
	case "corrigeert":
		d := *old.Event.Data.(*events.PlacementMade)
		w.into(&d)
		s.named[w.bare[0]] = s.correct(old, &d)
	case "eindigt":
		root := s.rootOf(old)
		r := s.tell(partner, &events.PlacementEnded{Placement: old.Event.Data.(*events.PlacementMade).Placement, End: w.date("op")}, root)
		keep(r)
	case "trekt-in":
		s.retract(old)
	case "bevestigt":
		keep(s.confirm(partner, old))
	case "gelijk":
		keep(s.tell(partner, &events.PlacementsMatched{Placement: refOf(old), With: refOf(s.named[w.bare[1]])}, s.rootOf(old), s.rootOf(s.named[w.bare[1]])))
	case "onderscheidt":
		keep(s.tell(partner, &events.PlacementsDistinct{Placement: refOf(old), With: refOf(s.named[w.bare[1]])}, s.rootOf(old), s.rootOf(s.named[w.bare[1]])))
	case "bezoekt":
		for range times {
			d := &events.VisitMade{Employer: employer(), Date: w.date("op"), Purpose: "kennismaking", Form: "op-locatie", TargetGroups: w.list("doelgroep")}
			if w.value["doel"] != "" {
				d.Purpose = w.value["doel"]
			}
			for _, p := range w.list("met") {
				d.With = append(d.With, identityOf(partnerNamed(p)))
			}
			keep(s.tell(partner, d))
		}
	case "dienst":
		for range times {
			keep(s.tell(partner, &events.ServiceDelivered{Employer: employer(), Service: w.bare[0], Date: w.date("op"), Count: w.number("aantal"), TargetGroup: w.value["doelgroep"]}))
		}
	case "vacature":
		keep(s.tell(partner, &events.VacancyReported{Employer: employer(), Vacancy: s.uuid(), Occupation: "bakker", Count: *w.number("aantal"), Date: w.date("op")}))
	case "vervult":
		v := old.Event.Data.(*events.VacancyReported)
		keep(s.tell(partner, &events.VacancyFilled{Vacancy: v.Vacancy, Date: w.date("op"), Count: w.number("aantal")}, s.rootOf(old)))
	case "beschrijft":
		d := &events.EmployerDescribed{Employer: employer(), Gemeente: w.value["gemeentecode"], Size: w.value["grootteklasse"]}
		d.Name.Seal = &events.Seal{Key: 1, Text: "zegel"}
		s.tell(partner, d)
	case "laat-toe":
		s.admit(partnerNamed(w.bare[0]), w.bare[0], w.date("per"), w.value["subregio"], w.list("gemeentecodes")...)
	case "laat-gaan":
		s.tell(theBook, &events.PartnerDeparted{Partner: partnerNamed(w.bare[0]), From: w.date("per"), Past: w.value["verleden"]})
	case "volgt-op":
		s.tell(theBook, &events.PartnerSucceeded{Partner: partnerNamed(w.bare[0]), By: partnerNamed(w.value["door"]), From: w.date("per")})
	case "koppelt":
		s.link(w.bare[0], w.bare[1])
	case "niveau":
		s.tell(theBook, &events.LevelSet{Employer: employer(), Level: w.bare[0]})
	default:
		return fmt.Errorf("not understood")
	}
	return nil
}

// into puts what a line says of a placement into it.
func (w *wordsOf) into(d *events.PlacementMade) {
	for key := range w.value {
		switch key {
		case "op":
			d.Start = w.date("op")
		case "tot":
			d.End = w.date("tot")
		case "bij":
			d.Employer = employerNamed(w.value["bij"])
		case "uren":
			d.Hours = w.hours("uren")
		case "doelgroep":
			d.TargetGroup = w.value["doelgroep"]
		case "register":
			d.Register = w.yes("register")
		case "soort":
			d.Kind = w.value["soort"]
		case "sector":
			d.Sector = w.value["sector"]
		case "met":
			d.With = nil
			for _, p := range w.list("met") {
				d.With = append(d.With, identityOf(partnerNamed(p)))
			}
		}
	}
}
