package targets

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// things are facts that a script changes, position by position.
type things struct {
	script []step
	items  map[events.Position]*Item
	sorted []*Item
	list   []*Item // of scripts that only add: in order
	read   int     // of list
	was    map[events.Position]*Item
	all    bool // Since says that it is too long ago
	same   map[events.Position][]events.Position
	gone   []Departure
	heirs  map[string]string
}

// step is one record of a script.
type step struct {
	at time.Time
	do func(f *things, p events.Position)
}

func newThings(script []step) *things {
	return &things{script: script, items: map[events.Position]*Item{}, same: map[events.Position][]events.Position{}, heirs: map[string]string{}}
}

func (f *things) Apply(l *projections.Line) {
	f.script[l.Position-1].do(f, l.Position)
	f.sorted = nil
}

func (f *things) Items(part projections.Part) iter.Seq[*Item] {
	if f.sorted == nil && len(f.list) > 0 && len(f.list) == len(f.items) {
		f.sorted = f.list
	}
	if f.sorted == nil {
		f.sorted = slices.SortedFunc(maps.Values(f.items), func(a, b *Item) int { return cmp.Compare(a.Root, b.Root) })
	}
	return func(yield func(*Item) bool) {
		for _, it := range f.sorted {
			if it.Part == part && !yield(it) {
				return
			}
		}
	}
}

func (f *things) Cluster(it *Item) []*Item {
	list := []*Item{}
	for _, p := range f.same[it.Root] {
		if other := f.items[p]; other != nil {
			list = append(list, other)
		}
	}
	if len(list) == 0 {
		return []*Item{it}
	}
	return list
}

func (f *things) Item(_ projections.Part, p events.Position) *Item { return f.items[p] }

func (f *things) Since(moment uint64) (roots []events.Position, now uint64, ok bool) {
	if len(f.list) > 0 && len(f.list) == len(f.items) {
		for _, it := range f.list[f.read:] {
			roots = append(roots, it.Root)
		}
		f.read = len(f.list)
		return roots, moment + 1, true
	}
	for p, it := range f.items {
		if f.was[p] != it || f.same[p] != nil && f.was[p] == nil {
			roots = append(roots, p)
		}
	}
	for p := range f.was {
		if f.items[p] == nil {
			roots = append(roots, p)
		}
	}
	f.was = maps.Clone(f.items)
	slices.Sort(roots)
	return roots, moment + 1, !f.all
}

func (f *things) Heir(partner string, _ events.Date) string { return cmp.Or(f.heirs[partner], partner) }
func (f *things) Departures() []Departure                   { return f.gone }
func (f *things) Level(employer string) string              { return employer[:1] }
func (f *things) Gemeente(employer string) string           { return "g" + employer[:1] }
func (f *things) Subregion(partner string, _ events.Date) (string, bool) {
	if partner == "" {
		return "", false
	}
	return "s" + string('0'+partner[len(partner)-1]%2), true
}

// told are releases of a script.
func told(script []step) (*releases, follow) {
	r := &releases{fresh: func(...projections.Part) known { return newThings(script) }}
	return r, func(_ []projections.Part, after events.Position, fn func(*projections.Line) bool) error {
		for i := int(after); i < len(script); i++ {
			if !fn(&projections.Line{Position: events.Position(i + 1), At: script[i].at}) {
				break
			}
		}
		return nil
	}
}

// placed is a step by which placements are reported, each as "partners group day hours".
func placed(at string, what ...string) (list []step) {
	for _, s := range what {
		f := strings.Fields(s)
		it := Item{Part: projections.PartPlacements, Groups: []string{f[1]}, From: events.Date(f[2]), Sort: "dienstverband",
			Hours: 2400, Employer: "e", Count: 1, Sector: "A", Register: projections.RegisterYes}
		who := strings.Split(f[0], "+")
		it.Partner, it.With = who[0], who[1:]
		if len(f) > 3 {
			it.To = events.Date(f[3])
		}
		list = append(list, step{moment(at), func(f *things, p events.Position) {
			x := it
			x.Root, x.Last, x.Placement = p, p, fmt.Sprint(p)
			f.items[p] = &x
		}})
	}
	return list
}

func moment(day string) time.Time { return events.Date(day).Begins().Add(12 * time.Hour) }

// times is the same so many times.
func times(n int, what string) []string { return slices.Repeat([]string{what}, n) }

func tellAt(at string, do func(f *things)) []step {
	return []step{{moment(at), func(f *things, _ events.Position) { do(f) }}}
}

// spelled writes classes as "batch count group partner month".
func spelled(classes []Class) (list []string) {
	for _, c := range classes {
		list = append(list, fmt.Sprintf("%s %+d %s %s %s", c.Batch, c.Count, short(c.Value(ByGroup)), short(c.Value(ByPartner)), c.Month))
	}
	return list
}

func short(s string) string {
	if s == Hidden {
		return "-"
	}
	return s
}

func TestRelease(t *testing.T) {
	many := func(lists ...[]string) []string { return slices.Concat(lists...) }
	for _, c := range []struct {
		name   string
		q      sequenceKey
		script [][]step
		upTo   string
		want   []string
	}{
		{"fewer than five wait", sequenceKey{}, [][]step{placed("2026-01-10", times(4, "a X 2026-01-09")...)}, "2026-02", nil},
		{"five alike of one partner", sequenceKey{}, [][]step{placed("2026-01-10", times(5, "a X 2026-01-09")...)}, "2026-01",
			[]string{"2026-01 +5 X a 2026-01"}},
		{"of two partners one knows the other's part", sequenceKey{}, [][]step{placed("2026-01-10", many(times(4, "a X 2026-01-09"), times(3, "b X 2026-01-09"))...)},
			"2026-01", nil},
		{"two partners with five each", sequenceKey{}, [][]step{placed("2026-01-10", many(times(5, "a X 2026-01-09"), times(6, "b X 2026-01-09"))...)},
			"2026-01", []string{"2026-01 +6 X b 2026-01", "2026-01 +5 X a 2026-01"}},
		{"a small group keeps others back", sequenceKey{}, [][]step{placed("2026-01-10", many(times(9, "a X 2026-01-09"), times(9, "b X 2026-01-09"), times(1, "a Y 2026-01-09"))...)},
			"2026-01", []string{"2026-01 +9 X b 2026-01", "2026-01 +5 X a 2026-01"}},
		{"and is released without a group after three months", sequenceKey{},
			[][]step{placed("2026-01-10", many(times(9, "a X 2026-01-09"), times(9, "b X 2026-01-09"), times(1, "a Y 2026-01-09"))...)},
			"2026-04", []string{"2026-01 +9 X b 2026-01", "2026-01 +5 X a 2026-01", "2026-04 +5 - a 2026-01"}},
		{"what is told later counts in its own month", sequenceKey{}, [][]step{
			placed("2026-01-10", times(6, "a X 2026-01-09")...), placed("2026-02-10", times(5, "a X 2026-01-09")...), placed("2026-02-11", times(5, "a X 2026-02-09")...)},
			"2026-02", []string{"2026-01 +6 X a 2026-01", "2026-02 +5 X a 2026-01", "2026-02 +5 X a 2026-02"}},
		{"but not when there are few of it", sequenceKey{}, [][]step{
			placed("2026-01-10", times(6, "a X 2026-01-09")...), placed("2026-02-10", times(1, "a X 2026-01-09")...), placed("2026-02-11", times(9, "a X 2026-02-09")...)},
			"2026-02", []string{"2026-01 +6 X a 2026-01", "2026-02 +10 X a 2026-02"}},
		{"one retraction waits for others to go along with", sequenceKey{}, [][]step{
			placed("2026-01-10", times(6, "a X 2026-01-09")...), tellAt("2026-02-02", func(f *things) { delete(f.items, 1) }),
			placed("2026-03-10", times(5, "a X 2026-03-09")...), placed("2026-04-10", times(6, "a X 2026-04-09")...)},
			"2026-04", []string{"2026-01 +6 X a 2026-01", "2026-03 +5 X a 2026-03", "2026-04 +5 X a 2026-04"}},
		{"five retractions do by themselves when they leave nothing", sequenceKey{}, [][]step{
			placed("2026-01-10", times(5, "a X 2026-01-09")...), tellAt("2026-02-02", func(f *things) { clear(f.items) })},
			"2026-02", []string{"2026-01 +5 X a 2026-01", "2026-02 -5 X a 2026-01"}},
		{"and not when they leave one", sequenceKey{}, [][]step{
			placed("2026-01-10", times(6, "a X 2026-01-09")...), tellAt("2026-02-02", func(f *things) {
				for p := range f.items {
					if p > 1 {
						delete(f.items, p)
					}
				}
			})}, "2026-02", []string{"2026-01 +6 X a 2026-01"}},
		{"of what lasts, one that failed hides others", sequenceKey{days: 30}, [][]step{
			placed("2026-01-10", many(times(12, "a X 2026-01-09"), times(1, "a X 2026-01-09 2026-01-20"))...)}, "2026-02",
			[]string{"2026-02 +7 X a 2026-02"}},
		{"of what stands, what ended goes along with what came", sequenceKey{standing: true}, [][]step{
			placed("2026-01-10", many(times(8, "a X 2026-01-09"), times(2, "a X 2026-01-09 2026-02-10"))...), placed("2026-02-10", times(9, "a X 2026-02-09")...)},
			"2026-02", []string{"2026-01 +10 X a 2026-01", "2026-02 +7 X a 2026-02"}},
		{"what several have part in is nobody's", sequenceKey{}, [][]step{placed("2026-01-10", many(times(6, "a+b X 2026-01-09"), times(6, "c X 2026-01-09"))...)},
			"2026-01", []string{"2026-01 +6 X - 2026-01", "2026-01 +6 X c 2026-01"}},
		{"not before a month is over", sequenceKey{}, [][]step{placed("2026-01-31", times(5, "a X 2026-02-01")...)}, "2026-02",
			[]string{"2026-02 +5 X a 2026-02"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.q.part = projections.PartPlacements
			r, read := told(slices.Concat(c.script...))
			classes, err := r.of(c.q, c.upTo, read)
			if err != nil {
				t.Fatal(err)
			}
			if got := spelled(classes); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestReleaseReadWhileBehind(t *testing.T) {
	script := slices.Concat(placed("2026-01-10", times(6, "a X 2026-01-09")...), placed("2026-01-20", times(6, "b X 2026-01-09")...))
	r, _ := told(script)
	q := sequenceKey{part: projections.PartPlacements}
	_, short := told(script[:6])
	_, all := told(script)
	first, err := r.of(q, "2026-01", short)
	if err != nil || len(first) != 1 {
		t.Fatalf("%v %v", first, err)
	}
	got, err := r.of(q, "2026-01", all)
	if want := []string{"2026-01 +6 X b 2026-01", "2026-01 +6 X a 2026-01"}; err != nil || !slices.Equal(spelled(got), want) {
		t.Errorf("got %q (%v), want %q", spelled(got), err, want)
	}
}

func TestFits(t *testing.T) {
	yesRegister, least := true, events.Hundredths(1200)
	class := Class{Month: "2026-01", Count: 5, Weight: 500, Hours: 12000, values: [dims]string{
		atGroup: "X", atSheltered: no, atRegister: yes, atHours: "24-31", atSector: Hidden, atKind: "bbl", atSubregion: "s1"}}
	period := &events.Period{From: "2026-01-01", To: "2026-12-31"}
	for _, c := range []struct {
		name string
		set  events.TargetSet
		want int
	}{
		{"all", events.TargetSet{Groups: []string{"X", "Y"}, Register: &yesRegister}, fitsAll},
		{"other group", events.TargetSet{Groups: []string{"Y"}, Sector: "A"}, fitsNot},
		{"hidden sector", events.TargetSet{Groups: []string{"X"}, Sector: "A"}, fitsHidden},
		{"hours", events.TargetSet{Definition: events.Definition{LeastHours: &least}}, fitsAll},
		{"kinds", events.TargetSet{Definition: events.Definition{Kinds: []string{"uitzend"}}}, fitsNot},
		{"jobs", events.TargetSet{Measure: events.MeasureJobs}, fitsAll},
	} {
		set := c.set
		set.Period, set.Measure = period, cmp.Or(set.Measure, events.MeasurePlacements)
		if got := fits(&Version{TargetSet: &set}, &class); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}

func TestSensitive(t *testing.T) {
	is, least := true, events.Hundredths(1200)
	for _, c := range []struct {
		set  events.TargetSet
		want bool
	}{
		{events.TargetSet{Measure: events.MeasurePlacements}, false},
		{events.TargetSet{Measure: events.MeasureJobs}, true},
		{events.TargetSet{Measure: events.MeasurePlacements, Register: &is}, true},
		{events.TargetSet{Measure: events.MeasurePlacements, Definition: events.Definition{LeastHours: &least}}, true},
		{events.TargetSet{Measure: events.MeasureServices, Groups: []string{"X"}}, true},
		{events.TargetSet{Measure: events.MeasureVisits, Groups: []string{"X"}}, true},
		{events.TargetSet{Measure: events.MeasureVisits}, false},
	} {
		if got := Sensitive(&Version{TargetSet: &c.set}); got != c.want {
			t.Errorf("%s: %v", c.set.Measure, got)
		}
	}
}
