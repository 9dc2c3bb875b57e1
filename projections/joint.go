package projections

import (
	"encoding/binary"
	"fmt"
	"slices"

	"huisboek/events"
)

// Who said to take part in what another told of stands beside it, and is read where
// that one names anybody at all: few do.
func confirmedKey(target, order events.Position) []byte {
	return binary.BigEndian.AppendUint64(positionKey(rowConfirmed, target), uint64(order))
}

// confirm notes that a partner takes part in a plan, a visit or a placement that is
// still there.
func confirm(tx Tx, r *events.Record, did *done) (kept bool, err error) {
	of, ok, err := readDone(tx, r.Confirms())
	if !ok || err != nil {
		return false, err
	}
	switch of.Type {
	case events.TypeVisitPlanned, events.TypePlacementMade:
		did.Root = of.Root
	case events.TypeVisitMade:
		did.Root = of.Order
	default:
		return false, nil
	}
	e := make(encoder, 0, 40)
	e.text(r.Partner)
	family, err := familyOn(tx, r.Partner, r.Verdict.Today)
	if err != nil {
		return false, err
	}
	e.texts(family)
	tx.Put(confirmedKey(did.Root, did.Order), e)
	return true, nil
}

// dropConfirmed takes the confirmations away of what is itself retracted.
func dropConfirmed(tx Tx, target events.Position) {
	var keys [][]byte
	tx.Scan(positionKey(rowConfirmed, target), func(k, _ []byte) bool {
		keys = append(keys, slices.Clone(k))
		return true
	})
	for _, k := range keys {
		tx.Delete(k)
	}
}

// confirmedAt is who said to take part in the approach, visit or placement that began
// at a position, each once, in the order in which they did.
func confirmedAt(tx Tx, target events.Position) (partners []string, err error) {
	return readConfirmed(tx, target, false)
}

// takingPart is who that is for: by whom it was said, and who was the same as that one
// on the day of it.
func takingPart(tx Tx, target events.Position) (partners []string, err error) {
	return readConfirmed(tx, target, true)
}

func readConfirmed(tx Tx, target events.Position, families bool) (partners []string, err error) {
	tx.Scan(positionKey(rowConfirmed, target), func(_, v []byte) bool {
		d := decode(v)
		said, family := d.text(), d.texts()
		if err = d.err(); err != nil {
			err = fmt.Errorf("who takes part in %d: %w", target, err)
			return false
		}
		if !families {
			family = nil
		}
		partners = addNew(partners, append([]string{said}, family...))
		return true
	})
	return partners, err
}

// addNew adds those of another list that are not in a list.
func addNew(list, more []string) []string {
	for _, s := range more {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

func confirmedOf(tx Tx, c *Contact) ([]string, error) {
	if len(c.With) == 0 {
		return nil, nil
	}
	return confirmedAt(tx, c.order)
}

func fillConfirmed(tx Tx, list []Contact) (err error) {
	for i := range list {
		if list[i].Confirmed, err = confirmedOf(tx, &list[i]); err != nil {
			return err
		}
	}
	return nil
}
