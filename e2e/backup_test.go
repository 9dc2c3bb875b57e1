package e2e_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

var backups = flag.Int("backups", 6, "how often TestBackup breaks a backup off")

// TestBackup: a backup that is taken under load and broken off by SIGKILL, of
// whoever asked for it or of the server itself, leaves no file that could be taken
// for one. The next is whole, can be checked without restoring it, and restored it
// is the same book up to its position: the same records, and views that equal
// their rebuild. The book that it was taken of may not go on then.
func TestBackup(t *testing.T) {
	c := newCrasher(t)
	dir := t.TempDir()
	do := func(args ...string) result { t.Helper(); return words{program: c.program}.run(t, args...) }
	broken := 0
	for round := range *backups {
		s := startAs(t, c.program, c.data)
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		c.connect(t, s)
		c.look(ctx, t, s, 5)
		load := c.load(ctx, t)
		c.awaitAcks(ctx, s, c.acknowledged()+300)

		file := filepath.Join(dir, fmt.Sprintf("broken-%d.tar", round))
		asked := launch(t, exec.Command(c.program, "backup", file, "--data", c.data))
		awaitMoment(s, time.Duration(c.rng.IntN(60))*time.Millisecond)
		if round%2 == 0 {
			s.kill()
			<-asked.ended
		} else {
			asked.end(syscall.SIGKILL)
		}
		if _, err := os.Stat(file); err == nil {
			do("verify", "--backup", file).well(t, nil) // it was quick enough
		} else {
			broken++
		}
		if round%2 == 0 {
			s = startAs(t, c.program, c.data)
			cancel()
			load.Wait()
			ctx, cancel = context.WithTimeout(t.Context(), patience)
			c.connect(t, s)
			c.look(ctx, t, s, 0)
			load = c.load(ctx, t)
		}

		whole := filepath.Join(dir, fmt.Sprintf("whole-%d.tar", round))
		do("backup", whole, "--data", c.data).well(t, nil) // under load
		cancel()
		load.Wait()
		do("verify", "--backup", whole).well(t, nil)
		noDrafts(t, dir)
		s.stop(t)
		if t.Failed() {
			t.Fatalf("round %d, -crashes.seed=%d", round, c.seed)
		}
	}
	last := filepath.Join(dir, fmt.Sprintf("whole-%d.tar", *backups-1))
	before := sealedExport(t, c.program, c.data)
	restored := filepath.Join(t.TempDir(), "restored")
	do("restore", last, "--erasures", c.data+".erasures.jsonl", "--data", restored).well(t, nil)
	after := sealedExport(t, c.program, restored)
	if len(after) == 0 || len(after) > len(before) {
		t.Fatalf("%d records, %d before", len(after), len(before))
	}
	for i := range after {
		if after[i] != before[i] {
			t.Fatalf("position %d is another record:\n%s\n%s", i+1, after[i], before[i])
		}
	}
	do("verify", "--data", restored).well(t, nil)
	if r := do("verify", "--data", c.data); r.code == 0 || !strings.Contains(r.stderr, "may not go on") {
		t.Errorf("the book that was put back elsewhere goes on: %v", r)
	}
	t.Logf("%d of %d backups were broken off; %d records before, %d in the restored book", broken, *backups, len(before), len(after))
}

// noDrafts sees that nothing but whole backups and their keys is left.
func noDrafts(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if name := e.Name(); !strings.HasSuffix(name, ".tar") && !strings.HasSuffix(name, ".tar.sleutels") {
			t.Errorf("%s is left", name)
		}
	}
}

// sealedExport is the hash of every record, in order.
func sealedExport(t *testing.T, program, data string) (hashes []string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "all.jsonl")
	words{program: program}.run(t, "export", "--sealed", "--data", data, "--out", out).well(t, nil)
	f, err := os.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line struct {
			Frame  string `json:"huisboek"`
			Hash   string `json:"hash"`
			Record struct {
				Position int `json:"positie"`
			} `json:"record"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%v: %s", err, lines.Bytes())
		}
		if line.Frame != "" {
			continue
		}
		if hashes = append(hashes, line.Hash); line.Record.Position != len(hashes) || line.Hash == "" {
			t.Fatalf("line %d: %s", len(hashes), lines.Bytes())
		}
	}
	return hashes
}
