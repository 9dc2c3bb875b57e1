package main

import (
	"path/filepath"
	"testing"
)

// TestStreamMetrics: a full stream refuses, so its operator must see it fill.
func TestStreamMetrics(t *testing.T) {
	h, err := openHouse(t.Context(), settings{Dir: filepath.Join(t.TempDir(), "data"), Region: "AM36", MaxBytes: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	families, err := h.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		if len(f.GetMetric()) == 1 && f.GetMetric()[0].GetGauge() != nil {
			got[f.GetName()] = f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	if got["huisboek_stream_limit_bytes"] != 64<<20 || got["huisboek_stream_bytes"] <= 0 || got["huisboek_position"] != 1 {
		t.Errorf("%v", got)
	}
}
