// Package disktest is a disk for tests: a file system in memory, mounted with FUSE,
// that can lose its power, be full, fail and be slow, and that counts what is done
// to it.
//
// # What a power cut leaves
//
// Two things are on disk: what a file held when it was last synced (fsync,
// fdatasync, or a write through O_SYNC), and the names that a folder had when it
// was last synced. The model is ext4 at its worst, and then some:
//
//   - Content is lost by pages of 4 KiB: one that was written after the last sync of
//     its file is what it was at that sync. The length is lost with it, and a file
//     that was never synced is empty.
//   - Names are lost by folder, from the last one given back to some point in the
//     order in which they were given: making, linking, renaming and removing are each
//     there or not there, and never half. The order of two folders says nothing.
//   - To sync a file or folder is to sync the names that lead to it, as ext4 does:
//     its folder's names up to its own, and those of the folders above. Nothing else
//     in the folder is synced by that: a journal would do more.
//
// Loss says how much of what was not synced is lost: all of it, or a random part. Of
// a random part each page reached the disk or did not, whatever the order of the
// writes; one in four is torn, between its sectors of 512 bytes; the length may be the
// new one although the pages below it are lost (they are zeros then); and the names of
// each folder are lost from some point on.
//
// What is left out: a sector that was written twice since the last sync is the old or
// the last one, and never the one between; a disk that lies about what it synced; damage
// to what is not being written. Renaming from one folder into another is refused
// (EXDEV): nothing here needs it, and what a cut would leave is not modelled.
package disktest

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// Disk is a mounted file system. Its methods may be called from any goroutine, but
// only one may be mounting.
type Disk struct {
	dir    string
	server *fuse.Server

	mu     sync.Mutex
	rng    *rand.Rand
	root   *file
	ino    uint64
	room   int64 // in bytes; 0: no limit
	used   int64
	inject func(Op) error
	counts map[string]Count

	ops    uint64
	stopAt uint64        // the operation that is never answered; 0: none
	frozen chan struct{} // closed at that operation
	dead   chan struct{} // closed by Kill: everything fails from then on
}

// Op is something that is done to the disk. Reading is not.
type Op struct {
	Kind  Kind
	Path  string // below the mount, without a slash in front; of a rename the new one
	Bytes int    // of a write
}

// Kind is a kind of operation.
type Kind string

// The kinds of operations.
const (
	Write  Kind = "write"
	Sync   Kind = "sync"
	Resize Kind = "resize" // truncate, shorter or longer
	Create Kind = "create" // of a file, folder, socket or link
	Rename Kind = "rename"
	Remove Kind = "remove"
)

// Count is how often something was done to one path.
type Count struct {
	Writes, Syncs, Bytes, Names int
}

// Mount mounts an empty disk on a folder, which must be there. Everything random
// about it comes from rng.
func Mount(dir string, rng *rand.Rand) (*Disk, error) {
	if _, err := os.Stat("/dev/fuse"); err != nil {
		return nil, fmt.Errorf("a disk for tests needs FUSE: %w", err)
	}
	d := &Disk{dir: dir, rng: rng, counts: map[string]Count{}}
	d.root = d.newFile(syscall.S_IFDIR | 0o700)
	return d, d.mount()
}

func (d *Disk) mount() error {
	d.mu.Lock()
	d.frozen, d.dead, d.stopAt = make(chan struct{}), make(chan struct{}), 0
	d.mu.Unlock()
	long := time.Hour // nobody but the kernel changes anything
	server, err := fs.Mount(d.dir, &node{disk: d, file: d.root}, &fs.Options{
		MountOptions:    fuse.MountOptions{DirectMount: true, FsName: "disktest", Name: "disktest", DisableXAttrs: true, MaxWrite: 1 << 20},
		EntryTimeout:    &long,
		AttrTimeout:     &long,
		NegativeTimeout: &long,
		NullPermissions: true,
	})
	if err != nil {
		return fmt.Errorf("mounting a disk on %s: %w", d.dir, err)
	}
	d.server = server
	return nil
}

// Unmount takes the disk away. Nobody may use it any more.
func (d *Disk) Unmount() error {
	if err := d.server.Unmount(); err != nil {
		return fmt.Errorf("unmounting %s: %w", d.dir, err)
	}
	d.server.Wait()
	return nil
}

// FreezeAfter lets n more operations through, and stops at the one after them: it
// may or may not be done, and is not answered, as none is that comes later. The
// channel is closed when that moment is there.
func (d *Disk) FreezeAfter(n uint64) <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stopAt = d.ops + n + 1
	return d.frozen
}

// Kill answers what waits with an error, and all that still comes: to be called when
// whoever waits for an answer has been sent SIGKILL and can do nothing with it.
func (d *Disk) Kill() {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.dead)
}

// Loss is how much of what was not synced a power cut loses.
type Loss int

// The losses.
const (
	Everything Loss = iota
	Part
)

// String names the loss.
func (l Loss) String() string { return [...]string{"everything", "part"}[l] }

// Cut cuts the power: it unmounts, loses what was not synced, and mounts what is
// left. Whoever used the disk must be dead (Kill). A limit and an injected fault end
// with it.
func (d *Disk) Cut(l Loss) error {
	if err := d.Unmount(); err != nil {
		return err
	}
	d.mu.Lock()
	d.root.forget(l, d.rng)
	d.room, d.inject = 0, nil
	d.used = d.root.size(map[*file]bool{})
	d.mu.Unlock()
	return d.mount()
}

// Limit gives the disk so much room, and room to grow when it is 0. With less than is
// used already it is full.
func (d *Disk) Limit(bytes int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.room = bytes
}

// Used is how much room is taken. What a hole in a file would take is not.
func (d *Disk) Used() int64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.used
}

// Inject calls fn before every operation, and fails those for which it gives an error:
// a syscall.Errno as it is, anything else as EIO. It may wait. nil ends it.
func (d *Disk) Inject(fn func(Op) error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.inject = fn
}

// Ops is how many operations there were so far.
func (d *Disk) Ops() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ops
}

// Counts is what was done until now, by path. An operation that failed is not in it.
func (d *Disk) Counts() map[string]Count {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make(map[string]Count, len(d.counts))
	for path, c := range d.counts {
		all[path] = c
	}
	return all
}

// Export writes the files as they are now into a folder of another file system, for
// whoever must not map a file that the same process serves. Sockets are left out.
func (d *Disk) Export(dir string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.root.export(dir)
}

// do runs an operation with everything that may befall it.
func (d *Disk) do(kind Kind, f *file, name string, bytes int, run func() syscall.Errno) syscall.Errno {
	d.mu.Lock()
	o := Op{kind, filepath.Join(f.path(), name), bytes}
	inject := d.inject
	d.mu.Unlock()
	if inject != nil {
		if err := inject(o); err != nil {
			if errno, ok := err.(syscall.Errno); ok {
				return errno
			}
			return syscall.EIO
		}
	}
	d.mu.Lock()
	d.ops++
	frozen, dead := d.frozen, d.dead
	switch {
	case isClosed(dead):
		d.mu.Unlock()
		return syscall.EIO
	case d.stopAt == 0 || d.ops < d.stopAt:
		defer d.mu.Unlock()
		errno := run()
		if errno == 0 {
			d.count(o)
		}
		return errno
	case d.ops == d.stopAt:
		if d.rng.IntN(2) == 0 {
			run() // done, and nobody hears of it
		}
		close(frozen)
	}
	d.mu.Unlock()
	<-dead
	return syscall.EIO
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

func (d *Disk) count(o Op) {
	c := d.counts[o.Path]
	switch o.Kind {
	case Write:
		c.Writes++
		c.Bytes += o.Bytes
	case Sync:
		c.Syncs++
	default:
		c.Names++
	}
	d.counts[o.Path] = c
}

func (d *Disk) newFile(mode uint32) *file {
	d.ino++
	f := &file{ino: d.ino, mode: mode, changed: time.Now()}
	if mode&syscall.S_IFMT == syscall.S_IFDIR {
		f.names, f.kept = map[string]*file{}, map[string]*file{}
	}
	return f
}

// free is how many pages may still be taken.
func (d *Disk) free() int64 {
	if d.room == 0 {
		return 1 << 40
	}
	return max(0, d.room-d.used) / page
}
