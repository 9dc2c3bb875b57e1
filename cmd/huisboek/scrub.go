package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"huisboek/adapters/natsserver"
	"huisboek/adapters/natsstream"
	"huisboek/events"
	"huisboek/ledger"
)

// scrub is what the background reading has come to.
type scrub struct {
	position atomic.Uint64
}

// scrubAll reads every record and every key once: a damaged old block shows only
// when it is read, and the server goes on appending behind it. Damage halts the
// book.
func (h *house) scrubAll(ctx context.Context) {
	began := time.Now()
	err := h.verifyStreams(ctx, func(_ string, done, _ uint64) { h.scrubbed.position.Store(done) })
	switch {
	case ctx.Err() != nil:
	case err != nil:
		h.haltOnDamage(err)
		h.Log.Error("reading everything was broken off", "err", err)
	default:
		h.note(func(k *keeping) {
			k.Verify = &verified{At: h.Now().UTC().Truncate(time.Second), Position: h.ledger.Position()}
		})
		h.Log.Info("everything was read and is whole", "position", h.ledger.Position(), "took", time.Since(began).Round(time.Millisecond))
	}
}

// haltOnDamage stops the book when its streams are not what they were. That they
// could not be read just now, for lack of time or memory, is no reason.
func (h *house) haltOnDamage(err error) {
	if errors.Is(err, ledger.ErrDamaged) {
		h.ledger.Halt(err)
	}
}

// verifyStreams reads the records and the keys, through the server and so not
// before it is known that the server can.
func (h *house) verifyStreams(ctx context.Context, progress func(what string, done, total uint64)) error {
	for _, name := range []string{natsstream.StreamName(h.folder.Region), natsstream.KeyStreamName(h.folder.Region)} {
		if err := natsserver.CheckFiles(h.server.StreamDir(name)); err != nil {
			return fmt.Errorf("%w: %w", ledger.ErrDamaged, err)
		}
	}
	v, err := h.stream.Verify(ctx, func(done, total events.Position) { progress("records", uint64(done), uint64(total)) })
	if err != nil {
		return err
	}
	if v.Book != h.folder.Book {
		return fmt.Errorf("%w: the stream holds book %s, not %s", ledger.ErrDamaged, v.Book, h.folder.Book)
	}
	erased, err := h.ledger.ErasedKeys()
	if err != nil {
		return err
	}
	return h.keys.Check(ctx, v.HighestKey, erased)
}
