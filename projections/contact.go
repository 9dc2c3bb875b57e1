package projections

import (
	"time"

	"huisboek/events"
)

// The statuses of a contact. A plan that is still open and whose last day on which it
// could hold the employer is before today has expired ("verlopen", [Contact.Expired]):
// that depends on the day, so whoever answers says it.
const (
	StatusPlanned   = "gepland"      // a plan
	StatusMoved     = "verzet"       // a plan, with other dates than it began with
	StatusConfirmed = "bevestigd"    // a plan for a period that has got a day
	StatusCalledOff = "afgezegd"     // a plan that ended without a visit
	StatusMade      = "afgelegd"     // a visit, or a plan that ended in one
	StatusDelivered = "geleverd"     // a service
	StatusPlaced    = "gerealiseerd" // a placement
	StatusEnded     = "beeindigd"    // a placement whose end was reported
	StatusOpen      = "open"         // a vacancy with places left
	StatusFilled    = "vervuld"      // a vacancy without
	StatusWithdrawn = "ingetrokken"  // a vacancy whose last places are no longer looked for
	StatusNoted     = "opgevangen"   // a signal
)

// Contact is one item of an employer's timeline: a plan, a visit, a service, a
// placement, a vacancy or a signal. A placement and a signal are for their own
// partner only (docs/design.md, promise 9): whoever answers filters.
type Contact struct {
	Position events.Position // of the event as it stands: after a correction, that of the correction
	Type     events.Type     // of that event
	Employer string          // key of the employer that it was told of
	Date, To events.Date     // first and last day; equal for a single day
	At       time.Time       // when that event was recorded
	Partner  string          // internal UUID
	// Source and ID are that event's: what its seals are bound to.
	Source, ID    string
	Establishment string // 12 digits; empty for the whole entity
	Status        string

	// AccountManager is sealed, or absent.
	AccountManager events.Personal[events.AccountManager]
	Purpose, Form  string
	Approach       string // UUID
	Outcome        []string
	TargetGroups   []string
	With           []string                // identities of partners: a claim
	AtRequest      bool                    // the employer asked for it
	Until          events.Date             // of a plan: the last day on which it can hold the employer (events.Terms.HoldsUntil, or what it was extended to)
	Holds          bool                    // of a plan: it was free or a warning when it was last said, or its maker went through
	Despite        bool                    // of a plan: its maker went through a warning
	Confirmed      []string                // internal UUIDs of the partners that said they take part; none where With is empty
	Note           events.Personal[string] // sealed, or absent; for its own partner only; of a signal what was said

	Service     string // of a service
	Count       int    // of a service or vacancy: how many; 1 for everything else
	TargetGroup string // of a service or placement

	Placement     string             // UUID
	PlacementKind string             //
	Hours         *events.Hundredths // a week; of a placement or vacancy
	Register      *bool              // in the doelgroepregister
	End           events.Date        // as reported last: by an ending, else with the placement

	Vacancy    string // UUID
	Occupation string // of a vacancy
	Filled     int    // of a vacancy: places; may be more than Count

	Theme string // of a signal

	order events.Position
}

// Open reports whether it is a plan that was neither called off nor made. Its
// days may be over.
func (c *Contact) Open() bool {
	return c.Type == events.TypeVisitPlanned &&
		(c.Status == StatusPlanned || c.Status == StatusMoved || c.Status == StatusConfirmed)
}

// Expired reports whether it is a plan that is still open and that can hold the
// employer no longer.
func (c *Contact) Expired(today events.Date) bool { return c.Open() && c.Until.Before(today) }

// Corrected reports whether what it says was told anew by a correction.
func (c *Contact) Corrected() bool { return c.Position != c.order }

// contactTypes are the types on a timeline; a row holds the index.
var contactTypes = [...]events.Type{
	events.TypeVisitPlanned, events.TypeVisitMade, events.TypeServiceDelivered, events.TypePlacementMade,
	events.TypeVacancyReported, events.TypeSignalNoted,
}

var contactStatuses = [...]string{
	StatusPlanned, StatusMoved, StatusConfirmed, StatusCalledOff, StatusMade, StatusDelivered, StatusPlaced, StatusEnded,
	StatusOpen, StatusFilled, StatusWithdrawn, StatusNoted,
}

// contactOf is what every contact takes from its record.
func contactOf(r *events.Record, order events.Position, e events.Employer, from, to events.Date, status string) *Contact {
	return &Contact{
		Position: r.Position, Type: r.Event.Type, Date: from, To: to, At: r.At, Partner: r.Partner,
		Source: r.Event.Source, ID: r.Event.ID, Establishment: e.Establishment, Status: status, Count: 1, order: order,
	}
}

func (c *Contact) encode() []byte {
	e := make(encoder, 0, 512)
	e.byte(indexOf(contactTypes[:], c.Type))
	e.byte(indexOf(contactStatuses[:], c.Status))
	e.position(c.Position)
	e.position(c.order)
	e.date(c.Date)
	if c.To == c.Date {
		e.date("")
	} else {
		e.date(c.To)
	}
	e.time(c.At)
	e.text(c.Partner)
	e.text(c.Source)
	e.text(c.ID)
	e.text(c.Establishment)
	switch c.Type {
	case events.TypeVisitPlanned, events.TypeVisitMade:
		c.encodeVisit(&e)
	case events.TypeServiceDelivered:
		e.text(c.Service)
		e.uint(uint64(c.Count))
		e.text(c.TargetGroup)
	case events.TypePlacementMade:
		c.encodePlacement(&e)
	case events.TypeVacancyReported:
		e.text(c.Vacancy)
		e.text(c.Occupation)
		e.uint(uint64(c.Count))
		e.uint(uint64(c.Filled))
		e.hours(c.Hours)
	case events.TypeSignalNoted:
		e.text(c.Theme)
		e.seal(c.Note.Seal)
	}
	return e
}

func (c *Contact) encodeVisit(e *encoder) {
	e.seal(c.AccountManager.Seal)
	e.text(c.Purpose)
	e.text(c.Form)
	e.text(c.Approach)
	e.texts(c.Outcome)
	e.texts(c.TargetGroups)
	e.texts(c.With)
	e.bool(c.AtRequest)
	e.seal(c.Note.Seal)
	if c.Type == events.TypeVisitPlanned {
		e.date(c.Until)
		e.bool(c.Holds)
		e.bool(c.Despite)
	}
}

func (c *Contact) encodePlacement(e *encoder) {
	e.text(c.Placement)
	e.text(c.PlacementKind)
	e.hours(c.Hours)
	e.text(c.TargetGroup)
	e.bool(c.Register != nil)
	if c.Register != nil {
		e.bool(*c.Register)
	}
	e.date(c.End)
	e.texts(c.With)
}

func decodeContact(row []byte) (c Contact, err error) {
	err = c.decode(row)
	return c, err
}

// decode fills a zero Contact in place: it is large to copy.
func (c *Contact) decode(row []byte) error {
	d := decode(row)
	c.Type = at(&d, contactTypes[:])
	c.Status = at(&d, contactStatuses[:])
	c.Position, c.order = d.position(), d.position()
	c.Date, c.To = d.date(), d.date()
	if c.To == "" {
		c.To = c.Date
	}
	c.At = d.time()
	c.Partner, c.Source, c.ID, c.Establishment = d.text(), d.text(), d.text(), d.text()
	c.Count = 1
	switch c.Type {
	case events.TypeVisitPlanned, events.TypeVisitMade:
		c.decodeVisit(&d)
	case events.TypeServiceDelivered:
		c.Service, c.Count, c.TargetGroup = d.text(), int(d.uint()), d.text()
	case events.TypePlacementMade:
		c.decodePlacement(&d)
	case events.TypeVacancyReported:
		c.Vacancy, c.Occupation = d.text(), d.text()
		c.Count, c.Filled = int(d.uint()), int(d.uint())
		c.Hours = d.hours()
	case events.TypeSignalNoted:
		c.Theme, c.Note.Seal = d.text(), d.seal()
	}
	return d.err()
}

func (c *Contact) decodeVisit(d *decoder) {
	c.AccountManager.Seal = d.seal()
	c.Purpose, c.Form, c.Approach = d.text(), d.text(), d.text()
	c.Outcome, c.TargetGroups, c.With = d.texts(), d.texts(), d.texts()
	c.AtRequest = d.bool()
	c.Note.Seal = d.seal()
	if c.Type == events.TypeVisitPlanned {
		c.Until, c.Holds, c.Despite = d.date(), d.bool(), d.bool()
	}
}

func (c *Contact) decodePlacement(d *decoder) {
	c.Placement, c.PlacementKind = d.text(), d.text()
	c.Hours = d.hours()
	c.TargetGroup = d.text()
	if d.bool() {
		b := d.bool()
		c.Register = &b
	}
	c.End, c.With = d.date(), d.texts()
}

func indexOf[T comparable](list []T, x T) byte {
	for i, y := range list {
		if x == y {
			return byte(i)
		}
	}
	return 0xff // read back as ErrRow
}

func at[T any](d *decoder, list []T) (x T) {
	i := int(d.byte())
	if i >= len(list) {
		d.fail()
		return x
	}
	return list[i]
}
