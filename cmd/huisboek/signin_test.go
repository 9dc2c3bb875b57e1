package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/cap/oidc"
	"github.com/spf13/pflag"

	"huisboek/adapters/signin"
	"huisboek/cmd/huisboek/story"
	"huisboek/events"
)

func secretFile(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "geheim")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestSigninWords: settings under which nobody, or the wrong one, could sign in give one
// clear error, and change nothing.
func TestSigninWords(t *testing.T) {
	t.Chdir(t.TempDir())
	good := secretFile(t, "geheim\n", 0o600)
	whole := "--oidc-issuer https://login.example.nl --oidc-client-id a --oidc-client-secret-file " + good + " --public-url https://boek.example.nl "
	without := func(flag string) string {
		all := strings.Fields(whole)
		for i, word := range all {
			if word == flag {
				return strings.Join(append(append([]string(nil), all[:i]...), all[i+2:]...), " ")
			}
		}
		t.Fatal(flag)
		return ""
	}
	for words, says := range map[string]string{
		"--oidc-client-id a":                                   "are for --oidc-issuer",
		"--oidc-name Regio":                                    "are for --oidc-issuer",
		without("--oidc-client-id"):                            "needs --oidc-client-id",
		without("--oidc-client-secret-file"):                   "--oidc-client-secret-file",
		without("--public-url"):                                "--public-url",
		whole + "--oidc-partner-claim oin":                     "are for --oidc-duty-claim",
		whole + "--oidc-duty-claim d --oidc-partner-claim oin": "come together",
		whole + "--oidc-issuer http://login.example.nl":        "want https://",
		whole + "--oidc-issuer login.example.nl":               "want https://",
		whole + "--public-url http://boek.example.nl":          "want https://",
		whole + "--public-url https://boek.example.nl/x":       "without a path",
		"--public-url ftp://boek.example.nl":                   "want https://",
	} {
		if code, _, errOut := do(t, append([]string{"serve", "--data", "data", "--region", "AM36"}, strings.Fields(words)...)...); code != exitUsage || !strings.Contains(errOut, says) {
			t.Errorf("%s: exit %d %s", words, code, errOut)
		}
	}
	for path, says := range map[string]string{
		secretFile(t, "geheim", 0o640):                  "can be read by others",
		secretFile(t, "geheim", 0o604):                  "can be read by others",
		secretFile(t, "", 0o600):                        "one line",
		secretFile(t, "een\ntwee", 0o600):               "one line",
		secretFile(t, strings.Repeat("a", 5000), 0o600): "4096",
		filepath.Join(t.TempDir(), "niet"):              "no such file",
		t.TempDir():                                     "",
	} {
		words := whole + "--oidc-client-secret-file " + path
		if code, _, errOut := do(t, append([]string{"serve", "--data", "data", "--region", "AM36"}, strings.Fields(words)...)...); code != exitFailed || !strings.Contains(errOut, says) || strings.Contains(errOut, "geheim\n") {
			t.Errorf("%s: exit %d %s", words, code, errOut)
		}
	}
	if _, err := os.Stat("data"); err == nil {
		t.Error("a book was made")
	}
	if text, err := readSecret(good); err != nil || text != "geheim" {
		t.Errorf("%q %v", text, err)
	}
}

// TestServeOffersNoOneClick: no words of serve let anybody be somebody by one click, with
// a provider or without; browsers get cookies for https wherever others can come.
func TestServeOffersNoOneClick(t *testing.T) {
	serveCommand().Flags().VisitAll(func(f *pflag.Flag) {
		for _, word := range []string{"click", "klik", "demo"} {
			if strings.Contains(f.Name+f.Usage, word) {
				t.Errorf("--%s: %s", f.Name, f.Usage)
			}
		}
	})
	provider := signinWords{Issuer: "https://login.example.nl", ClientID: "a", SecretFile: secretFile(t, "geheim", 0o600), Public: "https://boek.example.nl"}
	for name, c := range map[string]struct {
		words  serveWords
		secure bool
	}{
		"nothing":       {serveWords{Listen: "127.0.0.1:0"}, false},
		"provider":      {serveWords{Listen: "127.0.0.1:0", people: provider}, true},
		"here, tried":   {serveWords{Listen: "127.0.0.1:0", people: signinWords{Public: "http://localhost:8080"}}, false},
		"TLS":           {serveWords{Listen: "127.0.0.1:0", Cert: "cert.pem"}, true},
		"behind":        {serveWords{Listen: "0.0.0.0:0", Insecure: true}, true},
		"behind, named": {serveWords{Listen: "127.0.0.1:0", people: signinWords{Public: "https://boek.example.nl"}}, true},
	} {
		if err := c.words.signIn(); err != nil {
			t.Fatal(err)
		}
		if c.words.Signin.Secure != c.secure {
			t.Errorf("%s: secure %v", name, c.words.Signin.Secure)
		}
		h := listening(t, c.words.settings)
		if w := h.signin.Ways(); len(w.OneClick) != 0 || w.Provider != (name == "provider") {
			t.Errorf("%s: %+v", name, w)
		}
	}
}

// TestServeWhileProviderIsDown: the book is served, and the log says why nobody signs in;
// with one that answers it says nothing.
func TestServeWhileProviderIsDown(t *testing.T) {
	at := oidc.StartTestProvider(t, oidc.WithNoTLS())
	secret := secretFile(t, "geheim", 0o600)
	for issuer, warned := range map[string]bool{at.Addr(): false, "http://127.0.0.1:1": true} {
		ctx, stop := context.WithCancel(t.Context())
		r, w := io.Pipe()
		var log lines
		exited := make(chan int, 1)
		go func() {
			exited <- run(ctx, strings.Fields("serve --region AM36 --listen 127.0.0.1:0 --public-url http://127.0.0.1:8080 --oidc-client-id a --oidc-client-secret-file "+secret+
				" --oidc-issuer "+issuer+" --data "+filepath.Join(t.TempDir(), "data")), nil, w, &log)
			w.Close()
		}()
		out := make([]byte, 100)
		if n, err := r.Read(out); err != nil || !strings.HasPrefix(string(out[:n]), "ready ") {
			t.Fatalf("%s: %q %v\n%s", issuer, out[:n], err, log.String())
		}
		if warned {
			log.wait(t, "nobody can sign in")
		}
		stop()
		if code := <-exited; code != exitDone {
			t.Errorf("exit %d", code)
		}
		if got := strings.Contains(log.String(), "nobody can sign in"); got != warned {
			t.Errorf("%s: %s", issuer, log.String())
		}
	}
}

// lines is a log that can be waited for.
type lines struct {
	mu   sync.Mutex
	cond sync.Cond
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cond.L = &l.mu
	defer l.cond.Broadcast()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) wait(t *testing.T, word string) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cond.L = &l.mu
	for !strings.Contains(l.text.String(), word) {
		l.cond.Wait() // the test's own time bounds it
	}
}

// TestDemoPeople: somebody for each duty, account managers of three kinds of partners that
// still take part, each with work of their own; and the demo takes all of them.
func TestDemoPeople(t *testing.T) {
	told := story.Year(36, "2026-11-22")
	people := demoPeople(told)
	duties, kinds := map[signin.Duty]int{}, map[string]bool{}
	for _, p := range people {
		duties[p.Duty]++
		for _, partner := range told.Partners {
			if partner.ID == p.Partner {
				kinds[partner.Kind] = kinds[partner.Kind] || p.Duty == signin.AccountManager
			}
		}
		if p.Partner == told.Partners[told.Highlights.Merged].ID || p.Partner == told.Partners[told.Highlights.Silent].ID {
			t.Errorf("%s is of a partner that left or is silent", p.Name)
		}
		if p.Duty != signin.AccountManager {
			continue
		}
		plans := 0
		for step := range told.Events() {
			plan, ok := step.Data.(*events.VisitPlanned)
			if ok && told.Partners[step.Partner].ID == p.Partner && plan.AccountManager.Plain.Employee == p.Employee {
				plans++
			}
		}
		if plans < 10 || p.Phone == "" {
			t.Errorf("%s planned %d visits", p.Name, plans)
		}
	}
	if duties[signin.AccountManager] < 2 || duties[signin.PartnerManager] != 1 || duties[signin.Board] != 1 || duties[signin.Steward] != 1 || duties[signin.Auditor] != 1 {
		t.Errorf("%v", duties)
	}
	if !kinds["gemeente"] || !kinds["uwv"] || !kinds["sw"] {
		t.Errorf("%v", kinds)
	}
	h := listening(t, settings{Signin: signinSettings{OneClick: people}})
	names := map[string]bool{}
	for _, p := range h.signin.Ways().OneClick {
		names[p.ID] = true
	}
	if len(names) != len(people) {
		text, _ := json.Marshal(people)
		t.Errorf("%s", text)
	}
}
