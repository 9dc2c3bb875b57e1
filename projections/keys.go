package projections

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"huisboek/events"
)

// The rows of the views, by the first byte of their key; no two folds share one,
// so that they can live in one store. Numbers are big endian; ^ is inverted, so
// that the newest comes first. An employer or partner stands with its length
// before it: the rows of one cannot run into those of another.
//
//	Employers
//	'x' position8                 what the event there did, to be able to undo it, and by which it was undone
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
//	'u' target8 order8            who said to take part in that approach, visit or placement
//	'E' employer 'n'              at what level it is approached
//	'E' employer 'o' number       how that establishment of it, or the whole, is spared
//
//	Messages
//	'n' position8           what there is to tell of the event there; with a kind1 behind it, to whom it means something else
//	'b' partner position8   a message: that this partner is told so, and why
//	'l' partner             the position of its last message
//	'j' employer            (empty) it was linked at some time
//	's' key8 position8      whose event has a member sealed with that key
//	'F' employer            who follows it, and who no longer does
//	'U'                          the last event that made something fall due
//	'U' partner day4 position8   what falls due for it on that day ("": for all), by the event there
//	'V' position8           what begins there, as messages told of it last, or whom the event there follows
//	'W' identity            whose it is
//
//	Tallies
//	'g' position8                                    what the event there gave to the counts
//	'c' measure1 month7 partner group                a count
//	'z' root8                                        how many places a vacancy asks for
//	'z' root8 position8                              (empty) that event filled places of it
//
//	Coverage
//	'r' partner        on which days it told anything, lately
//	'd' partner type   how many events of that type it told, and when
//
//	Clashes
//	'B' thing8                            an approach or a visit that can clash
//	'D' 'f' ^found8                       the clashes that the record there found, newest first
//	'D' 'e' employer ^found8              (empty) some of those are of that employer
//	'D' 'p' partner ^found8               (empty) some are of that partner
//	'D' 't' thing8 found8                 (empty) that thing is in some
//	'D' 'o' position8                     why its maker went through a warning
//	'D' 'h' employer until4 thing8        (empty) that approach holds the employer
//	'D' 'v' employer day4 thing8          (empty) that visit
//	'D' 'm' day4 thing8                   what counts in the figures
//
//	Agreements
//	'A'             where each stands, and from which day it is in force
//	'A' position8   an agreement
//
//	Agenda
//	'P' root8                an approach
//	'P' partner day4 root8   by its last day: what lists ask of it
//	'G' position8            at what time of day the plan or move there is
//
//	Members
//	'q' partner position8   what the steward said of a partner
//	'y' partner             by whom it is succeeded, and from when
//
//	Journal
//	'J' part1 position8   what standings need of a record
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
	rowConfirmed = 'u'
	rowAbout     = 'E'
	rowThing     = 'B'
	rowClash     = 'D'
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

// typePrefix begins every type, and so stands in no key.
const typePrefix = "nl.werkgeversdiensten."

func coveredKey(partner string, t events.Type) []byte {
	return append(partnerPrefix(rowCovered, partner), strings.TrimPrefix(string(t), typePrefix)...)
}

func coveredType(rest []byte) events.Type { return events.Type(typePrefix + string(rest)) }

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
		if kind == rowNews && len(rest) == 9 && int(rest[8]) < len(messageKinds) {
			return fmt.Sprintf("news of event at position %d: %s", binary.BigEndian.Uint64(rest), messageKinds[rest[8]])
		}
		if kind == rowPlaces && len(rest) == 16 {
			return fmt.Sprintf("places of vacancy at position %d filled at position %d", binary.BigEndian.Uint64(rest), binary.BigEndian.Uint64(rest[8:]))
		}
	case rowPlanned, rowTime:
		if name, ok := agendaKeyName(kind, rest); ok {
			return name
		}
	case rowJournal:
		if name, ok := journalKeyName(rest); ok {
			return name
		}
	case rowAgreement:
		if len(rest) == 0 {
			return "when each agreement is in force"
		}
		if len(rest) == 8 {
			return fmt.Sprintf("agreement at position %d", binary.BigEndian.Uint64(rest))
		}
	case rowThing:
		if len(rest) == 8 {
			return fmt.Sprintf("what can clash at position %d", binary.BigEndian.Uint64(rest))
		}
	case rowClash:
		if name, ok := clashKeyName(rest); ok {
			return name
		}
	case rowConfirmed:
		if len(rest) == 16 {
			return fmt.Sprintf("who takes part in position %d, said at position %d", binary.BigEndian.Uint64(rest), binary.BigEndian.Uint64(rest[8:]))
		}
	case rowFollowed, rowDue, rowHeld, rowIdentity:
		if name, ok := messagesKeyName(kind, rest); ok {
			return name
		}
	case rowTally:
		if name, ok := tallyKeyName(rest); ok {
			return name
		}
	case rowSeal:
		if len(rest) == 16 {
			return fmt.Sprintf("seal with key %d at position %d", binary.BigEndian.Uint64(rest), binary.BigEndian.Uint64(rest[8:]))
		}
	case rowCard, rowFixed, rowTimeline, rowVisit, rowMonth, rowInterest, rowStillOpen, rowLink, rowLinked, rowAbout:
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
	group, rest, ok := cutSized(rest)
	if !ok || len(rest) != 0 {
		return "", false
	}
	return fmt.Sprintf("count of %s %q in %s by partner %s", Measures[head[0]], group, head[1:], partner), true
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
		return fmt.Sprintf("coverage of partner %s: %s", partner, coveredType(rest)), true
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
	case kind == rowAbout && len(rest) > 0 && rest[0] == aboutLevel:
		return fmt.Sprintf("level of establishment %q of employer %s", rest[1:], employer), true
	case kind == rowAbout && len(rest) > 0 && rest[0] == aboutSpared:
		return fmt.Sprintf("how establishment %q of employer %s is spared", rest[1:], employer), true
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
