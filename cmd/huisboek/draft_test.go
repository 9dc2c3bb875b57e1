package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"huisboek/adapters/archive"
)

// TestBackupBrokenOff: a backup that somebody gives up, or that is killed, leaves no
// file that could be taken for one, and the next one removes what it left.
func TestBackupBrokenOff(t *testing.T) {
	r, _ := smallBackup(t)
	to := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	file := filepath.Join(to, "b.tar")
	if _, err := r.now.house.backup(ctx, backupWords{File: file}, func(what string, _, _ uint64) {
		if what == "records" {
			stop()
		}
	}); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(to); err != nil || len(left) != 0 {
		t.Fatalf("left behind: %v %v", left, err)
	}
	// What a kill leaves: the draft with anything in it, and the keys in their place.
	if d, err := r.now.newDraft(to); err != nil {
		t.Fatal(err)
	} else if err := os.WriteFile(d.path("boek"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	keys, err := os.ReadFile(r.dir + "/een.tar.sleutels")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(keysFile(file), keys, 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := r.now.house.backup(t.Context(), backupWords{File: file}, silent3)
	if err != nil {
		t.Fatal(err)
	}
	if all := faults(t, made.File, made.KeysFile); all != nil {
		t.Error(all)
	}
	left, err := os.ReadDir(to)
	if err != nil || len(left) != 2 {
		t.Errorf("there is %v %v", left, err)
	}
	for _, f := range left {
		if i, err := f.Info(); err != nil || i.Mode() != 0o600 {
			t.Errorf("%s: %v %v", f.Name(), i.Mode(), err)
		}
	}
	k, err := readState(r.now.Dir)
	if err != nil || k.Backup == nil || k.Backup.Position != made.Position || k.Backup.File != file {
		t.Errorf("noted: %+v %v", k.Backup, err)
	}
}

func TestBackupRefuses(t *testing.T) {
	r, made := smallBackup(t)
	_, another := smallBackup(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(r.now.Dir, link); err != nil {
		t.Fatal(err)
	}
	theirs := filepath.Join(t.TempDir(), "x.tar")
	if err := os.Rename(another.KeysFile, keysFile(theirs)); err != nil {
		t.Fatal(err)
	}
	for file, says := range map[string]string{
		filepath.Join(r.now.Dir, "b.tar"):         "data folder",
		filepath.Join(r.now.Dir, "nats", "b.tar"): "data folder",
		filepath.Join(link, "b.tar"):              "data folder",
		made.File:                                 "not written over",
		theirs:                                    "another book",
		filepath.Join(t.TempDir(), "er", "x.tar"): "no such file",
	} {
		if _, err := r.now.house.backup(t.Context(), backupWords{File: file}, silent3); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", file, err, says)
		}
	}
	// One that is under way is waited for, in case it is being broken off; not for ever.
	synctest.Test(t, func(t *testing.T) {
		h := &house{backing: make(chan struct{}, 1)}
		h.backing <- struct{}{}
		if _, err := h.backup(t.Context(), backupWords{}, silent3); !errors.Is(err, errBacking) {
			t.Errorf("two at once: %v", err)
		}
		time.AfterFunc(lingers/2, func() { <-h.backing })
		if err := h.oneBackup(t.Context()); err != nil {
			t.Errorf("after one that was broken off: %v", err)
		}
	})
}

// TestExpiredKeys: the next backup destroys the keys that may not be kept any longer,
// of this book and in this folder only.
func TestExpiredKeys(t *testing.T) {
	clock := newMovable()
	to := t.TempDir()
	h, err := openHouse(t.Context(), settings{Dir: filepath.Join(t.TempDir(), "data"), Region: "AM36", Now: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	_, another := smallBackup(t)
	old, err := os.ReadFile(another.KeysFile)
	if err != nil {
		t.Fatal(err)
	}
	notOurs := filepath.Join(to, "ander.tar.sleutels")
	if err := os.WriteFile(notOurs, old, 0o600); err != nil {
		t.Fatal(err)
	}
	make := func(name string, keep bool) *backupDone {
		t.Helper()
		done, err := h.backup(t.Context(), backupWords{File: filepath.Join(to, name), KeepKeys: keep}, silent3)
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	first := make("1.tar", false)
	clock.add(archive.KeyDays * 24 * time.Hour)
	if d := make("2.tar", false); len(d.Expired) != 0 {
		t.Errorf("on its last day: %+v", d.Expired)
	}
	clock.add(24 * time.Hour)
	if d := make("3.tar", true); len(d.Expired) != 1 || d.Expired[0].Destroyed || d.Expired[0].File != first.KeysFile {
		t.Errorf("to be named only: %+v", d.Expired)
	}
	d := make("4.tar", false)
	if len(d.Expired) != 1 || !d.Expired[0].Destroyed || d.Expired[0].Day != first.Destroy {
		t.Errorf("to be destroyed: %+v", d.Expired)
	}
	for path, there := range map[string]bool{first.KeysFile: false, first.File: true, notOurs: true, keysFile(filepath.Join(to, "2.tar")): true} {
		if _, err := os.Stat(path); (err == nil) != there {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestBackupSettles: between the first look and the end others write files too, and
// nothing of theirs is written over.
func TestBackupSettles(t *testing.T) {
	r, first := smallBackup(t)
	_, another := smallBackup(t)
	for range 5 {
		r.record(r.dice)
	}
	later, err := r.now.house.backup(t.Context(), backupWords{File: filepath.Join(r.dir, "later.tar")}, silent3)
	if err != nil {
		t.Fatal(err)
	}
	edited := func(from *backupDone, change func(*archive.KeysHead)) []byte {
		t.Helper()
		head, err := headOf(from.KeysFile)
		if err != nil {
			t.Fatal(err)
		}
		head.Key = 0 // only its first line is looked at
		change(head)
		var b bytes.Buffer
		w, err := archive.NewKeysWriter(&b, *head)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	same := func(*archive.KeysHead) {}
	for _, c := range []struct {
		name, what string // that comes into being meanwhile
		content    []byte
		says       string
		keys       bool // that stay
	}{
		{"another's records", "", []byte("van een ander"), "not written over", false},
		{"keys of another book", keysSuffix, edited(another, same), "another book", true},
		{"keys of another copy", keysSuffix, edited(first, func(h *archive.KeysHead) { h.Incarnation = "anders" }), "another copy", true},
		{"keys of a later backup", keysSuffix, edited(first, func(h *archive.KeysHead) { h.Position = later.Position + 100 }), "later backup", true},
		{"no keys", keysSuffix, []byte("iets\n"), "not written over", true},
		{"keys of an older backup", keysSuffix, edited(first, same), "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			to := t.TempDir()
			file := filepath.Join(to, "b.tar")
			var once sync.Once
			made, err := r.now.house.backup(t.Context(), backupWords{File: file}, func(string, uint64, uint64) {
				once.Do(func() {
					if err := os.WriteFile(file+c.what, c.content, 0o600); err != nil {
						t.Error(err)
					}
				})
			})
			if c.says == "" {
				if err != nil || faults(t, made.File, made.KeysFile) != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v, want %q", err, c.says)
			}
			if got, err := os.ReadFile(file + c.what); err != nil || !bytes.Equal(got, c.content) {
				t.Errorf("what stood there is gone: %v", err)
			}
			if entries, err := os.ReadDir(to); err != nil || len(entries) != 1 {
				t.Errorf("there is %v %v", entries, err)
			}
		})
	}
}

// TestBackupKilled: a backup that is killed leaves no keys while it writes records, and
// those that it leaves after that are destroyed by the next, wherever that one goes.
func TestBackupKilled(t *testing.T) {
	r, _ := smallBackup(t)
	to := t.TempDir()
	draft := filepath.Join(to, draftName(r.now.folder.Book))
	for _, when := range []string{"records", "keys"} {
		_, err := r.now.house.backup(t.Context(), backupWords{File: filepath.Join(to, when)}, func(what string, done, _ uint64) {
			if what != when {
				return
			}
			if k, err := readState(r.now.Dir); err != nil || !slices.Equal(k.Drafts, []string{draft}) {
				t.Errorf("noted while the %s are written: %v %v", what, k.Drafts, err)
			}
			if _, err := os.Stat(filepath.Join(draft, draftKeys)); (err == nil) != (when == "keys") {
				t.Errorf("keys while the %s are written: %v", what, err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if k, err := readState(r.now.Dir); err != nil || len(k.Drafts) != 0 {
		t.Errorf("noted in the end: %v %v", k.Drafts, err)
	}
	// What a kill leaves.
	d, err := r.now.newDraft(to)
	if err != nil {
		t.Fatal(err)
	}
	keys := []byte("sleutels van iedereen")
	if err := os.WriteFile(d.path(draftKeys), keys, 0o600); err != nil {
		t.Fatal(err)
	}
	open, err := os.Open(d.path(draftKeys)) // what is on the disk
	if err != nil {
		t.Fatal(err)
	}
	defer open.Close()
	gone := filepath.Join(t.TempDir(), "schijf", draftName(r.now.folder.Book)) // a disk that is not there
	r.now.note(func(k *keeping) { k.Drafts = append(k.Drafts, gone, t.TempDir()) })
	if _, err := r.now.house.backup(t.Context(), backupWords{File: filepath.Join(t.TempDir(), "elders.tar")}, silent3); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(draft); err == nil {
		t.Error("the draft is there still")
	}
	if b, err := io.ReadAll(open); err != nil || !bytes.Equal(b, make([]byte, len(keys))) {
		t.Errorf("its keys are on the disk: %q %v", b, err)
	}
	if k, err := readState(r.now.Dir); err != nil || !slices.Equal(k.Drafts, []string{gone}) {
		t.Errorf("still to be destroyed: %v %v, want %s", k.Drafts, err, gone)
	}
}

// TestDraftElsewhere: who may write beside a backup cannot have another file destroyed
// by a link where the draft is to stand.
func TestDraftElsewhere(t *testing.T) {
	for _, link := range []string{"", draftKeys} {
		to, elsewhere := t.TempDir(), t.TempDir()
		d := draft{to, filepath.Join(to, draftName("b"))}
		file := filepath.Join(elsewhere, draftKeys)
		if err := os.WriteFile(file, []byte("van een ander"), 0o600); err != nil {
			t.Fatal(err)
		}
		from, at := elsewhere, d.folder
		if link != "" {
			from, at = file, d.path(link)
			if err := os.Mkdir(d.folder, 0o700); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Symlink(from, at); err != nil {
			t.Fatal(err)
		}
		if err := d.destroy(); err != nil {
			t.Error(err)
		}
		if b, err := os.ReadFile(file); err != nil || string(b) != "van een ander" {
			t.Errorf("%q %v", b, err)
		}
		if _, err := os.Lstat(d.folder); err == nil {
			t.Error("the draft is there still")
		}
	}
}
