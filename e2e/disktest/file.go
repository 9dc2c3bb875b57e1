package disktest

import (
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"
)

const (
	page   = 4096
	sector = 512
)

// file is a file, a folder or a socket, guarded by Disk.mu: as it is, and what of it
// is on disk.
type file struct {
	ino     uint64
	mode    uint32
	changed time.Time
	links   int
	parent  *file // of a name that it has
	name    string

	data  []byte
	pages map[int64]bool   // that take room: a hole does not
	was   map[int64][]byte // pages written since the last sync, as they were; short or empty behind the length
	size0 int64            // the length at the last sync

	names map[string]*file // of a folder
	kept  map[string]*file // of which these are on disk
	order []change         // and what happened to them since, in order
}

// change is one step in a folder's names: nil removes.
type change map[string]*file

// path is the file's name below the mount, as far as it has one.
func (f *file) path() string {
	if f.parent == nil {
		return f.name
	}
	return filepath.Join(f.parent.path(), f.name)
}

// before notes what the pages hold that are about to be written.
func (f *file) before(off, end int64) {
	if f.was == nil {
		f.was = map[int64][]byte{}
	}
	for p := off / page; p*page < end; p++ {
		if _, ok := f.was[p]; ok {
			continue
		}
		var old []byte
		if upto := min((p+1)*page, f.size0, int64(len(f.data))); upto > p*page {
			old = slices.Clone(f.data[p*page : upto])
		}
		f.was[p] = old
	}
}

// write gives how much fitted within so many new pages.
func (f *file) write(data []byte, off, free int64) (n int, taken int64) {
	end := off + int64(len(data))
	for p := off / page; p*page < end; p++ {
		if f.pages[p] {
			continue
		}
		if taken == free {
			if end = max(off, p*page); end == off {
				return 0, taken
			}
			break
		}
		taken++
		f.take(p)
	}
	f.before(off, end)
	f.grow(end)
	return copy(f.data[off:end], data), taken
}

func (f *file) take(p int64) {
	if f.pages == nil {
		f.pages = map[int64]bool{}
	}
	f.pages[p] = true
}

func (f *file) grow(size int64) {
	f.changed = time.Now()
	if more := size - int64(len(f.data)); more > 0 {
		f.data = append(f.data, make([]byte, more)...)
	}
}

// resize gives how many pages are free again.
func (f *file) resize(size int64) (freed int64) {
	if size >= int64(len(f.data)) {
		f.grow(size)
		return 0
	}
	f.before(size, int64(len(f.data)))
	for p := range f.pages {
		if p*page >= size {
			delete(f.pages, p)
			freed++
		}
	}
	clear(f.data[size:])
	f.data, f.changed = f.data[:size], time.Now()
	return freed
}

// sync puts a file or folder on disk, and the names that lead to it.
func (f *file) sync() {
	if f.names != nil {
		f.settle(len(f.order))
	} else {
		f.was, f.size0 = nil, int64(len(f.data))
	}
	for above := f.parent; above != nil; f, above = above, above.parent {
		for i, c := range slices.Backward(above.order) {
			if c[f.name] == f {
				above.settle(i + 1)
				break
			}
		}
	}
}

// settle puts the first n changes of a folder's names on disk.
func (f *file) settle(n int) {
	for _, c := range f.order[:n] {
		c.apply(f.kept)
	}
	f.order = f.order[n:]
}

func (c change) apply(names map[string]*file) {
	for name, f := range c {
		if f == nil {
			delete(names, name)
		} else {
			names[name] = f
		}
	}
}

// rename makes one step in a folder's names.
func (f *file) step(c change) {
	for name, g := range c {
		if g != nil {
			g.parent, g.name = f, name
		}
	}
	c.apply(f.names)
	f.order = append(f.order, c)
	f.changed = time.Now()
}

// forget makes a file or folder what a power cut leaves of it.
func (f *file) forget(l Loss, rng *rand.Rand) {
	if f.names == nil {
		f.forgetPages(l, rng)
		return
	}
	if l == Part && len(f.order) > 0 {
		f.settle(rng.IntN(len(f.order) + 1))
	}
	f.names, f.order = maps.Clone(f.kept), nil
	for _, name := range slices.Sorted(maps.Keys(f.names)) {
		g := f.names[name]
		g.parent, g.name = f, name
		g.forget(l, rng)
	}
}

func (f *file) forgetPages(l Loss, rng *rand.Rand) {
	size := f.size0
	if now := int64(len(f.data)); l == Part && now != size && rng.IntN(2) == 0 {
		size = now
	}
	for _, p := range slices.Sorted(maps.Keys(f.was)) {
		if l == Part && rng.IntN(2) == 0 {
			continue
		}
		torn := l == Part && rng.IntN(2) == 0 // of those that are not whole
		f.take(p)
		f.grow((p + 1) * page)
		now := f.data[p*page : (p+1)*page]
		old := make([]byte, page)
		copy(old, f.was[p])
		for at := 0; at < page; at += sector {
			if !torn || rng.IntN(2) == 0 {
				copy(now[at:at+sector], old[at:])
			}
		}
	}
	f.grow(size)
	clear(f.data[size:])
	f.data = f.data[:size]
	f.was, f.size0 = nil, size
	for p := range f.pages {
		if p*page >= size {
			delete(f.pages, p)
		}
	}
}

// size is the room that a tree takes.
func (f *file) size(seen map[*file]bool) (n int64) {
	if seen[f] {
		return 0
	}
	seen[f] = true
	for _, g := range f.names {
		n += g.size(seen)
	}
	return n + int64(len(f.pages))*page
}

func (f *file) export(to string) error {
	switch f.mode & syscall.S_IFMT {
	case syscall.S_IFDIR:
		if err := os.MkdirAll(to, 0o700); err != nil {
			return err
		}
		for name, g := range f.names {
			if err := g.export(filepath.Join(to, name)); err != nil {
				return err
			}
		}
		return nil
	case syscall.S_IFREG:
		return os.WriteFile(to, f.data, 0o600)
	}
	return nil
}
