package main

import (
	"context"
	"net"
	"os"
	"path/filepath"
)

// A socket's path may have some hundred bytes only, and a data folder's is
// whatever it is; so a long one is reached through a short name for its folder.

const socketPathMax = 100 // of 108 (Linux) or 104 (others), sun_path in unix(7)

// shortPath gives a name for path that fits, and what to do when done with it.
func shortPath(path string) (string, func(), error) {
	if len(path) <= socketPathMax {
		return path, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "huisboek-")
	if err != nil {
		return "", nil, err
	}
	done := func() { os.RemoveAll(dir) }
	folder, err := filepath.Abs(filepath.Dir(path))
	if err == nil {
		err = os.Symlink(folder, filepath.Join(dir, "d"))
	}
	if err != nil {
		done()
		return "", nil, err
	}
	return filepath.Join(dir, "d", filepath.Base(path)), done, nil
}

// listenPrivate listens on a socket that only its owner may open. It stands in a
// folder with mode 0700, so that nobody can come in between making it and the
// change of its mode.
func listenPrivate(ctx context.Context, path string) (net.Listener, error) {
	short, done, err := shortPath(path)
	if err != nil {
		return nil, err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "unix", short)
	if err != nil {
		done()
		return nil, err
	}
	if u, ok := l.(*net.UnixListener); ok {
		u.SetUnlinkOnClose(false) // the short name is gone by then
	}
	if err := os.Chmod(path, 0o600); err != nil {
		l.Close()
		done()
		return nil, err
	}
	done()
	return removing{l, path}, nil
}

// removing removes the socket's file when it is closed.
type removing struct {
	net.Listener
	path string
}

func (r removing) Close() error {
	os.Remove(r.path)
	return r.Listener.Close()
}

func dialPrivate(ctx context.Context, path string) (net.Conn, error) {
	short, done, err := shortPath(path)
	if err != nil {
		return nil, err
	}
	defer done()
	var d net.Dialer
	return d.DialContext(ctx, "unix", short)
}
