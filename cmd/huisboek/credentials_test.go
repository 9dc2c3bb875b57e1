package main

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"huisboek/adapters/access"
	"huisboek/adapters/natsserver"
	"huisboek/events"
	"huisboek/ledger"
)

// patience is how long a test waits for what takes milliseconds.
const patience = 20 * time.Second

// movable is a clock that a test moves; it stands still in between.
type movable struct{ at atomic.Pointer[time.Time] }

func newMovable() *movable {
	m := &movable{}
	now := time.Now() // what user JWTs say is held against the machine's clock
	m.at.Store(&now)
	return m
}

func (m *movable) now() time.Time { return *m.at.Load() }
func (m *movable) add(d time.Duration) {
	t := m.now().Add(d)
	m.at.Store(&t)
}

// listening is a book with a door for partners.
func listening(t *testing.T, s settings) *house {
	t.Helper()
	s.Dir, s.Region, s.NATS = filepath.Join(t.TempDir(), "data"), "AM36", "127.0.0.1:0"
	h, err := openHouse(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

const (
	oinP, sourceP = "00000099000000001000", "urn:nld:oin:00000099000000001000:systeem:crm"
	oinQ, sourceQ = "00000099000000002000", "urn:nld:oin:00000099000000002000:systeem:crm"
)

func (h *house) mustAdmit(t *testing.T, p newPartner) *admitted {
	t.Helper()
	p.Kind = "sw"
	made, err := h.addPartner(t.Context(), p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// dialWith connects as any partner would: nothing of ours.
func dialWith(t *testing.T, url, creds string, opts ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(url, append([]nats.Option{
		nats.UserCredentialBytes([]byte(creds)), nats.NoReconnect(),
		nats.ErrorHandler(func(*nats.Conn, *nats.Subscription, error) {}), // what is refused each test looks at itself
	}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

// told is an answer: a receipt, or a problem when its status is not 0.
type toldOf struct {
	ledger.Receipt
	Status int    `json:"status"`
	Detail string `json:"detail"`
}

func tell(nc *nats.Conn, body []byte) (r toldOf, err error) {
	m, err := nc.Request("melden", body, patience)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(m.Data, &r)
}

// account is the public key and the credential of a partner's NATS accounts.
func (h *house) accountsOf(partner string) (all []access.Account) {
	for _, a := range h.access.Accounts() {
		if a.Partner == partner {
			all = append(all, a)
		}
	}
	return all
}

func closing(ch chan struct{}) nats.Option {
	return nats.ClosedHandler(func(*nats.Conn) { close(ch) })
}

func await(t *testing.T, what string, ch <-chan struct{}) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(patience):
		t.Fatal(what)
	}
}

// asks is the status of a question over HTTP with a token.
func (h *house) asks(t *testing.T, token string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/partners", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	h.web.ServeHTTP(w, r)
	return w.Code
}

// What expires is refused at that moment, without anything having run; then its
// connections are closed, and after a month it is forgotten.
func TestCredentialsExpire(t *testing.T) {
	clock := newMovable()
	h := listening(t, settings{Now: clock.now})
	p := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P", Expires: clock.now().Add(90 * 24 * time.Hour)})
	q := h.mustAdmit(t, newPartner{OIN: oinQ, Name: "Q"})
	closed := make(chan struct{})
	nc := dialWith(t, h.natsURL(), p.Creds, closing(closed))
	other := dialWith(t, h.natsURL(), q.Creds)
	for _, c := range []*nats.Conn{nc, other} {
		source := sourceP
		if c == other {
			source = sourceQ
		}
		if r, err := tell(c, benchEvent(t, source, 1)); err != nil || r.Status != 0 {
			t.Fatalf("before: %+v %v", r, err)
		}
	}
	if code := h.asks(t, p.Token); code != http.StatusOK {
		t.Fatalf("before: %d", code)
	}

	h.admin.Lock() // so that nothing ends it meanwhile
	clock.add(90 * 24 * time.Hour)
	if r, err := tell(nc, benchEvent(t, sourceP, 2)); err != nil || r.Status != http.StatusForbidden {
		t.Errorf("at the moment itself: %+v %v", r, err)
	}
	if code := h.asks(t, p.Token); code != http.StatusUnauthorized {
		t.Errorf("at the moment itself: %d", code)
	}
	h.admin.Unlock()
	h.expiry.changed()
	await(t, "the connection was not closed", closed)
	if _, err := nats.Connect(h.natsURL(), nats.UserCredentialBytes([]byte(p.Creds))); err == nil {
		t.Error("let in again")
	}
	if r, err := tell(other, benchEvent(t, sourceQ, 3)); err != nil || r.Status != 0 {
		t.Errorf("another partner: %+v %v", r, err)
	}
	count := func() (n int) {
		for _, c := range h.access.List() {
			if c.Partner == p.Partner {
				n++
			}
		}
		return n
	}
	if n := count(); n != 2 {
		t.Errorf("%d of the two are listed", n)
	}
	clock.add(keepEnded)
	if h.endExpired(); count() != 0 {
		t.Error("listed for ever")
	}
}

// An end comes also when nobody changes anything: the house sleeps until then.
// The credentials themselves say of no end, so the server would never close it.
func TestExpiryWakesByItself(t *testing.T) {
	h := listening(t, settings{})
	p := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"})
	closed := make(chan struct{})
	dialWith(t, h.natsURL(), p.Creds, closing(closed))
	if _, err := h.rotateAccess(t.Context(), turnAccess{ID: h.accountsOf(p.Partner)[0].Credential, Overlap: 2}, nil); err != nil {
		t.Fatal(err)
	}
	await(t, "the connection was not closed", closed)
}

// What expires is in the credentials too: the server closes at that moment.
func TestCredsSayWhenTheyExpire(t *testing.T) {
	h := listening(t, settings{})
	h.admin.Lock() // the house itself does nothing
	given, err := h.give(access.Credential{Role: ledger.RolePartner, Partner: uuid.NewString(), Kind: access.KindNATS, Expires: time.Now().Add(2500 * time.Millisecond)})
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	dialWith(t, h.natsURL(), given[0].Creds, closing(closed))
	await(t, "the connection was not closed", closed)
	h.admin.Unlock()
}

// A credential that ends while the house looks is not overlooked. Nothing else
// looks here: it is the house before it was opened.
func TestExpiryWhileLooking(t *testing.T) {
	end := time.Now().Add(time.Hour).Truncate(time.Second)
	looks := 0
	h := &house{}
	h.Log, h.Now = slog.New(slog.DiscardHandler), func() time.Time {
		if looks++; looks == 1 {
			return end.Add(-time.Millisecond)
		}
		return end
	}
	var err error
	if h.access, err = access.Open(filepath.Join(t.TempDir(), fileAccess), make([]byte, access.MinKey)); err != nil {
		t.Fatal(err)
	}
	defer h.access.Close()
	c := access.Credential{Role: ledger.RolePartner, Partner: uuid.NewString(), Kind: access.KindNATS, Expires: end}
	if _, _, err := h.access.Add(c); err != nil {
		t.Fatal(err)
	}
	h.access.UseClock(h.Now)
	h.accounts = &faultyServer{} // nobody is shut out: it has not ended when the house begins to look
	if wait := h.endExpired(); wait > expiryAgain || looks == 0 {
		t.Errorf("the next look is after %s", wait)
	}
}

// faultyServer fails at accounts as often as it is told to.
type faultyServer struct {
	accounts
	add, remove atomic.Int32
}

var errServer = errors.New("the server does not work along")

func fails(left *atomic.Int32) bool { return left.Add(-1) >= 0 }

func (f *faultyServer) AddPartner(a natsserver.Account) error {
	if fails(&f.add) {
		return errServer
	}
	return f.accounts.AddPartner(a)
}

func (f *faultyServer) RemovePartner(publicKey string) error {
	if fails(&f.remove) {
		return errServer
	}
	return f.accounts.RemovePartner(publicKey)
}

func faulty(t *testing.T) (*house, *faultyServer) {
	t.Helper()
	h := listening(t, settings{})
	h.admin.Lock()
	defer h.admin.Unlock()
	f := &faultyServer{accounts: h.accounts}
	h.accounts = f
	return h, f
}

// What could not be shut out is tried again soon.
func TestExpiryAgain(t *testing.T) {
	h, server := faulty(t)
	p := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"})
	old := h.accountsOf(p.Partner)[0]
	closed := make(chan struct{})
	nc := dialWith(t, h.natsURL(), p.Creds, closing(closed))
	server.remove.Store(2) // at the verb, and when the house looks directly after it
	// The secret of the successor is not lost for it.
	made, err := h.rotateAccess(t.Context(), turnAccess{ID: old.Credential}, nil)
	if err != nil || made.Creds == "" {
		t.Fatalf("%+v %v", made, err)
	}
	if r, err := tell(nc, benchEvent(t, sourceP, 1)); err == nil && r.Status != http.StatusForbidden {
		t.Errorf("on the old one: %+v", r)
	}
	await(t, "the old connection was not closed", closed)
	if r, err := tell(dialWith(t, h.natsURL(), made.Creds), benchEvent(t, sourceP, 2)); err != nil || r.Status != 0 {
		t.Errorf("on the new one: %+v %v", r, err)
	}
}

// A credential whose secret nobody gets is not there: what failed can be said
// again, and the one that was to be replaced is what it was.
func TestNothingIsGivenInVain(t *testing.T) {
	h, server := faulty(t)
	p := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"})
	first := h.accountsOf(p.Partner)[0]
	nc := dialWith(t, h.natsURL(), p.Creds)
	for name, give := range map[string]func() error{
		"add": func() error {
			_, err := h.addAccess(t.Context(), newAccess{Partner: oinP, Kind: access.KindNATS}, nil)
			return err
		},
		"rotate": func() error { _, err := h.rotateAccess(t.Context(), turnAccess{ID: first.Credential}, nil); return err },
		"partner": func() error {
			_, err := h.addPartner(t.Context(), newPartner{OIN: oinQ, Name: "Q", Kind: "sw"}, nil)
			return err
		},
		"the same": func() error {
			_, err := h.addPartner(t.Context(), newPartner{OIN: oinQ, Name: "Q", Kind: "sw"}, nil)
			return err
		},
	} {
		before := h.access.List()
		server.add.Store(1)
		if err := give(); !errors.Is(err, errServer) {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(before, h.access.List()); diff != "" {
			t.Errorf("%s has changed what there is:\n%s", name, diff)
		}
	}
	if r, err := tell(nc, benchEvent(t, sourceP, 1)); err != nil || r.Status != 0 {
		t.Errorf("afterwards: %+v %v", r, err)
	}
	q := h.mustAdmit(t, newPartner{OIN: oinQ, Name: "Q"}) // finishes it
	if all := h.credentialsOf(q.Partner); len(all) != 2 {
		t.Errorf("Q has %+v", all)
	}
	if _, err := h.rotateAccess(t.Context(), turnAccess{ID: first.Credential}, nil); err != nil {
		t.Error(err)
	}
}

// onlyFirst lets one account in and no more.
type onlyFirst struct {
	accounts
	let []natsserver.Account
}

func (o *onlyFirst) AddPartner(a natsserver.Account) error {
	if len(o.let) > 0 {
		return errServer
	}
	o.let = append(o.let, a)
	return o.accounts.AddPartner(a)
}

// What the server had let in already goes out again with the rest.
func TestHalfGiven(t *testing.T) {
	h := listening(t, settings{})
	server := &onlyFirst{accounts: h.accounts}
	h.admin.Lock()
	defer h.admin.Unlock()
	h.accounts = server
	c := access.Credential{Role: ledger.RolePartner, Partner: uuid.NewString(), Kind: access.KindNATS}
	if _, err := h.give(c, c); !errors.Is(err, errServer) || len(server.let) != 1 || len(h.credentialsOf(c.Partner)) != 0 {
		t.Fatalf("%v, %d let in, listed %+v", err, len(server.let), h.credentialsOf(c.Partner))
	}
	_, creds, err := natsserver.Creds(server.let[0].Key, "niemand", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := nats.Connect(h.natsURL(), nats.UserCredentialBytes(creds)); err == nil {
		t.Error("an account that nobody has is let in")
	}
}

// A partner that comes back does not bring a credential along from before.
func TestComeBack(t *testing.T) {
	h := listening(t, settings{})
	p := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"})
	today := events.DateOf(h.Now())
	if err := h.say(t.Context(), &events.PartnerDeparted{Partner: p.Partner, From: today}); err != nil { // and then it broke off
		t.Fatal(err)
	}
	again := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"})
	if _, err := nats.Connect(h.natsURL(), nats.UserCredentialBytes([]byte(p.Creds))); err == nil {
		t.Error("the old account is let in")
	}
	if code := h.asks(t, p.Token); code != http.StatusUnauthorized {
		t.Errorf("the old token: %d", code)
	}
	dialWith(t, h.natsURL(), again.Creds)
	if code := h.asks(t, again.Token); code != http.StatusOK {
		t.Errorf("the new token: %d", code)
	}
}

// A system that changes over during the overlap has every request answered.
func TestRotationHasNoGap(t *testing.T) {
	clock := newMovable()
	h := listening(t, settings{Now: clock.now})
	p := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"})
	old := h.accountsOf(p.Partner)[0]
	closed := make(chan struct{})
	var current atomic.Pointer[nats.Conn]
	first := dialWith(t, h.natsURL(), p.Creds, closing(closed))
	current.Store(first)

	stop, sent := make(chan struct{}), make(chan int, 1_000)
	var sender sync.WaitGroup
	sender.Go(func() {
		defer close(sent)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			r, err := tell(current.Load(), benchEvent(t, sourceP, n))
			if err != nil || r.Status != 0 {
				t.Errorf("event %d: %+v %v", n, r, err)
				return
			}
			select {
			case sent <- n:
			default:
			}
		}
	})
	more := func() { // some events go by
		t.Helper()
		for range 20 {
			select {
			case _, ok := <-sent:
				if !ok {
					t.Fatal("the sender stopped")
				}
			case <-time.After(patience):
				t.Fatal("no event goes by")
			}
		}
	}
	more()
	made, err := h.rotateAccess(t.Context(), turnAccess{ID: old.Credential, Overlap: 24 * 3600}, nil)
	if err != nil {
		t.Fatal(err)
	}
	more()
	second := dialWith(t, h.natsURL(), made.Creds)
	current.Store(second)
	more()
	select {
	case <-closed:
		t.Fatal("the old connection ended during the overlap")
	default:
	}
	clock.add(24 * time.Hour)
	h.expiry.changed()
	await(t, "the old connection outlives the overlap", closed)
	more()
	close(stop)
	sender.Wait()

	// Who spoke is in the record.
	r, err := tell(second, benchEvent(t, sourceP, 0))
	if err != nil {
		t.Fatal(err)
	}
	record, err := h.recordAt(t.Context(), r.Position)
	if err != nil || record.Credential != made.ID {
		t.Errorf("said by %s, recorded as %+v, %v", made.ID, record, err)
	}
	if _, err := h.rotateAccess(t.Context(), turnAccess{ID: old.Credential}, nil); err == nil || !strings.Contains(err.Error(), "access add") {
		t.Errorf("rotated what has expired: %v", err)
	}
}

func TestRotateTokenOverHTTP(t *testing.T) {
	clock := newMovable()
	h := listening(t, settings{Now: clock.now})
	p := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"})
	caller, err := h.access.Authenticate(p.Token)
	if err != nil {
		t.Fatal(err)
	}
	codes := func(when string, want map[string]int) {
		t.Helper()
		for token, code := range want {
			if got := h.asks(t, token); got != code {
				t.Errorf("%s: %d, want %d", when, got, code)
			}
		}
	}
	next, err := h.rotateAccess(t.Context(), turnAccess{ID: caller.Credential, Overlap: 3600}, nil)
	if err != nil {
		t.Fatal(err)
	}
	codes("during the overlap", map[string]int{p.Token: 200, next.Token: 200})
	if _, err := h.rotateAccess(t.Context(), turnAccess{ID: caller.Credential}, nil); err == nil || !strings.Contains(err.Error(), next.ID) {
		t.Errorf("rotated twice: %v", err)
	}
	clock.add(time.Hour)
	codes("after it", map[string]int{p.Token: 401, next.Token: 200})
	last, err := h.rotateAccess(t.Context(), turnAccess{ID: next.ID}, nil)
	if err != nil {
		t.Fatal(err)
	}
	codes("without an overlap", map[string]int{next.Token: 401, last.Token: 200})
	if _, err := h.removeAccess(t.Context(), oneAccess{last.ID}, nil); err != nil {
		t.Fatal(err)
	}
	codes("removed", map[string]int{last.Token: 401})
}

// What is removed, or rotated without an overlap, has no connection left when
// the verb returns; the partner's other systems go on.
func TestRemoveIsAtOnce(t *testing.T) {
	for name, end := range map[string]func(h *house, id string) error{
		"remove": func(h *house, id string) error {
			_, err := h.removeAccess(t.Context(), oneAccess{id}, nil)
			return err
		},
		"rotate": func(h *house, id string) error {
			_, err := h.rotateAccess(t.Context(), turnAccess{ID: id}, nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := listening(t, settings{})
			p := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"})
			leaked := h.accountsOf(p.Partner)[0]
			own, err := h.addAccess(t.Context(), newAccess{Partner: oinP, Kind: access.KindNATS}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if own.Name != "P" || own.Creds == "" || own.Token != "" {
				t.Errorf("made %+v", own.Credential)
			}
			closed := make(chan struct{})
			nc := dialWith(t, h.natsURL(), p.Creds, closing(closed))
			other := dialWith(t, h.natsURL(), own.Creds)
			if r, err := tell(nc, benchEvent(t, sourceP, 1)); err != nil || r.Status != 0 {
				t.Fatalf("before: %+v %v", r, err)
			}
			if err := end(h, leaked.Credential); err != nil {
				t.Fatal(err)
			}
			await(t, "the connection was not closed", closed)
			if _, err := nats.Connect(h.natsURL(), nats.UserCredentialBytes([]byte(p.Creds))); err == nil {
				t.Error("let in again")
			}
			if r, err := tell(other, benchEvent(t, sourceP, 2)); err != nil || r.Status != 0 {
				t.Errorf("the other system: %+v %v", r, err)
			}
			if _, ok := h.access.AccountOf(leaked.Credential); ok {
				t.Error("its account is still in the file")
			}
		})
	}
}

// An end that broke off is finished when the book is opened again, and what had
// expired by then is not let in for a moment.
func TestEndedWhileClosed(t *testing.T) {
	clock := newMovable()
	h := listening(t, settings{Now: clock.now})
	p := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"})
	a := h.accountsOf(p.Partner)[0]
	if err := h.access.Expire(a.Credential, clock.now()); err != nil {
		t.Fatal(err)
	}
	s := h.settings
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	s.Registry = nil
	again, err := openHouse(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if _, err := nats.Connect(again.natsURL(), nats.UserCredentialBytes([]byte(p.Creds))); err == nil {
		t.Error("let in")
	}
	again.endExpired()
	if _, ok := again.access.AccountOf(a.Credential); ok {
		t.Error("its account is still in the file")
	}
}

// The words, on a book that nobody serves: files are never written over, and a
// credential that was lost is replaced.
func TestAccessVerbs(t *testing.T) {
	t.Chdir(t.TempDir())
	h, err := openHouse(t.Context(), settings{Dir: "data", Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	ok := func(words ...string) string {
		t.Helper()
		code, out, errOut := do(t, append(words, "--data", "data")...)
		if code != exitDone {
			t.Fatalf("%v: exit %d %s", words, code, errOut)
		}
		return out
	}
	given := func(out string) (g struct {
		ID, Kind, Creds, Token string
		Replaces               string    `json:"vervangt"`
		Expires                time.Time `json:"verlooptOp"`
	}) {
		t.Helper()
		if err := json.Unmarshal([]byte(out), &g); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		return g
	}
	ok("partner", "add", "--oin", oinP, "--name", "Gemeente P", "--kind", "gemeente")
	first, err := os.ReadFile("Gemeente P.creds")
	if err != nil {
		t.Fatal(err)
	}
	second := given(ok("access", "add", "--partner", oinP, "--nats", "--json", "--expires", "365d"))
	if want := "Gemeente P-" + second.ID[:8] + ".creds"; second.Creds != want || second.Token != "" {
		t.Errorf("written to %q, want %q", second.Creds, want)
	}
	if days := time.Until(second.Expires).Hours() / 24; days < 364.9 || days > 365 {
		t.Errorf("for %f days", days)
	}
	if out := ok("access", "add", "--partner", "Gemeente P", "--nats", "--name", "P/planner"); !strings.Contains(out, "P-planner.creds") {
		t.Error(out)
	}
	if now, err := os.ReadFile("Gemeente P.creds"); err != nil || string(now) != string(first) {
		t.Errorf("the first file was written over: %v", err)
	}
	for _, name := range []string{second.Creds, "P-planner.creds"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 || info.Size() == 0 {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}

	third := given(ok("access", "rotate", second.ID, "--json"))
	if third.Replaces != second.ID || third.Creds != "Gemeente P-"+third.ID[:8]+".creds" || time.Until(third.Expires) < 364*24*time.Hour {
		t.Errorf("rotated to %+v", third)
	}
	token := given(ok("access", "add", "--role", "board", "--json"))
	if token.Token == "" || token.Creds != "" || !token.Expires.IsZero() {
		t.Errorf("a token: %+v", token)
	}
	next := given(ok("access", "rotate", token.ID, "--overlap", "0", "--json"))
	list := ok("access", "list")
	line := func(id string) string {
		for l := range strings.Lines(list) {
			if strings.HasPrefix(l, id) {
				return l
			}
		}
		return ""
	}
	if l := line(second.ID); !strings.Contains(l, time.Now().UTC().Add(24*time.Hour).Format(time.DateOnly)) {
		t.Errorf("the one that was replaced ends tomorrow: %s", l)
	}
	if l := line(third.ID); !strings.Contains(l, second.ID) {
		t.Errorf("it does not say what it replaces: %s", l)
	}
	if l := line(token.ID); !strings.Contains(l, "ended 20") {
		t.Errorf("it does not say that it ended: %s", l)
	}
	if l := line(next.ID); !strings.Contains(l, "never") || !strings.Contains(l, token.ID) {
		t.Errorf("a token that replaces one: %s", l)
	}
	if strings.Contains(list, "hb_") || !strings.HasPrefix(list, "ID") {
		t.Errorf("list:\n%s", list)
	}

	// The file of the third was lost: it goes, and the second is rotated again.
	for _, c := range []struct {
		words string
		code  int
		says  string
	}{
		{"access rotate " + second.ID, exitFailed, third.ID},
		{"access remove " + third.ID, exitDone, "has ended"},
		{"access rotate " + second.ID, exitDone, "It replaces " + second.ID},
		{"access rotate " + token.ID, exitFailed, "access add"},
		{"access rotate " + next.ID + " --overlap -1s", exitUsage, "0 or more"},
		{"access add --role board --nats", exitUsage, "--partner"},
		{"access add --role board --expires gisteren", exitUsage, "2027-01-31"},
		{"access add --role board --expires 0d", exitUsage, "90d"},
		{"access add --role board --expires 2020-01-31", exitUsage, "past"},
		{"access add --role board --expires 2199-01-31", exitDone, "until 2199-01-31 23:00 UTC"},
		{"partner add --oin " + oinQ + " --name Q --kind sw --expires 2020-01-31", exitUsage, "past"},
	} {
		code, out, errOut := do(t, append(strings.Fields(c.words), "--data", "data")...)
		if code != c.code || !strings.Contains(out+errOut, c.says) {
			t.Errorf("%s: exit %d, want %d with %q\n%s%s", c.words, code, c.code, c.says, out, errOut)
		}
	}
	if left, _ := filepath.Glob(".huisboek-*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if given, _ := filepath.Glob("Q*"); len(given) != 0 {
		t.Errorf("made for a partner that was refused: %v", given)
	}
}

// Hints are about what came after the house was opened, and reach every account
// of the partner that they are for.
func TestHintsAfterRestart(t *testing.T) {
	h := listening(t, settings{})
	p, q := h.mustAdmit(t, newPartner{OIN: oinP, Name: "P"}), h.mustAdmit(t, newPartner{OIN: oinQ, Name: "Q"})
	second, err := h.addAccess(t.Context(), newAccess{Partner: oinP, Kind: access.KindNATS}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var subs []*nats.Subscription
	for _, creds := range []string{p.Creds, second.Creds} {
		nc := dialWith(t, h.natsURL(), creds)
		sub, err := nc.SubscribeSync("berichten.nieuw")
		if err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		subs = append(subs, sub)
	}
	plan := func(creds, source, id string) events.Position {
		t.Helper()
		e, err := events.NewEvent(source, id, h.Now(), &events.VisitPlanned{
			Employer: events.Employer{KvK: "69599084"}, Approach: "6d1f7a52-3c0e-4f5b-9a51-2f9f4d1c7e1" + id, Date: events.DateOf(h.Now()).AddDays(10), Purpose: "kennismaking",
			AccountManager: events.Plainly(events.AccountManager{Employee: "m1", Name: "Proef"}),
		})
		if err != nil {
			t.Fatal(err)
		}
		r, err := tell(dialWith(t, h.natsURL(), creds), e.Canonical())
		if err != nil || r.Status != 0 {
			t.Fatalf("%+v %v", r, err)
		}
		return r.Position
	}
	plan(p.Creds, sourceP, "1")
	at := plan(q.Creds, sourceQ, "2")
	for i, sub := range subs {
		m, err := sub.NextMsg(patience)
		if err != nil {
			t.Fatalf("account %d of the partner: %v", i, err)
		}
		var body struct {
			Position events.Position `json:"positie"`
		}
		if err := json.Unmarshal(m.Data, &body); err != nil || body.Position != at {
			t.Errorf("hinted %s, want position %d", m.Data, at)
		}
	}
	if next, news, err := h.newMessages(at); err != nil || len(news) != 0 || next < at {
		t.Errorf("news after %d: %v up to %d, %v", at, news, next, err)
	}
}
