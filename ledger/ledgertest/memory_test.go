package ledgertest_test

import (
	"errors"
	"testing"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

func TestMemory(t *testing.T) {
	ledgertest.TestStream(t, func(*testing.T) ledger.Stream { return new(ledgertest.Memory) })
}

func TestMemoryKeys(t *testing.T) {
	ledgertest.TestKeys(t, func(*testing.T) ledger.Keys { return new(ledgertest.MemoryKeys) })
}

func TestHook(t *testing.T) {
	foreign := ledger.Message{Name: "bezoek-gepland", Data: []byte("van een ander")}
	tests := []struct {
		name  string
		apply bool
		err   error
		put   bool
		want  error
		last  events.Position
	}{
		{name: "stored", apply: true, last: 1},
		{name: "not stored", err: ledger.ErrFull, want: ledger.ErrFull},
		{name: "not stored, not known", err: ledger.ErrUnknown, want: ledger.ErrUnknown},
		{name: "stored, not known", apply: true, err: ledger.ErrUnknown, want: ledger.ErrUnknown, last: 1},
		{name: "somebody else first", apply: true, put: true, want: ledger.ErrFence, last: 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := new(ledgertest.Memory)
			m.Hook = func(events.Position, []ledger.Message) (bool, error) {
				if tt.put {
					m.Put(foreign)
				}
				return tt.apply, tt.err
			}
			if err := m.Append(t.Context(), 0, ledgertest.Batch(1)); !errors.Is(err, tt.want) {
				t.Errorf("Append: %v, want %v", err, tt.want)
			}
			if last, _ := m.Last(t.Context()); last != tt.last {
				t.Errorf("last is %d, want %d", last, tt.last)
			}
		})
	}
}

func TestOneUnderWay(t *testing.T) {
	m := new(ledgertest.Memory)
	m.Hook = func(after events.Position, _ []ledger.Message) (bool, error) {
		if err := m.Append(t.Context(), after, ledgertest.Batch(1)); err == nil {
			t.Error("a second append was let in")
		}
		return true, nil
	}
	if err := m.Append(t.Context(), 0, ledgertest.Batch(1)); err != nil {
		t.Error(err)
	}
}
