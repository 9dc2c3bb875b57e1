package ledger

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"

	"github.com/google/uuid"

	"huisboek/events"
)

// heirs is who goes on with whose work on one day: from a partner to its
// successor. History stays with who made it; what may still be done with it, and
// whose own it is, goes to the successor (docs/design.md, "Succession").
type heirs map[string]string

const heirSize = 16 + 4 + 4

// putHeir keeps the row that heirsOn reads beside the partner's own.
func putHeir(tx Tx, p *Partner) {
	v := append(make([]byte, 0, heirSize), uuidBytes(p.Successor)...)
	v = append(v, u32(dayNumber(p.SuccessorFrom))...)
	tx.Put(keyOf(rowHeir, uuidBytes(p.ID)), append(v, u32(dayNumber(p.SuccessorUntil))...))
}

// heirsOn reads who goes on with whose work on a day. A region has a few of them,
// if any: it costs one step in the file when there is none.
func heirsOn(tx Tx, on events.Date) (h heirs, err error) {
	day := dayNumber(on)
	tx.Scan([]byte{rowHeir}, func(k, v []byte) bool {
		if len(k) != 1+16 || len(v) != heirSize {
			err = fmt.Errorf("%w: row %q of the book", ErrDamaged, k)
			return false
		}
		from, until := binary.BigEndian.Uint32(v[16:]), binary.BigEndian.Uint32(v[20:])
		if from <= day && (until == 0 || day < until) {
			if h == nil {
				h = heirs{}
			}
			h[uuid.UUID(k[1:]).String()] = uuid.UUID(v[:16]).String()
		}
		return true
	})
	return h, err
}

// of is who goes on with a partner's work, at the end of the chain: the partner
// itself when nobody does.
func (h heirs) of(partner string) string {
	for range h { // a chain has no more steps than there are successions
		next, ok := h[partner]
		if !ok {
			break
		}
		partner = next
	}
	return partner
}

// own is the partner, then everybody whose work it goes on with, in order.
func (h heirs) own(partner string) []string {
	list := []string{partner}
	for i := 0; i < len(list) && len(h) > 0; i++ {
		for _, old := range slices.Sorted(maps.Keys(h)) {
			if h[old] == list[i] && !slices.Contains(list, old) {
				list = append(list, old)
			}
		}
	}
	slices.Sort(list[1:])
	return list
}

// same reports whether two are one partner, or go on with the same work.
func (h heirs) same(a, b string) bool { return a == b || len(h) > 0 && h.of(a) == h.of(b) }

// among reports whether a partner, or one that is the same, is in a list.
func (h heirs) among(list []string, partner string) bool {
	return slices.ContainsFunc(list, func(one string) bool { return h.same(one, partner) })
}

// families are partners with everybody that is the same.
func (h heirs) families(list []string) []string {
	if len(h) == 0 || len(list) == 0 {
		return list
	}
	var all []string
	for _, one := range list {
		all = append(append(all, one), h.own(h.of(one))...)
	}
	return all
}

// Own is whose things are a partner's own today: its own UUID first, then those of
// the partners whose work it goes on with.
func (l *Ledger) Own(partner string) (ids []string, err error) {
	err = l.rows.view(func(tx Tx, _ events.Checkpoint) error {
		h, err := heirsOn(tx, l.today())
		ids = h.own(partner)
		return err
	})
	return ids, err
}

// succeeded: both are known, and nobody comes to succeed itself on any day.
func (d *decision) succeeded(tx Tx, s *events.PartnerSucceeded) error {
	for _, member := range []struct{ field, id string }{{"/data/partner", s.Partner}, {"/data/door", s.By}} {
		p, err := getPartner(tx, member.id)
		if err != nil {
			return err
		}
		if p == nil {
			d.fail(member.field, "onbekende-partner")
		}
	}
	if len(d.faults) > 0 {
		return nil
	}
	// Along the chain from the new successor: the days on which all of it holds.
	from, until := s.From, events.Date("")
	for id, seen := s.By, []string{}; !slices.Contains(seen, id); {
		p, err := getPartner(tx, id)
		if err != nil || p == nil || p.Successor == "" {
			return err
		}
		from = max(from, p.SuccessorFrom)
		if until == "" || p.SuccessorUntil != "" && p.SuccessorUntil < until {
			until = p.SuccessorUntil
		}
		if until != "" && until <= from {
			return nil
		}
		if p.Successor == s.Partner {
			d.fail("/data/door", "opvolging-in-kring")
			return nil
		}
		seen, id = append(seen, id), p.Successor
	}
	return nil
}
