package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/go-json-experiment/json"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
	"huisboek/projections/search"
)

const (
	// searchPart is how many employers are read at a time: their seals are opened in
	// the order of their keys, since keys in any order are each another block to load.
	searchPart = 10_000
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
	view   func(func(projections.Tx, events.Checkpoint) error) error                            // of the views
	unseal func(ctx context.Context, source, id, path string, seal events.Seal) ([]byte, error) // the ledger's
	follow func(ctx context.Context) error                                                      // until the views have caught up with the book
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

// newSearcher is a searcher with nothing in it yet. view, unseal and now are of the
// views, the ledger and the clock; follow returns when the views have caught up.
func newSearcher(
	view func(func(projections.Tx, events.Checkpoint) error) error,
	unseal func(ctx context.Context, source, id, path string, seal events.Seal) ([]byte, error),
	follow func(ctx context.Context) error,
	now func() time.Time, log *slog.Logger,
) *searcher {
	s := &searcher{
		view: view, unseal: unseal, follow: follow, now: now, log: log,
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

// ready reports whether all employers were read.
func (s *searcher) ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.filled
}

// index is the employers; nil until it is ready, and from an erasure on until it
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
		var part []string
		err := s.view(func(tx projections.Tx, at events.Checkpoint) (err error) {
			if after == "" {
				s.mu.Lock()
				s.seen = max(s.seen, at.Position)
				s.mu.Unlock()
			}
			part, err = projections.Employers{}.Every(tx, after, searchPart)
			return err
		})
		if err != nil {
			return fmt.Errorf("employers after %q: %w", after, err)
		}
		if len(part) == 0 {
			break
		}
		if err := s.put(ctx, part); err != nil {
			return err
		}
		after = part[len(part)-1]
	}
	if err := s.refresh(ctx); err != nil { // erasures before anything can be found
		return err
	}
	s.mu.Lock()
	s.filled = true
	s.mu.Unlock()
	s.log.Info("employers can be searched", "employers", s.found.Len(), "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// refresh reads again what was touched. After a fault it is still to be done.
func (s *searcher) refresh(ctx context.Context) error {
	touched, at := s.takeTouched()
	for part := range slices.Chunk(touched, searchPart) {
		if err := s.put(ctx, part); err != nil {
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

// sketch is an entry of which the names are still sealed.
type sketch struct {
	search.Entry
	cards []*projections.Card // newest first
	ahead events.Date         // the first day after today on which it has a plan
	empty bool                // the views know nothing of it (any more)
}

// put brings the entries of some employers, and of whom they are one with, up to
// what the views say now. A link or unlink touches both its ends, and from those
// everybody is reached who was in one entry before it.
func (s *searcher) put(ctx context.Context, employers []string) error {
	var sketches []sketch
	err := s.view(func(tx projections.Tx, _ events.Checkpoint) error {
		done := make(map[string]bool, len(employers))
		for _, k := range employers {
			if done[k] {
				continue
			}
			e, err := s.sketch(tx, k)
			if err != nil {
				return fmt.Errorf("employer %s: %w", k, err)
			}
			done[k] = true
			for _, same := range e.Keys {
				done[same] = true
			}
			sketches = append(sketches, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.open(ctx, sketches); err != nil {
		return err
	}
	for i := range sketches {
		if sketches[i].empty {
			s.found.Drop(sketches[i].Keys[0])
		} else {
			s.found.Put(sketches[i].Entry)
		}
		s.awaits(&sketches[i])
	}
	return nil
}

// awaits keeps the day on which an employer must be read again, if there is one.
func (s *searcher) awaits(e *sketch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range e.Keys {
		delete(s.ahead, k)
	}
	if e.ahead != "" {
		s.ahead[e.Keys[0]] = e.ahead
	}
}

// sketch is what the views say of an employer.
func (s *searcher) sketch(tx projections.Tx, employer string) (e sketch, err error) {
	view := projections.NewEmployers()
	keys, err := view.Same(tx, employer)
	if err != nil {
		return e, err
	}
	preferred, err := view.Preferred(tx, keys)
	if err != nil {
		return e, err
	}
	slices.SortFunc(keys, func(a, b string) int { // the one to use first, then in order: whoever was asked for
		return cmp.Or(-compareBool(a == preferred, b == preferred), cmp.Compare(a, b))
	})
	e.Keys = keys
	linked := false
	for _, k := range keys {
		card, err := view.Card(tx, []string{k})
		if err != nil {
			return e, err
		}
		if card != nil {
			e.cards = append(e.cards, card)
		}
		links, err := view.Links(tx, k)
		if err != nil {
			return e, err
		}
		linked = linked || len(links) > 0
		for _, l := range links {
			other := l.With
			if other == k {
				other = l.Employer
			}
			if l.Kind == "" || l.Holds {
				e.Settled = append(e.Settled, other)
			}
		}
	}
	slices.SortFunc(e.cards, func(a, b *projections.Card) int { return cmp.Compare(b.Position, a.Position) })
	for _, c := range e.cards {
		e.Gemeente = cmp.Or(e.Gemeente, c.Gemeente)
		if c.Establishment != "" {
			e.Establishments = append(e.Establishments, c.Establishment)
		}
	}
	known, err := s.contacts(tx, &e)
	if err != nil {
		return e, err
	}
	e.empty = !known && !linked && len(e.cards) == 0
	slices.Sort(e.Settled)
	e.Settled = slices.Compact(e.Settled)
	slices.Sort(e.Establishments)
	e.Establishments = slices.Compact(e.Establishments)
	return e, nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// contacts adds what the timeline knows: establishments, and the day of the last
// visit or plan up to today. known is false when there are neither contacts nor
// fixed ones.
func (s *searcher) contacts(tx projections.Tx, e *sketch) (known bool, err error) {
	today := events.DateOf(s.now())
	view := projections.NewEmployers()
	list, _, err := view.Contacts(tx, e.Keys, nil, "", searchContacts)
	if err != nil {
		return false, err
	}
	for i := range list {
		c := &list[i]
		if c.Establishment != "" {
			e.Establishments = append(e.Establishments, c.Establishment)
		}
		visit := c.Type == events.TypeVisitMade || c.Type == events.TypeVisitPlanned && c.Status != projections.StatusCalledOff
		switch {
		case !visit:
		case c.To <= today:
			e.LastContact = max(e.LastContact, c.To)
		case e.ahead == "" || c.To < e.ahead:
			e.ahead = c.To
		}
	}
	if e.LastContact == "" && len(list) == searchContacts { // it lies further back
		last, err := view.LastVisit(tx, e.Keys, today)
		if err != nil {
			return false, err
		}
		if last != nil {
			e.LastContact = last.To
		}
	}
	fixed, err := view.FixedContacts(tx, e.Keys)
	return len(list)+len(fixed) > 0, err
}

// member is a sealed member of a card, with where it goes once it is open.
type member struct {
	card *projections.Card
	path string
	seal *events.Seal
	to   *string
}

// open opens the seals of sketches in the order of their keys. A member of which
// the key was erased stays empty.
func (s *searcher) open(ctx context.Context, sketches []sketch) error {
	type opened struct{ name, place, postcode string }
	cards := make([][]opened, len(sketches))
	var members []member
	for i := range sketches {
		cards[i] = make([]opened, len(sketches[i].cards))
		for j, c := range sketches[i].cards {
			o := &cards[i][j]
			for _, m := range [...]member{{c, "/naam", c.Name.Seal, &o.name}, {c, "/plaats", c.Place.Seal, &o.place}, {c, "/postcode", c.Postcode.Seal, &o.postcode}} {
				if m.seal != nil {
					members = append(members, m)
				}
			}
		}
	}
	slices.SortStableFunc(members, func(a, b member) int { return cmp.Compare(a.seal.Key, b.seal.Key) })
	for _, m := range members {
		if err := s.openMember(ctx, m); err != nil {
			return fmt.Errorf("unseal %s of position %d: %w", m.path, m.card.Position, err)
		}
	}
	for i := range sketches {
		e := &sketches[i].Entry
		for _, o := range cards[i] {
			if o.name != "" && !slices.Contains(e.Names, o.name) {
				e.Names = append(e.Names, o.name)
			}
			e.Place, e.Postcode = cmp.Or(e.Place, o.place), cmp.Or(e.Postcode, o.postcode)
		}
	}
	return nil
}

func (s *searcher) openMember(ctx context.Context, m member) error {
	s.mu.Lock()
	gone := s.erased[m.seal.Key]
	s.mu.Unlock()
	if gone {
		return nil
	}
	plain, err := s.unseal(ctx, m.card.Source, m.card.ID, m.path, *m.seal)
	if errors.Is(err, ledger.ErrErased) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, m.to)
}
