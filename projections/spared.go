package projections

import (
	"fmt"
	"time"

	"huisboek/events"
)

// Level is the last word on who approaches an employer, or one of its establishments.
type Level struct {
	Position      events.Position
	At            time.Time
	Partner       string // who said it; the book's own UUID for the steward
	Employer      string // key
	Establishment string // empty for the whole entity
	Level         string // "lokaal", "regionaal" or "landelijk"
	Source, ID    string
	Reason        events.Personal[string] // sealed, or absent
}

// Spared is the last word on leaving an employer, or one of its establishments, in
// peace.
type Spared struct {
	Position      events.Position
	At            time.Time
	Partner       string // who said it; the book's own UUID for the steward
	Employer      string // key
	Establishment string // empty for the whole entity
	From, To      events.Date
	Ground        string   // "werkgever" or "regio"
	Purposes      []string // none: all
	Lifted        bool
	Source, ID    string
	Reason        events.Personal[string] // sealed, or absent
}

// On reports whether it holds on a day.
func (s *Spared) On(day events.Date) bool {
	return !s.Lifted && s.From <= day && (s.To == "" || day <= s.To)
}

// The last words of an employer stand under one kind of row: its level and how it is
// spared, each with the establishment behind it.
const (
	aboutLevel  = 'n'
	aboutSpared = 'o'
)

func aboutPrefix(employer string, what byte) []byte {
	return append(employerPrefix(rowAbout, employer), what)
}

func keepLevel(tx Tx, r *events.Record, d *events.LevelSet) {
	e := make(encoder, 0, 160)
	e.position(r.Position)
	e.time(r.At)
	e.text(r.Partner)
	e.text(d.Level)
	e.text(r.Event.Source)
	e.text(r.Event.ID)
	e.seal(d.Reason.Seal)
	tx.Put(append(aboutPrefix(d.Employer.Key(), aboutLevel), d.Establishment...), e)
}

func keepSpared(tx Tx, r *events.Record, d *events.EmployerSpared) {
	e := make(encoder, 0, 192)
	e.position(r.Position)
	e.time(r.At)
	e.text(r.Partner)
	e.date(d.From)
	e.date(d.To)
	e.text(d.Ground)
	e.texts(d.Purposes)
	e.bool(d.Lifted)
	e.text(r.Event.Source)
	e.text(r.Event.ID)
	e.seal(d.Reason.Seal)
	tx.Put(append(aboutPrefix(d.Employer.Key(), aboutSpared), d.Establishment...), e)
}

// Level is the last word on who approaches an employer as a whole, under whichever of
// its keys; nil when nobody said.
func (Employers) Level(tx Tx, employers []string) (*Level, error) {
	return lastLevel(tx, employers, "")
}

// LevelAt is the word on who approaches one establishment: the last one on it, and when
// there is none that on the whole employer, under whichever of its keys ([Employers.Level]).
// Of an employer without an establishment it is that on the whole. nil when nobody said.
func (Employers) LevelAt(tx Tx, e events.Employer, employers []string) (*Level, error) {
	if e.Establishment != "" {
		if own, err := lastLevel(tx, []string{e.Key()}, e.Establishment); own != nil || err != nil {
			return own, err
		}
	}
	return lastLevel(tx, employers, "")
}

func lastLevel(tx Tx, employers []string, establishment string) (last *Level, err error) {
	for _, employer := range employers {
		row := tx.Get(append(aboutPrefix(employer, aboutLevel), establishment...))
		if row == nil {
			continue
		}
		d := decode(row)
		l := Level{
			Employer: employer, Establishment: establishment,
			Position: d.position(), At: d.time(), Partner: d.text(), Level: d.text(), Source: d.text(), ID: d.text(),
		}
		l.Reason.Seal = d.seal()
		if err := d.err(); err != nil {
			return nil, fmt.Errorf("level of %s: %w", employer, err)
		}
		if last == nil || l.Position > last.Position {
			last = &l
		}
	}
	return last, nil
}

// Spared is the last word for each establishment of an employer, and for the whole,
// under whichever of its keys, in the order of the establishments; what was lifted is
// among them.
func (Employers) Spared(tx Tx, employers []string) (list []Spared, err error) {
	merge(tx, rowAbout, employers, []byte{aboutSpared}, func(employer string, place, v []byte) bool {
		d := decode(v)
		s := Spared{
			Employer: employer, Establishment: string(place[1:]),
			Position: d.position(), At: d.time(), Partner: d.text(), From: d.date(), To: d.date(),
			Ground: d.text(), Purposes: d.texts(), Lifted: d.bool(), Source: d.text(), ID: d.text(),
		}
		s.Reason.Seal = d.seal()
		if err = d.err(); err != nil {
			err = fmt.Errorf("how %s is spared: %w", employer, err)
			return false
		}
		switch n := len(list); {
		case n == 0 || list[n-1].Establishment != s.Establishment:
			list = append(list, s)
		case list[n-1].Position < s.Position:
			list[n-1] = s
		}
		return true
	})
	return list, err
}
