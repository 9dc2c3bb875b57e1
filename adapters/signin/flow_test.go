package signin_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hashicorp/cap/oidc"

	"huisboek/adapters/access"
	"huisboek/adapters/signin"
	"huisboek/ledger"
)

func mustAdd(t *testing.T, s *site, p access.Person) access.Person {
	t.Helper()
	p, err := s.people.AddPerson(p)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func manager(email string) access.Person {
	return access.Person{Duty: signin.AccountManager, Partner: zwolle, Employee: "am-03", Email: email}
}

// The whole way: by a verified address the first time, by the subject from then on; the
// same id each time, and where one wanted to go.
func TestSignIn(t *testing.T) {
	s := open(t, nil)
	entry := mustAdd(t, s, manager("Riet@zwolle.example.nl"))
	s.knows("sub-1", map[string]any{"email": "riet@zwolle.example.nl", "email_verified": true, "name": " Riet  van\u202e Z. ", "phone_number": "+31 38 0000001"})
	b := s.browser(t)
	if b.whoami(t) != nil {
		t.Fatal("in before signing in")
	}
	answer, _ := b.signIn(t, "sub-1", "/werkgevers?zoek=a%20b")
	if answer.StatusCode != http.StatusOK || answer.Header.Get("Path") != "/werkgevers?zoek=a%20b" {
		t.Fatalf("%s at %q", answer.Status, answer.Header.Get("Path"))
	}
	p := b.whoami(t)
	want := &signin.Person{Duty: signin.AccountManager, Partner: zwolle, Employee: "am-03", Name: "Riet van Z.", Phone: "+31 38 0000001", Email: "riet@zwolle.example.nl"}
	want.ID = p.ID
	if d := cmp.Diff(want, p); d != "" {
		t.Error(d)
	}
	if id, err := uuid.Parse(p.ID); err != nil || id.Version() != 8 || id.Variant() != uuid.RFC4122 {
		t.Errorf("id %q: %v", p.ID, err)
	}
	if c := p.Caller(); c != (ledger.Caller{Role: ledger.RolePartner, Partner: zwolle, Credential: p.ID, Door: ledger.DoorHTTP}) {
		t.Errorf("speaks as %+v", c)
	}
	if bound, _ := s.people.Person(entry.ID); bound.Subject != "sub-1" || bound.Issuer != s.provider.Addr() || bound.Bound.IsZero() {
		t.Errorf("bound to %+v", bound)
	}

	// The address is somebody else's now; the subject is what counts.
	s.knows("sub-1", map[string]any{"email": "riet@utrecht.example.nl", "email_verified": true, "name": "Riet"})
	s.knows("sub-2", map[string]any{"email": "riet@zwolle.example.nl", "email_verified": true, "name": "Een ander"})
	c := s.browser(t)
	c.signIn(t, "sub-1", "")
	if again := c.whoami(t); again == nil || again.ID != p.ID {
		t.Errorf("again: %+v", again)
	}
	s.browser(t).refused(t, "sub-2", "inloggen-geen-taak")

	// Out is out, also for who kept the cookie.
	kept := b.Jar.Cookies(mustURL(t, s.url))
	b.do(t, http.MethodPost, s.url+"/uit", nil)
	if left := b.Jar.Cookies(mustURL(t, s.url)); len(left) != 0 {
		t.Errorf("cookies left: %v", left)
	}
	b.Jar.SetCookies(mustURL(t, s.url), kept)
	if b.whoami(t) != nil {
		t.Error("in after signing out")
	}
}

func mustURL(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// What the provider says of somebody else, to somebody else, of another time or in another
// hand lets nobody in.
func TestWhatDoesNotHold(t *testing.T) {
	s := open(t, nil)
	mustAdd(t, s, manager("riet@zwolle.example.nl"))
	mustAdd(t, s, access.Person{Duty: signin.Board, Issuer: s.provider.Addr(), Subject: "bekend"})
	now := s.clock.now()
	good := map[string]any{"email": "riet@zwolle.example.nl", "email_verified": true, "name": "R"}
	with := func(changes map[string]any) map[string]any {
		says := map[string]any{}
		for k, v := range good {
			says[k] = v
		}
		for k, v := range changes {
			says[k] = v
		}
		return says
	}
	for name, c := range map[string]struct {
		says map[string]any
		code string
	}{
		"nonce":              {with(map[string]any{"nonce": "een-ander"}), "inloggen-onbetrouwbaar"},
		"no nonce":           {with(map[string]any{"nonce": nil}), "inloggen-onbetrouwbaar"},
		"audience":           {with(map[string]any{"aud": "een-ander"}), "inloggen-onbetrouwbaar"},
		"no audience":        {with(map[string]any{"aud": []string{}}), "inloggen-onbetrouwbaar"},
		"party":              {with(map[string]any{"azp": "een-ander"}), "inloggen-onbetrouwbaar"},
		"party is no text":   {with(map[string]any{"azp": 5}), "inloggen-onbetrouwbaar"},
		"two audiences":      {with(map[string]any{"aud": []string{clientA, "een-ander"}, "azp": nil}), "inloggen-onbetrouwbaar"},
		"issuer":             {with(map[string]any{"iss": "https://een-ander.example.nl"}), "inloggen-onbetrouwbaar"},
		"issuer with slash":  {with(map[string]any{"iss": s.provider.Addr() + "/"}), "inloggen-onbetrouwbaar"},
		"expired":            {with(map[string]any{"exp": now.Add(-61 * time.Second).Unix()}), "inloggen-onbetrouwbaar"},
		"never expires":      {with(map[string]any{"exp": nil}), "inloggen-onbetrouwbaar"},
		"of later":           {with(map[string]any{"iat": now.Add(62 * time.Second).Unix()}), "inloggen-onbetrouwbaar"},
		"not yet":            {with(map[string]any{"nbf": now.Add(62 * time.Second).Unix()}), "inloggen-onbetrouwbaar"},
		"no subject":         {with(map[string]any{"sub": ""}), "inloggen-onbetrouwbaar"},
		"address unverified": {with(map[string]any{"email_verified": false}), "inloggen-email-niet-bevestigd"},
		"not said":           {with(map[string]any{"email_verified": nil}), "inloggen-email-niet-bevestigd"},
		"unknown address":    {with(map[string]any{"email": "x@zwolle.example.nl"}), "inloggen-geen-taak"},
		"no address":         {map[string]any{"name": "R"}, "inloggen-geen-taak"},
	} {
		t.Run(name, func(t *testing.T) {
			s.knows("wie", c.says)
			s.browser(t).refused(t, "wie", c.code)
		})
	}
	// Within a minute of skew, in both directions, it does.
	for name, says := range map[string]map[string]any{
		"just expired": {"exp": now.Add(-58 * time.Second).Unix()},
		"just ahead":   {"iat": now.Add(58 * time.Second).Unix(), "nbf": now.Add(58 * time.Second).Unix(), "exp": now.Add(2 * time.Minute).Unix()},
		"two, and we":  {"aud": []string{clientA, "een-ander"}, "azp": clientA},
		"as a text":    {"email_verified": "true"},
	} {
		t.Run(name, func(t *testing.T) {
			says["name"], says["email"] = "B", "b@example.nl"
			s.knows("bekend", says)
			b := s.browser(t)
			if answer, text := b.signIn(t, "bekend", "/"); answer.StatusCode != http.StatusOK {
				t.Errorf("%s %s", answer.Status, text)
			}
		})
	}
}

// A token that was changed on its way, and one that goes with another access token.
func TestTampered(t *testing.T) {
	s := open(t, nil)
	mustAdd(t, s, access.Person{Duty: signin.Board, Issuer: s.provider.Addr(), Subject: "bekend"})
	s.knows("bekend", map[string]any{"name": "B", "email": "b@example.nl"})
	parts := func(token any) []string { return strings.Split(token.(string), ".") }
	private, _, alg, _ := s.provider.SigningKeys()
	signed := func(a map[string]any, change func(map[string]any)) { // by the provider itself, which here says something odd
		says := map[string]any{}
		text, err := base64.RawURLEncoding.DecodeString(parts(a["id_token"])[1])
		if err == nil {
			err = json.Unmarshal(text, &says)
		}
		if err != nil {
			t.Error(err)
		}
		change(says)
		a["id_token"] = oidc.TestSignJWT(t, private, string(alg), says, nil)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	for name, tamper := range map[string]func(map[string]any){
		"no signature": func(a map[string]any) {
			p := parts(a["id_token"])
			a["id_token"] = b64([]byte(`{"alg":"none"}`)) + "." + p[1] + "."
		},
		"shared secret": func(a map[string]any) {
			p := parts(a["id_token"])
			a["id_token"] = b64([]byte(`{"alg":"HS256"}`)) + "." + p[1] + "." + p[2]
		},
		"other words": func(a map[string]any) {
			p := parts(a["id_token"])
			a["id_token"] = p[0] + "." + b64([]byte(`{}`)) + "." + p[2]
		},
		"access token": func(a map[string]any) { a["access_token"] = "een.ander.token" },
		"no party": func(a map[string]any) {
			signed(a, func(says map[string]any) { delete(says, "azp"); says["aud"] = []string{clientA, "een-ander"} })
		},
		"no nonce":    func(a map[string]any) { signed(a, func(says map[string]any) { delete(says, "nonce") }) },
		"no end":      func(a map[string]any) { signed(a, func(says map[string]any) { delete(says, "exp") }) },
		"no moment":   func(a map[string]any) { signed(a, func(says map[string]any) { delete(says, "iat") }) },
		"no id token": func(a map[string]any) { delete(a, "id_token") },
		"no token":    func(a map[string]any) { delete(a, "access_token") },
	} {
		t.Run(name, func(t *testing.T) {
			s.way.set(func() { s.way.tamper = tamper })
			s.browser(t).refused(t, "bekend", "inloggen-onbetrouwbaar")
		})
	}
	s.way.set(func() {
		s.way.tamper = func(a map[string]any) { signed(a, func(says map[string]any) { delete(says, "azp") }) }
	})
	if answer, text := s.browser(t).signIn(t, "bekend", "/"); answer.StatusCode != http.StatusOK { // one audience needs no party
		t.Errorf("%s %s", answer.Status, text)
	}
	// Our secret goes nowhere but to the address that the provider named.
	s.way.set(func() { s.way.tamper, s.way.moved = nil, "/token" })
	s.browser(t).refused(t, "bekend", "inloggen-geen-verbinding")
	if n := s.way.asked["/elders"]; n != 0 {
		t.Error("it follows")
	}
}

// A sign-in is of one browser, once, within ten minutes.
func TestStates(t *testing.T) {
	s := open(t, nil)
	mustAdd(t, s, access.Person{Duty: signin.Board, Issuer: s.provider.Addr(), Subject: "bekend"})
	s.knows("bekend", map[string]any{"name": "B", "email": "b@example.nl"})
	finish := func(b *browser, form url.Values) (*http.Response, string) {
		t.Helper()
		form.Set("uname", "bekend")
		form.Set("psw", "wachtwoord")
		return b.do(t, http.MethodPost, s.provider.Addr()+"/login", form)
	}
	expired := func(what string, answer *http.Response, text string) {
		t.Helper()
		if answer.StatusCode != http.StatusForbidden || text != "inloggen-verlopen" {
			t.Errorf("%s: %s %s", what, answer.Status, text)
		}
	}
	mine, other := s.browser(t), s.browser(t)
	// Somebody sends a link with a sign-in of their own, to be taken for them.
	form := other.begin(t, "/")
	answer, text := finish(mine, form)
	expired("another browser's", answer, text)
	answer, text = finish(other, form)
	expired("its own, after that", answer, text)
	// Also when the one it is sent to is signing in.
	mine.begin(t, "/")
	answer, text = finish(mine, other.begin(t, "/"))
	expired("another browser's, in the middle", answer, text)

	form = mine.begin(t, "/een")
	second := mine.begin(t, "/twee")
	if answer, _ := finish(mine, form); answer.Header.Get("Path") != "/een" {
		t.Errorf("the first of two tabs: %s", answer.Status)
	}
	back := s.url + signin.CallbackPath + "?state=" + url.QueryEscape(form.Get("state")) + "&code=" + url.QueryEscape(form.Get("code"))
	answer, text = mine.do(t, http.MethodGet, back, nil)
	expired("replayed", answer, text)
	if mine.whoami(t) == nil {
		t.Error("what was replayed ended the session")
	}
	answer, text = finish(mine, second)
	expired("the second tab, after the first", answer, text)

	form = mine.begin(t, "/")
	s.clock.pass(10 * time.Minute)
	answer, text = finish(mine, form)
	expired("after ten minutes", answer, text)
	for _, query := range []string{"", "?state=", "?state=x&code=y", "?error=access_denied", "?state=%00"} {
		answer, text = mine.do(t, http.MethodGet, s.url+signin.CallbackPath+query, nil)
		expired(query, answer, text)
	}
}

// Where somebody goes afterwards is ours.
func TestNext(t *testing.T) {
	s := open(t, nil)
	for _, next := range []string{"/", "/a", "/a/b?c=d&e=%2F%2F", "/a#b", "/zoek?q=https://x.example", "/@x", "/.//x"} {
		if !signin.Ours(next) {
			t.Errorf("%q is ours", next)
		}
	}
	for _, next := range []string{
		"//x.example", "https://x.example", "http:/x", "javascript:alert(1)", "a", "a/b", " /a", "/\\x.example", "\\/x", "/a\\b",
		"/\t/x.example", "/\n/x", "/\r\nSet-Cookie: a=b", "/a\x00", "/%zz", "///x", "/\u0085/x", "/" + strings.Repeat("a", 2000), "?a", "#a", "/a\xff",
	} {
		if signin.Ours(next) {
			t.Errorf("%q is not ours", next)
		}
		answer, text := s.browser(t).do(t, http.MethodGet, s.url+"/inloggen?verder="+url.QueryEscape(next), nil)
		if answer.StatusCode != http.StatusForbidden || text != "inloggen-vreemd-adres" {
			t.Errorf("%q: %s", next, answer.Status)
		}
	}
}

// What the provider says instead of yes.
func TestProviderSaysNo(t *testing.T) {
	s := open(t, nil)
	s.knows("wie", nil)
	b := s.browser(t)
	for said, code := range map[string]string{
		"access_denied": "inloggen-afgebroken", "consent_required": "inloggen-afgebroken",
		"temporarily_unavailable": "inloggen-geen-verbinding", "server_error": "inloggen-geen-verbinding",
		"unauthorized_client": "inloggen-geweigerd", "invalid_scope": "inloggen-geweigerd", "<script>": "inloggen-geweigerd",
	} {
		state := b.begin(t, "/").Get("state")
		answer, text := b.do(t, http.MethodGet, s.url+signin.CallbackPath+"?error="+url.QueryEscape(said)+"&state="+url.QueryEscape(state), nil)
		if answer.StatusCode != http.StatusForbidden || text != code {
			t.Errorf("%s: %s %s, want %s", said, answer.Status, text, code)
		}
	}
	// Another provider's answer to our question.
	state := b.begin(t, "/").Get("state")
	if _, text := b.do(t, http.MethodGet, s.url+signin.CallbackPath+"?code=x&iss=https%3A%2F%2Fx.example&state="+url.QueryEscape(state), nil); text != "inloggen-onbetrouwbaar" {
		t.Error(text)
	}
	// A wrong password is the provider's own no; a code that nobody gave is not ours to mend.
	form := b.begin(t, "/")
	form.Set("uname", "wie")
	form.Set("psw", "fout")
	if _, text := b.do(t, http.MethodPost, s.provider.Addr()+"/login", form); text != "inloggen-afgebroken" {
		t.Error(text)
	}
	state = b.begin(t, "/").Get("state")
	if _, text := b.do(t, http.MethodGet, s.url+signin.CallbackPath+"?code=geraden&state="+url.QueryEscape(state), nil); text != "inloggen-verlopen" {
		t.Error(text)
	}
}

// A provider that is down keeps nothing from starting, is asked again, and not by everybody
// at once.
func TestProviderDown(t *testing.T) {
	s := open(t, nil)
	mustAdd(t, s, access.Person{Duty: signin.Board, Issuer: s.provider.Addr(), Subject: "bekend"})
	s.knows("bekend", map[string]any{"name": "B", "email": "b@example.nl"})
	s.way.set(func() { s.way.down = true })
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := s.Look(t.Context()); !errors.Is(err, signin.ErrProvider) {
				t.Error(err)
			}
		})
	}
	all.Wait()
	const discovery = "/.well-known/openid-configuration"
	if n := s.way.asked[discovery]; n != 1 {
		t.Errorf("asked %d times", n)
	}
	b := s.browser(t)
	if _, text := b.do(t, http.MethodGet, s.url+"/inloggen", nil); text != "inloggen-geen-verbinding" {
		t.Error(text)
	}
	s.way.set(func() { s.way.down = false })
	if err := s.Look(t.Context()); err == nil {
		t.Error("asked again within the nap")
	}
	s.clock.pass(2 * time.Second)
	form := b.begin(t, "/")
	// It goes down between the question and the answer.
	s.way.set(func() { s.way.down = true })
	if _, text := b.do(t, http.MethodGet, s.url+signin.CallbackPath+"?code=x&state="+url.QueryEscape(form.Get("state")), nil); text != "inloggen-geen-verbinding" {
		t.Error(text)
	}
	s.way.set(func() { s.way.down = false })
	if b.signIn(t, "bekend", "/"); b.whoami(t) == nil {
		t.Error("not in after that")
	}
	// Its keys are gone, or too long: a new door has none yet.
	for _, path := range []string{"/.well-known/jwks.json", "/userinfo"} {
		fresh := open(t, nil)
		mustAdd(t, fresh, access.Person{Duty: signin.Board, Issuer: fresh.provider.Addr(), Subject: "bekend"})
		fresh.knows("bekend", nil) // the name is to be asked
		fresh.way.set(func() {
			fresh.way.replace = func(asked string) string {
				if asked == path {
					return `{"keys": [], "sub": "bekend", "name": "` + strings.Repeat("a", 2<<20) + `"}`
				}
				return ""
			}
		})
		if _, text := fresh.browser(t).signIn(t, "bekend", "/"); text != "inloggen-geen-verbinding" && text != "inloggen-onbetrouwbaar" {
			t.Errorf("%s: %s", path, text)
		}
	}
}

// A provider that calls itself otherwise, or would have us go over plain http.
func TestProviderIsNotIt(t *testing.T) {
	for name, says := range map[string]map[string]any{
		"another":    {"issuer": "https://een-ander.example.nl"},
		"plain":      {"token_endpoint": "http://een-ander.example.nl/token"},
		"plain keys": {"jwks_uri": "http://een-ander.example.nl/keys"},
		"nowhere":    {"authorization_endpoint": ""},
		"script":     {"authorization_endpoint": "javascript:alert(1)"},
		"plain more": {"userinfo_endpoint": "http://een-ander.example.nl/"},
	} {
		s := open(t, nil)
		s.provider.SetAdditionalConfiguration(says)
		if err := s.Look(t.Context()); !errors.Is(err, signin.ErrProvider) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := open(t, nil)
	s.provider.SetAdditionalConfiguration(map[string]any{"authorization_response_iss_parameter_supported": true})
	s.knows("wie", nil)
	s.browser(t).refused(t, "wie", "inloggen-onbetrouwbaar") // it says that it names itself, and does not
}
