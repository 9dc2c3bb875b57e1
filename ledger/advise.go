package ledger

import (
	"context"
	"encoding/binary"
	"errors"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// RulesVersion is the version of the rules below, stored with every verdict.
const RulesVersion = 2

// quietDays is how long after a visit others are asked to call first: our
// choice, a quarter; the region's own agreement replaces it when agreements come.
const quietDays = 90

// The reason codes of a verdict; stored for ever.
const (
	reasonOtherPlan  = "ander-plan"          // another partner has an open plan
	reasonOtherVisit = "recent-bezoek"       // another partner visited within the quiet days
	reasonOwnVisit   = "recent-eigen-bezoek" // you visited within the quiet days
)

// The reason codes of a link, of which the outcome is always free: what folds the
// stream reads from them whether it holds, and decides nothing itself.
const (
	ReasonLinkHolds = "koppeling-geldt" // from now on
	ReasonLinkWaits = "koppeling-wacht" // until another partner or the steward says the same
)

// Why somebody is the one to call, best first.
const (
	callFixed = "vaste-contactpersoon"
	callPlan  = "ander-plan"
	callVisit = "recent-bezoek"
)

const (
	plansShown    = 20  // open plans of others in one answer
	visitsScanned = 500 // under all keys of an employer, to find the last one that concerns an establishment
)

// advise decides on everything in the book: the one place where verdicts, and
// whom to call first, come from. It looks at everything that is the same employer.
// partner is who asks: its own plans do not count, nor those of the partners whose
// work it goes on with; except is the order of a visit that does not count either, because it is
// the one being corrected, retracted or told again.
func advise(tx Tx, w where, h heirs, partner string, today events.Date, except events.Position) (*facts, error) {
	f := &facts{outcome: events.Free, today: today, heirs: h, own: h.own(partner), names: map[string]PartnerName{}, hasSubject: true}
	f.group = sameEmployers(tx, w.employer)
	if err := f.findPlans(tx, w); err != nil {
		return nil, err
	}
	if err := f.findLastVisit(tx, w, except); err != nil {
		return nil, err
	}
	if err := f.findFixed(tx, w); err != nil {
		return nil, err
	}
	f.decide()
	return f, f.findNames(tx)
}

// decide draws the verdict from the facts.
func (f *facts) decide() {
	if len(f.plans) > 0 {
		f.reasons = append(f.reasons, reasonOtherPlan)
		for _, p := range f.plans {
			f.restsUpon = append(f.restsUpon, p.position())
		}
	}
	if f.recent != nil {
		code := reasonOtherVisit
		if f.isOwn(f.recent.Partner) {
			code = reasonOwnVisit
		}
		f.reasons = append(f.reasons, code)
		f.restsUpon = append(f.restsUpon, f.recent.Position)
	}
	if len(f.reasons) > 0 {
		f.outcome = events.Attention
	}
}

// Advise answers a question asked before an approach: what is known of this
// employer, and whom to call first. The answer is true for the position given.
// ErrForbidden: the partner that asks does not take part today.
func (l *Ledger) Advise(ctx context.Context, q Question) (Advice, events.Position, error) {
	var f *facts
	var at events.Position
	err := l.rows.view(func(tx Tx, tip events.Checkpoint) (err error) {
		at = tip.Position
		if err := mayAsk(tx, q.Partner, l.today()); err != nil {
			return err
		}
		h, err := heirsOn(tx, l.today())
		if err != nil {
			return err
		}
		f, err = advise(tx, where{q.Employer.Key(), q.Employer.Establishment, q.Purpose}, h, q.Partner, l.today(), 0)
		return err
	})
	if err != nil {
		return Advice{}, 0, err
	}
	a, err := l.advice(ctx, f, f.outcome, f.reasons)
	return a, at, err
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
	a := Advice{Outcome: outcome, Reasons: []Reason{}, OtherPlans: []Plan{}}
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
		from, to := p.dates()
		a.OtherPlans = append(a.OtherPlans, Plan{p.position(), p.ID, from, to, f.names[p.maker()], who, p.Purpose})
	}
	if v := f.last; v != nil {
		who, err := l.person(ctx, v.Who)
		if err != nil {
			return a, err
		}
		a.LastVisit = &Visit{v.Position, v.Date, f.names[v.Partner], who, v.Purpose, v.Form}
	}
	var err error
	a.Call, err = l.call(ctx, f, &a)
	return a, err
}

// call is whom to call first: the fixed contact, then the maker of an open plan,
// then whoever went last within the quiet days; of a partner that is gone, who
// goes on with its work.
func (l *Ledger) call(ctx context.Context, f *facts, a *Advice) (*Call, error) {
	var partner PartnerName
	var who *Person
	var why string
	switch {
	case f.fixed != nil:
		p, err := l.person(ctx, f.fixed.Who)
		if err != nil {
			return nil, err
		}
		partner, who, why = f.nameNow(f.fixed.Partner), p, callFixed
	case len(a.OtherPlans) > 0:
		partner, who, why = f.nameNow(f.plans[0].Partner), a.OtherPlans[0].AccountManager, callPlan
	case f.recent != nil:
		p, err := l.person(ctx, f.recent.Who)
		if err != nil {
			return nil, err
		}
		partner, who, why = f.nameNow(f.recent.Partner), p, callVisit
	default:
		return nil, nil
	}
	c := &Call{Partner: partner, Reason: why}
	if who != nil {
		c.Name, c.Phone = who.Name, who.Phone
	}
	return c, nil
}

// person unseals an account manager; nil when there is none or it was erased.
func (l *Ledger) person(ctx context.Context, w sealedPerson) (*Person, error) {
	if w.Seal == nil {
		return nil, nil
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
	return &Person{am.Name, am.Phone}, nil
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
