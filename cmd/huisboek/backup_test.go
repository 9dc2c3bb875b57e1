package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/boltstore"
	"huisboek/events"
	"huisboek/ledger"
	"huisboek/projections"
)

var (
	backupRounds = flag.Int("backup.rounds", 8, "random rounds of backups and restores")
	backupSeed   = flag.Uint64("backup.seed", 0, "of the first round; 0 takes one")
)

func silent3(string, uint64, uint64) {}

// life is one incarnation of a book in a random round.
type life struct {
	*house
	source  string
	partner string
	changes sync.RWMutex // an erasure, against a record with the keys it names
}

// round is a book with all its lives, and what must be true of every one of them.
type round struct {
	t       *testing.T
	dice    *rand.Rand
	dir     string
	list    string
	now     life
	backups []*backupDone
	of      map[string]string // incarnation, by file
	// What is known of the keys by their values, which no two keys share.
	mu     sync.Mutex
	sealed map[string][ledger.KeySize]byte // by what was sealed with it
	erased map[[ledger.KeySize]byte]bool
	n      int
}

func newRound(t *testing.T, seed uint64) *round {
	t.Logf("-backup.seed=%d", seed)
	r := &round{
		t: t, dice: rand.New(rand.NewPCG(seed, 4)), dir: t.TempDir(), of: map[string]string{},
		sealed: map[string][ledger.KeySize]byte{}, erased: map[[ledger.KeySize]byte]bool{},
	}
	r.list = filepath.Join(r.dir, "gewist.jsonl")
	r.open(filepath.Join(r.dir, "leven-0"))
	made, err := r.now.addPartner(t.Context(), newPartner{OIN: "00000099000000001000", Name: "Partner", Kind: "sw"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.now.partner = made.Partner
	return r
}

func (r *round) open(dir string) {
	r.t.Helper()
	h, err := openHouse(r.t.Context(), settings{Dir: dir, Region: "AM36", Erasures: r.list})
	if err != nil {
		r.t.Fatal(err)
	}
	partner := r.now.partner
	r.now = life{house: h, source: "urn:nld:oin:00000099000000001000:systeem:crm", partner: partner}
}

func (r *round) close() {
	r.t.Helper()
	if err := r.now.Close(); err != nil {
		r.t.Fatal(err)
	}
}

// visit is an event about one of a few people, now and then with a text.
func (r *round) visit(dice *rand.Rand) *events.Event {
	v := &events.VisitMade{
		Employer: events.Employer{KvK: fmt.Sprintf("%08d", 90000000+dice.IntN(20))}, Date: "2026-01-05", Purpose: "overig", Form: "video",
		AccountManager: events.Plainly(events.AccountManager{Employee: fmt.Sprint("m", dice.IntN(6)), Name: "Proef"}),
	}
	if dice.IntN(3) == 0 {
		v.Note = events.Plainly("Een notitie")
	}
	e, err := events.NewEvent(r.now.source, uuid.NewString(), time.Now(), v)
	if err != nil {
		r.t.Error(err)
	}
	return e
}

// record records an event and remembers what sealed its members.
func (r *round) record(dice *rand.Rand) {
	r.now.changes.RLock()
	defer r.now.changes.RUnlock()
	by := ledger.Caller{Role: ledger.RolePartner, Partner: r.now.partner, Credential: "proef", Door: ledger.DoorNATS}
	receipt, err := r.now.ledger.Record(context.Background(), ledger.Submission{Event: r.visit(dice), Caller: by})
	if err != nil {
		r.t.Error(err)
		return
	}
	stored, err := r.now.recordAt(context.Background(), receipt.Position)
	if err != nil {
		r.t.Error(err)
		return
	}
	for _, m := range stored.Event.PersonalMembers() {
		key, err := r.now.keys.Get(context.Background(), m.Seal.Key)
		if err != nil {
			r.t.Error(err)
			return
		}
		r.mu.Lock()
		r.sealed[m.Seal.Text] = key
		r.mu.Unlock()
	}
}

// erase forgets one of the people, and remembers the keys' values.
func (r *round) erase(dice *rand.Rand) {
	r.now.changes.Lock()
	defer r.now.changes.Unlock()
	values := map[events.KeyID][ledger.KeySize]byte{}
	if err := r.now.keys.ReadAll(context.Background(), 1, func(id events.KeyID, key [ledger.KeySize]byte) error {
		values[id] = key
		return nil
	}); err != nil {
		r.t.Error(err)
	}
	done, err := r.now.house.erase(context.Background(), eraseWords{Partner: r.now.partner, Employee: fmt.Sprint("m", dice.IntN(6)), Ground: "verzoek"}, silent3)
	if errors.Is(err, ledger.ErrNothingToErase) {
		return
	}
	if err != nil {
		r.t.Error(err)
		return
	}
	for _, id := range done.Keys {
		value, ok := values[id]
		if !ok {
			r.t.Errorf("key %d was erased, and was not there", id)
		}
		r.erased[value] = true
	}
}

// backup makes one while others record and erase.
func (r *round) backup() {
	r.t.Helper()
	acked := r.now.ledger.Position()
	ctx, stop := context.WithCancel(r.t.Context())
	var others sync.WaitGroup
	for i := range 3 {
		dice := rand.New(rand.NewPCG(r.dice.Uint64(), uint64(i)))
		others.Go(func() {
			for ctx.Err() == nil {
				if i > 0 || dice.IntN(20) > 0 {
					r.record(dice)
				} else {
					r.erase(dice)
				}
			}
		})
	}
	r.n++
	made, err := r.now.house.backup(r.t.Context(), backupWords{File: filepath.Join(r.dir, fmt.Sprintf("%d.tar", r.n))}, silent3)
	stop()
	others.Wait()
	if err != nil {
		r.t.Fatal(err)
	}
	if made.Position < acked {
		r.t.Errorf("a backup up to position %d, and %d was acknowledged before", made.Position, acked)
	}
	r.backups = append(r.backups, made)
	r.of[made.File] = r.now.folder.incarnation()
}

// sealedLines are the records of a book as an export gives them, up to a position.
func sealedLines(t *testing.T, h *house, to events.Position) [][]byte {
	t.Helper()
	var out bytes.Buffer
	x := &exporting{house: h, words: exportWords{Sealed: true}, progress: silent3}
	if _, err := x.to(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	return lines[1:min(len(lines)-1, int(to)+1)]
}

// viewsUntil makes the views up to a position, in a file of their own.
func viewsUntil(t *testing.T, h *house, to events.Position) *boltstore.Store {
	t.Helper()
	file, err := boltstore.OpenFile(filepath.Join(t.TempDir(), "rows.db"), boltstore.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	fold := projections.NewViews()
	store, err := file.Store(fold.Name(), fold.Shape())
	if err != nil {
		t.Fatal(err)
	}
	if err := projections.RebuildUntil(t.Context(), h.stream, fold, store, to, func(_, _ events.Position) {}); err != nil {
		t.Fatal(err)
	}
	return store
}

// putBack ends this life, and begins one from a backup, which is compared with what
// stood there when the backup was made.
func (r *round) putBack(from *backupDone, keys string, want [][]byte, views *boltstore.Store) {
	t := r.t
	t.Helper()
	old := r.now.Dir
	r.close()
	r.n++
	dir := filepath.Join(r.dir, fmt.Sprint("leven-", r.n))
	done, found, err := restore(t.Context(), restoreWords{File: from.File, Keys: keys, Erasures: r.list, Dir: dir}, silent3)
	if err != nil {
		t.Fatal(err, found)
	}
	if done.Position != from.Position {
		t.Fatalf("put back up to %d, want %d", done.Position, from.Position)
	}
	if h, err := openHouse(t.Context(), settings{Dir: old, Erasures: r.list}); !errors.Is(err, errOldIncarnation) {
		t.Errorf("the old copy: %v", err)
		if err == nil {
			h.Close()
		}
	}
	r.open(dir)
	if got := sealedLines(t, r.now.house, from.Position); !slices.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%d records, want the same %d", len(got), len(want))
	}
	if r.now.ledger.Position() != done.Tip {
		t.Errorf("it stands at %d, and restore said %d", r.now.ledger.Position(), done.Tip)
	}
	if err := views.View(func(tx projections.Tx, at events.Checkpoint) error {
		difference, err := projections.CompareView(tx, at, viewsUntil(t, r.now.house, from.Position), projections.KeyName)
		if difference != "" {
			t.Error(difference)
		}
		return err
	}); err != nil {
		t.Error(err)
	}
	r.keysAreRight()
	verified, err := r.now.verify(t.Context(), struct{}{}, silent3)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range verified {
		if f.Fault != "" {
			t.Errorf("%s: %s", f.What, f.Fault)
		}
	}
}

// keysAreRight: what was ever erased opens nowhere and is in no file, and everything
// else opens.
func (r *round) keysAreRight() {
	t := r.t
	t.Helper()
	err := r.now.stream.Read(t.Context(), 1, func(at events.Position, stored []byte) error {
		rec, err := events.DecodeRecord(stored)
		if err != nil {
			return err
		}
		for _, m := range rec.Event.PersonalMembers() {
			value, ok := r.sealed[m.Seal.Text]
			_, err := r.now.ledger.Unseal(t.Context(), rec.Event.Source, rec.Event.ID, m.Path, *m.Seal)
			if !ok || errors.Is(err, ledger.ErrErased) != r.erased[value] || err != nil && !r.erased[value] {
				t.Errorf("position %d, key %d: %v; was it erased: %v (known: %v)", at, m.Seal.Key, err, r.erased[value], ok)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	err = filepath.WalkDir(r.now.Dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		for key := range r.erased {
			if bytes.Contains(content, key[:32]) || bytes.Contains(content, key[32:]) {
				t.Errorf("%s holds a key that was erased", path)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestBackupRounds: whatever is recorded and erased before, during and after which
// backup, and whichever is put back after that, the book is what it was at the
// backup's position, nobody who was erased is back, and nobody else is lost.
func TestBackupRounds(t *testing.T) {
	seed := *backupSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	for i := range *backupRounds {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			backupRound(t, seed+uint64(i))
		})
	}
}

func backupRound(t *testing.T, seed uint64) {
	r := newRound(t, seed)
	defer func() { r.close() }()
	type kept struct {
		lines [][]byte
		views *boltstore.Store
	}
	was := map[string]kept{}
	for range 3 { // lives
		for range 1 + r.dice.IntN(2) { // backups
			for range r.dice.IntN(25) {
				r.record(r.dice)
			}
			for range r.dice.IntN(3) {
				r.erase(r.dice)
			}
			r.backup()
			made := r.backups[len(r.backups)-1]
			was[made.File] = kept{sealedLines(t, r.now.house, made.Position), viewsUntil(t, r.now.house, made.Position)}
		}
		for range r.dice.IntN(10) {
			r.record(r.dice)
		}
		for range r.dice.IntN(4) {
			r.erase(r.dice)
		}
		from := r.backups[r.dice.IntN(len(r.backups))]
		keys := from.KeysFile
		for _, later := range r.backups { // the keys of a later one serve as well
			if r.of[later.File] == r.of[from.File] && later.Position >= from.Position && r.dice.IntN(2) == 0 {
				keys = later.KeysFile
			}
		}
		r.putBack(from, keys, was[from.File].lines, was[from.File].views)
		if t.Failed() {
			return
		}
	}
	for range 5 { // and on it goes
		r.record(r.dice)
	}
	r.keysAreRight()
}
