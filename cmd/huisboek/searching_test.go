package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

// searchable is a house of which the employers can be searched.
type searchable struct {
	*house
	s       *searcher
	batches chan events.Position // of each batch, after the searcher was told
	partner ledger.Caller
	fault   atomic.Pointer[error] // what unsealing gives, when not nil
	opened  []events.KeyID        // keys that were unsealed with, one by one, in that order
	keys    []events.KeyID        // keys that were read at once, in that order
	erases  func()                // when they were read
}

func newSearchable(t *testing.T) *searchable {
	t.Helper()
	k := &searchable{house: listening(t, settings{ViewsLate: true}), batches: make(chan events.Position, 1_000)}
	k.partner = ledger.Caller{Role: ledger.RolePartner, Partner: k.mustAdmit(t, newPartner{OIN: oinP, Name: "P"}).Partner, Door: ledger.DoorLocal}
	unseal := func(ctx context.Context, source, id, path string, seal events.Seal) ([]byte, error) {
		if err := k.fault.Load(); err != nil {
			return nil, *err
		}
		k.opened = append(k.opened, seal.Key)
		return k.ledger.Unseal(ctx, source, id, path, seal)
	}
	all := func(ctx context.Context, keys []events.KeyID) (unsealer, error) {
		k.keys = append(k.keys, keys...)
		if err := k.fault.Load(); err != nil {
			return nil, *err
		}
		opens, err := k.ledger.Unsealer(ctx, keys)
		if k.erases != nil {
			k.erases()
		}
		return opens, err
	}
	k.s = newSearcher(k.views.View, unseal, all, func(ctx context.Context) error { return k.runner.WaitFor(ctx, k.ledger.Position()) },
		k.Now, slog.New(slog.NewTextHandler(t.Output(), nil)))
	k.runner.Fold = k.s.views()
	k.runner.OnBatch = func(_ int, _ time.Duration, at events.Position) { k.s.batch(at); k.batches <- at }
	return k
}

// told records an event.
func (k *searchable) told(t *testing.T, by ledger.Caller, d events.Data) (id string, at events.Position) {
	t.Helper()
	source := sourceP
	if by.Role == ledger.RoleSteward {
		source = "urn:nld:oin:" + k.folder.OIN + ":systeem:regie"
	}
	id = uuid.NewString()
	e, err := events.NewEvent(source, id, k.Now(), d)
	if err != nil {
		t.Fatal(err)
	}
	r, err := k.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: by})
	if err != nil {
		t.Fatal(err)
	}
	return id, r.Position
}

// seen waits until the searcher was told of a position, and has it look.
func (k *searchable) seen(t *testing.T, at events.Position) {
	t.Helper()
	deadline := time.After(patience)
	for {
		select {
		case got := <-k.batches:
			if got < at {
				continue
			}
		case <-deadline:
			t.Fatalf("the views did not reach position %d", at)
		}
		break
	}
	if err := k.s.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (k *searchable) finds(t *testing.T, typed string, want ...string) {
	t.Helper()
	var got []string
	hits, _ := k.s.found.Find(typed, 0, 20)
	for _, h := range hits {
		got = append(got, strings.Join(h.Keys, "="))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q finds %v, want %v", typed, got, want)
	}
}

func card(employer events.Employer, name, place, postcode string) *events.EmployerDescribed {
	return &events.EmployerDescribed{Employer: employer, Name: events.Plainly(name), Place: events.Plainly(place), Postcode: events.Plainly(postcode), Gemeente: "GM0193"}
}

const searchedProvisional = "6d1f7a52-3c0e-4f5b-9a51-2f9f4d1c7e11"

// An index that was filled, and one that followed, say what the book says: cards,
// contacts, links, unlinks, retractions.
func TestSearcherFollows(t *testing.T) {
	k := newSearchable(t)
	kvk, provisional := events.Employer{KvK: "69599084"}, events.Employer{Provisional: searchedProvisional}
	steward := ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal}
	today := events.DateOf(k.Now())
	k.told(t, k.partner, card(kvk, "Roodborst Bouw B.V.", "Zwolle", "8011AB"))
	_, at := k.told(t, k.partner, &events.VisitMade{
		Employer: events.Employer{KvK: kvk.KvK, Establishment: "000037178598"}, Date: today.AddDays(-3), Purpose: "kennismaking", Form: "telefoon",
	})
	if err := k.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	if k.s.index() != nil {
		t.Error("ready before anything was read")
	}
	k.seen(t, at)
	if err := k.s.fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if x := k.s.index(); x == nil || x.Len() != 1 {
		t.Fatalf("ready %t with %d employers", k.s.index() != nil, k.s.found.Len())
	}
	k.finds(t, "rodborst zwolle", "69599084")
	k.finds(t, "8011 AB", "69599084")
	k.finds(t, "000037178598", "69599084")
	if e, _ := k.s.found.Entry("69599084"); e.LastContact != today.AddDays(-3) || e.Gemeente != "GM0193" {
		t.Errorf("entry %+v", e)
	}

	mistake, at := k.told(t, k.partner, card(provisional, "Roodborst Bouw", "Zwolle", "8011AB"))
	k.seen(t, at)
	k.finds(t, "roodborst", "69599084", "voorlopig-"+searchedProvisional)
	if _, total := k.s.found.Likely(0, 9); total != 1 {
		t.Errorf("%d pairs, want the two", total)
	}
	pair := events.EmployersLinked{Employer: events.WholeEmployer{Provisional: searchedProvisional}, With: events.WholeEmployer{KvK: kvk.KvK}, Kind: "dezelfde"}
	_, at = k.told(t, steward, &pair)
	k.seen(t, at)
	k.finds(t, "roodborst", "69599084=voorlopig-"+searchedProvisional)
	_, at = k.told(t, steward, &events.EmployersUnlinked{Employer: pair.Employer, With: pair.With})
	k.seen(t, at)
	k.finds(t, "roodborst", "69599084", "voorlopig-"+searchedProvisional)
	if pairs, total := k.s.found.Likely(0, 9); total != 0 {
		t.Errorf("said not to be the same, and a pair: %v", pairs)
	}
	_, at = k.told(t, k.partner, &events.EventRetracted{Event: events.Ref{Source: sourceP, ID: mistake}})
	k.seen(t, at)
	k.finds(t, "roodborst", "69599084")

	fresh := newSearcher(k.views.View, k.ledger.Unseal, k.ledger.Unsealer, k.s.follow, k.Now, k.Log)
	if err := fresh.fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	if a, b := fresh.found.Len(), k.s.found.Len(); a != b {
		t.Errorf("%d employers when filled, %d when followed", a, b)
	}
}

// After an erasure nothing in memory finds the name, whatever the ledger would
// still unseal: not while the views or the index stand still, and not after it.
func TestSearcherForgets(t *testing.T) {
	k := newSearchable(t)
	k.search = k.s
	var late atomic.Pointer[[]byte] // a name, of a ledger that has not heard of its erasure yet
	unseal := k.s.unseal
	k.s.unseal = func(ctx context.Context, source, id, path string, s events.Seal) ([]byte, error) {
		if plain := late.Load(); plain != nil && path == "/naam" {
			return *plain, nil
		}
		return unseal(ctx, source, id, path, s)
	}
	read, follows := make(chan struct{}, 100), make(chan struct{})
	var stands atomic.Bool // the views
	k.s.view = func(fn func(projections.Tx, events.Checkpoint) error) error {
		if stands.Load() {
			<-follows
		}
		defer func() { read <- struct{}{} }()
		return k.views.View(fn)
	}
	employer := events.Employer{KvK: "69599084"}
	k.told(t, k.partner, card(employer, "Winterkoning", "Zwolle", "8011AB"))
	if err := k.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.awaits(t, read, "ready", func() bool { return k.searched() != nil })
	k.finds(t, "winterkoning", employer.KvK)
	var of projections.Card
	if err := k.views.View(func(tx projections.Tx, _ events.Checkpoint) error {
		c, err := projections.Employers{}.Card(tx, []string{employer.KvK})
		of = *c
		return err
	}); err != nil {
		t.Fatal(err)
	}
	plain, err := k.ledger.Unseal(t.Context(), of.Source, of.ID, "/naam", *of.Name.Seal)
	if err != nil {
		t.Fatal(err)
	}
	late.Store(&plain)
	stands.Store(true)
	done, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Employer: employer.KvK, Ground: "verzoek"}, ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal})
	if err != nil {
		t.Fatal(err)
	}
	if k.searched() != nil {
		t.Error("erased, and what was read before can be searched")
	}
	stands.Store(false)
	close(follows)
	k.awaits(t, read, "following the erasure", func() bool { return k.searched() != nil })
	if at := k.s.position(); at < done.Position {
		t.Errorf("searched at %d, before the erasure at %d", at, done.Position)
	}
	for _, typed := range []string{"winterkoning", "winterk", "zwolle", "8011AB"} {
		k.finds(t, typed)
	}
	k.finds(t, employer.KvK, employer.KvK)
	if e, _ := k.s.found.Entry(employer.KvK); len(e.Names) != 0 || e.Place != "" || e.Postcode != "" {
		t.Errorf("left: %+v", e)
	}
}

// A plan of which the day comes is the last contact then, however long nothing is
// said of the employer.
func TestSearcherTurnsOfDays(t *testing.T) {
	k := newSearchable(t)
	const employer = "69599084"
	at := events.Employer{KvK: employer}
	began := k.Now()
	today, now := events.DateOf(began), began
	k.s.now = func() time.Time { return now }
	for _, on := range []events.Date{today.AddDays(2), today.AddDays(5)} {
		k.told(t, k.partner, &events.VisitPlanned{
			Employer: at, Approach: uuid.NewString(), Date: on, Purpose: "kennismaking",
			AccountManager: events.Plainly(events.AccountManager{Employee: "am-1", Name: "M. Erel"}),
		})
	}
	_, last := k.told(t, k.partner, &events.VisitMade{Employer: at, Date: today.AddDays(-9), Purpose: "kennismaking", Form: "telefoon"})
	if err := k.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.seen(t, last)
	if err := k.s.fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ days, want int }{{0, -9}, {1, -9}, {2, 2}, {4, 2}, {7, 5}} {
		now = began.AddDate(0, 0, c.days)
		if err := k.s.refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if e, _ := k.s.found.Entry(employer); e.LastContact != today.AddDays(c.want) {
			t.Errorf("after %d days: last contact %s, want %s", c.days, e.LastContact, today.AddDays(c.want))
		}
	}
	if len(k.s.ahead) != 0 {
		t.Errorf("still to come: %v", k.s.ahead)
	}
}

// Keys are read in their order, those of all cards at once, so that a block of the key
// stream is loaded once; and what cannot be read is read again.
func TestSearcherReads(t *testing.T) {
	k := newSearchable(t)
	var at events.Position
	for _, n := range []string{"90000009", "90000001", "90000005", "90000003"} {
		_, at = k.told(t, k.partner, card(events.Employer{KvK: n}, "Merel "+n, "Zwolle", "8011AB"))
	}
	if err := k.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.seen(t, at)
	k.opened, k.keys = nil, nil
	fault := errors.New("the key stream does not answer")
	k.fault.Store(&fault)
	if err := k.s.fill(t.Context()); !errors.Is(err, fault) || k.s.index() != nil {
		t.Fatalf("%v, ready %t", err, k.s.index() != nil)
	}
	k.fault.Store(nil)
	k.keys = nil
	if err := k.s.fill(t.Context()); err != nil || k.s.found.Len() != 4 {
		t.Fatalf("%v, %d employers", err, k.s.found.Len())
	}
	if len(k.keys) != 4 || !slices.IsSorted(k.keys) || len(k.opened) != 0 {
		t.Errorf("keys in the order %v, and one by one %v", k.keys, k.opened)
	}
	if err := k.s.put(t.Context(), []string{"90000001", "90000003", "90000005", "90000009"}, k.s.unseal); err != nil {
		t.Fatal(err)
	}
	if len(k.opened) != 12 || !slices.IsSorted(k.opened) {
		t.Errorf("one by one in the order %v", k.opened)
	}

	k.fault.Store(&fault)
	_, at = k.told(t, k.partner, card(events.Employer{KvK: "90000007"}, "Merel", "Ommen", "7731AA"))
	for got := events.Position(0); got < at; got = <-k.batches {
	}
	if err := k.s.refresh(t.Context()); !errors.Is(err, fault) {
		t.Fatal(err)
	}
	k.fault.Store(nil)
	if err := k.s.refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.finds(t, "merel ommen", "90000007")
}

// Who is erased while all employers are read, after the keys were read, is not found; who
// comes meanwhile is.
func TestSearcherForgetsWhileFilling(t *testing.T) {
	k := newSearchable(t)
	gone, stays := events.Employer{KvK: "69599084"}, events.Employer{KvK: "69599068"}
	k.told(t, k.partner, card(gone, "Winterkoning", "Zwolle", "8011AB"))
	_, at := k.told(t, k.partner, card(stays, "Roodborst", "Ommen", "7731AA"))
	if err := k.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.seen(t, at)
	k.erases = func() {
		k.erases = nil
		if _, err := k.ledger.Erase(t.Context(), ledger.EraseRequest{Employer: gone.KvK, Ground: "verzoek"}, ledger.Caller{Role: ledger.RoleSteward, Door: ledger.DoorLocal}); err != nil {
			t.Error(err)
		}
		_, at = k.told(t, k.partner, card(events.Employer{KvK: "90000007"}, "Lijster", "Ommen", "7731AA"))
	}
	if err := k.s.fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.finds(t, "winterkoning")
	k.finds(t, "roodborst", stays.KvK)
	k.seen(t, at)
	for _, typed := range []string{"winterkoning", "zwolle", "8011AB"} {
		k.finds(t, typed)
	}
	k.finds(t, "lijster", "90000007")
}

// run reads everything once the views have caught up, goes on with what is
// touched, and ends with ctx.
func TestSearcherRuns(t *testing.T) {
	k := newSearchable(t)
	k.told(t, k.partner, card(events.Employer{KvK: "69599084"}, "Merel", "Zwolle", "8011AB"))
	read := make(chan struct{}, 100) // after each part that was read
	k.s.view = func(fn func(projections.Tx, events.Checkpoint) error) error {
		defer func() { read <- struct{}{} }()
		return k.views.View(fn)
	}
	if err := k.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); k.s.run(ctx) }()
	defer func() { stop(); <-ended }()
	k.awaits(t, read, "ready", func() bool { return k.s.index() != nil })
	k.told(t, k.partner, card(events.Employer{KvK: "69599068"}, "Lijster", "Zwolle", "8011AB"))
	k.awaits(t, read, "the new employer", func() bool { _, total := k.s.index().Find("lijster", 0, 1); return total == 1 })
	stop()
	<-ended
	if found, _ := k.s.index().Find("merel", 0, 1); len(found) != 1 || found[0].Score < 90 {
		t.Errorf("after the end: %+v", found)
	}
}

// errgroup waits for goroutines and keeps one of their errors.
type errgroup struct {
	sync.WaitGroup
	err atomic.Pointer[error]
}

// Go runs a function.
func (g *errgroup) Go(fn func() error) {
	g.WaitGroup.Go(func() {
		if err := fn(); err != nil {
			g.err.Store(&err)
		}
	})
}

// Wait waits for all.
func (g *errgroup) Wait() error {
	g.WaitGroup.Wait()
	if err := g.err.Load(); err != nil {
		return *err
	}
	return nil
}

// awaits looks after each reading, and while nothing is read now and then, whether
// something is so.
func (k *searchable) awaits(t *testing.T, read <-chan struct{}, what string, so func() bool) {
	t.Helper()
	deadline := time.After(patience)
	for !so() {
		select {
		case <-read:
		case <-time.After(10 * time.Millisecond): // what was read is put after it
		case <-deadline:
			t.Fatalf("not in time: %s", what)
		}
	}
}
