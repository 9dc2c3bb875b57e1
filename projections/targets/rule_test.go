package targets

import (
	"iter"
	"slices"
	"testing"

	"huisboek/events"
	"huisboek/projections"
)

// ruleFacts is a source that knows what a test says.
type ruleFacts struct {
	items      []*Item
	clusters   [][]*Item
	doubles    []Double
	subregions map[string][]since
	gemeenten  map[string]string
	levels     map[string]string
	one        map[string]string
	departures []Departure
	identities map[string]string
}

type since struct {
	day       events.Date
	subregion string
}

func (k *ruleFacts) Items(part projections.Part) iter.Seq[*Item] {
	return func(yield func(*Item) bool) {
		for _, it := range k.items {
			if it.Part == part && !yield(it) {
				return
			}
		}
	}
}

func (k *ruleFacts) Item(part projections.Part, root events.Position) *Item {
	for it := range k.Items(part) {
		if it.Root == root {
			return it
		}
	}
	return nil
}

func (k *ruleFacts) Since(uint64) ([]events.Position, uint64, bool) { return nil, 0, false }
func (k *ruleFacts) Revision(projections.Part) uint64               { return 0 }
func (k *ruleFacts) Linked() uint64                                 { return 0 }
func (k *ruleFacts) Levelled() uint64                               { return 0 }

func (k *ruleFacts) Cluster(it *Item) []*Item {
	for _, c := range k.clusters {
		if slices.Contains(c, it) {
			return c
		}
	}
	return []*Item{it}
}

func (k *ruleFacts) Doubles() []Double { return k.doubles }

func (k *ruleFacts) Subregion(partner string, day events.Date) (name string, ok bool) {
	for _, s := range k.subregions[partner] {
		if s.day <= day {
			name, ok = s.subregion, true
		}
	}
	return name, ok
}

func (k *ruleFacts) Level(employer string) string    { return k.levels[employer] }
func (k *ruleFacts) Gemeente(employer string) string { return k.gemeenten[employer] }
func (k *ruleFacts) One(employer string, _ bool) string {
	if one, ok := k.one[employer]; ok {
		return one
	}
	return employer
}
func (k *ruleFacts) Departures() []Departure          { return k.departures }
func (k *ruleFacts) PartnerOf(identity string) string { return k.identities[identity] }
func (k *ruleFacts) Began() string                    { return "" }

func ptr[T any](v T) *T { return &v }

// year is a target of 2026 that counts placements.
func year(change ...func(*events.TargetSet)) *Version {
	set := &events.TargetSet{
		Target: "11111111-0000-4000-8000-000000000001", Name: "Samen aan het werk", Number: 600, Measure: events.MeasurePlacements,
		Period: &events.Period{From: "2026-01-01", To: "2026-12-31"},
	}
	for _, c := range change {
		c(set)
	}
	return &Version{Position: 1, Number: 1, TargetSet: set}
}

// ruleItem is a placement of which everything is known.
func ruleItem(change ...func(*Item)) *Item {
	it := &Item{
		Root: 10, Last: 10, Part: projections.PartPlacements, Employer: "69599084", Partner: "a", From: "2026-03-10", Sort: "dienstverband",
		Groups: []string{"DD02"}, Hours: 3200, Register: projections.RegisterYes, Sector: "markt", Count: 1,
	}
	for _, c := range change {
		c(it)
	}
	return it
}

func TestRule(t *testing.T) {
	type set = func(*events.TargetSet)
	type said = func(*Item)
	lasting := func(days int) set { return func(d *events.TargetSet) { d.Definition.LeastDays = &days } }
	standing := func(d *events.TargetSet) { d.Definition.Standing = true }
	measure := func(m string) set { return func(d *events.TargetSet) { d.Measure = m } }
	from := func(day events.Date) said { return func(it *Item) { it.From = day } }
	span := func(from, to events.Date) said { return func(it *Item) { it.From, it.To = from, to } }
	kind := func(sort string) said { return func(it *Item) { it.Sort = sort } }
	hours := func(h int) said { return func(it *Item) { it.Hours = h } }
	visit := func(it *Item) { it.Part, it.Sort, it.Hours = projections.PartVisits, "nazorg", -1 }
	facts := &ruleFacts{subregions: map[string][]since{"a": {{"2020-01-01", "Noord"}, {"2026-03-11", "Zuid"}}, "uwv": {{"2020-01-01", ""}}}}

	tests := []struct {
		name   string
		target []set
		item   []said
		on     events.Date
		want   string // reason; "" counts
		from   events.Date
		weight int64
	}{
		{"counts from the day it starts", nil, nil, "2026-03-10", "", "2026-03-10", 100},
		{"the day before that", nil, nil, "2026-03-09", WhyLater, "2026-03-10", 100},
		{"the first day of the period", nil, []said{from("2026-01-01")}, "2026-01-01", "", "2026-01-01", 100},
		{"the day before the period", nil, []said{from("2025-12-31")}, "2026-06-01", WhyPeriod, "2025-12-31", 100},
		{"the last day of the period", nil, []said{from("2026-12-31")}, "2027-02-01", "", "2026-12-31", 100},
		{"the day after the period", nil, []said{from("2027-01-01")}, "2027-02-01", WhyPeriod, "2027-01-01", 100},
		{"the day after the period, before it has come", nil, []said{from("2027-01-01")}, "2026-12-31", WhyLater, "2027-01-01", 100},
		{"one that ended still counts", nil, []said{span("2026-03-10", "2026-03-11")}, "2026-12-31", "", "2026-03-10", 100},

		{"a kind that counts", []set{func(d *events.TargetSet) { d.Definition.Kinds = []string{"bbl", "dienstverband"} }}, nil, "2026-06-01", "", "2026-03-10", 100},
		{"a kind that does not", []set{func(d *events.TargetSet) { d.Definition.Kinds = []string{"bbl"} }}, nil, "2026-06-01", WhyKind, "2026-03-10", 100},
		{"beschut werk is a placement", nil, []said{kind("beschut-werk")}, "2026-06-01", "", "2026-03-10", 100},
		{"beschut werk is no job of the banenafspraak", []set{measure("banen")}, []said{kind("beschut-werk")}, "2026-06-01", WhySheltered, "2026-03-10", 3200},
		{"beschut werk is a job when the kinds name it", []set{measure("banen"), func(d *events.TargetSet) { d.Definition.Kinds = []string{"beschut-werk"} }}, []said{kind("beschut-werk")}, "2026-06-01", "", "2026-03-10", 3200},

		{"its target group", []set{func(d *events.TargetSet) { d.Groups = []string{"DD02"} }}, nil, "2026-06-01", "", "2026-03-10", 100},
		{"another target group", []set{func(d *events.TargetSet) { d.Groups = []string{"DD05"} }}, nil, "2026-06-01", WhyGroup, "2026-03-10", 100},
		{"no target group", []set{func(d *events.TargetSet) { d.Groups = []string{"DD05"} }}, []said{func(it *Item) { it.Groups = nil }}, "2026-06-01", WhyNoGroup, "2026-03-10", 100},
		{"one of its target groups", []set{measure("bezoeken"), func(d *events.TargetSet) { d.Groups = []string{"DD05"} }}, []said{visit, func(it *Item) { it.Groups = []string{"DD02", "DD05"} }}, "2026-06-01", "", "2026-03-10", 100},
		{"in the register", []set{func(d *events.TargetSet) { d.Register = ptr(true) }}, nil, "2026-06-01", "", "2026-03-10", 100},
		{"only who is not in the register", []set{func(d *events.TargetSet) { d.Register = ptr(false) }}, nil, "2026-06-01", WhyRegister, "2026-03-10", 100},
		{"register not said", []set{func(d *events.TargetSet) { d.Register = ptr(false) }}, []said{func(it *Item) { it.Register = projections.RegisterUnknown }}, "2026-06-01", WhyNoRegister, "2026-03-10", 100},

		{"just enough hours", []set{func(d *events.TargetSet) { d.Definition.LeastHours = ptr(events.Hundredths(1200)) }}, []said{hours(1200)}, "2026-06-01", "", "2026-03-10", 100},
		{"too few hours", []set{func(d *events.TargetSet) { d.Definition.LeastHours = ptr(events.Hundredths(1200)) }}, []said{hours(1199)}, "2026-06-01", WhyHours, "2026-03-10", 100},
		{"hours not said where they are asked", []set{func(d *events.TargetSet) { d.Definition.LeastHours = ptr(events.Hundredths(0)) }}, []said{hours(-1)}, "2026-06-01", WhyNoHours, "2026-03-10", 100},
		{"hours not said where they are not", nil, []said{hours(-1)}, "2026-06-01", "", "2026-03-10", 100},
		{"a job weighs its hours", []set{measure("banen")}, []said{hours(2000)}, "2026-06-01", "", "2026-03-10", 2000},
		{"a job of no hours", []set{measure("banen")}, []said{hours(0)}, "2026-06-01", "", "2026-03-10", 0},
		{"a job whose hours are not said", []set{measure("banen")}, []said{hours(-1)}, "2026-06-01", WhyNoHours, "2026-03-10", 0},

		{"its sector", []set{func(d *events.TargetSet) { d.Sector = "markt" }}, nil, "2026-06-01", "", "2026-03-10", 100},
		{"the other sector", []set{func(d *events.TargetSet) { d.Sector = "overheid" }}, nil, "2026-06-01", WhySector, "2026-03-10", 100},
		{"sector not said", []set{func(d *events.TargetSet) { d.Sector = "overheid" }}, []said{func(it *Item) { it.Sector = "" }}, "2026-06-01", WhyNoSector, "2026-03-10", 100},
		{"the partner's subregion on the day", []set{func(d *events.TargetSet) { d.Subregion = "Noord" }}, nil, "2026-06-01", "", "2026-03-10", 100},
		{"the subregion it went to the day after", []set{func(d *events.TargetSet) { d.Subregion = "Zuid" }}, nil, "2026-06-01", WhySubregion, "2026-03-10", 100},
		{"and from that day on", []set{func(d *events.TargetSet) { d.Subregion = "Zuid" }}, []said{from("2026-03-11")}, "2026-06-01", "", "2026-03-11", 100},
		{"a partner of no subregion", []set{func(d *events.TargetSet) { d.Subregion = "Zuid" }}, []said{func(it *Item) { it.Partner = "uwv" }}, "2026-06-01", WhySubregion, "2026-03-10", 100},
		{"a partner that nobody knows", []set{func(d *events.TargetSet) { d.Subregion = "Zuid" }}, []said{func(it *Item) { it.Partner = "x" }}, "2026-06-01", WhyNoSubregion, "2026-03-10", 100},

		{"lasted: the day it counts", []set{lasting(180)}, nil, "2026-09-06", "", "2026-09-06", 100},
		{"lasted: the day before", []set{lasting(180)}, nil, "2026-09-05", WhyNotYet, "2026-09-06", 100},
		{"lasted: its first day", []set{lasting(180)}, nil, "2026-03-10", WhyNotYet, "2026-09-06", 100},
		{"lasted: before it started", []set{lasting(180)}, nil, "2026-03-09", WhyLater, "2026-09-06", 100},
		{"lasted: ended on its last day but one", []set{lasting(180)}, []said{span("2026-03-10", "2026-09-04")}, "2026-12-31", WhyTooShort, "2026-09-06", 100},
		{"lasted: ended on its last day", []set{lasting(180)}, []said{span("2026-03-10", "2026-09-05")}, "2026-12-31", "", "2026-09-06", 100},
		{"lasted: ended the day after", []set{lasting(180)}, []said{span("2026-03-10", "2026-09-06")}, "2026-12-31", "", "2026-09-06", 100},
		{"lasted: will end too soon", []set{lasting(180)}, []said{span("2026-03-10", "2026-07-01")}, "2026-04-01", WhyTooShort, "2026-09-06", 100},
		{"lasted one day", []set{lasting(1)}, []said{span("2026-03-10", "2026-03-10")}, "2026-03-11", "", "2026-03-11", 100},
		{"lasted: over a leap day", []set{lasting(2), func(d *events.TargetSet) { d.Period = &events.Period{From: "2028-01-01", To: "2028-12-31"} }}, []said{span("2028-02-28", "2028-02-29")}, "2028-06-01", "", "2028-03-01", 100},
		{"lasted: no leap day", []set{lasting(2), func(d *events.TargetSet) { d.Period = &events.Period{From: "2027-01-01", To: "2027-12-31"} }}, []said{span("2027-02-28", "2027-02-28")}, "2027-06-01", WhyTooShort, "2027-03-02", 100},
		{"lasted: started in the year before", []set{lasting(180)}, []said{from("2025-11-01")}, "2026-06-01", "", "2026-04-30", 100},
		{"lasted: only in the year after", []set{lasting(180)}, []said{from("2026-11-01")}, "2027-06-01", WhyPeriod, "2027-04-30", 100},
		{"kind comes before time", []set{lasting(180), func(d *events.TargetSet) { d.Definition.Kinds = []string{"bbl"} }}, []said{span("2026-03-10", "2026-03-11")}, "2026-06-01", WhyKind, "2026-09-06", 100},

		{"standing: its last day", []set{standing}, []said{span("2026-03-10", "2026-05-31")}, "2026-05-31", "", "2026-03-10", 100},
		{"standing: the day after", []set{standing}, []said{span("2026-03-10", "2026-05-31")}, "2026-06-01", WhyEnded, "2026-03-10", 100},
		{"standing: before it starts", []set{standing}, []said{span("2026-03-10", "2026-05-31")}, "2026-03-09", WhyLater, "2026-03-10", 100},
		{"standing: from before the period", []set{standing}, []said{from("2019-01-01")}, "2026-01-01", "", "2019-01-01", 100},
		{"standing: before the period", []set{standing}, []said{from("2019-01-01")}, "2025-12-31", WhyPeriod, "2019-01-01", 100},
		{"standing: after the period it is what it was at its end", []set{standing}, []said{span("2026-03-10", "2026-12-31")}, "2027-06-01", "", "2026-03-10", 100},
		{"standing: ended before the end of the period", []set{standing}, []said{span("2026-03-10", "2026-12-30")}, "2027-06-01", WhyEnded, "2026-03-10", 100},
		{"standing: after the period", []set{standing}, []said{from("2027-01-01")}, "2027-06-01", WhyPeriod, "2027-01-01", 100},
		{"standing and lasting: ended on the day on which it had lasted", []set{standing, lasting(30)}, []said{span("2026-03-01", "2026-03-30")}, "2026-03-31", WhyEnded, "2026-03-31", 100},
		{"standing and lasting: there the day after", []set{standing, lasting(30)}, []said{span("2026-03-01", "2026-03-31")}, "2026-03-31", "", "2026-03-31", 100},

		{"a visit for a purpose that counts", []set{measure("bezoeken"), func(d *events.TargetSet) { d.Definition.Purposes = []string{"nazorg"} }}, []said{visit}, "2026-06-01", "", "2026-03-10", 100},
		{"a visit for another", []set{measure("werkgevers-bereikt"), func(d *events.TargetSet) { d.Definition.Purposes = []string{"advies"} }}, []said{visit}, "2026-06-01", WhyKind, "2026-03-10", 100},
		{"services count by their number", []set{measure("diensten")}, []said{func(it *Item) { it.Part, it.Sort, it.Count = projections.PartServices, "jobcoach", 7 }}, "2026-06-01", "", "2026-03-10", 700},
		{"services over the end of the period count on their first day", []set{measure("diensten")}, []said{func(it *Item) { it.Part, it.From, it.To = projections.PartServices, "2026-12-31", "2027-01-31" }}, "2027-06-01", "", "2026-12-31", 100},
		{"services of another kind", []set{measure("diensten"), func(d *events.TargetSet) { d.Definition.Services = []string{"jobcoach"} }}, []said{func(it *Item) { it.Part, it.Sort = projections.PartServices, "overig" }}, "2026-06-01", WhyKind, "2026-03-10", 100},
		{"places of a vacancy", []set{measure("vacatures-vervuld")}, []said{func(it *Item) { it.Part, it.Count = projections.PartVacancies, 3 }}, "2026-06-01", "", "2026-03-10", 300},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := newRuler(facts, year(tt.target...), tt.on).rule(ruleItem(tt.item...))
			if got.Counts != (tt.want == "") || got.Reason != tt.want || got.From != tt.from || got.Weight != tt.weight {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// The day from which a placement no longer counts is the day after its last at work.
func TestUntil(t *testing.T) {
	it := ruleItem(func(it *Item) { it.To = "2026-05-31" })
	standing := year(func(d *events.TargetSet) { d.Definition.Standing = true })
	if got := newRuler(&ruleFacts{}, standing, "2026-04-01").rule(it); got.Until != "2026-06-01" {
		t.Errorf("standing until %q", got.Until)
	}
	if got := newRuler(&ruleFacts{}, year(), "2026-04-01").rule(it); got.Until != "" {
		t.Errorf("until %q", got.Until)
	}
}

// What has nothing to do with the period is not listed among what does not count.
func TestConcerns(t *testing.T) {
	lasting := year(func(d *events.TargetSet) { d.Definition.LeastDays = ptr(180) })
	standing := year(func(d *events.TargetSet) { d.Definition.Standing = true })
	tests := []struct {
		name     string
		v        *Version
		from, to events.Date
		want     bool
	}{
		{"within", year(), "2026-06-01", "", true},
		{"first day", year(), "2026-01-01", "", true},
		{"before", year(), "2025-12-31", "", false},
		{"after", year(), "2027-01-01", "", false},
		{"started before, would count within", lasting, "2025-12-31", "", true},
		{"started within, would count after", lasting, "2026-12-31", "", true},
		{"long before", lasting, "2025-01-01", "", false},
		{"stood in it", standing, "2019-01-01", "2026-01-01", true},
		{"ended before it", standing, "2019-01-01", "2025-12-31", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			it := ruleItem(func(it *Item) { it.From, it.To = tt.from, tt.to })
			if got := newRuler(&ruleFacts{}, tt.v, "2026-06-01").concerns(it); got != tt.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
