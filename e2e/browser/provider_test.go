package browser_test

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
	"github.com/hashicorp/cap/oidc"
)

// password is that of everybody at the provider.
const password = "een lang wachtwoord"

// provider is an OpenID Connect provider with people and a form to sign in with. It has
// a gate of its own in front, for what it leaves undone itself: that a code is only
// given for the secret behind the challenge that it was asked with.
type provider struct {
	*oidc.TestProvider
	gate *httptest.Server

	mu         sync.Mutex
	challenges map[string]bool
	proved     int // how often a code was given for a secret that fits
}

// verifier is a secret that fits its challenge.
type verifier string

func (v verifier) Verifier() string             { return string(v) }
func (v verifier) Challenge() string            { return "" }
func (v verifier) Method() oidc.ChallengeMethod { return oidc.S256 }
func (v verifier) Copy() oidc.CodeVerifier      { return v }

func startProvider(t *testing.T, people map[string]*oidc.TestSubject) *provider {
	t.Helper()
	p := &provider{TestProvider: oidc.StartTestProvider(t), challenges: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	p.gate = httptest.NewTLSServer(mux)
	t.Cleanup(p.gate.Close)
	p.SetClientCreds("huisboek-am36", "geheim")
	p.SetCustomClaims(map[string]any{})
	p.SetUserInfoReply(map[string]any{})
	p.SetExpectedExpiry(time.Minute)
	p.SetSubjectInfo(people)
	p.SetAdditionalConfiguration(map[string]any{"authorization_endpoint": p.gate.URL + "/authorize", "token_endpoint": p.gate.URL + "/token"})
	return p
}

// authorize remembers the challenge, and sends on to the form.
func (p *provider) authorize(w http.ResponseWriter, r *http.Request) {
	if q := r.URL.Query(); q.Get("code_challenge_method") == "S256" {
		p.mu.Lock()
		p.challenges[q.Get("code_challenge")] = true
		p.mu.Unlock()
	}
	http.Redirect(w, r, p.Addr()+"/authorize?"+r.URL.RawQuery, http.StatusFound)
}

// token lets through who proves to have asked.
func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	secret := r.PostForm.Get("code_verifier")
	sum := sha256.Sum256([]byte(secret))
	p.mu.Lock()
	fits := p.challenges[base64.RawURLEncoding.EncodeToString(sum[:])]
	if fits {
		p.proved++
		p.SetPKCEVerifier(verifier(secret))
	}
	p.mu.Unlock()
	if !fits {
		http.Error(w, "no such challenge", http.StatusUnauthorized)
		return
	}
	r.Body = io.NopCloser(strings.NewReader(r.PostForm.Encode()))
	r.Form, r.PostForm = nil, nil
	p.ServeHTTP(w, r)
}

// certificate writes what the gate shows, which is what the provider shows too, and its
// key: the house goes by the same.
func (p *provider) certificate(t *testing.T, dir string) (cert, key string) {
	t.Helper()
	shown := p.gate.TLS.Certificates[0]
	private, err := x509.MarshalPKCS8PrivateKey(shown.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: shown.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// freeAddress is one that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// served is a book of its own, over https, where people sign in with a provider.
func served(t *testing.T, at *provider) (base string, do func(args ...string)) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(house.dir, "huisboek")
	if house.dir == "" {
		var err error
		if program, err = build(dir); err != nil {
			t.Fatal(err)
		}
	}
	cert, key := at.certificate(t, dir)
	secret := filepath.Join(dir, "geheim")
	if err := os.WriteFile(secret, []byte("geheim\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	listen, data := freeAddress(t), filepath.Join(dir, "data")
	base = "https://" + listen
	at.SetAllowedRedirectURIs([]string{base + "/inloggen/terug"})
	p, _, err := start(program, []string{"SSL_CERT_FILE=" + cert}, "serve", "--data", data, "--region", "AM36", "--listen", listen, "--nats-listen", "127.0.0.1:0",
		"--tls-cert", cert, "--tls-key", key, "--public-url", base,
		"--oidc-issuer", at.Addr(), "--oidc-client-id", "huisboek-am36", "--oidc-client-secret-file", secret, "--oidc-name", "het regioportaal")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.end()
		if t.Failed() {
			t.Log(p.logged())
		}
	})
	return base, func(args ...string) {
		t.Helper()
		c := exec.CommandContext(t.Context(), program, append(args, "--data", data)...)
		c.Dir = dir // credentials are written there
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
}

// TestProvider: people sign in with an OpenID Connect provider, each to do what the book
// says they do; who has nothing to do here is told so, and out is out.
func TestProvider(t *testing.T) {
	need(t)
	says := func(name, email string) *oidc.TestSubject {
		return &oidc.TestSubject{Password: password, CustomClaims: map[string]any{"name": name, "email": email, "email_verified": true}}
	}
	at := startProvider(t, map[string]*oidc.TestSubject{
		"sub-am": says("Riet van Zanten", "riet@zwolle.example.nl"), "sub-bestuur": says("Bestuurder", "bestuur@example.nl"), "sub-vreemd": says("Vreemd", "v@example.nl"),
	})
	base, do := served(t, at)
	do("partner", "add", "--oin", "00000099000000001000", "--name", "Gemeente Proef", "--kind", "gemeente", "--gemeente", "GM0193")
	do("access", "person", "add", "--duty", "accountmanager", "--partner", "Gemeente Proef", "--employee", "am-03", "--email", "riet@zwolle.example.nl")
	do("access", "person", "add", "--duty", "bestuur", "--issuer", at.Addr(), "--subject", "sub-bestuur")

	for _, l := range []look{desktop, phone, desktop.withoutScript()} {
		t.Run(l.String(), func(t *testing.T) {
			p := open(t, l)
			p.base, p.beside = base, []string{at.Addr() + "/", at.gate.URL + "/"}
			p.mayAnswer(403, 404)                                                    // what is refused, and the icon that the provider does not have
			p.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error { // the certificate is a test's
				_, err := chromedp.Call(ctx, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
				return err
			}))
			portal := func(who, with string) {
				t.Helper()
				p.click(".btn", "Inloggen met het regioportaal")
				p.wait("the provider's form", `location.origin === `+quoted(at.Addr())+` && document.querySelector('input[name=psw]')`)
				p.write("input[name=uname]", who)
				p.write("input[name=psw]", with)
				p.click("[type=submit]")
			}

			p.visit("/werkgevers?zoek=proef") // where one wanted to go is where one comes
			p.isAt("/inloggen")
			if n := eval[int](p, `document.querySelectorAll('button[name=wie]').length`); n > 0 {
				t.Errorf("%d ways in by one click", n)
			}
			p.axeUnless(l.plain, "signing in")
			portal("sub-am", "verkeerd")
			p.sees("Inloggen is niet gelukt")
			p.fits("refused")
			p.axeUnless(l.plain, "refused")
			p.visit("/werkgevers?zoek=proef")
			portal("sub-am", password)
			p.isAt("/werkgevers")
			if q := eval[string](p, `location.search`); q != "?zoek=proef" {
				t.Errorf("came at %q", q)
			}
			p.wait("the name on top", `document.querySelector('.who a.me')?.textContent.includes('Riet van Zanten')`)
			p.visit("/vandaag")
			p.isAt("/vandaag")
			p.signOut()
			p.visit("/vandaag")
			p.isAt("/inloggen")

			portal("sub-bestuur", password)
			p.sees("Deze pagina is niet voor u") // the account manager's, where this browser wanted to go
			p.visit("/")
			p.isAt("/doelen")
			p.signOut()

			portal("sub-vreemd", password)
			p.sees("Inloggen is niet gelukt")
			p.visit("/vandaag")
			p.isAt("/inloggen")
		})
	}
	if at.proved < 6 {
		t.Errorf("%d codes were given for a secret that fits", at.proved)
	}
}

// signOut signs out, as a person does: on a phone under one's name.
func (p *tab) signOut() {
	p.Helper()
	p.visit("/mijn")
	p.click(`main form[action="/uitloggen"] button`)
	p.isAt("/inloggen")
	p.sees("U bent uitgelogd")
	if cookies := eval[string](p, `document.cookie`); cookies != "" {
		p.Errorf("script can read cookies: %s", cookies)
	}
}
