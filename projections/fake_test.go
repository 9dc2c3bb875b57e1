package projections

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"huisboek/events"
)

// memory is a Store in memory.
type memory struct {
	mu   sync.Mutex
	rows map[string][]byte
	at   events.Checkpoint
}

func newMemory() *memory { return &memory{rows: map[string][]byte{}} }

func (m *memory) View(fn func(Tx, events.Checkpoint) error) error {
	m.mu.Lock()
	rows, at := m.rows, m.at
	m.mu.Unlock()
	return fn(memoryTx{rows}, at)
}

func (m *memory) Update(to events.Checkpoint, fn func(Tx) error) error {
	m.mu.Lock()
	rows := maps.Clone(m.rows)
	m.mu.Unlock()
	if err := fn(memoryTx{rows}); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rows, m.at = rows, to
	return nil
}

func (m *memory) Checkpoint() (events.Checkpoint, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at, nil
}

type memoryTx struct{ rows map[string][]byte }

func (t memoryTx) Get(key []byte) []byte { return t.rows[string(key)] }
func (t memoryTx) Put(key, value []byte) {
	t.rows[string(key)] = append([]byte{}, value...)
}
func (t memoryTx) Delete(key []byte) { delete(t.rows, string(key)) }
func (t memoryTx) Scan(prefix []byte, fn func(k, v []byte) bool) {
	t.ScanFrom(prefix, prefix, fn)
}

func (t memoryTx) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	var keys []string
	for k := range t.rows {
		if strings.HasPrefix(k, string(prefix)) && k >= string(from) {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		if !fn([]byte(k), t.rows[k]) {
			return
		}
	}
}

// tape is a Source of given batches, which then waits, or fails.
type tape struct {
	batches [][]*events.Record
	more    chan []*events.Record // delivered after batches, as they come; nil: none
	fails   error                 // after batches; nil: wait for ctx
	last    events.Position       // 0: that of the last batch
}

func (s *tape) Last(context.Context) (events.Position, error) {
	if s.last != 0 {
		return s.last, nil
	}
	var last events.Position
	for _, b := range s.batches {
		last += events.Position(len(b))
	}
	return last, nil
}

func (s *tape) Follow(ctx context.Context, after events.Checkpoint, max int, fn func([]*events.Record) error) error {
	for _, b := range s.batches {
		for len(b) > 0 && b[0].Position <= after.Position {
			b = b[1:]
		}
		for chunk := range slices.Chunk(b, max) {
			if err := fn(chunk); err != nil {
				return err
			}
		}
	}
	if s.fails != nil {
		return s.fails
	}
	for {
		select {
		case b := <-s.more:
			if err := fn(b); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
