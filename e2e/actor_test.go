package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/google/uuid"
)

// actor is a partner that emits what comes to its mind, and remembers what was
// acknowledged. Everything it emits is right, whatever was lost before.
type actor struct {
	*partner
	acked chan<- struct{} // told of new answers when somebody listens

	mu       sync.Mutex
	rng      *rand.Rand
	open     []approach // acknowledged, and nothing under way that ends it
	sources  []*sent    // acknowledged visits and services, not retracted
	acks     []*sent    // acknowledged, in the order of their answers
	unknown  []*sent    // sent without an answer
	highest  uint64     // position
	compared int        // how many of acks were held against the files
}

// approach is a plan that can be moved or ended.
type approach struct{ id, kvk string }

// sent is an event and what became of it.
type sent struct {
	event    object
	name, id string
	approach approach // for a plan: the one it opens
	position uint64
}

func newActor(p *partner, seed uint64, acked chan<- struct{}) *actor {
	return &actor{partner: p, acked: acked, rng: rand.New(rand.NewPCG(seed, 1))}
}

func decodeObject(text []byte) object {
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		panic(err) // made by marshal
	}
	return o
}

func (a *actor) make(name string, data object) *sent {
	e := a.event(name, data)
	return &sent{event: e, name: name, id: e["id"].(string)}
}

func (a *actor) pick(list ...string) string { return list[a.rng.IntN(len(list))] }

// next draws an event; a repeat is one that was acknowledged already.
func (a *actor) next() *sent {
	a.mu.Lock()
	defer a.mu.Unlock()
	kvk := a.pick(kvks...)
	who := manager(fmt.Sprintf("am-%d", a.rng.IntN(5)), "Accountmanager Voorbeeld", "038-1000999")
	switch n := a.rng.IntN(100); {
	case n < 25:
		ap := approach{uuid.NewString(), kvk}
		s := a.make("bezoek-gepland", object{"kvkNummer": kvk, "benadering": ap.id, "datum": day(a.rng.IntN(60)), "doel": a.pick("acquisitie", "kennismaking", "nazorg"), "accountmanager": who})
		s.approach = ap
		return s
	case n < 35 && len(a.open) > 0:
		ap := a.open[a.rng.IntN(len(a.open))] // stays open, but what ends it must not overtake it
		a.take(ap)
		s := a.make("bezoek-verzet", object{"benadering": ap.id, "datum": day(a.rng.IntN(90)), "reden": "Andere dag"})
		s.approach = ap
		return s
	case n < 42 && len(a.open) > 0:
		ap := a.open[a.rng.IntN(len(a.open))]
		a.take(ap)
		return a.make("bezoek-afgezegd", object{"benadering": ap.id})
	case n < 52 && len(a.open) > 0:
		ap := a.open[a.rng.IntN(len(a.open))]
		a.take(ap)
		return a.make("bezoek-afgelegd", object{"kvkNummer": ap.kvk, "benadering": ap.id, "datum": day(0), "doel": "advies", "vorm": "op-locatie", "accountmanager": who, "toelichting": "Een gesprek over vacatures"})
	case n < 60 && len(a.sources) > 0:
		i := a.rng.IntN(len(a.sources))
		gone := a.sources[i]
		a.sources = append(a.sources[:i], a.sources[i+1:]...)
		return a.make("melding-ingetrokken", object{"melding": object{"source": gone.event["source"], "id": gone.id}})
	case n < 75 && len(a.acks) > 0:
		return a.acks[a.rng.IntN(len(a.acks))]
	case n < 85:
		return a.make("dienst-geleverd", object{"kvkNummer": kvk, "dienst": a.pick("jobcoach", "voorlichting"), "datum": day(-a.rng.IntN(90))})
	case n < 90:
		return a.make("plaatsing-gerealiseerd", object{"kvkNummer": kvk, "plaatsing": uuid.NewString(), "ingangsdatum": day(-a.rng.IntN(200)), "soort": "dienstverband", "arbeidsmarktregio": "AM36", "doelgroep": "DD01"})
	default:
		return a.make("bezoek-afgelegd", object{"kvkNummer": kvk, "datum": day(-a.rng.IntN(100)), "doel": "kennismaking", "vorm": "telefoon", "toelichting": "Kort gesproken"})
	}
}

func (a *actor) take(ap approach) {
	for i, o := range a.open {
		if o == ap {
			a.open = append(a.open[:i], a.open[i+1:]...)
			return
		}
	}
}

// noted keeps an answer: a position for a new event, the same for a repeat.
func (a *actor) noted(s *sent, position uint64) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.position != 0 {
		if s.position != position {
			return fmt.Errorf("%s %s was acknowledged at %d, and now at %d", s.name, s.id, s.position, position)
		}
		return nil
	}
	s.position = position
	a.acks = append(a.acks, s)
	a.highest = max(a.highest, position)
	select {
	case a.acked <- struct{}{}:
	default:
	}
	if s.approach.id != "" {
		a.open = append(a.open, s.approach)
	}
	if s.name == "dienst-geleverd" || s.name == "bezoek-afgelegd" {
		a.sources = append(a.sources, s)
	}
	return nil
}

// send emits one event and keeps its answer.
func (a *actor) send(ctx context.Context, s *sent) error {
	answer, err := a.request(ctx, structured(s.event))
	if err != nil {
		return err
	}
	if answer.Status != 0 || answer.ID != s.id {
		return &refusal{s, answer}
	}
	return a.noted(s, answer.Position)
}

// refusal is an answer that no right event may get.
type refusal struct {
	sent   *sent
	answer *answer
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%s was answered %s", marshal(r.sent.event), r.answer.raw)
}

// emitUntil emits until ctx ends. What got no answer is kept for settle.
func (a *actor) emitUntil(ctx context.Context) error {
	for ctx.Err() == nil {
		s := a.next()
		was := s.position
		err := a.send(ctx, s)
		var refused *refusal
		switch {
		case err == nil:
		case errors.As(err, &refused):
			return err
		case ctx.Err() != nil || a.nc.IsClosed() || !a.nc.IsConnected():
			if was == 0 {
				a.mu.Lock()
				a.unknown = append(a.unknown, s)
				a.mu.Unlock()
			}
			return nil
		default:
			return err
		}
	}
	return nil
}

// settle sends what got no answer again, in its order: it was recorded before the
// crash or it is now.
func (a *actor) settle(ctx context.Context) (n int, err error) {
	for _, s := range a.unknown {
		if err := a.send(ctx, s); err != nil {
			return n, err
		}
		n++
	}
	a.unknown = nil
	return n, nil
}

// repeat sends an acknowledged event again, which must give its position.
func (a *actor) repeat(ctx context.Context, s *sent) error { return a.send(ctx, s) }
