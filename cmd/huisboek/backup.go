package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"huisboek/adapters/archive"
	"huisboek/events"
	"huisboek/ledger"
)

// keysFile is where the keys of a backup stand.
func keysFile(file string) string { return file + keysSuffix }

const keysSuffix = ".sleutels"

type backupWords struct {
	File     string `json:"bestand"`                  // absolute
	KeepKeys bool   `json:"sleutelsBewaren,omitzero"` // those that may not be kept any longer
}

// backupDone is what was made.
type backupDone struct {
	File     string          `json:"bestand"`
	KeysFile string          `json:"sleutelbestand"`
	Book     string          `json:"boek"`
	Position events.Position `json:"positie"`
	Hash     events.Hash     `json:"hash"`
	Key      events.KeyID    `json:"sleutel"`
	Destroy  events.Date     `json:"vernietigenNa"`
	Bytes    int64           `json:"bytes"` // of the two
	Took     string          `json:"duur"`
	Expired  []expiredKeys   `json:"verlopen"` // keys files in the same folder that may not be kept
}

// expiredKeys is a keys file of this book that should be gone.
type expiredKeys struct {
	File      string      `json:"bestand"`
	Day       events.Date `json:"vernietigenNa"`
	Destroyed bool        `json:"vernietigd"`
}

var errBacking = errors.New("a backup of this book is being made already")

// backup writes the book as it is now to two files outside its folder. Recording
// goes on; an erasure waits while the keys are read.
func (h *house) backup(ctx context.Context, q backupWords, progress reportFunc) (_ *backupDone, err error) {
	if err := h.oneBackup(ctx); err != nil {
		return nil, err
	}
	defer func() { <-h.backing }()
	if err := h.ledger.Err(); err != nil {
		return nil, fmt.Errorf("no backup is made of a book that has halted: %w", err)
	}
	began := time.Now()
	if q.File, err = outside(h.Dir, q.File); err != nil {
		return nil, err
	}
	if _, err := os.Lstat(q.File); err == nil {
		return nil, fmt.Errorf("%s is there already and is not written over: give each backup a name of its own", q.File)
	}
	// Whatever this backup's position will be, it is not before this one.
	if _, err := keysFree(q.File, &archive.Manifest{Book: h.folder.Book, Incarnation: h.folder.incarnation(), Position: h.ledger.Position()}); err != nil {
		return nil, err
	}
	d, err := h.newDraft(filepath.Dir(q.File))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, h.removeDraft(d)) }()
	if err := h.enoughRoom(ctx, d.dir); err != nil {
		return nil, err
	}
	m, err := h.fixPoint(ctx, d)
	if err != nil {
		return nil, err
	}
	if err := h.writeRecords(ctx, d, m, progress); err != nil {
		return nil, err
	}
	// After what takes long: the less time they stand in a folder that nobody looks in.
	head, err := h.writeKeys(ctx, d.path(draftKeys), m, progress)
	if err != nil {
		return nil, err
	}
	out := &backupDone{
		File: q.File, KeysFile: keysFile(q.File), Book: m.Book, Position: m.Position, Hash: m.Hash, Key: m.Key, Destroy: head.Destroy,
	}
	if out.Bytes, err = d.settle(q.File, m); err != nil {
		return nil, err
	}
	out.Took = time.Since(began).Round(time.Millisecond).String()
	h.note(func(k *keeping) { k.Backup = &backedUp{m.At, m.Position, q.File} })
	out.Expired, err = expireKeys(d.dir, h.folder.Book, events.DateOf(h.Now()), !q.KeepKeys)
	if err != nil {
		return nil, fmt.Errorf("%s was made, but keys files that may not be kept any longer could not be destroyed: %w", q.File, err)
	}
	return out, nil
}

// lingers is how long a backup is waited for that is under way: whoever broke one
// off and asks again at once comes before the server has noticed.
const lingers = 10 * time.Second

func (h *house) oneBackup(ctx context.Context) error {
	late := time.NewTimer(lingers)
	defer late.Stop()
	select {
	case h.backing <- struct{}{}:
		return nil
	case <-late.C:
		return errBacking
	case <-ctx.Done():
		return ctx.Err()
	}
}

// outside is a path that is not in the data folder, however either is spelled.
func outside(dir, file string) (string, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	beside, err := filepath.EvalSymlinks(filepath.Dir(file))
	if err != nil {
		return "", err
	}
	if dir, err = filepath.Abs(dir); err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(beside+string(filepath.Separator), dir+string(filepath.Separator)) {
		return "", usageError(fmt.Sprintf("%s stands in the data folder, and would be lost with it", file))
	}
	return filepath.Join(beside, filepath.Base(file)), nil
}

// keysFree makes sure that no keys are written over but those of a backup of this
// book that broke off, or whose records were moved elsewhere: the keys of a later one
// open these too. It reports whether there are such.
func keysFree(file string, m *archive.Manifest) (older bool, err error) {
	path := keysFile(file)
	head, err := headOf(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return true, fmt.Errorf("%s is not written over: %w", path, err)
	case head.Book != m.Book:
		return true, fmt.Errorf("%s holds the keys of another book and is not written over", path)
	case head.Incarnation != m.Incarnation:
		return true, fmt.Errorf("%s holds the keys of another copy of this book, from before or after it was put back, and is not written over", path)
	case head.Position > m.Position:
		return true, fmt.Errorf("%s holds the keys of a later backup, at position %d, and is not written over", path, head.Position)
	}
	return true, nil
}

func headOf(path string) (*archive.KeysHead, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return archive.ReadKeysHead(f)
}

// enoughRoom asks for half of what the streams take: records are gzipped to less.
func (h *house) enoughRoom(ctx context.Context, dir string) error {
	records, err := h.stream.Size(ctx)
	if err != nil {
		return err
	}
	keys, err := h.keys.Last(ctx)
	if err != nil {
		return err
	}
	need := int64(records/2) + int64(keys)*128 + 1<<20
	for _, name := range []string{fileAccess, fileIntake, fileReadLog} {
		size, err := sizeOf(h.folder.path(name))
		if err != nil {
			return err
		}
		need += 2 * size // a copy, and the part made of it
	}
	have, err := freeSpace(dir)
	if err == nil && have < need {
		err = fmt.Errorf("%s has %s free, and a backup takes about %s", dir, bytesText(have), bytesText(need))
	}
	return err
}

// fixPoint settles what the backup is of. A change of partners and credentials is
// two things, a record and a credential: both are in it or neither.
func (h *house) fixPoint(ctx context.Context, d *draft) (*archive.Manifest, error) {
	h.admin.Lock()
	defer h.admin.Unlock()
	m := &archive.Manifest{
		Book: h.folder.Book, Region: h.folder.Region, Incarnation: h.folder.incarnation(),
		Position: h.ledger.Position(), At: h.Now().UTC().Truncate(time.Second), Program: version,
	}
	stored, err := h.stream.Get(ctx, m.Position)
	if err != nil {
		return nil, err
	}
	m.Hash = events.HashOf(stored)
	if m.Key, err = h.keys.Last(ctx); err != nil { // after the position: the records name none beyond it
		return nil, err
	}
	return m, h.access.Snapshot(d.path(archive.PartAccess))
}

// writeKeys writes the keys up to the point. Without erasures meanwhile each is there
// or was erased; more is not held up.
func (h *house) writeKeys(ctx context.Context, path string, m *archive.Manifest, progress reportFunc) (*archive.KeysHead, error) {
	h.erasing.Lock()
	defer h.erasing.Unlock()
	erased, err := h.ledger.ErasedAt()
	if err != nil {
		return nil, err
	}
	head := archive.KeysHead{
		Book: m.Book, Incarnation: m.Incarnation, Position: m.Position, Key: m.Key, At: m.At,
		Destroy: events.DateOf(m.At).AddDays(archive.KeyDays), Secret: h.folder.secret[:],
	}
	return &head, createFile(path, func(to io.Writer) error {
		w, err := archive.NewKeysWriter(to, head)
		if err != nil {
			return err
		}
		next := events.KeyID(1)
		gone := func(before events.KeyID) error {
			for ; next < before; next++ {
				at, ok := erased[next]
				if !ok {
					return fmt.Errorf("%w: key %d is missing, and was not erased", ledger.ErrDamaged, next)
				}
				if err := w.Add(archive.Key{ID: next, Erased: at}); err != nil {
					return err
				}
			}
			return nil
		}
		err = h.keys.ReadAll(ctx, 1, func(id events.KeyID, value [ledger.KeySize]byte) error {
			if id > m.Key {
				return nil // drawn since
			}
			if err := gone(id); err != nil {
				return err
			}
			k := archive.Key{ID: id, Value: value[:]}
			if at, ok := erased[id]; ok { // to be destroyed still
				k = archive.Key{ID: id, Erased: at}
			}
			next++
			if next%10_000 == 0 {
				progress("keys", uint64(id), uint64(m.Key))
			}
			return w.Add(k)
		})
		if err != nil {
			return err
		}
		if err := gone(m.Key + 1); err != nil {
			return err
		}
		return w.Close()
	})
}

var errEnough = errors.New("enough")

// writeRecords writes everything else.
func (h *house) writeRecords(ctx context.Context, d *draft, m *archive.Manifest, progress reportFunc) error {
	if err := h.intake.Snapshot(d.path(archive.PartIntake)); err != nil {
		return err
	}
	if err := h.looks.Snapshot(d.path(archive.PartReadLog)); err != nil {
		return err
	}
	whose, err := json.Marshal(h.folder, jsontext.WithIndent("  "))
	if err != nil {
		return err
	}
	return d.create(draftRecords, func(to io.Writer) error {
		w, err := archive.NewWriter(to, *m)
		if err != nil {
			return err
		}
		if err := w.File(archive.PartBook, int64(len(whose)), bytes.NewReader(whose)); err != nil {
			return err
		}
		for _, name := range []string{archive.PartAccess, archive.PartIntake, archive.PartReadLog} {
			if err := addFile(w, name, d.path(name)); err != nil {
				return err
			}
		}
		progress("records", 0, uint64(m.Position))
		err = h.stream.Read(ctx, 1, func(at events.Position, stored []byte) error {
			if at > m.Position {
				return errEnough
			}
			if at%1_000 == 0 {
				if err := ctx.Err(); err != nil {
					return err
				}
				progress("records", uint64(at), uint64(m.Position))
			}
			return w.Record(stored)
		})
		if err != nil && !errors.Is(err, errEnough) {
			return err
		}
		_, err = w.Close()
		return err
	})
}

// addFile adds a file to a backup, and removes it.
func addFile(w *archive.Writer, name, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	i, err := f.Stat()
	if err != nil {
		return err
	}
	if err := w.File(name, i.Size(), f); err != nil {
		return err
	}
	return os.Remove(path)
}
