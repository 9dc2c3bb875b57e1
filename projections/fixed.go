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
	Employer       string // key of the employer that it was said of
	Establishment  string // 12 digits; empty for the whole entity
	Purpose        string // empty for every purpose
	AccountManager events.Personal[events.AccountManager]
}

// fixedWord is what was said of a fixed contact: an appointment, or a release.
type fixedWord struct {
	FixedContact
	released bool
	over     []string // partners whose work its own went on with when it said so
}

// appoint keeps the word of a partner on the fixed contact for an employer and a
// purpose; who is nil for a release.
func appoint(tx Tx, r *events.Record, at events.Employer, purpose string, who *events.Seal, did *done) error {
	over, err := succeededBy(tx, r.Partner, r.Verdict.Today)
	if err != nil {
		return err
	}
	e := make(encoder, 0, 320)
	e.bool(r.Event.Type == events.TypeContactReleased)
	e.position(r.Position)
	e.time(r.At)
	e.text(r.Partner)
	e.text(r.Event.Source)
	e.text(r.Event.ID)
	e.text(at.Establishment)
	e.text(purpose)
	e.seal(who)
	e.texts(over)
	tx.Put(fixedKey(did.Employer, did.Order), e)
	return keepFixed(tx, did.Employer)
}

// succeededBy is the partners whose work a partner goes on with on a day.
func succeededBy(tx Tx, partner string, day events.Date) (list []string, err error) {
	tx.Scan([]byte{rowSuccessor}, func(k, _ []byte) bool {
		other, _, ok := cutSized(k[1:])
		if !ok {
			err = ErrRow
			return false
		}
		var end string
		if end, _, err = goesOn(tx, string(other), day); end == partner && string(other) != partner {
			list = append(list, string(other))
		}
		return err == nil
	})
	return list, err
}

func decodeFixed(row []byte) (f fixedWord, err error) {
	d := decode(row)
	f.released = d.bool()
	f.Position, f.At, f.Partner, f.Source, f.ID = d.position(), d.time(), d.text(), d.text(), d.text()
	f.Establishment, f.Purpose = d.text(), d.text()
	f.AccountManager.Seal = d.seal()
	f.over = d.texts()
	return f, d.err()
}

// decidesFor reports whether it is a partner's word, too.
func (f *fixedWord) decidesFor(partner string) bool {
	return f.Partner == partner || slices.Contains(f.over, partner)
}

// FixedContacts are an employer's fixed contacts as they stand, at most one for
// each establishment and purpose, in that order. An appointment or release, under any
// of the employer's keys, is a word of its partner and of those whose work that went on
// with by then. The last word of each partner decides for it, also when who said it
// speaks for itself alone by now; among the partners that then have one, the last
// appointed.
func (Employers) FixedContacts(tx Tx, employers []string) ([]FixedContact, error) {
	type place struct{ establishment, purpose string }
	var err error
	decided := map[place][]fixedWord{} // the last of each partner, in order
	merge(tx, rowFixed, employers, nil, func(employer string, _, v []byte) bool {
		var last fixedWord
		if last, err = decodeFixed(v); err != nil {
			err = fmt.Errorf("fixed contact of %s: %w", employer, err)
			return false
		}
		last.Employer = employer
		p := place{last.Establishment, last.Purpose}
		decided[p] = append(slices.DeleteFunc(decided[p], func(f fixedWord) bool { return last.decidesFor(f.Partner) }), last)
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
