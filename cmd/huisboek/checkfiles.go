package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"huisboek/adapters/client"
	"huisboek/events"
	"huisboek/ledger"
)

// From where on a check says something about an event that is good.
const (
	longText  = 500                    // characters of free text
	nearLimit = events.MaxSize * 3 / 4 // bytes
	farAhead  = 366                    // days
	farBack   = 2 * 366
)

// place is where an event stands.
type place struct {
	file   string
	number int
}

// whole is what a check knows of all events together.
type whole struct {
	files     []string
	used      map[events.Type]int
	sources   map[string]bool
	plainIDs  int
	contents  map[events.Ref][sha256.Size]byte // the first content of each
	remarks   map[string][]place
	planned   map[string]place       // approaches that these files plan
	last      map[string]events.Date // their last day
	ended     map[string]bool        // visited or called off
	unplanned map[string][]place     // refused for an approach that was not planned yet
	first     []byte                 // the first event that was good
	receipt   *ledger.Receipt        // of that
}

// files judges every event of the files, and then all of them.
func (c *checker) files(ctx context.Context, names []string, stdin io.Reader) error {
	c.whole = whole{
		files: names, used: map[events.Type]int{}, sources: map[string]bool{}, contents: map[events.Ref][sha256.Size]byte{},
		remarks: map[string][]place{}, planned: map[string]place{}, last: map[string]events.Date{}, ended: map[string]bool{},
		unplanned: map[string][]place{},
	}
	for _, name := range names {
		n := 0
		var broke error // of the offer, not of the file
		err := inBatches(name, stdin, c.way.atOnce(), func(all [][]byte) error {
			broke = c.way.offer(ctx, all, func(i int, o ledger.Outcome) error {
				n++
				c.judge(place{name, n}, all[i], o)
				return nil
			})
			return broke
		})
		if broke != nil {
			return broke
		}
		if err != nil {
			c.tell("geheel", wrong, "bestand", name, n, err)
		}
	}
	if err := c.repeatFirst(ctx); err != nil {
		return err
	}
	c.overall()
	return nil
}

func (c *checker) judge(at place, raw []byte, o ledger.Outcome) {
	e, err := events.Decode(raw, c.now())
	var remarks []string
	if err == nil {
		remarks = c.whole.add(at, e, len(raw), c.now(), o)
	}
	name := string(events.LabelOf(raw).Type.Name())
	if name == "" {
		name = "?"
	}
	f := checkLine{Step: "melding", File: at.file, Number: at.number}
	if o.Err != nil {
		c.found.Refused++
		f.Verdict, f.Sentence = wrong, checkWords["geweigerd"].fill(name, problemWords(o.Err))
		if client.RefusedPlan(o.Err) != nil { // nothing is wrong with how it was said
			f.Verdict, f.Sentence = mind, checkWords["afspraken"].fill(name)
		}
		c.add(f)
		c.faults(f, o.Err)
		return
	}
	c.found.Good++
	if c.whole.first == nil {
		c.whole.first, c.whole.receipt = raw, o.Receipt
	}
	f.Verdict = good
	if len(remarks) > 0 {
		c.found.Remarked++
		f.Verdict = mind
	}
	switch {
	case c.way.try:
		f.Sentence = checkWords["zou-aangenomen"].fill(name, receiptWords(o.Receipt))
	case o.Receipt.Again:
		f.Sentence = checkWords["was-er-al"].fill(name, o.Receipt.Position, receiptWords(o.Receipt))
	default:
		f.Sentence = checkWords["aangenomen"].fill(name, o.Receipt.Position, receiptWords(o.Receipt))
	}
	c.add(f)
	for _, r := range remarks {
		f.Code, f.Field, f.Sentence = r, remarkFields[r], checkWords[r].fill()
		c.add(f)
	}
}

// repeatFirst offers the first good event once more.
func (c *checker) repeatFirst(ctx context.Context) error {
	if c.whole.first == nil || c.way.try {
		return nil
	}
	out, err := c.ask(ctx, c.whole.first)
	if err != nil {
		return err
	}
	c.repeated(c.whole.receipt, out[0])
	return nil
}

// add notes an event of the right form, and gives the codes of what is to be said
// of it although it may be good.
func (w *whole) add(at place, e *events.Event, size int, now time.Time, o ledger.Outcome) (remarks []string) {
	w.used[e.Type]++
	w.sources[e.Source] = true
	if uuid.Validate(e.ID) != nil {
		w.plainIDs++
	}
	say := func(when bool, code string) {
		if when {
			remarks = append(remarks, code)
			w.remarks[code] = append(w.remarks[code], at)
		}
	}
	ref, content := events.Ref{Source: e.Source, ID: e.ID}, sha256.Sum256(e.Canonical())
	if first, ok := w.contents[ref]; ok {
		say(first == content, "dubbel")
		say(first != content, "id-hergebruikt")
	} else {
		w.contents[ref] = content
	}
	w.follow(at, e.Data, o)
	m := managerOf(e.Data)
	say(e.Time == "", "geen-time")
	say(m != nil && m.Phone == "", "geen-telefoon")
	say(utf8.RuneCountInString(freeText(e.Data)) > longText, "lange-tekst")
	say(size > nearLimit, "bijna-te-groot")
	if from, _ := daysOf(e.Data); from != "" {
		today := events.DateOf(now)
		say(from > today.AddDays(farAhead), "ver-vooruit")
		say(from < today.AddDays(-farBack) && !e.Afterwards, "lang-geleden")
	}
	return remarks
}

// follow keeps what becomes of the approaches that these files plan.
func (w *whole) follow(at place, d events.Data, o ledger.Outcome) {
	approach := approachOf(d)
	if approach == "" {
		return
	}
	_, to := daysOf(d)
	_, known := w.planned[approach]
	switch d.(type) {
	case *events.VisitPlanned:
		if !known {
			w.planned[approach] = at
		}
		w.last[approach] = to
		return
	case *events.VisitMoved:
		w.last[approach] = to
	case *events.VisitMade, *events.VisitCalledOff:
		w.ended[approach] = true
	}
	if !known && o.Err != nil {
		w.unplanned[approach] = append(w.unplanned[approach], at)
	}
}

// overall says what all events together show.
func (c *checker) overall() {
	w := &c.whole
	if c.found.Good+c.found.Refused == 0 {
		c.tell("geheel", mind, "niets")
		return
	}
	var used, unused []string
	for _, t := range events.Types() {
		switch n := w.used[t]; {
		case n > 0:
			used = append(used, fmt.Sprintf("%s (%d)", t.Name(), n))
		case t.Emitter() == events.ByPartner:
			unused = append(unused, t.Name())
		}
	}
	if len(used) > 0 {
		c.tell("geheel", good, "gebruikt", strings.Join(used, ", "))
	}
	if len(unused) > 0 {
		c.tell("geheel", good, "niet-gebruikt", strings.Join(unused, ", "))
	}
	if w.plainIDs > 0 {
		c.tell("geheel", good, "geen-uuids", w.plainIDs)
	}
	if len(w.sources) > 1 {
		c.tell("geheel", mind, "meer-sources", strings.Join(slices.Sorted(maps.Keys(w.sources)), ", "))
	}
	for _, code := range slices.Sorted(maps.Keys(w.remarks)) {
		c.tell("geheel", mind, code+"-geheel", c.places(w.remarks[code]))
	}
	c.approaches()
}

// approaches says which plans have no end, and what came before its plan.
func (c *checker) approaches() {
	w := &c.whole
	today := events.DateOf(c.now())
	var open, early []place
	for approach, at := range w.planned {
		if !w.ended[approach] && w.last[approach] < today {
			open = append(open, at)
		}
		early = append(early, w.unplanned[approach]...)
	}
	if len(open) > 0 {
		c.tell("geheel", mind, "plan-zonder-einde", c.places(open))
	}
	if len(early) > 0 {
		c.tell("geheel", mind, "voor-het-plan", c.places(early))
	}
}

// places says where something is; of many the first.
func (c *checker) places(all []place) events.Sentence {
	slices.SortFunc(all, func(a, b place) int {
		if a.file != b.file {
			return slices.Index(c.whole.files, a.file) - slices.Index(c.whole.files, b.file)
		}
		return a.number - b.number
	})
	const most = 5
	var names []string
	for _, p := range all[:min(most, len(all))] {
		name := fmt.Sprint(p.number)
		if len(c.whole.files) > 1 {
			name = fmt.Sprintf("%s:%d", p.file, p.number)
		}
		names = append(names, name)
	}
	list := strings.Join(names, ", ")
	s := events.Sentence{NL: "melding " + list, EN: "event " + list}
	if more := len(all) - len(names); more > 0 {
		s.NL += fmt.Sprintf(" en nog %d", more)
		s.EN += fmt.Sprintf(" and %d more", more)
	}
	return s
}

func approachOf(d events.Data) string {
	switch d := d.(type) {
	case *events.VisitPlanned:
		return d.Approach
	case *events.VisitMoved:
		return d.Approach
	case *events.VisitCalledOff:
		return d.Approach
	case *events.VisitMade:
		return d.Approach
	}
	return ""
}

// daysOf are the first and the last day that an event is about; empty when it is
// about none.
func daysOf(d events.Data) (from, to events.Date) {
	day, period := events.Date(""), (*events.Period)(nil)
	switch d := d.(type) {
	case *events.VisitPlanned:
		day, period = d.Date, d.Period
	case *events.VisitMoved:
		day, period = d.Date, d.Period
	case *events.ServiceDelivered:
		day, period = d.Date, d.Period
	case *events.VisitMade:
		day = d.Date
	case *events.PlacementMade:
		day = d.Start
	}
	if period != nil {
		return period.From, period.To
	}
	return day, day
}

func managerOf(d events.Data) *events.AccountManager {
	switch d := d.(type) {
	case *events.VisitPlanned:
		return d.AccountManager.Plain
	case *events.VisitMade:
		return d.AccountManager.Plain
	case *events.ContactAppointed:
		return d.AccountManager.Plain
	}
	return nil
}

func freeText(d events.Data) string {
	text := func(p events.Personal[string]) string {
		if p.Plain == nil {
			return ""
		}
		return *p.Plain
	}
	switch d := d.(type) {
	case *events.VisitPlanned:
		return text(d.Note)
	case *events.VisitMoved:
		return text(d.Reason)
	case *events.VisitCalledOff:
		return text(d.Reason)
	case *events.VisitMade:
		return text(d.Note)
	case *events.PlacementEnded:
		return text(d.Reason)
	case *events.EventRetracted:
		return text(d.Reason)
	}
	return ""
}
