package projections

import (
	"fmt"
	"slices"

	"huisboek/events"
)

// interest is who has an interest in an employer: the makers of open plans and
// the fixed contacts. It says in one row what the timeline and the appointments
// say in many, for [Messages] asks it at every plan and visit, and a scan each time
// would read the whole history of an employer.
type interest struct {
	plans    []openPlan
	fixed    []fixedPlace
	followed []follower // not in that row: see [followersOf]
}

// openPlan is an approach that was neither called off nor made.
type openPlan struct {
	root                             events.Position
	from, until                      events.Date
	partner, establishment, approach string
}

// fixedPlace is the fixed contact for one establishment and purpose.
type fixedPlace struct{ partner, establishment, purpose string }

// graceDays is how long a plan is kept here after its last day. Today is the
// ledger's clock, which can be put back.
const graceDays = 7

// readInterest is of one key of an employer; what it points to is not to be changed.
func readInterest(tx Tx, employer string) (in interest, err error) {
	s, ok := tx.(*step)
	if ok && s.interest.employer == employer {
		return s.interest.interest, nil
	}
	if in, err = decodeInterest(employer, tx.Get(employerPrefix(rowInterest, employer))); ok && err == nil {
		s.interest = interestIn{employer, in}
	}
	return in, err
}

func decodeInterest(employer string, row []byte) (in interest, err error) {
	if row == nil {
		return in, nil
	}
	d := decode(row)
	n := d.count()
	in.plans = make([]openPlan, n, n+1)
	for i := range in.plans {
		in.plans[i] = openPlan{d.position(), d.date(), d.date(), d.text(), d.text(), d.text()}
	}
	in.fixed = make([]fixedPlace, d.count())
	for i := range in.fixed {
		in.fixed[i] = fixedPlace{d.text(), d.text(), d.text()}
	}
	if err := d.err(); err != nil {
		return interest{}, fmt.Errorf("interest in %s: %w", employer, err)
	}
	return in, nil
}

func (in *interest) write(tx Tx, employer string) {
	if s, ok := tx.(*step); ok {
		s.interest = interestIn{employer, *in}
	}
	key := employerPrefix(rowInterest, employer)
	if len(in.plans)+len(in.fixed) == 0 {
		tx.Delete(key)
		return
	}
	e := make(encoder, 0, 16+128*(len(in.plans)+len(in.fixed)))
	e.uint(uint64(len(in.plans)))
	for _, p := range in.plans {
		e.position(p.root)
		e.date(p.from)
		e.date(p.until)
		e.text(p.partner)
		e.text(p.establishment)
		e.text(p.approach)
	}
	e.uint(uint64(len(in.fixed)))
	for _, f := range in.fixed {
		e.text(f.partner)
		e.text(f.establishment)
		e.text(f.purpose)
	}
	tx.Put(key, e)
}

// keepOpen keeps an approach among the open plans of an employer, or out of them.
// today, when given, lets go of those that are long over.
func keepOpen(tx Tx, employer string, root events.Position, c *Contact, today events.Date) error {
	in, err := readInterest(tx, employer)
	if err != nil {
		return err
	}
	before := len(in.plans)
	in.plans = slices.DeleteFunc(slices.Clone(in.plans), func(p openPlan) bool { return p.root == root })
	if !c.Open() {
		if len(in.plans) < before {
			in.write(tx, employer)
		}
		return nil
	}
	if today != "" {
		since := today.AddDays(-graceDays)
		in.plans = slices.DeleteFunc(in.plans, func(p openPlan) bool { return p.until < since })
	}
	in.plans = append(in.plans, openPlan{root, c.Date, c.Until, c.Partner, c.Establishment, c.Approach})
	in.write(tx, employer)
	return nil
}

// keepNoLonger takes an approach out of the open plans of an employer.
func keepNoLonger(tx Tx, employer string, root events.Position) error {
	return keepOpen(tx, employer, root, &Contact{}, "")
}

// keepFixed brings the fixed contacts of an employer up to its appointments.
func keepFixed(tx Tx, employer string) error {
	current, err := Employers{}.FixedContacts(tx, []string{employer})
	if err != nil {
		return err
	}
	in, err := readInterest(tx, employer)
	if err != nil {
		return err
	}
	in.fixed = nil
	for _, f := range current {
		in.fixed = append(in.fixed, fixedPlace{f.Partner, f.Establishment, f.Purpose})
	}
	in.write(tx, employer)
	return nil
}

// concerns: two different establishments do not disturb each other; the whole
// entity and each of its establishments do.
func concerns(establishment, other string) bool {
	return establishment == "" || other == "" || establishment == other
}
