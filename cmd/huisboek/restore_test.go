package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"huisboek/adapters/access"
	"huisboek/adapters/intake"
	"huisboek/events"
	"huisboek/ledger"
)

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
