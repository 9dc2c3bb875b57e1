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
	askedBy    string
	restsUpon  []events.Position
	hasSubject bool // the event concerns an employer at all
}

// where is the place of an approach: an employer, one establishment of it or the
// whole, and what for ("" when not known).
type where struct{ employer, establishment, purpose string }

// concerns: two different establishments do not disturb each other; the whole
// entity and each of its establishments do.
func (w where) concerns(establishment string) bool {
	return w.establishment == "" || establishment == "" || w.establishment == establishment
}

// findPlans takes the open plans of others from today on. A plan whose last day
// is over has expired: the rows sort by that day, so expired ones are not read.
func (f *facts) findPlans(tx Tx, w where, partner string) error {
	var fail error
	// Own plans are passed over unread: there may be thousands of them, and every
	// decision at the tip would pay for each.
	own := []byte(`"p":"` + partner + `"`)
	prefix := employerKey(w.employer, rowOpen)
	tx.ScanFrom(append(employerKey(w.employer, rowOpen), u32(dayNumber(f.today))...), prefix, func(k, v []byte) bool {
		if partner != "" && bytes.Contains(v, own) {
			return true
		}
		var a approach
		if fail = json.Unmarshal(v, &a); fail != nil {
			return false
		}
		if a.Partner != partner && w.concerns(a.Establishment) {
			f.plans = append(f.plans, a)
		}
		return len(f.plans) < plansShown
	})
	slices.SortStableFunc(f.plans, func(a, b approach) int { // the rows sort by their last day
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
	prefix := employerKey(w.employer, rowVisit)
	tx.ScanFrom(append(employerKey(w.employer, rowVisit), u32(^dayNumber(f.today))...), prefix, func(k, v []byte) bool {
		r := new(visitRow)
		if fail = json.Unmarshal(v, r); fail != nil {
			return false
		}
		n++
		if !w.concerns(r.Establishment) || visitOrder(k) == except {
			return n < visitsScanned
		}
		if f.last == nil {
			f.last = r
		}
		if r.Date < quiet {
			return false
		}
		if f.recent == nil || r.Partner != f.askedBy {
			f.recent = r
		}
		return f.recent.Partner == f.askedBy && n < visitsScanned
	})
	return fail
}

// findFixed finds the fixed contact: of each partner its last word for each
// establishment and purpose counts, and of those the newest that fits best: one
// for this purpose before one for all purposes.
func (f *facts) findFixed(tx Tx, w where) error {
	type scope struct{ partner, establishment, purpose string }
	last := map[scope]*contactRow{}
	var fail error
	tx.Scan(employerKey(w.employer, rowContact), func(k, v []byte) bool {
		r := new(contactRow)
		if fail = json.Unmarshal(v, r); fail != nil {
			return false
		}
		last[scope{r.Partner, r.Establishment, r.Purpose}] = r // ascending: the last one stays
		return true
	})
	rank := func(r *contactRow) (int, events.Position) {
		n := 0
		if r.Purpose != "" && r.Purpose == w.purpose {
			n += 2
		}
		if r.Establishment != "" && r.Establishment == w.establishment {
			n++
		}
		return n, r.Position
	}
	for _, r := range last {
		if r.Released || !w.concerns(r.Establishment) || r.Purpose != "" && r.Purpose != w.purpose {
			continue
		}
		if f.fixed == nil {
			f.fixed = r
			continue
		}
		n, at := rank(r)
		bestN, bestAt := rank(f.fixed)
		if n > bestN || n == bestN && at > bestAt {
			f.fixed = r
		}
	}
	return fail
}

func (f *facts) findNames(tx Tx) error {
	add := func(id string) error {
		if _, ok := f.names[id]; ok {
			return nil
		}
		p, err := getPartner(tx, id)
		if p != nil {
			f.names[id] = p.name()
		}
		return err
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
		errs = append(errs, add(p.Partner))
	}
	return errors.Join(errs...)
}
