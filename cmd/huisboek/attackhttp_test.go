package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/client"
	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
)

// The attacks over HTTP. Each has a book of its own and goes on while the honest
// partner reports over both doors; what is measured is how long that waits.

const (
	honestEvery = 50 * time.Millisecond
	honestFor   = 5 * time.Second
	// honestWait is the longest that the honest partner may wait for a receipt,
	// on a machine that has other work and with the race detector.
	honestWait = 5 * time.Second
)

// slim is a listener whose connections hold little that was not read yet, as over
// a real network: of this machine's own they hold megabytes.
type slim struct{ net.Listener }

func (s slim) Accept() (net.Conn, error) {
	c, err := s.Listener.Accept()
	if err == nil {
		err = c.(*net.TCPConn).SetWriteBuffer(16 << 10)
	}
	return c, err
}

// openHTTP serves the arena's book over HTTP, as the program does.
func (a *arena) openHTTP(t *testing.T) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var served sync.WaitGroup
	served.Go(func() {
		if err := web.Serve(ctx, slim{l}, a.h.web, a.h.Log); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { stop(); served.Wait() })
	return l.Addr().String()
}

func TestFloodsHTTP(t *testing.T) {
	for _, flood := range []struct {
		name  string
		rates intake.Rates
		// begin begins, and returns when it has; it goes on until ctx ends, and
		// what it began is done when all is.
		begin func(t *testing.T, ctx context.Context, a *arena, address string, all *sync.WaitGroup)
	}{
		{"strangers that never read", intake.Rates{}, floodDocument},
		{"answers never read", intake.Rates{}, floodMessages},
		{"bodies that trickle", intake.Rates{}, floodTrickle},
		{"heavy trials", intake.Rates{InFlight: 256}, floodTrials}, // as many as it likes
		{"large batches", intake.Rates{InFlight: 256}, floodBatches},
	} {
		t.Run(flood.name, func(t *testing.T) { // one at a time: they are to be measured
			a := newArena(t, settings{Rates: flood.rates})
			address := a.openHTTP(t)
			before := withoutReaders(a.streams(t))
			ctx, stop := context.WithCancel(t.Context())
			var all sync.WaitGroup
			defer func() { stop(); all.Wait() }()
			flood.begin(t, ctx, a, address, &all)
			reports := a.honestly(t, address)
			stop()
			all.Wait()
			if t.Failed() {
				return
			}
			unchanged(t, before, withoutReaders(a.streams(t)), reports)
			a.unhindered(t)
			if err := a.h.ledger.Err(); err != nil {
				t.Error(err)
			}
		})
	}
}

// honestly reports over both doors for a while, as a partner that comes again
// when it is told to, and says how many events are recorded.
func (a *arena) honestly(t *testing.T, address string) (reports uint64) {
	t.Helper()
	sender, err := client.HTTP("http://"+address, a.q.Token, client.HTTPOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer sender.Close()
	until := time.Now().Add(honestFor)
	var recorded, later atomic.Uint64
	report := func(door string, send func(ctx context.Context, event []byte) error) {
		ticks := time.NewTicker(honestEvery)
		defer ticks.Stop()
		slowest, n := time.Duration(0), 0
		for ; time.Now().Before(until); n++ {
			event, began := a.event(t, sourceQ), time.Now()
			ctx, cancel := context.WithTimeout(t.Context(), honestWait)
			for {
				err := send(ctx, event)
				if err == nil {
					break
				}
				if _, again := client.Retry(err); !again || ctx.Err() != nil {
					t.Errorf("over %s the honest partner has no receipt of event %d after %s: %v", door, n, time.Since(began).Round(time.Millisecond), err)
					cancel()
					return
				}
				later.Add(1)
				select {
				case <-ticks.C:
				case <-ctx.Done():
				}
			}
			cancel()
			recorded.Add(1)
			slowest = max(slowest, time.Since(began))
			<-ticks.C
		}
		t.Logf("over %s the honest partner waited %s at most, of %d events", door, slowest.Round(time.Millisecond), n)
	}
	var both sync.WaitGroup
	both.Go(func() {
		report("NATS", func(ctx context.Context, event []byte) error {
			m, err := a.honest.RequestWithContext(ctx, "melden", event)
			if err != nil {
				return err
			}
			var r toldOf
			if err := json.Unmarshal(m.Data, &r); err != nil {
				return err
			}
			if r.Status != 0 {
				return ledger.Problem{Status: r.Status, Detail: r.Detail}
			}
			return nil
		})
	})
	both.Go(func() {
		report("HTTP", func(ctx context.Context, event []byte) error {
			_, err := sender.Send(ctx, event)
			return err
		})
	})
	both.Wait()
	if n := later.Load(); n > 0 {
		t.Logf("it was told %d times to come again", n)
	}
	return recorded.Load()
}

// unread opens connections that say something and then never read, and keeps
// them until ctx ends. It returns when all have said it.
func unread(t *testing.T, ctx context.Context, address string, connections int, says string, all *sync.WaitGroup) {
	t.Helper()
	var said sync.WaitGroup
	for range connections {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
			t.Fatal(err)
		}
		if err := c.SetWriteDeadline(time.Now().Add(honestFor)); err != nil {
			t.Fatal(err)
		}
		said.Add(1)
		all.Go(func() {
			defer c.Close()
			io.WriteString(c, says) // that it does not all go out is what the other side may do
			said.Done()
			<-ctx.Done()
		})
	}
	said.Wait()
}

// floodDocument asks for the largest answer that is open to everybody.
func floodDocument(t *testing.T, ctx context.Context, _ *arena, address string, all *sync.WaitGroup) {
	unread(t, ctx, address, 400, strings.Repeat("GET /v1/openapi.json HTTP/1.1\r\nHost: boek\r\n\r\n", 50), all)
}

func floodMessages(t *testing.T, ctx context.Context, a *arena, address string, all *sync.WaitGroup) {
	if err := a.h.waitForViews(t.Context()); err != nil {
		t.Fatal(err)
	}
	ask := "GET /v1/berichten HTTP/1.1\r\nHost: boek\r\nAuthorization: Bearer " + a.p.Token + "\r\n\r\n"
	unread(t, ctx, address, 400, strings.Repeat(ask, 200), all)
}

// floodTrickle sends bodies a byte at a time.
func floodTrickle(t *testing.T, ctx context.Context, a *arena, address string, all *sync.WaitGroup) {
	begin := "POST /v1/gebeurtenissen HTTP/1.1\r\nHost: boek\r\nContent-Type: application/cloudevents+json\r\n" +
		"Authorization: Bearer " + a.p.Token + "\r\nContent-Length: 60000\r\n\r\n{"
	for range 400 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(c, begin); err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			defer c.Close()
			ticks := time.NewTicker(4 * honestEvery)
			defer ticks.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-ticks.C:
				}
				if _, err := io.WriteString(c, " "); err != nil {
					return // it was refused
				}
			}
		})
	}
}

// floodTrials has the ledger decide about a thousand plans at one employer, each
// after all before it, and keeps nothing.
func floodTrials(t *testing.T, ctx context.Context, a *arena, address string, all *sync.WaitGroup) {
	plans := make([][]byte, intake.MaxBatch)
	for i := range plans {
		e, err := events.NewEvent(sourceP, fmt.Sprint("proef-", i), time.Now(), &events.VisitPlanned{
			Employer: events.Employer{KvK: "69599084"}, Approach: uuid.NewString(), Date: events.DateOf(time.Now()).AddDays(10), Purpose: "kennismaking",
			AccountManager: events.Plainly(events.AccountManager{Employee: "m1", Name: "Proef"}),
		})
		if err != nil {
			t.Fatal(err)
		}
		plans[i] = e.Canonical()
	}
	a.pour(t, ctx, address, "?proef=true", batchOf(plans), all)
}

// floodBatches sends batches that are as large as one may be, of what is no event.
func floodBatches(t *testing.T, ctx context.Context, a *arena, address string, all *sync.WaitGroup) {
	one := append([]byte(`{"specversion":"1.0","x":"`), bytes.Repeat([]byte("x"), intake.MaxBatchBytes/intake.MaxBatch-64)...)
	one = append(one, `"}`...)
	a.pour(t, ctx, address, "", batchOf(bytes.Split(bytes.Repeat(append(one, '\n'), intake.MaxBatch-1), []byte("\n"))[:intake.MaxBatch-1]), all)
}

// batchOf is a batch of events.
func batchOf(all [][]byte) []byte {
	return append(append([]byte{'['}, bytes.Join(all, []byte{','})...), ']')
}

// pour sends one batch of P's over and over, several at a time, until ctx ends; of
// what is under way then the answer is still waited for.
func (a *arena) pour(t *testing.T, ctx context.Context, address, query string, batch []byte, all *sync.WaitGroup) {
	t.Helper()
	var answered, refused atomic.Int64
	to := url.URL{Scheme: "http", Host: address, Path: "/v1/gebeurtenissen"}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	t.Cleanup(cancel)
	var pourers sync.WaitGroup
	for range 4 {
		pourers.Add(1)
		all.Go(func() {
			defer pourers.Done()
			for ctx.Err() == nil {
				r, err := http.NewRequestWithContext(last, http.MethodPost, to.String()+query, bytes.NewReader(batch))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("Authorization", "Bearer "+a.p.Token)
				r.Header.Set("Content-Type", "application/cloudevents-batch+json")
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					continue // it was not even read, or the end
				}
				io.Copy(io.Discard, answer.Body)
				answer.Body.Close()
				if answer.StatusCode == http.StatusOK {
					answered.Add(1)
				} else {
					refused.Add(1)
				}
			}
		})
	}
	all.Go(func() {
		pourers.Wait()
		if answered.Load() == 0 {
			t.Error("not one was worked on: the row shows nothing")
		}
		t.Logf("%d batches answered, %d refused", answered.Load(), refused.Load())
	})
}
