package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/nats-io/nats.go"

	"huisboek/events"
	"huisboek/ledger"
)

// Sender offers one event, a CloudEvent in structured mode, and waits for its
// answer. [HTTPSender] and [NATSSender] are senders.
type Sender interface {
	// Send gives the receipt of the event. The error is or wraps a ledger.Problem
	// when the book answered with one; any other means that there was no answer,
	// and the event may have been recorded. Retry says what to do. Of a plan that the
	// region's agreement refuses the problem carries the receipt (RefusedPlan).
	Send(ctx context.Context, event []byte) (*ledger.Receipt, error)
}

// RefusedPlan is the receipt in the error of a plan that the region's agreement
// refuses: the reasons, whom to call, and where the refusal was recorded (position 0: a
// move, which leaves the approach as it was). It is nil for every other error. Such an
// answer is final: the same plan offered again gets the same one.
func RefusedPlan(err error) *ledger.Receipt {
	var p ledger.Problem
	if errors.As(err, &p) && p.Status == http.StatusConflict {
		return p.Receipt
	}
	return nil
}

// Book says which book a sender speaks to.
type Book struct {
	ID     string `json:"id"`                // UUID
	Region string `json:"arbeidsmarktregio"` // "AM36"
	Test   bool   `json:"proef"`             // a test book: what is recorded in it counts for nothing
	// Restored is the last time that the book was put back from a backup; nil: never.
	Restored *Restored `json:"hersteld"`
	// Clock is the book's time when it answered, to the second; zero over NATS,
	// which does not say it.
	Clock time.Time `json:"-"`
}

// Restored is that a book was put back from a backup. What was recorded behind its
// position before that moment is gone: who got a receipt for it offers it again.
type Restored struct {
	At       time.Time       `json:"op"`
	Position events.Position `json:"positie"` // the last one in the backup
}

// Same reports whether it is the same time that the book was put back; two nils are.
func (r *Restored) Same(other *Restored) bool {
	if r == nil || other == nil {
		return r == other
	}
	return r.Position == other.Position && r.At.Equal(other.At)
}

// Deferred is an answer that says to come back: Err, after After. It is for
// senders; Retry reads it.
type Deferred struct {
	Err   error
	After time.Duration
}

// Error is that of Err, with the time to wait.
func (d *Deferred) Error() string { return fmt.Sprintf("%v (again after %s)", d.Err, d.After) }

// Unwrap is Err.
func (d *Deferred) Unwrap() error { return d.Err }

// Retry reports whether the same event may be offered again after an error of a
// Sender, and how long the book asked to wait before that (0: it did not say).
// Again is true when there was no answer, and for the statuses 429, 500 and 503
// (docs/contract.md, "Retry"). It is false for every other refusal, when a
// context was cancelled, and when it is no use before somebody changes the
// sender: its credentials ended, or its address is not a book's.
func Retry(err error) (after time.Duration, again bool) {
	var later *Deferred
	if errors.As(err, &later) {
		after = later.After
	}
	var p ledger.Problem
	var odd *strangeAnswer
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return 0, false
	case errors.As(err, &p):
		again = p.Status == http.StatusTooManyRequests || p.Status >= http.StatusInternalServerError
	case errors.As(err, &odd):
		again = odd.passing()
	default:
		again = true
		for _, e := range ended {
			again = again && !errors.Is(err, e)
		}
	}
	if !again {
		after = 0
	}
	return after, again
}

// ended are errors of a NATS connection that will not come back by itself.
var ended = []error{
	nats.ErrConnectionClosed, nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked,
	nats.ErrAccountAuthExpired, nats.ErrInvalidConnection,
}

// strangeAnswer is one that no book gives: something stands in between, or it is
// another server.
type strangeAnswer struct {
	status int // of HTTP; 0 over NATS
	what   string
}

func (s *strangeAnswer) Error() string {
	if s.status == 0 {
		return s.what + ": this is no huisboek"
	}
	return fmt.Sprintf("status %d, %s: this is no huisboek", s.status, s.what)
}

// passing reports whether it may be another answer next time: of a proxy that
// cannot reach the book, or of one that broke an answer off.
func (s *strangeAnswer) passing() bool {
	return s.status >= 500 || s.status == http.StatusTooManyRequests || s.status == http.StatusRequestTimeout ||
		s.status == http.StatusOK || s.status == http.StatusCreated
}

// maxWait bounds what a Retry-After is taken for.
const maxWait = time.Hour

// retryAfter reads the header of that name: seconds, or a moment.
func retryAfter(value string, now time.Time) time.Duration {
	wait := time.Duration(0)
	if n, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(min(n, int(maxWait/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, 0), maxWait)
}

// readProblem reads a problem, and puts the wait with it when there is one.
func readProblem(body []byte, status int, after string) error {
	var p ledger.Problem
	if err := json.Unmarshal(body, &p); err != nil || p.Status == 0 {
		return &strangeAnswer{status, "with a problem that cannot be read"}
	}
	if wait := retryAfter(after, time.Now()); wait > 0 {
		return &Deferred{p, wait}
	}
	return p
}

// readReceipt reads a receipt. One without a position is none, unless the event
// was only tried: nothing may be taken for recorded that is not.
func readReceipt(body []byte, status int, tried bool) (*ledger.Receipt, error) {
	r := new(ledger.Receipt)
	if err := json.Unmarshal(body, r); err != nil || r.ID == "" || (r.Position == 0) != tried {
		return nil, &strangeAnswer{status, "with a receipt that cannot be read"}
	}
	r.Again = status == http.StatusOK
	return r, nil
}

// refuseHere is the book's own answer to an event that is not worth the way.
func refuseHere(event []byte) error {
	if len(event) > events.MaxSize {
		return ledger.TooLarge(events.MaxSize)
	}
	return nil
}
