package ledger

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/go-json-experiment/json"

	"huisboek/events"
)

// facts are what a verdict rests on and what is told with it, as they stand in the
// book: people sealed.
type facts struct {
	matter     *matter
	evidence   *evidence
	ruling     ruling
	fixed      *contactRow
	plans      []openPlan // of others, soonest first
	holders    []openPlan // whose hold is in the way: first in the stream first
	last       *visitRow  // who went last, whoever it was
	recent     *visitRow  // of another, within the quiet days
	outcome    events.Outcome
	reasons    []string
	today      events.Date
	names      map[string]PartnerName
	heirs      heirs
	group      []string // everything that is the same employer
	restsUpon  []events.Position
	until      events.Date // of an event that was recorded before: until when its approach held by it
	hasSubject bool        // the event concerns an employer at all
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
func (f *facts) isOwn(partner string) bool { return slices.Contains(f.matter.own, partner) }

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
	for _, partner := range f.matter.own {
		if partner != "" {
			own = append(own, uuidBytes(partner))
		}
	}
	isOwn := func(v []byte) bool {
		return slices.ContainsFunc(own, func(o []byte) bool { return bytes.HasPrefix(v, o) })
	}
	mergeRows(tx, rowOpen, f.group, u32(dayNumber(f.today)), isOwn, func(employer string, k, v []byte) bool {
		var p openPlan
		if p, fail = readOpen(k, v); fail != nil {
			return false
		}
		if w.concerns(employer, p.establishment) {
			f.plans = append(f.plans, p)
		}
		return len(f.plans) < plansShown
	})
	slices.SortStableFunc(f.plans, func(a, b openPlan) int { return cmp.Compare(a.from, b.from) })
	return fail
}

// findHolders reads the approaches whose holds are in the way: who is called first is
// among them.
func (f *facts) findHolders(tx Tx) error {
	for _, c := range f.ruling.clashes[:min(len(f.ruling.clashes), callsShown)] {
		if i := slices.IndexFunc(f.plans, func(p openPlan) bool { return p.Root == c.root }); i >= 0 {
			f.holders = append(f.holders, f.plans[i])
			continue
		}
		var a approach
		if ok, err := getRow(tx, positionKey(rowApproach, c.root), &a); err != nil {
			return err
		} else if ok {
			f.holders = append(f.holders, a.told())
		}
	}
	return nil
}

// findLastVisit finds who went last, whatever for; and who of the others went within
// the quiet days: one that is disturbed before any other.
func (f *facts) findLastVisit(tx Tx) error {
	var last, recent *lastOf
	except := f.matter.except
	for i := range f.evidence.lanes {
		v, err := f.evidence.lanes[i].before(tx, f.today, except, nil)
		if err != nil {
			return err
		}
		if v == nil {
			continue
		}
		if v.newer(last) {
			last = v
		}
		if !f.isOwn(v.partner) && f.quiet(v.date) && f.prefers(v, recent) {
			recent = v
		}
	}
	var err error
	if last != nil {
		if f.last, err = last.row(tx); err != nil {
			return err
		}
	}
	switch recent {
	case nil:
	case last:
		f.recent = f.last
	default:
		f.recent, err = recent.row(tx)
	}
	return err
}

func (f *facts) quiet(day events.Date) bool {
	return day.AddDays(f.evidence.terms.QuietDays) >= f.matter.from
}

// prefers: a visit that is disturbed before one that is not, then the newer one.
func (f *facts) prefers(v, than *lastOf) bool {
	if than == nil {
		return true
	}
	disturbed := func(o *lastOf) bool {
		return !o.atRequest && f.evidence.terms.Disturb(f.matter.place.purpose, o.purpose)
	}
	if one, two := disturbed(v), disturbed(than); one != two {
		return one
	}
	return v.newer(than)
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

func (f *facts) findNames(tx Tx, called *called) error {
	add := func(maker string) error {
		for _, id := range []string{maker, f.heirs.of(maker)} {
			if _, ok := f.names[id]; ok {
				continue
			}
			name, ok, err := called.in(tx, id)
			if err != nil {
				return err
			}
			if ok {
				f.names[id] = name
			}
		}
		return nil
	}
	makers := []string{}
	if f.fixed != nil {
		makers = append(makers, f.fixed.Partner)
	}
	for _, v := range []*visitRow{f.last, f.recent} {
		if v != nil {
			makers = append(makers, v.Partner)
		}
	}
	for _, list := range [][]openPlan{f.plans, f.holders} {
		for i := range list {
			makers = append(makers, list[i].Partner, list[i].maker())
		}
	}
	for i := range f.evidence.visits {
		makers = append(makers, f.evidence.visits[i].partner)
	}
	if f.evidence.serving != nil {
		makers = append(makers, f.evidence.serving.partners...)
	}
	for _, maker := range makers {
		if err := add(maker); err != nil {
			return err
		}
	}
	return nil
}
