package natsstream_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"huisboek/adapters/natsstream/natstest"
	"huisboek/events"
	"huisboek/ledger"
)

var errEnough = errors.New("enough")

// follow reads until position to and gives what it read.
func follow(t *testing.T, e *natstest.Env, after events.Checkpoint, to events.Position, max int) (all []*events.Record, err error) {
	t.Helper()
	err = e.Stream.Follow(t.Context(), after, max, func(batch []*events.Record) error {
		if len(batch) == 0 || len(batch) > max {
			t.Errorf("a batch of %d, at most %d", len(batch), max)
		}
		all = append(all, batch...)
		if all[len(all)-1].Position >= to {
			return errEnough
		}
		return nil
	})
	for i, r := range all {
		if want := after.Position + events.Position(i) + 1; r.Position != want {
			t.Fatalf("position %d where %d should be", r.Position, want)
		}
	}
	return all, err
}

func TestFollow(t *testing.T) {
	e := natstest.Start(t)
	b := &book{id: bookID, who: "a"}
	b.write(t, e.Stream, 100, 100)
	middle := b.at
	b.write(t, e.Stream, 1900, 500)
	for name, from := range map[string]events.Checkpoint{"start": {}, "middle": middle} {
		all, err := follow(t, e, from, 2000, 300)
		if !errors.Is(err, errEnough) || len(all) != int(2000-from.Position) {
			t.Errorf("from the %s: %d records, %v", name, len(all), err)
		}
	}
}

func TestFollowGoesOn(t *testing.T) {
	e := natstest.Start(t)
	b := &book{id: bookID, who: "a"}
	seen := make(chan events.Position, 1)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- e.Stream.Follow(ctx, events.Checkpoint{}, 10, func(batch []*events.Record) error {
			seen <- batch[len(batch)-1].Position
			return nil
		})
	}()
	for range 20 {
		b.write(t, e.Stream, 1, 1)
		if p := <-seen; p != b.at.Position {
			t.Errorf("saw %d, want %d", p, b.at.Position)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Follow ended with %v", err)
	}
}

// The connection is dropped by the server while a reader is under way: it goes
// on where it was.
func TestFollowSurvivesReconnect(t *testing.T) {
	e := natstest.Start(t)
	b := &book{id: bookID, who: "a"}
	b.write(t, e.Stream, 5000, 5000)
	dropped := false
	n := 0
	err := e.Stream.Follow(t.Context(), events.Checkpoint{}, 100, func(batch []*events.Record) error {
		n += len(batch)
		if n >= 1000 && !dropped {
			dropped = true
			if err := e.Conn.ForceReconnect(); err != nil {
				return err
			}
		}
		if n == 5000 {
			return errEnough
		}
		return nil
	})
	if !errors.Is(err, errEnough) || !dropped {
		t.Errorf("%d records, %v", n, err)
	}
}

func TestFollowEndsWithTheConnection(t *testing.T) {
	e := natstest.Start(t)
	b := &book{id: bookID, who: "a"}
	b.write(t, e.Stream, 1, 1)
	err := e.Stream.Follow(t.Context(), events.Checkpoint{}, 10, func([]*events.Record) error {
		e.Conn.Close()
		return nil
	})
	if err == nil || errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("Follow on a closed connection: %v", err)
	}
}

// What does not follow the record before it stops the reader, with the stream's
// name, the position and what is wrong.
func TestFollowRefuses(t *testing.T) {
	tests := []struct {
		name string
		// spoil appends to a stream with ten records of b and gives where to follow from.
		spoil func(t *testing.T, e *natstest.Env, b *book) events.Checkpoint
		want  string
	}{
		{"no record", func(t *testing.T, e *natstest.Env, b *book) events.Checkpoint {
			put(t, e, 10, []byte("{}"))
			return events.Checkpoint{}
		}, "stream HUISBOEK_AM36, position 11: no record"},
		{"another chain", func(t *testing.T, e *natstest.Env, b *book) events.Checkpoint {
			other := &book{id: bookID, at: events.Checkpoint{Position: 10}}
			put(t, e, 10, other.record(t).Data)
			return events.Checkpoint{}
		}, "position 11: the record follows one with hash AAAA"},
		{"another position", func(t *testing.T, e *natstest.Env, b *book) events.Checkpoint {
			other := &book{id: bookID, at: events.Checkpoint{Position: 41, Hash: b.at.Hash}}
			put(t, e, 10, other.record(t).Data)
			return events.Checkpoint{}
		}, "position 11: the record says it is position 42"},
		{"another book", func(t *testing.T, e *natstest.Env, b *book) events.Checkpoint {
			b.id = "01998a5e-7d1c-7000-8000-000000000002"
			put(t, e, 10, b.record(t).Data)
			return events.Checkpoint{}
		}, "position 11: the record is of book 01998a5e-7d1c-7000-8000-000000000002"},
		{"another checkpoint", func(t *testing.T, e *natstest.Env, b *book) events.Checkpoint {
			return events.Checkpoint{Position: 5}
		}, "position 6: the record follows one with hash"},
		{"a checkpoint ahead", func(t *testing.T, e *natstest.Env, b *book) events.Checkpoint {
			return events.Checkpoint{Position: 11}
		}, "ends at position 10, and 11 was there before"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := natstest.Start(t)
			b := &book{id: bookID, who: "a"}
			b.write(t, e.Stream, 10, 10)
			from := tt.spoil(t, e, b)
			all, err := follow(t, e, from, 1000, 100)
			if !errors.Is(err, ledger.ErrDamaged) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v; want ErrDamaged with %q", err, tt.want)
			}
			if from.Position == 0 && len(all) != 10 {
				t.Errorf("%d records before the damage, want 10", len(all))
			}
			if _, err := e.Stream.Verify(t.Context(), nil); from.Position == 0 && !errors.Is(err, ledger.ErrDamaged) {
				t.Errorf("Verify: %v", err)
			}
		})
	}
}

func put(t *testing.T, e *natstest.Env, after events.Position, data []byte) {
	t.Helper()
	if err := e.Stream.Append(t.Context(), after, []ledger.Message{{Name: "proef", Data: data}}); err != nil {
		t.Fatal(err)
	}
}
