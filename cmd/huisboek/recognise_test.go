package main

import (
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/boltstore"
	"huisboek/cmd/huisboek/story"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
	"huisboek/projections"
	"huisboek/projections/targets"
)

// The attack on the demo's data: a board that sets whatever targets it likes asks for
// everything on every day and as known at every moment, and subtracts whatever lies
// within something else. (Random regions: projections/targets/attack_test.go.)

var wholeAttack = flag.Bool("whole-attack", false, "TestNobodyRecognised subtracts everything, of four stories")

// attacked is a story that was told, and the board's questions of it.
type attacked struct {
	t      *testing.T
	told   *story.Story
	views  projections.Store
	stands *targets.Standings
	asked  []askedTarget
	months []string // that are over
	clock  time.Time
}

// counted are the views that figures are made of.
type counted struct {
	projections.Journal
	projections.Tallies
}

func (counted) Name() string { return "geteld" }
func (counted) Shape() int   { return 1 }
func (c counted) Apply(tx projections.Tx, r *events.Record) error {
	return errors.Join(c.Journal.Apply(tx, r), c.Tallies.Apply(tx, r))
}

// askedTarget is a target that an inquisitive board set, before anything happened.
type askedTarget struct {
	id string
	*events.TargetSet
}

// curious are targets that ask more and more of people.
func curious(today events.Date) (list []askedTarget) {
	is, not, hours, days, longer := true, false, []events.Hundredths{1200, 2400, 3200}, 90, 180
	period := events.Period{From: today.AddDays(-500), To: today.AddDays(200)}
	add := func(set events.TargetSet, measure string) {
		id, _ := uuid.NewRandomFromReader(rand.NewChaCha8([32]byte{byte(len(list)), 8}))
		set.Target, set.Name, set.Measure, set.Number = id.String(), fmt.Sprint("Vraag ", len(list)), measure, 100
		if set.Period == nil {
			set.Period = &period
		}
		list = append(list, askedTarget{set.Target, &set})
	}
	people := func(d events.Definition) {
		for _, set := range []events.TargetSet{
			{}, {Groups: []string{"DD03"}}, {Groups: []string{"DD05"}}, {Groups: []string{"DD02", "DD03"}}, {Groups: []string{"DD03", "DD05"}},
			{Register: &is}, {Register: &not}, {Groups: []string{"DD03"}, Register: &is}, {Groups: []string{"DD02"}, Register: &not},
			{Sector: "markt"}, {Sector: "overheid"}, {Sector: "overheid", Groups: []string{"DD05"}}, {Register: &is, Sector: "markt"}, {Register: &is, Sector: "overheid"},
		} {
			set.Definition = d
			add(set, events.MeasurePlacements)
		}
		for i := range hours {
			set := events.TargetSet{Definition: d}
			set.Definition.LeastHours = &hours[i]
			add(set, events.MeasurePlacements)
			if i == 1 {
				set.Groups = []string{"DD03"}
				add(set, events.MeasurePlacements)
			}
		}
		for _, kind := range []string{"dienstverband", "bbl"} {
			set := events.TargetSet{Definition: d}
			set.Definition.Kinds = []string{kind}
			add(set, events.MeasurePlacements)
			set.Groups = []string{"DD05"}
			add(set, events.MeasurePlacements)
		}
	}
	people(events.Definition{})
	people(events.Definition{LeastDays: &days})
	people(events.Definition{LeastDays: &longer})
	people(events.Definition{Standing: true})
	quarter := events.Period{From: today.AddDays(-200), To: today.AddDays(-110)}
	add(events.TargetSet{Period: &quarter}, events.MeasurePlacements)
	add(events.TargetSet{Period: &quarter, Groups: []string{"DD03"}}, events.MeasurePlacements)
	for _, m := range []string{events.MeasureServices, events.MeasureVisits} {
		add(events.TargetSet{}, m)
		add(events.TargetSet{Groups: []string{"DD03"}}, m)
		add(events.TargetSet{Groups: []string{"DD03", "DD05"}}, m)
	}
	return list
}

func tellRegion(t *testing.T, seed uint64, today events.Date) *attacked {
	r := &attacked{t: t, told: story.Year(seed, today), stands: targets.NewStandings(), asked: curious(today)}
	stream := new(ledgertest.Memory)
	file, err := boltstore.OpenFile(filepath.Join(t.TempDir(), "boek.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	var book *ledger.Book
	rows, err := file.Store(book.Name(), book.Shape())
	if err != nil {
		t.Fatal(err)
	}
	folds := counted{}
	if r.views, err = file.Store(folds.Name(), folds.Shape()); err != nil {
		t.Fatal(err)
	}
	r.clock = r.told.Start
	l, err := ledger.Open(t.Context(), ledger.Config{
		Region: story.Region, StewardOIN: story.StewardOIN, Stream: stream, Keys: new(ledgertest.MemoryKeys), Store: rows,
		Now: func() time.Time { return r.clock },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(l.Close(), file.Close()); err != nil {
			t.Error(err)
		}
	})
	record := func(partner int, e *events.Event, err error) {
		c := ledger.Caller{Role: ledger.RoleSteward, Credential: "test", Door: ledger.DoorLocal}
		switch {
		case partner == story.Board:
			c.Role = ledger.RoleBoard
		case partner >= 0:
			c.Role, c.Partner = ledger.RolePartner, r.told.Partners[partner].ID
		}
		if err == nil {
			_, err = l.Record(t.Context(), ledger.Submission{Event: e, Caller: c})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	source := "urn:nld:oin:" + story.StewardOIN + ":systeem:huisboek"
	for _, p := range r.told.Partners {
		e, err := events.NewEvent(source, p.ID, r.clock, p.Admitted(events.DateOf(r.clock)))
		record(story.Steward, e, err)
	}
	for _, a := range r.asked {
		e, err := events.NewEvent(source, a.id, r.clock, a.TargetSet)
		record(story.Board, e, err)
	}
	n := 0
	follow := func() {
		if err := projections.Rebuild(t.Context(), stream, folds, r.views, nil); err != nil {
			t.Fatal(err)
		}
	}
	for step := range r.told.Events() {
		r.clock = step.At
		e, err := step.Event()
		record(step.Partner, e, err)
		if set, ok := step.Data.(*events.TargetSet); ok {
			r.asked = append(r.asked, askedTarget{set.Target, set})
		}
		if n++; n%1000 == 0 {
			follow()
		}
	}
	follow()
	for day := targets.LastOf(events.DateOf(r.told.Start).Month()); day < today; day = targets.LastOf(day.AddDays(1).Month()) {
		r.months = append(r.months, day.Month())
	}
	return r
}

func (r *attacked) view(fn func(tx projections.Tx) error) {
	r.t.Helper()
	if err := r.stands.View(r.views, func(tx projections.Tx, _ events.Checkpoint) error { return fn(tx) }); err != nil {
		r.t.Fatal(err)
	}
}

var everyDimension = []targets.Dimension{
	targets.ByPartner, targets.ByMonth, targets.BySubregion, targets.ByLevel, targets.BySector, targets.ByKind,
	targets.ByGroup, targets.ByRegister, targets.ByHours, targets.ByGemeente,
}

func everyCrossing() (list [][2]targets.Dimension) {
	list = append(list, [2]targets.Dimension{})
	for i, a := range everyDimension {
		list = append(list, [2]targets.Dimension{a})
		for _, b := range everyDimension[i+1:] {
			list = append(list, [2]targets.Dimension{a, b})
		}
	}
	return list
}
