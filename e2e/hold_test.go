package e2e_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

var holdCrashes = flag.Int("holds", 12, "how often TestHold kills the server")

// TestHold: SIGKILL in the middle of what planners say leaves no plan half held.
// Everybody wants the same few employers; who is free holds on for a while and then
// calls off. After every kill the verdicts that stand in the files are what they
// would be if everything had been said one after the other, each receipt says what
// stands there, no employer is held twice, and the book that comes up again answers
// a question by the same holds. In the end every employer is held by exactly one, and
// the views equal their rebuild.
func TestHold(t *testing.T) {
	h := newHolders(t)
	for round := range *holdCrashes {
		h.round(t)
		if t.Failed() {
			t.Fatalf("round %d, -crashes.seed=%d", round, h.seed)
		}
	}
	h.finish(t)
	t.Logf("%d crashes; %d plans free and %d taken; %d sent again for want of an answer, %d of them stood there already",
		*holdCrashes, h.free, h.taken, h.again, h.stood)
}

// holders are the planners, and what is known of what they were told.
type holders struct {
	program string
	data    string
	seed    uint64
	rng     *rand.Rand
	watcher *partner // never plans: it is told of everybody's holds
	all     []*planner
	model   holdModel
	read    int // records that were held against the model

	free, taken, again, stood int
}

// planner is one worker of a partner: it has one approach at a time.
type planner struct {
	*partner
	rng  *rand.Rand
	mine *wish // free, and not called off
	sent *wish // without an answer
	told []*wish
}

// wish is a plan or a call-off, and what was told of it.
type wish struct {
	event    object
	kvk      string
	approach string
	off      bool
	answer   *answer
}

// storedVerdict is what matters here of a record.
type storedVerdict struct {
	Position uint64 `json:"positie"`
	Partner  string `json:"partner"`
	Verdict  struct {
		Outcome string   `json:"uitkomst"`
		Reasons []string `json:"redenen"`
	} `json:"oordeel"`
	Event struct {
		Type string `json:"type"`
		ID   string `json:"id"`
		Data struct {
			KvK      string `json:"kvkNummer"`
			Approach string `json:"benadering"`
		} `json:"data"`
	} `json:"gebeurtenis"`
}

// holdModel is who holds which employer, by approach, if everything is said one
// after the other.
type holdModel struct {
	holds map[string]map[string]string // employer, approach: partner
	at    map[string]*storedVerdict    // by id of the event
}

func newHolders(t *testing.T) *holders {
	program, err := plain()
	if err != nil {
		t.Fatal(err)
	}
	h := &holders{program: program, seed: *crashSeed, model: holdModel{holds: map[string]map[string]string{}, at: map[string]*storedVerdict{}}}
	if h.seed == 0 {
		h.seed = rand.Uint64()
	}
	t.Logf("-crashes.seed=%d", h.seed)
	h.rng = rand.New(rand.NewPCG(h.seed, 0))
	b := newBookAs(t, program)
	h.data = b.data
	h.watcher = b.admit(t, oinZwolle, "Toeschouwer", "gemeente")
	for i := range 6 {
		p := b.admit(t, fmt.Sprintf("00000099000000%06d", 7000+i), fmt.Sprintf("Partner %d", i), "gemeente")
		for range 3 {
			h.all = append(h.all, &planner{partner: p, rng: rand.New(rand.NewPCG(h.seed, uint64(len(h.all)+1)))})
		}
	}
	b.stop(t)
	return h
}

// round starts the server, settles what had no answer, looks, loads and kills.
func (h *holders) round(t *testing.T) {
	s := startAs(t, h.program, h.data)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	h.connect(t, s)
	h.settle(ctx, t)
	h.inspect(t)
	h.look(t)
	load, stop := context.WithCancel(ctx)
	defer stop()
	var running sync.WaitGroup
	for _, p := range h.all {
		running.Go(func() {
			if err := p.wishUntil(load); err != nil {
				t.Errorf("%s: %v", p.Name, err)
			}
		})
	}
	awaitMoment(s, time.Duration(30+h.rng.IntN(250))*time.Millisecond)
	s.kill()
	stop()
	running.Wait()
	h.inspect(t)
}

func (h *holders) connect(t *testing.T, s *server) {
	t.Helper()
	connected := map[*partner]bool{}
	for _, p := range append([]*planner{{partner: h.watcher}}, h.all...) {
		if connected[p.partner] {
			continue
		}
		connected[p.partner] = true
		if p.nc != nil {
			p.nc.Close()
		}
		p.connect(t, s)
	}
}

// wishUntil plans and calls off until ctx ends or the server is gone.
func (p *planner) wishUntil(ctx context.Context) error {
	for ctx.Err() == nil {
		w := p.next()
		if err := p.send(ctx, w); err != nil {
			if ctx.Err() != nil || p.nc.IsClosed() || !p.nc.IsConnected() {
				p.sent = w
				return nil
			}
			return err
		}
	}
	return nil
}

// next calls off what it holds, or wants another employer.
func (p *planner) next() *wish {
	if w := p.mine; w != nil {
		p.mine = nil
		return &wish{kvk: w.kvk, approach: w.approach, off: true, event: p.event("bezoek-afgezegd", object{"benadering": w.approach})}
	}
	return p.wants(kvks[p.rng.IntN(4)])
}

func (p *planner) wants(kvk string) *wish {
	w := &wish{kvk: kvk, approach: uuid.NewString()}
	w.event = p.event("bezoek-gepland", object{
		"kvkNummer": kvk, "benadering": w.approach, "datum": day(1 + p.rng.IntN(20)), "doel": "acquisitie",
		"accountmanager": manager("am-1", "Accountmanager Voorbeeld", "038-1000999"),
	})
	return w
}

// send says it and keeps the answer; a refusal is an error.
func (p *planner) send(ctx context.Context, w *wish) error {
	a, err := p.request(ctx, structured(w.event))
	if err != nil {
		return err
	}
	if a.Status != 0 || a.ID != w.event["id"] {
		return fmt.Errorf("%s was answered %s", marshal(w.event), a.raw)
	}
	w.answer = a
	p.told = append(p.told, w)
	if !w.off && a.Outcome == "vrij" {
		p.mine = w
	}
	return nil
}

// settle sends what had no answer again, before anything else is said; then a few
// that had one, which must be answered the same.
func (h *holders) settle(ctx context.Context, t *testing.T) {
	t.Helper()
	for _, p := range h.all {
		if w := p.sent; w != nil {
			p.sent = nil
			h.again++
			if h.model.at[w.event["id"].(string)] != nil {
				h.stood++
			}
			if err := p.send(ctx, w); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(p.told); n > 0 {
			w := p.told[h.rng.IntN(n)]
			a, err := p.request(ctx, structured(w.event))
			if err != nil || a.Position != w.answer.Position || a.Outcome != w.answer.Outcome || !slices.Equal(a.codes(), w.answer.codes()) {
				t.Errorf("%s was answered %s, and now %v (%v)", marshal(w.event), w.answer.raw, a, err)
			}
		}
	}
}

// inspect reads the files without the program and holds every verdict against the
// model, and every receipt against the verdict.
func (h *holders) inspect(t *testing.T) {
	t.Helper()
	stored := messages(t, h.data, recordStream)
	for at := uint64(h.read + 1); stored[at] != nil; at++ {
		r := new(storedVerdict)
		if err := json.Unmarshal(stored[at], r); err != nil {
			t.Fatalf("position %d: %v", at, err)
		}
		h.read = int(at)
		h.model.add(t, r)
	}
	if h.read != len(stored) {
		t.Errorf("%d records, the last at %d", len(stored), h.read)
	}
	h.free, h.taken = 0, 0
	for _, r := range h.model.at {
		switch r.Verdict.Outcome {
		case "vrij":
			h.free++
		case "bezet":
			h.taken++
		}
	}
	for _, p := range h.all {
		for _, w := range p.told {
			r := h.model.at[w.event["id"].(string)]
			if r == nil || r.Position != w.answer.Position || r.Verdict.Outcome != w.answer.Outcome || !slices.Equal(r.Verdict.Reasons, w.answer.codes()) {
				t.Errorf("%s was answered %s, and there stands %+v", marshal(w.event), w.answer.raw, r)
			}
		}
	}
	for kvk, holds := range h.model.holds {
		if of := holdersOf(holds); len(of) > 1 {
			t.Errorf("%s is held by %v", kvk, of)
		}
	}
}

// add says what the model says of a record.
func (m *holdModel) add(t *testing.T, r *storedVerdict) {
	t.Helper()
	d := r.Event.Data
	want := "vrij"
	switch r.Event.Type {
	case "nl.werkgeversdiensten.bezoek-gepland.v1":
		if m.holds[d.KvK] == nil {
			m.holds[d.KvK] = map[string]string{}
		}
		for _, by := range m.holds[d.KvK] {
			if by != r.Partner {
				want = "bezet"
			}
		}
		if want == "vrij" {
			m.holds[d.KvK][d.Approach] = r.Partner
		}
	case "nl.werkgeversdiensten.bezoek-afgezegd.v1":
		for _, holds := range m.holds {
			delete(holds, d.Approach)
		}
	default:
		return // the book's beginning
	}
	m.at[r.Event.ID] = r
	if r.Verdict.Outcome != want {
		t.Errorf("position %d: %s by %s at %s is %s, want %s", r.Position, r.Event.Type, r.Partner, d.KvK, r.Verdict.Outcome, want)
	}
}

// holdersOf are the partners that hold, each once.
func holdersOf(holds map[string]string) (list []string) {
	for _, by := range holds {
		if !slices.Contains(list, by) {
			list = append(list, by)
		}
	}
	return list
}

// look asks about every employer: the book that came up again knows the same holds.
func (h *holders) look(t *testing.T) {
	t.Helper()
	for _, kvk := range kvks[:4] {
		a, of := h.watcher.advice(t, kvk), holdersOf(h.model.holds[kvk])
		switch {
		case len(of) == 0 && a.Outcome == "vrij":
		case len(of) == 1 && a.Outcome == "bezet" && a.Call != nil && a.Call.Partner.ID == of[0]:
		default:
			t.Errorf("%s is held by %v, and the answer is %s", kvk, of, a.raw)
		}
	}
}

// finish lets everybody call off, and then want every employer at once.
func (h *holders) finish(t *testing.T) {
	s := startAs(t, h.program, h.data)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	h.connect(t, s)
	h.settle(ctx, t)
	for _, p := range h.all {
		if p.mine != nil {
			if err := p.send(ctx, p.next()); err != nil {
				t.Fatal(err)
			}
		}
	}
	h.inspect(t)
	h.look(t)
	var all sync.WaitGroup
	for i, p := range h.all {
		if i%3 > 0 {
			continue // one worker of each partner
		}
		all.Go(func() {
			for _, kvk := range kvks[:4] {
				if err := p.send(ctx, p.wants(kvk)); err != nil {
					t.Errorf("%s: %v", p.Name, err)
				}
			}
		})
	}
	all.Wait()
	h.inspect(t)
	h.look(t)
	for _, kvk := range kvks[:4] {
		if holds := h.model.holds[kvk]; len(holds) != 1 {
			t.Errorf("%s is held by %v", kvk, holds)
		}
	}
	words{program: h.program}.run(t, "verify", "--data", h.data).well(t, nil)
	s.stop(t)
	if n := len(chain(t, h.data, nil)); n != h.read {
		t.Errorf("%d records after the end, %d before it", n, h.read)
	}
	words{program: h.program}.run(t, "verify", "--data", h.data).well(t, nil)
}
