package intake

import (
	"os"

	bolt "go.etcd.io/bbolt"

	"huisboek/events"
)

// Snapshot writes the file as it is at one moment, with what was noted before, to
// another (0600), which must not be there yet. It is not synced.
func (f *File) Snapshot(path string) error {
	f.flush() // what cannot be written now is not in the copy either: nothing rests on it
	return f.view(func(tx *bolt.Tx) error {
		os.Remove(path) // of a first try
		return tx.CopyFile(path, 0o600)
	})
}

// DropAfter forgets the deliveries that name a position beyond one: of a book that
// is put back, those positions are other events' from then on.
func (f *File) DropAfter(last events.Position) error {
	f.flush()
	return f.update(func(tx *bolt.Tx) error {
		for _, partner := range partners(tx, bucketOther) {
			l, err := openList(tx, bucketOther, partner)
			if err == nil {
				err = l.dropAfter(last)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (l *list) dropAfter(last events.Position) error {
	var beyond [][]byte
	c := l.rows.Cursor()
	for k, v := c.First(); k != nil; k, v = c.Next() {
		n, err := decodeLine(k, v)
		if err != nil {
			return err
		}
		if n.Position != nil && *n.Position > last {
			beyond = append(beyond, append([]byte{}, k...))
		}
	}
	for _, k := range beyond {
		if err := l.rows.Delete(k); err != nil {
			return err
		}
	}
	l.count -= len(beyond)
	return l.counts.Put(l.countKey, bytesOf(uint64(l.count)))
}
