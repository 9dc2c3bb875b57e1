package natsstream_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"huisboek/adapters/natsserver"
	"huisboek/adapters/natsstream"
	"huisboek/adapters/natsstream/natstest"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

// admin is JetStream with every right, which the program itself does not have.
func admin(t *testing.T, e *natstest.Env) jetstream.JetStream {
	t.Helper()
	nc, err := e.Server.Connect(natsserver.User{Name: "alles", Publish: []string{">"}, Subscribe: []string{">"}})
	if err != nil {
		t.Fatal(err)
	}
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func TestOpenNamesEverySettingThatDiffers(t *testing.T) {
	tests := []struct {
		stream, name string
		change       func(*jetstream.StreamConfig)
	}{
		{"HUISBOEK_AM36", "MaxBytes", func(c *jetstream.StreamConfig) { c.MaxBytes *= 2 }},
		{"HUISBOEK_AM36", "MaxMsgs", func(c *jetstream.StreamConfig) { c.MaxMsgs = 1_000_000 }},
		{"HUISBOEK_AM36", "MaxAge", func(c *jetstream.StreamConfig) { c.MaxAge = 1e18 }},
		{"HUISBOEK_AM36", "Discard", func(c *jetstream.StreamConfig) { c.Discard = jetstream.DiscardOld }},
		{"HUISBOEK_AM36", "AllowMsgTTL", func(c *jetstream.StreamConfig) { c.AllowMsgTTL = true }},
		{"HUISBOEK_AM36", "AllowAtomicPublish", func(c *jetstream.StreamConfig) { c.AllowAtomicPublish = false }},
		{"HUISBOEK_AM36", "Subjects", func(c *jetstream.StreamConfig) { c.Subjects = append(c.Subjects, "nog.een") }},
		{"HUISBOEK_AM36_SLEUTELS", "Compression", func(c *jetstream.StreamConfig) { c.Compression = jetstream.S2Compression }},
		{"HUISBOEK_AM36_SLEUTELS", "DenyDelete", func(c *jetstream.StreamConfig) { c.DenyDelete = true }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := natstest.Start(t)
			js := admin(t, e)
			s, err := js.Stream(t.Context(), tt.stream)
			if err != nil {
				t.Fatal(err)
			}
			c := s.CachedInfo().Config
			tt.change(&c)
			if _, err := js.UpdateStream(t.Context(), c); err != nil {
				t.Fatal(err)
			}
			e.Stop()
			err = e.Open()
			if err == nil || !strings.Contains(err.Error(), tt.stream+" has other settings: "+tt.name+" is") {
				t.Errorf("Open: %v", err)
			}
		})
	}
}

func TestOpenDoesNotMakeALostStreamAnew(t *testing.T) {
	e := natstest.Start(t)
	for _, stream := range []string{"HUISBOEK_AM36", "HUISBOEK_AM36_SLEUTELS"} {
		if err := admin(t, e).DeleteStream(t.Context(), stream); err != nil {
			t.Fatal(err)
		}
		e.Stop()
		e.Book = bookID
		if err := e.Open(); !errors.Is(err, ledger.ErrDamaged) || !strings.Contains(err.Error(), stream+" is gone") {
			t.Errorf("Open: %v", err)
		}
		e.Stop()
		e.Book = ""
		e.Start()
	}
}

func TestOpenWantsItsSettings(t *testing.T) {
	e := natstest.Start(t)
	good := natsstream.Config{Region: "AM35", MaxBytes: 1 << 20, KeyMaxBytes: 1 << 20, KeyDir: e.Dir}
	for name, change := range map[string]func(*natsstream.Config){
		"no region":     func(c *natsstream.Config) { c.Region = "" },
		"odd region":    func(c *natsstream.Config) { c.Region = "AM36.>" },
		"no limit":      func(c *natsstream.Config) { c.MaxBytes = 0 },
		"no key limit":  func(c *natsstream.Config) { c.KeyMaxBytes = 0 },
		"no key folder": func(c *natsstream.Config) { c.KeyDir = "" },
	} {
		c := good
		change(&c)
		if _, _, err := natsstream.Open(t.Context(), e.Conn, c); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

// The program's own connection can change, empty or delete neither stream, nor
// delete a record: not even by mistake.
func TestConnectionCannotHarm(t *testing.T) {
	e := natstest.Start(t)
	refused := make(chan error, 1)
	e.Conn.SetErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err })
	for _, stream := range []string{"HUISBOEK_AM36", "HUISBOEK_AM36_SLEUTELS"} {
		for _, verb := range []string{"UPDATE", "DELETE", "PURGE", "RESTORE", "SNAPSHOT", "MSG.DELETE"} {
			if stream == "HUISBOEK_AM36_SLEUTELS" && verb == "MSG.DELETE" {
				continue
			}
			if err := e.Conn.Publish(fmt.Sprintf("$JS.API.STREAM.%s.%s", verb, stream), nil); err != nil {
				t.Fatal(err)
			}
			if err := <-refused; !errors.Is(err, nats.ErrPermissionViolation) {
				t.Errorf("%s of %s: %v", verb, stream, err)
			}
		}
	}
}

func TestFull(t *testing.T) {
	for _, n := range []int{1, 50} {
		e := natstest.New(t)
		e.MaxBytes = 200_000
		e.Start()
		var last events.Position
		err := error(nil)
		for err == nil && last < 10_000 {
			if err = e.Stream.Append(t.Context(), last, ledgertest.Batch(n)); err == nil {
				last += events.Position(n)
			}
		}
		if !errors.Is(err, ledger.ErrFull) || last == 0 {
			t.Errorf("appending %d at a time to a full stream after %d: %v, want ErrFull", n, last, err)
		}
		if got, err := e.Stream.Last(t.Context()); err != nil || got != last {
			t.Errorf("last is %d, %v; want %d", got, err, last)
		}
		for err = nil; err == nil; {
			_, err = e.Keys.Append(t.Context(), ledgertest.RandomKeys(n))
		}
		if !errors.Is(err, ledger.ErrFull) {
			t.Errorf("appending %d keys at a time to a full stream: %v, want ErrFull", n, err)
		}
	}
}

func TestTooLarge(t *testing.T) {
	e := natstest.Start(t)
	if err := e.Stream.Append(t.Context(), 0, ledgertest.Batch(natsstream.MaxBatch)); err != nil {
		t.Errorf("the largest batch: %v", err)
	}
	if err := e.Stream.Append(t.Context(), natsstream.MaxBatch, ledgertest.Batch(natsstream.MaxBatch+1)); err == nil {
		t.Error("a batch that is too large was taken")
	}
	large := ledger.Message{Name: "proef", Data: make([]byte, natsserver.MaxPayload)}
	for _, batch := range [][]ledger.Message{{large}, {ledgertest.Batch(1)[0], large}} {
		if err := e.Stream.Append(t.Context(), natsstream.MaxBatch, batch); !errors.Is(err, nats.ErrMaxPayload) {
			t.Errorf("a message that is too large: %v", err)
		}
	}
	if last, err := e.Stream.Last(t.Context()); err != nil || last != natsstream.MaxBatch {
		t.Errorf("last is %d, %v", last, err)
	}
	if err := e.Stream.Append(t.Context(), natsstream.MaxBatch, ledgertest.Batch(3)); err != nil {
		t.Errorf("after one that was broken off: %v", err)
	}
}
