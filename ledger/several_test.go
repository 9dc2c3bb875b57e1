package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/ledger"
)

// submissions makes submissions of a partner from events.
func submissions(p party, list ...*events.Event) []ledger.Submission {
	all := make([]ledger.Submission, len(list))
	for i, e := range list {
		all[i] = ledger.Submission{Event: e, Caller: p.caller}
	}
	return all
}

// told is an outcome as a caller is told it, without the position: of a conflict
// not either, which a trial cannot know of what it has only tried itself.
func told(o ledger.Outcome) string {
	var conflict *ledger.ConflictError
	switch {
	case errors.As(o.Err, &conflict):
		return "conflict"
	case o.Err != nil:
		return fmt.Sprintf("%d %v", ledger.ProblemOf(o.Err).Status, faultCodes(o.Err))
	}
	codes := []string{}
	for _, r := range o.Receipt.Reasons {
		codes = append(codes, r.Code)
	}
	return fmt.Sprintf("%s %v %s %v", o.Receipt.ID, o.Receipt.Again, o.Receipt.Outcome, codes)
}

func toldAll(all []ledger.Outcome) (list []string) {
	for _, o := range all {
		list = append(list, told(o))
	}
	return list
}

// In their order, each on its own: what rests on one before it finds it, a repeat
// is known, other content is a conflict, and what is refused holds nothing back.
func TestRecordAll(t *testing.T) {
	k := newBook(t)
	k.must(k.b, visit(otherKvK, today.AddDays(-3)))
	before := k.ledger.Position()
	approach := uuid.NewString()
	move := func(to events.Date) *events.VisitMoved { return &events.VisitMoved{Approach: approach, Date: to} }
	made := visit(kvk, today)
	made.Approach = approach
	all := submissions(k.a,
		k.event(k.a, "te-vroeg", move(today.AddDays(9))), // what it moves comes later
		k.event(k.a, "plan", plan(kvk, approach, today.AddDays(5))),
		k.event(k.a, "verzet", move(today.AddDays(9))),
		k.event(k.a, "plan", plan(kvk, approach, today.AddDays(5))),
		k.event(k.a, "verzet", move(today.AddDays(8))),
		k.event(k.a, "nog-een-plan", plan(kvk, approach, today.AddDays(5))),
		k.event(k.b, "vreemd", visit(kvk, today)),
		k.event(k.a, "gegaan", made),
		k.event(k.a, "te-laat", move(today)),
		k.event(k.a, "botst", plan(otherKvK, uuid.NewString(), today)),
	)
	want := []string{
		"400 [/data/benadering onbekende-benadering]",
		"plan false vrij []",
		"verzet false vrij []",
		"plan true vrij []",
		"conflict",
		"400 [/data/benadering benadering-bestaat]",
		"403 [/source source-niet-van-u]",
		"gegaan false vrij []",
		"400 [/data/benadering benadering-gesloten]",
		"botst false let-op [recent-bezoek]",
	}
	tried := k.ledger.Try(t.Context(), all)
	if p := k.ledger.Position(); p != before {
		t.Fatalf("trying brought the book to %d", p)
	}
	done := k.ledger.RecordAll(t.Context(), all)
	for name, got := range map[string][]string{"tried": toldAll(tried), "recorded": toldAll(done)} {
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
	for i, at := range map[int]events.Position{1: 1, 2: 2, 3: 1, 7: 3, 9: 4} {
		if p := done[i].Receipt.Position; p != before+at {
			t.Errorf("%d is at %d, want %d", i, p, before+at)
		}
		if p := tried[i].Receipt.Position; p != 0 {
			t.Errorf("%d was tried, and is at %d", i, p)
		}
	}
	var conflict *ledger.ConflictError
	if errors.As(done[4].Err, &conflict); conflict.Position != before+2 {
		t.Errorf("in conflict with %d", conflict.Position)
	}
	again := k.ledger.RecordAll(t.Context(), all)
	tried = k.ledger.Try(t.Context(), all)
	for i, o := range done {
		if o.Err == nil && (!again[i].Receipt.Again || again[i].Receipt.Position != o.Receipt.Position || !tried[i].Receipt.Again) {
			t.Errorf("%d a second time: %+v, tried %+v", i, again[i].Receipt, tried[i].Receipt)
		}
	}
	checkChain(t, k)
	checkRebuild(t, k)
}

func TestRecordAllOfNothing(t *testing.T) {
	k := newBook(t)
	if a, b := k.ledger.RecordAll(t.Context(), nil), k.ledger.Try(t.Context(), nil); len(a)+len(b) != 0 {
		t.Errorf("got %v %v", a, b)
	}
}

// waiting is a context that tells when somebody begins to wait with it.
type waiting struct {
	context.Context
	began func()
}

func (w waiting) Done() <-chan struct{} {
	w.began()
	return w.Context.Done()
}

// hold lets nothing into the stream until somebody waits with the context that it
// gives: RecordAll, once it has put all that it can into the queue.
func (k *book) hold() (ctx context.Context, appends *int) {
	release := make(chan struct{})
	appends = new(int)
	k.stream.Hook = func(events.Position, []ledger.Message) (bool, error) {
		<-release
		*appends++
		return true, nil
	}
	return waiting{k.t.Context(), sync.OnceFunc(func() { close(release) })}, appends
}

// many are events that take no key.
func (k *book) many(n int) []ledger.Submission {
	var list []*events.Event
	for i := range n {
		list = append(list, k.event(k.a, fmt.Sprint("veel-", i), &events.ContactReleased{Employer: at(fmt.Sprint(90_000_000 + i))}))
	}
	return submissions(k.a, list...)
}

// Several go to the stream together, in their order.
func TestRecordAllIsFew(t *testing.T) {
	k := newBook(t)
	before := k.ledger.Position()
	const n = 1_000
	ctx, appends := k.hold()
	for i, o := range k.ledger.RecordAll(ctx, k.many(n)) {
		if o.Err != nil || o.Receipt.Position != before+events.Position(i)+1 {
			t.Fatalf("%d: %+v", i, o)
		}
	}
	if *appends > n/2 {
		t.Errorf("%d appends for %d events", *appends, n)
	}
	checkChain(t, k)
}

// When one cannot be taken in now, those behind it are not recorded either, so
// that the order holds; the same again finishes it.
func TestRecordAllStopsWhenBusy(t *testing.T) {
	k := newBook(t)
	before := k.ledger.Position()
	release := func(kvk string) events.Data { return &events.ContactReleased{Employer: at(kvk)} }
	all := submissions(k.a,
		k.event(k.a, "een", release(kvk)),
		k.event(k.a, "twee", visit(kvk, today)), // needs a key
		k.event(k.a, "drie", release(otherKvK)),
		k.event(k.a, "vier", visit(kvk, "2030-01-01")),
		k.event(k.a, "een", release(kvk)),
	)
	k.keys.Fail = func() error { return ledger.ErrBusy }
	for i, o := range k.ledger.RecordAll(t.Context(), all) {
		if i == 0 && (o.Err != nil || o.Receipt.Position != before+1) || i > 0 && !errors.Is(o.Err, ledger.ErrBusy) {
			t.Errorf("%d: %+v", i, o)
		}
	}
	if p := k.ledger.Position(); p != before+1 {
		t.Errorf("the book went from %d to %d", before, p)
	}
	k.keys.Fail = nil
	want := []string{"een true vrij []", "twee false vrij []", "drie false vrij []", "400 [/data/datum datum-in-toekomst]", "een true vrij []"}
	done := k.ledger.RecordAll(t.Context(), all)
	if d := cmp.Diff(want, toldAll(done)); d != "" {
		t.Error(d)
	}
	if done[1].Receipt.Position != before+2 || done[2].Receipt.Position != before+3 {
		t.Errorf("not in order: %+v %+v", done[1].Receipt, done[2].Receipt)
	}
	checkChain(t, k)
}

// What was told when the book cannot record, or the caller does not wait.
func TestRecordAllFails(t *testing.T) {
	t.Run("full", func(t *testing.T) {
		k := newBook(t)
		k.stream.Hook = func(events.Position, []ledger.Message) (bool, error) { return false, ledger.ErrFull }
		all := submissions(k.a, k.event(k.a, "een", visit(kvk, today)), k.event(k.a, "twee", visit(kvk, "2030-01-01")))
		out := k.ledger.RecordAll(t.Context(), all)
		if !errors.Is(out[0].Err, ledger.ErrFull) || ledger.ProblemOf(out[1].Err).Status != http.StatusBadRequest {
			t.Errorf("got %v %v", out[0].Err, out[1].Err)
		}
	})
	t.Run("the caller left", func(t *testing.T) {
		k := newBook(t)
		ctx, leave := context.WithCancel(t.Context())
		k.stream.Hook = func(events.Position, []ledger.Message) (bool, error) { leave(); return true, nil }
		all := submissions(k.a, k.event(k.a, "een", visit(kvk, today)), k.event(k.a, "een", visit(kvk, today)))
		for i, o := range k.ledger.RecordAll(ctx, all) {
			if o.Err != nil && !errors.Is(o.Err, context.Canceled) {
				t.Errorf("%d: %v", i, o.Err)
			}
		}
		k.stream.Hook = nil
		if out := k.ledger.RecordAll(t.Context(), all); out[0].Err != nil || out[1].Err != nil || out[0].Receipt.Position != out[1].Receipt.Position {
			t.Errorf("the same again: %+v %+v", out[0], out[1])
		}
		checkChain(t, k)
	})
	t.Run("halted", func(t *testing.T) {
		k := newBook(t)
		k.ledger.Halt(errors.New("a test"))
		out := k.ledger.RecordAll(t.Context(), submissions(k.a, k.event(k.a, "een", visit(kvk, today)), k.event(k.a, "twee", visit(kvk, today))))
		for i, o := range out {
			if !errors.Is(o.Err, ledger.ErrHalted) {
				t.Errorf("%d: %v", i, o.Err)
			}
		}
	})
}

// Trying leaves nothing: no record, no key, nothing that a later answer shows.
func TestTryLeavesNothing(t *testing.T) {
	k := newBook(t)
	k.must(k.a, visit(kvk, today))
	before, stored := k.ledger.Position(), len(k.stream.Stored())
	k.keys.Fail = func() error { t.Error("a key is drawn"); return nil }
	advice, _, err := k.ledger.Advise(t.Context(), ledger.Question{Employer: at(kvk), Partner: k.b.id})
	if err != nil {
		t.Fatal(err)
	}
	approach := uuid.NewString()
	all := submissions(k.b,
		k.event(k.b, "plan", plan(kvk, approach, today)), // with somebody whom no key is for yet
		k.event(k.b, "bezoek", visit(kvk, today)),
	)
	for range 3 {
		for i, o := range k.ledger.Try(t.Context(), all) {
			if o.Err != nil || o.Receipt.Again || o.Receipt.Position != 0 {
				t.Errorf("%d: %+v", i, o)
			}
		}
	}
	k.keys.Fail = nil
	if p, s := k.ledger.Position(), len(k.stream.Stored()); p != before || s != stored {
		t.Errorf("position %d to %d, %d to %d messages", before, p, stored, s)
	}
	after, _, err := k.ledger.Advise(t.Context(), ledger.Question{Employer: at(kvk), Partner: k.b.id})
	if d := cmp.Diff(advice, after); d != "" || err != nil {
		t.Errorf("the answer changed: %v %s", err, d)
	}
	checkRebuild(t, k)
}

// What is tried is told as what would be, and what was recorded as what is.
func TestTrySaysWhatWouldBe(t *testing.T) {
	k := newBook(t)
	k.must(k.a, plan(kvk, uuid.NewString(), today))
	all := submissions(k.b, k.event(k.b, "plan", plan(kvk, uuid.NewString(), today)))
	said := func(o ledger.Outcome) string {
		if o.Err != nil || o.Receipt.Outcome != events.Taken {
			t.Fatalf("%+v", o)
		}
		return o.Receipt.Reasons[0].Sentence.NL + " " + o.Receipt.Reasons[0].Sentence.EN
	}
	twice := append(submissions(k.b, all[0].Event), all[0])
	for i, o := range k.ledger.Try(t.Context(), twice) {
		if s := said(o); !strings.Contains(s, "zou wel worden vastgelegd") || !strings.Contains(s, "would be recorded") || strings.Contains(s, "is vastgelegd") {
			t.Errorf("tried, %d: %s", i, s)
		}
	}
	recorded := k.ledger.RecordAll(t.Context(), all)[0]
	for when, o := range map[string]ledger.Outcome{"recorded": recorded, "tried again": k.ledger.Try(t.Context(), all)[0]} {
		if s := said(o); !strings.Contains(s, "is vastgelegd") || !strings.Contains(s, "is recorded") {
			t.Errorf("%s: %s", when, s)
		}
	}
}

// What would not be recorded now is not promised: a book that halted answers what
// it knows and nothing else.
func TestTryWhenHalted(t *testing.T) {
	k := newBook(t)
	known := k.event(k.a, "een", visit(kvk, today))
	if _, err := k.ledger.Record(t.Context(), ledger.Submission{Event: known, Caller: k.a.caller}); err != nil {
		t.Fatal(err)
	}
	k.ledger.Halt(errors.New("a test"))
	out := k.ledger.Try(t.Context(), submissions(k.a, known, k.event(k.a, "twee", visit(kvk, today)), k.event(k.a, "twee", visit(kvk, today))))
	if out[0].Err != nil || !out[0].Receipt.Again {
		t.Errorf("what was recorded: %+v", out[0])
	}
	for _, o := range out[1:] {
		if !errors.Is(o.Err, ledger.ErrHalted) {
			t.Errorf("what is new: %+v", o)
		}
	}
}

// A conflict within what is only tried has no position to name.
func TestTryConflict(t *testing.T) {
	k := newBook(t)
	out := k.ledger.Try(t.Context(), submissions(k.a, k.event(k.a, "een", visit(kvk, today)), k.event(k.a, "een", visit(otherKvK, today))))
	p := ledger.ProblemOf(out[1].Err)
	if p.Status != http.StatusConflict || strings.ContainsAny(p.Detail, "0123456789") || p.Faults[0].Code != "andere-inhoud" {
		t.Errorf("%+v", p)
	}
}

// slowStore stops the first question that comes when it is armed until it is let go.
type slowStore struct {
	ledger.Store
	armed       atomic.Bool
	asked, goOn chan struct{}
}

func (s *slowStore) View(fn func(ledger.Tx, events.Checkpoint) error) error {
	return s.Store.View(func(tx ledger.Tx, at events.Checkpoint) error {
		if s.armed.Load() {
			tx = slowTx{tx, s}
		}
		return fn(tx, at)
	})
}

type slowTx struct {
	ledger.Tx
	s *slowStore
}

func (t slowTx) Get(key []byte) []byte {
	if t.s.armed.Swap(false) {
		close(t.s.asked)
		<-t.s.goOn
	}
	return t.Tx.Get(key)
}

// Trying, however long it takes, holds nobody up, and sees nothing of what is
// recorded meanwhile.
func TestRecordingGoesOn(t *testing.T) {
	k := newBook(t)
	slow := &slowStore{asked: make(chan struct{}), goOn: make(chan struct{})}
	k.behind = func(s ledger.Store) ledger.Store { slow.Store = s; return slow }
	k.reopen()
	approach := uuid.NewString()
	slow.armed.Store(true)
	tried := make(chan ledger.Outcome, 1)
	go func() {
		tried <- k.ledger.Try(t.Context(), submissions(k.b, k.event(k.b, "plan", plan(kvk, approach, today))))[0]
	}()
	<-slow.asked
	for range 3 {
		k.must(k.a, plan(kvk, uuid.NewString(), today))
		if err := k.ledger.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	close(slow.goOn)
	if o := <-tried; o.Err != nil || o.Receipt.Outcome != events.Free {
		t.Errorf("what was tried: %+v", o)
	}
	if o := k.ledger.Try(t.Context(), submissions(k.b, k.event(k.b, "plan", plan(kvk, approach, today))))[0]; o.Err != nil || o.Receipt.Outcome != events.Taken {
		t.Errorf("and tried again: %+v", o)
	}
}

// For any submissions: trying them tells what recording them together tells, and
// that is what recording them one by one tells.
func TestTryIsRecordIsRecordAll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		together, single := newBook(t), newBook(t)
		approaches := []string{uuid.NewString(), uuid.NewString()}
		ids := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"})
		employers := rapid.SampledFrom([]string{kvk, otherKvK})
		day := func() events.Date { return today.AddDays(rapid.IntRange(-20, 2).Draw(rt, "day")) }
		what := rapid.SampledFrom([]func() events.Data{
			func() events.Data {
				return plan(employers.Draw(rt, "employer"), rapid.SampledFrom(approaches).Draw(rt, "approach"), day())
			},
			func() events.Data {
				return &events.VisitMoved{Approach: rapid.SampledFrom(approaches).Draw(rt, "approach"), Date: day()}
			},
			func() events.Data {
				return &events.VisitCalledOff{Approach: rapid.SampledFrom(approaches).Draw(rt, "approach")}
			},
			func() events.Data { return visit(employers.Draw(rt, "employer"), day()) },
			func() events.Data {
				return &events.EventRetracted{Event: events.Ref{Source: single.a.source(), ID: ids.Draw(rt, "retracted")}}
			},
		})
		for range rapid.IntRange(1, 3).Draw(rt, "calls") {
			var a, b []ledger.Submission
			for range rapid.IntRange(0, 12).Draw(rt, "events") {
				id, data, who := ids.Draw(rt, "id"), what.Draw(rt, "what")(), rapid.IntRange(0, 5).Draw(rt, "who")
				if r, ok := data.(*events.EventRetracted); ok && r.Event.ID == id {
					continue // an event about itself is none
				}
				for _, x := range []struct {
					k   *book
					all *[]ledger.Submission
				}{{together, &a}, {single, &b}} {
					p := x.k.a
					if who == 0 {
						p = x.k.b
					}
					*x.all = append(*x.all, ledger.Submission{Event: x.k.event(p, id, data), Caller: p.caller})
				}
			}
			before := together.ledger.Position()
			tried := together.ledger.Try(t.Context(), a)
			if together.ledger.Position() != before {
				rt.Fatal("trying recorded something")
			}
			done := together.ledger.RecordAll(t.Context(), a)
			var one []ledger.Outcome
			for _, s := range b {
				r, err := single.ledger.Record(t.Context(), s)
				one = append(one, ledger.Outcome{Receipt: r, Err: err})
			}
			if d := cmp.Diff(toldAll(tried), toldAll(done), cmpopts.EquateEmpty()); d != "" {
				rt.Fatalf("tried and recorded differ: %s", d)
			}
			if d := cmp.Diff(toldAll(one), toldAll(done), cmpopts.EquateEmpty()); d != "" {
				rt.Fatalf("one by one and together differ: %s", d)
			}
			for i := range one {
				if one[i].Err == nil && one[i].Receipt.Position != done[i].Receipt.Position {
					rt.Fatalf("%d is at %d and at %d", i, one[i].Receipt.Position, done[i].Receipt.Position)
				}
			}
		}
		checkChain(t, together)
		together.close()
		single.close()
	})
}
