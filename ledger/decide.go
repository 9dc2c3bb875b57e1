package ledger

import (
	"fmt"
	"slices"

	"huisboek/events"
)

// decision is what the rules say of an event, given everything before it.
type decision struct {
	points []events.Position // what it points to: first in the verdict's positions
	facts  *facts
	faults events.Faults
}

// may checks who speaks: the role for the type, and the source as one of the
// speaker's own. It is asked before anything is sealed, and again at the tip.
func (l *Ledger) may(tx Tx, c Caller, e *events.Event, today events.Date) error {
	refuse := func(field, code string) error {
		return fmt.Errorf("%w: %w", ErrForbidden, events.Faults{fault(field, code)})
	}
	identity, _ := events.IdentityOf(e.Source)
	switch e.Type.Emitter() {
	case events.ByPartner:
		if c.Role != RolePartner {
			return refuse("/type", "rol-mag-niet")
		}
		p, err := partnerOfIdentity(tx, identity)
		if err != nil {
			return err
		}
		if p == nil || p.ID != c.Partner {
			return refuse("/source", "source-niet-van-u")
		}
		if !p.Active(today) {
			return refuse("/source", "niet-actief")
		}
	case events.BySteward:
		if c.Role != RoleSteward {
			return refuse("/type", "rol-mag-niet")
		}
		if identity != oinIdentity(l.oin) {
			return refuse("/source", "source-niet-van-u")
		}
	default:
		if c.Door != DoorBook {
			return refuse("/type", "rol-mag-niet")
		}
	}
	return nil
}

func oinIdentity(oin string) string { return "urn:nld:oin:" + oin }

// decide applies the rules. It reads and never writes.
func (l *Ledger) decide(tx Tx, c Caller, e *events.Event, today events.Date) (*decision, error) {
	d := &decision{facts: &facts{outcome: events.Free, today: today}}
	target, was, err := d.target(tx, c, e)
	if err != nil {
		return nil, err
	}
	if len(d.faults) > 0 {
		return d, nil
	}
	var w where
	switch data := e.Data.(type) {
	case *events.VisitPlanned:
		w = d.planned(tx, c, data, was)
	case *events.VisitMoved:
		w, err = d.ofApproach(tx, c, e, data.Approach, was)
	case *events.VisitCalledOff:
		w, err = d.ofApproach(tx, c, e, data.Approach, was)
	case *events.VisitMade:
		w, err = d.made(tx, c, data, was, today)
	case *events.PlacementMade:
		w, err = d.placed(tx, c, data, was, l.region)
	case *events.PlacementEnded:
		w, err = d.ended(tx, c, e, data, was)
	case *events.PartnerAdmitted:
		err = d.admitted(tx, data, l.oin)
	case *events.PartnerDeparted:
		err = d.departed(tx, data)
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
	if err := d.together(tx, c, e); err != nil || len(d.faults) > 0 || w.employer == "" {
		return d, err
	}
	var corrected events.Position
	if was != nil {
		corrected = was.Order
	}
	d.facts, err = advise(tx, w, c.Partner, today, corrected)
	if err == nil && (!judged(e.Type) || e.Afterwards) {
		// Everybody gets something back, but only a plan, a move or a visit can be
		// too much, and old history clashes with nothing (contract.md, "Shapes").
		d.facts.outcome, d.facts.reasons, d.facts.restsUpon = events.Free, nil, nil
	}
	return d, err
}

func judged(t events.Type) bool {
	return t == events.TypeVisitPlanned || t == events.TypeVisitMoved || t == events.TypeVisitMade
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

// target finds the event that is retracted or corrected: one's own, of a kind
// that can be, and not gone already.
func (d *decision) target(tx Tx, c Caller, e *events.Event) (events.Position, *done, error) {
	ref, field := events.ReplacesOf(e.Data), "/data/vervangt"
	retraction, isRetraction := e.Data.(*events.EventRetracted)
	if isRetraction {
		ref, field = &retraction.Event, "/data/melding"
	}
	if ref == nil {
		return 0, nil, nil
	}
	at := positionAt(tx, idKey(ref.Source, ref.ID))
	if at == 0 {
		d.fail(field, "onbekende-melding")
		return 0, nil, nil
	}
	was := new(done)
	ok, err := getRow(tx, positionKey(rowDone, at), was)
	switch {
	case err != nil:
		return 0, nil, err
	case ok && was.Partner != c.Partner: // first: what another's event is, is not told
		d.fail(field, "niet-van-u")
	case !ok || was.Type == events.TypeEventRetracted:
		d.fail(field, "niet-intrekbaar")
	case was.Void:
		d.fail(field, "al-ingetrokken")
	case !isRetraction && was.Type != e.Type:
		d.fail(field, "ander-type")
	}
	d.points = append(d.points, at)
	return at, was, nil
}

// planned: a benadering is new, or the one of the plan that is corrected.
func (d *decision) planned(tx Tx, c Caller, p *events.VisitPlanned, was *done) where {
	root := positionAt(tx, uuidKey(rowApproachID, c.Partner, p.Approach))
	switch {
	case was != nil && root != was.Root:
		d.fail("/data/benadering", "andere-benadering")
	case was != nil:
		d.points = append(d.points, root)
	case root != 0:
		d.fail("/data/benadering", "benadering-bestaat")
	}
	return where{p.Employer.Key(), p.Establishment, p.Purpose}
}

// approach finds the approach that an id names, with the event that is being
// corrected taken out of it, and checks that it can still be moved or ended.
func (d *decision) approach(tx Tx, c Caller, id string, was *done) (*approach, error) {
	root := positionAt(tx, uuidKey(rowApproachID, c.Partner, id))
	if root == 0 {
		d.fail("/data/benadering", "onbekende-benadering")
		return nil, nil
	}
	a := new(approach)
	if _, err := getRow(tx, positionKey(rowApproach, root), a); err != nil {
		return nil, err
	}
	if was != nil {
		a.Entries = take(a.Entries, was.Order)
	}
	if !a.open() {
		d.fail("/data/benadering", "benadering-gesloten")
	}
	d.points = append(d.points, root)
	return a, nil
}

// ofApproach: a move or a calling-off of an open approach. Its correction stays
// with that approach: in another it would count as older than that one's plan.
func (d *decision) ofApproach(tx Tx, c Caller, e *events.Event, id string, was *done) (where, error) {
	a, err := d.approach(tx, c, id, was)
	if a == nil || err != nil {
		return where{}, err
	}
	if was != nil && was.Root != a.Root {
		d.fail("/data/benadering", "andere-benadering")
	}
	d.subject(e, a.Number)
	return where{a.Employer, a.Establishment, a.Purpose}, nil
}

func (d *decision) made(tx Tx, c Caller, v *events.VisitMade, was *done, today events.Date) (where, error) {
	w := where{v.Employer.Key(), v.Establishment, v.Purpose}
	if v.Date > today {
		d.fail("/data/datum", "datum-in-toekomst")
	}
	if v.Approach == "" {
		return w, nil
	}
	a, err := d.approach(tx, c, v.Approach, was)
	if a == nil || err != nil {
		return w, err
	}
	if a.Employer != w.employer {
		d.fail("/data/benadering", "andere-werkgever")
	}
	return w, nil
}

// placed: a placement belongs to one region's book, so that totals of several
// regions can be added up.
func (d *decision) placed(tx Tx, c Caller, p *events.PlacementMade, was *done, region string) (where, error) {
	if p.Region != region {
		d.fail("/data/arbeidsmarktregio", "andere-regio")
	}
	root := positionAt(tx, uuidKey(rowPlacementID, c.Partner, p.Placement))
	w := where{p.Employer.Key(), p.Establishment, ""}
	switch {
	case was != nil && root != was.Root:
		d.fail("/data/plaatsing", "andere-plaatsing")
	case was != nil:
		d.points = append(d.points, root)
		var as placement
		if _, err := getRow(tx, positionKey(rowPlacement, root), &as); err != nil {
			return w, err
		}
		for _, end := range as.Ended {
			if end.From < p.Start {
				d.fail("/data/ingangsdatum", "einddatum-voor-begin")
			}
		}
	case root != 0:
		d.fail("/data/plaatsing", "plaatsing-bestaat")
	}
	return w, nil
}

func (d *decision) ended(tx Tx, c Caller, e *events.Event, p *events.PlacementEnded, was *done) (where, error) {
	root := positionAt(tx, uuidKey(rowPlacementID, c.Partner, p.Placement))
	if root == 0 {
		d.fail("/data/plaatsing", "onbekende-plaatsing")
		return where{}, nil
	}
	pl := new(placement)
	if _, err := getRow(tx, positionKey(rowPlacement, root), pl); err != nil {
		return where{}, err
	}
	if was != nil {
		pl.Ended = take(pl.Ended, was.Order)
	}
	if len(pl.Ended) > 0 {
		d.fail("/data/plaatsing", "plaatsing-beeindigd")
	}
	if p.End < pl.Start {
		d.fail("/data/einddatum", "einddatum-voor-begin")
	}
	d.points = append(d.points, root)
	d.subject(e, pl.Number)
	return where{employer: pl.Employer}, nil
}

func (d *decision) subject(e *events.Event, number string) {
	if e.Subject != "" && e.Subject != number {
		d.fail("/subject", "ander-onderwerp")
	}
}

// together checks samenMet: a claim names partners of this book, never oneself.
func (d *decision) together(tx Tx, c Caller, e *events.Event) error {
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
		case p.ID == c.Partner:
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

// whereDone is where the event at a position was, with what it did: for an event
// of an approach or a placement the place that this has now, which a correction
// may have changed since.
func whereDone(tx Tx, at events.Position) (w where, was done, err error) {
	if _, err := getRow(tx, positionKey(rowDone, at), &was); err != nil {
		return w, was, err
	}
	w.employer = was.Employer
	switch was.Type {
	case events.TypeVisitMoved, events.TypeVisitCalledOff:
		var a approach
		ok, err := getRow(tx, positionKey(rowApproach, was.Root), &a)
		if ok && err == nil {
			w = where{a.Employer, a.Establishment, a.Purpose}
		}
		return w, was, err
	case events.TypePlacementEnded:
		var p placement
		ok, err := getRow(tx, positionKey(rowPlacement, was.Root), &p)
		if ok && err == nil {
			w.employer = p.Employer
		}
		return w, was, err
	}
	return w, was, nil
}

// numberOf is the number that a subject states, out of an employer's key.
func numberOf(employer string) string {
	e, err := events.ParseEmployerKey(employer)
	if err != nil {
		return employer // a key of ours always parses
	}
	return e.Number()
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
