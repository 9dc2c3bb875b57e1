package projections

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"huisboek/events"
)

// Member is a partner as it took part on a day: what the steward had said of it
// that was in force then.
type Member struct {
	Position   events.Position // of the last thing said of it that was in force
	At         time.Time       // when that was recorded
	Since      events.Date     // the day from which it stood like this
	Partner    string          // internal UUID
	Identities []string        // in the order in which they came; they only grow
	Name, Kind string
	From       events.Date // first day of this part of its membership
	Until      events.Date // the day from which it no longer takes part; empty: none known
	Gemeenten  []string
	Postcodes  []string
	Subregion  string
	Regions    []string // every region that it serves; empty: this one
	Successor  string   // internal UUID; empty: none
}

// Active reports whether it took part on a day.
func (m *Member) Active(on events.Date) bool {
	return m.From <= on && (m.Until == "" || on < m.Until)
}

// Members is the view of who takes part, dated: everything that was ever said of
// a partner, so that it can be told for any day.
//
// What holds on a day is what was said last of all that counts from that day or an
// earlier one: an admission, or a departure, which moves the one before it when no
// admission was said in between. A succession, which replaces the one before it that
// was not undone, ends the partner's part from its day on, whatever else is said,
// until the day of an admission that was said after it and counts from a later day.
//
// Its zero value is ready to use.
type Members struct{}

// Name implements Fold.
func (Members) Name() string { return "partners" }

// Shape implements Fold.
func (Members) Shape() int { return 2 }

// Apply implements Fold.
func (Members) Apply(tx Tx, r *events.Record) error {
	var partner string
	var change func(*standing)
	switch d := r.Event.Data.(type) {
	case *events.PartnerAdmitted:
		partner = d.Partner
		change = func(s *standing) { s.admitted(d.From) }
		w := word{at: r.At, from: d.From, identities: d.Identities, name: d.Name, kind: d.Kind,
			gemeenten: d.Gemeenten, postcodes: d.Postcodes, subregion: d.Subregion, regions: d.Regions}
		tx.Put(wordKey(partner, r.Position), w.encode())
	case *events.PartnerDeparted:
		partner = d.Partner
		w := word{at: r.At, from: d.From, departed: true}
		tx.Put(wordKey(partner, r.Position), w.encode())
	case *events.PartnerSucceeded:
		partner = d.Partner
		change = func(s *standing) { s.succeeded(heir{position: r.Position, at: r.At, by: d.By, from: d.From}) }
	default:
		return nil
	}
	words, err := wordsOf(tx, partner)
	if err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	s, err := readStanding(tx, partner)
	if err != nil {
		return fmt.Errorf("position %d: %w", r.Position, err)
	}
	s.heirs = slices.Clone(s.heirs)
	if change != nil {
		change(&s)
	}
	s.turns = turnsOf(stretches(words, s.heirs))
	tx.Put(partnerPrefix(rowSuccessor, partner), s.encode())
	return nil
}

// On is every partner as it stood on a day, by name; those that had not begun yet
// are left out, those that had left are there.
func (Members) On(tx Tx, day events.Date) ([]Member, error) {
	words := map[string][]word{}
	var err error
	tx.Scan([]byte{rowMember}, func(k, v []byte) bool {
		partner, rest, ok := cutSized(k[1:])
		if !ok {
			err = ErrRow
			return false
		}
		var w word
		if w, err = decodeWord(rest, v); err != nil {
			return false
		}
		words[string(partner)] = append(words[string(partner)], w)
		return true
	})
	if err != nil {
		return nil, fmt.Errorf("partners: %w", err)
	}
	var list []Member
	for partner, said := range words {
		s, err := readStanding(tx, partner)
		if err != nil {
			return nil, err
		}
		line := stretches(said, s.heirs)
		i, found := slices.BinarySearchFunc(line, day, func(x stretch, day events.Date) int { return cmp.Compare(x.day, day) })
		if !found {
			i--
		}
		if m, ok := memberAt(line, i, partner); ok {
			m.Identities = identitiesOn(said, day)
			list = append(list, m)
		}
	}
	slices.SortFunc(list, func(a, b Member) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Partner, b.Partner)) })
	return list, nil
}

// History is how one partner stood, from the day on which it began: an entry for
// every day from which it stood otherwise, in the order of those days. What was said
// but never came to hold, because something else was said since, is not in it.
func (Members) History(tx Tx, partner string) (list []Member, err error) {
	words, err := wordsOf(tx, partner)
	if err != nil {
		return nil, err
	}
	s, err := readStanding(tx, partner)
	if err != nil {
		return nil, err
	}
	line := stretches(words, s.heirs)
	for i := range line {
		if m, ok := memberAt(line, i, partner); ok {
			list = append(list, m)
		}
	}
	return list, nil
}

// Successor is who goes on with a partner's work on a day: the end of the chain of
// successors, or the partner itself.
func (Members) Successor(tx Tx, partner string, day events.Date) (string, error) {
	end, _, err := goesOn(tx, partner, day)
	return end, err
}

// memberAt is the partner in a stretch; ok is false when it had not begun by then.
func memberAt(line []stretch, i int, partner string) (m Member, ok bool) {
	if i < 0 {
		return m, false
	}
	at := &line[i]
	m = Member{Position: at.position, At: at.at, Since: at.day, Partner: partner, Identities: at.identities, Successor: at.successor}
	last := i // of its part: this stretch, or the one before it left
	if at.active {
		for _, later := range line[i:] {
			if !later.active {
				m.Until = later.day
				break
			}
		}
	} else {
		for last >= 0 && !line[last].active {
			m.Until = line[last].day
			last--
		}
		if last < 0 {
			return m, false
		}
	}
	w := line[last].admission
	m.Name, m.Kind, m.Gemeenten, m.Postcodes, m.Subregion, m.Regions = w.name, w.kind, w.gemeenten, w.postcodes, w.subregion, w.regions
	for ; last >= 0 && line[last].active; last-- {
		m.From = line[last].day
	}
	return m, true
}
