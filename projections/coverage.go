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
	key := coveredKey(r.Partner, r.Event.Type)
	c := covered{Covered: Covered{First: r.At}}
	if row := tx.Get(key); row != nil {
		if err := c.decode(row); err != nil {
			return fmt.Errorf("position %d: %w", r.Position, err)
		}
	}
	if !r.Event.Afterwards {
		if !sameDay(c.told, r.At) { // else that day is remembered
			if err := keepDay(tx, r.Partner, r.At); err != nil {
				return fmt.Errorf("position %d: %w", r.Position, err)
			}
		}
		c.told = r.At
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

// covered is a row: with when the last was recorded that is no old history (achteraf).
type covered struct {
	Covered
	told time.Time
}

func (c *covered) encode() []byte {
	e := make(encoder, 0, 40)
	e.uint(uint64(c.Count))
	e.time(c.First)
	e.time(c.Last)
	e.position(c.LastAt)
	e.bool(!c.told.IsZero())
	if !c.told.IsZero() {
		e.uint(uint64(c.Last.Sub(c.told).Milliseconds()))
	}
	return e
}

func (c *covered) decode(row []byte) error {
	d := decode(row)
	c.Count, c.First, c.Last, c.LastAt = int(d.uint()), d.time(), d.time(), d.position()
	if d.bool() {
		c.told = c.Last.Add(-time.Duration(d.uint()) * time.Millisecond)
	}
	return d.err()
}

// Of is what a partner has told, by type in the order of their names; types that
// it never told are not there.
func (Coverage) Of(tx Tx, partner string) (list []Covered, err error) {
	err = scanCovered(tx, partner, func(c *covered) { list = append(list, c.Covered) })
	return list, err
}

func scanCovered(tx Tx, partner string, fn func(*covered)) (err error) {
	prefix := partnerPrefix(rowCovered, partner)
	tx.Scan(prefix, func(k, v []byte) bool {
		c := covered{Covered: Covered{Type: coveredType(k[len(prefix):])}}
		if err = c.decode(v); err != nil {
			err = fmt.Errorf("coverage of %s: %w", partner, err)
			return false
		}
		fn(&c)
		return true
	})
	return err
}
