package e2e_test

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"huisboek/e2e/disktest"
)

// fullness is one way in which a disk is full.
type fullness struct {
	name   string
	after  int                      // operations on these files that still go well
	files  func(o disktest.Op) bool // that do not fit any more; nil: none does, the disk has no room
	room   int64                    // left on a disk that has no room, in pages
	refuse bool                     // events are refused meanwhile
	stuck  bool                     // the views cannot follow: what joins them with the book is told to wait
	poke   func(c *cutter, t *testing.T, s *server)
}

// grows is whether an operation needs room.
func grows(o disktest.Op) bool { return o.Kind == disktest.Write || o.Kind == disktest.Create }

func inFiles(parts ...string) func(o disktest.Op) bool {
	return func(o disktest.Op) bool {
		for _, part := range parts {
			if !strings.Contains(o.Path, part) {
				return false
			}
		}
		return grows(o)
	}
}

// outside is all that grows outside the data folder: there a backup is made.
func outside(o disktest.Op) bool { return !strings.HasPrefix(o.Path, "data/") && grows(o) }

// fullnesses are the files of a book, and what makes the server write those that a
// partner's event does not.
func fullnesses() []fullness {
	records, keys := inFiles(recordStream+"/"), inFiles(keyStream+"/")
	return []fullness{
		{name: "little room", room: 32 << 20 >> 12, refuse: true},
		{name: "no room", refuse: true, stuck: true},
		{name: "room for a page", room: 1, refuse: true, stuck: true},
		{name: "room for some pages", room: 30, refuse: true, stuck: true},
		{name: "room for a while", room: 400, refuse: true, stuck: true},
		{name: "a record", files: inFiles(recordStream+"/msgs/", ".blk"), refuse: true, stuck: true},
		{name: "a later record", files: inFiles(recordStream+"/msgs/", ".blk"), after: 40, refuse: true, stuck: true},
		{name: "the stream", files: records, after: 7, refuse: true, stuck: true},
		{name: "keys", files: keys, refuse: true, stuck: true, poke: (*cutter).eraseSome},
		{name: "the book's file", files: inFiles("data/book.db"), after: 3},
		{name: "the views", files: inFiles("data/views.db"), after: 3, stuck: true},
		{name: "what came in", files: inFiles("data/intake.db")},
		{name: "who looked", files: inFiles("data/readlog.db"), poke: (*cutter).lookInVain},
		{name: "who may speak", files: inFiles("data/access.db"), poke: (*cutter).addInVain},
		{name: "a backup", files: outside, after: 2, poke: (*cutter).backUpInVain},
		{name: "a rebuild", files: inFiles("views.db.nieuw"), after: 5, poke: (*cutter).rebuildInVain},
		{name: "everything", files: grows, after: 100, refuse: true, stuck: true},
	}
}

// TestDiskFull: wherever a disk is full, what cannot be recorded is refused and told to
// come back, reading goes on, and when there is room again recording goes on without
// anybody doing anything. Nothing that was acknowledged is lost, and nothing is half.
func TestDiskFull(t *testing.T) {
	needDisk(t)
	c := newCutter(t)
	s := startAs(t, c.program, c.data)
	c.connect(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var refused atomic.Int64
	for _, a := range c.actors {
		a.told = func(got *answer) {
			refused.Add(1)
			switch kind := got.Type[strings.LastIndexByte(got.Type, '/')+1:]; kind {
			case "opslag-vol", "uitkomst-onbekend", "te-druk", "te-veel": // the last of whoever sends much
			default:
				t.Errorf("a full disk is answered with %s", got.raw)
			}
		}
	}
	var load sync.WaitGroup
	for i, a := range c.actors {
		emit := func() error { return a.emitUntil(ctx) }
		if i == 0 {
			a.url = s.url
			load.Go(func() { report(t, a, a.postBatches(ctx, 120)) })
		}
		for range 2 {
			load.Go(func() { report(t, a, emit()) })
		}
	}
	for _, f := range fullnesses() {
		t.Run(f.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			c.fill(ctx, t, s, &f, &refused)
		})
		if t.Failed() {
			break
		}
	}
	cancel()
	load.Wait()
	c.settleAll(t, s)
}

func report(t *testing.T, a *actor, err error) {
	if err != nil {
		t.Errorf("%s: %v", a.Name, err)
	}
}

// fill fills the disk, sees what comes of it, and makes room again.
func (c *cutter) fill(ctx context.Context, t *testing.T, s *server, f *fullness, refused *atomic.Int64) {
	t.Helper()
	told, failed := refused.Load(), atomic.Int64{}
	if f.files == nil {
		c.disk.Limit(c.disk.Used() + f.room*4096)
		failed.Store(1)
	} else {
		left := atomic.Int64{}
		left.Store(int64(f.after))
		c.disk.Inject(func(o disktest.Op) error {
			if !f.files(o) || left.Add(-1) >= 0 {
				return nil
			}
			failed.Add(1)
			return syscall.ENOSPC
		})
	}
	if f.poke != nil {
		f.poke(c, t, s)
	}
	bounded, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	c.eventually(bounded, t, "an operation fails", func() bool { return failed.Load() > 0 })
	if f.refuse {
		c.eventually(ctx, t, "an event is refused", func() bool { return refused.Load() > told })
	}
	for _, path := range []string{"/v1/werkgevers/90000001/advies?doel=nazorg", "/v1/berichten", "/v1/werkgevers/90000001"}[:3-btoi(f.stuck)] {
		if status, body := s.get(t, c.actors[1].Token, path, nil); status != http.StatusOK {
			t.Errorf("GET %s does not go on: %d %s", path, status, body)
		}
	}
	c.disk.Inject(nil)
	c.disk.Limit(0)
	before := c.acknowledged()
	c.eventually(ctx, t, "events are recorded again", func() bool { return c.acknowledged() > before+50 })
	c.eventually(ctx, t, "the book is ready again", func() bool { status, _ := s.get(t, "", "/readyz", nil); return status == http.StatusOK })
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// eventually looks until something is so.
func (c *cutter) eventually(ctx context.Context, t *testing.T, what string, is func() bool) {
	t.Helper()
	for !is() {
		select {
		case <-ctx.Done():
			t.Fatalf("in vain: %s", what)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// eraseSome needs the key stream: keys are destroyed, and new ones are needed.
func (c *cutter) eraseSome(t *testing.T, _ *server) {
	words{program: c.program}.run(t, "erase", "--data", c.data, "--partner", c.actors[0].ID, "--employee", "am-1", "--ground", "verzoek")
}

func (c *cutter) lookInVain(t *testing.T, s *server) {
	if status, body := s.get(t, c.actors[0].Token, "/v1/werkgevers/"+kvks[0], nil); status != http.StatusServiceUnavailable || strings.Contains(string(body), "038-1000102") {
		t.Errorf("a look that cannot be logged is answered %d %s", status, body)
	}
}

func (c *cutter) inVain(t *testing.T, args ...string) {
	t.Helper()
	if r := (words{program: c.program}).run(t, append(args, "--data", c.data)...); r.code == 0 {
		t.Errorf("%v went well on a full disk: %v", args, r)
	}
}

func (c *cutter) addInVain(t *testing.T, _ *server) {
	c.inVain(t, "access", "add", "--partner", c.actors[0].Name)
}

func (c *cutter) backUpInVain(t *testing.T, _ *server) {
	c.inVain(t, "backup", filepath.Join(c.mount, "disk-full.tar"))
}

func (c *cutter) rebuildInVain(t *testing.T, _ *server) { c.inVain(t, "rebuild") }

// settleAll offers what has no answer, and then everything, once more; and sees that
// the book is whole.
func (c *cutter) settleAll(t *testing.T, s *server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c.byNATS()
	c.look(ctx, t, s, 0)
	c.repeatAll(ctx, t)
	c.verify(t)
	s.stop(t)
	c.inspect(t)
	c.verify(t)
	t.Logf("%d events acknowledged, %d records, %d of them acknowledged only when sent again", c.acknowledged(), len(c.hashes), c.settled)
}
