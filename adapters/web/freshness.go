package web

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// Freshness is what an answer is true for.
type Freshness struct {
	Position events.Position `json:"positie" doc:"Alles tot en met deze positie is verwerkt."`
	UpTo     time.Time       `json:"bijgewerktTot" doc:"Het moment waarop die positie is vastgelegd, in UTC."`
}

// patience is how long a read waits for a view.
const patience = 5 * time.Second

// read waits until the views have reached a position and runs fn on one state of
// them; the freshness is that state's. fn must not keep the transaction waiting:
// what has to be unsealed is unsealed afterwards.
func (s *Server) read(ctx context.Context, since events.Position, fn func(projections.Tx) error) (Freshness, error) {
	if !s.cfg.Ready() {
		return Freshness{}, problemRebuilding
	}
	if err := s.await(ctx, since); err != nil {
		return Freshness{}, err
	}
	var at events.Checkpoint
	err := s.cfg.Views.Store.View(func(tx projections.Tx, checkpoint events.Checkpoint) error {
		at = checkpoint
		return fn(tx)
	})
	if err != nil {
		return Freshness{}, err
	}
	return s.freshness(ctx, at.Position)
}

func (s *Server) await(ctx context.Context, since events.Position) error {
	if since == 0 {
		return nil
	}
	if !s.cfg.Ready() {
		return problemRebuilding
	}
	bounded, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return s.waited(ctx, s.cfg.Views.WaitFor(bounded, since))
}

// waited says how waiting ended, within patience of what ctx leaves.
func (s *Server) waited(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		return problemLate
	}
	s.cfg.Log.ErrorContext(ctx, "a view cannot be waited for", "request", requestID(ctx), "error", err)
	return problemView
}

// awaitLedger is await for what the ledger answers by itself: it has all that it
// recorded, whatever the views are doing.
func (s *Server) awaitLedger(ctx context.Context, since events.Position) error {
	if since <= s.cfg.Ledger.Position() {
		return nil
	}
	return s.await(ctx, since)
}

func (s *Server) freshness(ctx context.Context, at events.Position) (Freshness, error) {
	moment, err := s.moments.of(ctx, at, s.cfg.Moment)
	return Freshness{Position: at, UpTo: moment.UTC()}, err
}

// moments remembers when the last position that was asked for was recorded.
type moments struct{ last atomic.Pointer[moment] }

type moment struct {
	position events.Position
	at       time.Time
}

func (m *moments) of(ctx context.Context, p events.Position, ask func(context.Context, events.Position) (time.Time, error)) (time.Time, error) {
	if p == 0 {
		return time.Time{}, nil
	}
	if last := m.last.Load(); last != nil && last.position == p {
		return last.at, nil
	}
	at, err := ask(ctx, p)
	if err == nil {
		m.last.Store(&moment{p, at})
	}
	return at, err
}
