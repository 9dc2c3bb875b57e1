package natsdoor_test

import (
	"testing"

	"huisboek/adapters/intake"
	"huisboek/adapters/natsdoor"
)

// BenchmarkRefusal is a request over the share of its credential, there and back.
func BenchmarkRefusal(b *testing.B) {
	f := &fake{began: make(chan request, 1), goOn: make(chan struct{})}
	h := start(b, func(c *natsdoor.Config) { c.Desk, c.Reports = f, intake.NewLimits(intake.Rates{InFlight: 1}, nil) })
	if err := h.nc.Publish("melden", []byte(event("een", ""))); err != nil {
		b.Fatal(err)
	}
	<-f.began
	for b.Loop() {
		if r := h.report(nil, event("een", "")); r.Status != 429 {
			b.Fatalf("told %d", r.Status)
		}
	}
	close(f.goOn)
}
