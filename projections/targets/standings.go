package targets

import (
	"bytes"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"huisboek/events"
	"huisboek/projections"
)

// ErrBehind means that the transaction is older than what was read from another one:
// open a new one and ask again. [Standings.View] does.
var ErrBehind = errors.New("the transaction is older than the facts in memory")

// Standings answers questions of targets from the journal in a store of views. It keeps
// what it read, and reads on from there; safe for use by many.
//
// An answer is true for its transaction: facts that went ahead of one, because somebody
// else asked with a newer one, are never given for it. That is seen by the last row that
// was read: it is not there. When none of the last rows is, the store is another one or
// began anew, and everything is read again.
type Standings struct {
	mu     sync.RWMutex // held for reading while a question runs, for writing while facts read on
	live   *Facts
	reader *projections.JournalReader
	trail  []mark       // the last rows that were read, in order
	behind atomic.Int64 // since when every transaction was behind, in nanoseconds since 1970; 0 when one was not

	then     replays
	releases releases
	fitted   fitsOf
	counts   counts
}

// mark is a row that was read.
type mark struct {
	part     projections.Part
	position events.Position
	row      []byte
}

func (m *mark) in(tx projections.Tx) bool {
	return bytes.Equal(m.row, projections.Journal{}.Row(tx, m.part, m.position))
}

const maxTrail = 256

// maxBehind is for how long nobody may come with a newer transaction: then it is the
// store that went back, and it is read anew. A transaction that was opened before a
// write lives for as long as its question.
var maxBehind = time.Minute

// NewStandings has read nothing yet.
func NewStandings() *Standings {
	s := new(Standings)
	s.forget()
	return s
}

func (s *Standings) forget() {
	s.live, s.reader, s.trail = NewFacts(), projections.NewJournalReader(), nil
	s.behind.Store(0)
	s.releases.forget()
}

// Viewer is a store of views.
type Viewer interface {
	View(fn func(tx projections.Tx, at events.Checkpoint) error) error
}

// View runs fn in a View of a store, and again in a newer one for as long as it says
// [ErrBehind]. So everything that is asked in fn is true for one position.
func (s *Standings) View(store Viewer, fn func(tx projections.Tx, at events.Checkpoint) error) error {
	for {
		if err := store.View(fn); !errors.Is(err, ErrBehind) {
			return err
		}
	}
}

// Now runs fn on the facts as tx knows them. fn must not keep them (items it may), and
// must not ask for Now again. Facts that are ahead of tx give ErrBehind.
func (s *Standings) Now(tx projections.Tx, fn func(f *Facts) error) error {
	for {
		done, err := s.try(tx, fn)
		if done || err != nil {
			return err
		}
		if err := s.follow(tx); err != nil {
			return err
		}
	}
}

// try runs fn when the facts are those of tx; done is false when they must read on.
func (s *Standings) try(tx projections.Tx, fn func(f *Facts) error) (done bool, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch s.place(tx) {
	case placeEven:
		s.behind.Store(0)
		return true, fn(s.live)
	case placeBehind:
		return true, ErrBehind
	}
	return false, nil
}

// Where a transaction is, compared with the facts.
const (
	placeEven = iota
	placeAhead
	placeBehind
	placeElsewhere // in another store
)

func (s *Standings) place(tx projections.Tx) int {
	if n := len(s.trail); n > 0 && !s.trail[n-1].in(tx) {
		now := time.Now().UnixNano()
		if !s.behind.CompareAndSwap(0, now) && now-s.behind.Load() > int64(maxBehind) {
			return placeElsewhere
		}
		for i := range s.trail {
			if s.trail[i].in(tx) {
				return placeBehind
			}
		}
		return placeElsewhere
	}
	if (projections.Journal{}).More(tx, projections.Parts[:], s.live.position) {
		return placeAhead
	}
	return placeEven
}

// follow reads on, up to what tx knows.
func (s *Standings) follow(tx projections.Tx) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch s.place(tx) {
	case placeEven, placeBehind: // somebody else was first
		return nil
	case placeElsewhere:
		s.forget()
	}
	trail, err := read(tx, s.reader, s.live, projections.Parts[:], Known{}, s.trail)
	if err != nil {
		s.forget()
		return err
	}
	s.trail = trail
	s.live.settle()
	return nil
}

// read takes the lines of parts into facts, from where they stand up to a moment, and
// gives the last rows that were read, after those of a trail.
func read(tx projections.Tx, j *projections.JournalReader, f *Facts, parts []projections.Part, known Known, trail []mark) ([]mark, error) {
	var last [maxTrail]mark
	n := 0
	err := j.Merged(tx, parts, f.position, func(l *projections.Line) bool {
		if !known.At.IsZero() && l.At.After(known.At) {
			return false
		}
		f.Apply(l)
		last[n%maxTrail] = mark{part: l.Part(), position: l.Position}
		n++
		return true
	})
	for i := max(0, n-maxTrail); i < n; i++ {
		m := last[i%maxTrail]
		m.row = bytes.Clone(projections.Journal{}.Row(tx, m.part, m.position))
		trail = append(trail, m)
	}
	if len(trail) > maxTrail {
		trail = append([]mark(nil), trail[len(trail)-maxTrail:]...)
	}
	return trail, err
}
