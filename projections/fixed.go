package projections

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"huisboek/events"
)

// FixedContact is who to call first at an employer, for one purpose or for all.
type FixedContact struct {
	Position events.Position
	At       time.Time // when it was recorded
	Partner  string    // internal UUID
	// Source and ID are the event's: what its seal is bound to.
	Source, ID     string
	Establishment  string // 12 digits; empty for the whole entity
	Purpose        string // empty for every purpose
	AccountManager events.Personal[events.AccountManager]
}

func encodeFixed(r *events.Record, at events.Employer, purpose string, who *events.Seal, released bool) []byte {
	e := make(encoder, 0, 320)
	e.bool(released)
	e.position(r.Position)
	e.time(r.At)
	e.text(r.Partner)
	e.text(r.Event.Source)
	e.text(r.Event.ID)
	e.text(at.Establishment)
	e.text(purpose)
	e.seal(who)
	return e
}

func decodeFixed(row []byte) (f FixedContact, released bool, err error) {
	d := decode(row)
	released = d.bool()
	f.Position, f.At, f.Partner, f.Source, f.ID = d.position(), d.time(), d.text(), d.text(), d.text()
	f.Establishment, f.Purpose = d.text(), d.text()
	f.AccountManager.Seal = d.seal()
	return f, released, d.err()
}

// FixedContacts are an employer's fixed contacts as they stand, at most one for
// each establishment and purpose, in that order. The last appointment or release
// of each partner decides for that partner; among the partners that then have
// one, the last appointed.
func (Employers) FixedContacts(tx Tx, employer string) ([]FixedContact, error) {
	type place struct{ establishment, purpose string }
	type last struct {
		FixedContact
		released bool
	}
	var err error
	decided := map[place][]last{} // the last of each partner, in order
	tx.Scan(employerPrefix(rowFixed, employer), func(_, v []byte) bool {
		var l last
		if l.FixedContact, l.released, err = decodeFixed(v); err != nil {
			err = fmt.Errorf("fixed contact of %s: %w", employer, err)
			return false
		}
		p := place{l.Establishment, l.Purpose}
		decided[p] = append(slices.DeleteFunc(decided[p], func(o last) bool { return o.Partner == l.Partner }), l)
		return true
	})
	if err != nil {
		return nil, err
	}
	var current []FixedContact
	for _, lasts := range decided {
		for _, l := range slices.Backward(lasts) {
			if !l.released {
				current = append(current, l.FixedContact)
				break
			}
		}
	}
	slices.SortFunc(current, func(a, b FixedContact) int {
		return cmp.Or(cmp.Compare(a.Establishment, b.Establishment), cmp.Compare(a.Purpose, b.Purpose))
	})
	return current, nil
}
