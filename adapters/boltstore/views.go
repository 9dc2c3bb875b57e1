package boltstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"go.etcd.io/bbolt"

	"huisboek/events"
	"huisboek/projections"
)

// Views is the store that questions are answered from. It satisfies
// projections.Store, and its file can be exchanged for a rebuilt one while it
// serves: who is reading goes on with the old file, who begins gets the new one.
type Views struct {
	path string
	opts Options
	name string

	shape int

	exchanging sync.Mutex // held by an exchange from begin to end
	writing    sync.Mutex // held by an Update, and by the last part of an exchange
	mu         sync.RWMutex
	now        *held // guarded by mu
}

var _ projections.Store = (*Views)(nil)

// held is a file in use.
type held struct {
	file  *File
	rows  *behind
	users sync.WaitGroup // Add under Views.mu only
}

// ErrBusy: the views are being rebuilt or compacted already.
var ErrBusy = errors.New("a rebuild is under way")

// nextName is where the next file is made, beside the one in use.
const nextName = ".nieuw"

// OpenViews opens a file with one store, as OpenFile and File.Store do. What a
// rebuild left that was stopped is removed.
func OpenViews(path string, o Options, name string, shape int) (*Views, error) {
	v := &Views{path: path, opts: o, name: name, shape: shape}
	h, err := v.hold(path, o)
	if err != nil {
		return nil, err
	}
	if !o.ReadOnly { // with the lock held nobody else is rebuilding
		if err := removeIfThere(path + nextName); err != nil {
			return nil, errors.Join(err, h.close())
		}
	}
	v.now = h
	return v, nil
}

func (v *Views) hold(path string, o Options) (*held, error) {
	f, err := OpenFile(path, o)
	if err != nil {
		return nil, err
	}
	s, err := f.Store(v.name, v.shape)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &held{file: f, rows: newBehind(s, paceOf(o))}, nil
}

// close writes what waits and closes the file, whatever happens.
func (h *held) close() error { return errors.Join(h.rows.close(), h.file.Close()) }

// use takes the file in use; call users.Done when done with it.
func (v *Views) use() *held {
	v.mu.RLock()
	defer v.mu.RUnlock()
	v.now.users.Add(1)
	return v.now
}

// View implements projections.Store.
func (v *Views) View(fn func(tx projections.Tx, at events.Checkpoint) error) error {
	h := v.use()
	defer h.users.Done()
	return h.rows.View(fn)
}

// Update implements projections.Store: View sees what fn wrote when it returns, and
// some moments later the rows are in the file, with the checkpoint, in one transaction
// (docs/decisions/0031). It waits while files are exchanged. An error that wraps
// projections.ErrUnwritten may be over a while later.
func (v *Views) Update(to events.Checkpoint, fn func(projections.Tx) error) error {
	v.writing.Lock()
	defer v.writing.Unlock()
	h := v.use()
	defer h.users.Done()
	return h.rows.Update(to, fn)
}

// Checkpoint implements projections.Store.
func (v *Views) Checkpoint() (events.Checkpoint, error) {
	h := v.use()
	defer h.users.Done()
	return h.rows.Checkpoint()
}

// Size is the size of the file in use in bytes.
func (v *Views) Size() (int64, error) {
	h := v.use()
	defer h.users.Done()
	return h.file.Size()
}

// Close writes what waits and closes the file, when everyone who uses it is done.
func (v *Views) Close() error {
	v.writing.Lock()
	defer v.writing.Unlock()
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.now.close()
}

// Rebuild makes the views from zero in a second file, compares the two at one
// position, brings the new one up to where the old one is, and takes it into use:
// readers never wait, the runner for the last few records only. difference says
// what the comparison found, "" when the two were the same; the rebuilt file is
// taken into use in either case. After an error the old one is still in use.
func (v *Views) Rebuild(ctx context.Context, source projections.Source, fold projections.Fold,
	progress func(done, total events.Position),
) (difference string, err error) {
	err = v.exchange(func(next *held) error {
		err := v.View(func(tx projections.Tx, at events.Checkpoint) error {
			err := projections.RebuildUntil(ctx, source, fold, next.rows, at.Position, progress)
			if err == nil {
				err = next.rows.drain() // in the file they are in order already
			}
			if err != nil {
				return err
			}
			difference, err = projections.CompareView(tx, at, next.rows, projections.KeyName)
			return err
		})
		if err != nil {
			return err
		}
		return v.catchUp(ctx, source, fold, next)
	}, func(next *held) error { return v.catchUp(ctx, source, fold, next) })
	return difference, err
}

// catchUp brings the next file to where the one in use is, and never further: the
// runner goes on from what it applied itself.
func (v *Views) catchUp(ctx context.Context, source projections.Source, fold projections.Fold, next *held) error {
	at, err := v.Checkpoint()
	if err != nil {
		return err
	}
	return projections.RebuildUntil(ctx, source, fold, next.rows, at.Position, nil)
}

// Compact writes the rows into a new file and takes it into use, so that nothing
// stays of what was deleted: the old file is removed. Updates wait for it.
func (v *Views) Compact() error {
	return v.exchange(func(*held) error { return nil }, func(next *held) error {
		if err := next.file.empty(); err != nil {
			return err
		}
		h := v.use()
		defer h.users.Done()
		if err := h.rows.drain(); err != nil {
			return err
		}
		return h.file.guard(func(*guard) error { return bbolt.Compact(next.file.db, h.file.db, compactBatch) })
	})
}

// compactBatch is how many bytes go into one transaction of a compaction.
const compactBatch = 16 << 20

// exchange makes a second file, lets prepare and then, with updates held back,
// finish fill it, and puts it in the place of the one in use when both stand at
// the same record.
func (v *Views) exchange(prepare, finish func(next *held) error) (err error) {
	if v.opts.ReadOnly {
		return fmt.Errorf("%s: opened for reading only", v.path)
	}
	if !v.exchanging.TryLock() {
		return ErrBusy
	}
	defer v.exchanging.Unlock()
	path := v.path + nextName
	if err := removeIfThere(path); err != nil {
		return err
	}
	o := v.opts
	o.NoSync = true
	next, err := v.hold(path, o)
	if err != nil {
		return err
	}
	taken := false
	defer func() {
		if !taken {
			next.rows.drop()
			err = errors.Join(err, next.file.Close(), removeIfThere(path))
		}
	}()
	if err := prepare(next); err != nil {
		return err
	}

	v.writing.Lock()
	defer v.writing.Unlock()
	if err := finish(next); err != nil {
		return err
	}
	if err := v.sameRecord(next); err != nil {
		return err
	}
	if err := next.finish(v.opts); err != nil {
		return err
	}
	if err := os.Rename(path, v.path); err != nil { // a crash before: the old file; after: the new one
		return err
	}
	next.file.path = v.path
	taken = true

	v.mu.Lock()
	old := v.now
	v.now = next
	v.mu.Unlock()
	old.users.Wait()
	old.rows.drop()
	return errors.Join(old.file.Close(), syncFolder(filepath.Dir(v.path)))
}

// finish puts a new file on disk, and makes it one that can be in use.
func (h *held) finish(o Options) error {
	if err := errors.Join(h.rows.close(), h.file.Sync()); err != nil {
		return err
	}
	h.file.db.NoSync, h.file.db.NoGrowSync = o.NoSync, o.NoSync
	h.rows = newBehind(h.rows.store, paceOf(o))
	return nil
}

func (v *Views) sameRecord(next *held) error {
	was, err := v.Checkpoint()
	if err != nil {
		return err
	}
	is, err := next.rows.Checkpoint()
	if err != nil {
		return err
	}
	if was != is {
		return fmt.Errorf("%s: the new file is at position %d and the old one at %d, or of other records", v.path, is.Position, was.Position)
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
