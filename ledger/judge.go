package ledger

import (
	"slices"

	"huisboek/events"
)

// RulesVersion is the version of the rules below, stored with every verdict. Version
// 2 knew no agreements: any open plan of another partner and any visit within 90 days
// was a warning.
const RulesVersion = 3

// The reason codes of a verdict; stored for ever.
const (
	reasonOtherPlan    = "ander-plan"                 // another partner holds the employer then
	reasonOtherVisit   = "recent-bezoek"              // another partner visited within the quiet days
	reasonOwnVisit     = "recent-eigen-bezoek"        // you visited within the quiet days
	reasonYearly       = "jaarmaximum"                // the employer's contacts of the year are used up
	reasonSparedWish   = "ontzien-werkgever"          // the employer asked to be left in peace
	reasonSparedRegion = "ontzien-regio"              // the region leaves the employer in peace
	reasonTerritory    = "ander-gebied"               // a local employer of another municipality
	reasonAlone        = "alleen"                     // a regional or national employer, approached by one partner
	reasonFixed        = "andere-contactpersoon"      // another partner is the fixed contact
	reasonPartnerPlans = "te-veel-plannen"            // of the partner
	reasonManagerPlans = "te-veel-plannen-medewerker" // of the account manager
	reasonTooLong      = "te-lang-vast"               // the days lie beyond how long an approach holds
	reasonUnconfirmed  = "samen-onbevestigd"          // who is said to go along holds the employer, and has not said so
	reasonPast         = "dag-voorbij"                // its last day is over: it holds nothing
	reasonDespite      = "ondanks"                    // the maker went through the warning, with a reason
	reasonAtRequest    = "op-verzoek"                 // the employer asked: nothing is in the way
)

// The kinds of a matter.
const (
	asked   = iota // before an approach
	planned        // a plan, or its correction
	moved
	visited
	other // not judged: only what is known is told
)

// matter is what is judged: one partner's approach to an employer.
type matter struct {
	kind      int
	place     where
	from, to  events.Date // its days
	own       []string    // who, itself first, and whose work it goes on with
	with      []string    // the partners that it says go along
	first     events.Date // when the approach was first planned; today when it is new
	today     events.Date
	atRequest bool
	despite   bool

	// What gather needs besides.
	root     events.Position // the approach that it is about, 0 when it begins one
	except   events.Position // the order of a visit that does not count: the one that is corrected or told again
	keys     []events.KeyID  // the seal keys of its account manager
	ids      [][]byte        // own as they stand in the rows
	group    []string        // the keys of the same employer
	outlines []outline       // of each of the group; nil: not looked for yet
}

// evidence is what the book knows that bears on a matter: everything that the
// verdict may rest on, each with its position. It is bounded, whatever the history
// of the employer, and it can be read again from the positions stored with the verdict.
type evidence struct {
	agreement                  *events.RecordedAgreement
	terms                      events.Terms      // of the partner's subregion
	holds                      []hold            // of other partners, that hold on or after today, in the order of the stream
	visits                     []visitFact       // that no employer asked for: the last of another partner and the last of one's own, for purposes that it disturbs
	lanes                      []lastOf          // of which those were found: the last visit of each lane that concerns the place
	yearly                     []events.Position // the contacts that count in the year of the first day, at most one more than the agreement's number
	fixed                      *fixedFact
	level                      *levelFact
	spared                     *spareFact
	serving                    *servingFact
	joined                     []joinFact // who confirmed to take part in the matter's own approach
	holding                    bool       // the matter's own approach, which is moved or corrected, holds already
	partnerPlans, managerPlans int        // that hold; not counted for what holds already
}

// hold is an approach that holds an employer for its days: it was free or a warning
// when it was last said, or its maker went through.
type hold struct {
	position  events.Position // of the plan or move as it stands
	partner   string
	purpose   string
	from, to  events.Date
	with      []string // the partners that it says go along
	confirmed []string // of those, who said so too
	atRequest bool
	overrides bool // it holds only because its maker went through

	root          events.Position   // of its approach
	confirmations []events.Position // where those said so
}

type visitFact struct {
	position events.Position
	partner  string
	purpose  string
	date     events.Date

	// Of one on the matter's own days: who was said to go along, and who said so too.
	with, confirmed []string
	confirmations   []events.Position
}

type fixedFact struct {
	position events.Position
	partner  string
}

type levelFact struct {
	position events.Position
	level    string
}

// spareFact is the last word on leaving an employer in peace; one that was lifted is none.
type spareFact struct {
	position events.Position
	from, to events.Date // to "": until further notice
	purposes []string    // none: all
	ground   string
}

// servingFact is which partners serve the municipality that the employer lies in, by
// the description at that position.
type servingFact struct {
	position events.Position
	partners []string
}

// ruling is what the rules say of a matter.
type ruling struct {
	outcome events.Outcome
	reasons []string
	rests   []events.Position // first those that decided, then what else was looked at, the agreement last
	clashes []hold            // what is in the way, first in the stream first
}

// judge is the rules: a pure function of the matter and the evidence, used for
// verdicts, for questions, to explain a verdict and to try another agreement.
//
// Of a plan or move each finding is a warning or a refusal, as the agreement says; a
// plan of another that is in the way makes it taken. A visit took place: it is warned
// about and never refused. What the employer asked for is never taken or refused. A
// purpose that disturbs nothing is in nobody's way: only the employer's rest and the caps
// bear on it.
func judge(m *matter, e *evidence) ruling {
	r := ruling{outcome: events.Free, rests: make([]events.Position, 0, 12)}
	act := &e.terms.Actions
	find := func(reason, action string, warned events.Outcome, at ...events.Position) {
		switch {
		case action == events.ActNothing:
			return
		case action == events.ActRefuse && !m.atRequest && m.kind != visited:
			warned = events.Refused
		case m.atRequest || m.kind == visited:
			warned = events.Attention
		}
		if severity(warned) > severity(r.outcome) {
			r.outcome = warned
		}
		r.reasons = append(r.reasons, reason)
		for _, p := range at {
			if p != 0 && !slices.Contains(r.rests, p) {
				r.rests = append(r.rests, p)
			}
		}
	}

	unconfirmed := false
	if len(e.holds) > 0 {
		near := m.near(e)
		for i := range e.holds {
			if c := &e.holds[i]; near.meets(c) {
				r.clashes = append(r.clashes, *c)
				unconfirmed = unconfirmed || slices.Contains(m.with, c.partner)
			}
		}
	}
	if len(r.clashes) > 0 {
		at := make([]events.Position, len(r.clashes))
		for i := range r.clashes {
			at[i] = r.clashes[i].position
		}
		find(reasonOtherPlan, act.OtherPlan, events.Taken, at...)
		if unconfirmed && act.OtherPlan != events.ActNothing {
			r.reasons = append(r.reasons, reasonUnconfirmed)
		}
	}
	if v := m.tooSoonAfter(e); v != nil {
		reason := reasonOtherVisit
		if slices.Contains(m.own, v.partner) {
			reason = reasonOwnVisit
		}
		find(reason, act.Quiet, events.Attention, v.position)
	}
	disturbing := disturbs(&e.terms, m.place.purpose)
	if n := e.terms.ContactsPerYear; n > 0 && len(e.yearly) >= n && !m.atRequest && disturbing {
		find(reasonYearly, act.Yearly, events.Attention, e.yearly...)
	}
	if s := e.spared; s != nil && s.covers(m) {
		reason := reasonSparedWish
		if s.ground == "regio" {
			reason = reasonSparedRegion
		}
		find(reason, act.Spared, events.Attention, s.position)
	}
	if f := e.fixed; f != nil && disturbing && !slices.Contains(m.own, f.partner) && !slices.Contains(m.with, f.partner) {
		find(reasonFixed, act.FixedContact, events.Attention, f.position)
	}
	if disturbing {
		r.byLevel(m, e, find)
	}
	if m.kind != visited && !e.holding { // what holds takes no more than it had
		if n := e.terms.PlansPerPartner; n > 0 && e.partnerPlans >= n {
			find(reasonPartnerPlans, act.PartnerPlans, events.Attention)
		}
		if n := e.terms.PlansPerManager; n > 0 && e.managerPlans >= n {
			find(reasonManagerPlans, act.ManagerPlans, events.Attention)
		}
	}
	if m.kind != visited && e.terms.HoldsUntil(m.first, m.today, m.from, m.to) < m.from {
		find(reasonTooLong, act.TooLong, events.Attention)
	}
	if m.kind != visited && m.to < m.today {
		find(reasonPast, events.ActWarn, events.Attention)
	}
	switch {
	case len(r.reasons) == 0:
	case m.atRequest:
		r.reasons = append(r.reasons, reasonAtRequest)
	case m.despite && r.outcome != events.Refused:
		r.reasons = append(r.reasons, reasonDespite)
	}
	for _, p := range e.positions() {
		if p != 0 && !slices.Contains(r.rests, p) {
			r.rests = append(r.rests, p)
		}
	}
	return r
}

// positions are where the evidence stands in the stream, the agreement last. The
// contacts of the year are not among them: of those only a verdict that needs them
// keeps the positions.
func (e *evidence) positions() []events.Position {
	list := make([]events.Position, 0, 8)
	for i := range e.holds {
		list = append(append(list, e.holds[i].position), e.holds[i].confirmations...)
	}
	for _, j := range e.joined {
		list = append(list, j.position)
	}
	for i := range e.visits {
		list = append(append(list, e.visits[i].position), e.visits[i].confirmations...)
	}
	if e.fixed != nil {
		list = append(list, e.fixed.position)
	}
	if e.level != nil {
		list = append(list, e.level.position)
	}
	if e.serving != nil {
		list = append(list, e.serving.position)
	}
	if e.spared != nil {
		list = append(list, e.spared.position)
	}
	return append(list, e.agreement.Position)
}

// disturbs reports whether a purpose disturbs any; one that is not known does what any does.
func disturbs(t *events.Terms, purpose string) bool {
	return slices.ContainsFunc(t.Disturbs, func(d events.Disturbance) bool {
		return (purpose == "" || d.Purpose == purpose) && len(d.Disturbs) > 0
	})
}

// severity orders the outcomes.
func severity(o events.Outcome) int {
	return slices.Index([]events.Outcome{events.Free, events.Attention, events.Taken, events.Refused}, o)
}

// nearby is a matter with the quiet days around its own.
type nearby struct {
	m        *matter
	e        *evidence
	from, to events.Date
}

func (m *matter) near(e *evidence) *nearby {
	return &nearby{m, e, m.from.AddDays(-e.terms.QuietDays), m.to.AddDays(e.terms.QuietDays)}
}

// meets reports whether a hold is in the way: its days and the matter's, with the
// quiet days around them, meet, and the matter's purpose disturbs the hold's. Who goes
// together and both say so is not in each other's way, nor is what the employer asked for.
// Who came first and holds does not lose that by moving after another went through.
func (n *nearby) meets(c *hold) bool {
	m, e := n.m, n.e
	switch {
	case n.from > c.to || c.from > n.to:
		return false
	case c.atRequest || slices.Contains(m.own, c.partner) || !e.terms.Disturb(m.place.purpose, c.purpose):
		return false
	case c.overrides && e.holding && m.root < c.root:
		return false
	}
	return !m.together(c.partner, c.with, c.confirmed, e)
}

// together reports whether the matter's partner and another go together and both say
// so: each names the other, or one does and the other confirmed that.
func (m *matter) together(partner string, with, confirmed []string, e *evidence) bool {
	isMine := func(p string) bool { return slices.Contains(m.own, p) }
	byMe, byThem := slices.Contains(m.with, partner), slices.ContainsFunc(with, isMine)
	joined := slices.ContainsFunc(e.joined, func(j joinFact) bool { return j.partner == partner })
	return byMe && (byThem || joined) || byThem && slices.ContainsFunc(confirmed, isMine)
}

// wentAlong reports whether a visit on the matter's own days is the same contact.
func (m *matter) wentAlong(v *visitFact, e *evidence) bool {
	return v.date >= m.from && v.date <= m.to && !slices.Contains(m.own, v.partner) && m.together(v.partner, v.with, v.confirmed, e)
}

// tooSoonAfter is the visit of which the quiet days are not over on the matter's first
// day: another partner's before one's own, for a warning is about the others.
func (m *matter) tooSoonAfter(e *evidence) (found *visitFact) {
	if len(e.visits) == 0 {
		return nil
	}
	quiet := m.from.AddDays(-e.terms.QuietDays) // a visit before it is long enough ago
	for i := range e.visits {
		v := &e.visits[i]
		if v.date > m.to || v.date < quiet || !e.terms.Disturb(m.place.purpose, v.purpose) || m.wentAlong(v, e) {
			continue
		}
		if !slices.Contains(m.own, v.partner) {
			return v
		}
		if found == nil {
			found = v
		}
	}
	return found
}

// covers reports whether an employer is to be left in peace on any of the days, for
// the purpose.
func (s *spareFact) covers(m *matter) bool {
	return m.to >= s.from && (s.to == "" || m.from <= s.to) &&
		(len(s.purposes) == 0 || m.place.purpose == "" || slices.Contains(s.purposes, m.place.purpose))
}

// byLevel: a local employer is its municipality's; a regional or national one is
// approached together ("lokaal wat kan, regionaal wat moet"). The fixed contact is
// whom the partners agreed on, so it may always go.
func (r *ruling) byLevel(m *matter, e *evidence, find func(reason, action string, warned events.Outcome, at ...events.Position)) {
	if e.level == nil || e.fixed != nil && slices.Contains(m.own, e.fixed.partner) {
		return
	}
	act := &e.terms.Actions
	switch e.level.level {
	case "lokaal":
		if s := e.serving; s != nil && !slices.ContainsFunc(s.partners, func(p string) bool { return slices.Contains(m.own, p) }) {
			find(reasonTerritory, act.Territory, events.Attention, e.level.position, s.position)
		}
	default:
		if len(m.with) == 0 {
			find(reasonAlone, act.Alone, events.Attention, e.level.position)
		}
	}
}
