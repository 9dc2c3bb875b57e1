package main

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"

	"huisboek/events"
)

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
