package projections

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"huisboek/events"
)

// Lines calls fn with the lines of a part after a position, in order, until fn returns
// false. The Line is fn's only until it returns; what it points to stays, and must not
// be changed. Who reads often keeps a [JournalReader].
func (Journal) Lines(tx Tx, part Part, after events.Position, fn func(*Line) bool) error {
	return NewJournalReader().Lines(tx, part, after, fn)
}

// JournalReader reads the journal. It keeps what it read of names, keys and days, so
// that each is in memory once. Not for more than one goroutine.
type JournalReader struct {
	ids   map[[16]byte]string // of partners
	keys  map[string]string   // of employers, by how they are written
	texts map[string]string
	lists map[string][]string                                     // by how they are written
	days  [(lastDay-firstDay)/dayBlock + 1]*[dayBlock]events.Date // from firstDay up to lastDay
	line  Line
}

// The days that events may name.
const (
	firstDay = -25567 // 1900-01-01
	lastDay  = 84006  // 2199-12-31
	dayBlock = 512
)

// NewJournalReader has read nothing yet.
func NewJournalReader() *JournalReader {
	return &JournalReader{ids: map[[16]byte]string{}, keys: map[string]string{}, texts: map[string]string{}, lists: map[string][]string{}}
}

// Lines is as [Journal.Lines].
func (j *JournalReader) Lines(tx Tx, part Part, after events.Position, fn func(*Line) bool) (err error) {
	prefix := journalPrefix(part)
	tx.ScanFrom(journalKey(part, after+1), prefix, func(k, v []byte) bool {
		if err = j.read(k, v); err != nil {
			return false
		}
		return fn(&j.line)
	})
	return err
}

// Merged is as Lines, of several parts in the order of their positions.
func (j *JournalReader) Merged(tx Tx, parts []Part, after events.Position, fn func(*Line) bool) error {
	lanes := make([]journalLane, len(parts))
	for i, part := range parts {
		lanes[i] = journalLane{part: part, from: after + 1}
		lanes[i].fill(tx)
	}
	for {
		var first *journalLane
		for i := range lanes {
			if l := &lanes[i]; len(l.rows) > 0 && (first == nil || l.rows[0].position < first.rows[0].position) {
				first = l
			}
		}
		if first == nil {
			return nil
		}
		if err := j.decode(first.rows[0].position, first.rows[0].value); err != nil {
			return err
		}
		if !fn(&j.line) {
			return nil
		}
		if first.rows = first.rows[1:]; len(first.rows) == 0 {
			first.fill(tx)
		}
	}
}

// journalLane is the rows of one part that were not merged yet. A store scans one
// prefix at a time, so they are read by so many.
type journalLane struct {
	part Part
	from events.Position // 0 when everything was read
	rows []journalRow
	slab []journalRow // room for them
}

const (
	fewRows  = 16 // few lines are new, most times
	manyRows = 1024
)

type journalRow struct {
	position events.Position
	value    []byte
}

func (l *journalLane) fill(tx Tx) {
	if l.from == 0 {
		return
	}
	n := min(manyRows, max(fewRows, 4*cap(l.slab)))
	if cap(l.slab) < n {
		l.slab = make([]journalRow, 0, n)
	}
	l.rows = l.slab[:0]
	from := l.from
	l.from = 0
	tx.ScanFrom(journalKey(l.part, from), journalPrefix(l.part), func(k, v []byte) bool {
		p := events.Position(0)
		if len(k) == 10 {
			p = events.Position(binary.BigEndian.Uint64(k[2:]))
		}
		if len(l.rows) == n {
			l.from = p
			return false
		}
		l.rows = append(l.rows, journalRow{p, v})
		return true
	})
}

// More reports whether any of the parts has a line after a position.
func (Journal) More(tx Tx, parts []Part, after events.Position) (more bool) {
	for _, part := range parts {
		tx.ScanFrom(journalKey(part, after+1), journalPrefix(part), func(_, _ []byte) bool {
			more = true
			return false
		})
		if more {
			return true
		}
	}
	return false
}

// Row is the row of a line as it is stored, nil when there is none. It is valid until
// the transaction ends.
func (Journal) Row(tx Tx, part Part, p events.Position) []byte {
	return tx.Get(journalKey(part, p))
}

func (j *JournalReader) read(k, v []byte) error {
	if len(k) != 10 {
		return fmt.Errorf("journal: %w", ErrRow)
	}
	return j.decode(events.Position(binary.BigEndian.Uint64(k[2:])), v)
}

// decode reads a row into the reader's line.
func (j *JournalReader) decode(p events.Position, row []byte) error {
	d := lineDecoder{j: j, b: row, position: p}
	l := &j.line
	*l = Line{Position: p, Hours: -1, Count: -1}
	kind := d.byte()
	l.Steward = kind&stewardBit != 0
	if kind &^= stewardBit; int(kind) >= len(linePart) {
		d.fail()
	} else {
		l.Type = linePart[kind].typ
	}
	l.Partner = d.id(true)
	ms := d.int()
	l.At = time.UnixMilli(ms).UTC()
	d.today = ms/msOfDay + d.int()
	l.Today = d.dayAt(d.today)
	d.body(l)
	if d.broken || len(d.b) > 0 {
		return fmt.Errorf("journal of position %d: %w", p, ErrRow)
	}
	return nil
}

// lineDecoder reads a row where it stands.
type lineDecoder struct {
	j        *JournalReader
	b        []byte
	broken   bool
	position events.Position
	today    int64
}

func (d *lineDecoder) body(l *Line) {
	switch l.Type {
	case events.TypePlacementMade:
		l.Target, l.Root, l.Employer, l.ID = d.back(), d.back(), d.employer(), d.id(false)
		l.From, l.To, l.Sort, l.Groups = d.day(), d.day(), d.text(), d.texts()
		l.Hours, l.Register, l.Sector = int(d.uint())-1, Register(d.byte()), d.text()
	case events.TypePlacementEnded:
		l.Target, l.Root, l.ID, l.From = d.back(), d.back(), d.id(false), d.day()
	case events.TypePlacementsMatched, events.TypePlacementsDistinct:
		l.Pair[0], l.Pair[1] = d.back(), d.back()
	case events.TypeVisitMade:
		l.Target, l.Employer, l.From, l.Sort, l.Groups = d.back(), d.employer(), d.day(), d.text(), d.texts()
	case events.TypeServiceDelivered:
		l.Target, l.Employer, l.From, l.To = d.back(), d.employer(), d.day(), d.day()
		l.Sort, l.Groups, l.Count = d.text(), d.texts(), int(d.uint())-1
	case events.TypeVacancyReported, events.TypeVacancyFilled, events.TypeVacancyWithdrawn:
		l.Target, l.Root, l.ID = d.back(), d.back(), d.id(false)
		l.Employer, l.From, l.Count = d.employer(), d.day(), int(d.uint())-1
	case events.TypeSignalNoted:
		l.Target, l.Employer, l.From, l.Sort = d.back(), d.employer(), d.day(), d.text()
	case events.TypeEventRetracted:
		l.Target = d.back()
	case events.TypeJointVisitConfirmed:
		l.Confirms = d.back()
	case events.TypeEmployerDescribed:
		l.Target, l.Employer, l.Gemeenten, l.Size, l.Sector = d.back(), d.employer(), d.texts(), d.text(), d.text()
	default:
		d.region(l)
	}
}

func (d *lineDecoder) region(l *Line) {
	switch l.Type {
	case events.TypeLevelSet:
		l.Employer, l.Sort = d.employer(), d.text()
	case events.TypeEmployersLinked, events.TypeEmployersUnlinked:
		l.Employer, l.With, l.Sort, l.Holds = d.employer(), d.employer(), d.text(), d.byte() == 1
	case events.TypePartnerAdmitted:
		l.Of, l.From, l.Name, l.Identities, l.Gemeenten, l.Subregion = d.id(true), d.day(), d.text(), d.texts(), d.texts(), d.text()
	case events.TypePartnerDeparted:
		l.Of, l.From, l.Past = d.id(true), d.day(), d.text()
	case events.TypePartnerSucceeded:
		l.Of, l.From, l.By = d.id(true), d.day(), d.id(true)
	case events.TypeTargetSet:
		l.Set = new(events.TargetSet)
		d.json(l.Set)
		l.ID = l.Set.Target
	case events.TypeTargetDropped:
		l.ID = d.id(true)
	case events.TypeEmployersCounted:
		l.Counted = new(events.EmployersCounted)
		d.json(l.Counted)
		l.From = l.Counted.From
	}
}

func (d *lineDecoder) json(v any) {
	if !d.broken && json.Unmarshal(d.b, v) != nil {
		d.fail()
	}
	d.b = nil
}

func (d *lineDecoder) fail() { d.broken, d.b = true, nil }

func (d *lineDecoder) byte() byte {
	if len(d.b) == 0 {
		d.fail()
		return 0
	}
	b := d.b[0]
	d.b = d.b[1:]
	return b
}

func (d *lineDecoder) uint() uint64 {
	if len(d.b) > 0 && d.b[0] < 0x80 {
		n := d.b[0]
		d.b = d.b[1:]
		return uint64(n)
	}
	n, size := binary.Uvarint(d.b)
	if size <= 0 {
		d.fail()
		return 0
	}
	d.b = d.b[size:]
	return n
}

func (d *lineDecoder) int() int64 {
	n := d.uint()
	return int64(n>>1) ^ -int64(n&1)
}

// take is the next n bytes.
func (d *lineDecoder) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.fail()
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *lineDecoder) back() events.Position {
	n := d.uint()
	if n == 0 {
		return 0
	}
	return d.position - events.Position(n)
}

func (d *lineDecoder) day() events.Date {
	n := d.uint()
	if n == 0 {
		return ""
	}
	n--
	return d.dayAt(d.today + (int64(n>>1) ^ -int64(n&1)))
}

func (d *lineDecoder) dayAt(n int64) events.Date {
	if n < firstDay || n > lastDay {
		return dayAt(n)
	}
	n -= firstDay
	block := d.j.days[n/dayBlock]
	if block == nil {
		block = new([dayBlock]events.Date)
		d.j.days[n/dayBlock] = block
	}
	day := &block[n%dayBlock]
	if *day == "" {
		*day = dayAt(n + firstDay)
	}
	return *day
}

// id reads a UUID; of those that come often each is kept once.
func (d *lineDecoder) id(often bool) string {
	switch n := d.uint(); {
	case n == idNone:
		return ""
	case n == idUUID && !often:
		if b := d.take(16); b != nil {
			return uuidText(b)
		}
		return ""
	case n == idUUID:
		b := d.take(16)
		if b == nil {
			return ""
		}
		s, ok := d.j.ids[[16]byte(b)]
		if !ok {
			s = uuidText(b)
			d.j.ids[[16]byte(b)] = s
		}
		return s
	case n > idText:
		return d.intern(d.take(n - idText))
	}
	d.fail()
	return ""
}

func (d *lineDecoder) employer() string {
	was := d.b
	n := d.uint()
	switch {
	case n == idKvK:
		d.take(4)
	case n == idOwn:
		d.take(16)
	case n == idNone:
		return ""
	case n > idText:
		return d.intern(d.take(n - idText))
	default:
		d.fail()
	}
	if d.broken {
		return ""
	}
	written := was[:len(was)-len(d.b)]
	key, ok := d.j.keys[string(written)]
	if !ok {
		if n == idKvK {
			key = strconv.FormatUint(1e8+uint64(binary.BigEndian.Uint32(written[1:])), 10)[1:]
		} else {
			key = provisionalPrefix + uuidText(written[1:])
		}
		d.j.keys[string(written)] = key
	}
	return key
}

func (d *lineDecoder) intern(b []byte) string {
	if len(b) == 0 {
		return ""
	}
	s, ok := d.j.texts[string(b)]
	if !ok {
		s = string(b)
		d.j.texts[s] = s
	}
	return s
}

func (d *lineDecoder) text() string {
	n := d.uint()
	switch {
	case n >= textFrom:
		return d.intern(d.take(n - textFrom))
	case n < uint64(len(lineWords)):
		return lineWords[n]
	}
	d.fail()
	return ""
}

func (d *lineDecoder) texts() []string {
	was := d.b
	n := d.uint()
	if n == 0 {
		return nil
	}
	for range n {
		if n := d.uint(); n >= textFrom {
			d.take(n - textFrom)
		}
		if d.broken {
			return nil
		}
	}
	written := was[:len(was)-len(d.b)]
	list, ok := d.j.lists[string(written)]
	if !ok {
		again := lineDecoder{j: d.j, b: written}
		list = make([]string, 0, again.uint())
		for range n {
			list = append(list, again.text())
		}
		d.j.lists[string(written)] = list
	}
	return list
}
