package projections

import (
	"bytes"
	"encoding/binary"

	"huisboek/events"
)

// What Tallies keeps of a vacancy, to know what is left of it when somebody was
// found for all that was left: how many places were asked for and filled, and, each
// in a row of its own, by which events.
//
//	'z' root8             the vacancy
//	'z' root8 position8   (empty) that event filled places of it
const rowPlaces = 'z'

// places are those of one vacancy.
type places struct{ asked, filled int64 }

func readPlaces(tx Tx, root events.Position) (p places, ok bool, err error) {
	row := tx.Get(positionKey(rowPlaces, root))
	if row == nil {
		return p, false, nil
	}
	d := decode(row)
	p = places{d.int(), d.int()}
	return p, true, d.err()
}

func (p places) write(tx Tx, root events.Position) {
	e := make(encoder, 0, 4)
	e.int(p.asked)
	e.int(p.filled)
	tx.Put(positionKey(rowPlaces, root), e)
}

func filledKey(root, at events.Position) []byte {
	return binary.BigEndian.AppendUint64(positionKey(rowPlaces, root), uint64(at))
}

// askPlaces opens a vacancy, or corrects how many places it asks for.
func askPlaces(tx Tx, root events.Position, n int64) error {
	p, _, err := readPlaces(tx, root)
	if err != nil {
		return err
	}
	p.asked = n
	p.write(tx, root)
	return nil
}

// fillPlaces fills places of a vacancy: so many, or all that are left at this moment
// when no number is given. ok is false when there is no such vacancy any more.
func fillPlaces(tx Tx, root, at events.Position, number *int) (n int64, ok bool, err error) {
	p, ok, err := readPlaces(tx, root)
	if !ok || err != nil {
		return 0, false, err
	}
	if n = max(0, p.asked-p.filled); number != nil {
		n = int64(*number)
	}
	p.filled += n
	p.write(tx, root)
	tx.Put(filledKey(root, at), nil)
	return n, true, nil
}

// unfillPlaces takes back what an event filled.
func unfillPlaces(tx Tx, root, at events.Position, n int64) error {
	tx.Delete(filledKey(root, at))
	p, ok, err := readPlaces(tx, root)
	if !ok || err != nil {
		return err
	}
	p.filled -= n
	p.write(tx, root)
	return nil
}

// closePlaces takes a vacancy away, and back what was filled of it.
func closePlaces(tx Tx, root events.Position, recorded string) error {
	prefix := positionKey(rowPlaces, root)
	var filled []events.Position
	var err error
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
	if err != nil {
		return err
	}
	for _, at := range filled {
		if _, err := takeBack(tx, at, recorded); err != nil {
			return err
		}
	}
	tx.Delete(prefix)
	return nil
}
