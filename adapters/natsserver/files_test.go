package natsserver_test

import (
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats.go/jetstream"

	"huisboek/adapters/natsserver"
)

// One wrong bit in a sequence would make the server note every sequence up to it,
// until there is no memory left: it is found before the server reads.
func TestDamagedSequence(t *testing.T) {
	seed, _ := natsserver.NewAccountSeed()
	c := natsserver.Config{Dir: t.TempDir(), Ledger: seed, MaxStore: 1 << 24}
	s := startWith(t, c)
	nc, err := s.Connect(natsserver.User{Name: "proef", Publish: []string{"$JS.API.>", "proef"}, Subscribe: []string{"_INBOX.>"}})
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "PROEF", Subjects: []string{"proef"}})
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		if _, err := js.Publish(t.Context(), "proef", []byte("inhoud")); err != nil {
			t.Fatal(err)
		}
	}
	if err := stream.SecureDeleteMsg(t.Context(), 4); err != nil {
		t.Fatal(err)
	}
	folder := s.StreamDir("PROEF")
	s.Shutdown()
	path := filepath.Join(folder, "msgs", "1.blk")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	heads := []int{0}
	for at := 0; at < len(whole); {
		at += int(binary.LittleEndian.Uint32(whole[at:]) &^ (1 << 31))
		heads = append(heads, at)
	}
	const message = 6 // of ten, and what was erased
	for _, tt := range []struct {
		name   string
		change func(b []byte) []byte
		found  bool
	}{
		{"Whole", func(b []byte) []byte { return b }, false},
		{"HighBit", func(b []byte) []byte { b[heads[message]+4+5] ^= 1 << 3; return b }, true},
		{"TopBits", func(b []byte) []byte { b[heads[message]+4+7] ^= 1 << 5; return b }, true},
		{"FirstOfAll", func(b []byte) []byte { b[4+6] ^= 1; return b }, true},
		{"LowBit", func(b []byte) []byte { b[heads[message]+4] ^= 1 << 6; return b }, false}, // the chain and the count see it
		{"BrokenOff", func(b []byte) []byte { return b[:heads[message]+9] }, false},          // a crash does that
		{"Length", func(b []byte) []byte { b[heads[message]+3] ^= 1; return b }, false},      // the server sees it
		{"Empty", func([]byte) []byte { return nil }, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := os.WriteFile(path, tt.change(append([]byte(nil), whole...)), 0o600); err != nil {
				t.Fatal(err)
			}
			err := natsserver.CheckFiles(folder)
			if found := errors.Is(err, natsserver.ErrDamaged); found != tt.found || !found && err != nil {
				t.Fatalf("CheckFiles: %v", err)
			}
			if !tt.found {
				return
			}
			if text := err.Error(); !strings.Contains(text, "stream PROEF, behind position") || !strings.Contains(text, "of 1.blk") {
				t.Errorf("says %s", text)
			}
			if s, err := natsserver.Start(c); !errors.Is(err, natsserver.ErrDamaged) {
				t.Errorf("started all the same: %v", err)
				s.Shutdown()
			}
		})
	}
	if err := natsserver.CheckFiles(filepath.Join(folder, "is-er-niet")); err != nil {
		t.Errorf("no stream: %v", err)
	}
}
