package boltstore

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"huisboek/projections"
)

// What opening a file or a store may answer.
var (
	// ErrLocked: another process has the file open. Stop it, or ask it.
	ErrLocked = errors.New("locked by another process; is the book being served?")
	// ErrDamaged: the file is not what was written. Remove it and rebuild.
	ErrDamaged = errors.New("file is damaged")
	// ErrForeign: the file is another book's. Nothing was changed.
	ErrForeign = errors.New("file belongs to another book")
	// ErrShape: the store was written by another version of its fold. Reset it
	// (or remove the file) and rebuild.
	ErrShape = errors.New("rows are of another shape")
	// ErrNoStore: the file has no such store, and is read only.
	ErrNoStore = errors.New("no such store in the file")
)

// Options say how a file is opened. The zero value opens it for writing,
// durably, of whatever book it is.
type Options struct {
	// Book is the UUID of the book that the file is, or is to be, part of. It is
	// stamped into a new file, and another book's file is refused. Empty accepts
	// any; see Stamp.
	Book string
	// ReadOnly opens with a shared lock and changes nothing.
	ReadOnly bool
	// NoSync leaves transactions unsynced until Sync or Close: for a file that is
	// thrown away after a crash, as a rebuild's is.
	NoSync bool
	// Timeout is how long to wait for another process's lock; zero is one second.
	Timeout time.Duration
}

// File is one bbolt file, locked as long as it is open. Its methods may be called
// from any goroutine.
type File struct {
	db       *bbolt.DB
	path     string
	updating sync.Mutex // one Update of a store at a time
}

// A mapping larger than the file lets it grow without moving: bbolt moves a
// mapping only when no reader is left, and meanwhile lets no new reader in. It is
// address space, not memory.
const mapped = 16 << 30

// growth is by how much a file grows at once, in bytes; each time costs a sync.
const growth = 4 << 20

// The file's own bucket, besides one for each store.
var (
	fileBucket = []byte("\x00file") // no store's name begins so
	bookKey    = []byte("boek")
)

// OpenFile opens a file, and makes it (0600) when it is not there: it is then on
// disk, name and all, when OpenFile returns. Errors wrap ErrLocked, ErrDamaged,
// ErrForeign or what the system said.
func OpenFile(path string, o Options) (f *File, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("open %s: %w", path, err)
		}
	}()
	_, statErr := os.Stat(path)
	made := errors.Is(statErr, os.ErrNotExist)
	db, err := openBolt(path, o)
	if err != nil {
		return nil, err
	}
	f = &File{db: db, path: path}
	if err := f.prepare(o, made); err != nil {
		db.Close()
		return nil, err
	}
	return f, nil
}

func openBolt(path string, o Options) (db *bbolt.DB, err error) {
	timeout := o.Timeout
	if timeout == 0 {
		timeout = time.Second
	}
	options := &bbolt.Options{
		Timeout: timeout, ReadOnly: o.ReadOnly, NoSync: o.NoSync,
		FreelistType: bbolt.FreelistMapType, NoStatistics: true,
	}
	if runtime.GOOS != "windows" && strconv.IntSize == 64 {
		options.InitialMmapSize = mapped
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			db, err = nil, brokenPage(p)
		}
	}()
	db, err = bbolt.Open(path, 0o600, options)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, ErrLocked
	case err != nil && !fromSystem(err): // bbolt looked at the file and did not know it
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return nil, err
	}
	db.AllocSize = growth
	db.NoGrowSync = o.NoSync
	return db, nil
}

// fromSystem reports whether the system refused, rather than bbolt.
func fromSystem(err error) bool {
	var errno syscall.Errno
	var path *fs.PathError
	return errors.As(err, &errno) || errors.As(err, &path)
}

// prepare sees that the file is whole, is the right book's, and stays.
func (f *File) prepare(o Options, made bool) error {
	if err := f.checkSize(); err != nil {
		return err
	}
	if o.Book != "" {
		if err := f.Stamp(o.Book); err != nil {
			return err
		}
	}
	if made {
		return syncFolder(filepath.Dir(f.path))
	}
	return nil
}

// checkSize finds a file that was cut off: reading behind its end would kill the
// process.
func (f *File) checkSize() error {
	return f.guard(func(*guard) error {
		return f.db.View(func(btx *bbolt.Tx) error {
			info, err := os.Stat(f.path)
			if err != nil {
				return err
			}
			if info.Size() < btx.Size() {
				return fmt.Errorf("%w: it has %d bytes of %d", ErrDamaged, info.Size(), btx.Size())
			}
			return nil
		})
	})
}

// Stamp says whose the file is: a file that is nobody's becomes that book's,
// another book's is refused (ErrForeign), and so is a read-only file of nobody.
func (f *File) Stamp(book string) error {
	is, err := f.Book()
	switch {
	case err != nil || is == book:
		return err
	case is != "" || f.db.IsReadOnly():
		return fmt.Errorf("%w: it is of %q and not of %q", ErrForeign, is, book)
	}
	return f.guard(func(*guard) error {
		return f.db.Update(func(btx *bbolt.Tx) error {
			b, err := btx.CreateBucketIfNotExists(fileBucket)
			if err != nil {
				return err
			}
			return b.Put(bookKey, []byte(book))
		})
	})
}

// Book is the UUID of the book that the file is part of; empty when nobody said.
func (f *File) Book() (book string, err error) {
	err = f.guard(func(*guard) error {
		return f.db.View(func(btx *bbolt.Tx) error {
			if b := btx.Bucket(fileBucket); b != nil {
				book = string(b.Get(bookKey))
			}
			return nil
		})
	})
	return book, err
}

// Path is where the file stands.
func (f *File) Path() string { return f.path }

// Size is the size of the file in bytes.
func (f *File) Size() (n int64, err error) {
	info, err := os.Stat(f.path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Sync puts on disk what NoSync left.
func (f *File) Sync() error {
	if f.db.NoGrowSync { // then the file ends with the last page that was written, used or not
		if err := f.lengthen(); err != nil {
			return err
		}
	}
	return f.db.Sync()
}

// lengthen makes the file as long as it says that it is.
func (f *File) lengthen() error {
	return f.guard(func(*guard) error {
		return f.db.View(func(btx *bbolt.Tx) error {
			info, err := os.Stat(f.path)
			if err != nil || info.Size() >= btx.Size() {
				return err
			}
			return os.Truncate(f.path, btx.Size())
		})
	})
}

// Close releases the file and its lock, when every transaction has ended.
func (f *File) Close() error {
	if f.db.NoSync && !f.db.IsReadOnly() {
		if err := f.Sync(); err != nil && !errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
			f.db.Close()
			return err
		}
	}
	return f.db.Close()
}

// Dump writes every store in the file in a form that is the same exactly when
// the stores are (projections.Dump), each after a line with its name.
func (f *File) Dump(w io.Writer) error {
	stores, err := f.stores()
	if err != nil {
		return err
	}
	for _, s := range stores {
		if _, err := fmt.Fprintf(w, "store %s\n", s.name); err != nil {
			return err
		}
		if err := projections.Dump(s, w); err != nil {
			return err
		}
	}
	return nil
}

// syncFolder puts the names in a folder on disk.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
