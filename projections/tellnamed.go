package projections

import (
	"fmt"
	"slices"

	"huisboek/events"
)

// Who goes along is named by an identity. Whose that is stands in a row of its own,
// so that telling scans nothing: see [interest].
//
//	'W' identity   the partner (internal UUID) that it was last said to be of
const rowIdentity = 'W'

func identityKey(identity string) []byte {
	return append(append(make([]byte, 0, 1+len(identity)), rowIdentity), identity...)
}

func keepIdentities(tx Tx, d *events.PartnerAdmitted) {
	e := make(encoder, 0, 40)
	e.text(d.Partner)
	for _, identity := range d.Identities {
		tx.Put(identityKey(identity), e)
	}
}

// partnerOf is whose identity it is; "" when it is nobody's.
func partnerOf(tx Tx, identity string) (string, error) {
	row := tx.Get(identityKey(identity))
	if row == nil {
		return "", nil
	}
	d := decode(row)
	partner := d.text()
	if err := d.err(); err != nil {
		return "", fmt.Errorf("identity %s: %w", identity, err)
	}
	return partner, nil
}

// withNamed adds to who is told those that a plan or a visit names in samenMet; a move
// is told to those whom its plan names.
func withNamed(tx Tx, list []listener, r *events.Record, m *Message) ([]listener, error) {
	var with []string
	switch d := r.Event.Data.(type) {
	case *events.VisitPlanned:
		with = d.With
	case *events.VisitMade:
		with = d.With
	case *events.VisitMoved:
		c, err := contactOfApproach(tx, r.Root())
		if c == nil || err != nil {
			return list, err
		}
		with = c.With
	}
	for _, identity := range with {
		partner, err := partnerOf(tx, identity)
		if err != nil {
			return nil, err
		}
		if partner == "" || partner == m.Partner {
			continue
		}
		i := slices.IndexFunc(list, func(l listener) bool { return l.partner == partner })
		if i < 0 {
			i, list = len(list), append(list, listener{partner: partner})
		}
		list[i].named = true
	}
	return list, nil
}

// tellConfirmed tells who named a partner that it goes along.
func tellConfirmed(tx Tx, r *events.Record, d *events.JointVisitConfirmed) error {
	c, err := contactAt(tx, r.Confirms())
	if c == nil || err != nil {
		return err
	}
	m := &Message{
		Position: r.Position, At: r.At, Kind: MessageConfirmed, Partner: r.Partner, Employer: c.Employer, Establishment: c.Establishment,
		Date: c.Date, To: c.To, Purpose: c.Purpose, Source: r.Event.Source, ID: r.Event.ID,
	}
	l := listener{partner: c.Partner, kind: MessageConfirmed, own: true}
	if c.Open() {
		l.plan = &openPlan{approach: c.Approach}
	}
	told, err := whoGoesOn(tx, []listener{l}, r)
	if len(told) == 0 || err != nil {
		return err
	}
	tx.Put(positionKey(rowNews, r.Position), m.encodeNews())
	deliver(tx, told[0].partner, r.Position, told[0].encode())
	return nil
}

// contactAt is the plan, visit or placement that the event at a position stands for,
// nil when it does not (any more).
func contactAt(tx Tx, p events.Position) (*Contact, error) {
	was, ok, err := readDone(tx, p)
	if !ok || err != nil {
		return nil, err
	}
	var key []byte
	switch was.Type {
	case events.TypeVisitPlanned:
		return contactOfApproach(tx, was.Root)
	case events.TypeVisitMade:
		key = datedKey(rowTimeline, was.Employer, was.Day, was.Order)
	case events.TypePlacementMade:
		placed, err := readPlacement(tx, was.Root)
		if placed == nil || err != nil {
			return nil, err
		}
		key = placed.key(was.Root)
	default:
		return nil, nil
	}
	return contactIn(tx, key, was.Employer)
}

// contactOfApproach is an approach as it stands, nil when its plan was retracted.
func contactOfApproach(tx Tx, root events.Position) (*Contact, error) {
	_, c, err := approachAt(tx, root)
	return c, err
}

func contactIn(tx Tx, key []byte, employer string) (*Contact, error) {
	row := tx.Get(key)
	if row == nil {
		return nil, nil
	}
	c, err := decodeContact(row)
	c.Employer = employer
	return &c, err
}
