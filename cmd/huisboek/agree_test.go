package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/boltstore"
	"huisboek/cmd/huisboek/story"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
	"huisboek/projections"
)

// bothSides is a ledger, and views of the same stream.
type bothSides struct {
	t      *testing.T
	clock  time.Time
	dice   *rand.Rand
	stream *ledgertest.Memory
	ledger *ledger.Ledger
	views  projections.Store
	told   *story.Story
	reader string // a partner that never plans anything: all plans are another's to it

	busy  []events.Employer
	plans []*chattered
	said  map[events.Type]int
}

// chattered is an approach of the random words.
type chattered struct {
	by       int // partner
	plan     events.VisitPlanned
	ref      events.Ref   // of the plan as it stands
	moves    []events.Ref // as they stand
	extended []events.Ref
	others   []events.Ref // calls-off and visits
}

func tellBoth(t *testing.T) *bothSides {
	b := &bothSides{
		t: t, dice: rand.New(rand.NewPCG(5, 36)), stream: new(ledgertest.Memory), told: story.Year(7, "2026-11-22"), reader: uuid.NewString(),
		said: map[events.Type]int{},
	}
	b.clock = b.told.Start
	file, err := boltstore.OpenFile(filepath.Join(t.TempDir(), "boek.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	var book *ledger.Book
	rows, err := file.Store(book.Name(), book.Shape())
	if err != nil {
		t.Fatal(err)
	}
	folds := projections.NewViews()
	if b.views, err = file.Store(folds.Name(), folds.Shape()); err != nil {
		t.Fatal(err)
	}
	b.ledger, err = ledger.Open(t.Context(), ledger.Config{
		Region: story.Region, StewardOIN: story.StewardOIN, Stream: b.stream, Keys: new(ledgertest.MemoryKeys), Store: rows,
		Now: func() time.Time { return b.clock },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(b.ledger.Close(), file.Close()); err != nil {
			t.Error(err)
		}
	})

	reader := events.PartnerAdmitted{Partner: b.reader, Identities: []string{"urn:nld:oin:00000099000000999000"}, Name: "Lezer", Kind: "sw"}
	reader.From = events.DateOf(b.clock)
	b.must(story.Steward, &reader)
	for i := range b.told.Partners {
		b.must(story.Steward, b.told.Partners[i].Admitted(events.DateOf(b.clock)))
	}
	n := 0
	for step := range b.told.Events() {
		b.clock = step.At
		e, err := step.Event()
		if err != nil {
			t.Fatal(err)
		}
		if err := b.record(step.Partner, e); err != nil && !errors.Is(err, errUnwanted) {
			t.Fatal(err)
		}
		if n++; n%500 == 0 {
			b.catchUp()
		}
	}
	return b
}

// catchUp folds into the views what was recorded since. Often: a transaction costs more
// than twice as much when it is twice as long.
func (b *bothSides) catchUp() {
	b.t.Helper()
	if err := projections.Rebuild(b.t.Context(), b.stream, projections.NewViews(), b.views, nil); err != nil {
		b.t.Fatal(err)
	}
}

// errUnwanted: the region does not want that plan or move.
var errUnwanted = errors.New("geweigerd")

func (b *bothSides) record(partner int, e *events.Event) error {
	c := ledger.Caller{Role: ledger.RoleSteward, Credential: "test", Door: ledger.DoorLocal}
	switch {
	case partner == story.Board:
		c.Role = ledger.RoleBoard
	case partner != story.Steward:
		c.Role, c.Partner = ledger.RolePartner, b.told.Partners[partner].ID
	}
	receipt, err := b.ledger.Record(b.t.Context(), ledger.Submission{Event: e, Caller: c})
	if err == nil && receipt.Outcome == events.Refused {
		err = errUnwanted
	}
	return err
}

// say records a word, and reports whether the ledger took it. Of a word that breaks a
// rule it does not.
func (b *bothSides) say(partner int, data events.Data, afterwards bool) (events.Ref, bool) {
	b.t.Helper()
	ref := events.Ref{Source: "urn:nld:oin:" + story.StewardOIN + ":systeem:huisboek", ID: uuid.NewString()}
	if partner != story.Steward {
		ref.Source = b.told.Partners[partner].Source()
	}
	e, err := events.NewEvent(ref.Source, ref.ID, b.clock, data)
	if err == nil && afterwards {
		e, err = events.Decode(bytes.Replace(e.Canonical(), []byte(`{`), []byte(`{"achteraf":true,`), 1), b.clock)
	}
	if err == nil {
		err = b.record(partner, e)
	}
	if faults := (events.Faults)(nil); errors.As(err, &faults) || errors.Is(err, errUnwanted) {
		return ref, false
	} else if err != nil {
		b.t.Fatalf("%s: %v", data.Type().Name(), err)
	}
	b.said[data.Type()]++
	return ref, true
}

func (b *bothSides) must(partner int, data events.Data) {
	b.t.Helper()
	if _, ok := b.say(partner, data, false); !ok {
		b.t.Fatalf("%+v is refused", data)
	}
}

// day is one around today.
func (b *bothSides) day() events.Date {
	return events.DateOf(b.clock).AddDays(b.dice.IntN(60))
}

func (b *bothSides) days() (events.Date, *events.Period) {
	from := b.day()
	if b.dice.IntN(2) == 0 {
		return from, nil
	}
	return "", &events.Period{From: from, To: from.AddDays(1 + b.dice.IntN(100))}
}

func (b *bothSides) despite() *events.Despite {
	if b.dice.IntN(2) == 0 {
		return nil
	}
	return &events.Despite{Reason: plainWord("De werkgever vroeg het.")}
}

func plainWord[T any](v T) events.Personal[T] { return events.Personal[T]{Plain: &v} }

// chatter says something at random of what the story did not tell of.
func (b *bothSides) chatter() {
	b.clock = b.clock.Add(time.Duration(b.dice.IntN(3*60)) * time.Minute)
	if len(b.plans) == 0 || b.dice.IntN(5) == 0 {
		p := &chattered{by: b.dice.IntN(4)}
		p.plan = events.VisitPlanned{
			Employer: b.busy[b.dice.IntN(len(b.busy))], Approach: uuid.NewString(), Purpose: []string{"acquisitie", "nazorg"}[b.dice.IntN(2)],
			AccountManager: plainWord(events.AccountManager{Employee: fmt.Sprintf("m%d", p.by), Name: "Noor B."}), Despite: b.despite(), AtRequest: b.dice.IntN(9) == 0,
		}
		p.plan.Date, p.plan.Period = b.days()
		if ref, ok := b.say(p.by, &p.plan, b.dice.IntN(6) == 0); ok {
			p.ref = ref
			b.plans = append(b.plans, p)
		}
		return
	}
	p := b.plans[max(0, len(b.plans)-1-b.dice.IntN(40))]
	switch b.dice.IntN(16) {
	case 0, 1, 2: // correct the plan
		again := p.plan
		again.Date, again.Period = b.days()
		again.Replaces, again.Despite = &p.ref, b.despite()
		if ref, ok := b.say(p.by, &again, b.dice.IntN(8) == 0); ok {
			p.ref = ref
		}
	case 3, 4, 5:
		m := events.VisitMoved{Approach: p.plan.Approach, Despite: b.despite()}
		m.Date, m.Period = b.days()
		if ref, ok := b.say(p.by, &m, b.dice.IntN(8) == 0); ok {
			p.moves = append(p.moves, ref)
		}
	case 6, 7: // correct a move
		if n := len(p.moves); n > 0 {
			i := b.dice.IntN(n)
			m := events.VisitMoved{Approach: p.plan.Approach, Despite: b.despite(), Replaces: &p.moves[i]}
			m.Date, m.Period = b.days()
			if ref, ok := b.say(p.by, &m, false); ok {
				p.moves[i] = ref
			}
		}
	case 8, 9:
		x := events.ApproachExtended{Approach: p.plan.Approach, To: b.day().AddDays(60), Reason: plainWord("Nog geen afspraak.")}
		if ref, ok := b.say(p.by, &x, false); ok {
			p.extended = append(p.extended, ref)
		}
	case 10:
		b.takeBack(p, &p.extended)
	case 11:
		b.takeBack(p, &p.moves)
	case 12:
		b.takeBack(p, &p.others)
	case 13:
		switch b.dice.IntN(4) {
		case 0:
			if ref, ok := b.say(p.by, &events.VisitCalledOff{Approach: p.plan.Approach}, false); ok {
				p.others = append(p.others, ref)
			}
		case 1:
			v := events.VisitMade{
				Employer: p.plan.Employer, Approach: p.plan.Approach, Date: events.DateOf(b.clock), Purpose: p.plan.Purpose, Form: "telefoon",
				AccountManager: p.plan.AccountManager,
			}
			if ref, ok := b.say(p.by, &v, false); ok {
				p.others = append(p.others, ref)
			}
		case 2:
			b.say(p.by, &events.EventRetracted{Event: p.ref, Reason: plainWord("Vergissing.")}, false)
		}
	case 14:
		b.steward()
	}
}

func (b *bothSides) takeBack(p *chattered, list *[]events.Ref) {
	if n := len(*list); n > 0 {
		i := b.dice.IntN(n)
		if _, ok := b.say(p.by, &events.EventRetracted{Event: (*list)[i], Reason: plainWord("Vergissing.")}, false); ok {
			*list = slices.Delete(*list, i, i+1)
		}
	}
}

// steward is what the region settles now and then.
func (b *bothSides) steward() {
	at := b.busy[b.dice.IntN(len(b.busy))]
	switch today := events.DateOf(b.clock); b.dice.IntN(4) {
	case 0:
		set := events.DefaultAgreement()
		set.From, set.Name, set.PlansPerPartner = today.AddDays(b.dice.IntN(3)), "Andere afspraken", 0
		set.ValidDays, set.LongestDays, set.QuietDays = 10+b.dice.IntN(60), 80+b.dice.IntN(80), b.dice.IntN(30)
		if b.dice.IntN(2) == 0 {
			set.Actions.OtherPlan = events.ActRefuse
		}
		b.say(story.Steward, &set, false)
	case 1:
		at.Establishment = []string{"", establishment}[b.dice.IntN(2)]
		b.must(story.Steward, &events.LevelSet{Employer: at, Level: []string{"lokaal", "regionaal", "landelijk"}[b.dice.IntN(3)], Reason: plainWord("Omvang.")})
	default:
		d := events.EmployerSpared{Employer: at, From: today.AddDays(b.dice.IntN(20)), Ground: "regio", Lifted: b.dice.IntN(4) == 0, Reason: plainWord("Verhuizing.")}
		if b.dice.IntN(2) == 0 {
			d.To = d.From.AddDays(b.dice.IntN(40))
		}
		b.must(story.Steward, &d)
	}
}

// standsAs is an open plan as either side has it.
type standsAs struct {
	position   events.Position
	from, to   events.Date
	holdsUntil events.Date // "" when it holds nothing
}

// establishment is one of every employer that the steward speaks of.
const establishment = "000012345678"

// compare holds every answer of the ledger on an employer against that of the views.
func (b *bothSides) compare(employers []events.Employer) (plans, held int) {
	b.t.Helper()
	b.catchUp()
	today := events.DateOf(b.clock)
	err := b.views.View(func(tx projections.Tx, _ events.Checkpoint) error {
		var v projections.Views
		for _, e := range employers {
			advice, _, err := b.ledger.Advise(b.t.Context(), ledger.Question{Employer: e, Partner: b.reader})
			if err != nil {
				return err
			}
			var theirs, ours []standsAs
			for _, p := range advice.OtherPlans {
				theirs = append(theirs, standsAs{p.Position, p.From, p.To, p.HoldsUntil})
			}
			if len(theirs) == 20 {
				b.t.Errorf("%s has too many plans to see them all", e.Key())
			}
			keys, err := v.Same(tx, e.Key())
			if err != nil {
				return err
			}
			ours, err = b.stands(tx, keys, today)
			if err != nil {
				return err
			}
			byPosition := func(x, y standsAs) int { return cmp.Compare(x.position, y.position) }
			slices.SortFunc(theirs, byPosition)
			slices.SortFunc(ours, byPosition)
			if !slices.Equal(theirs, ours) {
				b.t.Errorf("plans at %s on %s: the ledger has %v, the views have %v", e.Key(), today, theirs, ours)
			}
			for _, p := range ours {
				plans++
				if p.holdsUntil != "" {
					held++
				}
			}
			if err := b.compareStanding(tx, e, keys, today); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return plans, held
}

// stands are the plans of the views whose days are not over; those that expired before
// are not among the open ones.
func (b *bothSides) stands(tx projections.Tx, keys []string, today events.Date) (list []standsAs, err error) {
	open, err := projections.Employers{}.OpenPlans(tx, keys, today)
	if err != nil {
		return nil, err
	}
	isOpen := func(c *projections.Contact) bool { return c.Open() && c.To >= today }
	all, more, err := projections.Employers{}.Contacts(tx, keys, projections.Timeline{Filter: isOpen}, "", projections.MaxContacts)
	if err != nil || more != "" {
		return nil, errors.Join(err, errors.New(more))
	}
	for i := range all {
		c := &all[i]
		s := standsAs{position: c.Position, from: c.Date, to: c.To}
		if c.Holds {
			s.holdsUntil = c.Until
		}
		if there := slices.ContainsFunc(open, func(o projections.Contact) bool {
			return o.Position == c.Position && o.Holds == c.Holds && o.Until == c.Until
		}); there == c.Expired(today) {
			b.t.Errorf("the plan at position %d, until %s, on %s: among the open ones is %t", c.Position, c.Until, today, there)
		}
		list = append(list, s)
	}
	return list, nil
}

func (b *bothSides) compareStanding(tx projections.Tx, e events.Employer, keys []string, today events.Date) error {
	for _, place := range []events.Employer{e, {KvK: e.KvK, Establishment: establishment}} {
		s, err := b.ledger.Standing(place)
		if err != nil {
			return err
		}
		level, err := projections.Employers{}.LevelAt(tx, place, keys)
		if err != nil {
			return err
		}
		if (s.Level == nil) != (level == nil) ||
			level != nil && (level.Level != s.Level.Level || level.Position != s.Level.Position || level.Establishment != s.Level.Establishment) {
			b.t.Errorf("level of %s %s: the ledger has %v, the views have %v", e.Key(), place.Establishment, s.Level, level)
		}
	}
	s, err := b.ledger.Standing(e)
	if err != nil {
		return err
	}
	spared, err := projections.Employers{}.Spared(tx, keys)
	if err != nil {
		return err
	}
	var ours []ledger.Spared
	for _, x := range spared {
		if !x.Lifted && (x.To == "" || x.To >= today) {
			ours = append(ours, ledger.Spared{Position: x.Position, From: x.From, To: x.To, Ground: x.Ground, Purposes: x.Purposes})
		}
	}
	byPosition := func(x, y ledger.Spared) int { return cmp.Compare(x.Position, y.Position) }
	slices.SortFunc(s.Spared, byPosition)
	slices.SortFunc(ours, byPosition)
	if got, want := fmt.Sprint(ours), fmt.Sprint(s.Spared); got != want {
		b.t.Errorf("how %s is spared: the ledger has %s, the views have %s", e.Key(), want, got)
	}
	return nil
}

// TestViewsAgreeWithLedger: what holds an employer, and until when, is the same for who
// asks the ledger and for who reads the views: after the demo's year at every employer,
// and while partners then plan, move, correct, extend and take back at random.
func TestViewsAgreeWithLedger(t *testing.T) {
	b := tellBoth(t)
	var all []events.Employer
	for i := range b.told.Employers {
		if number := b.told.Employers[i].KvK; number != "" {
			all = append(all, events.Employer{KvK: number})
		}
	}
	plans, held := b.compare(all)
	t.Logf("after the story: %d employers, %d open plans, %d hold", len(all), plans, held)

	b.busy = all[200:290]
	agreement := events.DefaultAgreement()
	agreement.From, agreement.Name, agreement.PlansPerPartner = events.DateOf(b.clock), "Zonder grens", 0
	b.must(story.Steward, &agreement)
	for i := range 3000 {
		b.chatter()
		if i%250 == 249 {
			b.compare(b.busy)
		}
		if t.Failed() {
			t.Fatalf("after %d words", i)
		}
	}
	plans, held = b.compare(all)
	t.Logf("after 3000 words: %d open plans, %d hold; %v", plans, held, b.said)
	if held < 20 || plans-held < 20 {
		t.Errorf("%d open plans, %d hold: too few of either to say anything", plans, held)
	}
	for _, typ := range []events.Type{events.TypeVisitMoved, events.TypeApproachExtended, events.TypeEventRetracted, events.TypeLevelSet, events.TypeEmployerSpared, events.TypeAgreementSet} {
		if b.said[typ] < 10 {
			t.Errorf("%d of %s", b.said[typ], typ.Name())
		}
	}
}
