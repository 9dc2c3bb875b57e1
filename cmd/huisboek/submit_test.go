package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/spf13/pflag"
)

func TestEachValue(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     []string
		fails    bool
	}{
		{"nothing", " \n", nil, false},
		{"one", `{"id":"a"}`, []string{`{"id":"a"}`}, false},
		{"lines", "{\"id\":\"a\"}\n{\"id\":\"b\"}\n", []string{`{"id":"a"}`, `{"id":"b"}`}, false},
		{"an array", `[{"id":"a"}, {"id":"b"}]`, []string{`{"id":"a"}`, `{"id":"b"}`}, false},
		{"arrays and lines", `[{"id":"a"}] {"id":"b"} []`, []string{`{"id":"a"}`, `{"id":"b"}`}, false},
		{"as it was written", `{ "n" : 1.50, "n" : -0 }`, []string{`{ "n" : 1.50, "n" : -0 }`}, false},
		{"bytes that are no UTF-8", "{\"id\":\"\xff\"}", []string{"{\"id\":\"\xff\"}"}, false},
		{"a list within an event", `{"a":[1,[2]]}`, []string{`{"a":[1,[2]]}`}, false},
		{"what is no event is for the ledger to refuse", `1 "x" null`, []string{`1`, `"x"`, `null`}, false},
		{"broken off", "{\"id\":\"a\"}\n{\"id\":", []string{`{"id":"a"}`}, true},
		{"an array that is broken off", `[{"id":"a"},`, []string{`{"id":"a"}`}, true},
		{"no JSON", "id;datum\na;b", nil, true},
		{"a bracket too many", `{"id":"a"}]`, []string{`{"id":"a"}`}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			err := eachValue(strings.NewReader(c.in), func(raw []byte, end int64) error {
				if !strings.HasSuffix(c.in[:end], string(raw)) {
					t.Errorf("%q does not end at %d", raw, end)
				}
				got = append(got, string(raw))
				return nil
			})
			if !slices.Equal(got, c.want) || (err != nil) != c.fails {
				t.Errorf("got %q %v, want %q", got, err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), "not JSON") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEachValueStops(t *testing.T) {
	enough := errors.New("enough")
	n := 0
	err := eachValue(strings.NewReader(`{} {} {}`), func([]byte, int64) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%d events, %v", n, err)
	}
}

// What was read is handed on before more is waited for, in batches of the right
// size, and also when the file breaks off behind it.
func TestInBatches(t *testing.T) {
	r, w := io.Pipe()
	got := make(chan string)
	done := make(chan error)
	go func() {
		done <- inBatches("-", r, 2, func(all [][]byte) error {
			got <- string(bytes.Join(all, []byte(" ")))
			return nil
		})
	}()
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"1 2 3\n", []string{"1 2", "3"}},
		{"[4,\n", []string{"4"}},
		{"5, 6] 7 8\n", []string{"5 6", "7 8"}},
		{"9 {", []string{"9"}},
	} {
		go io.WriteString(w, c.in)
		for _, want := range c.want {
			if all := <-got; all != want {
				t.Errorf("handed on %q, want %q", all, want)
			}
		}
	}
	w.Close()
	if err := <-done; err == nil || !strings.Contains(err.Error(), "not JSON") {
		t.Errorf("got %v", err)
	}
	var last [][]byte
	if err := inBatches("-", strings.NewReader("1 2 x"), 9, func(all [][]byte) error { last = all; return nil }); err == nil || len(last) != 2 {
		t.Errorf("before what is no JSON: %q %v", last, err)
	}
	enough := errors.New("enough")
	if err := inBatches("-", strings.NewReader("1 2 3"), 1, func([][]byte) error { return enough }); !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
}

func TestChooseWayIn(t *testing.T) {
	for _, c := range []struct {
		name, words, env string
		nats, fails      bool
	}{
		{"creds", "--creds a", "", true, false},
		{"token", "--token a", "", false, false},
		{"neither", "", "", false, true},
		{"both", "--creds a --token b", "", false, true},
		{"creds before a token of the environment", "--creds a", "TOKEN", true, false},
		{"token before creds of the environment", "--token a", "CREDS", false, false},
		{"both of the environment", "", "TOKEN CREDS", false, true},
		{"creds of the environment", "", "CREDS", true, false},
		{"the address for HTTP chooses", "--server http://127.0.0.1:1", "TOKEN CREDS", false, false},
		{"the address for NATS chooses", "--nats nats://127.0.0.1:1", "TOKEN CREDS", true, false},
		{"both addresses", "--nats nats://127.0.0.1:1 --server http://127.0.0.1:1", "TOKEN CREDS", false, true},
		{"addresses of the environment", "", "TOKEN CREDS SERVER NATS", false, true},
		{"an address of the environment does not choose", "--server http://127.0.0.1:1", "TOKEN CREDS NATS", false, false},
		{"creds before the address for HTTP", "--creds a --server http://127.0.0.1:1", "TOKEN", true, false},
		{"token before the address for NATS", "--token a --nats nats://127.0.0.1:1", "CREDS", false, false},
		{"the address of the other door", "--server http://127.0.0.1:1", "CREDS", false, true},
		{"typed as it stands in the environment", "--creds uit-CREDS", "TOKEN CREDS", true, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range strings.Fields(c.env) {
				t.Setenv("HUISBOEK_"+name, "uit-"+name)
			}
			var w wayIn
			f := pflag.NewFlagSet("proef", pflag.ContinueOnError)
			w.flags(f)
			if err := errors.Join(f.Parse(strings.Fields(c.words)), fromEnvironment(f)); err != nil {
				t.Fatal(err)
			}
			if err := w.choose("submit"); (err != nil) != c.fails || err == nil && w.overNATS() != c.nats {
				t.Errorf("over NATS %v, %v", w.overNATS(), err)
			}
		})
	}
}

// The same file over either door: the same receipts and refusals, in order.
func TestSubmitBothDoors(t *testing.T) {
	s := serveHouse(t, "")
	file := checkPlan("1", "2026-12-01") + checkMove("2") + checkService("3", "2026-02-30", "") + "[" + checkService("4", "2026-01-05", "") + "]" + `{"id":`
	for _, door := range []string{"http", "nats", "http"} {
		code, out, errOut := doWith(t, file, append([]string{"submit", "--json", "-"}, s.over[door]...)...)
		if code != exitFailed || !strings.Contains(errOut, "not JSON") {
			t.Errorf("%s: exit %d %s", door, code, errOut)
		}
		for i, part := range []string{`"positie":3`, `"positie":4`, `"probleem":{`, `"positie":5`} {
			lines := strings.Split(out, "\n")
			if len(lines) != 5 || !strings.Contains(lines[i], part) || !strings.Contains(lines[i], fmt.Sprintf(`"nummer":%d`, i+1)) {
				t.Errorf("%s: line %d is not of %s:\n%s", door, i, part, out)
				break
			}
		}
	}
	if p := s.ledger.Position(); p != 5 {
		t.Errorf("the book is at %d", p)
	}
	code, out, _ := doWith(t, checkPlan("5", "2026-12-01")+checkMove("6"), append([]string{"submit", "-"}, s.over["http"]...)...)
	if code != exitFailed || !strings.Contains(out, "-, event 2: position 6, let-op") || !strings.Contains(out, "2 answered: 1 recorded, 0 seen before, 1 refused") {
		t.Errorf("for people: exit %d\n%s", code, out)
	}
}

func TestSubmitTries(t *testing.T) {
	s := serveHouse(t, "")
	file := checkPlan("1", "2026-12-01") + checkMove("2")
	code, out, errOut := doWith(t, file, append([]string{"submit", "--proef", "-"}, s.over["http"]...)...)
	if code != exitDone || !strings.Contains(out, "-, event 2: good, let-op") || !strings.Contains(out, "2 good, and not recorded") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	code, _, _ = doWith(t, checkMove("2"), append([]string{"submit", "--proef", "-"}, s.over["http"]...)...)
	if code != exitFailed {
		t.Errorf("a refusal gives exit %d", code)
	}
	if p := s.ledger.Position(); p != 2 {
		t.Errorf("the book is at %d", p)
	}
	code, _, errOut = doWith(t, file, append([]string{"submit", "--proef", "-"}, s.over["nats"]...)...)
	if code != exitUsage || !strings.Contains(errOut, "HTTP only") {
		t.Errorf("over NATS: exit %d %s", code, errOut)
	}
	code, _, errOut = doWith(t, file, "submit", "-", "--token", "onbekend", "--server", s.http.URL)
	if code != exitFailed || !strings.Contains(errOut, "HUISBOEK_TOKEN") {
		t.Errorf("another token: exit %d %s", code, errOut)
	}
}

// Of a batch that was answered in part, the rest is offered again from the first
// that has no final answer: each is told once, in order.
func TestSubmitAgain(t *testing.T) {
	const busy = `{"status":503,"ontvangstbewijs":null,"probleem":{"status":503,"title":"Het is te druk","fouten":[]}}`
	answer := func(id string, position int) string {
		return fmt.Sprintf(`{"status":201,"ontvangstbewijs":{"id":%q,"positie":%d,"oordeel":"vrij"},"probleem":null}`, id, position)
	}
	const refused = `{"status":400,"ontvangstbewijs":null,"probleem":{"status":400,"type":"tag:x,2026:probleem/ongeldig","title":"Ongeldig","fouten":[]}}`
	const failed = `{"status":500,"ontvangstbewijs":null,"probleem":{"status":500,"type":"tag:x,2026:probleem/interne-fout","title":"Interne fout","fouten":[]}}`
	script := []struct {
		status int
		body   string
		ids    string // that are expected
	}{
		{503, `{"status":503,"title":"Het is te druk"}`, "a b c d"},
		{200, `{"resultaten":[` + strings.Join([]string{answer("a", 3), busy, answer("c", 4), busy}, ",") + `]}`, "a b c d"},
		{200, `{"resultaten":[` + strings.Join([]string{refused, answer("c", 4), failed}, ",") + `]}`, "b c d"},
	}
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var all []struct{ ID string }
		if err := json.UnmarshalRead(r.Body, &all, json.MatchCaseInsensitiveNames(true)); err != nil || n == len(script) {
			t.Errorf("request %d: %v", n, err)
			return
		}
		ids := make([]string, len(all))
		for i, e := range all {
			ids[i] = e.ID
		}
		step := script[n]
		n++
		if got := strings.Join(ids, " "); got != step.ids {
			t.Errorf("request %d offers %s, want %s", n, got, step.ids)
		}
		kind := "application/json"
		if step.status != http.StatusOK {
			kind = "application/problem+json"
			w.Header().Set("Retry-After", "0")
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(step.status)
		io.WriteString(w, step.body)
	}))
	defer server.Close()
	code, out, errOut := doWith(t, `{"id":"a"} {"id":"b"} {"id":"c"} {"id":"d"}`, "submit", "--token", "x", "--server", server.URL, "-")
	want := "-, event 1: position 3, vrij\n-, event 3: position 4, vrij\n4 answered: 2 recorded, 0 seen before, 2 refused\n       1  interne-fout\n       1  ongeldig\n"
	if code != exitFailed || out != want || n != len(script) || !strings.Contains(errOut, "no receipt yet") {
		t.Errorf("exit %d after %d requests\n%s%s", code, n, out, errOut)
	}
}
