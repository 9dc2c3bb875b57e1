package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/google/uuid"

	"huisboek/adapters/archive"
	"huisboek/adapters/intake"
	"huisboek/adapters/natsstream"
	"huisboek/events"
	"huisboek/ledger"
)

type restoreWords struct {
	File, Keys, Erasures, Dir string
	Unreadable                bool             // lines of the list that cannot be read were looked at
	Now                       func() time.Time // nil: the machine's clock
	Log                       *slog.Logger     // nil: none
}

// restored is what was put back.
type restored struct {
	Dir         string          `json:"map"`
	Book        string          `json:"boek"`
	Region      string          `json:"arbeidsmarktregio"`
	Incarnation string          `json:"uitvoering"`
	From        time.Time       `json:"backupVan"`
	Position    events.Position `json:"positie"`          // of the backup
	Tip         events.Position `json:"tot"`              // with what was erased again
	Again       int             `json:"opnieuwGewist"`    // keys
	Torn        int             `json:"onleesbareRegels"` // of the list
	Took        string          `json:"duur"`
}

// errNotWell: a backup has faults, and nothing was put back.
var errNotWell = errors.New("the backup is not whole, and nothing was put back")

// restore puts a backup back into an empty folder. The book goes on from there, as
// the same book in a new incarnation: no other copy of it may go on.
func restore(ctx context.Context, q restoreWords, progress reportFunc) (*restored, []finding, error) {
	began := time.Now()
	if q.Now == nil {
		q.Now = time.Now
	}
	if q.Log == nil {
		q.Log = slog.New(slog.DiscardHandler)
	}
	list, err := listPath(q.Dir, q.Erasures)
	if err != nil {
		return nil, nil, err
	}
	if _, err := os.Stat(list); err != nil {
		return nil, nil, fmt.Errorf("the list of erasures is needed, for without it people come back who were to be forgotten (when nobody was ever erased, make an empty file): %w", err)
	}
	b, found, err := checkBackup(ctx, q.File, q.Keys, progress)
	if err != nil {
		return nil, nil, err
	}
	if b == nil {
		return nil, found, errNotWell
	}
	b.folder.dir, b.folder.Erasures = q.Dir, list
	release, err := holdBook(ctx, list, &b.folder, q.Now, q.Log)
	if err != nil {
		return nil, nil, err
	}
	defer release()
	r := &restoring{backup: b, list: list, now: q.Now, progress: progress}
	if err := r.plan(q.Unreadable); err != nil {
		return nil, nil, err
	}
	half, err := claim(q.Dir)
	if err != nil {
		return nil, nil, err
	}
	defer half.Close()
	if err := r.build(ctx); err != nil {
		return nil, nil, r.failed(err)
	}
	return &restored{
		Dir: q.Dir, Book: b.folder.Book, Region: b.folder.Region, Incarnation: r.origin.Incarnation, From: b.manifest.At,
		Position: b.manifest.Position, Tip: r.tip, Again: r.again, Torn: r.torn, Took: time.Since(began).Round(time.Millisecond).String(),
	}, found, nil
}

// claim takes a folder that is empty, or that a restore left half done, which it
// empties. Until the returned file's name is gone the folder is no book.
func claim(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, fileHalf)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) && len(entries) > 0 {
		return nil, fmt.Errorf("%s is not empty: a backup is put back into a folder of its own", dir)
	}
	half, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(half.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("another restore into %s is under way: %w", dir, err), half.Close())
	}
	for _, e := range entries {
		if e.Name() == fileHalf {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return nil, errors.Join(err, half.Close())
		}
	}
	return half, syncFolder(dir)
}

// restoring is a restore under way.
type restoring struct {
	*backup
	list     string
	now      func() time.Time
	progress reportFunc
	origin   archive.Origin
	again    int // keys to be erased again
	torn     int
	gone     map[events.KeyID]bool // keys that are not put back
	lines    []archive.Line        // for the list
	told     bool                  // it has them, or may have
	tip      events.Position
}

// plan settles which keys are not put back, and what the list is to be told: of the
// restore, and of erasures that the keys file knows and the list does not.
func (r *restoring) plan(unreadable bool) error {
	m := &r.manifest
	r.origin = archive.Origin{
		Incarnation: uuid.NewString(), Parent: m.Incarnation, Position: m.Position, Key: m.Key, At: r.now().UTC().Truncate(time.Second),
	}
	said, err := readList(r.list, m.Book)
	if err != nil {
		return err
	}
	if r.torn = len(said.Torn); r.torn > 0 && !unreadable {
		return fmt.Errorf("%s: lines that cannot be read: %s; whoever was erased there would come back (a crash leaves half a line, and the whole one after it: look at each, and then give --unreadable-lines)", r.list, lineNumbers(said.Torn))
	}
	known, err := said.Erased(m.Incarnation, r.folder.Origins...)
	if err != nil {
		return fmt.Errorf("%s: %w", r.list, err)
	}
	r.lines = missingLines(m, r.erased, known)
	said.Erasures = append(said.Erasures, r.lines...)
	r.lines = append(r.lines, restoredLine(m.Book, r.origin))
	r.folder.Origins = append(r.folder.Origins, r.origin)
	ids, err := said.Erased(r.origin.Incarnation, r.folder.Origins...)
	if err != nil {
		return fmt.Errorf("%s: %w", r.list, err)
	}
	r.gone = make(map[events.KeyID]bool, len(ids)+len(r.erased))
	for id := range r.erased {
		r.gone[id] = true
	}
	for _, id := range ids {
		if at, ok := r.erased[id]; !ok || at > m.Position {
			r.again++
		}
		r.gone[id] = true
	}
	return nil
}

// missingLines are the erasures behind a backup's position that its keys file knows
// of, by the position that they were recorded at, and the list does not.
func missingLines(m *archive.Manifest, erased map[events.KeyID]events.Position, known []events.KeyID) []archive.Line {
	at := map[events.Position][]events.KeyID{}
	for id, p := range erased {
		if _, listed := slices.BinarySearch(known, id); p > m.Position && !listed {
			at[p] = append(at[p], id)
		}
	}
	var lines []archive.Line
	for p, ids := range at {
		slices.Sort(ids)
		lines = append(lines, archive.Line{Book: m.Book, Position: p, Keys: ids, Incarnation: m.Incarnation})
	}
	slices.SortFunc(lines, func(a, b archive.Line) int { return int(a.Position) - int(b.Position) })
	return lines
}

// build makes the folder. Its description comes last but one: until the note that it
// is half done is gone, nothing opens it.
func (r *restoring) build(ctx context.Context) (err error) {
	f := &r.folder
	if err := writeNewFile(f.path(fileSecret), f.secret[:]); err != nil {
		return err
	}
	_, err = r.each(ctx, r.progress, func(name string, _ int64, in io.Reader) error {
		if name != archive.PartAccess && name != archive.PartIntake && name != archive.PartReadLog {
			return nil
		}
		return createFile(f.path(name), func(w io.Writer) error { return second(io.Copy(w, in)) })
	}, nil)
	if err != nil {
		return err
	}
	if err := r.dropIntake(); err != nil {
		return err
	}
	if err := r.open(ctx); err != nil {
		return err
	}
	if err := f.keepErasures(f.Erasures); err != nil { // writes book.json
		return err
	}
	if err := os.Remove(f.path(fileHalf)); err != nil {
		return err
	}
	return syncFolder(f.dir)
}

// failed says what to do when the folder could not be made.
func (r *restoring) failed(err error) error {
	err = fmt.Errorf("%s is not a book yet: %w", r.folder.dir, err)
	if !r.told {
		return err
	}
	return fmt.Errorf("%w (%s was told of this restore, and no older copy of the book may go on: only a completed restore can go on now: run it again)", err, r.list)
}

// dropIntake forgets what came in after the backup's position was fixed.
func (r *restoring) dropIntake() error {
	in, err := intake.Open(r.folder.path(fileIntake), intake.Options{Now: r.now})
	if err != nil {
		return err
	}
	return errors.Join(in.DropAfter(r.manifest.Position), in.Close())
}

// open opens the book as a house does, but for what serves: it fills the streams, lets
// the ledger fold them and erase again, and reads them back.
func (r *restoring) open(ctx context.Context) (err error) {
	h := &house{settings: settings{Dir: r.folder.dir, Erasures: r.list, Now: r.now, Log: slog.New(slog.DiscardHandler)}, folder: &r.folder}
	defer func() { err = errors.Join(err, h.Close()) }()
	for _, step := range []func(context.Context) error{
		h.openBook, h.openAccess, h.openStreams,
		func(ctx context.Context) error { return r.fillKeys(ctx, h.keys) },
		func(ctx context.Context) error { return r.fillRecords(ctx, h.stream) },
		h.openLedger,
		func(ctx context.Context) error { // of the keys that are not put back the streams know already
			return h.verifyStreams(ctx, func(_ string, done, total uint64) { r.progress("verify", done, total) })
		},
		r.tell, // as late as may be: from here on no older copy goes on
		h.checkList,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	r.tip = h.ledger.Position()
	return nil
}

// tell tells the list of the restore.
func (r *restoring) tell(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.told = true // also when it fails: it may have been written all the same
	return appendList(r.list, r.lines...)
}

const (
	recordsAtOnce = 5_000
	bytesAtOnce   = 16 << 20
)

// fillRecords writes the records, at the positions that they have.
func (r *restoring) fillRecords(ctx context.Context, to *natsstream.Stream) error {
	var batch []ledger.Message
	var after, last events.Position
	size := 0
	put := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := to.Append(ctx, after, batch); err != nil {
			return err
		}
		after, size = last, 0
		clear(batch)
		batch = batch[:0]
		return nil
	}
	m, err := r.each(ctx, r.progress, nil, func(rec *events.Record, stored []byte) error {
		batch = append(batch, ledger.Message{Name: rec.Event.Type.Name(), Data: stored})
		last = rec.Position
		if size += len(stored); len(batch) < recordsAtOnce && size < bytesAtOnce {
			return nil
		}
		return put()
	})
	if err != nil {
		return err
	}
	if m.Hash != r.manifest.Hash {
		return fmt.Errorf("%w: %s was changed meanwhile", archive.ErrDamaged, r.file)
	}
	return put()
}

// fillKeys writes the keys with the ids that they had, and nothing of those that are
// to be gone.
func (r *restoring) fillKeys(ctx context.Context, to *natsstream.Keys) error {
	f, err := os.Open(r.keysFile)
	if err != nil {
		return err
	}
	defer f.Close()
	var batch []*[ledger.KeySize]byte
	first := events.KeyID(1)
	put := func() error {
		if len(batch) == 0 {
			return nil
		}
		if err := to.Refill(ctx, first, batch); err != nil {
			return err
		}
		first += events.KeyID(len(batch))
		batch = batch[:0]
		r.progress("keys", uint64(first-1), uint64(r.manifest.Key))
		return nil
	}
	_, err = archive.ReadKeys(f, func(k archive.Key) error {
		if k.ID > r.manifest.Key {
			return nil // given out after the backup's position: of a tail that is not put back
		}
		var key *[ledger.KeySize]byte
		if !r.gone[k.ID] {
			value := [ledger.KeySize]byte(k.Value)
			key = &value
		}
		if batch = append(batch, key); len(batch) < natsstream.MaxBatch {
			return nil
		}
		return put()
	})
	if err != nil {
		return err
	}
	return put()
}
