package natsserver_test

import (
	"bufio"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"huisboek/adapters/natsserver"
)

// What the ledger says to one partner no other hears, and nobody else can say it.
func TestMessagesReachOneAccount(t *testing.T) {
	p, q := newPartner(t), newPartner(t)
	s := start(t, p, q)
	door, err := s.Connect(natsserver.Door)
	if err != nil {
		t.Fatal(err)
	}
	said := func(key string) {
		t.Helper()
		if err := door.Publish("out."+key+".berichten.nieuw", []byte(key)); err != nil {
			t.Fatal(err)
		}
	}
	hear := func(who partner) *nats.Subscription {
		t.Helper()
		nc := who.dial(t, s.ClientURL(), nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}))
		sub, err := nc.SubscribeSync("berichten.>")
		if err != nil {
			t.Fatal(err)
		}
		for _, foreign := range []string{"out." + q.public + ".berichten.>", "out.>"} {
			if _, err := nc.SubscribeSync(foreign); err != nil {
				t.Fatal(err)
			}
		}
		if err := nc.Publish("berichten.nieuw", []byte("a forgery")); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		return sub
	}
	subP, subQ := hear(p), hear(q)
	said(q.public)
	said(p.public)
	for sub, want := range map[*nats.Subscription]string{subP: p.public, subQ: q.public} {
		m, err := sub.NextMsg(soon)
		if err != nil {
			t.Fatal(err)
		}
		if m.Subject != "berichten.nieuw" || string(m.Data) != want {
			t.Errorf("heard %s %s, want what was said to %s", m.Subject, m.Data, want)
		}
		if n, _, _ := sub.Pending(); n != 0 {
			t.Errorf("%d more", n)
		}
	}
}

// raw is a connection without a client.
func raw(t *testing.T, s *natsserver.Server) (net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(s.ClientURL(), "nats://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	if info, err := r.ReadString('\n'); err != nil || !strings.HasPrefix(info, "INFO ") {
		t.Fatalf("%q %v", info, err)
	}
	return c, r
}

// Who does not say who it is, or says it without end, is let go.
func TestStrangersAreLetGo(t *testing.T) {
	s := start(t)
	for name, says := range map[string]string{
		"nothing":          "",
		"a line too long":  `CONNECT {"jwt":"` + strings.Repeat("x", 5<<10) + "\"}\r\n",
		"a line half said": "CONNECT {",
		"not a protocol":   "GET / HTTP/1.1\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, r := raw(t, s)
			if _, err := c.Write([]byte(says)); err != nil {
				t.Fatal(err)
			}
			// A reset is as good an end as any; only time running out is not.
			if _, err := io.Copy(io.Discard, r); errors.Is(err, net.ErrClosed) || isTimeout(err) {
				t.Errorf("still open: %v", err)
			}
		})
	}
}

func isTimeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// A client that does not read what it asks for is closed before it has taken much
// memory; others do not notice.
func TestSlowReaderIsClosed(t *testing.T) {
	p, q := newPartner(t), newPartner(t)
	s := start(t, p, q)
	door, err := s.Connect(natsserver.Door)
	if err != nil {
		t.Fatal(err)
	}
	large := make([]byte, 100<<10)
	if _, err := door.Subscribe("in.>", func(m *nats.Msg) {
		m.Respond(large) // to somebody who is gone is no error
	}); err != nil {
		t.Fatal(err)
	}
	if err := door.Flush(); err != nil {
		t.Fatal(err)
	}
	honest := q.dial(t, s.ClientURL())
	// A connection that signs as a client does, and then never reads.
	stop := make(chan struct{})
	t.Cleanup(func() { close(stop) })
	nc := p.dial(t, s.ClientURL(), nats.NoReconnect(), nats.SetCustomDialer(deaf{stop}), nats.PingInterval(time.Hour),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {})) // that it is closed, in the end
	if _, err := nc.SubscribeSync("_INBOX.doof.>"); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for sent := 1; s.Connections(p.public) > 0; sent++ {
		if time.Since(began) > 30*time.Second {
			t.Fatalf("still connected after %d requests", sent)
		}
		if err := nc.PublishRequest("melden", "_INBOX.doof.x", nil); err != nil {
			t.Fatal(err)
		}
		if sent%100 == 0 { // others meanwhile
			if m, err := honest.Request("melden", nil, soon); err != nil || len(m.Data) != len(large) {
				t.Fatalf("another's request: %v", err)
			}
		}
	}
}

// deaf dials connections of which nothing is read after the handshake.
type deaf struct{ stop chan struct{} }

func (d deaf) Dial(network, address string) (net.Conn, error) {
	c, err := net.Dial(network, address)
	if err != nil {
		return nil, err
	}
	if err := c.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
		return nil, err
	}
	return &deafConn{Conn: c, stop: d.stop}, nil
}

type deafConn struct {
	net.Conn
	stop  chan struct{}
	reads int
}

func (c *deafConn) Read(b []byte) (int, error) {
	if c.reads++; c.reads > 2 { // INFO, and the answer to CONNECT
		<-c.stop
		return 0, io.EOF
	}
	return c.Conn.Read(b)
}
