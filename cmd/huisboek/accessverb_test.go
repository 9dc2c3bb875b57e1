package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The words, on a book that nobody serves: files are never written over, and a
// credential that was lost is replaced.
func TestAccessVerbs(t *testing.T) {
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
	given := func(out string) (g struct {
		ID, Kind, Creds, Token string
		Replaces               string    `json:"vervangt"`
		Expires                time.Time `json:"verlooptOp"`
	}) {
		t.Helper()
		if err := json.Unmarshal([]byte(out), &g); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return g
	}
	ok("partner", "add", "--oin", oinP, "--name", "Gemeente P", "--kind", "gemeente")
	first, err := os.ReadFile("Gemeente P.creds")
	if err != nil {
		t.Fatal(err)
	}
	second := given(ok("access", "add", "--partner", oinP, "--nats", "--json", "--expires", "365d"))
	if want := "Gemeente P-" + second.ID[:8] + ".creds"; second.Creds != want || second.Token != "" {
		t.Errorf("written to %q, want %q", second.Creds, want)
	}
	if days := time.Until(second.Expires).Hours() / 24; days < 364.9 || days > 365 {
		t.Errorf("for %f days", days)
	}
	if out := ok("access", "add", "--partner", "Gemeente P", "--nats", "--name", "P/planner"); !strings.Contains(out, "P-planner.creds") {
		t.Error(out)
	}
	if now, err := os.ReadFile("Gemeente P.creds"); err != nil || string(now) != string(first) {
		t.Errorf("the first file was written over: %v", err)
	}
	for _, name := range []string{second.Creds, "P-planner.creds"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}

	third := given(ok("access", "rotate", second.ID, "--json"))
	if third.Replaces != second.ID || third.Creds != "Gemeente P-"+third.ID[:8]+".creds" || time.Until(third.Expires) < 364*24*time.Hour {
		t.Errorf("rotated to %+v", third)
	}
	token := given(ok("access", "add", "--role", "board", "--json"))
	if token.Token == "" || token.Creds != "" || !token.Expires.IsZero() {
		t.Errorf("a token: %+v", token)
	}
	next := given(ok("access", "rotate", token.ID, "--overlap", "0", "--json"))
	list := ok("access", "list")
	line := func(id string) string {
		for l := range strings.Lines(list) {
			if strings.HasPrefix(l, id) {
				return l
			}
		}
		return ""
	}
	if l := line(second.ID); !strings.Contains(l, time.Now().UTC().Add(24*time.Hour).Format(time.DateOnly)) {
		t.Errorf("the one that was replaced ends tomorrow: %s", l)
	}
	if l := line(third.ID); !strings.Contains(l, second.ID) {
		t.Errorf("it does not say what it replaces: %s", l)
	}
	if l := line(token.ID); !strings.Contains(l, "ended 20") {
		t.Errorf("it does not say that it ended: %s", l)
	}
	if l := line(next.ID); !strings.Contains(l, "never") || !strings.Contains(l, token.ID) {
		t.Errorf("a token that replaces one: %s", l)
	}
	if strings.Contains(list, "hb_") || !strings.HasPrefix(list, "ID") {
		t.Errorf("list:\n%s", list)
	}

	// The file of the third was lost: it goes, and the second is rotated again.
	for _, c := range []struct {
		words string
		code  int
		says  string
	}{
		{"access rotate " + second.ID, exitFailed, third.ID},
		{"access remove " + third.ID, exitDone, "has ended"},
		{"access rotate " + second.ID, exitDone, "It replaces " + second.ID},
		{"access rotate " + token.ID, exitFailed, "access add"},
		{"access rotate " + next.ID + " --overlap -1s", exitUsage, "0 or more"},
		{"access add --role board --nats", exitUsage, "--partner"},
		{"access add --role board --expires gisteren", exitUsage, "2027-01-31"},
		{"access add --role board --expires 0d", exitUsage, "90d"},
		{"access add --role board --expires 2020-01-31", exitUsage, "past"},
		{"access add --role board --expires 2199-01-31", exitDone, "until 2199-01-31 23:00 UTC"},
		{"partner add --oin " + oinQ + " --name Q --kind sw --expires 2020-01-31", exitUsage, "past"},
	} {
		code, out, errOut := do(t, append(strings.Fields(c.words), "--data", "data")...)
		if code != c.code || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%s: exit %d, want %d with %q\n%s%s", c.words, code, c.code, c.says, out, errOut)
		}
	}
	if left, _ := filepath.Glob(".huisboek-*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if given, _ := filepath.Glob("Q*"); len(given) != 0 {
		t.Errorf("made for a partner that was refused: %v", given)
	}
}
