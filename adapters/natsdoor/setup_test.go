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

// house is a server with the streams, a ledger, and a door for one partner.
type house struct {
	t       *testing.T
	env     *natstest.Env
	ledger  *ledger.Ledger
	door    *natsdoor.Door
	partner string
	account string // public key
	seed    string
	nc      *nats.Conn  // the partner's: nothing of ours
	unknown atomic.Bool // the account is no partner's any more
}

// start opens everything; through is asked for the ledger that the door gets.
func start(t *testing.T, through func(*ledger.Ledger) natsdoor.Ledger) *house {
	t.Helper()
	h := &house{t: t, env: natstest.New(t), partner: uuid.NewString()}
	var err error
	if h.seed, err = natsserver.NewAccountSeed(); err != nil {
		t.Fatal(err)
	}
	if h.account, err = natsserver.PublicKey(h.seed); err != nil {
		t.Fatal(err)
	}
	h.env.Partners = []natsserver.Account{{Key: h.seed, Name: "proef"}}
	h.env.Listen = "127.0.0.1:0"
	h.env.Start()
	h.openLedger()
	var behind natsdoor.Ledger = h.ledger
	if through != nil {
		behind = through(h.ledger)
	}
	h.openDoor(behind)
	h.nc = h.dial()
	return h
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

func (h *house) openDoor(l natsdoor.Ledger) {
	h.t.Helper()
	nc, err := h.env.Server.Connect(natsserver.Door)
	if err != nil {
		h.t.Fatal(err)
	}
	h.door, err = natsdoor.Open(natsdoor.Config{Conn: nc, Ledger: l, Caller: func(account string) (ledger.Caller, bool) {
		c := ledger.Caller{Role: ledger.RolePartner, Partner: h.partner, Credential: "proef", Door: ledger.DoorNATS}
		return c, !h.unknown.Load() && account == h.account
	}})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(h.door.Close)
}

func (h *house) dial() *nats.Conn {
	h.t.Helper()
	_, creds, err := natsserver.Creds(h.seed, "proef", time.Time{})
	if err != nil {
		h.t.Fatal(err)
	}
	file := filepath.Join(h.t.TempDir(), "proef.creds")
	if err := os.WriteFile(file, creds, 0o600); err != nil {
		h.t.Fatal(err)
	}
	nc, err := nats.Connect(h.env.Server.ClientURL(), nats.UserCredentials(file))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(nc.Close)
	return nc
}

// ask sends a request, and gives the answer and its content type.
func (h *house) ask(subject string, header nats.Header, data string) (contentType string, body []byte) {
	h.t.Helper()
	m, err := h.nc.RequestMsg(&nats.Msg{Subject: subject, Header: header, Data: []byte(data)}, 20*time.Second)
	if err != nil {
		h.t.Fatal(err)
	}
	return m.Header.Get("content-type"), m.Data
}

// told is what an event got: a receipt, or a problem when its status is not 0.
type told struct {
	ledger.Receipt
	ledger.Problem
}

func (h *house) report(header nats.Header, data string) (r told) {
	h.t.Helper()
	kind, body := h.ask("melden", header, data)
	var err error
	switch kind {
	case "application/json":
		err = json.Unmarshal(body, &r.Receipt)
	case ledger.ProblemMediaType:
		err = json.Unmarshal(body, &r.Problem)
	default:
		h.t.Fatalf("answer of type %q: %s", kind, body)
	}
	if err != nil {
		h.t.Fatalf("%s: %v", body, err)
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
