package projections

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"huisboek/events"
)

// search is one thing held against those around it.
type search struct {
	tx        Tx
	r         *events.Record
	t         *thing
	agreement events.Position
	terms     events.Terms
	subregion string
	who       string                   // goes on with the thing's partner's work on the day of the record
	before    map[events.Position]bool // with what the thing clashed before; nil: not asked
	found     []*Clash                 // by the record
}

// find adds to what a record found what a thing clashes with, as the record leaves it.
func find(tx Tx, r *events.Record, t *thing, found []*Clash) ([]*Clash, error) {
	today := r.Verdict.Today
	if t.gone || t.afterwards || t.atRequest || !t.Visit && (!t.open || t.until.Before(today)) {
		return found, nil
	}
	s := search{tx: tx, r: r, t: t, found: found}
	if err := s.prepare(today); err != nil {
		return nil, err
	}
	keys, err := sameNow(tx, t.Employer)
	if err != nil {
		return nil, err
	}
	if s.terms.Actions.OtherPlan != events.ActNothing {
		if err := s.plans(keys, today); err != nil {
			return nil, err
		}
	}
	if t.Visit && s.terms.Actions.Quiet != events.ActNothing {
		if err := s.visits(keys); err != nil {
			return nil, err
		}
	}
	if len(s.found) > len(found) {
		t.nowClashes(tx)
	}
	return s.found, nil
}

func (s *search) prepare(today events.Date) error {
	agreement, terms, err := termsFor(s.tx, s.t.Partner, today)
	if err != nil {
		return err
	}
	s.agreement, s.terms = agreement.Position, terms
	if len(agreement.Subregions) > 0 {
		if s.subregion, err = subregionOf(s.tx, s.t.Partner, today); err != nil {
			return err
		}
	}
	s.who, _, err = goesOn(s.tx, s.t.Partner, today)
	return err
}

// sameNow is every key under which an employer is known, without a scan for the most
// that never were linked.
func sameNow(tx Tx, employer string) ([]string, error) {
	if !wasLinked(tx, employer) {
		return []string{employer}, nil
	}
	return Employers{}.Same(tx, employer)
}

// plans looks among the approaches that hold the employer: a plan is held against those
// that hold today or later, a visit against those that held on its day.
func (s *search) plans(keys []string, today events.Date) error {
	since := today
	if s.t.Visit {
		since = s.t.From
	}
	around := s.t.around(s.terms.QuietDays)
	var holds []when
	for _, key := range keys {
		if err := s.forward(clashNamed(clashHold, key), since, "", &holds); err != nil {
			return err
		}
	}
	return s.against(nearest(holds), func(y *thing) string {
		switch {
		case !s.terms.Disturb(s.t.Purpose, y.Purpose) || !around.meets(y):
		case s.t.Visit && y.first <= s.t.From:
			return RuleVisit
		case !s.t.Visit:
			return RulePlans
		}
		return ""
	})
}

// visits looks among the visits before and after this one.
func (s *search) visits(keys []string) error {
	since, until := s.t.From.AddDays(-s.terms.QuietDays), s.t.From.AddDays(s.terms.QuietDays)
	var before, after []when
	for _, key := range keys {
		if err := s.backward(key, since, &before); err != nil {
			return err
		}
		if err := s.forward(clashNamed(clashVisit, key), s.t.From, until, &after); err != nil {
			return err
		}
	}
	rule := func(y *thing) string {
		if y.afterwards || y.atRequest || !disturbs(&s.terms, s.t, y) {
			return ""
		}
		return RuleQuiet
	}
	before = nearest(before)
	slices.Reverse(before)
	if err := s.against(before[:min(maxLook, len(before))], rule); err != nil {
		return err
	}
	return s.against(nearest(after), rule)
}

// vicinity is the days of a thing with the quiet days around them.
type vicinity struct{ from, to events.Date }

func (t *thing) around(quiet int) vicinity {
	return vicinity{t.From.AddDays(-quiet), t.last().AddDays(quiet)}
}

// meets reports whether the days of another are within it. Those of a plan end where it
// can hold the employer no longer.
func (x vicinity) meets(t *thing) bool { return x.from <= t.last() && t.From <= x.to }

func (t *thing) last() events.Date {
	if t.Visit {
		return t.To
	}
	return t.until
}

// disturbs reports whether the one of two visits that came after disturbs the one
// before; of two on a day either may.
func disturbs(terms *events.Terms, a, b *thing) bool {
	return a.From >= b.From && terms.Disturb(a.Purpose, b.Purpose) || b.From >= a.From && terms.Disturb(b.Purpose, a.Purpose)
}

// against holds the thing against others, and finds what it clashes with by a rule
// ("": not): [maxFound] at most.
func (s *search) against(list []when, rule func(*thing) string) error {
	found, y := 0, new(thing)
	var own encoder
	own.text(s.t.Partner)
	for _, at := range list[:min(maxLook, len(list))] {
		if found == maxFound {
			break
		}
		row := s.tx.Get(positionKey(rowThing, at.id))
		if row == nil {
			return fmt.Errorf("%w: nothing at position %d", ErrRow, at.id)
		}
		if ofPartner(row, own) {
			continue
		}
		if err := y.decode(at.id, row); err != nil {
			return err
		}
		if !concerns(s.t.Establishment, y.Establishment) || joint(s.t, y) {
			continue
		}
		code := rule(y)
		if code == "" {
			continue
		}
		known, err := s.known(y)
		if err != nil {
			return err
		}
		who, _, err := goesOn(s.tx, y.Partner, s.r.Verdict.Today)
		if err != nil {
			return err
		}
		if !known && who != s.who {
			s.add(y, code)
			found++
		}
	}
	return nil
}

// known reports whether the two clashed before, or were found to by this record.
func (s *search) known(y *thing) (bool, error) {
	switch {
	case !y.clashed:
		return false, nil
	case slices.ContainsFunc(s.found, func(c *Clash) bool { return c.has(s.t.ID) && c.has(y.ID) }):
		return true, nil
	case !s.t.clashed:
		return false, nil
	}
	if s.before == nil {
		s.before = map[events.Position]bool{}
		for _, p := range clashesOf(s.tx, s.t.ID) {
			list, err := readFound(s.tx, p)
			if err != nil {
				return false, err
			}
			for _, c := range list {
				if c.has(s.t.ID) {
					s.before[c.First.ID], s.before[c.Later.ID] = true, true
				}
			}
		}
	}
	return s.before[y.ID], nil
}

// add finds a clash with another thing. Of two visits the one made earlier comes first.
func (s *search) add(y *thing, rule string) {
	first, later := y, s.t
	if rule == RuleQuiet && (s.t.From < y.From || s.t.From == y.From && s.t.ID < y.ID) {
		first, later = later, first
	}
	s.found = append(s.found, &Clash{
		First: first.Party, Later: later.Party, Rule: rule, Found: s.r.Position, FoundOn: events.DateOf(s.r.At),
		Agreement: s.agreement, subregion: s.subregion,
		partners: [2]string{first.Partner, later.Partner}, employers: [2]string{first.Employer, later.Employer},
	})
	y.nowClashes(s.tx)
}

// when is where a thing stands in time.
type when struct {
	day uint32
	id  events.Position
}

// nearest sorts places in time.
func nearest(list []when) []when {
	slices.SortFunc(list, func(a, b when) int { return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.id, b.id)) })
	return list
}

// forward adds what stands from a day on up to another ("": no end), but for the thing
// itself and, of visits, what stands before it on its own day.
func (s *search) forward(prefix []byte, from, to events.Date, list *[]when) (err error) {
	n := 0
	s.tx.ScanFrom(binary.BigEndian.AppendUint32(bytes.Clone(prefix), dayNumber(from)), prefix, func(k, _ []byte) bool {
		rest := k[len(prefix):]
		if len(rest) != 12 {
			err = ErrRow
			return false
		}
		at := when{binary.BigEndian.Uint32(rest), events.Position(binary.BigEndian.Uint64(rest[4:]))}
		if to != "" && at.day > dayNumber(to) {
			return false
		}
		if at.id == s.t.ID || to != "" && at.day == dayNumber(s.t.From) && at.id < s.t.ID {
			return true
		}
		*list = append(*list, at)
		n++
		return n < maxLook
	})
	return err
}

// backward adds the visits before this one, the last first, down to a day. Those rows
// are of Employers.
func (s *search) backward(employer string, from events.Date, list *[]when) (err error) {
	n, prefix := 0, employerPrefix(rowVisit, employer)
	s.tx.ScanFrom(append(datedKey(rowVisit, employer, s.t.From, s.t.ID), 0), prefix, func(k, _ []byte) bool {
		rest := k[len(prefix):]
		if len(rest) != 12 {
			err = ErrRow
			return false
		}
		at := when{^binary.BigEndian.Uint32(rest), events.Position(^binary.BigEndian.Uint64(rest[4:]))}
		if at.day < dayNumber(from) {
			return false
		}
		*list = append(*list, at)
		n++
		return n < maxLook
	})
	return err
}
