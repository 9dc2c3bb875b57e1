package projections

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"huisboek/events"
)

// Working says whether the appointments work, of one partner in one month. Old history
// (achteraf) is left out of it, and so is what was retracted.
type Working struct {
	Month   string // "2026-11"
	Partner string // internal UUID

	Visits    int // made in the month
	Announced int // of those: by an approach that was first planned before the visit's day
	Clashed   int // of those: in a clash that was neither withdrawn nor turned out to be joint

	Plans   int // approaches that could hold the employer until a day in the month, whatever became of them
	Unused  int // of those: expired, neither called off nor made
	Despite int // of those: whose maker went through a warning
}

// Add adds the figures of another.
func (w *Working) Add(other *Working) {
	w.Visits += other.Visits
	w.Announced += other.Announced
	w.Clashed += other.Clashed
	w.Plans += other.Plans
	w.Unused += other.Unused
	w.Despite += other.Despite
}

// The marks of what is counted.
const (
	countedVisit = 1 << iota
	countedClashed
	countedOpen
	countedDespite
)

// counted is the row by which a thing counts in the figures.
func (t *thing) counted() []byte {
	mark := byte(0)
	for _, m := range []struct {
		is  bool
		bit byte
	}{{t.Visit, countedVisit}, {t.clashed, countedClashed}, {t.open, countedOpen}, {t.Despite, countedDespite}} {
		if m.is {
			mark |= m.bit
		}
	}
	e := make(encoder, 0, 48)
	e.byte(mark)
	e.text(t.Partner)
	e.position(t.root)
	return e
}

// Working gives the figures of the months from one to another, by month and partner,
// as they stand on a day; who has nothing in a month is not there.
func (Clashes) Working(tx Tx, from, to string, today events.Date) (list []Working, err error) {
	type item struct {
		day     uint32
		id      events.Position
		mark    byte
		partner string
		root    events.Position
	}
	var items []item
	prefix := clashPrefix(clashMonth)
	last := dayNumber(events.Date(to + "-31"))
	tx.ScanFrom(binary.BigEndian.AppendUint32(slices.Clone(prefix), dayNumber(events.Date(from+"-01"))), prefix, func(k, v []byte) bool {
		rest := k[len(prefix):]
		if len(rest) != 12 {
			err = ErrRow
			return false
		}
		d := decode(v)
		i := item{binary.BigEndian.Uint32(rest), events.Position(binary.BigEndian.Uint64(rest[4:])), d.byte(), d.text(), d.position()}
		if i.day > last {
			return false
		}
		if err = d.err(); err != nil {
			err = fmt.Errorf("figures of position %d: %w", i.id, err)
			return false
		}
		items = append(items, i)
		return true
	})
	if err != nil {
		return nil, err
	}
	type cell struct {
		month   uint32
		partner string
	}
	cells := map[cell]*Working{}
	x := clashReader{tx: tx, today: today}
	for _, i := range items {
		key := cell{i.day / 100, i.partner}
		w := cells[key]
		if w == nil {
			w = &Working{Month: fmt.Sprintf("%04d-%02d", key.month/100, key.month%100), Partner: i.partner}
			cells[key] = w
		}
		if i.mark&countedVisit == 0 {
			w.Plans++
			w.Unused += one(i.mark&countedOpen != 0 && i.day < dayNumber(today))
			w.Despite += one(i.mark&countedDespite != 0)
			continue
		}
		w.Visits++
		on, err := announced(tx, i.root, dateOf(i.day))
		if err != nil {
			return nil, err
		}
		w.Announced += one(on)
		if i.mark&countedClashed != 0 {
			clashed, err := x.clashed(i.id)
			if err != nil {
				return nil, err
			}
			w.Clashed += one(clashed)
		}
	}
	for _, w := range cells {
		list = append(list, *w)
	}
	slices.SortFunc(list, func(a, b Working) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Partner, b.Partner))
	})
	return list, nil
}

// clashed reports whether a thing is in a clash that counts.
func (x *clashReader) clashed(id events.Position) (bool, error) {
	for _, p := range clashesOf(x.tx, id) {
		found, err := readFound(x.tx, p)
		if err != nil {
			return false, err
		}
		for i := range found {
			c := &found[i]
			if !c.has(id) {
				continue
			}
			if err := x.complete(c); err != nil {
				return false, err
			}
			if c.End != EndWithdrawn && c.End != EndTogether {
				return true, nil
			}
		}
	}
	return false, nil
}

func one(is bool) int {
	if is {
		return 1
	}
	return 0
}

// dateOf is the day with a number ([dayNumber]).
func dateOf(n uint32) events.Date {
	return events.Date(fmt.Sprintf("%04d-%02d-%02d", n/10000, n/100%100, n%100))
}
