package ledger

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"huisboek/events"
)

// Visits stand in lanes: those of one partner to one establishment for one purpose,
// asked for by the employer or not. A verdict looks at the last one of each lane, so it
// costs no more for a long history; a row of its own keeps those together.
//
//	lane: establishment 0 purpose 0 flag1 partner16
//	'l':  (n1 lane date4 order8 position8)… in the order of the lanes
type visitLane struct {
	establishment, purpose string
	atRequest              bool
	partner                string
}

const lastSize = 4 + 8 + 8 // behind the lane

func (l *visitLane) key() []byte {
	b := append(make([]byte, 0, 64), l.establishment...)
	b = append(append(append(b, 0), l.purpose...), 0, 0)
	if l.atRequest {
		b[len(b)-1] = 1
	}
	return append(b, uuidBytes(l.partner)...)
}

func parseLane(s string) (l visitLane, ok bool) {
	establishment, rest, one := strings.Cut(s, "\x00")
	purpose, rest, two := strings.Cut(rest, "\x00")
	if !one || !two || len(rest) != 1+16 {
		return l, false
	}
	by := packed{rest: rest[1:]}
	return visitLane{establishment, purpose, rest[0] != 0, by.id()}, true
}

func lanePrefix(employer string, key []byte) []byte {
	return append(employerKey(employer, rowVisit), key...)
}

func visitKey(employer string, key []byte, on events.Date, order events.Position) []byte {
	k := append(lanePrefix(employer, key), u32(^dayNumber(on))...)
	return append(k, u64(^uint64(order))...)
}

// lastOf is the last visit in a lane of an employer.
type lastOf struct {
	visitLane
	employer string
	date     events.Date
	order    events.Position
	position events.Position
}

// newer compares by day, then by order.
func (v *lastOf) newer(than *lastOf) bool {
	return than == nil || cmp.Or(cmp.Compare(v.date, than.date), cmp.Compare(v.order, than.order)) > 0
}

// lastVisits are the last visits of every lane of a group that concerns a place.
func lastVisits(tx Tx, w where, group []string) (list []lastOf, err error) {
	for _, employer := range group {
		row := tx.Get(employerKey(employer, rowLanes))
		for len(row) > 0 {
			n := int(row[0])
			if len(row) < 1+n+lastSize {
				return nil, damagedLanes(employer)
			}
			v := lastOf{employer: employer}
			var ok bool
			if v.visitLane, ok = parseLane(string(row[1 : 1+n])); !ok {
				return nil, damagedLanes(employer)
			}
			rest := row[1+n:]
			v.date = dayOf(binary.BigEndian.Uint32(rest))
			v.order = events.Position(binary.BigEndian.Uint64(rest[4:]))
			v.position = events.Position(binary.BigEndian.Uint64(rest[12:]))
			if row = rest[lastSize:]; w.concerns(employer, v.establishment) {
				list = append(list, v)
			}
		}
	}
	return list, nil
}

func damagedLanes(employer string) error {
	return fmt.Errorf("%w: last visits to %s in the book", ErrDamaged, employer)
}

// before is the last visit in the lane on a day or earlier that is not the excepted
// one; when skip is given, one before that. nil when there is none.
func (v *lastOf) before(tx Tx, day events.Date, except events.Position, skip *lastOf) (*lastOf, error) {
	fits := func(o *lastOf) bool {
		return o.date <= day && o.order != except && (skip == nil || skip.newer(o))
	}
	if fits(v) {
		return v, nil
	}
	prefix := lanePrefix(v.employer, v.key())
	from := day
	if skip != nil {
		from = min(day, skip.date)
	}
	var found *lastOf
	var fail error
	tx.ScanFrom(append(bytes.Clone(prefix), u32(^dayNumber(from))...), prefix, func(k, row []byte) bool {
		o := *v
		if fail = o.read(k, row); fail != nil {
			return false
		}
		if fits(&o) {
			found = &o
		}
		return found == nil
	})
	return found, fail
}

// read takes day, order and position from a visit's own row.
func (v *lastOf) read(k, row []byte) error {
	end := k[len(k)-12:]
	v.date, v.order = dayOf(^binary.BigEndian.Uint32(end)), ^events.Position(binary.BigEndian.Uint64(end[4:]))
	if len(row) < 8 {
		return damagedRow(k)
	}
	v.position = events.Position(binary.BigEndian.Uint64(row))
	return nil
}

// row is the visit itself.
func (v *lastOf) row(tx Tx) (*visitRow, error) {
	r, err := visitAt(tx, v.employer, &v.visitLane, v.date, v.order)
	if r == nil && err == nil {
		err = damagedLanes(v.employer)
	}
	return r, err
}

// visitAt is a visit of a lane; nil when it is not there.
func visitAt(tx Tx, employer string, l *visitLane, date events.Date, order events.Position) (*visitRow, error) {
	k := visitKey(employer, l.key(), date, order)
	row := tx.Get(k)
	if row == nil {
		return nil, nil
	}
	return readVisit(k, l, date, row)
}

// settleLane brings the row of last visits up to date with a lane.
func settleLane(tx Tx, employer string, key []byte) error {
	var last []byte
	var fail error
	tx.Scan(lanePrefix(employer, key), func(k, row []byte) bool {
		var v lastOf
		if fail = v.read(k, row); fail == nil {
			last = append(append(append([]byte{byte(len(key))}, key...), u32(dayNumber(v.date))...), u64(uint64(v.order))...)
			last = append(last, u64(uint64(v.position))...)
		}
		return false
	})
	if fail != nil {
		return fail
	}
	at := employerKey(employer, rowLanes)
	row := tx.Get(at)
	i, n := 0, 0 // where it stands or would stand, and how long what stands there is
	for i < len(row) {
		size := 1 + int(row[i]) + lastSize
		if i+size > len(row) {
			return damagedLanes(employer)
		}
		if c := bytes.Compare(row[i+1:i+1+int(row[i])], key); c == 0 {
			n = size
			break
		} else if c > 0 {
			break
		}
		i += size
	}
	now := slices.Concat(row[:i], last, row[i+n:])
	if len(now) == 0 {
		tx.Delete(at)
	} else {
		tx.Put(at, now)
	}
	return nil
}

// The row of a contact of the year: position8 partner16 root8 (with16)…
const contactFixed = 8 + 16 + 8

func contactOfYearKey(employer, establishment string, on events.Date, order events.Position) []byte {
	k := append(append(employerKey(employer, rowContactOfYear), establishment...), 0)
	return append(append(k, u32(dayNumber(on))...), u64(uint64(order))...)
}

// keepVisit writes a visit with what is kept of it.
func keepVisit(tx Tx, did *done, v *visitRow) error {
	l := visitLane{v.Establishment, v.Purpose, v.AtRequest, v.Partner}
	key := l.key()
	tx.Put(visitKey(did.Employer, key, v.Date, did.Order), encodeVisit(v))
	if !v.AtRequest {
		b := append(u64(uint64(v.Position)), uuidBytes(v.Partner)...)
		b = append(b, u64(uint64(v.Root))...)
		for _, w := range v.With {
			b = append(b, uuidBytes(w)...)
		}
		tx.Put(contactOfYearKey(did.Employer, v.Establishment, v.Date, did.Order), b)
	}
	return settleLane(tx, did.Employer, key)
}

// dropVisit takes a visit away.
func dropVisit(tx Tx, was *done) error {
	l := visitLane{was.Place, was.Purpose, was.Asked, was.Partner}
	key := l.key()
	tx.Delete(visitKey(was.Employer, key, was.Date, was.Order))
	tx.Delete(contactOfYearKey(was.Employer, was.Place, was.Date, was.Order))
	return settleLane(tx, was.Employer, key)
}

// contactOfYear is a visit that counts for the year: who went is only asked of one that
// went with another.
type contactOfYear struct {
	order events.Position
	day   uint32
	row   []byte
}

func readContactOfYear(k, v []byte) (c contactOfYear, err error) {
	if len(k) < 12 || len(v) < contactFixed || (len(v)-contactFixed)%16 != 0 {
		return c, damagedRow(k)
	}
	return contactOfYear{positionAtEnd(k), binary.BigEndian.Uint32(k[len(k)-12:]), v}, nil
}

func (c *contactOfYear) position() events.Position {
	return events.Position(binary.BigEndian.Uint64(c.row))
}
func (c *contactOfYear) partner() string { return uuid.UUID(c.row[8:24]).String() }
func (c *contactOfYear) root() events.Position {
	return events.Position(binary.BigEndian.Uint64(c.row[24:]))
}
func (c *contactOfYear) alone() bool { return len(c.row) == contactFixed }
func (c *contactOfYear) with() (list []string) {
	for w := range slices.Chunk(c.row[contactFixed:], 16) {
		list = append(list, uuid.UUID(w).String())
	}
	return list
}

// yearOf reads the contacts of a calendar year with an employer, of all partners, that
// no employer asked for: as many as are needed to see whether there are most. Of those
// that went together and both said so it gives the first.
type yearOf struct {
	tx     Tx
	heirs  heirs
	most   int
	except events.Position
	from   uint32
	to     uint32
	found  []contactOfYear
}

// dayAtOnce bounds the contacts of one day beyond what an agreement allows in a year.
const dayAtOnce = 100

func (y *yearOf) count(w where, group []string) ([]events.Position, error) {
	for _, employer := range group {
		if err := y.employer(w, employer); err != nil {
			return nil, err
		}
	}
	distinct, err := y.distinct(y.found)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(distinct, func(a, b contactOfYear) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.order, b.order))
	})
	var list []events.Position
	for _, c := range distinct[:min(len(distinct), y.most)] {
		list = append(list, c.position())
	}
	return list, nil
}

func (y *yearOf) employer(w where, employer string) error {
	if w.establishment != "" {
		err := y.scan(employer, "")
		if err == nil && employer == w.employer {
			err = y.scan(employer, w.establishment)
		}
		return err
	}
	place, more, err := "", true, error(nil)
	for more && err == nil {
		place, more, err = y.scanThen(employer, place)
	}
	return err
}

func (y *yearOf) scan(employer, establishment string) error {
	_, _, err := y.scanThen(employer, establishment)
	return err
}

// scanThen reads the year at one establishment until it has seen enough, and says
// which establishment is the next one in the rows.
func (y *yearOf) scanThen(employer, establishment string) (next string, more bool, fail error) {
	prefix := employerKey(employer, rowContactOfYear)
	here := append(append(bytes.Clone(prefix), establishment...), 0)
	var found []contactOfYear
	enough := 0 // contacts of days that are complete, taken together
	day := 0    // where the running day begins
	left := false
	y.tx.ScanFrom(append(bytes.Clone(here), u32(y.from)...), prefix, func(k, v []byte) bool {
		if !bytes.HasPrefix(k, here) {
			next, more = placeOfContact(k, prefix), true
			return false
		}
		if left = len(k) != len(here)+12 || binary.BigEndian.Uint32(k[len(here):]) > y.to; left {
			return false
		}
		var c contactOfYear
		if c, fail = readContactOfYear(k, v); fail != nil {
			return false
		}
		if c.order == y.except {
			return true
		}
		if len(found) > day && found[day].day != c.day {
			var of []contactOfYear
			if of, fail = y.distinct(found[day:]); fail != nil {
				return false
			}
			if enough += len(of); enough >= y.most {
				left = true
				return false
			}
			day = len(found)
		}
		found = append(found, c)
		left = len(found)-day >= y.most+dayAtOnce
		return !left
	})
	y.found = append(y.found, found...)
	if left && fail == nil {
		y.tx.ScanFrom(append(here[:len(here)-1], 1), prefix, func(k, _ []byte) bool { // behind every day of it
			next, more = placeOfContact(k, prefix), true
			return false
		})
	}
	return next, more, fail
}

func placeOfContact(k, prefix []byte) string {
	establishment, _, _ := bytes.Cut(k[len(prefix):], []byte{0})
	return string(establishment)
}

// distinct takes together those of one day that went together.
func (y *yearOf) distinct(all []contactOfYear) (out []contactOfYear, err error) {
	into := make([]int, len(all))
	find := func(i int) int {
		for into[i] != i {
			i = into[i]
		}
		return i
	}
	for i := range all {
		into[i] = i
		for j := range i {
			if all[i].alone() && all[j].alone() || all[i].day != all[j].day {
				continue
			}
			together, err := y.together(&all[i], &all[j])
			if err != nil {
				return nil, err
			}
			if a, b := find(i), find(j); together && a != b {
				into[max(a, b)] = min(a, b)
			}
		}
	}
	for i := range all {
		if into[i] == i {
			out = append(out, all[i])
		}
	}
	return out, nil
}

// together reports whether one said that the other went along, and that one said so too.
func (y *yearOf) together(a, b *contactOfYear) (bool, error) {
	byA, byB := y.heirs.among(a.with(), b.partner()), y.heirs.among(b.with(), a.partner())
	switch {
	case byA && byB:
		return true, nil
	case byA:
		return y.confirmed(a, b.partner())
	case byB:
		return y.confirmed(b, a.partner())
	}
	return false, nil
}

func (y *yearOf) confirmed(c *contactOfYear, partner string) (bool, error) {
	list, err := confirmationsOfVisit(y.tx, c.order, c.root())
	return slices.ContainsFunc(list, func(o joinFact) bool { return y.heirs.same(o.partner, partner) }), err
}
