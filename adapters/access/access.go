// Package access keeps who may speak: credentials, the NATS accounts of the partners,
// and the people who may sign in, in one bbolt file with mode 0600.
//
// A credential that has expired is refused from that moment on, by the clock and
// not by a timer that may be late; it stays listed until it is removed. Rotating
// one makes a successor beside it, so that both are good for a while.
//
// A token is stored as its SHA-256 only; whoever holds the file can make none.
// Every value is under a MAC that binds it to its bucket and key, and one MAC is
// over all of them together, so that a value that was changed, moved, removed or
// put back from an older file is found when the file is opened. What is not
// found is the whole file being replaced by an older one of its own: only a
// backup does that, and a restore is a decision.
//
// Account seeds stand in the file as they are, because the server needs them.
// bbolt leaves the bytes of removed entries on free pages until it reuses them, or
// until Compact.
package access

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
)

// MinKey is the least length of the MAC key, in bytes.
const MinKey = 32

// lockTimeout bounds the wait for the file's lock: bbolt's default is for ever.
const lockTimeout = 2 * time.Second

// File is an open access file. It is safe for concurrent use; reading touches no
// disk, writing is on disk when it returns.
type File struct {
	path  string
	db    *bolt.DB // write holds for it too: Compact puts another in its place
	mac   []byte
	now   func() time.Time
	write sync.Mutex            // one change at a time, from the file to state
	state atomic.Pointer[state] // what the file holds; never changed in place
}

// state is everything in the file, checked, indexed for the doors.
type state struct {
	credentials map[string]stored    // by id
	tokens      map[tokenHash]string // to credential id
	accounts    map[string]Account   // by credential id
	publicKeys  map[string]string    // of accounts, to credential id
	digests     []Digest
	feeds       map[string]storedFeed // by id
	feedTokens  map[tokenHash]string  // to feed id
	people      people
	ledgerSeed  string
}

// Open opens the file, or makes it, and checks every value under macKey. An
// error wraps ErrDamaged and names bucket and id when a value is not what was
// written under that key; bbolt's ErrTimeout when another process has the file.
func Open(path string, macKey []byte) (f *File, err error) {
	if len(macKey) < MinKey {
		return nil, fmt.Errorf("access: MAC key of %d bytes, at least %d are needed", len(macKey), MinKey)
	}
	defer damagedOnPanic(path, &err)()
	db, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout})
	if err != nil {
		return nil, fmt.Errorf("access: %s: %w", path, err)
	}
	if err := os.Remove(path + halfSuffix); err != nil && !errors.Is(err, os.ErrNotExist) { // of a Compact that broke off
		return nil, fmt.Errorf("access: %w", errors.Join(err, db.Close()))
	}
	f = &File{path: path, db: db, mac: append([]byte(nil), macKey...), now: time.Now}
	if err := f.db.View(f.load); err != nil {
		db.Close()
		return nil, fmt.Errorf("access: %s: %w", path, err)
	}
	return f, nil
}

// UseClock tells the time by another clock than the machine's. Call it before
// anything else.
func (f *File) UseClock(now func() time.Time) { f.now = now }

// moment is now, as it is stored.
func (f *File) moment() time.Time { return f.now().UTC().Truncate(time.Millisecond) }

// damagedOnPanic turns a panic of bbolt on a broken page, and a fault in its
// memory map, into ErrDamaged.
func damagedOnPanic(path string, err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		if p := recover(); p != nil {
			if _, ours := p.(runtime.Error); ours { // bbolt walked off a page; what it says is about its own code
				p = "a page of it cannot be read"
			}
			*err = fmt.Errorf("access: %s: %w: %v", path, ErrDamaged, p)
		}
	}
}

// Close releases the file and its lock.
func (f *File) Close() error {
	f.write.Lock()
	defer f.write.Unlock()
	return f.db.Close()
}

// update runs fn on the file and takes the state from what the file then holds:
// there is one way from bytes to state.
func (f *File) update(fn func(tx *bolt.Tx) error) error {
	f.write.Lock()
	defer f.write.Unlock()
	var next *state
	err := f.db.Update(func(tx *bolt.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		if err := f.sealWhole(tx); err != nil {
			return err
		}
		s, err := f.read(tx)
		next = s
		return err
	})
	if err != nil {
		return fmt.Errorf("access: %w", err)
	}
	f.state.Store(next)
	return nil
}

func (f *File) load(tx *bolt.Tx) error {
	s, err := f.read(tx)
	if err != nil {
		return err
	}
	f.state.Store(s)
	return nil
}
