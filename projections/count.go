package projections

import (
	"encoding/binary"
	"fmt"
	"slices"

	"huisboek/events"
)

// Query says which counts are asked for. Its zero value asks for all.
type Query struct {
	Measure  string // one of Measures; empty for all
	From, To string // first and last month, "2026-11"; empty for no bound
	Partner  string // internal UUID; empty for all. Never narrow what Suppress is to look at.
}

// Cell is one count. Cells of different groups overlap: a visit counts in "" and
// in every group it names.
type Cell struct {
	Measure     string
	Month       string // "2026-11"; of figures by quarter "2026-Q4"
	Partner     string // internal UUID; empty for all partners together
	TargetGroup string // of signals the theme; empty for all, also where none was named
	Count       int
}

// Count gives the counts that are not zero, by measure, month, partner and
// target group, in that order. They are the plain counts: what of them a reader
// may see is for [Suppress] to say.
func (Tallies) Count(tx Tx, q Query) (cells []Cell, err error) {
	for i, measure := range Measures {
		if q.Measure != "" && q.Measure != measure {
			continue
		}
		prefix := tallyPrefix(byte(i))
		tx.ScanFrom(append(slices.Clone(prefix), q.From...), prefix, func(k, v []byte) bool {
			c, ok := tallyCell(measure, k[len(prefix):], v)
			switch {
			case !ok:
				err = fmt.Errorf("count of %s: %w", measure, ErrRow)
				return false
			case q.To != "" && c.Month > q.To:
				return false
			case q.Partner != "" && q.Partner != c.Partner:
				return true
			}
			if n := len(cells); n > 0 && sameCell(&cells[n-1], &c) {
				cells[n-1].Count += c.Count
			} else {
				cells = append(cells, c)
			}
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return slices.DeleteFunc(cells, func(c Cell) bool { return c.Count == 0 }), nil
}

func sameCell(a, b *Cell) bool {
	return a.Measure == b.Measure && a.Month == b.Month && a.Partner == b.Partner && a.TargetGroup == b.TargetGroup
}

func tallyCell(measure string, key, value []byte) (c Cell, ok bool) {
	n, size := binary.Varint(value)
	month, key, ok1 := cut(key, monthSize)
	partner, key, ok2 := cutSized(key)
	group, key, ok3 := cutSized(key)
	c = Cell{Measure: measure, Month: string(month), Partner: string(partner), TargetGroup: string(group), Count: int(n)}
	return c, size > 0 && size == len(value) && ok1 && ok2 && ok3 && len(key) == 0
}

func cut(b []byte, n int) (head, rest []byte, ok bool) {
	if len(b) < n {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

func cutSized(b []byte) (head, rest []byte, ok bool) {
	if len(b) < 2 {
		return nil, nil, false
	}
	return cut(b[2:], int(binary.BigEndian.Uint16(b)))
}

// Shared is what a reader may see of the counts that a query asks for: [Suppress]
// on the counts as they stand. By quarter: [Figures.ByQuarter] of that. own says whose
// counts are the reader's own.
func (t Tallies) Shared(tx Tx, q Query, own func(partner string) bool, today events.Date) (Figures, error) {
	q.Partner = ""
	now, err := t.Count(tx, q)
	return Suppress(q, now, own, today), err
}
