package readlog_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"huisboek/adapters/readlog"
	"huisboek/events"
)

const (
	partnerA = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0a01"
	partnerB = "5b0d6f1e-52a4-4f55-8d1e-0f6b7c1f0b02"
	employer = "69599084"
)

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)} }

func (c *clock) now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.at }

func (c *clock) add(d time.Duration) { c.mu.Lock(); defer c.mu.Unlock(); c.at = c.at.Add(d) }

func options(c *clock) readlog.Options {
	return readlog.Options{Key: bytes.Repeat([]byte{7}, 32), Now: c.now}
}

func openAt(t testing.TB, path string, o readlog.Options) *readlog.File {
	t.Helper()
	f, err := readlog.Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func look(c *clock) readlog.Look {
	return readlog.Look{
		Who: "toegang-1", Partner: partnerA, Role: "partner", Door: "http", Purpose: readlog.PurposePrepare, Name: "werkgeverLezen",
		Employer: employer, Described: partnerA, Began: c.now(), Card: events.Ref{Source: "urn:nld:oin:00000099000000002000", ID: "k-1"}, People: 1,
	}
}

func list(t testing.TB, f *readlog.File, q readlog.Filter) (all []readlog.Entry) {
	t.Helper()
	for after := ""; ; {
		page, next, err := f.List(q, after, 7)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
		if after = next; next == "" {
			return all
		}
	}
}

// What was acknowledged is there when the file is opened again, with all that the
// standard asks, and under no name.
func TestWritten(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "readlog.db")
	f := openAt(t, path, options(c))
	l := look(c)
	l.People, l.Establishment = 3, "000037178598"
	c.add(2 * time.Millisecond)
	if err := f.Write(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	// Without Close: as after a crash, of a file that was not closed.
	copied := filepath.Join(t.TempDir(), "copy.db")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{l.Card.Source, l.Card.ID} {
		if bytes.Contains(whole, []byte(name)) {
			t.Errorf("the file tells where in the book the person stands: %s", name)
		}
	}
	again := openAt(t, copied, options(c))
	all := list(t, again, readlog.Filter{})
	if len(all) != 1 {
		t.Fatalf("%d looks", len(all))
	}
	e := all[0]
	if !e.At.Equal(c.now()) || e.People != 3 || e.Who != l.Who || e.Partner != partnerA || e.Establishment != l.Establishment || e.Described != partnerA {
		t.Errorf("%+v", e)
	}
	seen := map[string]bool{}
	for i, line := range e.Lines() {
		if line.TraceID != e.Trace || len(line.TraceID) != 32 || len(line.OperationID) != 16 || line.ParentOperationID != nil || line.StatusCode != 1 ||
			line.Name != "werkgeverLezen" || !line.StartTime.Equal(l.Began) || !line.EndTime.Equal(c.now()) ||
			line.Attributes.Activity != "tag:werkgeversdiensten.nl,2026:verwerking/contact-voorbereiden.v1" ||
			line.Attributes.Subject != f.Subject(l.Card.Source, l.Card.ID, i) || len(line.Attributes.Subject) != 32 {
			t.Errorf("%+v", line)
		}
		if seen[line.OperationID] || seen[line.Attributes.Subject] {
			t.Errorf("twice: %+v", line)
		}
		seen[line.OperationID], seen[line.Attributes.Subject] = true, true
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// Another book's key gives other numbers, and so does another place in the book.
func TestSubject(t *testing.T) {
	c := newClock()
	f := openAt(t, filepath.Join(t.TempDir(), "a"), options(c))
	o := options(c)
	o.Key = bytes.Repeat([]byte{8}, 32)
	g := openAt(t, filepath.Join(t.TempDir(), "b"), o)
	seen := map[string]bool{}
	for _, s := range []string{f.Subject("s", "1", 1), f.Subject("s", "11", 0), f.Subject("s1", "1", 1), f.Subject("s", "1", 11), g.Subject("s", "1", 1)} {
		if seen[s] {
			t.Errorf("%s twice", s)
		}
		seen[s] = true
	}
	if _, err := readlog.Open(filepath.Join(t.TempDir(), "c"), readlog.Options{Key: []byte("short")}); err == nil {
		t.Error("opened under no key")
	}
}

// Many at once: each that was acknowledged is there, in an order without doubles, and
// the moment never runs back.
func TestManyAtOnce(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "readlog.db")
	f := openAt(t, path, options(c))
	var under sync.WaitGroup
	for i := range 20 {
		under.Go(func() {
			for j := range 10 {
				l := look(c)
				l.Who = fmt.Sprintf("%d-%d", i, j)
				c.add(time.Duration(j-5) * time.Microsecond) // a clock that runs back, too
				if err := f.Write(t.Context(), l); err != nil {
					t.Error(err)
				}
			}
		})
	}
	under.Wait()
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	all := list(t, openAt(t, path, options(c)), readlog.Filter{})
	seen := map[string]bool{}
	for i, e := range all {
		if seen[e.Who] || i > 0 && !e.At.Before(all[i-1].At) {
			t.Errorf("%s at %v", e.Who, e.At)
		}
		seen[e.Who] = true
	}
	if len(all) != 200 {
		t.Errorf("%d looks", len(all))
	}
}

// What cannot be written is an error for everybody who waits, and is not there; when it
// can be again, it is.
func TestFault(t *testing.T) {
	c := newClock()
	f := openAt(t, filepath.Join(t.TempDir(), "readlog.db"), options(c))
	full := errors.New("no space left on device")
	f.Fail(func() error { return full })
	var under sync.WaitGroup
	for range 5 {
		under.Go(func() {
			if err := f.Write(t.Context(), look(c)); !errors.Is(err, full) {
				t.Errorf("%v", err)
			}
		})
	}
	under.Wait()
	if all := list(t, f, readlog.Filter{}); len(all) != 0 {
		t.Errorf("%d looks", len(all))
	}
	f.Fail(nil)
	if err := f.Write(t.Context(), look(c)); err != nil {
		t.Error(err)
	}
	gone, stop := context.WithCancel(t.Context())
	stop()
	if err := f.Write(gone, look(c)); err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	for name, change := range map[string]func(*readlog.Look){
		"nobody": func(l *readlog.Look) { l.People = 0 }, "no purpose": func(l *readlog.Look) { l.Purpose = "" },
		"no employer": func(l *readlog.Look) { l.Employer = "" }, "nobody's": func(l *readlog.Look) { l.Described = "" },
	} {
		l := look(c)
		if change(&l); f.Write(t.Context(), l) == nil {
			t.Errorf("%s was written", name)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Write(t.Context(), look(c)); !errors.Is(err, readlog.ErrClosed) {
		t.Errorf("after it was closed: %v", err)
	}
}

// A damaged file is put aside and kept, and the log goes on; one that somebody else
// has open, or of another version, is no damage.
func TestDamaged(t *testing.T) {
	c := newClock()
	path := filepath.Join(t.TempDir(), "readlog.db")
	for _, aside := range []string{".damaged", ".damaged-2"} {
		if err := os.WriteFile(path, bytes.Repeat([]byte("onzin"), 10_000), 0o600); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		o := options(c)
		o.Log = slog.New(slog.NewTextHandler(&said, nil))
		f := openAt(t, path, o)
		if err := f.Write(t.Context(), look(c)); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if b, err := os.ReadFile(path + aside); err != nil || !bytes.HasPrefix(b, []byte("onzin")) || !strings.Contains(said.String(), "damaged") {
			t.Errorf("%s: %v, %s", aside, err, said.String())
		}
	}
}

// Check finds what is not what was written.
func TestCheck(t *testing.T) {
	for name, tamper := range map[string]func(looks, index *bolt.Bucket) error{
		"a look is gone":     func(looks, _ *bolt.Bucket) error { k, _ := looks.Cursor().First(); return looks.Delete(k) },
		"one cannot be read": func(looks, _ *bolt.Bucket) error { k, _ := looks.Cursor().First(); return looks.Put(k, []byte("x")) },
		"one is not found":   func(_, index *bolt.Bucket) error { k, _ := index.Cursor().Last(); return index.Delete(k) },
		"an index too many":  func(_, index *bolt.Bucket) error { return index.Put([]byte("px\x0012345678"), nil) },
		"one was made shorter": func(looks, _ *bolt.Bucket) error {
			k, v := looks.Cursor().First()
			return looks.Put(k, bytes.Replace(v, []byte("toegang-1"), []byte("iemand"), 1))
		},
	} {
		c := newClock()
		f := openAt(t, filepath.Join(t.TempDir(), "readlog.db"), options(c))
		for range 3 {
			if err := f.Write(t.Context(), look(c)); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := f.Check(t.Context()); n != 3 || err != nil {
			t.Fatalf("%d, %v", n, err)
		}
		copied := filepath.Join(t.TempDir(), "copy.db")
		if err := f.Snapshot(copied); err != nil {
			t.Fatal(err)
		}
		if n, err := readlog.CheckFile(t.Context(), copied); n != 3 || err != nil {
			t.Errorf("the copy: %d, %v", n, err)
		}
		if err := f.Tamper(tamper); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Check(t.Context()); !errors.Is(err, readlog.ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readlog.CheckFile(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
