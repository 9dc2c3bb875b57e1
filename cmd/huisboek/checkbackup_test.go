package main

import (
	"archive/tar"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// smallBackup is a book with some records, people and an erasure, and a backup of it.
func smallBackup(t *testing.T) (*round, *backupDone) {
	t.Helper()
	r := newRound(t, 36)
	t.Cleanup(r.close)
	for range 30 {
		r.record(r.dice)
	}
	r.erase(r.dice)
	r.n++
	made, err := r.now.house.backup(t.Context(), backupWords{File: filepath.Join(r.dir, "een.tar")}, silent3)
	if err != nil {
		t.Fatal(err)
	}
	return r, made
}

// faults are what checking a backup found wrong.
func faults(t *testing.T, file, keys string) (all []string) {
	t.Helper()
	_, found, err := checkBackup(t.Context(), file, keys, silent3)
	if err != nil {
		return []string{err.Error()}
	}
	for _, f := range found {
		if f.Fault != "" {
			all = append(all, f.What+": "+f.Fault)
		}
	}
	return all
}

// parts are the files in a backup as anybody's tar reads them.
func parts(t *testing.T, file string) map[string]string {
	t.Helper()
	all := map[string]string{}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	each(t, f, func(name string, content []byte) { all[name] = string(content) })
	return all
}

// TestBackupDamage: whichever bit flips, and wherever a file is cut, it is found; but
// for bytes that no program reads, such as those that fill up a block of the tar.
func TestBackupDamage(t *testing.T) {
	_, made := smallBackup(t)
	if all := faults(t, made.File, made.KeysFile); all != nil {
		t.Fatal(all)
	}
	dice := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for name, path := range map[string]string{"records": made.File, "keys": made.KeysFile} {
		sound, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		files := []string{made.File, made.KeysFile}
		at := slices.Index(files, path)
		files[at] = filepath.Join(t.TempDir(), "stuk")
		unread := 0
		for i := range 300 {
			b := slices.Clone(sound)
			what := ""
			if i%4 == 0 {
				b = b[:dice.IntN(len(b))]
				what = fmt.Sprintf("cut at %d of %d", len(b), len(sound))
			} else {
				bit := dice.IntN(8 * len(b))
				b[bit/8] ^= 1 << (bit % 8)
				what = fmt.Sprintf("bit %d of byte %d flipped", bit%8, bit/8)
			}
			if err := os.WriteFile(files[at], b, 0o600); err != nil {
				t.Fatal(err)
			}
			if faults(t, files[0], files[1]) != nil {
				continue
			}
			unread++
			if name == "keys" {
				t.Errorf("keys, %s: not found", what)
			} else if is, was := parts(t, files[0]), parts(t, path); !maps.Equal(is, was) {
				t.Errorf("records, %s: not found", what)
			}
		}
		t.Logf("%s: %d of 300 were in bytes that nothing reads", name, unread)
		if unread > 60 {
			t.Errorf("%s: %d of 300 were not found", name, unread)
		}
	}
}

// TestKeysOfAnother: only the keys of this book, of this life of it, and of this
// backup or a later one open it.
func TestKeysOfAnother(t *testing.T) {
	r, first := smallBackup(t)
	for range 200 { // beyond the keys that were drawn ahead
		r.record(r.dice)
	}
	second, err := r.now.house.backup(t.Context(), backupWords{File: filepath.Join(r.dir, "twee.tar")}, silent3)
	if err != nil {
		t.Fatal(err)
	}
	_, another := smallBackup(t)
	r.putBack(first, first.KeysFile, sealedLines(t, r.now.house, first.Position), viewsUntil(t, r.now.house, first.Position))
	third, err := r.now.house.backup(t.Context(), backupWords{File: filepath.Join(r.dir, "drie.tar")}, silent3)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		file, keys *backupDone
		says       string
	}{
		{first, first, ""}, {first, second, ""},
		{second, first, "older backup"}, {first, another, "of book"}, {first, third, "another copy"}, {third, second, "another copy"},
	} {
		if all := faults(t, c.file.File, c.keys.KeysFile); (len(all) == 0) != (c.says == "") || !strings.Contains(strings.Join(all, ""), c.says) {
			t.Errorf("%s with %s: %v, want %q", filepath.Base(c.file.File), filepath.Base(c.keys.KeysFile), all, c.says)
		}
	}
	if _, found, err := checkBackup(t.Context(), first.File, "", silent3); err != nil || len(found) != 3 || found[2].Fault != "" {
		t.Errorf("without keys: %v %v", found, err)
	}
}

// TestCheckLeavesNothing: whatever a check finds, what it put on disk to look at it is
// gone.
func TestCheckLeavesNothing(t *testing.T) {
	_, made := smallBackup(t)
	whole, err := os.ReadFile(made.File)
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(t.TempDir(), "half.tar")
	if err := os.WriteFile(half, whole[:len(whole)-2_000], 0o600); err != nil {
		t.Fatal(err)
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	for _, file := range []string{made.File, half} {
		for _, broken := range []bool{false, true} {
			ctx, stop := context.WithCancel(t.Context())
			checkBackup(ctx, file, made.KeysFile, func(string, uint64, uint64) {
				if broken {
					stop()
				}
			})
			stop()
			if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
				t.Errorf("left behind: %v %v", left, err)
			}
		}
	}
}

// each reads a tar with the library alone.
func each(t *testing.T, r io.Reader, fn func(name string, content []byte)) {
	t.Helper()
	in := tar.NewReader(r)
	for {
		h, err := in.Next()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		fn(h.Name, content)
	}
}
