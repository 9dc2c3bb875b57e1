package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestBar(t *testing.T) {
	now := time.Unix(0, 0)
	var out bytes.Buffer
	b := newBar(&out)
	b.now = func() time.Time { return now }
	b.terminal = true
	b.begin("h.jsonl", 10_000_000, mark{})
	b.show(mark{Bytes: 100, Events: 1}, true)
	if out.Len() > 0 {
		t.Errorf("at once: %q", out.String())
	}
	for n := 1; n <= 5; n++ {
		now = now.Add(time.Second)
		b.show(mark{Bytes: int64(n) * 1_000_000, Events: n * 2_000}, true)
	}
	if got := out.String(); !strings.Contains(got, "\rh.jsonl: 50 %, 10000 events, 5.0 MB of 10.0 MB, 2000/s, 5s left") {
		t.Errorf("%q", got)
	}
	out.Reset()
	if !b.wait(errors.New("te druk"), 3*time.Second) || !strings.Contains(out.String(), "; waits 3s: te druk") {
		t.Errorf("%q", out.String())
	}
	out.Reset()
	b.clear()
	if got := out.String(); strings.Trim(got, "\r ") != "" || len(got) < 60 {
		t.Errorf("cleared with %q", got)
	}
	now = now.Add(time.Second)
	out.Reset()
	b.show(mark{Bytes: 6_000_000, Events: 12_000}, false)
	if out.Len() > 0 || b.wait(errors.New("te druk"), 0) {
		t.Errorf("where the lines of events stand: %q", out.String())
	}

	b.terminal = false
	b.begin("-", -1, mark{})
	for n := 1; n <= 61; n++ {
		now = now.Add(time.Second)
		b.show(mark{Bytes: int64(n) * 1_000_000, Events: n * 100}, true)
	}
	if got := out.String(); strings.Count(got, "\n") != 2 || strings.Contains(got, "\r") || !strings.HasPrefix(got, "huisboek: -: 3000 events, 30.0 MB, 100/s\n") {
		t.Errorf("elsewhere: %q", got)
	}
}
