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
	"slices"
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
	if !h.backing.TryLock() {
		return nil, errBacking
	}
	defer h.backing.Unlock()
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

// draft is a folder beside a backup in which it grows: nobody takes a half one for a
// whole one, and the next backup finds what a killed one left.
type draft struct{ dir, folder string }

// The two files in a draft that become a backup.
const (
	draftRecords = "boek"
	draftKeys    = "sleutels"
)

func draftName(book string) string { return ".huisboek-" + book + ".half" }

// newDraft begins anew, and notes where: should this backup be killed, the next one
// destroys its keys, wherever that one goes. What is there was left by one that was,
// for the book is held by this process, and this is its only backup.
func (h *house) newDraft(dir string) (*draft, error) {
	h.destroyDrafts()
	d := &draft{dir, filepath.Join(dir, draftName(h.folder.Book))}
	if err := d.destroy(); err != nil {
		return nil, err
	}
	h.note(func(k *keeping) { k.Drafts = append(k.Drafts, d.folder) })
	if err := os.Mkdir(d.folder, 0o700); err != nil {
		h.forgetDraft(d.folder)
		return nil, err
	}
	return d, nil
}

// removeDraft removes a draft, and its note.
func (h *house) removeDraft(d *draft) error {
	if err := d.destroy(); err != nil {
		return fmt.Errorf("the next backup destroys what stands in %s: %w", d.folder, err)
	}
	h.forgetDraft(d.folder)
	return nil
}

func (h *house) forgetDraft(folder string) {
	h.note(func(k *keeping) { k.Drafts = slices.DeleteFunc(k.Drafts, func(f string) bool { return f == folder }) })
}

// destroyDrafts destroys what backups that were killed left elsewhere. What cannot be
// reached now stays noted, and is no reason to make no backup.
func (h *house) destroyDrafts() {
	k, err := readState(h.Dir)
	if err != nil {
		h.Log.Warn("whether an earlier backup was killed is not known", "file", fileState, "err", err)
	}
	for _, folder := range k.Drafts {
		d := draft{filepath.Dir(folder), folder}
		err := error(nil)
		if filepath.Base(folder) == draftName(h.folder.Book) {
			_, err = os.Stat(d.dir) // a disk that is not there now may come back with the draft
			err = cmpErr(err, d.destroy())
		}
		if err != nil {
			h.Log.Warn("a backup that was killed may have left keys, which are to be destroyed", "folder", folder, "err", err)
			continue
		}
		h.forgetDraft(folder)
	}
}

func (d *draft) path(name string) string { return filepath.Join(d.folder, name) }

// destroy removes a draft, the keys in it as keys are; but no link leads it elsewhere.
func (d *draft) destroy() error {
	folder, err := os.Lstat(d.folder)
	if err == nil && folder.IsDir() {
		var keys fs.FileInfo
		if keys, err = os.Lstat(d.path(draftKeys)); err == nil && keys.Mode().IsRegular() {
			err = destroyFile(d.path(draftKeys))
		}
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return os.RemoveAll(d.folder)
}

// create makes a file in the draft.
func (d *draft) create(name string, write func(io.Writer) error) error {
	return createFile(d.path(name), write)
}

// createFile makes a file (0600) that is on disk when it returns nil.
func createFile(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return errors.Join(err, f.Close())
	}
	return errors.Join(f.Sync(), f.Close())
}

// settle puts the two files of a backup in their place. The keys first: without its
// records a keys file is only to be destroyed, and with an older one beside it a
// records file might not be put back. They are renamed and not linked, for what is
// destroyed in a draft must have no other name.
func (d *draft) settle(file string, m *archive.Manifest) (size int64, err error) {
	for _, name := range []string{draftKeys, draftRecords} {
		i, err := os.Stat(d.path(name))
		if err != nil {
			return 0, err
		}
		size += i.Size()
	}
	older, err := keysFree(file, m) // again: it was long ago
	if err != nil {
		return 0, err
	}
	if err := os.Rename(d.path(draftKeys), keysFile(file)); err != nil {
		return 0, err
	}
	if err := cmpErr(syncFolder(d.dir), linkNew(d.path(draftRecords), file)); err != nil {
		if !older { // nothing is left that these are the keys of
			err = errors.Join(err, destroyFile(keysFile(file)))
		}
		return 0, err
	}
	return size, syncFolder(d.dir)
}

// linkNew gives a file a name that nothing has, and never writes over what is there.
// The old name may remain.
func linkNew(from, to string) error {
	err := os.Link(from, to)
	if err != nil && !errors.Is(err, fs.ErrExist) { // a file system without links: the name is taken, and then its file replaced
		var f *os.File
		if f, err = os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
			if err = cmpErr(f.Close(), os.Rename(from, to)); err != nil {
				return errors.Join(err, os.Remove(to))
			}
		}
	}
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is there already and is not written over: %w", to, err)
	}
	return err
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
	for _, name := range []string{fileAccess, fileIntake} {
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
		for _, name := range []string{archive.PartAccess, archive.PartIntake} {
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

// expireKeys finds the keys files of a book in a folder that may not be kept any
// longer, and destroys them when it may.
func expireKeys(dir, book string, today events.Date, may bool) ([]expiredKeys, error) {
	names, err := filepath.Glob(filepath.Join(globEscape(dir), "*"+keysSuffix))
	if err != nil {
		return nil, err
	}
	found := []expiredKeys{}
	var errs []error
	for _, path := range names {
		head, err := headOf(path)
		if err != nil || head.Book != book || !head.Destroy.Before(today) {
			continue // no keys file, or another's, or it may be kept
		}
		x := expiredKeys{File: path, Day: head.Destroy}
		if may {
			err := destroyFile(path)
			x.Destroyed = err == nil
			errs = append(errs, err)
		}
		found = append(found, x)
	}
	return found, errors.Join(errs...)
}

// globEscape keeps the name of a folder from being taken for a pattern.
func globEscape(dir string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(dir)
}

// destroyFile writes zeros over a file and removes it. On a disk that moves blocks
// about, only its encryption helps against what stays behind.
func destroyFile(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	i, err := f.Stat()
	if err == nil {
		_, err = io.CopyN(f, zeros{}, i.Size())
	}
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// zeros reads as zeros without end.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) { clear(b); return len(b), nil }
