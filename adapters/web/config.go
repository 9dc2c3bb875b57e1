package web

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huisboek/adapters/access"
	"huisboek/adapters/intake"
	"huisboek/adapters/regions"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
	"huisboek/projections/search"
)

// Ledger is what this door asks of the ledger; *ledger.Ledger is one.
type Ledger interface {
	// Advise says whom to call first, true for at least the position it names.
	Advise(ctx context.Context, q ledger.Question) (ledger.Advice, events.Position, error)
	// AdviseAll is Advise on several employers, true for one position.
	AdviseAll(ctx context.Context, q ledger.Question, all []events.Employer) ([]ledger.Advice, events.Position, error)
	// Explain tells the verdict at a position to a reader; ledger.ErrNoPosition.
	Explain(ctx context.Context, at events.Position, reader string) (*ledger.Explanation, error)
	// Unseal gives a sealed member back as JSON, or ledger.ErrErased.
	Unseal(ctx context.Context, source, id, path string, seal events.Seal) ([]byte, error)
	// Partners is everybody who takes or took part, by name.
	Partners() ([]ledger.Partner, error)
	// Own is whose things are a partner's own today: itself, and everybody whose work
	// it goes on with.
	Own(partner string) ([]string, error)
	// KeysOf are the seal keys of an account manager of a partner, and of those whose
	// work it goes on with.
	KeysOf(partner, employee string) ([]events.KeyID, error)
	// Position is the last one recorded.
	Position() events.Position
}

// Desk takes in events; *intake.Desk is one.
type Desk interface {
	Report(ctx context.Context, c ledger.Caller, headers map[string][]string, body []byte) (*ledger.Receipt, error)
	Try(ctx context.Context, c ledger.Caller, headers map[string][]string, body []byte) (*ledger.Receipt, error)
	ReportAll(ctx context.Context, c ledger.Caller, body []byte) ([]ledger.Outcome, error)
	TryAll(ctx context.Context, c ledger.Caller, body []byte) ([]ledger.Outcome, error)
	// Refused is told of an event that this door refuses by itself. It does not wait.
	Refused(c ledger.Caller, err error)
}

// Deliveries remember what came in; *intake.File is one.
type Deliveries interface {
	List(partner, outcome, after string, limit int) (items []intake.Delivery, next string, err error)
	Days(partner string, from, to events.Date) ([]intake.Day, error)
}

// Book says which book this is.
type Book struct {
	ID     string `json:"id"`                // UUID
	Region string `json:"arbeidsmarktregio"` // "AM36"
	Test   bool   `json:"proef"`             // a test book: its steward's OIN has the prefix 00000099
	// Restored is the last time that the book was put back from a backup; nil: never.
	Restored *Restored `json:"hersteld"`
}

// Restored is that a book was put back from a backup. What was recorded behind its
// position before that moment is gone: who got a receipt for it offers it again.
type Restored struct {
	At       time.Time       `json:"op"`
	Position events.Position `json:"positie"` // the last one in the backup
}

// Restore is one time that the book was put back.
type Restore struct {
	Incarnation string          // the name of what it is since
	Position    events.Position // the last one in the backup
}

// Access says whose token it is; *access.File is one. Any error is a refusal.
type Access interface {
	Authenticate(token string) (ledger.Caller, error)
}

// Views are the rows of projections.Views and how to wait for them.
type Views struct {
	Store projections.Store
	// WaitFor returns nil once the store has reached the position, ctx's error
	// when that took too long, and any other error when it never will.
	WaitFor func(context.Context, events.Position) error
}

// Search finds employers; *search.Index is one.
type Search interface {
	List(q search.Query) (hits []search.Hit, total int)
	Entry(key string) (search.Entry, bool)
	Likely(skip, limit int) (pairs []search.Pair, total int)
}

// Check is one part that must be well for the book to be ready. Code and
// Sentence are what everybody may read when it is not; the error goes to the log.
type Check struct {
	Code     string // "boek-staat-stil"
	Sentence events.Sentence
	Test     func(context.Context) error
}

// Maintainer is whom the makers of other systems can ask about this API.
type Maintainer struct{ Name, Email, URL string }

// Config is what a Server is made of. All of it must be set, but for Questions and
// Reports, ReadLog, Checks, Ready, Search and Searched, Regions, Status, Wish, Maintainer (an
// address that does not exist), Log (slog.Default) and Now (time.Now).
type Config struct {
	Book       Book
	Restores   []Restore // of this copy of the book, the oldest first
	Ledger     Ledger
	Desk       Desk
	Deliveries Deliveries
	Access     Access
	Views      Views
	// ReadLog keeps who looked at contact persons. nil: nobody gets any.
	ReadLog ReadLog
	// Event is the source and id of a recorded event. It is asked for each event that
	// a message about an erasure names: fifty of one message at most.
	Event func(context.Context, events.Position) (events.Ref, error)
	// Questions are the rates of one credential for reading. Reports say how many
	// requests with events it may have under way here, from before its body is read
	// until its answer is: a quarter of the places there are, so that it does not take
	// all of them (how many may come the Desk knows; the other door has hands, and so
	// a bound, of its own). nil: no limit.
	Questions *intake.Limits
	Reports   *intake.Limits
	// Moment is when a position was recorded. It is asked once per position at
	// the most, and remembered.
	Moment func(context.Context, events.Position) (time.Time, error)
	Checks []Check
	// Ready is false while the views are made anew: what needs them is then answered
	// with 503. nil: they always are.
	Ready func() bool
	// Search is nil while the employers are being read in: then the answer is 503.
	Search func() Search
	// Searched waits until what Search finds is true for a position, and says for
	// which it is. nil: for that of the views.
	Searched func(context.Context, events.Position) (events.Position, error)
	// Regions are the regions and municipalities. nil: those of this version.
	Regions *regions.Data
	// Status is how the book is, for the steward. The door adds what it makes of it:
	// Status.Attention and UpTo. nil: the question is answered with 503.
	Status func(context.Context) (*Status, error)
	// Wish keeps a wish for a partner's messages by mail, that begins after what there
	// is to tell by now. nil: no mail leaves this book.
	Wish       func(context.Context, access.Digest) (*access.Digest, error)
	Maintainer Maintainer
	Metrics    *prometheus.Registry // this door adds its own; /metrics shows all of it
	Log        *slog.Logger
	Now        func() time.Time
	// Heartbeat is how long a stream of messages says nothing at most. 0: fifteen seconds.
	Heartbeat time.Duration
}

func (c *Config) complete() error {
	if c.Book.ID == "" || c.Ledger == nil || c.Desk == nil || c.Deliveries == nil || c.Access == nil ||
		c.Event == nil || c.Moment == nil || c.Metrics == nil || c.Views.Store == nil || c.Views.WaitFor == nil {
		return errors.New("web: Config is not complete")
	}
	if c.Ready == nil {
		c.Ready = func() bool { return true }
	}
	if c.Search == nil {
		c.Search = func() Search { return nil }
	}
	if c.Regions == nil {
		c.Regions = regions.Default()
	}
	if c.Maintainer == (Maintainer{}) {
		c.Maintainer = Maintainer{"De regisseur van de arbeidsmarktregio", "regisseur@voorbeeld.invalid", "https://voorbeeld.invalid/"}
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Heartbeat == 0 {
		c.Heartbeat = heartbeat
	}
	return nil
}
