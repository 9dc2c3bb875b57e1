package boltstore

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"huisboek/events"
	"huisboek/projections"
)

func TestFileBelongsToOneBook(t *testing.T) {
	path := filepath.Join(t.TempDir(), "boek.db")
	f := open(t, path, Options{})
	if book, err := f.Book(); book != "" || err != nil {
		t.Errorf("a new file: %q, %v", book, err)
	}
	if err := f.Stamp(bookA); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if _, err := OpenFile(path, Options{Book: bookB}); !errors.Is(err, ErrForeign) {
		t.Errorf("another book: %v", err)
	}
	for _, o := range []Options{{}, {Book: bookA}, {Book: bookA, ReadOnly: true}} {
		f := open(t, path, o)
		if book, err := f.Book(); book != bookA || err != nil {
			t.Errorf("%+v: %q, %v", o, book, err)
		}
		f.Close()
	}
	if _, err := OpenFile(path, Options{Book: bookB, ReadOnly: true}); !errors.Is(err, ErrForeign) {
		t.Errorf("another book, reading: %v", err)
	}
}

func TestReadOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "boek.db")
	if _, err := OpenFile(path, Options{ReadOnly: true}); err == nil {
		t.Error("reading made a file")
	}
	f := open(t, path, Options{})
	s, err := f.Store("boek", 1)
	if err != nil {
		t.Fatal(err)
	}
	put(t, s, 1, "a=1")
	s.Close()
	r1, r2 := open(t, path, Options{ReadOnly: true}), open(t, path, Options{ReadOnly: true})
	for _, r := range []*File{r1, r2} {
		s, err := r.Store("boek", 1)
		if err != nil {
			t.Fatal(err)
		}
		if at, rows := all(t, s); at != checkpoint(1) || !slices.Equal(rows, []string{"a=1"}) {
			t.Errorf("at %v: %v", at, rows)
		}
	}
	if _, err := r1.Store("other", 1); !errors.Is(err, ErrNoStore) {
		t.Errorf("a store that is not there: %v", err)
	}
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "boek.db")
	open(t, path, Options{})
	_, err := OpenFile(path, Options{Timeout: time.Millisecond})
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), "is the book being served?") || !strings.Contains(err.Error(), path) {
		t.Errorf("open twice: %v", err)
	}
}

func TestFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "boek.db")
	f := open(t, path, Options{})
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if n, err := f.Size(); n != info.Size() || err != nil {
		t.Errorf("Size %d, %v", n, err)
	}
	if f.Path() != path {
		t.Errorf("Path %s", f.Path())
	}
}

// TestDamage: a file that is cut off, or whose pages are overwritten, is reported
// or still gives what was written; it never kills the process.
func TestDamage(t *testing.T) {
	path := filepath.Join(t.TempDir(), "beelden.db")
	f := open(t, path, Options{})
	s, err := f.Store("beelden", 1)
	if err != nil {
		t.Fatal(err)
	}
	for p := range 200 {
		put(t, s, events.Position(p+1), fmt.Sprintf("key-%05d=%s", p, strings.Repeat("v", 400)), fmt.Sprintf("%05d=", p))
	}
	var used int64
	f.db.View(func(btx *bbolt.Tx) error { used = btx.Size(); return nil })
	f.Close()
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole = whole[:used] // bbolt makes files larger than what it uses of them
	read := func(path string) (rows int, err error) {
		f, err := OpenFile(path, Options{Timeout: time.Millisecond})
		if err != nil {
			return 0, err
		}
		defer f.Close()
		s, err := f.Store("beelden", 1)
		if err != nil {
			return 0, err
		}
		err = s.View(func(tx projections.Tx, _ events.Checkpoint) error {
			tx.Scan(nil, func(k, v []byte) bool { rows++; return true })
			return nil
		})
		return rows, err
	}
	found := 0
	try := func(name string, bytes []byte) {
		path := filepath.Join(t.TempDir(), "damaged.db")
		if err := os.WriteFile(path, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		defer os.Remove(path)
		rows, err := read(path)
		switch {
		case errors.Is(err, ErrDamaged):
			found++
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case rows != 400 && rows != 398: // 398: bbolt has two heads, and went back to the one before
			t.Errorf("%s: %d rows", name, rows)
		}
	}
	const page = 4096
	for cut := 1; cut < len(whole)/page; cut += 3 {
		name := fmt.Sprintf("cut at page %d", cut)
		before := found
		try(name, whole[:cut*page])
		if found == before {
			t.Errorf("%s: not found", name)
		}
	}
	for p := 0; p < len(whole)/page; p++ {
		for _, fill := range []byte{0x00, 0xff} {
			bad := bytes.Clone(whole)
			for i := range page {
				bad[p*page+i] = fill
			}
			try(fmt.Sprintf("page %d filled with %x", p, fill), bad)
		}
	}
	try("an empty page before", append(make([]byte, page), whole...))
	try("text", []byte(strings.Repeat("this is not a bbolt file ", 1000)))
	t.Logf("%d found", found)
}

// TestKilled: a process that is killed between transactions leaves rows and
// checkpoint of the same one. (That a transaction is whole is bbolt's.)
func TestKilled(t *testing.T) {
	path := os.Getenv("BOLTSTORE_KILLED")
	if path != "" {
		f, err := OpenFile(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.Store("boek", 1)
		if err != nil {
			t.Fatal(err)
		}
		for p := events.Position(1); ; p++ {
			put(t, s, p, fmt.Sprintf("last=%d", p), fmt.Sprintf("row-%08d=1", p))
			if p == 20 {
				fmt.Println("running")
			}
		}
	}
	path = filepath.Join(t.TempDir(), "boek.db")
	for range 5 {
		cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestKilled$")
		cmd.Env = append(os.Environ(), "BOLTSTORE_KILLED="+path)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		cmd.Process.Kill()
		cmd.Wait()
		f, err := OpenFile(path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		s, err := f.Store("boek", 1)
		if err != nil {
			t.Fatal(err)
		}
		at, rows := all(t, s)
		if rows[0] != fmt.Sprintf("last=%d", at.Position) || at.Position < 20 {
			t.Errorf("at %d, and the rows say %s", at.Position, rows[0])
		}
		f.Close()
	}
}
