package ledger

import (
	"huisboek/events"
)

// done is what one position did.
type done struct {
	Type     events.Type
	Partner  string
	Employer string
	With     string          // of a link: the other employer
	Root     events.Position // of the approach, placement or vacancy it is part of
	Order    events.Position // its place among its like: the position of the first of its corrections
	Date     events.Date     // of a visit
	Place    string          // of a visit: its establishment
	Purpose  string          // of a visit
	Asked    bool            // of a visit: the employer asked for it
	Until    events.Date     // of a plan, move or extension: how long the approach held by it
	Void     bool            // retracted or corrected
}

// There is a row of this for every event, so it holds what is there and no more: flags1,
// the members that these name, and then
//
//	partner16 (n1 name of the type) (n1 employer)
const (
	doneRoot  = 1 << iota // root8, and it stands first
	doneOrder             // order8: another position than its own
	doneVisit             // date4 (n1 place) (n1 purpose)
	doneUntil             // until4
	doneWith              // (n1 with)
	doneAsked
	doneVoid
)

// typeNamed is the type of each short name.
var typeNamed = func() map[string]events.Type {
	m := map[string]events.Type{}
	for _, t := range events.Types() {
		m[t.Name()] = t
	}
	return m
}()

// doneAt is what a position did; ok is false when it did nothing that is kept.
func doneAt(tx Tx, at events.Position) (d done, ok bool, err error) {
	k := positionKey(rowDone, at)
	row := tx.Get(k)
	if row == nil {
		return d, false, nil
	}
	d, err = readDone(k, row)
	return d, true, err
}

func putDone(tx Tx, at events.Position, d *done) {
	flags := byte(0)
	for i, is := range []bool{
		d.Root != 0, d.Order != at, d.Date != "" || d.Place != "" || d.Purpose != "", d.Until != "", d.With != "", d.Asked, d.Void,
	} {
		if is {
			flags |= 1 << i
		}
	}
	b := append(make([]byte, 0, 128), flags)
	if flags&doneRoot != 0 {
		b = appendNumber(b, uint64(d.Root))
	}
	if flags&doneOrder != 0 {
		b = appendNumber(b, uint64(d.Order))
	}
	if flags&doneVisit != 0 {
		b = appendText(appendText(appendDate(b, d.Date), d.Place), d.Purpose)
	}
	if flags&doneUntil != 0 {
		b = appendDate(b, d.Until)
	}
	if flags&doneWith != 0 {
		b = appendText(b, d.With)
	}
	tx.Put(positionKey(rowDone, at), appendText(appendText(append(b, uuidBytes(d.Partner)...), d.Type.Name()), d.Employer))
}

func readDone(k, row []byte) (d done, err error) {
	s := packed{rest: string(row)}
	flags := s.flags()
	d.Order, d.Asked, d.Void = positionAtEnd(k), flags&doneAsked != 0, flags&doneVoid != 0
	if flags&doneRoot != 0 {
		d.Root = s.position()
	}
	if flags&doneOrder != 0 {
		d.Order = s.position()
	}
	if flags&doneVisit != 0 {
		d.Date, d.Place, d.Purpose = s.date(), s.text(), s.text()
	}
	if flags&doneUntil != 0 {
		d.Until = s.date()
	}
	if flags&doneWith != 0 {
		d.With = s.text()
	}
	var known bool
	d.Partner = s.id()
	d.Type, known = typeNamed[s.text()]
	d.Employer = s.text()
	s.bad = s.bad || !known
	return d, s.done(k)
}

// rootIn is the root that a row of what a position did names, or 0: the row is looked
// into, not read, for most rows are passed over.
func rootIn(row []byte) events.Position {
	if len(row) < 9 || row[0]&doneRoot == 0 {
		return 0
	}
	s := packed{rest: string(row[1:9])}
	return s.position()
}
