package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/quotedprintable"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/access"
	"huisboek/adapters/digest"
	"huisboek/events"
	"huisboek/ledger"
)

// TestCheckMail: settings under which no mail, or no safe mail, could be sent.
func TestCheckMail(t *testing.T) {
	well := digest.Server{Address: "mail.voorbeeld.invalid:587", Security: digest.StartTLS, From: "huisboek@voorbeeld.invalid"}
	for name, tt := range map[string]struct {
		change func(*digest.Server)
		says   string // "": it is well
	}{
		"nothing":            {func(s *digest.Server) { *s = digest.Server{Security: digest.StartTLS} }, ""},
		"STARTTLS":           {func(*digest.Server) {}, ""},
		"TLS, and a user":    {func(s *digest.Server) { s.Security, s.User, s.Password = digest.TLS, "u", "geheim" }, ""},
		"plain, here":        {func(s *digest.Server) { s.Security, s.Address = digest.Plain, "127.0.0.1:25" }, ""},
		"plain, here by IP6": {func(s *digest.Server) { s.Security, s.Address = digest.Plain, "[::1]:25" }, ""},
		"plain, elsewhere":   {func(s *digest.Server) { s.Security = digest.Plain }, "on this machine"},
		"no port":            {func(s *digest.Server) { s.Address = "mail.voorbeeld.invalid" }, "want host:port"},
		"from nobody":        {func(s *digest.Server) { s.From = "" }, "--smtp-from"},
		"from two headers":   {func(s *digest.Server) { s.From += "\r\nBcc: x@voorbeeld.invalid" }, "--smtp-from"},
		"another way":        {func(s *digest.Server) { s.Security = "ssl" }, "starttls, tls or plain"},
		"no password":        {func(s *digest.Server) { s.User = "u" }, "come together"},
		"no user":            {func(s *digest.Server) { s.Password = "geheim" }, "come together"},
		"no server":          {func(s *digest.Server) { s.Address = "" }, "are for --smtp"},
	} {
		s := well
		tt.change(&s)
		err := checkMail(&s)
		if usage := errors.As(err, new(usageError)); tt.says == "" && err != nil || tt.says != "" && (!usage || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: %v", name, err)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("%s: the password is said: %v", name, err)
		}
	}
	if code, _, errOut := do(t, "serve", "--data", filepath.Join(t.TempDir(), "data"), "--region", "AM36", "--smtp", "mail.voorbeeld.invalid:25"); code != exitUsage || !strings.Contains(errOut, "--smtp-from") {
		t.Errorf("serve: exit %d %s", code, errOut)
	}
}

// TestDigestWords: what cannot be meant is refused before a book is opened.
func TestDigestWords(t *testing.T) {
	for words, says := range map[string]string{
		"digest":                  "add, list or remove",
		"digest add --data x":     "--partner and --email",
		"digest remove --data x":  "accepts 1 arg",
		"digest list --partner P": "unknown flag",
		"digest add --partner P --email a@voorbeeld.invalid":                                "--data",
		"digest add --data x --partner P --email a":                                         "one address",
		"digest add --data x --partner P --email a@voorbeeld.invalid,b@voorbeeld.invalid":   "one address",
		"digest add --data x --partner P --email a@voorbeeld.invalid --every maand":         "--every",
		"digest add --data x --partner P --email a@voorbeeld.invalid --every week --lang x": "--lang",
	} {
		if code, _, errOut := do(t, strings.Fields(words)...); code != exitUsage || !strings.Contains(errOut, says) {
			t.Errorf("%s: exit %d %s", words, code, errOut)
		}
	}
}

// TestDigestVerbs: made, listed and ended on a folder that nobody serves.
func TestDigestVerbs(t *testing.T) {
	t.Chdir(t.TempDir())
	ok := func(words ...string) string {
		t.Helper()
		code, out, errOut := do(t, append(words, "--data", "data")...)
		if code != exitDone {
			t.Fatalf("%v: exit %d %s", words, code, errOut)
		}
		return out
	}
	h, err := openHouse(t.Context(), settings{Dir: "data", Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	ok("partner", "add", "--oin", oinP, "--name", "Gemeente P", "--kind", "gemeente")
	if out := ok("digest", "list"); !strings.Contains(out, "Nobody") {
		t.Error(out)
	}
	var made access.Digest
	code, out, errOut := do(t, "digest", "add", "--data", "data", "--partner", "Gemeente P", "--email", "am1@voorbeeld.invalid", "--every", "week", "--lang", "en", "--json")
	if code != exitDone || !strings.Contains(errOut, "nobody serves this book now") || !strings.Contains(errOut, "--smtp") {
		t.Fatalf("exit %d %s", code, errOut)
	}
	if err := json.Unmarshal([]byte(out), &made); err != nil || strings.Contains(out, "nietBediend") {
		t.Fatal(err, out)
	}
	if out := ok("digest", "list"); !strings.Contains(out, made.ID) || !strings.Contains(out, "Gemeente P") || !strings.Contains(out, "am1@voorbeeld.invalid") || !strings.Contains(out, "week") {
		t.Error(out)
	}
	if out := ok("digest", "remove", made.ID); !strings.Contains(out, "has ended") {
		t.Error(out)
	}
	if code, _, errOut := do(t, "digest", "remove", made.ID, "--data", "data"); code != exitFailed || !strings.Contains(errOut, "digest list") {
		t.Errorf("twice: exit %d %s", code, errOut)
	}
	if out := ok("digest", "list"); strings.Contains(out, "am1@") {
		t.Error(out)
	}
	ok("partner", "remove", oinP)
	if code, _, errOut := do(t, "digest", "add", "--data", "data", "--partner", oinP, "--email", "am1@voorbeeld.invalid"); code != exitFailed || !strings.Contains(errOut, "takes no part") {
		t.Errorf("of who left: exit %d %s", code, errOut)
	}
}

// TestDigestServed: a book that is served without a mail server takes no digest, as over
// HTTP; one that has a mail server does, and warns of nothing.
func TestDigestServed(t *testing.T) {
	for name, server := range map[string]digest.Server{
		"no mail":       {},
		"a mail server": {Address: "127.0.0.1:9", Security: digest.Plain, From: "huisboek@voorbeeld.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			h := listening(t, settings{Mail: server})
			h.mustAdmit(t, newPartner{OIN: oinP, Name: "Gemeente P"})
			if err := h.serveSocket(t.Context()); err != nil {
				t.Fatal(err)
			}
			code, out, errOut := do(t, "digest", "add", "--data", h.Dir, "--partner", oinP, "--email", canary)
			if server.Address == "" {
				if code != exitFailed || !strings.Contains(errOut, "serve it with --smtp HOST:PORT and --smtp-from ADDRESS") || len(h.access.Digests("")) != 0 {
					t.Errorf("exit %d %s, kept %+v", code, errOut, h.access.Digests(""))
				}
				return
			}
			if code != exitDone || strings.Contains(errOut, "warning") || len(h.access.Digests("")) != 1 {
				t.Errorf("exit %d %s%s", code, out, errOut)
			}
		})
	}
}

// post is Node's smtp-server, and the mails that it took.
func post(t *testing.T) (digest.Server, <-chan string) {
	t.Helper()
	if os.Getenv("HUISBOEK_TOOLS") == "" {
		t.Skip("needs node and the packages in e2e/foreign: make test gets them")
	}
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	newCertificate(t, cert, key, "mail")
	signed, err := os.ReadFile(cert)
	if err != nil {
		t.Fatal(err)
	}
	trust := x509.NewCertPool()
	trust.AppendCertsFromPEM(signed)
	cmd := exec.CommandContext(t.Context(), "node", "smtp.js", cert, key, "starttls")
	cmd.Dir, cmd.Stderr = "../../e2e/foreign", os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Wait() })
	lines := bufio.NewScanner(out)
	var first struct{ Port int }
	if !lines.Scan() || json.Unmarshal(lines.Bytes(), &first) != nil {
		t.Fatalf("the mail server: %s", lines.Bytes())
	}
	mails := make(chan string, 100)
	go func() {
		defer close(mails)
		for lines.Scan() {
			mails <- lines.Text()
		}
	}()
	return digest.Server{
		Address: "127.0.0.1:" + strconv.Itoa(first.Port), Security: digest.StartTLS, From: "huisboek@voorbeeld.invalid", User: "huisboek", Password: "geheim",
		Trust: &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12},
	}, mails
}

// letter is the text of the one mail that was taken.
func letter(t *testing.T, mails <-chan string) string {
	t.Helper()
	select {
	case line := <-mails:
		var taken struct {
			To     []string
			Secure bool
			Mail   string
		}
		if err := json.Unmarshal([]byte(line), &taken); err != nil || !taken.Secure || len(taken.To) != 1 || taken.To[0] != canary {
			t.Fatalf("%v: %s", err, line)
		}
		m, err := mail.ReadMessage(strings.NewReader(taken.Mail))
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	case <-time.After(patience):
		t.Fatal("no mail came")
	}
	return ""
}

const canary = "canary-am1@voorbeeld.invalid"

// TestDigestMailed: what others do where a partner has a plan comes by mail the next
// morning, by name, until the name is erased; not to a partner that left. The address
// stands in no log.
func TestDigestMailed(t *testing.T) {
	server, mails := post(t)
	clock := newMovable()
	morning := func() { // of the next day
		y, m, d := clock.now().In(amsterdam(t)).Date()
		at := time.Date(y, m, d+1, 8, 0, 0, 0, amsterdam(t))
		clock.at.Store(&at)
	}
	var log bytes.Buffer
	dir := t.TempDir()
	s := settings{
		Dir: filepath.Join(dir, "data"), Region: "AM36", Now: clock.now, Mail: server,
		Log: slog.New(slog.NewJSONHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	h, err := openHouse(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	shut := func() {
		if !closed {
			if closed = true; h.Close() != nil {
				t.Error("it does not close")
			}
		}
	}
	t.Cleanup(shut)
	p, q := h.mustAdmit(t, newPartner{OIN: oinP, Name: "Gemeente Anders"}), h.mustAdmit(t, newPartner{OIN: oinQ, Name: "Gemeente Eigen"})
	plan := func(partner, source string) {
		t.Helper()
		planIn(t, h, partner, strings.TrimSuffix(source, ":systeem:crm"), events.DateOf(h.Now()).AddDays(5))
		if err := h.waitForViews(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	name := "Bakkerij Kanarie"
	described, err := events.NewEvent(sourceP, uuid.NewString(), h.Now(), &events.EmployerDescribed{Employer: events.Employer{KvK: "69599084"}, Name: events.Personal[string]{Plain: &name}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.ledger.Record(t.Context(), ledger.Submission{Event: described, Caller: ledger.Caller{Role: ledger.RolePartner, Partner: p.Partner, Credential: "c", Door: ledger.DoorNATS}}); err != nil {
		t.Fatal(err)
	}
	plan(q.Partner, sourceQ)
	plan(p.Partner, sourceP) // before it is asked for: it does not come by mail

	ask := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/samenvattingen", strings.NewReader(`{"email":"`+canary+`","elke":"dag"}`))
	ask.Header.Set("Authorization", "Bearer "+q.Token)
	ask.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if h.web.ServeHTTP(w, ask); w.Code != http.StatusCreated {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	round := func() {
		t.Helper()
		if !h.mailer.Round(context.WithoutCancel(t.Context())) {
			t.Errorf("not taken: %+v", h.access.Digests(""))
		}
	}
	morning()
	round() // there is nothing to tell
	plan(p.Partner, sourceP)
	morning()
	round()
	if text := letter(t, mails); strings.Count(text, "\n- ") != 1 || !strings.Contains(text, name+": ") || !strings.Contains(text, "Gemeente Anders") || !strings.Contains(text, "Gemeente Eigen") {
		t.Errorf("the first:\n%s", text)
	}
	if _, err := h.erase(t.Context(), eraseWords{Employer: "69599084", Ground: "verzoek"}, nil); err != nil {
		t.Fatal(err)
	}
	plan(p.Partner, sourceP)
	morning()
	round()
	if text := letter(t, mails); strings.Contains(text, "Kanarie") || !strings.Contains(text, "69599084") || !strings.Contains(text, "Gemeente Anders") {
		t.Errorf("after the erasure:\n%s", text)
	}

	if _, err := h.removePartner(t.Context(), oldPartner{Partner: oinQ}, nil); err != nil {
		t.Fatal(err)
	}
	plan(p.Partner, sourceP)
	morning()
	before := h.access.Digests("")
	round()
	if after := h.access.Digests(""); len(after) != 1 || after[0] != before[0] || len(mails) != 0 {
		t.Errorf("of who left: %+v, and %d mails", after, len(mails))
	}
	has := func(file string) bool {
		t.Helper()
		path := filepath.Join(dir, file)
		if err := h.access.Snapshot(path); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return bytes.Contains(content, []byte(canary))
	}
	kept := has("before.db")
	if _, err := h.removeDigest(t.Context(), oneDigest{before[0].ID}, nil); err != nil {
		t.Fatal(err)
	}
	if !kept || has("after.db") {
		t.Errorf("a backup has the address while it stands: %t; a later one still", kept)
	}
	shut()
	if text := log.String(); strings.Contains(text, "canary") || !strings.Contains(text, "a digest was sent") || !strings.Contains(text, "/v1/samenvattingen") {
		t.Errorf("log: %s", text)
	}
}

func amsterdam(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}
