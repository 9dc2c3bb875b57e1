package natsstream_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"huisboek/adapters/natsserver"
	"huisboek/adapters/natsstream"
	"huisboek/adapters/natsstream/natstest"
	"huisboek/events"
	"huisboek/ledger"
)

// Why at most one append may be under way. The fence compares a number. Here a
// ledger sends five records ahead, as a pipeline would, and another ledger is
// first with one: of the five the first is refused and the rest ACCEPTED, as
// the numbers fit again. They hang on a record that does not exist. Whoever
// wants a pipeline needs another fence (docs/decisions/0003).
func TestTwoUnderWayWouldForkTheBook(t *testing.T) {
	e := natstest.Start(t)
	b := &book{id: bookID, who: "a"}
	b.write(t, e.Stream, 1, 1)
	other := *b
	other.who = "ander"
	ahead := b.next(t, 5) // for positions 2 to 6

	other.write(t, e.Stream, 1, 1) // position 2
	inbox, err := e.Conn.SubscribeSync(nats.NewInbox())
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range ahead {
		msg := &nats.Msg{Subject: "huisboek.AM36." + m.Name, Reply: inbox.Subject, Data: m.Data, Header: nats.Header{
			jetstream.ExpectedLastSeqHeader: {strconv.Itoa(i + 1)},
		}}
		if err := e.Conn.PublishMsg(msg); err != nil {
			t.Fatal(err)
		}
	}
	for i := range ahead {
		msg, err := inbox.NextMsg(5 * time.Second)
		if err != nil {
			t.Fatal(err)
		}
		var ack struct {
			Seq   uint64
			Error *jetstream.APIError
		}
		if err := json.Unmarshal(msg.Data, &ack); err != nil {
			t.Fatal(err)
		}
		if refused := ack.Error != nil; refused != (i == 0) {
			t.Errorf("record %d of the pipeline: %s", i, msg.Data)
		}
	}
	if _, err := e.Stream.Verify(t.Context(), nil); !errors.Is(err, ledger.ErrDamaged) {
		t.Errorf("the fork was not found: %v", err)
	}
}

// One append at a time does not fork, however many ledgers there are.
func TestOneUnderWayDoesNotFork(t *testing.T) {
	e := natstest.Start(t)
	a, b := &book{id: bookID, who: "a"}, &book{id: bookID, who: "b"}
	for i := range 50 {
		for _, turn := range []struct{ first, second *book }{{a, b}, {b, a}} {
			before := *turn.second
			turn.first.write(t, e.Stream, 1+i%3, 10)
			for n := 1; n <= 2; n++ {
				loser := before
				late := loser.next(t, n)
				if err := e.Stream.Append(t.Context(), before.at.Position, late); !errors.Is(err, ledger.ErrFence) {
					t.Fatalf("%d at once: %v, want ErrFence", n, err)
				}
			}
			turn.second.at = turn.first.at // caught up
		}
	}
	if v, err := e.Stream.Verify(t.Context(), nil); err != nil || v.Checkpoint != a.at {
		t.Errorf("Verify = %+v, %v; want %+v", v, err, a.at)
	}
}

// Batches of two ledgers that come in at the same time stay two batches: each is
// stored whole, one after the other, or not at all.
func TestBatchesOfTwo(t *testing.T) {
	e := natstest.Start(t)
	nc, err := e.Server.Connect(natsserver.User{Name: "ander", Publish: natsstream.Publishes(natstest.Region), Subscribe: natsstream.Subscribes()})
	if err != nil {
		t.Fatal(err)
	}
	_, other, err := natsstream.Open(t.Context(), nc, natsstream.Config{
		Region: natstest.Region, MaxBytes: 256 << 20, KeyMaxBytes: 256 << 20, KeyDir: e.Server.StreamDir(natsstream.KeyStreamName(natstest.Region)),
	})
	if err != nil {
		t.Fatal(err)
	}
	const rounds, size = 40, 200
	var both sync.WaitGroup
	for who, keys := range []*natsstream.Keys{e.Keys, other} {
		both.Go(func() {
			for round := range rounds {
				batch := make([][ledger.KeySize]byte, size)
				for i := range batch {
					batch[i][0], batch[i][1], batch[i][2] = byte(who+1), byte(round+1), byte(i+1)
				}
				first, err := keys.Append(t.Context(), batch)
				if err != nil {
					t.Errorf("ledger %d, batch %d: %v", who, round, err)
					return
				}
				for i := range batch {
					if got, err := keys.Get(t.Context(), first+events.KeyID(i)); err != nil || got != batch[i] {
						t.Errorf("ledger %d, batch %d, key %d is another's: %v", who, round, i, err)
						return
					}
				}
			}
		})
	}
	both.Wait()
}
