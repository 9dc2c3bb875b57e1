package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"huisboek/adapters/access"
	"huisboek/adapters/archive"
	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
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
	r.now.backing.Lock()
	_, err := r.now.house.backup(t.Context(), backupWords{File: filepath.Join(r.dir, "y.tar")}, silent3)
	r.now.backing.Unlock()
	if !errors.Is(err, errBacking) {
		t.Errorf("two at once: %v", err)
	}
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

// TestRestoreRefuses: nothing is put back over anything, or without the list, or from
// what is not whole; and the folder stays as it was.
func TestRestoreRefuses(t *testing.T) {
	r, made := smallBackup(t)
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "iets"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "b.tar")
	whole, err := os.ReadFile(made.File)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(broken, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	strange := filepath.Join(t.TempDir(), "lijst.jsonl")
	line := `{"boek":"` + made.Book + `","positie":9,"sleutels":[1],"uitvoering":"onbekend"}` + "\n"
	if err := os.WriteFile(strange, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	elsewhere := filepath.Join(t.TempDir(), "lijst.jsonl")
	if err := os.WriteFile(elsewhere, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "data")
	base := restoreWords{File: made.File, Keys: made.KeysFile, Erasures: r.list, Dir: dir}
	with := func(change func(*restoreWords)) restoreWords { q := base; change(&q); return q }
	check := func(name string, q restoreWords, says string) {
		t.Helper()
		_, found, err := restore(t.Context(), q, silent3)
		if err == nil || !strings.Contains(fmt.Sprint(err, found), says) {
			t.Errorf("%s: %v %v, want %q", name, err, found, says)
		}
		if entries, err := os.ReadDir(q.Dir); q.Dir != full && (err == nil && len(entries) > 0) {
			t.Errorf("%s: it left %v", name, entries)
		}
	}
	check("served", base, "another copy of this book is live")
	check("served, on another list", with(func(q *restoreWords) { q.Erasures = elsewhere }), "another copy of this book is live")
	old := r.now.Dir
	r.close()
	check("a folder with something in it", with(func(q *restoreWords) { q.Dir = full }), "not empty")
	check("no list", with(func(q *restoreWords) { q.Erasures = filepath.Join(t.TempDir(), "weg") }), "list of erasures is needed")
	check("a list in the folder", with(func(q *restoreWords) { q.Erasures = filepath.Join(dir, "l") }), "data folder")
	check("no keys", with(func(q *restoreWords) { q.Keys = "weg" }), "no such file")
	check("half a backup", with(func(q *restoreWords) { q.File = broken }), "damaged")
	check("a list that names an unknown incarnation", with(func(q *restoreWords) { q.Erasures = strange }), "unknown origin")
	r.open(old) // none of these changed what was there
}

// TestRestoreBrokenOff: what a restore left half done is opened by nothing, and the
// next restore starts over.
func TestRestoreBrokenOff(t *testing.T) {
	r, made := smallBackup(t)
	lines, views := sealedLines(t, r.now.house, made.Position), viewsUntil(t, r.now.house, made.Position)
	for range 4 {
		r.erase(r.dice) // after the backup
	}
	old := r.now.Dir
	r.close()
	dir := filepath.Join(r.dir, "half")
	ctx, stop := context.WithCancel(t.Context())
	q := restoreWords{File: made.File, Keys: made.KeysFile, Erasures: r.list, Dir: dir}
	if _, _, err := restore(ctx, q, func(what string, _, _ uint64) {
		if what == "keys" {
			stop()
		}
	}); err == nil {
		t.Fatal("it was not broken off")
	}
	for _, region := range []string{"", "AM36"} {
		if h, err := openHouse(t.Context(), settings{Dir: dir, Region: region, Erasures: r.list}); !errors.Is(err, errHalf) {
			t.Errorf("half a book: %v", err)
			if err == nil {
				h.Close()
			}
		}
	}
	r.open(old) // the list was told nothing yet, so this copy may go on
	r.now.partner = ""
	r.close()
	if _, _, err := restore(t.Context(), q, silent3); err != nil {
		t.Fatal(err)
	}
	r.open(dir)
	r.putBack(made, made.KeysFile, lines, views)
}

// TestRestoreTellsLate: however long it takes to look at what was put back, the list
// hears of a restore only then; and after that only a restore goes on.
func TestRestoreTellsLate(t *testing.T) {
	r, made := smallBackup(t)
	for range 4 {
		r.erase(r.dice) // after the backup
	}
	old := r.now.Dir
	r.close()
	q := restoreWords{File: made.File, Keys: made.KeysFile, Erasures: r.list, Dir: filepath.Join(r.dir, "laat")}
	ctx, stop := context.WithCancel(t.Context())
	if _, _, err := restore(ctx, q, func(what string, _, _ uint64) {
		if what == "verify" {
			stop()
		}
	}); err == nil || strings.Contains(err.Error(), "only a completed restore") {
		t.Fatalf("broken off while it is verified: %v", err)
	}
	r.open(old)
	r.close()

	said, err := os.ReadFile(r.list)
	if err != nil {
		t.Fatal(err)
	}
	broke := errors.New("broken off")
	b, _, err := checkBackup(t.Context(), q.File, q.Keys, silent3)
	if err != nil {
		t.Fatal(err)
	}
	b.folder.dir, b.folder.Erasures = t.TempDir(), r.list
	half := &restoring{backup: b, list: r.list, now: time.Now, progress: silent3}
	if err := half.plan(false); err != nil {
		t.Fatal(err)
	}
	if err := half.tell(t.Context()); err != nil || !half.told {
		t.Fatal(err)
	}
	if err := half.failed(broke); !errors.Is(err, broke) || !strings.Contains(err.Error(), "only a completed restore can go on now: run it again") {
		t.Errorf("broken off after that: %v", err)
	}
	if h, err := openHouse(t.Context(), settings{Dir: old, Erasures: r.list}); !errors.Is(err, errOldIncarnation) {
		t.Errorf("the old copy: %v", err)
		if err == nil {
			h.Close()
		}
	}
	if now, err := os.ReadFile(r.list); err != nil || len(now) <= len(said) {
		t.Errorf("the list was told nothing: %v", err)
	}
	if _, _, err := restore(t.Context(), q, silent3); err != nil {
		t.Fatal(err)
	}
	r.open(q.Dir)
	r.keysAreRight()
}

// TestUnreadableList: lines of the list that nobody can read are no reason to go on in
// silence.
func TestUnreadableList(t *testing.T) {
	r, made := smallBackup(t)
	old := r.now.Dir
	r.close()
	f, err := os.OpenFile(r.list, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString("half\n{}\n"); err != nil {
		t.Fatal(err)
	}
	f.Close()
	dir := filepath.Join(r.dir, "terug")
	code, _, errOut := do(t, "restore", made.File, "--erasures", r.list, "--data", dir)
	if code != exitFailed || !strings.Contains(errOut, "cannot be read: 2, 3;") {
		t.Fatalf("exit %d %s", code, errOut)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("it made a folder")
	}
	var log bytes.Buffer
	h, err := openHouse(t.Context(), settings{Dir: old, Log: newLog(&log, false)})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(log.String(), `"lines":"2, 3"`) {
		t.Errorf("it is served without a word: %s", log.String())
	}
	code, out, errOut := do(t, "restore", made.File, "--erasures", r.list, "--data", dir, "--unreadable-lines")
	if code != exitDone || !strings.Contains(out, "cannot be read: 2.") {
		t.Fatalf("exit %d %s%s", code, out, errOut)
	}
	r.open(dir)
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

// TestRestoreWhole: credentials, what came in, and the people are back; and of what
// was erased after the backup no file and no answer holds a byte.
func TestRestoreWhole(t *testing.T) {
	r, _ := smallBackup(t)
	const canary = "Kanarie van Geel"
	v := &events.VisitMade{
		Employer: events.Employer{KvK: "69599084"}, Date: "2026-01-05", Purpose: "overig", Form: "video",
		AccountManager: events.Plainly(events.AccountManager{Employee: "geel", Name: canary, Phone: "038-0000001"}),
	}
	e, err := events.NewEvent(r.now.source, "kanarie", time.Now(), v)
	if err != nil {
		t.Fatal(err)
	}
	by := ledger.Caller{Role: ledger.RolePartner, Partner: r.now.partner, Credential: "proef", Door: ledger.DoorNATS}
	receipt, err := r.now.ledger.Record(t.Context(), ledger.Submission{Event: e, Caller: by})
	if err != nil {
		t.Fatal(err)
	}
	credential, token, err := r.now.access.Add(access.Credential{Role: ledger.RolePartner, Partner: r.now.partner, Kind: access.KindToken})
	if err != nil {
		t.Fatal(err)
	}
	note := func(at events.Position) {
		id := fmt.Sprint(at)
		r.now.intake.Note(r.now.partner, intake.Delivery{At: time.Now(), Door: ledger.DoorHTTP, Outcome: intake.OutcomeRecorded, ID: &id, Position: &at})
	}
	note(receipt.Position)
	note(receipt.Position + 5) // of an event that came in while the backup was made
	made, err := r.now.house.backup(t.Context(), backupWords{File: filepath.Join(r.dir, "kanarie.tar")}, silent3)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := r.now.recordAt(t.Context(), receipt.Position)
	if err != nil {
		t.Fatal(err)
	}
	key, err := r.now.keys.Get(t.Context(), stored.Event.PersonalMembers()[0].Seal.Key)
	if err != nil {
		t.Fatal(err)
	}
	r.erased[key] = true
	if _, err := r.now.house.erase(t.Context(), eraseWords{Partner: r.now.partner, Employee: "geel", Ground: "verzoek"}, silent3); err != nil {
		t.Fatal(err)
	}
	r.close()
	dir := filepath.Join(r.dir, "terug")
	code, out, errOut := do(t, "restore", made.File, "--erasures", r.list, "--data", dir)
	if code != exitDone || !strings.Contains(out, "Erased again, after the backup: 1 keys") {
		t.Fatalf("exit %d\n%s%s", code, out, errOut)
	}
	r.open(dir)
	for _, words := range [][]string{{"--partner", r.now.partner}, nil} {
		var all bytes.Buffer
		x := &exporting{house: r.now.house, progress: silent3}
		if words != nil {
			x.partner, x.own = &ledger.Partner{ID: r.now.partner}, []string{r.now.partner}
		}
		if _, err := x.to(t.Context(), &all); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(all.String(), canary) || !strings.Contains(all.String(), "kanarie") {
			t.Errorf("the export of %v: %s", words, all.String())
		}
	}
	err = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		if bytes.Contains(content, []byte(canary)) || bytes.Contains(content, key[:32]) || bytes.Contains(content, key[32:]) {
			t.Errorf("%s holds what was erased", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if c, err := r.now.access.Authenticate(token); err != nil || c.Credential != credential.ID {
		t.Errorf("the token: %+v %v", c, err)
	}
	if items, _, err := r.now.intake.List(r.now.partner, "", "", 10); err != nil || len(items) != 1 || *items[0].Position != receipt.Position {
		t.Errorf("what came in: %+v %v", items, err)
	}
	if r.now.ledger.Book() != made.Book || r.now.folder.incarnation() == made.Book {
		t.Error("it is not the same book, or not another copy of it")
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
