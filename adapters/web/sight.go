package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// sight turns rows into what one caller may see of them: everything that a role
// may or may not read of a person is decided in this file.
type sight struct {
	ctx      context.Context
	ledger   Ledger
	caller   ledger.Caller
	today    events.Date
	partners map[string]ledger.PartnerName
	active   []string // those that take part today, by name
	// subregions are those of the partners that have one.
	subregions map[string]string
	mine       []string // whose things are the caller's own; none for one that is no partner
}

// sight is what a caller may see today. ErrForbidden for a partner that does not
// take part (any more), whatever credential it still has.
func (s *Server) sight(ctx context.Context, caller ledger.Caller) (*sight, error) {
	list, err := s.cfg.Ledger.Partners()
	if err != nil {
		return nil, err
	}
	today, may := s.today(), caller.Role != ledger.RolePartner
	names := make(map[string]ledger.PartnerName, len(list))
	subregions := map[string]string{}
	var active []string
	for _, p := range list {
		if p.Active(today) {
			active = append(active, p.ID)
			may = may || p.ID == caller.Partner
		}
		n := ledger.PartnerName{ID: p.ID, Name: p.Name}
		if len(p.Identities) > 0 {
			n.URN = p.Identities[0]
		}
		names[p.ID] = n
		if p.Subregion != "" {
			subregions[p.ID] = p.Subregion
		}
	}
	if !may {
		return nil, ledger.ErrForbidden
	}
	var mine []string
	if caller.Role == ledger.RolePartner {
		if mine, err = s.cfg.Ledger.Own(caller.Partner); err != nil {
			return nil, err
		}
	}
	names[s.cfg.Book.ID] = ledger.PartnerName{ID: s.cfg.Book.ID, Name: "De regisseur"}
	return &sight{
		ctx: ctx, ledger: s.cfg.Ledger, caller: caller, today: today, partners: names, active: active,
		subregions: subregions, mine: mine,
	}, nil
}

// own reports whether something of this partner is the caller's own: what it told
// itself, and what those told whose work it goes on with. A steward has nothing of
// its own.
func (v *sight) own(partner string) bool {
	return slices.Contains(v.mine, partner)
}

// reader is the partner that asks, empty for one that is none.
func (v *sight) reader() string {
	if v.caller.Role == ledger.RolePartner {
		return v.caller.Partner
	}
	return ""
}

// name is never empty of id: a partner that the list does not have yet is there
// by its id alone.
func (v *sight) name(partner string) ledger.PartnerName {
	if n, ok := v.partners[partner]; ok {
		return n
	}
	return ledger.PartnerName{ID: partner}
}

// urns are the first identities of partners.
func (v *sight) urns(partners []string) (urns []string) {
	for _, partner := range partners {
		urns = append(urns, v.name(partner).URN)
	}
	return urns
}

// onTimeline keeps others' placements and signals off a timeline: of those only
// months and counts are shown (docs/design.md, promise 9).
func (v *sight) onTimeline(c *projections.Contact) bool {
	return c.Type != events.TypePlacementMade && c.Type != events.TypeSignalNoted || v.own(c.Partner)
}

// contact is an item as the caller may see it.
func (v *sight) contact(c *projections.Contact) (Contact, error) {
	out := Contact{
		Position: c.Position, Type: c.Type, Date: c.Date, At: c.At, Partner: v.name(c.Partner),
		Purpose: optional(c.Purpose), Form: optional(c.Form), Approach: optional(c.Approach),
		Outcome: listed(c.Outcome), Status: c.Status, Key: c.Employer,
		Establishment: c.Establishment, TargetGroups: c.TargetGroups, With: c.With, AtRequest: c.AtRequest,
		Service: c.Service, TargetGroup: c.TargetGroup,
		Placement: c.Placement, Kind: c.PlacementKind, Register: c.Register, End: c.End,
		Vacancy: c.Vacancy, Occupation: c.Occupation, Theme: c.Theme,
	}
	if c.Vacancy != "" {
		out.Count, out.Filled, out.PerWeek = c.Count, &c.Filled, c.Hours
	} else {
		out.Hours = c.Hours
	}
	switch {
	case c.Expired(v.today):
		out.Status = "verlopen"
	case c.Open() && c.Holds:
		out.Until = c.Until
	}
	out.Despite, out.Corrected = c.Despite, c.Corrected()
	out.Confirmed = v.urns(c.Confirmed)
	if c.To != c.Date {
		out.Period = &events.Period{From: c.Date, To: c.To}
	}
	if c.Service != "" {
		out.Count = c.Count
	}
	if v.own(c.Partner) {
		out.Event = &events.Ref{Source: c.Source, ID: c.ID}
	}
	var err error
	if out.AccountManager, err = v.person(c.Partner, c.Source, c.ID, c.AccountManager, &out.Erased); err != nil {
		return out, err
	}
	switch {
	case !v.own(c.Partner):
	case c.Type == events.TypeSignalNoted:
		out.Text, err = unsealed(v, c.Source, c.ID, "/tekst", c.Note, &out.Erased)
	default:
		out.Note, err = unsealed(v, c.Source, c.ID, "/toelichting", c.Note, &out.Erased)
	}
	return out, err
}

// person is an account manager: name and phone for everybody who may read at
// all, the rest for its own partner.
func (v *sight) person(partner, source, id string, sealed events.Personal[events.AccountManager], erased *bool) (*Person, error) {
	am, err := unsealed(v, source, id, "/accountmanager", sealed, erased)
	if am == nil || err != nil {
		return nil, err
	}
	p := &Person{Name: am.Name, Phone: am.Phone}
	if v.own(partner) {
		p.Employee, p.Email = am.Employee, am.Email
	}
	return p, nil
}

// plan is an open plan.
func (v *sight) plan(c *projections.Contact) (OpenPlan, error) {
	var erased bool
	who, err := v.person(c.Partner, c.Source, c.ID, c.AccountManager, &erased)
	p := OpenPlan{
		Position: c.Position, Approach: c.Approach, From: c.Date, To: c.To,
		Partner: v.name(c.Partner), Purpose: c.Purpose, With: c.With, Confirmed: v.urns(c.Confirmed),
	}
	if c.Holds {
		p.HoldsUntil = c.Until
	}
	if who != nil {
		p.AccountManager = &ledger.Person{Name: who.Name, Phone: who.Phone}
	}
	return p, err
}

func (v *sight) fixed(f *projections.FixedContact) (FixedContact, error) {
	out := FixedContact{
		Position: f.Position, At: f.At, Partner: v.name(f.Partner),
		Purpose: optional(f.Purpose), Establishment: f.Establishment,
	}
	var err error
	out.AccountManager, err = v.person(f.Partner, f.Source, f.ID, f.AccountManager, &out.Erased)
	return out, err
}

// card is the employer's card, and apart from it the contact persons that the caller
// may see, which are those of its own description: giveContacts alone gives them.
func (v *sight) card(c *projections.Card) (*Card, []events.ContactPerson, error) {
	if c == nil {
		return nil, nil, nil
	}
	var mine []events.ContactPerson
	out := &Card{
		Position: c.Position, At: c.At, Partner: v.name(c.Partner), Establishment: c.Establishment,
		Gemeente: c.Gemeente, SBICode: c.SBICode, SBIVersion: c.SBIVersion, Size: c.Size, Sector: c.Sector,
		People: []events.ContactPerson{},
	}
	people, e1 := unsealed(v, c.Source, c.ID, "/contactpersonen", c.Contacts, &out.Erased)
	name, e2 := unsealed(v, c.Source, c.ID, "/naam", c.Name, &out.Erased)
	place, e3 := unsealed(v, c.Source, c.ID, "/plaats", c.Place, &out.Erased)
	postcode, e4 := unsealed(v, c.Source, c.ID, "/postcode", c.Postcode, &out.Erased)
	out.Name, out.Place, out.Postcode = name, place, postcode
	if people != nil {
		out.PeopleCount = len(*people)
		if v.own(c.Partner) {
			mine = *people
		}
	}
	return out, mine, errors.Join(e1, e2, e3, e4)
}

// months are the counts of placements that the caller may see: its own, and others'
// of closed months.
func (v *sight) months(counts []projections.MonthCount) []PlacementCount {
	out := []PlacementCount{}
	for _, c := range projections.VisibleMonths(counts, v.own, v.today) {
		out = append(out, PlacementCount{Month: c.Month, Partner: v.name(c.Partner), Count: c.Count})
	}
	return out
}

// unsealed opens a personal member: nil when it is absent or its key was erased,
// and then erased is set.
func unsealed[T any](v *sight, source, id, path string, p events.Personal[T], erased *bool) (*T, error) {
	if p.Seal == nil {
		return p.Plain, nil
	}
	plain, err := v.ledger.Unseal(v.ctx, source, id, path, *p.Seal)
	if errors.Is(err, ledger.ErrErased) {
		*erased = true
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("unseal %s: %w", path, err)
	}
	t := new(T)
	if err := json.Unmarshal(plain, t); err != nil {
		return nil, fmt.Errorf("unseal %s: %w", path, err)
	}
	return t, nil
}

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func listed(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}
