package ledger

import (
	"fmt"
	"slices"

	"huisboek/events"
)

// decision is what the rules say of an event, given everything before it.
type decision struct {
	own     []string          // whose things are the caller's own today, itself first
	heirs   heirs             // of today
	matter  *matter           // what the rules are asked of, or only what is known; nil when it concerns no employer
	points  []events.Position // what it points to: first in the verdict's positions
	reasons []string          // of a link
	facts   *facts
	faults  events.Faults
}

// may checks who speaks: the role for the type, and the source as one of the
// speaker's own. It is asked before anything is sealed, and again at the tip.
func (l *Ledger) may(tx Tx, c Caller, e *events.Event, today events.Date) error {
	by := e.Type.Emitter()
	switch {
	case c.Role == RolePartner && (by == events.ByPartner || by == events.ByEither):
		return l.mayPartner(tx, c, e, today)
	case c.Role == RoleSteward && (by == events.BySteward || by == events.ByEither), c.Role == RoleBoard && by == events.ByBoard:
		// both speak for the region
		if identity, _ := events.IdentityOf(e.Source); identity != oinIdentity(l.oin) {
			return refuse("/source", "source-niet-van-u")
		}
		return nil
	case c.Door == DoorBook && by == events.ByLedger:
		return nil
	}
	return refuse("/type", "rol-mag-niet")
}

// mayPartner: a partner speaks under its own identities and under those of the
// partners whose work it goes on with.
func (l *Ledger) mayPartner(tx Tx, c Caller, e *events.Event, today events.Date) error {
	identity, _ := events.IdentityOf(e.Source)
	p, err := l.fold.called.named(tx, identity)
	if err != nil {
		return err
	}
	if p != nil && p.ID != c.Partner {
		h, err := heirsOn(tx, today)
		if err != nil {
			return err
		}
		if slices.Contains(h.own(c.Partner), p.ID) {
			if p, err = getPartner(tx, c.Partner); err != nil {
				return err
			}
		}
	}
	switch {
	case p == nil || p.ID != c.Partner:
		return refuse("/source", "source-niet-van-u")
	case !p.Active(today):
		return refuse("/source", "niet-actief")
	}
	return nil
}

func refuse(field, code string) error {
	return fmt.Errorf("%w: %w", ErrForbidden, events.Faults{fault(field, code)})
}

func oinIdentity(oin string) string { return "urn:nld:oin:" + oin }

// decide applies the rules. It reads and never writes.
func (l *Ledger) decide(tx Tx, c Caller, e *events.Event, today events.Date) (*decision, error) {
	d, err := l.examine(tx, c, e, today)
	if err != nil || len(d.faults) > 0 || d.matter == nil || l.unjudged.Load() {
		return d, err
	}
	d.facts, err = l.fold.advise(tx, d.matter, d.heirs)
	if err == nil && (d.matter.kind == other || e.Afterwards) {
		// Everybody gets something back, but only a plan, a move or a visit can be
		// too much, and old history clashes with nothing (docs/contract.md, "Shapes").
		d.facts.outcome, d.facts.reasons, d.facts.restsUpon = events.Free, d.reasons, nil
	}
	return d, err
}

// examine finds what is wrong with an event, what it points to, and what is to be
// judged of it.
func (l *Ledger) examine(tx Tx, c Caller, e *events.Event, today events.Date) (*decision, error) {
	h, err := heirsOn(tx, today)
	if err != nil {
		return nil, err
	}
	d := &decision{own: h.own(c.Partner), heirs: h, facts: &facts{outcome: events.Free, today: today}}
	target, was, err := d.target(tx, e)
	if err != nil {
		return nil, err
	}
	if len(d.faults) > 0 {
		return d, nil
	}
	m := &matter{kind: other, own: d.own, first: today, today: today, from: today, to: today}
	if was != nil {
		m.except = was.Order
	}
	var w where
	switch data := e.Data.(type) {
	case *events.VisitPlanned:
		w, err = d.planned(tx, m, data, was)
		m.keys = l.fold.managerKeys(tx, c.Partner, data.AccountManager)
	case *events.VisitMoved:
		w, err = d.moved(tx, m, e, data, was)
	case *events.VisitCalledOff:
		w, _, err = d.ofApproach(tx, e, data.Approach, was)
	case *events.VisitMade:
		w, err = d.made(tx, m, data, was, today)
	case *events.ApproachExtended:
		w, err = l.fold.extended(tx, d, m, e, data)
	case *events.JointVisitConfirmed:
		w, err = d.confirmed(tx, data, h)
	case *events.PlacementMade:
		w, err = d.placed(tx, data, was, l.region)
	case *events.PlacementEnded:
		w, err = d.ended(tx, e, data, was)
	case *events.VacancyReported:
		w = d.reported(tx, data, was)
	case *events.VacancyFilled:
		w, err = d.ofVacancy(tx, e, data.Vacancy, was)
	case *events.VacancyWithdrawn:
		w, err = d.ofVacancy(tx, e, data.Vacancy, was)
	case *events.EmployersLinked:
		w, err = d.linked(tx, c.Role == RoleSteward, data)
	case *events.EmployersUnlinked:
		w, err = d.unlinked(tx, c.Role == RoleSteward, l.book, data)
	case *events.PlacementsMatched:
		err = d.paired(tx, c.Role == RoleSteward, l.book, data.Placement, data.With, true)
	case *events.PlacementsDistinct:
		err = d.paired(tx, c.Role == RoleSteward, l.book, data.Placement, data.With, false)
	case *events.TargetSet:
		err = d.targetSet(tx, data)
	case *events.TargetDropped:
		err = d.targetDropped(tx, data)
	case *events.PartnerAdmitted:
		err = d.admitted(tx, data, l.oin)
	case *events.PartnerDeparted:
		err = d.departed(tx, data)
	case *events.PartnerSucceeded:
		err = d.succeeded(tx, data)
	case *events.EventRetracted:
		if w, _, err = whereDone(tx, target); err == nil && w.employer != "" {
			d.subject(e, numberOf(w.employer))
		}
	default:
		if em, ok := events.EmployerOf(data); ok {
			w = where{em.Key(), em.Establishment, purposeOf(data)}
		}
	}
	if err != nil {
		return nil, err
	}
	if err := d.named(tx, e); err != nil || len(d.faults) > 0 || w.employer == "" {
		return d, err
	}
	m.place, d.matter = w, m
	return d, nil
}

func purposeOf(d events.Data) string {
	switch d := d.(type) {
	case *events.VisitPlanned:
		return d.Purpose
	case *events.VisitMade:
		return d.Purpose
	case *events.ContactAppointed:
		return d.Purpose
	case *events.ContactReleased:
		return d.Purpose
	}
	return ""
}

func (d *decision) fail(field, code string) { d.faults = append(d.faults, fault(field, code)) }

// named checks samenMet: a claim names partners of this book, never oneself.
func (d *decision) named(tx Tx, e *events.Event) error {
	var with []string
	switch data := e.Data.(type) {
	case *events.VisitPlanned:
		with = data.With
	case *events.VisitMade:
		with = data.With
	case *events.PlacementMade:
		with = data.With
	}
	for i, identity := range with {
		p, err := partnerOfIdentity(tx, identity)
		if err != nil {
			return err
		}
		switch {
		case p == nil:
			d.fail(fmt.Sprintf("/data/samenMet/%d", i), "onbekende-partner")
		case slices.Contains(d.own, p.ID):
			d.fail(fmt.Sprintf("/data/samenMet/%d", i), "eigen-partner")
		}
	}
	return nil
}

func (d *decision) admitted(tx Tx, p *events.PartnerAdmitted, stewardOIN string) error {
	for i, identity := range p.Identities {
		other, err := partnerOfIdentity(tx, identity)
		if err != nil {
			return err
		}
		if other != nil && other.ID != p.Partner || identity == oinIdentity(stewardOIN) {
			d.fail(fmt.Sprintf("/data/identiteiten/%d", i), "identiteit-bezet")
		}
	}
	return nil
}

func (d *decision) departed(tx Tx, p *events.PartnerDeparted) error {
	known, err := getPartner(tx, p.Partner)
	if known == nil && err == nil {
		d.fail("/data/partner", "onbekende-partner")
	}
	return err
}

// verdict is the decision as it is stored.
func (d *decision) verdict() events.Verdict {
	v := events.Verdict{
		Outcome: d.facts.outcome, Reasons: d.facts.reasons, Rules: RulesVersion, Today: d.facts.today,
		RestsOn: slices.Clone(d.points),
	}
	for _, p := range d.facts.restsUpon {
		if !slices.Contains(v.RestsOn, p) {
			v.RestsOn = append(v.RestsOn, p)
		}
	}
	return v
}
