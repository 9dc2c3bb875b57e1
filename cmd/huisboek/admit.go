package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/access"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

type newPartner struct {
	OIN  string      `json:"oin,omitempty"`
	KvK  string      `json:"kvk,omitempty"`
	Name string      `json:"naam"`
	Kind string      `json:"soort"`
	From events.Date `json:"per,omitempty"`
	territory
	Expires time.Time `json:"verlooptOp,omitzero"` // of its credentials; zero is never
}

// admitted is a new partner with its secrets, which are shown this once.
type admitted struct {
	Partner string `json:"partner"`
	Name    string `json:"naam"`
	Creds   string `json:"creds"` // the text of the .creds file
	Token   string `json:"token"`
	Access  struct {
		NATS  string `json:"nats"`
		Token string `json:"token"`
	} `json:"toegang"` // their ids, as records and deliveries name them
	Warnings []string `json:"waarschuwingen,omitempty"`
}

func (p *newPartner) identity() (string, error) {
	switch {
	case p.OIN != "" && p.KvK == "":
		return "urn:nld:oin:" + p.OIN, nil
	case p.KvK != "" && p.OIN == "":
		return "urn:nld:kvknr:" + p.KvK, nil
	}
	return "", errors.New("a partner has an OIN, or a KvK number when it is a private organisation")
}

// addPartner records that a partner takes part and gives it an account and a
// token, both or neither. After a crash half-way the same words finish it.
func (h *house) addPartner(ctx context.Context, p newPartner, _ reportFunc) (*admitted, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	identity, err := p.identity()
	if err != nil {
		return nil, err
	}
	if !p.Expires.IsZero() && !p.Expires.After(h.Now()) { // before anything is recorded
		return nil, fmt.Errorf("credentials until %s would have ended already", p.Expires.Format(time.RFC3339))
	}
	if p.From == "" {
		p.From = events.DateOf(h.Now())
	}
	warnings, err := h.check(&p.territory, p.From)
	if err != nil {
		return nil, err
	}
	id, err := h.admit(ctx, identity, p)
	if err != nil {
		return nil, err
	}
	nats := access.Credential{Role: ledger.RolePartner, Partner: id, Name: p.Name, Kind: access.KindNATS, Expires: p.Expires}
	bearer := nats
	bearer.Kind = access.KindToken
	given, err := h.give(nats, bearer)
	if err != nil {
		return nil, err
	}
	made := &admitted{Partner: id, Name: p.Name, Creds: given[0].Creds, Token: given[1].Token, Warnings: warnings}
	made.Access.NATS, made.Access.Token = given[0].ID, given[1].ID
	return made, nil
}

// admit records partner-toegelaten, unless the identity is a partner's already
// that has no credentials yet.
func (h *house) admit(ctx context.Context, identity string, p newPartner) (string, error) {
	known, err := h.partnerBy(identity)
	if err != nil {
		return "", err
	}
	id := uuid.NewString()
	if known != nil {
		id = known.ID
		if known.Until == "" {
			if len(h.credentialsOf(id)) > 0 {
				return "", fmt.Errorf("%s takes part already as %s (%s); use huisboek access to give it another credential", identity, known.Name, known.ID)
			}
			return id, nil
		}
		// What a removal that broke off left must not come back to life with it.
		if err := h.removeKeys(id); err != nil {
			return "", err
		}
		for _, c := range h.credentialsOf(id) {
			if err := h.endCredential(c); err != nil {
				return "", err
			}
		}
	}
	return id, h.say(ctx, p.admitted(id, []string{identity}))
}

func (p *newPartner) admitted(id string, identities []string) *events.PartnerAdmitted {
	return &events.PartnerAdmitted{
		Partner: id, Identities: identities, Name: p.Name, Kind: p.Kind, From: p.From,
		Gemeenten: p.Gemeenten, Postcodes: p.Postcodes, Subregion: p.Subregion, Regions: p.Regions,
	}
}

// say records an event of the steward.
func (h *house) say(ctx context.Context, d events.Data) error {
	_, err := h.receiptOf(ctx, d)
	return err
}

// receiptOf records an event of the steward, and is what the ledger says of it.
func (h *house) receiptOf(ctx context.Context, d events.Data) (*ledger.Receipt, error) {
	source := "urn:nld:oin:" + h.ledger.StewardOIN() + ":systeem:huisboek"
	e, err := events.NewEvent(source, uuid.NewString(), h.Now(), d)
	if err != nil {
		return nil, err
	}
	return h.ledger.Record(ctx, ledger.Submission{Event: e, Caller: localCaller})
}

// giveAccount makes NATS credentials for a partner that takes part.
func (h *house) giveAccount(partner, name string) (creds string, err error) {
	given, err := h.give(access.Credential{Role: ledger.RolePartner, Partner: partner, Name: name, Kind: access.KindNATS})
	if err != nil {
		return "", err
	}
	return given[0].Creds, nil
}

func (h *house) credentialsOf(partner string) []access.Credential {
	return slices.DeleteFunc(h.access.List(), func(c access.Credential) bool { return c.Partner != partner })
}

// partnerBy finds a partner by UUID or identity; nil when there is none.
func (h *house) partnerBy(word string) (*ledger.Partner, error) {
	all, err := h.ledger.Partners()
	if err != nil {
		return nil, err
	}
	for i, p := range all {
		if p.ID == word || slices.Contains(p.Identities, word) {
			return &all[i], nil
		}
	}
	return nil, nil
}

// partnerCalled finds a partner by what people call it: also by its OIN, KvK
// number or name. A name that two have names neither.
func (h *house) partnerCalled(word string) (*ledger.Partner, error) {
	for _, id := range []string{word, "urn:nld:oin:" + word, "urn:nld:kvknr:" + word} {
		if p, err := h.partnerBy(id); p != nil || err != nil {
			return p, err
		}
	}
	all, err := h.ledger.Partners()
	if err != nil {
		return nil, err
	}
	var found *ledger.Partner
	for i, p := range all {
		switch {
		case p.Name != word:
		case found != nil:
			return nil, fmt.Errorf("more than one partner is called %q: give the UUID or OIN; huisboek partner list shows them", word)
		default:
			found = &all[i]
		}
	}
	return found, nil
}

func (h *house) mustPartner(word string) (*ledger.Partner, error) {
	p, err := h.partnerCalled(word)
	if err == nil && p == nil {
		return nil, fmt.Errorf("no partner %q: huisboek partner list shows them", word)
	}
	return p, err
}

type partnersAsked struct {
	On events.Date `json:"peildatum,omitempty"`
}

// listPartners is everybody who takes or took part, as things stand, or as they did
// on a day: then without those that began later.
func (h *house) listPartners(ctx context.Context, q partnersAsked, _ reportFunc) ([]ledger.Partner, error) {
	if q.On == "" {
		all, err := h.ledger.Partners()
		if all == nil {
			all = []ledger.Partner{}
		}
		return all, err
	}
	stood, err := h.members(ctx, q.On)
	if err != nil {
		return nil, err
	}
	all := make([]ledger.Partner, 0, len(stood))
	for _, m := range stood {
		all = append(all, ledger.Partner{
			ID: m.Partner, Name: m.Name, Kind: m.Kind, Identities: m.Identities, From: m.From, Until: m.Until,
			Gemeenten: m.Gemeenten, Postcodes: m.Postcodes, Subregion: m.Subregion, Regions: m.Regions,
			Position: m.Position, Successor: m.Successor,
		})
	}
	slices.SortFunc(all, func(a, b ledger.Partner) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	return all, nil
}

// members are the partners as they stood on a day, by id.
func (h *house) members(ctx context.Context, on events.Date) (map[string]*projections.Member, error) {
	if err := h.waitForViews(ctx); err != nil {
		return nil, err
	}
	all := make(map[string]*projections.Member)
	err := h.views.View(func(tx projections.Tx, _ events.Checkpoint) error {
		stood, err := projections.Members{}.On(tx, on)
		for i := range stood {
			all[stood[i].Partner] = &stood[i]
		}
		return err
	})
	return all, err
}

type oldPartner struct {
	Partner string      `json:"partner"`
	From    events.Date `json:"per,omitempty"`
	Past    string      `json:"verleden,omitempty"` // events.PastStays or events.PastLeaves; "" is that it stays
}

// removePartner ends a partner's part: its credentials at once, its part from a
// day on. What it said stays. After a crash half-way the same words finish it.
func (h *house) removePartner(ctx context.Context, q oldPartner, _ reportFunc) (*ledger.Partner, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	p, err := h.mustPartner(q.Partner)
	if err != nil {
		return nil, err
	}
	if q.From == "" {
		q.From = events.DateOf(h.Now())
	}
	credentials := h.credentialsOf(p.ID)
	switch {
	case p.Until == "", p.Until.After(events.DateOf(h.Now())) && q.From.Before(p.Until): // or it would have ended later
		if err := h.say(ctx, &events.PartnerDeparted{Partner: p.ID, From: q.From, Past: q.Past}); err != nil {
			return nil, err
		}
	case len(credentials) == 0:
		return nil, fmt.Errorf("%s has left already, per %s", p.Name, p.Until)
	}
	if err := h.removeKeys(p.ID); err != nil {
		return nil, err
	}
	for _, c := range credentials {
		if err := h.endCredential(c); err != nil {
			return nil, err
		}
	}
	return h.partnerBy(p.ID)
}
