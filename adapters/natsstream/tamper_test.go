package natsstream_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"huisboek/adapters/natsstream"
	"huisboek/adapters/natsstream/natstest"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

var (
	tamperRounds = flag.Int("tamper.rounds", 40, "rounds of TestTampering")
	tamperSeed   = flag.Uint64("tamper.seed", 1, "first seed of TestTampering; round n has seed+n")
)

// intact is a data folder with a book in it, and what it holds.
type intact struct {
	env    *natstest.Env // stopped
	at     events.Checkpoint
	keys   [][ledger.KeySize]byte
	erased map[events.KeyID]bool
}

func makeIntact(t *testing.T) *intact {
	t.Helper()
	e := natstest.New(t)
	e.MaxBytes = 31 << 20 // blocks of 4 MB
	e.Start()
	// Few and large records: making them takes longer than anything else here.
	b := &book{id: bookID, who: "a", pad: 2000}
	b.key = func(at events.Position) events.KeyID { return events.KeyID(at * 6) } // the last one is in use
	b.write(t, e.Stream, 5000, 1000)
	in := &intact{env: e, at: b.at, keys: ledgertest.RandomKeys(30_000), erased: map[events.KeyID]bool{7: true, 29_000: true}}
	for at := 0; at < len(in.keys); at += natsstream.MaxBatch {
		if _, err := e.Keys.Append(t.Context(), in.keys[at:at+natsstream.MaxBatch]); err != nil {
			t.Fatal(err)
		}
	}
	for id := range in.erased {
		if err := e.Keys.Erase(t.Context(), []events.KeyID{id}); err != nil {
			t.Fatal(err)
		}
	}
	for _, stream := range []string{"HUISBOEK_AM36", "HUISBOEK_AM36_SLEUTELS"} {
		if n := len(e.Files(stream)); n < 2 {
			t.Fatalf("%s has %d blocks, want several", stream, n)
		}
	}
	e.Stop()
	return in
}

// Flip, cut, zero and remove blocks of records and of keys, with and without the
// server's index: each is found, and the message says in which stream and where.
func TestTampering(t *testing.T) {
	in := makeIntact(t)
	if found := in.examine(t, in.env); found != nil {
		t.Fatalf("without any damage: %v", found)
	}
	in.env.Stop()
	tally := map[string]int{}
	for n := range *tamperRounds {
		seed := *tamperSeed + uint64(n)
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			tally[in.round(t, rand.New(rand.NewPCG(seed, 0)))]++
		})
	}
	t.Log(tally)
}

// round damages a copy and says by what that was found.
func (in *intact) round(t *testing.T, r *rand.Rand) string {
	e := natstest.New(t)
	e.Ledger, e.MaxBytes, e.Book = in.env.Ledger, in.env.MaxBytes, bookID
	in.env.Copy(e.Dir)
	what := damage(t, r, e)
	found := in.examine(t, e)
	if found == nil {
		t.Fatalf("%s: not found", what)
	}
	t.Logf("%s: %v", what, found)
	text := found.err.Error()
	if !strings.Contains(text, "HUISBOEK_AM36") || !strings.Contains(text, "position ") && !strings.Contains(text, "ends at key") && !strings.Contains(text, "is gone") {
		t.Errorf("%s: the message does not say what and where: %v", what, found)
	}
	if found.by == "Verify" {
		in.follow(t, e)
	}
	return found.by
}

// follow must not wait for ever at a record that cannot be read.
func (in *intact) follow(t *testing.T, e *natstest.Env) {
	err := e.Stream.Follow(t.Context(), events.Checkpoint{}, 1000, func([]*events.Record) error { return nil })
	if !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("Follow: %v, want ErrDamaged", err)
	}
}

// finding is the check that found damage, and what it said.
type finding struct {
	by  string
	err error
}

func (f *finding) String() string { return fmt.Sprintf("%s: %v", f.by, f.err) }

// examine does what a start and verify do, and compares what can be read with
// what was written: a difference that no check found is the test's failure.
func (in *intact) examine(t *testing.T, e *natstest.Env) *finding {
	if err := e.Open(); err != nil {
		return &finding{"Open", err}
	}
	ctx := t.Context()
	if err := e.Stream.Check(ctx, in.at); err != nil {
		return &finding{"Check", err}
	}
	v, err := e.Stream.Verify(ctx, nil)
	if err != nil {
		return &finding{"Verify", err}
	}
	if v.Checkpoint != in.at {
		t.Errorf("silently short: %v, want %v", v.Checkpoint, in.at)
	}
	if err := e.Keys.Check(ctx, v.HighestKey, maps.Clone(in.erased)); err != nil {
		return &finding{"Keys.Check", err}
	}
	in.compareKeys(ctx, t, e)
	return nil
}

func (in *intact) compareKeys(ctx context.Context, t *testing.T, e *natstest.Env) {
	n := 0
	err := e.Keys.ReadAll(ctx, 1, func(id events.KeyID, key [ledger.KeySize]byte) error {
		n++
		if key != in.keys[id-1] {
			t.Errorf("key %d was changed and nothing found it", id)
		}
		return nil
	})
	if err != nil || n != len(in.keys)-len(in.erased) {
		t.Errorf("%d keys, %v", n, err)
	}
}

// damage harms one block and says how.
func damage(t *testing.T, r *rand.Rand, e *natstest.Env) string {
	stream := []string{"HUISBOEK_AM36", "HUISBOEK_AM36_SLEUTELS"}[r.IntN(2)]
	blocks := e.Files(stream)
	block := blocks[r.IntN(len(blocks))]
	content, err := os.ReadFile(block)
	if err != nil {
		t.Fatal(err)
	}
	at := r.IntN(len(content))
	what := ""
	switch r.IntN(4) {
	case 0:
		what = "flip"
		content[at] ^= 1 << r.IntN(8)
	case 1:
		what = "cut"
		content = content[:at]
	case 2:
		what = "zero"
		clear(content[at:min(len(content), at+1+r.IntN(4096))])
	case 3:
		what = "remove"
		content = nil
	}
	if content == nil {
		err = os.Remove(block)
	} else {
		err = os.WriteFile(block, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	index := "index kept"
	if r.IntN(2) == 0 {
		index = "index removed"
		if err := os.Remove(filepath.Join(e.StreamDir(stream), "msgs", "index.db")); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%s %s %s at %d, %s", what, stream, filepath.Base(block), at, index)
}
