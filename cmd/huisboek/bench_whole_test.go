//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/natsstream"
	"huisboek/cmd/huisboek/region"
	"huisboek/events"
	"huisboek/ledger"
)

// BenchmarkRebuild makes the views of the whole book from zero, compares them with those
// that serve, and swaps them in.
func BenchmarkRebuild(b *testing.B) {
	ours := sharedBench(b).ours(b)
	n := 0
	for b.Loop() {
		made, err := ours.rebuild(b.Context(), struct{}{}, func(string, uint64, uint64) {})
		if err != nil {
			b.Fatal(err)
		}
		if made.Difference != "" {
			b.Fatal("the rebuilt views differ: ", made.Difference)
		}
		n += int(made.Position)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkDisk is what a million events take on disk, by what it is for. All of it is
// counted, also what a file has in reserve.
func BenchmarkDisk(b *testing.B) {
	s := sharedBench(b)
	b.Run("peer=huisboek", func(b *testing.B) {
		ours := s.ours(b)
		if err := ours.waitForViews(b.Context()); err != nil {
			b.Fatal(err)
		}
		var all float64
		var parts map[string]float64
		for b.Loop() {
			var err error
			if all, parts, err = benchDisk(filepath.Join(s.bookDir(), "data")); err != nil {
				b.Fatal(err)
			}
		}
		n := float64(ours.ledger.Position())
		for part, size := range parts {
			b.ReportMetric(size/n, part+"-MB/million")
		}
		b.ReportMetric(all/n, "MB/million")
		b.ReportMetric(0, "ns/op")
	})
	b.Run("peer=postgres", func(b *testing.B) {
		pg := s.pg(b)
		var bytes, rows float64
		for b.Loop() {
			err := pg.conns[0].QueryRow(b.Context(), `select
				(select sum(pg_total_relation_size(oid)) from pg_class where relname in ('events', 'employers', 'months'))::float8,
				(select max(seq) from events)::float8`).Scan(&bytes, &rows)
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(bytes/rows, "MB/million")
		b.ReportMetric(0, "ns/op")
	})
}

// benchDisk adds up the blocks of the files of a book.
func benchDisk(data string) (all float64, parts map[string]float64, err error) {
	parts = map[string]float64{}
	err = filepath.WalkDir(data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		size := float64(info.Sys().(*syscall.Stat_t).Blocks) * 512
		part := "rest"
		switch rest := strings.TrimPrefix(path, data+"/"); {
		case strings.Contains(rest, natsstream.KeyStreamName(region.Code)):
			part = "keys"
		case strings.HasPrefix(rest, dirStreams):
			part = "stream"
		case rest == fileViews:
			part = "views"
		case rest == fileFold:
			part = "book"
		}
		parts[part] += size
		all += size
		return nil
	})
	return all, parts, err
}

// BenchmarkOpening opens the book in a process that does nothing else, after it was
// closed and after it was killed while it recorded: how long until the ledger and the
// views answer, until employers can be searched, until a target's standing is known; and
// how much memory is resident then, besides page cache.
func BenchmarkOpening(b *testing.B) {
	s := sharedBench(b)
	for _, after := range []string{"close", "kill"} {
		b.Run("after="+after, func(b *testing.B) {
			ours := s.ours(b)
			if err := ours.closeHouse(); err != nil {
				b.Fatal(err)
			}
			sum := map[string]float64{}
			for b.Loop() {
				if after == "kill" {
					b.StopTimer()
					if err := ours.killed(); err != nil {
						b.Fatal(err)
					}
					b.StartTimer()
				}
				figures, err := ours.opened()
				if err != nil {
					b.Fatal(err)
				}
				for name, x := range figures {
					sum[name] += x
				}
			}
			for name, x := range sum {
				b.ReportMetric(x/float64(b.N), name)
			}
			b.ReportMetric(0, "ns/op")
			if err := ours.openHouse(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// With these the program of the benchmarks is the process that is measured, and not a
// test: the book's folder, what it is to do there, the time and the caller's token.
const (
	envBenchOpen  = "HUISBOEK_BENCH_OPEN"
	envBenchDo    = "HUISBOEK_BENCH_DO"
	envBenchNow   = "HUISBOEK_BENCH_NOW"
	envBenchToken = "HUISBOEK_BENCH_TOKEN"
)

// process starts this program again, on the book, and gives the first line that it says.
func (o *benchBook) process(do string) (c *exec.Cmd, in io.Closer, line string, err error) {
	c = exec.Command(os.Args[0])
	c.Env = append(os.Environ(), envBenchOpen+"="+o.set.bookDir(), envBenchDo+"="+do,
		envBenchNow+"="+strconv.FormatInt(o.clock.now().UnixMilli(), 10), envBenchToken+"="+o.token)
	c.Stderr = os.Stderr
	stdin, err := c.StdinPipe()
	if err != nil {
		return nil, nil, "", err
	}
	stdout, err := c.StdoutPipe()
	if err != nil {
		return nil, nil, "", err
	}
	if err := c.Start(); err != nil {
		return nil, nil, "", err
	}
	line, err = bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, nil, "", errors.Join(fmt.Errorf("the process said nothing: %w", err), c.Process.Kill(), c.Wait())
	}
	return c, stdin, line, nil
}

// killed lets a process record, and kills it.
func (o *benchBook) killed() error {
	c, _, _, err := o.process("record")
	if err != nil {
		return err
	}
	if err := c.Process.Kill(); err != nil {
		return err
	}
	c.Wait() // that it was killed
	return nil
}

// opened lets a process open the book, measure itself and close it again.
func (o *benchBook) opened() (figures map[string]float64, err error) {
	c, in, line, err := o.process("open")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(line), &figures); err != nil {
		return nil, errors.Join(err, c.Process.Kill(), c.Wait())
	}
	return figures, errors.Join(in.Close(), c.Wait())
}

// benchOpened is the process of process: it tells its figures in a line and goes on until
// its input ends.
func benchOpened(dir string) int {
	ms, err := strconv.ParseInt(os.Getenv(envBenchNow), 10, 64)
	if err == nil {
		err = benchOpen(dir, time.UnixMilli(ms))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "opening the book: ", err)
		return 1
	}
	return 0
}

func benchOpen(dir string, now time.Time) error {
	began, figures := time.Now(), map[string]float64{}
	since := func(what string) { figures[what+"-ms"] = float64(time.Since(began).Microseconds()) / 1000 }
	h, err := openHouse(context.Background(), benchSettings(dir, func() time.Time { return now }))
	if err != nil {
		return err
	}
	o := &benchBook{house: h, token: os.Getenv(envBenchToken)}
	r := region.New(benchSeed, 1)
	if os.Getenv(envBenchDo) == "record" {
		return o.recordUntilKilled(&r.Partners[0], now)
	}
	since("open")
	for _, question := range []struct{ what, path string }{
		{"answer", "/v1/werkgevers/" + region.KvKOf(0) + "/contacten"}, {"advice", "/v1/werkgevers/" + region.KvKOf(0) + "/advies"},
		{"search", "/v1/werkgevers?zoek=bakkerij"}, {"standing", "/v1/doelstellingen/" + r.Targets[0] + "/stand"},
	} {
		if question.what == "search" {
			if _, err := h.search.waitFor(context.Background(), h.ledger.Position()); err != nil {
				return err
			}
		}
		if err := o.handle(question.path); err != nil {
			return err
		}
		since(question.what)
	}
	for i := range 2_000 {
		if err := o.handle("/v1/werkgevers/" + region.KvKOf(i) + "/contacten"); err != nil {
			return err
		}
	}
	debug.FreeOSMemory()
	if figures["anon-MB"], err = benchResident(); err != nil {
		return err
	}
	line, err := json.Marshal(figures)
	if err != nil {
		return err
	}
	fmt.Printf("%s\n", line)
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return h.Close()
}

// recordUntilKilled says a line when it has recorded somewhat, and goes on.
func (o *benchBook) recordUntilKilled(p *region.Partner, now time.Time) error {
	caller := ledger.Caller{Role: ledger.RolePartner, Partner: p.ID, Credential: "bench", Door: ledger.DoorNATS}
	for i := 0; ; i++ {
		v := &events.VisitMade{Employer: events.Employer{KvK: region.KvKOf(i % 1000)}, Date: events.DateOf(now), Purpose: "overig", Form: "telefoon"}
		e, err := events.NewEvent(p.Source(), uuid.NewString(), now, v)
		if err != nil {
			return err
		}
		if _, err := o.ledger.Record(context.Background(), ledger.Submission{Event: e, Caller: caller}); err != nil {
			return err
		}
		if i == 1_000 {
			fmt.Println("recording")
		}
	}
}

// benchResident is this process's memory besides page cache, in MB.
func benchResident() (float64, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 64)
			return kb * 1024 / 1e6, err
		}
	}
	return 0, errors.New("the kernel does not say RssAnon")
}
