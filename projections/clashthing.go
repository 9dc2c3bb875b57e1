package projections

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"huisboek/events"
)

// thing is what can clash: an approach, by its first plan, or a visit, by how it was
// first told. What was taken away stays, gone, when it clashed with anything.
type thing struct {
	Party
	until                         events.Date     // of an approach: the last day on which it can hold the employer
	first                         events.Date     // of an approach: when it was first planned
	root                          events.Position // of a visit: its approach
	open, holds, made, off, moved bool            // of an approach
	atRequest, afterwards         bool
	clashed, gone                 bool
	with, confirmed               []string // partners
}

// The rows of [Clashes] begin with the letter of a thing, or with that of a clash and
// one of these. What one record found stands together in one row.
const (
	clashFound    = 'f' // ^found8: the clashes that the record there found; the newest first
	clashEmployer = 'e' // employer ^found8 (empty): some of those are of that employer
	clashPartner  = 'p' // partner ^found8 (empty): and of that partner
	clashThing    = 't' // thing8 found8 (empty): and that thing is in some
	clashReason   = 'o' // position8: why its maker went through a warning
	clashHold     = 'h' // employer until4 thing8 (empty): an open approach that holds it
	clashVisit    = 'v' // employer day4 thing8 (empty): a visit
	clashMonth    = 'm' // day4 thing8: what counts in the figures
)

func clashPrefix(what byte, parts ...events.Position) []byte {
	k := append(make([]byte, 0, 2+8*len(parts)+12), rowClash, what)
	for _, p := range parts {
		k = binary.BigEndian.AppendUint64(k, uint64(p))
	}
	return k
}

func clashNamed(what byte, name string) []byte {
	k := append(make([]byte, 0, 4+len(name)+12), rowClash, what)
	return append(binary.BigEndian.AppendUint16(k, uint16(len(name))), name...)
}

func clashDated(what byte, employer string, day events.Date, id events.Position) []byte {
	k := binary.BigEndian.AppendUint32(clashNamed(what, employer), dayNumber(day))
	return binary.BigEndian.AppendUint64(k, uint64(id))
}

func monthPlace(day events.Date, id events.Position) []byte {
	k := binary.BigEndian.AppendUint32(clashPrefix(clashMonth), dayNumber(day))
	return binary.BigEndian.AppendUint64(k, uint64(id))
}

// keepReason keeps why a maker went through, beside the event that says so.
func keepReason(tx Tx, r *events.Record, seal *events.Seal) {
	e := make(encoder, 0, 128)
	e.seal(seal)
	e.text(r.Event.Source)
	e.text(r.Event.ID)
	tx.Put(clashPrefix(clashReason, r.Position), e)
}

// nowClashes remembers of a thing that it clashed with something.
func (t *thing) nowClashes(tx Tx) {
	if t.clashed {
		return
	}
	t.clashed = true
	tx.Put(positionKey(rowThing, t.ID), t.encode())
	for _, k := range t.places() {
		if k[1] == clashMonth {
			tx.Put(k, t.counted())
		}
	}
}

// visited is a visit as a record tells it.
func visited(tx Tx, r *events.Record, d *events.VisitMade, id events.Position) (*thing, error) {
	t := &thing{
		Party: Party{
			ID: id, Position: r.Position, Partner: r.Partner, Visit: true, Employer: d.Employer.Key(), Establishment: d.Establishment,
			From: d.Date, To: d.Date, Purpose: d.Purpose,
		},
		root: r.Root(), atRequest: d.AtRequest, afterwards: r.Event.Afterwards,
	}
	return t, t.join(tx, d.With, r.Verdict.Today)
}

// join fills in who goes along by what it says itself. Who goes on with whose work counts
// as the same, as it was on the day of the word.
func (t *thing) join(tx Tx, with []string, today events.Date) (err error) {
	t.with = nil
	for _, identity := range with {
		partner, err := partnerOf(tx, identity)
		if err != nil {
			return err
		}
		if partner == "" {
			continue
		}
		family, err := familyOn(tx, partner, today)
		if err != nil {
			return err
		}
		t.with = addNew(t.with, append(family, partner))
	}
	return nil
}

// renewThing brings a thing up to date after a word on it was added or taken back.
func renewThing(tx Tx, r *events.Record, t *thing) ([]*thing, error) {
	if !t.Visit {
		return renewPlan(tx, nil, r, t.ID)
	}
	if t.gone {
		return nil, nil
	}
	now := *t
	var err error
	if now.confirmed, err = takingPart(tx, t.ID); err != nil {
		return nil, err
	}
	t.write(tx, &now)
	return []*thing{&now}, nil
}

// renewPlan brings an approach up to what Employers has of it, and adds it to what
// changed unless it is gone.
func renewPlan(tx Tx, changed []*thing, r *events.Record, root events.Position) ([]*thing, error) {
	if root == 0 {
		return changed, nil
	}
	var old *thing
	var err error
	if root != r.Position { // where nothing stands yet
		if old, err = readThing(tx, root); err != nil {
			return nil, err
		}
	}
	a, c, err := approachAt(tx, root)
	if err != nil {
		return nil, err
	}
	if a == nil {
		old.write(tx, nil)
		return changed, nil
	}
	said, _ := a.said()
	t := &thing{
		Party: Party{
			ID: root, Position: a.word().Position, Partner: c.Partner, Employer: a.Employer, Establishment: c.Establishment,
			From: c.Date, To: c.To, Purpose: c.Purpose, Despite: c.Despite,
		},
		until: c.Until, first: a.First, open: c.Open(), holds: c.Holds, made: c.Status == StatusMade, off: c.Status == StatusCalledOff,
		moved: said.Kind == entryMove, atRequest: c.AtRequest,
	}
	if d, ok := r.Event.Data.(*events.VisitPlanned); ok {
		t.afterwards = r.Event.Afterwards
		err = t.join(tx, d.With, r.Verdict.Today)
	} else if old != nil {
		t.afterwards, t.with = old.afterwards, old.with
	}
	if err != nil {
		return nil, err
	}
	if old != nil { // what is new has no confirmations yet
		t.confirmed = old.confirmed
		if _, back := r.Event.Data.(*events.EventRetracted); back || r.Confirms() != 0 {
			if t.confirmed, err = takingPart(tx, root); err != nil {
				return nil, err
			}
		}
	}
	old.write(tx, t)
	return append(changed, t), nil
}

// write puts what a thing is now in the place of what it was; either may be nil.
func (t *thing) write(tx Tx, now *thing) {
	if t != nil {
		for _, k := range t.places() {
			tx.Delete(k)
		}
		switch {
		case now != nil:
			now.clashed = t.clashed
		case t.clashed:
			gone := *t
			gone.gone, now = true, &gone
		default:
			tx.Delete(positionKey(rowThing, t.ID))
		}
	}
	if now == nil {
		return
	}
	tx.Put(positionKey(rowThing, now.ID), now.encode())
	for _, k := range now.places() {
		if k[1] == clashMonth {
			tx.Put(k, now.counted())
		} else {
			tx.Put(k, nil)
		}
	}
}

// places are the keys under which a thing is found.
func (t *thing) places() (keys [][]byte) {
	switch {
	case t.gone || t.afterwards:
	case t.Visit:
		keys = append(keys, monthPlace(t.From, t.ID))
		if !t.atRequest {
			keys = append(keys, clashDated(clashVisit, t.Employer, t.From, t.ID))
		}
	default:
		keys = append(keys, monthPlace(t.until, t.ID))
		if t.open && t.holds && !t.atRequest {
			keys = append(keys, clashDated(clashHold, t.Employer, t.until, t.ID))
		}
	}
	return keys
}

func (t *thing) encode() []byte {
	e := make(encoder, 0, 256)
	e.position(t.Position)
	e.text(t.Partner)
	e.text(t.Employer)
	e.text(t.Establishment)
	e.text(t.Purpose)
	e.date(t.From)
	e.date(t.To)
	for _, b := range t.marks() {
		e.bool(*b)
	}
	e.position(t.root)
	e.date(t.until)
	e.date(t.first)
	e.texts(t.with)
	e.texts(t.confirmed)
	return e
}

// marks are what is yes or no of a thing, in the order of its row.
func (t *thing) marks() []*bool {
	return []*bool{&t.Visit, &t.Despite, &t.open, &t.holds, &t.made, &t.off, &t.moved, &t.atRequest, &t.afterwards, &t.clashed, &t.gone}
}

// readThing is nil when there is no such thing.
func readThing(tx Tx, id events.Position) (*thing, error) {
	row := tx.Get(positionKey(rowThing, id))
	if row == nil {
		return nil, nil
	}
	t := new(thing)
	return t, t.decode(id, row)
}

// decode makes it the thing of a row.
func (t *thing) decode(id events.Position, row []byte) error {
	d := decode(row)
	*t = thing{Party: Party{
		ID: id, Position: d.position(), Partner: d.text(), Employer: d.text(), Establishment: d.text(), Purpose: d.text(),
		From: d.date(), To: d.date(),
	}}
	for _, b := range t.marks() {
		*b = d.bool()
	}
	t.root, t.until, t.first = d.position(), d.date(), d.date()
	t.with, t.confirmed = d.texts(), d.texts()
	if err := d.err(); err != nil {
		return fmt.Errorf("thing at position %d: %w", id, err)
	}
	return nil
}

// ofPartner reports whether a row is that of a thing of the partner of whom this is the text,
// as a row has it, and reads no more of it.
func ofPartner(row []byte, partner encoder) bool {
	d := decode(row)
	d.position()
	return bytes.HasPrefix(d.row, partner) // where a text ends can be told from how it begins
}

// announced reports whether a visit was planned before its day, by an approach that is
// still there.
func announced(tx Tx, root events.Position, day events.Date) (bool, error) {
	if root == 0 {
		return false, nil
	}
	plan, err := readThing(tx, root)
	return plan != nil && !plan.gone && plan.first.Before(day), err
}

// joint reports whether two go together and both say so.
func joint(a, b *thing) bool {
	return slices.Contains(a.with, b.Partner) && slices.Contains(b.with, a.Partner) ||
		slices.Contains(a.confirmed, b.Partner) || slices.Contains(b.confirmed, a.Partner)
}
