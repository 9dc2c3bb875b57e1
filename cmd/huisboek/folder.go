package main

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/google/uuid"

	"huisboek/adapters/archive"
	"huisboek/adapters/web"
	"huisboek/ledger"
)

// The files of a data folder (docs/operating.md).
const (
	fileBook    = "book.json"     // whose book this is
	fileSecret  = "book.secret"   // 32 bytes; whoever has them can make a kenmerk
	fileFold    = "book.db"       // what the ledger decides on, and its lock
	fileViews   = "views.db"      // what is asked
	fileAccess  = "access.db"     // credentials and accounts
	fileIntake  = "intake.db"     // what came in, per partner; may be thrown away
	fileReadLog = "readlog.db"    // who looked at contact persons
	dirStreams  = "nats"          // the streams: the truth
	fileSocket  = "huisboek.sock" // for the command line, while serving
	fileSteward = "steward.token" // the first steward's token
	fileHalf    = "restore.half"  // a restore is under way, or broke off: what stands there is no book
)

// folder is a data folder's own description.
type folder struct {
	dir    string
	secret [ledger.SecretSize]byte
	Format int    `json:"formaat"`
	Book   string `json:"boek"`
	Region string `json:"arbeidsmarktregio"`
	OIN    string `json:"stewardOin"`
	// The room for the streams, in bytes: a setting of the streams themselves,
	// so it is kept from the day they were made.
	MaxBytes int64 `json:"ruimteMeldingen"`
	KeyBytes int64 `json:"ruimteSleutels"`
	// Where the list of erasures stands, when it was ever said: every later
	// command goes on with the same list.
	Erasures string `json:"lijstVanGewist,omitempty"`
	// What the book went on from each time that it was put back, the last of which
	// made this copy of it.
	Origins []archive.Origin `json:"herkomst,omitempty"`
}

// origin is the restore that made this copy of the book, nil when none did.
func (f *folder) origin() *archive.Origin {
	if len(f.Origins) == 0 {
		return nil
	}
	return &f.Origins[len(f.Origins)-1]
}

// incarnation names this copy of the book: each restore makes a new one.
func (f *folder) incarnation() string {
	if o := f.origin(); o != nil {
		return o.Incarnation
	}
	return f.Book
}

// shown is what everybody may know of the book.
func (f *folder) shown() web.Book {
	b := web.Book{ID: f.Book, Region: f.Region, Test: strings.HasPrefix(f.OIN, testPrefix)}
	if o := f.origin(); o != nil {
		b.Restored = &web.Restored{At: o.At.UTC(), Position: o.Position}
	}
	return b
}

// restores are the times that this copy of the book was put back, the oldest first.
func (f *folder) restores() []web.Restore {
	list := make([]web.Restore, len(f.Origins))
	for i, o := range f.Origins {
		list[i] = web.Restore{Incarnation: o.Incarnation, Position: o.Position}
	}
	return list
}

// testOIN is the steward of a book that was opened without one: the prefix
// 00000099 is for tests (OIN-Stelsel 2.2.2), and marks a test book for good.
const testOIN = testPrefix + "000000000000"

const testPrefix = "00000099"

var (
	errNoBook  = errors.New("no book in this folder: start one with huisboek serve --data DIR --region AMxx")
	errHalf    = errors.New("a restore into this folder is under way or broke off: run huisboek restore again, which starts over")
	oinForm    = regexp.MustCompile(`^[0-9]{20}$`) // as package events asks of every OIN
	regionForm = regexp.MustCompile(`^AM(0[1-35-9]|1[0-57-9]|2[0-9]|30|3[2-8])$`)
)

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

// readFolder opens the description of a folder that holds a book.
func readFolder(dir string) (*folder, error) {
	f := &folder{dir: dir}
	if _, err := os.Lstat(f.path(fileHalf)); err == nil {
		return nil, fmt.Errorf("%s: %w", dir, errHalf)
	}
	b, err := os.ReadFile(f.path(fileBook))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errNoBook
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, f); err != nil {
		return nil, fmt.Errorf("%s: %w", f.path(fileBook), err)
	}
	if f.Format != 1 {
		return nil, fmt.Errorf("%s: format %d is newer than this program", f.path(fileBook), f.Format)
	}
	// The first version did not write down the room for the streams.
	f.MaxBytes, f.KeyBytes = cmp.Or(f.MaxBytes, defaultMaxBytes), cmp.Or(f.KeyBytes, defaultKeyBytes)
	secret, err := os.ReadFile(f.path(fileSecret))
	if err != nil {
		return nil, err
	}
	if len(secret) != len(f.secret) {
		return nil, fmt.Errorf("%s: %d bytes, not %d", f.path(fileSecret), len(secret), len(f.secret))
	}
	copy(f.secret[:], secret)
	return f, nil
}

// The room that a stream may take by default. A full one refuses cleanly, a full
// disk does not. JetStream reserves nothing on disk for it.
const (
	defaultMaxBytes = 200 << 30
	defaultKeyBytes = 50 << 30
)

const errOIN = usageError("--steward-oin takes the 20 digits of an OIN")

func errRegion(region string) error {
	return usageError(fmt.Sprintf("--region %q is not one of the 35 labour-market regions (AM01 to AM38)", region))
}

// openFolder reads a folder, or makes one for a region.
func openFolder(s *settings) (*folder, error) {
	dir, region, oin := s.Dir, s.Region, s.OIN
	f, err := readFolder(dir)
	switch {
	case err == nil:
		if s.MaxBytes != 0 && s.MaxBytes != f.MaxBytes || s.KeyBytes != 0 && s.KeyBytes != f.KeyBytes {
			return nil, fmt.Errorf("%s was made with room for %d and %d bytes, which a flag does not change", dir, f.MaxBytes, f.KeyBytes)
		}
		if region != "" && region != f.Region {
			return nil, fmt.Errorf("%s holds the book of %s, not of %s", dir, f.Region, region)
		}
		if oin != "" && oin != f.OIN {
			return nil, fmt.Errorf("%s holds the book of steward %s; a steward is not replaced by a flag", dir, f.OIN)
		}
		return f, nil
	case !errors.Is(err, errNoBook):
		return nil, err
	case region == "":
		return nil, usageError("a new book needs --region, for example AM36")
	case !regionForm.MatchString(region):
		return nil, errRegion(region)
	}
	if oin == "" {
		oin = testOIN
	}
	if !oinForm.MatchString(oin) {
		return nil, errOIN
	}
	if err := placeForList(s); err != nil { // before anything is made
		return nil, err
	}
	if err := newFolder(&folder{
		dir: dir, Format: 1, Book: uuid.NewString(), Region: region, OIN: oin,
		MaxBytes: cmp.Or(s.MaxBytes, defaultMaxBytes), KeyBytes: cmp.Or(s.KeyBytes, defaultKeyBytes),
	}); err != nil {
		return nil, err
	}
	return openFolder(s) // what stands there now, whoever was first
}

// placeForList sees that a new book's list can be written. The default one stands in
// the folder that the data folder is made in.
func placeForList(s *settings) error {
	list, err := listPath(s.Dir, s.Erasures)
	if err != nil {
		return err
	}
	folder, err := filepath.Abs(s.Dir)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o700); err != nil {
		return err
	}
	return listPlace(mayWrite(filepath.Dir(list)))
}

// keepErasures remembers another place for the list of erasures. Only whoever has
// the book's lock may call it.
func (f *folder) keepErasures(path string) error {
	if err := listPlace(mayWrite(filepath.Dir(path))); err != nil { // or no later command would find it
		return err
	}
	f.Erasures = path
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return writeFile(f.path(fileBook), append(b, '\n'))
}

// newFolder describes a new book. Of two processes that do so at once, and of a
// start that broke off half-way and the next, the first file of a name stays.
func newFolder(f *folder) error {
	if err := os.MkdirAll(f.dir, 0o700); err != nil {
		return err
	}
	rand.Read(f.secret[:])
	if err := writeNewFile(f.path(fileSecret), f.secret[:]); err != nil {
		return err
	}
	b, err := json.Marshal(f)
	if err != nil {
		return err
	}
	return writeNewFile(f.path(fileBook), append(b, '\n')) // last: with it the folder is a book's
}

// writeFile writes a small file whole, readable by its owner only, so that a
// crash leaves the old one or the new one.
func writeFile(path string, data []byte) error { return putFile(path, data, os.Rename) }

// writeNewFile is writeFile for a file that is never replaced: one that is there
// already stays as it is.
func writeNewFile(path string, data []byte) error {
	err := putFile(path, data, func(from, to string) error {
		err := os.Link(from, to)
		if err != nil && !errors.Is(err, fs.ErrExist) { // a file system without links
			return os.Rename(from, to)
		}
		return err
	})
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// putFile writes a file beside path and then puts it there.
func putFile(path string, data []byte, put func(from, to string) error) error {
	t, err := os.CreateTemp(filepath.Dir(path), ".tmp-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(t.Name())
	if _, err := t.Write(data); err != nil {
		return errors.Join(err, t.Close())
	}
	if err := errors.Join(t.Sync(), t.Close()); err != nil {
		return err
	}
	if err := put(t.Name(), path); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes the names in a folder last.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
