package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"huisboek/events"
	"huisboek/ledger"
)

// MemoryKeys is a ledger.Keys in memory. The zero value holds no keys.
type MemoryKeys struct {
	// Fail, when it is not nil, is asked before every Append and Erase; what it
	// returns is returned, and nothing is done.
	Fail func() error

	mu   sync.Mutex
	keys []*[ledger.KeySize]byte // nil = erased
}

var _ ledger.Keys = (*MemoryKeys)(nil)

func (k *MemoryKeys) fail(ctx context.Context) error {
	if err := ctx.Err(); err != nil || k.Fail == nil {
		return err
	}
	return k.Fail()
}

// Append stores keys.
func (k *MemoryKeys) Append(ctx context.Context, keys [][ledger.KeySize]byte) (events.KeyID, error) {
	if err := k.fail(ctx); err != nil {
		return 0, err
	}
	if len(keys) == 0 {
		return 0, errors.New("ledgertest: no keys to append")
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	first := events.KeyID(len(k.keys)) + 1
	for _, key := range keys {
		k.keys = append(k.keys, &key)
	}
	return first, nil
}

// Get gives a key.
func (k *MemoryKeys) Get(_ context.Context, id events.KeyID) ([ledger.KeySize]byte, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if id < 1 || id > events.KeyID(len(k.keys)) || k.keys[id-1] == nil {
		return [ledger.KeySize]byte{}, fmt.Errorf("%w: key %d", ledger.ErrErased, id)
	}
	return *k.keys[id-1], nil
}

// Read gives those of some keys that are left.
func (k *MemoryKeys) Read(ctx context.Context, ids []events.KeyID, fn func(events.KeyID, [ledger.KeySize]byte) error) error {
	for _, id := range ids {
		key, err := k.Get(ctx, id)
		if errors.Is(err, ledger.ErrErased) {
			continue
		}
		if err != nil {
			return err
		}
		if err := fn(id, key); err != nil {
			return err
		}
	}
	return nil
}

// Erase destroys keys.
func (k *MemoryKeys) Erase(ctx context.Context, ids []events.KeyID) error {
	if err := k.fail(ctx); err != nil {
		return err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, id := range ids {
		if id >= 1 && id <= events.KeyID(len(k.keys)) {
			k.keys[id-1] = nil
		}
	}
	return nil
}

// Last is the highest id ever given out.
func (k *MemoryKeys) Last(context.Context) (events.KeyID, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return events.KeyID(len(k.keys)), nil
}
