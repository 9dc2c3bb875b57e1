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
	dirty        chan struct{}
	stop         context.CancelFunc
	ownerDone    chan struct{}
	flusherDone  chan struct{}
	closing      sync.RWMutex // held shared while a job is put into the queue
	closed       bool
	halted       atomic.Pointer[error]
	unfinished   atomic.Bool // an erasure may be recorded whose keys are there still

	// Owned by the owner goroutine, after Open.
	tip events.Checkpoint
	at  time.Time // when the last record was recorded
}

const (
	queueSize     = 16_384
	flushLinger   = 20 * time.Millisecond // lets a transaction gather what comes in meanwhile; nobody waits for it
	flushBacklog  = 50_000                // rows in memory at which recording waits for the file
	appendTimeout = 30 * time.Second
)

// Open opens a book: it makes the genesis when the stream and the file are both
// new, checks that the stream is the one the file was folded from, folds the
// tail, and destroys keys that were erased but came back with a copy. The
// errors wrap ErrDamaged when the book must not be used.
func Open(ctx context.Context, cfg Config) (*Ledger, error) {
	l := &Ledger{
		cfg: cfg, region: cfg.Region, log: cfg.Log, now: cfg.Now,
		markKey: DeriveKey(cfg.Secret, forMark),
		keys:    newKeyring(cfg.Keys, DeriveKey(cfg.Secret, forSubject)),
		queue:   make(chan *job, queueSize), dirty: make(chan struct{}, 1),
		ownerDone: make(chan struct{}), flusherDone: make(chan struct{}),
	}
	l.fold = &Book{keys: l.keys}
	if l.log == nil {
		l.log = slog.New(slog.DiscardHandler)
	}
	if l.now == nil {
		l.now = time.Now
	}
	cp, err := cfg.Store.Checkpoint()
	if err != nil {
		return nil, err
	}
	l.rows, l.tip = &overlay{store: cfg.Store, tip: cp}, cp
	if err := l.start(ctx); err != nil {
		return nil, err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = stop
	go l.own(run)
	go l.flusher(run)
	if err := l.finishErasures(ctx); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// start brings the book to the tip of the stream.
func (l *Ledger) start(ctx context.Context) error {
	last, err := l.cfg.Stream.Last(ctx)
	if err != nil {
		return err
	}
	if last < l.tip.Position {
		return fmt.Errorf("%w: the stream ends at position %d, but position %d was recorded before: its tail is missing", ErrDamaged, last, l.tip.Position)
	}
	if l.tip.Position > 0 {
		if err := l.checkTip(ctx); err != nil {
			return err
		}
	}
	if err := l.loadTip(); err != nil {
		return err
	}
	if err := l.catchUp(ctx); err != nil {
		return err
	}
	if l.tip.Position == 0 {
		if err := l.genesis(ctx); err != nil {
			return err
		}
	}
	if err := l.checkBook(ctx); err != nil {
		return err
	}
	return l.checkKeys(ctx)
}

// checkTip compares the record at the checkpoint with what the book folded.
func (l *Ledger) checkTip(ctx context.Context) error {
	data, err := l.cfg.Stream.Get(ctx, l.tip.Position)
	if err != nil {
		return err
	}
	if events.HashOf(data) != l.tip.Hash {
		return fmt.Errorf("%w: position %d is not the record that was recorded there", ErrDamaged, l.tip.Position)
	}
	return nil
}

// loadTip takes over from the rows what the owner keeps in memory.
func (l *Ledger) loadTip() error {
	return l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		row, err := tipOf(tx)
		l.book, l.oin = row.Book, row.OIN
		l.at = time.UnixMilli(row.At).UTC()
		l.keys.forget(erasedKeys(tx))
		return err
	})
}

// checkBook makes sure that region, folder, secret and stream belong together.
func (l *Ledger) checkBook(ctx context.Context) error {
	data, err := l.cfg.Stream.Get(ctx, 1)
	if err != nil {
		return err
	}
	r, err := events.DecodeRecord(data)
	if err != nil {
		return fmt.Errorf("%w: position 1: %w", ErrDamaged, err)
	}
	opened, ok := r.Event.Data.(*events.BookOpened)
	switch {
	case !ok:
		return fmt.Errorf("%w: position 1 is %s, not boek-geopend", ErrDamaged, r.Event.Type.Name())
	case opened.Region != l.region:
		return fmt.Errorf("this is the book of region %s, not of %s", opened.Region, l.region)
	case l.cfg.Book != "" && opened.Book != l.cfg.Book:
		return fmt.Errorf("%w: the stream holds book %s, the data folder book %s", ErrDamaged, opened.Book, l.cfg.Book)
	case mark(l.markKey, &r.Event, nil) != r.Mark:
		return errors.New("the secret in the data folder is not this book's secret")
	}
	l.book, l.oin = opened.Book, opened.OIN
	return nil
}

// checkKeys: an id of the key stream must never be given out twice, so a key
// stream that is shorter than the book needs is a wrong one.
func (l *Ledger) checkKeys(ctx context.Context) error {
	var row bookRow
	if err := l.rows.view(func(tx Tx, _ events.Checkpoint) (err error) { row, err = tipOf(tx); return err }); err != nil {
		return err
	}
	last, err := l.cfg.Keys.Last(ctx)
	if err != nil {
		return err
	}
	if last < row.HighestKey {
		return fmt.Errorf("%w: the key stream ends at key %d, but the book uses key %d: its tail is missing", ErrDamaged, last, row.HighestKey)
	}
	return nil
}

// catchUp folds what is in the stream after the tip, checking the chain.
func (l *Ledger) catchUp(ctx context.Context) error {
	err := l.cfg.Stream.Read(ctx, l.tip.Position+1, func(p events.Position, data []byte) error {
		r, err := events.DecodeRecord(data)
		switch {
		case err != nil:
			return fmt.Errorf("%w: position %d: %w", ErrDamaged, p, err)
		case r.Position != p || p != l.tip.Position+1:
			return fmt.Errorf("%w: at position %d stands a record of position %d, after %d", ErrDamaged, p, r.Position, l.tip.Position)
		case r.Previous != l.tip.Hash:
			return fmt.Errorf("%w: position %d does not follow from position %d: its chain is broken", ErrDamaged, p, l.tip.Position)
		}
		top, err := l.rows.try(func(tx Tx) error { return l.fold.Apply(tx, r) })
		if err != nil {
			return err
		}
		l.keep(top, r)
		return l.limitBacklog()
	})
	if err != nil {
		return err
	}
	return l.loadBook()
}

func (l *Ledger) loadBook() error {
	if l.book != "" {
		return nil
	}
	return l.loadTip()
}

// keep makes folded records part of the book; r is the last of them.
func (l *Ledger) keep(top layer, records ...*events.Record) {
	r := records[len(records)-1]
	l.rows.keep(top, r.Checkpoint())
	l.tip, l.at = r.Checkpoint(), r.At
	for _, r := range records {
		if d, ok := r.Event.Data.(*events.DataErased); ok {
			l.keys.forget(d.Keys)
		}
	}
	select {
	case l.dirty <- struct{}{}:
	default: // the flusher knows already
	}
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
// its checkpoint is what tells a shortened stream.
func (l *Ledger) flusher(ctx context.Context) {
	defer close(l.flusherDone)
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.dirty:
		}
		linger := time.NewTimer(flushLinger)
		select {
		case <-ctx.Done():
			linger.Stop()
			return
		case <-linger.C:
		}
		if err := l.rows.flush(); err != nil {
			l.Halt(fmt.Errorf("the book's file cannot be written: %w", err))
		}
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
func (l *Ledger) Position() events.Position {
	l.rows.mu.RLock()
	defer l.rows.mu.RUnlock()
	return l.rows.tip.Position
}

// Book is the book's UUID.
func (l *Ledger) Book() string { return l.book }

// Region is the labour-market region whose book it is.
func (l *Ledger) Region() string { return l.region }

// StewardOIN is the OIN under which the region's steward speaks.
func (l *Ledger) StewardOIN() string { return l.oin }

// Fold is the book's own fold, for rebuilding it beside the live one.
func (l *Ledger) Fold() *Book { return l.fold }

func (l *Ledger) today() events.Date { return events.DateOf(l.now()) }

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
