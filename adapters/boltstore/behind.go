package boltstore

import (
	"errors"
	"fmt"
	"sync"
	"time"

	bolterrors "go.etcd.io/bbolt/errors"

	"huisboek/events"
	"huisboek/projections"
)

// behind is a Store that is written behind (docs/decisions/0031): what an Update
// wrote is seen at once, and goes into the file some moments later, with the
// checkpoint and with what others wrote, in one transaction. What did not get there
// in a crash was never in the file: who updates goes on from the file's checkpoint.
//
// Rows wait in two layers: one that Updates write to, and one, handed over, that is
// going into the file and is not changed any more. A reader takes both, and then a
// state of the file. When a layer reaches the file between the two it is in both, and
// says the same twice.
type behind struct {
	store *Store
	write func(*layer) error // into the file; it is the store's, and a test's
	pace  pace
	wake  chan struct{} // something waits
	hurry chan struct{} // and much
	stop  chan struct{} // closed by close
	once  sync.Once
	ended chan struct{} // run has

	flushing sync.Mutex // one flush at a time

	mu       sync.RWMutex // guards what follows; held shared while a reader begins
	changed  *sync.Cond   // with mu: what follows has changed
	updating bool         // an Update is under way; it owns what comes into waiting
	waiting  *layer       // of the Updates; another when it is handed over
	leaving  *layer       // handed over, until it is in the file; nil: none
	due      bool         // waiting is to be handed over as soon as no Update is under way
	failed   error        // why leaving could not be written, until it could
}

// pace says when rows go into the file.
type pace struct {
	after time.Duration // the first has waited for so long; 0: never for that
	size  int           // so many bytes wait
}

var (
	// live is for who is asked. A transaction costs two syncs and each page that it
	// touches, however often; what waits is folded again after a crash.
	live = pace{500 * time.Millisecond, 16 << 20}
	// bulk is for a file that is thrown away after a crash: there is no hurry.
	bulk = pace{0, 32 << 20}
)

func paceOf(o Options) pace {
	if o.NoSync {
		return bulk
	}
	return live
}

// again is how long after a fault the same is tried again.
const again = time.Second

func newBehind(s *Store, p pace) *behind {
	b := &behind{
		store: s, write: s.write, pace: p, waiting: newLayer(0),
		wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1), stop: make(chan struct{}), ended: make(chan struct{}),
	}
	b.changed = sync.NewCond(&b.mu)
	go b.run()
	return b
}

// View implements projections.Store.
func (b *behind) View(fn func(tx projections.Tx, at events.Checkpoint) error) error {
	return b.read(nil, func(t *tx, at events.Checkpoint) error { return fn(t, at) })
}

// Checkpoint implements projections.Store.
func (b *behind) Checkpoint() (at events.Checkpoint, err error) {
	err = b.View(func(_ projections.Tx, here events.Checkpoint) error {
		at = here
		return nil
	})
	return at, err
}

// Update implements projections.Store. It waits while too much does already. When the
// file cannot be written it is refused (projections.ErrUnwritten) until that is over;
// what is there stays, and can be asked.
func (b *behind) Update(to events.Checkpoint, fn func(projections.Tx) error) error {
	mine, err := b.begin()
	if err != nil {
		return err
	}
	whole := false
	defer func() { b.end(mine, to, whole) }()
	err = b.read(mine, func(t *tx, _ events.Checkpoint) error { return fn(t) })
	whole = err == nil
	return err
}

// read runs fn on what was written so far; mine is the layer that it may write to.
func (b *behind) read(mine *layer, fn func(t *tx, at events.Checkpoint) error) error {
	b.mu.RLock()
	locked := true
	defer func() {
		if locked {
			b.mu.RUnlock()
		}
	}()
	return b.store.read(func(t *tx, at events.Checkpoint) error {
		if l := b.leaving; l != nil {
			t.above, at = []edition{{l, l.edition}}, l.to
		}
		if l := b.waiting; l == mine {
			t.above, t.may = append([]edition{{l, l.edition + 1}}, t.above...), true
		} else if l.edition > 0 {
			t.above, at = append([]edition{{l, l.edition}}, t.above...), l.to
		}
		b.mu.RUnlock()
		locked = false
		return fn(t, at)
	})
}

// begin waits until an Update may write, and gives the layer that it writes to.
func (b *behind) begin() (*layer, error) {
	if b.store.file.db.IsReadOnly() {
		return nil, bolterrors.ErrDatabaseReadOnly
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.failed == nil && (b.updating || b.leaving != nil && b.full()) {
		b.changed.Wait()
	}
	if b.failed != nil {
		return nil, b.failed
	}
	b.handOver()
	b.updating = true
	return b.waiting, nil
}

// end makes an Update part of what is seen, or undoes it.
func (b *behind) end(mine *layer, to events.Checkpoint, whole bool) {
	if !whole {
		mine.undo(mine.edition + 1)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.updating = false; whole {
		mine.edition++
		mine.to = to
	}
	if mine.edition == 1 && b.pace.after > 0 {
		signal(b.wake)
	}
	b.handOver()
	b.changed.Broadcast()
}

func (b *behind) full() bool { return b.waiting.size >= b.pace.size }

// handOver lets go what waits, when it is time and nothing else is leaving. Called
// with mu held.
func (b *behind) handOver() {
	if b.updating || b.leaving != nil || b.waiting.edition == 0 || !b.due && !b.full() {
		return
	}
	if !b.due { // flush does not know yet
		signal(b.hurry)
	}
	b.leaving, b.waiting, b.due = b.waiting, newLayer(len(b.waiting.byKey)), false
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// run writes what waits, in its time, until it is stopped.
func (b *behind) run() {
	defer close(b.ended)
	for {
		select {
		case <-b.wake:
			if !b.pause(b.pace.after) {
				return
			}
		case <-b.hurry:
		case <-b.stop:
			return
		}
		for b.flush() != nil {
			if !b.pause(again) {
				return
			}
		}
	}
}

// pause is false when there is nothing to go on for.
func (b *behind) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-b.hurry:
	case <-b.stop:
		return false
	}
	return true
}

// flush writes what is leaving, or else what waits, into the file.
func (b *behind) flush() error {
	b.flushing.Lock()
	defer b.flushing.Unlock()
	b.mu.Lock()
	for b.due = true; b.leaving == nil && b.updating; {
		b.changed.Wait()
	}
	b.handOver()
	l := b.leaving
	b.due = false
	b.mu.Unlock()
	if l == nil {
		return nil
	}
	err := b.write(l)

	b.mu.Lock()
	defer b.mu.Unlock()
	if b.failed = unwritten(err); err == nil {
		b.leaving = nil
		b.handOver()
	}
	if b.waiting.edition > 0 && b.pace.after > 0 {
		signal(b.wake)
	}
	b.changed.Broadcast()
	return err
}

// unwritten tells who updates whether waiting helps: a full disk may be emptied, a
// damaged file does not heal.
func unwritten(err error) error {
	if err == nil || errors.Is(err, ErrDamaged) {
		return err
	}
	return fmt.Errorf("%w: %w", projections.ErrUnwritten, err)
}

// drain writes everything that waits. No Update may begin meanwhile.
func (b *behind) drain() error {
	for {
		b.mu.RLock()
		dry := b.leaving == nil && b.waiting.edition == 0
		b.mu.RUnlock()
		if dry {
			return nil
		}
		if err := b.flush(); err != nil {
			return err
		}
	}
}

// drop ends the writing. What waits is forgotten, but for what is being written.
func (b *behind) drop() {
	b.once.Do(func() { close(b.stop) })
	<-b.ended
}

// close writes what waits, and ends the writing.
func (b *behind) close() error {
	b.drop()
	return b.drain()
}
