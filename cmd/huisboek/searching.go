package main

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"huisboek/events"
	"huisboek/projections"
	"huisboek/projections/search"
)

const (
	// searchPart is how many employers are read at a time: their seals are opened in
	// the order of their keys, since keys in any order are each another block to load.
	searchPart = 10_000
	// searchRound is how many employers are read with one pass over the key stream. The
	// keys of that many are in memory meanwhile: some dozens of bytes for each.
	searchRound = 500_000
	// searchContacts is how many of an employer's contacts are looked at for
	// establishments and the last contact.
	searchContacts = projections.MaxContacts
	// searchAgain is how long after a fault the same is tried again.
	searchAgain = 5 * time.Second
	// searchDay is how often is looked whether another day has begun.
	searchDay = time.Minute
)

// searcher keeps the employers that can be searched: it reads all of them once,
// and then those that records touch. Names are in the clear in its index and
// nowhere else.
type searcher struct {
	view   func(func(projections.Tx, events.Checkpoint) error) error // of the views
	unseal unsealer                                                  // the ledger's
	all    unsealerOf                                                // the ledger's
	follow func(ctx context.Context) error                           // until the views have caught up with the book
	now    func() time.Time
	log    *slog.Logger
	found  *search.Index
	wake   chan struct{} // something is in touched

	mu      sync.Mutex // guards what follows
	filled  bool
	seen    events.Position        // the last batch that was told of
	at      events.Position        // what the index is true for
	moved   chan struct{}          // closed when at moves; made by whoever waits
	touched map[string]bool        // employers to read again
	erased  map[events.KeyID]bool  // whatever the ledger still answers: it may hear later than the views
	erasure events.Position        // the last that was recorded: before the index is true for it, names in it may be erased
	day     events.Date            // of the last reading
	ahead   map[string]events.Date // of employers with a plan after the day on which they were read, the first such day
	fold    *searchedViews
}

type (
	// unsealer opens a member of a record: ledger.Unseal.
	unsealer = func(ctx context.Context, source, id, path string, seal events.Seal) ([]byte, error)
	// unsealerOf opens many, with keys that are read at once: ledger.Unsealer.
	unsealerOf = func(ctx context.Context, keys []events.KeyID) (unsealer, error)
)

// newSearcher is a searcher with nothing in it yet. view, unseal with all, and now are of
// the views, the ledger and the clock; follow returns when the views have caught up.
func newSearcher(
	view func(func(projections.Tx, events.Checkpoint) error) error,
	unseal unsealer, all unsealerOf,
	follow func(ctx context.Context) error,
	now func() time.Time, log *slog.Logger,
) *searcher {
	s := &searcher{
		view: view, unseal: unseal, all: all, follow: follow, now: now, log: log,
		found: search.New(), wake: make(chan struct{}, 1),
		touched: map[string]bool{}, erased: map[events.KeyID]bool{}, ahead: map[string]events.Date{},
	}
	s.fold = &searchedViews{Touching: projections.NewTouching()}
	return s
}

// searchedViews is the fold of all views that remembers which employers, and which
// erased keys, the searcher must look at.
type searchedViews struct {
	*projections.Touching
	erased []events.KeyID
}

// Apply implements projections.Fold.
func (v *searchedViews) Apply(tx projections.Tx, r *events.Record) error {
	if d, ok := r.Event.Data.(*events.DataErased); ok {
		v.erased = append(v.erased, d.Keys...)
	}
	return v.Touching.Apply(tx, r)
}

// views is the fold that the views' runner must run with, for batch to be told.
func (s *searcher) views() projections.Fold { return s.fold }

// batch takes what the last batch touched, and to where it came: the runner's
// OnBatch calls it.
func (s *searcher) batch(at events.Position) {
	touched, erased := s.fold.Take(), s.fold.erased
	s.fold.erased = nil
	s.mu.Lock()
	s.seen = at
	for _, k := range touched {
		s.touched[k] = true
	}
	for _, id := range erased {
		s.erased[id] = true
	}
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// index is the employers; nil until all were read, and from an erasure on until it
// follows that.
func (s *searcher) index() *search.Index {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.filled || s.at < s.erasure {
		return nil
	}
	return s.found
}

// forget lets nothing be found until the index is true for an erasure, which was
// recorded at this position: whether and when the views come to it is not known.
// Of no searcher there is nothing to forget.
func (s *searcher) forget(at events.Position) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.erasure = max(s.erasure, at)
}

// run reads all employers, and then follows the views until ctx ends. What cannot
// be read is tried again: an employer that is not up to date is no reason to stop
// the book.
func (s *searcher) run(ctx context.Context) {
	steps := []func(context.Context) error{s.follow, s.fill}
	days := time.NewTicker(searchDay)
	defer days.Stop()
	for ctx.Err() == nil {
		step := s.refresh
		if len(steps) > 0 {
			step = steps[0]
		}
		err := step(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.log.Error("employers cannot be read for searching and are tried again", "err", err)
			if sleep(ctx, searchAgain) != nil {
				return
			}
		case len(steps) > 0:
			steps = steps[1:]
		default:
			select {
			case <-s.wake:
			case <-days.C:
			case <-ctx.Done():
				return
			}
		}
	}
}

// fill reads every employer. What is touched meanwhile is read again after it.
func (s *searcher) fill(ctx context.Context) error {
	began := time.Now()
	s.takeTouched() // fill sees what those batches did
	for after := ""; ; {
		round, keys, err := s.round(after)
		if err != nil {
			return err
		}
		if len(round) == 0 {
			break
		}
		unseal, err := s.all(ctx, keys)
		if err != nil {
			return fmt.Errorf("keys of the employers after %q: %w", after, err)
		}
		for part := range slices.Chunk(round, searchPart) {
			if err := s.put(ctx, part, unseal); err != nil {
				return err
			}
		}
		after = round[len(round)-1]
	}
	if err := s.refresh(ctx); err != nil { // erasures before anything can be found
		return err
	}
	s.mu.Lock()
	s.filled = true
	s.mu.Unlock()
	debug.FreeOSMemory() // reading all of them took several times what is kept
	s.log.Info("employers can be searched", "employers", s.found.Len(), "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// round is the employers after one ("" to begin) that are read together, and the keys of
// the seals on their cards, in order.
func (s *searcher) round(after string) ([]string, []events.KeyID, error) {
	var round []string
	var keys []events.KeyID
	for more := true; more && len(round) < searchRound; {
		err := s.view(func(tx projections.Tx, at events.Checkpoint) error {
			if after == "" {
				s.mu.Lock()
				s.seen = max(s.seen, at.Position)
				s.mu.Unlock()
			}
			part, err := projections.Employers{}.Every(tx, after, searchPart)
			if err != nil || len(part) == 0 {
				more = false
				return err
			}
			round, after = append(round, part...), part[len(part)-1]
			keys, err = sealKeys(tx, keys, part)
			return err
		})
		if err != nil {
			return nil, nil, fmt.Errorf("employers after %q: %w", after, err)
		}
	}
	slices.Sort(keys)
	return round, slices.Compact(keys), nil
}

// refresh reads again what was touched. After a fault it is still to be done.
func (s *searcher) refresh(ctx context.Context) error {
	touched, at := s.takeTouched()
	for part := range slices.Chunk(touched, searchPart) {
		if err := s.put(ctx, part, s.unseal); err != nil {
			s.mu.Lock()
			for _, k := range touched {
				s.touched[k] = true
			}
			s.mu.Unlock()
			return err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = at
	if s.moved != nil {
		close(s.moved)
		s.moved = nil
	}
	return nil
}

// takeTouched is what to read again, and what the index is true for after that. On
// another day that is also who had a plan for it or for a day before it.
func (s *searcher) takeTouched() ([]string, events.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if today := events.DateOf(s.now()); today != s.day {
		s.day = today
		for k, day := range s.ahead {
			if day <= today {
				s.touched[k] = true
			}
		}
	}
	list := slices.Sorted(maps.Keys(s.touched))
	clear(s.touched)
	return list, s.seen
}

// position is what the index is true for.
func (s *searcher) position() events.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

// waitFor waits until the index is true for a position, and says for which it is.
func (s *searcher) waitFor(ctx context.Context, p events.Position) (events.Position, error) {
	for {
		s.mu.Lock()
		at := s.at
		if at < p && s.moved == nil {
			s.moved = make(chan struct{})
		}
		moved := s.moved
		s.mu.Unlock()
		if at >= p {
			return at, nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return at, context.Cause(ctx)
		}
	}
}
