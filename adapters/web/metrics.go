package web

import (
	"cmp"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"huisboek/ledger"
)

// metrics are this door's own, one set per server.
type metrics struct {
	requests *prometheus.HistogramVec
	page     http.Handler
}

func newMetrics(registry *prometheus.Registry) (*metrics, error) {
	m := &metrics{
		requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "huisboek_http_request_duration_seconds",
			Help:    "Time from a request's headers to the end of its answer, by route and status.",
			Buckets: []float64{.0005, .001, .002, .005, .01, .025, .05, .1, .5, 1, 5},
		}, []string{"route", "status"}),
		page: promhttp.HandlerFor(registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2}),
	}
	return m, registry.Register(m.requests)
}

// observe counts an answer under its route; what has no route counts as one, so
// that nobody can make labels.
func (m *metrics) observe(route string, status int, took time.Duration) {
	if route == "" {
		route = "none"
	}
	m.requests.WithLabelValues(route, strconv.Itoa(status)).Observe(took.Seconds())
}

func (s *Server) metricsPage(w http.ResponseWriter, r *http.Request) {
	if _, ok := s.admit(w, r, []ledger.Role{ledger.RoleSteward}); !ok {
		return
	}
	page := &capture{header: http.Header{}}
	if !s.working.hold(func() { s.metrics.page.ServeHTTP(page, r) }) {
		s.refuse(w, r, problemBusy)
		return
	}
	maps.Copy(w.Header(), page.header)
	w.WriteHeader(cmp.Or(page.status, http.StatusOK))
	page.WriteTo(w)
}
