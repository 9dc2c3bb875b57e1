package ledger_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

// verdicts are the rules by example: what was said before, what is said now, and
// what the book answers. The file explains its own words.
//
//go:embed testdata/verdicts.txt
var verdicts string

// example is one named case: its lines are said in their order.
type example struct {
	name  string
	lines []string
	first int // line number of the first
}

func examples(t *testing.T) (list []*example) {
	t.Helper()
	for n, line := range strings.Split(verdicts, "\n") {
		line, _, _ = strings.Cut(line, "#")
		switch name, ok := strings.CutPrefix(line, "== "); {
		case ok:
			list = append(list, &example{name: name, first: n + 2})
		case len(list) > 0:
			e := list[len(list)-1]
			e.lines = append(e.lines, strings.TrimSpace(line))
		case strings.TrimSpace(line) != "":
			t.Fatalf("line %d belongs to no case", n+1)
		}
	}
	return list
}

// TestCases: given these events and this agreement, when this comes, then this
// verdict, these reasons and these people to call.
func TestCases(t *testing.T) {
	list, names := examples(t), map[string]bool{}
	if len(list) < 40 {
		t.Errorf("only %d cases", len(list))
	}
	for _, e := range list {
		if names[e.name] {
			t.Errorf("%q stands there twice", e.name)
		}
		names[e.name] = true
		t.Run(e.name, func(t *testing.T) {
			s := newScene(t, e.begins(t))
			for i, line := range e.lines {
				if line == "" {
					continue
				}
				if err := s.line(line); err != nil {
					t.Errorf("line %d: %s\n%v", e.first+i, line, err)
				}
			}
			if s.wanted == 0 {
				t.Error("nothing is expected")
			}
			s.checkStored()
			checkChain(t, s.book)
			checkRebuild(t, s.book)
		})
	}
}

// scene is a book in which a case is played.
type scene struct {
	*book
	names   map[string]*word  // what was said, by the name that the case gives it
	plans   map[string]*word  // the last plan of each partner
	said    map[string]*word  // what each partner said last
	parties map[string]*party // by letter
	fresh   string            // the employer that has no number yet
	wanted  int
}

// word is one thing said.
type word struct {
	by       *party
	event    *events.Event
	approach string
	at       events.Position
}

func (w *word) ref() events.Ref { return events.Ref{Source: w.event.Source, ID: w.event.ID} }

// newScene is a new book in which partners A, B and C take part.
func newScene(t *testing.T, begins time.Time) *scene {
	k := &book{t: t, stream: &ledgertest.Memory{}, keys: &ledgertest.MemoryKeys{}, clock: &clock{at: begins}}
	k.config = ledger.Config{
		Region: region, Book: uuid.NewString(), StewardOIN: stewardOIN, Secret: [32]byte{1, 2, 3},
		Stream: k.stream, Keys: k.keys, Now: k.clock.now,
	}
	k.open(filepath.Join(t.TempDir(), "book.db"))
	s := &scene{book: k, names: map[string]*word{}, plans: map[string]*word{}, said: map[string]*word{}, parties: map[string]*party{}, fresh: uuid.NewString()}
	for _, letter := range []string{"A", "B", "C"} {
		s.mustSteward(s.partner([]string{letter}))
	}
	return s
}

// begins is the moment at which a case begins: noon of the day that its first line
// says, or of the day on which all begin.
func (e *example) begins(t *testing.T) time.Time {
	t.Helper()
	for i, line := range e.lines {
		if day, ok := strings.CutPrefix(line, "begins "); ok {
			at, err := time.Parse(time.DateOnly, day)
			if err != nil {
				t.Fatal(err)
			}
			e.lines[i] = ""
			return at.Add(11 * time.Hour)
		}
	}
	return noon
}

// line says one line of a case and holds the answer against what is expected.
func (s *scene) line(line string) error {
	said, want, expected := strings.Cut(line, " = ")
	words := strings.Fields(said)
	verb, rest := words[0], words[1:]
	p := s.parties[verb]
	if p == nil {
		got, err := s.steer(verb, rest)
		return s.judged(got, err, want, expected)
	}
	verb, rest = rest[0], rest[1:]
	if verb == "asks" {
		a, err := s.asks(p, rest)
		return s.judged(shown(a, 0), err, want, expected)
	}
	if verb == "again" {
		w := s.said[p.name]
		r, err := s.ledger.Record(s.t.Context(), ledger.Submission{Event: s.event(*p, w.event.ID, w.event.Data), Caller: p.caller})
		if err == nil && (!r.Again || r.Position != w.at) {
			return fmt.Errorf("at %d (again: %v), first at %d", r.Position, r.Again, w.at)
		}
		return s.judged(shown(receiptOf(r)), err, want, expected)
	}
	w, o, err := s.says(p, verb, rest)
	if err != nil {
		return err
	}
	if expected && o.simple() {
		if err := s.agreesWithQuestion(p, w, want); err != nil {
			return err
		}
	}
	before := s.ledger.Position()
	r, err := s.ledger.Record(s.t.Context(), ledger.Submission{Event: w.event, Caller: p.caller})
	got := shown(receiptOf(r))
	got.recorded = s.ledger.Position() > before
	if w.at = got.Position; w.at == 0 {
		w.at = s.ledger.Position()
	}
	s.said[p.name] = w
	if o.name != "" {
		s.names[o.name] = w
	}
	if verb == "plan" {
		s.plans[p.name] = w
	}
	return s.judged(got, err, want, expected)
}

// receiptOf is a receipt, and the position in it; a plan that was refused has both.
func receiptOf(r *ledger.Receipt) (any, events.Position) {
	if r == nil {
		return nil, 0
	}
	return r, r.Position
}

// agreesWithQuestion asks what a plan would get before it is said.
func (s *scene) agreesWithQuestion(p *party, w *word, want string) error {
	d, ok := w.event.Data.(*events.VisitPlanned)
	if !ok {
		return nil
	}
	a, _, err := s.ledger.Advise(s.t.Context(), ledger.Question{Employer: d.Employer, Partner: p.id, Purpose: d.Purpose, Date: d.Date})
	if err != nil {
		return err
	}
	want, _, _ = strings.Cut(want, "; ")
	if got := shown(a, 0).verdict(); got != want {
		return fmt.Errorf("asked before: %s, want %s", got, want)
	}
	return nil
}

// judged compares an answer with the text behind the equals sign.
func (s *scene) judged(got view, err error, want string, expected bool) error {
	if !expected {
		if err == nil && got.Outcome == events.Refused {
			return fmt.Errorf("refused: %s", got.verdict())
		}
		return err
	}
	s.wanted++
	if codes, ok := strings.CutPrefix(want, "fault "); ok {
		told := []string{}
		for _, c := range faultCodes(err) {
			told = append(told, c[strings.LastIndex(c, " ")+1:])
		}
		if strings.Join(told, " ") != codes {
			return fmt.Errorf("faults %v (%v), want %s", told, err, codes)
		}
		return nil
	}
	if err != nil {
		return err
	}
	clauses := strings.Split(want, "; ")
	if v := got.verdict(); v != clauses[0] {
		return fmt.Errorf("%s, want %s", v, clauses[0])
	}
	for _, c := range clauses[1:] {
		if err := s.clause(got, strings.TrimSpace(c)); err != nil {
			return err
		}
	}
	return nil
}

// clause is one thing more that is expected of an answer.
func (s *scene) clause(got view, want string) error {
	what, rest, _ := strings.Cut(want, " ")
	switch what {
	case "call":
		calls := got.calls()
		only := strings.HasPrefix(rest, "only ")
		list := strings.Split(strings.TrimPrefix(rest, "only "), ", ")
		if rest == "nobody" {
			only, list = true, nil
		}
		if len(calls) < len(list) || only && len(calls) != len(list) || !slices.Equal(calls[:len(list)], list) {
			return fmt.Errorf("call %s, want %s", strings.Join(calls, ", "), rest)
		}
	case "holds":
		until := events.Date("nothing")
		if got.Until != "" {
			until = got.Until
		}
		day := rest
		if d, ok := strings.CutPrefix(rest, "until "); ok {
			day = string(s.day(d))
		}
		if string(until) != day {
			return fmt.Errorf("holds until %s, want %s", until, day)
		}
	case "rests":
		rests := s.stored(got.Position).Verdict.RestsOn
		for _, name := range strings.Fields(strings.TrimPrefix(rest, "on ")) {
			if w := s.names[name]; w == nil || !slices.Contains(rests, w.at) {
				return fmt.Errorf("rests on %v, which misses %s", rests, name)
			}
		}
	case "recorded":
		if name := s.stored(got.Position).Event.Type.Name(); !got.recorded || name != strings.TrimPrefix(rest, "as ") {
			return fmt.Errorf("recorded as %s (anew: %v)", name, got.recorded)
		}
	case "not": // recorded
		if got.recorded || got.Position != 0 {
			return fmt.Errorf("recorded at %d", got.Position)
		}
	default:
		return fmt.Errorf("nobody knows %q", want)
	}
	return nil
}

// view is an answer as it goes over the wire, as far as a case looks at it.
type view struct {
	Outcome  events.Outcome `json:"oordeel"`
	Reasons  []ledger.Reason
	Position events.Position
	Until    events.Date `json:"geldigTot"`
	Call     *ledger.Call
	Then     []ledger.Call

	recorded bool
}

func shown(answer any, at events.Position) view {
	v := view{Position: at}
	data, err := json.Marshal(answer)
	if err != nil {
		panic(err) // answers are plain values
	}
	var wire struct {
		view
		Reasons []ledger.Reason `json:"redenen"`
		Call    *ledger.Call    `json:"bel"`
		Then    []ledger.Call   `json:"belDaarna"`
	}
	if err := json.Unmarshal(data, &wire); err != nil {
		panic(err)
	}
	v.Outcome, v.Until = wire.Outcome, wire.Until
	v.Reasons, v.Call, v.Then = wire.Reasons, wire.Call, wire.Then
	return v
}

func (v view) verdict() string {
	s := string(v.Outcome)
	for _, r := range v.Reasons {
		if s += " " + r.Code; r.Sentence.NL == "" || r.Sentence.EN == "" {
			s += "(no sentence)"
		}
	}
	return s
}

// calls are whom to call, best first: "B ander-plan".
func (v view) calls() (list []string) {
	if v.Call != nil {
		for _, c := range append([]ledger.Call{*v.Call}, v.Then...) {
			list = append(list, strings.TrimPrefix(c.Partner.Name, "Partner ")+" "+c.Reason)
		}
	}
	return list
}

// options are the words that follow a verb.
type options struct {
	day      events.Date
	period   *events.Period
	purpose  string
	employer events.Employer
	approach string
	name     string
	replaces string
	manager  string
	with     []string
	asked    bool // by the employer
	despite  bool
	late     bool // old history
	words    []string
}

// simple is a plan about which a question could have been asked.
func (o *options) simple() bool {
	return o.day != "" && o.replaces == "" && o.manager == "" && o.with == nil && !o.asked && !o.despite && !o.late
}

func (s *scene) options(list []string) (*options, error) {
	o := &options{purpose: "acquisitie", employer: s.employer("bakker")}
	for i := 0; i < len(list); i++ {
		value := func() string {
			if i++; i < len(list) {
				return list[i]
			}
			return ""
		}
		switch w := list[i]; w {
		case "for":
			if o.purpose = value(); o.purpose == "anything" {
				o.purpose = ""
			}
		case "at":
			o.employer = s.employer(value())
		case "of":
			o.approach = value()
		case "as":
			o.name = value()
		case "replacing":
			o.replaces = value()
		case "by":
			o.manager = value()
		case "with":
			for _, letter := range strings.Split(value(), ",") {
				o.with = append(o.with, s.parties[letter].urn())
			}
		case "asked":
			o.asked = true
		case "despite":
			o.despite = true
		case "late":
			o.late = true
		default:
			switch from, to, period := strings.Cut(w, ".."); {
			case period:
				o.period = &events.Period{From: s.day(from), To: s.day(to)}
			case w[0] == '+' || w[0] == '-' || w[0] == '2':
				o.day = s.day(w)
			default:
				o.words = append(o.words, w)
			}
		}
	}
	return o, nil
}

// day is a day as a case says it: 2026-12-31, or +7 from the day on which all cases begin.
func (s *scene) day(text string) events.Date {
	if n, err := strconv.Atoi(text); err == nil && (text[0] == '+' || text[0] == '-') {
		return today.AddDays(n)
	}
	return events.Date(text)
}

var (
	employers      = map[string]string{"bakker": kvk, "molen": otherKvK, "smid": thirdKvK}
	establishments = map[string]string{"": "", "1": "000037178598", "2": "000037178601"}
)

// employer is one by its name, or one of its establishments: "bakker/1".
func (s *scene) employer(name string) events.Employer {
	name, establishment, _ := strings.Cut(name, "/")
	if name == "nieuw" {
		return events.Employer{Provisional: s.fresh}
	}
	return events.Employer{KvK: employers[name], Establishment: establishments[establishment]}
}

func (s *scene) whole(name string) events.WholeEmployer {
	e := s.employer(name)
	return events.WholeEmployer{KvK: e.KvK, Provisional: e.Provisional}
}

// says makes the event of a line.
func (s *scene) says(p *party, verb string, rest []string) (*word, *options, error) {
	o, err := s.options(rest)
	if err != nil {
		return nil, nil, err
	}
	w := &word{by: p}
	if before := s.plans[p.name]; before != nil {
		w.approach = before.approach
	}
	if n := o.approach; n != "" {
		w.approach = s.names[n].approach
	}
	var despite *events.Despite
	if o.despite {
		despite = &events.Despite{Reason: plain("De werkgever kan alleen dan")}
	}
	var replaces *events.Ref
	if o.replaces != "" {
		r := s.names[o.replaces].ref()
		replaces, w.approach = &r, s.names[o.replaces].approach
	}
	person := manager("m1", "Planner Een")
	if o.manager != "" {
		person = manager(o.manager, o.manager)
	}
	var data events.Data
	switch verb {
	case "plan":
		if replaces == nil {
			w.approach = uuid.NewString()
		}
		data = &events.VisitPlanned{
			Employer: o.employer, Approach: w.approach, Date: o.day, Period: o.period, Purpose: o.purpose, AccountManager: person,
			With: o.with, AtRequest: o.asked, Despite: despite, Replaces: replaces,
		}
	case "visit":
		if o.approach == "" {
			w.approach = ""
		}
		data = &events.VisitMade{
			Employer: o.employer, Approach: w.approach, Date: o.day, Purpose: o.purpose, Form: "op-locatie", AccountManager: person,
			With: o.with, AtRequest: o.asked, Replaces: replaces,
		}
	case "move":
		data = &events.VisitMoved{Approach: w.approach, Date: o.day, Period: o.period, Despite: despite, Replaces: replaces}
	case "off":
		data = &events.VisitCalledOff{Approach: w.approach}
	case "extend":
		data = &events.ApproachExtended{Approach: w.approach, To: o.day, Reason: plain("De werkgever is met vakantie")}
	case "retract":
		data = &events.EventRetracted{Event: s.names[o.words[0]].ref()}
	case "confirm":
		data = &events.JointVisitConfirmed{Event: s.names[o.words[0]].ref()}
	case "fixed":
		d := &events.ContactAppointed{Employer: o.employer, AccountManager: person}
		if slices.Contains(rest, "for") {
			d.Purpose = o.purpose
		}
		data = d
	case "unfixed":
		data = &events.ContactReleased{Employer: o.employer}
	case "describes": // bakker in 0193
		data = &events.EmployerDescribed{Employer: s.employer(o.words[0]), Name: plain("Bakkerij Voorbeeld"), Gemeente: o.words[2]}
	case "link": // dezelfde bakker molen
		data = &events.EmployersLinked{Kind: o.words[0], Employer: s.whole(o.words[1]), With: s.whole(o.words[2])}
	default:
		return nil, nil, fmt.Errorf("nobody knows how to %q", verb)
	}
	w.event = s.event(*p, s.id(), data)
	if o.late {
		raw := w.event.Canonical()
		w.event, err = events.Decode(append([]byte(`{"achteraf":true,`), raw[1:]...), s.clock.now())
	}
	return w, o, err
}

func (s *scene) asks(p *party, rest []string) (ledger.Advice, error) {
	o, err := s.options(rest)
	if err != nil {
		return ledger.Advice{}, err
	}
	a, _, err := s.ledger.Advise(s.t.Context(), ledger.Question{Employer: o.employer, Partner: p.id, Purpose: o.purpose, Date: o.day})
	return a, err
}

// steer is a line that no partner says: the clock, and the steward.
func (s *scene) steer(verb string, rest []string) (view, error) {
	var data events.Data
	switch verb {
	case "today":
		day, err := time.Parse(time.DateOnly, string(s.day(rest[0])))
		if err == nil {
			s.clock.set(day.Add(11 * time.Hour))
		}
		return view{}, err
	case "clock":
		at, err := time.Parse(time.RFC3339, rest[0])
		if err == nil {
			s.clock.set(at)
		}
		return view{}, err
	case "agreement":
		d, err := s.agreement(rest)
		if err != nil {
			return view{}, err
		}
		data = d
	case "partner": // D, or A in Vechtdal, or A serves 0193
		data = s.partner(rest)
	case "level":
		o, err := s.options(rest)
		if err != nil {
			return view{}, err
		}
		data = &events.LevelSet{Employer: o.employer, Level: o.words[0]}
	case "spare", "lift":
		o, err := s.options(rest)
		if err != nil {
			return view{}, err
		}
		d := &events.EmployerSpared{Employer: o.employer, From: o.day, Ground: "werkgever", Lifted: verb == "lift"}
		if len(o.words) > 0 {
			d.Ground = o.words[0]
		}
		if slices.Contains(rest, "for") {
			d.Purposes = strings.Split(o.purpose, ",")
		}
		if o.period != nil {
			d.From, d.To = o.period.From, o.period.To
		}
		data = d
	case "link":
		data = &events.EmployersLinked{Kind: rest[0], Employer: s.whole(rest[1]), With: s.whole(rest[2])}
	case "succeed": // B by A
		from := s.ledgerDay()
		data = &events.PartnerSucceeded{Partner: s.parties[rest[0]].id, By: s.parties[rest[2]].id, From: from}
	default:
		return view{}, fmt.Errorf("nobody knows how to %q", verb)
	}
	r, err := s.steward(data)
	return shown(receiptOf(r)), err
}

func (s *scene) ledgerDay() events.Date { return events.DateOf(s.clock.now()) }

// partner admits one, or says more of one.
func (s *scene) partner(rest []string) *events.PartnerAdmitted {
	p := s.parties[rest[0]]
	if p == nil {
		p = &party{id: uuid.NewString(), oin: fmt.Sprintf("000000990000%08d", 100+int(rest[0][0])), name: "Partner " + rest[0]}
		p.caller = ledger.Caller{Role: ledger.RolePartner, Partner: p.id, Credential: "c" + p.name, Door: ledger.DoorNATS}
		s.parties[rest[0]] = p
	}
	d := &events.PartnerAdmitted{Partner: p.id, Identities: []string{p.urn()}, Name: p.name, Kind: "gemeente", From: today.AddDays(-1000)}
	for i := 1; i+1 < len(rest); i += 2 {
		switch rest[i] {
		case "in":
			d.Subregion = rest[i+1]
		case "serves":
			d.Gemeenten = strings.Split(rest[i+1], ",")
		}
	}
	return d
}

// agreement is the default one, but for what a case says: rustdagen=14,
// anderPlan=weigeren, Vechtdal.rustdagen=7, storing=advies>acquisitie,nazorg;
// from +1 is when it begins.
func (s *scene) agreement(rest []string) (*events.AgreementSet, error) {
	var all map[string]any
	if err := overJSON(events.DefaultAgreement(), &all); err != nil {
		return nil, err
	}
	all["per"], all["naam"] = s.ledgerDay(), "Afspraken van de proef"
	subregions := map[string]map[string]any{}
	for i := 0; i < len(rest); i++ {
		if rest[i] == "from" {
			i++
			all["per"] = s.day(rest[i])
			continue
		}
		name, value, _ := strings.Cut(rest[i], "=")
		into := all
		if sub, member, ok := strings.Cut(name, "."); ok {
			if subregions[sub] == nil {
				subregions[sub] = map[string]any{"subregio": sub}
			}
			into, name = subregions[sub], member
		}
		acts, _ := all["optreden"].(map[string]any)
		switch n, err := strconv.Atoi(value); {
		case name == "storing":
			purpose, disturbs, _ := strings.Cut(value, ">")
			into[name] = []map[string]any{{"doel": purpose, "stoort": strings.Split(disturbs, ",")}}
		case err == nil:
			into[name] = n
		case acts[name] == nil:
			return nil, fmt.Errorf("an agreement has no %q", name)
		default:
			own, ok := into["optreden"].(map[string]any)
			if !ok {
				own = map[string]any{}
				for k, v := range acts {
					own[k] = v
				}
				into["optreden"] = own
			}
			own[name] = value
		}
	}
	if len(subregions) > 0 {
		list := []any{}
		for _, sub := range subregions {
			list = append(list, sub)
		}
		all["subregios"] = list
	}
	d := new(events.AgreementSet)
	return d, overJSON(all, d)
}

func overJSON(from, to any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}

// checkStored: what is stored of every verdict is what was decided, on the day that
// it was in Amsterdam when it was recorded, and never before what came earlier.
func (s *scene) checkStored() {
	var last time.Time
	err := s.stream.Read(context.Background(), 1, func(at events.Position, data []byte) error {
		r, err := events.DecodeRecord(data)
		if err != nil {
			return err
		}
		if r.At.Before(last) {
			s.t.Errorf("position %d was recorded at %s, after %s", at, r.At, last)
		}
		last = r.At
		if r.Verdict.Today != events.DateOf(r.At) || r.Verdict.Rules != ledger.RulesVersion {
			s.t.Errorf("position %d: verdict of rules %d for %s, recorded at %s", at, r.Verdict.Rules, r.Verdict.Today, r.At)
		}
		if slices.ContainsFunc(r.Verdict.RestsOn, func(p events.Position) bool { return p == 0 || p >= at }) {
			s.t.Errorf("position %d rests on %v", at, r.Verdict.RestsOn)
		}
		if refused := r.Event.Type == events.TypePlanRefused; refused != (r.Verdict.Outcome == events.Refused) {
			s.t.Errorf("position %d: a %s with the verdict %s", at, r.Event.Type.Name(), r.Verdict.Outcome)
		}
		return nil
	})
	if err != nil {
		s.t.Error(err)
	}
}
