package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// fakeBook answers submit as a book does, and remembers what it was offered. An id
// that begins with "fout" is refused.
type fakeBook struct {
	*httptest.Server
	mu      sync.Mutex
	id      string
	origin  string         // of a book that was put back, in JSON
	offered []string       // ids, in order
	first   map[string]int // position, by id
	fail    func(request int, w http.ResponseWriter) bool
	asked   int
	making  bool // its views
}

func newFakeBook(t *testing.T) *fakeBook {
	b := &fakeBook{id: "boek-1", origin: "null", first: map[string]int{}}
	b.Server = httptest.NewServer(b)
	t.Cleanup(b.Close)
	return b
}

func (b *fakeBook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodGet {
		if b.making {
			w.Header().Set("Content-Type", "application/problem+json")
			w.Header().Set("Retry-After", "5")
			w.WriteHeader(http.StatusServiceUnavailable)
			io.WriteString(w, `{"type":"tag:x:probleem/beelden-worden-opgebouwd","status":503,"title":"De overzichten worden opgebouwd"}`)
			return
		}
		fmt.Fprintf(w, `{"boek":{"id":%q,"hersteld":%s}}`, b.id, b.origin)
		return
	}
	b.asked++
	if b.fail != nil && b.fail(b.asked, w) {
		return
	}
	var all []jsontext.Value
	if err := json.UnmarshalRead(r.Body, &all); err != nil {
		http.Error(w, err.Error(), http.StatusTeapot)
		return
	}
	io.WriteString(w, `{"resultaten":[`)
	for i, raw := range all {
		var e struct {
			ID string `json:"id"`
		}
		json.Unmarshal(raw, &e) // what is no event has no id
		b.offered = append(b.offered, e.ID)
		position, again := b.first[e.ID]
		status := http.StatusCreated
		if again {
			status = http.StatusOK
		} else if position = len(b.first) + 3; !strings.HasPrefix(e.ID, "fout") {
			b.first[e.ID] = position
		}
		if i > 0 {
			io.WriteString(w, ",")
		}
		if strings.HasPrefix(e.ID, "fout") {
			io.WriteString(w, `{"status":400,"probleem":{"type":"tag:x:probleem/ongeldig","status":400,"title":"Ongeldig","fouten":[{"veld":"/id","code":"zo-niet","zin":{"nl":"Zo niet.","en":"Not like this."}}]}}`)
			continue
		}
		fmt.Fprintf(w, `{"status":%d,"ontvangstbewijs":{"id":%q,"positie":%d,"oordeel":"vrij"}}`, status, e.ID, position)
	}
	io.WriteString(w, "]}")
}

// submit runs the verb in the folder that is current.
func (b *fakeBook) submit(t *testing.T, words ...string) (code int, out, errOut string) {
	t.Helper()
	return do(t, append([]string{"submit", "--token", "x", "--server", b.URL}, words...)...)
}

func (b *fakeBook) report(t *testing.T, words ...string) (code int, r submitReport, errOut string) {
	t.Helper()
	code, out, errOut := b.submit(t, append([]string{"--json", "--quiet"}, words...)...)
	if out != "" {
		if err := json.Unmarshal([]byte(out), &r); err != nil {
			t.Fatalf("%v: %s\n%s", err, out, errOut)
		}
	}
	return code, r, errOut
}

// bigLines are so many events on lines of 300 bytes: enough for a state.
func bigLines(from, to int) string {
	var b strings.Builder
	for n := from; n <= to; n++ {
		fmt.Fprintf(&b, `{"id":"e%d","vulling":%q}`+"\n", n, strings.Repeat("x", 270))
	}
	return b.String()
}

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// breakOff lets every request from the n-th on fail for good.
func (b *fakeBook) breakOff(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked = 0
	b.fail = func(request int, w http.ResponseWriter) bool {
		if request < n {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		return true
	}
}

func (b *fakeBook) mend() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fail, b.offered, b.asked = nil, nil, 0
}

// A file that was broken off goes on from there; one that is no longer the same,
// or for another book, begins again; nothing is left behind in the end.
func TestSubmitGoesOn(t *testing.T) {
	const n = 1_200 // three requests
	whole := "{\"id\":\"fout-1\"}\n" + bigLines(2, n)
	for _, c := range []struct {
		name   string
		file   string // h.jsonl, or pretty
		change func(t *testing.T, b *fakeBook, name string)
		words  []string
		first  string // the first event that is offered then
		says   string
		code   int
	}{
		{"as it was", "h.jsonl", nil, nil, "e501", "goes on after event 500", exitFailed},
		{"not in lines", "h.json", nil, nil, "e501", "goes on after event 500", exitFailed},
		{"grown", "h.jsonl", func(t *testing.T, _ *fakeBook, name string) { put(t, name, whole+bigLines(n+1, n+9)) }, nil, "e501", "goes on after event 500", exitFailed},
		{"changed behind that", "h.jsonl", func(t *testing.T, _ *fakeBook, name string) {
			put(t, name, strings.Replace(whole, `"e900"`, `"x900"`, 1))
		}, nil, "e501", "goes on", exitFailed},
		{"changed before that", "h.jsonl", func(t *testing.T, _ *fakeBook, name string) { put(t, name, " "+whole) }, nil, "fout-1", "the file is not what it was", exitFailed},
		{"shorter", "h.jsonl", func(t *testing.T, _ *fakeBook, name string) {
			put(t, name, whole[:strings.Index(whole, `{"id":"e300"`)])
		}, nil, "fout-1", "the file is not what it was", exitFailed},
		{"another book", "h.jsonl", func(_ *testing.T, b *fakeBook, _ string) { b.id = "boek-2" }, nil, "fout-1", "another book", exitFailed},
		{"put back since", "h.jsonl", func(_ *testing.T, b *fakeBook, _ string) {
			b.origin = `{"op":"2026-11-22T11:00:00Z","positie":300}`
		}, nil, "fout-1", "the book was put back from a backup since: everything is offered again, nothing counts twice", exitFailed},
		{"restart", "h.jsonl", nil, []string{"--restart"}, "fout-1", "--restart", exitFailed},
		{"a state that is no state", "h.jsonl", func(t *testing.T, _ *fakeBook, name string) { put(t, name+stateSuffix, "{") }, nil, "fout-1", "cannot be read", exitFailed},
		{"another --afterwards", "h.jsonl", nil, []string{"--afterwards"}, "", "--afterwards was not the same", exitUsage},
		{"without its refused events", "h.jsonl", func(t *testing.T, _ *fakeBook, name string) {
			if err := os.Remove(name + refusedSuffix); err != nil {
				t.Fatal(err)
			}
		}, nil, "", "--restart begins again", exitFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			b := newFakeBook(t)
			text := whole
			if c.file == "h.json" {
				text = "[" + strings.ReplaceAll(strings.TrimSuffix(whole, "\n"), "\n", ",\n ") + "]"
			}
			put(t, c.file, text)
			b.breakOff(2)
			code, _, errOut := b.submit(t, "--quiet", c.file)
			if code != exitFailed || !strings.Contains(errOut, "broken off after event 500") {
				t.Fatalf("exit %d %s", code, errOut)
			}
			if info, err := os.Stat(c.file + stateSuffix); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("what is written down: %v %v", info, err)
			}
			b.mend()
			if c.change != nil {
				c.change(t, b, c.file)
			}
			code, r, errOut := b.report(t, append(c.words, c.file)...)
			if code != c.code || !strings.Contains(errOut, c.says) {
				t.Errorf("exit %d %s", code, errOut)
			}
			if c.first == "" {
				if len(b.offered) > 0 {
					t.Errorf("%d were offered all the same", len(b.offered))
				}
				return
			}
			if b.offered[0] != c.first {
				t.Errorf("begins with %s, want %s", b.offered[0], c.first)
			}
			if c.first == "e501" && (r.Files[0].Resumed != 500 || r.Recorded+r.Again < n-1 || r.Again != 0) {
				t.Errorf("reported %+v %+v", r, r.Files[0])
			}
			if r.Refused != 1 || r.Codes["zo-niet"] != 1 {
				t.Errorf("refused %+v", r)
			}
			left, err := filepath.Glob("*")
			if err != nil || !slices.Equal(left, []string{c.file, c.file + refusedSuffix}) {
				t.Errorf("%q %v are left", left, err)
			}
			if kept, err := os.ReadFile(c.file + refusedSuffix); err != nil || strings.Count(string(kept), `{"geweigerd":`) != 1 {
				t.Errorf("%v, kept as refused:\n%s", err, kept)
			}
			for id := range b.first {
				if k := slices.Index(b.offered, id); k >= 0 && slices.Contains(b.offered[k+1:], id) {
					t.Errorf("%s was offered twice", id)
				}
			}
		})
	}
}

// A book that was put back before the first run is the same one in the next; put back
// once more it is not.
func TestSubmitPutBack(t *testing.T) {
	t.Chdir(t.TempDir())
	b := newFakeBook(t)
	put(t, "h.jsonl", bigLines(1, 1_200))
	for _, c := range []struct{ before, after, first string }{
		{`{"op":"2026-11-22T11:00:00Z","positie":300}`, `{"op":"2026-11-22T12:00:00+01:00","positie":300}`, "e501"},
		{`{"op":"2026-11-22T11:00:00Z","positie":300}`, `{"op":"2026-11-22T11:00:01Z","positie":300}`, "e1"},
		{`{"op":"2026-11-22T11:00:00Z","positie":300}`, `{"op":"2026-11-22T11:00:00Z","positie":301}`, "e1"},
		{`{"op":"2026-11-22T11:00:00Z","positie":300}`, "null", "e1"},
	} {
		b.origin = c.before
		b.breakOff(2)
		if code, _, errOut := b.submit(t, "--quiet", "h.jsonl"); code != exitFailed || !strings.Contains(errOut, "broken off after event 500") {
			t.Fatalf("exit %d %s", code, errOut)
		}
		b.mend()
		b.origin = c.after
		if code, _, errOut := b.submit(t, "--quiet", "h.jsonl"); code != exitDone || b.offered[0] != c.first {
			t.Errorf("%s after %s: exit %d, begins with %s: %s", c.after, c.before, code, b.offered[0], errOut)
		}
	}
}

// While the book makes its views anew it cannot say which book it is: a file is
// offered all the same, at once and from the beginning, and nothing is written down.
func TestSubmitWhileViewsAreMade(t *testing.T) {
	t.Chdir(t.TempDir())
	b := newFakeBook(t)
	put(t, "h.jsonl", bigLines(1, 1_200))
	b.making = true
	b.breakOff(2)
	code, _, errOut := b.submit(t, "--quiet", "--patience", "1s", "h.jsonl")
	if code != exitFailed || len(b.offered) != 500 || !strings.Contains(errOut, "makes its views anew") || strings.Contains(errOut, "goes on from there") {
		t.Errorf("exit %d, %d offered: %s", code, len(b.offered), errOut)
	}
	b.making = false
	b.breakOff(2)
	if code, _, errOut = b.submit(t, "--quiet", "h.jsonl"); code != exitFailed || !strings.Contains(errOut, "goes on from there") {
		t.Errorf("exit %d: %s", code, errOut)
	}
	b.mend()
	b.making = true
	if code, _, errOut = b.submit(t, "--quiet", "h.jsonl"); code != exitDone || b.offered[0] != "e1" || strings.Contains(errOut, "offering the same again") {
		t.Errorf("exit %d: %s", code, errOut)
	}
	if left, err := filepath.Glob("*"); err != nil || len(left) != 1 {
		t.Errorf("%q %v are left", left, err)
	}
}

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

// A small file leaves nothing behind, and nor does a trial.
func TestSubmitWithoutState(t *testing.T) {
	t.Chdir(t.TempDir())
	b := newFakeBook(t)
	put(t, "klein.jsonl", `{"id":"a"}`+"\n")
	b.breakOff(1)
	if code, _, errOut := b.submit(t, "klein.jsonl"); code != exitFailed || strings.Contains(errOut, "goes on") {
		t.Errorf("exit %d %s", code, errOut)
	}
	put(t, "groot.jsonl", bigLines(1, 1_200))
	b.breakOff(2)
	if code, _, errOut := b.submit(t, "--proef", "groot.jsonl"); code != exitFailed || strings.Contains(errOut, "goes on") {
		t.Errorf("exit %d %s", code, errOut)
	}
	if left, _ := filepath.Glob("*"); len(left) != 2 {
		t.Errorf("%q are left", left)
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

// Which lines are printed: for people the first thousand, with --json all, with
// --quiet none, and always the report or all lines, but never both in JSON.
func TestSubmitLines(t *testing.T) {
	t.Chdir(t.TempDir())
	b := newFakeBook(t)
	put(t, "h.jsonl", "{\"id\":\"fout-1\"}\n"+bigLines(2, 1_500))
	for _, c := range []struct {
		words string
		out   int // lines
		last  string
		err   bool // something is said about what was refused
	}{
		{"", fewLines + 1 + 3, "h.jsonl.geweigerd.jsonl has", true},
		{"--quiet", 3, "h.jsonl.geweigerd.jsonl has", true},
		{"--json", 1_500, `"nummer":1500`, false},
		{"--json --quiet", 1, `"bestanden":[{`, false},
	} {
		code, out, errOut := b.submit(t, append(strings.Fields(c.words), "h.jsonl")...)
		lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
		if code != exitFailed || len(lines) != c.out || !strings.Contains(lines[len(lines)-1], c.last) {
			t.Errorf("%q: exit %d, %d lines, the last %.200s", c.words, code, len(lines), lines[len(lines)-1])
		}
		if (errOut != "") != c.err {
			t.Errorf("%q: on standard error %q", c.words, errOut)
		}
	}
	var many strings.Builder
	for n := range 300 {
		fmt.Fprintf(&many, "{\"id\":\"fout-%d\"}\n", n)
	}
	put(t, "slecht.jsonl", many.String())
	code, out, errOut := b.submit(t, "slecht.jsonl")
	if n := strings.Count(errOut, "zo-niet"); code != exitFailed || n != fewRefusals-1 || !strings.Contains(errOut, "only the report") || !strings.Contains(out, "     300  zo-niet") {
		t.Errorf("exit %d, %d told\n%s", code, n, out)
	}
}

// The book says when to come back; that is told once, and a line that is lost each
// time.
func TestSubmitWaits(t *testing.T) {
	t.Chdir(t.TempDir())
	b := newFakeBook(t)
	put(t, "h.jsonl", bigLines(1, 1_500))
	b.fail = func(request int, w http.ResponseWriter) bool {
		if request%2 == 0 {
			return false
		}
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusTooManyRequests)
		io.WriteString(w, `{"status":429,"title":"Te veel tegelijk"}`)
		return true
	}
	code, r, errOut := b.report(t, "h.jsonl")
	if code != exitDone || r.Recorded != 1_500 || strings.Count(errOut, "send slower") != 1 || strings.Contains(errOut, "no receipt yet") {
		t.Errorf("exit %d %+v %s", code, r, errOut)
	}
	b.mend()
	b.fail = func(request int, w http.ResponseWriter) bool {
		if slices.Contains([]int{2, 3, 5, 6}, request) { // once more at once, on a new connection (net/http)
			panic(http.ErrAbortHandler)
		}
		return false
	}
	if code, r, errOut = b.report(t, "h.jsonl"); code != exitDone || r.Again != 1_500 || strings.Count(errOut, "no receipt yet") != 2 {
		t.Errorf("exit %d %+v %s", code, r, errOut)
	}
	b.mend()
	b.fail = func(int, http.ResponseWriter) bool { panic(http.ErrAbortHandler) }
	if code, _, errOut = b.report(t, "--patience", "300ms", "h.jsonl"); code != exitFailed || !strings.Contains(errOut, "no more patience after 300ms") {
		t.Errorf("exit %d %s", code, errOut)
	}
	if code, _, _ := b.report(t, "--patience", "0s", "h.jsonl"); code != exitUsage {
		t.Errorf("no patience at all: exit %d", code)
	}
}

func TestSubmitAfterwards(t *testing.T) {
	s := serveHouse(t, "")
	file := checkService("1", "2020-01-05", "") + checkService("2", "2020-01-06", "")
	for range 2 {
		if code, out, errOut := doWith(t, file, append([]string{"submit", "--afterwards", "-"}, s.over["http"]...)...); code != exitDone {
			t.Fatalf("exit %d %s%s", code, out, errOut)
		}
	}
	if r, err := s.recordAt(t.Context(), 3); err != nil || !r.Event.Afterwards {
		t.Errorf("recorded %+v %v", r, err)
	}
	if code, out, _ := doWith(t, file, append([]string{"submit", "-"}, s.over["http"]...)...); code != exitFailed || !strings.Contains(out, "andere-inhoud") {
		t.Errorf("without it: exit %d %s", code, out)
	}
}

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

func TestAccessRate(t *testing.T) {
	t.Chdir(t.TempDir())
	h, err := openHouse(t.Context(), settings{Dir: "data", Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	ok := func(words ...string) string {
		t.Helper()
		code, out, errOut := do(t, append(words, "--data", "data")...)
		if code != exitDone {
			t.Fatalf("%v: exit %d %s", words, code, errOut)
		}
		return out
	}
	ok("partner", "add", "--oin", oinP, "--name", "P", "--kind", "gemeente")
	var made struct {
		ID   string `json:"id"`
		Rate int    `json:"tempo"`
	}
	if err := json.Unmarshal([]byte(ok("access", "add", "--partner", oinP, "--rate", "5000", "--json")), &made); err != nil || made.Rate != 5_000 {
		t.Errorf("%+v %v", made, err)
	}
	listed := func() (rate string) {
		for line := range strings.Lines(ok("access", "list")) {
			if f := strings.Fields(line); f[0] == made.ID {
				rate = f[len(f)-1]
			}
		}
		return rate
	}
	if got := listed(); got != "5000" {
		t.Errorf("listed with %s", got)
	}
	if out := ok("access", "rate", made.ID, "--rate", "20000"); !strings.Contains(out, "up to 20000 events a second") || listed() != "20000" {
		t.Error(out)
	}
	if out := ok("access", "rate", made.ID, "--rate", "0"); !strings.Contains(out, "as every other") || listed() == "0" {
		t.Error(out)
	}
	for _, c := range []struct {
		words string
		code  int
	}{
		{"access rate " + made.ID, exitUsage}, {"access rate " + made.ID + " --rate -1", exitUsage}, {"access rate " + made.ID + " --rate 1000001", exitUsage},
		{"access rate --rate 1", exitUsage}, {"access rate onbekend --rate 1", exitFailed}, {"access add --role board --rate 5", exitUsage},
	} {
		if code, _, errOut := do(t, append(strings.Fields(c.words), "--data", "data")...); code != c.code {
			t.Errorf("%s: exit %d %s", c.words, code, errOut)
		}
	}
}
