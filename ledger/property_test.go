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
	void      bool  // retracted or corrected
	erased    bool  // its account manager was
}

// world is a ledger with its views beside a plain list of what was said.
type world struct {
	t       *rapid.T
	k       *book
	parties []party
	all     []*said
	n       int
}

// TestAnythingGoes: any batches, repeats, late events, corrections, retractions
// and erasures give what the plain list gives, and rebuilt equals kept.
func TestAnythingGoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		k := newBook(t)
		w := &world{t: rt, k: k, parties: []party{k.a, k.b, k.c}}
		rt.Repeat(map[string]func(*rapid.T){
			"plan":      w.plan,
			"move":      w.move,
			"call off":  w.callOff,
			"visit":     w.visit,
			"end visit": w.endVisit,
			"service":   w.service,
			"place":     w.place,
			"end place": w.endPlace,
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

func (w *world) party(t *rapid.T) int { return rapid.IntRange(0, 2).Draw(t, "partner") }

func (w *world) employer(t *rapid.T) events.Employer {
	return at(rapid.SampledFrom([]string{kvk, otherKvK}).Draw(t, "employer"))
}

func (w *world) day(t *rapid.T, from, to int) events.Date {
	return w.today().AddDays(rapid.IntRange(from, to).Draw(t, "day"))
}

func (w *world) manager(t *rapid.T) events.Personal[events.AccountManager] {
	m := rapid.SampledFrom([]string{"m1", "m2"}).Draw(t, "manager")
	return manager(m, "Naam van "+m)
}

// say records and remembers; target is what it corrects or retracts.
func (w *world) say(who int, d events.Data, root, target *said) {
	w.n++
	s := &said{who: who, id: fmt.Sprintf("wereld-%d", w.n), data: d, root: root}
	s.event = w.k.event(w.parties[who], s.id, d)
	r := w.send(s)
	s.at, s.order = r.Position, r.Position
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
	r, err := w.k.ledger.Record(context.Background(), ledger.Submission{Event: s.event, Caller: p.caller})
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
	d := plan(w.employer(t).KvK, uuid.NewString(), w.day(t, -3, 20))
	d.AccountManager = w.manager(t)
	w.say(w.party(t), d, nil, nil)
}

func (w *world) move(t *rapid.T) {
	s := w.pick(t, w.open)
	w.say(s.who, &events.VisitMoved{Approach: s.data.(*events.VisitPlanned).Approach, Period: &events.Period{From: w.today(), To: w.day(t, 0, 30)}}, s.root, nil)
}

func (w *world) callOff(t *rapid.T) {
	s := w.pick(t, w.open)
	w.say(s.who, &events.VisitCalledOff{Approach: s.data.(*events.VisitPlanned).Approach}, s.root, nil)
}

func (w *world) visit(t *rapid.T) {
	d := visit(w.employer(t).KvK, w.day(t, -200, 0)) // late ones among them
	d.AccountManager, d.TargetGroups = w.manager(t), rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"DD01", "DD02"}), 0, 2, rapid.ID).Draw(t, "groups")
	w.say(w.party(t), d, nil, nil)
}

func (w *world) endVisit(t *rapid.T) {
	s := w.pick(t, w.open)
	p := s.data.(*events.VisitPlanned)
	d := visit(p.KvK, w.day(t, -5, 0))
	d.Approach, d.AccountManager = p.Approach, w.manager(t)
	w.say(s.who, d, s.root, nil)
}

func (w *world) service(t *rapid.T) {
	n := rapid.IntRange(1, 4).Draw(t, "count")
	w.say(w.party(t), &events.ServiceDelivered{Employer: w.employer(t), Service: "jobcoach", Date: w.day(t, -60, 0), TargetGroup: "DD03", Count: &n}, nil, nil)
}

func (w *world) place(t *rapid.T) {
	w.say(w.party(t), &events.PlacementMade{Employer: w.employer(t), Placement: uuid.NewString(), Start: w.day(t, -90, 0), Kind: "dienstverband", Region: region, TargetGroup: "DD02"}, nil, nil)
}

func (w *world) endPlace(t *rapid.T) {
	s := w.pick(t, func(s *said) bool {
		return is[*events.PlacementMade](s) && !slices.ContainsFunc(w.all, func(o *said) bool { return !o.void && o.root == s.root && is[*events.PlacementEnded](o) })
	})
	p := s.data.(*events.PlacementMade)
	w.say(s.who, &events.PlacementEnded{Placement: p.Placement, End: p.Start.AddDays(rapid.IntRange(0, 90).Draw(t, "days"))}, s.root, nil)
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
	case *events.VisitPlanned, *events.PlacementMade:
		// The approach or placement is gone: what was part of it has no effect any
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
		return is[*events.VisitPlanned](s) || is[*events.VisitMade](s) && s.root == s && s.data.(*events.VisitMade).Approach == "" || is[*events.ServiceDelivered](s)
	})
	ref := w.ref(s)
	switch d := s.data.(type) {
	case *events.VisitPlanned:
		c := *d
		c.Employer, c.Date, c.Replaces = w.employer(t), w.day(t, -3, 20), &ref
		if slices.ContainsFunc(w.all, func(o *said) bool { return !o.void && o.root == s.root && is[*events.VisitMade](o) }) {
			c.Employer = d.Employer // its visit was there
		}
		w.say(s.who, &c, s.root, s)
	case *events.VisitMade:
		c := *d
		c.Employer, c.Date, c.Replaces = w.employer(t), w.day(t, -200, 0), &ref
		w.say(s.who, &c, nil, s)
	case *events.ServiceDelivered:
		c := *d
		n := *d.Count + 1
		c.Count, c.Replaces = &n, &ref
		w.say(s.who, &c, nil, s)
	}
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
	_, err := w.k.ledger.Record(context.Background(), ledger.Submission{Event: w.k.event(p, s.id, d), Caller: p.caller})
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
