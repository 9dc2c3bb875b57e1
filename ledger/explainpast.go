package ledger

import (
	"bytes"
	"cmp"
	"slices"

	"huisboek/events"
)

const (
	pastChunk = 2_000   // rows that are passed over at a time: who records waits for no more
	pastMost  = 500_000 // rows that are passed over in all
)

// past finds back every approach among some as it stood before the event, whatever was
// moved, corrected or retracted since. What each position did says which ones belong to
// an approach, so that the records between need not be read.
func (x *explainer) past(roots []events.Position) (map[events.Position]*approach, error) {
	found := make(map[events.Position]*approach, len(roots))
	if len(roots) == 0 {
		return found, nil
	}
	first := max(slices.Min(roots), x.r.Position-min(x.r.Position, pastMost))
	parts, gone, err := x.partsOf(roots, first)
	if err != nil {
		return nil, err
	}
	slices.Sort(parts)
	order := map[events.Position]events.Position{} // of each part: the position of the first of its corrections
	void := map[events.Position]bool{}
	for _, p := range gone {
		r, err := x.record(p)
		if err != nil {
			return nil, err
		}
		void[r.Target()] = true
	}
	for _, p := range parts {
		r, err := x.record(p)
		if err != nil {
			return nil, err
		}
		order[p] = cmp.Or(order[r.Target()], r.Target(), p)
		void[r.Target()] = true
	}
	slices.SortFunc(parts, func(a, b events.Position) int { return cmp.Compare(order[a], order[b]) })
	for _, root := range roots {
		r, err := x.record(root)
		if err != nil {
			return nil, err
		}
		found[root] = &approach{Root: root, Partner: r.Partner, First: r.Verdict.Today}
	}
	for _, p := range parts {
		r, err := x.record(p)
		if err != nil {
			return nil, err
		}
		a := found[cmp.Or(r.Root(), p)]
		if a == nil || void[p] {
			continue
		}
		said := entry{Position: p, Order: order[p]}
		switch d := r.Event.Data.(type) {
		case *events.VisitPlanned:
			said.Kind = entryPlan
			said.From, said.To = span(d.Date, d.Period)
			a.Employer, a.Establishment, a.Purpose = d.Employer.Key(), d.Establishment, d.Purpose
			a.AtRequest, a.With, a.Who = d.AtRequest, x.partners(d.With), sealed(r, d.AccountManager)
			err = x.settled(a, r, d.Despite, &said)
		case *events.VisitMoved:
			said.Kind = entryMove
			said.From, said.To = span(d.Date, d.Period)
			err = x.settled(a, r, d.Despite, &said)
		case *events.ApproachExtended:
			said.Kind, said.To = entryExtended, d.To
		}
		if err != nil {
			return nil, err
		}
		a.Entries = append(a.Entries, said)
	}
	return found, nil
}

// settled says of a plan or a move what was fixed when it was recorded: whether it held,
// and until when.
func (x *explainer) settled(a *approach, r *events.Record, despite *events.Despite, said *entry) error {
	agreement, err := x.agreementOf(r)
	if err != nil {
		return err
	}
	t, err := x.termsThen(agreement, r)
	said.Valid, said.Limit = r.Verdict.Today.AddDays(t.ValidDays), a.First.AddDays(t.LongestDays)
	said.Outcome, said.Holds = r.Verdict.Outcome, holding(r, despite)
	return err
}

// partsOf are the plans, moves and extensions of some approaches before the event, and
// everything before it that was taken back.
func (x *explainer) partsOf(roots []events.Position, first events.Position) (parts, gone []events.Position, err error) {
	wanted := make(map[events.Position]bool, len(roots))
	for _, root := range roots {
		wanted[root] = true
	}
	parts = slices.Clone(roots)
	employers := map[string]bool{"": true}
	retraction := []byte(events.TypeEventRetracted.Name())
	for at := first; at < x.r.Position; at += pastChunk {
		err := x.l.rows.view(func(tx Tx, _ events.Checkpoint) (err error) {
			tx.ScanFrom(positionKey(rowDone, at), []byte{rowDone}, func(k, v []byte) bool {
				p := positionAtEnd(k)
				if p >= min(at+pastChunk, x.r.Position) {
					return false
				}
				if !wanted[rootIn(v)] && !bytes.Contains(v, retraction) {
					return true
				}
				var did done
				if did, err = readDone(k, v); err != nil {
					return false
				}
				switch did.Type {
				case events.TypeVisitPlanned, events.TypeVisitMoved, events.TypeApproachExtended:
					if !wanted[did.Root] {
						break
					}
					employers[did.Employer] = true
					if !slices.Contains(parts, p) {
						parts = append(parts, p)
					}
				case events.TypeEventRetracted:
					if employers[did.Employer] {
						gone = append(gone, p)
					}
				}
				return true
			})
			return err
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return parts, gone, nil
}

// tooFarBack reports whether an approach began before the rows that are passed over, so
// that what was said of it before them may be missing.
func (x *explainer) tooFarBack() bool {
	for root := range x.approaches {
		if x.r.Position > pastMost && root < x.r.Position-pastMost {
			return true
		}
	}
	return false
}

func sentenceTooFarBack() events.Sentence {
	return say("Deze uitleg is niet volledig: een benadering waarop het oordeel rust, begon meer dan %[1]d posities ervoor. Wat er lang geleden van is verzet, verlengd of ingetrokken, is niet nagezocht.",
		"This explanation is not whole: an approach that the verdict rests on began more than %[1]d positions before it. What was moved, extended or retracted of it long ago was not looked up.", pastMost)
}
