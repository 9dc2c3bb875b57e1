package ledger

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"huisboek/events"
)

// WhatIf asks what an agreement would have changed in the days from From up to and
// including To.
type WhatIf struct {
	Agreement events.AgreementSet
	From, To  events.Date
	Most      int // changes that are listed at most
}

// WhatIfAnswer is what it would have changed: every plan, move and visit of those
// days decided again, with what the agreement would have let stand.
type WhatIfAnswer struct {
	Agreement  string          `json:"afspraken"` // its name
	From       events.Date     `json:"van"`
	To         events.Date     `json:"tot"`
	Position   events.Position `json:"positie"` // the last one that was read
	Judged     int             `json:"beoordeeld"`
	Changed    int             `json:"anders"`       // another outcome
	Impossible int             `json:"vervallen"`    // could not have been said: what it goes on from is not there
	OldRules   int             `json:"andereRegels"` // fell by an earlier version of the rules: a difference may be theirs
	Outcomes   []OutcomeChange `json:"oordelen"`
	Reasons    []ReasonChange  `json:"redenen"`
	Partners   []PartnerChange `json:"partners"`
	Changes    []Change        `json:"wijzigingen"` // the first of those with another outcome or other reasons
	More       int             `json:"meer"`        // that are not listed
}

// OutcomeChange is how many verdicts went from one outcome to another.
type OutcomeChange struct {
	Before events.Outcome `json:"was"`
	After  events.Outcome `json:"wordt"`
	Count  int            `json:"aantal"`
}

// ReasonChange is how many verdicts have a reason.
type ReasonChange struct {
	Code   string `json:"code"`
	Before int    `json:"was"`
	After  int    `json:"wordt"`
}

// PartnerChange is what becomes of one partner's plans, moves and visits.
type PartnerChange struct {
	Partner PartnerName `json:"partner"`
	Judged  int         `json:"beoordeeld"`
	Changed int         `json:"anders"`
	Before  Tally       `json:"was"`
	After   Tally       `json:"wordt"`
}

// Tally counts verdicts that are not free.
type Tally struct {
	Warned  int `json:"letOp"`
	Taken   int `json:"bezet"`
	Refused int `json:"geweigerd"`
}

func (t *Tally) add(o events.Outcome) {
	switch o {
	case events.Attention:
		t.Warned++
	case events.Taken:
		t.Taken++
	case events.Refused:
		t.Refused++
	}
}

// Change is one verdict that would have been another.
type Change struct {
	Position      events.Position `json:"positie"`
	Kind          string          `json:"soort"` // the short name of its type
	Employer      string          `json:"werkgever"`
	Partner       PartnerName     `json:"partner"`
	Before        events.Outcome  `json:"was"`
	After         events.Outcome  `json:"wordt"`
	ReasonsBefore []string        `json:"redenenWas"`
	ReasonsAfter  []string        `json:"redenenWordt"`
}

const (
	whatIfBatch = 500 // records that are folded on one state of the file
	// whatIfAgreement is where the agreement stands in the tried world: no book comes that far.
	whatIfAgreement events.Position = 1 << 52
)

var errWindowOver = errors.New("the days are over")

// WhatIf tells the past again under another agreement, in rows of its own: the book
// as it was recorded until the days begin, and then what it would have been. A plan
// that is refused there holds nothing; one that was refused in truth and is free there
// holds. It reads the stream only and asks nothing of who records. Whatever people
// would have done otherwise, it does not know.
func (l *Ledger) WhatIf(ctx context.Context, q WhatIf, store Store, progress func(done, total uint64)) (*WhatIfAnswer, error) {
	if q.To < q.From {
		return nil, fmt.Errorf("the days end (%s) before they begin (%s)", q.To, q.From)
	}
	w := newTrial(l, q, store)
	total := uint64(l.Position())
	var waiting []*events.Record
	flush := func() error {
		err := w.fold(waiting)
		if len(waiting) > 0 {
			progress(uint64(waiting[len(waiting)-1].Position), total)
		}
		waiting = waiting[:0]
		return err
	}
	err := l.cfg.Stream.Read(ctx, 1, func(p events.Position, data []byte) error {
		r, err := events.DecodeRecord(data)
		switch {
		case err != nil:
			return fmt.Errorf("%w: position %d: %w", ErrDamaged, p, err)
		case r.Verdict.Today > q.To:
			return errWindowOver
		}
		if waiting = append(waiting, r); len(waiting) < whatIfBatch {
			return ctx.Err()
		}
		return cmp.Or(flush(), ctx.Err())
	})
	if err != nil && !errors.Is(err, errWindowOver) {
		return nil, err
	}
	if err := flush(); err != nil {
		return nil, err
	}
	progress(total, total)
	return w.answer()
}

// trial is a world in which an agreement is tried.
type trial struct {
	q       WhatIf
	world   *Ledger // decides, and never records
	rows    *overlay
	day     events.Date // for which the agreement was put in force
	out     *WhatIfAnswer
	became  map[[2]events.Outcome]int
	reasons map[string]*ReasonChange
	by      map[string]*PartnerChange
}

func newTrial(l *Ledger, q WhatIf, store Store) *trial {
	keys := newKeyring(noKeys{}, l.keys.subject)
	return &trial{
		q: q, rows: &overlay{store: store},
		world:  &Ledger{book: l.book, region: l.region, oin: l.oin, log: l.log, now: l.now, keys: keys, fold: &Book{keys: keys}},
		out:    &WhatIfAnswer{Agreement: q.Agreement.Name, From: q.From, To: q.To, Changes: []Change{}},
		became: map[[2]events.Outcome]int{}, reasons: map[string]*ReasonChange{}, by: map[string]*PartnerChange{},
	}
}

// noKeys opens nothing: what is tried needs nobody's name.
type noKeys struct{}

func (noKeys) Append(context.Context, [][KeySize]byte) (events.KeyID, error) { return 0, ErrFull }
func (noKeys) Get(context.Context, events.KeyID) ([KeySize]byte, error) {
	return [KeySize]byte{}, ErrErased
}
func (noKeys) Read(context.Context, []events.KeyID, func(events.KeyID, [KeySize]byte) error) error {
	return nil
}
func (noKeys) Erase(context.Context, []events.KeyID) error { return nil }
func (noKeys) Last(context.Context) (events.KeyID, error)  { return 0, nil }

// apply folds a record. An account manager is told apart by the key of its seal alone,
// which is enough to count its plans.
func (w *trial) apply(tx Tx, r *events.Record) error {
	keys := w.world.keys
	for _, m := range r.Event.PersonalMembers() {
		if m.Kind == events.PersonMember && m.Seal != nil {
			keys.names[m.Seal.Key] = keys.subjectID(m.Kind, r.Partner, fmt.Sprint(m.Seal.Key))
		}
	}
	err := w.world.fold.Apply(tx, r)
	clear(keys.names)
	return err
}

// fold folds records on one state of the file, and lets the file follow when much is
// in memory.
func (w *trial) fold(records []*events.Record) error {
	if len(records) == 0 {
		return nil
	}
	top, err := w.rows.try(func(tx Tx, _ events.Checkpoint) error {
		for _, r := range records {
			if err := w.one(tx, r); err != nil {
				return fmt.Errorf("position %d: %w", r.Position, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	last := records[len(records)-1]
	w.rows.keep(top, last.Checkpoint())
	w.out.Position = last.Position
	if w.rows.pending() < flushBacklog {
		return nil
	}
	return w.rows.flush()
}

// one folds a record as this world has it.
func (w *trial) one(tx Tx, r *events.Record) error {
	today := r.Verdict.Today
	if today < w.q.From {
		return w.apply(tx, r)
	}
	if _, ok := r.Event.Data.(*events.AgreementSet); ok {
		return nil // the one that is tried holds
	}
	if err := w.enforce(tx, r); err != nil {
		return err
	}
	if !hasVerdict(r.Event.Type) || r.Event.Afterwards {
		return w.apply(tx, r)
	}
	as, d, err := w.again(tx, r)
	if err != nil {
		return err
	}
	if d == nil {
		w.out.Impossible++
		return nil
	}
	as.Verdict = d.verdict()
	if err := w.count(tx, r, as, d); err != nil {
		return err
	}
	if as.Verdict.Outcome != events.Refused {
		return w.apply(tx, as)
	}
	plan, ok := as.Event.Data.(*events.VisitPlanned)
	if !ok {
		return nil // a move that is refused is not recorded
	}
	as.Event.Type, as.Event.Data = events.TypePlanRefused, &events.PlanRefused{VisitPlanned: *plan}
	return w.apply(tx, as)
}

// enforce puts the agreement in force on a record's day. It does so for each day anew:
// then no agreement that was recorded for a later day comes in its place.
func (w *trial) enforce(tx Tx, r *events.Record) error {
	if r.Verdict.Today == w.day {
		return nil
	}
	w.day = r.Verdict.Today
	a := w.q.Agreement
	a.From = w.day
	e := events.Event{ID: "wat-als", Source: oinIdentity(w.world.oin) + ":systeem:wat-als", Type: a.Type(), Data: &a}
	return w.world.fold.Apply(tx, &events.Record{
		Version: r.Version, Book: r.Book, Position: whatIfAgreement, At: r.At, Partner: r.Book, Door: DoorBook,
		Verdict: events.Verdict{Outcome: events.Free, Rules: RulesVersion, Today: w.day}, Event: e,
	})
}

// again decides on a plan, move or visit once more. Where this world does not have
// what it goes on from, a visit was made all the same and a correction is a plan of
// its own; nil is for what could not have been said.
func (w *trial) again(tx Tx, r *events.Record) (*events.Record, *decision, error) {
	as := *r
	switch data := r.Event.Data.(type) {
	case *events.PlanRefused:
		plan := data.VisitPlanned
		as.Event.Type, as.Event.Data = events.TypeVisitPlanned, &plan
	}
	c := Caller{Role: RolePartner, Partner: r.Partner, Credential: r.Credential, Door: r.Door}
	d, err := w.world.decide(tx, c, &as.Event, r.Verdict.Today)
	if err != nil || len(d.faults) == 0 {
		return &as, d, err
	}
	switch data := as.Event.Data.(type) {
	case *events.VisitPlanned:
		alone := *data
		alone.Replaces = nil
		as.Event.Data = &alone
	case *events.VisitMade:
		alone := *data
		alone.Replaces, alone.Approach = nil, ""
		as.Event.Data = &alone
	default:
		return nil, nil, nil
	}
	d, err = w.world.decide(tx, c, &as.Event, r.Verdict.Today)
	if err != nil || len(d.faults) > 0 {
		return nil, nil, err
	}
	return &as, d, nil
}

// count holds a verdict of this world against the one that was recorded.
func (w *trial) count(tx Tx, r, as *events.Record, d *decision) error {
	was, is := &r.Verdict, &as.Verdict
	w.out.Judged++
	if was.Rules != RulesVersion {
		w.out.OldRules++
	}
	w.became[[2]events.Outcome{was.Outcome, is.Outcome}]++
	tally := func(codes []string, add func(*ReasonChange)) {
		for _, code := range codes {
			if w.reasons[code] == nil {
				w.reasons[code] = &ReasonChange{Code: code}
			}
			add(w.reasons[code])
		}
	}
	tally(was.Reasons, func(c *ReasonChange) { c.Before++ })
	tally(is.Reasons, func(c *ReasonChange) { c.After++ })
	p := w.by[r.Partner]
	if p == nil {
		p = &PartnerChange{Partner: PartnerName{ID: r.Partner}}
		w.by[r.Partner] = p
	}
	p.Judged++
	p.Before.add(was.Outcome)
	p.After.add(is.Outcome)
	if was.Outcome != is.Outcome {
		w.out.Changed++
		p.Changed++
	} else if slices.Equal(was.Reasons, is.Reasons) {
		return nil
	}
	if len(w.out.Changes) >= w.q.Most {
		w.out.More++
		return nil
	}
	w.out.Changes = append(w.out.Changes, Change{
		Position: r.Position, Kind: r.Event.Type.Name(), Employer: w.employerOf(tx, as, d), Partner: PartnerName{ID: r.Partner},
		Before: was.Outcome, After: is.Outcome,
		ReasonsBefore: append([]string{}, was.Reasons...), ReasonsAfter: append([]string{}, is.Reasons...),
	})
	return nil
}

// employerOf is where it was: what the event says, or the approach that it moves.
func (w *trial) employerOf(tx Tx, r *events.Record, d *decision) string {
	if e, ok := events.EmployerOf(r.Event.Data); ok {
		return e.Key()
	}
	for _, p := range d.points {
		var a approach
		if ok, err := getRow(tx, positionKey(rowApproach, p), &a); ok && err == nil {
			return a.Employer
		}
	}
	return ""
}

// answer puts the counts in order, with the names of this world.
func (w *trial) answer() (*WhatIfAnswer, error) {
	out := w.out
	order := []events.Outcome{events.Free, events.Attention, events.Taken, events.Refused}
	out.Outcomes = []OutcomeChange{}
	for _, before := range order {
		for _, after := range order {
			if n := w.became[[2]events.Outcome{before, after}]; n > 0 {
				out.Outcomes = append(out.Outcomes, OutcomeChange{before, after, n})
			}
		}
	}
	out.Reasons = []ReasonChange{}
	for _, code := range slices.Sorted(maps.Keys(w.reasons)) {
		out.Reasons = append(out.Reasons, *w.reasons[code])
	}
	out.Partners = []PartnerChange{}
	err := w.rows.view(func(tx Tx, _ events.Checkpoint) error {
		name := func(p *PartnerName) error {
			known, err := getPartner(tx, p.ID)
			if known != nil {
				*p = known.name()
			}
			return err
		}
		for _, p := range w.by {
			if err := name(&p.Partner); err != nil {
				return err
			}
			out.Partners = append(out.Partners, *p)
		}
		for i := range out.Changes {
			if err := name(&out.Changes[i].Partner); err != nil {
				return err
			}
		}
		return nil
	})
	slices.SortFunc(out.Partners, func(a, b PartnerChange) int {
		return cmp.Or(cmp.Compare(a.Partner.Name, b.Partner.Name), cmp.Compare(a.Partner.ID, b.Partner.ID))
	})
	return out, err
}
