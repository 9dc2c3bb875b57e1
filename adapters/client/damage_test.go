package client_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"huisboek/adapters/client"
)

// filled is the file of an outbox in which some wait, some were refused, and some
// answers were not told; and the ids that wait.
func filled(t *testing.T) (data []byte, waiting []string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "o.db")
	stop := errors.New("stop")
	b := must[*client.Outbox](t)(client.Open(path, client.Options{OnRefused: func(client.Refusal) error { return stop }}))
	for n := range 40 {
		id := strconv.Itoa(n)
		put(t, b, service(id))
		if n >= 10 {
			waiting = append(waiting, id)
		}
	}
	f := &book{script: map[string][]error{"9": {problem(400)}}}
	if err := b.Flush(t.Context(), f); !errors.Is(err, stop) {
		t.Fatal(err)
	}
	b.Close()
	return must[[]byte](t)(os.ReadFile(path)), waiting
}

// Damage anywhere in the file is told, or did not matter: what waits is never
// silently less, or other.
func TestDamage(t *testing.T) {
	data, waiting := filled(t)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	found := 0
	for range 150 {
		broken := slices.Clone(data)
		at := dice.IntN(len(broken))
		switch dice.IntN(3) {
		case 0:
			broken[at] ^= 1 << dice.IntN(8)
		case 1: // a page that never reached the disk
			at &^= 4095
			clear(broken[at:min(at+4096, len(broken))])
		case 2:
			broken = broken[:at]
		}
		path := filepath.Join(t.TempDir(), "o.db")
		if err := os.WriteFile(path, broken, 0o600); err != nil {
			t.Fatal(err)
		}
		b, err := client.Open(path, client.Options{})
		if err != nil {
			found++
			continue
		}
		f := &book{}
		err = b.Flush(t.Context(), f)
		if errors.Is(err, client.ErrDamaged) {
			found++
		} else if err != nil || !slices.Equal(f.recorded, waiting) {
			t.Errorf("opened without a word, offered %v, %v", f.recorded, err)
		}
		b.Close()
	}
	t.Logf("%d of 150 were told", found)
	if found == 0 {
		t.Error("no damage was found: the test proves nothing")
	}
}

func TestDamageIsNamed(t *testing.T) {
	data, _ := filled(t)
	event := bytes.Index(data, []byte("jobcoach"))
	for name, broken := range map[string][]byte{
		"empty":     {},
		"text":      bytes.Repeat([]byte("geen outbox\n"), 2000),
		"half":      data[:len(data)/2],
		"one event": bytes.ReplaceAll(data, data[event:event+8], []byte("JOBCOACH")),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "o.db")
			if err := os.WriteFile(path, broken, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := client.Open(path, client.Options{}); !errors.Is(err, client.ErrDamaged) {
				t.Errorf("got %v", err)
			}
			if after := must[[]byte](t)(os.ReadFile(path)); !bytes.Equal(after, broken) {
				t.Error("the file was changed")
			}
		})
	}
}
