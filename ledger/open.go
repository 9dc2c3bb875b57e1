package ledger

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"huisboek/events"
)

// Open opens a book: it makes the genesis when the stream and the file are both
// new, checks that the stream is the one the file was folded from, folds the
// tail, and destroys keys that were erased but came back with a copy. The
// errors wrap ErrDamaged when the book must not be used.
func Open(ctx context.Context, cfg Config) (*Ledger, error) {
	l := &Ledger{
		cfg: cfg, region: cfg.Region, log: cfg.Log, now: cfg.Now,
		markKey: newMAC(DeriveKey(cfg.Secret, forMark)),
		keys:    newKeyring(cfg.Keys, newMAC(DeriveKey(cfg.Secret, forSubject))),
		queue:   make(chan []*job, queueSize), dirty: make(chan struct{}, 1), full: make(chan struct{}, 1), rehearsals: make(chan struct{}, rehearsalsAtOnce),
		pace: newPace(), ownerDone: make(chan struct{}), flusherDone: make(chan struct{}),
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
	switch {
	case l.tip.Position > 0:
		if err := l.checkTip(ctx); err != nil {
			return err
		}
	case last > 0 && !l.cfg.Witnessed:
		l.log.Warn("the book's file is new and the stream is not: nothing here can tell whether the end of the stream is missing", "position", last)
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
		top, err := l.rows.try(func(tx Tx, _ events.Checkpoint) error { return l.fold.Apply(tx, r) })
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

// genesis makes position 1. It goes past the queue: nobody else is there yet.
func (l *Ledger) genesis(ctx context.Context) error {
	if l.cfg.Book == "" {
		l.cfg.Book = uuid.NewString()
	}
	l.book, l.oin = l.cfg.Book, l.cfg.StewardOIN
	at := l.now()
	e, err := events.NewEvent(oinIdentity(l.oin)+":systeem:huisboek", l.book, at, &events.BookOpened{Book: l.book, Region: l.region, OIN: l.oin})
	if err != nil {
		return err
	}
	r := &events.Record{
		Version: events.FormatVersion, Book: l.book, Position: 1, At: at.UTC().Truncate(time.Millisecond),
		Partner: l.book, Credential: DoorBook, Door: DoorBook, Mark: mark(l.markKey, e, nil),
		Verdict: events.Verdict{Outcome: events.Free, Rules: RulesVersion, Today: events.DateOf(at)}, Event: *e,
	}
	data, err := events.EncodeRecord(r)
	if err != nil {
		return err
	}
	switch err := l.cfg.Stream.Append(ctx, 0, []Message{{e.Type.Name(), data}}); {
	case errors.Is(err, ErrFence), errors.Is(err, ErrUnknown): // somebody else opened it, or we did
		l.book = ""
		return l.catchUp(ctx)
	case err != nil:
		return err
	}
	top, err := l.rows.try(func(tx Tx, _ events.Checkpoint) error { return l.fold.Apply(tx, r) })
	if err != nil {
		return err
	}
	l.keep(top, r)
	return nil
}
