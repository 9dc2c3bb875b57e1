package natsserver

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats.go"
)

// Even an account that was given another's subjects by mistake cannot use them:
// the token position of the ledger's exports is the account's own key or nothing.
func TestForeignImportsGiveNothing(t *testing.T) {
	ledger, err := NewAccountSeed()
	if err != nil {
		t.Fatal(err)
	}
	s, err := Start(Config{Dir: filepath.Join(t.TempDir(), "nats"), Ledger: ledger, Listen: "127.0.0.1:0", MaxStore: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Shutdown()
	var seeds, keys [2]string
	for i := range seeds {
		if seeds[i], err = NewAccountSeed(); err != nil {
			t.Fatal(err)
		}
		if keys[i], err = PublicKey(seeds[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.AddPartner(Account{Key: keys[1], Name: "Q"}); err != nil {
		t.Fatal(err)
	}
	door, err := s.Connect(Door)
	if err != nil {
		t.Fatal(err)
	}
	heard, err := door.SubscribeSync("in.>")
	if err != nil {
		t.Fatal(err)
	}
	if err := door.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, foreign := range []struct {
		claim jwt.Import
		says  string
	}{
		{jwt.Import{Type: jwt.Service, Subject: jwt.Subject("in." + keys[1] + ".melden"), LocalSubject: "melden"}, "melden"},
		{jwt.Import{Type: jwt.Service, Subject: "in.*.melden", LocalSubject: "melden.$1"}, "melden." + keys[1]},
		{jwt.Import{Type: jwt.Service, Subject: "in.>"}, "in." + keys[1] + ".melden"},
		{jwt.Import{Type: jwt.Stream, Subject: jwt.Subject("out." + keys[1] + ".berichten.>"), LocalSubject: "berichten.>"}, ""},
		{jwt.Import{Type: jwt.Stream, Subject: "out.*.berichten.>"}, ""},
		{jwt.Import{Type: jwt.Stream, Subject: "out.>"}, ""},
	} {
		c := jwt.NewAccountClaims(keys[0])
		i := foreign.claim
		i.Name, i.Account = "vreemd", s.ledgerPub
		c.Imports.Add(&i)
		s.mu.Lock()
		err := s.renew(c)
		s.mu.Unlock()
		if err != nil {
			continue // it cannot even be signed
		}
		_, creds, err := Creds(seeds[0], "P", time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		nc, err := nats.Connect(s.ClientURL(), nats.UserCredentialBytes(creds))
		if err != nil {
			continue // nor connect
		}
		booty, err := nc.SubscribeSync(">")
		if err != nil {
			t.Fatal(err)
		}
		if foreign.says != "" {
			if err := nc.Publish(foreign.says, []byte("een ander")); err != nil {
				t.Fatal(err)
			}
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := door.Publish("out."+keys[1]+".berichten.nieuw", []byte("geheim")); err != nil {
			t.Fatal(err)
		}
		if err := door.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := nc.Flush(); err != nil {
			t.Fatal(err)
		}
		if n, _, _ := heard.Pending(); n != 0 {
			t.Errorf("%s: the ledger heard it as another's", i.Subject)
		}
		for {
			m, err := booty.NextMsg(10 * time.Millisecond)
			if err != nil {
				break
			}
			if string(m.Data) == "geheim" {
				t.Errorf("%s: it heard what is another's on %s", i.Subject, m.Subject)
			}
		}
		nc.Close()
	}
}
