package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"

	"huisboek/adapters/archive"
	"huisboek/events"
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
// what must be erased again when an older copy of the book is put back. The list
// names keys and positions, and nobody.
func (h *house) listErasure(e ledger.Erasure) error {
	h.search.forget(e.Position)
	n := archive.Line{Book: e.Book, Position: e.Position, Keys: e.Keys}
	if own := h.folder.origin(); own != nil {
		n.Incarnation = own.Incarnation
	}
	return appendList(h.Erasures, n)
}

// restoredLine says on the list that a book was put back.
func restoredLine(book string, o archive.Origin) archive.Line {
	return archive.Line{Book: book, Restored: &o}
}

// appendList adds lines to a list, and makes it when it is not there. They are on
// disk when it returns nil.
func appendList(path string, lines ...archive.Line) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	torn, err := endsTorn(f)
	if err != nil || len(lines) == 0 {
		return errors.Join(err, f.Close())
	}
	var text []byte
	if torn {
		text = []byte{'\n'}
	}
	for _, n := range lines {
		line, err := json.Marshal(&n)
		if err != nil {
			return errors.Join(err, f.Close())
		}
		text = append(append(text, line...), '\n')
	}
	if _, err := f.Write(text); err != nil {
		return errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// readList is what a list says of a book. One that is not there says nothing.
func readList(path, book string) (*archive.List, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &archive.List{Book: book}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := archive.ReadList(f, book)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return list, nil
}

// lineNumbers names lines; of many the first.
func lineNumbers(all []int) string {
	const most = 20
	var names []string
	for _, n := range all[:min(most, len(all))] {
		names = append(names, strconv.Itoa(n))
	}
	if more := len(all) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
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
// incarnation that the stream does not have proves two things: the stream lost its
// tail, and whoever was erased there is back. What was erased in another incarnation
// of the book is erased here too, before anything is served.
func (h *house) checkList(ctx context.Context) error {
	list, err := readList(h.Erasures, h.folder.Book)
	if err != nil {
		return err
	}
	if len(list.Torn) > 0 {
		h.Log.Warn("lines of the list of erasures cannot be read; a crash leaves half a line, and the whole one after it: look at any other", "file", h.Erasures, "lines", lineNumbers(list.Torn))
	}
	erased, err := h.ledger.ErasedKeys()
	if err != nil {
		return err
	}
	isErased := func(id events.KeyID) bool { return erased[id] }
	last := h.ledger.Position()
	for _, e := range list.Erasures {
		switch {
		case e.Incarnation != h.folder.incarnation():
		case e.Position > last:
			return fmt.Errorf("%w: the stream ends at position %d, but %s says that data was erased at position %d: this is an older copy of the book, in which erased people are back; put back one that has its tail, or a backup with huisboek restore, which erases them again",
				ledger.ErrDamaged, last, h.Erasures, e.Position)
		case slices.ContainsFunc(e.Keys, func(id events.KeyID) bool { return !erased[id] }):
			return fmt.Errorf("%w: %s says that data was erased at position %d, and the stream does not: its tail was lost, and it went on without the list; put back a backup with huisboek restore",
				ledger.ErrDamaged, h.Erasures, e.Position)
		}
	}
	ids, err := list.Erased(h.folder.incarnation(), h.folder.Origins...)
	if err != nil {
		return fmt.Errorf("%s: %w", h.Erasures, err)
	}
	if ids = slices.DeleteFunc(ids, isErased); len(ids) == 0 {
		return nil
	}
	h.Log.Info("what was erased after the point from which the book was put back is erased again", "keys", len(ids))
	return h.ledger.EraseAgain(ctx, ids, "overig", localCaller)
}
