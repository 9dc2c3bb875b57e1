package main

import (
	"log/slog"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"

	"huisboek/adapters/access"
	"huisboek/ledger"
)

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
