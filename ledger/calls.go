package ledger

import (
	"context"
	"slices"
)

// candidate is a partner to call, and by whom it may be known, people sealed: the
// first of them that was not erased is named.
type candidate struct {
	partner, why string
	who          []sealedPerson
}

// candidates ranks whom to call. First who stands in the reasons: the fixed contact (a
// reason or not), who holds the employer, who serves the municipality of a local one, who
// went last within the quiet days. Then who has another open plan, those that hold
// before others; who serves it and who went last when that is no reason. Of a partner
// that is gone it is who goes on with its work; each partner is there once, and who asks
// only as the fixed contact.
func (f *facts) candidates() []candidate {
	list := callList{facts: f}
	if f.fixed != nil {
		list.add(f.fixed.Partner, callFixed, f.fixed.Who)
	}
	for i := range f.holders {
		list.plan(&f.holders[i])
	}
	territory, visit := f.says(reasonTerritory), f.says(reasonOtherVisit)
	if territory {
		list.serving()
	}
	if visit {
		list.visitor()
	}
	for _, holding := range []bool{true, false} {
		for i := range f.plans {
			if p := &f.plans[i]; holding == (p.until >= f.today) {
				list.plan(p)
			}
		}
	}
	if !territory {
		list.serving()
	}
	if !visit {
		list.visitor()
	}
	return list.all[:min(len(list.all), callsShown)]
}

func (f *facts) says(reason string) bool { return slices.Contains(f.ruling.reasons, reason) }

// callList gathers whom to call, best first.
type callList struct {
	*facts
	all []candidate
}

func (l *callList) add(partner, why string, who sealedPerson) {
	now := l.heirs.of(partner)
	at := slices.IndexFunc(l.all, func(c candidate) bool { return c.partner == now })
	switch {
	case at >= 0 && l.all[at].why == why:
		l.all[at].who = append(l.all[at].who, who)
	case at < 0 && (why == callFixed || !l.isOwn(now)):
		l.all = append(l.all, candidate{now, why, []sealedPerson{who}})
	}
}

func (l *callList) plan(p *openPlan) { l.add(p.Partner, callPlan, p.Who) }

func (l *callList) serving() {
	if s := l.evidence.serving; s != nil {
		for _, p := range s.partners {
			l.add(p, callServing, sealedPerson{})
		}
	}
}

func (l *callList) visitor() {
	if l.recent != nil {
		l.add(l.recent.Partner, callVisit, l.recent.Who)
	}
}

// calls fills in whom to call first, and whom next.
func (l *Ledger) calls(ctx context.Context, f *facts, a *Advice) error {
	for i, c := range f.candidates() {
		call := Call{Partner: f.nameOf(c.partner), Reason: c.why}
		for _, sealed := range c.who {
			who, err := l.person(ctx, sealed)
			if err != nil {
				return err
			}
			if who != nil {
				call.Name, call.Phone = who.Name, who.Phone
				break
			}
		}
		if i == 0 {
			a.Call = &call
		} else {
			a.CallNext = append(a.CallNext, call)
		}
	}
	return nil
}
