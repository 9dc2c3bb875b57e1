package boltstore

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"huisboek/events"
	"huisboek/projections"
)

// counter is a fold of two rows that must always say the same: the last position,
// and how many records there were.
type counter struct{}

func (counter) Name() string { return "counter" }
func (counter) Shape() int   { return 1 }
func (counter) Apply(tx projections.Tx, r *events.Record) error {
	n := binary.BigEndian.AppendUint64(nil, uint64(r.Position))
	tx.Put([]byte("last"), n)
	if was := tx.Get([]byte("sum")); was != nil {
		n = binary.BigEndian.AppendUint64(nil, binary.BigEndian.Uint64(was)+1)
	}
	tx.Put([]byte("sum"), n)
	tx.Put(fmt.Appendf(nil, "row-%08d", r.Position), []byte("x"))
	return nil
}

// growing is a Source that gets longer while it is followed.
type growing struct {
	mu      sync.Mutex
	records []*events.Record
	more    chan struct{}
}

func newGrowing(n int) *growing {
	g := &growing{more: make(chan struct{})}
	g.grow(n)
	return g
}

func (g *growing) grow(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for range n {
		p := events.Position(len(g.records) + 1)
		g.records = append(g.records, &events.Record{Position: p, Hash: checkpoint(p).Hash})
	}
	close(g.more)
	g.more = make(chan struct{})
}

func (g *growing) Last(context.Context) (events.Position, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return events.Position(len(g.records)), nil
}

func (g *growing) Follow(ctx context.Context, after events.Checkpoint, most int, fn func([]*events.Record) error) error {
	at := int(after.Position)
	for {
		g.mu.Lock()
		batch := slices.Clone(g.records[at:min(len(g.records), at+most)])
		more := g.more
		g.mu.Unlock()
		if len(batch) > 0 {
			if err := fn(batch); err != nil {
				return err
			}
			at += len(batch)
			continue
		}
		select {
		case <-more:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func openViews(t *testing.T) *Views {
	t.Helper()
	v, err := OpenViews(filepath.Join(t.TempDir(), "beelden.db"), Options{Book: bookA}, counter{}.Name(), counter{}.Shape())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	return v
}

// serve keeps views up with a source until the test ends.
func serve(t *testing.T, v *Views, g *growing) *projections.Runner {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &projections.Runner{Source: g, Fold: counter{}, Store: v}
	ended := make(chan error)
	go func() { ended <- r.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return r
}

// consistent reads and says what is not right.
func consistent(v *Views) error {
	return v.View(func(tx projections.Tx, at events.Checkpoint) error {
		for _, key := range []string{"last", "sum"} {
			if n := binary.BigEndian.Uint64(tx.Get([]byte(key))); n != uint64(at.Position) {
				return fmt.Errorf("at %d, and %s says %d", at.Position, key, n)
			}
		}
		return nil
	})
}

// TestSwapWhileReading: while views are rebuilt and compacted over and over, the
// stream grows and readers read, nobody sees anything but a whole state, positions
// never go back, and who began on an old file ends on it.
func TestSwapWhileReading(t *testing.T) {
	v, g := openViews(t), newGrowing(500)
	r := serve(t, v, g)
	if err := r.WaitFor(t.Context(), 500); err != nil {
		t.Fatal(err)
	}
	var stop atomic.Bool
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			var last events.Position
			for !stop.Load() {
				if err := consistent(v); err != nil {
					t.Error(err)
					return
				}
				at, err := v.Checkpoint()
				if err != nil || at.Position < last {
					t.Errorf("at %d after %d: %v", at.Position, last, err)
					return
				}
				last = at.Position
			}
		})
	}
	wg.Go(func() {
		for !stop.Load() {
			g.grow(3)
			last, _ := g.Last(t.Context())
			if err := r.WaitFor(t.Context(), last); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 10 {
		var reported events.Position
		difference, err := v.Rebuild(t.Context(), g, counter{}, func(done, _ events.Position) { reported = done })
		if difference != "" || err != nil || reported < 500 {
			t.Errorf("Rebuild: %q, %v, reported %d", difference, err, reported)
		}
		if err := v.Compact(); err != nil {
			t.Errorf("Compact: %v", err)
		}
	}
	stop.Store(true)
	wg.Wait()
	only(t, v)
}

// only checks that the file stands alone in its folder.
func only(t *testing.T, v *Views) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(v.path))
	if err != nil || len(entries) != 1 || entries[0].Name() != filepath.Base(v.path) {
		t.Errorf("in the folder: %v, %v", entries, err)
	}
}

func TestOldReaderKeepsItsFile(t *testing.T) {
	v, g := openViews(t), newGrowing(10)
	r := serve(t, v, g)
	if err := r.WaitFor(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	reading, release, read := make(chan bool), make(chan bool), make(chan error)
	go func() {
		read <- v.View(func(tx projections.Tx, at events.Checkpoint) error {
			reading <- true
			<-release
			if n := binary.BigEndian.Uint64(tx.Get([]byte("last"))); n != 10 {
				return fmt.Errorf("last says %d", n)
			}
			return nil
		})
	}()
	<-reading
	rebuilt := make(chan error)
	go func() {
		_, err := v.Rebuild(t.Context(), g, counter{}, nil)
		rebuilt <- err
	}()
	// Once the new file is in its place, a reader that begins gets it.
	for {
		v.mu.RLock()
		name := v.now.file.db.Path()
		v.mu.RUnlock()
		if strings.HasSuffix(name, nextName) { // the name it was opened by
			break
		}
		runtime.Gosched()
	}
	if err := consistent(v); err != nil {
		t.Error(err)
	}
	release <- true
	if err := <-read; err != nil {
		t.Error(err)
	}
	if err := <-rebuilt; err != nil {
		t.Error(err)
	}
	g.grow(1)
	if err := r.WaitFor(t.Context(), 11); err != nil {
		t.Error(err)
	}
}

func TestRebuildFindsADifference(t *testing.T) {
	v, g := openViews(t), newGrowing(10)
	r := serve(t, v, g)
	if err := r.WaitFor(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	at, _ := v.Checkpoint()
	if err := v.Update(at, func(tx projections.Tx) error { tx.Delete([]byte("row-00000004")); return nil }); err != nil {
		t.Fatal(err)
	}
	difference, err := v.Rebuild(t.Context(), g, counter{}, nil)
	if difference != `only the second has: "row-00000004"` || err != nil {
		t.Errorf("Rebuild: %q, %v", difference, err)
	}
	if difference, err = v.Rebuild(t.Context(), g, counter{}, nil); difference != "" || err != nil {
		t.Errorf("again: %q, %v", difference, err)
	}
}

func TestRebuildThatFailsChangesNothing(t *testing.T) {
	v, g := openViews(t), newGrowing(10)
	r := serve(t, v, g)
	if err := r.WaitFor(t.Context(), 10); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := v.Rebuild(ctx, g, counter{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	other := newGrowing(0) // another stream: it has not what the views have
	if _, err := v.Rebuild(t.Context(), short{other}, counter{}, nil); err == nil {
		t.Error("rebuilt from a stream that ends")
	}
	if err := consistent(v); err != nil {
		t.Error(err)
	}
	only(t, v)
	v.exchanging.Lock()
	if _, err := v.Rebuild(t.Context(), g, counter{}, nil); !errors.Is(err, ErrBusy) {
		t.Errorf("two at a time: %v", err)
	}
	v.exchanging.Unlock()
}

// short is a source whose Follow ends.
type short struct{ *growing }

func (short) Follow(context.Context, events.Checkpoint, int, func([]*events.Record) error) error {
	return errors.New("the stream ended")
}

// TestCompactLeavesNothing: the bytes of a deleted value are in no file.
func TestCompactLeavesNothing(t *testing.T) {
	v := openViews(t)
	canary := []byte("canary-of-a-person")
	put(t, v, 1, "a=1", "empty=", "person="+string(bytes.Repeat(canary, 50)))
	if err := v.Update(checkpoint(2), func(tx projections.Tx) error { tx.Delete([]byte("person")); return nil }); err != nil {
		t.Fatal(err)
	}
	if raw, _ := os.ReadFile(v.path); !bytes.Contains(raw, canary) {
		t.Log("bbolt left nothing behind this time")
	}
	if err := v.Compact(); err != nil {
		t.Fatal(err)
	}
	if raw, err := os.ReadFile(v.path); err != nil || bytes.Contains(raw, canary) {
		t.Errorf("still in the file: %v", err)
	}
	only(t, v)
	if at, rows := all(t, v); at != checkpoint(2) || !slices.Equal(rows, []string{"a=1", "empty="}) {
		t.Errorf("at %v: %v", at, rows)
	}
	put(t, v, 3, "b=2")
	v.Close()
	again, err := OpenViews(v.path, Options{Book: bookA}, "counter", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if at, rows := all(t, again); at != checkpoint(3) || !slices.Equal(rows, []string{"a=1", "b=2", "empty="}) {
		t.Errorf("opened again: at %v: %v", at, rows)
	}
	if n, err := again.Size(); n == 0 || err != nil {
		t.Errorf("Size %d, %v", n, err)
	}
	if _, err := OpenViews(v.path+"x", Options{Book: bookA, ReadOnly: true}, "counter", 1); err == nil {
		t.Error("reading made a file")
	}
}

func TestOpenViews(t *testing.T) {
	v := openViews(t)
	v.Close()
	if err := os.WriteFile(v.path+nextName, []byte("a rebuild that was killed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenViews(v.path, Options{Book: bookA}, "counter", 2); !errors.Is(err, ErrShape) {
		t.Errorf("another shape: %v", err)
	}
	if _, err := OpenViews(v.path, Options{Book: bookB}, "counter", 1); !errors.Is(err, ErrForeign) {
		t.Errorf("another book: %v", err)
	}
	again, err := OpenViews(v.path, Options{Book: bookA}, "counter", 1)
	if err != nil {
		t.Fatal(err)
	}
	only(t, again)
	again.Close()
	reader, err := OpenViews(v.path, Options{Book: bookA, ReadOnly: true}, "counter", 1)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if err := reader.Compact(); err == nil {
		t.Error("a reader exchanged the file")
	}
}
