package ledger_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/boltstore"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/ledger/ledgertest"
)

const (
	region     = "AM36"
	stewardOIN = "00000099000000000000"
	kvk        = "69599084"
	otherKvK   = "68750110"
)

// today of these tests; the clock stands still unless a test moves it.
var noon = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

const today = events.Date("2026-11-22")

// clock is a clock that a test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = t
}

// party is a partner as a test knows it.
type party struct {
	id, oin, name string
	caller        ledger.Caller
}

func (p party) source() string { return "urn:nld:oin:" + p.oin + ":systeem:crm" }
func (p party) urn() string    { return "urn:nld:oin:" + p.oin }

// book is a ledger on fakes of the streams and a real file.
type book struct {
	t       testing.TB
	stream  *ledgertest.Memory
	keys    *ledgertest.MemoryKeys
	file    *boltstore.File
	store   *boltstore.Store
	clock   *clock
	ledger  *ledger.Ledger
	config  ledger.Config
	behind  func(ledger.Store) ledger.Store // what the ledger gets of the store, when a test wants to be in between
	a, b, c party
	n       int
}

func newBook(t testing.TB) *book {
	t.Helper()
	k := &book{t: t, stream: &ledgertest.Memory{}, keys: &ledgertest.MemoryKeys{}, clock: &clock{at: noon}}
	k.config = ledger.Config{
		Region: region, Book: uuid.NewString(), StewardOIN: stewardOIN, Secret: [32]byte{1, 2, 3},
		Stream: k.stream, Keys: k.keys, Now: k.clock.now,
	}
	k.open(filepath.Join(t.TempDir(), "book.db"))
	for i, p := range []*party{&k.a, &k.b, &k.c} {
		*p = party{id: uuid.NewString(), oin: fmt.Sprintf("000000990000%08d", i+1), name: "Partner " + string(rune('A'+i))}
		p.caller = ledger.Caller{Role: ledger.RolePartner, Partner: p.id, Credential: "c" + p.name, Door: ledger.DoorNATS}
		k.mustSteward(&events.PartnerAdmitted{Partner: p.id, Identities: []string{p.urn()}, Name: p.name, Kind: "overig", From: today.AddDays(-1000)})
	}
	return k
}

// open opens the ledger on a file; a cleanup closes both.
func (k *book) open(path string) {
	k.t.Helper()
	if err := k.tryOpen(path); err != nil {
		k.t.Fatal(err)
	}
}

func (k *book) tryOpen(path string) (err error) {
	k.t.Helper()
	if k.file, err = boltstore.OpenFile(path, boltstore.Options{NoSync: true}); err != nil {
		k.t.Fatal(err)
	}
	var fold *ledger.Book
	if k.store, err = k.file.Store(fold.Name(), fold.Shape()); err != nil {
		k.t.Fatal(err)
	}
	k.config.Store = k.store
	if k.behind != nil {
		k.config.Store = k.behind(k.store)
	}
	file := k.file
	if k.ledger, err = ledger.Open(k.t.Context(), k.config); err != nil {
		file.Close()
		return err
	}
	l := k.ledger
	k.t.Cleanup(func() { l.Close(); file.Close() })
	return nil
}

// reopen closes the ledger and opens it again on the same file.
func (k *book) reopen() {
	k.t.Helper()
	path := k.file.Path()
	k.close()
	k.open(path)
}

func (k *book) close() {
	k.t.Helper()
	if err := errors.Join(k.ledger.Close(), k.file.Close()); err != nil {
		k.t.Fatal(err)
	}
}

func (k *book) id() string {
	k.n++
	return fmt.Sprintf("melding-%04d", k.n)
}

// steward records an event of the steward under a fresh id.
func (k *book) steward(d events.Data) (*ledger.Receipt, error) {
	k.t.Helper()
	e, err := events.NewEvent("urn:nld:oin:"+stewardOIN+":systeem:huisboek", k.id(), k.clock.now(), d)
	if err != nil {
		k.t.Fatal(err)
	}
	return k.ledger.Record(k.t.Context(), ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal}})
}

func (k *book) mustSteward(d events.Data) *ledger.Receipt {
	k.t.Helper()
	r, err := k.steward(d)
	if err != nil {
		k.t.Fatal(err)
	}
	return r
}

func (k *book) event(p party, id string, d events.Data) *events.Event {
	k.t.Helper()
	e, err := events.NewEvent(p.source(), id, k.clock.now(), d)
	if err != nil {
		k.t.Fatal(err)
	}
	return e
}

// record records an event of a partner under a fresh id.
func (k *book) record(p party, d events.Data) (*ledger.Receipt, error) {
	k.t.Helper()
	return k.ledger.Record(k.t.Context(), ledger.Submission{Event: k.event(p, k.id(), d), Caller: p.caller})
}

func (k *book) must(p party, d events.Data) *ledger.Receipt {
	k.t.Helper()
	r, err := k.record(p, d)
	if err != nil {
		k.t.Fatalf("%T: %v", d, err)
	}
	return r
}

// lastID is the id that record used last.
func (k *book) lastID() string { return fmt.Sprintf("melding-%04d", k.n) }

func plain[T any](v T) events.Personal[T] { return events.Personal[T]{Plain: &v} }

func manager(employee, name string) events.Personal[events.AccountManager] {
	return plain(events.AccountManager{Employee: employee, Name: name, Phone: "038-0000001"})
}

func at(kvk string) events.Employer { return events.Employer{KvK: kvk} }

func plan(kvk, approach string, on events.Date) *events.VisitPlanned {
	return &events.VisitPlanned{Employer: at(kvk), Approach: approach, Date: on, Purpose: "acquisitie", AccountManager: manager("m1", "Planner Een")}
}

func visit(kvk string, on events.Date) *events.VisitMade {
	return &events.VisitMade{Employer: at(kvk), Date: on, Purpose: "acquisitie", Form: "op-locatie", AccountManager: manager("m2", "Bezoeker Twee")}
}

// advice is what a partner is told of an employer.
func (k *book) advice(p party, e events.Employer) ledger.Advice {
	k.t.Helper()
	a, _, err := k.ledger.Advise(k.t.Context(), ledger.Question{Employer: e, Partner: p.id, Purpose: "acquisitie"})
	if err != nil {
		k.t.Fatal(err)
	}
	return a
}

// stored is what stands at a position.
func (k *book) stored(at events.Position) *events.Record {
	k.t.Helper()
	r, err := events.DecodeRecord(k.stream.Stored()[at-1].Data)
	if err != nil {
		k.t.Fatal(err)
	}
	return r
}

// faultCodes are the codes of a refusal, in order; nil when err is none.
func faultCodes(err error) []string {
	var f events.Faults
	if !errors.As(err, &f) {
		return nil
	}
	codes := []string{}
	for _, x := range f {
		codes = append(codes, x.Field+" "+x.Code)
	}
	return codes
}
