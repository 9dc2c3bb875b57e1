package natsstream

import (
	"context"
	"fmt"

	"huisboek/events"
	"huisboek/ledger"
)

// filler stands in the place of a key that is gone, until it is deleted.
var filler = []byte{0}

// Refill appends the keys of a book that is put back, up to MaxBatch at a time, so
// that each has the id that it had: the first one has id first, the others follow. A
// nil key is one that was erased; its id is used up, and its value is never written.
// When it fails, what was written is of no use.
func (k *Keys) Refill(ctx context.Context, first events.KeyID, keys []*[ledger.KeySize]byte) error {
	all := make([]message, len(keys))
	for i, key := range keys {
		all[i] = message{k.subject, filler}
		if key != nil {
			all[i].data = key[:]
		}
	}
	k.writing.Lock()
	defer k.writing.Unlock()
	before := uint64(first) - 1
	last, err := k.pub.append(ctx, &before, all)
	if err != nil {
		return err
	}
	if want := before + uint64(len(keys)); last != want {
		return damaged(k.log.name, last, "stored there what belongs at %d", want)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for i, key := range keys {
		if key != nil {
			continue
		}
		id := uint64(first) + uint64(i)
		if err := k.log.stream.DeleteMsg(ctx, id); err != nil {
			return fmt.Errorf("natsstream: deleting the place of key %d of stream %s: %w", id, k.log.name, err)
		}
		k.erased[events.KeyID(id)] = true
	}
	return nil
}
