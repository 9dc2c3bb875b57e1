package readlog

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
)

// DefaultKeep is how long looks are kept when nothing was said: three years. It is our
// choice: a yearly audit can look back on two whole years besides the running one.
const DefaultKeep = (3*365 + 1) * 24 * time.Hour

// Options of a File. Zero values are the defaults, but Key must be set.
type Options struct {
	Key      []byte           // under which subjects are numbered; of the book
	Keep     time.Duration    // 0: what the file was last told, or DefaultKeep
	MaxBytes int64            // what looks may take; then the oldest go. Default 2 GiB
	Now      func() time.Time // default the machine's clock
	Log      *slog.Logger
}

func (o *Options) complete() error {
	if len(o.Key) < 32 {
		return errors.New("readlog: a key of 32 bytes is needed")
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 2 << 30
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return nil
}

// File is the log in one bbolt file. Safe for concurrent use.
//
// One goroutine writes, in one transaction all that waits. It alone touches broken,
// failing and crowded.
type File struct {
	o    Options
	path string
	db   *bolt.DB
	size atomic.Int64 // what looks take

	queue      chan *waiting
	stop, done chan struct{}
	closing    sync.Once
	closed     error

	broken  error        // the file was found damaged: nothing is written any more
	failing bool         // the last write failed, and that was logged
	crowded bool         // looks that may be kept were dropped, and that was logged
	hook    func() error // of tests: a write fails with its error
}

// waiting is a look on its way to disk.
type waiting struct {
	entry *Entry
	value []byte
	told  chan error
}

const (
	maxAtOnce = 256       // looks in one transaction
	pruneStep = 200       // looks dropped in one transaction
	tidyEvery = time.Hour // and at the start
)

// ErrClosed: the file was closed.
var ErrClosed = errors.New("readlog: closed")

// Open opens a log, or makes it.
func Open(path string, o Options) (*File, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	db, err := openOrBegin(path, o.Log)
	if err != nil {
		return nil, err
	}
	f := &File{o: o, path: path, db: db, queue: make(chan *waiting), stop: make(chan struct{}), done: make(chan struct{})}
	if err := guard(path, func() error { return db.Update(f.settle) }); err != nil {
		return nil, errors.Join(err, guard(path, db.Close))
	}
	go f.run()
	return f, nil
}

// settle settles how long looks are kept: what is said now is remembered, so that a
// command that opens the file without saying drops nothing too early.
func (f *File) settle(tx *bolt.Tx) error {
	t := tableOf(tx)
	f.size.Store(int64(t.bytes))
	if f.o.Keep > 0 {
		return t.state.Put(keyKeep, bytesOf(uint64(f.o.Keep)))
	}
	if f.o.Keep = time.Duration(number(t.state.Get(keyKeep))); f.o.Keep <= 0 {
		f.o.Keep = DefaultKeep
	}
	return nil
}

// Close ends writing and closes the file. What was not acknowledged by then is
// refused.
func (f *File) Close() error {
	f.closing.Do(func() {
		close(f.stop)
		<-f.done
		f.closed = guard(f.path, f.db.Close)
	})
	return f.closed
}

// Keep is how long looks are kept.
func (f *File) Keep() time.Duration { return f.o.Keep }

// Size is how many bytes the looks take, and how many they may.
func (f *File) Size() (now, most int64) { return f.size.Load(), f.o.MaxBytes }

// Subject is the number of a contact person: of the one that stands at place i in the
// list of an event. With the book anybody can make it again from there; without it
// nobody can tell whose it is.
func (f *File) Subject(source, id string, i int) string {
	h := hmac.New(sha256.New, f.o.Key)
	for _, part := range []string{source, id, strconv.Itoa(i)} {
		h.Write(bytesOf(uint64(len(part))))
		h.Write([]byte(part))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Write returns nil when the look is on disk: only then may its answer be sent. After
// an error it may be there all the same, of an answer that was not given.
func (f *File) Write(ctx context.Context, l Look) error {
	if l.People < 1 || l.Employer == "" || l.Described == "" || l.Purpose == "" {
		return fmt.Errorf("readlog: a look that is not whole: %d people, purpose %q", l.People, l.Purpose)
	}
	e := &Entry{Look: l, Records: make([]Record, l.People)}
	if e.Trace == "" {
		e.Trace, e.Parent = random(16), ""
	}
	e.Began = l.Began.UTC().Truncate(time.Microsecond)
	for i := range e.Records {
		e.Records[i] = Record{random(8), f.Subject(l.Card.Source, l.Card.ID, i)}
	}
	value, err := encode(e)
	if err != nil {
		return fmt.Errorf("readlog: %w", err)
	}
	w := &waiting{e, value, make(chan error, 1)}
	select {
	case f.queue <- w:
	case <-ctx.Done():
		return ctx.Err()
	case <-f.stop:
		return ErrClosed
	}
	select {
	case err := <-w.told:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// random is so many random bytes in hexadecimal.
func random(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	return hex.EncodeToString(b)
}

// run is the goroutine that writes.
func (f *File) run() {
	defer close(f.done)
	tick := time.NewTicker(tidyEvery)
	defer tick.Stop()
	again := make(chan struct{})
	close(again)
	for more := f.tidy(); ; {
		tidy := again
		if !more {
			tidy = nil
		}
		select {
		case w := <-f.queue:
			f.commit(f.gather(w))
		case <-tidy:
			more = f.tidy()
		case <-tick.C:
			more = true
		case <-f.stop:
			return
		}
	}
}

// gather is what waits, with the first of it.
func (f *File) gather(w *waiting) []*waiting {
	all := []*waiting{w}
	for len(all) < maxAtOnce {
		select {
		case w := <-f.queue:
			all = append(all, w)
		default:
			return all
		}
	}
	return all
}

// commit writes looks in one transaction, and tells each what came of it. Here they
// become true: db.Update returns after the sync.
func (f *File) commit(all []*waiting) {
	_, err := f.update(func(t *table) (bool, error) {
		now := f.o.Now()
		for _, w := range all {
			if err := t.add(w.entry, w.value, now); err != nil {
				return false, err
			}
		}
		more, err := f.prune(t, 2*len(all)) // more than came in, or it would only grow
		if errors.Is(err, ErrDamaged) {     // an old look that cannot be read is no reason to take no new ones
			err = nil
		}
		return more, err
	})
	f.complain(err)
	for _, w := range all {
		w.told <- err
	}
}

// tidy drops some of what is too old or too much, and says whether there is more.
func (f *File) tidy() (more bool) {
	before := f.o.Now().Add(-f.o.Keep)
	due := false
	err := f.view(func(tx *bolt.Tx) error {
		k, _ := tx.Bucket(bucketLooks).Cursor().First()
		due = k != nil && (number(k) < placeOf(before) || f.size.Load() > f.o.MaxBytes)
		return nil
	})
	if err == nil && due {
		more, err = f.update(func(t *table) (bool, error) { return f.prune(t, pruneStep) })
	}
	if err != nil {
		f.o.Log.Warn("old looks at contact persons are not dropped", "file", f.path, "err", err)
		return false
	}
	return more
}

func (f *File) prune(t *table, most int) (more bool, err error) {
	crowded, more, err := t.prune(f.o.Now().Add(-f.o.Keep), most, uint64(f.o.MaxBytes))
	if crowded > 0 && !f.crowded {
		f.crowded = true
		f.o.Log.Warn("there are more looks at contact persons than there is room for: the oldest are dropped before their time", "file", f.path, "room", f.o.MaxBytes)
	}
	return more, err
}

// update runs fn in one transaction that is on disk when it returns nil.
func (f *File) update(fn func(*table) (bool, error)) (more bool, err error) {
	if f.broken != nil {
		return false, f.broken
	}
	defer func() {
		if errors.As(err, new(panicked)) { // bbolt may hold a lock of its own for ever
			f.broken = err
		}
	}()
	var size uint64
	err = guard(f.path, func() error {
		return f.db.Update(func(tx *bolt.Tx) (err error) {
			if f.hook != nil {
				if err := f.hook(); err != nil {
					return err
				}
			}
			t := tableOf(tx)
			if more, err = fn(t); err != nil {
				return err
			}
			size = t.bytes
			return t.close()
		})
	})
	if err == nil {
		f.size.Store(int64(size))
	}
	return more, err
}

func (f *File) view(fn func(*bolt.Tx) error) error {
	return guard(f.path, func() error { return f.db.View(fn) })
}

// complain logs once for each time that looks cannot be written.
func (f *File) complain(err error) {
	switch {
	case err != nil && !f.failing:
		f.o.Log.Error("looks at contact persons cannot be written: answers with contact persons are refused until they can", "file", f.path, "err", err)
	case err == nil && f.failing:
		f.o.Log.Info("looks at contact persons are written again", "file", f.path)
	}
	f.failing = err != nil
}
