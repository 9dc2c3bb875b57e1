package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
)

// APIVersion is the version of /v1, in every answer (ADR: version-header, semver).
const APIVersion = "1.0.0"

// constantHeaders stand in every answer (ADR: transport/security-headers).
var constantHeaders = map[string]string{
	"API-Version":                  APIVersion,
	"Cache-Control":                "no-store",
	"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Referrer-Policy":              "no-referrer",
	"Strict-Transport-Security":    "max-age=31536000",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
}

type requestIDKey struct{}

// requestID is the id that the answer carries as X-Request-Id. It is made here:
// one that a caller sends is not believed.
func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// outside is what every request passes through: headers, an id, a count, and a
// net below panics. The log names the route and never the path or the query: an
// employer's number may be a sole trader's.
func (s *Server) outside(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := uuid.NewString()
		for name, value := range constantHeaders {
			w.Header().Set(name, value)
		}
		w.Header().Set("X-Request-Id", id)
		if r.ContentLength != 0 { // until somebody reads the body (report) nobody waits for it
			w.Header().Set("Connection", "close")
		}
		r = r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id))
		answer := &recorder{ResponseWriter: w}
		begin := time.Now()
		defer func() {
			s.caught(answer, r, recover())
			took := time.Since(begin)
			s.metrics.observe(r.Pattern, answer.status, took)
			s.cfg.Log.DebugContext(r.Context(), "request", "request", id, "method", r.Method,
				"route", r.Pattern, "status", answer.status, "took", took)
		}()
		next.ServeHTTP(answer, r)
	})
}

// caught turns a panic into a 500 that says nothing of it, when there is still
// something to answer.
func (s *Server) caught(w *recorder, r *http.Request, p any) {
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	s.cfg.Log.ErrorContext(r.Context(), "panic in a request", "request", requestID(r.Context()),
		"route", r.Pattern, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler) // half an answer must not look like a whole one
	}
	writeProblem(w, problemOf(errors.New("panic")))
}

// route is the mux, but for what it would say itself: 404 and 405 are problems
// here, and a path that is not the one described exists no more than any other.
func (s *Server) route(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != path.Clean(r.URL.Path) {
		s.refuse(w, r, problemNotFound)
		return
	}
	if wantsStream(r) {
		s.streamMessages(w, r)
		return
	}
	h, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	c := &capture{header: http.Header{}}
	h.ServeHTTP(c, r)
	if c.status != http.StatusMethodNotAllowed {
		s.refuse(w, r, problemNotFound)
		return
	}
	w.Header().Set("Allow", c.header.Get("Allow"))
	s.refuse(w, r, problemMethod)
}

// recorder remembers the status that was answered; 0 before that.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	return r.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what is inside.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
