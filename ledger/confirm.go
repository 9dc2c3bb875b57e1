package ledger

import (
	"slices"

	"github.com/google/uuid"

	"huisboek/events"
)

// Who confirmed to take part in something stands under the thing itself: the first plan
// of an approach, the first report of a placement, the order of a visit. So it stays when
// that is corrected, and is read when it matters; nothing else is kept of it.

func confirmedKey(thing, order events.Position) []byte {
	return append(positionKey(rowConfirmed, thing), u64(uint64(order))...)
}

// joinFact is a partner that said itself that it takes part.
type joinFact struct {
	position events.Position
	partner  string
}

// confirmationsOf are the confirmations of some things, 0 being none.
func confirmationsOf(tx Tx, things ...events.Position) (list []joinFact, err error) {
	for _, thing := range things {
		if thing == 0 {
			continue
		}
		tx.Scan(positionKey(rowConfirmed, thing), func(k, v []byte) bool {
			if len(v) != 16 {
				err = damagedRow(k)
				return false
			}
			list = append(list, joinFact{positionAtEnd(k), uuid.UUID(v).String()})
			return true
		})
	}
	return list, err
}

// confirmationsOfVisit are those of a visit and of the plan that it ended, if that stands.
func confirmationsOfVisit(tx Tx, order, root events.Position) ([]joinFact, error) {
	if root != 0 && tx.Get(positionKey(rowApproach, root)) == nil {
		root = 0
	}
	return confirmationsOf(tx, order, root)
}

// thingOf is under what the confirmations of an event stand.
func thingOf(at events.Position, d done) events.Position {
	if d.Type == events.TypeVisitMade {
		return d.Order
	}
	return rootOf(at, d)
}

// confirmed: one takes part in what another said and that still stands: a plan, a visit
// or a placement that names one in samenMet.
func (d *decision) confirmed(tx Tx, c *events.JointVisitConfirmed, h heirs) (where, error) {
	at := positionAt(tx, idKey(c.Event.Source, c.Event.ID))
	if at == 0 {
		d.fail("/data/melding", "onbekende-melding")
		return where{}, nil
	}
	w, was, err := whereDone(tx, at)
	if err != nil {
		return w, err
	}
	with, ok, err := withOf(tx, at, was)
	if err != nil {
		return w, err
	}
	switch {
	case was.Void || !ok:
		d.fail("/data/melding", "onbekende-melding")
	case !slices.ContainsFunc(with, func(p string) bool { return slices.Contains(d.own, p) || h.same(p, d.own[0]) }):
		d.fail("/data/melding", "niet-genoemd")
	}
	d.points = append(d.points, at)
	return w, nil
}

// withOf are the partners that a plan, visit or placement names; ok is false for
// anything else.
func withOf(tx Tx, at events.Position, was done) (with []string, ok bool, err error) {
	switch was.Type {
	case events.TypeVisitPlanned:
		var a approach
		ok, err = getRow(tx, positionKey(rowApproach, rootOf(at, was)), &a)
		return a.With, ok, err
	case events.TypePlacementMade:
		var p placement
		ok, err = getRow(tx, positionKey(rowPlacement, rootOf(at, was)), &p)
		return p.With, ok, err
	case events.TypeVisitMade:
		l := visitLane{was.Place, was.Purpose, was.Asked, was.Partner}
		v, err := visitAt(tx, was.Employer, &l, was.Date, was.Order)
		if v == nil || err != nil {
			return nil, false, err
		}
		return v.With, true, nil
	}
	return nil, false, nil
}

func effectConfirmed(tx Tx, r *events.Record, did *done) error {
	at := r.Confirms()
	was, _, err := doneAt(tx, at)
	if err != nil {
		return err
	}
	did.Root, did.Employer = thingOf(at, was), was.Employer
	tx.Put(confirmedKey(did.Root, did.Order), uuidBytes(r.Partner))
	return nil
}

// partnersOf are the partners with those identities; one that is not known is left out.
func partnersOf(tx Tx, identities []string) (list []string) {
	for _, identity := range identities {
		if id := tx.Get(keyOf(rowIdentity, []byte(identity))); len(id) == 16 {
			list = append(list, uuid.UUID(id).String())
		}
	}
	return list
}
