package access

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bolt "go.etcd.io/bbolt"
)

// halfSuffix ends the name of a file that is being written anew.
const halfSuffix = ".nieuw"

// Compact writes the file anew beside itself and puts that in its place, so that what was
// removed stands nowhere in it any more. After a crash half-way there is the old one or
// the new one, and Open takes away what was half. Reading goes on meanwhile.
func (f *File) Compact() error {
	f.write.Lock()
	defer f.write.Unlock()
	path := f.path
	if err := os.Remove(path + halfSuffix); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("access: %w", err)
	}
	next, err := bolt.Open(path+halfSuffix, 0o600, &bolt.Options{Timeout: lockTimeout})
	if err != nil {
		return fmt.Errorf("access: %w", err)
	}
	if err = bolt.Compact(next, f.db, 0); err == nil {
		err = next.Sync()
	}
	if err == nil {
		err = os.Rename(path+halfSuffix, path)
	}
	if err != nil {
		return fmt.Errorf("access: %w", errors.Join(err, next.Close(), os.Remove(path+halfSuffix)))
	}
	old := f.db
	f.db = next // opened under the other name: what is in it is written to by its handle
	if err := errors.Join(old.Close(), syncFolder(filepath.Dir(path))); err != nil {
		return fmt.Errorf("access: %w", err)
	}
	return nil
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
