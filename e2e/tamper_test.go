package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	tampers    = flag.Int("tampers", 200, "rounds of TestTampering")
	tamperSeed = flag.Uint64("tampers.seed", 0, "first seed of TestTampering; round n has seed+n; 0 draws one")
)

// TestTampering: flip, cut, zero and remove block files of records and keys at
// random places, with and without the server's index. Each is found at start, by
// verify, or by the background reading, and the message names which stream and
// where; or else every event that was acknowledged is there, byte for byte, and
// every seal opens: then the damaged place was one that no record rests on
// (promise 4: no silent gap).
func TestTampering(t *testing.T) {
	in := someIntact(t)
	words{program: in.program}.run(t, "verify", "--data", in.copy(t)).well(t, nil)
	seed := *tamperSeed
	if seed == 0 {
		seed = rand.Uint64N(1 << 32)
	}
	tally := map[string]int{}
	for n := range *tampers {
		if !t.Run(fmt.Sprintf("seed=%d", seed+uint64(n)), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed+uint64(n), 0))
			tally[in.tamper(t, r, n%10 == 9)]++
		}) {
			t.Fatalf("repeat with -tampers=1 -tampers.seed=%d", seed+uint64(n))
		}
	}
	t.Logf("%d records in %d blocks, %d keys in %d: found by %v", len(in.records), len(blocks(t, in.data(), recordStream)), len(in.keys), len(blocks(t, in.data(), keyStream)), tally)
}

// tamper damages a copy and says by what that was found.
func (in *intact) tamper(t *testing.T, r *rand.Rand, serving bool) string {
	data := in.copy(t)
	what := damage(t, r, data)
	by := in.findByVerify
	if serving {
		by = in.findByServing
	}
	found, message := by(t, data)
	if found == "" {
		in.allThere(t, data, what)
		return "nothing that a record rests on"
	}
	t.Logf("%s: %s: %s", what, found, strings.TrimSpace(message))
	if !namesWhatAndWhere(message, what) {
		t.Errorf("%s: the message does not say what and where: %s", what, message)
	}
	return found
}

var where = regexp.MustCompile(`position \d+|key \d+|is gone|ends at`)

func namesWhatAndWhere(message, what string) bool {
	stream := "stream"
	if strings.Contains(what, keyStream) {
		stream = "key"
	}
	return (strings.Contains(message, recordStream) || strings.Contains(message, stream)) && where.MatchString(message)
}

// findByVerify runs verify on the folder, which nobody serves.
func (in *intact) findByVerify(t *testing.T, data string) (found, message string) {
	got := words{program: in.program}.run(t, "verify", "--data", data)
	switch {
	case got.code == 0:
		return "", ""
	case got.code != 1:
		t.Errorf("verify: %v", got)
	}
	if strings.Contains(got.stdout, "FAULT") {
		return "verify", got.stdout
	}
	return "opening", got.stderr
}

// findByServing starts a server: it refuses to start, or its background reading
// stops the book and readyz says no.
func (in *intact) findByServing(t *testing.T, data string) (found, message string) {
	s := serveAs(t, in.program, data)
	switch err := s.awaitReady(t); {
	case errors.Is(err, errEnded):
		if code := s.cmd.ProcessState.ExitCode(); code != 1 {
			t.Errorf("serve: exit %d\n%s", code, s.logged())
		}
		return "start", s.logged()
	case err != nil:
		t.Fatal(err)
	}
	defer s.kill()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	read := func() bool {
		return strings.Contains(s.logged(), "everything was read and is whole") || strings.Contains(s.logged(), "the book has halted")
	}
	if err := s.await(ctx, read); err != nil {
		t.Fatalf("the background reading did not end: %v\n%s", err, s.logged())
	}
	if !strings.Contains(s.logged(), "the book has halted") {
		return "", ""
	}
	var a answer
	if status, _ := s.get(t, "", "/readyz", &a); status != 503 || len(a.Faults) == 0 {
		t.Errorf("readyz of a halted book: %s", a.raw)
	}
	p := *in.partners[0]
	p.connect(t, s)
	if got := p.ask(t, structured(p.event("dienst-geleverd", object{"kvkNummer": kvks[0], "dienst": "jobcoach", "datum": day(0)}))); got.Status != 503 {
		t.Errorf("a halted book recorded: %s", got.raw)
	}
	return "background reading", s.logged()
}

// allThere holds a folder in which no damage was found against what was
// acknowledged: the stored bytes, and each event again, which compares every
// member with its seal.
func (in *intact) allThere(t *testing.T, data, what string) {
	t.Helper()
	t.Logf("%s: nothing found; looking at every record", what)
	if got := messages(t, data, recordStream); !maps.EqualFunc(got, in.records, bytes.Equal) {
		t.Fatalf("%s: %d records are left of %d, or they are others, and nothing found it", what, len(got), len(in.records))
	}
	keys := messages(t, data, keyStream)
	for id := range in.highestKey + 1 { // what is behind it was drawn ahead, and never will be used
		if !bytes.Equal(keys[id], in.keys[id]) {
			t.Fatalf("%s: key %d is not what it was, and nothing found it", what, id)
		}
	}
	s := startAs(t, in.program, data)
	defer s.stop(t)
	for _, p := range in.partners {
		copied := *p
		copied.connect(t, s)
		for _, e := range in.sent {
			if in.by[e] != p {
				continue
			}
			if a := copied.ask(t, structured(e.event)); a.Status != 0 || a.Position != e.position {
				t.Fatalf("%s: the event of position %d is answered %s", what, e.position, a.raw)
			}
		}
	}
}

// damage harms one block file of a stream and says how.
func damage(t *testing.T, r *rand.Rand, data string) string {
	t.Helper()
	stream := []string{recordStream, keyStream}[r.IntN(2)]
	all := blocks(t, data, stream)
	block := all[r.IntN(len(all))]
	content, err := os.ReadFile(block)
	if err != nil {
		t.Fatal(err)
	}
	at, what, changed := r.IntN(len(content)), "", slices.Clone(content)
	switch r.IntN(4) {
	case 0:
		what = "flip"
		changed[at] ^= 1 << r.IntN(8)
	case 1:
		what = "cut"
		changed = changed[:at]
	case 2:
		what = "zero"
		for content[at] == 0 {
			at = r.IntN(len(content))
		}
		clear(changed[at:min(len(content), at+1+r.IntN(4096))])
	case 3:
		what = "remove"
		changed = nil
	}
	if changed == nil {
		err = os.Remove(block)
	} else {
		err = os.WriteFile(block, changed, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	index := "index kept"
	if r.IntN(2) == 0 {
		index = "index removed"
		if err := os.Remove(filepath.Join(filepath.Dir(block), "index.db")); err != nil {
			t.Fatal(err)
		}
	}
	return fmt.Sprintf("%s %s %s at %d of %d, %s", what, stream, filepath.Base(block), at, len(content), index)
}
