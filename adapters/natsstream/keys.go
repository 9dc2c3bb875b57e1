package natsstream

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"huisboek/events"
	"huisboek/ledger"
)

// Keys is a region's stream of seal keys. A message is the key's 64 bytes and
// nothing else. JetStream's own checksum over every message finds a changed bit
// when the key is read, and a key that was changed together with its checksum
// does not open what it sealed: a checksum of ours would add nothing.
type Keys struct {
	log     *log
	pub     *publisher
	subject string
	dir     string // the stream's files

	writing sync.Mutex   // one append under way; the pool is filled by one goroutine anyhow
	mu      sync.RWMutex // Erase against reading all; guards what follows
	// erased is every key that may be missing, as far as is known: all of them
	// once Check was told. Until then a key that is missing counts as erased.
	erased  map[events.KeyID]bool
	checked bool
}

var _ ledger.Keys = (*Keys)(nil)

// Append stores up to MaxBatch keys in one atomic batch and returns the id of
// the first. Large batches are much cheaper: each costs some milliseconds.
func (k *Keys) Append(ctx context.Context, keys [][ledger.KeySize]byte) (events.KeyID, error) {
	if len(keys) == 0 {
		return 0, errors.New("natsstream: no keys to append")
	}
	all := make([]message, len(keys))
	for i := range keys {
		all[i] = message{k.subject, keys[i][:]}
	}
	k.writing.Lock()
	defer k.writing.Unlock()
	last, err := k.pub.append(ctx, nil, all)
	if err != nil {
		return 0, err
	}
	return events.KeyID(last - uint64(len(keys)) + 1), nil
}

// Last is the highest id ever given out, 0 when none was.
func (k *Keys) Last(ctx context.Context) (events.KeyID, error) {
	last, err := k.log.last(ctx)
	return events.KeyID(last), err
}

// Get gives a key, or ledger.ErrErased. After Check it can tell a key that was
// lost from one that was erased: that is ledger.ErrDamaged.
func (k *Keys) Get(ctx context.Context, id events.KeyID) (key [ledger.KeySize]byte, err error) {
	data, err := k.log.get(ctx, uint64(id))
	if errors.Is(err, errNotFound) {
		return key, k.missing(ctx, id)
	}
	if err != nil {
		return key, err
	}
	return k.key(id, data)
}

func (k *Keys) key(id events.KeyID, data []byte) (key [ledger.KeySize]byte, err error) {
	if len(data) != ledger.KeySize {
		return key, damaged(k.log.name, uint64(id), "a key of %d bytes", len(data))
	}
	return [ledger.KeySize]byte(data), nil
}

func (k *Keys) missing(ctx context.Context, id events.KeyID) error {
	k.mu.RLock()
	lost := k.checked && !k.erased[id]
	k.mu.RUnlock()
	if lost {
		last, err := k.Last(ctx)
		if err != nil {
			return err
		}
		if id <= last {
			return damaged(k.log.name, uint64(id), "the key is missing or unreadable, and was not erased")
		}
	}
	return fmt.Errorf("%w: key %d", ledger.ErrErased, id)
}

const (
	keyBlock  = 4_096 // keys that are wanted and read in one go: an Erase waits that long
	keyLeap   = 1_000 // ids that nobody wants: reading them costs more than to begin anew after them
	keySparse = 8     // ids for each that is wanted: reading more costs more than to ask for that one
)

// Read gives those of some keys that are left. What lies together is read in order by a
// consumer, and what lies apart is asked for one by one.
func (k *Keys) Read(ctx context.Context, ids []events.KeyID, fn func(events.KeyID, [ledger.KeySize]byte) error) error {
	for len(ids) > 0 {
		n := 1
		for n < min(len(ids), keyBlock) && ids[n]-ids[n-1] <= keyLeap {
			n++
		}
		read := k.readTogether
		if n < few || ids[n-1]-ids[0] > keySparse*events.KeyID(n) {
			read = k.readEach
		}
		if err := read(ctx, ids[:n], fn); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

func (k *Keys) readEach(ctx context.Context, ids []events.KeyID, fn func(events.KeyID, [ledger.KeySize]byte) error) error {
	for _, id := range ids {
		data, err := k.log.get(ctx, uint64(id))
		if errors.Is(err, errNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		key, err := k.key(id, data)
		if err != nil {
			return err
		}
		if err := fn(id, key); err != nil {
			return err
		}
	}
	return nil
}

// readTogether reads up to the last of the keys, or to one after it. There must be one,
// or the reading would wait for it.
func (k *Keys) readTogether(ctx context.Context, ids []events.KeyID, fn func(events.KeyID, [ledger.KeySize]byte) error) error {
	k.mu.RLock() // an erasure meanwhile could take that one away
	defer k.mu.RUnlock()
	for ; len(ids) > 0; ids = ids[:len(ids)-1] {
		_, _, err := k.log.from(ctx, uint64(ids[len(ids)-1]))
		if err == nil {
			break
		}
		if !errors.Is(err, errNotFound) {
			return err
		}
	}
	if len(ids) == 0 {
		return nil
	}
	r, err := k.log.read(ctx, uint64(ids[0]), true)
	if err != nil {
		return err
	}
	defer r.close()
	for len(ids) > 0 {
		seq, data, err := r.next(ctx)
		if err != nil {
			return err
		}
		id := events.KeyID(seq)
		for len(ids) > 0 && ids[0] < id {
			ids = ids[1:] // it is gone
		}
		if len(ids) == 0 || ids[0] > id {
			continue
		}
		key, err := k.key(id, data)
		if err != nil {
			return err
		}
		if err := fn(id, key); err != nil {
			return err
		}
		ids = ids[1:]
	}
	return nil
}

// ReadAll gives every key that is left, from an id on, in order, up to the end
// as it is now. fn must not use k, and an Erase waits until all are read.
// Reading keys one by one in no order loads a block of 8 MB for each; whoever
// needs many asks Read for them, or reads all and keeps them.
func (k *Keys) ReadAll(ctx context.Context, from events.KeyID, fn func(events.KeyID, [ledger.KeySize]byte) error) error {
	k.mu.RLock() // an erasure meanwhile would look like a loss
	defer k.mu.RUnlock()
	return k.readAll(ctx, from, fn)
}

func (k *Keys) readAll(ctx context.Context, from events.KeyID, fn func(events.KeyID, [ledger.KeySize]byte) error) error {
	st, err := k.log.state(ctx)
	if err != nil || st.Msgs == 0 {
		return err
	}
	// All are read, also those before from: how many are left after an id the
	// server does not say, and to stop it has to be known.
	r, err := k.log.read(ctx, 1, true)
	if err != nil {
		return err
	}
	defer r.close()
	for range st.Msgs {
		seq, data, err := r.next(ctx)
		if err != nil {
			return err
		}
		id := events.KeyID(seq)
		if id < from {
			continue
		}
		key, err := k.key(id, data)
		if err != nil {
			return err
		}
		if err := fn(id, key); err != nil {
			return err
		}
	}
	return nil
}

// Check reads every key and compares what is missing with what was erased:
// highest is the highest id that the book names (Verified.HighestKey), erased
// the ids that it says were erased. Afterwards Get knows a lost key from an
// erased one.
func (k *Keys) Check(ctx context.Context, highest events.KeyID, erased map[events.KeyID]bool) error {
	last, err := k.Last(ctx)
	if err != nil {
		return err
	}
	if last < highest {
		return fmt.Errorf("%w: stream %s ends at key %d, and the book uses key %d", ledger.ErrDamaged, k.log.name, last, highest)
	}
	k.learn(erased)
	want := events.KeyID(1)
	gap := func(before events.KeyID) error {
		for ; want < before; want++ {
			if !k.erased[want] {
				return damaged(k.log.name, uint64(want), "the key is missing or unreadable, and was not erased")
			}
		}
		return nil
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	err = k.readAll(ctx, 1, func(id events.KeyID, _ [ledger.KeySize]byte) error {
		if err := gap(id); err != nil {
			return err
		}
		want = id + 1
		return nil
	})
	if err != nil {
		return err
	}
	return gap(last + 1)
}

// learn notes which keys may be missing; only what the book says counts from now on.
func (k *Keys) learn(erased map[events.KeyID]bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.checked = true
	for id := range erased {
		k.erased[id] = true
	}
}
