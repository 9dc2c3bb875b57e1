package ledger

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/google/uuid"

	"huisboek/events"
)

// Visits stand in lanes: those of one partner to one establishment for one purpose,
// asked for by the employer or not. A verdict looks at the last one of each lane, so it
// costs no more for a long history; the employer's outline keeps those together.
//
//	lane: establishment 0 purpose 0 flag1 partner16
type visitLane struct {
	establishment, purpose string
	atRequest              bool
	partner                string
}

func (l *visitLane) key() []byte {
	b := append(make([]byte, 0, 64), l.establishment...)
	b = append(append(append(b, 0), l.purpose...), 0, 0)
	if l.atRequest {
		b[len(b)-1] = 1
	}
	return append(b, uuidBytes(l.partner)...)
}

func lanePrefix(employer string, key []byte) []byte {
	return append(employerKey(employer, rowVisit), key...)
}

func visitKey(employer string, key []byte, day uint32, order events.Position) []byte {
	k := binary.BigEndian.AppendUint32(lanePrefix(employer, key), ^day)
	return binary.BigEndian.AppendUint64(k, ^uint64(order))
}

// lastOf is the last visit in a lane of an employer, as it stands in the rows: it is not
// to be used after the transaction.
type lastOf struct {
	employer string
	lane     []byte
	one, two int // where establishment and purpose end in it
	day      uint32
	order    events.Position
	position events.Position
}

// parse takes a lane apart.
func (v *lastOf) parse(lane []byte) (ok bool) {
	v.lane, v.one = lane, bytes.IndexByte(lane, 0)
	v.two = v.one + 1 + bytes.IndexByte(lane[v.one+1:], 0)
	return v.one >= 0 && v.two > v.one && len(lane) == v.two+2+16
}

func (v *lastOf) place() []byte     { return v.lane[:v.one] }
func (v *lastOf) purpose() []byte   { return v.lane[v.one+1 : v.two] }
func (v *lastOf) atRequest() bool   { return v.lane[v.two+1] != 0 }
func (v *lastOf) by() []byte        { return v.lane[v.two+2:] }
func (v *lastOf) partner() string   { return uuid.UUID(v.by()).String() }
func (v *lastOf) date() events.Date { return dayOf(v.day) }

// newer compares by day, then by order.
func (v *lastOf) newer(than *lastOf) bool {
	return than == nil || cmp.Or(cmp.Compare(v.day, than.day), cmp.Compare(v.order, than.order)) > 0
}

// lastVisits are the last visits of every lane of some employers that concerns a place.
func lastVisits(w where, group []outline) (list []lastOf, err error) {
	for i := range group {
		o := &group[i]
		for lanes := o.lanes; len(lanes) > 0; {
			v, rest, ok := o.next(lanes)
			if !ok {
				return nil, damagedOutline(o.employer)
			}
			if lanes = rest; w.isConcernedBy(o.employer, v.place()) {
				if list == nil {
					list = make([]lastOf, 0, 2+len(rest)/len(v.lane)) // lanes are about as long
				}
				list = append(list, v)
			}
		}
	}
	return list, nil
}

// before is the last visit in the lane on a day or earlier that is not the excepted one;
// nil when there is none.
func (v *lastOf) before(tx Tx, day uint32, except events.Position) (*lastOf, error) {
	if v.day <= day && v.order != except {
		return v, nil
	}
	return v.search(tx, day, func(o *lastOf) bool { return o.order != except })
}

// earlier is the one before it in the lane that is not the excepted one.
func (v *lastOf) earlier(tx Tx, except events.Position) (*lastOf, error) {
	return v.search(tx, v.day, func(o *lastOf) bool { return o.order != except && v.newer(o) })
}

// search finds the last one in the lane on a day or earlier that fits.
func (v *lastOf) search(tx Tx, day uint32, fits func(*lastOf) bool) (found *lastOf, fail error) {
	prefix := lanePrefix(v.employer, v.lane)
	tx.ScanFrom(binary.BigEndian.AppendUint32(prefix, ^day), prefix, func(k, row []byte) bool {
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
	v.day, v.order = ^binary.BigEndian.Uint32(end), ^events.Position(binary.BigEndian.Uint64(end[4:]))
	if len(row) < 8 {
		return damagedRow(k)
	}
	v.position = events.Position(binary.BigEndian.Uint64(row))
	return nil
}

// row is the visit itself.
func (v *lastOf) row(tx Tx) (*visitRow, error) {
	k := visitKey(v.employer, v.lane, v.day, v.order)
	row := tx.Get(k)
	if row == nil {
		return nil, damagedOutline(v.employer)
	}
	return readVisit(k, &visitLane{string(v.place()), string(v.purpose()), v.atRequest(), v.partner()}, v.date(), row)
}

// visitAt is a visit of a lane; nil when it is not there.
func visitAt(tx Tx, employer string, l *visitLane, date events.Date, order events.Position) (*visitRow, error) {
	k := visitKey(employer, l.key(), dayNumber(date), order)
	row := tx.Get(k)
	if row == nil {
		return nil, nil
	}
	return readVisit(k, l, date, row)
}

// settleLane brings the last visits in the outline up to date with a lane.
func settleLane(tx Tx, employer string, key []byte) error {
	var last []byte
	var fail error
	tx.Scan(lanePrefix(employer, key), func(k, row []byte) bool {
		var v lastOf
		if fail = v.read(k, row); fail == nil {
			last = binary.BigEndian.AppendUint32(append([]byte{byte(len(key))}, key...), v.day)
			last = binary.BigEndian.AppendUint64(last, uint64(v.order))
			last = binary.BigEndian.AppendUint64(last, uint64(v.position))
		}
		return false
	})
	if fail != nil {
		return fail
	}
	o := outlineOf(tx, employer)
	i, n := 0, 0 // where it stands or would stand, and how long what stands there is
	for row := o.lanes; i < len(row); {
		size := 1 + int(row[i]) + lastSize
		if i+size > len(row) {
			return damagedOutline(employer)
		}
		if c := bytes.Compare(row[i+1:i+1+int(row[i])], key); c == 0 {
			n = size
			break
		} else if c > 0 {
			break
		}
		i += size
	}
	o.put(tx, o.lanes[:i], last, o.lanes[i+n:])
	return nil
}

// The row of a contact of the year: position8 partner16 root8 (with16)…
const contactFixed = 8 + 16 + 8

func contactOfYearKey(employer, establishment string, on events.Date, order events.Position) []byte {
	k := append(append(employerKey(employer, rowContactOfYear), establishment...), 0)
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(k, dayNumber(on)), uint64(order))
}

// keepVisit writes a visit with what is kept of it.
func keepVisit(tx Tx, did *done, v *visitRow) error {
	l := visitLane{v.Establishment, v.Purpose, v.AtRequest, v.Partner}
	key := l.key()
	tx.Put(visitKey(did.Employer, key, dayNumber(v.Date), did.Order), encodeVisit(v))
	if !v.AtRequest {
		b := append(u64(uint64(v.Position)), uuidBytes(v.Partner)...)
		b = append(b, u64(uint64(v.Root))...)
		for _, w := range v.With {
			b = append(b, uuidBytes(w)...)
		}
		tx.Put(contactOfYearKey(did.Employer, v.Establishment, v.Date, did.Order), b)
		if v.Establishment != "" {
			noteKind(tx, did.Employer, everAtOnePlace)
		}
	}
	return settleLane(tx, did.Employer, key)
}

// dropVisit takes a visit away.
func dropVisit(tx Tx, was *done) error {
	l := visitLane{was.Place, was.Purpose, was.Asked, was.Partner}
	key := l.key()
	tx.Delete(visitKey(was.Employer, key, dayNumber(was.Date), was.Order))
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

func (y *yearOf) count(w where, group []outline) ([]events.Position, error) {
	for i := range group {
		if err := y.employer(w, &group[i]); err != nil {
			return nil, err
		}
	}
	distinct, err := y.distinct(y.found)
	if err != nil || len(distinct) == 0 {
		return nil, err
	}
	slices.SortFunc(distinct, func(a, b contactOfYear) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.order, b.order))
	})
	list := make([]events.Position, min(len(distinct), y.most))
	for i := range list {
		list[i] = distinct[i].position()
	}
	return list, nil
}

func (y *yearOf) employer(w where, o *outline) error {
	if err := y.scan(o.employer, ""); err != nil || o.kinds&everAtOnePlace == 0 {
		return err
	}
	if w.establishment != "" {
		if o.employer != w.employer {
			return nil
		}
		return y.scan(o.employer, w.establishment)
	}
	for place := y.placeAfter(o.employer, ""); place != ""; place = y.placeAfter(o.employer, place) {
		if err := y.scan(o.employer, place); err != nil {
			return err
		}
	}
	return nil
}

// placeAfter is the next establishment in the rows; "" when there is none.
func (y *yearOf) placeAfter(employer, establishment string) (next string) {
	prefix := employerKey(employer, rowContactOfYear)
	y.tx.ScanFrom(append(append(prefix, establishment...), 1), prefix, func(k, _ []byte) bool { // behind every day of it
		place, _, _ := bytes.Cut(k[len(prefix):], []byte{0})
		next = string(place)
		return false
	})
	return next
}

// scan reads the year at one establishment, or of visits to the whole employer, until it
// has seen enough.
func (y *yearOf) scan(employer, establishment string) (fail error) {
	here := append(append(employerKey(employer, rowContactOfYear), establishment...), 0)
	if y.found == nil {
		y.found = make([]contactOfYear, 0, min(y.most, dayAtOnce)+2)
	}
	enough := 0         // contacts of days that are complete, taken together
	day := len(y.found) // where the running day begins
	y.tx.ScanFrom(binary.BigEndian.AppendUint32(here, y.from), here, func(k, v []byte) bool {
		if len(k) != len(here)+12 || binary.BigEndian.Uint32(k[len(here):]) > y.to {
			return false
		}
		var c contactOfYear
		if c, fail = readContactOfYear(k, v); fail != nil {
			return false
		}
		if c.order == y.except {
			return true
		}
		if len(y.found) > day && y.found[day].day != c.day {
			var of []contactOfYear
			if of, fail = y.distinct(y.found[day:]); fail != nil {
				return false
			}
			if enough += len(of); enough >= y.most {
				return false
			}
			day = len(y.found)
		}
		y.found = append(y.found, c)
		return len(y.found)-day < y.most+dayAtOnce
	})
	return fail
}

// distinct takes together those of one day that went together.
func (y *yearOf) distinct(all []contactOfYear) (out []contactOfYear, err error) {
	if !slices.ContainsFunc(all, func(c contactOfYear) bool { return !c.alone() }) {
		return all, nil
	}
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
