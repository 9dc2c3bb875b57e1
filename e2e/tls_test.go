package e2e_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// pems writes a fresh certificate for this machine's loopback address.
func pems(t *testing.T, dir string) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, BasicConstraintsValid: true, IsCA: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	roots = x509.NewCertPool()
	whole := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	roots.AppendCertsFromPEM(whole)
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, data := range map[string][]byte{cert: whole, key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8})} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, roots
}

// Both doors speak TLS with one pair of files, and neither speaks anything else.
func TestTLS(t *testing.T) {
	dir := t.TempDir()
	cert, key, roots := pems(t, dir)
	b := newBookIn(t, built, dir, "--tls-cert", cert, "--tls-key", key)
	if !strings.HasPrefix(b.url, "https://") || !strings.HasPrefix(b.nats, "tls://") {
		t.Fatalf("ready %s, %s", b.url, b.nats)
	}
	p := b.admit(t, oinZwolle, "Gemeente Zwolle", "gemeente")
	config := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	p.connect(t, b.server, nats.Secure(config))
	p.emit(t, p.event("bezoek-afgelegd", object{"kvkNummer": kvks[0], "datum": day(0), "doel": "advies", "vorm": "video"}))

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: config}, Timeout: patience}
	defer client.CloseIdleConnections()
	for url, want := range map[string]int{b.url: http.StatusOK, "http" + strings.TrimPrefix(b.url, "https"): http.StatusBadRequest} {
		resp, err := client.Get(url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		io.Copy(io.Discard, resp.Body)
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s: %s", url, resp.Status)
		}
	}
	old := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}}, Timeout: patience}
	defer old.CloseIdleConnections()
	if resp, err := old.Get(b.url + "/readyz"); err == nil {
		resp.Body.Close()
		t.Error("TLS 1.1 was spoken")
	}
	for name, option := range map[string]nats.Option{
		"roots that it has not":    nats.Name("x"),
		"TLS of another authority": nats.Secure(&tls.Config{RootCAs: x509.NewCertPool()}),
		"TLS of a version too old": nats.Secure(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}),
	} {
		if nc, err := nats.Connect("nats"+strings.TrimPrefix(b.nats, "tls"), nats.UserCredentials(p.Creds), option); err == nil {
			nc.Close()
			t.Errorf("%s: connected", name)
		}
	}
	// The command line trusts what the machine trusts.
	out := words{env: []string{"SSL_CERT_FILE=" + cert, "HUISBOEK_TOKEN=" + b.steward}, dir: b.dir}.run(t, "who", kvks[0], "--server", b.url, "--json")
	var answer object
	out.well(t, &answer)
}
