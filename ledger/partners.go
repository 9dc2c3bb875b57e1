package ledger

import (
	"cmp"
	"slices"

	"huisboek/events"
)

// Partner is an organisation that takes part, as the book knows it.
type Partner struct {
	ID         string          `json:"id"`
	Name       string          `json:"naam"`
	Kind       string          `json:"soort"`
	Identities []string        `json:"identiteiten"`
	From       events.Date     `json:"per"`
	Until      events.Date     `json:"tot,omitempty"` // the day from which it no longer takes part
	Gemeenten  []string        `json:"gemeentecodes,omitempty"`
	Postcodes  []string        `json:"postcodes,omitempty"`
	Subregion  string          `json:"subregio,omitempty"`
	Position   events.Position `json:"positie"` // of the last event about it
}

// Active reports whether it takes part on a day.
func (p *Partner) Active(on events.Date) bool {
	return p.From <= on && (p.Until == "" || on < p.Until)
}

func (p *Partner) name() PartnerName {
	n := PartnerName{ID: p.ID, Name: p.Name}
	if len(p.Identities) > 0 {
		n.URN = p.Identities[0]
	}
	return n
}

func getPartner(tx Tx, id string) (*Partner, error) {
	p := new(Partner)
	ok, err := getRow(tx, keyOf(rowPartner, uuidBytes(id)), p)
	if !ok {
		return nil, err
	}
	return p, nil
}

// partnerOfIdentity is the partner whose identity it is, or nil.
func partnerOfIdentity(tx Tx, identity string) (*Partner, error) {
	id := tx.Get(keyOf(rowIdentity, []byte(identity)))
	if id == nil {
		return nil, nil
	}
	p := new(Partner)
	ok, err := getRow(tx, keyOf(rowPartner, id), p)
	if !ok {
		return nil, err
	}
	return p, nil
}

// Partners lists everybody who takes or took part, by name.
func (l *Ledger) Partners() ([]Partner, error) {
	var out []Partner
	err := l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		var fail error
		tx.Scan([]byte{rowPartner}, func(k, _ []byte) bool {
			var p Partner
			if _, fail = getRow(tx, k, &p); fail != nil {
				return false
			}
			out = append(out, p)
			return true
		})
		return fail
	})
	slices.SortFunc(out, func(a, b Partner) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	return out, err
}

// applyAdmitted makes or renews a partner. Identities only ever grow: what was
// said under one stays said by that partner.
func applyAdmitted(tx Tx, at events.Position, d *events.PartnerAdmitted) error {
	p, err := getPartner(tx, d.Partner)
	if err != nil {
		return err
	}
	if p == nil {
		p = &Partner{ID: d.Partner, From: d.From}
	}
	p.Name, p.Kind, p.Until, p.Position = d.Name, d.Kind, "", at
	p.From = min(p.From, d.From)
	p.Gemeenten, p.Postcodes, p.Subregion = d.Gemeenten, d.Postcodes, d.Subregion
	for _, i := range d.Identities {
		if !slices.Contains(p.Identities, i) {
			p.Identities = append(p.Identities, i)
		}
		tx.Put(keyOf(rowIdentity, []byte(i)), uuidBytes(d.Partner))
	}
	return putRow(tx, keyOf(rowPartner, uuidBytes(p.ID)), p)
}

func applyDeparted(tx Tx, at events.Position, d *events.PartnerDeparted) error {
	p, err := getPartner(tx, d.Partner)
	if p == nil {
		return err
	}
	p.Until, p.Position = d.From, at
	return putRow(tx, keyOf(rowPartner, uuidBytes(p.ID)), p)
}
