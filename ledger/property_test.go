package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"huisboek/events"
	"huisboek/ledger"
)

// said is an event that was recorded, as the plain model remembers it.
type said struct {
	at, order events.Position
	who       int // index of the partner
	id        string
	data      events.Data
	event     *events.Event
	root      *said // the first plan or placement that it is part of
	day       events.Date
	of        events.Position // of a confirmation: the order of the visit
	outcome   events.Outcome
	over      []int // whose work its partner went on with by then
	void      bool  // retracted or corrected
	erased    bool  // its account manager was
}

// world is a ledger with its views beside a plain list of what was said.
type world struct {
	t       *rapid.T
	k       *book
	parties []party
	all     []*said
	links   map[[2]string]*tie
	pairs   map[[2]*said][]saidOfPair
	heirs   map[int]int // who goes on with whose work
	n       int
}

// TestAnythingGoes: any batches, repeats, late events, corrections, retractions
// erasures, links, pairs of placements and successions give what the plain list gives, and rebuilt
// equals kept.
func TestAnythingGoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		k := newBook(t)
		agreement := events.AgreementSet{From: today.AddDays(-1000), Name: "Proef", Terms: events.DefaultAgreement().Terms}
		agreement.PlansPerPartner, agreement.PlansPerManager, agreement.ContactsPerYear = modelPlans, modelManager, modelContacts
		agreement.Actions.PartnerPlans = events.ActWarn
		k.mustSteward(&agreement)
		w := &world{t: rt, k: k, parties: []party{k.a, k.b, k.c}, links: map[[2]string]*tie{}, pairs: map[[2]*said][]saidOfPair{}, heirs: map[int]int{}}
		rt.Repeat(map[string]func(*rapid.T){
			"plan":      w.plan,
			"move":      w.move,
			"call off":  w.callOff,
			"extend":    w.extend,
			"confirm":   w.confirm,
			"visit":     w.visit,
			"end visit": w.endVisit,
			"service":   w.service,
			"place":     w.place,
			"end place": w.endPlace,
			"vacancy":   w.vacancy,
			"fill":      w.fill,
			"withdraw":  w.withdraw,
			"signal":    w.signal,
			"link":      w.link,
			"unlink":    w.unlink,
			"pair up":   w.pairUp,
			"succeed":   w.succeed,
			"appoint":   w.appoint,
			"release":   w.release,
			"retract":   w.retract,
			"correct":   w.correct,
			"again":     w.again,
			"conflict":  w.conflict,
			"erase":     w.erase,
			"tomorrow":  func(*rapid.T) { k.clock.set(k.clock.now().Add(24 * time.Hour)) },
			"restart":   func(*rapid.T) { k.reopen() },
		})
		w.check(t)
		k.close()
	})
}

func (w *world) today() events.Date { return events.DateOf(w.k.clock.now()) }

// party draws one that takes part.
func (w *world) party(t *rapid.T) int { return w.now(rapid.IntRange(0, 2).Draw(t, "partner")) }

// now is who goes on with a partner's work.
func (w *world) now(who int) int {
	for {
		heir, ok := w.heirs[who]
		if !ok {
			return who
		}
		who = heir
	}
}

// numbers are the employers of the world.
var numbers = []string{kvk, otherKvK, thirdKvK}

func (w *world) employer(t *rapid.T) events.Employer {
	return at(rapid.SampledFrom(numbers).Draw(t, "employer"))
}

func (w *world) day(t *rapid.T, from, to int) events.Date {
	return w.today().AddDays(rapid.IntRange(from, to).Draw(t, "day"))
}

func (w *world) manager(t *rapid.T) events.Personal[events.AccountManager] {
	m := rapid.SampledFrom([]string{"m1", "m2"}).Draw(t, "manager")
	return manager(m, "Naam van "+m)
}

// say records and remembers; target is what it corrects or retracts. Who goes on
// with a partner's work speaks for it.
func (w *world) say(who int, d events.Data, root, target *said) {
	w.n++
	who = w.now(who)
	s := &said{who: who, id: fmt.Sprintf("wereld-%d", w.n), data: d, root: root}
	for old := range w.heirs {
		if w.now(old) == who {
			s.over = append(s.over, old)
		}
	}
	s.event = w.k.event(w.parties[who], s.id, d)
	s.day = w.today()
	wanted, judged := w.wanted(s, target)
	r := w.send(s)
	if judged {
		w.same(fmt.Sprintf("verdict on %s %+v", w.parties[who].name, d), wanted, codesOf(r.Advice))
	}
	s.at, s.order, s.outcome = r.Position, r.Position, r.Outcome
	if target != nil {
		target.void = true
		s.order = target.order
	}
	if s.root == nil {
		s.root = s
	}
	w.all = append(w.all, s)
}

func (w *world) send(s *said) *ledger.Receipt {
	p := w.parties[s.who]
	r, err := w.k.ledger.Record(context.Background(), ledger.Submission{Event: s.event, Caller: w.parties[w.now(s.who)].caller})
	if err != nil {
		w.t.Fatalf("%s %+v: %v", p.name, s.data, err)
	}
	return r
}

// pick draws one of what survives and fits, or skips.
func (w *world) pick(t *rapid.T, fits func(*said) bool) *said {
	var found []*said
	for _, s := range w.all {
		if !s.void && fits(s) {
			found = append(found, s)
		}
	}
	if len(found) == 0 {
		t.Skip("none")
	}
	return found[rapid.IntRange(0, len(found)-1).Draw(t, "which")]
}

func is[T events.Data](s *said) bool { _, ok := s.data.(T); return ok }

// open reports whether a plan can still be moved or ended.
func (w *world) open(s *said) bool {
	return is[*events.VisitPlanned](s) && !slices.ContainsFunc(w.all, func(o *said) bool {
		return !o.void && o.root == s.root && (is[*events.VisitCalledOff](o) || is[*events.VisitMade](o))
	})
}

func (w *world) plan(t *rapid.T) {
	who := w.party(t)
	d := plan(w.employer(t).KvK, uuid.NewString(), w.day(t, -3, 200))
	if rapid.Bool().Draw(t, "period") {
		d.Date, d.Period = "", &events.Period{From: d.Date, To: d.Date.AddDays(rapid.IntRange(1, 60).Draw(t, "days"))}
	}
	d.AccountManager, d.With = w.manager(t), w.with(t, who)
	d.AtRequest = rapid.IntRange(0, 5).Draw(t, "asked") == 0
	if rapid.IntRange(0, 5).Draw(t, "aftercare") == 0 {
		d.Purpose = "nazorg"
	}
	if rapid.IntRange(0, 3).Draw(t, "despite") == 0 {
		d.Despite = &events.Despite{Reason: plain("Al afgesproken.")}
	}
	w.say(who, d, nil, nil)
}

// with draws who is said to go along, if anybody.
func (w *world) with(t *rapid.T, who int) (with []string) {
	if other := rapid.IntRange(0, 6).Draw(t, "with"); other < len(w.parties) && w.now(other) != who {
		with = []string{w.parties[other].urn()}
	}
	return with
}

func (w *world) move(t *rapid.T) {
	s := w.pick(t, w.open)
	d := &events.VisitMoved{Approach: s.data.(*events.VisitPlanned).Approach, Period: &events.Period{From: w.today(), To: w.day(t, 0, 30)}}
	if rapid.Bool().Draw(t, "a day") {
		d.Date, d.Period = w.day(t, 0, 200), nil
	}
	w.say(s.who, d, s.root, nil)
}

// extend lets an open period go on for longer, unless another holds the employer then.
func (w *world) extend(t *rapid.T) {
	s := w.pick(t, func(s *said) bool {
		if !w.open(s) {
			return false
		}
		from, to, _ := w.approach(s)
		return from != to && w.until(s) >= w.today() && w.until(s) < s.root.day.AddDays(180)
	})
	from, to, _ := w.approach(s)
	longer := min(w.until(s).AddDays(rapid.IntRange(1, 90).Draw(t, "longer")), s.root.day.AddDays(180))
	q := w.ofPlan(s, from, max(to, longer))
	free := true
	for _, c := range w.all {
		before := q
		before.to = to
		free = free && (!w.clashes(&q, c) || w.clashes(&before, c))
	}
	d := &events.ApproachExtended{Approach: s.data.(*events.VisitPlanned).Approach, To: longer, Reason: plain("Nog geen afspraak.")}
	if free || q.request {
		w.say(s.who, d, s.root, nil)
		return
	}
	w.n++
	p := w.parties[w.now(s.who)]
	_, err := w.k.ledger.Record(context.Background(), ledger.Submission{Event: w.k.event(p, fmt.Sprintf("wereld-%d", w.n), d), Caller: p.caller})
	if !slices.Equal(faultCodes(err), []string{"/data/tot bezet-door-ander"}) {
		t.Fatalf("extended into what another holds: %v", err)
	}
}

// confirm says that one goes along with a plan or a visit that names one.
func (w *world) confirm(t *rapid.T) {
	s := w.pick(t, func(s *said) bool {
		return slices.ContainsFunc(w.named(s.data), func(p int) bool { return w.now(p) != w.now(s.who) })
	})
	var who int
	for _, p := range w.named(s.data) {
		if w.now(p) != w.now(s.who) {
			who = w.now(p)
		}
	}
	d := &events.JointVisitConfirmed{Event: w.ref(s)}
	if is[*events.VisitPlanned](s) {
		w.say(who, d, s.root, nil)
		return
	}
	w.say(who, d, nil, nil)
	w.all[len(w.all)-1].of = s.order
}

func (w *world) callOff(t *rapid.T) {
	s := w.pick(t, w.open)
	w.say(s.who, &events.VisitCalledOff{Approach: s.data.(*events.VisitPlanned).Approach}, s.root, nil)
}

func (w *world) visit(t *rapid.T) {
	who := w.party(t)
	d := visit(w.employer(t).KvK, w.day(t, -200, 0)) // late ones among them
	if rapid.Bool().Draw(t, "of these days") {
		d.Date = w.day(t, -1, 0)
	}
	d.With, d.AtRequest = w.with(t, who), rapid.IntRange(0, 5).Draw(t, "asked") == 0
	d.AccountManager, d.TargetGroups = w.manager(t), rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"DD01", "DD02"}), 0, 2, rapid.ID).Draw(t, "groups")
	w.say(who, d, nil, nil)
}

func (w *world) endVisit(t *rapid.T) {
	s := w.pick(t, w.open)
	p := s.data.(*events.VisitPlanned)
	d := visit(p.KvK, w.day(t, -5, 0))
	d.Approach, d.AccountManager, d.With = p.Approach, w.manager(t), w.stillOthers(p.With, w.now(s.who))
	w.say(s.who, d, s.root, nil)
}

func (w *world) appoint(t *rapid.T) {
	w.say(w.party(t), &events.ContactAppointed{Employer: w.employer(t), AccountManager: w.manager(t)}, nil, nil)
}

func (w *world) release(t *rapid.T) {
	w.say(w.party(t), &events.ContactReleased{Employer: w.employer(t)}, nil, nil)
}

func (w *world) ref(s *said) events.Ref {
	return events.Ref{Source: w.parties[s.who].source(), ID: s.id}
}

func (w *world) retract(t *rapid.T) {
	s := w.pick(t, func(s *said) bool { return !is[*events.EventRetracted](s) })
	w.say(s.who, &events.EventRetracted{Event: w.ref(s)}, nil, s)
	w.all[len(w.all)-1].order = 0 // it has no place of its own
	switch s.data.(type) {
	case *events.VisitPlanned, *events.PlacementMade, *events.VacancyReported:
		// The approach, placement or vacancy is gone: what was part of it has no effect any
		// more, except that a visit stays a visit.
		for _, o := range w.all {
			if o.root == s.root && o != s && !is[*events.VisitMade](o) {
				o.root = &said{}
			} else if o.root == s.root && o != s {
				o.root = o
			}
		}
	}
}

func (w *world) correct(t *rapid.T) {
	s := w.pick(t, func(s *said) bool {
		return is[*events.VisitPlanned](s) || is[*events.VisitMade](s) && s.root == s && s.data.(*events.VisitMade).Approach == "" || is[*events.ServiceDelivered](s) || is[*events.VacancyReported](s) || is[*events.ContactAppointed](s)
	})
	ref := w.ref(s)
	switch d := s.data.(type) {
	case *events.VisitPlanned:
		c := *d
		c.Employer, c.Date, c.Period, c.Replaces = w.employer(t), w.day(t, -3, 200), nil, &ref
		c.With, c.Despite = w.stillOthers(c.With, w.now(s.who)), nil
		if slices.ContainsFunc(w.all, func(o *said) bool { return !o.void && o.root == s.root && is[*events.VisitMade](o) }) {
			c.Employer = d.Employer // its visit was there
		}
		w.say(s.who, &c, s.root, s)
	case *events.VisitMade:
		c := *d
		c.Employer, c.Date, c.Replaces = w.employer(t), w.day(t, -200, 0), &ref
		c.With = w.stillOthers(c.With, w.now(s.who))
		w.say(s.who, &c, nil, s)
	case *events.VacancyReported:
		c := *d
		c.Employer, c.Count, c.Replaces = w.employer(t), rapid.IntRange(1, 5).Draw(t, "places"), &ref
		w.say(s.who, &c, s.root, s)
	case *events.ContactAppointed:
		c := *d
		c.Employer, c.AccountManager, c.Replaces = w.employer(t), w.manager(t), &ref
		w.say(s.who, &c, nil, s)
	case *events.ServiceDelivered:
		c := *d
		n := *d.Count + 1
		c.Count, c.Replaces = &n, &ref
		w.say(s.who, &c, nil, s)
	}
}

// stillOthers leaves out of samenMet who came to be oneself.
func (w *world) stillOthers(with []string, who int) []string {
	return slices.DeleteFunc(slices.Clone(with), func(urn string) bool {
		return slices.ContainsFunc(w.parties, func(p party) bool {
			return p.urn() == urn && w.now(slices.IndexFunc(w.parties, func(o party) bool { return o.id == p.id })) == who
		})
	})
}

// again repeats anything that was ever said.
func (w *world) again(t *rapid.T) {
	if len(w.all) == 0 {
		t.Skip("nothing was said")
	}
	s := rapid.SampledFrom(w.all).Draw(t, "which")
	if r := w.send(s); r.Position != s.at || !r.Again {
		t.Fatalf("%s again: position %d, was %d", s.id, r.Position, s.at)
	}
}

func (w *world) conflict(t *rapid.T) {
	if len(w.all) == 0 {
		t.Skip("nothing was said")
	}
	s := rapid.SampledFrom(w.all).Draw(t, "which")
	p := w.parties[s.who]
	d := &events.ServiceDelivered{Employer: at("90001354"), Service: "overig", Date: "2020-01-01"}
	_, err := w.k.ledger.Record(context.Background(), ledger.Submission{Event: w.k.event(p, s.id, d), Caller: w.parties[w.now(s.who)].caller})
	var c *ledger.ConflictError
	if !errors.As(err, &c) || c.Position != s.at {
		t.Fatalf("other content under %s: %v", s.id, err)
	}
}

func (w *world) erase(t *rapid.T) {
	who, m := w.party(t), rapid.SampledFrom([]string{"m1", "m2"}).Draw(t, "manager")
	_, err := w.k.ledger.Erase(context.Background(), ledger.EraseRequest{Partner: w.parties[who].id, Employee: m, Ground: "verzoek"}, ledger.Caller{})
	found := false
	for _, s := range w.all {
		if am := managerOf(s.data); s.who == who && am != nil && am.Employee == m && !s.erased {
			s.erased, found = true, true
		}
	}
	if found != (err == nil) {
		t.Fatalf("erasing %s of %d: %v", m, who, err)
	}
}
