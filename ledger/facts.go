package ledger

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// facts are what a verdict rests on, as they stand in the book: people sealed.
type facts struct {
	fixed      *contactRow
	plans      []approach // open, of others, soonest first
	last       *visitRow  // who went last, whoever it was
	recent     *visitRow  // within the quiet days: another's, else one's own
	outcome    events.Outcome
	reasons    []string
	today      events.Date
	names      map[string]PartnerName
	own        []string // who asks, and whose work it goes on with
	heirs      heirs
	group      []string // everything that is the same employer
	restsUpon  []events.Position
	hasSubject bool // the event concerns an employer at all
}

// where is the place of an approach: an employer, one establishment of it or the
// whole, and what for ("" when not known).
type where struct{ employer, establishment, purpose string }

// concerns: two different establishments do not disturb each other; the whole
// entity and each of its establishments do. An establishment is of one employer:
// of what is the same employer under another key, only the whole concerns it.
func (w where) concerns(employer, establishment string) bool {
	return w.establishment == "" || establishment == "" || w.establishment == establishment && w.employer == employer
}

// isOwn reports whether what a partner did counts as done by who asks.
func (f *facts) isOwn(partner string) bool { return slices.Contains(f.own, partner) }

// nameNow is who goes on with a partner's work, itself when nobody does.
func (f *facts) nameNow(partner string) PartnerName { return f.names[f.heirs.of(partner)] }

// findPlans takes the open plans of others from today on, soonest first; when there
// are many, those that end first. A plan whose last day is over has expired: the
// rows sort by that day, so expired ones are not read.
func (f *facts) findPlans(tx Tx, w where) error {
	var fail error
	// Own plans are passed over unread: there may be thousands of them, and every
	// decision at the tip would pay for each.
	var own [][]byte
	for _, partner := range f.own {
		if partner != "" {
			own = append(own, []byte(`"p":"`+partner+`"`))
		}
	}
	isOwn := func(v []byte) bool {
		return slices.ContainsFunc(own, func(o []byte) bool { return bytes.Contains(v, o) })
	}
	mergeRows(tx, rowOpen, f.group, u32(dayNumber(f.today)), isOwn, func(employer string, _, v []byte) bool {
		var a approach
		if fail = json.Unmarshal(v, &a); fail != nil {
			return false
		}
		if !f.isOwn(a.Partner) && w.concerns(employer, a.Establishment) {
			f.plans = append(f.plans, a)
		}
		return len(f.plans) < plansShown
	})
	slices.SortStableFunc(f.plans, func(a, b approach) int {
		fromA, _ := a.dates()
		fromB, _ := b.dates()
		return cmp.Compare(fromA, fromB)
	})
	return fail
}

// findLastVisit finds who went last, and the visit within the quiet days that
// matters: another's before one's own, for a warning is about the others.
func (f *facts) findLastVisit(tx Tx, w where, except events.Position) error {
	var fail error
	n := 0
	quiet := f.today.AddDays(-quietDays)
	mergeRows(tx, rowVisit, f.group, u32(^dayNumber(f.today)), nil, func(employer string, k, v []byte) bool {
		r := new(visitRow)
		if fail = json.Unmarshal(v, r); fail != nil {
			return false
		}
		n++
		if !w.concerns(employer, r.Establishment) || visitOrder(k) == except {
			return n < visitsScanned
		}
		if f.last == nil {
			f.last = r
		}
		if r.Date < quiet {
			return false
		}
		if f.recent == nil || !f.isOwn(r.Partner) {
			f.recent = r
		}
		return f.isOwn(f.recent.Partner) && n < visitsScanned
	})
	return fail
}

// findFixed finds the fixed contact: of each partner its last word for each
// establishment and purpose counts, and of those the newest that fits best: one
// for this purpose before one for all purposes. A correction is as new as what it
// corrects.
func (f *facts) findFixed(tx Tx, w where) error {
	words, err := f.lastWords(tx)
	if err != nil {
		return err
	}
	fit := func(r *contactRow) (n int) {
		if r.Purpose != "" && r.Purpose == w.purpose {
			n += 2
		}
		if r.Establishment != "" && r.Establishment == w.establishment {
			n++
		}
		return n
	}
	var best contactWord
	for _, r := range words {
		if r.Released || !w.concerns(r.employer, r.Establishment) || r.Purpose != "" && r.Purpose != w.purpose {
			continue
		}
		if best.contactRow == nil || cmp.Or(cmp.Compare(fit(r.contactRow), fit(best.contactRow)), cmp.Compare(r.order, best.order)) > 0 {
			best = r
		}
	}
	f.fixed = best.contactRow
	return nil
}

// contactWord is an appointment or release with where it was said.
type contactWord struct {
	*contactRow
	employer string
	order    events.Position
}

// lastWords are the appointments and releases that no later one has overtaken: of
// the same partner, or of who went on with its work, for the same establishment
// and purpose.
func (f *facts) lastWords(tx Tx) (words []contactWord, fail error) {
	for _, employer := range f.group {
		tx.Scan(employerKey(employer, rowContact), func(k, v []byte) bool {
			r := contactWord{new(contactRow), employer, positionAtEnd(k)}
			if fail = json.Unmarshal(v, r.contactRow); fail != nil {
				return false
			}
			words = append(words, r)
			return true
		})
	}
	if len(words) < 2 || fail != nil {
		return words, fail
	}
	slices.SortFunc(words, func(a, b contactWord) int { return cmp.Compare(b.order, a.order) })
	type scope struct{ partner, establishment, purpose string }
	overtaken := map[scope]bool{}
	return slices.DeleteFunc(words, func(r contactWord) bool {
		s := scope{r.Partner, r.Establishment, r.Purpose}
		gone := overtaken[s]
		for _, s.partner = range append([]string{r.Partner}, r.Over...) {
			overtaken[s] = true
		}
		return gone
	}), nil
}

func (f *facts) findNames(tx Tx) error {
	add := func(maker string) error {
		for _, id := range []string{maker, f.heirs.of(maker)} {
			if _, ok := f.names[id]; ok {
				continue
			}
			p, err := getPartner(tx, id)
			if err != nil {
				return err
			}
			if p != nil {
				f.names[id] = p.name()
			}
		}
		return nil
	}
	var errs []error
	if f.fixed != nil {
		errs = append(errs, add(f.fixed.Partner))
	}
	if f.last != nil {
		errs = append(errs, add(f.last.Partner))
	}
	if f.recent != nil {
		errs = append(errs, add(f.recent.Partner))
	}
	for _, p := range f.plans {
		errs = append(errs, add(p.Partner), add(p.maker()))
	}
	return errors.Join(errs...)
}
