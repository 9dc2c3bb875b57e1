package projections

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"huisboek/events"
)

// The rows of the views, by the first byte of their key; no two folds share one,
// so that they can live in one store. Numbers are big endian; ^ is inverted, so
// that the newest comes first. An employer stands with its length before it:
// no employer's rows can run into another's.
//
//	Employers
//	'x' position8                 what the event there did, to be able to undo it
//	'a' root8                     an approach: its surviving events
//	'p' root8                     a placement: its surviving events
//	'k' employer ^order8          a card
//	't' employer ^day4 ^order8    a contact, newest first
//	'v' employer ^day4 ^order8    (empty) that contact is a visit
//	'f' employer order8           appointment or release of a fixed contact
//	'm' employer month7 partner   placements begun in that month
//
//	Tallies
//	'g' position8                                    what the event there gave to the counts
//	'c' measure1 month7 partner group recorded7      a count
//
// The order of an event is its own position, or that of the first event of the
// chain of corrections that it ends: a correction takes the place of what it
// corrects.
const (
	rowDone      = 'x'
	rowApproach  = 'a'
	rowPlacement = 'p'
	rowCard      = 'k'
	rowTimeline  = 't'
	rowVisit     = 'v'
	rowFixed     = 'f'
	rowMonth     = 'm'
	rowGiven     = 'g'
	rowTally     = 'c'
)

const monthSize = len("2026-11")

func positionKey(kind byte, p events.Position) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 9), kind), uint64(p))
}

// employerPrefix begins the keys of all rows of one kind of one employer.
func employerPrefix(kind byte, employer string) []byte {
	k := make([]byte, 0, 3+len(employer)+8+monthSize+36)
	k = binary.BigEndian.AppendUint16(append(k, kind), uint16(len(employer)))
	return append(k, employer...)
}

// datedKey is the key of a timeline or visit row.
func datedKey(kind byte, employer string, on events.Date, order events.Position) []byte {
	k := appendInvertedDay(employerPrefix(kind, employer), on)
	return binary.BigEndian.AppendUint64(k, ^uint64(order))
}

func cardKey(employer string, order events.Position) []byte {
	return binary.BigEndian.AppendUint64(employerPrefix(rowCard, employer), ^uint64(order))
}

func fixedKey(employer string, order events.Position) []byte {
	return binary.BigEndian.AppendUint64(employerPrefix(rowFixed, employer), uint64(order))
}

func monthKey(employer, month, partner string) []byte {
	return append(append(employerPrefix(rowMonth, employer), month...), partner...)
}

// appendInvertedDay appends a date so that later days sort first.
func appendInvertedDay(k []byte, d events.Date) []byte {
	return binary.BigEndian.AppendUint32(k, ^dayNumber(d))
}

// dayNumber turns a date into a number that sorts as dates do; 0 for no date.
func dayNumber(d events.Date) uint32 {
	if len(d) != len("2006-01-02") {
		return 0
	}
	n := uint32(0)
	for _, i := range [...]int{0, 1, 2, 3, 5, 6, 8, 9} {
		n = n*10 + uint32(d[i]-'0')
	}
	return n
}

// KeyName says which row a key of [Views] is, for people who compare two stores.
// A key that is none of these is quoted.
func KeyName(key []byte) string {
	if len(key) == 0 {
		return `""`
	}
	kind, rest := key[0], key[1:]
	switch kind {
	case rowDone, rowApproach, rowPlacement, rowGiven:
		if len(rest) == 8 {
			names := map[byte]string{rowDone: "event", rowApproach: "approach", rowPlacement: "placement", rowGiven: "counts of event"}
			return fmt.Sprintf("%s at position %d", names[kind], binary.BigEndian.Uint64(rest))
		}
	case rowCard, rowFixed, rowTimeline, rowVisit, rowMonth:
		if name, ok := employerKeyName(kind, rest); ok {
			return name
		}
	}
	return strconv.QuoteToASCII(string(key))
}

func employerKeyName(kind byte, rest []byte) (string, bool) {
	if len(rest) < 2 {
		return "", false
	}
	n := int(binary.BigEndian.Uint16(rest))
	if len(rest) < 2+n {
		return "", false
	}
	employer, rest := rest[2:2+n], rest[2+n:]
	switch {
	case kind == rowCard && len(rest) == 8:
		return fmt.Sprintf("card of employer %s from position %d", employer, ^binary.BigEndian.Uint64(rest)), true
	case kind == rowFixed && len(rest) == 8:
		return fmt.Sprintf("fixed contact of employer %s from position %d", employer, binary.BigEndian.Uint64(rest)), true
	case kind == rowMonth && len(rest) >= monthSize:
		return fmt.Sprintf("placements of employer %s in %s by partner %s", employer, rest[:monthSize], rest[monthSize:]), true
	case (kind == rowTimeline || kind == rowVisit) && len(rest) == 12:
		return fmt.Sprintf("contact of employer %s on %d from position %d", employer,
			^binary.BigEndian.Uint32(rest), ^binary.BigEndian.Uint64(rest[4:])), true
	}
	return "", false
}
