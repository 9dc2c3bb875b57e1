package intake

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"huisboek/ledger"
)

// Rates are the limits of one credential.
type Rates struct {
	PerSecond float64 // events in the long run; 0: no limit
	Burst     int     // events at once; never less than MaxBatch, or a full batch would not get in
	InFlight  int     // requests at a time; 0: no limit
}

// Limits hold every credential to the same rates, but for those that Own gives a
// rate of their own. A nil *Limits limits nothing. Safe for concurrent use.
type Limits struct {
	rates Rates
	now   func() time.Time

	mu      sync.Mutex
	own     func(credential string) float64 // nil: none has its own
	shares  map[string]*share               // by credential
	sweepAt int                             // size of shares from which the idle ones are dropped
}

// share is what one credential has used.
type share struct {
	bucket    *rate.Limiter
	perSecond float64 // that the bucket is of
	inFlight  int
}

// manyShares is how many credentials are remembered before it is worth looking
// which of them are idle: an idle one is as good as one never seen.
const manyShares = 1_024

// enterAgain is what is advised when too many requests are under way: they last
// much shorter than this.
const enterAgain = time.Second

// NewLimits makes limits; now is nil for the machine's clock.
func NewLimits(r Rates, now func() time.Time) *Limits {
	if now == nil {
		now = time.Now
	}
	r.Burst = max(r.Burst, MaxBatch)
	return &Limits{rates: r, now: now, shares: map[string]*share{}, sweepAt: manyShares}
}

// Own makes the limits ask each time which rate of its own a credential has, in
// events a second, or 0; it may then send ten times as many at once. What is asked
// must be quick, and must not come back here.
func (l *Limits) Own(perSecond func(credential string) float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.own = perSecond
}

// Who has a rate of its own may send so many seconds of it at once, up to mostBurst
// events.
const (
	ownBurst  = 10
	mostBurst = 1e6
)

// ratesOf are the rates of a credential. It is called with mu held.
func (l *Limits) ratesOf(credential string) Rates {
	r := l.rates
	if l.own == nil {
		return r
	}
	if own := l.own(credential); own > 0 {
		r.PerSecond, r.Burst = own, max(int(min(ownBurst*own, mostBurst)), MaxBatch)
	}
	return r
}

// Take takes n events out of what a credential may still send, all or none. The
// error is a *LimitError. More than Burst at once never gets in.
func (l *Limits) Take(credential string, n int) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now, r := l.now(), l.ratesOf(credential)
	if r.PerSecond <= 0 {
		return nil
	}
	s := l.share(credential, r, now)
	if s.bucket.AllowN(now, n) {
		return nil
	}
	missing := float64(n) - s.bucket.TokensAt(now)
	return &LimitError{RetryAfter: wait(missing, r.PerSecond)}
}

// wait is how long it takes until so many events may come in, a little too long
// rather than too short.
func wait(missing, perSecond float64) time.Duration {
	seconds := missing / perSecond
	if seconds > longest.Seconds() {
		return longest
	}
	return time.Duration(seconds*float64(time.Second)) + time.Microsecond
}

// longest is the most that somebody is asked to wait.
const longest = 365 * 24 * time.Hour

// Enter counts a request of a credential until leave is called; calling it again
// does nothing. The error is a *LimitError.
func (l *Limits) Enter(credential string) (leave func(), err error) {
	if l == nil || l.rates.InFlight <= 0 {
		return func() {}, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	s := l.share(credential, l.ratesOf(credential), l.now())
	if s.inFlight >= l.rates.InFlight {
		return func() {}, &LimitError{RetryAfter: enterAgain}
	}
	s.inFlight++
	return sync.OnceFunc(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		s.inFlight--
	}), nil
}

// share is the share of a credential, a fresh one when it was idle or never seen.
// What it has left it keeps when its rate has changed, as far as that fits. It is
// called with mu held.
func (l *Limits) share(credential string, r Rates, now time.Time) *share {
	s := l.shares[credential]
	if s == nil {
		if len(l.shares) >= l.sweepAt {
			l.sweep(now)
		}
		s = &share{bucket: rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst), perSecond: r.PerSecond}
		l.shares[credential] = s
	}
	if s.perSecond != r.PerSecond {
		s.perSecond = r.PerSecond
		s.bucket.SetLimitAt(now, rate.Limit(r.PerSecond))
		s.bucket.SetBurstAt(now, r.Burst)
	}
	return s
}

// sweep drops what is idle, and puts the next sweep off until it has grown by
// half: sweeping costs nothing in the long run, however many are busy.
func (l *Limits) sweep(now time.Time) {
	for c, s := range l.shares {
		if s.inFlight == 0 && (s.perSecond <= 0 || s.bucket.TokensAt(now) >= float64(s.bucket.Burst())) {
			delete(l.shares, c)
		}
	}
	l.sweepAt = max(manyShares, len(l.shares)*3/2)
}

// LimitError: this credential asks more than its share. Nothing was recorded.
type LimitError struct {
	RetryAfter time.Duration // from when on it can be let in
}

var errLimit = ledger.NewProblem(http.StatusTooManyRequests, "te-veel", "Te veel tegelijk",
	"Met deze toegang wordt er meer gemeld of gevraagd dan is afgesproken. Er is niets vastgelegd. Probeer hetzelfde later opnieuw; Retry-After zegt wanneer.")

// Error is that of the problem.
func (e *LimitError) Error() string { return errLimit.Error() }

// Unwrap is the problem that a caller is told.
func (e *LimitError) Unwrap() error { return errLimit }

// Seconds is RetryAfter in whole seconds, rounded up, as the header of either
// door says it.
func (e *LimitError) Seconds() int { return int((e.RetryAfter + time.Second - 1) / time.Second) }

// busySeconds is how long somebody is asked to wait when it is not its own share
// that is used up: what is too busy now seldom lasts longer.
const busySeconds = 2

// RetryAfter is in how many seconds the same may come again after an error, for
// the header of that name at either door; 0 when that is no use.
func RetryAfter(err error) int {
	var limit *LimitError
	switch {
	case errors.As(err, &limit):
		return limit.Seconds()
	case err != nil && ledger.ProblemOf(err).Status == http.StatusServiceUnavailable:
		return busySeconds
	}
	return 0
}
