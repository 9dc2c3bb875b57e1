package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

const (
	beginLife = 10 * time.Minute // to sign in at the provider
	maxBegun  = 10_000           // unfinished sign-ins; beyond it the oldest is forgotten
	maxNext   = 2_000            // bytes of an address of ours
)

// secret is 256 random bits as text: a state, a nonce, a token.
func secret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// digest is what is kept of a secret: it cannot be tried, so that one hash is enough.
type digest [sha256.Size]byte

func digestOf(secret string) digest { return sha256.Sum256([]byte(secret)) }

// signIn is one that was begun.
type signIn struct {
	browser         digest // of the cookie of the browser that it was begun in
	nonce, verifier string
	next            string
	at              time.Time
}

// begun are the sign-ins under way, by their state. Each is taken once.
type begun struct {
	sync.Mutex
	all map[digest]signIn
}

func (b *begun) add(state string, s signIn) {
	b.Lock()
	defer b.Unlock()
	if b.all == nil {
		b.all = make(map[digest]signIn)
	}
	if len(b.all) >= maxBegun {
		b.makeRoom(s.at)
	}
	b.all[digestOf(state)] = s
}

// makeRoom forgets those that took too long, or else the oldest: who floods us must not
// keep others out for the time that one lives.
func (b *begun) makeRoom(now time.Time) {
	var oldest digest
	var when time.Time
	for key, s := range b.all {
		if !s.alive(now) {
			delete(b.all, key)
		} else if when.IsZero() || s.at.Before(when) {
			oldest, when = key, s.at
		}
	}
	if len(b.all) >= maxBegun {
		delete(b.all, oldest)
	}
}

func (b *begun) take(state string) (signIn, bool) {
	key := digestOf(state)
	b.Lock()
	defer b.Unlock()
	s, ok := b.all[key]
	delete(b.all, key)
	return s, ok
}

func (s *signIn) alive(now time.Time) bool { return now.Sub(s.at) < beginLife }

// Ours reports whether an address is a path of ours, to which somebody may be sent: it
// begins with one slash, and no browser reads another host in it.
func Ours(next string) bool {
	if !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || len(next) > maxNext ||
		strings.ContainsFunc(next, func(r rune) bool { return r == '\\' || unicode.IsControl(r) || r == unicode.ReplacementChar }) {
		return false
	}
	u, err := url.Parse(next)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil
}

// Begin sends the browser to the provider. next is a path of ours to come back to, "" is
// "/". Nothing was answered when there is an error: ErrNoSuchWay, ErrNext, ErrProvider.
func (d *Door) Begin(w http.ResponseWriter, r *http.Request, next string) error {
	if d.provider == nil {
		return ErrNoSuchWay
	}
	if next == "" {
		next = "/"
	}
	if !Ours(next) {
		return ErrNext
	}
	at, err := d.provider.look(r.Context())
	if err != nil {
		d.cfg.Log.Warn("the provider of identities does not answer", "issuer", d.cfg.Issuer, "err", err)
		return err
	}
	// A second tab must not end what the first began: the browser keeps its name.
	browser := d.cookie(r, cookieBegun)
	if len(browser) != len(secret()) {
		browser = secret()
	}
	state := secret()
	s := signIn{browser: digestOf(browser), nonce: secret(), verifier: oauth2.GenerateVerifier(), next: next, at: d.cfg.Now()}
	d.begun.add(state, s)
	d.setCookie(w, cookieBegun, browser, beginLife)
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, at.oauth.AuthCodeURL(state, oidc.Nonce(s.nonce), oauth2.S256ChallengeOption(s.verifier)), http.StatusSeeOther)
	return nil
}

// Callback takes what the provider sent the browser back with. It checks everything, sets
// the cookie of a new session, and says where to go, a path of ours; the answer is still
// to be given. An error tells why nobody is signed in; a session that was there stays.
func (d *Door) Callback(w http.ResponseWriter, r *http.Request) (next string, err error) {
	defer func() {
		if err != nil {
			d.cfg.Log.Warn("somebody is not let in", "reason", ReasonOf(err).Code, "err", err)
		}
	}()
	w.Header().Set("Cache-Control", "no-store")
	if d.provider == nil {
		return "", ErrNoSuchWay
	}
	q := r.URL.Query()
	s, ok := d.begun.take(q.Get("state"))
	browser := digestOf(d.cookie(r, cookieBegun))
	if !ok || subtle.ConstantTimeCompare(browser[:], s.browser[:]) != 1 || !s.alive(d.cfg.Now()) {
		return "", ErrState
	}
	at, err := d.provider.look(r.Context())
	if err != nil {
		return "", err
	}
	if iss := q.Get("iss"); iss != d.cfg.Issuer && (iss != "" || at.namesUs) {
		return "", fmt.Errorf("%w: the answer is another provider's", ErrToken)
	}
	if code := q.Get("error"); code != "" {
		return "", refused(code)
	}
	says, err := d.exchange(r.Context(), at, q.Get("code"), &s)
	if err != nil {
		return "", err
	}
	who, entry, err := d.who(says)
	if err != nil {
		return "", err
	}
	d.setCookie(w, cookieBegun, "", -1)
	d.admit(w, r, who, entry)
	return s.next, nil
}

// refused is what an error code of OAuth 2.0 means to the person.
func refused(code string) error {
	switch code {
	case "access_denied", "login_required", "interaction_required", "consent_required", "account_selection_required":
		return ErrCancelled
	case "server_error", "temporarily_unavailable":
		return fmt.Errorf("%w: %s", ErrProvider, code)
	case "invalid_grant": // the code: used, or too old
		return fmt.Errorf("%w: %s", ErrState, code)
	}
	return fmt.Errorf("%w: %s", ErrRefused, clean(code, 60))
}

// exchange gives the code for what the provider says of the person, and checks that it
// says that to us, now, and of this sign-in.
func (d *Door) exchange(ctx context.Context, at *found, code string, s *signIn) (claims, error) {
	ctx = d.provider.with(ctx)
	token, err := at.oauth.Exchange(ctx, code, oauth2.VerifierOption(s.verifier))
	if err != nil {
		return nil, exchangeFailed(err)
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return nil, fmt.Errorf("%w: no id token", ErrToken)
	}
	id, err := at.verifier.Verify(ctx, raw)
	if err != nil {
		if unreachable(err) {
			return nil, fmt.Errorf("%w: its keys", ErrProvider)
		}
		return nil, fmt.Errorf("%w: %s", ErrToken, clean(err.Error(), 300))
	}
	says := claims{}
	if err := id.Claims(&says); err != nil {
		return nil, fmt.Errorf("%w: %s", ErrToken, clean(err.Error(), 300))
	}
	switch azp := says.text("azp"); {
	case id.Issuer != d.cfg.Issuer || id.Subject == "" || len(id.Subject) > 255:
		return nil, fmt.Errorf("%w: issuer or subject", ErrToken)
	case azp != d.cfg.ClientID && (says["azp"] != nil || len(id.Audience) > 1):
		return nil, fmt.Errorf("%w: it was given to another party", ErrToken)
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(s.nonce)) != 1:
		return nil, fmt.Errorf("%w: the nonce is another", ErrToken)
	}
	if err := checkTimes(id, says, d.cfg.Now()); err != nil {
		return nil, err
	}
	if id.AccessTokenHash != "" {
		if err := id.VerifyAccessToken(token.AccessToken); err != nil {
			return nil, fmt.Errorf("%w: the access token is another's", ErrToken)
		}
	}
	return d.moreOf(ctx, at, token, id.Subject, says)
}

// moreOf asks the provider for what is not in the token, when something is missing that
// it may say elsewhere. What the token says goes before.
func (d *Door) moreOf(ctx context.Context, at *found, token *oauth2.Token, subject string, says claims) (claims, error) {
	wanted := []string{"name", "email", d.cfg.DutyClaim, d.cfg.PartnerClaim, d.cfg.EmployeeClaim}
	missing := false
	for _, name := range wanted {
		missing = missing || name != "" && says.find(name) == nil
	}
	if !missing || !at.more {
		return says, nil
	}
	info, err := at.oidc.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		return nil, fmt.Errorf("%w: what it knows of people", ErrProvider)
	}
	if info.Subject != subject {
		return nil, fmt.Errorf("%w: it speaks of somebody else", ErrToken)
	}
	all := claims{}
	if err := info.Claims(&all); err != nil {
		return nil, fmt.Errorf("%w: what it knows of people", ErrToken)
	}
	if says["email"] != nil && says.text("email") != all.text("email") { // an address and whether it was verified are one word
		delete(all, "email_verified")
	}
	for name, value := range says {
		all[name] = value
	}
	return all, nil
}

// checkTimes is about a token that was made this moment: between our clock and the
// provider's there may be skew, in either direction.
func checkTimes(id *oidc.IDToken, says claims, now time.Time) error {
	var from struct {
		NotBefore float64 `json:"nbf"`
	}
	text, err := json.Marshal(says)
	if err == nil {
		err = json.Unmarshal(text, &from)
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w: nbf", ErrToken)
	case id.Expiry.IsZero() || !now.Before(id.Expiry.Add(skew)):
		return fmt.Errorf("%w: it has expired", ErrToken)
	case id.IssuedAt.IsZero() || id.IssuedAt.After(now.Add(skew)), float64(now.Add(skew).Unix()) < from.NotBefore:
		return fmt.Errorf("%w: it is of later", ErrToken)
	}
	return nil
}

// exchangeFailed says why no token was given, without the words of the provider, which
// may name the person.
func exchangeFailed(err error) error {
	var said *oauth2.RetrieveError
	switch {
	case errors.As(err, &said) && said.Response != nil && said.Response.StatusCode >= http.StatusInternalServerError:
		return fmt.Errorf("%w: status %d", ErrProvider, said.Response.StatusCode)
	case errors.As(err, &said) && said.ErrorCode != "":
		if err := refused(said.ErrorCode); !errors.Is(err, ErrCancelled) {
			return err
		}
		return fmt.Errorf("%w: %s", ErrRefused, clean(said.ErrorCode, 60))
	case errors.As(err, &said):
		return fmt.Errorf("%w: no token", ErrRefused)
	case unreachable(err):
		return fmt.Errorf("%w: no token", ErrProvider)
	}
	return fmt.Errorf("%w: no token", ErrToken)
}

// unreachable reports whether it was the way to the provider that failed.
func unreachable(err error) bool {
	var way *url.Error
	return errors.As(err, &way) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
