package natsstream_test

import (
	"errors"
	"testing"

	"huisboek/adapters/natsstream"
	"huisboek/adapters/natsstream/natstest"
	"huisboek/events"
	"huisboek/ledger"
)

func TestVerify(t *testing.T) {
	e := natstest.Start(t)
	if v, err := e.Stream.Verify(t.Context(), nil); err != nil || v != (natsstream.Verified{}) {
		t.Errorf("an empty stream: %+v, %v", v, err)
	}
	b := &book{id: bookID, who: "a"}
	b.write(t, e.Stream, 1234, 1000)
	var reached events.Position
	v, err := e.Stream.Verify(t.Context(), func(done, total events.Position) {
		if total != 1234 || done < reached {
			t.Errorf("progress %d of %d after %d", done, total, reached)
		}
		reached = done
	})
	want := natsstream.Verified{Book: bookID, Checkpoint: b.at, HighestKey: 1234}
	if err != nil || v != want || reached != 1234 {
		t.Errorf("Verify = %+v, %v, progress to %d; want %+v", v, err, reached, want)
	}
}

func TestCheck(t *testing.T) {
	e := natstest.Start(t)
	b := &book{id: bookID, who: "a"}
	b.write(t, e.Stream, 10, 10)
	ten := b.at
	b.write(t, e.Stream, 1, 1)
	tests := []struct {
		name string
		at   events.Checkpoint
		ok   bool
	}{
		{"none", events.Checkpoint{}, true},
		{"last", b.at, true},
		{"the one before", ten, true},
		{"ahead", events.Checkpoint{Position: 12, Hash: b.at.Hash}, false},
		{"other hash", events.Checkpoint{Position: 10, Hash: b.at.Hash}, false},
	}
	for _, tt := range tests {
		if err := e.Stream.Check(t.Context(), tt.at); (err == nil) != tt.ok || (err != nil && !errors.Is(err, ledger.ErrDamaged)) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	e.Restart()
	if err := e.Stream.Check(t.Context(), b.at); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	e.Kill()
	e.Start()
	if err := e.Stream.Check(t.Context(), b.at); err != nil {
		t.Errorf("after a kill: %v", err)
	}
}
