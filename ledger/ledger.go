package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"huisboek/events"
)

// Config is what a ledger stands on. All fields but Now, Log and OnErased are
// required.
type Config struct {
	Region     string           // "AM36"
	Book       string           // the book's UUID; used for the genesis, and checked after it
	StewardOIN string           // of the region's steward; used for the genesis only
	Secret     [SecretSize]byte // the book's secret; without it no kenmerk can be made again
	Stream     Stream
	Keys       Keys
	Store      Store            // the book's own file, locked for this ledger alone
	Witnessed  bool             // the stream was held against how far the book had come: a new file is then nothing to warn of
	Now        func() time.Time // nil: the machine's clock
	Log        *slog.Logger     // nil: nothing is logged

	// OnErased is told of every erasure after it is recorded and before its keys
	// are destroyed, and again for keys that had come back from a copy. It keeps
	// the list outside the data folder; an error stops the erasure until the next
	// Erase or start.
	OnErased func(Erasure) error
}

// Ledger owns the tip of one book: a single goroutine decides and appends.
// Everything else (decoding, sealing, answering) happens where the caller is.
// Safe for concurrent use.
type Ledger struct {
	cfg          Config
	book, region string
	oin          string
	markKey      []byte
	fold         *Book
	keys         *keyring
	rows         *overlay
	log          *slog.Logger
	now          func() time.Time
	queue        chan *job
	rehearsals   chan struct{}
	dirty        chan struct{}
	stop         context.CancelFunc
	ownerDone    chan struct{}
	flusherDone  chan struct{}
	closing      sync.RWMutex // held shared while a job is put into the queue
	closed       bool
	halted       atomic.Pointer[error]
	unfinished   atomic.Bool // an erasure may be recorded whose keys are there still
	unjudged     atomic.Bool // for a benchmark: what recording costs without the verdict

	moments moments

	// Owned by the owner goroutine, after Open.
	tip events.Checkpoint
	at  time.Time // when the last record was recorded
}

const (
	queueSize     = 16_384
	flushLinger   = 20 * time.Millisecond // lets a transaction gather what comes in meanwhile; nobody waits for it
	flushBacklog  = 50_000                // rows in memory at which recording waits for the file
	flushAgain    = time.Second           // to a file that had no room
	appendTimeout = 30 * time.Second
)

// keep makes folded records part of the book; r is the last of them.
func (l *Ledger) keep(top layer, records ...*events.Record) {
	r := records[len(records)-1]
	l.rows.keep(top, r.Checkpoint())
	l.tip, l.at = r.Checkpoint(), r.At
	l.moments.keep(records)
	for _, r := range records {
		if d, ok := r.Event.Data.(*events.DataErased); ok {
			l.keys.forget(d.Keys)
		}
	}
	l.soil()
}

func (l *Ledger) limitBacklog() error {
	if l.rows.pending() < flushBacklog {
		return nil
	}
	return l.rows.flush()
}

// Flush writes to the file what was recorded until now. Nothing needs it but
// whoever reads the file beside the ledger.
func (l *Ledger) Flush() error { return l.rows.flush() }

// flusher lets the file follow. When the file cannot be written the book stops:
// its checkpoint is what tells a shortened stream. A disk without room stops it not:
// the rows stay in memory, and recording refuses when they are many.
func (l *Ledger) flusher(ctx context.Context) {
	defer close(l.flusherDone)
	linger := flushLinger
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.dirty:
		}
		wait := time.NewTimer(linger)
		select {
		case <-ctx.Done():
			wait.Stop()
			return
		case <-wait.C:
		}
		switch err := l.rows.flush(); {
		case err == nil:
			if linger == flushAgain {
				l.log.Info("the book's file is written again", "position", l.Position())
			}
			linger = flushLinger
		case errors.Is(err, ErrFull):
			if linger == flushLinger {
				l.log.Error("the book's file has no room; what was recorded is kept in memory until it has", "err", err)
			}
			linger = flushAgain
			l.soil()
		default:
			l.Halt(fmt.Errorf("the book's file cannot be written: %w", err))
		}
	}
}

// soil tells the flusher that there is something to write.
func (l *Ledger) soil() {
	select {
	case l.dirty <- struct{}{}:
	default: // it knows already
	}
}

// Halt stops recording for good, with the reason; reading goes on. For damage
// that somebody has to look at.
func (l *Ledger) Halt(err error) {
	err = fmt.Errorf("%w: %w", ErrHalted, err)
	if l.halted.CompareAndSwap(nil, &err) {
		l.log.Error("the book has halted", "err", err)
	}
}

// Err is why the book halted, or nil.
func (l *Ledger) Err() error {
	if p := l.halted.Load(); p != nil {
		return *p
	}
	return nil
}

// Position is the last position recorded.
func (l *Ledger) Position() events.Position { return l.Tip().Position }

// Tip is the last record, with its hash.
func (l *Ledger) Tip() events.Checkpoint {
	l.rows.mu.RLock()
	defer l.rows.mu.RUnlock()
	return l.rows.tip
}

// Book is the book's UUID.
func (l *Ledger) Book() string { return l.book }

// StewardOIN is the OIN under which the region's steward speaks.
func (l *Ledger) StewardOIN() string { return l.oin }

// Fold is the book's own fold, for rebuilding it beside the live one.
func (l *Ledger) Fold() *Book { return l.fold }

func (l *Ledger) today() events.Date { return events.DateOf(l.now()) }

// dayOf is today as the tip sees it: when the clock went back, the day of the last record.
func (l *Ledger) dayOf(tx Tx) (events.Date, error) {
	row, err := tipOf(tx)
	return max(l.today(), events.DateOf(time.UnixMilli(row.At))), err
}

// Close records what waits already, takes nothing new, writes the file and ends.
// It does not close the Store.
func (l *Ledger) Close() error {
	l.closing.Lock()
	if l.closed {
		l.closing.Unlock()
		<-l.flusherDone
		return nil
	}
	l.closed = true
	close(l.queue)
	l.closing.Unlock()
	<-l.ownerDone
	l.stop()
	<-l.flusherDone
	return l.rows.flush()
}
