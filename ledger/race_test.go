package ledger_test

import (
	"errors"
	"flag"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/boltstore"
	"huisboek/adapters/natsserver"
	"huisboek/adapters/natsstream"
	"huisboek/adapters/natsstream/natstest"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

var rounds = flag.Int("rounds", 20, "how often the planners of TestRace run for an employer")

// cluster is several ledgers of one book on one real server, each with a
// connection and a file of its own.
type cluster struct {
	config  ledger.Config // of every ledger, but for the connection
	t       testing.TB
	env     *natstest.Env
	clock   *clock
	ledgers []*ledger.Ledger
	stores  []*boltstore.Store
	parties []party
}

// newCluster admits so many partners to a new book, records the agreement (the
// default one, changed), and then opens so many ledgers: what one of them recorded
// another knows when it records itself, and not before. through, when it is not nil,
// is what a ledger gets of its stream.
func newCluster(t testing.TB, ledgers, partners int, agree func(*events.AgreementSet), through func(*natsstream.Stream) ledger.Stream) *cluster {
	t.Helper()
	c := &cluster{t: t, env: natstest.New(t), clock: &clock{at: noon}}
	c.env.MaxBytes = 1 << 30
	c.env.Start()
	config := ledger.Config{
		Region: natstest.Region, Book: uuid.NewString(), StewardOIN: stewardOIN, Secret: [32]byte{1, 2, 3}, Now: c.clock.now,
		Stream: c.env.Stream, Keys: c.env.Keys,
	}
	c.config = config
	c.open(config)
	for i := range partners {
		p := party{id: uuid.NewString(), oin: fmt.Sprintf("000000990000%08d", i+1), name: fmt.Sprint("Partner ", i)}
		p.caller = ledger.Caller{Role: ledger.RolePartner, Partner: p.id, Credential: "c", Door: ledger.DoorNATS}
		c.parties = append(c.parties, p)
		c.steward(&events.PartnerAdmitted{Partner: p.id, Identities: []string{p.urn()}, Name: p.name, Kind: "overig", From: today.AddDays(-1000)})
	}
	a := events.DefaultAgreement()
	a.From, a.Name = today.AddDays(-1000), "Afspraken van de proef"
	agree(&a)
	c.steward(&a)
	if err := c.ledgers[0].Close(); err != nil {
		t.Fatal(err)
	}
	c.ledgers, c.stores = nil, nil
	for i := range ledgers {
		stream, keys := c.connect(i)
		config.Stream, config.Keys = stream, keys
		if through != nil {
			config.Stream = through(stream)
		}
		c.open(config)
	}
	return c
}

// connect is a ledger's own way to the records and the keys.
func (c *cluster) connect(i int) (*natsstream.Stream, *natsstream.Keys) {
	c.t.Helper()
	nc, err := c.env.Server.Connect(natsserver.User{
		Name: fmt.Sprint("boek-", i), Publish: natsstream.Publishes(natstest.Region), Subscribe: natsstream.Subscribes(),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(nc.Close)
	stream, keys, err := natsstream.Open(c.t.Context(), nc, natsstream.Config{
		Region: natstest.Region, MaxBytes: c.env.MaxBytes, KeyMaxBytes: c.env.MaxBytes,
		KeyDir: c.env.Server.StreamDir(natsstream.KeyStreamName(natstest.Region)),
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return stream, keys
}

func (c *cluster) open(config ledger.Config) {
	c.t.Helper()
	file, err := boltstore.OpenFile(filepath.Join(c.t.TempDir(), "book.db"), boltstore.Options{NoSync: true})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { file.Close() })
	var fold *ledger.Book
	store, err := file.Store(fold.Name(), fold.Shape())
	if err != nil {
		c.t.Fatal(err)
	}
	config.Store = store
	l, err := ledger.Open(c.t.Context(), config)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { l.Close() })
	c.ledgers, c.stores = append(c.ledgers, l), append(c.stores, store)
}

// steward records an event of the steward, by the first ledger.
func (c *cluster) steward(d events.Data) {
	c.t.Helper()
	e, err := events.NewEvent("urn:nld:oin:"+stewardOIN+":systeem:huisboek", uuid.NewString(), c.clock.now(), d)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.record(0, ledger.Submission{Event: e, Caller: ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal}}); err != nil {
		c.t.Fatal(err)
	}
}

// say records an event of a partner by one of the ledgers.
func (c *cluster) say(by int, p party, d events.Data) (*ledger.Receipt, error) {
	e, err := events.NewEvent(p.source(), uuid.NewString(), c.clock.now(), d)
	if err != nil {
		return nil, err
	}
	return c.record(by, ledger.Submission{Event: e, Caller: p.caller})
}

// record says it again as long as other ledgers are faster. Its receipt is that of
// what is in the stream; a plan that was refused has one, too.
func (c *cluster) record(by int, s ledger.Submission) (*ledger.Receipt, error) {
	for {
		r, err := c.ledgers[by].Record(c.t.Context(), s)
		if !errors.Is(err, ledger.ErrBusy) && !errors.Is(err, ledger.ErrUnknown) {
			return r, err
		}
	}
}

// stored is the record at a position.
func (c *cluster) stored(at events.Position) (*events.Record, error) {
	data, err := c.env.Stream.Get(c.t.Context(), at)
	if err != nil {
		return nil, err
	}
	return events.DecodeRecord(data)
}

// all are the records after the partners and the agreement.
func (c *cluster) all(from events.Position) (list []*events.Record) {
	c.t.Helper()
	err := c.env.Stream.Read(c.t.Context(), from, func(_ events.Position, data []byte) error {
		r, err := events.DecodeRecord(data)
		list = append(list, r)
		return err
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return list
}

// tip is the last position of the stream.
func (c *cluster) tip() events.Position {
	c.t.Helper()
	last, err := c.env.Stream.Last(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	return last
}

// checkBooks: every ledger's book is what the stream up to where it came makes.
func (c *cluster) checkBooks() {
	c.t.Helper()
	for i, l := range c.ledgers {
		if err := l.Err(); err != nil {
			c.t.Errorf("ledger %d: %v", i, err)
		}
		if err := l.Close(); err != nil {
			c.t.Error(err)
		}
		file, err := boltstore.OpenFile(filepath.Join(c.t.TempDir(), "again.db"), boltstore.Options{NoSync: true})
		if err != nil {
			c.t.Fatal(err)
		}
		defer file.Close()
		again, err := file.Store(l.Fold().Name(), l.Fold().Shape())
		if err != nil {
			c.t.Fatal(err)
		}
		if err := projections.RebuildUntil(c.t.Context(), c.env.Stream, l.Fold(), again, l.Position(), nil); err != nil {
			c.t.Fatal(err)
		}
		if d, err := projections.Compare(c.stores[i], again, nil); d != "" || err != nil {
			c.t.Errorf("ledger %d: kept and rebuilt differ: %s %v", i, d, err)
		}
	}
}

// TestRace: 64 planners at eight ledgers all want the same employer at the same
// time, round after round on twenty employers. Of every round exactly one plan is
// free, and it is the first in the stream; then it is called off. The taken plans
// stay, and count for nothing, not even when a partner may have a single plan.
func TestRace(t *testing.T) {
	const ledgers, planners, employers = 8, 64, 20
	c := newCluster(t, ledgers, planners, func(a *events.AgreementSet) { a.PlansPerPartner, a.PlansPerManager = 1, 1 }, nil)
	began, before := time.Now(), c.tip()
	for round := range *rounds {
		c.race(fmt.Sprint(90_000_000+round%employers), round)
		if t.Failed() {
			t.Fatalf("round %d", round)
		}
	}
	took, n := time.Since(began), c.tip()-before
	t.Logf("%d rounds of %d planners at %d ledgers: %d records in %s, %.0f a second; %.1f rounds a second",
		*rounds, planners, ledgers, n, took.Round(time.Millisecond), float64(n)/took.Seconds(), float64(*rounds)/took.Seconds())
	if want := events.Position(*rounds) * (planners + 1); n != want {
		t.Errorf("%d records, want %d: every plan, and a call-off each round", n, want)
	}
	if _, err := c.env.Stream.Verify(t.Context(), nil); err != nil {
		t.Error(err)
	}
	c.checkBooks()
}

// race is one round.
func (c *cluster) race(employer string, round int) {
	c.t.Helper()
	type entry struct {
		approach string
		receipt  *ledger.Receipt
	}
	entries := make([]entry, len(c.parties))
	ready, gun := new(sync.WaitGroup), make(chan struct{})
	var done sync.WaitGroup
	for i, p := range c.parties {
		ready.Add(1)
		done.Go(func() {
			e := &entries[i]
			e.approach = uuid.NewString()
			d := plan(employer, e.approach, today.AddDays(1+(i+round)%7))
			ready.Done()
			<-gun
			var err error
			if e.receipt, err = c.say(i%len(c.ledgers), p, d); err != nil {
				c.t.Errorf("%s: %v", p.name, err)
			}
		})
	}
	ready.Wait()
	close(gun)
	done.Wait()
	if c.t.Failed() {
		return
	}
	winner, first := -1, slices.MinFunc(entries, func(a, b entry) int { return int(a.receipt.Position) - int(b.receipt.Position) })
	for i, e := range entries {
		switch got := briefly(e.receipt.Advice); {
		case e.receipt.Outcome == events.Free && winner < 0 && e.approach == first.approach:
			winner = i
		case e.receipt.Outcome == events.Taken && strings.HasPrefix(got, "bezet [ander-plan]"):
		default:
			c.t.Errorf("%s at %d: %s; the first of the round is at %d, a winner was seen already: %v",
				c.parties[i].name, e.receipt.Position, got, first.receipt.Position, winner >= 0)
		}
	}
	if winner < 0 {
		c.t.Error("nobody won")
		return
	}
	if _, err := c.say(winner%len(c.ledgers), c.parties[winner], &events.VisitCalledOff{Approach: entries[winner].approach}); err != nil {
		c.t.Errorf("%s calls off: %v", c.parties[winner].name, err)
	}
}
