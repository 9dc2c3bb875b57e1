package natsserver_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.uber.org/goleak"

	"huisboek/adapters/natsserver"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// partner is an account with a user.
type partner struct {
	seed, public string
	creds        string // file
}

func newPartner(t *testing.T) partner {
	t.Helper()
	seed, err := natsserver.NewAccountSeed()
	if err != nil {
		t.Fatal(err)
	}
	public, err := natsserver.PublicKey(seed)
	if err != nil {
		t.Fatal(err)
	}
	p := partner{seed: seed, public: public}
	p.creds = p.user(t, time.Time{})
	return p
}

func (p partner) user(t *testing.T, expiry time.Time) (file string) {
	t.Helper()
	_, creds, err := natsserver.Creds(p.seed, "proef", expiry)
	if err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(t.TempDir(), "proef.creds")
	if err := os.WriteFile(file, creds, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func (p partner) account() natsserver.Account {
	return natsserver.Account{Key: p.public, Name: "proef"}
}

// dial connects as any partner would: nothing of ours.
func (p partner) dial(t *testing.T, url string, opts ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := nats.Connect(url, append(opts, nats.UserCredentials(p.creds))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func start(t *testing.T, partners ...partner) *natsserver.Server {
	t.Helper()
	seed, err := natsserver.NewAccountSeed()
	if err != nil {
		t.Fatal(err)
	}
	c := natsserver.Config{Dir: t.TempDir(), Ledger: seed, Listen: "127.0.0.1:0", MaxStore: 1 << 30}
	for _, p := range partners {
		c.Partners = append(c.Partners, p.account())
	}
	return startWith(t, c)
}

func startWith(t *testing.T, c natsserver.Config) *natsserver.Server {
	t.Helper()
	s, err := natsserver.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Shutdown)
	return s
}

// echo is a ledger that answers with the subject it heard and hands the message on.
func echo(t *testing.T, s *natsserver.Server) <-chan *nats.Msg {
	t.Helper()
	nc, err := s.Connect(natsserver.Door)
	if err != nil {
		t.Fatal(err)
	}
	heard := make(chan *nats.Msg, 100)
	if _, err := nc.Subscribe("in.>", func(m *nats.Msg) {
		heard <- m
		if err := m.Respond([]byte(m.Subject)); err != nil {
			t.Error(err)
		}
	}); err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Fatal(err)
	}
	return heard
}

const soon = 5 * time.Second

func request(t *testing.T, nc *nats.Conn, subject string) string {
	t.Helper()
	m, err := nc.Request(subject, []byte("x"), soon)
	if err != nil {
		t.Fatalf("request %s: %v", subject, err)
	}
	return string(m.Data)
}

func TestServerStampsWhoSpeaks(t *testing.T) {
	a, b := newPartner(t), newPartner(t)
	s := start(t, a, b)
	echo(t, s)
	for _, p := range []partner{a, b} {
		nc := p.dial(t, s.ClientURL())
		for local, heard := range map[string]string{
			"melden":                    "in." + p.public + ".melden",
			"vragen.werkgever.90004760": "in." + p.public + ".vragen.werkgever.90004760",
		} {
			if got := request(t, nc, local); got != heard {
				t.Errorf("%s was heard as %s, want %s", local, got, heard)
			}
		}
	}
}

// A partner's headers reach the ledger as they are. That is why a stored message
// is built from nothing (natsstream), and this test is here to show it.
func TestPartnersHeadersComeAlong(t *testing.T) {
	p := newPartner(t)
	s := start(t, p)
	heard := echo(t, s)
	m := nats.NewMsg("melden")
	m.Header.Set("Nats-Msg-Id", "van een ander")
	m.Header.Set("Nats-Expected-Last-Sequence", "0")
	if _, err := p.dial(t, s.ClientURL()).RequestMsg(m, soon); err != nil {
		t.Fatal(err)
	}
	got := <-heard
	for name := range m.Header {
		if got.Header.Get(name) != m.Header.Get(name) {
			t.Errorf("header %s did not come along: the server changed, look at the notes on headers", name)
		}
	}
}

func TestAnonymousIsRefused(t *testing.T) {
	s := start(t)
	for name, opt := range map[string]nats.Option{
		"nothing":         nats.Name("niemand"),
		"password":        nats.UserInfo("partner", "geheim"),
		"token":           nats.Token("geheim"),
		"unknown account": nats.UserCredentials(newPartner(t).creds),
	} {
		if nc, err := nats.Connect(s.ClientURL(), opt); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("%s: connected, or another error: %v", name, err)
			nc.Close()
		}
	}
}

func TestExpiredCredsAreRefused(t *testing.T) {
	p := newPartner(t)
	s := start(t, p)
	nc, err := nats.Connect(s.ClientURL(), nats.UserCredentials(p.user(t, time.Now().Add(-time.Minute))))
	if err == nil {
		nc.Close()
		t.Error("expired credentials let in")
	}
}

func TestNoListener(t *testing.T) {
	seed, _ := natsserver.NewAccountSeed()
	s := startWith(t, natsserver.Config{Dir: t.TempDir(), Ledger: seed, MaxStore: 1 << 20})
	if url := s.ClientURL(); url != "" {
		t.Errorf("listens on %s", url)
	}
	nc, err := s.Connect(natsserver.Door)
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Flush(); err != nil {
		t.Error(err)
	}
}

func TestStartSaysWhyNot(t *testing.T) {
	seed, _ := natsserver.NewAccountSeed()
	other := start(t)
	busy := other.ClientURL()[len("nats://"):]
	file := filepath.Join(t.TempDir(), "bestand")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	good := natsserver.Config{Dir: t.TempDir(), Ledger: seed, MaxStore: 1 << 20}
	tests := map[string]func(*natsserver.Config){
		"no folder":        func(c *natsserver.Config) { c.Dir = "" },
		"folder is a file": func(c *natsserver.Config) { c.Dir = file },
		"no limit":         func(c *natsserver.Config) { c.MaxStore = 0 },
		"no ledger":        func(c *natsserver.Config) { c.Ledger = "" },
		"user as ledger":   func(c *natsserver.Config) { c.Ledger = "SUAIBDPBAUTWCWBKIO6XHQNINK5FWJW4OHLXC3HQ2KFE4PEJUA44CNHTC4" },
		"no port":          func(c *natsserver.Config) { c.Listen = "localhost" },
		"odd port":         func(c *natsserver.Config) { c.Listen = "localhost:https" },
		"port in use":      func(c *natsserver.Config) { c.Listen = busy },
		"odd partner":      func(c *natsserver.Config) { c.Partners = []natsserver.Account{{Key: "x", Name: "x"}} },
		"ledger's account": func(c *natsserver.Config) { c.Partners = []natsserver.Account{{Key: seed, Name: "x"}} },
	}
	for name, change := range tests {
		c := good
		change(&c)
		if s, err := natsserver.Start(c); err == nil {
			t.Errorf("%s: started", name)
			s.Shutdown()
		}
	}
}

func TestRestart(t *testing.T) {
	p := newPartner(t)
	seed, _ := natsserver.NewAccountSeed()
	c := natsserver.Config{Dir: t.TempDir(), Ledger: seed, Listen: "127.0.0.1:0", MaxStore: 1 << 20, Partners: []natsserver.Account{p.account()}}
	admin := natsserver.User{Name: "proef", Publish: []string{"$JS.API.>", "proef"}, Subscribe: []string{"_INBOX.>"}}
	for i := range uint64(3) {
		s := startWith(t, c)
		echo(t, s)
		request(t, p.dial(t, s.ClientURL()), "melden")
		nc, err := s.Connect(admin)
		if err != nil {
			t.Fatal(err)
		}
		js, err := jetstream.New(nc)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "PROEF", Subjects: []string{"proef"}}); err != nil {
			t.Fatal(err)
		}
		if ack, err := js.Publish(t.Context(), "proef", nil); err != nil || ack.Sequence != i+1 {
			t.Errorf("start %d: sequence %v, %v: the stream of before is gone", i, ack, err)
		}
		if _, err := os.Stat(filepath.Join(s.StreamDir("PROEF"), "msgs")); err != nil {
			t.Errorf("StreamDir: %v", err)
		}
		s.Shutdown()
	}
}
