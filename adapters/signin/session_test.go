package signin_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"huisboek/adapters/access"
	"huisboek/adapters/signin"
)

var one = []signin.Person{
	{Duty: signin.AccountManager, Partner: zwolle, Employee: "am-01", Name: "A"},
	{Duty: signin.AccountManager, Partner: uwv, Employee: "am-01", Name: "B"},
	{Duty: signin.Board, Name: "C"},
}

func demo(c *signin.Config) { c.Issuer, c.OneClick = "", one }

// as signs in by one click as one of them.
func (b *browser) as(t *testing.T, i int) signin.Person {
	t.Helper()
	p := b.site.Ways().OneClick[i]
	if answer, text := b.do(t, http.MethodPost, b.site.url+"/als/"+p.ID, nil); answer.StatusCode != http.StatusOK {
		t.Fatalf("%s %s", answer.Status, text)
	}
	return p
}

// One click lets in as one of those that the settings name, and nowhere else.
func TestOneClick(t *testing.T) {
	s := open(t, demo)
	ways := s.Ways()
	if ways.Provider || len(ways.OneClick) != 3 {
		t.Fatalf("%+v", ways)
	}
	ids := map[string]bool{"": true}
	for i, p := range ways.OneClick {
		if ids[p.ID] {
			t.Errorf("id %q twice", p.ID)
		}
		ids[p.ID] = true
		b := s.browser(t)
		b.as(t, i)
		if who := b.whoami(t); who == nil || *who != p {
			t.Errorf("%+v, want %+v", who, p)
		}
	}
	b := s.browser(t)
	for _, id := range []string{"x", "00000000-0000-0000-0000-000000000000"} {
		if _, text := b.do(t, http.MethodPost, s.url+"/als/"+id, nil); text != "inloggen-onbekende-manier" {
			t.Error(text)
		}
	}
	for _, path := range []string{"/inloggen", signin.CallbackPath} {
		if _, text := b.do(t, http.MethodGet, s.url+path, nil); text != "inloggen-onbekende-manier" {
			t.Errorf("%s: %s", path, text)
		}
	}
	served := open(t, nil)
	if w := served.Ways(); !w.Provider || w.ProviderName != "127.0.0.1" || len(w.OneClick) != 0 {
		t.Errorf("%+v", w)
	}
	for id := range ids {
		if _, text := served.browser(t).do(t, http.MethodPost, served.url+"/als/"+id, nil); text != "inloggen-onbekende-manier" && id != "" {
			t.Errorf("in by one click beside a provider: %s", text)
		}
	}
	// No settings at all: nobody.
	nobody := open(t, func(c *signin.Config) { c.Issuer = "" })
	if w := nobody.Ways(); w.Provider || len(w.OneClick) != 0 {
		t.Errorf("%+v", w)
	}
}

// A session ends half an hour after its last use, eight hours after its beginning, and
// looking whether it is there is no use.
func TestSessionEnds(t *testing.T) {
	s := open(t, demo)
	b := s.browser(t)
	b.as(t, 0)
	still := func() bool { _, text := b.do(t, http.MethodGet, s.url+"/nog", nil); return text == "true" }
	s.clock.pass(29 * time.Minute)
	if b.whoami(t) == nil {
		t.Fatal("out after 29 minutes")
	}
	s.clock.pass(29 * time.Minute)
	if !still() {
		t.Fatal("out 29 minutes after a use")
	}
	s.clock.pass(time.Minute)
	if still() || b.whoami(t) != nil {
		t.Error("in 30 minutes after a use")
	}
	b.as(t, 0)
	for range 8*60/20 - 1 {
		s.clock.pass(20 * time.Minute)
		if b.whoami(t) == nil {
			t.Fatal("out while in use")
		}
	}
	s.clock.pass(20*time.Minute - time.Millisecond)
	if b.whoami(t) == nil {
		t.Error("out before eight hours")
	}
	s.clock.pass(time.Millisecond)
	if b.whoami(t) != nil {
		t.Error("in after eight hours")
	}
}

// Each sign-in has a token of its own, and ends what the browser had; the cookie says what
// it must, and two of a name are none.
func TestCookie(t *testing.T) {
	for _, secure := range []bool{true, false} {
		s := open(t, func(c *signin.Config) { demo(c); c.Secure = secure })
		id := s.Ways().OneClick[0].ID
		click := func(old ...*http.Cookie) *http.Cookie {
			t.Helper()
			w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
			for _, c := range old {
				r.AddCookie(c)
			}
			if err := s.OneClick(w, r, id); err != nil {
				t.Fatal(err)
			}
			set := w.Result().Cookies()
			if len(set) != 1 || w.Header().Get("Cache-Control") != "no-store" {
				t.Fatalf("%v %v", set, w.Header())
			}
			return set[0]
		}
		who := func(all ...*http.Cookie) bool {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			for _, c := range all {
				r.AddCookie(c)
			}
			_, ok := s.Person(r)
			return ok
		}
		first := click()
		name := map[bool]string{true: "__Host-sid", false: "sid"}[secure]
		if first.Name != name || first.Secure != secure || !first.HttpOnly || first.SameSite != http.SameSiteLaxMode || first.Path != "/" || first.Domain != "" || first.MaxAge != 0 || len(first.Value) != 43 {
			t.Errorf("%+v", first)
		}
		second := click(first)
		if second.Value == first.Value || who(first) || !who(second) {
			t.Error("the token did not change")
		}
		if third := click(); !who(third) || !who(second) || who(second, third) || who() {
			t.Error("another browser's")
		}
		other := *second
		other.Name = map[bool]string{false: "__Host-sid", true: "sid"}[secure]
		if who(&other) {
			t.Error("by the other name")
		}
	}
}

// Of ten sessions of a person, the eleventh ends the oldest; they are listed and ended by
// their own person only.
func TestOwnSessions(t *testing.T) {
	s := open(t, demo)
	var all []*browser
	for range 11 {
		b := s.browser(t)
		b.as(t, 0)
		all = append(all, b)
		s.clock.pass(time.Second)
	}
	other := s.browser(t)
	other.as(t, 1)
	if all[0].whoami(t) != nil || all[1].whoami(t) == nil {
		t.Error("it is the oldest that ends")
	}
	own := all[5].sessions(t)
	if len(own) != 10 {
		t.Fatalf("%d sessions", len(own))
	}
	current := 0
	for _, x := range own {
		if x.Agent != "Firefox, Linux" || x.Began.IsZero() || x.ID == "" {
			t.Errorf("%+v", x)
		}
		if x.Current {
			current++
		}
	}
	if current != 1 || own[0].Used.Before(own[9].Used) {
		t.Errorf("%+v", own)
	}
	strange := other.sessions(t)[0].ID
	end := func(b *browser, id string) string {
		_, text := b.do(t, http.MethodPost, s.url+"/einde/"+id, nil)
		return text
	}
	if said := end(all[5], strange); said != "sessie-onbekend" || other.whoami(t) == nil {
		t.Error("somebody else's ended")
	}
	if said := end(all[5], all[6].sessions(t)[0].ID); said != "" {
		t.Error(said)
	}
	for _, x := range own {
		if !x.Current {
			end(all[5], x.ID)
		}
	}
	if got := all[5].sessions(t); len(got) != 1 || !got[0].Current || all[6].whoami(t) != nil {
		t.Errorf("%+v", got)
	}
	if said := end(s.browser(t), strange); said != "sessie-geen" {
		t.Error(said)
	}
	if got := s.browser(t).sessions(t); len(got) != 0 {
		t.Errorf("nobody has %+v", got)
	}
	s.EndAll(s.Ways().OneClick[1].ID)
	s.EndAll("")
	if other.whoami(t) != nil || all[5].whoami(t) == nil {
		t.Error("EndAll ends another's")
	}
}

// The book has the last word at each request: who was removed is out, and so is whose
// partner left, for as long as that is.
func TestBookDecides(t *testing.T) {
	s := open(t, nil)
	entry := mustAdd(t, s, manager("riet@zwolle.example.nl"))
	s.knows("sub-1", map[string]any{"email": "riet@zwolle.example.nl", "email_verified": true, "name": "R"})
	b, c := s.browser(t), s.browser(t)
	b.signIn(t, "sub-1", "/")
	c.signIn(t, "sub-1", "/")
	s.gone.Store(zwolle, true)
	if b.whoami(t) != nil || len(b.sessions(t)) != 0 {
		t.Error("in for a partner that left")
	}
	s.browser(t).refused(t, "sub-1", "inloggen-partner-weg")
	s.gone.Delete(zwolle)
	if b.whoami(t) == nil {
		t.Error("out for a partner that is back")
	}

	phone := func(number, want string) {
		t.Helper()
		if _, text := b.do(t, http.MethodPost, s.url+"/telefoon", url.Values{"nummer": {number}}); text != want {
			t.Errorf("%q: %s", number, text)
		}
	}
	phone("06-00000001", "")
	if p, _ := s.people.Person(entry.ID); p.Phone != "06-00000001" || c.whoami(t).Phone != p.Phone {
		t.Errorf("%+v", p)
	}
	phone("bel mij", "sessie-telefoon")
	phone("", "")
	if got := c.whoami(t).Phone; got != "" {
		t.Errorf("still %q", got)
	}

	if err := s.people.RemovePerson(entry.ID); err != nil {
		t.Fatal(err)
	}
	phone("06-00000001", "sessie-geen")
	if b.whoami(t) != nil || c.whoami(t) != nil {
		t.Error("in after being removed")
	}
	entry = mustAdd(t, s, manager("riet@zwolle.example.nl"))
	if b.whoami(t) != nil {
		t.Error("an old session came back")
	}
	if b.signIn(t, "sub-1", "/"); b.whoami(t) == nil {
		t.Fatal("not in again")
	}
	s.EndAll(entry.ID)
	if b.whoami(t) != nil {
		t.Error("EndAll does not know the entry")
	}
}

// Without an entry the number is the session's.
func TestPhoneOfASession(t *testing.T) {
	s := open(t, demo)
	b, c := s.browser(t), s.browser(t)
	b.as(t, 0)
	c.as(t, 0)
	b.do(t, http.MethodPost, s.url+"/telefoon", url.Values{"nummer": {"038-0000009"}})
	if c.whoami(t).Phone != "038-0000009" {
		t.Error("not everywhere")
	}
	if _, text := s.browser(t).do(t, http.MethodPost, s.url+"/telefoon", url.Values{"nummer": {"038-0000009"}}); text != "sessie-geen" {
		t.Error(text)
	}
}

// Many at once, for the race detector; in the end nothing is left that ended.
func TestTogether(t *testing.T) {
	s := open(t, demo)
	ids := s.Ways().OneClick
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for j := range 50 {
				w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
				if err := s.OneClick(w, r, ids[(i+j)%len(ids)].ID); err != nil {
					t.Error(err)
				}
				in := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
				in.AddCookie(w.Result().Cookies()[0])
				s.Person(in)
				s.SetPhone(in, "038-0000009")
				for _, x := range s.Sessions(in) {
					if j%5 == 0 {
						s.End(in, x.ID)
					}
				}
				if j%7 == 0 {
					s.EndAll(ids[i%len(ids)].ID)
				}
				s.clock.pass(time.Millisecond)
				s.SignOut(httptest.NewRecorder(), in)
				if _, ok := s.Person(in); ok {
					t.Error("in after signing out")
				}
			}
		})
	}
	all.Wait()
	for i := range ids {
		b := s.browser(t)
		b.as(t, i)
		if n := len(b.sessions(t)); n != 1 {
			t.Errorf("%d sessions", n)
		}
	}
}

// A door with half a Config is none.
func TestConfig(t *testing.T) {
	for name, change := range map[string]func(*signin.Config){
		"key":             func(c *signin.Config) { c.Key = c.Key[:31] },
		"people":          func(c *signin.Config) { c.People = nil },
		"active":          func(c *signin.Config) { c.Active = nil },
		"client":          func(c *signin.Config) { c.ClientID = "" },
		"plain issuer":    func(c *signin.Config) { c.Issuer = "http://login.example.nl" },
		"issuer's query":  func(c *signin.Config) { c.Issuer += "?a=b" },
		"plain public":    func(c *signin.Config) { c.PublicURL = "http://huisboek.example.nl" },
		"public path":     func(c *signin.Config) { c.PublicURL = "https://huisboek.example.nl/boek" },
		"no public":       func(c *signin.Config) { c.PublicURL = "" },
		"claims":          func(c *signin.Config) { c.PartnerClaim = "oin" },
		"click":           func(c *signin.Config) { c.OneClick = one },
		"click of nobody": func(c *signin.Config) { c.Issuer, c.OneClick = "", []signin.Person{{Duty: "koning"}} },
		"click, partner":  func(c *signin.Config) { c.Issuer, c.OneClick = "", []signin.Person{{Duty: signin.Board, Partner: uwv}} },
	} {
		file, err := access.Open(t.TempDir()+"/access.db", key)
		if err != nil {
			t.Fatal(err)
		}
		cfg := signin.Config{
			Key: key, People: file, Active: func(string) bool { return true },
			Issuer: "https://login.example.nl", ClientID: clientA, PublicURL: "https://huisboek.example.nl/",
		}
		if _, err := signin.New(cfg); err != nil {
			t.Errorf("a whole one: %v", err)
		}
		change(&cfg)
		if d, err := signin.New(cfg); err == nil {
			t.Errorf("%s: %+v", name, d.Ways())
		}
		file.Close()
	}
}

// Each reason has its code and both sentences; of anything else there is one as well.
func TestReasons(t *testing.T) {
	codes := map[string]bool{}
	for _, r := range signin.Reasons() {
		if codes[r.Code] || r.Code == "" || r.Sentence.NL == "" || r.Sentence.EN == "" || r.Sentence.NL == r.Sentence.EN {
			t.Errorf("%+v", r)
		}
		codes[r.Code] = true
	}
	for _, err := range []error{
		signin.ErrNoSuchWay, signin.ErrNext, signin.ErrCancelled, signin.ErrState, signin.ErrProvider, signin.ErrRefused, signin.ErrToken, signin.ErrEmail,
		signin.ErrNoDuty, signin.ErrDuties, signin.ErrIncomplete, signin.ErrPartnerGone, signin.ErrNoSession, signin.ErrNoSuchSession, signin.ErrPhone,
	} {
		r := signin.ReasonOf(fmt.Errorf("more: %w", err))
		if !codes[r.Code] {
			t.Errorf("%v: %+v", err, r)
		}
		delete(codes, r.Code)
	}
	if r := signin.ReasonOf(errors.New("schijf vol")); len(codes) != 1 || !codes[r.Code] {
		t.Errorf("%v left, and %+v", codes, r)
	}
}

// What a browser says of itself is shown, so it is short and can do nothing.
func TestAgent(t *testing.T) {
	s := open(t, demo)
	for header, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36 Edg/147.0": "Edge, Windows",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Safari/604.1": "Safari, iPhone",
		"Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Mobile Safari/537.36":              "Chrome, Android",
		"": "", "curl/8.14": "curl/8.14", "a\u202e\u0000b \t\n c\xff": "ab c", strings.Repeat("é", 300): strings.Repeat("é", 200),
		strings.Repeat("a ", 300): strings.Repeat("a ", 100),
	} {
		w, r := httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
		r.Header.Set("User-Agent", header)
		if err := s.OneClick(w, r, s.Ways().OneClick[2].ID); err != nil {
			t.Fatal(err)
		}
		in := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		in.AddCookie(w.Result().Cookies()[0])
		for _, x := range s.Sessions(in) {
			if x.Current && strings.TrimSpace(x.Agent) != strings.TrimSpace(want) || utf8.RuneCountInString(x.Agent) > 200 {
				t.Errorf("%.40q: %q, want %q", header, x.Agent, want)
			}
		}
		s.SignOut(w, in)
	}
}

// No log names a person, or holds what lets somebody in.
func TestLogIsDiscreet(t *testing.T) {
	var log bytes.Buffer
	s := open(t, func(c *signin.Config) { c.Log = logTo(&log) })
	mustAdd(t, s, manager("riet@zwolle.example.nl"))
	s.knows("sub-geheim", map[string]any{"email": "riet@zwolle.example.nl", "email_verified": true, "name": "Riet"})
	s.knows("sub-ander", map[string]any{"email": "joop@zwolle.example.nl", "email_verified": true, "name": "Joop", "nonce": "x"})
	b := s.browser(t)
	b.signIn(t, "sub-geheim", "/")
	s.browser(t).signIn(t, "sub-ander", "/")
	for _, word := range []string{"riet", "Riet", "sub-geheim", "joop", "sub-ander", b.Jar.Cookies(mustURL(t, s.url))[0].Value} {
		if strings.Contains(log.String(), word) {
			t.Errorf("%q in %s", word, log.String())
		}
	}
	if !strings.Contains(log.String(), "signed in") || !strings.Contains(log.String(), "inloggen-onbetrouwbaar") {
		t.Error(log.String())
	}
}
