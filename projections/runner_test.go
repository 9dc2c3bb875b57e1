package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"huisboek/events"
)

// recordsFrom makes n records without effect, from a position on.
func recordsFrom(p events.Position, n int) (list []*events.Record) {
	for i := range n {
		at := p + events.Position(i)
		list = append(list, &events.Record{
			Position: at, Hash: events.Hash{byte(at), byte(at >> 8), 1}, Event: events.Event{Data: &events.BookOpened{}},
		})
	}
	return list
}

// watched is a Runner in a bubble, with the sizes of its transactions.
type watched struct {
	*Runner
	source *tape
	sizes  []int
	ended  chan error
	cancel context.CancelFunc
}

func watch(t *testing.T, source *tape) *watched {
	w := &watched{source: source, ended: make(chan error, 1)}
	w.Runner = &Runner{Source: source, Fold: NewViews(), Store: newMemory(),
		OnBatch: func(n int, _ time.Duration, _ events.Position) { w.sizes = append(w.sizes, n) }}
	ctx, cancel := context.WithCancel(t.Context())
	w.cancel = cancel
	go func() { w.ended <- w.Run(ctx) }()
	return w
}

func (w *watched) stop(t *testing.T) {
	t.Helper()
	w.cancel()
	if err := <-w.ended; err != nil {
		t.Error(err)
	}
}

// TestRunnerWaitsForNothing: what comes is applied as it comes.
func TestRunnerWaitsForNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, &tape{more: make(chan []*events.Record)})
		synctest.Wait()
		began := time.Now()
		next := events.Position(1)
		want := []int{1, 50, 60, 1, 3000, 1000}
		for _, n := range want {
			w.source.more <- recordsFrom(next, n)
			next += events.Position(n)
			if err := w.WaitFor(t.Context(), next-1); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("took %v", took)
		}
		synctest.Wait()
		w.stop(t)
		if !slices.Equal(w.sizes, want) {
			t.Errorf("transactions of %v, want %v", w.sizes, want)
		}
	})
}

func TestWaitForWakesEveryone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, &tape{more: make(chan []*events.Record)})
		done := make(chan error)
		for range 10 {
			go func() { done <- w.WaitFor(t.Context(), 3) }()
		}
		w.source.more <- recordsFrom(1, 2)
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("woke before position 3")
		default:
		}
		w.source.more <- recordsFrom(3, 1)
		for range 10 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := w.WaitFor(ctx, 4); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("WaitFor a position that never comes: %v", err)
		}
		w.stop(t)
		if err := w.WaitFor(t.Context(), 4); !errors.Is(err, context.Canceled) {
			t.Errorf("WaitFor after the end: %v", err)
		}
		if err := w.WaitFor(t.Context(), 3); err != nil {
			t.Errorf("WaitFor what is there, after the end: %v", err)
		}
	})
}

func TestRunnerStops(t *testing.T) {
	damaged := errors.New("position 3: hash does not match")
	bad := errors.New("bad row")
	tests := []struct {
		name   string
		source *tape
		at     events.Position // of the store before
		fold   Fold
		want   error
		text   string
		stays  events.Position
	}{
		{"the stream is damaged", &tape{batches: [][]*events.Record{recordsFrom(1, 2)}, fails: damaged}, 0, NewViews(), damaged, "position 3", 2},
		{"a record is missing", &tape{batches: [][]*events.Record{recordsFrom(1, 2), recordsFrom(4, 1)}, last: 4}, 0, NewViews(), ErrGap, "position 4 came where 3 was due", 2},
		{"the view is ahead", &tape{batches: [][]*events.Record{recordsFrom(1, 2)}}, 9, NewViews(), ErrAhead, "at position 9, the stream ends at 2", 9},
		{"the fold fails", &tape{batches: [][]*events.Record{recordsFrom(1, 2)}}, 0, failing{bad}, bad, "bad row", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			store := newMemory()
			store.at.Position = tt.at
			r := &Runner{Source: tt.source, Fold: tt.fold, Store: store}
			err := r.Run(t.Context())
			if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.text) {
				t.Errorf("Run: %v", err)
			}
			if !errors.Is(r.Err(), tt.want) || !errors.Is(r.WaitFor(t.Context(), 100), tt.want) {
				t.Errorf("Err: %v", r.Err())
			}
			if at, _ := store.Checkpoint(); at.Position != tt.stays {
				t.Errorf("the store stands at %d, want %d", at.Position, tt.stays)
			}
		})
	}
}

// full is a store whose disk is full until it is told otherwise.
type full struct {
	*memory
	freed atomic.Bool
}

func (f *full) Update(to events.Checkpoint, fn func(Tx) error) error {
	if !f.freed.Load() {
		return fmt.Errorf("%w: no space left", ErrUnwritten)
	}
	return f.memory.Update(to, fn)
}

func TestRunnerWaitsForItsDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &full{memory: newMemory()}
		r := &Runner{Source: &tape{batches: [][]*events.Record{recordsFrom(1, 3)}}, Fold: NewViews(), Store: store}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- r.Run(ctx) }()
		time.Sleep(5 * again / 2) // it has tried more than once
		synctest.Wait()
		if !errors.Is(r.Err(), ErrUnwritten) || !errors.Is(r.WaitFor(ctx, 3), ErrUnwritten) || r.Position() != 0 {
			t.Errorf("at %d: %v", r.Position(), r.Err())
		}
		store.freed.Store(true)
		time.Sleep(again)
		synctest.Wait()
		if r.Err() != nil || r.Position() != 3 || r.WaitFor(ctx, 3) != nil {
			t.Errorf("at %d: %v", r.Position(), r.Err())
		}
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}

		store.freed.Store(false)
		store.at = events.Checkpoint{}
		ctx, cancel = context.WithCancel(t.Context())
		go func() { ended <- r.Run(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("ended while it waited: %v", err)
		}
	})
}

type failing struct{ err error }

func (failing) Name() string                     { return "failing" }
func (failing) Shape() int                       { return 1 }
func (f failing) Apply(Tx, *events.Record) error { return f.err }

func TestRunnerGoesOn(t *testing.T) {
	store := newMemory()
	all := recordsFrom(1, 10)
	source := &tape{batches: [][]*events.Record{all}}
	if err := RebuildUntil(t.Context(), source, NewViews(), store, 4, nil); err != nil {
		t.Fatal(err)
	}
	if at, _ := store.Checkpoint(); at != all[3].Checkpoint() {
		t.Fatalf("at %v", at)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &Runner{Source: source, Fold: NewViews(), Store: store}
	ended := make(chan error)
	go func() { ended <- r.Run(ctx) }()
	if err := r.WaitFor(ctx, 10); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if at, _ := store.Checkpoint(); at != all[9].Checkpoint() {
		t.Errorf("at %v", at)
	}
}

func TestRebuildReportsAndStops(t *testing.T) {
	store := newMemory()
	var done []events.Position
	source := &tape{batches: [][]*events.Record{recordsFrom(1, 110_000), recordsFrom(110_001, 10_000)}}
	err := Rebuild(t.Context(), source, failing{nil}, store, func(d, total events.Position) {
		if total != 120_000 {
			t.Errorf("total %d", total)
		}
		done = append(done, d)
	})
	if err != nil || len(done) != 120_000/batchMax || done[0] != batchMax || done[len(done)-1] != 120_000 {
		t.Errorf("%v, reported %v", err, done)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Rebuild(ctx, source, failing{nil}, newMemory(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	ahead := newMemory()
	ahead.at.Position = 120_001
	if err := Rebuild(t.Context(), source, failing{nil}, ahead, nil); !errors.Is(err, ErrAhead) {
		t.Errorf("ahead: %v", err)
	}
}
