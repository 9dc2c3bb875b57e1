package digest

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"huisboek/adapters/access"
)

// rude is a mail server that says these lines, one after each line of ours, and then
// hangs up. Within a letter it says nothing until its end.
func rude(t *testing.T, says ...string) Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			in := bufio.NewReader(c)
			for i, line := range says {
				if i > 0 {
					for letter := strings.HasPrefix(says[i-1], "354"); ; {
						text, err := in.ReadString('\n')
						if err != nil || !letter || text == ".\r\n" {
							break
						}
					}
				}
				io.WriteString(c, line)
			}
			c.Close()
		}
	}()
	return Server{Address: l.Addr().String(), Security: Plain}
}

// taken is what the real mail server says of a mail.
type taken struct {
	Port   int
	From   string
	To     []string
	Secure bool
	Mail   string
	Error  string
}

// mailServer starts Node's smtp-server, and gives what it says.
func mailServer(t *testing.T, security string) (Server, <-chan taken) {
	t.Helper()
	if os.Getenv("HUISBOEK_TOOLS") == "" {
		t.Skip("needs node and the packages in e2e/foreign: make test gets them")
	}
	cert, key, trust := certificate(t)
	cmd := exec.CommandContext(t.Context(), "node", "smtp.js", cert, key, security)
	cmd.Dir = "../../e2e/foreign"
	cmd.Stderr = os.Stderr
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
	said := make(chan taken, 100)
	go func() {
		defer close(said)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var line taken
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Errorf("%v: %s", err, lines.Bytes())
			}
			said <- line
		}
	}()
	first := next(t, said)
	return Server{
		Address: net.JoinHostPort("127.0.0.1", strconv.Itoa(first.Port)), Security: security, User: "huisboek", Password: "geheim",
		Trust: &tls.Config{RootCAs: trust, MinVersion: tls.VersionTLS12},
	}, said
}

func next(t *testing.T, said <-chan taken) taken {
	t.Helper()
	select {
	case line, ok := <-said:
		if !ok || line.Error != "" {
			t.Fatalf("the mail server: %+v", line)
		}
		return line
	case <-time.After(time.Minute):
		t.Fatal("the mail server says nothing")
	}
	return taken{}
}

func certificate(t *testing.T) (cert, key string, trust *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	bytesOfKey, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for path, text := range map[string][]byte{cert: certPEM, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: bytesOfKey})} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	trust = x509.NewCertPool()
	trust.AppendCertsFromPEM(certPEM)
	return cert, key, trust
}

// A real mail server takes the digests, encrypted and signed in; what it does not
// take stays for the next time, and does not keep the others from theirs.
func TestRealServer(t *testing.T) {
	for _, security := range []string{StartTLS, TLS} {
		t.Run(security, func(t *testing.T) {
			server, said := mailServer(t, security)
			d := newDesk(t, server)
			for i := range 230 {
				d.messages = append(d.messages, News{"Bericht " + strconv.Itoa(i) + ": Café ’t Höfke.", d.now})
			}
			d.ask(t, "2026-11-20 10:00", access.Digest{Email: "am1@voorbeeld.invalid", Every: access.EveryDay, Cursor: "229"})
			d.ask(t, "2026-11-20 10:01", access.Digest{Email: "niemand@voorbeeld.invalid", Every: access.EveryDay, Cursor: "0"})
			d.ask(t, "2026-11-20 10:02", access.Digest{Email: "am2@voorbeeld.invalid", Every: access.EveryWeek, Lang: "en", Cursor: "0"})
			if d.Round(t.Context()) {
				t.Error("all were taken, also the one of nobody")
			}
			one, two := next(t, said), next(t, said)
			if !one.Secure || one.From != "huisboek@voorbeeld.invalid" || len(one.To) != 1 || one.To[0] != "am1@voorbeeld.invalid" || two.To[0] != "am2@voorbeeld.invalid" {
				t.Errorf("%+v %+v", one, two)
			}
			for _, text := range []string{one.Mail, two.Mail} {
				if m, err := mail.ReadMessage(bytes.NewReader([]byte(text))); err != nil || m.Header.Get("Auto-Submitted") != "auto-generated" {
					t.Errorf("%v: %s", err, text)
				}
			}
			if n := strings.Count(two.Mail, "- 23-11-2026"); n != perMail || !strings.Contains(two.Mail, "There is more") {
				t.Errorf("%d lines in the long one:\n%s", n, two.Mail)
			}
			list := d.file.Digests("")
			for i, want := range []string{"230", "0", "230"} {
				if list[i].Cursor != want || (list[i].Trouble != "") != (i == 1) || (list[i].Looked == "") != (i == 1) {
					t.Errorf("%+v, want cursor %s", list[i], want)
				}
			}
			d.now = d.now.Add(again)
			d.Round(t.Context()) // those that were taken are not sent again
			d.messages = append(d.messages, News{"Nog een.", d.now})
			d.now = at("2026-11-24 07:00")
			d.Round(t.Context())
			if three := next(t, said); three.To[0] != "am1@voorbeeld.invalid" || !strings.Contains(three.Mail, "Nog een.") || strings.Contains(three.Mail, "Bericht") {
				t.Errorf("the next day: %+v", three)
			}

			wrong := server
			wrong.Password = "fout"
			if err := wrong.send(t.Context(), "am1@voorbeeld.invalid", []byte("x")); err == nil || strings.Contains(err.Error(), "fout") {
				t.Errorf("a wrong password: %v", err)
			}
			strange := server
			strange.Trust = nil
			if err := strange.send(t.Context(), "am1@voorbeeld.invalid", []byte("x")); err == nil {
				t.Error("a certificate that nobody signed was believed")
			}
		})
	}
}
