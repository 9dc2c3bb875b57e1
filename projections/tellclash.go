package projections

import "huisboek/events"

// clashes tells both parties of what a visit turned out to clash with. Of a plan that
// is taken its maker has the verdict, and who holds the employer is told of the plan.
func (t *telling) clashes() error {
	if t.r.Event.Type != events.TypeVisitMade {
		return nil
	}
	m, err := readMark(t.tx, t.r.Position)
	if m.id == 0 || err != nil {
		return err
	}
	made, err := readThing(t.tx, m.id)
	if made == nil || !made.clashed || err != nil { // most: nothing is looked for
		return err
	}
	list, err := Clashes{}.foundBy(t.tx, t.r.Position, t.r.Verdict.Today)
	if err != nil {
		return err
	}
	for _, c := range list {
		other := &c.First
		if other.ID == m.id {
			other = &c.Later
		}
		if err := t.add(listener{partner: other.Partner, kind: MessageClash, own: true}); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		return nil
	}
	return t.clashed(list[0], m.id)
}

// clashed tells the maker of a visit of what it clashed with, the first of them.
func (t *telling) clashed(c *Clash, visit events.Position) error {
	other := &c.First
	if other.ID == visit {
		other = &c.Later
	}
	maker, left, err := goesOn(t.tx, t.r.Partner, t.r.Verdict.Today)
	if left || err != nil {
		return err
	}
	about := &Message{
		At: t.r.At, Kind: MessageClash, Partner: other.Partner, Employer: other.Employer, Establishment: other.Establishment,
		Date: other.From, To: other.To, Purpose: other.Purpose, Source: t.r.Event.Source, ID: t.r.Event.ID,
	}
	who, err := contactOfApproach(t.tx, other.ID)
	if other.Visit {
		who, err = contactAt(t.tx, other.Position)
	}
	if err != nil {
		return err
	}
	if who != nil {
		about.Source, about.ID, about.AccountManager = who.Source, who.ID, who.AccountManager
	}
	t.beside = append(t.beside, about)
	t.told = append(t.told, listener{partner: maker, kind: MessageClash, beside: true, own: true})
	return nil
}
