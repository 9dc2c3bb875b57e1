package access

import (
	"errors"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Snapshot writes the file as it is at one moment to another (0600), which must not
// be there yet. It is not synced. Its entries are written anew: what was removed from
// the file, and may still stand between its pages, is not in it.
func (f *File) Snapshot(path string) error {
	to, err := bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, NoSync: true})
	if err != nil {
		return fmt.Errorf("access: %w", err)
	}
	f.write.Lock()
	defer f.write.Unlock()
	if err := errors.Join(bolt.Compact(to, f.db, 0), to.Close()); err != nil {
		return fmt.Errorf("access: %w", err)
	}
	return nil
}
