package e2e_test

import (
	"context"
	"encoding/json"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestWrongParts: a folder of which a part is missing, older, changed or another
// book's is refused or repaired, with a word about which part; it never becomes
// a new, empty book.
func TestWrongParts(t *testing.T) {
	in := someIntact(t)
	for _, tt := range []struct {
		name string
		harm func(t *testing.T, data string)
		code int
		says []string
	}{
		{"Untouched", func(*testing.T, string) {}, 0, []string{"records and keys", "book", "views"}},
		{"StreamsGone", func(t *testing.T, data string) { remove(t, filepath.Join(data, "nats")) }, 1, []string{"stream", "is gone"}},
		{"RecordStreamGone", func(t *testing.T, data string) { remove(t, streamDir(t, data, recordStream)) }, 1, []string{recordStream + " is gone"}},
		{"KeyStreamGone", func(t *testing.T, data string) { remove(t, streamDir(t, data, keyStream)) }, 1, []string{keyStream + " is gone"}},
		{"RecordMetaGone", func(t *testing.T, data string) {
			remove(t, filepath.Join(streamDir(t, data, recordStream), "meta.inf"))
		}, 1, []string{recordStream}},
		{"KeyMetaGone", func(t *testing.T, data string) { remove(t, filepath.Join(streamDir(t, data, keyStream), "meta.inf")) }, 1, []string{keyStream}},
		{"SecretGone", func(t *testing.T, data string) { remove(t, filepath.Join(data, "book.secret")) }, 1, []string{"book.secret"}},
		{"SecretChanged", func(t *testing.T, data string) { flip(t, filepath.Join(data, "book.secret"), 7) }, 1, nil},
		{"AccessGone", func(t *testing.T, data string) { remove(t, filepath.Join(data, "access.db")) }, 1, []string{"access.db"}},
		{"BookFileGone", func(t *testing.T, data string) { remove(t, filepath.Join(data, "book.db")) }, 0, []string{"book"}},
		{"ViewsGone", func(t *testing.T, data string) { remove(t, filepath.Join(data, "views.db")) }, 0, []string{"views"}},
		{"ViewsCut", func(t *testing.T, data string) { cut(t, filepath.Join(data, "views.db"), 1<<20) }, 0, []string{"views"}},
		{"BookFileCut", func(t *testing.T, data string) { cut(t, filepath.Join(data, "book.db"), 1<<20) }, 1, []string{"book.db", "damaged"}},
		{"AccessCut", func(t *testing.T, data string) { cut(t, filepath.Join(data, "access.db"), 2*os.Getpagesize()) }, 1, []string{"access.db"}},
		{"BookRowChanged", func(t *testing.T, data string) { changeRow(t, filepath.Join(data, "book.db")) }, 1, []string{"FAULT  book", "rebuild"}},
		{"ViewRowChanged", func(t *testing.T, data string) { changeRow(t, filepath.Join(data, "views.db")) }, 1, []string{"FAULT  views", "rebuild"}},
		{"ViewRowRemoved", func(t *testing.T, data string) { removeRow(t, filepath.Join(data, "views.db")) }, 1, []string{"FAULT  views", "rebuild"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			data := in.copy(t)
			tt.harm(t, data)
			got := words{program: in.program}.run(t, "verify", "--data", data)
			text := got.stdout + got.stderr
			if got.code != tt.code {
				t.Fatalf("want exit %d: %v", tt.code, got)
			}
			for _, says := range tt.says {
				if !strings.Contains(text, says) {
					t.Errorf("does not say %q: %v", says, got)
				}
			}
			t.Log(strings.TrimSpace(text))
			if stored := messages(t, in.data(), recordStream); len(stored) != len(in.records) {
				t.Fatal("the copy was not one")
			}
		})
	}
}

// TestRebuildRepairs: a view that differs from the stream is made anew by rebuild,
// which says what the difference was.
func TestRebuildRepairs(t *testing.T) {
	in := someIntact(t)
	data := in.copy(t)
	changeRow(t, filepath.Join(data, "views.db"))
	var done struct {
		Position   uint64 `json:"positie"`
		Difference string `json:"verschil"`
	}
	words{program: in.program}.run(t, "rebuild", "--data", data, "--json").well(t, &done)
	if done.Difference == "" || done.Position != uint64(len(in.records)) {
		t.Errorf("%+v", done)
	}
	words{program: in.program}.run(t, "verify", "--data", data).well(t, nil)
}

// TestStopsOnDamageWhileServing: a block that is damaged under a running server
// is found by verify, stops recording, and leaves reading on.
func TestStopsOnDamageWhileServing(t *testing.T) {
	in := someIntact(t)
	data := in.copy(t)
	s := startAs(t, in.program, data)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.await(ctx, func() bool { return strings.Contains(s.logged(), "everything was read") }); err != nil {
		t.Fatal(err)
	}
	if status, _ := s.get(t, "", "/readyz", nil); status != 200 {
		t.Fatalf("readyz: %d", status)
	}
	block := blocks(t, data, recordStream)[0]
	flip(t, block, 2<<20)
	var got result
	for got = range verifications(t, in.program, data) {
		if got.code != 0 {
			break // until then the server answered from memory
		}
	}
	if !namesWhatAndWhere(got.stdout, recordStream) {
		t.Errorf("%v", got)
	}
	status, body := s.get(t, "", "/readyz", nil)
	var p answer
	if err := json.Unmarshal(body, &p); err != nil || status != 503 || len(p.Faults) != 1 || p.Faults[0].Code != "boek-staat-stil" {
		t.Errorf("readyz: %d %s", status, body)
	}
	if status, _ := s.get(t, in.partners[0].Token, "/v1/werkgevers/"+kvks[0], nil); status != 200 {
		t.Errorf("reading stopped as well: %d", status)
	}
	s.end(syscall.SIGTERM)
}

// verifications runs verify again and again, until patience is at its end.
func verifications(t *testing.T, program, data string) iter.Seq[result] {
	return func(yield func(result) bool) {
		for end := time.Now().Add(patience); time.Now().Before(end); {
			if !yield(words{program: program}.run(t, "verify", "--data", data)) {
				return
			}
		}
		t.Error("the damage was not found in time")
	}
}
