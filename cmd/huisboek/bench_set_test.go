//go:build linux

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"huisboek/cmd/huisboek/region"
)

// What make bench measures (docs/bench.md says how, and how to read it): one filled book
// and its peers, each with the same events, shared by all benchmarks of a run.
//
//	bench_set_test.go        the events, and what is shared
//	bench_huisboek_test.go   our book
//	bench_raw_test.go        JetStream alone, and bbolt alone
//	bench_postgres_test.go   PostgreSQL
//	bench_recording_test.go  recording, one at a time and in batches
//	bench_visible_test.go    from emitted to visible
//	bench_asking_test.go     questions, while events are being recorded
//	bench_whole_test.go      rebuild, start, memory, disk
//
// The other bench*_test.go files measure one part each, with events of their own.
const (
	envBenchEvents = "HUISBOEK_BENCH_EVENTS" // how many are in the book before anything is measured
	envBenchDir    = "HUISBOEK_BENCH_DIR"    // keep what was filled here, for the next run
	envBenchSync   = "HUISBOEK_BENCH_FSYNC"  // what make bench does to the disk
	benchSeed      = 1
	benchLeast     = 100_000
)

// benchSet is what the benchmarks of a run share. Peers are opened when they are first
// asked for and closed when the run ends.
type benchSet struct {
	dir    string
	size   int
	region *region.Region
	said   []string // how long it took to fill

	mu       sync.Mutex
	huisboek *benchBook
	raw      *benchRaw
	bolt     *benchBolt
	postgres *benchPostgres
}

var theBenchSet = sync.OnceValues(func() (*benchSet, error) {
	size := benchLeast
	if said := os.Getenv(envBenchEvents); said != "" {
		n, err := strconv.Atoi(said)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", envBenchEvents, err)
		}
		size = n
	}
	if size < benchLeast {
		return nil, fmt.Errorf("%s: a batch of a thousand would be weeks of so thin a history: at least %d", envBenchEvents, benchLeast)
	}
	s := &benchSet{size: size, region: region.New(benchSeed, size)}
	if keep := os.Getenv(envBenchDir); keep != "" {
		s.dir = filepath.Join(keep, strconv.Itoa(size))
		return s, os.MkdirAll(s.dir, 0o755)
	}
	dir, err := os.MkdirTemp("", "huisboek-bench-")
	if err != nil {
		return nil, err
	}
	s.dir = dir
	return s, os.Chmod(dir, 0o755) // PostgreSQL runs as another user
})

// theBenchBegan is whether anything asked for the set.
var theBenchBegan bool

// sharedBench is the run's set.
func sharedBench(tb testing.TB) *benchSet {
	tb.Helper()
	theBenchBegan = true
	s, err := theBenchSet()
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// TestMain closes what benchmarks shared.
func TestMain(m *testing.M) {
	if dir := os.Getenv(envBenchOpen); dir != "" {
		os.Exit(benchOpened(dir))
	}
	flag.Parse()
	if f := flag.Lookup("test.bench"); f.Value.String() != "" {
		fmt.Printf("events: %s\nfsync: %s\n", cmp.Or(os.Getenv(envBenchEvents), strconv.Itoa(benchLeast)), cmp.Or(os.Getenv(envBenchSync), "as-it-is"))
		benchLoad("before")
	}
	code := m.Run()
	if err := closeBench(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// benchLoad says how busy the machine is.
func benchLoad(when string) {
	load, err := os.ReadFile("/proc/loadavg")
	if err == nil {
		fmt.Printf("# load %s: %s", when, load)
	}
}

// closeBench closes what was opened, and says what it took to fill.
func closeBench() error {
	if !theBenchBegan {
		return nil
	}
	s, err := theBenchSet()
	if err != nil {
		return nil // told already
	}
	benchLoad("after")
	fmt.Print(strings.Join(s.said, ""))
	var errs []error
	for _, c := range []interface{ close() error }{s.huisboek, s.raw, s.bolt, s.postgres} {
		errs = append(errs, c.close())
	}
	if os.Getenv(envBenchDir) == "" {
		errs = append(errs, os.RemoveAll(s.dir))
	}
	return errors.Join(errs...)
}

// benchEvents are the set's events as one peer gets them: in order, each once, also over
// runs when the folder is kept. How far it came is noted when a run ends as it should;
// what one left that did not is removed.
type benchEvents struct {
	note string // the file
	next func() (*region.Step, bool)
	stop func()
	told int
	last time.Time // of the last one
}

// benchTold is an event with its bytes.
type benchTold struct {
	*region.Step
	raw []byte
}

// newBenchEvents are the events for what is kept at a path.
func newBenchEvents(r *region.Region, kept string) (*benchEvents, error) {
	e := &benchEvents{note: kept + ".told"}
	told := 0
	data, err := os.ReadFile(e.note)
	switch {
	case err == nil:
		err = errors.Join(json.Unmarshal(data, &told), os.Remove(e.note))
	case errors.Is(err, fs.ErrNotExist):
		err = os.RemoveAll(kept)
	}
	if err != nil {
		return nil, err
	}
	e.next, e.stop = iter.Pull(r.Events())
	for ; e.told < told; e.told++ {
		step, _ := e.next()
		e.last = step.At
	}
	return e, nil
}

// take is the next n events.
func (e *benchEvents) take(n int) ([]benchTold, error) {
	list := make([]benchTold, n)
	for i := range list {
		step, _ := e.next() // it never ends
		raw, err := step.Raw()
		if err != nil {
			return nil, err
		}
		list[i] = benchTold{step, raw}
		e.last = step.At
	}
	e.told += n
	return list, nil
}

// benchTake is take for a benchmark, outside what is measured.
func benchTake(tb testing.TB, e *benchEvents, n int) []benchTold {
	tb.Helper()
	list, err := e.take(n)
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// close remembers how far it came.
func (e *benchEvents) close() error {
	e.stop()
	return os.WriteFile(e.note, []byte(strconv.Itoa(e.told)), 0o644)
}

// fill lets a peer have the first events of the set, in parts, and says how long it
// took: that is a figure too.
func (s *benchSet) fill(peer string, e *benchEvents, part int, record func([]benchTold) error) error {
	from, began := e.told, time.Now()
	for e.told < s.size {
		list, err := e.take(min(part, s.size-e.told))
		if err != nil {
			return err
		}
		if err := record(list); err != nil {
			return fmt.Errorf("filling %s at event %d: %w", peer, e.told, err)
		}
	}
	if n := s.size - from; n > 0 {
		took := time.Since(began)
		s.said = append(s.said, fmt.Sprintf("# %s filled with %d events in %s: %.0f/s\n", peer, n, took.Round(time.Second/10), float64(n)/took.Seconds()))
	}
	return nil
}

// benchWriting records in the background while fn runs: so many events a second.
func benchWriting(tb testing.TB, events *benchEvents, perSecond int, record func(*benchTold) error, fn func()) {
	tb.Helper()
	ctx, stop := context.WithCancel(tb.Context())
	done := make(chan error, 1)
	go func() {
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				done <- nil
				return
			case <-tick.C:
			}
			list, err := events.take(1)
			if err == nil {
				err = record(&list[0])
			}
			if err != nil {
				done <- err
				return
			}
		}
	}()
	fn()
	stop()
	if err := <-done; err != nil {
		tb.Fatal("while writing: ", err)
	}
}
