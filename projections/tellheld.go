package projections

import (
	"fmt"

	"huisboek/events"
)

// Messages keeps what an approach or a vacancy was like when it told of it last: so it
// sees what an event changed, and takes back what would have fallen due. And it keeps
// which employer a word on following is of, which a retraction of it does not say.
//
//	'V' position8   by what begins there: an approach, a vacancy; or that the event there is a word on following
const rowHeld = 'V'

// What a row says.
const (
	partHeld    = iota // an approach begins there
	partVacancy        // a vacancy is reported there
	partFollows        // the event there is a word on following
)

// keepFollows keeps of which employer the event at a position is a word on following.
func keepFollows(tx Tx, p events.Position, employer string) {
	e := make(encoder, 0, 16)
	e.byte(partFollows)
	e.text(employer)
	tx.Put(positionKey(rowHeld, p), e)
}

// takeFollows is of which employer the event at a position is a word on following, and
// that it no longer is; "" when it is none.
func takeFollows(tx Tx, p events.Position) (employer string, err error) {
	key := positionKey(rowHeld, p)
	row := tx.Get(key)
	if len(row) == 0 || row[0] != partFollows {
		return "", nil
	}
	d := decode(row[1:])
	employer = d.text()
	tx.Delete(key)
	return employer, d.err()
}

// held is an approach as an event left it.
type held struct {
	employer, establishment, purpose string
	from, to, until                  events.Date
	open, holds, atRequest           bool
	due                              dueRow // of MessageEnds; none when its day is empty
}

func readHeld(tx Tx, root events.Position) (*held, error) {
	row := tx.Get(positionKey(rowHeld, root))
	if row == nil {
		return nil, nil
	}
	d := decode(row)
	if d.byte() != partHeld {
		return nil, nil
	}
	h := &held{d.text(), d.text(), d.text(), d.date(), d.date(), d.date(), d.bool(), d.bool(), d.bool(), d.dueRow()}
	if err := d.err(); err != nil {
		return nil, fmt.Errorf("approach from position %d: %w", root, err)
	}
	return h, nil
}

func (h *held) write(tx Tx, root events.Position) {
	e := make(encoder, 0, 128)
	e.byte(partHeld)
	e.text(h.employer)
	e.text(h.establishment)
	e.text(h.purpose)
	e.date(h.from)
	e.date(h.to)
	e.date(h.until)
	e.bool(h.open)
	e.bool(h.holds)
	e.bool(h.atRequest)
	e.dueRow(&h.due)
	tx.Put(positionKey(rowHeld, root), e)
}

// standsIn reports whether a hold is in the way of a plan (both as they stand): what
// the ledger's rules say of the two, but for who goes together.
func (h *held) standsIn(plan *held, today events.Date, t *events.Terms) bool {
	if h == nil || !h.open || !h.holds || h.until < today || h.atRequest || plan.atRequest {
		return false
	}
	return concerns(h.establishment, plan.establishment) && t.Disturb(plan.purpose, h.purpose) &&
		plan.from <= h.to.AddDays(t.QuietDays) && h.from <= plan.to.AddDays(t.QuietDays)
}

// endsBefore is how many days before its hold ends a partner is told that its plan
// expires: one without a day of its own, or one that does not hold until its day. A
// plan that holds until its day does not expire, it takes place.
const endsBefore = 3

// change is what an event did to the approach that it is about.
type change struct {
	root    events.Position // 0: it is about none
	was, is *held           // as it stood and as it stands; nil: there was none, or none is left
}

// keepParts keeps what an event is about as the event left it.
func keepParts(tx Tx, r *events.Record) (c change, err error) {
	if target := r.Target(); target != 0 {
		employer, err := takeFollows(tx, target)
		if err != nil {
			return c, fmt.Errorf("position %d: %w", target, err)
		}
		if employer != "" {
			return c, unfollow(tx, employer, target)
		}
	}
	was, err := undoneBy(tx, r)
	if err != nil {
		return c, err
	}
	if err := keepEscalation(tx, r, was.vacancy()); err != nil {
		return c, err
	}
	return keepHeld(tx, r, was.approach())
}

// keepHeld keeps the approaches that an event is about: one, or two of a visit that
// is corrected to belong to another.
func keepHeld(tx Tx, r *events.Record, before events.Position) (c change, err error) {
	for _, root := range rootsOf(r, before) {
		was, is, err := keepHeldAt(tx, r, root)
		if err != nil {
			return c, err
		}
		if c.root == 0 {
			c = change{root, was, is}
		}
	}
	return c, nil
}

// rootsOf are the approaches that an event may change: the one of what it undid, and its own.
func rootsOf(r *events.Record, before events.Position) (roots []events.Position) {
	if before != 0 {
		roots = append(roots, before)
	}
	switch r.Event.Data.(type) {
	case *events.VisitPlanned:
		if before == 0 {
			roots = append(roots, r.Position)
		}
	case *events.VisitMoved, *events.VisitCalledOff, *events.ApproachExtended, *events.VisitMade:
		if root := r.Root(); root != 0 && root != before {
			roots = append(roots, root)
		}
	}
	return roots
}

func keepHeldAt(tx Tx, r *events.Record, root events.Position) (was, is *held, err error) {
	if root != r.Position { // where nothing stands yet
		if was, err = readHeld(tx, root); err != nil {
			return nil, nil, err
		}
	}
	c, err := contactOfApproach(tx, root)
	if err != nil {
		return nil, nil, err
	}
	var due dueRow
	if was != nil {
		due = was.due
	}
	if c == nil {
		due.drop(tx)
		if was != nil {
			tx.Delete(positionKey(rowHeld, root))
		}
		return was, nil, nil
	}
	is = &held{c.Employer, c.Establishment, c.Purpose, c.Date, c.To, c.Until, c.Open(), c.Holds, c.AtRequest, due}
	day := events.Date("")
	if is.open && is.holds && is.until != "" && (is.from != is.to || is.until < is.from) {
		day = is.until.AddDays(-endsBefore)
	}
	if due.day != day || day != "" && due.partner != c.Partner {
		due.drop(tx)
		is.due = dueRow{}
		if day > r.Verdict.Today && !r.Event.Afterwards {
			is.due = putDue(tx, c.Partner, day, r.Position, MessageEnds, root)
		}
	}
	is.write(tx, root)
	return was, is, nil
}

// freed tells who has a plan that an event left nothing in the way of: a partner that
// held the employer called off, went elsewhere, or took its plan back.
func (t *telling) freed(c change) error {
	today, was, is, root := t.r.Verdict.Today, c.was, c.is, c.root
	if _, made := t.r.Event.Data.(*events.VisitMade); made || was == nil || !was.open || !was.holds || was.until < today || was.atRequest {
		return nil
	}
	in, err := interestOf(t.tx, was.employer)
	if err != nil {
		return err
	}
	plans, blocked := map[events.Position]*held{}, false
	for _, p := range in.plans {
		h, err := readHeld(t.tx, p.root)
		if err != nil {
			return err
		}
		plans[p.root] = h
		blocked = blocked || h.waits(&p, today)
	}
	if !blocked { // nearly always: nothing is asked of the agreement
		return nil
	}
	if is != nil && plans[root] == nil { // it is at another employer now
		is = nil
	}
	plans[root] = is
	for i := range in.plans {
		p := &in.plans[i]
		h := plans[p.root]
		if p.partner == t.r.Partner || p.root == root || !h.waits(p, today) {
			continue
		}
		_, terms, err := termsFor(t.tx, p.partner, today)
		if err != nil {
			return err
		}
		if !was.standsIn(h, today, &terms) || stillInTheWay(in.plans, plans, p, today, &terms) {
			continue
		}
		if err := t.add(listener{partner: p.partner, kind: MessageFreed, beside: true, plan: p}); err != nil {
			return err
		}
	}
	t.beside = append(t.beside, &Message{
		At: t.r.At, Kind: MessageFreed, Partner: t.r.Partner, Employer: was.employer, Establishment: was.establishment,
		Date: was.from, To: was.to, Purpose: was.purpose, Source: t.r.Event.Source, ID: t.r.Event.ID,
	})
	return nil
}

// waits reports whether a plan is open and holds nothing.
func (h *held) waits(p *openPlan, today events.Date) bool {
	return h != nil && h.open && !h.holds && p.until >= today
}

func stillInTheWay(list []openPlan, plans map[events.Position]*held, p *openPlan, today events.Date, t *events.Terms) bool {
	for i := range list {
		if q := &list[i]; q.partner != p.partner && plans[q.root].standsIn(plans[p.root], today, t) {
			return true
		}
	}
	return false
}
