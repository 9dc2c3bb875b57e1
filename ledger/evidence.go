package ledger

import (
	"cmp"
	"encoding/binary"
	"slices"

	"huisboek/events"
)

const (
	clashesKept = 20 // holds in the way, first in the stream first
	othersKept  = 5  // holds that were looked at and are not in the way
	jointsKept  = 20 // visits on the same day by who went along
)

// gather reads what the book knows that bears on a matter. A hold in the way is found
// however many others there are, and so is the last visit that is disturbed.
func (b *Book) gather(tx Tx, m *matter, h heirs) (*evidence, error) {
	e := new(evidence)
	var err error
	if e.agreement, e.terms, err = b.terms(tx, m.own[0], m.today); err != nil {
		return nil, err
	}
	if m.outlines == nil {
		m.look(tx)
	}
	if len(m.with) > 0 {
		joins, err := confirmationsOf(tx, m.root, m.except)
		if err != nil {
			return nil, err
		}
		for _, j := range joins {
			for _, same := range h.families([]string{j.partner}) {
				e.joined = append(e.joined, joinFact{j.position, same})
			}
		}
	}
	a, err := e.findOwn(tx, m)
	if err != nil {
		return nil, err
	}
	if err := e.findHolds(tx, m, h); err != nil {
		return nil, err
	}
	if e.lanes, err = lastVisits(m.place, m.outlines); err != nil {
		return nil, err
	}
	if err := e.findVisits(tx, m, h); err != nil {
		return nil, err
	}
	if e.level, err = levelOf(tx, m.place, m.having(everLevel)); err != nil {
		return nil, err
	}
	if e.serving, err = servingOf(tx, e.level, m.place, m.group, m.today, h); err != nil {
		return nil, err
	}
	spares, err := sparesOf(tx, m.place, m.having(everSpared))
	if err != nil {
		return nil, err
	}
	for _, s := range spares { // the newest, and rather one that covers these days
		if e.spared == nil || s.covers(m) && !e.spared.covers(m) {
			e.spared = s
		}
	}
	if m.kind == other {
		return e, nil
	}
	if n := e.terms.ContactsPerYear; n > 0 {
		day := dayNumber(m.from)
		y := yearOf{tx: tx, heirs: h, most: n, except: m.except, from: day/10000*10000 + 101, to: day/10000*10000 + 1231}
		if e.yearly, err = y.count(m.place, m.outlines); err != nil {
			return nil, err
		}
	}
	if m.kind == moved && a != nil && a.Who.Seal != nil {
		m.keys = keysBeside(tx, a.Who.Seal.Key)
	}
	return e, e.countPlans(tx, m)
}

// findOwn reads the approach that is moved or corrected, as it stands before that.
func (e *evidence) findOwn(tx Tx, m *matter) (*approach, error) {
	if m.root == 0 || m.kind != planned && m.kind != moved {
		return nil, nil
	}
	a := new(approach)
	_, err := getRow(tx, positionKey(rowApproach, m.root), a)
	e.holding = a.stands(m.today)
	return a, err
}

// findHolds finds the holds of others at the place, of today and later.
func (e *evidence) findHolds(tx Tx, m *matter, h heirs) error {
	var others []hold
	var near *nearby
	var fail error
	for _, employer := range m.group {
		prefix := employerKey(employer, rowHold)
		tx.ScanFrom(binary.BigEndian.AppendUint32(prefix, dayNumber(m.today)), prefix, func(k, v []byte) bool {
			row := rawHold(v)
			if !row.ok() {
				fail = damagedRow(k)
				return false
			}
			if m.isMine(row.partner()) || !m.place.isConcernedBy(employer, row.place()) {
				return true
			}
			c := row.hold(positionAtEnd(k))
			if fail = c.complete(tx, h); fail != nil {
				return false
			}
			if near == nil {
				near = m.near(e)
			}
			if near.meets(&c) {
				e.holds = insertHold(e.holds, c, clashesKept)
			} else if len(others) < othersKept {
				others = append(others, c)
			}
			return true
		})
		if fail != nil {
			return fail
		}
	}
	for _, c := range others {
		e.holds = insertHold(e.holds, c, len(e.holds)+1)
	}
	return nil
}

// complete adds who confirmed to go along, and everybody that is the same as who was named.
func (c *hold) complete(tx Tx, h heirs) error {
	if len(c.with) == 0 {
		return nil
	}
	c.with = h.families(c.with)
	joins, err := confirmationsOf(tx, c.root)
	for _, j := range joins {
		c.confirmed = append(c.confirmed, j.partner)
		c.confirmations = append(c.confirmations, j.position)
	}
	c.confirmed = h.families(c.confirmed)
	return err
}

// insertHold keeps the first in the stream.
func insertHold(list []hold, c hold, most int) []hold {
	at, _ := slices.BinarySearchFunc(list, c, func(a, b hold) int { return cmp.Compare(a.position, b.position) })
	list = slices.Insert(list, at, c)
	return list[:min(len(list), most)]
}

// findVisits finds the last visit of another and the last of one's own, up to the
// matter's last day, for purposes that it disturbs. One of another on the very days of
// the matter does not count when both said that they went together; it was looked at,
// and the search goes on with the one before it.
func (e *evidence) findVisits(tx Tx, m *matter, h heirs) error {
	to := dayNumber(m.to)
	for _, mine := range []bool{false, true} {
		lanes := make([]*lastOf, 0, 16)
		for i := range e.lanes {
			v := &e.lanes[i]
			if v.atRequest() || m.isMine(v.by()) != mine || !e.terms.Disturb(m.place.purpose, string(v.purpose())) {
				continue
			}
			v, err := v.before(tx, to, m.except)
			if err != nil {
				return err
			}
			if v != nil {
				lanes = append(lanes, v)
			}
		}
		for range jointsKept {
			last := -1
			for i, v := range lanes {
				if last < 0 || v.newer(lanes[last]) {
					last = i
				}
			}
			if last < 0 {
				break
			}
			v := lanes[last]
			f := visitFact{position: v.position, partner: v.partner(), purpose: string(v.purpose()), date: v.date()}
			if !mine && f.date >= m.from {
				if err := f.complete(tx, v, h); err != nil {
					return err
				}
			}
			e.visits = append(e.visits, f)
			if !m.wentAlong(&f, e) {
				break
			}
			before, err := v.earlier(tx, m.except)
			if err != nil {
				return err
			}
			if before == nil {
				lanes = slices.Delete(lanes, last, last+1)
			} else {
				lanes[last] = before
			}
		}
	}
	return nil
}

// complete adds who was said to go along, and who said so too.
func (f *visitFact) complete(tx Tx, v *lastOf, h heirs) error {
	row, err := v.row(tx)
	if err != nil || len(row.With) == 0 {
		return err
	}
	f.with = h.families(row.With)
	joins, err := confirmationsOfVisit(tx, v.order, row.Root)
	for _, j := range joins {
		f.confirmed = append(f.confirmed, j.partner)
		f.confirmations = append(f.confirmations, j.position)
	}
	f.confirmed = h.families(f.confirmed)
	return err
}

// countPlans counts what the partner and the account manager hold today, for what does
// not hold yet.
func (e *evidence) countPlans(tx Tx, m *matter) error {
	if m.kind == visited || e.holding {
		return nil
	}
	if e.terms.PlansPerPartner > 0 {
		for _, id := range m.ids {
			n, err := countFrom(tx, keyOf(rowPartnerCount, id), m.today)
			if err != nil {
				return err
			}
			e.partnerPlans += n
		}
	}
	if e.terms.PlansPerManager > 0 {
		for _, key := range m.keys {
			n, err := countFrom(tx, positionKey(rowManagerCount, events.Position(key)), m.today)
			if err != nil {
				return err
			}
			e.managerPlans += n
		}
	}
	return nil
}

// managerKeys are the seal keys of the account manager of a plan, whether it is sealed
// already or not: what that one holds is counted by them.
func (b *Book) managerKeys(tx Tx, partner string, p events.Personal[events.AccountManager]) []events.KeyID {
	switch {
	case p.Plain != nil:
		return keysOf(tx, b.keys.subjectID(events.PersonMember, partner, p.Plain.Employee))
	case p.Seal != nil:
		if s, ok := b.keys.drawnFor(p.Seal.Key); ok { // perhaps not recorded yet
			return keysOf(tx, s)
		}
		return keysBeside(tx, p.Seal.Key)
	}
	return nil
}

// keysBeside are the seal keys of whom a recorded key is of; none when it was erased.
func keysBeside(tx Tx, key events.KeyID) []events.KeyID {
	if s := tx.Get(positionKey(rowKey, events.Position(key))); len(s) == subjectSize {
		return keysOf(tx, subjectID(s))
	}
	return nil
}
