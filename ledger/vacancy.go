package ledger

import "huisboek/events"

// vacancy is what must be known of one to fill or withdraw it.
type vacancy struct {
	Partner  string          `json:"p"`
	ID       string          `json:"u"`
	Employer string          `json:"e"`
	Number   string          `json:"n,omitempty"`
	Count    int             `json:"c"`
	Root     events.Position `json:"r"`
	Entries  []entry         `json:"l,omitempty"`
}

// open reports whether somebody was still looked for after the entries that came
// before an order; 0 is after all of them. More may be filled than was asked.
func (v *vacancy) open(before events.Position) bool {
	left := v.Count
	for _, e := range v.Entries {
		switch {
		case before != 0 && e.Order >= before:
		case e.Kind == entryWithdrawn, e.Count == 0: // no count: all that were left
			return false
		default:
			left -= e.Count
		}
	}
	return left > 0
}

// reported: a vacature is new, or the one of the report that is corrected.
func (d *decision) reported(tx Tx, v *events.VacancyReported, was *done) where {
	root := d.root(tx, rowVacancyID, v.Vacancy)
	switch {
	case was != nil && root != was.Root:
		d.fail("/data/vacature", "andere-vacature")
	case was != nil:
		d.points = append(d.points, root)
	case root != 0:
		d.fail("/data/vacature", "vacature-bestaat")
	}
	return where{employer: v.Employer.Key(), establishment: v.Establishment}
}

// ofVacancy: somebody was found for an open vacancy, or it is withdrawn. A
// correction must have been right when what it corrects was said.
func (d *decision) ofVacancy(tx Tx, e *events.Event, id string, was *done) (where, error) {
	root := d.root(tx, rowVacancyID, id)
	if root == 0 {
		d.fail("/data/vacature", "onbekende-vacature")
		return where{}, nil
	}
	v := new(vacancy)
	if _, err := getRow(tx, positionKey(rowVacancy, root), v); err != nil {
		return where{}, err
	}
	before := events.Position(0)
	if was != nil {
		if was.Root != root {
			d.fail("/data/vacature", "andere-vacature")
		}
		before = was.Order
	}
	if !v.open(before) {
		d.fail("/data/vacature", "vacature-gesloten")
	}
	d.points = append(d.points, root)
	d.subject(e, v.Number)
	return where{employer: v.Employer}, nil
}

func effectVacancy(tx Tx, r *events.Record, d *events.VacancyReported, did *done) error {
	if did.Root == 0 {
		did.Root = r.Position
	}
	return changeVacancy(tx, did.Root, func(v *vacancy) *vacancy {
		if v == nil {
			v = &vacancy{Partner: r.Partner, ID: d.Vacancy, Root: did.Root}
		}
		v.Employer, v.Number, v.Count = did.Employer, d.Number(), d.Count
		return v
	})
}

func addToVacancy(tx Tx, did *done, e entry) error {
	return changeVacancy(tx, did.Root, func(v *vacancy) *vacancy {
		if v != nil { // otherwise its report was retracted: there is nothing to fill
			did.Employer = v.Employer
			v.Entries = put(v.Entries, e)
		}
		return v
	})
}

// changeVacancy keeps the rows of a vacancy together: itself and its id.
func changeVacancy(tx Tx, root events.Position, fn func(*vacancy) *vacancy) error {
	key := positionKey(rowVacancy, root)
	v := new(vacancy)
	ok, err := getRow(tx, key, v)
	if err != nil {
		return err
	}
	if !ok {
		v = nil
	}
	var idRow []byte
	if v != nil {
		idRow = uuidKey(rowVacancyID, v.Partner, v.ID)
	}
	now := fn(v)
	if now == nil {
		if ok {
			tx.Delete(key)
			tx.Delete(idRow)
		}
		return nil
	}
	tx.Put(uuidKey(rowVacancyID, now.Partner, now.ID), u64(uint64(root)))
	return putRow(tx, key, now)
}
