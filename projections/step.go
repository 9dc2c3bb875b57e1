package projections

import "huisboek/events"

// step is the transaction in which one record is folded into all views. It remembers
// what several of them ask for while they do: the approach and the interest that
// [Employers] wrote, and what Agreements, Members and links say, which no later view changes. It is made for
// each record, so what it remembers is what the rows say.
type step struct {
	Tx
	wrote    wrote
	interest interestIn
	agreed   agreed
	linked   linkedEver
	going    []going
}

// wrote is the approach that was written last; root 0: none was.
type wrote struct {
	root     events.Position
	approach *approach // nil: it is gone
	contact  *Contact
}

// interestIn is who has an interest in an employer, as it was read or written last.
type interestIn struct {
	employer string
	interest interest
}

// agreed is what was agreed for a partner on a day.
type agreed struct {
	partner   string
	day       events.Date
	agreement *events.RecordedAgreement
	terms     events.Terms
}

// linkedEver is whether an employer was linked at some time.
type linkedEver struct {
	employer string
	ever     bool
}

// going is who goes on with a partner's work on a day.
type going struct {
	partner, end string
	day          events.Date
	left         bool
}

// maxGoing is how many partners are remembered: more are asked for by few records, one
// after another.
const maxGoing = 16

// remember keeps an approach as it was written; nil when it is gone.
func remember(tx Tx, root events.Position, a *approach, c *Contact) {
	if s, ok := tx.(*step); ok {
		s.wrote = wrote{root, a, c}
	}
}

// approachAt is an approach and its place on the timeline, nil when its plan was
// retracted. Neither is to be changed.
func approachAt(tx Tx, root events.Position) (*approach, *Contact, error) {
	if s, ok := tx.(*step); ok && root != 0 && s.wrote.root == root {
		return s.wrote.approach, s.wrote.contact, nil
	}
	a, err := readApproach(tx, root)
	if a == nil || err != nil {
		return nil, nil, err
	}
	c, err := contactIn(tx, a.key(root), a.Employer)
	if c == nil && err == nil {
		err = ErrRow
	}
	return a, c, err
}

// termsFor is the agreement in force on a day, and its terms for a partner of the
// subregion that it was of then. What they point to is not to be changed.
func termsFor(tx Tx, partner string, day events.Date) (*events.RecordedAgreement, events.Terms, error) {
	s, ok := tx.(*step)
	if ok && s.agreed.agreement != nil && s.agreed.partner == partner && s.agreed.day == day {
		return s.agreed.agreement, s.agreed.terms, nil
	}
	a, terms, err := readTerms(tx, partner, day)
	if ok && err == nil {
		s.agreed = agreed{partner, day, a, terms}
	}
	return a, terms, err
}

// wasLinked reports whether an employer was linked at some time: most never are, and of
// those it is known without a scan.
func wasLinked(tx Tx, employer string) bool {
	s, ok := tx.(*step)
	if ok && s.linked.employer == employer {
		return s.linked.ever
	}
	ever := tx.Get(employerPrefix(rowLinked, employer)) != nil
	if ok {
		s.linked = linkedEver{employer, ever}
	}
	return ever
}

// goesOn is who goes on with a partner's work on a day, and whether that one has
// left.
func goesOn(tx Tx, partner string, day events.Date) (end string, left bool, err error) {
	s, ok := tx.(*step)
	if !ok {
		return readGoesOn(tx, partner, day)
	}
	for i := range s.going {
		if g := &s.going[i]; g.partner == partner && g.day == day {
			return g.end, g.left, nil
		}
	}
	if end, left, err = readGoesOn(s.Tx, partner, day); err == nil && len(s.going) < maxGoing {
		s.going = append(s.going, going{partner, end, day, left})
	}
	return end, left, err
}
