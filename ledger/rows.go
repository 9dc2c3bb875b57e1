package ledger

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"huisboek/events"
)

// The rows of the book, by the first byte of their key. Numbers are big endian,
// so that keys sort as numbers do.
//
//	'b'                                   book: whose book this is, and its tip
//	'i' source-hash8 id                   -> position of the event with that source and id
//	'x' position8                         -> done: what a position did, to be able to undo it
//	'a' root8                             -> approach
//	'u' partner16 approach16              -> root8 of an approach
//	't' root8                             -> placement
//	'l' partner16 placement16             -> root8 of a placement
//	's' root8                             -> vacancy
//	'm' partner16 vacancy16               -> root8 of a vacancy
//	'C' thing8 order8                     -> partner16: who confirmed to take part in it (confirm.go)
//	'j' partner16 approach16              -> position8 of the plan of that id that was refused last
//	'e' employer 0 'o' to4 root8          -> approach that is open until that day
//	'e' employer 0 'p' until4 root8       -> hold: an approach that holds the employer until that day (hold.go)
//	'q' partner16 until4                  -> count4: approaches of a partner that hold until that day
//	'Q' key8 until4                       -> count4: the same of an account manager, by the key of its seal
//	'e' employer 0 'v' lane ^date4 ^order8 -> visit, newest first in its lane (visits.go)
//	'e' employer 0 'l'                    -> outline: which of these there ever were, and the last visit of each lane
//	'e' employer 0 'y' establishment 0 date4 order8 -> contact: a visit that counts for the year
//	'e' employer 0 'c' order8             -> appointment or release of a fixed contact
//	'e' employer 0 'd' ^order8            -> position8 gemeente 0 establishment, of a description, newest first
//	'e' employer 0 'n' establishment      -> level: the last word on it
//	'e' employer 0 's' establishment      -> spare: the last word on leaving it in peace
//	'e' employer 0 'g' employer           -> link: the last word on the two; under both
//	'e' employer 0 'h' employer           -> kind of that link, only as long as it holds; under both
//	'e' employer 0 'w'                    -> partner16 …: who named this provisional employer
//	'k' subject32 key8                    -> (empty) a seal key of a subject
//	'K' key8                              -> subject32
//	'd' key8                              -> position8 of the event that erased the key
//	'p' partner16                         -> partner
//	'n' identity                          -> partner16
//	'y' partner16                         -> successor16 from4 until4: who goes on with its work, and when
//	'D' partner16                         -> served: what it was said to serve, and from when
//	'G' gemeente partner16                -> (empty) a partner that was ever said to serve it
//	'A' position8                         -> agreement
//	'T' doelstelling16                    -> target: its last version, or that it was dropped (target.go)
//	'P' low8 high8                        -> pair: who said last what of two placements (same.go)
const (
	rowBook          = 'b'
	rowID            = 'i'
	rowDone          = 'x'
	rowApproach      = 'a'
	rowApproachID    = 'u'
	rowPlacement     = 't'
	rowPlacementID   = 'l'
	rowVacancy       = 's'
	rowVacancyID     = 'm'
	rowEmployer      = 'e'
	rowConfirmed     = 'C'
	rowRefused       = 'j'
	rowOpen          = 'o'
	rowHold          = 'p'
	rowPartnerCount  = 'q'
	rowManagerCount  = 'Q'
	rowOutline       = 'l' // under an employer
	rowContactOfYear = 'y' // under an employer
	rowGemeente      = 'd' // under an employer
	rowLevel         = 'n' // under an employer
	rowSpared        = 's' // under an employer
	rowServed        = 'D'
	rowServing       = 'G'
	rowAgreement     = 'A'
	rowVisit         = 'v'
	rowContact       = 'c'
	rowLink          = 'g'
	rowHolds         = 'h'
	rowNamed         = 'w'
	rowSubject       = 'k'
	rowKey           = 'K'
	rowErased        = 'd'
	rowPartner       = 'p'
	rowIdentity      = 'n'
	rowHeir          = 'y'
	subjectSize      = sha256.Size
	maxPlainIDInKey  = 64
	longIDMarker     = 0xff // no valid UTF-8 id begins with this byte
	sourceHashInKeys = 8
)

// bookRow is whose book this is and what must not be scanned for.
type bookRow struct {
	Book       string       `json:"b"`
	Region     string       `json:"r"`
	OIN        string       `json:"o"`
	At         int64        `json:"t"` // when the last record was recorded, Unix milliseconds
	HighestKey events.KeyID `json:"k"` // highest seal key named in any record
}

// The kinds of an entry in an approach, a placement or a vacancy.
const (
	entryPlan      = 'p'
	entryMove      = 'm'
	entryExtended  = 'x'
	entryOff       = 'o'
	entryMade      = 'v'
	entryEnded     = 'e'
	entryFilled    = 'f'
	entryWithdrawn = 'w'
)

func u64(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

const restOfKey = 64 // room for what comes behind in a key, so that most are made at once

func keyOf(kind byte, parts ...[]byte) []byte {
	k := append(make([]byte, 0, restOfKey), kind)
	for _, p := range parts {
		k = append(k, p...)
	}
	return k
}

// idKey keeps the id readable and in its own order: partners whose ids grow with
// time then write to neighbouring pages, which a hash would scatter.
func idKey(source, id string) []byte {
	h := sha256.Sum256([]byte(source))
	k := keyOf(rowID, h[:sourceHashInKeys])
	if len(id) <= maxPlainIDInKey {
		return append(k, id...)
	}
	hid := sha256.Sum256([]byte(id))
	return append(append(k, longIDMarker), hid[:]...)
}

// uuidKey is a partner's id for an approach, placement or vacancy.
func uuidKey(kind byte, partner, id string) []byte {
	return keyOf(kind, uuidBytes(partner), uuidBytes(id))
}

// uuidBytes of text that events has checked; anything else keeps its own bytes.
func uuidBytes(s string) []byte {
	u, err := uuid.Parse(s)
	if err != nil {
		return []byte(s)
	}
	return u[:]
}

func positionKey(kind byte, p events.Position) []byte {
	return binary.BigEndian.AppendUint64(append(make([]byte, 0, restOfKey), kind), uint64(p))
}

func employerKey(employer string, kind byte) []byte {
	k := append(make([]byte, 0, 3+len(employer)+restOfKey), rowEmployer)
	return append(append(k, employer...), 0, kind)
}

// dayOf is the date of a dayNumber.
func dayOf(n uint32) events.Date {
	if n == 0 {
		return ""
	}
	b := []byte("0000-00-00")
	for _, i := range []int{9, 8, 6, 5, 3, 2, 1, 0} {
		b[i] += byte(n % 10)
		n /= 10
	}
	return events.Date(b)
}

// dayNumber turns a date into a number that sorts and inverts.
func dayNumber(d events.Date) uint32 {
	if len(d) != len("2006-01-02") {
		return 0
	}
	n := uint32(0)
	for _, i := range []int{0, 1, 2, 3, 5, 6, 8, 9} {
		n = n*10 + uint32(d[i]-'0')
	}
	return n
}

func u32(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }

func openKey(employer string, to events.Date, root events.Position) []byte {
	k := append(employerKey(employer, rowOpen), u32(dayNumber(to))...)
	return append(k, u64(uint64(root))...)
}

// positionAtEnd is the position that a key ends in.
func positionAtEnd(key []byte) events.Position {
	return events.Position(binary.BigEndian.Uint64(key[len(key)-8:]))
}

func contactKey(employer string, order events.Position) []byte {
	return append(employerKey(employer, rowContact), u64(uint64(order))...)
}

// getRow decodes a row into v and reports whether it was there. A row that does
// not decode is damage of our own file: the caller stops.
func getRow(tx Tx, key []byte, v any) (bool, error) {
	b := tx.Get(key)
	if b == nil {
		return false, nil
	}
	return true, decodeRow(key, b, v)
}

func damagedRow(key []byte) error { return fmt.Errorf("%w: row %q of the book", ErrDamaged, key) }

func decodeRow(key, row []byte, v any) error {
	if err := json.Unmarshal(row, v); err != nil {
		return fmt.Errorf("%w: row %q of the book: %w", ErrDamaged, key, err)
	}
	return nil
}

func putRow(tx Tx, key []byte, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("row %q of the book: %w", key, err)
	}
	tx.Put(key, b)
	return nil
}

func positionAt(tx Tx, key []byte) events.Position {
	b := tx.Get(key)
	if len(b) != 8 {
		return 0
	}
	return events.Position(binary.BigEndian.Uint64(b))
}
