package projections

import (
	"fmt"

	"huisboek/events"
)

// The rules by which two things clash.
const (
	RulePlans = "twee-plannen"        // a plan while another partner held the employer
	RuleVisit = "bezoek-tijdens-plan" // a visit while another partner held the employer
	RuleQuiet = "binnen-rustdagen"    // two visits with too few days between them
)

// How a clash ended.
const (
	EndOpen      = "open"          // it did not
	EndTogether  = "samen"         // the two say that they go together
	EndMoved     = "verzet"        // one was moved out of the way
	EndCalledOff = "afgezegd"      // one was called off
	EndExpired   = "verlopen"      // one expired
	EndBoth      = "beide-gegaan"  // both went
	EndWithdrawn = StatusWithdrawn // one was retracted or corrected: it never was
)

// Clash is two things of two partners at one employer that the agreement in force
// when it was found does not want together: two plans, a plan and a visit, or two
// visits. It stays in the register; how it ended follows from what became of the two.
type Clash struct {
	First, Later Party // by what disturbs what: the later disturbed the first
	Rule         string
	End          string          // as of the day that was asked for
	Found        events.Position // of the record that brought it to light
	FoundOn      events.Date     // its day
	Agreement    events.Position // that was in force then; 0: the default one

	subregion string // of the partner whose terms it was found by
	// As they were when it was found, of the first and the later.
	partners, employers [2]string
}

// Party is one of the two in a clash: a plan, or a visit, as it stands.
type Party struct {
	ID            events.Position // of the first plan of the approach, or of the visit as it was first told
	Position      events.Position // of the last word on its days
	Partner       string          // internal UUID
	Visit         bool
	Employer      string // key
	Establishment string
	From, To      events.Date
	Purpose       string
	Announced     bool // a visit: of an approach that was planned before the visit's day
	Despite       bool // a plan: its maker went through a warning
	// Why its maker went through, sealed for the event with that source and id, or absent.
	Reason        events.Personal[string]
	Source, Event string
}

// ID names a clash for ever: what was there first, and what came to it.
func (c *Clash) ID() string { return fmt.Sprintf("%d-%d", c.First.ID, c.Later.ID) }

// Clashes is the register of what turned out to clash, and the figures that follow
// from it. A clash is found when a plan or a visit is recorded, moved, corrected or
// given back by a retraction, whichever of the two took place first:
//
//   - a plan whose days, with the quiet days around them, meet those of a plan of
//     another partner that holds the employer then;
//   - a visit on a day on which another partner's plan held the employer;
//   - a visit within the quiet days before or after a visit of another partner.
//
// In each the purpose of what comes later disturbs that of the other, by the agreement
// in force on the day of the record, which does not leave it alone ("niets"). Nothing
// clashes with old history (achteraf), with what the employer asked for, or with what
// both partners say they do together. The employer is everything that was linked as
// the same when the record came: links that come or go later change no clash.
//
// A plan or a visit is held against the nearest [maxLook] on either side in time, and
// clashes with at most [maxFound] of them, so that the length of an employer's history
// costs nothing.
type Clashes struct{}

const (
	maxLook  = 200
	maxFound = 20
)

// NewClashes is the register.
func NewClashes() Clashes { return Clashes{} }

// Name implements Fold.
func (Clashes) Name() string { return "botsingen" }

// Shape implements Fold.
func (Clashes) Shape() int { return 3 }

// Apply implements Fold. It reads the rows of Agreements, Members and Employers as r
// left them, so it comes after.
func (Clashes) Apply(tx Tx, r *events.Record) error {
	changed, err := changedBy(tx, r)
	if err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	if _, ok := r.Event.Data.(*events.JointVisitConfirmed); ok {
		return nil // it can only take clashes away
	}
	var found []*Clash
	for _, t := range changed {
		if found, err = find(tx, r, t, found); err != nil {
			return fmt.Errorf("position %d: %w", r.Position, err)
		}
	}
	writeFound(tx, r.Position, found)
	return nil
}

// changedBy brings the things up to date that a record is about, and gives them.
func changedBy(tx Tx, r *events.Record) (changed []*thing, err error) {
	undone, err := undoneBy(tx, r)
	if err != nil {
		return nil, err
	}
	was := undone.thing()
	var old, now *thing
	if was != 0 {
		tx.Delete(clashPrefix(clashReason, r.Target()))
		if old, err = readThing(tx, was); err != nil {
			return nil, err
		}
	}
	id := was
	switch d := r.Event.Data.(type) {
	case *events.EventRetracted:
		if old == nil {
			return nil, nil
		}
		if undone.Type == events.TypeVisitMade {
			old.write(tx, nil)
			return renewPlan(tx, nil, r, old.root)
		}
		return renewThing(tx, r, old)
	case *events.VisitPlanned:
		if id == 0 {
			id = r.Position
		}
		if d.Despite != nil {
			keepReason(tx, r, d.Despite.Reason.Seal)
		}
	case *events.VisitMoved:
		id = r.Root()
		if d.Despite != nil {
			keepReason(tx, r, d.Despite.Reason.Seal)
		}
	case *events.VisitCalledOff, *events.ApproachExtended:
		id = r.Root()
	case *events.VisitMade:
		if id == 0 {
			id = r.Position
		}
		if now, err = visited(tx, r, d, id); err != nil {
			return nil, err
		}
		if old != nil {
			now.confirmed = old.confirmed
		}
		old.write(tx, now)
		if old != nil && old.root != now.root {
			if changed, err = renewPlan(tx, nil, r, old.root); err != nil {
				return nil, err
			}
		}
		if changed, err = renewPlan(tx, changed, r, now.root); err != nil {
			return nil, err
		}
		return append(changed, now), nil
	case *events.JointVisitConfirmed:
		of, ok, err := readDone(tx, r.Confirms())
		if err != nil || !ok || of.thing() == 0 {
			return nil, err
		}
		if old, err = readThing(tx, of.thing()); old == nil || err != nil {
			return nil, err
		}
		return renewThing(tx, r, old)
	default:
		return nil, nil
	}
	if was != 0 && was != id { // the correction names another approach
		if changed, err = renewPlan(tx, nil, r, was); err != nil {
			return nil, err
		}
	}
	return renewPlan(tx, changed, r, id)
}
