package signin

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	providerWait = 10 * time.Second // for one answer of the provider
	providerBody = 1 << 20          // bytes of one answer at most
	providerNap  = 2 * time.Second  // after a failure: so long nobody asks again
	skew         = time.Minute      // how far the provider's clock and ours may be apart
)

// signatures are the algorithms that are taken: none with a shared secret, and not "none".
var signatures = []string{oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA}

// provider is one that says who people are. What it says of itself is asked when it is
// first needed, and again until it answers.
type provider struct {
	cfg     *Config
	client  *http.Client
	looking chan struct{} // full while somebody asks
	found   *found        // looking holds for these three
	again   time.Time     // before that the last failure stands
	failure error
}

// found is what a provider says of itself.
type found struct {
	oidc     *oidc.Provider
	verifier *oidc.IDTokenVerifier
	oauth    oauth2.Config
	namesUs  bool // its answers carry its name (RFC 9207)
	more     bool // it has an endpoint that says more of people
}

func newProvider(cfg *Config) *provider {
	transport := cfg.Transport
	if transport == nil {
		own := http.DefaultTransport.(*http.Transport).Clone()
		own.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		own.ResponseHeaderTimeout, own.MaxResponseHeaderBytes = providerWait, 64<<10
		transport = own
	}
	return &provider{
		cfg:     cfg,
		looking: make(chan struct{}, 1),
		client: &http.Client{
			Transport: bounded{transport}, Timeout: providerWait,
			// Not one of what is asked moves; our secret must not follow where it would.
			CheckRedirect: func(*http.Request, []*http.Request) error { return errors.New("the provider sends us elsewhere") },
		},
	}
}

// bounded lets no answer be longer than providerBody.
type bounded struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err == nil {
		answer.Body = http.MaxBytesReader(nil, answer.Body, providerBody)
	}
	return answer, err
}

// CloseIdleConnections is what http.Client asks for.
func (b bounded) CloseIdleConnections() {
	if t, ok := b.RoundTripper.(interface{ CloseIdleConnections() }); ok {
		t.CloseIdleConnections()
	}
}

// with is ctx for the two libraries: both take their client from it.
func (p *provider) with(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, p.client)
}

// look is what the provider says of itself; ErrProvider when it does not.
func (p *provider) look(ctx context.Context) (*found, error) {
	select {
	case p.looking <- struct{}{}:
		defer func() { <-p.looking }()
	case <-ctx.Done():
		return nil, fmt.Errorf("%w: %w", ErrProvider, ctx.Err())
	}
	if p.found != nil {
		return p.found, nil
	}
	if p.cfg.Now().Before(p.again) {
		return nil, p.failure
	}
	f, err := p.discover(ctx)
	if err != nil && ctx.Err() != nil { // it was not the provider's doing: who waits behind this one asks anew
		return nil, fmt.Errorf("%w: %w", ErrProvider, ctx.Err())
	}
	if err != nil {
		p.again, p.failure = p.cfg.Now().Add(providerNap), fmt.Errorf("%w: %w", ErrProvider, err)
		return nil, p.failure
	}
	p.found = f
	return f, nil
}

func (p *provider) discover(ctx context.Context) (*found, error) {
	at, err := oidc.NewProvider(p.with(ctx), p.cfg.Issuer)
	if err != nil {
		return nil, errors.New(clean(err.Error(), 300)) // it may have the whole answer in it
	}
	var says struct {
		Auth     string   `json:"authorization_endpoint"`
		Token    string   `json:"token_endpoint"`
		Keys     string   `json:"jwks_uri"`
		UserInfo string   `json:"userinfo_endpoint"`
		Scopes   []string `json:"scopes_supported"`
		Methods  []string `json:"token_endpoint_auth_methods_supported"`
		NamesUs  bool     `json:"authorization_response_iss_parameter_supported"`
	}
	if err := at.Claims(&says); err != nil {
		return nil, err
	}
	for name, address := range map[string]string{"authorization_endpoint": says.Auth, "token_endpoint": says.Token, "jwks_uri": says.Keys, "userinfo_endpoint": says.UserInfo} {
		if u, err := url.Parse(address); (err != nil || !safe(u)) && (address != "" || name != "userinfo_endpoint") {
			return nil, fmt.Errorf("its %s %q is not one over https", name, clean(address, 200))
		}
	}
	f := &found{oidc: at, namesUs: says.NamesUs, more: says.UserInfo != ""}
	f.verifier = at.Verifier(&oidc.Config{
		ClientID: p.cfg.ClientID, SupportedSigningAlgs: signatures,
		SkipExpiryCheck: true, // checkTimes does it: go-oidc grants five minutes to one end and none to the other
	})
	f.oauth = oauth2.Config{
		ClientID: p.cfg.ClientID, ClientSecret: p.cfg.ClientSecret, Endpoint: at.Endpoint(),
		RedirectURL: p.cfg.PublicURL + CallbackPath, Scopes: []string{oidc.ScopeOpenID},
	}
	// Not left to trial: a code that was offered once in the wrong way is used up.
	f.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInHeader
	if len(says.Methods) > 0 && !slices.Contains(says.Methods, "client_secret_basic") || p.cfg.ClientSecret == "" {
		f.oauth.Endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	for _, scope := range []string{"profile", "email", "phone"} {
		if slices.Contains(says.Scopes, scope) || len(says.Scopes) == 0 && scope != "phone" {
			f.oauth.Scopes = append(f.oauth.Scopes, scope)
		}
	}
	return f, nil
}

// safe reports whether what goes to an address is read by nobody else: https, or this machine.
func safe(u *url.URL) bool {
	if u.Host == "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && Loopback(u.Hostname())
}

// Loopback reports whether a host is this machine itself.
func Loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
