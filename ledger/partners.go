package ledger

import (
	"bytes"
	"cmp"
	"slices"
	"sync"

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
	Regions    []string        `json:"arbeidsmarktregios,omitempty"` // every region that it serves; none: this one
	Position   events.Position `json:"positie"`                      // of the last event about it

	// Who goes on with its work, from a day on, and until it was admitted anew.
	Successor      string      `json:"opvolger,omitempty"` // internal UUID
	SuccessorFrom  events.Date `json:"opvolgerPer,omitempty"`
	SuccessorUntil events.Date `json:"opvolgerTot,omitempty"`
}

// Active reports whether it takes part on a day.
func (p *Partner) Active(on events.Date) bool {
	return p.From <= on && (p.Until == "" || on < p.Until) && !p.succeeded(on)
}

func (p *Partner) succeeded(on events.Date) bool {
	return p.Successor != "" && p.SuccessorFrom <= on && (p.SuccessorUntil == "" || on < p.SuccessorUntil)
}

// partnerRow is a partner as stored. It takes part until it left or was
// succeeded, whichever came first.
type partnerRow struct {
	Partner
	Left events.Date `json:"vertrokken,omitempty"`
}

func (p *partnerRow) put(tx Tx) error {
	p.Until = p.Left
	if p.Successor != "" && p.SuccessorUntil == "" && (p.Until == "" || p.SuccessorFrom < p.Until) {
		p.Until = p.SuccessorFrom
	}
	return putRow(tx, keyOf(rowPartner, uuidBytes(p.ID)), p)
}

func getPartnerRow(tx Tx, id string) (*partnerRow, error) {
	p := new(partnerRow)
	ok, err := getRow(tx, keyOf(rowPartner, uuidBytes(id)), p)
	if !ok {
		return nil, err
	}
	return p, nil
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

// called keeps partners as they were last read, for every event is a partner's and
// every verdict names some. The rows decide.
type called struct {
	mu sync.Mutex
	of map[[16]byte]partnerRead
}

type partnerRead struct {
	row     []byte
	partner *Partner
}

// in is a partner of a book, not to be changed; nil when it is not there.
func (c *called) in(tx Tx, id []byte) (*Partner, error) {
	key := keyOf(rowPartner, id)
	row := tx.Get(key)
	if row == nil || len(id) != 16 {
		return nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if was, ok := c.of[[16]byte(id)]; ok && bytes.Equal(was.row, row) {
		return was.partner, nil
	}
	p := new(Partner)
	if err := decodeRow(key, row, p); err != nil {
		return nil, err
	}
	if c.of == nil {
		c.of = map[[16]byte]partnerRead{}
	}
	c.of[[16]byte(id)] = partnerRead{bytes.Clone(row), p}
	return p, nil
}

// named is the partner whose identity it is, not to be changed, or nil.
func (c *called) named(tx Tx, identity string) (*Partner, error) {
	id := tx.Get(keyOf(rowIdentity, []byte(identity)))
	if id == nil {
		return nil, nil
	}
	return c.in(tx, id)
}

// partnerOfIdentity is the partner whose identity it is, or nil.
func partnerOfIdentity(tx Tx, identity string) (*Partner, error) {
	return new(called).named(tx, identity)
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
// said under one stays said by that partner. Who was succeeded stays so, unless
// it is admitted from a later day on: from the earliest such day, for good.
func applyAdmitted(tx Tx, at events.Position, d *events.PartnerAdmitted) error {
	p, err := getPartnerRow(tx, d.Partner)
	if err != nil {
		return err
	}
	if p == nil {
		p = &partnerRow{Partner: Partner{ID: d.Partner, From: d.From}}
	}
	p.Name, p.Kind, p.Left, p.Position = d.Name, d.Kind, "", at
	p.From = min(p.From, d.From)
	p.Gemeenten, p.Postcodes, p.Subregion, p.Regions = d.Gemeenten, d.Postcodes, d.Subregion, d.Regions
	if p.Successor != "" && d.From > p.SuccessorFrom && (p.SuccessorUntil == "" || d.From < p.SuccessorUntil) {
		p.SuccessorUntil = d.From
		putHeir(tx, &p.Partner)
	}
	for _, i := range d.Identities {
		if !slices.Contains(p.Identities, i) {
			p.Identities = append(p.Identities, i)
		}
		tx.Put(keyOf(rowIdentity, []byte(i)), uuidBytes(d.Partner))
	}
	if err := putServed(tx, at, d); err != nil {
		return err
	}
	return p.put(tx)
}

func applyDeparted(tx Tx, at events.Position, d *events.PartnerDeparted) error {
	p, err := getPartnerRow(tx, d.Partner)
	if p == nil {
		return err
	}
	p.Left, p.Position = d.From, at
	return p.put(tx)
}

// applySucceeded: of two successors the last one named counts.
func applySucceeded(tx Tx, at events.Position, d *events.PartnerSucceeded) error {
	p, err := getPartnerRow(tx, d.Partner)
	if p == nil {
		return err
	}
	p.Successor, p.SuccessorFrom, p.SuccessorUntil, p.Position = d.By, d.From, "", at
	putHeir(tx, &p.Partner)
	return p.put(tx)
}
