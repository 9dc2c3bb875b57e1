package projections

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"

	"huisboek/events"
)

// MaxContacts is the most that one call of Contacts gives.
const MaxContacts = 200

// ErrCursor means that a cursor was not given out for this employer.
var ErrCursor = errors.New("not a cursor of this list")

// Timeline says which items of a timeline are asked for; the zero one asks for all.
type Timeline struct {
	Types  []events.Type       // only of one of these
	Since  events.Date         // only those of which the last day is not before this one
	Filter func(*Contact) bool // only what it lets through
}

// Contacts lists an employer's timeline, newest first: by last day, then by
// position, so that what lies ahead comes first. It gives at most limit items
// (1 to MaxContacts; outside that, the nearest).
//
// next is an opaque cursor to be given back as after; it is empty at the end of
// the list. It names a place and not a number, so it stays right while rows are
// added before it, whatever is asked for, and while the first employer is linked to
// others and unlinked: from that place on the list is then of those that are asked
// for. ErrCursor when it was not given out for the first employer.
func (Employers) Contacts(tx Tx, employers []string, q Timeline, after string, limit int) (items []Contact, next string, err error) {
	if len(employers) == 0 {
		return nil, "", nil
	}
	limit = min(MaxContacts, max(1, limit))
	from, err := fromCursor(employers[0], after)
	if err != nil {
		return nil, "", err
	}
	var over []byte
	if q.Since != "" {
		over = appendInvertedDay(nil, q.Since)
	}
	items = make([]Contact, 0, min(limit, 50)+1)
	merge(tx, rowTimeline, employers, from, func(employer string, place, v []byte) bool {
		if over != nil && bytes.Compare(place[:min(len(place), len(over))], over) > 0 {
			return false
		}
		if q.Types != nil && !slices.ContainsFunc(q.Types, func(t events.Type) bool { return isOf(v, t) }) {
			return true
		}
		n := len(items)
		items = append(items, Contact{Employer: employer})
		if fault := items[n].decode(v); fault != nil {
			err = fmt.Errorf("contact of %s: %w", employer, fault)
			return false
		}
		if q.Filter != nil && !q.Filter(&items[n]) {
			items = items[:n]
		}
		return len(items) <= limit // one more than asked for says that there are more
	})
	if err != nil {
		return nil, "", err
	}
	if len(items) > limit {
		items = items[:limit]
		next = cursorOf(employers[0], &items[limit-1])
	}
	return items, next, fillConfirmed(tx, items)
}

// maxSignalRows is how much of a timeline one call of Signals looks through: signals
// of one partner may be few among very many items of all.
const maxSignalRows = 2_000

// Signals are the newest signals at employers that filter lets through, at most
// limit, among the newest items of their timeline: it looks no further than 2,000.
func (Employers) Signals(tx Tx, employers []string, filter func(*Contact) bool, limit int) (signals []Contact, err error) {
	rows := 0
	merge(tx, rowTimeline, employers, nil, func(employer string, _, v []byte) bool {
		if rows++; rows > maxSignalRows || len(signals) >= limit {
			return false
		}
		if !isOf(v, events.TypeSignalNoted) {
			return true
		}
		c := Contact{Employer: employer}
		if fault := c.decode(v); fault != nil {
			err = fmt.Errorf("contact of %s: %w", employer, fault)
			return false
		}
		if filter(&c) {
			signals = append(signals, c)
		}
		return true
	})
	return signals, err
}

// isOf reports whether a row of the timeline is of a type, without reading it all.
func isOf(row []byte, t events.Type) bool {
	return len(row) > 0 && int(row[0]) < len(contactTypes) && contactTypes[row[0]] == t
}

// OpenPlans are the plans at an employer that were neither called off nor made
// and that have not expired, latest first.
func (Employers) OpenPlans(tx Tx, employers []string, today events.Date) (plans []Contact, err error) {
	over := appendInvertedDay(nil, today)
	merge(tx, rowTimeline, employers, nil, func(employer string, place, v []byte) bool {
		if bytes.Compare(place[:min(len(place), len(over))], over) > 0 {
			return false
		}
		if !isOf(v, events.TypeVisitPlanned) {
			return true
		}
		c := Contact{Employer: employer}
		if fault := c.decode(v); fault != nil {
			err = fmt.Errorf("contact of %s: %w", employer, fault)
			return false
		}
		if c.Open() && !c.Expired(today) {
			plans = append(plans, c)
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	return plans, fillConfirmed(tx, plans)
}

// LastVisit is the last visit to an employer up to and including today, or nil
// when there was none.
func (Employers) LastVisit(tx Tx, employers []string, today events.Date) (last *Contact, err error) {
	merge(tx, rowVisit, employers, appendInvertedDay(nil, today), func(employer string, place, _ []byte) bool {
		last = &Contact{Employer: employer}
		if err = last.decode(tx.Get(append(employerPrefix(rowTimeline, employer), place...))); err != nil {
			last, err = nil, fmt.Errorf("last visit of %s: %w", employer, err)
		}
		return false
	})
	if last == nil || err != nil {
		return nil, err
	}
	last.Confirmed, err = confirmedOf(tx, last)
	return last, err
}

// A cursor is the end of the last item's key (day and order, 12 bytes) and four
// bytes of the employer's hash, so that one list's cursor is no other's. Days
// and orders stand in all lists alike, and no two events have the same order: a place
// in the list of one employer is one in the list of a group.
const cursorSize = 4 + 8 + 4

func cursorOf(employer string, last *Contact) string {
	c := appendInvertedDay(make([]byte, 0, cursorSize), last.To)
	c = binary.BigEndian.AppendUint64(c, ^uint64(last.order))
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(c, employerHash(employer)))
}

// fromCursor is the first place after the cursor's.
func fromCursor(employer, after string) ([]byte, error) {
	if after == "" {
		return nil, nil
	}
	c, err := base64.RawURLEncoding.Strict().DecodeString(after)
	if err != nil || len(c) != cursorSize || binary.BigEndian.Uint32(c[12:]) != employerHash(employer) {
		return nil, ErrCursor
	}
	return append(c[:12:12], 0), nil
}

func employerHash(employer string) uint32 {
	h := fnv.New32a()
	h.Write([]byte(employer))
	return h.Sum32()
}
