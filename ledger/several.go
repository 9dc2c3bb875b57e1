package ledger

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"time"

	"huisboek/events"
)

// Outcome is what became of one submission among several: a receipt or an error,
// as Record gives them.
type Outcome struct {
	Receipt *Receipt
	Err     error
}

// RecordAll records submissions one after the other, in their order and each on
// its own: one that is refused does not hold back the next. It is faster than as
// many calls of Record because they reach the stream together, and a submission
// may rest on one before it (a plan, and then its move). A repeat of one among
// them is answered last, with the people that are then known. After one for which
// the queue had no room the rest is not tried either; one that the stream refused
// does not hold back those behind it, so what rests on it is refused in its turn.
// When ctx ends, what has no receipt yet has an unknown outcome.
func (l *Ledger) RecordAll(ctx context.Context, all []Submission) []Outcome {
	out := make([]Outcome, len(all))
	expected, seals, err := l.expect(ctx, all)
	if err != nil {
		return allFail(out, err)
	}
	jobs := make([]*job, len(all))
	var again []int // repeats of a submission among these: answered when that has a record
	var stopped error
	for i, r := range expected {
		switch {
		case stopped != nil:
			out[i].Err = stopped
		case r.err != nil:
			out[i].Err = r.err
		case r.first != nil:
			again = append(again, i)
		case r.known != 0:
			out[i].Receipt, out[i].Err = l.again(ctx, all[i], r.known, nil, r.facts)
		default:
			jobs[i], stopped = l.prepare(ctx, all[i], seals[i])
			out[i].Err = stopped
		}
	}
	l.enqueueAll(jobs, out)
	for i, j := range jobs {
		if j == nil || out[i].Err != nil {
			continue
		}
		select {
		case done := <-j.done:
			out[i].Receipt, out[i].Err = l.receipt(ctx, all[i], done)
		case <-ctx.Done():
			out[i].Err = ctx.Err()
		}
	}
	for _, i := range again {
		out[i].Receipt, out[i].Err = l.Record(ctx, all[i])
	}
	return out
}

// enqueueAll puts jobs into the queue in their order, together as far as one batch
// takes them. nil is no job.
func (l *Ledger) enqueueAll(jobs []*job, out []Outcome) {
	var err error
	for from := 0; from < len(jobs); from += batchMost {
		to := min(from+batchMost, len(jobs))
		part := slices.DeleteFunc(slices.Clone(jobs[from:to]), func(j *job) bool { return j == nil })
		if err == nil && len(part) > 0 {
			err = l.enqueue(part...)
		}
		for i := from; i < to && err != nil; i++ {
			if jobs[i] != nil {
				out[i].Err = err
			}
		}
	}
}

// expect finds which submissions were recorded before. Whether the others are in order
// the tip decides. All are rehearsed only when it matters before: when one that a key
// would be drawn for seems not to be, for it may rest on one before it; and when an id
// stands among these twice, for what becomes of the second rests on the first.
func (l *Ledger) expect(ctx context.Context, all []Submission) ([]rehearsed, []toSeal, error) {
	out, seals := make([]rehearsed, len(all)), make([]toSeal, len(all))
	for i, s := range all {
		var err error
		if seals[i], err = l.toSeal(s.Event, s.Caller.Partner); err != nil {
			return nil, nil, err
		}
	}
	rehearse := func() ([]rehearsed, []toSeal, error) {
		out, err := l.rehearse(ctx, all)
		return out, seals, err
	}
	if twice(all) {
		return rehearse()
	}
	for from := 0; from < len(all); from += lookedAtOnce {
		err := l.rows.view(func(tx Tx, _ events.Checkpoint) (err error) {
			for i := from; i < min(from+lookedAtOnce, len(all)); i++ {
				if out[i].known, out[i].facts, err = l.lookIn(tx, all[i], seals[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return rehearse()
		}
	}
	return out, seals, nil
}

// twice reports whether a source and id stand among submissions more than once.
func twice(all []Submission) bool {
	seen := make(map[[2]string]bool, len(all))
	for _, s := range all {
		id := [2]string{s.Event.Source, s.Event.ID}
		if seen[id] {
			return true
		}
		seen[id] = true
	}
	return false
}

// lookedAtOnce keeps what looks at many submissions out of the way of the tip.
const lookedAtOnce = 50

// Try says what RecordAll would answer now, and records nothing. The receipts
// have no position, for none was given, and a person who is named in one of these
// submissions only is not named in an answer: nothing was sealed.
func (l *Ledger) Try(ctx context.Context, all []Submission) []Outcome {
	out := make([]Outcome, len(all))
	expected, err := l.rehearse(ctx, all)
	if err != nil {
		return allFail(out, err)
	}
	for i, r := range expected {
		receipt, err := l.tried(ctx, all[i], r)
		if err != nil {
			out[i].Err = err
			continue
		}
		receipt.Position = 0
		out[i].Receipt = receipt
	}
	return out
}

func (l *Ledger) tried(ctx context.Context, s Submission, r rehearsed) (*Receipt, error) {
	switch {
	case r.err != nil:
		return nil, r.err
	case r.first == nil && r.known != 0:
		return l.again(ctx, s, r.known, nil, r.facts)
	case l.Err() != nil: // it would not be recorded
		return nil, l.Err()
	}
	r.facts.tried = true
	if r.first != nil {
		return l.tryAgain(ctx, s, r)
	}
	return l.receipt(ctx, s, outcome{record: r.record, facts: r.facts, until: r.until, refused: r.refused})
}

// tryAgain answers the repeat of a submission that was itself only tried.
func (l *Ledger) tryAgain(ctx context.Context, s Submission, r rehearsed) (*Receipt, error) {
	if !bytes.Equal(s.Event.Canonical(), r.first.offered.Canonical()) {
		return nil, &ConflictError{}
	}
	v := r.first.record.Verdict
	a, err := l.advice(ctx, r.facts, v.Outcome, v.Reasons)
	return &Receipt{Advice: a, ID: s.Event.ID, HoldsUntil: r.facts.until, Again: true}, err
}

func allFail(out []Outcome, err error) []Outcome {
	for i := range out {
		out[i].Err = err
	}
	return out
}

// rehearsed is what would become of a submission after those before it.
type rehearsed struct {
	outcome               // its record is unsealed and without a place in the chain; nil when nothing would be recorded
	offered *events.Event // as it was submitted
	first   *rehearsed    // of the rehearsal: the same source and id came before
}

// rehearsalsAtOnce leaves the processors to the tip: deciding on a thousand
// submissions takes a tenth of a second.
const rehearsalsAtOnce = 2

// rehearse decides on submissions on top of the book as it is, folding in each
// before the next, and forgets all of it. Recording goes on meanwhile.
func (l *Ledger) rehearse(ctx context.Context, all []Submission) ([]rehearsed, error) {
	select {
	case l.rehearsals <- struct{}{}:
		defer func() { <-l.rehearsals }()
	case <-ctx.Done():
		return nil, ErrBusy // nothing was recorded
	}
	out := make([]rehearsed, len(all))
	now := l.now()
	err := l.rows.dream(func(tx Tx, at events.Checkpoint) error {
		row, err := tipOf(tx)
		if err != nil {
			return err
		}
		if last := time.UnixMilli(row.At); now.Before(last) {
			now = last
		}
		began := map[events.Position]*rehearsed{}
		for i, s := range all {
			r, o, err := l.try(tx, &job{caller: s.Caller, sealedEvent: sealedEvent{event: s.Event}}, at, now)
			if err != nil {
				return err
			}
			o.record = r
			out[i] = rehearsed{outcome: o, offered: s.Event, first: began[o.known]}
			if r == nil {
				continue
			}
			if err := l.fold.Apply(tx, r); err != nil {
				return err
			}
			if out[i].until, err = heldUntil(tx, r); err != nil {
				return err
			}
			at = r.Checkpoint()
			began[r.Position] = &out[i]
		}
		return nil
	})
	if err != nil && errors.Is(err, ErrDamaged) {
		l.Halt(err)
	}
	return out, err
}
