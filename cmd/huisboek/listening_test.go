package main

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"huisboek/adapters/access"
	"huisboek/ledger"
)

// patience is how long a test waits for what takes milliseconds: only a hang takes longer.
const patience = 2 * time.Minute

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
