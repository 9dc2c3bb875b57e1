package projections

import (
	"bytes"
	"cmp"
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

// writeFound puts what a record found into the register, under everything that it is
// found by.
func writeFound(tx Tx, p events.Position, found []*Clash) {
	if len(found) == 0 {
		return
	}
	slices.SortFunc(found, func(a, b *Clash) int {
		return cmp.Or(cmp.Compare(a.First.ID, b.First.ID), cmp.Compare(a.Later.ID, b.Later.ID))
	})
	var partners, employers []string
	var things []events.Position
	for _, c := range found {
		partners, employers = addNew(partners, c.partners[:]), addNew(employers, c.employers[:])
		things = append(things, c.First.ID, c.Later.ID)
	}
	e := make(encoder, 0, 64+40*len(partners)+32*len(found))
	e.date(found[0].FoundOn)
	e.texts(partners)
	e.texts(employers)
	e.uint(uint64(len(found)))
	for _, c := range found {
		e.byte(indexOf(clashRules[:], c.Rule))
		e.position(c.First.ID)
		e.position(c.Later.ID)
		e.position(c.Agreement)
		e.text(c.subregion)
		for i := range 2 {
			e.uint(uint64(slices.Index(partners, c.partners[i])))
			e.uint(uint64(slices.Index(employers, c.employers[i])))
		}
	}
	tx.Put(clashPrefix(clashFound, ^p), e)
	for _, partner := range partners {
		tx.Put(binary.BigEndian.AppendUint64(clashNamed(clashPartner, partner), uint64(^p)), nil)
	}
	for _, employer := range employers {
		tx.Put(binary.BigEndian.AppendUint64(clashNamed(clashEmployer, employer), uint64(^p)), nil)
	}
	slices.Sort(things)
	for _, id := range slices.Compact(things) {
		tx.Put(clashPrefix(clashThing, id, p), nil)
	}
}

// readFound is what a record found, by the first of the two and then the later. Of the
// parties it says only which they are: see [clashReader.complete].
func readFound(tx Tx, p events.Position) ([]Clash, error) {
	row := tx.Get(clashPrefix(clashFound, ^p))
	if row == nil {
		return nil, nil
	}
	d := decode(row)
	on, partners, employers := d.date(), d.texts(), d.texts()
	list := make([]Clash, d.count())
	for i := range list {
		c := &list[i]
		*c = Clash{Found: p, FoundOn: on, Rule: at(&d, clashRules[:])}
		c.First.ID, c.Later.ID = d.position(), d.position()
		c.Agreement, c.subregion = d.position(), d.text()
		for i := range 2 {
			c.partners[i], c.employers[i] = d.oneOf(partners), d.oneOf(employers)
		}
	}
	if err := d.err(); err != nil {
		return nil, fmt.Errorf("clashes found at position %d: %w", p, err)
	}
	return list, nil
}

// clashesOf are the records that found clashes of a thing, oldest first.
func clashesOf(tx Tx, id events.Position) (list []events.Position) {
	prefix := clashPrefix(clashThing, id)
	tx.Scan(prefix, func(k, _ []byte) bool {
		list = append(list, events.Position(binary.BigEndian.Uint64(k[len(prefix):])))
		return true
	})
	return list
}

// has reports whether a thing is one of the two.
func (c *Clash) has(id events.Position) bool { return c.First.ID == id || c.Later.ID == id }

// clashReader reads clashes as they stand on a day; agreements are read once.
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

// complete fills in what became of the two.
func (x *clashReader) complete(c *Clash) error {
	var pair [2]*thing
	for i, id := range []events.Position{c.First.ID, c.Later.ID} {
		t, err := readThing(x.tx, id)
		if t == nil && err == nil {
			err = ErrRow
		}
		if err == nil {
			err = t.complete(x.tx)
		}
		if err != nil {
			return fmt.Errorf("clash %s: %w", c.ID(), err)
		}
		pair[i] = t
	}
	c.First, c.Later = pair[0].Party, pair[1].Party
	terms, err := x.terms(c)
	if err != nil {
		return err
	}
	c.End = c.ended(pair[0], pair[1], &terms, x.today)
	return nil
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
	case !first.around(terms.QuietDays).meets(later):
		return false
	case c.Rule == RuleQuiet:
		return disturbs(terms, first, later)
	}
	return terms.Disturb(later.Purpose, first.Purpose)
}

// Clash is one clash by its id, as it stands on a day; nil when there is none.
func (Clashes) Clash(tx Tx, id string, today events.Date) (*Clash, error) {
	_, other, _ := strings.Cut(id, "-")
	later, err := strconv.ParseUint(other, 10, 64)
	if err != nil { // none has such an id
		return nil, nil
	}
	x := clashReader{tx: tx, today: today}
	for _, p := range clashesOf(tx, events.Position(later)) {
		list, err := readFound(tx, p)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if c := &list[i]; c.ID() == id {
				return c, x.complete(c)
			}
		}
	}
	return nil, nil
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
	x := clashReader{tx: tx, today: today}
	list = []Clash{}
	var last *Clash
	looked := 0
	for _, p := range q.places(tx, from.Found) {
		found, err := readFound(tx, p)
		if err != nil {
			return nil, "", err
		}
		for i := range found {
			c := &found[i]
			if !q.about(c) || !from.before(c) {
				continue
			}
			if len(list) == limit || looked == maxClashRows {
				return list, q.cursor(last), nil
			}
			last = c
			looked++
			if q.From != "" && c.FoundOn.Month() < q.From {
				return list, "", nil // what comes was found earlier still
			}
			if q.To != "" && c.FoundOn.Month() > q.To {
				continue
			}
			if err := x.complete(c); err != nil {
				return nil, "", err
			}
			if q.wants(c) {
				list = append(list, *c)
			}
		}
	}
	return list, "", nil
}

// about reports whether a clash was found of who and what is asked for.
func (q *ClashQuery) about(c *Clash) bool {
	return (q.Partner == "" || slices.Contains(c.partners[:], q.Partner)) &&
		(len(q.Employers) == 0 || slices.Contains(q.Employers, c.employers[0]) || slices.Contains(q.Employers, c.employers[1]))
}

// wants reports whether a clash is asked for, but for its month.
func (q *ClashQuery) wants(c *Clash) bool {
	return (q.Partner == "" || c.First.Partner == q.Partner || c.Later.Partner == q.Partner) && (q.End == "" || c.End == q.End)
}

// places are the records that found clashes of an employer, or of a partner, or any: the
// newest first, from one on (0: the last), and at most one more than Register looks through.
func (q *ClashQuery) places(tx Tx, from events.Position) (places []events.Position) {
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
		begin, n := bytes.Clone(prefix), 0
		if from != 0 {
			begin = binary.BigEndian.AppendUint64(begin, uint64(^from))
		}
		tx.ScanFrom(begin, prefix, func(k, _ []byte) bool {
			places = append(places, events.Position(^binary.BigEndian.Uint64(k[len(prefix):])))
			n++
			return n <= maxClashRows
		})
	}
	slices.SortFunc(places, func(a, b events.Position) int { return cmp.Compare(b, a) })
	places = slices.Compact(places) // one with two keys of the same employer
	return places[:min(len(places), maxClashRows+1)]
}

// clashPlace is where a clash stands in the register; the zero one is before all.
type clashPlace struct{ Found, first, later events.Position }

// before reports whether a clash comes after the place.
func (p clashPlace) before(c *Clash) bool {
	return p.Found == 0 || cmp.Or(cmp.Compare(c.Found, p.Found), cmp.Compare(p.first, c.First.ID), cmp.Compare(p.later, c.Later.ID)) < 0
}

// placeSize is that of such a place in a cursor.
const placeSize = 24

func (q *ClashQuery) cursor(last *Clash) string {
	c := clashPrefix(0, last.Found, last.First.ID, last.Later.ID)[2:]
	return base64.RawURLEncoding.EncodeToString(binary.BigEndian.AppendUint32(c, employerHash(q.scope())))
}

// scope is which list a cursor is of.
func (q *ClashQuery) scope() string {
	employer := ""
	if len(q.Employers) > 0 {
		employer = q.Employers[0]
	}
	return "botsingen " + q.Partner + " " + employer
}

func (q *ClashQuery) fromCursor(after string) (p clashPlace, err error) {
	if after == "" {
		return p, nil
	}
	c, err := base64.RawURLEncoding.Strict().DecodeString(after)
	if err != nil || len(c) != placeSize+4 || binary.BigEndian.Uint32(c[placeSize:]) != employerHash(q.scope()) {
		return p, ErrCursor
	}
	at := func(i int) events.Position { return events.Position(binary.BigEndian.Uint64(c[i:])) }
	return clashPlace{at(0), at(8), at(16)}, nil
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
	looked := 0
	for _, p := range q.places(tx, 0) {
		found, err := readFound(tx, p)
		if err != nil {
			return 0, nil, err
		}
		for i := range found {
			c := &found[i]
			if !q.about(c) {
				continue
			}
			if looked++; looked > maxClashRows {
				return count, newest, nil
			}
			if err := x.complete(c); err != nil {
				return 0, nil, err
			}
			if c.End == EndWithdrawn {
				continue
			}
			if count++; count <= limit {
				newest = append(newest, *c)
			}
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
	case clashFound:
		if len(rest) == 8 {
			return fmt.Sprintf("clashes found at position %d", ^number(0)), true
		}
	case clashThing:
		if len(rest) == 16 {
			return fmt.Sprintf("clashes of position %d found at position %d", number(0), number(8)), true
		}
	case clashReason:
		if len(rest) == 8 {
			return fmt.Sprintf("reason of event at position %d", number(0)), true
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
		if len(rest) == 8 {
			return fmt.Sprintf("clashes of %s found at position %d", name, ^binary.BigEndian.Uint64(rest)), true
		}
	case clashHold, clashVisit:
		if len(rest) == 12 {
			return fmt.Sprintf("%s of employer %s on %d from position %d", map[byte]string{clashHold: "hold", clashVisit: "visit"}[what],
				name, binary.BigEndian.Uint32(rest), binary.BigEndian.Uint64(rest[4:])), true
		}
	}
	return "", false
}
