package projections

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// clashes tells both parties of what a visit turned out to clash with. Of a plan that
// is taken its maker has the verdict, and who holds the employer is told of the plan.
func (t *telling) clashes() error {
	if t.r.Event.Type != events.TypeVisitMade {
		return nil
	}
	id := t.r.Position
	if t.r.Target() != 0 { // a correction goes on with what it corrects
		is, err := doneAt(t.tx, id)
		if err != nil {
			return err
		}
		id = is.thing()
	}
	made, err := readThing(t.tx, id)
	if made == nil || !made.clashed || err != nil { // most: nothing is looked for
		return err
	}
	list, err := readFound(t.tx, t.r.Position)
	if err != nil {
		return err
	}
	// What else the record found is of an approach that the visit no longer belongs to.
	list = slices.DeleteFunc(list, func(c Clash) bool { return !c.has(id) })
	if len(list) == 0 {
		return nil
	}
	var others []string
	for i := range list {
		_, partner := list[i].beside(id)
		others = addNew(others, []string{partner})
	}
	told := make([]listener, len(others))
	for i, partner := range others {
		told[i] = listener{partner: partner, kind: MessageClash, own: true}
	}
	if err := t.add(told...); err != nil {
		return err
	}
	first, _ := list[0].beside(id)
	return t.clashed(first)
}

// beside is the other one of the two, and whose it was when the clash was found.
func (c *Clash) beside(id events.Position) (events.Position, string) {
	if c.First.ID == id {
		return c.Later.ID, c.partners[1]
	}
	return c.First.ID, c.partners[0]
}

// clashed tells the maker of a visit of what it clashed with, the first of it.
func (t *telling) clashed(with events.Position) error {
	maker, left, err := goesOn(t.tx, t.r.Partner, t.r.Verdict.Today)
	if left || err != nil {
		return err
	}
	other, err := readThing(t.tx, with)
	if other == nil || err != nil {
		return cmp.Or(err, ErrRow)
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
