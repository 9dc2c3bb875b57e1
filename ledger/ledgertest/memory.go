package ledgertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"huisboek/events"
	"huisboek/ledger"
)

// Memory is a ledger.Stream, and a projections.Source, in memory. The zero value
// is an empty stream.
type Memory struct {
	// Hook, when it is not nil, decides what becomes of an Append that is in
	// order: whether it is stored, and what its caller hears. The four faults:
	//
	//	false, ledger.ErrFull     failed, not stored, and the caller knows
	//	false, ledger.ErrUnknown  not stored, and the caller does not know
	//	true, ledger.ErrUnknown   stored, and the caller does not know
	//	true, nil                 stored: no fault
	//
	// It may call Put to let somebody else be first; the fence is looked at after.
	Hook func(after events.Position, messages []ledger.Message) (apply bool, err error)

	mu       sync.Mutex
	underWay bool
	stored   []ledger.Message
	grown    chan struct{} // closed at the next Append or Put
}

var _ ledger.Stream = (*Memory)(nil)

// Append stores the messages when after is the last position.
func (m *Memory) Append(ctx context.Context, after events.Position, messages []ledger.Message) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := m.enter(); err != nil {
		return err
	}
	defer m.leave()
	apply, fault := true, error(nil)
	if m.Hook != nil {
		apply, fault = m.Hook(after, messages)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if last := events.Position(len(m.stored)); last != after {
		return fmt.Errorf("%w: last is %d, not %d", ledger.ErrFence, last, after)
	}
	if apply {
		m.put(messages)
	}
	return fault
}

func (m *Memory) enter() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.underWay {
		return errors.New("ledgertest: an append is under way already")
	}
	m.underWay = true
	return nil
}

func (m *Memory) leave() {
	m.mu.Lock()
	m.underWay = false
	m.mu.Unlock()
}

// Put stores messages without asking for a fence, as another ledger would.
func (m *Memory) Put(messages ...ledger.Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.put(messages)
}

func (m *Memory) put(messages []ledger.Message) {
	for _, x := range messages {
		m.stored = append(m.stored, ledger.Message{Name: x.Name, Data: bytes.Clone(x.Data)})
	}
	if m.grown != nil {
		close(m.grown)
		m.grown = nil
	}
}

// Stored gives every message, the first at index 0.
func (m *Memory) Stored() []ledger.Message {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stored[:len(m.stored):len(m.stored)]
}

// Cut drops everything after a position: a tail that was lost.
func (m *Memory) Cut(after events.Position) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.stored = append([]ledger.Message(nil), m.stored[:after]...)
}

// Last is the position of the last message.
func (m *Memory) Last(context.Context) (events.Position, error) {
	return events.Position(len(m.Stored())), nil
}

// Get gives the bytes at a position.
func (m *Memory) Get(_ context.Context, at events.Position) ([]byte, error) {
	if all := m.Stored(); at >= 1 && at <= events.Position(len(all)) {
		return all[at-1].Data, nil
	}
	return nil, fmt.Errorf("%w: position %d", ledger.ErrNoPosition, at)
}

// Read gives the bytes from a position up to the end as it is now.
func (m *Memory) Read(ctx context.Context, from events.Position, fn func(events.Position, []byte) error) error {
	all := m.Stored()
	for p := max(from, 1); p <= events.Position(len(all)); p++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := fn(p, all[p-1].Data); err != nil {
			return err
		}
	}
	return nil
}
