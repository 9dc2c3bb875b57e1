package e2e_test

import (
	"errors"
	"os"
	"slices"
	"testing"

	"go.etcd.io/bbolt"
)

// eachValue gives every value of every bucket; what fn gives back, unless nil,
// takes its place.
func eachValue(t *testing.T, path string, fn func(bucket, key, value []byte) []byte) {
	t.Helper()
	update(t, path, func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			changed := map[string][]byte{}
			err := b.ForEach(func(k, v []byte) error {
				if v != nil {
					if now := fn(name, k, v); now != nil {
						changed[string(k)] = now
					}
				}
				return nil
			})
			for k, v := range changed {
				err = errors.Join(err, b.Put([]byte(k), v))
			}
			return err
		})
	})
}

func update(t *testing.T, path string, fn func(*bbolt.Tx) error) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(db.Update(fn), db.Close()); err != nil {
		t.Fatal(err)
	}
}

// aRow gives a row in the middle of the one fold in a bbolt file.
func aRow(t *testing.T, path string, fn func(rows *bbolt.Bucket, key, value []byte) error) {
	t.Helper()
	update(t, path, func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			rows := b.Bucket([]byte("rows"))
			if rows == nil {
				return nil
			}
			n, c := rows.Stats().KeyN/2, rows.Cursor()
			k, v := c.First()
			for range n {
				k, v = c.Next()
			}
			return fn(rows, slices.Clone(k), slices.Clone(v))
		})
	})
}

func changeRow(t *testing.T, path string) {
	t.Helper()
	aRow(t, path, func(rows *bbolt.Bucket, key, value []byte) error {
		if len(value) == 0 {
			value = []byte{0}
		}
		value[len(value)/2] ^= 1
		return rows.Put(key, value)
	})
}

func removeRow(t *testing.T, path string) {
	t.Helper()
	aRow(t, path, func(rows *bbolt.Bucket, key, _ []byte) error { return rows.Delete(key) })
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func flip(t *testing.T, path string, at int) {
	t.Helper()
	b := []byte(readText(t, path))
	b[at] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// cut leaves the first bytes of a file.
func cut(t *testing.T, path string, leave int) {
	t.Helper()
	if err := os.Truncate(path, int64(leave)); err != nil {
		t.Fatal(err)
	}
}
