package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var (
	crashes   = flag.Int("crashes", 100, "how often TestCrash kills the server")
	crashSeed = flag.Uint64("crashes.seed", 0, "seed of TestCrash; 0 draws one")
)

// TestCrash: SIGKILL at random moments under load loses nothing acknowledged,
// breaks no chain, lets no checkpoint run ahead of the stream, and leaves views
// that equal their rebuild (promises 1, 2, 4 and 5).
//
// After every kill the files are read without the program: what was read before
// is byte for byte the same, what is new continues the chain, every event that
// was acknowledged stands at its position with its content and its verdict, a plan
// that was refused as such, and the checkpoints
// in book.db and views.db name records that are there. Every tenth round, and in
// the end, verify compares the book and the views with their rebuild, and in the
// end every event ever acknowledged is sent again.
func TestCrash(t *testing.T) {
	c := newCrasher(t)
	for round := range *crashes {
		c.round(t, round)
		if t.Failed() {
			t.Fatalf("round %d, -crashes.seed=%d", round, c.seed)
		}
	}
	c.finish(t)
	t.Logf("%d crashes, %d of them while starting; %d events acknowledged (%s), %d records, %d of them acknowledged only when sent again; %d verifications",
		*crashes, c.whileStarting, c.acknowledged(), c.planned(), len(c.hashes), c.settled, c.verified)
}

// crasher is the parent that remembers everything that was acknowledged.
type crasher struct {
	program string
	data    string
	seed    uint64
	rng     *rand.Rand
	actors  []*actor
	hashes  []string      // of the records, as read from the files
	acked   chan struct{} // told of answers, but not of each

	whileStarting, settled, verified int
}

func newCrasher(t *testing.T) *crasher {
	dir := t.TempDir()
	c, b := newCrasherIn(t, dir, filepath.Join(dir, "data"))
	b.stop(t)
	return c
}

// newCrasherIn keeps credentials in one folder and the book in another.
func newCrasherIn(t *testing.T, dir, data string) (*crasher, *book) {
	program, err := plain()
	if err != nil {
		t.Fatal(err)
	}
	c := &crasher{program: program, data: data, seed: *crashSeed, acked: make(chan struct{}, 1)}
	if c.seed == 0 {
		c.seed = rand.Uint64()
	}
	t.Logf("-crashes.seed=%d", c.seed)
	c.rng = newRand(c.seed)
	b := newBookAt(t, program, dir, data)
	for i, oin := range []string{oinZwolle, oinUWV, oinKampen} {
		p := b.admit(t, oin, fmt.Sprintf("Partner %d", i), "gemeente")
		b.lift(t, p, "nats") // finish says everything at once
		c.actors = append(c.actors, newActor(p, c.rng.Uint64(), c.acked))
	}
	return c, b
}

func newRand(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// round starts the server, looks at what it still knows, loads it and kills it.
func (c *crasher) round(t *testing.T, n int) {
	s := serveAs(t, c.program, c.data)
	if c.rng.IntN(10) == 0 {
		c.whileStarting++
		awaitMoment(s, time.Duration(c.rng.IntN(60))*time.Millisecond)
		s.kill()
		c.inspect(t, c.data, math.MaxUint64)
		return
	}
	if err := s.awaitReady(t); err != nil {
		t.Fatalf("after %d crashes: %v\n%s", n, err, s.logged())
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c.connect(t, s)
	c.look(ctx, t, s, 20)
	before := c.acknowledged()
	load := c.load(ctx, t)
	switch {
	case n%10 == 9:
		c.verify(t) // while the load goes on
	case n%2 == 0:
		awaitMoment(s, time.Duration(c.rng.IntN(150))*time.Millisecond)
	default:
		c.awaitAcks(ctx, s, before+c.rng.IntN(500))
	}
	s.kill()
	cancel()
	load.Wait()
	c.inspect(t, c.data, math.MaxUint64)
}

// awaitMoment lets some time go by, for that is what a random moment is.
func awaitMoment(s *server, d time.Duration) {
	select {
	case <-time.After(d):
	case <-s.ended:
	}
}

// awaitAcks waits until so many events are acknowledged in all.
func (c *crasher) awaitAcks(ctx context.Context, s *server, n int) {
	for c.acknowledged() < n {
		select {
		case <-c.acked:
		case <-s.ended:
			return
		case <-ctx.Done():
			return
		}
	}
}

func (c *crasher) connect(t *testing.T, s *server) {
	t.Helper()
	for _, a := range c.actors {
		if a.nc != nil {
			a.nc.Close()
		}
		a.connect(t, s)
	}
}

// look settles what had no answer, sends a sample of what was acknowledged once
// more, and asks over HTTP for the highest position.
func (c *crasher) look(ctx context.Context, t *testing.T, s *server, sample int) {
	t.Helper()
	highest := uint64(0)
	for _, a := range c.actors {
		settled, err := a.settle(ctx)
		if err != nil {
			t.Fatalf("%s: %v\n%s", a.Name, err, s.logged())
		}
		c.settled += settled
		for range min(sample, len(a.acks)) {
			if err := a.repeat(ctx, a.acks[c.rng.IntN(len(a.acks))]); err != nil {
				t.Error(err)
			}
		}
		highest = max(highest, a.highest)
	}
	var answer struct {
		Position uint64 `json:"positie"`
	}
	status, body := s.get(t, c.actors[0].Token, fmt.Sprintf("/v1/werkgevers/%s?vanafPositie=%d", kvks[0], highest), &answer)
	if status != 200 || answer.Position < highest {
		t.Errorf("position %d was acknowledged, and /v1 says %d %s", highest, status, body)
	}
}

// load lets every partner emit until ctx ends: one after the other, some at once,
// or so many that they are recorded in batches.
func (c *crasher) load(ctx context.Context, t *testing.T) *sync.WaitGroup {
	var running sync.WaitGroup
	at := []int{1, 4, 60}[c.rng.IntN(3)]
	for _, a := range c.actors {
		for range at {
			running.Go(func() {
				if err := a.emitUntil(ctx); err != nil {
					t.Errorf("%s: %v", a.Name, err)
				}
			})
		}
	}
	return &running
}

func (c *crasher) acknowledged() (n int) {
	for _, a := range c.actors {
		a.mu.Lock()
		n += len(a.acks)
		a.mu.Unlock()
	}
	return n
}

// planned says what became of the plans and moves.
func (c *crasher) planned() string {
	counts, unmoved := map[string]int{}, 0
	for _, a := range c.actors {
		for _, s := range a.acks {
			if s.name == "bezoek-gepland" {
				outcome, _, _ := strings.Cut(s.verdict, " ")
				counts[outcome]++
			}
		}
		unmoved += a.unmoved
	}
	return fmt.Sprintf("plans %v, moves refused %d", counts, unmoved)
}

func (c *crasher) verify(t *testing.T) {
	t.Helper()
	c.verified++
	words{program: c.program}.run(t, "verify", "--data", c.data).well(t, nil)
}

// inspect reads the files of the dead server, where they are or were copied to,
// without the program. What is behind the last position that is sure to be there is
// looked at when it is: until then it may be torn.
func (c *crasher) inspect(t *testing.T, data string, sure uint64) {
	t.Helper()
	fresh := chainUntil(t, data, c.hashes, sure)
	if n := uint64(len(c.hashes)); sure < n+uint64(len(fresh)) {
		fresh = fresh[:sure-min(sure, n)]
	}
	first := uint64(len(c.hashes)) + 1
	for _, r := range fresh {
		c.hashes = append(c.hashes, r.hash)
	}
	for _, file := range []string{"book.db", "views.db"} {
		at, hash := checkpoint(t, filepath.Join(data, file))
		switch {
		case at > uint64(len(c.hashes)):
			t.Errorf("%s has come to %d, and the stream ends at %d", file, at, len(c.hashes))
		case at > 0 && c.hashes[at-1] != hash:
			t.Errorf("%s came to another record at %d than the stream has", file, at)
		}
	}
	for _, a := range c.actors {
		a.compare(t, first, fresh)
	}
}

// finish sends everything once more and compares every view with its rebuild,
// first with a server and then without.
func (c *crasher) finish(t *testing.T) {
	s := startAs(t, c.program, c.data)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c.connect(t, s)
	c.look(ctx, t, s, 0)
	c.repeatAll(ctx, t)
	c.verify(t)
	s.stop(t)
	c.inspect(t, c.data, math.MaxUint64)
	if n := len(c.hashes) - c.acknowledged() - 1 - len(c.actors); n != 0 {
		t.Errorf("%d records more than genesis, partners and acknowledged events", n)
	}
	c.verify(t)
}

// repeatAll sends everything that was acknowledged once more.
func (c *crasher) repeatAll(ctx context.Context, t *testing.T) {
	t.Helper()
	var all sync.WaitGroup
	for _, a := range c.actors {
		work := make(chan *sent)
		for range 16 {
			all.Go(func() {
				for e := range work {
					if err := a.repeat(ctx, e); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Go(func() {
			defer close(work)
			for _, e := range a.acks {
				work <- e
			}
		})
	}
	all.Wait()
}
