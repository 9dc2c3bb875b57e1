package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"huisboek/adapters/archive"
	"huisboek/events"
	"huisboek/ledger"
)

// exported splits an export into its first line, its lines, and its last, after
// checking the sum.
func exported(t *testing.T, text []byte) (head exportHead, lines [][]byte, end exportDone) {
	t.Helper()
	all := bytes.SplitAfter(text, []byte("\n"))
	all = all[:len(all)-1]
	if err := json.Unmarshal(all[0], &head); err != nil || head.Frame != frameHead {
		t.Fatalf("%v: %s", err, all[0])
	}
	if err := json.Unmarshal(all[len(all)-1], &end); err != nil || end.Frame != frameEnd {
		t.Fatalf("%v: %s", err, all[len(all)-1])
	}
	sum := sha256.Sum256(bytes.Join(all[:len(all)-1], nil))
	if hex.EncodeToString(sum[:]) != end.Sum {
		t.Error("the sum at the end is not of what stands before it")
	}
	return head, all[1 : len(all)-1], end
}

// TestExport: everything in the clear, erased members null and named; sealed, a chain
// that anybody can check; and a partner's own events, which another book takes again.
func TestExport(t *testing.T) {
	r, made := smallBackup(t)
	tip := r.now.ledger.Position()
	write := func(q exportWords) []byte {
		t.Helper()
		q.Out = filepath.Join(t.TempDir(), "uit.jsonl")
		done, err := r.now.export(t.Context(), q, silent3)
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(q.Out)
		if err != nil {
			t.Fatal(err)
		}
		if i, err := os.Stat(q.Out); err != nil || i.Mode() != 0o600 {
			t.Errorf("%v %v", i.Mode(), err)
		}
		if _, _, end := exported(t, text); end != *done || end.Position != tip {
			t.Errorf("it said %+v, and the file %+v", done, end)
		}
		if _, err := r.now.export(t.Context(), q, silent3); err == nil || !strings.Contains(err.Error(), "not written over") {
			t.Errorf("over another: %v", err)
		}
		return text
	}
	t.Run("sealed", func(t *testing.T) {
		head, lines, end := exported(t, write(exportWords{Sealed: true}))
		if !head.Sealed || head.Book != made.Book || end.Count != int(tip) || len(lines) != end.Count {
			t.Errorf("%+v %+v, %d lines", head, end, len(lines))
		}
		var chain archive.Chain
		for _, line := range lines {
			stored, err := archive.ParseLine(bytes.TrimSuffix(line, []byte("\n")))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := chain.Add(stored); err != nil {
				t.Fatal(err)
			}
		}
		if chain.Tip.Hash != end.Hash {
			t.Error("the last line does not name the tip")
		}
	})
	t.Run("open", func(t *testing.T) {
		_, lines, _ := exported(t, write(exportWords{}))
		erased, named := 0, 0
		for i, line := range lines {
			var l exportLine
			if err := json.Unmarshal(line, &l, json.RejectUnknownMembers(true)); err != nil {
				t.Fatal(err)
			}
			if l.Position != events.Position(i+1) || strings.Contains(string(l.Event), `"zegel"`) {
				t.Errorf("line %d: %s", i, line)
			}
			if len(l.Erased) > 0 {
				erased++
				if l.Erased[0] != "/data/accountmanager" || !strings.Contains(string(l.Event), `"accountmanager":null`) {
					t.Errorf("erased: %s", line)
				}
			}
			if strings.Contains(string(l.Event), `"naam":"Proef"`) {
				named++
			}
		}
		if erased == 0 || named == 0 {
			t.Errorf("%d erased, %d named", erased, named)
		}
	})
	t.Run("partner", func(t *testing.T) {
		head, lines, end := exported(t, write(exportWords{Partner: "Partner"}))
		if head.Partner == nil || head.Partner.URN != "urn:nld:oin:00000099000000001000" || end.Count != 30 {
			t.Errorf("%+v %+v", head, end)
		}
		other := newRound(t, 37)
		defer other.close()
		by := ledger.Caller{Role: ledger.RolePartner, Partner: other.now.partner, Credential: "proef", Door: ledger.DoorNATS}
		taken := 0
		for _, line := range lines {
			if isExportFrame(line) {
				continue
			}
			e, err := events.Decode(line, time.Now())
			if err == nil {
				_, err = other.now.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: by})
			}
			if err != nil {
				t.Errorf("%v: %s", err, line)
			}
			taken++
		}
		if taken != 30 {
			t.Errorf("%d events for another book", taken)
		}
	})
}

// TestExportFrames: no event is taken for a line of an export that is none.
func TestExportFrames(t *testing.T) {
	for line, want := range map[string]bool{
		`{"huisboek":"uitvoer","formaat":1}`: true, `{"huisboek":"einde"}`: true,
		`{"specversion":"1.0","id":"1"}`: false, `{"huisboek":"x","specversion":"1.0"}`: false, `{"id":"huisboek"}`: false, ``: false,
	} {
		if isExportFrame([]byte(line)) != want {
			t.Errorf("%s: want %v", line, want)
		}
	}
}

// TestExportServed: over the socket, to a file and to standard output; the same bytes.
func TestExportServed(t *testing.T) {
	t.Chdir(t.TempDir())
	r := newRound(t, 38)
	for range 10 {
		r.record(r.dice)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer func() { stop(); r.close() }()
	if err := r.now.serveSocket(ctx); err != nil {
		t.Fatal(err)
	}
	code, out, errOut := do(t, "export", "--data", r.now.Dir)
	if code != exitDone {
		t.Fatalf("exit %d %s", code, errOut)
	}
	if _, lines, end := exported(t, []byte(out)); len(lines) != end.Count || end.Position != r.now.ledger.Position() {
		t.Errorf("%d lines, %+v", len(lines), end)
	}
	if code, out, errOut := do(t, "export", "--data", r.now.Dir, "--out", "uit.jsonl", "--sealed"); code != exitDone || !strings.Contains(out, "uit.jsonl") {
		t.Errorf("exit %d %s%s", code, out, errOut)
	}
	if code, _, errOut := do(t, "export", "--data", r.now.Dir, "--out", filepath.Join(r.now.Dir, "x")); code == exitDone || !strings.Contains(errOut, "data folder") {
		t.Errorf("exit %d %s", code, errOut)
	}
	if code, _, errOut := do(t, "export", "--data", r.now.Dir, "--partner", "Niemand"); code != exitFailed || !strings.Contains(errOut, "Niemand") {
		t.Errorf("exit %d %s", code, errOut)
	}
	if code, out, errOut := do(t, "backup", "b.tar", "--data", r.now.Dir); code != exitDone || !strings.Contains(out, "b.tar.sleutels (keys: destroy after") {
		t.Errorf("exit %d %s%s", code, out, errOut)
	}
	if code, out, errOut := do(t, "verify", "--backup", "b.tar"); code != exitDone || !strings.Contains(out, "ok     access") {
		t.Errorf("exit %d %s%s", code, out, errOut)
	}
	if code, out, _ := do(t, "verify", "--backup", "b.tar", "--keys", "b.tar"); code != exitFailed || !strings.Contains(out, "FAULT  keys") {
		t.Errorf("exit %d %s", code, out)
	}
	if code, out, errOut := do(t, "verify", "--data", r.now.Dir); code != exitDone {
		t.Errorf("exit %d %s%s", code, out, errOut)
	}
	if k, err := readState(r.now.Dir); err != nil || k.Verify == nil || k.Verify.Fault != "" || k.Verify.Position != r.now.ledger.Position() {
		t.Errorf("noted %+v %v", k.Verify, err)
	}
}

// TestExportsAtOnce: two exports into one folder write two files, and what a killed
// one left is gone after the next; what stands there and is no export of this book stays.
func TestExportsAtOnce(t *testing.T) {
	r, _ := smallBackup(t)
	to := t.TempDir()
	left := filepath.Join(to, ".huisboek-"+r.now.folder.Book+"-1.export")
	others := filepath.Join(to, ".huisboek-"+uuid.NewString()+"-1.export")
	for _, path := range []string{left, others} {
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var at sync.WaitGroup // both are under way
	at.Add(2)
	var all sync.WaitGroup
	names := []string{filepath.Join(to, "een"), filepath.Join(to, "twee")}
	for i, name := range names {
		all.Go(func() {
			meet := func(string, uint64, uint64) { at.Done(); at.Wait() }
			if _, err := r.now.export(t.Context(), exportWords{Out: name, Sealed: i == 0}, meet); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		head, lines, end := exported(t, text)
		if head.Sealed != (i == 0) || len(lines) != end.Count {
			t.Errorf("%s: %+v, %d lines of %d", name, head, len(lines), end.Count)
		}
	}
	entries, err := os.ReadDir(to)
	if err != nil || len(entries) != 3 {
		t.Errorf("there is %v %v", entries, err)
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("what a killed export left is there still")
	}
}
