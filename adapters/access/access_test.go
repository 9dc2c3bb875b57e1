package access_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nkeys"
	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"huisboek/adapters/access"
	"huisboek/ledger"
)

const (
	partnerA = "0b54a3f0-6f3a-4f6a-9d54-3f0a4f0c9a01"
	partnerB = "0b54a3f0-6f3a-4f6a-9d54-3f0a4f0c9a02"
)

var macKey = bytes.Repeat([]byte{7}, 32)

func mustOpen(t *testing.T, path string) *access.File {
	t.Helper()
	f, err := access.Open(path, macKey)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func mustAdd(t *testing.T, f *access.File, c access.Credential) (access.Credential, string) {
	t.Helper()
	c, token, err := f.Add(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, token
}

func ledgerSeed(t *testing.T) (seed string) {
	t.Helper()
	pair, err := nkeys.CreateAccount()
	if err != nil {
		t.Fatal(err)
	}
	b, _ := pair.Seed()
	return string(b)
}

// filled makes a file with one of everything.
func filled(t *testing.T, path string) (f *access.File, tokens []string) {
	t.Helper()
	f = mustOpen(t, path)
	_, steward := mustAdd(t, f, access.Credential{Role: ledger.RoleSteward, Name: "regisseur"})
	_, partner := mustAdd(t, f, access.Credential{Role: ledger.RolePartner, Partner: partnerA})
	if _, none := mustAdd(t, f, access.Credential{Role: ledger.RolePartner, Partner: partnerA, Kind: access.KindNATS}); none != "" {
		t.Error("a NATS credential has a token")
	}
	if err := f.SetLedgerAccount(ledgerSeed(t)); err != nil {
		t.Fatal(err)
	}
	return f, []string{steward, partner}
}

func TestTokens(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.db")
	f := mustOpen(t, path)
	c, token := mustAdd(t, f, access.Credential{Role: ledger.RolePartner, Partner: partnerA, Name: "Zwolle"})
	want := ledger.Caller{Role: ledger.RolePartner, Partner: partnerA, Credential: c.ID}
	if !strings.HasPrefix(token, "hb_") || len(token) != 3+43 {
		t.Errorf("token has %d characters", len(token))
	}
	authenticates := func(f *access.File, token string, ok bool) {
		t.Helper()
		got, err := f.Authenticate(token)
		if ok && (err != nil || got != want) {
			t.Errorf("Authenticate = %+v, %v; want %+v", got, err, want)
		}
		if !ok && !errors.Is(err, access.ErrUnknownToken) {
			t.Errorf("Authenticate = %+v, %v; want ErrUnknownToken", got, err)
		}
	}
	authenticates(f, token, true)
	for _, wrong := range []string{"", "hb_", token[3:], token + "A", token[:45] + "!", strings.ToUpper(token)} {
		authenticates(f, wrong, false)
	}

	f.Close()
	f = mustOpen(t, path)
	authenticates(f, token, true)
	if got := f.List(); len(got) != 1 || got[0].Name != "Zwolle" {
		t.Errorf("List = %+v", got)
	}
	if err := f.Remove(c.ID); err != nil {
		t.Fatal(err)
	}
	authenticates(f, token, false)
	if err := f.Remove(c.ID); !errors.Is(err, access.ErrNoCredential) {
		t.Errorf("Remove twice: %v", err)
	}
	if _, _, err := rotate(f, c.ID, 0); !errors.Is(err, access.ErrNoCredential) {
		t.Errorf("Rotate of a removed credential: %v", err)
	}
}

func TestAddRefuses(t *testing.T) {
	f := mustOpen(t, filepath.Join(t.TempDir(), "access.db"))
	for name, c := range map[string]access.Credential{
		"no role":               {},
		"unknown role":          {Role: "admin"},
		"partner without UUID":  {Role: ledger.RolePartner, Partner: "zwolle"},
		"steward with partner":  {Role: ledger.RoleSteward, Partner: partnerA},
		"unknown kind":          {Role: ledger.RoleBoard, Kind: "cookie"},
		"NATS for a board":      {Role: ledger.RoleBoard, Kind: access.KindNATS},
		"name of several lines": {Role: ledger.RoleBoard, Name: "a\nb"},
		"ended already":         {Role: ledger.RoleBoard, Expires: time.Now().Add(-time.Second)},
	} {
		if _, token, err := f.Add(c); err == nil || token != "" {
			t.Errorf("%s: token %t, error %v", name, token != "", err)
		}
	}
}

// Every NATS credential of a partner has an account of its own, which speaks as
// that credential.
func TestAccounts(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.db")
	f := mustOpen(t, path)
	bearer, _ := mustAdd(t, f, access.Credential{Role: ledger.RolePartner, Partner: partnerA})
	one, _ := mustAdd(t, f, access.Credential{Role: ledger.RolePartner, Partner: partnerA, Kind: access.KindNATS, Name: "CRM"})
	two, _ := mustAdd(t, f, access.Credential{Role: ledger.RolePartner, Partner: partnerA, Kind: access.KindNATS, Name: "Planner"})
	f.Close()
	f = mustOpen(t, path)
	if n := len(f.Accounts()); n != 2 {
		t.Fatalf("%d accounts", n)
	}
	if _, ok := f.AccountOf(bearer.ID); ok {
		t.Error("a token has an account")
	}
	keys := map[string]string{}
	for _, c := range []access.Credential{one, two} {
		a, ok := f.AccountOf(c.ID)
		pair, err := nkeys.FromSeed([]byte(a.Seed))
		if !ok || err != nil || a.Partner != partnerA || a.Name != c.Name || a.Credential != c.ID {
			t.Fatalf("AccountOf = %+v, %t, %v", a, ok, err)
		}
		if public, _ := pair.PublicKey(); public != a.PublicKey {
			t.Errorf("public key %s is not the seed's", a.PublicKey)
		}
		want := ledger.Caller{Role: ledger.RolePartner, Partner: partnerA, Credential: c.ID, Door: ledger.DoorNATS}
		if got, ok := f.PartnerOfAccount(a.PublicKey); !ok || got != want {
			t.Errorf("PartnerOfAccount = %+v, %t; want %+v", got, ok, want)
		}
		keys[c.ID] = a.PublicKey
	}
	if _, ok := f.PartnerOfAccount("A" + strings.Repeat("B", 55)); ok {
		t.Error("a foreign account is somebody's")
	}
	if err := f.Remove(one.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok := f.PartnerOfAccount(keys[one.ID]); ok {
		t.Error("the account outlives its credential")
	}
	if _, ok := f.PartnerOfAccount(keys[two.ID]); !ok || len(f.Accounts()) != 1 {
		t.Error("the other account ended as well")
	}
	if err := f.DropAccount(two.ID); err != nil {
		t.Fatal(err)
	}
	if _, ok := f.PartnerOfAccount(keys[two.ID]); ok || len(f.List()) != 2 {
		t.Error("the account was not dropped, or its credential was")
	}
}

func TestLedgerAccount(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.db")
	f := mustOpen(t, path)
	if _, ok := f.LedgerAccount(); ok {
		t.Error("a new file has a ledger account")
	}
	seed := ledgerSeed(t)
	if err := f.SetLedgerAccount(seed); err != nil {
		t.Fatal(err)
	}
	user, _ := nkeys.CreateUser()
	userSeed, _ := user.Seed()
	if err := f.SetLedgerAccount(string(userSeed)); err == nil {
		t.Error("a user's seed was taken for an account's")
	}
	f.Close()
	f = mustOpen(t, path)
	if got, ok := f.LedgerAccount(); !ok || got != seed {
		t.Error("the seed did not come back")
	}
}

func TestNoTokenInFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.db")
	f, tokens := filled(t, path)
	list := f.List()
	_, rotated, err := rotate(f, list[slices.IndexFunc(list, func(c access.Credential) bool { return c.Kind == access.KindToken })].ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range append(tokens, rotated) {
		if bytes.Contains(content, []byte(token)) || bytes.Contains(content, []byte(token[3:])) {
			t.Error("a token stands in the file")
		}
	}
	hash := sha256.Sum256([]byte(rotated))
	if !bytes.Contains(content, []byte(hex.EncodeToString(hash[:]))) {
		t.Error("the search finds nothing at all: its hash is not there either")
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}

func TestWrongKey(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.db")
	f, _ := filled(t, path)
	f.Close()
	if _, err := access.Open(path, bytes.Repeat([]byte{8}, 32)); !errors.Is(err, access.ErrDamaged) || !strings.Contains(err.Error(), "credentials") || !strings.Contains(err.Error(), "accounts") {
		t.Errorf("another key: %v", err)
	}
	if _, err := access.Open(path, macKey[:31]); err == nil {
		t.Error("a short key was taken")
	}
}

type entry struct{ bucket, key, value string }

// entries are the stored values as bbolt sees them.
func entries(t *testing.T, path string) (list []entry) {
	t.Helper()
	edit(t, path, func(tx *bolt.Tx) error {
		return tx.ForEach(func(bucket []byte, b *bolt.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				list = append(list, entry{string(bucket), string(k), string(v)})
				return nil
			})
		})
	})
	return list
}

func edit(t *testing.T, path string, fn func(tx *bolt.Tx) error) {
	t.Helper()
	db, err := bolt.Open(path, 0o600, &bolt.Options{NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Update(fn); err != nil {
		t.Fatal(err)
	}
}

// TestEveryByteOfEveryValue flips them one by one, in the file itself.
func TestEveryByteOfEveryValue(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.db")
	f, _ := filled(t, path)
	f.Close()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "access.db")
	for _, e := range entries(t, path) {
		// Older copies of a page may hold the same bytes: flip them all.
		for i := range e.value {
			b := bytes.Clone(content)
			for at := 0; ; {
				n := bytes.Index(content[at:], []byte(e.value))
				if n < 0 {
					break
				}
				b[at+n+i] ^= 1 << (i % 8)
				at += n + 1
			}
			if bytes.Equal(b, content) {
				t.Fatalf("%s %s: value not found in the file", e.bucket, e.key)
			}
			if err := os.WriteFile(broken, b, 0o600); err != nil {
				t.Fatal(err)
			}
			f, err := access.Open(broken, macKey)
			if err == nil {
				f.Close()
				t.Fatalf("%s %s: byte %d of %d was flipped and not found", e.bucket, e.key, i, len(e.value))
			}
			if !errors.Is(err, access.ErrDamaged) || !strings.Contains(err.Error(), e.bucket) || !strings.Contains(err.Error(), e.key) {
				t.Fatalf("error does not name %s %s: %v", e.bucket, e.key, err)
			}
		}
	}
}

// TestEntries moves, removes and puts back whole entries.
func TestEntries(t *testing.T) {
	for _, tt := range []struct {
		name string
		edit func(tx *bolt.Tx, old []entry) error
	}{
		{"removed", func(tx *bolt.Tx, old []entry) error {
			return tx.Bucket([]byte(old[0].bucket)).Delete([]byte(old[0].key))
		}},
		{"under another id", func(tx *bolt.Tx, old []entry) error {
			return tx.Bucket([]byte(old[0].bucket)).Put([]byte(partnerB), []byte(old[0].value))
		}},
		{"in another bucket", func(tx *bolt.Tx, old []entry) error {
			return tx.Bucket([]byte("seeds")).Put([]byte(old[0].key), []byte(old[0].value))
		}},
		{"put back after its removal", func(tx *bolt.Tx, old []entry) error {
			for _, e := range old {
				if e.bucket == "credentials" {
					if err := tx.Bucket([]byte(e.bucket)).Put([]byte(e.key), []byte(e.value)); err != nil {
						return err
					}
				}
			}
			return nil
		}},
		{"all removed", func(tx *bolt.Tx, old []entry) error {
			return errors.Join(tx.DeleteBucket([]byte("accounts")), tx.DeleteBucket([]byte("credentials")), tx.DeleteBucket([]byte("seeds")))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "access.db")
			f, _ := filled(t, path)
			f.Close()
			old := entries(t, path)
			f = mustOpen(t, path)
			if err := f.Remove(f.List()[0].ID); err != nil {
				t.Fatal(err)
			}
			f.Close()
			mustOpen(t, path).Close()
			now := entries(t, path)
			if tt.name != "put back after its removal" {
				old = now
			}
			edit(t, path, func(tx *bolt.Tx) error { return tt.edit(tx, old) })
			if f, err := access.Open(path, macKey); !errors.Is(err, access.ErrDamaged) {
				if err == nil {
					f.Close()
				}
				t.Errorf("Open = %v, want ErrDamaged", err)
			}
		})
	}
}

func TestLocked(t *testing.T) {
	path := filepath.Join(t.TempDir(), "access.db")
	mustOpen(t, path)
	if _, err := access.Open(path, macKey); !errors.Is(err, bolterrors.ErrTimeout) {
		t.Errorf("second Open: %v, want bbolt's ErrTimeout", err)
	}
}

func TestConcurrent(t *testing.T) {
	f := mustOpen(t, filepath.Join(t.TempDir(), "access.db"))
	_, steady := mustAdd(t, f, access.Credential{Role: ledger.RoleSteward})
	var writers, readers sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := f.Authenticate(steady); err != nil {
					t.Error(err)
					return
				}
				f.List()
			}
		})
	}
	for w := range 3 {
		writers.Go(func() {
			for i := range 10 {
				c, token, err := f.Add(access.Credential{Role: ledger.RoleBoard, Name: fmt.Sprint(w, i)})
				if err != nil {
					t.Error(err)
					return
				}
				if got, err := f.Authenticate(token); err != nil || got.Credential != c.ID {
					t.Errorf("own write is not read: %+v, %v", got, err)
				}
				if i%2 == 0 {
					if err := f.Remove(c.ID); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	readers.Wait()
	if n := len(f.List()); n != 1+3*5 {
		t.Errorf("%d credentials, want 16", n)
	}
}
