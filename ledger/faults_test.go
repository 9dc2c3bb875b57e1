package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"huisboek/adapters/boltstore"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// checkChain reads the whole stream: positions without gaps, one chain, and no
// (source, id) twice.
func checkChain(t *testing.T, k *book) {
	t.Helper()
	var last events.Checkpoint
	seen := map[string]events.Position{}
	for i, m := range k.stream.Stored() {
		r, err := events.DecodeRecord(m.Data)
		if err != nil {
			t.Fatalf("position %d: %v", i+1, err)
		}
		if r.Position != last.Position+1 || r.Previous != last.Hash {
			t.Fatalf("position %d does not follow from %d", r.Position, last.Position)
		}
		key := r.Event.Source + " " + r.Event.ID
		if p, twice := seen[key]; twice {
			t.Fatalf("%s is at %d and at %d", key, p, r.Position)
		}
		seen[key], last = r.Position, r.Checkpoint()
	}
}

// checkRebuild folds the stream again from zero and compares.
func checkRebuild(t *testing.T, k *book) {
	t.Helper()
	if err := k.ledger.Close(); err != nil { // so that the file has everything
		t.Fatal(err)
	}
	file, err := boltstore.OpenFile(filepath.Join(t.TempDir(), "again.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	fold := k.ledger.Fold()
	again, err := file.Store(fold.Name(), fold.Shape())
	if err != nil {
		t.Fatal(err)
	}
	if err := projections.Rebuild(t.Context(), k.stream, fold, again, nil); err != nil {
		t.Fatal(err)
	}
	if d, err := projections.Compare(k.store, again, nil); d != "" || err != nil {
		t.Fatalf("kept and rebuilt differ: %s %v", d, err)
	}
}

// TestFaults: an append that fails in every way it can, with the answer and the
// state that must follow.
func TestFaults(t *testing.T) {
	foreign := func(k *book) { // another ledger's record comes first
		e := k.event(k.b, uuid.NewString(), visit("90001354", today))
		stored := k.stream.Stored()
		tip, err := events.DecodeRecord(stored[len(stored)-1].Data)
		if err != nil {
			k.t.Fatal(err)
		}
		members := map[string]events.Seal{}
		for _, m := range e.PersonalMembers() {
			members[m.Path] = events.Seal{Key: 1, Text: "AAAA"}
		}
		sealed, err := e.WithSeals(members)
		if err != nil {
			k.t.Fatal(err)
		}
		data, err := events.EncodeRecord(&events.Record{
			Version: 1, Book: tip.Book, Position: tip.Position + 1, Previous: tip.Hash, At: tip.At, Partner: k.b.id,
			Credential: "x", Door: ledger.DoorNATS, Verdict: events.Verdict{Outcome: events.Free, Rules: 1, Today: today}, Event: *sealed,
		})
		if err != nil {
			k.t.Fatal(err)
		}
		k.stream.Put(ledger.Message{Name: "bezoek-afgelegd", Data: data})
	}
	for _, c := range []struct {
		name   string
		fault  func(k *book) (apply bool, err error)
		err    error // what the caller hears the first time
		again  bool  // the same once more finds it recorded
		halted bool
	}{
		{"full", func(*book) (bool, error) { return false, ledger.ErrFull }, ledger.ErrFull, false, false},
		{"unknown, not stored", func(*book) (bool, error) { return false, ledger.ErrUnknown }, nil, true, false},
		{"unknown, but stored", func(*book) (bool, error) { return true, ledger.ErrUnknown }, nil, true, false},
		{"damaged", func(*book) (bool, error) { return false, fmt.Errorf("ack of 9: %w", ledger.ErrDamaged) }, ledger.ErrHalted, false, true},
		{"damaged, but stored", func(*book) (bool, error) { return true, fmt.Errorf("ack of 9: %w", ledger.ErrDamaged) }, ledger.ErrHalted, false, true},
		{"another was first", func(k *book) (bool, error) { foreign(k); return true, nil }, nil, true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBook(t)
			k.must(k.b, visit(kvk, today)) // key 1 exists, and is of B's person
			once := true
			k.stream.Hook = func(events.Position, []ledger.Message) (bool, error) {
				if !once {
					return true, nil
				}
				once = false
				return c.fault(k)
			}
			r, err := k.record(k.a, plan(kvk, uuid.NewString(), today))
			if !errors.Is(err, c.err) || (c.err == nil) != (err == nil) {
				t.Fatalf("got %v, want %v", err, c.err)
			}
			if c.halted {
				if k.ledger.Err() == nil {
					t.Error("not halted")
				}
				if _, err := k.record(k.a, visit(kvk, today)); !errors.Is(err, ledger.ErrHalted) {
					t.Errorf("after the halt: %v", err)
				}
				return
			}
			if err == nil && (r.Outcome != events.Attention || r.Position != k.ledger.Position()) {
				t.Errorf("receipt %+v, tip %d", r, k.ledger.Position())
			}
			k.must(k.a, visit(otherKvK, today)) // it goes on
			checkChain(t, k)
			checkRebuild(t, k)
		})
	}
}

// TestTwoLedgers: two on one stream are slower and otherwise harmless.
func TestTwoLedgers(t *testing.T) {
	k := newBook(t)
	twin := *k
	twin.open(filepath.Join(t.TempDir(), "twin.db"))
	// The fake refuses a second Append under way, as two connections would not.
	var turn sync.Mutex
	guard := func(l *ledger.Ledger, s ledger.Submission) error {
		turn.Lock()
		defer turn.Unlock()
		_, err := l.Record(context.Background(), s)
		return err
	}
	var all sync.WaitGroup
	for i := range 200 {
		all.Go(func() {
			l := k.ledger
			if i%2 == 1 {
				l = twin.ledger
			}
			e := k.event(k.a, fmt.Sprint("dubbel-", i/4), visit(kvk, today)) // each id from both, twice
			if err := guard(l, ledger.Submission{Event: e, Caller: k.a.caller}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	checkChain(t, k)
	if n := len(k.stream.Stored()); n != 4+50 {
		t.Errorf("%d records, want %d", n, 4+50)
	}
}

// TestManyAtOnce goes through the batches, with repeats, conflicts and refusals
// among them.
func TestManyAtOnce(t *testing.T) {
	k := newBook(t)
	release := make(chan struct{})
	first := true
	k.stream.Hook = func(_ events.Position, m []ledger.Message) (bool, error) {
		if first { // everything else gathers behind the first
			first = false
			<-release
		}
		return true, nil
	}
	const n = 3000
	var all sync.WaitGroup
	positions := make([]events.Position, n)
	for i := range n {
		e := k.event(k.a, fmt.Sprint("veel-", i/2), visit(kvk, today.AddDays(-i/2%80))) // each one twice
		if i%97 == 96 {
			e = k.event(k.a, fmt.Sprint("veel-", i/2), visit(kvk, today.AddDays(-85))) // other content
		}
		all.Go(func() {
			r, err := k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: k.a.caller})
			var conflict *ledger.ConflictError
			switch {
			case err == nil:
				positions[i] = r.Position
			case errors.As(err, &conflict):
				positions[i] = conflict.Position
			default:
				t.Error(err)
			}
		})
	}
	close(release)
	all.Wait()
	for i := 0; i < n; i += 2 {
		if positions[i] == 0 || positions[i] != positions[i+1] {
			t.Errorf("id %d is at %d and %d", i/2, positions[i], positions[i+1])
		}
	}
	checkChain(t, k)
	checkRebuild(t, k)
}

// TestNewFileOfAnOldStream: a file that is new warns that the end of the stream may be
// missing, unless that was looked at before.
func TestNewFileOfAnOldStream(t *testing.T) {
	for _, witnessed := range []bool{false, true} {
		k := newBook(t)
		k.must(k.a, visit(kvk, today))
		k.close()
		var said bytes.Buffer
		k.config.Log, k.config.Witnessed = slog.New(slog.NewTextHandler(&said, nil)), witnessed
		k.open(filepath.Join(t.TempDir(), "nieuw.db"))
		if warned := strings.Contains(said.String(), "the end of the stream is missing"); warned == witnessed {
			t.Errorf("witnessed %t: %s", witnessed, &said)
		}
	}
}

// TestOpenFindsDamage: what opening alone can see.
func TestOpenFindsDamage(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(k *book)
	}{
		{"the tail is missing", func(k *book) { k.stream.Cut(k.ledger.Position() - 1) }},
		{"the tail was replaced", func(k *book) {
			s := k.stream.Stored()
			k.stream.Cut(events.Position(len(s) - 1))
			k.stream.Put(s[len(s)-2])
		}},
		{"the key stream is another's", func(k *book) { k.config.Keys = nil }},
		{"the secret is another's", func(k *book) { k.config.Secret[0]++ }},
		{"the book is another's", func(k *book) { k.config.Book = uuid.NewString() }},
		{"the region is another", func(k *book) { k.config.Region = "AM07" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := newBook(t)
			k.must(k.a, visit(kvk, today))
			path := k.file.Path()
			k.close()
			c.damage(k)
			if k.config.Keys == nil {
				k.config.Keys = emptyKeys()
			}
			if err := k.tryOpen(path); err == nil {
				t.Error("opened")
			} else {
				t.Log(err)
			}
		})
	}
}

// TestUnknownToTheEnd: as long as it can still come in, nobody is told that
// nothing was recorded.
func TestUnknownToTheEnd(t *testing.T) {
	k := newBook(t)
	k.stream.Hook = func(events.Position, []ledger.Message) (bool, error) { return false, ledger.ErrUnknown }
	if _, err := k.record(k.a, visit(kvk, today)); !errors.Is(err, ledger.ErrUnknown) {
		t.Errorf("got %v, want ErrUnknown", err)
	}
	k.stream.Hook = func(events.Position, []ledger.Message) (bool, error) { return false, ledger.ErrFence }
	if _, err := k.record(k.a, visit(kvk, today)); !errors.Is(err, ledger.ErrBusy) {
		t.Errorf("got %v, want ErrBusy", err)
	}
}

// TestBatchOfLargeEvents: one batch stays under what a stream takes at once.
func TestBatchOfLargeEvents(t *testing.T) {
	k := newBook(t)
	release := make(chan struct{})
	largest, first := 0, true
	k.stream.Hook = func(_ events.Position, all []ledger.Message) (bool, error) {
		if first { // everything else gathers behind the first
			first = false
			<-release
		}
		size := 0
		for _, m := range all {
			size += len(m.Data)
		}
		largest = max(largest, size)
		return true, nil
	}
	const n = 600
	var all sync.WaitGroup
	for i := range n {
		raw := fmt.Appendf(nil, `{"specversion":"1.0","type":%q,"source":%q,"id":"groot-%d","data":{"kvkNummer":%q,"datum":%q,"doel":"overig","vorm":"video"}`,
			events.TypeVisitMade, k.a.source(), i, kvk, today)
		for j := range 60 {
			raw = fmt.Appendf(raw, `,"extra%d":%q`, j, strings.Repeat("woord ", 160))
		}
		e, err := events.Decode(append(raw, '}'), noon)
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			if _, err := k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: k.a.caller}); err != nil {
				t.Error(err)
			}
		})
	}
	close(release)
	all.Wait()
	if largest > 20<<20 {
		t.Errorf("a batch of %d bytes", largest)
	}
	t.Logf("largest batch: %d bytes", largest)
	checkChain(t, k)
}
