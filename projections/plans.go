package projections

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"huisboek/events"
)

// Plan is an approach in a list, with what stands elsewhere.
type Plan struct {
	Planned
	Last      events.Position // of the last surviving event of it; Position when that is its plan
	Confirmed []string        // internal UUIDs of the partners that said they take part; none where With is empty
	Clashes   bool            // it is in the way of another partner's, or that one in its way, and this has not ended
	Named     bool            // PlansQuery.For is among who it names
}

// PlansQuery says which approaches are asked for.
type PlansQuery struct {
	Partners []string       // who planned them; internal UUIDs
	Keys     []events.KeyID // only those of an account manager with one of these seal keys; nil: of any
	From, To events.Date    // only those with a day from From up to To; empty: no bound
	Open     bool           // only those that are open and have not expired
	// For are partners that are one. Waiting lets only those through that name one of
	// them and that none of them takes part in yet.
	For     []string
	Waiting bool
}

// PlanPlace is where an approach stands in a list: by its first day, then by its first
// plan. The zero one is before all.
type PlanPlace struct {
	From events.Date
	Root events.Position
}

// Place is where an approach stands.
func (p *Planned) Place() PlanPlace { return PlanPlace{p.From, p.Root} }

func (p PlanPlace) compare(o PlanPlace) int {
	return cmp.Or(cmp.Compare(p.From, o.From), cmp.Compare(p.Root, o.Root))
}

// MaxPlans is the most that one call of Plans gives.
const MaxPlans = 200

// Plans are the approaches that are asked for, by their first day, behind a place; at
// most limit (1 to MaxPlans; outside that, the nearest). more reports whether there are
// others behind these.
func (Agenda) Plans(tx Tx, q PlansQuery, today events.Date, after PlanPlace, limit int) (list []Plan, more bool, err error) {
	limit = min(MaxPlans, max(1, limit))
	x := planReader{tx: tx, q: &q, today: today, named: map[string]bool{}, clashes: clashReader{tx: tx, today: today}}
	var found []glance
	for _, partner := range q.Partners {
		if found, err = x.gather(found, partner, after, limit+1); err != nil {
			return nil, false, err
		}
	}
	found = nearestPlans(found, limit+1)
	if more = len(found) > limit; more {
		found = found[:limit]
	}
	list = make([]Plan, len(found))
	for i := range found {
		p, err := plannedAt(tx, found[i].Root)
		if p == nil || err != nil {
			return nil, false, cmp.Or(err, ErrRow)
		}
		if list[i], err = x.complete(p); err != nil {
			return nil, false, err
		}
	}
	return list, more, nil
}

// nearestPlans sorts plans by their place and keeps the first.
func nearestPlans(list []glance, most int) []glance {
	slices.SortFunc(list, func(a, b glance) int { return a.compare(b.PlanPlace) })
	return list[:min(most, len(list))]
}

// planReader reads approaches on a day.
type planReader struct {
	tx      Tx
	q       *PlansQuery
	today   events.Date
	named   map[string]bool // identities, whether they are of q.For
	clashes clashReader
	last    events.Date // who begins later is not needed any more; empty: everybody is
}

// gather adds the plans of a partner that are asked for; of many no more stay than are
// needed to know the first.
func (x *planReader) gather(list []glance, partner string, after PlanPlace, most int) (_ []glance, err error) {
	prefix := partnerPrefix(rowPlanned, partner)
	from := bytes.Clone(prefix)
	since := x.q.From
	if x.q.Open {
		since = max(since, x.today) // a plan can hold no longer than its last day
	}
	if since != "" {
		from = binary.BigEndian.AppendUint32(from, dayNumber(since))
	}
	x.tx.ScanFrom(from, prefix, func(k, v []byte) bool {
		var g glance
		if g, err = readGlance(k, v); err != nil {
			return false
		}
		if x.q.To != "" && g.From > x.q.To || x.last != "" && g.From > x.last || g.compare(after) <= 0 {
			return true
		}
		var wanted bool
		if wanted, err = x.wants(&g); err != nil {
			return false
		}
		if wanted {
			if list = append(list, g); len(list) > 2*most+64 {
				list = nearestPlans(list, most)
				x.last = list[most-1].From
			}
		}
		return true
	})
	return list, err
}

func (x *planReader) wants(g *glance) (bool, error) {
	switch {
	case x.q.Open && (!g.open || g.until < x.today):
		return false, nil
	case x.q.Keys != nil && (g.key == 0 || !slices.Contains(x.q.Keys, g.key)):
		return false, nil
	case !x.q.Waiting:
		return true, nil
	case !g.names:
		return false, nil
	}
	p, err := plannedAt(x.tx, g.Root)
	if p == nil || err != nil {
		return false, cmp.Or(err, ErrRow)
	}
	named, err := x.names(p)
	if !named || err != nil {
		return false, err
	}
	said, err := takingPart(x.tx, p.Root)
	return !slices.ContainsFunc(said, func(s string) bool { return slices.Contains(x.q.For, s) }), err
}

// names reports whether a plan of another names one of q.For.
func (x *planReader) names(p *Planned) (bool, error) {
	if slices.Contains(x.q.For, p.Partner) {
		return false, nil
	}
	for _, identity := range p.With {
		named, known := x.named[identity]
		if !known {
			partner, err := partnerOf(x.tx, identity)
			if err != nil {
				return false, err
			}
			named = partner != "" && slices.Contains(x.q.For, partner)
			x.named[identity] = named
		}
		if named {
			return true, nil
		}
	}
	return false, nil
}

// complete looks up what stands elsewhere.
func (x *planReader) complete(p *Planned) (Plan, error) {
	out := Plan{Planned: *p, Last: p.Position}
	a, err := readApproach(x.tx, p.Root)
	if err != nil {
		return out, err
	}
	if a != nil {
		for _, e := range a.Entries {
			out.Last = max(out.Last, e.Position)
		}
	}
	if out.Named, err = x.names(p); err != nil {
		return out, err
	}
	if len(p.With) > 0 {
		if out.Confirmed, err = confirmedAt(x.tx, p.Root); err != nil {
			return out, err
		}
	}
	out.Clashes, err = x.clashing(p.Root)
	return out, err
}

// clashing reports whether an approach is in a clash that has not ended.
func (x *planReader) clashing(root events.Position) (bool, error) {
	t, err := readThing(x.tx, root)
	if t == nil || !t.clashed || err != nil {
		return false, err
	}
	for _, at := range clashesOf(x.tx, root) {
		found, err := readFound(x.tx, at)
		if err != nil {
			return false, err
		}
		for i := range found {
			if c := &found[i]; c.has(root) {
				if err := x.clashes.complete(c); err != nil {
					return false, err
				}
				if c.End == EndOpen {
					return true, nil
				}
			}
		}
	}
	return false, nil
}
