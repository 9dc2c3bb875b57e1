package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// Book is what the ledger decides on: a pure function of the stream and the
// keys. It remembers every (source, id) for ever, who takes part and who goes on
// with whose work, what was agreed, what stands open at which employer and what holds
// it, who went last, who is the fixed contact, what the steward laid down, which
// employers are one, and which seal keys belong to whom. It implements
// projections.Fold, so that it can be rebuilt and compared as every view can.
type Book struct {
	keys   *keyring
	agreed agreed
	called called
	head   heading
}

// heading keeps the book's own row as it was last read, for every record is folded
// into it. The row decides.
type heading struct{ last atomic.Pointer[headingRead] }

type headingRead struct {
	row  []byte
	book bookRow
}

func (h *heading) in(tx Tx) (book bookRow, err error) {
	row := tx.Get([]byte{rowBook})
	if was := h.last.Load(); was != nil && bytes.Equal(was.row, row) {
		return was.book, nil
	}
	if row != nil {
		err = decodeRow([]byte{rowBook}, row, &book)
	}
	if err == nil {
		h.last.Store(&headingRead{bytes.Clone(row), book})
	}
	return book, err
}

func (h *heading) put(tx Tx, book *bookRow) error {
	row, err := json.Marshal(book)
	if err != nil {
		return err
	}
	tx.Put([]byte{rowBook}, row)
	h.last.Store(&headingRead{row, *book})
	return nil
}

// Name implements projections.Fold.
func (*Book) Name() string { return "boek" }

// Shape implements projections.Fold.
func (*Book) Shape() int { return 5 }

// Apply folds one record in.
func (b *Book) Apply(tx Tx, r *events.Record) error {
	if err := b.applyHead(tx, r); err != nil {
		return err
	}
	switch d := r.Event.Data.(type) {
	case *events.BookOpened:
		return nil // applyHead has it
	case *events.PartnerAdmitted:
		return applyAdmitted(tx, r.Position, d)
	case *events.PartnerDeparted:
		return applyDeparted(tx, r.Position, d)
	case *events.PartnerSucceeded:
		return applySucceeded(tx, r.Position, d)
	case *events.AgreementSet:
		return applyAgreement(tx, r.Position, d)
	case *events.DataErased:
		b.applyErased(tx, r.Position, d)
		return nil
	}
	return b.applyEvent(tx, r)
}

// applyHead keeps what every record adds: the tip, the id, the keys it names.
func (b *Book) applyHead(tx Tx, r *events.Record) error {
	row, err := b.head.in(tx)
	if err != nil {
		return err
	}
	if d, ok := r.Event.Data.(*events.BookOpened); ok && r.Position == 1 {
		row = bookRow{Book: d.Book, Region: d.Region, OIN: d.OIN}
	}
	row.At = r.At.UnixMilli()
	members := r.Event.PersonalMembers()
	for _, m := range members {
		if m.Seal != nil {
			row.HighestKey = max(row.HighestKey, m.Seal.Key)
		}
	}
	if err := b.applySubjects(tx, r, members); err != nil {
		return err
	}
	tx.Put(idKey(r.Event.Source, r.Event.ID), u64(uint64(r.Position)))
	return b.head.put(tx, &row)
}

// applySubjects remembers which key is whose, so that the next event about the
// same person uses it again and one erasure reaches everything.
func (b *Book) applySubjects(tx Tx, r *events.Record, members []events.Member) error {
	for _, m := range members {
		if m.Kind == events.TextMember || m.Seal == nil { // a free text has a key of its own
			continue
		}
		key := positionKey(rowKey, events.Position(m.Seal.Key))
		if tx.Get(key) != nil || isErased(tx, m.Seal.Key) {
			continue
		}
		subject, ok, err := b.keys.subjectOf(r, m)
		if err != nil {
			return fmt.Errorf("position %d: %w", r.Position, err)
		}
		if !ok {
			continue // the key is gone already: the event that erased it comes later in the stream
		}
		tx.Put(key, subject[:])
		tx.Put(keyOf(rowSubject, subject[:], u64(uint64(m.Seal.Key))), nil)
	}
	return nil
}

func (b *Book) applyErased(tx Tx, at events.Position, d *events.DataErased) {
	for _, id := range d.Keys {
		key := positionKey(rowKey, events.Position(id))
		if subject := tx.Get(key); subject != nil {
			tx.Delete(keyOf(rowSubject, subject, u64(uint64(id))))
			tx.Delete(key)
		}
		tx.Put(positionKey(rowErased, events.Position(id)), u64(uint64(at)))
	}
}

// tipOf is what the book's own rows say of its tip.
func tipOf(tx Tx) (row bookRow, err error) {
	_, err = getRow(tx, []byte{rowBook}, &row)
	return row, err
}

// isErased reports whether a key was erased.
func isErased(tx Tx, id events.KeyID) bool {
	return tx.Get(positionKey(rowErased, events.Position(id))) != nil
}

// erasedKeys lists every key that was ever erased.
func erasedKeys(tx Tx) []events.KeyID {
	var ids []events.KeyID
	tx.Scan([]byte{rowErased}, func(k, _ []byte) bool {
		ids = append(ids, events.KeyID(binary.BigEndian.Uint64(k[1:])))
		return true
	})
	return ids
}
