package main

import (
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
