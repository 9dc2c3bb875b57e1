package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A file of refused events that has grown since the run that was broken off may be one
// that somebody is mending: it stays as it is, and the next ones go to another.
func TestSubmitRefusedFileHasGrown(t *testing.T) {
	for name, words := range map[string][]string{"by itself": nil, "where it was said": {"--refused", "h.jsonl" + refusedSuffix}} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			b := newFakeBook(t)
			put(t, "h.jsonl", "{\"id\":\"fout-1\"}\n"+bigLines(2, 900)+"{\"id\":\"fout-2\"}\n"+bigLines(902, 1_200))
			b.breakOff(2)
			if code, _, errOut := b.submit(t, append(words, "--quiet", "h.jsonl")...); code != exitFailed || !strings.Contains(errOut, "goes on from there") {
				t.Fatalf("exit %d %s", code, errOut)
			}
			kept, err := os.ReadFile("h.jsonl" + refusedSuffix)
			if err != nil {
				t.Fatal(err)
			}
			mended := strings.Replace(string(kept), "fout-1", "goed-nummer-1", 2)
			put(t, "h.jsonl"+refusedSuffix, mended)
			b.mend()
			code, r, errOut := b.report(t, append(words, "h.jsonl")...)
			if code != exitFailed || b.offered[0] != "e501" || r.Refused != 2 || !strings.Contains(errOut, "stays as it is") {
				t.Errorf("exit %d, begins with %s: %+v %s", code, b.offered[0], r, errOut)
			}
			if f := r.Files[0]; f.RefusedBefore != "h.jsonl"+refusedSuffix || f.RefusedFile != "h.jsonl.geweigerd.2.jsonl" {
				t.Errorf("reported %+v", f)
			}
			if now, err := os.ReadFile("h.jsonl" + refusedSuffix); err != nil || string(now) != mended {
				t.Errorf("%v: what was mended became\n%s", err, now)
			}
			if next, err := os.ReadFile("h.jsonl.geweigerd.2.jsonl"); err != nil || strings.Count(string(next), `{"geweigerd":`) != 1 || !strings.Contains(string(next), "fout-2") {
				t.Errorf("%v: the next:\n%s", err, next)
			}
		})
	}
}

// How far a file is, is not forgotten while what was refused is not on the disk.
func TestSubmitKeepsStateOfUnkeptRefusals(t *testing.T) {
	dir := t.TempDir()
	at, refused := filepath.Join(dir, "h.jsonl"+stateSuffix), filepath.Join(dir, "h.jsonl"+refusedSuffix)
	put(t, at, "{}")
	put(t, refused, "")
	full, err := os.Open(refused) // to read only: as little can be written to it as to a disk that is full
	if err != nil {
		t.Fatal(err)
	}
	r := &fileRun{
		submitter: &submitter{errOut: io.Discard}, fileReport: &fileReport{}, in: new(input), state: &state{path: at, there: true},
		refused: &refusedFile{path: refused, first: refused, file: full, out: bufio.NewWriter(full)},
	}
	r.refused.out.WriteString("{}\n")
	if err := r.close(true); err == nil {
		t.Error("nobody hears that it was not kept")
	}
	if _, err := os.Stat(at); err != nil {
		t.Error(err)
	}
}

// What was refused can be mended in the file that it is kept in, and submitted.
func TestSubmitRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	b := newFakeBook(t)
	long := `{"id":"lang","x":"` + strings.Repeat("x", 70<<10) + `"}`
	put(t, "h.jsonl", strings.Join([]string{`{"id":"a"}`, `{"id":"fout-1", "n": 1.50}`, `{"id":"kapot`, long, `{"x":"` + strings.Repeat("y", 2<<20) + `"}`, `{"id":"b"}`, ""}, "\n"))
	code, r, errOut := b.report(t, "h.jsonl")
	if code != exitFailed || errOut != "" || r.Recorded != 2 || r.Refused != 4 || r.Files[0].RefusedFile != "h.jsonl"+refusedSuffix {
		t.Fatalf("exit %d %+v %s", code, r, errOut)
	}
	if want := map[string]int{"zo-niet": 1, "ongeldige-json": 1, "te-groot": 2}; fmt.Sprint(r.Codes) != fmt.Sprint(want) {
		t.Errorf("codes %v, want %v", r.Codes, want)
	}
	kept, err := os.ReadFile("h.jsonl" + refusedSuffix)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(kept), "\n")
	for i, parts := range [][]string{
		{`"regel":2`, `"nummer":2`, `"id":"fout-1"`, `"fouten":[{"veld":"/id","code":"zo-niet"`, `,"melding":{"id":"fout-1", "n": 1.50}}`},
		{`"regel":3`, `"probleem":"ongeldig"`, `,"tekst":"{\"id\":\"kapot"}`},
		{`"regel":4`, `"probleem":"te-groot"`, `,"melding":{"id":"lang"`},
		{`"regel":5`, `"probleem":"te-groot"`, `"fouten":[]}}`}, // not repeated
	} {
		for _, part := range parts {
			if !strings.Contains(lines[i], part) {
				t.Errorf("line %d has no %s: %.300s", i, part, lines[i])
			}
		}
	}
	if info, err := os.Stat("h.jsonl" + refusedSuffix); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}

	// The same once more: no second file of the same.
	if _, r, _ := b.report(t, "h.jsonl"); r.Recorded != 0 || r.Again != 2 || r.Files[0].RefusedFile != "h.jsonl"+refusedSuffix {
		t.Errorf("again: %+v %+v", r, r.Files[0])
	}
	// One that somebody is mending is never written over.
	mended := strings.ReplaceAll(lines[0], "fout-1", "goed-1") + "\n" + `{"geweigerd":{},"tekst":"{\"id\":\"goed-2\"}"}` + "\n"
	put(t, "h.jsonl"+refusedSuffix, mended)
	if _, r, _ := b.report(t, "h.jsonl"); r.Files[0].RefusedFile != "h.jsonl.geweigerd.2.jsonl" {
		t.Errorf("kept in %s", r.Files[0].RefusedFile)
	}
	if now, err := os.ReadFile("h.jsonl" + refusedSuffix); err != nil || string(now) != mended {
		t.Errorf("written over: %v", err)
	}
	code, r, _ = b.report(t, "h.jsonl"+refusedSuffix)
	if code != exitDone || r.Recorded != 2 || b.first["goed-1"] == 0 || b.first["goed-2"] == 0 {
		t.Errorf("mended: exit %d %+v", code, r)
	}
	if code, _, errOut := b.submit(t, "--refused", "h.jsonl", "h.jsonl"); code != exitFailed || !strings.Contains(errOut, "exists") {
		t.Errorf("over a file that is there: exit %d %s", code, errOut)
	}
	if code, _, errOut := b.submit(t, "--refused", "x", "h.jsonl", "h.jsonl"); code != exitUsage {
		t.Errorf("for two files: exit %d %s", code, errOut)
	}
}

// Pretty events are kept on one line, otherwise as they are.
func TestRefusedPretty(t *testing.T) {
	t.Chdir(t.TempDir())
	b := newFakeBook(t)
	put(t, "h.json", "{\n  \"id\": \"fout-1\",\n  \"n\": 1.50, \"x\": \"\\u0041\"\n}\n")
	if code, r, _ := b.report(t, "h.json"); code != exitFailed || r.Refused != 1 {
		t.Fatalf("exit %d %+v", code, r)
	}
	kept, err := os.ReadFile("h.json" + refusedSuffix)
	if err != nil || !strings.HasSuffix(string(kept), `,"melding":{"id":"fout-1","n":1.50,"x":"\u0041"}}`+"\n") {
		t.Errorf("%v %s", err, kept)
	}
}
