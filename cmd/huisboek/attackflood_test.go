package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"huisboek/adapters/intake"
)

// The attacks that are many of something. Each has a book of its own, so that
// they go side by side; while one goes on, the honest partner is answered.

// besieged does an attack and has the honest partner report meanwhile.
func (a *arena) besieged(t *testing.T, attack func(t *testing.T)) {
	t.Helper()
	before := withoutReaders(a.streams(t))
	const reports = 20
	var honest sync.WaitGroup
	slowest := time.Duration(0)
	honest.Go(func() {
		for range reports {
			began := time.Now()
			r, err := tell(a.honest, a.event(t, sourceQ))
			if err != nil || r.Status != 0 {
				t.Errorf("the honest partner is hindered: %+v %v", r, err)
				return
			}
			slowest = max(slowest, time.Since(began))
		}
	})
	attack(t)
	honest.Wait()
	if t.Failed() {
		return
	}
	t.Logf("the honest partner waited %s at most", slowest.Round(time.Millisecond))
	unchanged(t, before, withoutReaders(a.streams(t)), reports)
	a.unhindered(t)
	if err := a.h.ledger.Err(); err != nil {
		t.Error(err)
	}
}

// withoutReaders leaves out who reads: the views do by a consumer that begins anew
// when a flood makes it wait.
func withoutReaders(all map[string]stored) map[string]stored {
	for name, s := range all {
		s.Consumers, s.ConsumerCount = nil, 0
		all[name] = s
	}
	return all
}

// floodRates let in so little that a flood is one at once, on any machine.
var floodRates = intake.Rates{PerSecond: 10, Burst: intake.MaxBatch, InFlight: 256}

func TestFloods(t *testing.T) {
	for name, flood := range map[string]func(t *testing.T, a *arena){
		"events":             floodEvents,
		"large events":       floodLarge,
		"subscriptions":      floodSubscriptions,
		"connections":        floodConnections,
		"strangers":          floodStrangers,
		"answers never read": floodAnswers,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newArena(t, settings{Rates: floodRates})
			a.besieged(t, func(t *testing.T) { flood(t, a) })
		})
	}
}

// floodEvents reports as fast as it can, without waiting for an answer.
func floodEvents(t *testing.T, a *arena) {
	nc, _ := a.hostile(t)
	began := time.Now()
	statuses := sent(t, nc, 20_000, 20_000, a.known)
	share := float64(floodRates.Burst) + floodRates.PerSecond*time.Since(began).Seconds()
	if statuses[0] == 0 || float64(statuses[0]) > share || statuses[0]+statuses[429] != 20_000 {
		t.Errorf("answers by status: %v; its share is %.0f", statuses, share)
	}
}

// floodLarge reports what is as large as a message may be.
func floodLarge(t *testing.T, a *arena) {
	nc, _ := a.hostile(t)
	const atOnce = 128 // 15 MB: of what does not fit into the server's memory it drops some, and that has no answer
	statuses := sent(t, nc, 2_000, atOnce, []byte(strings.Repeat(" ", 120<<10)))
	if statuses[413] == 0 || statuses[429] == 0 {
		t.Errorf("answers by status: %v", statuses)
	}
}

// sent sends something many times, some of them before the first has its answer, and
// counts the answers by status; 0 is a receipt.
func sent(t *testing.T, nc *nats.Conn, times, atOnce int, body []byte) map[int]int {
	t.Helper()
	statuses, answers := map[int]int{}, make(chan int, times)
	if _, err := nc.Subscribe("_INBOX.vloed", func(m *nats.Msg) {
		var r toldOf
		if err := json.Unmarshal(m.Data, &r); err != nil {
			t.Errorf("%s: %v", m.Data, err)
		}
		answers <- r.Status
	}); err != nil {
		t.Fatal(err)
	}
	under := 0
	for i := range times {
		for ; under < atOnce && i+under < times; under++ {
			if err := nc.PublishRequest("melden", "_INBOX.vloed", body); err != nil {
				t.Fatal(err)
			}
		}
		under--
		select {
		case status := <-answers:
			statuses[status]++
		case <-time.After(patience):
			t.Fatalf("%d of %d were answered", i, times)
		}
	}
	return statuses
}

func floodSubscriptions(t *testing.T, a *arena) {
	nc, refused := a.hostile(t)
	for i := range 1_000 {
		if _, err := nc.SubscribeSync(fmt.Sprint("_INBOX.abonnement.", i)); err != nil {
			break // the connection was ended for it
		}
	}
	for late := time.After(patience); ; {
		select {
		case err := <-refused:
			if strings.Contains(err.Error(), "maximum subscriptions exceeded") {
				return
			}
			// A connection that is ended while it still writes may lose the word for it.
			if !errors.Is(err, syscall.EPIPE) && !errors.Is(err, syscall.ECONNRESET) {
				t.Error(err)
			}
		case <-late:
			t.Error("a thousand subscriptions")
			return
		}
		if nc.IsClosed() {
			return
		}
	}
}

func floodConnections(t *testing.T, a *arena) {
	in := 0
	for range 50 {
		nc, err := nats.Connect(a.h.natsURL(), nats.UserCredentialBytes([]byte(a.p.Creds)), nats.NoReconnect())
		if err == nil {
			in++
			defer nc.Close()
		}
	}
	if in > 8 || in == 0 {
		t.Errorf("%d of 50 were let in", in)
	}
}

// floodStrangers opens connections and never says who it is.
func floodStrangers(t *testing.T, a *arena) {
	var all sync.WaitGroup
	for i := range 300 {
		c, err := net.Dial("tcp", strings.TrimPrefix(a.h.natsURL(), "nats://"))
		if err != nil {
			t.Fatal(err)
		}
		all.Go(func() {
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience))
			if i%2 == 0 { // some begin to say it
				io.WriteString(c, "CONNECT {\"jwt\":\"")
			}
			if _, err := io.Copy(io.Discard, c); isTimeout(err) {
				t.Error("a stranger is still connected")
			}
		})
	}
	all.Wait()
}

// floodAnswers asks and asks and never reads an answer, until it is shut out; on
// a machine with more to do it may be slowed down so far that it is not.
func floodAnswers(t *testing.T, a *arena) {
	w, user := a.wire(t), a.p.Creds
	token, key := secrets(t, user)
	if lines, open := w.connect(map[string]any{"jwt": token, "sig": w.sign(key)}); !open {
		t.Fatalf("P itself is not let in: %q", lines)
	}
	if err := w.c.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	w.c.SetDeadline(time.Now().Add(patience / 6))
	ask, asked := "SUB _INBOX.doof 1\r\n", 0
	for {
		if _, err := io.WriteString(w.c, ask); err != nil {
			t.Logf("%d questions, and then %v", asked, err)
			return
		}
		ask, asked = strings.Repeat("PUB vragen.werkgever.69599084 _INBOX.doof 0\r\n\r\n", 100), asked+100
	}
}

func isTimeout(err error) bool {
	n, ok := err.(net.Error)
	return ok && n.Timeout()
}
