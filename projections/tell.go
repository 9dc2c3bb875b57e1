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

// tell writes the messages that an event of a partner raises.
func tell(tx Tx, r *events.Record, c change) error {
	if r.Event.Afterwards {
		return nil
	}
	if d, ok := r.Event.Data.(*events.JointVisitConfirmed); ok {
		return tellConfirmed(tx, r, d)
	}
	t := telling{tx: tx, r: r}
	if err := t.news(); err != nil {
		return err
	}
	if err := t.freed(c); err != nil {
		return err
	}
	if err := t.clashes(); err != nil {
		return err
	}
	return t.deliver()
}

// telling is who is told of one record while that is worked out.
type telling struct {
	tx     Tx
	r      *events.Record
	about  *Message   // what the record itself says, nil when that is nothing to tell
	beside []*Message // of MessageFreed and MessageClash, what stands in its place
	told   []listener
}

// news is what a plan, a move or a visit says, to whoever has an interest there.
func (t *telling) news() error {
	m, err := newsOf(t.tx, t.r)
	if m == nil || err != nil {
		return err
	}
	corrected := false
	if d, ok := t.r.Event.Data.(*events.VisitMade); ok {
		corrected = d.Replaces != nil
	}
	t.about = m
	in, err := interestOf(t.tx, m.Employer)
	if err != nil {
		return err
	}
	list := in.listeners(m, t.r.Verdict.Today)
	if list, err = withNamed(t.tx, list, t.r, m); err != nil {
		return err
	}
	for i := range list {
		l := &list[i]
		l.kind = m.Kind
		if l.named && m.Kind != MessageThrough && t.r.Event.Type != events.TypeVisitMoved {
			l.kind = MessageAsked
		}
	}
	if t.told, err = whoGoesOn(t.tx, list, t.r); err != nil {
		return err
	}
	if corrected { // not before: who is asked may go on with the work of one that is not, and has its reasons too
		t.told = slices.DeleteFunc(t.told, func(l listener) bool { return l.kind != MessageAsked })
	}
	return nil
}

// add tells partners of something that stands beside what the record says. It
// takes the place of a message that weighs less, and keeps the reasons for it.
func (t *telling) add(list ...listener) error {
	list, err := whoGoesOn(t.tx, list, t.r)
	if err != nil {
		return err
	}
	for _, l := range list {
		i := slices.IndexFunc(t.told, func(o listener) bool { return o.partner == l.partner })
		if i < 0 {
			t.told = append(t.told, l)
			continue
		}
		t.told[i].join(&l)
	}
	return nil
}

func (t *telling) deliver() error {
	if len(t.told) == 0 {
		return nil
	}
	p := t.r.Position
	if t.about != nil {
		t.tx.Put(positionKey(rowNews, p), t.about.encodeNews())
	}
	for _, m := range t.beside {
		t.tx.Put(besideKey(p, m.Kind), m.encodeNews())
	}
	for i := range t.told {
		deliver(t.tx, t.told[i].partner, p, t.told[i].encode())
	}
	return nil
}

// besideKey is the key of what there is to tell of a kind, where that is other than
// what the event itself says.
func besideKey(p events.Position, kind string) []byte {
	return append(positionKey(rowNews, p), indexOf(messageKinds[:], kind))
}

// newsOf is what a plan, a move or a visit has to tell, or nil.
func newsOf(tx Tx, r *events.Record) (*Message, error) {
	switch d := r.Event.Data.(type) {
	case *events.VisitPlanned:
		if d.Replaces != nil {
			return newsOfApproach(tx, r, d.Despite)
		}
		from, to := span(d.Date, d.Period)
		return newsAt(r, MessagePlan, d.Employer, from, to, d.Purpose, d.AccountManager.Seal).through(r, d.Despite), nil
	case *events.VisitMoved:
		return newsOfApproach(tx, r, d.Despite)
	case *events.VisitMade:
		return newsAt(r, MessageVisit, d.Employer, d.Date, d.Date, d.Purpose, d.AccountManager.Seal), nil
	}
	return nil, nil
}

// through makes of a plan or a move that its maker went through the warning that the
// employer is taken.
func (m *Message) through(r *events.Record, despite *events.Despite) *Message {
	if despite != nil && r.Verdict.Outcome == events.Taken {
		m.Kind = MessageThrough
		m.Reason.Seal, m.ReasonOf, m.ReasonID = despite.Reason.Seal, r.Event.Source, r.Event.ID
	}
	return m
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
func newsOfApproach(tx Tx, r *events.Record, despite *events.Despite) (*Message, error) {
	a, c, err := approachAt(tx, r.Root())
	if a == nil || err != nil || !c.Open() {
		return nil, err
	}
	m := &Message{
		Position: r.Position, At: r.At, Kind: MessageMoved, Partner: r.Partner, Employer: a.Employer, Establishment: c.Establishment,
		Date: c.Date, To: c.To, Purpose: c.Purpose, Source: c.Source, ID: c.ID, AccountManager: c.AccountManager,
	}
	return m.through(r, despite), nil
}

// listener is a partner that is told, and why.
type listener struct {
	partner  string
	kind     string
	beside   bool      // what there is to tell is not what the record itself says
	plan     *openPlan // its own, the one that begins first; nil: none
	fixed    bool
	followed bool
	named    bool
	own      bool
}

// join makes one of two messages to one partner: of the kind that weighs most, for
// the reasons of both.
func (l *listener) join(o *listener) {
	heavier := weight(o.kind) < weight(l.kind)
	alike := o.beside == l.beside && (o.kind == l.kind || !o.beside) // of what the record says, any of its plans is one that it touches
	if o.plan != nil && (l.plan == nil || alike && o.plan.before(l.plan) || !alike && heavier) {
		l.plan = o.plan
	}
	if heavier {
		l.kind, l.beside = o.kind, o.beside
	}
	l.fixed, l.followed, l.named, l.own = l.fixed || o.fixed, l.followed || o.followed, l.named || o.named, l.own || o.own
}

// weight orders the kinds that may come of one event, the weightiest first: what asks
// for an answer, before what is good to know.
func weight(kind string) int {
	return slices.Index([]string{MessageThrough, MessageClash, MessageAsked, MessageFreed, MessageMoved, MessagePlan, MessageVisit}, kind)
}

// whyBits are the reasons of a message in the order in which they are given; a row
// holds one bit for each.
var whyBits = [...]string{WhyOpenPlan, WhyFixed, WhyFollowed, WhyNamed, WhyOwn, WhyRegion}

func (l *listener) encode() encoder {
	e := make(encoder, 0, 48)
	e.byte(indexOf(messageKinds[:], l.kind))
	e.bool(l.beside)
	bits := uint64(0)
	for i, is := range [...]bool{l.plan != nil, l.fixed, l.followed, l.named, l.own} {
		if is {
			bits |= 1 << i
		}
	}
	e.uint(bits)
	if l.plan != nil {
		e.text(l.plan.approach)
	}
	return e
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
	if err != nil {
		return in, err
	}
	if !wasLinked(tx, employer) {
		in.followed, err = followersOf(tx, []string{employer})
		return in, err
	}
	keys, err := Employers{}.Same(tx, employer)
	if err != nil {
		return interest{}, err
	}
	in.plans, in.fixed = slices.Clone(in.plans), slices.Clone(in.fixed)
	for _, key := range keys[1:] {
		more, err := readInterest(tx, key)
		if err != nil {
			return interest{}, err
		}
		in.plans, in.fixed = append(in.plans, more.plans...), append(in.fixed, more.fixed...)
	}
	if in.followed, err = followersOf(tx, keys); err != nil {
		return interest{}, err
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
		told[i].join(&l)
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
		if p.partner == m.Partner || p.until < today || !concerns(p.establishment, m.Establishment) {
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
	for _, f := range in.followed {
		if f.partner != m.Partner && concerns(f.establishment, m.Establishment) {
			of(f.partner).followed = true
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
		e.byte(indexOf(messageKinds[:], MessageErased))
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
var messageKinds = [...]string{
	MessagePlan, MessageMoved, MessageVisit, MessageErased,
	MessageThrough, MessageClash, MessageAsked, MessageConfirmed, MessageFreed, MessageEnds, MessageEscalated,
}

func (m *Message) encodeNews() []byte {
	e := make(encoder, 0, 448)
	e.time(m.At)
	e.bool(m.Kind == MessageErased)
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
	e.seal(m.Reason.Seal)
	if m.Reason.Seal != nil {
		e.text(m.ReasonOf)
		e.text(m.ReasonID)
	}
	return e
}

// readMessage puts the two rows of a message together again.
func readMessage(tx Tx, position, why []byte) (m Message, err error) {
	if len(position) != 8 {
		return m, ErrRow
	}
	m.Position = events.Position(binary.BigEndian.Uint64(position))
	w := decode(why)
	m.Kind = at(&w, messageKinds[:])
	if m.Kind == MessageErased {
		m.Count, m.Events = int(w.uint()), w.positions()
		return m, cmp.Or(w.err(), m.readNews(tx.Get(positionKey(rowNews, m.Position))))
	}
	key := positionKey(rowNews, m.Position)
	if w.bool() {
		key = besideKey(m.Position, m.Kind)
	}
	bits := w.uint()
	for i, why := range whyBits {
		if bits&(1<<i) != 0 {
			m.Why = append(m.Why, why)
		}
	}
	if bits&1 != 0 {
		m.Approach = w.text()
	}
	if err := w.err(); err != nil {
		return m, err
	}
	if err := m.readNews(tx.Get(key)); err != nil {
		return m, err
	}
	if m.Kind != MessageThrough { // who goes along is asked, and is told nothing of reasons
		m.Reason.Seal, m.ReasonOf, m.ReasonID = nil, "", ""
	}
	return m, nil
}

func (m *Message) readNews(row []byte) error {
	d := decode(row)
	m.At = d.time()
	if d.bool() {
		m.Ground = d.text()
		return d.err()
	}
	m.Partner, m.Employer, m.Establishment = d.text(), d.text(), d.text()
	m.Date, m.To = d.date(), d.date()
	m.Purpose, m.Source, m.ID = d.text(), d.text(), d.text()
	m.AccountManager.Seal = d.seal()
	if m.Reason.Seal = d.seal(); m.Reason.Seal != nil {
		m.ReasonOf, m.ReasonID = d.text(), d.text()
	}
	return d.err()
}
