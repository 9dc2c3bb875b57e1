package pages

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// headers stand in every answer. Nothing inline, nothing of others: a page is its own
// files and nothing else.
var headers = map[string]string{
	"Cache-Control": "no-store",
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy":           "camera=(), geolocation=(), microphone=()",
	"Referrer-Policy":              "same-origin",
	"Strict-Transport-Security":    "max-age=31536000",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
}

// maxForm is the largest form that is read, in bytes: several notes of 2,000
// characters. What is larger is a mistake or worse.
const maxForm = 64 << 10

// outside is what every request passes through. The log names the route and never
// the path or the query: an employer's number may be a sole trader's.
func (s *Server) outside(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		v := s.visit(w, r)
		v.show(v.failed(errForeign))
	}))
	guarded := guard.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The guard lets through what says nothing of where it comes from, for programs;
		// a page is for browsers, and those say so.
		if r.Method != http.MethodGet && r.Method != http.MethodHead && r.Header.Get("Sec-Fetch-Site") == "" && r.Header.Get("Origin") == "" {
			v := s.visit(w, r)
			v.show(v.failed(errForeign))
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	}))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			w.Header().Set(name, value)
		}
		answer := &recorder{ResponseWriter: w}
		began := time.Now()
		defer func() {
			s.caught(answer, r, recover())
			s.took.WithLabelValues(routeOf(r), strconv.Itoa(answer.status)).Observe(time.Since(began).Seconds())
		}()
		if r.URL.Query().Has(langParameter) && r.Method == http.MethodGet {
			s.changeLanguage(answer, r)
			return
		}
		guarded.ServeHTTP(answer, r)
	})
}

// caught turns a panic into a page that says so, when there is still something to
// answer.
func (s *Server) caught(w *recorder, r *http.Request, p any) {
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(p)
	}
	s.cfg.Log.ErrorContext(r.Context(), "panic in a page", "route", routeOf(r), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if w.status != 0 {
		panic(http.ErrAbortHandler) // half a page must not look like a whole one
	}
	v := s.visit(w, r)
	v.show(v.failed(errors.New("panic")))
}

func routeOf(r *http.Request) string {
	if r.Pattern == "" {
		return "none"
	}
	return r.Pattern
}

func newMetrics(registry prometheus.Registerer) (*prometheus.HistogramVec, error) {
	h := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "huisboek_page_duration_seconds",
		Help:    "Time from a request's headers to the end of its page, by route and status.",
		Buckets: []float64{.001, .002, .005, .01, .025, .05, .1, .5, 1, 5},
	}, []string{"route", "status"})
	if registry == nil {
		return h, nil
	}
	return h, registry.Register(h)
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
