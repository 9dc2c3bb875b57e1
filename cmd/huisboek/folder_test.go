package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "nieuw", "data")
	if _, err := readFolder(dir); !errors.Is(err, errNoBook) {
		t.Fatalf("an empty folder: %v", err)
	}
	f, err := openFolder(&settings{Dir: dir, Region: "AM36"})
	if err != nil {
		t.Fatal(err)
	}
	if f.OIN != testOIN || f.MaxBytes != defaultMaxBytes || f.Book == "" {
		t.Errorf("made %+v", f)
	}
	for _, name := range []string{fileBook, fileSecret} {
		if i, err := os.Stat(f.path(name)); err != nil || i.Mode() != 0o600 {
			t.Errorf("%s: %v %v", name, i.Mode(), err)
		}
	}
	if i, err := os.Stat(dir); err != nil || i.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v %v", i.Mode(), err)
	}
	again, err := openFolder(&settings{Dir: dir})
	if err != nil || again.Book != f.Book || again.secret != f.secret {
		t.Errorf("again: %+v %v", again, err)
	}
}

func TestFolderRefuses(t *testing.T) {
	dir := t.TempDir()
	if _, err := openFolder(&settings{Dir: dir, Region: "AM36", OIN: "00000099000000000077", MaxBytes: 1 << 30}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		s     settings
		words bool
		says  string
	}{
		{"another region", settings{Dir: dir, Region: "AM07"}, false, "AM36"},
		{"another steward", settings{Dir: dir, OIN: "00000099000000000088"}, false, "steward"},
		{"other room", settings{Dir: dir, MaxBytes: 2 << 30}, false, "room"},
		{"a new book without a region", settings{Dir: t.TempDir()}, true, "--region"},
		{"a region that was merged away", settings{Dir: t.TempDir(), Region: "AM31"}, true, "35"},
		{"an OIN with letters, which no event can name", settings{Dir: t.TempDir(), Region: "AM36", OIN: "000000990000000000AB"}, true, "digits"},
		{"an OIN that is too short", settings{Dir: t.TempDir(), Region: "AM36", OIN: "0000009900000000001"}, true, "digits"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := openFolder(&c.s)
			var words usageError
			if err == nil || errors.As(err, &words) != c.words || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestBrokenFolder(t *testing.T) {
	for name, damage := range map[string]func(f *folder) error{
		"no secret":      func(f *folder) error { return os.Remove(f.path(fileSecret)) },
		"a short secret": func(f *folder) error { return os.Truncate(f.path(fileSecret), 31) },
		"no JSON":        func(f *folder) error { return os.WriteFile(f.path(fileBook), []byte("{"), 0o600) },
		"a newer format": func(f *folder) error { return os.WriteFile(f.path(fileBook), []byte(`{"formaat":2}`), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			f, err := openFolder(&settings{Dir: t.TempDir(), Region: "AM36"})
			if err != nil {
				t.Fatal(err)
			}
			if err := damage(f); err != nil {
				t.Fatal(err)
			}
			if _, err := readFolder(f.dir); err == nil || errors.Is(err, errNoBook) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// Two first starts at once make one book: with two secrets one of them could
// never be opened again.
func TestFolderMadeTwiceAtOnce(t *testing.T) {
	dir := t.TempDir()
	const n = 8
	var all sync.WaitGroup
	made := make([]*folder, n)
	for i := range n {
		all.Go(func() {
			var err error
			if made[i], err = openFolder(&settings{Dir: dir, Region: "AM36"}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	kept, err := readFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range made {
		if f != nil && (f.Book != kept.Book || f.secret != kept.secret) {
			t.Errorf("start %d has another book than the folder", i)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".tmp-*")); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// A start that broke off after the secret goes on with that secret.
func TestFolderHalfMade(t *testing.T) {
	dir := t.TempDir()
	secret := strings.Repeat("s", 32)
	if err := os.WriteFile(filepath.Join(dir, fileSecret), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := openFolder(&settings{Dir: dir, Region: "AM36"})
	if err != nil || string(f.secret[:]) != secret {
		t.Errorf("got %q %v", f.secret, err)
	}
}
