package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"huisboek/adapters/archive"
)

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
