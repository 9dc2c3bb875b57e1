package natsdoor_test

import (
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"go.uber.org/goleak"

	"huisboek/adapters/boltstore"
	"huisboek/adapters/intake"
	"huisboek/adapters/natsdoor"
	"huisboek/adapters/natsserver"
	"huisboek/adapters/natsstream/natstest"
	"huisboek/events"
	"huisboek/ledger"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	stewardOIN = "00000099000000000000"
	partnerOIN = "00000099000000001000"
	source     = "urn:nld:oin:" + partnerOIN + ":systeem:crm"
	kvk        = "69599084"
)

// house is a server with the streams, a ledger, and a door for a partner with two
// accounts.
type house struct {
	t            testing.TB
	env          *natstest.Env
	ledger       *ledger.Ledger
	door         *natsdoor.Door
	partner      string
	account      string // public key
	seed         string
	otherAccount string
	otherSeed    string
	nc           *nats.Conn  // the partner's: nothing of ours
	unknown      atomic.Bool // the account is no partner's any more
}

// start opens everything; change is asked what the door is made of.
func start(t testing.TB, change func(*natsdoor.Config)) *house {
	t.Helper()
	h := &house{t: t, env: natstest.New(t), partner: uuid.NewString()}
	h.seed, h.account = newAccount(t)
	h.otherSeed, h.otherAccount = newAccount(t)
	h.env.Partners = []natsserver.Account{{Key: h.seed, Name: "proef"}, {Key: h.otherSeed, Name: "ander"}}
	h.env.Listen = "127.0.0.1:0"
	h.env.Start()
	h.openLedger()
	h.openDoor(change)
	h.nc = h.dial(h.seed)
	return h
}

func newAccount(t testing.TB) (seed, public string) {
	t.Helper()
	seed, err := natsserver.NewAccountSeed()
	if err != nil {
		t.Fatal(err)
	}
	if public, err = natsserver.PublicKey(seed); err != nil {
		t.Fatal(err)
	}
	return seed, public
}

func (h *house) openLedger() {
	h.t.Helper()
	file, err := boltstore.OpenFile(filepath.Join(h.t.TempDir(), "book.db"), boltstore.Options{NoSync: true})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { file.Close() })
	var fold *ledger.Book
	store, err := file.Store(fold.Name(), fold.Shape())
	if err != nil {
		h.t.Fatal(err)
	}
	h.ledger, err = ledger.Open(h.t.Context(), ledger.Config{
		Region: natstest.Region, Book: uuid.NewString(), StewardOIN: stewardOIN, Secret: [32]byte{1},
		Stream: h.env.Stream, Keys: h.env.Keys, Store: store,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { h.ledger.Close() })
	e, err := events.NewEvent("urn:nld:oin:"+stewardOIN+":systeem:huisboek", uuid.NewString(), time.Now(), &events.PartnerAdmitted{
		Partner: h.partner, Identities: []string{"urn:nld:oin:" + partnerOIN}, Name: "Proef", Kind: "overig", From: "2020-01-01",
	})
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.ledger.Record(h.t.Context(), ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal}}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) openDoor(change func(*natsdoor.Config)) {
	h.t.Helper()
	nc, err := h.env.Server.Connect(doorUser)
	if err != nil {
		h.t.Fatal(err)
	}
	c := natsdoor.Config{
		Conn: nc, Desk: intake.New(intake.Config{Ledger: h.ledger}), Ledger: h.ledger,
		Caller: func(account string) (ledger.Caller, bool) {
			c := ledger.Caller{Role: ledger.RolePartner, Partner: h.partner, Credential: "proef", Door: ledger.DoorNATS}
			if account == h.otherAccount {
				c.Credential = "ander"
			}
			return c, !h.unknown.Load() && (account == h.account || account == h.otherAccount)
		},
	}
	if change != nil {
		change(&c)
	}
	if h.door, err = natsdoor.Open(c); err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(h.door.Close)
}

// doorUser is natsserver.Door, which may publish hints.
var doorUser = natsserver.User{Name: "deur", Publish: []string{"_R_.>", "out.>"}, Subscribe: natsserver.Door.Subscribe}

// dial connects to an account of the partner.
func (h *house) dial(seed string, more ...nats.Option) *nats.Conn {
	h.t.Helper()
	_, creds, err := natsserver.Creds(seed, "proef", time.Time{})
	if err != nil {
		h.t.Fatal(err)
	}
	file := filepath.Join(h.t.TempDir(), "proef.creds")
	if err := os.WriteFile(file, creds, 0o600); err != nil {
		h.t.Fatal(err)
	}
	nc, err := nats.Connect(h.env.Server.ClientURL(), append(more, nats.UserCredentials(file))...)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(nc.Close)
	return nc
}

// ask sends a request, and gives the answer.
func (h *house) ask(nc *nats.Conn, subject string, header nats.Header, data string) *nats.Msg {
	h.t.Helper()
	m, err := nc.RequestMsg(&nats.Msg{Subject: subject, Header: header, Data: []byte(data)}, 20*time.Second)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

// told is what an event got: a receipt, or a problem when its status is not 0.
type told struct {
	ledger.Receipt
	ledger.Problem
	retryAfter string
}

func (h *house) report(header nats.Header, data string) told {
	h.t.Helper()
	return read(h.t, h.ask(h.nc, "melden", header, data))
}

func read(t testing.TB, m *nats.Msg) (r told) {
	t.Helper()
	r.retryAfter = m.Header.Get("retry-after")
	var err error
	switch kind := m.Header.Get("content-type"); kind {
	case "application/json":
		err = json.Unmarshal(m.Data, &r.Receipt)
	case ledger.ProblemMediaType:
		err = json.Unmarshal(m.Data, &r.Problem)
	default:
		t.Fatalf("answer of type %q: %s", kind, m.Data)
	}
	if err != nil {
		t.Fatalf("%s: %v", m.Data, err)
	}
	return r
}

// event is a visit in structured mode; data is put in its data.
func event(id, data string) string {
	return `{"specversion":"1.0","type":"nl.werkgeversdiensten.bezoek-afgelegd.v1","source":"` + source + `","id":"` + id + `","data":` + visit(data) + `}`
}

func visit(more string) string {
	return `{"kvkNummer":"` + kvk + `","datum":"2026-01-05","doel":"overig","vorm":"video"` + more + `}`
}

// binary is the head of the same event in binary mode.
func binary(id string) nats.Header {
	return nats.Header{
		"ce-specversion": {"1.0"}, "ce-type": {"nl.werkgeversdiensten.bezoek-afgelegd.v1"},
		"ce-source": {source}, "ce-id": {id}, "content-type": {"application/json"},
	}
}
