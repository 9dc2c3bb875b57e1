package projections

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// Agreements is the fold of the region's agreements: each as it was recorded, so that
// the other folds can ask which was in force on a record's own day.
//
//	'A'             where each stands, and from which day it is in force
//	'A' position8   an agreement
type Agreements struct{}

const rowAgreement = 'A'

// Name implements Fold.
func (Agreements) Name() string { return "afspraken" }

// Shape implements Fold.
func (Agreements) Shape() int { return 2 }

// Apply implements Fold.
func (Agreements) Apply(tx Tx, r *events.Record) error {
	d, ok := r.Event.Data.(*events.AgreementSet)
	if !ok {
		return nil
	}
	b, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	tx.Put(positionKey(rowAgreement, r.Position), b)
	all, err := agreementsIn(tx)
	if err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	e := make(encoder, 0, 16*(len(all)+1))
	e.uint(uint64(len(all) + 1))
	for _, a := range append(slices.Clone(all), events.RecordedAgreement{Position: r.Position, AgreementSet: events.AgreementSet{From: d.From}}) {
		e.position(a.Position)
		e.date(a.From)
	}
	tx.Put([]byte{rowAgreement}, e)
	return nil
}

// agreementsIn is where each agreement stands and from when it is in force, and nothing
// else of it: not to be changed. It is one row, because that is asked at every plan and
// visit.
func agreementsIn(tx Tx) (events.Agreements, error) {
	row := tx.Get([]byte{rowAgreement})
	if row == nil {
		return nil, nil
	}
	return readIndexes.of(row, func(row []byte) (events.Agreements, error) {
		d := decode(row)
		list := make(events.Agreements, d.count())
		for i := range list {
			list[i].Position, list[i].From = d.position(), d.date()
		}
		return list, d.err()
	})
}

var (
	readIndexes    reads[events.Agreements]
	readAgreements reads[events.AgreementSet]
)

// agreementOn is the agreement in force on a day; what it points to is not to be changed.
func agreementOn(tx Tx, day events.Date) (*events.RecordedAgreement, error) {
	all, err := agreementsIn(tx)
	if err != nil {
		return nil, err
	}
	a := *all.On(day)
	if a.Position == 0 {
		return &a, nil
	}
	a.AgreementSet, err = readAgreements.of(tx.Get(positionKey(rowAgreement, a.Position)), func(row []byte) (a events.AgreementSet, err error) {
		return a, json.Unmarshal(row, &a)
	})
	if err != nil {
		return nil, fmt.Errorf("%w: agreement at position %d: %w", ErrRow, a.Position, err)
	}
	return &a, nil
}

func readTerms(tx Tx, partner string, day events.Date) (*events.RecordedAgreement, events.Terms, error) {
	a, err := agreementOn(tx, day)
	if err != nil {
		return nil, events.Terms{}, err
	}
	subregion := ""
	if len(a.Subregions) > 0 {
		if subregion, err = subregionOf(tx, partner, day); err != nil {
			return nil, events.Terms{}, err
		}
	}
	return a, a.For(subregion), nil
}

// subregionOf is the subregion of a partner on a day, "" when it is of none.
func subregionOf(tx Tx, partner string, day events.Date) (string, error) {
	words, err := wordsOf(tx, partner)
	if err != nil {
		return "", err
	}
	for _, w := range slices.Backward(words) {
		if w.from <= day && !w.departed {
			return w.subregion, nil
		}
	}
	return "", nil
}

// Recorded is every agreement that was recorded, in the order of the stream.
func (Agreements) Recorded(tx Tx) (list events.Agreements, err error) {
	tx.Scan([]byte{rowAgreement}, func(k, v []byte) bool {
		if len(k) == 1 {
			return true
		}
		a := events.RecordedAgreement{Position: events.Position(binary.BigEndian.Uint64(k[1:]))}
		if err = json.Unmarshal(v, &a.AgreementSet); err != nil {
			err = fmt.Errorf("%w: agreement at position %d: %w", ErrRow, a.Position, err)
			return false
		}
		list = append(list, a)
		return true
	})
	return list, err
}
