package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"huisboek/events"
)

const (
	batchFrom = 100      // waiting submissions from which one atomic batch beats singles (docs/decisions/0003)
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
	known, f, err := l.look(s)
	if err != nil {
		return nil, err
	}
	if known != 0 {
		return l.again(ctx, s, known, nil, f)
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	if len(l.queue) == cap(l.queue) { // before sealing: a key that is drawn stays in the key stream for ever
		return nil, ErrBusy
	}
	sealed, err := l.seal(ctx, s.Event, s.Caller.Partner)
	if err != nil {
		return nil, err
	}
	j := &job{caller: s.Caller, plain: s.Event, sealedEvent: sealed, done: make(chan outcome, 1)}
	if err := l.enqueue(j); err != nil {
		return nil, err
	}
	select {
	case out := <-j.done:
		return l.receipt(ctx, s, out)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// look refuses what needs no queue, and finds what was recorded before, so that
// neither draws a key.
func (l *Ledger) look(s Submission) (known events.Position, f *facts, err error) {
	err = l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		today := l.today()
		if err := l.may(tx, s.Caller, s.Event, today); err != nil {
			return err
		}
		if known = positionAt(tx, idKey(s.Event.Source, s.Event.ID)); known != 0 {
			f, err = factsAgain(tx, s, known, today)
			return err
		}
		d, err := l.decide(tx, s.Caller, s.Event, today)
		if err == nil && len(d.faults) > 0 {
			return d.faults
		}
		return err
	})
	return known, f, err
}

// factsAgain looks the people up anew for an event that was recorded before. Its
// own visit does not count as news about itself.
func factsAgain(tx Tx, s Submission, known events.Position, today events.Date) (*facts, error) {
	w, was, err := whereDone(tx, known)
	if err != nil || w.employer == "" {
		return &facts{today: today}, err
	}
	if e, ok := events.EmployerOf(s.Event.Data); ok {
		w.establishment, w.purpose = e.Establishment, purposeOf(s.Event.Data)
	}
	return advise(tx, w, s.Caller.Partner, today, was.Order)
}

func (l *Ledger) enqueue(j *job) error {
	l.closing.RLock()
	defer l.closing.RUnlock()
	if l.closed {
		return fmt.Errorf("%w: it is stopping", ErrBusy)
	}
	select {
	case l.queue <- j:
		return nil
	default:
		return ErrBusy
	}
}

func (l *Ledger) receipt(ctx context.Context, s Submission, out outcome) (*Receipt, error) {
	switch {
	case out.err != nil:
		return nil, out.err
	case out.known != 0:
		return l.again(ctx, s, out.known, out.record, out.facts)
	}
	v := out.record.Verdict
	a, err := l.advice(ctx, out.facts, v.Outcome, v.Reasons)
	if err != nil {
		return nil, err
	}
	return &Receipt{Advice: a, ID: s.Event.ID, Position: out.record.Position}, nil
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
	return &Receipt{Advice: a, ID: s.Event.ID, Position: at, Again: true}, nil
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
	if errors.Is(err, ErrDamaged) {
		l.Halt(err)
	}
	return r, err
}

// own is the owner of the tip: at most one append is under way, ever. Ends when
// the queue is closed and empty.
func (l *Ledger) own(ctx context.Context) {
	defer close(l.ownerDone)
	for first := range l.queue {
		jobs := l.waiting(first)
		if len(jobs) < batchFrom {
			for _, j := range jobs {
				l.append(ctx, []*job{j})
			}
			continue
		}
		for len(jobs) > 0 {
			n := cut(jobs)
			l.append(ctx, jobs[:n])
			jobs = jobs[n:]
		}
	}
}

// waiting takes what is in the queue now, at most one batch.
func (l *Ledger) waiting(first *job) []*job {
	jobs := []*job{first}
	for len(jobs) < batchMost {
		select {
		case j, ok := <-l.queue:
			if !ok {
				return jobs
			}
			jobs = append(jobs, j)
		default:
			return jobs
		}
	}
	return jobs
}

// cut is how many of the jobs go into one batch. An erasure has a batch of its
// own: what comes after it must not be sealed with a key that it destroys.
func cut(jobs []*job) int {
	size := 0
	for i, j := range jobs {
		size += len(j.event.Canonical())
		if j.event.Type == events.TypeDataErased || size > batchSize {
			return max(i, 1)
		}
	}
	return len(jobs)
}

// append decides on the jobs in their order and appends what is new of them as
// one. Refused by the fence, or without an answer, it reads what came first and
// decides again; a job that got in after all is then found by its id.
func (l *Ledger) append(ctx context.Context, jobs []*job) {
	last := ErrBusy
	for range maxTries {
		if err := l.Err(); err != nil {
			answerAll(jobs, err)
			return
		}
		if jobs = l.sealAgain(ctx, jobs); len(jobs) == 0 {
			return
		}
		t, err := l.tryAll(jobs)
		if err != nil {
			l.Halt(err)
			continue
		}
		if len(t.messages) == 0 {
			t.answer(jobs)
			return
		}
		err = l.send(ctx, t.messages)
		switch {
		case err == nil:
			// From here on the records exist whatever happens to this process.
			l.keep(t.top, t.records...)
			t.answer(jobs)
			if err := l.limitBacklog(); err != nil {
				l.Halt(err)
			}
			return
		case errors.Is(err, ErrDamaged):
			l.Halt(err)
		case errors.Is(err, ErrFence), errors.Is(err, ErrUnknown):
			if last = ErrBusy; errors.Is(err, ErrUnknown) {
				last = err // it may still come in: "nothing was recorded" could be untrue
			}
			l.log.Debug("append did not go through; reading what came first", "position", l.tip.Position, "err", err)
			if err := l.catchUp(ctx); err != nil {
				l.Halt(err)
			}
		default:
			answerAll(jobs, err)
			return
		}
	}
	answerAll(jobs, cmp.Or(l.Err(), last))
}

func (l *Ledger) send(ctx context.Context, messages []Message) error {
	ctx, cancel := context.WithTimeout(ctx, appendTimeout)
	defer cancel()
	return l.cfg.Stream.Append(ctx, l.tip.Position, messages)
}

// sealAgain renews seals whose key was erased after they were made, and answers
// the jobs for which that fails.
func (l *Ledger) sealAgain(ctx context.Context, jobs []*job) []*job {
	kept := jobs[:0:0]
	for _, j := range jobs {
		if l.keys.anyErased(j.sealedEvent.keys) {
			fresh, err := l.seal(ctx, j.plain, j.caller.Partner)
			if err != nil {
				j.done <- outcome{err: err}
				continue
			}
			j.sealedEvent = fresh
		}
		kept = append(kept, j)
	}
	return kept
}

// attempt is the outcome of deciding on some jobs, not yet in the stream.
type attempt struct {
	top      layer
	records  []*events.Record
	messages []Message
	outcomes []outcome
}

func (t *attempt) answer(jobs []*job) {
	for i, j := range jobs {
		j.done <- t.outcomes[i]
	}
}

func answerAll(jobs []*job, err error) {
	for _, j := range jobs {
		j.done <- outcome{err: err}
	}
}

// tryAll decides on each job after folding in the ones before it.
func (l *Ledger) tryAll(jobs []*job) (*attempt, error) {
	t := &attempt{outcomes: make([]outcome, len(jobs))}
	tip, at := l.tip, l.at
	var err error
	t.top, err = l.rows.try(func(tx Tx) error {
		for i, j := range jobs {
			now := l.now()
			if now.Before(at) {
				now = at // order is the stream's: a clock that goes back does not turn it round
			}
			r, out, err := l.try(tx, j, tip, now)
			if err != nil {
				return err
			}
			if t.outcomes[i] = out; r == nil {
				t.linkKnown(i)
				continue
			}
			data, err := events.EncodeRecord(r)
			if err != nil {
				return err
			}
			if err := l.fold.Apply(tx, r); err != nil {
				return err
			}
			tip, at = r.Checkpoint(), r.At
			t.records = append(t.records, r)
			t.messages = append(t.messages, Message{r.Event.Type.Name(), data})
		}
		return nil
	})
	return t, err
}

// linkKnown gives a repeat within one batch the record of its first coming,
// which cannot be read from the stream yet.
func (t *attempt) linkKnown(i int) {
	for _, r := range t.records {
		if r.Position == t.outcomes[i].known {
			t.outcomes[i].record = r
		}
	}
}

// try decides on one job. It gives a record when the job is new and allowed.
func (l *Ledger) try(tx Tx, j *job, tip events.Checkpoint, now time.Time) (*events.Record, outcome, error) {
	e, today := j.event, events.DateOf(now)
	if err := l.may(tx, j.caller, e, today); err != nil {
		return nil, outcome{err: err}, fatal(err)
	}
	if at := positionAt(tx, idKey(e.Source, e.ID)); at != 0 {
		f, err := factsAgain(tx, Submission{e, j.caller}, at, today)
		return nil, outcome{known: at, facts: f}, err
	}
	d, err := l.decide(tx, j.caller, e, today)
	if err != nil {
		return nil, outcome{}, err
	}
	if len(d.faults) > 0 {
		return nil, outcome{err: d.faults}, nil
	}
	r := &events.Record{
		Version: events.FormatVersion, Book: l.book, Position: tip.Position + 1, Previous: tip.Hash,
		At: now.UTC().Truncate(time.Millisecond), Partner: j.caller.Partner, Credential: j.caller.Credential,
		Door: j.caller.Door, Mark: j.mark, Verdict: d.verdict(), Event: *e,
	}
	if r.Partner == "" {
		r.Partner = l.book // steward and ledger speak for the book itself
	}
	return r, outcome{record: r, facts: d.facts}, nil
}

// fatal is for errors of our own rows; a refusal is not one.
func fatal(err error) error {
	if errors.Is(err, ErrDamaged) {
		return err
	}
	return nil
}
