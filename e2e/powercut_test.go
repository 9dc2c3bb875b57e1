package e2e_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"huisboek/e2e/disktest"
)

var cuts = flag.Int("cuts", 100, "how often TestDiskPowerCut cuts the power (-crashes.seed is its seed)")

// needDisk is for tests on a disk of disktest: they run when HUISBOEK_FAULTS=1, as make
// faults says, and then a machine without FUSE fails them.
func needDisk(t *testing.T) {
	t.Helper()
	if os.Getenv("HUISBOEK_FAULTS") != "1" {
		t.Skip("needs /dev/fuse: runs with HUISBOEK_FAULTS=1, as make faults does")
	}
}

// TestDiskPowerCut: a disk that forgets what was not synced takes nothing away that was
// acknowledged (promises 1, 2, 4, 5, 10 and 11).
//
// At a random operation the disk freezes, the server is killed, and what was not
// synced is lost: all of it, or a random part, torn. Meanwhile partners emit by NATS
// and HTTP, singly and in batches, contact persons are looked at, and somebody makes
// a credential, erases, backs up, rebuilds or verifies. After every cut the files are
// read without the program, as after a crash, and then with it.
func TestDiskPowerCut(t *testing.T) {
	needDisk(t)
	c := newCutter(t)
	for round := range *cuts {
		c.round(t, round)
		if t.Failed() {
			t.Fatalf("cut %d, -crashes.seed=%d", round, c.seed)
		}
	}
	c.finish(t)
	t.Logf("%d cuts, %d of them while starting; %d events acknowledged (%s), %d records, %d of them acknowledged only when sent again; %v; %d verifications",
		*cuts, c.whileStarting, c.acknowledged(), c.planned(), len(c.hashes), c.settled, c.done, c.verified)
}

// cutter is a crasher on a disk of disktest.
type cutter struct {
	*crasher
	disk    *disktest.Disk
	mount   string
	steward string // token

	mu        sync.Mutex
	done      map[string]int // chores that were acknowledged
	looks     int            // at contact persons, answered
	tokens    []string       // that were made
	backups   []string
	erasures  map[uint64][]uint64 // acknowledged: keys by position
	described []string            // employers with contact persons, by actor
}

func newCutter(t *testing.T) *cutter {
	c := &cutter{mount: filepath.Join(t.TempDir(), "disk"), done: map[string]int{}, erasures: map[uint64][]uint64{}}
	if err := os.Mkdir(c.mount, 0o700); err != nil {
		t.Fatal(err)
	}
	var b *book
	c.disk = mountDisk(t, c.mount)
	c.crasher, b = newCrasherIn(t, t.TempDir(), filepath.Join(c.mount, "data"))
	c.steward = b.steward
	for i, a := range c.actors {
		a.connect(t, b.server)
		c.described = append(c.described, kvks[i])
		c.firstCard(t, a, kvks[i])
	}
	b.stop(t)
	c.inspect(t)
	return c
}

// mountDisk mounts a disk for as long as the test takes.
func mountDisk(t *testing.T, dir string) *disktest.Disk {
	t.Helper()
	seed := *crashSeed
	d, err := disktest.Mount(dir, newRand(seed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Unmount(); err != nil {
			t.Error(err)
		}
	})
	return d
}

// firstCard describes an employer with somebody to look at.
func (c *cutter) firstCard(t *testing.T, a *actor, kvk string) {
	t.Helper()
	s := a.make("werkgever-beschreven", object{"kvkNummer": kvk, "naam": "Bakkerij Voorbeeld", "contactpersonen": []any{object{"naam": "Bo Voorbeeld", "telefoon": "038-1000102"}}})
	if err := a.send(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

// round starts the server, looks at what it still knows, loads it, and cuts the power.
func (c *cutter) round(t *testing.T, n int) {
	while := c.rng.IntN(8) == 0 // while starting
	after := uint64(c.rng.IntN(1000))
	if c.rng.IntN(2) == 0 { // and as often between any two steps of one append
		after = uint64(math.Exp(c.rng.Float64() * math.Log(100)))
	}
	frozen := (<-chan struct{})(nil)
	if while {
		c.whileStarting++
		frozen = c.disk.FreezeAfter(uint64(c.rng.IntN(40)))
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s := serveAs(t, c.program, c.data)
	if !c.awaitReady(ctx, t, s, frozen) {
		c.cut(t, s)
		return
	}
	c.connect(t, s)
	c.byNATS()
	if !while {
		c.look(ctx, t, s, 20)
		c.lookAround(ctx, t, s)
	}
	load, done := c.load(ctx, t, s, n)
	if !while {
		c.awaitAcks(ctx, s, c.acknowledged()+c.rng.IntN(200))
		if c.rng.IntN(3) > 0 {
			select {
			case <-done: // what was just told is the first that could be lost
			case <-s.ended:
			case <-ctx.Done():
				t.Errorf("what an operator did never ended:\n%s", tail(s.logged(), 4000))
			}
		}
		frozen = c.disk.FreezeAfter(after)
	}
	select {
	case <-frozen:
	case <-s.ended:
		t.Errorf("it ended by itself:\n%s", tail(s.logged(), 4000))
	case <-ctx.Done():
		t.Errorf("%d operations never came", after)
	}
	s.cmd.Process.Kill()
	c.disk.Kill()
	cancel()
	<-s.ended
	load.Wait()
	c.cut(t, s)
}

// byNATS lets every partner go by NATS, until load says otherwise.
func (c *cutter) byNATS() {
	for _, a := range c.actors {
		a.url = ""
	}
}

// awaitReady is whether the server is ready before the disk freezes.
func (c *cutter) awaitReady(ctx context.Context, t *testing.T, s *server, frozen <-chan struct{}) bool {
	t.Helper()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-frozen:
			cancel()
		case <-ctx.Done():
		}
	}()
	err := s.ready(ctx)
	select {
	case <-frozen:
		s.cmd.Process.Kill()
		c.disk.Kill()
		<-s.ended
		return false
	default:
	}
	if err != nil {
		t.Fatalf("not ready: %v\n%s", err, s.logged())
	}
	return true
}

// cut cuts the power after the server was killed, and reads what is left.
func (c *cutter) cut(t *testing.T, s *server) {
	t.Helper()
	loss := disktest.Loss(c.rng.IntN(2))
	if err := c.disk.Cut(loss); err != nil {
		t.Fatal(err)
	}
	c.inspect(t)
	if t.Failed() {
		t.Logf("after losing %s:\n%s", loss, tail(s.logged(), 4000))
	}
}

// inspect reads the files from a copy: who serves a file system must not map its files.
func (c *cutter) inspect(t *testing.T) {
	t.Helper()
	dir, err := os.MkdirTemp("", "huisboek-cut-")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := c.disk.Export(dir); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	sure := uint64(len(c.hashes))
	for _, a := range c.actors {
		sure = max(sure, a.highest)
	}
	for position := range c.erasures {
		sure = max(sure, position)
	}
	for _, file := range []string{"book.db", "views.db"} {
		at, _ := checkpoint(t, filepath.Join(data, file))
		sure = max(sure, at)
	}
	c.crasher.inspect(t, data, sure)
	if len(c.erasures) == 0 {
		return
	}
	keys := messages(t, data, keyStream)
	for position, ids := range c.erasures {
		if position > uint64(len(c.hashes)) {
			t.Errorf("an erasure was acknowledged at %d, and the stream ends at %d", position, len(c.hashes))
		}
		for _, id := range ids {
			if keys[id] != nil {
				t.Errorf("key %d was erased at %d, and is there", id, position)
			}
		}
	}
}

// lookAround asks for what was acknowledged besides events.
func (c *cutter) lookAround(ctx context.Context, t *testing.T, s *server) {
	t.Helper()
	for _, token := range c.tokens {
		if status, body := s.get(t, token, "/v1/partners", nil); status != 200 {
			t.Errorf("a credential that was made is not known: %d %s", status, body)
		}
	}
	if n := len(c.tokens); n > 10 {
		c.tokens = c.tokens[n-10:]
	}
	for _, file := range c.backups {
		words{program: c.program}.run(t, "verify", "--backup", file).well(t, nil)
		os.Remove(file)
		os.Remove(file + ".sleutels")
	}
	c.backups = nil
}

// load lets every partner emit by its own ways until ctx ends, and somebody do a chore,
// which is done when the channel is closed.
func (c *cutter) load(ctx context.Context, t *testing.T, s *server, n int) (*sync.WaitGroup, <-chan struct{}) {
	var running sync.WaitGroup
	run := func(a *actor, emit func() error) {
		running.Go(func() {
			if err := emit(); err != nil {
				t.Errorf("%s: %v", a.Name, err)
			}
		})
	}
	at := []int{1, 4, 40}[c.rng.IntN(3)]
	byHTTP := c.rng.IntN(len(c.actors))
	size := 1 + c.rng.IntN(150)
	for i, a := range c.actors {
		if a.url = ""; i == byHTTP {
			a.url = s.url
			run(a, func() error { return a.postBatches(ctx, size) })
		}
		for range at {
			run(a, func() error { return a.emitUntil(ctx) })
		}
	}
	looker, kvk := c.actors[byHTTP], c.described[byHTTP]
	running.Go(func() {
		for {
			status, body, err := fetch(ctx, s.url+"/v1/werkgevers/"+kvk, looker.Token)
			if err != nil {
				return
			}
			if status == 200 && strings.Contains(string(body), "038-1000102") {
				c.acknowledge("looks", func() { c.looks++ })
			} else {
				t.Errorf("no contact person: %d %s", status, body)
				return
			}
		}
	})
	return &running, c.chore(ctx, t, &running, n)
}

// acknowledge notes what was acknowledged.
func (c *cutter) acknowledge(what string, note func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done[what]++
	note()
}

// chore is what an operator does meanwhile. What is cut off has no answer, and is
// nothing that was promised.
func (c *cutter) chore(ctx context.Context, t *testing.T, running *sync.WaitGroup, n int) <-chan struct{} {
	done := make(chan struct{})
	a := c.actors[c.rng.IntN(len(c.actors))]
	employee := fmt.Sprintf("am-%d", c.rng.IntN(5))
	file := filepath.Join(c.mount, fmt.Sprintf("backup-%d.tar", n))
	kind := c.rng.IntN(6)
	running.Go(func() {
		defer close(done)
		switch kind {
		case 0:
			var made struct{ Token string }
			if c.ask(ctx, t, &made, "access", "add", "--partner", a.Name) {
				token := made.Token
				c.acknowledge("credentials", func() { c.tokens = append(c.tokens, token) })
			}
		case 1:
			var erased struct {
				Position uint64   `json:"positie"`
				Keys     []uint64 `json:"sleutels"`
			}
			if c.ask(ctx, t, &erased, "erase", "--partner", a.ID, "--employee", employee, "--ground", "verzoek") {
				c.acknowledge("erasures", func() { c.erasures[erased.Position] = erased.Keys })
			}
		case 2:
			if c.ask(ctx, t, nil, "backup", file) {
				c.acknowledge("backups", func() { c.backups = append(c.backups, file) })
			}
		case 3:
			var rebuilt struct {
				Difference string `json:"verschil"`
			}
			if c.ask(ctx, t, &rebuilt, "rebuild") {
				c.acknowledge("rebuilds", func() {})
				if rebuilt.Difference != "" {
					t.Errorf("the views were not what a rebuild makes: %s", rebuilt.Difference)
				}
			}
		case 4:
			if c.ask(ctx, t, nil, "verify") {
				c.acknowledge("verifications", func() {})
			}
		}
	})
	return done
}

// ask runs a verb that goes through the socket; false when it was cut off.
func (c *cutter) ask(ctx context.Context, t *testing.T, answer any, args ...string) bool {
	cmd := exec.CommandContext(ctx, c.program, append(args, "--data", c.data, "--json")...)
	cmd.Env, cmd.Dir = environment(), os.TempDir()
	out, err := cmd.Output()
	if err != nil {
		return false
	}
	if answer != nil {
		if err := json.Unmarshal(out, answer); err != nil {
			t.Errorf("%v: %v: %s", args, err, out)
			return false
		}
	}
	return true
}

// finish is the crasher's, with what it does not know of: erasures are records too,
// and looks are found again.
func (c *cutter) finish(t *testing.T) {
	s := startAs(t, c.program, c.data)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c.connect(t, s)
	c.byNATS()
	c.look(ctx, t, s, 0)
	c.lookAround(ctx, t, s)
	c.repeatAll(ctx, t)
	var found []struct{ Wat, Fout, Goed string }
	words{program: c.program}.run(t, "verify", "--data", c.data, "--json").well(t, &found)
	looks := 0
	for _, f := range found {
		if f.Wat == "read log" {
			fmt.Sscan(f.Goed, &looks)
		}
	}
	if looks < c.looks {
		t.Errorf("%d looks at contact persons were answered, and the log has %d: %+v", c.looks, looks, found)
	}
	s.stop(t)
	c.inspect(t)
	c.verify(t)
}
