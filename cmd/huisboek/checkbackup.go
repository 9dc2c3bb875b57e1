package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/go-json-experiment/json"

	"huisboek/adapters/access"
	"huisboek/adapters/archive"
	"huisboek/events"
	"huisboek/ledger"
)

// backup is a backup that was read and checked.
type backup struct {
	file, keysFile string
	manifest       archive.Manifest
	head           *archive.KeysHead // nil: the keys were not looked at
	folder         folder            // its book.json
	highest        events.KeyID      // that a record names
	// erased is which of its keys were erased, by the position that did, when the
	// keys file was made; also beyond the backup's own position.
	erased map[events.KeyID]events.Position
}

// keyed says what belongs to what, once both heads are known.
func (b *backup) keyed() error {
	m, k := &b.manifest, b.head
	switch {
	case k.Book != m.Book:
		return fmt.Errorf("the keys are of book %s, and the backup is of %s", k.Book, m.Book)
	case k.Incarnation != m.Incarnation:
		return errors.New("the keys are of another copy of this book, from before or after it was put back: their numbers are other keys'")
	case k.Position < m.Position || k.Key < m.Key:
		return fmt.Errorf("the keys are of an older backup, at position %d, and this one is at %d: some of its keys are not there", k.Position, m.Position)
	}
	return nil
}

// checkBackup reads both files of a backup to their end, and says what it found. An
// error is of the looking, and not of what was looked at. When all is well it gives
// the backup.
func checkBackup(ctx context.Context, file, keysFile string, progress reportFunc) (*backup, []finding, error) {
	b := &backup{file: file, keysFile: keysFile, erased: map[events.KeyID]events.Position{}}
	var found []finding
	note := func(what, fine string, err error) bool {
		f := finding{What: what, Fine: fine}
		if err != nil {
			f.Fine, f.Fault = "", err.Error()
		}
		found = append(found, f)
		return err == nil
	}
	dir, err := os.MkdirTemp("", "huisboek-*") // 0700: it will hold account seeds
	if err != nil {
		return nil, nil, err
	}
	defer os.RemoveAll(dir)
	err = b.read(ctx, dir, progress)
	if outsideFile(err) {
		return nil, nil, err
	}
	if !note("records", fmt.Sprintf("%d records of %s, chain whole, every part as it was written", b.manifest.Position, b.manifest.Region), err) {
		return nil, found, nil
	}
	well := note("book", fmt.Sprintf("book %s at position %d of %s, hash %s", b.manifest.Book, b.manifest.Position, b.manifest.At.Format("2006-01-02 15:04:05 MST"), b.manifest.Hash), b.checkBook())
	if keysFile == "" {
		note("keys", "not looked at: give --keys", nil)
		return b, found, nil
	}
	err = b.readKeys(keysFile)
	if outsideFile(err) {
		return nil, nil, err
	}
	fine := fmt.Sprintf("every key that a record names is there or was erased; keep until %s at most", destroyBy(b.head))
	if !note("keys", fine, err) {
		return nil, found, nil
	}
	if looks, err := checkReadLog(ctx, dir); looks != "" || err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		well = note("read log", looks, err) && well
	}
	well = note("access", "opens under the book's secret", b.checkAccess(filepath.Join(dir, archive.PartAccess))) && well
	if !well {
		return nil, found, nil
	}
	return b, found, nil
}

func destroyBy(head *archive.KeysHead) events.Date {
	if head == nil {
		return ""
	}
	return head.Destroy
}

// outsideFile reports whether an error is of the machine or of who asked: there is no
// such file, or it may not be read, or somebody gave up.
func outsideFile(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// read reads the records file, and puts its access file into a folder.
func (b *backup) read(ctx context.Context, dir string, progress reportFunc) error {
	m, err := b.each(ctx, progress, func(name string, _ int64, r io.Reader) error {
		switch name {
		case archive.PartBook:
			return readPart(r, &b.folder)
		case archive.PartAccess, archive.PartReadLog:
			return createFile(filepath.Join(dir, name), func(w io.Writer) error { return second(io.Copy(w, r)) })
		}
		return nil
	}, func(r *events.Record, _ []byte) error {
		for _, member := range r.Event.PersonalMembers() {
			if member.Seal != nil {
				b.highest = max(b.highest, member.Seal.Key)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.manifest = *m
	if b.highest > m.Key {
		return fmt.Errorf("%w: a record names key %d, and keys went to %d", archive.ErrDamaged, b.highest, m.Key)
	}
	return nil
}

// each reads the records file once, checking it.
func (b *backup) each(ctx context.Context, progress reportFunc, file func(string, int64, io.Reader) error, record func(*events.Record, []byte) error) (*archive.Manifest, error) {
	f, err := os.Open(b.file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	i, err := f.Stat()
	if err != nil {
		return nil, err
	}
	in := &counting{Reader: f, tell: func(n uint64) error {
		progress("backup", n, uint64(i.Size()))
		return ctx.Err()
	}}
	return archive.Read(in, archive.Taker{File: file, Record: record})
}

// counting tells how many bytes were read, now and then, and stops when told so.
type counting struct {
	io.Reader
	n, told uint64
	tell    func(uint64) error
}

func (c *counting) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	if c.n += uint64(n); c.n-c.told >= 1<<20 || err == io.EOF {
		c.told = c.n
		err = cmp.Or(c.tell(c.n), err)
	}
	return n, err
}

// readPart reads a small part as JSON.
func readPart(r io.Reader, v any) error {
	text, err := io.ReadAll(io.LimitReader(r, 1<<20))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%w: %s: %w", archive.ErrDamaged, archive.PartBook, err)
	}
	return nil
}

// checkBook compares what the backup says of itself in two places.
func (b *backup) checkBook() error {
	m, f := &b.manifest, &b.folder
	if f.Format != 1 || f.Book != m.Book || f.Region != m.Region || f.incarnation() != m.Incarnation {
		return fmt.Errorf("%w: %s and its manifest are of two books", archive.ErrDamaged, archive.PartBook)
	}
	return nil
}

// readKeys reads the keys file, and compares it with the keys that the records name.
func (b *backup) readKeys(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head, err := archive.ReadKeys(f, func(k archive.Key) error {
		if k.Erased != 0 && k.ID <= b.manifest.Key {
			b.erased[k.ID] = k.Erased
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.head = head
	copy(b.folder.secret[:], head.Secret)
	return b.keyed() // and with it: each id up to the highest that a record names is in it
}

// checkAccess opens the access file under the book's secret.
func (b *backup) checkAccess(path string) error {
	a, err := access.Open(path, ledger.DeriveKey(b.folder.secret, ledger.ForAccess))
	if err != nil {
		return fmt.Errorf("%s: %w", archive.PartAccess, err)
	}
	_, ok := a.LedgerAccount()
	if err := a.Close(); err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%s does not know the account of the streams", archive.PartAccess)
	}
	return nil
}
