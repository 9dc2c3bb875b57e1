package client

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

const (
	defaultMaxEvents = 100_000
	defaultMaxBytes  = 1 << 30

	lockWait = time.Second
	growth   = 1 << 20 // of the file at once
)

// Open opens an outbox, and makes it (0600) when it is not there. It reads
// everything in it, and does not open what is not whole. One process has an
// outbox open at a time. Errors wrap ErrLocked, ErrDamaged or what the system said.
func Open(path string, o Options) (*Outbox, error) {
	if o.MaxEvents == 0 {
		o.MaxEvents = defaultMaxEvents
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	b := &Outbox{path: path, o: o, log: o.Log, wake: make(chan struct{}, 1), closed: make(chan struct{})}
	if b.log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	if err := b.open(); err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return b, nil
}

// Close closes the file. What waits is offered when it is opened again. End Run
// first: one that still runs returns ErrClosed.
func (b *Outbox) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.shut {
		return nil
	}
	b.shut = true
	close(b.closed)
	return b.db.Close()
}

func (b *Outbox) open() error {
	if _, err := os.Stat(b.path); errors.Is(err, fs.ErrNotExist) {
		if err := create(b.path); err != nil {
			return err
		}
	}
	if err := checkMetas(b.path); err != nil {
		return err
	}
	db, err := openBolt(b.path)
	if err != nil {
		return err
	}
	b.db = db
	if err := b.inspect(); err != nil {
		db.Close()
		return err
	}
	return nil
}

// create makes an empty outbox elsewhere and moves it into place, so that a file
// of that name is always whole: one that is empty has lost what was in it.
func create(path string) error {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.nieuw")
	if err != nil {
		return err
	}
	fresh := file.Name()
	defer os.Remove(fresh) // it has another name by then
	if err := file.Close(); err != nil {
		return err
	}
	db, err := openBolt(fresh)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		return tx.Bucket(stateBucket).Put(formatKey, []byte(format))
	})
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	// A link and not a rename: it never takes the place of one that another process
	// made meanwhile.
	if err := os.Link(fresh, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer folder.Close()
	return folder.Sync()
}

func openBolt(path string) (db *bbolt.DB, err error) {
	err = guard(func() (err error) {
		db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockWait, FreelistType: bbolt.FreelistMapType, NoStatistics: true})
		return err
	})
	var errno syscall.Errno
	var name *fs.PathError
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, ErrLocked
	case err != nil && !errors.As(err, &errno) && !errors.As(err, &name) && !errors.Is(err, ErrDamaged):
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return nil, err
	}
	db.AllocSize = growth
	return db, nil
}

// inspect reads everything: each value as it was written, no number missing
// between the first that waits and the last. It counts what is there.
func (b *Outbox) inspect() error {
	return b.view(func(tx *bbolt.Tx) error {
		info, err := os.Stat(b.path)
		if err != nil {
			return err
		}
		if info.Size() < tx.Size() {
			return fmt.Errorf("%w: it has %d bytes of %d", ErrDamaged, info.Size(), tx.Size())
		}
		for _, name := range buckets {
			if tx.Bucket(name) == nil {
				return fmt.Errorf("%w: this is no outbox", ErrDamaged)
			}
		}
		if got := tx.Bucket(stateBucket).Get(formatKey); string(got) != format {
			return fmt.Errorf("format %q is not one that this version knows", got)
		}
		return errors.Join(b.inspectWaiting(tx), b.inspectRefused(tx), inspectAnswers(tx))
	})
}

func (b *Outbox) inspectWaiting(tx *bbolt.Tx) error {
	waiting := tx.Bucket(waitingBucket)
	next := uint64(0)
	if head := tx.Bucket(stateBucket).Get(headKey); head != nil {
		next = number(head)
	}
	err := waiting.ForEach(func(k, v []byte) error {
		if number(k) != next {
			return fmt.Errorf("%w: event %d is missing", ErrDamaged, next)
		}
		next++
		e, err := readEntry(k, v)
		if err != nil {
			return err
		}
		b.count++
		b.bytes += int64(len(e.event))
		return nil
	})
	if err == nil && next != 0 && next != waiting.Sequence()+1 {
		return fmt.Errorf("%w: event %d is missing", ErrDamaged, next)
	}
	return err
}

func (b *Outbox) inspectRefused(tx *bbolt.Tx) error {
	return tx.Bucket(refusedBucket).ForEach(func(_, v []byte) error {
		var r Refusal
		err := unpackInto(v, &r)
		b.count++
		b.bytes += int64(len(r.Event))
		return err
	})
}

func inspectAnswers(tx *bbolt.Tx) error {
	return tx.Bucket(answersBucket).ForEach(func(_, v []byte) error { return unpackInto(v, new(note)) })
}

// change adds so many events and bytes, when there is room for them.
func (b *Outbox) change(events int, bytes int64, fn func(*bbolt.Tx) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.count+events > b.o.MaxEvents || b.bytes+bytes > b.o.MaxBytes {
		return fmt.Errorf("%w: %d events of %d bytes", ErrFull, b.count, b.bytes)
	}
	if err := b.update(fn); err != nil {
		return err
	}
	b.count += events
	b.bytes += bytes
	return nil
}

func (b *Outbox) update(fn func(*bbolt.Tx) error) error {
	return b.named(guard(func() error { return b.db.Update(fn) }))
}

func (b *Outbox) view(fn func(*bbolt.Tx) error) error {
	return b.named(guard(func() error { return b.db.View(fn) }))
}

func (b *Outbox) named(err error) error {
	switch {
	case errors.Is(err, bolterrors.ErrDatabaseNotOpen):
		return ErrClosed
	case errors.Is(err, ErrDamaged):
		return fmt.Errorf("%s: %w", b.path, err)
	}
	return err
}
