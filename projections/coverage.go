package projections

import (
	"fmt"
	"time"

	"huisboek/events"
)

// Covered is what a partner has told of one type.
type Covered struct {
	Type   events.Type
	Count  int             // events recorded, corrections and retractions included
	First  time.Time       // when the first was recorded
	Last   time.Time       // when the last was recorded
	LastAt events.Position // of the last
}

// Coverage is the view of what each partner tells at all, since when, and in what
// rhythm. It counts what was said: a retraction is one more event and takes nothing
// away.
type Coverage struct{}

// Name implements Fold.
func (Coverage) Name() string { return "dekking" }

// Shape implements Fold.
func (Coverage) Shape() int { return 3 }

// Apply implements Fold.
func (Coverage) Apply(tx Tx, r *events.Record) error {
	if !byPartner(r) {
		return nil
	}
	if !r.Event.Afterwards {
		k, err := readKept(tx, r.Partner)
		if err != nil {
			return fmt.Errorf("position %d: %w", r.Position, err)
		}
		k.add(r.At)
		k.write(tx, r.Partner)
	}
	key := coveredKey(r.Partner, r.Event.Type)
	c := Covered{First: r.At}
	if row := tx.Get(key); row != nil {
		if err := c.decode(row); err != nil {
			return fmt.Errorf("position %d: %w", r.Position, err)
		}
	}
	c.Count, c.Last, c.LastAt = c.Count+1, r.At, r.Position
	tx.Put(key, c.encode())
	return nil
}

// byPartner reports whether a partner said it, and not the steward, the board or the ledger.
func byPartner(r *events.Record) bool {
	e := r.Event.Type.Emitter()
	return e == events.ByPartner || e == events.ByEither && r.Partner != r.Book
}

func (c *Covered) encode() []byte {
	e := make(encoder, 0, 32)
	e.uint(uint64(c.Count))
	e.time(c.First)
	e.time(c.Last)
	e.position(c.LastAt)
	return e
}

func (c *Covered) decode(row []byte) error {
	d := decode(row)
	c.Count, c.First, c.Last, c.LastAt = int(d.uint()), d.time(), d.time(), d.position()
	return d.err()
}

// Of is what a partner has told, by type in the order of their names; types that
// it never told are not there.
func (Coverage) Of(tx Tx, partner string) (list []Covered, err error) {
	prefix := partnerPrefix(rowCovered, partner)
	tx.Scan(prefix, func(k, v []byte) bool {
		c := Covered{Type: events.Type(k[len(prefix):])}
		if err = c.decode(v); err != nil {
			err = fmt.Errorf("coverage of %s: %w", partner, err)
			return false
		}
		list = append(list, c)
		return true
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}
