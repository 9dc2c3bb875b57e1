package natsserver_test

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"huisboek/adapters/natsserver"
)

// What a partner may not publish is refused by the server, each with a word
// about permissions; none of it reaches anybody.
func TestPartnerCannotPublish(t *testing.T) {
	p, other := newPartner(t), newPartner(t)
	s := start(t, p, other)
	heard := echo(t, s)
	refused := make(chan error, 1)
	nc := p.dial(t, s.ClientURL(), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	for _, subject := range []string{
		"in." + other.public + ".melden",
		"in." + p.public + ".melden",
		"melden." + other.public,
		"huisboek.AM36.bezoek-gepland",
		"sleutels.AM36",
		"berichten.alles",
		"$JS.API.INFO",
		"$JS.API.STREAM.LIST",
		"$JS.API.STREAM.DELETE.HUISBOEK_AM36",
		"$JS.API.DIRECT.GET.HUISBOEK_AM36_SLEUTELS",
		"$JS.ACK.x",
		"$SYS.REQ.USER.INFO",
		"$SYS.REQ.ACCOUNT.PING.CONNZ",
		"$SYS.REQ.SERVER.PING",
		"$SRV.PING",
		"_R_.x",
		"_INBOX.van.een.ander",
	} {
		if err := nc.Publish(subject, []byte("x")); err != nil {
			t.Fatal(err)
		}
		if err := <-refused; !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("%s: %v", subject, err)
		}
	}
	if n := len(heard); n != 0 {
		t.Errorf("%d of them were heard", n)
	}
}

func TestPartnerCannotSubscribe(t *testing.T) {
	p := newPartner(t)
	s := start(t, p)
	refused := make(chan error, 1)
	nc := p.dial(t, s.ClientURL(), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	for _, subject := range []string{">", "in.>", "melden", "vragen.>", "huisboek.>", "$JS.>", "$SYS.>", "_R_.>"} {
		if _, err := nc.SubscribeSync(subject); err != nil {
			t.Fatal(err)
		}
		if err := <-refused; !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("%s: %v", subject, err)
		}
	}
}

// A partner that lets its reply go to another's subject hears of nothing, and
// the other does not either: the server makes a reply subject of its own.
func TestReplyCannotBeAimed(t *testing.T) {
	p, victim := newPartner(t), newPartner(t)
	s := start(t, p, victim)
	heard := echo(t, s)
	nc := p.dial(t, s.ClientURL())
	for _, reply := range []string{"in." + victim.public + ".melden", "huisboek.AM36.bezoek-gepland", "$JS.API.INFO"} {
		if err := nc.PublishRequest("melden", reply, []byte("x")); err != nil {
			t.Fatal(err)
		}
		m := <-heard
		if want := "in." + p.public + ".melden"; m.Subject != want || m.Reply[:4] != "_R_." {
			t.Errorf("heard as %s with reply %s, want %s and _R_.…", m.Subject, m.Reply, want)
		}
	}
	request(t, nc, "melden") // the door's answers came after those, and nothing else was heard
	<-heard
	if n := len(heard); n != 0 {
		t.Errorf("%d messages more", n)
	}
}

func TestConnectionsAreLimited(t *testing.T) {
	p := newPartner(t)
	s := start(t, p)
	for range 8 {
		p.dial(t, s.ClientURL())
	}
	if nc, err := nats.Connect(s.ClientURL(), nats.UserCredentials(p.creds)); err == nil {
		nc.Close()
		t.Error("a ninth connection of one partner")
	}
}

func TestDoorCanOnlyAnswer(t *testing.T) {
	s := start(t)
	refused := make(chan error, 1)
	nc, err := s.Connect(natsserver.Door, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{"huisboek.AM36.bezoek-gepland", "sleutels.AM36", "$JS.API.INFO", "in.x.melden"} {
		if err := nc.Publish(subject, nil); err != nil {
			t.Fatal(err)
		}
		if err := <-refused; !errors.Is(err, nats.ErrPermissionViolation) {
			t.Errorf("%s: %v", subject, err)
		}
	}
}

// A user of whom nothing is said may nothing; to NATS that would be everything.
func TestEmptyUserMayNothing(t *testing.T) {
	s := start(t)
	refused := make(chan error, 1)
	nc, err := s.Connect(natsserver.User{Name: "leeg"}, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	if err != nil {
		t.Fatal(err)
	}
	if err := nc.Publish("huisboek.x", nil); err != nil {
		t.Fatal(err)
	}
	if err := <-refused; !errors.Is(err, nats.ErrPermissionViolation) {
		t.Error(err)
	}
	if _, err := nc.SubscribeSync("in.>"); err != nil {
		t.Fatal(err)
	}
	if err := <-refused; !errors.Is(err, nats.ErrPermissionViolation) {
		t.Error(err)
	}
}

// To end a credential is no error: nothing that the log calls one.
func TestRemovingPartnerIsNoError(t *testing.T) {
	seed, err := natsserver.NewAccountSeed()
	if err != nil {
		t.Fatal(err)
	}
	p := newPartner(t)
	var said bytes.Buffer // written by a handler that locks, and read after Shutdown
	s := startWith(t, natsserver.Config{
		Dir: t.TempDir(), Ledger: seed, Listen: "127.0.0.1:0", MaxStore: 1 << 30, Partners: []natsserver.Account{p.account()},
		Log: slog.New(slog.NewTextHandler(&said, nil)),
	})
	closed := make(chan struct{})
	p.dial(t, s.ClientURL(), nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
	if err := s.RemovePartner(p.public); err != nil {
		t.Fatal(err)
	}
	<-closed
	s.Shutdown()
	if !strings.Contains(said.String(), "maximum account active connections exceeded") || strings.Contains(said.String(), "level=ERROR") {
		t.Errorf("the log says\n%s", said.String())
	}
}

func TestAddAndRemovePartner(t *testing.T) {
	s := start(t)
	echo(t, s)
	p := newPartner(t)
	for range 2 { // removed and let in again
		if err := s.AddPartner(p.account()); err != nil {
			t.Fatal(err)
		}
		closed := make(chan struct{})
		nc := p.dial(t, s.ClientURL(), nats.NoReconnect(), nats.ClosedHandler(func(*nats.Conn) { close(closed) }))
		request(t, nc, "melden")
		if err := s.AddPartner(p.account()); err != nil { // again: nothing changes
			t.Fatal(err)
		}
		request(t, nc, "melden")
		if err := s.RemovePartner(p.public); err != nil {
			t.Fatal(err)
		}
		if n := s.Connections(p.public); n != 0 {
			t.Errorf("%d connections when it had been removed", n)
		}
		<-closed
		if nc, err := nats.Connect(s.ClientURL(), nats.UserCredentials(p.creds)); err == nil {
			nc.Close()
			t.Error("a partner that was removed was let in")
		}
	}
	if err := s.RemovePartner(newPartner(t).public); !errors.Is(err, natsserver.ErrUnknownAccount) {
		t.Errorf("an unknown account was removed: %v", err)
	}
}
