package projections

import (
	"fmt"
	"time"

	"huisboek/events"
)

// Card is what is known of an employer: the last description that survives.
type Card struct {
	Position events.Position
	At       time.Time // when it was recorded
	Partner  string    // internal UUID of who described it
	// Source and ID are the event's: what its seals are bound to.
	Source, ID    string
	Employer      string // key of the employer that was described
	Establishment string // 12 digits; empty for the whole entity

	Name     events.Personal[string]                 // sealed
	Place    events.Personal[string]                 // sealed, or absent
	Postcode events.Personal[string]                 // sealed, or absent
	Contacts events.Personal[[]events.ContactPerson] // sealed, or absent

	Gemeente, SBICode, SBIVersion, Size, Sector string
}

func encodeCard(r *events.Record, d *events.EmployerDescribed) []byte {
	e := make(encoder, 0, 512)
	e.position(r.Position)
	e.time(r.At)
	e.text(r.Partner)
	e.text(r.Event.Source)
	e.text(r.Event.ID)
	e.text(d.Establishment)
	e.seal(d.Name.Seal)
	e.seal(d.Place.Seal)
	e.seal(d.Postcode.Seal)
	e.seal(d.Contacts.Seal)
	e.texts([]string{d.Gemeente, d.SBICode, d.SBIVersion, d.Size, d.Sector})
	return e
}

func decodeCard(row []byte) (*Card, error) {
	d := decode(row)
	c := &Card{
		Position: d.position(), At: d.time(), Partner: d.text(), Source: d.text(), ID: d.text(), Establishment: d.text(),
	}
	c.Name.Seal, c.Place.Seal, c.Postcode.Seal, c.Contacts.Seal = d.seal(), d.seal(), d.seal(), d.seal()
	if plain := d.texts(); len(plain) == 5 {
		c.Gemeente, c.SBICode, c.SBIVersion, c.Size, c.Sector = plain[0], plain[1], plain[2], plain[3], plain[4]
	} else {
		d.fail()
	}
	return c, d.err()
}

// Card is an employer's card: the last description of the first of its keys that
// anybody described, or nil. The key to use ([Employers.Preferred]) comes first:
// what a provisional employer was called is not its name when it is known.
func (Employers) Card(tx Tx, employers []string) (card *Card, err error) {
	for _, employer := range employers {
		tx.Scan(employerPrefix(rowCard, employer), func(_, v []byte) bool {
			if card, err = decodeCard(v); err != nil {
				card, err = nil, fmt.Errorf("card of %s: %w", employer, err)
				return false
			}
			card.Employer = employer
			return false
		})
		if card != nil || err != nil {
			return card, err
		}
	}
	return nil, nil
}
