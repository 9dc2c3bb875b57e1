package main

import (
	"bytes"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"

	"huisboek/ledger"
)

// takeName takes a name of this machine as a user, or without listening at all, and
// gives what lets it go.
func takeName(t *testing.T, name string, user int, listens bool) (release func()) {
	t.Helper()
	type taken struct {
		fd  int
		err error
	}
	took := make(chan taken)
	go func() {
		runtime.LockOSThread() // never let go of: a thread of another user ends with its goroutine
		if user != os.Getuid() {
			if _, _, errno := syscall.RawSyscall(syscall.SYS_SETRESUID, uintptr(user), uintptr(user), uintptr(user)); errno != 0 {
				took <- taken{0, errno}
				return
			}
		}
		fd, err := syscall.Socket(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
		if err == nil {
			err = syscall.Bind(fd, &syscall.SockaddrUnix{Name: "@" + name})
		}
		if err == nil && listens {
			err = syscall.Listen(fd, 1)
		}
		took <- taken{fd, err}
	}()
	got := <-took
	if got.err != nil {
		t.Fatal(got.err)
	}
	return func() { syscall.Close(got.fd) }
}

// TestNameTaken: another user of the machine that takes the name keeps no book from
// being opened; this user, or root, does.
func TestNameTaken(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	aBook(t, dir, "")
	f, err := readFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	name := "huisboek-" + hex.EncodeToString(ledger.DeriveKey(f.secret, forOneCopy)[:16])
	open := func() (string, error) {
		var log bytes.Buffer
		h, err := openHouse(t.Context(), settings{Dir: dir, Log: newLog(&log, false)})
		if err == nil {
			err = h.Close()
		}
		return log.String(), err
	}
	const warns = "another user of this machine holds the name"
	t.Run("no huisboek", func(t *testing.T) {
		defer takeName(t, name, os.Getuid(), false)()
		if log, err := open(); err != nil || !strings.Contains(log, warns) {
			t.Errorf("%v %s", err, log)
		}
	})
	t.Run("this user", func(t *testing.T) {
		if _, err := func() (string, error) {
			free, err := holdName(t.Context(), name, []byte("{}"), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer free()
			return open()
		}(); !errors.Is(err, errTwoCopies) {
			t.Error(err)
		}
	})
	t.Run("another user", func(t *testing.T) {
		if os.Getuid() != 0 {
			t.Skip("only root can be another user")
		}
		defer takeName(t, name, 65534, true)()
		if log, err := open(); err != nil || !strings.Contains(log, warns) {
			t.Errorf("%v %s", err, log)
		}
	})
}
