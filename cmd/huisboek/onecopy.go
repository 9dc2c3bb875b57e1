package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"

	"huisboek/adapters/archive"
	"huisboek/ledger"
)

// Of one book one copy may live: a second one would give the same positions to other
// events. Two things are held as long as a copy is open, and both end with the
// process, however it ends:
//
//   - a lock beside the list of erasures, for copies that share the list, on
//     whatever machine (a file system that locks for all of them provided);
//   - a name of this machine, for a folder that was copied with cp and so has
//     another list. It is made of the book's secret, so that nobody can guess it;
//     but it can be read while it is held, and any user of the machine can take it
//     afterwards. So a holder counts only when it is this user or root: another
//     cannot keep the book from being opened, and the lock beside the list holds.

// holder is who has a book open, as a second copy is told.
type holder struct {
	Process int       `json:"proces"`
	Dir     string    `json:"map"`
	Host    string    `json:"machine"`
	Since   time.Time `json:"sinds"`
}

func (w holder) String() string {
	return fmt.Sprintf("process %d on machine %q has it open in %q since %s", w.Process, w.Host, w.Dir, w.Since.Format("2006-01-02 15:04:05 MST"))
}

// errTwoCopies: the same book is open elsewhere.
var errTwoCopies = errors.New("another copy of this book is live; of one book one copy may be, for two would give the same positions to other events")

const forOneCopy = "huisboek levend exemplaar v1"

// oneCopy holds the book for this house until it is closed.
func (h *house) oneCopy(ctx context.Context) error {
	release, err := holdBook(ctx, h.Erasures, h.folder, h.Now, h.Log)
	if err != nil {
		return err
	}
	h.onClose(release)
	if err := appendList(h.Erasures); err != nil { // makes it: a restore can then tell a list that is not there
		return err
	}
	return h.checkIncarnation()
}

// listPlace says what is the matter when nothing can be written beside the list.
func listPlace(err error) error {
	if err == nil || errors.Is(err, errTwoCopies) {
		return err
	}
	return fmt.Errorf("the list of erasures must stand in a folder that this user may write in: --erasures: %w", err)
}

// mayWrite tries whether files can be made in a folder.
func mayWrite(dir string) error {
	f, err := os.CreateTemp(dir, ".huisboek-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// holdBook holds a book that has its list there.
func holdBook(ctx context.Context, list string, f *folder, now func() time.Time, log *slog.Logger) (release func() error, err error) {
	dir, err := filepath.Abs(f.dir)
	if err != nil {
		return nil, err
	}
	who := holder{Process: os.Getpid(), Dir: dir, Since: now().UTC().Truncate(time.Second)}
	who.Host, _ = os.Hostname()
	card, err := json.Marshal(&who)
	if err != nil {
		return nil, err
	}
	lock, err := lockFile(fmt.Sprintf("%s.%s.lock", list, f.Book), card)
	if err != nil {
		return nil, listPlace(err)
	}
	name := "huisboek-" + hex.EncodeToString(ledger.DeriveKey(f.secret, forOneCopy)[:16])
	free, err := holdName(ctx, name, card, log)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return func() error { return errors.Join(free(), lock.Close()) }, nil
}

// lockFile locks a file, and makes it when it is not there. It stays: who removes a
// lock's file may remove another's.
func lockFile(path string, card []byte) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			said, _ := io.ReadAll(io.LimitReader(f, 4<<10))
			return nil, twoCopies(said)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := errors.Join(f.Truncate(0), second(f.WriteAt(card, 0))); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

func second[T any](_ T, err error) error { return err }

func twoCopies(card []byte) error {
	var who holder
	if json.Unmarshal(card, &who) != nil {
		return errTwoCopies
	}
	return fmt.Errorf("%w: %s", errTwoCopies, who)
}

// holdName holds a name of this machine: on Linux an abstract socket, which tells who
// holds it and leaves no file; elsewhere a lock in the folder for temporary files.
// When another user has it, it is not held.
func holdName(ctx context.Context, name string, card []byte, log *slog.Logger) (func() error, error) {
	if runtime.GOOS != "linux" {
		f, err := lockFile(filepath.Join(os.TempDir(), name+".lock"), card)
		if errors.Is(err, fs.ErrPermission) {
			return nameTaken(log, err)
		}
		if err != nil {
			return nil, err
		}
		return f.Close, nil
	}
	l, said, err := listenName(ctx, name)
	switch {
	case errors.Is(err, errNotOurs):
		return nameTaken(log, err)
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, twoCopies(said)
	case err != nil:
		return nil, err
	}
	var told sync.WaitGroup
	told.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			c.SetDeadline(time.Now().Add(time.Second))
			c.Write(card)
			c.Close()
		}
	})
	return func() error { defer told.Wait(); return l.Close() }, nil
}

func nameTaken(log *slog.Logger, err error) (func() error, error) {
	log.Warn("another user of this machine holds the name that tells copies of this book apart; that no copy with another list of erasures is live is not known", "err", err)
	return func() error { return nil }, nil
}

// errNotOurs: what holds a name is no process that could have the book.
var errNotOurs = errors.New("held by somebody else")

// listenName takes a name of this machine, or gives what its holder says of itself.
// Who cannot be reached, time and again, is on the way out, or is no huisboek: that
// one answers as long as it holds the name.
func listenName(ctx context.Context, name string) (l net.Listener, said []byte, err error) {
	var lc net.ListenConfig
	for range 20 {
		l, err = lc.Listen(ctx, "unix", "@"+name)
		if !errors.Is(err, syscall.EADDRINUSE) {
			return l, nil, err
		}
		uid, said, unreachable := askHolder(ctx, name)
		switch {
		case unreachable == nil && uid != 0 && uid != os.Getuid():
			return nil, nil, fmt.Errorf("%w: user %d", errNotOurs, uid)
		case unreachable == nil:
			return nil, said, err
		}
		select {
		case <-ctx.Done():
			return nil, nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil, nil, fmt.Errorf("%w, who does not answer", errNotOurs)
}

// askHolder gives whose process holds a name, and what it says of itself.
func askHolder(ctx context.Context, name string) (uid int, said []byte, err error) {
	d := net.Dialer{Timeout: time.Second}
	c, err := d.DialContext(ctx, "unix", "@"+name)
	if err != nil {
		return 0, nil, err
	}
	defer c.Close()
	if uid, err = peerUser(c); err != nil {
		return 0, nil, err
	}
	c.SetDeadline(time.Now().Add(time.Second))
	said, _ = io.ReadAll(io.LimitReader(c, 4<<10))
	return uid, said, nil
}

// errOldIncarnation: the book was put back elsewhere, and goes on there.
var errOldIncarnation = errors.New("this copy of the book may not go on")

// checkIncarnation refuses a folder from which, or beside which, the book was put
// back later. A list that does not know this folder's own restore is told of it.
func (h *house) checkIncarnation() error {
	list, err := readList(h.Erasures, h.folder.Book)
	if err != nil {
		return err
	}
	newest, own := list.Newest(), h.folder.origin()
	behind := func() bool { // the list is: it knows of an earlier restore only
		return newest == nil || slices.ContainsFunc(h.folder.Origins, func(o archive.Origin) bool { return o.Incarnation == newest.Incarnation })
	}
	switch {
	case newest == nil && own == nil, newest != nil && newest.Incarnation == h.folder.incarnation():
		return nil
	case own != nil && behind():
		return appendList(h.Erasures, restoredLine(h.folder.Book, *own))
	}
	return fmt.Errorf("%w: %s says that book %s was put back at %s, as it was at position %d, and goes on from there; only that copy may (to go on from another point, put back a backup with huisboek restore)",
		errOldIncarnation, h.Erasures, h.folder.Book, newest.At.Format(time.RFC3339), newest.Position)
}
