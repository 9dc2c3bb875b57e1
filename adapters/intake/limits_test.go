package intake_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"huisboek/adapters/intake"
	"huisboek/ledger"
)

func retryAfter(t testing.TB, err error) time.Duration {
	t.Helper()
	var limit *intake.LimitError
	if !errors.As(err, &limit) {
		t.Fatalf("got %v, want a LimitError", err)
	}
	if p := ledger.ProblemOf(err); p.Status != http.StatusTooManyRequests || p.Type == "" {
		t.Fatalf("told %+v", p)
	}
	return limit.RetryAfter
}

// Whatever was taken, and whenever: after RetryAfter it gets in, and not much
// sooner.
func TestRetryAfterIsTrue(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		c := newClock()
		r := intake.Rates{PerSecond: rapid.Float64Range(0.01, 20_000).Draw(rt, "per second"), Burst: rapid.IntRange(0, 5_000).Draw(rt, "burst")}
		l := intake.NewLimits(r, c.now)
		for range rapid.IntRange(1, 30).Draw(rt, "requests") {
			c.add(time.Duration(rapid.Int64Range(0, int64(2*time.Second)).Draw(rt, "pause")))
			n := rapid.IntRange(0, max(r.Burst, intake.MaxBatch)).Draw(rt, "events")
			err := l.Take("een", n)
			if err == nil {
				continue
			}
			after := retryAfter(t, err)
			if after <= 0 {
				rt.Fatalf("wait %v", after)
			}
			if early := after - time.Millisecond; early > 0 {
				c.add(early)
				if l.Take("een", n) == nil {
					rt.Fatalf("%d got in a millisecond before %v", n, after)
				}
				after -= early
			}
			c.add(after)
			if err := l.Take("een", n); err != nil {
				rt.Fatalf("%d: still refused after the wait: %v more", n, retryAfter(t, err))
			}
		}
	})
}

func TestTake(t *testing.T) {
	c := newClock()
	l := intake.NewLimits(intake.Rates{PerSecond: 10, Burst: 1}, c.now)
	if err := l.Take("een", intake.MaxBatch); err != nil {
		t.Fatalf("a full batch does not get in: %v", err)
	}
	if after := retryAfter(t, l.Take("een", 1)); after.Round(time.Millisecond) != 100*time.Millisecond {
		t.Errorf("told to wait %v", after)
	}
	if err := l.Take("twee", 1); err != nil {
		t.Errorf("another credential: %v", err)
	}
	c.add(time.Second) // ten more, all or none
	retryAfter(t, l.Take("een", 11))
	if err := l.Take("een", 10); err != nil {
		t.Errorf("what is there was not given: %v", err)
	}
	if after := retryAfter(t, l.Take("drie", intake.MaxBatch+1)); after <= 0 {
		t.Errorf("more than ever fits: told to wait %v", after)
	}
	if s := (&intake.LimitError{RetryAfter: time.Second + 1}).Seconds(); s != 2 {
		t.Errorf("%d seconds", s)
	}
}

func TestNoLimits(t *testing.T) {
	for name, l := range map[string]*intake.Limits{"nil": nil, "zero": intake.NewLimits(intake.Rates{}, nil)} {
		for range 10_000 {
			if err := l.Take("een", 1_000); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if _, err := l.Enter("een"); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
	}
}

func TestEnter(t *testing.T) {
	l := intake.NewLimits(intake.Rates{InFlight: 2}, nil)
	first := must[func()](t)(l.Enter("een"))
	must[func()](t)(l.Enter("een"))
	leave, err := l.Enter("een")
	if retryAfter(t, err) <= 0 {
		t.Error("told to come back at once")
	}
	leave() // of one that did not get in: does nothing
	retryAfter(t, second(l.Enter("een")))
	must[func()](t)(l.Enter("twee"))
	first()
	first() // once more: does nothing
	must[func()](t)(l.Enter("een"))
	retryAfter(t, second(l.Enter("een")))
}

func second[A, B any](_ A, b B) B { return b }

// Side by side nobody gets more than there is.
func TestLimitsSideBySide(t *testing.T) {
	c := newClock() // it stands still
	l := intake.NewLimits(intake.Rates{PerSecond: 1, Burst: 1_000, InFlight: 8}, c.now)
	var all sync.WaitGroup
	var mu sync.Mutex
	taken, inside := 0, 0
	for range 16 {
		all.Go(func() {
			for range 500 {
				leave, err := l.Enter("een")
				if err != nil {
					continue
				}
				mu.Lock()
				if inside++; inside > 8 {
					t.Error("nine at a time")
				}
				mu.Unlock()
				ok := l.Take("een", 3) == nil
				mu.Lock()
				inside--
				if ok {
					taken += 3
				}
				mu.Unlock()
				leave()
			}
		})
	}
	all.Wait()
	if taken > 1_000 || taken < 900 {
		t.Errorf("%d taken of 1,000", taken)
	}
}

// Who is idle is forgotten; who has used something is not.
func TestLimitsForget(t *testing.T) {
	c := newClock()
	l := intake.NewLimits(intake.Rates{PerSecond: 1, Burst: 1_000, InFlight: 1}, c.now)
	if err := l.Take("druk", 1_000); err != nil {
		t.Fatal(err)
	}
	leave := must[func()](t)(l.Enter("binnen"))
	for i := range 20 * intake.ManyShares {
		if err := l.Take(fmt.Sprint("ander-", i), 1); err != nil {
			t.Fatal(err)
		}
		if i%100 == 99 {
			c.add(time.Second)
		}
	}
	if n := l.Remembered(); n > intake.ManyShares {
		t.Errorf("%d credentials are remembered", n)
	}
	if l.Take("druk", 1_000) == nil {
		t.Error("what was used is forgotten")
	}
	if _, err := l.Enter("binnen"); err == nil {
		t.Error("who is inside is forgotten")
	}
	leave()
	must[func()](t)(l.Enter("binnen"))
}

// When the same may come again, whoever asks it.
func TestRetryAfter(t *testing.T) {
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0}, {errors.New("ours"), 0}, {ledger.ErrForbidden, 0}, {&ledger.ConflictError{Position: 3}, 0},
		{ledger.ErrBusy, 2}, {ledger.ErrFull, 2}, {ledger.ErrHalted, 2}, {ledger.ErrUnknown, 2}, {context.DeadlineExceeded, 2},
		{ledger.NewProblem(503, "a", "b", "c"), 2},
		{&intake.LimitError{RetryAfter: time.Microsecond}, 1},
		{&intake.LimitError{RetryAfter: 3*time.Second + 1}, 4},
		{fmt.Errorf("desk: %w", &intake.LimitError{RetryAfter: time.Minute}), 60},
	} {
		if got := intake.RetryAfter(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
}

// A rate of one's own holds from the next event on, and until it is taken back;
// for nobody else anything changes.
func TestOwnRate(t *testing.T) {
	c := newClock()
	own := map[string]float64{}
	l := intake.NewLimits(intake.Rates{PerSecond: 10, Burst: intake.MaxBatch, InFlight: 1}, c.now)
	l.Own(func(credential string) float64 { return own[credential] })
	perSecond := func(credential string) (n int) {
		t.Helper()
		for l.Take(credential, 1) == nil { // until nothing is left
		}
		c.add(time.Second)
		for l.Take(credential, 1) == nil {
			n++
		}
		return n
	}
	for _, step := range []struct {
		own  float64
		want int
	}{{0, 10}, {5_000, 5_000}, {0.5, 0}, {20_000, 20_000}, {0, 10}} {
		own["een"] = step.own
		if got := perSecond("een"); got != step.want {
			t.Errorf("with a rate of %v: %d in a second", step.own, got)
		}
		if got := perSecond("twee"); got != 10 {
			t.Errorf("beside a rate of %v: %d in a second", step.own, got)
		}
	}
	own["drie"] = 5_000 // fresh: ten seconds of it at once, and not more
	if err := l.Take("drie", 50_000); err != nil {
		t.Errorf("ten seconds at once: %v", err)
	}
	if after := retryAfter(t, l.Take("drie", 5_000)); after.Round(time.Millisecond) != time.Second {
		t.Errorf("told to wait %v for a second's worth", after)
	}
	own["vier"] = 1
	if err := l.Take("vier", intake.MaxBatch); err != nil {
		t.Errorf("a full batch does not get in: %v", err)
	}
	must[func()](t)(l.Enter("drie"))
	retryAfter(t, second(l.Enter("drie"))) // how many at a time is not its own

	free := intake.NewLimits(intake.Rates{}, c.now)
	free.Own(func(string) float64 { return 5 })
	if got := func() (n int) {
		for free.Take("een", 1) == nil && n < 2*intake.MaxBatch {
			n++
		}
		return n
	}(); got != intake.MaxBatch {
		t.Errorf("where others have no limit: %d at once", got)
	}
}
