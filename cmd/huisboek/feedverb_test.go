package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huisboek/events"
)

// TestFeedWords: what cannot be meant is refused before a book is opened.
func TestFeedWords(t *testing.T) {
	for words, says := range map[string]string{
		"feed":                                                   "add, list or remove",
		"feed add --data x":                                      "--for",
		"feed add --data x --for alles":                          "--for",
		"feed add --data x --for partner":                        "--partner",
		"feed add --for regio":                                   "--data",
		"feed add --data x --for regio --employee am-1":          "--employee",
		"feed add --data x --for accountmanager --partner P":     "--employee",
		"feed add --data x --for accountmanager --employee am-1": "--partner",
		"feed remove --data x":                                   "accepts 1 arg",
	} {
		if code, _, errOut := do(t, strings.Fields(words)...); code != exitUsage || !strings.Contains(errOut, says) {
			t.Errorf("%s: exit %d %s", words, code, errOut)
		}
	}
}

// TestFeedServed makes, reads and ends addresses on a book that is served, and then
// looks for them in its log, its metrics and every file of its folder.
func TestFeedServed(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	exited := make(chan int, 1)
	var log bytes.Buffer
	go func() {
		exited <- run(ctx, strings.Fields("serve --data data --region AM36 --listen 127.0.0.1:0 --verbose"), nil, w, &log)
		w.Close()
	}()
	ready, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	url := strings.TrimSpace(strings.TrimPrefix(ready, "ready "))
	ok := func(words ...string) string {
		t.Helper()
		code, out, errOut := do(t, append(words, "--data", "data")...)
		if code != exitDone {
			t.Fatalf("%v: exit %d %s", words, code, errOut)
		}
		return out
	}
	get := func(path, token string) (status int, body string) {
		t.Helper()
		q, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			q.Header.Set("Authorization", "Bearer "+token)
		}
		q.Header.Set("Referer", url+path)
		a, err := http.DefaultClient.Do(q)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		b, err := io.ReadAll(a.Body)
		if err != nil {
			t.Fatal(err)
		}
		return a.StatusCode, string(b)
	}
	var secrets []string
	add := func(words ...string) (g givenFeed) {
		t.Helper()
		if err := json.Unmarshal([]byte(ok(append([]string{"feed", "add", "--json"}, words...)...)), &g); err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, strings.TrimSuffix(strings.TrimPrefix(g.Address, "/agenda/"), ".ics"))
		return g
	}
	ok("partner", "add", "--oin", oinP, "--name", "Gemeente P", "--kind", "gemeente")
	const employee = "am-zegge-07"
	mine := add("--for", "accountmanager", "--partner", "Gemeente P", "--employee", employee, "--name", "telefoon")
	partner := add("--for", "partner", "--partner", oinP)
	region := add("--for", "regio")
	if mine.Partner == "" || partner.Partner != mine.Partner || region.Partner != "" {
		t.Errorf("%+v, %+v, %+v", mine, partner, region)
	}
	for _, f := range []givenFeed{mine, partner, region} {
		if status, body := get(f.Address, ""); status != 200 || !strings.HasPrefix(body, "BEGIN:VCALENDAR\r\n") {
			t.Errorf("%s: %d %s", f.Scope, status, body)
		}
	}
	today := string(events.DateOf(time.Now()))
	list := ok("feed", "list")
	if !strings.Contains(list, "telefoon") || strings.Count(list, today) < 3 || strings.Contains(list, "never") {
		t.Errorf("listed:\n%s", list)
	}
	if out := ok("feed", "remove", region.ID); !strings.Contains(out, "has ended") {
		t.Error(out)
	}
	if code, _, errOut := do(t, "feed", "remove", region.ID, "--data", "data"); code != exitFailed || !strings.Contains(errOut, "feed list") {
		t.Errorf("twice: exit %d %s", code, errOut)
	}
	ok("partner", "remove", oinP)
	for _, f := range []givenFeed{mine, partner, region} {
		if status, _ := get(f.Address, ""); status != 404 {
			t.Errorf("%s: ended, and %d", f.Scope, status)
		}
	}
	if out := ok("feed", "list"); strings.Contains(out, mine.ID) || strings.Contains(out, partner.ID) {
		t.Errorf("of who left:\n%s", out)
	}
	token, err := os.ReadFile(filepath.Join("data", fileSteward))
	if err != nil {
		t.Fatal(err)
	}
	_, metrics := get("/metrics", strings.TrimSpace(string(token)))
	stop()
	if code := <-exited; code != exitDone {
		t.Errorf("exit %d\n%s", code, log.String())
	}

	if !strings.Contains(metrics, `route="GET /agenda/{adres}"`) || !strings.Contains(log.String(), "GET /agenda/{adres}") {
		t.Error("the search finds nothing at all: the route is not there either")
	}
	places := map[string]string{"log": log.String(), "metrics": metrics, "list": list}
	if err := filepath.WalkDir("data", func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		places[path] = string(b)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for where, text := range places {
		for _, secret := range append(secrets, employee) {
			if strings.Contains(text, secret) {
				t.Errorf("%s has %s", where, secret)
			}
		}
	}
	if len(places) < 6 {
		t.Errorf("looked in %d places only", len(places))
	}
}
