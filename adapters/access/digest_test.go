package access_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"huisboek/adapters/access"
)

func wish(partner, email string) access.Digest {
	return access.Digest{Partner: partner, Email: email, Every: access.EveryDay, Lang: "nl", Cursor: "3", By: "lokaal"}
}

func mustWish(t *testing.T, f *access.File, d access.Digest) access.Digest {
	t.Helper()
	made, err := f.AddDigest(d)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// TestDigests: the oldest first, over reopening and in a snapshot, until it ends; then
// the address is in none of them.
func TestDigests(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "access.db")
	f := mustOpen(t, path)
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	f.UseClock(func() time.Time { return now })
	var made []access.Digest
	for _, d := range []access.Digest{wish(partnerA, "a@voorbeeld.invalid"), wish(partnerB, "b@voorbeeld.invalid"), wish(partnerA, "canary@voorbeeld.invalid")} {
		now = now.Add(-time.Minute) // the oldest is the last one
		made = append(made, mustWish(t, f, d))
	}
	slices.Reverse(made)
	if err := f.ChangeDigest(made[0].ID, func(d *access.Digest) { d.Cursor, d.Looked, d.Trouble = "7", "2026-11-23", "554" }); err != nil {
		t.Fatal(err)
	}
	made[0].Cursor, made[0].Looked, made[0].Trouble = "7", "2026-11-23", "554"
	is := func(f *access.File, partner string, want ...access.Digest) {
		t.Helper()
		if d := cmp.Diff(append([]access.Digest{}, want...), f.Digests(partner)); d != "" {
			t.Errorf("of %q: %s", partner, d)
		}
	}
	is(f, "", made...)
	is(f, partnerA, made[0], made[2])
	is(f, partnerB, made[1])
	is(f, "nobody")
	snapshot := func(name string) string {
		copied := filepath.Join(dir, name)
		if err := f.Snapshot(copied); err != nil {
			t.Fatal(err)
		}
		return copied
	}
	is(mustOpen(t, snapshot("before.db")), "", made...)

	if err := f.EndDigest(made[0].ID); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{f.EndDigest(made[0].ID), f.EndDigest(""), f.ChangeDigest(made[0].ID, func(*access.Digest) { t.Error("changed") })} {
		if !errors.Is(err, access.ErrNoDigest) {
			t.Errorf("of one that ended: %v", err)
		}
	}
	is(f, "", made[1:]...)
	after := snapshot("after.db")
	f.Close()
	is(mustOpen(t, path), "", made[1:]...)
	for file, want := range map[string]bool{"before.db": true, "after.db": false} {
		content, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte("canary@")) != want {
			t.Errorf("%s has the address: %t", file, !want)
		}
	}
	is(mustOpen(t, after), "", made[1:]...)
}

// TestAddDigestRefuses what could not be mailed, and more than a partner may have.
func TestAddDigestRefuses(t *testing.T) {
	f := mustOpen(t, filepath.Join(t.TempDir(), "access.db"))
	for name, change := range map[string]func(*access.Digest){
		"partner without UUID": func(d *access.Digest) { d.Partner = "zwolle" },
		"no address":           func(d *access.Digest) { d.Email = "am1" },
		"two addresses":        func(d *access.Digest) { d.Email = "a@voorbeeld.invalid,b@voorbeeld.invalid" },
		"another header":       func(d *access.Digest) { d.Email += "\r\nBcc: b@voorbeeld.invalid" },
		"every month":          func(d *access.Digest) { d.Every = "maand" },
		"another language":     func(d *access.Digest) { d.Lang = "fr" },
	} {
		d := wish(partnerA, "a@voorbeeld.invalid")
		if change(&d); func() error { _, err := f.AddDigest(d); return err }() == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if all := f.Digests(""); len(all) != 0 {
		t.Fatalf("stored: %+v", all)
	}
	var last access.Digest
	for range 200 {
		last = mustWish(t, f, wish(partnerA, "a@voorbeeld.invalid"))
	}
	if _, err := f.AddDigest(wish(partnerA, "a@voorbeeld.invalid")); !errors.Is(err, access.ErrTooManyDigests) {
		t.Errorf("the 201st: %v", err)
	}
	mustWish(t, f, wish(partnerB, "b@voorbeeld.invalid"))
	if err := f.EndDigest(last.ID); err != nil {
		t.Fatal(err)
	}
	mustWish(t, f, wish(partnerA, "a@voorbeeld.invalid"))
}

// TestDigestTampered: a digest that was changed, taken out or put elsewhere is found:
// somebody else would read a partner's messages.
func TestDigestTampered(t *testing.T) {
	for name, change := range map[string]func(b *bolt.Bucket, id, old []byte) error{
		"another address": func(b *bolt.Bucket, id, old []byte) error {
			return b.Put(id, []byte(strings.Replace(string(old), "a@voorbeeld", "z@voorbeeld", 1)))
		},
		"taken":    func(b *bolt.Bucket, id, _ []byte) error { return b.Delete(id) },
		"other id": func(b *bolt.Bucket, _, old []byte) error { return b.Put([]byte(partnerB), old) },
		"cut off":  func(b *bolt.Bucket, id, old []byte) error { return b.Put(id, old[:10]) },
	} {
		path := filepath.Join(t.TempDir(), "access.db")
		f := mustOpen(t, path)
		made := mustWish(t, f, wish(partnerA, "a@voorbeeld.invalid"))
		f.Close()
		edit(t, path, func(tx *bolt.Tx) error {
			b := tx.Bucket([]byte("digests"))
			return change(b, []byte(made.ID), bytes.Clone(b.Get([]byte(made.ID))))
		})
		if f, err := access.Open(path, macKey); !errors.Is(err, access.ErrDamaged) {
			if err == nil {
				f.Close()
			}
			t.Errorf("%s: %v", name, err)
		}
	}
}
