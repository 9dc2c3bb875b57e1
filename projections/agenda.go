package projections

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"time"

	"huisboek/events"
)

// Agenda is every partner's approaches by their last day, for calendars and lists. What was
// planned and came to nothing stays in it, as a calendar that has it must be told
// so: one that was retracted has the status [StatusWithdrawn].
//
// Its zero value is ready to use.
//
//	'P' root8                an approach
//	'P' partner day4 root8   by its last day: what lists ask of it
//	'G' position8            at what time of day the plan or move there is
type Agenda struct{}

const (
	rowPlanned = 'P'
	rowTime    = 'G'
)

// AgendaDays is how long a calendar keeps what is over and what does not go on.
const AgendaDays = 90

// Planned is an approach as a calendar shows it.
type Planned struct {
	Root          events.Position // of its first plan; for ever the same
	Position      events.Position // of that plan as it stands
	Partner       string          // internal UUID
	Source, ID    string          // of that plan: what its seal is bound to
	Employer      string          // key of the employer that it was told of
	Establishment string          // 12 digits; empty for the whole entity
	From, To      events.Date     // first and last day; equal for a single day
	Time          string          // "10:30", in Europe/Amsterdam; empty: not said, or it is for a period
	Duration      string          // "PT1H30M"; empty: not said
	Status        string          // of a [Contact], or StatusWithdrawn when its plan was retracted
	Purpose, Form string
	Approach      string      // UUID
	With          []string    // identities of partners: a claim
	AtRequest     bool        // the employer asked for it
	Until         events.Date // see Contact
	Holds         bool        // see Contact
	Sequence      int         // how often anything of it changed
	Changed       time.Time   // when that was last recorded

	// AccountManager is sealed, or absent.
	AccountManager events.Personal[events.AccountManager]
}

// Open reports whether it was not called off, retracted or made. Its days may be over.
func (p *Planned) Open() bool { return !p.Off() && p.Status != StatusMade }

// Off reports whether it does not go on.
func (p *Planned) Off() bool { return p.Status == StatusCalledOff || p.Status == StatusWithdrawn }

// Expired reports whether it is open on a day on which it holds no longer.
func (p *Planned) Expired(today events.Date) bool { return p.Open() && p.until() < today }

func (p *Planned) until() events.Date { return cmp.Or(p.Until, p.To) }

// Name implements Fold.
func (Agenda) Name() string { return "agenda" }

// Shape implements Fold.
func (Agenda) Shape() int { return 3 }

// Apply implements Fold. It reads the rows of Employers as r left them, so it comes after.
func (Agenda) Apply(tx Tx, r *events.Record) error {
	roots, err := approachesOf(tx, r)
	for _, root := range roots {
		if err == nil {
			err = renew(tx, r, root)
		}
	}
	if err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	return nil
}

// approachesOf is which approaches a record is about: two when a visit is corrected that
// ended another one. It remembers at what time of day the record says that it is.
func approachesOf(tx Tx, r *events.Record) (roots []events.Position, err error) {
	root := r.Root()
	switch d := r.Event.Data.(type) {
	case *events.VisitPlanned:
		if root == 0 {
			root = r.Position
		}
		keepTime(tx, r.Position, d.Time, d.Duration)
	case *events.VisitMoved:
		keepTime(tx, r.Position, d.Time, d.Duration)
	case *events.VisitCalledOff, *events.VisitMade, *events.ApproachExtended, *events.EventRetracted:
	default:
		return nil, nil
	}
	was, err := undoneBy(tx, r)
	if err != nil {
		return nil, err
	}
	for _, root := range []events.Position{was.approach(), root} {
		if root != 0 && (len(roots) == 0 || roots[0] != root) {
			roots = append(roots, root)
		}
	}
	return roots, nil
}

// renew writes an approach as the surviving events have it, and counts a change when
// that is not as it was.
func renew(tx Tx, r *events.Record, root events.Position) error {
	var was *Planned
	if root != r.Position { // where nothing stands yet
		var err error
		if was, err = plannedAt(tx, root); err != nil {
			return err
		}
	}
	now, err := plannedOf(tx, root)
	switch {
	case err != nil:
		return err
	case now == nil && was == nil:
		return nil
	case now == nil:
		gone := *was
		gone.Status = StatusWithdrawn
		now = &gone
	}
	now.Partner, now.Changed = r.Partner, r.At
	if was != nil {
		// The partner that planned it, whoever goes on with its work.
		now.Partner, now.Sequence, now.Changed = was.Partner, was.Sequence, was.Changed
		if bytes.Equal(now.encode(), was.encode()) {
			return nil
		}
		now.Sequence, now.Changed = was.Sequence+1, r.At
	}
	tx.Put(positionKey(rowPlanned, root), now.encode())
	if was != nil && was.To != now.To {
		tx.Delete(was.place())
	}
	tx.Put(now.place(), now.glance())
	return nil
}

// plannedOf is an approach as Employers has it; nil when its plan was retracted.
func plannedOf(tx Tx, root events.Position) (*Planned, error) {
	a, c, err := approachAt(tx, root)
	if a == nil || err != nil {
		return nil, err
	}
	p := &Planned{
		Root: root, Position: c.Position, Source: c.Source, ID: c.ID,
		Employer: a.Employer, Establishment: c.Establishment, From: c.Date, To: c.To, Status: c.Status,
		Purpose: c.Purpose, Form: c.Form, Approach: c.Approach, With: c.With, AtRequest: c.AtRequest,
		Until: c.Until, Holds: c.Holds, AccountManager: c.AccountManager,
	}
	if p.From != p.To {
		return p, nil
	}
	var last entry
	for _, e := range a.Entries {
		if (e.Kind == entryPlan || e.Kind == entryMove) && e.Order >= last.Order {
			last = e
		}
	}
	p.Time, p.Duration, err = timeAt(tx, last.Position)
	return p, err
}

// Planned is what a calendar of a partner has on a day, by its last day: what is to
// come, what ended at most [AgendaDays] before, and of what does not go on what
// changed at most as long ago.
func (Agenda) Planned(tx Tx, partner string, today events.Date) (list []Planned, err error) {
	since := today.AddDays(-AgendaDays)
	prefix := partnerPrefix(rowPlanned, partner)
	from := binary.BigEndian.AppendUint32(bytes.Clone(prefix), dayNumber(since))
	tx.ScanFrom(from, prefix, func(k, v []byte) bool {
		var g glance
		var p *Planned
		if g, err = readGlance(k, v); err == nil {
			p, err = plannedAt(tx, g.Root)
		}
		if p == nil || err != nil {
			err = cmp.Or(err, ErrRow)
			return false
		}
		if !p.Off() || !events.DateOf(p.Changed).Before(since) {
			list = append(list, *p)
		}
		return true
	})
	return list, err
}

// keepTime keeps at what time of day a plan or a move says that it is, if it does.
func keepTime(tx Tx, p events.Position, at, duration string) {
	if at == "" && duration == "" {
		return
	}
	e := make(encoder, 0, 32)
	e.text(at)
	e.text(duration)
	tx.Put(positionKey(rowTime, p), e)
}

func timeAt(tx Tx, p events.Position) (at, duration string, err error) {
	row := tx.Get(positionKey(rowTime, p))
	if row == nil {
		return "", "", nil
	}
	d := decode(row)
	at, duration = d.text(), d.text()
	return at, duration, d.err()
}

func (p *Planned) encode() []byte {
	e := make(encoder, 0, 256)
	e.position(p.Position)
	e.text(p.Partner)
	e.texts([]string{p.Source, p.ID, p.Employer, p.Establishment, p.Time, p.Duration, p.Status, p.Purpose, p.Form, p.Approach})
	e.texts(p.With)
	e.bool(p.AtRequest)
	e.date(p.From)
	e.date(p.To)
	e.date(p.Until)
	e.bool(p.Holds)
	e.seal(p.AccountManager.Seal)
	e.uint(uint64(p.Sequence))
	e.time(p.Changed)
	return e
}

// plannedAt is the approach with a first plan; nil when there never was one.
func plannedAt(tx Tx, root events.Position) (*Planned, error) {
	row := tx.Get(positionKey(rowPlanned, root))
	if row == nil {
		return nil, nil
	}
	p, err := decodePlanned(root, row)
	return &p, err
}

func decodePlanned(root events.Position, row []byte) (p Planned, err error) {
	d := decode(row)
	p.Root, p.Position, p.Partner = root, d.position(), d.text()
	if said := d.texts(); len(said) == 10 {
		p.Source, p.ID, p.Employer, p.Establishment = said[0], said[1], said[2], said[3]
		p.Time, p.Duration, p.Status, p.Purpose, p.Form, p.Approach = said[4], said[5], said[6], said[7], said[8], said[9]
	} else {
		d.fail()
	}
	p.With, p.AtRequest = d.texts(), d.bool()
	p.From, p.To, p.Until, p.Holds = d.date(), d.date(), d.date(), d.bool()
	p.AccountManager.Seal = d.seal()
	p.Sequence, p.Changed = int(d.uint()), d.time()
	if err := d.err(); err != nil {
		return p, fmt.Errorf("plan from position %d: %w", root, err)
	}
	return p, nil
}
