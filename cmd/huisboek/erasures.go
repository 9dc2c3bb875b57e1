package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json"

	"huisboek/ledger"
)

// listPath is where the list of erasures stands: beside the data folder when no
// other place is given, and never in it, for then it would go back with a copy.
func listPath(dir, given string) (string, error) {
	folder, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if given == "" {
		return folder + ".erasures.jsonl", nil
	}
	list, err := filepath.Abs(given)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(list, folder+string(filepath.Separator)) {
		return "", usageError(fmt.Sprintf("--erasures %s stands in the data folder: an older copy of the folder would take the list back with it", given))
	}
	return list, nil
}

// listErasure adds an erasure to the list outside the data folder, which says
// what must be erased again when an older copy of the folder is put back. The
// list names keys and positions, and nobody.
func (h *house) listErasure(e ledger.Erasure) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(h.Erasures, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	torn, err := endsTorn(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if torn {
		line = append([]byte{'\n'}, line...)
	}
	if _, err := f.Write(append(line, '\n')); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(h.Erasures))
}

// endsTorn reports whether a crash left half a line at the end, which must not
// swallow the next. The erasure that it was of is listed again as a whole: its
// keys were not destroyed yet.
func endsTorn(f *os.File) (bool, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil || size == 0 {
		return false, err
	}
	last := make([]byte, 1)
	_, err = f.ReadAt(last, size-1)
	return last[0] != '\n', err
}

// checkList compares the list of erasures with the stream. An erasure of this
// book that the stream does not reach proves two things: the stream lost its
// tail, and whoever was erased there is back.
func (h *house) checkList(context.Context) error {
	f, err := os.Open(h.Erasures)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e ledger.Erasure
		if json.Unmarshal(lines.Bytes(), &e) != nil || e.Book != h.folder.Book {
			continue // half a line of a crash, or another book's
		}
		if last := h.ledger.Position(); e.Position > last {
			return fmt.Errorf("%w: the stream ends at position %d, but %s says that data was erased at position %d: this is an older copy of the book, in which erased people are back; put back one that has its tail",
				ledger.ErrDamaged, last, h.Erasures, e.Position)
		}
	}
	return lines.Err()
}
