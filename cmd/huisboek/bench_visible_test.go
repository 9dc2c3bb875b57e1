//go:build linux

package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// benchSenders is how many events are under way at most: a sender waits until its event
// can be seen before it sends the next of its threads.
const benchSenders = 256

// BenchmarkVisible offers events at a steady rate, whatever the answer, and measures from
// the moment at which each should have been sent until it can be seen: of ours when the
// views have its position, of JetStream when a follower of the stream got it, of
// PostgreSQL when it was committed.
func BenchmarkVisible(b *testing.B) {
	s := sharedBench(b)
	for _, rate := range []int{2_000, 5_000} {
		b.Run(fmt.Sprintf("rate=%d", rate), func(b *testing.B) {
			b.Run("peer=huisboek", func(b *testing.B) {
				ours := s.ours(b)
				benchOpenLoop(b, rate, benchSenders, benchTake(b, ours.events, b.N), func(_ int, e *benchTold) error {
					at, err := ours.recordAt(e)
					if err != nil {
						return err
					}
					return ours.runner.WaitFor(context.Background(), at)
				})
			})
			b.Run("peer=raw", func(b *testing.B) {
				raw := s.jetStream(b)
				wait, stop := benchFollower(b, raw)
				defer stop()
				benchOpenLoop(b, rate, benchSenders, make([]benchTold, b.N), func(int, *benchTold) error {
					ack, err := raw.publish(raw.message())
					if err == nil {
						wait(ack.Sequence)
					}
					return err
				})
			})
			b.Run("peer=postgres", func(b *testing.B) {
				pg := s.pg(b)
				benchOpenLoop(b, rate, benchConns, benchTake(b, pg.events, b.N), func(sender int, e *benchTold) error {
					return pg.insert(pg.conns[sender], e)
				})
			})
		})
	}
}

// benchOpenLoop sends events at a rate. The senders are as many as there are things that
// can be under way; when all are, an event waits, and its waiting is measured.
func benchOpenLoop(b *testing.B, rate, senders int, list []benchTold, send func(sender int, e *benchTold) error) {
	lines := benchLines(list, senders)
	took := make([]time.Duration, len(list))
	var all sync.WaitGroup
	b.ResetTimer()
	began := time.Now().Add(10 * time.Millisecond)
	for c := range senders {
		all.Go(func() {
			for _, i := range lines[c] {
				due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
				time.Sleep(time.Until(due))
				if err := send(c, &list[i]); err != nil {
					b.Error(err)
					return
				}
				took[i] = time.Since(due)
			}
		})
	}
	all.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "events/s")
	benchPercentiles(b, took)
}

// benchFollower follows the raw stream from its end; wait returns when it got a sequence.
func benchFollower(b *testing.B, raw *benchRaw) (wait func(uint64), stop func()) {
	b.Helper()
	consumer, err := raw.stream.OrderedConsumer(b.Context(), jetstream.OrderedConsumerConfig{DeliverPolicy: jetstream.DeliverNewPolicy})
	if err != nil {
		b.Fatal(err)
	}
	var mu sync.Mutex
	come := sync.NewCond(&mu)
	last := uint64(0)
	following, err := consumer.Consume(func(m jetstream.Msg) {
		meta, err := m.Metadata()
		if err != nil {
			b.Error(err)
			return
		}
		mu.Lock()
		last = meta.Sequence.Stream
		mu.Unlock()
		come.Broadcast()
	})
	if err != nil {
		b.Fatal(err)
	}
	return func(sequence uint64) {
		mu.Lock()
		defer mu.Unlock()
		for last < sequence {
			come.Wait()
		}
	}, following.Stop
}
