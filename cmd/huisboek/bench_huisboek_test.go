//go:build linux

package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"huisboek/adapters/access"
	"huisboek/adapters/intake"
	"huisboek/cmd/huisboek/region"
	"huisboek/events"
	"huisboek/ledger"
)

// benchBook is our book, filled. Its clock stands where the history is: so what was
// planned was judged when it was planned, as in a region that has worked for years.
type benchBook struct {
	*house
	set     *benchSet
	clock   benchClock
	events  *benchEvents
	callers map[int]ledger.Caller
	token   string
	failed  error // to open: then the run has no book
	server  *httptest.Server
}

// benchClock is where the history has come; it never goes back.
type benchClock struct{ at atomic.Int64 }

func (c *benchClock) set(t time.Time) {
	for now := c.at.Load(); t.UnixMilli() > now && !c.at.CompareAndSwap(now, t.UnixMilli()); now = c.at.Load() {
	}
}

func (c *benchClock) now() time.Time { return time.UnixMilli(c.at.Load()) }

// ours is the book, filled.
func (s *benchSet) ours(tb testing.TB) *benchBook {
	tb.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.huisboek == nil {
		s.huisboek = &benchBook{set: s}
		s.huisboek.failed = s.huisboek.open()
	}
	if err := s.huisboek.failed; err != nil {
		tb.Fatal(err)
	}
	return s.huisboek
}

func (s *benchSet) bookDir() string { return filepath.Join(s.dir, "huisboek") }

// benchSettings are those of a served book, for one caller that asks as much as it can.
func benchSettings(dir string, now func() time.Time) settings {
	return settings{
		Dir: filepath.Join(dir, "data"), Region: region.Code, OIN: region.StewardOIN, Now: now,
		Rates: intake.Rates{InFlight: 4096}, Asking: intake.Rates{InFlight: 256},
	}
}

// open fills a new book, or goes on with a kept one.
func (b *benchBook) open() (err error) {
	b.clock.set(b.set.region.Start())
	if b.events, err = newBenchEvents(b.set.region, b.set.bookDir()); err != nil {
		return err
	}
	if err := b.openHouse(); err != nil {
		return err
	}
	b.callers = map[int]ledger.Caller{region.Steward: localCaller, region.Board: localBoard}
	for i := range b.set.region.Partners {
		b.callers[i] = ledger.Caller{Role: ledger.RolePartner, Partner: b.set.region.Partners[i].ID, Credential: "bench", Door: ledger.DoorNATS}
	}
	if err := b.set.fill("huisboek", b.events, 1_000, b.recordAll); err != nil {
		return err
	}
	return b.waitForViews(context.Background())
}

// openHouse opens the book that is there.
func (b *benchBook) openHouse() (err error) {
	b.clock.set(b.events.last) // also when that was in another run
	if b.house, err = openHouse(context.Background(), benchSettings(b.set.bookDir(), b.clock.now)); err != nil {
		return err
	}
	_, b.token, err = b.access.Add(access.Credential{Role: ledger.RolePartner, Partner: b.set.region.Partners[0].ID, Kind: access.KindToken})
	b.server = httptest.NewServer(b.web)
	return err
}

func (b *benchBook) closeHouse() error {
	b.server.Close()
	return b.Close()
}

func (b *benchBook) close() error {
	if b == nil || b.house == nil {
		return nil
	}
	if err := b.closeHouse(); err != nil {
		return err
	}
	return b.events.close()
}

// submission is an event as it comes in by a door, with the clock where it was sent.
func (b *benchBook) submission(e *benchTold) (ledger.Submission, error) {
	b.clock.set(e.At)
	event, err := events.Decode(e.raw, e.At)
	return ledger.Submission{Event: event, Caller: b.callers[e.Partner]}, err
}

// record records one event.
func (b *benchBook) record(e *benchTold) error {
	_, err := b.recordAt(e)
	return err
}

func (b *benchBook) recordAt(e *benchTold) (events.Position, error) {
	s, err := b.submission(e)
	if err != nil {
		return 0, err
	}
	r, err := b.ledger.Record(context.Background(), s)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", e.raw, err)
	}
	return r.Position, nil
}

// recordAll records events as one batch.
func (b *benchBook) recordAll(list []benchTold) error {
	all := make([]ledger.Submission, len(list))
	for i := range list {
		s, err := b.submission(&list[i])
		if err != nil {
			return err
		}
		all[i] = s
	}
	for i, out := range b.ledger.RecordAll(context.Background(), all) {
		if out.Err != nil {
			return fmt.Errorf("%s: %w", list[i].raw, out.Err)
		}
	}
	return nil
}

// get is a question over HTTP.
func (b *benchBook) get(tb testing.TB, path string) *http.Request {
	return question(tb, b.server.URL, b.token, http.MethodGet, path, nil)
}
