package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"huisboek/events"
	"huisboek/projections"
)

const (
	bookA = "0b1c1c0e-aaaa-4000-8000-000000000001"
	bookB = "0b1c1c0e-bbbb-4000-8000-000000000001"
)

func open(t *testing.T, path string, o Options) *File {
	t.Helper()
	f, err := OpenFile(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func newStore(t *testing.T) *Store {
	t.Helper()
	s, err := open(t, filepath.Join(t.TempDir(), "beelden.db"), Options{Book: bookA}).Store("beelden", 1)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func checkpoint(p events.Position) events.Checkpoint {
	return events.Checkpoint{Position: p, Hash: events.Hash{1: byte(p)}}
}

func put(t *testing.T, s projections.Store, p events.Position, rows ...string) {
	t.Helper()
	err := s.Update(checkpoint(p), func(tx projections.Tx) error {
		for _, r := range rows {
			k, v, _ := strings.Cut(r, "=")
			tx.Put([]byte(k), []byte(v))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func all(t *testing.T, s projections.Store) (at events.Checkpoint, rows []string) {
	t.Helper()
	err := s.View(func(tx projections.Tx, here events.Checkpoint) error {
		at = here
		tx.Scan(nil, func(k, v []byte) bool {
			rows = append(rows, fmt.Sprintf("%s=%s", k, v))
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return at, rows
}

func TestRowsAndCheckpointMoveTogether(t *testing.T) {
	s := newStore(t)
	put(t, s, 3, "a=1", "b=2")
	bug := errors.New("bug")
	write := func(tx projections.Tx) {
		tx.Put([]byte("a"), []byte("9"))
		tx.Delete([]byte("b"))
		tx.Scan(nil, func(k, v []byte) bool { return true }) // so that it went into bbolt's pages
	}
	tests := []struct {
		name string
		fn   func(projections.Tx) error
		want error
	}{
		{"fn fails", func(tx projections.Tx) error { write(tx); return bug }, bug},
		{"an empty key", func(tx projections.Tx) error { write(tx); tx.Put(nil, nil); return nil }, nil},
		{"a key too large", func(tx projections.Tx) error { write(tx); tx.Put(make([]byte, 40_000), nil); return nil }, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := s.Update(checkpoint(4), tt.fn); err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("Update: %v", err)
			}
		})
	}
	t.Run("fn panics", func(t *testing.T) {
		defer func() {
			if p := recover(); p != bug {
				t.Errorf("recovered %v", p)
			}
		}()
		s.Update(checkpoint(4), func(tx projections.Tx) error { write(tx); panic(bug) })
	})
	at, rows := all(t, s)
	if at != checkpoint(3) || !slices.Equal(rows, []string{"a=1", "b=2"}) {
		t.Errorf("at %v: %v", at, rows)
	}
	put(t, s, 4, "c=3") // the store still works
	if at, err := s.Checkpoint(); at != checkpoint(4) || err != nil {
		t.Errorf("Checkpoint %v, %v", at, err)
	}
}

func TestPanicInViewGoesOn(t *testing.T) {
	s := newStore(t)
	put(t, s, 1, "a=1")
	for _, fn := range []func(projections.Tx, events.Checkpoint) error{
		func(projections.Tx, events.Checkpoint) error { panic("bug") },
		func(tx projections.Tx, _ events.Checkpoint) error {
			tx.Scan(nil, func(k, v []byte) bool { panic("bug") })
			return nil
		},
	} {
		func() {
			defer func() {
				if p := recover(); p != "bug" {
					t.Errorf("recovered %v", p)
				}
			}()
			s.View(fn)
		}()
	}
	put(t, s, 2) // no reader was left behind that would hold the file
}

func TestTxReadsWhatItWrote(t *testing.T) {
	s := newStore(t)
	put(t, s, 1, "a=1", "ab=1", "b=1", "ba=1", "c=")
	err := s.Update(checkpoint(2), func(tx projections.Tx) error {
		key := []byte("ab")
		value := []byte("2")
		tx.Put(key, value)
		key[0], value[0] = 'x', 'x' // the caller's again
		tx.Delete([]byte("b"))
		tx.Put([]byte("d"), nil)
		for k, want := range map[string][]byte{"a": []byte("1"), "ab": []byte("2"), "b": nil, "ba": []byte("1"), "c": {}, "d": {}, "e": nil} {
			if got := tx.Get([]byte(k)); !bytes.Equal(got, want) || (got == nil) != (want == nil) {
				t.Errorf("Get %s: %q, want %q", k, got, want)
			}
		}
		scan := func(from, prefix string) (keys []string) {
			tx.ScanFrom([]byte(from), []byte(prefix), func(k, v []byte) bool {
				keys = append(keys, string(k))
				return len(keys) < 3
			})
			return keys
		}
		for _, tt := range []struct {
			from, prefix string
			want         []string
		}{
			{"", "", []string{"a", "ab", "ba"}},
			{"", "a", []string{"a", "ab"}},
			{"aa", "a", []string{"ab"}},
			{"b", "a", nil},
			{"b", "b", []string{"ba"}},
			{"bb", "", []string{"c", "d"}},
		} {
			if d := cmp.Diff(tt.want, scan(tt.from, tt.prefix)); d != "" {
				t.Errorf("from %q within %q (-want +got):\n%s", tt.from, tt.prefix, d)
			}
		}
		tx.Put([]byte("after"), []byte("a scan"))
		if got := tx.Get([]byte("after")); string(got) != "a scan" {
			t.Errorf("after a scan: %q", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	_, rows := all(t, s)
	if d := cmp.Diff([]string{"a=1", "ab=2", "after=a scan", "ba=1", "c=", "d="}, rows); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
}

func TestViewMustNotWrite(t *testing.T) {
	s := newStore(t)
	for _, write := range []func(tx projections.Tx){
		func(tx projections.Tx) { tx.Put([]byte("a"), nil) },
		func(tx projections.Tx) { tx.Delete([]byte("a")) },
	} {
		if err := s.View(func(tx projections.Tx, _ events.Checkpoint) error { write(tx); return nil }); !errors.Is(err, errReadOnly) {
			t.Errorf("View: %v", err)
		}
	}
}

func TestStoreRefusesAnotherShape(t *testing.T) {
	f := open(t, filepath.Join(t.TempDir(), "beelden.db"), Options{})
	s, err := f.Store("beelden", 1)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, 1, "a=1")
	if _, err := f.Store("beelden", 2); !errors.Is(err, ErrShape) {
		t.Errorf("another shape: %v", err)
	}
	if err := f.Reset("beelden"); err != nil {
		t.Fatal(err)
	}
	if err := s.View(func(projections.Tx, events.Checkpoint) error { return nil }); !errors.Is(err, ErrNoStore) {
		t.Errorf("a store that was reset: %v", err)
	}
	s, err = f.Store("beelden", 2)
	if err != nil {
		t.Fatal(err)
	}
	if at, rows := all(t, s); at != (events.Checkpoint{}) || rows != nil {
		t.Errorf("after a reset: at %v: %v", at, rows)
	}
	if err := f.Reset("nothing"); err != nil {
		t.Error(err)
	}
	if _, err := f.Store("", 1); err == nil {
		t.Error("a store without a name")
	}
}

func TestDump(t *testing.T) {
	dump := func(order ...string) string {
		f := open(t, filepath.Join(t.TempDir(), "boek.db"), Options{})
		for _, name := range []string{"b", "a"} {
			s, err := f.Store(name, 1)
			if err != nil {
				t.Fatal(err)
			}
			for i, row := range order {
				put(t, s, events.Position(i+1), row, "gone=1")
			}
			s.Update(checkpoint(9), func(tx projections.Tx) error { tx.Delete([]byte("gone")); return nil })
		}
		var out bytes.Buffer
		if err := f.Dump(&out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	got := dump("x=1", "y=\n", "z=3")
	if d := cmp.Diff(got, dump("z=3", "x=1", "y=\n")); d != "" {
		t.Error(d)
	}
	mark := checkpoint(9)
	hash := fmt.Sprintf("%x", mark.Hash[:])
	one := "position 9 hash " + hash + "\n\"x\" \"1\"\n\"y\" \"\\n\"\n\"z\" \"3\"\n"
	if d := cmp.Diff("store a\n"+one+"store b\n"+one, got); d != "" {
		t.Error(d)
	}
}

// A store of another shape is dropped, and how far it had come stays known: the
// stream must still reach it.
func TestWitness(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.db")
	file, err := OpenFile(path, Options{Book: "b"})
	if err != nil {
		t.Fatal(err)
	}
	witness := func(want events.Checkpoint) {
		t.Helper()
		if at, err := file.Witness("boek"); err != nil || at != want {
			t.Errorf("witness %v, %v; want %v", at, err, want)
		}
	}
	move := func(shape int, to events.Checkpoint) {
		t.Helper()
		s, err := file.Store("boek", shape)
		if err == nil {
			err = s.Update(to, func(projections.Tx) error { return nil })
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	far, near := events.Checkpoint{Position: 7, Hash: events.Hash{7}}, events.Checkpoint{Position: 3, Hash: events.Hash{3}}
	witness(events.Checkpoint{})
	move(1, far)
	witness(far) // of whatever shape
	if err := file.Reset("boek"); err != nil {
		t.Fatal(err)
	}
	witness(far)
	move(2, near) // folded again half-way, and then a crash
	witness(far)
	if err := errors.Join(file.Reset("boek"), file.Close()); err != nil {
		t.Fatal(err)
	}
	if file, err = OpenFile(path, Options{Book: "b"}); err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	witness(far)
	further := events.Checkpoint{Position: 9, Hash: events.Hash{9}}
	move(2, further)
	witness(further)
}
