package ledger_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"syscall"
	"testing"

	"github.com/google/uuid"

	"huisboek/adapters/boltstore"
	"huisboek/events"
	"huisboek/ledger"
)

// durable is a book as it is served, with its file synced, and no views beside it.
func durable(b *testing.B) *cluster {
	c := newCluster(b, 1, 1, func(*events.AgreementSet) {}, nil)
	if err := c.ledgers[0].Close(); err != nil {
		b.Fatal(err)
	}
	file, err := boltstore.OpenFile(filepath.Join(b.TempDir(), "book.db"), boltstore.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { file.Close() })
	var fold *ledger.Book
	store, err := file.Store(fold.Name(), fold.Shape())
	if err != nil {
		b.Fatal(err)
	}
	config := c.config
	config.Store = store
	l, err := ledger.Open(b.Context(), config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	c.ledgers[0] = l
	return c
}

// offered are visits as a partner offers them: about 600 bytes, an account manager, and
// in every tenth a free text.
func (c *cluster) offered(n int) [][]byte {
	c.t.Helper()
	raw := make([][]byte, n)
	for i := range raw {
		v := visit(fmt.Sprintf("%08d", 90_000_000+i%2000), today.AddDays(-i%300))
		v.Outcome, v.TargetGroups = []string{"vervolgafspraak"}, []string{"DD02"}
		v.AccountManager = manager(fmt.Sprint("am-", i%40), fmt.Sprintf("Accountmanager %d", i%40))
		if i%10 == 0 {
			v.Note = plain("Kennisgemaakt; belt terug na het weekend over twee plekken in het magazijn.")
		}
		id, err := uuid.NewV7()
		if err != nil {
			c.t.Fatal(err)
		}
		e, err := events.NewEvent(c.parties[0].source(), id.String(), noon, v)
		if err != nil {
			c.t.Fatal(err)
		}
		raw[i] = e.Canonical()
	}
	return raw
}

// processor is what this process used of the processor until now, in µs.
func processor() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e3
}

// measured reports a rate and the processor time of each; the setting up does not count.
func measured(b *testing.B, n int, fn func()) {
	before := processor()
	b.ResetTimer()
	fn()
	b.StopTimer()
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric((processor()-before)/float64(n), "cpu-µs/event")
}

// BenchmarkDurable is recording from bytes to receipt on a real server and disk without
// views, by some callers or in batches of a thousand, and beside it the peer: the same
// stream with records of that size alone.
func BenchmarkDurable(b *testing.B) {
	for _, callers := range []int{1, 8, 1000} {
		b.Run(fmt.Sprint("callers=", callers), func(b *testing.B) {
			c := durable(b)
			raw := c.offered(b.N)
			measured(b, b.N, func() {
				var all sync.WaitGroup
				for at := range callers {
					all.Go(func() {
						for i := at; i < len(raw); i += callers {
							e, err := events.Decode(raw[i], noon)
							if err != nil {
								b.Error(err)
								return
							}
							if _, err := c.ledgers[0].Record(b.Context(), ledger.Submission{Event: e, Caller: c.parties[0].caller}); err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				all.Wait()
			})
		})
	}
	b.Run("batch=1000", func(b *testing.B) {
		c := durable(b)
		raw := c.offered(b.N)
		measured(b, b.N, func() {
			for len(raw) > 0 {
				n := min(len(raw), 1000)
				all := make([]ledger.Submission, n)
				for i := range all {
					e, err := events.Decode(raw[i], noon)
					if err != nil {
						b.Fatal(err)
					}
					all[i] = ledger.Submission{Event: e, Caller: c.parties[0].caller}
				}
				for _, o := range c.ledgers[0].RecordAll(b.Context(), all) {
					if o.Err != nil {
						b.Fatal(o.Err)
					}
				}
				raw = raw[n:]
			}
		})
	})
	for _, size := range []int{1, 1000} {
		b.Run(fmt.Sprint("raw=", size), func(b *testing.B) { raw(b, size) })
	}
}

// raw appends alone, to the stream of a book, with its fence.
func raw(b *testing.B, size int) {
	c := newCluster(b, 1, 1, func(*events.AgreementSet) {}, nil)
	messages := make([]ledger.Message, size)
	for i := range messages {
		messages[i] = ledger.Message{Name: "bezoek-afgelegd", Data: make([]byte, 1300)}
	}
	at := c.tip()
	measured(b, b.N, func() {
		for n := 0; n < b.N; n += size {
			if err := c.env.Stream.Append(b.Context(), at, messages); err != nil {
				b.Fatal(err)
			}
			at += events.Position(size)
		}
	})
}
