package main

import (
	"errors"
	"net/http"
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
