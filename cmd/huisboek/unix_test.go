package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A socket works at any path, and only its owner may open it.
func TestPrivateSocket(t *testing.T) {
	for name, dir := range map[string]string{
		"short": t.TempDir(),
		"long":  filepath.Join(t.TempDir(), strings.Repeat("lange-naam/", 20)),
	} {
		t.Run(name, func(t *testing.T) {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(dir, fileSocket)
			l, err := listenPrivate(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			if i, err := os.Stat(path); err != nil || i.Mode().Perm() != 0o600 {
				t.Errorf("mode %v, %v", i.Mode(), err)
			}
			said := make(chan error, 1)
			go func() {
				c, err := l.Accept()
				if err == nil {
					_, err = c.Write([]byte("x"))
					c.Close()
				}
				said <- err
			}()
			c, err := dialPrivate(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if n, err := c.Read(make([]byte, 1)); n != 1 {
				t.Error(err)
			}
			if err := <-said; err != nil {
				t.Error(err)
			}
			if err := l.Close(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(path); !os.IsNotExist(err) {
				t.Errorf("the socket's file is still there: %v", err)
			}
			if _, err := dialPrivate(t.Context(), path); err == nil {
				t.Error("still answers")
			}
		})
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "huisboek-*", "d")); err != nil || len(left) != 0 {
		t.Logf("short names of others, or left behind: %v %v", left, err)
	}
}
