package access

import (
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Snapshot writes the file as it is at one moment to another (0600), which must not
// be there yet. It is not synced.
func (f *File) Snapshot(path string) error {
	if err := f.db.View(func(tx *bolt.Tx) error { return tx.CopyFile(path, 0o600) }); err != nil {
		return fmt.Errorf("access: %w", err)
	}
	return nil
}
