package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
)

// actor is a partner that emits what comes to its mind, and remembers what was
// acknowledged. Everything it emits is right, whatever was lost before; but that it
// plans more than the agreement lets it, and what is then refused is an answer too.
type actor struct {
	*partner
	acked chan<- struct{} // told of new answers when somebody listens
	url   string          // of the HTTP door; empty: it goes by NATS
	told  func(*answer)   // of being told to come back, and then it does; nil: that is a failure

	mu       sync.Mutex
	rng      *rand.Rand
	open     []approach // acknowledged, and nothing under way that ends it
	sources  []*sent    // acknowledged visits and services, not retracted
	acks     []*sent    // acknowledged, refused plans too, in the order of their answers
	unknown  []*sent    // sent without an answer
	highest  uint64     // position
	compared int        // how many of acks were held against the files
	unmoved  int        // moves that were refused, of which nothing is recorded
}

// At how many employers actors are, and how many approaches each goes on to. Some plans
// are then free and some are taken, and now and then one has as many that hold as the
// agreement lets it, and is refused.
const (
	actorEmployers = 200
	openPlans      = 100
)

// approach is a plan that can be moved or ended.
type approach struct{ id, kvk string }

// sent is an event and what became of it.
type sent struct {
	event    object
	name, id string
	approach approach // for a plan: the one it opens
	position uint64
	verdict  string // with the reasons, as it was answered
	refused  bool   // a plan that stands there as refused
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
	kvk := strconv.Itoa(90_000_000 + a.rng.IntN(actorEmployers))
	who := manager(fmt.Sprintf("am-%d", a.rng.IntN(5)), "Accountmanager Voorbeeld", "038-1000999")
	switch n := a.rng.IntN(100); {
	case n < 25 && len(a.open) < openPlans:
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

var errOtherAnswer = errors.New("an event was answered another way than before")

// noted keeps an answer: a position and a verdict for a new event, the same for a repeat.
func (a *actor) noted(s *sent, r *answer, refused bool) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.position != 0 {
		if s.position != r.Position || s.verdict != r.verdict() || s.refused != refused {
			return fmt.Errorf("%w: %s %s was acknowledged at %d: %s (refused: %t), and now at %d: %s (%t)",
				errOtherAnswer, s.name, s.id, s.position, s.verdict, s.refused, r.Position, r.verdict(), refused)
		}
		return nil
	}
	if r.Position == 0 { // a refused move: nothing is recorded, and the approach stays as it was
		a.unmoved++
		a.open = append(a.open, s.approach)
		return nil
	}
	s.position, s.verdict, s.refused = r.Position, r.verdict(), refused
	a.acks = append(a.acks, s)
	a.highest = max(a.highest, r.Position)
	select {
	case a.acked <- struct{}{}:
	default:
	}
	if s.approach.id != "" && !refused {
		a.open = append(a.open, s.approach)
	}
	if s.name == "dienst-geleverd" || s.name == "bezoek-afgelegd" {
		a.sources = append(a.sources, s)
	}
	return nil
}

// send emits one event and keeps its answer.
func (a *actor) send(ctx context.Context, s *sent) error {
	answer, err := a.deliver(ctx, s.event)
	if err != nil {
		return err
	}
	return a.answered(s, answer)
}

func (a *actor) deliver(ctx context.Context, event object) (*answer, error) {
	if a.url != "" {
		return a.post(ctx, event)
	}
	return a.request(ctx, structured(event))
}

// answered judges the answer to an event and keeps it.
func (a *actor) answered(s *sent, answer *answer) error {
	if answer.Status == http.StatusServiceUnavailable || answer.Status == http.StatusTooManyRequests {
		return &later{answer}
	}
	r, refused := answer, answer.Status == http.StatusConflict && answer.Type == planRefused && answer.Refused != nil
	if refused {
		r = answer.Refused
	}
	wants := map[string]bool{"bezoek-gepland": r.Position != 0, "bezoek-verzet": r.Position == 0} // how each is refused
	if r.Status != 0 || r.ID != s.id || refused != (r.Outcome == "geweigerd") || refused && !wants[s.name] || !refused && r.Position == 0 {
		return &refusal{s, answer}
	}
	return a.noted(s, r, refused)
}

// planRefused is the problem of a plan or move that the agreement refuses.
const planRefused = "tag:werkgeversdiensten.nl,2026:probleem/plan-geweigerd"

// refusal is an answer that no event of an actor may get.
type refusal struct {
	sent   *sent
	answer *answer
}

func (r *refusal) Error() string {
	return fmt.Sprintf("%s was answered %s", marshal(r.sent.event), r.answer.raw)
}

// later is an answer that says to offer the same again.
type later struct{ answer *answer }

func (l *later) Error() string { return "told to come back: " + l.answer.raw }

// insist sends an event until it is not told to come back.
func (a *actor) insist(ctx context.Context, s *sent) error {
	for {
		err := a.send(ctx, s)
		var l *later
		if a.told == nil || !errors.As(err, &l) {
			return err
		}
		a.told(l.answer)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// keep notes that an event has no answer yet.
func (a *actor) keep(s *sent) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if s.position == 0 {
		a.unknown = append(a.unknown, s)
	}
}

// emitUntil emits until ctx ends. What got no answer is kept for settle.
func (a *actor) emitUntil(ctx context.Context) error {
	for ctx.Err() == nil {
		s := a.next()
		err := a.insist(ctx, s)
		switch {
		case err == nil:
		case errors.As(err, new(*refusal)), errors.Is(err, errOtherAnswer):
			return err
		case ctx.Err() != nil || a.url != "" || a.nc.IsClosed() || !a.nc.IsConnected():
			a.keep(s)
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
