package ledger

import (
	"cmp"
	"context"
	"errors"
	"time"

	"huisboek/events"
)

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
		if err := l.limitBacklog(); errors.Is(err, ErrFull) {
			answerAll(jobs, err)
			return
		} else if err != nil {
			l.Halt(err)
			continue
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
			return
		case errors.Is(err, ErrDamaged):
			l.Halt(err)
		case errors.Is(err, ErrFence), errors.Is(err, ErrUnknown):
			if last = ErrBusy; errors.Is(err, ErrUnknown) {
				last = err // it may still come in: "nothing was recorded" could be untrue
			}
			l.log.Debug("append did not go through; reading what came first", "position", l.tip.Position, "err", err)
			if err := l.catchUp(ctx); errors.Is(err, ErrFull) || errors.Is(err, ErrAway) {
				answerAll(jobs, last) // the fence keeps the next one from coming before what was not read
				return
			} else if err != nil {
				l.Halt(err)
			}
		default:
			if errors.Is(last, ErrUnknown) {
				err = last // that this try failed says nothing of the one before
			}
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
	t.top, err = l.rows.try(func(tx Tx, _ events.Checkpoint) error {
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
			if t.outcomes[i].until, err = heldUntil(tx, r.Position); err != nil {
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
		f, err := l.fold.factsAgain(tx, Submission{e, j.caller}, at, today)
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
	if r.Verdict.Outcome == events.Refused {
		if e.Type == events.TypeVisitMoved {
			return nil, outcome{facts: d.facts, refused: &r.Verdict}, nil
		}
		refused, err := events.Refuse(e)
		if err != nil {
			return nil, outcome{}, err
		}
		r.Event = *refused
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
