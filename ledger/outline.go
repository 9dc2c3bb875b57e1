package ledger

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"huisboek/events"
)

// outline is one row of an employer that every verdict asks first: what kinds of rows
// there ever were of it, so that most need not be looked for, and the last visit of each
// lane (visits.go).
//
//	'l': kinds1 (n1 lane date4 order8 position8)… in the order of the lanes
type outline struct {
	employer string
	kinds    byte
	lanes    []byte
}

// The kinds of rows that an employer had once. Of one that was never there is nothing.
const (
	everLinked     = 1 << iota // by a link that held
	everContact                // a fixed contact, appointed or released
	everLevel                  // of itself or one of its establishments
	everSpared                 // the same
	everAtOnePlace             // a visit to one establishment that counts for the year
)

const lastSize = 4 + 8 + 8 // behind the lane

func damagedOutline(employer string) error {
	return fmt.Errorf("%w: what there is of %s in the book", ErrDamaged, employer)
}

// outlineOf reads a row; it is not to be used after the transaction.
func outlineOf(tx Tx, employer string) outline {
	o := outline{employer: employer}
	if row := tx.Get(employerKey(employer, rowOutline)); len(row) > 0 {
		o.kinds, o.lanes = row[0], row[1:]
	}
	return o
}

// next is the first visit of some lanes and what stands behind it.
func (o *outline) next(lanes []byte) (v lastOf, rest []byte, ok bool) {
	n := 1 + int(lanes[0])
	if len(lanes) < n+lastSize {
		return v, nil, false
	}
	v = lastOf{employer: o.employer}
	ok = v.parse(lanes[1:n])
	v.day = binary.BigEndian.Uint32(lanes[n:])
	v.order = events.Position(binary.BigEndian.Uint64(lanes[n+4:]))
	v.position = events.Position(binary.BigEndian.Uint64(lanes[n+12:]))
	return v, lanes[n+lastSize:], ok
}

// noteKind keeps that an employer has a kind of rows.
func noteKind(tx Tx, employer string, kind byte) {
	o := outlineOf(tx, employer)
	if o.kinds&kind == 0 {
		o.kinds |= kind
		o.put(tx, o.lanes)
	}
}

func (o *outline) put(tx Tx, lanes ...[]byte) {
	row := slices.Concat(append([][]byte{{o.kinds}}, lanes...)...)
	if key := employerKey(o.employer, rowOutline); len(row) > 1 || o.kinds != 0 {
		tx.Put(key, row)
	} else {
		tx.Delete(key)
	}
}

// look finds what is the same employer as the matter's, with the outline of each.
func (m *matter) look(tx Tx) {
	m.ids = make([][]byte, 0, 1)
	for _, partner := range m.own {
		if partner != "" { // the steward has nothing of its own
			m.ids = append(m.ids, uuidBytes(partner))
		}
	}
	first := outlineOf(tx, m.place.employer)
	m.group, m.outlines = []string{first.employer}, []outline{first}
	if first.kinds&everLinked == 0 {
		return
	}
	m.group = sameEmployers(tx, first.employer)
	for _, employer := range m.group[1:] {
		m.outlines = append(m.outlines, outlineOf(tx, employer))
	}
}

// having is what of the group ever had a kind of rows.
func (m *matter) having(kind byte) (group []string) {
	if len(m.outlines) == 1 && m.outlines[0].kinds&kind != 0 {
		return m.group
	}
	for i := range m.outlines {
		if m.outlines[i].kinds&kind != 0 {
			group = append(group, m.outlines[i].employer)
		}
	}
	return group
}

// isMine reports whether what a partner did counts as done by the matter's own.
func (m *matter) isMine(partner []byte) bool {
	for _, id := range m.ids {
		if bytes.Equal(id, partner) {
			return true
		}
	}
	return false
}
