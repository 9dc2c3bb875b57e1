package access

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nkeys"
	bolt "go.etcd.io/bbolt"

	"huisboek/ledger"
)

// TestOlderLayout opens a file in which a partner has one account, under its own
// UUID, and credentials know of no end.
func TestOlderLayout(t *testing.T) {
	const partner, id = "0b54a3f0-6f3a-4f6a-9d54-3f0a4f0c9a01", "5f6c3c3e-1111-4f6a-9d54-3f0a4f0c9a01"
	path, key := filepath.Join(t.TempDir(), "access.db"), bytes.Repeat([]byte{7}, MinKey)
	pair, err := nkeys.CreateAccount()
	if err != nil {
		t.Fatal(err)
	}
	seed, _ := pair.Seed()
	public, _ := pair.PublicKey()
	write := func() *File {
		t.Helper()
		f, err := Open(path, key)
		if err != nil {
			t.Fatal(err)
		}
		err = f.db.Update(func(tx *bolt.Tx) error {
			err := f.put(tx, bucketCredentials, []byte(id), map[string]any{
				"id": id, "soort": "nats", "rol": "partner", "partner": partner, "naam": "Zwolle",
				"gemaaktOp": "2026-01-05T09:30:00Z", "vernieuwdOp": "2026-02-05T09:30:00Z", "token": tokenHash{},
			})
			if err != nil {
				return err
			}
			if err := f.put(tx, bucketAccounts, []byte(partner), map[string]string{
				"partner": partner, "naam": "Zwolle", "zaad": string(seed), "sleutel": public, "credential": id,
			}); err != nil {
				return err
			}
			return f.sealWhole(tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		if f, err = Open(path, key); err != nil {
			t.Fatal(err)
		}
		return f
	}
	for name, end := range map[string]func(*File) error{
		"removed": func(f *File) error { return f.Remove(id) },
		"dropped": func(f *File) error { return f.DropAccount(id) },
	} {
		f := write()
		want := ledger.Caller{Role: ledger.RolePartner, Partner: partner, Credential: id, Door: ledger.DoorNATS}
		if got, ok := f.PartnerOfAccount(public); !ok || got != want {
			t.Errorf("PartnerOfAccount = %+v, %t", got, ok)
		}
		if a, ok := f.AccountOf(id); !ok || a.Seed != string(seed) || len(f.Accounts()) != 1 {
			t.Errorf("AccountOf = %t, %d accounts", ok, len(f.Accounts()))
		}
		var next New
		err := f.Rotate(id, time.Hour, func(made New) error { next = made; return nil })
		if err != nil || !next.Expires.IsZero() || len(f.Accounts()) != 2 {
			t.Fatalf("rotated to %+v, %v; %d accounts", next, err, len(f.Accounts()))
		}
		if err := end(f); err != nil {
			t.Fatal(err)
		}
		if _, ok := f.PartnerOfAccount(public); ok {
			t.Errorf("%s: the account still speaks", name)
		}
		if err := f.db.View(func(tx *bolt.Tx) error {
			if v := tx.Bucket(bucketAccounts).Get([]byte(partner)); v != nil {
				t.Errorf("%s: its entry is still there", name)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		if err := f.Remove(next.ID); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
}

// TestRate: a rate of its own is kept over reopening and rotating, taken back with
// 0, and in a file of before there were any nobody has one.
func TestRate(t *testing.T) {
	path, key := filepath.Join(t.TempDir(), "access.db"), bytes.Repeat([]byte{7}, MinKey)
	open := func() *File {
		t.Helper()
		f, err := Open(path, key)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	const partner = "0b54a3f0-6f3a-4f6a-9d54-3f0a4f0c9a01"
	f := open()
	c, _, err := f.Add(Credential{Role: ledger.RolePartner, Partner: partner})
	if err != nil {
		t.Fatal(err)
	}
	if f.RateOf(c.ID) != 0 || f.RateOf("onbekend") != 0 {
		t.Error("a rate that nobody gave")
	}
	if err := f.db.View(func(tx *bolt.Tx) error {
		if text := tx.Bucket(bucketCredentials).Get([]byte(c.ID)); bytes.Contains(text, []byte("tempo")) {
			t.Errorf("without a rate it is stored otherwise than before: %s", text[32:])
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := f.SetRate(c.ID, 20_000); err != nil {
		t.Fatal(err)
	}
	var next New
	if err := f.Rotate(c.ID, time.Hour, func(n New) error { next = n; return nil }); err != nil {
		t.Fatal(err)
	}
	f.Close()
	f = open()
	if f.RateOf(c.ID) != 20_000 || f.RateOf(next.ID) != 20_000 || f.List()[0].Rate != 20_000 {
		t.Errorf("after reopening: %v, its successor %v, listed %+v", f.RateOf(c.ID), f.RateOf(next.ID), f.List()[0])
	}
	if err := f.SetRate(c.ID, 0); err != nil || f.RateOf(c.ID) != 0 || f.RateOf(next.ID) != 20_000 {
		t.Errorf("taken back: %v, %v and %v", err, f.RateOf(c.ID), f.RateOf(next.ID))
	}
	board, _, err := f.Add(Credential{Role: ledger.RoleBoard})
	if err != nil {
		t.Fatal(err)
	}
	for id, rate := range map[string]int{"onbekend": 1, c.ID: -1, next.ID: MaxRate + 1, board.ID: 5} {
		if err := f.SetRate(id, rate); err == nil {
			t.Errorf("%s got a rate of %d", id, rate)
		}
	}
	if f.RateOf(next.ID) != 20_000 {
		t.Error("what was refused has changed something")
	}
}
