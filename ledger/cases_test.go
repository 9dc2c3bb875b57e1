package ledger_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
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

var (
	employers      = map[string]string{"bakker": kvk, "molen": otherKvK, "smid": thirdKvK}
	establishments = map[string]string{"": "", "1": "000037178598", "2": "000037178601"}
)

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
