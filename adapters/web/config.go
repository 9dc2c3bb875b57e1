package web

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// Ledger is what this door asks of the ledger; *ledger.Ledger is one.
type Ledger interface {
	// Advise says whom to call first, true for at least the position it names.
	Advise(ctx context.Context, q ledger.Question) (ledger.Advice, events.Position, error)
	// Unseal gives a sealed member back as JSON, or ledger.ErrErased.
	Unseal(ctx context.Context, source, id, path string, seal events.Seal) ([]byte, error)
	// Partners is everybody who takes or took part, by name.
	Partners() ([]ledger.Partner, error)
	// Position is the last one recorded.
	Position() events.Position
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

// Check is one part that must be well for the book to be ready. Code and
// Sentence are what everybody may read when it is not; the error goes to the log.
type Check struct {
	Code     string // "boek-staat-stil"
	Sentence events.Sentence
	Test     func(context.Context) error
}

// Maintainer is whom the makers of other systems can ask about this API.
type Maintainer struct{ Name, Email, URL string }

// Config is what a Server is made of. All of it must be set, but for Checks,
// Maintainer (an address that does not exist), Log (slog.Default) and Now (time.Now).
type Config struct {
	Ledger Ledger
	Access Access
	Views  Views
	// Moment is when a position was recorded. It is asked once per position at
	// the most, and remembered.
	Moment     func(context.Context, events.Position) (time.Time, error)
	Checks     []Check
	Maintainer Maintainer
	Metrics    *prometheus.Registry // this door adds its own; /metrics shows all of it
	Log        *slog.Logger
	Now        func() time.Time
}

func (c *Config) complete() error {
	if c.Ledger == nil || c.Access == nil || c.Moment == nil || c.Metrics == nil ||
		c.Views.Store == nil || c.Views.WaitFor == nil {
		return errors.New("web: Config is not complete")
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
	return nil
}
