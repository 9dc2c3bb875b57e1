package intake_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"huisboek/adapters/intake"
)

// A file that is not one of ours, or broken anywhere, is put aside.
func TestDamaged(t *testing.T) {
	damages := map[string]func(t *testing.T, path string){
		"not a file of bbolt": func(t *testing.T, path string) { write(t, path, []byte("something else altogether")) },
		"bad magic": func(t *testing.T, path string) {
			b := must[[]byte](t)(os.ReadFile(path))
			for _, page := range []int{0, os.Getpagesize()} {
				copy(b[page+16:], "\xde\xad\xbe\xef")
			}
			write(t, path, b)
		},
		"cut short": func(t *testing.T, path string) {
			b := must[[]byte](t)(os.ReadFile(path))
			write(t, path, b[:3*os.Getpagesize()])
		},
		"pages overwritten": func(t *testing.T, path string) {
			b := must[[]byte](t)(os.ReadFile(path))
			for i := 2 * os.Getpagesize(); i < len(b); i++ {
				b[i] = 0xff
			}
			write(t, path, b)
		},
		"pages of nought": func(t *testing.T, path string) {
			b := must[[]byte](t)(os.ReadFile(path))
			clear(b[2*os.Getpagesize():])
			write(t, path, b)
		},
		"another version": func(t *testing.T, path string) {
			change(t, path, func(tx *bolt.Tx) error { return tx.Bucket([]byte("stand")).Put([]byte("vorm"), []byte("2")) })
		},
		"another program's": func(t *testing.T, path string) {
			change(t, path, func(tx *bolt.Tx) error { return tx.Bucket([]byte("stand")).Put([]byte("laatste"), []byte("x")) })
		},
	}
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			path := newPath(t)
			f := must[*intake.File](t)(intake.Open(path, intake.Options{Now: newClock().now}))
			for i := range 2_000 {
				f.Note(partnerA, delivery(intake.OutcomeRefused, i))
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			damage(t, path)
			write(t, path+".damaged", []byte("an earlier one"))
			var log logged
			f = openFile(t, path, intake.Options{Log: log.logger()})
			checkNew(t, f, path, &log)
		})
	}
}

// A file that turns out to be broken while it is used is put aside as well, and
// what is noted goes on.
func TestDamagedLater(t *testing.T) {
	broken := map[string]func(tx *bolt.Tx) error{
		"a line that is none": func(tx *bolt.Tx) error {
			b, err := tx.Bucket([]byte("geweigerd")).CreateBucketIfNotExists([]byte(partnerA))
			if err != nil {
				return err
			}
			return b.Put([]byte("\x00\x00\x00\x00\x00\x00\x00\x00g"), []byte("short"))
		},
		"a day that is none": func(tx *bolt.Tx) error {
			b, err := tx.Bucket([]byte("dagen")).CreateBucketIfNotExists([]byte(partnerA))
			if err != nil {
				return err
			}
			return b.Put([]byte(today+"\x00http"), []byte("{"))
		},
	}
	for name, fn := range broken {
		for _, by := range []string{"reading", "writing"} {
			t.Run(name+", found by "+by, func(t *testing.T) {
				path := newPath(t)
				must[*intake.File](t)(intake.Open(path, intake.Options{})).Close()
				change(t, path, fn)
				var log logged
				f := openFile(t, path, intake.Options{Log: log.logger(), Now: newClock().now})
				if by == "reading" {
					if items, _, err := f.List(partnerA, "", "", 5); err != nil || len(items) != 0 {
						t.Errorf("%v %v", items, err)
					}
					if days, err := f.Days(partnerA, today, today); err != nil || len(days) != 0 {
						t.Errorf("%v %v", days, err)
					}
				}
				checkNew(t, f, path, &log)
			})
		}
	}
}

// checkNew: the file was begun anew, said so, and works.
func checkNew(t *testing.T, f *intake.File, path string, log *logged) {
	t.Helper()
	f.Note(partnerA, delivery(intake.OutcomeRefused, 7))
	if !f.Flush() {
		t.Error("not written")
	}
	if got := all(t, f, partnerA, "", 10); !slices.Equal(got, []string{"7"}) {
		t.Errorf("got %v", got)
	}
	if days, err := f.Days(partnerA, today, today); err != nil || len(days) != 1 || days[0].Refused != 1 {
		t.Errorf("counted %v %v", days, err)
	}
	if n := log.count("put aside"); n != 1 {
		t.Errorf("said %d times that it was put aside", n)
	}
	if b, err := os.ReadFile(path + ".damaged"); err != nil || string(b) == "an earlier one" {
		t.Errorf("put aside: %v", err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if got := all(t, openFile(t, path, intake.Options{}), partnerA, "", 10); !slices.Equal(got, []string{"7"}) {
		t.Errorf("opened again: %v", got)
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func change(t *testing.T, path string, fn func(*bolt.Tx) error) {
	t.Helper()
	db := must[*bolt.DB](t)(bolt.Open(path, 0o600, &bolt.Options{Timeout: time.Second}))
	if err := errors.Join(db.Update(fn), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// What was put aside goes once all of it is too old to be kept.
func TestPutAsideGoes(t *testing.T) {
	path, c := newPath(t), newClock()
	aside := path + ".damaged"
	for _, tt := range []struct {
		age  time.Duration
		gone bool
	}{{time.Hour, false}, {9*24*time.Hour + 23*time.Hour, false}, {10*24*time.Hour + time.Minute, true}} {
		write(t, aside, []byte("kanarie"))
		if err := os.Chtimes(aside, time.Time{}, c.now().Add(-tt.age)); err != nil {
			t.Fatal(err)
		}
		if err := openFile(t, path, intake.Options{Keep: 10 * 24 * time.Hour, Now: c.now}).Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(aside); os.IsNotExist(err) != tt.gone {
			t.Errorf("%s old: %v", tt.age, err)
		}
	}
}

func TestCannotOpen(t *testing.T) {
	dir := t.TempDir()
	if _, err := intake.Open(dir, intake.Options{}); err == nil {
		t.Error("a folder was opened")
	}
	if _, err := intake.Open(filepath.Join(dir, "no", "such", "folder"), intake.Options{}); err == nil {
		t.Error("a file in no folder was opened")
	}
	path := newPath(t)
	f := openFile(t, path, intake.Options{})
	if _, err := intake.Open(path, intake.Options{}); err == nil {
		t.Error("opened twice")
	}
	f.Note(partnerA, delivery(intake.OutcomeRecorded, 1))
	if _, err := os.Stat(path + ".damaged"); err == nil || !f.Flush() {
		t.Error("a file that is in use was put aside")
	}
}

// A disk that fails holds nobody up: it is said once, what comes in is kept as far
// as there is room, and written when that works again. Nothing counts twice.
func TestDiskFails(t *testing.T) {
	path := newPath(t)
	var log logged
	f := openFile(t, path, intake.Options{Log: log.logger(), PerPartner: 100_000})
	var mu sync.Mutex
	fault := errors.New("no room")
	f.OnWrite(func() error { mu.Lock(); defer mu.Unlock(); return fault })
	const many = intake.MaxNoted + 5_000
	for i := range many {
		f.Note(partnerA, delivery(intake.OutcomeRefused, i))
		if i == 100 || i == 1_000 {
			if f.Flush() {
				t.Fatal("written")
			}
		}
	}
	check := func(when string) {
		t.Helper()
		items, _, err := f.List(partnerA, "", "", 1_000)
		if err != nil || len(items) != 1_000 || *items[0].ID != fmt.Sprint(many-1) || *items[999].ID != fmt.Sprint(many-1_000) {
			t.Errorf("%s: %d %v", when, len(items), err)
		}
		if days, err := f.Days(partnerA, today, today); err != nil || days[0].Refused != many || days[0].Codes["ontbreekt"] != many {
			t.Errorf("%s: %+v %v", when, days, err)
		}
	}
	check("failing")
	if n := f.Waiting(); n > 2*intake.MaxNoted {
		t.Errorf("%d in memory", n)
	}
	if n := log.count("cannot be written"); n != 1 {
		t.Errorf("said %d times", n)
	}
	mu.Lock()
	fault = nil
	mu.Unlock()
	if !f.Flush() {
		t.Fatal("still not written")
	}
	check("written")
	if log.count("written again") != 1 || log.count("dropped") == 0 {
		t.Errorf("log: %s", log.buf.String())
	}
	if n := f.Waiting(); n != 0 {
		t.Errorf("%d in memory", n)
	}
}
