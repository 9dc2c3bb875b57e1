package client_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"huisboek/adapters/client"
	"huisboek/events"
	"huisboek/ledger"
)

func TestRetry(t *testing.T) {
	for _, c := range []struct {
		err   error
		after time.Duration
		again bool
	}{
		{nil, 0, false},
		{problem(400), 0, false},
		{problem(401), 0, false},
		{problem(409), 0, false},
		{problem(429), 0, true},
		{problem(500), 0, true},
		{fmt.Errorf("door: %w", problem(503)), 0, true},
		{&client.Deferred{Err: problem(503), After: 7 * time.Second}, 7 * time.Second, true},
		{&client.Deferred{Err: problem(400), After: 7 * time.Second}, 0, false},
		{errors.New("reset by peer"), 0, true},
		{context.DeadlineExceeded, 0, true},
		{context.Canceled, 0, false},
		{nats.ErrNoResponders, 0, true},
		{nats.ErrTimeout, 0, true},
		{nats.ErrDisconnected, 0, true},
		{nats.ErrReconnectBufExceeded, 0, true},
		{nats.ErrConnectionClosed, 0, false},
		{nats.ErrAuthorization, 0, false},
	} {
		if after, again := client.Retry(c.err); after != c.after || again != c.again {
			t.Errorf("%v: %s %v, want %s %v", c.err, after, again, c.after, c.again)
		}
	}
}

// The whole way at either door: a receipt, the same again, other content, faults.
func TestSend(t *testing.T) {
	h := newHouse(t)
	web, door := h.openHTTP(), h.dial()
	for name, s := range map[string]client.Sender{"http": web, "nats": door} {
		t.Run(name, func(t *testing.T) {
			first := must[*ledger.Receipt](t)(s.Send(t.Context(), service(name)))
			again := must[*ledger.Receipt](t)(s.Send(t.Context(), service(name)))
			if first.Position == 0 || first.ID != name || first.Again || again.Position != first.Position || again.Again != (name == "http") {
				t.Errorf("got %+v, then %+v", first, again)
			}
			_, err := s.Send(t.Context(), bytes.Replace(service(name), []byte("jobcoach"), []byte("overig"), 1))
			wantStatus(t, err, 409)
			_, err = s.Send(t.Context(), []byte(`{"specversion":"1.0"}`))
			wantStatus(t, err, 400)
			var p ledger.Problem
			if errors.As(err, &p) && (len(p.Faults) == 0 || p.Faults[0].Sentence.NL == "") {
				t.Errorf("faults %+v", p.Faults)
			}
			_, err = s.Send(t.Context(), service(strings.Repeat("a", events.MaxSize)))
			wantStatus(t, err, 413)
		})
	}
	for name, ask := range map[string]func(context.Context) (*client.Book, error){"http": web.Book, "nats": door.Book} {
		b := must[*client.Book](t)(ask(t.Context()))
		if b.Region != "AM36" || !b.Test || b.ID == "" || b.Clock.IsZero() != (name == "nats") {
			t.Errorf("%s: %+v", name, b)
		}
		if !b.Restored.Same(&client.Restored{At: putBack, Position: 7}) || b.Restored.Same(nil) || b.Restored.Same(&client.Restored{At: putBack, Position: 8}) {
			t.Errorf("%s: put back %+v", name, b.Restored)
		}
	}
	stranger := must[*client.HTTPSender](t)(client.HTTP(h.http.URL, "een-ander-token", client.HTTPOptions{}))
	defer stranger.Close()
	_, err := stranger.Send(t.Context(), service("x"))
	wantStatus(t, err, 401)
	_, err = stranger.Book(t.Context())
	wantStatus(t, err, 401)
}

func TestTry(t *testing.T) {
	h := newHouse(t)
	s := h.openHTTP()
	at := h.ledger.Position()
	r := must[*ledger.Receipt](t)(s.Try(t.Context(), plan("1")))
	if r.Position != 0 || r.ID != "1" || r.Again {
		t.Errorf("got %+v", r)
	}
	_, err := s.Try(t.Context(), move("2"))
	wantStatus(t, err, 400)
	// Together, each is decided on as if those before it had been recorded.
	out := must[[]ledger.Outcome](t)(s.TryAll(t.Context(), [][]byte{plan("1"), move("2"), plan("1"), move("2")[:40]}))
	if out[0].Err != nil || out[1].Err != nil || !out[2].Receipt.Again {
		t.Errorf("got %+v", out)
	}
	wantStatus(t, out[3].Err, 400)
	if h.ledger.Position() != at {
		t.Error("a trial was recorded")
	}
}

func TestSendAll(t *testing.T) {
	h := newHouse(t)
	s := h.openHTTP()
	all := [][]byte{
		plan("1"),
		[]byte(`{"specversion":`),              // would end the array
		[]byte(`{"id":"a"},{"id":"b"}`),        // would be two
		[]byte("{\"id\":\"\xff\"}"),            // would spoil all of it
		[]byte(`{"id":"1","id":"2"}`),          // the book's to refuse
		service(strings.Repeat("a", 1<<16)),    // too large
		move("2"), plan("1"), []byte(" null "), // rests on the first; again; no event
	}
	out := must[[]ledger.Outcome](t)(s.SendAll(t.Context(), all))
	for i, status := range []int{0, 400, 400, 400, 400, 413, 0, 0, 400} {
		if status != 0 {
			wantStatus(t, out[i].Err, status)
		} else if out[i].Err != nil || out[i].Receipt.Again != (i == 7) {
			t.Errorf("%d: %+v", i, out[i])
		}
	}
	if got := h.recorded(); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("recorded %v", got)
	}
	if out := must[[]ledger.Outcome](t)(s.SendAll(t.Context(), nil)); len(out) != 0 {
		t.Errorf("nothing gave %v", out)
	}
	if _, err := s.SendAll(t.Context(), make([][]byte, client.MaxBatch+1)); err == nil {
		t.Error("a batch has no bound")
	}
	if _, err := s.SendAll(t.Context(), slices.Repeat([][]byte{service(strings.Repeat("a", 60_000))}, 300)); err == nil {
		t.Error("a batch's bytes have no bound")
	}
}

// An outbox over HTTP, on a real book.
func TestOutboxHTTP(t *testing.T) {
	h := newHouse(t)
	b := openOutbox(t, filepath.Join(t.TempDir(), "o.db"), client.Options{})
	put(t, b, plan("1"), move("2"), service("3"), move("2"), move("4"))
	if err := b.Flush(t.Context(), h.openHTTP()); err != nil {
		t.Fatal(err)
	}
	if got := h.recorded(); !slices.Equal(got, []string{"1", "2", "3", "4"}) {
		t.Errorf("recorded %v", got)
	}
}

// What stands between a sender and its book, or is no book.
func TestStrangeAnswers(t *testing.T) {
	const receipt = `{"id":"a","positie":7,"oordeel":"vrij","redenen":[]}`
	for _, c := range []struct {
		name       string
		status     int
		kind, body string
		header     string // name: value
		ok, again  bool
		after      time.Duration
		problem    int
		says       string
	}{
		{name: "recorded", status: 201, kind: "application/json; charset=utf-8", body: receipt, ok: true},
		{name: "another success", status: 202, kind: "application/json", body: receipt},
		{name: "no position", status: 201, kind: "application/json", body: `{"id":"a"}`, again: true},
		{name: "broken off", status: 201, kind: "application/json", body: receipt[:20], again: true},
		{name: "nothing", status: 200, kind: "application/json", body: `{}`, again: true},
		{name: "a page", status: 200, kind: "text/html", body: "<html>", again: true, says: "no huisboek"},
		{name: "no such page", status: 404, kind: "text/html", body: "<html>", says: "404"},
		{name: "a proxy without its book", status: 502, kind: "text/html", body: "<html>", again: true},
		{name: "a proxy that says when", status: 503, kind: "text/html", header: "Retry-After: 9", again: true, after: 9 * time.Second},
		{name: "elsewhere", status: 307, header: "Location: /elders", says: "307"},
		{name: "busy", status: 503, kind: ledger.ProblemMediaType, body: `{"status":503}`, header: "Retry-After: 2", again: true, after: 2 * time.Second, problem: 503},
		{name: "busy, by date", status: 429, kind: ledger.ProblemMediaType, body: `{"status":429}`, header: "Retry-After: Fri, 01 Jan 2100 00:00:00 GMT", again: true, after: time.Hour, problem: 429},
		{name: "busy, nonsense", status: 503, kind: ledger.ProblemMediaType, body: `{"status":503}`, header: "Retry-After: -soon", again: true, problem: 503},
		{name: "a problem that is none", status: 400, kind: ledger.ProblemMediaType, body: `nee`, says: "400"},
		{name: "without end", status: 201, kind: "application/json", body: strings.Repeat(" ", 33<<20), again: true, says: "without end"},
	} {
		t.Run(c.name, func(t *testing.T) {
			asked := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				asked++
				if r.Header.Get("Authorization") != "Bearer "+token || r.URL.Path != "/v1/gebeurtenissen" || r.Method != http.MethodPost ||
					r.Header.Get("Content-Type") != "application/cloudevents+json" {
					t.Errorf("asked %s %s with %v", r.Method, r.URL, r.Header)
				}
				if name, value, ok := strings.Cut(c.header, ": "); ok {
					w.Header().Set(name, value)
				}
				w.Header().Set("Content-Type", c.kind)
				w.WriteHeader(c.status)
				w.Write([]byte(c.body))
			}))
			defer server.Close()
			r, err := sender(t, server.URL).Send(t.Context(), service("a"))
			if (err == nil) != c.ok || (r == nil) == c.ok || asked != 1 {
				t.Fatalf("%+v %v after %d requests", r, err, asked)
			}
			if err == nil {
				return
			}
			if after, again := client.Retry(err); after != c.after || again != c.again {
				t.Errorf("%v: again %v after %s, want %v after %s", err, again, after, c.again, c.after)
			}
			var p ledger.Problem
			errors.As(err, &p)
			if p.Status != c.problem || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// An answer that breaks off, and nobody there.
func TestNoAnswer(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	s := sender(t, server.URL)
	for range 2 {
		_, err := s.Send(t.Context(), service("a"))
		if _, again := client.Retry(err); !again {
			t.Errorf("got %v", err)
		}
		server.Close()
	}
}

func TestAddresses(t *testing.T) {
	for address, ok := range map[string]bool{
		"http://127.0.0.1:1": true, "http://localhost:1/": true, "http://[::1]:1": true, "https://boek.voorbeeld.invalid": true,
		"http://boek.voorbeeld.invalid": false, "http://10.0.0.1": false, "ftp://127.0.0.1": false, "127.0.0.1:1": false, "https://": false,
		"https://u:geheim@boek.voorbeeld.invalid": false, "https://boek.voorbeeld.invalid/?a=b": false, "": false,
	} {
		_, err := client.HTTP(address, token, client.HTTPOptions{})
		if (err == nil) != ok {
			t.Errorf("%s: %v", address, err)
		}
		if plain := strings.HasPrefix(address, "http://") && !ok; errors.Is(err, client.ErrPlain) != plain {
			t.Errorf("%s: %v", address, err)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("the error tells a password: %v", err)
		}
	}
	if _, err := client.HTTP("http://boek.voorbeeld.invalid", token, client.HTTPOptions{Plain: true}); err != nil {
		t.Error(err)
	}
}

func TestPrivateAuthority(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `{"id":"a","positie":7}`)
	}))
	defer server.Close()
	server.Config.ErrorLog = nil
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	for _, c := range []struct {
		roots *x509.CertPool
		ok    bool
	}{{roots, true}, {nil, false}} {
		s := must[*client.HTTPSender](t)(client.HTTP(server.URL, token, client.HTTPOptions{RootCAs: c.roots}))
		_, err := s.Send(t.Context(), service("a"))
		s.Close()
		if (err == nil) != c.ok {
			t.Errorf("got %v", err)
		}
	}
}

// Over NATS: nobody there, the wait that the book asks for, and what is no book.
func TestNATSAnswers(t *testing.T) {
	h := newHouse(t)
	nc := must[*nats.Conn](t)(nats.Connect(h.url, nats.UserCredentials(h.creds)))
	defer nc.Close()
	s := client.NATS(nc)
	h.hook(func() bool { return true }, nil)
	_, err := s.Send(t.Context(), service("a"))
	wantStatus(t, err, 503)
	if after, again := client.Retry(err); after == 0 || !again {
		t.Errorf("the book is busy: again %v after %s", again, after)
	}
	h.door.Close()
	_, err = s.Send(t.Context(), service("a"))
	if _, again := client.Retry(err); !errors.Is(err, nats.ErrNoResponders) || !again {
		t.Errorf("nobody serves the book: %v", err)
	}
	nc.Close()
	_, err = s.Send(t.Context(), service("a"))
	if _, again := client.Retry(err); err == nil || again {
		t.Errorf("a connection that was closed: %v", err)
	}
	if _, err := client.DialNATS(h.url, filepath.Join(t.TempDir(), "no.creds")); err == nil || !strings.Contains(err.Error(), "no.creds") {
		t.Errorf("no credentials: %v", err)
	}
}
