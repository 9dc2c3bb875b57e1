package projections

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"huisboek/events"
)

// Vacancy is one vacancy as it stands.
type Vacancy struct {
	Position      events.Position // of the report as it stands
	At            time.Time       // when that was recorded
	Partner       string          // internal UUID
	ID            string          // the partner's UUID of it
	Employer      string          // key
	Establishment string          // 12 digits; empty for the whole entity
	Occupation    string
	Count         int                // places as reported
	Filled        int                // of those; may be more than were reported
	Hours         *events.Hundredths // a week, for each
	Date          events.Date        // since when
}

// Left is how many places are still open.
func (v *Vacancy) Left() int { return max(0, v.Count-v.Filled) }

// vacancy is one vacancy as reported, with the reports of places that were filled
// and of its withdrawal. Its timeline row is derived from it.
type vacancy struct {
	Employer string
	Day      events.Date
	Count    int
	Entries  []entry
}

// filled is how many places were filled. Who did not say how many filled all that
// were left.
func (v *vacancy) filled() int {
	n := 0
	for _, e := range inOrder(v.Entries) {
		switch {
		case e.Kind != entryFilled:
		case e.Count == 0:
			n = max(n, v.Count)
		default:
			n += e.Count
		}
	}
	return n
}

func (v *vacancy) status() string {
	switch {
	case v.filled() >= v.Count:
		return StatusFilled
	case slices.ContainsFunc(v.Entries, func(e entry) bool { return e.Kind == entryWithdrawn }):
		return StatusWithdrawn
	}
	return StatusOpen
}

func (v *vacancy) key(root events.Position) []byte {
	return datedKey(rowTimeline, v.Employer, v.Day, root)
}

func stillOpenKey(employer string, root events.Position) []byte {
	return binary.BigEndian.AppendUint64(employerPrefix(rowStillOpen, employer), uint64(root))
}

func readVacancy(tx Tx, root events.Position) (*vacancy, error) {
	if root == 0 {
		return nil, nil
	}
	row := tx.Get(positionKey(rowVacancy, root))
	if row == nil {
		return nil, nil
	}
	d := decode(row)
	v := &vacancy{Employer: d.text(), Day: d.date(), Count: int(d.uint()), Entries: d.entries()}
	return v, d.err()
}

// write puts a vacancy, its timeline row and its place among the open ones.
func (v *vacancy) write(tx Tx, root events.Position, c *Contact) {
	e := make(encoder, 0, 64)
	e.text(v.Employer)
	e.date(v.Day)
	e.uint(uint64(v.Count))
	e.entries(v.Entries)
	tx.Put(positionKey(rowVacancy, root), e)

	c.Count, c.Filled, c.Status = v.Count, v.filled(), v.status()
	tx.Put(v.key(root), c.encode())
	if c.Status == StatusOpen {
		tx.Put(stillOpenKey(v.Employer, root), nil)
	} else {
		tx.Delete(stillOpenKey(v.Employer, root))
	}
}

// remove takes away what write put.
func (v *vacancy) remove(tx Tx, root events.Position) {
	tx.Delete(positionKey(rowVacancy, root))
	tx.Delete(v.key(root))
	tx.Delete(stillOpenKey(v.Employer, root))
}

// reportVacancy reports a vacancy, or corrects that report.
func reportVacancy(tx Tx, r *events.Record, d *events.VacancyReported, did *done) error {
	was, err := readVacancy(tx, did.Root)
	if err != nil {
		return err
	}
	if did.Root == 0 {
		did.Root = r.Position
	}
	v := &vacancy{Employer: did.Employer, Day: dayOf(r, d.Date), Count: d.Count}
	if was != nil {
		v.Entries = was.Entries
		was.remove(tx, did.Root)
	}
	c := contactOf(r, did.Root, d.Employer, v.Day, v.Day, StatusOpen)
	c.Vacancy, c.Occupation, c.Hours = d.Vacancy, d.Occupation, d.Hours
	v.write(tx, did.Root, c)
	return nil
}

// addToVacancy adds an event to a vacancy: that places were filled, or its withdrawal.
func addToVacancy(tx Tx, root events.Position, e entry) error {
	return changeVacancy(tx, root, func(list []entry) []entry { return replaceEntry(list, e) })
}

func dropFromVacancy(tx Tx, root, order events.Position) error {
	return changeVacancy(tx, root, func(list []entry) []entry { return withoutEntry(list, order) })
}

func changeVacancy(tx Tx, root events.Position, change func([]entry) []entry) error {
	v, err := readVacancy(tx, root)
	if v == nil || err != nil {
		return err // its report was retracted: there is nothing left to fill
	}
	c, err := decodeContact(tx.Get(v.key(root)))
	if err != nil {
		return err
	}
	v.Entries = change(v.Entries)
	v.write(tx, root, &c)
	return nil
}

func dropVacancy(tx Tx, root events.Position) error {
	v, err := readVacancy(tx, root)
	if v == nil || err != nil {
		return err
	}
	v.remove(tx, root)
	return nil
}

// The most that one call of Vacancies gives, and reads for that: what was reported
// first.
const (
	MaxVacancies     = 200
	maxVacanciesRead = 2_000
)

// Vacancies are the open vacancies at employers that filter lets through, the oldest
// first; a nil filter lets all through. It gives at most MaxVacancies of them; whole
// says whether those are all.
func (Employers) Vacancies(tx Tx, employers []string, filter func(*Vacancy) bool) (list []Vacancy, whole bool, err error) {
	read := 0
	merge(tx, rowStillOpen, employers, nil, func(employer string, place, _ []byte) bool {
		if read++; read > maxVacanciesRead {
			return false
		}
		var v Vacancy
		if v, err = vacancyAt(tx, employer, place); err != nil {
			err = fmt.Errorf("vacancies of %s: %w", employer, err)
			return false
		}
		if filter == nil || filter(&v) {
			list = append(list, v)
		}
		return true
	})
	if err != nil {
		return nil, false, err
	}
	slices.SortStableFunc(list, func(a, b Vacancy) int { return cmp.Compare(a.Date, b.Date) })
	whole = read <= maxVacanciesRead && len(list) <= MaxVacancies
	return list[:min(len(list), MaxVacancies)], whole, nil
}

func vacancyAt(tx Tx, employer string, place []byte) (Vacancy, error) {
	if len(place) != 8 {
		return Vacancy{}, ErrRow
	}
	root := events.Position(binary.BigEndian.Uint64(place))
	v, err := readVacancy(tx, root)
	if v == nil || err != nil {
		return Vacancy{}, cmp.Or(err, ErrRow)
	}
	c, err := decodeContact(tx.Get(v.key(root)))
	if err != nil {
		return Vacancy{}, err
	}
	return Vacancy{
		Position: c.Position, At: c.At, Partner: c.Partner, ID: c.Vacancy, Employer: employer, Establishment: c.Establishment,
		Occupation: c.Occupation, Count: c.Count, Filled: c.Filled, Hours: c.Hours, Date: c.Date,
	}, nil
}
