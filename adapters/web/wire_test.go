package web_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"huisboek/adapters/intake"
	"huisboek/adapters/web"
	"huisboek/events"
)

// wire is a connection on which a client says what it likes.
type wire struct {
	net.Conn
	t      *testing.T
	answer *bufio.Reader
}

func (h *house) dial(t *testing.T, address string) *wire {
	t.Helper()
	c := must[net.Conn](t)(net.Dial("tcp", address))
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &wire{c, t, bufio.NewReader(c)}
}

func (w *wire) say(lines ...string) {
	w.t.Helper()
	if _, err := io.WriteString(w, strings.Join(lines, "\r\n")); err != nil {
		w.t.Fatal(err)
	}
}

// hear is the next answer's status, and whether the connection goes on; 0 when
// there is no answer.
func (w *wire) hear() (status int, body string, goesOn bool) {
	w.t.Helper()
	r, err := http.ReadResponse(w.answer, nil)
	if err != nil {
		return 0, "", false
	}
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return r.StatusCode, string(raw), !r.Close
}

// ended reports whether the other side closed the connection and said no more.
func (w *wire) ended() bool {
	n, err := w.answer.WriteTo(io.Discard)
	var timeout net.Error
	return n == 0 && !(errors.As(err, &timeout) && timeout.Timeout())
}

// impatient serves the house's door with a short time to send a request in.
func (h *house) impatient(t *testing.T, wait time.Duration) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h.door(func(c *web.Config) { c.Reports = intake.NewLimits(intake.Rates{InFlight: 1}, h.now) }))
	s.Config.ReadTimeout = wait
	s.Start()
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// TestSlowBody: a body that does not come ends in an answer and a closed
// connection, and its place is free again.
func TestSlowBody(t *testing.T) {
	h := newHouse(t)
	address := h.impatient(t, 300*time.Millisecond)
	for range 3 { // there is one place
		w := h.dial(t, address)
		w.say("POST "+reports+" HTTP/1.1", "Host: boek", "Authorization: Bearer "+h.tokens["a"],
			"Content-Type: "+intake.Structured, "Content-Length: 1000", "", `{"specversion":`)
		if status, body, goesOn := w.hear(); status != 503 || goesOn || !contains(body, "niet-volledig-ontvangen") {
			t.Fatalf("%d, goes on %t: %s", status, goesOn, body)
		}
		if !w.ended() {
			t.Error("the connection stays open")
		}
	}
}

// TestUnreadBody: who may not speak is told so before a body came, and is not
// asked for one.
func TestUnreadBody(t *testing.T) {
	h := newHouse(t)
	address := h.impatient(t, 10*time.Second)
	begin := time.Now()
	for name, tt := range map[string]struct {
		headers []string
		status  int
	}{
		"nobody":              {[]string{"Content-Length: 1000"}, 401},
		"nobody, and asks":    {[]string{"Content-Length: 1000", "Expect: 100-continue"}, 401},
		"a part of it":        {[]string{"Transfer-Encoding: chunked"}, 401},
		"another word":        {[]string{"Content-Length: 1000", "Authorization: Bearer x"}, 401},
		"a batch of 17 MiB":   {[]string{"Authorization: Bearer " + h.tokens["a"], "Content-Type: " + intake.Batch, "Content-Length: 17825792"}, 413},
		"not to be read":      {[]string{"Authorization: Bearer " + h.tokens["a"], "Content-Encoding: br", "Content-Length: 1000"}, 415},
		"not to be answered":  {[]string{"Authorization: Bearer " + h.tokens["a"], "Accept: text/html", "Content-Length: 1000"}, 406},
		"what does not exist": {[]string{"Authorization: Bearer " + h.tokens["a"], "Content-Type: text/plain", "Content-Length: 1000", "X-Path: /"}, 404},
	} {
		w := h.dial(t, address)
		path := reports
		if tt.status == 404 {
			path += "/"
		}
		w.say(append(append([]string{"POST " + path + " HTTP/1.1", "Host: boek"}, tt.headers...), "", "")...)
		if status, body, goesOn := w.hear(); status != tt.status || goesOn {
			t.Errorf("%s: %d, goes on %t: %s", name, status, goesOn, body)
		}
	}
	if took := time.Since(begin); took > 8*time.Second {
		t.Errorf("bodies were waited for: %s", took)
	}
}

// TestExpectContinue: who asks first whether to send is asked to, and answered.
func TestExpectContinue(t *testing.T) {
	h := newHouse(t)
	w := h.dial(t, h.impatient(t, 10*time.Second))
	raw := h.raw(partnerA, visit("2026-08-20"))
	w.say("POST "+reports+" HTTP/1.1", "Host: boek", "Authorization: Bearer "+h.tokens["a"], "Content-Type: "+intake.Structured,
		"Expect: 100-continue", fmt.Sprintf("Content-Length: %d", len(raw)), "", "")
	if status, _, _ := w.hear(); status != 100 {
		t.Fatalf("first %d", status)
	}
	w.say(string(raw))
	if status, body, goesOn := w.hear(); status != 201 || !goesOn {
		t.Errorf("then %d, goes on %t: %s", status, goesOn, body)
	}
	w.say("POST "+reports+" HTTP/1.1", "Host: boek", "Authorization: Bearer "+h.tokens["a"], "Content-Length: 2", "", "{}")
	if status, body, goesOn := w.hear(); status != 400 || !goesOn {
		t.Errorf("a refusal on the same connection: %d, goes on %t: %s", status, goesOn, body)
	}
}

// TestTooLargeOnTheWire: too large a body is answered, and its rest is not taken
// for another request.
func TestTooLargeOnTheWire(t *testing.T) {
	h := newHouse(t)
	w := h.dial(t, h.impatient(t, 10*time.Second))
	hidden := "GET /v1/partners HTTP/1.1\r\nHost: boek\r\nAuthorization: Bearer " + h.tokens["a"] + "\r\n\r\n"
	body := strings.Repeat(" ", events.MaxSize+1) + hidden
	w.say("POST "+reports+" HTTP/1.1", "Host: boek", "Authorization: Bearer "+h.tokens["a"], "Content-Type: "+intake.Structured,
		fmt.Sprintf("Content-Length: %d", len(body)), "", body)
	if status, answer, goesOn := w.hear(); status != 413 || goesOn {
		t.Errorf("%d, goes on %t: %s", status, goesOn, answer)
	}
	if !w.ended() {
		t.Error("the rest of the body was answered")
	}
}

// TestSmuggling: whatever is wrong with how a body is framed, what stands in it is
// never taken for a request of its own.
func TestSmuggling(t *testing.T) {
	h := newHouse(t)
	address := h.impatient(t, 10*time.Second)
	hidden := "GET /livez HTTP/1.1\r\nHost: boek\r\n\r\n"
	length := fmt.Sprintf("Content-Length: %d", len(hidden))
	chunks := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(hidden), hidden)
	for name, tt := range map[string]struct {
		headers []string
		body    string
		status  int // 0: any that is not a success
	}{
		"two lengths":                {[]string{"Content-Length: 0", length}, hidden, 400},
		"a list of lengths":          {[]string{fmt.Sprintf("Content-Length: 0, %d", len(hidden))}, hidden, 400},
		"a length with a sign":       {[]string{fmt.Sprintf("Content-Length: +%d", len(hidden))}, hidden, 400},
		"length and chunks":          {[]string{"Content-Length: 4", "Transfer-Encoding: chunked"}, chunks, 0},
		"chunks, twice":              {[]string{"Transfer-Encoding: chunked", "Transfer-Encoding: identity"}, chunks, 0},
		"another encoding":           {[]string{"Transfer-Encoding: xchunked", length}, hidden, 501},
		"a space before the colon":   {[]string{"Content-Length : 0", length}, hidden, 400},
		"a folded header":            {[]string{"X-One: a", "\tContent-Length: 0", length}, hidden, 0},
		"a chunk of the wrong size":  {[]string{"Transfer-Encoding: chunked"}, "4\r\n" + hidden + "\r\n0\r\n\r\n", 400},
		"a chunk size with nonsense": {[]string{"Transfer-Encoding: chunked"}, "zz\r\n" + hidden, 400},
	} {
		w := h.dial(t, address)
		w.say(append(append([]string{"POST " + reports + " HTTP/1.1", "Host: boek", "Authorization: Bearer " + h.tokens["a"],
			"Content-Type: " + intake.Structured}, tt.headers...), "", tt.body)...)
		status, body, goesOn := w.hear()
		if status < 400 || tt.status != 0 && status != tt.status {
			t.Errorf("%s: %d %s", name, status, body)
		}
		if goesOn {
			w.say("GET /v1/openapi.json HTTP/1.1", "Host: boek", "Connection: close", "", "")
			if _, body, _ = w.hear(); contains(body, "in-orde") {
				t.Errorf("%s: what stood in the body was answered", name)
			}
			continue
		}
		if !w.ended() {
			t.Errorf("%s: more was answered", name)
		}
	}
	if h.ledger.Position() != h.last {
		t.Error("something was recorded")
	}
}
