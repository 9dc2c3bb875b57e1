package natsserver_test

import (
	"crypto/tls"
	"crypto/x509"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"huisboek/adapters/natsserver"
)

// The listener speaks TLS; the program's own connections go on as they did.
func TestTLS(t *testing.T) {
	web := httptest.NewTLSServer(nil) // for its certificate
	cert := web.TLS.Certificates[0]
	roots := x509.NewCertPool()
	roots.AddCert(web.Certificate())
	web.Close()

	p := newPartner(t)
	seed, _ := natsserver.NewAccountSeed()
	s := startWith(t, natsserver.Config{
		Dir: t.TempDir(), Ledger: seed, Listen: "127.0.0.1:0", MaxStore: 1 << 20,
		TLS: &tls.Config{Certificates: []tls.Certificate{cert}}, Partners: []natsserver.Account{p.account()},
	})
	if !strings.HasPrefix(s.ClientURL(), "tls://") {
		t.Errorf("ClientURL = %s", s.ClientURL())
	}
	echo(t, s)
	nc := p.dial(t, s.ClientURL(), nats.Secure(&tls.Config{RootCAs: roots}))
	if !nc.TLSRequired() {
		t.Error("no TLS")
	}
	request(t, nc, "melden")
	if nc, err := nats.Connect(s.ClientURL(), nats.UserCredentials(p.creds)); err == nil {
		nc.Close()
		t.Error("a client that does not know the certificate connected")
	}
}
