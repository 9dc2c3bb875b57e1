package web_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"

	"huisboek/adapters/web"
)

// TestServe: a request that is under way is answered when the server is stopped,
// and a new one is not.
func TestServe(t *testing.T) {
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	ctx, stop := context.WithCancel(t.Context())
	entered, release := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-release
		io.WriteString(w, "klaar")
	})
	served, answered := make(chan error, 1), make(chan string, 1)
	go func() { served <- web.Serve(ctx, l, h, slog.New(slog.DiscardHandler)) }()
	url := "http://" + l.Addr().String()
	go func() {
		r, err := http.Get(url)
		if err != nil {
			answered <- err.Error()
			return
		}
		defer r.Body.Close()
		body, _ := io.ReadAll(r.Body)
		answered <- string(body)
	}()
	<-entered
	stop()
	close(release)
	if got := <-answered; got != "klaar" {
		t.Errorf("the request under way: %s", got)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
	if r, err := http.Get(url); err == nil {
		r.Body.Close()
		t.Error("it still answers")
	}
}

func TestServeLimits(t *testing.T) {
	l := must[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- web.Serve(ctx, l, http.NotFoundHandler(), slog.New(slog.DiscardHandler)) }()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+l.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Large", strings.Repeat("x", 64<<10))
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("64 KiB of headers: %d", answer.StatusCode)
	}
	stop()
	if err := <-served; err != nil {
		t.Errorf("Serve = %v", err)
	}
	l.Close()
	if err := web.Serve(t.Context(), l, http.NotFoundHandler(), slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a closed listener is no error")
	}
}

// TestOwns: every path that this door answers is its own, and pages have the rest.
func TestOwns(t *testing.T) {
	for path, want := range map[string]bool{
		"/v1": true, "/v1/werkgevers": true, "/v1x": false, "/documentatie": true, "/documentatie/stijl.css": true, "/agenda/abc.ics": true,
		"/livez": true, "/metrics": true, "/": false, "/werkgevers": false, "/agendas": false,
	} {
		if web.Owns(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
}
