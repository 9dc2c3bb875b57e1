package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"huisboek/adapters/boltstore"
	"huisboek/adapters/client"
	"huisboek/adapters/intake"
	"huisboek/adapters/natsdoor"
	"huisboek/adapters/natsserver"
	"huisboek/adapters/natsstream/natstest"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir)) // see kill_test.go
	}
	goleak.VerifyTestMain(m)
}

const (
	stewardOIN = "00000099000000000000"
	partnerOIN = "00000099000000001000"
	source     = "urn:nld:oin:" + partnerOIN + ":systeem:crm"
	kvk        = "69599084"
)

// putBack is when the book was put back from a backup.
var putBack = time.Date(2026, 11, 22, 11, 0, 0, 5_000, time.UTC)

// house is a real book: streams, a ledger, the counter and the NATS door, with one
// partner.
type house struct {
	t      *testing.T
	env    *natstest.Env
	ledger *ledger.Ledger
	desk   *intake.Desk
	caller ledger.Caller
	url    string
	door   *natsdoor.Door
	creds  string           // the partner's file
	http   *httptest.Server // by openHTTP

	mu     sync.Mutex
	before func() bool // called before an event is worked on; true: it got lost on the way
	after  func()      // called when it is recorded and not yet answered
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, env: natstest.New(t)}
	seed := must[string](t)(natsserver.NewAccountSeed())
	h.env.Partners = []natsserver.Account{{Key: seed, Name: "proef"}}
	h.env.Listen = "127.0.0.1:0"
	h.env.Start()
	h.url = h.env.Server.ClientURL()
	h.caller = ledger.Caller{Role: ledger.RolePartner, Partner: uuid.NewString(), Credential: "proef", Door: ledger.DoorNATS}
	h.openLedger()
	h.desk = intake.New(intake.Config{Ledger: h.ledger})
	h.openDoor()
	_, creds, err := natsserver.Creds(seed, "proef", time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	h.creds = filepath.Join(t.TempDir(), "proef.creds")
	if err := os.WriteFile(h.creds, creds, 0o600); err != nil {
		t.Fatal(err)
	}
	return h
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (h *house) openLedger() {
	t := h.t
	t.Helper()
	file := must[*boltstore.File](t)(boltstore.OpenFile(filepath.Join(t.TempDir(), "book.db"), boltstore.Options{NoSync: true}))
	t.Cleanup(func() { file.Close() })
	var fold *ledger.Book
	h.ledger = must[*ledger.Ledger](t)(ledger.Open(t.Context(), ledger.Config{
		Region: natstest.Region, Book: uuid.NewString(), StewardOIN: stewardOIN, Secret: [32]byte{1},
		Stream: h.env.Stream, Keys: h.env.Keys, Store: must[*boltstore.Store](t)(file.Store(fold.Name(), fold.Shape())),
	}))
	t.Cleanup(func() { h.ledger.Close() })
	e := must[*events.Event](t)(events.NewEvent("urn:nld:oin:"+stewardOIN+":systeem:huisboek", uuid.NewString(), time.Now(), &events.PartnerAdmitted{
		Partner: h.caller.Partner, Identities: []string{"urn:nld:oin:" + partnerOIN}, Name: "Proef", Kind: "overig", From: "2020-01-01",
	}))
	if _, err := h.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal}}); err != nil {
		t.Fatal(err)
	}
}

func (h *house) openDoor() {
	h.t.Helper()
	h.door = must[*natsdoor.Door](h.t)(natsdoor.Open(natsdoor.Config{
		Conn: must[*nats.Conn](h.t)(h.env.Server.Connect(natsserver.Door)), Desk: h, Ledger: h.ledger,
		Messages: func(context.Context, ledger.Caller, string, int) (any, error) {
			return map[string]any{"boek": client.Book{ID: "b", Region: natstest.Region, Test: true, Restored: &client.Restored{At: putBack, Position: 7}}, "berichten": []int{}}, nil
		},
		Caller: func(string) (ledger.Caller, bool) { return h.caller, true },
	}))
	h.t.Cleanup(h.door.Close)
}

// Refused is of the desk too; nothing gets lost there.
func (h *house) Refused(c ledger.Caller, err error) { h.desk.Refused(c, err) }

const token = "een-goed-token"

// Authenticate knows one token.
func (h *house) Authenticate(t string) (ledger.Caller, error) {
	if t != token {
		return ledger.Caller{}, errors.New("not known")
	}
	c := h.caller
	c.Door = ledger.DoorHTTP
	return c, nil
}

// openHTTP opens the other door, on real views.
func (h *house) openHTTP() *client.HTTPSender {
	t := h.t
	t.Helper()
	dir := t.TempDir()
	fold := projections.NewViews()
	views := must[*boltstore.Views](t)(boltstore.OpenViews(filepath.Join(dir, "v.db"), boltstore.Options{NoSync: true}, fold.Name(), fold.Shape()))
	runner := &projections.Runner{Source: h.env.Stream, Fold: fold, Store: views}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var under sync.WaitGroup
	under.Go(func() { runner.Run(ctx) })
	t.Cleanup(func() { stop(); under.Wait(); views.Close() })
	deliveries := must[*intake.File](t)(intake.Open(filepath.Join(dir, "i.db"), intake.Options{}))
	t.Cleanup(func() { deliveries.Close() })
	server := must[*web.Server](t)(web.New(web.Config{
		Book: web.Book{ID: uuid.NewString(), Region: natstest.Region, Test: true, Restored: &web.Restored{At: putBack, Position: 7}}, Ledger: h.ledger, Desk: h.desk,
		Deliveries: deliveries, Access: h, Views: web.Views{Store: views, WaitFor: runner.WaitFor},
		Event:   func(context.Context, events.Position) (events.Ref, error) { return events.Ref{}, nil },
		Moment:  func(context.Context, events.Position) (time.Time, error) { return time.Now(), nil },
		Metrics: prometheus.NewRegistry(), Log: slog.New(slog.DiscardHandler),
	}))
	h.http = httptest.NewServer(server)
	t.Cleanup(h.http.Close)
	return sender(t, h.http.URL)
}

func sender(t *testing.T, url string) *client.HTTPSender {
	t.Helper()
	s := must[*client.HTTPSender](t)(client.HTTP(url, token, client.HTTPOptions{}))
	t.Cleanup(s.Close)
	return s
}

// Report is the desk's, with the hooks of a test around it.
func (h *house) Report(ctx context.Context, c ledger.Caller, headers map[string][]string, body []byte) (*ledger.Receipt, error) {
	h.mu.Lock()
	before, after := h.before, h.after
	h.mu.Unlock()
	if before != nil && before() {
		return nil, ledger.ErrBusy
	}
	r, err := h.desk.Report(ctx, c, headers, body)
	if after != nil {
		after()
	}
	return r, err
}

func (h *house) hook(before func() bool, after func()) {
	h.mu.Lock()
	h.before, h.after = before, after
	h.mu.Unlock()
}

func (h *house) dial() *client.NATSSender {
	h.t.Helper()
	s := must[*client.NATSSender](h.t)(client.DialNATS(h.url, h.creds))
	h.t.Cleanup(s.Close)
	return s
}

// recorded are the ids of the partner's events in the order of the stream.
func (h *house) recorded() (ids []string) {
	h.t.Helper()
	for p := events.Position(3); p <= h.ledger.Position(); p++ {
		r := must[*events.Record](h.t)(events.DecodeRecord(must[[]byte](h.t)(h.env.Stream.Get(h.t.Context(), p))))
		ids = append(ids, r.Event.ID)
	}
	return ids
}

// service is an event that rests on no other.
func service(id string) []byte {
	return fmt.Appendf(nil, `{"specversion":"1.0","type":"nl.werkgeversdiensten.dienst-geleverd.v1","source":%q,"id":%q,`+
		`"data":{"kvkNummer":%q,"dienst":"jobcoach","datum":"2026-01-05"}}`, source, id, kvk)
}

const approach = "9b85d439-e7c5-4bc3-b308-d8df20a0a65b"

// plan opens an approach, and move moves it.
func plan(id string) []byte {
	return fmt.Appendf(nil, `{"specversion":"1.0","type":"nl.werkgeversdiensten.bezoek-gepland.v1","source":%q,"id":%q,`+
		`"data":{"kvkNummer":%q,"benadering":%q,"datum":"2026-01-05","doel":"advies","accountmanager":{"medewerker":"m1","naam":"Jan Voorbeeld"}}}`,
		source, id, kvk, approach)
}

func move(id string) []byte {
	return fmt.Appendf(nil, `{"specversion":"1.0","type":"nl.werkgeversdiensten.bezoek-verzet.v1","source":%q,"id":%q,`+
		`"data":{"benadering":%q,"datum":"2026-01-06"}}`, source, id, approach)
}

func openOutbox(t *testing.T, path string, o client.Options) *client.Outbox {
	t.Helper()
	b := must[*client.Outbox](t)(client.Open(path, o))
	t.Cleanup(func() { b.Close() })
	return b
}

func put(t *testing.T, b *client.Outbox, all ...[]byte) {
	t.Helper()
	for _, e := range all {
		if err := b.Put(e); err != nil {
			t.Fatal(err)
		}
	}
}

func wantStatus(t *testing.T, err error, status int) {
	t.Helper()
	var p ledger.Problem
	if !errors.As(err, &p) || p.Status != status {
		t.Errorf("got %v, want a problem with status %d", err, status)
	}
}
