package disktest

import (
	"context"
	"maps"
	"slices"
	"syscall"

	"github.com/hanwen/go-fuse/v2/fs"
	"github.com/hanwen/go-fuse/v2/fuse"
)

// node is a file as one mount shows it.
type node struct {
	fs.Inode
	disk *Disk
	file *file
}

// handle is an open file. It has no descriptor, so that the kernel cannot pass writes
// by: whatever is written comes here.
type handle struct{ sync bool }

var (
	_ fs.NodeLookuper  = (*node)(nil)
	_ fs.NodeGetattrer = (*node)(nil)
	_ fs.NodeSetattrer = (*node)(nil)
	_ fs.NodeCreater   = (*node)(nil)
	_ fs.NodeMkdirer   = (*node)(nil)
	_ fs.NodeMknoder   = (*node)(nil)
	_ fs.NodeLinker    = (*node)(nil)
	_ fs.NodeUnlinker  = (*node)(nil)
	_ fs.NodeRmdirer   = (*node)(nil)
	_ fs.NodeRenamer   = (*node)(nil)
	_ fs.NodeReaddirer = (*node)(nil)
	_ fs.NodeOpener    = (*node)(nil)
	_ fs.NodeReader    = (*node)(nil)
	_ fs.NodeWriter    = (*node)(nil)
	_ fs.NodeFsyncer   = (*node)(nil)
	_ fs.NodeStatfser  = (*node)(nil)
)

func (n *node) attr(out *fuse.Attr) {
	f := n.file
	out.Ino, out.Mode, out.Size, out.Nlink = f.ino, f.mode, uint64(len(f.data)), uint32(max(1, f.links))
	out.Blocks, out.Blksize = uint64(len(f.pages))*page/512, page
	out.SetTimes(&f.changed, &f.changed, &f.changed)
}

// child shows a file of this folder.
func (n *node) child(ctx context.Context, f *file, out *fuse.EntryOut) *fs.Inode {
	c := &node{disk: n.disk, file: f}
	c.attr(&out.Attr)
	return n.NewInode(ctx, c, fs.StableAttr{Mode: f.mode & syscall.S_IFMT, Ino: f.ino})
}

func (n *node) Lookup(ctx context.Context, name string, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	f := n.file.names[name]
	if f == nil {
		return nil, syscall.ENOENT
	}
	return n.child(ctx, f, out), 0
}

func (n *node) Getattr(_ context.Context, _ fs.FileHandle, out *fuse.AttrOut) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	n.attr(&out.Attr)
	return 0
}

func (n *node) Setattr(_ context.Context, _ fs.FileHandle, in *fuse.SetAttrIn, out *fuse.AttrOut) syscall.Errno {
	if size, ok := in.GetSize(); ok {
		errno := n.disk.do(Resize, n.file, "", 0, func() syscall.Errno {
			n.disk.used -= n.file.resize(int64(size)) * page
			return 0
		})
		if errno != 0 {
			return errno
		}
	}
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	if mode, ok := in.GetMode(); ok {
		n.file.mode = n.file.mode&syscall.S_IFMT | mode&0o7777
	}
	n.attr(&out.Attr)
	return 0
}

// add makes a file, folder or socket.
func (n *node) add(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (child *fs.Inode, errno syscall.Errno) {
	errno = n.disk.do(Create, n.file, name, 0, func() syscall.Errno {
		if n.file.names[name] != nil {
			return syscall.EEXIST
		}
		if n.disk.free() == 0 {
			return syscall.ENOSPC
		}
		f := n.disk.newFile(mode)
		f.links = 1
		n.file.step(change{name: f})
		child = n.child(ctx, f, out)
		return 0
	})
	return child, errno
}

func (n *node) Create(ctx context.Context, name string, flags, mode uint32, out *fuse.EntryOut) (*fs.Inode, fs.FileHandle, uint32, syscall.Errno) {
	child, errno := n.add(ctx, name, syscall.S_IFREG|mode&0o7777, out)
	return child, opened(flags), 0, errno
}

func (n *node) Mkdir(ctx context.Context, name string, mode uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return n.add(ctx, name, syscall.S_IFDIR|mode&0o7777, out)
}

func (n *node) Mknod(ctx context.Context, name string, mode, _ uint32, out *fuse.EntryOut) (*fs.Inode, syscall.Errno) {
	return n.add(ctx, name, mode, out)
}

func (n *node) Link(ctx context.Context, target fs.InodeEmbedder, name string, out *fuse.EntryOut) (child *fs.Inode, errno syscall.Errno) {
	f := target.EmbeddedInode().Operations().(*node).file
	errno = n.disk.do(Create, n.file, name, 0, func() syscall.Errno {
		switch {
		case n.file.names[name] != nil:
			return syscall.EEXIST
		case n.disk.free() == 0:
			return syscall.ENOSPC
		}
		f.links++
		n.file.step(change{name: f})
		child = n.child(ctx, f, out)
		return 0
	})
	return child, errno
}

// gone notes that a file lost a name.
func (d *Disk) gone(f *file) {
	if f.links--; f.links == 0 {
		d.used -= int64(len(f.pages)) * page
	}
}

func (n *node) Unlink(_ context.Context, name string) syscall.Errno {
	return n.disk.do(Remove, n.file, name, 0, func() syscall.Errno {
		f := n.file.names[name]
		if f == nil {
			return syscall.ENOENT
		}
		n.file.step(change{name: nil})
		n.disk.gone(f)
		return 0
	})
}

func (n *node) Rmdir(_ context.Context, name string) syscall.Errno {
	return n.disk.do(Remove, n.file, name, 0, func() syscall.Errno {
		f := n.file.names[name]
		switch {
		case f == nil:
			return syscall.ENOENT
		case len(f.names) > 0:
			return syscall.ENOTEMPTY
		}
		n.file.step(change{name: nil})
		return 0
	})
}

func (n *node) Rename(_ context.Context, name string, to fs.InodeEmbedder, newName string, flags uint32) syscall.Errno {
	if to.EmbeddedInode().Operations().(*node).file != n.file {
		return syscall.EXDEV
	}
	if flags != 0 {
		return syscall.EINVAL
	}
	return n.disk.do(Rename, n.file, newName, 0, func() syscall.Errno {
		f, over := n.file.names[name], n.file.names[newName]
		switch {
		case f == nil:
			return syscall.ENOENT
		case over == f: // two names of one file: nothing happens
			return 0
		case over != nil && len(over.names) > 0:
			return syscall.ENOTEMPTY
		}
		n.file.step(change{name: nil, newName: f})
		if over != nil {
			n.disk.gone(over)
		}
		return 0
	})
}

func (n *node) Readdir(context.Context) (fs.DirStream, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	var list []fuse.DirEntry
	for _, name := range slices.Sorted(maps.Keys(n.file.names)) {
		f := n.file.names[name]
		list = append(list, fuse.DirEntry{Name: name, Mode: f.mode & syscall.S_IFMT, Ino: f.ino})
	}
	return fs.NewListDirStream(list), 0
}

func opened(flags uint32) *handle { return &handle{sync: flags&syscall.O_DSYNC != 0} }

func (n *node) Open(_ context.Context, flags uint32) (fs.FileHandle, uint32, syscall.Errno) {
	return opened(flags), fuse.FOPEN_KEEP_CACHE, 0
}

func (n *node) Read(_ context.Context, _ fs.FileHandle, dest []byte, off int64) (fuse.ReadResult, syscall.Errno) {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	if off >= int64(len(n.file.data)) {
		return fuse.ReadResultData(nil), 0
	}
	return fuse.ReadResultData(dest[:copy(dest, n.file.data[off:])]), 0
}

func (n *node) Write(_ context.Context, h fs.FileHandle, data []byte, off int64) (written uint32, errno syscall.Errno) {
	errno = n.disk.do(Write, n.file, "", len(data), func() syscall.Errno {
		fitted, taken := n.file.write(data, off, n.disk.free())
		n.disk.used += taken * page
		if fitted == 0 && len(data) > 0 {
			return syscall.ENOSPC
		}
		written = uint32(fitted)
		return 0
	})
	if h, ok := h.(*handle); ok && h.sync && errno == 0 {
		errno = n.Fsync(context.Background(), h, 0)
	}
	return written, errno
}

func (n *node) Fsync(context.Context, fs.FileHandle, uint32) syscall.Errno {
	return n.disk.do(Sync, n.file, "", 0, func() syscall.Errno {
		n.file.sync()
		return 0
	})
}

func (n *node) Statfs(_ context.Context, out *fuse.StatfsOut) syscall.Errno {
	n.disk.mu.Lock()
	defer n.disk.mu.Unlock()
	free := uint64(n.disk.free())
	out.Bsize, out.Frsize, out.NameLen = page, page, 255
	out.Bfree, out.Bavail = free, free
	out.Blocks = free + uint64(n.disk.used)/page
	return 0
}
