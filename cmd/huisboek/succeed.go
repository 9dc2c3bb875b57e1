package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// succession is that one partner goes on with another's work.
type succession struct {
	Partner string      `json:"partner"`
	By      string      `json:"door"`
	From    events.Date `json:"per,omitempty"`
}

// succeeded is a succession that was recorded.
type succeeded struct {
	Partner ledger.Partner `json:"partner"`
	By      ledger.Partner `json:"door"`
	From    events.Date    `json:"per"`
	Ended   int            `json:"toegangBeeindigd"` // credentials of the old partner that end, now or at the beginning of that day
}

// succeedPartner records that a partner goes on with another's work, and ends the
// other's credentials: at the beginning of that day, or at once when it has come.
// After a crash half-way the same words finish it.
func (h *house) succeedPartner(ctx context.Context, q succession, _ reportFunc) (*succeeded, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	old, err := h.mustPartner(q.Partner)
	if err != nil {
		return nil, err
	}
	by, err := h.mustPartner(q.By)
	if err != nil {
		return nil, err
	}
	today := events.DateOf(h.Now())
	if q.From = cmp.Or(q.From, today); !by.Active(q.From) {
		return nil, fmt.Errorf("%s does not take part on %s (from %s, until %s): admit it first", by.Name, q.From, by.From, cmp.Or(string(by.Until), "further notice"))
	}
	if err := h.say(ctx, &events.PartnerSucceeded{Partner: old.ID, By: by.ID, From: q.From}); err != nil {
		return nil, err
	}
	out := &succeeded{By: *by, From: q.From}
	if out.Ended, err = h.endCredentialsOf(old.ID, q.From, today); err != nil {
		return nil, err
	}
	if old, err = h.partnerBy(old.ID); err == nil {
		out.Partner = *old
	}
	return out, err
}

// endCredentialsOf ends all credentials of a partner when a day begins, or now when
// it has begun.
func (h *house) endCredentialsOf(partner string, from, today events.Date) (n int, err error) {
	if !from.After(today) {
		if err := h.removeKeys(partner); err != nil { // later ones end by the day
			return n, err
		}
	}
	for _, c := range h.credentialsOf(partner) {
		if from.After(today) {
			at, err := endOf(from.AddDays(-1))
			if err != nil {
				return n, err
			}
			if err := h.access.Expire(c.ID, at); err != nil {
				return n, err
			}
		} else if err := h.endCredential(c); err != nil {
			return n, err
		}
		n++
	}
	h.expiry.changed()
	return n, nil
}

// changedPartner is what is different of a partner from a day on; nil leaves it.
type changedPartner struct {
	Partner   string      `json:"partner"`
	Name      string      `json:"naam,omitempty"`
	Kind      string      `json:"soort,omitempty"`
	From      events.Date `json:"per,omitempty"`
	Gemeenten *[]string   `json:"gemeentecodes,omitzero"`
	Postcodes *[]string   `json:"postcodes,omitzero"`
	Subregion *string     `json:"subregio,omitzero"`
	Regions   *[]string   `json:"arbeidsmarktregios,omitzero"`
}

// changed is a partner as it is from then on.
type changed struct {
	ledger.Partner
	Since    events.Date `json:"geldtVanaf"`
	Warnings []string    `json:"waarschuwingen,omitempty"`
}

// changePartner records a partner's admission again with something else in it. What
// is not named stays as it is on that day.
func (h *house) changePartner(ctx context.Context, q changedPartner, _ reportFunc) (*changed, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	p, err := h.mustPartner(q.Partner)
	if err != nil {
		return nil, err
	}
	q.From = cmp.Or(q.From, events.DateOf(h.Now()))
	if !p.Active(q.From) {
		return nil, fmt.Errorf("%s does not take part on %s (from %s, until %s): huisboek partner add admits it again", p.Name, q.From, p.From, cmp.Or(string(p.Until), "further notice"))
	}
	stood, err := h.members(ctx, q.From)
	if err != nil {
		return nil, err
	}
	m := stood[p.ID]
	if m == nil {
		return nil, fmt.Errorf("%s does not take part on %s yet", p.Name, q.From)
	}
	if err := h.nothingLater(p, q.From); err != nil {
		return nil, err
	}
	as := newPartner{
		Name: cmp.Or(q.Name, m.Name), Kind: cmp.Or(q.Kind, m.Kind), From: q.From,
		territory: territory{m.Gemeenten, m.Postcodes, m.Subregion, m.Regions},
	}
	replace(&as.Gemeenten, q.Gemeenten)
	replace(&as.Postcodes, q.Postcodes)
	replace(&as.Subregion, q.Subregion)
	replace(&as.Regions, q.Regions)
	warnings, err := h.check(&as.territory, q.From)
	if err != nil {
		return nil, err
	}
	if err := h.say(ctx, as.admitted(p.ID, p.Identities)); err != nil {
		return nil, err
	}
	out := &changed{Since: q.From, Warnings: warnings}
	if p, err = h.partnerBy(p.ID); err == nil {
		out.Partner = *p
	}
	return out, err
}

// nothingLater refuses a day before one from which something else was said of a
// partner already: what is said last counts from its day on, and would undo that. A
// succession is not undone by it.
func (h *house) nothingLater(p *ledger.Partner, from events.Date) error {
	var stood []projections.Member
	if err := h.views.View(func(tx projections.Tx, _ events.Checkpoint) (err error) {
		stood, err = projections.Members{}.History(tx, p.ID)
		return err
	}); err != nil {
		return err
	}
	var later []string
	for i := range stood {
		switch m := &stood[i]; {
		case !m.Since.After(from), m.Successor != "":
		case m.Active(m.Since):
			later = append(later, fmt.Sprintf("from %s on it is %s, as was said at position %d", m.Since, m.Name, m.Position))
		default:
			later = append(later, fmt.Sprintf("it leaves on %s, as was said at position %d", m.Since, m.Position))
		}
	}
	if len(later) == 0 {
		return nil
	}
	return fmt.Errorf("%s cannot be changed from %s on, for that would undo what stands for later: %s; give a day from which none of it lies ahead, or take a departure back with huisboek partner add", p.Name, from, strings.Join(later, "; "))
}

func replace[T any](was *T, by *T) {
	if by != nil {
		*was = *by
	}
}

func init() {
	adminVerbs["partner-succeed"] = verb((*house).succeedPartner)
	adminVerbs["partner-change"] = verb((*house).changePartner)
}
