package projections

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"huisboek/events"
)

// ClashQuery says which clashes are asked for. Its zero value asks for all.
type ClashQuery struct {
	Partner   string   // internal UUID of either party
	Employers []string // keys of one employer
	From, To  string   // first and last month in which it was found, "2026-11"
	End       string   // how it ended
}

// MaxClashes is the most that one call of Register gives.
const MaxClashes = 200

// maxClashRows is how many clashes one call of Register looks through: what is asked for
// may be few among very many.
const maxClashRows = 2_000

// clashRules are the rules; a row holds the index.
var clashRules = [...]string{RulePlans, RuleVisit, RuleQuiet}

// write puts a clash into the register, under everything that it is found by.
func (c *Clash) write(tx Tx) error {
	first, later := c.First.ID, c.Later.ID
	e := make(encoder, 0, 96)
	e.byte(indexOf(clashRules[:], c.Rule))
	e.position(c.Found)
	e.date(c.FoundOn)
	e.position(c.Agreement)
	e.text(c.subregion)
	e.text(c.employers[0])
	e.text(c.employers[1])
	tx.Put(clashPrefix(clashRow, first, later), e)
	for _, k := range c.indexed() {
		tx.Put(k, nil)
	}
	for _, id := range []events.Position{first, later} {
		t, err := readThing(tx, id)
		if t == nil || err != nil {
			return fmt.Errorf("clash %s: %w", c.ID(), orRow(err))
		}
		if !t.clashed {
			t.clashed = true
			tx.Put(positionKey(rowThing, id), t.encode())
			for _, k := range t.places() {
				if k[1] == clashMonth {
					tx.Put(k, t.counted())
				}
			}
		}
	}
	return nil
}

func orRow(err error) error {
	if err == nil {
		return ErrRow
	}
	return err
}

// indexed are the keys under which a clash is listed.
func (c *Clash) indexed() [][]byte {
	at := clashPrefix(0, ^c.Found, c.First.ID, c.Later.ID)[2:]
	keys := [][]byte{
		append(clashPrefix(clashFound), at...),
		append(clashNamed(clashPartner, c.First.Partner), at...),
		append(clashNamed(clashPartner, c.Later.Partner), at...),
		append(clashNamed(clashEmployer, c.employers[0]), at...),
		clashPrefix(clashThing, c.First.ID, c.First.ID, c.Later.ID),
		clashPrefix(clashThing, c.Later.ID, c.First.ID, c.Later.ID),
	}
	if c.employers[1] != c.employers[0] {
		keys = append(keys, append(clashNamed(clashEmployer, c.employers[1]), at...))
	}
	return keys
}

// reader reads clashes as they stand on a day; agreements are read once.
type clashReader struct {
	tx         Tx
	today      events.Date
	agreements events.Agreements
	read       bool
}

func (x *clashReader) terms(c *Clash) (events.Terms, error) {
	if !x.read {
		var err error
		if x.agreements, err = (Agreements{}).Recorded(x.tx); err != nil {
			return events.Terms{}, err
		}
		x.read = true
	}
	for i := range x.agreements {
		if a := &x.agreements[i]; a.Position == c.Agreement {
			return a.For(c.subregion), nil
		}
	}
	a := events.DefaultAgreement()
	return a.For(c.subregion), nil
}

// at reads the clash of two things; nil when they have none.
func (x *clashReader) at(first, later events.Position) (*Clash, error) {
	row := x.tx.Get(clashPrefix(clashRow, first, later))
	if row == nil {
		return nil, nil
	}
	d := decode(row)
	c := &Clash{
		Rule: at(&d, clashRules[:]), Found: d.position(), FoundOn: d.date(), Agreement: d.position(), subregion: d.text(),
		employers: [2]string{d.text(), d.text()},
	}
	if err := d.err(); err != nil {
		return nil, fmt.Errorf("clash %d-%d: %w", first, later, err)
	}
	var err error
	var pair [2]*thing
	for i, id := range []events.Position{first, later} {
		if pair[i], err = readThing(x.tx, id); pair[i] == nil || err != nil {
			return nil, fmt.Errorf("clash %d-%d: %w", first, later, orRow(err))
		}
		if err := pair[i].complete(x.tx); err != nil {
			return nil, err
		}
	}
	c.First, c.Later = pair[0].Party, pair[1].Party
	terms, err := x.terms(c)
	if err != nil {
		return nil, err
	}
	c.End = c.ended(pair[0], pair[1], &terms, x.today)
	return c, nil
}

// complete fills in what stands elsewhere.
func (t *thing) complete(tx Tx) (err error) {
	if t.Visit {
		t.Announced, err = announced(tx, t.root, t.From)
		return err
	}
	row := tx.Get(clashPrefix(clashReason, t.Position))
	if row == nil || t.gone || !t.Despite {
		return nil
	}
	d := decode(row)
	t.Reason.Seal, t.Source, t.Event = d.seal(), d.text(), d.text()
	return d.err()
}

// ended is how a clash of two things ended, by what became of them.
func (c *Clash) ended(first, later *thing, terms *events.Terms, today events.Date) string {
	went := func(t *thing) bool { return t.Visit || t.made }
	expired := func(t *thing) bool { return !t.Visit && t.open && t.until.Before(today) }
	switch {
	case first.gone || later.gone:
		return EndWithdrawn
	case joint(first, later):
		return EndTogether
	case !c.stands(first, later, terms) && (first.moved || later.moved):
		return EndMoved
	case !c.stands(first, later, terms):
		return EndWithdrawn
	case first.off || later.off:
		return EndCalledOff
	case went(first) && went(later):
		return EndBoth
	case expired(first) || expired(later):
		return EndExpired
	}
	return EndOpen
}

// stands reports whether the two, as they are now, would still be in each other's way
// by the agreement that the clash was found by.
func (c *Clash) stands(first, later *thing, terms *events.Terms) bool {
	switch {
	case first.afterwards || later.afterwards || first.atRequest || later.atRequest:
		return false
	case first.Employer != c.employers[0] || later.Employer != c.employers[1] || !concerns(first.Establishment, later.Establishment):
		return false
	case !near(first, later, terms.QuietDays):
		return false
	case c.Rule == RuleQuiet:
		return disturbs(terms, first, later)
	}
	return terms.Disturb(later.Purpose, first.Purpose)
}

// Clash is one clash by its id, as it stands on a day; nil when there is none.
func (Clashes) Clash(tx Tx, id string, today events.Date) (*Clash, error) {
	one, other, _ := strings.Cut(id, "-")
	first, err1 := strconv.ParseUint(one, 10, 64)
	later, err2 := strconv.ParseUint(other, 10, 64)
	if err1 != nil || err2 != nil {
		return nil, nil
	}
	x := clashReader{tx: tx, today: today}
	return x.at(events.Position(first), events.Position(later))
}

// foundBy are the clashes that one record brought to light, as they stand on a day.
func (Clashes) foundBy(tx Tx, p events.Position, today events.Date) (list []*Clash, err error) {
	x, prefix := clashReader{tx: tx, today: today}, clashPrefix(clashFound, ^p)
	var keys [][]byte
	tx.Scan(prefix, func(k, _ []byte) bool {
		keys = append(keys, bytes.Clone(k[len(prefix):]))
		return true
	})
	for _, k := range keys {
		c, err := x.pair(k)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

// pair reads the clash of the two things that end a key.
func (x *clashReader) pair(k []byte) (*Clash, error) {
	if len(k) != 16 {
		return nil, ErrRow
	}
	c, err := x.at(events.Position(binary.BigEndian.Uint64(k)), events.Position(binary.BigEndian.Uint64(k[8:])))
	if c == nil && err == nil {
		err = ErrRow
	}
	return c, err
}

// Register gives clashes as they stand on a day, the newest first: at most limit (1 to
// MaxClashes; outside that, the nearest). next is an opaque cursor to be given back as
// after; it is empty at the end of the list. A page may be short, or empty, before
// that: what is asked for may be few among very many. ErrCursor when the cursor was not
// given out for this employer and partner.
func (Clashes) Register(tx Tx, q ClashQuery, after string, limit int, today events.Date) (list []Clash, next string, err error) {
	limit = min(MaxClashes, max(1, limit))
	from, err := q.fromCursor(after)
	if err != nil {
		return nil, "", err
	}
	places := q.places(tx, from)
	x := clashReader{tx: tx, today: today}
	list = []Clash{}
	for i, place := range places {
		if len(list) == limit || i == maxClashRows {
			return list, q.cursor(places[i-1]), nil
		}
		c, err := x.pair(place[8:])
		if err != nil {
			return nil, "", err
		}
		if q.To != "" && c.FoundOn.Month() > q.To || !q.wants(c) {
			continue
		}
		if q.From != "" && c.FoundOn.Month() < q.From {
			return list, "", nil // what comes was found earlier still
		}
		list = append(list, *c)
	}
	return list, "", nil
}

// wants reports whether a clash is asked for, but for its month.
func (q *ClashQuery) wants(c *Clash) bool {
	return (q.Partner == "" || c.First.Partner == q.Partner || c.Later.Partner == q.Partner) && (q.End == "" || c.End == q.End)
}

// places are where the clashes of an employer stand, or of a partner, or all: the
// newest first, after a place, and at most one more than Register looks through.
func (q *ClashQuery) places(tx Tx, from []byte) (places [][]byte) {
	prefixes := [][]byte{clashPrefix(clashFound)}
	switch {
	case len(q.Employers) > 0:
		prefixes = prefixes[:0]
		for _, employer := range q.Employers {
			prefixes = append(prefixes, clashNamed(clashEmployer, employer))
		}
	case q.Partner != "":
		prefixes[0] = clashNamed(clashPartner, q.Partner)
	}
	for _, prefix := range prefixes {
		n := 0
		tx.ScanFrom(append(bytes.Clone(prefix), from...), prefix, func(k, _ []byte) bool {
			places = append(places, bytes.Clone(k[len(prefix):]))
			n++
			return n <= maxClashRows
		})
	}
	slices.SortFunc(places, bytes.Compare)
	places = slices.CompactFunc(places, bytes.Equal) // one with two keys of the same employer
	return places[:min(len(places), maxClashRows+1)]
}

// placeSize is that of a clash in a list: when it was found, and the two.
const placeSize = 24

func (q *ClashQuery) cursor(place []byte) string {
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(bytes.Clone(place), employerHash(q.scope())))
}

// scope is which list a cursor is of.
func (q *ClashQuery) scope() string {
	employer := ""
	if len(q.Employers) > 0 {
		employer = q.Employers[0]
	}
	return "botsingen " + q.Partner + " " + employer
}

func (q *ClashQuery) fromCursor(after string) ([]byte, error) {
	if after == "" {
		return nil, nil
	}
	c, err := base64.RawURLEncoding.Strict().DecodeString(after)
	if err != nil || len(c) != placeSize+4 || binary.BigEndian.Uint32(c[placeSize:]) != employerHash(q.scope()) {
		return nil, ErrCursor
	}
	return append(c[:placeSize:placeSize], 0), nil
}

// AtEmployer are the newest clashes at an employer, under all its keys, at most limit,
// and how many there are in all; what was withdrawn is neither shown nor counted. It
// looks through the newest 2,000.
func (Clashes) AtEmployer(tx Tx, employers []string, limit int, today events.Date) (count int, newest []Clash, err error) {
	if len(employers) == 0 {
		return 0, nil, nil
	}
	q := ClashQuery{Employers: employers}
	x := clashReader{tx: tx, today: today}
	places := q.places(tx, nil)
	for _, place := range places[:min(maxClashRows, len(places))] {
		c, err := x.pair(place[8:])
		if err != nil {
			return 0, nil, err
		}
		if c.End == EndWithdrawn {
			continue
		}
		if count++; count <= limit {
			newest = append(newest, *c)
		}
	}
	return count, newest, nil
}

func clashKeyName(rest []byte) (string, bool) {
	if len(rest) == 0 {
		return "", false
	}
	what, rest := rest[0], rest[1:]
	number := func(at int) uint64 { return binary.BigEndian.Uint64(rest[at:]) }
	switch what {
	case clashRow:
		if len(rest) == 16 {
			return fmt.Sprintf("clash %d-%d", number(0), number(8)), true
		}
	case clashFound:
		if len(rest) == placeSize {
			return fmt.Sprintf("clash %d-%d found at position %d", number(8), number(16), ^number(0)), true
		}
	case clashThing:
		if len(rest) == placeSize {
			return fmt.Sprintf("clash %d-%d of position %d", number(8), number(16), number(0)), true
		}
	case clashMark, clashReason:
		if len(rest) == 8 {
			return fmt.Sprintf("%s of event at position %d", map[byte]string{clashMark: "thing", clashReason: "reason"}[what], number(0)), true
		}
	case clashMonth:
		if len(rest) == 12 {
			return fmt.Sprintf("figures of position %d on %d", number(4), binary.BigEndian.Uint32(rest)), true
		}
	}
	name, rest, ok := cutSized(rest)
	if !ok {
		return "", false
	}
	switch what {
	case clashPartner, clashEmployer:
		if len(rest) == placeSize {
			return fmt.Sprintf("clash %d-%d of %s", binary.BigEndian.Uint64(rest[8:]), binary.BigEndian.Uint64(rest[16:]), name), true
		}
	case clashHold, clashVisit:
		if len(rest) == 12 {
			return fmt.Sprintf("%s of employer %s on %d from position %d", map[byte]string{clashHold: "hold", clashVisit: "visit"}[what],
				name, binary.BigEndian.Uint32(rest), binary.BigEndian.Uint64(rest[4:])), true
		}
	}
	return "", false
}
