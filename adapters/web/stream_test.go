package web_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	gojson "github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.uber.org/goleak"

	"huisboek/adapters/web"
	"huisboek/events"
)

// told is one event of a stream.
type told struct{ id, kind, data string }

// reader reads a stream of messages.
type reader struct {
	t     *testing.T
	r     *http.Response
	lines *bufio.Scanner
}

// listen opens a stream at an address.
func (h *house) listen(url, who, query, last string) *reader {
	h.t.Helper()
	r := must[*http.Request](h.t)(http.NewRequestWithContext(h.t.Context(), http.MethodGet, url+"/v1/berichten"+query, nil))
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "Bearer "+h.tokens[who])
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer := must[*http.Response](h.t)(http.DefaultClient.Do(r))
	h.t.Cleanup(func() { answer.Body.Close() })
	return &reader{h.t.(*testing.T), answer, bufio.NewScanner(answer.Body)}
}

// next is the next message; comments and the first line are passed over. io.EOF when
// the stream has ended well.
func (r *reader) next() (m told, err error) {
	for r.lines.Scan() {
		field, value, _ := strings.Cut(r.lines.Text(), ": ")
		switch field {
		case "id":
			m.id = value
		case "event":
			m.kind = value
		case "data":
			m.data = value
		case "":
			if m.id != "" {
				return m, nil
			}
		}
	}
	if err := r.lines.Err(); err != nil {
		return m, err
	}
	return m, io.EOF
}

func (r *reader) want(n int) (list []told) {
	r.t.Helper()
	for range n {
		m, err := r.next()
		if err != nil {
			r.t.Fatalf("after %d of %d messages: %v", len(list), n, err)
		}
		list = append(list, m)
	}
	return list
}

// TestStream: what the list says comes as it is there and as it is recorded, and a
// reader that comes back with an id gets what came since.
func TestStream(t *testing.T) {
	h := newHouse(t)
	neighbours(h)
	s := h.listen(h.server.URL, "a", "", "")
	if s.r.StatusCode != 200 || s.r.Header.Get("Content-Type") != "text/event-stream" || s.r.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v", s.r.StatusCode, s.r.Header)
	}
	first := s.want(3)
	r, _ := h.say(partnerB, visit("2026-08-29"))
	first = append(first, s.want(1)...)
	page := must[*web.MessagesAnswer](t)(h.client("a").Messages(t.Context(), "", 0, r.Position))
	for i, m := range page.Messages {
		if want := string(must[[]byte](t)(gojson.Marshal(m))); first[i].data != want || first[i].kind != m.Kind {
			t.Errorf("%s\n%s, want\n%s", first[i].kind, first[i].data, want)
		}
	}
	for i, m := range first {
		for name, from := range map[string][2]string{"Last-Event-ID": {"", m.id}, "na": {"?na=" + m.id, ""}, "both": {"?na=" + first[0].id, m.id}} {
			again := h.listen(h.server.URL, "a", from[0], from[1])
			for again.r.StatusCode == http.StatusTooManyRequests { // the server has yet to see that one before it was closed
				again = h.listen(h.server.URL, "a", from[0], from[1])
			}
			if d := cmp.Diff(first[i+1:], again.want(len(first)-1-i), cmp.AllowUnexported(told{}), cmpopts.IgnoreFields(told{}, "id"), cmpopts.EquateEmpty()); d != "" {
				t.Errorf("from message %d by %s: %s", i, name, d)
			}
			again.r.Body.Close()
		}
		got := must[*web.MessagesAnswer](t)(h.client("a").Messages(t.Context(), m.id, 0, 0))
		if len(got.Messages) != len(first)-1-i {
			t.Errorf("the list from the id of message %d: %d messages", i, len(got.Messages))
		}
	}
}

// TestStreamRefusals: before anything is streamed a refusal is that of any question.
func TestStreamRefusals(t *testing.T) {
	h := newHouse(t)
	for _, tt := range []struct {
		who, query, last string
		status           int
	}{
		{"", "", "", 401}, {"steward", "", "", 403}, {"board", "", "", 403}, {"a", "?na=x", "", 400}, {"a", "", "x", 400},
		{"a", "?aantal=3", "", 400}, {"a", "?x=1", "", 400},
	} {
		r := h.listen(h.server.URL, tt.who, tt.query, tt.last).r
		if r.StatusCode != tt.status || r.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%+v: %d %s", tt, r.StatusCode, r.Header.Get("Content-Type"))
		}
	}
	for accept, want := range map[string]string{
		"application/json, text/event-stream": "application/json", "*/*": "application/json", "text/event-stream, application/json": "text/event-stream",
	} {
		r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodGet, h.server.URL+"/v1/berichten", nil))
		r.Header.Set("Accept", accept)
		r.Header.Set("Authorization", "Bearer "+h.tokens["a"])
		answer := must[*http.Response](t)(http.DefaultClient.Do(r))
		answer.Body.Close()
		if got := answer.Header.Get("Content-Type"); got != want {
			t.Errorf("Accept %s: %s, want %s", accept, got, want)
		}
	}
}

// TestStreamsOfOneCredential: four at a time, and a place comes free when one ends.
func TestStreamsOfOneCredential(t *testing.T) {
	h := newHouse(t)
	var open []*reader
	for range 4 {
		open = append(open, h.listen(h.server.URL, "a", "", ""))
	}
	if r := h.listen(h.server.URL, "a", "", "").r; r.StatusCode != 429 {
		t.Errorf("the fifth: %d", r.StatusCode)
	}
	if r := h.listen(h.server.URL, "b", "", "").r; r.StatusCode != 200 {
		t.Errorf("another's: %d", r.StatusCode)
	}
	open[0].r.Body.Close()
	for end := time.Now().Add(10 * time.Second); ; {
		if r := h.listen(h.server.URL, "a", "", "").r; r.StatusCode == 200 {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the place of a stream that ended stays taken")
		}
	}
}

// beating serves the house with a stream that beats fast, until stop; it then waits
// for the end.
func (h *house) beating(beat time.Duration) (url string, stop func()) {
	h.t.Helper()
	door := h.door(func(c *web.Config) { c.Heartbeat = beat })
	l := must[net.Listener](h.t)(net.Listen("tcp", "127.0.0.1:0"))
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- web.Serve(ctx, l, door, slog.New(slog.DiscardHandler)) }()
	return "http://" + l.Addr().String(), func() {
		cancel()
		if err := <-served; err != nil {
			h.t.Errorf("Serve = %v", err)
		}
	}
}

// TestStreamEnds: with its credential, with its membership, and with the server; each
// time well, and nothing is left.
func TestStreamEnds(t *testing.T) {
	h := newHouse(t)
	before := goleak.IgnoreCurrent()
	url, stop := h.beating(20 * time.Millisecond)
	revoked, left, stopped := h.listen(url, "a", "", ""), h.listen(url, "b", "", ""), h.listen(url, "c", "", "")
	if err := h.access.Remove(h.ids["a"]); err != nil {
		t.Fatal(err)
	}
	if m, err := revoked.next(); err != io.EOF {
		t.Errorf("of a credential that ended: %v %v", m, err)
	}
	h.record(steward, stewardSource, &events.PartnerDeparted{Partner: partnerB, From: "2026-09-01"})
	if m, err := left.next(); err != io.EOF {
		t.Errorf("of a partner that left: %v %v", m, err)
	}
	stop()
	if m, err := stopped.next(); err != io.EOF {
		t.Errorf("of a server that stopped: %v %v", m, err)
	}
	for _, r := range []*reader{revoked, left, stopped} {
		r.r.Body.Close()
	}
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}

// TestStreamBeats: a stream that has nothing to say shows that it is there, and sees
// a day begin.
func TestStreamBeats(t *testing.T) {
	h := newHouse(t)
	url, stop := h.beating(10 * time.Millisecond)
	defer stop()
	own := plan("")
	own.Approach, own.Period = approachA, &events.Period{From: "2026-09-02", To: "2026-09-20"}
	r, _ := h.say(partnerA, own)
	h.synced()
	s := h.listen(url, "a", "", "")
	for n := 0; n < 3; {
		if !s.lines.Scan() {
			t.Fatal(s.lines.Err())
		}
		if s.lines.Text() == ":" {
			n++
		}
	}
	h.day("2026-09-17") // the plan ends in three days
	m := s.want(1)[0]
	if m.kind != "verloopt" || !strings.Contains(m.data, fmt.Sprintf(`"id":"%d-verloopt"`, r.Position)) {
		t.Errorf("%+v", m)
	}
	s.r.Body.Close()
}

// stuck is an answer to somebody who does not read it.
type stuck struct {
	header   http.Header
	deadline time.Time
}

func (s *stuck) Header() http.Header                 { return s.header }
func (s *stuck) WriteHeader(int)                     {}
func (s *stuck) SetWriteDeadline(at time.Time) error { s.deadline = at; return nil }
func (s *stuck) SetReadDeadline(at time.Time) error  { return nil }
func (s *stuck) Flush()                              {}
func (s *stuck) Write(b []byte) (int, error) {
	if s.deadline.IsZero() || time.Until(s.deadline) > time.Minute {
		return 0, errors.New("a write without a deadline")
	}
	return 0, context.DeadlineExceeded
}

// TestStreamToADeafReader: every write has a deadline, and one that it is not read by
// ends the stream.
func TestStreamToADeafReader(t *testing.T) {
	h := newHouse(t)
	r := must[*http.Request](t)(http.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/berichten", nil))
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "Bearer "+h.tokens["a"])
	w := &stuck{header: http.Header{}}
	h.door(func(*web.Config) {}).ServeHTTP(w, r)
	if w.deadline.IsZero() {
		t.Error("it wrote without a deadline")
	}
}
