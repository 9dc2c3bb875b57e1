package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huisboek/events"
)

// counted counts the events that come in at the doors by what became of them. The
// labels are few: the types there are, and the words of package intake and the verdicts.
func (h *house) counted() func(name, became string) {
	events := prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "huisboek", Name: "events_total",
		Help: "Events that came in, by type and by what became of them: a verdict when newly recorded or refused by agreement.",
	}, []string{"type", "outcome"})
	h.Registry.MustRegister(events)
	return func(name, became string) { events.WithLabelValues(name, became).Inc() }
}

// measure registers what the rooms can tell without knowing of Prometheus.
func (h *house) measure() {
	gauge := func(name, help string, f func() float64) {
		h.Registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "huisboek", Name: name, Help: help}, f))
	}
	gauge("position", "Last position recorded.", func() float64 { return float64(h.ledger.Position()) })
	gauge("view_position", "Last position that answers include.", func() float64 { return float64(h.runner.Position()) })
	gauge("view_lag_events", "Records that answers do not include yet.", func() float64 {
		return float64(h.ledger.Position()) - float64(h.runner.Position())
	})
	gauge("scrub_position", "How far the background reading of everything has come.", func() float64 { return float64(h.scrubbed.position.Load()) })
	gauge("stream_bytes", "Room that the stream of records takes.", func() float64 {
		n, err := h.stream.Size(context.Background())
		if err != nil {
			return -1
		}
		return float64(n)
	})
	gauge("stream_limit_bytes", "Room that it may take: a full stream refuses.", func() float64 { return float64(h.folder.MaxBytes) })
	gauge("halted", "1 when the book records nothing any more.", func() float64 {
		if h.ledger.Err() != nil {
			return 1
		}
		return 0
	})
	batches := prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: "huisboek", Name: "view_transaction_seconds", Help: "One transaction of the views.",
		Buckets: prometheus.ExponentialBuckets(0.0001, 4, 9),
	})
	v := versionOf()
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: "huisboek", Name: "build_info", Help: "Always 1.",
		ConstLabels: prometheus.Labels{"version": v.Version, "commit": v.Commit, "go": v.Go},
	})
	info.Set(1)
	h.Registry.MustRegister(batches, info)
	h.runner.OnBatch = func(_ int, took time.Duration, at events.Position) {
		batches.Observe(took.Seconds())
		h.search.batch(at)
	}
}
