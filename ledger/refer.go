package ledger

import (
	"math"
	"slices"

	"huisboek/events"
)

// target finds the event that is retracted or corrected: one's own, of a kind
// that can be, and not gone already.
func (d *decision) target(tx Tx, e *events.Event) (events.Position, *done, error) {
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
	was, ok, err := doneAt(tx, at)
	switch {
	case err != nil:
		return 0, nil, err
	case ok && !slices.Contains(d.own, was.Partner): // first: what another's event is, is not told
		d.fail(field, "niet-van-u")
	case !ok || was.Type == events.TypeEventRetracted || was.Type == events.TypePlanRefused || isLink(was.Type) || isPairing(was.Type):
		d.fail(field, "niet-intrekbaar")
	case was.Void:
		d.fail(field, "al-ingetrokken")
	case !isRetraction && was.Type != e.Type:
		d.fail(field, "ander-type")
	}
	d.points = append(d.points, at)
	return at, &was, nil
}

// root is what an id of one's own names: an id belongs to its partner, and to
// whoever goes on with that partner's work. 0 when it names nothing.
func (d *decision) root(tx Tx, kind byte, id string) events.Position {
	for _, partner := range d.own {
		if at := positionAt(tx, uuidKey(kind, partner, id)); at != 0 {
			return at
		}
	}
	return 0
}

// planned: a benadering is new, or the one of the plan that is corrected. What is judged
// of a correction are the days that the approach then has: a move may stand.
func (d *decision) planned(tx Tx, m *matter, p *events.VisitPlanned, was *done) (where, error) {
	w := where{p.Employer.Key(), p.Establishment, p.Purpose}
	m.kind, m.atRequest, m.despite = planned, p.AtRequest, p.Despite != nil
	m.with = d.heirs.families(partnersOf(tx, p.With))
	m.from, m.to = span(p.Date, p.Period)
	root := d.root(tx, rowApproachID, p.Approach)
	switch {
	case was != nil && root != was.Root:
		d.fail("/data/benadering", "andere-benadering")
	case was != nil:
		d.points = append(d.points, root)
		a := new(approach)
		if _, err := getRow(tx, positionKey(rowApproach, root), a); err != nil {
			return w, err
		}
		a.Entries = put(a.Entries, entry{Order: was.Order, Kind: entryPlan, From: m.from, To: m.to})
		m.from, m.to = a.dates()
		m.root, m.first = root, a.First
	case root != 0:
		d.fail("/data/benadering", "benadering-bestaat")
	}
	return w, nil
}

// moved: other days for an open approach.
func (d *decision) moved(tx Tx, m *matter, e *events.Event, v *events.VisitMoved, was *done) (where, error) {
	w, a, err := d.ofApproach(tx, e, v.Approach, was)
	if a == nil || err != nil {
		return w, err
	}
	m.kind, m.despite = moved, v.Despite != nil
	order := events.Position(math.MaxUint64) // a new one comes last
	if was != nil {
		order = was.Order
	}
	from, to := span(v.Date, v.Period)
	a.Entries = put(a.Entries, entry{Order: order, Kind: entryMove, From: from, To: to})
	m.from, m.to = a.dates()
	m.of(a, d.heirs)
	return w, nil
}

// of takes from an approach what a matter about it has in common with its plan.
func (m *matter) of(a *approach, h heirs) {
	m.root, m.first, m.atRequest, m.with = a.Root, a.First, a.AtRequest, h.families(a.With)
}

// approach finds the approach that an id names, with the event that is being
// corrected taken out of it, and checks that it can still be moved or ended.
func (d *decision) approach(tx Tx, id string, was *done) (*approach, error) {
	root := d.root(tx, rowApproachID, id)
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
func (d *decision) ofApproach(tx Tx, e *events.Event, id string, was *done) (where, *approach, error) {
	a, err := d.approach(tx, id, was)
	if a == nil || err != nil {
		return where{}, nil, err
	}
	if was != nil && was.Root != a.Root {
		d.fail("/data/benadering", "andere-benadering")
	}
	d.subject(e, a.Number)
	return where{a.Employer, a.Establishment, a.Purpose}, a, nil
}

func (d *decision) made(tx Tx, m *matter, v *events.VisitMade, was *done, today events.Date) (where, error) {
	w := where{v.Employer.Key(), v.Establishment, v.Purpose}
	if v.Date > today {
		d.fail("/data/datum", "datum-in-toekomst")
	}
	m.kind, m.atRequest, m.from, m.to = visited, v.AtRequest, v.Date, v.Date
	m.with = d.heirs.families(partnersOf(tx, v.With))
	if v.Approach == "" {
		return w, nil
	}
	if d.root(tx, rowApproachID, v.Approach) == 0 {
		// It took place, although its plan was refused.
		if refused := d.root(tx, rowRefused, v.Approach); refused != 0 {
			d.points = append(d.points, refused)
			return w, nil
		}
	}
	a, err := d.approach(tx, v.Approach, was)
	if a == nil || err != nil {
		return w, err
	}
	m.root = a.Root
	if a.Employer == w.employer {
		return w, nil
	}
	// Planned under one key of an employer and visited under another: a
	// provisional one that has got its number since.
	if !slices.Contains(sameEmployers(tx, w.employer), a.Employer) {
		d.fail("/data/benadering", "andere-werkgever")
	}
	return w, nil
}

// placed: a placement belongs to one region's book, so that totals of several
// regions can be added up.
func (d *decision) placed(tx Tx, p *events.PlacementMade, was *done, region string) (where, error) {
	if p.Region != region {
		d.fail("/data/arbeidsmarktregio", "andere-regio")
	}
	root := d.root(tx, rowPlacementID, p.Placement)
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

func (d *decision) ended(tx Tx, e *events.Event, p *events.PlacementEnded, was *done) (where, error) {
	root := d.root(tx, rowPlacementID, p.Placement)
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

// whereDone is where the event at a position was, with what it did: for an event
// of an approach, placement or vacancy the place that this has now, which a
// correction may have changed since.
func whereDone(tx Tx, at events.Position) (w where, was done, err error) {
	if was, _, err = doneAt(tx, at); err != nil {
		return w, was, err
	}
	w.employer = was.Employer
	switch was.Type {
	case events.TypeVisitMoved, events.TypeVisitCalledOff, events.TypeApproachExtended:
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
	case events.TypeVacancyFilled, events.TypeVacancyWithdrawn:
		var v vacancy
		ok, err := getRow(tx, positionKey(rowVacancy, was.Root), &v)
		if ok && err == nil {
			w.employer = v.Employer
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
