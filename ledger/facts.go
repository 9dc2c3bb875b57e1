package ledger

import (
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
	names      []PartnerName
	heirs      heirs
	restsUpon  []events.Position
	until      events.Date // of an event that was recorded before: until when its approach held by it
	hasSubject bool        // the event concerns an employer at all
	tried      bool        // nothing is recorded: it says what would be
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

// isConcernedBy is the same of an establishment as it stands in the rows.
func (w where) isConcernedBy(employer string, establishment []byte) bool {
	return w.establishment == "" || len(establishment) == 0 || w.employer == employer && w.establishment == string(establishment)
}

// isOwn reports whether what a partner did counts as done by who asks.
func (f *facts) isOwn(partner string) bool { return slices.Contains(f.matter.own, partner) }

// nameNow is who goes on with a partner's work, itself when nobody does.
func (f *facts) nameNow(partner string) PartnerName { return f.nameOf(f.heirs.of(partner)) }

// findPlans takes the open plans of others from today on, soonest first; when there
// are many, those that end first. A plan whose last day is over has expired: the
// rows sort by that day, so expired ones are not read.
func (f *facts) findPlans(tx Tx, w where) error {
	var fail error
	// Own plans are passed over unread: there may be thousands of them, and every
	// decision at the tip would pay for each.
	mergeRows(tx, rowOpen, f.matter.group, u32(dayNumber(f.today)), func(v []byte) bool { return len(v) >= 16 && f.matter.isMine(v[:16]) }, func(employer string, k, v []byte) bool {
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
	if len(f.evidence.lanes) == 0 {
		return nil
	}
	var last, recent *lastOf
	m, terms := f.matter, &f.evidence.terms
	today, quiet := dayNumber(f.today), dayNumber(m.from.AddDays(-terms.QuietDays))
	for i := range f.evidence.lanes {
		v, err := f.evidence.lanes[i].before(tx, today, m.except)
		if err != nil {
			return err
		}
		if v == nil {
			continue
		}
		if v.newer(last) {
			last = v
		}
		if v.day >= quiet && !m.isMine(v.by()) && v.goesBefore(recent, m.place.purpose, terms) {
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

// goesBefore: a visit that is disturbed before one that is not, then the newer one.
func (v *lastOf) goesBefore(than *lastOf, purpose string, t *events.Terms) bool {
	if than == nil {
		return true
	}
	disturbed := func(o *lastOf) bool { return !o.atRequest() && t.Disturb(purpose, string(o.purpose())) }
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
	for _, employer := range f.matter.having(everContact) {
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

// nameOf is what a partner that the facts name is called.
func (f *facts) nameOf(id string) PartnerName {
	for i := range f.names {
		if f.names[i].ID == id {
			return f.names[i]
		}
	}
	return PartnerName{}
}

// findNames reads what all whom the facts name are called, and who goes on with their work.
func (f *facts) findNames(tx Tx, called *called) (err error) {
	f.names = make([]PartnerName, 0, 4)
	one := func(id string) {
		if f.nameOf(id).ID == "" && err == nil {
			var p *Partner
			if p, err = called.in(tx, uuidBytes(id)); p != nil {
				f.names = append(f.names, p.name())
			}
		}
	}
	add := func(maker string) {
		one(maker)
		if len(f.heirs) > 0 {
			one(f.heirs.of(maker))
		}
	}
	if f.fixed != nil {
		add(f.fixed.Partner)
	}
	for _, v := range []*visitRow{f.last, f.recent} {
		if v != nil {
			add(v.Partner)
		}
	}
	for _, list := range [][]openPlan{f.plans, f.holders} {
		for i := range list {
			add(list[i].Partner)
			add(list[i].maker())
		}
	}
	for i := range f.evidence.visits {
		add(f.evidence.visits[i].partner)
	}
	if f.evidence.serving != nil {
		for _, p := range f.evidence.serving.partners {
			add(p)
		}
	}
	return err
}
