package projections

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"huisboek/events"
)

// What falls due stands in a list for each partner, and in one for all who take part
// (partner ""), by the day. It is taken away when it will not come to that. What there
// is to tell is read from the approach or the vacancy when somebody asks.
//
//	'U' partner day4 position8   what falls due on that day, by which event
//	'U'                          the position of the last event that made something fall due
const rowDue = 'U'

// dueRow is where something stands that falls due; none when its day is empty.
type dueRow struct {
	partner string
	day     events.Date
	by      events.Position
}

func dueKey(partner string, day events.Date, by events.Position) []byte {
	k := binary.BigEndian.AppendUint32(partnerPrefix(rowDue, partner), dayNumber(day))
	return binary.BigEndian.AppendUint64(k, uint64(by))
}

// putDue writes what falls due, by the event that is being folded in.
func putDue(tx Tx, partner string, day events.Date, by events.Position, kind string, root events.Position) dueRow {
	e := make(encoder, 0, 8)
	e.byte(indexOf(messageKinds[:], kind))
	e.position(root)
	tx.Put(dueKey(partner, day, by), e)
	last := make(encoder, 0, 4)
	last.position(by)
	tx.Put([]byte{rowDue}, last)
	return dueRow{partner, day, by}
}

func (w *dueRow) drop(tx Tx) {
	if w.day != "" {
		tx.Delete(dueKey(w.partner, w.day, w.by))
	}
}

func (e *encoder) dueRow(w *dueRow) {
	e.date(w.day)
	if w.day != "" {
		e.text(w.partner)
		e.position(w.by)
	}
}

func (d *decoder) dueRow() (w dueRow) {
	if w.day = d.date(); w.day != "" {
		w.partner, w.by = d.text(), d.position()
	}
	return w
}

// keepEscalation keeps the day on which a vacancy becomes the region's: as long as it
// is open, by the agreement that was in force when it was reported. One that is
// reported, or open again, after that day is the region's at once. root is the vacancy of
// what the record undid, 0 when that is none.
func keepEscalation(tx Tx, r *events.Record, root events.Position) error {
	var reported events.Date
	switch d := r.Event.Data.(type) {
	case *events.VacancyReported:
		if root == 0 {
			root = r.Position
		}
		reported = dayOf(r, d.Date)
	case *events.VacancyFilled, *events.VacancyWithdrawn:
		root = cmp.Or(root, r.Root())
	case *events.EventRetracted:
	default:
		return nil
	}
	if root == 0 {
		return nil
	}
	v, err := readVacancy(tx, root)
	if err != nil {
		return err
	}
	key := positionKey(rowHeld, root)
	on, due, ok, err := readEscalation(tx.Get(key))
	if err != nil {
		return fmt.Errorf("vacancy from position %d: %w", root, err)
	}
	if v == nil {
		if due.drop(tx); ok {
			tx.Delete(key)
		}
		return nil
	}
	if reported != "" {
		_, terms, err := termsFor(tx, r.Partner, r.Verdict.Today)
		if err != nil {
			return err
		}
		before := on
		if on = terms.Escalation.On(reported); r.Event.Afterwards {
			on = ""
		}
		if on != before {
			due.drop(tx)
			due = dueRow{}
		}
	}
	switch open := v.status() == StatusOpen && on != ""; {
	case !open:
		due.drop(tx)
		due = dueRow{}
	case due.day == "":
		due = putDue(tx, "", max(on, r.Verdict.Today), r.Position, MessageEscalated, root)
	}
	e := make(encoder, 0, 40)
	e.byte(partVacancy)
	e.date(on)
	e.dueRow(&due)
	tx.Put(key, e)
	return nil
}

func readEscalation(row []byte) (on events.Date, due dueRow, ok bool, err error) {
	if len(row) == 0 || row[0] != partVacancy {
		return "", dueRow{}, false, nil
	}
	d := decode(row[1:])
	on, due = d.date(), d.dueRow()
	return on, due, true, d.err()
}

// lastDue is the position of the last event that made something fall due.
func lastDue(tx Tx) (events.Position, error) {
	row := tx.Get([]byte{rowDue})
	if row == nil {
		return 0, nil
	}
	d := decode(row)
	last := d.position()
	return last, d.err()
}

// dueAfter adds to a list what fell due, up to limit: see [Messages.After].
func dueAfter(tx Tx, partner string, list []Message, next Cursor, today events.Date, limit int) ([]Message, Cursor, bool, error) {
	last, err := lastDue(tx)
	if err != nil {
		return nil, next, false, err
	}
	for {
		if next.Sweep == "" {
			day := max(next.Day, today) // days do not go back for who was told already
			if day == next.Day && last <= next.Told {
				return list, next, false, nil
			}
			next.Sweep, next.SweepTold = day, max(last, next.Told)
		}
		rows, err := dueRows(tx, partner, &next, limit-len(list)+1)
		if err != nil {
			return nil, next, false, err
		}
		for i := range rows {
			if len(list) == limit {
				return list, next, true, nil
			}
			m, err := rows[i].read(tx, partner)
			if err != nil {
				return nil, next, false, err
			}
			next.AtDay, next.AtEvent = m.Due, m.Position
			m.Next = next
			list = append(list, m)
		}
		next = Cursor{After: next.After, Day: next.Sweep, Told: next.SweepTold}
	}
}

// foundDue is something that fell due, before it is read.
type foundDue struct {
	day  events.Date
	by   events.Position
	kind string
	root events.Position
}

// dueRows are the first rows that are left of a sweep, at most n, by day and event.
func dueRows(tx Tx, partner string, at *Cursor, n int) (found []foundDue, err error) {
	owners, err := heirless(tx, partner)
	if err != nil {
		return nil, err
	}
	for _, owner := range owners {
		prefix, from := partnerPrefix(rowDue, owner), partnerPrefix(rowDue, owner)
		switch {
		case at.AtDay != "":
			from = append(dueKey(owner, at.AtDay, at.AtEvent), 0)
		case at.Day != "": // a ledger's clock that was put back wrote before it, a little
			from = dueKey(owner, at.Day.AddDays(-graceDays), 0)
		}
		taken := 0
		tx.ScanFrom(from, prefix, func(k, v []byte) bool {
			var f foundDue
			if f, err = readDue(k[len(prefix):], v); err != nil || f.day > at.Sweep {
				return false
			}
			if f.by > at.SweepTold || f.day <= at.Day && f.by <= at.Told {
				return true
			}
			if owner != "" {
				var end string
				var left bool
				if end, left, err = goesOn(tx, owner, f.day); err != nil {
					return false
				}
				if left || end != partner {
					return true
				}
			}
			found = append(found, f)
			taken++
			return taken < n
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(found, func(a, b foundDue) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.by, b.by)) })
	return found[:min(n, len(found))], nil
}

// heirless is whose lists a partner may be told from: the one of all, its own, and
// those of partners that have or had a successor.
func heirless(tx Tx, partner string) (owners []string, err error) {
	owners = []string{"", partner}
	tx.Scan([]byte{rowSuccessor}, func(k, _ []byte) bool {
		other, _, ok := cutSized(k[1:])
		if !ok {
			err = ErrRow
			return false
		}
		var s standing
		if s, err = readStanding(tx, string(other)); err == nil && len(s.heirs) > 0 && string(other) != partner {
			owners = append(owners, string(other))
		}
		return err == nil
	})
	return owners, err
}

func readDue(rest, value []byte) (f foundDue, err error) {
	if len(rest) != 12 {
		return f, ErrRow
	}
	f.day, f.by = dayOfNumber(binary.BigEndian.Uint32(rest)), events.Position(binary.BigEndian.Uint64(rest[4:]))
	d := decode(value)
	f.kind, f.root = at(&d, messageKinds[:]), d.position()
	return f, d.err()
}

// dayOfNumber is the day that dayNumber made a number of.
func dayOfNumber(n uint32) events.Date {
	return events.Date(fmt.Sprintf("%04d-%02d-%02d", n/10_000, n/100%100, n%100))
}

// read is what there is to tell of it, as it stands.
func (f *foundDue) read(tx Tx, partner string) (m Message, err error) {
	m = Message{Position: f.by, At: f.day.Begins(), Due: f.day, Kind: f.kind}
	var c *Contact
	if f.kind == MessageEnds {
		c, err = contactOfApproach(tx, f.root)
	} else {
		var v *vacancy
		if v, err = readVacancy(tx, f.root); v != nil && err == nil {
			c, err = contactIn(tx, v.key(f.root), v.Employer)
		}
	}
	if c == nil || err != nil {
		return m, cmp.Or(err, ErrRow)
	}
	m.Partner, m.Employer, m.Establishment, m.Date, m.To, m.Purpose = c.Partner, c.Employer, c.Establishment, c.Date, c.To, c.Purpose
	m.Source, m.ID, m.AccountManager = c.Source, c.ID, c.AccountManager
	if f.kind == MessageEnds {
		m.Why, m.Approach, m.Until = []string{WhyOwn}, c.Approach, c.Until
		return m, nil
	}
	end, _, err := goesOn(tx, c.Partner, f.day)
	if end == partner {
		m.Why = append(m.Why, WhyOwn)
	}
	m.Why = append(m.Why, WhyRegion)
	m.Vacancy = &Vacancy{
		Position: c.Position, At: c.At, Partner: c.Partner, ID: c.Vacancy, Employer: c.Employer, Establishment: c.Establishment,
		Occupation: c.Occupation, Count: c.Count, Filled: c.Filled, Hours: c.Hours, Date: c.Date,
	}
	return m, err
}

// DueSince is the position of the last event by which something has fallen due for a
// partner that a cursor does not know of, 0 when there is none: to hint at it.
func (m Messages) DueSince(tx Tx, partner string, from Cursor, today events.Date) (last events.Position, err error) {
	from = Cursor{After: math.MaxInt64, Day: from.Day, Told: from.Told}
	for more := true; more; {
		var list []Message
		if list, from, more, err = m.After(tx, partner, from, today, MaxMessages); err != nil {
			return 0, err
		}
		for i := range list {
			last = max(last, list[i].Position)
		}
	}
	return last, nil
}
