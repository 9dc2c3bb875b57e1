package ledgertest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"huisboek/events"
	"huisboek/ledger"
)

// TestStream is what every ledger.Stream must do. open gives an empty stream.
func TestStream(t *testing.T, open func(t *testing.T) ledger.Stream) {
	for name, test := range map[string]func(*testing.T, ledger.Stream){
		"empty":               testEmpty,
		"grows":               testGrows,
		"fence":               testFence,
		"reads from anywhere": testRead,
		"keeps its own copy":  testCopy,
		"context":             testContext,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// Batch makes n messages with different contents.
func Batch(n int) []ledger.Message {
	all := make([]ledger.Message, n)
	for i := range all {
		all[i] = ledger.Message{Name: "bezoek-gepland", Data: fmt.Appendf(nil, "bericht %d van %d\x00", i, n)}
	}
	return all
}

func testEmpty(t *testing.T, s ledger.Stream) {
	wantLast(t, s, 0)
	wantStored(t, s, 1, nil)
	wantNone(t, s, 0, 1, 1<<40)
}

// wantNone: past the end there is nothing, and nothing is damaged.
func wantNone(t *testing.T, s ledger.Stream, positions ...events.Position) {
	t.Helper()
	for _, at := range positions {
		if _, err := s.Get(t.Context(), at); !errors.Is(err, ledger.ErrNoPosition) || errors.Is(err, ledger.ErrDamaged) {
			t.Errorf("Get(%d): %v, want ErrNoPosition", at, err)
		}
	}
}

func testGrows(t *testing.T, s ledger.Stream) {
	var all []ledger.Message
	for _, n := range []int{1, 1, 2, 1, 999, 1, 2500} {
		batch := Batch(n)
		if err := s.Append(t.Context(), events.Position(len(all)), batch); err != nil {
			t.Fatalf("Append of %d after %d: %v", n, len(all), err)
		}
		all = append(all, batch...)
		wantLast(t, s, events.Position(len(all)))
	}
	wantStored(t, s, 1, all)
	wantNone(t, s, 0, events.Position(len(all))+1)
	for _, at := range []int{1, 2, 4, 500, len(all)} {
		got, err := s.Get(t.Context(), events.Position(at))
		if err != nil || !bytes.Equal(got, all[at-1].Data) {
			t.Errorf("Get(%d) = %q, %v; want %q", at, got, err, all[at-1].Data)
		}
	}
}

func testFence(t *testing.T, s ledger.Stream) {
	mustAppend(t, s, 0, Batch(3))
	for _, after := range []events.Position{0, 2, 4, 1 << 40} {
		for _, n := range []int{1, 2, 100} {
			if err := s.Append(t.Context(), after, Batch(n)); !errors.Is(err, ledger.ErrFence) {
				t.Errorf("Append of %d after %d, last is 3: %v, want ErrFence", n, after, err)
			}
		}
	}
	wantStored(t, s, 1, Batch(3))
	mustAppend(t, s, 3, Batch(2)) // and it goes on as if nothing happened
	wantLast(t, s, 5)
}

func testRead(t *testing.T, s ledger.Stream) {
	all := Batch(1000)
	mustAppend(t, s, 0, all)
	for _, from := range []int{0, 1, 2, 500, 990, 1000} {
		wantStored(t, s, events.Position(from), all[max(from, 1)-1:])
	}
	wantStored(t, s, 1001, nil)
	enough := errors.New("enough")
	for _, from := range []events.Position{1, 995} {
		calls := 0
		err := s.Read(t.Context(), from, func(events.Position, []byte) error {
			calls++
			return enough
		})
		if !errors.Is(err, enough) || calls != 1 {
			t.Errorf("Read from %d went on after an error: %d calls, %v", from, calls, err)
		}
	}
}

func testCopy(t *testing.T, s ledger.Stream) {
	data := []byte("eerst")
	mustAppend(t, s, 0, []ledger.Message{{Name: "bezoek-gepland", Data: data}})
	copy(data, "later")
	wantStored(t, s, 1, []ledger.Message{{Data: []byte("eerst")}})
}

func testContext(t *testing.T, s ledger.Stream) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Append(ctx, 0, Batch(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Append with a context that has ended: %v", err)
	}
	wantLast(t, s, 0)
}

func mustAppend(t *testing.T, s ledger.Stream, after events.Position, messages []ledger.Message) {
	t.Helper()
	if err := s.Append(t.Context(), after, messages); err != nil {
		t.Fatalf("Append of %d after %d: %v", len(messages), after, err)
	}
}

func wantLast(t *testing.T, s ledger.Stream, want events.Position) {
	t.Helper()
	if got, err := s.Last(t.Context()); err != nil || got != want {
		t.Errorf("Last = %d, %v; want %d", got, err, want)
	}
}

func wantStored(t *testing.T, s ledger.Stream, from events.Position, want []ledger.Message) {
	t.Helper()
	next, i := max(from, 1), 0
	err := s.Read(t.Context(), from, func(at events.Position, data []byte) error {
		if at != next {
			t.Fatalf("Read from %d: position %d where %d should be", from, at, next)
		}
		if i < len(want) && !bytes.Equal(data, want[i].Data) {
			t.Fatalf("position %d holds %q, want %q", at, data, want[i].Data)
		}
		next, i = next+1, i+1
		return nil
	})
	if err != nil || i != len(want) {
		t.Errorf("Read from %d gave %d messages, %v; want %d", from, i, err, len(want))
	}
}
