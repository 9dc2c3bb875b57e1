package projections

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"

	"huisboek/events"
)

// MaxContacts is the most that one call of Contacts gives.
const MaxContacts = 200

// ErrCursor means that a cursor was not given out for this employer.
var ErrCursor = errors.New("not a cursor of this list")

// Contacts lists an employer's timeline, newest first: by last day, then by
// position, so that what lies ahead comes first. It gives at most limit items
// (1 to MaxContacts; outside that, the nearest) that filter lets through; a nil
// filter lets all through.
//
// next is an opaque cursor to be given back as after; it is empty at the end of
// the list. It names a place and not a number, so it stays right while rows are
// added before it. ErrCursor when it was not given out for this employer.
func (Employers) Contacts(tx Tx, employer string, filter func(*Contact) bool, after string, limit int) (items []Contact, next string, err error) {
	limit = min(MaxContacts, max(1, limit))
	prefix := employerPrefix(rowTimeline, employer)
	from, err := fromCursor(prefix, employer, after)
	if err != nil {
		return nil, "", err
	}
	items = make([]Contact, 0, min(limit, 50)+1)
	tx.ScanFrom(from, prefix, func(_, v []byte) bool {
		n := len(items)
		items = append(items, Contact{})
		if fault := items[n].decode(v); fault != nil {
			err = fmt.Errorf("contact of %s: %w", employer, fault)
			return false
		}
		if filter != nil && !filter(&items[n]) {
			items = items[:n]
		}
		return len(items) <= limit // one more than asked for says that there are more
	})
	if err != nil {
		return nil, "", err
	}
	if len(items) > limit {
		items = items[:limit]
		next = cursorOf(employer, &items[limit-1])
	}
	return items, next, nil
}

// OpenPlans are the plans at an employer that were neither called off nor made
// and whose last day is today or later, latest first.
func (Employers) OpenPlans(tx Tx, employer string, today events.Date) (plans []Contact, err error) {
	prefix := employerPrefix(rowTimeline, employer)
	over := appendInvertedDay(bytes.Clone(prefix), today)
	tx.Scan(prefix, func(k, v []byte) bool {
		if bytes.Compare(k[:min(len(k), len(over))], over) > 0 {
			return false
		}
		if len(v) == 0 || int(v[0]) >= len(contactTypes) || contactTypes[v[0]] != events.TypeVisitPlanned {
			return true
		}
		c, fault := decodeContact(v)
		if fault != nil {
			err = fmt.Errorf("contact of %s: %w", employer, fault)
			return false
		}
		if c.Open() {
			plans = append(plans, c)
		}
		return true
	})
	return plans, err
}

// LastVisit is the last visit to an employer up to and including today, or nil
// when there was none.
func (Employers) LastVisit(tx Tx, employer string, today events.Date) (*Contact, error) {
	prefix := employerPrefix(rowVisit, employer)
	from := appendInvertedDay(bytes.Clone(prefix), today)
	var key []byte
	tx.ScanFrom(from, prefix, func(k, _ []byte) bool {
		key = bytes.Clone(k)
		return false
	})
	if key == nil {
		return nil, nil
	}
	key[0] = rowTimeline
	c, err := decodeContact(tx.Get(key))
	if err != nil {
		return nil, fmt.Errorf("last visit of %s: %w", employer, err)
	}
	return &c, nil
}

// A cursor is the end of the last item's key (day and order, 12 bytes) and four
// bytes of the employer's hash, so that one list's cursor is no other's.
const cursorSize = 4 + 8 + 4

func cursorOf(employer string, last *Contact) string {
	c := appendInvertedDay(make([]byte, 0, cursorSize), last.To)
	c = binary.BigEndian.AppendUint64(c, ^uint64(last.order))
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(c, employerHash(employer)))
}

// fromCursor is the first key after the cursor's.
func fromCursor(prefix []byte, employer, after string) ([]byte, error) {
	if after == "" {
		return prefix, nil
	}
	c, err := base64.RawURLEncoding.Strict().DecodeString(after)
	if err != nil || len(c) != cursorSize || binary.BigEndian.Uint32(c[12:]) != employerHash(employer) {
		return nil, ErrCursor
	}
	return append(append(bytes.Clone(prefix), c[:12]...), 0), nil
}

func employerHash(employer string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(employer))
	return h.Sum32()
}
