package projections

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"huisboek/events"
)

// What Tallies keeps of a vacancy, to know what is left of it when somebody was
// found for all that was left: how many places were asked for and, each in a row of
// its own, which events filled places.
//
//	'z' root8             the vacancy
//	'z' root8 position8   (empty) that event filled places of it
const rowPlaces = 'z'

// readAsked is how many places a vacancy asks for; ok is false when there is no such
// vacancy (any more).
func readAsked(tx Tx, root events.Position) (asked int64, ok bool, err error) {
	row := tx.Get(positionKey(rowPlaces, root))
	if row == nil {
		return 0, false, nil
	}
	d := decode(row)
	asked = d.int()
	return asked, true, d.err()
}

func filledKey(root, at events.Position) []byte {
	return binary.BigEndian.AppendUint64(positionKey(rowPlaces, root), uint64(at))
}

// askPlaces opens a vacancy, or corrects how many places it asks for.
func askPlaces(tx Tx, root events.Position, n int64) {
	e := make(encoder, 0, 4)
	e.int(n)
	tx.Put(positionKey(rowPlaces, root), e)
}

// fillPlaces notes that an event filled places of a vacancy. ok is false when there
// is no such vacancy any more.
func fillPlaces(tx Tx, root, at events.Position) (ok bool, err error) {
	if _, ok, err = readAsked(tx, root); ok && err == nil {
		tx.Put(filledKey(root, at), nil)
	}
	return ok, err
}

// settlePlaces gives those that filled all that were left what was left, by all that
// survives now: the rule of [vacancy.filled].
func settlePlaces(tx Tx, root events.Position) error {
	if root == 0 {
		return nil
	}
	asked, ok, err := readAsked(tx, root)
	if !ok || err != nil {
		return err
	}
	filled, err := filledBy(tx, root)
	if err != nil {
		return err
	}
	type filling struct {
		given
		at events.Position
	}
	list := make([]filling, len(filled))
	for i, at := range filled {
		list[i].at = at
		if list[i].given, err = decodeGiven(tx.Get(positionKey(rowGiven, at))); err != nil {
			return err
		}
	}
	slices.SortFunc(list, func(a, b filling) int { return cmp.Compare(a.Order, b.Order) })
	done := int64(0)
	for i := range list {
		f := &list[i]
		if left := max(0, asked-done); f.Rest && f.Count != left {
			if err := f.add(tx, left-f.Count); err != nil {
				return err
			}
			f.Count = left
			tx.Put(positionKey(rowGiven, f.at), f.encode())
		}
		done += f.Count
	}
	return nil
}

// filledBy is which events filled places of a vacancy.
func filledBy(tx Tx, root events.Position) (filled []events.Position, err error) {
	prefix := positionKey(rowPlaces, root)
	tx.Scan(prefix, func(k, _ []byte) bool {
		switch rest := bytes.TrimPrefix(k, prefix); len(rest) {
		case 0: // the vacancy itself
		case 8:
			filled = append(filled, events.Position(binary.BigEndian.Uint64(rest)))
		default:
			err = ErrRow
		}
		return err == nil
	})
	return filled, err
}

// closePlaces takes a vacancy away, and back what was filled of it.
func closePlaces(tx Tx, root events.Position) error {
	if _, ok, err := readAsked(tx, root); !ok || err != nil {
		return err
	}
	filled, err := filledBy(tx, root)
	if err != nil {
		return err
	}
	for _, at := range filled {
		if _, err := takeBack(tx, at); err != nil {
			return err
		}
	}
	tx.Delete(positionKey(rowPlaces, root))
	return nil
}
