package projections

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"maps"
	"slices"

	"huisboek/events"
)

// A message is two rows: what there is to tell, once for all who are told, and
// for each of them why, or what it lost.

// tell writes the messages that a plan, a move or a visit raises.
func tell(tx Tx, r *events.Record) error {
	m, err := newsOf(tx, r)
	if m == nil || err != nil {
		return err
	}
	in, err := interestOf(tx, m.Employer)
	if err != nil {
		return err
	}
	told := in.listeners(m, r.Verdict.Today)
	if len(told) == 0 {
		return nil
	}
	if told, err = whoGoesOn(tx, told, r); len(told) == 0 || err != nil {
		return err
	}
	tx.Put(positionKey(rowNews, r.Position), m.encodeNews())
	for _, l := range told {
		e := make(encoder, 0, 40)
		e.bool(l.plan != nil)
		e.bool(l.fixed)
		if l.plan != nil {
			e.text(l.plan.approach)
		}
		deliver(tx, l.partner, r.Position, e)
	}
	return nil
}

// newsOf is what a plan, a move or a visit has to tell, or nil.
func newsOf(tx Tx, r *events.Record) (*Message, error) {
	if r.Event.Afterwards {
		return nil, nil
	}
	switch d := r.Event.Data.(type) {
	case *events.VisitPlanned:
		if d.Replaces != nil {
			return newsOfApproach(tx, r)
		}
		from, to := span(d.Date, d.Period)
		return newsAt(r, MessagePlan, d.Employer, from, to, d.Purpose, d.AccountManager.Seal), nil
	case *events.VisitMoved:
		return newsOfApproach(tx, r)
	case *events.VisitMade:
		if d.Replaces != nil {
			return nil, nil
		}
		return newsAt(r, MessageVisit, d.Employer, d.Date, d.Date, d.Purpose, d.AccountManager.Seal), nil
	}
	return nil, nil
}

func newsAt(r *events.Record, kind string, at events.Employer, from, to events.Date, purpose string, who *events.Seal) *Message {
	m := &Message{
		Position: r.Position, At: r.At, Kind: kind, Partner: r.Partner, Employer: at.Key(), Establishment: at.Establishment,
		Date: from, To: to, Purpose: purpose, Source: r.Event.Source, ID: r.Event.ID,
	}
	m.AccountManager.Seal = who
	return m
}

// newsOfApproach is the approach as a move or a correction left it; nil when its
// plan was retracted, or when there is nothing to come of it any more.
func newsOfApproach(tx Tx, r *events.Record) (*Message, error) {
	a, err := readApproach(tx, r.Root())
	if a == nil || err != nil {
		return nil, err
	}
	c, err := decodeContact(tx.Get(a.key(r.Root())))
	if err != nil || !c.Open() {
		return nil, err
	}
	return &Message{
		Position: r.Position, At: r.At, Kind: MessageMoved, Partner: r.Partner, Employer: a.Employer, Establishment: c.Establishment,
		Date: c.Date, To: c.To, Purpose: c.Purpose, Source: c.Source, ID: c.ID, AccountManager: c.AccountManager,
	}, nil
}

// listener is a partner that is told, and why.
type listener struct {
	partner string
	plan    *openPlan // its own, the one that begins first; nil: none
	fixed   bool
}

// A row of this kind says that an employer was linked at some time. Most never are,
// and of those the group is found without a scan: see [interest].
//
//	'j' employer   (empty) it was linked
const rowLinked = 'j'

// keepLinked remembers which employers a link is about.
func keepLinked(tx Tx, r *events.Record) {
	if d, ok := r.Event.Data.(*events.EmployersLinked); ok {
		tx.Put(employerPrefix(rowLinked, d.Employer.Employer().Key()), nil)
		tx.Put(employerPrefix(rowLinked, d.With.Employer().Key()), nil)
	}
}

// interestOf is who has an interest in an employer, under whichever of its keys.
func interestOf(tx Tx, employer string) (interest, error) {
	in, err := readInterest(tx, employer)
	if err != nil || tx.Get(employerPrefix(rowLinked, employer)) == nil {
		return in, err
	}
	keys, err := Employers{}.Same(tx, employer)
	if err != nil {
		return interest{}, err
	}
	for _, key := range keys[1:] {
		more, err := readInterest(tx, key)
		if err != nil {
			return interest{}, err
		}
		in.plans, in.fixed = append(in.plans, more.plans...), append(in.fixed, more.fixed...)
	}
	if len(keys) == 1 || len(in.fixed) == 0 { // whoever it is of the group, some key has one
		return in, nil
	}
	fixed, err := Employers{}.FixedContacts(tx, keys) // a word under one key counts for all
	if err != nil {
		return interest{}, err
	}
	in.fixed = in.fixed[:0]
	for _, f := range fixed {
		in.fixed = append(in.fixed, fixedPlace{f.Partner, f.Establishment, f.Purpose})
	}
	return in, nil
}

// whoGoesOn puts who goes on with a partner's work in the place of that partner,
// once each. It leaves out who no longer takes part, and whoever goes on with the
// work of who raised the message: that is its own.
func whoGoesOn(tx Tx, list []listener, r *events.Record) (told []listener, err error) {
	maker, _, err := goesOn(tx, r.Partner, r.Verdict.Today)
	if err != nil {
		return nil, err
	}
	told = list[:0]
	for _, l := range list {
		partner, left, err := goesOn(tx, l.partner, r.Verdict.Today)
		if err != nil {
			return nil, err
		}
		if left || partner == maker {
			continue
		}
		l.partner = partner
		i := slices.IndexFunc(told, func(o listener) bool { return o.partner == partner })
		if i < 0 {
			told = append(told, l)
			continue
		}
		if t := &told[i]; l.plan != nil && (t.plan == nil || l.plan.before(t.plan)) {
			t.plan = l.plan
		}
		told[i].fixed = told[i].fixed || l.fixed
	}
	return told, nil
}

// listeners are who is told of something at an employer.
func (in *interest) listeners(m *Message, today events.Date) (list []listener) {
	of := func(partner string) *listener {
		i := slices.IndexFunc(list, func(l listener) bool { return l.partner == partner })
		if i < 0 {
			i, list = len(list), append(list, listener{partner: partner})
		}
		return &list[i]
	}
	for i := range in.plans {
		p := &in.plans[i]
		if p.partner == m.Partner || p.to < today || !concerns(p.establishment, m.Establishment) {
			continue
		}
		if l := of(p.partner); l.plan == nil || p.before(l.plan) {
			l.plan = p
		}
	}
	for _, f := range in.fixed {
		if f.partner != m.Partner && concerns(f.establishment, m.Establishment) && (f.purpose == "" || f.purpose == m.Purpose) {
			of(f.partner).fixed = true
		}
	}
	return list
}

func (p *openPlan) before(other *openPlan) bool {
	return cmp.Or(cmp.Compare(p.from, other.from), cmp.Compare(p.root, other.root)) < 0
}

func deliver(tx Tx, partner string, p events.Position, why encoder) {
	tx.Put(messageKey(partner, p), why)
	last := make(encoder, 0, 4)
	last.position(p)
	tx.Put(partnerPrefix(rowLast, partner), last)
}

// keepSeals remembers whose event has members sealed with which keys.
func keepSeals(tx Tx, r *events.Record) {
	for _, m := range r.Event.PersonalMembers() {
		if m.Seal != nil {
			e := make(encoder, 0, 40)
			e.text(r.Partner)
			tx.Put(sealKey(m.Seal.Key, r.Position), e)
		}
	}
}

// tellErased tells every partner which of its events lost a member. The keys are
// gone, and so is what was kept of them: the message holds the list.
func tellErased(tx Tx, r *events.Record, d *events.DataErased) error {
	lost := map[string][]events.Position{}
	var gone [][]byte
	var err error
	for _, id := range d.Keys {
		tx.Scan(sealPrefix(id), func(k, v []byte) bool {
			row := decode(v)
			partner := row.text()
			if err = row.err(); err != nil {
				return false
			}
			lost[partner] = append(lost[partner], events.Position(binary.BigEndian.Uint64(k[len(k)-8:])))
			gone = append(gone, bytes.Clone(k))
			return true
		})
		if err != nil {
			return err
		}
	}
	for _, k := range gone {
		tx.Delete(k)
	}
	if lost, err = lostBy(tx, lost, r.Verdict.Today); len(lost) == 0 || err != nil {
		return err
	}
	m := Message{At: r.At, Kind: MessageErased, Ground: d.Ground}
	tx.Put(positionKey(rowNews, r.Position), m.encodeNews())
	for _, partner := range slices.Sorted(maps.Keys(lost)) {
		list := lost[partner]
		slices.Sort(list)
		list = slices.Compact(list)
		e := make(encoder, 0, 16+4*min(len(list), maxErasedEvents))
		e.uint(uint64(len(list)))
		e.positions(list[:min(len(list), maxErasedEvents)])
		deliver(tx, partner, r.Position, e)
	}
	return nil
}

// lostBy puts who goes on with a partner's work in the place of that partner, and
// leaves out who no longer takes part.
func lostBy(tx Tx, lost map[string][]events.Position, today events.Date) (map[string][]events.Position, error) {
	told := make(map[string][]events.Position, len(lost))
	for _, partner := range slices.Sorted(maps.Keys(lost)) {
		end, left, err := goesOn(tx, partner, today)
		if err != nil {
			return nil, err
		}
		if !left {
			told[end] = append(told[end], lost[partner]...)
		}
	}
	return told, nil
}

// messageKinds are the kinds of a message; a row holds the index.
var messageKinds = [...]string{MessagePlan, MessageMoved, MessageVisit, MessageErased}

func (m *Message) encodeNews() []byte {
	e := make(encoder, 0, 448)
	e.byte(indexOf(messageKinds[:], m.Kind))
	e.time(m.At)
	if m.Kind == MessageErased {
		e.text(m.Ground)
		return e
	}
	e.text(m.Partner)
	e.text(m.Employer)
	e.text(m.Establishment)
	e.date(m.Date)
	e.date(m.To)
	e.text(m.Purpose)
	e.text(m.Source)
	e.text(m.ID)
	e.seal(m.AccountManager.Seal)
	return e
}

// readMessage puts the two rows of a message together again.
func readMessage(tx Tx, position, why []byte) (m Message, err error) {
	if len(position) != 8 {
		return m, ErrRow
	}
	m.Position = events.Position(binary.BigEndian.Uint64(position))
	d := decode(tx.Get(positionKey(rowNews, m.Position)))
	m.Kind = at(&d, messageKinds[:])
	m.At = d.time()
	w := decode(why)
	if m.Kind == MessageErased {
		m.Ground = d.text()
		m.Count, m.Events = int(w.uint()), w.positions()
		return m, cmp.Or(d.err(), w.err())
	}
	m.Partner, m.Employer, m.Establishment = d.text(), d.text(), d.text()
	m.Date, m.To = d.date(), d.date()
	m.Purpose, m.Source, m.ID = d.text(), d.text(), d.text()
	m.AccountManager.Seal = d.seal()
	plan, fixed := w.bool(), w.bool()
	if plan {
		m.Why, m.Approach = append(m.Why, WhyOpenPlan), w.text()
	}
	if fixed {
		m.Why = append(m.Why, WhyFixed)
	}
	return m, cmp.Or(d.err(), w.err())
}
