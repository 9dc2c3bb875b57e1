package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"huisboek/adapters/access"
	"huisboek/adapters/boltstore"
	"huisboek/adapters/digest"
	"huisboek/adapters/intake"
	"huisboek/adapters/natsdoor"
	"huisboek/adapters/natsserver"
	"huisboek/adapters/natsstream"
	"huisboek/adapters/pages"
	"huisboek/adapters/readlog"
	"huisboek/adapters/regions"
	"huisboek/adapters/signin"
	"huisboek/adapters/web"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// settings are what a house is opened with.
type settings struct {
	Dir       string
	Region    string           // for a new book
	OIN       string           // of the steward, for a new book
	NATS      string           // listen address for partners; "" is none
	TLS       *tls.Config      // for the listeners
	Erasures  string           // the list of erasures, outside the data folder
	MaxBytes  int64            // room for the stream of records
	KeyBytes  int64            // room for the stream of keys
	Now       func() time.Time // nil: the machine's clock
	Log       *slog.Logger
	Registry  *prometheus.Registry
	Scrub     bool         // read everything once in the background
	Rates     intake.Rates // of one credential, for events; zero: eventRates
	Asking    intake.Rates // and for what it asks; zero: questionRates
	Contact   web.Maintainer
	Mail      digest.Server // that takes digests; without an address none are sent
	Signin    signinSettings
	Regions   *regions.Data // municipalities and regions; nil: those of this version
	KeepLooks time.Duration // who looked at contact persons is kept for so long; 0: as it was last told
	ViewsLate bool          // the views begin to follow only at follow: what is told first goes faster
}

// house is one book with all its rooms, joined. Close it in the end.
type house struct {
	settings
	folder    *folder
	server    *natsserver.Server
	accounts  accounts        // of partners, at the server
	gate      natsstream.Gate // shut while nothing can be recorded
	stream    *natsstream.Stream
	witnessed bool // the book's rows, of whatever shape, said how far the stream came at least
	keys      *natsstream.Keys
	book      *boltstore.File
	views     *boltstore.Views
	access    *access.File
	ledger    *ledger.Ledger
	runner    *projections.Runner
	search    *searcher
	intake    *intake.File
	looks     *readlog.File  // who looked at contact persons
	events    *intake.Limits // of one credential: how many events over both doors, and at a time over NATS
	requests  *intake.Limits // and how many requests with events at a time over HTTP
	questions *intake.Limits // and what it asks over either door
	desk      *intake.Desk
	door      *natsdoor.Door
	web       *web.Server
	signin    *signin.Door
	pages     *pages.Server
	mailer    *digest.Mailer // nil: no mail leaves here
	serving   bool           // it is asked over the socket
	under     sync.WaitGroup // the runner and the scrub
	closers   []func() error // in the order of opening
	began     time.Time
	caughtUp  atomic.Bool // the views have come to where the book stood at the start
	scrubbed  scrub
	admin     sync.Mutex    // one change of partners and credentials at a time
	expiry    expiry        // ends credentials that expire
	keeping   sync.Mutex    // the note of what was last done to keep the book safe
	backing   chan struct{} // full while a backup is made: one at a time
	erasing   sync.Mutex    // an erasure, or a comparison that reads with the keys that there are
}

// openHouse opens the book in a folder, and makes it when the folder has none.
// It returns when the ledger is at the tip and the views follow it.
func openHouse(ctx context.Context, s settings) (h *house, err error) {
	h = &house{settings: s, began: time.Now(), backing: make(chan struct{}, 1)}
	if h.Log == nil {
		h.Log = slog.New(slog.DiscardHandler)
	}
	if h.Registry == nil {
		h.Registry = prometheus.NewRegistry()
	}
	if h.Now == nil {
		h.Now = time.Now
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.Close())
			h = nil
		}
	}()
	if _, err := listPath(h.Dir, h.Erasures); err != nil { // before anything is made
		return h, err
	}
	if h.folder, err = openFolder(&s); err != nil {
		return h, err
	}
	for _, open := range []struct {
		step string
		do   func(context.Context) error
	}{
		{"book", h.openBook}, {"list", h.openList}, {"onecopy", h.oneCopy}, {"access", h.openAccess}, {"streams", h.openStreams}, {"ledger", h.openLedger}, {"room", h.openRoom},
		{"erasures", h.checkList}, {"views", h.openViews}, {"intake", h.openIntake}, {"readlog", h.openReadLog}, {"signin", h.openSignin}, {"doors", h.openDoors},
		{"pages", h.openPages}, {"digests", h.openDigests}, {"time", h.keepTime}, {"steward", h.firstSteward},
	} {
		began := time.Now()
		if err := open.do(ctx); err != nil {
			return h, err
		}
		h.Log.Debug("opened", "step", open.step, "took", time.Since(began).Round(time.Microsecond))
	}
	return h, nil
}

func (h *house) onClose(f func() error) { h.closers = append(h.closers, f) }

// openBook takes the lock: one process has a book at a time.
func (h *house) openBook(context.Context) (err error) {
	h.book, err = boltstore.OpenFile(h.folder.path(fileFold), boltstore.Options{Book: h.folder.Book})
	if errors.Is(err, boltstore.ErrLocked) {
		return fmt.Errorf("another process has this book open: %w", err)
	}
	if err != nil {
		return err
	}
	h.onClose(h.book.Close)
	return nil
}

// openList settles where the list of erasures stands.
func (h *house) openList(context.Context) (err error) {
	given := h.Erasures != ""
	if h.Erasures, err = listPath(h.Dir, cmp.Or(h.Erasures, h.folder.Erasures)); err != nil {
		return err
	}
	if given && h.Erasures != h.folder.Erasures {
		return h.folder.keepErasures(h.Erasures)
	}
	return nil
}

func (h *house) openAccess(context.Context) (err error) {
	h.access, err = access.Open(h.folder.path(fileAccess), ledger.DeriveKey(h.folder.secret, ledger.ForAccess))
	if err != nil {
		return err
	}
	h.access.UseClock(h.Now)
	h.onClose(h.access.Close)
	if _, ok := h.access.LedgerAccount(); ok {
		return nil
	}
	if _, err := os.Stat(h.folder.path(dirStreams)); err == nil {
		return fmt.Errorf("%w: %s has streams, but %s does not know their account", ledger.ErrDamaged, dirStreams, fileAccess)
	}
	seed, err := natsserver.NewAccountSeed()
	if err != nil {
		return err
	}
	return h.access.SetLedgerAccount(seed)
}

func (h *house) openStreams(ctx context.Context) (err error) {
	var b *ledger.Book
	at, err := h.book.Witness(b.Name()) // of any shape: it is the only witness of the stream's end
	if err != nil {
		return err
	}
	seed, _ := h.access.LedgerAccount()
	config := natsserver.Config{
		Dir: h.folder.path(dirStreams), Listen: h.NATS, TLS: h.TLS, Ledger: seed, Log: h.Log,
		MaxStore: 1 << 42, // the streams' own limits are what counts
	}
	for _, a := range h.access.Accounts() {
		config.Partners = append(config.Partners, natsserver.Account{Key: a.PublicKey, Name: a.Name})
	}
	if h.server, err = natsserver.Start(config); err != nil {
		return err
	}
	h.accounts = h.server
	h.onClose(func() error { h.server.Shutdown(); return nil })
	region := h.folder.Region
	nc, err := h.server.Connect(natsserver.User{Name: "stroom", Publish: natsstream.Publishes(region), Subscribe: natsstream.Subscribes()})
	if err != nil {
		return err
	}
	streams := natsstream.Config{
		Region: region, MaxBytes: h.folder.MaxBytes, KeyMaxBytes: h.folder.KeyBytes,
		KeyDir: h.server.StreamDir(natsstream.KeyStreamName(region)), Gate: &h.gate,
	}
	if h.witnessed = at.Position > 0; h.witnessed {
		streams.Book = h.folder.Book // a book that has begun: its streams must be there
	}
	if h.stream, h.keys, err = natsstream.Open(ctx, nc, streams); err != nil {
		return err
	}
	return h.stream.Check(ctx, at)
}

// bookStore is the book's rows. Of another shape they are dropped and folded
// again from the stream.
func (h *house) bookStore() (*boltstore.Store, error) {
	var b *ledger.Book
	s, err := h.book.Store(b.Name(), b.Shape())
	if errors.Is(err, boltstore.ErrShape) {
		h.Log.Info("the book's rows are of another version and are folded again")
		if err := h.book.Reset(b.Name()); err != nil {
			return nil, err
		}
		return h.book.Store(b.Name(), b.Shape())
	}
	return s, err
}

func (h *house) openLedger(ctx context.Context) error {
	store, err := h.bookStore()
	if err != nil {
		return err
	}
	h.ledger, err = ledger.Open(ctx, ledger.Config{
		Region: h.folder.Region, Book: h.folder.Book, StewardOIN: h.folder.OIN, Secret: h.folder.secret,
		Stream: h.stream, Keys: h.keys, Store: store, Witnessed: h.witnessed, Now: h.Now, Log: h.Log, OnErased: h.listErasure,
	})
	if err != nil {
		return err
	}
	h.onClose(h.ledger.Close)
	return nil
}

func (h *house) openViews(ctx context.Context) error {
	fold := projections.NewViews()
	path := h.folder.path(fileViews)
	open := func() (err error) {
		h.views, err = boltstore.OpenViews(path, boltstore.Options{Book: h.folder.Book}, fold.Name(), fold.Shape())
		return err
	}
	err := open()
	if errors.Is(err, boltstore.ErrShape) || errors.Is(err, boltstore.ErrDamaged) {
		h.Log.Warn("the views cannot be used as they are and are made again from the stream", "err", err)
		if err := os.Remove(path); err != nil {
			return err
		}
		err = open()
	}
	if err != nil {
		return err
	}
	h.onClose(h.views.Close)
	h.search = newSearcher(h.views.View, h.ledger.Unseal, h.ledger.Unsealer, h.waitForViews, h.Now, h.Log)
	h.runner = &projections.Runner{Source: h.stream, Fold: h.search.views(), Store: h.views, Log: h.Log}
	h.measure()
	if h.ViewsLate {
		return nil
	}
	return h.follow(ctx)
}

// farBehind is how many records the views may be behind for a start to wait for
// them: less than a second of folding. Views of another shape begin from nothing,
// and for those the partners need not wait.
const farBehind = 20_000

// follow lets the views follow the stream. It waits until they have caught up,
// unless they are far behind: then the ledger records and advises meanwhile, and
// what needs the views is refused until they have.
func (h *house) follow(ctx context.Context) error {
	at, err := h.views.Checkpoint()
	if err != nil {
		return err
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	h.onClose(func() error { stop(); h.under.Wait(); return nil })
	h.under.Go(func() { h.keepFollowing(run) })
	h.under.Go(func() { h.search.run(run) })
	if h.Scrub {
		h.under.Go(func() { h.scrubAll(run) })
	}
	tip := h.ledger.Position()
	if tip-min(tip, at.Position) <= farBehind || h.ViewsLate {
		if err := h.waitForViews(ctx); err != nil {
			return err
		}
		h.caughtUp.Store(true)
		return nil
	}
	h.Log.Info("the views are made while serving; questions that need them are answered when they have caught up", "from", at.Position, "to", tip)
	h.under.Go(func() {
		began := time.Now()
		if h.runner.WaitFor(run, tip) == nil {
			h.caughtUp.Store(true)
			h.Log.Info("the views have caught up", "position", tip, "took", time.Since(began).Round(time.Millisecond))
		}
	})
	return nil
}

// waitForViews waits until the views have caught up: an answer before that would
// be a true one of long ago.
func (h *house) waitForViews(ctx context.Context) error {
	if err := h.runner.WaitFor(ctx, h.ledger.Position()); err != nil {
		return fmt.Errorf("views: %w", err)
	}
	return nil
}

// What one credential may do. How many events is one count for both doors; how
// many requests at a time is each door's own. Over NATS 256 of the 4,096 places:
// each is one event, and a client that does not wait for its receipts has many
// under way. Over HTTP 64 of the 256 places: each may be a thousand events, and
// nobody gets more than a quarter.
var (
	// eventRates let a partner send a day's work at once and a year's history in an
	// afternoon, and keep the ledger free for the others.
	eventRates    = intake.Rates{PerSecond: 500, Burst: 5_000, InFlight: 256}
	requestRates  = intake.Rates{InFlight: 64}
	questionRates = intake.Rates{PerSecond: 200, Burst: 2_000, InFlight: 64}
)

func (h *house) openIntake(context.Context) (err error) {
	h.intake, err = intake.Open(h.folder.path(fileIntake), intake.Options{Now: h.Now, Log: h.Log})
	if err != nil {
		return err
	}
	h.onClose(h.intake.Close)
	h.events = intake.NewLimits(cmp.Or(h.Rates, eventRates), h.Now)
	h.events.Own(h.access.RateOf)
	h.requests = intake.NewLimits(requestRates, h.Now)
	h.questions = intake.NewLimits(cmp.Or(h.Asking, questionRates), h.Now)
	h.desk = intake.New(intake.Config{Ledger: h.ledger, File: h.intake, Limits: h.events, Count: h.counted(), Now: h.Now, Log: h.Log})
	return nil
}

func (h *house) openDoors(context.Context) (err error) {
	if h.web, err = web.New(web.Config{
		Book: h.folder.shown(), Restores: h.folder.restores(),
		Desk: h.desk, Deliveries: h.intake, ReadLog: h.looks, Event: h.eventAt,
		Questions: h.questions, Reports: h.requests,
		Ledger: h.ledger, Access: h.access, Metrics: h.Registry, Log: h.Log, Now: h.Now,
		Views:  web.Views{Store: h.views, WaitFor: h.runner.WaitFor},
		Moment: h.moment, Checks: h.checks(), Maintainer: h.Contact,
		Ready: h.caughtUp.Load, Search: h.searched, Searched: h.search.waitFor, Regions: h.regionData(), Wish: h.wishes(),
		Status: func(ctx context.Context) (*web.Status, error) { return h.status(ctx, struct{}{}, nil) },
	}); err != nil {
		return err
	}
	nc, err := h.server.Connect(natsserver.Door)
	if err != nil {
		return err
	}
	h.door, err = natsdoor.Open(natsdoor.Config{
		Conn: nc, Desk: h.desk, Ledger: h.ledger, Caller: h.access.PartnerOfAccount, Log: h.Log,
		Reports: h.events, Questions: h.questions,
		Coverage: func(ctx context.Context, c ledger.Caller) (any, error) { return h.web.Coverage(ctx, c) },
		Now:      h.Now,
		Messages: func(ctx context.Context, c ledger.Caller, after string, max int) (any, error) {
			return h.web.Messages(ctx, c, after, max)
		},
	})
	if err != nil {
		return err
	}
	h.onClose(func() error { h.door.Close(); return nil })
	return nil
}

// searched is the employers that can be searched; nil until they were read.
func (h *house) searched() web.Search {
	if x := h.search.index(); x != nil {
		return x
	}
	return nil
}

// recordAt reads one record.
func (h *house) recordAt(ctx context.Context, at events.Position) (*events.Record, error) {
	data, err := h.stream.Get(ctx, at)
	if err != nil {
		return nil, err
	}
	return events.DecodeRecord(data)
}

// moment is when a position was recorded.
func (h *house) moment(ctx context.Context, at events.Position) (time.Time, error) {
	if when, ok := h.ledger.Moment(at); ok {
		return when, nil
	}
	r, err := h.recordAt(ctx, at)
	if err != nil {
		return time.Time{}, err
	}
	return r.At, nil
}

// eventAt is what a partner calls the event at a position.
func (h *house) eventAt(ctx context.Context, at events.Position) (events.Ref, error) {
	r, err := h.recordAt(ctx, at)
	if err != nil {
		return events.Ref{}, err
	}
	return events.Ref{Source: r.Event.Source, ID: r.Event.ID}, nil
}

// checks are what readyz asks.
func (h *house) checks() []web.Check {
	return []web.Check{
		{
			Code:     "boek-staat-stil",
			Sentence: events.Sentence{NL: "Het boek legt niets meer vast.", EN: "The book records nothing any more."},
			Test:     func(context.Context) error { return h.ledger.Err() },
		},
		{
			Code:     "opslag-vol",
			Sentence: events.Sentence{NL: "De schijf is vol: er wordt niets vastgelegd tot er ruimte is.", EN: "The disk is full: nothing is recorded until there is room."},
			Test:     func(context.Context) error { return h.gate.Err() },
		},
		{
			Code:     "beelden-staan-stil",
			Sentence: events.Sentence{NL: "De antwoorden worden niet meer bijgewerkt.", EN: "Answers are no longer brought up to date."},
			Test:     func(context.Context) error { return h.runner.Err() },
		},
	}
}

// Close ends everything in the opposite order of opening: no new requests, then
// what is under way, the views, the files, the server.
func (h *house) Close() error {
	var errs []error
	for i := len(h.closers) - 1; i >= 0; i-- {
		if err := h.closers[i](); err != nil {
			errs = append(errs, err)
		}
	}
	h.closers = nil
	return errors.Join(errs...)
}
