//go:build linux

package main

import (
	"context"
	"fmt"
	"hash/maphash"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

const benchBatch = 1_000

// BenchmarkRecording is durable recording, until the receipt: one after the other by one
// caller and by eight, and in batches of a thousand, of which one is under way. Ours goes
// from a partner's bytes through checks, verdict, seals, chain and append, with the views
// following; seen/s is how fast it was until the views had it all. Of JetStream it is the
// publish alone, of the same bytes; of PostgreSQL an insert with its trigger.
func BenchmarkRecording(b *testing.B) {
	s := sharedBench(b)
	b.Run("peer=huisboek", func(b *testing.B) {
		ours := s.ours(b)
		seen := func(b *testing.B, began time.Time) {
			if err := ours.waitForViews(context.Background()); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "seen/s")
		}
		b.Run("callers=1", func(b *testing.B) { benchCalls(b, 1, ours.events, nil, ours.record, seen) })
		b.Run("callers=8", func(b *testing.B) { benchCalls(b, 8, ours.events, nil, ours.record, seen) })
		b.Run("batch=1000", func(b *testing.B) { benchBatches(b, ours.events, ours.recordAll, seen) })
	})
	b.Run("peer=raw", func(b *testing.B) {
		raw := s.jetStream(b)
		publish := func(int, *benchTold) error {
			_, err := raw.publish(raw.message())
			return err
		}
		b.Run("callers=1", func(b *testing.B) { benchCalls(b, 1, nil, publish, nil, nil) })
		b.Run("callers=8", func(b *testing.B) { benchCalls(b, 8, nil, publish, nil, nil) })
		b.Run("batch=1000", func(b *testing.B) {
			all := make([]*nats.Msg, benchBatch)
			benchBatches(b, nil, func(list []benchTold) error {
				for i := range all[:len(list)] {
					all[i] = raw.message()
				}
				return raw.publishAll(all[:len(list)])
			}, nil)
		})
	})
	b.Run("peer=postgres", func(b *testing.B) {
		pg := s.pg(b)
		insert := func(caller int, e *benchTold) error { return pg.insert(pg.conns[caller], e) }
		b.Run("callers=1", func(b *testing.B) { benchCalls(b, 1, pg.events, insert, nil, nil) })
		b.Run("callers=8", func(b *testing.B) { benchCalls(b, benchConns, pg.events, insert, nil, nil) })
		b.Run("batch=1000", func(b *testing.B) {
			benchBatches(b, pg.events, func(list []benchTold) error { return pg.insertAll(pg.conns[0], list) }, nil)
		})
	})
}

// benchCalls records b.N events by so many callers, each waiting for its receipt. What
// builds on each other goes by one caller. Without events there are none to make.
func benchCalls(b *testing.B, callers int, events *benchEvents, by func(caller int, e *benchTold) error, record func(*benchTold) error, after func(*testing.B, time.Time)) {
	if by == nil {
		by = func(_ int, e *benchTold) error { return record(e) }
	}
	list := make([]benchTold, b.N)
	if events != nil {
		list = benchTake(b, events, b.N)
	}
	lines := benchLines(list, callers)
	took := make([][]time.Duration, callers)
	var all sync.WaitGroup
	b.ResetTimer()
	began := time.Now()
	for c := range callers {
		all.Go(func() {
			for _, i := range lines[c] {
				at := time.Now()
				if err := by(c, &list[i]); err != nil {
					b.Error(err)
					return
				}
				took[c] = append(took[c], time.Since(at))
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	benchPercentiles(b, slices.Concat(took...))
	if after != nil {
		after(b, began)
	}
}

// benchLines divides events over callers, in order: those of one thread to the same.
func benchLines(list []benchTold, callers int) [][]int {
	lines := make([][]int, callers)
	for i := range list {
		c := i % callers
		if list[i].Step != nil {
			c = int(maphash.Comparable(benchHash, list[i].Thread) % uint64(callers))
		}
		lines[c] = append(lines[c], i)
	}
	return lines
}

var benchHash = maphash.MakeSeed()

// benchBatches records b.N events in batches, one after the other.
func benchBatches(b *testing.B, events *benchEvents, record func([]benchTold) error, after func(*testing.B, time.Time)) {
	list := make([]benchTold, b.N)
	if events != nil {
		list = benchTake(b, events, b.N)
	}
	var took []time.Duration
	b.ResetTimer()
	began := time.Now()
	for batch := range slices.Chunk(list, benchBatch) {
		at := time.Now()
		if err := record(batch); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(at))
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
	benchPercentiles(b, took)
	if after != nil {
		after(b, began)
	}
}

// benchPercentiles reports the median and the hundredth that took longest, in
// microseconds.
func benchPercentiles(b *testing.B, took []time.Duration) {
	if len(took) == 0 {
		b.Fatal("nothing was measured")
	}
	slices.Sort(took)
	for _, p := range []int{50, 99} {
		b.ReportMetric(float64(took[len(took)*p/100].Nanoseconds())/1000, fmt.Sprintf("p%d-us", p))
	}
}
