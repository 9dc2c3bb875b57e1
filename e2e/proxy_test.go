package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A fate is what becomes of a connection through a badLine.
type fate int

const (
	well      fate = iota // passed on until its time is over, whatever is under way then
	slow                  // the same, in drops
	cutAsked              // ends somewhere in what the client says
	cutAnswer             // ends somewhere in what the server says
	halfOpen              // from somewhere on, all bytes of both are swallowed until its time is over
	fates                 // how many there are
)

var fateNames = [fates]string{"well for a while", "slow", "cut in what was asked", "cut in the answer", "half-open"}

// badLine is a TCP proxy in front of a server. What it does to a connection, and
// after how many bytes, is drawn from a seed.
type badLine struct {
	net.Listener
	to string

	mu   sync.Mutex
	rng  *rand.Rand
	open map[net.Conn]struct{} // nil when the line is closed
	did  [fates]int
	cuts int // connections that the line ended, and not one of its sides

	carrying sync.WaitGroup
}

// newBadLine listens on a free port in front of an address until the test ends.
func newBadLine(t *testing.T, to string, seed uint64) *badLine {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &badLine{Listener: l, to: to, rng: rand.New(rand.NewPCG(seed, 3)), open: map[net.Conn]struct{}{}}
	p.carrying.Go(p.accept)
	t.Cleanup(p.end)
	return p
}

// end closes the line and all that go through it, and waits for them.
func (p *badLine) end() {
	p.Close() // an error means that it is closed already
	p.mu.Lock()
	for c := range p.open {
		c.Close()
	}
	p.open = nil
	p.mu.Unlock()
	p.carrying.Wait()
}

func (p *badLine) accept() {
	for {
		client, err := p.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.to)
		if err != nil {
			client.Close() // the server is not there, as the client then sees
			continue
		}
		c := p.draw(client, server)
		if c == nil {
			client.Close()
			server.Close()
			return
		}
		p.carrying.Go(c.age)
		p.carrying.Go(func() { c.pass(server, client, cutAsked) })
		p.carrying.Go(func() { c.pass(client, server, cutAnswer) })
	}
}

// draw decides on a connection; nil when the line is closed.
func (p *badLine) draw(client, server net.Conn) *carried {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open == nil {
		return nil
	}
	p.open[client], p.open[server] = struct{}{}, struct{}{}
	c := &carried{
		line: p, client: client, server: server, fate: fate(p.rng.IntN(int(fates))),
		reset: p.rng.IntN(2) == 0, life: time.Second + time.Duration(p.rng.Int64N(int64(4*time.Second))), ended: make(chan struct{}),
	}
	c.left.Store(int64(p.rng.IntN([]int{1_000, 5_000, 40_000}[p.rng.IntN(3)]))) // in the greeting, in a request, after some
	return c
}

// String says how often what was done.
func (p *badLine) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	text := ""
	for f, n := range p.did {
		text += fmt.Sprintf(", %d %s", n, fateNames[f])
	}
	return fmt.Sprintf("%d cuts (%s)", p.cuts, text[2:])
}

// carried is one connection through a line.
type carried struct {
	line           *badLine
	client, server net.Conn
	fate           fate
	reset          bool // ends with an RST and not with a FIN
	life           time.Duration
	left           atomic.Int64 // bytes before it is met by its fate
	once           sync.Once
	ended          chan struct{}
}

// a drop is what a slow connection passes on at a time.
const (
	drop     = 512
	dropTime = 20 * time.Millisecond
)

// age ends a connection when its time is over.
func (c *carried) age() {
	select {
	case <-time.After(c.life):
		c.end(true)
	case <-c.ended:
	}
}

// pass carries one direction. A cut is made in one of the two only, in the middle
// of what is passed on: the bytes before it arrive.
func (c *carried) pass(to, from net.Conn, cut fate) {
	defer c.end(false)
	buf := make([]byte, 16<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		b := buf[:n]
		if c.fate == cut || c.fate == halfOpen {
			if left := c.left.Add(-int64(n)) + int64(n); left < int64(n) {
				b = b[:max(left, 0)]
			}
		}
		if c.fate == slow {
			err = c.inDrops(to, b)
		} else if len(b) > 0 {
			_, err = to.Write(b)
		}
		if err != nil {
			return
		}
		if len(b) < n && c.fate == cut {
			c.end(true)
			return
		}
	}
}

func (c *carried) inDrops(to net.Conn, b []byte) error {
	for d := range slices.Chunk(b, drop) {
		if _, err := to.Write(d); err != nil {
			return err
		}
		select {
		case <-time.After(dropTime):
		case <-c.ended:
			return net.ErrClosed
		}
	}
	return nil
}

// end closes both sides, once.
func (c *carried) end(byLine bool) {
	c.once.Do(func() {
		close(c.ended)
		for _, side := range []net.Conn{c.client, c.server} {
			if tcp, ok := side.(*net.TCPConn); ok && c.reset && byLine {
				tcp.SetLinger(0) // an error means that it is closed already
			}
			side.Close()
		}
		c.line.mu.Lock()
		defer c.line.mu.Unlock()
		delete(c.line.open, c.client)
		delete(c.line.open, c.server)
		c.line.did[c.fate]++
		if byLine {
			c.line.cuts++
		}
	})
}

// TestBadLine: what goes over a bad line arrives whole or not at all, from its
// beginning, and every fate is met.
func TestBadLine(t *testing.T) {
	server, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	go func() { // says back what it hears
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); io.Copy(c, c) }()
		}
	}()
	p := newBadLine(t, server.Addr().String(), 1)
	said := make([]byte, 60_000)
	for i := range said {
		said[i] = byte(i % 251)
	}
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() {
			c, err := net.Dial("tcp", p.Addr().String())
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(patience))
			go c.Write(said) // how much of it arrives is in what comes back
			heard := make([]byte, len(said))
			n, err := io.ReadFull(c, heard)
			if !slices.Equal(heard[:n], said[:n]) {
				t.Errorf("something else came back than was said, within %d bytes", n)
			}
			if (n == len(said)) != (err == nil) || errors.Is(err, net.ErrClosed) {
				t.Errorf("%d bytes and %v", n, err)
			}
		})
	}
	all.Wait()
	p.end()
	t.Log(p)
	for f, n := range p.did {
		if n == 0 {
			t.Errorf("no connection was %s", fateNames[f])
		}
	}
}
