package readlog

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// lockTimeout bounds the wait for the file's lock: bbolt's default is for ever.
const lockTimeout = 2 * time.Second

// ErrDamaged: the file is not what was written.
var ErrDamaged = errors.New("file is damaged")

// errShape: the file is of another version of the program, and not damaged.
var errShape = errors.New("file is of another version of this program")

// open opens a file, or makes it, with its buckets.
func open(path string) (db *bolt.DB, err error) {
	err = guard(path, func() (err error) {
		db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, FreelistType: bolt.FreelistMapType, NoStatistics: true})
		switch {
		case err == nil:
			return errors.Join(db.Update(prepare), syncFolder(path))
		case errors.Is(err, bolterrors.ErrTimeout) || fromSystem(err):
			return err
		}
		return fmt.Errorf("%w: %w", ErrDamaged, err) // bbolt looked at it and did not know it
	})
	if err != nil && db != nil {
		go guard(path, db.Close) // after a panic bbolt may hold a lock of its own for ever
	}
	return db, err
}

// openOrBegin is open, and puts a damaged file aside for a new one: the book goes on,
// and what was in it stays to be looked at.
func openOrBegin(path string, log *slog.Logger) (*bolt.DB, error) {
	db, err := open(path)
	if !errors.Is(err, ErrDamaged) {
		return db, err
	}
	aside := path + ".damaged"
	for n := 2; ; n++ {
		if _, err := os.Lstat(aside); errors.Is(err, fs.ErrNotExist) {
			break
		}
		aside = fmt.Sprintf("%s.damaged-%d", path, n)
	}
	log.Error("the log of who looked at contact persons is damaged: it is put aside, for somebody to look at, and a new one is begun", "file", path, "aside", aside, "err", err)
	if err := os.Rename(path, aside); err != nil {
		return nil, fmt.Errorf("readlog: %w", err)
	}
	return open(path)
}

// fromSystem reports whether the system refused, rather than bbolt.
func fromSystem(err error) bool {
	var errno syscall.Errno
	var path *fs.PathError
	return errors.As(err, &errno) || errors.As(err, &path)
}

// guard runs fn on a file. bbolt trusts its pages: on a damaged one it panics, or
// reads where nothing is mapped. Both become ErrDamaged.
func guard(path string, fn func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if _, ours := p.(runtime.Error); ours { // bbolt walked off a page; what it says is about its own code
			p = "a page of it cannot be read"
		}
		err = panicked{fmt.Errorf("readlog: %s: %w: %v", path, ErrDamaged, p)}
	}()
	if err := fn(); err != nil {
		return fmt.Errorf("readlog: %s: %w", path, err)
	}
	return nil
}

// panicked is damage on which bbolt gave up half-way.
type panicked struct{ error }

func (p panicked) Unwrap() error { return p.error }

// syncFolder makes the name of a new file last.
func syncFolder(path string) error {
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
