package main

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"huisboek/events"
	"huisboek/projections"
	"huisboek/projections/targets"
)

// figure is one number of people that can be asked for, at any time.
type figure struct {
	target int
	across [2]targets.Dimension
	values [2]string
}

func (f figure) String() string { return fmt.Sprint(f.target, " ", f.across, " ", f.values) }

// possible is what counts, and what may.
const possible targets.Dimension = "telt misschien"

// series are the numbers of a figure: as known at the end of a month, by the end of an
// earlier one.
type series [][]int

// answers gives what is told of a target, as known at the end of a month, on the last
// day of another one.
type answers func(tx projections.Tx, a askedTarget, upTo string) (func(across [2]targets.Dimension, on string) map[[2]string]int, error)

// heard is everything that was told.
type heard struct {
	asked   []askedTarget
	months  []string
	figures map[figure]series
	share   uint64 // one in so many differences is looked at
	looked  int
	found   []string
}

func newSeries(n int) series {
	s := make(series, n)
	for i := range s {
		s[i] = make([]int, i+1)
	}
	return s
}

func (r *attacked) listen(asked []askedTarget, months []string, tell answers) *heard {
	h := &heard{asked: asked, months: months, figures: map[figure]series{}, share: 1}
	r.view(func(tx projections.Tx) error {
		for known, upTo := range months {
			for i, a := range asked {
				told, err := tell(tx, a, upTo)
				if err != nil {
					return err
				}
				for on, month := range months[:known+1] {
					for _, across := range append(everyCrossing(), [2]targets.Dimension{possible}) {
						for values, n := range told(across, month) {
							f := figure{i, across, values}
							if h.figures[f] == nil {
								h.figures[f] = newSeries(len(months))
							}
							h.figures[f][known][on] = n
						}
					}
				}
			}
		}
		return nil
	})
	return h
}

// released is what everybody is told. Jobs are counted as who they are of.
func (r *attacked) released(tx projections.Tx, a askedTarget, upTo string) (func([2]targets.Dimension, string) map[[2]string]int, error) {
	v := &targets.Version{TargetSet: a.TargetSet}
	rel, err := r.stands.Released(tx, v, upTo)
	return func(across [2]targets.Dimension, on string) map[[2]string]int {
		told := map[[2]string]int{}
		switch counted, hidden := rel.Total(v, on); {
		case a.Measure == events.MeasureJobs:
			for _, c := range rel.Classes(v, on) {
				var values [2]string
				for i, d := range across {
					if values[i] = c.Value(d); d == "" {
						values[i] = ""
					} else if d == targets.ByMonth {
						values[i] = c.Month
					}
				}
				told[values] += c.Count
			}
		case across[0] == possible:
			told[[2]string{}] = int(counted+hidden) / 1000
		default:
			for _, c := range rel.Split(v, across, on) {
				told[c.Values] = int(c.Amount) / 1000
			}
		}
		return told
	}, err
}

// look looks at a sum of series through time: at each moment, from day to day, and from
// month to month.
func (h *heard) look(name string, of ...signed) {
	hash := fnv.New64a()
	if hash.Write([]byte(name)); hash.Sum64()%h.share != 0 {
		return
	}
	at := func(known, on int) (n int) {
		for _, x := range of {
			if x.series != nil {
				n += x.sign * x.series[known][on]
			}
		}
		return n
	}
	point := func(n int, when ...string) {
		if h.looked++; n != 0 && -targets.SmallestClass < n && n < targets.SmallestClass {
			h.found = append(h.found, fmt.Sprintf("%s, %s: %d", name, strings.Join(when, " "), n))
		}
	}
	for known, upTo := range h.months {
		for on, month := range h.months[:known+1] {
			n := at(known, on)
			point(n, "on", month, "known", upTo)
			for before, was := range h.months[:on] {
				point(n-at(known, before), "from", was, "to", month, "known", upTo)
			}
			for before, was := range h.months[:known] {
				if on <= before {
					point(n-at(before, on), "on", month, "known", upTo, "less", was)
				}
			}
			if on == known && known > 0 {
				point(n-at(known-1, known-1), "on and known", upTo, "less the month before")
			}
		}
	}
}

type signed struct {
	sign   int
	series series
}

// subtract looks at all there is, and at whatever lies within something else.
func (h *heard) subtract() []string {
	plus := func(f figure) signed { return signed{+1, h.figures[f]} }
	less := func(f figure) signed { return signed{-1, h.figures[f]} }
	wider := map[int][]int{}
	for i := range h.asked {
		for j := range h.asked {
			if i != j && h.asked[j].within(&h.asked[i]) {
				wider[j] = append(wider[j], i)
			}
		}
	}
	for f := range h.figures {
		if f.across[0] != possible {
			h.look(f.String(), plus(f))
		}
		for _, i := range wider[f.target] {
			g := figure{i, f.across, f.values}
			h.look(fmt.Sprint(g, " less ", f), plus(g), less(f))
			if f.across[1] != "" || f.across[0] == possible {
				continue
			}
			for d, value := range h.asked[f.target].says() {
				if d != f.across[0] {
					g := cross(figure{i, f.across, f.values}, d, value)
					h.look(fmt.Sprint(g, " less ", f), plus(g), less(f))
				}
			}
		}
		if f.across[0] == "" || f.across[0] == possible {
			continue
		}
		all := figure{target: f.target}
		h.look(fmt.Sprint("all less ", f), plus(all), less(f))
		if f.across[1] != "" {
			one := figure{f.target, [2]targets.Dimension{f.across[0]}, [2]string{f.values[0]}}
			other := figure{f.target, [2]targets.Dimension{f.across[1]}, [2]string{f.values[1]}}
			h.look(fmt.Sprint(one, " less ", f), plus(one), less(f))
			h.look(fmt.Sprint(other, " less ", f), plus(other), less(f))
			h.look(fmt.Sprint("neither of ", f), plus(all), less(one), less(other), plus(f))
		}
	}
	// What lies between targets is within the widest of them for a figure that only the wider has, too.
	for f := range h.figures {
		for j, list := range wider {
			if slices.Contains(list, f.target) && h.figures[figure{j, f.across, f.values}] == nil {
				h.look(fmt.Sprint(f, " less nothing of ", j), plus(f))
			}
		}
	}
	slices.Sort(h.found)
	return h.found
}

// cross is a figure split by one more dimension.
func cross(f figure, d targets.Dimension, value string) figure {
	if f.across[0] == "" {
		return figure{f.target, [2]targets.Dimension{d}, [2]string{value}}
	}
	if slices.Index(everyDimension, d) < slices.Index(everyDimension, f.across[0]) {
		return figure{f.target, [2]targets.Dimension{d, f.across[0]}, [2]string{value, f.values[0]}}
	}
	return figure{f.target, [2]targets.Dimension{f.across[0], d}, [2]string{f.values[0], value}}
}

// says are the cells of which a target is the total.
func (a *askedTarget) says() map[targets.Dimension]string {
	m := map[targets.Dimension]string{}
	if len(a.Groups) == 1 {
		m[targets.ByGroup] = a.Groups[0]
	}
	if a.Register != nil {
		m[targets.ByRegister] = map[bool]string{true: "ja", false: "nee"}[*a.Register]
	}
	if a.Sector != "" {
		m[targets.BySector] = a.Sector
	}
	if len(a.Definition.Kinds) == 1 {
		m[targets.ByKind] = a.Definition.Kinds[0]
	}
	return m
}

// within reports whether all that a target counts another one counts as well.
func (a *askedTarget) within(b *askedTarget) bool {
	all := func(list, of []string) bool {
		return len(of) == 0 || len(list) > 0 && !slices.ContainsFunc(list, func(s string) bool { return !slices.Contains(of, s) })
	}
	days := func(a *askedTarget) int {
		if n := a.Definition.LeastDays; n != nil {
			return *n
		}
		return 0
	}
	least := func(a *askedTarget) int {
		if n := a.Definition.LeastHours; n != nil {
			return int(*n)
		}
		return -1
	}
	return a.Measure == b.Measure && a.Definition.Standing == b.Definition.Standing && days(a) == days(b) &&
		b.Period.From <= a.Period.From && a.Period.To <= b.Period.To && all(a.Groups, b.Groups) && all(a.Definition.Kinds, b.Definition.Kinds) &&
		(b.Register == nil || a.Register != nil && *a.Register == *b.Register) && (b.Sector == "" || a.Sector == b.Sector) && least(b) <= least(a)
}

func TestNobodyRecognised(t *testing.T) {
	seeds, share := []uint64{36}, uint64(16) // 36 is the demo's own
	if *wholeAttack {
		seeds, share = []uint64{36, 1, 2, 3, 5, 7}, 1
	}
	for _, seed := range seeds {
		r := tellRegion(t, seed, "2026-11-22")
		t.Run(fmt.Sprint("subtracting, story ", seed), func(t *testing.T) {
			h := r.listen(r.asked, r.months, r.released)
			h.share = share
			for i, found := range h.subtract() {
				if i < 20 {
					t.Error(found)
				}
			}
			if t.Logf("%d figures, %d differences, %d found", len(h.figures), h.looked, len(h.found)); len(h.figures) < 5000 {
				t.Error("nothing much was told")
			}
		})
		t.Run(fmt.Sprint("asking, story ", seed), func(t *testing.T) { r.ask(t, int(4000/share)) })
		t.Run(fmt.Sprint("of the few, story ", seed), func(t *testing.T) { r.ofTheFew(t) })
		if seed == 36 {
			t.Run("what lesser care gives away", func(t *testing.T) { r.lesserCare(t) })
		}
	}
}

// lesserCare: the attack finds what a threshold alone leaves to be found, and what none does.
func (r *attacked) lesserCare(t *testing.T) {
	for name, least := range map[string]int{"no threshold": 1, "no complement": targets.SmallestClass} {
		t.Run(name, func(t *testing.T) {
			h := r.listen(r.asked[:2], r.months[8:11], func(tx projections.Tx, a askedTarget, upTo string) (func([2]targets.Dimension, string) map[[2]string]int, error) {
				return func(across [2]targets.Dimension, on string) map[[2]string]int {
					told := map[[2]string]int{}
					if across[0] == possible || across[1] != "" {
						return told
					}
					st, err := r.stands.Stand(tx, targets.Question{
						Target: a.id, On: targets.LastOf(on), Today: targets.LastOf(upTo), Across: across, Reader: targets.Reader{All: true},
					}, targets.Known{At: targets.LastOf(upTo).AddDays(1).Begins().Add(-1)})
					if err != nil {
						t.Fatal(err)
					}
					if told[[2]string{}] = int(st.Total) / 1000; st.Split != nil {
						delete(told, [2]string{})
						for _, c := range st.Split.Cells {
							if n := int(c.Amount) / 1000; n >= least {
								told[c.Values] = n
							}
						}
					}
					return told
				}, nil
			})
			found := h.subtract()
			is := func(what string) bool {
				return slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, what) })
			}
			t.Logf("%d found", len(found))
			for _, what := range []string{"all less", "from 2026-", "[doelgroep ]"} {
				if !is(what) {
					t.Errorf("found nothing of %q among %d", what, len(found))
				}
			}
		})
	}
}

// ask asks as somebody, at some moment, of some day: of people nobody is told more than
// was released at the end of the month before, and all the same.
func (r *attacked) ask(t *testing.T, times int) {
	rng := rand.New(rand.NewPCG(8, 26))
	first, last := events.DateOf(r.told.Start), events.DateOf(r.clock)
	crossings, people := everyCrossing(), 0
	for range times {
		moment := last.AddDays(-rng.IntN(first.DaysUntil(last))).Begins().Add(time.Duration(rng.IntN(24*60)) * time.Minute)
		if rng.IntN(2) == 0 {
			moment = targets.LastOf(r.months[rng.IntN(len(r.months))]).AddDays(rng.IntN(2)).Begins().Add(time.Duration(rng.IntN(2)) * time.Second)
		}
		today := events.DateOf(moment)
		q := targets.Question{On: today.AddDays(-rng.IntN(120)), Today: today, Across: crossings[rng.IntN(len(crossings))]}
		if rng.IntN(2) == 0 {
			q.On = min(targets.LastOf(q.On.Month()), today)
		}
		if p := rng.IntN(len(r.told.Partners) + 1); p > 0 {
			id := r.told.Partners[p-1].ID
			q.Reader = targets.Reader{Partner: id, Own: func(partner string) bool { return partner == id }}
		}
		closed := closedOn(q.On, today)
		for _, i := range rng.Perm(len(r.asked))[:6] {
			a := r.asked[i]
			q.Target = a.id
			r.view(func(tx projections.Tx) error {
				st, err := r.stands.Stand(tx, q, targets.Known{At: moment})
				if errors.Is(err, targets.ErrNoTarget) {
					return nil
				} else if err != nil {
					return err
				}
				v := &targets.Version{TargetSet: a.TargetSet}
				total, split := targets.Sensitive(v), targets.Sensitive(v)
				for i, d := range q.Across { // where employers are visited says nothing of people
					ofEmployers := a.Measure == events.MeasureReached || a.Measure == events.MeasureVisits && d == targets.ByGemeente
					split = split || d.OfPeople() && !ofEmployers
					if a.Measure == events.MeasureReached && d.OfPeople() && d != targets.ByGemeente &&
						slices.ContainsFunc(st.Split.Cells, func(c targets.Cell) bool { return c.Values[i] != targets.Unknown }) {
						t.Errorf("%s by %v: %v", a.Name, q.Across, st.Split.Cells)
					}
				}
				rel, err := r.stands.Released(tx, v, closedOn(today, today))
				if err != nil || !split {
					return err
				}
				what := fmt.Sprintf("%s on %s known %s by %v", a.Name, q.On, moment, q.Across)
				if counted, _ := rel.Total(v, closed); total && (st.Total != counted || st.Plain || st.Settled != closed) {
					t.Errorf("%s: %d until %s, released are %d until %s", what, st.Total, st.Settled, counted, closed)
				}
				if q.Across[0] != "" {
					cells := slices.DeleteFunc(slices.Clone(st.Split.Cells), func(c targets.Cell) bool {
						return slices.Contains(c.Values[:], targets.Waiting) || slices.Contains(c.Values[:], targets.Leaving)
					})
					if want := rel.Split(v, q.Across, closed); !slices.Equal(cells, want) || total && len(cells) != len(st.Split.Cells) {
						t.Errorf("%s: %v, released are %v", what, st.Split.Cells, want)
					}
				}
				for _, x := range st.NotCounted {
					if total && x.Hidden && x.Reason != targets.Hidden && min(x.Count, targets.MaxToMend) != len(x.Own) {
						t.Errorf("%s: %d for %s, %d of the reader's own", what, x.Count, x.Reason, len(x.Own))
					}
				}
				people++
				return nil
			})
		}
		r.tallied(t, q.Reader, today)
	}
	if t.Logf("%d answers of people", people); people < times {
		t.Error("too few answers say anything of people")
	}
}

// ofTheFew: of fewer than five by one plain dimension it cannot be worked out what they
// are, from what is left of the plain counts and of what is told by target group or
// register; unless that is so of all there is.
func (r *attacked) ofTheFew(t *testing.T) {
	looked := 0
	for _, a := range r.asked {
		if a.Measure != events.MeasurePlacements && a.Measure != events.MeasureServices || !strings.HasPrefix(a.Name, "Vraag") ||
			a.Definition.Standing || len(a.says()) > 0 || len(a.Groups) > 0 || a.Definition.LeastHours != nil || a.Period.To < events.DateOf(r.clock) {
			continue
		}
		v := &targets.Version{TargetSet: a.TargetSet}
		for _, month := range r.months {
			end := targets.LastOf(month)
			for _, d := range []targets.Dimension{targets.ByPartner, targets.ByMonth, targets.ByLevel, targets.BySector, targets.ByKind} {
				r.view(func(tx projections.Tx) error {
					classes, err := r.stands.Releases(tx, v, month)
					if err != nil {
						return err
					}
					st, err := r.stands.Stand(tx, targets.Question{
						Target: a.id, On: end, Today: end, Across: [2]targets.Dimension{d}, Reader: targets.Reader{All: true},
					}, targets.Known{At: end.AddDays(1).Begins().Add(-1)})
					waits := int(st.Total) / 1000
					told := map[string]int{}
					for _, c := range classes {
						waits -= int(c.Weight) / 100
						told[c.Value(d)] += int(c.Weight) / 100
					}
					if err != nil || waits != 0 || st.Split == nil { // whoever waits may be any of them
						return err
					}
					for _, c := range st.Split.Cells {
						left := int(c.Amount)/1000 - told[c.Values[0]]
						if left <= 0 || left >= targets.SmallestClass {
							continue
						}
						looked++
						for _, s := range []targets.Dimension{targets.ByGroup, targets.ByRegister} {
							could, all := map[string]bool{}, map[string]bool{}
							for i := range classes {
								if all[classes[i].Value(s)] = true; classes[i].Value(d) == targets.Hidden {
									could[classes[i].Value(s)] = true
								}
							}
							if len(could) == 1 && len(all) > 1 && !could[targets.Hidden] {
								t.Errorf("%s in %s: %d of %s are %v", a.Name, month, left, c.Values[0], could)
							}
						}
					}
					return nil
				})
			}
		}
	}
	t.Logf("%d times a few were left", looked)
}

// closedOn is the last month that is over on a day, and was over today.
func closedOn(on, today events.Date) string {
	day := targets.LastOf(min(on, today).Month())
	for day > on || day >= today {
		day = events.Date(day.Month() + "-01").AddDays(-1)
	}
	return day.Month()
}

// tallied: /v1/tellingen tells of people by target group only what it is given as
// released, and of others' placements closed months only.
func (r *attacked) tallied(t *testing.T, reader targets.Reader, today events.Date) {
	own := reader.Own
	if own == nil {
		own = func(string) bool { return false }
	}
	for _, m := range []string{projections.MeasurePlacements, projections.MeasureServices, projections.MeasureVisits} {
		r.view(func(tx projections.Tx) error {
			f, err := projections.NewTallies().Shared(tx, projections.Query{Measure: m}, own, today)
			if len(f.Joint) > 0 {
				t.Errorf("%s: %v", m, f.Joint[0])
			}
			for _, c := range slices.Concat(f.Plain, f.Own) {
				if !own(c.Partner) && (c.TargetGroup != "" || m == projections.MeasurePlacements && c.Month >= today.Month()) {
					t.Errorf("%s: %v", m, c)
				}
			}
			return err
		})
	}
}
