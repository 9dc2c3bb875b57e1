package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// do runs the program's words in this process.
func do(t *testing.T, words ...string) (code int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	code = run(t.Context(), words, strings.NewReader(""), &o, &e)
	return code, o.String(), e.String()
}

// Whom to forget is typed: what stands in the environment for another verb is not
// taken for it.
func TestEraseTakesNothingFromTheEnvironment(t *testing.T) {
	t.Setenv("HUISBOEK_SOURCE", "urn:nld:oin:00000099000000001000:systeem:crm")
	t.Setenv("HUISBOEK_GROUND", "verzoek")
	words := []string{"erase", "--data", t.TempDir(), "--partner", "P", "--employee", "am-1"}
	if code, _, errOut := do(t, words...); code != exitUsage || !strings.Contains(errOut, "--ground") {
		t.Errorf("exit %d: %s", code, errOut)
	}
	if code, _, errOut := do(t, append(words, "--ground", "verzoek")...); code != exitFailed || !strings.Contains(errOut, "no book") {
		t.Errorf("exit %d: %s", code, errOut)
	}
}

func TestExitCodes(t *testing.T) {
	empty := t.TempDir()
	for _, c := range []struct {
		words string
		code  int
		says  string // on either
	}{
		{"", exitDone, "Usage"},
		{"--help", exitDone, "Usage"},
		{"version", exitDone, "stored format 1"},
		{"version --json", exitDone, `"formaat": 1`},
		{"nonsense", exitUsage, "nonsense"},
		{"version --nonsense", exitUsage, "nonsense"},
		{"version extra", exitUsage, "extra"},
		{"partner", exitUsage, "add, list or remove"},
		{"partner nonsense", exitUsage, "nonsense"},
		{"partner add --data x --name A", exitUsage, "--kind"},
		{"partner add --data x --name A --kind uwv --oin 1 --kvk 2", exitUsage, "one of --oin and --kvk"},
		{"partner list", exitUsage, "--data"},
		{"partner list --data " + empty, exitFailed, "no book"},
		{"partner remove --data " + empty, exitUsage, "accepts 1 arg"},
		{"access", exitUsage, "rotate"},
		{"access add --data " + empty, exitUsage, "--role"},
		{"access add --data x --role partner", exitUsage, "--partner"},
		{"access add --data x --role board --partner P", exitUsage, "one of"},
		{"serve", exitUsage, "--data"},
		{"serve --data x --region AM04", exitUsage, "AM04"},
		{"serve --data x --region AM36 --listen 0.0.0.0:0", exitUsage, "--insecure"},
		{"serve --data x --region AM36 --listen nowhere", exitUsage, "host:port"},
		{"serve --data x --region AM36 --nats-listen :4222", exitUsage, "--insecure"},
		{"serve --data x --tls-cert c.pem", exitUsage, "--tls-key"},
		{"serve --data x --region AM36 --listen 127.0.0.1:0 --erasures x/list", exitUsage, "data folder"},
		{"submit", exitUsage, "requires at least 1 arg"},
		{"submit x.json", exitUsage, "--creds"},
		{"submit --token t --server http://192.0.2.1:1 x.json", exitUsage, "--insecure"},
		{"submit --token t --server http://192.0.2.1:1 --insecure x.json", exitFailed, "x.json"},
		{"submit --token t --server http://127.0.0.1:1 x.json", exitFailed, "x.json"},
		{"check --token t --server http://192.0.2.1:1 x.json", exitUsage, "use https"},
		{"who 69599084 --token t --server http://192.0.2.1:1", exitUsage, "--insecure"},
		{"who 69599084 --token t --server http://127.0.0.1:1", exitFailed, "127.0.0.1:1"},
		{"who", exitUsage, "at least 1 arg"},
		{"who 123", exitUsage, "8 digits"},
		{"who 69599084 abc 90004760", exitUsage, `"abc" is no employer: `},
		{"who 69599084 abc 90004760", exitUsage, "of the 3 that were given none was asked"},
		{"who 69599084 abc def", exitUsage, `"abc", "def" are no employers: `},
		{"who 69599084 --server http://127.0.0.1:1", exitFailed, "127.0.0.1:1"},
		{"health --server http://127.0.0.1:1", exitFailed, "127.0.0.1:1"},
		{"erase --data x --ground verzoek", exitUsage, "one of --employee"},
		{"erase --data x --ground verzoek --employee e", exitUsage, "--partner"},
		{"erase --data x --ground verzoek --source s", exitUsage, "--id"},
		{"erase --data x --ground verzoek --partner p --employee e --texts", exitUsage, "--employer"},
		{"erase --data x --employer 69599084", exitUsage, "--ground"},
		{"verify --data " + empty, exitFailed, "no book"},
		{"rebuild --data " + empty, exitFailed, "no book"},
	} {
		t.Run(c.words, func(t *testing.T) {
			t.Chdir(t.TempDir())
			code, out, errOut := do(t, strings.Fields(c.words)...)
			if code != c.code || !strings.Contains(out+errOut, c.says) {
				t.Errorf("exit %d, want %d with %q\n%s%s", code, c.code, c.says, out, errOut)
			}
			if code == exitUsage && !strings.HasSuffix(errOut, "See huisboek --help.\n") {
				t.Errorf("wrong words are not followed by where to look: %s", errOut)
			}
		})
	}
}

func TestFromEnvironment(t *testing.T) {
	flags := func() (*pflag.FlagSet, *string, *int64, *[]string) {
		f := pflag.NewFlagSet("proef", pflag.ContinueOnError)
		return f, f.String("nats-listen", "standaard", ""), f.Int64("max-bytes", 1, ""), f.StringSlice("gemeente", nil, "")
	}
	t.Setenv("HUISBOEK_NATS_LISTEN", "127.0.0.1:1")
	t.Setenv("HUISBOEK_MAX_BYTES", "5")
	t.Setenv("HUISBOEK_GEMEENTE", "GM0193,GM0150")
	f, listen, size, places := flags()
	if err := f.Parse([]string{"--max-bytes", "7"}); err != nil {
		t.Fatal(err)
	}
	if err := fromEnvironment(f); err != nil {
		t.Fatal(err)
	}
	if *listen != "127.0.0.1:1" || *size != 7 || len(*places) != 2 {
		t.Errorf("got %s %d %v: a flag comes before its variable", *listen, *size, *places)
	}
	t.Setenv("HUISBOEK_MAX_BYTES", "veel")
	f, _, _, _ = flags()
	if err := fromEnvironment(f); err == nil || !strings.Contains(err.Error(), "HUISBOEK_MAX_BYTES") {
		t.Errorf("got %v, want the name of the variable", err)
	}
}

// The administration of a book that nobody serves, by words alone.
func TestAdministration(t *testing.T) {
	t.Chdir(t.TempDir())
	h, err := openHouse(t.Context(), settings{Dir: "data", Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	add := []string{"partner", "add", "--data", "data", "--oin", "00000099000000001000", "--name", "Gemeente Proef", "--kind", "gemeente", "--json"}
	for _, c := range []struct {
		words []string
		code  int
		says  string
	}{
		{[]string{"partner", "list", "--data", "data"}, exitDone, "No partners yet"},
		{add, exitDone, `"creds": "Gemeente Proef.creds"`},
		{add, exitFailed, "is here already"},
		{[]string{"partner", "add", "--data", "data", "--oin", "00000099000000001000", "--name", "Anders", "--kind", "gemeente"}, exitFailed, "takes part already"},
		{[]string{"partner", "add", "--data", "data", "--oin", "00000099000000002000", "--name", "Fout", "--kind", "bakker"}, exitFailed, "/data/soort"},
		{[]string{"partner", "list", "--data", "data", "--json"}, exitDone, `"urn:nld:oin:00000099000000001000"`},
		{[]string{"access", "add", "--data", "data", "--role", "board", "--name", "Beraad"}, exitDone, "Token (shown this once)"},
		{[]string{"access", "list", "--data", "data"}, exitDone, "Beraad"},
		{[]string{"access", "remove", "--data", "data", "geen"}, exitFailed, "access list"},
		{[]string{"erase", "--data", "data", "--partner", "Gemeente Proef", "--employee", "m1", "--ground", "verzoek"}, exitFailed, "nothing is kept"},
		{[]string{"erase", "--data", "data", "--partner", "Niemand", "--employee", "m1", "--ground", "verzoek"}, exitFailed, `no partner "Niemand"`},
		{[]string{"verify", "--data", "data"}, exitDone, "ok     views"},
		{[]string{"rebuild", "--data", "data"}, exitDone, "the same as before"},
		{[]string{"partner", "remove", "--data", "data", "00000099000000001000"}, exitDone, "no longer takes part"},
		{[]string{"partner", "remove", "--data", "data", "00000099000000001000"}, exitFailed, "has left already"},
		{[]string{"serve", "--data", "data", "--region", "AM07", "--listen", "127.0.0.1:0"}, exitFailed, "AM36"},
	} {
		code, out, errOut := do(t, c.words...)
		if code != c.code || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%s\nexit %d, want %d with %q\n%s%s", strings.Join(c.words, " "), code, c.code, c.says, out, errOut)
		}
	}
	// What verify says to do about the book's own rows.
	if err := os.Rename(filepath.Join("data", fileFold), "weg.db"); err != nil {
		t.Fatal(err)
	}
	if code, out, errOut := do(t, "verify", "--data", "data"); code != exitDone || !strings.Contains(out, "ok     book") {
		t.Errorf("without %s: exit %d\n%s%s", fileFold, code, out, errOut)
	}
	if left, err := filepath.Glob("Fout.creds"); err != nil || len(left) != 0 {
		t.Errorf("credentials of a partner that was refused: %v %v", left, err)
	}
}

// A book that is served: the local verbs reach it over its socket, and it stops
// cleanly.
func TestServe(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, stop := context.WithCancel(t.Context())
	r, w := io.Pipe()
	exited := make(chan int, 1)
	var errOut bytes.Buffer
	go func() {
		exited <- run(ctx, strings.Fields("serve --data data --region AM36 --listen 127.0.0.1:0"), nil, w, &errOut)
		w.Close()
	}()
	ready, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		t.Fatalf("%v\n%s", err, errOut.String())
	}
	url := strings.TrimSpace(strings.TrimPrefix(ready, "ready "))
	token, err := os.ReadFile(filepath.Join("data", fileSteward))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ words, says string }{
		{"health --server " + url, ""},
		{"partner add --data data --oin 00000099000000001000 --name Proef --kind uwv", "Proef takes part"},
		{"partner list --data ./data/", "00000099000000001000"},
		{"verify --data data", "ok     book"},
		{"rebuild --data data", "the same as before"},
		{"who 69599084 --server " + url + " --token " + strings.TrimSpace(string(token)), "Nobody has been here"},
	} {
		if code, out, errOut := do(t, strings.Fields(c.words)...); code != exitDone || !strings.Contains(out, c.says) {
			t.Errorf("%s: exit %d\n%s%s", c.words, code, out, errOut)
		}
	}
	if code, _, errOut := do(t, strings.Fields("serve --data data --region AM36 --listen 127.0.0.1:0")...); code != exitFailed || !strings.Contains(errOut, "another process") {
		t.Errorf("a second one: exit %d %s", code, errOut)
	}
	stop()
	if code := <-exited; code != exitDone {
		t.Errorf("exit %d\n%s", code, errOut.String())
	}
	if _, err := os.Stat(filepath.Join("data", fileSocket)); !os.IsNotExist(err) {
		t.Errorf("the socket is still there: %v", err)
	}
}
