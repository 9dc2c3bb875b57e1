package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// The limits of a connection (docs/design.md; after OWASP ASVS 5.0, V13). What a
// body may be is in report.go, the one place that reads one. Headers beyond their
// limit get a 431 of net/http's own, which is no problem+json: there is no request
// yet to answer.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second // headers and body together
	// From the headers on: longer than readTimeout and answerWithin together. It is
	// what bounds who does not read its answer: that costs a connection and the bytes
	// of the answer for a minute, and no place among the requests that are worked on
	// (places.hold). How many connections there are at a time the system's limit on
	// open files bounds.
	writeTimeout    = 60 * time.Second
	idleTimeout     = 60 * time.Second
	maxHeaderBytes  = 32 << 10 // room for an event's attributes in binary mode
	shutdownTimeout = 10 * time.Second
)

// Serve answers on a listener until ctx ends, then lets requests that are under
// way finish for ten seconds and returns nil. It closes the listener.
func Serve(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeaderBytes,
		BaseContext:       func(net.Listener) context.Context { return withStopping(ctx) },
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	stopped := make(chan error, 1)
	unhook := context.AfterFunc(ctx, func() {
		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer cancel()
		stopped <- server.Shutdown(bounded)
	})
	defer unhook()
	err := server.Serve(l)
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	if err := <-stopped; err != nil {
		log.Warn("requests were cut off at the end", "error", err)
		return server.Close()
	}
	return nil
}
