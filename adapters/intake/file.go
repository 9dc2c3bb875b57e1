package intake

import (
	"errors"
	"log/slog"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Options of a File. Zero values are the defaults.
type Options struct {
	Keep       time.Duration    // default 90 days
	PerPartner int              // deliveries kept of a partner, refused and others each; default 20,000
	Now        func() time.Time // default the machine's clock
	Log        *slog.Logger
}

func (o *Options) complete() {
	if o.Keep <= 0 {
		o.Keep = 90 * 24 * time.Hour
	}
	if o.PerPartner <= 0 {
		o.PerPartner = 20_000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

// File remembers deliveries in one bbolt file. Safe for concurrent use.
//
// What is noted goes to memory, and from there to the file a little later, by the
// goroutine run and in one transaction; readers join the two. A file that cannot
// be written holds nobody up: what is in memory is bounded, and tried again.
type File struct {
	o    Options
	path string

	mu      sync.Mutex
	order   uint64 // of the last line
	noted   *noted // what comes in now
	writing *noted // what is being written, or could not be; nil: nothing

	disk sync.RWMutex // held for writing while the file is exchanged for another
	db   *bolt.DB     // nil after an exchange that failed

	flushing sync.Mutex // one at a time; with failing and behind
	failing  bool       // the last write failed, and that was logged
	behind   bool       // lines were dropped, and that was logged

	wake       chan struct{} // something was noted
	stop, done chan struct{}
	closed     sync.Once
	hook       func() error // of tests: a write fails with its error
}

const (
	writeEvery = 200 * time.Millisecond // from the first line noted to the file
	retryEvery = 5 * time.Second        // after a write that failed
	tidyEvery  = time.Hour
)

// Open opens a file, or makes it. One that is damaged is put aside for a new one:
// nothing in it is the only copy of anything. What was put aside is removed when
// all of it is older than Keep.
func Open(path string, o Options) (*File, error) {
	o.complete()
	f := &File{o: o, path: path, wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	db, last, err := openFile(path)
	if errors.Is(err, errDamaged) {
		db, last, err = f.putAside(err)
	}
	if err != nil {
		return nil, err
	}
	f.db, f.order, f.noted = db, last.order, newNoted(last.number+1)
	go f.run()
	return f, nil
}

// Close writes what is in memory and closes the file.
func (f *File) Close() (err error) {
	f.closed.Do(func() {
		close(f.stop)
		<-f.done
		f.disk.Lock()
		defer f.disk.Unlock()
		err = errors.Join(f.flushErr(), closeFile(f.db))
		f.db = nil
	})
	return err
}

// Note remembers a delivery. It does not wait for the disk: a crash loses the
// last second.
func (f *File) Note(partner string, d Delivery) {
	if d.Outcome != OutcomeRecorded && d.Outcome != OutcomeAgain {
		d.Outcome = OutcomeRefused
	}
	d.At = d.At.UTC().Truncate(time.Millisecond)
	d.Faults = append([]FaultCode{}, d.Faults[:min(len(d.Faults), MaxNotedFaults)]...)
	f.mu.Lock()
	f.order++
	f.noted.add(line{f.order, partner, d})
	f.mu.Unlock()
	f.signal()
}

// count counts a delivery without remembering it.
func (f *File) count(partner string, d Delivery) {
	f.mu.Lock()
	f.noted.day(partner, d.Door, d.At).count(&d)
	f.mu.Unlock()
	f.signal()
}

// postpone counts events that were told to come back.
func (f *File) postpone(partner, door string, at time.Time, n int) {
	f.mu.Lock()
	f.noted.day(partner, door, at).Deferred += n
	f.mu.Unlock()
	f.signal()
}

func (f *File) signal() {
	select {
	case f.wake <- struct{}{}:
	default: // it knows
	}
}

// run is the goroutine that writes. It ends with a last write.
func (f *File) run() {
	defer close(f.done)
	tidy := time.NewTicker(tidyEvery)
	defer tidy.Stop()
	f.tidy()
	for pause := writeEvery; ; {
		select {
		case <-f.wake:
		case <-tidy.C:
			f.tidy()
			continue
		case <-f.stop:
			f.flush()
			return
		}
		select {
		case <-time.After(pause):
		case <-f.stop:
			f.flush()
			return
		}
		pause = writeEvery
		if !f.flush() {
			pause = retryEvery
			f.signal()
		}
	}
}

// flush writes everything that was noted before it was called, and reports
// whether it could.
func (f *File) flush() bool {
	f.flushing.Lock()
	defer f.flushing.Unlock()
	for range 2 { // what could not be written before, and what came since
		n := f.next()
		if n == nil {
			break
		}
		if err := f.write(n); err != nil {
			f.complain(err)
			return false
		}
		f.mu.Lock()
		f.writing = nil
		f.mu.Unlock()
		f.tellDropped(n.dropped)
	}
	if f.failing {
		f.failing = false
		f.o.Log.Info("what came in is written again", "file", f.path)
	}
	return true
}

// next is what is to be written now, nil when there is nothing.
func (f *File) next() *noted {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.writing == nil && !f.noted.empty() {
		f.writing, f.noted = f.noted, newNoted(f.noted.number+1)
	}
	return f.writing
}

func (f *File) complain(err error) {
	if !f.failing {
		f.failing = true
		f.o.Log.Error("what came in cannot be written; it is kept in memory as far as there is room", "file", f.path, "err", err)
	}
}

// tellDropped logs once for each time that the disk cannot keep up.
func (f *File) tellDropped(n int) {
	if n > 0 && !f.behind {
		f.o.Log.Warn("more came in than could be written: the oldest lines were dropped, and are counted only", "file", f.path, "dropped", n)
	}
	f.behind = n > 0
}

// flushErr is an error when something was left in memory.
func (f *File) flushErr() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.writing != nil || !f.noted.empty() {
		return errors.New("intake: not everything could be written")
	}
	return nil
}

// write puts what was noted into the file, and into a new one when that is damaged.
func (f *File) write(n *noted) error {
	if f.hook != nil {
		if err := f.hook(); err != nil {
			return err
		}
	}
	return f.update(func(tx *bolt.Tx) error { return f.o.store(tx, n) })
}

// tidy drops what is too old of partners from which nothing comes in any more, and
// a file that was put aside.
func (f *File) tidy() {
	f.flushing.Lock()
	defer f.flushing.Unlock()
	if err := f.update(f.o.tidy); err != nil {
		f.o.Log.Warn("old deliveries are not dropped", "file", f.path, "err", err)
	}
	if err := f.dropAside(); err != nil {
		f.o.Log.Warn("an old file that was put aside is not removed", "file", f.aside(), "err", err)
	}
}
