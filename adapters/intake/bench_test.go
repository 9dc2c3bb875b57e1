package intake_test

import (
	"fmt"
	"strings"
	"testing"

	"huisboek/adapters/intake"
)

// BenchmarkNote is what noting costs whoever notes, while the file is written
// behind it.
func BenchmarkNote(b *testing.B) {
	f := openFile(b, newPath(b), intake.Options{})
	d := delivery(intake.OutcomeRecorded, 1)
	b.ReportAllocs()
	for b.Loop() {
		f.Note(partnerA, d)
	}
}

// BenchmarkWrite is what a line costs the goroutine that writes.
func BenchmarkWrite(b *testing.B) {
	f := openFile(b, newPath(b), intake.Options{})
	d := delivery(intake.OutcomeRefused, 1)
	const lines = 1_000
	for b.Loop() {
		for range lines {
			f.Note(partnerA, d)
		}
		if !f.Flush() {
			b.Fatal("not written")
		}
	}
	b.ReportMetric(float64(b.N)*lines/b.Elapsed().Seconds(), "lines/s")
}

// BenchmarkReport is a recorded event through the desk, without and with noting.
func BenchmarkReport(b *testing.B) {
	for _, c := range []struct {
		name   string
		change func(*intake.Config)
	}{
		{"plain", func(c *intake.Config) { c.File = nil }},
		{"noted", nil},
		{"limited", func(c *intake.Config) {
			c.Limits = intake.NewLimits(intake.Rates{PerSecond: 1e9, Burst: 1e9, InFlight: 1e9}, nil)
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			h := newHouse(b, c.change)
			n := 0
			b.ReportAllocs()
			for b.Loop() {
				n++
				data := strings.Replace(event(fmt.Sprint("e", n), ""), kvk, fmt.Sprint(90_000_000+n%20_000), 1)
				if _, err := h.desk.Report(b.Context(), h.caller, nil, []byte(data)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
