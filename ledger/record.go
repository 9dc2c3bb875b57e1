package ledger

import (
	"context"
	"errors"
	"fmt"

	"huisboek/events"
)

const (
	batchMost = 1_000    // records in one batch: its answer comes for all at once
	batchSize = 16 << 20 // bytes of events in one batch: far under what a stream takes in one append
	maxTries  = 20       // times that another ledger may be faster before the caller is asked to come back
)

// job is a submission on its way to the tip.
type job struct {
	caller Caller
	plain  *events.Event // as it came in, to seal again when a key was erased meanwhile
	sealedEvent
	done chan outcome // buffered: the owner never waits for a caller
}

// outcome is what became of a job.
type outcome struct {
	record *events.Record  // as recorded, now or before; nil when it must be read
	known  events.Position // where it was recorded before, 0 when it is new
	facts  *facts
	err    error

	until   events.Date     // until when its approach holds by it
	refused *events.Verdict // of a move that is refused: it is not recorded
}

// Record checks a submission, decides on it, and appends it. When it returns a
// receipt the event is on disk at its position. The same event again gives the
// same position and reason codes; the people named are looked up anew.
//
// Errors: events.Faults (nothing recorded, all faults), ErrForbidden with or
// without faults, *ConflictError, and to try again later ErrBusy, ErrFull,
// ErrHalted. When ctx ends first the outcome is unknown to the caller alone:
// the same submission again tells it.
func (l *Ledger) Record(ctx context.Context, s Submission) (*Receipt, error) {
	w, err := l.toSeal(s.Event, s.Caller.Partner)
	if err != nil {
		return nil, err
	}
	known, f, err := l.look(s, w)
	if err != nil {
		return nil, err
	}
	if known != 0 {
		return l.again(ctx, s, known, nil, f)
	}
	j, err := l.begin(ctx, s, w)
	if err != nil {
		return nil, err
	}
	select {
	case out := <-j.done:
		return l.receipt(ctx, s, out)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// begin seals a submission and puts it into the queue.
func (l *Ledger) begin(ctx context.Context, s Submission, w toSeal) (*job, error) {
	j, err := l.prepare(ctx, s, w)
	if err != nil {
		return nil, err
	}
	return j, l.enqueue(j)
}

// prepare seals a submission, when there is room in the queue.
func (l *Ledger) prepare(ctx context.Context, s Submission, w toSeal) (*job, error) {
	if err := l.Err(); err != nil {
		return nil, err
	}
	if l.queued.Load() >= queueSize { // before sealing: a key that is drawn stays in the key stream for ever
		return nil, ErrBusy
	}
	sealed, err := l.seal(ctx, s.Event, w)
	if err != nil {
		return nil, err
	}
	return &job{caller: s.Caller, plain: s.Event, sealedEvent: sealed, done: make(chan outcome, 1)}, nil
}

// look finds what was recorded before, and refuses who may not say this; what a key
// would be drawn for is looked at whole, for that key would stay in the key stream for
// ever. Everything is decided at the tip again.
func (l *Ledger) look(s Submission, w toSeal) (known events.Position, f *facts, err error) {
	err = l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		known, f, err = l.lookIn(tx, s, w)
		return err
	})
	return known, f, err
}

func (l *Ledger) lookIn(tx Tx, s Submission, w toSeal) (known events.Position, f *facts, err error) {
	today, err := l.dayOf(tx)
	if err != nil {
		return 0, nil, err
	}
	if err := l.may(tx, s.Caller, s.Event, today); err != nil {
		return 0, nil, err
	}
	if known = positionAt(tx, idKey(s.Event.Source, s.Event.ID)); known != 0 {
		f, err = l.fold.factsAgain(tx, s, known, today)
		return known, f, err
	}
	if l.keys.inUse(w) {
		return 0, nil, nil
	}
	d, err := l.examine(tx, s.Caller, s.Event, today)
	if err == nil && len(d.faults) > 0 {
		err = d.faults
	}
	return 0, nil, err
}

// factsAgain looks the people up anew for an event that was recorded before. Its
// own visit does not count as news about itself.
func (b *Book) factsAgain(tx Tx, s Submission, known events.Position, today events.Date) (*facts, error) {
	w, was, err := whereDone(tx, known)
	if err != nil || w.employer == "" {
		return &facts{today: today}, err
	}
	if e, ok := events.EmployerOf(s.Event.Data); ok {
		w.establishment, w.purpose = e.Establishment, purposeOf(s.Event.Data)
	}
	h, err := heirsOn(tx, today)
	if err != nil {
		return nil, err
	}
	m := &matter{kind: other, place: w, own: h.own(s.Caller.Partner), first: today, today: today, from: today, to: today, except: was.Order}
	switch data := s.Event.Data.(type) {
	case *events.VisitPlanned:
		m.kind, m.root = planned, was.Root
		m.from, m.to = span(data.Date, data.Period)
		m.with, m.atRequest = h.families(partnersOf(tx, data.With)), data.AtRequest
		m.keys = b.managerKeys(tx, s.Caller.Partner, data.AccountManager)
	case *events.VisitMoved:
		m.kind, m.root = moved, was.Root
		m.from, m.to = span(data.Date, data.Period)
	case *events.VisitMade:
		m.kind, m.from, m.to = visited, data.Date, data.Date
		m.with, m.atRequest = h.families(partnersOf(tx, data.With)), data.AtRequest
	}
	f, err := b.advise(tx, m, h)
	if err == nil {
		f.until = was.Until
	}
	return f, err
}

// enqueue puts jobs into the queue, all or none.
func (l *Ledger) enqueue(jobs ...*job) error {
	l.closing.RLock()
	defer l.closing.RUnlock()
	if l.closed {
		return fmt.Errorf("%w: it is stopping", ErrBusy)
	}
	if n := int64(len(jobs)); l.queued.Add(n) > queueSize {
		l.queued.Add(-n)
		return ErrBusy
	}
	l.queue <- jobs // there is room: no more elements than jobs
	return nil
}

func (l *Ledger) receipt(ctx context.Context, s Submission, out outcome) (*Receipt, error) {
	switch {
	case out.err != nil:
		return nil, out.err
	case out.known != 0:
		return l.again(ctx, s, out.known, out.record, out.facts)
	case out.refused != nil:
		a, err := l.advice(ctx, out.facts, out.refused.Outcome, out.refused.Reasons)
		return &Receipt{Advice: a, ID: s.Event.ID}, err
	}
	v := out.record.Verdict
	a, err := l.advice(ctx, out.facts, v.Outcome, v.Reasons)
	if err != nil {
		return nil, err
	}
	return &Receipt{Advice: a, ID: s.Event.ID, Position: out.record.Position, HoldsUntil: out.until}, nil
}

// again answers an event whose (source, id) is known.
func (l *Ledger) again(ctx context.Context, s Submission, at events.Position, r *events.Record, f *facts) (*Receipt, error) {
	if r == nil {
		var err error
		if r, err = l.recordAt(ctx, at); err != nil {
			return nil, err
		}
	}
	same, err := l.sameContent(ctx, s.Event, r)
	if err != nil {
		return nil, err
	}
	if !same {
		return nil, &ConflictError{Position: at}
	}
	a, err := l.advice(ctx, f, r.Verdict.Outcome, r.Verdict.Reasons)
	if err != nil {
		return nil, err
	}
	return &Receipt{Advice: a, ID: s.Event.ID, Position: at, HoldsUntil: f.until, Again: true}, nil
}

// recordAt reads one record back. Damage stops the book, whoever comes upon it.
func (l *Ledger) recordAt(ctx context.Context, at events.Position) (*events.Record, error) {
	data, err := l.cfg.Stream.Get(ctx, at)
	var r *events.Record
	if err == nil {
		if r, err = events.DecodeRecord(data); err != nil {
			err = fmt.Errorf("%w: position %d: %w", ErrDamaged, at, err)
		}
	}
	if errors.Is(err, ErrNoPosition) { // the book names it, so that it was there
		err = fmt.Errorf("%w: the book knows position %d: %v", ErrDamaged, at, err)
	}
	if errors.Is(err, ErrDamaged) {
		l.Halt(err)
	}
	return r, err
}
