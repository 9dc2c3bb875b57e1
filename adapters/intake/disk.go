package intake

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"runtime/debug"
	"syscall"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// lockTimeout bounds the wait for the file's lock: bbolt's default is for ever.
const lockTimeout = 2 * time.Second

// errDamaged: the file is not what was written.
var errDamaged = errors.New("file is damaged")

// last is the last that is in a file.
type last struct {
	number uint64 // of noted
	order  uint64 // of a line
}

// openFile opens a bbolt file, or makes it, with its buckets.
func openFile(path string) (db *bolt.DB, at last, err error) {
	err = guard(path, func() (err error) {
		db, err = bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, FreelistType: bolt.FreelistMapType, NoStatistics: true})
		switch {
		case err == nil:
		case errors.Is(err, bolterrors.ErrTimeout) || fromSystem(err):
			return err
		default: // bbolt looked at it and did not know it
			return fmt.Errorf("%w: %w", errDamaged, err)
		}
		return db.Update(func(tx *bolt.Tx) error {
			if err := prepare(tx); err != nil {
				return err
			}
			at, err = lastOf(tx)
			return err
		})
	})
	if err != nil && db != nil {
		go closeFile(db) // see exchange
	}
	return db, at, err
}

// fromSystem reports whether the system refused, rather than bbolt.
func fromSystem(err error) bool {
	var errno syscall.Errno
	var path *fs.PathError
	return errors.As(err, &errno) || errors.As(err, &path)
}

// guard runs fn on a file. bbolt trusts its pages: on a damaged one it panics, or
// reads where nothing is mapped. Both become errDamaged.
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
		err = fmt.Errorf("intake: %s: %w: %v", path, errDamaged, p)
	}()
	if err := fn(); err != nil {
		return fmt.Errorf("intake: %s: %w", path, err)
	}
	return nil
}

func closeFile(db *bolt.DB) error {
	if db == nil {
		return nil
	}
	return guard(db.Path(), db.Close)
}

// update runs fn in a transaction, and once more on a new file when this one is
// damaged.
func (f *File) update(fn func(*bolt.Tx) error) error {
	return f.use(func(db *bolt.DB) error { return db.Update(fn) })
}

// view runs fn on the file as it is now, likewise.
func (f *File) view(fn func(*bolt.Tx) error) error {
	return f.use(func(db *bolt.DB) error { return db.View(fn) })
}

func (f *File) use(fn func(*bolt.DB) error) error {
	for first := true; ; first = false {
		f.disk.RLock()
		db := f.db
		err := guard(f.path, func() error {
			if db == nil {
				return bolterrors.ErrDatabaseNotOpen
			}
			return fn(db)
		})
		f.disk.RUnlock()
		if !first || err == nil || db != nil && !errors.Is(err, errDamaged) {
			return err
		}
		if err := f.exchange(db, err); err != nil {
			return err
		}
	}
}

// exchange puts a damaged file aside and goes on with a new one, unless somebody
// did that already.
func (f *File) exchange(broken *bolt.DB, why error) error {
	f.disk.Lock()
	defer f.disk.Unlock()
	select {
	case <-f.stop:
		return why
	default:
	}
	if f.db != broken {
		return nil
	}
	if f.db = nil; broken != nil {
		// bbolt may hold a lock of its own for ever when it panicked. Nobody waits
		// for it: a file that has been moved is in nobody's way.
		go closeFile(broken)
		var err error
		f.db, _, err = f.putAside(why)
		return err
	}
	var err error
	if f.db, _, err = openFile(f.path); errors.Is(err, errDamaged) {
		f.db, _, err = f.putAside(err)
	}
	return err
}

// putAside renames a damaged file and opens a new one in its place.
func (f *File) putAside(why error) (*bolt.DB, last, error) {
	aside := f.aside()
	f.o.Log.Warn("what came in before is put aside: the file is damaged, and a new one is begun", "file", f.path, "aside", aside, "err", why)
	if err := os.Rename(f.path, aside); err != nil {
		return nil, last{}, fmt.Errorf("intake: %w", err)
	}
	return openFile(f.path)
}

// aside is where a damaged file goes.
func (f *File) aside() string { return f.path + ".damaged" }

// dropAside removes a file that was put aside once nothing in it may be kept any
// more: nothing was written to it since.
func (f *File) dropAside() error {
	f.disk.RLock() // or a newer one may take its place meanwhile
	defer f.disk.RUnlock()
	info, err := os.Stat(f.aside())
	if err == nil && info.ModTime().Before(f.o.oldest()) {
		err = os.Remove(f.aside())
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func number(b []byte) uint64 { return binary.BigEndian.Uint64(b) }

func bytesOf(numbers ...uint64) []byte {
	var b []byte
	for _, n := range numbers {
		b = binary.BigEndian.AppendUint64(b, n)
	}
	return b
}
