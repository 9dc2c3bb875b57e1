package ledger

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// The reason codes of a link, of which the outcome is always free: what folds the
// stream reads from them whether it holds, and decides nothing itself.
const (
	ReasonLinkHolds = "koppeling-geldt" // from now on
	ReasonLinkWaits = "koppeling-wacht" // until another partner or the steward says the same
)

// Why somebody is the one to call, best first.
const (
	callFixed   = "vaste-contactpersoon"
	callPlan    = "ander-plan"
	callServing = "bedient-gemeente"
	callVisit   = "recent-bezoek"
)

const (
	plansShown = 20 // open plans of others in one answer
	callsShown = 5  // whom to call, and whom next
	mostAsked  = 500
)

// advise decides on everything in the book: the one place where verdicts, and
// whom to call first, come from. It looks at everything that is the same employer.
// The plans of who asks do not count as another's, nor those of the partners whose
// work it goes on with.
func (b *Book) advise(tx Tx, m *matter, h heirs) (*facts, error) {
	f := &facts{outcome: events.Free, matter: m, today: m.today, heirs: h, hasSubject: true}
	m.look(tx)
	var err error
	if f.evidence, err = b.gather(tx, m, h); err != nil {
		return nil, err
	}
	if err := f.findFixed(tx, m.place); err != nil {
		return nil, err
	}
	if f.fixed != nil {
		f.evidence.fixed = &fixedFact{f.fixed.Position, f.fixed.Partner}
	}
	if err := f.findPlans(tx, m.place); err != nil {
		return nil, err
	}
	if err := f.findLastVisit(tx); err != nil {
		return nil, err
	}
	f.ruling = judge(m, f.evidence)
	if err := f.findHolders(tx); err != nil {
		return nil, err
	}
	f.evidence.lanes, m.outlines = nil, nil // they are rows, and end with the transaction
	f.outcome, f.reasons, f.restsUpon = f.ruling.outcome, f.ruling.reasons, f.ruling.rests
	return f, f.findNames(tx, &b.called)
}

// matter is what a question asks about: a plan as it would be.
func (q *Question) matter(h heirs, today events.Date) *matter {
	m := &matter{
		kind: asked, place: where{q.Employer.Key(), q.Employer.Establishment, q.Purpose},
		from: cmp.Or(q.Date, today), own: h.own(q.Partner), first: today, today: today,
	}
	m.to = max(cmp.Or(q.To, m.from), m.from)
	return m
}

// Advise answers a question asked before an approach: what a plan would get, what is
// known of this employer, and whom to call first. The answer is true for the position
// given. ErrForbidden: the partner that asks does not take part today.
func (l *Ledger) Advise(ctx context.Context, q Question) (Advice, events.Position, error) {
	all, at, err := l.AdviseAll(ctx, q, []events.Employer{q.Employer})
	if err != nil {
		return Advice{}, 0, err
	}
	return all[0], at, nil
}

// ErrTooMany: more employers than one question may name.
var ErrTooMany = errors.New("too many employers in one question")

// AdviseAll asks the same of several employers, at most 500, at one and the same
// position. The employer of the question itself does not count.
func (l *Ledger) AdviseAll(ctx context.Context, q Question, employers []events.Employer) ([]Advice, events.Position, error) {
	if len(employers) > mostAsked {
		return nil, 0, ErrTooMany
	}
	found := make([]*facts, len(employers))
	var at events.Position
	err := l.rows.view(func(tx Tx, tip events.Checkpoint) (err error) {
		at = tip.Position
		today, err := l.dayOf(tx)
		if err != nil {
			return err
		}
		if err := mayAsk(tx, q.Partner, today); err != nil {
			return err
		}
		h, err := heirsOn(tx, today)
		if err != nil {
			return err
		}
		for i, e := range employers {
			q.Employer = e
			if found[i], err = l.fold.advise(tx, q.matter(h, today), h); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	out := make([]Advice, len(employers))
	for i, f := range found {
		if out[i], err = l.advice(ctx, f, f.outcome, f.reasons); err != nil {
			return nil, 0, err
		}
	}
	return out, at, nil
}

// mayAsk: names and phones are for who takes part, not for who did or will.
func mayAsk(tx Tx, partner string, today events.Date) error {
	if partner == "" { // the steward
		return nil
	}
	p, err := getPartner(tx, partner)
	if err != nil {
		return err
	}
	if p == nil || !p.Active(today) {
		return ErrForbidden
	}
	return nil
}

// advice turns facts into words: people are unsealed now, not when the verdict
// fell, so that an erasure reaches every later answer.
func (l *Ledger) advice(ctx context.Context, f *facts, outcome events.Outcome, reasons []string) (Advice, error) {
	a := Advice{Outcome: outcome, Reasons: []Reason{}, CallNext: []Call{}, OtherPlans: []Plan{}}
	for _, code := range reasons {
		a.Reasons = append(a.Reasons, Reason{code, f.sentence(code)})
	}
	if !f.hasSubject {
		return a, nil
	}
	for _, p := range f.plans {
		who, err := l.person(ctx, p.Who)
		if err != nil {
			return a, err
		}
		a.OtherPlans = append(a.OtherPlans, Plan{
			Position: p.position, Approach: p.id, From: p.from, To: p.to, Partner: f.nameOf(p.by), AccountManager: who,
			Purpose: p.purpose, Outcome: p.outcome, HoldsUntil: p.until,
		})
	}
	if v := f.last; v != nil {
		who, err := l.person(ctx, v.Who)
		if err != nil {
			return a, err
		}
		a.LastVisit = &Visit{v.Position, v.Date, f.nameOf(v.Partner), who, v.Purpose, v.Form}
	}
	return a, l.calls(ctx, f, &a)
}

// person unseals an account manager; nil when there is none or it was erased.
func (l *Ledger) person(ctx context.Context, w sealedPerson) (*Person, error) {
	if w.Seal == nil {
		return nil, nil
	}
	at := sealedAt{w.Source, w.ID, *w.Seal}
	if p := l.keys.known(at); p != nil {
		return p, nil
	}
	plain, err := l.keys.unseal(ctx, l.book, w.Source, w.ID, "/accountmanager", *w.Seal)
	switch {
	case isErasedErr(err):
		return nil, nil
	case errors.Is(err, ErrDamaged):
		// The event in hand may be recorded already: it gets its receipt, without
		// the name, and nothing more is recorded.
		l.Halt(err)
		return nil, nil
	case err != nil:
		return nil, err
	}
	var am events.AccountManager
	if err := json.Unmarshal(plain, &am); err != nil {
		return nil, err
	}
	p := &Person{am.Name, am.Phone}
	l.keys.know(at, p)
	return p, nil
}

// Unseal gives back a personal member of a recorded event as canonical JSON, or
// ErrErased when its key was destroyed.
func (l *Ledger) Unseal(ctx context.Context, source, id, path string, s events.Seal) ([]byte, error) {
	return l.keys.unseal(ctx, l.book, source, id, path, s)
}

// keysOf lists a subject's keys, oldest first.
func keysOf(tx Tx, s subjectID) []events.KeyID {
	var ids []events.KeyID
	tx.Scan(keyOf(rowSubject, s[:]), func(k, _ []byte) bool {
		ids = append(ids, events.KeyID(binary.BigEndian.Uint64(k[1+subjectSize:])))
		return true
	})
	return ids
}

func isErasedErr(err error) bool { return errors.Is(err, ErrErased) }
