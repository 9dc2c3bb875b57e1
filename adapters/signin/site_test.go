package signin_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/cap/oidc"

	"huisboek/adapters/access"
	"huisboek/adapters/signin"
)

const (
	zwolle  = "0b54a3f0-6f3a-4f6a-9d54-3f0a4f0c9a01"
	uwv     = "1c65b4f1-7a4b-4a7b-8e65-4a1b5a1d0b12"
	oin     = "00000099000000001000"
	clubOf  = "urn:nld:oin:" + oin
	uwvOf   = "urn:nld:oin:00000099000000002000"
	clientA = "huisboek-am36"
)

var key = bytes.Repeat([]byte{7}, signin.MinKey)

// clock is a time that a test sets.
type clock struct {
	sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.Lock()
	defer c.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.Lock()
	defer c.Unlock()
	c.at = c.at.Add(d)
}

// site is a book's pages as far as signing in goes, with a real provider beside it.
type site struct {
	*signin.Door
	url      string
	provider *oidc.TestProvider
	people   *access.File
	clock    *clock
	way      *way
	subjects map[string]*oidc.TestSubject
	gone     sync.Map // partners that take no part
}

// way is between us, browsers and the provider. It looks on: the secret behind each
// challenge must be the one that was given for it.
type way struct {
	http.RoundTripper
	provider   *oidc.TestProvider
	mu         sync.Mutex
	challenges map[string]bool
	down       bool
	moved      string                          // the path that answers with a redirect
	asked      map[string]int                  // by path
	tamper     func(answer map[string]any)     // what the token endpoint says
	replace    func(path string) (body string) // "": leave it
}

type given string

func (g given) Verifier() string             { return string(g) }
func (g given) Challenge() string            { return "" }
func (g given) Method() oidc.ChallengeMethod { return oidc.S256 }
func (g given) Copy() oidc.CodeVerifier      { return g }

func (w *way) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasPrefix(r.URL.String(), w.provider.Addr()) {
		return w.RoundTripper.RoundTrip(r)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked[r.URL.Path]++
	if w.down {
		return nil, fmt.Errorf("no way to %s", r.URL.Host)
	}
	if w.moved == r.URL.Path {
		header := http.Header{"Location": {w.provider.Addr() + "/elders"}}
		return &http.Response{StatusCode: http.StatusTemporaryRedirect, Header: header, Body: http.NoBody, Request: r}, nil
	}
	var form url.Values
	switch r.URL.Path {
	case "/authorize":
		if q := r.URL.Query(); q.Get("code_challenge_method") == "S256" {
			w.challenges[q.Get("code_challenge")] = true
		}
	case "/token":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		form, _ = url.ParseQuery(string(body))
		sum := sha256.Sum256([]byte(form.Get("code_verifier")))
		if w.challenges[base64.RawURLEncoding.EncodeToString(sum[:])] {
			w.provider.SetPKCEVerifier(given(form.Get("code_verifier")))
		}
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	answer, err := w.RoundTripper.RoundTrip(r)
	if err != nil {
		return answer, err
	}
	if w.replace != nil {
		if text := w.replace(r.URL.Path); text != "" {
			answer.Body.Close()
			answer.Body, answer.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		}
	}
	if form == nil || w.tamper == nil {
		return answer, nil
	}
	var says map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&says); err != nil {
		return nil, err
	}
	answer.Body.Close()
	w.tamper(says)
	text, err := json.Marshal(says)
	answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return answer, err
}

func (w *way) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// open makes a site; change may say something else of its settings.
func open(t *testing.T, change func(*signin.Config)) *site {
	t.Helper()
	s := &site{clock: &clock{at: time.Now()}, subjects: map[string]*oidc.TestSubject{}}
	s.provider = oidc.StartTestProvider(t)
	s.provider.SetClientCreds(clientA, "geheim")
	s.provider.SetCustomClaims(map[string]any{})
	s.provider.SetUserInfoReply(map[string]any{})
	s.provider.SetNowFunc(s.clock.now)
	s.provider.SetExpectedExpiry(5 * time.Second)
	s.way = &way{RoundTripper: s.provider.HTTPClient().Transport, provider: s.provider, challenges: map[string]bool{}, asked: map[string]int{}}
	file, err := access.Open(filepath.Join(t.TempDir(), "access.db"), key)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	s.people = file

	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	s.url = server.URL
	s.provider.SetAllowedRedirectURIs([]string{s.url + signin.CallbackPath})
	cfg := signin.Config{
		Key: key, People: file, Now: s.clock.now, Transport: s.way,
		Issuer: s.provider.Addr(), ClientID: clientA, ClientSecret: "geheim", PublicURL: s.url,
		Active: func(partner string) bool { _, gone := s.gone.Load(partner); return !gone },
		Partner: func(urn string) (string, bool) {
			id, ok := map[string]string{clubOf: zwolle, uwvOf: uwv}[urn]
			return id, ok
		},
	}
	if change != nil {
		change(&cfg)
	}
	if s.Door, err = signin.New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Door.Close() })
	s.pages(mux)
	return s
}

// pages are the least that stands around a door.
func (s *site) pages(mux *http.ServeMux) {
	refuse := func(w http.ResponseWriter, err error) {
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, signin.ReasonOf(err).Code)
	}
	mux.HandleFunc("GET /inloggen", func(w http.ResponseWriter, r *http.Request) {
		if err := s.Begin(w, r, r.URL.Query().Get("verder")); err != nil {
			refuse(w, err)
		}
	})
	mux.HandleFunc("GET "+signin.CallbackPath, func(w http.ResponseWriter, r *http.Request) {
		next, err := s.Callback(w, r)
		if err != nil {
			refuse(w, err)
			return
		}
		http.Redirect(w, r, next, http.StatusSeeOther)
	})
	mux.HandleFunc("POST /als/{id}", func(w http.ResponseWriter, r *http.Request) {
		if err := s.OneClick(w, r, r.PathValue("id")); err != nil {
			refuse(w, err)
		}
	})
	mux.HandleFunc("POST /uit", func(w http.ResponseWriter, r *http.Request) { s.SignOut(w, r) })
	mux.HandleFunc("POST /telefoon", func(w http.ResponseWriter, r *http.Request) {
		if err := s.SetPhone(r, r.FormValue("nummer")); err != nil {
			refuse(w, err)
		}
	})
	mux.HandleFunc("POST /einde/{id}", func(w http.ResponseWriter, r *http.Request) {
		if err := s.End(r, r.PathValue("id")); err != nil {
			refuse(w, err)
		}
	})
	mux.HandleFunc("GET /sessies", func(w http.ResponseWriter, r *http.Request) { json.NewEncoder(w).Encode(s.Sessions(r)) })
	mux.HandleFunc("GET /nog", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, s.Still(r)) })
	mux.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		p, ok := s.Person(r)
		if !ok {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.Header().Set("Path", r.URL.RequestURI())
		json.NewEncoder(w).Encode(p)
	})
}

// knows lets the provider know somebody, with what its token says beside the usual.
func (s *site) knows(subject string, says map[string]any) {
	s.subjects[subject] = &oidc.TestSubject{Password: "wachtwoord", CustomClaims: says}
	s.provider.SetSubjectInfo(s.subjects)
}

// browser is one with its own cookies.
type browser struct {
	*http.Client
	site *site
}

func (s *site) browser(t *testing.T) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &browser{&http.Client{Jar: jar, Transport: s.way}, s}
}

func (b *browser) do(t *testing.T, method, address string, form url.Values) (*http.Response, string) {
	t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, body)
	if err != nil {
		t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64; rv:148.0) Gecko/20100101 Firefox/148.0")
	answer, err := b.Client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, string(text)
}

var hidden = regexp.MustCompile(`name="(state|code|redirect_uri)" type="hidden" value="([^"]*)"`)

// begin goes to the provider; what comes back is its form.
func (b *browser) begin(t *testing.T, next string) url.Values {
	t.Helper()
	answer, page := b.do(t, http.MethodGet, b.site.url+"/inloggen?verder="+url.QueryEscape(next), nil)
	form := url.Values{}
	for _, field := range hidden.FindAllStringSubmatch(page, -1) {
		form.Set(field[1], field[2])
	}
	if form.Get("state") == "" {
		t.Fatalf("no form of the provider: %s %s", answer.Status, page)
	}
	return form
}

// signIn goes the whole way as somebody, and gives the last answer.
func (b *browser) signIn(t *testing.T, subject, next string) (*http.Response, string) {
	t.Helper()
	form := b.begin(t, next)
	form.Set("uname", subject)
	form.Set("psw", "wachtwoord")
	return b.do(t, http.MethodPost, b.site.provider.Addr()+"/login", form)
}

// refused signs in and wants a reason.
func (b *browser) refused(t *testing.T, subject, code string) {
	t.Helper()
	if answer, text := b.signIn(t, subject, "/"); answer.StatusCode != http.StatusForbidden || text != code {
		t.Errorf("%s: %s %q, want %s", subject, answer.Status, text, code)
	}
	if answer, _ := b.do(t, http.MethodGet, b.site.url+"/", nil); answer.StatusCode != http.StatusUnauthorized {
		t.Errorf("%s: in all the same", subject)
	}
}

// whoami is whom the site takes the browser for; nil for nobody.
func (b *browser) whoami(t *testing.T) *signin.Person {
	t.Helper()
	answer, text := b.do(t, http.MethodGet, b.site.url+"/", nil)
	if answer.StatusCode != http.StatusOK {
		return nil
	}
	var p signin.Person
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		t.Fatal(err)
	}
	return &p
}

func (b *browser) sessions(t *testing.T) (all []signin.Session) {
	t.Helper()
	_, text := b.do(t, http.MethodGet, b.site.url+"/sessies", nil)
	if err := json.Unmarshal([]byte(text), &all); err != nil {
		t.Fatal(err)
	}
	return all
}
