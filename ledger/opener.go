package ledger

import (
	"context"
	"crypto/cipher"
	"slices"

	"huisboek/events"
)

// opener unseals with keys that were read all at once, and does not put them where the
// keys in use are kept: those would make place for them.
type opener struct {
	keys *keyring
	book string
	ids  []events.KeyID // of what was read, ascending
	read [][sealHalf]byte

	last events.KeyID // members of one card follow each other
	gcm  cipher.AEAD  // of last
}

// Unsealer gives an Unseal for many members: it reads the keys with these ids, which are
// ascending, in one pass over the key stream, and holds them (40 bytes each) as long as it
// is held. Another key it reads as Unseal does. What is erased meanwhile it does not unseal
// any more. It is for one goroutine.
func (l *Ledger) Unsealer(ctx context.Context, ids []events.KeyID) (unseal func(ctx context.Context, source, id, path string, s events.Seal) ([]byte, error), err error) {
	o := &opener{keys: l.keys, book: l.book, ids: make([]events.KeyID, 0, len(ids)), read: make([][sealHalf]byte, 0, len(ids))}
	err = l.cfg.Keys.Read(ctx, ids, func(id events.KeyID, key [KeySize]byte) error {
		o.ids, o.read = append(o.ids, id), append(o.read, [sealHalf]byte(key[:]))
		return nil
	})
	return o.unseal, err
}

func (o *opener) unseal(ctx context.Context, source, id, path string, s events.Seal) ([]byte, error) {
	if o.keys.anyErased([]events.KeyID{s.Key}) {
		return nil, ErrErased
	}
	if o.gcm == nil || o.last != s.Key {
		at, ok := slices.BinarySearch(o.ids, s.Key)
		if !ok {
			return o.keys.unseal(ctx, o.book, source, id, path, s)
		}
		gcm, err := aead(o.read[at][:])
		if err != nil {
			return nil, err
		}
		o.last, o.gcm = s.Key, gcm
	}
	return openSeal(o.gcm, o.book, source, id, path, s)
}
