package regions

import (
	"errors"
	"fmt"
	"unicode"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// A file that an operator gives is bounded, so that a wrong one does no harm.
const (
	maxFile   = 1 << 20 // bytes; the embedded one is a twentieth
	maxText   = 1000    // bytes of one name or note
	maxFaults = 50      // that are named; the number of the others is told
)

// file is regions.json. Its members are checked by checks.
type file struct {
	Version      int         `json:"versie"`
	From         events.Date `json:"vanaf"`
	CheckedUntil events.Date `json:"bijgewerktTot"`
	Sources      []Source    `json:"bronnen"`
	Regions      []Region    `json:"arbeidsmarktregios"`
	Gemeenten    []entry     `json:"gemeenten"`
}

// entry is one municipality with the regions it belonged to.
type entry struct {
	Gemeente `json:",inline"`
	In       []member `json:"lid"`
}

// member says when a municipality belonged to a region. It certainly did on the
// days from From to Until (not included) when From is there; it may have on the days
// from Maybe to MaybeUntil. What is empty has no end on that side, as far as the data
// goes.
type member struct {
	Region     string      `json:"regio"`
	Maybe      events.Date `json:"misschienVan,omitempty"`
	From       events.Date `json:"zekerVan,omitempty"`
	Until      events.Date `json:"zekerTot,omitempty"`
	MaybeUntil events.Date `json:"misschienTot,omitempty"`
	Sources    []string    `json:"bronnen"`
	Note       string      `json:"noot,omitempty"`
}

func (m *member) possible(on events.Date) bool {
	return m.Maybe <= on && (m.MaybeUntil == "" || on < m.MaybeUntil)
}

func (m *member) certain(on events.Date) bool {
	return m.From != "" && m.From <= on && (m.Until == "" || on < m.Until) && m.possible(on)
}

// Parse reads a file such as regions.json; the error names every fault.
func Parse(data []byte) (*Data, error) {
	if len(data) > maxFile {
		return nil, fmt.Errorf("a file of %d bytes: at most %d", len(data), maxFile)
	}
	d := &Data{gemeenten: make(map[string]int)}
	if err := json.Unmarshal(data, &d.file, json.RejectUnknownMembers(true)); err != nil {
		return nil, err // says where
	}
	c := checks{Data: d}
	c.all()
	if c.more > 0 {
		c.faults = append(c.faults, fmt.Errorf("and %d more", c.more))
	}
	if len(c.faults) > 0 {
		return nil, errors.Join(c.faults...)
	}
	return d, nil
}

// checks goes through a file and remembers what is wrong with it.
type checks struct {
	*Data
	regions, sources map[string]bool
	faults           []error
	more             int
}

func (c *checks) fault(place, format string, args ...any) {
	if len(c.faults) == maxFaults {
		c.more++
		return
	}
	c.faults = append(c.faults, fmt.Errorf("%s: %s", place, fmt.Sprintf(format, args...)))
}

func (c *checks) all() {
	f := &c.file
	if f.Version != 1 {
		c.fault("versie", "%d is not 1, the one that this version of huisboek reads", f.Version)
	}
	for _, day := range []struct {
		place string
		day   events.Date
	}{{"vanaf", f.From}, {"bijgewerktTot", f.CheckedUntil}} {
		if day.day == "" {
			c.fault(day.place, "is missing")
		}
		c.day(day.place, day.day)
	}
	c.inOrder("", "vanaf", f.From, "bijgewerktTot", f.CheckedUntil)
	c.sources = make(map[string]bool)
	for i, s := range f.Sources {
		place := fmt.Sprintf("bronnen[%d] (%s)", i, shown(s.Key))
		c.key(place, c.sources, s.Key, true)
		c.text(place+".tekst", s.Text, true)
		c.text(place+".licentie", s.Licence, true)
	}
	c.regions = make(map[string]bool)
	for i, r := range f.Regions {
		place := fmt.Sprintf("arbeidsmarktregios[%d] (%s)", i, shown(r.Code))
		c.key(place, c.regions, r.Code, code("AM", 2, r.Code))
		c.text(place+".naam", r.Name, true)
		if i > 0 && r.Code < f.Regions[i-1].Code {
			c.fault(place, "does not come after %s: they stand by code", shown(f.Regions[i-1].Code))
		}
	}
	if len(f.Regions) == 0 {
		c.fault("arbeidsmarktregios", "is empty")
	}
	known := make(map[string]bool)
	for i := range f.Gemeenten {
		g := &f.Gemeenten[i]
		c.key(placeOf(i, g), known, g.Code, code("GM", 4, g.Code))
		if _, twice := c.gemeenten[g.Code]; !twice {
			c.gemeenten[g.Code] = i
		}
	}
	for i := range f.Gemeenten {
		c.gemeente(placeOf(i, &f.Gemeenten[i]), &f.Gemeenten[i])
	}
}

func placeOf(i int, g *entry) string { return fmt.Sprintf("gemeenten[%d] (%s)", i, shown(g.Code)) }

func (c *checks) gemeente(place string, g *entry) {
	c.text(place+".naam", g.Name, true)
	c.day(place+".van", g.From)
	c.day(place+".tot", g.Until)
	c.earlier(place, "van", g.From, "tot", g.Until)
	if g.Into != "" {
		heir, ok := c.Gemeente(g.Into)
		switch {
		case g.Until == "":
			c.fault(place+".opgegaanIn", "without tot: since when?")
		case !ok:
			c.fault(place+".opgegaanIn", "%s is not in the file", shown(g.Into))
		case !heir.Exists(g.Until): // itself included
			c.fault(place+".opgegaanIn", "%s does not exist on %s", g.Into, shown(string(g.Until)))
		}
	}
	for j := range g.In {
		at := fmt.Sprintf("%s.lid[%d] (%s)", place, j, shown(g.In[j].Region))
		c.member(at, g, &g.In[j])
		for k := range g.In[:j] {
			c.apart(at, &g.In[k], &g.In[j])
		}
	}
}

func (c *checks) member(place string, g *entry, m *member) {
	if !c.regions[m.Region] {
		c.fault(place+".regio", "%s is not in the file", shown(m.Region))
	}
	c.text(place+".noot", m.Note, false)
	if len(m.Sources) == 0 {
		c.fault(place+".bronnen", "is empty: who says so?")
	}
	for _, s := range m.Sources {
		if !c.sources[s] {
			c.fault(place+".bronnen", "%s is not in the file", shown(s))
		}
	}
	c.day(place+".misschienVan", m.Maybe)
	c.day(place+".zekerVan", m.From)
	c.day(place+".zekerTot", m.Until)
	c.day(place+".misschienTot", m.MaybeUntil)
	if m.From == "" {
		if m.Until != "" {
			c.fault(place+".zekerTot", "without zekerVan")
		}
		if m.Note == "" {
			c.fault(place+".noot", "is missing: why is nothing certain?")
		}
	}
	c.inOrder(place, "misschienVan", m.Maybe, "zekerVan", m.From)
	c.earlier(place, "zekerVan", m.From, "zekerTot", m.Until)
	c.inOrder(place, "zekerTot", m.Until, "misschienTot", m.MaybeUntil)
	c.earlier(place, "misschienVan", m.Maybe, "misschienTot", m.MaybeUntil)
	c.earlier(place, "zekerVan", m.From, "misschienTot", m.MaybeUntil)
	for _, day := range []events.Date{m.Maybe, m.From, m.Until, m.MaybeUntil} {
		if _, err := events.ParseDate(string(day)); err == nil && (day < g.From || g.Until != "" && day > g.Until) {
			c.fault(place, "%s lies outside the days of the municipality", shown(string(day)))
		}
	}
}

// apart: a municipality is certainly in one region at a time, and each region has
// it once.
func (c *checks) apart(place string, a, b *member) {
	switch {
	case a.Region == b.Region && overlap(a.Maybe, a.MaybeUntil, b.Maybe, b.MaybeUntil):
		c.fault(place, "is there twice on the same days")
	case a.From != "" && b.From != "" && overlap(a.From, a.end(), b.From, b.end()):
		c.fault(place, "overlaps %s: both certain on the same days", shown(a.Region))
	}
}

// end is the day from which it is no longer certain.
func (m *member) end() events.Date {
	if m.Until != "" {
		return m.Until
	}
	return m.MaybeUntil
}

// overlap reports whether two spans have a day in common; an empty day is no bound.
func overlap(from, until, otherFrom, otherUntil events.Date) bool {
	return (otherUntil == "" || from < otherUntil) && (until == "" || otherFrom < until)
}

func (c *checks) key(place string, seen map[string]bool, key string, good bool) {
	switch {
	case key == "" || !good || len(key) > maxText || !printable(key):
		c.fault(place, "is no code")
	case seen[key]:
		c.fault(place, "comes twice")
	}
	seen[key] = true
}

func (c *checks) text(place, text string, required bool) {
	switch {
	case text == "" && required:
		c.fault(place, "is missing")
	case len(text) > maxText:
		c.fault(place, "is longer than %d bytes", maxText)
	case !printable(text):
		c.fault(place, "has characters that cannot be shown")
	}
}

func (c *checks) day(place string, day events.Date) {
	if _, err := events.ParseDate(string(day)); day != "" && err != nil {
		c.fault(place, "%s is %v", shown(string(day)), err)
	}
}

// inOrder: the second day, when both are there, does not come before the first.
func (c *checks) inOrder(place, name string, day events.Date, thenName string, then events.Date) {
	if day != "" && then != "" && then < day {
		c.fault(place, "%s %s comes before %s %s", thenName, shown(string(then)), name, shown(string(day)))
	}
}

// earlier: the second day, when both are there, comes after the first.
func (c *checks) earlier(place, name string, day events.Date, thenName string, then events.Date) {
	if day != "" && then != "" && then <= day {
		c.fault(place, "%s %s does not come after %s %s", thenName, shown(string(then)), name, shown(string(day)))
	}
}

// code: letters and so many digits, as CBS gives them.
func code(letters string, digits int, s string) bool {
	if len(s) != len(letters)+digits || s[:len(letters)] != letters {
		return false
	}
	for _, r := range s[len(letters):] {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

// shown is a value for a message: short, and with nothing that a terminal obeys.
func shown(s string) string {
	if len(s) > 60 {
		s = s[:60] + "…"
	}
	return fmt.Sprintf("%q", s)
}

func printable(s string) bool {
	for _, r := range s {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return false
		}
	}
	return true
}
