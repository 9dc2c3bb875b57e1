package targets

import (
	"slices"
	"sync"
	"time"

	"huisboek/projections"
)

// replays are the facts as known at the moments that were asked for last.
type replays struct {
	mu   sync.Mutex
	list []*replay // the last asked first
}

// The most that is kept: replays, and items in all of them.
const (
	maxReplays       = 4
	maxReplayedItems = 1_000_000
)

// replay is the facts as known at one moment. It is made once, and read by many.
type replay struct {
	at    time.Time
	parts string

	mu    sync.Mutex // held while it is made
	facts *Facts
	last  []mark
	items int // under the mutex of replays
}

// As is the facts as known at a moment, read from the journal up to there; now, when it
// is zero. Without parts it is all of them; what was taken back and who takes part are
// always read. Employers of which the links are not read ([projections.PartEmployers])
// are each their own. The facts are for reading only, and may be kept.
func (s *Standings) As(tx projections.Tx, known Known, parts ...projections.Part) (*Facts, error) {
	if len(parts) == 0 {
		parts = projections.Parts[:]
	}
	parts = append(slices.Clone(parts), projections.PartTakenBack, projections.PartRegion)
	slices.Sort(parts)
	parts = slices.Compact(parts)

	r := s.then.find(known.At, parts)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.facts != nil {
		if r.current(tx, known, parts) {
			return r.facts, nil
		}
		if len(r.last) > 0 && !r.last[0].in(tx) { // of a newer transaction, or of another store
			f, last, err := replayed(tx, known, parts)
			if err == nil && (len(last) == 0 || last[0].position >= r.last[0].position) {
				r.facts, r.last = f, last
			}
			return f, err
		}
	}
	f, last, err := replayed(tx, known, parts)
	if err != nil {
		return nil, err
	}
	r.facts, r.last = f, last
	items := 0
	for _, part := range shelved {
		items += f.Len(part)
	}
	s.then.made(r, items)
	return f, nil
}

// replayed reads everything up to a moment, and gives the last row of it.
func replayed(tx projections.Tx, known Known, parts []projections.Part) (*Facts, []mark, error) {
	f := NewFacts(parts...)
	trail, err := read(tx, projections.NewJournalReader(), f, parts, known, nil)
	if err != nil {
		return nil, nil, err
	}
	f.settle()
	return f, trail[max(0, len(trail)-1):], nil
}

// current reports whether the facts are those that tx has of that moment: their last row
// is there, and no other up to that moment after it.
func (r *replay) current(tx projections.Tx, known Known, parts []projections.Part) bool {
	if len(r.last) > 0 && !r.last[0].in(tx) {
		return false
	}
	if known.At.IsZero() {
		return !projections.Journal{}.More(tx, parts, r.facts.position)
	}
	more := false
	err := projections.NewJournalReader().Merged(tx, parts, r.facts.position, func(l *projections.Line) bool {
		more = !l.At.After(known.At)
		return false
	})
	return err == nil && !more
}

// find is the replay of a moment, made or still to be made; the oldest make way.
func (r *replays) find(at time.Time, parts []projections.Part) *replay {
	r.mu.Lock()
	defer r.mu.Unlock()
	names := make([]byte, len(parts))
	for i, part := range parts {
		names[i] = byte(part)
	}
	i := slices.IndexFunc(r.list, func(x *replay) bool { return x.at.Equal(at) && x.parts == string(names) })
	var x *replay
	if i < 0 {
		x = &replay{at: at, parts: string(names)}
	} else {
		x = r.list[i]
		r.list = slices.Delete(r.list, i, i+1)
	}
	r.list = slices.Insert(r.list, 0, x)
	r.list = r.list[:min(len(r.list), maxReplays)]
	return x
}

// made notes how large a replay came out, and lets the oldest go when all are too large.
func (r *replays) made(x *replay, items int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x.items = items
	sum := 0
	for i, x := range r.list {
		if sum += x.items; i > 0 && sum > maxReplayedItems {
			r.list = slices.Delete(r.list, i, len(r.list))
			return
		}
	}
}
