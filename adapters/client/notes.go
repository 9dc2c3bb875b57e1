package client

import (
	"go.etcd.io/bbolt"

	"huisboek/ledger"
)

// note is an answer that was not told yet.
type note struct {
	Event   []byte          `json:"melding,omitempty"`
	Receipt *ledger.Receipt `json:"ontvangstbewijs,omitempty"`
	Again   bool            `json:"eerderGezien,omitzero"` // of the receipt
	Refusal *Refusal        `json:"weigering,omitempty"`
}

// answered takes the event that was offered off the list, and keeps what became
// of it, in one transaction: a crash leaves both as they were, or neither.
func (b *Outbox) answered(e *entry, n note) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	err := b.update(func(tx *bbolt.Tx) error {
		if err := forget(tx, b.told); err != nil {
			return err
		}
		if err := tx.Bucket(waitingBucket).Delete(key(e.number)); err != nil {
			return err
		}
		if err := tx.Bucket(stateBucket).Put(headKey, key(e.number+1)); err != nil {
			return err
		}
		if n.Refusal != nil {
			if err := putPacked(tx.Bucket(refusedBucket), e.number, n.Refusal); err != nil {
				return err
			}
		}
		if n.Refusal == nil && b.o.OnReceipt == nil || n.Refusal != nil && b.o.OnRefused == nil {
			return nil
		}
		return putPacked(tx.Bucket(answersBucket), e.number, n)
	})
	if err == nil && n.Refusal == nil {
		b.count--
		b.bytes -= int64(len(e.event))
	}
	return err
}

// tell calls back about every answer that was not told yet.
func (b *Outbox) tell() error {
	for {
		at, n, err := b.nextNote()
		if err != nil || n == nil {
			return err
		}
		switch {
		case n.Refusal != nil && b.o.OnRefused != nil:
			err = b.o.OnRefused(*n.Refusal)
		case n.Receipt != nil && b.o.OnReceipt != nil:
			n.Receipt.Again = n.Again
			err = b.o.OnReceipt(n.Event, n.Receipt)
		}
		if err != nil {
			return err
		}
		b.mu.Lock()
		b.told = at
		b.mu.Unlock()
	}
}

func (b *Outbox) nextNote() (at uint64, n *note, err error) {
	b.mu.Lock()
	told := b.told
	b.mu.Unlock()
	err = b.view(func(tx *bbolt.Tx) error {
		k, v := tx.Bucket(answersBucket).Cursor().Seek(key(told + 1))
		if k == nil {
			return nil
		}
		at, n = number(k), new(note)
		return unpackInto(v, n)
	})
	return at, n, err
}

// settle drops the notes that were told. With every answer those before it go as
// well, so this is for when nothing waits.
func (b *Outbox) settle() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	left := false
	err := b.view(func(tx *bbolt.Tx) error {
		k, _ := tx.Bucket(answersBucket).Cursor().First()
		left = k != nil && number(k) <= b.told
		return nil
	})
	if err != nil || !left {
		return err
	}
	return b.update(func(tx *bbolt.Tx) error { return forget(tx, b.told) })
}

func forget(tx *bbolt.Tx, told uint64) error {
	c := tx.Bucket(answersBucket).Cursor()
	for k, _ := c.First(); k != nil && number(k) <= told; k, _ = c.First() {
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return nil
}
