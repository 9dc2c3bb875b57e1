package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
	"huisboek/projections/search"
)

// sketch is an entry of which the names are still sealed.
type sketch struct {
	search.Entry
	cards []*projections.Card // newest first
	ahead events.Date         // the first day after today on which it has a plan
	empty bool                // the views know nothing of it (any more)
}

// put brings the entries of some employers, and of whom they are one with, up to
// what the views say now. A link or unlink touches both its ends, and from those
// everybody is reached who was in one entry before it.
func (s *searcher) put(ctx context.Context, employers []string, unseal unsealer) error {
	var sketches []sketch
	err := s.view(func(tx projections.Tx, _ events.Checkpoint) error {
		done := make(map[string]bool, len(employers))
		for _, k := range employers {
			if done[k] {
				continue
			}
			e, err := s.sketch(tx, k)
			if err != nil {
				return fmt.Errorf("employer %s: %w", k, err)
			}
			done[k] = true
			for _, same := range e.Keys {
				done[same] = true
			}
			sketches = append(sketches, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.open(ctx, sketches, unseal); err != nil {
		return err
	}
	for i := range sketches {
		if sketches[i].empty {
			s.found.Drop(sketches[i].Keys[0])
		} else {
			s.found.Put(sketches[i].Entry)
		}
		s.awaits(&sketches[i])
	}
	return nil
}

// awaits keeps the day on which an employer must be read again, if there is one.
func (s *searcher) awaits(e *sketch) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, k := range e.Keys {
		delete(s.ahead, k)
	}
	if e.ahead != "" {
		s.ahead[e.Keys[0]] = e.ahead
	}
}

// sketch is what the views say of an employer.
func (s *searcher) sketch(tx projections.Tx, employer string) (e sketch, err error) {
	view := projections.NewEmployers()
	keys, err := view.Same(tx, employer)
	if err != nil {
		return e, err
	}
	preferred, err := view.Preferred(tx, keys)
	if err != nil {
		return e, err
	}
	slices.SortFunc(keys, func(a, b string) int { // the one to use first, then in order: whoever was asked for
		return cmp.Or(-compareBool(a == preferred, b == preferred), cmp.Compare(a, b))
	})
	e.Keys = keys
	linked := false
	for _, k := range keys {
		card, err := view.Card(tx, []string{k})
		if err != nil {
			return e, err
		}
		if card != nil {
			e.cards = append(e.cards, card)
		}
		links, err := view.Links(tx, k)
		if err != nil {
			return e, err
		}
		linked = linked || len(links) > 0
		for _, l := range links {
			other := l.With
			if other == k {
				other = l.Employer
			}
			if l.Kind == "" || l.Holds {
				e.Settled = append(e.Settled, other)
			}
		}
	}
	slices.SortFunc(e.cards, func(a, b *projections.Card) int { return cmp.Compare(b.Position, a.Position) })
	for _, c := range e.cards {
		e.Gemeente, e.Sector, e.Size = cmp.Or(e.Gemeente, c.Gemeente), cmp.Or(e.Sector, c.Sector), cmp.Or(e.Size, c.Size)
		if c.Establishment != "" {
			e.Establishments = append(e.Establishments, c.Establishment)
		}
	}
	known, err := s.contacts(tx, &e)
	if err != nil {
		return e, err
	}
	e.empty = !known && !linked && len(e.cards) == 0
	slices.Sort(e.Settled)
	e.Settled = slices.Compact(e.Settled)
	slices.Sort(e.Establishments)
	e.Establishments = slices.Compact(e.Establishments)
	return e, nil
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// contacts adds what the timeline knows: establishments, and the day of the last
// visit or plan up to today. known is false when there are neither contacts nor
// fixed ones.
func (s *searcher) contacts(tx projections.Tx, e *sketch) (known bool, err error) {
	today := events.DateOf(s.now())
	view := projections.NewEmployers()
	seen := 0
	look := func(c *projections.Contact) (enough bool) { // keeps none of them: this is asked after every record
		if seen == searchContacts {
			return true
		}
		seen++
		if c.Establishment != "" {
			e.Establishments = append(e.Establishments, c.Establishment)
		}
		visit := c.Type == events.TypeVisitMade || c.Type == events.TypeVisitPlanned && c.Status != projections.StatusCalledOff
		switch {
		case !visit:
		case c.To <= today:
			e.LastContact = max(e.LastContact, c.To)
		case e.ahead == "" || c.To < e.ahead:
			e.ahead = c.To
		}
		return false
	}
	if _, _, err := view.Contacts(tx, e.Keys, projections.Timeline{Filter: look}, "", 1); err != nil {
		return false, err
	}
	if e.LastContact == "" && seen == searchContacts { // it lies further back
		last, err := view.LastVisit(tx, e.Keys, today)
		if err != nil {
			return false, err
		}
		if last != nil {
			e.LastContact = last.To
		}
	}
	fixed, err := view.FixedContacts(tx, e.Keys)
	return seen+len(fixed) > 0, err
}

// sealKeys adds the keys that open will need for some employers.
func sealKeys(tx projections.Tx, keys []events.KeyID, employers []string) ([]events.KeyID, error) {
	for _, k := range employers {
		card, err := projections.Employers{}.Card(tx, []string{k})
		if err != nil {
			return nil, err
		}
		if card == nil {
			continue
		}
		for _, seal := range []*events.Seal{card.Name.Seal, card.Place.Seal, card.Postcode.Seal} {
			if seal != nil && (len(keys) == 0 || keys[len(keys)-1] != seal.Key) { // those of a card share one
				keys = append(keys, seal.Key)
			}
		}
	}
	return keys, nil
}

// member is a sealed member of a card, with where it goes once it is open.
type member struct {
	card *projections.Card
	path string
	seal *events.Seal
	to   *string
}

// open opens the seals of sketches in the order of their keys. A member of which
// the key was erased stays empty.
func (s *searcher) open(ctx context.Context, sketches []sketch, unseal unsealer) error {
	type opened struct{ name, place, postcode string }
	cards := make([][]opened, len(sketches))
	var members []member
	for i := range sketches {
		cards[i] = make([]opened, len(sketches[i].cards))
		for j, c := range sketches[i].cards {
			o := &cards[i][j]
			for _, m := range [...]member{{c, "/naam", c.Name.Seal, &o.name}, {c, "/plaats", c.Place.Seal, &o.place}, {c, "/postcode", c.Postcode.Seal, &o.postcode}} {
				if m.seal != nil {
					members = append(members, m)
				}
			}
		}
	}
	slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.seal.Key, b.seal.Key) })
	for _, m := range members {
		if err := s.openMember(ctx, m, unseal); err != nil {
			return fmt.Errorf("unseal %s of position %d: %w", m.path, m.card.Position, err)
		}
	}
	for i := range sketches {
		e := &sketches[i].Entry
		for _, o := range cards[i] {
			if o.name != "" && !slices.Contains(e.Names, o.name) {
				e.Names = append(e.Names, o.name)
			}
			e.Place, e.Postcode = cmp.Or(e.Place, o.place), cmp.Or(e.Postcode, o.postcode)
		}
	}
	return nil
}

func (s *searcher) openMember(ctx context.Context, m member, unseal unsealer) error {
	s.mu.Lock()
	gone := s.erased[m.seal.Key]
	s.mu.Unlock()
	if gone {
		return nil
	}
	plain, err := unseal(ctx, m.card.Source, m.card.ID, m.path, *m.seal)
	if errors.Is(err, ledger.ErrErased) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(plain, m.to)
}
