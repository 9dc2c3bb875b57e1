package intake_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"go.uber.org/goleak"

	"huisboek/adapters/boltstore"
	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	stewardOIN = "00000099000000000000"
	partnerOIN = "00000099000000001000"
	otherOIN   = "00000099000000002000"
	source     = "urn:nld:oin:" + partnerOIN + ":systeem:crm"
	kvk        = "69599084"
	today      = events.Date("2026-11-22")
)

var noon = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: noon} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// logged is what was logged.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logged) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.buf.String(), s)
}

func (l *logged) logger() *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// house is a desk with a real ledger on a stream in memory, and a real file.
type house struct {
	t      testing.TB
	stream *ledgertest.Memory
	ledger *ledger.Ledger
	path   string
	file   *intake.File
	desk   *intake.Desk
	clock  *clock
	caller ledger.Caller
}

// newHouse opens everything; change changes what the desk is made of.
func newHouse(t testing.TB, change func(*intake.Config)) *house {
	t.Helper()
	h := &house{t: t, stream: new(ledgertest.Memory), clock: newClock(), path: filepath.Join(t.TempDir(), "intake.db")}
	h.caller = ledger.Caller{Role: ledger.RolePartner, Partner: uuid.NewString(), Credential: "toegang-1", Door: ledger.DoorHTTP}
	store := must[*boltstore.File](t)(boltstore.OpenFile(filepath.Join(t.TempDir(), "book.db"), boltstore.Options{NoSync: true}))
	t.Cleanup(func() { store.Close() })
	var fold *ledger.Book
	rows := must[*boltstore.Store](t)(store.Store(fold.Name(), fold.Shape()))
	h.ledger = must[*ledger.Ledger](t)(ledger.Open(t.Context(), ledger.Config{
		Region: "AM36", Book: uuid.NewString(), StewardOIN: stewardOIN, Secret: [32]byte{1},
		Stream: h.stream, Keys: new(ledgertest.MemoryKeys), Store: rows, Now: h.clock.now,
	}))
	t.Cleanup(func() { h.ledger.Close() })
	for i, oin := range []string{partnerOIN, otherOIN} {
		id := uuid.NewString()
		if i == 0 {
			id = h.caller.Partner
		}
		e := must[*events.Event](t)(events.NewEvent("urn:nld:oin:"+stewardOIN+":systeem:huisboek", uuid.NewString(), noon, &events.PartnerAdmitted{
			Partner: id, Identities: []string{"urn:nld:oin:" + oin}, Name: "Proef", Kind: "overig", From: "2020-01-01",
		}))
		must[*ledger.Receipt](t)(h.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal}}))
	}
	h.file = must[*intake.File](t)(intake.Open(h.path, intake.Options{Now: h.clock.now}))
	t.Cleanup(func() { h.file.Close() })
	c := intake.Config{Ledger: h.ledger, File: h.file, Now: h.clock.now}
	if change != nil {
		change(&c)
	}
	h.desk = intake.New(c)
	return h
}

// deliveries is all that is noted of the partner, newest first.
func (h *house) deliveries() []intake.Delivery {
	h.t.Helper()
	items, next, err := h.file.List(h.caller.Partner, "", "", 1_000)
	if err != nil || next != "" {
		h.t.Fatal(err, next)
	}
	return items
}

// day is the counts of the one day and door that there are.
func (h *house) day() intake.Day {
	h.t.Helper()
	days, err := h.file.Days(h.caller.Partner, today, today)
	if err != nil || len(days) != 1 {
		h.t.Fatal(days, err)
	}
	return days[0]
}

// event is a visit in structured mode; data is put in its data.
func event(id, data string) string { return eventOf(source, "bezoek-afgelegd", id, visit(data)) }

func eventOf(source, kind, id, data string) string {
	return fmt.Sprintf(`{"specversion":"1.0","type":"nl.werkgeversdiensten.%s.v1","source":%q,"id":%q,"data":%s}`, kind, source, id, data)
}

func visit(more string) string {
	return `{"kvkNummer":"` + kvk + `","datum":"2026-01-05","doel":"overig","vorm":"video"` + more + `}`
}

type header = map[string][]string

// binary is the head of the same event in binary mode.
func binary(id string) header {
	return header{
		"ce-specversion": {"1.0"}, "ce-type": {"nl.werkgeversdiensten.bezoek-afgelegd.v1"},
		"ce-source": {source}, "ce-id": {id}, "content-type": {"application/json"},
	}
}

// with is a header with more in it.
func with(h header, more header) header {
	for k, v := range more {
		h[k] = v
	}
	return h
}
