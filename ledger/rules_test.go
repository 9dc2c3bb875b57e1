package ledger_test

import (
	"cmp"
	"slices"

	"huisboek/events"
	"huisboek/ledger"
)

// The numbers of the plain model's agreement; the rest is the default one's.
const (
	modelPlans    = 4
	modelManager  = 2
	modelContacts = 3
	modelQuiet    = 90
	modelValid    = 30
	modelLongest  = 180
)

// ask is what the plain model judges.
type ask struct {
	who              int
	number           string
	from, to         events.Date
	with             []int
	request, despite bool
	visit, plan      bool
	moves            bool   // an approach that is planned already
	purpose          string // "" when it is not known
	manager          string
	managerOf        int             // whose account manager that is
	root             *said           // of its own approach
	except           events.Position // the order of the visit that is corrected
}

// codesOf is a verdict: the outcome, then the reasons.
func codesOf(a ledger.Advice) []string {
	list := []string{string(a.Outcome)}
	for _, r := range a.Reasons {
		list = append(list, r.Code)
	}
	return list
}

// named are the partners in samenMet.
func (w *world) named(d events.Data) (list []int) {
	var with []string
	switch d := d.(type) {
	case *events.VisitPlanned:
		with = d.With
	case *events.VisitMade:
		with = d.With
	}
	for _, urn := range with {
		list = append(list, slices.IndexFunc(w.parties, func(p party) bool { return p.urn() == urn }))
	}
	return list
}

func (w *world) has(list []int, who int) bool {
	return slices.ContainsFunc(list, func(p int) bool { return w.now(p) == w.now(who) })
}

// confirmers are who said themselves that they go along with a plan or a visit.
func (w *world) confirmers(s *said) (list []int) {
	for _, o := range w.all {
		if o.void || !is[*events.JointVisitConfirmed](o) {
			continue
		}
		if o.of == 0 && s.root != nil && o.root == s.root || o.of != 0 && is[*events.VisitMade](s) && o.of == s.order {
			list = append(list, o.who)
		}
	}
	return list
}

// together reports whether who asks and the maker of something both say that they go
// together.
func (w *world) together(q *ask, s *said) bool {
	byMe, byThem := w.has(q.with, s.who), w.has(w.named(s.data), q.who)
	var mine []int
	for _, o := range w.all {
		if !o.void && is[*events.JointVisitConfirmed](o) && (o.of == 0 && q.root != nil && o.root == q.root || o.of != 0 && o.of == q.except) {
			mine = append(mine, o.who)
		}
	}
	return byMe && byThem || byMe && w.has(mine, s.who) || byThem && w.has(w.confirmers(s), q.who)
}

// until is the last day on which an approach can hold.
func (w *world) until(s *said) events.Date {
	from, to, _ := w.approach(s)
	last := s
	for _, o := range w.all {
		if !o.void && o.root == s.root && (is[*events.VisitMoved](o)) && o.at > last.at {
			last = o
		}
	}
	extended := events.Date("")
	if from != to {
		to = min(to, last.day.AddDays(modelValid))
		word := s // the days as they were last said
		for _, o := range w.all {
			if !o.void && o.root == s.root && is[*events.VisitMoved](o) && o.order > word.order {
				word = o
			}
		}
		for _, o := range w.all {
			if x, ok := o.data.(*events.ApproachExtended); ok && !o.void && o.root == s.root && o.order > word.order {
				extended = max(extended, x.To)
			}
		}
	}
	return max(min(to, s.root.day.AddDays(modelLongest)), extended)
}

// holds reports whether a plan holds its employer today.
func (w *world) holds(s *said) bool {
	return w.open(s) && w.stands(s)
}

// stands is holds, whether it was called off or made since or not.
func (w *world) stands(s *said) bool {
	last := w.word(s)
	return !s.void && w.until(s) >= w.today() && (last.outcome == events.Free || last.outcome == events.Attention || w.overrides(s))
}

// overrides reports whether a plan holds only because its maker went through.
func (w *world) overrides(s *said) bool {
	last := w.word(s)
	p, ok := last.data.(*events.VisitPlanned)
	return last.outcome == events.Taken && ok && p.Despite != nil
}

// word is the plan or the move that was said last.
func (w *world) word(s *said) *said {
	last := s
	for _, o := range w.all {
		if !o.void && o.root == s.root && is[*events.VisitMoved](o) && o.at > last.at {
			last = o
		}
	}
	return last
}

// planOf is the plan of an approach as it stands; nil when there is none.
func (w *world) planOf(root *said) *said {
	for _, s := range w.all {
		if root != nil && !s.void && s.root == root && is[*events.VisitPlanned](s) {
			return s
		}
	}
	return nil
}

// holding reports whether what is moved or corrected holds already.
func (w *world) holding(q *ask) bool {
	s := w.planOf(q.root)
	return q.moves && s != nil && w.stands(s)
}

// disturbs: of the purposes of these worlds only nazorg is in nobody's way.
func disturbs(one, other string) bool { return one != "nazorg" && other != "nazorg" }

// clashes reports whether a plan is in the way.
func (w *world) clashes(q *ask, s *said) bool {
	if !is[*events.VisitPlanned](s) || w.now(s.who) == q.who || !w.holds(s) || s.data.(*events.VisitPlanned).AtRequest {
		return false
	}
	if w.overrides(s) && w.holding(q) && q.root.at < s.root.at || !disturbs(q.purpose, s.data.(*events.VisitPlanned).Purpose) {
		return false
	}
	e, _ := events.EmployerOf(s.data)
	from, to, _ := w.approach(s)
	return slices.Contains(w.group(q.number), e.KvK) && q.from <= to.AddDays(modelQuiet) && from <= q.to.AddDays(modelQuiet) && !w.together(q, s)
}

// year counts the contacts of the year: of those of one day that went together one.
func (w *world) year(q *ask) int {
	var all []*said
	for _, s := range w.all {
		v, ok := s.data.(*events.VisitMade)
		if ok && !s.void && !v.AtRequest && s.order != q.except && v.Date[:4] == q.from[:4] && slices.Contains(w.group(q.number), v.KvK) {
			all = append(all, s)
		}
	}
	n := len(all)
	part := make([]int, n)
	for i := range part {
		part[i] = i
	}
	for i, a := range all {
		for j, b := range all[:i] {
			one, two := a.data.(*events.VisitMade), b.data.(*events.VisitMade)
			byA, byB := w.has(w.named(one), b.who), w.has(w.named(two), a.who)
			both := byA && byB || byA && w.has(w.confirmers(a), b.who) || byB && w.has(w.confirmers(b), a.who)
			if one.Date == two.Date && both && part[i] != part[j] {
				from := part[i]
				for k := range part {
					if part[k] == from {
						part[k] = part[j]
					}
				}
				n--
			}
		}
	}
	return n
}

// verdict is what the rules give, from the list alone.
func (w *world) verdict(q *ask) []string {
	outcome, reasons := events.Free, []string{}
	find := func(code string, as events.Outcome) {
		if reasons = append(reasons, code); q.request || q.visit {
			as = events.Attention
		}
		if outcome != events.Taken {
			outcome = as
		}
	}
	group := w.group(q.number)
	clash, unconfirmed := false, false
	recent := ""
	plans, managers := 0, 0
	for _, s := range w.all {
		if w.clashes(q, s) {
			clash, unconfirmed = true, unconfirmed || w.has(q.with, s.who)
		}
		if v, ok := s.data.(*events.VisitMade); ok && !s.void && !v.AtRequest && s.order != q.except && slices.Contains(group, v.KvK) &&
			disturbs(q.purpose, v.Purpose) && v.Date <= q.to && v.Date.AddDays(modelQuiet) >= q.from {
			switch {
			case w.now(s.who) == q.who:
				recent = cmp.Or(recent, "recent-eigen-bezoek")
			case v.Date < q.from || !w.together(q, s):
				recent = "recent-bezoek"
			}
		}
		if p, ok := s.data.(*events.VisitPlanned); ok && w.holds(s) && w.now(s.who) == q.who && (q.root == nil || s.root != q.root) {
			plans++
			if s.who == q.managerOf && !s.erased && p.AccountManager.Plain.Employee == q.manager {
				managers++
			}
		}
	}
	if clash {
		find("ander-plan", events.Taken)
	}
	if unconfirmed {
		reasons = append(reasons, "samen-onbevestigd")
	}
	if recent != "" {
		find(recent, events.Attention)
	}
	if !q.request && q.purpose != "nazorg" && w.year(q) >= modelContacts {
		find("jaarmaximum", events.Attention)
	}
	if f := w.fixedBy(group); f != nil && q.purpose != "nazorg" && w.now(f.who) != q.who && !w.has(q.with, f.who) {
		find("andere-contactpersoon", events.Attention)
	}
	caps := (q.plan || q.moves) && !w.holding(q)
	if caps && plans >= modelPlans {
		find("te-veel-plannen", events.Attention)
	}
	if caps && managers >= modelManager {
		find("te-veel-plannen-medewerker", events.Attention)
	}
	first := w.today()
	if q.root != nil {
		first = q.root.day
	}
	if !q.visit {
		until := q.to
		if q.from != q.to {
			until = min(until, w.today().AddDays(modelValid))
		}
		if min(until, first.AddDays(modelLongest)) < q.from {
			find("te-lang-vast", events.Attention)
		}
		if q.to < w.today() {
			find("dag-voorbij", events.Attention)
		}
	}
	switch {
	case len(reasons) == 0:
	case q.request:
		reasons = append(reasons, "op-verzoek")
	case q.despite:
		reasons = append(reasons, "ondanks")
	}
	return append([]string{string(outcome)}, reasons...)
}

// ofPlan is a question about the approach of a plan on other days.
func (w *world) ofPlan(s *said, from, to events.Date) ask {
	p := s.data.(*events.VisitPlanned)
	q := ask{who: w.now(s.who), number: p.KvK, from: from, to: to, with: w.named(p), request: p.AtRequest, root: s.root, moves: true, purpose: p.Purpose}
	if q.managerOf = -1; !s.erased { // nobody knows whose plan it is once that one was erased
		q.managerOf, q.manager = s.who, p.AccountManager.Plain.Employee
	}
	return q
}

// wanted is the verdict that something must get that is about to be said.
func (w *world) wanted(s, target *said) (want []string, judged bool) {
	switch d := s.data.(type) {
	case *events.VisitPlanned:
		q := ask{who: s.who, number: d.KvK, with: w.named(d), request: d.AtRequest, despite: d.Despite != nil, plan: true, purpose: d.Purpose, manager: d.AccountManager.Plain.Employee, managerOf: s.who}
		q.from, q.to = daysOf(d.Date, d.Period)
		if target != nil { // the days that the approach then has
			as := *s
			as.order = target.order
			q.root, q.moves = s.root, true
			q.from, q.to, _ = w.approach(&as)
		}
		return w.verdict(&q), true
	case *events.VisitMoved:
		for _, p := range w.all {
			if p.void || p.root != s.root || !is[*events.VisitPlanned](p) {
				continue
			}
			q := w.ofPlan(p, "", "")
			q.from, q.to = daysOf(d.Date, d.Period)
			return w.verdict(&q), true
		}
	case *events.VisitMade:
		q := ask{who: s.who, number: d.KvK, from: d.Date, to: d.Date, with: w.named(d), request: d.AtRequest, visit: true, purpose: d.Purpose}
		if s.root != nil {
			q.root = s.root
		}
		if target != nil {
			q.except = target.order
		}
		return w.verdict(&q), true
	}
	return nil, false
}
