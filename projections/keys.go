package projections

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"huisboek/events"
)

// The rows of the views, by the first byte of their key; no two folds share one,
// so that they can live in one store. Numbers are big endian; ^ is inverted, so
// that the newest comes first. An employer or partner stands with its length
// before it: the rows of one cannot run into those of another.
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
//	'w' root8                     a vacancy: its surviving events
//	'o' employer root8            (empty) that vacancy is open
//	'h' employer employer         a link of the first to the second; each link stands in both directions
//	'e' position8                 the pair of a link that waits for a second voice, by the event that said so
//	'i' employer                  who has an interest in it: open plans, fixed contacts
//
//	Messages
//	'n' position8           what there is to tell of the event there
//	'b' partner position8   a message: that this partner is told so, and why
//	'l' partner             the position of its last message
//	'j' employer            (empty) it was linked at some time
//	's' key8 position8      whose event has a member sealed with that key
//
//	Tallies
//	'g' position8                                    what the event there gave to the counts
//	'c' measure1 month7 partner group recorded7      a count
//	'z' root8                                        how many places a vacancy asks for
//	'z' root8 position8                              (empty) that event filled places of it
//
//	Coverage
//	'r' partner        on which days it told anything, lately
//	'd' partner type   how many events of that type it told, and when
//
//	Members
//	'q' partner position8   what the steward said of a partner
//	'y' partner             by whom it is succeeded, and from when
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
	rowInterest  = 'i'
	rowNews      = 'n'
	rowMessage   = 'b'
	rowLast      = 'l'
	rowSeal      = 's'
	rowGiven     = 'g'
	rowTally     = 'c'
	rowCovered   = 'd'
	rowVacancy   = 'w'
	rowStillOpen = 'o'
	rowLink      = 'h'
	rowWaiting   = 'e'
	rowRhythm    = 'r'
	rowMember    = 'q'
	rowSuccessor = 'y'
)

const monthSize = len("2026-11")

func positionKey(kind byte, p events.Position) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 9), kind), uint64(p))
}

// employerPrefix begins the keys of all rows of one kind of one employer.
func employerPrefix(kind byte, employer string) []byte { return sizedPrefix(kind, employer) }

// partnerPrefix begins the keys of all rows of one kind of one partner.
func partnerPrefix(kind byte, partner string) []byte { return sizedPrefix(kind, partner) }

func sizedPrefix(kind byte, name string) []byte {
	k := make([]byte, 0, 3+len(name)+8+monthSize+36)
	k = binary.BigEndian.AppendUint16(append(k, kind), uint16(len(name)))
	return append(k, name...)
}

func messageKey(partner string, p events.Position) []byte {
	return binary.BigEndian.AppendUint64(partnerPrefix(rowMessage, partner), uint64(p))
}

func coveredKey(partner string, t events.Type) []byte {
	return append(partnerPrefix(rowCovered, partner), t...)
}

// sealPrefix begins the keys of all rows of one seal key.
func sealPrefix(id events.KeyID) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, 17), rowSeal), uint64(id))
}

func sealKey(id events.KeyID, p events.Position) []byte {
	return binary.BigEndian.AppendUint64(sealPrefix(id), uint64(p))
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
	case rowDone, rowApproach, rowPlacement, rowVacancy, rowWaiting, rowNews, rowGiven, rowPlaces:
		if len(rest) == 8 {
			names := map[byte]string{
				rowDone: "event", rowApproach: "approach", rowPlacement: "placement", rowVacancy: "vacancy", rowWaiting: "waiting link",
				rowNews: "news of event", rowGiven: "counts of event", rowPlaces: "places of vacancy",
			}
			return fmt.Sprintf("%s at position %d", names[kind], binary.BigEndian.Uint64(rest))
		}
		if kind == rowPlaces && len(rest) == 16 {
			return fmt.Sprintf("places of vacancy at position %d filled at position %d", binary.BigEndian.Uint64(rest), binary.BigEndian.Uint64(rest[8:]))
		}
	case rowTally:
		if name, ok := tallyKeyName(rest); ok {
			return name
		}
	case rowSeal:
		if len(rest) == 16 {
			return fmt.Sprintf("seal with key %d at position %d", binary.BigEndian.Uint64(rest), binary.BigEndian.Uint64(rest[8:]))
		}
	case rowCard, rowFixed, rowTimeline, rowVisit, rowMonth, rowInterest, rowStillOpen, rowLink, rowLinked:
		if name, ok := employerKeyName(kind, rest); ok {
			return name
		}
	case rowMessage, rowLast, rowCovered, rowRhythm, rowMember, rowSuccessor:
		if name, ok := partnerKeyName(kind, rest); ok {
			return name
		}
	}
	return strconv.QuoteToASCII(string(key))
}

func tallyKeyName(rest []byte) (string, bool) {
	head, rest, ok := cut(rest, 1+monthSize)
	if !ok || int(head[0]) >= len(Measures) {
		return "", false
	}
	partner, rest, ok := cutSized(rest)
	if !ok {
		return "", false
	}
	group, recorded, ok := cutSized(rest)
	if !ok || len(recorded) != monthSize {
		return "", false
	}
	return fmt.Sprintf("count of %s %q in %s by partner %s, recorded in %s", Measures[head[0]], group, head[1:], partner, recorded), true
}

func partnerKeyName(kind byte, rest []byte) (string, bool) {
	partner, rest, ok := cutSized(rest)
	switch {
	case !ok:
	case kind == rowLast && len(rest) == 0:
		return fmt.Sprintf("last message to partner %s", partner), true
	case kind == rowMessage && len(rest) == 8:
		return fmt.Sprintf("message to partner %s about position %d", partner, binary.BigEndian.Uint64(rest)), true
	case kind == rowCovered && len(rest) > 0:
		return fmt.Sprintf("coverage of partner %s: %s", partner, rest), true
	case kind == rowRhythm && len(rest) == 0:
		return fmt.Sprintf("rhythm of partner %s", partner), true
	case kind == rowMember && len(rest) == 8:
		return fmt.Sprintf("partner %s from position %d", partner, binary.BigEndian.Uint64(rest)), true
	case kind == rowSuccessor && len(rest) == 0:
		return fmt.Sprintf("standing of partner %s", partner), true
	}
	return "", false
}

func employerKeyName(kind byte, rest []byte) (string, bool) {
	employer, rest, ok := cutSized(rest)
	switch {
	case !ok:
	case kind == rowInterest && len(rest) == 0:
		return fmt.Sprintf("interest in employer %s", employer), true
	case kind == rowLinked && len(rest) == 0:
		return fmt.Sprintf("employer %s was linked", employer), true
	case kind == rowLink && len(rest) > 0:
		return fmt.Sprintf("link of employer %s and %s", employer, rest), true
	case kind == rowStillOpen && len(rest) == 8:
		return fmt.Sprintf("open vacancy of employer %s from position %d", employer, binary.BigEndian.Uint64(rest)), true
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
