package projections

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"huisboek/events"
)

// A row of the journal is a head (type, who, when, what it corrects) and behind that
// only what its type needs. Positions are so many before the row's own, and days so
// many after the day of recording: both are short. Who reads it back interns what comes
// more than once.

// lineWords are the words that a row holds as one byte, their place here: new ones come
// last, and there are no more than textWords. Any other text is written as it is.
var lineWords = [...]string{
	"",
	"DD01", "DD02", "DD03", "DD04", "DD05", "DD08",
	"dienstverband", "uitzend", "detachering", "bbl", "beschut-werk", "overig",
	"acquisitie", "kennismaking", "vacature", "nazorg", "advies",
	"loonkostensubsidie", "no-riskpolis", "jobcoach", "proefplaatsing", "werkplekaanpassing", "jobcarving",
	"functiecreatie", "bedrijfsadvies", "loonwaardemeting", "leerwerktraject", "voorlichting",
	"markt", "overheid", "lokaal", "regionaal", "landelijk", "dezelfde", "opvolger", "concern", "blijft", "vertrekt",
	"personeelstekort", "scholing", "duurzame-inzetbaarheid", "inclusief-werken", "taal", "bereikbaarheid",
	"huisvesting", "regelgeving", "dienstverlening", "groei", "krimp",
	"0", "1", "2-4", "5-9", "10-19", "20-49", "50-99", "100-249", "250-499", "500-999", "1000+",
	"op-locatie", "telefoon", "video", "bijeenkomst", "vervolgafspraak", "geen-interesse",
	StatusPlanned, StatusMoved, StatusConfirmed, StatusCalledOff, StatusMade, StatusWithdrawn,
	"2008", "2025", "gemeente", "uwv", "sw", ":systeem:crm",
}

// textFrom is what the length of a text is added to.
const textFrom = 0x80

var lineWord = func() map[string]int {
	places := make(map[string]int, len(lineWords))
	for i, w := range lineWords {
		places[w] = i
	}
	return places
}()

func (e *lineEncoder) text(s string) {
	if i, ok := lineWord[s]; ok {
		e.byte(byte(i))
		return
	}
	e.uint(uint64(textFrom + len(s)))
	e.encoder = append(e.encoder, s...)
}

func (e *lineEncoder) texts(list []string) {
	e.uint(uint64(len(list)))
	for _, s := range list {
		e.text(s)
	}
}

// stewardBit is set in the first byte of what no partner said.
const stewardBit = 0x80

// encode writes the row; the position is in its key.
func (l *Line) encode() ([]byte, error) {
	e := lineEncoder{encoder: make(encoder, 0, 64), l: l, today: serial(l.Today)}
	kind := len(linePart)
	for i := range linePart {
		if linePart[i].typ == l.Type {
			kind = i
		}
	}
	if kind == len(linePart) {
		return nil, fmt.Errorf("there is no line for %s", l.Type)
	}
	if l.Steward {
		kind |= stewardBit
	}
	e.byte(byte(kind))
	e.id(l.Partner)
	e.time(l.At)
	e.int(e.today - l.At.UnixMilli()/msOfDay)
	return e.body()
}

const msOfDay = 24 * 60 * 60 * 1000

type lineEncoder struct {
	encoder
	l     *Line
	today int64
}

func (e *lineEncoder) body() ([]byte, error) {
	l := e.l
	switch l.Type {
	case events.TypePlacementMade:
		e.back(l.Target)
		e.back(l.Root)
		e.employer(l.Employer)
		e.id(l.ID)
		e.day(l.From)
		e.day(l.To)
		e.text(l.Sort)
		e.texts(l.Groups)
		e.uint(uint64(l.Hours + 1))
		e.byte(byte(l.Register))
		e.text(l.Sector)
	case events.TypePlacementEnded:
		e.back(l.Target)
		e.back(l.Root)
		e.id(l.ID)
		e.day(l.From)
	case events.TypePlacementsMatched, events.TypePlacementsDistinct:
		e.back(l.Pair[0])
		e.back(l.Pair[1])
	case events.TypeVisitMade:
		e.back(l.Target)
		e.employer(l.Employer)
		e.day(l.From)
		e.text(l.Sort)
		e.texts(l.Groups)
	case events.TypeServiceDelivered:
		e.back(l.Target)
		e.employer(l.Employer)
		e.day(l.From)
		e.day(l.To)
		e.text(l.Sort)
		e.texts(l.Groups)
		e.uint(uint64(l.Count + 1))
	case events.TypeVacancyReported, events.TypeVacancyFilled, events.TypeVacancyWithdrawn:
		e.back(l.Target)
		e.back(l.Root)
		e.id(l.ID)
		e.employer(l.Employer)
		e.day(l.From)
		e.uint(uint64(l.Count + 1))
	case events.TypeSignalNoted:
		e.back(l.Target)
		e.employer(l.Employer)
		e.day(l.From)
		e.text(l.Sort)
	case events.TypeEventRetracted:
		e.back(l.Target)
	case events.TypeJointVisitConfirmed:
		e.back(l.Confirms)
	default:
		return e.region()
	}
	return e.encoder, nil
}

func (e *lineEncoder) region() ([]byte, error) {
	l := e.l
	switch l.Type {
	case events.TypeEmployerDescribed:
		e.back(l.Target)
		e.employer(l.Employer)
		e.texts(l.Gemeenten)
		e.text(l.Size)
		e.text(l.Sector)
	case events.TypeLevelSet:
		e.employer(l.Employer)
		e.text(l.Sort)
	case events.TypeEmployersLinked, events.TypeEmployersUnlinked:
		e.employer(l.Employer)
		e.employer(l.With)
		e.text(l.Sort)
		e.bool(l.Holds)
	case events.TypePartnerAdmitted:
		e.id(l.Of)
		e.day(l.From)
		e.text(l.Name)
		e.texts(l.Identities)
		e.texts(l.Gemeenten)
		e.text(l.Subregion)
	case events.TypePartnerDeparted:
		e.id(l.Of)
		e.day(l.From)
		e.text(l.Past)
	case events.TypePartnerSucceeded:
		e.id(l.Of)
		e.day(l.From)
		e.id(l.By)
	case events.TypeTargetSet:
		return e.json(l.Set)
	case events.TypeTargetDropped:
		e.id(l.ID)
	case events.TypeEmployersCounted:
		return e.json(l.Counted)
	}
	return e.encoder, nil
}

// json writes what comes seldom and has many members.
func (e *lineEncoder) json(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	return append(e.encoder, b...), err
}

// back writes a position before this one; 0 is none.
func (e *lineEncoder) back(p events.Position) {
	if p == 0 {
		e.uint(0)
	} else {
		e.position(e.l.Position - p)
	}
}

// day writes a date by its distance from today; 0 is none.
func (e *lineEncoder) day(d events.Date) {
	if d == "" {
		e.uint(0)
		return
	}
	n := serial(d) - e.today
	e.uint(uint64(n<<1^n>>63) + 1)
}

// What stands before an id or an employer's key: how it is written. From idText on it
// is the length of the text.
const (
	idNone = iota
	idUUID // 16 bytes
	idKvK  // a number of 8 digits, in 4 bytes
	idOwn  // voorlopig- and 16 bytes
	idText
)

// id writes a UUID.
func (e *lineEncoder) id(s string) {
	if id, ok := uuidBytes(s); ok {
		e.byte(idUUID)
		e.encoder = append(e.encoder, id[:]...)
		return
	}
	e.other(s)
}

func (e *lineEncoder) other(s string) {
	if s == "" {
		e.byte(idNone)
		return
	}
	e.uint(uint64(idText + len(s)))
	e.encoder = append(e.encoder, s...)
}

const provisionalPrefix = "voorlopig-"

// employer writes an employer's key.
func (e *lineEncoder) employer(key string) {
	if n, ok := kvkNumber(key); ok {
		e.byte(idKvK)
		e.encoder = binary.BigEndian.AppendUint32(e.encoder, n)
		return
	}
	if len(key) > len(provisionalPrefix) && key[:len(provisionalPrefix)] == provisionalPrefix {
		if id, ok := uuidBytes(key[len(provisionalPrefix):]); ok {
			e.byte(idOwn)
			e.encoder = append(e.encoder, id[:]...)
			return
		}
	}
	e.other(key)
}

func kvkNumber(key string) (uint32, bool) {
	if len(key) != 8 {
		return 0, false
	}
	for i := range 8 {
		if key[i] < '0' || key[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseUint(key, 10, 32)
	return uint32(n), err == nil
}

// serial numbers the days: 1 January 1970 is 0. What is no day is as that one.
func serial(d events.Date) int64 {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return 0
	}
	return t.Unix() / (24 * 60 * 60)
}

func dayAt(n int64) events.Date {
	return events.Date(time.Unix(n*24*60*60, 0).UTC().Format(time.DateOnly))
}
