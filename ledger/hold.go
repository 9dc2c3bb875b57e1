package ledger

import (
	"bytes"
	"encoding/binary"

	"github.com/google/uuid"

	"huisboek/events"
)

// The row of a hold is compact, for every verdict at an employer passes over those of
// its own partner and of other establishments:
//
//	partner16 flags1 from4 to4 position8 n1 (with16)… establishment 0 purpose
const (
	holdFixed     = 16 + 1 + 4 + 4 + 8 + 1
	holdAtRequest = 1
	holdOverrides = 2
)

func holdKey(employer string, until events.Date, root events.Position) []byte {
	k := append(employerKey(employer, rowHold), u32(dayNumber(until))...)
	return append(k, u64(uint64(root))...)
}

// encodeHold is the row of an approach that holds.
func encodeHold(a *approach) []byte {
	from, to := a.dates()
	flags := byte(0)
	if a.AtRequest {
		flags |= holdAtRequest
	}
	if a.overrides() {
		flags |= holdOverrides
	}
	b := append(make([]byte, 0, 96), uuidBytes(a.Partner)...)
	b = append(append(append(b, flags), u32(dayNumber(from))...), u32(dayNumber(to))...)
	b = append(b, u64(uint64(a.word().Position))...)
	b = append(b, byte(len(a.With)))
	for _, w := range a.With {
		b = append(b, uuidBytes(w)...)
	}
	return append(append(append(b, a.Establishment...), 0), a.Purpose...)
}

// rawHold is a row of a hold, to be looked at before anything is made of it.
type rawHold []byte

func (b rawHold) ok() bool {
	return len(b) >= holdFixed && bytes.IndexByte(b[b.rest():], 0) >= 0
}

func (b rawHold) rest() int                 { return min(len(b), holdFixed+16*int(b[holdFixed-1])) }
func (b rawHold) partner() []byte           { return b[:16] }
func (b rawHold) place() []byte             { return b[b.rest() : b.rest()+bytes.IndexByte(b[b.rest():], 0)] }
func (b rawHold) purpose() string           { return string(b[b.rest()+len(b.place())+1:]) }
func (b rawHold) position() events.Position { return events.Position(binary.BigEndian.Uint64(b[25:])) }
func (b rawHold) hold(root events.Position) hold {
	c := hold{
		root: root, position: b.position(), partner: uuid.UUID(b.partner()).String(), purpose: b.purpose(),
		from: dayOf(binary.BigEndian.Uint32(b[17:])), to: dayOf(binary.BigEndian.Uint32(b[21:])),
		atRequest: b[16]&holdAtRequest != 0, overrides: b[16]&holdOverrides != 0,
	}
	for i := range int(b[holdFixed-1]) {
		c.with = append(c.with, uuid.UUID(b[holdFixed+16*i:holdFixed+16*i+16]).String())
	}
	return c
}

// counted are the rows in which an approach that holds is counted.
func counted(a *approach) (keys [][]byte) {
	until := u32(dayNumber(a.until()))
	keys = append(keys, keyOf(rowPartnerCount, uuidBytes(a.Partner), until))
	if a.Who.Seal != nil {
		keys = append(keys, keyOf(rowManagerCount, u64(uint64(a.Who.Seal.Key)), until))
	}
	return keys
}

// keepHold writes the rows of an approach as a holding one, or takes them away.
func keepHold(tx Tx, a *approach, there bool) error {
	key := holdKey(a.Employer, a.until(), a.Root)
	by := 1
	if there {
		tx.Put(key, encodeHold(a))
	} else {
		tx.Delete(key)
		by = -1
	}
	for _, k := range counted(a) {
		n, err := readCount(k, tx.Get(k))
		if err != nil {
			return err
		}
		if n += by; n > 0 {
			tx.Put(k, u32(uint32(n)))
		} else {
			tx.Delete(k)
		}
	}
	return nil
}

func readCount(k, v []byte) (int, error) {
	switch len(v) {
	case 0:
		return 0, nil
	case 4:
		return int(binary.BigEndian.Uint32(v)), nil
	}
	return 0, damagedRow(k)
}

// countFrom adds up what is counted under a prefix for a day and later ones: as many
// rows as days, however many approaches hold.
func countFrom(tx Tx, prefix []byte, today events.Date) (n int, err error) {
	tx.ScanFrom(binary.BigEndian.AppendUint32(prefix, dayNumber(today)), prefix, func(k, v []byte) bool {
		var one int
		one, err = readCount(k, v)
		n += one
		return err == nil
	})
	return n, err
}

// heldUntil is until when the approach of a plan, move or extension held by that
// record; "" when it did not, and of everything else.
func heldUntil(tx Tx, r *events.Record) (events.Date, error) {
	switch r.Event.Type {
	case events.TypeVisitPlanned, events.TypeVisitMoved, events.TypeApproachExtended:
		did, _, err := doneAt(tx, r.Position)
		return did.Until, err
	}
	return "", nil
}
