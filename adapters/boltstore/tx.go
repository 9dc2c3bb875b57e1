package boltstore

import (
	"bytes"
	"errors"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// errReadOnly fails a View whose function wrote.
var errReadOnly = errors.New("a view was written to")

// tx is one transaction on a store's rows: those of a state of the file, and above
// them what was written since. What it writes itself stays in a layer, and goes into
// the file later, in key order: a row that is changed often is written once,
// neighbours are written together, and the pages stay as they are under whoever
// scans. Not for more than one goroutine.
type tx struct {
	rows   *bbolt.Bucket
	guard  *guard
	above  []edition     // what is not in rows yet, newest first
	writes int           // that were done, to the newest; see writable
	may    bool          // it may write
	lookup *bbolt.Cursor // of Get, for bbolt's own makes one each time
	err    error         // the first write that could not be done
}

// edition is a layer as it was after an Update.
type edition struct {
	*layer
	number int
}

// Get implements projections.Tx.
func (t *tx) Get(key []byte) []byte {
	for _, l := range t.above {
		if value, written := l.get(key, l.number); written {
			return value
		}
	}
	t.guard.outside = false
	if t.lookup == nil {
		t.lookup = t.rows.Cursor()
	}
	k, v := t.lookup.Seek(key)
	t.guard.outside = true
	if k == nil || !bytes.Equal(k, key) {
		return nil
	}
	return v
}

// Put implements projections.Tx. Key and value may be used again afterwards.
func (t *tx) Put(key, value []byte) {
	if value == nil {
		value = []byte{}
	}
	t.write(key, value)
}

// Delete implements projections.Tx.
func (t *tx) Delete(key []byte) { t.write(key, nil) }

func (t *tx) write(key, value []byte) {
	switch {
	case !t.may:
		t.fail(errReadOnly)
	case len(key) == 0: // what bbolt would not take must fail here: later there is nobody to tell
		t.fail(bolterrors.ErrKeyRequired)
	case len(key) > bbolt.MaxKeySize:
		t.fail(bolterrors.ErrKeyTooLarge)
	case len(value) > bbolt.MaxValueSize:
		t.fail(bolterrors.ErrValueTooLarge)
	default:
		t.writes++
		t.above[0].set(key, value, t.above[0].number)
	}
}

// Scan implements projections.Tx.
func (t *tx) Scan(prefix []byte, fn func(key, value []byte) bool) { t.ScanFrom(prefix, prefix, fn) }

// ScanFrom implements projections.Tx. fn may scan and write: what it writes behind the
// key that it was given is scanned, too.
func (t *tx) ScanFrom(from, prefix []byte, fn func(k, v []byte) bool) {
	if bytes.Compare(from, prefix) < 0 {
		from = prefix
	}
	t.guard.outside = false
	stored := t.rows.Cursor()
	k, v := stored.Seek(from)
	t.guard.outside = true
	w, value := t.after(string(from), prefix)
	for writes := t.writes; ; {
		if k != nil && !bytes.HasPrefix(k, prefix) {
			k = nil
		}
		if k == nil && w == nil {
			return
		}
		order := 0 // of the next key in the file and the next that was written
		if k != nil && w != nil {
			order = bytes.Compare(k, w)
		}
		inFile, written := w == nil || k != nil && order <= 0, k == nil || w != nil && order >= 0
		key, is := k, v
		if written {
			key, is = w, value
		}
		if deleted := written && is == nil; !deleted && !fn(key, is) {
			return
		}
		if written || writes != t.writes {
			writes = t.writes
			w, value = t.after(string(key)+"\x00", prefix)
		}
		if inFile {
			t.guard.outside = false
			k, v = stored.Next()
			t.guard.outside = true
		}
	}
}

// after is the first row with a prefix that is not before a key and is not in the
// file yet, or deleted; nil key when there is none.
func (t *tx) after(from string, prefix []byte) (key, value []byte) {
	for _, l := range t.above {
		k, v := l.after(from, prefix, l.number)
		if k != nil && (key == nil || bytes.Compare(k, key) < 0) {
			key, value = k, v
		}
	}
	return key, value
}

func (t *tx) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}
