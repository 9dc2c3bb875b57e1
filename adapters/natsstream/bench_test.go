package natsstream_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"huisboek/adapters/natsstream/natstest"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

// sized is what an append of n costs about: records of 1.2 kB.
func sized(n int) []ledger.Message {
	all := make([]ledger.Message, n)
	for i := range all {
		all[i] = ledger.Message{Name: "bezoek-afgelegd", Data: make([]byte, 1200)}
	}
	return all
}

// big gives room for whatever a benchmark writes.
func big(b *testing.B) *natstest.Env {
	e := natstest.New(b)
	e.MaxBytes = 1900 << 20
	e.Start()
	return e
}

// BenchmarkAppend appends records one by one and in batches.
func BenchmarkAppend(b *testing.B) {
	for _, n := range []int{1, 100, 1000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			e := big(b)
			messages := sized(n)
			after := events.Position(0)
			for b.Loop() {
				if err := e.Stream.Append(b.Context(), after, messages); err != nil {
					b.Fatal(err)
				}
				after += events.Position(n)
			}
			b.ReportMetric(float64(after)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkAppendBesideRaw takes turns, record by record, with its peer: the
// client library publishing to the same stream, one under way, with the same
// fence. So both see the same disk and the same noise.
func BenchmarkAppendBesideRaw(b *testing.B) {
	e := big(b)
	js, err := jetstream.New(e.Conn)
	if err != nil {
		b.Fatal(err)
	}
	messages := sized(1)
	m := &nats.Msg{Subject: "huisboek.AM36." + messages[0].Name, Data: messages[0].Data}
	var ours, raw time.Duration
	n := 0
	for b.Loop() {
		start := time.Now()
		if err := e.Stream.Append(b.Context(), events.Position(2*n), messages); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		m.Header = nil
		if _, err := js.PublishMsg(b.Context(), m, jetstream.WithExpectLastSequence(uint64(2*n+1))); err != nil {
			b.Fatal(err)
		}
		ours, raw = ours+middle.Sub(start), raw+time.Since(middle)
		n++
	}
	b.ReportMetric(float64(n)/ours.Seconds(), "records/s")
	b.ReportMetric(float64(n)/raw.Seconds(), "raw/s")
	b.ReportMetric(raw.Seconds()/ours.Seconds(), "of-raw")
}

// BenchmarkKeys fills the pool of keys.
func BenchmarkKeys(b *testing.B) {
	for _, n := range []int{1000, 10_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			e := big(b)
			keys := ledgertest.RandomKeys(n)
			done := 0
			for b.Loop() {
				if _, err := e.Keys.Append(b.Context(), keys); err != nil {
					b.Fatal(err)
				}
				done += n
			}
			b.ReportMetric(float64(done)/b.Elapsed().Seconds(), "keys/s")
		})
	}
}

// BenchmarkFollow reads, checks and decodes 100,000 records; Read only reads them.
func BenchmarkFollow(b *testing.B) {
	const n = 100_000
	e := big(b)
	written := &book{id: bookID, who: "a"}
	written.write(b, e.Stream, n, 10_000)
	enough := errors.New("enough")
	b.Run("follow", func(b *testing.B) {
		for b.Loop() {
			err := e.Stream.Follow(context.Background(), events.Checkpoint{}, 1000, func(batch []*events.Record) error {
				if batch[len(batch)-1].Position == n {
					return enough
				}
				return nil
			})
			if !errors.Is(err, enough) {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "records/s")
	})
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			if err := e.Stream.Read(context.Background(), 1, func(events.Position, []byte) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "records/s")
	})
}
