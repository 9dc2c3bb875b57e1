package natsserver

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// A stream that the server cannot open it removes, with everything in it (nats-server
// 2.15, addStreamWithAssignment: stop(true) when setupStore fails). A full disk, too
// many open files: any reason will do. So while it opens them, every file of every
// stream has a second name here, out of its reach.
const protectDir = "beschermd"

// errRemoved: the server could not open a stream.
var errRemoved = errors.New("the server could not open a stream (is the disk full?)")

// protect gives every file of the streams below a server's folder a second name, or
// fails, and then the server must not open them. What a start that was killed left is
// put back first: it may have been removing.
func protect(dir string) error {
	if _, err := putBack(dir, func(string) bool { return true }); err != nil {
		return err
	}
	streams, err := filepath.Glob(filepath.Join(escape(dir), "jetstream", "*", "streams", "*"))
	if err != nil {
		return err
	}
	for _, s := range streams {
		if strings.HasPrefix(filepath.Base(s), ".") { // is being deleted
			continue
		}
		rel, err := filepath.Rel(dir, s)
		if err != nil {
			return err
		}
		if err := linkAll(s, filepath.Join(dir, protectDir, rel)); err != nil {
			return errors.Join(fmt.Errorf("protecting stream %s: %w", filepath.Base(s), err), os.RemoveAll(filepath.Join(dir, protectDir)))
		}
	}
	return nil
}

// linkAll links every file below a folder into another.
func linkAll(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		err = os.Link(path, target)
		if noLinks(err) {
			return nil // a full one has failed above
		}
		return err
	})
}

// noLinks reports that a file system has no links.
func noLinks(err error) bool {
	return errors.Is(err, syscall.EPERM) || errors.Is(err, errors.ErrUnsupported)
}

// restored puts back the streams that the server removed, and says so. It does not
// know them any more.
func restored(dir string) error {
	gone, err := putBack(dir, func(stream string) bool { // the first that goes is its description, or with it all
		_, err := os.Lstat(filepath.Join(stream, "meta.inf"))
		return errors.Is(err, fs.ErrNotExist)
	})
	if err == nil && len(gone) > 0 {
		err = fmt.Errorf("%w: %v; what it removed was put back", errRemoved, gone)
	}
	return err
}

// putBack gives the files of those streams that are gone their names back, and removes
// the second names of all. It gives the streams of which something was gone.
func putBack(dir string, of func(stream string) bool) (gone []string, err error) {
	root := filepath.Join(dir, protectDir)
	streams, err := filepath.Glob(filepath.Join(escape(root), "jetstream", "*", "streams", "*"))
	if err != nil {
		return nil, err
	}
	for _, s := range streams {
		rel, err := filepath.Rel(root, s)
		if err != nil {
			return gone, err
		}
		stream := filepath.Join(dir, rel)
		if !of(stream) {
			continue
		}
		found, err := putBackOne(s, stream)
		if err != nil {
			return gone, fmt.Errorf("putting back what the server removed, from %s: %w", s, err)
		}
		if found {
			gone = append(gone, filepath.Base(s))
		}
	}
	return gone, os.RemoveAll(root)
}

// putBackOne puts back what a stream cannot be without; the rest the server makes anew.
func putBackOne(from, stream string) (found bool, err error) {
	err = filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		if name := d.Name(); filepath.Ext(name) != ".blk" && name != "meta.inf" && name != "meta.sum" {
			return nil
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(stream, rel)
		if _, err := os.Lstat(target); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		found = true
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			return err
		}
		if err := os.Link(path, target); err != nil {
			return err
		}
		return syncFolder(filepath.Dir(target))
	})
	return found, err
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
