package targets

import (
	"slices"
	"sync"

	"huisboek/events"
	"huisboek/projections"
)

// Stand answers a question as known now or then.
func (s *Standings) Stand(tx projections.Tx, q Question, known Known) (Standing, error) {
	if q.On == "" {
		q.On = q.Today
	}
	var st *Standing
	var began string
	r := newReader(q.Reader)
	err := s.with(tx, q, known, func(f *Facts) error {
		v, err := lastOf(f, q.Target)
		if err != nil {
			return err
		}
		if known.At.IsZero() {
			st = s.counts.standing(f, v, q, r)
		} else {
			st = countOf(f, v, q.On, q.Today).standing(f, q.Across, r)
		}
		st.Version = *v
		st.At, _ = f.At()
		st.Today, began = q.Today, f.Began()
		if st.On.After(st.Today) { // what is known of that day is no pace to go by
			st.Forecast = nil
		}
		return nil
	})
	if err != nil {
		return Standing{}, err
	}
	total, split := parted(&st.Version, q.Across)
	if r.all || !total && !split {
		return *st, nil
	}
	closed := lastClosed(q.On, q.Today)
	rel, err := s.Released(tx, &st.Version, lastClosed(q.Today, q.Today)) // what was released later may have been of then
	if err != nil {
		return Standing{}, err
	}
	if split {
		st.Split = &Split{Across: q.Across, Settled: closed, Cells: rel.Split(&st.Version, q.Across, closed)}
		if !total {
			st.Split.wait(st.Total)
		}
	}
	if total {
		st.settle(rel, closed, began)
	}
	return *st, nil
}

// with runs fn on the facts as known now or then.
func (s *Standings) with(tx projections.Tx, q Question, known Known, fn func(*Facts) error) error {
	if known.At.IsZero() {
		return s.Now(tx, fn)
	}
	region, err := s.As(tx, known, projections.PartRegion)
	if err != nil {
		return err
	}
	v, err := lastOf(region, q.Target)
	if err != nil {
		return err
	}
	f, err := s.As(tx, known, projections.PartRegion, projections.PartEmployers, projections.PartTakenBack, partOf(v.Measure))
	if err != nil {
		return err
	}
	return fn(f)
}

// wait adds what has yet to be released or, where more was released than there is, to be
// taken back, so that the cells add up to a total that is as it is known.
func (x *Split) wait(total Amount) {
	rest := total
	for _, c := range x.Cells {
		rest -= c.Amount
	}
	if rest != 0 {
		c, value := Cell{Amount: rest}, Waiting
		if rest < 0 {
			value = Leaving
		}
		for i, d := range x.Across {
			if d != "" {
				c.Values[i] = value
			}
		}
		x.Cells = append(x.Cells, c)
	}
}

// settle puts what has been released in the place of what stands as known.
func (st *Standing) settle(rel *Released, closed, began string) {
	v := &st.Version
	x := rel.settled(v, closed, began, st.On)
	st.Plain, st.Settled, st.Total = false, closed, x.total
	st.Agreed = Agreed(v, min(LastOf(closed), st.On))
	for i := range st.Shares { // only what was agreed stays
		st.Shares[i].Whole, st.Shares[i].Divided = 0, 0
	}
	st.Shares = merge(st.Shares, x.shares)
	if x.hidden != 0 {
		st.NotCounted = append(st.NotCounted, LeftOut{Reason: Hidden, Count: int((x.hidden + one - 1) / one), Hidden: true})
	}
	if st.Months, st.Forecast = slices.Clone(x.months), nil; x.forecast != nil && !st.On.After(st.Today) {
		st.Forecast = ptrTo(*x.forecast)
	}
}

// settledKey is a day, and the last month that was over.
type settledKey struct {
	closed string
	on     events.Date
}

// settled is what a standing is made of that has been released, for every reader the same.
type settled struct {
	total, hidden Amount
	shares        []Share
	months        []MonthTotal
	forecast      *Forecast
}

// settled is kept: it moves at a month's end only. Began is the month in which the book
// was: months without anything before it are no pace to go by.
func (r *Released) settled(v *Version, closed, began string, on events.Date) *settled {
	r.fit(v)
	return remember(r, &r.stands, settledKey{closed, on}, func() *settled {
		x := &settled{shares: r.Shares(v, closed)}
		x.total, x.hidden = r.Total(v, closed)
		known := min(LastOf(closed), on, v.Period.To)
		sure, most := Pace{Sofar: x.total, Known: known}, Pace{Sofar: x.total + x.hidden, Known: known} // most as if all counted that is hidden
		was, wasMost, begun := Amount(0), Amount(0), false
		for month := v.Period.From.Month(); month <= min(closed, v.Period.To.Month()); month = next(month) {
			so, hidden := r.Total(v, month)
			x.months = append(x.months, MonthTotal{Month: month, Count: so - was, So: so, Agreed: Agreed(v, min(LastOf(month), on))})
			first := !begun
			begun = begun || month >= began || so+hidden != 0
			if begun && !(first && v.Definition.Standing) { // what stood when it began did not come in its first month
				sure.Closed, most.Closed = append(sure.Closed, so-was), append(most.Closed, so+hidden-wasMost)
			}
			was, wasMost = so, so+hidden
		}
		if x.forecast = forecast(v, on, sure, nil); x.forecast != nil {
			m := forecast(v, on, most, nil)
			x.forecast.Low, x.forecast.High = min(x.forecast.Low, m.Low), max(x.forecast.High, m.High)
		}
		return x
	})
}

// merge gives shares what has been released of them.
func merge(shares, released []Share) []Share {
	for _, x := range released {
		found := false
		for i := range shares {
			if s := &shares[i]; s.Partner == x.Partner && (x.Partner != "" || s.Label == x.Label) {
				s.Whole, s.Divided, found = x.Whole, x.Divided, true
			}
		}
		if !found {
			shares = append(shares, x)
		}
	}
	kept := shares[:0]
	for _, s := range shares {
		if s.Agreed != nil || s.Whole != 0 || s.Divided != 0 {
			kept = append(kept, s)
		}
	}
	return kept
}

// counts are the last counts of live facts: a question is answered from them as long
// as nothing was recorded but what can be added.
type counts struct {
	mu    sync.Mutex
	facts *Facts
	by    map[countOn]*keptCount
	order []countOn // the one asked for last is last
}

// countOn is what a count is of.
type countOn struct {
	version events.Position
	on      events.Date
	closed  string
}

// keptCount is a count that is kept, for one question at a time.
type keptCount struct {
	mu sync.Mutex
	*count
}

const maxCounts = 24

// standing answers from what is kept.
func (k *counts) standing(f *Facts, v *Version, q Question, r *reader) *Standing {
	c := k.of(f, countOn{v.Position, q.On, lastClosed(q.On, q.Today)})
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count == nil || !c.extend(f) {
		c.count = countOf(f, v, q.On, q.Today)
	}
	return c.standing(f, q.Across, r)
}

func (k *counts) of(f *Facts, key countOn) *keptCount {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.facts != f {
		k.facts, k.by, k.order = f, map[countOn]*keptCount{}, nil
	}
	c := k.by[key]
	if c == nil {
		c = new(keptCount)
		k.by[key] = c
	}
	k.order = append(slices.DeleteFunc(k.order, func(o countOn) bool { return o == key }), key)
	if len(k.order) > maxCounts {
		delete(k.by, k.order[0])
		k.order = k.order[1:]
	}
	return c
}
