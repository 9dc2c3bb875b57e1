package ledger

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// story is what a verdict was about and what it rests on, read back from the stored
// positions.
type story struct {
	matter   matter
	evidence evidence
	who      sealedPerson
	despite  *events.Despite
	stored   *events.Verdict
	decided  map[events.Position]bool
	yearly   bool // the contacts of the year were kept
}

// maxVersions is how many corrections of one visit are followed.
const maxVersions = 100

// planOf is the plan in an event; nil when it is none.
func planOf(r *events.Record) *events.VisitPlanned {
	switch d := r.Event.Data.(type) {
	case *events.VisitPlanned:
		return d
	case *events.PlanRefused:
		return &d.VisitPlanned
	}
	return nil
}

// points is how many of the positions of a verdict only say what the event points to.
func points(r *events.Record) (n int) {
	if d, ok := r.Event.Data.(*events.PlanRefused); ok { // it points to what it would have corrected
		if d.Replaces != nil {
			n = 2
		}
		return min(n, len(r.Verdict.RestsOn))
	}
	if r.Target() != 0 {
		n++
	}
	if r.Root() != 0 {
		n++
	}
	return n
}

// rootAt is the first plan of the approach that an event is part of, 0 when it
// begins one.
func rootAt(r *events.Record) events.Position {
	if _, ok := r.Event.Data.(*events.PlanRefused); ok && points(r) == 2 {
		return r.Verdict.RestsOn[1]
	}
	return r.Root()
}

// readCase reads the matter and the evidence of the verdict.
func (x *explainer) readCase() (*story, error) {
	c := &story{stored: &x.r.Verdict, decided: map[events.Position]bool{}}
	var roots []events.Position
	for i, p := range x.r.Verdict.RestsOn {
		r, err := x.record(p)
		if err != nil {
			return nil, err
		}
		switch r.Event.Data.(type) {
		case *events.VisitPlanned, *events.VisitMoved:
			if root := cmp.Or(rootAt(r), p); i >= points(x.r) && !slices.Contains(roots, root) {
				roots = append(roots, root)
			}
		}
	}
	if root := rootAt(x.r); root != 0 && !slices.Contains(roots, root) {
		r, err := x.record(root)
		if err != nil {
			return nil, err
		}
		if r.Event.Type == events.TypeVisitPlanned {
			roots = append(roots, root)
		}
	}
	var err error
	if x.approaches, err = x.past(roots); err != nil {
		return nil, err
	}
	if err := x.readMatter(c); err != nil {
		return nil, err
	}
	if err := x.readEvidence(c); err != nil {
		return nil, err
	}
	x.infer(c)
	c.findDecided(x.shown(c.stored.Reasons))
	return c, nil
}

func (x *explainer) readMatter(c *story) error {
	r, m := x.r, &c.matter
	m.today, m.own, m.first = r.Verdict.Today, x.own, r.Verdict.Today
	root := rootAt(r)
	switch d := r.Event.Data.(type) {
	case *events.VisitMoved:
		m.kind, c.despite = moved, d.Despite
	case *events.VisitMade:
		m.kind, c.who, m.from, m.to = visited, sealed(r, d.AccountManager), d.Date, d.Date
		m.place, m.atRequest = where{d.Employer.Key(), d.Establishment, d.Purpose}, d.AtRequest
		m.with = x.heirs.families(x.partners(d.With))
		if _, plan := x.approaches[root]; plan {
			m.root = root
		}
	default:
		p := planOf(r)
		m.kind, c.despite, c.who = planned, p.Despite, sealed(r, p.AccountManager)
		m.place, m.atRequest = where{p.Employer.Key(), p.Establishment, p.Purpose}, p.AtRequest
		m.with = x.heirs.families(x.partners(p.With))
		m.from, m.to = span(p.Date, p.Period)
	}
	m.despite = c.despite != nil
	a := x.approaches[root]
	if m.kind == visited || a == nil {
		return nil
	}
	// The days that the approach then has: a move stands when its plan is corrected, and a
	// correction of a move may have a later one behind it.
	said := entry{Order: r.Position, Kind: entryPlan, From: m.from, To: m.to}
	if d, ok := r.Event.Data.(*events.VisitMoved); ok {
		said.Kind = entryMove
		said.From, said.To = span(d.Date, d.Period)
		m.place, m.atRequest, m.with = where{a.Employer, a.Establishment, a.Purpose}, a.AtRequest, x.heirs.families(a.With)
		c.who = a.Who
	}
	if points(r) == 2 { // it corrects
		for _, e := range a.Entries {
			if e.Position == r.Verdict.RestsOn[0] {
				said.Order = e.Order
			}
		}
	}
	now := approach{Entries: put(slices.Clone(a.Entries), said)}
	m.from, m.to = now.dates()
	m.root, m.first = root, a.First
	c.evidence.holding = a.stands(m.today)
	return nil
}

// partners are those of identities; an identity only ever belongs to one.
func (x *explainer) partners(identities []string) (ids []string) {
	for _, identity := range identities {
		for id, p := range x.rows {
			if slices.Contains(p.Identities, identity) {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// servedThen is what a partner served on an event's day, by what was said before it.
func servedThen(tx Tx, partner string, r *events.Record) (then served, err error) {
	var all []served
	_, err = getRow(tx, keyOf(rowServed, uuidBytes(partner)), &all)
	for _, s := range all {
		if s.Position < r.Position && s.From <= r.Verdict.Today {
			then = s
		}
	}
	return then, err
}

// termsOf are the terms of an agreement for who made the event.
func (x *explainer) termsOf(a *events.RecordedAgreement) (events.Terms, error) {
	return x.termsThen(a, x.r)
}

// termsThen are those for who made some event, on its day.
func (x *explainer) termsThen(a *events.RecordedAgreement, r *events.Record) (t events.Terms, err error) {
	err = x.l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		s, err := servedThen(tx, r.Partner, r)
		t = a.For(s.Subregion)
		return err
	})
	return t, err
}

// agreementOf is the agreement that a verdict names, or the default one of its rules.
func (x *explainer) agreementOf(r *events.Record) (*events.RecordedAgreement, error) {
	if rests := r.Verdict.RestsOn; len(rests) > points(r) {
		last, err := x.record(rests[len(rests)-1])
		if err != nil {
			return nil, err
		}
		if d, ok := last.Event.Data.(*events.AgreementSet); ok {
			return &events.RecordedAgreement{Position: last.Position, AgreementSet: *d}, nil
		}
	}
	return &events.RecordedAgreement{AgreementSet: events.DefaultAgreement()}, nil
}

func (x *explainer) readEvidence(c *story) error {
	e, m := &c.evidence, &c.matter
	var err error
	if e.agreement, err = x.agreementOf(x.r); err != nil {
		return err
	}
	if e.terms, err = x.termsOf(e.agreement); err != nil {
		return err
	}
	var contacts []visitFact // of the year
	for _, p := range x.r.Verdict.RestsOn[points(x.r):] {
		r, err := x.record(p)
		if err != nil {
			return err
		}
		switch d := r.Event.Data.(type) {
		case *events.VisitPlanned, *events.VisitMoved:
			e.holds = append(e.holds, x.holdAt(r))
		case *events.VisitMade:
			v := visitFact{position: p, partner: r.Partner, purpose: d.Purpose, date: d.Date}
			if d.Date >= m.from {
				v.with = x.heirs.families(x.partners(d.With))
			}
			e.visits = append(e.visits, v)
			if calendarYear(d.Date) == calendarYear(m.from) {
				contacts = append(contacts, v)
			}
		case *events.ContactAppointed:
			e.fixed = &fixedFact{p, r.Partner}
		case *events.LevelSet:
			e.level = &levelFact{p, d.Level}
		case *events.EmployerSpared:
			e.spared = &spareFact{p, d.From, d.To, d.Purposes, d.Ground}
		case *events.EmployerDescribed:
			e.serving = &servingFact{p, nil}
			if e.serving.partners, err = x.servingThen(d.Gemeente); err != nil {
				return err
			}
		case *events.JointVisitConfirmed:
			if err := x.readConfirmed(c, r); err != nil {
				return err
			}
		}
	}
	slices.SortStableFunc(e.holds, func(a, b hold) int { return cmp.Compare(a.position, b.position) })
	// Of the contacts of a year the first are kept: what is later was looked at for itself.
	slices.SortStableFunc(contacts, func(a, b visitFact) int {
		return cmp.Or(cmp.Compare(a.date, b.date), cmp.Compare(a.position, b.position))
	})
	for _, v := range contacts[:min(len(contacts), e.terms.ContactsPerYear)] {
		e.yearly = append(e.yearly, v.position)
	}
	return nil
}

func calendarYear(d events.Date) string {
	if len(d) < 4 {
		return ""
	}
	return string(d[:4])
}

// servingThen are the partners that served a municipality, by what was said before the
// event and by those that went on with their work.
func (x *explainer) servingThen(gemeente string) (partners []string, err error) {
	err = x.l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		for id := range x.rows {
			s, err := servedThen(tx, id, x.r)
			if err != nil {
				return err
			}
			now := x.heirs.of(id)
			if p := x.rows[now]; slices.Contains(s.Gemeenten, gemeente) && p != nil && p.Active(x.r.Verdict.Today) && !slices.Contains(partners, now) {
				partners = append(partners, now)
			}
		}
		return nil
	})
	slices.Sort(partners)
	return partners, err
}

// readConfirmed puts a confirmation with what it was about: the matter's own approach,
// or a plan or visit of another.
func (x *explainer) readConfirmed(c *story, r *events.Record) error {
	thing, err := x.thing(r.Confirms())
	if err != nil {
		return err
	}
	if thing == c.matter.root && thing != 0 {
		c.evidence.joined = append(c.evidence.joined, joinFact{r.Position, r.Partner})
		return nil
	}
	who := x.heirs.families([]string{r.Partner})
	for i := range c.evidence.holds {
		if h := &c.evidence.holds[i]; h.root == thing {
			h.confirmed, h.confirmations = append(h.confirmed, who...), append(h.confirmations, r.Position)
		}
	}
	for i := range c.evidence.visits {
		v := &c.evidence.visits[i]
		of, err := x.thing(v.position)
		if err != nil {
			return err
		}
		root, err := x.record(v.position)
		if err != nil {
			return err
		}
		if v.with != nil && (of == thing || rootAt(root) == thing) {
			v.confirmed, v.confirmations = append(v.confirmed, who...), append(v.confirmations, r.Position)
		}
	}
	return nil
}

// thing is under what confirmations of an event stand: the first plan of an approach, or
// the first of the corrections of a visit.
func (x *explainer) thing(at events.Position) (events.Position, error) {
	for range maxVersions {
		r, err := x.record(at)
		if err != nil {
			return 0, err
		}
		if _, ok := r.Event.Data.(*events.VisitMade); !ok {
			return cmp.Or(rootAt(r), at), nil
		}
		if r.Target() == 0 {
			break
		}
		at = r.Target()
	}
	return at, nil
}

// holdAt is the hold that a plan or a move made.
func (x *explainer) holdAt(r *events.Record) hold {
	root := cmp.Or(rootAt(r), r.Position)
	a := x.approaches[root]
	h := hold{
		position: r.Position, partner: a.Partner, purpose: a.Purpose, atRequest: a.AtRequest, root: root,
		with: x.heirs.families(a.With),
	}
	h.from, h.to = a.dates()
	h.overrides = a.overrides()
	return h
}
