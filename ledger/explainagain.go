package ledger

import (
	"fmt"
	"slices"

	"huisboek/events"
)

// infer fills in what the stored positions do not say, by what the stored reasons do:
// how many plans stood open, and whether the contacts of the year were used up.
func (x *explainer) infer(c *story) {
	e, t := &c.evidence, &c.evidence.terms
	if has(c, reasonPartnerPlans) {
		e.partnerPlans = t.PlansPerPartner
	}
	if has(c, reasonManagerPlans) {
		e.managerPlans = t.PlansPerManager
	}
	c.yearly = has(c, reasonYearly)
	if !c.yearly {
		e.yearly = nil // others among them were looked at for something else
	}
}

func has(c *story, reason string) bool { return slices.Contains(c.stored.Reasons, reason) }

// findDecided finds the positions that reasons rest on.
func (c *story) findDecided(reasons []string) {
	m, e := &c.matter, &c.evidence
	mark := func(at ...events.Position) {
		for _, p := range at {
			c.decided[p] = true
		}
	}
	for _, code := range reasons {
		switch code {
		case reasonOtherPlan:
			near := m.near(e)
			for i := range e.holds {
				if h := &e.holds[i]; c.stored.Rules < 3 || near.meets(h) {
					mark(h.position)
				}
			}
		case reasonOtherVisit, reasonOwnVisit:
			if v := c.visitThen(); v != nil {
				mark(v.position)
			}
		case reasonYearly:
			mark(e.yearly...)
		case reasonSparedWish, reasonSparedRegion:
			if e.spared != nil {
				mark(e.spared.position)
			}
		case reasonFixed:
			if e.fixed != nil {
				mark(e.fixed.position)
			}
		case reasonPartnerPlans, reasonManagerPlans, reasonTooLong: // nothing else decides these
			if e.agreement != nil && e.agreement.Position != 0 {
				mark(e.agreement.Position)
			}
		case reasonTerritory, reasonAlone:
			if e.level != nil {
				mark(e.level.position)
			}
			if code == reasonTerritory && e.serving != nil {
				mark(e.serving.position)
			}
		}
	}
}

// visitThen is the visit that a warning was about.
func (c *story) visitThen() *visitFact {
	if c.stored.Rules < 3 {
		if len(c.evidence.visits) == 0 {
			return nil
		}
		return &c.evidence.visits[0]
	}
	return c.matter.tooSoonAfter(&c.evidence)
}

// again judges the facts of then by the agreement of then and by that of today.
func (x *explainer) again(c *story) (*JudgedAgain, error) {
	out := &JudgedAgain{Unjudged: []events.Sentence{}}
	out.Then = x.rejudge(c, c.evidence.agreement, &c.evidence)
	if x.changed && !out.Then.Same {
		out.Unjudged = append(out.Unjudged, events.Sentence{
			NL: "Sindsdien is een partner opnieuw beschreven of opgevolgd; hoe dat toen was, is hier niet meer na te gaan.",
			EN: "A partner was described anew or succeeded since; how that was then cannot be told here any more.",
		})
	}
	if x.tooFarBack() {
		out.Unjudged = append(out.Unjudged, sentenceTooFarBack())
	}
	now := c.evidence
	now.agreement = x.inForce
	var err error
	if now.terms, err = x.termsOf(x.inForce); err != nil {
		return nil, err
	}
	if x.private {
		out.Unjudged = append(out.Unjudged, c.unjudgedPlans(&now)...)
	}
	out.Unjudged = append(out.Unjudged, c.unjudged(&now)...)
	out.Now = x.rejudge(c, x.inForce, &now)
	out.Then.Sentence = sentenceThen(out.Then.Same, x.changed)
	out.Now.Sentence = sentenceNow(&out.Now, c.stored, out.Then.Same)
	return out, nil
}

func (x *explainer) rejudge(c *story, a *events.RecordedAgreement, e *evidence) Rejudged {
	m := c.matter
	r := judge(&m, e)
	out := Rejudged{Agreement: nameOfAgreement(a), Outcome: r.outcome, Reasons: append([]string{}, x.shown(r.reasons)...)}
	out.Same = r.outcome == c.stored.Outcome && slices.Equal(out.Reasons, x.shown(c.stored.Reasons))
	return out
}

// unjudgedPlans says what an agreement asks of open plans and the stored facts do not tell.
func (c *story) unjudgedPlans(now *evidence) (list []events.Sentence) {
	then := &c.evidence.terms
	if c.matter.kind == visited || c.evidence.holding {
		return nil
	}
	for _, limit := range []struct {
		was, is      int
		wasOn, isOn  string
		reached      bool
		whoNL, whoEN string
	}{
		{then.PlansPerPartner, now.terms.PlansPerPartner, then.Actions.PartnerPlans, now.terms.Actions.PartnerPlans, has(c, reasonPartnerPlans), "de partner", "the partner"},
		{then.PlansPerManager, now.terms.PlansPerManager, then.Actions.ManagerPlans, now.terms.Actions.ManagerPlans, has(c, reasonManagerPlans), "de accountmanager", "the account manager"},
	} {
		counted := limit.was > 0 && limit.wasOn != events.ActNothing
		switch {
		case limit.is == 0 || limit.isOn == events.ActNothing:
		case limit.reached && limit.is <= limit.was, !limit.reached && counted && limit.is >= limit.was:
		default:
			list = append(list, events.Sentence{
				NL: fmt.Sprintf("Hoeveel plannen %s toen open had staan is niet bewaard; of het er %d of meer waren, is niet na te gaan.", limit.whoNL, limit.is),
				EN: fmt.Sprintf("How many open plans %s had then was not kept; whether there were %d or more cannot be told.", limit.whoEN, limit.is),
			})
		}
	}
	return list
}

// unjudged says what else an agreement asks for and the stored facts do not tell.
func (c *story) unjudged(now *evidence) (list []events.Sentence) {
	then := &c.evidence.terms
	n, was := now.terms.ContactsPerYear, then.ContactsPerYear
	counted := was > 0 && then.Actions.Yearly != events.ActNothing && disturbs(then, c.matter.place.purpose)
	switch {
	case n == 0 || now.terms.Actions.Yearly == events.ActNothing || c.matter.atRequest || !disturbs(&now.terms, c.matter.place.purpose):
	case c.yearly && n <= len(now.yearly), !c.yearly && counted && n >= was:
	default:
		list = append(list, events.Sentence{
			NL: fmt.Sprintf("Niet alle contacten van dat jaar zijn bewaard; of het er %d of meer waren, is niet na te gaan.", n),
			EN: fmt.Sprintf("Not all contacts of that year were kept; whether there were %d or more cannot be told.", n),
		})
	}
	if now.terms.QuietDays > then.QuietDays || !slices.EqualFunc(now.terms.Disturbs, then.Disturbs, func(a, b events.Disturbance) bool {
		return a.Purpose == b.Purpose && slices.Equal(a.Disturbs, b.Disturbs)
	}) {
		list = append(list, events.Sentence{
			NL: "Wat er toen buiten de rustdagen en de doelen van toen lag, is niet bewaard; alleen wat toen bekeken is, telt hier mee.",
			EN: "What lay outside the quiet days and purposes of then was not kept; only what was looked at then counts here.",
		})
	}
	return list
}
