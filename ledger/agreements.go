package ledger

import (
	"bytes"
	"sync"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// agreed keeps the agreements of a book as they were last read, for every plan asks
// for them. The rows decide: an agreement that is only tried stands at a position at
// which another may come.
type agreed struct {
	mu   sync.Mutex
	rows [][]byte
	list events.Agreements
}

// in are the agreements that stand in a book, in the order of the stream.
func (a *agreed) in(tx Tx) (events.Agreements, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	n, same := 0, true
	tx.Scan([]byte{rowAgreement}, func(k, v []byte) bool {
		same = n < len(a.rows) && positionAtEnd(k) == a.list[n].Position && bytes.Equal(v, a.rows[n])
		n++
		return same
	})
	if same && n == len(a.rows) {
		return a.list, nil
	}
	return a.read(tx)
}

// read takes them anew.
func (a *agreed) read(tx Tx) (list events.Agreements, err error) {
	var rows [][]byte
	tx.Scan([]byte{rowAgreement}, func(k, v []byte) bool {
		one := events.RecordedAgreement{Position: positionAtEnd(k)}
		err = decodeRow(k, v, &one.AgreementSet)
		list, rows = append(list, one), append(rows, bytes.Clone(v))
		return err == nil
	})
	if err != nil {
		return nil, err
	}
	a.rows, a.list = rows, list
	return list, nil
}

// agreementOn is the agreement in force on a day.
func agreementOn(tx Tx, day events.Date) (*events.RecordedAgreement, error) {
	list, err := new(agreed).in(tx)
	return list.On(day), err
}

// terms are what holds for a partner on a day.
func (b *Book) terms(tx Tx, partner string, day events.Date) (*events.RecordedAgreement, events.Terms, error) {
	list, err := b.agreed.in(tx)
	if err != nil {
		return nil, events.Terms{}, err
	}
	a := list.On(day)
	if len(a.Subregions) == 0 || partner == "" {
		return a, a.Terms, nil
	}
	s, err := servedOn(tx, partner, day)
	return a, a.For(s.Subregion), err
}

func applyAgreement(tx Tx, at events.Position, d *events.AgreementSet) error {
	b, err := json.Marshal(d)
	tx.Put(positionKey(rowAgreement, at), b)
	return err
}

// Agreements are the agreements of the region as they were recorded; the default one,
// which holds before the first, is not among them.
func (l *Ledger) Agreements() (list events.Agreements, err error) {
	err = l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		list, err = l.fold.agreed.in(tx)
		return err
	})
	return list, err
}
