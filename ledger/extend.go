package ledger

import "huisboek/events"

// extended: one's own open approach for a period holds for longer, until the day that is
// named: up to how long it may hold at most, and not into what another holds. Its days go
// on up to that day when they end sooner. It is no new word on whether it holds: it lets
// last what there is.
func (b *Book) extended(tx Tx, d *decision, m *matter, e *events.Event, x *events.ApproachExtended) (where, error) {
	w, a, err := d.ofApproach(tx, e, x.Approach, nil)
	if a == nil || err != nil || len(d.faults) > 0 {
		return w, err
	}
	_, terms, err := b.terms(tx, m.own[0], m.today)
	if err != nil {
		return w, err
	}
	from, to := a.dates()
	switch {
	case from == to:
		d.fail("/data/benadering", "heeft-een-dag")
	case a.until() < m.today:
		d.fail("/data/benadering", "benadering-verlopen")
	case x.To <= a.until():
		d.fail("/data/tot", "niet-langer")
	case x.To > a.First.AddDays(terms.LongestDays):
		d.fail("/data/tot", "langer-dan-afgesproken")
	default:
		err = b.extendedInto(tx, d, w, m, a, max(to, x.To))
	}
	return w, err
}

// extendedInto refuses to go on into what another holds. What is in the way already,
// without the extension, was judged with the plan.
func (b *Book) extendedInto(tx Tx, d *decision, w where, m *matter, a *approach, to events.Date) error {
	longer := *m
	longer.of(a, d.heirs)
	longer.kind, longer.place = moved, w
	longer.from, longer.to = a.dates()
	now := longer
	longer.to = to
	evidence, err := b.gather(tx, &longer, d.heirs)
	if err != nil || longer.atRequest || evidence.terms.Actions.OtherPlan == events.ActNothing {
		return err
	}
	before, after := now.near(evidence), longer.near(evidence)
	for i := range evidence.holds {
		if c := &evidence.holds[i]; after.meets(c) && !before.meets(c) {
			d.fail("/data/tot", "bezet-door-ander")
			return nil
		}
	}
	return nil
}
